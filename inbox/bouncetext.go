package inbox

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// originalMarkers introduce the returned mail in reports that carry it in their text.
var originalMarkers = []string{
	"original message", "copy of the message", "copy of your message", "copy of this message", "below this line", "message headers follow", "message header follow", "headers of the original", "header of the original", "message text follows", "message follows", "unsent message", "returned message", "message headers:", "original mail", "your message reads", "your original", "undelivered message", "a summary of the undelivered", "start of returned", "text of your message", "body of your message", "message returned", "mail transaction", "forwarded message", "first 1000 lines", "message header", "------ message", "----- header", "original headers", "include the headers", "received message", "attached is", "mensaje original", "message original", "mensagem original", "messaggio originale", "ursprüngliche nachricht", "original nachricht", "originalnachricht", "kopie der", "исходное", "附件", "元のメッセージ", "以下", "원본",
}

// splitReport cuts a report's text before the mail it returns.
func splitReport(text string) (report, original string) {
	at := 0
	for l := range strings.SplitAfterSeq(text, "\n") {
		if at > 0 && startsOriginal(l) {
			return text[:at], text[at:]
		}
		at += len(l)
	}
	return text, ""
}

func startsOriginal(l string) bool {
	trimmed := strings.TrimSpace(l)
	if trimmed == "" || len(trimmed) > 120 {
		return false
	}
	low := strings.ToLower(trimmed)
	if strings.Contains(low, "transcript") || strings.Contains(low, "failure reason") {
		return false
	}
	for _, p := range []string{"return-path:", "received:", "dkim-signature:", "message-id:", "x-google", "mime-version:", "delivered-to:", "x-received:", "arc-seal:"} {
		if strings.HasPrefix(low, p) && l[0] > ' ' {
			return true
		}
	}
	decorated := strings.HasPrefix(low, "--") || strings.HasPrefix(low, "==") || strings.HasPrefix(low, "|--") || strings.HasPrefix(low, "__") || strings.HasPrefix(low, "**")
	if !decorated && !strings.HasSuffix(low, ":") && !strings.HasSuffix(low, ".") {
		return false
	}
	for _, m := range originalMarkers {
		if strings.Contains(low, m) {
			return decorated || strings.Contains(low, "follow") || strings.Contains(low, "below this line") || strings.HasSuffix(low, ":")
		}
	}
	return false
}

// failedAddresses finds the recipients that the text of a report names. The forms are tried from the plainest to the
// vaguest; the first that finds any decides. What the vaguer forms find is weighed against the recipients of the returned
// mail, if those are known.
func failedAddresses(text string, m *Message, known []string) []string {
	report, original := splitReport(text)
	if known == nil {
		known = originalRecipients(original)
	}
	for k, l := range candidatesIn(report, m).lists {
		if len(l.list) == 0 {
			continue
		}
		if both := intersect(l.list, known); k >= int(alone) && len(both) > 0 {
			return both
		}
		return l.list
	}
	return nil
}

// headedAddresses lists the addresses that head what the text says of them.
func headedAddresses(text string, m *Message) []string {
	report, _ := splitReport(text)
	return candidatesIn(report, m).lists[headed].list
}

// candidatesIn collects the addresses of a report by the form in which it names them.
func candidatesIn(report string, m *Message) candidates {
	var c candidates
	after := 0 // lines since one that announces addresses
	announced := false
	for l := range strings.SplitSeq(report, "\n") {
		trimmed := strings.Trim(l, " \t\r*-|·•=>\u00a0")
		low := strings.ToLower(trimmed)
		found := addressesIn(trimmed)
		if len(found) == 0 {
			if strings.Contains(low, "following") || strings.HasSuffix(low, ":") || strings.Contains(low, "address") || strings.Contains(low, "recipient") {
				announced, after = true, 0
			} else if trimmed != "" {
				after++
			}
			continue
		}
		header, _ := headerLine(trimmed)
		for _, a := range found {
			before := strings.Trim(trimmed[:a.start], " \t<([\"'")
			switch lowBefore := strings.ToLower(before); {
			case strings.HasSuffix(lowBefore, "expanded from:"): // Sendmail: whichever of the two was written to
				c.add(headed, a.text)
				continue
			case isAlias(lowBefore):
				c.rename(a.text)
				continue
			}
			if ownAddress(a.text, m) || daemonAddress(a.text) || skipContext(low, a) {
				continue
			}
			c.add(classOf(low, before, trimmed[a.end:], header != noHeader, announced && after < 8), a.text)
		}
	}
	return c
}

// class is a form in which reports name the addresses that failed.
type class int

const (
	headed   class = iota // heads what is said of it: "<a@b>: unknown user", or is announced in the lines above
	labelled              // "Recipient: a@b", or begins a line about a failure
	alone                 // in a line of its own
	named                 // in a sentence about a failure
	stray                 // in another sentence
	listed                // in a header of the returned mail
	classes
)

// classOf tells how a line names an address; before and rest are the text on its two sides.
func classOf(low, before, rest string, header, announced bool) class {
	after := strings.TrimLeft(rest, " >\"'")
	rest = strings.Trim(rest, " \t>)]\"'.,;")
	lowBefore := strings.ToLower(before)
	switch {
	case header:
		return listed
	case before == "" && (strings.HasPrefix(after, ":") || strings.HasPrefix(after, "...") || strings.HasPrefix(after, "(expanded from") || strings.HasPrefix(after, "... ")):
		return headed
	case before == "" && rest == "" && announced:
		return headed
	case before == "" && rest == "":
		return alone
	case isLabel(lowBefore) && (rest == "" || strings.HasPrefix(after, ",")):
		return labelled
	}
	for _, w := range []string{"rcpt to", "unknown", "could not", "failed", "recipient", "no such", "mailbox", "error_code"} {
		if strings.Contains(low, w) {
			if before == "" {
				return labelled
			}
			return named
		}
	}
	if strings.HasSuffix(lowBefore, " to") {
		return named
	}
	return stray
}

// isLabel tells what stands before the address in a field of a report; the words are those of the forms that were met.
func isLabel(before string) bool {
	if strings.HasSuffix(before, "undeliverable to") {
		return true
	}
	label, ok := strings.CutSuffix(before, ":")
	if !ok {
		label, ok = strings.CutSuffix(before, "：")
	}
	if !ok || len(label) > 60 {
		return false
	}
	for _, w := range []string{"recipient", "address", "error-for", "rcpt", "failed", "unknown", "mailbox", "userid", "undeliverable", "deliver", "empfänger", "destinataire", "destinatari", "получатель", "адрес", "收件人", "あて先", "宛先"} {
		if strings.Contains(label, w) {
			return true
		}
	}
	return false
}

// isAlias tells the words before an address that stands for the one named last: it was written to, and led to that one.
func isAlias(before string) bool {
	for _, w := range []string{"expanded from", "generated from", "original address:", "originally addressed to"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}

// candidates are the addresses that a report names, by the form in which it does.
type candidates struct {
	lists [classes]addressList
	last  string
	class class
}

func (c *candidates) add(k class, a string) {
	c.lists[k].add(a)
	c.last, c.class = a, k
}

// rename puts an alias in the place of the address named last.
func (c *candidates) rename(alias string) {
	if c.last == "" { // the address itself is kept from us
		c.add(headed, alias)
		return
	}
	for k := range c.lists {
		c.lists[k].remove(c.last)
	}
	c.add(c.class, alias)
}

func intersect(a, b []string) []string {
	var out []string
	for _, s := range a {
		if contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}

type addressList struct{ list []string }

func (l *addressList) add(a string) {
	for _, have := range l.list {
		if strings.EqualFold(have, a) {
			return
		}
	}
	if len(l.list) < maxRecipients/10 {
		l.list = append(l.list, a)
	}
}

func (l *addressList) remove(a string) {
	l.list = slices.DeleteFunc(l.list, func(have string) bool { return strings.EqualFold(have, a) })
}

// span is an address in a text.
type span struct {
	start, end int
	text       string
}

// addressesIn finds the addresses in a line.
func addressesIn(s string) []span {
	var out []span
	for at := 0; len(out) < 20; {
		i := strings.IndexByte(s[at:], '@')
		if i < 0 {
			return out
		}
		i += at
		start := localStart(s, i)
		end := domainEnd(s, i+1)
		for end > i+1 && (s[end-1] == '.' || s[end-1] == '-') {
			end--
		}
		if eq := strings.LastIndexByte(s[start:i], '='); eq >= 0 && (eq < 5 || strings.EqualFold(s[start:start+eq], "rfc822")) {
			start += eq + 1 // "SMTP=user@host", as gateways to X.400 write
		}
		for start < i && (s[start] == '=' || s[start] == '\'' || s[start] == '.' || s[start] == '/') {
			start++
		}
		if domain := s[i+1 : end]; start < i && strings.Contains(domain, ".") {
			out = append(out, span{start, end, s[start:end]})
		}
		at = max(end, i+1)
	}
	return out
}

// localStart is where the local part before s[at] begins. In scripts that part no words, the text before it may touch it.
func localStart(s string, at int) int {
	start := at
	for start > 0 {
		c := s[start-1]
		if c < utf8.RuneSelf {
			if !letter(c) && !digit(c) && strings.IndexByte("!#$%&'*+/=?^_`{|}~.-", c) < 0 {
				break
			}
			start--
			continue
		}
		r, size := utf8.DecodeLastRuneInString(s[:start])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) || ideograph(r) && start < at && s[start] < utf8.RuneSelf {
			break
		}
		start -= size
	}
	return start
}

func domainEnd(s string, at int) int {
	end := at
	for end < len(s) {
		c := s[end]
		if c < utf8.RuneSelf {
			if !letter(c) && !digit(c) && c != '.' && c != '-' {
				break
			}
			end++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[end:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) || ideograph(r) && end > at && letter(s[end-1]) {
			break
		}
		end += size
	}
	return end
}

// skipContext tells addresses that a report names for other reasons.
func skipContext(low string, a span) bool {
	before := low[:min(a.start, len(low))]
	for _, w := range []string{"contact", "from ", "from:", "sender", "mailto", "message-id", "postmaster", "please send", "assistance", "envelope-from", "generated from", "reply to", "reply-to", "sent by", "mail from", "id <", "questions"} {
		if strings.Contains(before, w) {
			return true
		}
	}
	return false
}

func ownAddress(a string, m *Message) bool {
	for _, to := range m.To {
		if strings.EqualFold(to.Address, a) {
			return true
		}
	}
	return strings.EqualFold(m.From.Address, a)
}

func daemonAddress(a string) bool {
	local, _, _ := lastCut(strings.ToLower(a), "@")
	return strings.Contains(local, "mailer-daemon") || local == "postmaster" || local == "abuse" || local == "support" || local == "helpdesk"
}

// temporary tells a report of a delay, after which the mail may still arrive.
func temporary(subject, report string) bool {
	low := strings.ToLower(report)
	for _, p := range []string{"will continue to be", "will continue for", "attempts will continue", "continue to attempt", "has been frozen", "was frozen on arrival", "yet to be delivered", "continue to try", "keep trying", "will keep trying", "will be retried", "still being", "not yet been delivered", "will retry", "will try again", "no need to resend", "you do not need to resend", "do not need to take any action", "no action is required", "delivery delayed", "has been delayed", "temporarily deferred", "wird weiterhin versucht", "wird fortgesetzt", "sera retent", "seguirá intentando"} {
		if strings.Contains(low, p) {
			return true
		}
	}
	subject = strings.ToLower(subject)
	return strings.Contains(subject, "delayed") || strings.Contains(subject, "delay)") || strings.HasPrefix(subject, "warning: could not send")
}

// expired tells a text that says that time ran out, which is no fault of the address.
func expired(text string) bool {
	low := strings.ToLower(text)
	for _, p := range []string{"retry timeout exceeded", "retry time not reached", "failing for a long time", "in the queue too long", "too long in the queue", "sitting in queue", "delivery time expired", "message expired", "envelope expired", "queue.expired", "allowed queue period", "not delivered within", "not be delivered for more than", "stopped trying", "has not been collected after", "maximale verweilzeit", "délai de remise"} {
		if strings.Contains(low, p) {
			return true
		}
	}
	return false
}

// textBounce reads a report that only has words.
func textBounce(m *Message, h header, text string, known []string) []BouncedRecipient {
	report, original := splitReport(text)
	if hasDSN(text) { // the parts of the report were made one text on its way
		if d := readDSN(text); len(d.recipients) > 0 {
			return d.recipients
		}
	}
	var addrs []string
	for _, v := range h.all("X-Failed-Recipients") {
		for _, a := range parseAddresses(v) {
			if strings.Contains(a.Address, "@") && len(addrs) < maxRecipients {
				addrs = append(addrs, a.Address)
			}
		}
	}
	if addrs == nil {
		addrs = failedAddresses(text, m, known)
	}
	if addrs == nil {
		addrs = originalRecipients(original)
	}
	if addrs == nil {
		for _, a := range addressesIn(m.Subject) {
			addrs = append(addrs, a.text)
		}
	}
	if addrs == nil && known == nil && isDaemon(m.From, h) {
		addrs = localNames(report, m.From)
	}
	var out []BouncedRecipient
	for _, a := range addrs {
		out = append(out, BouncedRecipient{Address: a})
	}
	delayed := temporary(m.Subject, report)
	for i, f := range failures(report, out) {
		out[i].Status, out[i].Delayed = f.status, delayed
		out[i].Permanent = !delayed && !strings.HasPrefix(f.status, "4") && !(f.status == "" && f.expired)
		if f.status == "" && f.reason != noReason {
			out[i].Permanent = out[i].Permanent && f.reason != noAnswer && f.reason != timeRanOut // no fault of the address
			out[i].Status = f.reason.status(out[i].Permanent)
		}
	}
	return out
}

// localNames completes the names under which a system lists its own users with its domain.
func localNames(report string, system Address) []string {
	_, domain, ok := lastCut(system.Address, "@")
	if !ok {
		return nil
	}
	var out addressList
	announced := false
	for l := range strings.SplitSeq(report, "\n") {
		words := strings.Fields(l)
		if len(words) == 0 {
			continue
		}
		low := strings.ToLower(l)
		if strings.HasSuffix(strings.TrimSpace(l), ":") && (strings.Contains(low, "following") || strings.Contains(low, "recipient") || strings.Contains(low, "address")) {
			announced = true
			continue
		}
		name := strings.Trim(words[0], "<>\"':")
		announced = announced && localName(name) && (len(words) == 1 || strings.HasPrefix(words[1], "(") || strings.HasSuffix(words[0], ":"))
		if announced {
			out.add(name + "@" + domain)
		}
	}
	return out.list
}

// localName tells what can be a user's name.
func localName(s string) bool {
	if len(s) < 2 || len(s) > 40 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !letter(c) && !digit(c) && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return letter(s[0])
}

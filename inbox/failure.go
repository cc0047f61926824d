package inbox

import "strings"

// failure is what a report says of one address.
type failure struct {
	status  string // RFC 3463, "" if none
	expired bool
	reason  reason // in words
}

// reason is why a delivery failed, of what reports say in words: the detail and subject of an RFC 3463 code.
type reason string

const (
	noReason    reason = ""
	mailboxFull reason = ".2.2"
	unknownUser reason = ".1.1"
	noDomain    reason = ".1.2"
	noAnswer    reason = ".4.1"
	timeRanOut  reason = ".4.7"
)

// status is the code that the words stand for.
func (r reason) status(permanent bool) string {
	if permanent {
		return "5" + string(r)
	}
	return "4" + string(r)
}

// reasonIn finds the reason that a line of a report names.
func reasonIn(line string) reason {
	low := strings.ToLower(line)
	for _, r := range []struct {
		reason reason
		words  []string
	}{
		{noDomain, []string{"domain not found", "domain name not found", "domain does not exist", "domain doesn't exist", "no such domain", "unknown domain", "host not found", "host unknown", "unknown host", "couldn't find any host", "could not find any host", "domain couldn't be found", "domain could not be found", "no such host"}},
		{mailboxFull, []string{"mailbox is full", "mailbox full", "mailbox has exceeded", "mailbox quota", "quota exceeded", "over quota", "exceeded its quota", "exceeds the quota", "exceeded storage", "is over its quota", "inbox is full", "postfach ist voll", "postfach voll", "boîte aux lettres est pleine", "boîte pleine", "buzón está lleno", "buzón lleno", "casella piena", "caixa de correio cheia", "postvak is vol", "ящик переполнен", "邮箱已满"}},
		{unknownUser, []string{"user unknown", "unknown user", "unknown recipient", "recipient unknown", "no such user", "no such mailbox", "no mailbox here by that name", "not listed in domino directory", "not listed in public name & address book", "user not found", "recipient not found", "address not found", "mailbox not found", "account does not exist", "user does not exist", "user doesn't exist", "address does not exist", "no user by that name", "unknown address", "address couldn't be found", "address could not be found", "adresse inconnue", "destinataire inconnu", "empfänger unbekannt", "unbekannter empfänger", "adresse nicht vorhanden", "adressat unbekannt", "usuario desconocido", "utente sconosciuto", "宛先不明", "用户不存在"}},
		{timeRanOut, []string{"message expired", "delivery time expired", "envelope expired", "retry timeout exceeded", "retry time not reached", "too long in the queue", "in the queue too long", "not delivered within", "not be delivered for more than", "has not been collected after"}},
		{noAnswer, []string{"connection timed out", ": timed out", "timed out]", "connection timeout", "connection refused", "timed out while", "operation timed out", "no answer from host", "host did not respond"}},
	} {
		if containsAny(low, r.words) {
			return r.reason
		}
	}
	return noReason
}

// failures finds what a report says of each recipient: in the line that names it or in those below, up to the next address.
// What is said before the first address, or below a list of them, is said of all.
func failures(report string, recipients []BouncedRecipient) []failure {
	out := make([]failure, len(recipients))
	index := make(map[string]int, len(recipients))
	for i, r := range recipients {
		index[strings.ToLower(r.Address)] = i
	}
	shared := failure{}
	var current []int // the addresses that the lines now are about
	bare, since := false, 0
	for l := range strings.SplitSeq(report, "\n") {
		var named []int
		for _, a := range addressesIn(l) {
			if i, ok := index[strings.ToLower(a.text)]; ok {
				named = append(named, i)
			}
		}
		code, late, why := failureStatus(l), expired(l), reasonIn(l)
		switch {
		case len(named) > 0 && bare: // one more of a list
			if len(current) < maxRecipients {
				current = append(current, named...)
			}
			bare, since = onlyAddress(l), 0
		case len(named) > 0:
			current, bare, since = named, onlyAddress(l), 0
		case strings.TrimSpace(l) != "":
			bare = false
			since++
		}
		if code == "" && !late && why == noReason || since > 15 {
			continue
		}
		about := current
		if len(named) > 0 && !bare {
			about = named
		}
		if len(about) == 0 {
			shared.take(code, late, why)
		}
		for _, i := range about {
			out[i].take(code, late, why)
		}
	}
	silent := true
	for _, f := range out {
		silent = silent && f.status == ""
	}
	if shared.status == "" && (silent || len(out) == 1) {
		shared.status = failureStatus(report)
		shared.expired = shared.expired || silent && expired(report)
	}
	for i := range out {
		if out[i].status == "" {
			out[i].status = shared.status
			out[i].expired = out[i].expired || shared.expired
			if out[i].reason == noReason {
				out[i].reason = shared.reason
			}
		}
	}
	return out
}

// take keeps the code that says most; the first of two that say as much.
func (f *failure) take(code string, late bool, why reason) {
	f.expired = f.expired || late
	if f.reason == noReason {
		f.reason = why
	}
	if code != "" && (f.status == "" || code[0] == f.status[0] && exactness(f.status) == 0 && exactness(code) > 0) {
		f.status = code
	}
}

// onlyAddress tells a line that holds an address and nothing about it.
func onlyAddress(l string) bool {
	words := 0
	for _, w := range strings.Fields(l) {
		if !strings.Contains(w, "@") && strings.ContainsFunc(w, func(r rune) bool { return r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || r >= 0x80 }) {
			words++
		}
	}
	return words == 0
}

// originalRecipients reads To out of a returned header.
func originalRecipients(original string) []string {
	var out []string
	for l := range strings.SplitSeq(original, "\n") {
		if len(l) > 3 && strings.EqualFold(l[:3], "to:") {
			for _, a := range parseAddresses(l[3:]) {
				if strings.Contains(a.Address, "@") && len(out) < maxRecipients {
					out = append(out, a.Address)
				}
			}
			break
		}
	}
	return out
}

// originalID finds the Message-ID in a returned header.
func originalID(original string) string {
	const name = "message-id:"
	lines := strings.Split(original[:min(len(original), 256<<10)], "\n")
	for i, l := range lines {
		if len(l) < len(name) || !strings.EqualFold(l[:len(name)], name) {
			continue
		}
		value := l[len(name):]
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], " ") {
			value += lines[i+1]
		}
		if ids := messageIDs(value); len(ids) > 0 {
			return ids[0]
		}
	}
	return ""
}

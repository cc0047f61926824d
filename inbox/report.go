package inbox

import (
	"strings"
)

// reportBytes is how much is read of a report's text at most, and of its machine-readable parts at least.
const reportBytes = 256 << 10

// report recognises delivery reports, receipts and feedback, by structure first and by words last.
func (r *reading) report() (Kind, string) {
	m := r.m
	r.x.budget = max(r.x.budget, reportBytes) // whatever the text used up
	status, notification, feedback, original, inner := -1, -1, -1, -1, -1
	for i := range r.s.parts {
		p := &r.s.parts[i]
		if r.insideMessage(i) {
			if p.mediaType == "message/delivery-status" && inner < 0 {
				inner = i
			}
			continue
		}
		switch {
		case p.mediaType == "message/delivery-status" || p.mediaType == "message/global-delivery-status":
			if status < 0 {
				status = i
			}
		case p.mediaType == "message/disposition-notification" || p.mediaType == "message/global-disposition-notification":
			notification = i
		case p.mediaType == "message/feedback-report":
			feedback = i
		case p.message || p.mediaType == "message/rfc822" || p.mediaType == "text/rfc822-headers" || p.mediaType == "message/global-headers" || p.mediaType == "message/rfc822-headers":
			if original < 0 {
				original = i
			}
		}
	}
	root := &r.s.parts[0]
	reportType := ""
	if root.mediaType == "multipart/report" {
		reportType = strings.ToLower(root.params["report-type"])
	}
	text := m.Body[:min(len(m.Body), reportBytes)]
	if kind, reason := r.event(text); reason != "" {
		return kind, reason
	}
	switch {
	case feedback >= 0 || reportType == "feedback-report":
		return FeedbackReport, "it is a feedback report (RFC 5965)"
	case r.feedback(text, original >= 0):
		return FeedbackReport, "it opts out or complains in the words of a feedback loop"
	case notification >= 0 || reportType == "disposition-notification":
		return ReadReceipt, "it is a disposition notification (RFC 8098)"
	}
	if status >= 0 && (root.mediaType == "multipart/report" || r.fromSystem()) {
		d := readDSN(string(r.x.body(status)))
		if len(d.actions) > 0 || len(d.recipients) > 0 {
			return r.delivery(d, text, original)
		}
	}
	if m.Subject != "" && readReceiptSubject(m.Subject) && (m.NullSender || isDaemon(m.From, r.h)) {
		return ReadReceipt, "its subject says that a mail was read"
	}
	if readReceiptSubject(m.Subject) && readReceiptText(m.Body) {
		return ReadReceipt, "subject and text say that a mail was read"
	}
	reason := looksBounced(m, r.h, text, original >= 0)
	if reason == "" && reportType == "delivery-status" {
		reason = "it is a delivery report (RFC 6522) without a status part"
	}
	if reason == "" {
		return "", ""
	}
	if inner >= 0 { // a gateway wrapped the report that it got
		if d := readDSN(string(r.x.body(inner))); len(d.recipients) > 0 {
			return r.delivery(d, text, r.innerOriginal(inner))
		}
	}
	if d := r.filedStatus(); len(d.recipients) > 0 {
		return r.delivery(d, text, original)
	}
	m.Bounce = &Bounce{OriginalMessageID: r.originalID(original, text)}
	r.textBounce(original, text)
	if report, _ := splitReport(text); arrived(m.Subject, report) {
		for i := range m.Bounce.Recipients {
			m.Bounce.Recipients[i].Permanent = false
		}
		return DeliveryReport, "it comes from a mail system and tells of a delivery"
	}
	return BounceReport, reason
}

// fromSystem tells a mail whose sender or path is a mail system's. People's clients take the parts of a report that is
// passed on into the person's own mail.
func (r *reading) fromSystem() bool {
	return r.m.NullSender || daemonReturnPath(r.h) || isDaemon(r.m.From, r.h) || robot(r.m.From) != "" ||
		!isReplySubject(strings.ToLower(r.m.Subject)) && bouncePhrase(opening(r.m.Body))
}

// filedStatus finds the status part of a report that a gateway made a file of.
func (r *reading) filedStatus() dsn {
	read := 0
	for i := range r.s.parts {
		p := &r.s.parts[i]
		if p.multipart || p.message || p.disposition != "attachment" || p.mediaType != "text/plain" && p.mediaType != "application/octet-stream" || p.end-p.start > 64<<10 || read >= 4 {
			continue
		}
		read++
		if body := string(r.x.body(i)); hasDSN(body) {
			return readDSN(body)
		}
	}
	return dsn{}
}

// delivery turns a machine-readable report into a Bounce.
func (r *reading) delivery(d dsn, text string, original int) (Kind, string) {
	m := r.m
	m.Bounce = &Bounce{Recipients: d.recipients, OriginalMessageID: d.originalID}
	if d.originalID == "" {
		m.Bounce.OriginalMessageID = r.originalID(original, text)
	}
	reason := "it is a delivery status notification (RFC 3464): " + strings.Join(uniq(d.actions), ", ")
	if !d.failed && len(d.actions) > 0 {
		m.Bounce.Recipients = d.delivered
		return DeliveryReport, reason
	}
	b := m.Bounce
	report, _ := splitReport(text)
	if len(b.Recipients) == 0 {
		r.textBounce(original, text)
		for i := range b.Recipients {
			if d.status != "" && failureStatus(report) == "" { // the code that the report names goes before its words
				b.Recipients[i].Status = ""
			}
		}
	}
	var said []failure
	for i := range b.Recipients {
		rec := &b.Recipients[i]
		if rec.Status != "" && exactness(rec.Status) > 0 {
			continue
		}
		if said == nil {
			said = failures(report, b.Recipients)
		}
		for _, code := range []string{said[i].status, d.status} {
			if code != "" && (rec.Status == "" || exactness(code) > exactness(rec.Status)) {
				rec.Status = code
			}
		}
		rec.Permanent = rec.Permanent && !strings.HasPrefix(rec.Status, "4")
	}
	return BounceReport, reason
}

// textBounce reads the recipients out of a report that only has words.
func (r *reading) textBounce(original int, text string) {
	b := r.m.Bounce
	b.Recipients = textBounce(r.m, r.h, text, r.originalTo(original))
	if len(b.Recipients) == 0 && original >= 0 {
		r.recipientsOf(original)
	}
}

// innerOriginal is the returned mail beside the status part of a wrapped report.
func (r *reading) innerOriginal(status int) int {
	for i := status + 1; i < len(r.s.parts) && r.s.parts[i].depth >= r.s.parts[status].depth; i++ {
		if p := &r.s.parts[i]; p.parent == r.s.parts[status].parent && (p.message || p.mediaType == "text/rfc822-headers") {
			return i
		}
	}
	return -1
}

func uniq(list []string) []string {
	var out []string
	for _, s := range list {
		if !contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// insideMessage tells a part that belongs to an attached mail.
func (r *reading) insideMessage(i int) bool {
	for p := r.s.parts[i].parent; p >= 0; p = r.s.parts[p].parent {
		if r.s.parts[p].message {
			return true
		}
	}
	return false
}

// originalID is the Message-ID of the mail that a report is about.
func (r *reading) originalID(original int, text string) string {
	if original >= 0 {
		if h := r.originalHeader(original); h != nil {
			if ids := messageIDs(h.first("Message-ID")); len(ids) > 0 {
				return ids[0]
			}
		}
	}
	_, inText := splitReport(text)
	if id := originalID(inText); id != "" {
		return id
	}
	if len(r.m.InReplyTo) > 0 {
		return r.m.InReplyTo[0]
	}
	if n := len(r.m.References); n > 0 {
		return r.m.References[n-1]
	}
	return ""
}

// originalHeader is the header of the returned mail: of the attached message, or the text of a headers part.
func (r *reading) originalHeader(i int) header {
	if r.s.parts[i].message && i+1 < len(r.s.parts) {
		return r.s.parts[i+1].header
	}
	body := r.x.body(i)
	return parseHeader(body[:min(len(body), defaultHeaderBytes)])
}

// originalTo lists whom the returned mail was for, as far as it came along.
func (r *reading) originalTo(original int) []string {
	if original < 0 {
		return nil
	}
	var out []string
	for _, a := range addressed(r.originalHeader(original), "To") {
		out = append(out, a.Address)
	}
	return out
}

// recipientsOf takes the returned mail's recipients for the failed ones, when the report names none.
func (r *reading) recipientsOf(original int) {
	m := r.m
	report, _ := splitReport(m.Body[:min(len(m.Body), reportBytes)])
	status := failureStatus(report)
	permanent := !strings.HasPrefix(status, "4") && !temporary(m.Subject, report) && (status != "" || !expired(report))
	for _, a := range addressed(r.originalHeader(original), "To") {
		if len(m.Bounce.Recipients) >= maxRecipients {
			return
		}
		m.Bounce.Recipients = append(m.Bounce.Recipients, BouncedRecipient{Address: a.Address, Status: status, Permanent: permanent})
	}
}

// feedback tells complaints and opt-outs that are not RFC 5965.
func (r *reading) feedback(text string, original bool) bool {
	if ip, ok := strings.CutPrefix(strings.ToLower(r.m.Subject), "complaint about message from "); ok && original && ip != "" && digit(ip[0]) {
		return true // Microsoft's, without a status part
	}
	if r.h.has("X-Apple-Unsubscribe") {
		return true
	}
	text = text[:min(len(text), 2000)]
	if !containsAny(text, feedbackWords) { // a quick sieve
		return false
	}
	low := strings.ToLower(text)
	if !r.quotes && strings.Contains(opening(low), "sent this email to unsubscribe from") { // a mail client's one-click opt-out
		return true
	}
	if !original && !r.m.NullSender && robot(r.m.From) == "" {
		return false
	}
	first := opening(low)
	for _, p := range []string{"email abuse report for an email", "abuse report for an email message", "autogenerated email abuse complaint", "authentication failure report for an email", "spf/dkim authentication-failure report"} {
		if strings.Contains(first, p) && !r.quotes {
			return true
		}
	}
	return r.m.NullSender && strings.Contains(strings.ToLower(r.m.Subject), "abuse report") && strings.Contains(low, "email abuse report")
}

// feedbackWords are what such a text has one of, as it is written.
var feedbackWords = []string{"unsubscribe from", "abuse", "Abuse", "uthentication"}

// readReceiptSubject knows what clients write before the subject of a read mail.
func readReceiptSubject(s string) bool {
	low := strings.ToLower(s)
	for _, p := range []string{"read:", "read receipt", "return receipt", "gelesen:", "lesebestätigung", "lu :", "lu:", "accusé de lecture", "leído:", "lida:", "letto:", "gelezen:", "läst:", "lest:", "luettu:", "przeczytano:", "прочтено:", "přečteno:", "not read:", "ungelesen:", "開封済み", "开封", "已读:", "既読"} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}

// readReceiptText tells the text of a receipt that nothing else marks: it names the mail in labelled lines, and when it was read.
func readReceiptText(text string) bool {
	text = strings.Join(strings.Fields(strings.ToLower(text[:min(len(text), 1200)])), " ")
	for _, form := range [][]string{
		{"your message", "was read on", "was deleted without being read", "was displayed on"},
		{"this is a receipt for the mail", "was displayed", "has been displayed"}, {"this is a return receipt for the mail", "was displayed", "has been displayed"},
		{"ihre nachricht", "gelesen", "ungelesen gelöscht"}, {"votre message", "a été lu", "a été supprimé sans"}, {"su mensaje", "se leyó", "fue leído", "ha sido leído", "leído el"},
		{"a sua mensagem", "foi lida"}, {"sua mensagem", "foi lida"}, {"il messaggio", "è stato letto"}, {"uw bericht", "is gelezen", "gelezen op"}, {"ditt meddelande", "lästes"}, {"meldingen din", "ble lest"}, {"din meddelelse", "blev læst"}, {"viestisi", "luettiin"}, {"twoja wiadomość", "została przeczytana"}, {"ваше сообщение", "прочитано", "было прочтено"}, {"vaše zpráva", "byla přečtena"},
	} {
		if strings.HasPrefix(text, form[0]) && len(text) < 700 {
			label, _, ok := strings.Cut(text[len(form[0]):], ":")
			return (ok && len(label) < 20 && !strings.ContainsAny(label, ".!") || strings.HasPrefix(text, "this is")) && containsAny(text, form[1:])
		}
	}
	return false
}

package inbox_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"handoff/inbox"
)

// TestReportForms: delivery reports whose parts are not as RFC 3464 and RFC 6522 want them.
func TestReportForms(t *testing.T) {
	const (
		head   = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: notices@agency.example\nSubject: Delivery Status Notification (Failure)\nDate: Tue, 10 Mar 2026 09:15:07 +0100\nMIME-Version: 1.0\n"
		status = "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ana@poets.example.org\nAction: failed\nStatus: 5.1.1\n"
		orig   = "From: notices@agency.example\nTo: ana@poets.example.org\nMessage-ID: <n.1.sig@agency.example>\nSubject: Chapter two\n\nHow is it?\n"
	)
	report := func(status string) string {
		return head + "Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nIt failed.\n--r\nContent-Type: message/delivery-status\n\n" + status + "\n--r\nContent-Type: message/rfc822\n\n" + orig + "--r--\n"
	}
	for _, c := range []struct{ name, raw, want, id string }{
		{"as it should be", report(status), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"lines end in CR LF", strings.ReplaceAll(report(status), "\n", "\r\n"), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"in capitals", strings.ReplaceAll(report(strings.ToUpper(status)), "message/delivery-status", "MESSAGE/DELIVERY-STATUS"), "ANA@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"without a type", report(strings.ReplaceAll(status, "rfc822; ", "")), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"in angle brackets", report(strings.ReplaceAll(status, "ana@poets.example.org", "<ana@poets.example.org>")), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"of another type", report(strings.ReplaceAll(status, "rfc822;", "utf-8;")), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"in xtext", report("Original-Recipient: rfc822;ana+2Bproofs@poets.example.org\n" + status[strings.Index(status, "Final"):]), "ana+proofs@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"no empty line above", report(strings.Replace(status, "\n\n", "\n", 1)), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"no empty line between", report(status + "Final-Recipient: rfc822; bo@poets.example.org\nAction: failed\nStatus: 4.2.2\n"), "ana@poets.example.org 5.1.1 permanent, bo@poets.example.org 4.2.2 temporary", "n.1.sig@agency.example"},
		{"named twice", report(status + "\n" + status), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"no action", report(strings.Replace(status, "Action: failed\n", "", 1)), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"action with a comment", report(strings.Replace(status, "failed", "failed (bad mailbox)", 1)), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"an invented action", report(strings.Replace(status, "failed", "expired", 1)), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"delayed", report(strings.Replace(strings.Replace(status, "failed", "delayed", 1), "5.1.1", "4.4.1", 1)), "ana@poets.example.org 4.4.1 temporary", "n.1.sig@agency.example"},
		{"delayed, with a permanent code", report(strings.Replace(status, "failed", "delayed", 1)), "ana@poets.example.org 5.1.1 temporary", "n.1.sig@agency.example"},
		{"no status", report(strings.Replace(status, "Status: 5.1.1\n", "Diagnostic-Code: smtp; 550-5.2.1 The account\n 550 5.2.1 is disabled\n", 1)), "ana@poets.example.org 5.2.1 permanent", "n.1.sig@agency.example"},
		{"no status, no enhanced code", report(strings.Replace(status, "Status: 5.1.1\n", "Diagnostic-Code: 554 refused\n", 1)), "ana@poets.example.org 5.0.0 permanent", "n.1.sig@agency.example"},
		{"the answer as the status", report(strings.Replace(status, "5.1.1", "550 no such mailbox", 1)), "ana@poets.example.org 5.0.0 permanent", "n.1.sig@agency.example"},
		{"a vague status", report(strings.Replace(status, "5.1.1", "5.1.0\nDiagnostic-Code: smtp; 5.1.0 - Unknown address error 550-'5.7.1 refused' (delivery attempts: 0)", 1)), "ana@poets.example.org 5.7.1 permanent", "n.1.sig@agency.example"},
		{"time ran out on a temporary answer", report(strings.Replace(status, "5.1.1", "5.4.7\nDiagnostic-Code: smtp; 451 4.7.1 greylisted", 1)), "ana@poets.example.org 4.7.1 temporary", "n.1.sig@agency.example"},
		{"an address of a code's form", report(strings.Replace(status, "5.1.1", "5.0.0\nDiagnostic-Code: smtp; 550 client host [5.1.1.9] blocked", 1)), "ana@poets.example.org 5.0.0 permanent by policy", "n.1.sig@agency.example"},
		{"an address of a code's form, no policy", report(strings.Replace(status, "5.1.1", "5.0.0\nDiagnostic-Code: smtp; 550 user unknown at [5.1.1.9]", 1)), "ana@poets.example.org 5.0.0 permanent", "n.1.sig@agency.example"},
		{"a policy without a code", report(strings.Replace(status, "5.1.1", "5.1.1\nDiagnostic-Code: smtp; 550 rejected as spam", 1)), "ana@poets.example.org 5.1.1 permanent by policy", "n.1.sig@agency.example"},
		{"among other parts", head + "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nIt failed.\n--r\nContent-Type: message/delivery-status\n\n" + status + "\n--r--\n--m\n\nScanned by a gateway.\n--m--\n", "ana@poets.example.org 5.1.1 permanent", ""},
		{"of mixed parts", head + "Content-Type: multipart/mixed; boundary=r\n\n--r\n\nIt failed.\n--r\nContent-Type: message/delivery-status\n\n" + status + "\n--r\nContent-Type: text/rfc822-headers\n\n" + orig + "--r--\n", "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"the status made a file", head + "Content-Type: multipart/mixed; boundary=r\n\n--r\n\nThe message could not be delivered.\n--r\nContent-Type: application/octet-stream; name=ATT00001.dat\nContent-Disposition: attachment; filename=ATT00001.dat\n\n" + status + "\n--r\nContent-Type: message/rfc822\n\n" + orig + "--r--\n", "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"the status made a text", head + "Content-Type: multipart/mixed; boundary=r\n\n--r\n\nThe message could not be delivered.\n--r\nContent-Type: text/plain; name=details.txt\nContent-Disposition: attachment; filename=details.txt\n\n" + status + "\n--r--\n", "ana@poets.example.org 5.1.1 permanent", ""},
		{"RFC 6533", strings.ReplaceAll(strings.ReplaceAll(report(strings.ReplaceAll(status, "rfc822; ana@", "utf-8; ána@")), "message/delivery-status", "message/global-delivery-status"), "message/rfc822", "message/global"), "ána@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"the id in the report alone", head + "In-Reply-To: <n.2.sig@agency.example>\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nIt failed.\n--r\nContent-Type: message/delivery-status\n\nX-Original-Message-ID: <n.1.sig@agency.example>\n" + status + "--r--\n", "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"the id in References", head + "References: <n.0.sig@agency.example> <n.1.sig@agency.example>\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nIt failed.\n--r\nContent-Type: message/delivery-status\n\n" + status + "--r--\n", "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
		{"a folded id", strings.Replace(report(status), "Message-ID: <n.1", "Message-ID:\n <n.1", 1), "ana@poets.example.org 5.1.1 permanent", "n.1.sig@agency.example"},
	} {
		m := read(t, []byte(c.raw), inbox.Options{})
		if m.Kind != inbox.BounceReport || m.Bounce == nil {
			t.Errorf("%s: %s, %v", c.name, m.Kind, m.Trace)
			continue
		}
		var got []string
		for _, r := range m.Bounce.Recipients {
			how := "temporary"
			if r.Permanent {
				how = "permanent"
			}
			if r.Policy {
				how += " by policy"
			}
			got = append(got, fmt.Sprintf("%s %s %s", r.Address, r.Status, how))
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%s: %q, want %q", c.name, g, c.want)
		}
		if m.Bounce.OriginalMessageID != c.id {
			t.Errorf("%s: of %q, want %q", c.name, m.Bounce.OriginalMessageID, c.id)
		}
	}
}

// TestPersonBringsStatus: mail clients that pass a report on take its parts into the person's own mail.
func TestPersonBringsStatus(t *testing.T) {
	raw := "From: " + person + "\nTo: drafts@agency.example\nSubject: My mail did not arrive\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain\n\nWhat does this mean?\n--m\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ana@poets.example.org\nAction: failed\nStatus: 5.1.1\n--m--\n"
	if m := read(t, []byte(raw), inbox.Options{}); m.Kind != inbox.Human || m.SuppressReply {
		t.Errorf("%s, %v", m.Kind, m.Trace)
	}
	for _, text := range []string{"Mail sent this email to unsubscribe from the message \"News\".", "> Mail sent this email to unsubscribe from the message\n\nI got this. Did you send it?"} {
		m := read(t, mail(person, "Unsubscribe", text), inbox.Options{})
		if want := strings.HasPrefix(text, "Mail sent"); (m.Kind == inbox.FeedbackReport) != want {
			t.Errorf("%q: %s", text, m.Kind)
		}
	}
}

// TestReportBombs: reports built to hurt their reader.
func TestReportBombs(t *testing.T) {
	const head = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: notices@agency.example\nSubject: Undelivered Mail Returned to Sender\n"
	var recipients, groups, phrases bytes.Buffer
	for i := range 10_000 {
		fmt.Fprintf(&recipients, "<reader%d@readers.example.org>: 550 5.1.1 unknown\n", i)
		fmt.Fprintf(&groups, "Final-Recipient: rfc822; reader%d@readers.example.org\nAction: failed\nStatus: 5.1.1\n\n", i)
	}
	for range 40_000 {
		phrases.WriteString("This is an automated message, I am out of the office until until until 20 March, please contact, prove that you are a real person. ")
	}
	person := "From: Mira <mira@writers.example.net>\nSubject: Re: Automatic reply: until 20 March\nDate: Tue, 10 Mar 2026 09:15:00 +0100\n\n"
	dsn := head + "Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\n%s\n--r\nContent-Type: message/delivery-status\n\n%s\n--r--\n"
	for name, raw := range map[string]string{
		"recipients in words":   head + "\nThe following addresses failed:\n\n" + recipients.String(),
		"recipients in groups":  fmt.Sprintf(dsn, "failed", groups.String()),
		"both":                  fmt.Sprintf(dsn, recipients.String(), strings.ReplaceAll(groups.String(), "5.1.1", "5.0.0")),
		"groups without blanks": fmt.Sprintf(dsn, "failed", strings.ReplaceAll(groups.String(), "\n\n", "\n")),
		"failed recipients":     head + "X-Failed-Recipients: " + strings.Repeat("a@b.example, ", 15_000) + "c@d.example\n\ncould not be delivered",
		"codes":                 head + "\n<a@b.example>:\n" + strings.Repeat("5.0.0 ", 800_000),
		"dots":                  head + "\n<a@b.example>:\n" + strings.Repeat("5.1.", 1_200_000),
		"aliases":               head + "\n" + strings.Repeat("<a@b.example> (expanded from <c@d.example>): failed\n", 90_000),
		"labels":                head + "\n" + strings.Repeat("recipient: a@b.example\n", 200_000),
		"phrases":               person + phrases.String(),
		"until":                 "Auto-Submitted: auto-replied\n" + person + strings.Repeat("until ", 900_000),
		"until, in the subject": "Auto-Submitted: auto-replied\nSubject: " + strings.Repeat("until 20 March ", 15_000) + "\n\nx",
		"dates":                 "Auto-Submitted: auto-replied\n" + person + strings.Repeat("until 20. März 2026 - ", 200_000),
		"events":                person + strings.Repeat(`{"Message":`, 20_000),
		"events, nested":        person + `{"notificationType":"Bounce","bounce":{"bouncedRecipients":[` + strings.Repeat(`{"emailAddress":"a@b.example"},`, 7_000) + `{}]}}`,
		"short paragraphs":      "From: Mira <mira@writers.example.net>\nSubject: Automatic reply\n\n" + strings.Repeat("a\n\n", 1_500_000),
	} {
		m := read(t, []byte(raw), inbox.Options{}) // what is not linear would take minutes
		if m.Bounce != nil && len(m.Bounce.Recipients) > 500 {
			t.Errorf("%s: %d recipients", name, len(m.Bounce.Recipients))
		}
		check(t, []byte(raw), m)
	}
}

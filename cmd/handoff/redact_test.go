package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"handoff/internal/mailtest"
)

// Servers that repeat every secret they hear, and all that is logged, stored as an error or shown of it.
func TestNothingTellsSecrets(t *testing.T) {
	const token = "ya29.secret-access-token"
	a := newAgency(t)
	a.open()
	t.Setenv("SMTP_SECRET", "smtp-hunter2")
	login := ""
	loud := func(l mailtest.SMTPLine) string {
		switch l.Command {
		case "AUTH":
			login = l.Text
			if l.N <= 2 {
				return "535 5.7.8 no: " + l.Text + ", the password is smtp-hunter2, " + strings.Fields(l.Text + " x x")[2]
			}
		case "MAIL":
			return map[bool]string{true: "451 4.3.0 not now, " + l.Text}[l.N == 1]
		case "RCPT":
			if l.N%2 == 1 {
				return "451 4.7.1 come back: " + l.From + " " + login + " smtp-hunter2"
			}
		case ".":
			if l.N%2 == 1 {
				_, reply, _ := strings.Cut(l.Mail, "\r\nReply-To: ")
				reply, _, _ = strings.Cut(reply, "\r\n")
				_, id, _ := strings.Cut(l.Mail, "\r\nMessage-ID: ")
				id, _, _ = strings.Cut(id, "\r\n")
				return "554 5.7.1 spam to " + reply + " in " + id + " " + login
			}
		}
		return mailtest.Usual
	}
	server := &mailtest.ScriptedSMTP{Auth: "PLAIN", Script: loud}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	a.rewrite(a.office.SMTPAddr, server.Addr())
	text, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	before, smtp, _ := strings.Cut(string(text), "[smtp]\n")
	smtp = strings.Replace(smtp, "HANDOFF_TEST_PASSWORD", "SMTP_SECRET", 1)
	a.write("handoff.toml", before+"[smtp]\n"+smtp)
	a.rewrite("[smtp]", "[smtp]\nbounce_address = \"drafts+{token}@agency.example\"")

	var said strings.Builder
	say := func(args ...string) {
		r := a.try(append(args, "--log-level", "debug")...)
		fmt.Fprintf(&said, "$ %s\n%s%s", strings.Join(args, " "), r.out, r.err)
	}
	say("check")
	say("poll")
	a.office.FailLogin(func(user string) error {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Text: "no " + user + " with " + testPassword + " " + base64.StdEncoding.EncodeToString([]byte("\x00drafts\x00"+testPassword))}
	})
	say("check")
	say("poll")
	say("status")
	a.office.FailLogin(nil)
	a.send(draftMail)
	for i := range 6 {
		m := draftMail
		m.MessageID, m.Subject = fmt.Sprintf("more-%d@writers.example", i), fmt.Sprintf("Version %d [BREW-1]", i)
		a.send(m)
		say("poll")
	}
	secrets := map[string]string{"the SMTP password": "smtp-hunter2", "the IMAP password": testPassword, "an access token": token}
	for what, s := range map[string]string{"the SMTP login": "\x00drafts\x00smtp-hunter2", "the IMAP login": "\x00drafts\x00" + testPassword, "the SMTP password": "smtp-hunter2"} {
		secrets[what+" in base64"] = base64.StdEncoding.EncodeToString([]byte(s))
	}
	notices := a.exported("notice")
	if len(notices) < 4 {
		t.Fatalf("%d notices", len(notices))
	}
	told := 0
	for _, n := range notices {
		for _, key := range []string{"reply_to", "message_id"} {
			local, _, _ := strings.Cut(n[key].(string), "@")
			secrets[fmt.Sprint("the signed ", key, " of notice ", n["id"])] = local[strings.IndexAny(local, "+.")+1:]
		}
	}
	for _, n := range notices {
		for what, s := range secrets {
			if e, _ := n["error"].(string); strings.Contains(e, s) {
				t.Errorf("the stored error of notice %v tells %s: %s", n["id"], what, e)
			}
		}
		if e, _ := n["error"].(string); strings.Contains(e, "…") {
			told++
		}
	}
	if told < 2 {
		t.Fatalf("only %d stored errors had a secret to leave out", told)
	}
	// A bounce to a signed address, and an answer to one, leave traces.
	reply := notices[0]["reply_to"].(string)
	for i, m := range []mailtest.Mail{
		{From: "MAILER-DAEMON <mailer-daemon@mx.example>", Subject: "Undelivered Mail Returned to Sender", Text: "Your message <" + notices[0]["message_id"].(string) + "> could not be delivered to the following recipient:\n\n<nobody@mx.example>\n\n--- original ---\nMessage-ID: <" + notices[0]["message_id"].(string) + ">\n"},
		{From: "Ana Lima <ana@writers.example>", Subject: "Re: " + reply, Text: "Yes to " + reply + "\n", InReplyTo: notices[0]["message_id"].(string)},
		{From: "Handoff <" + reply + ">", Subject: "from our own address", Text: "Hello\n"},
	} {
		m.To, m.Date, m.MessageID = reply, time.Now(), fmt.Sprintf("in-%d@mx.example", i)
		if err := mailtest.Send(t.Context(), a.office.SMTPAddr, "", "", "", []string{reply}, m.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	say("poll")
	say("status")
	for _, args := range [][]string{{"outbox", "list"}, {"replay"}, {"key", "list"}} {
		say(args...)
	}
	for _, r := range a.exported("message") {
		trace, err := json.Marshal(r["trace"])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&said, "trace of mail %v: %s %v %v\n", r["id"], trace, r["error"], r["reason"])
	}
	if !strings.Contains(said.String(), "535 \"5.7.8 no: AUTH PLAIN …") || !strings.Contains(said.String(), "level=DEBUG") {
		t.Error("the test does not see what it should look into")
	}
	for what, s := range secrets {
		for line := range strings.Lines(said.String()) {
			if strings.Contains(line, s) {
				t.Errorf("%s (%s) is told: %s", what, s, line)
			}
		}
	}
}

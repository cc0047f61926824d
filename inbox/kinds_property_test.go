package inbox_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"handoff/inbox"
)

// machineMail is a case that no person wrote.
type machineMail struct {
	name, subject, text string
	raw                 []byte
	daemon              bool // its sender or its null path tells that it must never be answered
}

// machineMails collects the cases that are reports, receipts and automatic replies.
func machineMails(t *testing.T) []machineMail {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	var out []machineMail
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		wanted, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".want.json")
		if err != nil {
			t.Fatal(err)
		}
		var want struct {
			Kind inbox.Kind `json:"kind"`
		}
		if err := json.Unmarshal(wanted, &want); err != nil {
			t.Fatal(err)
		}
		switch want.Kind {
		case inbox.BounceReport, inbox.AutoReply, inbox.DeliveryReport, inbox.ReadReceipt, inbox.FeedbackReport:
			m := read(t, raw, inbox.Options{})
			local, _, _ := strings.Cut(strings.ToLower(m.From.Address), "@")
			out = append(out, machineMail{filepath.Base(file), m.Subject, m.Body, raw, m.NullSender || local == "mailer-daemon" || local == "postmaster" || local == "no-reply"})
		}
	}
	if len(out) < 50 {
		t.Fatalf("only %d mails of machines", len(out))
	}
	return out
}

// TestPeopleAboutMachines: whoever writes about such a mail, and however they bring it along, stays a person who is answered.
func TestPeopleAboutMachines(t *testing.T) {
	mails := machineMails(t)
	rapid.Check(t, func(t *rapid.T) {
		machine := mails[rapid.IntRange(0, len(mails)-1).Draw(t, "mail")]
		comment := rapid.SampledFrom([]string{
			"I got this back. What does it mean?",
			"My last mail returned with the text below. Which address is right now?",
			"Hi, is anybody reading this? I only ever get the following.",
			"Das kam zurück. Stimmt die Adresse noch?",
			"Please see below; the chapter is attached to my mail of Monday, which seems lost.",
		}).Draw(t, "comment")
		subject := rapid.SampledFrom([]string{"Re: " + machine.subject, "Fwd: " + machine.subject, "AW: " + machine.subject, "Chapter two", "My mail did not arrive", "A question about your address"}).Draw(t, "subject")
		var raw []byte
		lines := strings.Split(machine.text, "\n")
		switch rapid.SampledFrom([]string{"quoted", "below", "forwarded", "pasted", "attached"}).Draw(t, "way") {
		case "quoted":
			raw = mail(person, subject, comment+"\n\nOn Mon, 9 Mar 2026 at 17:02, Someone <someone@mx.example.net> wrote:\n> "+strings.Join(lines, "\n> "))
		case "below":
			raw = mail(person, subject, comment+"\n\n-----Original Message-----\nFrom: Mail System <someone@mx.example.net>\nSent: Monday, 9 March 2026 17:02\nTo: Mira Osei\nSubject: "+machine.subject+"\n\n"+machine.text)
		case "forwarded":
			raw = mail(person, subject, comment+"\n\n---------- Forwarded message ---------\nFrom: Mail System <someone@mx.example.net>\nDate: Mon, 9 Mar 2026 at 17:02\nSubject: "+machine.subject+"\nTo: <mira@writers.example.net>\n\n"+machine.text)
		case "pasted":
			raw = mail(person, subject, comment+"\n\n"+machine.text)
		case "attached":
			head, _, _ := bytes.Cut(mail(person, subject, ""), []byte("Content-Type"))
			raw = append(head, "Content-Type: multipart/mixed; boundary=wrap-7\n\n--wrap-7\nContent-Type: text/plain\n\n"+comment+"\n--wrap-7\nContent-Type: message/rfc822\n\n"+string(machine.raw)+"\n--wrap-7--\n"...)
		}
		m := read2(t, raw)
		if m.Kind != inbox.Human || m.Automatic || m.SuppressReply || m.Bounce != nil {
			t.Fatalf("about %s: %s, automatic %v, suppress %v\n%v\n%s", machine.name, m.Kind, m.Automatic, m.SuppressReply, m.Trace, raw)
		}
	})
}

// TestMachinesCutShort: a report that lost its end, or the mail it returned, is still never answered.
func TestMachinesCutShort(t *testing.T) {
	for _, machine := range machineMails(t) {
		if !machine.daemon {
			continue
		}
		head := bytes.Index(machine.raw, []byte("\n\n")) + 2
		for at := head; at <= len(machine.raw); at += 1 + (len(machine.raw)-head)/25 {
			m := read(t, machine.raw[:at], inbox.Options{})
			if !m.Automatic || !m.SuppressReply {
				t.Errorf("%s cut at %d: %s, automatic %v, suppress %v", machine.name, at, m.Kind, m.Automatic, m.SuppressReply)
			}
		}
		// Without its structure.
		raw := bytes.ReplaceAll(machine.raw, []byte("Content-Type: multipart/"), []byte("X-Content-Type: multipart/"))
		if m := read(t, raw, inbox.Options{}); !m.Automatic || !m.SuppressReply {
			t.Errorf("%s as one text: %s, automatic %v, suppress %v", machine.name, m.Kind, m.Automatic, m.SuppressReply)
		}
	}
}

// TestReportsAsOneText: reports that a gateway made one text of are still read.
func TestReportsAsOneText(t *testing.T) {
	raw := []byte("Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: notices@agency.example\nSubject: Undelivered Mail Returned to Sender\n\n" +
		"This is the mail system at host mx.example.net.\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ana@poets.example.org\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; bo@poets.example.org\nAction: delayed\nStatus: 4.4.1\n\n" +
		"Received: from out.agency.example\nMessage-ID: <n.1.sig@agency.example>\nTo: ana@poets.example.org\n")
	m := read(t, raw, inbox.Options{})
	want := []inbox.BouncedRecipient{{Address: "ana@poets.example.org", Status: "5.1.1", Permanent: true}, {Address: "bo@poets.example.org", Status: "4.4.1", Delayed: true}}
	if m.Kind != inbox.BounceReport || m.Bounce == nil || len(m.Bounce.Recipients) != 2 || m.Bounce.Recipients[0] != want[0] || m.Bounce.Recipients[1] != want[1] || m.Bounce.OriginalMessageID != "n.1.sig@agency.example" {
		t.Errorf("%s %+v", m.Kind, m.Bounce)
	}
}

func read2(t *rapid.T, raw []byte) *inbox.Message {
	m, err := inbox.Read(t.Context(), bytes.NewReader(raw), int64(len(raw)), inbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

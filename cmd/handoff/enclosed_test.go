package main

import (
	"bytes"
	"strings"
	"testing"

	"handoff/inbox"
	"handoff/internal/mailtest"
)

// Who has to read or go on with a piece has it with the mail that asks them: by file or in the mail, from what was mailed. What
// goes with a document is the team's to read, and nobody gets the address that somebody else answers to.
func TestNewestVersionGoesWithTheMail(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("person", "add", "rita@readers.example", "--name", "Rita Rey", "--role", "peer_reviewer", "--role", "copy_editor")
	a.run("poll", "--once")
	a.send(draftMail)
	a.run("poll", "--once")

	ed := a.last("ed", "the review of Ten ways to brew is yours")
	ed.wants(t, "Version 1, from Ana Lima", "brew.docx", "attached", "> here is the draft.")
	ed.carries(t, "brew.docx", "PK\x03\x04 a draft")

	a.run("piece", "review", "BREW-1", "--ask", "rita@readers.example", "--as", "ed@agency.example")
	a.run("poll", "--once")
	rita := a.last("rita", "would you review")
	rita.carries(t, "brew.docx", "PK\x03\x04 a draft")
	if strings.Contains(rita.Body, "here is the draft") {
		t.Errorf("a reader gets the letter to the team:\n%s", rita.Body)
	}

	a.run("piece", "revise", "BREW-1", "--text", "As a plain mail, please.", "--as", "ed@agency.example")
	a.run("poll", "--once")
	asked := a.last("ana", "please revise")
	for _, f := range asked.Attachments {
		if f.Name == "brew.docx" {
			t.Error("the author gets back what she sent")
		}
	}
	text := strings.Repeat("Brew it with care, and wait until it has cooled down a little. ", 20)
	a.send(mailtest.Mail{
		Subject: "Re: " + asked.Subject, MessageID: "draft-2@writers.example", InReplyTo: asked.MessageID,
		Text: text + "\n\nOn Monday, Agency wrote:\n> just reply to " + asked.ReplyTo[0].Address + "\n",
	})
	a.run("poll", "--once")
	a.last("ed", "the revision of").wants(t, "Version 2, from Ana Lima", "> Brew it with care")
	a.run("piece", "assign", "BREW-1", "copy_edit", "rita@readers.example", "--as", "ed@agency.example")
	a.run("piece", "advance", "BREW-1", "--as", "ed@agency.example")
	a.run("poll", "--once")
	rita = a.last("rita", "the copy edit of")
	rita.wants(t, "Version 2, from Ana Lima", "> Brew it with care")
	if token, _, _ := strings.Cut(strings.TrimPrefix(asked.ReplyTo[0].Address, "drafts+"), "@"); strings.Contains(rita.Body, token) {
		t.Errorf("she can answer as the author:\n%s", rita.Body)
	}
}

// delivered is a mail as it came, and its raw bytes.
type delivered struct {
	*inbox.Message
	raw []byte
}

// last is the last mail in somebody's mailbox, which has the words in its subject.
func (a *agency) last(user, subject string) delivered {
	a.t.Helper()
	raws, err := a.office.Mails(user, "INBOX")
	if err != nil || len(raws) == 0 {
		a.t.Fatalf("%d mails to %s, %v", len(raws), user, err)
	}
	var subjects []string
	for i := len(raws) - 1; i >= 0; i-- {
		m, err := inbox.Read(a.t.Context(), bytes.NewReader(raws[i]), int64(len(raws[i])), inbox.Options{})
		if err != nil {
			a.t.Fatal(err)
		}
		if strings.Contains(m.Subject, subject) {
			return delivered{m, raws[i]}
		}
		subjects = append(subjects, m.Subject)
	}
	a.t.Fatalf("no mail to %s with %q, but %q", user, subject, subjects)
	return delivered{}
}

func (l delivered) wants(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(l.Body, part) {
			t.Errorf("%q does not say %q:\n%s", l.Subject, part, l.Body)
		}
	}
}

func (l delivered) carries(t *testing.T, name, content string) {
	t.Helper()
	for _, f := range l.Attachments {
		var got bytes.Buffer
		if _, err := got.ReadFrom(f.Open(bytes.NewReader(l.raw))); f.Name == name {
			if err != nil || got.String() != content {
				t.Errorf("%s has %q, %v", name, got.String(), err)
			}
			return
		}
	}
	t.Errorf("%q goes without %s", l.Subject, name)
}

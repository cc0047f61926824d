package main

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"handoff/internal/mailtest"
)

// hands is mails without waiting for what becomes of it.
func (s *story) hands(who member, subject, text string) {
	s.Helper()
	s.line(who.firstName(), fmt.Sprintf("-> mails %s “%s”", demoMailbox, subject))
	l := letter{
		from: mail.Address{Name: who.name, Address: who.address()}, to: []string{demoMailbox}, subject: subject, date: s.clock.Now(),
		messageID: s.messageID(who), text: text,
	}
	raw, err := l.bytes()
	if err != nil {
		s.Fatal(err)
	}
	s.hand(who, l.to[0], l.messageID, raw)
}

// dies ends the gateway in the middle of a pass: what came in is recorded, the first of the mails that it causes is with the
// server, the others wait.
func (s *story) dies(before func()) {
	s.Helper()
	before()
	begun := len(s.office.Deliveries())
	ctx, end := context.WithCancel(s.Context())
	defer end()
	s.office.FailSMTP(func(c mailtest.SMTPCommand) mailtest.SMTPFault {
		if c.Stage == mailtest.StageDot {
			end()
		}
		return mailtest.SMTPFault{}
	})
	if _, _, err := s.gw.PollOnce(ctx); err == nil {
		s.Error("the pass was to be broken off, and came to its end")
	}
	s.office.FailSMTP(nil)
	sent := len(s.office.Deliveries()) - begun
	s.restart("in the middle of sending")
	s.poll()
	if all := len(s.office.Deliveries()) - begun; sent == 0 || sent == all {
		s.Errorf("%d of %d mails were sent before the end, which was to come in the middle", sent, all)
	}
}

// sleeps makes due what is due, ends the gateway before any of it is sent, and starts it anew at that moment.
func (s *story) sleeps(until string) {
	s.Helper()
	to, err := time.ParseInLocation("2006-01-02 15:04", until, s.zone)
	if err != nil {
		s.Fatal(err)
	}
	s.clock.Advance(30 * time.Minute)
	if _, err := s.gw.scheduler.Tick(s.Context()); err != nil {
		s.Fatal(err)
	}
	if err := s.gw.Close(); err != nil {
		s.Fatal(err)
	}
	s.line("", "*** Handoff ends with reminders queued, and is down until "+until)
	s.clock.Advance(to.Sub(s.clock.Now()))
	s.open()
	s.line("", "*** Handoff is back")
	s.poll()
}

// pitchOf is the code of somebody's newest proposal.
func (s *story) pitchOf(who member) string {
	s.Helper()
	mails := s.got[who.user]
	for i := len(mails) - 1; i >= 0; i-- {
		if mails[i].notice.Template == "pitch_received" {
			return mails[i].piece
		}
	}
	s.Fatalf("%s proposed nothing:\n%s", who.name, s.tail())
	return ""
}

// stops presses the unsubscribe of a mail program (RFC 2369).
func (s *story) stops(who member, template, piece string) {
	s.Helper()
	g := s.find(who, template, piece)
	link := tapLink.FindString(g.header.Get("List-Unsubscribe"))
	address, query, ok := strings.Cut(strings.TrimPrefix(link, "mailto:"), "?subject=")
	if !ok {
		s.Fatalf("no address to unsubscribe in %q", g.header.Get("List-Unsubscribe"))
	}
	s.line(who.firstName(), "-> unsubscribes from "+named(template, piece))
	s.post(who, letter{
		from: mail.Address{Name: who.name, Address: who.address()}, to: []string{address}, subject: strings.ReplaceAll(query, "%20", " "),
		date: s.clock.Now(), messageID: s.messageID(who),
	})
}

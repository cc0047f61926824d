package proxy_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/workflow"
)

// TestJourney takes a piece from the pitch to the review by mail alone, through reading, deciding and the database.
func TestJourney(t *testing.T) {
	o := open(t, 2)
	ctx := context.Background()
	o.Decider.Triage = "eve@agency.example"
	o.Decider.Rules.Plan = map[workflow.Stage]int{workflow.Draft: 5, workflow.Review: 2}
	replyTo := func(piece, person int64) string {
		return o.Decider.Identity.(*outbox.Identity).ReplyAddress(outbox.Ref{PieceID: piece, PersonID: person})
	}
	const eve, author, peer, piece = 1, 2, 3, 3
	seen := 0
	mail := func(from, subject, text string, more ...string) []string {
		t.Helper()
		o.Clock.(*clock.Fake).Advance(time.Minute)
		o.uid++
		head := "From: " + from + "\r\nSubject: " + subject + "\r\nMessage-ID: <" + fmt.Sprint(o.uid) + "@mail.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0000\r\n" +
			"Authentication-Results: mx.agency.example; dmarc=pass header.from=" + workflow.Domain(from) + "\r\n"
		for _, line := range more {
			head += line + "\r\n"
		}
		o.uid-- // receive counts
		in := o.receive(t, head+"\r\n"+text+"\r\n")
		if _, err := o.Record(ctx, "drafts", inbox.Cursor{UIDValidity: 1, UID: in.UID}, []inbox.Received{in}); err != nil {
			t.Fatal(err)
		}
		all := o.told(t)
		said := all[seen:]
		seen = len(all)
		return said
	}
	stands := func() workflow.Piece {
		t.Helper()
		p, err := o.store.Piece(ctx, piece)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	want := func(got []string, stage workflow.Stage, notices ...string) {
		t.Helper()
		if d := cmp.Diff(notices, got); d != "" {
			t.Errorf("notices: %s", d)
		}
		if p := stands(); p.Stage != stage {
			t.Errorf("%s is in %s, not in %s", p.Code, p.Stage, stage)
		}
	}
	want(mail("author0@example.org", "PITCH: Five cups a day", "Why we drink more coffee than ever."), workflow.Pitch,
		"pitch_received to author0@example.org", "pitch_new to eve@agency.example")
	if p := stands(); p.Code != "PITCH-1" || p.Topic != workflow.TopicProposed || p.Brief != "Why we drink more coffee than ever." {
		t.Errorf("%+v", p)
	}
	want(mail("eve@agency.example", "ACCEPT PITCH-1 PITCH", ""), workflow.Pitch, "noted to eve@agency.example")
	if p := stands(); p.Topic != workflow.TopicApproved || p.Deadline.IsZero() {
		t.Errorf("not approved and planned: %+v", p)
	}
	want(mail("eve@agency.example", "ACCEPT PITCH-1 PITCH", ""), workflow.Pitch, "not_done to eve@agency.example")

	change := func(rule func(p workflow.Piece, c workflow.Cause) (workflow.Change, error)) { // the clock, and the console
		t.Helper()
		ch, err := rule(stands(), workflow.Cause{ActorID: eve, At: o.Clock.Now()})
		if err != nil {
			t.Fatal(err)
		}
		if err := o.store.Update(ctx, func(tx proxy.Tx) error { return tx.SavePiece(ctx, ch) }); err != nil {
			t.Fatal(err)
		}
	}
	change(func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
		who, err := o.store.Person(ctx, author)
		if err != nil {
			t.Fatal(err)
		}
		return p.Clear(c, who, false)
	})
	want(mail("author0@example.org", "ACCEPT PITCH-1 STEP", "", "To: "+replyTo(piece, author)), workflow.Draft,
		"noted to author0@example.org", "step_accepted to eve@agency.example")
	want(mail("author1@example.org", "DECLINE PITCH-1 STEP", ""), workflow.Draft, "not_done to author1@example.org")
	want(mail("author0@example.org", "Re: Five cups", "EXTEND 2026-12-11", "To: "+replyTo(piece, author)), workflow.Draft,
		"noted to author0@example.org", "extension_asked to eve@agency.example")
	change(func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
		return p.SetDeadline(time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC), c)
	})
	want(mail("eve@agency.example", "ACCEPT PITCH-1 EXTENSION", ""), workflow.Draft,
		"noted to eve@agency.example", "extension_granted to author0@example.org", "deadline_changed to eve@agency.example") // the review is hers
	if s, _ := stands().OpenStep(); s.Extension != nil || s.Deadline.UTC().Format(time.DateOnly) != "2026-12-11" {
		t.Errorf("the draft is due on %s, asked for still: %v", s.Deadline, s.Extension)
	}
	want(mail("author0@example.org", "Re: Five cups", "--b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n--b\r\nContent-Disposition: attachment; filename=cups.docx\r\n\r\nPK\r\n--b--",
		"To: "+replyTo(piece, author), "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"), workflow.Review,
		"receipt to author0@example.org", "step_opened to eve@agency.example")
	change(func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.AskReviewers(c, 0, peer) })
	want(mail("author1@example.org", "Re: a review", "Shorter, and it is good.", "To: "+replyTo(piece, peer)), workflow.CopyEdit,
		"noted to author1@example.org", "review_received to eve@agency.example", "step_opened to eve@agency.example")
	entries, err := o.store.Entries(ctx, piece)
	if err != nil {
		t.Fatal(err)
	}
	var filed []string
	for _, e := range entries {
		filed = append(filed, fmt.Sprintf("%s %d of %d", e.Kind, e.Version, e.PersonID))
	}
	if d := cmp.Diff([]string{"comment 0 of 2", "comment 0 of 1", "comment 0 of 1", "comment 0 of 2", "comment 0 of 2", "comment 0 of 1", "submission 1 of 2", "comment 0 of 3"}, filed); d != "" {
		t.Error(d)
	}
	rec, err := o.store.RecordAt(ctx, "drafts", 1, 1)
	if err != nil || rec.Action != proxy.Act || rec.PieceID != piece {
		t.Errorf("the pitch is recorded as %+v %v", rec, err)
	}
}

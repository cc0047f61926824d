package proxy

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/inbox"
	"handoff/workflow"
)

// randomMail is any mail at all, hostile ones first.
func randomMail(t *rapid.T) sample {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	who := []string{"ann@example.org", "ann@work.example", "bob@example.com", "bob+x@example.com", "dan@example.net", "zoe@example.com",
		"eve@agency.example", "cora@agency.example", "sam@elsewhere.example", "new@agency.example", "", "not an address"}
	tokens := []string{"{ACME-1:ann}", "{ACME-2:bob}", "{ACME-3:eve}", "{ACME-4:dan}", "{:zoe}", "{ACME-1:nobody}", "x"}
	s := sample{
		From: pick("from", who...), Subject: pick("subject", "draft", "ACME-1: new", "[acme-2]", "Coffee roasting", "ACME-3 ACME-4", ""),
		Text: pick("text", "", "hi", "Coffee roasting at home"), Words: rapid.SampledFrom([]int{0, 0, 130}).Draw(t, "words"),
		Auth: pick("auth", "", "", "unknown", "fail"), MessageID: pick("id", "", "", "1@mail.example", "same@x"),
		Kind:     pick("kind", "", "", "", "", "auto_reply", "list", "own", "bounce", "delivery_report", "read_receipt", "feedback_report"),
		Suppress: rapid.Bool().Draw(t, "suppress"), Backfill: rapid.IntRange(0, 9).Draw(t, "backfill") == 0,
		DaysOld: rapid.SampledFrom([]int{0, 0, 0, 6, 8, 400}).Draw(t, "age"), Oversize: rapid.IntRange(0, 9).Draw(t, "oversize") == 0,
		Held: pick("held", "", "", "", "", "too deep"), Infected: pick("infected", "", "", "", "", "", "Worm.Test"), Unreadable: pick("unreadable", "", "", "", "", "", "", "timeout"), ReplyTo: pick("reply to", "", "", "victim@third.example", "ann@work.example"),
	}
	some := func(label string, of []string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(of), 0, 2).Draw(t, label)
	}
	for _, a := range some("to", tokens) {
		s.To = append(s.To, "drafts+"+a+"@agency.example")
	}
	s.To = append(s.To, some("also to", who)...)
	s.Answers, s.Refers = some("answers", append(tokens, "1@mail.example")), some("refers", append(tokens, "same@x"))
	s.Files = some("files", []string{"a.docx", "virus.exe", "cover.png", ""})
	s.Links = some("links", []string{"https://docs.google.com/x", "https://site.example"})
	if s.Kind == "bounce" || s.Kind == "delivery_report" {
		s.Bounced, s.BouncedID = pick("bounced", "ann@example.org", "x@y.example"), pick("bounced id", "notice 1", "notice 2", "made-up@x")
	}
	if rapid.IntRange(0, 4).Draw(t, "forward") == 0 {
		s.Forwards = &sample{From: pick("fw from", who...), Subject: pick("fw subject", "draft", "ACME-2"), Text: pick("fw text", "", "hi", "Knife sharpening")}
	}
	return s
}

// TestAnyMails sends random mails, one after the other, and holds each to what is law.
func TestAnyMails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, m := gateway(t)
		quiet(g)
		for i := range rapid.IntRange(1, 15).Draw(t, "mails") {
			s := randomMail(t)
			in := s.received(t, m, uint32(i+1))
			before := m.state.clone()
			batch := []inbox.Received{in}
			if rapid.IntRange(0, 5).Draw(t, "killed") == 0 {
				m.commit = errors.New("killed")
				if _, err := g.Record(context.Background(), mailbox, inbox.Cursor{UID: in.UID}, batch); err == nil {
					t.Fatal("a commit that failed is no error")
				}
				if !reflect.DeepEqual(before, m.state) {
					t.Fatalf("killed in between, and yet: %s", cmp.Diff(before, m.state, cmp.AllowUnexported(tables{})))
				}
				m.commit = nil
			}
			if _, err := g.Record(context.Background(), mailbox, inbox.Cursor{UID: in.UID}, batch); err != nil {
				t.Fatal(err)
			}
			law(t, s, in, before, m.state)
			after := m.state.clone()
			if _, err := g.Record(context.Background(), mailbox, inbox.Cursor{UID: in.UID}, batch); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(after, m.state) {
				t.Fatalf("the same UID again: %s", cmp.Diff(after, m.state, cmp.AllowUnexported(tables{})))
			}
		}
	})
}

func law(t *rapid.T, s sample, in inbox.Received, before, after tables) {
	if len(after.records) != len(before.records)+1 {
		t.Fatalf("%d records for one mail", len(after.records)-len(before.records))
	}
	r := after.records[len(after.records)-1]
	if !slices.Contains(Actions(), r.Action) || r.Reason == "" || len(r.Trace) == 0 {
		t.Fatalf("the mail ended as %q, %q", r.Action, r.Reason)
	}
	if s.Unreadable != "" && r.Action != Fail && r.Action != Duplicate {
		t.Fatalf("an unreadable mail ended as %s", r.Action)
	}
	standing := map[string]int64{} // of all copies of a mail one stands, and the others name one
	for _, rec := range after.records {
		key := rec.MessageID + " " + rec.ContentHash
		switch {
		case rec.Action != Duplicate && standing[key] != 0:
			t.Fatalf("mails %d and %d are copies, and both stand", standing[key], rec.ID)
		case rec.Action != Duplicate:
			standing[key] = rec.ID
		case rec.DuplicateOf == 0 || rec.DuplicateOf == rec.ID:
			t.Fatalf("mail %d is the duplicate of %d", rec.ID, rec.DuplicateOf)
		}
	}
	for i, e := range after.entries {
		if slices.ContainsFunc(after.entries[:i], func(f Entry) bool { return f.MessageID == e.MessageID }) {
			t.Fatalf("mail %d was filed twice", e.MessageID)
		}
	}
	changed := !reflect.DeepEqual(before.pieces, after.pieces)
	filed := after.entries[len(before.entries):]
	if (len(filed) == 1) != (r.Action == File) || len(filed) > 1 {
		t.Fatalf("%s, and %d entries", r.Action, len(filed))
	}
	if changed && (len(filed) != 1 || filed[0].Kind != Submission) {
		t.Fatalf("a piece changed by a mail that is no submission: %s", r.Reason)
	}
	if in.Message != nil && in.Message.Automatic && (changed || len(filed) > 0) {
		t.Fatalf("an automatic mail changed a piece: %s", r.Reason)
	}
	if s.Auth == "fail" && (changed || len(filed) > 0) {
		t.Fatalf("a forged mail was filed: %s", r.Reason)
	}
	for _, e := range filed {
		author, _ := memoryTx{&memory{state: before, reads: map[string]int{}}}.Person(context.Background(), e.PersonID)
		if !workflow.Can(author, workflow.Contribute, before.pieces[e.PieceID]) {
			t.Fatalf("an entry of %q on %s", author.Name, before.pieces[e.PieceID].Code)
		}
		sender := workflow.NormalizeAddress(s.From)
		short, _ := workflow.WithoutPlus(sender)
		known := slices.ContainsFunc(before.people, func(p workflow.Person) bool { return p.HasAddress(sender) || p.HasAddress(short) })
		token := slices.ContainsFunc(s.To, func(a string) bool { return strings.HasPrefix(a, "drafts+{") })
		signer := slices.ContainsFunc(slices.Concat(s.To, s.Answers, s.Refers), func(a string) bool {
			return known && strings.Contains(a, ":"+strings.ToLower(senderName(before, sender, short))+"}")
		})
		if s.Auth == "unknown" && known && !signer {
			t.Fatalf("an unverified mail without anything signed for its sender was filed: %s", r.Reason)
		}
		if !known && !token {
			t.Fatalf("a stranger's mail was filed: %s", r.Reason)
		}
	}
	replies := 0
	for _, n := range after.notices[len(before.notices):] {
		if in.Backfill {
			t.Fatalf("a mail of the past caused %s", n.Template)
		}
		if n.ToAddress == "victim@third.example" {
			t.Fatal("a Reply-To made us write to a third party")
		}
		if n.AutoReply {
			replies++
			vouched := slices.ContainsFunc(s.To, func(a string) bool { return strings.HasPrefix(a, "drafts+{") })
			if s.Held != "" && !s.Oversize && s.Infected == "" && (n.Template != "held" || !vouched && !slices.ContainsFunc(after.people, func(p workflow.Person) bool { return p.HasAddress(n.ToAddress) })) {
				t.Fatalf("a mail that was not read whole is answered with %s to %s", n.Template, n.ToAddress)
			}
		}
	}
	if replies > 1 {
		t.Fatalf("%d replies", replies)
	}
	silent := in.Message == nil || in.Message.Automatic || s.Suppress || s.DaysOld > 7 || s.Auth == "fail" || r.Action == Duplicate || s.Infected != "" && s.Auth == "unknown" && !s.Oversize && !slices.ContainsFunc(slices.Concat(s.To, s.Answers, s.Refers), func(a string) bool { return strings.Contains(a, "{") })
	if s.Infected != "" && len(filed) > 0 {
		t.Fatal("an infected mail was filed")
	}
	if silent && replies > 0 {
		t.Fatalf("a mail that must not be answered was: %s", fmt.Sprint(after.told()))
	}
}

func senderName(t tables, addresses ...string) string {
	for _, p := range t.people {
		for _, a := range addresses {
			if p.HasAddress(a) {
				return p.Name
			}
		}
	}
	return ""
}

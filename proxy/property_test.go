package proxy

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/workflow"
)

// randomMail is any mail at all, hostile ones first.
func randomMail(t *rapid.T) sample {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	who := []string{"ann@example.org", "ann@work.example", "bob@example.com", "bob+x@example.com", "dan@example.net", "zoe@example.com",
		"eve@agency.example", "eve@agency.example", "cora@agency.example", "lee@agency.example", "tom@agency.example", "sam@elsewhere.example", "new@agency.example", "", "not an address"}
	tokens := []string{"{TEA-1:zoe}", "{TEA-1:eve}", "{DEMO-1:zoe}", "{GONE-1:ann}", "{OUT-1:lee}", "{PEER-1:dan}", "{ACME-4:bob}", "{ACME-1:ann}", "{ACME-2:bob}", "{ACME-3:eve}", "{ACME-4:dan}", "{:zoe}", "{ACME-1:nobody}", "x"}
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
	s.asks(t, pick)
	return s
}

// asks makes the mail want something, whatever else it is.
func (s *sample) asks(t *rapid.T, pick func(string, ...string) string) {
	code := pick("code", "TEA-1", "DEMO-1", "GONE-1", "OUT-1", "PEER-1", "ACME-1", "ACME-2", "ACME-4", "NONE-1")
	s.Invoice = rapid.IntRange(0, 9).Draw(t, "invoice") == 0
	switch rapid.IntRange(0, 5).Draw(t, "asks") {
	case 0, 1:
		in := inbox.Intent{Command: inbox.Command(pick("command", "accept", "accept", "decline", "done", "extend", "revise", "status", "pitch", "help", "stop")), Via: pick("via", "word", "phrase")}
		in.Argument, in.Date = pick("argument", "", "no time", "Five cups"), pick("date", "", "2026-12-24", "2026-11-01", "2028-02-29")
		s.Intent = &in
	case 2, 3:
		in := inbox.Intent{Command: inbox.Command(pick("command", "accept", "accept", "decline", "done", "extend", "revise", "stop")), Via: "link", Code: code}
		in.Target, in.Date = pick("target", "", "STEP", "EXTENSION", "PITCH", "LEAD", "PASS", "GUIDELINES", "due_soon"), pick("date", "", "2026-12-24")
		s.Intent, s.Subject = &in, strings.ToUpper(string(in.Command))+" "+code+" "+in.Target
	case 4:
		step, person := rapid.Int64Range(10, 400).Draw(t, "step"), rapid.Int64Range(1, 8).Draw(t, "person")
		s.Calendar = &inbox.Calendar{UID: fmt.Sprintf("step-%d-%d@agency.example", step, person), Sequence: rapid.IntRange(0, 4).Draw(t, "sequence"),
			Status: pick("status", "accepted", "declined", "tentative", "counter"), Comment: pick("words", "", "Away")}
		s.Suppress, s.Subject = true, code
	}
}

// pool adds pieces of every kind to those of the team: a proposal, a demo piece, one that was given up, one that is published, and
// one that peers review.
func pool(t fataler, g *Gateway, m *memory) {
	given(t, g, m, "new TEA-1 pitch zoe", "demo DEMO-1 finished zoe", "new GONE-1 draft ann", "cancel GONE-1 no budget", "new OUT-1 published bob",
		"new PEER-1 review ann", "reviewers PEER-1 dan cora", "onboarded zoe guidelines", "editor zoe eve", "onboarded bob demo_done", "role tom admin")
	c := workflow.Cause{PersonID: zoe, At: today}
	ch, err := m.pieceNamed(t, "TEA-1").Propose(c, "Tea, the other leaf.")
	if err != nil {
		t.Fatal(err)
	}
	m.state.pieces[ch.Piece.ID] = ch.Piece
	if ch, err = m.pieceNamed(t, "ACME-1").AskExtension(workflow.Cause{PersonID: ann, At: today}, today.AddDate(0, 1, 0), ""); err != nil {
		t.Fatal(err)
	}
	m.state.pieces[ch.Piece.ID] = ch.Piece
}

// TestAnyMails sends random mails, one after the other, and holds each to what is law.
func TestAnyMails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, m := gateway(t)
		quiet(g)
		pool(t, g, m)
		for i := range rapid.IntRange(1, 15).Draw(t, "mails") {
			g.Clock.(*clock.Fake).Advance(time.Minute)
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
	changed := !reflect.DeepEqual(places(before.pieces), places(after.pieces))
	filed := after.entries[len(before.entries):]
	pitched := len(after.pieces) > len(before.pieces)
	if (len(filed) == 1) != (r.Action == File || pitched) || len(filed) > 1 || pitched && r.Action != Act {
		t.Fatalf("%s, and %d entries", r.Action, len(filed))
	}
	lawOfRequests(t, s, in, r, before, after)
	if in.Message != nil && in.Message.Automatic && (changed || len(filed) > 0) {
		t.Fatalf("an automatic mail changed a piece: %s", r.Reason)
	}
	if s.Auth == "fail" && (changed || len(filed) > 0) {
		t.Fatalf("a forged mail was filed: %s", r.Reason)
	}
	for _, e := range filed {
		author, _ := memoryTx{&memory{state: before, reads: map[string]int{}}}.Person(context.Background(), e.PersonID)
		written := slices.ContainsFunc(slices.Concat(s.To, s.Answers, s.Refers), func(a string) bool { // to them, about this piece
			return e.Kind == Comment && strings.Contains(a, "{"+before.pieces[e.PieceID].Code+":"+strings.ToLower(author.Name)+"}")
		})
		if !pitched && !written && !takesPart(author, before.pieces[e.PieceID]) {
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
	refusedCalendar := s.Calendar != nil && slices.ContainsFunc(after.events[len(before.events):], func(e workflow.Event) bool { return e.Kind == workflow.RequestRefused })
	silent := in.Message == nil || in.Message.Automatic || s.Suppress && !refusedCalendar || s.DaysOld > 7 || s.Auth == "fail" || r.Action == Duplicate || s.Infected != "" && s.Auth == "unknown" && !s.Oversize && !slices.ContainsFunc(slices.Concat(s.To, s.Answers, s.Refers), func(a string) bool { return strings.Contains(a, "{") })
	if s.Infected != "" && len(filed) > 0 {
		t.Fatal("an infected mail was filed")
	}
	if silent && replies > 0 {
		t.Fatalf("a mail that must not be answered was: %s", fmt.Sprint(after.told()))
	}
}

// lawOfRequests holds what a mail asked for against who may ask for it.
func lawOfRequests(t *rapid.T, s sample, in inbox.Received, r Record, before, after tables) {
	author, _ := memoryTx{&memory{state: before, reads: map[string]int{}}}.Person(context.Background(), r.PersonID)
	submitted := len(after.entries) > len(before.entries) && after.entries[len(before.entries)].Kind == Submission
	asked := s.Intent != nil || s.Calendar != nil || s.Invoice || len(s.Links) > 0 || s.Text != "" || s.Words > 0 || slices.ContainsFunc(s.Files, func(f string) bool { return f != "virus.exe" })
	now := places(after.pieces)
	for id, was := range places(before.pieces) {
		p := now[id]
		if reflect.DeepEqual(was, p) {
			continue
		}
		step, _ := was.OpenStep()
		manages := workflow.Can(author, workflow.Manage, was)
		theirs := step.OwnerID == author.ID || reviews(step, author.ID) || was.LeadID == author.ID || manages || step.Stage == workflow.Pitch && was.AuthorID == author.ID
		switch {
		case !theirs:
			t.Fatalf("%s changed by %q, whose it is not", p.Code, author.Name)
		case !submitted && (!asked || in.Backfill || s.Forwards != nil):
			t.Fatalf("%s changed by a mail that asks for nothing: %s", p.Code, r.Reason)
		case was.Closed():
			t.Fatalf("%s changed after its end", p.Code)
		case p.Topic != was.Topic && p.Topic != workflow.TopicProposed && !manages, !p.Deadline.Equal(was.Deadline) && !manages:
			t.Fatalf("%q decided on %s", author.Name, p.Code)
		case p.LeadConfirmedAt.IsZero() != was.LeadConfirmedAt.IsZero() && was.LeadID != author.ID:
			t.Fatalf("%q confirmed the lead of %s", author.Name, p.Code)
		}
		for i, s := range p.Steps {
			if old := was.Steps[i]; !s.Deadline.Equal(old.Deadline) && !manages {
				t.Fatalf("%q moved a date of %s", author.Name, p.Code)
			}
		}
	}
	for i, p := range after.people {
		if reflect.DeepEqual(before.people[i], p) {
			continue
		}
		_, passed := p.Reached(workflow.DemoPassed)
		if p.ID != author.ID && !(passed && author.Class == workflow.Internal) || in.Backfill {
			t.Fatalf("%q changed %q", author.Name, p.Name)
		}
	}
	refused, answers := 0, 0
	for _, e := range after.events[len(before.events):] {
		if e.Kind == workflow.RequestRefused {
			refused++
		}
	}
	for _, n := range after.notices[len(before.notices):] {
		switch {
		case n.AutoReply && (n.Template == "not_done" || n.Template == "closed"):
			answers++
		case n.AutoReply || n.PersonID == 0 || n.PersonID != author.ID || r.PersonID == 0 || n.Template == "published" || n.Template == "thank_you",
			n.Template == "held_editor" && author.ID == tom: // nobody else does the triage
		default:
			t.Fatalf("%q is told of what they did: %s", author.Name, n.Template)
		}
	}
	if refused > 1 || refused == 1 && (!reflect.DeepEqual(places(before.pieces), now) || !reflect.DeepEqual(before.people, after.people)) {
		t.Fatalf("%d refused, and something changed: %s", refused, r.Reason)
	}
	mute := slices.ContainsFunc(r.Trace, func(c inbox.Check) bool { return c.Check == "reply" && (c.Outcome == "none" || c.Outcome == "capped") })
	if refused == 1 && answers != 1 && !mute {
		t.Fatalf("refused, and not told: %s", r.Reason)
	}
	if noted := slices.ContainsFunc(r.Trace, func(c inbox.Check) bool { return c.Check == "request" && c.Outcome == "refused" }); noted && refused == 0 && r.Action != Hold {
		t.Fatalf("refused, and no event says so: %s", r.Reason)
	}
}

// places are where pieces stand: stages, owners and dates, not when somebody was last heard of.
func places(pieces map[int64]workflow.Piece) map[int64]workflow.Piece {
	all := map[int64]workflow.Piece{}
	for id, p := range pieces {
		p.Steps = slices.Clone(p.Steps)
		for i := range p.Steps {
			p.Steps[i].HeardAt, p.Steps[i].AcceptedAt = time.Time{}, time.Time{}
		}
		p.UpdatedAt = time.Time{}
		all[id] = p
	}
	return all
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

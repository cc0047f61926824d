package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"handoff/inbox"
	"handoff/inbox/draft"
	"handoff/internal/clock"
	"handoff/internal/worddiff"
	"handoff/outbox"
	"handoff/workflow"
)

var (
	today   = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	keys    = []outbox.Key{{ID: 1, Secret: []byte("0123456789abcdef0123456789abcdef"), CreatedAt: today}}
	mailbox = "drafts"
)

const (
	ann  = 1 // outside, author of ACME-1
	eve  = 2 // internal, the editor
	cora = 3 // internal, copy editor
	dan  = 4 // outside, designer of ACME-4
	lee  = 5 // internal, distribution lead
	bob  = 6 // outside, author of ACME-2 and ACME-3
	zoe  = 7 // outside, has no piece
	tom  = 8 // internal, does the triage
)

func team() []workflow.Person {
	person := func(id int64, class workflow.Class, name string, addresses ...string) workflow.Person {
		return workflow.Person{ID: id, Class: class, Name: name, Addresses: addresses}
	}
	return []workflow.Person{
		person(ann, workflow.Outside, "Ann", "ann@example.org", "ann@work.example"),
		person(eve, workflow.Internal, "Eve", "eve@agency.example"),
		person(cora, workflow.Internal, "Cora", "cora@agency.example"),
		person(dan, workflow.Outside, "Dan", "dan@example.net"),
		person(lee, workflow.Internal, "Lee", "lee@agency.example"),
		person(bob, workflow.Outside, "Bob", "bob@example.com"),
		person(zoe, workflow.Outside, "Zoe", "zoe@example.com"),
		person(tom, workflow.Internal, "Tom", "tom@agency.example"),
	}
}

func pieces(t interface{ Fatal(...any) }) []workflow.Piece {
	var all []workflow.Piece
	for i, in := range []workflow.PieceInput{
		{Code: "ACME-1", Title: "How to bake sourdough bread", AuthorID: ann, Stage: workflow.Draft},
		{Code: "ACME-2", Title: "Coffee roasting at home", AuthorID: bob, Stage: workflow.Draft},
		{Code: "ACME-3", Title: "Knife sharpening basics", AuthorID: bob, Stage: workflow.Draft},
		{Code: "ACME-4", Title: "Pruning roses", AuthorID: zoe, Stage: workflow.Design,
			Steps: map[workflow.Stage]workflow.StepInput{workflow.Design: {OwnerID: dan}}},
	} {
		in.EditorID, in.LeadID = eve, lee
		if in.Code == "ACME-4" {
			in.AuthorID = lee
		}
		p, _, err := workflow.NewPiece(in, workflow.Cause{At: today.Add(-240 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		p.ID = int64(i + 1)
		for j := range p.Steps {
			p.Steps[j].ID, p.Steps[j].PieceID = int64(10*(i+1)+j), p.ID
		}
		all = append(all, p)
	}
	return all
}

func identity(t interface{ Fatal(...any) }) *outbox.Identity {
	id, err := outbox.NewIdentity(keys, "drafts+{token}@agency.example", "agency.example")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// gateway is a Gateway for the team on a store in memory.
func gateway(t interface{ Fatal(...any) }) (*Gateway, *memory) {
	m := newMemory(team(), pieces(t))
	id, c := identity(t), clock.NewFake(today)
	return &Gateway{
		Store:    m,
		Decider:  &Decider{Identity: id, Clock: c, TeamDomains: []string{"Agency.example"}, Triage: "tom@agency.example"},
		Composer: &outbox.Composer{Team: "Agency", Identity: id, Clock: c},
		Versions: texts{},
		Clock:    c, MaxSize: 25 << 20,
	}, m
}

// texts compares the texts of versions.
type texts struct{}

func (texts) Compare(_ context.Context, older, newer Version) (worddiff.Diff, error) {
	if strings.Contains(newer.Entry.Text, "unreadable") {
		return worddiff.Diff{}, errors.New("version 2 cannot be compared: it is damaged")
	}
	return worddiff.Compare(older.Entry.Text, newer.Entry.Text, worddiff.Limits{}), nil
}

// sample is a mail as a case file writes it; what it leaves out is as in a plain mail of a person, authenticated, from today.
type sample struct {
	From       string   `json:"from"`
	To         []string `json:"to,omitempty"` // "drafts+{ACME-1:ann}@…" is the address signed for them
	ReplyTo    string   `json:"reply_to,omitempty"`
	Answers    []string `json:"answers,omitempty"` // In-Reply-To; "{ACME-1:ann}" is an id signed for them
	Refers     []string `json:"refers,omitempty"`  // References, likewise
	MessageID  string   `json:"message_id,omitempty"`
	Subject    string   `json:"subject,omitempty"`
	Text       string   `json:"text,omitempty"`
	Words      int      `json:"words,omitempty"`  // adds that many to the text
	Quoted     string   `json:"quoted,omitempty"` // in the body, not in the text
	Files      []string `json:"files,omitempty"`
	Links      []string `json:"links,omitempty"`
	Auth       string   `json:"auth,omitempty"`
	Kind       string   `json:"kind,omitempty"`
	Suppress   bool     `json:"suppress_reply,omitempty"`
	Held       string   `json:"held,omitempty"`
	Infected   string   `json:"infected,omitempty"`
	Unreadable string   `json:"unreadable,omitempty"`
	Oversize   bool     `json:"oversize,omitempty"`
	Backfill   bool     `json:"backfill,omitempty"`
	DaysOld    int      `json:"days_old,omitempty"`
	Bounced    string   `json:"bounced,omitempty"`    // the address
	BouncedID  string   `json:"bounced_id,omitempty"` // "notice 1" is that notice's Message-ID
	Forwards   *sample  `json:"forwards,omitempty"`

	Intent   *inbox.Intent   `json:"intent,omitempty"`
	Calendar *inbox.Calendar `json:"calendar,omitempty"`
	Invoice  bool            `json:"invoice,omitempty"`
}

func (s sample) received(t interface{ Fatal(...any) }, m *memory, uid uint32) inbox.Received {
	id := identity(t)
	signed := func(text string, make func(outbox.Ref) string) string {
		open, end := strings.IndexByte(text, '{'), strings.IndexByte(text, '}')
		if open < 0 || end < open {
			return text
		}
		code, who, _ := strings.Cut(text[open+1:end], ":")
		ref := outbox.Ref{}
		for _, p := range m.state.pieces {
			if p.Code == code {
				ref.PieceID = p.ID
			}
		}
		for _, p := range m.state.people {
			if strings.EqualFold(p.Name, who) {
				ref.PersonID = p.ID
			}
		}
		return make(ref)
	}
	message := func(ref outbox.Ref) string { return id.MessageID(ref, "x") }
	in := inbox.Received{Mailbox: mailbox, UIDValidity: 1, UID: uid, Size: 1000, ReceivedAt: today.Add(-time.Duration(s.DaysOld) * 24 * time.Hour), Backfill: s.Backfill, Oversize: s.Oversize}
	in.Blob = "blob"
	if s.Unreadable != "" {
		in.Err = fmt.Errorf("%s", s.Unreadable)
		return in
	}
	name, address, ok := strings.Cut(s.From, " <")
	if !ok {
		name, address = "", s.From
	}
	text := strings.TrimSpace(s.Text + strings.Repeat(" word", s.Words))
	msg := &inbox.Message{
		MessageID: s.MessageID, From: inbox.Address{Address: strings.TrimSuffix(address, ">"), Name: name}, Subject: s.Subject,
		Kind: inbox.Kind(s.Kind), Auth: inbox.Auth{Result: inbox.AuthResult(s.Auth), Reason: "dmarc=" + s.Auth + " (mx.agency.example)"},
		Text: text, Body: strings.TrimSpace(text + "\n" + s.Quoted), Elided: s.Quoted, Held: s.Held, Infected: s.Infected, SuppressReply: s.Suppress,
	}
	if msg.MessageID == "" {
		msg.MessageID = fmt.Sprintf("%d@mail.example", uid)
	}
	if msg.Kind == "" {
		msg.Kind = inbox.Human
	}
	msg.Automatic = msg.Kind != inbox.Human
	switch s.Auth {
	case "":
		msg.Auth = inbox.Auth{Result: inbox.AuthPass, Reason: "dmarc=pass (mx.agency.example)"}
	case "unknown":
		msg.Auth.Reason = ""
	}
	for _, a := range s.To {
		msg.To = append(msg.To, inbox.Address{Address: signed(a, id.ReplyAddress)})
	}
	if s.ReplyTo != "" {
		msg.ReplyTo = []inbox.Address{{Address: s.ReplyTo}}
	}
	for _, a := range s.Answers {
		msg.InReplyTo = append(msg.InReplyTo, signed(a, message))
	}
	for _, a := range s.Refers {
		msg.References = append(msg.References, signed(a, id.ThreadID))
	}
	for i, f := range s.Files {
		msg.Attachments = append(msg.Attachments, inbox.Attachment{
			Name: f, Type: "application/octet-stream", Size: 50_000, Offset: int64(1000 * i), Length: 900, Encoding: "base64",
			Refused: draft.Inspect(f, "application/octet-stream", strings.NewReader("text"), 4),
		})
	}
	for _, l := range s.Links {
		kind := inbox.WebLink
		if strings.Contains(l, "docs.google") {
			kind = inbox.GoogleDoc
		}
		msg.Links = append(msg.Links, inbox.Link{URL: l, Type: kind})
	}
	if s.Bounced != "" {
		bounced := s.BouncedID
		for i, n := range m.state.notices {
			if bounced == fmt.Sprintf("notice %d", i+1) {
				bounced = n.MessageID
			}
		}
		msg.Bounce = &inbox.Bounce{OriginalMessageID: bounced, Recipients: []inbox.BouncedRecipient{{Address: s.Bounced, Status: "5.1.1", Permanent: true}}}
	}
	if s.Forwards != nil {
		inner := s.Forwards.received(t, m, uid).Message
		msg.Forwarded = []inbox.Forwarded{{From: inner.From, Subject: inner.Subject, Text: inner.Text, Comment: text}}
	}
	msg.Intent, msg.Calendar, msg.Invoice = s.Intent, s.Calendar, s.Invoice
	// One mail's copies have one hash, as Read sees to.
	msg.ContentHash = fmt.Sprint("hash of ", s.From, s.Subject, msg.Body, s.MessageID)
	if s.MessageID == "" {
		msg.ContentHash += fmt.Sprint(uid)
	}
	in.Message = msg
	return in
}

func TestTeam(t *testing.T) {
	for _, p := range team() {
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
	}
	if err := DefaultPolicy().Validate(); err != nil {
		t.Error(err)
	}
}

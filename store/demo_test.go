package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"handoff/outbox"
	"handoff/store"
	"handoff/workflow"
)

// astray is a store in which a demo piece of one author gets somebody who does not exist.
type astray struct {
	*store.Store
	author int64
}

func (a astray) AttendPeople(ctx context.Context, now time.Time, limit int, f func(context.Context, outbox.Clockwork, []workflow.Person) error) (int, error) {
	return a.Store.AttendPeople(ctx, now, limit, func(ctx context.Context, tx outbox.Clockwork, people []workflow.Person) error {
		return f(ctx, astrayTx{tx, a.author}, people)
	})
}

type astrayTx struct {
	outbox.Clockwork
	author int64
}

func (a astrayTx) AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error {
	err := a.Clockwork.AddPiece(ctx, p, events)
	if p.AuthorID == a.author {
		p.LeadID = 4711
	}
	return err
}

// An invitation that cannot be written leaves nothing behind, is reported, and keeps nobody else from theirs; it is tried again.
func TestOneDemoFails(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		c := newClockwork(t, s)
		for _, item := range []workflow.Item{workflow.Invited, workflow.Briefed} {
			c.reach(item)
		}
		c.tick()
		c.reach(workflow.Acknowledged)
		bea := c.ana
		bea.ID, bea.Name, bea.Addresses, bea.Locale = 0, "Bea Autor", []string{"bea@writers.example"}, "fr-CA"
		ok(t, s.SavePerson(t.Context(), &bea))
		c.scheduler.Agenda = astray{s, c.ana.ID}
		_, err := c.scheduler.Tick(t.Context())
		if err == nil || !strings.Contains(err.Error(), "Ana Autor: begin the demo piece: people of DEMO-") {
			t.Errorf("it is reported as %v", err)
		}
		c.want("one fails", c.said(), "11-02 07:00 demo_invite to Bea Autor", "11-02 07:00 welcome to Bea Autor", "11-02 07:00 guidelines to Bea Autor")
		pieces, err := s.Pieces(t.Context(), store.PieceFilter{PersonID: c.ana.ID, Limit: 100})
		ok(t, err)
		if n := slices.IndexFunc(pieces, func(p workflow.Piece) bool { return p.Demo && p.AuthorID == c.ana.ID }); n >= 0 {
			t.Errorf("%s is left behind", pieces[n].Code)
		}
		c.scheduler.Agenda = s
		c.now.Advance(10 * time.Minute)
		c.scheduler.Composer.Policy.DemoTitle = "Show us"
		c.want("again", c.tick(), "11-02 07:10 demo_invite to Ana Autor")

		for id, want := range map[int64]string{bea.ID: "Un premier essai", c.ana.ID: "Show us"} {
			pieces, err := s.Pieces(t.Context(), store.PieceFilter{PersonID: id, Limit: 100})
			ok(t, err)
			n := slices.IndexFunc(pieces, func(p workflow.Piece) bool { return p.Demo && p.AuthorID == id })
			if n < 0 {
				t.Fatalf("person %d has no demo piece", id)
			}
			if p := pieces[n]; p.Title != want || strings.HasPrefix(p.Brief, "Écrivez ") != (id == bea.ID) || p.Brief == "" {
				t.Errorf("%s is “%s”: %s; want “%s” in its author's language", p.Code, p.Title, p.Brief, want)
			}
		}
	})
}

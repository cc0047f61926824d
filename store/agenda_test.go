package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/templates"
	"handoff/workflow"
)

// monday is seven in the morning of a Monday in winter, UTC.
var monday = time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)

// clockwork is a Scheduler on a real store, and what it said.
type clockwork struct {
	*store.Store
	t         testing.TB
	now       *clock.Fake
	scheduler *outbox.Scheduler
	seen      int64
	ana, ed   workflow.Person
}

func newClockwork(t testing.TB, s *store.Store) *clockwork {
	t.Helper()
	c := &clockwork{Store: s, t: t, now: clock.NewFake(monday)}
	cast := addCast(t, s)
	c.ana, c.ed = cast.author, cast.editor
	c.ana.EditorID, c.ana.TimeZone = c.ed.ID, ""
	ok(t, s.SavePerson(t.Context(), &c.ana))
	c.restart()
	return c
}

// restart is another process on the same store.
func (c *clockwork) restart() {
	c.t.Helper()
	identity, err := outbox.NewIdentity([]outbox.Key{{ID: 1, Secret: []byte(strings.Repeat("k", 32)), CreatedAt: monday}}, "drafts+{token}@agency.example", "agency.example")
	ok(c.t, err)
	rules := workflow.DefaultReminderRules()
	rules.Calendar.Days, err = workflow.ParseWeekdays("mon-fri")
	ok(c.t, err)
	c.scheduler = &outbox.Scheduler{
		Agenda: c.Store, Clock: c.now, Log: slog.New(slog.DiscardHandler),
		Composer: &outbox.Composer{Team: "Agency", Identity: identity, Clock: c.now, Locale: "en", Rules: rules,
			Policy: outbox.Policy{Onboarding: true, Guidelines: "Be brief."}},
	}
}

// pass lets hours pass, ticking in each, and gives what was said about no piece or a demo piece, in order.
func (c *clockwork) pass(hours int) []string {
	c.t.Helper()
	for range hours {
		_, err := c.scheduler.Tick(c.t.Context())
		ok(c.t, err)
		c.now.Advance(time.Hour)
	}
	return c.said()
}

// tick is one tick, with no time passing.
func (c *clockwork) tick() []string {
	c.t.Helper()
	_, err := c.scheduler.Tick(c.t.Context())
	ok(c.t, err)
	return c.said()
}

func (c *clockwork) said() []string {
	c.t.Helper()
	var said []string
	for _, n := range c.news() {
		if n.Template == "weekly" || n.PieceID != 0 && !strings.Contains(string(n.Data), `"DEMO-`) {
			continue
		}
		line := fmt.Sprintf("%s %s to %s", n.CreatedAt.Format("01-02 15:04"), n.Template, n.ToName)
		if n.State != outbox.Queued {
			line += " " + string(n.State)
		}
		said = append(said, line)
	}
	return said
}

func (c *clockwork) news() []outbox.Notice {
	c.t.Helper()
	notices, err := c.Notices(c.t.Context(), 0, c.seen, 1000)
	ok(c.t, err)
	if len(notices) > 0 {
		c.seen = notices[len(notices)-1].ID
	}
	return notices
}

// reach records a point of Ana's onboarding.
func (c *clockwork) reach(item workflow.Item) {
	c.t.Helper()
	c.change(func(p workflow.Person) (workflow.Person, error) {
		p, _, err := p.Reach(item, c.ed, workflow.Cause{At: c.now.Now(), ActorID: c.ed.ID})
		return p, err
	})
}

func (c *clockwork) change(change func(workflow.Person) (workflow.Person, error)) {
	c.t.Helper()
	ok(c.t, c.Admin(c.t.Context(), func(tx store.AdminTx) error {
		p, err := tx.Person(c.t.Context(), c.ana.ID)
		if err != nil {
			return err
		}
		if p, err = change(p); err != nil {
			return err
		}
		c.ana = p
		return tx.SavePerson(c.t.Context(), &p)
	}))
}

func (c *clockwork) milestones() string {
	c.t.Helper()
	p, err := c.Person(c.t.Context(), c.ana.ID)
	ok(c.t, err)
	var reached []string
	for _, m := range p.Onboarding {
		reached = append(reached, fmt.Sprintf("%s by %d", m.Item, m.ActorID))
	}
	c.ana = p
	return strings.Join(reached, ", ")
}

// finishDemo hands the demo piece on to its end.
func (c *clockwork) finishDemo() {
	c.t.Helper()
	for {
		p, err := c.Piece(c.t.Context(), c.ana.DemoPieceID)
		ok(c.t, err)
		if p.Finished() {
			return
		}
		ch, err := p.HandOff(workflow.Cause{At: c.now.Now(), ActorID: c.ed.ID})
		ok(c.t, err)
		ok(c.t, c.Admin(c.t.Context(), func(tx store.AdminTx) error { return tx.SavePiece(c.t.Context(), ch) }))
	}
}

func (c *clockwork) want(what string, got []string, want ...string) {
	c.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestOnboarding(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := newClockwork(t, s)
		taken := newPiece("DEMO-1", c.ana.ID, c.ed.ID, c.ed.ID) // somebody chose that code by hand
		ok(t, s.AddPiece(ctx, &taken, nil))
		c.tick()
		c.said()

		c.reach(workflow.Invited)
		c.want("invited", c.tick(), "11-02 07:00 welcome to Ana Autor", "11-02 07:00 briefing_due to Ed Editor")
		c.want("a week without a briefing", c.pass(24*8), "11-05 09:00 briefing_due to Ed Editor")
		c.restart()
		c.want("a restart, and another week", c.pass(24*7), "11-11 09:00 briefing_due to Ed Editor", "11-12 09:00 onboarding_stalled to Ed Editor")

		c.reach(workflow.Briefed)
		c.want("briefed", c.tick(), "11-17 07:00 guidelines to Ana Autor")
		if got, want := c.milestones(), fmt.Sprintf("invited by %d, briefed by %[1]d, guidelines by 0", c.ed.ID); got != want {
			t.Errorf("milestones %s, want %s", got, want)
		}
		c.want("not acknowledged", c.pass(24*4), "11-20 09:00 guidelines_unacknowledged to Ana Autor")

		c.reach(workflow.Acknowledged)
		c.want("acknowledged", c.tick(), "11-21 07:00 demo_invite to Ana Autor")
		c.milestones()
		demo, err := s.Piece(ctx, c.ana.DemoPieceID)
		ok(t, err)
		if demo.Code != "DEMO-2" || !demo.Demo || demo.Title == "" || demo.Brief == "" || demo.AuthorID != c.ana.ID || demo.EditorID != c.ed.ID || demo.Stage != workflow.Draft {
			t.Errorf("demo piece %+v", demo)
		}

		c.finishDemo()
		c.want("the demo piece is finished", c.tick())
		if got := c.milestones(); !strings.HasSuffix(got, "demo by 0, demo_done by 0") {
			t.Errorf("milestones %s", got)
		}
		c.want("nobody decides on it", c.pass(24*5), "11-25 09:00 demo_finished to Ed Editor")

		c.reach(workflow.DemoPassed)
		c.want("passed", c.tick(), "11-26 07:00 demo_passed to Ana Autor", "11-26 07:00 billing_unlocked to Ana Autor")
		if p := c.milestones(); !strings.HasSuffix(p, "billable by 0") || !c.ana.Onboarded() {
			t.Errorf("milestones %s", p)
		}
		c.restart()
		c.want("nothing more", c.pass(24*30))
		events, err := s.Events(ctx, 0)
		ok(t, err)
		var logged []string
		for _, e := range events {
			if e.Kind == workflow.MilestoneReached && e.ActorID == 0 && e.PersonID == c.ana.ID {
				logged = append(logged, e.Detail)
			}
		}
		c.want("events", logged, "guidelines sent", "demo piece begun", "demo piece through every step", "billable")
	})
}

// A piece that waits for its author's onboarding is cleared in the tick in which that is complete.
func TestOnboardingClears(t *testing.T) {
	c := newClockwork(t, sqliteStore(t))
	cause := workflow.Cause{At: monday}
	p, events, err := workflow.NewPiece(workflow.PieceInput{Code: "ACME-9", Title: "Sun", AuthorID: c.ana.ID, EditorID: c.ed.ID,
		Topic: workflow.TopicApproved, Deadline: monday.AddDate(0, 3, 0)}, cause)
	ok(t, err)
	ok(t, c.AddPiece(t.Context(), &p, events))
	for _, item := range []workflow.Item{workflow.Invited, workflow.Briefed, workflow.Acknowledged} {
		c.reach(item)
		c.tick()
	}
	c.milestones()
	c.finishDemo()
	c.tick()
	if p, err = c.Piece(t.Context(), p.ID); err != nil || !p.ClearedAt.IsZero() {
		t.Fatalf("cleared before, or %v", err)
	}
	c.reach(workflow.DemoPassed)
	c.tick()
	if p, err = c.Piece(t.Context(), p.ID); err != nil || p.ClearedAt.IsZero() {
		t.Errorf("not cleared, or %v", err)
	}
}

// Who is paused is told nothing and moved nowhere, and taken up again where they were.
func TestOnboardingPaused(t *testing.T) {
	c := newClockwork(t, sqliteStore(t))
	c.reach(workflow.Invited)
	c.change(func(p workflow.Person) (workflow.Person, error) { p.PausedAt = monday; return p, nil })
	c.want("paused", c.pass(24*9))
	c.reach(workflow.Briefed)
	c.want("briefed while paused", c.tick())
	c.change(func(p workflow.Person) (workflow.Person, error) { p.PausedAt = time.Time{}; return p, nil })
	c.want("resumed", c.tick(), "11-11 07:00 welcome to Ana Autor", "11-11 07:00 guidelines to Ana Autor")
}

// What an outage kept from being sent is not sent once the next point was reached.
func TestOutdatedOnboarding(t *testing.T) {
	c := newClockwork(t, sqliteStore(t))
	c.reach(workflow.Invited)
	c.pass(24 * 4)
	outdated := func() map[string]string {
		all := map[string]string{}
		notices, err := c.Notices(t.Context(), 0, 0, 1000)
		ok(t, err)
		for _, n := range notices {
			if strings.HasPrefix(n.Key, "onboard:") {
				why, err := c.scheduler.Outdated(t.Context(), n)
				ok(t, err)
				name := n.Template
				if strings.Contains(n.Key, "+") {
					name += " again"
				}
				all[name], _, _ = strings.Cut(why, ":")
			}
		}
		return all
	}
	want := map[string]string{"welcome": "", "briefing_due": "superseded by briefing_due", "briefing_due again": ""}
	if diff := cmp.Diff(want, outdated()); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	c.reach(workflow.Briefed)
	want = map[string]string{"welcome": "", "briefing_due": "it is not wanted any more", "briefing_due again": "it is not wanted any more"}
	if diff := cmp.Diff(want, outdated()); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
}

func TestLists(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := newClockwork(t, s) // ACME-1 is with Ana, its draft was due in March
		asked := newPiece("ACME-2", c.ana.ID, c.ed.ID, c.ed.ID)
		asked.Deadline, asked.Steps[1].Deadline, asked.Steps[2].Deadline = time.Time{}, monday.AddDate(0, 1, 0), time.Time{}
		asked.Steps[1].Extension = &workflow.Extension{Until: monday.AddDate(0, 2, 0), AskedAt: monday, ByID: c.ana.ID}
		ok(t, s.AddPiece(ctx, &asked, nil))
		c.change(func(p workflow.Person) (workflow.Person, error) {
			p.Onboarding, p.Digest = []workflow.Milestone{{Item: workflow.Waived, At: monday}}, true
			return p, nil
		})
		lists := func(hours int) (got []string) {
			c.pass(hours)
			c.seen = 0
			for _, n := range c.news() {
				data, err := templates.Decode(n.Template, n.Data)
				ok(t, err)
				var items []templates.Item
				switch d := data.(type) {
				case templates.Weekly:
					items = d.Items
				case templates.Digest:
					items = d.Items
				default:
					continue
				}
				line := fmt.Sprintf("%s %s to %s:", n.CreatedAt.Format("01-02 15:04"), n.Template, n.ToName)
				for _, i := range items {
					line += fmt.Sprintf(" %s by %s %q late %d;", i.Piece.Code, i.Step.Owner.Name, i.Note, i.Late)
				}
				got = append(got, line)
			}
			return got
		}
		late := func(days int) string { return fmt.Sprintf(`ACME-1 by Ana Autor "" late %d;`, days) }
		c.want("a week", lists(24*5-1),
			`11-02 09:00 digest to Ana Autor: `+late(243)+` ACME-2 by Ana Autor "" late 0;`,
			`11-02 09:00 weekly to Ed Editor: `+late(243)+` ACME-2 by Ana Autor "a decision on more time" late 0;`,
			`11-03 09:00 digest to Ana Autor: `+late(244)+` ACME-2 by Ana Autor "" late 0;`,
			`11-04 09:00 digest to Ana Autor: `+late(245)+` ACME-2 by Ana Autor "" late 0;`,
			`11-05 09:00 digest to Ana Autor: `+late(246)+` ACME-2 by Ana Autor "" late 0;`,
			`11-06 09:00 digest to Ana Autor: `+late(247)+` ACME-2 by Ana Autor "" late 0;`)
	})
}

// Nobody gets an empty list, nor one that they do not want, nor a second one after a restart.
func TestListsUnwanted(t *testing.T) {
	for name, change := range map[string]func(*workflow.Person){
		"muted":         func(p *workflow.Person) { p.Muted = []string{"weekly"} },
		"away":          func(p *workflow.Person) { p.Away = []workflow.Absence{{From: "2026-11-01", To: "2026-11-09"}} },
		"paused":        func(p *workflow.Person) { p.PausedAt = monday },
		"no editor":     func(p *workflow.Person) { p.Roles = []workflow.Role{workflow.CopyEditor} },
		"no colleague":  func(p *workflow.Person) { p.Class = workflow.Outside },
		"other editors": func(*workflow.Person) {},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClockwork(t, sqliteStore(t))
			if name == "other editors" {
				c.ed.ID, c.ed.Addresses = 0, []string{"eve@agency.example"} // of nothing
			}
			change(&c.ed)
			ok(t, c.SavePerson(t.Context(), &c.ed))
			got := 0
			c.pass(30)
			c.seen = 0
			for _, n := range c.news() {
				if n.Template == "weekly" && n.PersonID == c.ed.ID {
					got++
				}
			}
			if got != 0 {
				t.Errorf("%d lists", got)
			}
		})
	}
}

func TestHeldDigest(t *testing.T) {
	for name, c := range map[string]struct{ triage, to string }{
		"a person":     {"ed@agency.example", "Ed Editor"},
		"an address":   {"desk@agency.example", "desk@agency.example"},
		"nobody":       {"", ""},
		"who is away":  {"cora@agency.example", ""},
		"not held yet": {"ed@agency.example", ""},
		"held at noon": {"ed@agency.example", "Ed Editor"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sqliteStore(t)
			w := newClockwork(t, s)
			cora, err := s.PersonByAddress(t.Context(), "cora@agency.example")
			ok(t, err)
			cora.Away = []workflow.Absence{{From: "2026-11-01", To: "2026-11-09"}}
			ok(t, s.SavePerson(t.Context(), &cora))
			came := monday
			if name == "held at noon" {
				came = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
			}
			if name != "not held yet" {
				update(t, s, func(tx proxy.Tx) error {
					for uid, action := range []proxy.Action{proxy.Hold, proxy.File, proxy.Hold} {
						r := proxy.Record{Mailbox: "drafts", UIDValidity: 1, UID: uint32(uid + 1), MessageID: fmt.Sprint(uid, "@x"), ContentHash: fmt.Sprint(uid), Blob: "0a",
							ReceivedAt: came, RecordedAt: came, FromAddress: "who@x.example", Subject: strings.Repeat("long ", 100), Action: action, Reason: "policy “strangers”: nobody is known"}
						if err := tx.AddRecord(t.Context(), &r); err != nil {
							return err
						}
					}
					return nil
				})
			}
			w.scheduler.Triage = c.triage
			w.pass(12)
			w.restart()
			w.scheduler.Triage = c.triage
			w.pass(24)
			var got []string
			w.seen = 0
			for _, n := range w.news() {
				if n.Template != "held_digest" {
					continue
				}
				data, err := templates.Decode(n.Template, n.Data)
				ok(t, err)
				mails := data.(templates.HeldDigest).Mails
				got = append(got, n.CreatedAt.Format("01-02 15:04 ")+n.ToName)
				if len(mails) != 2 || mails[0].ID >= mails[1].ID || mails[0].Reason != "nobody is known" || len(mails[0].Subject) > 210 {
					t.Errorf("mails %+v", mails)
				}
				if why, err := w.scheduler.Outdated(t.Context(), n); err != nil || (why == "") != n.DueAt.After(w.now.Now().AddDate(0, 0, -1)) {
					t.Errorf("outdated %q, %v", why, err)
				}
			}
			var want []string
			if c.to != "" {
				want = []string{"11-02 09:00 " + c.to, "11-03 09:00 " + c.to}
			}
			if name == "held at noon" {
				want = want[1:]
			}
			w.want(name, got, want...)
		})
	}
}

func sqliteStore(t testing.TB) *store.Store {
	t.Helper()
	dsn := newSQLite(t)
	migrate(t, dsn)
	return open(t, dsn)
}

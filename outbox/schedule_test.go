package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// diary is an Agenda and its Clockwork in memory.
type diary struct {
	shelf
	pieces []workflow.Piece
	people map[int64]workflow.Person
	events []workflow.Event
	wake   map[int64]time.Time // of pieces; none: at once
	counts map[string]int64
	fails  error
}

// never is when the clock looks at a piece that waits for nothing.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func (d *diary) AttendPieces(ctx context.Context, now time.Time, limit int, f func(context.Context, outbox.Clockwork, []workflow.Piece) error) (int, error) {
	if d.fails != nil {
		return 0, d.fails
	}
	var due []workflow.Piece
	for _, p := range d.pieces {
		if !p.Closed() && !d.wake[p.ID].After(now) {
			due = append(due, p)
		}
	}
	slices.SortStableFunc(due, func(a, b workflow.Piece) int { return d.wake[a.ID].Compare(d.wake[b.ID]) })
	due = due[:min(limit, len(due))]
	if len(due) == 0 {
		return 0, nil
	}
	return len(due), f(ctx, d, due)
}

func (d *diary) AttendPeople(context.Context, time.Time, int, func(context.Context, outbox.Clockwork, []workflow.Person) error) (int, error) {
	return 0, d.fails
}

func (d *diary) Attend(context.Context, func(context.Context, outbox.Clockwork) error) error {
	return d.fails
}

func (d *diary) PersonByAddress(context.Context, string) (workflow.Person, error) {
	return workflow.Person{}, workflow.Errorf(workflow.NotFound, "nobody")
}

func (d *diary) WakePiece(_ context.Context, id int64, at time.Time) error {
	if at.IsZero() {
		at = never
	}
	if d.wake == nil {
		d.wake = map[int64]time.Time{}
	}
	d.wake[id] = at
	return nil
}

func (d *diary) Notices(_ context.Context, pieceID, after int64, limit int) (page []outbox.Notice, err error) {
	for _, n := range d.all() {
		if n.PieceID == pieceID && n.ID > after && len(page) < limit {
			page = append(page, n)
		}
	}
	return page, d.fails
}

func (d *diary) WakePerson(context.Context, int64, time.Time) error { return nil }

func (d *diary) PiecesOf(context.Context, int64, int) ([]workflow.Piece, error) { return nil, nil }

func (d *diary) Held(context.Context, int) ([]outbox.HeldMail, error) { return nil, nil }

func (d *diary) SavePiece(_ context.Context, c workflow.Change) error {
	i := slices.IndexFunc(d.pieces, func(p workflow.Piece) bool { return p.ID == c.Piece.ID })
	if i < 0 {
		return workflow.Errorf(workflow.NotFound, "piece %d is not known", c.Piece.ID)
	}
	d.pieces[i] = c.Piece
	delete(d.wake, c.Piece.ID)
	d.events = append(d.events, c.Events...)
	return nil
}

func (d *diary) AddPiece(_ context.Context, p *workflow.Piece, events []workflow.Event) error {
	p.ID = int64(len(d.pieces) + 1)
	d.pieces = append(d.pieces, *p)
	d.events = append(d.events, events...)
	return nil
}

func (d *diary) SavePerson(_ context.Context, p *workflow.Person) error {
	d.people[p.ID] = *p
	return nil
}

func (d *diary) AddEvents(_ context.Context, events []workflow.Event) error {
	d.events = append(d.events, events...)
	return nil
}

func (d *diary) Apart(_ context.Context, f func() error) error {
	pieces, people, events := slices.Clone(d.pieces), maps.Clone(d.people), slices.Clone(d.events)
	err := f()
	if err != nil {
		d.pieces, d.people, d.events = pieces, people, events
	}
	return err
}

func (d *diary) Count(_ context.Context, name string) (int64, error) {
	if d.counts == nil {
		d.counts = map[string]int64{}
	}
	d.counts[name]++
	return d.counts[name], nil
}

func (d *diary) Piece(_ context.Context, id int64) (workflow.Piece, error) {
	for _, p := range d.pieces {
		if p.ID == id {
			return p, nil
		}
	}
	return workflow.Piece{}, workflow.Errorf(workflow.NotFound, "piece %d is not known", id)
}

func (d *diary) Person(_ context.Context, id int64) (workflow.Person, error) {
	p, ok := d.people[id]
	if !ok {
		return p, workflow.Errorf(workflow.NotFound, "person %d is not known", id)
	}
	return p, nil
}

func (d *diary) add(n int, owner int64, deadline time.Time) {
	for range n {
		id := int64(len(d.pieces) + 1)
		d.pieces = append(d.pieces, workflow.Piece{
			ID: id, Code: fmt.Sprint("ACME-", id), Title: "Heat pumps", AuthorID: owner, EditorID: 2, Stage: workflow.Draft,
			Steps: []workflow.Step{{ID: 100 + id, PieceID: id, Stage: workflow.Draft, OwnerID: owner, State: workflow.Open, Deadline: deadline, OpenedAt: start.AddDate(0, -1, 0)}},
		})
	}
}

func scheduler(t testing.TB, d *diary, c clock.Clock) *outbox.Scheduler {
	words := composer(t)
	words.Clock = c
	return &outbox.Scheduler{Agenda: d, Composer: words, Clock: c, Log: slog.New(slog.DiscardHandler)}
}

// said lists template, recipient and state of every notice, in order.
func (d *diary) said() []string {
	var out []string
	for _, n := range d.all() {
		out = append(out, fmt.Sprintf("%s to %s: %s", n.Template, n.ToName, n.State))
	}
	return out
}

func TestTickQueuesEachReminderOnce(t *testing.T) {
	d, now := &diary{people: team()}, clock.NewFake(start)
	d.add(1, 1, time.Date(2026, 5, 8, 15, 0, 0, 0, time.UTC))
	woken := 0
	s := scheduler(t, d, now)
	s.Queued = func() { woken++ }
	for hour := 0; hour < 24*12; hour++ {
		if _, err := s.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		now.Advance(time.Hour)
	}
	want := []string{
		"due_soon to Anna Berg: queued", "due_today to Anna Berg: queued", "overdue to Anna Berg: queued", "overdue_editor to Erik Holm: queued",
		"overdue to Anna Berg: queued", "last_notice to Anna Berg: queued", "overdue_editor to Erik Holm: queued", "no_more to Erik Holm: queued",
	}
	got := d.said()
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if woken == 0 || woken > len(got) {
		t.Errorf("woken %d times", woken)
	}
}

// A step without a deadline is due with the whole piece, and its reminder names that day. Another overall deadline makes
// the reminder outdated.
func TestTickRemindsOfTheOverallDeadline(t *testing.T) {
	d, now := &diary{people: team()}, clock.NewFake(start)
	d.add(1, 1, time.Time{})
	d.pieces[0].Deadline, d.pieces[0].DeadlineVersion = start.AddDate(0, 0, 3), 1
	s := scheduler(t, d, now)
	if n, err := s.Tick(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	n := d.all()[0]
	data, err := templates.Decode(n.Template, n.Data)
	if err != nil {
		t.Fatal(err)
	}
	if soon, ok := data.(templates.DueSoon); !ok || !soon.Step.Deadline.Equal(d.pieces[0].Deadline) {
		t.Errorf("data %+v", data)
	}
	if why, err := s.Outdated(t.Context(), n); err != nil || why != "" {
		t.Errorf("outdated at once: %q, %v", why, err)
	}
	d.pieces[0].Deadline, d.pieces[0].DeadlineVersion = start.AddDate(0, 1, 0), 2
	if why, err := s.Outdated(t.Context(), n); err != nil || !strings.Contains(why, "its date changed") {
		t.Errorf("after a new overall deadline: %q, %v", why, err)
	}
}

// After an outage only the latest reminder goes to each person, the others are on record.
func TestTickAfterAnOutage(t *testing.T) {
	d, now := &diary{people: team()}, clock.NewFake(start)
	d.add(1, 1, start.AddDate(0, 0, -4))
	if n, err := scheduler(t, d, now).Tick(t.Context()); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	queued := map[string]string{}
	for _, n := range d.all() {
		if n.State == outbox.Queued {
			if queued[n.ToName] != "" {
				t.Errorf("%s gets %s and %s", n.ToName, queued[n.ToName], n.Template)
			}
			queued[n.ToName] = n.Template
		} else if n.State != outbox.Cancelled || n.Error != "superseded by overdue" {
			t.Errorf("%s is %s: %s", n.Template, n.State, n.Error)
		}
		data, err := templates.Decode(n.Template, n.Data)
		if err != nil {
			t.Fatal(err)
		}
		if o, ok := data.(templates.Overdue); ok && (o.Days == 0 || o.Step.Owner.Name != "Anna Berg") {
			t.Errorf("data %+v", o)
		}
	}
	if diff := cmp.Diff(map[string]string{"Anna Berg": "overdue", "Erik Holm": "overdue_editor"}, queued); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// While the mail server was away things went on: what is no longer true is not sent.
func TestOutdatedRemindersAreCancelled(t *testing.T) {
	soon := "due_soon to Anna Berg: "
	for name, c := range map[string]struct {
		change func(*diary, *workflow.Step, *clock.Fake)
		want   []string
		says   string
	}{
		"nothing changed": {func(*diary, *workflow.Step, *clock.Fake) {}, []string{soon + "sent"}, ""},
		"done":            {func(_ *diary, s *workflow.Step, _ *clock.Fake) { s.State = workflow.Done }, []string{soon + "cancelled"}, "the step is done"},
		"new deadline": {func(_ *diary, s *workflow.Step, _ *clock.Fake) {
			s.Deadline, s.DeadlineVersion = s.Deadline.AddDate(0, 1, 0), s.DeadlineVersion+1
		}, []string{soon + "cancelled"}, "its date changed"},
		"another owner": {func(_ *diary, s *workflow.Step, _ *clock.Fake) { s.OwnerID = 2 },
			[]string{soon + "cancelled", "due_soon to Erik Holm: sent"}, "another's"},
		"later":   {func(_ *diary, _ *workflow.Step, now *clock.Fake) { now.Advance(72 * time.Hour) }, []string{soon + "cancelled", "due_today to Anna Berg: sent"}, "superseded by due_today"},
		"deleted": {func(d *diary, _ *workflow.Step, _ *clock.Fake) { d.pieces = nil }, []string{soon + "cancelled"}, "gone"},
	} {
		t.Run(name, func(t *testing.T) {
			d, now := &diary{people: team()}, clock.NewFake(start)
			d.add(1, 1, start.AddDate(0, 0, 3))
			s := scheduler(t, d, now)
			out := &postman{outcome: func(outbox.Mail) error {
				return &outbox.SendError{Connection: true, Err: errors.New("nothing listens")}
			}}
			send := dispatcher(t, d, out, now)
			send.Outdated = s.Outdated
			if n, err := s.Tick(t.Context()); err != nil || n != 1 {
				t.Fatal(n, err)
			}
			if _, err := send.Poll(t.Context()); err == nil {
				t.Fatal("the server is not away")
			}
			c.change(d, &d.pieces[0].Steps[0], now)
			clear(d.wake) // as whatever changes a piece does
			if _, err := s.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			out.outcome = nil
			if _, err := send.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, d.said()); diff != "" {
				t.Error(diff)
			}
			if n := d.all()[0]; !strings.Contains(n.Error, c.says) {
				t.Errorf("it says %q", n.Error)
			}
		})
	}
}

func TestTickPagesOverAllPieces(t *testing.T) {
	d, now := &diary{people: team()}, clock.NewFake(start)
	d.add(450, 1, start.Add(time.Hour))
	d.add(1, 99, start.Add(time.Hour)) // whose owner is gone
	d.add(10, 1, start.Add(time.Hour))
	n, err := scheduler(t, d, now).Tick(t.Context())
	if workflow.CodeOf(err) != workflow.NotFound || strings.Count(err.Error(), "\n") != 0 || n != len(d.all()) {
		t.Errorf("%d of %d counted, error %v", n, len(d.all()), err)
	}
	reminded := map[int64]bool{}
	for _, n := range d.all() {
		reminded[n.PieceID] = true
	}
	if len(reminded) != 460 {
		t.Errorf("%d pieces were reminded of", len(reminded))
	}
}

func TestSchedulerLoop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	d, now := &diary{people: team(), fails: errors.New("database is locked")}, clock.NewFake(start)
	d.add(1, 1, start.Add(time.Hour))
	s, done, queued := scheduler(t, d, now), make(chan error), make(chan bool)
	s.Queued = func() { queued <- true }
	go func() { done <- s.Loop(ctx) }()
	for now.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	d.fails = nil
	now.Advance(time.Minute)
	<-queued
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

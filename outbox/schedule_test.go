package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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

// diary is an Agenda in memory.
type diary struct {
	shelf
	pieces []workflow.Piece
	people map[int64]workflow.Person
	fails  error
}

func (d *diary) DuePieces(_ context.Context, before time.Time, after int64, limit int) ([]workflow.Piece, error) {
	if d.fails != nil {
		return nil, d.fails
	}
	var due []workflow.Piece
	for _, p := range d.pieces {
		step, ok := p.OpenStep()
		deadline := step.Deadline
		if deadline.IsZero() {
			deadline = p.Deadline
		}
		if ok && !deadline.IsZero() && !deadline.After(before) && p.ID > after && len(due) < limit {
			due = append(due, p)
		}
	}
	return due, nil
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
	return &outbox.Scheduler{
		Agenda: d, Composer: composer(t), Rules: workflow.DefaultReminderRules(), Clock: c, Log: slog.New(slog.DiscardHandler),
	}
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
		"overdue to Anna Berg: queued", "overdue to Anna Berg: queued", "overdue_editor to Erik Holm: queued",
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
	if why, err := s.Outdated(t.Context(), n); err != nil || !strings.Contains(why, "another deadline") {
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
		}, []string{soon + "cancelled"}, "another deadline"},
		"another owner": {func(_ *diary, s *workflow.Step, _ *clock.Fake) { s.OwnerID = 2 },
			[]string{soon + "cancelled", "due_soon to Erik Holm: sent"}, "or owner"},
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
	_, err := scheduler(t, d, now).Tick(t.Context())
	if workflow.CodeOf(err) != workflow.NotFound {
		t.Errorf("error %v", err)
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

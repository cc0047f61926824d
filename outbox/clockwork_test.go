package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// office is a team in a database of its own.
type office struct {
	testing.TB
	dsn              string
	store            *store.Store
	now              *clock.Fake
	anna, erik, cora workflow.Person
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{TB: t, dsn: filepath.Join(t.TempDir(), "handoff.db"), now: clock.NewFake(start), anna: anna, erik: erik, cora: cora}
	o.ok(store.Migrate(t.Context(), o.dsn, nil))
	o.store = o.open()
	for _, p := range []*workflow.Person{&o.anna, &o.erik, &o.cora} {
		p.ID = 0
		o.ok(o.store.SavePerson(t.Context(), p))
	}
	return o
}

func (o *office) ok(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) open() *store.Store {
	s, err := store.Open(o.Context(), o.dsn)
	o.ok(err)
	o.Cleanup(func() { o.ok(s.Close()) })
	return s
}

func (o *office) add(code string, in workflow.PieceInput) workflow.Piece {
	o.Helper()
	in.Code, in.Title, in.EditorID = code, "Heat pumps", o.erik.ID
	if in.AuthorID == 0 {
		in.AuthorID = o.anna.ID
	}
	p, events, err := workflow.NewPiece(in, workflow.Cause{At: o.now.Now()})
	o.ok(err)
	o.ok(o.store.AddPiece(o.Context(), &p, events))
	return p
}

// draft is a piece whose author is at work, due in so many days.
func (o *office) draft(code string, days int) workflow.Piece {
	o.Helper()
	p := o.add(code, workflow.PieceInput{Stage: workflow.Draft, Steps: map[workflow.Stage]workflow.StepInput{workflow.Draft: {Deadline: o.now.Now().AddDate(0, 0, days)}}})
	ch, err := p.Accept(workflow.Cause{PersonID: p.AuthorID, At: o.now.Now()})
	o.ok(err)
	return o.save(ch)
}

func (o *office) save(ch workflow.Change) workflow.Piece {
	o.Helper()
	o.ok(o.store.Update(o.Context(), func(tx proxy.Tx) error { return tx.SavePiece(o.Context(), ch) }))
	return ch.Piece
}

func (o *office) scheduler(s *store.Store) *outbox.Scheduler {
	words := composer(o)
	words.Clock = o.now
	words.Policy.Onboarding = true
	return &outbox.Scheduler{Agenda: s, Composer: words, Clock: o.now, Log: slog.New(slog.DiscardHandler)}
}

// tick is one of the office's own scheduler.
func (o *office) tick() {
	o.Helper()
	_, err := o.scheduler(o.store).Tick(o.Context())
	o.ok(err)
}

// said is every notice, by its moment.
func (o *office) said() []string {
	o.Helper()
	notices, err := o.store.Notices(o.Context(), 0, 0, 100_000)
	o.ok(err)
	slices.SortStableFunc(notices, func(a, b outbox.Notice) int { return a.DueAt.Compare(b.DueAt) })
	var lines []string
	for _, n := range notices {
		lines = append(lines, fmt.Sprintf("%s %s to %s", n.DueAt.Format("01-02 15:04"), n.Template, strings.Fields(n.ToName)[0]))
	}
	return lines
}

// queued are the keys of what is to be sent, in order.
func (o *office) keys(state outbox.State) []string {
	o.Helper()
	notices, err := o.store.Notices(o.Context(), 0, 0, 100_000)
	o.ok(err)
	var keys []string
	for _, n := range notices {
		if state == "" || n.State == state {
			keys = append(keys, n.Key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Whether the clock ticked all the time, or only now and then, the same is on record; each is queued at most once.
func TestMissedTicksAreMadeUpFor(t *testing.T) {
	run := func(every time.Duration) *office {
		o := newOffice(t)
		for i := range 5 {
			o.draft(fmt.Sprint("ACME-", i+1), 4+i)
		}
		o.add("ACME-9", workflow.PieceInput{Stage: workflow.CopyEdit, Steps: map[workflow.Stage]workflow.StepInput{workflow.CopyEdit: {Deadline: day(5)}}})
		for end := day(20); o.now.Now().Before(end); {
			o.now.Advance(every)
			o.tick()
		}
		return o
	}
	hourly := run(time.Hour)
	for _, every := range []time.Duration{7 * time.Hour, 20 * 24 * time.Hour} {
		o := run(every)
		if diff := cmp.Diff(hourly.said(), o.said()); diff != "" {
			t.Errorf("every %s (-hourly +then):\n%s", every, diff)
		}
		if diff := cmp.Diff(hourly.keys(""), o.keys("")); diff != "" {
			t.Errorf("every %s, keys:\n%s", every, diff)
		}
	}
	if n := len(hourly.keys(outbox.Cancelled)); n != 0 {
		t.Errorf("%d were superseded though the clock never stood still", n)
	}
	if n := len(hourly.said()); n < 40 {
		t.Errorf("only %d notices: %v", n, hourly.said())
	}
}

func TestTwoSchedulersAtOnce(t *testing.T) {
	o := newOffice(t)
	for i := range 250 {
		o.draft(fmt.Sprint("ACME-", i+1), 3+i%5)
	}
	stores := []*store.Store{o.store, o.open()}
	counted := 0
	for range 16 {
		o.now.Advance(24 * time.Hour)
		var wg sync.WaitGroup
		got := make([]int, len(stores))
		for i, s := range stores {
			wg.Go(func() {
				n, err := o.scheduler(s).Tick(t.Context())
				if err != nil {
					t.Error(err)
				}
				got[i] = n
			})
		}
		wg.Wait()
		counted += got[0] + got[1]
	}
	keys := o.keys("")
	if len(slices.Compact(slices.Clone(keys))) != len(keys) || len(keys) != counted || counted == 0 {
		t.Errorf("%d notices, %d counted", len(keys), counted)
	}
	if want := 8 * 250; len(keys) != want {
		t.Errorf("%d notices, want %d", len(keys), want)
	}
}

func TestRestartRepeatsNothing(t *testing.T) {
	o := newOffice(t)
	o.draft("ACME-1", 3)
	o.add("ACME-2", workflow.PieceInput{Stage: workflow.Pitch, Topic: workflow.TopicProposed})
	for range 30 {
		o.now.Advance(11 * time.Hour)
		o.tick()
		before := o.keys("")
		s := o.open()
		o.ok(s.Reckon(t.Context(), fmt.Sprint("rules ", o.now.Now()))) // as if all were new
		if n, err := o.scheduler(s).Tick(t.Context()); err != nil || n != 0 {
			t.Fatalf("at %s a restart queued %d, %v", o.now.Now(), n, err)
		}
		if diff := cmp.Diff(before, o.keys("")); diff != "" {
			t.Fatal(diff)
		}
	}
	if n := len(o.keys("")); n < 8 {
		t.Errorf("%d notices", n)
	}
}

// One piece that cannot be dealt with is looked at again later, and keeps nobody else waiting.
func TestBrokenPiece(t *testing.T) {
	o := newOffice(t)
	lost := workflow.Person{Name: "Lost Soul", Class: workflow.Outside}
	o.ok(o.store.SavePerson(t.Context(), &lost))
	for i := range 120 {
		p := o.draft(fmt.Sprint("ACME-", i+1), 3)
		if i == 60 {
			p.Steps[1].OwnerID = lost.ID
			o.save(workflow.Change{Piece: p})
		}
	}
	n, err := o.scheduler(o.store).Tick(t.Context())
	if n != 119 || workflow.CodeOf(err) != workflow.Invalid || !strings.Contains(err.Error(), "ACME-61") || !strings.Contains(err.Error(), "Lost Soul has no mail address") {
		t.Errorf("%d queued, %v", n, err)
	}
	if n, err := o.scheduler(o.store).Tick(t.Context()); n != 0 || err != nil {
		t.Errorf("at once again: %d, %v", n, err)
	}
	o.now.Advance(10 * time.Minute)
	if n, err := o.scheduler(o.store).Tick(t.Context()); n != 0 || err == nil {
		t.Errorf("later: %d, %v", n, err)
	}
	lost.Addresses = []string{"lost@found.example"}
	o.ok(o.store.SavePerson(t.Context(), &lost))
	if n, err := o.scheduler(o.store).Tick(t.Context()); n != 1 || err != nil {
		t.Errorf("mended: %d, %v", n, err)
	}
}

// Approved, dated and the author onboarded: the clock clears the piece, whichever of it came last.
func TestClearedByTheClock(t *testing.T) {
	o := newOffice(t)
	p := o.add("ACME-1", workflow.PieceInput{Topic: workflow.TopicProposed, Brief: "About heat pumps."})
	stage := func() workflow.Stage {
		t.Helper()
		o.tick()
		p, err := o.store.Piece(t.Context(), p.ID)
		o.ok(err)
		return p.Stage
	}
	if s := stage(); s != workflow.Pitch {
		t.Fatalf("proposed, and in %s", s)
	}
	ch, err := p.Approve(workflow.Cause{ActorID: o.erik.ID, At: o.now.Now()}, "")
	o.ok(err)
	p = o.save(ch)
	if s := stage(); s != workflow.Pitch {
		t.Fatalf("approved without a date, and in %s", s)
	}
	ch, err = p.SetDeadline(day(30), workflow.Cause{ActorID: o.erik.ID, At: o.now.Now()})
	o.ok(err)
	o.save(ch)
	if s := stage(); s != workflow.Pitch {
		t.Fatalf("the author is not onboarded, and it is in %s", s)
	}
	known, _, err := o.anna.Reach(workflow.Waived, o.erik, workflow.Cause{At: o.now.Now()})
	o.ok(err)
	o.ok(o.store.SavePerson(t.Context(), &known))
	if s := stage(); s != workflow.Draft {
		t.Fatalf("nothing is missing, and it is in %s", s)
	}
	if got := o.said(); len(got) != 1 || !strings.HasSuffix(got[0], "cleared to Anna") {
		t.Errorf("said %v", got)
	}
	cleared, err := o.store.Piece(t.Context(), p.ID)
	o.ok(err)
	if !cleared.ClearedAt.Equal(o.now.Now()) {
		t.Errorf("cleared at %s", cleared.ClearedAt)
	}
	events, err := o.store.Events(t.Context(), p.ID)
	o.ok(err)
	if !slices.ContainsFunc(events, func(e workflow.Event) bool { return e.Kind == workflow.PieceCleared && e.ActorID == 0 }) {
		t.Errorf("the history does not say so: %+v", events)
	}
}

// What nobody accepts is asked for twice and is the editor's then.
func TestUnansweredGoesBack(t *testing.T) {
	o := newOffice(t)
	p := o.add("ACME-1", workflow.PieceInput{Stage: workflow.CopyEdit, Steps: map[workflow.Stage]workflow.StepInput{workflow.CopyEdit: {OwnerID: o.cora.ID}}})
	clockwork := o.scheduler(o.store)
	clockwork.Enclose = func(_ context.Context, h *outbox.Happening) error {
		if outbox.Carries(h.Change) {
			h.Drafts = []outbox.Draft{{Draft: templates.Draft{Version: 1, Links: []string{"https://docs.example/d"}}, SenderID: o.anna.ID}}
		}
		return nil
	}
	for range 6 * 24 {
		o.now.Advance(time.Hour)
		_, err := clockwork.Tick(t.Context())
		o.ok(err)
	}
	notices, err := o.store.Notices(t.Context(), p.ID, 0, 100)
	o.ok(err)
	for _, n := range notices {
		if brings := strings.Contains(string(n.Data), "https://docs.example/d"); n.Template == "step_returned" && brings != (n.PersonID == o.erik.ID) {
			t.Errorf("to %s: %s", n.ToName, n.Data)
		}
	}
	want := []string{"05-06 07:00 step_unanswered to Cora", "05-07 07:00 step_unanswered to Cora", "05-08 07:00 step_returned to Erik", "05-08 07:00 step_returned to Cora"}
	if diff := cmp.Diff(want, o.said()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	now, err := o.store.Piece(t.Context(), p.ID)
	o.ok(err)
	if s, _ := now.OpenStep(); s.OwnerID != o.erik.ID || s.Stage != workflow.CopyEdit || s.AcceptedAt.IsZero() {
		t.Errorf("the open step is %+v", s)
	}
}

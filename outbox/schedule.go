package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"handoff/internal/clock"
	"handoff/templates"
	"handoff/workflow"
)

// Agenda is what the Scheduler asks of the store.
type Agenda interface {
	// AttendPieces hands f the pieces whose moment has come, the longest waiting first, at most limit, in one transaction that
	// keeps what f writes. It tells how many those were.
	AttendPieces(ctx context.Context, now time.Time, limit int, f func(context.Context, Clockwork, []workflow.Piece) error) (int, error)
	// AttendPeople is AttendPieces for people.
	AttendPeople(ctx context.Context, now time.Time, limit int, f func(context.Context, Clockwork, []workflow.Person) error) (int, error)
	// Attend is one transaction on nothing in particular.
	Attend(ctx context.Context, f func(context.Context, Clockwork) error) error
	// Piece is one piece; workflow.NotFound if there is none.
	Piece(ctx context.Context, id int64) (workflow.Piece, error)
	// Person is one person; workflow.NotFound if there is none.
	Person(ctx context.Context, id int64) (workflow.Person, error)
	// Notices are a piece's notices by id, after that id, at most limit.
	Notices(ctx context.Context, pieceID, after int64, limit int) ([]Notice, error)
}

// Clockwork is what the Scheduler reads and writes in one transaction.
type Clockwork interface {
	Person(ctx context.Context, id int64) (workflow.Person, error)
	// PersonByAddress is whose normalised address that is; workflow.NotFound if nobody's.
	PersonByAddress(ctx context.Context, address string) (workflow.Person, error)
	Piece(ctx context.Context, id int64) (workflow.Piece, error)
	// Held are the mails that wait for a decision, the oldest first, at most limit.
	Held(ctx context.Context, limit int) ([]HeldMail, error)
	// PiecesOf are the unfinished pieces that a person has a part in, by id, at most limit.
	PiecesOf(ctx context.Context, personID int64, limit int) ([]workflow.Piece, error)
	SavePiece(ctx context.Context, c workflow.Change) error
	AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error
	SavePerson(ctx context.Context, p *workflow.Person) error
	AddEvents(ctx context.Context, events []workflow.Event) error
	// Apart runs f. If f fails, what it wrote is undone, and the transaction goes on.
	Apart(ctx context.Context, f func() error) error
	// Enqueue adds the notices whose Key is new and tells how many that were.
	Enqueue(ctx context.Context, notices []Notice) (int, error)
	// Count gives the next number of a counter, from 1.
	Count(ctx context.Context, name string) (int64, error)
	// WakePiece says when the clock looks at the piece again; the zero time is not until it changes.
	WakePiece(ctx context.Context, id int64, at time.Time) error
	WakePerson(ctx context.Context, id int64, at time.Time) error
}

// Scheduler does what the clock makes due: it takes contributors through their onboarding, clears pieces whose conditions are
// met, reminds, asks again, gives back what nobody took, sends the lists of what waits. What is due at or before now is done once, under its own key, so an outage is made up for and two Schedulers
// do not repeat each other. Tick and Loop are for one goroutine, Outdated is for any.
type Scheduler struct {
	Agenda   Agenda
	Composer *Composer
	Clock    clock.Clock
	Log      *slog.Logger
	Queued   func() // called after new notices are stored; may be nil
	// Enclose puts into what the clock changed what was filed on its piece; nil: nothing goes with those mails.
	Enclose func(ctx context.Context, h *Happening) error
	Every   time.Duration // between ticks; 0: a minute

	once   sync.Once
	wake   chan struct{}
	Triage string // the address of who hears of held mails each day, a person's or not; "" nobody

	nextHeld time.Time // when that is looked at again
}

const (
	duePage    = 100              // pieces looked at in one transaction
	maxPages   = 10_000           // of one tick
	retryAfter = 10 * time.Minute // before a piece is looked at again that could not be dealt with

	onboardKey = "onboard:" // begins the keys of workflow.PersonReminders
)

// Loop ticks until ctx ends and returns its error. A failed tick is logged and made up for by the next.
func (s *Scheduler) Loop(ctx context.Context) error {
	every := s.Every
	if every <= 0 {
		every = time.Minute
	}
	for {
		if _, err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("not all that is due was done, the next tick tries again", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.woken():
		case <-s.Clock.After(every):
		}
	}
}

// Wake makes Loop look at once at what changed: what a mail caused need not wait for the next tick. It never blocks.
func (s *Scheduler) Wake() {
	select {
	case s.woken() <- struct{}{}:
	default:
	}
}

func (s *Scheduler) woken() chan struct{} {
	s.once.Do(func() { s.wake = make(chan struct{}, 1) })
	return s.wake
}

// Tick does what is due now and tells how many notices were new. A piece or a person that cannot be dealt with does not stop
// the others; the errors of all come back joined.
func (s *Scheduler) Tick(ctx context.Context) (int, error) {
	t := &tick{Scheduler: s, now: s.Clock.Now()}
	var problems []error
	for page := 0; page < maxPages; page++ {
		n, err := attempt(t, func() (int, error) { return s.Agenda.AttendPeople(ctx, t.now, duePage, t.people) })
		if err != nil {
			problems = append(problems, fmt.Errorf("attend to people: %w", err))
			break
		}
		if n == 0 {
			break
		}
	}
	if s.Triage != "" && !t.now.Before(s.nextHeld) {
		if _, err := attempt(t, func() (int, error) { return 0, s.Agenda.Attend(ctx, t.held) }); err != nil {
			s.nextHeld = time.Time{}
			problems = append(problems, fmt.Errorf("list the held mails: %w", err))
		}
	}
	for page := 0; page < maxPages; page++ {
		n, err := attempt(t, func() (int, error) { return s.Agenda.AttendPieces(ctx, t.now, duePage, t.pieces) })
		if err != nil {
			problems = append(problems, fmt.Errorf("attend to pieces: %w", err))
			break
		}
		if n == 0 {
			break
		}
	}
	if t.queued > 0 && s.Queued != nil {
		s.Queued()
	}
	return t.queued, errors.Join(append(problems, t.problems...)...)
}

// tick is one Tick.
type tick struct {
	*Scheduler
	now      time.Time
	queued   int
	problems []error

	pageQueued   int // of the transaction in hand, which may be run again
	pageProblems []error
}

// attempt counts what a transaction did once it is committed.
func attempt(t *tick, attend func() (int, error)) (int, error) {
	t.pageQueued, t.pageProblems = 0, nil // nothing may be left to attend to
	n, err := attend()
	if err == nil {
		t.queued += t.pageQueued
		t.problems = append(t.problems, t.pageProblems...)
	}
	return n, err
}

func (t *tick) pieces(ctx context.Context, tx Clockwork, pieces []workflow.Piece) error {
	t.pageQueued, t.pageProblems = 0, nil
	people := &acquaintances{from: tx, known: map[int64]workflow.Person{}}
	var notices []Notice
	for _, p := range pieces {
		made, err := t.piece(ctx, tx, p, people)
		if err == nil {
			notices = append(notices, made...)
			continue
		}
		var stored *storeError
		if errors.As(err, &stored) || ctx.Err() != nil {
			return err
		}
		t.pageProblems = append(t.pageProblems, fmt.Errorf("%s: %w", p.Code, err))
		if err := tx.WakePiece(ctx, p.ID, t.now.Add(retryAfter)); err != nil {
			return err
		}
	}
	return t.enqueue(ctx, tx, notices)
}

func (t *tick) enqueue(ctx context.Context, tx Clockwork, notices []Notice) error {
	if len(notices) == 0 {
		return nil
	}
	n, err := tx.Enqueue(ctx, notices)
	if err != nil {
		return fmt.Errorf("queue notices: %w", err)
	}
	t.pageQueued += n
	return nil
}

// storeError marks what failed for the whole transaction, not for one piece.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }
func (e *storeError) Unwrap() error { return e.err }

func storing(err error, what string, args ...any) error {
	if err == nil {
		return nil
	}
	return &storeError{fmt.Errorf("%s: %w", fmt.Sprintf(what, args...), err)}
}

// piece does what is due on one piece. One that it changes is woken by that, and looked at again.
func (t *tick) piece(ctx context.Context, tx Clockwork, p workflow.Piece, people *acquaintances) ([]Notice, error) {
	if ch, ok, err := t.clears(ctx, p, people); err != nil || ok {
		return t.change(ctx, tx, p, ch, people, err)
	}
	due, next, err := t.reminders(ctx, p, t.now, people)
	if err != nil {
		return nil, err
	}
	known, err := people.all(ctx, p.People())
	if err != nil {
		return nil, err
	}
	step, _ := p.OpenStep()
	var notices []Notice
	for _, r := range due {
		if r.Rule == workflow.StepGoesBack {
			made, err := t.change(ctx, tx, p, p.Return(workflow.Cause{At: t.now}), people, nil)
			return append(notices, made...), err
		}
		n, err := t.Composer.remind(r, p, known)
		if err != nil {
			return nil, err
		}
		if r.Superseded {
			n.State, n.Error = Cancelled, superseded(r, due, step)
		}
		notices = append(notices, n)
	}
	return notices, storing(tx.WakePiece(ctx, p.ID, next), "piece %s", p.Code)
}

// clears tells whether nothing keeps the piece's author from writing any more.
func (t *tick) clears(ctx context.Context, p workflow.Piece, people *acquaintances) (workflow.Change, bool, error) {
	if s, open := p.OpenStep(); !open || s.Stage != workflow.Pitch || p.Topic != workflow.TopicApproved {
		return workflow.Change{}, false, nil
	}
	author, err := people.person(ctx, p.AuthorID)
	if err != nil || len(p.Missing(author, t.Composer.Policy.Onboarding)) > 0 {
		return workflow.Change{}, false, err
	}
	var unknown error
	cause := workflow.Cause{At: t.now, Schedule: t.Composer.Rules.Schedule(people.lookup(ctx, &unknown))}
	ch, err := p.Clear(cause, author, t.Composer.Policy.Onboarding)
	err = cmp.Or(unknown, err)
	return ch, err == nil, err
}

// change stores what the clock changed and tells whom it concerns.
func (t *tick) change(ctx context.Context, tx Clockwork, before workflow.Piece, ch workflow.Change, people *acquaintances, err error) ([]Notice, error) {
	if err != nil {
		return nil, err
	}
	known, err := people.all(ctx, Concerned(before, ch))
	if err != nil {
		return nil, err
	}
	h := Happening{Before: before, Change: ch, People: known}
	if t.Enclose != nil {
		if err := t.Enclose(ctx, &h); err != nil {
			return nil, err
		}
	}
	notices, err := t.Composer.Tell(h)
	if err != nil {
		return nil, err // before anything is stored: the piece is not changed without its people being told
	}
	return notices, storing(tx.SavePiece(ctx, ch), "save %s", ch.Piece.Code)
}

// reminders are a piece's reminders due at now, and when the next will be.
func (s *Scheduler) reminders(ctx context.Context, p workflow.Piece, now time.Time, people *acquaintances) ([]workflow.Reminder, time.Time, error) {
	var unknown error
	due, next := workflow.Reminders(p, s.Composer.Rules, now, people.lookup(ctx, &unknown))
	return due, next, unknown
}

// remind composes the notice of a reminder.
func (c *Composer) remind(r workflow.Reminder, p workflow.Piece, people map[int64]workflow.Person) (Notice, error) {
	d, err := c.reminder(r, p, people)
	if err != nil {
		return Notice{}, err
	}
	return c.Compose(d, people[r.RecipientID], About{Key: r.Key, PieceID: p.ID, StepID: r.StepID, DueAt: r.DueAt})
}

// superseded says by what r, one of reminders, is.
func superseded(r workflow.Reminder, reminders []workflow.Reminder, step workflow.Step) string {
	by := r
	for _, other := range reminders {
		if other.RecipientID == r.RecipientID {
			by = other // the last wins
		}
	}
	if by.Rule == r.Rule && r.DueAt.Before(step.OpenedAt) {
		return "its moment was over before the step was opened"
	}
	return "superseded by " + by.Rule
}

// reminder is the data of a reminder's notice.
func (c *Composer) reminder(r workflow.Reminder, p workflow.Piece, people map[int64]workflow.Person) (templates.Data, error) {
	p = p.OnClocks(c.clocks(people))
	piece := PieceData(p)
	open, _ := p.OpenStep()
	step := stepData(open, c.named(people, open.OwnerID))
	if step.Deadline.IsZero() {
		step.Deadline = p.Deadline // the one that r is about
	}
	on := templates.OnPiece{Piece: piece, Who: step.Owner}
	if open.Stage != "" {
		on.Step = &step
	}
	switch r.Rule {
	case workflow.DueSoon:
		return templates.DueSoon{Piece: piece, Step: step, Tasks: undone(p, open)}, nil
	case workflow.DueToday:
		return templates.DueToday{Piece: piece, Step: step, Tasks: undone(p, open)}, nil
	case workflow.Overdue:
		return templates.Overdue{Piece: piece, Step: step, Days: r.Days, Tasks: undone(p, open)}, nil
	case workflow.OverdueEditor:
		return templates.OverdueEditor{Piece: piece, Step: step, Days: r.Days}, nil
	case workflow.RevisionOverdue:
		return templates.RevisionOverdue{OnPiece: on, Days: r.Days}, nil
	case workflow.LastNotice:
		return templates.LastNotice{OnPiece: on, Days: r.Days, Tasks: undone(p, open)}, nil
	case workflow.NoMore:
		return templates.NoMore{OnPiece: on, Days: r.Days}, nil
	case workflow.StepUnanswered:
		return templates.StepUnanswered{OnPiece: on, Days: r.Days}, nil
	case workflow.ReviewUnanswered:
		on.Who = c.named(people, p.EditorID)
		return templates.ReviewUnanswered{OnPiece: on, Days: r.Days}, nil
	case workflow.StepGoesBack:
		return templates.StepReturned{OnPiece: on}, nil
	case workflow.Stalled:
		return templates.Stalled{OnPiece: on}, nil
	case workflow.StalledEditor:
		return templates.StalledEditor{OnPiece: on}, nil
	case workflow.ContributorAway:
		return c.away(on, people[open.OwnerID], people[r.RecipientID]), nil
	case workflow.PitchWaiting:
		on.Who, on.Words = c.named(people, p.AuthorID), p.Brief
		return templates.PitchWaiting{OnPiece: on, Days: r.Days}, nil
	case workflow.ChangesWaiting:
		return templates.ChangesWaiting{OnPiece: on, Days: r.Days}, nil
	case workflow.NotCleared:
		on.Who = c.named(people, p.AuthorID)
		return templates.NotCleared{OnPiece: on, Missing: p.Missing(people[p.AuthorID], c.Policy.Onboarding)}, nil
	case workflow.ExtensionWaiting:
		d := templates.ExtensionWaiting{OnPiece: on}
		if x := open.Extension; x != nil {
			d.Until, d.Words = x.Until, x.Reason
		}
		return d, nil
	case workflow.LeadMissing:
		return templates.LeadMissing{OnPiece: on}, nil
	case workflow.LeadUnconfirmed:
		on.Who = c.named(people, p.LeadID)
		return templates.LeadUnconfirmed{OnPiece: on, Days: r.Days}, nil
	case workflow.LeadUnconfirmedEd:
		on.Who = c.named(people, p.LeadID)
		return templates.LeadUnconfirmedEditor{OnPiece: on, Days: r.Days}, nil
	case workflow.NotVerified:
		return templates.NotVerified{OnPiece: on, URL: p.URL, Problem: unverified(p), Unconfirmed: p.DistributedAt.IsZero()}, nil
	case workflow.NotVerifiedEditor:
		return templates.NotVerifiedEditor{OnPiece: on, URL: p.URL, Problem: unverified(p), Unconfirmed: p.DistributedAt.IsZero()}, nil
	case workflow.DemoStalled:
		return templates.DemoStalled{OnPiece: on, Days: r.Days}, nil
	}
	return nil, fmt.Errorf("reminder rule %q has no template", r.Rule)
}

// unverified is what is wrong with the published address, "" nothing.
func unverified(p workflow.Piece) string {
	switch {
	case !p.VerifiedAt.IsZero():
		return ""
	case p.CheckProblem != "":
		return p.CheckProblem
	default:
		return "it was not looked at yet"
	}
}

// away says why somebody is not there, and until when if that is known; reader is who is told.
func (c *Composer) away(on templates.OnPiece, who, reader workflow.Person) templates.ContributorAway {
	d := templates.ContributorAway{OnPiece: on, Left: !who.LeftAt.IsZero(), Paused: who.LeftAt.IsZero() && who.Silent()}
	if who.Silent() {
		return d
	}
	now := c.Clock.Now().In(who.Location(c.zone())).Format(time.DateOnly)
	first := ""
	for _, a := range who.Away {
		to, err := time.Parse(time.DateOnly, a.To)
		if err == nil && a.To >= now && (first == "" || a.To < first) {
			first, d.Until = a.To, workflow.EndOfDay(to.Year(), to.Month(), to.Day(), reader.Location(c.zone()))
		}
	}
	return d
}

// acquaintances asks for each person once a tick.
type acquaintances struct {
	from interface {
		Person(ctx context.Context, id int64) (workflow.Person, error)
	}
	known map[int64]workflow.Person
}

// all are those people, by id.
func (a *acquaintances) all(ctx context.Context, ids []int64) (map[int64]workflow.Person, error) {
	some := make(map[int64]workflow.Person, len(ids))
	for _, id := range ids {
		p, err := a.person(ctx, id)
		if err != nil {
			return nil, err
		}
		some[id] = p
	}
	return some, nil
}

// lookup is person for rules that cannot fail; unknown is why somebody could not be looked up.
func (a *acquaintances) lookup(ctx context.Context, unknown *error) func(id int64) workflow.Person {
	return func(id int64) workflow.Person {
		p, err := a.person(ctx, id)
		if err != nil {
			*unknown = err
		}
		return p
	}
}

func (a *acquaintances) person(ctx context.Context, id int64) (workflow.Person, error) {
	if p, ok := a.known[id]; ok {
		return p, nil
	}
	p, err := a.from.Person(ctx, id)
	if err != nil {
		return p, fmt.Errorf("person %d: %w", id, err)
	}
	a.known[id] = p
	return p, nil
}

// location is the named time zone, or otherwise if there is none of that name.
func location(name string, otherwise *time.Location) *time.Location {
	if name == "" {
		return otherwise
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		return otherwise
	}
	return l
}

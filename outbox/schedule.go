package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"handoff/internal/clock"
	"handoff/templates"
	"handoff/workflow"
)

// Agenda is what the Scheduler asks of the store.
type Agenda interface {
	// DuePieces are the pieces whose open step's deadline, or the overall one if it has none, is at or before before, with id > after, by id, at most limit.
	DuePieces(ctx context.Context, before time.Time, after int64, limit int) ([]workflow.Piece, error)
	// Piece is one piece; workflow.NotFound if there is none.
	Piece(ctx context.Context, id int64) (workflow.Piece, error)
	// Person is one person; workflow.NotFound if there is none.
	Person(ctx context.Context, id int64) (workflow.Person, error)
	// Enqueue adds the notices whose Key is new and tells how many that were.
	Enqueue(ctx context.Context, notices []Notice) (int, error)
}

// Scheduler queues the reminders that the clock makes due. Every reminder due at or before now is queued under its own
// key, so an outage is made up for and two Schedulers do not repeat each other. Tick and Loop are for one goroutine,
// Outdated is for any.
type Scheduler struct {
	Agenda   Agenda
	Composer *Composer
	Rules    workflow.ReminderRules
	Clock    clock.Clock
	Log      *slog.Logger
	Queued   func()        // called after new reminders are stored; may be nil
	Every    time.Duration // between ticks; 0: a minute

	stored map[string]bool // keys of the last tick, which need not be offered to the store again
}

// duePage is how many pieces are looked at in one go.
const duePage = 200

// Loop ticks until ctx ends and returns its error. A failed tick is logged and made up for by the next.
func (s *Scheduler) Loop(ctx context.Context) error {
	every := s.Every
	if every <= 0 {
		every = time.Minute
	}
	for {
		if _, err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("reminders were not queued, the next tick tries again", "error", err)
		}
		if err := clock.Sleep(ctx, s.Clock, every); err != nil {
			return err
		}
	}
}

// Tick queues what is due now and tells how many notices were new. A piece whose reminders cannot be made does not stop
// the others; the errors of all come back joined.
func (s *Scheduler) Tick(ctx context.Context) (int, error) {
	now := s.Clock.Now()
	people := &acquaintances{agenda: s.Agenda, known: map[int64]workflow.Person{}}
	var queued int
	var problems []error
	stored := map[string]bool{}
	defer func() { s.stored = stored }()
	for after := int64(0); ; {
		pieces, err := s.Agenda.DuePieces(ctx, now.Add(s.Rules.Horizon()), after, duePage)
		if err != nil {
			return queued, errors.Join(append(problems, fmt.Errorf("look for due pieces: %w", err))...)
		}
		if len(pieces) == 0 {
			break
		}
		var notices []Notice
		for _, p := range pieces {
			made, err := s.notices(ctx, p, now, people, stored)
			if err != nil {
				problems = append(problems, fmt.Errorf("reminders of %s: %w", p.Code, err))
				continue
			}
			notices = append(notices, made...)
		}
		if len(notices) > 0 {
			n, err := s.Agenda.Enqueue(ctx, notices)
			if err != nil {
				return queued, errors.Join(append(problems, fmt.Errorf("queue reminders: %w", err))...)
			}
			queued += n
			for _, n := range notices {
				stored[n.Key] = true
			}
		}
		after = pieces[len(pieces)-1].ID
		if len(pieces) < duePage {
			break
		}
	}
	if queued > 0 && s.Queued != nil {
		s.Queued()
	}
	return queued, errors.Join(problems...)
}

// notices are a piece's reminders due now; those stored before only have their keys kept.
func (s *Scheduler) notices(ctx context.Context, p workflow.Piece, now time.Time, people *acquaintances, stored map[string]bool) ([]Notice, error) {
	reminders, err := s.reminders(ctx, p, now, people)
	if err != nil {
		return nil, err
	}
	step, _ := p.OpenStep()
	owner := templates.Person{Name: s.Composer.Team}
	if step.OwnerID != 0 {
		person, err := people.person(ctx, step.OwnerID)
		if err != nil {
			return nil, err
		}
		owner = PersonData(person)
	}
	var notices []Notice
	for _, r := range reminders {
		if s.stored[r.Key] {
			stored[r.Key] = true
			continue
		}
		to, err := people.person(ctx, r.RecipientID)
		if err != nil {
			return nil, err
		}
		d, err := reminderData(r, PieceData(p), stepData(step, owner))
		if err != nil {
			return nil, err
		}
		n, err := s.Composer.Compose(d, to, About{Key: r.Key, PieceID: p.ID, StepID: r.StepID, DueAt: r.DueAt})
		if err != nil {
			return nil, err
		}
		if r.Superseded {
			n.State, n.Error = Cancelled, superseded(r, reminders, step)
		}
		notices = append(notices, n)
	}
	return notices, nil
}

// reminders are a piece's reminders due at now, in each recipient's own time zone.
func (s *Scheduler) reminders(ctx context.Context, p workflow.Piece, now time.Time, people *acquaintances) ([]workflow.Reminder, error) {
	team := location(s.Composer.TimeZone, time.UTC)
	var problem error
	zone := func(id int64) *time.Location {
		person, err := people.person(ctx, id)
		if err != nil {
			problem = err
		}
		return person.Location(team)
	}
	reminders := workflow.Reminders(p, s.Rules, now, zone)
	return reminders, problem
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
		return "superseded by step_opened"
	}
	return "superseded by " + by.Rule
}

// Outdated tells why a queued reminder is not to be sent any more, "" if it is, or is no reminder: while the mail server
// was away the step may have been done, given to somebody else or got another deadline, and later reminders fallen due.
func (s *Scheduler) Outdated(ctx context.Context, n Notice) (string, error) {
	switch n.Template {
	case workflow.DueSoon, workflow.DueToday, workflow.Overdue, workflow.OverdueEditor:
	default:
		return "", nil
	}
	p, err := s.Agenda.Piece(ctx, n.PieceID)
	if workflow.CodeOf(err) == workflow.NotFound {
		return "the piece is gone", nil
	}
	if err != nil {
		return "", fmt.Errorf("piece %d: %w", n.PieceID, err)
	}
	people := &acquaintances{agenda: s.Agenda, known: map[int64]workflow.Person{}}
	reminders, err := s.reminders(ctx, p, latest(s.Clock.Now(), n.DueAt), people)
	if err != nil {
		return "", err
	}
	step, _ := p.OpenStep()
	for _, r := range reminders {
		switch {
		case r.Key != n.Key:
		case r.Superseded:
			return superseded(r, reminders, step), nil
		default:
			return "", nil
		}
	}
	return "the step is done, or has another deadline or owner by now", nil
}

func reminderData(r workflow.Reminder, p templates.Piece, s templates.Step) (templates.Data, error) {
	if s.Deadline.IsZero() {
		s.Deadline = p.Deadline // the one that r is about
	}
	switch r.Rule {
	case workflow.DueSoon:
		return templates.DueSoon{Piece: p, Step: s}, nil
	case workflow.DueToday:
		return templates.DueToday{Piece: p, Step: s}, nil
	case workflow.Overdue:
		return templates.Overdue{Piece: p, Step: s, Days: r.Days}, nil
	case workflow.OverdueEditor:
		return templates.OverdueEditor{Piece: p, Step: s, Days: r.Days}, nil
	}
	return nil, fmt.Errorf("reminder rule %q has no template", r.Rule)
}

// acquaintances asks for each person once a tick.
type acquaintances struct {
	agenda Agenda
	known  map[int64]workflow.Person
}

func (a *acquaintances) person(ctx context.Context, id int64) (workflow.Person, error) {
	if p, ok := a.known[id]; ok {
		return p, nil
	}
	p, err := a.agenda.Person(ctx, id)
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

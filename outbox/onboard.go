package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/templates"
	"handoff/workflow"
)

// people does what is due on each: the next points of an onboarding, its reminders, and the lists that come again and again.
func (t *tick) people(ctx context.Context, tx Clockwork, people []workflow.Person) error {
	t.pageQueued, t.pageProblems = 0, nil
	known := &acquaintances{from: tx, known: map[int64]workflow.Person{}}
	var notices []Notice
	for _, p := range people {
		known.known[p.ID] = p
		made, err := t.person(ctx, tx, p, known)
		if err == nil {
			notices = append(notices, made...)
			continue
		}
		var stored *storeError
		if errors.As(err, &stored) || ctx.Err() != nil {
			return err
		}
		t.pageProblems = append(t.pageProblems, fmt.Errorf("%s: %w", p.Name, err))
		if err := tx.WakePerson(ctx, p.ID, t.now.Add(retryAfter)); err != nil {
			return err
		}
	}
	return t.enqueue(ctx, tx, notices)
}

// person does what is due on one person. Once something of it is stored, what fails fails the whole transaction.
func (t *tick) person(ctx context.Context, tx Clockwork, p workflow.Person, people *acquaintances) ([]Notice, error) {
	now, notices, err := t.onboard(ctx, tx, p, people)
	if err != nil {
		return nil, err
	}
	made, err := t.remindPerson(ctx, tx, now, people)
	if err != nil && len(now.Onboarding) > len(p.Onboarding) {
		err = storing(err, "person %d", p.ID)
	}
	return append(notices, made...), err
}

// remindPerson makes the notices of where a person stands, and says when the clock looks at them again.
func (t *tick) remindPerson(ctx context.Context, tx Clockwork, p workflow.Person, people *acquaintances) ([]Notice, error) {
	var notices []Notice
	due, next, err := t.onboarding(ctx, p, t.now, people)
	if err != nil {
		return nil, err
	}
	for _, r := range due {
		n, ok, err := t.onboardingNotice(ctx, tx, r, p, people)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if r.Superseded {
			n.State, n.Error = Cancelled, supersededPoint(r, due)
		}
		notices = append(notices, n)
	}
	lists, again, err := t.lists(ctx, tx, p, people)
	if err != nil {
		return nil, err
	}
	return append(notices, lists...), storing(tx.WakePerson(ctx, p.ID, sooner(next, again)), "person %d", p.ID)
}

// sooner is the earlier of two moments, of which zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// onboard reaches the points of the checklist that come by themselves, one after the other.
func (t *tick) onboard(ctx context.Context, tx Clockwork, p workflow.Person, people *acquaintances) (workflow.Person, []Notice, error) {
	var notices []Notice
	if p.Silent() || p.Primary() == "" {
		return p, nil, nil
	}
	cause := workflow.Cause{At: t.now}
	var events []workflow.Event
	for demo := p.DemoPieceID; p.DemoPieceID == demo; { // what was begun just now is not finished
		item := p.Next()
		ready, err := t.comes(ctx, tx, p, item)
		if err != nil {
			return p, nil, err
		}
		if !ready {
			break
		}
		reached, e, err := p.Reach(item, workflow.Person{}, cause)
		if err != nil {
			return p, nil, err
		}
		if item == workflow.DemoBegun {
			err := tx.Apart(ctx, func() error {
				demo, made, err := t.demo(ctx, tx, p, people)
				if err == nil {
					reached.DemoPieceID = demo
					notices = append(notices, made...)
				}
				return err
			})
			if err != nil {
				return p, nil, fmt.Errorf("begin the demo piece: %w", err)
			}
		}
		p, events = reached, append(events, e)
	}
	if len(events) == 0 {
		return p, nil, nil
	}
	people.known[p.ID] = p
	if err := tx.SavePerson(ctx, &p); err != nil {
		return p, nil, storing(err, "onboarding of person %d", p.ID)
	}
	return p, notices, storing(tx.AddEvents(ctx, events), "onboarding of person %d", p.ID)
}

// comes tells whether the item is reached with nobody saying so.
func (t *tick) comes(ctx context.Context, tx Clockwork, p workflow.Person, item workflow.Item) (bool, error) {
	switch item {
	case workflow.Guidelines, workflow.DemoBegun, workflow.Billable:
		return true, nil
	case workflow.DemoFinished:
		demo, err := tx.Piece(ctx, p.DemoPieceID)
		if err != nil {
			return false, fmt.Errorf("the demo piece of %s: %w", p.Name, err)
		}
		return demo.Finished(), nil
	}
	return false, nil
}

// codesTried is how many codes of a demo piece may be in use by other pieces.
const codesTried = 100

// demo makes the contributor's demo piece and invites them to it. What it wrote has to be undone if it fails.
func (t *tick) demo(ctx context.Context, tx Clockwork, p workflow.Person, people *acquaintances) (int64, []Notice, error) {
	if _, err := people.person(ctx, p.EditorID); err != nil {
		return 0, nil, err
	}
	title, brief := t.Composer.wording(p).Demo()
	policy, cause := t.Composer.Policy, workflow.Cause{At: t.now, PersonID: p.ID}
	var piece workflow.Piece
	for try := 1; ; try++ {
		n, err := tx.Count(ctx, "DEMO")
		if err != nil {
			return 0, nil, storing(err, "count demo pieces")
		}
		made, events, err := workflow.NewPiece(workflow.PieceInput{
			Code: fmt.Sprintf("DEMO-%d", n), Title: or(policy.DemoTitle, title), Brief: or(policy.DemoBrief, brief), AuthorID: p.ID, EditorID: p.EditorID, Stage: workflow.Draft, Demo: true,
		}, cause)
		if err != nil {
			return 0, nil, err
		}
		err = tx.AddPiece(ctx, &made, events)
		if workflow.CodeOf(err) == workflow.Conflict && try < codesTried {
			continue
		}
		if err != nil {
			return 0, nil, storing(err, "add %s", made.Code)
		}
		piece = made
		break
	}
	ch := workflow.Start(piece, cause)
	known, err := people.all(ctx, Concerned(piece, ch))
	if err != nil {
		return 0, nil, fmt.Errorf("people of %s: %w", piece.Code, err)
	}
	notices, err := t.Composer.Tell(Happening{Before: piece, Change: ch, People: known})
	if err != nil {
		return 0, nil, fmt.Errorf("invite to %s: %w", piece.Code, err)
	}
	return piece.ID, notices, storing(tx.SavePiece(ctx, ch), "save %s", piece.Code)
}

// onboarding are a contributor's reminders due at now, and when the next will be.
func (s *Scheduler) onboarding(ctx context.Context, p workflow.Person, now time.Time, people *acquaintances) ([]workflow.Reminder, time.Time, error) {
	var problem error
	due, next := workflow.PersonReminders(p, s.Composer.Rules, now, func(id int64) workflow.Person {
		person, err := people.person(ctx, id)
		if err != nil {
			problem = err
		}
		return person
	})
	return due, next, problem
}

// onboardingNotice composes a reminder of p's onboarding; ok is false for somebody without an address.
func (t *tick) onboardingNotice(ctx context.Context, tx Clockwork, r workflow.Reminder, p workflow.Person, people *acquaintances) (_ Notice, ok bool, err error) {
	to, err := people.person(ctx, r.RecipientID)
	if err != nil || to.Primary() == "" {
		return Notice{}, false, err
	}
	about := About{Key: r.Key, DueAt: r.DueAt}
	var d templates.Data
	if r.Rule == workflow.DemoUndecided {
		demo, err := tx.Piece(ctx, p.DemoPieceID)
		if err != nil {
			return Notice{}, false, fmt.Errorf("the demo piece of %s: %w", p.Name, err)
		}
		about.PieceID = demo.ID
		d = templates.DemoFinished{OnPiece: templates.OnPiece{Piece: PieceData(demo), Who: PersonData(p)}}
	} else {
		known, err := people.all(ctx, []int64{p.EditorID})
		if err != nil {
			return Notice{}, false, err
		}
		if d, err = t.Composer.onboarding(r, p, known); err != nil {
			return Notice{}, false, err
		}
	}
	n, err := t.Composer.Compose(d, to, about)
	return n, err == nil, err
}

// onboarding is the data of a notice about p's first steps.
func (c *Composer) onboarding(r workflow.Reminder, p workflow.Person, people map[int64]workflow.Person) (templates.Data, error) {
	d := templates.Onboarding{Contributor: PersonData(p), Editor: c.named(people, p.EditorID), Guidelines: c.Policy.Guidelines, Days: r.Days}
	if next := p.Next(); next != "" {
		d.Next = next.Label()
	}
	switch r.Rule {
	case workflow.WelcomeNotice:
		return templates.Welcome{Onboarding: d}, nil
	case workflow.BriefingDue:
		return templates.BriefingDue{Onboarding: d}, nil
	case workflow.GuidelinesNotice:
		return templates.Guidelines{Onboarding: d}, nil
	case workflow.GuidelinesUnacknowledged:
		return templates.GuidelinesUnacknowledged{Onboarding: d}, nil
	case workflow.DemoPassedNotice:
		return templates.DemoPassed{Onboarding: d}, nil
	case workflow.BillingUnlocked:
		return templates.BillingUnlocked{Onboarding: d}, nil
	case workflow.OnboardingStalled:
		return templates.OnboardingStalled{Onboarding: d}, nil
	}
	return nil, fmt.Errorf("onboarding rule %q has no template", r.Rule)
}

// supersededPoint says by what r, one of due, is.
func supersededPoint(r workflow.Reminder, due []workflow.Reminder) string {
	recurring := slices.DeleteFunc(slices.Clone(due), func(r workflow.Reminder) bool {
		e, _ := templates.EntryOf(r.Rule)
		return !e.Recurring
	})
	return superseded(r, recurring, workflow.Step{})
}

// outdatedPoint is Outdated of a notice about an onboarding.
func (s *Scheduler) outdatedPoint(ctx context.Context, n Notice) (string, error) {
	id, _, _ := strings.Cut(strings.TrimPrefix(n.Key, onboardKey), ":")
	personID, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return "", fmt.Errorf("notice %q: %w", n.Key, err)
	}
	people := &acquaintances{from: s.Agenda, known: map[int64]workflow.Person{}}
	p, err := people.person(ctx, personID)
	if workflow.CodeOf(err) == workflow.NotFound {
		return "the contributor is gone", nil
	}
	if err != nil {
		return "", err
	}
	due, _, err := s.onboarding(ctx, p, latest(s.Clock.Now(), n.DueAt), people)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(due, func(r workflow.Reminder) bool { return r.Key == n.Key })
	switch {
	case i < 0:
		return "it is not wanted any more: the next point of the onboarding was reached, or its reader asked for none", nil
	case due[i].Superseded:
		return supersededPoint(due[i], due), nil
	}
	return "", nil
}

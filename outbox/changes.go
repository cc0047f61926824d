package outbox

import (
	"fmt"
	"slices"
	"time"

	"handoff/templates"
	"handoff/workflow"
)

// dates tell of every date that differs, each person once of all that concern them: the editor, a step's owner, and, of the
// overall deadline, everybody who has to meet it. Whoever heard of a new date in other words is not told of that one, and who made the
// change only of a date of their own that followed from it.
func (c *Composer) dates(t *telling) ([]Notice, error) {
	before, now := t.Before, t.piece
	if s, open := now.OpenStep(); before.ID == 0 || open && s.Stage == workflow.Pitch && now.Topic != "" {
		return nil, nil // a proposal's dates are told in the start kit
	}
	var all dated
	for i, s := range now.Steps {
		if i >= len(before.Steps) || s.DeadlineVersion == before.Steps[i].DeadlineVersion || s.Deadline.Equal(before.Steps[i].Deadline) {
			continue
		}
		step := stepData(s, t.person(s.OwnerID))
		last := !s.Deadline.IsZero() && s.Deadline.Equal(now.Deadline)
		d := templates.NewDate{Step: &step, Old: before.Steps[i].Deadline, New: s.Deadline, Last: last}
		knows := slices.Concat(t.dated[s.ID], t.heard(s.ID))
		if s.OwnerID != t.ActorID || !t.follow() {
			knows = append(knows, t.ActorID)
		}
		all.add(d, s, s.DeadlineVersion, knows, s.OwnerID, now.EditorID)
	}
	if now.DeadlineVersion != before.DeadlineVersion {
		ids := []int64{now.EditorID, now.LeadID}
		for _, s := range now.Steps {
			if s.State != workflow.Done {
				ids = append(ids, s.OwnerID)
			}
		}
		all.add(templates.NewDate{Old: before.Deadline, New: now.Deadline}, workflow.Step{}, now.DeadlineVersion, []int64{t.ActorID}, ids...)
	}
	var notices []Notice
	for _, one := range all {
		who := t.People[one.personID]
		if one.personID == 0 || who.Primary() == "" || !who.LeftAt.IsZero() {
			continue
		}
		about := About{Key: fmt.Sprintf("deadline/%d%s/%d", now.ID, one.key, one.personID), PieceID: now.ID, StepID: one.step.ID, CauseID: t.CauseID}
		if one.step.State == workflow.Open && one.personID == one.step.OwnerID {
			about.Invite = t.request(one.step, one.personID)
			if one.step.Deadline.IsZero() {
				about.Invite = t.cancel(withDeadline(one.step, one.old), one.personID)
			}
		}
		n, err := c.Compose(templates.DeadlineChanged{Piece: PieceData(now), Dates: one.dates, Whole: one.whole, Step: t.staying(one)}, who, about)
		if err != nil {
			return nil, err
		}
		notices = append(notices, n)
	}
	return notices, nil
}

// follow tells whether new dates follow from something else that was done, and were not set.
func (t *telling) follow() bool {
	return slices.ContainsFunc(t.Change.Events, func(e workflow.Event) bool {
		return e.Kind == workflow.ExtensionGranted || e.Kind == workflow.RevisionAsked || e.Kind == workflow.StepDone
	})
}

// dated are the new dates that people are told of, in the order in which they come up.
type dated []*personDates

// staying is the reader's own step, the open one first, or else the piece's open step, if its date is not among the new ones.
func (t *telling) staying(one *personDates) *templates.Step {
	s, _ := t.piece.OpenStep()
	if s.OwnerID != one.personID {
		i := slices.IndexFunc(t.piece.Steps, func(s workflow.Step) bool { return s.OwnerID == one.personID && s.State != workflow.Done })
		if i >= 0 {
			s = t.piece.Steps[i]
		}
	}
	told := slices.ContainsFunc(one.dates, func(d templates.NewDate) bool { return d.Step != nil && d.Step.Stage == string(s.Stage) })
	if told || s.Deadline.IsZero() {
		return nil
	}
	d := stepData(s, t.person(s.OwnerID))
	return &d
}

// personDates are one person's.
type personDates struct {
	personID int64
	dates    []templates.NewDate
	whole    bool          // the overall deadline is among them
	key      string        // names the dates
	step     workflow.Step // the open one if that is among them, zero with the overall deadline, else the first
	old      time.Time     // its date before
}

// add has those people told of a date, but for who heard of it.
func (all *dated) add(d templates.NewDate, s workflow.Step, version int, heard []int64, ids ...int64) {
	for i, id := range ids {
		if slices.Contains(heard, id) || slices.Contains(ids[:i], id) {
			continue
		}
		at := slices.IndexFunc(*all, func(p *personDates) bool { return p.personID == id })
		if at < 0 {
			at = len(*all)
			*all = append(*all, &personDates{personID: id, step: s, old: d.Old})
		}
		one := (*all)[at]
		one.dates = append(one.dates, d)
		one.key += fmt.Sprintf("/%d.%d", s.ID, version)
		one.whole = one.whole || d.Step == nil
		if s.State == workflow.Open || s.ID == 0 && one.step.State != workflow.Open {
			one.step, one.old = s, d.Old
		}
	}
}

// heard are those whom this change tells of the step, with its date, already.
func (t *telling) heard(stepID int64) (ids []int64) {
	for _, n := range t.notices {
		if n.StepID == stepID && stepID != 0 && n.Invite != nil && n.Invite.Method == Request {
			ids = append(ids, n.PersonID)
		}
	}
	return ids
}

func withDeadline(s workflow.Step, at time.Time) workflow.Step {
	s.Deadline = at
	return s
}

// passed are the open step's reminders whose moments have passed already, to people whom made tells of that step and its
// deadline: another mail that says the same, a minute later, helps nobody, and "we are still waiting" hurts who only just
// got the step.
func (c *Composer) passed(p workflow.Piece, people map[int64]workflow.Person, made []Notice) ([]Notice, error) {
	step, open := p.OpenStep()
	by := map[int64]string{}
	for _, n := range made {
		whole := n.StepID == 0 && n.Template == (templates.DeadlineChanged{}).Template() && step.Deadline.IsZero()
		if open && (n.StepID == step.ID || whole) {
			by[n.PersonID] = n.Template
		}
	}
	if len(by) == 0 {
		return nil, nil
	}
	var notices []Notice
	due, _ := workflow.Reminders(p, c.Rules, c.Clock.Now(), func(id int64) workflow.Person { return people[id] })
	for _, r := range due {
		if by[r.RecipientID] == "" || r.Rule == workflow.StepGoesBack {
			continue
		}
		d, err := c.reminder(r, p, people)
		if err != nil {
			return nil, err
		}
		n, err := c.Compose(d, people[r.RecipientID], About{Key: r.Key, PieceID: p.ID, StepID: r.StepID, DueAt: r.DueAt})
		if err != nil {
			return nil, err
		}
		n.State, n.Error = Cancelled, "superseded by "+by[r.RecipientID]
		notices = append(notices, n)
	}
	return notices, nil
}

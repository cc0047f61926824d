package outbox

import (
	"fmt"
	"time"

	"handoff/templates"
	"handoff/workflow"
)

// Changes makes what a change by hand causes: the notices of its handoffs, those of every date that differs from before, and,
// as cancelled ones, the reminders due at that moment to whom these tell the same. Nobody is told of what they did themselves
// (actorID); people without an address are left out.
func (c *Composer) Changes(before workflow.Piece, ch workflow.Change, people map[int64]workflow.Person, rules workflow.ReminderRules, actorID int64) ([]Notice, error) {
	notices, err := c.Handoffs(ch, people, actorID, 0)
	if err != nil {
		return nil, err
	}
	dates, err := c.dates(before, ch.Piece, people, actorID)
	if err != nil {
		return nil, fmt.Errorf("notices of the new dates of %s: %w", ch.Piece.Code, err)
	}
	notices = append(notices, dates...)
	passed, err := c.passed(ch.Piece, people, rules, notices)
	if err != nil {
		return nil, fmt.Errorf("reminders of %s: %w", ch.Piece.Code, err)
	}
	return append(notices, passed...), nil
}

// dates tell of every date that differs: a step's owner and the editor, or, of the overall deadline, everybody who has to
// meet it.
func (c *Composer) dates(before, now workflow.Piece, people map[int64]workflow.Person, actorID int64) ([]Notice, error) {
	var notices []Notice
	tell := func(d templates.DeadlineChanged, stepID int64, version int, ids ...int64) error {
		told := map[int64]bool{0: true, actorID: true}
		for _, id := range ids {
			if told[id] || people[id].Primary() == "" {
				continue
			}
			told[id] = true
			n, err := c.Compose(d, people[id], About{
				Key:     fmt.Sprintf("deadline/%d/%d/%d/%d", now.ID, stepID, version, id),
				PieceID: now.ID, StepID: stepID,
			})
			if err != nil {
				return err
			}
			notices = append(notices, n)
		}
		return nil
	}
	piece := PieceData(now)
	if now.DeadlineVersion != before.DeadlineVersion {
		ids := []int64{now.EditorID, now.LeadID}
		for _, s := range now.Steps {
			if s.State != workflow.Done {
				ids = append(ids, s.OwnerID)
			}
		}
		if err := tell(templates.DeadlineChanged{Piece: piece, Old: before.Deadline, New: now.Deadline}, 0, now.DeadlineVersion, ids...); err != nil {
			return nil, err
		}
	}
	for i, s := range now.Steps {
		if i >= len(before.Steps) || s.DeadlineVersion == before.Steps[i].DeadlineVersion {
			continue
		}
		step := stepData(s, PersonData(people[s.OwnerID]))
		d := templates.DeadlineChanged{Piece: piece, Step: &step, Old: before.Steps[i].Deadline, New: s.Deadline}
		if err := tell(d, s.ID, s.DeadlineVersion, s.OwnerID, now.EditorID); err != nil {
			return nil, err
		}
	}
	return notices, nil
}

// passed are the open step's reminders whose moments have passed already, to people whom made tells of that step and its
// deadline: another mail that says the same, a minute later, helps nobody, and "we are still waiting" hurts who only just
// got the step.
func (c *Composer) passed(p workflow.Piece, people map[int64]workflow.Person, rules workflow.ReminderRules, made []Notice) ([]Notice, error) {
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
	team := location(c.TimeZone, time.UTC)
	zone := func(id int64) *time.Location { return people[id].Location(team) }
	var notices []Notice
	for _, r := range workflow.Reminders(p, rules, c.Clock.Now(), zone) {
		if by[r.RecipientID] == "" {
			continue
		}
		d, err := reminderData(r, PieceData(p), stepData(step, PersonData(people[step.OwnerID])))
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

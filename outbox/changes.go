package outbox

import (
	"fmt"
	"time"

	"handoff/templates"
	"handoff/workflow"
)

// dates tell of every date that differs: a step's owner and the editor, or, of the overall deadline, everybody who has to
// meet it. Who heard of their new date in other words is left out.
func (c *Composer) dates(t *telling) ([]Notice, error) {
	before, now, people := t.Before, t.piece, t.People
	if s, open := now.OpenStep(); before.ID == 0 || open && s.Stage == workflow.Pitch && now.Topic != "" {
		return nil, nil // a proposal's dates are told in the start kit
	}
	var notices []Notice
	tell := func(d templates.DeadlineChanged, step workflow.Step, version int, ids ...int64) error {
		told := map[int64]bool{0: true, t.ActorID: true}
		for _, id := range append(t.dated, t.heard(step.ID)...) {
			told[id] = true
		}
		for _, id := range ids {
			if told[id] || people[id].Primary() == "" {
				continue
			}
			told[id] = true
			about := About{Key: fmt.Sprintf("deadline/%d/%d/%d/%d", now.ID, step.ID, version, id), PieceID: now.ID, StepID: step.ID, CauseID: t.CauseID}
			if step.State == workflow.Open && id == step.OwnerID {
				about.Invite = t.request(step, id)
				if step.Deadline.IsZero() {
					about.Invite = t.cancel(withDeadline(step, d.Old), id)
				}
			}
			n, err := c.Compose(d, people[id], about)
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
		if err := tell(templates.DeadlineChanged{Piece: piece, Old: before.Deadline, New: now.Deadline}, workflow.Step{}, now.DeadlineVersion, ids...); err != nil {
			return nil, err
		}
	}
	for i, s := range now.Steps {
		if i >= len(before.Steps) || s.DeadlineVersion == before.Steps[i].DeadlineVersion || s.Deadline.Equal(before.Steps[i].Deadline) {
			continue
		}
		step := stepData(s, PersonData(people[s.OwnerID]))
		d := templates.DeadlineChanged{Piece: piece, Step: &step, Old: before.Steps[i].Deadline, New: s.Deadline}
		if err := tell(d, s, s.DeadlineVersion, s.OwnerID, now.EditorID); err != nil {
			return nil, err
		}
	}
	return notices, nil
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

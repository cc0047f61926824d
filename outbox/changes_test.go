package outbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/outbox"
	"handoff/workflow"
)

// Who is told of a new date, or of a step that is theirs now, is not reminded at once of what that mail said.
func TestChanges(t *testing.T) {
	cause := workflow.Cause{At: start, ActorID: 2}
	steps := map[workflow.Stage]workflow.StepInput{workflow.Draft: {OwnerID: 1, Deadline: start.Add(-49 * time.Hour)}}
	p, _, err := workflow.NewPiece(workflow.PieceInput{Code: "ACME-12", Title: "Heat pumps", AuthorID: 1, EditorID: 2, Stage: workflow.Draft, Steps: steps}, workflow.Cause{At: start.Add(-240 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	p.ID = 12
	for i := range p.Steps {
		p.Steps[i].ID, p.Steps[i].PieceID = int64(50+i), 12
	}
	p.Steps[1].AcceptedAt = p.CreatedAt // nobody asks for an answer
	undated := p                        // but for the whole
	undated.Steps = slices.Clone(p.Steps)
	undated.Steps[1].Deadline = time.Time{}
	for name, c := range map[string]struct {
		change func() (workflow.Change, error)
		want   []string
	}{
		"the whole is due the day after tomorrow, the step has no date": {
			func() (workflow.Change, error) { return undated.SetDeadline(start.Add(48*time.Hour), cause) },
			[]string{"deadline_changed to Anna Berg", "due_soon to Anna Berg: superseded by deadline_changed"},
		},
		"the date moves to the day after tomorrow": {
			func() (workflow.Change, error) {
				return p.SetStepDeadline(workflow.Draft, start.Add(48*time.Hour), cause)
			},
			[]string{"deadline_changed to Anna Berg", "due_soon to Anna Berg: superseded by deadline_changed"},
		},
		"somebody else gets the late step": {
			func() (workflow.Change, error) { return p.Assign(workflow.Draft, 3, cause) },
			[]string{
				"step_opened to Cora Lind", "unassigned to Anna Berg", "due_soon to Cora Lind: superseded by step_opened", "due_today to Cora Lind: superseded by step_opened",
				"overdue to Cora Lind: superseded by step_opened",
			},
		},
		"another step's owner": {
			func() (workflow.Change, error) { return p.Assign(workflow.CopyEdit, 3, cause) }, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			ch, err := c.change()
			if err != nil {
				t.Fatal(err)
			}
			notices, err := composer(t).Tell(outbox.Happening{Before: p, Change: ch, People: team(), ActorID: cause.ActorID})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range notices {
				s := n.Template + " to " + n.ToName
				if n.State == outbox.Cancelled {
					s += ": " + n.Error
				}
				got = append(got, s)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Who left is told of no date, though a step is theirs still.
func TestDatesForWhoLeft(t *testing.T) {
	p, people := pieceIn(t, workflow.Draft), crew()
	left := people[danID]
	left.LeftAt = start
	people[danID] = left
	for _, move := range []func() (workflow.Change, error){
		func() (workflow.Change, error) { return p.SetStepDeadline(workflow.Design, day(55), by(leaID)) },
		func() (workflow.Change, error) { return p.SetDeadline(day(95), by(leaID)) },
	} {
		ch, err := move()
		if err != nil {
			t.Fatal(err)
		}
		notices, err := composer(t).Tell(outbox.Happening{Before: p, Change: ch, People: people, ActorID: leaID})
		if err != nil || len(notices) == 0 {
			t.Fatal(len(notices), err)
		}
		for _, n := range notices {
			if n.PersonID == danID {
				t.Errorf("%s to %s", n.Template, n.ToName)
			}
		}
	}
}

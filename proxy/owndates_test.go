package proxy

import (
	"testing"
	"time"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// A confirmation shows the dates of whom it goes to, and no one else's.
func TestOwnDates(t *testing.T) {
	const author, editor, lead, copyEditor, reviewer = 1, 2, 3, 4, 5
	asked := workflow.Reviewer{PersonID: reviewer, AskedAt: time.Unix(1, 0)}
	answered := asked
	answered.AnsweredAt = time.Unix(2, 0)
	for _, tt := range []struct {
		who         int64
		review      workflow.Reviewer
		step, piece bool
	}{
		{author, asked, false, true}, {editor, asked, true, true}, {lead, asked, false, true}, {copyEditor, asked, true, true},
		{reviewer, asked, true, true}, {reviewer, answered, false, false},
	} {
		p := workflow.Piece{AuthorID: author, EditorID: editor, LeadID: lead, Deadline: time.Unix(9, 0), Steps: []workflow.Step{
			{Stage: workflow.CopyEdit, State: workflow.Open, OwnerID: copyEditor, Deadline: time.Unix(5, 0), StepDetails: workflow.StepDetails{Reviewers: []workflow.Reviewer{tt.review}}},
		}}
		d := ownDates(templates.OnPiece{Piece: outbox.PieceData(p), Step: &templates.Step{Deadline: time.Unix(5, 0)}}, p, tt.who)
		if (d.Step != nil) != tt.step || d.Piece.Deadline.IsZero() == tt.piece {
			t.Errorf("person %d, answered %v: step %v, piece due %v", tt.who, !tt.review.AnsweredAt.IsZero(), d.Step, d.Piece.Deadline)
		}
	}
}

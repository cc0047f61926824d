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

// An answer carries the date of a step on its owner's clock, so that its end of a day is told as one.
func TestAnswerKeepsTheOwnersClock(t *testing.T) {
	g, m := gateway(t)
	given(t, g, m, "zone eve America/Sao_Paulo")
	paulo, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	p := m.pieceNamed(t, "ACME-1")
	for i := range p.Steps {
		if p.Steps[i].Stage == workflow.Review {
			p.Steps[i].Deadline = workflow.EndOfDay(2027, 12, 11, paulo).UTC()
		}
	}
	m.state.pieces[p.ID] = p
	record(t, g, m, firstDraft(t, m, 1))
	for _, n := range m.state.notices {
		if n.Template != "receipt" {
			continue
		}
		d, err := templates.Decode(n.Template, n.Data)
		if err != nil {
			t.Fatal(err)
		}
		if next := d.(templates.Receipt).Next; next == nil || next.Deadline.Format("2006-01-02 15:04") != "2027-12-11 23:59" {
			t.Errorf("the next step is %+v", next)
		}
		return
	}
	t.Error("there is no receipt")
}

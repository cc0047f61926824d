package workflow_test

import (
	"testing"
	"time"

	"handoff/workflow"
)

func TestRevise(t *testing.T) {
	at := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	in := workflow.PieceInput{Code: "ACME-1", Title: "One", AuthorID: 1, EditorID: 2, Stage: workflow.Draft,
		Deadline: at.AddDate(0, 1, 0), Steps: map[workflow.Stage]workflow.StepInput{workflow.Review: {Deadline: at.AddDate(0, 0, 7)}}}
	p, _, err := workflow.NewPiece(in, workflow.Cause{At: at})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		edit   func(*workflow.PieceInput)
		events int
		check  func(workflow.Piece) bool
	}{
		"the same": {func(*workflow.PieceInput) {}, 0, func(n workflow.Piece) bool { return n.UpdatedAt.Equal(p.UpdatedAt) }},
		"the stage stays": {func(in *workflow.PieceInput) { in.Stage = workflow.Ready }, 0,
			func(n workflow.Piece) bool { return n.Stage == workflow.Draft }},
		"a title": {func(in *workflow.PieceInput) { in.Title = "Two" }, 1, func(n workflow.Piece) bool { return n.Title == "Two" }},
		"what is left out stays": {func(in *workflow.PieceInput) { in.Deadline, in.Steps = time.Time{}, nil }, 0,
			func(n workflow.Piece) bool { return !n.Deadline.IsZero() }},
		"another author takes the open draft, not the pitch that is done": {func(in *workflow.PieceInput) { in.AuthorID = 3 }, 2,
			func(n workflow.Piece) bool { return n.Steps[0].OwnerID == 1 && n.Steps[1].OwnerID == 3 }},
		"an owner": {func(in *workflow.PieceInput) {
			in.Steps = map[workflow.Stage]workflow.StepInput{workflow.CopyEdit: {OwnerID: 9}}
		}, 1, func(n workflow.Piece) bool { return n.Steps[3].OwnerID == 9 }},
		"dates that only fit together": {func(in *workflow.PieceInput) {
			in.Deadline = at.AddDate(0, 0, 5)
			in.Steps = map[workflow.Stage]workflow.StepInput{workflow.Review: {Deadline: at.AddDate(0, 0, 4)}}
		}, 2, func(n workflow.Piece) bool { return n.DeadlineVersion == 2 && n.Steps[2].DeadlineVersion == 2 }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			revised := in
			tt.edit(&revised)
			ch, err := p.Revise(revised, workflow.Cause{At: at.Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			if len(ch.Events) != tt.events || !tt.check(ch.Piece) {
				t.Errorf("events %v, piece %+v", ch.Events, ch.Piece)
			}
		})
	}
	bad := in
	bad.Deadline = at.AddDate(0, 0, 1)
	if _, err := p.Revise(bad, workflow.Cause{At: at}); workflow.CodeOf(err) != workflow.Invalid {
		t.Errorf("a deadline before the review's gives %v", err)
	}
}

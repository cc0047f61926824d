package workflow

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const (
	ann  = 1 // author
	eve  = 2 // editor
	cora = 3 // copy editor
	dan  = 4 // designer
	lee  = 5 // distribution lead
)

var start = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func day(n int) time.Time { return EndOfDay(2026, 11, n, time.UTC) }

// stored gives a piece the ids that the store would.
func stored(p Piece) Piece {
	p.ID = 7
	for i := range p.Steps {
		p.Steps[i].ID, p.Steps[i].PieceID = int64(70+i), 7
	}
	return p
}

func mustPiece(t interface{ Fatal(...any) }, in PieceInput) Piece {
	if in.Code == "" {
		in.Code, in.Title, in.AuthorID, in.EditorID = "ACME-1", "Bread", ann, eve
	}
	p, _, err := NewPiece(in, Cause{At: start})
	if err != nil {
		t.Fatal(err)
	}
	return stored(p)
}

func TestNewPiece(t *testing.T) {
	p := mustPiece(t, PieceInput{Code: " acme-1 ", Title: " Good   bread", AuthorID: ann, EditorID: eve, LeadID: lee, Stage: Review,
		Steps: map[Stage]StepInput{CopyEdit: {OwnerID: cora, Deadline: day(9)}}, Deadline: day(20)})
	if p.Code != "ACME-1" || p.Title != "Good bread" || p.DeadlineVersion != 1 {
		t.Errorf("code %q, title %q, deadline version %d", p.Code, p.Title, p.DeadlineVersion)
	}
	var got []string
	for _, s := range p.Steps {
		got = append(got, fmt.Sprintf("%s %s %d v%d", s.Stage, s.State, s.OwnerID, s.DeadlineVersion))
	}
	want := []string{"pitch done 1 v0", "draft done 1 v0", "review open 2 v0", "copy_edit waiting 3 v1", "design waiting 2 v0",
		"ready waiting 5 v0", "published waiting 5 v0", "distributed waiting 5 v0"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if ch := Start(p, Cause{At: start}); len(ch.Handoffs) != 1 || ch.Handoffs[0].To.Stage != Review || ch.Handoffs[0].From.Stage != "" {
		t.Errorf("starting causes %+v", ch.Handoffs)
	}
}

func TestNewPieceRefused(t *testing.T) {
	good := PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve}
	for name, c := range map[string]struct {
		change func(*PieceInput)
		want   string
	}{
		"no code":          {func(p *PieceInput) { p.Code = "" }, `"" is not a piece code, write letters, a dash and a number, like ACME-12`},
		"word as code":     {func(p *PieceInput) { p.Code = "Bread" }, `"BREAD" is not a piece code, write letters, a dash and a number, like ACME-12`},
		"no title":         {func(p *PieceInput) { p.Title = " " }, "ACME-1 has no title"},
		"no author":        {func(p *PieceInput) { p.AuthorID = 0 }, "ACME-1 has no author"},
		"no editor":        {func(p *PieceInput) { p.EditorID = 0 }, "ACME-1 has no editor"},
		"stage":            {func(p *PieceInput) { p.Stage = "proof" }, `"proof" is not a stage, the stages are pitch, draft, review, copy_edit, design, ready, published, distributed`},
		"past the overall": {func(p *PieceInput) { p.Deadline = day(5); p.Steps = map[Stage]StepInput{Draft: {Deadline: day(6)}} }, "the draft deadline 2026-11-06 23:59 UTC is past the overall deadline 2026-11-05 23:59 UTC: move one of them"},
		"steps out of turn": {func(p *PieceInput) {
			p.Steps = map[Stage]StepInput{Draft: {Deadline: day(6)}, Design: {Deadline: day(5)}}
		}, "the design deadline 2026-11-05 23:59 UTC is before that of the draft, 2026-11-06 23:59 UTC, which comes first: move one of them"},
	} {
		t.Run(name, func(t *testing.T) {
			in := good
			c.change(&in)
			_, _, err := NewPiece(in, Cause{At: start})
			if err == nil || err.Error() != c.want || CodeOf(err) != Invalid {
				t.Errorf("got %v (%s), want %s", err, CodeOf(err), c.want)
			}
		})
	}
}

func TestSubmit(t *testing.T) {
	p := mustPiece(t, PieceInput{Stage: Draft})
	by := Cause{PersonID: ann, MessageID: 3, At: start.Add(time.Hour)}
	ch := p.Submit(by, "version 1")
	if len(ch.Handoffs) != 1 || ch.Handoffs[0].From.Stage != Draft || ch.Handoffs[0].To.Stage != Review || ch.Piece.Stage != Review {
		t.Fatalf("not handed on: %+v", ch)
	}
	var kinds []EventKind
	for _, e := range ch.Events {
		kinds = append(kinds, e.Kind)
		if e.MessageID != 3 || e.PieceID != 7 {
			t.Errorf("event %+v names no mail or no piece", e)
		}
	}
	if d := cmp.Diff([]EventKind{EntryFiled, StepDone, StepOpened}, kinds); d != "" {
		t.Error(d)
	}
	late := ch.Piece.Submit(by, "version 2")
	if len(late.Handoffs) != 0 || len(late.Events) != 1 || late.Events[0].Kind != EntryFiled {
		t.Errorf("a late version moved something: %+v", late)
	}
	if d := cmp.Diff(ch.Piece, late.Piece); d != "" {
		t.Error(d)
	}
}

func TestDeadlines(t *testing.T) {
	p := mustPiece(t, PieceInput{Stage: Draft, Deadline: day(20)})
	c := Cause{ActorID: eve, At: start}
	ch, err := p.SetStepDeadline(Draft, day(10), c)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := ch.Piece.Step(Draft); s.DeadlineVersion != 1 || !s.Deadline.Equal(day(10)) {
		t.Errorf("step %+v", s)
	}
	if want := "draft deadline: none → 2026-11-10 23:59 UTC"; ch.Events[0].Detail != want {
		t.Errorf("event %q, want %q", ch.Events[0].Detail, want)
	}
	if again, err := ch.Piece.SetStepDeadline(Draft, day(10), c); err != nil || len(again.Events) != 0 {
		t.Errorf("the same deadline again: %v %v", again.Events, err)
	}
	if _, err := ch.Piece.SetStepDeadline(Draft, day(21), c); CodeOf(err) != Invalid {
		t.Errorf("past the overall one: %v", err)
	}
	if _, err := ch.Piece.SetDeadline(day(9), c); CodeOf(err) != Invalid {
		t.Errorf("overall before the step: %v", err)
	}
	if _, err := p.SetStepDeadline(Pitch, day(9), c); CodeOf(err) != Conflict {
		t.Errorf("of a step that is done: %v", err)
	}
	if _, err := p.SetStepDeadline("proof", day(9), c); CodeOf(err) != Invalid {
		t.Errorf("of no stage: %v", err)
	}
}

func TestAssign(t *testing.T) {
	p := mustPiece(t, PieceInput{Stage: Review, Steps: map[Stage]StepInput{Published: {OwnerID: dan}}})
	ch, err := p.Assign(Review, cora, Cause{ActorID: eve, At: start})
	if err != nil || len(ch.Handoffs) != 1 || ch.Handoffs[0].To.OwnerID != cora {
		t.Fatalf("%+v %v", ch.Handoffs, err)
	}
	lead, err := p.AssignLead(lee, Cause{ActorID: eve, At: start})
	if err != nil {
		t.Fatal(err)
	}
	for stage, want := range map[Stage]int64{Ready: lee, Published: dan, Distributed: lee, Design: eve} {
		if s, _ := lead.Piece.Step(stage); s.OwnerID != want {
			t.Errorf("%s belongs to %d, want %d", stage, s.OwnerID, want)
		}
	}
	if len(lead.Handoffs) != 0 {
		t.Errorf("nobody is to be told yet: %+v", lead.Handoffs)
	}
}

func TestCan(t *testing.T) {
	p := mustPiece(t, PieceInput{Stage: Draft, Steps: map[Stage]StepInput{CopyEdit: {OwnerID: cora}}})
	for _, c := range []struct {
		who  Person
		what Permission
		want bool
	}{
		{Person{ID: ann}, Contribute, true}, {Person{ID: cora}, Contribute, true}, {Person{ID: dan}, Contribute, false},
		{Person{}, Contribute, false}, {Person{ID: dan, Roles: []Role{Admin}}, Contribute, false},
		{Person{ID: ann}, Submit, true}, {Person{ID: cora}, Submit, false},
		{Person{ID: eve}, Manage, true}, {Person{ID: ann}, Manage, false}, {Person{ID: dan, Roles: []Role{Admin}}, Manage, true},
		{Person{ID: eve}, "fly", false},
	} {
		if got := Can(c.who, c.what, p); got != c.want {
			t.Errorf("Can(%d, %s) = %v", c.who.ID, c.what, got)
		}
	}
}

// TestTransitions drives a piece with random rules and looks after each at what always holds.
func TestTransitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := mustPiece(t, PieceInput{Stage: rapid.SampledFrom(Stages()).Draw(t, "stage"), Deadline: day(25)})
		var log []Event
		n := rapid.IntRange(1, 40).Draw(t, "steps")
		for i := range n {
			c := Cause{PersonID: int64(rapid.IntRange(1, 5).Draw(t, "person")), ActorID: int64(rapid.IntRange(0, 5).Draw(t, "actor")), At: start.Add(time.Duration(i) * time.Hour)}
			stage := rapid.SampledFrom(Stages()).Draw(t, "of")
			before := clone(p)
			var ch Change
			var err error
			switch rapid.IntRange(0, 5).Draw(t, "rule") {
			case 0:
				ch = p.Submit(c, "x")
			case 1:
				ch, err = p.HandOff(c)
			case 2:
				ch, err = p.SetStepDeadline(stage, day(rapid.IntRange(1, 30).Draw(t, "day")), c)
			case 3:
				ch, err = p.SetDeadline(day(rapid.IntRange(1, 30).Draw(t, "day")), c)
			case 4:
				ch, err = p.Assign(stage, c.PersonID, c)
			case 5:
				ch = p.File(c, "x")
			}
			if d := cmp.Diff(before, p); d != "" {
				t.Fatalf("a rule changed the piece it was given: %s", d)
			}
			if err != nil {
				if CodeOf(err) == Failed {
					t.Fatalf("an error without a code: %v", err)
				}
				continue
			}
			log = append(log, ch.Events...)
			check(t, before, ch)
			p = ch.Piece
		}
		for i := 1; i < len(log); i++ {
			if log[i].At.Before(log[i-1].At) {
				t.Fatal("the history is out of order")
			}
		}
	})
}

func clone(p Piece) Piece {
	p.Steps = append([]Step(nil), p.Steps...)
	return p
}

func check(t *rapid.T, before Piece, ch Change) {
	p := ch.Piece
	open := 0
	for i, s := range p.Steps {
		if s.State == Open {
			open++
			if p.Stage != s.Stage {
				t.Fatalf("the %s is open and the piece stands at %s", s.Stage, p.Stage)
			}
		}
		if before.Steps[i].State == Done && s.State != Done {
			t.Fatalf("the %s was reopened", s.Stage)
		}
		if i > 0 && s.State == Done && p.Steps[i-1].State != Done {
			t.Fatalf("the %s is done before the %s", s.Stage, p.Steps[i-1].Stage)
		}
		if s.DeadlineVersion < before.Steps[i].DeadlineVersion {
			t.Fatal("a deadline version went back")
		}
		if s.State != Done && !p.Deadline.IsZero() && s.Deadline.After(p.Deadline) {
			t.Fatalf("the %s is due past the overall deadline", s.Stage)
		}
	}
	if open > 1 || open == 0 && p.Stage != Distributed {
		t.Fatalf("%d steps are open at %s", open, p.Stage)
	}
	for _, h := range ch.Handoffs {
		if h.From.Stage != "" && h.To.Stage != "" && h.To.Stage.Index() != h.From.Stage.Index()+1 {
			t.Fatalf("%s was handed on to %s", h.From.Stage, h.To.Stage)
		}
	}
	if cmp.Equal(before, p) {
		return
	}
	if len(ch.Events) == 0 {
		t.Fatalf("a change without an event: %s", cmp.Diff(before, p))
	}
}

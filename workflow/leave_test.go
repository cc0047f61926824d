package workflow

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What somebody who leaves still has to do goes to the editor, or to whom is named; what is done stays theirs.
func TestRelieve(t *testing.T) {
	base := func(in *PieceInput) {
		in.Steps = map[Stage]StepInput{Review: {OwnerID: cora}, CopyEdit: {OwnerID: cora}}
		in.LeadID = lee
	}
	tests := map[string]struct {
		stage   Stage
		change  func(*PieceInput)
		first   func(Piece, Cause) (Change, error)
		who, to int64
		want    string // author, editor, lead and the owners of what is not done
		events  []string
		err     string
	}{
		"an author": {stage: Draft, who: ann, want: "2 2 5: draft 2, review 3, copy_edit 3, design 2, ready 5, published 5, distributed 5",
			events: []string{"another author", "draft has another owner"}},
		"an author whose draft is done": {stage: Ready, who: ann, want: "1 2 5: ready 5, published 5, distributed 5"},
		"the owner of two steps": {stage: Review, who: cora, want: "1 2 5: review 2, copy_edit 2, design 2, ready 5, published 5, distributed 5",
			events: []string{"review has another owner", "copy edit has another owner"}},
		"to somebody": {stage: Review, who: cora, to: dan, want: "1 2 5: review 4, copy_edit 4, design 2, ready 5, published 5, distributed 5",
			events: []string{"review has another owner", "copy edit has another owner"}},
		"the lead, before it is ready": {stage: Draft, who: lee, want: "1 2 0: draft 1, review 3, copy_edit 3, design 2, ready 2, published 2, distributed 2",
			events: []string{"the distribution lead declined: they left the team"}},
		"the lead, when it is ready": {stage: Ready, who: lee, want: "1 2 2: ready 2, published 2, distributed 2",
			events: []string{"ready has another owner", "published has another owner", "distributed has another owner", "another distribution lead"}},
		"an editor without an heir": {stage: Draft, who: eve, err: "they are the editor of ACME-1: name who takes over"},
		"an editor": {stage: Draft, who: eve, to: dan, want: "1 4 5: draft 1, review 3, copy_edit 3, design 4, ready 5, published 5, distributed 5",
			events: []string{"another editor", "design has another owner"}},
		"a peer who owes a review": {stage: Review, who: dan, first: func(p Piece, c Cause) (Change, error) { return p.AskReviewers(c, 0, dan, lee) },
			want: "1 2 5: review 3, copy_edit 3, design 2, ready 5, published 5, distributed 5", events: []string{"a reviewer declined: they left the team"}},
		"a newcomer's demo piece": {stage: Draft, change: func(in *PieceInput) { in.Demo, in.Steps, in.LeadID = true, nil, 0 }, who: ann,
			want: "1 2 0: draft 1, review 2, copy_edit 2, design 2", events: []string{"cancelled: its author has left the team"}},
		"nobody of the piece": {stage: Draft, who: dan, want: "1 2 5: draft 1, review 3, copy_edit 3, design 2, ready 5, published 5, distributed 5"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Stage: tt.stage}
			base(&in)
			if tt.change != nil {
				tt.change(&in)
			}
			c := Cause{At: nov(2, 9)}
			p, _, err := NewPiece(in, c)
			if err != nil {
				t.Fatal(err)
			}
			if tt.first != nil {
				ch, err := tt.first(p, c)
				if err != nil {
					t.Fatal(err)
				}
				p = ch.Piece
			}
			ch, err := p.Relieve(tt.who, tt.to, c)
			if tt.err != "" {
				if CodeOf(err) != Conflict || err.Error() != tt.err {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var owners []string
			for _, s := range ch.Piece.Steps {
				if s.State != Done {
					owners = append(owners, string(s.Stage)+" "+string(rune('0'+s.OwnerID)))
				}
			}
			n := ch.Piece
			got := string([]rune{'0' + rune(n.AuthorID), ' ', '0' + rune(n.EditorID), ' ', '0' + rune(n.LeadID), ':', ' '}) + strings.Join(owners, ", ")
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			var events []string
			for _, e := range ch.Events {
				events = append(events, e.Detail)
				if strings.Contains(e.Detail, "declined") && e.Words != "" {
					t.Errorf("%q quotes %q, which nobody said", e.Detail, e.Words)
				}
			}
			if d := cmp.Diff(tt.events, events); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

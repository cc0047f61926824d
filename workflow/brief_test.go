package workflow

import (
	"strings"
	"testing"
	"time"
)

// readied is a piece in ready with that checklist.
func readied(t *testing.T, tasks ...string) Piece {
	t.Helper()
	p, _, err := NewPiece(PieceInput{Code: "TEA-1", Title: "Tea", AuthorID: 1, EditorID: 2, LeadID: 3, Stage: Ready, Tasks: tasks}, Cause{At: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTasks(t *testing.T) {
	c := Cause{At: time.Unix(60, 0), ActorID: 2}
	add := func(name string) func(Piece) (Change, error) {
		return func(p Piece) (Change, error) { return p.AddTask(name, c) }
	}
	remove := func(name string) func(Piece) (Change, error) {
		return func(p Piece) (Change, error) { return p.RemoveTask(name, c) }
	}
	tick := func(name string) func(Piece) (Change, error) {
		return func(p Piece) (Change, error) { return p.Tick(c, name) }
	}
	for name, tt := range map[string]struct {
		tasks string
		do    []func(Piece) (Change, error)
		want  string // tasks, and where it stands
		err   string // of the last
	}{
		"added":                      {"image", []func(Piece) (Change, error){add(" share  buttons ")}, "image,share buttons ready", ""},
		"there already":              {"image", []func(Piece) (Change, error){add("IMAGE")}, "image ready", ""},
		"without a name":             {"image", []func(Piece) (Change, error){add("  ")}, "image ready", "needs a name"},
		"after publication":          {"image", []func(Piece) (Change, error){tick("image"), add("map")}, "image published", "is in published"},
		"removed, the only one":      {"image", []func(Piece) (Change, error){remove("Image")}, " ready", ""},
		"removed, the last open one": {"image,map", []func(Piece) (Change, error){tick("image"), remove("map")}, "image published", ""},
		"removed, a done one":        {"image,map", []func(Piece) (Change, error){tick("image"), remove("image")}, "map ready", ""},
		"removed, others open":       {"image,map", []func(Piece) (Change, error){remove("image")}, "map ready", ""},
		"unknown":                    {"image,map", []func(Piece) (Change, error){remove("moon")}, "image,map ready", `no task "moon", its tasks are: image, map`},
	} {
		t.Run(name, func(t *testing.T) {
			p := readied(t, strings.Split(tt.tasks, ",")...)
			var err error
			for _, do := range tt.do {
				var ch Change
				if ch, err = do(p); err == nil {
					p = ch.Piece
				}
			}
			var names []string
			for _, task := range p.Checklist {
				names = append(names, task.Name)
			}
			if got := strings.Join(names, ",") + " " + string(p.Stage); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	p := readied(t, "image", "map")
	before := p.Checklist[0]
	if _, err := p.RemoveTask("image", c); err != nil || p.Checklist[0] != before {
		t.Errorf("the piece it was made from changed: %+v, %v", p.Checklist, err)
	}
}

func TestSetBrief(t *testing.T) {
	c := Cause{At: time.Unix(60, 0)}
	p := readied(t)
	ch, err := p.SetBrief(" Ten ways. ", c)
	if err != nil || ch.Piece.Brief != "Ten ways." || len(ch.Events) != 1 {
		t.Fatalf("%+v, %v", ch, err)
	}
	if again, err := ch.Piece.SetBrief("Ten ways.", c); err != nil || len(again.Events) != 0 || again.Piece.Brief != "Ten ways." {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	if none, err := ch.Piece.SetBrief("", c); err != nil || none.Piece.Brief != "" || len(none.Events) != 1 {
		t.Errorf("taken away: %+v, %v", none, err)
	}
	cancelled, err := p.Cancel(c, "no")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cancelled.Piece.SetBrief("Ten", c); CodeOf(err) != Conflict {
		t.Errorf("of a cancelled piece: %v", err)
	}
}

// Another address is looked at at once, whenever the one before was.
func TestPublishAnew(t *testing.T) {
	c := Cause{At: time.Unix(60, 0), ActorID: 3}
	p := readied(t)
	for _, step := range []func(Piece) (Change, error){
		func(p Piece) (Change, error) { return p.HandOff(c) },
		func(p Piece) (Change, error) { return p.Publish(c, "https://a.example") },
		func(p Piece) (Change, error) { return p.Checked(c, "it is not there") },
		func(p Piece) (Change, error) { return p.Publish(c, "https://b.example") },
	} {
		ch, err := step(p)
		if err != nil {
			t.Fatal(err)
		}
		p = ch.Piece
	}
	if p.URL != "https://b.example" || !p.CheckedAt.IsZero() || p.CheckProblem != "" {
		t.Errorf("%+v", p.PieceDetails)
	}
}

func TestBriefOfAProposal(t *testing.T) {
	c := Cause{At: time.Unix(60, 0), PersonID: 1}
	p, _, err := NewPiece(PieceInput{Code: "TEA-1", Title: "Tea", AuthorID: 1, EditorID: 2, Stage: Pitch}, c)
	if err != nil {
		t.Fatal(err)
	}
	then := func(ch Change, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		p = ch.Piece
	}
	then(p.Propose(c, "Where it grows."))
	then(p.AskChanges(c, "Who says so?"))
	then(p.Propose(c, "Three gardeners do."))
	if want := "Three gardeners do."; p.Brief != want {
		t.Errorf("the brief is %q, want %q", p.Brief, want)
	}
}

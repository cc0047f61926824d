package proxy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handoff/internal/clock"
	"handoff/workflow"
)

func pitched(t *testing.T, g *Gateway, m *memory, uid uint32, title string) (outcome, []string) {
	t.Helper()
	g.Clock.(*clock.Fake).Advance(time.Minute)
	before := len(m.state.notices)
	got := record(t, g, m, rawReceived(t, g, m, []string{"From: Zoe <zoe@example.com>", "Subject: PITCH: " + title, "", "Why we drink it."}, uid))
	return got, says(t, m.state.notices[before:])
}

// A pitch on which nobody decides waits for a person, and its author is told; another is taken once somebody is named.
func TestPitchWithoutEditor(t *testing.T) {
	for name, change := range map[string]func(*Gateway, *memory){
		"no triage":              func(g *Gateway, _ *memory) { g.Decider.Triage = "" },
		"an address of nobody":   func(g *Gateway, _ *memory) { g.Decider.Triage = "desk@agency.example" },
		"who is named has left":  func(g *Gateway, m *memory) { given(t, g, m, "left tom") },
		"their editor has left":  func(g *Gateway, m *memory) { g.Decider.Triage = ""; given(t, g, m, "editor zoe eve", "left eve") },
		"their editor is nobody": func(g *Gateway, m *memory) { g.Decider.Triage = ""; editorOf(m, zoe, 4711) },
	} {
		t.Run(name, func(t *testing.T) {
			g, m := gateway(t)
			change(g, m)
			got, said := pitched(t, g, m, 1, "Five cups a day")
			if got.Action != Hold || got.Piece != "" || got.Reason != "Zoe proposes a topic, but nobody is named yet who decides on proposals" {
				t.Errorf("%+v", got)
			}
			if !slices.Contains(got.Notices, "held to zoe@example.com") || !slices.Contains(said, "held: nobody is named yet who decides on proposals") {
				t.Errorf("told %q, saying %q", got.Notices, said)
			}
			editorOf(m, zoe, eve)
			for i := range m.state.people {
				m.state.people[i].LeftAt = time.Time{}
			}
			if got, _ := pitched(t, g, m, 2, "Six cups a day"); got.Action != Act || got.Stage != "pitch" {
				t.Errorf("once somebody is named: %+v", got)
			}
		})
	}
}

func editorOf(m *memory, id, editor int64) {
	i := slices.IndexFunc(m.state.people, func(p workflow.Person) bool { return p.ID == id })
	m.state.people[i].EditorID = editor
}

// So many proposals a day are taken of one person, whatever became of the answers; the others wait, and their sender is told why.
func TestPitchCap(t *testing.T) {
	for name, c := range map[string]struct{ set, taken int }{"by default": {0, 5}, "two": {2, 2}, "none": {-1, 7}} {
		t.Run(name, func(t *testing.T) {
			g, m := gateway(t)
			given(t, g, m, "editor zoe eve")
			g.Decider.Caps.Pitches = c.set
			for i := range 7 {
				got, said := pitched(t, g, m, uint32(i+1), "Tea "+strings.Repeat("I", i+1))
				if want := i < c.taken; (got.Action == Act) != want {
					t.Fatalf("pitch %d: %+v", i+1, got)
				}
				if i >= c.taken && (got.Action != Hold || !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "held: ") && strings.Contains(s, "came within a day") })) {
					t.Errorf("pitch %d is held: %+v, saying %q", i+1, got, said)
				}
			}
			g.Clock.(*clock.Fake).Advance(24 * time.Hour)
			if got, _ := pitched(t, g, m, 20, "Tomorrow's tea"); got.Action != Act {
				t.Errorf("a day later: %+v", got)
			}
		})
	}
}

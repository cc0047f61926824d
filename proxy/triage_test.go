package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/templates"
	"handoff/workflow"
)

func TestReplay(t *testing.T) {
	g, m := gateway(t)
	quiet(g)
	withShelf(g)
	shelved(t, g, 1, "bob", nil)                     // held: two open pieces
	shelved(t, g, 2, "ann", errors.New("timed out")) // failed
	if d := cmp.Diff([]string{"held to bob@example.com", "held_editor to eve@agency.example"}, m.state.told()); d != "" {
		t.Fatal(d)
	}
	if d := cmp.Diff([]string{"1 hold to hold", "2 fail to file"}, replayAll(t, g)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"receipt to ann@example.org", "step_opened to eve@agency.example"}, m.state.told()[2:]); d != "" {
		t.Error(d)
	}
	if r := m.state.records[1]; r.Error != "" || r.MessageID != "ann@mail.example" || r.PieceID != 1 || r.FromAddress != "ann@example.org" {
		t.Errorf("the failed mail is now %+v", r)
	}
	state := m.state.clone()
	if d := cmp.Diff([]string{"1 hold to hold"}, replayAll(t, g)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(state, m.state, cmp.AllowUnexported(tables{})); d != "" {
		t.Errorf("a second replay changed something: %s", d)
	}
	// One of the two pieces is given up meanwhile: now the mail has one place to go.
	p := m.state.pieces[3]
	ch, err := p.Cancel(workflow.Cause{At: today, ActorID: eve}, "the topic is taken")
	if err != nil {
		t.Fatal(err)
	}
	p = ch.Piece
	m.state.pieces[3] = p
	if d := cmp.Diff([]string{"1 hold to file", "2 not_found", "7 not_found"}, replayAll(t, g, 1, 2, 7)); d != "" {
		t.Error(d)
	}
	if len(m.state.entries) != 2 {
		t.Errorf("%d entries", len(m.state.entries))
	}
}

func TestReplayWithoutItsBlob(t *testing.T) {
	g, m := gateway(t)
	quiet(g)
	s := withShelf(g)
	shelved(t, g, 1, "bob", nil)
	shelved(t, g, 2, "ann", errors.New("timed out"))
	delete(s, "bob")
	if d := cmp.Diff([]string{"1 failed", "2 fail to file"}, replayAll(t, g)); d != "" {
		t.Error(d)
	}
	if m.state.records[0].Action != Hold {
		t.Error("a mail whose blob is gone was decided on")
	}
}

func TestAssign(t *testing.T) {
	g, m := gateway(t)
	withShelf(g)
	shelved(t, g, 1, "bob", nil)
	shelved(t, g, 2, "forged", nil)
	ctx := context.Background()
	if _, err := g.Assign(ctx, 1, 2, cora); workflow.CodeOf(err) != workflow.Forbidden {
		t.Errorf("somebody with no part in it: %v", err)
	}
	if _, err := g.Assign(ctx, 1, 99, eve); workflow.CodeOf(err) != workflow.NotFound {
		t.Errorf("no such piece: %v", err)
	}
	if _, err := g.Assign(ctx, 99, 2, eve); workflow.CodeOf(err) != workflow.NotFound {
		t.Errorf("no such mail: %v", err)
	}
	n := len(m.state.notices)
	rec, err := g.Assign(ctx, 1, 2, eve)
	if err != nil || rec.Action != File || rec.PieceID != 2 || rec.PersonID != bob {
		t.Fatalf("%+v %v", rec, err)
	}
	if e := m.state.entries[0]; e.ActorID != eve || e.PersonID != bob || e.Version != 1 || m.state.pieces[2].Stage != workflow.Review {
		t.Errorf("entry %+v, stage %s", e, m.state.pieces[2].Stage)
	}
	if d := cmp.Diff([]string{"receipt to bob@example.com", "step_opened to eve@agency.example"}, m.state.told()[n:]); d != "" {
		t.Error(d)
	}
	if _, err := g.Assign(ctx, 1, 2, eve); workflow.CodeOf(err) != workflow.NotFound {
		t.Errorf("a second time: %v", err)
	}
	n = len(m.state.notices)
	if _, err := g.Assign(ctx, 2, 3, eve); err != nil {
		t.Fatal(err)
	}
	if told := m.state.told()[n:]; slices.ContainsFunc(told, func(s string) bool { return strings.HasPrefix(s, "receipt") }) {
		t.Errorf("a forged sender got a receipt: %v", told)
	}
}

// TestAssignToAnother: a mail filed for a piece's author gives its sender, who has no part in it, no signed address of theirs.
func TestAssignToAnother(t *testing.T) {
	g, m := gateway(t)
	withShelf(g)
	shelved(t, g, 1, "bob", nil)
	n := len(m.state.notices)
	rec, err := g.Assign(context.Background(), 1, 1, eve)
	if err != nil || rec.PersonID != ann {
		t.Fatalf("%+v %v", rec, err)
	}
	for _, n := range m.state.notices[n:] {
		if n.ToAddress == "bob@example.com" {
			t.Errorf("%s to %s, answers to %s", n.Template, n.ToAddress, n.ReplyTo)
		}
	}
}

// TestReceiptOfTheirOwnNextStep: who hands in the pitch has the draft to write next.

func TestHeldEditorSeesTheAddress(t *testing.T) {
	tests := map[string]struct {
		from string
		want templates.Person
	}{
		"their own":                      {"Zoe <zoe@example.com>", templates.Person{Name: "Zoe", Address: "zoe@example.com", Outside: true}},
		"one that nobody registered":     {"Mal <mal@evil.example>", templates.Person{Name: "Zoe", Address: "mal@evil.example", Outside: true}},
		"a stranger's, not in an answer": {"Mal <mal@evil.example>", templates.Person{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g, m := gateway(t)
			given(t, g, m, "editor zoe eve", "onboarded zoe guidelines", "told zoe guidelines zoe")
			before := len(m.state.notices)
			to := "To: {reply guidelines}"
			if tt.want.Name == "" {
				to = "To: drafts@agency.example"
			}
			record(t, g, m, rawReceived(t, g, m, []string{"From: " + tt.from, "Subject: Hello", to, "", "Here I am."}, 1))
			var got templates.HeldEditor
			for _, n := range m.state.notices[before:] {
				if n.Template == got.Template() {
					if err := json.Unmarshal(n.Data, &got); err != nil {
						t.Fatal(err)
					}
				}
			}
			if d := cmp.Diff(tt.want, got.Sender); d != "" {
				t.Error(d)
			}
		})
	}
}

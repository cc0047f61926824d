package proxy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"handoff/outbox"
	"handoff/workflow"
)

// What comes after somebody's step is done is a late version with a receipt: more of the designer's pictures, and the author's text
// sent again; a screenshot or long remarks by others are words about it.
func TestLateVersions(t *testing.T) {
	var text, remarks strings.Builder
	for i := range 150 {
		fmt.Fprintf(&text, "bread%d ", i)
		fmt.Fprintf(&remarks, "remark%d ", i)
	}
	again := "Dear Eve,\n" + strings.Replace(text.String(), "bread70", "cake", 1)
	for name, c := range map[string]struct {
		mail  sample
		stage workflow.Stage
		kind  EntryKind
	}{
		"the designer's pictures":    {sample{From: "dan@example.net", Subject: "ACME-1", Text: "Two more.", Files: []string{"a.png", "b.png"}}, workflow.Ready, Submission},
		"the author's picture":       {sample{From: "ann@example.org", Subject: "ACME-1", Text: "Look.", Files: []string{"a.png"}}, workflow.Ready, Comment},
		"the designer's words":       {sample{From: "dan@example.net", Subject: "ACME-1", Text: "All well?"}, workflow.Ready, Comment},
		"the text again":             {sample{From: "ann@example.org", Subject: "ACME-1", Text: again}, workflow.Design, Submission},
		"the author's long remarks":  {sample{From: "ann@example.org", Subject: "ACME-1", Text: remarks.String()}, workflow.Design, Comment},
		"the text from another hand": {sample{From: "dan@example.net", Subject: "ACME-1", Text: again}, workflow.CopyEdit, Comment},
	} {
		g, m := gateway(t)
		recordAll(t, g, sample{From: "ann@example.org", Subject: "ACME-1", Text: text.String()}.received(t, m, 1))
		p := m.pieceNamed(t, "ACME-1")
		ch, err := p.Assign(workflow.Design, m.personNamed("dan"), workflow.Cause{At: today})
		if err == nil {
			ch, err = ch.Piece.AssignLead(m.personNamed("zoe"), workflow.Cause{At: today})
		}
		for s, _ := ch.Piece.OpenStep(); err == nil && s.Stage != c.stage; s, _ = ch.Piece.OpenStep() {
			ch, err = ch.Piece.HandOff(workflow.Cause{At: today})
		}
		if err != nil {
			t.Fatal(name, ": ", err)
		}
		m.state.pieces[p.ID] = ch.Piece
		told := len(m.state.notices)
		recordAll(t, g, c.mail.received(t, m, 2))
		if len(m.state.entries) != 2 {
			t.Errorf("%s: %s", name, m.state.records[1].Reason)
			continue
		}
		receipt := slices.ContainsFunc(m.state.notices[told:], func(n outbox.Notice) bool { return n.Template == "receipt" })
		if e := m.state.entries[1]; e.Kind != c.kind || e.StepID != 0 || receipt != (c.kind == Submission) {
			t.Errorf("%s: filed as %s, receipt %v", name, e.Kind, receipt)
		}
		if c.mail.From != "dan@example.net" || c.kind != Submission {
			continue
		}
		drafts, err := drafts(t.Context(), memoryTx{m}, ch.Piece)
		if err != nil || len(drafts) != 2 || drafts[0].Version != 1 || drafts[1].Version != 2 {
			t.Errorf("%s: who goes on gets %+v, %v", name, drafts, err)
		}
		if images := Images(ch.Piece, workflow.Person{}, m.state.entries); len(images) != 2 || images[0].Name != "a.png" {
			t.Errorf("%s: the share kit has %+v", name, images)
		}
	}
}

package proxy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"handoff/templates"
	"handoff/workflow"
)

// What a peer sends with a review is no version of the text, whether in a file or at length; what the editor sends is.
func TestReviewsAreNoVersions(t *testing.T) {
	long := strings.Repeat("remark ", 200)
	for name, c := range map[string]struct {
		mail  sample
		given []string
		kind  EntryKind
	}{
		"a file":                       {sample{From: "dan@example.net", Subject: "ACME-1", Text: "See the file.", Files: []string{"notes.docx"}}, nil, Comment},
		"another after the review":     {sample{From: "dan@example.net", Subject: "ACME-1", Text: "See the file.", Files: []string{"notes.docx"}}, []string{"answered"}, Comment},
		"at length, by who has it too": {sample{From: "dan@example.net", Subject: "ACME-1", Text: long}, []string{"owner"}, Comment},
		"the author's":                 {sample{From: "ann@example.org", Subject: "ACME-1", Text: "A better one.", Files: []string{"text.docx"}}, nil, Submission},
	} {
		g, m := gateway(t)
		given(t, g, m, "hand ACME-1", "reviewers ACME-1 dan cora")
		p := m.pieceNamed(t, "ACME-1")
		for _, what := range c.given {
			var err error
			var ch workflow.Change
			switch what {
			case "answered":
				ch, err = p.Reviewed(workflow.Cause{PersonID: m.personNamed("dan"), At: today})
			case "owner":
				ch, err = p.Assign(workflow.Review, m.personNamed("dan"), workflow.Cause{At: today})
			}
			if err != nil {
				t.Fatal(name, ": ", err)
			}
			m.state.pieces[p.ID] = ch.Piece
		}
		recordAll(t, g, c.mail.received(t, m, 1))
		if len(m.state.entries) != 1 {
			t.Errorf("%s: %s", name, m.state.records[0].Reason)
			continue
		}
		if e := m.state.entries[0]; e.Kind != c.kind || (e.Version > 0) != (c.kind == Submission) || e.Text == "" {
			t.Errorf("%s: filed as %s, version %d", name, e.Kind, e.Version)
		}
	}
}

// A version is compared with the last one by somebody at work on the piece: reviews were numbered among them once.
func TestBefore(t *testing.T) {
	const author, reviewer = 1, 3
	p := workflow.Piece{ID: 1, AuthorID: author, EditorID: 2}
	text, notes := Entry{PersonID: author, StepID: 1}, Entry{PersonID: reviewer}
	for name, c := range map[string]struct {
		entries filed
		want    int
	}{
		"the first":         {filed{text}, 0},
		"the one before":    {filed{text, text, text}, 2},
		"not the reviews":   {filed{text, notes, notes, text}, 1},
		"only reviews were": {filed{notes, text}, 0},
	} {
		e, ok, err := before(t.Context(), c.entries, p, len(c.entries))
		if err != nil || e.Version != c.want || ok != (c.want > 0) {
			t.Errorf("%s: %d, %v, %v", name, e.Version, ok, err)
		}
	}
}

// The editor has every version that is handed in to somebody else, with the letter beside it and what changed.
func TestEditorHasWhatIsHandedIn(t *testing.T) {
	g, m := gateway(t)
	g.Versions = &comparer{}
	given(t, g, m, "owner ACME-1 review dan", "owner ACME-1 copy_edit cora")
	one, two := versionMails(t, m)
	two.Message.From.Address = "dan@example.net"
	recordAll(t, g, one, two)
	var told []templates.StepDone
	for _, n := range m.state.notices {
		if n.Template == "step_done" && n.ToAddress == "eve@agency.example" {
			var d templates.StepDone
			if err := json.Unmarshal(n.Data, &d); err != nil {
				t.Fatal(err)
			}
			told = append(told, d)
		}
	}
	if len(told) != 2 {
		t.Fatalf("the editor is told of %d steps: %v", len(told), m.state.told())
	}
	for i, d := range told {
		letter := len(d.Drafts) == 1 && slices.ContainsFunc(d.Drafts[0].Files, func(a templates.Attachment) bool { return a.Number == templates.MailText })
		if d.Version != i+1 || !letter || d.Drafts[0].Version != i+1 || (d.Changes != nil) != (i == 1) {
			t.Errorf("of version %d: %+v", i+1, d)
		}
	}
}

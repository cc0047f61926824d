package proxy

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"handoff/inbox/draft"
	"handoff/templates"
	"handoff/workflow"
)

// What a briefing, a revision or a file is refused for is said in the reader's language.
func TestRefusalsAreSaidInEveryLanguage(t *testing.T) {
	c := workflow.Cause{At: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), ActorID: 2}
	editor := workflow.Person{ID: 2, Name: "Erik Holm", Class: workflow.Internal, Roles: []workflow.Role{workflow.Editor}}
	anna := workflow.Person{ID: 1, Name: "Anna Berg", Class: workflow.Outside}
	anna.EditorID = 2
	with := func(change func(*workflow.Person)) workflow.Person {
		p := anna
		change(&p)
		return p
	}
	reach := func(p workflow.Person, by workflow.Person) error {
		_, _, err := p.Reach(workflow.Briefed, by, c)
		return err
	}
	piece, _, err := workflow.NewPiece(workflow.PieceInput{Code: "ACME-12", Title: "Heat pumps", AuthorID: 1, EditorID: 2, Stage: workflow.Review}, c)
	if err != nil {
		t.Fatal(err)
	}
	_, past := piece.AskRevision(c, "shorter", c.At.AddDate(0, 0, -1))
	refusals := map[string]string{
		"a colleague": reach(editor, editor).Error(),
		"who left":    reach(with(func(p *workflow.Person) { p.LeftAt = c.At }), editor).Error(),
		"again": reach(with(func(p *workflow.Person) {
			p.Onboarding = []workflow.Milestone{{Item: workflow.Invited, At: c.At}, {Item: workflow.Briefed, At: c.At}}
		}), editor).Error(),
		"whom all know": reach(with(func(p *workflow.Person) { p.Onboarding = []workflow.Milestone{{Item: workflow.Waived, At: c.At}} }), editor).Error(),
		"too early":     reach(anna, editor).Error(),
		"by no editor":  reach(with(func(p *workflow.Person) { p.Onboarding = []workflow.Milestone{{Item: workflow.Invited, At: c.At}} }), anna).Error(),
		"a past day":    past.Error(),
		"a program":     draft.Inspect("essay.pdf", "application/pdf", bytes.NewReader([]byte("MZ"+strings.Repeat("\x00", 1022))), 1024),
	}
	set, problems, err := templates.Load(templates.Config{})
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	for name, reason := range refusals {
		for _, locale := range templates.Locales()[1:] {
			d := templates.Sample("not_done").(templates.NotDone)
			d.Subject, d.Reason = "", reason
			r, err := set.Render(d, templates.Audience{Locale: locale, Location: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(r.Text), " ")
			for _, word := range []string{" the ", " is ", "please", "personally"} {
				if strings.Contains(text, word) {
					t.Errorf("%s, refused by %q, is told in %s with %q:\n%s", name, reason, locale, word, r.Text)
				}
			}
		}
	}
}

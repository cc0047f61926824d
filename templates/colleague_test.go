package templates_test

import (
	"strings"
	"testing"
	"time"

	"handoff/templates"
)

// A colleague reads what a reply does, and where files go, which are not taken in by mail; whoever publishes or checks the piece is
// asked for what that step needs.
func TestColleaguesAnswerByMail(t *testing.T) {
	set := load(t)
	reader := func(outside bool) templates.Base {
		return templates.Base{Team: "Agency", To: templates.Person{Name: "Ed", Address: "ed@agency.example", Outside: outside}}
	}
	piece, author := templates.Piece{Code: "ACME-12", Title: "Heat pumps", Stage: "review"}, templates.Person{Name: "Anna", Address: "anna@berg.example"}
	in := func(stage string) templates.Step { return templates.Step{Stage: stage, Owner: reader(false).To} }
	for _, c := range []struct {
		d    templates.Data
		want string
	}{
		{templates.DueSoon{Base: reader(false), Piece: piece, Step: in("copy_edit")}, "answer with DONE: that hands the piece on. Files go into the tool."},
		{templates.DueToday{Base: reader(false), Piece: piece, Step: in("draft")}, "hand the piece on in the tool."}, // DONE needs a draft
		{templates.Overdue{Base: reader(true), Piece: piece, Step: in("copy_edit")}, "with the file attached"},
		{templates.StepOpened{Base: reader(true), Piece: piece, Step: in("ready")}, "When it is done, answer with DONE. Please"},
		{templates.StepOpened{Base: reader(true), Piece: piece, Step: in("ready"), Tasks: []string{"links checked"}}, "confirms every one of them. Please"},
		{templates.DueSoon{Base: reader(true), Piece: piece, Step: in("published")}, "answer this mail with its address, as a link."},
		{templates.StepOpened{Base: reader(false), Piece: piece, Step: in("review"), Revises: true}, "Answer with REVISE and what it is"},
		{templates.Note{Base: reader(false), Piece: piece, Author: author, Text: "Hm."}, "just reply to this mail: it reaches Anna and stays with the piece."},
		{templates.Note{Base: reader(false), Piece: piece, Author: author, Text: "Hm."}, "Reply with a line or a command (HELP lists them); files go into the tool."},
		{templates.Weekly{Standing: templates.Standing{Base: reader(false)}}, "Answer in the tool."}, // it is about no piece on which an answer could be filed
		{templates.Help{Standing: templates.Standing{Base: reader(false)}}, "REVISE and what to change: as its editor"},
		{templates.Help{Standing: templates.Standing{Base: reader(true)}}, "PITCH and a title"},
	} {
		mail, err := set.Render(c.d, templates.Audience{})
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(strings.Fields(mail.Text), " "); !strings.Contains(text, c.want) {
			t.Errorf("%s does not say %q:\n%s", c.d.Template(), c.want, mail.Text)
		}
	}
	for _, outside := range []bool{false, true} {
		mail, err := set.Render(templates.Help{Standing: templates.Standing{Base: reader(outside)}}, templates.Audience{})
		if err != nil {
			t.Fatal(err)
		}
		if pitch, revise := strings.Contains(mail.Text, "PITCH"), strings.Contains(mail.Text, "REVISE"); pitch != outside || revise == outside {
			t.Errorf("outside %v: %s", outside, mail.Text)
		}
	}
}

// What a mail is about is named as everywhere, an address stays as it is written, and no old date is promised where there is none.
func TestNames(t *testing.T) {
	set := load(t)
	base := templates.Base{Team: "Agency", To: templates.Person{Name: "Ed", Address: "ed@agency.example"}}
	on := templates.OnPiece{Base: base, Piece: templates.Piece{Code: "ACME-12", Title: "Heat pumps"}, Who: templates.Person{Name: "Ana Lima"}}
	dated := on
	dated.Step = &templates.Step{Stage: "draft", Deadline: time.Date(2026, 5, 5, 0, 0, 0, 0, time.UTC)}
	for _, c := range []struct {
		locale, want, not string
		d                 templates.Data
	}{
		{"en", "Your part: copy edit, final check, publication, distribution", "ready", templates.ThankYou{OnPiece: on, Part: "copy edit, ready, published, distributed"}},
		{"en", "Your part: peer review", "", templates.ThankYou{OnPiece: on, Part: "peer review"}},
		{"en", "http://127.0.0.1/ is not", "Http:", templates.NotDone{OnPiece: on, Reason: "http://127.0.0.1/ is not a public address"}},
		{"en", "hears of your decision.", "old date", templates.ExtensionAsked{OnPiece: on}},
		{"en", "the old date holds.", "", templates.ExtensionAsked{OnPiece: dated}},
		{"fr", "Version 1, envoyée par Ana Lima", "de Ana", templates.StepReturned{OnPiece: on, Drafts: []templates.Draft{{Version: 1, Sender: on.Who}}}},
	} {
		mail, err := set.Render(c.d, templates.Audience{Locale: c.locale})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(mail.Text), " ")
		if !strings.Contains(text, c.want) || c.not != "" && strings.Contains(text, c.not) {
			t.Errorf("%s, %s: it says %q or lacks %q:\n%s", c.d.Template(), c.locale, c.not, c.want, mail.Text)
		}
	}
}

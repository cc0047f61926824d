package templates

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
)

// example is what the samples are made of.
type example struct {
	author, editor, lead Base // by whom they reach
	piece                Piece
	draft, review        Step
	others               []Piece
	subject              string
}

// SampleZone is the time zone in which the dates of samples are ends of days.
func SampleZone() *time.Location { return time.FixedZone("CEST", 2*60*60) }

// day is an end of a day there.
func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 21, 59, 0, 0, time.UTC) }

// Sample is an example of the named template's Data with everything in it, for checks, previews and documentation.
func Sample(name string) Data {
	x := example{
		author: Base{Team: "Example Agency", To: Person{"Anna Berg", "anna@berg.example", true}},
		editor: Base{Team: "Example Agency", To: Person{"Erik Holm", "erik@agency.example", false}},
		lead:   Base{Team: "Example Agency", To: Person{"Lena Moss", "lena@agency.example", false}},
		piece:  Piece{Code: "ACME-12", Title: "How heat pumps pay for themselves", Stage: "draft", Deadline: day(time.May, 29)},
	}
	x.draft = Step{Stage: "draft", Owner: x.author.To, Deadline: day(time.May, 5)}
	x.review = Step{Stage: "review", Owner: x.editor.To, Deadline: day(time.May, 12)}
	x.others = []Piece{x.piece, {Code: "ACME-15", Title: "Five questions on solar roofs"}}
	x.subject = "Heat pumps, first draft"
	for _, sample := range []func(example, string) Data{example.mail, example.start, example.handoff, example.finish, example.standing} {
		if d := sample(x, name); d != nil {
			base := baseOf(d)
			base.Answers = exampleAnswers(x.piece.Code, entries[name].Answers)
			return WithBase(d, base)
		}
	}
	return nil
}

// exampleAnswers have their links.
func exampleAnswers(code string, answers []Answer) []Answer {
	answers = slices.Clone(answers)
	for i, a := range answers {
		word, what, _ := strings.Cut(a.Command, " ")
		answers[i].URL = "mailto:reply@agency.example?subject=" + url.PathEscape(strings.TrimSpace(word+" "+code+" "+what))
	}
	return answers
}

// changes are those of a version since another.
// version is a draft with one file and one link.
func (x example) version(n int) Draft {
	return Draft{
		Version: n, Sender: x.author.To, Files: []Attachment{{Name: fmt.Sprintf("heat pumps v%d.docx", n), Size: 214_300, Entry: 40 + int64(n)}},
		Links: []string{"https://docs.example/d/heat-pumps?a=1&b=2"},
	}
}

func (example) changes(since int) *Changes {
	return &Changes{
		Since: since, Summary: "42 words added, 17 removed, in 15 places", More: 12, Marks: true,
		Text: "What it costs: A heat pump costs [-20,000-] {+24,000+} euros with everything.\n\n" +
			"{+Two families have shown us their bills.+}\n\nWhat it saves: … has paid for itself [-after ten years-] {+within twelve years+} at today’s prices.\n\n… and 12 more changes",
	}
}

// mail are the samples about mails that come in, and of the deadlines.
func (x example) mail(name string) Data {
	switch name {
	case "receipt":
		return Receipt{
			Base: x.author, Piece: x.piece, Subject: x.subject, Version: 2,
			Files:   []File{{Name: "heat pumps v2.docx", Size: 214_300}, {Name: "figures.pdf", Size: 1_840_000}},
			Links:   []string{"https://docs.example/d/heat-pumps?a=1&b=2"},
			Skipped: []File{{Name: "setup.exe", Size: 3_000_000, Note: "files of this kind can carry programs, so they are not taken in"}},
			Changes: x.changes(1), Next: &x.review,
		}
	case "note":
		return Note{x.editor, x.piece, x.author.To, "The chart on page 2 is still the old one.\nI send a new one tomorrow.\n\nAnna", []Draft{{Sender: x.author.To, Files: []Attachment{{Name: "chart.png", Size: 48_200, Entry: 44}}}}, false}
	case "new_version":
		return NewVersion{
			Base: x.editor, Piece: x.piece, Author: x.author.To, Version: 2,
			Drafts: []Draft{x.version(2)},
			Text:   "The chart on page 2 is the new one now.\n\nAnna", Changes: x.changes(1),
		}
	case "redirect":
		stranger := x.author
		stranger.To.Outside = false // nobody the team knows
		return Redirect{stranger, x.subject}
	case "redirect_internal":
		return RedirectInternal{x.editor, x.subject, &x.piece}
	case "held":
		return Held{x.author, x.subject, "you have more than one open piece, and nothing in it tells which one it is for", x.others}
	case "oversize":
		return Oversize{x.author, x.subject, 61_000_000, 25_000_000}
	case "infected":
		return Infected{x.author, x.subject, "Win.Trojan.Generic-6911"}
	case "held_editor":
		return HeldEditor{x.editor, x.author.To, x.subject, x.author.To.Name + " has 2 unfinished pieces and nothing in the mail tells which one it is for", 481, x.others, "Here is my draft, as we said on the phone."}
	case "step_opened":
		return StepOpened{x.lead, x.piece, Step{Stage: "ready", Owner: x.lead.To, Deadline: day(time.May, 22)}, &x.editor.To, []string{"pictures have their credits", "links checked"}, []Draft{x.version(2)}, false, "Two typos are mended. Please look at the title once more."}
	case "step_done":
		return StepDone{Base: x.editor, Piece: x.piece, Done: x.draft, Next: &x.review, Words: "Please check the title.", Version: 2, Drafts: []Draft{x.version(2)}, Changes: x.changes(1)}
	case "due_soon":
		return DueSoon{Base: x.author, Piece: x.piece, Step: x.draft}
	case "due_today":
		return DueToday{Base: x.author, Piece: x.piece, Step: x.draft}
	case "overdue":
		return Overdue{Base: x.author, Piece: x.piece, Step: x.draft, Days: 3}
	case "overdue_editor":
		return OverdueEditor{x.editor, x.piece, x.draft, 3}
	case "deadline_changed":
		return DeadlineChanged{x.author, x.piece, []NewDate{
			{&x.draft, day(time.May, 5), time.Date(2026, time.May, 8, 15, 0, 0, 0, time.UTC), false}, {&x.review, time.Time{}, x.piece.Deadline, true},
		}, false, nil}
	case "text_broken":
		return TextBroken{x.lead, "de/receipt.md", "line 7, column 3: a second subject", 12, "admin@agency.example", time.Date(2026, time.May, 4, 9, 30, 0, 0, time.UTC), ""}
	case "bounced":
		return Bounced{x.editor, &x.piece, "anna@berg.example", "5.1.1", "due soon", "there is no such mailbox", 0}
	case "answers_stopped":
		return AnswersStopped{x.editor, 100, 10, 30, "robot@shop.example"}
	}
	return nil
}

// sparse is d without all that is optional: no pointer, no list element, no deadline, no text that may be missing.
func sparse(d Data) Data {
	v := reflect.New(reflect.TypeOf(d)).Elem()
	v.Set(reflect.ValueOf(d))
	strip(v)
	return v.Interface().(Data)
}

func strip(v reflect.Value) {
	for i := range v.NumField() {
		f, field := v.Field(i), v.Type().Field(i)
		switch f.Kind() {
		case reflect.Pointer, reflect.Slice:
			f.SetZero()
		case reflect.Struct:
			if deadline := f.FieldByName("Deadline"); deadline.IsValid() {
				deadline.SetZero()
			}
			if field.Anonymous {
				strip(f)
			}
		case reflect.String:
			switch field.Name {
			case "Subject", "Status", "Words", "Next", "Guidelines", "Brief", "Changes", "Refusal", "Problem", "Until", "Ask", "URL", "Why", "Notice", "Was", "Author", "Sender":
				f.SetZero()
			}
		}
	}
}

// baseOf is what is in every template's data.
func baseOf(d Data) Base {
	return reflect.Indirect(reflect.ValueOf(d)).FieldByName("Base").Interface().(Base)
}

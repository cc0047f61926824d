package templates

import (
	"reflect"
	"time"
)

// Sample is an example of the named template's Data with everything in it, for checks, previews and documentation.
func Sample(name string) Data {
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 21, 59, 0, 0, time.UTC) } // 23:59 in Berlin
	base := Base{Team: "Example Agency", To: Person{"Anna Berg", "anna@berg.example", true}}
	editor := Base{Team: base.Team, To: Person{"Erik Holm", "erik@agency.example", false}}
	piece := Piece{Code: "ACME-12", Title: "How heat pumps pay for themselves", Stage: "draft", Deadline: day(time.May, 29)}
	step := Step{Stage: "draft", Owner: base.To, Deadline: day(time.May, 5)}
	review := Step{Stage: "review", Owner: editor.To, Deadline: day(time.May, 12)}
	others := []Piece{piece, {Code: "ACME-15", Title: "Five questions on solar roofs"}}
	subject := "Heat pumps, first draft"
	switch name {
	case "receipt":
		return Receipt{
			Base: base, Piece: piece, Subject: subject, Version: 2,
			Files:   []File{{Name: "heat pumps v2.docx", Size: 214_300}, {Name: "figures.pdf", Size: 1_840_000}},
			Links:   []string{"https://docs.example/d/heat-pumps?a=1&b=2"},
			Skipped: []File{{Name: "setup.exe", Size: 3_000_000, Note: "programs are not taken in"}},
			Next:    &review,
		}
	case "note":
		return Note{editor, piece, base.To, "The chart on page 2 is still the old one.\nI send a new one tomorrow.\n\nAnna"}
	case "new_version":
		return NewVersion{
			Base: editor, Piece: piece, Author: base.To, Version: 2,
			Files: []File{{Name: "heat pumps v2.docx", Size: 214_300}},
			Links: []string{"https://docs.example/d/heat-pumps?a=1&b=2"},
			Text:  "The chart on page 2 is the new one now.\n\nAnna",
		}
	case "redirect":
		return Redirect{base, subject}
	case "redirect_internal":
		return RedirectInternal{editor, subject, &piece}
	case "held":
		return Held{base, subject, "you have two open pieces and the mail names neither", others}
	case "oversize":
		return Oversize{base, subject, 61_000_000, 25_000_000}
	case "infected":
		return Infected{base, subject, "Win.Trojan.Generic-6911"}
	case "held_editor":
		return HeldEditor{editor, base.To, subject, "two open pieces, no hint which one is meant", 481, others}
	case "step_opened":
		return StepOpened{editor, piece, review, &base.To}
	case "step_done":
		return StepDone{base, piece, step, &review}
	case "due_soon":
		return DueSoon{base, piece, step}
	case "due_today":
		return DueToday{base, piece, step}
	case "overdue":
		return Overdue{base, piece, step, 3}
	case "overdue_editor":
		return OverdueEditor{editor, piece, step, 3}
	case "deadline_changed":
		return DeadlineChanged{base, piece, &step, day(time.May, 5), time.Date(2026, time.May, 8, 15, 0, 0, 0, time.UTC)}
	case "bounced":
		return Bounced{editor, &piece, "anna@berg.example", "5.1.1", "due soon"}
	}
	return nil
}

// sparse is d without all that is optional: no pointer, no list element, no deadline, no subject.
func sparse(d Data) Data {
	v := reflect.New(reflect.TypeOf(d)).Elem()
	v.Set(reflect.ValueOf(d))
	for i := range v.NumField() {
		f := v.Field(i)
		switch f.Kind() {
		case reflect.Pointer, reflect.Slice:
			f.SetZero()
		case reflect.Struct:
			if deadline := f.FieldByName("Deadline"); deadline.IsValid() {
				deadline.SetZero()
			}
		case reflect.String:
			if name := v.Type().Field(i).Name; name == "Subject" || name == "Status" {
				f.SetZero()
			}
		}
	}
	return v.Interface().(Data)
}

func teamOf(d Data) string { return reflect.Indirect(reflect.ValueOf(d)).FieldByName("Team").String() }

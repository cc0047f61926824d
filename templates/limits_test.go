package templates_test

import (
	"fmt"
	"strings"
	"testing"

	"handoff/templates"
)

// A text that would run long or grow large is refused when it is saved, at once and at its place.
func TestRunawayTexts(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"width":          {`{{printf "%1000000d" 1}}`, `due_soon.md:4:3: printf knows %s, %d, %q and %v, with a width up to 99`},
		"indexed width":  {`{{printf "%1000000[1]d%1000000[1]d" 1}}`, "printf knows"},
		"width argument": {`{{printf "%*d" 1000000 1}}`, "printf knows"},
		"precision":      {`{{printf "%.1000000s" .Team}}`, "printf knows"},
		"format of mail": {`{{printf .Piece.Title}}`, "printf begins with its format in quotes"},
		"changed format": {`{{$f := "%s"}}{{if .To.Outside}}{{$f = .Piece.Title}}{{end}}{{printf $f .Team}}`, "printf begins with its format in quotes"},
		"wrong verb":     {`{{printf "%d days" .Team}}`, `%d of the format "%d days" is not for a text`},
		"no value":       {`{{printf "%s and %s" .Team}}`, `the format "%s and %s" is for 2 values, not 1`},
		"many arguments": {`{{print ` + strings.Repeat(". ", 51) + `}}`, "print takes at most 50 arguments"},
		"deep actions":   {strings.Repeat("{{if .Team}}", 51) + strings.Repeat("{{end}}", 51), "more than 50 actions inside each other"},
		"deep quotes":    {strings.Repeat(">", 100_000) + " x", "more than 50 quotations and lists inside each other"},
		"deep lists":     {strings.Repeat("- 1. ", 50_000) + " x", "more than 50 quotations and lists inside each other"},
		"many marks":     {strings.Repeat("**x*_", 40_000), "more than 2000 of * _ [ ` and < in one paragraph"},
		"many brackets":  {strings.Repeat("> [a](\n", 30_000), "in one paragraph"},
		"float":          {`{{if eq 1e0 1}}x{{end}}`, "only whole numbers"},
		"changed struct": {`{{$p := .Piece}}{{$p = .Piece}}x`, "cannot be changed"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := override("due_soon", c.body); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// What only the values of a real mail make long ends all the same, and the built-in text goes out.
func TestRunawayLoops(t *testing.T) {
	held := templates.Sample("held").(templates.Held)
	for i := range 300 {
		held.Candidates = append(held.Candidates, templates.Piece{Code: fmt.Sprint("ACME-", i), Title: strings.Repeat("long ", 50)})
	}
	for name, c := range map[string]struct{ body, want string }{
		"loops":   {"x {{range .Candidates}}\n{{range $.Candidates}}{{range $.Candidates}}{{$x := .Code}}{{end}}{{end}}{{end}}", "held.md:5:31: its loops take more than 200000 steps"},
		"output":  {"x {{range .Candidates}}{{range $.Candidates}}" + strings.Repeat("x", 100) + "{{end}}{{end}}", "writes more than 1024 kB"},
		"quotes":  {"{{range .Candidates}}>{{end}} x", "more than 50 quotations"},
		"doubled": {`{{$s := .Team}}{{range .Candidates}}{{$s = print $s $s}}{{end}}{{$s}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := override("held", c.body)
			if err != nil {
				t.Fatal(err)
			}
			r, err := set.Render(held, reader(t))
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" && (r.Fault != nil || len(r.Text) > 10_000) {
				t.Errorf("%d bytes, %v", len(r.Text), r.Fault)
			}
			if c.want != "" && (r.Fault == nil || !strings.Contains(r.Fault.Error(), c.want) || !strings.Contains(r.Text, "ACME-299")) {
				t.Errorf("%v, want %s", r.Fault, c.want)
			}
		})
	}
	if r, err := load(t).Render(held, reader(t)); err != nil || !strings.Contains(r.Text, "ACME-299") {
		t.Errorf("the built-in text with a long list: %v", err)
	}
}

// Nothing in a text stands for a value by its number.
func TestMarksInATextAreNone(t *testing.T) {
	set, err := override("due_soon", "a &#xFDD0;-1&#xFDD1; b \ufdd0-1\ufdd1 {{\"\ufdd0-1\ufdd1\"}}")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Render(templates.Sample("due_soon"), reader(t)); err != nil {
		t.Error(err)
	}
}

// Every function that a text may call is told, and no other.
func TestFunctionsAreTold(t *testing.T) {
	told := map[string]bool{}
	for _, f := range templates.Functions() {
		name, _, _ := strings.Cut(f.Path, " ")
		told[name] = true
	}
	for name := range templates.FunctionNames() {
		if !told[name] {
			t.Errorf("%s is not told", name)
		}
		delete(told, name)
	}
	if len(told) > 0 {
		t.Errorf("told, and not there: %v", told)
	}
}

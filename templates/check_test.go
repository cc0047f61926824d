package templates_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"handoff/templates"
)

// override loads one override of due_soon or, if body begins with ---, a whole file.
func override(name, body string) (*templates.Set, error) {
	if !strings.HasPrefix(body, "---") {
		body = "---\nsubject: Due\n---\n" + body
	}
	return loaded(name, body+mentions(name))
}

// loaded is the built-in texts with one English text of the team's own, which has to be right.
func loaded(name, text string) (*templates.Set, error) {
	own := templates.Own{Name: name, Locale: "en", Text: text}
	set, problems, err := templates.Load(templates.Config{Own: []templates.Own{own}})
	if len(problems) > 0 {
		return nil, problems[0]
	}
	return set, err
}

const answered = "\n\n{{answers .Answers}}"

// mentions has what an own text must not leave out, and writes nothing but the answers.
func mentions(name string) string {
	var b strings.Builder
	for _, need := range templates.Needs(name) {
		if need == "Answers" {
			b.WriteString(answered)
			continue
		}
		b.WriteString("{{if not .Team}}{{$x := ." + need + "}}{{$x = ." + need + "}}{{end}}")
	}
	return b.String()
}

func TestOverrideErrors(t *testing.T) {
	for name, c := range map[string]struct {
		template string // "": due_soon
		body     string // begins on line 4
		want     string // file:line:column and what the text has
		bare     bool   // as it is, without what a text must not leave out
	}{
		"unknown variable":         {body: "Hello\n\n{{.Peace.Title}}", want: "due_soon.md:6:3: unknown variable .Peace (did you mean .Piece?)"},
		"unknown part":             {body: "{{.Piece.Titel}}", want: "due_soon.md:4:9: unknown variable .Titel: a Piece has no such part (did you mean .Title?)"},
		"in a branch never run":    {body: "{{if false}}x{{else if .Piece.Deadline}}{{.Pieces}}{{end}}", want: "due_soon.md:4:43: unknown variable .Pieces (did you mean .Piece?)"},
		"in the other branch":      {body: "{{if true}}x{{else}}\n{{.Stepp.Owner}}{{end}}", want: "due_soon.md:5:3: unknown variable .Stepp"},
		"in an argument":           {body: "{{date .Step.Dedline}}", want: "due_soon.md:4:13: unknown variable .Dedline"},
		"in the subject":           {body: "---\n# a remark\nsubject: Due {{.Code}}\n---\nx", want: "due_soon.md:3:16: unknown variable .Code"},
		"in a with":                {body: "{{with .Piece}}{{.To.Name}}{{end}}", want: "unknown variable .To: a Piece has no such part"},
		"in a range":               {template: "receipt", body: "{{range .Files}}{{.Bytes}}{{end}}", want: "unknown variable .Bytes: a File has no such part (there are .Name, .Note, .Size)"},
		"of a variable":            {body: "{{$p := .Piece}}{{$p.Tile}}", want: "(did you mean .Title?)"},
		"undeclared variable":      {body: "{{$p}}", want: "due_soon.md:4: undefined variable \"$p\""},
		"of a bracket":             {body: "{{(.Piece).Cod}}", want: "(did you mean .Code?)"},
		"embedded":                 {body: "{{.Base.Team}}", want: "unknown variable .Base"},
		"method":                   {body: "{{.Template}}", want: "unknown variable .Template"},
		"method of a date":         {body: "{{.Step.Deadline.Unix}}", want: "unknown variable .Unix: a date has no such part"},
		"missing value":            {template: "step_done", body: "{{.Next.Stage}}", want: "step_done.md:4:8: .Next may be missing: put this inside {{with .Next}} … {{end}}"},
		"missing in else":          {template: "step_done", body: "{{if .Next}}x{{else}}{{.Next.Stage}}{{end}}", want: ".Next may be missing"},
		"missing after end":        {template: "step_done", body: "{{if .Next}}x{{end}}{{.Next.Stage}}", want: ".Next may be missing"},
		"missing argument":         {template: "step_opened", body: "{{hello .From}}", want: ".From may be missing"},
		"missing by or":            {template: "step_done", body: "{{if or .Next .To.Outside}}{{.Next.Stage}}{{end}}", want: ".Next may be missing"},
		"no dot":                   {body: "{{if Piece.Title}}x{{end}}", want: "due_soon.md:4:6: a variable begins with a dot: write .Piece.Title"},
		"no dot, one name":         {body: "{{Team}}", want: "due_soon.md:4:3: a variable begins with a dot: write .Team"},
		"end without if":           {body: "{{end}}", want: "due_soon.md:4: {{end}} without an {{if}}"},
		"unknown function":         {body: "{{dat .Step.Deadline}}", want: "due_soon.md:4:3: unknown function dat (did you mean date?)"},
		"inner function":           {body: "{{_text .Team}}", want: "unknown function _text"},
		"no such builtin":          {body: "{{call .Team}}{{js .Team}}", want: "unknown function call"},
		"index":                    {template: "held", body: "{{(index .Candidates 0).Code}}", want: "unknown function index"},
		"too few arguments":        {body: "{{date}}", want: "date takes 1 argument, not 0"},
		"too many arguments":       {body: "{{date .Step.Deadline .Step.Deadline}}", want: "date takes 1 argument, not 2"},
		"wrong type":               {body: "{{date .Team}}", want: "date takes a date, not a text"},
		"wrong number type":        {template: "overdue", body: "{{size .Days}}", want: "size takes a number"},
		"piped wrong":              {body: "{{.Step.Deadline | stage}}", want: "stage takes a text, not a date"},
		"not a function":           {body: "{{.Team .Team}}", want: ".Team is not a function"},
		"a date printed":           {body: "{{.Step.Deadline}}", want: "{{date .Step.Deadline}}"},
		"a struct printed":         {body: "{{.Piece}}", want: "choose one of its parts, .Code, .Deadline, .Stage, .Title"},
		"a list printed":           {template: "receipt", body: "{{.Links}}", want: "use {{range .Links}}"},
		"a truth printed":          {body: "{{.To.Outside}}", want: "cannot be printed"},
		"date in with":             {body: "{{with .Step.Deadline}}x{{end}}", want: "write {{if .Step.Deadline}} instead"},
		"date in and":              {body: "{{if and .Team .Step.Deadline}}x{{end}}", want: "always true for and"},
		"range over a number":      {body: "{{range 1000000000}}x{{end}}", want: "range goes over a list"},
		"range over a text":        {body: "{{range .Team}}x{{end}}", want: "range goes over a list; .Team is a text"},
		"ranges without end":       {template: "receipt", body: strings.Repeat("{{range $.Files}}", 4) + strings.Repeat("{{end}}", 4), want: "more than 3 ranges"},
		"comparing unlike things":  {body: "{{if eq .Team 3}}x{{end}}", want: "cannot compare a text with a number"},
		"comparing structs":        {body: "{{if eq .Piece .Piece}}x{{end}}", want: "compares texts and numbers, not a Piece"},
		"quote as an argument":     {body: "{{printf \"%s\" (quote .Team)}}", want: "printf cannot take what quote or link made"},
		"markdown of others":       {body: "{{markdown .Team}}", want: "markdown is for .Guidelines"},
		"quote in the subject":     {body: "---\nsubject: {{quote .Team}}\n---\nx", want: "no place in a subject"},
		"define":                   {body: "{{define \"x\"}}{{end}}x", want: "not available here"},
		"template":                 {body: "{{template \"x\"}}", want: "template is not available here"},
		"syntax":                   {body: "fine\n{{if .Team}}", want: "due_soon.md:5:1: {{if}} has no {{end}}"},
		"unclosed":                 {body: "---\nsubject: x\n---\nfine\n{{.Team", bare: true, want: "due_soon.md:5: "},
		"no front matter":          {body: "---x\nHello", want: "due_soon.md:1: must begin with a line ---"},
		"front matter without end": {body: "---\nsubject: x\nHello\n", want: "due_soon.md:3: the front matter has no end: put a line --- above this one"},
		"a line without a key":     {body: "---\nsubject: x\nHello\n---\n", want: "due_soon.md:3: unknown front matter \"Hello\""},
		"nothing after it":         {body: "---\nsubject: x", bare: true, want: "due_soon.md:1: the front matter has no end"},
		"no subject":               {body: "---\n---\nHello", want: "due_soon.md:2: the subject is missing"},
		"empty subject":            {body: "---\nsubject:\n---\nHello", want: "due_soon.md:2: the subject is empty"},
		"subject without text":     {body: "---\nsubject: {{if false}}x{{end}}\n---\nHello", want: "due_soon.md:2: the subject is empty for this mail"},
		"two subjects":             {body: "---\nsubject: a\nsubject: b\n---\nHello", want: "due_soon.md:3: a second subject"},
		"unknown front matter":     {body: "---\nsubject: a\nto: b\n---\nHello", want: "due_soon.md:3: unknown front matter \"to\""},
		"unknown variable in why":  {body: "---\nsubject: a\nwhy: you own {{.Piece.Cod}}\n---\nx", want: "due_soon.md:3:22: unknown variable .Cod: a Piece has no such part (did you mean .Code?)"},
		"quote in why":             {body: "---\nsubject: a\nwhy: {{quote .Team}}\n---\nx", want: "no place in a subject"},
		"empty why":                {body: "---\nsubject: a\nwhy:\n---\nx", want: "due_soon.md:3: why is empty"},
		"why without text":         {body: "---\nsubject: a\nwhy: {{if false}}x{{end}}\n---\nx", want: "due_soon.md:3: why is empty for this mail"},
		"two whys":                 {body: "---\nwhy: a\nsubject: a\nwhy: b\n---\nx", want: "due_soon.md:4: a second why"},
		"nothing to read":          {body: "---\nsubject: x\n---\n", want: "the mail says nothing"},
		"nothing without options":  {template: "step_done", body: "{{with .Next}}{{.Stage}}{{end}}", want: "the mail says nothing"},
		"answers never":            {body: "---\nsubject: x\n---\nx {{if false}}{{answers .Answers}}{{end}}", bare: true, want: "due_soon.md:4: the way to answer is missing"},
		"answers never, else":      {body: "---\nsubject: x\n---\nx {{if true}}{{else}}{{answers .Answers}}{{end}}", bare: true, want: "due_soon.md:4: the way to answer is missing"},
		"answers counted":          {body: "---\nsubject: x\n---\nx {{len .Answers}}", bare: true, want: "due_soon.md:4: the way to answer is missing"},
		"answers as code":          {body: "---\nsubject: x\n---\n```\n{{answers .Answers}}\n```", bare: true, want: "the answers are no links here"},
		"answers without links":    {body: "---\nsubject: x\n---\n{{range .Answers}}{{.Label}}{{end}}", bare: true, want: "the answers are no links here"},
		"files counted":            {template: "receipt", body: "---\nsubject: x\n---\n{{len .Files}} {{list .Links}} {{range .Skipped}}{{.Name}}{{end}}", bare: true, want: "what .Files holds is missing"},
		"several":                  {body: "---\nsubject: {{.Pice}}\nwhy: {{.Teem}}\n---\n{{.A}}{{if .Team}}{{.B}}{{$c := .C}}{{$c}}{{end}}\n{{with .D}}{{.E}}{{else}}{{.F}}{{end}}", want: "due_soon.md:2:12: unknown variable .Pice (did you mean .Piece?)\ndue_soon.md:3:8: unknown variable .Teem (did you mean .Team?)\ndue_soon.md:5:3: "},
		"not UTF-8":                {body: "fine\nStra\xdfe", want: "due_soon.md:5: is not UTF-8"},
		"UTF-16":                   {body: "fine\nx\x00y", want: "due_soon.md:5: has a NUL character"},
		"image":                    {body: "x\n![x](https://agency.example/x.png)", want: "due_soon.md:5: has an image"},
		"script link":              {body: "x\n[x](javascript:alert(1))", want: "due_soon.md:5: links to \"javascript:alert(1)\""},
		"too long":                 {body: strings.Repeat("x", templates.MaxText), want: "the text is larger than 256 kB"},
		"unknown template":         {template: "reciept", body: "x", want: "reciept.md: no mail uses this file; the name must be that of a template, with .md (did you mean receipt.md?)"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.template == "" {
				c.template = "due_soon"
			}
			set, err := override(c.template, c.body)
			if c.bare {
				set, err = loaded(c.template, c.body)
			}
			if err == nil || set != nil {
				t.Fatal("it was loaded")
			}
			var p *templates.Problem
			if !strings.Contains(err.Error(), c.want) || !errors.As(err, &p) || p.File != c.template+".md" {
				t.Errorf("error %q, want %q", err, c.want)
			}
		})
	}
}

func TestAllProblemsAreTold(t *testing.T) {
	own, unknown, err := templates.ReadFiles(fstest.MapFS{
		"held.md": {Data: []byte("---\nsubject: x\n---\n{{.X}}")}, "note.md": {Data: []byte("---\nsubject: x\n---\n{{.Y}}")}, "notes.txt": {},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, problems, err := templates.Load(templates.Config{Own: own})
	if err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprint(unknown, problems)
	for _, want := range []string{"held.md:4:3", "note.md:4:3", "notes.txt: no mail uses this file"} {
		if !strings.Contains(told, want) {
			t.Errorf("%v does not tell %s", told, want)
		}
	}
}

func TestOverridesThatLoad(t *testing.T) {
	for name, c := range map[string]struct{ template, body, text string }{
		"present by if":       {"step_done", "To {{if .Next}}{{.Next.Owner.Name}}{{end}}", "To Erik Holm"},
		"present by and":      {"step_done", "To {{if and .Next .To.Address}}{{.Next.Stage}}{{end}}", "To review"},
		"present by variable": {"step_done", "To {{with $n := .Next}}{{$n.Stage}} {{.Stage}} {{$.Piece.Code}}{{end}}", "To review review ACME-12"},
		"with else":           {"step_done", "{{with .Next}}{{.Stage}}{{else}}{{.Team}}{{end}}", "review"},
		"range with index":    {"receipt", "Files {{range $i, $f := .Files}}{{$i}} {{$f.Name}} {{end}}", "Files 0 heat pumps v2.docx 1 figures.pdf"},
		"range else":          {"receipt", "{{range .Links}}{{.}}{{break}}{{else}}none{{end}}", "https://docs.example/d/heat-pumps?a=1&b=2"},
		"pipes":               {"receipt", "{{.Next.Stage | stage | printf \"%s!\"}}", ""},
		"date condition":      {"due_soon", "Is it? {{if .Step.Deadline}}yes{{end}}{{if not .Step.Deadline.IsZero}} yes{{end}}", "Is it? yes yes"},
		"time of day":         {"due_soon", "{{datetime .Step.Deadline}}", "Tuesday, 5 May 2026 at 23:59 (CEST)"},
		"assignment":          {"due_soon", "{{$s := \"a\"}}{{if .To.Outside}}{{$s = \"b\"}}{{end}}{{$s}}", "b"},
		"count and list":      {"receipt", "{{count (len .Files) \"file\" \"files\"}}, {{list .Links}}", "2 files, https://docs.example/d/heat-pumps?a=1&b=2"},
		"raw HTML is text":    {"due_soon", "<b>bold</b> &amp; \\*stars\\*", "<b>bold</b> & *stars*"},
		"code":                {"due_soon", "`{{.Piece.Code}}`\n\n```\n{{.Team}}  x\n```", "ACME-12\n\n  Example Agency  x"},
		"nested lists":        {"due_soon", "1. one\n   - *two*\n     more\n2. three\n\n> quoted\n> > twice\n\n---\n\n# Head\nline\\\nbreak", "1. one\n   - two more\n2. three\n\n> quoted\n>\n> > twice\n\n------------------------\n\nHead\n\nline\nbreak"},
		"autolink":            {"due_soon", "<https://agency.example> [a *b*](https://agency.example/?x=1&amp;y=2 \"title\")", "https://agency.example a b <https://agency.example/?x=1&y=2>"},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := override(c.template, c.body)
			if c.text == "" {
				if err == nil {
					t.Error("it was loaded")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r, err := set.Render(templates.Sample(c.template), reader(t))
			if err != nil {
				t.Fatal(err)
			}
			if got, _, _ := strings.Cut(r.Text, "\n\n-- \nExample Agency\nYou get this mail because "); strings.TrimSuffix(got, "\n\n- I need more time: answer with EXTEND") != c.text {
				t.Errorf("text %q, want %q", got, c.text)
			}
		})
	}
}

var variable = regexp.MustCompile(`\.[A-Z][A-Za-z]+`)

// Every variable of every built-in text in every language, misspelt in turn, is found at its place.
func TestMisspeltVariables(t *testing.T) {
	tried := 0
	for _, locale := range templates.Locales() {
		for _, name := range templates.Names() {
			own := templates.Own{Name: name, Locale: locale}
			source, err := templates.Default(own)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range variable.FindAllStringIndex(string(source), -1) {
				before := string(source[:at[0]])
				if strings.LastIndex(before, "{{") < strings.LastIndex(before, "}}") {
					continue // words, not an action
				}
				tried++
				own.Text = string(source[:at[1]]) + "q" + string(source[at[1]:])
				p := templates.Check(own)
				if p == nil {
					t.Errorf("%s with %sq is right", own.File(), source[at[0]:at[1]])
					continue
				}
				line, column := strings.Count(before, "\n")+1, len(before)-strings.LastIndex(before, "\n")
				if p.Line != line || p.Column != column || !strings.Contains(p.Text, "unknown variable") || p.File != own.File() {
					t.Errorf("%s with %sq on line %d, column %d: %v", own.File(), source[at[0]:at[1]], line, column, p)
				}
			}
		}
	}
	if tried < 5000 {
		t.Errorf("only %d variables were tried", tried)
	}
}

// What follows from another mistake is not told, and each other one is.
func TestEveryMistakeIsTold(t *testing.T) {
	p := templates.Check(templates.Own{Name: "due_soon", Locale: "en", Text: "\ufeff---\nsubject: x\n---\n{{.A}}{{if .Team}}{{.B}}{{$c := .C}}{{$c}}{{end}}\n{{with .D}}{{.E}}{{else}}{{.F}}{{end}}{{range .Tasks}}{{.G}}{{end}}{{answers .Answers}}"})
	if p == nil {
		t.Fatal("it is right")
	}
	for _, want := range []string{":4:3: ", ":4:21: ", ":4:33: ", ":5:8: ", ":5:57: "} {
		if !strings.Contains(p.Error(), want) {
			t.Errorf("no %s in %v", want, p)
		}
	}
	if len(p.More) != 4 {
		t.Errorf("told %v", p)
	}
	if moved := p.In("/tmp/mine.md").Error(); strings.Contains(moved, "due_soon.md") || strings.Count(moved, "/tmp/mine.md:") != 5 {
		t.Errorf("moved %s", moved)
	}
}

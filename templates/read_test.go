package templates_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"handoff/templates"
)

// variants are d with everything and with nothing optional, each with every yes or no both ways, to readers outside and
// inside, by somebody else and by the reader, with every number at 0 and 1.
func variants(d templates.Data) []templates.Data {
	list := []templates.Data{d, templates.Sparse(d)}
	alter := func(change func(reflect.Value)) {
		for _, d := range list[:min(len(list), 32)] {
			v := reflect.New(reflect.TypeOf(d)).Elem()
			v.Set(reflect.ValueOf(d))
			change(v)
			if !reflect.DeepEqual(v.Interface(), any(d)) {
				list = append(list, v.Interface().(templates.Data))
			}
		}
	}
	alter(func(v reflect.Value) { v.FieldByName("To").FieldByName("Outside").SetBool(true) })
	alter(func(v reflect.Value) { v.FieldByName("To").FieldByName("Outside").SetBool(false) })
	stripped := reflect.ValueOf(templates.Sparse(d))
	for _, f := range reflect.VisibleFields(reflect.TypeOf(d)) {
		switch f.Type.Kind() {
		case reflect.Bool:
			alter(func(v reflect.Value) { v.FieldByIndex(f.Index).SetBool(!v.FieldByIndex(f.Index).Bool()) })
		case reflect.Int:
			alter(func(v reflect.Value) { v.FieldByIndex(f.Index).SetInt(0) })
			alter(func(v reflect.Value) { v.FieldByIndex(f.Index).SetInt(1) })
		case reflect.String, reflect.Slice:
			if stripped.FieldByIndex(f.Index).IsZero() {
				alter(func(v reflect.Value) { v.FieldByIndex(f.Index).SetZero() })
			}
		}
		if f.Name == "Who" || f.Name == "Owner" || f.Name == "Editor" {
			alter(func(v reflect.Value) { v.FieldByIndex(f.Index).Set(v.FieldByName("To")) })
		}
	}
	return list
}

// unreadable finds what is left over where something optional is missing.
var unreadable = map[string]*regexp.Regexp{
	"a stray blank line":    regexp.MustCompile(`\n[ \t]*\n[ \t]*\n`),
	"doubled punctuation":   regexp.MustCompile(`\.\.|,,|,\.|:\.|\.:|\?\.|!\.|;\.|\.,| [.,;:?!]`),
	"doubled words":         regexp.MustCompile(`(?i)\b(the the|of of|a a|by by|is is|to to|for for|and and|until until|of by|of and)\b`),
	"a doubled blank":       regexp.MustCompile(`[^ \n]  +[^ ]`),
	"an empty quotation":    regexp.MustCompile(`“”|\(\)|<>`),
	"nothing after a colon": regexp.MustCompile(`:\n\n(-- \n|[A-Z][^:\n]*\n\n-- \n)`),
	"a list with no item":   regexp.MustCompile(`(?m)^ *[->] *$\n *[^> ]`),
	"no number":             regexp.MustCompile(`\b0 (days|mails|items)\b|\b1 (days|mails|items)\b`),
	"no date":               regexp.MustCompile(`no date\b`),
	"what is not replaced":  regexp.MustCompile(`[{}]|%!|<nil>|\\`),
	"a list of paragraphs":  regexp.MustCompile(`<li>\s*<p>`),
	"an empty tag":          regexp.MustCompile(`<(p|li|ul|ol|strong|a|blockquote)[^>]*>\s*</`),
}

// Every mail reads well whatever is missing.
func TestMailsReadWell(t *testing.T) {
	set, to := load(t), reader(t)
	for _, name := range templates.Names() {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, d := range variants(templates.Sample(name)) {
				r, err := set.Render(d, to)
				if err != nil {
					t.Fatal(err)
				}
				_, body, _ := strings.Cut(r.HTML, `dir="auto">`)
				for _, text := range []string{r.Subject, r.Text, body} {
					text = strings.NewReplacer("{+", "", "+}", "").Replace(text) // of a word diff
					for what, pattern := range unreadable {
						if found := pattern.FindString(text); found != "" && !seen[what+found] {
							seen[what+found] = true
							t.Errorf("%s, %q, in\n%s\nof %+v", what, found, r.Subject+"\n\n"+r.Text, d)
						}
					}
				}
				for line := range strings.Lines(r.Text) {
					if n := len([]rune(line)); n > 73 && !strings.Contains(line, "://") {
						t.Errorf("a line of %d characters: %s", n, line)
					}
				}
				if strings.Count(r.Text, "\nYou get this mail because ") != 1 {
					t.Errorf("not why: %s", r.Text)
				}
			}
		})
	}
}

// Where somebody may answer with one tap, the mail has the answers.
func TestAnswers(t *testing.T) {
	set, to := load(t), reader(t)
	for _, e := range templates.Catalogue() {
		name := e.Data.Template()
		r, err := set.Render(templates.Sample(name), to)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(r.HTML, `class="answer"`); n != len(e.Answers) {
			t.Errorf("%s has %d answers, not %d", name, n, len(e.Answers))
		}
		for _, a := range e.Answers {
			word, _, _ := strings.Cut(a.Command, " ")
			if want := fmt.Sprintf("\n- %s: answer with %s\n", a.Label, word); !strings.Contains(r.Text, want) {
				t.Errorf("%s has no %q:\n%s", name, want, r.Text)
			}
		}
		if strings.Contains(r.Text, "subject=") {
			t.Errorf("%s prints the address of a link:\n%s", name, r.Text)
		}
		if got := strings.Contains(strings.Join(strings.Fields(r.Text), " "), "reply with STOP"); got != e.Recurring {
			t.Errorf("%s tells how to stop it: %v", name, got)
		}
	}
	d := templates.Sample("step_opened").(templates.StepOpened)
	d.Answers = []templates.Answer{
		{Command: "ACCEPT STEP", Label: "I take it", URL: "mailto:a@agency.example?subject=ACCEPT%20BREW-1&body=%22%3Cb%3E"},
		{Command: "DECLINE STEP", Label: "I [cannot](http://evil.example)"},
		{Command: "DONE", Label: "Done", URL: "javascript:alert(1)"},
		{Label: "Ask", URL: "mailto:a@agency.example"},
	}
	r, err := set.Render(d, to)
	if err != nil {
		t.Fatal(err)
	}
	text := "- I take it: answer with ACCEPT\n- I [cannot](http://evil.example): answer with DECLINE\n- Done: answer with DONE\n- Ask\n"
	html := `<li><a href="mailto:a@agency.example?subject=ACCEPT%20BREW-1&amp;body=%22%3Cb%3E" class="answer">I take it</a></li>
<li>I [cannot](http://evil.example): answer with DECLINE</li>
<li>Done: answer with DONE</li>
<li><a href="mailto:a@agency.example" class="answer">Ask</a></li>
`
	if !strings.Contains(r.Text, text) || !strings.Contains(r.HTML, html) {
		t.Errorf("text\n%s\nHTML\n%s", r.Text, r.HTML)
	}
}

// A template of a time before why: is still taken, with the default's.
func TestOverrideWithoutWhy(t *testing.T) {
	for front, want := range map[string]string{
		"":                                  "you own the draft of ACME-12. Just",
		"why: {{.Piece.Title}} is yours.\n": "How heat pumps pay for themselves is yours. Just",
	} {
		set, err := override("due_soon", "---\nsubject: Due\n"+front+"---\nx")
		if err != nil {
			t.Fatal(err)
		}
		r, err := set.Render(templates.Sample("due_soon"), reader(t))
		if err != nil {
			t.Fatal(err)
		}
		page := strings.ReplaceAll(r.HTML, `<span style="white-space:nowrap">ACME-12</span>`, "ACME-12")
		if text := strings.Join(strings.Fields(r.Text), " "); !strings.Contains(text, "You get this mail because "+want) || !strings.Contains(page, "You get this mail because "+want) {
			t.Errorf("no %q in %s", want, r.Text)
		}
	}
	if err := templates.Compile("due_soon", "---\nsubject: Due\n---\nx"); err == nil || !strings.HasPrefix(err.Error(), "due_soon.md:1: why is missing") {
		t.Errorf("a default without why: %v", err)
	}
}

// Every notice of the catalogue says to every reader, in text and HTML, why they got it and how to answer, whatever is missing.
func TestWhyAndHowToAnswer(t *testing.T) {
	set, to := load(t), reader(t)
	how := regexp.MustCompile(`(?i)\b(reply|answer|write to|in the tool)\b`)
	catalogue := templates.Catalogue()
	if len(catalogue) != len(templates.Names()) {
		t.Errorf("%d notices in the catalogue, %d templates", len(catalogue), len(templates.Names()))
	}
	for _, e := range catalogue {
		name := e.Data.Template()
		source, err := templates.Default(templates.Own{Name: name, Locale: "en"})
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`(?m)^why: \S`).Match(source) {
			t.Errorf("%s has no why: in its front matter", name)
		}
		for _, d := range variants(templates.Sample(name)) {
			r, err := set.Render(d, to)
			if err != nil {
				t.Fatal(err)
			}
			body, foot, _ := strings.Cut(strings.Join(strings.Fields(r.Text), " "), " -- ")
			_, because, found := strings.Cut(foot, "You get this mail because ")
			why, rest, ended := strings.Cut(because, ".")
			if !found || !ended || len(strings.Fields(why)) < 3 {
				t.Fatalf("%s does not say why:\n%s", name, r.Text)
			}
			if !strings.Contains(r.HTML, "You get this mail because ") {
				t.Errorf("%s does not say why in HTML", name)
			}
			if !how.MatchString(rest) && !how.MatchString(body) {
				t.Errorf("%s does not say how to answer:\n%s", name, r.Text)
				break
			}
		}
	}
}

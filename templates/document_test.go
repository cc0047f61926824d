package templates_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/templates"
)

// catalogueFile is written by go test ./templates -run Catalogue -update.
const catalogueFile = "../docs/notices.md"

// Every template is one of the catalogue's, once, with a text and nothing that it lacks; docs/notices.md tells of each.
func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range templates.Catalogue() {
		name := e.Data.Template()
		if seen[name] {
			t.Errorf("%s is in the catalogue twice", name)
		}
		seen[name] = true
		for what, text := range map[string]string{"section": e.Section, "what it does": e.What, "who gets it": e.To, "when": e.When, "when it repeats": e.Repeats} {
			if text == "" || strings.HasSuffix(text, ".") {
				t.Errorf("%s: %s is %q", name, what, text)
			}
		}
		if d := templates.Sample(name); d == nil || d.Template() != name || reflect.TypeOf(d) != reflect.TypeOf(e.Data) {
			t.Errorf("the sample of %s is %T", name, d)
		}
		if e.Recurring && e.Stops == "" && e.Repeats != "weekly, skipped when empty" && name != "contributor_away" {
			t.Errorf("%s recurs, and nothing stops it", name)
		}
	}
	files, err := filepath.Glob("default/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		if !seen[name] {
			t.Errorf("%s is no template of the catalogue", file)
		}
		delete(seen, name)
	}
	for name := range seen {
		t.Errorf("%s has no text", name)
	}
	got := document(t)
	if *update {
		if err := os.WriteFile(catalogueFile, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(catalogueFile)
	if err != nil || string(want) != got {
		t.Errorf("%s is stale: go test ./templates -run Catalogue -update writes it (%v)\n%s", catalogueFile, err, cmp.Diff(string(want), got))
	}
}

// typeName is t as the document names it: parts are links.
func typeName(t reflect.Type) string {
	name := templates.TypeName(t)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return name
	}
	return strings.Replace(name, t.Name(), fmt.Sprintf("[%s](#%s)", t.Name(), strings.ToLower(t.Name())), 1)
}

// cell is s in a table.
func cell(s string) string {
	return strings.ReplaceAll(s, "|", `\|`)
}

func document(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	table := func(owner reflect.Type, fields []reflect.StructField, below map[reflect.Type]bool) {
		b.WriteString("| variable | type | meaning |\n|---|---|---|\n")
		for _, f := range fields {
			in := owner
			for _, i := range f.Index[:len(f.Index)-1] {
				in = in.Field(i).Type
			}
			meaning := templates.Meaning(in, f)
			if meaning == "" {
				t.Errorf("%s.%s has no comment that says what it means", in.Name(), f.Name)
			}
			fmt.Fprintf(&b, "| `.%s` | %s | %s |\n", f.Name, typeName(f.Type), cell(meaning))
			part := f.Type
			for part.Kind() == reflect.Pointer || part.Kind() == reflect.Slice {
				part = part.Elem()
			}
			if part.Kind() == reflect.Struct && part != reflect.TypeFor[time.Time]() {
				below[part] = true
			}
		}
		b.WriteByte('\n')
	}
	parts := map[reflect.Type]bool{}
	b.WriteString(`# Notices

Every mail that Handoff writes: who gets it, when, what repeats it and what stops it, and the variables its text may use. Generated
from the catalogue by ` + "`go test ./templates -run Catalogue -update`" + `; do not edit it.

` + "`handoff template edit NAME`" + ` begins a text of your own; see [mail texts](templates.md). It begins with ` + "`subject:`" + ` and ` + "`why:`" + `, which
continues “You get this mail because” in its foot. Notices that may be muted say there how to, and tell mail programs by
` + "`List-Unsubscribe`" + `; see [one click](api.md#one-click-unsubscribe).

Each has these as well:

`)
	base := reflect.TypeFor[templates.Base]()
	table(base, reflect.VisibleFields(base), parts)
	section := ""
	for _, e := range templates.Catalogue() {
		if e.Section != section {
			section = e.Section
			fmt.Fprintf(&b, "## %s\n\n", section)
		}
		name := e.Data.Template()
		fmt.Fprintf(&b, "### %s\n\nThis mail %s.", name, e.What)
		if more := templates.About(name); more != "" {
			b.WriteString(" " + more)
		}
		b.WriteString("\n\n")
		line := func(what, text string) {
			if text != "" {
				fmt.Fprintf(&b, "- **%s:** %s\n", what, text)
			}
		}
		line("To", e.To)
		line("When", e.When)
		line("Repeats", e.Repeats)
		line("Stopped by", e.Stops)
		muted := "no"
		if e.Recurring {
			muted = "yes, by its reader"
		}
		line("May be muted", muted)
		if e.Asked {
			line("Goes out", "at any hour, as it answers a mail")
		}
		var answers []string
		for _, a := range e.Answers {
			answers = append(answers, fmt.Sprintf("“%s” (`%s`)", a.Label, a.Command))
		}
		line("One-tap answers", strings.Join(answers, ", "))
		if len(e.Needs) > 0 {
			line("An own text must keep", "`."+strings.Join(e.Needs, "`, `.")+"`")
		}
		line("Text", fmt.Sprintf("[`%s.md`](../templates/default/%s.md)", name, name))
		b.WriteByte('\n')
		typ := reflect.TypeOf(e.Data)
		own := slices.DeleteFunc(reflect.VisibleFields(typ), func(f reflect.StructField) bool {
			_, common := base.FieldByName(f.Name)
			return f.Anonymous || common
		})
		if len(own) > 0 {
			table(typ, own, parts)
		}
	}
	b.WriteString("## Parts of variables\n\n")
	for done := map[string]bool{}; ; {
		var names []string
		types := map[string]reflect.Type{}
		for p := range parts {
			if !done[p.Name()] {
				names, types[p.Name()] = append(names, p.Name()), p
			}
		}
		if len(names) == 0 {
			break
		}
		slices.Sort(names)
		for _, name := range names {
			done[name] = true
			fmt.Fprintf(&b, "### %s\n\n", name)
			table(types[name], reflect.VisibleFields(types[name]), parts)
		}
	}
	return strings.TrimSpace(b.String()) + "\n"
}

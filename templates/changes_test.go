package templates_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"handoff/templates"
)

// What was removed and added is seen in the HTML page as well, and nothing else is: not what an author quotes.
func TestChangesInHTML(t *testing.T) {
	set := load(t)
	d := templates.Sample("new_version").(templates.NewVersion)
	d.Text = "I took [-this-] out <b>."
	d.Changes.Text += "\n\nless [-<i>-] and {+a&b+}, [-open"
	r, err := set.Render(d, reader(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"costs <del>[-20,000-]</del> <ins>{+24,000+}</ins> euros", "<p><ins>{+Two families have shown us their bills.+}</ins></p>",
		"I took [-this-] out &lt;b&gt;.", "less <del>[-&lt;i&gt;-]</del> and <ins>{+a&amp;b+}</ins>, [-open",
	} {
		if !strings.Contains(r.HTML, want) {
			t.Errorf("no %s in\n%s", want, r.HTML)
		}
	}
	if !strings.Contains(r.Text, "costs [-20,000-] {+24,000+} euros") || strings.Contains(r.Text, "<del>") {
		t.Error(r.Text)
	}
}

// The sentence about the marks comes with marks only.
func TestMarksAreExplained(t *testing.T) {
	set := load(t)
	for _, name := range []string{"receipt", "new_version", "revision_received"} {
		for _, locale := range templates.Locales() {
			to := reader(t)
			to.Locale = locale
			for _, marks := range []bool{true, false} {
				changes := &templates.Changes{Since: 1, Summary: "42 words added", Text: "The two versions are too different to show what changed."}
				if marks {
					changes.Text, changes.Marks = "now {+new+}", true
				}
				var d templates.Data
				switch sample := templates.Sample(name).(type) {
				case templates.Receipt:
					sample.Changes = changes
					d = sample
				case templates.NewVersion:
					sample.Changes = changes
					d = sample
				case templates.RevisionReceived:
					sample.Changes = changes
					d = sample
				}
				r, err := set.Render(d, to)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(r.Text, "[-") != marks {
					t.Errorf("%s, %s, marks %v:\n%s", name, locale, marks, r.Text)
				}
			}
		}
	}
}

// The colours of changes are read well on a light page and on a dark one: none has to be moved to stand out.
func TestColoursOfChanges(t *testing.T) {
	layout, err := os.ReadFile("default/layout.html")
	if err != nil {
		t.Fatal(err)
	}
	colours := regexp.MustCompile(`(?m)^(?:del|ins) \{ color: (#[0-9a-f]{6});`).FindAllStringSubmatch(string(layout), -1)
	if len(colours) != 4 {
		t.Fatalf("%q", colours)
	}
	for i, c := range colours { // two on the light page, then two on the dark one
		set, problems, err := templates.Load(templates.Config{Look: templates.Look{Colour: c[1]}})
		if err != nil || problems != nil {
			t.Fatal(err, problems)
		}
		r, err := set.Render(templates.Sample("receipt"), reader(t))
		if err != nil {
			t.Fatal(err)
		}
		links := regexp.MustCompile(`(?m)^a \{ color: (#[0-9a-f]{6});`).FindAllStringSubmatch(r.HTML, -1)
		if len(links) != 2 || links[i/2][1] != c[1] {
			t.Errorf("%s becomes %q", c[1], links)
		}
	}
}

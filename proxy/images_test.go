package proxy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/outbox"
	"handoff/workflow"
)

// The graphics' images go before those of a text; what does not fit into a mail is named with where it is.
func TestImages(t *testing.T) {
	p := workflow.Piece{Steps: []workflow.Step{{ID: 1, Stage: workflow.Draft}, {ID: 4, Stage: workflow.Design}}}
	file := func(name string, size int64) EntryFile { return EntryFile{Name: name, Size: size} }
	draft := Entry{ID: 10, Kind: Submission, Version: 1, StepID: 1, Files: []EntryFile{file("text.docx", 100), file("photo.JPG", 200)}}
	graphics := Entry{ID: 20, Kind: Submission, Version: 2, StepID: 4, Files: []EntryFile{
		file("notes.pdf", 100), file("hero.png", 4<<20), file("poster.png", 4<<20), file("small.webp", 100), {Name: "logo.svg", Type: "image/svg+xml", Size: 50}, {Name: "scan", Type: "image/png", Size: 10},
	}}
	late := Entry{ID: 30, Kind: Submission, Version: 3, Files: []EntryFile{file("late.gif", 10)}}
	remark := Entry{ID: 40, Kind: Comment, StepID: 4, Files: []EntryFile{file("screenshot.png", 10)}}
	many := Entry{ID: 50, Kind: Submission, Version: 4}
	for i := range 30 {
		many.Files = append(many.Files, file(fmt.Sprintf("%d.png", i), 10))
	}
	for name, c := range map[string]struct {
		entries []Entry
		want    []string
	}{
		"none":        {[]Entry{remark}, nil},
		"of the text": {[]Entry{draft, remark}, []string{"photo.JPG 10/1"}},
		"the latest":  {[]Entry{draft, late}, []string{"late.gif 30/0"}},
		"the graphics": {[]Entry{draft, graphics, late, remark}, []string{
			"hero.png 20/1", "poster.png 20/2: too large for a mail; Eve has it, filed as version 2", "small.webp 20/3",
			"logo.svg 20/4: a format that not every program shows; Eve has it, filed as version 2", "scan 20/5",
		}},
	} {
		var got []string
		for _, i := range Images(p, workflow.Person{Name: "Eve"}, c.entries) {
			line := fmt.Sprintf("%s %d/%d", i.Name, i.Entry, i.Number)
			if i.Note != "" {
				line += ": " + i.Note
			}
			got = append(got, line)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	attached, named := 0, Images(p, workflow.Person{Name: "Eve"}, []Entry{many})
	for _, i := range named {
		if i.Note == "" {
			attached++
		} else if !strings.HasPrefix(i.Note, "a mail takes 10 images; Eve") {
			t.Error(i.Note)
		}
	}
	if attached != outbox.MaxFiles || len(named) != maxNamedImages {
		t.Errorf("%d attached of %d named", attached, len(named))
	}
}

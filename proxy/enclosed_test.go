package proxy

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/inbox"
	"handoff/templates"
	"handoff/workflow"
)

// filed are the submissions of one piece, the first version first.
type filed []Entry

func (f filed) Versions(context.Context, int64) (int, error) { return len(f), nil }

func (f filed) Submission(_ context.Context, _ int64, version int) (Entry, error) {
	e := f[version-1]
	e.Version = version
	return e, nil
}

func (f filed) Entries(context.Context, int64) ([]Entry, error) { return f, nil }

// What somebody goes on with is the newest text and the newest graphics, whoever sent them last; a reviewer's copy is neither.
func TestDrafts(t *testing.T) {
	const author, editor, reviewer, designer = 1, 2, 3, 4
	p := workflow.Piece{Code: "ACME-1", AuthorID: author, EditorID: editor, Steps: []workflow.Step{
		{ID: 1, Stage: workflow.Draft, OwnerID: author}, {ID: 2, Stage: workflow.Review, OwnerID: editor, StepDetails: workflow.StepDetails{Reviewers: []workflow.Reviewer{{PersonID: reviewer}}}},
		{ID: 4, Stage: workflow.Design, OwnerID: designer, OpenedAt: time.Now()},
	}}
	docx := []EntryFile{{Name: "text.docx"}}
	text, edited := Entry{PersonID: author, StepID: 1, Files: docx}, Entry{PersonID: editor, StepID: 2, Files: docx}
	illustrated := Entry{PersonID: author, StepID: 1, Files: []EntryFile{{Name: "text.docx"}, {Name: "photo.jpg"}}}
	zip := Entry{PersonID: designer, StepID: 4, Files: []EntryFile{{Name: "layout.zip"}}}
	notes, layout := Entry{PersonID: reviewer, Files: docx}, Entry{PersonID: designer, StepID: 4, Files: []EntryFile{{Name: "page.png"}}}
	for name, c := range map[string]struct {
		entries filed
		want    []int
	}{
		"nothing":                      {nil, nil},
		"the newest":                   {filed{text, text}, []int{2}},
		"an editor's":                  {filed{text, edited}, []int{2}},
		"a reviewer's copy is no text": {filed{text, notes}, []int{1}},
		"text and graphics":            {filed{text, layout, layout}, []int{1, 3}},
		"a late text":                  {filed{text, layout, text}, []int{3, 2}},
		"pictures of the text before":  {filed{illustrated, edited}, []int{2, 1}},
		"pictures of the text":         {filed{illustrated, illustrated}, []int{2}},
		"not beside the graphics'":     {filed{illustrated, edited, layout}, []int{2, 3}},
		"a layout without pictures":    {filed{illustrated, edited, zip}, []int{2, 3, 1}},
	} {
		drafts, err := drafts(t.Context(), c.entries, p)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for i, d := range drafts {
			if i > 0 && d.SenderID == author && (len(d.Files) != 1 || d.Files[0].Name != "photo.jpg" || d.Files[0].Number != 1) {
				t.Errorf("%s: of an older text come %+v", name, d.Files)
			}
			got = append(got, d.Version)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// What a mail says beside the document that it brings is for the team; a text that is the draft itself is for all.
func TestLetters(t *testing.T) {
	long := strings.Repeat("word ", 200)
	doc, picture := []EntryFile{{Name: "text.docx"}}, []EntryFile{{Name: "hero.png", Type: "image/png"}}
	shared, source := []inbox.Link{{URL: "https://docs.example/1", Type: inbox.GoogleDoc}}, []inbox.Link{{URL: "https://source.example", Type: inbox.WebLink}}
	for name, c := range map[string]struct {
		e      Entry
		letter bool
	}{
		"a document":            {Entry{Text: long, Files: doc}, true},
		"a text":                {Entry{Text: "short"}, false},
		"a text and a picture":  {Entry{Text: long, Files: picture}, false},
		"a picture":             {Entry{Text: "Here it is.", Files: picture}, true},
		"a shared document":     {Entry{Text: "Here it is.", Links: shared}, true},
		"a text with its links": {Entry{Text: "short", Links: source}, false},
	} {
		c.e.ID, c.e.Kind, c.e.Version, c.e.PersonID = 7, Submission, 3, 1
		d := c.e.draft(workflow.Piece{Code: "ACME-1"})
		sender := templates.Person{Name: "Ana"}
		for reader, want := range map[workflow.Class]bool{workflow.Internal: true, workflow.Outside: !c.letter} {
			got := false
			for _, made := range d.For(workflow.Person{ID: 2, Class: reader}, sender) {
				if made.Sender != sender {
					t.Errorf("%s: from %v", name, made.Sender)
				}
				for _, f := range made.Files {
					if f.Number == templates.MailText {
						got = f.Name == fmt.Sprintf("ACME-1 version %d.txt", 3) && f.Entry == 7
					}
				}
			}
			if got != want {
				t.Errorf("%s: the text goes to who is %s: %v", name, reader, got)
			}
		}
		if theirs := d.For(workflow.Person{ID: 1}, sender); theirs != nil {
			t.Errorf("%s: they sent it: %v", name, theirs)
		}
	}
}

// What others read of a mail is what its author wrote, not what they answered.
func TestWritten(t *testing.T) {
	m := &inbox.Message{Body: "Mine.\n\n> ours", Text: "Mine."}
	if got := (Entry{}).Written(m); got != m.Body {
		t.Errorf("of a mail that answers none: %q", got)
	}
	m.InReplyTo = []string{"m.1@agency.example"}
	if got := (Entry{}).Written(m); got != "Mine." {
		t.Errorf("of an answer: %q", got)
	}
	if got := (Entry{ActorID: 2, Text: "Forwarded."}).Written(m); got != "Forwarded." {
		t.Errorf("of a forwarded mail: %q", got)
	}
}

package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"handoff/inbox"
	"handoff/inbox/draft"
)

// tornAt fails from some offset on, as a disk does.
type tornAt struct {
	*strings.Reader
	from int64
}

func (r tornAt) ReadAt(p []byte, off int64) (int, error) {
	if off >= r.from {
		return 0, errors.New("input/output error")
	}
	return r.Reader.ReadAt(p, off)
}

// What cannot be opened or is of another kind is told, and the documents after it are read.
func TestReadDrafts(t *testing.T) {
	const text = "An article."
	raw := tornAt{strings.NewReader(text), 1000}
	at := func(name, mediaType string, offset int64) inbox.Attachment {
		return inbox.Attachment{Name: name, Type: mediaType, Offset: offset, Length: int64(len(text)), Size: int64(len(text))}
	}
	inline := at("logo.txt", "text/plain", 0)
	inline.Inline = true
	attachments := []inbox.Attachment{at("torn.txt", "text/plain", 2000), at("lost.txt", "text/plain", -1), at("art.doc", "application/msword", 0),
		at("art.pages", "", 0), at("art.rar", "", 0), at("photo.png", "image/png", 0), inline, at("art.txt", "text/plain", 0)}
	show := func(all bool) string {
		reports, err := readDrafts(t.Context(), attachments, raw, all)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, r := range reports {
			b.WriteString(r.File + ": " + r.Refused + r.Markdown + "\n")
		}
		return b.String()
	}
	got := show(false)
	for _, want := range []string{"torn.txt: it could not be opened: ", "input/output error", "lost.txt: it could not be opened: ", "art.doc: it is in the old .doc format",
		"art.pages: files of this kind", "art.rar: it is an archive", "art.txt: An article.\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "photo.png") || strings.Contains(got, "logo.txt") {
		t.Errorf("no documents among\n%s", got)
	}
	if got := show(true); !strings.Contains(got, "photo.png: files of this kind") || !strings.Contains(got, "logo.txt: An") {
		t.Errorf("not all are in\n%s", got)
	}
}

func TestPrintDrafts(t *testing.T) {
	doc := func(file, text string) draftReport {
		return draftReport{File: file, Draft: draft.Draft{Markdown: text + "\n"}}
	}
	refused := draftReport{File: "art.doc", Refused: "it is old"}
	for _, c := range []struct {
		drafts    []draftReport
		out, errs string
		all       bool
	}{
		{[]draftReport{doc("a.docx", "one")}, "one\n", "", true},
		{[]draftReport{refused, doc("a.docx", "one")}, "one\n", "art.doc: not read: it is old\n", false},
		{[]draftReport{doc("a.docx", "one"), refused, doc("a.docx", "two"), doc("b-->.md", "three")},
			"<!-- a.docx -->\n\none\n\n<!-- a.docx -->\n\ntwo\n\n<!-- b--&gt;.md -->\n\nthree\n", "art.doc: not read: it is old\n", false},
	} {
		var out, errs bytes.Buffer
		if all := printDrafts(&out, &errs, c.drafts); all != c.all || out.String() != c.out || errs.String() != c.errs {
			t.Errorf("%t\n%s\n%s", all, out.String(), errs.String())
		}
	}
}

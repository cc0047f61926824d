package draft_test

import (
	"errors"
	"strings"
	"testing"

	"handoff/inbox/draft"
)

func TestWords(t *testing.T) {
	for s, want := range map[string]int{"": 0, "one two": 2, "don't re-do it": 3, "– * 7 %": 1, "東京の店": 2, "東京 store": 2, "ภาษา": 2} {
		if got := draft.Words(s, 0); got != want {
			t.Errorf("%q: %d words, want %d", s, got, want)
		}
	}
	if got := draft.Words(strings.Repeat("a ", 100), 7); got != 7 {
		t.Errorf("%d words of at most 7", got)
	}
}

func TestTitle(t *testing.T) {
	for name, want := range map[string]string{"what_shops-pay final v2.txt": "what shops-pay", "the-fees-2026-03-01.txt": "the fees", "draft.txt": "draft", "Fees (1).txt": "Fees"} {
		d, err := read(t, name, []byte("A first line that is a sentence and no title, since it ends in a stop.\n"))
		if err != nil || d.Title != want {
			t.Errorf("%s: %q, %v; want %q", name, d.Title, err, want)
		}
	}
}

// TestRefusals: what cannot be read is refused with a reason that says what to do.
func TestRefusals(t *testing.T) {
	for name, want := range map[string]string{"a.doc": "old .doc format", "a.pages": "files of this kind", "a.rar": "an archive", "a.png": "files of this kind", "a.docm": "macros", "a.docx": "damaged", "a.fodt": "damaged"} {
		_, err := read(t, name, []byte("PK neither one nor the other"))
		var refusal *draft.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sayable(t, refusal.Reason)
		if name != "a.fodt" && name != "a.docx" && draft.Supported(name, "") {
			t.Errorf("%s is supported", name)
		}
		if draft.Document(name, "") != (name != "a.png") {
			t.Errorf("%s: document: %t", name, draft.Document(name, ""))
		}
	}
	if _, err := read(t, "a.txt", nil); err == nil {
		t.Error("an empty file is read")
	}
}

// TestPDFCommand: a command that fails, or is not there, refuses the file and nothing else.
func TestPDFCommand(t *testing.T) {
	raw := pdfPage("<</Length 0>>\nstream\n\nendstream")
	for _, argv := range [][]string{nil, {"/nonexistent/command"}, {options(t).PDF[0], "-test.run=^$", "-no-such-flag"}} {
		_, err := draft.Read(t.Context(), "a.pdf", "", strings.NewReader(string(raw)), int64(len(raw)), draft.Options{PDF: argv})
		var refusal *draft.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, "please send") {
			t.Errorf("%v: %v", argv, err)
		}
	}
}

// TestEmbedded: objects of other programs are left out, and it is said once.
func TestEmbedded(t *testing.T) {
	const note = "it holds an embedded object, which was left out"
	body := `<w:document><w:body><w:p><w:r><w:t>x</w:t><w:object/><w:object/></w:r></w:p></w:body></w:document>`
	for name, raw := range map[string][]byte{
		"a.docx":       archive(t, part{"word/document.xml", body}, part{"word/embeddings/oleObject1.bin", "x"}, part{"word/embeddings/oleObject2.bin", "x"}),
		"unshown.docx": archive(t, part{"word/document.xml", strings.ReplaceAll(body, "<w:object/>", "")}, part{"word/embeddings/oleObject1.bin", "x"}),
		"a.rtf":        []byte(`{\rtf1 x{\object{\*\objclass Package}{\*\objdata 0105}}}`),
		"bare.rtf":     []byte(`{\rtf1 x{\*\objdata 0105}}`),
	} {
		d, err := read(t, name, raw)
		if err != nil || d.Markdown != "x\n" || len(d.Notes) != 1 || d.Notes[0] != note {
			t.Errorf("%s: %q %q %v", name, d.Markdown, d.Notes, err)
		}
	}
}

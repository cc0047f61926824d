package draft_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handoff/inbox/draft"
)

// seeds are the files of testdata and small ones of every kind.
func seeds(f *testing.F, add func(name string, raw []byte)) {
	files, err := filepath.Glob("testdata/*")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		if strings.Contains(file, ".want.") {
			continue
		}
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			continue
		}
		name, raw := load(f, file)
		add(name, raw)
	}
	add("a.docx", docx(f, "<w:p><w:r><w:t>x</w:t></w:r></w:p>"))
	add("a.doc", compound("WordDocument", "Macros"))
	add("a.rtf", []byte(`{\rtf1\ansi{\fonttbl{\f0 A;}}\trowd\intbl a\cell\row{\footnote b}{\field{\*\fldinst HYPERLINK "x"}{\fldrslt c}}\u8364?\'e4\par}`))
	add("a.html", []byte("<table><tr><td>a<td><ul><li>b</table><pre>c</pre><blockquote>d<p>e"))
	add("a.fodt", []byte("<?xml version='1.0'?><d><body><text><list><list-item><p>a<note><note-body><p>b</p></note-body></note></p></list-item></list></text></body></d>"))
	add("a.pdf", pdfPage("<</Length 40>>\nstream\nBT /F 12 Tf 1 0 0 1 72 700 Tm (Hello) Tj ET\nendstream"))
}

var limits = draft.Limits{Text: 64 << 10, Inflated: 1 << 20, Images: 10}

// FuzzRead: every file gives a draft or a refusal, without a panic. What is in an archive is fuzzed unpacked, too: a fuzzer
// does not get through the checksums.
func FuzzRead(f *testing.F) {
	kinds := []string{"docx", "odt", "fodt", "rtf", "html", "md", "txt", "document.xml", "content.xml"}
	seeds(f, func(name string, raw []byte) {
		for i, k := range kinds {
			if strings.HasSuffix(name, "."+k) {
				f.Add(uint8(i), raw)
			}
		}
		if strings.HasSuffix(name, ".docx") {
			f.Add(uint8(7), unpack(raw, "word/document.xml"))
		}
		if strings.HasSuffix(name, ".odt") {
			f.Add(uint8(8), unpack(raw, "content.xml"))
		}
	})
	f.Fuzz(func(t *testing.T, kind uint8, raw []byte) {
		k := kinds[int(kind)%len(kinds)]
		name := "x." + k
		switch k {
		case "document.xml":
			name, raw = "x.docx", archive(t, part{"word/document.xml", string(raw)}, part{"word/styles.xml", string(raw)}, part{"word/footnotes.xml", string(raw)})
		case "content.xml":
			name, raw = "x.odt", archive(t, part{"content.xml", string(raw)})
		}
		d, err := draft.Read(context.Background(), name, "", bytes.NewReader(raw), int64(len(raw)), draft.Options{Limits: limits})
		check(t, d, err)
		if len(d.Markdown) > 4*limits.Text+2*len(raw) {
			t.Fatalf("%d bytes of Markdown from %d", len(d.Markdown), len(raw))
		}
	})
}

// FuzzInspect: every file is judged, without a panic, in words that can be told.
func FuzzInspect(f *testing.F) {
	seeds(f, func(name string, raw []byte) { f.Add(name, "", raw[:min(len(raw), 8<<10)]) })
	f.Add("essay.pdf.exe", "application/pdf", []byte("MZ"))
	f.Fuzz(func(t *testing.T, name, mediaType string, raw []byte) {
		if reason := draft.Inspect(name, mediaType, bytes.NewReader(raw), int64(len(raw))); reason != "" {
			sayable(t, reason)
		}
		draft.Supported(name, mediaType)
	})
}

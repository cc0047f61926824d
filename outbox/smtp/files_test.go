package smtp_test

import (
	"bytes"
	"strings"
	"testing"

	"handoff/inbox"
	"handoff/outbox"
)

// Files go as attachments, byte for byte, whatever they are called.
func TestFiles(t *testing.T) {
	content := bytes.Repeat([]byte("\x89PNG\r\n\x00\xff."), 1000)
	m := notice()
	m.Files = []outbox.File{{Name: "hero.png", Type: "image/png", Content: content}, {Name: "Wärme \"1\"\r\nX-Evil: yes.jpg", Type: "image/jpeg", Content: content[:10]}}
	raw := sent(t, m)
	read, err := inbox.Read(t.Context(), strings.NewReader(raw), int64(len(raw)), inbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Attachments) != 2 || strings.Contains(raw, "\nX-Evil") {
		t.Fatalf("%d attachments in\n%s", len(read.Attachments), raw[:min(len(raw), 3000)])
	}
	for i, a := range read.Attachments {
		var got bytes.Buffer
		if _, err := got.ReadFrom(a.Open(strings.NewReader(raw))); err != nil || !bytes.Equal(got.Bytes(), m.Files[i].Content) || a.Type != m.Files[i].Type || a.Inline {
			t.Errorf("%s, %s, %d bytes, %v", a.Name, a.Type, got.Len(), err)
		}
	}
	if name := read.Attachments[0].Name; name != "hero.png" {
		t.Error(name)
	}
	if !strings.Contains(read.Body, "Hello") {
		t.Errorf("the words: %q", read.Body)
	}
}

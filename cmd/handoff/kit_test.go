package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"handoff/inbox"
	"handoff/internal/mailtest"
)

// The share kit brings the images that were filed, from the stored mail; a corrected address is told as one, and where the stored
// mail is gone the kit goes without.
func TestShareKitImages(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("poll", "--once")
	a.run("piece", "add", "KIT-1", "--title", "Kettles", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--lead", "ed@agency.example", "--stage", "published", "--no-notify")
	png := []byte("\x89PNG\r\n\x1a\nthe big kettle")
	a.send(mailtest.Mail{Subject: "Pictures [KIT-1]", MessageID: "pictures@writers.example", Text: "Here they are.", Attachments: []mailtest.File{
		{Name: "text.md", Type: "text/markdown", Data: []byte("# Kettles\n")}, {Name: "kettle.png", Type: "image/png", Data: png}, {Name: "fake.png", Type: "image/png", Data: []byte("MZ no picture")},
	}})
	a.run("poll", "--once")
	kit := func() *inbox.Message {
		t.Helper()
		a.run("poll", "--once")
		raws, err := a.office.Mails("ana", "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		raw := raws[len(raws)-1]
		m, err := inbox.Read(t.Context(), bytes.NewReader(raw), int64(len(raw)), inbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range m.Attachments {
			var got bytes.Buffer
			if _, err := got.ReadFrom(f.Open(bytes.NewReader(raw))); err != nil || f.Name != "kettle.png" || !bytes.Equal(got.Bytes(), png) {
				t.Errorf("%s is attached: %q, %v", f.Name, got.String(), err)
			}
		}
		return m
	}
	a.run("piece", "publish", "KIT-1", "http://kit.example/1", "--as", "ed@agency.example")
	first := kit()
	for _, part := range []string{"is published:", "http://kit.example/1", "- kettle.png (22 bytes), attached", "- fake.png (13 bytes), not attached: it is no picture"} {
		if !strings.Contains(first.Body, part) {
			t.Errorf("the kit does not say %q:\n%s", part, first.Body)
		}
	}
	if len(first.Attachments) != 1 {
		t.Errorf("%d attachments", len(first.Attachments))
	}
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(cfg.BlobDir()); err != nil {
		t.Fatal(err)
	}
	a.run("piece", "publish", "KIT-1", "http://kit.example/2", "--as", "ed@agency.example")
	second := kit()
	for _, part := range []string{"This is the right one:", "If you have shared the wrong one, http://kit.example/1", "- kettle.png (22 bytes), not attached"} {
		if !strings.Contains(strings.Join(strings.Fields(second.Body), " "), part) {
			t.Errorf("the corrected kit does not say %q:\n%s", part, second.Body)
		}
	}
	if len(second.Attachments) != 0 || strings.Contains(second.Body, "is published") {
		t.Errorf("%d attachments in\n%s", len(second.Attachments), second.Body)
	}
}

package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"handoff/inbox"
	"handoff/internal/mailtest"
)

// The share kit goes out once the address is found, with the images that were filed, from the stored mail; where that is gone it
// goes without. Whoever has to confirm the distribution reads so in theirs.
func TestShareKitImages(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("poll", "--once")
	pages, checker := openSite(t)
	a.pages = checker
	for _, code := range []string{"KIT-1", "KIT-2"} {
		a.run("piece", "add", code, "--title", "Kettles", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--lead", "ed@agency.example", "--stage", "published", "--no-notify")
	}
	png := []byte("\x89PNG\r\n\x1a\nthe big kettle")
	for _, code := range []string{"KIT-1", "KIT-2"} {
		a.send(mailtest.Mail{Subject: "Pictures [" + code + "]", MessageID: code + ".pictures@writers.example", Text: "Here they are.", Attachments: []mailtest.File{
			{Name: "text.md", Type: "text/markdown", Data: []byte("# Kettles of " + code)}, {Name: "kettle.png", Type: "image/png", Data: png}, {Name: "fake.png", Type: "image/png", Data: []byte("MZ no picture")},
		}})
	}
	a.run("poll", "--once")
	kit := func(who, code string) *inbox.Message {
		t.Helper()
		raws, err := a.office.Mails(who, "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(raws, func(raw []byte) bool { return bytes.Contains(raw, []byte("\r\nSubject: "+code+": Kettles is out\r\n")) })
		if i < 0 {
			t.Fatalf("%s has no kit of %s", who, code)
		}
		raw := raws[i]
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
	a.run("piece", "publish", "KIT-1", "http://kit.example/wrong", "--as", "ed@agency.example")
	before := len(a.inboxOf("ana"))
	a.run("poll", "--once")
	if got := a.inboxOf("ana"); len(got) != before {
		t.Fatalf("ana got %q of an address that is not there", got[before:])
	}
	pages.put("/1", "here")
	a.run("piece", "publish", "KIT-1", "http://kit.example/1", "--as", "ed@agency.example")
	a.run("poll", "--once")
	first, leads := kit("ana", "KIT-1"), kit("ed", "KIT-1")
	for _, part := range []string{"is published:", "http://kit.example/1", "- kettle.png (22 bytes), attached", "- fake.png (13 bytes), not attached: it is no picture"} {
		if !strings.Contains(first.Body, part) {
			t.Errorf("the kit does not say %q:\n%s", part, first.Body)
		}
	}
	if len(first.Attachments) != 1 {
		t.Errorf("%d attachments", len(first.Attachments))
	}
	const nothing, left = "Nothing else is left to do.", "What is left for you: when it is distributed, tell us"
	if !strings.Contains(first.Body, nothing) || strings.Contains(first.Body, left) || strings.Contains(leads.Body, nothing) || !strings.Contains(leads.Body, left) {
		t.Errorf("ana reads\n%s\nand the lead\n%s", first.Body, leads.Body)
	}
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(cfg.BlobDir()); err != nil {
		t.Fatal(err)
	}
	a.run("piece", "publish", "KIT-2", "http://kit.example/gone", "--as", "ed@agency.example")
	a.run("piece", "distributed", "KIT-2", "--as", "ed@agency.example", "--no-notify")
	a.run("piece", "verify", "KIT-2", "--seen", "--as", "ed@agency.example")
	a.run("poll", "--once")
	for _, who := range []string{"ana", "ed"} { // what is wanted of nobody any more
		second := kit(who, "KIT-2")
		if text := strings.Join(strings.Fields(second.Body), " "); len(second.Attachments) != 0 || !strings.Contains(text, "- kettle.png (22 bytes), not attached") || !strings.Contains(text, nothing) {
			t.Errorf("%d attachments in\n%s", len(second.Attachments), second.Body)
		}
	}
}

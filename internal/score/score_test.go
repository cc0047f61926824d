package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCorpus holds the reading to what it reached on the public collections, where they are at hand: beside the project,
// or where HANDOFF_CORPUS says.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("HANDOFF_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no collections here: set HANDOFF_CORPUS to their directory")
	}
	rows, err := Corpus(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var all Row
	for _, r := range rows {
		all.add(r)
	}
	floor := func(name string, got Ratio, share float64) {
		if float64(got.Right) < share*float64(got.Of) {
			t.Errorf("%s: %v, less than %.0f %%", name, got, 100*share)
		}
	}
	floor("read", all.Read, 1)
	floor("kinds", all.Kinds, 0.98)
	floor("recipients", all.Recipients, 0.97)
	floor("status", all.Status, 0.95)
	floor("exact texts", all.Texts, 0.97)
	if all.Misjudged > 0 || all.Muted > 0 {
		t.Errorf("%d human mails taken for something else, %d not to be answered", all.Misjudged, all.Muted)
	}
	if all.Answerable > 0 {
		t.Errorf("%d mails that no person wrote may be answered", all.Answerable)
	}
	if t.Failed() {
		var b bytes.Buffer
		print(&b, rows, true)
		t.Log(b.String())
	}
}

func TestCollection(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "letters")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.eml", "From: a@b.example\nSubject: Hi\n\nMy answer.\n\n> the question\n")
	write("b.eml", "From: MAILER-DAEMON@b.example\nSubject: failure notice\n\n<c@d.example>:\n550 5.1.1 no such user\n")
	write("expected.jsonl", `{"file":"a.eml","kind":"reply","text":"My  answer."}
{"file":"a.eml","kind":"bounce"}
{"file":"b.eml","kind":"bounce","recipients":["C@d.example"],"status":"5.1.1"}
{"file":"b.eml","kind":"reply","must_contain":["absent"]}`)
	rows, err := Corpus(context.Background(), filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	r := rows[0]
	if r.Read != (Ratio{4, 4}) || r.Kinds != (Ratio{2, 4}) || r.Recipients != (Ratio{1, 2}) && r.Recipients != (Ratio{1, 1}) || r.Texts != (Ratio{1, 2}) || r.Misjudged != 1 || r.Answerable != 1 {
		t.Errorf("%+v", r)
	}
	var out bytes.Buffer
	print(&out, rows, true)
	if !strings.Contains(out.String(), "letters/a.eml: kind human, want bounce") {
		t.Errorf("the miss is not printed:\n%s", out.String())
	}
	if _, err := Corpus(context.Background(), t.TempDir()); err == nil {
		t.Error("an empty directory is no corpus")
	}
}

package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handoff/inbox"
)

// collections is the directory of the public collections, where they are at hand: beside the project, or where HANDOFF_CORPUS says.
func collections(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("HANDOFF_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no collections here: set HANDOFF_CORPUS to their directory")
	}
	return dir
}

// TestCutShort reads every mail of the collections cut at random bytes, as a lost connection leaves it: a Message comes back, and what
// its header says of machines still counts.
func TestCutShort(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(collections(t), "*", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 11))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			cut := raw[:rng.IntN(len(raw)+1)]
			m, err := inbox.Read(context.Background(), bytes.NewReader(cut), int64(len(cut)), inbox.Options{})
			if err != nil {
				t.Fatalf("%s, %d bytes: %v", file, len(cut), err)
			}
			if m.NullSender && !m.SuppressReply {
				t.Errorf("%s, %d bytes: a null return path, and it may be answered", file, len(cut))
			}
			for _, a := range m.Attachments {
				if _, err := io.Copy(io.Discard, a.Open(bytes.NewReader(cut))); err != nil {
					t.Errorf("%s, %d bytes: attachment %s: %v", file, len(cut), a.Name, err)
				}
			}
		}
	}
}

// TestCorpus holds the reading to what it reached on the public collections.
func TestCorpus(t *testing.T) {
	rows, err := Corpus(context.Background(), collections(t))
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
	write("a.eml", "From: a@b.example\nSubject: Re: Hi\n\nMy answer.\n\n> the question\n")
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

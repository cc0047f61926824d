package templates_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/templates"
)

var update = flag.Bool("update", false, "rewrite the expected mails in testdata")

func load(t testing.TB) *templates.Set {
	t.Helper()
	s, problems, err := templates.Load(templates.Config{})
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	return s
}

func reader(t testing.TB) templates.Audience {
	t.Helper()
	location, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return templates.Audience{Locale: "en", Location: location}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with go test -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestMails(t *testing.T) {
	s := load(t)
	for _, name := range templates.Names() {
		variants := map[string]templates.Data{"": templates.Sample(name), "-sparse": templates.Sparse(templates.Sample(name))}
		if r, ok := templates.Sample(name).(templates.Receipt); ok {
			yours, finished := r, r
			yours.Yours, yours.Skipped = true, []templates.File{{Name: "12 further files", Note: "one mail can bring 100"}}
			finished.Next, finished.Finished = nil, true
			variants["-yours"], variants["-finished"] = yours, finished
		}
		if d := overtaken(name); d != nil {
			variants["-finished"] = d
		}
		if d, ok := templates.Sample(name).(templates.Unassigned); ok {
			d.Lead, d.Step = true, nil
			variants["-lead"] = d
		}
		if d, ok := templates.Sample(name).(templates.Bounced); ok {
			d.Lost, d.Status, d.Reason = 812, "5.7.1", "its mail system refuses our mails by its own rules"
			variants["-lost"] = d
		}
		for variant, d := range variants {
			t.Run(name+variant, func(t *testing.T) {
				r, err := s.Render(d, reader(t))
				if err != nil {
					t.Fatal(err)
				}
				golden(t, name+variant+".txt", "Subject: "+r.Subject+"\n\n"+r.Text)
				golden(t, name+variant+".html", r.HTML)
			})
		}
	}
}

// overtaken is what is passed on of a piece that is closed already; nil for other templates.
func overtaken(name string) templates.Data {
	switch d := templates.Sample(name).(type) {
	case templates.NewVersion:
		d.Finished = true
		return d
	case templates.Note:
		d.Closed = true
		return d
	}
	return nil
}

// Every text in every other language, text and what the HTML page holds, with everything and with nothing optional.
func TestMailsInOtherLanguages(t *testing.T) {
	s := load(t)
	for _, locale := range templates.Locales()[1:] {
		for _, name := range templates.Names() {
			t.Run(locale+"/"+name, func(t *testing.T) {
				if _, err := os.Stat(filepath.Join("default", locale, name+".md")); err != nil {
					t.Fatal(err)
				}
				var all strings.Builder
				samples := []templates.Data{templates.Sample(name), templates.Sparse(templates.Sample(name))}
				if d := overtaken(name); d != nil {
					samples = append(samples, d)
				}
				for _, d := range samples {
					to := reader(t)
					to.Locale = locale
					r, err := s.Render(d, to)
					if err != nil {
						t.Fatal(err)
					}
					_, page, _ := strings.Cut(r.HTML, "<body>")
					fmt.Fprintf(&all, "Subject: %s\n\n%s\n%s\n", r.Subject, r.Text, page)
				}
				golden(t, filepath.Join(locale, name+".txt"), all.String())
			})
		}
	}
}

func TestDecodeGivesWhatWasEncoded(t *testing.T) {
	for _, name := range templates.Names() {
		want := templates.Sample(name)
		stored, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := templates.Decode(name, stored)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := templates.Decode("reciept", []byte("{}")); err == nil {
		t.Error("Decode of an unknown template gave no error")
	}
	if _, err := templates.Decode("receipt", []byte("{")); err == nil {
		t.Error("Decode of broken JSON gave no error")
	}
}

func TestOverride(t *testing.T) {
	own, problems, err := templates.ReadFiles(fstest.MapFS{
		"redirect.md":  {Data: []byte("\ufeff---\r\nsubject: Sorry\r\n---\r\nWrite to [us](https://agency.example/contact).\r\n")},
		".git":         {Data: nil},
		"redirect.md~": {Data: []byte("an editor's backup")},
		"drafts/x.md":  {Data: []byte("not at the root")},
	})
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	s, problems, err := templates.Load(templates.Config{Own: own})
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	r, err := s.Render(templates.Sample("redirect"), templates.Audience{})
	if err != nil {
		t.Fatal(err)
	}
	want := "Write to us <https://agency.example/contact>.\n\n-- \nExample Agency\nYou get this mail because you sent us a mail.\n"
	if r.Subject != "Sorry" || r.Text != want {
		t.Errorf("subject %q, text %q", r.Subject, r.Text)
	}
}

// A directory may come from anywhere: what is no text in it is told and not opened.
func TestReadFilesOfAnyDirectory(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"receipt.md", "receipt.short.md", "de/receipt.md", "README.md", ".gitignore", "old/receipt.md"} {
		write(name, "a text")
	}
	want := map[string]string{
		"note.md": "is no regular file", "fr": "no mail uses this file", "held.md": "is no regular file", "digest.md": "the text is larger than 256 kB",
		"en": "no directory of texts", "de-AT": "no directory of texts", "nl": "no directory of texts", "receipt..md": "no mail uses this file",
		"receipt.A.md": "an alternate is named in small letters", "de/layout.html": "one for all languages", "redirect.html": "no mail uses this file",
		"layout.md": "no mail uses this file",
	}
	for _, name := range []string{"en/receipt.md", "de-AT/receipt.md", "nl/receipt.md", "receipt..md", "receipt.A.md", "de/layout.html", "redirect.html", "layout.md"} {
		write(name, "a text")
	}
	write("digest.md", strings.Repeat("x", templates.MaxText+1))
	for link, to := range map[string]string{"note.md": "/dev/zero", "held.md": filepath.Join(dir, "receipt.md"), "fr": filepath.Join(dir, "de")} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	own, problems, err := templates.ReadFiles(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, o := range own {
		read = append(read, o.File())
	}
	if got := strings.Join(read, " "); got != "receipt.md receipt.short.md de/receipt.md" {
		t.Errorf("read %s", got)
	}
	for _, p := range problems {
		if text, ok := want[p.File]; !ok || !strings.Contains(p.Text, text) {
			t.Errorf("problem %v, want %q", p, text)
		}
		delete(want, p.File)
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
}

func TestRenderingTogether(t *testing.T) {
	s, names := load(t), templates.Names()
	render := func(name string, long bool) templates.Rendered {
		d := templates.Sample(name)
		if long { // so that what one mail wrote would show in a shorter one
			d = fill(d, strings.Repeat("A long word of text. ", 80))
		}
		r, err := s.Render(d, templates.Audience{Locale: "en", Location: time.UTC})
		if err != nil {
			t.Error(err)
		}
		return r
	}
	want := map[string][2]templates.Rendered{}
	for _, name := range names {
		want[name] = [2]templates.Rendered{render(name, false), render(name, true)}
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j, name := range names {
				long := (i+j)%2 == 1
				got := render(name, long)
				if w := want[name]; !long && got != w[0] || long && got != w[1] {
					t.Errorf("%s differs from when it was written alone:\n%s", name, got.Text)
				}
			}
		})
	}
	all.Wait()
}

func TestCleaning(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " ": "", "a": "a", "a b": "a b", "two  blanks": "two blanks", " before": "before", "after ": "after", "~": "~",
		"a\tb": "a b", "a\x7fb": "ab", "a\x00b": "ab", "é ü": "é ü", "a\u202eb": "ab", "a \n b": "a b", "a\u00a0 b": "a\u00a0 b",
		strings.Repeat("x", 2001): strings.Repeat("x", 2000) + " …",
	} {
		if got := templates.Clean(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

// BenchmarkRender writes every notice in every language once.
func BenchmarkRender(b *testing.B) {
	s, to := load(b), reader(b)
	for b.Loop() {
		for _, to.Locale = range templates.Locales() {
			for _, name := range templates.Names() {
				if _, err := s.Render(templates.Sample(name), to); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

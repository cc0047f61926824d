package templates_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"handoff/templates"
)

// shelf keeps versions in memory, as package store does in a database.
type shelf struct {
	versions []templates.Version // oldest first
	settings map[string]templates.Setting
	reads    int
	fail     error
}

func (s *shelf) TemplateState(context.Context) (string, error) {
	return strings.Repeat("x", len(s.versions)) + strings.Repeat("y", len(s.settings)), s.fail
}

func (s *shelf) TemplateVersions(_ context.Context, of templates.Own) ([]templates.Version, error) {
	s.reads++
	var found []templates.Version
	seen := map[templates.Own]bool{}
	for i := len(s.versions) - 1; i >= 0; i-- {
		v := s.versions[i]
		place := v.Own
		place.Text = ""
		of.Text = ""
		if of.Name == "" && !seen[place] || of == place {
			found = append(found, v)
		}
		seen[place] = true
	}
	return found, s.fail
}

func (s *shelf) TemplateSettings(context.Context) (map[string]templates.Setting, error) {
	return s.settings, s.fail
}

func (s *shelf) AddTemplateVersion(_ context.Context, v templates.Version) (int64, error) {
	v.ID = int64(len(s.versions) + 1)
	s.versions = append(s.versions, v)
	return v.ID, s.fail
}

func (s *shelf) SetTemplate(_ context.Context, name string, setting templates.Setting) error {
	s.settings[name] = setting
	return s.fail
}

// put keeps a text unchecked, as an update may leave one.
func (s *shelf) put(name, locale, variant, body string) {
	text := "---\nsubject: Own\n---\n" + body
	if body == "" {
		text = ""
	}
	own := templates.Own{Name: name, Locale: locale, Variant: variant, Text: text}
	s.versions = append(s.versions, templates.Version{ID: int64(len(s.versions) + 1), Own: own, Base: templates.Fingerprint(own)})
}

func rendered(t *testing.T, l *templates.Library, name, locale string) string {
	t.Helper()
	set, err := l.Set(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := set.Render(templates.Sample(name), templates.Audience{Locale: locale, Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(r.Text, "\n\n-- \n")
	return body
}

func TestLastGoodVersionGoesOn(t *testing.T) {
	s := &shelf{}
	var told []templates.Broken
	l := &templates.Library{Kept: s, Broken: func(_ context.Context, b []templates.Broken) { told = append(told, b...) }}
	builtIn := rendered(t, l, "redirect", "en")
	s.put("redirect", "en", "", "one")
	if got := rendered(t, l, "redirect", "en"); got != "one" {
		t.Errorf("after the first save: %q", got)
	}
	s.put("redirect", "en", "", "two {{.Nonsense}}")
	s.put("redirect", "en", "", "three {{")
	if got := rendered(t, l, "redirect", "en"); got != "one" {
		t.Errorf("after two broken ones: %q", got)
	}
	if len(told) != 1 || told[0].Version.ID != 3 || told[0].Problem.Line != 4 {
		t.Errorf("told %v", told)
	}
	told = nil
	s.put("redirect", "en", "", "")
	if got := rendered(t, l, "redirect", "en"); got != builtIn || told != nil {
		t.Errorf("after a reset: %q, told %v", got, told)
	}
	s.put("redirect", "en", "", "{{.Nonsense}}")
	if got := rendered(t, l, "redirect", "en"); got != builtIn || len(told) != 1 {
		t.Errorf("broken after a reset: %q, told %v", got, told)
	}
}

func TestTextsAreReadAnewOnlyWhenChanged(t *testing.T) {
	s := &shelf{settings: map[string]templates.Setting{}}
	l := &templates.Library{Kept: s}
	for range 3 {
		rendered(t, l, "redirect", "en")
	}
	if s.reads != 1 {
		t.Errorf("read %d times", s.reads)
	}
	s.settings["redirect"] = templates.Setting{Off: true}
	set, err := l.Set(t.Context())
	if err != nil || s.reads != 2 || !set.Off("redirect") || set.Off("receipt") {
		t.Errorf("read %d times, %v", s.reads, err)
	}
	s.put("redirect", "en", "", "new")
	s.fail = errors.New("the database is gone")
	if again, err := l.Set(t.Context()); err != nil || again != set {
		t.Errorf("without the database: %v", err)
	}
	if _, err := (&templates.Library{Kept: s}).Set(t.Context()); !errors.Is(err, s.fail) {
		t.Errorf("never read: %v", err)
	}
}

func TestWhichTextAReaderGets(t *testing.T) {
	s := &shelf{settings: map[string]templates.Setting{"redirect": {Variant: "short"}}}
	s.put("redirect", "de", "", "usual German")
	s.put("redirect", "de", "short", "short German")
	s.put("redirect", "fr", "", "usual French")
	s.put("redirect", "en", "short", "short English")
	s.put("held", "de", "", "held {{range .Candidates}}{{.Code}}{{end}}")
	for locale, want := range map[string]string{"de": "short German", "de-AT": "short German", "DE": "short German", "fr_CA": "usual French", "en-GB": "short English"} {
		if got := rendered(t, &templates.Library{Kept: s}, "redirect", locale); got != want {
			t.Errorf("%s gets %q, want %q", locale, got, want)
		}
	}
	team := &templates.Library{Kept: s, Locale: "de-CH"}
	if got := rendered(t, team, "redirect", "nl"); got != "short German" {
		t.Errorf("a language there is nothing in gets %q", got)
	}
	if got := rendered(t, &templates.Library{Kept: s}, "redirect", ""); got != "short English" {
		t.Errorf("no language gets %q", got)
	}
}

func TestSave(t *testing.T) {
	s := &shelf{}
	l := &templates.Library{Kept: s}
	v := templates.Version{Own: templates.Own{Name: "redirect", Locale: "en", Text: "---\nsubject: x\n---\ny"}, Author: "admin@agency.example"}
	saved, err := l.Save(t.Context(), v)
	if err != nil || saved.ID != 1 || saved.Base == "" || saved.Stale() {
		t.Fatalf("%+v, %v", saved, err)
	}
	if _, err := l.Save(t.Context(), v); !errors.Is(err, templates.ErrUnchanged) {
		t.Errorf("the same again: %v", err)
	}
	if s.versions[0].Base = "another"; !s.versions[0].Stale() {
		t.Error("a text of another built-in one is not stale")
	}
	for text, want := range map[string]string{
		"---\nsubject: x\n---\n{{.Pice}}": "redirect.md:4:3: unknown variable .Pice",
		"no front matter":                 "redirect.md:1: must begin with",
	} {
		v.Text = text
		var p *templates.Problem
		if _, err := l.Save(t.Context(), v); !errors.As(err, &p) || !strings.Contains(err.Error(), want) {
			t.Errorf("saving %q: %v", text, err)
		}
	}
	for _, o := range []templates.Own{{Name: "redirekt", Locale: "en"}, {Name: "redirect", Locale: "nl"}, {Name: "redirect", Locale: "en", Variant: "../x"}, {Name: "layout", Locale: "de"}} {
		if _, err := l.Save(t.Context(), templates.Version{Own: o}); err == nil {
			t.Errorf("%+v was reset", o)
		}
	}
	v.Text = ""
	if saved, err := l.Save(t.Context(), v); err != nil || !saved.Reset() {
		t.Errorf("reset: %v", err)
	}
	if _, err := l.Save(t.Context(), v); !errors.Is(err, templates.ErrUnchanged) {
		t.Errorf("reset again: %v", err)
	}
	if _, err := (&templates.Library{Kept: templates.BuiltInOnly{}}).Save(t.Context(), templates.Version{Own: templates.Own{Name: "redirect", Locale: "en", Text: "---\nsubject: x\n---\ny"}}); err == nil || !strings.Contains(err.Error(), "handoff init") {
		t.Errorf("nowhere to keep: %v", err)
	}
}

func TestLacking(t *testing.T) {
	s := &shelf{}
	s.put("redirect", "en", "", "x")
	s.put("redirect", "de", "", "x")
	s.put("redirect", "fr", "", "")
	s.put("held", "en", "", "x")
	s.put("held", "de", "", "x")
	s.put("held", "fr", "", "x")
	s.put("held", "pt", "", "x")
	s.put("held", "es", "short", "x")
	s.put("held", "en", "short", "x")
	s.put("held", "de", "long", "x") // is not in use
	settings := map[string]templates.Setting{"held": {Variant: "short"}}
	var got []string
	for _, l := range templates.Lacking(s.versions, settings) {
		got = append(got, fmt.Sprint(l.Own.File(), " ", strings.Join(l.Others, "+"), map[bool]string{true: " usual"}[l.Usual]))
	}
	if want := "de/held.short.md en+es usual, fr/held.short.md en+es usual, pt/held.short.md en+es usual, fr/redirect.md de+en, es/redirect.md de+en, pt/redirect.md de+en"; strings.Join(got, ", ") != want {
		t.Errorf("lacking %v, want %s", got, want)
	}
}

func TestRequiredParts(t *testing.T) {
	for _, e := range templates.Catalogue() {
		name := e.Data.Template()
		text, err := templates.Default(templates.Own{Name: name, Locale: "en"})
		if err != nil {
			t.Fatal(err)
		}
		for _, need := range e.Keeps() {
			// Another list of the same kind in its place: the text stays right but for what is missing.
			if p := templates.Check(templates.Own{Name: name, Locale: "en", Text: strings.ReplaceAll(string(text), "."+need, ".To.Name")}); p == nil {
				t.Errorf("%s without .%s was taken", name, need)
			}
			asked := "---\nsubject: x\nwhy: y\n---\nLook{{if ." + need + "}} here{{end}}."
			if p := templates.Check(templates.Own{Name: name, Locale: "en", Text: asked}); p == nil || !strings.Contains(p.Text, "is missing") {
				t.Errorf("%s that only asks for .%s: %v", name, need, p)
			}
			bare := "---\nsubject: x\nwhy: y\n---\nz\n"
			p := templates.Check(templates.Own{Name: name, Locale: "en", Text: bare})
			if p == nil || !strings.Contains(p.Text, "is missing") || p.Line != 5 {
				t.Errorf("%s with nothing: %v", name, p)
			}
		}
	}
}

// A required part may be shown in any way.
func TestRequiredPartsByAnyWay(t *testing.T) {
	for body, right := range map[string]bool{
		"{{.Reason}}":                  true,
		"{{full (say .Reason)}}":       true,
		"{{.Reason | say | full}}":     true,
		"{{$r := say .Reason}}{{$r}}":  true,
		"{{$r := .}}{{$r.Reason}}":     true,
		"{{with .Reason}}{{.}}{{end}}": true,
		"{{$r := \"\"}}{{if .To.Outside}}{{$r = .Reason}}{{end}}{{$r}}": true,
		"{{if .Reason}}It waits.{{end}}":                                false,
		"{{if eq .Reason \"x\"}}It waits.{{end}}":                       false,
		"{{$r := .Reason}}It waits.":                                    false,
		"{{with .Reason}}It waits.{{end}}":                              false,
		"{{/* {{.Reason}} */}}It waits.":                                false,
	} {
		p := templates.Check(templates.Own{Name: "not_done", Locale: "en", Text: "---\nsubject: x\n---\nSorry. " + body})
		if (p == nil) != right || p != nil && !strings.Contains(p.Text, "what .Reason holds is missing") {
			t.Errorf("%s: %v", body, p)
		}
	}
}

// What an update left no mail for is told, and can be reset; nothing can be saved there.
func TestTextWithoutItsMail(t *testing.T) {
	s := &shelf{}
	s.put("farewell", "en", "", "x")
	l := &templates.Library{Kept: s}
	broken, err := l.Problems(t.Context())
	if err != nil || len(broken) != 1 || !strings.Contains(broken[0].Problem.Text, "no mail uses this file") {
		t.Fatalf("%v, %v", broken, err)
	}
	gone := broken[0].Version
	if _, err := l.Save(t.Context(), templates.Version{Own: gone.Own}); err == nil {
		t.Error("it was saved again")
	}
	gone.Text = ""
	if v, err := l.Save(t.Context(), templates.Version{Own: gone.Own}); err != nil || !v.Reset() {
		t.Errorf("reset: %v", err)
	}
	if broken, err := l.Problems(t.Context()); err != nil || len(broken) != 0 {
		t.Errorf("after the reset: %v, %v", broken, err)
	}
}

// A text that is not saved is tried among the ones that are.
func TestTry(t *testing.T) {
	s := &shelf{}
	s.versions = append(s.versions, templates.Version{ID: 1, Own: templates.Own{Name: "layout", Locale: "en", Text: "<h1>ours</h1>{{.Body}}{{.Below}}"}})
	l := &templates.Library{Kept: s}
	set, err := l.Try(t.Context(), templates.Own{Name: "redirect", Locale: "en", Text: "---\nsubject: Tried\n---\nx"})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := set.Render(templates.Sample("redirect"), reader(t)); err != nil || r.Subject != "Tried" || !strings.Contains(r.HTML, "<h1>ours</h1>") {
		t.Errorf("%+v, %v", r, err)
	}
	var p *templates.Problem
	if _, err := l.Try(t.Context(), templates.Own{Name: "redirect", Locale: "en", Text: "x"}); !errors.As(err, &p) {
		t.Errorf("a wrong one: %v", err)
	}
	if again, err := l.Set(t.Context()); err != nil || again == set {
		t.Errorf("it stayed: %v", err)
	}
}

// Package templates holds the texts of every mail that Handoff writes: one Markdown source each, rendered to text and HTML.
//
// A source is front matter, then Markdown, both with text/template actions on the template's Data. The front matter has the
// subject, and for the foot why its reader gets the mail, continuing "You get this mail because":
//
//	---
//	subject: {{.Piece.Code}}: your {{stage .Step.Stage}} is due on {{date .Step.Deadline}}
//	why: you own the {{stage .Step.Stage}} of {{.Piece.Code}}
//	---
//	{{hello .To}}
//
//	**{{.Piece.Title}}** …
//
// What an action prints is text: it never becomes Markdown, HTML or a header. See funcs.go for the functions there are.
package templates

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"time"

	"handoff/internal/spell"
)

//go:embed default
var embedded embed.FS

// Rendered is one mail's text.
type Rendered struct {
	Subject string // one line
	Text    string
	HTML    string
}

// Audience is how dates and words are put for the reader.
type Audience struct {
	Locale   string // BCP 47; one we have no words for gets English
	Location *time.Location
}

// Set is all templates, checked; safe for concurrent use.
type Set struct {
	sources map[string]*source
	layout  *template.Template
}

// Problem is what is wrong in a template, and where.
type Problem struct {
	File   string
	Line   int // from 1; 0: the whole file
	Column int // in bytes, from 1; 0: the whole line
	Text   string
}

func (p *Problem) Error() string {
	switch {
	case p.Line == 0:
		return p.File + ": " + p.Text
	case p.Column == 0:
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// entries is the catalogue by template name, types the Data types.
var entries, types = func() (map[string]Entry, map[string]reflect.Type) {
	e, t := map[string]Entry{}, map[string]reflect.Type{}
	for _, entry := range Catalogue() {
		name := entry.Data.Template()
		e[name], t[name] = entry, reflect.TypeOf(entry.Data)
	}
	return e, t
}()

// EntryOf is what the catalogue says of the named notice.
func EntryOf(name string) (Entry, bool) {
	e, ok := entries[name]
	return e, ok
}

// CodeOf is the code of the piece that d is about, "" for none.
func CodeOf(d Data) string {
	v := reflect.Indirect(reflect.ValueOf(d)).FieldByName("Piece")
	switch p := reflect.Indirect(v); {
	case p.IsValid() && p.Type() == reflect.TypeFor[Piece]():
		return p.FieldByName("Code").String()
	default:
		return ""
	}
}

// Load reads the embedded defaults, lays overrides (files NAME.md; may be nil) over them, and checks every one: an
// unknown template, variable or function, a syntax error or a missing subject is an error that names file and line. An
// override without a why has that of the default.
// The error joins one *Problem for each.
func Load(overrides fs.FS) (*Set, error) {
	layout, err := template.ParseFS(embedded, "default/layout.html")
	if err != nil {
		return nil, fmt.Errorf("layout of the mails: %w", err)
	}
	var problems []error
	own := map[string][]byte{}
	if overrides != nil {
		own, err = readOverrides(overrides)
		problems = append(problems, err)
	}
	s := &Set{sources: map[string]*source{}, layout: layout}
	for _, name := range Names() {
		content, err := embedded.ReadFile("default/" + name + ".md")
		if err != nil {
			return nil, fmt.Errorf("default template: %w", err)
		}
		src, err := compile(name, content, nil)
		if text, ok := own[name]; ok && err == nil {
			src, err = compile(name, text, src)
		}
		if err == nil {
			s.sources[name] = src
			err = s.tryOut(name)
		}
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return s, nil
}

// readOverrides reads every file at the root that is neither hidden nor an editor's backup.
func readOverrides(overrides fs.FS) (map[string][]byte, error) {
	entries, err := fs.ReadDir(overrides, ".")
	if err != nil {
		return nil, fmt.Errorf("own templates: %w", err)
	}
	files := map[string][]byte{}
	var problems []error
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), "~") {
			continue
		}
		name := strings.TrimSuffix(e.Name(), ".md")
		if types[name] == nil || path.Ext(e.Name()) != ".md" {
			text := "no mail uses this file; the name must be that of a template, with .md"
			if near := spell.Nearest(name, Names()); near != "" {
				text += fmt.Sprintf(" (did you mean %s.md?)", near)
			}
			problems = append(problems, &Problem{File: e.Name(), Text: text})
			continue
		}
		if files[name], err = fs.ReadFile(overrides, e.Name()); err != nil {
			problems = append(problems, fmt.Errorf("own templates: %w", err))
		}
	}
	return files, errors.Join(problems...)
}

// tryOut renders the template on sample data, once with everything and once with nothing optional.
func (s *Set) tryOut(name string) error {
	full := Sample(name)
	for _, d := range []Data{full, sparse(full)} {
		if _, err := s.render(d, Audience{Location: time.UTC}, true); err != nil {
			return err
		}
	}
	return nil
}

// Names lists all templates in alphabetical order.
func Names() []string { return slices.Sorted(maps.Keys(types)) }

// WithBase is d with b as its Base.
func WithBase(d Data, b Base) Data {
	v := reflect.New(reflect.Indirect(reflect.ValueOf(d)).Type()).Elem()
	v.Set(reflect.Indirect(reflect.ValueOf(d)))
	v.FieldByName("Base").Set(reflect.ValueOf(b))
	return v.Interface().(Data)
}

// Decode is the Data of the named template from the JSON of a stored notice.
func Decode(name string, data []byte) (Data, error) {
	t := types[name]
	if t == nil {
		return nil, fmt.Errorf("there is no template %q", name)
	}
	v := reflect.New(t)
	if err := json.Unmarshal(data, v.Interface()); err != nil {
		return nil, fmt.Errorf("data of a %s notice: %w", name, err)
	}
	return v.Elem().Interface().(Data), nil
}

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
	"html"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"handoff/internal/spell"
)

//go:embed default
var embedded embed.FS

// Rendered is one mail's text.
type Rendered struct {
	Subject string // one line
	Text    string
	HTML    string
	Fault   error // why the team's own text could not be used, so that the built-in one stands here; nil: it was, or there is none
}

// Audience is how dates and words are put for the reader.
type Audience struct {
	Locale   string // BCP 47; one there are no texts in gets the team's language, then English
	Location *time.Location
	// Stop is the https address of the page that stops mails of this kind; "" there is none.
	Stop string
}

// Own is one text of the team's own, in place of a built-in one.
type Own struct {
	Name    string `json:"name"`    // of the template; Layout for the page around all of them
	Locale  string `json:"locale"`  // one of Locales
	Variant string `json:"variant"` // "" the usual text; else one of its alternates, used where Config.Variants says so
	Text    string `json:"text"`
}

// File is what the text is called among files: receipt.md, de/receipt.md, receipt.short.md, layout.html.
func (o Own) File() string {
	name, end := o.Name, ".md"
	if o.Name == Layout {
		end = ".html"
	}
	if o.Variant != "" {
		name += "." + o.Variant
	}
	if o.Locale == english.tag || o.Locale == "" {
		return name + end
	}
	return o.Locale + "/" + name + end
}

// place is which text an Own stands for.
type place struct{ name, locale, variant string }

func (o Own) place() place { return place{o.Name, o.Locale, o.Variant} }

// Config is what a Set is made of beside the built-in texts. The zero value adds nothing.
type Config struct {
	Locale   string            // the team's, for readers whose language there are no texts in
	Look     Look              // of the HTML part
	Own      []Own             // several may stand for one text, the latest first: the first that is right is used
	Variants map[string]string // by template, which of its alternates is used
	Off      map[string]bool   // by template, whether its notices are not sent
}

// Set is all templates, checked; safe for concurrent use.
type Set struct {
	sources  map[place]*source
	builtins map[place]*source
	locale   *language // the team's
	variants map[string]string
	off      map[string]bool
	layout   *layout
	look     Look
	pool     sync.Pool // of *scratch
}

// Problem is what is wrong in a template, and where.
type Problem struct {
	File   string
	Line   int // from 1; 0: the whole file
	Column int // in bytes, from 1; 0: the whole line
	Text   string
	More   []*Problem // further ones in the same text

	near string // what the text has in the place that is meant; "" not known
}

func (p *Problem) Error() string {
	said := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
	switch {
	case p.Line == 0:
		said = p.File + ": " + p.Text
	case p.Column == 0:
		said = fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	for _, more := range p.More {
		said += "\n" + more.Error()
	}
	return said
}

// In is the problem as one of that file: the one that it was read from.
func (p *Problem) In(file string) *Problem {
	moved := *p
	moved.File, moved.More = file, nil
	for _, more := range p.More {
		moved.More = append(moved.More, more.In(file))
	}
	return &moved
}

// locate finds the line of a problem that only says what it is near to.
func (p *Problem) locate(text string) {
	if p.Line != 0 || p.near == "" {
		return
	}
	if before, _, ok := strings.Cut(strings.ToLower(text), strings.ToLower(p.near)); ok {
		p.Line = 1 + strings.Count(before, "\n")
	}
}

// Where is the problem in words for people who do not read compilers' messages, without the file.
func (p *Problem) Where() string {
	switch {
	case p.Line == 0:
		return p.Text
	case p.Column == 0:
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Text)
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

// Load makes the Set of the built-in texts and the team's own. Problems are what is wrong in the own ones: such a text is
// not used, the next of its place is, or else the built-in one; mails go out in any case. Every unknown template, variable
// or function, syntax error, missing subject and missing required part is one.
// An own text without a why has that of the built-in one.
func Load(c Config) (s *Set, problems []*Problem, err error) {
	if s, err = newSet(c); err != nil {
		return nil, nil, err
	}
	settled := map[place]bool{}
	for _, o := range c.Own {
		if settled[o.place()] {
			continue
		}
		if p := s.take(o); p != nil {
			problems = append(problems, p)
			continue
		}
		settled[o.place()] = true
	}
	return s, problems, nil
}

// newSet is the built-in texts, and c without its own ones.
func newSet(c Config) (*Set, error) {
	built, err := builtIns()
	if err != nil {
		return nil, err
	}
	return &Set{
		sources: maps.Clone(built.sources), builtins: built.sources, layout: built.layout,
		locale: languageOf(c.Locale), variants: c.Variants, off: c.Off, look: c.Look,
	}, nil
}

// builtIns are the built-in texts of every language, read once.
var builtIns = sync.OnceValues(func() (*Set, error) {
	s := &Set{sources: map[place]*source{}}
	return s, s.builtIn()
})

// Check is what is wrong in one own text, nil if nothing is.
func Check(o Own) *Problem {
	s, err := newSet(Config{})
	if err != nil {
		return &Problem{File: o.File(), Text: err.Error()}
	}
	return s.take(o)
}

// Off reports that the team does not send the named notice.
func (s *Set) Off(name string) bool { return s.off[name] }

// builtIn loads the built-in texts of every language.
func (s *Set) builtIn() error {
	text, err := embedded.ReadFile("default/" + Layout + ".html")
	if err == nil {
		s.layout, err = parseLayout(Layout+".html", string(text))
	}
	if err != nil {
		return fmt.Errorf("built-in layout of the mails: %w", err)
	}
	for _, l := range languages {
		for _, name := range Names() {
			o := Own{Name: name, Locale: l.tag}
			content, err := embedded.ReadFile("default/" + o.File())
			if errors.Is(err, fs.ErrNotExist) && l != english { // readers get the next language; a test asks for every text
				continue
			}
			if err != nil {
				return fmt.Errorf("built-in template: %w", err)
			}
			o.Text = string(content)
			src, err := compile(o, nil)
			if err != nil {
				return fmt.Errorf("built-in template: %w", err)
			}
			s.sources[o.place()] = src
		}
	}
	return nil
}

// MaxText bounds one own text, in bytes.
const MaxText = 256 << 10

// take puts one own text in its place, if it is right.
func (s *Set) take(o Own) *Problem {
	if len(o.Text) > MaxText {
		return &Problem{File: o.File(), Text: fmt.Sprintf("the text is larger than %d kB", MaxText>>10)}
	}
	problem := func(err error) *Problem {
		var p *Problem
		if !errors.As(err, &p) {
			p = &Problem{File: o.File(), Text: err.Error()}
		}
		p.locate(o.Text)
		return p
	}
	if err := o.readable(); err != nil {
		return problem(err)
	}
	if err := o.check(); err != nil {
		return problem(err)
	}
	if o.Name == Layout {
		l, err := parseLayout(o.File(), strings.TrimPrefix(o.Text, byteOrderMark))
		if err != nil {
			return problem(err)
		}
		s.layout = l
		return nil
	}
	fallback := s.builtins[place{o.Name, o.Locale, ""}]
	if fallback == nil {
		fallback = s.builtins[place{o.Name, english.tag, ""}]
	}
	src, err := compile(o, fallback)
	if err == nil {
		err = s.tryOut(o.Name, src)
	}
	if err != nil {
		return problem(err)
	}
	s.sources[o.place()] = src
	return nil
}

// readable refuses what is no text that mails can be made of.
func (o Own) readable() error {
	line := 0
	for l := range strings.Lines(o.Text) {
		line++
		switch {
		case strings.Contains(l, "\x00"):
			return &Problem{File: o.File(), Line: line, Text: "has a NUL character: it is no plain text, or one in UTF-16; save it as UTF-8"}
		case !utf8.ValidString(l):
			return &Problem{File: o.File(), Line: line, Text: "is not UTF-8: save it in that encoding"}
		}
	}
	return nil
}

// byteOrderMark begins what some editors save.
const byteOrderMark = "\ufeff"

// variantName is what an alternate may be called.
var variantName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,30}$`)

// check tells whether there is such a text at all.
func (o Own) check() error {
	switch {
	case o.Name == Layout && (o.Variant != "" || o.Locale != english.tag):
		return &Problem{File: o.File(), Text: "the layout is one for all languages and has no alternates: its file is layout.html"}
	case o.Name == Layout:
		return nil
	case types[o.Name] == nil:
		text := "no mail uses this file; the name must be that of a template, with .md"
		if near := spell.Nearest(o.Name, Names()); near != "" {
			text += fmt.Sprintf(" (did you mean %s.md?)", near)
		}
		return &Problem{File: o.File(), Text: text}
	case !slices.Contains(Locales(), o.Locale):
		return &Problem{File: o.File(), Text: fmt.Sprintf("there are no mails in %q: the languages are %s", o.Locale, strings.Join(Locales(), ", "))}
	case o.Variant != "" && !variantName.MatchString(o.Variant):
		return &Problem{File: o.File(), Text: fmt.Sprintf("an alternate is named in small letters, digits, - and _, not %q", o.Variant)}
	}
	return nil
}

// localeName is what directories of a language are called, also where there are no mails in it.
var localeName = regexp.MustCompile(`^(?i)[a-z]{2}([-_][a-z]{2})?$`)

// ReadFiles reads own texts from a directory: files as Own.File names them. Hidden files, editors' backups, README.md and
// other directories are left alone; problems are files that no mail uses, and what is no file of a text's size.
func ReadFiles(dir fs.FS) (own []Own, problems []*Problem, err error) {
	wrong := func(file, format string, args ...any) {
		problems = append(problems, &Problem{File: file, Text: fmt.Sprintf(format, args...)})
	}
	read := func(at, locale string) error {
		entries, err := fs.ReadDir(dir, at)
		if err != nil {
			return fmt.Errorf("own templates: %w", err)
		}
		for _, e := range entries {
			file := path.Join(at, e.Name())
			switch {
			case strings.HasPrefix(e.Name(), "."), strings.HasSuffix(e.Name(), "~"), e.Name() == "README.md":
				continue
			case e.IsDir():
				if at == "." && localeName.MatchString(e.Name()) && !slices.Contains(Locales()[1:], e.Name()) {
					wrong(file, "no directory of texts: English ones stand beside it, and there are %s", strings.Join(Locales()[1:], ", "))
				}
				continue
			}
			ext := path.Ext(e.Name())
			name, variant, _ := strings.Cut(strings.TrimSuffix(e.Name(), ext), ".")
			o := Own{Name: name, Locale: locale, Variant: variant}
			err := o.check()
			if err == nil && file != o.File() {
				err = &Problem{Text: "no mail uses this file; the name must be that of a template, with .md"}
			}
			if p := (*Problem)(nil); errors.As(err, &p) {
				wrong(file, "%s", p.Text)
				continue
			}
			switch info, err := e.Info(); {
			case err != nil:
				return fmt.Errorf("own templates: %w", err)
			case !info.Mode().IsRegular():
				wrong(file, "is no regular file")
				continue
			case info.Size() > MaxText:
				wrong(file, "the text is larger than %d kB", MaxText>>10)
				continue
			}
			text, err := fs.ReadFile(dir, file)
			if err != nil {
				return fmt.Errorf("own templates: %w", err)
			}
			o.Text = strings.TrimPrefix(string(text), byteOrderMark)
			own = append(own, o)
		}
		return nil
	}
	if err := read(".", english.tag); err != nil {
		return nil, nil, err
	}
	for _, tag := range Locales()[1:] {
		switch info, err := fs.Lstat(dir, tag); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, nil, fmt.Errorf("own templates: %w", err)
		case info.IsDir():
			if err := read(tag, tag); err != nil {
				return nil, nil, err
			}
		}
	}
	return own, problems, nil
}

// find is the text of the named template for a reader's locale: in the reader's language, the team's, or English; in each
// the alternate, if there is one.
func (s *Set) find(name, locale, variant string) *source {
	return s.sources[s.placeOf(name, locale, variant)]
}

// Used is which text the named notice has for a reader's locale, and whether it is the team's own.
func (s *Set) Used(name, locale, variant string) (o Own, own bool) {
	p := s.placeOf(name, locale, variant)
	return Own{Name: p.name, Locale: p.locale, Variant: p.variant}, s.sources[p] != s.builtins[p]
}

func (s *Set) placeOf(name, locale, variant string) place {
	for _, l := range []*language{languageOf(locale), s.locale, english} {
		if l == nil {
			continue
		}
		for _, p := range []place{{name, l.tag, variant}, {name, l.tag, ""}} {
			if s.sources[p] != nil {
				return p
			}
		}
	}
	return place{}
}

// tryOut renders a text on sample data, once with everything and once with nothing optional.
func (s *Set) tryOut(name string, src *source) error {
	full := Sample(name)
	for i, d := range []Data{full, sparse(full)} {
		r, err := s.render(src, d, Audience{Location: time.UTC}, true)
		if err != nil {
			return err
		}
		if strings.HasPrefix(r.Text, "\n-- \n") {
			return &Problem{File: src.file, Text: "the mail says nothing: write what it has to say below the front matter"}
		}
		if i == 0 && slices.Contains(entries[name].Keeps(), "Answers") && !links(r.HTML, baseOf(d).Answers) {
			return &Problem{File: src.file, near: ".Answers", Text: "the answers are no links here: " + needText("Answers") + ", outside of code"}
		}
	}
	return nil
}

// links reports that each answer can be clicked in page.
func links(page string, all []Answer) bool {
	return !slices.ContainsFunc(all, func(a Answer) bool { return !strings.Contains(page, `href="`+html.EscapeString(a.URL)+`"`) })
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

// Enclose hands f every attachment of d, with the draft that it belongs to or nil, and returns d with what f made of them; those
// for which f is false are left out. d itself stays as it is.
func Enclose(d Data, f func(*Draft, *Attachment) bool) Data {
	v := reflect.New(reflect.Indirect(reflect.ValueOf(d)).Type()).Elem()
	v.Set(reflect.Indirect(reflect.ValueOf(d)))
	enclosed := func(of *Draft, files []Attachment) []Attachment {
		var kept []Attachment
		for _, a := range files {
			if f(of, &a) {
				kept = append(kept, a)
			}
		}
		return kept
	}
	if field := v.FieldByName("Drafts"); field.IsValid() {
		drafts := slices.Clone(field.Interface().([]Draft))
		for i := range drafts {
			drafts[i].Files = enclosed(&drafts[i], drafts[i].Files)
		}
		field.Set(reflect.ValueOf(drafts))
	}
	if field := v.FieldByName("Images"); field.IsValid() {
		field.Set(reflect.ValueOf(enclosed(nil, field.Interface().([]Attachment))))
	}
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

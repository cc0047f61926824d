// Package templates holds the texts of every mail that Handoff writes: one Markdown source each, rendered to text and HTML.
package templates

import (
	"io/fs"
	"time"
)

// Rendered is one mail's text.
type Rendered struct {
	Subject string // one line
	Text    string
	HTML    string
}

// Audience is how dates and words are put for the reader.
type Audience struct {
	Locale   string // BCP 47
	Location *time.Location
}

// Set is all templates, checked; safe for concurrent use.
type Set struct{}

// Load reads the embedded defaults, lays overrides (files NAME.md; may be nil) over them, and checks every one: an
// unknown template, variable or function, a syntax error or a missing subject is an error that names file and line.
func Load(overrides fs.FS) (*Set, error) { panic("written by templates") }

// Render writes the mail for d. A value from a mail stays text: it cannot become Markdown, HTML or a header.
func (s *Set) Render(d Data, to Audience) (Rendered, error) { panic("written by templates") }

// Names lists all templates in alphabetical order.
func Names() []string { panic("written by templates") }

// Decode is the Data of the named template from the JSON of a stored notice.
func Decode(name string, data []byte) (Data, error) { panic("written by templates") }

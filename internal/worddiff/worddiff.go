// Package worddiff tells what an author changed between two versions of a text, in words. Paragraphs are paired first, also
// where they moved; inside a pair sentences are aligned and then words. White space, the breaking of lines and the quotes and
// dashes that word processors put in are no change.
package worddiff

import (
	"fmt"
	"strings"
)

// Limits bound what one comparison may cost. Zeros stand for the defaults in brackets.
type Limits struct {
	Bytes int // of a text that is compared at all [4 MiB]
	Steps int // of the searches, a few ns each [20 million]; where they run out, sentences or paragraphs stand for words
}

func (l Limits) withDefaults() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 4 << 20
	}
	if l.Steps <= 0 {
		l.Steps = 20_000_000
	}
	l.Steps = min(l.Steps, 1<<30)
	return l
}

// Diff is what differs. A sign of a script without blanks counts as a word; punctuation does not.
type Diff struct {
	Added, Removed, Unchanged int    // words
	Hunks                     []Hunk // a changed or moved paragraph each, in the order of the new text
	Truncated                 bool   // the limits were met: some changes are told coarser than need be, or, without hunks, none
}

// Hunk is a paragraph of the new text that changed, or what was removed between two.
type Hunk struct {
	Heading string // the nearest Markdown heading, else the first words of the paragraph
	Moved   bool   // it stood elsewhere
	Spans   []Span // all of the paragraph, with the blanks and lines of its source
}

// Op is what became of some words.
type Op int

const (
	Equal Op = iota
	Insert
	Delete
)

// Span is a run of words. Equal ones are written as in the new text.
type Span struct {
	Op   Op
	Text string
}

// Compare compares two texts, Markdown or plain.
func Compare(old, new string, limits Limits) Diff {
	limits = limits.withDefaults()
	if len(old) > limits.Bytes || len(new) > limits.Bytes {
		return Diff{Truncated: true}
	}
	return newComparison(old, new, limits).diff()
}

// tooLong tells that nothing was compared.
func (d Diff) tooLong() bool {
	return d.Truncated && len(d.Hunks) == 0 && d.Added+d.Removed+d.Unchanged == 0
}

// rewritten tells that so little of a long text stayed that its changes tell nobody anything.
func (d Diff) rewritten() bool {
	const long = 400 // words
	all := d.Unchanged + max(d.Added, d.Removed)
	return min(d.Added, d.Removed) > long && d.Unchanged < all/10
}

// Summary is the difference in one line without a full stop: "42 words added, 17 removed, in 5 places".
func (d Diff) Summary() string {
	if d.tooLong() {
		return "too long to be compared"
	}
	moved := 0
	for _, h := range d.Hunks {
		if h.Moved {
			moved++
		}
	}
	var parts []string
	switch {
	case d.Added > 0 && d.Removed > 0:
		parts = append(parts, count(d.Added, "word")+" added", grouped(d.Removed)+" removed")
	case d.Added > 0:
		parts = append(parts, count(d.Added, "word")+" added")
	case d.Removed > 0:
		parts = append(parts, count(d.Removed, "word")+" removed")
	case len(d.Hunks) > moved:
		parts = append(parts, "only punctuation changed")
	default:
		parts = append(parts, "no words changed")
	}
	if moved > 0 {
		parts = append(parts, count(moved, "paragraph")+" moved")
	}
	if len(d.Hunks) > 1 {
		parts = append(parts, "in "+count(len(d.Hunks), "place"))
	}
	return strings.Join(parts, ", ")
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

// grouped writes 12345 as 12,345.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

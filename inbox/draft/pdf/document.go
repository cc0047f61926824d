// Package pdf makes Markdown of the text of PDFs: paragraphs, headings by the size of their letters, items, links. The
// library beneath it was not written for hostile files, so Main is for a process of its own, which bounds itself.
package pdf

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/ledongthuc/pdf"

	"handoff/inbox/draft/internal/markdown"
)

const (
	maxText  = 2 << 20 // bytes of text that are kept
	maxPages = 5000
	maxNodes = 20_000 // of the tree of pages
	treeDeep = 40
)

// errSpent ends the reading of a document that costs too much.
var errSpent = errors.New("pdf: out of time")

// document is a PDF that is being read.
type document struct {
	spent  func() bool // tells that the time is used up
	left   int         // bytes of text that may still come
	fonts  map[string]*font
	pages  [][]line
	nodes  int
	images int
	count  int // pages seen
	broken int // pages that could not be read
	full   bool
}

// result is what was read.
type result struct {
	title, markdown string
	notes           []string
}

func (d *document) check() {
	if d.spent != nil && d.spent() {
		panic(errSpent)
	}
}

func (d *document) take(n int) bool {
	if d.left -= n; d.left < 0 {
		d.full = true
		return false
	}
	return true
}

// read reads a document. spent may be nil.
func read(r io.ReaderAt, size int64, words func(string) int, spent func() bool) (res result, err error) {
	defer func() {
		if p := recover(); p != nil {
			res, err = result{}, fmt.Errorf("pdf: %v", p)
		}
	}()
	reader, err := pdf.NewReader(r, size)
	if err != nil {
		return result{}, fmt.Errorf("pdf: %w", err)
	}
	d := &document{spent: spent, left: maxText, fonts: make(map[string]*font)}
	total := reader.NumPage()
	late := d.walk(reader.Trailer().Key("Root").Key("Pages"), pdf.Value{}, 0)
	res.title = info(reader)
	w := markdown.New(maxText+maxText/2, words)
	layout(w, d.pages)
	res.markdown = w.Finish()
	switch {
	case late && d.count == 0:
		res.notes = append(res.notes, "only the beginning was read")
	case late && d.count < total:
		res.notes = append(res.notes, fmt.Sprintf("only the first %d of %d pages were read", d.count, total))
	case d.full || w.Full():
		res.notes = append(res.notes, "the text is too long and was cut")
	}
	if d.broken > 0 {
		res.notes = append(res.notes, fmt.Sprintf("%d of the pages could not be read", d.broken))
	}
	if strings.TrimSpace(res.markdown) == "" && d.count > 0 {
		if d.images > 0 {
			res.notes = append(res.notes, "the PDF has pictures of text but no text (a scan)")
		} else if d.broken == 0 {
			res.notes = append(res.notes, "the PDF has no text")
		}
	} else if d.images > 0 {
		res.notes = append(res.notes, "pictures are left out")
	}
	if d.count == 0 && len(res.notes) == 0 {
		return result{}, errors.New("pdf: no pages")
	}
	return res, nil
}

func info(r *pdf.Reader) (title string) {
	defer func() { recover() }()
	return strings.Join(strings.Fields(r.Trailer().Key("Info").Key("Title").Text()), " ")
}

// walk reads the pages of a subtree; it tells whether the time ran out.
func (d *document) walk(node, resources pdf.Value, depth int) (late bool) {
	if d.nodes++; d.nodes > maxNodes || depth > treeDeep || d.count >= maxPages || d.full {
		return false
	}
	if r := node.Key("Resources"); r.Kind() == pdf.Dict {
		resources = r
	}
	if kids := node.Key("Kids"); kids.Kind() == pdf.Array {
		for i := 0; i < kids.Len() && d.nodes <= maxNodes; i++ {
			if d.walk(kids.Index(i), resources, depth+1) {
				return true
			}
		}
		return false
	}
	if node.Kind() != pdf.Dict {
		return false
	}
	p := &page{d: d}
	late = p.read(node, resources)
	d.images += p.images
	d.pages = append(d.pages, lines(p.pieces))
	if !late {
		d.count++
	}
	return late
}

// read reads a page as far as it goes.
func (p *page) read(v, resources pdf.Value) (late bool) {
	defer func() {
		if r := recover(); r != nil {
			if late = r == any(errSpent); !late && len(p.pieces) == 0 {
				p.d.broken++
			}
		}
	}()
	p.d.check()
	p.s = textState{ctm: identity, scale: 1}
	p.annotations(v)
	if c := v.Key("Contents"); !c.IsNull() {
		p.run(c, resources, 0)
	}
	return false
}

// line is a line of a page, its pieces joined.
type line struct {
	x, end, y, size float64
	runs            []run
	chars           int
}

type run struct {
	text string
	markdown.Format
}

func (l *line) text() string {
	var b strings.Builder
	for _, r := range l.runs {
		b.WriteString(r.text)
	}
	return b.String()
}

// lines joins pieces that stand beside each other, in the order in which they are shown.
func lines(pieces []piece) []line {
	var out []line
	for _, p := range pieces {
		blank := strings.TrimSpace(p.text) == ""
		f := markdown.Format{Link: p.link}
		if p.bold {
			f.Style |= markdown.Bold
		}
		if p.italic {
			f.Style |= markdown.Italic
		}
		if n := len(out); n > 0 {
			l := &out[n-1]
			gap := p.x - l.end
			near := max(l.size, p.size)
			rise := p.y - l.y
			if rise < 0 {
				rise = -rise
			}
			if rise < 0.45*near && gap > -near && (gap < 30*near || gap < 200) {
				last := &l.runs[len(l.runs)-1]
				if note := strings.TrimSpace(p.text); p.size < 0.8*l.size && p.y > l.y+0.1*l.size && note != "" && len(note) <= 3 && strings.Trim(note, "0123456789") == "" {
					p.text = "[" + note + "]" // the number of a footnote
				}
				if gap > wordGap*min(l.size, p.size) && !strings.HasSuffix(last.text, " ") && !strings.HasPrefix(p.text, " ") {
					p.text = " " + p.text
				}
				if last.Format == f || blank {
					last.text += p.text
				} else {
					l.runs = append(l.runs, run{p.text, f})
				}
				l.end = max(l.end, p.end)
				if n := len([]rune(p.text)); !blank && n >= l.chars {
					l.size, l.y = p.size, p.y
					l.chars += n
				} else {
					l.chars += n
				}
				continue
			}
		}
		if !blank {
			out = append(out, line{x: p.x, end: p.end, y: p.y, size: p.size, runs: []run{{p.text, f}}, chars: len([]rune(p.text))})
		}
	}
	return out
}

func letters(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) })
}

package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// The page is at most this wide, and this wide where there is no terminal.
const (
	maxPageWidth = 100
	minPageWidth = 60
)

// page writes aligned, wrapped text, in colour where a person watches and wants it. The first write error is kept in err.
type page struct {
	w      io.Writer
	width  int
	live   bool // a person watches
	colour bool
	err    error
}

// newPage is as wide as w's terminal, if it is one. Colour follows no-color.org.
func newPage(w io.Writer, plain bool) *page {
	p := &page{w: w, width: maxPageWidth}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.live = true
	if width, _, err := term.GetSize(int(f.Fd())); err == nil {
		p.width = max(minPageWidth, min(maxPageWidth, width))
	}
	p.colour = !plain && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return p
}

// ink is a way to set text (ECMA-48 SGR parameters).
type ink string

const (
	inkNone   ink = ""
	inkBold   ink = "1"
	inkDim    ink = "2"
	inkRed    ink = "31"
	inkGreen  ink = "32"
	inkYellow ink = "33"
	inkBlue   ink = "36"
)

// in sets s in an ink.
func (p *page) in(i ink, s string) string {
	if !p.colour || i == inkNone || s == "" {
		return s
	}
	return "\x1b[" + string(i) + "m" + s + "\x1b[0m"
}

func (p *page) line(s string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(s, " "))
	}
}

// title starts a section.
func (p *page) title(s string) {
	p.line("")
	p.line(p.in(inkBold, s))
}

// rowStart is the column of a row's text, rowIndent that of its label.
const rowIndent, rowStart = 4, 13

// row writes text beside a label, wrapped and hanging at the same column; an empty label continues the row above. Text
// that fits is written as it is, with columns of its own.
func (p *page) row(label string, i ink, text string) {
	lines := []string{oneLine(text)}
	if runewidth.StringWidth(text) > p.width-rowStart {
		lines = wrap(text, p.width-rowStart)
	}
	for n, l := range lines {
		head := strings.Repeat(" ", rowStart)
		if n == 0 {
			head = strings.Repeat(" ", rowIndent) + p.in(inkDim, pad(label, rowStart-rowIndent))
		}
		p.line(head + p.in(i, l))
	}
}

// paragraph writes wrapped text, indented.
func (p *page) paragraph(indent int, text string) {
	for _, l := range wrap(text, p.width-indent) {
		p.line(strings.Repeat(" ", indent) + l)
	}
}

// column is one of a table's; a table gives what is left of the page to the column without width.
type column struct {
	name  string
	width int
}

// table writes rows under a head; cells wrap. inks sets single cells, by row and column.
func (p *page) table(indent int, columns []column, rows [][]string, inks func(row, column int) ink) {
	const gap = 2
	left := p.width - indent
	for _, c := range columns {
		left -= c.width + gap
	}
	widths := make([]int, len(columns))
	head := make([]string, len(columns))
	rule := make([]string, len(columns))
	for i, c := range columns {
		widths[i], head[i] = c.width, c.name
		if c.width == 0 {
			widths[i] = max(left+gap, len(c.name))
		}
		rule[i] = strings.Repeat("-", widths[i])
	}
	write := func(cells []string, ink func(column int) ink) {
		lines := make([][]string, len(cells))
		height := 0
		for i, c := range cells {
			room := widths[i]
			if len(cells) < len(columns) && i == len(cells)-1 {
				room = p.width - indent - sum(widths[:i]) - i*gap // the last cell of a short row takes the rest of it
			}
			lines[i] = wrap(c, room)
			height = max(height, len(lines[i]))
		}
		for n := range height {
			var b strings.Builder
			b.WriteString(strings.Repeat(" ", indent))
			for i := range cells {
				text := ""
				if n < len(lines[i]) {
					text = lines[i][n]
				}
				fill := strings.Repeat(" ", max(0, widths[i]+gap-runewidth.StringWidth(text)))
				b.WriteString(p.in(ink(i), text) + fill)
			}
			p.line(b.String())
		}
	}
	write(head, func(int) ink { return inkDim })
	write(rule, func(int) ink { return inkDim })
	for r, cells := range rows {
		write(cells, func(c int) ink { return inks(r, c) })
	}
}

func sum(numbers []int) int {
	total := 0
	for _, n := range numbers {
		total += n
	}
	return total
}

// pad fills s with spaces to width columns, one at least.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(1, width-runewidth.StringWidth(s)))
}

// clip shortens s to width columns.
func clip(s string, width int) string { return runewidth.Truncate(s, width, "…") }

// wrap breaks text into lines of at most width columns, at spaces where it can; control characters become spaces. There
// is always one line.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(oneLine(text)) {
		for runewidth.StringWidth(word) > width {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			start := runewidth.Truncate(word, max(width, 2), "")
			lines, word = append(lines, start), word[len(start):]
		}
		switch {
		case line == "":
			line = word
		case runewidth.StringWidth(line)+1+runewidth.StringWidth(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

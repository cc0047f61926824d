package worddiff

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// headingMark begins a heading in a bare text: a noncharacter, which no text has.
const headingMark = "\ufdd0"

// bare is Markdown as its readers see it: without the marks of headings, emphasis, code and links, and without escapes. The
// address of a link stands in brackets behind its words. What only looks like a mark, as in plain text, stays.
func bare(src string) string {
	var b strings.Builder
	b.Grow(len(src))
	for len(src) > 0 {
		line, rest, found := strings.Cut(src, "\n")
		src = rest
		bareLine(&b, line)
		if found {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func bareLine(b *strings.Builder, line string) {
	if heading := strings.TrimSpace(line); isHeading(heading) {
		b.WriteString(headingMark)
		line = strings.TrimSpace(strings.TrimLeft(heading, "#"))
		if shorter := strings.TrimRight(line, "#"); strings.HasSuffix(shorter, " ") {
			line = shorter
		}
	}
	if !strings.ContainsAny(line, "\\*_`~[<") {
		b.WriteString(line)
		return
	}
	m := marks{line: line, is: make([]mark, len(line))}
	m.find()
	for i := range len(line) {
		switch m.is[i] {
		case kept:
			b.WriteByte(line[i])
		case bracket:
			b.WriteString(" (")
		}
	}
}

type mark byte

const (
	kept    mark = iota
	dropped      // a mark
	bracket      // the one before the address of a link
)

// marks finds those of one line.
type marks struct {
	line string
	is   []mark
	open map[string]int // where a run of marks stands that may open something
	link []int          // square brackets that are open
}

func (m *marks) find() {
	m.open = map[string]int{}
	for i := 0; i < len(m.line); {
		switch c := m.line[i]; c {
		case '\\':
			if i+1 == len(m.line) || strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", m.line[i+1]) >= 0 {
				m.is[i] = dropped
				i++
			}
			i++
		case '*', '_', '`', '~':
			end := i
			for end < len(m.line) && m.line[end] == c {
				end++
			}
			m.run(i, end)
			i = end
		case '[':
			m.link = append(m.link, i)
			i++
		case ']':
			i = m.linked(i)
		case '<':
			i = m.address(i)
		default:
			i++
		}
	}
}

// run pairs a run of one mark with the one that opened it.
func (m *marks) run(from, to int) {
	const longest = 3
	run := m.line[from:to]
	if len(run) > longest || run == "~" {
		return
	}
	before, _ := utf8.DecodeLastRuneInString(m.line[:from])
	after, _ := utf8.DecodeRuneInString(m.line[to:])
	within := run == "*" || run[0] == '_' // a word these are no marks: 2*3*4, snake_case
	at, opened := m.open[run]
	switch {
	case opened && to > at && !blank(before) && (!within || !inWord(after)):
		m.drop(at, at+len(run))
		m.drop(from, to)
		delete(m.open, run)
	case !blank(after) && (!within || !inWord(before)):
		m.open[run] = from
	}
}

func blank(c rune) bool { return c == utf8.RuneError || unicode.IsSpace(c) }

func (m *marks) drop(from, to int) {
	for i := from; i < to; i++ {
		m.is[i] = dropped
	}
}

// linked takes the marks of a link whose words end at the bracket at end, and tells where to read on.
func (m *marks) linked(end int) int {
	if len(m.link) == 0 {
		return end + 1
	}
	begin := m.link[len(m.link)-1]
	m.link = m.link[:len(m.link)-1]
	target, ok := strings.CutPrefix(m.line[end:], "](")
	if !ok {
		return end + 1
	}
	n := strings.IndexAny(target, " ()<>[]")
	if n < 0 || target[n] != ')' {
		return end + 1
	}
	m.drop(begin, begin+1)
	if begin > 0 && m.line[begin-1] == '!' {
		m.is[begin-1] = dropped
	}
	m.is[end] = dropped
	m.is[end+1] = bracket
	if m.line[begin+1:end] == target[:n] {
		m.drop(end+1, end+2+n+1)
	}
	return end + 2 + n + 1
}

// address takes the marks of an address in angle brackets.
func (m *marks) address(at int) int {
	n := strings.IndexAny(m.line[at+1:], " <>")
	if n < 0 || m.line[at+1+n] != '>' {
		return at + 1
	}
	if inside := m.line[at+1 : at+1+n]; !strings.Contains(inside, "://") && !strings.HasPrefix(inside, "mailto:") {
		return at + 1
	}
	m.is[at], m.is[at+1+n] = dropped, dropped
	return at + 1 + n + 1
}

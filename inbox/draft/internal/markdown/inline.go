package markdown

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// inline renders the runs of one paragraph.
type inline struct {
	cell, heading, item bool

	out      []byte
	prev     rune // last rune written on this line; 0 at its start
	brackets bool // text could be taken for links
	tildes   bool
	emphasis bool // within markers
}

// tidy collapses blanks and drops those at the ends of lines, and runs left without text.
func tidy(runs []run) []run {
	space, kept := true, runs[:0]
	for _, r := range runs {
		if r.raw {
			kept = append(kept, r)
			space = false
			continue
		}
		text := r.text[:0]
		for _, c := range r.text {
			switch {
			case c == ' ' && space:
				continue
			case c == '\n':
				// What stands before a line end may be in an earlier run: see trimEnd.
				if n := len(text); n > 0 && text[n-1] == ' ' {
					text = text[:n-1]
				} else if n == 0 {
					trimEnd(kept)
				}
			}
			space = c == ' ' || c == '\n'
			text = append(text, c)
		}
		if len(text) == 0 {
			continue
		}
		r.text = text
		if n := len(kept); n > 0 && !kept[n-1].raw && kept[n-1].Format == r.Format {
			kept[n-1].text = append(kept[n-1].text, text...)
			continue
		}
		kept = append(kept, r)
	}
	for len(kept) > 0 {
		last := &kept[len(kept)-1]
		if last.raw {
			break
		}
		if last.text = bytes.TrimRight(last.text, " \n"); len(last.text) > 0 {
			break
		}
		kept = kept[:len(kept)-1]
	}
	// Line ends before any text.
	for len(kept) > 0 && !kept[0].raw {
		if kept[0].text = bytes.TrimLeft(kept[0].text, " \n"); len(kept[0].text) > 0 {
			break
		}
		kept = kept[1:]
	}
	return kept
}

func trimEnd(runs []run) {
	if n := len(runs); n > 0 && !runs[n-1].raw {
		if t := runs[n-1].text; len(t) > 1 && t[len(t)-1] == ' ' {
			runs[n-1].text = t[:len(t)-1]
		}
	}
}

// shown is the text without markup and without what was deleted.
func shown(runs []run) string {
	var b strings.Builder
	for _, r := range runs {
		if !r.raw && r.Change != Deleted {
			b.Write(r.text)
		}
	}
	return b.String()
}

// span is a run, or its part on one line.
type span struct {
	text string
	Format
	raw bool
}

func (c *inline) render(runs []run) string {
	var all strings.Builder
	tildes := 0
	for _, r := range runs {
		if !r.raw {
			all.Write(r.text)
			tildes += bytes.Count(r.text, []byte("~"))
		}
		if r.Style&Strike != 0 || r.raw && bytes.IndexByte(r.text, '~') >= 0 {
			tildes = 2
		}
	}
	text := all.String()
	c.tildes = tildes > 1
	c.brackets = strings.Contains(text, "](") || strings.Contains(text, "][") || strings.Contains(text, "]:") || strings.Contains(text, "[^")
	var line []span
	first := true
	flush := func() {
		if !first {
			switch {
			case c.cell:
				c.out = append(c.out, "<br>"...)
			case c.heading:
				c.out = append(c.out, ' ')
			default:
				if bytes.HasSuffix(c.out, []byte(`\\`)) { // three of them are read in different ways
					c.out = append(c.out[:len(c.out)-2], "&#92;"...)
				}
				c.out = append(c.out, "\\\n"...)
			}
		}
		c.line(line, first)
		first = false
		line = line[:0]
	}
	for _, r := range runs {
		s := string(r.text)
		if r.raw {
			line = append(line, span{s, r.Format, true})
			continue
		}
		for {
			part, rest, more := strings.Cut(s, "\n")
			if part != "" {
				line = append(line, span{part, r.Format, false})
			}
			if !more {
				break
			}
			if len(line) > 0 { // empty lines within a paragraph say nothing
				flush()
			}
			s = rest
		}
	}
	if len(line) > 0 {
		flush()
	}
	return string(c.out)
}

// line writes the spans of one line, those of one change together.
func (c *inline) line(line []span, first bool) {
	c.prev = 0
	guard := -1
	if !c.cell && (!c.heading || first) {
		var whole strings.Builder
		for i, s := range line {
			switch {
			case i == 0 && (s.raw || s.Change != Kept || s.Style&Code != 0 || Link(s.Link) != ""):
				// The line begins with markup. Emphasis may come to be left out, so its text counts.
			case s.raw:
				whole.WriteByte('x')
				continue
			default:
				whole.WriteString(s.text)
				continue
			}
			break
		}
		guard = c.guard(whole.String(), first)
	}
	for i := 0; i < len(line); {
		j := i + 1
		for j < len(line) && line[j].Change == line[i].Change {
			j++
		}
		ch := line[i].Change
		if ch != Kept {
			// Blanks inside the braces stay inside: they are part of the change.
			c.put(map[Change]string{Inserted: "{++", Deleted: "{--"}[ch])
		}
		for k := i; k < j; k++ {
			next := rune(0)
			switch {
			case k+1 < j:
				next = c.firstRune(line[k], line[k+1])
			case ch != Kept:
				next = '+'
			case j < len(line):
				next = '{'
			}
			at := -1
			if k == 0 {
				at = guard
			}
			c.span(line[k], next, at, k+1 == len(line))
		}
		if ch != Kept {
			c.put(map[Change]string{Inserted: "++}", Deleted: "--}"}[ch])
		}
		i = j
	}
}

func (c *inline) put(s string) {
	if s != "" {
		c.out = append(c.out, s...)
		c.prev, _ = utf8.DecodeLastRuneInString(s)
	}
}

// firstRune is what will follow a span.
func (c *inline) firstRune(cur, next span) rune {
	r, _ := utf8.DecodeRuneInString(next.text)
	if next.raw || unicode.IsSpace(r) {
		return r
	}
	switch {
	case next.Link != "":
		return '['
	case next.Style&Code != 0:
		return '`'
	case next.Style != 0 && cur.Style == 0:
		return '*'
	}
	return r
}

func punct(r rune) bool { return r != 0 && (unicode.IsPunct(r) || unicode.IsSymbol(r)) }
func blank(r rune) bool { return r == 0 || unicode.IsSpace(r) }

func (c *inline) span(s span, next rune, guard int, end bool) {
	if s.raw {
		raw := s.text
		if c.cell {
			raw = strings.ReplaceAll(strings.ReplaceAll(raw, `\|`, `|`), "|", `\|`)
		}
		c.put(raw)
		return
	}
	if s.Style == 0 && s.Link == "" {
		c.text(s.text, next, guard, false)
		return
	}
	body := strings.Trim(s.text, " ")
	lead := len(s.text) - len(strings.TrimLeft(s.text, " "))
	if body == "" {
		if c.prev != ' ' && c.prev != 0 {
			c.put(" ")
		}
		return
	}
	if lead > 0 && c.prev != 0 {
		c.put(" ")
	}
	trail := ""
	if lead+len(body) < len(s.text) {
		trail, next = " ", ' '
	}
	url := Link(s.Link)
	if url != "" {
		if body == url && autolink(url) && !c.cell {
			c.put("<" + url + ">" + trail)
			return
		}
		c.put("[")
	}
	after := next
	if url != "" {
		after = ']'
	}
	c.styled(body, s.Style, after, guard, url != "")
	if url != "" {
		c.put("](" + c.cellURL(url) + ")")
	}
	c.put(trail)
}

func (c *inline) cellURL(u string) string {
	if c.cell {
		return strings.ReplaceAll(u, "|", "%7C")
	}
	return u
}

// styled writes text between its markers, or without them where they would not be taken for markers.
func (c *inline) styled(body string, style Style, next rune, guard int, inLink bool) {
	if style&Code != 0 {
		c.codeSpan(body)
		return
	}
	tail := ""
	first, _ := utf8.DecodeRuneInString(body)
	marker := func(r rune) bool { return r == '*' || r == '~' || r == '_' }
	ok := !marker(c.prev) && !unicode.IsSpace(first) && (!punct(first) || blank(c.prev) || punct(c.prev))
	for ok {
		last, n := utf8.DecodeLastRuneInString(body)
		if !unicode.IsSpace(last) && !marker(next) && (!punct(last) || blank(next) || punct(next)) {
			break
		}
		// Punctuation before a letter cannot end emphasis: put it outside.
		if body, tail = body[:len(body)-n], body[len(body)-n:]+tail; body == "" {
			ok = false
		} else {
			next = last
		}
	}
	if !ok {
		c.text(body+tail, next, guard, inLink)
		return
	}
	open := ""
	if strings.HasPrefix(body, "~") || strings.HasSuffix(body, "~") {
		style &^= Strike
	}
	if style&Strike != 0 {
		open = "~~"
		if !(blank(c.prev) || punct(c.prev)) || !(blank(next) || punct(next)) {
			style &^= Bold | Italic
		}
	}
	if style&Bold != 0 {
		open += "**"
	}
	if style&Italic != 0 {
		open += "*"
	}
	if open == "" {
		c.text(body+tail, next, guard, inLink)
		return
	}
	c.put(open)
	c.emphasis = true
	c.text(body, '*', -1, inLink)
	c.emphasis = false
	c.put(reverse(open))
	c.text(tail, next, -1, inLink)
}

func reverse(open string) string {
	b := []byte(open)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func (c *inline) codeSpan(s string) {
	ticks := strings.Repeat("`", longestRun(s, '`')+1)
	pad := ""
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		pad = " "
	}
	if c.cell {
		s = strings.ReplaceAll(s, "|", `\|`)
	}
	if c.prev == '`' {
		c.put(" ")
	}
	c.put(ticks + pad + s + pad + ticks)
}

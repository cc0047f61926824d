package worddiff

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	contextWords = 6
	contextRunes = 60
	changedWords = 60 // shown of one change
	changedRunes = 600
	hunkBytes    = 6000 // after which the changes of a paragraph are only counted
	tooDifferent = "The two versions have too little in common to be shown word by word."
	tooLong      = "The two versions are too long to be compared."
)

// style is how a diff is written.
type style struct {
	deleted, inserted, heading [2]string // around each
	escape                     func(string) string
	hunk                       [2]string
	between                    string // hunks
}

func asIs(s string) string { return s }

// Text shows the changes in plain text, each with a few words around it: [-removed-] {+added+}. A hunk is a paragraph, long
// changes are cut, and after max hunks the rest is only counted; 0: all are shown. It is "" where nothing changed.
func (d Diff) Text(max int) string {
	text, _ := d.Excerpt(max, 0)
	return text
}

// Excerpt is Text of at most max hunks, and of no more than size bytes unless the first hunk has more; 0 is no bound. left is how
// many hunks are only counted.
func (d Diff) Excerpt(max, size int) (text string, left int) { return d.render(max, size, marked) }

var marked = style{
	deleted: [2]string{"[-", "-]"}, inserted: [2]string{"{+", "+}"}, heading: [2]string{"", ": "}, escape: asIs, between: "\n\n",
}

// HTML is Text for HTML mails: marked by underlining and striking out as well as by the same signs.
func (d Diff) HTML(max int) string {
	text, _ := d.render(max, 0, style{
		deleted:  [2]string{`<del style="color:#a40000;text-decoration:line-through">[-`, `-]</del>`},
		inserted: [2]string{`<ins style="color:#006400;text-decoration:underline">{+`, `+}</ins>`},
		heading:  [2]string{"<b>", ":</b> "}, escape: html.EscapeString, hunk: [2]string{"<p>", "</p>"}, between: "\n",
	})
	return text
}

// Terminal is Text with all hunks, ended by a line end; in color removed words are red, too, and added ones green.
func (d Diff) Terminal(color bool) string {
	s := marked
	if color {
		const red, green, bold, plain = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
		s.deleted = [2]string{red + "[-", "-]" + plain}
		s.inserted = [2]string{green + "{+", "+}" + plain}
		s.heading = [2]string{bold, ":" + plain + " "}
	}
	if t, _ := d.render(0, 0, s); t != "" {
		return t + "\n"
	}
	return ""
}

func (d Diff) render(max, size int, s style) (text string, left int) {
	var parts []string
	add := func(text string) { parts = append(parts, s.hunk[0]+text+s.hunk[1]) }
	switch {
	case d.tooLong():
		add(tooLong)
	case d.rewritten():
		add(tooDifferent)
	default:
		written := 0
		for i, h := range d.Hunks {
			hunk := h.render(s)
			written += len(hunk)
			if max > 0 && i == max || size > 0 && i > 0 && written > size {
				left = len(d.Hunks) - i
				add("… and " + count(left, "more change"))
				break
			}
			add(hunk)
		}
	}
	return strings.Join(parts, s.between), left
}

func (h Hunk) render(s style) string {
	var b strings.Builder
	blank := false
	for i, p := range h.Spans {
		if b.Len() > hunkBytes {
			if more := changes(h.Spans[i:]); more > 0 {
				b.WriteString(" … (" + count(more, "more change") + " in this paragraph)")
			}
			break
		}
		words, leading, trailing := blanks(p.Text)
		var marks [2]string
		switch p.Op {
		case Delete:
			words, marks = head(words, changedWords, changedRunes, true), s.deleted
		case Insert:
			words, marks = head(words, changedWords, changedRunes, true), s.inserted
		default:
			words = around(words, i > 0, i < len(h.Spans)-1)
		}
		if (leading || blank) && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(marks[0] + s.escape(words) + marks[1])
		blank = trailing || p.Op == Delete && strings.ContainsAny(words, " \n")
	}
	text := b.String()
	named := h.Heading == "" || !strings.HasPrefix(text, "…") && (h.beginsSo(Insert) || h.beginsSo(Delete))
	if h.Moved {
		text = "(moved here) " + text
	}
	if named {
		return text
	}
	return s.heading[0] + s.escape(h.Heading) + s.heading[1] + text
}

// beginsSo tells whether the heading only repeats how the paragraph begins, in the text that op belongs to.
func (h Hunk) beginsSo(op Op) bool {
	const enough = 1000
	var b strings.Builder
	for _, s := range h.Spans {
		if s.Op == Equal || s.Op == op {
			b.WriteString(s.Text[:min(len(s.Text), enough)])
		}
		if b.Len() >= enough {
			break
		}
	}
	return strings.HasPrefix(clean(b.String()), strings.TrimSuffix(h.Heading, "…"))
}

// changes counts the runs of spans that are not equal.
func changes(spans []Span) (n int) {
	before := Equal
	for _, s := range spans {
		if s.Op != Equal && before == Equal {
			n++
		}
		before = s.Op
	}
	return n
}

// blanks is the text without the blanks around it, and whether there were some.
func blanks(s string) (words string, leading, trailing bool) {
	words = strings.TrimRightFunc(s, space)
	trailing = len(words) < len(s)
	n := len(words)
	words = strings.TrimLeftFunc(words, space)
	return words, len(words) < n, trailing
}

// around are the words of an equal run that stand next to a change before or after it.
func around(s string, before, after bool) string {
	switch {
	case before && after:
		first, last := head(s, contextWords, contextRunes, false), tail(s, contextWords, contextRunes)
		if len(first)+len(last)+8 >= len(s) { // too little is left out to be worth it
			return clean(s)
		}
		return first + " … " + last
	case before:
		return head(s, contextWords, contextRunes, false)
	case after:
		return tail(s, contextWords, contextRunes)
	}
	return head(s, 2*contextWords, 2*contextRunes, false)
}

// head are the first words of s; a sign stands for those that are left out, with their number if counted.
func head(s string, words, runes int, counted bool) string {
	end, inside := 0, false
	for at := 0; at < len(s); {
		c, size := utf8.DecodeRuneInString(s[at:])
		at += size
		if space(c) {
			inside = false
			continue
		}
		if !inside {
			inside = true
			words--
		}
		if runes--; words < 0 || runes < 0 {
			break
		}
		end = at
	}
	rest := strings.TrimSpace(s[end:])
	switch {
	case rest == "":
		return clean(s[:end])
	case !counted:
		return clean(s[:end]) + " …"
	}
	return clean(s[:end]) + " … (" + grouped(wordsIn(rest)) + " more)"
}

// tail are the last words of s, behind a sign for those that are left out.
func tail(s string, words, runes int) string {
	begin, inside := len(s), false
	for at := len(s); at > 0; {
		c, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
		if space(c) {
			inside = false
			continue
		}
		if !inside {
			inside = true
			words--
		}
		if runes--; words < 0 || runes < 0 {
			break
		}
		begin = at
	}
	if strings.TrimSpace(s[:begin]) == "" {
		return clean(s[begin:])
	}
	return "… " + clean(s[begin:])
}

func wordsIn(s string) (n int) {
	for _, k := range read(s, map[string]int32{}).tokens {
		if k.word {
			n++
		}
	}
	return n
}

// clean is s on one line, without what a terminal or a mail reader takes for a command.
func clean(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\ufffd"), func(c rune) bool {
		return space(c) || unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069
	}), " ")
}

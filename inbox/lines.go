package inbox

import (
	"strings"
)

// mark is what the structure of an HTML mail says of a line; plain text has none.
type mark byte

const (
	plainLine   mark = iota
	historyLine      // from here on it is what was answered
	quotedBlock      // it is what was answered; below it the sender may go on
	attribution      // "On … wrote:", in whatever language
	signatureLine
	codeMark   // preformatted
	borderMark // below a rule that clients draw over a header; while reading only
)

// line is one line of readable text.
type line struct {
	text string
	mark mark
	urls []string // link targets that the text does not show
}

// maxLines bounds the lines of one mail. Empty lines beyond two in a row are dropped at once and do not count.
const maxLines = 100_000

// splitLines cuts text at its line ends, in any convention.
func splitLines(s string) []line {
	s = normalizeNewlines(s)
	out := make([]line, 0, min(strings.Count(s, "\n")+1, 4096))
	blanks := 0
	for l := range strings.SplitSeq(s, "\n") {
		l = strings.TrimRight(l, " \t\u00a0")
		if l != "" {
			blanks = 0
		} else if blanks++; blanks > 2 {
			continue
		}
		if i := glued(l); i > 0 {
			out, l = append(out, line{text: strings.TrimRight(l[:i], " \t")}), l[i:]
		}
		if out = append(out, line{text: l}); len(out) > maxLines {
			break
		}
	}
	return out
}

func normalizeNewlines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// unflow undoes format=flowed (RFC 3676): soft breaks are joined, space-stuffing is removed, quote marks are kept.
func unflow(s string, delSp bool) []line {
	s = normalizeNewlines(s)
	var out []line
	var paragraph strings.Builder
	depth, inside := 0, false
	flush := func() {
		if inside {
			out = append(out, line{text: quotePrefix(depth) + strings.TrimRight(paragraph.String(), " \t")})
			paragraph.Reset()
			inside = false
		}
	}
	for l := range strings.SplitSeq(s, "\n") {
		if len(out) > maxLines {
			break
		}
		d := 0
		for d < len(l) && l[d] == '>' {
			d++
		}
		l = strings.TrimPrefix(l[d:], " ")
		flowed := strings.HasSuffix(l, " ") && l != "-- "
		if inside && (d != depth || l == "-- ") {
			flush()
		}
		if l == "-- " {
			out = append(out, line{text: quotePrefix(d) + "-- "})
			continue
		}
		depth, inside = d, true
		if flowed && delSp {
			l = l[:len(l)-1]
		}
		paragraph.WriteString(l)
		if !flowed {
			flush()
		}
	}
	flush()
	return out
}

func quotePrefix(depth int) string {
	if depth == 0 {
		return ""
	}
	return strings.Repeat(">", min(depth, 50)) + " "
}

// joinLines puts the lines chosen by keep together: no blank lines at either end, never more than two in a row, and one
// where lines were left out.
func joinLines(lines []line, keep func(i int) bool) string {
	var b strings.Builder
	blanks, started, gap := 0, false, false
	for i, l := range lines {
		if !keep(i) {
			gap = gap || strings.TrimSpace(l.text) != ""
			continue
		}
		if strings.TrimSpace(l.text) == "" {
			blanks++
			continue
		}
		if gap {
			blanks = min(blanks, 1)
		}
		if started {
			b.WriteString("\n\n\n"[:min(blanks, 2)+1])
		}
		b.WriteString(strings.TrimRight(l.text, " \t"))
		blanks, started, gap = 0, true, false
	}
	return b.String()
}

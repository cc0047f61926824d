package inbox

import (
	"strings"
	"unicode/utf8"
)

// headerWord is what a line of a quoted header block names.
type headerWord byte

const (
	noHeader headerWord = iota
	fromHeader
	dateHeader
	toHeader
	ccHeader
	subjectHeader
	otherHeader
	headerWords // how many there are
)

const (
	maxField      = 2000 // bytes of a line of a header block
	maxFieldName  = 60   // bytes of its name
	maxBlockLines = 40
	maxLesser     = 12 // fields in a row that make no block: what is flooded with them must not be read over and over
)

// headerLine splits "From: value" as clients write it in quoted headers, bold marks and blanks included.
func headerLine(s string) (word headerWord, value string) {
	if len(s) > maxField {
		return noHeader, ""
	}
	i := colon(s[:min(len(s), maxFieldName+20)])
	if i <= 0 {
		return noHeader, ""
	}
	name := strings.Trim(s[:i], " \t\u00a0*_|")
	if name == "" || len(name) > maxFieldName {
		return noHeader, ""
	}
	_, width := utf8.DecodeRuneInString(s[i:])
	return headerWordOf(fold(name)), strings.Trim(s[i+width:], " \t\u00a0*_|")
}

// colon finds the first colon, the wide one of East Asia included.
func colon(s string) int {
	i := strings.IndexByte(s, ':')
	if strings.IndexByte(s, 0xef) < 0 {
		return i
	}
	if j := strings.Index(s, "："); j >= 0 && (i < 0 || j < i) {
		return j
	}
	return i
}

// headerBlock is a quoted header.
type headerBlock struct {
	end                 int // index of the line after it
	from, date, subject string
	to                  bool
	seen                [headerWords]bool
	strong              int           // different names, those of lesser headers aside
	addressed           bool          // a value has an address or a date
	address, timed      bool          // a value has an address; a field of another name has a time
	order               [5]headerWord // the first fields
	fields              int
}

// take notes a field; ok is false if such a field was there already.
func (b *headerBlock) take(w headerWord, value string) (ok bool) {
	if b.seen[w] && w != otherHeader && w != ccHeader && w != toHeader {
		return false
	}
	if b.fields < len(b.order) && (w != ccHeader || !b.seen[w]) {
		b.order[b.fields] = w
		b.fields++
	}
	b.address = b.address || strings.Contains(value, "@")
	b.addressed = b.addressed || strings.Contains(value, "@") || hasDate(fold(value))
	switch w {
	case fromHeader:
		b.from = value
	case dateHeader:
		b.date = value
	case subjectHeader:
		b.subject = value
	case toHeader:
		b.to = true
	}
	if w != otherHeader && !b.seen[w] {
		b.strong++
	}
	b.seen[w] = true
	return true
}

// whole tells a block that people do not write by hand: an origin and two other fields, or author and a second one with an
// address or a date in them.
func (b *headerBlock) whole() bool {
	return b.strong >= 3 && (b.seen[fromHeader] || b.seen[dateHeader]) ||
		b.strong == 2 && b.addressed && b.seen[fromHeader] && (b.seen[dateHeader] || strings.Contains(b.from, "@"))
}

// mailed tells a block above a mail from a list that a person wrote, as of a journey: "From: Berlin / To: Rome". It has an
// address, or is laid out as clients do it, or a client's line stands above it; in a fresh mail only the last counts.
func (b *headerBlock) mailed(lines []line, i int, fresh bool) bool {
	if b.address && !fresh {
		return true
	}
	order := b.order
	if order[3] == ccHeader {
		order[3] = order[4]
	}
	when := fold(b.date)
	switch {
	case order[0] == fromHeader && order[1] == dateHeader && order[2] == toHeader && order[3] == subjectHeader:
		if !fresh {
			return true
		}
	case b.seen[fromHeader] && b.seen[subjectHeader] && (b.timed || hasTime(when)) && !fresh:
		return true
	}
	for i--; i >= 0; i-- {
		if text := strings.TrimSpace(lines[i].text); text != "" {
			rule := len(text) >= 3 && strings.Trim(text, "-_=*–—# ") == ""
			return lines[i+1].mark == historyLine || splitter(text) != noSplitter || rule && (b.address || !fresh)
		}
	}
	return false
}

// headerBlockAt reads the header block that begins at lines[i]; ok is false if it is none. Values may go on over the next
// line, and one blank line may separate fields as some clients' plain text has it.
func headerBlockAt(lines []line, i int) (b headerBlock, ok bool) {
	if i >= len(lines) || nextHeader(lines, i) == noHeader {
		return b, false
	}
	if b, ok = oneLineBlock(strings.TrimLeft(lines[i].text, "> ")); ok {
		b.end = i + 1
		return b, true
	}
	b = headerBlock{}
	folded, lesser := 0, 0
	last := noHeader
	j := i
	for ; j < len(lines) && j < i+maxBlockLines; j++ {
		text := strings.TrimSpace(strings.TrimLeft(lines[j].text, "> "))
		if text == "" {
			if w := nextHeader(lines, j+1); w == noHeader || b.seen[w] || w == otherHeader {
				break
			}
			continue
		}
		w, value := headerLine(text)
		if w == noHeader {
			if folded >= 2 || last == subjectHeader && folded >= 1 || nextHeader(lines, j+1) == noHeader {
				break
			}
			folded++
			b.address = b.address || strings.Contains(text, "@")
			b.timed = b.timed || colon(text) > 0 && hasTime(fold(text))
			if last == fromHeader {
				b.from += " " + text
			}
			continue
		}
		strong := b.strong
		if !b.take(w, value) {
			break
		}
		if lesser++; b.strong > strong {
			lesser = 0
		} else if lesser > maxLesser && !b.whole() {
			break
		}
		folded = 0
		last = w
	}
	b.end = j
	if !b.whole() {
		return b, false
	}
	// "A: To everyone." over a block is the end of an interview.
	if name, _, _ := strings.Cut(lines[i].text, ":"); len(name) <= 2 && nextHeader(lines, i) == toHeader {
		if later, ok := headerBlockAt(lines, nextText(lines, i+1)); ok && later.end >= b.end {
			return b, false
		}
	}
	return b, true
}

func nextText(lines []line, i int) int {
	for i < len(lines) && strings.TrimSpace(lines[i].text) == "" {
		i++
	}
	return i
}

// memoAt tells the header that Notes writes, names and values on lines of their own, and returns its first line. lines[i] is
// its date, with the author above and "To" below.
func memoAt(lines []line, i int) (start int, ok bool) {
	j := nextText(lines, i+1)
	if j >= len(lines) || j > i+2 || len(lines[j].text) > 16 || headerWordOf(fold(strings.TrimSpace(lines[j].text))) != toHeader || !hasDate(fold(lines[i].text)) {
		return 0, false
	}
	for k := j + 1; k < len(lines) && k < j+10; k++ {
		if text := strings.TrimSpace(lines[k].text); text != "" && headerWordOf(fold(text)) == subjectHeader {
			if i > 0 && strings.TrimSpace(lines[i-1].text) != "" {
				i--
			}
			return i, true
		}
	}
	return 0, false
}

// memoColumnsAt tells the header of Notes in columns and returns its first line. lines[i] is "To", far to the right, with the
// author above and "cc" and "Subject" below it.
func memoColumnsAt(lines []line, i int) (start int, ok bool) {
	if text := lines[i].text; len(text) < 40 || strings.TrimLeft(text[:40], " \t") != "" || headerWordOf(fold(strings.TrimSpace(text))) != toHeader {
		return 0, false
	}
	address := false
	for start = i; start > 0 && start > i-4 && strings.HasPrefix(lines[start-1].text, "    ") && strings.TrimSpace(lines[start-1].text) != ""; start-- {
		address = address || strings.Contains(lines[start-1].text, "@")
	}
	if start == i {
		return 0, false
	}
	for k := i + 1; k < len(lines) && k < i+12; k++ {
		text := strings.TrimSpace(lines[k].text)
		address = address || hasDate(text)
		if text != "" && headerWordOf(fold(text)) == subjectHeader {
			return start, address
		}
	}
	return 0, false
}

func nextHeader(lines []line, i int) headerWord {
	if i >= len(lines) {
		return noHeader
	}
	w, _ := headerLine(strings.TrimLeft(lines[i].text, "> "))
	return w
}

// oneLineBlock reads a header block that lost its line ends: "From: A <a@b.example> Sent: Monday To: C Subject: D".
func oneLineBlock(s string) (b headerBlock, ok bool) {
	if len(s) > maxField || strings.Count(s, ":") < 3 {
		return b, false
	}
	word, from := noHeader, 0 // the field that is open, and where its value begins
	for i := 0; i < len(s); i++ {
		if s[i] != ':' {
			continue
		}
		w, start := labelBefore(s, i)
		if w == noHeader || w == otherHeader {
			continue
		}
		if word != noHeader {
			b.take(word, strings.Trim(s[from:start], " \t*_;"))
		} else if start > 0 {
			return b, false
		}
		word, from = w, i+1
	}
	if word != noHeader {
		b.take(word, strings.Trim(s[from:], " \t*_;"))
	}
	return b, b.strong >= 3 && b.whole() && b.addressed
}

// labelBefore finds the header name that ends before the colon at s[i]: one to three words, set off from what precedes it.
func labelBefore(s string, i int) (word headerWord, start int) {
	end := len(strings.TrimRight(s[:i], " \t*\u00a0"))
	if d := strings.LastIndexAny(s[:end], "0123456789"); d >= 0 && end-d < 30 { // "GMT+1Subject:"
		if w := headerWordOf(fold(s[d+1 : end])); w != noHeader {
			return w, d + 1
		}
	}
	for start = end; start > 0 && end-start < 30; {
		start = strings.LastIndexAny(s[:start], " \t>)];*\u00a0")
		name := fold(strings.Trim(s[start+1:end], " \t*"))
		if w := headerWordOf(name); w != noHeader && name != "" && (len(name) > 1 || name == "à") {
			return w, start + 1
		}
		if start < 0 {
			break
		}
	}
	return noHeader, 0
}

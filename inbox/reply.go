package inbox

import (
	"slices"
	"strings"
	"unicode"
)

// Trimming works on one letter a line, so that its rules read as what they are: a history begins, answers stand between
// quoted lines, a signature ends the mail. Every rule is one pass over the lines.
const (
	textLine   = 't'
	codeLine   = 'c' // text inside a fence, whatever it looks like
	emptyLine  = 'e'
	quotedLine = 'q'
	introLine  = 'b' // attribution: "On … wrote:"
	dropLine   = 'd' // belongs to a history or signature
)

// trimmed tells for every line whether it is the sender's own words.
type trimmed struct {
	keep    []bool
	history int // first line of the history below, len(lines) if there is none
	forward int // first line of an inline forward, -1 if there is none
	fresh   bool
	echo    bool // it is all quotes and histories, beside a signature: no line of it is the sender's own
}

// trim separates what the sender wrote from quotes, histories and signatures, whatever the mail is.
func trim(lines []line) trimmed { return trimMail(lines, false) }

// trimMail does so for a mail of which is known whether it is fresh: neither an answer nor a forward by its header. What could
// be the sender's own is kept in it.
func trimMail(lines []line, fresh bool) trimmed {
	t := trimmed{fresh: fresh, keep: make([]bool, len(lines)), history: len(lines), forward: -1}
	kinds := classify(lines)
	cutBanner(lines, kinds)
	cutHistory(lines, kinds, &t)
	cutSignature(lines, kinds, t.history, fresh)
	quotes := t.history < len(lines) || slices.Contains(kinds, introLine)
	dropQuotes(lines, kinds, t.history, fresh)
	any, own, signed := false, false, false
	for i := range lines {
		t.keep[i] = i < t.history && kinds[i] != dropLine
		any = any || t.keep[i] && strings.TrimSpace(lines[i].text) != ""
		text := kinds[i] == textLine || kinds[i] == codeLine
		signed = text && (signed || strings.TrimSpace(lines[i].text) == "--") || signed && kinds[i] == emptyLine
		own = own || t.keep[i] && text && !signed
		quotes = quotes || kinds[i] == quotedLine && lines[i].mark != quotedBlock
	}
	t.echo = quotes && !own && t.forward < 0
	if !any {
		// Nothing but a quote, a forward or a signature: then that is what was sent.
		for i := range t.keep {
			t.keep[i] = true
		}
	}
	return t
}

// fresh tells a mail that neither answers nor forwards another, by its header.
func (r *reading) fresh() bool {
	h := r.s.parts[0].header
	if h.has("In-Reply-To") || h.has("References") || forwardSubject(r.m.Subject) {
		return false
	}
	prefix, _, ok := strings.Cut(strings.ReplaceAll(r.m.Subject, "：", ":"), ":")
	return !ok || len(prefix) > 16 // "Re: ", "Antw[2]: " and their kin
}

// cutBanner drops the warning that a company's server puts over mail from outside.
func cutBanner(lines []line, kinds []byte) {
	start := nextText(lines, 0)
	end := start
	for end < len(kinds) && end < start+6 && kinds[end] == textLine {
		end++
	}
	if end == start || end < len(kinds) && kinds[end] != emptyLine || !banner(joined(lines, start, end-1)) || !textFollows(kinds, end) {
		return
	}
	dropText(kinds, start, end)
}

// classify gives every line its letter. Fenced code is text, whatever it looks like.
func classify(lines []line) []byte {
	kinds := make([]byte, len(lines))
	fenced := fences(lines)
	codeBlocks(lines, fenced)
	goesOn, prompts := lastOwn(lines), pythonPrompts(lines)
	for i := 0; i < len(lines); i++ {
		if kinds[i] != 0 {
			continue
		}
		text := strings.TrimSpace(lines[i].text)
		switch {
		case text == "":
			kinds[i] = emptyLine
		case fenced[i]:
			kinds[i] = codeLine
		case lines[i].mark == quotedBlock && i < goesOn:
			kinds[i] = quotedLine
		case quoted(text) && !prompts && !closesLink(lines, kinds, i):
			kinds[i] = quotedLine
			if end := introInQuote(lines, kinds, i); end >= 0 {
				for j := i; j <= end; j++ {
					kinds[j] = introLine
				}
			}
		case lines[i].mark == attribution && splitter(text) != forwardSplitter && !forwardAbove(lines, i):
			kinds[i] = introLine
		default:
			end := attributionEnd(lines, i)
			if end < 0 {
				kinds[i] = textLine
				break
			}
			for j := i; j <= end; j++ {
				kinds[j] = introLine
			}
		}
	}
	for i := range kinds {
		k := kinds[i]
		// "----- Original Message -----" over an attribution introduces the same quote
		if k == introLine && i > 0 && kinds[i-1] == textLine && splitter(lines[i-1].text) == originalSplitter {
			kinds[i-1] = introLine
		}
		if k == quotedLine && i > 0 && kinds[i-1] == introLine && strings.Trim(lines[i].text, "> \t") == "" {
			kinds[i] = introLine // the blank below it
		}
	}
	pipeQuotes(lines, kinds)
	wrappedQuotes(lines, kinds)
	return kinds
}

// quoted tells a line with a quote mark. ">>> x <<<" and markup that begins with ">" are meant otherwise.
func quoted(text string) bool {
	return text[0] == '>' && !strings.HasSuffix(text, "<<<") && !strings.HasPrefix(text, ">>> >>>")
}

// pythonPrompts tells that every ">" in the text is one of ">>> ", over more than a line: an interpreter's, not a quote's.
func pythonPrompts(lines []line) bool {
	n := 0
	for _, l := range lines {
		text := strings.TrimSpace(l.text)
		if text == "" || text[0] != '>' {
			continue
		}
		if !strings.HasPrefix(text, ">>> ") || strings.HasSuffix(text, ">>>") || endsAttribution(text) {
			return false
		}
		n++
	}
	return n > 0
}

// lastOwn returns the last line with words of the sender if it stands below a quoted block, else -1.
func lastOwn(lines []line) int {
	own := -1
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].mark == quotedBlock {
			return own
		}
		if own < 0 && (lines[i].mark == plainLine || lines[i].mark == codeMark) && isText(lines[i].text) && lines[i].text[0] != '>' && footer(lines[i].text) == noFooter {
			own = i
		}
	}
	return -1
}

// closesLink tells a ">" that ends the link begun on the line above.
func closesLink(lines []line, kinds []byte, i int) bool {
	if i == 0 || kinds[i-1] != textLine {
		return false
	}
	above := lines[i-1].text
	open := strings.LastIndexByte(above, '<')
	return open >= 0 && strings.IndexByte(above[open:], '>') < 0 && (strings.HasPrefix(above[open+1:], "http") || strings.HasPrefix(above[open+1:], "mailto:"))
}

// introInQuote returns the last line of the attribution with which the quote at lines[i] begins, -1 if it has none: some
// clients mark it like what it introduces.
func introInQuote(lines []line, kinds []byte, i int) int {
	if text := strings.TrimSpace(lines[i].text); strings.HasPrefix(text, ">>>") {
		return attributionEnd(lines, i)
	}
	for j := i - 1; j >= 0; j-- {
		if kinds[j] != emptyLine {
			if kinds[j] == quotedLine || kinds[j] == introLine {
				return -1
			}
			break
		}
	}
	var bare [attributionSpan]line
	n := 0
	for n < len(bare) && i+n < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i+n].text), ">") {
		bare[n].text = strings.TrimLeft(lines[i+n].text, "> \t")
		n++
	}
	if end := attributionEnd(bare[:n], 0); end >= 0 {
		return i + end
	}
	return -1
}

func forwardAbove(lines []line, i int) bool {
	for j := i - 1; j >= 0 && j > i-8; j-- {
		if splitter(lines[j].text) == forwardSplitter {
			return true
		}
	}
	return false
}

// fences tells the lines inside ``` or ~~~ blocks that are closed.
func fences(lines []line) []bool {
	out := make([]bool, len(lines))
	open, mark := -1, ""
	for i, l := range lines {
		text := strings.TrimSpace(l.text)
		if !strings.HasPrefix(text, "```") && !strings.HasPrefix(text, "~~~") {
			continue
		}
		if open < 0 {
			open, mark = i, text[:3]
			continue
		}
		if text[:3] != mark {
			continue
		}
		for j := open; j <= i; j++ {
			out[j] = true
		}
		open = -1
	}
	return out
}

// codeBlocks takes what stands preformatted inside a text as fenced. A mail may be preformatted as a whole, and clients put an
// attribution or a signature so: then it is what it looks like.
func codeBlocks(lines []line, fenced []bool) {
	if !slices.ContainsFunc(lines, func(l line) bool { return l.mark == codeMark }) {
		return
	}
	wrote, introduced := false, false
	for i := 0; i < len(lines); i++ {
		if lines[i].mark != codeMark {
			if isText(lines[i].text) {
				wrote = wrote || lines[i].mark == plainLine
				introduced = lines[i].mark == attribution || endsAttribution(lines[i].text) && introducedBy(lines, i)
			}
			continue
		}
		end := i
		for end < len(lines) && lines[end].mark == codeMark {
			end++
		}
		if first := nextText(lines, i); wrote && !introduced && first < end && !delimiter(lines[first].text) && !mailInside(lines[i:end]) {
			for j := i; j < end; j++ {
				fenced[j] = true
			}
		}
		i = end - 1
	}
}

// introducedBy tells an attribution that ends on line i.
func introducedBy(lines []line, i int) bool {
	for j := max(i-attributionSpan+1, 0); j <= i; j++ {
		if attributionEnd(lines, j) == i {
			return true
		}
	}
	return false
}

// mailInside tells lines that hold the beginning of another mail.
func mailInside(lines []line) bool {
	for i, l := range lines {
		if attributionEnd(lines, i) >= 0 || splitter(l.text) != noSplitter {
			return true
		}
		if b, ok := headerBlockAt(lines, i); ok && (b.address || b.mailed(lines, i, true)) {
			return true
		}
	}
	return false
}

// pipeQuotes takes "|" as a quote mark below an attribution; elsewhere it may be a table.
func pipeQuotes(lines []line, kinds []byte) {
	after, inside := false, false
	for i, l := range lines {
		text := strings.TrimSpace(l.text)
		switch {
		case kinds[i] == introLine:
			after, inside = true, false
		case kinds[i] == emptyLine:
		case after && text[0] == '|' && (inside || pipeQuote(text)):
			kinds[i], inside = quotedLine, true
		default:
			after = false
		}
	}
}

// wrappedQuotes takes a line that a mailer broke off a quoted one into the quote: quoted above and below, no blank between.
func wrappedQuotes(lines []line, kinds []byte) {
	for i := 1; i+1 < len(kinds); i++ {
		if kinds[i] != textLine || kinds[i-1] != quotedLine || kinds[i+1] != quotedLine {
			continue
		}
		above, below := strings.TrimSpace(lines[i-1].text), strings.TrimSpace(lines[i+1].text)
		text := strings.TrimSpace(lines[i].text)
		wrapped := len(above) > 60 && len(text) < 30 && strings.Trim(below, "> ") != "" && strings.Trim(above, "> ") != ""
		link := strings.HasPrefix(text, "(http") || strings.HasPrefix(text, "<http") || strings.HasPrefix(text, "http")
		verb := endsAttribution(text) && len(text) < 20 && findVerb(fold(text)).last // of an attribution in the quote
		if wrapped || link || verb {
			kinds[i] = quotedLine
		}
	}
}

// cutHistory finds where the answered or forwarded mail begins below the sender's words.
func cutHistory(lines []line, kinds []byte, t *trimmed) {
	wrote := false // the sender has written something above
	for i := range lines {
		switch kinds[i] {
		case emptyLine:
			continue
		case codeLine:
			wrote = true
			continue
		case quotedLine:
			// Apple Mail quotes what it forwards.
			if t.forward < 0 && !belowQuote(kinds, i) && splitter(strings.TrimLeft(lines[i].text, "> ")) == forwardSplitter {
				t.forward = i
				if wrote {
					t.history = i
				}
				return
			}
			continue
		case introLine:
			if i > 0 && kinds[i-1] == introLine {
				continue
			}
			end := i
			for end < len(kinds) && kinds[end] == introLine {
				end++
			}
			// Below an attribution without quote marks everything is the answered mail.
			if !quoteFollowsKind(kinds, end) {
				if wrote || !textFollows(kinds, end) {
					t.history = i
					return
				}
				for j := i; j < end; j++ {
					kinds[j] = dropLine
				}
			}
			continue
		}
		marked := lines[i].mark == historyLine || lines[i].mark == quotedBlock
		if marked && wrote {
			t.history = above(lines, i)
			if b, ok := headerBlockAt(lines, i); ok && b.from != "" && forwardAbove(lines, i) {
				t.forward = i
			}
			return
		}
		switch splitter(lines[i].text) {
		case forwardSplitter:
			t.forward = i
			if wrote {
				t.history = above(lines, i)
			}
			return
		case originalSplitter:
			if t.fresh && strings.Trim(lines[i].text, "_ ") == "" {
				if _, ok := nextBlock(lines, i+1); !ok {
					continue // a line to sign on
				}
			}
			if wrote {
				t.history = above(lines, i)
				return
			}
			if _, ok := nextBlock(lines, i+1); ok {
				t.forward = i
				return
			}
		}
		if wrote && !t.fresh && bareAuthor(lines, i) {
			t.history = above(lines, i)
			return
		}
		start, ok := memoAt(lines, i)
		if !ok {
			start, ok = memoColumnsAt(lines, i)
		}
		if ok && wrote {
			t.history = start
			return
		}
		if b, ok := headerBlockAt(lines, i); ok && b.mailed(lines, i, t.fresh) {
			if wrote {
				t.history = above(lines, i)
			} else {
				t.forward = i
			}
			return
		}
		if wrote && replyMarker(lines[i].text) {
			t.history = above(lines, i)
			return
		}
		wrote = wrote || !marked && isText(lines[i].text)
	}
}

// bareAuthor tells a header of one field, set off above: "From: Mira Osei <address>".
func bareAuthor(lines []line, i int) bool {
	if i == 0 || strings.TrimSpace(lines[i-1].text) != "" {
		return false
	}
	w, value := headerLine(lines[i].text)
	if w != fromHeader {
		return false
	}
	if i+1 < len(lines) && !strings.Contains(value, "@") && strings.HasPrefix(strings.TrimSpace(lines[i+1].text), "<") {
		value += " " + strings.TrimSpace(lines[i+1].text)
	}
	open := strings.LastIndexAny(value, "<[")
	return open > 0 && strings.Contains(value[open:], "@") && strings.ContainsAny(value[len(value)-1:], ">]") && !strings.ContainsAny(value[open:], " ")
}

// belowQuote tells whether line i goes on with a quote or its attribution.
func belowQuote(kinds []byte, i int) bool {
	for i--; i >= 0; i-- {
		if kinds[i] != emptyLine {
			return kinds[i] == quotedLine || kinds[i] == introLine
		}
	}
	return false
}

// isText tells words from rules and dashes.
func isText(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r > 0x2100 })
}

// above takes the rule that some clients draw over a header block along.
func above(lines []line, i int) int {
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		text := strings.TrimSpace(lines[j].text)
		if text == "" {
			continue
		}
		if len(text) >= 3 && strings.Trim(text, "-_=*–—# ") == "" || splitter(text) != noSplitter {
			return j
		}
		if low := fold(text); hasDate(low) && findVerb(low).found && len(text) < 120 { // an attribution without a colon
			return j
		}
		break
	}
	return i
}

// nextBlock reads the header block that follows, blank lines skipped.
func nextBlock(lines []line, i int) (headerBlock, bool) {
	for ; i < len(lines) && strings.TrimSpace(lines[i].text) == ""; i++ {
	}
	if i >= len(lines) {
		return headerBlock{}, false
	}
	return headerBlockAt(lines, i)
}

func quoteFollowsKind(kinds []byte, i int) bool {
	for ; i < len(kinds); i++ {
		if kinds[i] != emptyLine {
			return kinds[i] == quotedLine || kinds[i] == introLine
		}
	}
	return false
}

func textFollows(kinds []byte, i int) bool {
	for ; i < len(kinds); i++ {
		if kinds[i] == textLine || kinds[i] == codeLine {
			return true
		}
	}
	return false
}

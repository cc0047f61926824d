// Package markdown writes CommonMark with GFM tables, footnotes and CriticMarkup from the paragraphs of a document.
// Text is escaped where it would otherwise be markup, and only there.
package markdown

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Style is what a stretch of text looks like.
type Style uint8

const (
	Bold Style = 1 << iota
	Italic
	Strike
	Code
)

// Change is the tracked change that a stretch of text belongs to.
type Change uint8

const (
	Kept Change = iota
	Inserted
	Deleted
)

// Format is all that is kept of a stretch's looks.
type Format struct {
	Style  Style
	Change Change
	Link   string // a URL, "" for none
}

// Kind is what a paragraph is.
type Kind uint8

const (
	Paragraph Kind = iota
	Heading        // Level 1 to 6
	Item           // of a list, Level from 1
	Continued      // a further paragraph of the item before it
	CodeLine       // one line of a code block
)

// Block describes a paragraph when it ends.
type Block struct {
	Kind    Kind
	Level   int
	Ordered bool
	Number  int // of an ordered item
	Quote   int // how many quotations it lies in
}

const (
	maxPara    = 256 << 10 // bytes, from which a paragraph is split
	blockCost  = 8         // bytes that a paragraph counts for beyond its text
	maxRuns    = 20_000    // of one paragraph: what comes then takes the looks of the last
	maxCells   = 100_000   // of all tables
	maxColumns = 200
	maxDepth   = 8 // of lists and quotations
	maxURL     = 4000
)

type run struct {
	text []byte
	Format
	raw bool // Markdown already
}

// Writer collects runs to paragraphs and paragraphs to a document. Its memory is bounded by the limit.
type Writer struct {
	out   strings.Builder
	limit int
	size  int // bytes taken in
	para  int // bytes of the paragraph
	full  bool
	runs  []run
	outer [][]run // of the paragraphs around this one

	table  *table
	nested int // tables within it or within a footnote
	cells  int
	note   *[]string // collects a footnote
	inNote int
	notes  []byte // the footnotes, for the end

	last   Block
	any    bool
	lists  []list
	fence  []byte // lines of a code block
	ticks  int    // the longest run of backticks in it
	fenceQ int

	title, first string // of the first Title or Heading; of the first paragraph

	Words, Changes, Comments int
	lastChange               Change
	Nested                   bool // there was a table within a table
	words                    func(s string) int
}

type list struct {
	ordered bool
	delim   byte
	next    int // the number that would follow
	width   int // of the marker
}

// New makes a Writer of at most limit bytes of text; words counts the words of a paragraph.
func New(limit int, words func(s string) int) *Writer {
	return &Writer{limit: limit, words: words}
}

// Full tells that the limit is reached: the rest is not taken in.
func (w *Writer) Full() bool { return w.full }

// Heading is the text of the first heading, First of the first paragraph that is none.
func (w *Writer) Heading() string { return w.title }
func (w *Writer) First() string   { return w.first }

// Any tells whether there is any content yet.
func (w *Writer) Any() bool {
	return w.out.Len() > 0 || len(w.fence) > 0 || len(w.runs) > 0 || len(w.outer) > 0
}

// Pending tells whether the paragraph has content.
func (w *Writer) Pending() bool { return len(w.runs) > 0 }

func (w *Writer) take(n int) bool {
	// What the text comes to with its markup counts, too.
	if w.full || w.size+n > w.limit || w.out.Len()+len(w.notes)+len(w.fence) > w.limit+w.limit/2 {
		w.full = true
		return false
	}
	w.size += n
	if w.para += n; w.para > maxPara {
		w.End(Block{})
	}
	return true
}

// Text adds text to the paragraph. Line ends count as blanks.
func (w *Writer) Text(s string, f Format) {
	for len(s) > maxPara/4 {
		n := maxPara / 4
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		if n == 0 {
			n = maxPara / 4
		}
		w.Text(s[:n], f)
		s = s[n:]
	}
	if s == "" || !w.take(len(s)) {
		return
	}
	if f.Change != Kept && f.Change != w.lastChange {
		w.Changes++
	}
	w.lastChange = f.Change
	last := w.open(f)
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			last.text = append(last.text, ' ')
		case unicode.IsControl(r) || r == '\u00ad' || r == '\ufeff' || r >= 0xfff9 && r <= 0xfffb:
		default:
			last.text = utf8.AppendRune(last.text, r)
		}
		i += n
	}
}

func (w *Writer) open(f Format) *run {
	if n := len(w.runs); n > 0 && !w.runs[n-1].raw && (w.runs[n-1].Format == f || n >= maxRuns) {
		return &w.runs[n-1]
	}
	w.runs = append(w.runs, run{Format: f})
	return &w.runs[len(w.runs)-1]
}

// Break ends a line within the paragraph.
func (w *Writer) Break(f Format) {
	if w.take(1) {
		last := w.open(f)
		last.text = append(last.text, '\n')
	}
}

func (w *Writer) raw(s string, change Change) {
	if len(w.runs) < maxRuns && w.take(len(s)) {
		w.runs = append(w.runs, run{text: []byte(s), raw: true, Format: Format{Change: change}})
	}
}

// Image refers to a picture by name.
func (w *Writer) Image(alt, name string, c Change) {
	w.raw("!["+plain(alt, true)+"]("+imageName(name)+")", c)
}

func imageName(name string) string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case r == ' ':
			b.WriteString("%20")
		case r < ' ' || strings.ContainsRune(`()<>[]\`, r):
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Reference refers to footnote n.
func (w *Writer) Reference(n int, c Change) { w.raw("[^"+strconv.Itoa(n)+"]", c) }

// Comment puts a reader's remark here.
func (w *Writer) Comment(author, text string) {
	s := plain(text, false)
	if author = plain(author, false); author != "" {
		s = author + ": " + s
	}
	w.Comments++
	w.raw("{>>"+s+"<<}", Kept)
}

// Push begins a paragraph within the paragraph, as text boxes do; Pop returns to the outer one.
func (w *Writer) Push() {
	w.outer = append(w.outer, w.runs)
	w.runs = nil
}

func (w *Writer) Pop() {
	if n := len(w.outer); n > 0 {
		w.End(Block{})
		w.runs = w.outer[n-1]
		w.outer = w.outer[:n-1]
	}
}

// End ends the paragraph. One without content leaves no trace.
func (w *Writer) End(b Block) {
	runs := w.runs
	w.lastChange, w.para = Kept, 0
	if b.Kind == CodeLine && w.table == nil && w.note == nil {
		w.code(runs, b)
		w.runs = w.runs[:0]
		return
	}
	runs = tidy(runs)
	if len(runs) == 0 {
		w.runs = w.runs[:0]
		return
	}
	w.take(blockCost)
	text := shown(runs)
	if w.words != nil {
		w.Words += w.words(text)
	}
	switch {
	case w.table != nil || w.note != nil:
		ctx := inline{cell: w.note == nil}
		line := ctx.render(runs)
		if b.Kind == Item {
			marker := "- "
			if b.Ordered {
				marker = strconv.Itoa(b.Number) + ". "
			}
			line = marker + line
		}
		if w.note != nil {
			*w.note = append(*w.note, line)
		} else {
			w.table.lines = append(w.table.lines, line)
		}
	default:
		w.block(runs, text, b)
	}
	w.runs = w.runs[:0]
}

func (w *Writer) block(runs []run, text string, b Block) {
	w.flushCode()
	if b.Kind == Heading {
		if w.title == "" {
			w.title = clip(strings.Join(strings.Fields(text), " "))
		}
		b.Level = min(max(b.Level, 1), 6)
	} else if w.first == "" {
		w.first = clip(text)
	}
	ctx := inline{heading: b.Kind == Heading, item: b.Kind == Item}
	s := ctx.render(runs)
	if s == "" {
		return
	}
	quote := strings.Repeat("> ", min(b.Quote, maxDepth))
	indent := ""
	switch b.Kind {
	case Item:
		var tight bool
		indent, tight = w.item(&b)
		l := w.lists[len(w.lists)-1]
		marker := "- "
		if l.ordered {
			marker = strconv.Itoa(l.next-1) + string(l.delim) + " "
		}
		w.gap(quote, b.Quote, !tight)
		w.put(quote + indent + marker)
		indent += strings.Repeat(" ", l.width)
	case Continued:
		if len(w.lists) == 0 {
			b.Kind = Paragraph
			break
		}
		b.Level = min(max(b.Level, 1), len(w.lists))
		w.lists = w.lists[:b.Level]
		for _, l := range w.lists {
			indent += strings.Repeat(" ", l.width)
		}
	}
	if b.Kind != Item {
		w.gap(quote, b.Quote, true)
		w.put(quote + indent)
		if b.Kind != Continued {
			w.lists = w.lists[:0]
		}
	}
	if b.Kind == Heading {
		w.put(strings.Repeat("#", b.Level) + " ")
	}
	if prefix := quote + indent; prefix != "" {
		s = strings.ReplaceAll(s, "\n", "\n"+prefix)
	}
	w.put(s + "\n")
	w.last, w.any = b, true
}

func (w *Writer) put(s string) { w.out.WriteString(s) }

// gap separates a block from the one before it.
func (w *Writer) gap(quote string, depth int, blank bool) {
	if !w.any || !blank {
		return
	}
	w.put(strings.TrimRight(strings.Repeat("> ", min(depth, w.last.Quote, maxDepth)), " ") + "\n")
}

// item finds the item's place among the open lists.
func (w *Writer) item(b *Block) (indent string, tight bool) {
	b.Level = min(max(b.Level, 1), maxDepth)
	inList := (w.last.Kind == Item || w.last.Kind == Continued) && len(w.lists) > 0 && w.last.Quote == b.Quote
	if !inList {
		w.lists = w.lists[:0]
	}
	tight = inList && w.last.Kind == Item
	b.Level = min(b.Level, len(w.lists)+1)
	delim := byte('.')
	if len(w.lists) >= b.Level {
		l := &w.lists[b.Level-1]
		if l.ordered == b.Ordered && (!b.Ordered || b.Number == l.next) {
			w.lists = w.lists[:b.Level]
		} else {
			if l.ordered && b.Ordered && l.delim == '.' {
				delim = ')'
			}
			if b.Level == 1 {
				tight = false
			}
			w.lists = w.lists[:b.Level-1]
		}
	}
	if len(w.lists) < b.Level {
		w.lists = append(w.lists, list{ordered: b.Ordered, delim: delim, next: min(max(b.Number, 0), 999_999_999)})
	}
	l := &w.lists[b.Level-1]
	l.width = 2
	if l.ordered {
		l.width = len(strconv.Itoa(l.next)) + 2
		l.next++
	}
	for _, outer := range w.lists[:b.Level-1] {
		indent += strings.Repeat(" ", outer.width)
	}
	return indent, tight
}

func (w *Writer) code(runs []run, b Block) {
	var line []byte
	for _, r := range runs {
		if !r.raw {
			line = append(line, r.text...)
		}
	}
	if w.words != nil {
		w.Words += w.words(string(line))
	}
	if len(w.fence) == 0 && len(bytes.TrimSpace(line)) == 0 || !w.take(1) {
		return
	}
	w.fenceQ = b.Quote
	w.ticks = max(w.ticks, longestRun(string(line), '`'))
	w.fence = append(append(w.fence, line...), '\n')
}

func (w *Writer) flushCode() {
	if len(w.fence) == 0 {
		return
	}
	code := bytes.TrimRight(w.fence, " \n")
	quote := strings.Repeat("> ", min(w.fenceQ, maxDepth))
	w.gap(quote, w.fenceQ, true)
	mark := quote + strings.Repeat("`", min(max(w.ticks+1, 3), 1000)) + "\n"
	w.put(mark)
	for len(code) > 0 {
		l, rest, _ := bytes.Cut(code, []byte("\n"))
		w.put(quote)
		w.out.Write(l)
		w.put("\n")
		code = rest
	}
	w.put(mark)
	w.fence, w.ticks = w.fence[:0], 0
	w.lists = w.lists[:0]
	w.last, w.any = Block{Quote: w.fenceQ}, true
}

// Rule draws a line across.
func (w *Writer) Rule() {
	if w.table != nil || w.note != nil || !w.take(4) {
		return
	}
	w.flushCode()
	w.gap("", 0, true)
	w.put("---\n")
	w.lists = w.lists[:0]
	w.last, w.any = Block{}, true
}

// Footnote begins the text of a footnote: the paragraphs up to EndFootnote.
func (w *Writer) Footnote() {
	w.Push()
	if w.inNote++; w.inNote == 1 {
		w.note = new([]string)
	}
}

// EndFootnote keeps the footnote of that number, if it is not 0, for the end of the document.
func (w *Writer) EndFootnote(n int) {
	if w.inNote == 0 {
		return
	}
	w.End(Block{})
	if w.inNote--; w.inNote > 0 {
		w.Pop()
		return
	}
	lines := *w.note
	w.note = nil
	w.Pop()
	if n == 0 || len(lines) == 0 {
		return
	}
	for i, l := range lines {
		if i == 0 {
			w.notes = append(w.notes, "\n[^"+strconv.Itoa(n)+"]: "...)
		} else {
			w.notes = append(w.notes, "\n    "...)
		}
		w.notes = append(w.notes, strings.ReplaceAll(l, "\n", "\n    ")+"\n"...)
	}
}

// Finish ends what is open and returns the document.
func (w *Writer) Finish() string {
	for w.inNote > 0 {
		w.EndFootnote(0)
	}
	for w.table != nil {
		w.EndTable()
	}
	for len(w.outer) > 0 {
		w.Pop()
	}
	w.End(Block{})
	w.flushCode()
	w.out.Write(w.notes)
	return w.out.String()
}

func clip(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return strings.TrimSpace(s)
}

func longestRun(s string, c byte) int {
	longest, n := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			n++
			longest = max(longest, n)
		} else {
			n = 0
		}
	}
	return longest
}

// PendingText is the text of the paragraph so far, up to n bytes.
func (w *Writer) PendingText(n int) string {
	var b []byte
	for _, r := range w.runs {
		if !r.raw && r.Change != Deleted && len(b) < n {
			b = append(b, r.text[:min(len(r.text), n-len(b))]...)
		}
	}
	return strings.ToValidUTF8(strings.Join(strings.Fields(string(b)), " "), "")
}

package draft

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"

	"handoff/inbox/draft/internal/markdown"
)

// Where the text of a group goes.
type rtfDest uint8

const (
	toText rtfDest = iota
	toNothing
	toFonts
	toStyles
	toTitle
	toInstr
	toMarker // the number or bullet of an item
	toAuthor
	toRemark
	toPicture
	toPropName
	toPropValue
)

const (
	rtfDepth   = 1000
	rtfCapture = 8 << 10 // bytes kept of what does not go into the text
)

// rtfGroup is the state that a closing brace restores.
type rtfGroup struct {
	dest                         rtfDest
	bold, italic, strike, hidden bool
	inserted, deleted            bool
	unicode                      int // bytes that stand for a \u character
	font                         int
	link                         string
	ends                         func() // what the end of the group does
}

// rtfPara is what \pard resets.
type rtfPara struct {
	style, outline int
	inTable        bool
	level          int
	marker         string
	item           bool
}

type rtfStyle struct {
	outline     int
	title, code bool
	quote       bool
}

type rtfDoc struct {
	b *builder
	r *bufio.Reader

	g        rtfGroup
	outer    []rtfGroup
	p        rtfPara
	charsets map[int]int // of fonts
	page     int         // code page of the document
	bytes    []byte      // text still to be decoded
	skip     int         // bytes to leave out after \u
	high     rune        // first half of a surrogate pair
	ignore   bool        // \* was read

	styles   map[int]rtfStyle
	defining rtfStyle
	styleNo  int
	defined  int
	fontNo   int
	capture  []byte // the text of other destinations
	author   string
	instr    string // of the field
	notes    int
	images   int
	kind     string // of the picture
	propName string
	alt      string
	table    bool
	rowDone  bool
}

// readRTF reads the Rich Text Format 1.9.1. It takes what comes: words it does not know are skipped, and a file that ends
// in the middle is read as far as it goes.
func readRTF(b *builder, src *source, size int64) error {
	d := &rtfDoc{b: b, r: bufio.NewReaderSize(io.NewSectionReader(src, 0, size), 32<<10), charsets: make(map[int]int), page: 1252, styles: make(map[int]rtfStyle)}
	d.g.unicode = 1
	head, _ := d.r.Peek(16)
	if !strings.Contains(string(head), `{\rtf`) {
		return fmt.Errorf("rtf: %w", errMarkup)
	}
	err := d.read()
	d.flush()
	if d.table {
		d.b.EndTable()
	}
	if err != nil && err != io.EOF {
		if !d.b.Any() || src.err != nil || src.ctx.Err() != nil {
			return err
		}
		d.b.note("the file is damaged: the text may not be whole")
	}
	return nil
}

func (d *rtfDoc) read() error {
	for !d.b.Full() {
		c, err := d.r.ReadByte()
		if err != nil {
			return err
		}
		switch c {
		case '{':
			d.flush()
			d.skip = 0
			if len(d.outer) >= rtfDepth {
				return errDeep
			}
			d.outer = append(d.outer, d.g)
			d.g.ends = nil
		case '}':
			d.flush()
			d.skip = 0
			d.ignore = false
			n := len(d.outer)
			if n == 0 {
				return nil
			}
			ends := d.g.ends
			d.g = d.outer[n-1]
			d.outer = d.outer[:n-1]
			if ends != nil {
				ends()
			}
			if n == 1 {
				return nil
			}
		case '\\':
			if err := d.control(); err != nil {
				return err
			}
		case '\r', '\n':
		default:
			d.char(c)
		}
	}
	return nil
}

// char takes one byte of text.
func (d *rtfDoc) char(c byte) {
	if d.skip > 0 {
		d.skip--
		return
	}
	if d.g.dest == toNothing || d.g.dest == toPicture {
		return
	}
	if c == ';' && (d.g.dest == toFonts || d.g.dest == toStyles) {
		d.flush()
		d.define()
		return
	}
	if d.bytes = append(d.bytes, c); len(d.bytes) >= textSize && c < 0x80 {
		d.flush()
	}
}

// flush decodes the bytes that have come together.
func (d *rtfDoc) flush() {
	if len(d.bytes) == 0 {
		return
	}
	ascii := true
	for _, c := range d.bytes {
		ascii = ascii && c < 0x80
	}
	var s string
	if e := d.encoding(); ascii || e == nil {
		s = strings.ToValidUTF8(string(d.bytes), "\ufffd")
	} else {
		out, _ := e.NewDecoder().Bytes(d.bytes)
		s = string(out)
	}
	d.bytes = d.bytes[:0]
	d.put(s)
}

func (d *rtfDoc) encoding() encoding.Encoding {
	if page := d.charsets[d.g.font]; page != 0 {
		return codePage(page)
	}
	return codePage(d.page)
}

// put sends text to where the group's text goes.
func (d *rtfDoc) put(s string) {
	if s == "" {
		return
	}
	switch d.g.dest {
	case toText:
		if d.g.hidden {
			if strings.TrimSpace(s) != "" {
				d.b.note("hidden text is left out")
			}
			return
		}
		d.place()
		d.b.Text(s, d.format())
	case toNothing, toPicture:
	default:
		if len(d.capture) < rtfCapture {
			d.capture = append(d.capture, s...)
		}
	}
}

func (d *rtfDoc) format() markdown.Format {
	f := markdown.Format{Link: d.g.link}
	if d.g.bold && d.styles[d.p.style].outline == 0 && d.p.outline == 0 {
		f.Style |= markdown.Bold
	}
	if d.g.italic {
		f.Style |= markdown.Italic
	}
	if d.g.strike {
		f.Style |= markdown.Strike
	}
	switch {
	case d.g.deleted:
		f.Change = markdown.Deleted
	case d.g.inserted:
		f.Change = markdown.Inserted
	}
	return f
}

// place opens or closes the table, as the paragraph that now gets text demands.
func (d *rtfDoc) place() {
	switch {
	case d.p.inTable && !d.table:
		d.table, d.rowDone = true, false
		d.b.Table()
	case !d.p.inTable && d.table:
		d.table = false
		d.b.EndTable()
	}
}

func (d *rtfDoc) endPara() {
	d.flush()
	if d.b.Pending() {
		d.place()
	}
	s := d.styles[d.p.style]
	outline := d.p.outline
	if outline == 0 {
		outline = s.outline
	}
	b := markdown.Block{}
	if s.quote {
		b.Quote = 1
	}
	switch {
	case s.title && d.b.Pending():
		if d.b.title == "" {
			d.b.title = d.b.PendingText(300)
		}
		b.Kind, b.Level = markdown.Heading, 1
	case outline >= 1 && outline <= 9:
		b.Kind, b.Level = markdown.Heading, outline
	case s.code:
		b.Kind = markdown.CodeLine
	case d.p.item && d.b.Pending():
		b.Kind, b.Level = markdown.Item, d.p.level+1
		b.Ordered, b.Number = itemMarker(d.p.marker)
	}
	d.b.End(b)
	// The marker belongs to one paragraph, the rest to all up to \pard.
	d.p.item, d.p.marker = false, ""
}

// itemMarker tells a number from a bullet.
func itemMarker(s string) (ordered bool, n int) {
	s = strings.Trim(s, " \t.)(")
	if s == "" || len(s) > 12 {
		return false, 0
	}
	if i := strings.LastIndexByte(s, '.'); i >= 0 { // 2.1.3
		s = s[i+1:]
	}
	if n = number(s, 1<<20); n > 0 {
		return true, n
	}
	if len(s) == 1 && (s[0] >= 'a' && s[0] <= 'z' && s[0] != 'o' || s[0] >= 'A' && s[0] <= 'Z') {
		if n = roman(s); n == 0 || n >= 50 {
			n = int(s[0]|0x20-'a') + 1
		}
		return true, n
	}
	n = roman(s)
	return n > 0, n
}

func roman(s string) (n int) {
	value := map[byte]int{'i': 1, 'v': 5, 'x': 10, 'l': 50, 'c': 100, 'd': 500, 'm': 1000}
	s = strings.ToLower(s)
	for i := range len(s) {
		v := value[s[i]]
		if v == 0 {
			return 0
		}
		if i+1 < len(s) && value[s[i+1]] > v {
			v = -v
		}
		n += v
	}
	return n
}

// control reads what follows a backslash.
func (d *rtfDoc) control() error {
	c, err := d.r.ReadByte()
	if err != nil {
		return err
	}
	if c < 'a' || c > 'z' {
		if c >= 'A' && c <= 'Z' {
			d.r.UnreadByte()
			_, _, _, err := d.word()
			return err
		}
		return d.symbol(c)
	}
	d.r.UnreadByte()
	word, n, given, err := d.word()
	if err != nil && err != io.EOF {
		return err
	}
	if word == "bin" {
		if n > 0 {
			d.r.Discard(n)
		}
		return nil
	}
	if d.skip > 0 && word != "u" {
		d.skip--
		return nil
	}
	if word == "u" {
		d.unicode(n)
		return nil
	}
	d.flush()
	d.do(word, n, given)
	return nil
}

// word reads a control word, its number and the blank that ends it.
func (d *rtfDoc) word() (word string, n int, given bool, err error) {
	var buf [40]byte
	w := buf[:0]
	c, err := d.r.ReadByte()
	for ; err == nil && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'); c, err = d.r.ReadByte() {
		if len(w) < len(buf) {
			w = append(w, c)
		}
	}
	negative := err == nil && c == '-'
	if negative {
		c, err = d.r.ReadByte()
	}
	for ; err == nil && c >= '0' && c <= '9'; c, err = d.r.ReadByte() {
		given = true
		if n < 1<<30 {
			n = n*10 + int(c-'0')
		}
	}
	if negative {
		n = -n
	}
	if err == nil && c != ' ' {
		d.r.UnreadByte()
	}
	return string(w), n, given, err
}

func (d *rtfDoc) symbol(c byte) error {
	switch c {
	case '\'':
		var v byte
		for range 2 {
			h, err := d.r.ReadByte()
			if err != nil {
				return err
			}
			switch {
			case h >= '0' && h <= '9':
				v = v<<4 | (h - '0')
			case h|0x20 >= 'a' && h|0x20 <= 'f':
				v = v<<4 | ((h | 0x20) - 'a' + 10)
			default:
				d.r.UnreadByte()
				return nil
			}
		}
		d.char(v)
	case '*':
		d.ignore = true
	case '\\', '{', '}':
		d.char(c)
	case '~':
		d.special("\u00a0")
	case '_':
		d.special("\u2011")
	case '\n', '\r':
		d.do("par", 0, false)
	}
	return nil
}

// special adds a character that the code page may not have.
func (d *rtfDoc) special(s string) {
	if d.skip > 0 {
		d.skip--
		return
	}
	d.flush()
	d.put(s)
}

func (d *rtfDoc) unicode(n int) {
	d.flush()
	d.skip = d.g.unicode
	if n < 0 {
		n += 0x10000
	}
	r := rune(n)
	switch {
	case utf16.IsSurrogate(r) && d.high == 0:
		d.high = r
		return
	case d.high != 0:
		r = utf16.DecodeRune(d.high, r)
		d.high = 0
	case r >= 0xf020 && r <= 0xf0ff: // a symbol font
		if d.g.dest == toMarker {
			r = '•'
		}
	}
	if r > 0 && utf8.ValidRune(r) {
		d.put(string(r))
	}
}

// define ends an entry of the font table or the style sheet.
func (d *rtfDoc) define() {
	if d.defined++; d.g.dest == toStyles && d.defined < maxParts {
		name := strings.TrimSpace(string(d.capture))
		name, _, _ = strings.Cut(name, ",")
		s := d.defining
		if s.outline == 0 {
			s.outline = outlineOf(name)
		}
		low := strings.ToLower(name)
		s.title = len(name) < 40 && titleName().MatchString(name)
		s.code = low == "preformatted text" || low == "html preformatted" || low == "source code" || low == "code"
		s.quote = low == "quote" || low == "quotations" || low == "intense quote"
		d.styles[d.styleNo] = s
	}
	d.capture = d.capture[:0]
	d.defining, d.styleNo = rtfStyle{}, 0
}

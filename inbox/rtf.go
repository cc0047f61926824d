package inbox

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"handoff/inbox/draft"
)

// maxRTF bounds what compressed RTF is taken to: four times the text that is read of a mail.
const maxRTF = 8 << 20

// rtfDictionary is what the sliding window of compressed RTF begins with (MS-OXRTFCP section 2.1.2.1).
const rtfDictionary = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

// decompressRTF undoes MS-OXRTFCP. The size that the header claims is not believed: the output is as long as the input makes it,
// and limit bytes at most.
func decompressRTF(b []byte, limit int) ([]byte, error) {
	if len(b) < 16 {
		return nil, fmt.Errorf("compressed RTF of %d bytes: %w", len(b), errTNEF)
	}
	size := int64(binary.LittleEndian.Uint32(b[4:]))
	in := b[16:]
	if end := int64(binary.LittleEndian.Uint32(b)) - 12; end > 0 && end < int64(len(in)) {
		in = in[:end]
	}
	switch string(b[8:12]) {
	case "MELA":
		return in[:min(int64(len(in)), size, int64(limit))], nil
	case "LZFu":
	default:
		return nil, fmt.Errorf("RTF compressed by %q: %w", b[8:12], errTNEF)
	}
	var window [4096]byte
	at := copy(window[:], rtfDictionary)
	out := make([]byte, 0, min(size, int64(len(in))*4, int64(limit)))
	for i := 0; i < len(in); {
		control := in[i]
		i++
		for bit := 0; bit < 8; bit++ {
			if control>>bit&1 == 0 {
				if i >= len(in) {
					return out, nil
				}
				window[at] = in[i]
				out = append(out, in[i])
				at = (at + 1) % len(window)
				i++
			} else {
				if i+1 >= len(in) {
					return out, nil
				}
				from, n := int(in[i])<<4|int(in[i+1])>>4, int(in[i+1]&15)+2
				i += 2
				if from == at { // the end mark
					return out, nil
				}
				for ; n > 0; n-- {
					c := window[from%len(window)]
					window[at] = c
					out = append(out, c)
					at, from = (at+1)%len(window), from+1
				}
			}
			if len(out) > limit {
				return nil, fmt.Errorf("RTF of more than %d bytes: %w", limit, errTNEF)
			}
		}
	}
	return out, nil
}

// rtfGroup is the state that a brace saves.
type rtfGroup struct {
	skip    bool // a destination that is not text
	tag     bool // {\*\htmltag: HTML of the original
	hidden  bool // \htmlrtf: what RTF needs in the place of such HTML
	font    int
	unicode int // \uc: bytes that stand in for a \u
}

const (
	maxRTFDepth = 1000
	maxRTFFonts = 2000
)

// rtfScan makes text of RTF, or the HTML that Outlook put into it (MS-OXRTFEX). One pass; groups are a stack.
type rtfScan struct {
	b        []byte
	at       int
	limit    int
	group    rtfGroup
	stack    []rtfGroup
	isHTML   bool
	ansi     int // code page
	fonts    map[int]int
	fontTbl  int    // depth of the font table, 0 outside
	pending  []byte // bytes in page, not decoded yet
	page     int
	out      strings.Builder
	low      rune // the first half of a surrogate pair
	leave    int  // bytes to leave out after a \u
	overflow int  // groups beyond maxRTFDepth
}

// rtfText returns the text of an RTF document, at most about limit bytes of it.
func rtfText(b []byte, limit int) (text string, isHTML bool) {
	r := &rtfScan{b: b, limit: limit, ansi: 1252, fonts: make(map[int]int), group: rtfGroup{unicode: 1}}
	head := b[:min(len(b), 1000)]
	r.isHTML = bytes.Contains(head, []byte(`\fromhtml`)) && !bytes.Contains(head, []byte(`\fromhtml0`))
	for r.at < len(b) && r.out.Len()+len(r.pending) < limit {
		r.step()
	}
	r.flush()
	return cleanText(r.out.String()), r.isHTML
}

func (r *rtfScan) step() {
	c := r.b[r.at]
	r.at++
	switch c {
	case '{':
		if len(r.stack) >= maxRTFDepth {
			r.overflow++
			return
		}
		r.stack = append(r.stack, r.group)
		r.leave = 0
	case '}':
		if r.overflow > 0 {
			r.overflow--
			return
		}
		if n := len(r.stack); n > 0 {
			r.group, r.stack = r.stack[n-1], r.stack[:n-1]
		}
		if len(r.stack) < r.fontTbl {
			r.fontTbl = 0
		}
		r.leave = 0
	case '\\':
		r.control()
	case '\r', '\n', 0:
	default:
		r.char(c)
	}
}

// char takes one byte of text in the current code page.
func (r *rtfScan) char(c byte) {
	if r.leave > 0 {
		r.leave--
		return
	}
	if !r.shown() {
		return
	}
	page := r.ansi
	if cp := r.fonts[r.group.font]; cp != 0 && !r.group.tag {
		page = cp
	}
	if page != r.page {
		r.flush()
		r.page = page
	}
	r.pending = append(r.pending, c)
}

func (r *rtfScan) shown() bool {
	return !r.group.skip && (!r.isHTML || r.group.tag || !r.group.hidden)
}

// text writes what a control stands for.
func (r *rtfScan) text(s string) {
	if r.shown() {
		r.flush()
		r.out.WriteString(s)
	}
}

func (r *rtfScan) flush() {
	if r.low != 0 {
		r.low = 0
		r.out.WriteRune(utf8.RuneError)
	}
	if len(r.pending) > 0 {
		if ascii(r.pending) {
			r.out.Write(r.pending)
		} else {
			r.out.WriteString(convert(r.pending, codepageLabel(r.page)))
		}
		r.pending = r.pending[:0]
	}
}

func (r *rtfScan) control() {
	if r.at >= len(r.b) {
		return
	}
	c := r.b[r.at]
	if !letter(c) {
		r.at++
		switch c {
		case '\'':
			if r.at+1 < len(r.b) && unhex(r.b[r.at]) >= 0 && unhex(r.b[r.at+1]) >= 0 {
				c = byte(unhex(r.b[r.at])<<4 | unhex(r.b[r.at+1]))
				r.at += 2
				r.char(c)
			}
		case '\\', '{', '}':
			r.char(c)
		case '~':
			if r.isHTML {
				r.text("&nbsp;")
			} else {
				r.text("\u00a0")
			}
		case '_':
			r.text("-")
		case '*':
			r.destination()
		case '\r', '\n':
			r.text("\n")
		}
		return
	}
	word, n, given := r.word()
	r.keyword(word, n, given)
}

// word reads a control word and its parameter.
func (r *rtfScan) word() (word string, n int, given bool) {
	from := r.at
	for r.at < len(r.b) && letter(r.b[r.at]) && r.at-from < 32 {
		r.at++
	}
	word = string(r.b[from:r.at])
	negative := false
	if r.at+1 < len(r.b) && r.b[r.at] == '-' && digit(r.b[r.at+1]) {
		negative = true
		r.at++
	}
	for r.at < len(r.b) && digit(r.b[r.at]) {
		if n < 1<<24 {
			n = n*10 + int(r.b[r.at]-'0')
		}
		given = true
		r.at++
	}
	if negative {
		n = -n
	}
	if r.at < len(r.b) && r.b[r.at] == ' ' {
		r.at++
	}
	return word, n, given
}

// destination reads what follows \*: only the HTML of the original is wanted.
func (r *rtfScan) destination() {
	for r.at < len(r.b) && (r.b[r.at] == '\r' || r.b[r.at] == '\n') {
		r.at++
	}
	if r.at >= len(r.b) || r.b[r.at] != '\\' {
		r.group.skip = true
		return
	}
	r.at++
	word, _, _ := r.word()
	if word == "htmltag" && r.isHTML && !r.group.skip {
		r.group.tag = true
		return
	}
	r.group.skip = true
}

func (r *rtfScan) keyword(word string, n int, given bool) {
	switch word {
	case "par", "line", "sect", "page", "row":
		r.text("\n")
	case "tab", "cell":
		r.text("\t")
	case "lquote":
		r.text("‘")
	case "rquote":
		r.text("’")
	case "ldblquote":
		r.text("“")
	case "rdblquote":
		r.text("”")
	case "bullet":
		r.text("•")
	case "endash":
		r.text("–")
	case "emdash":
		r.text("—")
	case "u":
		r.unicode(n)
	case "uc":
		r.group.unicode = max(0, min(n, 10))
	case "bin":
		r.at += max(0, min(n, len(r.b)-r.at))
	case "ansicpg":
		if n > 0 {
			r.ansi = n
		}
	case "htmlrtf":
		r.group.hidden = !given || n != 0
	case "fonttbl":
		r.group.skip = true
		r.fontTbl = len(r.stack)
	case "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "headerl", "headerr", "footerl", "footerr", "fldinst", "themedata", "listtable", "filetbl":
		r.group.skip = true
	case "f":
		r.group.font = n
	case "fcharset":
		if cp := draft.FontPage(n); r.fontTbl > 0 && cp != 0 && len(r.fonts) < maxRTFFonts {
			r.fonts[r.group.font] = cp
		}
	case "plain":
		r.group.hidden = r.group.hidden && r.isHTML
	}
}

// unicode takes a \u and leaves out the bytes that stand in for it.
func (r *rtfScan) unicode(n int) {
	defer func() { r.leave = r.group.unicode }()
	if !r.shown() {
		return
	}
	c := rune(uint16(n))
	low := r.low
	r.low = 0
	if low != 0 {
		if whole := utf16.DecodeRune(low, c); whole != utf8.RuneError {
			r.out.WriteRune(whole)
			return
		}
		r.out.WriteRune(utf8.RuneError)
	}
	r.flush()
	if utf16.IsSurrogate(c) {
		r.low = c
		return
	}
	r.out.WriteRune(c)
}

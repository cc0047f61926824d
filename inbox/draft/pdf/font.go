package pdf

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
)

const (
	maxFonts = 500
	maxCMap  = 1 << 20 // bytes of a ToUnicode table
	maxCodes = 70_000  // of a font
)

// font turns the bytes of strings into text.
type font struct {
	bold, italic bool
	wide         bool // codes of two bytes
	codes        map[int]string
	decode       func(string) string // for codes that the font's table leaves out
	widths       map[int]float64
	usual        float64
}

// font returns a font of the resources; nil if there are too many. Fonts that read the same are the same.
func (d *document) font(v pdf.Value) *font {
	key := v.String()
	if f, ok := d.fonts[key]; ok {
		return f
	}
	if len(d.fonts) >= maxFonts || len(key) > 64<<10 {
		return nil
	}
	f := newFont(v)
	d.fonts[key] = f
	return f
}

func newFont(v pdf.Value) *font {
	f := &font{codes: make(map[int]string), widths: make(map[int]float64)}
	base := strings.ToLower(v.Key("BaseFont").Name())
	f.bold = strings.Contains(base, "bold") || strings.Contains(base, "black") || strings.Contains(base, "heavy") || strings.HasPrefix(base[strings.IndexByte(base, '+')+1:], "cmbx")
	f.italic = strings.Contains(base, "italic") || strings.Contains(base, "oblique") || strings.HasPrefix(base[strings.IndexByte(base, '+')+1:], "cmti")
	if v.Key("Subtype").Name() == "Type0" {
		f.wide = true
		inner := v.Key("DescendantFonts").Index(0)
		f.usual = 1000
		if w := inner.Key("DW"); w.Kind() == pdf.Integer {
			f.usual = w.Float64()
		}
		f.wideWidths(inner.Key("W"))
	} else {
		first, widths := int(v.Key("FirstChar").Int64()), v.Key("Widths")
		f.usual = v.Key("FontDescriptor").Key("MissingWidth").Float64()
		for i := 0; i < widths.Len() && i < 256; i++ {
			f.widths[first+i] = widths.Index(i).Float64()
		}
		if widths.Len() == 0 {
			f.usual = 500 // one of the standard fonts
		}
		f.decode = safely((&pdf.Font{V: v}).Encoder())
	}
	if t := v.Key("ToUnicode"); t.Kind() == pdf.Stream {
		f.readCMap(t)
	}
	return f
}

// safely decodes with a decoder that may panic.
func safely(e pdf.TextEncoding) func(string) string {
	return func(s string) (out string) {
		defer func() {
			if recover() != nil {
				out = ""
			}
		}()
		return e.Decode(s)
	}
}

// wideWidths reads the widths of a composite font: ISO 32000-1 9.7.4.3.
func (f *font) wideWidths(w pdf.Value) {
	n := w.Len()
	for i := 0; i+1 < n && len(f.widths) < maxCodes; {
		first := int(w.Index(i).Int64())
		if list := w.Index(i + 1); list.Kind() == pdf.Array {
			for j := 0; j < list.Len() && len(f.widths) < maxCodes; j++ {
				f.widths[first+j] = list.Index(j).Float64()
			}
			i += 2
			continue
		}
		if i+2 >= n {
			return
		}
		for c := first; c <= int(w.Index(i+1).Int64()) && len(f.widths) < maxCodes; c++ {
			f.widths[c] = w.Index(i + 2).Float64()
		}
		i += 3
	}
}

func (f *font) width(code int) float64 {
	if w, ok := f.widths[code]; ok {
		return w
	}
	return f.usual
}

// each calls do with the codes of a string and their text.
func (f *font) each(raw string, do func(code, bytes int, text string)) {
	step := 1
	if f.wide {
		step = 2
	}
	for i := 0; i+step <= len(raw); i += step {
		code := int(raw[i])
		if f.wide {
			code = code<<8 | int(raw[i+1])
		}
		text, ok := f.codes[code]
		if !ok && f.decode != nil {
			text = f.decode(raw[i : i+1])
		}
		do(code, step, ligature(text))
	}
}

var ligatures = strings.NewReplacer("ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl", "ﬅ", "st", "ﬆ", "st", "\u00a0", " ", "\x00", "", "\ufffd", "")

func ligature(s string) string {
	if len(s) == 1 && s[0] >= ' ' {
		return s
	}
	s = ligatures.Replace(s)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	return s
}

// readCMap reads which text the font's codes stand for: ISO 32000-1 9.10.3.
func (f *font) readCMap(v pdf.Value) {
	defer func() { recover() }() // the table is read as far as it goes
	r := v.Reader()
	defer r.Close()
	b, _ := io.ReadAll(io.LimitReader(r, maxCMap))
	f.parseCMap(string(b))
}

func (f *font) parseCMap(s string) {
	t := &cmapTokens{s: s}
	var last []string
	for tok := t.next(); tok != ""; tok = t.next() {
		switch tok {
		case "begincodespacerange":
			if lo := t.next(); strings.HasPrefix(lo, "<") {
				f.wide = len(lo) > 3 && f.decode == nil
			}
		case "beginbfchar":
			for {
				code := t.next()
				if !strings.HasPrefix(code, "<") {
					break
				}
				f.set(hexCode(code), hexText(t.next()))
			}
		case "beginbfrange":
			for {
				lo := t.next()
				if !strings.HasPrefix(lo, "<") {
					break
				}
				hi, to := t.next(), t.next()
				first, end := hexCode(lo), min(hexCode(hi), hexCode(lo)+0xffff)
				if to == "[" {
					last = last[:0]
					for e := t.next(); e != "]" && e != ""; e = t.next() {
						last = append(last, e)
					}
					for i, e := range last {
						if first+i <= end {
							f.set(first+i, hexText(e))
						}
					}
					continue
				}
				text := []rune(hexText(to))
				if len(text) == 0 {
					continue
				}
				for c := first; c <= end && len(f.codes) < maxCodes; c++ {
					f.set(c, string(text))
					text[len(text)-1]++
				}
			}
		}
	}
}

func (f *font) set(code int, text string) {
	if len(f.codes) < maxCodes && code >= 0 && text != "" && len(text) <= 64 {
		f.codes[code] = text
	}
}

type cmapTokens struct{ s string }

func (t *cmapTokens) next() string {
	t.s = strings.TrimLeft(t.s, " \t\r\n\f\x00")
	if t.s == "" {
		return ""
	}
	n := 1
	switch t.s[0] {
	case '<':
		if n = strings.IndexByte(t.s, '>') + 1; n == 0 {
			n = len(t.s)
		}
	case '[', ']':
	default:
		if n = strings.IndexAny(t.s[1:], " \t\r\n\f<[]") + 1; n == 0 {
			n = len(t.s)
		}
	}
	tok := t.s[:n]
	t.s = t.s[n:]
	return tok
}

func hexCode(s string) int {
	n, err := strconv.ParseUint(strings.Join(strings.Fields(strings.Trim(s, "<>")), ""), 16, 32)
	if err != nil {
		return -1
	}
	return int(n)
}

func hexText(s string) string {
	s = strings.Join(strings.Fields(strings.Trim(s, "<>")), "")
	if len(s) > 256 {
		return ""
	}
	if len(s) <= 2 {
		n, err := strconv.ParseUint(s, 16, 8)
		if err != nil {
			return ""
		}
		return string(rune(n))
	}
	var units []uint16
	for ; len(s) >= 4; s = s[4:] {
		n, err := strconv.ParseUint(s[:4], 16, 16)
		if err != nil {
			return ""
		}
		units = append(units, uint16(n))
	}
	return string(utf16.Decode(units))
}

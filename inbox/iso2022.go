package inbox

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// graphic is a set of characters that an escape sequence of ISO 2022 calls in.
type graphic struct {
	width   int // bytes of a character
	decoder encoding.Encoding
	prefix  byte // of a character in the encoding that the decoder reads, 0 if none
	as      byte // added to each byte
}

// escape tells the sequences of ISO-2022-JP, -1, -2, -3, -KR, -CN and of Microsoft's variants; what is decoded through an EUC
// encoding is that with its high bits set. JIS X 0213's first plane is read as JIS X 0208, which it extends.
func escape(seq string) (g graphic, designates byte, ok bool) {
	jis := graphic{2, japanese.EUCJP, 0, 0x80}
	switch seq {
	case "(B", "(J", "(H":
		return graphic{width: 1}, '(', true
	case "(I":
		return graphic{1, japanese.EUCJP, 0x8e, 0x80}, '(', true
	case "$@", "$B", "$(@", "$(B", "$(O", "$(Q":
		return jis, '(', true
	case "$(D":
		return graphic{2, japanese.EUCJP, 0x8f, 0x80}, '(', true
	case "$A", "$(A":
		return graphic{2, simplifiedchinese.GBK, 0, 0x80}, '(', true
	case "$(C":
		return graphic{2, korean.EUCKR, 0, 0x80}, '(', true
	case "$)C":
		return graphic{2, korean.EUCKR, 0, 0x80}, ')', true
	case "$)A":
		return graphic{2, simplifiedchinese.GBK, 0, 0x80}, ')', true
	case ")I":
		return graphic{1, japanese.EUCJP, 0x8e, 0x80}, ')', true
	case ".A":
		return graphic{1, charmap.ISO8859_1, 0, 0x80}, '.', true
	case ".F":
		return graphic{1, charmap.ISO8859_7, 0, 0x80}, '.', true
	}
	return graphic{}, 0, false
}

// escaped tells text that calls in a set of two-byte or half-width characters.
func escaped(b []byte) bool {
	for {
		i := bytes.IndexByte(b, 0x1b)
		if i < 0 {
			return false
		}
		b = b[i+1:]
		if len(b) >= 2 && (b[0] == '$' || b[0] == '(' && b[1] == 'I' || b[0] == ')' && b[1] == 'I' || b[0] == '.' && (b[1] == 'A' || b[1] == 'F')) {
			return true
		}
	}
}

// decodeISO2022 decodes the 7-bit encodings of ISO 2022. Sets end with their line, as RFC 1468 and RFC 1557 have it, so that a lost
// escape spoils one line only; eight-bit bytes are half-width kana, as Microsoft's have it.
func decodeISO2022(b []byte, label string) string {
	var out strings.Builder
	out.Grow(len(b))
	g0, g1, g2 := graphic{width: 1}, graphic{2, korean.EUCKR, 0, 0x80}, graphic{1, charmap.ISO8859_1, 0, 0x80}
	if label != "iso-2022-kr" {
		g1 = graphic{1, japanese.EUCJP, 0x8e, 0x80}
	}
	shifted := false
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '\n':
			g0, shifted = graphic{width: 1}, false
			out.WriteByte(c)
			i++
		case c == 0x1b:
			n := 2
			if i+n < len(b) && b[i+1] == '$' && (b[i+2] == '(' || b[i+2] == ')') {
				n = 3
			}
			end := min(i+1+n, len(b))
			set, where, ok := escape(string(b[i+1 : end]))
			switch {
			case ok && where == '(':
				g0 = set
			case ok && where == ')':
				g1 = set
			case ok:
				g2 = set
			case i+2 < len(b) && b[i+1] == 'N': // one character of the set designated by ".": single shift
				out.WriteString(g2.decode(b[i+2 : i+3]))
				end = i + 3
			default:
				end = i + 1
			}
			i = end
		case c == 0x0e, c == 0x0f:
			shifted = c == 0x0e
			i++
		case c >= 0x80:
			out.WriteString(graphic{1, japanese.EUCJP, 0x8e, 0}.decode(b[i : i+1]))
			i++
		default:
			g := g0
			if shifted {
				g = g1
			}
			end := i + 1
			for end < len(b) && b[end] >= ' ' && b[end] < 0x80 {
				end++
			}
			if c < ' ' {
				g = graphic{width: 1}
				end = i + 1
			}
			out.WriteString(g.decode(b[i:end]))
			i = end
		}
	}
	return out.String()
}

// decode makes UTF-8 of characters of the set.
func (g graphic) decode(b []byte) string {
	if g.decoder == nil {
		return string(b)
	}
	in := make([]byte, 0, 2*len(b))
	for i := 0; i < len(b); i += g.width {
		if b[i] == ' ' { // not of the set, but met
			in = append(in, ' ')
			i -= g.width - 1
			continue
		}
		if g.prefix != 0 {
			in = append(in, g.prefix)
		}
		for j := i; j < i+g.width && j < len(b); j++ {
			in = append(in, b[j]|g.as)
		}
	}
	out, err := g.decoder.NewDecoder().Bytes(in)
	if err != nil {
		return strings.Repeat("\uFFFD", (len(b)+g.width-1)/g.width)
	}
	return string(out)
}

// decodeUTF7 decodes RFC 2152. What is not well-formed stands for itself.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '+')
		if i < 0 {
			out.Write(b)
			break
		}
		out.Write(b[:i])
		b = b[i+1:]
		n := 0
		for n < len(b) && (letter(b[n]) || digit(b[n]) || b[n] == '+' || b[n] == '/') {
			n++
		}
		if n == 0 {
			out.WriteByte('+')
			if len(b) > 0 && b[0] == '-' {
				b = b[1:]
			}
			continue
		}
		whole := n
		if whole%4 == 1 {
			whole--
		}
		bits, err := base64.RawStdEncoding.DecodeString(string(b[:whole]))
		if err != nil || len(bits) < 2 {
			out.WriteByte('+')
			out.Write(b[:n])
		} else {
			var units []uint16
			for ; len(bits) >= 2; bits = bits[2:] {
				units = append(units, binary.BigEndian.Uint16(bits))
			}
			out.WriteString(string(utf16.Decode(units)))
		}
		b = b[n:]
		if len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	return out.String()
}

// hz tells HZ (RFC 1843) that nobody declared: pairs of GB 2312 between ~{ and ~}.
func hz(b []byte) bool {
	pairs := 0
	for {
		_, after, ok := bytes.Cut(b, []byte("~{"))
		if !ok {
			return pairs >= 2
		}
		in, rest, ok := bytes.Cut(after, []byte("~}"))
		if !ok { // the last may be open
			in, _, _ = bytes.Cut(after, []byte("\n"))
			in = bytes.TrimRight(in, "\r")
		}
		if len(in)%2 != 0 {
			return false
		}
		for i, c := range in {
			if c < 0x21 || c > 0x7e || i%2 == 0 && c > 0x77 {
				return false
			}
		}
		pairs += len(in) / 2
		b = rest
	}
}

// wideText decodes UTF-16 and UTF-32, by their marks, their labels, or their zeros.
func wideText(b []byte, label string) (string, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")):
		return convert(b, "utf-32le"), true
	case bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")):
		return convert(b, "utf-32be"), true
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return convert(b, "utf-16le"), true
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return convert(b, "utf-16be"), true
	}
	declared := strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32")
	if !declared && bytes.IndexByte(b, 0) < 0 {
		return "", false
	}
	var zeros [4]int
	sample := b[:min(len(b), 4096)]
	for i, c := range sample {
		if c == 0 {
			zeros[i%4]++
		}
	}
	n := len(sample) / 4
	even, odd := zeros[0]+zeros[2], zeros[1]+zeros[3]
	switch {
	case n >= 2 && zeros[0] == n && zeros[1] >= n*3/4:
		return convert(b, "utf-32be"), true
	case n >= 2 && zeros[3] == n && zeros[2] >= n*3/4:
		return convert(b, "utf-32le"), true
	case strings.HasPrefix(label, "utf-32"):
		return convert(b, label), true
	case len(b) < 2:
	case declared && label != "utf-16" && (even > 0 || odd > 0 || !ascii(b) && !utf8.Valid(b)):
		return convert(b, label), true
	case odd > 2*even && (declared || odd > n/2 && n >= 4 || even == 0 && odd >= 8):
		return convert(b, "utf-16le"), true
	case even > 2*odd && (declared || even > n/2 && n >= 4 || odd == 0 && even >= 8):
		return convert(b, "utf-16be"), true
	case declared && !ascii(b) && !utf8.Valid(b):
		return convert(b, utf16Order(sample)), true
	}
	return "", false
}

// utf16Order guesses the order of UTF-16 without zeros: text has more neighbours in one row of 256 characters than in one column.
func utf16Order(b []byte) string {
	big, little := 0, 0
	for i := 2; i+1 < len(b); i += 2 {
		if b[i] == b[i-2] {
			big++
		}
		if b[i+1] == b[i-1] {
			little++
		}
	}
	if little > big {
		return "utf-16le"
	}
	return "utf-16be"
}

// doubleByteByChance tells text in a declared East Asian charset that happens to be valid UTF-8 as well, as a few characters can be:
// read as UTF-8 it would be letters of no Latin alphabet, two bytes each.
func doubleByteByChance(b []byte, label string) bool {
	switch label {
	case "gb18030", "big5", "euc-kr", "euc-jp", "shift_jis":
	default:
		return false
	}
	if len(b) > 64 {
		return false
	}
	latin, letters := true, false
	for rest := b; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if n > 2 {
			return false
		}
		letters = letters || n == 1 && letter(rest[0])
		latin = latin && r < 0x250
		rest = rest[n:]
	}
	if latin && letters {
		return false
	}
	_, ok := decodeMostly(encodingOf(label), b)
	return ok
}

// undoubled undoes what makes "Ã©" of "é": UTF-8 taken for Windows-1252 and encoded once more. Only if every letter outside ASCII
// came of it, and often enough to be no example of it.
func undoubled(s string) string {
	if !strings.ContainsAny(s, "ÃÂÐÑâåæèçé") {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		c, ok := byte(r), r < 0x100
		if r >= 0x80 && (r >= 0x100 || r < 0xa0) {
			if c, ok = charmap.Windows1252.EncodeRune(r); !ok && r < 0xa0 {
				c, ok = byte(r), true
			}
		}
		if !ok {
			return s
		}
		b = append(b, c)
	}
	if !utf8.Valid(b) {
		return s
	}
	sequences, before := 0, rune(' ')
	for rest := b; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		next, _ := utf8.DecodeRune(rest[n:])
		switch {
		case n > 1 && r < 0xa0, n > 1 && r == utf8.RuneError:
			return s
		case n > 1 && (before > '?' || len(rest) > n && next > '?'): // inside a word, as examples seldom are
			sequences++
		}
		rest, before = rest[n:], r
	}
	if sequences < minDoubled {
		return s
	}
	return string(b)
}

// minDoubled is how many characters must be doubly encoded before that is believed.
const minDoubled = 4

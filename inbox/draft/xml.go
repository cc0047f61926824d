package draft

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	maxTag   = 64 << 10 // bytes of one tag
	maxNames = 2000     // element names that are kept apart
	textSize = 4 << 10  // bytes of text that are handed out at once
)

var (
	errMarkup = errors.New("xml: not well-formed")
	errDeep   = errors.New("xml: nested too deep")
)

type tokenKind uint8

const (
	startTag tokenKind = iota
	endTag
	textToken
)

// xmlReader reads XML as a stream of tags and text in constant memory: text comes in parts, entities of a DTD do not exist,
// and names are without their prefix. (encoding/xml holds a text node whole, however long, and read 22 to 40 MB/s here.)
type xmlReader struct {
	r     *bufio.Reader
	names map[string]string
	stack []string
	depth int

	name  string // of the tag
	attrs []xmlAttr
	text  []byte // until the next token

	buf       []byte
	selfClose bool
	cdata     bool
	pop       bool
}

type xmlAttr struct {
	name  string
	value []byte
}

func newXML(r io.Reader, depth int) *xmlReader {
	br := bufio.NewReaderSize(r, 32<<10)
	if b, _ := br.Peek(2); string(b) == "\xff\xfe" || string(b) == "\xfe\xff" {
		br = bufio.NewReaderSize(transform.NewReader(br, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), 32<<10)
	} else if b, _ := br.Peek(3); string(b) == "\xef\xbb\xbf" {
		br.Discard(3)
	}
	return &xmlReader{r: br, names: make(map[string]string), depth: depth}
}

// attr is the value of an attribute of the start tag; "" if it has none.
func (x *xmlReader) attr(name string) string {
	for _, a := range x.attrs {
		if a.name == name {
			return unescapeXML(a.value)
		}
	}
	return ""
}

// is tells whether the n-th element around the current tag has that name; 0 is the innermost, which is the tag itself
// after a start tag.
func (x *xmlReader) is(n int, name string) bool {
	i := len(x.stack) - 1 - n
	return i >= 0 && x.stack[i] == name
}

// next returns the next token; io.EOF at the end. After an end tag the element is still on the stack.
func (x *xmlReader) next() (tokenKind, error) {
	if x.pop {
		x.pop = false
		x.stack = x.stack[:len(x.stack)-1]
	}
	if x.selfClose {
		x.selfClose, x.pop = false, true
		x.attrs = x.attrs[:0]
		return endTag, nil
	}
	for {
		if x.cdata {
			if ok, err := x.cdataText(); ok || err != nil {
				return textToken, err
			}
			continue
		}
		c, err := x.r.ReadByte()
		if err != nil {
			if err == io.EOF && len(x.stack) > 0 {
				err = io.ErrUnexpectedEOF
			} else if err == io.EOF && x.name == "" {
				err = errMarkup // no tag at all
			}
			return 0, err
		}
		if c != '<' {
			x.r.UnreadByte()
			return textToken, x.plainText()
		}
		b, err := x.r.Peek(1)
		if err != nil {
			return 0, errMarkup
		}
		switch b[0] {
		case '!':
			if err := x.declaration(); err != nil {
				return 0, err
			}
		case '?':
			if err := x.skipTo("?>"); err != nil {
				return 0, err
			}
		default:
			return x.tag()
		}
	}
}

// plainText reads text up to the next tag or to textSize.
func (x *xmlReader) plainText() error {
	x.buf = x.buf[:0]
	for len(x.buf) < textSize {
		b, err := x.r.Peek(1)
		if err != nil {
			break
		}
		if b[0] == '<' {
			break
		}
		b, _ = x.r.Peek(min(x.r.Buffered(), textSize))
		n := bytes.IndexAny(b, "<&") // one search: two would go over the same text for every reference
		if n < 0 {
			n = len(b)
		}
		// A reference or a rune must not be torn.
		if n == 0 {
			if len(b) < 12 {
				b, _ = x.r.Peek(12)
			}
			used, r := reference(b)
			x.buf = append(x.buf, r...)
			x.r.Discard(used)
			continue
		}
		x.buf = append(x.buf, b[:n]...)
		x.r.Discard(n)
	}
	for i := 0; i < utf8.UTFMax && len(x.buf) > 0 && !utf8.FullRune(lastRune(x.buf)); i++ {
		c, err := x.r.ReadByte()
		if err != nil || c < 0x80 {
			if err == nil {
				x.r.UnreadByte()
			}
			break
		}
		x.buf = append(x.buf, c)
	}
	x.text = x.buf
	return nil
}

// lastRune is what of b may be the beginning of a rune that is not complete.
func lastRune(b []byte) []byte {
	for n := 1; n <= utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			return b[len(b)-n:]
		}
	}
	return b[len(b)-1:]
}

// reference reads the reference that b begins with. One that XML does not define stands for nothing.
func reference(b []byte) (used int, text string) {
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 0 {
		return 1, "&"
	}
	switch name := string(b[1:end]); name {
	case "amp":
		text = "&"
	case "lt":
		text = "<"
	case "gt":
		text = ">"
	case "quot":
		text = `"`
	case "apos":
		text = "'"
	default:
		digits, base := strings.CutPrefix(name, "#")
		if !base {
			return end + 1, ""
		}
		radix := 10
		if digits != "" && (digits[0] == 'x' || digits[0] == 'X') {
			digits, radix = digits[1:], 16
		}
		if n, err := strconv.ParseUint(digits, radix, 32); err == nil && n < 0x110000 && utf8.ValidRune(rune(n)) {
			text = string(rune(n))
		}
	}
	return end + 1, text
}

func unescapeXML(b []byte) string {
	if bytes.IndexByte(b, '&') < 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		if b[0] == '&' {
			used, r := reference(b)
			out = append(out, r...)
			b = b[used:]
			continue
		}
		n := bytes.IndexByte(b, '&')
		if n < 0 {
			n = len(b)
		}
		out = append(out, b[:n]...)
		b = b[n:]
	}
	return string(out)
}

// declaration skips comments and document types; CDATA becomes text.
func (x *xmlReader) declaration() error {
	b, _ := x.r.Peek(8)
	switch {
	case bytes.HasPrefix(b, []byte("!--")):
		x.r.Discard(3)
		return x.skipTo("-->")
	case string(b) == "![CDATA[":
		x.r.Discard(8)
		x.cdata = true
		return nil
	}
	// <!DOCTYPE a [ <!ENTITY ...> ]>: brackets and quotes count.
	square, angle, quote := 0, 0, byte(0)
	for {
		c, err := x.r.ReadByte()
		switch {
		case err != nil:
			return errMarkup
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			square++
		case c == ']':
			square--
		case c == '<':
			angle++
		case c == '>' && angle > 0:
			angle--
		case c == '>' && square <= 0:
			return nil
		}
	}
}

func (x *xmlReader) cdataText() (bool, error) {
	x.buf = x.buf[:0]
	brackets := 0 // that may belong to the end
	for brackets > 0 || len(x.buf) < textSize || len(x.buf) < textSize+utf8.UTFMax && !utf8.FullRune(lastRune(x.buf)) {
		c, err := x.r.ReadByte()
		if err != nil {
			return false, errMarkup
		}
		if c == ']' {
			if brackets < 2 {
				brackets++
				continue
			}
			x.buf = append(x.buf, ']')
			if len(x.buf) >= textSize { // a torrent of brackets: the two stay for the next part
				x.r.UnreadByte()
				x.text = append(x.buf[:len(x.buf)-1], "]]"...)
				return true, nil
			}
			continue
		}
		if c == '>' && brackets == 2 {
			x.cdata = false
			break
		}
		x.buf = append(append(x.buf, "]]"[:brackets]...), c)
		brackets = 0
	}
	x.text = x.buf
	return len(x.buf) > 0, nil
}

func (x *xmlReader) skipTo(end string) error {
	last := end[len(end)-1]
	seen := make([]byte, 0, 4)
	for {
		c, err := x.r.ReadByte()
		if err != nil {
			return errMarkup
		}
		if seen = append(seen, c); len(seen) > len(end) {
			copy(seen, seen[1:])
			seen = seen[:len(end)]
		}
		if c == last && string(seen) == end {
			return nil
		}
	}
}

// tag reads what follows "<".
func (x *xmlReader) tag() (tokenKind, error) {
	x.buf = x.buf[:0]
	quote := byte(0)
	for {
		b, err := x.r.ReadSlice('>')
		if x.buf = append(x.buf, b...); len(x.buf) > maxTag {
			return 0, fmt.Errorf("%w: a tag of more than %d bytes", errMarkup, maxTag)
		}
		for _, c := range b {
			if quote == 0 && (c == '"' || c == '\'') {
				quote = c
			} else if c == quote {
				quote = 0
			}
		}
		if err != nil && err != bufio.ErrBufferFull {
			return 0, errMarkup
		}
		if err == nil && quote == 0 { // a ">" within quotes does not end the tag
			break
		}
	}
	t := x.buf[:len(x.buf)-1]
	if len(t) > 0 && t[0] == '/' {
		name := x.intern(local(bytes.TrimRight(t[1:], " \t\r\n")))
		if len(x.stack) == 0 || x.stack[len(x.stack)-1] != name {
			return 0, fmt.Errorf("%w: </%s>", errMarkup, cleanLine(name, 40))
		}
		x.name, x.pop = name, true
		x.attrs = x.attrs[:0]
		return endTag, nil
	}
	if n := len(t); n > 0 && t[n-1] == '/' {
		x.selfClose = true
		t = t[:n-1]
	}
	n := bytes.IndexAny(t, " \t\r\n")
	if n < 0 {
		n = len(t)
	}
	if n == 0 {
		return 0, errMarkup
	}
	if len(x.stack) >= x.depth {
		return 0, errDeep
	}
	x.name = x.intern(local(t[:n]))
	x.stack = append(x.stack, x.name)
	x.attributes(t[n:])
	return startTag, nil
}

func (x *xmlReader) attributes(t []byte) {
	x.attrs = x.attrs[:0]
	for len(x.attrs) < 200 {
		t = bytes.TrimLeft(t, " \t\r\n")
		eq := bytes.IndexByte(t, '=')
		if eq <= 0 {
			return
		}
		name := bytes.TrimRight(t[:eq], " \t\r\n")
		t = bytes.TrimLeft(t[eq+1:], " \t\r\n")
		if len(t) == 0 || t[0] != '"' && t[0] != '\'' {
			return
		}
		end := bytes.IndexByte(t[1:], t[0])
		if end < 0 {
			return
		}
		x.attrs = append(x.attrs, xmlAttr{x.intern(local(name)), t[1 : 1+end]})
		t = t[end+2:]
	}
}

func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

func (x *xmlReader) intern(b []byte) string {
	if s, ok := x.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(x.names) < maxNames && len(s) < 100 {
		x.names[s] = s
	}
	return s
}

// skip reads to the end of the element whose start tag was just read.
func (x *xmlReader) skip() error {
	depth := len(x.stack)
	for {
		k, err := x.next()
		if err != nil {
			return err
		}
		if k == endTag && len(x.stack) == depth {
			return nil
		}
	}
}

// content is the text within the element whose start tag was just read, up to n bytes of it.
func (x *xmlReader) content(n int) (string, error) {
	var b []byte
	depth := len(x.stack)
	for {
		k, err := x.next()
		switch {
		case err != nil:
			return "", err
		case k == textToken && len(b) < n:
			b = append(b, x.text[:min(len(x.text), n-len(b))]...)
		case k == endTag && len(x.stack) == depth:
			return strings.ToValidUTF8(string(b), ""), nil
		}
	}
}

package inbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// maxRandomAccess is what ReaderAt decodes into memory if there is no other way to reach into an attachment.
const maxRandomAccess = 64 << 20

// errTooLarge is why an attachment cannot be reached into.
var errTooLarge = errors.New("too large to be decoded into memory")

// ReaderAt gives random access to the attachment's decoded bytes, and tells how many there are. Of an attachment that is not
// encoded, and of base64 in lines of one length, as all mailers write it, nothing is kept in memory: its lines are checked once,
// and then only those are decoded that are asked for. Anything else is decoded into memory, 64 MB at most.
func (a Attachment) ReaderAt(raw io.ReaderAt) (io.ReaderAt, int64, error) {
	return rangeAt(raw, a.Within, a.Offset, a.Length, a.Encoding)
}

// readerAt gives random access to what the container holds.
func (c *Container) readerAt(raw io.ReaderAt) (io.ReaderAt, int64, error) {
	switch c.Format {
	case formatTNEF, formatMessage:
		return rangeAt(raw, c.Within, c.Offset, c.Length, c.Encoding)
	}
	return inMemory(c.open(raw))
}

func rangeAt(raw io.ReaderAt, within *Container, offset, length int64, encoding string) (io.ReaderAt, int64, error) {
	if offset < 0 || length < 0 {
		return nil, 0, fmt.Errorf("a range of %d bytes at %d: %w", length, offset, errContainer)
	}
	in := raw
	if within != nil {
		r, size, err := within.readerAt(raw)
		if err != nil {
			return nil, 0, err
		}
		if offset+length > size {
			return nil, 0, io.ErrUnexpectedEOF
		}
		in = r
	}
	section := io.NewSectionReader(in, offset, length)
	if encoding == "base64" {
		if r, ok := newBase64At(section); ok && r.regular() {
			return r, r.size, nil
		}
	}
	if r := decoder(encoding, section); r != io.Reader(section) {
		return inMemory(r)
	}
	return section, length, nil
}

func inMemory(r io.Reader) (io.ReaderAt, int64, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxRandomAccess+1))
	if err != nil {
		return nil, 0, err
	}
	if len(b) > maxRandomAccess {
		return nil, 0, fmt.Errorf("an attachment of more than %d bytes: %w", maxRandomAccess, errTooLarge)
	}
	return bytes.NewReader(b), int64(len(b)), nil
}

// base64At reads base64 in lines of one length by reckoning where a byte lies.
type base64At struct {
	src   *io.SectionReader
	width int64  // characters of a line, a multiple of four
	eol   string // line end
	lines int64  // that end with eol
	size  int64  // decoded
}

// newBase64At looks at the first line and the last; false if they are not those of a regular body.
func newBase64At(src *io.SectionReader) (*base64At, bool) {
	const longest = 4096
	length := src.Size()
	head := make([]byte, min(length, longest))
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) || length == 0 {
		return nil, false
	}
	r := &base64At{src: src, eol: "\n"}
	r.width = int64(bytes.IndexByte(head, '\n'))
	if r.width < 0 { // one line in all
		if length > longest {
			return nil, false
		}
		r.width = length
	} else if r.width > 0 && head[r.width-1] == '\r' {
		r.width--
		r.eol = "\r\n"
	}
	if r.width == length { // without padding it may have any length
		r.width = (r.width + 3) / 4 * 4
	}
	if r.width == 0 || r.width%4 != 0 {
		return nil, false
	}
	step := r.width + int64(len(r.eol))
	r.lines = length / step
	// The last lines tell whether the body ends as it began, and how many bytes it has.
	first := max(0, r.lines-lastLines)
	tail := make([]byte, length-first*step)
	if _, err := src.ReadAt(tail, first*step); err != nil && !errors.Is(err, io.EOF) {
		return nil, false
	}
	text, ok := r.join(nil, tail, first)
	if !ok {
		return nil, false
	}
	out := make([]byte, len(text))
	n, err := base64.RawStdEncoding.Decode(out, text)
	if err != nil {
		return nil, false
	}
	r.size = first*(r.width/4*3) + int64(n)
	return r, true
}

// lastLines is how many lines at the end are looked at beforehand.
const lastLines = 8

// join appends the characters of the lines in b, of which the first is line i, without padding; false if a line is not like
// the others.
func (r *base64At) join(text, b []byte, i int64) ([]byte, bool) {
	for ; len(b) > 0; i++ {
		l := b[:min(int64(len(b)), r.width)]
		b = b[len(l):]
		if i < r.lines {
			if !bytes.HasPrefix(b, []byte(r.eol)) {
				return nil, false
			}
			b = b[len(r.eol):]
		} else { // the last, which is shorter
			l = bytes.TrimSuffix(l[:len(l)+len(b)], []byte(r.eol))
			b = nil
		}
		if len(text)%4 != 0 || bytes.ContainsAny(l, "\r\n") {
			return nil, false
		}
		text = append(text, l...)
		if n := bytes.IndexByte(text[len(text)-len(l):], '='); n >= 0 {
			pad := text[len(text)-len(l)+n:]
			if len(b) > 0 || len(pad) > 2 || len(bytes.Trim(pad, "=")) > 0 || len(text)%4 != 0 {
				return nil, false
			}
			text = text[:len(text)-len(pad)]
		}
	}
	return text, true
}

// regular reads all lines and tells whether each is what the reckoning takes it for: one that is not would shift what follows.
func (r *base64At) regular() bool {
	step := r.width + int64(len(r.eol))
	buf := make([]byte, max(1, copyBuffer/step)*step)
	for at := int64(0); at < r.lines*step; {
		n := min(int64(len(buf)), r.lines*step-at)
		if _, err := r.src.ReadAt(buf[:n], at); err != nil && !errors.Is(err, io.EOF) {
			return false
		}
		for line := buf[:n]; len(line) > 0; line = line[step:] {
			if string(line[r.width:step]) != r.eol {
				return false
			}
			text := line[:r.width]
			if int64(len(line)) == step && at+n == r.lines*step { // the last may be padded
				text = bytes.TrimRight(text, "=")
			}
			odd := byte(0)
			for ; len(text) >= 8; text = text[8:] { // twice as fast as one by one
				odd |= notBase64[text[0]] | notBase64[text[1]] | notBase64[text[2]] | notBase64[text[3]] |
					notBase64[text[4]] | notBase64[text[5]] | notBase64[text[6]] | notBase64[text[7]]
			}
			for _, c := range text {
				odd |= notBase64[c]
			}
			if odd != 0 {
				return false
			}
		}
		at += n
	}
	return true
}

// notBase64 is 1 for every byte that is not of the alphabet (RFC 4648 section 4).
const notBase64 = "" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x01\x01\x01\x01" +
	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x01\x01\x01" +
	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01" +
	"\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"

// ReadAt is io.ReaderAt's.
func (r *base64At) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read at %d: %w", off, errContainer)
	}
	n, regular, err := r.readLines(p, off)
	if !regular { // regular was asked before: the bytes are not what they were
		return 0, errContainer
	}
	return n, err
}

// readLines decodes the lines in which p lies; regular is false if they are not as the first and the last made believe.
func (r *base64At) readLines(p []byte, off int64) (n int, regular bool, err error) {
	if off >= r.size {
		return 0, true, io.EOF
	}
	const chunk = 400 // lines in memory at a time
	perLine := r.width / 4 * 3
	step := r.width + int64(len(r.eol))
	buf := make([]byte, min(chunk, (int64(len(p))+perLine-1)/perLine+1)*step)
	text := make([]byte, 0, len(buf))
	out := make([]byte, len(buf))
	for n < len(p) && off+int64(n) < r.size {
		at := off + int64(n)
		first := at / perLine
		m, err := r.src.ReadAt(buf, first*step)
		if err != nil && !errors.Is(err, io.EOF) {
			return n, true, err
		}
		var ok bool
		if text, ok = r.join(text[:0], buf[:m], first); !ok {
			return 0, false, nil
		}
		k, err := base64.RawStdEncoding.Decode(out, text)
		if err != nil {
			return 0, false, nil
		}
		skip := at - first*perLine
		if int64(k) <= skip {
			return 0, false, nil
		}
		n += copy(p[n:], out[skip:k])
	}
	if n < len(p) {
		return n, true, io.EOF
	}
	return n, true, nil
}

package inbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// maxRandomAccess is what ReaderAt decodes into memory if there is no other way to reach into an attachment.
const maxRandomAccess = 64 << 20

// errTooLarge is why an attachment cannot be reached into.
var errTooLarge = errors.New("too large to be decoded into memory")

// ReaderAt gives random access to the attachment's decoded bytes, and tells how many there are. Of an attachment that is not encoded, and of base64 in lines
// of one length, as all mailers write it, it reads no more of raw than is asked for, and a little at its end and beginning;
// anything else it decodes into memory, 64 MB at most. A line of another length is noticed when it is read, not before.
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
		if r, ok := newBase64At(section); ok {
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

	irregular atomic.Bool // as a read found out: whole has it
	once      sync.Once
	whole     io.ReaderAt
	err       error
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
	if tail := bytes.TrimRight(head[:r.width], "="); r.width == int64(len(head)) && len(tail) < len(head) {
		r.width = (r.width + 3) / 4 * 4
	}
	if r.width == 0 || r.width%4 != 0 {
		return nil, false
	}
	// What is left when the whole lines are taken off is the last line, with or without its end.
	step := r.width + int64(len(r.eol))
	r.lines = length / step
	rest := length - r.lines*step
	from := max(0, length-step-8)
	tail := make([]byte, length-from)
	if _, err := src.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return nil, false
	}
	last := tail[int64(len(tail))-min(rest, int64(len(tail))):]
	chars := r.lines * r.width
	if rest == 0 {
		last = tail[:len(tail)-len(r.eol)]
	} else {
		last = bytes.TrimSuffix(last, []byte(r.eol))
		chars += int64(len(last))
	}
	pad := int64(len(last) - len(bytes.TrimRight(last, "=")))
	if pad > 2 || chars%4 != 0 && pad > 0 || chars%4 == 1 || bytes.ContainsAny(last, "\r\n \t") && rest != 0 {
		return nil, false
	}
	r.size = (chars - pad) * 3 / 4
	return r, true
}

// ReadAt is io.ReaderAt's.
func (r *base64At) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read at %d: %w", off, errContainer)
	}
	if !r.irregular.Load() {
		n, regular, err := r.readLines(p, off)
		if regular {
			return n, err
		}
		r.irregular.Store(true)
	}
	r.once.Do(func() {
		r.whole, _, r.err = inMemory(decoder("base64", io.NewSectionReader(r.src, 0, r.src.Size())))
	})
	if r.err != nil {
		return 0, r.err
	}
	return r.whole.ReadAt(p, off)
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
		text = text[:0]
		for in, i := buf[:m], first; len(in) > 0; i++ {
			l := in[:min(int64(len(in)), r.width)]
			in = in[len(l):]
			if i < r.lines || len(in) > 0 {
				if len(in) < len(r.eol) || string(in[:len(r.eol)]) != r.eol {
					return 0, false, nil
				}
				in = in[len(r.eol):]
			}
			if i >= r.lines { // the last, which is shorter
				l = bytes.TrimRight(l, "\r\n")
				in = nil
			}
			text = append(text, l...)
		}
		whole := bytes.TrimRight(text, "=")
		if bytes.ContainsAny(whole, "\r\n") {
			return 0, false, nil
		}
		k, err := base64.RawStdEncoding.Decode(out, whole)
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

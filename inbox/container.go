package inbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Formats of a Container.
const (
	formatTNEF    = "tnef"
	formatSMIME   = "smime"
	formatMessage = "message"
)

// maxContainers bounds the containers inside containers: each costs a decoding of all that it holds.
const maxContainers = 3

// errContainer is the cause of what cannot be read although its bytes are there.
var errContainer = errors.New("malformed container")

// open reads what the container holds: of TNEF the decoded stream, in which its files are ranges, of S/MIME the signed
// content, of a message the mail itself. Only S/MIME takes memory, once as much as the part has bytes.
func (c *Container) open(raw io.ReaderAt) io.Reader {
	r := openRange(raw, c.Within, c.Offset, c.Length, c.Encoding)
	switch c.Format {
	case formatTNEF, formatMessage:
		return r
	case formatSMIME:
		return &lazyReader{open: func() (io.Reader, error) {
			b, err := readSized(r, c.Length)
			if err != nil {
				return nil, err
			}
			e, err := openCMS(b, maxInflated(c.Length))
			if err != nil {
				return nil, err
			}
			return bytes.NewReader(e.content), nil
		}}
	}
	return &lazyReader{open: func() (io.Reader, error) {
		return nil, fmt.Errorf("a container of format %q: %w", c.Format, errContainer)
	}}
}

// openRange reads the decoded bytes of a range of the raw mail, or of a container in it.
func openRange(raw io.ReaderAt, within *Container, offset, length int64, encoding string) io.Reader {
	if within == nil {
		return decoder(encoding, io.NewSectionReader(raw, offset, length))
	}
	return decoder(encoding, &rangeReader{src: within.open(raw), skip: offset, left: length})
}

// lazyReader opens at the first Read; what goes wrong then is that Read's error.
type lazyReader struct {
	open func() (io.Reader, error)
	src  io.Reader
	err  error
}

func (r *lazyReader) Read(p []byte) (int, error) {
	if r.src == nil && r.err == nil {
		r.src, r.err = r.open()
	}
	if r.err != nil {
		return 0, r.err
	}
	return r.src.Read(p)
}

// rangeReader is a range of a stream. A stream that ends inside the range is io.ErrUnexpectedEOF.
type rangeReader struct {
	src        io.Reader
	skip, left int64
}

func (r *rangeReader) Read(p []byte) (int, error) {
	if r.skip < 0 || r.left < 0 {
		return 0, fmt.Errorf("a range of %d bytes at %d: %w", r.left, r.skip, errContainer)
	}
	for r.skip > 0 {
		n, err := io.CopyN(io.Discard, r.src, r.skip)
		r.skip -= n
		if err != nil {
			return 0, unexpected(err)
		}
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.src.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if err != nil && r.left > 0 {
		return n, unexpected(err)
	}
	return n, nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readSized reads all of r, which is seldom longer than size, into one piece of memory.
func readSized(r io.Reader, size int64) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, min(size, maxRandomAccess)+bytes.MinRead))
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

// container decodes part i, which is said to be of that format. nil if the mail's limits do not allow it.
func (x *extractor) container(i int, format string) (*Container, []byte) {
	p := &x.s.parts[i]
	c := &Container{Format: format, Offset: p.start + x.shift, Length: p.end - p.start, Encoding: p.encoding, Within: x.within}
	size := decodedSize(p.encoding, c.Length, p.lines)
	if p.encoding == "quoted-printable" { // what breaks its rules stands for itself
		size = c.Length
	}
	if x.nested >= maxContainers || size > x.decoded || p.end <= p.start {
		return nil, nil
	}
	x.decoded -= size
	if identity(p.encoding) && x.content != nil && format != formatSMIME { // reading CMS moves its bytes
		return c, x.content[p.start:p.end:p.end]
	}
	b, err := readSized(decoder(p.encoding, io.NewSectionReader(x.scan.raw, p.start, c.Length)), size)
	if err != nil {
		x.err = err
		return nil, nil
	}
	return c, b
}

// inside scans content, the mail or MIME entity that container c of part i holds, under what is left of the mail's limits.
func (x *extractor) inside(i int, c *Container, content []byte) *extractor {
	lim := x.scan.lim
	lim.Depth = max(1, lim.Depth-x.s.parts[i].depth-1)
	lim.Parts = x.parts
	if lim.Parts <= 0 {
		x.hold(fmt.Sprintf("it is beyond the limits for reading: it has more than %d parts", x.scan.lim.Parts))
		return nil
	}
	if x.examine != nil { // as a mail, which a MIME entity is without a sender
		x.examine(io.MultiReader(strings.NewReader("From: contained@invalid\r\n"), bytes.NewReader(content)))
	}
	s, sc, err := scanInside(x.scan.ctx, content, lim)
	if err != nil {
		x.err = err
		return nil
	}
	x.parts -= len(s.parts)
	if s.exceeded != "" {
		x.hold("it is beyond the limits for reading: " + s.exceeded)
	}
	in := &extractor{s: s, scan: sc, allowance: x.allowance, within: c, content: content, nested: x.nested + 1}
	if c.Format == formatMessage && identity(c.Encoding) { // its bytes are the mail's own
		in.within, in.shift = x.within, c.Offset
	}
	return in
}

// fileMessage files part i, which may be a mail although the scan did not see one: encoded, which RFC 2046 forbids, or sent as a
// file by its name. False if it is none.
func (x *extractor) fileMessage(i int, c *content) bool {
	p := &x.s.parts[i]
	switch p.mediaType {
	case "message/rfc822", "message/global":
	case "application/octet-stream", "text/plain", "application/eml", "application/x-eml", "message/x-eml", "application/email":
		if !strings.HasSuffix(strings.ToLower(p.fileName()), ".eml") {
			return false
		}
	default:
		return false
	}
	if p.multipart || p.message || len(c.messages) >= maxForwarded || !x.startsLikeMail(p) {
		return false
	}
	box, b := x.container(i, formatMessage)
	if box == nil {
		return false
	}
	in := x.inside(i, box, b)
	if in == nil {
		return false
	}
	x.attach(i, c)
	c.messages = append(c.messages, embedded{x: in, root: 0})
	if !identity(p.encoding) {
		x.note("forwarded", "unwrapped", "an attached mail is encoded ("+p.encoding+")")
	}
	return true
}

// startsLikeMail looks at the first bytes of a leaf for the header of a mail.
func (x *extractor) startsLikeMail(p *part) bool {
	head := x.head(p, 16<<10)
	seen := 0
	for n := 0; len(head) > 0 && n < 200; n++ {
		var l []byte
		l, head, _ = bytes.Cut(head, []byte("\n"))
		l = bytes.TrimRight(l, "\r")
		if len(l) == 0 || l[0] != ' ' && l[0] != '\t' && !envelopeLine(l) && !isField(l) {
			break
		}
		name, _, _ := bytes.Cut(l, []byte(":"))
		switch strings.ToLower(string(name)) {
		case "from", "date", "subject", "message-id", "received", "to", "return-path", "mime-version":
			seen++
		}
	}
	return seen >= 2
}

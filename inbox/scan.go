package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Defaults of Limits. Real mail stays far below them; what lies beyond them is built to hurt.
const (
	defaultDepth       = 16
	defaultParts       = 1000
	defaultHeaderBytes = 256 << 10
	defaultTextBytes   = 2 << 20

	windowSize = 64 << 10 // what of the raw mail is in memory at any time
)

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.Parts <= 0 {
		l.Parts = defaultParts
	}
	if l.HeaderBytes <= 0 {
		l.HeaderBytes = defaultHeaderBytes
	}
	if l.TextBytes <= 0 {
		l.TextBytes = defaultTextBytes
	}
	return l
}

// part is one node of the MIME tree. Parts are kept in the order of the mail, parents before children.
type part struct {
	parent      int // index, -1 for the root
	depth       int
	header      header
	mediaType   string // lower case
	params      map[string]string
	disposition string // lower case, "" if none
	dispParams  map[string]string
	encoding    string // Content-Transfer-Encoding, lower case
	start, end  int64  // of the body in the raw mail, end exclusive
	lines       lineCount
	multipart   bool // has children
	message     bool // message/rfc822 whose child is the message's root part
}

// structure is what the scan learned of a mail.
type structure struct {
	parts    []part
	hash     []byte // SHA-256 of the root's body
	exceeded string // the limit that the mail broke, "" if none
}

func (s *structure) limit(format string, args ...any) {
	if s.exceeded == "" {
		s.exceeded = fmt.Sprintf(format, args...)
	}
}

// lineCount holds what is needed to tell a body's decoded size without decoding it.
type lineCount struct {
	lf, cr, equals, soft int64 // soft counts "=\r\n"
}

// open is a multipart or message that the scan is inside of.
type open struct {
	index    int
	boundary []byte // empty for a message
}

// scanner makes one pass over the raw mail. Memory is one window plus the headers.
type scanner struct {
	ctx  context.Context
	raw  io.ReaderAt
	size int64
	lim  Limits

	buf  []byte
	r, w int   // unread window
	off  int64 // of buf[0] in the raw mail
	err  error // of raw, but for io.EOF

	sum     *bodySum
	hashing bool
	held    []byte  // line ends not hashed yet: those that end the mail do not count
	last    [2]byte // the two bytes before off+r

	counting    *lineCount
	headerTotal int64
	out         structure
	stack       []open
}

// scan records the structure of a mail under limits that hold by construction: it is linear in size, whatever the mail says.
func scan(ctx context.Context, raw io.ReaderAt, size int64, lim Limits) (*structure, *scanner, error) {
	s := &scanner{ctx: ctx, raw: raw, size: size, lim: lim, sum: newBodySum()}
	s.buf = make([]byte, min(windowSize, max(size, 1)))
	s.mail()
	if s.err != nil {
		return nil, nil, s.err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	s.out.hash = s.sum.Sum()
	return &s.out, s, nil
}

// scanInside is scan of a mail that lies decoded in memory; it needs no hash.
func scanInside(ctx context.Context, content []byte, lim Limits) (*structure, *scanner, error) {
	s := &scanner{ctx: ctx, raw: bytes.NewReader(content), size: int64(len(content)), lim: lim}
	s.buf = make([]byte, min(windowSize, max(s.size, 1)))
	s.mail()
	return &s.out, s, s.err
}

// fill reads on, keeping what is unread; false at the end.
func (s *scanner) fill() bool {
	if s.err != nil || s.ctx.Err() != nil {
		return false
	}
	if s.r > 0 {
		copy(s.buf, s.buf[s.r:s.w])
		s.off += int64(s.r)
		s.w -= s.r
		s.r = 0
	}
	at := s.off + int64(s.w)
	if at >= s.size || s.w == len(s.buf) {
		return false
	}
	n, err := s.raw.ReadAt(s.buf[s.w:min(int64(len(s.buf)), int64(s.w)+s.size-at)], at)
	s.w += n
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = fmt.Errorf("read the raw mail at byte %d: %w", at, err)
		return false
	}
	if n == 0 {
		s.size = at // shorter than announced
		return false
	}
	return true
}

func (s *scanner) pos() int64 { return s.off + int64(s.r) }

func (s *scanner) atLineStart() bool { return s.pos() == 0 || s.last[1] == '\n' }

// advance consumes n bytes of the window.
func (s *scanner) advance(n int) {
	if n == 0 {
		return
	}
	b := s.buf[s.r : s.r+n]
	if s.hashing {
		s.hash(b)
	}
	if c := s.counting; c != nil {
		c.lf += int64(bytes.Count(b, []byte{'\n'}))
		c.cr += int64(bytes.Count(b, []byte{'\r'}))
		if eq := int64(bytes.Count(b, []byte{'='})); eq > 0 {
			c.equals += eq
			c.soft += int64(bytes.Count(b, []byte("=\r\n")))
		}
		if s.last[1] == '=' && bytes.HasPrefix(b, []byte("\r\n")) || s.last == [2]byte{'=', '\r'} && b[0] == '\n' {
			c.soft++
		}
	}
	if n > 1 {
		s.last = [2]byte{b[n-2], b[n-1]}
	} else {
		s.last = [2]byte{s.last[1], b[0]}
	}
	s.r += n
}

// hash leaves trailing line ends out, so that a copy that gained or lost one keeps its hash.
func (s *scanner) hash(b []byte) {
	body := bytes.TrimRight(b, "\r\n")
	if len(body) > 0 {
		s.sum.Write(s.held)
		s.held = s.held[:0]
		s.sum.Write(body)
	}
	if tail := b[len(body):]; len(s.held)+len(tail) < windowSize {
		s.held = append(s.held, tail...)
	} else {
		s.sum.Write(s.held)
		s.held = append(s.held[:0], tail...)
	}
}

// peekLine returns the next line with its end, unread. A line longer than the window comes in pieces. nil at the end.
func (s *scanner) peekLine() []byte {
	from := s.r
	for {
		if i := bytes.IndexByte(s.buf[from:s.w], '\n'); i >= 0 {
			return s.buf[s.r : from+i+1]
		}
		seen := s.w - s.r
		if !s.fill() {
			if s.r == s.w {
				return nil
			}
			return s.buf[s.r:s.w]
		}
		from = s.r + seen
	}
}

// mail scans the whole mail.
func (s *scanner) mail() {
	root := s.addPart(-1, 0)
	s.readHeader(root, true)
	s.hashing = s.sum != nil
	s.enter(root)
	for {
		line := s.nextDelimiter()
		if line == nil {
			break
		}
		level, closing := s.match(line)
		if level < 0 {
			s.advance(len(line))
			continue
		}
		s.closeTo(level, s.pos())
		s.advance(len(line))
		parent := s.stack[level].index
		if closing {
			s.stack = s.stack[:level]
			continue
		}
		child := s.addPart(parent, s.out.parts[parent].depth+1)
		if child < 0 { // too many parts: what follows is passed over
			s.counting = nil
			continue
		}
		s.readHeader(child, false)
		s.enter(child)
	}
	s.closeTo(-1, s.pos())
}

// closeTo ends the parts that lie inside stack[level], the body of the innermost ending before the line at pos.
func (s *scanner) closeTo(level int, pos int64) {
	end := pos
	if level >= 0 && pos > 0 && s.last[1] == '\n' { // the line end before a boundary belongs to it
		end--
		cr := int64(0)
		if s.last[0] == '\r' {
			end--
			cr = 1
		}
		if c := s.counting; c != nil && c.lf > 0 {
			c.lf--
			c.cr -= cr
		}
	}
	s.counting = nil
	inside := -1
	if level >= 0 {
		inside = s.stack[level].index
	}
	for i := len(s.out.parts) - 1; i > inside; i-- {
		if p := &s.out.parts[i]; p.end < 0 {
			p.start = min(p.start, end) // a body without a byte: the empty line above it is the boundary's
			p.end = end
		}
	}
	s.stack = s.stack[:level+1]
}

func (s *scanner) addPart(parent, depth int) int {
	if len(s.out.parts) >= s.lim.Parts {
		s.out.limit("it has more than %d parts", s.lim.Parts)
		return -1
	}
	s.out.parts = append(s.out.parts, part{parent: parent, depth: depth, end: -1})
	return len(s.out.parts) - 1
}

// enter looks at the part whose body begins here, and opens it if it holds others.
func (s *scanner) enter(i int) {
	p := &s.out.parts[i]
	p.start = s.pos()
	p.describe(s.defaultType(p.parent))
	if strings.HasPrefix(p.mediaType, "multipart/") && p.depth <= 1 {
		s.repairBoundary(p)
	}
	composite := strings.HasPrefix(p.mediaType, "multipart/") && p.params["boundary"] != ""
	embedded := (p.mediaType == "message/rfc822" || p.mediaType == "message/global") && identity(p.encoding)
	switch {
	case !composite && !embedded:
		s.counting = &p.lines
	case p.depth >= s.lim.Depth:
		s.out.limit("its parts are nested more than %d deep", s.lim.Depth)
	case composite:
		p.multipart = true
		s.stack = append(s.stack, open{index: i, boundary: []byte(p.params["boundary"])})
	default:
		p.message = true
		s.stack = append(s.stack, open{index: i})
		child := s.addPart(i, p.depth+1)
		if child < 0 {
			return
		}
		s.readHeader(child, false)
		s.enter(child)
	}
}

// repairBoundary replaces a boundary that is missing, or that the body does not use, by the one it does: gateways lose
// and rewrite the parameter.
func (s *scanner) repairBoundary(p *part) {
	if s.w-s.r < len(s.buf)/2 {
		s.fill()
	}
	window := s.buf[s.r:s.w]
	if b := p.params["boundary"]; b != "" && bytes.Contains(window, []byte("--"+b)) {
		return
	}
	for rest := window; len(rest) > 0; {
		line, after, ok := bytes.Cut(rest, []byte("\n"))
		rest = after
		text := bytes.TrimRight(line, " \t\r")
		if !ok || len(text) < 8 || len(text) > 80 || !bytes.HasPrefix(text, []byte("--")) {
			continue
		}
		if len(rest) < 8 || !bytes.EqualFold(rest[:8], []byte("content-")) {
			continue
		}
		if p.params == nil {
			p.params = make(map[string]string, 1)
		}
		p.params["boundary"] = string(text[2:])
		return
	}
}

func identity(encoding string) bool {
	switch encoding {
	case "", "7bit", "8bit", "binary":
		return true
	}
	return false
}

// defaultType is RFC 2046 section 5.1.5: the parts of a digest are messages.
func (s *scanner) defaultType(parent int) string {
	if parent >= 0 && s.out.parts[parent].mediaType == "multipart/digest" {
		return "message/rfc822"
	}
	return "text/plain"
}

// nextDelimiter moves to the next line that begins with "--" and returns it unread, nil at the end.
func (s *scanner) nextDelimiter() []byte {
	for {
		if s.w-s.r < 2 && !s.fill() {
			s.advance(s.w - s.r)
			return nil
		}
		if s.atLineStart() && s.w-s.r >= 2 && s.buf[s.r] == '-' && s.buf[s.r+1] == '-' && len(s.stack) > 0 {
			return s.peekLine()
		}
		if len(s.stack) == 0 { // nothing is open: the rest is body
			s.advance(s.w - s.r)
			continue
		}
		window := s.buf[s.r:s.w]
		i := 1
		for i < len(window) {
			j := bytes.IndexByte(window[i:], '-')
			if j < 0 {
				i = len(window)
				break
			}
			i += j
			if window[i-1] == '\n' && (i+1 >= len(window) || window[i+1] == '-') {
				break
			}
			i++
		}
		s.advance(min(i, len(window)))
	}
}

// match tells which open multipart the line delimits, innermost first, -1 if none.
func (s *scanner) match(line []byte) (level int, closing bool) {
	text := bytes.TrimRight(line, " \t\r\n")[2:]
	for i := len(s.stack) - 1; i >= 0; i-- {
		b := s.stack[i].boundary
		if len(b) == 0 || !bytes.HasPrefix(text, b) {
			continue
		}
		switch rest := text[len(b):]; {
		case len(rest) == 0:
			return i, false
		case len(rest) == 2 && rest[0] == '-' && rest[1] == '-':
			return i, true
		}
	}
	return -1, false
}

// readHeader reads the header of part i up to and including the empty line. A line that cannot be a header begins the body.
func (s *scanner) readHeader(i int, root bool) {
	var block []byte
	over := false
	fieldBytes := int64(0) // one endless field must not hide those below it
	for first := true; ; first = false {
		line := s.peekLine()
		if line == nil {
			break
		}
		text := bytes.TrimRight(line, "\r\n")
		if len(text) == 0 {
			s.advance(len(line))
			break
		}
		if !root && bytes.HasPrefix(text, []byte("--")) {
			if level, _ := s.match(line); level >= 0 {
				break // the part ends inside its header
			}
		}
		continuation := !first && (text[0] == ' ' || text[0] == '\t')
		if !continuation && !over && s.atLineStart() && !isField(text) {
			if envelopeLine(text) {
				s.advance(len(line))
				continue
			}
			break
		}
		if !continuation && s.atLineStart() {
			fieldBytes = 0
			if n := len(block); n > 0 && block[n-1] != '\n' {
				block = append(block, '\n') // the field above was cut
			}
		}
		fieldBytes += int64(len(line))
		switch {
		case fieldBytes > s.lim.HeaderBytes/2:
			s.out.limit("a header field is longer than %d bytes", s.lim.HeaderBytes/2)
		case int64(len(block)+len(line)) > s.lim.HeaderBytes, s.headerTotal+int64(len(line)) > 4*s.lim.HeaderBytes:
			over = true
			s.out.limit("a header is longer than %d bytes", s.lim.HeaderBytes)
		case !over:
			block = append(block, line...)
			s.headerTotal += int64(len(line))
		}
		s.advance(len(line))
	}
	s.out.parts[i].header = parseHeader(block)
}

// envelopeLine tells the mbox line that some tools leave before or inside a header.
func envelopeLine(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
}

// isField tells a header field: a name of printable characters, maybe blanks, then a colon.
func isField(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return false
	}
	name := bytes.TrimRight(line[:colon], " \t")
	if len(name) == 0 {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// section returns the raw bytes [start, end), from the window when they are still there.
func (s *scanner) section(start, end int64) ([]byte, error) {
	if start >= end {
		return nil, nil
	}
	if start >= s.off && end <= s.off+int64(s.w) {
		return s.buf[start-s.off : end-s.off], nil
	}
	b := make([]byte, end-start)
	n, err := s.raw.ReadAt(b, start)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the raw mail at byte %d: %w", start, err)
	}
	return b[:n], nil
}

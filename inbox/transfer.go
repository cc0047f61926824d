package inbox

import (
	"bytes"
	"encoding/base64"
	"io"
	"slices"
)

// decodedSize tells the decoded size of a body from what the scan counted. It is exact for well-formed base64 and
// quoted-printable.
func decodedSize(encoding string, length int64, c lineCount) int64 {
	switch encoding {
	case "base64":
		return max(0, (length-c.lf-c.cr-c.equals)*3/4)
	case "quoted-printable":
		return max(0, length-2*c.equals-c.soft)
	}
	return length
}

// decoder undoes a Content-Transfer-Encoding as mail clients do: what is not in the alphabet is passed over, broken
// escapes stand for themselves, and the end of the input is never an error.
func decoder(encoding string, r io.Reader) io.Reader {
	switch encoding {
	case "base64":
		return &base64Reader{src: r}
	case "quoted-printable":
		return &qpReader{src: r}
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return &uuReader{src: r}
	}
	return r
}

type base64Reader struct {
	src   io.Reader
	in    [4096]byte
	chars []byte // six-bit characters not decoded yet, fewer than four after a pass
	out   []byte
	ready []byte
	err   error
}

func (d *base64Reader) Read(p []byte) (int, error) {
	for len(d.ready) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		n, err := d.src.Read(d.in[:])
		d.err = err
		d.decode(d.in[:n], err != nil)
	}
	n := copy(p, d.ready)
	d.ready = d.ready[n:]
	return n, nil
}

func (d *base64Reader) decode(in []byte, last bool) {
	for len(in) > 0 {
		l, rest := in, []byte(nil)
		if i := bytes.IndexByte(in, '\n'); i >= 0 {
			l, rest = in[:i], in[i+1:]
		}
		in = rest
		if len(d.chars) > 0 || !d.decodeLine(bytes.TrimSuffix(l, []byte{'\r'})) {
			d.pick(l)
		}
	}
	d.flush(last)
}

// decodeLine decodes a line as mailers write them, several times as fast as pick does; false if it is another.
func (d *base64Reader) decodeLine(l []byte) bool {
	if len(l)%4 != 0 || bytes.IndexByte(l, '\r') >= 0 {
		return false
	}
	if len(d.ready) == 0 {
		d.out = d.out[:0]
	}
	at := len(d.out)
	d.out = slices.Grow(d.out, len(l)/4*3)[:at+len(l)/4*3]
	n, err := base64.StdEncoding.Decode(d.out[at:], l)
	if err != nil {
		d.out = d.out[:at]
		return false
	}
	d.out = d.out[:at+n]
	d.ready = d.out
	return true
}

// pick takes what is of the alphabet.
func (d *base64Reader) pick(in []byte) {
	for _, c := range in {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			d.chars = append(d.chars, c)
		case c == '-': // the URL alphabet
			d.chars = append(d.chars, '+')
		case c == '_':
			d.chars = append(d.chars, '/')
		case c == '=': // padding ends a quantum: concatenated encodings are met in the wild
			d.flush(true)
		}
	}
	d.flush(false)
}

func (d *base64Reader) flush(all bool) {
	if len(d.ready) == 0 {
		d.out = d.out[:0]
	}
	whole := len(d.chars) / 4 * 4
	if all {
		whole = len(d.chars)
		if whole%4 == 1 {
			whole--
		}
	}
	at := len(d.out)
	d.out = append(d.out, make([]byte, base64.RawStdEncoding.DecodedLen(whole))...)
	n, _ := base64.RawStdEncoding.Decode(d.out[at:], d.chars[:whole]) // the alphabet was checked above
	d.out = d.out[:at+n]
	d.ready = d.out
	rest := copy(d.chars, d.chars[whole:])
	if all {
		rest = 0
	}
	d.chars = d.chars[:rest]
}

// qpReader decodes quoted-printable (RFC 2045 section 6.7).
type qpReader struct {
	src     io.Reader
	in      [4096]byte
	pending []byte // input not decoded yet: an escape or blanks cut by the window
	out     []byte
	ready   []byte
	err     error
}

func (d *qpReader) Read(p []byte) (int, error) {
	for len(d.ready) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		n, err := d.src.Read(d.in[:])
		d.err = err
		d.pending = append(d.pending, d.in[:n]...)
		var used int
		d.out, used = appendQP(d.out[:0], d.pending, err != nil)
		d.ready = d.out
		d.pending = d.pending[:copy(d.pending, d.pending[used:])]
	}
	n := copy(p, d.ready)
	d.ready = d.ready[n:]
	return n, nil
}

// appendQP decodes in onto out and tells how much it used; without last it leaves a tail that may go on.
func appendQP(out, in []byte, last bool) ([]byte, int) {
	for i := 0; i < len(in); {
		j := bytes.IndexByte(in[i:], '=')
		if j < 0 {
			return append(out, in[i:]...), len(in)
		}
		out = append(out, in[i:i+j]...)
		i += j
		switch rest := in[i:]; {
		case len(rest) >= 3 && unhex(rest[1]) >= 0 && unhex(rest[2]) >= 0:
			out = append(out, byte(unhex(rest[1])<<4|unhex(rest[2])))
			i += 3
		default:
			k := 1 // a soft line break, maybe with blanks that a relay added
			for k < len(rest) && k < 80 && (rest[k] == ' ' || rest[k] == '\t') {
				k++
			}
			switch {
			case k < len(rest) && rest[k] == '\n':
				i += k + 1
			case k+1 < len(rest) && rest[k] == '\r' && rest[k+1] == '\n':
				i += k + 2
			case !last && len(rest) < 82 && (k == len(rest) || len(rest) < 3 || k+1 == len(rest)):
				return out, i
			case k == len(rest):
				i += k
			default:
				out = append(out, '=')
				i++
			}
		}
	}
	return out, len(in)
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// uuReader decodes uuencoded bodies, the begin and end lines being optional.
type uuReader struct {
	src   io.Reader
	in    [4096]byte
	line  []byte
	out   []byte
	ready []byte
	ended bool
	err   error
}

func (d *uuReader) Read(p []byte) (int, error) {
	for len(d.ready) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		n, err := d.src.Read(d.in[:])
		d.err = err
		d.out = d.out[:0]
		for _, c := range d.in[:n] {
			if c == '\n' {
				d.decodeLine()
			} else if len(d.line) < 256 {
				d.line = append(d.line, c)
			}
		}
		if err != nil {
			d.decodeLine()
		}
		d.ready = d.out
	}
	n := copy(p, d.ready)
	d.ready = d.ready[n:]
	return n, nil
}

func (d *uuReader) decodeLine() {
	line := bytes.TrimRight(d.line, "\r")
	d.line = d.line[:0]
	if d.ended || len(line) == 0 || bytes.HasPrefix(line, []byte("begin ")) {
		return
	}
	if string(line) == "end" {
		d.ended = true
		return
	}
	n := int(line[0]-' ') & 0x3f
	at := func(i int) byte {
		if i < len(line) {
			return (line[i] - ' ') & 0x3f
		}
		return 0
	}
	for i := 1; n > 0; i += 4 {
		a, b, c, e := at(i), at(i+1), at(i+2), at(i+3)
		group := []byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | e}
		d.out = append(d.out, group[:min(n, 3)]...)
		n -= 3
	}
}

// decodeAll is decoder for what is in memory.
func decodeAll(encoding string, body []byte) []byte {
	switch encoding {
	case "base64":
		var d base64Reader
		d.decode(body, true)
		return d.out
	case "quoted-printable":
		out, _ := appendQP(make([]byte, 0, len(body)), body, true)
		return out
	}
	out, _ := io.ReadAll(decoder(encoding, bytes.NewReader(body))) // a bytes.Reader does not fail
	return out
}

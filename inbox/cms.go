package inbox

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// cmsKind is the content type of a CMS ContentInfo (RFC 5652).
type cmsKind string

const (
	cmsSigned     cmsKind = "signed-data"
	cmsCompressed cmsKind = "compressed-data" // RFC 3274
	cmsEncrypted  cmsKind = "enveloped-data"  // and the other kinds that need a key
	cmsUnknown    cmsKind = ""
)

// cmsKindOf tells the object identifiers of RFC 5652, RFC 5083 and RFC 3274, encoded.
func cmsKindOf(oid []byte) cmsKind {
	switch string(oid) {
	case "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02":
		return cmsSigned
	case "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09":
		return cmsCompressed
	case "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x04", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17":
		return cmsEncrypted
	}
	return cmsUnknown
}

// entity is what a CMS message carries.
type entity struct {
	kind    cmsKind
	content []byte // nil if it carries none, as certificates alone do
	cut     bool   // it ends early
}

var errBER = errors.New("not well-formed BER")

// openCMS takes the content out of a signed or compressed CMS message, in BER or DER (ITU-T X.690). It works inside b, which
// it overwrites: the pieces of a constructed string are moved together. Only ContentInfo, SignedData or CompressedData and
// EncapsulatedContentInfo are read; of the rest, lengths. Inflated content is at most limit bytes long.
// (smallstep/pkcs7 makes DER of a 23 MB stream first, in 1.8 s and 340 MB, and 6 MB of nesting overflow its stack, which ends the
// process.)
func openCMS(b []byte, limit int64) (entity, error) {
	kind, d, err := cmsContent(b)
	e := entity{kind: kind}
	if err != nil || kind == cmsEncrypted || kind == cmsUnknown {
		return e, err
	}
	if _, err := d.skip(); err != nil { // version
		return e, err
	}
	if _, err := d.skip(); err != nil { // digest algorithms, or the compression's
		return e, err
	}
	info, err := d.enter(0x30)
	if err != nil {
		return e, err
	}
	if _, err := info.skip(); err != nil { // the content's type
		return e, err
	}
	if info.end() {
		return e, nil
	}
	if info, err = info.enter(0xa0); err != nil {
		return e, err
	}
	e.content, e.cut, err = info.octets()
	if err == nil && kind == cmsCompressed {
		e.content, err = inflate(e.content, limit)
	}
	return e, err
}

// cmsContent reads the ContentInfo that b begins with; d is inside its content.
func cmsContent(b []byte) (kind cmsKind, d ber, err error) {
	info, err := ber{b: b}.enter(0x30)
	if err != nil {
		return cmsUnknown, ber{}, err
	}
	oid, err := info.skip()
	if err != nil {
		return cmsUnknown, ber{}, err
	}
	if len(oid.body) < 2 || oid.tag != 0x06 {
		return cmsUnknown, ber{}, fmt.Errorf("no content type: %w", errBER)
	}
	kind = cmsKindOf(oid.body)
	if kind != cmsSigned && kind != cmsCompressed {
		return kind, ber{}, nil
	}
	if info, err = info.enter(0xa0); err != nil {
		return kind, ber{}, err
	}
	d, err = info.enter(0x30)
	return kind, d, err
}

// maxInflated bounds compressed content by the size of what it was compressed to.
func maxInflated(length int64) int64 { return 12<<20 + length }

// inflate undoes zlib, in two passes so as to take no more memory than the content has bytes.
func inflate(b []byte, limit int64) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("compressed content: %w", err)
	}
	size, err := io.Copy(io.Discard, io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("compressed content: %w", err)
	}
	if size > limit {
		return nil, fmt.Errorf("compressed content of more than %d bytes: %w", limit, errContainer)
	}
	if err := r.(zlib.Resetter).Reset(bytes.NewReader(b), nil); err != nil {
		return nil, fmt.Errorf("compressed content: %w", err)
	}
	out := make([]byte, size)
	_, err = io.ReadFull(r, out)
	return out, err
}

// ber walks the elements of an encoding. It never recurses: nesting costs a counter.
type ber struct {
	b          []byte
	at         int
	indefinite bool // ends at the end-of-contents octets, not with b
}

type berElement struct {
	tag        byte   // identifier octet; long-form tags are 0x1f and their class
	body       []byte // of a definite length; what follows otherwise
	indefinite bool
	cut        bool // its length goes past the end
}

// header reads an identifier and a length and leaves d.at at the contents.
func (d *ber) header() (berElement, error) {
	var e berElement
	b := d.b[d.at:]
	if len(b) < 2 {
		return e, errBER
	}
	e.tag = b[0]
	i := 1
	if e.tag&0x1f == 0x1f {
		for i < len(b) && b[i] >= 0x80 && i < 6 {
			i++
		}
		i++
	}
	if i >= len(b) {
		return e, errBER
	}
	length := int64(b[i])
	i++
	switch {
	case length == 0x80:
		if e.tag&0x20 == 0 {
			return e, errBER
		}
		e.indefinite = true
	case length > 0x80:
		n := int(length & 0x7f)
		if n > 8 || i+n > len(b) {
			return e, errBER
		}
		length = 0
		for _, c := range b[i : i+n] {
			if length >= 1<<48 {
				return e, errBER
			}
			length = length<<8 | int64(c)
		}
		i += n
	}
	d.at += i
	e.body = d.b[d.at:]
	if !e.indefinite {
		if length > int64(len(e.body)) {
			e.cut = true
			length = int64(len(e.body))
		}
		e.body = e.body[:length]
	}
	return e, nil
}

// end tells whether the elements of d end here.
func (d *ber) end() bool {
	rest := d.b[d.at:]
	return len(rest) == 0 || d.indefinite && len(rest) >= 2 && rest[0] == 0 && rest[1] == 0
}

// enter goes into the next element, which must have that tag. An element cut short is entered as far as it goes.
func (d ber) enter(tag byte) (ber, error) {
	e, err := d.header()
	if err != nil {
		return ber{}, err
	}
	if e.tag != tag {
		return ber{}, fmt.Errorf("tag %#x for %#x: %w", e.tag, tag, errBER)
	}
	return ber{b: e.body, indefinite: e.indefinite}, nil
}

// skip passes over the next element and all that it holds.
func (d *ber) skip() (berElement, error) {
	e, err := d.header()
	if err != nil {
		return e, err
	}
	if e.cut {
		return e, fmt.Errorf("cut short: %w", errBER)
	}
	if !e.indefinite {
		d.at += len(e.body)
		return e, nil
	}
	for open := 1; open > 0; {
		in, err := d.header()
		switch {
		case err != nil:
			return e, err
		case in.cut:
			return e, fmt.Errorf("cut short: %w", errBER)
		case in.indefinite:
			open++
		case in.tag == 0 && len(in.body) == 0:
			open--
		default:
			d.at += len(in.body)
		}
	}
	return e, nil
}

// octets reads an octet string: in one piece, or in pieces, which may be in pieces themselves. cut tells that it ends early.
func (d *ber) octets() (out []byte, cut bool, err error) {
	e, err := d.header()
	if err != nil {
		return nil, false, err
	}
	if e.tag == 0x04 {
		return e.body, e.cut, nil
	}
	if e.tag != 0x24 {
		return nil, false, fmt.Errorf("content of tag %#x: %w", e.tag, errBER)
	}
	// Every constructed piece holds nothing but pieces, so that their contents follow each other whatever the nesting; only
	// the indefinite ones need counting, to tell where the string ends.
	out = e.body[:0]
	in := ber{b: e.body}
	for open := 1; !(len(in.b) == in.at); {
		piece, err := in.header()
		switch {
		case err != nil:
			return out, true, nil
		case piece.tag == 0 && len(piece.body) == 0 && !piece.indefinite:
			if open--; open == 0 {
				return out, false, nil
			}
		case piece.tag == 0x24:
			if piece.indefinite {
				open++
			}
		case piece.tag == 0x04:
			in.at += len(piece.body)
			out = append(out, piece.body...)
			cut = cut || piece.cut
		default:
			return nil, false, fmt.Errorf("a piece of tag %#x: %w", piece.tag, errBER)
		}
	}
	return out, cut || e.indefinite || e.cut, nil
}

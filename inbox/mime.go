package inbox

import (
	"bytes"
	"io"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

// library is the MIME library that undoes the encodings of text. It believes the charset that it is told: what to believe
// is decodeCharset's to say.
var library = enmime.NewParser(enmime.DisableCharacterDetection(true))

// undo has the library decode one text leaf, false if it finds fault with it. The leaf comes with a header made here and
// nothing of the mail's structure, so that no nesting of the mail's can make the library recurse.
func undo(encoding, charset string, body []byte) ([]byte, bool) {
	header := "Content-Type: text/plain; charset=\"" + charset + "\"\nContent-Transfer-Encoding: " + encoding + "\n\n"
	p, err := library.ReadParts(io.MultiReader(strings.NewReader(header), bytes.NewReader(body)))
	if err != nil || len(p.Errors) > 0 {
		return nil, false
	}
	return p.Content, true
}

// undoTransfer undoes the transfer encoding of a text leaf: the library does, and the tolerant decoder if the leaf breaks
// the rules of its encoding.
func undoTransfer(encoding string, body []byte) []byte {
	if identity(encoding) {
		return body
	}
	if regular(encoding, body) {
		if out, ok := undo(encoding, "utf-8", body); ok {
			return out
		}
	}
	return decodeAll(encoding, body)
}

// regular tells a body as RFC 2045 sections 6.7 and 6.8 have it. The library takes others too, but allocates 200 bytes for
// every stray byte of base64, joins what padding separates, and leaves behind soft line breaks that a relay put blanks to.
func regular(encoding string, body []byte) bool {
	switch encoding {
	case "base64":
		for _, c := range bytes.TrimRight(body, "= \t\r\n") {
			if !letter(c) && !digit(c) && c != '+' && c != '/' && c != '\r' && c != '\n' {
				return false
			}
		}
		return true
	case "quoted-printable":
		last := byte('\n')
		for i, c := range body {
			switch {
			case c == '=' && !escape(body[i+1:]), c < ' ' && c != '\t' && c != '\r' && c != '\n', c > '~':
				return false
			case last == '\r' && c != '\n':
				return false
			case (c == '\r' || c == '\n') && (last == ' ' || last == '\t'): // a signature's "-- " would lose its blank
				return false
			}
			last = c
		}
		return last != ' ' && last != '\t' && last != '\r'
	}
	return false
}

// escape tells what may follow the "=" of quoted-printable.
func escape(b []byte) bool {
	if len(b) >= 2 && unhex(b[0]) >= 0 && unhex(b[1]) >= 0 {
		return true
	}
	return bytes.HasPrefix(b, []byte("\n")) || bytes.HasPrefix(b, []byte("\r\n"))
}

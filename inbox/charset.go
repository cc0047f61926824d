package inbox

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// decodeCharset makes UTF-8 of b. The declared charset is believed when the bytes bear it out; otherwise they are looked at:
// UTF-8 is recognised by its form, ISO-2022 by its escapes, UTF-16 by its zeros, then the others that may be meant are tried
// (what an HTML document says of itself), and the rest is statistics.
func decodeCharset(b []byte, declared string, others ...string) string {
	label := charsetLabel(declared)
	if s, ok := wideText(b, label); ok {
		return s
	}
	if ascii(b) {
		switch {
		case label == "iso-2022" || label == "iso-2022-kr", bytes.IndexByte(b, 0x1b) >= 0 && escaped(b):
			return cleanText(decodeISO2022(b, label))
		case label == "utf-7":
			return cleanText(decodeUTF7(b))
		case label == "hz-gb-2312", hz(b):
			return convert(b, "hz-gb-2312")
		}
		return cleanText(string(b))
	}
	if utf8.Valid(b) && !doubleByteByChance(b, label) {
		// Multi-byte text that is valid UTF-8 is UTF-8, whatever its label says.
		return undoubled(utf8Text(b))
	}
	if strings.HasPrefix(label, "iso-2022") && escaped(b) {
		return cleanText(decodeISO2022(b, label))
	}
	e := encodingOf(label)
	if (e == nil || latin(label)) && mostlyUTF8(b) {
		return utf8Text(b)
	}
	if e != nil && (!latin(label) || likelyLatin(b)) {
		if s, ok := decodeMostly(e, b); ok {
			return s
		}
	}
	for _, other := range others {
		other = charsetLabel(other)
		if e := encodingOf(other); e != nil && (!latin(other) || likelyLatin(b)) {
			if s, ok := decodeMostly(e, b); ok {
				return s
			}
		}
	}
	return convert(b, detect(b))
}

// decodeMostly decodes with few errors or not at all.
func decodeMostly(e encoding.Encoding, b []byte) (string, bool) {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return "", false
	}
	s := utf8Text(out)
	return s, strings.Count(s, "\uFFFD")*20 < utf8.RuneCountInString(s)+20
}

// latin tells the charsets that any bytes can be read in, and that mailers declare when they do not know.
func latin(label string) bool {
	return label == "windows-1252" || label == "iso-8859-15" || label == "us-ascii"
}

var bom = []byte("\xef\xbb\xbf")

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// mostlyUTF8 tells UTF-8 with a few broken characters, as cut or doubly handled mail has, from another charset.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		b = b[n:]
	}
	return good > 10*bad
}

func knownCharset(declared string) bool {
	label := charsetLabel(declared)
	return encodingOf(label) != nil || label == "utf-8" || label == "us-ascii"
}

// convert decodes in a charset that the bytes themselves speak for.
func convert(b []byte, label string) string {
	if strings.HasPrefix(label, "iso-2022") {
		return cleanText(decodeISO2022(b, label))
	}
	e := encodingOf(label)
	if e == nil {
		e = encodingOf("windows-1252")
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		out = b
	}
	return utf8Text(out)
}

func utf8Text(b []byte) string { return cleanText(string(bytes.TrimPrefix(b, bom))) }

// cleanText drops NULs, which neither databases nor terminals take.
func cleanText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

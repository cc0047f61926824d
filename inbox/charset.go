package inbox

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding/ianaindex"
)

// detectBytes is how much of a text the charset detector looks at.
const detectBytes = 8 << 10

// decodeCharset makes UTF-8 of b. The declared charset is believed when the bytes bear it out; otherwise they are looked at:
// UTF-8 is recognised by its form, ISO-2022-JP by its escapes, and the rest by statistics.
func decodeCharset(b []byte, declared string) string {
	label := charsetLabel(declared)
	if ascii(b) {
		switch {
		case bytes.IndexByte(b, 0x1b) >= 0 && (label == "" || label == "us-ascii" || label == "iso-2022-jp"):
			return convert(b, "iso-2022-jp")
		case label == "utf-7", label == "hz-gb-2312", strings.HasPrefix(label, "utf-16") && bytes.IndexByte(b, 0) >= 0:
			return convert(b, label)
		}
		return cleanText(string(b))
	}
	if utf8.Valid(b) && !strings.HasPrefix(label, "utf-16") && !strings.HasPrefix(label, "iso-2022") {
		// Multi-byte text that is valid UTF-8 is UTF-8, whatever its label says.
		return utf8Text(b)
	}
	if out, ok := fromCharset(b, label); ok {
		s := utf8Text(out)
		if strings.Count(s, "\uFFFD")*20 < utf8.RuneCountInString(s)+20 {
			return s
		}
	}
	if label == "utf-8" && mostlyUTF8(b) {
		return utf8Text(b)
	}
	return convert(b, detect(b))
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

// charsetLabel names a declared charset as the library is asked for it.
func charsetLabel(declared string) string {
	label := strings.ToLower(strings.Trim(declared, " \t\"'"))
	switch label {
	case "ascii":
		return "us-ascii"
	case "utf8":
		return "utf-8"
	case "unicode-1-1-utf-7":
		return "utf-7"
	case "iso-8859-1", "iso8859-1", "iso88591", "iso8859_1", "iso_8859-1", "iso_8859-1:1987", "latin1", "l1":
		return "windows-1252" // what mailers call Latin-1 has curly quotes and dashes
	case "gb2312", "gb_2312-80", "gbk", "x-gbk", "cp936", "ms936", "euc-cn", "chinese", "gb-18030":
		return "gb18030" // and what they call by these names has characters of the larger set
	}
	if strings.HasPrefix(label, "iso-2022-jp") {
		return "iso-2022-jp"
	}
	return label
}

// fromCharset makes UTF-8 of text in the charset of that label, false if it cannot. ASCII and UTF-8 are for the caller.
func fromCharset(b []byte, label string) ([]byte, bool) {
	// What is not a charset's name (RFC 2978 section 2.3) must not get into a header.
	if label == "us-ascii" || label == "utf-8" || label == "" || len(label) > 40 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789+-_.:") != "" {
		return nil, false
	}
	if out, ok := undo("8bit", label, b); ok {
		return out, true
	}
	if n, ok := strings.CutPrefix(label, "cp"); ok { // cp949, cp-1251
		if out, ok := undo("8bit", "windows-"+strings.TrimPrefix(n, "-"), b); ok {
			return out, true
		}
	}
	e, err := ianaindex.MIME.Encoding(label) // knows the code pages of DOS, which the library does not
	if err != nil || e == nil {
		return nil, false
	}
	out, err := e.NewDecoder().Bytes(b)
	return out, err == nil
}

func knownCharset(declared string) bool {
	label := charsetLabel(declared)
	_, ok := fromCharset(nil, label)
	return ok || label == "utf-8"
}

// detect guesses the charset of text that is not UTF-8.
func detect(b []byte) string {
	sample := b[:min(len(b), detectBytes)]
	if bytes.Contains(sample, []byte("\x1b$")) {
		return "iso-2022-jp"
	}
	if len(sample) > 20 { // less says nothing
		if r, err := chardet.NewTextDetector().DetectBest(sample); err == nil && r.Confidence >= 30 {
			return charsetLabel(r.Charset)
		}
	}
	return "windows-1252"
}

// convert is fromCharset of a charset that the bytes themselves speak for.
func convert(b []byte, label string) string {
	out, ok := fromCharset(b, label)
	if !ok {
		out, ok = fromCharset(b, "windows-1252")
	}
	if !ok {
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

package inbox

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/cention-sany/utf7"
	"github.com/gogs/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode/utf32"
)

// detectBytes is how much of a text the charset detector looks at.
const detectBytes = 8 << 10

// decodeCharset makes UTF-8 of b. The declared charset is believed when the bytes bear it out; otherwise they are looked at:
// UTF-8 is recognised by its form, ISO-2022-JP by its escapes, and the rest by statistics.
func decodeCharset(b []byte, declared string) string {
	label := strings.ToLower(strings.Trim(declared, " \t\"'"))
	if ascii(b) {
		switch {
		case bytes.IndexByte(b, 0x1b) >= 0 && (label == "" || strings.HasPrefix(label, "iso-2022-jp") || label == "us-ascii"):
			return convert(b, japanese.ISO2022JP)
		case label == "utf-7" || label == "unicode-1-1-utf-7":
			if s, err := utf7.UTF7.NewDecoder().Bytes(b); err == nil {
				return cleanText(string(s))
			}
		case label == "hz-gb-2312":
			return convert(b, simplifiedchinese.HZGB2312)
		case strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32"):
			if e := encodingOf(label); e != nil && bytes.IndexByte(b, 0) >= 0 {
				return convert(b, e)
			}
		}
		return cleanText(string(b))
	}
	if utf8.Valid(b) && !strings.HasPrefix(label, "utf-16") && !strings.HasPrefix(label, "iso-2022") && label != "utf-32" {
		// Multi-byte text that is valid UTF-8 is UTF-8, whatever its label says.
		return cleanText(string(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))))
	}
	if e := encodingOf(label); e != nil {
		s := convert(b, e)
		if strings.Count(s, "\uFFFD")*20 < utf8.RuneCountInString(s)+20 {
			return s
		}
	}
	if label == "utf-8" && mostlyUTF8(b) {
		return cleanText(strings.ToValidUTF8(string(b), "\uFFFD"))
	}
	return convert(b, detect(b))
}

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

func encodingOf(label string) encoding.Encoding {
	switch label {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "unknown-8bit", "x-unknown", "unknown", "default", "8bit", "binary", "none":
		return nil
	case "iso-8859-8-i", "iso-8859-8-e":
		return charmap.ISO8859_8
	case "gb2312", "gbk", "gb18030", "x-gbk", "cp936", "ms936", "gb_2312-80", "euc-cn", "chinese":
		return simplifiedchinese.GB18030
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "utf-32", "utf-32be":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case "utf-32le":
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case "cp850", "ibm850":
		return charmap.CodePage850
	case "cp437", "ibm437":
		return charmap.CodePage437
	case "cp852", "ibm852":
		return charmap.CodePage852
	case "ms_kanji", "cp932", "x-sjis", "windows-31j":
		return japanese.ShiftJIS
	}
	if strings.HasPrefix(label, "iso-2022-jp") || label == "csiso2022jp" {
		return japanese.ISO2022JP
	}
	if e, err := htmlindex.Get(label); err == nil {
		return e
	}
	if n, ok := strings.CutPrefix(label, "cp"); ok {
		if e, err := htmlindex.Get("windows-" + strings.TrimPrefix(n, "-")); err == nil {
			return e
		}
	}
	if strings.HasPrefix(label, "iso8859") { // iso8859_1, iso88591
		n := strings.Trim(strings.TrimPrefix(label, "iso8859"), "-_")
		if e, err := htmlindex.Get("iso-8859-" + n); err == nil {
			return e
		}
	}
	return nil
}

func detect(b []byte) encoding.Encoding {
	sample := b[:min(len(b), detectBytes)]
	if bytes.Contains(sample, []byte("\x1b$")) {
		return japanese.ISO2022JP
	}
	if len(sample) > 20 { // less says nothing
		if r, err := chardet.NewTextDetector().DetectBest(sample); err == nil && r.Confidence >= 30 {
			if e := encodingOf(strings.ToLower(r.Charset)); e != nil {
				return e
			}
		}
	}
	return charmap.Windows1252
}

func convert(b []byte, e encoding.Encoding) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return cleanText(strings.ToValidUTF8(string(b), "\uFFFD"))
	}
	return cleanText(string(bytes.TrimPrefix(out, []byte("\xef\xbb\xbf"))))
}

// cleanText drops NULs, which neither databases nor terminals take.
func cleanText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

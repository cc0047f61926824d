package inbox

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// charsetLabel names a declared charset as encodingOf takes it: what mailers call one by another's name is named as what they
// mean, which is mostly a larger set.
func charsetLabel(declared string) string {
	label := strings.ToLower(strings.Trim(declared, " \t\"';,"))
	label = strings.TrimPrefix(label, "charset=")
	label = strings.Trim(label, "\"'_ ")
	label = strings.TrimSuffix(label, "$esc")
	switch label {
	case "ascii", "us", "ansi_x3.4-1968", "iso-ir-6", "iso646-us", "646", "7bit":
		return "us-ascii"
	case "utf8", "utf_8", "unicode-1-1-utf-8", "cp65001", "utf-8n", "x-utf-8", "utf8mb4", "utf-8-sig":
		return "utf-8"
	case "utf7", "unicode-1-1-utf-7", "csunicode11utf7", "x-unicode-2-0-utf-7", "unicode-2-0-utf-7", "cp65000":
		return "utf-7"
	case "iso-8859-1", "iso8859-1", "iso88591", "iso8859_1", "iso_8859-1", "iso_8859-1:1987", "8859_1", "latin1", "latin-1", "l1", "cp1252", "cp819", "ibm819", "iso-ir-100":
		return "windows-1252" // what mailers call Latin-1 has curly quotes and dashes
	case "gb2312", "gb_2312-80", "gb_2312", "gbk", "x-gbk", "cp936", "ms936", "windows-936", "euc-cn", "euccn", "chinese", "gb-18030", "gb2312-80", "csgb2312", "x-euc-cn", "gb18030-0", "iso-ir-58", "x-mac-chinesesimp", "x-mac-simp-chinese":
		return "gb18030" // and what they call by these names has characters of the larger set
	case "hz", "hz-gb2312", "x-hz":
		return "hz-gb-2312"
	case "ks_c_5601-1987", "ks_c_5601-1989", "ks_c_5601", "ksc5601", "ksc_5601", "korean", "cp949", "uhc", "ms949", "windows-949", "x-windows-949", "euckr", "x-euc-kr", "iso-ir-149", "x-mac-korean", "5601":
		return "euc-kr"
	case "big5-hkscs", "big5hkscs", "big5_hkscs", "big5hk", "cn-big5", "x-x-big5", "cp950", "windows-950", "x-windows-950", "csbig5", "x-mac-chinesetrad", "x-mac-trad-chinese":
		return "big5"
	case "sjis", "x-sjis", "shift-jis", "shiftjis", "x-shift-jis", "x-shift_jis", "cp932", "cp943", "ms932", "ms_kanji", "windows-31j", "windows-932", "x-ms-cp932", "csshiftjis", "x-mac-japanese", "ibm-943":
		return "shift_jis"
	case "eucjp", "x-euc-jp", "x-eucjp", "ujis", "cp51932", "cseucpkdfmtjapanese":
		return "euc-jp"
	case "iso8859-8-i", "iso-8859-8i", "iso-8859-8-e", "logical":
		return "iso-8859-8-i"
	case "koi8", "koi", "cskoi8r", "koi8r", "koi8_r", "cp20866", "x-koi8-r":
		return "koi8-r"
	case "koi8u", "koi8-ru", "koi8_u", "cp21866":
		return "koi8-u"
	case "mac", "x-mac-roman", "macroman", "mac-roman", "x-macintosh", "csmacintosh":
		return "macintosh"
	case "x-mac-ukrainian", "maccyrillic", "mac-cyrillic":
		return "x-mac-cyrillic"
	case "tis-620", "tis620", "iso-8859-11", "cp874", "dos-874", "x-windows-874", "tis620-2533":
		return "windows-874"
	case "unicode", "iso-10646-ucs-2", "ucs-2", "csunicode", "utf16", "unicodefffe", "unicodefeff":
		return "utf-16"
	case "iso-2022-kr", "csiso2022kr":
		return "iso-2022-kr"
	}
	if strings.HasPrefix(label, "iso-2022-") || strings.HasPrefix(label, "csiso2022") || strings.HasPrefix(label, "cp5022") || strings.HasPrefix(label, "iso2022") {
		return "iso-2022"
	}
	return label
}

// encodingOf is the encoding of that name, nil for names that are none, and for those of ASCII, UTF-8 and what decodeCharset
// knows by form.
func encodingOf(label string) encoding.Encoding {
	switch label {
	case "", "us-ascii", "utf-8", "utf-7", "iso-2022", "iso-2022-kr", "x-user-defined", "replacement", "unknown-8bit", "binary":
		return nil
	case "windows-1252":
		return charmap.Windows1252
	case "gb18030":
		return simplifiedchinese.GB18030
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "big5":
		return traditionalchinese.Big5
	case "euc-kr":
		return korean.EUCKR
	case "shift_jis":
		return japanese.ShiftJIS
	case "euc-jp":
		return japanese.EUCJP
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be", "utf-16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-32le":
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case "utf-32be", "utf-32":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	}
	if len(label) > 40 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789+-_.:()") != "" {
		return nil
	}
	for _, name := range spellings(label) {
		if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
			return e
		}
		if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
			return e
		}
	}
	return nil
}

// spellings are the names that a label may stand for.
func spellings(label string) []string {
	out := []string{label}
	bare := strings.NewReplacer("_", "-", " ", "").Replace(strings.TrimPrefix(label, "x-"))
	out = append(out, bare)
	number := strings.TrimLeft(bare, "abcdefghijklmnopqrstuvwxyz-")
	switch prefix := strings.TrimRight(bare[:len(bare)-len(number)], "-"); prefix {
	case "cp", "windows", "win", "ms", "ibm", "dos", "oem", "ansi", "microsoft-cp", "windows-cp":
		if strings.HasPrefix(number, "125") {
			return append(out, "windows-"+number)
		}
		return append(out, "ibm"+number, "ibm0"+number, "ibm00"+number, "cp"+number)
	case "iso", "iso-ir", "":
		if n := strings.TrimPrefix(strings.TrimPrefix(number, "8859"), "-"); n != number && n != "" {
			return append(out, "iso-8859-"+n)
		}
	case "latin", "l":
		return append(out, "latin"+number)
	case "koi":
		return append(out, "koi8-r")
	}
	return out
}

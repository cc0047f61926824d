package inbox

import (
	"io"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNameBytes is what file systems take, less what callers may add.
const maxNameBytes = 200

// Open reads the attachment's decoded bytes from the raw mail it lies in. The reader never holds the attachment in memory; of an
// S/MIME container around it, it holds the content. What is wrong with a container is an error of its Read.
func (a Attachment) Open(raw io.ReaderAt) io.Reader {
	return openRange(raw, a.Within, a.Offset, a.Length, a.Encoding)
}

// attachmentOf describes a leaf as an attachment.
func attachmentOf(p *part, number int) Attachment {
	a := Attachment{
		Type:      p.mediaType,
		Size:      decodedSize(p.encoding, p.end-p.start, p.lines),
		Offset:    p.start,
		Length:    p.end - p.start,
		Encoding:  p.encoding,
		ContentID: strings.Trim(p.header.first("Content-ID"), "<> \t"),
	}
	a.Name = safeName(p.fileName())
	if a.Name == "" {
		a.Name = defaultName(a.Type, number)
	}
	return a
}

// fileName is the name as the sender gave it, decoded.
func (p *part) fileName() string {
	name := p.dispParams["filename"]
	if name == "" {
		name = p.params["name"]
	}
	if strings.Contains(name, "''") { // RFC 2231 without the asterisk
		if charset, text, ok := strings.Cut(name, "''"); ok && knownCharset(charset) {
			return decodeCharset(percentDecode(text), charset)
		}
	}
	if n := len(name); n > 2 && name[0] == '\'' && name[n-1] == '\'' {
		name = name[1 : n-1]
	}
	if strings.IndexByte(name, '%') >= 0 { // percent signs without the asterisk: only what is UTF-8 then is one
		if b := percentDecode(name); !ascii(b) && utf8.Valid(b) && ascii([]byte(name)) {
			return decodeWords(string(b))
		}
	}
	return decodeWords(name)
}

// safeName makes a bare file name of what a mail claims: no path, no control or direction-changing characters, no name
// that a file system gives a meaning to.
func safeName(s string) string {
	s = strings.ToValidUTF8(s, "")
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u200b', r == '\ufeff', r == utf8.RuneError, r >= 0x2028 && r <= 0x2029:
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	s = strings.Trim(s, " .")
	if s == "" {
		return ""
	}
	stem, ext := s, ""
	if i := strings.LastIndexByte(s, '.'); i > 0 {
		stem, ext = s[:i], s[i:]
	}
	if reserved(stem) {
		stem = "_" + stem
	}
	if len(ext) > 20 {
		stem, ext = stem+ext, ""
	}
	for len(stem)+len(ext) > maxNameBytes {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	return stem + ext
}

// reserved tells the device names of Windows.
func reserved(stem string) bool {
	s, _, _ := strings.Cut(strings.ToLower(stem), ".")
	switch s {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(s) == 4 && (strings.HasPrefix(s, "com") || strings.HasPrefix(s, "lpt")) && digit(s[3])
}

// defaultName names a part that has no name of its own.
func defaultName(mediaType string, number int) string {
	base := "part"
	if number > 1 {
		base += "-" + strconv.Itoa(number)
	}
	switch mediaType {
	case "message/rfc822", "message/global":
		return base + ".eml"
	case "text/calendar":
		return base + ".ics"
	case "text/plain":
		return base + ".txt"
	case "text/html":
		return base + ".html"
	case "image/jpeg":
		return base + ".jpg"
	case "application/ms-tnef":
		return "winmail.dat"
	}
	if _, sub := path.Split(mediaType); sub != "" && len(sub) <= 5 && isAlnum(sub) {
		return base + "." + sub
	}
	return base
}

func isAlnum(s string) bool {
	for i := 0; i < len(s); i++ {
		if !letter(s[i]) && !digit(s[i]) {
			return false
		}
	}
	return true
}

// typeByName corrects the type of attachments that mailers call application/octet-stream.
func typeByName(a Attachment) string {
	if a.Type != "application/octet-stream" && a.Type != "application/x-download" && a.Type != "application/binary" {
		return a.Type
	}
	switch strings.ToLower(path.Ext(a.Name)) {
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".doc":
		return "application/msword"
	case ".odt":
		return "application/vnd.oasis.opendocument.text"
	case ".rtf":
		return "application/rtf"
	case ".md", ".markdown":
		return "text/markdown"
	case ".pdf":
		return "application/pdf"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case ".zip":
		return "application/zip"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	}
	return a.Type
}

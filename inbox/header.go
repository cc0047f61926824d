package inbox

import (
	netmail "net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// field is one header field as it came, its body still folded and encoded.
type field struct {
	name string
	body string
}

// header is a part's header in order.
type header []field

// parseHeader splits a header block whose lines the scan has checked.
func parseHeader(block []byte) header {
	if len(block) == 0 {
		return nil
	}
	text := string(block)
	h := make(header, 0, min(strings.Count(text, "\n")+1, 64))
	from := -1 // where the body of the last field begins
	for at := 0; at < len(text); {
		end := len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		line := text[at:end]
		if (line[0] == ' ' || line[0] == '\t') && from >= 0 {
			h[len(h)-1].body = text[from:end]
		} else if name, _, ok := strings.Cut(line, ":"); ok {
			from = at + len(name) + 1
			h = append(h, field{name: strings.TrimRight(name, " \t"), body: text[from:end]})
		}
		at = end
	}
	return h
}

// first returns the unfolded body of the first field of that name, "" if there is none.
func (h header) first(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return unfold(f.body)
		}
	}
	return ""
}

func (h header) has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// all returns the unfolded bodies of the fields of that name, in order.
func (h header) all(name string) []string {
	var out []string
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			out = append(out, unfold(f.body))
		}
	}
	return out
}

// text returns the first field of that name decoded for people, in one line.
func (h header) text(name string) string { return decodeWords(h.first(name)) }

func unfold(s string) string {
	if strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 {
		var b strings.Builder
		b.Grow(len(s))
		for i := 0; i < len(s); i++ {
			if s[i] != '\r' && s[i] != '\n' {
				b.WriteByte(s[i])
			}
		}
		s = b.String()
	}
	return strings.Trim(s, " \t")
}

// decodeWords decodes the encoded words of RFC 2047 and what breaks it in practice: words with blanks inside, characters
// cut between two words, no blank around a word, raw 8-bit text. (The MIME library leaves such words as they are, in two of
// 21 fields of the mails this was measured on.)
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return cleanLine(decodeRaw(s))
	}
	out, words := replaceWords(s)
	if words > 0 && strings.Contains(out, "=?") && strings.Contains(out, "?=") { // encoded twice
		out, _ = replaceWords(out)
	}
	return cleanLine(out)
}

// maxWords bounds the encoded words of one text; those beyond stay as they are.
const maxWords = 2000

// replaceWords decodes the words of s and tells how many there were.
func replaceWords(s string) (string, int) {
	var out strings.Builder
	var run wordRun
	words := 0
	unended := false // no word below has an end
	for tried := 0; s != "" && tried < maxWords; tried++ {
		i := strings.Index(s, "=?")
		if i < 0 {
			break
		}
		w, rest, ok := cutWord(s[i:], &unended)
		if !ok {
			run.flush(&out)
			out.WriteString(decodeRaw(s[:i+2]))
			s = s[i+2:]
			continue
		}
		between := s[:i]
		if strings.Trim(between, " \t") != "" || words == 0 {
			run.flush(&out)
			out.WriteString(decodeRaw(between))
		}
		if !strings.EqualFold(run.charset, w.charset) {
			run.flush(&out)
			run.charset = w.charset
		}
		run.add(w)
		words++
		s = rest
	}
	run.flush(&out)
	out.WriteString(decodeRaw(s))
	return out.String(), words
}

// wordRun is adjacent words in one charset.
type wordRun struct {
	charset string
	bytes   []byte
	base64  []byte // their text, while all are in base64
	other   bool
}

func (r *wordRun) add(w encodedWord) {
	r.bytes = append(r.bytes, w.bytes...)
	r.base64 = append(r.base64, w.base64...)
	r.other = r.other || w.base64 == ""
}

func (r *wordRun) flush(out *strings.Builder) {
	if len(r.bytes) == 0 {
		return
	}
	b := r.bytes
	if !r.other && charsetLabel(r.charset) == "utf-8" && !utf8.Valid(b) { // the base64 itself was cut
		if joined := decodeAll("base64", r.base64); utf8.Valid(joined) {
			b = joined
		}
	}
	out.WriteString(decodeCharset(b, r.charset))
	r.bytes, r.base64, r.other = r.bytes[:0], r.base64[:0], false
}

type encodedWord struct {
	charset string
	bytes   []byte
	base64  string // its text, if it is in base64
}

// cutWord takes the encoded word that s begins with. One that has no end is as long as the field, or goes up to the next; unended
// remembers that there is no end any more.
func cutWord(s string, unended *bool) (w encodedWord, rest string, ok bool) {
	charset, after, ok := strings.Cut(s[2:], "?")
	if !ok || len(charset) > 60 || len(after) < 2 || after[1] != '?' {
		return w, "", false
	}
	w.charset, _, _ = strings.Cut(charset, "*") // RFC 2231 section 5: a language may follow
	enc := after[0] | 0x20
	text := after[2:]
	if enc != 'b' && enc != 'q' {
		return w, "", false
	}
	upTo := text // the next word, or the end
	for at := 0; ; at += 2 {
		i := strings.Index(text[at:], "=?")
		if i < 0 {
			break
		}
		if at += i; startsWord(text[at:]) {
			upTo = text[:at+1]
			break
		}
	}
	end := -1
	if upTo != text || !*unended {
		end = strings.Index(upTo, "?=")
		*unended = upTo == text && end < 0
	}
	if enc == 'q' && end > 0 && strings.HasPrefix(text[end:], "?=3D") {
		end = -1
	}
	if end >= 0 {
		text, rest = text[:end], text[end+2:]
	} else {
		if !knownCharset(w.charset) {
			return w, "", false
		}
		if upTo != text {
			upTo = upTo[:len(upTo)-1]
		}
		text, rest = strings.TrimRight(strings.TrimSuffix(upTo, "?"), " \t"), text[len(upTo):]
	}
	switch enc {
	case 'b':
		w.bytes, w.base64 = decodeAll("base64", []byte(text)), text
	case 'q':
		w.bytes = decodeQ(text)
	default:
		return w, "", false
	}
	return w, rest, true
}

// startsWord tells the beginning of an encoded word, charset and encoding.
func startsWord(s string) bool {
	charset, after, ok := strings.Cut(s[2:min(len(s), 64)], "?")
	return ok && len(after) >= 2 && after[1] == '?' && strings.IndexByte("bBqQ", after[0]) >= 0 && !strings.ContainsAny(charset, " =")
}

func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '_':
			out = append(out, ' ')
		case c == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out
}

// decodeRaw makes UTF-8 of header text that was not encoded.
func decodeRaw(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 || s[i] == 0x1b {
			return decodeCharset([]byte(s), "")
		}
	}
	return s
}

// cleanLine removes what a one-line text must not have: control characters and line ends.
func cleanLine(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return strings.Trim(s, " ")
	}
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, s), " ")
}

// mediaType splits a Content-Type or Content-Disposition into its value and parameters, RFC 2231 undone. It takes what
// mime.ParseMediaType refuses: unquoted blanks, missing semicolons, doubled parameters, stray commas. (The MIME library's
// parser agrees on all but one of 863 fields measured, but it destroys names in raw 8-bit text, drops RFC 2231 values outside
// UTF-8, and calls a type without its semicolon application/octet-stream.)
func mediaType(s string) (value string, params map[string]string) {
	value, rest, _ := strings.Cut(s, ";")
	if strings.IndexByte(value, '=') > 0 && !strings.ContainsAny(value, "/ \t,(") { // the value itself was forgotten
		value, rest = "", s
	}
	value = strings.TrimSpace(value)
	if i := strings.IndexAny(value, " \t,("); i >= 0 {
		if value[i] != '(' && strings.IndexByte(value, '=') > i { // the semicolon is missing
			rest = strings.TrimLeft(strings.TrimSpace(s)[i:], " \t,")
		}
		value = value[:i]
	}
	value = strings.ToLower(value) // last: it changes the length of what is not UTF-8
	var pieces map[string]map[int]paramPiece
	for n := 0; rest != "" && n < 200; n++ {
		var name, val string
		name, val, rest = cutParam(rest)
		if name == "" {
			continue
		}
		base, section, encoded := sectionOf(name)
		if section < 0 && !encoded {
			if params == nil {
				params = make(map[string]string, 4)
			}
			if _, dup := params[name]; !dup {
				params[name] = val
			}
			continue
		}
		if pieces == nil {
			pieces = make(map[string]map[int]paramPiece)
		}
		if pieces[base] == nil {
			pieces[base] = make(map[int]paramPiece)
		}
		pieces[base][max(section, 0)] = paramPiece{val, encoded}
	}
	for base, sections := range pieces {
		if params == nil {
			params = make(map[string]string, 4)
		}
		params[base] = joinSections(sections) // the extended form wins over the plain one (RFC 6266 section 4.3)
	}
	return value, params
}

type paramPiece struct {
	value   string
	encoded bool
}

// cutParam takes the next name=value of a parameter list.
func cutParam(s string) (name, value, rest string) {
	s = strings.TrimLeft(s, " \t;")
	eq := strings.IndexAny(s, "=;")
	if eq < 0 || s[eq] == ';' {
		_, rest, _ = strings.Cut(s, ";")
		return "", "", rest
	}
	name = strings.ToLower(strings.TrimSpace(s[:eq]))
	s = strings.TrimLeft(s[eq+1:], " \t")
	if strings.HasPrefix(s, `"`) {
		var b strings.Builder
		i := 1
		for ; i < len(s) && s[i] != '"'; i++ {
			// A backslash escapes only what needs it: some mailers leave Windows paths as they are.
			if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
				i++
			}
			b.WriteByte(s[i])
		}
		_, rest, _ = strings.Cut(s[min(i+1, len(s)):], ";")
		return name, b.String(), rest
	}
	value, rest, _ = strings.Cut(s, ";")
	return name, strings.TrimSpace(value), rest
}

// sectionOf splits name*3* into name, 3, true; section is -1 if there is none.
func sectionOf(name string) (base string, section int, encoded bool) {
	base, tail, ok := strings.Cut(name, "*")
	if !ok {
		return name, -1, false
	}
	if strings.HasSuffix(name, "*") {
		encoded = true
		tail = strings.TrimSuffix(tail, "*")
	}
	if tail == "" {
		return base, -1, encoded
	}
	n := 0
	for _, c := range tail {
		if c < '0' || c > '9' || n > 99 {
			return base, -1, encoded
		}
		n = n*10 + int(c-'0')
	}
	return base, n, encoded
}

// joinSections puts the sections of an RFC 2231 parameter together.
func joinSections(sections map[int]paramPiece) string {
	var raw []byte
	charset := ""
	anyEncoded := false
	first := 0
	if _, ok := sections[0]; !ok { // some count from one
		first = 1
	}
	for i := first; ; i++ {
		p, ok := sections[i]
		if !ok {
			break
		}
		v := p.value
		if p.encoded {
			if a, b, ok := strings.Cut(v, "'"); ok && charset == "" && (i == first || knownCharset(a)) {
				if _, text, ok := strings.Cut(b, "'"); ok {
					charset, v = a, text
				}
			}
			anyEncoded = true
			raw = append(raw, percentDecode(v)...)
			continue
		}
		raw = append(raw, v...)
	}
	if anyEncoded {
		return decodeCharset(raw, charset)
	}
	return string(raw)
}

func percentDecode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return out
}

// describe fills in what the header says of the body.
func (p *part) describe(defaultType string) {
	p.mediaType, p.params = mediaType(p.header.first("Content-Type"))
	if strings.IndexByte(p.mediaType, '/') <= 0 {
		p.mediaType = defaultType
	}
	p.disposition, p.dispParams = mediaType(p.header.first("Content-Disposition"))
	p.encoding, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(p.header.first("Content-Transfer-Encoding"))), ";")
	p.encoding = strings.TrimSpace(p.encoding)
}

// messageIDs returns the ids of a Message-ID, In-Reply-To or References field, without angle brackets.
func messageIDs(s string) []string {
	var out []string
	for len(out) < 1000 {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		j := strings.IndexByte(s[i:], '>')
		if j < 0 {
			break
		}
		if id := strings.Join(strings.Fields(s[i+1:i+j]), ""); id != "" {
			out = append(out, cleanLine(decodeRaw(id)))
		}
		s = s[i+j+1:]
	}
	if out == nil && strings.Contains(s, "@") && !strings.ContainsAny(strings.TrimSpace(s), " \t") {
		out = append(out, cleanLine(decodeRaw(strings.TrimSpace(s)))) // brackets forgotten
	}
	return out
}

// parseDate reads an RFC 5322 date and the variants that are met; zero if it cannot.
func parseDate(s string) time.Time {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || len(s) > 100 {
		return time.Time{}
	}
	if t, err := netmail.ParseDate(s); err == nil {
		return t
	}
	if i := strings.IndexByte(s, '('); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	for _, layout := range []string{
		"Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04", "Mon, 2 Jan 2006 15:04:05 -07:00",
		"Mon, 2 Jan 2006 15:04:05 GMT-0700", "Mon, 2 January 2006 15:04:05 -0700", "Mon Jan 2 15:04:05 2006",
		"Mon Jan 2 15:04:05 MST 2006", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", time.RFC3339,
		"Mon, 2 Jan 06 15:04:05 -0700", "Monday, 2 Jan 2006 15:04:05 -0700", "Mon,2 Jan 2006 15:04:05 -0700",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

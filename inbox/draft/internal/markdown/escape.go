package markdown

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// text writes s escaped. next is what will follow, 0 for the end of the line; guard is the byte to escape because of where
// the line begins, -1 for none.
func (c *inline) text(s string, next rune, guard int, inLink bool) {
	if s == "" {
		return
	}
	b := make([]byte, 0, len(s)+len(s)/16+8)
	prev := c.prev
	noURL, closing := 0, len(s)
	if c.heading {
		closing = len(strings.TrimRight(s, "# "))
	}
	for i := 0; i < len(s); {
		ch := s[i]
		if ch >= utf8.RuneSelf || ch == ' ' || ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' {
			if ch == 'h' && !inLink && !c.cell && !c.emphasis && i >= noURL && (blank(prev) || prev == '(') {
				n, suffers := bareURL(s[i:])
				noURL = i + n
				if suffers {
					b = append(append(append(b, '<'), s[i:i+n]...), '>')
					prev = '>'
					i += n
					continue
				}
			}
			r, n := utf8.DecodeRuneInString(s[i:])
			b = append(b, s[i:i+n]...)
			prev = r
			i += n
			continue
		}
		after := next
		if i+1 < len(s) {
			after, _ = utf8.DecodeRuneInString(s[i+1:])
		}
		atEnd := i+1 == len(s)
		esc := i == guard
		switch ch {
		case '\\':
			esc = esc || atEnd || after < utf8.RuneSelf && punct(after)
		case '`':
			esc = true
		case '*':
			esc = esc || !(blank(prev) && blank(after))
		case '_':
			n := i
			for n < len(s) && s[n] == '_' {
				n++
			}
			behind := next
			if n < len(s) {
				behind, _ = utf8.DecodeRuneInString(s[n:])
			}
			// A whole run of them within a word is none of emphasis; any other is escaped as a whole.
			if plainRun := alnum(prev) && alnum(behind) || blank(prev) && blank(behind); plainRun && i != guard {
				b = append(b, s[i:n]...)
			} else {
				for range n - i {
					b = append(b, `\_`...)
				}
			}
			prev, i = '_', n
			continue
		case '~':
			esc = esc || c.tildes
		case '[':
			esc = esc || c.brackets || inLink || after == '^'
		case ']':
			esc = esc || inLink
		case '<':
			esc = esc || atEnd || after == '/' || after == '!' || after == '?' || after < utf8.RuneSelf && unicode.IsLetter(after)
		case '&':
			esc = esc || entity(s[i:])
		case '|':
			esc = esc || c.cell
		case '{':
			esc = esc || len(s) > i+2 && critic(s[i+1:i+3]) || len(s) <= i+2 && strings.ContainsRune("+-~=><*[`", after)
		case '}':
			esc = esc || i >= 2 && critic(s[i-2:i]) || i < 2 && strings.ContainsRune("+-~=><*`])", prev)
		case '!':
			esc = esc || atEnd && next == '['
		case '#':
			esc = esc || i >= closing && blank(prev) && c.heading
		}
		if esc {
			b = append(b, '\\')
		}
		b = append(b, ch)
		prev = rune(ch)
		i++
	}
	c.put(string(b))
}

func alnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

func critic(s string) bool {
	return s == "++" || s == "--" || s == "~~" || s == "==" || s == ">>" || s == "<<"
}

// entity tells whether s begins with a character reference.
func entity(s string) bool {
	end := strings.IndexByte(s[:min(len(s), 40)], ';')
	return end > 1 && strings.Trim(s[1:end], "#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// bareURL is the length of a URL at the start of s, 0 if there is none, and whether escaping would change what it links to.
func bareURL(s string) (n int, suffers bool) {
	if !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") {
		return 0, false
	}
	s = s[:min(len(s), maxURL)]
	if n = strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r == '<' || r == '>' || r == '"' || r == '`' || r == '\\' || r >= 0x7f
	}); n < 0 {
		n = len(s)
	}
	if n == maxURL {
		return n, false
	}
	n = len(strings.TrimRight(s[:n], ".,;:!?'*_)]}"))
	return n, n >= 10 && strings.ContainsAny(s[:n], "*_~[]{}&")
}

// guard finds the byte whose escape keeps a line from beginning a block; -1 for none.
func (c *inline) guard(line string, first bool) int {
	if line == "" || c.heading {
		if strings.HasPrefix(line, "#") {
			return 0
		}
		return -1
	}
	word := line
	if i := strings.IndexByte(line, ' '); i >= 0 {
		word = line[:i]
	}
	switch line[0] {
	case '#':
		if len(word) <= 6 && strings.Trim(word, "#") == "" {
			return 0
		}
	case '>', '=':
		if line[0] == '>' || !first && strings.Trim(line, "= ") == "" {
			return 0
		}
	case '-', '+', '*', '_':
		if len(word) == 1 || strings.Trim(line, line[:1]+" ") == "" || strings.Trim(line, "-:| ") == "" {
			return 0
		}
	case '~':
		if strings.HasPrefix(line, "~~~") {
			return 0
		}
	case ':', '|':
		if !first && strings.Trim(line, "-:| ") == "" || strings.HasPrefix(line, ": ") {
			return 0
		}
	case '[':
		if strings.Contains(line, "]:") || c.item && len(line) >= 3 && line[2] == ']' {
			return 0
		}
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		n := strings.IndexFunc(word, func(r rune) bool { return r < '0' || r > '9' })
		if n > 0 && n <= 9 && n == len(word)-1 && (word[n] == '.' || word[n] == ')') {
			return n
		}
	}
	return -1
}

// plain is text on one line, escaped, for an image's description or a comment.
func plain(s string, inLink bool) string {
	w := New(20_000, nil)
	w.Text(strings.ToValidUTF8(s, ""), Format{})
	if w.full {
		w = New(20_000, nil)
		w.Text(strings.ToValidUTF8(s[:min(len(s), 19_000)], ""), Format{})
	}
	runs := tidy(w.runs)
	if len(runs) == 0 {
		return ""
	}
	c := inline{cell: true, brackets: true}
	c.prev = '['
	c.text(string(runs[0].text), ']', -1, inLink)
	return string(c.out)
}

// Escape is text on one line as Markdown.
func Escape(s string) string { return plain(s, false) }

// Link is a URL as it may stand in Markdown: "" unless it leads to the web or to a mailbox.
func Link(u string) string {
	u = strings.TrimSpace(u)
	if u == "" || len(u) > maxURL {
		return ""
	}
	p, err := url.Parse(u)
	if err != nil {
		return ""
	}
	switch strings.ToLower(p.Scheme) {
	case "http", "https", "ftp":
		if p.Host == "" {
			return ""
		}
	case "mailto", "tel":
	default:
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(u); i++ {
		switch ch := u[i]; {
		case ch <= ' ' || ch == 0x7f || strings.IndexByte("()<>\\\"`*[]|", ch) >= 0:
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[ch>>4], hex[ch&15]})
		default:
			b.WriteByte(ch)
		}
	}
	return strings.ToValidUTF8(b.String(), "")
}

func autolink(u string) bool {
	for i := 0; i < len(u); i++ {
		if u[i] <= ' ' || u[i] >= 0x7f || u[i] == '<' || u[i] == '>' {
			return false
		}
	}
	return strings.Contains(u, "://")
}

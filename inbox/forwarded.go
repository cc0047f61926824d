package inbox

import (
	"strings"
	"time"
)

const (
	maxForwarded   = 50     // mails inside a mail that are listed
	maxInline      = 5      // forwards inside inline forwards
	maxInlineLines = 20_000 // of an inline forward's text
)

// inlineForward reads the mail that lines forward inline: a header block below a forward line, or, under a forward's
// subject, any header block. Forwards inside it follow.
func inlineForward(lines []line, subject string, t trimmed) []Forwarded {
	start := t.forward
	if start < 0 {
		if !forwardSubject(subject) || t.history >= len(lines) {
			return nil
		}
		start = t.history
	}
	var out []Forwarded
	answer := t.forward < 0 && strings.HasPrefix(strings.ToLower(strings.TrimSpace(subject)), "re:")
	comment := joinLines(lines[:start], func(i int) bool { return t.keep[i] })
	for len(out) < maxInline {
		for start < len(lines) && (strings.Trim(lines[start].text, "-_=*–—> ") == "" || splitter(strings.TrimLeft(lines[start].text, "> ")) != noSplitter && behindSplitter(lines[start].text) == "") {
			start++
		}
		block, ok := forwardedBlock(lines, start, answer)
		if !ok || block.from == "" {
			break
		}
		body := unquote(lines[start:block.end], lines[block.end:])
		body = body[:min(len(body), maxInlineLines)]
		inner := trim(body)
		f := Forwarded{
			From:    forwardedAddress(block.from),
			Subject: block.subject,
			Date:    forwardedDate(block.date),
			Comment: comment,
		}
		next := inner.forward
		f.Text = joinLines(body, func(i int) bool { return inner.keep[i] && (next < 0 || i < next) })
		out = append(out, f)
		if next < 0 {
			break
		}
		comment = f.Text
		lines, start = body, next
	}
	return out
}

// forwardedBlock reads the header at lines[i], also one on the line of the splitter, or, unless the mail answers another, one
// that is but an attribution.
func forwardedBlock(lines []line, i int, answer bool) (headerBlock, bool) {
	if i >= len(lines) {
		return headerBlock{}, false
	}
	if b, ok := headerBlockAt(lines, i); ok {
		return b, true
	}
	if b, ok := oneLineBlock(behindSplitter(lines[i].text)); ok {
		b.end = i + 1
		return b, true
	}
	if end := attributionEnd(lines, i); end >= 0 && !answer {
		return headerBlock{end: end + 1, from: attributed(joined(lines, i, end))}, true
	}
	return headerBlock{}, false
}

// behindSplitter is what stands behind the rule of "----- Forwarded Message ----- From: …".
func behindSplitter(s string) string {
	s = strings.TrimSpace(strings.TrimLeft(s, "> "))
	if !strings.HasPrefix(s, "--") || strings.HasSuffix(s, "-") {
		return ""
	}
	return strings.TrimSpace(s[strings.LastIndex(s, "--")+2:])
}

// attributed is the author whom an attribution names, as "Name <address>"; "" if it names no address.
func attributed(s string) string {
	open := strings.LastIndexByte(s, '<')
	end := strings.IndexByte(s[max(open, 0):], '>')
	if open < 0 || end < 0 || !strings.Contains(s[open:open+end], "@") {
		return ""
	}
	words := strings.Fields(s[:open])
	i := len(words)
	for i > 0 && len(words)-i < 5 {
		w := words[i-1]
		if strings.ContainsAny(w, "0123456789:") || strings.HasSuffix(w, ",") || findVerb(fold(w)).found || strings.EqualFold(w, "pm") || strings.EqualFold(w, "am") {
			break
		}
		i--
	}
	return strings.Join(words[i:], " ") + " " + s[open:open+end+1]
}

// forwardedDate reads the dates that clients write into forwards, in English and in the forms that are the same everywhere.
func forwardedDate(s string) time.Time {
	if t := parseDate(s); !t.IsZero() {
		return t
	}
	s = strings.Join(strings.Fields(strings.NewReplacer(" at ", " ", "\u202f", " ", " um ", " ").Replace(s)), " ")
	for _, layout := range []string{
		"Mon, 2 Jan 2006 15:04", "Mon, Jan 2, 2006 3:04 PM", "Mon, Jan 2, 2006 15:04", "Monday, January 2, 2006 3:04 PM", "Monday, 2 January 2006 15:04", "Monday, 2 January 2006 3:04 PM", "January 2, 2006 3:04:05 PM MST", "2 January 2006 15:04:05 MST",
		"2 January 2006 15:04", "Mon 2 Jan 2006 15:04", "02.01.2006 15:04", "2006-01-02 15:04",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// unquote takes the quote marks off the lines of a forward whose header has them, and what indents all of them.
func unquote(block, lines []line) []line {
	if len(block) == 0 || !strings.HasPrefix(strings.TrimSpace(block[0].text), ">") {
		return unindent(lines)
	}
	out := make([]line, len(lines))
	for i, l := range lines {
		l.text = strings.TrimPrefix(strings.TrimPrefix(l.text, ">"), " ")
		out[i] = l
	}
	return out
}

// unindent takes the four blanks off that Outlook for Mac puts before every line.
func unindent(lines []line) []line {
	const indent = "    "
	if len(lines) == 0 {
		return lines
	}
	for _, l := range lines {
		if l.text != "" && !strings.HasPrefix(l.text, indent) {
			return lines
		}
	}
	out := make([]line, len(lines))
	for i, l := range lines {
		l.text = strings.TrimPrefix(l.text, indent)
		out[i] = l
	}
	return out
}

// forwardedAddress reads "Name <address>", "Name [mailto:address]" and "Name (address)".
func forwardedAddress(s string) Address {
	if i := strings.Index(s, "[mailto:"); i >= 0 {
		addr, _, _ := strings.Cut(s[i+8:], "]")
		return Address{Address: cleanAddress(addr), Name: cleanName(s[:i])}
	}
	s = strings.NewReplacer("[", "<", "]", ">").Replace(s)
	if i := strings.Index(s, "<mailto:"); i > 0 && strings.Contains(s[:i], "@") {
		s = s[:i] // "a@b <mailto:a@b>", as HTML turned into text has it
		if strings.Count(s, "<") > strings.Count(s, ">") {
			s += ">"
		}
	}
	a, _ := parseAddress(s)
	return a
}

// forwardSubject tells a subject that mail clients give to forwards.
func forwardSubject(s string) bool {
	low := strings.ToLower(strings.TrimSpace(s))
	for _, p := range []string{"fwd:", "fw:", "wg:", "tr:", "rv:", "enc:", "i:", "vb:", "vl:", "vs:", "doorst:", "pd:", "továbbítás:", "továbbítva:", "ynt:", "ilt:", "fwd :", "i :", "転送:", "转发:", "轉寄:", "전달:", "пересл:", "fw：", "转发：", "[fwd:", "rvs:", "rif: fwd", "re: fwd:", "re: fw:"} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}

// forward reads an attached message.
func (e embedded) forward(comment string) (Forwarded, content) {
	if e.tnef != nil {
		return e.tnef.forward(e.x, comment)
	}
	h := e.x.s.parts[e.root].header
	c := e.x.read(e.root)
	t := trim(c.lines)
	f := Forwarded{
		From:     firstAddress(h, "From"),
		Subject:  h.text("Subject"),
		Date:     parseDate(h.first("Date")),
		Text:     joinLines(c.lines, func(i int) bool { return t.keep[i] }),
		Comment:  comment,
		Attached: true,
	}
	if ids := messageIDs(h.first("Message-ID")); len(ids) > 0 {
		f.MessageID = ids[0]
	}
	return f, c
}

func firstAddress(h header, name string) Address {
	if list := parseAddresses(h.first(name)); len(list) > 0 {
		return list[0]
	}
	return Address{}
}

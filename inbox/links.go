package inbox

import (
	"net/url"
	"strings"
)

const maxLinks = 200

// webURL returns u if it is an http(s) link with a host, else "".
func webURL(u string) string {
	u = strings.TrimSpace(u)
	if len(u) < 10 || len(u) > 4000 {
		return ""
	}
	low := strings.ToLower(u[:8])
	if !strings.HasPrefix(low, "http://") && low != "https://" {
		return ""
	}
	p, err := url.Parse(u)
	if err != nil || p.Hostname() == "" {
		return ""
	}
	return u
}

// findLinks returns the links of the lines that keep chooses, each once, in order.
func findLinks(lines []line, keep func(i int) bool) []Link {
	var out []Link
	seen := make(map[string]bool)
	add := func(u string) {
		if u = webURL(u); u == "" || seen[u] || len(out) >= maxLinks {
			return
		}
		seen[u] = true
		lt := linkType(u)
		out = append(out, Link{URL: u, Type: lt, ID: documentID(u, lt)})
	}
	for i, l := range lines {
		if !keep(i) {
			continue
		}
		for _, u := range textLinks(l.text) {
			add(u)
		}
		for _, u := range l.urls {
			add(unwrap(u))
		}
	}
	return out
}

// textLinks cuts the URLs out of a line as mail clients do: to a blank or bracket, without punctuation that ends a sentence.
func textLinks(s string) []string {
	var out []string
	for len(out) < maxLinks {
		i := indexScheme(s)
		if i < 0 {
			return out
		}
		s = s[i:]
		end := strings.IndexFunc(s, func(r rune) bool {
			return r <= ' ' || r == '<' || r == '>' || r == '"' || r == '\u00a0' || r == '|' || r == '`' || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef
		})
		if end < 0 {
			end = len(s)
		}
		u := strings.TrimRight(s[:end], ".,;:!?'*_")
		for strings.HasSuffix(u, ")") && strings.Count(u, "(") < strings.Count(u, ")") || strings.HasSuffix(u, "]") && strings.Count(u, "[") < strings.Count(u, "]") {
			u = strings.TrimRight(u[:len(u)-1], ".,;:!?'*_")
		}
		if a, _, ok := strings.Cut(u, "]("); ok { // Markdown: [https://a](https://a)
			u = a
		}
		if u != "" {
			out = append(out, unwrap(u))
		}
		s = s[max(len(u), 1):]
	}
	return out
}

// OnlyLink is the one http(s) link in what the sender wrote, also behind words; false if there is none or more than one.
func (m *Message) OnlyLink() (string, bool) {
	lines := splitLines(m.Text)
	quoted := func(i int) bool { return strings.HasPrefix(strings.TrimSpace(lines[i].text), ">") }
	links := findLinks(lines, func(i int) bool { return !quoted(i) })
	if len(m.Forwarded) == 0 { // else Links are also those of the mail that is passed on
		above := findLinks(lines, quoted)
		for _, l := range m.Links {
			if !hasLink(links, l.URL) && !hasLink(above, l.URL) {
				links = append(links, l)
			}
		}
	}
	if len(links) != 1 {
		return "", false
	}
	return links[0].URL, true
}

func indexScheme(s string) int {
	for at := 0; ; {
		i := strings.Index(s[at:], "://")
		if i < 0 {
			return -1
		}
		i += at
		for _, scheme := range []string{"https", "http"} {
			if start := i - len(scheme); start >= 0 && strings.EqualFold(s[start:i], scheme) {
				return start
			}
		}
		at = i + 3
	}
}

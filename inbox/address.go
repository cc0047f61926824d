package inbox

import (
	"strings"
)

// maxAddresses bounds what is kept of one address header.
const maxAddresses = 2000

// parseAddresses reads an address list (RFC 5322 section 3.4), as tolerantly as mail clients do: groups are flattened,
// comments may be names, encoded words may stand inside quotes, and what has no "@" is passed over unless it is all there is.
// (The MIME library refuses 18 of 769 fields measured, "MAILER-DAEMON <>" and groups among them.)
func parseAddresses(s string) []Address {
	var out []Address
	for _, item := range splitAddresses(s) {
		if a, ok := parseAddress(item); ok {
			out = append(out, a)
		}
		if len(out) == maxAddresses {
			break
		}
	}
	return out
}

// splitAddresses cuts at commas and semicolons outside quotes, comments and angle brackets; a group's name is dropped.
func splitAddresses(s string) []string {
	var out []string
	start, comment := 0, 0
	quoted, angle := false, false
	for i := 0; i < len(s) && len(out) < maxAddresses; i++ {
		switch c := s[i]; {
		case c == '\\' && (quoted || comment > 0):
			i++
		case c == '"' && comment == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			comment++
		case c == ')' && comment > 0:
			comment--
		case comment > 0:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == ':' && !angle && !strings.Contains(s[start:i], "@") && !strings.HasSuffix(strings.ToLower(s[start:i]), "mailto"):
			start = i + 1
		case (c == ',' || c == ';') && !angle:
			if item := strings.TrimSpace(s[start:i]); item != "" {
				out = append(out, item)
			}
			start = i + 1
		}
	}
	if start < len(s) {
		if item := strings.TrimSpace(s[start:]); item != "" {
			out = append(out, item)
		}
	}
	return out
}

// parseAddress reads one mailbox. ok is false when there is neither address nor name.
func parseAddress(s string) (Address, bool) {
	s = strings.TrimSpace(s)
	// The address is in the last angle brackets: names may have some of their own.
	if end := strings.LastIndexByte(s, '>'); end >= 0 {
		if start := strings.LastIndexByte(s[:end], '<'); start >= 0 {
			name := s[:start]
			if strings.TrimSpace(name) == "" {
				name = comments(s[end+1:])
			}
			a := Address{Address: cleanAddress(s[start+1 : end]), Name: cleanName(name)}
			return a, a.Address != "" || a.Name != ""
		}
	}
	bare := stripComments(s)
	if strings.Contains(bare, "@") {
		// "Name name@host" without brackets is met.
		fields := strings.Fields(bare)
		for i, f := range fields {
			if strings.Contains(f, "@") {
				name := comments(s)
				if name == "" {
					name = strings.Join(fields[:i], " ")
				}
				return Address{Address: cleanAddress(strings.Trim(f, "<>[]\"")), Name: cleanName(name)}, true
			}
		}
	}
	name := cleanName(s)
	return Address{Name: name}, name != ""
}

func comments(s string) string {
	start := strings.IndexByte(s, '(')
	end := strings.LastIndexByte(s, ')')
	if start < 0 || end <= start {
		return ""
	}
	return s[start+1 : end]
}

func stripComments(s string) string {
	if strings.IndexByte(s, '(') < 0 {
		return s
	}
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"' && depth == 0:
			quoted = !quoted
		case !quoted && c == '(':
			depth++
			continue
		case !quoted && c == ')' && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// cleanAddress takes blanks and control characters out and folds the domain's case. A source route is dropped.
func cleanAddress(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasPrefix(s, "@") {
		if _, after, ok := strings.Cut(s, ":"); ok {
			s = after
		}
	}
	s = decodeRaw(stripComments(s))
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == '<' || r == '>' {
			return -1
		}
		return r
	}, s)
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		return s[:at] + "@" + strings.ToLower(strings.TrimRight(s[at+1:], "."))
	}
	return s
}

func cleanName(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n >= 2 && (s[0] == '"' && s[n-1] == '"' || s[0] == '\'' && s[n-1] == '\'') {
		s = s[1 : n-1]
	}
	if strings.IndexByte(s, '\\') >= 0 {
		s = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s)
	}
	return strings.Trim(decodeWords(s), `" `)
}

// domain returns what follows the "@", lower case.
func (a Address) domain() string {
	_, d, ok := lastCut(a.Address, "@")
	if !ok {
		return ""
	}
	return strings.ToLower(d)
}

func lastCut(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

package inbox

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// maxWrapped bounds the rewritings of one link: a mail passes few gateways.
const maxWrapped = 5

// unwrap undoes the link rewriting of mail gateways, so that the type and the target are the sender's. Mimecast and others who keep
// the target to themselves stay as they are.
func unwrap(u string) string {
	for range maxWrapped {
		inner := webURL(unwrapOnce(u))
		if inner == "" {
			break
		}
		u = inner
	}
	return u
}

// unwrapOnce returns the target of a rewritten link, "" if u is none.
func unwrapOnce(u string) string {
	p, err := url.Parse(u)
	if err != nil {
		return ""
	}
	host := linkHost(p)
	q := func(name string) string { return p.Query().Get(name) }
	switch {
	case strings.HasSuffix(host, ".safelinks.protection.outlook.com"), strings.HasSuffix(host, ".safelinks.protection.office365.us"):
		return q("url")
	case host == "statics.teams.cdn.office.net" && strings.Contains(p.Path, "safelinks"):
		return q("url")
	case (host == "google.com" || strings.HasPrefix(host, "www.google.")) && p.Path == "/url":
		if !googleHost(host) {
			return ""
		}
		if s := q("q"); s != "" {
			return s
		}
		return q("url")
	case host == "urldefense.com" || host == "urldefense.us" || strings.HasSuffix(host, ".urldefense.com") || host == "urldefense.proofpoint.com":
		return unwrapProofpoint(u, p)
	case host == "linkprotect.cudasvc.com":
		return q("a")
	case strings.HasSuffix(host, ".protection.sophos.com"):
		return decodeLink(q("u"))
	case host == "secure-web.cisco.com":
		// The target is the path's last segment, escaped.
		if i := strings.LastIndexByte(p.EscapedPath(), '/'); i >= 0 {
			if s, err := url.PathUnescape(p.EscapedPath()[i+1:]); err == nil {
				return s
			}
		}
	case host == "deref-gmx.net", host == "deref-web.de", host == "deref-mail.com", strings.HasSuffix(host, ".deref-gmx.net"), strings.HasSuffix(host, ".deref-web.de"):
		return q("redirectUrl")
	case host == "l.facebook.com":
		return q("u")
	}
	return ""
}

// googleHost tells www.google.com and www.google.co.uk from www.google.evil.example.
func googleHost(host string) bool {
	tld := strings.TrimPrefix(strings.TrimPrefix(host, "www."), "google.")
	if tld == "com" {
		return true
	}
	first, second, two := strings.Cut(tld, ".")
	if two {
		return (first == "co" || first == "com") && len(second) == 2
	}
	return len(first) == 2
}

// unwrapProofpoint undoes the three forms of URL Defense.
func unwrapProofpoint(u string, p *url.URL) string {
	switch {
	case strings.HasPrefix(p.Path, "/v1/"):
		return p.Query().Get("u")
	case strings.HasPrefix(p.Path, "/v2/"):
		s, err := url.PathUnescape(strings.NewReplacer("-", "%", "_", "/").Replace(p.Query().Get("u")))
		if err != nil {
			return ""
		}
		return s
	}
	_, after, ok := strings.Cut(u, "/v3/__")
	if !ok {
		return ""
	}
	target, rest, ok := strings.Cut(after, "__;")
	if !ok {
		return ""
	}
	encoded, _, _ := strings.Cut(rest, "!")
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return ""
	}
	return restoreStars(target, []rune(string(b)))
}

// restoreStars puts back the characters that version 3 took out: * is one of them, ** and a letter a run.
func restoreStars(s string, taken []rune) string {
	const lengths = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '*' {
			out.WriteByte(s[i])
			continue
		}
		n := 1
		if i+2 < len(s) && s[i+1] == '*' {
			if n = strings.IndexByte(lengths, s[i+2]) + 2; n < 2 {
				return ""
			}
			i += 2
		}
		if n > len(taken) {
			return ""
		}
		out.WriteString(string(taken[:n]))
		taken = taken[n:]
	}
	target := out.String()
	if scheme, rest, ok := strings.Cut(target, ":/"); ok && !strings.HasPrefix(rest, "/") { // a proxy merged the slashes
		target = scheme + "://" + rest
	}
	return target
}

// decodeLink is a link in base64 of either alphabet.
func decodeLink(s string) string {
	s = strings.NewReplacer("+", "-", "/", "_", " ", "-").Replace(strings.TrimRight(s, "="))
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(b)
}

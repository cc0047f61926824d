package webcheck

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const maxURL = 2000 // bytes

// ParseURL reads the address of a page as people write it in a mail: with the brackets, quotes and full stops around it,
// with https:// left out, with letters of any script. What comes back is ASCII, http or https, at a host with a public
// name or address, and parses to itself. The error is a *Problem with the Code BadURL or NotPublic.
func ParseURL(raw string) (*url.URL, error) { return parseURL(raw, nil) }

// Same tells whether two addresses that ParseURL gave are of one page: a place on it does not count, nor the slash of a site's start.
func Same(a, b string) bool { return bareURL(a) == bareURL(b) }

func bareURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Fragment, u.RawFragment = "", ""
	if u.Path == "" {
		u.Path = "/"
	}
	switch {
	case u.Scheme == "http":
		u.Host = strings.TrimSuffix(u.Host, ":80")
	case u.Scheme == "https":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	}
	return u.String()
}

func parseURL(raw string, allow []netip.Prefix) (*url.URL, error) {
	if len(raw) > 2*maxURL { // before it is looked at
		return nil, tooLong()
	}
	s := bare(raw)
	switch {
	case s == "":
		return nil, problem(BadURL, "there is no address: write it in full, as in https://example.org/post")
	case len(s) > maxURL:
		return nil, tooLong()
	case !utf8.ValidString(s) || strings.ContainsFunc(s, hidden):
		return nil, problem(BadURL, "the address has characters that cannot be seen: write it anew")
	case strings.ContainsFunc(s, unicode.IsSpace):
		return nil, problem(BadURL, "the address has a space in it: write it without, or as %%20")
	}
	full, err := withScheme(s)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(full)
	if err != nil {
		return nil, problem(BadURL, "this is not the address of a page: write it in full, as in https://example.org/post")
	}
	return checkURL(u, allow)
}

// checkURL returns u as it may be asked for. It holds for what a mail says and for where a site redirects to.
func checkURL(u *url.URL, allow []netip.Prefix) (*url.URL, error) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, badScheme(u.Scheme)
	}
	if u.User != nil {
		return nil, problem(BadURL, "the address has a user name before an @: only pages that everyone can see are checked")
	}
	host, err := checkHost(u.Hostname(), allow)
	if err != nil {
		return nil, err
	}
	switch port := u.Port(); {
	case port == "", u.Scheme == "http" && port == "80", u.Scheme == "https" && port == "443":
	case port == "80", port == "443", port == "8080", port == "8443":
		host += ":" + port
	default:
		return nil, problem(BadURL, "the address names the port %s: only 80, 443, 8080 and 8443 are checked", port)
	}
	checked := *u
	checked.Host = host
	checked.ForceQuery = false
	checked.RawQuery = escapeQuery(u.RawQuery)
	if len(checked.String()) > maxURL {
		return nil, tooLong()
	}
	return &checked, nil
}

// checkHost returns the name or address in the form that is dialled: lower case, punycode (RFC 5891), IPv6 in brackets.
func checkHost(host string, allow []netip.Prefix) (string, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return checkLiteral(a, allow)
	}
	if host == "" {
		return "", problem(BadURL, "the address names no site: write it in full, as in https://example.org/post")
	}
	// Strict but for underscores, and for hyphens in the third and fourth place, which both exist; see below for the rest.
	profile := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false),
		idna.CheckHyphens(false), idna.VerifyDNSLength(true))
	name, err := profile.ToASCII(host)
	name = strings.TrimSuffix(name, ".") // the root's
	if err != nil || !utf8.ValidString(host) || name == "" || strings.HasSuffix(name, ".") || strings.ContainsFunc(name, notInName) {
		return "", problem(BadURL, "%s is not the name of a site", clean(host, 100))
	}
	if a, err := netip.ParseAddr(name); err == nil { // written in digits of another script
		return checkLiteral(a, allow)
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case last == "localhost":
		return "", problem(NotPublic, "%s is a name for the machine itself: give the address that readers use", name)
	case last == name:
		return "", problem(BadURL, "%s is not the full name of a site: write it as in https://example.org/post", name)
	case '0' <= last[0] && last[0] <= '9': // no domain does, but some resolvers take 127.1 and 0x7f.1 for addresses
		return "", problem(BadURL, "%s is not the name of a site", name)
	}
	return name, nil
}

func notInName(r rune) bool {
	return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
}

func checkLiteral(a netip.Addr, allow []netip.Prefix) (string, error) {
	a = a.Unmap()
	if !public(a) && !within(allow, a) {
		return "", notPublic(a.String())
	}
	if a.Is6() {
		return "[" + a.String() + "]", nil
	}
	return a.String(), nil
}

func notPublic(where string) *Problem {
	return problem(NotPublic, "%s: the address is not a public one", where)
}

func tooLong() *Problem {
	return problem(BadURL, "the address is longer than %d bytes: give the page's short address", maxURL)
}

func badScheme(scheme string) *Problem {
	return problem(BadURL, "the address begins with %s: and not with http: or https:", clean(scheme, 20))
}

// withScheme puts https:// before an address that has no scheme. "example.org:8080" has none, "mailto:ana" has one.
func withScheme(s string) (string, error) {
	if strings.HasPrefix(s, "//") {
		return "https:" + s, nil
	}
	head, rest, found := strings.Cut(s, ":")
	switch {
	case !found || strings.ContainsAny(head, "/?#[@"):
		return "https://" + s, nil
	case strings.EqualFold(head, "http"), strings.EqualFold(head, "https"):
		return s, nil
	case strings.HasPrefix(rest, "//"):
		return "", badScheme(head)
	case strings.Contains(head, "."), rest != "" && '0' <= rest[0] && rest[0] <= '9':
		return "https://" + s, nil
	}
	return "", badScheme(head)
}

const (
	openers = "<([{\"'`*„‚「『"
	closers = ">\"'`*.,;:!?#|…。、，！？：；」』"
)

// bare is s without what mails have around an address. A closing bracket stays if it closes one of the address.
func bare(s string) string {
	for {
		before := s
		s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
		s = strings.TrimLeftFunc(s, func(r rune) bool { return strings.ContainsRune(openers, r) || quote(r) })
		if len(s) >= 4 && strings.EqualFold(s[:4], "url:") { // RFC 3986 Appendix C
			s = s[4:]
		}
		s = strings.TrimRightFunc(s, func(r rune) bool { return strings.ContainsRune(closers, r) || quote(r) })
		for _, pair := range [...]string{"()", "[]", "{}"} {
			if strings.HasSuffix(s, pair[1:]) && strings.Count(s, pair[:1]) < strings.Count(s, pair[1:]) {
				s = s[:len(s)-1]
			}
		}
		if s == before {
			return s
		}
	}
}

func quote(r rune) bool { return unicode.In(r, unicode.Pi, unicode.Pf) }

// hidden are control characters, and those that turn the direction of writing (UAX 9).
func hidden(r rune) bool {
	return unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Bidi_Control, r)
}

// escapeQuery escapes what url.URL leaves as it is in a query and HTTP does not carry (RFC 3986, section 3.4).
func escapeQuery(q string) string {
	var b strings.Builder
	for i := range len(q) {
		if c := q[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

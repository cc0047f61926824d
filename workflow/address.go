package workflow

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// NormalizeAddress is the form under which addresses are stored and compared: lower case, the domain as ASCII (IDNA2008).
// Nothing else is changed: dots and plus parts tell mailboxes apart. It is "" for what is no address.
func NormalizeAddress(address string) string {
	address = strings.TrimSpace(address)
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 || len(address) > 320 || !utf8.ValidString(address) {
		return ""
	}
	local, domain := strings.ToLower(address[:at]), strings.ToLower(strings.TrimSuffix(address[at+1:], "."))
	if !ascii(local) {
		local = norm.NFC.String(local)
	}
	if !ascii(domain) {
		profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))
		if a, err := profile.ToASCII(domain); err == nil {
			domain = strings.TrimSuffix(a, ".")
		}
	}
	address = local + "@" + domain
	if domain == "" || domain[0] == '.' || domain[len(domain)-1] == '.' || strings.Contains(domain, "..") || strings.Contains(domain, "@") || strings.ContainsFunc(address, notInAddress) {
		return ""
	}
	return address
}

// WithoutPlus is a normalised address without its plus part (RFC 5233), and whether it had one.
func WithoutPlus(address string) (string, bool) {
	at := strings.LastIndexByte(address, '@')
	plus := strings.IndexByte(address, '+')
	if plus < 1 || plus > at {
		return address, false
	}
	return address[:plus] + address[at:], true
}

// Domain is what follows the @ of a normalised address.
func Domain(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

func notInAddress(c rune) bool {
	return unicode.IsSpace(c) || unicode.IsControl(c) || strings.ContainsRune("<>,;", c)
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

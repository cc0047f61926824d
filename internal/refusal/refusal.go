// Package refusal reads what mail servers say in words where they give no code of RFC 3463.
package refusal

import (
	"slices"
	"strings"
)

// ByPolicy tells that a server refuses a mail by its rules: it takes none from us, or none like that. Such words say nothing of the
// recipient's address. Where they do name its mailbox as well, they are about that.
func ByPolicy(words string) bool {
	low := strings.ToLower(words)
	for _, gone := range []string{"unknown", "no such", "not found", "not exist", "n't exist", "invalid", "no mailbox", "disabled", "inactive", "full", "quota"} {
		if strings.Contains(low, gone) {
			return false
		}
	}
	for _, rule := range []string{"access denied", "block list", "black list"} {
		if strings.Contains(low, rule) {
			return true
		}
	}
	return slices.ContainsFunc(strings.FieldsFunc(low, func(r rune) bool { return r < 'a' || r > 'z' }), func(word string) bool {
		switch word {
		case "relay", "relaying", "spam", "spamhaus", "spamcop", "blacklist", "blacklisted", "blocklist", "blocklisted", "blocked", "dnsbl", "rbl",
			"reputation", "policy", "policies", "authentication", "unauthenticated", "dmarc", "dkim", "spf", "virus", "malware":
			return true
		}
		return false
	})
}

package refusal_test

import (
	"testing"

	"handoff/internal/refusal"
)

func TestByPolicy(t *testing.T) {
	for words, want := range map[string]bool{
		"550 relaying denied":                        true,
		"550 Message rejected as SPAM":               true,
		"550 blocked using zen.spamhaus.org":         true,
		"554 Access denied":                          true,
		"550 no SPF record":                          true,
		"550 listed in our DNSBL":                    true,
		"550 no such user":                           false,
		"550 user unknown, see our policy":           false,
		"550 spam@x.example does not exist":          false,
		"550 mailbox full: relay later":              false,
		"550 <ana@blocked-drains.example> is closed": true, // the address is the worse thing to give up
		"550 no":      false,
		"":            false,
		"550 Spammer": false,
	} {
		if got := refusal.ByPolicy(words); got != want {
			t.Errorf("%q: %v", words, got)
		}
	}
}

package inbox_test

import (
	"fmt"
	"testing"

	"handoff/inbox"
)

// An answer in which nothing is the sender's own is told apart from one with a word above, between or below what it quotes,
// and from what only looks quoted.
func TestEcho(t *testing.T) {
	const (
		intro = "On Mon, 3 Nov 2025 at 10:00, Drafts <drafts@agency.example> wrote:\n"
		quote = "> Please send the draft.\n>\n> Answer with DONE.\n"
	)
	for _, c := range []struct {
		subject, text string
		want          bool
	}{
		{"Re: ACME-1", intro + quote, true},
		{"Re: ACME-1", quote, true},
		{"AW: ACME-1", "\n\n" + intro + "\n" + quote + "\n-- \nMira\n", true},
		{"Re: ACME-1", "\n\nSent from my iPhone\n\n" + intro + quote, true},
		{"Re: ACME-1", "-- \nMira Osei\nWriter\n\n" + intro + quote, true},
		{"Re: ACME-1", "Done.\n\n" + intro + quote, false},
		{"Re: ACME-1", intro + quote + "\nOn Friday.\n", false},
		{"Re: ACME-1", intro + "> Please send the draft.\nOn Friday.\n> Answer with DONE.\n", false},
		{"Re: ACME-1", "Mira\n", false},
		{"Re: ACME-1", "", false},
		{"A poem", quote, false},
		{"Fwd: ACME-1", intro + quote, false},
	} {
		raw := fmt.Sprintf("From: Mira <mira@writers.example.net>\nTo: drafts@agency.example\nSubject: %s\nDate: Tue, 10 Mar 2026 09:15:00 +0100\n\n%s", c.subject, c.text)
		if m := read(t, []byte(raw), inbox.Options{}); m.Echo != c.want {
			t.Errorf("%q, %q: echo %v", c.subject, c.text, m.Echo)
		}
	}
}

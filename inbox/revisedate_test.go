package inbox_test

import (
	"testing"

	"handoff/inbox"
)

// TestReviseUntil: the day of a revision is read where it is meant as one; days in remarks are none. The mails are of Tuesday,
// 10 March 2026.
func TestReviseUntil(t *testing.T) {
	type want struct {
		argument, date string
		dated          bool
	}
	for text, w := range map[string]want{
		"REVISE until Friday":                                  {"", "2026-03-13", true},
		"REVISE until Friday: shorten part two":                {"shorten part two", "2026-03-13", true},
		"REVISE until 2027-03-05\n\nThe third way is missing.": {"", "2027-03-05", true},
		"REVISE by 20 March, the ending is weak":               {"the ending is weak", "2026-03-20", true},
		"REVISE bis Freitag":                                   {"", "2026-03-13", true},
		"Überarbeiten bis zum 20. März":                        {"", "2026-03-20", true},
		"REVISE jusqu'au 20 mars: plus court":                  {"plus court", "2026-03-20", true},
		"REVISAR hasta el 20 de marzo":                         {"", "2026-03-20", true},
		"REVISAR até sexta-feira":                              {"", "2026-03-13", true},
		"REVISE: shorten part two, until Friday please":        {"shorten part two", "2026-03-13", true},
		"Revise: shorter.\n\nUntil Friday, please.":            {"shorter.", "2026-03-13", true},
		"REVISE bitte kürzen.\n\nBis morgen. Danke!":           {"bitte kürzen.", "2026-03-11", true},

		"REVISE until 2020-01-01: shorter":   {"shorter", "", true},
		"REVISE until 31 February":           {"", "", true},
		"REVISE bis zum 35. März, bitte":     {"bitte", "", true},
		"REVISE: shorter, until 2020-01-01.": {"shorter", "", true},

		"REVISE":                                     {},
		"REVISE until it reads well":                 {"until it reads well", "", false},
		"REVISE: the café is open until Friday":      {"the café is open until Friday", "", false},
		"REVISE the fair ends on Friday, not Sunday": {"the fair ends on Friday, not Sunday", "", false},
		"REVISE: say until when\n\nThe fair goes until Friday, and the café by 20 March.": {"say until when", "", false},
	} {
		m := read(t, answered(text), inbox.Options{})
		if m.Intent == nil || m.Intent.Command != inbox.Revise {
			t.Errorf("%q: %+v", text, m.Intent)
			continue
		}
		if got := (want{m.Intent.Argument, m.Intent.Date, m.Intent.Dated}); got != w {
			t.Errorf("%q: %+v, want %+v", text, got, w)
		}
	}
	for _, text := range []string{"Changes until Friday are fine with me", "Revision by Friday it is, then we print"} {
		if m := read(t, answered(text), inbox.Options{}); m.Intent != nil {
			t.Errorf("%q: %+v", text, m.Intent)
		}
	}
}

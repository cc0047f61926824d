package proxy

import (
	"slices"
	"testing"

	"handoff/outbox"
)

// Who ends their step by mail has its event taken out of their calendar with the answer; who only says something about it keeps it.
func TestAnswerTakesTheEventBack(t *testing.T) {
	for text, want := range map[string]string{
		"DONE":                            outbox.Cancel,
		"DECLINE I am on a ship.":         outbox.Cancel,
		"ACCEPT":                          "",
		"EXTEND 2026-12-11":               "",
		"REVISE The rye is not right.":    "", // it is for the editor to ask
		"Which format do you want it in?": "none",
	} {
		g, m := gateway(t)
		given(t, g, m, "due ACME-4 2026-11-27", "overall ACME-4 2026-12-20")
		record(t, g, m, rawReceived(t, g, m, []string{"From: dan@example.net", "Subject: Re: ACME-4", "To: {to ACME-4 dan}", "", text}, 1))
		i := slices.IndexFunc(m.state.notices, func(n outbox.Notice) bool { return n.AutoReply })
		got := "none"
		if i >= 0 {
			if got = ""; m.state.notices[i].Invite != nil {
				got = m.state.notices[i].Invite.Method
			}
		}
		if got != want {
			t.Errorf("%q: the answer's event is %q, want %q", text, got, want)
		}
	}
}

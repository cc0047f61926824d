package proxy

import (
	"slices"
	"testing"

	"handoff/outbox"
	"handoff/workflow"
)

// Who ends their step by mail has its event taken out of their calendar with the answer, if it was put there; who only says
// something about it keeps it.
func TestAnswerTakesTheEventBack(t *testing.T) {
	for _, tt := range []struct {
		text   string
		events []string // that he was sent
		want   string
	}{
		{"DONE", []string{outbox.Request}, outbox.Cancel},
		{"DONE", nil, ""}, // the piece was taken in from a file, say
		{"DONE", []string{outbox.Request, outbox.Cancel}, ""},
		{"DONE", []string{outbox.Request, outbox.Cancel, outbox.Request}, outbox.Cancel},
		{"DECLINE I am on a ship.", []string{outbox.Request}, outbox.Cancel},
		{"DECLINE I am on a ship.", nil, ""},
		{"ACCEPT", []string{outbox.Request}, ""},
		{"EXTEND 2026-12-11", []string{outbox.Request}, ""},
		{"REVISE The rye is not right.", []string{outbox.Request}, ""}, // it is for the editor to ask
		{"Which format do you want it in?", []string{outbox.Request}, ""},
	} {
		text, want := tt.text, tt.want
		g, m := gateway(t)
		given(t, g, m, "due ACME-4 2026-11-27", "overall ACME-4 2026-12-20")
		piece := m.pieceNamed(t, "ACME-4")
		step, _ := piece.OpenStep()
		dan := m.state.people[slices.IndexFunc(m.state.people, func(p workflow.Person) bool { return p.ID == step.OwnerID })]
		for _, method := range tt.events {
			invite := g.Composer.Uninvite(piece, step, dan)
			invite.Method = method
			m.state.notices = append(m.state.notices, outbox.Notice{ID: int64(len(m.state.notices) + 1), PieceID: piece.ID, State: outbox.Sent, Invite: invite})
		}
		record(t, g, m, rawReceived(t, g, m, []string{"From: dan@example.net", "Subject: Re: ACME-4", "To: {to ACME-4 dan}", "", text}, 1))
		i := slices.IndexFunc(m.state.notices, func(n outbox.Notice) bool { return n.AutoReply })
		got := "none"
		if i >= 0 {
			if got = ""; m.state.notices[i].Invite != nil {
				got = m.state.notices[i].Invite.Method
			}
		}
		if got != want {
			t.Errorf("%q after %q: the answer's event is %q, want %q", text, tt.events, got, want)
		}
	}
}

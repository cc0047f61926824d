package proxy

import (
	"context"
	"fmt"
	"testing"

	"handoff/inbox"
	"handoff/workflow"
)

// TestMachinesThatAsk end by the caps: one that answers each of our answers with a command gets so many of them, and the
// team is not told of every one.
func TestMachinesThatAsk(t *testing.T) {
	g, m := gateway(t)
	given(t, g, m, "due ACME-1 2026-11-27")
	for _, command := range []string{"ACCEPT ACME-4 STEP", "EXTEND ACME-1 STEP", "HELP"} {
		for i := range 30 {
			record(t, g, m, rawReceived(t, g, m, []string{"From: ann@example.org", "Subject: " + command, fmt.Sprintf("Message-ID: <%d-%s@x>", i, command[:3]), "",
				"until 2026-12-24, the same as before"}, uint32(len(m.state.records)+1)))
		}
	}
	told := map[string]int{}
	for _, n := range m.state.notices {
		told[n.ToAddress]++
	}
	if told["ann@example.org"] != defaultPerAddress || told["eve@agency.example"] > relays {
		t.Errorf("told %v", told)
	}
}

// TestFiledByHand does what the mail asks for when it is its author's, and nothing else.
func TestFiledByHand(t *testing.T) {
	for name, tt := range map[string]struct {
		from, auth, subject, text string
		piece                     int64
		want                      string
	}{
		"what they may":    {"bob@example.com", "", "more time", "EXTEND 2026-12-24", 2, "extension_asked"},
		"what they cannot": {"bob@example.com", "", "more time", "EXTEND as long as you can", 2, "request_refused"},
		"unverified":       {"bob@example.com", "dmarc=none", "ACME-2", "EXTEND 2026-12-24", 2, "entry_filed"},
	} {
		t.Run(name, func(t *testing.T) {
			g, m := gateway(t)
			lines := []string{"From: " + tt.from, "Subject: " + tt.subject}
			if tt.auth != "" {
				lines = append(lines, "Authentication-Results: mx.agency.example; "+tt.auth)
			}
			in := rawReceived(t, g, m, append(lines, "", tt.text), 1)
			if got := record(t, g, m, in); got.Action != Hold {
				t.Fatalf("%+v", got)
			}
			before := len(m.state.notices)
			err := m.Update(context.Background(), func(tx Tx) error {
				r, err := g.Decider.assign(context.Background(), newSession(tx), in, 1, tt.piece, eve)
				if err == nil {
					_, err = g.apply(context.Background(), newSession(tx), r, m.state.records[0])
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			last := m.state.events[len(m.state.events)-1]
			if string(last.Kind) != tt.want || len(m.state.entries) != 1 || last.ActorID != eve && last.Kind != workflow.RequestRefused {
				t.Errorf("%+v, %d entries", last, len(m.state.entries))
			}
			replies := 0
			for _, n := range m.state.notices[before:] {
				if n.AutoReply {
					replies++
				}
			}
			if replies > 1 {
				t.Errorf("%v", m.state.told()[before:])
			}
		})
	}
}

// TestExplainDoesNothing with a mail that asks for something.
func TestExplainDoesNothing(t *testing.T) {
	g, m := gateway(t)
	in := rawReceived(t, g, m, []string{"From: ann@example.org", "Subject: DECLINE ACME-1 STEP", "", "No time."}, 1)
	before := m.state.clone()
	d, err := g.Explain(context.Background(), in)
	if err != nil || d.Action != File || len(d.Replies) != 1 || d.Replies[0] != "noted" {
		t.Errorf("%+v %v", d, err)
	}
	if len(m.state.records)+len(m.state.events)+len(m.state.notices) != 0 || before.pieces[1].Steps[1].OwnerID != m.state.pieces[1].Steps[1].OwnerID {
		t.Error("something was done")
	}
	if got := record(t, g, m, in); got.Action != d.Action || got.Reason != d.Reason {
		t.Errorf("done otherwise: %+v", got)
	}
	if again := record(t, g, m, inbox.Received{Mailbox: "other", UIDValidity: 1, UID: 1, ReceivedAt: in.ReceivedAt, Blob: in.Blob, Message: in.Message}); again.Action != Duplicate || len(again.Notices)+len(again.Events) != 0 {
		t.Errorf("a copy did something: %+v", again)
	}
}

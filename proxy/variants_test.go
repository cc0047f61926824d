package proxy

import (
	"fmt"
	"strings"
	"testing"

	"handoff/inbox"
	"handoff/outbox"
)

func TestSenderKey(t *testing.T) {
	for in, want := range map[string]string{
		"bob@example.com": "bob@example.com", " Bob+7@Example.COM ": "bob@example.com", "bob+a+b@example.com": "bob@example.com",
		"+bob@example.com": "+bob@example.com", "bob": "", "": "",
	} {
		if got := SenderKey(in); got != want {
			t.Errorf("SenderKey(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestVariantsShareTheCaps: whoever varies the spelling or the plus part of From gets no more replies than with one address,
// and their editor no more notices.
func TestVariantsShareTheCaps(t *testing.T) {
	for name, tt := range map[string]struct {
		auth          string
		replies, told int
	}{
		"authenticated": {"", 10, 10},
		"unknown":       {"unknown", 10, 10},
		"forged":        {"fail", 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			g, m := gateway(t)
			replies, told := 0, 0
			for i := range 40 {
				from := fmt.Sprintf("bob+%d@example.com", i)
				if i%2 == 1 {
					from = fmt.Sprintf("BOB+%d@Example.com", i)
				}
				for _, n := range record(t, g, m, sample{From: from, Auth: tt.auth, Text: "Which one?"}.received(t, m, uint32(i+1))).Notices {
					switch to, _ := strings.CutPrefix(n, "held to "); {
					case to == "bob@example.com":
						replies++
					case strings.HasPrefix(n, "held_editor to "):
						told++
					default:
						t.Errorf("%s caused %s", from, n)
					}
				}
			}
			if replies != tt.replies || told != tt.told {
				t.Errorf("%d replies and %d notices to the editor, want %d and %d", replies, told, tt.replies, tt.told)
			}
		})
	}
}

// TestRegisteredVariantIsAnsweredAsWritten: a plus address that somebody registered is an address of its own.
func TestRegisteredVariantIsAnsweredAsWritten(t *testing.T) {
	r := &ruling{from: "bob+work@example.com", msg: &inbox.Message{}}
	r.sender.ID, r.sender.Addresses = bob, []string{"bob@example.com", "bob+work@example.com"}
	if got := r.answerAddress(); got != "bob+work@example.com" {
		t.Errorf("answered at %s", got)
	}
	r.from = "bob+play@example.com"
	if got := r.answerAddress(); got != "bob@example.com" {
		t.Errorf("answered at %s", got)
	}
}

// TestReportOfAnotherAddress: a report with the id of our notice, but not about the address that it went to, marks nothing.
func TestReportOfAnotherAddress(t *testing.T) {
	for bounced, want := range map[string]int{
		"ann@example.org": 1, "Ann@Example.ORG": 1, "ann+x@example.org": 0, "victim@third.example": 0, "ann@work.example": 0,
	} {
		t.Run(bounced, func(t *testing.T) {
			g, m := gateway(t)
			if got := record(t, g, m, sample{From: "ann@example.org", Files: []string{"bread.docx"}}.received(t, m, 1)); len(got.Notices) == 0 {
				t.Fatalf("no notice to bounce: %+v", got)
			}
			m.state.notices[0].MessageID = identity(t).MessageID(outbox.Ref{PieceID: 1, PersonID: ann}, "sent")
			in := sample{From: "mailer-daemon@example.org", Kind: "bounce", Bounced: bounced, BouncedID: "notice 1"}.received(t, m, 2)
			in.Message.Bounce.Recipients = append([]inbox.BouncedRecipient{{Address: "else@third.example", Status: "5.0.0", Permanent: true}}, in.Message.Bounce.Recipients...)
			got := record(t, g, m, in)
			if got.Action != Report || len(got.Bounces) != want || len(got.Events) != want || len(got.Notices) != want {
				t.Errorf("%+v", got)
			}
			if want == 1 && got.Bounces[0] != "ann@example.org 5.1.1" {
				t.Errorf("the ledger says %s", got.Bounces[0])
			}
		})
	}
}

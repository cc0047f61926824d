package proxy

import (
	"fmt"
	"slices"
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

// TestReportToReturnAddress: a report that came to the return address of a notice is about that notice, whatever it says.
func TestReportToReturnAddress(t *testing.T) {
	unsigned := "drafts+aeaaaaaaaaaaaaaaaaaa@agency.example"
	for name, c := range map[string]struct {
		kind     inbox.Kind
		bounce   *inbox.Bounce
		null     bool
		to       string // the return address if ""
		envelope bool   // told by a trace header alone
		byID     bool   // it names the notice
		want     Action
		bounces  []string
		told     int
	}{
		"says nothing":          {kind: inbox.BounceReport, bounce: &inbox.Bounce{}, want: Report, bounces: []string{"ann@example.org "}},
		"says nothing at all":   {kind: inbox.BounceReport, want: Report, bounces: []string{"ann@example.org "}},
		"another address":       {kind: inbox.BounceReport, bounce: said("ann@forwarded.example", "5.1.1", true), want: Report, bounces: []string{"ann@example.org 5.1.1"}, told: 1},
		"the very address":      {kind: inbox.BounceReport, bounce: &inbox.Bounce{Recipients: append(said("x@y.example", "4.2.2", false).Recipients, said("ann@example.org", "5.1.1", true).Recipients...)}, want: Report, bounces: []string{"ann@example.org 5.1.1"}, told: 1},
		"blocked, in words":     {kind: inbox.BounceReport, bounce: &inbox.Bounce{Recipients: []inbox.BouncedRecipient{{Address: "ann@example.org", Status: "5.1.1", Permanent: true, Policy: true}}}, want: Report, bounces: []string{"ann@example.org 5.7.1"}},
		"later":                 {kind: inbox.BounceReport, bounce: said("ann@example.org", "4.4.7", false), want: Report, bounces: []string{"ann@example.org 4.4.7"}},
		"in the trace alone":    {kind: inbox.BounceReport, bounce: said("ann@example.org", "5.1.1", true), envelope: true, want: Report, bounces: []string{"ann@example.org 5.1.1"}, told: 1},
		"another's id":          {kind: inbox.BounceReport, bounce: &inbox.Bounce{OriginalMessageID: "made-up@x.example", Recipients: said("ann@example.org", "5.1.1", true).Recipients}, want: Report, bounces: []string{"ann@example.org 5.1.1"}, told: 1},
		"not understood":        {kind: inbox.Human, null: true, want: Report, bounces: []string{"ann@example.org "}},
		"delivered":             {kind: inbox.DeliveryReport, bounce: said("ann@example.org", "2.0.0", false), want: Report},
		"out of office":         {kind: inbox.AutoReply, null: true, want: Ignore},
		"a person":              {kind: inbox.Human, want: Redirect},
		"by its id alone":       {kind: inbox.BounceReport, to: "drafts@agency.example", byID: true, bounce: said("ann@example.org", "5.1.1", true), want: Report, bounces: []string{"ann@example.org 5.1.1"}},
		"made up":               {kind: inbox.BounceReport, to: unsigned, bounce: said("ann@example.org", "5.1.1", true), want: Report},
		"made up, not a report": {kind: inbox.Human, null: true, to: unsigned, want: Redirect},
	} {
		t.Run(name, func(t *testing.T) {
			g, m := gateway(t)
			id := g.Decider.Identity.(*outbox.Identity)
			if err := id.BouncesTo("drafts+{token}@agency.example"); err != nil {
				t.Fatal(err)
			}
			if got := record(t, g, m, sample{From: "ann@example.org", Files: []string{"bread.docx"}}.received(t, m, 1)); len(got.Notices) == 0 {
				t.Fatalf("no notice to bounce: %+v", got)
			}
			in := sample{From: "mailer-daemon@example.org"}.received(t, m, 2)
			msg := in.Message
			msg.Kind, msg.Automatic, msg.NullSender, msg.Bounce = c.kind, c.kind != inbox.Human, c.null, c.bounce
			if c.byID {
				msg.Bounce.OriginalMessageID = m.state.notices[0].MessageID
			}
			to := orElse(c.to, id.BounceAddress(m.state.notices[0].ID))
			if msg.To, msg.DeliveredTo = []inbox.Address{{Address: strings.ToUpper(to)}}, nil; c.envelope {
				msg.To, msg.DeliveredTo = []inbox.Address{{Address: "drafts@agency.example"}}, []string{to}
			}
			got := record(t, g, m, in)
			notices := 0
			for _, n := range got.Notices {
				if strings.Contains(n, "bounced") {
					notices++
				}
			}
			if got.Action != c.want || !slices.Equal(got.Bounces, c.bounces) || notices != c.told {
				t.Errorf("%+v", got)
			}
		})
	}
}

func said(address, status string, permanent bool) *inbox.Bounce {
	return &inbox.Bounce{Recipients: []inbox.BouncedRecipient{{Address: address, Status: status, Permanent: permanent}}}
}

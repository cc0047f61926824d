package proxy_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/inbox"
	"handoff/outbox"
)

// answered is the mail with which a calendar answers an invite: the invite's own event, with the answer in it.
func answered(t *testing.T, i outbox.Invite, status, mail string) string {
	t.Helper()
	invitation, err := i.ICS()
	if err != nil {
		t.Fatal(err)
	}
	// Organizer, UID, sequence and attendee are repeated as they were (RFC 5546, section 3.2.3).
	reply := strings.NewReplacer("METHOD:REQUEST", "METHOD:REPLY", "PARTSTAT=NEEDS-ACTION", "PARTSTAT="+status, ";RSVP=TRUE", "").
		Replace(strings.ReplaceAll(string(invitation), "\r\n ", ""))
	return strings.ReplaceAll(fmt.Sprintf(mail, i.Attendee, i.Organizer, base64.StdEncoding.EncodeToString([]byte(reply))), "\n", "\r\n")
}

const (
	googleReply = `From: Mira Osei <%s>
To: Drafts <%s>
Subject: Accepted: Draft due
Date: Fri, 20 Nov 2026 09:00:00 +0000
Message-ID: <c1@writers.example.net>
Auto-Submitted: auto-generated
Sender: Google Calendar <calendar-notification@google.com>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=alt

--alt
Content-Type: text/plain; charset="UTF-8"

Mira Osei has answered this invitation.
--alt
Content-Type: text/calendar; charset="UTF-8"; method=REPLY
Content-Transfer-Encoding: base64

%s
--alt--
`
	appleReply = `From: Mira Osei <%s>
To: Drafts <%s>
Subject: Mira answers
Date: Fri, 20 Nov 2026 09:00:00 +0000
Message-ID: <c2@writers.example.net>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=mix

--mix
Content-Type: text/plain; charset=us-ascii

Mira Osei has answered.
--mix
Content-Type: application/octet-stream; name="iCal-20261120.ics"
Content-Disposition: attachment; filename="iCal-20261120.ics"
Content-Transfer-Encoding: base64

%s
--mix--
`
)

// What outbox asks, inbox understands the answer to.
func TestAnswerToAnInvite(t *testing.T) {
	for _, c := range []struct {
		attendee, name, status, mail string
		want                         inbox.Command // "": none
	}{
		{"mira@writers.example.net", "Mira Osei", "ACCEPTED", googleReply, inbox.Accept},
		{"mira@writers.example.net", `Mira "the; pen": Osei\`, "DECLINED", googleReply, inbox.Decline},
		{"mira@writers.example.net", "", "ACCEPTED", appleReply, inbox.Accept},
		{"mira@writers.example.net", strings.Repeat("Wärme漢字 ", 20), "TENTATIVE", appleReply, ""},
		{"a/b=c%d+e'f@writers.example.net", "Mira", "ACCEPTED", googleReply, inbox.Accept},
	} {
		i := outbox.Invite{
			Method: outbox.Request, UID: "step-12-3-45@agency.example", Sequence: 4, Organizer: "drafts+abc@agency.example", OrganizerName: "Drafts",
			Attendee: c.attendee, AttendeeName: c.name, Summary: "Draft due", Description: "END:VEVENT\nUID:other",
			End: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC), Stamp: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC),
		}
		raw := answered(t, i, c.status, c.mail)
		m, err := inbox.Read(t.Context(), strings.NewReader(raw), int64(len(raw)), inbox.Options{OwnAddresses: []string{"drafts@agency.example"}})
		if err != nil {
			t.Fatal(err)
		}
		want := &inbox.Calendar{UID: i.UID, Sequence: i.Sequence, Attendee: i.Attendee, Status: strings.ToLower(c.status)}
		if diff := cmp.Diff(want, m.Calendar); diff != "" {
			t.Errorf("%s %s by %q (-want +got):\n%s", c.attendee, c.status, c.name, diff)
		}
		var got inbox.Command
		if m.Intent != nil {
			got = m.Intent.Command
		}
		if got != c.want {
			t.Errorf("%s %s is read as %q", c.attendee, c.status, got)
		}
	}
}

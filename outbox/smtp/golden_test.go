package smtp_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/outbox"
)

var update = flag.Bool("update", false, "write the golden mails anew")

var boundary = regexp.MustCompile(`boundary=(\S+)`)

// sent is m as the server took it.
func sent(t *testing.T, m outbox.Mail) string {
	t.Helper()
	s := serve(t, &server{})
	if err := sender(t, s, nil).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, mails := s.heard()
	return mails[0]
}

// steady puts numbers in the place of the random boundaries.
func steady(raw string) string {
	for i, b := range boundary.FindAllStringSubmatch(raw, -1) {
		raw = strings.ReplaceAll(raw, b[1], "boundary-"+strconv.Itoa(i+1))
	}
	return raw
}

func invite() outbox.Invite {
	return outbox.Invite{
		Method: outbox.Request, UID: "step-12-3-45@agency.example", Sequence: 2,
		Organizer: "drafts+abc@agency.example", OrganizerName: "Example Agency",
		Attendee: "anna@berg.example", AttendeeName: "Anna \"Ännchen\" Berg",
		Summary: "ACME-12: your draft about Wärmepumpen", Description: "Accept or decline.\nThank you!",
		End: time.Date(2026, 5, 8, 10, 0, 0, 0, time.UTC), Stamp: time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC),
	}
}

func invited(t *testing.T, m *outbox.Mail, i outbox.Invite) {
	t.Helper()
	b, err := i.ICS()
	if err != nil {
		t.Fatal(err)
	}
	m.Calendar, m.CalendarMethod = b, i.Method
}

func ways() []string {
	return []string{"mailto:drafts+abc@agency.example?subject=unsubscribe%20abc", "https://handoff.agency.example/u/" + strings.Repeat("token", 20)}
}

// The golden mails have \n for \r\n.
func TestGolden(t *testing.T) {
	for name, change := range map[string]func(*outbox.Mail){
		"plain":      func(*outbox.Mail) {},
		"auto-reply": func(m *outbox.Mail) { m.AutoReply = true },
		"text-only":  func(m *outbox.Mail) { m.Content.HTML = "" },
		"request":    func(m *outbox.Mail) { invited(t, m, invite()) },
		"cancel": func(m *outbox.Mail) {
			i := invite()
			i.Method, i.Sequence = outbox.Cancel, 3
			invited(t, m, i)
		},
		"request-text-only": func(m *outbox.Mail) {
			invited(t, m, invite())
			m.Content.HTML = ""
		},
		"unsubscribe": func(m *outbox.Mail) { m.ListUnsubscribe, m.OneClick = ways(), true },
	} {
		t.Run(name, func(t *testing.T) {
			m := notice()
			change(&m)
			raw := sent(t, m)
			got := strings.ReplaceAll(raw, "\r\n", "\n")
			if strings.Count(raw, "\n") != strings.Count(raw, "\r\n") || strings.Contains(got, "\r") {
				t.Error("a line does not end in CRLF")
			}
			got = steady(got)
			file := filepath.Join("testdata", name+".eml")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("mail (-want +got):\n%s", diff)
			}
		})
	}
}

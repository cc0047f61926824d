package outbox_test

import (
	"strings"
	"testing"
	"time"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// The end of its owner's day is that day for readers everywhere, also on days on which clocks change; any other time of day is
// told on the reader's own clock.
func TestEndOfTheOwnersDay(t *testing.T) {
	in := func(name string) *time.Location {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return zone
	}
	for name, c := range map[string]struct {
		zone       string
		due, until time.Time
		reader     string
		says       []string
		not        string
	}{
		"behind the reader": {"America/Sao_Paulo", workflow.EndOfDay(2026, 12, 11, in("America/Sao_Paulo")), workflow.EndOfDay(2026, 12, 16, in("America/Sao_Paulo")),
			"Europe/Berlin", []string{"Draft due: Friday, 11 December 2026", "Wednesday, 16 December 2026"}, "(CET)"},
		"before the reader": {"Pacific/Auckland", workflow.EndOfDay(2026, 12, 11, in("Pacific/Auckland")), workflow.EndOfDay(2026, 12, 16, in("Pacific/Auckland")),
			"America/Los_Angeles", []string{"Draft due: Friday, 11 December 2026", "Wednesday, 16 December 2026"}, "(PST)"},
		"clocks go back that night": {"America/New_York", workflow.EndOfDay(2026, 11, 1, in("America/New_York")), workflow.EndOfDay(2026, 11, 2, in("America/New_York")),
			"Europe/Berlin", []string{"Draft due: Sunday, 1 November 2026", "Monday, 2 November 2026"}, "(CET)"},
		"clocks go forward that night": {"Europe/Berlin", workflow.EndOfDay(2027, 3, 28, in("Europe/Berlin")), workflow.EndOfDay(2027, 4, 2, in("Europe/Berlin")),
			"Asia/Tokyo", []string{"Draft due: Sunday, 28 March 2027", "Friday, 2 April 2027"}, "(JST)"},
		"the same clock": {"Europe/Berlin", workflow.EndOfDay(2026, 12, 11, in("Europe/Berlin")), workflow.EndOfDay(2026, 12, 16, in("Europe/Berlin")),
			"Europe/Berlin", []string{"Draft due: Friday, 11 December 2026", "Wednesday, 16 December 2026"}, "(CET)"},
		"another time of day": {"America/Sao_Paulo", time.Date(2026, 12, 11, 17, 0, 0, 0, in("America/Sao_Paulo")), workflow.EndOfDay(2026, 12, 16, in("America/Sao_Paulo")),
			"Europe/Berlin", []string{"Draft due: Friday, 11 December 2026 at 21:00 (CET)", "Wednesday, 16 December 2026"}, "16 December 2026 at"},
	} {
		t.Run(name, func(t *testing.T) {
			people := crew()
			anna := people[annaID]
			anna.TimeZone = c.zone
			people[annaID] = anna
			before := pieceIn(t, workflow.Draft)
			before.Deadline = c.due.AddDate(0, 6, 0).UTC()
			for i := range before.Steps {
				before.Steps[i].Deadline = time.Time{}
				if before.Steps[i].State == workflow.Open {
					before.Steps[i].Deadline = c.due.UTC() // as the store gives it
				}
			}
			ch, err := before.AskExtension(workflow.Cause{PersonID: annaID, At: start}, c.until.UTC(), "")
			if err != nil {
				t.Fatal(err)
			}
			notices, err := composer(t).Tell(outbox.Happening{Before: before, Change: ch, People: people, ActorID: annaID})
			if err != nil || len(notices) != 1 || notices[0].Template != "extension_asked" {
				t.Fatal(notices, err)
			}
			d, err := templates.Decode(notices[0].Template, notices[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			mail, err := mails(t).Render(d, templates.Audience{Location: in(c.reader)})
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(mail.Text), " ")
			for _, says := range c.says {
				if !strings.Contains(text, says) {
					t.Errorf("does not say %q:\n%s", says, mail.Text)
				}
			}
			if strings.Contains(strings.Split(text, "Whole piece")[0], c.not) {
				t.Errorf("says %s:\n%s", c.not, mail.Text)
			}
			if !ch.Piece.Steps[0].Deadline.Equal(before.Steps[0].Deadline) || before.Steps[0].Deadline.Location() != time.UTC {
				t.Error("the piece itself was changed")
			}
		})
	}
}

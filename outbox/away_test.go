package outbox_test

import (
	"strings"
	"testing"
	"time"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// The editor is told what is true of who has the step: away, paused or gone.
func TestAwayPausedOrGone(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*workflow.Person)
		says   string
		not    string
	}{
		"away":   {func(p *workflow.Person) { p.Away = []workflow.Absence{{From: "2026-05-01", To: "2026-05-29"}} }, "is away until Friday, 29 May 2026.", "left"},
		"paused": {func(p *workflow.Person) { p.PausedAt = start.Add(-time.Hour) }, "is paused: we remind them of nothing", "away"},
		"gone":   {func(p *workflow.Person) { p.LeftAt = start.Add(-time.Hour) }, "has left Example Agency.", "away"},
	} {
		t.Run(name, func(t *testing.T) {
			people := team()
			anna := people[1]
			c.change(&anna)
			people[1] = anna
			d := &diary{people: people}
			d.add(1, 1, start.AddDate(0, 0, 10))
			if _, err := scheduler(t, d, clock.NewFake(start)).Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			found := false
			for _, n := range d.all() {
				if n.Template != (templates.ContributorAway{}).Template() || n.State != outbox.Queued {
					continue
				}
				found = true
				data, err := templates.Decode(n.Template, n.Data)
				if err != nil {
					t.Fatal(err)
				}
				zone, err := time.LoadLocation(n.TimeZone)
				if err != nil {
					t.Fatal(err)
				}
				r, err := mails(t).Render(data, templates.Audience{Location: zone})
				if text := strings.Join(strings.Fields(r.Text), " "); err != nil || !strings.Contains(text, c.says) || strings.Contains(text, c.not) {
					t.Errorf("%v, does not say %q:\n%s", err, c.says, r.Text)
				}
			}
			if !found {
				t.Errorf("nobody hears of it: %v", d.said())
			}
		})
	}
}

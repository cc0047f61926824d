package workflow

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func zoneOf(t interface{ Fatal(...any) }, name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// deadlineRules are the default ones without those of handoffs.
func deadlineRules() ReminderRules {
	r := DefaultReminderRules()
	r.HandoffDays, r.ReturnDays = nil, 0
	return r
}

// in is everybody in that zone.
func in(zone func(int64) *time.Location) func(int64) Person {
	return func(id int64) Person { return Person{ID: id, TimeZone: zone(id).String()} }
}

func dueOf(p Piece, rules ReminderRules, now time.Time, zone func(int64) *time.Location) []Reminder {
	due, _ := Reminders(p, rules, now, in(zone))
	return due
}

func line(r Reminder) string {
	s := fmt.Sprintf("%s %s to %d", r.DueAt.Format("01-02 15:04"), r.Rule, r.RecipientID)
	if r.Days > 0 {
		s += fmt.Sprintf(" day %d", r.Days)
	}
	if r.Superseded {
		s += " superseded"
	}
	return s
}

func TestReminders(t *testing.T) {
	berlin, newYork, kiritimati := zoneOf(t, "Europe/Berlin"), zoneOf(t, "America/New_York"), zoneOf(t, "Pacific/Kiritimati")
	with := func(change func(*Step)) Piece {
		p := mustPiece(t, PieceInput{Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: EndOfDay(2026, 11, 20, berlin)}}})
		change(&p.Steps[1])
		return p
	}
	plain := with(func(*Step) {})
	for _, c := range []struct {
		name  string
		piece Piece
		zone  *time.Location
		now   time.Time
		want  []string
	}{
		{"nothing yet", plain, berlin, time.Date(2026, 11, 17, 7, 59, 59, 0, time.UTC), nil},
		{"at the moment", plain, berlin, time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC), []string{"11-17 08:00 due_soon to 1"}},
		{"on the day", plain, berlin, time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), []string{"11-17 08:00 due_soon to 1 superseded", "11-20 08:00 due_today to 1"}},
		{"after a long outage", plain, berlin, time.Date(2026, 12, 20, 8, 0, 0, 0, time.UTC), []string{
			"11-17 08:00 due_soon to 1 superseded", "11-20 08:00 due_today to 1 superseded", "11-21 08:00 overdue to 1 day 30 superseded",
			"11-22 08:00 overdue_editor to 2 day 30 superseded", "11-23 08:00 overdue to 1 day 30 superseded", "11-27 08:00 last_notice to 1 day 30", "11-27 08:00 overdue_editor to 2 day 30 superseded", "11-28 08:00 no_more to 2 day 30"}},
		{"west of the team", plain, newYork, time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), []string{"11-17 14:00 due_soon to 1 superseded", "11-20 14:00 due_today to 1"}},
		{"far east of the team: due at 12:59 of the 21st there", plain, kiritimati, time.Date(2026, 11, 20, 19, 0, 0, 0, time.UTC), []string{"11-17 19:00 due_soon to 1 superseded", "11-20 19:00 due_today to 1"}},
		{"due before the reminders of its day go out", with(func(s *Step) { s.Deadline = time.Date(2026, 11, 20, 5, 59, 0, 0, berlin) }), berlin,
			time.Date(2026, 11, 19, 8, 0, 0, 0, time.UTC), []string{"11-16 08:00 due_soon to 1 superseded", "11-19 08:00 due_today to 1"}},
		{"opened after the moments", with(func(s *Step) { s.OpenedAt = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }), berlin,
			time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), []string{"11-17 08:00 due_soon to 1 superseded", "11-20 08:00 due_today to 1 superseded"}},
		{"done", plain.Submit(Cause{PersonID: ann, At: start}, "").Piece, berlin, time.Date(2026, 12, 20, 8, 0, 0, 0, time.UTC), nil},
		{"no deadline", with(func(s *Step) { s.Deadline = time.Time{} }), berlin, time.Date(2026, 12, 20, 8, 0, 0, 0, time.UTC), nil},
		{"the overall deadline alone", withOverall(with(func(s *Step) { s.Deadline = time.Time{} }), EndOfDay(2026, 11, 20, berlin)), berlin,
			time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), []string{"11-17 08:00 due_soon to 1 superseded", "11-20 08:00 due_today to 1"}},
		{"its own deadline before the overall one", withOverall(plain, EndOfDay(2026, 11, 18, berlin)), berlin,
			time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC), []string{"11-17 08:00 due_soon to 1"}},
		{"the editor's own step", with(func(s *Step) { s.OwnerID = eve }), berlin, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), []string{
			"11-17 08:00 due_soon to 2 superseded", "11-20 08:00 due_today to 2 superseded", "11-21 08:00 overdue to 2 day 2"}},
		{"9 o'clock stays 9 o'clock when summer time ends", with(func(s *Step) {
			s.Deadline = EndOfDay(2026, 10, 26, berlin)
			s.OpenedAt, s.OfferedAt = time.Time{}, time.Time{}
		}), berlin,
			time.Date(2026, 10, 26, 8, 0, 0, 0, time.UTC), []string{"10-23 07:00 due_soon to 1 superseded", "10-26 08:00 due_today to 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, r := range dueOf(c.piece, deadlineRules(), c.now, func(int64) *time.Location { return c.zone }) {
				got = append(got, line(r))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReminderKeysOfANewDeadline(t *testing.T) {
	p := mustPiece(t, PieceInput{Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: day(10)}}})
	utc := func(int64) *time.Location { return time.UTC }
	before := dueOf(p, deadlineRules(), day(30), utc)
	ch, err := p.SetStepDeadline(Draft, day(12), Cause{At: start})
	if err != nil {
		t.Fatal(err)
	}
	after := dueOf(ch.Piece, deadlineRules(), day(30), utc)
	for _, a := range after {
		if slices.ContainsFunc(before, func(b Reminder) bool { return a.Key == b.Key }) {
			t.Errorf("%s is the key of a reminder of the old deadline", a.Key)
		}
	}
	if want := "reminder:7:71:overdue+3:v1:1"; !slices.ContainsFunc(before, func(r Reminder) bool { return r.Key == want }) {
		t.Errorf("no %s in %v", want, before)
	}
}

func withOverall(p Piece, deadline time.Time) Piece {
	p.Deadline, p.DeadlineVersion = deadline, p.DeadlineVersion+1
	return p
}

// Keys of the overall deadline differ from those of the step's own, whatever the versions, and from those of another overall one.
func TestReminderKeysOfTheOverallDeadline(t *testing.T) {
	utc := func(int64) *time.Location { return time.UTC }
	own := mustPiece(t, PieceInput{Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: day(10)}}})
	first := withOverall(mustPiece(t, PieceInput{Stage: Draft}), day(10))
	seen := map[string]bool{}
	for _, p := range []Piece{own, first, withOverall(first, day(12))} {
		reminders := dueOf(p, deadlineRules(), day(30), utc)
		if len(reminders) == 0 {
			t.Error("no reminders")
		}
		for _, r := range reminders {
			if seen[r.Key] {
				t.Errorf("%s is the key of another deadline's reminder", r.Key)
			}
			seen[r.Key] = true
		}
	}
	if want := "reminder:7:71:overdue+3:overall-v1:1"; !seen[want] {
		t.Errorf("no %s in %v", want, seen)
	}
}

// TestMissedTicks holds any schedule of ticks against one late tick.
func TestMissedTicks(t *testing.T) {
	zones := []*time.Location{time.UTC, zoneOf(t, "America/St_Johns"), zoneOf(t, "Pacific/Apia"), zoneOf(t, "Europe/London")}
	rapid.Check(t, func(t *rapid.T) {
		rules := ReminderRules{
			SoonDays:     rapid.SliceOfN(rapid.IntRange(1, 9), 0, 3).Draw(t, "soon"),
			OverdueDays:  rapid.SliceOfN(rapid.IntRange(1, 20), 0, 4).Draw(t, "overdue"),
			EscalateDays: rapid.SliceOfN(rapid.IntRange(1, 20), 0, 4).Draw(t, "escalate"),
			At:           time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "at")) * time.Minute,
		}
		p := mustPiece(t, PieceInput{Stage: Draft})
		minutes := func(label string) time.Duration {
			return time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, label)) * time.Minute
		}
		p.Steps[1].Deadline = start.Add(minutes("deadline"))
		p.Steps[1].OpenedAt = start.Add(minutes("opened"))
		zone := func(id int64) *time.Location { return zones[id%int64(len(zones))] }
		keys := map[string]bool{}
		var sent []string
		now := start.Add(-20 * 24 * time.Hour)
		for range rapid.IntRange(1, 20).Draw(t, "ticks") {
			now = now.Add(minutes("gap"))
			live := map[int64]int{}
			for _, r := range dueOf(p, rules, now, zone) {
				if r.DueAt.After(now) {
					t.Fatalf("%s is not due at %s", r.Key, now)
				}
				if !r.Superseded {
					live[r.RecipientID]++
				}
				if !keys[r.Key] && !r.Superseded {
					sent = append(sent, r.Key)
				}
				keys[r.Key] = true
			}
			for id, n := range live {
				if n > 1 {
					t.Fatalf("%d gets %d reminders at once", id, n)
				}
			}
		}
		late := map[string]bool{}
		for _, r := range dueOf(p, rules, now, zone) {
			late[r.Key] = true
		}
		if d := cmp.Diff(late, keys); d != "" {
			t.Fatal(d)
		}
		if slices.Sort(sent); len(slices.Compact(slices.Clone(sent))) != len(sent) {
			t.Fatalf("one reminder twice: %v", sent)
		}
	})
}

func TestReminderRulesValidate(t *testing.T) {
	if err := DefaultReminderRules().Validate(); err != nil {
		t.Error(err)
	}
	for _, r := range []ReminderRules{{SoonDays: []int{-1}}, {OverdueDays: []int{0}}, {EscalateDays: []int{-2}}, {At: 24 * time.Hour}} {
		if CodeOf(r.Validate()) != Invalid {
			t.Errorf("%+v passes", r)
		}
	}
}

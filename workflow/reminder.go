package workflow

import (
	"fmt"
	"slices"
	"time"
)

// Reminder is a notice that the clock makes due on a step.
type Reminder struct {
	Rule        string // the template: due_soon, due_today, overdue, overdue_editor
	PieceID     int64
	StepID      int64
	RecipientID int64
	DueAt       time.Time
	Days        int  // past the deadline's day by now, for the overdue rules
	Superseded  bool // a later rule for the same recipient is due as well: record it, do not send it
	Key         string
}

// The rules, named after their templates.
const (
	DueSoon       = "due_soon"
	DueToday      = "due_today"
	Overdue       = "overdue"
	OverdueEditor = "overdue_editor"
)

// ReminderRules say when reminders are due, in the recipient's time zone.
type ReminderRules struct {
	SoonDays     int           // calendar days before the deadline's day; 0: none
	OverdueDays  []int         // days after the deadline's day on which the owner is reminded, e.g. 1, 3, 7
	EscalateDays []int         // days after on which the editor is told, e.g. 2, 7
	At           time.Duration // since local midnight, when a day's reminders go out
}

// DefaultReminderRules remind three days before, on the day, and 1, 3 and 7 days after; the editor after 2 and 7. All at 9:00.
func DefaultReminderRules() ReminderRules {
	return ReminderRules{SoonDays: 3, OverdueDays: []int{1, 3, 7}, EscalateDays: []int{2, 7}, At: 9 * time.Hour}
}

// Validate says what is wrong with the rules, or nil.
func (r ReminderRules) Validate() error {
	if r.SoonDays < 0 {
		return Errorf(Invalid, "the days before a deadline are %d, they cannot be negative", r.SoonDays)
	}
	for _, d := range append(append([]int{}, r.OverdueDays...), r.EscalateDays...) {
		if d < 1 {
			return Errorf(Invalid, "a reminder %d days after the deadline makes no sense, write 1 or more", d)
		}
	}
	if r.At < 0 || r.At >= 24*time.Hour {
		return Errorf(Invalid, "reminders go out at %v after midnight, it has to be less than 24h", r.At)
	}
	return nil
}

// Horizon is how far ahead of now the deadline of an open step, or of its piece, may lie and still have a reminder due.
func (r ReminderRules) Horizon() time.Duration {
	return time.Duration(r.SoonDays+2) * 24 * time.Hour
}

// Reminders are all reminders of a piece that are due at or before now, in the order of their moments. The answer only grows
// with now, so a tick missed is made up by the next; the Key of each is stable. Only the open step is reminded of, and
// only if it, or else the whole piece, has a deadline. zone is a person's time zone.
//
// A deadline's day is the day on which the recipient can still act after that day's reminders went out: a deadline of 23:59
// in New York belongs, for somebody in Berlin, to that same day and not to the next, though it is 5:59 there.
func Reminders(p Piece, rules ReminderRules, now time.Time, zone func(personID int64) *time.Location) []Reminder {
	step, ok := p.OpenStep()
	if !ok {
		return nil
	}
	deadline, version := step.Deadline, fmt.Sprintf("v%d", step.DeadlineVersion)
	if deadline.IsZero() {
		deadline, version = p.Deadline, fmt.Sprintf("overall-v%d", p.DeadlineVersion)
	}
	if deadline.IsZero() {
		return nil
	}
	var due []Reminder
	add := func(recipient int64, rule string, days int, offset int) {
		at := onDay(deadline, zone(recipient), offset, rules.At)
		if at.After(now) {
			return
		}
		name := rule
		if days > 0 {
			name = fmt.Sprintf("%s+%d", rule, days)
		}
		late := days
		if days > 0 { // the tick may come late as well
			late = max(days, daysBetween(onDay(deadline, zone(recipient), 0, rules.At), now))
		}
		due = append(due, Reminder{
			Rule: rule, PieceID: p.ID, StepID: step.ID, RecipientID: recipient, DueAt: at.UTC(), Days: late,
			Superseded: at.Before(step.OpenedAt), // the notice of its opening named the deadline already
			Key:        fmt.Sprintf("reminder:%d:%d:%s:%s:%d", p.ID, step.ID, name, version, recipient),
		})
	}
	if step.OwnerID != 0 {
		if rules.SoonDays > 0 {
			add(step.OwnerID, DueSoon, 0, -rules.SoonDays)
		}
		add(step.OwnerID, DueToday, 0, 0)
		for _, d := range rules.OverdueDays {
			add(step.OwnerID, Overdue, d, d)
		}
	}
	if p.EditorID != 0 && p.EditorID != step.OwnerID {
		for _, d := range rules.EscalateDays {
			add(p.EditorID, OverdueEditor, d, d)
		}
	}
	return supersede(due)
}

// supersede marks, for each recipient, all but the last.
func supersede(due []Reminder) []Reminder {
	sortReminders(due)
	last := map[int64]int{}
	for i, r := range due {
		last[r.RecipientID] = i
	}
	for i := range due {
		if last[due[i].RecipientID] != i {
			due[i].Superseded = true
		}
	}
	return due
}

// onDay is the moment, days after the deadline's day, at which reminders go out in that zone.
func onDay(deadline time.Time, zone *time.Location, days int, at time.Duration) time.Time {
	local := deadline.In(zone)
	y, m, d := local.Date()
	moment := func(day int) time.Time {
		return time.Date(y, m, day, int(at/time.Hour), int(at%time.Hour/time.Minute), int(at%time.Minute/time.Second), 0, zone)
	}
	if !moment(d).Before(deadline) {
		d--
	}
	return moment(d + days)
}

// daysBetween counts the days from one moment to the same time of a later day, in the zone of from.
func daysBetween(from, to time.Time) int {
	date := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	to = to.In(from.Location())
	days := int(date(to).Sub(date(from)) / (24 * time.Hour))
	if from.AddDate(0, 0, days).After(to) {
		days--
	}
	return days
}

func sortReminders(due []Reminder) {
	slices.SortStableFunc(due, func(a, b Reminder) int { return a.DueAt.Compare(b.DueAt) })
}

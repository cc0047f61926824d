package workflow

import "time"

// Reminder is a notice that the clock makes due on a step.
type Reminder struct {
	Rule        string // the template: due_soon, due_today, overdue, overdue_editor
	PieceID     int64
	StepID      int64
	RecipientID int64
	DueAt       time.Time
	Days        int  // past the deadline, for the overdue rules
	Superseded  bool // a later rule for the same recipient is due as well: record it, do not send it
	Key         string
}

// ReminderRules say when reminders are due, in the recipient's time zone.
type ReminderRules struct {
	SoonDays     int           // calendar days before the deadline's day; 0: none
	OverdueDays  []int         // days after the deadline's day on which the owner is reminded, e.g. 1, 3, 7
	EscalateDays []int         // days after on which the editor is told, e.g. 2, 7
	At           time.Duration // since local midnight, when a day's reminders go out
}

package main

import (
	"testing"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

// A mail says what holds it back: a pause before the window, the window before a limit.
func TestWhyItWaits(t *testing.T) {
	now := time.Date(2026, 5, 8, 22, 0, 0, 0, time.UTC) // a Friday
	at := func(hours int) time.Time { return now.Add(time.Duration(hours) * time.Hour) }
	night := workflow.Calendar{QuietFrom: 20 * time.Hour, QuietTo: 7 * time.Hour}
	weekdays := night
	var err error
	if weekdays.SendDays, err = workflow.ParseWeekdays("mon-fri"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		calendar workflow.Calendar
		pauses   []outbox.Pause
		notice   outbox.Notice
		want     string
	}{
		"due":              {workflow.Calendar{}, nil, outbox.Notice{DueAt: now, NextAt: now}, ""},
		"sent":             {night, nil, outbox.Notice{State: outbox.Sent, DueAt: now}, ""},
		"another try":      {workflow.Calendar{}, nil, outbox.Notice{State: outbox.Deferred, DueAt: now, NextAt: at(1)}, ""},
		"later":            {night, nil, outbox.Notice{DueAt: at(30), NextAt: at(33)}, "not due yet: not before Sunday 2026-05-10 07:00"},
		"night":            {night, nil, outbox.Notice{DueAt: now, NextAt: at(9)}, "quiet hours: not before Saturday 2026-05-09 07:00"},
		"weekend":          {weekdays, nil, outbox.Notice{DueAt: now, NextAt: at(57)}, "send days: not before Monday 2026-05-11 07:00"},
		"an answer":        {weekdays, nil, outbox.Notice{AutoReply: true, DueAt: now, NextAt: now}, ""},
		"a limit":          {workflow.Calendar{}, nil, outbox.Notice{DueAt: now, NextAt: at(2)}, "limit of [outbox]: not before Saturday 2026-05-09 00:00"},
		"paused":           {night, []outbox.Pause{{}}, outbox.Notice{DueAt: now, NextAt: at(9)}, "paused"},
		"its kind":         {night, []outbox.Pause{{Kind: "due_soon"}}, outbox.Notice{DueAt: now, NextAt: at(9)}, "paused"},
		"another one's":    {night, []outbox.Pause{{Kind: "digest"}}, outbox.Notice{DueAt: now, NextAt: at(9)}, "quiet hours: not before Saturday 2026-05-09 07:00"},
		"the reader's own": {night, nil, outbox.Notice{TimeZone: "America/Sao_Paulo", DueAt: now, NextAt: now}, ""},
	} {
		if c.notice.State == "" {
			c.notice.State = outbox.Queued
		}
		c.notice.Template = "due_soon"
		w := waiting{&outbox.Composer{Rules: workflow.ReminderRules{Calendar: c.calendar, Zone: time.UTC}}, c.pauses, now, time.UTC}
		if got := w.why(c.notice); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

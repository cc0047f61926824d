package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"handoff/workflow"
)

// The bounds of what is counted in days.
const (
	mostDays     = 365
	mostLeadDays = 30
)

func (v *validation) reminders() {
	r := v.cfg.Reminders
	for _, list := range []struct {
		key  string
		days []int
		what string
	}{
		{"soon_days", r.SoonDays, "days before the deadline"},
		{"overdue_days", r.OverdueDays, "days after the deadline"},
		{"escalate_days", r.EscalateDays, "days after the deadline"},
		{"handoff_days", r.HandoffDays, "days after the question"},
		{"decide_days", r.DecideDays, "days after the question"},
		{"onboard_days", r.OnboardDays, "days after the point before"},
	} {
		for _, n := range list.days {
			if n < 1 || n > mostDays {
				v.add("reminders."+list.key, "%d: %s count from 1 to %d; for none write []", n, list.what, mostDays)
			}
		}
	}
	v.within("reminders.return_days", r.ReturnDays, mostDays)
	v.within("reminders.lead_days", r.LeadDays, mostLeadDays)
	if !(r.StallShare >= 0 && r.StallShare < 1) { // NaN is neither
		v.add("reminders.stall_share", "%v is not a share of the time, from 0 (never) to less than 1", r.StallShare)
	}
	v.clockTime("reminders.at", r.At)
}

func (v *validation) within(key string, n, most int) {
	if n < 0 || n > most {
		v.add(key, "%d is not from 0 to %d", n, most)
	}
}

func (v *validation) clockTime(key, value string) {
	if _, err := clockTime(value); err != nil {
		v.add(key, "%v", err)
	}
}

func (v *validation) calendar() {
	c := v.cfg.Calendar
	if days, err := workflow.ParseWeekdays(c.WorkingDays); err != nil {
		v.add("calendar.working_days", "%v", err)
	} else if days == 0 {
		v.add("calendar.working_days", "is empty: write days like \"mon-fri\" or \"sun-thu\", or \"all\"")
	}
	for _, code := range c.Holidays {
		const any = 2000 // the codes are the same in every year
		if _, err := workflow.HolidaysOf([]string{code}, any, any); err != nil {
			v.add("calendar.holidays", "%v", err)
		}
	}
	for _, date := range c.DaysOff {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			v.add("calendar.days_off", "%q is not a day, write it like \"2026-12-24\"", date)
		}
	}
	if days, err := workflow.ParseWeekdays(c.SendDays); err != nil {
		v.add("calendar.send_days", "%v", err)
	} else if days == 0 {
		v.add("calendar.send_days", "is empty: write days like \"mon-fri\", or \"all\"")
	}
	v.clockTime("calendar.quiet_from", c.QuietFrom)
	v.clockTime("calendar.quiet_to", c.QuietTo)
}

func (v *validation) onboarding() {
	o := v.cfg.Onboarding
	if o.DemoTitle != "" && oneSpaced(o.DemoTitle) == "" {
		v.add("onboarding.demo_title", "is empty: give the demo piece a title, or leave this out")
	}
	if o.DemoBrief != "" && strings.TrimSpace(o.DemoBrief) == "" {
		v.add("onboarding.demo_brief", "is empty: say what the contributor is to send, or leave this out")
	}
}

const maxTaskName = 200 // runes

func (v *validation) distribution() {
	d := v.cfg.Distribution
	seen := map[string]bool{}
	for _, name := range d.Checklist {
		folded := strings.ToLower(oneSpaced(name))
		switch {
		case folded == "":
			v.add("distribution.checklist", "a task has no name")
		case seen[folded]:
			v.add("distribution.checklist", "%q is there twice", name)
		case len([]rune(folded)) > maxTaskName:
			v.add("distribution.checklist", "%q is longer than %d characters: name the task, and explain it elsewhere", shorten(name, 40), maxTaskName)
		}
		seen[folded] = true
	}
	names := map[string]bool{}
	for i, ch := range d.Channels {
		key := fmt.Sprintf("distribution.channel[%d]", i)
		folded := strings.ToLower(oneSpaced(ch.Name))
		switch {
		case folded == "":
			v.add(key, "the channel needs a name, like \"LinkedIn\"")
		case names[folded]:
			v.add(key+".name", "%q is the name of another channel", ch.Name)
		}
		names[folded] = true
		if ch.Text != "" && !strings.Contains(ch.Text, "{url}") {
			v.add(key+".text", "has no {url}: the post would not lead to the piece")
		}
		if _, err := url.ParseQuery(ch.Tracking); err != nil || strings.ContainsAny(ch.Tracking, "?# \t\n") {
			v.add(key+".tracking", "%q is not the parameters of an address, like \"utm_source=linkedin&utm_medium=social\"", ch.Tracking)
		}
	}
}

func (v *validation) pieces() {
	p := v.cfg.Pieces
	const maxPrefix = 20 // leaves room for the number in a code
	prefix := workflow.NormalizeCode(p.CodePrefix)
	if workflow.CheckCode(prefix+"-1") != nil || len(prefix) > maxPrefix || strings.HasSuffix(prefix, "-") {
		v.add("pieces.code_prefix", "%q cannot begin a code like PITCH-12: write at most %d letters, digits and inner dashes", p.CodePrefix, maxPrefix)
	}
	for stage, n := range p.Plan.days() {
		v.within("pieces.plan."+string(stage), n, mostDays)
	}
}

// oneSpaced is s on one line, with single spaces.
func oneSpaced(s string) string { return strings.Join(strings.Fields(s), " ") }

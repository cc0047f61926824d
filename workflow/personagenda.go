package workflow

import (
	"fmt"
	"slices"
	"time"
)

// The rules of a contributor's onboarding, named after their templates.
const (
	WelcomeNotice            = "welcome"
	BriefingDue              = "briefing_due"
	GuidelinesNotice         = "guidelines"
	GuidelinesUnacknowledged = "guidelines_unacknowledged"
	DemoUndecided            = "demo_finished"
	DemoPassedNotice         = "demo_passed"
	BillingUnlocked          = "billing_unlocked"
	OnboardingStalled        = "onboarding_stalled"
)

// The lists that come again and again, named after their templates.
const (
	WeeklyList = "weekly"
	DigestList = "digest"
	HeldList   = "held_digest"
)

// PersonReminders is Reminders of a contributor's onboarding: what each point that was reached says to the contributor, once,
// and, while the next one does not follow, what it asks of whom it waits for. Nothing is due on colleagues, on those who were
// known before, and on those who are silent. Each key begins with "onboard:" and the person's id.
func PersonReminders(p Person, rules ReminderRules, now time.Time, who func(personID int64) Person) (due []Reminder, next time.Time) {
	if _, waived := p.Reached(Waived); waived || p.Class != Outside || len(p.Onboarding) == 0 || p.Silent() {
		return nil, time.Time{}
	}
	a := &agenda{rules: rules, now: now, who: who}
	a.key = func() string { return fmt.Sprintf("onboard:%d", p.ID) }
	once := func(item Item, rule string) {
		if m, ok := p.Reached(item); ok {
			a.add(rule, rule, 0, stamp(m.At), m.At, time.Time{}, p.ID)
		}
	}
	once(Invited, WelcomeNotice)
	once(Guidelines, GuidelinesNotice)
	once(DemoPassed, DemoPassedNotice)
	once(Billable, BillingUnlocked)
	if !p.Onboarded() {
		from := len(a.due)
		last := p.Onboarding[len(p.Onboarding)-1]
		switch last.Item {
		case Invited:
			a.add(BriefingDue, BriefingDue, 0, stamp(last.At), last.At, time.Time{}, p.EditorID)
			a.each(BriefingDue, BriefingDue, rules.OnboardDays, last.At, p.EditorID)
		case Guidelines:
			a.each(GuidelinesUnacknowledged, GuidelinesUnacknowledged, rules.OnboardDays, last.At, p.ID)
		case DemoFinished:
			a.each(DemoUndecided, DemoUndecided, rules.OnboardDays, last.At, p.EditorID)
		}
		if len(rules.OnboardDays) > 0 {
			a.each(OnboardingStalled, OnboardingStalled, []int{slices.Max(rules.OnboardDays) + 1}, last.At, p.EditorID)
		}
		for i := range a.due[from:] {
			a.due[from+i].kind = "onboarding"
		}
	}
	supersede(a.due)
	return a.due, a.next
}

// ListDay is the day's list of a person: whether it is due, the moment it became so, and when the next day's does. Those who
// are silent, mute it, or do not work today have none.
func ListDay(p Person, list string, rules ReminderRules, now time.Time) (at time.Time, due bool, next time.Time) {
	if p.Silent() || p.Mutes(list) {
		return time.Time{}, false, time.Time{}
	}
	w := p.Worker(rules.Zone)
	at = rules.Calendar.AddDays(now, 0, rules.At, w)
	if at.After(now) {
		return time.Time{}, false, at
	}
	return at, rules.Calendar.Working(now, w), rules.Calendar.AddDays(now, 1, rules.At, w)
}

// ListWeek is ListDay of a list that comes on the person's first working day of each week, which begins on Monday.
func ListWeek(p Person, list string, rules ReminderRules, now time.Time) (at time.Time, due bool, next time.Time) {
	at, due, next = ListDay(p, list, rules, now)
	if next.IsZero() {
		return at, due, next
	}
	w := p.Worker(rules.Zone)
	first := func(of time.Time) time.Time {
		day := w.dateOf(of)
		monday := day.AddDate(0, 0, -int(day.Weekday()+6)%7)
		return rules.Calendar.AddDays(w.clock(monday, 0), 0, rules.At, w)
	}
	if next = first(now); !next.After(now) {
		next = first(now.AddDate(0, 0, 7))
	}
	return at, due && at.Equal(first(now)), next
}

// Waits is one thing of a piece that somebody waits for.
type Waits struct {
	For  int64  // who has to act
	Note string // on what it waits, a noun; "" for the work of the step's owner
}

// Waiting are the things that an unfinished piece waits for, the one that keeps it from going on first.
func (p Piece) Waiting() []Waits {
	s, ok := p.OpenStep()
	if !ok {
		return nil
	}
	var all []Waits
	add := func(id int64, note string) { all = append(all, Waits{id, note}) }
	switch {
	case s.Stage == Pitch && p.Topic == TopicProposed:
		add(p.EditorID, "a decision on the proposal")
	case s.Stage == Pitch && p.Topic == TopicChanges:
		add(p.AuthorID, "changes to the proposal")
	case s.Stage == Pitch && p.Topic == TopicApproved:
		add(p.EditorID, "what keeps the author from being cleared to write")
	case !s.HandedInAt.IsZero():
		add(p.EditorID, "a distribution lead")
	case s.Stage == Ready && len(p.Undone()) > 0:
		add(s.OwnerID, "its checklist: "+taskNames(p.Undone()))
	case s.Stage == Distributed && p.VerifiedAt.IsZero():
		add(s.OwnerID, "the verification of its address")
	case s.Stage == Distributed && p.DistributedAt.IsZero():
		add(s.OwnerID, "the word that it is distributed")
	case !s.OfferedAt.IsZero() && s.answeredAt().IsZero() && s.OwnerID != p.EditorID:
		add(s.OwnerID, "a yes or no to the step")
	default:
		add(s.OwnerID, "")
	}
	if s.Extension != nil {
		add(p.EditorID, "a decision on more time")
	}
	for _, r := range s.Reviewers {
		if r.AnsweredAt.IsZero() && r.DeclinedAt.IsZero() {
			add(r.PersonID, "a peer review")
		}
	}
	if p.LeadID != 0 && !p.LeadNamedAt.IsZero() && p.LeadConfirmedAt.IsZero() {
		add(p.LeadID, "the distribution lead's yes")
	}
	return all
}

// DaysLate is how many days the open step, or else the piece, is past its deadline, counted in the reader's calendar from the
// day on which it was due; 0 if it is not late.
func (p Piece) DaysLate(rules ReminderRules, now time.Time, reader Person) int {
	s, ok := p.OpenStep()
	deadline := s.Deadline
	if deadline.IsZero() {
		deadline = p.Deadline
	}
	if !ok || deadline.IsZero() || !deadline.Before(now) {
		return 0
	}
	return max(1, daysBetween(onDay(deadline, reader.Location(rules.Zone), rules.At), now))
}

package workflow

import (
	"fmt"
	"slices"
	"time"
)

// Reminder is a notice that the clock makes due on a piece, or on a person's onboarding.
type Reminder struct {
	Rule        string // the template
	PieceID     int64
	StepID      int64
	RecipientID int64
	DueAt       time.Time
	Days        int  // past the moment that it is about by now, in calendar days; 0 before
	Superseded  bool // a later one of its kind is due for the same recipient as well: record it, do not send it
	Key         string

	kind string // those of one kind supersede each other
}

// The rules, named after their templates.
const (
	DueSoon         = "due_soon"
	DueToday        = "due_today"
	Overdue         = "overdue"
	RevisionOverdue = "revision_overdue" // Overdue, of a revision
	LastNotice      = "last_notice"      // the last Overdue
	OverdueEditor   = "overdue_editor"
	NoMore          = "no_more" // tells the editor that the owner is not reminded any more

	StepUnanswered    = "step_unanswered" // the owner did not accept, nor write
	ReviewUnanswered  = "review_unanswered"
	StepGoesBack      = "step_returned" // nor after that: see Piece.Return
	Stalled           = "stalled"       // cleared, and the author has not written since
	StalledEditor     = "stalled_editor"
	ContributorAway   = "contributor_away"
	PitchWaiting      = "pitch_waiting"
	ChangesWaiting    = "changes_waiting"
	NotCleared        = "not_cleared"
	ExtensionWaiting  = "extension_waiting"
	LeadMissing       = "lead_missing"
	LeadUnconfirmed   = "lead_unconfirmed"
	LeadUnconfirmedEd = "lead_unconfirmed_editor"
	NotVerified       = "not_verified"
	NotVerifiedEditor = "not_verified_editor"
	DemoStalled       = "demo_stalled"
)

// ReminderRules say when reminders are due. Days are working days of the recipient, whose time zone counts.
type ReminderRules struct {
	SoonDays     []int         // before the deadline's day; none: none
	OverdueDays  []int         // after the deadline's day on which the owner is reminded, e.g. 1, 3, 7; the last is the last notice
	EscalateDays []int         // after on which the editor is told, e.g. 2, 7
	HandoffDays  []int         // after a step was offered, or a review asked for, and nobody answered
	ReturnDays   int           // after which a step that nobody accepted is the editor's again; 0: never
	LeadDays     int           // on how many days in a row the lead is asked to confirm, or to have it published; then the editor hears
	DecideDays   []int         // after a proposal or an extension waits for the editor, or changes for the author
	OnboardDays  []int         // after a point of the onboarding on which nothing followed; past the last one the editor hears
	StallShare   float64       // of the time between clearance and deadline, after which the author is asked; 0: never
	At           time.Duration // since local midnight, when a day's reminders go out

	Calendar Calendar
	Zone     *time.Location // the team's; nil is UTC
	Plan     map[Stage]int  // the working days of each step, see Schedule
}

// Schedule plans dates by the rules' calendar and each person's own days. who is a person.
func (r ReminderRules) Schedule(who func(personID int64) Person) Schedule {
	return Schedule{Calendar: r.Calendar, Days: r.Plan, Worker: func(id int64) Worker {
		if id == 0 {
			return Worker{Zone: r.Zone}
		}
		return who(id).Worker(r.Zone)
	}}
}

// DefaultReminderRules remind three days before, on the day, and 1, 3 and 7 days after; the editor after 2 and 7. All at 9:00.
func DefaultReminderRules() ReminderRules {
	return ReminderRules{
		SoonDays: []int{3}, OverdueDays: []int{1, 3, 7}, EscalateDays: []int{2, 7}, HandoffDays: []int{1, 2}, ReturnDays: 3, LeadDays: 3,
		DecideDays: []int{2, 5}, OnboardDays: []int{3, 7}, StallShare: 0.5, At: 9 * time.Hour,
	}
}

// Validate says what is wrong with the rules, or nil.
func (r ReminderRules) Validate() error {
	for _, days := range [][]int{r.SoonDays, r.OverdueDays, r.EscalateDays, r.HandoffDays, r.DecideDays, r.OnboardDays} {
		for _, d := range days {
			if d < 1 || d > 365 {
				return Errorf(Invalid, "a reminder after %d days makes no sense, write 1 to 365", d)
			}
		}
	}
	if r.ReturnDays < 0 || r.LeadDays < 0 || r.LeadDays > 30 || r.StallShare < 0 || r.StallShare >= 1 {
		return Errorf(Invalid, "return_days cannot be negative, lead_days has to be 0 to 30, stall_share from 0 to less than 1")
	}
	if r.At < 0 || r.At >= 24*time.Hour {
		return Errorf(Invalid, "reminders go out at %v after midnight, it has to be less than 24h", r.At)
	}
	return r.Calendar.Validate()
}

// Reminders are all reminders of a piece that are due at or before now, in the order of their moments, and the moment at which
// the next one will be, zero for none. What is due only grows with now, so a tick missed is made up by the next; the Key of
// each is stable. Nobody is reminded who is silent, and of nothing that they mute. who is a person.
//
// A deadline's day is the day on which the recipient can still act after that day's reminders went out: a deadline of 23:59
// in New York belongs, for somebody in Berlin, to that same day and not to the next, though it is 5:59 there.
func Reminders(p Piece, rules ReminderRules, now time.Time, who func(personID int64) Person) (due []Reminder, next time.Time) {
	a := &agenda{p: p, rules: rules, now: now, who: who}
	a.key = func() string { return fmt.Sprintf("reminder:%d:%d", p.ID, a.step.ID) }
	a.lead()
	if s, ok := p.OpenStep(); ok {
		a.step = s
		switch {
		case s.Stage == Pitch && p.Topic != "":
			a.topic()
		case !s.HandedInAt.IsZero():
			a.daily(LeadMissing, s.HandedInAt, p.EditorID, 0, "")
		case s.Stage == Distributed: // its own daily question says all that its deadline could
			a.away()
		default:
			a.deadline()
			a.offer()
			a.stall()
			a.away()
		}
		if s.Extension != nil {
			a.each(ExtensionWaiting, ExtensionWaiting, rules.DecideDays, s.Extension.AskedAt, p.EditorID)
		}
		if s.Stage == Distributed {
			a.daily(NotVerified, s.OpenedAt, s.OwnerID, p.EditorID, NotVerifiedEditor)
		}
	}
	supersede(a.due)
	return a.due, a.next
}

// agenda collects what the clock makes due on one piece, or on one person.
type agenda struct {
	p     Piece
	step  Step
	rules ReminderRules
	now   time.Time
	who   func(int64) Person
	key   func() string // how every key begins
	due   []Reminder
	next  time.Time
}

// add notes a reminder for its moment. since is what it is about, number tells several of a rule apart, version what it was set by.
func (a *agenda) add(kind, rule string, number int, version string, at, since time.Time, recipient int64) {
	if recipient == 0 {
		return
	}
	if to := a.who(recipient); to.Silent() || to.Mutes(rule) {
		return
	}
	if at.After(a.now) {
		if a.next.IsZero() || at.Before(a.next) {
			a.next = at
		}
		return
	}
	name := kind
	if number > 0 {
		name = fmt.Sprintf("%s+%d", kind, number)
	}
	r := Reminder{
		Rule: rule, PieceID: a.p.ID, StepID: a.step.ID, RecipientID: recipient, DueAt: at.UTC(), kind: kind,
		Key: fmt.Sprintf("%s:%s:%s:%d", a.key(), name, version, recipient),
	}
	if number > 0 && !since.IsZero() {
		r.Days = max(1, daysBetween(since, a.now))
	}
	a.due = append(a.due, r)
}

func (a *agenda) worker(id int64) Worker { return a.who(id).Worker(a.rules.Zone) }

// after is n working days of the recipient after the day of t, when that day's reminders go out.
func (a *agenda) after(t time.Time, n int, id int64) time.Time {
	return a.rules.Calendar.AddDays(t, n, a.rules.At, a.worker(id))
}

// dayOf is when the day of t begins for the recipient: people count days, not hours.
func (a *agenda) dayOf(t time.Time, id int64) time.Time {
	zone := a.worker(id).Zone
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// each adds one reminder for each of days after since; what came in somebody's quiet hours was theirs to read in the morning.
func (a *agenda) each(kind, rule string, days []int, since time.Time, recipient int64) {
	if recipient == 0 || since.IsZero() {
		return
	}
	read := a.rules.Calendar.Awake(since, a.worker(recipient))
	for _, n := range days {
		a.add(kind, rule, n, stamp(since), a.after(read, n, recipient), a.dayOf(read, recipient), recipient)
	}
}

// daily asks on LeadDays days in a row, and tells the editor on the day after.
func (a *agenda) daily(rule string, since time.Time, recipient, editor int64, editorRule string) {
	days := make([]int, a.rules.LeadDays)
	for i := range days {
		days[i] = i + 1
	}
	a.each(rule, rule, days, since, recipient)
	if editor != 0 && len(days) > 0 {
		a.each(editorRule, editorRule, []int{len(days) + 1}, since, editor)
	}
}

// stamp makes a moment part of a key: what begins anew is reminded of anew.
func stamp(t time.Time) string { return fmt.Sprintf("at%d", t.Unix()) }

// until is the open step's deadline, or else the whole piece's, and what tells it from others in keys.
func (a *agenda) until() (deadline time.Time, version string) {
	if !a.step.Deadline.IsZero() {
		return a.step.Deadline, fmt.Sprintf("v%d", a.step.DeadlineVersion)
	}
	return a.p.Deadline, fmt.Sprintf("overall-v%d", a.p.DeadlineVersion)
}

// deadline reminds of it.
func (a *agenda) deadline() {
	p, s, rules := a.p, a.step, a.rules
	deadline, version := a.until()
	if deadline.IsZero() {
		return
	}
	from := len(a.due)
	add := func(rule, template string, number, days int, recipient int64) {
		w := a.worker(recipient)
		day := onDay(deadline, w.Zone, rules.At)
		at := day
		switch {
		case days != 0:
			at = rules.Calendar.AddDays(day, days, rules.At, w)
		case !rules.Calendar.Working(day, w): // a day off: told before, in words that are right then
			template, at = DueSoon, rules.Calendar.AddDays(day, -1, rules.At, w)
		}
		a.addDated(rule, template, number, version, at, day, recipient)
	}
	if s.OwnerID != 0 {
		for _, n := range rules.SoonDays {
			number := n
			if len(rules.SoonDays) == 1 {
				number = 0
			}
			add(DueSoon, DueSoon, number, -n, s.OwnerID)
		}
		add(DueToday, DueToday, 0, 0, s.OwnerID)
		for _, n := range rules.OverdueDays {
			template := Overdue
			if s.Stage == Draft && s.Revision > 0 {
				template = RevisionOverdue
			}
			if n == slices.Max(rules.OverdueDays) && n > slices.Min(rules.OverdueDays) {
				template = LastNotice
			}
			add(Overdue, template, n, n, s.OwnerID)
		}
	}
	if p.EditorID != 0 && p.EditorID != s.OwnerID {
		for _, n := range rules.EscalateDays {
			add(OverdueEditor, OverdueEditor, n, n, p.EditorID)
		}
		if len(rules.OverdueDays) > 0 && s.OwnerID != 0 && !a.who(s.OwnerID).Silent() {
			last, w := slices.Max(rules.OverdueDays), a.worker(s.OwnerID)
			if !rules.Calendar.AddDays(onDay(deadline, w.Zone, rules.At), last, rules.At, w).Before(latest(s.OpenedAt, s.OfferedAt)) { // who got it later had no last notice
				add(NoMore, NoMore, last+1, last+1, p.EditorID)
			}
		}
	}
	opened := latest(s.OpenedAt, s.OfferedAt)
	for i := range a.due[from:] {
		r := &a.due[from+i]
		r.kind = "deadline"
		r.Superseded = r.DueAt.Before(opened) || // the notice of its opening named the deadline already
			(r.Rule == DueSoon || r.Rule == DueToday) && a.askedAt(r.DueAt) // as does that question
	}
}

// addDated is add for what counts days past a date.
func (a *agenda) addDated(kind, rule string, number int, version string, at, day time.Time, recipient int64) {
	n := len(a.due)
	a.add(kind, rule, number, version, at, time.Time{}, recipient)
	if len(a.due) > n && number > 0 && kind != DueSoon {
		a.due[n].Days = max(number, daysBetween(day, a.now)) // the tick may come late as well
	}
}

// askedAt tells whether the owner is, or was, asked at that moment whether they take the step.
func (a *agenda) askedAt(at time.Time) bool {
	s := a.step
	if answered := s.answeredAt(); !a.offered() || !answered.IsZero() && !answered.After(at) || a.who(s.OwnerID).Mutes(StepUnanswered) {
		return false
	}
	read := a.rules.Calendar.Awake(s.OfferedAt, a.worker(s.OwnerID))
	return slices.ContainsFunc(a.rules.HandoffDays, func(n int) bool { return a.after(read, n, s.OwnerID).Equal(at) })
}

// offered tells whether somebody is to say that they take the step. A distribution lead is asked whether they lead, which
// takes it as well, and the author of a demo piece how it gets on.
func (a *agenda) offered() bool {
	p, s := a.p, a.step
	leads := s.OwnerID == p.LeadID && s.Stage.Index() >= Ready.Index() && p.LeadConfirmedAt.IsZero()
	return !s.OfferedAt.IsZero() && s.OwnerID != 0 && s.OwnerID != p.EditorID && !leads && !(p.Demo && s.OwnerID == p.AuthorID)
}

// offer asks for an answer to a handoff.
func (a *agenda) offer() {
	p, s := a.p, a.step
	for _, r := range s.Reviewers {
		switch {
		case !r.AnsweredAt.IsZero() || !r.DeclinedAt.IsZero():
		case r.AcceptedAt.IsZero():
			a.each(ReviewUnanswered, ReviewUnanswered, a.rules.HandoffDays, r.AskedAt, r.PersonID)
		case !s.Deadline.IsZero(): // who said yes is asked again when it is due
			w := a.worker(r.PersonID)
			at := a.rules.Calendar.AddDays(onDay(s.Deadline, w.Zone, a.rules.At), 0, a.rules.At, w)
			a.add("review_due", ReviewUnanswered, 1, fmt.Sprintf("v%d", s.DeadlineVersion), at, a.dayOf(r.AskedAt, r.PersonID), r.PersonID)
		}
	}
	if !a.offered() || !s.answeredAt().IsZero() {
		return
	}
	a.each(StepUnanswered, StepUnanswered, a.rules.HandoffDays, s.OfferedAt, s.OwnerID)
	if a.rules.ReturnDays > 0 { // counted as the owner's days, who may be away
		at := a.after(s.OfferedAt, a.rules.ReturnDays, s.OwnerID)
		a.add(StepGoesBack, StepGoesBack, 0, stamp(s.OfferedAt), at, time.Time{}, p.EditorID)
	}
}

// stall asks an author of whom nothing was heard since the piece was cleared.
func (a *agenda) stall() {
	p, s := a.p, a.step
	if p.Demo && s.Deadline.IsZero() && s.OwnerID == p.AuthorID {
		a.each(DemoStalled, DemoStalled, a.rules.OnboardDays, s.OpenedAt, s.OwnerID)
		return
	}
	deadline, version := a.until()
	begun := p.ClearedAt
	if a.rules.StallShare == 0 || s.Stage != Draft || s.OwnerID != p.AuthorID || s.Revision > 0 || begun.IsZero() || !deadline.After(begun) || s.HeardAt.After(begun) {
		return
	}
	at := begun.Add(time.Duration(a.rules.StallShare * float64(deadline.Sub(begun))))
	at = a.rules.Calendar.AddDays(at, 0, a.rules.At, a.worker(s.OwnerID))
	if !at.Before(deadline) || !at.After(begun) {
		return
	}
	a.add(Stalled, Stalled, 0, version, at, time.Time{}, s.OwnerID)
	then := at.Add(deadline.Sub(at) / 2)
	then = a.rules.Calendar.AddDays(then, 0, a.rules.At, a.worker(p.EditorID))
	if then.After(at) && then.Before(deadline) && p.EditorID != s.OwnerID {
		a.add(StalledEditor, StalledEditor, 0, version, then, time.Time{}, p.EditorID)
	}
}

// away tells the editor that who has the step is not there before it is due, or is not reminded at all.
func (a *agenda) away() {
	p, s := a.p, a.step
	if s.OwnerID == 0 || s.OwnerID == p.EditorID {
		return
	}
	owner := a.who(s.OwnerID)
	began := latest(s.OpenedAt, s.OfferedAt)
	if owner.Silent() {
		since := latest(latest(owner.PausedAt, owner.LeftAt), began)
		a.add(ContributorAway, ContributorAway, 0, stamp(since), since, time.Time{}, p.EditorID)
		return
	}
	zone := a.worker(s.OwnerID).Zone
	for _, leave := range owner.Away {
		from, err := time.ParseInLocation(time.DateOnly, leave.From, zone)
		if err != nil {
			continue
		}
		to, err := time.ParseInLocation(time.DateOnly, leave.To, zone)
		if err != nil || to.AddDate(0, 0, 1).Before(began) || !s.Deadline.IsZero() && from.After(s.Deadline) {
			continue
		}
		at := latest(from.Add(a.rules.At), began)
		a.add(ContributorAway, ContributorAway, 0, fmt.Sprintf("%s-%d", leave.From, s.Sequence), at, time.Time{}, p.EditorID)
	}
}

// topic keeps a proposal moving.
func (a *agenda) topic() {
	p, days := a.p, a.rules.DecideDays
	switch p.Topic {
	case TopicProposed:
		a.each(PitchWaiting, PitchWaiting, days, p.TopicAt, p.EditorID)
	case TopicChanges:
		a.each(ChangesWaiting, ChangesWaiting, days, p.TopicAt, p.AuthorID)
	case TopicApproved:
		a.each(NotCleared, NotCleared, days, p.TopicAt, p.EditorID)
	}
}

// lead asks the distribution lead to confirm, from the day on which they were named.
func (a *agenda) lead() {
	p := a.p
	if p.LeadID == 0 || p.LeadNamedAt.IsZero() || !p.LeadConfirmedAt.IsZero() || p.Closed() {
		return
	}
	editor := p.EditorID
	if editor == p.LeadID {
		editor = 0
	}
	a.daily(LeadUnconfirmed, p.LeadNamedAt, p.LeadID, editor, LeadUnconfirmedEd)
}

// supersede marks, for each recipient and kind, all but the last, and sorts.
func supersede(due []Reminder) {
	slices.SortStableFunc(due, func(a, b Reminder) int { return a.DueAt.Compare(b.DueAt) })
	type of struct {
		recipient int64
		kind      string
	}
	last := map[of]int{}
	for i, r := range due {
		last[of{r.RecipientID, r.kind}] = i
	}
	for i := range due {
		if last[of{due[i].RecipientID, due[i].kind}] != i {
			due[i].Superseded = true
		}
	}
}

// onDay is the moment of the deadline's day at which reminders go out in that zone.
func onDay(deadline time.Time, zone *time.Location, at time.Duration) time.Time {
	w := Worker{Zone: zone}
	date := w.dateOf(deadline)
	if moment := w.clock(date, at); moment.Before(deadline) {
		return moment
	}
	return w.clock(date.AddDate(0, 0, -1), at)
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

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

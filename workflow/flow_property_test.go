package workflow

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// flow is one piece on its way, the people around it and the clock.
type flow struct {
	*rapid.T
	p      Piece
	people map[int64]Person
	rules  ReminderRules
	now    time.Time
	live   map[string]string // what each reminder's key said when it was to be sent
}

// TestFlow has random people make random moves at growing times and looks after each at what always holds, of the piece and
// of its reminders.
func TestFlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFlow(t)
		f.reminders()
		for range rapid.IntRange(1, 60).Draw(t, "moves") {
			f.move()
			f.reminders()
			f.wait()
			f.reminders()
		}
	})
}

func newFlow(t *rapid.T) *flow {
	f := &flow{T: t, people: map[int64]Person{}, live: map[string]string{}}
	f.now = rapid.SampledFrom([]time.Time{ // before a leap day, a gap and a repeated hour
		time.Date(2028, 2, 24, 8, 0, 0, 0, time.UTC), time.Date(2026, 3, 25, 8, 0, 0, 0, time.UTC), time.Date(2026, 10, 21, 8, 0, 0, 0, time.UTC),
	}).Draw(t, "start")
	zones := rapid.SampledFrom([]string{"", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati"})
	for id := int64(ann); id <= 6; id++ {
		p := Person{ID: id, Name: fmt.Sprint("Person ", id), Class: Internal, TimeZone: zones.Draw(t, "zone")}
		if id == ann {
			p.Class = Outside
		}
		if rapid.IntRange(0, 5).Draw(t, "is away") == 0 {
			from := f.now.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "away"))
			p.Away = []Absence{{From: from.Format(time.DateOnly), To: from.AddDate(0, 0, 6).Format(time.DateOnly)}}
		}
		if rapid.IntRange(0, 5).Draw(t, "mutes") == 0 {
			p.Muted = []string{rapid.SampledFrom([]string{DueSoon, Overdue, StepUnanswered, LeadUnconfirmed}).Draw(t, "muted")}
		}
		f.people[id] = p
	}
	f.rules = DefaultReminderRules()
	f.rules.Zone = zoneOf(t, "Europe/Berlin")
	f.rules.Plan = map[Stage]int{Draft: 5, Review: 2, Design: 3, Ready: 1}
	if rapid.Bool().Draw(t, "five days a week") {
		f.rules.Calendar.Days = workWeek()
	}
	in := PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Tasks: []string{"image", "links"}}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		in.Demo, in.Stage = true, Draft
	case 1:
		in.Topic = TopicProposed
	default:
		in.Stage = rapid.SampledFrom(Stages()[:7]).Draw(t, "stage")
		if in.Stage.Index() >= Ready.Index() {
			in.LeadID = lee
		}
		if in.Stage.Index() > Published.Index() {
			in.Stage = Published
		}
	}
	if rapid.Bool().Draw(t, "with a deadline") {
		in.Deadline = f.day(60)
		in.Steps = map[Stage]StepInput{Draft: {Deadline: f.day(10)}, Review: {OwnerID: cora, Deadline: f.day(20)}}
	}
	p, _, err := NewPiece(in, Cause{At: f.now})
	if err != nil {
		t.Fatal(err)
	}
	f.p = stored(p)
	return f
}

func workWeek() (days Weekdays) {
	for d := time.Monday; d <= time.Friday; d++ {
		days |= 1 << d
	}
	return days
}

func (f *flow) day(n int) time.Time {
	y, m, d := f.now.Date()
	return EndOfDay(y, m, d+n, f.rules.Zone)
}

func (f *flow) wait() {
	f.now = f.now.Add(time.Duration(rapid.IntRange(0, 4*24*60).Draw(f.T, "minutes")) * time.Minute)
	if rapid.IntRange(0, 15).Draw(f.T, "a pause begins or ends") == 0 {
		id := int64(rapid.IntRange(1, 6).Draw(f.T, "who"))
		p := f.people[id]
		if p.PausedAt.IsZero() {
			p.PausedAt = f.now
		} else {
			p.PausedAt = time.Time{}
		}
		f.people[id] = p
	}
}

// moves are all that can be done to a piece. mine are those that only who was asked may make.
var moves = []struct {
	name string
	mine bool
	make func(f *flow, c Cause) (Change, error)
}{
	{"approve", false, func(f *flow, c Cause) (Change, error) { return f.p.Approve(c, "good") }},
	{"decline the topic", false, func(f *flow, c Cause) (Change, error) {
		if !f.seldom() {
			return Change{Piece: f.p}, nil
		}
		return f.p.DeclineTopic(c, "no")
	}},
	{"ask for changes", false, func(f *flow, c Cause) (Change, error) { return f.p.AskChanges(c, "shorter") }},
	{"propose", false, func(f *flow, c Cause) (Change, error) { return f.p.Propose(c, "bread") }},
	{"clear", false, func(f *flow, c Cause) (Change, error) { return f.p.Clear(c, f.people[ann], f.seldom()) }},
	{"cancel", false, func(f *flow, c Cause) (Change, error) {
		if !f.seldom() {
			return Change{Piece: f.p}, nil
		}
		return f.p.Cancel(c, "no budget")
	}},
	{"plan", false, func(f *flow, c Cause) (Change, error) {
		return f.p.Plan(c), nil
	}},
	{"accept", true, func(f *flow, c Cause) (Change, error) { return f.p.Accept(c) }},
	{"begin", false, func(f *flow, c Cause) (Change, error) { return f.p.Hear(c), nil }},
	{"decline", true, func(f *flow, c Cause) (Change, error) { return f.p.Decline(c, "no time") }},
	{"return", false, func(f *flow, c Cause) (Change, error) { return f.p.Return(c), nil }},
	{"complete", true, func(f *flow, c Cause) (Change, error) {
		return f.p.Complete(c, rapid.Bool().Draw(f.T, "with content"), rapid.SampledFrom([]string{"", "nothing is to change"}).Draw(f.T, "words"))
	}},
	{"ask reviewers", false, func(f *flow, c Cause) (Change, error) {
		return f.p.AskReviewers(c, rapid.IntRange(0, 2).Draw(f.T, "needed"), f.somebody("reviewer"), f.somebody("reviewer"))
	}},
	{"review", true, func(f *flow, c Cause) (Change, error) { return f.p.Reviewed(c) }},
	{"ask for a revision", false, func(f *flow, c Cause) (Change, error) { return f.p.AskRevision(c, "shorter", f.someDay()) }},
	{"ask for more time", true, func(f *flow, c Cause) (Change, error) { return f.p.AskExtension(c, f.someDay(), "ill") }},
	{"grant", false, func(f *flow, c Cause) (Change, error) { return f.p.Grant(c) }},
	{"refuse", false, func(f *flow, c Cause) (Change, error) { return f.p.Refuse(c, "no") }},
	{"confirm the lead", true, func(f *flow, c Cause) (Change, error) { return f.p.ConfirmLead(c) }},
	{"tick", false, func(f *flow, c Cause) (Change, error) {
		return f.p.Tick(c, rapid.SampledFrom([]string{"Image", "links"}).Draw(f.T, "task"))
	}},
	{"publish", false, func(f *flow, c Cause) (Change, error) { return f.p.Publish(c, "https://example.org/bread") }},
	{"check", false, func(f *flow, c Cause) (Change, error) {
		return f.p.Checked(c, rapid.SampledFrom([]string{"", "404"}).Draw(f.T, "problem"))
	}},
	{"confirm the distribution", false, func(f *flow, c Cause) (Change, error) { return f.p.ConfirmDistributed(c) }},
	{"submit", false, func(f *flow, c Cause) (Change, error) { return f.p.Submit(c, "a draft"), nil }},
	{"hand on", false, func(f *flow, c Cause) (Change, error) { return f.p.HandOff(c) }},
	{"set the deadline", false, func(f *flow, c Cause) (Change, error) { return f.p.SetDeadline(f.someDay(), c) }},
	{"set a step's deadline", false, func(f *flow, c Cause) (Change, error) { return f.p.SetStepDeadline(f.someStage(), f.someDay(), c) }},
	{"assign", false, func(f *flow, c Cause) (Change, error) { return f.p.Assign(f.someStage(), f.somebody("owner"), c) }},
	{"name a lead", false, func(f *flow, c Cause) (Change, error) { return f.p.AssignLead(f.somebody("lead"), c) }},
	{"leave", false, func(f *flow, c Cause) (Change, error) {
		if !f.seldom() {
			return Change{Piece: f.p}, nil
		}
		who, heir := f.somebody("who leaves"), f.somebody("heir")
		ch, err := f.p.Relieve(who, heir, c)
		if err == nil && who != 0 && who != heir && !ch.Piece.Closed() {
			f.checkLeft(who, ch.Piece)
		}
		return ch, err
	}},
	{"file", false, func(f *flow, c Cause) (Change, error) { return f.p.File(c, "a comment"), nil }},
	{"revise", false, func(f *flow, c Cause) (Change, error) {
		return f.p.Revise(PieceInput{Code: f.p.Code, Title: f.p.Title, AuthorID: ann, EditorID: f.p.EditorID, LeadID: f.somebody("lead"), Deadline: f.someDay()}, c)
	}},
}

func (f *flow) seldom() bool            { return rapid.IntRange(0, 7).Draw(f.T, "seldom") == 0 }
func (f *flow) somebody(n string) int64 { return int64(rapid.IntRange(0, 6).Draw(f.T, n)) }
func (f *flow) someStage() Stage        { return rapid.SampledFrom(Stages()).Draw(f.T, "of") }

func (f *flow) someDay() time.Time {
	n := rapid.IntRange(-3, 40).Draw(f.T, "day")
	if n < 0 {
		return time.Time{}
	}
	return f.day(n)
}

// move makes one, half of the time by who it is to be made by.
func (f *flow) move() {
	m := rapid.SampledFrom(moves).Draw(f.T, "move index")
	c := Cause{PersonID: f.somebody("person"), At: f.now, Schedule: f.rules.Schedule(func(id int64) Person { return f.people[id] })}
	if s, open := f.p.OpenStep(); open && rapid.Bool().Draw(f.T, "by its owner") {
		c.PersonID = s.OwnerID
	}
	if rapid.Bool().Draw(f.T, "with a hand") {
		c.ActorID = f.somebody("actor")
	}
	if rapid.IntRange(0, 2).Draw(f.T, "onwards") > 0 {
		m.name = f.onwards()
		i := slices.IndexFunc(moves, func(o struct {
			name string
			mine bool
			make func(*flow, Cause) (Change, error)
		}) bool {
			return o.name == m.name
		})
		m = moves[i]
	}
	before, kept := f.p, deep(f.p)
	ch, err := m.make(f, c)
	f.Logf("%s: %s by %d for %d: %v", f.now.Format("01-02 15:04"), m.name, c.ActorID, c.PersonID, err)
	if d := cmp.Diff(kept, before); d != "" {
		f.Fatalf("%s changed the piece it was given: %s", m.name, d)
	}
	if err != nil {
		if code := CodeOf(err); code == Failed || len(err.Error()) < 10 {
			f.Fatalf("%s: error %q of code %s", m.name, err, code)
		}
		return
	}
	f.check(m.name, before, ch)
	asked := c.PersonID == before.LeadID
	if s, open := before.OpenStep(); open {
		asked = asked || s.OwnerID == c.PersonID || s.reviewer(c.PersonID) >= 0
	}
	if m.mine && len(ch.Events) > 0 && !asked {
		f.Fatalf("%s by %d, whom nobody asked", m.name, c.PersonID)
	}
	f.p = ch.Piece
}

// onwards names what would bring the piece further.
func (f *flow) onwards() string {
	s, _ := f.p.OpenStep()
	switch {
	case !s.HandedInAt.IsZero():
		return "name a lead"
	case s.Stage == Pitch && f.p.Topic != "" && f.p.Topic != TopicApproved:
		return "approve"
	case s.Stage == Pitch && f.p.Topic != "":
		return rapid.SampledFrom([]string{"clear", "set the deadline"}).Draw(f.T, "then")
	case s.Stage == Ready:
		return "tick"
	case s.Stage == Published:
		return "publish"
	case s.Stage == Distributed:
		return rapid.SampledFrom([]string{"check", "confirm the distribution"}).Draw(f.T, "then")
	}
	return rapid.SampledFrom([]string{"submit", "hand on", "complete", "ask for a revision"}).Draw(f.T, "then")
}

// deep is a copy that shares nothing with p.
func deep(p Piece) Piece {
	p.Steps, p.Checklist = slices.Clone(p.Steps), slices.Clone(p.Checklist)
	for i, s := range p.Steps {
		p.Steps[i].Reviewers = slices.Clone(s.Reviewers)
		if s.Extension != nil {
			x := *s.Extension
			p.Steps[i].Extension = &x
		}
	}
	return p
}

func (f *flow) check(move string, before Piece, ch Change) {
	now := ch.Piece
	if now.ID != before.ID || len(now.Steps) != len(before.Steps) {
		f.Fatalf("%s: another piece came back: %+v", move, now)
	}
	was, wasOpen := before.OpenStep()
	is, isOpen := now.OpenStep()
	open := 0
	for _, s := range now.Steps {
		if s.State == Open {
			open++
		}
	}
	switch {
	case open > 1:
		f.Fatalf("%s: %d steps are open", move, open)
	case isOpen && now.Stage != is.Stage:
		f.Fatalf("%s: the %s is open and the piece stands at %s", move, is.Stage, now.Stage)
	case before.Cancelled() && (!now.Cancelled() || isOpen):
		f.Fatalf("%s: a cancelled piece lives again", move)
	case !wasOpen && isOpen:
		f.Fatalf("%s: what was closed is open again", move)
	case isOpen && is.Stage.Index() >= Ready.Index() && now.LeadID == 0:
		f.Fatalf("%s: the %s is open without a lead", move, is.Stage)
	case now.Demo && (now.URL != "" || is.Stage.Index() > Design.Index()):
		f.Fatalf("%s: a demo piece at %s, %q", move, is.Stage, now.URL)
	case now.Finished() && !now.Demo && (now.VerifiedAt.IsZero() || now.DistributedAt.IsZero() || now.URL == ""):
		f.Fatalf("%s: closed, but not verified and distributed", move)
	}
	if err := now.checkDeadlines(nil); err != nil && before.checkDeadlines(nil) == nil {
		f.Fatalf("%s: %v", move, err)
	}
	f.checkMove(move, before, now, was, is)
	f.checkOpened(move, before, now, was, is)
	if now.DeadlineVersion < before.DeadlineVersion || now.DeadlineVersion == before.DeadlineVersion && !now.Deadline.Equal(before.Deadline) {
		f.Fatalf("%s: the overall deadline went from v%d %s to v%d %s", move, before.DeadlineVersion, before.Deadline, now.DeadlineVersion, now.Deadline)
	}
	moved := false
	for i, s := range now.Steps {
		old := before.Steps[i]
		moved = moved || s.State != old.State
		if s.DeadlineVersion < old.DeadlineVersion || s.DeadlineVersion == old.DeadlineVersion && !s.Deadline.Equal(old.Deadline) {
			f.Fatalf("%s: the deadline of %s went from v%d %s to v%d %s", move, s.Stage, old.DeadlineVersion, old.Deadline, s.DeadlineVersion, s.Deadline)
		}
		if s.State == Open && s.OwnerID == 0 {
			f.Fatalf("%s: nobody has the open %s", move, s.Stage)
		}
	}
	silent := move == "begin" || move == "check" // who wrote last, and when it was looked at, is no news
	if len(ch.Events) == 0 && (moved || !silent && !cmp.Equal(before, now)) {
		f.Fatalf("%s: no event says what changed: %s", move, cmp.Diff(before, now))
	}
	for _, e := range ch.Events {
		if e.PieceID != now.ID || !e.At.Equal(f.now) || e.Kind == "" || e.Detail == "" {
			f.Fatalf("%s: event %+v", move, e)
		}
	}
}

// checkMove looks at which step was open and which is: the same, the next, or the draft of what is revised.
func (f *flow) checkMove(move string, before, now Piece, was, is Step) {
	if was.Stage == is.Stage {
		return
	}
	left, _ := now.Step(was.Stage)
	switch {
	case now.Cancelled():
		if is.Stage != "" || left.State != Waiting {
			f.Fatalf("%s: cancelled, the %s is %s and the %s open", move, was.Stage, left.State, is.Stage)
		}
	case is.Stage == Draft && was.Stage.Index() > Draft.Index():
		if was.Stage.Index() >= Ready.Index() || left.State != Waiting || is.Revision != f.revision(before)+1 {
			f.Fatalf("%s: from %s (%s) back to the draft, revision %d", move, was.Stage, left.State, is.Revision)
		}
	default:
		next, ok := before.after(was)
		if left.State != Done || ok != (is.Stage != "") || next.Stage != is.Stage {
			f.Fatalf("%s: from %s (%s) to %q, next was %q", move, was.Stage, left.State, is.Stage, next.Stage)
		}
	}
	for i, s := range now.Steps {
		if s.Stage != was.Stage && s.Stage != is.Stage && s.State != before.Steps[i].State {
			f.Fatalf("%s: the %s became %s beside", move, s.Stage, s.State)
		}
	}
}

// checkOpened looks at the date of a step that opened: it stands, or is later and has working days of its owner's before it, or
// is as late as the overall one allows. Dates behind it never move forward, and only where one before them moved.
func (f *flow) checkOpened(move string, before, now Piece, was, is Step) {
	if was.Stage == is.Stage || is.Stage == "" || is.Stage == Draft && is.Revision > 0 {
		return
	}
	i := now.index(is.Stage)
	old := before.Steps[i]
	moved := !old.Deadline.Equal(is.Deadline)
	days := f.rules.Calendar.Between(f.now, is.Deadline, f.people[is.OwnerID].Worker(f.rules.Zone))
	last := !now.Deadline.IsZero() && !is.Deadline.Before(now.Deadline)
	switch {
	case moved && (old.Deadline.IsZero() || is.Deadline.Before(old.Deadline)):
		f.Fatalf("%s: the %s opens and its date goes from %s to %s", move, is.Stage, old.Deadline, is.Deadline)
	case moved && days < 1 && !last:
		f.Fatalf("%s: the %s opens with another date, %s, and no day is left", move, is.Stage, is.Deadline)
	case !is.Deadline.IsZero() && days < 1 && !last && !old.OpenedAt.IsZero():
		f.Fatalf("%s: the %s opens again at %s and is due at %s", move, is.Stage, f.now, is.Deadline)
	case !is.Deadline.IsZero() && days < 1 && !last && i > 0 && !before.Steps[i-1].Deadline.IsZero() && f.now.After(before.Steps[i-1].Deadline):
		f.Fatalf("%s: the %s opens late, at %s, and is due at %s", move, is.Stage, f.now, is.Deadline)
	}
	for j := i + 1; j < len(now.Steps); j++ {
		switch was, is := before.Steps[j].Deadline, now.Steps[j].Deadline; {
		case is.Before(was):
			f.Fatalf("%s: the date of the %s moves forward, from %s to %s", move, now.Steps[j].Stage, was, is)
		case !is.Equal(was) && !moved:
			f.Fatalf("%s: the date of the %s moves from %s to %s, and nothing before it did", move, now.Steps[j].Stage, was, is)
		}
	}
}

// checkLeft looks for anything that somebody who left still has to do.
func (f *flow) checkLeft(who int64, p Piece) {
	s, _ := p.OpenStep()
	if p.EditorID == who || p.LeadID == who || p.AuthorID == who && s.Stage.Index() < Ready.Index() || s.Owes(who) {
		f.Fatalf("%d left and has a part: %+v", who, p)
	}
	for _, s := range p.Steps {
		if s.State != Done && s.OwnerID == who {
			f.Fatalf("%d left and has the %s, which is %s", who, s.Stage, s.State)
		}
	}
}

func (f *flow) revision(p Piece) int {
	s, _ := p.Step(Draft)
	return s.Revision
}

// dueAt are the reminders of the piece as it is, at another time.
func (f *flow) dueAt(t time.Time) (map[string]Reminder, time.Time) {
	due, next := Reminders(f.p, f.rules, t, func(id int64) Person { return f.people[id] })
	byKey := make(map[string]Reminder, len(due))
	for i, r := range due {
		if _, twice := byKey[r.Key]; twice {
			f.Fatalf("two reminders are %s", r.Key)
		}
		if r.DueAt.After(t) || i > 0 && r.DueAt.Before(due[i-1].DueAt) {
			f.Fatalf("%s is due at %s, now it is %s", r.Key, r.DueAt, t)
		}
		byKey[r.Key] = r
	}
	if !next.IsZero() && !next.After(t) {
		f.Fatalf("the next reminder is at %s, now it is %s", next, t)
	}
	return byKey, next
}

func (f *flow) reminders() {
	due, next := f.dueAt(f.now)
	if f.p.Closed() && (len(due) > 0 || !next.IsZero()) {
		f.Fatalf("a closed piece reminds of %v, next at %s", due, next)
	}
	step, _ := f.p.OpenStep()
	for key, r := range due {
		who := f.people[r.RecipientID]
		if who.Silent() || who.Mutes(r.Rule) {
			f.Fatalf("%s goes to somebody who wants none", key)
		}
		switch r.Rule {
		case DueSoon, DueToday, Overdue, RevisionOverdue, LastNotice, StepUnanswered, Stalled, DemoStalled, NotVerified:
			if r.RecipientID != step.OwnerID || r.Rule == StepUnanswered && !step.answeredAt().IsZero() {
				f.Fatalf("%s, the step is %d's, answered %s", key, step.OwnerID, step.answeredAt())
			}
		case ReviewUnanswered:
			i := step.reviewer(r.RecipientID)
			if i < 0 || !step.Reviewers[i].AnsweredAt.IsZero() || !step.Reviewers[i].DeclinedAt.IsZero() {
				f.Fatalf("%s, whose review nobody waits for", key)
			}
		case LeadUnconfirmed:
			if r.RecipientID != f.p.LeadID || !f.p.LeadConfirmedAt.IsZero() {
				f.Fatalf("%s, confirmed %s", key, f.p.LeadConfirmedAt)
			}
		}
		if r.Superseded {
			continue
		}
		says := fmt.Sprintf("%s to %d at %s", r.Rule, r.RecipientID, r.DueAt)
		if r.Rule == ContributorAway { // an absence is told once, also to who has the step again in the middle of it
			says = r.Rule
		}
		if said, ok := f.live[key]; ok && said != says {
			f.Fatalf("%s said %s, now %s", key, said, says)
		}
		f.live[key] = says
	}
	// Nothing is due before next says so, and something is then; what is due stays so.
	if next.IsZero() {
		later, _ := f.dueAt(f.now.AddDate(2, 0, 0))
		f.same("never", due, later)
		return
	}
	before, _ := f.dueAt(next.Add(-time.Nanosecond))
	f.same("just before "+next.String(), due, before)
	then, _ := f.dueAt(next)
	if len(then) <= len(due) {
		f.Fatalf("nothing is due at %s: %v", next, slices.Sorted(maps.Keys(then)))
	}
	for key, r := range due {
		if now, ok := then[key]; !ok || r.Superseded && !now.Superseded || !r.DueAt.Equal(now.DueAt) {
			f.Fatalf("%s was due at %s (superseded: %v) and is at %s (%v)", key, r.DueAt, r.Superseded, now.DueAt, now.Superseded)
		}
	}
}

func (f *flow) same(when string, due, then map[string]Reminder) {
	if d := cmp.Diff(slices.Sorted(maps.Keys(due)), slices.Sorted(maps.Keys(then))); d != "" {
		f.Fatalf("%s: not what is due at %s (-now +then):\n%s", when, f.now, d)
	}
}

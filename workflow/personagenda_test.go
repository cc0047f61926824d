package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var ed = Person{ID: eve, Name: "Eve", Class: Internal, Roles: []Role{Editor}}

// after is n days after start.
func after(n int) time.Time { return start.AddDate(0, 0, n) }

// contributor has reached the first n items of the checklist, one each day.
func contributor(n int) Person {
	p := Person{ID: ann, Name: "Ann", Class: Outside, PersonDetails: PersonDetails{EditorID: eve}}
	for i, item := range Items()[:n] {
		p.Onboarding = append(p.Onboarding, Milestone{Item: item, At: after(i)})
	}
	return p
}

// those are these people by id.
func those(people ...Person) func(int64) Person {
	return func(id int64) Person {
		i := slices.IndexFunc(people, func(p Person) bool { return p.ID == id })
		if i < 0 {
			return Person{ID: id}
		}
		return people[i]
	}
}

func TestPersonReminders(t *testing.T) {
	weekdays := DefaultReminderRules()
	weekdays.Calendar.Days, _ = ParseWeekdays("mon-fri")
	with := func(p Person, change func(*Person)) Person {
		change(&p)
		return p
	}
	silent := with(ed, func(p *Person) { p.PausedAt = start })
	for _, c := range []struct {
		name   string
		person Person
		editor Person
		now    time.Time
		want   []string
		next   string
	}{
		{"nobody invited them", contributor(0), ed, after(30), nil, ""},
		{"a colleague", with(contributor(1), func(p *Person) { p.Class = Internal }), ed, after(30), nil, ""},
		{"known from before", with(contributor(1), func(p *Person) { p.Onboarding = append(p.Onboarding, Milestone{Item: Waived, At: start}) }), ed, after(30), nil, ""},
		{"paused", with(contributor(1), func(p *Person) { p.PausedAt = start }), ed, after(30), nil, ""},
		{"gone", with(contributor(1), func(p *Person) { p.LeftAt = start }), ed, after(30), nil, ""},
		{"invited", contributor(1), ed, start, []string{"11-02 08:00 welcome to 1", "11-02 08:00 briefing_due to 2"}, "11-05 09:00"},
		{"invited, the editor is paused", contributor(1), silent, after(3), []string{"11-02 08:00 welcome to 1"}, ""},
		{"invited, the editor mutes it", contributor(1), with(ed, func(p *Person) { p.Muted = []string{BriefingDue} }), after(3),
			[]string{"11-02 08:00 welcome to 1"}, "11-12 09:00"},
		{"invited three days ago", contributor(1), ed, after(4),
			[]string{"11-02 08:00 welcome to 1", "11-02 08:00 briefing_due to 2 superseded", "11-05 09:00 briefing_due to 2 day 4"}, "11-11 09:00"},
		{"the editor is away", contributor(1), with(ed, func(p *Person) { p.Away = []Absence{{From: "2026-11-03", To: "2026-11-06"}} }), after(8),
			[]string{"11-02 08:00 welcome to 1", "11-02 08:00 briefing_due to 2"}, "11-11 09:00"},
		{"invited, and nothing followed", contributor(1), ed, after(60), []string{"11-02 08:00 welcome to 1", "11-02 08:00 briefing_due to 2 superseded",
			"11-05 09:00 briefing_due to 2 day 60 superseded", "11-11 09:00 briefing_due to 2 day 60 superseded", "11-12 09:00 onboarding_stalled to 2 day 60"}, ""},
		{"briefed just now", contributor(2), ed, after(1), []string{"11-02 08:00 welcome to 1"}, "11-13 09:00"},
		{"guidelines sent", contributor(3), ed, after(5), []string{"11-02 08:00 welcome to 1", "11-04 08:00 guidelines to 1"}, "11-09 09:00"},
		{"guidelines not acknowledged", contributor(3), ed, after(8),
			[]string{"11-02 08:00 welcome to 1", "11-04 08:00 guidelines to 1", "11-09 09:00 guidelines_unacknowledged to 1 day 6"}, "11-13 09:00"},
		{"at the demo piece", contributor(5), ed, after(8), []string{"11-02 08:00 welcome to 1", "11-04 08:00 guidelines to 1"}, "11-18 09:00"},
		{"the demo piece is not decided on", contributor(6), ed, after(9),
			[]string{"11-02 08:00 welcome to 1", "11-04 08:00 guidelines to 1"}, "11-11 09:00"},
		{"the demo piece is still not decided on", contributor(6), ed, after(10).Add(time.Hour),
			[]string{"11-02 08:00 welcome to 1", "11-04 08:00 guidelines to 1", "11-11 09:00 demo_finished to 2 day 5"}, "11-17 09:00"},
		{"billable", contributor(8), ed, after(90), []string{"11-02 08:00 welcome to 1", "11-04 08:00 guidelines to 1",
			"11-08 08:00 demo_passed to 1", "11-09 08:00 billing_unlocked to 1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			due, next := PersonReminders(c.person, weekdays, c.now, those(c.person, c.editor))
			var got []string
			for _, r := range due {
				got = append(got, line(r))
				if !strings.HasPrefix(r.Key, "onboard:1:"+r.Rule) {
					t.Errorf("key %s", r.Key)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if got := next.Format("01-02 15:04"); next.IsZero() != (c.next == "") || c.next != "" && got != c.next {
				t.Errorf("next %s, want %s", got, c.next)
			}
		})
	}
}

func TestPersonReminderKeys(t *testing.T) {
	due, _ := PersonReminders(contributor(1), DefaultReminderRules(), after(4), those(contributor(1), ed))
	var keys []string
	for _, r := range due {
		keys = append(keys, r.Key)
	}
	at := fmt.Sprint("at", start.Unix())
	want := []string{"onboard:1:welcome:" + at + ":1", "onboard:1:briefing_due:" + at + ":2", "onboard:1:briefing_due+3:" + at + ":2"}
	if d := cmp.Diff(want, keys); d != "" {
		t.Error(d)
	}
}

// However the clock and the onboarding go on: nothing comes twice, nothing that was due at a wake was not announced by the
// one before, and nothing asks for a point that was reached.
func TestPersonRemindersProperty(t *testing.T) {
	asks := map[string]Item{BriefingDue: Briefed, GuidelinesUnacknowledged: Acknowledged, DemoUndecided: DemoPassed}
	rapid.Check(t, func(t *rapid.T) {
		rules := DefaultReminderRules()
		rules.OnboardDays = rapid.SliceOfNDistinct(rapid.IntRange(1, 20), 0, 4, rapid.ID).Draw(t, "days")
		rules.Calendar.Days = Weekdays(rapid.IntRange(0, 127).Draw(t, "team's days"))
		who := ed
		who.TimeZone = rapid.SampledFrom([]string{"", "Pacific/Kiritimati", "America/New_York"}).Draw(t, "zone")
		p := contributor(0)
		now, awake := start, time.Time{}
		sent, first := map[string]bool{}, true
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			changed := first
			now = now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour)
			if item := cmpNext(p); item != "" && rapid.Bool().Draw(t, "reached") {
				var err error
				if p, _, err = p.Reach(item, ed, Cause{At: now}); err != nil {
					t.Fatal(err)
				}
				changed = true
			}
			first = false
			due, next := PersonReminders(p, rules, now, those(p, who))
			fresh := map[string]bool{}
			for _, r := range due {
				if fresh[r.Key] {
					t.Fatalf("%s is there twice", r.Key)
				}
				fresh[r.Key] = true
				if r.DueAt.After(now) {
					t.Fatalf("%s is early", r.Key)
				}
				if _, reached := p.Reached(asks[r.Rule]); reached {
					t.Fatalf("%s though it was reached", r.Key)
				}
				if !sent[r.Key] && !changed && (awake.IsZero() || awake.After(now)) {
					t.Fatalf("%s is due at %s, the clock would sleep until %s", r.Key, now, awake)
				}
			}
			if !next.IsZero() && !next.After(now) {
				t.Fatalf("next is %s at %s", next, now)
			}
			maps.Copy(sent, fresh)
			awake = next
		}
		stalled := map[string]int{}
		for key := range sent {
			if strings.Contains(key, OnboardingStalled) {
				stalled[key[strings.Index(key, ":at"):]]++
			}
		}
		for at, n := range stalled {
			if n > 1 {
				t.Fatalf("told %d times that nothing followed %s", n, at)
			}
		}
	})
}

func cmpNext(p Person) Item {
	if len(p.Onboarding) == 0 {
		return Invited
	}
	return p.Next()
}

func TestLists(t *testing.T) {
	rules := DefaultReminderRules()
	rules.Calendar.Days, _ = ParseWeekdays("mon-fri")
	rules.Calendar.Holidays = map[string]string{"2026-11-09": "a holiday"}
	away := ed
	away.Away = []Absence{{From: "2026-11-16", To: "2026-11-20"}}
	muting := ed
	muting.Muted = []string{WeeklyList, DigestList}
	newYork := ed
	newYork.TimeZone = "America/New_York"
	for _, c := range []struct {
		name       string
		who        Person
		now        string
		day, week  bool
		nextDay    string
		nextWeekly string
	}{
		{"before nine", ed, "2026-11-02 08:00", false, false, "2026-11-02 09:00", "2026-11-02 09:00"},
		{"Monday at nine", ed, "2026-11-02 09:00", true, true, "2026-11-03 09:00", "2026-11-10 09:00"},
		{"Monday night", ed, "2026-11-02 23:59", true, true, "2026-11-03 09:00", "2026-11-10 09:00"},
		{"Tuesday", ed, "2026-11-03 10:00", true, false, "2026-11-04 09:00", "2026-11-10 09:00"},
		{"Sunday", ed, "2026-11-08 10:00", false, false, "2026-11-10 09:00", "2026-11-10 09:00"},
		{"a Monday that is a holiday", ed, "2026-11-09 10:00", false, false, "2026-11-10 09:00", "2026-11-10 09:00"},
		{"the Tuesday after", ed, "2026-11-10 10:00", true, true, "2026-11-11 09:00", "2026-11-16 09:00"},
		{"away for the week", away, "2026-11-16 10:00", false, false, "2026-11-23 09:00", "2026-11-23 09:00"},
		{"muted", muting, "2026-11-02 10:00", false, false, "", ""},
		{"paused", Person{PersonDetails: PersonDetails{PausedAt: start}}, "2026-11-02 10:00", false, false, "", ""},
		{"in New York it is four", newYork, "2026-11-02 09:00", false, false, "2026-11-02 14:00", "2026-11-02 14:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, err := time.Parse("2006-01-02 15:04", c.now)
			if err != nil {
				t.Fatal(err)
			}
			show := func(t time.Time) string {
				if t.IsZero() {
					return ""
				}
				return t.UTC().Format("2006-01-02 15:04")
			}
			if _, due, next := ListDay(c.who, DigestList, rules, now); due != c.day || show(next) != c.nextDay {
				t.Errorf("daily: %t, next %s", due, show(next))
			}
			if _, due, next := ListWeek(c.who, WeeklyList, rules, now); due != c.week || show(next) != c.nextWeekly {
				t.Errorf("weekly: %t, next %s", due, show(next))
			}
		})
	}
}

func TestWaiting(t *testing.T) {
	plain := func(stage Stage, change func(*Piece, *Step)) Piece {
		p := mustPiece(t, PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, LeadID: lee, Stage: stage})
		if change != nil {
			change(&p, &p.Steps[p.index(stage)])
		}
		return p
	}
	for name, c := range map[string]struct {
		piece Piece
		want  []Waits
	}{
		"proposed": {plain(Pitch, func(p *Piece, _ *Step) { p.Topic = TopicProposed }), []Waits{{eve, "a decision on the proposal"}}},
		"changes":  {plain(Pitch, func(p *Piece, _ *Step) { p.Topic = TopicChanges }), []Waits{{ann, "changes to the proposal"}}},
		"approved": {plain(Pitch, func(p *Piece, _ *Step) { p.Topic = TopicApproved }), []Waits{{eve, "what keeps the author from being cleared to write"}}},
		"offered":  {plain(Draft, nil), []Waits{{ann, "a yes or no to the step"}}},
		"wrote":    {plain(Draft, func(_ *Piece, s *Step) { s.HeardAt = s.OfferedAt.Add(time.Hour) }), []Waits{{ann, ""}}},
		"at work":  {plain(Draft, func(_ *Piece, s *Step) { s.AcceptedAt = start }), []Waits{{ann, ""}}},
		"more time": {plain(Draft, func(_ *Piece, s *Step) { s.AcceptedAt, s.Extension = start, &Extension{ByID: ann} }),
			[]Waits{{ann, ""}, {eve, "a decision on more time"}}},
		"handed in": {plain(Design, func(_ *Piece, s *Step) { s.HandedInAt = start }), []Waits{{eve, "a distribution lead"}}},
		"reviewers": {plain(Review, func(_ *Piece, s *Step) {
			s.Reviewers = []Reviewer{{PersonID: dan}, {PersonID: cora, AnsweredAt: start}}
		}), []Waits{{eve, ""}, {dan, "a peer review"}}},
		"checklist": {plain(Ready, func(p *Piece, _ *Step) { p.Checklist = []Task{{Name: "images"}, {Name: "links", DoneAt: start}} }),
			[]Waits{{lee, "its checklist: images"}}},
		"not verified":    {plain(Distributed, nil), []Waits{{lee, "the verification of its address"}}},
		"not distributed": {plain(Distributed, func(p *Piece, _ *Step) { p.VerifiedAt = start }), []Waits{{lee, "the word that it is distributed"}}},
		"lead's yes": {plain(Draft, func(p *Piece, s *Step) { s.AcceptedAt, p.LeadNamedAt = start, start }),
			[]Waits{{ann, ""}, {lee, "the distribution lead's yes"}}},
		"finished": {mustPiece(t, PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Finished: true}), nil},
	} {
		if d := cmp.Diff(c.want, c.piece.Waiting()); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

func TestDaysLate(t *testing.T) {
	p := mustPiece(t, PieceInput{Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: time.Date(2026, 11, 9, 23, 59, 0, 0, time.UTC)}}})
	for now, want := range map[string]int{"2026-11-09 12:00": 0, "2026-11-10 00:30": 1, "2026-11-11 08:00": 1, "2026-11-11 10:00": 2, "2026-12-09 10:00": 30} {
		at, err := time.Parse("2006-01-02 15:04", now)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.DaysLate(DefaultReminderRules(), at, ed); got != want {
			t.Errorf("at %s: %d days late, want %d", now, got, want)
		}
	}
}

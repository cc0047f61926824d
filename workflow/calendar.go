package workflow

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"
)

// Absence is a stretch of whole days on which somebody is not there, both ends included, as "2006-01-02" in their own zone.
type Absence struct {
	From string `json:"from"`
	To   string `json:"to"`
	Note string `json:"note,omitempty"`
	Auto bool   `json:"auto,omitempty"` // an automatic reply of theirs said so: it ends when they write
}

// Compare orders absences by their first day.
func (a Absence) Compare(b Absence) int {
	return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
}

// Validate says what is wrong with the absence, or nil.
func (a Absence) Validate() error {
	for _, end := range []struct{ name, date string }{{"first", a.From}, {"last", a.To}} {
		if _, err := time.Parse(time.DateOnly, end.date); err != nil {
			return Errorf(Invalid, "%q is not the %s day of an absence, write one like 2026-12-24", end.date, end.name)
		}
	}
	if a.To < a.From {
		return Errorf(Invalid, "the absence ends on %s, before it begins on %s", a.To, a.From)
	}
	return nil
}

// Over tells whether its last day is past in that zone.
func (a Absence) Over(now time.Time, zone *time.Location) bool {
	return a.To < now.In(zone).Format(time.DateOnly)
}

// Covers tells whether the day lies in the absence.
func (a Absence) Covers(year int, month time.Month, day int) bool {
	return a.covers(civil(year, month, day).Format(time.DateOnly))
}

func (a Absence) covers(date string) bool { return a.From <= date && date <= a.To }

// Calendar is the team's working time. In the zero Calendar every day is a working day and no hour is quiet.
type Calendar struct {
	Days     Weekdays          // 0: every day is a working day
	Holidays map[string]string // "2006-01-02" to the holiday's name

	// QuietFrom and QuietTo are since midnight. No hours are quiet if they are equal; from 20h to 7h spans midnight.
	QuietFrom, QuietTo time.Duration
	// SendDays are those on which what can wait is sent; 0: all.
	SendDays Weekdays `json:",omitzero"`
}

// Worker is what a calendar has to know of a person.
type Worker struct {
	Zone *time.Location // nil: UTC
	Days Weekdays       // 0: the team's
	Away []Absence
}

// The bounds of every search, for calendars in which hardly any day is a working day.
const (
	longestPause = 2 * 366   // days without a working day, after which no other is looked for
	longestWalk  = 100 * 366 // days looked at
)

// Validate says what is wrong with the calendar, or nil.
func (c Calendar) Validate() error {
	if c.Days > everyDay {
		return Errorf(Invalid, "the working days are %d, a week has no such days", c.Days)
	}
	if c.SendDays > everyDay {
		return Errorf(Invalid, "the days of sending are %d, a week has no such days", c.SendDays)
	}
	for _, date := range slices.Sorted(maps.Keys(c.Holidays)) {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return Errorf(Invalid, "%q is not the day of a holiday, write one like 2026-12-25", date)
		}
	}
	for _, end := range []time.Duration{c.QuietFrom, c.QuietTo} {
		if end < 0 || end >= 24*time.Hour {
			return Errorf(Invalid, "the quiet hours go from %v to %v after midnight, both have to be less than 24h", c.QuietFrom, c.QuietTo)
		}
	}
	return nil
}

// Working tells whether the person works on the day of t in their zone: one of their own days, or else of the team's, no
// holiday, and they are not away.
func (c Calendar) Working(t time.Time, who Worker) bool { return c.works(who.dateOf(t), who) }

// AddDays is n working days after the day of t in the worker's zone, or before it if n is negative, at that time of day, which
// is since midnight. For n = 0 it is the day itself, or the next working day if it is none.
//
// A time that the day lacks because clocks go forward moves to the moment at which they do, or to the last second before
// if they go on to the next day. Of a time that comes twice it is the first. A day that the zone left out is not a working day.
//
// Where two years pass without a working day, as for somebody away for longer, it gives up on the last day of them.
func (c Calendar) AddDays(t time.Time, n int, at time.Duration, who Worker) time.Time {
	date, step := who.dateOf(t), 1
	if n < 0 {
		step = -1
	}
	left := max(n, -n)
	if n == 0 && !c.works(date, who) {
		left = 1
	}
	for walked, pause := 0, 0; left != 0 && walked < longestWalk && pause < longestPause; walked++ {
		date = date.AddDate(0, 0, step)
		pause++
		if c.works(date, who) && who.exists(date) {
			left, pause = left-1, 0
		}
	}
	return who.clock(date, at)
}

// Between counts the working days after the day of from up to and including the day of to, both in the worker's zone. If to is
// before from it is -Between(to, from). It looks no further than a hundred years.
func (c Calendar) Between(from, to time.Time, who Worker) int {
	first, last := who.dateOf(from), who.dateOf(to)
	if last.Before(first) {
		return -c.Between(to, from, who)
	}
	n := 0
	for walked := 0; first.Before(last) && walked < longestWalk; walked++ {
		first = first.AddDate(0, 0, 1)
		if c.works(first, who) && who.exists(first) {
			n++
		}
	}
	return n
}

// Awake is t, or the first moment after it that is on one of the SendDays and outside the quiet hours, in the worker's zone.
// Holidays and absences are not quiet.
func (c Calendar) Awake(t time.Time, who Worker) time.Time {
	for range 8 { // a week has no more days
		t = c.awake(t, who)
		date := who.dateOf(t)
		if c.SendDays == 0 || c.SendDays.Has(date.Weekday()) {
			break
		}
		t = who.clock(date.AddDate(0, 0, 1), 0)
	}
	return t
}

// awake is Awake on any day.
func (c Calendar) awake(t time.Time, who Worker) time.Time {
	for {
		shown := who.shown(t)
		clock := shown.Sub(civil(shown.Date()))
		if !c.quiet(clock) {
			return t
		}
		const day = 24 * time.Hour
		awake := t.Add(((c.QuietTo-clock)%day + day) % day)
		if who.offset(t) == who.offset(awake) {
			return awake
		}
		t = who.shift(t, awake) // clocks change while it is quiet, and may show another quiet hour or none
	}
}

func (c Calendar) quiet(clock time.Duration) bool {
	if c.QuietFrom <= c.QuietTo {
		return c.QuietFrom <= clock && clock < c.QuietTo
	}
	return c.QuietFrom <= clock || clock < c.QuietTo
}

// works is Working of a civil date.
func (c Calendar) works(date time.Time, who Worker) bool {
	days := who.Days
	if days == 0 {
		days = c.Days
	}
	if days != 0 && !days.Has(date.Weekday()) {
		return false
	}
	if len(c.Holidays) == 0 && len(who.Away) == 0 {
		return true
	}
	name := date.Format(time.DateOnly)
	if _, holiday := c.Holidays[name]; holiday {
		return false
	}
	return !slices.ContainsFunc(who.Away, func(a Absence) bool { return a.covers(name) })
}

func (w Worker) zone() *time.Location {
	if w.Zone == nil {
		return time.UTC
	}
	return w.Zone
}

// offset is how far clocks in the worker's zone are ahead of UTC.
func (w Worker) offset(t time.Time) time.Duration {
	_, seconds := t.In(w.zone()).Zone()
	return time.Duration(seconds) * time.Second
}

// shown is what a clock and a calendar in the worker's zone show, as if it were UTC.
func (w Worker) shown(t time.Time) time.Time { return t.UTC().Add(w.offset(t)) }

// dateOf is the civil date of t in the worker's zone.
func (w Worker) dateOf(t time.Time) time.Time { return civil(w.shown(t).Date()) }

// exists tells whether the worker's zone has that date; some left one out when they changed sides of the date line.
func (w Worker) exists(date time.Time) bool {
	return w.dateOf(w.reaches(date.Add(12 * time.Hour))).Equal(date)
}

// clock is the moment of a civil date at which it is that long since midnight, as AddDays says.
func (w Worker) clock(date time.Time, at time.Duration) time.Time {
	at = min(max(at, 0), 24*time.Hour-1)
	moment := w.reaches(date.Add(at))
	if w.dateOf(moment).After(date) {
		return moment.Add(-time.Second)
	}
	return moment
}

// reaches is the first moment at which a clock in the worker's zone shows that date and time, or goes forward past it.
func (w Worker) reaches(shown time.Time) time.Time {
	const furthest = 16 * time.Hour // more than any zone was ever from UTC
	before, after := shown.Add(-furthest), shown.Add(furthest)
	for _, t := range []time.Time{before, after} { // if clocks change in between; what comes twice comes first by the earlier offset
		if moment := shown.Add(-w.offset(t)); w.shown(moment).Equal(shown) {
			return moment.In(w.zone())
		}
	}
	return w.shift(before, after).In(w.zone())
}

// shift is the moment, after from and not after to, at which the worker's clocks change, given that they do once. It does
// without time.Time.ZoneBounds: past the years that a zone lists, its end may lie before its argument, on 31 December of leap years.
func (w Worker) shift(from, to time.Time) time.Time {
	offset := w.offset(from)
	from = from.Truncate(time.Second)
	seconds := sort.Search(int(to.Sub(from)/time.Second), func(n int) bool {
		return w.offset(from.Add(time.Duration(n+1)*time.Second)) != offset
	})
	return from.Add(time.Duration(seconds+1) * time.Second)
}

// civil is a date without a place, as its midnight in UTC.
func civil(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

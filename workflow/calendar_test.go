package workflow

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseWeekdays(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"  ", ""}, {"mon-fri", "mon-fri"}, {"MON - Fri", "mon-fri"}, {"mon,tue,thu", "mon,tue,thu"},
		{"sun-thu", "sun-thu"}, {"thu-sun", "thu-sun"}, {"fri-mon", "fri-mon"}, {"Monday, wednesday", "mon,wed"}, {"all", "all"}, {"ALL", "all"}, {"sun-sat", "all"},
		{"tue-mon", "all"}, {"wed-wed", "wed"}, {"sat,sun", "sat,sun"}, {"sun,mon", "sun,mon"}, {"fri,mon-wed,tue", "mon-wed,fri"},
		{"mon-wed,fri-sun", "fri-wed"},
	} {
		w, err := ParseWeekdays(c.in)
		if err != nil || w.String() != c.want {
			t.Errorf("%q: %q, %v, want %q", c.in, w, err, c.want)
		}
	}
	for _, c := range []struct{ in, want string }{
		{"moon", `"moon" is not`}, {"mon-", `"mon-" is not`}, {"-fri", `"-fri"`}, {"mon,,tue", `"" in "mon,,tue"`}, {"mon,", `"" in`}, {"mon-wed-fri", `"mon-wed-fri"`},
		{"mo", `"mo"`}, {"monda", `"monda"`}, {"mon tue", `"mon tue"`}, {"all,mon", `"all"`}, {"1-5", `"1-5"`},
	} {
		if w, err := ParseWeekdays(c.in); err == nil || w != 0 || CodeOf(err) != Invalid || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "mon-fri") {
			t.Errorf("%q: %q, %v", c.in, w, err)
		}
	}
}

func TestWeekdaysOfEverySet(t *testing.T) {
	for w := range everyDay + 1 {
		text, err := json.Marshal(map[string]Weekdays{"days": w})
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]Weekdays
		if err := json.Unmarshal(text, &back); err != nil || back["days"] != w {
			t.Errorf("%07b is %s, which is read as %07b, %v", w, text, back["days"], err)
		}
		for d := time.Sunday; d <= time.Saturday; d++ {
			if w.Has(d) != (w&(1<<d) != 0) {
				t.Errorf("%07b has %v: %v", w, d, w.Has(d))
			}
		}
	}
}

func FuzzParseWeekdays(f *testing.F) {
	for _, s := range []string{"", "mon-fri", "sun-thu", "Monday,sat", "all", "mon--fri,", "\xff-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w, err := ParseWeekdays(s)
		if err != nil {
			return
		}
		if back, err := ParseWeekdays(w.String()); err != nil || back != w {
			t.Errorf("%q is %q, which is read as %q, %v", s, w, back, err)
		}
	})
}

func TestAbsence(t *testing.T) {
	leap := Absence{From: "2028-02-29", To: "2028-03-01", Note: "skiing"}
	for day, want := range map[int]bool{28: false, 29: true, 30: true, 31: false} { // 30 February is 1 March
		if leap.Covers(2028, time.February, day) != want {
			t.Errorf("day %d: covered %v", day, !want)
		}
	}
	over := Absence{From: "2026-12-24", To: "2027-01-06"}
	if !over.Covers(2026, time.December, 31) || !over.Covers(2027, time.January, 1) || over.Covers(2027, time.January, 7) {
		t.Error("the year's end")
	}
	for _, c := range []struct {
		a    Absence
		want string // "": valid
	}{
		{leap, ""}, {over, ""}, {Absence{From: "2026-05-01", To: "2026-05-01"}, ""},
		{Absence{From: "2026-02-29", To: "2026-03-01"}, `"2026-02-29" is not the first day`},
		{Absence{From: "2026-02-28", To: "2026-2-29"}, `"2026-2-29" is not the last day`},
		{Absence{To: "2026-02-28"}, `"" is not the first day`},
		{Absence{From: "2026-02-28"}, `"" is not the last day`},
		{Absence{From: "2026-05-02", To: "2026-05-01"}, "ends on 2026-05-01, before it begins"},
	} {
		err := c.a.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || CodeOf(err) != Invalid || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v", c.a, err)
		}
	}
}

func TestCalendarValidate(t *testing.T) {
	for _, c := range []struct {
		cal  Calendar
		want string
	}{
		{Calendar{}, ""},
		{Calendar{Days: everyDay, Holidays: map[string]string{"2028-02-29": "leap"}, QuietFrom: 20 * time.Hour, QuietTo: 7 * time.Hour}, ""},
		{Calendar{Days: 1 << 7}, "working days are 128"},
		{Calendar{Holidays: map[string]string{"2026-12-25": "", "25.12.2026": "", "26.12.2026": ""}}, `"25.12.2026" is not`},
		{Calendar{QuietFrom: -time.Hour}, "-1h0m0s"},
		{Calendar{QuietTo: 24 * time.Hour}, "24h"},
	} {
		err := c.cal.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || CodeOf(err) != Invalid || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.cal, err, c.want)
		}
	}
}

// week is the calendar of most teams.
func week(t interface{ Fatal(...any) }) Calendar {
	days, err := ParseWeekdays("mon-fri")
	if err != nil {
		t.Fatal(err)
	}
	return Calendar{Days: days, Holidays: map[string]string{"2026-12-25": "Christmas Day", "2027-01-01": "New Year"}, QuietFrom: 20 * time.Hour, QuietTo: 7 * time.Hour}
}

func TestWorking(t *testing.T) {
	berlin, auckland := zoneOf(t, "Europe/Berlin"), zoneOf(t, "Pacific/Auckland")
	saturdays, _ := ParseWeekdays("sat")
	friday := time.Date(2026, 12, 18, 12, 0, 0, 0, time.UTC) // 1:00 on Saturday in Auckland
	for _, c := range []struct {
		name string
		cal  Calendar
		at   time.Time
		who  Worker
		want bool
	}{
		{"the zero calendar", Calendar{}, friday.AddDate(0, 0, 1), Worker{}, true},
		{"Friday", week(t), friday, Worker{Zone: berlin}, true},
		{"Saturday there", week(t), friday, Worker{Zone: auckland}, false},
		{"their own days", week(t), friday, Worker{Zone: auckland, Days: saturdays}, true},
		{"their own days alone", week(t), friday, Worker{Zone: berlin, Days: saturdays}, false},
		{"a holiday", week(t), friday.AddDate(0, 0, 7), Worker{Zone: berlin}, false},
		{"a holiday, of nobody's days but theirs", week(t), friday.AddDate(0, 0, 7), Worker{Days: everyDay}, false},
		{"away", week(t), friday, Worker{Away: []Absence{{From: "2026-12-01", To: "2026-12-02"}, {From: "2026-12-18", To: "2026-12-18"}}}, false},
		{"back", week(t), friday, Worker{Away: []Absence{{From: "2026-12-01", To: "2026-12-17"}, {From: "2026-12-19", To: "2026-12-28"}}}, true},
	} {
		if got := c.cal.Working(c.at, c.who); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestAddDays(t *testing.T) {
	const layout = "Mon 2006-01-02 15:04:05 -0700"
	at := func(zone, local string) time.Time {
		moment, err := time.ParseInLocation("2006-01-02 15:04", local, zoneOf(t, zone))
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	daily := Calendar{}
	for _, c := range []struct {
		name, zone, from string
		cal              Calendar
		n                int
		at               time.Duration
		away             []Absence
		want             string
	}{
		{"over a weekend", "Europe/Berlin", "2026-11-20 23:30", week(t), 1, 9 * time.Hour, nil, "Mon 2026-11-23 09:00:00 +0100"},
		{"back over a weekend", "Europe/Berlin", "2026-11-23 00:30", week(t), -1, 9 * time.Hour, nil, "Fri 2026-11-20 09:00:00 +0100"},
		{"back from a weekend", "Europe/Berlin", "2026-11-22 10:00", week(t), -1, 9 * time.Hour, nil, "Fri 2026-11-20 09:00:00 +0100"},
		{"0 on a working day", "Europe/Berlin", "2026-11-20 10:00", week(t), 0, 9 * time.Hour, nil, "Fri 2026-11-20 09:00:00 +0100"},
		{"0 on a Saturday", "Europe/Berlin", "2026-11-21 10:00", week(t), 0, 9 * time.Hour, nil, "Mon 2026-11-23 09:00:00 +0100"},
		{"holidays and the year's end", "Europe/Berlin", "2026-12-24 10:00", week(t), 6, 9 * time.Hour, nil, "Tue 2027-01-05 09:00:00 +0100"},
		{"away", "Europe/Berlin", "2026-11-20 10:00", week(t), 2, 9 * time.Hour, []Absence{{From: "2026-11-23", To: "2026-11-24"}}, "Thu 2026-11-26 09:00:00 +0100"},
		{"into summer time, a time that is not", "Europe/Berlin", "2026-03-28 10:00", daily, 1, 2*time.Hour + 30*time.Minute, nil, "Sun 2026-03-29 03:00:00 +0200"},
		{"out of it, a time that is twice", "Europe/Berlin", "2026-10-24 10:00", daily, 1, 2*time.Hour + 30*time.Minute, nil, "Sun 2026-10-25 02:30:00 +0200"},
		{"half an hour of summer time", "Australia/Lord_Howe", "2026-10-03 10:00", daily, 1, 2*time.Hour + 10*time.Minute, nil, "Sun 2026-10-04 02:30:00 +1100"},
		{"half an hour twice", "Australia/Lord_Howe", "2026-04-04 10:00", daily, 1, time.Hour + 45*time.Minute, nil, "Sun 2026-04-05 01:45:00 +1100"},
		{"a day without midnight", "America/Santiago", "2026-09-05 10:00", daily, 1, 0, nil, "Sun 2026-09-06 01:00:00 -0300"},
		{"a day without its last hour", "America/Nuuk", "2024-03-29 10:00", daily, 1, 23*time.Hour + 30*time.Minute, nil, "Sat 2024-03-30 22:59:59 -0200"},
		{"quarters of an hour", "Asia/Kathmandu", "2026-11-20 23:59", daily, 1, 9 * time.Hour, nil, "Sat 2026-11-21 09:00:00 +0545"},
		{"a day left out", "Pacific/Apia", "2011-12-29 10:00", daily, 1, 9 * time.Hour, nil, "Sat 2011-12-31 09:00:00 +1400"},
		{"a day left out, backwards", "Pacific/Apia", "2011-12-31 10:00", daily, -1, 9 * time.Hour, nil, "Thu 2011-12-29 09:00:00 -1000"},
		{"past the years that zones list, the last day of a leap year", "Europe/Berlin", "2040-12-30 10:00", daily, 1, 9 * time.Hour, nil, "Mon 2040-12-31 09:00:00 +0100"},
		{"past them, into summer time", "Europe/Berlin", "2044-03-26 10:00", daily, 1, 2*time.Hour + 30*time.Minute, nil, "Sun 2044-03-27 03:00:00 +0200"},
		{"leap day", "UTC", "2028-02-28 10:00", daily, 1, 9 * time.Hour, nil, "Tue 2028-02-29 09:00:00 +0000"},
		{"no leap day", "UTC", "2026-02-28 10:00", daily, 1, 9 * time.Hour, nil, "Sun 2026-03-01 09:00:00 +0000"},
		{"too late in the day", "UTC", "2026-02-28 10:00", daily, 1, 30 * time.Hour, nil, "Sun 2026-03-01 23:59:59 +0000"},
		{"too early", "UTC", "2026-02-28 10:00", daily, 1, -time.Hour, nil, "Sun 2026-03-01 00:00:00 +0000"},
		{"away for ever", "UTC", "2026-01-01 10:00", daily, 3, 9 * time.Hour, []Absence{{From: "2026-01-03", To: "9999-12-31"}}, "Tue 2028-01-04 09:00:00 +0000"},
		{"away since ever", "UTC", "2026-01-01 10:00", daily, -1, 9 * time.Hour, []Absence{{From: "0000-01-01", To: "2026-01-03"}}, "Sun 2023-12-31 09:00:00 +0000"},
		{"a hundred years of them", "Europe/Berlin", "2026-01-01 10:00", daily, 1 << 40, 9 * time.Hour, nil, "Mon 2126-03-18 09:00:00 +0100"},
		{"a hundred years", "UTC", "2026-01-01 10:00", daily, 1 << 40, 9 * time.Hour, nil, "Mon 2126-03-18 09:00:00 +0000"},
	} {
		got := c.cal.AddDays(at(c.zone, c.from), c.n, c.at, Worker{Zone: zoneOf(t, c.zone), Away: c.away})
		if got.Format(layout) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.Format(layout), c.want)
		}
	}
}

func TestBetween(t *testing.T) {
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
	}
	for _, c := range []struct {
		name     string
		from, to time.Time
		zone     string
		want     int
	}{
		{"the same day", at(11, 20, 1), at(11, 20, 23), "UTC", 0},
		{"the same day, earlier", at(11, 20, 23), at(11, 20, 1), "UTC", 0},
		{"the next there", at(11, 19, 14), at(11, 19, 16), "Asia/Tokyo", 1},
		{"a weekend", at(11, 20, 9), at(11, 23, 9), "UTC", 1},
		{"to a Sunday", at(11, 20, 9), at(11, 22, 9), "UTC", 0},
		{"back", at(11, 23, 9), at(11, 20, 9), "UTC", -1},
		{"over Christmas", at(12, 23, 9), at(12, 28, 9), "UTC", 2},
		{"no further than it walks", time.Time{}, at(11, 20, 9), "UTC", 26144},
	} {
		if got := week(t).Between(c.from, c.to, Worker{Zone: zoneOf(t, c.zone)}); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	apia := Worker{Zone: zoneOf(t, "Pacific/Apia")}
	if got := (Calendar{}).Between(time.Date(2011, 12, 29, 12, 0, 0, 0, apia.Zone), time.Date(2011, 12, 31, 12, 0, 0, 0, apia.Zone), apia); got != 1 {
		t.Errorf("over the day that Apia left out: %d", got)
	}
}

func TestAwake(t *testing.T) {
	night := Calendar{QuietFrom: 20 * time.Hour, QuietTo: 7 * time.Hour}
	small := Calendar{QuietFrom: time.Hour, QuietTo: 2*time.Hour + 30*time.Minute}
	noon := Calendar{QuietFrom: 12 * time.Hour, QuietTo: 13 * time.Hour}
	for _, c := range []struct {
		name     string
		cal      Calendar
		zone     string
		at, want string // in UTC
	}{
		{"none", Calendar{QuietFrom: time.Hour, QuietTo: time.Hour}, "UTC", "2026-11-20T01:00:00Z", "2026-11-20T01:00:00Z"},
		{"by day", night, "Europe/Berlin", "2026-11-20T18:59:59.5Z", "2026-11-20T18:59:59.5Z"},
		{"in the evening", night, "Europe/Berlin", "2026-11-20T19:00:00Z", "2026-11-21T06:00:00Z"},
		{"before morning", night, "Europe/Berlin", "2026-11-20T05:59:59.5Z", "2026-11-20T06:00:00Z"},
		{"in the morning", night, "Europe/Berlin", "2026-11-20T06:00:00Z", "2026-11-20T06:00:00Z"},
		{"the year's last night", night, "Asia/Kathmandu", "2026-12-31T15:00:00Z", "2027-01-01T01:15:00Z"},
		{"siesta", noon, "UTC", "2026-11-20T12:30:00Z", "2026-11-20T13:00:00Z"},
		{"siesta over", noon, "UTC", "2026-11-20T13:00:00Z", "2026-11-20T13:00:00Z"},
		{"the last night of a leap year", night, "Europe/Berlin", "2040-12-31T20:00:00Z", "2041-01-01T06:00:00Z"},
		{"a shorter night", night, "Europe/Berlin", "2026-03-28T20:00:00Z", "2026-03-29T05:00:00Z"},
		{"a longer night", night, "Europe/Berlin", "2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z"},
		{"its end does not exist", small, "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},
		{"its end comes twice, before the first", small, "Europe/Berlin", "2026-10-25T00:15:00Z", "2026-10-25T00:30:00Z"},
		{"between both", small, "Europe/Berlin", "2026-10-25T00:45:00Z", "2026-10-25T00:45:00Z"},
		{"before the second", small, "Europe/Berlin", "2026-10-25T01:15:00Z", "2026-10-25T01:30:00Z"},
		{"over the day that Apia left out", night, "Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-30T17:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339Nano, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.cal.Awake(at, Worker{Zone: zoneOf(t, c.zone)}).Format(time.RFC3339Nano); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// drawn draws a calendar, a worker and a moment.
func drawn(t *rapid.T) (Calendar, Worker, time.Time) {
	c := Calendar{Days: Weekdays(rapid.IntRange(0, 127).Draw(t, "days")), Holidays: map[string]string{}}
	base := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 33000).Draw(t, "day"))
	for _, after := range rapid.SliceOfN(rapid.IntRange(-20, 40), 0, 10).Draw(t, "holidays") {
		c.Holidays[base.AddDate(0, 0, after).Format(time.DateOnly)] = "a holiday"
	}
	hour := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "minutes")) * time.Minute
	})
	c.QuietFrom, c.QuietTo = hour.Draw(t, "quiet from"), hour.Draw(t, "quiet to")
	who := Worker{
		Zone: zoneOf(t, rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago",
			"Africa/Casablanca", "America/Nuuk", "Pacific/Kiritimati", "Asia/Beirut"}).Draw(t, "zone")),
		Days: Weekdays(rapid.SampledFrom([]int{0, 0, 1, 5, 62, 127}).Draw(t, "own days")),
	}
	for range rapid.IntRange(0, 3).Draw(t, "absences") {
		from := base.AddDate(0, 0, rapid.IntRange(-20, 40).Draw(t, "away from"))
		who.Away = append(who.Away, Absence{From: from.Format(time.DateOnly), To: from.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "away for")).Format(time.DateOnly)})
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c, who, base.Add(time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "clock")))
}

func TestWorkingDaysProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, who, from := drawn(t)
		n := rapid.IntRange(-30, 30).Draw(t, "n")
		at := time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "at")) * time.Minute
		got := c.AddDays(from, n, at, who)
		if !c.Working(got, who) {
			t.Fatalf("%v is not a working day", got)
		}
		if next := c.AddDays(from, n+1, at, who); next.Before(got) || n != 0 && !next.After(got) {
			t.Fatalf("day %d is %v, day %d is %v", n, got, n+1, next)
		}
		later := from.Add(time.Duration(rapid.Int64Range(0, int64(100*24*time.Hour)).Draw(t, "later")))
		if n := c.AddDays(later, n, at, who); n.Before(got) {
			t.Fatalf("from %v it is %v, from %v it is %v", from, got, later, n)
		}
		if n > 0 && (c.Between(from, got, who) != n || c.Between(got, from, who) != -n) {
			t.Fatalf("%d days after %v is %v, between are %d and %d", n, from, got, c.Between(from, got, who), c.Between(got, from, who))
		}
		if n >= 0 && who.dateOf(got).Before(who.dateOf(from)) || n < 0 && !who.dateOf(got).Before(who.dateOf(from)) {
			t.Fatalf("%d days from %v is %v", n, from, got)
		}
		want := who.dateOf(got).Add(at)
		if shown := who.shown(got); !shown.Equal(want) {
			skipped := who.shown(got.Add(-time.Second)).Before(want) && shown.After(want)
			cut := shown.Before(want) && who.dateOf(got.Add(time.Second)).After(want)
			if !skipped && !cut {
				t.Fatalf("%v is neither %v after midnight nor when clocks change", got, at)
			}
		} else if earlier := got.Add(-24 * time.Hour); who.offset(earlier) > who.offset(got) && who.shown(got.Add(who.offset(got)-who.offset(earlier))).Equal(want) {
			t.Fatalf("%v is the second of that clock", got)
		}
		middle := from.Add(later.Sub(from) / 2)
		if sum := c.Between(from, middle, who) + c.Between(middle, later, who); sum != c.Between(from, later, who) {
			t.Fatalf("the days to %v and from there are %d, not %d", middle, sum, c.Between(from, later, who))
		}
	})
}

func TestAwakeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, who, from := drawn(t)
		got := c.Awake(from, who)
		quiet := func(at time.Time) bool { return c.quiet(who.shown(at).Sub(who.dateOf(at))) }
		if got.Before(from) || quiet(got) || !c.Awake(got, who).Equal(got) || got.Sub(from) > 49*time.Hour {
			t.Fatalf("of %v it is %v", from, got)
		}
		if got.After(from) && (!quiet(from) || !quiet(got.Add(-1)) || !quiet(from.Add(got.Sub(from)/2))) {
			t.Fatalf("%v is not the first after %v", got, from)
		}
	})
}

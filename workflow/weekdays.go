package workflow

import (
	"fmt"
	"strings"
	"time"
)

// Weekdays is a set of days of the week, bit 1<<time.Weekday each; the zero value means the team's.
type Weekdays uint8

// everyDay is the whole week.
const everyDay Weekdays = 1<<7 - 1

// ParseWeekdays reads "mon-fri", "mon,tue,thu", "sun-thu", "all", or "" for the zero value: names in English, whole or of three
// letters, in any case. A range may run over the week's end.
func ParseWeekdays(s string) (Weekdays, error) {
	lower := strings.ToLower(strings.TrimSpace(s))
	switch lower {
	case "":
		return 0, nil
	case "all":
		return everyDay, nil
	}
	var w Weekdays
	for _, term := range strings.Split(lower, ",") {
		from, to, ranged := strings.Cut(term, "-")
		if !ranged {
			to = from
		}
		first, ok := parseWeekday(from)
		last, lastOK := parseWeekday(to)
		if !ok || !lastOK {
			term, in := strings.TrimSpace(term), ""
			if term != strings.TrimSpace(lower) {
				in = fmt.Sprintf(" in %q", s)
			}
			return 0, Errorf(Invalid, "%q%s is not a day of the week: write mon, tue, wed, thu, fri, sat or sun, a range like mon-fri, or all", term, in)
		}
		for d := first; ; d = (d + 1) % 7 {
			w |= 1 << d
			if d == last {
				break
			}
		}
	}
	return w, nil
}

func parseWeekday(s string) (time.Weekday, bool) {
	s = strings.TrimSpace(s)
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); s == name || s == name[:3] {
			return d, true
		}
	}
	return 0, false
}

// All tells whether every day is in the set.
func (w Weekdays) All() bool { return w == everyDay }

// Has tells whether the day is in the set; none is in the zero value.
func (w Weekdays) Has(d time.Weekday) bool { return w>>d&1 == 1 }

// String is the set as ParseWeekdays reads it, in its shortest form: three days or more in a row are a range, which may run
// over the week's end.
func (w Weekdays) String() string {
	w &= everyDay
	if w == everyDay {
		return "all"
	}
	first := time.Monday
	for w.Has(first) && w.Has((first+6)%7) { // the beginning of the row that Monday is in
		first = (first + 6) % 7
	}
	var terms []string
	for i := 0; i < 7; {
		row := 0
		for i+row < 7 && w.Has((first+time.Weekday(i+row))%7) {
			row++
		}
		name := func(i int) string { return strings.ToLower(((first + time.Weekday(i)) % 7).String()[:3]) }
		if row >= 3 {
			terms = append(terms, name(i)+"-"+name(i+row-1))
		} else {
			for j := range row {
				terms = append(terms, name(i+j))
			}
		}
		i += row + 1
	}
	return strings.Join(terms, ",")
}

// MarshalText is String.
func (w Weekdays) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText is ParseWeekdays.
func (w *Weekdays) UnmarshalText(text []byte) error {
	parsed, err := ParseWeekdays(string(text))
	if err != nil {
		return err
	}
	*w = parsed
	return nil
}

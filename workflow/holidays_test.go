package workflow

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rickar/cal/v2"
)

// The days are those that the governments publish.
func TestHolidaysOf(t *testing.T) {
	for _, c := range []struct {
		codes    string
		from, to int
		want     string // month and day
	}{
		{"DE", 2026, 2026, "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"},
		{"de-by", 2026, 2026, "01-01 01-06 04-03 04-06 05-01 05-14 05-25 06-04 10-03 11-01 12-25 12-26"},
		{"DE-MV", 2026, 2026, "01-01 03-08 04-03 04-06 05-01 05-14 05-25 10-03 10-31 12-25 12-26"},
		{"DE-BE", 2028, 2028, "01-01 03-08 04-14 04-17 05-01 05-25 06-05 10-03 12-25 12-26"},
		{"AT", 2026, 2026, "01-01 01-06 04-06 05-01 05-14 05-25 06-04 08-15 10-26 11-01 12-08 12-25 12-26"},
		{"CH", 2026, 2026, "01-01 05-14 08-01 12-25"},
		{"FR", 2026, 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25"},
		{"ES", 2026, 2026, "01-01 01-06 04-03 05-01 08-15 10-12 11-01 12-06 12-08 12-25"},
		{"PT", 2026, 2026, "01-01 04-03 04-05 04-25 05-01 06-04 06-10 08-15 10-05 11-01 12-01 12-08 12-25"},
		{"PT", 2014, 2014, "01-01 04-18 04-20 04-25 05-01 06-10 08-15 12-08 12-25"},
		{"IT", 2026, 2026, "01-01 01-06 04-06 04-25 05-01 06-02 08-15 10-04 11-01 12-08 12-25 12-26"},
		{"BR", 2026, 2026, "01-01 02-17 04-03 04-21 05-01 06-04 09-07 10-12 11-02 11-15 11-20 12-25"},
		{"GB-ENG", 2026, 2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-26 12-28"},
		{"GB", 2022, 2022, "01-01 01-03 04-15 04-18 05-02 06-02 06-03 08-29 12-25 12-26 12-27"},
		{"GB-SCT", 2022, 2022, "01-01 01-02 01-03 01-04 04-15 05-02 06-02 06-03 08-01 11-30 12-25 12-26 12-27"},
		{"GB-NIR", 2025, 2025, "01-01 03-17 04-18 04-21 05-05 05-26 07-12 07-14 08-25 12-25 12-26"},
		{"US", 2026, 2026, "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25"},
		{"US", 2027, 2027, "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31"}, // the last for 2028
		{"CH, NC", 2026, 2026, "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-01 08-15 09-24 11-01 11-11 12-25"},
		{"", 2026, 2026, ""},
	} {
		codes := strings.FieldsFunc(c.codes, func(r rune) bool { return r == ',' })
		found, err := HolidaysOf(codes, c.from, c.to)
		if err != nil {
			t.Errorf("%s: %v", c.codes, err)
			continue
		}
		var got []string
		for _, date := range slices.Sorted(maps.Keys(found)) {
			got = append(got, date[5:])
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s %d: %s", c.codes, c.from, diff)
		}
	}
	both, err := HolidaysOf([]string{"DE", "US"}, 2026, 2027)
	if err != nil || both["2026-01-01"] != "Neujahrstag" || both["2027-11-25"] != "Thanksgiving Day" || both["2026-12-26"] != "Zweiter Weihnachtsfeiertag" {
		t.Errorf("%v, %v", both, err)
	}
}

func TestHolidaysOfAll(t *testing.T) {
	for code := range holidayRules() {
		found, err := HolidaysOf([]string{code}, 2020, 2040)
		if err != nil || len(found) < 4*21 {
			t.Errorf("%s has %d, %v", code, len(found), err)
		}
		if err := (Calendar{Holidays: found}).Validate(); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		for date, name := range found {
			if name == "" || date < "2020" || date > "2041" {
				t.Errorf("%s: %s %q", code, date, name)
			}
		}
		again, err := HolidaysOf([]string{code}, 2020, 2040) // what is shared was left as it was
		if err != nil || !maps.Equal(found, again) {
			t.Errorf("%s changed: %v", code, cmp.Diff(found, again))
		}
	}
}

func TestHolidaysOfUnknown(t *testing.T) {
	for _, c := range []struct {
		code string
		from int
		to   int
		want string
	}{
		{"DE-XX", 2026, 2026, `"DE-XX" has no known holidays, those of DE are DE, DE-BB, DE-BE,`},
		{"au", 2026, 2026, `"au" has no known holidays, those of AU are AU-ACT,`},
		{"GB-", 2026, 2026, `those of GB are GB, GB-ENG, GB-NIR, GB-SCT, GB-WLS`},
		{"UK", 2026, 2026, `"UK" has no known holidays, the countries that have are AT, AU, BE,`},
		{"", 2026, 2026, `"" has no known holidays`},
		{"DE", 2027, 2026, "2027 to 2026"},
		{"DE", 2026, 20260, "1900 to 2150"},
		{"DE", -1, 2026, "-1 to 2026"},
	} {
		found, err := HolidaysOf([]string{"FR", c.code}, c.from, c.to)
		if err == nil || found != nil || CodeOf(err) != Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %d to %d: %v, want %q", c.code, c.from, c.to, err, c.want)
		}
	}
}

// The library reckons in the machine's zone.
func TestHolidaysOnMachinesElsewhere(t *testing.T) {
	defer func(zone *time.Location) { cal.DefaultLoc = zone }(cal.DefaultLoc)
	codes := slices.Sorted(maps.Keys(holidayRules()))
	cal.DefaultLoc = time.UTC
	want, err := HolidaysOf(codes, 1995, 2035)
	if err != nil {
		t.Fatal(err)
	}
	for _, zone := range []string{"Europe/Berlin", "America/Santiago", "Africa/Cairo", "Asia/Beirut", "Pacific/Kiritimati", "Australia/Lord_Howe", "America/Sao_Paulo"} {
		cal.DefaultLoc = zoneOf(t, zone)
		got, err := HolidaysOf(codes, 1995, 2035)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in %s: %s", zone, diff)
		}
	}
}

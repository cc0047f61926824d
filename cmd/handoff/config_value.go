package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// valueMistake is a value that is not what it has to be.
type valueMistake struct{ value, want string }

func (e *valueMistake) Error() string { return fmt.Sprintf("%q is not %s", e.value, e.want) }

// Duration is a time.Duration that also reads days: "90s", "2m", "7d".
type Duration struct{ time.Duration }

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err == nil && n >= 0 && n < 36500 {
			d.Duration = time.Duration(n * float64(day))
			return nil
		}
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return &valueMistake{s, "a duration: write it like \"90s\", \"2m\", \"12h\" or \"7d\""}
	}
	d.Duration = v
	return nil
}

// Size is a number of bytes, read from "300kB", "25MB" or "1GiB".
type Size int64

var sizeUnits = []struct {
	name string
	size float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1},
}

// UnmarshalText reads a size.
func (z *Size) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	for _, u := range sizeUnits {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || n < 0 || n*u.size > 1<<50 {
			break
		}
		*z = Size(n * u.size)
		return nil
	}
	return &valueMistake{s, "a size: write it like \"300kB\", \"25MB\" or \"1GiB\""}
}

// String shows a size the way people write it.
func (z Size) String() string {
	switch {
	case z >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(z)/1e9)
	case z >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(z)/1e6)
	case z >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(z)/1e3)
	}
	return fmt.Sprintf("%d B", int64(z))
}

// clockTime reads "09:00" as the time since midnight.
func clockTime(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time of day: write it like \"09:00\"", s)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

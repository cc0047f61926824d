package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
)

// printTable writes columns aligned as they are seen: a wide letter takes two places. Control characters, which mails may hold,
// are shown as blanks.
func printTable(w io.Writer, header []string, rows [][]string) error {
	rows = append([][]string{header}, rows...)
	widths := make([]int, len(header))
	for i, row := range rows {
		rows[i] = make([]string, len(row))
		for j, cell := range row {
			rows[i][j] = oneLine(cell)
			widths[j] = max(widths[j], runewidth.StringWidth(rows[i][j]))
		}
	}
	var b bytes.Buffer
	for _, row := range rows {
		line := ""
		for j, cell := range row {
			line += cell + strings.Repeat(" ", widths[j]-runewidth.StringWidth(cell)+2)
		}
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// oneLine makes text from outside safe for a terminal's line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)
}

// safeText is oneLine that keeps line ends and tabs.
func safeText(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = oneLine(strings.ReplaceAll(l, "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

// showAddress is "Name <address>", or the address alone.
func showAddress(name, address string) string {
	if name == "" {
		return address
	}
	return name + " <" + address + ">"
}

func shorten(s string, runes int) string {
	r := []rune(s)
	if len(r) <= runes {
		return s
	}
	return string(r[:runes-1]) + "…"
}

// printJSON writes v as one indented document.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// notNil makes an empty list of none, which JSON shows as [].
func notNil[T any](s []T) []T { return append([]T{}, s...) }

// showTime is t in zone, "-" for none.
func showTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// showAge is how long ago t was, in one unit.
func showAge(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 2*day:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d/day))
}

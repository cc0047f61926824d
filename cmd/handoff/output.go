package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// terminalWidth is how many columns w has, 0 if it is no terminal: then nothing is wrapped, for what reads the lines.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// leastColumn is the least that a table's last column is wrapped to.
const leastColumn = 16

// hang writes text from column indent on, wrapped to width; 0 is no limit.
func hang(w io.Writer, width, indent int, text string) {
	const more = 2 // what goes on is seen to
	lines := []string{oneLine(text)}
	if width > indent+more+leastColumn && runewidth.StringWidth(lines[0]) > width-indent {
		lines = wrap(text, width-indent-more)
	}
	for n, l := range lines {
		fmt.Fprintf(w, "%s%s\n", strings.Repeat(" ", indent+more*min(n, 1)), l)
	}
}

// printTable writes columns aligned as they are seen: a wide letter takes two places. Control characters, which mails may hold,
// are shown as blanks. On a terminal the last column is wrapped.
func printTable(w io.Writer, header []string, rows [][]string) error {
	return printTableIn(w, terminalWidth(w), header, rows)
}

// printTableIn is printTable to so many columns; 0 is no limit.
func printTableIn(w io.Writer, width int, header []string, rows [][]string) error {
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
	last, start := len(header)-1, 0
	for _, n := range widths[:last] {
		start += n + 2
	}
	for _, row := range rows {
		lines := []string{row[last]}
		if width >= start+leastColumn {
			lines = wrap(row[last], width-start)
		}
		head := ""
		for j, cell := range row[:last] {
			head += cell + strings.Repeat(" ", widths[j]-runewidth.StringWidth(cell)+2)
		}
		for _, l := range lines {
			fmt.Fprintln(&b, strings.TrimRight(head+l, " "))
			head = strings.Repeat(" ", start)
		}
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

// showDay is the day of t in zone, "-" for none.
func showDay(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format(time.DateOnly)
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

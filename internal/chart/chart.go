// Package chart draws reports as SVG: one file without scripts, fonts or anything else from outside, in light and dark, for
// narrow pages and wide ones.
package chart

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"handoff/workflow"
)

// The drawing is this wide in its own units, and no wider than maxWidth pixels: what is read on a phone decides.
const (
	width    = 400
	maxWidth = 640
	margin   = 14
	inner    = width - 2*margin
)

// style is fenced by the class of the root, for a chart that stands inside a page.
const style = `
.handoff-report{--paper:#fff;--ink:#1c2430;--soft:#5d6877;--rule:#dde2e8;--start:#2f6fb3;--taken:#8a6bb8;--done:#5a3f94;--finish:#1f7a5c;--late:#d9dee5;color-scheme:light dark;background:var(--paper);max-width:100%;height:auto;display:block;margin:0 auto}
@media(prefers-color-scheme:dark){.handoff-report{--paper:#14181f;--ink:#e8ecf1;--soft:#a3afbd;--rule:#303844;--start:#6aa9e9;--taken:#b79be6;--done:#9272d6;--finish:#4fbf95;--late:#3a4452}}
.handoff-report text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:13px;fill:var(--ink)}
.handoff-report .title{font-size:17px;font-weight:600}.handoff-report .head{font-size:14px;font-weight:600}
.handoff-report .soft{fill:var(--soft);font-size:12px}.handoff-report .small{font-size:11px}
.handoff-report .end{text-anchor:end}.handoff-report .mid{text-anchor:middle}
.handoff-report .paper{fill:var(--paper)}.handoff-report .rule{stroke:var(--rule)}
.handoff-report .start{fill:var(--start)}.handoff-report .taken{fill:var(--taken)}.handoff-report .done{fill:var(--done)}
.handoff-report .finish,.handoff-report .ok{fill:var(--finish)}.handoff-report .late{fill:var(--late)}
`

// Report draws how long pieces wait at each interface, and how many steps were done in time by month and by role.
func Report(w io.Writer, r workflow.Report) error {
	d := &drawing{y: 34}
	d.text(margin, "title", "Starts, handoffs, finishes")
	d.y += 19
	d.text(margin, "soft", Period(r))
	if r.Person != "" {
		d.y += 17
		d.text(margin, "soft", fit("only "+r.Person, 52))
	}
	d.waits(r.Interfaces)
	d.months(r.OnTime)
	d.roles(r.OnTime)
	d.y += 18
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" class="handoff-report" role="img" aria-labelledby="handoff-title handoff-desc" width="%d" height="%.0f" viewBox="0 0 %d %.0f">`+"\n",
		maxWidth, d.y*maxWidth/width, width, d.y)
	fmt.Fprintf(&out, "<title id=\"handoff-title\">Starts, handoffs, finishes: %s</title>\n<desc id=\"handoff-desc\">%s</desc>\n", escape(Period(r)), escape(describe(r)))
	fmt.Fprintf(&out, "<style>%s</style>\n<rect class=\"paper\" width=\"%d\" height=\"%.0f\"/>\n", style, width, d.y)
	out.Write(d.out.Bytes())
	out.WriteString("</svg>\n")
	_, err := w.Write(out.Bytes())
	return err
}

// Period is the report's period in words.
func Period(r workflow.Report) string {
	day := func(t time.Time) string { return t.Format("2 January 2006") }
	until := r.At
	if !r.Until.IsZero() && r.Until.Before(r.At) {
		until = r.Until.Add(-time.Nanosecond)
	}
	if r.Since.IsZero() {
		return "until " + day(until)
	}
	return day(r.Since) + " to " + day(until)
}

// Duration is how long that many seconds are, short: "40 min", "5 h", "3.5 days".
func Duration(seconds int64) string {
	const hour, day = 3600, 24 * 3600
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case seconds < 90*60:
		return fmt.Sprintf("%d min", (seconds+30)/60)
	case seconds < 2*day-hour/2:
		return fmt.Sprintf("%d h", (seconds+hour/2)/hour)
	case seconds < 10*day-day/20:
		tenths := (seconds*10 + day/2) / day
		if tenths%10 == 0 {
			return fmt.Sprintf("%d days", tenths/10)
		}
		return fmt.Sprintf("%d.%d days", tenths/10, tenths%10)
	}
	return fmt.Sprintf("%d days", (seconds+day/2)/day)
}

// Percent is a rate as people read it.
func Percent(kept, due int) string {
	if due == 0 {
		return "–"
	}
	return fmt.Sprintf("%d %%", kept*100/due)
}

// drawing grows downwards; y is the base line of what comes next.
type drawing struct {
	out bytes.Buffer
	y   float64
}

func (d *drawing) text(x float64, class, s string) {
	fmt.Fprintf(&d.out, "<text x=\"%.1f\" y=\"%.1f\"%s>%s</text>\n", x, d.y, classed(class), escape(s))
}

func (d *drawing) bar(x, y, w, h float64, class, tip string) {
	fmt.Fprintf(&d.out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\"%s><title>%s</title></rect>\n", x, y, w, h, classed(class), escape(tip))
}

func (d *drawing) head(title, note string) {
	d.y += 34
	fmt.Fprintf(&d.out, "<path class=\"rule\" d=\"M%d %.1fh%d\"/>\n", margin, d.y-20, inner)
	d.text(margin, "head", title)
	d.y += 17
	d.text(margin, "soft", note)
}

// waits draws the median wait at each interface, in the groups of a piece's way.
func (d *drawing) waits(all []workflow.Interface) {
	d.head("How long pieces wait", "median of what ended in the period")
	longest := int64(1)
	for _, i := range all {
		longest = max(longest, i.Median)
	}
	const label, value, thick = 146, 62, 13
	const room = inner - label - value
	group := ""
	for _, i := range all {
		if g := string(i.Part) + string(i.Stage); g != group {
			group = g
			d.y += 7
		}
		d.y += 18
		d.text(margin, "", i.Label)
		x := float64(margin + label)
		if i.Count == 0 {
			d.text(x, "soft", "none yet")
			continue
		}
		w := max(2, room*float64(i.Median)/float64(longest))
		d.bar(x, d.y-11, w, thick, class(i), fmt.Sprintf("%s: median %s, nine of ten within %s, longest %s (%s), %d in all",
			i.Label, Duration(i.Median), Duration(i.P90), Duration(i.Longest), i.LongestPiece, i.Count))
		d.text(x+w+5, "soft", Duration(i.Median))
	}
}

func class(i workflow.Interface) string {
	switch {
	case i.Part == workflow.Starts:
		return "start"
	case i.Part == workflow.Finishes:
		return "finish"
	case strings.HasSuffix(i.Name, "_accepted"):
		return "taken"
	}
	return "done"
}

// share is how many of some steps were done in time.
type share struct {
	month         time.Time
	role          workflow.Role
	onTime, total int
}

// maxMonths is how many months are drawn, the last ones.
const maxMonths = 12

// months draws the on-time rate of all roles together.
func (d *drawing) months(rows []workflow.OnTime) {
	d.head("Done in time, by month", "per cent of the steps that were due")
	all := byMonth(rows)
	if len(all) == 0 {
		d.y += 22
		d.text(margin, "soft", "nothing was due yet")
		return
	}
	const high = 96
	slot := float64(inner) / float64(max(len(all), 6))
	top := d.y + 26
	for n, s := range all {
		x, w := margin+slot*float64(n), slot*0.66
		mid := x + slot/2
		d.y = top + high + 15
		d.text(mid, "small mid", s.month.Format("Jan"))
		if n == 0 || s.month.Month() == time.January {
			d.y += 13
			d.text(mid, "soft small mid", s.month.Format("2006"))
		}
		if s.total == 0 {
			d.y = top + high - 4
			d.text(mid, "soft small mid", "–")
			continue
		}
		tip := fmt.Sprintf("%s: %d of %d in time", s.month.Format("January 2006"), s.onTime, s.total)
		filled := high * float64(s.onTime) / float64(s.total)
		d.bar(mid-w/2, top, w, high, "late", tip)
		if filled > 0 {
			d.bar(mid-w/2, top+high-filled, w, filled, "ok", tip)
		}
		d.y = top - 5
		d.text(mid, "small mid", fmt.Sprint(s.onTime*100/s.total))
	}
	d.y = top + high + 28
}

// roles draws the on-time rate of each role over the period.
func (d *drawing) roles(rows []workflow.OnTime) {
	d.head("Done in time, by role", "of the steps that were due in the period")
	drawn := false
	for _, role := range workflow.Roles() {
		s := share{role: role}
		for _, r := range rows {
			if r.Role == role {
				s.onTime, s.total = s.onTime+r.OnTime, s.total+r.Due
			}
		}
		if s.total == 0 {
			continue
		}
		drawn = true
		const label, value, thick = 146, 112, 13
		const room = inner - label - value
		d.y += 21
		text := fmt.Sprintf("%s, %d of %d", Percent(s.onTime, s.total), s.onTime, s.total)
		d.text(margin, "", RoleLabel(role))
		d.bar(margin+label, d.y-11, room, thick, "late", RoleLabel(role)+": "+text)
		if s.onTime > 0 {
			d.bar(margin+label, d.y-11, max(2, room*float64(s.onTime)/float64(s.total)), thick, "ok", RoleLabel(role)+": "+text)
		}
		d.text(margin+inner, "soft end", text)
	}
	if !drawn {
		d.y += 22
		d.text(margin, "soft", "nothing was due yet")
	}
}

// RoleLabel is a role as people read it.
func RoleLabel(r workflow.Role) string { return strings.ReplaceAll(string(r), "_", " ") }

// byMonth adds up the roles, with the months between in which nothing was due.
func byMonth(rows []workflow.OnTime) []share {
	var all []share
	for _, r := range rows { // in the order of months
		month, err := time.Parse("2006-01", r.Month)
		if err != nil {
			continue
		}
		for len(all) > 0 && all[len(all)-1].month.Before(month.AddDate(0, -1, 0)) && len(all) < 100*12 {
			all = append(all, share{month: all[len(all)-1].month.AddDate(0, 1, 0)})
		}
		if len(all) == 0 || !all[len(all)-1].month.Equal(month) {
			all = append(all, share{month: month})
		}
		last := &all[len(all)-1]
		last.onTime, last.total = last.onTime+r.OnTime, last.total+r.Due
	}
	return all[max(0, len(all)-maxMonths):]
}

// describe says in words what the chart shows, for who does not see it.
func describe(r workflow.Report) string {
	var parts []string
	for _, i := range r.Interfaces {
		if i.Count > 0 {
			parts = append(parts, fmt.Sprintf("%s: %s (%d)", i.Label, Duration(i.Median), i.Count))
		}
	}
	text := "No piece has waited and ended yet."
	if len(parts) > 0 {
		text = "Median waits, with their number. " + strings.Join(parts, "; ") + "."
	}
	parts = nil
	for _, s := range byMonth(r.OnTime) {
		if s.total > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d of %d", s.month.Format("January 2006"), s.onTime, s.total))
		}
	}
	if len(parts) > 0 {
		text += " Steps done in time. " + strings.Join(parts, "; ") + "."
	}
	return text
}

func fit(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return s
}

func classed(class string) string {
	if class == "" {
		return ""
	}
	return ` class="` + class + `"`
}

// escape makes any text one of XML 1.0: control characters, and what is no character there, become a replacement.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(s)
}

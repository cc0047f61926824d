package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"handoff/internal/chart"
	"handoff/workflow"
)

// ReportCmd is `handoff report`.
type ReportCmd struct {
	Since                string  `placeholder:"DATE" help:"From this day on; if left out, twelve months with this one."`
	Until                string  `placeholder:"DATE" help:"Up to this day and with it; if left out, up to now."`
	Person               string  `placeholder:"ADDRESS" help:"Only what concerns this person."`
	MinutesPerSubmission int     `placeholder:"N" default:"${minutes_submission}" help:"What entering a submission by hand takes an editor, estimated: ${default}."`
	MinutesPerComment    int     `placeholder:"N" default:"${minutes_comment}" help:"The same of a comment: ${default}."`
	JSON                 bool    `xor:"format" help:"Print JSON."`
	SVG                  *string `xor:"format" placeholder:"FILE" help:"Write a chart to this file, - for stdout."`
}

// Help says what is shown.
func (ReportCmd) Help() string {
	return `Shows how long pieces wait at each start, handoff and finish, how often deadlines slip and who then acted, how many steps each
role did in time, which mails Handoff entered for whom and what that saved, and what may go wrong now. Demo pieces are left
out. docs/reports.md says what each number means.

Examples:
  handoff report
  handoff report --since 2026-01-01 --until 2026-03-31 --json
  handoff report --person ana@writers.example
  handoff report --svg report.svg`
}

// Run makes the report.
func (c *ReportCmd) Run(ctx context.Context, env *Env) error {
	if c.SVG != nil && strings.TrimSpace(*c.SVG) == "" {
		return usagef("--svg: the file has no name: give one like report.svg, or - for stdout")
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	o, err := c.options(ctx, d)
	if err != nil {
		return err
	}
	if err := o.Validate(); err != nil {
		return usagef("%v", err)
	}
	r, err := d.Report(ctx, o)
	switch {
	case err != nil:
		return err
	case c.JSON:
		return r.WriteJSON(env.Stdout)
	case c.SVG != nil && *c.SVG == "-":
		return chart.Report(env.Stdout, r)
	case c.SVG != nil:
		return writeChart(env, *c.SVG, r)
	}
	return printReport(env.Stdout, r)
}

func (c *ReportCmd) options(ctx context.Context, d *desk) (workflow.ReportOptions, error) {
	var from, to time.Time
	for flag, day := range map[string]struct {
		text string
		to   *time.Time
	}{"--since": {c.Since, &from}, "--until": {c.Until, &to}} {
		if day.text == "" {
			continue
		}
		var err error
		if *day.to, err = time.Parse(time.DateOnly, strings.TrimSpace(day.text)); err != nil {
			return workflow.ReportOptions{}, usagef("%s: %q is not a day, write year-month-day, like 2026-12-01", flag, day.text)
		}
	}
	o, err := d.reportOptions(from, to)
	if err != nil {
		return o, err
	}
	o.MinutesPerSubmission, o.MinutesPerComment = c.MinutesPerSubmission, c.MinutesPerComment
	if c.Person != "" {
		p, err := findPerson(ctx, d, c.Person)
		if err != nil {
			return o, err
		}
		o.PersonID = p.ID
	}
	return o, nil
}

// reportOptions are those of a report on the days from from to to, each given by its date alone; the zero time is left out. It then
// covers twelve months, or what there is of them up to now.
func (d *desk) reportOptions(from, to time.Time) (workflow.ReportOptions, error) {
	o := workflow.ReportOptions{Now: d.clock.Now(), Zone: d.zone, MinutesPerSubmission: workflow.MinutesPerSubmission, MinutesPerComment: workflow.MinutesPerComment}
	var err error
	if o.Rules, err = d.cfg.reminderRules(o.Now, d.zone); err != nil {
		return o, err
	}
	o.Rules.Zone = d.zone
	begins := func(day time.Time) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, d.zone)
	}
	today := o.Now.In(d.zone)
	o.Since = time.Date(today.Year(), today.Month()-11, 1, 0, 0, 0, 0, d.zone)
	if !to.IsZero() {
		end := begins(to)
		o.Until = end.AddDate(0, 0, 1)
		if o.Since.After(end) || from.IsZero() && o.Until.Before(o.Now) {
			o.Since = time.Date(end.Year(), end.Month()-11, 1, 0, 0, 0, 0, d.zone)
		}
	}
	if !from.IsZero() {
		o.Since = begins(from)
	}
	return o, nil
}

// writeChart writes the file whole or not at all.
func writeChart(env *Env, path string, r workflow.Report) error {
	var b bytes.Buffer
	if err := chart.Report(&b, r); err != nil {
		return err
	}
	part := path + ".part"
	err := os.WriteFile(part, b.Bytes(), 0o644)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return fmt.Errorf("cannot write the chart: %w", errors.Join(err, ignoreMissing(os.Remove(part))))
	}
	_, err = fmt.Fprintf(env.Stdout, "%s written\n", path)
	return err
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func printReport(w io.Writer, r workflow.Report) error {
	fmt.Fprintf(w, "Report, %s, %s", chart.Period(r), some(r.Pieces, "piece", "pieces"))
	if r.Person != "" {
		fmt.Fprintf(w, ", only %s", oneLine(r.Person))
	}
	if r.Demo > 0 {
		fmt.Fprintf(w, " (%s left out)", some(r.Demo, "demo piece", "demo pieces"))
	}
	fmt.Fprintln(w)
	if r.Nothing() {
		_, err := fmt.Fprint(w, "\nThere is nothing to report yet: no piece was at work in that time, and no mail came. Pieces come with\n"+
			"\"handoff piece add\" or \"handoff import\"; an earlier time with --since DATE.\n")
		return err
	}
	for _, part := range []func(io.Writer, workflow.Report) error{printWaits, printSlips, printOnTime, printMails, printRisks} {
		fmt.Fprintln(w)
		if err := part(w, r); err != nil {
			return err
		}
	}
	return nil
}

func printWaits(w io.Writer, r workflow.Report) error {
	var rows [][]string
	for _, i := range r.Interfaces {
		row := []string{string(i.Part), i.Label, fmt.Sprint(i.Count), "-", "-", "-", fmt.Sprint(i.Waiting)}
		if i.Count > 0 {
			row[3], row[4], row[5] = chart.Duration(i.Median), chart.Duration(i.P90), chart.Duration(i.Longest)+" "+i.LongestPiece
		}
		rows = append(rows, row)
	}
	return printTable(w, []string{"PART", "WAIT", "ENDED", "MEDIAN", "90 %", "LONGEST", "NOW"}, rows)
}

func printSlips(w io.Writer, r workflow.Report) error {
	if len(r.Slips) == 0 {
		_, err := fmt.Fprintln(w, "No step was due in that time.")
		return err
	}
	var rows [][]string
	for _, s := range r.Slips {
		rows = append(rows, []string{s.Stage.Label(), fmt.Sprint(s.Due), fmt.Sprint(s.Late), chart.Percent(s.Late, s.Due), fmt.Sprint(s.OpenedLate), fmt.Sprint(s.Open),
			acted(s.Acted)})
	}
	return printTable(w, []string{"DEADLINES", "DUE", "LATE", "SHARE", "OPENED LATE", "STILL OPEN", "WHO THEN ACTED"}, rows)
}

func acted(a workflow.Acted) string {
	var parts []string
	for _, p := range []struct {
		n    int
		name string
	}{{a.Owner, "owner"}, {a.Editor, "editor"}, {a.Lead, "distribution lead"}, {a.Author, "author"}, {a.Other, "somebody else"}, {a.Nobody, "nobody"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.name))
		}
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, ", ")
}

func printOnTime(w io.Writer, r workflow.Report) error {
	if len(r.OnTime) == 0 {
		return nil
	}
	var rows [][]string
	for _, o := range r.OnTime {
		rows = append(rows, []string{o.Month, chart.RoleLabel(o.Role), fmt.Sprint(o.Due), fmt.Sprint(o.OnTime), chart.Percent(o.OnTime, o.Due)})
	}
	return printTable(w, []string{"MONTH", "ROLE", "DUE", "IN TIME", "RATE"}, rows)
}

func printMails(w io.Writer, r workflow.Report) error {
	if len(r.Mails.People) == 0 {
		_, err := fmt.Fprintln(w, "No mail was filed, redirected or held in that time.")
		return err
	}
	var rows [][]string
	for _, m := range r.Mails.People {
		rows = append(rows, []string{shorten(m.Name, 40), fmt.Sprint(m.Submissions), fmt.Sprint(m.Comments), fmt.Sprint(m.Redirected), fmt.Sprint(m.Held), showMinutes(m.MinutesSaved)})
	}
	if err := printTable(w, []string{"MAILS OF", "SUBMISSIONS", "COMMENTS", "REDIRECTED", "HELD", "SAVED"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nEditors saved about %s: estimated at %s a submission and\n%s a comment that they did not have to enter for somebody outside.\n",
		showMinutes(r.Mails.MinutesSaved), showMinutes(r.Mails.MinutesPerSubmission), showMinutes(r.Mails.MinutesPerComment))
	return err
}

func printRisks(w io.Writer, r workflow.Report) error {
	if len(r.Risks) == 0 {
		_, err := fmt.Fprintln(w, "No open risks now.")
		return err
	}
	var rows [][]string
	total := 0
	for _, n := range r.RiskCounts {
		total += n
	}
	for _, k := range r.Risks {
		piece, with := "-", "-"
		if k.Piece != "" {
			piece = k.Piece
		}
		if k.With != "" {
			with = shorten(k.With, 30)
		}
		rows = append(rows, []string{string(k.Severity), piece, with, k.Detail})
	}
	if err := printTable(w, []string{"RISK NOW", "PIECE", "WITH", "WHAT"}, rows); err != nil {
		return err
	}
	if more := total - len(r.Risks); more > 0 {
		_, err := fmt.Fprintf(w, "and %d more\n", more)
		return err
	}
	return nil
}

// showMinutes is a time of work.
func showMinutes(n int) string {
	if n < 60 {
		return fmt.Sprintf("%d min", n)
	}
	return fmt.Sprintf("%d h %d min", n/60, n%60)
}

func some(n int, one, many string) string { return fmt.Sprintf("%d %s", n, plural(n, one, many)) }

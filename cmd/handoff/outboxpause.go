package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

// OutboxPauseCmd is `handoff outbox pause`.
type OutboxPauseCmd struct {
	Kind  string `arg:"" optional:"" help:"Only mails of this kind, as \"handoff template list\" names them; everything if left out."`
	Until string `placeholder:"TIME" help:"When it ends by itself: a date and time in the team's zone, or how long from now."`
	Note  string `help:"Why, for your colleagues."`
}

// Help shows how.
func (OutboxPauseCmd) Help() string {
	return `What is paused stays in the queue, and goes out after the pause. Without a kind that is everything, answers to mails too. A
running "handoff serve" heeds it before the next mail, on every machine. Of what is paused already, --until and --note change what they name.

Examples:
  handoff outbox pause --until "2026-12-24 18:00" --note "the mail server moves"
  handoff outbox pause due_soon --until 3d
  handoff outbox pause digest`
}

// Run pauses.
func (c *OutboxPauseCmd) Run(ctx context.Context, env *Env) error {
	if err := knownKind(c.Kind); err != nil {
		return err
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	p := outbox.Pause{Kind: c.Kind, Since: d.clock.Now(), Note: strings.TrimSpace(c.Note)}
	if c.Until != "" {
		if p.Until, err = momentAhead(c.Until, p.Since, d.zone); err != nil {
			return err
		}
	}
	pauses, err := d.Pauses(ctx, p.Since)
	if err != nil {
		return err
	}
	for _, was := range pauses {
		if was.Kind != p.Kind {
			continue
		}
		p.Since, p.Note = was.Since, cmp.Or(p.Note, was.Note)
		if p.Until.IsZero() {
			p.Until = was.Until
		}
		if p == was {
			return already("%s is so already", d.showPause(p))
		}
	}
	if err := d.Pause(ctx, p); err != nil {
		return err
	}
	fmt.Fprintln(env.Stdout, d.showPause(p))
	return nil
}

// momentAhead reads a time to come: "2026-12-24 18:00", "2026-12-24", "18:00", or a duration from now.
func momentAhead(s string, now time.Time, zone *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	at := time.Time{}
	if t, err := time.ParseInLocation("2006-01-02 15:04", strings.Replace(s, "T", " ", 1), zone); err == nil {
		at = t
	} else if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		at = t
	} else if since, err := clockTime(s); err == nil {
		today := now.In(zone)
		at = time.Date(today.Year(), today.Month(), today.Day(), int(since.Hours()), int(since.Minutes())%60, 0, 0, zone)
		if !at.After(now) {
			at = at.AddDate(0, 0, 1)
		}
	} else {
		var d Duration
		if err := d.UnmarshalText([]byte(s)); err != nil {
			return at, usagef("%q is not a time: write it like \"2026-12-24 18:00\", \"18:00\", \"2h\" or \"3d\"", s)
		}
		at = now.Add(d.Duration)
	}
	if !at.After(now) {
		return at, usagef("%s is over already", s)
	}
	return at.UTC(), nil
}

// showPause says what is paused.
func (d *desk) showPause(p outbox.Pause) string {
	text := "Paused: " + p.What() + ", since " + showTime(p.Since, d.zone)
	if p.Until.IsZero() {
		text += ", until \"" + strings.TrimSpace("handoff outbox resume "+p.Kind) + "\""
	} else {
		text += ", until " + showTime(p.Until, d.zone)
	}
	if p.Note != "" {
		text += " (" + oneLine(p.Note) + ")"
	}
	return text
}

// OutboxResumeCmd is `handoff outbox resume`.
type OutboxResumeCmd struct {
	Kind string `arg:"" optional:"" help:"Only mails of this kind; everything that is paused or stopped if left out."`
}

// Help shows how.
func (OutboxResumeCmd) Help() string {
	return `Without a kind every pause ends, and automatic answers are sent again if there were too many of them. What waited goes out within
half a minute.

Examples:
  handoff outbox resume
  handoff outbox resume digest`
}

// Run resumes.
func (c *OutboxResumeCmd) Run(ctx context.Context, env *Env) error {
	if err := knownKind(c.Kind); err != nil {
		return err
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	now := d.clock.Now()
	pauses, err := d.Pauses(ctx, now)
	if err != nil {
		return err
	}
	if c.Kind != "" {
		switch err := d.Resume(ctx, c.Kind, now); {
		case workflow.CodeOf(err) == workflow.NotFound && len(pauses) > 0 && pauses[0].Kind == "":
			return advise(workflow.Errorf(workflow.Conflict, "%s is not paused alone, everything is", c.Kind), "handoff outbox resume")
		case workflow.CodeOf(err) == workflow.NotFound:
			return already("%s is not paused: it is sent already", c.Kind)
		case err != nil:
			return err
		}
		fmt.Fprintf(env.Stdout, "%s is sent again\n", c.Kind)
		return nil
	}
	for _, p := range pauses {
		if err := d.Resume(ctx, p.Kind, now); err != nil {
			return err
		}
		fmt.Fprintf(env.Stdout, "%s is sent again\n", p.What())
	}
	switch err := d.CloseBreaker(ctx, now); {
	case err == nil:
		fmt.Fprintln(env.Stdout, "mails are answered automatically again")
	case workflow.CodeOf(err) != workflow.NotFound:
		return err
	case len(pauses) == 0:
		return already("nothing is paused: everything is sent already")
	}
	return nil
}

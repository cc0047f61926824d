package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"handoff/outbox"
	"handoff/templates"
)

// OutboxShowCmd is `handoff outbox show`.
type OutboxShowCmd struct {
	ID   int64 `arg:"" help:"Which, as \"handoff outbox list\" shows it."`
	JSON bool  `help:"Print JSON."`
}

// Help shows how.
func (OutboxShowCmd) Help() string {
	return `Shows to whom the mail goes and why, what holds it back, each try with the mail server's answer, and the text as its reader gets it.

Examples:
  handoff outbox show 17
  handoff outbox show 17 --json`
}

// shownNotice is what --json prints.
type shownNotice struct {
	outbox.Notice
	Waits   string           `json:"waits,omitempty"` // what holds it back
	Piece   string           `json:"piece,omitempty"` // its code
	Tries   []outbox.Attempt `json:"tries"`
	Text    string           `json:"text,omitempty"`
	Fault   string           `json:"text_fault,omitempty"` // why there is no text
	Subject string           `json:"subject,omitempty"`
}

// Run prints the notice.
func (c *OutboxShowCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := d.Notice(ctx, c.ID)
	if err != nil {
		return err
	}
	w, err := d.waiting(ctx)
	if err != nil {
		return err
	}
	shown := shownNotice{Notice: n, Waits: w.why(n)}
	tries, err := d.Attempts(ctx, n.ID)
	if err != nil {
		return err
	}
	shown.Tries = notNil(tries)
	if n.PieceID != 0 {
		p, err := d.Piece(ctx, n.PieceID)
		if err != nil {
			return err
		}
		shown.Piece = p.Code
	}
	if text, err := d.render(ctx, n); err != nil {
		shown.Fault = err.Error()
	} else {
		shown.Subject, shown.Text = text.Subject, text.Text
	}
	if c.JSON {
		return printJSON(env.Stdout, shown)
	}
	d.printNotice(env, shown)
	return nil
}

// render writes a notice's text as its reader gets it.
func (d *desk) render(ctx context.Context, n outbox.Notice) (templates.Rendered, error) {
	set, err := d.texts().Set(ctx)
	if err != nil {
		return templates.Rendered{}, err
	}
	data, err := templates.Decode(n.Template, n.Data)
	if err != nil {
		return templates.Rendered{}, err
	}
	zone, err := time.LoadLocation(n.TimeZone)
	if err != nil || n.TimeZone == "" {
		zone = d.zone
	}
	return set.Render(data, templates.Audience{Locale: n.Locale, Location: zone, Stop: n.StopPage()})
}

func (d *desk) printNotice(env *Env, n shownNotice) {
	w := env.Stdout
	line := func(name, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); text != "" {
			fmt.Fprintf(w, "  %-10s %s\n", name, oneLine(text))
		}
	}
	fmt.Fprintf(w, "Notice %d: %s\n", n.ID, n.Template)
	state := string(n.State)
	switch {
	case n.State.Waits():
		state += ", next try " + showTime(n.NextAt, d.zone)
	case n.State == outbox.Sending:
		state += ", until " + showTime(n.LeaseUntil, d.zone)
	case !n.SentAt.IsZero():
		state += ", sent " + showTime(n.SentAt, d.zone)
	}
	line("state", "%s", state)
	line("waits", "%s", n.Waits)
	line("error", "%s", n.Error)
	line("to", "%s", showAddress(n.ToName, n.ToAddress))
	if entry, ok := templates.EntryOf(n.Template); ok {
		line("why", "%s", entry.When)
	}
	line("piece", "%s", n.Piece)
	if n.CauseID != 0 {
		line("cause", "mail %d: \"handoff mail show %d\"", n.CauseID, n.CauseID)
	}
	line("key", "%s", n.Key)
	line("due", "%s", showTime(n.DueAt, d.zone))
	fmt.Fprintln(w, "\nHeaders:")
	line("Message-ID", "<%s>", n.MessageID)
	if n.InReplyTo != "" {
		line("In-Reply-To", "<%s>", n.InReplyTo)
	}
	if len(n.References) > 0 {
		line("References", "<%s>", strings.Join(n.References, "> <"))
	}
	line("Reply-To", "%s", n.ReplyTo)
	line("Subject", "%s", n.Subject)
	fmt.Fprintln(w, "\nTries:")
	switch {
	case len(n.Tries) > 0:
	case n.State.Waits():
		fmt.Fprintln(w, "  none yet")
	default:
		fmt.Fprintln(w, "  none")
	}
	for _, a := range n.Tries {
		outcome := string(a.Outcome)
		if a.Outcome == outbox.Unknown {
			outcome = "unknown: it may have been accepted"
		}
		if a.Outcome == outbox.Outcome(outbox.Cancelled) { // when its turn came: nothing was tried
			fmt.Fprintf(w, "  -  %s  %s: %s\n", showTime(a.At, d.zone), outcome, oneLine(a.Error))
			continue
		}
		fmt.Fprintf(w, "  %d  %s  %s, after %.1f s", a.Number, showTime(a.At, d.zone), outcome, a.Duration.Seconds())
		if a.Code != 0 {
			fmt.Fprintf(w, ", code %d", a.Code)
		}
		if a.Error != "" {
			fmt.Fprintf(w, "\n     %s", oneLine(a.Error))
		}
		fmt.Fprintln(w)
	}
	if n.Fault != "" {
		fmt.Fprintf(w, "\nThe text cannot be written: %s\n", oneLine(n.Fault))
		return
	}
	fmt.Fprintf(w, "\n%s\n", safeText(strings.TrimRight(n.Text, "\n")))
}

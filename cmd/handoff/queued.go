package main

import (
	"context"
	"fmt"

	"handoff/outbox"
)

// tellQueued lists mails that a command queued, and says when they go out.
func (d *desk) tellQueued(ctx context.Context, env *Env, notices []outbox.Notice) error {
	n := len(notices)
	if n == 0 {
		return nil
	}
	when, err := d.nextPass(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%d %s queued, %s:\n", n, plural(n, "mail", "mails"), when)
	for _, n := range notices {
		line := fmt.Sprintf("  %s to %s", n.Template, oneLine(showAddress(n.ToName, n.ToAddress)))
		if n.NextAt.After(d.clock.Now()) { // the reader's quiet hours
			line += ", not before " + showTime(n.NextAt, d.zone)
		}
		fmt.Fprintln(env.Stdout, line)
	}
	return nil
}

// nextPass says when queued mails go out.
func (d *desk) nextPass(ctx context.Context) (string, error) {
	st, err := d.Status(ctx)
	if err != nil {
		return "", err
	}
	now := d.clock.Now()
	for _, m := range d.cfg.Mailboxes {
		for _, h := range st.Mailboxes {
			// A running serve makes a pass at least that often, and notes it whether it succeeds or not.
			if h.Mailbox == m.Name && now.Sub(h.At) < 2*m.PollEvery.Duration+m.Timeout.Duration {
				return fmt.Sprintf("sent by the next pass (the last one was %s ago)", showAge(max(0, now.Sub(h.At)))), nil
			}
		}
	}
	return `sent once "handoff serve" or "handoff poll" runs`, nil
}

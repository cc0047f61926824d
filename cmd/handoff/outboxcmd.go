package main

import (
	"context"
	"fmt"

	"handoff/outbox"
)

// OutboxCmd is `handoff outbox`.
type OutboxCmd struct {
	List   OutboxListCmd   `cmd:"" help:"List mails that wait, failed or were sent."`
	Retry  OutboxRetryCmd  `cmd:"" help:"Send a mail that failed, was cancelled or waits, at the next occasion."`
	Cancel OutboxCancelCmd `cmd:"" help:"Take mails out of the queue."`
}

// OutboxListCmd is `handoff outbox list`.
type OutboxListCmd struct {
	State []string `enum:"queued,sending,sent,failed,cancelled" help:"Only these: ${enum}. May be repeated; what is not sent if left out."`
	Piece string   `placeholder:"CODE" help:"Only mails about this piece."`
	Limit int      `default:"50" help:"The newest so many."`
	JSON  bool     `help:"Print JSON."`
}

// Help shows how.
func (OutboxListCmd) Help() string {
	return `Examples:
  handoff outbox list
  handoff outbox list --state sent --piece BREW-1`
}

// Run prints the notices.
func (c *OutboxListCmd) Run(ctx context.Context, env *Env) error {
	if c.Limit < 1 {
		return usagef("--limit counts from 1")
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	var pieceID int64
	if c.Piece != "" {
		p, err := findPiece(ctx, d, c.Piece)
		if err != nil {
			return err
		}
		pieceID = p.ID
	}
	states := []outbox.State{outbox.Queued, outbox.Sending, outbox.Failed}
	if len(c.State) > 0 {
		states = nil
		for _, state := range c.State {
			states = append(states, outbox.State(state))
		}
	}
	found, err := d.NewestNotices(ctx, pieceID, states, c.Limit)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, notNil(found))
	}
	var rows [][]string
	for _, n := range found {
		at, note := n.NextAt, n.Error
		if n.State == outbox.Sent {
			at, note = n.SentAt, ""
		}
		rows = append(rows, []string{fmt.Sprint(n.ID), string(n.State), n.Template, n.ToAddress, showTime(at, d.zone), fmt.Sprint(n.Attempts), shorten(note, 60)})
	}
	return printTable(env.Stdout, []string{"ID", "STATE", "MAIL", "TO", "WHEN", "TRIES", "LAST ERROR"}, rows)
}

// OutboxRetryCmd is `handoff outbox retry`.
type OutboxRetryCmd struct {
	ID []int64 `arg:"" help:"Which, as \"handoff outbox list\" shows them."`
}

// Help shows how.
func (OutboxRetryCmd) Help() string {
	return `Example:
  handoff outbox retry 17`
}

// Run queues them again.
func (c *OutboxRetryCmd) Run(ctx context.Context, env *Env) error {
	return eachID(ctx, env, c.ID, "queued", func(d *desk, id int64) error { return d.Requeue(ctx, id, d.clock.Now()) })
}

// OutboxCancelCmd is `handoff outbox cancel`.
type OutboxCancelCmd struct {
	ID []int64 `arg:"" help:"Which, as \"handoff outbox list\" shows them."`
}

// Help shows how.
func (OutboxCancelCmd) Help() string {
	return `Example:
  handoff outbox cancel 17 18`
}

// Run cancels them.
func (c *OutboxCancelCmd) Run(ctx context.Context, env *Env) error {
	return eachID(ctx, env, c.ID, "cancelled", func(d *desk, id int64) error { return d.Cancel(ctx, id, "cancelled by hand") })
}

// eachID does one thing to each notice and says which could not be helped.
func eachID(ctx context.Context, env *Env, ids []int64, done string, do func(*desk, int64) error) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	failed := false
	for _, id := range ids {
		if err := do(d, id); err != nil {
			failed = true
			fmt.Fprintf(env.Stderr, "handoff: %v\n", err)
			continue
		}
		fmt.Fprintf(env.Stdout, "notice %d is %s\n", id, done)
	}
	if failed {
		return errReported
	}
	return nil
}

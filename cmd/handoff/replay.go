package main

import (
	"context"
	"fmt"

	"handoff/proxy"
)

// ReplayCmd is `handoff replay`.
type ReplayCmd struct {
	ID     []int64 `arg:"" optional:"" help:"Held or failed mails; all of them if left out."`
	Held   bool    `xor:"which" help:"Only mails that are held."`
	Failed bool    `xor:"which" help:"Only mails that could not be read."`
}

// Help says when.
func (ReplayCmd) Help() string {
	return `Decides again on stored mails that are held or failed: after an upgrade that reads more, after adding a person, an alias or a
piece, after changing the policy. An answer that was queued before is not queued again; whoever was told that a mail is
held gets the receipt too once it is filed.

Examples:
  handoff replay --failed
  handoff replay 481 482`
}

// Run replays.
func (c *ReplayCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	decisions, err := d.decisions(ctx, env, nil)
	if err != nil {
		return err
	}
	ids := c.ID
	if len(ids) == 0 {
		if ids, err = c.waiting(ctx, d); err != nil {
			return err
		}
		if len(ids) == 0 {
			_, err := fmt.Fprintln(env.Stdout, "no mail is waiting")
			return err
		}
	}
	progress := NewProgress(env, "Replaying")
	defer progress.Done()
	seen, changed, failed := 0, 0, 0
	err = decisions.Replay(ctx, func(r proxy.Replayed) error {
		seen++
		progress.At(seen, len(ids))
		switch {
		case r.Err != nil:
			failed++
			progress.Done()
			fmt.Fprintf(env.Stderr, "mail %d: %v\n", r.Before.ID, r.Err)
		case r.Before.Action != r.After.Action || r.Before.Reason != r.After.Reason:
			changed++
			progress.Done()
			fmt.Fprintf(env.Stdout, "mail %d: %s → %s: %s\n", r.After.ID, r.Before.Action, r.After.Action, oneLine(r.After.Reason))
		}
		return nil
	}, ids...)
	progress.Done()
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%d replayed: %d decided otherwise, %d as before, %d failed\n", seen, changed, seen-changed-failed, failed)
	if failed > 0 {
		return errReported
	}
	return nil
}

// waiting are the mails to replay when none is named.
func (c *ReplayCmd) waiting(ctx context.Context, d *desk) ([]int64, error) {
	actions := []proxy.Action{proxy.Hold, proxy.Fail}
	if c.Held {
		actions = actions[:1]
	}
	if c.Failed {
		actions = actions[1:]
	}
	var ids []int64
	err := d.eachRecord(ctx, actions, func(r proxy.Record) { ids = append(ids, r.ID) })
	return ids, err
}

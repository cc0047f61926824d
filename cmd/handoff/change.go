package main

import (
	"context"
	"fmt"

	"handoff/outbox"
	"handoff/store"
	"handoff/workflow"
)

// ActAs is who does what the command does.
type ActAs struct {
	As string `placeholder:"ADDRESS" env:"HANDOFF_AS" help:"Who does this: written to the history, and not mailed about it."`
}

// changePiece applies a rule to the piece with that code, in one transaction with all it causes.
func (d *desk) changePiece(ctx context.Context, env *Env, code string, as ActAs, notify bool,
	rule func(workflow.Piece, workflow.Cause) (workflow.Change, error)) error {
	return d.changing(ctx, env, as, notify, func(tx store.AdminTx, cause workflow.Cause) (workflow.Change, error) {
		p, err := findPiece(ctx, tx, code)
		if err != nil {
			return workflow.Change{}, err
		}
		return rule(p, cause)
	}, nil)
}

// changing stores what change makes, queues whom it concerns if notify, and prints what happened; say, if not nil, tells the
// first line.
func (d *desk) changing(ctx context.Context, env *Env, as ActAs, notify bool,
	change func(store.AdminTx, workflow.Cause) (workflow.Change, error), say func() string) error {
	composer, err := d.composer(ctx)
	if err != nil {
		return err
	}
	var made workflow.Change
	queued := 0
	err = d.Admin(ctx, func(tx store.AdminTx) error {
		cause := workflow.Cause{At: d.clock.Now()}
		if as.As != "" {
			actor, err := findPerson(ctx, tx, as.As)
			if err != nil {
				return err
			}
			cause.ActorID = actor.ID
		}
		var err error
		if made, err = change(tx, cause); err != nil {
			return err
		}
		if len(made.Events) == 0 {
			return nil
		}
		// Who is told of a new date is told of the old one too, so the piece is looked at as it was.
		before, err := tx.Piece(ctx, made.Piece.ID)
		if err != nil {
			return err
		}
		if err := tx.SavePiece(ctx, made); err != nil {
			return err
		}
		if !notify {
			return nil
		}
		notices, err := d.changeNotices(ctx, tx, composer, before, made, cause.ActorID)
		if err != nil {
			return err
		}
		if _, err := tx.Enqueue(ctx, notices); err != nil {
			return err
		}
		queued = 0
		for _, n := range notices {
			if n.State == outbox.Queued { // a cancelled one only keeps a reminder from being made
				queued++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if say != nil {
		fmt.Fprintln(env.Stdout, say())
	} else if len(made.Events) == 0 {
		fmt.Fprintf(env.Stdout, "%s: nothing to change\n", made.Piece.Code)
	}
	names, err := d.names(ctx)
	if err != nil {
		return err
	}
	for _, e := range made.Events {
		fmt.Fprintf(env.Stdout, "%s: %s\n", made.Piece.Code, oneLine(e.Text(names)))
	}
	if queued > 0 {
		fmt.Fprintf(env.Stdout, "%d %s queued; \"handoff serve\" or \"handoff poll\" sends %s\n", queued, plural(queued, "mail", "mails"), plural(queued, "it", "them"))
	}
	return nil
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// changeNotices are the mails that a change by hand causes.
func (d *desk) changeNotices(ctx context.Context, tx store.AdminTx, c *outbox.Composer, before workflow.Piece, ch workflow.Change, actorID int64) ([]outbox.Notice, error) {
	rules, err := d.cfg.reminderRules()
	if err != nil {
		return nil, err
	}
	people := map[int64]workflow.Person{}
	for _, id := range append(before.People(), ch.Piece.People()...) {
		if _, ok := people[id]; ok {
			continue
		}
		p, err := tx.Person(ctx, id)
		if err != nil {
			return nil, err
		}
		people[id] = p
	}
	return c.Changes(before, ch, people, rules, actorID)
}

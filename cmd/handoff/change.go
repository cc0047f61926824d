package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

// ActAs is who does what the command does.
type ActAs struct {
	As string `placeholder:"ADDRESS" env:"HANDOFF_AS" help:"Who does this: written to the history, and not mailed about it, but for what that takes out of their calendar."`
}

// may tells whether the actor may do something to the piece.
type may func(actor workflow.Person, p workflow.Piece) bool

// manages is for those who look after the piece.
func manages(actor workflow.Person, p workflow.Piece) bool {
	return workflow.Can(actor, workflow.Manage, p)
}

// finishes is for them and for who publishes and distributes the piece.
func finishes(actor workflow.Person, p workflow.Piece) bool {
	return manages(actor, p) || actor.ID == p.LeadID || workflow.Can(actor, workflow.Submit, p)
}

// changePiece applies a rule to the piece with that code, in one transaction with all it causes. Who is named as the actor has
// to manage the piece.
func (d *desk) changePiece(ctx context.Context, env *Env, code string, as ActAs, notify bool,
	rule func(workflow.Piece, workflow.Cause) (workflow.Change, error)) error {
	return d.onPiece(ctx, env, code, as, notify, manages, func(_ store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return rule(p, cause)
	})
}

// onPiece is changePiece for a rule that looks other things up, and for actors of another kind.
func (d *desk) onPiece(ctx context.Context, env *Env, code string, as ActAs, notify bool, allowed may,
	rule func(store.AdminTx, workflow.Piece, workflow.Cause) (workflow.Change, error)) error {
	return d.changing(ctx, env, as, notify, func(tx store.AdminTx, cause workflow.Cause) (workflow.Change, error) {
		p, err := findPiece(ctx, tx, code)
		if err != nil {
			return workflow.Change{}, err
		}
		if err := permitted(ctx, tx, cause.ActorID, p, allowed); err != nil {
			return workflow.Change{}, err
		}
		ch, err := rule(tx, p, cause)
		if workflow.CodeOf(err) == workflow.Invalid { // the input is, and not where the piece stands
			return ch, advise(err, "handoff piece show "+p.Code)
		}
		return ch, advise(err, nextOnPiece(p))
	}, nil)
}

// permitted refuses an actor who may not; nobody in particular is who runs the command, and may.
func permitted(ctx context.Context, tx proxy.Directory, actorID int64, p workflow.Piece, allowed may) error {
	if actorID == 0 {
		return nil
	}
	actor, err := tx.Person(ctx, actorID)
	if err != nil {
		return err
	}
	if allowed(actor, p) {
		return nil
	}
	who, address := "its editor", "ADDRESS"
	if editor, err := tx.Person(ctx, p.EditorID); err == nil {
		who, address = editor.Name, editor.Primary()
	}
	refused := workflow.Errorf(workflow.Forbidden, "that is not for %s to do: %s is looked after by %s, and by admins", actor.Name, p.Code, who)
	return advise(refused, "--as "+address)
}

// changing stores what change makes, queues whom it concerns if notify, and prints what happened; say, if not nil, tells the
// first line.
func (d *desk) changing(ctx context.Context, env *Env, as ActAs, notify bool,
	change func(store.AdminTx, workflow.Cause) (workflow.Change, error), say func() string) error {
	composer, err := d.composer(ctx)
	if err != nil {
		return err
	}
	made, err := d.carryOut(ctx, composer, notify, func(tx store.AdminTx) (workflow.Cause, error) { return as.cause(ctx, tx, d.clock.Now()) }, change)
	if err != nil {
		return err
	}
	if say != nil {
		fmt.Fprintln(env.Stdout, say())
	}
	return d.tellApplied(ctx, env, made)
}

// carryOut stores what change makes, and queues whom it concerns if notify, in one transaction.
func (d *desk) carryOut(ctx context.Context, composer *outbox.Composer, notify bool, causing func(store.AdminTx) (workflow.Cause, error),
	change func(store.AdminTx, workflow.Cause) (workflow.Change, error)) (applied, error) {
	var made applied
	err := d.Admin(ctx, func(tx store.AdminTx) error {
		made = applied{}
		cause, err := causing(tx)
		if err != nil {
			return err
		}
		var unknown error
		cause.Schedule = schedule(ctx, tx, composer.Rules, &unknown)
		ch, err := change(tx, cause)
		if err := cmp.Or(unknown, err); err != nil {
			return err
		}
		if made.Change = ch; len(ch.Events) == 0 {
			return already("%s is so already: nothing to change", ch.Piece.Code)
		}
		made, err = apply(ctx, tx, composer, ch, cause.ActorID, notify)
		return err
	})
	return made, err
}

// schedule plans dates by the days of people that it looks up; unknown becomes why somebody could not be.
func schedule(ctx context.Context, tx proxy.Directory, rules workflow.ReminderRules, unknown *error) workflow.Schedule {
	return rules.Schedule(func(id int64) workflow.Person {
		p, err := tx.Person(ctx, id)
		if err != nil {
			*unknown = err
		}
		return p
	})
}

// cause is who acts, at that moment.
func (as ActAs) cause(ctx context.Context, tx personFinder, now time.Time) (workflow.Cause, error) {
	cause := workflow.Cause{At: now}
	if as.As == "" {
		return cause, nil
	}
	actor, err := findPerson(ctx, tx, as.As)
	cause.ActorID = actor.ID
	return cause, err
}

// applied is a change that was stored.
type applied struct {
	workflow.Change
	queued []outbox.Notice
}

// apply stores the change and, if notify, queues the mails to whom it concerns.
func apply(ctx context.Context, tx store.AdminTx, composer *outbox.Composer, ch workflow.Change, actorID int64, notify bool) (applied, error) {
	made := applied{Change: ch}
	// Who is told of a new date is told of the old one too, so the piece is looked at as it was.
	before, err := tx.Piece(ctx, ch.Piece.ID)
	if err != nil {
		return made, err
	}
	if err := tx.SavePiece(ctx, ch); err != nil || !notify {
		return made, err
	}
	notices, err := changeNotices(ctx, tx, composer, before, ch, actorID)
	if err != nil {
		return made, err
	}
	if _, err := tx.Enqueue(ctx, notices); err != nil {
		return made, err
	}
	for _, n := range notices {
		if n.State == outbox.Queued { // a cancelled one only keeps a reminder from being made
			made.queued = append(made.queued, n)
		}
	}
	return made, nil
}

// tellApplied prints what happened.
func (d *desk) tellApplied(ctx context.Context, env *Env, made applied) error {
	names, err := d.names(ctx)
	if err != nil {
		return err
	}
	for _, e := range made.Events {
		fmt.Fprintf(env.Stdout, "%s: %s\n", made.Piece.Code, oneLine(e.Text(names)))
	}
	return d.tellQueued(ctx, env, made.queued)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// changeNotices are the mails that a change by hand causes.
func changeNotices(ctx context.Context, tx store.AdminTx, c *outbox.Composer, before workflow.Piece, ch workflow.Change, actorID int64) ([]outbox.Notice, error) {
	people := map[int64]workflow.Person{}
	h := outbox.Happening{Before: before, Change: ch, People: people, ActorID: actorID}
	for _, id := range outbox.Concerned(before, ch) {
		p, err := tx.Person(ctx, id)
		if err != nil {
			return nil, err
		}
		people[id] = p
	}
	if outbox.Public(ch) {
		staff, err := tx.Colleagues(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range staff {
			people[p.ID] = p
		}
	}
	if step, open := before.OpenStep(); open && actorID != 0 && step.OwnerID == actorID {
		asked, err := proxy.Invited(ctx, tx, before, step, actorID)
		if err != nil {
			return nil, err
		}
		h.Invited = asked
	}
	if err := proxy.Enclose(ctx, tx, &h); err != nil {
		return nil, err
	}
	return c.Tell(h)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"handoff/outbox"
	"handoff/store"
	"handoff/workflow"
)

// PersonLeaveCmd is `handoff person leave`.
type PersonLeaveCmd struct {
	Address  string `arg:"" help:"One of their addresses."`
	To       string `placeholder:"ADDRESS" help:"Who takes over all that they have to do; each piece's editor if left out."`
	DryRun   bool   `help:"Say what would be handed over and change nothing."`
	NoNotify bool   `help:"Do not mail whom it concerns."`
	ActAs
}

// Help says what becomes of their work.
func (PersonLeaveCmd) Help() string {
	return `What they still have to do goes to the editor of each piece, or to the person named by --to: open and waiting steps, the distribution, the
authorship of what is still being written. Reviews that they owe are not waited for, and their demo piece is cancelled. An editor's
pieces and contributors need --to. Nobody can give them work until "handoff person return", which gives nothing back.

Examples:
  handoff person leave ana@writers.example --dry-run
  handoff person leave ed@agency.example --to eve@agency.example`
}

// Run notes that they left, and hands over their work.
func (c *PersonLeaveCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	composer, err := d.composer(ctx)
	if err != nil {
		return err
	}
	var l *departure
	err = d.Admin(ctx, func(tx store.AdminTx) error {
		l = &departure{tx: tx, composer: composer, notify: !c.NoNotify}
		if err := c.leave(ctx, d, l); err != nil {
			return err
		}
		if c.DryRun {
			return errDryRun
		}
		return nil
	})
	switch {
	case errors.Is(err, errDryRun):
		fmt.Fprintln(env.Stdout, "dry run, nothing was changed; leaving would give:")
	case err != nil:
		return err
	}
	fmt.Fprintf(env.Stdout, "%s: left the team: no more mails to them\n", oneLine(l.who.Name))
	for _, name := range l.looksAfter {
		fmt.Fprintf(env.Stdout, "%s: looked after by %s now\n", oneLine(name), oneLine(l.heir.Name))
	}
	for _, made := range l.made {
		if err := d.tellApplied(ctx, env, made); err != nil {
			return err
		}
	}
	if address := workflow.NormalizeAddress(bareAddress(d.cfg.Team.Triage)); l.who.HasAddress(address) {
		fmt.Fprintf(env.Stdout, "team.triage in %s is still %s: name there who looks after held mail now\n", d.cfg.path, address)
	}
	return nil
}

// departure is one person's leaving, inside one transaction.
type departure struct {
	tx         store.AdminTx
	composer   *outbox.Composer
	notify     bool
	who, heir  workflow.Person
	looksAfter []string // contributors
	made       []applied
}

func (c *PersonLeaveCmd) leave(ctx context.Context, d *desk, l *departure) error {
	cause, err := c.cause(ctx, l.tx, d.clock.Now())
	if err != nil {
		return err
	}
	if l.who, err = findPerson(ctx, l.tx, c.Address); err != nil {
		return err
	}
	if !l.who.LeftAt.IsZero() {
		return already("%s has left already", l.who.Name)
	}
	if c.To != "" {
		if l.heir, err = findAtWork(ctx, l.tx, c.To); err != nil {
			return err
		}
		if l.heir.ID == l.who.ID {
			return usagef("--to: %s is who leaves: name somebody else", l.who.Name)
		}
	}
	l.who.LeftAt = cause.At
	if err := l.tx.SavePerson(ctx, &l.who); err != nil {
		return err
	}
	event := workflow.Event{At: cause.At, Kind: workflow.PersonChanged, PersonID: l.who.ID, ActorID: cause.ActorID, Detail: "left the team"}
	if err := l.tx.AddEvents(ctx, []workflow.Event{event}); err != nil {
		return err
	}
	pieces, err := l.tx.PiecesOf(ctx, l.who.ID, 0)
	if err != nil {
		return err
	}
	people, err := l.tx.People(ctx)
	if err != nil {
		return err
	}
	if err := l.checkHeir(pieces, people); err != nil {
		return err
	}
	if err := l.contributors(ctx, people); err != nil {
		return err
	}
	var unknown error
	cause.Schedule = schedule(ctx, l.tx, l.composer.Rules, &unknown)
	for _, p := range pieces {
		ch, err := p.Relieve(l.who.ID, l.heir.ID, cause)
		if err != nil {
			return err
		}
		if len(ch.Events) == 0 {
			continue
		}
		made, err := apply(ctx, l.tx, l.composer, ch, cause.ActorID, l.notify)
		if err != nil {
			return err
		}
		l.made = append(l.made, made)
	}
	return unknown
}

// checkHeir asks for an editor where one is needed.
func (l *departure) checkHeir(pieces []workflow.Piece, people []workflow.Person) error {
	var edited []string
	for _, p := range pieces {
		if p.EditorID == l.who.ID {
			edited = append(edited, p.Code)
		}
	}
	for _, p := range people {
		if l.lookedAfter(p) {
			edited = append(edited, p.Name)
		}
	}
	switch {
	case len(edited) == 0:
		return nil
	case l.heir.ID == 0:
		return usagef("%s looks after %s: name the editor who takes over with --to", l.who.Name, shorten(strings.Join(edited, ", "), 200))
	}
	return edits(l.heir)
}

func (l *departure) lookedAfter(p workflow.Person) bool {
	return p.EditorID == l.who.ID && p.LeftAt.IsZero()
}

// contributors gives those whom the person looked after to the heir.
func (l *departure) contributors(ctx context.Context, people []workflow.Person) error {
	for _, p := range people {
		if !l.lookedAfter(p) {
			continue
		}
		p.EditorID = l.heir.ID
		if err := l.tx.SavePerson(ctx, &p); err != nil {
			return err
		}
		l.looksAfter = append(l.looksAfter, p.Name)
	}
	slices.Sort(l.looksAfter)
	return nil
}

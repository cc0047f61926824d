package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"handoff/outbox"
	"handoff/store"
	"handoff/workflow"
)

// selection is which mails a command changes: by number, or all that the flags say.
type selection struct {
	ID []int64 `arg:"" optional:"" help:"Which, as \"handoff outbox list\" shows them."`
	NoticeFlags
	Yes bool `short:"y" help:"Do not ask before changing all that --state, --kind and --piece select."`
}

// OutboxRetryCmd is `handoff outbox retry`.
type OutboxRetryCmd struct {
	selection
}

// Help shows how.
func (OutboxRetryCmd) Help() string {
	return `With --kind or --piece alone, those that failed are meant. What was sent is never sent again.

Examples:
  handoff outbox retry 17 18
  handoff outbox retry --state failed                 # says how many, and asks
  handoff outbox retry --state failed --state bounced --piece BREW-1 --yes`
}

// Run queues them again.
func (c *OutboxRetryCmd) Run(ctx context.Context, env *Env) error {
	return c.change(ctx, env, change{
		by: []outbox.State{outbox.Failed}, possible: []outbox.State{outbox.Queued, outbox.Deferred, outbox.Failed, outbox.Bounced, outbox.Cancelled},
		asked: "send %s again", done: "queued",
		one: func(d *desk, id int64) (string, error) { return requeue(ctx, d, id) },
		all: func(d *desk, f store.NoticeFilter) (int, error) { return d.RequeueAll(ctx, f, d.clock.Now()) },
	})
}

// requeue tells what will keep the mail from being sent all the same.
func requeue(ctx context.Context, d *desk, id int64) (but string, err error) {
	now := d.clock.Now()
	if err := d.Requeue(ctx, id, now); err != nil {
		return "", err
	}
	n, err := d.Notice(ctx, id)
	if err != nil {
		return "", err
	}
	o, err := d.Obstacle(ctx, n, now)
	switch {
	case err != nil:
		return "", err
	case o.Never != "":
		return fmt.Sprintf("but will be cancelled: %s; first run \"handoff outbox clear %s\" or \"unsuppress\"", o.Never, n.ToAddress), nil
	case o.Paused:
		return "and waits for the end of a pause", nil
	}
	w, err := d.waiting(ctx)
	if why := w.why(n); err == nil && why != "" {
		return "and waits all the same: " + why, nil
	}
	return "", err
}

// OutboxCancelCmd is `handoff outbox cancel`.
type OutboxCancelCmd struct {
	selection
}

// Help shows how.
func (OutboxCancelCmd) Help() string {
	return `With --kind or --piece alone, those that wait are meant.

Examples:
  handoff outbox cancel 17 18
  handoff outbox cancel --kind due_soon --piece BREW-1
  handoff outbox cancel --state failed --yes          # they are dead letters no more`
}

// Run cancels them.
func (c *OutboxCancelCmd) Run(ctx context.Context, env *Env) error {
	return c.change(ctx, env, change{
		by: []outbox.State{outbox.Queued, outbox.Deferred}, possible: []outbox.State{outbox.Queued, outbox.Deferred, outbox.Failed, outbox.Bounced},
		asked: "cancel %s", done: "cancelled",
		one: func(d *desk, id int64) (string, error) { return "", cancel(ctx, d, id) },
		all: func(d *desk, f store.NoticeFilter) (int, error) { return d.CancelAll(ctx, f, "cancelled by hand") },
	})
}

func cancel(ctx context.Context, d *desk, id int64) error {
	err := d.Cancel(ctx, id, "cancelled by hand")
	if workflow.CodeOf(err) != workflow.Conflict {
		return err
	}
	if n, at := d.Notice(ctx, id); at == nil && n.State == outbox.Cancelled {
		return already("notice %d is cancelled already: %s", id, n.Error)
	}
	return err
}

// change is what is done to a selection.
type change struct {
	by       []outbox.State // meant if no state is named
	possible []outbox.State
	asked    string // continues “Really …?”, with the mails in it
	done     string
	one      func(*desk, int64) (but string, err error)
	all      func(*desk, store.NoticeFilter) (int, error)
}

func (s selection) change(ctx context.Context, env *Env, c change) error {
	switch {
	case len(s.ID) > 0 && s.given():
		return usagef("name mails by their numbers, or select them with --state, --kind and --piece, not both")
	case len(s.ID) == 0 && !s.given():
		return usagef("which mails? give their numbers, or select them with --state, --kind and --piece")
	}
	for _, name := range s.State {
		if !slices.Contains(c.possible, outbox.State(name)) {
			return usagef("what is %s cannot be %s", name, c.done)
		}
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	if len(s.ID) > 0 {
		return eachID(env, d, s.ID, c)
	}
	f, err := s.filter(ctx, d, c.by...)
	if err != nil {
		return err
	}
	n, err := d.CountNotices(ctx, f)
	if err != nil {
		return err
	}
	if n == 0 {
		fmt.Fprintln(env.Stdout, "no mail is like that")
		return nil
	}
	what := fmt.Sprintf("%d %s (%s)", n, plural(n, "mail", "mails"), s.words(f))
	if sure, err := sure(ctx, env, s.Yes, fmt.Sprintf(c.asked, what)); err != nil || !sure {
		return err
	}
	if n, err = c.all(d, f); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%d %s %s\n", n, plural(n, "mail is", "mails are"), c.done)
	return nil
}

// words says what is selected.
func (s selection) words(f store.NoticeFilter) string {
	var states []string
	for _, state := range f.States {
		states = append(states, string(state))
	}
	words := strings.Join(states, " or ")
	if f.Kind != "" {
		words += ", " + f.Kind
	}
	if s.Piece != "" {
		words += ", about " + s.Piece
	}
	return words
}

// sure asks whoever sits at the terminal; nobody there has to say --yes.
func sure(ctx context.Context, env *Env, yes bool, what string) (bool, error) {
	if yes {
		return true, nil
	}
	f, ok := env.Stdin.(*os.File)
	if !ok || !isTerminal(f) {
		return false, usagef("this would %s: add --yes to do it", what)
	}
	return terminalAsker(env, f).yes(ctx, "Really "+what+"?", false)
}

// eachID does it to each mail and says which could not be helped.
func eachID(env *Env, d *desk, ids []int64, c change) error {
	failed := false
	for _, id := range ids {
		but, err := c.one(d, id)
		if so, ok := errors.AsType[*alreadySo](err); ok {
			fmt.Fprintln(env.Stdout, oneLine(so.text))
			continue
		}
		if err != nil {
			failed = true
			fmt.Fprintf(env.Stderr, "handoff: %v\n", err)
			continue
		}
		line := fmt.Sprintf("notice %d is %s", id, c.done)
		if but != "" {
			line += ", " + but
		}
		fmt.Fprintln(env.Stdout, line)
	}
	if failed {
		return errReported
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"handoff/internal/webcheck"
	"handoff/workflow"
)

// PieceTickCmd is `handoff piece tick`.
type PieceTickCmd struct {
	Code string `arg:"" help:"The piece's code."`
	Task string `arg:"" help:"The task that is done."`
	Acting
}

// Help shows how.
func (PieceTickCmd) Help() string {
	return `With the last task, a piece that is in ready goes on to publication.

Example:
  handoff piece tick BREW-1 "Header image"`
}

// Run ticks.
func (c *PieceTickCmd) Run(ctx context.Context, env *Env) error {
	return changeBy(ctx, env, c.Code, c.Acting, finishes, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		if t, ok := taskOf(p, c.Task); ok && !t.DoneAt.IsZero() {
			return workflow.Change{}, already("%s: “%s” is done already", p.Code, t.Name)
		}
		ch, err := p.Tick(cause, c.Task)
		if workflow.CodeOf(err) == workflow.NotFound {
			err = advise(err, fmt.Sprintf("handoff piece task %s add %q", p.Code, c.Task))
		}
		return ch, err
	})
}

// PieceTaskCmd is `handoff piece task`.
type PieceTaskCmd struct {
	Code string `arg:"" help:"The piece's code."`
	Do   string `arg:"" enum:"add,remove" help:"add or remove."`
	Task string `arg:"" help:"The task's name."`
	Acting
}

// Help shows how.
func (PieceTaskCmd) Help() string {
	return `New pieces begin with the tasks of [distribution] checklist in handoff.toml; this changes those of one piece.

Examples:
  handoff piece task BREW-1 add "Header image"
  handoff piece task BREW-1 remove "Share buttons"`
}

// Run changes the checklist.
func (c *PieceTaskCmd) Run(ctx context.Context, env *Env) error {
	return changeBy(ctx, env, c.Code, c.Acting, manages, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		switch t, ok := taskOf(p, c.Task); {
		case p.Closed():
		case c.Do == "add" && ok:
			return workflow.Change{}, already("%s has the task “%s” already", p.Code, t.Name)
		case c.Do == "remove" && !ok:
			return workflow.Change{}, already("“%s” is no task of %s already; its tasks are: %s", c.Task, p.Code, listTasks(p.Checklist))
		}
		if c.Do == "remove" {
			return p.RemoveTask(c.Task, cause)
		}
		return p.AddTask(c.Task, cause)
	})
}

// taskOf is the task with that name, however it is written.
func taskOf(p workflow.Piece, name string) (workflow.Task, bool) {
	name = strings.Join(strings.Fields(name), " ")
	i := slices.IndexFunc(p.Checklist, func(t workflow.Task) bool { return strings.EqualFold(t.Name, name) })
	if i < 0 {
		return workflow.Task{}, false
	}
	return p.Checklist[i], true
}

func listTasks(tasks []workflow.Task) string {
	if len(tasks) == 0 {
		return "none"
	}
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = "“" + t.Name + "”"
	}
	return strings.Join(names, ", ")
}

// PiecePublishCmd is `handoff piece publish`.
type PiecePublishCmd struct {
	Code string `arg:"" help:"The piece's code."`
	URL  string `arg:"" name:"url" help:"Where it is published."`
	Acting
}

// Help shows how.
func (PiecePublishCmd) Help() string {
	return `The editor and the lead hear of the address, which is then fetched until it is there; with that, everybody gets the share kit. A better
address replaces one that is not verified yet.

Example:
  handoff piece publish BREW-1 https://agency.example/ten-ways-to-brew`
}

// Run publishes.
func (c *PiecePublishCmd) Run(ctx context.Context, env *Env) error {
	address, err := webcheck.ParseURL(c.URL)
	if err != nil {
		return usagef("%v", err)
	}
	return changeBy(ctx, env, c.Code, c.Acting, finishes, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return publishAt(p, cause, address.String())
	})
}

// publishAt publishes the piece; once more at the same address is no failure, also of a piece that is closed since.
func publishAt(p workflow.Piece, cause workflow.Cause, address string) (workflow.Change, error) {
	if p.URL != "" && webcheck.Same(p.URL, address) && !p.Cancelled() {
		return workflow.Change{}, already("%s is published there already", p.Code)
	}
	return p.Publish(cause, address)
}

// PieceVerifyCmd is `handoff piece verify`.
type PieceVerifyCmd struct {
	Code string `arg:"" help:"The piece's code."`
	Seen bool   `help:"Do not fetch the address: you looked, and it is there."`
	Acting
}

// Help shows how.
func (PieceVerifyCmd) Help() string {
	return `Fetches the address of a published piece now; serve does so by itself, every hour until it is there. Once it is, everybody gets the
share kit. The exit code is 1 if it is not there.

Examples:
  handoff piece verify BREW-1
  handoff piece verify BREW-1 --seen --as lee@agency.example     # behind a login, for instance`
}

// Run verifies.
func (c *PieceVerifyCmd) Run(ctx context.Context, env *Env) error {
	if c.Seen {
		return changeBy(ctx, env, c.Code, c.Acting, finishes, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
			if !p.VerifiedAt.IsZero() {
				return workflow.Change{}, already("%s is verified already", p.Code)
			}
			return p.Checked(cause, "")
		})
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	cause, err := c.cause(ctx, d, d.clock.Now())
	if err != nil {
		return err
	}
	p, err := findPiece(ctx, d, c.Code)
	if err != nil {
		return err
	}
	if err := permitted(ctx, d, cause.ActorID, p, finishes); err != nil {
		return err
	}
	if !p.VerifiedAt.IsZero() {
		return already("%s is verified already, since %s", p.Code, showTime(p.VerifiedAt, d.zone))
	}
	if _, err := p.Checked(cause, ""); err != nil { // there is nothing to fetch
		return advise(err, nextOnPiece(p))
	}
	composer, err := d.composer(ctx)
	if err != nil {
		return err
	}
	made, err := d.verifier(env, composer, nil).verify(ctx, p, cause.ActorID, !c.NoNotify)
	if err != nil {
		return err
	}
	if err := d.tellApplied(ctx, env, made); err != nil {
		return err
	}
	if made.Piece.VerifiedAt.IsZero() {
		return fmt.Errorf("%s is not verified: %s: %s", made.Piece.Code, made.Piece.URL, oneLine(made.Piece.CheckProblem))
	}
	return nil
}

// PieceDistributedCmd is `handoff piece distributed`.
type PieceDistributedCmd struct {
	Code string `arg:"" help:"The piece's code."`
	Acting
}

// Help shows how.
func (PieceDistributedCmd) Help() string {
	return `Confirms for the distribution lead that the piece was shared. It is closed once its address is verified as well.

Example:
  handoff piece distributed BREW-1`
}

// Run confirms.
func (c *PieceDistributedCmd) Run(ctx context.Context, env *Env) error {
	return changeBy(ctx, env, c.Code, c.Acting, finishes, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		if !p.DistributedAt.IsZero() {
			return workflow.Change{}, already("the distribution of %s is confirmed already", p.Code)
		}
		if s, open := p.OpenStep(); open {
			cause.PersonID = s.OwnerID
		}
		return p.ConfirmDistributed(cause)
	})
}

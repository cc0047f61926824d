package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"handoff/store"
	"handoff/workflow"
)

// Acting is who changes a piece, and whether others hear of it.
type Acting struct {
	NoNotify bool `help:"Do not mail whom it concerns."`
	ActAs
}

// Wording is what somebody is told.
type Wording struct {
	Text string `help:"The words."`
	File string `placeholder:"FILE" help:"A file with the words, Markdown or plain text; - is stdin."`
}

// maxWording is the most bytes of it: it goes into mails.
const maxWording = 100 << 10

// read gives the words, "" if there are none.
func (w Wording) read(env *Env) (string, error) {
	if w.File == "" || w.Text != "" {
		if w.File != "" {
			return "", usagef("give the words or --file, not both")
		}
		return strings.TrimSpace(w.Text), nil
	}
	from := env.Stdin
	if w.File != "-" {
		f, err := os.Open(w.File)
		if err != nil {
			return "", fmt.Errorf("the words cannot be read: %w", err)
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, maxWording+1))
	if err != nil {
		return "", fmt.Errorf("the words cannot be read: %w", err)
	}
	if len(text) > maxWording {
		return "", fmt.Errorf("%s is larger than %s, which no mail should be: link to it instead", w.File, Size(maxWording))
	}
	return strings.TrimSpace(strings.ToValidUTF8(strings.TrimPrefix(string(text), "\ufeff"), "\ufffd")), nil
}

// changeBy applies a rule to the piece with that code.
func changeBy(ctx context.Context, env *Env, code string, by Acting, allowed may,
	rule func(workflow.Piece, workflow.Cause) (workflow.Change, error)) error {
	return changeOn(ctx, env, code, by, allowed, func(_ store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return rule(p, cause)
	})
}

// changeOn is changeBy for a rule that looks other things up.
func changeOn(ctx context.Context, env *Env, code string, by Acting, allowed may,
	rule func(store.AdminTx, workflow.Piece, workflow.Cause) (workflow.Change, error)) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.onPiece(ctx, env, code, by.ActAs, !by.NoNotify, allowed, rule)
}

// lastOf is the piece's last event of these kinds; the zero Event if there is none.
func lastOf(ctx context.Context, tx store.AdminTx, p workflow.Piece, kinds ...workflow.EventKind) (workflow.Event, error) {
	events, err := tx.Events(ctx, p.ID)
	if err != nil {
		return workflow.Event{}, err
	}
	for _, e := range slices.Backward(events) {
		if slices.Contains(kinds, e.Kind) {
			return e, nil
		}
	}
	return workflow.Event{}, nil
}

// saidBefore tells of words that the author waits on: the same again are no news to them, others would get lost.
func saidBefore(ctx context.Context, tx store.AdminTx, p workflow.Piece, words string, kind workflow.EventKind, so string) error {
	e, err := lastOf(ctx, tx, p, kind)
	_, said, _ := strings.Cut(e.Detail, ": ")
	switch {
	case err != nil:
		return err
	case said == words:
		return already("%s, with these words", so)
	}
	return advise(workflow.Errorf(workflow.Conflict, "%s, and these words are others, which nobody was sent: write to the author, as an answer to a mail about the piece", so),
		"handoff piece show "+p.Code)
}

// PieceReviseCmd is `handoff piece revise`.
type PieceReviseCmd struct {
	Code string `arg:"" help:"The piece's code."`
	Wording
	Until string `placeholder:"DATE" help:"When the new version is due; the date of the draft, if that is still to come, if left out."`
	Acting
}

// Help shows how.
func (PieceReviseCmd) Help() string {
	return `Asks the author for another version, from review to design. The step that asks goes on after it.

Examples:
  handoff piece revise BREW-1 --text "The third way is missing its picture." --until 2026-12-04
  handoff piece revise BREW-1 --file remarks.md`
}

// Run asks for a revision.
func (c *PieceReviseCmd) Run(ctx context.Context, env *Env) error {
	words, err := c.read(env)
	if err != nil {
		return err
	}
	if words == "" {
		return usagef("what is the author to revise? Say it with --text \"…\", or with --file FILE")
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	var until time.Time
	if c.Until != "" {
		if until, err = d.coming(c.Until); err != nil {
			return usagef("--until: %v", err)
		}
	}
	return d.onPiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, manages, func(tx store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		if s, open := p.OpenStep(); open && s.Stage == workflow.Draft && s.Revision > 0 && (until.IsZero() || until.Equal(s.Deadline)) {
			return workflow.Change{}, saidBefore(ctx, tx, p, words, workflow.RevisionAsked, "a revision of "+p.Code+" is asked for already")
		}
		return p.AskRevision(cause, words, until)
	})
}

// PieceReviewCmd is `handoff piece review`.
type PieceReviewCmd struct {
	Code   string   `arg:"" help:"The piece's code."`
	Ask    []string `required:"" placeholder:"ADDRESS" help:"Whom to ask. May be repeated."`
	Needed *int     `placeholder:"N" help:"How many of all who were asked have to answer; all if left out."`
	Acting
}

// Help shows how.
func (PieceReviewCmd) Help() string {
	return `Asks peers for their opinion while the piece is in review. The step is done once enough of them have answered.

Example:
  handoff piece review BREW-1 --ask kim@example.org --ask lou@example.org --needed 1`
}

// Run asks the reviewers.
func (c *PieceReviewCmd) Run(ctx context.Context, env *Env) error {
	needed := 0 // all of them
	if c.Needed != nil {
		if needed = *c.Needed; needed < 1 {
			return usagef("--needed: %d answers are none: give 1 or more, or leave it out for all who are asked", needed)
		}
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.onPiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, manages, func(tx store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		var ids []int64
		for _, address := range c.Ask {
			who, err := findAtWork(ctx, tx, address)
			if err != nil {
				return workflow.Change{}, err
			}
			ids = append(ids, who.ID)
		}
		ch, err := p.AskReviewers(cause, needed, ids...)
		if err == nil && len(ch.Events) == 0 {
			return ch, already("they are asked for their review of %s already", p.Code)
		}
		return ch, err
	})
}

// PieceGrantCmd is `handoff piece grant`.
type PieceGrantCmd struct {
	Code string `arg:"" help:"The piece's code."`
	Acting
}

// Help shows how.
func (PieceGrantCmd) Help() string {
	return `Gives the open step the later date that its owner asked for ("handoff piece show" tells which). Steps after it move along; past
the overall deadline none can go.

Example:
  handoff piece grant BREW-1`
}

// Run grants.
func (c *PieceGrantCmd) Run(ctx context.Context, env *Env) error {
	return decideExtension(ctx, env, c.Code, c.Acting, workflow.ExtensionGranted, "more time is granted already", workflow.Piece.Grant)
}

// decideExtension applies a decision to more time that is asked for; so tells of one that was taken before.
func decideExtension(ctx context.Context, env *Env, code string, by Acting, decided workflow.EventKind, so string,
	rule func(workflow.Piece, workflow.Cause) (workflow.Change, error)) error {
	return changeOn(ctx, env, code, by, manages, func(tx store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		s, open := p.OpenStep()
		if !open || s.Extension != nil {
			return rule(p, cause)
		}
		switch e, err := lastOf(ctx, tx, p, workflow.ExtensionAsked, workflow.ExtensionGranted, workflow.ExtensionRefused); {
		case err != nil:
			return workflow.Change{}, err
		case e.Kind == decided && e.StepID == s.ID:
			return workflow.Change{}, already("%s: %s", p.Code, so)
		case e.StepID == s.ID && e.Kind != workflow.ExtensionAsked:
			return workflow.Change{}, advise(workflow.Errorf(workflow.Conflict, "%s is decided: %s", p.Code, e.Detail), "handoff piece deadline "+p.Code+" DATE --stage "+string(s.Stage))
		}
		err := workflow.Errorf(workflow.Conflict, "nobody asks for more time on %s: there is nothing to decide", p.Code)
		return workflow.Change{}, advise(err, "handoff piece deadline "+p.Code+" DATE --stage "+string(s.Stage))
	})
}

// PieceRefuseCmd is `handoff piece refuse`.
type PieceRefuseCmd struct {
	Code   string `arg:"" help:"The piece's code."`
	Reason string `help:"What its owner is told."`
	Acting
}

// Help shows how.
func (PieceRefuseCmd) Help() string {
	return `Leaves the date of the open step as it is.

Example:
  handoff piece refuse BREW-1 --reason "It has to be out before the fair."`
}

// Run refuses.
func (c *PieceRefuseCmd) Run(ctx context.Context, env *Env) error {
	return decideExtension(ctx, env, c.Code, c.Acting, workflow.ExtensionRefused, "more time is refused already", func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return p.Refuse(cause, strings.TrimSpace(c.Reason))
	})
}

// PieceCancelCmd is `handoff piece cancel`.
type PieceCancelCmd struct {
	Code   string `arg:"" help:"The piece's code."`
	Reason string `required:"" help:"What everybody at work on it is told."`
	Acting
}

// Help shows how.
func (PieceCancelCmd) Help() string {
	return `Gives the piece up. It stays, with its history, and nobody is reminded of it any more.

Example:
  handoff piece cancel BREW-1 --reason "The café has closed."`
}

// Run cancels.
func (c *PieceCancelCmd) Run(ctx context.Context, env *Env) error {
	return changeBy(ctx, env, c.Code, c.Acting, manages, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		if p.Cancelled() {
			return workflow.Change{}, already("%s is cancelled already: %s", p.Code, p.CancelReason)
		}
		return p.Cancel(cause, c.Reason)
	})
}

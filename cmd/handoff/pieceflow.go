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

// PieceProposeCmd is `handoff piece propose`.
type PieceProposeCmd struct {
	Code   string `arg:"" optional:"" help:"Its code; the next number of proposals if left out."`
	Author string `required:"" placeholder:"ADDRESS" help:"Who proposes it."`
	Editor string `placeholder:"ADDRESS" help:"Who decides; who looks after the author if left out."`
	Title  string `required:"" help:"Its working title."`
	Wording
	Acting
}

// Help shows how.
func (PieceProposeCmd) Help() string {
	return `A proposal is a piece whose topic an editor has to approve: see "handoff piece approve".

Examples:
  handoff piece propose --author ana@example.org --title "Ten ways to brew" --text "From ristretto to cold drip."
  handoff piece propose TEA-4 --author ana@example.org --editor ed@agency.example --title "Oolong" --file pitch.md`
}

// Run adds the proposal.
func (c *PieceProposeCmd) Run(ctx context.Context, env *Env) error {
	words, err := c.read(env)
	if err != nil {
		return err
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	var added workflow.Piece
	return d.changing(ctx, env, c.ActAs, !c.NoNotify, func(tx store.AdminTx, cause workflow.Cause) (workflow.Change, error) {
		in := workflow.PieceInput{Code: c.Code, Title: c.Title, Topic: workflow.TopicProposed, Brief: words, Tasks: d.cfg.tasks(workflow.Pitch)}
		author, err := findPerson(ctx, tx, c.Author)
		if err != nil {
			return workflow.Change{}, err
		}
		in.AuthorID, in.EditorID = author.ID, author.EditorID
		if c.Editor != "" {
			editor, err := findEditor(ctx, tx, c.Editor)
			if err != nil {
				return workflow.Change{}, err
			}
			in.EditorID = editor.ID
		}
		if in.EditorID == 0 {
			return workflow.Change{}, usagef("nobody looks after %s: name who decides with --editor", author.Name)
		}
		if in.Code == "" {
			if in.Code, err = d.nextCode(ctx, tx); err != nil {
				return workflow.Change{}, err
			}
		}
		p, events, err := workflow.NewPiece(in, cause)
		if err != nil {
			return workflow.Change{}, err
		}
		if err := permitted(ctx, tx, cause.ActorID, p, proposes); err != nil {
			return workflow.Change{}, err
		}
		if err := tx.AddPiece(ctx, &p, events); err != nil {
			return workflow.Change{}, err
		}
		added = p
		return p.Propose(cause, words)
	}, func() string { return fmt.Sprintf("added %s, a proposal", added.Code) })
}

// proposes is for the author and for those who look after the piece.
func proposes(actor workflow.Person, p workflow.Piece) bool {
	return actor.ID == p.AuthorID || manages(actor, p)
}

// nextCode is the first code of a proposal that is free.
func (d *desk) nextCode(ctx context.Context, tx store.AdminTx) (string, error) {
	const tries = 50
	prefix := d.cfg.Pieces.CodePrefix
	for range tries {
		n, err := tx.Count(ctx, "code "+prefix) // the gateway counts its own by this name, too
		if err != nil {
			return "", err
		}
		code := fmt.Sprintf("%s-%d", prefix, n)
		switch _, err := tx.PieceByCode(ctx, code); {
		case workflow.CodeOf(err) == workflow.NotFound:
			return code, nil
		case err != nil:
			return "", err
		}
	}
	return "", fmt.Errorf("the next %d codes with %s are all taken: name one", tries, prefix)
}

// PieceApproveCmd is `handoff piece approve`.
type PieceApproveCmd struct {
	Code     string `arg:"" help:"The proposal's code."`
	Note     string `help:"What the author is told with it."`
	Deadline string `placeholder:"DATE" help:"The overall deadline."`
	Acting
}

// Help says what follows.
func (PieceApproveCmd) Help() string {
	return `Where no step has a deadline, each gets one after [pieces.plan] of handoff.toml. The author is cleared to write as soon as nothing
else is missing.

Examples:
  handoff piece approve PITCH-3 --note "Lovely. Mind the Chemex." --deadline 2026-12-20
  handoff piece approve PITCH-3 --as ed@agency.example`
}

// Run approves.
func (c *PieceApproveCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	var deadline time.Time
	if c.Deadline != "" {
		if deadline, err = workflow.ParseDeadline(c.Deadline, d.zone); err != nil {
			return usagef("--deadline: %v", err)
		}
		if !deadline.After(d.clock.Now()) {
			return usagef("--deadline: %s is over already: name a day that is still to come", c.Deadline)
		}
	}
	rules, err := d.cfg.reminderRules(d.clock.Now(), d.zone)
	if err != nil {
		return err
	}
	var missing []string
	err = d.onPiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, manages, func(tx store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		ch, err := p.Approve(cause, strings.TrimSpace(c.Note))
		if err != nil {
			return ch, err
		}
		if !deadline.IsZero() {
			dated, err := ch.Piece.SetDeadline(deadline, cause)
			if err != nil {
				return ch, err
			}
			ch = followed(ch, dated)
		}
		if ch, err = d.planned(ctx, tx, ch, cause, rules.Calendar); err != nil {
			return ch, err
		}
		author, err := tx.Person(ctx, p.AuthorID)
		missing = ch.Piece.Missing(author, d.cfg.Onboarding.Required)
		return ch, err
	})
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		fmt.Fprintf(env.Stdout, "not cleared to write yet: %s\n", strings.Join(missing, "; "))
	} else {
		fmt.Fprintln(env.Stdout, "nothing else is missing: the next pass of \"handoff serve\" or \"handoff poll\" clears the author to write, or \"handoff piece clear\" at once")
	}
	return nil
}

// planned gives a piece of which no step has a deadline those of the plan, as far as they fit.
func (d *desk) planned(ctx context.Context, tx store.AdminTx, ch workflow.Change, cause workflow.Cause, calendar workflow.Calendar) (workflow.Change, error) {
	days := d.cfg.Pieces.Plan.days()
	dated := func(s workflow.Step) bool { return !s.Deadline.IsZero() }
	if slices.ContainsFunc(ch.Piece.Steps, dated) {
		return ch, nil
	}
	workers := map[int64]workflow.Worker{0: {Zone: d.zone}}
	for _, s := range ch.Piece.Steps {
		if _, known := workers[s.OwnerID]; known {
			continue
		}
		owner, err := tx.Person(ctx, s.OwnerID)
		if err != nil {
			return ch, err
		}
		workers[s.OwnerID] = owner.Worker(d.zone)
	}
	plan := ch.Piece.Plan(cause, days, calendar, func(id int64) workflow.Worker { return workers[id] })
	return followed(ch, plan), nil
}

// followed is a change and the one that came after it; one without events was none.
func followed(ch, next workflow.Change) workflow.Change {
	if len(next.Events) == 0 {
		return ch
	}
	next.Events = append(slices.Clone(ch.Events), next.Events...)
	next.Handoffs = append(slices.Clone(ch.Handoffs), next.Handoffs...)
	next.Unassigned = append(slices.Clone(ch.Unassigned), next.Unassigned...)
	return next
}

// PieceDeclineCmd is `handoff piece decline`.
type PieceDeclineCmd struct {
	Code   string `arg:"" help:"The proposal's code."`
	Reason string `required:"" help:"What the author is told."`
	Acting
}

// Help shows how.
func (PieceDeclineCmd) Help() string {
	return `The piece is cancelled.

Example:
  handoff piece decline PITCH-3 --reason "We had one on brewing in May."`
}

// Run declines.
func (c *PieceDeclineCmd) Run(ctx context.Context, env *Env) error {
	if strings.TrimSpace(c.Reason) == "" {
		return usagef("--reason: the author is told why: give a reason")
	}
	return changeBy(ctx, env, c.Code, c.Acting, manages, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return p.DeclineTopic(cause, strings.TrimSpace(c.Reason))
	})
}

// changeBy applies a rule to the piece with that code.
func changeBy(ctx context.Context, env *Env, code string, by Acting, allowed may,
	rule func(workflow.Piece, workflow.Cause) (workflow.Change, error)) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.onPiece(ctx, env, code, by.ActAs, !by.NoNotify, allowed, func(_ store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return rule(p, cause)
	})
}

// PieceChangesCmd is `handoff piece changes`.
type PieceChangesCmd struct {
	Code string `arg:"" help:"The proposal's code."`
	Wording
	Acting
}

// Help shows how.
func (PieceChangesCmd) Help() string {
	return `Asks the author for another version of the proposal.

Example:
  handoff piece changes PITCH-3 --text "Five ways will do. Which are new?"`
}

// Run asks for changes.
func (c *PieceChangesCmd) Run(ctx context.Context, env *Env) error {
	words, err := c.read(env)
	if err != nil {
		return err
	}
	return changeBy(ctx, env, c.Code, c.Acting, manages, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return p.AskChanges(cause, words)
	})
}

// PieceClearCmd is `handoff piece clear`.
type PieceClearCmd struct {
	Code string `arg:"" help:"The piece's code."`
	Acting
}

// Help says when.
func (PieceClearCmd) Help() string {
	return `Tells the author to go ahead: the topic is approved, their onboarding complete ([onboarding] required) and there is a deadline. What is
missing is printed, and nothing is done.

Example:
  handoff piece clear PITCH-3`
}

// Run clears.
func (c *PieceClearCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.onPiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, manages, func(tx store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		author, err := tx.Person(ctx, p.AuthorID)
		if err != nil {
			return workflow.Change{}, err
		}
		return p.Clear(cause, author, d.cfg.Onboarding.Required)
	})
}

// PieceBriefCmd is `handoff piece brief`.
type PieceBriefCmd struct {
	Code string   `arg:"" help:"The piece's code."`
	Text []string `arg:"" optional:"" help:"What the author is to write."`
	File string   `placeholder:"FILE" help:"A file with it, Markdown or plain text; - is stdin."`
	Acting
}

// Help shows how.
func (PieceBriefCmd) Help() string {
	return `The brief goes to the author with the go-ahead, and to the distribution lead.

Examples:
  handoff piece brief PITCH-3 "Ten ways, one picture each, 1,200 words."
  handoff piece brief PITCH-3 --file brief.md`
}

// Run sets the brief.
func (c *PieceBriefCmd) Run(ctx context.Context, env *Env) error {
	words, err := Wording{Text: strings.Join(c.Text, " "), File: c.File}.read(env)
	if err != nil {
		return err
	}
	if words == "" {
		return usagef("what is the author to write? Give the words, or --file")
	}
	return changeBy(ctx, env, c.Code, c.Acting, manages, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return p.SetBrief(words, cause)
	})
}

// PieceReviseCmd is `handoff piece revise`.
type PieceReviseCmd struct {
	Code string `arg:"" help:"The piece's code."`
	Wording
	Until string `placeholder:"DATE" help:"When the new version is due."`
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
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	var until time.Time
	if c.Until != "" {
		if until, err = workflow.ParseDeadline(c.Until, d.zone); err != nil {
			return usagef("--until: %v", err)
		}
	}
	return d.changePiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return p.AskRevision(cause, words, until)
	})
}

// PieceReviewCmd is `handoff piece review`.
type PieceReviewCmd struct {
	Code   string   `arg:"" help:"The piece's code."`
	Ask    []string `required:"" placeholder:"ADDRESS" help:"Whom to ask. May be repeated."`
	Needed int      `placeholder:"N" help:"How many of all who were asked have to answer; all if left out."`
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
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.onPiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, manages, func(tx store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		var ids []int64
		for _, address := range c.Ask {
			who, err := findPerson(ctx, tx, address)
			if err != nil {
				return workflow.Change{}, err
			}
			ids = append(ids, who.ID)
		}
		return p.AskReviewers(cause, c.Needed, ids...)
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
	return changeBy(ctx, env, c.Code, c.Acting, manages, workflow.Piece.Grant)
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
	return changeBy(ctx, env, c.Code, c.Acting, manages, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
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
		return p.Cancel(cause, c.Reason)
	})
}

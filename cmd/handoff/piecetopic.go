package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/store"
	"handoff/workflow"
)

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
	if strings.TrimSpace(c.Title) == "" {
		return usagef("--title: a proposal needs a working title")
	}
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
		author, err := findAtWork(ctx, tx, c.Author)
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
		if c.Code != "" {
			p, err := tx.PieceByCode(ctx, workflow.NormalizeCode(c.Code))
			if err == nil && p.Topic == workflow.TopicProposed && p.AuthorID == in.AuthorID && p.Title == in.Title {
				return workflow.Change{}, already("%s is proposed already, since %s", p.Code, showTime(p.TopicAt, d.zone))
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
		if deadline, err = d.coming(c.Deadline); err != nil {
			return usagef("--deadline: %v", err)
		}
	}
	var missing []string
	note := strings.TrimSpace(c.Note)
	err = d.onPiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, manages, func(tx store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		if p.Topic == workflow.TopicApproved && !p.Cancelled() {
			return workflow.Change{}, c.approvedAlready(p, note, deadline, d.zone)
		}
		ch, err := p.Approve(cause, note)
		if err != nil {
			return ch, err
		}
		if !deadline.IsZero() {
			dated, err := ch.Piece.SetDeadline(deadline, cause)
			if err != nil {
				return ch, err
			}
			ch = ch.Then(dated)
		}
		ch = planned(ch, cause)
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

// approvedAlready tells of an approval that came before, and of what this one would add to it.
func (c *PieceApproveCmd) approvedAlready(p workflow.Piece, note string, deadline time.Time, zone *time.Location) error {
	since := "the topic of " + p.Code + " is approved already, since " + showTime(p.TopicAt, zone)
	switch {
	case note != "" && note != p.Note:
		return usagef("%s: this note would not reach the author, write it to them as an answer to a mail about the piece", since)
	case !deadline.IsZero() && !deadline.Equal(p.Deadline):
		return advise(workflow.Errorf(workflow.Conflict, "%s: the deadline is changed apart from that", since),
			fmt.Sprintf("handoff piece deadline %s %q", p.Code, c.Deadline))
	}
	return already("%s", since)
}

// planned gives a piece of which no step has a deadline those of the plan, as far as they fit.
func planned(ch workflow.Change, cause workflow.Cause) workflow.Change {
	dated := func(s workflow.Step) bool { return !s.Deadline.IsZero() }
	if slices.ContainsFunc(ch.Piece.Steps, dated) {
		return ch
	}
	return ch.Then(ch.Piece.Plan(cause))
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
		if p.Topic == workflow.TopicDeclined {
			return workflow.Change{}, already("the topic of %s is declined already", p.Code)
		}
		ch, err := p.DeclineTopic(cause, strings.TrimSpace(c.Reason))
		if p.Topic == workflow.TopicApproved && !p.Closed() {
			err = advise(err, "handoff piece cancel "+p.Code+" --reason WHY")
		}
		return ch, err
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
	if words == "" {
		return usagef("what is the author to change? Say it with --text \"…\", or with --file FILE")
	}
	return changeOn(ctx, env, c.Code, c.Acting, manages, func(tx store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		if p.Topic == workflow.TopicChanges && !p.Closed() {
			return workflow.Change{}, saidBefore(ctx, tx, p, words, workflow.TopicDecided, "changes to the topic of "+p.Code+" are asked for already")
		}
		ch, err := p.AskChanges(cause, words)
		if p.Topic == workflow.TopicApproved && !p.Closed() {
			err = advise(err, "handoff piece brief "+p.Code+" WORDS")
		}
		return ch, err
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
		if !p.ClearedAt.IsZero() && !p.Cancelled() {
			return workflow.Change{}, already("the author of %s is cleared to write already, since %s", p.Code, showTime(p.ClearedAt, d.zone))
		}
		ch, err := p.Clear(cause, author, d.cfg.Onboarding.Required)
		if err == nil || p.Closed() {
			return ch, err
		}
		return ch, advise(err, d.nextToClear(ctx, tx, p, author))
	})
}

// nextToClear is the command that brings what a proposal lacks before its author may write.
func (d *desk) nextToClear(ctx context.Context, tx store.AdminTx, p workflow.Piece, author workflow.Person) string {
	switch {
	case p.Topic != workflow.TopicApproved && p.Topic != "":
		return nextOnPiece(p)
	case d.cfg.Onboarding.Required && !author.Onboarded():
		editor, _ := tx.Person(ctx, author.EditorID) // nobody's address is none
		return nextOnPerson(author, editor)
	}
	return "handoff piece deadline " + p.Code + " DATE"
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

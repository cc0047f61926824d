package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

// PieceCmd is `handoff piece`.
type PieceCmd struct {
	List        PieceListCmd        `cmd:"" help:"List pieces: where each stands, who has it, when it is due."`
	Show        PieceShowCmd        `cmd:"" help:"Show one piece: steps, entries, history."`
	Diff        PieceDiffCmd        `cmd:"" help:"Show what changed between two versions of a piece, in words."`
	Add         PieceAddCmd         `cmd:"" help:"Add a piece."`
	Deadline    PieceDeadlineCmd    `cmd:"" help:"Set or remove a deadline."`
	Assign      PieceAssignCmd      `cmd:"" help:"Give a step another owner, or name the distribution lead."`
	Advance     PieceAdvanceCmd     `cmd:"" help:"Hand the open step on to the next by hand."`
	Propose     PieceProposeCmd     `cmd:"" help:"Add a proposal, on whose topic an editor decides."`
	Approve     PieceApproveCmd     `cmd:"" help:"Approve a proposal."`
	Decline     PieceDeclineCmd     `cmd:"" help:"Decline a proposal."`
	Changes     PieceChangesCmd     `cmd:"" help:"Ask the author for changes to a proposal."`
	Brief       PieceBriefCmd       `cmd:"" help:"Say what the author is to write."`
	Clear       PieceClearCmd       `cmd:"" help:"Tell the author to go ahead."`
	Review      PieceReviewCmd      `cmd:"" help:"Ask peers for their opinion."`
	Revise      PieceReviseCmd      `cmd:"" help:"Ask the author for another version."`
	Grant       PieceGrantCmd       `cmd:"" help:"Give a step the later date that was asked for."`
	Refuse      PieceRefuseCmd      `cmd:"" help:"Leave the date as it is."`
	Task        PieceTaskCmd        `cmd:"" help:"Add or remove a task of the checklist before publication."`
	Tick        PieceTickCmd        `cmd:"" help:"Note that a task of the checklist is done."`
	Publish     PiecePublishCmd     `cmd:"" help:"Say where the piece is published."`
	Verify      PieceVerifyCmd      `cmd:"" help:"Look whether it is there."`
	Distributed PieceDistributedCmd `cmd:"" help:"Confirm that the piece was shared."`
	Cancel      PieceCancelCmd      `cmd:"" help:"Give a piece up."`
}

// PieceListCmd is `handoff piece list`.
type PieceListCmd struct {
	Stage  string `help:"Only pieces in this stage: pitch, draft, review, copy_edit, design, ready, published, distributed."`
	Person string `placeholder:"ADDRESS" help:"Only pieces that this person is author, editor, lead, a step's owner or an asked reviewer of."`
	All    bool   `help:"Finished and cancelled pieces too."`
	JSON   bool   `help:"Print JSON."`
}

// Help shows how.
func (PieceListCmd) Help() string {
	return `Examples:
  handoff piece list
  handoff piece list --stage copy_edit
  handoff piece list --person ana@writers.example --all`
}

// Run prints the pieces.
func (c *PieceListCmd) Run(ctx context.Context, env *Env) error {
	filter := store.PieceFilter{Open: !c.All}
	if c.Stage != "" {
		stage, err := workflow.ParseStage(c.Stage)
		if err != nil {
			return usagef("--stage: %v", err)
		}
		filter.Stage = stage
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	if c.Person != "" {
		p, err := findPerson(ctx, d, c.Person)
		if err != nil {
			return err
		}
		filter.PersonID = p.ID
	}
	pieces, err := d.Pieces(ctx, filter)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, notNil(pieces))
	}
	return printPieces(ctx, env.Stdout, d, pieces)
}

func printPieces(ctx context.Context, w io.Writer, d *desk, pieces []workflow.Piece) error {
	names, err := d.names(ctx)
	if err != nil {
		return err
	}
	return printPiecesIn(w, terminalWidth(w), d, pieces, names)
}

// wideList is from how many columns on a list of pieces has their overall deadlines, too.
const wideList = 100

func printPiecesIn(w io.Writer, width int, d *desk, pieces []workflow.Piece, names func(int64) string) error {
	now := d.clock.Now()
	header := []string{"CODE", "STAGE", "WITH", "STEP DUE", "OVERALL", "TITLE"}
	narrow := width > 0 && width < wideList
	var rows [][]string
	for _, p := range pieces {
		owner, due := "-", "-"
		if s, open := p.OpenStep(); open {
			owner, due = names(s.OwnerID), showDay(s.Deadline, d.zone)
			if !s.Deadline.IsZero() && s.Deadline.Before(now) {
				due += " late"
			}
		}
		rows = append(rows, []string{p.Code, whereStands(p), owner, due, showDay(p.Deadline, d.zone), shorten(p.Title, 50)})
	}
	if narrow {
		header = slices.Delete(header, 4, 5)
		for i := range rows {
			rows[i] = slices.Delete(rows[i], 4, 5)
		}
	}
	return printTableIn(w, width, header, rows)
}

// names tells people's names by id, "" for 0.
func (d *desk) names(ctx context.Context) (func(int64) string, error) {
	people, err := d.People(ctx)
	if err != nil {
		return nil, err
	}
	return namesOf(people), nil
}

func namesOf(people []workflow.Person) func(int64) string {
	byID := make(map[int64]string, len(people))
	for _, p := range people {
		byID[p.ID] = p.Name
	}
	return func(id int64) string { return byID[id] }
}

// PieceShowCmd is `handoff piece show`.
type PieceShowCmd struct {
	Code string `arg:"" help:"The piece's code."`
	JSON bool   `help:"Print JSON."`
}

// Help shows how.
func (PieceShowCmd) Help() string {
	return `Example:
  handoff piece show BREW-1`
}

// Run prints the piece.
func (c *PieceShowCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	p, err := findPiece(ctx, d, c.Code)
	if err != nil {
		return err
	}
	entries, err := d.Entries(ctx, p.ID)
	if err != nil {
		return err
	}
	events, err := d.Events(ctx, p.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, struct {
			Piece   workflow.Piece   `json:"piece"`
			Entries []proxy.Entry    `json:"entries"`
			Events  []workflow.Event `json:"events"`
		}{p, notNil(entries), notNil(events)})
	}
	names, err := d.names(ctx)
	if err != nil {
		return err
	}
	w, width := env.Stdout, terminalWidth(env.Stdout)
	fmt.Fprintf(w, "%s  %s\n", p.Code, oneLine(p.Title))
	who := fmt.Sprintf("author %s, editor %s", names(p.AuthorID), names(p.EditorID))
	if p.LeadID != 0 {
		who += ", distribution lead " + names(p.LeadID)
	}
	hang(w, width, 2, who)
	overall := showTime(p.Deadline, d.zone)
	if p.Deadline.IsZero() {
		overall = "none"
	}
	hang(w, width, 2, fmt.Sprintf("stage %s, overall deadline %s", whereStands(p), overall))
	if err := (pieceView{p, names, d.zone, width}).print(w); err != nil {
		return err
	}
	if len(entries) > 0 {
		fmt.Fprintln(w, "\nEntries:")
	}
	for _, e := range entries {
		what := string(e.Kind)
		if e.Version > 0 {
			what = fmt.Sprintf("version %d", e.Version)
		}
		fmt.Fprintf(w, "  %s  %s by %s, mail %d\n", showTime(e.At, d.zone), what, names(e.PersonID), e.MessageID)
		for _, f := range e.Files {
			fmt.Fprintf(w, "      %s (%s)\n", oneLine(f.Name), Size(f.Size))
		}
		for _, l := range e.Links {
			fmt.Fprintf(w, "      %s\n", oneLine(l.URL))
		}
	}
	if len(events) > 0 {
		fmt.Fprintln(w, "\nHistory:")
	}
	for _, e := range events {
		hang(w, width, 2, showTime(e.At, d.zone)+"  "+e.Text(names))
	}
	return nil
}

// PieceAddCmd is `handoff piece add`.
type PieceAddCmd struct {
	Code     string            `arg:"" help:"Its code, like ACME-12."`
	Title    string            `required:"" help:"Its title."`
	Author   string            `required:"" placeholder:"ADDRESS" help:"Who writes it."`
	Editor   string            `required:"" placeholder:"ADDRESS" help:"Who looks after it."`
	Lead     string            `placeholder:"ADDRESS" help:"The distribution lead."`
	Stage    string            `default:"pitch" help:"Where it stands."`
	Deadline string            `placeholder:"DATE" help:"The overall deadline."`
	Step     map[string]string `placeholder:"STAGE=DATE" help:"A step's deadline. May be repeated."`
	Owner    map[string]string `placeholder:"STAGE=ADDRESS" help:"A step's owner, where it is not the usual one. May be repeated."`
	Brief    string            `help:"What the author is to write."`
	NoNotify bool              `help:"Do not mail the owner of the open step, or the distribution lead."`
	ActAs
}

// Help shows how.
func (PieceAddCmd) Help() string {
	return `A date is the end of that day in the team's time zone; "2026-12-01 17:00" is that moment.

Example:
  handoff piece add ACME-12 --title "Ten ways to brew" --author ana@example.org --editor ed@agency.example \
      --stage draft --step draft=2026-12-01 --step review=2026-12-05 --deadline 2026-12-20`
}

// Run adds the piece.
func (c *PieceAddCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	var added workflow.Piece
	return d.changing(ctx, env, c.ActAs, !c.NoNotify, func(tx store.AdminTx, cause workflow.Cause) (workflow.Change, error) {
		in, err := c.input(ctx, d, tx)
		if err != nil {
			return workflow.Change{}, err
		}
		p, events, err := workflow.NewPiece(in, cause)
		if err != nil {
			return workflow.Change{}, err
		}
		if err := tx.AddPiece(ctx, &p, events); err != nil {
			return workflow.Change{}, err
		}
		added = p
		return workflow.Start(p, cause), nil
	}, func() string { return fmt.Sprintf("added %s in %s", added.Code, added.Stage.Label()) })
}

func (c *PieceAddCmd) input(ctx context.Context, d *desk, tx store.AdminTx) (workflow.PieceInput, error) {
	in := workflow.PieceInput{Code: c.Code, Title: c.Title, Brief: c.Brief, Steps: map[workflow.Stage]workflow.StepInput{}}
	var err error
	if in.Stage, err = workflow.ParseStage(c.Stage); err != nil {
		return in, usagef("--stage: %v", err)
	}
	in.Tasks = d.cfg.tasks(in.Stage)
	for _, who := range []struct {
		address string
		id      *int64
		find    func(context.Context, personFinder, string) (workflow.Person, error)
	}{{c.Author, &in.AuthorID, findAtWork}, {c.Editor, &in.EditorID, findEditor}, {c.Lead, &in.LeadID, findAtWork}} {
		if who.address == "" {
			continue
		}
		p, err := who.find(ctx, tx, who.address)
		if err != nil {
			return in, err
		}
		*who.id = p.ID
	}
	if c.Deadline != "" {
		if in.Deadline, err = d.coming(c.Deadline); err != nil {
			return in, usagef("--deadline: %v", err)
		}
	}
	for name, date := range c.Step {
		stage, err := workflow.ParseStage(name)
		if err != nil {
			return in, usagef("--step: %v", err)
		}
		step := in.Steps[stage]
		read := d.coming
		if stage.Index() < in.Stage.Index() { // it is done
			read = d.deadline
		}
		if step.Deadline, err = read(date); err != nil {
			return in, usagef("--step %s: %v", name, err)
		}
		in.Steps[stage] = step
	}
	for name, address := range c.Owner {
		stage, err := workflow.ParseStage(name)
		if err != nil {
			return in, usagef("--owner: %v", err)
		}
		p, err := findAtWork(ctx, tx, address)
		if err != nil {
			return in, err
		}
		step := in.Steps[stage]
		step.OwnerID = p.ID
		in.Steps[stage] = step
	}
	return in, nil
}

// deadline is a date as it is written.
func (d *desk) deadline(date string) (time.Time, error) { return workflow.ParseDeadline(date, d.zone) }

// coming is a deadline that can still be met.
func (d *desk) coming(date string) (time.Time, error) {
	at, err := d.deadline(date)
	if err == nil && !at.After(d.clock.Now()) {
		err = workflow.Errorf(workflow.Invalid, "%s is over already: name a day that is still to come", date)
	}
	return at, err
}

// PieceDeadlineCmd is `handoff piece deadline`.
type PieceDeadlineCmd struct {
	Code     string `arg:"" help:"The piece's code."`
	Date     string `arg:"" help:"The new date, or \"none\"."`
	Stage    string `help:"The step whose deadline it is; without it the overall deadline is set."`
	NoNotify bool   `help:"Do not mail whom it concerns."`
	ActAs
}

// Help shows how.
func (PieceDeadlineCmd) Help() string {
	return `Examples:
  handoff piece deadline ACME-12 2026-12-20
  handoff piece deadline ACME-12 "2026-12-01 17:00" --stage draft
  handoff piece deadline ACME-12 none --stage review`
}

// Run sets the deadline.
func (c *PieceDeadlineCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	at := time.Time{}
	if c.Date != "none" {
		if at, err = d.coming(c.Date); err != nil {
			return usagef("%v", err)
		}
	}
	var stage workflow.Stage
	if c.Stage != "" {
		if stage, err = workflow.ParseStage(c.Stage); err != nil {
			return usagef("--stage: %v", err)
		}
	}
	return d.changePiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		if stage == "" {
			return p.SetDeadline(at, cause)
		}
		return p.SetStepDeadline(stage, at, cause)
	})
}

// PieceAssignCmd is `handoff piece assign`.
type PieceAssignCmd struct {
	Code     string `arg:"" help:"The piece's code."`
	What     string `arg:"" help:"A stage, or \"lead\" for the distribution lead."`
	Address  string `arg:"" help:"Who takes it."`
	NoNotify bool   `help:"Do not mail the new owner."`
	ActAs
}

// Help shows how.
func (PieceAssignCmd) Help() string {
	return `Examples:
  handoff piece assign ACME-12 copy_edit cora@agency.example
  handoff piece assign ACME-12 lead lee@agency.example`
}

// Run assigns.
func (c *PieceAssignCmd) Run(ctx context.Context, env *Env) error {
	var stage workflow.Stage
	if c.What != "lead" {
		var err error
		if stage, err = workflow.ParseStage(c.What); err != nil {
			return usagef("%v; or write lead", err)
		}
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.onPiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, manages, func(tx store.AdminTx, p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		who, err := findAtWork(ctx, tx, c.Address)
		if err != nil {
			return workflow.Change{}, err
		}
		if stage == "" {
			return p.AssignLead(who.ID, cause)
		}
		return p.Assign(stage, who.ID, cause)
	})
}

// PieceAdvanceCmd is `handoff piece advance`.
type PieceAdvanceCmd struct {
	Code     string `arg:"" help:"The piece's code."`
	NoNotify bool   `help:"Do not mail whom it concerns."`
	ActAs
}

// Help shows how.
func (PieceAdvanceCmd) Help() string {
	return `For work that came some other way than by mail: the open step is done, and the next one begins. Whom it concerns is told.

Example:
  handoff piece advance BREW-1 --as ed@agency.example`
}

// Run hands on.
func (c *PieceAdvanceCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.changePiece(ctx, env, c.Code, c.ActAs, !c.NoNotify, func(p workflow.Piece, cause workflow.Cause) (workflow.Change, error) {
		return p.HandOff(cause)
	})
}

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"handoff/outbox"
	"handoff/store"
	"handoff/workflow"
)

// ImportCmd is `handoff import`.
type ImportCmd struct {
	Files  []string `arg:"" name:"file" help:"CSV files of people or pieces, in any order; their header rows tell which is which."`
	Notify bool     `help:"Mail the owner of each new piece's open step, its distribution lead, and whom a change to a known piece concerns. Without it nobody is mailed."`
	DryRun bool     `help:"Check everything and change nothing."`
}

// Help shows how.
func (ImportCmd) Help() string {
	return `People have these columns; more addresses stand behind a semicolon, several roles too, class is internal or outside;
onboarding is "done" for an outside contributor who is known from before, and left empty for one who is to be invited: without
it, or the steps of "handoff person invite", nobody is cleared to write unless [onboarding] required = false:

  email,name,class,roles,locale,timezone,onboarding

Pieces have these; step_deadlines holds stage=date, with an owner where it is not the usual one:

  code,title,author,editor,distribution_lead,stage,step_deadlines,overall_deadline
  …,draft=2026-12-01; copy_edit=2026-12-08/cora@agency.example,2026-12-20

All files are taken in, or, if any row is bad, none: every bad row is named with its line. Importing a file twice changes
nothing. A piece that is there already keeps its stage.

Examples:
  handoff import people.csv pieces.csv
  handoff import --dry-run pieces.csv`
}

// errDryRun undoes the transaction of a rehearsal.
var errDryRun = errors.New("dry run")

// Run imports.
func (c *ImportCmd) Run(ctx context.Context, env *Env) error {
	var people, pieces []csvFile
	for _, name := range c.Files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err // names the file
		}
		switch f := (csvFile{name, text}); f.holds() {
		case "people":
			people = append(people, f)
		case "pieces":
			pieces = append(pieces, f)
		default:
			return fmt.Errorf("%s:1: the first line has to name the columns: with \"email\" for people, with \"code\" for pieces", name)
		}
	}
	cfg, err := LoadConfig(env.Config)
	if err != nil {
		return err
	}
	if err := cfg.createIfMissing(ctx); err != nil {
		return err
	}
	d, err := cfg.open(ctx, env.Clock)
	if err != nil {
		return err
	}
	defer d.Close()
	composer, err := d.composer(ctx)
	if err != nil {
		return err
	}
	im := &importing{desk: d, composer: composer, notify: c.Notify, progress: NewProgress(env, "Importing")}
	defer im.progress.Done()
	err = d.Admin(ctx, func(tx store.AdminTx) error {
		im.reset()
		for _, f := range people {
			if err := im.people(ctx, tx, f); err != nil {
				return err
			}
		}
		for _, f := range pieces {
			if err := im.pieces(ctx, tx, f); err != nil {
				return err
			}
		}
		if len(im.bad) > 0 {
			return errReported
		}
		if c.DryRun {
			return errDryRun
		}
		return nil
	})
	im.progress.Done()
	for _, b := range im.bad {
		fmt.Fprintf(env.Stderr, "%s\n", oneLine(b.Error()))
	}
	switch {
	case len(im.bad) > 0:
		return fmt.Errorf("nothing was imported: put %d %s right and import again", len(im.bad), plural(len(im.bad), "row", "rows"))
	case errors.Is(err, errDryRun):
		fmt.Fprintln(env.Stdout, "dry run, nothing was changed; importing would give:")
	case err != nil:
		return err
	}
	if len(people) > 0 {
		fmt.Fprintf(env.Stdout, "people: %s\n", im.personCount)
	}
	if len(pieces) > 0 {
		fmt.Fprintf(env.Stdout, "pieces: %s\n", im.pieceCount)
	}
	return nil
}

type csvFile struct {
	name string
	text []byte
}

// holds tells people from pieces by the header row; "" for neither.
func (f csvFile) holds() string {
	line, _ := bufio.NewReader(bytes.NewReader(bytes.TrimPrefix(f.text, []byte("\xef\xbb\xbf")))).ReadString('\n')
	for _, column := range strings.FieldsFunc(strings.ToLower(line), func(r rune) bool { return strings.ContainsRune(",;\t\"' \r\n[", r) }) {
		switch column {
		case "code", "title":
			return "pieces"
		case "email", "e-mail", "e_mail", "address", "class":
			return "people"
		}
	}
	return ""
}

type importCount struct{ added, changed, unchanged int }

func (c importCount) String() string {
	return fmt.Sprintf("%d added, %d changed, %d unchanged", c.added, c.changed, c.unchanged)
}

// importing is one import, inside one transaction.
type importing struct {
	*desk
	composer                *outbox.Composer
	notify                  bool
	progress                *Progress
	bad                     []workflow.RowError
	personCount, pieceCount importCount
}

func (im *importing) reset() {
	im.bad, im.personCount, im.pieceCount = nil, importCount{}, importCount{}
}

func (im *importing) refuse(f csvFile, line int, err error) {
	im.bad = append(im.bad, workflow.RowError{File: f.name, Line: line, Reason: err.Error()})
}

// refused tells whether err is the row's fault, and notes it if so.
func (im *importing) refused(f csvFile, line int, err error) bool {
	switch workflow.CodeOf(err) {
	case workflow.Invalid, workflow.Conflict, workflow.NotFound:
		im.refuse(f, line, err)
		return true
	}
	return false
}

func (im *importing) people(ctx context.Context, tx store.AdminTx, f csvFile) error {
	rows, bad := workflow.ReadPeople(bytes.NewReader(f.text), f.name)
	im.bad = append(im.bad, bad...)
	for i, row := range rows {
		im.progress.At(i, len(rows))
		if err := im.person(ctx, tx, row); err != nil && !im.refused(f, row.Line, err) {
			return err
		}
	}
	return nil
}

// person finds whom the row's addresses name and makes them what the row says. Addresses they have beside stay theirs.
func (im *importing) person(ctx context.Context, tx store.AdminTx, row workflow.PersonRow) error {
	want := row.Person
	var known *workflow.Person
	for _, a := range want.Addresses {
		p, err := tx.PersonByAddress(ctx, a)
		switch {
		case workflow.CodeOf(err) == workflow.NotFound:
		case err != nil:
			return err
		case known == nil:
			known = &p
		case known.ID != p.ID:
			return workflow.Errorf(workflow.Conflict, "its addresses belong to two people, %s and %s: take one of them out", known.Name, p.Name)
		}
	}
	if known == nil {
		im.personCount.added++
		events, err := im.waive(&want, row.Known)
		if err != nil {
			return err
		}
		return im.savePerson(ctx, tx, want, events)
	}
	want.ID, want.PersonDetails = known.ID, known.PersonDetails
	want.Addresses = slices.Clone(want.Addresses)
	for _, a := range known.Addresses {
		if !want.HasAddress(a) {
			want.Addresses = append(want.Addresses, a)
		}
	}
	events, err := im.waive(&want, row.Known)
	if err != nil {
		return err
	}
	if samePerson(*known, want) {
		im.personCount.unchanged++
		return nil
	}
	im.personCount.changed++
	return im.savePerson(ctx, tx, want, events)
}

// waive notes that the person is known from before, unless nothing of the onboarding is missing.
func (im *importing) waive(p *workflow.Person, known bool) ([]workflow.Event, error) {
	if !known || p.Onboarded() {
		return nil, nil
	}
	waived, e, err := p.Reach(workflow.Waived, workflow.Person{}, workflow.Cause{At: im.clock.Now()})
	*p = waived
	return []workflow.Event{e}, err
}

func (im *importing) savePerson(ctx context.Context, tx store.AdminTx, p workflow.Person, events []workflow.Event) error {
	if err := tx.SavePerson(ctx, &p); err != nil {
		return err
	}
	for i := range events {
		events[i].PersonID = p.ID // which a new person has only now
	}
	return tx.AddEvents(ctx, events)
}

// samePerson compares what an import can say; the order of roles and of aliases says nothing.
func samePerson(a, b workflow.Person) bool {
	normal := func(p workflow.Person) workflow.Person {
		p.Roles = slices.Sorted(slices.Values(p.Roles))
		if len(p.Addresses) > 1 {
			p.Addresses = append(p.Addresses[:1:1], slices.Sorted(slices.Values(p.Addresses[1:]))...)
		}
		return p
	}
	return reflect.DeepEqual(normal(a), normal(b))
}

func (im *importing) pieces(ctx context.Context, tx store.AdminTx, f csvFile) error {
	rows, bad := workflow.ReadPieces(bytes.NewReader(f.text), f.name, im.zone, func(address string) (workflow.Person, error) {
		return tx.PersonByAddress(ctx, address)
	})
	im.bad = append(im.bad, bad...)
	for i, row := range rows {
		im.progress.At(i, len(rows))
		if err := im.piece(ctx, tx, row.Piece); err != nil && !im.refused(f, row.Line, err) {
			return err
		}
	}
	return nil
}

func (im *importing) piece(ctx context.Context, tx store.AdminTx, in workflow.PieceInput) error {
	var unknown error
	cause := workflow.Cause{At: im.clock.Now(), Schedule: schedule(ctx, tx, im.composer.Rules, &unknown)}
	known, err := tx.PieceByCode(ctx, workflow.NormalizeCode(in.Code))
	switch {
	case err == nil:
		return cmp.Or(im.changePiece(ctx, tx, known, in, cause), unknown)
	case workflow.CodeOf(err) != workflow.NotFound:
		return err
	}
	if err := im.checkPeople(ctx, tx, workflow.Piece{}, in); err != nil {
		return err
	}
	in.Tasks = im.cfg.tasks(in.Stage)
	p, events, err := workflow.NewPiece(in, cause)
	if err != nil {
		return err
	}
	if err := tx.AddPiece(ctx, &p, events); err != nil {
		return err
	}
	im.pieceCount.added++
	_, err = apply(ctx, tx, im.composer, workflow.Start(p, cause), 0, im.notify)
	return err
}

// changePiece brings a known piece to what the row says, but for its stage and for steps that are done: work that was handed
// on since the file was written is not taken back.
func (im *importing) changePiece(ctx context.Context, tx store.AdminTx, p workflow.Piece, in workflow.PieceInput, cause workflow.Cause) error {
	revised, err := p.Revise(in, cause)
	if err != nil {
		return err
	}
	if len(revised.Events) == 0 {
		im.pieceCount.unchanged++
		return nil
	}
	if err := im.checkPeople(ctx, tx, p, in); err != nil {
		return err
	}
	im.pieceCount.changed++
	_, err = apply(ctx, tx, im.composer, revised, 0, im.notify)
	return err
}

// checkPeople refuses an editor who is none, and work for who has left, where that is new to a piece, which is zero before it is
// added. What is finished may name anybody.
func (im *importing) checkPeople(ctx context.Context, tx store.AdminTx, known workflow.Piece, in workflow.PieceInput) error {
	if in.Finished {
		return nil
	}
	ids := []int64{in.AuthorID, in.EditorID, in.LeadID}
	for _, s := range in.Steps {
		ids = append(ids, s.OwnerID)
	}
	before := known.People()
	for _, id := range ids {
		if id == 0 || slices.Contains(before, id) && id != in.EditorID {
			continue
		}
		p, err := tx.Person(ctx, id)
		if err != nil {
			return err
		}
		if !slices.Contains(before, id) {
			if err := p.Gone(); err != nil {
				return err
			}
		}
		if id != in.EditorID || id == known.EditorID {
			continue
		}
		if err := edits(p); err != nil {
			return workflow.Errorf(workflow.Invalid, "%w", err)
		}
	}
	return nil
}

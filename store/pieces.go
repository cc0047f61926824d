package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/workflow"
)

// selectPieces reads each piece with its steps in one row, the steps as text: a database/sql row costs more than the text's
// parsing, and a piece has eight of them. Units end with US, steps with RS, which no column of a step contains.
const selectPieces = "SELECT id, code, title, author_id, editor_id, lead_id, stage, unfinished, deadline, deadline_version, created_at, updated_at, details," +
	" coalesce((SELECT string_agg(concat_ws('\x1f', s.position, s.id, s.stage, coalesce(s.owner_id, 0), s.state, s.deadline, s.deadline_version," +
	" s.opened_at, s.done_at, s.details), '\x1e') FROM steps s WHERE s.id BETWEEN pieces.id * 64 AND pieces.id * 64 + 63), '') FROM pieces "

// stepsOfPiece is how many step ids a piece has: its own id times that, and those that follow. Its steps lie together, and
// need no index to be found.
const stepsOfPiece = 64

// pieceRow is comparable: only what changed is written.
type pieceRow struct {
	ID                         int64
	Code, Title                string
	AuthorID, EditorID, LeadID ref
	Stage                      string
	Unfinished                 bool
	Deadline                   int64
	DeadlineVersion            int
	CreatedAt, UpdatedAt       int64
	Details                    string
	Steps                      string // as selectPieces wrote them
}

func (r *pieceRow) fields() []any {
	return []any{&r.ID, &r.Code, &r.Title, &r.AuthorID, &r.EditorID, &r.LeadID, &r.Stage, &r.Unfinished, &r.Deadline,
		&r.DeadlineVersion, &r.CreatedAt, &r.UpdatedAt, &r.Details, &r.Steps}
}

func (r *pieceRow) piece() (workflow.Piece, error) {
	p := workflow.Piece{ID: r.ID, Code: r.Code, Title: r.Title, AuthorID: int64(r.AuthorID), EditorID: int64(r.EditorID),
		LeadID: int64(r.LeadID), Stage: workflow.Stage(r.Stage), Deadline: moment(r.Deadline), DeadlineVersion: r.DeadlineVersion,
		CreatedAt: moment(r.CreatedAt), UpdatedAt: moment(r.UpdatedAt)}
	err := undetail(r.Details, &p.PieceDetails)
	if err == nil {
		p.Steps, err = parseSteps(r.Steps, r.ID)
	}
	return p, about(err, "piece %s", r.Code)
}

func rowOfPiece(p workflow.Piece) (pieceRow, error) {
	details, err := detail(p.PieceDetails)
	return pieceRow{ID: p.ID, Code: p.Code, Title: p.Title, AuthorID: ref(p.AuthorID), EditorID: ref(p.EditorID), LeadID: ref(p.LeadID),
		Stage: string(p.Stage), Unfinished: unfinished(p), Deadline: millis(p.Deadline), DeadlineVersion: p.DeadlineVersion,
		CreatedAt: millis(p.CreatedAt), UpdatedAt: millis(p.UpdatedAt), Details: details}, err
}

func unfinished(p workflow.Piece) bool {
	if p.Cancelled() {
		return false
	}
	if len(p.Steps) == 0 {
		return p.Stage != workflow.Distributed
	}
	return slices.ContainsFunc(p.Steps, func(s workflow.Step) bool { return s.State != workflow.Done })
}

// parseSteps reads what selectPieces wrote.
func parseSteps(text string, pieceID int64) ([]workflow.Step, error) {
	rows := make([]stepRow, 0, 8)
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\x1e")
		r := stepRow{PieceID: pieceID}
		unit := units{rest: line}
		r.Position, r.ID = int(unit.number()), unit.number()
		r.Stage, r.OwnerID, r.State = unit.text(), ref(unit.number()), unit.text()
		r.Deadline, r.DeadlineVersion, r.OpenedAt, r.DoneAt = unit.number(), int(unit.number()), unit.number(), unit.number()
		r.Details = unit.text()
		if unit.err != nil {
			return nil, fmt.Errorf("step %d: %w", len(rows)+1, unit.err)
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b stepRow) int { return a.Position - b.Position })
	steps := make([]workflow.Step, len(rows))
	for i, r := range rows {
		var err error
		if steps[i], err = r.step(); err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return steps, nil
}

// units reads a step's columns one after the other and keeps the first error.
type units struct {
	rest string
	err  error
}

func (u *units) text() (next string) {
	next, u.rest, _ = strings.Cut(u.rest, "\x1f")
	return next
}

func (u *units) number() int64 {
	n, err := strconv.ParseInt(u.text(), 10, 64)
	if u.err == nil {
		u.err = err
	}
	return n
}

func (r stepRow) step() (workflow.Step, error) {
	s := workflow.Step{ID: r.ID, PieceID: r.PieceID, Stage: workflow.Stage(r.Stage), OwnerID: int64(r.OwnerID),
		State: workflow.StepState(r.State), Deadline: moment(r.Deadline), DeadlineVersion: r.DeadlineVersion,
		OpenedAt: moment(r.OpenedAt), DoneAt: moment(r.DoneAt)}
	return s, undetail(r.Details, &s.StepDetails)
}

// stepRow is comparable: only what changed is written.
type stepRow struct {
	ID, PieceID      int64
	Position         int
	Stage            string
	OwnerID          ref
	State            string
	Deadline         int64
	DeadlineVersion  int
	OpenedAt, DoneAt int64
	Details          string
}

func rowOfStep(s workflow.Step, pieceID int64, position int) (stepRow, error) {
	details, err := detail(s.StepDetails)
	return stepRow{ID: s.ID, PieceID: pieceID, Position: position, Stage: string(s.Stage), OwnerID: ref(s.OwnerID), State: string(s.State),
		Deadline: millis(s.Deadline), DeadlineVersion: s.DeadlineVersion, OpenedAt: millis(s.OpenedAt), DoneAt: millis(s.DoneAt), Details: details}, err
}

// Piece is one piece with its steps; workflow.NotFound if there is none.
func (v view) Piece(ctx context.Context, id int64) (workflow.Piece, error) {
	p, err := v.piece(ctx, "id = ?", id)
	if err == nil && p.ID == 0 {
		err = notFound("there is no piece %d", id)
	}
	return p, err
}

// PieceByCode is the piece with that code, in upper case; workflow.NotFound if there is none.
func (v view) PieceByCode(ctx context.Context, code string) (workflow.Piece, error) {
	p, err := v.piece(ctx, "code = ?", code)
	if err == nil && p.ID == 0 {
		err = notFound("there is no piece %s", code)
	}
	return p, err
}

// piece reads one piece, the zero one if there is none. In a transaction nobody else can change it until the end.
func (v view) piece(ctx context.Context, where string, arg any) (workflow.Piece, error) {
	if _, err := v.lock(ctx, "WHERE "+where, arg); err != nil {
		return workflow.Piece{}, err
	}
	found, err := v.pieces(ctx, "WHERE "+where, arg)
	if err != nil || len(found) == 0 {
		return workflow.Piece{}, err
	}
	return found[0], nil
}

// lock keeps others from changing those pieces until the transaction ends, and returns their ids; SQLite has but one writer.
// It is a statement of its own: one that waits for a lock sees the piece as it is then, but the steps as they were before.
func (v view) lock(ctx context.Context, where string, args ...any) ([]int64, error) {
	if !v.locks || v.kind == sqlite {
		return nil, nil
	}
	var ids []int64
	err := v.each(ctx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, "SELECT id FROM pieces "+where+" FOR NO KEY UPDATE", args...)
	return ids, err
}

// OpenPieces are the pieces on which the person owns the open step or is the author of an unfinished one, at most limit.
func (v view) OpenPieces(ctx context.Context, personID int64, limit int) ([]workflow.Piece, error) {
	where, args := "WHERE id IN ("+
		"SELECT piece_id FROM (SELECT piece_id FROM steps WHERE owner_id = ? AND state = 'open' ORDER BY piece_id"+atMost(limit)+") o"+
		" UNION SELECT id FROM (SELECT id FROM pieces WHERE author_id = ? AND unfinished ORDER BY id"+atMost(limit)+") a)", []any{personID, personID}
	ordered := " ORDER BY id" + atMost(limit)
	if v.locks && v.kind == postgres {
		locked, err := v.lock(ctx, where+ordered, args...)
		if err != nil || len(locked) == 0 {
			return nil, err
		}
		list, ids := in(locked) // not one that became theirs since
		where, args = where+" AND id IN "+list, append(args, ids...)
	}
	return v.pieces(ctx, where+ordered, args...)
}

// PieceFilter narrows Pieces; zero fields match all.
type PieceFilter struct {
	Stage    workflow.Stage
	PersonID int64 // author, editor, lead, a step's owner or a reviewer of the open one
	Open     bool  // not finished
	After    int64
	Limit    int // 0: all
}

// Pieces lists pieces by id, steps included.
func (v view) Pieces(ctx context.Context, f PieceFilter) ([]workflow.Piece, error) {
	where, args := "WHERE id > ?", []any{f.After}
	if f.Stage != "" {
		where, args = where+" AND stage = ?", append(args, string(f.Stage))
	}
	if f.PersonID != 0 {
		where += " AND (author_id = ? OR editor_id = ? OR lead_id = ? OR id IN (SELECT piece_id FROM steps WHERE owner_id = ?) OR id IN (" + reviewedBy + "))"
		args = append(args, f.PersonID, f.PersonID, f.PersonID, f.PersonID, asReviewer(f.PersonID))
	}
	if f.Open {
		where += " AND unfinished"
	}
	where += " ORDER BY id"
	if f.Limit > 0 {
		where += atMost(f.Limit)
	}
	return v.pieces(ctx, where, args...)
}

// published is WHERE of the pieces that are in distribution.
const published = "WHERE unfinished AND stage = 'distributed'"

// ToVerify are the published pieces whose address is not verified and was last looked at before then, at most limit, those first
// that wait the longest.
func (v view) ToVerify(ctx context.Context, before time.Time, limit int) ([]workflow.Piece, error) {
	pieces, err := v.pieces(ctx, published+" ORDER BY id")
	if err != nil {
		return nil, err
	}
	pieces = slices.DeleteFunc(pieces, func(p workflow.Piece) bool {
		return p.URL == "" || !p.VerifiedAt.IsZero() || !p.CheckedAt.Before(before)
	})
	slices.SortStableFunc(pieces, func(a, b workflow.Piece) int { return a.CheckedAt.Compare(b.CheckedAt) })
	return pieces[:min(limit, len(pieces))], nil
}

func (v view) pieces(ctx context.Context, where string, args ...any) ([]workflow.Piece, error) {
	pieces := []workflow.Piece{}
	err := v.each(ctx, func(rows *sql.Rows) error {
		var r pieceRow
		if err := rows.Scan(r.fields()...); err != nil {
			return err
		}
		p, err := r.piece()
		pieces = append(pieces, p)
		return err
	}, selectPieces+where, args...)
	return pieces, err
}

// AddPiece stores a new piece with its steps and the events; sets the IDs. A code in use gives workflow.Conflict.
func (s *Store) AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error {
	return s.transact(ctx, func(t *tx) error { return t.AddPiece(ctx, p, events) })
}

// AddPiece is Store.AddPiece in this transaction.
func (t *tx) AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error {
	r, err := rowOfPiece(*p)
	if err != nil {
		return about(err, "piece %s", p.Code)
	}
	id, err := t.insert(ctx, "INSERT INTO pieces (code, title, author_id, editor_id, lead_id, stage, unfinished, deadline, deadline_version, created_at, updated_at, details)"+
		" VALUES "+tuples(1, 12)+" ON CONFLICT DO NOTHING",
		r.Code, r.Title, r.AuthorID, r.EditorID, r.LeadID, r.Stage, r.Unfinished, r.Deadline, r.DeadlineVersion, r.CreatedAt, r.UpdatedAt, r.Details)
	if err != nil {
		return about(err, "piece %s", p.Code)
	}
	if id == 0 {
		return workflow.Errorf(workflow.Conflict, "the code %s is in use", p.Code)
	}
	steps := slices.Clone(p.Steps)
	for i := range steps {
		steps[i].ID, steps[i].PieceID = id*stepsOfPiece+int64(i), id
		row, err := rowOfStep(steps[i], id, i)
		if err == nil {
			err = t.addStep(ctx, row)
		}
		if err != nil {
			return about(err, "piece %s", p.Code)
		}
	}
	events = slices.Clone(events)
	for i := range events {
		events[i].PieceID = id
	}
	if err := t.AddEvents(ctx, events); err != nil {
		return err
	}
	p.ID, p.Steps = id, steps
	return nil
}

func (t *tx) addStep(ctx context.Context, r stepRow) error {
	if r.ID >= (r.PieceID+1)*stepsOfPiece {
		return workflow.Errorf(workflow.Invalid, "a piece has at most %d steps", stepsOfPiece)
	}
	_, err := t.exec(ctx, "INSERT INTO steps (id, piece_id, position, stage, owner_id, state, deadline, deadline_version, opened_at, done_at, details) VALUES "+tuples(1, 11),
		r.ID, r.PieceID, r.Position, r.Stage, r.OwnerID, r.State, r.Deadline, r.DeadlineVersion, r.OpenedAt, r.DoneAt, r.Details)
	return err
}

// SavePiece stores what a rule changed: the piece's and its steps' rows, and the events. A step without ID is added.
func (t *tx) SavePiece(ctx context.Context, c workflow.Change) error {
	before, err := t.Piece(ctx, c.Piece.ID)
	if err != nil {
		return err
	}
	old, err := rowOfPiece(before)
	if err != nil {
		return err
	}
	now, err := rowOfPiece(c.Piece)
	if err != nil {
		return about(err, "piece %s", c.Piece.Code)
	}
	if err := t.savePiece(ctx, old, now); err != nil {
		return about(err, "piece %s", c.Piece.Code)
	}
	stored := map[int64]stepRow{}
	next := before.ID * stepsOfPiece
	for i, s := range before.Steps {
		if stored[s.ID], err = rowOfStep(s, before.ID, i); err != nil {
			return err
		}
		next = max(next, s.ID+1)
	}
	for _, open := range []bool{false, true} { // at most one is open at any time: it opens last
		for i, s := range c.Piece.Steps {
			if (s.State == workflow.Open) != open {
				continue
			}
			r, err := rowOfStep(s, before.ID, i)
			if err != nil {
				return about(err, "piece %s", c.Piece.Code)
			}
			if r.ID == 0 {
				r.ID = next
				next++
				err = t.addStep(ctx, r)
			} else {
				err = t.saveStep(ctx, stored, r)
			}
			if err != nil {
				return about(err, "piece %s, step %s", c.Piece.Code, s.Stage)
			}
		}
	}
	if c.Piece.Demo { // its way is a point of its author's onboarding
		if _, err := t.exec(ctx, "UPDATE people SET wake_at = 0 WHERE id = ? AND wake_at <> 0", c.Piece.AuthorID); err != nil {
			return about(err, "piece %s", c.Piece.Code)
		}
	}
	return t.AddEvents(ctx, c.Events)
}

// savePiece makes the clock look at the piece anew, whatever of it or its steps changed.
func (t *tx) savePiece(ctx context.Context, old, r pieceRow) error {
	if r == old {
		_, err := t.exec(ctx, "UPDATE pieces SET wake_at = 0 WHERE id = ? AND wake_at <> 0", r.ID)
		return err
	}
	_, err := t.exec(ctx, "UPDATE pieces SET code = ?, title = ?, author_id = ?, editor_id = ?, lead_id = ?, stage = ?, unfinished = ?,"+
		" deadline = ?, deadline_version = ?, updated_at = ?, details = ?, wake_at = 0 WHERE id = ?",
		r.Code, r.Title, r.AuthorID, r.EditorID, r.LeadID, r.Stage, r.Unfinished, r.Deadline, r.DeadlineVersion, r.UpdatedAt, r.Details, r.ID)
	return err
}

func (t *tx) saveStep(ctx context.Context, stored map[int64]stepRow, r stepRow) error {
	old, ok := stored[r.ID]
	if !ok {
		return notFound("there is no such step %d", r.ID)
	}
	if r == old {
		return nil
	}
	_, err := t.exec(ctx, "UPDATE steps SET position = ?, stage = ?, owner_id = ?, state = ?, deadline = ?, deadline_version = ?,"+
		" opened_at = ?, done_at = ?, details = ? WHERE id = ?",
		r.Position, r.Stage, r.OwnerID, r.State, r.Deadline, r.DeadlineVersion, r.OpenedAt, r.DoneAt, r.Details, r.ID)
	return err
}

package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"handoff/workflow"
)

const (
	pieceColumns = "id, code, title, author_id, editor_id, lead_id, stage, unfinished, deadline, deadline_version, created_at, updated_at"
	stepColumns  = "id, piece_id, position, stage, owner_id, state, deadline, deadline_version, opened_at, done_at"
)

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
}

func (pieceRow) TableName() string { return "pieces" }

func (r *pieceRow) fields() []any {
	return []any{&r.ID, &r.Code, &r.Title, &r.AuthorID, &r.EditorID, &r.LeadID, &r.Stage, &r.Unfinished, &r.Deadline,
		&r.DeadlineVersion, &r.CreatedAt, &r.UpdatedAt}
}

func (r pieceRow) piece() workflow.Piece {
	return workflow.Piece{ID: r.ID, Code: r.Code, Title: r.Title, AuthorID: int64(r.AuthorID), EditorID: int64(r.EditorID),
		LeadID: int64(r.LeadID), Stage: workflow.Stage(r.Stage), Deadline: moment(r.Deadline), DeadlineVersion: r.DeadlineVersion,
		Steps: []workflow.Step{}, CreatedAt: moment(r.CreatedAt), UpdatedAt: moment(r.UpdatedAt)}
}

func rowOfPiece(p workflow.Piece) pieceRow {
	return pieceRow{ID: p.ID, Code: p.Code, Title: p.Title, AuthorID: ref(p.AuthorID), EditorID: ref(p.EditorID), LeadID: ref(p.LeadID),
		Stage: string(p.Stage), Unfinished: unfinished(p), Deadline: millis(p.Deadline), DeadlineVersion: p.DeadlineVersion,
		CreatedAt: millis(p.CreatedAt), UpdatedAt: millis(p.UpdatedAt)}
}

func unfinished(p workflow.Piece) bool {
	if len(p.Steps) == 0 {
		return p.Stage != workflow.Distributed
	}
	return slices.ContainsFunc(p.Steps, func(s workflow.Step) bool { return s.State != workflow.Done })
}

type stepRow struct {
	ID, PieceID      int64
	Position         int
	Stage            string
	OwnerID          ref
	State            string
	Deadline         int64
	DeadlineVersion  int
	OpenedAt, DoneAt int64
}

func (r *stepRow) fields() []any {
	return []any{&r.ID, &r.PieceID, &r.Position, &r.Stage, &r.OwnerID, &r.State, &r.Deadline, &r.DeadlineVersion, &r.OpenedAt, &r.DoneAt}
}

func (r stepRow) step() workflow.Step {
	return workflow.Step{ID: r.ID, PieceID: r.PieceID, Stage: workflow.Stage(r.Stage), OwnerID: int64(r.OwnerID),
		State: workflow.StepState(r.State), Deadline: moment(r.Deadline), DeadlineVersion: r.DeadlineVersion,
		OpenedAt: moment(r.OpenedAt), DoneAt: moment(r.DoneAt)}
}

func rowOfStep(s workflow.Step, pieceID int64, position int) stepRow {
	return stepRow{ID: s.ID, PieceID: pieceID, Position: position, Stage: string(s.Stage), OwnerID: ref(s.OwnerID), State: string(s.State),
		Deadline: millis(s.Deadline), DeadlineVersion: s.DeadlineVersion, OpenedAt: millis(s.OpenedAt), DoneAt: millis(s.DoneAt)}
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
	query := "SELECT " + pieceColumns + " FROM pieces WHERE " + where
	if v.locks && v.kind == postgres {
		query += " FOR NO KEY UPDATE"
	}
	var r pieceRow
	found, err := v.row(ctx, r.fields(), query, arg)
	if err != nil || !found {
		return workflow.Piece{}, err
	}
	pieces := []workflow.Piece{r.piece()}
	err = v.addSteps(ctx, pieces)
	return pieces[0], err
}

// OpenPieces are the pieces on which the person owns the open step or is the author of an unfinished one, at most limit.
func (v view) OpenPieces(ctx context.Context, personID int64, limit int) ([]workflow.Piece, error) {
	return v.pieces(ctx, "SELECT "+pieceColumns+" FROM pieces WHERE id IN ("+
		"SELECT piece_id FROM (SELECT piece_id FROM steps WHERE owner_id = ? AND state = 'open' ORDER BY piece_id"+atMost(limit)+") o"+
		" UNION SELECT id FROM (SELECT id FROM pieces WHERE author_id = ? AND unfinished ORDER BY id"+atMost(limit)+") a) ORDER BY id"+atMost(limit),
		personID, personID)
}

// DuePieces are the pieces whose open step has a deadline at or before before, with id > after, by id, at most limit.
func (v view) DuePieces(ctx context.Context, before time.Time, after int64, limit int) ([]workflow.Piece, error) {
	return v.pieces(ctx, "SELECT "+pieceColumns+" FROM pieces WHERE id IN ("+
		"SELECT piece_id FROM steps WHERE state = 'open' AND deadline > 0 AND deadline <= ? AND piece_id > ? ORDER BY piece_id"+atMost(limit)+") ORDER BY id",
		millis(before), after)
}

// PieceFilter narrows Pieces; zero fields match all.
type PieceFilter struct {
	Stage    workflow.Stage
	PersonID int64 // author, editor, lead or a step's owner
	Open     bool  // not finished
	After    int64
	Limit    int // 0: all
}

// Pieces lists pieces by id, steps included.
func (v view) Pieces(ctx context.Context, f PieceFilter) ([]workflow.Piece, error) {
	q := v.gorm(ctx).Model(&pieceRow{}).Where("id > ?", f.After).Order("id")
	if f.Stage != "" {
		q = q.Where("stage = ?", string(f.Stage))
	}
	if f.PersonID != 0 {
		q = q.Where("(author_id = @person OR editor_id = @person OR lead_id = @person OR id IN (SELECT piece_id FROM steps WHERE owner_id = @person))",
			sql.Named("person", f.PersonID))
	}
	if f.Open {
		q = q.Where("unfinished")
	}
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	var rows []pieceRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, v.failed(err)
	}
	pieces := make([]workflow.Piece, len(rows))
	for i, r := range rows {
		pieces[i] = r.piece()
	}
	return pieces, v.addSteps(ctx, pieces)
}

func (v view) pieces(ctx context.Context, query string, args ...any) ([]workflow.Piece, error) {
	pieces := []workflow.Piece{}
	err := v.each(ctx, func(rows *sql.Rows) error {
		var r pieceRow
		err := rows.Scan(r.fields()...)
		pieces = append(pieces, r.piece())
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return pieces, v.addSteps(ctx, pieces)
}

// addSteps gives pieces, which are in id order, their steps.
func (v view) addSteps(ctx context.Context, pieces []workflow.Piece) error {
	for pieces := range slices.Chunk(pieces, inBatch) {
		ids := make([]int64, len(pieces))
		for i, p := range pieces {
			ids[i] = p.ID
		}
		i := 0
		err := v.eachStep(ctx, ids, func(r stepRow) {
			for pieces[i].ID != r.PieceID {
				i++
			}
			pieces[i].Steps = append(pieces[i].Steps, r.step())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (v view) eachStep(ctx context.Context, pieceIDs []int64, f func(stepRow)) error {
	list, args := in(pieceIDs)
	return v.each(ctx, func(rows *sql.Rows) error {
		var r stepRow
		if err := rows.Scan(r.fields()...); err != nil {
			return err
		}
		f(r)
		return nil
	}, "SELECT "+stepColumns+" FROM steps WHERE piece_id IN "+list+" ORDER BY piece_id, position", args...)
}

// AddPiece stores a new piece with its steps and the events; sets the IDs. A code in use gives workflow.Conflict.
func (s *Store) AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error {
	return s.transact(ctx, func(t *tx) error { return t.AddPiece(ctx, p, events) })
}

// AddPiece is Store.AddPiece in this transaction.
func (t *tx) AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error {
	r := rowOfPiece(*p)
	id, err := t.insert(ctx, "INSERT INTO pieces (code, title, author_id, editor_id, lead_id, stage, unfinished, deadline, deadline_version, created_at, updated_at)"+
		" VALUES "+tuples(1, 11)+" ON CONFLICT DO NOTHING",
		r.Code, r.Title, r.AuthorID, r.EditorID, r.LeadID, r.Stage, r.Unfinished, r.Deadline, r.DeadlineVersion, r.CreatedAt, r.UpdatedAt)
	if err != nil {
		return about(err, "piece %s", p.Code)
	}
	if id == 0 {
		return workflow.Errorf(workflow.Conflict, "the code %s is in use", p.Code)
	}
	steps := slices.Clone(p.Steps)
	for i := range steps {
		steps[i].PieceID = id
		if steps[i].ID, err = t.addStep(ctx, rowOfStep(steps[i], id, i)); err != nil {
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

func (t *tx) addStep(ctx context.Context, r stepRow) (int64, error) {
	return t.insert(ctx, "INSERT INTO steps (piece_id, position, stage, owner_id, state, deadline, deadline_version, opened_at, done_at) VALUES "+tuples(1, 9),
		r.PieceID, r.Position, r.Stage, r.OwnerID, r.State, r.Deadline, r.DeadlineVersion, r.OpenedAt, r.DoneAt)
}

// SavePiece stores what a rule changed: the piece's and its steps' rows, and the events. A step without ID is added.
func (t *tx) SavePiece(ctx context.Context, c workflow.Change) error {
	if err := t.savePiece(ctx, rowOfPiece(c.Piece)); err != nil {
		return about(err, "piece %s", c.Piece.Code)
	}
	stored := map[int64]stepRow{}
	if err := t.eachStep(ctx, []int64{c.Piece.ID}, func(r stepRow) { stored[r.ID] = r }); err != nil {
		return err
	}
	for _, open := range []bool{false, true} { // at most one is open at any time: it opens last
		for i, s := range c.Piece.Steps {
			if (s.State == workflow.Open) != open {
				continue
			}
			if err := t.saveStep(ctx, stored, rowOfStep(s, c.Piece.ID, i)); err != nil {
				return about(err, "piece %s, step %s", c.Piece.Code, s.Stage)
			}
		}
	}
	return t.AddEvents(ctx, c.Events)
}

func (t *tx) savePiece(ctx context.Context, r pieceRow) error {
	n, err := t.exec(ctx, "UPDATE pieces SET code = ?, title = ?, author_id = ?, editor_id = ?, lead_id = ?, stage = ?, unfinished = ?,"+
		" deadline = ?, deadline_version = ?, updated_at = ? WHERE id = ?",
		r.Code, r.Title, r.AuthorID, r.EditorID, r.LeadID, r.Stage, r.Unfinished, r.Deadline, r.DeadlineVersion, r.UpdatedAt, r.ID)
	if err == nil && n == 0 {
		return notFound("there is no piece %d", r.ID)
	}
	return err
}

func (t *tx) saveStep(ctx context.Context, stored map[int64]stepRow, r stepRow) error {
	if r.ID == 0 {
		_, err := t.addStep(ctx, r)
		return err
	}
	old, ok := stored[r.ID]
	if !ok {
		return notFound("there is no such step %d", r.ID)
	}
	if r == old {
		return nil
	}
	_, err := t.exec(ctx, "UPDATE steps SET position = ?, stage = ?, owner_id = ?, state = ?, deadline = ?, deadline_version = ?,"+
		" opened_at = ?, done_at = ? WHERE id = ?",
		r.Position, r.Stage, r.OwnerID, r.State, r.Deadline, r.DeadlineVersion, r.OpenedAt, r.DoneAt, r.ID)
	return err
}

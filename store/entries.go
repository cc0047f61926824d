package store

import (
	"context"
	"database/sql"
	"slices"

	"handoff/inbox"
	"handoff/proxy"
	"handoff/workflow"
)

const entryColumns = "id, piece_id, step_id, person_id, actor_id, message_id, kind, version, text, files, links, at"

// AddEntry stores the entry, numbers its version and sets ID and Version.
func (t *tx) AddEntry(ctx context.Context, e *proxy.Entry) error {
	files, err := list(e.Files)
	if err != nil {
		return err
	}
	links, err := list(e.Links)
	if err != nil {
		return err
	}
	version := 0
	if e.Kind == proxy.Submission {
		if version, err = t.nextVersion(ctx, e.PieceID); err != nil {
			return about(err, "file an entry on piece %d", e.PieceID)
		}
	}
	id, err := t.insert(ctx, "INSERT INTO entries (piece_id, step_id, person_id, actor_id, message_id, kind, version, text, files, links, at) VALUES "+tuples(1, 11),
		e.PieceID, ref(e.StepID), ref(e.PersonID), ref(e.ActorID), ref(e.MessageID), string(e.Kind), version, e.Text, files, links, millis(e.At))
	if err != nil {
		return about(err, "file an entry on piece %d", e.PieceID)
	}
	e.ID, e.Version = id, version
	return nil
}

// nextVersion is the number of the piece's next submission. Nobody else can take it until the transaction ends.
func (t *tx) nextVersion(ctx context.Context, pieceID int64) (int, error) {
	if t.kind == postgres {
		var id int64
		if _, err := t.row(ctx, []any{&id}, "SELECT id FROM pieces WHERE id = ? FOR NO KEY UPDATE", pieceID); err != nil {
			return 0, err
		}
	}
	var last int
	_, err := t.row(ctx, []any{&last}, "SELECT version FROM entries WHERE piece_id = ? AND version > 0 ORDER BY version DESC LIMIT 1", pieceID)
	return last + 1, err
}

// Entries are a piece's entries, oldest first.
func (v view) Entries(ctx context.Context, pieceID int64) ([]proxy.Entry, error) {
	entries := []proxy.Entry{}
	err := v.eachEntry(ctx, func(e proxy.Entry) error {
		entries = append(entries, e)
		return nil
	}, "WHERE piece_id = ? ORDER BY id", pieceID)
	return entries, err
}

// Entry is one entry.
func (v view) Entry(ctx context.Context, id int64) (proxy.Entry, error) {
	var found []proxy.Entry
	err := v.eachEntry(ctx, func(e proxy.Entry) error {
		found = append(found, e)
		return nil
	}, "WHERE id = ?", id)
	return only(found, err, "there is no entry %d", id)
}

func (v view) eachEntry(ctx context.Context, f func(proxy.Entry) error, where string, args ...any) error {
	return v.each(ctx, func(rows *sql.Rows) error {
		var e proxy.Entry
		var step, person, actor, message ref
		var files, links string
		var at int64
		if err := rows.Scan(&e.ID, &e.PieceID, &step, &person, &actor, &message, &e.Kind, &e.Version, &e.Text, &files, &links, &at); err != nil {
			return err
		}
		e.StepID, e.PersonID, e.ActorID, e.MessageID, e.At = int64(step), int64(person), int64(actor), int64(message), moment(at)
		var err error
		if e.Files, err = unlist[proxy.EntryFile](files); err != nil {
			return about(err, "files of entry %d", e.ID)
		}
		if e.Links, err = unlist[inbox.Link](links); err != nil {
			return about(err, "links of entry %d", e.ID)
		}
		return f(e)
	}, "SELECT "+entryColumns+" FROM entries "+where, args...)
}

// eventsAtOnce is how many events one INSERT takes.
const eventsAtOnce = 16

// AddEvents logs events.
func (t *tx) AddEvents(ctx context.Context, events []workflow.Event) error {
	for events := range slices.Chunk(events, eventsAtOnce) {
		args := make([]any, 0, 8*len(events))
		for _, e := range events {
			args = append(args, millis(e.At), string(e.Kind), ref(e.PieceID), ref(e.StepID), ref(e.PersonID), ref(e.ActorID), ref(e.MessageID), e.Detail)
		}
		_, err := t.exec(ctx, "INSERT INTO events (at, kind, piece_id, step_id, person_id, actor_id, message_id, detail) VALUES "+tuples(len(events), 8), args...)
		if err != nil {
			return about(err, "log an event")
		}
	}
	return nil
}

// Events are a piece's events, oldest first; pieceID 0: those of no piece.
func (v view) Events(ctx context.Context, pieceID int64) ([]workflow.Event, error) {
	events := []workflow.Event{}
	add := func(e workflow.Event) error {
		events = append(events, e)
		return nil
	}
	if pieceID == 0 {
		return events, v.eachEvent(ctx, add, "WHERE piece_id IS NULL ORDER BY id")
	}
	err := v.eachEvent(ctx, add, "WHERE piece_id = ? ORDER BY id", pieceID)
	return events, err
}

func (v view) eachEvent(ctx context.Context, f func(workflow.Event) error, where string, args ...any) error {
	return v.each(ctx, func(rows *sql.Rows) error {
		var e workflow.Event
		var piece, step, person, actor, message ref
		var at int64
		if err := rows.Scan(&e.ID, &at, &e.Kind, &piece, &step, &person, &actor, &message, &e.Detail); err != nil {
			return err
		}
		e.At, e.PieceID, e.StepID, e.PersonID, e.ActorID, e.MessageID = moment(at), int64(piece), int64(step), int64(person), int64(actor), int64(message)
		return f(e)
	}, "SELECT id, at, kind, piece_id, step_id, person_id, actor_id, message_id, detail FROM events "+where, args...)
}

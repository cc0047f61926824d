package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

// never is the wake_at of what the clock has nothing to do with.
const never = math.MaxInt64

// The clock's queries, in the words of the partial indexes that serve them.
const (
	wokenPieces = "SELECT id FROM pieces WHERE unfinished AND wake_at <= ? ORDER BY wake_at, id"
	wokenPeople = "SELECT id FROM people WHERE wake_at <= ? AND wake_at < 9223372036854775807 ORDER BY wake_at, id"
	nextPiece   = "SELECT wake_at FROM pieces WHERE unfinished ORDER BY wake_at LIMIT 1"
	nextPerson  = "SELECT wake_at FROM people WHERE wake_at < 9223372036854775807 ORDER BY wake_at LIMIT 1"
)

// AttendPieces hands f the pieces whose moment has come, the longest waiting first, at most limit, in one transaction that
// keeps what f writes. It tells how many those were. Two instances never attend to the same piece at once.
func (s *Store) AttendPieces(ctx context.Context, now time.Time, limit int, f func(context.Context, outbox.Clockwork, []workflow.Piece) error) (n int, err error) {
	err = s.transact(ctx, func(t *tx) error {
		n = 0
		ids, err := t.woken(ctx, wokenPieces, millis(now), limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		list, args := in(ids)
		pieces, err := t.pieces(ctx, "WHERE id IN "+list+" ORDER BY wake_at, id", args...)
		if err != nil {
			return err
		}
		n = len(pieces)
		return f(ctx, t, pieces)
	})
	return n, err
}

// AttendPeople is AttendPieces for people.
func (s *Store) AttendPeople(ctx context.Context, now time.Time, limit int, f func(context.Context, outbox.Clockwork, []workflow.Person) error) (n int, err error) {
	err = s.transact(ctx, func(t *tx) error {
		n = 0
		ids, err := t.woken(ctx, wokenPeople, millis(now), limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		people := make([]workflow.Person, len(ids))
		for i, id := range ids {
			if people[i], err = t.Person(ctx, id); err != nil {
				return err
			}
		}
		n = len(people)
		return f(ctx, t, people)
	})
	return n, err
}

// Attend is one transaction on nothing in particular.
func (s *Store) Attend(ctx context.Context, f func(context.Context, outbox.Clockwork) error) error {
	return s.transact(ctx, func(t *tx) error { return f(ctx, t) })
}

// Apart runs f. If f fails, what it wrote is undone, and the transaction goes on.
func (t *tx) Apart(ctx context.Context, f func() error) error { return t.nested(ctx, f) }

// Held are the mails that wait for a decision, the oldest first, at most limit.
func (v view) Held(ctx context.Context, limit int) (held []outbox.HeldMail, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var m outbox.HeldMail
		var name string
		var at int64
		if err := rows.Scan(&m.ID, &m.From, &name, &m.Subject, &m.Reason, &at); err != nil {
			return err
		}
		if m.At = moment(at); m.From == "" {
			m.From = name
		}
		held = append(held, m)
		return nil
	}, "SELECT id, from_address, from_name, subject, reason, received_at FROM messages WHERE action = 'hold' ORDER BY id"+atMost(limit))
	return held, err
}

func (t *tx) woken(ctx context.Context, query string, now int64, limit int) (ids []int64, err error) {
	query += atMost(limit)
	if t.kind == postgres {
		query += " FOR NO KEY UPDATE SKIP LOCKED"
	}
	err = t.each(ctx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, query, now)
	return ids, err
}

// NextWake is when the clock next has something to do; ok is false for never.
func (v view) NextWake(ctx context.Context) (at time.Time, ok bool, err error) {
	next := int64(never)
	for _, query := range []string{nextPiece, nextPerson} {
		var wake int64
		found, err := v.row(ctx, []any{&wake}, query)
		if err != nil {
			return at, false, err
		}
		if found {
			next = min(next, wake)
		}
	}
	return time.UnixMilli(next).UTC(), next != never, nil
}

func wake(at time.Time) int64 {
	if at.IsZero() {
		return never
	}
	return millis(at)
}

// WakePiece says when the clock looks at the piece again; the zero time is not until it changes.
func (t *tx) WakePiece(ctx context.Context, id int64, at time.Time) error {
	_, err := t.exec(ctx, "UPDATE pieces SET wake_at = ? WHERE id = ?", wake(at), id)
	return about(err, "piece %d", id)
}

// WakePerson is WakePiece for a person.
func (t *tx) WakePerson(ctx context.Context, id int64, at time.Time) error {
	_, err := t.exec(ctx, "UPDATE people SET wake_at = ? WHERE id = ?", wake(at), id)
	return about(err, "person %d", id)
}

// The parts that a person has in unfinished pieces, in the words of the partial indexes that serve them. Each takes the person,
// the last what is in the step's details about them.
const (
	editedBy   = "SELECT id FROM pieces WHERE editor_id = ? AND unfinished"
	ledBy      = "SELECT id FROM pieces WHERE lead_id = ? AND unfinished"
	writtenBy  = "SELECT id FROM pieces WHERE author_id = ? AND unfinished"
	atWork     = "SELECT piece_id FROM steps WHERE owner_id = ? AND state = 'open'"
	ownedBy    = "SELECT DISTINCT s.piece_id AS id FROM steps s JOIN pieces p ON p.id = s.piece_id WHERE s.owner_id = ? AND s.state <> 'done' AND p.unfinished"
	reviewedBy = `SELECT piece_id FROM steps WHERE state = 'open' AND stage = 'review' AND details LIKE '%"reviewers":%' AND details LIKE ?`
)

// partsOf is a subquery of all parts, with its arguments; steps are those that count. Of each kind of part there are at most limit,
// the first, so that who has all pieces costs no more than who has a few; 0 is all.
func partsOf(personID int64, steps string, limit int) (query string, args []any) {
	for _, part := range []string{writtenBy, editedBy, ledBy, steps} {
		if limit > 0 {
			part = "SELECT id FROM (" + part + " ORDER BY id" + atMost(limit) + ") part"
		}
		query, args = query+part+" UNION ", append(args, personID)
	}
	return query + reviewedBy, append(args, asReviewer(personID))
}

// asReviewer is how reviewedBy finds a person.
func asReviewer(personID int64) string { return fmt.Sprintf(`%%"person_id":%d,%%`, personID) }

// rouse has the clock look anew at a person who changed, and at the pieces they have a part in.
func (t *tx) rouse(ctx context.Context, personID int64) error {
	if _, err := t.exec(ctx, "UPDATE people SET wake_at = 0 WHERE id = ?", personID); err != nil {
		return err
	}
	parts, args := partsOf(personID, atWork, 0)
	_, err := t.exec(ctx, rousePieces+"("+parts+")", args...)
	return err
}

const rousePieces = "UPDATE pieces SET wake_at = 0 WHERE unfinished AND wake_at <> 0 AND id IN "

// Reckon has the clock look anew at everything if the rules that it goes by are others than last time.
func (s *Store) Reckon(ctx context.Context, rules string) error {
	return s.transact(ctx, func(t *tx) error {
		var last string
		if _, err := t.row(ctx, []any{&last}, "SELECT value FROM settings WHERE name = 'rules'"); err != nil || last == rules {
			return err
		}
		for _, query := range []string{
			"UPDATE pieces SET wake_at = 0 WHERE unfinished AND wake_at <> 0",
			"UPDATE people SET wake_at = 0",
			// What waits for the morning, say, is looked at when it is due: it may go out earlier now.
			"UPDATE notices SET next_at = due_at WHERE state = 'queued' AND NOT (" + deferred + ") AND next_at > due_at",
		} {
			if _, err := t.exec(ctx, query); err != nil {
				return err
			}
		}
		_, err := t.exec(ctx, "INSERT INTO settings (name, value) VALUES ('rules', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", rules)
		return err
	})
}

// Count gives the next number of a counter, from 1.
func (t *tx) Count(ctx context.Context, name string) (n int64, err error) {
	_, err = t.row(ctx, []any{&n}, "INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value", name)
	return n, about(err, "count %s", name)
}

// PiecesOf are the unfinished pieces that a person has a part in, by id, at most limit; 0 is all. A step that is
// done is no part any more.
func (v view) PiecesOf(ctx context.Context, personID int64, limit int) ([]workflow.Piece, error) {
	parts, args := partsOf(personID, ownedBy, limit)
	where := "WHERE unfinished AND id IN (" + parts + ") ORDER BY id"
	if limit > 0 {
		where += atMost(limit)
	}
	return v.pieces(ctx, where, args...)
}

package store

import (
	"context"
	"database/sql"
	"maps"
	"time"

	"handoff/proxy"
)

// replyCounts are the auto-replies queued since a moment, by template. A transaction keeps them, so that a batch of many
// mails counts the whole window once and then only what came and went.
type replyCounts struct {
	byTemplate map[string]int // nil: not counted yet
	since      int64
	lastID     int64 // of the notices counted
}

func (c replyCounts) clone() replyCounts {
	c.byTemplate = maps.Clone(c.byTemplate)
	return c
}

func (c replyCounts) total() int {
	n := 0
	for _, of := range c.byTemplate {
		n += of
	}
	return n
}

// Replies counts the auto-replies queued since then: to that address, of that template, and in all.
func (v view) Replies(ctx context.Context, since time.Time, address, template string) (proxy.ReplyCounts, error) {
	return v.countReplies(ctx, &replyCounts{}, millis(since), address, template)
}

// Replies is Store.Replies in this transaction.
func (t *tx) Replies(ctx context.Context, since time.Time, address, template string) (proxy.ReplyCounts, error) {
	return t.countReplies(ctx, &t.replies, millis(since), address, template)
}

// RepliesTo counts the auto-replies queued to that address since then, by template.
func (v view) RepliesTo(ctx context.Context, since time.Time, address string) (map[string]int, error) {
	by := map[string]int{}
	err := v.addReplies(ctx, by, 1, "auto_reply AND to_address = ? AND created_at >= ?", address, millis(since))
	return by, err
}

// Relayed counts the newest mails passed on about a piece since then, up to limit.
func (v view) Relayed(ctx context.Context, since time.Time, pieceID int64, limit int) (n int, err error) {
	_, err = v.row(ctx, []any{&n}, "SELECT count(*) FROM (SELECT created_at FROM notices WHERE piece_id = ? AND template IN ('note', 'new_version')"+
		" ORDER BY id DESC"+atMost(limit)+") n WHERE created_at >= ?", pieceID, millis(since))
	return n, err
}

// Versions is the number of the piece's last submission, 0 without any.
func (v view) Versions(ctx context.Context, pieceID int64) (n int, err error) {
	_, err = v.row(ctx, []any{&n}, "SELECT version FROM entries WHERE piece_id = ? AND version > 0 ORDER BY version DESC LIMIT 1", pieceID)
	return n, err
}

// Submission is the submission of the piece with that number.
func (v view) Submission(ctx context.Context, pieceID int64, version int) (proxy.Entry, error) {
	var found []proxy.Entry
	err := v.eachEntry(ctx, func(e proxy.Entry) error {
		found = append(found, e)
		return nil
	}, "WHERE piece_id = ? AND version = ? AND version > 0 LIMIT 1", pieceID, version)
	return only(found, err, "piece %d has no version %d", pieceID, version)
}

// Bypasses counts the mails around the tool of a colleague that came since then.
func (v view) Bypasses(ctx context.Context, personID int64, since time.Time) (n int, err error) {
	_, err = v.row(ctx, []any{&n}, "SELECT count(*) FROM messages WHERE person_id = ? AND action IN ('ignore', 'redirect') AND NOT backfill AND recorded_at >= ?", personID, millis(since))
	return n, err
}

// Pitches counts the proposals of an author since then that are not finished.
func (v view) Pitches(ctx context.Context, authorID int64, since time.Time) (n int, err error) {
	_, err = v.row(ctx, []any{&n}, `SELECT count(*) FROM pieces WHERE author_id = ? AND unfinished AND created_at >= ? AND details LIKE '%"topic":%'`, authorID, millis(since))
	return n, about(err, "proposals of person %d", authorID)
}

// newestHeld is how many held mails HeldFrom looks at.
const newestHeld = 200

// HeldFrom counts the mails of the sender with that proxy.SenderKey that were held since then, among the newest ones held.
func (v view) HeldFrom(ctx context.Context, since time.Time, key string) (n int, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var from string
		if err := rows.Scan(&from); err != nil {
			return err
		}
		if proxy.SenderKey(from) == key {
			n++
		}
		return nil
	}, "SELECT from_address FROM (SELECT from_address, recorded_at FROM messages WHERE action = 'hold'"+
		" ORDER BY id DESC"+atMost(newestHeld)+") m WHERE recorded_at >= ?", millis(since))
	return n, err
}

func (v view) countReplies(ctx context.Context, c *replyCounts, since int64, address, template string) (proxy.ReplyCounts, error) {
	var counts proxy.ReplyCounts
	_, err := v.row(ctx, []any{&counts.Address}, "SELECT count(*) FROM notices WHERE auto_reply AND to_address = ? AND created_at >= ?", address, since)
	if err != nil {
		return counts, err
	}
	if c.byTemplate == nil || since < c.since {
		err = v.countAllReplies(ctx, c, since)
	} else {
		err = v.recountReplies(ctx, c, since)
	}
	counts.Template, counts.Total = c.byTemplate[template], c.total()
	return counts, err
}

func (v view) countAllReplies(ctx context.Context, c *replyCounts, since int64) error {
	fresh := replyCounts{byTemplate: map[string]int{}, since: since}
	if _, err := v.row(ctx, []any{&fresh.lastID}, "SELECT id FROM notices ORDER BY id DESC LIMIT 1"); err != nil {
		return err
	}
	if err := v.addReplies(ctx, fresh.byTemplate, 1, "auto_reply AND created_at >= ? AND id <= ?", since, fresh.lastID); err != nil {
		return err
	}
	*c = fresh
	return nil
}

func (v view) recountReplies(ctx context.Context, c *replyCounts, since int64) error {
	next := c.clone()
	if since > c.since {
		if err := v.addReplies(ctx, next.byTemplate, -1, "auto_reply AND created_at >= ? AND created_at < ? AND id <= ?", c.since, since, c.lastID); err != nil {
			return err
		}
		next.since = since
	}
	err := v.each(ctx, func(rows *sql.Rows) error {
		var template string
		var counts bool
		if err := rows.Scan(&next.lastID, &template, &counts); err != nil {
			return err
		}
		if counts {
			next.byTemplate[template]++
		}
		return nil
	}, "SELECT id, template, auto_reply AND created_at >= ? FROM notices WHERE id > ? ORDER BY id", since, c.lastID)
	if err != nil {
		return err
	}
	*c = next
	return nil
}

func (v view) addReplies(ctx context.Context, byTemplate map[string]int, sign int, where string, args ...any) error {
	return v.each(ctx, func(rows *sql.Rows) error {
		var template string
		var n int
		if err := rows.Scan(&template, &n); err != nil {
			return err
		}
		byTemplate[template] += sign * n
		return nil
	}, "SELECT template, count(*) FROM notices WHERE "+where+" GROUP BY template", args...)
}

// Answered counts the auto-replies queued since then, up to limit.
func (v view) Answered(ctx context.Context, since time.Time, limit int) (n int, err error) {
	_, err = v.row(ctx, []any{&n}, "SELECT count(*) FROM (SELECT created_at FROM notices WHERE auto_reply AND created_at >= ?"+atMost(limit)+") n", millis(since))
	return n, err
}

// breakerOfAnswers is the one breaker there is.
const breakerOfAnswers = "answers"

// Breaker is how the breaker of automatic answers stands; zero: it never opened.
func (v view) Breaker(ctx context.Context) (b proxy.Breaker, err error) {
	var since, until, begun int64
	_, err = v.row(ctx, []any{&since, &until, &begun, &b.Wanted, &b.Lost}, "SELECT since, until, begun, wanted, lost FROM breakers WHERE name = ?", breakerOfAnswers)
	b.Since, b.Until, b.Begun = moment(since), moment(until), moment(begun)
	return b, err
}

// SaveBreaker keeps how the breaker of automatic answers stands.
func (t *tx) SaveBreaker(ctx context.Context, b proxy.Breaker) error {
	_, err := t.exec(ctx, "INSERT INTO breakers (name, since, until, begun, wanted, lost) VALUES "+tuples(1, 6)+
		" ON CONFLICT (name) DO UPDATE SET since = excluded.since, until = excluded.until, begun = excluded.begun, wanted = excluded.wanted, lost = excluded.lost",
		breakerOfAnswers, millis(b.Since), millis(b.Until), millis(b.Begun), b.Wanted, b.Lost)
	return about(err, "the breaker of automatic answers")
}

// CloseBreaker has automatic answers sent again from now on; workflow.NotFound if they are.
func (s *Store) CloseBreaker(ctx context.Context, now time.Time) error {
	return s.transact(ctx, func(t *tx) error {
		b, err := t.Breaker(ctx)
		if err != nil {
			return err
		}
		if !b.Open(now) {
			return notFound("automatic answers are not stopped")
		}
		b.Until = now
		return t.SaveBreaker(ctx, b)
	})
}

package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"handoff/outbox"
)

// AddBounce writes the bounce ledger, and tells whether the address counts as one that takes no mail from now on: it is gone,
// or too many soft bounces came together. The notice that came back is a bounced one.
func (t *tx) AddBounce(ctx context.Context, b outbox.Bounce, rules outbox.BounceRules) (marked bool, err error) {
	marked, err = t.addBounce(ctx, b, rules)
	return marked, about(err, "bounce of %s", b.Address)
}

func (t *tx) addBounce(ctx context.Context, b outbox.Bounce, rules outbox.BounceRules) (bool, error) {
	if _, err := t.exec(ctx, "INSERT INTO bounces (at, address, status, permanent, notice_id, message_id) VALUES "+tuples(1, 6),
		millis(b.At), b.Address, b.Status, b.Permanent, ref(b.NoticeID), ref(b.MessageID)); err != nil {
		return false, err
	}
	verdict := b.Verdict()
	if verdict != outbox.Delay && b.NoticeID != 0 {
		n, err := t.exec(ctx, "UPDATE notices SET state = 'bounced', error = ? WHERE id = ? AND state = 'sent'", b.Text(), b.NoticeID)
		if err != nil {
			return false, err
		}
		if n == 0 && verdict == outbox.Soft {
			told := 0
			if _, err := t.row(ctx, []any{&told}, "SELECT count(*) FROM notices WHERE id = ? AND state = 'bounced'", b.NoticeID); err != nil || told > 0 {
				return false, err // one mail that came back counts once, however many reports there are
			}
		}
	}
	marks := verdict == outbox.Gone
	if verdict == outbox.Soft {
		var score float64
		var at int64
		if _, err := t.row(ctx, []any{&score, &at}, "SELECT score, at FROM soft_bounces WHERE address = ?", b.Address); err != nil {
			return false, err
		}
		score, marks = rules.Add(score, moment(at), b.At)
		if _, err := t.exec(ctx, "INSERT INTO soft_bounces (address, score, at) VALUES "+tuples(1, 3)+
			" ON CONFLICT (address) DO UPDATE SET score = excluded.score, at = excluded.at", b.Address, score, millis(b.At)); err != nil {
			return false, err
		}
	}
	if !marks {
		return false, nil
	}
	known := 0
	if _, err := t.row(ctx, []any{&known}, "SELECT count(*) FROM bouncing WHERE address = ?", b.Address); err != nil {
		return false, err
	}
	_, err := t.exec(ctx, "INSERT INTO bouncing (address, since, status) VALUES "+tuples(1, 3)+
		" ON CONFLICT (address) DO UPDATE SET since = excluded.since, status = excluded.status", b.Address, millis(b.At), b.Status)
	return known == 0, err
}

// ClearBounce forgets that the address was bouncing: mail came from it.
func (t *tx) ClearBounce(ctx context.Context, address string) error {
	_, err := t.clearBounce(ctx, address)
	return err
}

func (t *tx) clearBounce(ctx context.Context, address string) (was bool, err error) {
	for _, table := range []string{"bouncing", "soft_bounces"} {
		n, err := t.exec(ctx, "DELETE FROM "+table+" WHERE address = ?", address)
		if err != nil {
			return false, about(err, "bounce of %s", address)
		}
		was = was || n > 0
	}
	return was, nil
}

// ClearBounce forgets what came back of an address, because somebody says so; workflow.NotFound if nothing did.
func (s *Store) ClearBounce(ctx context.Context, address string) error {
	return s.transact(ctx, func(t *tx) error {
		was, err := t.clearBounce(ctx, address)
		if err == nil && !was {
			return notFound("mail to %s does not come back", address)
		}
		return err
	})
}

// Bouncing is the reason why address takes no mail, "" if it does.
func (v view) Bouncing(ctx context.Context, address string) (string, error) {
	var since int64
	var status string
	found, err := v.row(ctx, []any{&since, &status}, "SELECT since, status FROM bouncing WHERE address = ?", address)
	if err != nil || !found {
		return "", err
	}
	return cameBack(moment(since), status), nil
}

func cameBack(since time.Time, status string) string {
	reason := "mail to it came back on " + since.Format(time.DateOnly)
	if status != "" {
		reason += fmt.Sprintf(" (status %s)", status)
	}
	return reason
}

// firstSoft is when the first of an address's soft bounces came that still count.
func (v view) firstSoft(ctx context.Context, address string, since time.Time) (first time.Time, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var b outbox.Bounce
		var at int64
		if err := rows.Scan(&at, &b.Status, &b.Permanent); err != nil {
			return err
		}
		if first.IsZero() && b.Verdict() == outbox.Soft {
			first = moment(at)
		}
		return nil
	}, "SELECT at, status, permanent FROM bounces WHERE address = ? AND at >= ? ORDER BY id", address, millis(since))
	return first, err
}

// Bounces lists the addresses whose mail comes back, those that take no mail first, then by the time of the last one.
func (v view) Bounces(ctx context.Context, now time.Time, rules outbox.BounceRules) (all []outbox.Bouncing, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var b outbox.Bouncing
		var since, at int64
		var score float64
		if err := rows.Scan(&b.Address, &since, &b.Status, &score, &at); err != nil {
			return err
		}
		b.Since, b.Score = moment(since), rules.Fade(score, moment(at), now)
		all = append(all, b)
		return nil
	}, "SELECT a.address, coalesce(b.since, 0), coalesce(b.status, (SELECT l.status FROM bounces l WHERE l.address = a.address ORDER BY l.id DESC LIMIT 1), ''),"+
		" coalesce(s.score, 0), coalesce(s.at, 0)"+
		" FROM (SELECT address FROM bouncing UNION SELECT address FROM soft_bounces) a"+
		" LEFT JOIN bouncing b ON b.address = a.address LEFT JOIN soft_bounces s ON s.address = a.address"+
		" ORDER BY b.since IS NULL, b.since DESC, s.at DESC, a.address")
	for i := range all {
		if err == nil && all[i].Score > 0 {
			all[i].First, err = v.firstSoft(ctx, all[i].Address, rules.Horizon(now))
		}
	}
	return all, err
}

package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

// waiting is the condition of the index of what may be taken.
const waiting = "next_at IS NOT NULL AND NOT parked"

// stored is how a state is kept: one that is deferred is a queued one that was tried.
func stored(s outbox.State) outbox.State {
	if s == outbox.Deferred {
		return outbox.Queued
	}
	return s
}

// deferred is the condition that makes a queued notice a deferred one; see noticeRow.notice.
const deferred = "attempts > 0 AND error <> ''"

// standing is the condition of a state.
func standing(s outbox.State) string {
	switch s {
	case outbox.Queued:
		return "(state = 'queued' AND NOT (" + deferred + "))"
	case outbox.Deferred:
		return "(state = 'queued' AND " + deferred + ")"
	default:
		return "state = '" + string(s) + "'"
	}
}

// Lease takes up to limit notices that are due at now (queued, or sending with a lease run out) and of no paused kind, by
// outbox.Turn, marks them sending until until and counts the attempt. Two instances never get the same one.
func (s *Store) Lease(ctx context.Context, now, until time.Time, limit int) (leased []outbox.Notice, err error) {
	next, ok, err := s.NextDue(ctx)
	if err != nil || !ok || next.After(now) {
		return nil, err
	}
	err = s.transact(ctx, func(t *tx) error {
		leased, err = t.lease(ctx, now, until, limit)
		return err
	})
	return leased, err
}

func (t *tx) lease(ctx context.Context, now, until time.Time, limit int) ([]outbox.Notice, error) {
	paused, err := t.Pauses(ctx, now)
	if err != nil || slices.ContainsFunc(paused, func(p outbox.Pause) bool { return p.Kind == "" }) {
		return nil, err
	}
	due, err := t.due(ctx, now, limit)
	if err != nil {
		return nil, err
	}
	parked := false
	for _, p := range paused {
		if slices.ContainsFunc(due, func(d turn) bool { return d.Template == p.Kind }) {
			// All that are due at once: each is looked at once, not with every batch.
			if _, err := t.exec(ctx, "UPDATE notices SET parked = true, state = 'queued', lease_until = 0 WHERE "+waiting+" AND next_at <= ? AND template = ?",
				millis(now), p.Kind); err != nil {
				return nil, err
			}
			parked = true
		}
	}
	if parked {
		if due, err = t.due(ctx, now, limit); err != nil {
			return nil, err
		}
	}
	var leased []outbox.Notice
	for some := range slices.Chunk(due, inBatch) {
		ids := make([]int64, len(some))
		for i, d := range some {
			ids[i] = d.ID
		}
		list, args := in(ids)
		got, err := t.notices(ctx, "UPDATE notices SET state = 'sending', attempts = attempts + 1, lease_until = ?, next_at = ? WHERE id IN "+list+
			" RETURNING "+noticeColumns, append([]any{millis(until), millis(until)}, args...)...)
		if err != nil {
			return nil, err
		}
		leased = append(leased, got...)
	}
	order := make(map[int64]int, len(due)) // next_at is the lease's end now
	for i, d := range due {
		order[d.ID] = i
	}
	slices.SortFunc(leased, func(a, b outbox.Notice) int { return cmp.Compare(order[a.ID], order[b.ID]) })
	return leased, nil
}

// turn is as much of a notice as tells whose turn it is.
type turn = outbox.Notice

// The queries of the queue, in the words of the partial indexes that serve them.
const (
	inTurn   = "SELECT id, template, next_at FROM notices WHERE priority = ? AND " + waiting + " AND next_at <= ? ORDER BY next_at, id"
	nextTurn = "SELECT next_at FROM notices WHERE priority = ? AND " + waiting + " ORDER BY next_at LIMIT 1"
	reminded = "SELECT sent_at FROM notices WHERE person_id = ? AND priority = 1 AND sent_at > 0 AND sent_at > ? ORDER BY sent_at DESC"
)

// due are the notices whose turn it is. Of each priority the first few are enough to know, however many wait.
func (t *tx) due(ctx context.Context, now time.Time, limit int) (all []turn, err error) {
	query := inTurn + atMost(limit)
	if t.kind == postgres {
		query += " FOR UPDATE SKIP LOCKED"
	}
	for _, priority := range outbox.Priorities() {
		err := t.each(ctx, func(rows *sql.Rows) error {
			n := turn{Priority: priority}
			var next int64
			err := rows.Scan(&n.ID, &n.Template, &next)
			n.NextAt = moment(next)
			all = append(all, n)
			return err
		}, query, int(priority), millis(now))
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, outbox.Turn)
	return all[:min(limit, len(all))], nil
}

// NextDue is when the next notice will be due, or when the next lease runs out, or the next pause; ok is false when none waits.
func (v view) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	for _, priority := range outbox.Priorities() {
		var next int64
		found, err := v.row(ctx, []any{&next}, nextTurn, int(priority))
		if err != nil {
			return at, false, err
		}
		if m := moment(next); found && (!ok || m.Before(at)) {
			at, ok = m, true
		}
	}
	return v.afterPause(ctx, at, ok)
}

// Obstacle is what keeps a notice from being sent at now.
func (v view) Obstacle(ctx context.Context, n outbox.Notice, now time.Time) (o outbox.Obstacle, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var what, text string
		var since int64
		if err := rows.Scan(&what, &since, &text); err != nil {
			return err
		}
		switch what {
		case "bouncing":
			o.Never = "the address does not take mail: " + cameBack(moment(since), text)
		case "paused":
			o.Paused = true
		default:
			o.Never = suppressedReason(what, text)
		}
		return nil
	}, "SELECT 'bouncing', since, status FROM bouncing WHERE address = ?"+
		" UNION ALL SELECT name, since, reason FROM suppressed WHERE name IN (?, ?)"+
		" UNION ALL SELECT 'paused', since, note FROM pauses WHERE kind IN ('', ?) AND (until = 0 OR until > ?)",
		n.ToAddress, n.ToAddress, workflow.Domain(n.ToAddress), n.Template, millis(now))
	return o, err
}

// Reminded is when the person was last sent reminders, after since, the newest first, at most limit.
func (v view) Reminded(ctx context.Context, personID int64, since time.Time, limit int) (at []time.Time, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var sent int64
		err := rows.Scan(&sent)
		at = append(at, moment(sent))
		return err
	}, reminded+atMost(limit), personID, millis(since))
	return at, err
}

// Attempts are the tries at sending a notice, the first one first.
func (v view) Attempts(ctx context.Context, noticeID int64) (all []outbox.Attempt, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var a outbox.Attempt
		var at int64
		var outcome string
		err := rows.Scan(&a.Number, &at, &outcome, &a.Code, &a.Error, &a.Millis)
		a.At, a.Outcome, a.Duration = moment(at), outbox.Outcome(outcome), time.Duration(a.Millis)*time.Millisecond
		all = append(all, a)
		return err
	}, "SELECT attempt, at, state, code, error, duration FROM attempts WHERE notice_id = ? ORDER BY attempt", noticeID)
	return all, err
}

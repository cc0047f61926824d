package store

import (
	"context"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

// NoticeFilter says which notices; its zero fields leave nothing out.
type NoticeFilter struct {
	States  []outbox.State
	Kind    string // a template
	PieceID int64
	DueBy   time.Time // only those that may be taken then
}

func (f NoticeFilter) where() (string, []any) {
	where, args := "", []any{}
	for i, s := range f.States {
		if i > 0 {
			where += " OR "
		}
		where += standing(s)
	}
	if where == "" {
		where = "1 = 1"
	}
	where = "(" + where + ")"
	if f.Kind != "" {
		where, args = where+" AND template = ?", append(args, f.Kind)
	}
	if f.PieceID != 0 {
		where, args = where+" AND piece_id = ?", append(args, f.PieceID)
	}
	if !f.DueBy.IsZero() {
		where, args = where+" AND "+waiting+" AND next_at <= ?", append(args, millis(f.DueBy))
	}
	return where, args
}

// CountNotices counts those.
func (v view) CountNotices(ctx context.Context, f NoticeFilter) (n int, err error) {
	where, args := f.where()
	_, err = v.row(ctx, []any{&n}, "SELECT count(*) FROM notices WHERE "+where, args...)
	return n, err
}

// What may be sent again, and what may be taken out of the queue. What is sent, or being sent, may not: it would reach people twice.
// What is sent again is given up as late as a new one; only a list (priority 2) is as old as it was, and the next one stands in for it.
const (
	requeues = "UPDATE notices SET state = 'queued', next_at = ?, due_at = CASE priority WHEN 2 THEN due_at ELSE ? END, error = '', parked = false" +
		" WHERE state IN ('queued', 'failed', 'cancelled', 'bounced') AND "
	cancels = "UPDATE notices SET state = 'cancelled', next_at = NULL, error = ?, parked = false WHERE state IN ('queued', 'failed', 'bounced') AND "
)

// Requeue makes a notice due at now that waits for another try, failed, came back or was cancelled. One that was sent, or is
// being sent, gives workflow.Conflict.
func (s *Store) Requeue(ctx context.Context, id int64, now time.Time) error {
	return s.restate(ctx, id, requeues+"id = ?", millis(now), millis(now), id)
}

// RequeueAll is Requeue for all those that it is possible for, and tells how many that were.
func (s *Store) RequeueAll(ctx context.Context, f NoticeFilter, now time.Time) (int, error) {
	return s.restateAll(ctx, requeues, f, millis(now), millis(now))
}

// Cancel takes a notice out of the queue for good, unless it is sent or being sent: that gives workflow.Conflict.
func (s *Store) Cancel(ctx context.Context, id int64, reason string) error {
	return s.restate(ctx, id, cancels+"id = ?", reason, id)
}

// CancelAll is Cancel for all those that it is possible for, and tells how many that were.
func (s *Store) CancelAll(ctx context.Context, f NoticeFilter, reason string) (int, error) {
	return s.restateAll(ctx, cancels, f, reason)
}

func (s *Store) restateAll(ctx context.Context, update string, f NoticeFilter, first ...any) (n int, err error) {
	where, args := f.where()
	err = s.transact(ctx, func(t *tx) error {
		changed, err := t.exec(ctx, update+where, append(first, args...)...)
		n = int(changed)
		return err
	})
	return n, err
}

func (s *Store) restate(ctx context.Context, id int64, update string, args ...any) error {
	return s.transact(ctx, func(t *tx) error {
		n, err := t.exec(ctx, update, args...)
		if err != nil || n > 0 {
			return about(err, "notice %d", id)
		}
		notice, err := t.Notice(ctx, id)
		if err != nil {
			return err
		}
		if notice.State == outbox.Sending {
			return workflow.Errorf(workflow.Conflict, "notice %d is being sent right now: \"handoff outbox show %d\" says until when at most", id, id)
		}
		return workflow.Errorf(workflow.Conflict, "notice %d is %s already", id, notice.State)
	})
}

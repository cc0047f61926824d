package store

import (
	"context"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

// Requeue makes a notice due at now that waits for another try, failed or was cancelled. One that was sent, or is being
// sent, gives workflow.Conflict: it would reach people twice.
func (s *Store) Requeue(ctx context.Context, id int64, now time.Time) error {
	return s.restate(ctx, id, "UPDATE notices SET state = 'queued', next_at = ?, error = '' WHERE id = ? AND state IN ('queued', 'failed', 'cancelled')", millis(now), id)
}

// Cancel takes a notice out of the queue for good, unless it is sent or being sent: that gives workflow.Conflict.
func (s *Store) Cancel(ctx context.Context, id int64, reason string) error {
	return s.restate(ctx, id, "UPDATE notices SET state = 'cancelled', next_at = 0, error = ? WHERE id = ? AND state IN ('queued', 'failed')", reason, id)
}

func (s *Store) restate(ctx context.Context, id int64, update string, args ...any) error {
	return s.transact(ctx, func(t *tx) error {
		n, err := t.exec(ctx, update, args...)
		if err != nil || n > 0 {
			return about(err, "notice %d", id)
		}
		notices, err := t.notices(ctx, "SELECT "+noticeColumns+" FROM notices WHERE id = ?", id)
		notice, err := only(notices, err, "there is no notice %d", id)
		if err != nil {
			return err
		}
		if notice.State == outbox.Sending {
			return workflow.Errorf(workflow.Conflict, "notice %d is being sent right now", id)
		}
		return workflow.Errorf(workflow.Conflict, "notice %d is %s already", id, notice.State)
	})
}

package store

import (
	"context"
	"fmt"
	"time"

	"handoff/outbox"
)

// AddBounce writes the bounce ledger; a permanent one makes the address bouncing.
func (t *tx) AddBounce(ctx context.Context, b outbox.Bounce) error {
	_, err := t.exec(ctx, "INSERT INTO bounces (at, address, status, permanent, notice_id, message_id) VALUES "+tuples(1, 6),
		millis(b.At), b.Address, b.Status, b.Permanent, ref(b.NoticeID), ref(b.MessageID))
	if err == nil && b.Permanent {
		_, err = t.exec(ctx, "INSERT INTO bouncing (address, since, status) VALUES "+tuples(1, 3)+
			" ON CONFLICT (address) DO UPDATE SET since = excluded.since, status = excluded.status", b.Address, millis(b.At), b.Status)
	}
	return about(err, "bounce of %s", b.Address)
}

// ClearBounce forgets that the address was bouncing: mail came from it.
func (t *tx) ClearBounce(ctx context.Context, address string) error {
	_, err := t.exec(ctx, "DELETE FROM bouncing WHERE address = ?", address)
	return about(err, "bounce of %s", address)
}

// Bouncing is the reason why address takes no mail, "" if it does.
func (v view) Bouncing(ctx context.Context, address string) (string, error) {
	var since int64
	var status string
	found, err := v.row(ctx, []any{&since, &status}, "SELECT since, status FROM bouncing WHERE address = ?", address)
	if err != nil || !found {
		return "", err
	}
	reason := "mail to it came back on " + moment(since).Format(time.DateOnly)
	if status != "" {
		reason += fmt.Sprintf(" (status %s)", status)
	}
	return reason, nil
}

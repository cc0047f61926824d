package store

import (
	"context"
	"slices"

	"handoff/outbox"
)

// NewestNotices are the newest notices in one of those states, at most limit, oldest first: of one piece, or all with pieceID 0.
func (v view) NewestNotices(ctx context.Context, pieceID int64, states []outbox.State, limit int) ([]outbox.Notice, error) {
	if len(states) == 0 {
		return nil, nil
	}
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	list, args := in(names)
	where := "state IN " + list
	if pieceID != 0 {
		where, args = where+" AND piece_id = ?", append(args, pieceID)
	}
	return v.newest(ctx, where, limit, args...)
}

// TroubledNotices are the newest notices that are not sent and have an error, at most limit, oldest first.
func (v view) TroubledNotices(ctx context.Context, limit int) ([]outbox.Notice, error) {
	return v.newest(ctx, "state IN ('queued', 'sending', 'failed') AND error <> ''", limit)
}

func (v view) newest(ctx context.Context, where string, limit int, args ...any) ([]outbox.Notice, error) {
	notices, err := v.notices(ctx, "SELECT "+noticeColumns+" FROM notices WHERE "+where+" ORDER BY id DESC"+atMost(limit), args...)
	slices.Reverse(notices)
	return notices, err
}

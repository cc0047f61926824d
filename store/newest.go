package store

import (
	"context"
	"slices"

	"handoff/outbox"
)

// NewestNotices are the newest of those notices, at most limit, oldest first.
func (v view) NewestNotices(ctx context.Context, f NoticeFilter, limit int) ([]outbox.Notice, error) {
	where, args := f.where()
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

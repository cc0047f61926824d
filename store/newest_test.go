package store_test

import (
	"context"
	"slices"
	"testing"

	"handoff/outbox"
	"handoff/store"
)

func TestNewestNotices(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		enqueue(t, s, 4, newNotice("sent", at(1)), newNotice("failed", at(2)), newNotice("tried", at(3)), newNotice("new", at(9)))
		leased := lease(t, s, at(3), 3)
		ok(t, s.Settle(ctx, []outbox.Result{
			{ID: leased[0].ID, Attempt: 1, State: outbox.Sent, At: at(3)},
			{ID: leased[1].ID, Attempt: 1, State: outbox.Failed, Error: "no such user", At: at(3)},
			{ID: leased[2].ID, Attempt: 1, State: outbox.Deferred, NextAt: at(8), Error: "busy", At: at(3)},
		}))
		for _, tt := range []struct {
			states []outbox.State
			limit  int
			want   []string
		}{
			{[]outbox.State{outbox.Queued, outbox.Deferred, outbox.Failed}, 10, []string{"failed", "tried", "new"}},
			{[]outbox.State{outbox.Queued, outbox.Deferred, outbox.Failed}, 2, []string{"tried", "new"}},
			{[]outbox.State{outbox.Queued}, 10, []string{"new"}},
			{[]outbox.State{outbox.Deferred}, 10, []string{"tried"}},
			{[]outbox.State{outbox.Sent}, 10, []string{"sent"}},
			{nil, 10, []string{"sent", "failed", "tried", "new"}},
		} {
			got, err := s.NewestNotices(ctx, store.NoticeFilter{States: tt.states}, tt.limit)
			ok(t, err)
			if !slices.Equal(keys(got), tt.want) {
				t.Errorf("%v, at most %d: %v, want %v", tt.states, tt.limit, keys(got), tt.want)
			}
		}
		got, err := s.TroubledNotices(ctx, 10)
		ok(t, err)
		if !slices.Equal(keys(got), []string{"failed", "tried"}) {
			t.Errorf("troubled: %v", keys(got))
		}
		none, err := s.NewestNotices(ctx, store.NoticeFilter{PieceID: 4711, States: []outbox.State{outbox.Sent}}, 10)
		ok(t, err)
		if len(none) != 0 {
			t.Errorf("of no piece: %v", keys(none))
		}
	})
}

package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

func enqueue(t testing.TB, s *store.Store, want int, notices ...outbox.Notice) {
	t.Helper()
	n, err := s.Enqueue(context.Background(), notices)
	if err != nil || n != want {
		t.Fatalf("queued %d, %v; want %d", n, err, want)
	}
}

func lease(t testing.TB, s *store.Store, now time.Time, limit int) []outbox.Notice {
	t.Helper()
	got, err := s.Lease(context.Background(), now, now.Add(5*time.Minute), limit)
	ok(t, err)
	return got
}

func keys(notices []outbox.Notice) []string {
	all := []string{}
	for _, n := range notices {
		all = append(all, n.Key)
	}
	return all
}

func TestEnqueueOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		first := newNotice("a", at(1))
		first.PersonID, first.PieceID, first.StepID, first.AutoReply, first.InReplyTo = c.author.ID, c.piece.ID, c.piece.Steps[1].ID, true, "x@y.example"
		enqueue(t, s, 1, first)
		changed := first
		changed.ToAddress = "other@x.example"
		enqueue(t, s, 1, changed, newNotice("b", at(2)))
		enqueue(t, s, 0)
		enqueue(t, s, 0, newNotice("b", at(3)), newNotice("b", at(3)))
		superseded := newNotice("c", at(1))
		superseded.State, superseded.Error, superseded.Data = outbox.Cancelled, "a later reminder replaces it", nil
		enqueue(t, s, 1, superseded)
		var many []outbox.Notice
		for i := range 20 { // more than one statement takes
			many = append(many, newNotice(fmt.Sprint("many-", i%19), at(9)))
		}
		enqueue(t, s, 19, many...)

		got, err := s.Notices(ctx, 0, 0, 3)
		ok(t, err)
		first.NextAt = first.DueAt
		b := newNotice("b", at(2))
		b.NextAt = b.DueAt
		if diff := cmp.Diff([]outbox.Notice{first, b, superseded}, got, cmpopts.IgnoreFields(outbox.Notice{}, "ID")); diff != "" {
			t.Error(diff)
		}
		if next, err := s.Notices(ctx, 0, got[1].ID, 1); err != nil || len(next) != 1 || next[0].Key != "c" {
			t.Errorf("next page: %v, %v", keys(next), err)
		}
		if of, err := s.Notices(ctx, c.piece.ID, 0, 10); err != nil || len(of) != 1 || of[0].Key != "a" {
			t.Errorf("of the piece: %v, %v", keys(of), err)
		}
		found, err := s.NoticeByMessageID(ctx, "b@agency.example")
		if err != nil || found.Key != "b" {
			t.Errorf("by Message-ID: %v, %v", found.Key, err)
		}
		_, err = s.NoticeByMessageID(ctx, "unknown@agency.example")
		wantCode(t, err, workflow.NotFound)
		if got := keys(lease(t, s, at(5), 10)); !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("due: %v, want a and b: c is not wanted", got)
		}
	})
}

func TestLeaseAndSettle(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		if _, waits, err := s.NextDue(ctx); waits || err != nil {
			t.Errorf("an empty queue: %v, %v", waits, err)
		}
		if got := lease(t, s, at(9), 10); len(got) != 0 {
			t.Errorf("leased %v from an empty queue", keys(got))
		}
		enqueue(t, s, 3, newNotice("late", at(3)), newNotice("early", at(1)), newNotice("middle", at(2)))
		nextDue := func(want time.Time) {
			t.Helper()
			if got, waits, err := s.NextDue(ctx); !waits || err != nil || !got.Equal(want) {
				t.Errorf("next due %v, %v, %v; want %v", got, waits, err, want)
			}
		}
		nextDue(at(1))
		if got := lease(t, s, at(1).Add(-time.Millisecond), 10); len(got) != 0 {
			t.Errorf("leased %v before it was due", keys(got))
		}
		got := lease(t, s, at(10), 2)
		if !slices.Equal(keys(got), []string{"early", "middle"}) {
			t.Fatalf("leased %v, want the two oldest", keys(got))
		}
		early, middle := got[0], got[1]
		if early.State != outbox.Sending || early.Attempts != 1 || !early.LeaseUntil.Equal(at(15)) {
			t.Errorf("leased as %+v", early)
		}
		nextDue(at(3))
		if got := keys(lease(t, s, at(11), 10)); !slices.Equal(got, []string{"late"}) {
			t.Errorf("leased %v, want only what is not leased", got)
		}
		nextDue(at(15)) // when the leases run out

		ok(t, s.Settle(ctx, []outbox.Result{
			{ID: early.ID, Attempt: 1, State: outbox.Sent, Code: 250, At: at(12), Duration: time.Second},
			{ID: middle.ID, Attempt: 1, State: outbox.Deferred, NextAt: at(14), Error: "greylisted", Code: 451, At: at(12)},
		}))
		again := lease(t, s, at(15), 10)
		if len(again) != 1 || again[0].ID != middle.ID || again[0].Attempts != 2 || again[0].Error != "greylisted" {
			t.Fatalf("leased %+v, want the greylisted one's second attempt", again)
		}
		// A worker that took too long reports on a lease that somebody else has by now.
		ok(t, s.Settle(ctx, []outbox.Result{
			{ID: middle.ID, Attempt: 1, State: outbox.Failed, Error: "too late", At: at(16)},
			{ID: early.ID, Attempt: 1, State: outbox.Failed, Error: "was sent", At: at(16)},
		}))
		ok(t, s.Settle(ctx, []outbox.Result{{ID: middle.ID, Attempt: 2, State: outbox.Failed, Error: "no such user", Code: 550, At: at(17)}}))
		ok(t, s.Settle(ctx, nil))
		stored, err := s.Notices(ctx, 0, 0, 10)
		ok(t, err)
		for i, want := range []struct {
			state outbox.State
			text  string
			sent  time.Time
		}{{outbox.Sending, "", time.Time{}}, {outbox.Sent, "", at(12)}, {outbox.Failed, "no such user", time.Time{}}} {
			if n := stored[i]; n.State != want.state || n.Error != want.text || !n.SentAt.Equal(want.sent) {
				t.Errorf("%s: %s, %q, sent %v; want %+v", n.Key, n.State, n.Error, n.SentAt, want)
			}
		}
		// Who had the last one died.
		if got := lease(t, s, at(60), 10); len(got) != 1 || got[0].Key != "late" || got[0].Attempts != 2 {
			t.Errorf("leased %+v, want the one whose lease ran out", got)
		}
	})
}

func TestRequeueAndCancel(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		enqueue(t, s, 3, newNotice("sent", at(1)), newNotice("leased", at(2)), newNotice("queued", at(3)))
		leased := lease(t, s, at(2), 2)
		sent, busy := leased[0].ID, leased[1].ID
		queued := busy + 1
		ok(t, s.Settle(ctx, []outbox.Result{{ID: sent, Attempt: 1, State: outbox.Sent, At: at(2)}}))
		for _, id := range []int64{sent, busy} { // it would reach people twice
			wantCode(t, s.Requeue(ctx, id, at(9)), workflow.Conflict)
			wantCode(t, s.Cancel(ctx, id, "changed my mind"), workflow.Conflict)
		}
		wantCode(t, s.Requeue(ctx, 4711, at(9)), workflow.NotFound)
		wantCode(t, s.Cancel(ctx, 4711, ""), workflow.NotFound)

		ok(t, s.Cancel(ctx, queued, "changed my mind"))
		if got := lease(t, s, at(4), 10); len(got) != 0 {
			t.Errorf("leased %v, want nothing of what was cancelled", keys(got))
		}
		ok(t, s.Settle(ctx, []outbox.Result{{ID: busy, Attempt: 1, State: outbox.Failed, Error: "no such user", At: at(4)}}))
		ok(t, s.Requeue(ctx, queued, at(5)))
		ok(t, s.Requeue(ctx, busy, at(6)))
		if got := keys(lease(t, s, at(5), 10)); !slices.Equal(got, []string{"queued"}) {
			t.Errorf("leased %v, want what was queued again", got)
		}
		if got := lease(t, s, at(6), 10); len(got) != 1 || got[0].ID != busy || got[0].Attempts != 2 || got[0].Error != "" {
			t.Errorf("leased %+v, want the failed one's second attempt", got)
		}
	})
}

// Two instances with connections of their own never get the same notice.
func TestLeaseByTwoInstances(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, dsn string) {
		const notices = 300
		var all []outbox.Notice
		for i := range notices {
			all = append(all, newNotice(fmt.Sprint("n-", i), at(i%7)))
		}
		enqueue(t, s, notices, all...)
		instances := []*store.Store{s, open(t, dsn)}
		var mu sync.Mutex
		times := map[string]int{}
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				for {
					got, err := instances[worker%2].Lease(context.Background(), at(10), at(20), 7)
					if err != nil {
						t.Error(err)
						return
					}
					if len(got) == 0 {
						return
					}
					mu.Lock()
					for _, n := range got {
						times[n.Key]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		// SKIP LOCKED may leave an instance with nothing while the other still holds its rows: what is left is nobody's.
		for _, n := range lease(t, s, at(10), notices) {
			times[n.Key]++
		}
		if len(times) != notices {
			t.Errorf("%d notices leased, want %d", len(times), notices)
		}
		for key, n := range times {
			if n != 1 {
				t.Errorf("%s was leased %d times", key, n)
			}
		}
	})
}

func TestReplies(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		reply := func(key, to, template string, created time.Time) outbox.Notice {
			n := newNotice(key, created)
			n.AutoReply, n.ToAddress, n.Template, n.CreatedAt = true, to, template, created
			return n
		}
		told := newNotice("told", at(5))
		told.CreatedAt = at(5)
		enqueue(t, s, 4, reply("1", "ana@x.example", "redirect", at(1)), reply("2", "ana@x.example", "received", at(5)),
			reply("3", "bo@x.example", "redirect", at(5)), told)
		check := func(look proxy.Archive, since time.Time, address, template string, want proxy.ReplyCounts) {
			t.Helper()
			if got, err := look.Replies(ctx, since, address, template); err != nil || got != want {
				t.Errorf("Replies(%v, %s, %s) = %+v, %v; want %+v", since, address, template, got, err, want)
			}
		}
		check(s, at(0), "ana@x.example", "redirect", proxy.ReplyCounts{Address: 2, Template: 2, Total: 3})
		check(s, at(5), "ana@x.example", "redirect", proxy.ReplyCounts{Address: 1, Template: 1, Total: 2})
		check(s, at(6), "ana@x.example", "redirect", proxy.ReplyCounts{})
		errUndo := errors.New("undo")
		update(t, s, func(tx proxy.Tx) error {
			check(tx, at(0), "ana@x.example", "redirect", proxy.ReplyCounts{Address: 2, Template: 2, Total: 3})
			_, err := tx.Enqueue(ctx, []outbox.Notice{reply("4", "ana@x.example", "redirect", at(7)), reply("1", "ana@x.example", "redirect", at(7)), newNotice("told again", at(7))})
			ok(t, err)
			check(tx, at(0), "ana@x.example", "redirect", proxy.ReplyCounts{Address: 3, Template: 3, Total: 4})
			check(tx, at(2), "ana@x.example", "redirect", proxy.ReplyCounts{Address: 2, Template: 2, Total: 3})
			err = tx.Savepoint(ctx, func(tx proxy.Tx) error {
				_, err := tx.Enqueue(ctx, []outbox.Notice{reply("5", "cy@x.example", "redirect", at(8))})
				ok(t, err)
				check(tx, at(6), "cy@x.example", "redirect", proxy.ReplyCounts{Address: 1, Template: 2, Total: 2})
				return errUndo
			})
			if !errors.Is(err, errUndo) {
				t.Error(err)
			}
			check(tx, at(6), "cy@x.example", "redirect", proxy.ReplyCounts{Template: 1, Total: 1})
			_, err = tx.Enqueue(ctx, []outbox.Notice{reply("6", "cy@x.example", "received", at(9))})
			ok(t, err)
			check(tx, at(6), "cy@x.example", "received", proxy.ReplyCounts{Address: 1, Template: 1, Total: 2})
			check(tx, at(1), "cy@x.example", "redirect", proxy.ReplyCounts{Address: 1, Template: 3, Total: 5})
			return nil
		})
	})
}

func TestStormCounts(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		notice := func(key, template string, reply bool, minute int) outbox.Notice {
			n := newNotice(key, at(minute))
			n.Template, n.AutoReply, n.ToAddress, n.PieceID, n.CreatedAt = template, reply, "ana@x.example", c.piece.ID, at(minute)
			return n
		}
		enqueue(t, s, 6, notice("1", "note", false, 1), notice("2", "note", false, 5), notice("3", "new_version", false, 6),
			notice("4", "step_done", false, 7), notice("5", "held", true, 5), notice("6", "held", true, 6))
		update(t, s, func(tx proxy.Tx) error {
			for uid, action := range []proxy.Action{proxy.Hold, proxy.Hold, proxy.File, proxy.Hold} {
				rec := newRecord(uint32(uid + 1))
				rec.Action, rec.RecordedAt, rec.FromAddress = action, at(uid), "ana@x.example"
				if uid == 1 {
					rec.FromAddress = "bo@x.example"
				}
				if uid == 3 {
					rec.FromAddress = "Ana+3@X.example" // the same mailbox
				}
				ok(t, tx.AddRecord(ctx, &rec))
			}
			by, err := tx.RepliesTo(ctx, at(6), "ana@x.example")
			if err != nil || len(by) != 1 || by["held"] != 1 {
				t.Errorf("replies %v, %v", by, err)
			}
			for _, tt := range []struct{ since, limit, want int }{{0, 9, 3}, {5, 9, 2}, {0, 2, 2}, {8, 9, 0}} {
				if n, err := tx.Relayed(ctx, at(tt.since), c.piece.ID, tt.limit); err != nil || n != tt.want {
					t.Errorf("passed on since %d: %d, %v; want %d", tt.since, n, err, tt.want)
				}
			}
			for since, want := range map[int]int{0: 2, 1: 1, 4: 0} {
				if n, err := tx.HeldFrom(ctx, at(since), "ana@x.example"); err != nil || n != want {
					t.Errorf("held since %d: %d, %v; want %d", since, n, err, want)
				}
			}
			return nil
		})
	})
}

func TestBounces(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		bouncing := func(want string) {
			t.Helper()
			if got, err := s.Bouncing(ctx, "ana@x.example"); err != nil || got != want {
				t.Errorf("bouncing %q, %v; want %q", got, err, want)
			}
		}
		add := func(b outbox.Bounce) {
			t.Helper()
			b.At, b.Address = noon, "ana@x.example"
			update(t, s, func(tx proxy.Tx) error { return addBounce(ctx, tx, b) })
		}
		bouncing("")
		add(outbox.Bounce{Status: "4.2.2"})
		bouncing("")
		add(outbox.Bounce{Status: "5.1.1", Permanent: true})
		bouncing("mail to it came back on 2026-03-04 (status 5.1.1)")
		add(outbox.Bounce{Permanent: true})
		bouncing("mail to it came back on 2026-03-04")
		if st, err := s.Status(ctx); err != nil || st.Bouncing != 1 {
			t.Errorf("status counts %d bouncing, %v", st.Bouncing, err)
		}
		update(t, s, func(tx proxy.Tx) error {
			return errors.Join(tx.ClearBounce(ctx, "ana@x.example"), tx.ClearBounce(ctx, "other@x.example"))
		})
		bouncing("")
	})
}

func addBounce(ctx context.Context, tx proxy.Tx, b outbox.Bounce) error {
	_, err := tx.AddBounce(ctx, b, outbox.BounceRules{})
	return err
}

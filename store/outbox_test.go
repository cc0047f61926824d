package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

func of(n outbox.Notice, p outbox.Priority, kind string) outbox.Notice {
	n.Priority, n.Template = p, kind
	return n
}

// Of what is due, answers go before reminders and these before lists; who has waited for long goes before all.
func TestLeaseInTurn(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		enqueue(t, s, 6,
			of(newNotice("list", at(100)), outbox.Lists, "digest"), of(newNotice("old list", at(100).Add(-61*time.Minute)), outbox.Lists, "digest"),
			of(newNotice("reminder", at(100)), outbox.Reminders, "due_soon"), of(newNotice("answer", at(101)), outbox.Prompt, "receipt"),
			of(newNotice("old reminder", at(80)), outbox.Reminders, "due_soon"), of(newNotice("later", at(103)), outbox.Prompt, "receipt"))
		want := []string{"old list", "answer", "old reminder", "reminder", "list"}
		if got := keys(lease(t, s, at(102), 3)); !slices.Equal(got, want[:3]) {
			t.Errorf("leased %v, want %v", got, want[:3])
		}
		if got := keys(lease(t, s, at(102), 10)); !slices.Equal(got, want[3:]) {
			t.Errorf("then %v, want %v", got, want[3:])
		}
	})
}

// What a dead process had leased is taken over by another instance once the lease ran out, by its turn; its late result is dropped.
func TestLeaseOfTheDead(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, dsn string) {
		ctx := context.Background()
		enqueue(t, s, 2, of(newNotice("list", at(1)), outbox.Lists, "digest"), newNotice("answer", at(2)))
		dead := lease(t, s, at(3), 10)
		other := open(t, dsn)
		if got := lease(t, other, at(7), 10); len(got) != 0 {
			t.Errorf("leased %v while the lease holds", keys(got))
		}
		got := lease(t, other, at(8), 10)
		if !slices.Equal(keys(got), []string{"answer", "list"}) || got[0].Attempts != 2 {
			t.Fatalf("taken over %v", got)
		}
		ok(t, s.Settle(ctx, []outbox.Result{{ID: dead[0].ID, Attempt: 1, State: outbox.Failed, Error: "too late", At: at(9)}}))
		ok(t, other.Settle(ctx, []outbox.Result{{ID: got[0].ID, Attempt: 2, State: outbox.Sent, Code: 250, At: at(9), Duration: 1500 * time.Millisecond}}))
		n, err := s.Notice(ctx, dead[0].ID)
		if err != nil || n.State != outbox.Sent {
			t.Errorf("it is %s, %v", n.State, err)
		}
		tries, err := s.Attempts(ctx, n.ID)
		ok(t, err)
		want := []outbox.Attempt{{Number: 1, At: at(9), Outcome: "failed", Error: "too late"},
			{Number: 2, At: at(9), Outcome: "sent", Code: 250, Duration: 1500 * time.Millisecond, Millis: 1500}}
		if d := cmp.Diff(want, tries); d != "" {
			t.Error(d)
		}
	})
}

func TestDeferred(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		enqueue(t, s, 2, newNotice("grey", at(1)), newNotice("lost", at(2)))
		got := lease(t, s, at(2), 10)
		ok(t, s.Settle(ctx, []outbox.Result{
			{ID: got[0].ID, Attempt: 1, State: outbox.Deferred, NextAt: at(5), Error: "greylisted", Code: 451, At: at(2)},
			{ID: got[1].ID, Attempt: 1, State: outbox.Deferred, NextAt: at(9), Error: "hung up", Unknown: true, At: at(2)},
		}))
		st, err := s.Status(ctx)
		ok(t, err)
		if d := cmp.Diff(map[outbox.State]int{outbox.Deferred: 2}, st.Queue); d != "" {
			t.Error(d)
		}
		if tries, err := s.Attempts(ctx, got[1].ID); err != nil || len(tries) != 1 || tries[0].Outcome != outbox.Unknown {
			t.Errorf("attempts %+v, %v", tries, err)
		}
		if n, err := s.Notice(ctx, got[0].ID); err != nil || n.State != outbox.Deferred {
			t.Errorf("%s, %v", n.State, err)
		}
		again := lease(t, s, at(5), 10)
		ok(t, s.Settle(ctx, []outbox.Result{{ID: again[0].ID, Attempt: 2, State: outbox.Queued, NextAt: at(7), Error: "greylisted", At: at(5), Untried: true}}))
		if n, err := s.Notice(ctx, got[0].ID); err != nil || n.State != outbox.Deferred || n.Attempts != 1 {
			t.Errorf("given back untried: %s after %d attempts, %v", n.State, n.Attempts, err)
		}
		ok(t, s.Requeue(ctx, got[0].ID, at(6)))
		if n, err := s.Notice(ctx, got[0].ID); err != nil || n.State != outbox.Queued {
			t.Errorf("by hand: %s, %v", n.State, err)
		}
	})
}

// A dead letter that is sent again by hand is given up as late as a new one. A list stays as old as it is.
func TestRequeueIsDue(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		enqueue(t, s, 3, newNotice("old", at(1)), newNotice("ahead", at(90)), of(newNotice("list", at(2)), outbox.Lists, "digest"))
		var dead []outbox.Result
		for _, n := range lease(t, s, at(3), 9) {
			dead = append(dead, outbox.Result{ID: n.ID, Attempt: 1, State: outbox.Failed, Error: "given up", At: at(3)})
		}
		ok(t, s.Settle(ctx, dead))
		all, err := s.Notices(ctx, 0, 0, 9)
		ok(t, err)
		for _, n := range all[:2] {
			ok(t, s.Requeue(ctx, n.ID, at(60)))
		}
		if n, err := s.RequeueAll(ctx, store.NoticeFilter{States: []outbox.State{outbox.Failed}}, at(60)); err != nil || n != 1 {
			t.Errorf("requeued %d, %v", n, err)
		}
		all, err = s.Notices(ctx, 0, 0, 9)
		ok(t, err)
		for _, n := range all {
			due := at(60)
			if n.Key == "list" {
				due = at(2)
			}
			if !n.DueAt.Equal(due) || !n.NextAt.Equal(at(60)) {
				t.Errorf("%s is due %v, next %v", n.Key, n.DueAt, n.NextAt)
			}
		}
	})
}

func TestRequeueMany(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		mine := of(newNotice("mine", at(1)), outbox.Prompt, "receipt")
		mine.PieceID = c.piece.ID
		enqueue(t, s, 4, mine, of(newNotice("a", at(2)), outbox.Prompt, "receipt"), newNotice("b", at(3)), newNotice("sent", at(4)))
		var results []outbox.Result
		for _, n := range lease(t, s, at(9), 9) {
			r := outbox.Result{ID: n.ID, Attempt: 1, State: outbox.Failed, Error: "no", At: at(9)}
			if n.Key == "sent" {
				r.State = outbox.Sent
			}
			results = append(results, r)
		}
		ok(t, s.Settle(ctx, results))
		failed := []outbox.State{outbox.Failed}
		for _, tt := range []struct {
			f    store.NoticeFilter
			want int
		}{{store.NoticeFilter{States: failed}, 3}, {store.NoticeFilter{States: failed, Kind: "receipt"}, 2}, {store.NoticeFilter{PieceID: c.piece.ID}, 1}, {store.NoticeFilter{}, 4}} {
			if n, err := s.CountNotices(ctx, tt.f); err != nil || n != tt.want {
				t.Errorf("%+v: %d, %v; want %d", tt.f, n, err, tt.want)
			}
		}
		if n, err := s.RequeueAll(ctx, store.NoticeFilter{States: failed, Kind: "receipt"}, at(10)); err != nil || n != 2 {
			t.Errorf("requeued %d, %v", n, err)
		}
		if n, err := s.CancelAll(ctx, store.NoticeFilter{}, "over"); err != nil || n != 3 { // never what was sent
			t.Errorf("cancelled %d, %v", n, err)
		}
		st, err := s.Status(ctx)
		if d := cmp.Diff(map[outbox.State]int{outbox.Sent: 1, outbox.Cancelled: 3}, st.Queue); err != nil || d != "" {
			t.Error(err, d)
		}
	})
}

func TestPause(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, dsn string) {
		ctx := context.Background()
		serve := open(t, dsn) // the pause is said elsewhere
		enqueue(t, s, 3, newNotice("r1", at(1)), of(newNotice("d1", at(1)), outbox.Lists, "digest"), of(newNotice("d2", at(2)), outbox.Lists, "digest"))
		due := func(now time.Time, want ...string) {
			t.Helper()
			if got := keys(lease(t, serve, now, 10)); !slices.Equal(got, append([]string{}, want...)) {
				t.Errorf("leased %v, want %v", got, want)
			}
		}
		next := func(want time.Time) {
			t.Helper()
			if at, waits, err := serve.NextDue(ctx); err != nil || waits == want.IsZero() || !at.Equal(want) {
				t.Errorf("next due %v, %v, %v; want %v", at, waits, err, want)
			}
		}
		ok(t, s.Pause(ctx, outbox.Pause{Since: at(1), Note: "the server moves"}))
		due(at(5))
		next(time.Time{})
		ok(t, s.Pause(ctx, outbox.Pause{Since: at(1), Until: at(6)})) // anew, with an end
		due(at(5))
		next(at(6))
		ok(t, s.Resume(ctx, "", at(5)))
		ok(t, s.Pause(ctx, outbox.Pause{Kind: "digest", Since: at(5)}))
		if o, err := serve.Obstacle(ctx, outbox.Notice{Template: "digest", ToAddress: "x@y.example"}, at(5)); err != nil || !o.Paused {
			t.Errorf("obstacle %+v, %v", o, err)
		}
		if o, err := serve.Obstacle(ctx, outbox.Notice{Template: "weekly", ToAddress: "x@y.example"}, at(5)); err != nil || o != (outbox.Obstacle{}) {
			t.Errorf("obstacle %+v, %v", o, err)
		}
		due(at(5), "r1")
		next(at(10)) // when r1's lease ends: what is paused wakes nobody
		enqueue(t, s, 1, of(newNotice("d3", at(5)), outbox.Lists, "digest"))
		due(at(6))
		st, err := s.Status(ctx)
		if err != nil || st.Parked != 3 || st.Queue[outbox.Queued] != 3 || len(st.Paused) != 1 || st.Paused[0].Kind != "digest" {
			t.Errorf("status %+v, %v", st, err)
		}
		ok(t, s.Resume(ctx, "digest", at(7)))
		wantCode(t, s.Resume(ctx, "digest", at(7)), workflow.NotFound)
		due(at(7), "d1", "d2", "d3")

		enqueue(t, s, 1, of(newNotice("w", at(8)), outbox.Lists, "weekly"))
		ok(t, s.Pause(ctx, outbox.Pause{Kind: "weekly", Since: at(8), Until: at(9)}))
		due(at(8))
		next(at(9)) // a pause ends by itself
		due(at(9), "w")
		if left, err := s.Pauses(ctx, time.Time{}); err != nil || len(left) != 0 {
			t.Errorf("pauses %v, %v", left, err)
		}
	})
}

func TestSuppressed(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		for _, x := range []outbox.Suppression{{Name: "ana@x.example", Since: at(1), Reason: "asked us to"}, {Name: "y.example", Since: at(2)}} {
			ok(t, s.Suppress(ctx, x))
		}
		for address, want := range map[string]string{
			"ana@x.example": "mail to ana@x.example is suppressed: asked us to", "bo@x.example": "", "bo@y.example": "mail to y.example is suppressed", "bo@sub.y.example": "",
		} {
			if o, err := s.Obstacle(ctx, outbox.Notice{ToAddress: address}, at(3)); err != nil || o.Never != want {
				t.Errorf("%s: %q, %v; want %q", address, o.Never, err, want)
			}
		}
		all, err := s.Suppressed(ctx)
		if err != nil || len(all) != 2 || all[0].Reason != "asked us to" {
			t.Errorf("%+v, %v", all, err)
		}
		ok(t, s.Unsuppress(ctx, "y.example"))
		wantCode(t, s.Unsuppress(ctx, "y.example"), workflow.NotFound)
		if st, err := s.Status(ctx); err != nil || st.Suppressed != 1 {
			t.Errorf("%d suppressed, %v", st.Suppressed, err)
		}
	})
}

func TestReminded(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		var all []outbox.Notice
		for i := range 4 {
			n := of(newNotice(fmt.Sprint("n", i), at(i)), outbox.Reminders, "due_soon")
			if n.PersonID = c.author.ID; i == 3 {
				n.Priority = outbox.Prompt
			}
			all = append(all, n)
		}
		enqueue(t, s, 4, all...)
		for i, n := range lease(t, s, at(9), 9) {
			ok(t, s.Settle(ctx, []outbox.Result{{ID: n.ID, Attempt: 1, State: outbox.Sent, At: at(10 + i)}}))
		}
		got, err := s.Reminded(ctx, c.author.ID, at(10), 9)
		if d := cmp.Diff([]time.Time{at(13), at(12), at(11)}, got); err != nil || d != "" {
			t.Error(err, d)
		}
		if got, err := s.Reminded(ctx, c.editor.ID, at(0), 9); err != nil || len(got) != 0 {
			t.Error(got, err)
		}
	})
}

// However many reports there are of one mail, it counts once.
func TestReportedOften(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		enqueue(t, s, 3, newNotice("a", at(1)), newNotice("b", at(1)), newNotice("c", at(1)))
		sent := lease(t, s, at(2), 9)
		for i, n := range sent {
			ok(t, s.Settle(ctx, []outbox.Result{{ID: n.ID, Attempt: 1, State: outbox.Sent, At: at(2)}}))
			for again := range 4 {
				var marked bool
				update(t, s, func(tx proxy.Tx) (err error) {
					marked, err = tx.AddBounce(ctx, outbox.Bounce{At: at(3), Address: "ana@x.example", Status: "4.2.2", NoticeID: n.ID}, outbox.BounceRules{})
					return err
				})
				if want := i == 2 && again == 0; marked != want {
					t.Errorf("report %d of mail %d: marked %v", again, i, marked)
				}
			}
		}
	})
}

// Soft bounces fade: a full mailbox now and then is none to give up, one day after day is.
func TestSoftBounces(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
		add := func(address, status string, on int, delayed bool) (marked bool) {
			t.Helper()
			update(t, s, func(tx proxy.Tx) (err error) {
				marked, err = tx.AddBounce(ctx, outbox.Bounce{At: day(on), Address: address, Status: status, Permanent: status[0] == '5', Delayed: delayed}, outbox.BounceRules{})
				return err
			})
			return marked
		}
		for i := range 10 {
			if add("now-and-then@x.example", "4.2.2", 14*i, false) || add("late@x.example", "4.4.1", i, true) || add("grey@x.example", "4.7.1", i, false) || add("spam@x.example", "5.7.1", i, false) {
				t.Fatalf("marked at bounce %d", i)
			}
		}
		for i, want := range []bool{false, false, false, true, false} { // the last time it is known
			if got := add("full@x.example", "5.2.2", i, false); got != want {
				t.Errorf("bounce %d: marked %v", i, got)
			}
		}
		if reason, err := s.Bouncing(ctx, "full@x.example"); err != nil || reason == "" {
			t.Errorf("%q, %v", reason, err)
		}
		all, err := s.Bounces(ctx, day(200), outbox.BounceRules{})
		ok(t, err)
		if len(all) != 2 || all[0].Address != "full@x.example" || all[0].Status != "5.2.2" || all[1].Address != "now-and-then@x.example" || !all[1].Since.IsZero() || all[1].Score > 0.01 {
			t.Errorf("%+v", all)
		}
		all, err = s.Bounces(ctx, day(130), outbox.BounceRules{})
		ok(t, err)
		if len(all) != 2 || !all[1].First.Equal(day(84)) { // one before seven half-lives counts no more
			t.Errorf("%+v", all)
		}
		ok(t, s.ClearBounce(ctx, "full@x.example"))
		wantCode(t, s.ClearBounce(ctx, "full@x.example"), workflow.NotFound)
		ok(t, s.ClearBounce(ctx, "now-and-then@x.example")) // what only counts is forgotten as well
		if all, err := s.Bounces(ctx, day(200), outbox.BounceRules{}); err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
		if add("full@x.example", "5.2.2", 5, false) {
			t.Error("what was cleared counts still")
		}
	})
}

// A notice that comes back is a bounced one, unless the report only tells of a delay; it may be sent again.
func TestBouncedNotice(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		enqueue(t, s, 1, newNotice("a", at(1)))
		n := lease(t, s, at(1), 1)[0]
		report := func(status string, delayed bool) outbox.Notice {
			t.Helper()
			update(t, s, func(tx proxy.Tx) error {
				return addBounce(ctx, tx, outbox.Bounce{At: at(5), Address: n.ToAddress, Status: status, Permanent: !delayed, Delayed: delayed, NoticeID: n.ID})
			})
			got, err := s.Notice(ctx, n.ID)
			ok(t, err)
			return got
		}
		if got := report("5.1.1", false); got.State != outbox.Sending {
			t.Errorf("refused while it is being sent: %s", got.State)
		}
		ok(t, s.Settle(ctx, []outbox.Result{{ID: n.ID, Attempt: 1, State: outbox.Sent, At: at(2)}}))
		if got := report("4.4.1", true); got.State != outbox.Sent {
			t.Errorf("delayed: %s", got.State)
		}
		if got := report("5.1.1", false); got.State != outbox.Bounced || got.Error != "it came back: there is no such mailbox (status 5.1.1)" || !got.SentAt.Equal(at(2)) {
			t.Errorf("%s, %q", got.State, got.Error)
		}
		ok(t, s.Requeue(ctx, n.ID, at(6)))
		if got := lease(t, s, at(6), 1); len(got) != 1 || got[0].MessageID != n.MessageID {
			t.Errorf("leased %v", got)
		}
	})
}

func TestBreaker(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		wantCode(t, s.CloseBreaker(ctx, at(1)), workflow.NotFound)
		want := proxy.Breaker{Since: at(1), Until: at(31), Begun: at(1), Wanted: 3, Lost: 3}
		update(t, s, func(tx proxy.Tx) error { return tx.SaveBreaker(ctx, want) })
		if got, err := s.Breaker(ctx); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%+v, %v", got, err)
		}
		ok(t, s.CloseBreaker(ctx, at(2)))
		if st, err := s.Status(ctx); err != nil || st.Breaker.Open(at(2)) || !st.Breaker.Until.Equal(at(2)) {
			t.Errorf("%+v, %v", st.Breaker, err)
		}
		reply := newNotice("a", at(3))
		reply.AutoReply, reply.CreatedAt = true, at(3)
		enqueue(t, s, 2, reply, newNotice("b", at(3)))
		for _, tt := range []struct{ since, limit, want int }{{0, 9, 1}, {0, 0, 0}, {4, 9, 0}} {
			if n, err := s.Answered(ctx, at(tt.since), tt.limit); err != nil || n != tt.want {
				t.Errorf("%+v: %d, %v", tt, n, err)
			}
		}
	})
}

// Picking the next batch takes no longer with a hundred thousand queued than with a hundred, also while a kind is paused.
func TestLeaseOfManyQueued(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		migrate(t, dsn)
		s, db := open(t, dsn), rawOpen(t, dsn)
		queue := func(from, to int) {
			t.Helper()
			_, err := db.Exec(fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)
				INSERT INTO notices (key, template, data, auto_reply, to_name, to_address, locale, time_zone, message_id, in_reply_to, refs, reply_to,
					state, due_at, next_at, lease_until, attempts, error, created_at, sent_at, priority)
				SELECT 'k' || i, CASE WHEN i %% 3 = 2 THEN 'digest' ELSE 'due_soon' END, '{}', false, '', 'a@x.example', '', '', 'm' || i, '', '[]', '', 'queued', i, i, 0, 0, '', 0, 0, i %% 3 FROM n`, from, to))
			ok(t, err)
			if postgresTest(dsn) {
				_, err = db.Exec("ANALYZE notices") // as its autovacuum does
				ok(t, err)
			}
		}
		pick := func() time.Duration {
			t.Helper()
			var took []time.Duration
			for range 21 {
				begun := time.Now()
				got := lease(t, s, noon, 20)
				if took = append(took, time.Since(begun)); len(got) != 20 {
					t.Fatalf("leased %d", len(got))
				}
				var back []outbox.Result
				for _, n := range got {
					back = append(back, outbox.Result{ID: n.ID, Attempt: 1, State: outbox.Queued, NextAt: n.DueAt, Untried: true, At: noon})
				}
				ok(t, s.Settle(context.Background(), back))
			}
			return slices.Min(took) // the machine has other work as well
		}
		queue(1, 100)
		few := pick()
		queue(101, 100_000)
		many := pick()
		ok(t, s.Pause(context.Background(), outbox.Pause{Kind: "digest", Since: noon}))
		paused := pick() // the first lease parks them
		t.Logf("of 100: %v, of 100,000: %v, with 33,333 of them paused: %v", few, many, paused)
		for _, took := range []time.Duration{many, paused} {
			if took > 4*few+5*time.Millisecond {
				t.Errorf("it takes %v, with 100 queued %v", took, few)
			}
		}
	})
}

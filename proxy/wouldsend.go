package proxy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"handoff/outbox"
)

// WouldSend is what would be decided on a stored mail if it came now, and every notice that this would queue, with nothing
// kept of it. The pieces are as they are now; caps are left out of account, as what the mail got when it came counts for them.
func (g *Gateway) WouldSend(ctx context.Context, rec Record) (Disposition, []outbox.Notice, error) {
	received, err := g.reread(ctx, rec)
	if err != nil {
		return Disposition{}, nil, err
	}
	var d Disposition
	var notices []outbox.Notice
	undo := errors.New("nothing is to be kept")
	err = g.Store.Update(ctx, func(tx Tx) error {
		notices = nil
		var heard []outbox.Notice
		return g.guarded(ctx, newSession(overheard{tx, &heard}), func(s *session) error {
			r, err := g.Decider.decide(ctx, s, received, unseen)
			if err != nil {
				return err
			}
			d = r.Disposition
			r.earlier = rec // whose place it takes
			r.received.Mailbox += "#try"
			again := g.record(r)
			if err := g.add(ctx, s, r, &again); err != nil {
				return err
			}
			if _, err := g.apply(ctx, s, r, again); err != nil {
				return err
			}
			notices = heard
			return undo
		})
	})
	if errors.Is(err, undo) {
		return d, notices, nil
	}
	if err != nil {
		err = fmt.Errorf("trying mail %d: %w", rec.ID, err)
	}
	return d, nil, err
}

// overheard is a transaction whose notices are noted.
type overheard struct {
	Tx
	notices *[]outbox.Notice
}

func (o overheard) Enqueue(ctx context.Context, notices []outbox.Notice) (int, error) {
	*o.notices = append(*o.notices, notices...)
	return o.Tx.Enqueue(ctx, notices)
}

// Replies, RepliesTo and Relayed count nothing.
func (overheard) Replies(context.Context, time.Time, string, string) (ReplyCounts, error) {
	return ReplyCounts{}, nil
}

func (overheard) RepliesTo(context.Context, time.Time, string) (map[string]int, error) {
	return map[string]int{}, nil
}

func (overheard) Relayed(context.Context, time.Time, int64, int) (int, error) { return 0, nil }

// Answered counts nothing, so that the breaker stays as it is.
func (overheard) Answered(context.Context, time.Time, int) (int, error) { return 0, nil }

// Savepoint forgets what was queued in one that is undone.
func (o overheard) Savepoint(ctx context.Context, f func(Tx) error) error {
	before := len(*o.notices)
	err := o.Tx.Savepoint(ctx, func(tx Tx) error { return f(overheard{tx, o.notices}) })
	if err != nil {
		*o.notices = (*o.notices)[:before]
	}
	return err
}

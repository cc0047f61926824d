package outbox

import (
	"context"

	"handoff/workflow"
)

// Follow does on one person, in the caller's transaction, what the next tick would do: the points of an onboarding that come
// by themselves, and what they and the last point ask for by mail. It returns the notices that are new in the queue.
func (s *Scheduler) Follow(ctx context.Context, tx Clockwork, personID int64) ([]Notice, error) {
	p, err := tx.Person(ctx, personID)
	if err != nil {
		return nil, err
	}
	t := &tick{Scheduler: s, now: s.Clock.Now()}
	notices, err := t.person(ctx, tx, p, &acquaintances{from: tx, known: map[int64]workflow.Person{p.ID: p}})
	if err != nil {
		return nil, err
	}
	var added []Notice
	for _, n := range notices {
		switch fresh, err := tx.Enqueue(ctx, []Notice{n}); {
		case err != nil:
			return nil, storing(err, "queue notices")
		case fresh > 0 && n.State == Queued:
			added = append(added, n)
		}
	}
	return added, nil
}

package proxy

import (
	"context"
	"fmt"
	"slices"

	"handoff/inbox"
	"handoff/workflow"
)

// byHand is the check of a decision that a person took.
const byHand = "by hand"

// SetAside ends the wait of held or failed mails without an effect, all or none; actorID, a colleague, decided that. The
// mails stay stored.
func (g *Gateway) SetAside(ctx context.Context, actorID int64, reason string, ids ...int64) error {
	waiting := make([]Record, len(ids))
	for i, id := range ids {
		var err error
		if waiting[i], err = g.stored(ctx, id); err != nil {
			return err
		}
	}
	return g.Store.Update(ctx, func(tx Tx) error {
		actor, err := tx.Person(ctx, actorID)
		if err != nil {
			return fmt.Errorf("looking up who sets it aside: %w", err)
		}
		if actor.Class != workflow.Internal {
			return workflow.Errorf(workflow.Forbidden, "%s is not of the team: a colleague has to decide", actor.Name)
		}
		for _, rec := range waiting {
			if rec, err = undecided(ctx, tx, rec); err != nil {
				return err
			}
			rec.Action, rec.Reason = Ignore, fmt.Sprintf("%s set it aside by hand: %s", actor.Name, reason)
			rec.Candidates, rec.Error = nil, ""
			rec.Trace = append(slices.Clone(rec.Trace), inbox.Check{Check: byHand, Outcome: string(Ignore), Reason: actor.Name + " decided it"},
				inbox.Check{Check: "disposition", Outcome: string(Ignore), Reason: rec.Reason})
			if err := tx.UpdateRecord(ctx, rec); err != nil {
				return fmt.Errorf("rewriting mail %d: %w", rec.ID, err)
			}
		}
		return nil
	})
}

// setAside tells whether a person decided that the mail comes to nothing.
func setAside(r Record) bool {
	return slices.ContainsFunc(r.Trace, func(c inbox.Check) bool { return c.Check == byHand })
}

// undecided is the record as it stands in this transaction, in which nobody else can decide on it; workflow.Conflict if it
// does not wait any more.
func undecided(ctx context.Context, tx Tx, rec Record) (Record, error) {
	now, err := tx.Recorded(ctx, rec.MessageID, rec.ContentHash)
	if err != nil {
		return rec, fmt.Errorf("looking up mail %d: %w", rec.ID, err)
	}
	if now.ID != rec.ID {
		return rec, workflow.Errorf(workflow.Conflict, "mail %d was decided meanwhile: it is a copy of mail %d", rec.ID, now.ID)
	}
	if now.Action != Hold && now.Action != Fail {
		return rec, workflow.Errorf(workflow.Conflict, "mail %d was decided meanwhile: %s", rec.ID, now.Action)
	}
	return now, nil
}

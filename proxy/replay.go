package proxy

import (
	"context"
	"errors"
	"fmt"

	"handoff/inbox"
	"handoff/workflow"
)

// Replayed is what deciding again on one stored mail came to.
type Replayed struct {
	Before, After Record
	Err           error // this one could not be replayed; the others go on
}

// Replay decides again on stored mails that are held or failed: on those with ids, or with none on all. each hears of every
// one; an error of each ends it. No answer is queued a second time: a reply that was queued before is not queued again.
func (g *Gateway) Replay(ctx context.Context, each func(Replayed) error, ids ...int64) error {
	if len(ids) > 0 {
		for _, id := range ids {
			rec, err := g.stored(ctx, id)
			done := Replayed{Before: rec, Err: err}
			if err == nil {
				done = g.replay(ctx, rec)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := each(done); err != nil {
				return err
			}
		}
		return nil
	}
	const page = 100
	for after := int64(0); ; {
		records, err := g.Store.Records(ctx, []Action{Hold, Fail}, after, page)
		if err != nil {
			return fmt.Errorf("listing the held and failed mails: %w", err)
		}
		for _, rec := range records {
			after = rec.ID
			done := g.replay(ctx, rec)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := each(done); err != nil {
				return err
			}
		}
		if len(records) < page {
			return nil
		}
	}
}

// stored is a record that is held or failed.
func (g *Gateway) stored(ctx context.Context, id int64) (Record, error) {
	all, err := g.Store.Records(ctx, []Action{Hold, Fail}, id-1, 1)
	if err != nil {
		return Record{}, fmt.Errorf("looking up mail %d: %w", id, err)
	}
	if len(all) == 0 || all[0].ID != id {
		return Record{ID: id}, workflow.Errorf(workflow.NotFound, "mail %d does not wait for a decision: there is no held or failed mail with that number", id)
	}
	return all[0], nil
}

func (g *Gateway) replay(ctx context.Context, rec Record) Replayed {
	received, err := g.reread(ctx, rec)
	if err != nil {
		return Replayed{Before: rec, After: rec, Err: err}
	}
	after, err := g.again(ctx, rec, received, func(ctx context.Context, s *session) (*ruling, error) {
		return g.Decider.decide(ctx, s, received, rec.ID)
	})
	return Replayed{Before: rec, After: after, Err: err}
}

// Assign files a held or failed mail on a piece by hand; actorID decided that. Its author is who was recognised, or else the
// piece's author. Whether the actor may is checked: the piece's editor and admins can.
func (g *Gateway) Assign(ctx context.Context, recordID, pieceID, actorID int64) (Record, error) {
	rec, err := g.stored(ctx, recordID)
	if err != nil {
		return Record{}, err
	}
	received, err := g.reread(ctx, rec)
	if err != nil {
		return Record{}, err
	}
	if finding := received.Message; finding != nil && finding.Infected != "" {
		return Record{}, workflow.Errorf(workflow.Invalid, "mail %d is not filed: the malware scanner found %s in it", recordID, finding.Infected)
	}
	if received.Message != nil && received.Message.Unscanned {
		return Record{}, workflow.Errorf(workflow.Invalid, "mail %d is not filed: it could not be scanned for malware", recordID)
	}
	if received.Oversize {
		return Record{}, workflow.Errorf(workflow.Invalid, "mail %d was too large to take in, only its header is here: ask for a link instead", recordID)
	}
	return g.again(ctx, rec, received, func(ctx context.Context, s *session) (*ruling, error) {
		return g.Decider.assign(ctx, s, received, rec.ID, pieceID, actorID)
	})
}

// Explain decides on a mail with the store's knowledge and leaves no trace of it there. That the mail may have been recorded
// before is left out of account.
func (g *Gateway) Explain(ctx context.Context, received inbox.Received) (Disposition, error) {
	var d Disposition
	undo := errors.New("nothing is to be kept")
	err := g.Store.Update(ctx, func(tx Tx) error {
		r, err := g.Decider.decide(ctx, newSession(tx), received, unseen)
		if err != nil {
			return err
		}
		d = r.Disposition
		return undo
	})
	if errors.Is(err, undo) {
		err = nil
	}
	return d, err
}

// unseen in place of a record's id leaves the duplicate check out.
const unseen = -1

// reread reads a stored mail as it was received.
func (g *Gateway) reread(ctx context.Context, rec Record) (inbox.Received, error) {
	in := inbox.Received{
		Mailbox: rec.Mailbox, UIDValidity: rec.UIDValidity, UID: rec.UID, Size: rec.Size,
		ReceivedAt: rec.ReceivedAt, Backfill: rec.Backfill, Oversize: rec.Oversize, Blob: rec.Blob,
	}
	f, err := g.Blobs.Get(ctx, rec.Blob)
	if err != nil {
		return in, fmt.Errorf("opening the stored mail %d: %w", rec.ID, err)
	}
	defer f.Close()
	in.Message, in.Err = inbox.Read(ctx, f, f.Size, g.Reading)
	if ctx.Err() != nil {
		return in, ctx.Err()
	}
	if errors.Is(in.Err, inbox.ErrNoScanner) { // no fault of the mail's
		return in, in.Err
	}
	return in, nil
}

// again decides anew on a stored record and rewrites it, all in one transaction. When something else was decided meanwhile,
// nothing happens.
func (g *Gateway) again(ctx context.Context, rec Record, received inbox.Received, decide func(context.Context, *session) (*ruling, error)) (Record, error) {
	after, queued := rec, 0
	err := g.update(ctx, func(tx Tx, s *session) error {
		after, queued = rec, 0
		if _, err := undecided(ctx, tx, rec); err != nil {
			return err
		}
		return g.guarded(ctx, s, func(s *session) error {
			r, err := decide(ctx, s)
			if err != nil {
				return err
			}
			describe(&after, r)
			after.Error = ""
			if received.Err != nil {
				after.Error = received.Err.Error()
			} else {
				after.MessageID, after.ContentHash = r.msg.MessageID, r.msg.ContentHash
			}
			if err := s.UpdateRecord(ctx, after); err != nil {
				return fmt.Errorf("rewriting mail %d: %w", rec.ID, err)
			}
			queued, err = g.apply(ctx, s, r, after)
			return err
		})
	})
	if err != nil {
		return rec, err
	}
	g.wake(queued)
	return after, nil
}

// assign is the decision of a person.
func (d *Decider) assign(ctx context.Context, look Lookups, received inbox.Received, self, pieceID, actorID int64) (*ruling, error) {
	r := &ruling{received: received, msg: received.Message, self: self}
	if received.Err != nil || received.Message == nil {
		return r, workflow.Errorf(workflow.Invalid, "mail %d cannot be read, so there is nothing to file: %v", self, received.Err)
	}
	actor, err := look.Person(ctx, actorID)
	if err != nil {
		return nil, fmt.Errorf("looking up who files it: %w", err)
	}
	piece, err := look.Piece(ctx, pieceID)
	if err != nil {
		return nil, fmt.Errorf("looking up the piece: %w", err)
	}
	if !workflow.Can(actor, workflow.Manage, piece) {
		return nil, workflow.Errorf(workflow.Forbidden, "%s cannot file mail on %s: its editor and admins can", actor.Name, piece.Code)
	}
	if err := d.identify(ctx, look, r); err != nil {
		return nil, err
	}
	theirs := workflow.Can(r.author, workflow.Contribute, piece) && r.auth != inbox.AuthFail
	if !theirs {
		if r.author, err = look.Person(ctx, piece.AuthorID); err != nil {
			return nil, fmt.Errorf("looking up the author of %s: %w", piece.Code, err)
		}
		r.note("identity", "by hand", "filed for %s, the author of the piece", r.author.Name)
	}
	r.found(MatchSigned, piece, "%s filed it on %s by hand", actor.Name, piece.Code)
	if err := d.content(ctx, look, r); err != nil {
		return nil, err
	}
	r.Trace = append(append([]inbox.Check{}, r.msg.Trace...), r.Trace...)
	r.end(File, "%s filed it on %s by hand", actor.Name, piece.Code)
	if theirs && r.mayAsk() && !received.Backfill { // what it asks for is done as if the piece had been found
		if r.answered, err = d.notice(ctx, look, r); err != nil {
			return nil, err
		}
		if err := d.asks(ctx, look, r); err != nil {
			return nil, err
		}
		if r.refused != nil {
			r.end(File, "%s filed it on %s by hand; %s", actor.Name, piece.Code, r.refusal())
		}
	}
	r.Replies = []string{"receipt"}
	if r.request != nil {
		r.Replies = []string{r.requestReply(r.refused)}
	}
	r.settle()
	r.PersonID, r.PieceID, r.Piece = r.author.ID, piece.ID, piece.Code
	r.Forwarder = actor.ID
	if !theirs { // whoever sent it has no part in the piece, and gets none of its author's signed addresses
		r.Replies = nil
	}
	if err := d.reply(ctx, look, r); err != nil {
		return nil, err
	}
	r.note("disposition", string(r.Action), "%s", r.Reason)
	return r, nil
}

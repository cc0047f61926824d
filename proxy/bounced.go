package proxy

import (
	"context"
	"fmt"
	"time"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// Refused notes that the mail server takes no mail for the address of a notice, in our own session with it, as a report of a
// bounce would be.
func (g *Gateway) Refused(ctx context.Context, n outbox.Notice, b outbox.Bounce) error {
	queued := 0
	err := g.update(ctx, func(_ Tx, s *session) error {
		queued = 0
		r := &ruling{}
		if n.PieceID != 0 {
			piece, ok, err := pieceOf(ctx, s, n.PieceID)
			if err != nil {
				return err
			}
			if ok {
				r.piece = piece
			}
		}
		p := &post{gateway: g, session: s, ruling: r}
		if err := p.bounced(ctx, n, b); err != nil || len(p.notices) == 0 {
			return err
		}
		var err error
		if queued, err = s.Enqueue(ctx, p.notices); err != nil {
			return fmt.Errorf("queueing the notices: %w", err)
		}
		return nil
	})
	g.wake(queued)
	return err
}

// bounced writes a bounce of a notice into the ledger. When that makes its address one that takes no mail, the piece's editor is
// told so once; of a mail that is lost although its address is all right, once a day and address.
func (p *post) bounced(ctx context.Context, n outbox.Notice, b outbox.Bounce) error {
	marked, err := p.session.AddBounce(ctx, b, p.gateway.Bounces)
	if err != nil {
		return fmt.Errorf("noting the bounce: %w", err)
	}
	if !marked {
		return p.lost(ctx, n, b)
	}
	event := workflow.Event{At: b.At, Kind: workflow.AddressBounced, PieceID: n.PieceID, StepID: n.StepID, PersonID: n.PersonID,
		MessageID: b.MessageID, Detail: b.Address + " takes no mail (" + orElse(b.Status, "no status") + ")"}
	if err := p.session.AddEvents(ctx, []workflow.Event{event}); err != nil {
		return fmt.Errorf("noting the bounce: %w", err)
	}
	if p.ruling.received.Backfill {
		return nil
	}
	return p.tellOfBounce(ctx, n, b, fmt.Sprintf("bounced:%d", n.ID), 0)
}

// lost tells of a notice that its reader does not get, as the mailbox was full or a rule was against it. The word of that is no
// notice whose loss is told of again.
func (p *post) lost(ctx context.Context, n outbox.Notice, b outbox.Bounce) error {
	v := b.Verdict()
	final := v == outbox.Refused || v == outbox.Soft && b.Permanent
	if !final || n.AutoReply || n.PersonID == 0 || n.Template == (templates.Bounced{}).Template() || p.ruling.received.Backfill {
		return nil
	}
	return p.tellOfBounce(ctx, n, b, fmt.Sprintf("lost:%s:%s", n.ToAddress, b.At.UTC().Format(time.DateOnly)), n.ID)
}

package proxy

import (
	"context"
	"fmt"

	"handoff/outbox"
	"handoff/workflow"
)

// Notices lists the notices of a piece, by id.
type Notices interface {
	Notices(ctx context.Context, pieceID, after int64, limit int) ([]outbox.Notice, error)
}

// Invited tells whether a step of the piece stands in the person's calendar: the last event of it that was sent to them asks.
func Invited(ctx context.Context, in Notices, p workflow.Piece, step workflow.Step, personID int64) (asked bool, err error) {
	const page = 200
	for after := int64(0); ; {
		notices, err := in.Notices(ctx, p.ID, after, page)
		if err != nil {
			return false, fmt.Errorf("looking up the invitations to %s: %w", p.Code, err)
		}
		for _, n := range notices {
			after = n.ID
			if n.Invite == nil || n.State == outbox.Queued || n.State == outbox.Cancelled || n.State == outbox.Failed {
				continue
			}
			if stepID, whose, _ := outbox.StepOf(n.Invite.UID); stepID == step.ID && whose == personID {
				asked = n.Invite.Method == outbox.Request
			}
		}
		if len(notices) < page {
			return asked, nil
		}
	}
}

// uninvite has the answer take a step out of its sender's calendar, where it stands there.
func (p *post) uninvite(ctx context.Context, step workflow.Step) error {
	asked, err := Invited(ctx, p.session, p.ruling.piece, step, p.ruling.author.ID)
	if err == nil && asked {
		p.invite = p.gateway.Composer.Uninvite(p.ruling.piece, step, p.ruling.author)
	}
	return err
}

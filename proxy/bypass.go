package proxy

import (
	"context"
	"fmt"
	"time"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

const (
	bypassWindow     = 30 * 24 * time.Hour
	defaultFirmAfter = 3
)

// bypass counts a colleague's mails around the tool: from the nth on, a redirect is put more firmly.
func (d *Decider) bypass(ctx context.Context, look Lookups, r *ruling) error {
	if r.class() != workflow.Internal || r.author.ID == 0 || r.received.Backfill || r.auth != inbox.AuthPass || r.Action != Redirect && r.Action != Ignore {
		return nil
	}
	n, err := look.Bypasses(ctx, r.author.ID, d.now(r).Add(-bypassWindow))
	if err != nil {
		return fmt.Errorf("counting the mails of %s around the tool: %w", r.author.Name, err)
	}
	r.bypasses = n + 1
	firm := orDefault(d.FirmAfter, defaultFirmAfter)
	if r.bypasses < firm {
		return nil
	}
	r.note("policy", "bypass", "the %d. mail of %s around the tool in a month", r.bypasses, r.author.Name)
	if r.Action == Redirect {
		r.Replies = []string{"redirect_firm"}
	}
	return nil
}

// bypassed tells the editor of a colleague who goes on after the firmer text, once a day.
func (p *post) bypassed(ctx context.Context) error {
	r := p.ruling
	if r.bypasses <= orDefault(p.gateway.Decider.FirmAfter, defaultFirmAfter) {
		return nil
	}
	var to workflow.Person
	var ok bool
	var err error
	if r.piece.ID != 0 {
		to, ok, err = p.person(ctx, r.piece.EditorID)
	}
	if err == nil && (!ok || to.ID == r.author.ID) {
		to, ok, err = p.triage(ctx)
	}
	if err != nil || !ok || to.ID == r.author.ID {
		return err
	}
	key := fmt.Sprintf("bypasses_editor:%s:%d:%d", p.gateway.Clock.Now().Format(time.DateOnly), r.author.ID, to.ID)
	return p.add(templates.BypassesEditor{Bypass: p.bypassData(clip(r.msg.Subject, maxSubject))}, to, outbox.About{Key: key})
}

func (p *post) bypassData(subject string) templates.Bypass {
	r := p.ruling
	d := templates.Bypass{Subject: subject, Who: outbox.PersonData(r.author), Count: r.bypasses}
	if r.piece.ID != 0 {
		piece := outbox.PieceData(r.piece)
		d.Piece = &piece
	}
	return d
}

func (r *ruling) facts() facts {
	f := facts{class: r.class(), match: r.match, auth: r.auth, entry: r.Entry, author: r.author}
	if r.match.found() {
		f.stage = r.piece.Stage
	}
	return f
}

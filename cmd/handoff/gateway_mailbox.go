package main

import (
	"context"

	"handoff/blob"
	"handoff/inbox"
	"handoff/inbox/imap"
	"handoff/proxy"
)

// poller watches one mailbox; *inbox.Poller does.
type poller interface {
	Poll(ctx context.Context) (int, error) // one pass
	Loop(ctx context.Context) error        // until ctx ends
}

// openMailbox makes the poller of a configured mailbox, without connecting yet.
func (g *Gateway) openMailbox(ctx context.Context, env *Env, m MailboxConfig, decisions *proxy.Gateway, blobs *blob.Dir) error {
	cfg, err := m.imapConfig(g.accounts)
	if err != nil {
		return err
	}
	box, err := imap.New(cfg)
	if err != nil {
		return err
	}
	g.boxes = append(g.boxes, box)
	g.pollers = append(g.pollers, &inbox.Poller{
		Name: m.Name, Mailbox: box, Blobs: blobs, Recorder: decisions, Clock: g.clock, Options: decisions.Reading, Log: g.log,
		MaxSize: int64(m.MaxSize), Backfill: m.Backfill, DoneFolder: m.DoneFolder, HeldFolder: m.HeldFolder,
		PollEvery: m.PollEvery.Duration, Limits: inbox.PollLimits{ReadTimeout: g.cfg.Limits.ReadTimeout.Duration},
		Progress: longPull(env, m.Name),
	})
	return nil
}

// longPull shows the progress of passes over many mails; the few of an ordinary one are not worth a line.
func longPull(env *Env, mailbox string) func(done, total int) {
	const many = 200
	var bar *Progress
	return func(done, total int) {
		if total < many {
			return
		}
		if bar == nil {
			bar = NewProgress(env, "Taking in mails from "+mailbox)
		}
		bar.At(done, total)
		if done >= total {
			bar.Done()
			bar = nil
		}
	}
}

// copiesOf names the row in which status finds how the copies of sent mails do that go to a mailbox.
func copiesOf(m MailboxConfig) string { return m.Name + " (copies of sent mails)" }

// noteCopies is told when copies begin to fail or to work, and notes it for status.
func (g *Gateway) noteCopies(ctx context.Context, m MailboxConfig) func(fault string) {
	ctx = context.WithoutCancel(ctx) // the last copies come when the process ends
	return func(fault string) {
		now := g.clock.Now()
		h := inbox.Health{Mailbox: copiesOf(m), At: now, Error: fault}
		if fault == "" {
			h.OKAt = now
		}
		if err := g.Store.SaveHealth(ctx, h); err != nil {
			g.log.Error("how the copies of sent mails do could not be noted", "error", err)
		}
	}
}

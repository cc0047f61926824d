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

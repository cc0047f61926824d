package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"handoff/blob"
	"handoff/inbox/imap"
	"handoff/outbox"
	"handoff/outbox/smtp"
	"handoff/proxy"
	"handoff/templates"
)

// stopWithin is how long what is in hand may take once Run is told to stop.
const stopWithin = 10 * time.Second

// Gateway is the whole running Handoff: mailboxes, decisions, outbox and clock on one store. `serve`, `poll`, the demo and the
// end-to-end test start this same type.
type Gateway struct {
	*desk     // Store inside
	log       *slog.Logger
	pollers   []poller
	boxes     []*imap.Mailbox
	sender    outbox.Sender
	copies    *smtp.Copies // nil: none are kept
	dispatch  *outbox.Dispatcher
	scheduler *outbox.Scheduler
	verifier  *verifier
	wake      func()   // there are notices to send
	site      *website // nil: not listening
	accounts  *accounts
}

// OpenGateway opens database, mail store, templates and keys, and connects to no mail server yet.
func OpenGateway(ctx context.Context, cfg *Config, env *Env) (_ *Gateway, err error) {
	d, err := cfg.open(ctx, env.Clock)
	if err != nil {
		return nil, err
	}
	g := &Gateway{desk: d, log: env.Log, accounts: cfg.accounts(d.Store, env.Clock, env.Log)}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()
	composer, err := d.composer(ctx)
	if err != nil {
		return nil, err
	}
	rules, err := fingerprint(composer)
	if err != nil {
		return nil, err
	}
	if err := d.Reckon(ctx, rules); err != nil {
		return nil, fmt.Errorf("put the rules in force: %w", err)
	}
	if err := g.openOutbox(ctx, composer); err != nil {
		return nil, err
	}
	g.verifier = d.verifier(env, composer, func() { g.wake() })
	g.wake = func() { g.dispatch.Wake(); g.scheduler.Wake(); g.verifier.Wake() }
	decisions, err := d.decisions(ctx, env, g.wake)
	if err != nil {
		return nil, err
	}
	g.dispatch.Refused = decisions.Refused
	blobs, err := d.blobs()
	if err != nil {
		return nil, err
	}
	for _, m := range cfg.Mailboxes {
		if err := g.openMailbox(ctx, env, m, decisions, blobs); err != nil {
			return nil, fmt.Errorf("mailbox %s: %w", m.Name, err)
		}
	}
	return g, nil
}

func (g *Gateway) openOutbox(ctx context.Context, composer *outbox.Composer) error {
	var accepted func(raw []byte, m outbox.Mail)
	for _, m := range g.cfg.Mailboxes {
		if m.SentFolder == "" {
			continue
		}
		folder, err := m.sentFolder(g.accounts)
		if err != nil {
			return fmt.Errorf("mailbox %s: %w", m.Name, err)
		}
		g.copies = &smtp.Copies{Folder: folder, Clock: g.clock, Log: g.log, Changed: g.noteCopies(ctx, m)}
		accepted = g.copies.Add
	}
	sender, err := g.cfg.smtpSender(g.accounts, accepted)
	if err != nil {
		return err
	}
	g.sender = sender
	texts := g.texts()
	texts.Broken = func(ctx context.Context, broken []templates.Broken) { g.tellBroken(ctx, composer, broken) }
	if _, err := texts.Set(ctx); err != nil {
		return err
	}
	g.dispatch = &outbox.Dispatcher{
		Queue: g.Store, Sender: sender, Templates: texts, From: g.cfg.SMTP.From, Clock: g.clock, Log: g.log,
		GiveUpAfter: g.cfg.Outbox.GiveUpAfter.Duration, PerMinute: g.cfg.Outbox.PerMinute, Limits: g.cfg.Outbox.limits(), Window: composer.Window,
		Bounces: composer.Identity.BounceAddress, FeedbackID: g.cfg.SMTP.FeedbackID,
	}
	g.scheduler = &outbox.Scheduler{Agenda: g.Store, Composer: composer, Clock: g.clock, Log: g.log, Queued: g.dispatch.Wake,
		Triage: bareAddress(g.cfg.Team.Triage), Enclose: func(ctx context.Context, h *outbox.Happening) error { return proxy.Enclose(ctx, g.Store, h) }}
	g.dispatch.Outdated, g.dispatch.Files = g.scheduler.Outdated, g.desk
	g.dispatch.Faulty = func(ctx context.Context, n outbox.Notice, fault error) { g.tellFaulty(ctx, composer, texts, n, fault) }
	return nil
}

// Listen takes the address of the HTTP server, if there is one to be; Run then answers there.
func (g *Gateway) Listen(ctx context.Context) (err error) {
	if g.cfg.Web.Listen != "" {
		g.site, err = g.openWebsite(ctx, g.scheduler.Composer, g.log, g.wake)
	}
	return err
}

// blobs is where the raw mails lie.
func (d *desk) blobs() (*blob.Dir, error) {
	b, err := blob.Open(d.cfg.BlobDir())
	if err != nil {
		return nil, fmt.Errorf("cannot open the mail store: %w", err)
	}
	return b, nil
}

// decisions decides on mails and records them; wake, if not nil, hears of queued notices.
func (d *desk) decisions(ctx context.Context, env *Env, wake func()) (*proxy.Gateway, error) {
	composer, err := d.composer(ctx)
	if err != nil {
		return nil, err
	}
	blobs, err := d.blobs()
	if err != nil {
		return nil, err
	}
	reading, err := d.readOptions(composer.Identity)
	if err != nil {
		return nil, err
	}
	return &proxy.Gateway{
		Store: d.Store, Decider: d.decider(composer.Identity, composer.Rules), Composer: composer, Versions: d.versions(), Blobs: blobs, Reading: reading,
		Clock: d.clock, Bounces: d.cfg.Outbox.bounces(), CodePrefix: d.cfg.Pieces.CodePrefix, Checklist: d.cfg.Distribution.Checklist,
		MaxSize: d.cfg.maxSize(), Wake: wake, Log: env.Log,
	}, nil
}

// maxSize is the largest mail that any mailbox takes in.
func (c *Config) maxSize() int64 {
	var most Size
	for _, m := range c.Mailboxes {
		most = max(most, m.MaxSize)
	}
	return int64(most)
}

// Run watches every mailbox, sends what is due, makes reminders due and answers requests after Listen, until ctx ends; what is in hand is finished first.
// An unreachable server is no error: it is tried again, and status shows it.
func (g *Gateway) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	loop := func(what string, f func(context.Context) error) {
		group.Go(func() error {
			err := f(ctx)
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("%s ended: %w", what, err)
		})
	}
	for i, p := range g.pollers {
		loop("mailbox "+g.cfg.Mailboxes[i].Name, p.Loop)
	}
	loop("the outbox", g.dispatch.Loop)
	if g.copies != nil {
		loop("copying sent mails", g.copies.Loop)
	}
	loop("the clock", g.scheduler.Loop)
	loop("the verifier", func(ctx context.Context) error {
		return g.verifier.loop(ctx, func(err error) {
			g.log.Error("not every published address was looked at, the next pass tries again", "error", err)
		})
	})
	if g.site != nil {
		loop("answering requests", g.site.loop)
	}
	ended := make(chan error, 1)
	go func() { ended <- group.Wait() }()
	select {
	case err := <-ended:
		g.lastCopies(ctx)
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		g.lastCopies(ctx)
		return err
	case <-g.clock.After(stopWithin):
		return fmt.Errorf("what was in hand did not end within %s; it is taken up again at the next start", stopWithin)
	}
}

// PollOnce takes in what is in every mailbox now, makes reminders due, looks at published addresses, sends what is due, as many mails as a minute takes,
// and returns how many mails were taken in and how many were sent. A mailbox that fails does not keep the others from it.
func (g *Gateway) PollOnce(ctx context.Context) (taken, sent int, err error) {
	var errs []error
	for i, p := range g.pollers {
		n, err := p.Poll(ctx)
		taken += n
		if err != nil {
			errs = append(errs, fmt.Errorf("mailbox %s: %w", g.cfg.Mailboxes[i].Name, err))
		}
	}
	if _, err := g.scheduler.Tick(ctx); err != nil {
		errs = append(errs, fmt.Errorf("reminders: %w", err))
	}
	if _, err := g.verifier.Poll(ctx); err != nil {
		errs = append(errs, fmt.Errorf("published addresses: %w", err))
	}
	g.dispatch.Once = true
	sent, err = g.dispatch.Poll(ctx)
	g.dispatch.Once = false
	if err != nil {
		errs = append(errs, fmt.Errorf("sending: %w", err))
	}
	g.lastCopies(ctx)
	if ctx.Err() != nil {
		return taken, sent, ctx.Err()
	}
	return taken, sent, errors.Join(errs...)
}

// lastCopies copies what was sent last before the process ends.
func (g *Gateway) lastCopies(ctx context.Context) {
	if g.copies == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin/3)
	defer cancel()
	g.copies.Flush(ctx)
}

// Close ends the connections and the store.
func (g *Gateway) Close() error {
	var errs []error
	if g.site != nil {
		errs = append(errs, g.site.close())
	}
	for _, b := range g.boxes {
		errs = append(errs, b.Close())
	}
	if g.sender != nil {
		errs = append(errs, g.sender.Close())
	}
	return errors.Join(append(errs, g.Store.Close())...)
}

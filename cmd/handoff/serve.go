package main

import (
	"context"
	"errors"
	"fmt"

	"handoff/outbox"
	"handoff/store"
)

// ServeCmd is `handoff serve`.
type ServeCmd struct{}

// Help says what runs.
func (ServeCmd) Help() string {
	return `Watches every mailbox, decides on what comes, sends what is due and reminds of deadlines, until SIGINT or SIGTERM; it then
finishes what is in hand and stops within 10 s. A server that cannot be reached is tried again, ever more seldom: see
"handoff status". A database that is not there yet is made; an older one is left to "handoff migrate". With [web] in handoff.toml
it answers requests as well: one-click unsubscribes, and the API of docs/api.md.

Logs go to stderr. One is enough; a second one on the same database does no harm, since every mail is acted upon once.

Examples:
  handoff serve
  handoff serve --config /srv/handoff/handoff.toml`
}

// Run serves.
func (ServeCmd) Run(ctx context.Context, env *Env) error {
	g, err := startGateway(ctx, env)
	if err != nil {
		return err
	}
	if err := g.Listen(ctx); err != nil {
		return errors.Join(err, g.Close())
	}
	if _, err := g.triagePerson(ctx); err != nil {
		env.Log.Warn("nobody would hear of mails that wait", "error", err)
	}
	for _, m := range g.cfg.Mailboxes {
		env.Log.Info("watching", "mailbox", m.Name, "server", m.Address, "folder", m.Folder)
	}
	if g.site != nil {
		env.Log.Info("answering requests", "address", g.site.address())
	}
	err = g.Run(ctx)
	env.Log.Info("stopped")
	return errors.Join(err, g.Close())
}

// PollCmd is `handoff poll`.
type PollCmd struct {
	Once bool `help:"One pass and no more: what poll does with or without this."`
}

// Help says when.
func (PollCmd) Help() string {
	return `Takes in what is in the mailboxes, makes reminders due, sends what is due, and ends. Beyond outbox.per_minute
mails wait for the next pass. The exit code is 1 if a server could not be reached; the next pass makes up for it.

Example crontab line:
  */5 * * * *  cd /srv/handoff && handoff poll --once`
}

// Run polls.
func (PollCmd) Run(ctx context.Context, env *Env) error {
	g, err := startGateway(ctx, env)
	if err != nil {
		return err
	}
	taken, sent, err := g.PollOnce(ctx)
	line := fmt.Sprintf("%d %s taken in, %d sent", taken, plural(taken, "mail", "mails"), sent)
	if g.cfg.Outbox.PerMinute > 0 && sent >= g.cfg.Outbox.PerMinute {
		left, failed := g.CountNotices(ctx, store.NoticeFilter{States: []outbox.State{outbox.Queued, outbox.Deferred}, DueBy: g.clock.Now()})
		if err = errors.Join(err, failed); left > 0 {
			line += fmt.Sprintf(", %d %s for the next pass: outbox.per_minute is %d", left, plural(left, "waits", "wait"), g.cfg.Outbox.PerMinute)
		}
	}
	fmt.Fprintln(env.Stdout, line)
	return errors.Join(err, g.Close())
}

// startGateway opens everything, and makes a database that is missing.
func startGateway(ctx context.Context, env *Env) (*Gateway, error) {
	cfg, err := LoadConfig(env.Config)
	if err != nil {
		return nil, err
	}
	if err := cfg.createIfMissing(ctx); err != nil {
		return nil, err
	}
	return OpenGateway(ctx, cfg, env)
}

package main

import (
	"context"
	"errors"
)

// Gateway is the whole running Handoff: mailboxes, decisions, outbox and clock on one store. `serve`, `poll`, the demo and the
// end-to-end test start this same type.
type Gateway struct {
	*desk // Store inside
}

// OpenGateway opens database, mail store, templates and keys, and connects to nothing yet.
func OpenGateway(ctx context.Context, cfg *Config, env *Env) (*Gateway, error) {
	d, err := cfg.open(ctx, env.Clock)
	if err != nil {
		return nil, err
	}
	return &Gateway{desk: d}, nil
}

// Run watches every mailbox, sends what is due and makes reminders due, until ctx ends; what is in hand is finished first.
// An unreachable server is no error: it is tried again, and status shows it.
func (g *Gateway) Run(ctx context.Context) error { return errors.New("not wired") }

// PollOnce takes in what is in every mailbox now, makes reminders due, sends what is due, and returns.
func (g *Gateway) PollOnce(ctx context.Context, p *Progress) error { return errors.New("not wired") }

// Close ends the connections and the store.
func (g *Gateway) Close() error { return g.Store.Close() }

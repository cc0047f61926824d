package main

import (
	"context"
	"fmt"
	"strconv"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// texts are the mail texts in force.
func (d *desk) texts() *templates.Library {
	return &templates.Library{Kept: d.Store, Locale: d.cfg.Team.Locale, Look: templates.Look{Colour: d.cfg.Templates.Colour, Signature: d.cfg.Templates.Signature}}
}

// tellBroken tells every admin, or else who has the triage, once of each own text that is not used, and the log then too. What
// cannot be told is in the log.
func (g *Gateway) tellBroken(ctx context.Context, composer *outbox.Composer, broken []templates.Broken) {
	admins, err := g.admins(ctx)
	if err != nil {
		g.log.Error("nobody could be told of the mail texts", "error", err)
	}
	for _, b := range broken {
		queued, err := g.queueBroken(ctx, composer, b, admins)
		if err != nil {
			g.log.Error("nobody could be told of the mail texts", "error", err)
		}
		if queued > 0 || err != nil || len(admins) == 0 {
			g.log.Error("a mail text of the team's own is not used", "version", b.Version.ID, "error", b.Problem)
		}
	}
}

// queueBroken tells how many of them did not know yet.
func (g *Gateway) queueBroken(ctx context.Context, composer *outbox.Composer, b templates.Broken, admins []workflow.Person) (int, error) {
	d := templates.TextBroken{File: b.Version.File(), Problem: b.Problem.Where(), Version: b.Version.ID, Author: b.Version.Author, At: b.Version.At}
	var notices []outbox.Notice
	for _, to := range admins {
		n, err := composer.Compose(d, to, outbox.About{Key: "text-broken/" + strconv.FormatInt(b.Version.ID, 10) + "/" + to.Primary()})
		if err != nil {
			return 0, err
		}
		notices = append(notices, n)
	}
	return g.Enqueue(ctx, notices)
}

// admins are the people with that role who can be reached, or else who has the triage.
func (d *desk) admins(ctx context.Context) ([]workflow.Person, error) {
	people, err := d.People(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the admins: %w", err)
	}
	var admins []workflow.Person
	triage := workflow.NormalizeAddress(bareAddress(d.cfg.Team.Triage))
	var second []workflow.Person
	for _, p := range people {
		switch {
		case p.Primary() == "":
		case p.Is(workflow.Admin):
			admins = append(admins, p)
		case triage != "" && p.Primary() == triage:
			second = append(second, p)
		}
	}
	if len(admins) == 0 {
		admins = second
	}
	if len(admins) == 0 && triage != "" {
		admins = []workflow.Person{{Addresses: []string{triage}}}
	}
	return admins, nil
}

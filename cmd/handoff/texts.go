package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"handoff/outbox"
	"handoff/store"
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
	g.tellAdmins(ctx, composer, "text-broken/", "", broken)
}

// tellFaulty tells them, once a version, of an own text that is right and could not be used on this notice.
func (g *Gateway) tellFaulty(ctx context.Context, composer *outbox.Composer, texts *templates.Library, n outbox.Notice, fault error) {
	var p *templates.Problem
	if !errors.As(fault, &p) {
		return // it is in the log
	}
	v, ok, err := texts.InUse(ctx, p.File)
	if err != nil {
		g.log.Error("nobody could be told of the mail texts", "error", err)
	}
	if ok {
		g.tellAdmins(ctx, composer, "text-faulty/", n.ToAddress, []templates.Broken{{Version: v, Problem: p}})
	}
}

// faulty is what the admins were told of versions that could not be used on a mail, by version.
func faulty(ctx context.Context, kept templates.Versions) (map[int64]templates.TextBroken, error) {
	queue, ok := kept.(*store.Store)
	if !ok {
		return nil, nil // the built-in texts alone
	}
	notices, err := queue.NewestNotices(ctx, store.NoticeFilter{Kind: templates.TextBroken{}.Template()}, maxTold)
	if err != nil {
		return nil, err
	}
	told := map[int64]templates.TextBroken{}
	for _, n := range notices {
		data, err := templates.Decode(n.Template, n.Data)
		if err != nil {
			return nil, err
		}
		if t := data.(templates.TextBroken); t.Reader != "" {
			told[t.Version] = t
		}
	}
	return told, nil
}

// maxTold is how many notices about broken texts are looked through.
const maxTold = 500

// tellAdmins queues a text_broken notice for each version and admin; reader is whose mail alone it could not be used for, "" all.
func (g *Gateway) tellAdmins(ctx context.Context, composer *outbox.Composer, key, reader string, broken []templates.Broken) {
	admins, err := g.admins(ctx)
	if err != nil {
		g.log.Error("nobody could be told of the mail texts", "error", err)
	}
	for _, b := range broken {
		queued, err := g.queueBroken(ctx, composer, key, reader, b, admins)
		if err != nil {
			g.log.Error("nobody could be told of the mail texts", "error", err)
		}
		if reader == "" && (queued > 0 || err != nil || len(admins) == 0) { // else it was logged before
			g.log.Error("a mail text of the team's own is not used", "version", b.Version.ID, "error", b.Problem)
		}
	}
}

// queueBroken tells how many of them did not know yet.
func (g *Gateway) queueBroken(ctx context.Context, composer *outbox.Composer, key, reader string, b templates.Broken, admins []workflow.Person) (int, error) {
	d := templates.TextBroken{File: b.Version.File(), Problem: b.Problem.Where(), Version: b.Version.ID, Author: b.Version.Author, At: b.Version.At, Reader: reader}
	var notices []outbox.Notice
	for _, to := range admins {
		n, err := composer.Compose(d, to, outbox.About{Key: key + strconv.FormatInt(b.Version.ID, 10) + "/" + to.Primary()})
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

package proxy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/inbox"
	"handoff/workflow"
)

// How far ahead the return may be that an automatic reply names: less where it is neither authenticated nor came to the reply address
// that its sender alone has. Others in a thread know the ids of mails.
const (
	longestAway  = 366 * 24 * time.Hour
	longestDoubt = 31 * 24 * time.Hour
)

// away notes until when somebody's automatic reply to a mail of ours says that they are away: reminders wait until then, and the
// editor hears of a step that is due before. It changes nothing else, and is not answered. Only an answer to what was sent to
// that very person counts, from an address of theirs: anybody can write an automatic reply in somebody's name.
func (d *Decider) away(ctx context.Context, look Lookups, r *ruling) error {
	if r.msg.Kind != inbox.AutoReply || r.msg.Returns.IsZero() || r.received.Backfill {
		return nil
	}
	until := r.msg.Returns.Format(time.DateOnly)
	d.collect(r)
	who, err := personByAddress(ctx, look, workflow.NormalizeAddress(r.msg.From.Address))
	switch {
	case err != nil:
		return err
	case who.ID == 0:
		r.note("away", "nobody", "somebody unknown is away until %s", until)
		return nil
	case r.msg.Auth.Result == inbox.AuthFail, !slices.ContainsFunc(r.refs, func(s signedRef) bool { return s.PersonID == who.ID }):
		r.note("away", "unproven", "nothing proves that %s is away until %s: it answers no mail of ours to them", who.Name, until)
		return nil
	}
	longest := longestDoubt
	if r.msg.Auth.Result == inbox.AuthPass || slices.ContainsFunc(r.refs, func(s signedRef) bool { return s.PersonID == who.ID && s.address }) {
		longest = longestAway
	}
	today := d.now(r).In(who.Location(d.Rules.Zone)).Format(time.DateOnly)
	leave := workflow.Absence{From: today, To: until, Note: "out-of-office reply", Auto: true}
	covered := slices.ContainsFunc(who.Away, func(a workflow.Absence) bool {
		return a.From <= leave.From && a.To >= leave.To && (!a.Auto || a.To == leave.To)
	})
	switch {
	case leave.To < leave.From, r.msg.Returns.Sub(d.now(r)) > longest:
		r.note("away", "implausible", "%s would be away until %s", who.Name, until)
		return nil
	case covered:
		r.note("away", "known", "that %s is away until %s is known", who.Name, until)
		return nil
	}
	for _, a := range who.Away {
		if a.Auto && a.From <= leave.From && a.To >= leave.From { // the same absence, told again
			leave.From = a.From
		}
	}
	who.Away = append(slices.DeleteFunc(slices.Clone(who.Away), func(a workflow.Absence) bool { return a.Auto }), leave)
	slices.SortFunc(who.Away, workflow.Absence.Compare)
	r.absent = who
	r.note("away", "yes", "%s is away until %s: reminders wait until then", who.Name, until)
	return nil
}

// back ends what an automatic reply said: who writes is there.
func (p *post) back(ctx context.Context) error {
	r := p.ruling
	if r.auth != inbox.AuthPass || r.msg.Automatic || r.author.ID != r.sender.ID || r.received.Backfill {
		return nil
	}
	if !slices.ContainsFunc(r.author.Away, func(a workflow.Absence) bool { return a.Auto }) {
		return nil
	}
	who, err := p.session.Person(ctx, r.author.ID) // this mail may have changed them
	if err != nil {
		return fmt.Errorf("looking up who is back: %w", err)
	}
	who.Away = slices.DeleteFunc(slices.Clone(who.Away), func(a workflow.Absence) bool { return a.Auto })
	return p.absent(ctx, who, "back: they write themselves")
}

func (p *post) absent(ctx context.Context, who workflow.Person, detail string) error {
	if err := p.session.SavePerson(ctx, &who); err != nil {
		return fmt.Errorf("noting when %s is away: %w", who.Name, err)
	}
	event := workflow.Event{At: p.gateway.Clock.Now(), Kind: workflow.PersonChanged, PersonID: who.ID, ActorID: who.ID, MessageID: p.record.ID, Detail: detail}
	if err := p.session.AddEvents(ctx, []workflow.Event{event}); err != nil {
		return fmt.Errorf("noting when %s is away: %w", who.Name, err)
	}
	return nil
}

package proxy

import (
	"context"
	"fmt"
	"time"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// Breaker stops all automatic answers when there are too many of them, which no person's mails cause: two machines answer each
// other, or somebody has us write to many. Mails are decided on and filed as ever meanwhile, and people are told of their work.
type Breaker struct {
	Since  time.Time `json:"since,omitzero"` // when it opened last; zero: never
	Until  time.Time `json:"until,omitzero"` // when it closes, unless the storm goes on
	Begun  time.Time `json:"-"`              // of the stretch that is counted
	Wanted int       `json:"-"`              // answers in that stretch
	Lost   int       `json:"lost,omitempty"` // answers left out since it opened
}

// Open tells whether answers are left out at now.
func (b Breaker) Open(now time.Time) bool { return now.Before(b.Until) }

const (
	defaultBurst   = 100
	burstMinutes   = 10
	defaultCalmMin = 30
)

// storm are the breaker's bounds; burst below zero is none.
func (c Caps) storm() (burst int, within, calm time.Duration) {
	if burst = c.Burst; burst == 0 {
		if burst = defaultBurst; c.Total < 0 {
			burst = -1
		}
	}
	return burst, time.Duration(orDefault(c.BurstMinutes, burstMinutes)) * time.Minute, time.Duration(orDefault(c.CalmMinutes, defaultCalmMin)) * time.Minute
}

// stopped leaves the answers out while the breaker is open, and opens it.
func (d *Decider) stopped(ctx context.Context, look Lookups, r *ruling) (bool, error) {
	burst, within, calm := d.Caps.storm()
	if burst < 0 {
		return false, nil
	}
	b, err := look.Breaker(ctx)
	if err != nil {
		return false, fmt.Errorf("looking up whether automatic answers are stopped: %w", err)
	}
	now := d.now(r)
	if !b.Open(now) {
		since := now.Add(-within)
		if b.Until.After(since) {
			since = b.Until // what went out before it was closed is forgiven
		}
		n, err := look.Answered(ctx, since, burst)
		if err != nil {
			return false, fmt.Errorf("counting the answers sent: %w", err)
		}
		if n < burst {
			return false, nil
		}
		b, r.tripped = Breaker{Since: now, Until: now.Add(calm), Begun: now}, true
	}
	b = b.wants(now, burst, within, calm)
	r.breaker = &b
	r.note("reply", "stopped", "automatic answers are stopped since %s: there were %d and more within %s", b.Since.UTC().Format("2006-01-02 15:04 MST"), burst, days(within))
	r.Replies = nil
	return true, nil
}

// wants counts one more answer that is left out. While half of what opened it are wanted, it stays open.
func (b Breaker) wants(now time.Time, burst int, within, calm time.Duration) Breaker {
	if now.Sub(b.Begun) >= within {
		b.Begun, b.Wanted = now, 0
	}
	b.Wanted++
	b.Lost++
	if b.Wanted >= max(burst/2, 1) {
		b.Until = now.Add(calm)
	}
	return b
}

// brake keeps how the breaker stands, and tells the admins, or who does the triage, when it opened.
func (p *post) brake(ctx context.Context) error {
	r := p.ruling
	if r.breaker == nil {
		return nil
	}
	if err := p.session.SaveBreaker(ctx, *r.breaker); err != nil {
		return fmt.Errorf("stopping automatic answers: %w", err)
	}
	if !r.tripped {
		return nil
	}
	admins, err := p.admins(ctx)
	if err != nil {
		return err
	}
	burst, within, calm := p.gateway.Decider.Caps.storm()
	for _, who := range admins {
		d := templates.AnswersStopped{Count: burst, Minutes: int(within / time.Minute), Calm: int(calm / time.Minute), Sender: r.from}
		key := fmt.Sprintf("answers_stopped:%d:%s", r.breaker.Since.UnixMilli(), first(who.Primary(), 200))
		if err := p.add(d, who, outbox.About{Key: key}); err != nil {
			return err
		}
	}
	return nil
}

// admins are the colleagues with that role, or else who does the triage.
func (p *post) admins(ctx context.Context) ([]workflow.Person, error) {
	staff, err := p.session.Colleagues(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the colleagues: %w", err)
	}
	var admins []workflow.Person
	for _, who := range staff {
		if who.Is(workflow.Admin) && who.Primary() != "" {
			admins = append(admins, who)
		}
	}
	if len(admins) > 0 {
		return admins, nil
	}
	triage, ok, err := p.triage(ctx)
	if err != nil || !ok {
		return nil, err
	}
	return []workflow.Person{triage}, nil
}

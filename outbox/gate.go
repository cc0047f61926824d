package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/internal/refusal"
)

// Limits bound how many mails go to somebody. A zero one is no bound.
type Limits struct {
	PerDomain        int // to the addresses of one domain in any minute, counted by each Dispatcher for itself
	RemindersPerHour int // to one person
	RemindersPerDay  int
}

// bookAhead is how far at most a notice that exceeds the limit of its domain is put off at once.
const bookAhead = 15 * time.Minute

// admit tells until when a leased notice has to wait; zero: it is to be sent now, or never, as look says. It waits itself for
// PerMinute, which holds everything up, and looks again at what it knows if that is not fresh any more.
func (p *pass) admit(ctx context.Context, n Notice, look *prepared) (later time.Time, err error) {
	for {
		now := p.Clock.Now()
		if now.Sub(look.at) > fresh {
			*look = p.look(ctx, n)
		}
		switch {
		case look.err != nil:
			return later, look.err
		case look.reason != "":
			return later, nil
		case look.paused:
			return latest(n.DueAt, n.CreatedAt), nil // the queue knows, and keeps it
		}
		at, err := p.afterReminders(ctx, n, now)
		if err != nil {
			return later, err
		}
		if p.Window != nil {
			at = p.Window(n, at)
		}
		if !at.After(now) && p.Limits.PerDomain > 0 {
			at = p.lane(n.ToAddress).free(now, p.Limits.PerDomain, n.Priority == Prompt)
		}
		if at.After(now) {
			return at, nil
		}
		waited, err := p.slot(ctx)
		if err != nil || !waited {
			return later, err
		}
		// Meanwhile it may have been paused or settled.
	}
}

// postpone gives a notice back as if nothing had been tried, to be taken again at that moment.
func (p *pass) postpone(n Notice, at time.Time) {
	p.results <- Result{ID: n.ID, Attempt: n.Attempts, State: Queued, NextAt: at, Error: n.Error, At: p.Clock.Now(), Untried: true}
}

// went counts a mail that was accepted.
func (p *pass) went(n Notice, at time.Time) {
	if p.Limits.PerDomain > 0 {
		l := p.lane(n.ToAddress)
		l.recent = append(l.recent, at)
	}
	if p.limitsReminders(n) {
		p.told[n.PersonID] = append(p.told[n.PersonID], at)
	}
}

func (p *pass) limitsReminders(n Notice) bool {
	return n.Priority == Reminders && n.PersonID != 0 && (p.Limits.RemindersPerHour > 0 || p.Limits.RemindersPerDay > 0)
}

// afterReminders is now, or when the person may be reminded again.
func (p *pass) afterReminders(ctx context.Context, n Notice, now time.Time) (time.Time, error) {
	if !p.limitsReminders(n) {
		return now, nil
	}
	const day = 24 * time.Hour
	sent, err := p.Queue.Reminded(ctx, n.PersonID, now.Add(-day), max(p.Limits.RemindersPerHour, p.Limits.RemindersPerDay))
	if err != nil {
		return now, fmt.Errorf("look up when person %d was reminded: %w", n.PersonID, err)
	}
	// What this Dispatcher sent is recorded a moment later.
	mine := slices.DeleteFunc(p.told[n.PersonID], func(t time.Time) bool { return now.Sub(t) >= day })
	if p.told[n.PersonID] = mine; len(mine) == 0 {
		delete(p.told, n.PersonID)
	}
	recorded := slices.Clone(sent)
	for _, t := range mine {
		if i := slices.IndexFunc(recorded, func(s time.Time) bool { return s.UnixMilli() == t.UnixMilli() }); i >= 0 {
			recorded = slices.Delete(recorded, i, i+1)
		} else {
			sent = append(sent, t)
		}
	}
	slices.SortFunc(sent, func(a, b time.Time) int { return b.Compare(a) })
	at := now
	for _, limit := range []struct {
		most   int
		within time.Duration
	}{{p.Limits.RemindersPerHour, time.Hour}, {p.Limits.RemindersPerDay, day}} {
		if limit.most > 0 && len(sent) >= limit.most {
			at = latest(at, sent[limit.most-1].Add(limit.within))
		}
	}
	return at, nil
}

// lane is what went to one domain.
type lane struct {
	recent []time.Time // within the last minute
	booked time.Time   // until when places were promised
}

// maxLanes is how many domains are remembered before those are forgotten of which nothing is known any more.
const maxLanes = 1000

func (d *Dispatcher) lane(address string) *lane {
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	l, ok := d.lanes[domain]
	if ok {
		return l
	}
	if now := d.Clock.Now(); len(d.lanes) >= maxLanes {
		for domain, l := range d.lanes {
			if l.forget(now); len(l.recent) == 0 && !l.booked.After(now) {
				delete(d.lanes, domain)
			}
		}
	}
	l = &lane{}
	d.lanes[domain] = l
	return l
}

func (l *lane) forget(now time.Time) {
	l.recent = slices.DeleteFunc(l.recent, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
}

// free is now if one more mail may go, or else when. What can wait is given places one after another, so that a long queue for
// one domain is not looked at again and again; what is prompt takes the next one.
func (l *lane) free(now time.Time, perMinute int, prompt bool) time.Time {
	if l.forget(now); len(l.recent) < perMinute {
		return now
	}
	at := l.recent[len(l.recent)-perMinute].Add(time.Minute)
	if prompt {
		return at
	}
	at = latest(at, l.booked)
	if furthest := now.Add(bookAhead); at.After(furthest) {
		at = furthest
	}
	l.booked = at.Add(time.Minute / time.Duration(perMinute))
	return at
}

// tellRefusal passes on what the server says for good of the recipient's address.
func (p *pass) tellRefusal(ctx context.Context, n Notice, at time.Time, err error) {
	var fault *SendError
	if p.Refused == nil || !errors.As(err, &fault) || !fault.Permanent || !fault.Recipient {
		return
	}
	b := Bounce{At: at, Address: n.ToAddress, Status: fault.status(), Permanent: true, NoticeID: n.ID}
	if err := p.Refused(context.WithoutCancel(ctx), n, b); err != nil {
		p.Log.Error("that an address takes no mail could not be noted", p.about(n, "error", err)...)
	}
}

// status is the answer's, or the one that its code stands for (RFC 5321 section 4.2.3, RFC 7504). A server that takes no mail
// from us, or none for others, says so with the same code as for an unknown mailbox.
func (e *SendError) status() string {
	switch {
	case e.Status != "":
		return e.Status
	case refusal.ByPolicy(e.Error()):
		return "5.7.1"
	}
	switch e.Code {
	case 550, 551, 553:
		return "5.1.1"
	case 552:
		return "5.2.2"
	case 521, 556:
		return "5.1.10"
	}
	return "5.7.0"
}

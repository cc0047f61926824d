package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"handoff/internal/clock"
	"handoff/templates"
)

// maxFaults is how many mails in a row may lose their connection before the pass is broken off.
const maxFaults = 3

// minAttempts is how often at least a notice is tried before it is given up.
const minAttempts = 6

// pass is one Poll.
type pass struct {
	*Dispatcher
	texts   *templates.Set
	readAt  time.Time // the texts
	results chan Result
	sent    int
	faults  int // lost connections in a row
}

// save records results as they come, together: those of one commit and of what followed it within linger. So it is prompt when
// little is sent, and takes the disk from the mail server seldom when much is and both share one.
func (p *pass) save(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var problem error
	for r := range p.results {
		batch := p.gather(r)
		p.mu.Lock()
		p.unsaved = append(p.unsaved, batch...)
		if problem = p.Queue.Settle(ctx, p.unsaved); problem == nil {
			p.unsaved = nil
		}
		p.failing.Store(problem != nil)
		p.mu.Unlock()
	}
	return problem
}

// linger is how long the first result waits for others. It is real time, whatever the Clock says: it spares the disk.
const linger = 20 * time.Millisecond

// gather is r and the results after it: maxUnsaved in all, or those of the next moment, or until the pass ends.
func (p *pass) gather(r Result) []Result {
	batch := []Result{r}
	enough := time.NewTimer(linger)
	defer enough.Stop()
	for len(batch) < maxUnsaved {
		select {
		case r, ok := <-p.results:
			if !ok {
				return batch
			}
			batch = append(batch, r)
		case <-enough.C:
			return batch
		}
	}
	return batch
}

// leased is a batch of notices.
type leased struct {
	notices []Notice
	until   time.Time
	err     error
}

func (p *pass) run(ctx context.Context) error {
	var ahead chan leased
	defer func() {
		if ahead != nil { // the pass is broken off, and leaves the queue as it was
			for _, n := range (<-ahead).notices {
				p.release(n, "")
			}
		}
	}()
	most := p.Batch
	if p.PerMinute > 0 {
		most = min(most, p.PerMinute) // a minute's worth, so that no lease runs out while its notice waits
	}
	for ctx.Err() == nil && !p.failing.Load() {
		var l leased
		if ahead != nil {
			l, ahead = <-ahead, nil
		} else {
			l = p.lease(ctx, most)
		}
		if l.err != nil || len(l.notices) == 0 {
			return l.err
		}
		if err := p.reread(ctx); err != nil {
			for _, n := range l.notices {
				p.release(n, "")
			}
			return err
		}
		half := func() {
			if len(l.notices) == most && p.PerMinute <= 0 { // there may be more: the next batch is taken while this one goes out
				next := make(chan leased, 1)
				go func() { next <- p.lease(ctx, most) }()
				ahead = next
			}
		}
		if err := p.batch(ctx, l, half); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// reread takes up texts that were changed, or switched off, since a long pass began.
func (p *pass) reread(ctx context.Context) (err error) {
	if now := p.Clock.Now(); now.Sub(p.readAt) >= p.Idle {
		p.texts, err = p.Templates.Set(ctx)
		p.readAt = now
	}
	return err
}

// lease takes the next batch from the queue.
func (p *pass) lease(ctx context.Context, most int) leased {
	now := p.Clock.Now()
	l := leased{until: now.Add(p.Lease)}
	var err error
	if l.notices, err = p.Queue.Lease(ctx, now, l.until, most); err != nil {
		if l.err = ctx.Err(); l.err == nil {
			l.err = fmt.Errorf("take notices from the queue: %w", err)
		}
	}
	return l
}

// batch deals with what was leased, in order; while one mail is on its way the next is prepared. It calls half in the middle.
func (p *pass) batch(ctx context.Context, l leased, half func()) error {
	next := p.prepare(ctx, l.notices[0])
	for i, n := range l.notices {
		if i == len(l.notices)/2 {
			half()
		}
		look := <-next
		if i+1 < len(l.notices) {
			next = p.prepare(ctx, l.notices[i+1])
		}
		err := p.one(ctx, n, l.until, look)
		if err == nil {
			continue
		}
		if i+1 < len(l.notices) {
			<-next
		}
		for _, rest := range l.notices[i+1:] {
			p.release(rest, "")
		}
		if err != errBatchEnds {
			return err
		}
		return nil
	}
	return nil
}

// prepared is a notice that was looked at before it is sent.
type prepared struct {
	at     time.Time
	reason string // why it is not to be sent
	paused bool   // not now
	mail   Mail
	broken error // why it cannot be written
	err    error // of the lookups
}

// prepare looks beside the caller whether a notice is still to be sent, and writes it.
func (p *pass) prepare(ctx context.Context, n Notice) <-chan prepared {
	ready := make(chan prepared, 1)
	go func() { ready <- p.look(ctx, n) }()
	return ready
}

// errBatchEnds gives the rest of a batch back: its leases run out soon, when another Dispatcher may take them, or what
// was sent cannot be recorded, and each further mail would be one more to go out again after a crash.
var errBatchEnds = errors.New("the rest of the batch is given back")

// errMinuteFull ends a pass that is not to wait for PerMinute.
var errMinuteFull = errors.New("as many mails as a minute takes are sent")

// fresh is how old the look at a notice may be when it is sent.
const fresh = time.Second

// look asks whether a notice is still to be sent, and writes it.
func (p *pass) look(ctx context.Context, n Notice) prepared {
	one := prepared{at: p.Clock.Now()}
	o, err := p.Queue.Obstacle(ctx, n, one.at)
	if err != nil {
		one.err = fmt.Errorf("look up what keeps notice %d to %s: %w", n.ID, n.ToAddress, err)
		return one
	}
	if one.reason, one.paused = o.Never, o.Paused; one.reason != "" || one.paused {
		return one
	}
	if p.texts.Off(n.Template) {
		one.reason = "notices of this kind are switched off"
		return one
	}
	if p.Outdated != nil {
		if one.reason, err = p.Outdated(ctx, n); err != nil {
			one.err = fmt.Errorf("look up whether notice %d is still wanted: %w", n.ID, err)
			return one
		}
	}
	if one.reason == "" {
		one.mail, one.broken = p.mail(ctx, n, MaxFileBytes)
	}
	if ctx.Err() != nil {
		one.err = ctx.Err()
	}
	return one
}

// one deals with one leased notice. An error breaks the pass off, or its batch for errBatchEnds.
func (p *pass) one(ctx context.Context, n Notice, until time.Time, look prepared) error {
	later, err := p.admit(ctx, n, &look)
	if err != nil {
		p.release(n, "")
		return err
	}
	if !later.IsZero() {
		p.postpone(n, later)
		return nil
	}
	now := p.Clock.Now()
	left := until.Sub(now)
	if left < p.Lease/3 || p.failing.Load() {
		p.release(n, "")
		return errBatchEnds
	}
	result := Result{ID: n.ID, Attempt: n.Attempts, At: now}
	if look.reason != "" {
		result.State, result.Error = Cancelled, look.reason
		p.Log.Warn("a notice is cancelled", p.about(n, "reason", look.reason)...)
		p.results <- result
		return nil
	}
	if look.broken != nil {
		result.State, result.Error = Failed, "cannot be written: "+look.broken.Error()
		p.Log.Error("a notice cannot be written", p.about(n, "error", look.broken)...)
		p.results <- result
		return nil
	}
	if p.PerMinute > 0 {
		p.recent = append(p.recent, now)
	}
	m := look.mail
	m.Date = now
	atMost := func() time.Duration { return until.Sub(p.Clock.Now()) * 9 / 10 } // a first try takes some
	err = p.send(ctx, m, atMost())
	if tooLarge(err) && len(m.Files) > 0 {
		p.Log.Warn("the server takes no mail of that size, it goes out without its files", p.about(n, "error", err)...)
		if m, err = p.mail(ctx, n, 0); err == nil {
			m.Date = now
			err = p.send(ctx, m, atMost())
		}
	}
	result.At = p.Clock.Now()
	result.Duration = result.At.Sub(now)
	if err == nil {
		p.went(n, result.At)
	}
	p.tellRefusal(ctx, n, result.At, err)
	return p.judge(n, result, err)
}

// slot waits until PerMinute lets the next mail go, and tells whether it had to. Up to that many go at once: an answer should
// not wait for no reason.
func (p *pass) slot(ctx context.Context) (waited bool, err error) {
	if p.PerMinute <= 0 || len(p.recent) < p.PerMinute {
		return false, ctx.Err()
	}
	wait := p.recent[0].Add(time.Minute).Sub(p.Clock.Now())
	if wait > 0 && p.Once {
		return true, errMinuteFull
	}
	if wait > 0 {
		err = clock.Sleep(ctx, p.Clock, wait)
	}
	p.recent = append(p.recent[:0], p.recent[1:]...)
	return wait > 0, err
}

// send lets the mail in hand go on for Grace after ctx has ended: broken off, nobody would know whether it arrived. It
// takes no longer than atMost: once the lease has run out, another Dispatcher sends the mail as well.
func (p *pass) send(ctx context.Context, m Mail, atMost time.Duration) error {
	mailCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), atMost)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		if clock.Sleep(mailCtx, p.Clock, p.Grace) == nil {
			cancel()
		}
	})
	defer stop()
	return p.Sender.Send(mailCtx, m)
}

// judge decides what a sending's outcome means for the notice, and for the pass if it returns an error.
func (p *pass) judge(n Notice, r Result, err error) error {
	if err == nil {
		p.faults = 0
		p.sent++
		r.State, r.Code = Sent, 250
		p.Log.Debug("a notice is sent", p.about(n)...)
		p.results <- r
		return nil
	}
	var fault *SendError
	if !errors.As(err, &fault) {
		fault = &SendError{Err: err}
	}
	if fault.Connection {
		p.release(n, err.Error())
		return err
	}
	r.Error, r.Code, r.Unknown = err.Error(), fault.Code, fault.Unknown
	r.State = Deferred
	switch {
	case fault.Unknown:
		r.Error = "it may have arrived, the server's answer did not: " + r.Error
		r.NextAt = r.At.Add(p.pause(p.UnknownPause, p.LongestRetry, n.Attempts-1)) // each try may be one more copy
	case fault.Permanent:
		r.State = Failed
	default:
		r.NextAt = r.At.Add(p.pause(p.FirstRetry, p.LongestRetry, n.Attempts-1))
	}
	// What was paused for long, or waited for a cap, is tried for a while all the same.
	if born := latest(n.CreatedAt, n.DueAt); r.State == Deferred && r.NextAt.Sub(born) > p.GiveUpAfter && n.Attempts >= minAttempts {
		r.State, r.NextAt = Failed, time.Time{}
		r.Error = fmt.Sprintf("given up after %d attempts in %s: %s", n.Attempts, r.At.Sub(born).Round(time.Minute), r.Error)
	}
	if r.State == Failed {
		p.Log.Error("a notice failed", p.about(n, "code", r.Code, "error", r.Error)...)
	} else {
		p.Log.Warn("a notice is deferred", p.about(n, "code", r.Code, "error", r.Error, "next", r.NextAt)...)
	}
	p.results <- r
	if fault.Code != 0 && fault.Code != 421 { // 421 ends the connection, too
		p.faults = 0
		return nil
	}
	if p.faults++; p.faults >= maxFaults {
		return fmt.Errorf("%d connections in a row were lost: %w", p.faults, err)
	}
	return nil
}

// release gives a notice back as it was before its lease: due since it was due. With a reason, it goes behind the others.
func (p *pass) release(n Notice, why string) {
	now := p.Clock.Now()
	next := n.DueAt
	if why != "" {
		next = now
	}
	p.results <- Result{ID: n.ID, Attempt: n.Attempts, State: Queued, NextAt: next, Error: or(why, n.Error), At: now, Untried: true}
}

// mail renders a notice; room is how many bytes its files may have. Its date is still to be set.
func (p *pass) mail(ctx context.Context, n Notice, room int) (Mail, error) {
	d, err := templates.Decode(n.Template, n.Data)
	if err != nil {
		return Mail{}, err
	}
	d, files, err := p.enclose(ctx, n, d, room)
	if err != nil {
		return Mail{}, err
	}
	content, err := p.texts.Render(d, templates.Audience{Locale: n.Locale, Location: p.zone(n.TimeZone), Stop: n.StopPage()})
	if err != nil {
		return Mail{}, err
	}
	if content.Fault != nil {
		p.Log.Error("the team's own text could not be used, the built-in one stands in", p.about(n, "error", content.Fault)...)
		if p.Faulty != nil {
			p.Faulty(ctx, n, content.Fault)
		}
	}
	m := Mail{
		From: p.From, ToName: n.ToName, ToAddress: n.ToAddress, ReplyTo: n.ReplyTo, MessageID: n.MessageID,
		InReplyTo: n.InReplyTo, References: n.References, AutoReply: n.AutoReply, Content: content, Files: files,
		ListUnsubscribe: n.Unsubscribe, OneClick: len(n.Unsubscribe) > 0,
	}
	if p.Bounces != nil {
		m.Bounces = p.Bounces(n.ID)
	}
	if p.FeedbackID != "" {
		m.FeedbackID = "::" + n.Template + ":" + p.FeedbackID
	}
	if n.Invite != nil {
		if m.Calendar, err = n.Invite.ICS(); err != nil {
			return Mail{}, err
		}
		m.CalendarMethod = n.Invite.Method
	}
	return m, nil
}

func (p *pass) about(n Notice, more ...any) []any {
	return append([]any{"notice", n.ID, "template", n.Template, "to", n.ToAddress, "attempt", n.Attempts}, more...)
}

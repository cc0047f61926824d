package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"handoff/internal/clock"
	"handoff/templates"
)

// Dispatcher sends what is due in the queue, one mail after another over one Sender. Several may work on one queue. Set
// the fields before the first Poll or Loop; a zero one of the second group takes its default. Poll and Loop are for one
// goroutine, Wake is for any.
type Dispatcher struct {
	Queue     Queue
	Sender    Sender
	Templates *templates.Set
	From      string // header From of every mail: "Name <address>"
	Clock     clock.Clock
	Log       *slog.Logger
	// Outdated, if set, is asked before each mail why it is not to be sent any more; "" sends it. See Scheduler.Outdated.
	Outdated func(ctx context.Context, n Notice) (reason string, err error)
	Files    Files // of share kits; nil: they go without

	Batch        int            // notices leased at once; 20
	Lease        time.Duration  // how long a lease holds: several times what one mail may take; 15 minutes
	Idle         time.Duration  // the longest sleep between two looks at the queue; 30 seconds
	Grace        time.Duration  // how long the mail in hand may go on once the context has ended; 6 seconds
	FirstRetry   time.Duration  // pause after the first failure, doubled by each further one; 1 minute
	LongestRetry time.Duration  // bound of that pause; 4 hours
	UnknownPause time.Duration  // pause before a mail is sent again that may have been accepted; 15 minutes
	GiveUpAfter  time.Duration  // age at which a notice fails for good; 5 days
	PerMinute    int            // most mails in any minute; 0: no bound
	Rand         func() float64 // jitter, in [0,1)

	once    sync.Once
	wake    chan struct{}
	recent  []time.Time // with PerMinute, when the last mails went
	zones   map[string]*time.Location
	mu      sync.Mutex
	unsaved []Result    // of a Settle that failed
	failing atomic.Bool // the last Settle failed
}

// maxFaults is how many mails in a row may lose their connection before the pass is broken off.
const maxFaults = 3

// maxUnsaved is how many results may wait while the ones before are being recorded. As many mails, twice at most, go out
// again under the same Message-ID if the process dies at that moment.
const maxUnsaved = 8

func (d *Dispatcher) init() {
	d.once.Do(func() {
		d.wake = make(chan struct{}, 1)
		d.zones = map[string]*time.Location{}
		preset(&d.Batch, 20)
		preset(&d.Lease, 15*time.Minute)
		preset(&d.Idle, 30*time.Second)
		preset(&d.Grace, 6*time.Second)
		preset(&d.FirstRetry, time.Minute)
		preset(&d.LongestRetry, 4*time.Hour)
		preset(&d.UnknownPause, 15*time.Minute)
		preset(&d.GiveUpAfter, 5*24*time.Hour)
		if d.Rand == nil {
			d.Rand = rand.Float64
		}
	})
}

func preset[T int | time.Duration](field *T, otherwise T) {
	if *field <= 0 {
		*field = otherwise
	}
}

// Wake makes Loop look at the queue at once. Call it after a commit that queued something; it never blocks.
func (d *Dispatcher) Wake() {
	d.init()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Loop sends what falls due until ctx ends, closes the Sender and returns ctx's error. While the server or the queue
// fails it tries again ever more seldom, up to every 5 minutes; it says so in the log when that begins and ends.
func (d *Dispatcher) Loop(ctx context.Context) error {
	d.init()
	defer d.Sender.Close()
	failures := 0
	for {
		_, err := d.Poll(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var wait time.Duration
		if err == nil {
			wait, err = d.untilNextDue(ctx)
		}
		wake := d.wake
		switch {
		case err != nil:
			wait, wake = d.pause(5*time.Second, 5*time.Minute, failures), nil
			failures++
			if failures == 1 {
				d.Log.Error("sending is interrupted, notices wait in the queue", "error", err, "retry_in", wait.Round(time.Second))
			} else {
				d.Log.Debug("sending is still interrupted", "error", err, "retry_in", wait.Round(time.Second))
			}
		case failures > 0:
			d.Log.Info("sending works again", "failures", failures)
			failures = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		case <-d.Clock.After(wait):
		}
	}
}

// untilNextDue is how long the queue has nothing to send, at most Idle. The floor keeps a notice that another
// Dispatcher is about to take from being asked for without pause.
func (d *Dispatcher) untilNextDue(ctx context.Context) (time.Duration, error) {
	at, ok, err := d.Queue.NextDue(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for the next notice: %w", err)
	}
	if !ok {
		return d.Idle, nil
	}
	return min(max(at.Sub(d.Clock.Now()), 20*time.Millisecond), d.Idle), nil
}

// Poll sends everything that is due now, once, and tells how many mails were accepted. An error means that sending broke
// off: what was not tried is back in the queue as it was. When ctx ends, the mail in hand is finished, within Grace.
func (d *Dispatcher) Poll(ctx context.Context) (sent int, err error) {
	d.init()
	if err := d.saveAgain(ctx); err != nil {
		return 0, err
	}
	p := &pass{Dispatcher: d, results: make(chan Result, maxUnsaved)}
	saved := make(chan error, 1)
	go func() { saved <- p.save(ctx) }()
	err = p.run(ctx)
	close(p.results)
	if saveErr := <-saved; saveErr != nil {
		err = errors.Join(err, fmt.Errorf("record what was sent: %w", saveErr))
	}
	return p.sent, err
}

// saveAgain records what an earlier pass could not. Nothing is leased before that: it could be sent twice.
func (d *Dispatcher) saveAgain(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.unsaved) == 0 {
		return nil
	}
	if err := d.Queue.Settle(ctx, d.unsaved); err != nil {
		return fmt.Errorf("record what was sent: %w", err)
	}
	d.unsaved = nil
	d.failing.Store(false)
	return nil
}

// pass is one Poll.
type pass struct {
	*Dispatcher
	results chan Result
	sent    int
	faults  int // lost connections in a row
}

// save records results as they come. While one commit lasts the next results gather, so it is prompt when little is
// sent and commits few times when much is.
func (p *pass) save(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var problem error
	for r := range p.results {
		batch := []Result{r}
		for more := true; more; {
			select {
			case r, ok := <-p.results:
				if more = ok; ok {
					batch = append(batch, r)
				}
			default:
				more = false
			}
		}
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

func (p *pass) run(ctx context.Context) error {
	for ctx.Err() == nil && !p.failing.Load() {
		now := p.Clock.Now()
		until := now.Add(p.Lease)
		batch := p.Batch
		if p.PerMinute > 0 {
			batch = min(batch, p.PerMinute) // a minute's worth, so that no lease runs out while its notice waits
		}
		leased, err := p.Queue.Lease(ctx, now, until, batch)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("take notices from the queue: %w", err)
		}
		if len(leased) == 0 {
			return nil
		}
		for i, n := range leased {
			err := p.one(ctx, n, until)
			if err == nil {
				continue
			}
			for _, rest := range leased[i+1:] {
				p.release(rest, "")
			}
			if err != errBatchEnds {
				return err
			}
			break
		}
	}
	return ctx.Err()
}

// errBatchEnds gives the rest of a batch back: its leases run out soon, when another Dispatcher may take them, or what
// was sent cannot be recorded, and each further mail would be one more to go out again after a crash.
var errBatchEnds = errors.New("the rest of the batch is given back")

// one deals with one leased notice. An error breaks the pass off, or its batch for errBatchEnds.
func (p *pass) one(ctx context.Context, n Notice, until time.Time) error {
	if err := p.slot(ctx); err != nil {
		p.release(n, "")
		return err
	}
	if until.Sub(p.Clock.Now()) < p.Lease/3 || p.failing.Load() {
		p.release(n, "")
		return errBatchEnds
	}
	reason, err := p.Queue.Bouncing(ctx, n.ToAddress)
	if err != nil {
		p.release(n, "")
		return fmt.Errorf("look up whether %s takes mail: %w", n.ToAddress, err)
	}
	if reason != "" {
		reason = "the address does not take mail: " + reason
	} else if p.Outdated != nil {
		if reason, err = p.Outdated(ctx, n); err != nil {
			p.release(n, "")
			return fmt.Errorf("look up whether notice %d is still wanted: %w", n.ID, err)
		}
	}
	result := Result{ID: n.ID, Attempt: n.Attempts, At: p.Clock.Now()}
	if reason != "" {
		result.State, result.Error = Cancelled, reason
		p.Log.Warn("a notice is cancelled", p.about(n, "reason", reason)...)
		p.results <- result
		return nil
	}
	m, err := p.mail(ctx, n, result.At, MaxImageBytes)
	if ctx.Err() != nil {
		p.release(n, "")
		return ctx.Err()
	}
	if err != nil {
		result.State, result.Error = Failed, "cannot be written: "+err.Error()
		p.Log.Error("a notice cannot be written", p.about(n, "error", err)...)
		p.results <- result
		return nil
	}
	atMost := func() time.Duration { return until.Sub(p.Clock.Now()) * 9 / 10 } // images took some, and a first try takes more
	err = p.send(ctx, m, atMost())
	if tooLarge(err) && len(m.Files) > 0 {
		p.Log.Warn("the server takes no mail of that size, it goes out without its images", p.about(n, "error", err)...)
		if m, err = p.mail(ctx, n, m.Date, 0); err == nil {
			err = p.send(ctx, m, atMost())
		}
	}
	result.At = p.Clock.Now()
	result.Duration = result.At.Sub(m.Date)
	return p.judge(n, result, err)
}

// slot waits until PerMinute lets the next mail go. Up to that many go at once: an answer should not wait for no reason.
func (p *pass) slot(ctx context.Context) error {
	if p.PerMinute <= 0 {
		return ctx.Err()
	}
	if len(p.recent) >= p.PerMinute {
		if wait := p.recent[0].Add(time.Minute).Sub(p.Clock.Now()); wait > 0 {
			if err := clock.Sleep(ctx, p.Clock, wait); err != nil {
				return err
			}
		}
		p.recent = append(p.recent[:0], p.recent[1:]...)
	}
	p.recent = append(p.recent, p.Clock.Now())
	return ctx.Err()
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
	r.Error, r.Code = err.Error(), fault.Code
	r.State = Queued
	switch {
	case fault.Unknown:
		r.Error = "it may have arrived, the server's answer did not: " + r.Error
		r.NextAt = r.At.Add(p.jitter(p.UnknownPause))
	case fault.Permanent:
		r.State = Failed
	default:
		r.NextAt = r.At.Add(p.pause(p.FirstRetry, p.LongestRetry, n.Attempts-1))
	}
	if born := latest(n.CreatedAt, n.DueAt); r.State == Queued && r.NextAt.Sub(born) > p.GiveUpAfter {
		r.State, r.NextAt = Failed, time.Time{}
		r.Error = fmt.Sprintf("given up after %d attempts in %s: %s", n.Attempts, r.At.Sub(born).Round(time.Minute), r.Error)
	}
	if r.State == Failed {
		p.Log.Error("a notice failed", p.about(n, "code", r.Code, "error", r.Error)...)
	} else {
		p.Log.Warn("a notice is deferred", p.about(n, "code", r.Code, "error", r.Error, "next", r.NextAt)...)
	}
	p.results <- r
	if fault.Code != 0 {
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

// mail renders a notice; room is how many bytes its files may have.
func (p *pass) mail(ctx context.Context, n Notice, now time.Time, room int) (Mail, error) {
	d, err := templates.Decode(n.Template, n.Data)
	if err != nil {
		return Mail{}, err
	}
	var files []File
	if kit, ok := d.(templates.Published); ok {
		if d, files, err = p.enclose(ctx, n, kit, room); err != nil {
			return Mail{}, err
		}
	}
	content, err := p.Templates.Render(d, templates.Audience{Locale: n.Locale, Location: p.zone(n.TimeZone)})
	if err != nil {
		return Mail{}, err
	}
	m := Mail{
		From: p.From, ToName: n.ToName, ToAddress: n.ToAddress, ReplyTo: n.ReplyTo, MessageID: n.MessageID,
		InReplyTo: n.InReplyTo, References: n.References, AutoReply: n.AutoReply, Date: now, Content: content, Files: files,
		ListUnsubscribe: n.Unsubscribe, OneClick: len(n.Unsubscribe) > 0,
	}
	if n.Invite != nil {
		if m.Calendar, err = n.Invite.ICS(); err != nil {
			return Mail{}, err
		}
		m.CalendarMethod = n.Invite.Method
	}
	return m, nil
}

// zone is the named time zone. Each is read from disk once.
func (d *Dispatcher) zone(name string) *time.Location {
	l, ok := d.zones[name]
	if !ok {
		l = location(name, time.UTC)
		d.zones[name] = l
	}
	return l
}

func (p *pass) about(n Notice, more ...any) []any {
	return append([]any{"notice", n.ID, "template", n.Template, "to", n.ToAddress, "attempt", n.Attempts}, more...)
}

// pause is first, doubled n times, at most longest, give or take a quarter.
func (d *Dispatcher) pause(first, longest time.Duration, n int) time.Duration {
	wait := first
	for range n {
		if wait *= 2; wait >= longest {
			wait = longest
			break
		}
	}
	return d.jitter(wait)
}

func (d *Dispatcher) jitter(wait time.Duration) time.Duration {
	return time.Duration(float64(wait) * (0.75 + d.Rand()/2))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

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
	Templates Texts
	From      string // header From of every mail: "Name <address>"
	Clock     clock.Clock
	Log       *slog.Logger
	// Bounces, if set, is the envelope sender of a notice; see Identity.BounceAddress.
	Bounces func(noticeID int64) string
	// FeedbackID names us to Gmail's complaint statistics; "": not at all.
	FeedbackID string
	// Outdated, if set, is asked before each mail why it is not to be sent any more; "" sends it. See Scheduler.Outdated.
	Outdated func(ctx context.Context, n Notice) (reason string, err error)
	Files    Files // that go with mails; nil: they go without
	// Window, if set, is the first moment from t on at which a notice may go out; see Composer.Window.
	Window func(n Notice, t time.Time) time.Time
	// Refused, if set, hears of what the server says for good of a recipient's address.
	Refused func(ctx context.Context, n Notice, b Bounce) error
	// Faulty, if set, hears of each mail that the built-in text stands in for, as the team's own could not be used on it.
	Faulty func(ctx context.Context, n Notice, fault error)
	Limits Limits

	Batch        int            // notices leased at once; 20
	Lease        time.Duration  // how long a lease holds: several times what one mail may take; 15 minutes
	Idle         time.Duration  // the longest sleep between two looks at the queue; 30 seconds
	Grace        time.Duration  // how long the mail in hand may go on once the context has ended; 6 seconds
	FirstRetry   time.Duration  // pause after the first failure, doubled by each further one; 1 minute
	LongestRetry time.Duration  // bound of that pause; 4 hours
	UnknownPause time.Duration  // FirstRetry of a mail that may have been accepted; 15 minutes
	GiveUpAfter  time.Duration  // age at which a notice fails for good; 5 days
	PerMinute    int            // most mails in any minute; 0: no bound
	Once         bool           // Poll does not wait for PerMinute, and leaves the rest in the queue
	Rand         func() float64 // jitter, in [0,1)

	once    sync.Once
	wake    chan struct{}
	recent  []time.Time // with PerMinute, when the last mails went
	lanes   map[string]*lane
	told    map[int64][]time.Time // with Limits for reminders, when persons were sent the last ones
	zones   sync.Map              // of *time.Location, by name
	mu      sync.Mutex
	unsaved []Result    // of a Settle that failed
	failing atomic.Bool // the last Settle failed
}

// Texts gives the mail texts that are in force; they may have changed at each call. See templates.Library.
type Texts interface {
	Set(ctx context.Context) (*templates.Set, error)
}

// maxUnsaved is how many results may wait while the ones before are being recorded. As many mails, twice at most, go out
// again under the same Message-ID if the process dies at that moment.
const maxUnsaved = 8

func (d *Dispatcher) init() {
	d.once.Do(func() {
		d.wake = make(chan struct{}, 1)
		d.lanes, d.told = map[string]*lane{}, map[int64][]time.Time{}
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
	if err := p.reread(ctx); err != nil {
		return 0, err
	}
	saved := make(chan error, 1)
	go func() { saved <- p.save(ctx) }()
	if err = p.run(ctx); err == errMinuteFull {
		err = nil
	}
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

// zone is the named time zone. Each is read from disk once.
func (d *Dispatcher) zone(name string) *time.Location {
	if l, ok := d.zones.Load(name); ok {
		return l.(*time.Location)
	}
	l := location(name, time.UTC)
	d.zones.Store(name, l)
	return l
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

package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"handoff/blob"
	"handoff/internal/clock"
)

// Poller takes the new mails of one mailbox, in UID order, and hands them to a Recorder: fetched, stored raw and read. It
// moves on only after the Recorder has recorded them. Not safe for concurrent use.
type Poller struct {
	Name     string // of the mailbox, as configured
	Mailbox  Mailbox
	Blobs    *blob.Dir
	Recorder Recorder
	Clock    clock.Clock // nil: the system's
	Options  Options     // for Read
	Log      *slog.Logger

	MaxSize    int64  // bytes; of a larger mail only the header is fetched; 0: no limit
	Backfill   bool   // the first connect starts with the oldest mail, not with the newest
	DoneFolder string // where recorded mails are moved; "": they stay
	HeldFolder string // where held mails are moved; "": they stay

	PollEvery time.Duration // how long to trust the server's announcements; 0: a minute
	Limits    PollLimits    // zero fields take the defaults

	// Progress, if set, hears how many mails of a pass are recorded; total is the most there can be.
	Progress func(done, total int)

	read     func(ctx context.Context, raw io.ReaderAt, size int64, opt Options) (*Message, error) // nil: Read
	okAt     time.Time                                                                             // end of the last pass without error
	failures int                                                                                   // passes failed in a row
	unfiled  filing
	emptied  bool // the mailbox has gone back to before its first UID: what comes next is below the cursor
	recalled bool // what an earlier process recorded and did not file is in unfiled
}

// PollLimits bound what a pass has in hand.
type PollLimits struct {
	Batch       int           // mails in one Record; 128
	BatchBytes  int64         // text of the mails in one Record; 4 MB
	BatchWait   time.Duration // how long a mail waits for others to join its batch while more are fetched; 200 ms
	Workers     int           // mails stored and read at once; 8
	ReadTimeout time.Duration // for reading one mail, which is then recorded as failed; 20 s
	Grace       time.Duration // for what is in hand when the context ends; 8 s
}

func (l PollLimits) withDefaults() PollLimits {
	if l.Batch <= 0 {
		l.Batch = 128
	}
	if l.BatchBytes <= 0 {
		l.BatchBytes = 4 << 20
	}
	if l.BatchWait <= 0 {
		l.BatchWait = 200 * time.Millisecond
	}
	if l.Workers <= 0 {
		l.Workers = 8
	}
	if l.ReadTimeout <= 0 {
		l.ReadTimeout = 20 * time.Second
	}
	if l.Grace <= 0 {
		l.Grace = 8 * time.Second
	}
	return l
}

const (
	defaultPollEvery = time.Minute
	firstBackoff     = time.Second
	maxBackoff       = 5 * time.Minute
	// A Wait that ends with an error after that long was a connection that served, such as one that the server
	// closes every half an hour.
	servedFor = 10 * time.Second
	// A server may announce the same mails again and again: after that many announcements in a row, each within a second
	// and none with a mail, a pause follows.
	maxVain   = 10
	vainPause = 10 * time.Second
)

// filingError is a failure to flag or move mails that are recorded. New mail is taken all the same.
type filingError struct{ err error }

func (e *filingError) Error() string {
	return "mails are recorded, but not filed on the server: " + e.err.Error()
}
func (e *filingError) Unwrap() error { return e.err }

// Poll makes one pass: everything up to the newest mail is recorded and filed, and the pass reported as Health. n tells
// how many mails were recorded, also when the pass failed later. When ctx ends, what is in hand is still recorded.
func (p *Poller) Poll(ctx context.Context) (n int, err error) {
	grace, release := p.grace(ctx)
	defer release()
	s := &pass{p: p, ctx: ctx, grace: grace, limits: p.Limits.withDefaults()}
	err = s.run()
	return s.recorded, errors.Join(err, p.report(grace, s, err))
}

// grace is a context that outlives ctx by Limits.Grace.
func (p *Poller) grace(ctx context.Context) (context.Context, func()) {
	grace, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(p.Limits.withDefaults().Grace, cancel)
		context.AfterFunc(grace, func() { timer.Stop() })
	})
	return grace, func() {
		unhook()
		cancel()
	}
}

// report notes how the pass went.
func (p *Poller) report(ctx context.Context, s *pass, err error) error {
	now := p.clock().Now()
	h := Health{Mailbox: p.Name, At: now, UIDNext: s.state.UIDNext, CursorUID: s.cursor.UID}
	switch {
	case err == nil:
		p.okAt, p.failures = now, 0
	case s.ctx.Err() != nil && errors.Is(err, s.ctx.Err()): // stopped, not failed
	default:
		p.failures++
		h.Error = err.Error()
	}
	h.OKAt, h.Failures = p.okAt, p.failures
	if h.UIDNext <= h.CursorUID {
		h.UIDNext = h.CursorUID + 1
	}
	h.Waiting = s.waiting()
	if err := p.Recorder.Health(ctx, h); err != nil {
		return fmt.Errorf("note how the mailbox does: %w", err)
	}
	return nil
}

// Loop polls until ctx ends: a pass, then a wait for the server to announce mail, at most PollEvery. After a failure it
// waits longer and longer, up to five minutes; after a refusal that a person has to mend, five minutes at once. The error
// is ctx's. The caller closes the Mailbox.
func (p *Poller) Loop(ctx context.Context) error {
	every := p.PollEvery
	if every <= 0 {
		every = defaultPollEvery
	}
	failed, lost, vain := 0, 0, 0
	refusal := "" // that the log has told
	for ctx.Err() == nil {
		n, err := p.Poll(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if n > 0 {
			p.log().Info("mails recorded", "mailbox", p.Name, "mails", n)
		}
		var unfiled *filingError
		switch {
		case errors.As(err, &unfiled):
			p.log().Warn("mails not filed", "mailbox", p.Name, "error", err)
		case err != nil:
			failed++
			refused := errors.Is(err, ErrRefused)
			d := backoff(failed, refused)
			level := slog.LevelError
			if refused && err.Error() == refusal { // told once: it stays as it is until a person mends it, and status shows it
				level = slog.LevelDebug
			}
			if refused {
				refusal = err.Error()
			}
			p.log().Log(ctx, level, "pass failed", "mailbox", p.Name, "error", err, "retry", d.Round(time.Second))
			_ = clock.Sleep(ctx, p.clock(), d)
			continue
		}
		if failed > 0 {
			p.log().Info("mailbox works again", "mailbox", p.Name)
		}
		failed, refusal = 0, ""
		started := p.clock().Now()
		err = p.Mailbox.Wait(ctx, every)
		waited := p.clock().Now().Sub(started)
		if err == nil {
			lost = 0
			if vain++; n > 0 || waited >= min(every, time.Second) {
				vain = 0
			}
			if vain > maxVain {
				_ = clock.Sleep(ctx, p.clock(), vainPause)
			}
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		p.log().Debug("connection lost", "mailbox", p.Name, "error", err)
		if waited > servedFor {
			lost = 0
			continue
		}
		lost++
		_ = clock.Sleep(ctx, p.clock(), backoff(lost, false))
	}
	return ctx.Err()
}

// backoff is how long to wait after n failures in a row: doubling up to maxBackoff, of which the half is chance, so that
// many mailboxes do not come back at one moment.
func backoff(n int, refused bool) time.Duration {
	d := maxBackoff
	if shift := n - 1; !refused && shift < 16 {
		d = min(maxBackoff, firstBackoff<<shift)
	}
	return d/2 + rand.N(d/2+1)
}

func (p *Poller) clock() clock.Clock {
	if p.Clock == nil {
		return clock.System{}
	}
	return p.Clock
}

func (p *Poller) log() *slog.Logger {
	if p.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return p.Log
}

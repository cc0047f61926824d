package smtp

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"handoff/internal/clock"
	"handoff/outbox"
)

// SentFolder keeps what was sent; *imap.Sent does.
type SentFolder interface {
	// Append adds a mail. With again, an earlier try may have succeeded.
	Append(ctx context.Context, raw []byte, messageID string, at time.Time, again bool) error
	// Close ends the connection; the next Append makes a new one.
	Close() error
}

// Copies puts a copy of every mail that was accepted into a SentFolder. Sending never waits for it and never fails by it: a copy
// is tried a few times, and then there is none. The log says when that begins and when it ends. Set the fields before the first
// use. Add is for any goroutine, Loop and Flush for one.
type Copies struct {
	Folder SentFolder
	Clock  clock.Clock
	Log    *slog.Logger
	// Changed, if set, hears when keeping copies begins to fail, and with "" when it works, at first and again.
	Changed func(fault string)

	mu      sync.Mutex
	waiting []sentMail
	bytes   int
	missing int  // since the folder took the last one
	failing bool // which the log and Changed heard
	works   bool // which Changed heard
	once    sync.Once
	wake    chan struct{}
}

type sentMail struct {
	raw       []byte
	messageID string
	at        time.Time
	again     bool
}

// What waits in memory at most.
const (
	maxCopies    = 200
	maxCopyBytes = 32 << 20
)

// copyPauses are those between the tries of one copy.
var copyPauses = [...]time.Duration{5 * time.Second, time.Minute, 5 * time.Minute}

func (c *Copies) woken() chan struct{} {
	c.once.Do(func() { c.wake = make(chan struct{}, 1) })
	return c.wake
}

// Add takes a mail that was accepted. Where too many wait, it is left out.
func (c *Copies) Add(raw []byte, m outbox.Mail) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) >= maxCopies || c.bytes+len(raw) > maxCopyBytes && len(c.waiting) > 0 {
		c.lost(nil)
		return
	}
	c.waiting = append(c.waiting, sentMail{raw: raw, messageID: m.MessageID, at: m.Date})
	c.bytes += len(raw)
	select {
	case c.woken() <- struct{}{}:
	default:
	}
}

// lost counts a copy that is not made. The caller holds mu.
func (c *Copies) lost(err error) {
	c.missing++
	if err == nil {
		err = fmt.Errorf("%d copies wait, more are not kept", len(c.waiting))
	}
	c.fails(err)
}

// fails tells of the first failure. The caller holds mu.
func (c *Copies) fails(err error) {
	if c.failing {
		return
	}
	c.failing, c.works = true, false
	c.Log.Error("mails are sent, but no copies are kept for now", "error", err)
	if c.Changed != nil {
		c.Changed(err.Error())
	}
}

// Loop copies what comes until ctx ends, and returns its error.
func (c *Copies) Loop(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.woken():
		}
		for {
			m, ok := c.next()
			if !ok {
				break
			}
			err := c.Folder.Append(ctx, m.raw, m.messageID, m.at, false)
			for i, pause := range copyPauses {
				if err == nil {
					break
				}
				_ = c.Folder.Close() // the next try begins anew
				c.tried(err, i > 0)
				if clock.Sleep(ctx, c.Clock, pause) != nil {
					return ctx.Err() // Flush tries it once more
				}
				err = c.Folder.Append(ctx, m.raw, m.messageID, m.at, true)
			}
			if ctx.Err() != nil {
				c.tried(err, false)
				return ctx.Err()
			}
			c.done(err)
		}
		_ = c.Folder.Close() // it may be long until the next one
	}
}

// Flush tries everything that waits once more, until ctx ends; what is not copied then never is.
func (c *Copies) Flush(ctx context.Context) {
	for m, ok := c.next(); ok; m, ok = c.next() {
		c.done(c.Folder.Append(ctx, m.raw, m.messageID, m.at, m.again))
	}
	_ = c.Folder.Close() // nothing follows that it could keep from
}

func (c *Copies) next() (sentMail, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		return sentMail{}, false
	}
	return c.waiting[0], true
}

// tried notes that the first one may be there already. A lost connection alone, which the next try makes up for, is not told.
func (c *Copies) tried(err error, tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[0].again = true
	if tell {
		c.fails(err)
	}
}

// done takes the first one off.
func (c *Copies) done(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes -= len(c.waiting[0].raw)
	c.waiting[0] = sentMail{}
	c.waiting = c.waiting[1:]
	if err != nil {
		c.lost(err)
		return
	}
	if c.failing {
		c.Log.Info("copies of sent mails are kept again", "missing", c.missing)
	}
	if c.missing, c.failing = 0, false; !c.works && c.Changed != nil {
		c.Changed("")
	}
	c.works = true
}

// Waiting is how many copies are still to be made.
func (c *Copies) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waiting)
}

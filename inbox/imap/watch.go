package imap

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

var errSilent = errors.New("the server went silent")

// watchedConn is a connection that is closed when a guard says so. The IMAP library's own deadlines do not reach it: they
// count the time that our side takes to store a mail, and its IDLE has none.
type watchedConn struct {
	net.Conn
	born    time.Time    // moments are counted from here: a wall clock may be set
	waiting atomic.Int64 // when the blocked Read began, in nanoseconds; 0: none is blocked

	mu    sync.Mutex
	cause error // why a guard closed it
}

func watch(conn net.Conn) *watchedConn { return &watchedConn{Conn: conn, born: time.Now()} }

func (c *watchedConn) Read(p []byte) (int, error) {
	c.waiting.Store(max(1, int64(time.Since(c.born))))
	n, err := c.Conn.Read(p)
	c.waiting.Store(0)
	return n, err
}

// SetDeadline does nothing: a guard takes its place.
func (c *watchedConn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing: a guard takes its place.
func (c *watchedConn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing: a guard takes its place.
func (c *watchedConn) SetWriteDeadline(time.Time) error { return nil }

// fail closes the connection for a reason; the first one stays.
func (c *watchedConn) fail(cause error) {
	c.mu.Lock()
	if c.cause == nil {
		c.cause = cause
	}
	c.mu.Unlock()
	_ = c.Close()
}

// why is the reason for which a guard closed the connection, nil if none did.
func (c *watchedConn) why() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// guard closes the connection when ctx ends, or when we wait for the server and it says nothing for that long. The time
// that our side spends on what it said does not count.
func (c *watchedConn) guard(ctx context.Context, silence time.Duration) (release func()) {
	start := time.Since(c.born)
	done := make(chan struct{})
	var once sync.Once
	unhook := context.AfterFunc(ctx, func() { c.fail(context.Cause(ctx)) })
	go func() {
		timer := time.NewTimer(silence)
		defer timer.Stop()
		for {
			select {
			case <-done:
				return
			case <-timer.C:
				since := time.Duration(c.waiting.Load())
				if since == 0 {
					timer.Reset(silence / 4)
					continue
				}
				since = max(since, start) // the reader waits all the time, also when nothing is due
				if left := silence - (time.Since(c.born) - since); left > 0 {
					timer.Reset(left)
					continue
				}
				c.fail(errSilent)
				return
			}
		}
	}()
	return func() {
		once.Do(func() {
			unhook()
			close(done)
		})
	}
}

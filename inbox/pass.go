package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"handoff/blob"
)

// A pass is a pipeline: one goroutine fetches each mail straight into a blob, workers make the blobs durable and read
// them, and one goroutine records them in UID order, batch by batch, while the next are fetched.
type pass struct {
	p      *Poller
	ctx    context.Context // for taking more
	grace  context.Context // for finishing what was taken
	limits PollLimits

	state  State
	cursor Cursor // what is recorded; the committer's while it runs
	first  Cursor // where the pass began
	anew   bool   // the mailbox was made anew: what was there before comes again

	ordered chan *incoming // in UID order, to the committer
	jobs    chan *incoming // to the workers
	last    uint32         // every UID up to this was asked for; set before ordered is closed
	failed  chan struct{}
	err     error // of the committer; read after failed is closed

	mu       sync.Mutex
	outcomes []Outcome

	recorded int
	buf      []byte // for copying
}

// incoming is one mail on its way.
type incoming struct {
	received Received
	blob     *blob.Writer
	ready    chan struct{} // closed by the worker
	err      error         // the mail could not be stored; read after ready
}

const (
	queued     = 64       // mails between fetching and recording, beside those with the workers
	copyBuffer = 64 << 10 // bytes
	// window is how many UIDs one Fetch spans at first: recorded mails are filed between two of them. Where UIDs are
	// sparse it grows.
	window    = 512
	maxWindow = 1 << 24
	// clockSlack is how far the mail server's clock may be behind ours.
	clockSlack = 10 * time.Minute
)

func (s *pass) run() error {
	if err := s.begin(); err != nil {
		return err
	}
	upTo := uint32(math.MaxUint32)
	if s.state.UIDNext > 0 {
		upTo = s.state.UIDNext - 1
	}
	if s.cursor.UID >= upTo {
		return s.finish()
	}
	err := s.take(upTo)
	if err != nil && s.ctx.Err() == nil { // the connection is likely lost: the next pass files
		s.collect()
		return err
	}
	if ferr := s.finish(); err == nil {
		err = ferr
	}
	return err
}

// begin finds out where the mailbox stands, and sets the cursor of one that was never polled.
func (s *pass) begin() error {
	cursor, ok, err := s.p.Recorder.Cursor(s.ctx, s.p.Name)
	if err != nil {
		return fmt.Errorf("where the mailbox stands: %w", err)
	}
	if s.p.okAt.IsZero() {
		s.p.okAt = cursor.OKAt
	}
	if s.state, err = s.p.Mailbox.Select(s.ctx); err != nil {
		return err
	}
	known := ok && cursor.UIDValidity == s.state.UIDValidity
	// UIDs only ever grow (RFC 9051, 2.3.1.1). When they fell back, a backup was restored or it is another mailbox, under a
	// UIDVALIDITY seen before, and new mail comes below the cursor.
	fellBack := known && (s.p.emptied || s.state.UIDNext > 0 && s.state.UIDNext-1 < cursor.UID)
	known = known && !fellBack
	if !known && s.state.UIDNext == 0 { // only Select without news tells it
		if s.state, err = s.p.Mailbox.Select(s.ctx); err != nil {
			return err
		}
		if s.state.UIDNext == 0 {
			return errors.New("the server does not tell UIDNEXT")
		}
	}
	warned := s.p.emptied
	s.p.emptied = fellBack && s.state.UIDNext == 1
	s.cursor = cursor
	switch {
	case known:
	case ok:
		s.anew = true
		s.p.unfiled, s.p.recalled = filing{}, true
		s.cursor = Cursor{UIDValidity: s.state.UIDValidity}
		if cursor.UID < cursor.BackfillUID { // in the middle of it
			s.cursor.BackfillUID = s.state.UIDNext - 1
		}
		switch {
		case !fellBack:
			s.p.log().Warn("the server has made the mailbox anew: looking through it from the start", "mailbox", s.p.Name,
				"uidvalidity", s.state.UIDValidity, "was", cursor.UIDValidity)
		case !warned:
			s.p.log().Warn("the mailbox has gone back, as after a restore or when it is another one: looking through it from the start",
				"mailbox", s.p.Name, "uidvalidity", s.state.UIDValidity, "uidnext", s.state.UIDNext, "recorded up to", cursor.UID)
		}
	default:
		top := s.state.UIDNext - 1
		s.cursor = Cursor{UIDValidity: s.state.UIDValidity, UID: top}
		if s.p.Backfill {
			s.cursor.UID, s.cursor.BackfillUID = 0, top
		}
		if _, err := s.p.Recorder.Record(s.grace, s.p.Name, s.cursor, nil); err != nil {
			return fmt.Errorf("set where the mailbox starts: %w", err)
		}
	}
	s.first = s.cursor
	return nil
}

// waiting is how many mails may not be recorded yet.
func (s *pass) waiting() int {
	if s.state.UIDNext == 0 || s.state.UIDNext-1 <= s.cursor.UID {
		return 0
	}
	return int(min(s.state.UIDNext-1-s.cursor.UID, s.state.Messages))
}

// take records everything above the cursor, up to upTo.
func (s *pass) take(upTo uint32) error {
	s.ordered = make(chan *incoming, queued)
	s.jobs = make(chan *incoming, s.limits.Workers)
	s.failed = make(chan struct{})
	s.buf = make([]byte, copyBuffer)

	var workers sync.WaitGroup
	for range s.limits.Workers {
		workers.Go(func() {
			for m := range s.jobs {
				s.store(m)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.commit(); err != nil {
			s.err = err
			close(s.failed)
			for m := range s.ordered { // let the others end
				<-m.ready
			}
		}
	}()

	err := s.fetch(upTo)
	close(s.jobs)
	close(s.ordered)
	workers.Wait()
	<-done
	if s.err != nil { // then fetch only tells that it was stopped
		return s.err
	}
	return err
}

// fetch asks for the mails window by window, and files those recorded meanwhile.
func (s *pass) fetch(upTo uint32) error {
	span := uint32(window)
	for from := s.cursor.UID + 1; ; {
		to := upTo
		if s.state.UIDNext > 0 && upTo-from >= span {
			to = from + span - 1
		}
		n := uint32(0)
		err := s.p.Mailbox.Fetch(s.ctx, from, to, s.p.MaxSize, func(it Item, body io.Reader) error {
			n++
			return s.receive(it, body)
		})
		if err != nil {
			return err
		}
		if s.state.UIDNext > 0 {
			s.last = to
		}
		if to == upTo {
			return nil
		}
		if err := s.file(s.ctx); err != nil && s.ctx.Err() == nil {
			s.p.log().Debug("filing put off", "mailbox", s.p.Name, "error", err)
		}
		if n < span/4 {
			span = min(span*2, maxWindow)
		}
		from = to + 1
	}
}

// receive spools one mail and passes it on.
func (s *pass) receive(it Item, body io.Reader) error {
	select {
	case <-s.failed:
		return s.err
	default:
	}
	if it.Err != nil {
		body = s.absent(it)
	}
	w, err := s.p.Blobs.Create(s.ctx)
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{body}, s.buf); err != nil {
		return errors.Join(err, w.Close())
	}
	m := &incoming{blob: w, ready: make(chan struct{}), received: Received{
		Mailbox:     s.p.Name,
		UIDValidity: s.state.UIDValidity,
		UID:         it.UID,
		Size:        it.Size,
		ReceivedAt:  it.InternalDate,
		Backfill:    s.backfill(it),
		Oversize:    it.Truncated,
		Err:         it.Err,
	}}
	s.ordered <- m // the committer takes all, also after it failed
	s.jobs <- m
	return nil
}

// absent stands in for a mail that the server does not give. It is of that mail alone: two empty blobs would be one, and the
// second mail a copy of the first.
func (s *pass) absent(it Item) io.Reader {
	why := strings.Join(strings.Fields(it.Err.Error()), " ")
	return strings.NewReader(fmt.Sprintf("Comments: in place of the mail with UID %d (UIDVALIDITY %d) of mailbox %q: %s\r\n\r\n",
		it.UID, s.state.UIDValidity, s.p.Name, why))
}

// backfill tells whether the mail is filed only: it was there before the first connect, or it comes a second time since the
// mailbox was made anew.
func (s *pass) backfill(it Item) bool {
	if it.UID <= s.first.BackfillUID {
		return true
	}
	return s.anew && it.InternalDate.Before(s.p.okAt.Add(-clockSlack))
}

// store is a worker's part: the mail is made durable and read.
func (s *pass) store(m *incoming) {
	defer close(m.ready)
	id, err := m.blob.Commit()
	if err != nil {
		m.err = errors.Join(err, m.blob.Close())
		return
	}
	m.received.Blob = id
	if m.received.Err != nil {
		m.err = m.blob.Close()
		return
	}
	m.received.Message, m.received.Err, m.err = s.read(m.blob)
}

// read reads a stored mail, and closes it. unread is the mail's own fault, err ours.
func (s *pass) read(w *blob.Writer) (msg *Message, unread, err error) {
	read := s.p.read
	if read == nil {
		read = Read
	}
	type result struct {
		msg *Message
		err error
	}
	ctx, cancel := context.WithTimeout(s.grace, s.limits.ReadTimeout)
	done := make(chan result, 1)
	go func() {
		defer cancel()
		defer func() {
			_ = w.Close() // committed before: nothing can be lost
			if v := recover(); v != nil {
				done <- result{nil, fmt.Errorf("reading the mail broke: %v\n%s", v, debug.Stack())}
			}
		}()
		msg, err := read(ctx, w, w.Size(), s.p.Options)
		done <- result{msg, err}
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done(): // a reader that does not look at its context is left behind
		select {
		case r = <-done:
		default:
			r.err = ctx.Err()
		}
	}
	switch {
	case r.err == nil:
		return r.msg, nil, nil
	case s.grace.Err() != nil:
		return nil, nil, s.grace.Err()
	case errors.Is(r.err, ErrNoScanner): // the mail waits on the server
		return nil, nil, r.err
	case errors.Is(r.err, context.DeadlineExceeded):
		return nil, fmt.Errorf("reading the mail took longer than %v: %w", s.limits.ReadTimeout, r.err), nil
	}
	return nil, r.err, nil
}

package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/blob"
)

// commit records what comes out of the pipeline until it is closed.
func (s *pass) commit() error {
	b := &batch{pass: s}
	var (
		current *incoming
		due     <-chan time.Time // when the first mail of the batch has waited long enough
	)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		in, ready := s.ordered, chan struct{}(nil)
		if current != nil {
			in, ready = nil, current.ready
		}
		select {
		case m, ok := <-in:
			if !ok {
				return b.record(s.last)
			}
			current = m
			continue
		case <-ready:
			if current.err != nil {
				return errors.Join(b.record(0), fmt.Errorf("mail with UID %d: %w", current.received.UID, current.err))
			}
			b.add(current.received)
			current = nil
		case <-due:
			due = nil
			if err := b.record(0); err != nil {
				return err
			}
			continue
		}
		if b.full() {
			due = nil
			if err := b.record(0); err != nil {
				return err
			}
		} else if due == nil {
			timer.Reset(s.limits.BatchWait)
			due = timer.C
		}
	}
}

// batch is what one Record takes.
type batch struct {
	pass  *pass
	mails []Received
	text  int64 // bytes of the mails' texts
}

func (b *batch) add(r Received) {
	b.mails = append(b.mails, r)
	if r.Message != nil {
		b.text += int64(len(r.Message.Body) + len(r.Message.Text) + len(r.Message.Elided))
	}
}

func (b *batch) full() bool {
	return len(b.mails) >= b.pass.limits.Batch || b.text >= b.pass.limits.BatchBytes
}

// record makes the blobs' names durable and hands the batch to the Recorder. The cursor goes to the newest mail, or to
// upTo if that is higher: nothing lies between.
func (b *batch) record(upTo uint32) error {
	s := b.pass
	to := s.cursor
	if n := len(b.mails); n > 0 {
		to.UID = b.mails[n-1].UID
	}
	to.UID = max(to.UID, upTo)
	if len(b.mails) == 0 && to == s.cursor {
		return nil
	}
	ids := make([]blob.ID, len(b.mails))
	for i, m := range b.mails {
		ids[i] = m.Blob
	}
	if err := s.p.Blobs.Sync(s.grace, ids...); err != nil {
		return err
	}
	outcomes, err := s.p.Recorder.Record(s.grace, s.p.Name, to, b.mails)
	if err != nil {
		return fmt.Errorf("record %d mails: %w", len(b.mails), err)
	}
	s.cursor = to
	s.recorded += len(b.mails)
	s.mu.Lock()
	s.outcomes = append(s.outcomes, outcomes...)
	s.mu.Unlock()
	clear(b.mails)
	b.mails, b.text = b.mails[:0], 0
	if s.p.Progress != nil && s.recorded > 0 {
		total := s.recorded
		if s.state.UIDNext > 0 {
			total = max(total, int(min(s.state.UIDNext-1-s.first.UID, s.state.Messages)))
		}
		s.p.Progress(s.recorded, total)
	}
	return nil
}

// filing is what is recorded but not yet flagged or moved on the server.
type filing struct {
	done, held []uint32
}

// collect takes over what was recorded since the last call.
func (s *pass) collect() *filing {
	s.mu.Lock()
	outcomes := s.outcomes
	s.outcomes = nil
	s.mu.Unlock()
	f := &s.p.unfiled
	f.add(s.p, outcomes...)
	return f
}

func (f *filing) add(p *Poller, outcomes ...Outcome) {
	for _, o := range outcomes {
		if o.Held && p.HeldFolder != p.DoneFolder {
			f.held = append(f.held, o.UID)
		} else {
			f.done = append(f.done, o.UID)
		}
	}
}

// finish files what is recorded, by this pass or before.
func (s *pass) finish() error {
	err := s.recall()
	if ferr := s.file(s.grace); ferr != nil {
		return ferr
	}
	return err
}

// recallChunk is how many UIDs one question to the Recorder covers.
const recallChunk = 1000

// recall takes over, once, what an earlier process recorded but was stopped before it could file.
func (s *pass) recall() error {
	p := s.p
	if p.recalled || s.ctx.Err() != nil {
		return nil
	}
	moved := p.DoneFolder != "" || p.HeldFolder != ""
	left, err := p.Mailbox.Unfiled(s.ctx, s.first.UID, moved)
	if err != nil {
		return &filingError{err}
	}
	var earlier []Outcome
	for part := range slices.Chunk(left, recallChunk) {
		outcomes, err := p.Recorder.Outcomes(s.ctx, p.Name, s.first.UIDValidity, part[0], part[len(part)-1])
		if err != nil {
			return &filingError{err}
		}
		for _, o := range outcomes {
			_, there := slices.BinarySearch(part, o.UID)
			stays := moved && (o.Held && p.HeldFolder == "" || !o.Held && p.DoneFolder == "")
			if there && !stays {
				earlier = append(earlier, o)
			}
		}
	}
	p.unfiled.add(p, earlier...)
	p.recalled = true
	return nil
}

// file flags and moves what is recorded so far. What fails is tried again at the next pass.
func (s *pass) file(ctx context.Context) error {
	f := s.collect()
	var err error
	if len(f.done) > 0 {
		if err = s.p.Mailbox.File(ctx, f.done, s.p.DoneFolder); err == nil {
			f.done = nil
		}
	}
	if len(f.held) > 0 {
		herr := s.p.Mailbox.File(ctx, f.held, s.p.HeldFolder)
		if herr == nil {
			f.held = nil
		}
		err = errors.Join(err, herr)
	}
	if err != nil {
		return &filingError{err}
	}
	return nil
}

package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"handoff/inbox"
)

const (
	// One FETCH of bodies asks for that many mails or bytes at most, so that asking again after an expunge is cheap.
	chunkMails = 64
	chunkBytes = 32 << 20
	// A mail that the server would not give that often, though it gives the next, is handed on without a body: one bad
	// mail must not stop the others. A lost connection says less than a refusal: lines break too.
	maxRefusals = 3
	maxLosses   = 8
	// Where no other mail proves that the server is well, it is asked for that often.
	maxUnproven = 12
)

// stuck counts how often in a row the same mail could not be had.
type stuck struct {
	uid      uint32
	refusals int
	losses   int   // of the connection
	why      error // the last time
}

func (s *stuck) refused(uid uint32, why error) {
	s.at(uid, why)
	s.refusals++
}

func (s *stuck) cut(uid uint32, why error) {
	s.at(uid, why)
	s.losses++
}

func (s *stuck) at(uid uint32, why error) {
	if s.uid != uid {
		*s = stuck{uid: uid}
	}
	s.why = why
}

// errOutOfStep is an answer that leaves out or reorders mails that were listed: expunged meanwhile, or an odd server.
var errOutOfStep = errors.New("the server's answer leaves mails out")

// Fetch streams the mails with UID in [from, to] in UID order to each.
func (m *Mailbox) Fetch(ctx context.Context, from, to uint32, maxSize int64, each func(it inbox.Item, body io.Reader) error) error {
	from = max(from, 1)
	if from > to {
		return nil
	}
	if err := m.opened(ctx); err != nil {
		return err
	}
	items, err := m.list(ctx, from, to)
	if err != nil {
		return err
	}
	if maxSize > 0 {
		for i := range items {
			items[i].Truncated = items[i].Size > maxSize
		}
	}
	for len(items) > 0 {
		hopeless, err := m.hopeless(ctx, items)
		if err != nil {
			return err
		}
		if hopeless {
			it := items[0]
			it.Err = fmt.Errorf("the server does not give the mail with UID %d: %w", it.UID, m.stuck.why)
			if err := each(it, eof{}); err != nil {
				return err
			}
			m.stuck, items = stuck{}, items[1:]
			continue
		}
		n := chunk(items)
		if items[0].UID == m.stuck.uid {
			n = 1
		}
		if err := m.fetchChunk(ctx, items[:n], each); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}

// hopeless tells whether the first of the items is to be given up: the server failed it often, and does give the next.
func (m *Mailbox) hopeless(ctx context.Context, items []inbox.Item) (bool, error) {
	s := m.stuck
	switch {
	case s.uid != items[0].UID || (s.refusals < maxRefusals && s.losses < maxLosses):
		return false, nil
	case s.refusals+s.losses >= maxUnproven:
		return true, nil
	case len(items) == 1:
		return false, nil
	}
	_, err := m.stream(ctx, items[1:2], func(_ inbox.Item, body io.Reader) error {
		_, err := io.Copy(io.Discard, body)
		return err
	})
	m.stuck = s
	if err != nil {
		m.stuck.losses++
		return false, fmt.Errorf("mails with UID %d and %d: %w", items[0].UID, items[1].UID, err)
	}
	return true, nil
}

// chunk is how many of the items one FETCH asks for: all whole, or all headers.
func chunk(items []inbox.Item) int {
	var bytes int64
	for i, it := range items {
		bytes += it.Size
		if it.Truncated != items[0].Truncated || i == chunkMails || (i > 0 && bytes > chunkBytes) {
			return i
		}
	}
	return len(items)
}

// list tells size, date and flags of all mails in [from, to], by UID; the size alone where more broke the connection.
func (m *Mailbox) list(ctx context.Context, from, to uint32) ([]inbox.Item, error) {
	if m.unlisted.uid != from {
		m.unlisted = stuck{uid: from}
	}
	options := imap.FetchOptions{UID: true, RFC822Size: true}
	if m.unlisted.losses < maxRefusals { // the library hangs up on a date that is none
		options.Flags, options.InternalDate = true, true
	}
	items, odd, err := m.listSet(ctx, &options, from, to)
	if err != nil {
		if m.s == nil && ctx.Err() == nil {
			m.unlisted.losses++
		}
		return nil, err
	}
	if options.InternalDate {
		m.unlisted = stuck{}
	}
	for _, uid := range odd { // another client's flag change was taken for the answer
		again, odd, err := m.listSet(ctx, &options, uid, uid)
		if err != nil {
			return nil, err
		}
		if len(odd) > 0 { // to leave it out would lose it
			err := fmt.Errorf("%s tells flags, but neither size nor date of the mail with UID %d", m.cfg.Addr, uid)
			if m.stuck.refused(uid, err); m.stuck.refusals < maxRefusals {
				return nil, err
			}
			again = []inbox.Item{{UID: uid}}
		}
		items = append(items, again...)
	}
	slices.SortFunc(items, func(a, b inbox.Item) int { return int(int64(a.UID) - int64(b.UID)) })
	return slices.CompactFunc(items, func(a, b inbox.Item) bool { return a.UID == b.UID }), nil
}

// listSet is one FETCH of options. odd are mails of which it did not tell what was asked.
func (m *Mailbox) listSet(ctx context.Context, options *imap.FetchOptions, from, to uint32) (items []inbox.Item, odd []uint32, err error) {
	err = m.do(ctx, "list mails", func(c *imapclient.Client) error {
		cmd := c.Fetch(imap.UIDSet{{Start: imap.UID(from), Stop: imap.UID(to)}}, options)
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			buf, err := msg.Collect()
			if err != nil {
				m.s.conn.fail(err)
				return errors.Join(err, cmd.Close())
			}
			uid := uint32(buf.UID)
			switch {
			case uid < from || uid > to:
			case options.InternalDate && buf.InternalDate.IsZero(), buf.RFC822Size == 0 && !options.InternalDate:
				odd = append(odd, uid)
			default:
				items = append(items, inbox.Item{UID: uid, Size: buf.RFC822Size, InternalDate: buf.InternalDate.UTC(),
					Seen: slices.Contains(buf.Flags, imap.FlagSeen)})
			}
		}
		return cmd.Close()
	})
	return items, odd, err
}

// fetchChunk asks for all items at once and, should the answer be out of step, for the rest one by one.
func (m *Mailbox) fetchChunk(ctx context.Context, items []inbox.Item, each func(inbox.Item, io.Reader) error) error {
	n, err := m.stream(ctx, items, each)
	if err == nil || (!errors.Is(err, errOutOfStep) && !answered(err)) {
		return err
	}
	for _, it := range items[n:] {
		if err := m.fetchOne(ctx, it, each); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mailbox) fetchOne(ctx context.Context, it inbox.Item, each func(inbox.Item, io.Reader) error) error {
	_, err := m.stream(ctx, []inbox.Item{it}, each)
	if err == nil || (!errors.Is(err, errOutOfStep) && !answered(err)) {
		return err
	}
	still, lerr := m.list(ctx, it.UID, it.UID)
	if lerr != nil {
		return lerr
	}
	if len(still) == 0 { // expunged
		return nil
	}
	m.stuck.refused(it.UID, err)
	return fmt.Errorf("mail with UID %d: %w", it.UID, err)
}

// stream sends one FETCH for items and hands on what comes, in their order. n tells how many were handed on.
func (m *Mailbox) stream(ctx context.Context, items []inbox.Item, each func(inbox.Item, io.Reader) error) (n int, err error) {
	section := &imap.FetchItemBodySection{Peek: true}
	if items[0].Truncated {
		section.Specifier = imap.PartSpecifierHeader
	}
	var set imap.UIDSet
	for _, it := range items {
		set.AddNum(imap.UID(it.UID))
	}
	var own *eachError
	outOfStep := false
	err = m.do(ctx, "fetch mails", func(c *imapclient.Client) error {
		cmd := c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			if outOfStep {
				continue // the next Next reads over it
			}
			handed, err := hand(msg, items[n:], each)
			if err != nil {
				m.s.conn.fail(err) // only a new connection gets past a body half read
				if errors.As(err, &own) {
					_ = cmd.Close() // lets the library's reader end; a body that broke must not be read again
				}
				return err
			}
			if !handed {
				outOfStep = true
				continue
			}
			n++
		}
		return cmd.Close()
	})
	switch {
	case own != nil:
		return n, own.err
	case err != nil:
		if m.s == nil && ctx.Err() == nil && n < len(items) {
			m.stuck.cut(items[n].UID, err)
		}
		return n, err
	case n < len(items):
		return n, errOutOfStep
	}
	return n, nil
}

// hand gives the mail to each if it is the next one due.
func hand(msg *imapclient.FetchMessageData, due []inbox.Item, each func(inbox.Item, io.Reader) error) (bool, error) {
	var uid uint32
	for data := msg.Next(); data != nil; data = msg.Next() {
		switch data := data.(type) {
		case imapclient.FetchItemDataUID:
			uid = uint32(data.UID)
		case imapclient.FetchItemDataBodySection:
			if len(due) == 0 || uid != due[0].UID || data.Literal == nil {
				return false, nil
			}
			body := &literal{r: data.Literal, left: data.Literal.Size()}
			err := each(due[0], body)
			switch {
			case body.err != nil:
				return false, body.err
			case err != nil:
				return false, &eachError{err}
			}
			return true, nil
		}
	}
	return false, nil
}

// eachError is what the caller's function returned, apart from what the connection did.
type eachError struct{ err error }

func (e *eachError) Error() string { return e.err.Error() }

// literal tells a connection that was cut inside a mail from the mail's end: the library gives io.EOF for both.
type literal struct {
	r    io.Reader
	left int64
	err  error
}

func (l *literal) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.left -= int64(n)
	if err == io.EOF && l.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n, err
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

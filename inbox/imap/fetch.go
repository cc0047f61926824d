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
	// A mail that the server would not give that often is handed on without a body: it must not stop the next.
	maxRefusals = 3
)

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
		n := chunk(items)
		if err := m.fetchChunk(ctx, items[:n], each); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
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

// list tells size, date and flags of all mails in [from, to], by UID.
func (m *Mailbox) list(ctx context.Context, from, to uint32) ([]inbox.Item, error) {
	items, odd, err := m.listSet(ctx, imap.UIDSet{{Start: imap.UID(from), Stop: imap.UID(to)}}, from, to)
	if err != nil {
		return nil, err
	}
	for _, uid := range odd { // another client's flag change was taken for the answer
		again, odd, err := m.listSet(ctx, imap.UIDSetNum(imap.UID(uid)), uid, uid)
		if err != nil {
			return nil, err
		}
		if len(odd) > 0 { // to leave it out would lose it
			return nil, fmt.Errorf("%s tells flags, but neither size nor date of the mail with UID %d", m.cfg.Addr, uid)
		}
		items = append(items, again...)
	}
	slices.SortFunc(items, func(a, b inbox.Item) int { return int(int64(a.UID) - int64(b.UID)) })
	return slices.CompactFunc(items, func(a, b inbox.Item) bool { return a.UID == b.UID }), nil
}

func (m *Mailbox) listSet(ctx context.Context, set imap.UIDSet, from, to uint32) (items []inbox.Item, odd []uint32, err error) {
	err = m.do(ctx, "list mails", func(c *imapclient.Client) error {
		cmd := c.Fetch(set, &imap.FetchOptions{UID: true, Flags: true, InternalDate: true, RFC822Size: true})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			buf, err := msg.Collect()
			if err != nil {
				m.s.conn.fail(err)
				return errors.Join(err, cmd.Close())
			}
			uid := uint32(buf.UID)
			switch {
			case uid < from || uid > to:
			case buf.InternalDate.IsZero():
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
	switch {
	case err == nil:
		delete(m.refusals, it.UID)
		return nil
	case !errors.Is(err, errOutOfStep) && !answered(err):
		return err
	}
	still, lerr := m.list(ctx, it.UID, it.UID)
	if lerr != nil {
		return lerr
	}
	if len(still) == 0 { // expunged
		return nil
	}
	m.refusals[it.UID]++
	if m.refusals[it.UID] < maxRefusals {
		return fmt.Errorf("mail with UID %d: %w", it.UID, err)
	}
	delete(m.refusals, it.UID)
	it.Err = fmt.Errorf("the server does not give the mail with UID %d: %w", it.UID, err)
	return each(it, eof{})
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

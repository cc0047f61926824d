package inbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"handoff/blob"
	"handoff/internal/clock"
)

// fakeMailbox is a folder in memory.
type fakeMailbox struct {
	mu       sync.Mutex
	validity uint32
	next     uint32
	mails    map[uint32]*fakeMail
	selects  int
	waits    int

	failSelect error
	failFile   error
	cutAfter   int // mails that Fetch gives until it fails; 0: all
	filed      map[string][]uint32
	onFetch    func(uid uint32)
	wait       chan func() error // Wait calls it and returns; nil: at the end of ctx
	announced  bool              // Select tells no UIDNext
}

type fakeMail struct {
	raw  []byte
	at   time.Time
	seen bool
	err  error
}

func newFakeMailbox() *fakeMailbox {
	return &fakeMailbox{validity: 7, next: 1, mails: map[uint32]*fakeMail{}, filed: map[string][]uint32{}}
}

func (f *fakeMailbox) add(raw string) uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	uid := f.next
	f.mails[uid] = &fakeMail{raw: []byte(raw), at: start}
	f.next++
	return uid
}

func (f *fakeMailbox) Select(ctx context.Context) (State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.selects++
	st := State{UIDValidity: f.validity, UIDNext: f.next, Messages: uint32(len(f.mails))}
	if f.announced {
		f.announced = false
		st.UIDNext = 0
	}
	return st, errors.Join(f.failSelect, ctx.Err())
}

var errCut = errors.New("connection lost")

func (f *fakeMailbox) Fetch(ctx context.Context, from, to uint32, maxSize int64, each func(Item, io.Reader) error) error {
	for given, uid := 0, from; uid <= to; uid++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.mu.Lock()
		m, top, on := f.mails[uid], f.next, f.onFetch
		f.mu.Unlock()
		if uid >= top {
			return nil
		}
		if m == nil {
			continue
		}
		if f.cutAfter > 0 && given == f.cutAfter {
			return errCut
		}
		it := Item{UID: uid, Size: int64(len(m.raw)), InternalDate: m.at, Seen: m.seen, Err: m.err}
		raw := m.raw
		if maxSize > 0 && it.Size > maxSize {
			it.Truncated = true
			raw = raw[:bytes.Index(raw, []byte("\r\n\r\n"))]
		}
		if on != nil {
			on(uid)
		}
		if err := each(it, bytes.NewReader(raw)); err != nil {
			return err
		}
		given++
	}
	return nil
}

func (f *fakeMailbox) Wait(ctx context.Context, d time.Duration) error {
	f.mu.Lock()
	f.waits++
	f.mu.Unlock()
	select {
	case then := <-f.wait:
		f.mu.Lock()
		defer f.mu.Unlock()
		err := then()
		f.announced = err == nil
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fakeMailbox) File(ctx context.Context, uids []uint32, folder string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failFile != nil {
		return f.failFile
	}
	f.filed[folder] = append(f.filed[folder], uids...)
	return nil
}

func (f *fakeMailbox) Unfiled(_ context.Context, upTo uint32, moved bool) ([]uint32, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failFile != nil {
		return nil, f.failFile
	}
	var filed, left []uint32
	for folder, uids := range f.filed {
		if !moved || folder != "" {
			filed = append(filed, uids...)
		}
	}
	for uid := range f.mails {
		if uid <= upTo && !slices.Contains(filed, uid) {
			left = append(left, uid)
		}
	}
	slices.Sort(left)
	return left, nil
}

func (f *fakeMailbox) Close() error { return nil }

// fakeRecorder keeps what it is given, as one transaction each.
type fakeRecorder struct {
	mu      sync.Mutex
	cursor  map[string]Cursor
	mails   []Received
	batches []int
	health  []Health
	fail    func(batch []Received) error
	held    func(Received) bool
}

func newFakeRecorder() *fakeRecorder { return &fakeRecorder{cursor: map[string]Cursor{}} }

func (r *fakeRecorder) Cursor(_ context.Context, mailbox string) (Cursor, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.cursor[mailbox]
	if n := len(r.health); n > 0 {
		c.OKAt = r.health[n-1].OKAt
	}
	return c, ok, nil
}

func (r *fakeRecorder) Record(ctx context.Context, mailbox string, to Cursor, batch []Received) ([]Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(batch); err != nil {
			return nil, err
		}
	}
	to.OKAt = time.Time{}
	r.cursor[mailbox] = to
	r.batches = append(r.batches, len(batch))
	var out []Outcome
	for _, m := range batch {
		r.mails = append(r.mails, m)
		out = append(out, Outcome{UID: m.UID, Held: r.held != nil && r.held(m)})
	}
	return out, nil
}

func (r *fakeRecorder) Outcomes(_ context.Context, mailbox string, uidValidity, from, to uint32) (out []Outcome, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.mails {
		if m.Mailbox == mailbox && m.UIDValidity == uidValidity && m.UID >= from && m.UID <= to {
			out = append(out, Outcome{UID: m.UID, Held: r.held != nil && r.held(m)})
		}
	}
	return out, nil
}

func (r *fakeRecorder) Health(_ context.Context, h Health) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.health = append(r.health, h)
	return nil
}

func (r *fakeRecorder) last() Health {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.health[len(r.health)-1]
}

func (r *fakeRecorder) uids() []uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var l []uint32
	for _, m := range r.mails {
		l = append(l, m.UID)
	}
	return l
}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// readSubject is a reader that knows no MIME.
func readSubject(_ context.Context, raw io.ReaderAt, size int64, _ Options) (*Message, error) {
	b := make([]byte, size)
	if _, err := raw.ReadAt(b, 0); err != nil && err != io.EOF {
		return nil, err
	}
	return &Message{Subject: string(b)}, nil
}

type bench struct {
	*Poller
	box   *fakeMailbox
	rec   *fakeRecorder
	clock *clock.Fake
}

func newBench(t *testing.T) bench {
	t.Helper()
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := bench{box: newFakeMailbox(), rec: newFakeRecorder(), clock: clock.NewFake(start)}
	b.Poller = &Poller{Name: "drafts", Mailbox: b.box, Blobs: blobs, Recorder: b.rec, Clock: b.clock, read: readSubject}
	return b
}

// connect makes the first connect, so that what comes is new.
func (b bench) connect(t *testing.T) {
	t.Helper()
	b.poll(t, 0)
}

func (b bench) poll(t *testing.T, want int) {
	t.Helper()
	n, err := b.Poll(t.Context())
	if err != nil || n != want {
		t.Fatalf("%d mails recorded, %v; want %d", n, err, want)
	}
}

func uidRange(from, to uint32) []uint32 {
	var l []uint32
	for uid := from; uid <= to; uid++ {
		l = append(l, uid)
	}
	return l
}

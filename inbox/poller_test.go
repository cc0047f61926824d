package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/blob"
	"handoff/internal/clock"
)

func TestFirstConnectStartsAtTheNewest(t *testing.T) {
	b := newBench(t)
	for i := range 5 {
		b.box.add(fmt.Sprint("old ", i))
	}
	b.connect(t)
	b.poll(t, 0)
	b.box.add("new")
	b.poll(t, 1)
	if got := b.rec.mails[0]; got.UID != 6 || got.Message.Subject != "new" || got.Backfill || got.Mailbox != "drafts" ||
		got.UIDValidity != 7 || !got.ReceivedAt.Equal(start) || got.Size != 3 || got.Oversize || got.Err != nil {
		t.Errorf("%+v", got)
	}
	f, err := b.Blobs.Get(t.Context(), b.rec.mails[0].Blob)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if raw, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size)); err != nil || string(raw) != "new" {
		t.Errorf("stored %q, %v", raw, err)
	}
}

func TestBackfillSurvivesARestart(t *testing.T) {
	b := newBench(t)
	b.Backfill = true
	for i := range 5 {
		b.box.add(fmt.Sprint("old ", i))
	}
	b.box.cutAfter = 2
	if n, err := b.Poll(t.Context()); n != 2 || !errors.Is(err, errCut) {
		t.Fatalf("%d, %v", n, err)
	}
	b.box.cutAfter = 0
	b.box.add("new")
	again := &Poller{Name: b.Name, Mailbox: b.box, Blobs: b.Blobs, Recorder: b.rec, Clock: b.clock, read: readSubject, Backfill: true}
	if n, err := again.Poll(t.Context()); n != 4 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if !slices.Equal(b.rec.uids(), uidRange(1, 6)) {
		t.Errorf("UIDs %v", b.rec.uids())
	}
	for _, m := range b.rec.mails {
		if m.Backfill != (m.UID <= 5) {
			t.Errorf("UID %d: backfill %v", m.UID, m.Backfill)
		}
	}
}

func TestManyMails(t *testing.T) {
	b := newBench(t)
	b.connect(t)
	var done, total int
	b.Progress = func(d, all int) { done, total = d, all }
	const n = 2000
	for i := range n {
		b.box.add(fmt.Sprint("mail ", i+1))
	}
	for uid := uint32(3); uid < n; uid += 7 { // expunged
		delete(b.box.mails, uid)
	}
	b.box.next += 5 // the newest are gone too
	want := len(b.box.mails)
	b.poll(t, want)
	if len(b.rec.mails) != want {
		t.Fatalf("%d mails, want %d", len(b.rec.mails), want)
	}
	last := uint32(0)
	for _, m := range b.rec.mails {
		if m.UID <= last || b.box.mails[m.UID] == nil || m.Message.Subject != fmt.Sprint("mail ", m.UID) {
			t.Fatalf("UID %d after %d: %+v", m.UID, last, m.Message)
		}
		last = m.UID
	}
	if got := b.rec.cursor["drafts"]; got != (Cursor{UIDValidity: 7, UID: n + 5}) {
		t.Errorf("cursor %+v", got)
	}
	if len(b.rec.batches) > n/32 {
		t.Errorf("%d transactions for %d mails", len(b.rec.batches), n)
	}
	if filed := b.box.filed[""]; len(filed) != want {
		t.Errorf("%d mails flagged", len(filed))
	}
	if done != want || total < done {
		t.Errorf("progress %d of %d", done, total)
	}
	if h := b.rec.last(); h.Error != "" || h.Waiting != 0 || h.CursorUID != n+5 || h.UIDNext != n+6 || !h.OKAt.Equal(start) {
		t.Errorf("health %+v", h)
	}
	b.poll(t, 0)
}

func TestSparseUIDs(t *testing.T) {
	b := newBench(t)
	b.connect(t)
	for _, uid := range []uint32{100, 5_000, 100_000, 900_000, 900_001} {
		b.box.mails[uid] = &fakeMail{raw: []byte("x"), at: start}
	}
	b.box.next = 900_002
	b.poll(t, 5)
	if got := b.rec.uids(); !slices.Equal(got, []uint32{100, 5_000, 100_000, 900_000, 900_001}) {
		t.Errorf("UIDs %v", got)
	}
}

func TestNewsWithoutUIDNext(t *testing.T) {
	b := newBench(t)
	b.connect(t)
	b.box.add("new")
	b.box.announced = true
	b.poll(t, 1)
	if got := b.rec.cursor["drafts"]; got.UID != 1 {
		t.Errorf("cursor %+v", got)
	}
	b.poll(t, 0)
}

func TestConnectionCut(t *testing.T) {
	b := newBench(t)
	b.connect(t)
	for i := range 50 {
		b.box.add(fmt.Sprint(i))
	}
	b.box.cutAfter = 9
	for range 5 {
		if n, err := b.Poll(t.Context()); n != 9 || !errors.Is(err, errCut) {
			t.Fatalf("%d mails, %v", n, err)
		}
	}
	if h := b.rec.last(); h.Failures != 5 || h.Error == "" || h.Waiting != 5 {
		t.Errorf("health %+v", h)
	}
	b.poll(t, 5)
	if !slices.Equal(b.rec.uids(), uidRange(1, 50)) {
		t.Errorf("UIDs %v", b.rec.uids())
	}
	if got := slices.Sorted(slices.Values(b.box.filed[""])); !slices.Equal(got, uidRange(1, 50)) {
		t.Errorf("filed %v", got)
	}
	if h := b.rec.last(); h.Failures != 0 || h.Error != "" {
		t.Errorf("health %+v", h)
	}
}

func TestRecordFails(t *testing.T) {
	b := newBench(t)
	b.Limits.Batch = 10
	b.connect(t)
	for i := range 300 {
		b.box.add(fmt.Sprint(i))
	}
	locked := errors.New("database is locked")
	b.rec.fail = func(batch []Received) error {
		if len(batch) > 0 && batch[0].UID > 20 {
			return locked
		}
		return nil
	}
	if n, err := b.Poll(t.Context()); n != 20 || !errors.Is(err, locked) {
		t.Fatalf("%d mails, %v", n, err)
	}
	if got := b.rec.cursor["drafts"].UID; got != 20 {
		t.Errorf("cursor at %d", got)
	}
	b.rec.fail = nil
	b.poll(t, 280)
	if !slices.Equal(b.rec.uids(), uidRange(1, 300)) {
		t.Errorf("UIDs %v", b.rec.uids())
	}
}

func TestPoisonMails(t *testing.T) {
	b := newBench(t)
	b.Limits.ReadTimeout = 20 * time.Millisecond
	b.connect(t)
	stuck := make(chan struct{})
	defer close(stuck)
	b.read = func(ctx context.Context, raw io.ReaderAt, size int64, opt Options) (*Message, error) {
		m, err := readSubject(ctx, raw, size, opt)
		if err != nil {
			return nil, err
		}
		switch m.Subject {
		case "panics":
			panic("a parser gave up")
		case "hangs":
			<-stuck
		case "obeys":
			<-ctx.Done()
			return nil, ctx.Err()
		case "fails":
			return nil, errors.New("cannot read that")
		}
		return m, nil
	}
	subjects := []string{"good 1", "panics", "good 2", "hangs", "obeys", "good 3", "fails", "good 4"}
	for _, s := range subjects {
		b.box.add(s)
	}
	for range 2 {
		b.box.mails[b.box.add("")].err = errors.New("the server does not give it")
	}
	b.poll(t, 10)
	if a, b := b.rec.mails[8], b.rec.mails[9]; a.Blob == b.Blob {
		t.Error("two mails that the server does not give look like one")
	}
	for i, m := range b.rec.mails {
		good := i < len(subjects) && strings.HasPrefix(subjects[i], "good")
		if (m.Err == nil) != good || (m.Message != nil) != good || m.Blob == "" {
			t.Errorf("mail %d: %+v", i, m)
		}
	}
}

func TestPollOversize(t *testing.T) {
	b := newBench(t)
	b.MaxSize = 100
	b.connect(t)
	b.box.add("Subject: big\r\n\r\n" + strings.Repeat("x", 200))
	b.box.add("Subject: small\r\n\r\n")
	b.poll(t, 2)
	if m := b.rec.mails[0]; !m.Oversize || m.Size != 216 || m.Message.Subject != "Subject: big" {
		t.Errorf("%+v", m)
	}
	if m := b.rec.mails[1]; m.Oversize {
		t.Errorf("%+v", m)
	}
}

func TestUIDValidityChange(t *testing.T) {
	b := newBench(t)
	b.box.add("before the first connect")
	b.connect(t)
	b.box.add("second")
	b.clock.Advance(time.Hour)
	b.poll(t, 1)
	b.clock.Advance(time.Hour)
	b.box.validity, b.box.next, b.box.mails = 8, 1, map[uint32]*fakeMail{}
	b.box.add("before the first connect")
	b.box.add("second")
	b.box.mails[b.box.add("third")].at = b.clock.Now()
	b.poll(t, 3) // the Recorder knows the second
	for _, m := range b.rec.mails[1:] {
		if m.Backfill != (m.UID < 3) || m.UIDValidity != 8 {
			t.Errorf("%+v", m)
		}
	}
	if got := b.rec.cursor["drafts"]; got != (Cursor{UIDValidity: 8, UID: 3}) {
		t.Errorf("cursor %+v", got)
	}
}

// TestUIDValidityChangeOverARestart: when the mailbox was last well is known from its health.
func TestUIDValidityChangeOverARestart(t *testing.T) {
	b := newBench(t)
	b.box.add("before the first connect")
	b.connect(t)
	b.clock.Advance(time.Hour)
	b.poll(t, 0)
	b.box.failSelect = errCut
	again := b.restart()
	if _, err := again.Poll(t.Context()); err == nil {
		t.Fatal("no error")
	}
	if h := b.rec.last(); !h.OKAt.Equal(start.Add(time.Hour)) {
		t.Errorf("health %+v", h)
	}
	b.clock.Advance(time.Hour)
	b.box.failSelect = nil
	b.box.validity, b.box.next, b.box.mails = 8, 1, map[uint32]*fakeMail{}
	b.box.add("before the first connect")
	b.box.mails[b.box.add("new")].at = b.clock.Now()
	if n, err := again.Poll(t.Context()); n != 2 || err != nil {
		t.Fatalf("%d mails, %v", n, err)
	}
	for _, m := range b.rec.mails {
		if m.Backfill != (m.UID == 1) {
			t.Errorf("%+v", m)
		}
	}
}

// TestUIDsFallBack: a restored mailbox, or another one, gives new mails UIDs below the cursor.
func TestUIDsFallBack(t *testing.T) {
	for _, emptied := range []bool{false, true} {
		b := newBench(t)
		var log strings.Builder
		b.Log = slog.New(slog.NewTextHandler(&log, nil))
		for range 3 {
			b.box.add("before the first connect")
		}
		b.connect(t)
		b.clock.Advance(time.Hour)
		b.poll(t, 0)
		b.clock.Advance(time.Hour)
		b.box.next, b.box.mails = 1, map[uint32]*fakeMail{}
		count := uint32(2)
		if emptied { // then more come than there were
			b.poll(t, 0)
			b.poll(t, 0)
			count = 5
		}
		b.clock.Advance(time.Hour)
		b.box.add("restored")
		for range count - 1 {
			b.box.mails[b.box.add("new")].at = b.clock.Now()
		}
		b.poll(t, int(count))
		for _, m := range b.rec.mails {
			if m.Backfill != (m.UID == 1) || m.UIDValidity != 7 {
				t.Errorf("%+v", m)
			}
		}
		if got := b.rec.cursor["drafts"]; got != (Cursor{UIDValidity: 7, UID: count}) {
			t.Errorf("cursor %+v", got)
		}
		if h := b.rec.last(); h.UIDNext != count+1 || h.CursorUID != count {
			t.Errorf("health %+v", h)
		}
		b.poll(t, 0)
		if n := strings.Count(log.String(), "the mailbox has gone back"); n != 1 {
			t.Errorf("told %d times: %s", n, log.String())
		}
	}
}

func TestFolders(t *testing.T) {
	b := newBench(t)
	b.DoneFolder, b.HeldFolder = "Done", "Held"
	b.rec.held = func(m Received) bool { return m.UID%2 == 0 }
	b.connect(t)
	for range 5 {
		b.box.add("x")
	}
	b.box.failFile = errors.New("no such folder")
	n, err := b.Poll(t.Context())
	var unfiled *filingError
	if n != 5 || !errors.As(err, &unfiled) {
		t.Fatalf("%d mails, %v", n, err)
	}
	b.box.failFile = nil
	b.poll(t, 0)
	if !slices.Equal(b.box.filed["Done"], []uint32{1, 3, 5}) || !slices.Equal(b.box.filed["Held"], []uint32{2, 4}) {
		t.Errorf("filed %v", b.box.filed)
	}
}

// restart is the Poller of the next process on the same mailbox and records.
func (b bench) restart() *Poller {
	return &Poller{Name: b.Name, Mailbox: b.box, Blobs: b.Blobs, Recorder: b.rec, Clock: b.clock, read: readSubject,
		DoneFolder: b.DoneFolder, HeldFolder: b.HeldFolder, Limits: b.Limits}
}

func TestFilesWhatACrashLeft(t *testing.T) {
	for _, c := range []struct{ done, held string }{{"Done", "Held"}, {"", ""}, {"Done", ""}, {"", "Held"}} {
		t.Run(c.done+" "+c.held, func(t *testing.T) {
			b := newBench(t)
			b.DoneFolder, b.HeldFolder = c.done, c.held
			b.rec.held = func(m Received) bool { return m.UID%2 == 0 }
			b.box.add("before the first connect")
			b.connect(t)
			for range 4 {
				b.box.add("x")
			}
			b.box.failFile = errors.New("the process is killed here")
			if n, err := b.Poll(t.Context()); n != 4 || err == nil {
				t.Fatalf("%d mails, %v", n, err)
			}
			again := b.restart()
			if _, err := again.Poll(t.Context()); err == nil {
				t.Error("the search failed unnoticed")
			}
			b.box.failFile = nil
			b.box.add("new")
			for range 2 {
				if _, err := again.Poll(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			want := map[string][]uint32{}
			for uid := uint32(2); uid <= 6; uid++ {
				folder := c.done
				if uid%2 == 0 {
					folder = c.held
				}
				// The flag alone is not made up for where mails are moved: the cursor knows.
				if uid == 6 || folder != "" || c.done+c.held == "" {
					want[folder] = append(want[folder], uid)
				}
			}
			for folder := range b.box.filed {
				slices.Sort(b.box.filed[folder])
			}
			if diff := cmp.Diff(want, b.box.filed); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStopRecordsWhatIsInHand(t *testing.T) {
	b := newBench(t)
	b.connect(t)
	for i := range 100 {
		b.box.add(fmt.Sprint(i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	b.box.onFetch = func(uid uint32) {
		if uid == 42 {
			cancel()
		}
	}
	n, err := b.Poll(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n < 41 || n > 42 || !slices.Equal(b.rec.uids(), uidRange(1, uint32(n))) {
		t.Errorf("%d mails: %v", n, b.rec.uids())
	}
	if got := slices.Sorted(slices.Values(b.box.filed[""])); !slices.Equal(got, uidRange(1, uint32(n))) {
		t.Errorf("filed %v", got)
	}
	if h := b.rec.last(); h.Error != "" || h.Failures != 0 {
		t.Errorf("a stop is no failure: %+v", h)
	}
}

func TestDiskFull(t *testing.T) {
	b := newBench(t)
	b.connect(t)
	b.box.add("x")
	dir := t.TempDir()
	blobs, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	good := b.Blobs
	b.Blobs = blobs
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if n, err := b.Poll(t.Context()); n != 0 || err == nil {
		t.Fatalf("%d mails, %v", n, err)
	}
	if got := b.rec.cursor["drafts"].UID; got != 0 {
		t.Errorf("cursor at %d", got)
	}
	b.Blobs = good
	b.poll(t, 1)
}

func TestLoop(t *testing.T) {
	b := newBench(t)
	b.box.wait = make(chan func() error)
	ok := func() error { return nil }
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Loop(ctx) }()
	b.box.wait <- ok // the first pass is over
	b.box.add("one")
	b.box.wait <- ok
	b.box.wait <- ok
	if got := b.rec.uids(); !slices.Equal(got, []uint32{1}) {
		t.Errorf("UIDs %v", got)
	}

	// failures: longer and longer
	b.box.wait <- func() error {
		b.box.failSelect = errCut
		return nil
	}
	for i := range 4 {
		sleeping(b.clock)
		if got := b.rec.last().Failures; got != i+1 {
			t.Errorf("%d failures, want %d", got, i+1)
		}
		if i == 3 {
			b.box.mu.Lock()
			b.box.failSelect = nil
			b.box.mu.Unlock()
		}
		b.clock.Advance(maxBackoff)
	}

	// a lost connection is made again, without a failed pass
	b.box.wait <- func() error { return errCut }
	sleeping(b.clock)
	b.clock.Advance(maxBackoff)
	b.box.wait <- ok
	if got := b.rec.last().Failures; got != 0 {
		t.Errorf("%d failures", got)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What a person has to mend is logged once, and again when it is something else.
func TestRefusalIsToldOnce(t *testing.T) {
	b := newBench(t)
	var text bytes.Buffer
	b.Log = slog.New(slog.NewTextHandler(&text, nil))
	b.box.failSelect = fmt.Errorf("%w: wrong password", ErrRefused)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Loop(ctx) }()
	pass := func(next error) {
		sleeping(b.clock)
		b.box.mu.Lock()
		b.box.failSelect = next
		b.box.mu.Unlock()
		b.clock.Advance(maxBackoff)
	}
	for range 5 {
		pass(b.box.failSelect)
	}
	pass(fmt.Errorf("%w: no such folder", ErrRefused))
	pass(errCut)
	pass(errCut)
	sleeping(b.clock)
	cancel()
	<-done
	for what, want := range map[string]int{"wrong password": 1, "no such folder": 1, "connection lost": 2} {
		if n := strings.Count(text.String(), what); n != want {
			t.Errorf("%q is logged %d times, want %d:\n%s", what, n, want, &text)
		}
	}
}

// TestLoopIsNotKeptBusy: a server that announces without end costs a look every ten seconds.
func TestLoopIsNotKeptBusy(t *testing.T) {
	b := newBench(t)
	b.box.wait = make(chan func() error)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Loop(ctx) }()
	for range maxVain + 1 {
		b.box.wait <- func() error { return nil }
	}
	for range 3 {
		sleeping(b.clock)
		b.clock.Advance(vainPause)
		b.box.wait <- func() error { return nil }
	}
	sleeping(b.clock)
	b.box.add("one")
	b.clock.Advance(vainPause)
	for range maxVain { // a mail ends it
		b.box.wait <- func() error { return nil }
	}
	if got := b.rec.uids(); !slices.Equal(got, []uint32{1}) {
		t.Errorf("UIDs %v", got)
	}
	cancel()
	<-done
}

// sleeping blocks until somebody waits for the clock.
func sleeping(c *clock.Fake) {
	for c.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestBackoff(t *testing.T) {
	for n := 1; n < 100; n++ {
		full := maxBackoff
		if n < 10 {
			full = time.Second << (n - 1)
		}
		if d := backoff(n, false); d < full/2 || d > full {
			t.Errorf("after %d failures: %v, want about %v", n, d, full)
		}
	}
	if d := backoff(1, true); d < maxBackoff/2 {
		t.Errorf("refused: %v", d)
	}
}

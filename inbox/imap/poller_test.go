package imap_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"handoff/blob"
	"handoff/inbox"
	"handoff/inbox/imap"
	"handoff/internal/mailtest"
)

// ledger is a Recorder that checks the order and keeps the last batch only if told so.
type ledger struct {
	mu     sync.Mutex
	cursor map[string]inbox.Cursor
	mails  []inbox.Received
	held   func(inbox.Received) bool
	grown  chan struct{} // holds a token after each Record with mails
}

func newLedger() *ledger {
	return &ledger{cursor: map[string]inbox.Cursor{}, grown: make(chan struct{}, 1)}
}

func (l *ledger) Cursor(_ context.Context, mailbox string) (inbox.Cursor, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.cursor[mailbox]
	return c, ok, nil
}

func (l *ledger) Record(_ context.Context, mailbox string, to inbox.Cursor, batch []inbox.Received) ([]inbox.Outcome, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []inbox.Outcome
	for _, r := range batch {
		l.mails = append(l.mails, r)
		out = append(out, inbox.Outcome{UID: r.UID, Held: l.held != nil && l.held(r)})
	}
	l.cursor[mailbox] = to
	if len(batch) > 0 {
		select {
		case l.grown <- struct{}{}:
		default:
		}
	}
	return out, nil
}

func (l *ledger) Outcomes(_ context.Context, mailbox string, uidValidity, from, to uint32) (out []inbox.Outcome, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.mails {
		if r.Mailbox == mailbox && r.UIDValidity == uidValidity && r.UID >= from && r.UID <= to {
			out = append(out, inbox.Outcome{UID: r.UID, Held: l.held != nil && l.held(r)})
		}
	}
	return out, nil
}

func (l *ledger) Health(context.Context, inbox.Health) error { return nil }

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.mails)
}

func poller(t *testing.T, cfg imap.Config, rec inbox.Recorder) *inbox.Poller {
	t.Helper()
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &inbox.Poller{Name: "drafts " + cfg.Folder, Mailbox: mailbox(t, cfg), Blobs: blobs, Recorder: rec, MaxSize: 25 << 20}
}

// check compares what was recorded with the samples, whose Message-IDs number them from 0.
func (l *ledger) check(t *testing.T, want int) {
	t.Helper()
	if got := l.count(); got != want {
		t.Fatalf("%d mails recorded, want %d", got, want)
	}
	for i, r := range l.mails {
		if r.Err != nil || r.UID != uint32(i+1) || r.Message.MessageID != fmt.Sprintf("%d@press.example", i) {
			t.Fatalf("mail %d: UID %d, %+v, %v", i, r.UID, r.Message, r.Err)
		}
	}
}

// TestManyMailsOverABadLine polls many mails while the connection is cut at random places.
func TestManyMailsOverABadLine(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		n := 2000
		if strings.HasSuffix(t.Name(), "dovecot") {
			n = 500 // it takes 10 ms to append one
		}
		f := faults(t, addr)
		l := newLedger()
		p := poller(t, config(f.Addr), l)
		p.DoneFolder = "Done"
		if _, err := p.Poll(t.Context()); err != nil { // the first connect
			t.Fatal(err)
		}
		c := client(t, addr)
		for i := range n {
			put(t, c, sample(i))
		}
		rnd := rand.New(rand.NewPCG(3, 4))
		for range 12 {
			f.Cut()
			f.CutAfter(rnd.Int64N(300_000))
			_, _ = p.Poll(t.Context()) // most fail
		}
		for range 3 { // the first may find the connection cut
			if _, err := p.Poll(t.Context()); err == nil {
				break
			}
		}
		l.check(t, n)
		done, err := mailtest.Mails(addr, "drafts", password, "Done")
		if err != nil || len(done) != n {
			t.Errorf("%d mails moved, %v", len(done), err)
		}
		left, err := mailtest.Mails(addr, "drafts", password, "INBOX")
		if err != nil || len(left) != 0 {
			t.Errorf("%d mails left, %v", len(left), err)
		}
	})
}

func TestLoopTakesMailAsItComes(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		l := newLedger()
		p := poller(t, config(addr), l)
		if _, err := p.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.Loop(ctx) }()
		c := client(t, addr)
		for i := range 5 {
			put(t, c, sample(i))
			select {
			case <-l.grown:
			case <-time.After(20 * time.Second):
				t.Fatal("a mail was not noticed")
			}
		}
		cancel()
		<-done
		l.check(t, 5)
	})
}

func TestTwoFolders(t *testing.T) {
	o := startOffice(t, mailtest.OfficeOptions{})
	other := config(o.IMAPAddr)
	other.Folder = "Pitches"
	if err := o.Append("drafts", "Pitches", sample(0), time.Now()); err != nil {
		t.Fatal(err)
	}
	l := newLedger()
	l.held = func(r inbox.Received) bool { return r.Mailbox == "drafts Pitches" }
	for _, cfg := range []imap.Config{config(o.IMAPAddr), other} {
		p := poller(t, cfg, l)
		p.Backfill = true
		p.DoneFolder, p.HeldFolder = "Done", "Held"
		if err := o.Append("drafts", "INBOX", sample(1), time.Now()); err != nil {
			t.Fatal(err)
		}
		if n, err := p.Poll(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d mails, %v", n, err)
		}
	}
	for folder, want := range map[string]int{"Done": 1, "Held": 1, "Pitches": 0, "INBOX": 1} {
		mails, err := o.Mails("drafts", folder)
		if err != nil || len(mails) != want {
			t.Errorf("%d mails in %s, want %d, %v", len(mails), folder, want, err)
		}
	}
}

// TestStoppedInsideABigMail: a stop does not wait for the rest of it, and takes nothing of it.
func TestStoppedInsideABigMail(t *testing.T) {
	o := startOffice(t, mailtest.OfficeOptions{})
	f := faults(t, o.IMAPAddr)
	l := newLedger()
	p := poller(t, config(f.Addr), l)
	if _, err := p.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, raw := range [][]byte{sample(0), slices.Concat([]byte("Subject: big\r\n\r\n"), bytes.Repeat([]byte("words\r\n"), 2<<20)), sample(2)} {
		if err := o.Append("drafts", "INBOX", raw, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-l.grown
		cancel()
	}()
	p.Limits.BatchWait = time.Nanosecond
	_, _ = p.Poll(ctx)
	if got := l.count(); got == 0 || got > 3 {
		t.Fatalf("%d mails", got)
	}
	if _, err := p.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := l.count(); got != 3 {
		t.Errorf("%d mails in the end", got)
	}
}

// killed is a Mailbox whose process ends before it files.
type killed struct{ *imap.Mailbox }

func (killed) File(context.Context, []uint32, string) error { return errors.New("killed") }

func (killed) Unfiled(context.Context, uint32, bool) ([]uint32, error) { return nil, nil }

// TestFilesWhatACrashLeft also where nothing new came since. What was never recorded stays.
func TestFilesWhatACrashLeft(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		put(t, c, sample(0)) // before the first connect
		l := newLedger()
		l.held = func(r inbox.Received) bool { return r.UID == 3 }
		first := poller(t, config(addr), l)
		first.Mailbox = killed{mailbox(t, config(addr))}
		if _, err := first.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			put(t, c, sample(1+i))
		}
		if n, err := first.Poll(t.Context()); n != 3 || err == nil {
			t.Fatalf("%d mails, %v", n, err)
		}
		count := func(criteria *goimap.SearchCriteria) []goimap.UID {
			t.Helper()
			if _, err := c.Select("INBOX", nil).Wait(); err != nil {
				t.Fatal(err)
			}
			found, err := c.UIDSearch(criteria, nil).Wait()
			if err != nil {
				t.Fatal(err)
			}
			return found.AllUIDs()
		}
		if _, err := poller(t, config(addr), l).Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := count(&goimap.SearchCriteria{Flag: []goimap.Flag{imap.DoneKeyword}}); !slices.Equal(got, []goimap.UID{2, 3, 4}) {
			t.Errorf("flagged: %v", got)
		}
		second := poller(t, config(addr), l)
		second.DoneFolder, second.HeldFolder = "Done", "Held"
		for range 2 {
			if n, err := second.Poll(t.Context()); n != 0 || err != nil {
				t.Fatalf("%d mails, %v", n, err)
			}
		}
		if got := count(&goimap.SearchCriteria{}); !slices.Equal(got, []goimap.UID{1}) {
			t.Errorf("left in the INBOX: %v", got)
		}
		for folder, want := range map[string]int{"Done": 2, "Held": 1} {
			if mails, err := mailtest.Mails(addr, "drafts", password, folder); err != nil || len(mails) != want {
				t.Errorf("%d mails in %s, want %d, %v", len(mails), folder, want, err)
			}
		}
	})
}

// TestBrokenMailOnTheServer: Dovecot hangs up on a mail whose file is shorter than it was delivered. The others come.
func TestBrokenMailOnTheServer(t *testing.T) {
	t.Parallel()
	mailtest.Need(t, "dovecot")
	d, err := mailtest.StartDovecot(t.Context(), mailtest.DovecotOptions{Accounts: accounts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	l := newLedger()
	p := poller(t, config(d.IMAPAddr), l)
	if _, err := p.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := mailtest.Deliver(t.Context(), d.LMTPAddr, "", []string{"drafts@agency.example"}, sample(40+i)); err != nil {
			t.Fatal(err)
		}
		if i != 1 {
			continue
		}
		files, err := filepath.Glob(filepath.Join(d.Maildir("drafts"), "new", "*"))
		if err != nil || len(files) != 2 {
			t.Fatal(files, err)
		}
		second := slices.IndexFunc(files, func(f string) bool { // names do not sort by time
			raw, err := os.ReadFile(f)
			return err == nil && bytes.Contains(raw, fmt.Append(nil, "<", 40+i, "@press.example>"))
		})
		if second < 0 {
			t.Fatalf("mail %d is in none of %v", i, files)
		}
		if err := os.Truncate(files[second], 100); err != nil {
			t.Fatal(err)
		}
	}
	fails := 0
	for ; fails < 20; fails++ {
		_, err := p.Poll(t.Context())
		if err == nil {
			break
		}
		t.Log(err)
	}
	if got := l.count(); got != 3 {
		t.Fatalf("%d mails recorded after %d failed passes", got, fails)
	}
	for i, r := range l.mails {
		if (r.Err != nil) != (i == 1) {
			t.Errorf("mail %d: %v", i, r.Err)
		}
	}
}

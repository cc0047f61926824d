package imap_test

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"handoff/inbox"
	"handoff/internal/mailtest"
)

func TestFetch(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		m := mailbox(t, config(addr))
		empty, err := m.Select(t.Context())
		if err != nil || empty.UIDNext != 1 || empty.Messages != 0 || empty.UIDValidity == 0 {
			t.Fatalf("an empty folder: %+v, %v", empty, err)
		}
		const n = 150 // more than one FETCH asks for
		for i := range n {
			if i%2 == 0 {
				put(t, c, sample(i), goimap.FlagSeen)
			} else {
				put(t, c, sample(i))
			}
		}
		st, err := m.Select(t.Context())
		if err != nil || st.UIDNext != n+1 || st.Messages != n || st.UIDValidity != empty.UIDValidity {
			t.Fatalf("state: %+v, %v", st, err)
		}
		got, err := fetch(t.Context(), m, 3, math.MaxUint32, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != n-2 {
			t.Fatalf("%d mails, want %d", len(got), n-2)
		}
		for i, g := range got {
			want := i + 2
			if g.UID != uint32(want+1) || g.body != string(sample(want)) || g.Size != int64(len(g.body)) || g.Seen != (want%2 == 0) || g.InternalDate.IsZero() || g.Truncated {
				t.Fatalf("mail %d: %+v", want, g)
			}
		}
		if got, err := fetch(t.Context(), m, 10, 12, 0); err != nil || len(got) != 3 {
			t.Errorf("a range: %d mails, %v", len(got), err)
		}
		if got, err := fetch(t.Context(), m, n+1, math.MaxUint32, 0); err != nil || len(got) != 0 {
			t.Errorf("above the newest: %d mails, %v", len(got), err)
		}
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		seen, err := c.Search(&goimap.SearchCriteria{Flag: []goimap.Flag{goimap.FlagSeen}}, nil).Wait()
		if err != nil || len(seen.AllSeqNums()) != n/2 {
			t.Errorf("fetching marked mails as seen: %v, %v", seen, err)
		}
	})
}

func TestFetchOversize(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		big := mailtest.Mail{From: "a@b.example", Subject: "big", Text: strings.Repeat("x", 9000)}.Bytes()
		for _, raw := range [][]byte{sample(1), big, sample(2), big, big, sample(3)} {
			put(t, c, raw)
		}
		m := mailbox(t, config(addr))
		if _, err := m.Select(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := fetch(t.Context(), m, 1, 6, 5000)
		if err != nil || len(got) != 6 {
			t.Fatalf("%d mails, %v", len(got), err)
		}
		for i, g := range got {
			header := i == 1 || i == 3 || i == 4
			if g.Truncated != header || g.UID != uint32(i+1) {
				t.Errorf("mail %d: %+v", i+1, g)
			}
			if header && (g.Size != int64(len(big)) || !strings.HasPrefix(g.body, "From: a@b.example") || strings.Contains(g.body, "xxx")) {
				t.Errorf("mail %d is not its header: %q", i+1, g.body)
			}
		}
	})
}

func TestExpungeRace(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		for i := range 20 {
			put(t, c, sample(i))
		}
		m := mailbox(t, config(addr))
		if _, err := m.Select(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		first := true
		var got []uint32
		err := m.Fetch(t.Context(), 1, 20, 0, func(it inbox.Item, body io.Reader) error {
			if first { // the list is known, the bodies are on their way
				first = false
				set := goimap.UIDSetNum(5, 6, 20)
				if err := c.Store(set, &goimap.StoreFlags{Op: goimap.StoreFlagsAdd, Flags: []goimap.Flag{goimap.FlagDeleted}}, nil).Close(); err != nil {
					t.Error(err)
				}
				if err := c.UIDExpunge(set).Close(); err != nil {
					t.Error(err)
				}
			}
			_, err := io.Copy(io.Discard, body)
			got = append(got, it.UID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(got); i++ {
			if got[i] <= got[i-1] {
				t.Fatalf("not in order: %v", got)
			}
		}
		if len(got) < 17 {
			t.Errorf("mails that were there are missing: %v", got)
		}
		again, err := fetch(t.Context(), m, 1, 20, 0)
		if err != nil || len(again) != 17 {
			t.Errorf("after the expunge: %d mails, %v", len(again), err)
		}
	})
}

func TestWait(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		m := mailbox(t, config(addr))
		if _, err := m.Select(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := m.Wait(t.Context(), 10*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			done := make(chan error, 1)
			go func() { done <- m.Wait(t.Context(), time.Minute) }()
			put(t, c, sample(i))
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			st, err := m.Select(t.Context())
			if err != nil || st.UIDNext != 0 || st.UIDValidity == 0 {
				t.Fatalf("after news: %+v, %v", st, err)
			}
			got, err := fetch(t.Context(), m, uint32(i)+1, math.MaxUint32, 0)
			if err != nil || len(got) != 1 || got[0].body != string(sample(i)) {
				t.Fatalf("%d mails, %v", len(got), err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Wait(ctx, time.Minute) }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if err := m.File(t.Context(), []uint32{1}, "Done"); err != nil { // the connection outlives it
			t.Error(err)
		}
	})
}

func TestWaitRenewsIdle(t *testing.T) {
	o := startOffice(t, mailtest.OfficeOptions{})
	cfg := config(o.IMAPAddr)
	cfg.Timeouts.Idle = 5 * time.Millisecond
	m := mailbox(t, cfg)
	if _, err := m.Select(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.Wait(t.Context(), 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if err := o.Append("drafts", "INBOX", sample(1), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := m.Wait(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
}

func TestNoIdle(t *testing.T) {
	o := startOffice(t, mailtest.OfficeOptions{NoIdle: true})
	m := mailbox(t, config(o.IMAPAddr))
	if _, err := m.Select(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.Append("drafts", "INBOX", sample(1), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := m.Wait(t.Context(), 10*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if st, err := m.Select(t.Context()); err != nil || st.UIDNext != 2 {
		t.Errorf("polled: %+v, %v", st, err)
	}
}

func TestCutConnections(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		const n = 30
		for i := range n {
			put(t, c, sample(i))
		}
		f := faults(t, addr)
		m := mailbox(t, config(f.Addr))
		rnd := rand.New(rand.NewPCG(1, 2))
		cuts := 0
		for range 60 {
			f.Cut()
			f.CutAfter(rnd.Int64N(20_000))
			next := uint32(1)
			_, err := m.Select(t.Context())
			if err == nil {
				var got []fetched
				got, err = fetch(t.Context(), m, 1, n, 0)
				for _, g := range got {
					if g.UID != next || g.body != string(sample(int(next)-1)) {
						t.Fatalf("a cut connection gave UID %d with %d bytes", g.UID, len(g.body))
					}
					next++
				}
			}
			if err != nil {
				cuts++
			} else if next != n+1 {
				t.Fatalf("no error, but %d mails", next-1)
			}
		}
		if cuts == 0 {
			t.Error("nothing was cut")
		}
		f.CutAfter(-1)
		f.Cut()
		_, _ = m.Select(t.Context()) // it may find the connection cut
		if _, err := m.Select(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := fetch(t.Context(), m, 1, n, 0); err != nil || len(got) != n {
			t.Errorf("afterwards: %d mails, %v", len(got), err)
		}
	})
}

func TestSilentServer(t *testing.T) {
	t.Parallel()
	o := startOffice(t, mailtest.OfficeOptions{})
	f := faults(t, o.IMAPAddr)
	cfg := config(f.Addr)
	cfg.Timeouts.Silence, cfg.Timeouts.Connect = 300*time.Millisecond, 300*time.Millisecond
	m := mailbox(t, cfg)
	if err := o.Append("drafts", "INBOX", sample(1), time.Now()); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"select": func() error { _, err := m.Select(t.Context()); return err },
		"fetch":  func() error { _, err := fetch(t.Context(), m, 1, 9, 0); return err },
		"file":   func() error { return m.File(t.Context(), []uint32{1}, "") },
		"idle":   func() error { return m.Wait(t.Context(), time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			f.Silence(false)
			if _, err := m.Select(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.Silence(true)
			if err := call(); err == nil || !strings.Contains(err.Error(), "does not answer") {
				t.Errorf("silent server: %v", err)
			}
		})
	}
	if _, err := m.Select(t.Context()); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("silent at the greeting: %v", err)
	}
}

func TestCancelInTheMiddle(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		f := faults(t, addr)
		m := mailbox(t, config(f.Addr))
		if _, err := m.Select(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.Silence(true)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := fetch(ctx, m, 1, 9, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

func TestCallerStopsInsideAMail(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		c := client(t, addr)
		put(t, c, mailtest.Mail{From: "a@b.example", Text: strings.Repeat("x", 1<<20)}.Bytes())
		put(t, c, sample(1))
		m := mailbox(t, config(addr))
		if _, err := m.Select(t.Context()); err != nil {
			t.Fatal(err)
		}
		full := errors.New("disk full")
		err := m.Fetch(t.Context(), 1, 2, 0, func(_ inbox.Item, body io.Reader) error {
			if _, err := io.CopyN(io.Discard, body, 100); err != nil {
				return err
			}
			return full
		})
		if !errors.Is(err, full) {
			t.Errorf("error %v, want the caller's", err)
		}
		if got, err := fetch(t.Context(), m, 1, 2, 0); err != nil || len(got) != 2 {
			t.Errorf("afterwards: %d mails, %v", len(got), err)
		}
	})
}

func TestUIDValidityChange(t *testing.T) {
	o := startOffice(t, mailtest.OfficeOptions{})
	f := faults(t, o.IMAPAddr)
	m := mailbox(t, config(f.Addr))
	for i := range 3 {
		if err := o.Append("drafts", "INBOX", sample(i), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	before, err := m.Select(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := o.ChangeUIDValidity("drafts", "INBOX"); err != nil {
		t.Fatal(err)
	}
	f.Cut()
	if got, err := fetch(t.Context(), m, 1, 3, 0); err == nil || len(got) != 0 {
		t.Errorf("the lost connection gave %d mails, %v", len(got), err)
	}
	if got, err := fetch(t.Context(), m, 1, 3, 0); err == nil || len(got) != 0 {
		t.Errorf("UIDs of another UIDVALIDITY gave %d mails, %v", len(got), err)
	}
	if err := m.File(t.Context(), []uint32{1}, "Done"); err == nil {
		t.Error("mails were filed by UIDs of another UIDVALIDITY")
	}
	after, err := m.Select(t.Context())
	if err != nil || after.UIDValidity == before.UIDValidity {
		t.Fatalf("%+v then %+v, %v", before, after, err)
	}
	if got, err := fetch(t.Context(), m, 1, 3, 0); err != nil || len(got) != 3 {
		t.Errorf("%d mails, %v", len(got), err)
	}
}

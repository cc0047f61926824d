package imap_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"handoff/inbox/imap"
	"handoff/internal/mailtest"
)

func sent(t *testing.T, cfg imap.Config, folder string) *imap.Sent {
	t.Helper()
	s, err := imap.NewSent(cfg, folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return s
}

func TestSentCopies(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		s := sent(t, config(addr), "Out/Handed")
		at := time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC)
		add := func(n int, id string, again bool) {
			t.Helper()
			if err := s.Append(t.Context(), sample(n), id, at, again); err != nil {
				t.Fatal(err)
			}
		}
		add(1, "1@press.example", true) // the folder is not there yet
		add(2, "2@press.example", false)
		add(2, "2@press.example", true)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		add(2, "2@press.example", true)
		add(3, "3@press.example", true)
		c := client(t, addr)
		if _, err := c.Select("Out/Handed", nil).Wait(); err != nil {
			t.Fatal(err)
		}
		body := &goimap.FetchItemBodySection{Peek: true}
		got, err := c.Fetch(goimap.SeqSet{{Start: 1, Stop: 0}}, &goimap.FetchOptions{Flags: true, InternalDate: true, BodySection: []*goimap.FetchItemBodySection{body}}).Collect()
		if err != nil || len(got) != 3 {
			t.Fatalf("%d mails, %v", len(got), err)
		}
		for i, m := range got {
			if raw := m.FindBodySection(body); !bytes.Equal(raw, sample(i+1)) {
				t.Errorf("copy %d is\n%s", i+1, raw)
			}
			if !strings.Contains(flags(m.Flags), `\Seen`) || !m.InternalDate.Equal(at) {
				t.Errorf("copy %d: %v, %v", i+1, m.Flags, m.InternalDate)
			}
		}
	})
}

// A server takes a long mail only when it knows the folder: its refusal comes before the words.
func TestSentFolderIsMade(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		raw := append([]byte("Subject: long\r\n\r\n"), bytes.Repeat([]byte("all work and no play\r\n"), 2000)...)
		for i, again := range []bool{false, true} {
			folder := []string{"Sent", "Out"}[i]
			s := sent(t, config(addr), folder)
			if there, err := s.Exists(t.Context(), folder); err != nil || there {
				t.Errorf("%s before: %v, %v", folder, there, err)
			}
			for _, id := range []string{"1@press.example", "2@press.example"} {
				if err := s.Append(t.Context(), raw, id, time.Now(), again); err != nil {
					t.Fatal(err)
				}
			}
			if there, err := s.Exists(t.Context(), folder); err != nil || !there {
				t.Errorf("%s after: %v, %v", folder, there, err)
			}
			if got, err := mailtest.Mails(addr, "drafts", password, folder); err != nil || len(got) != 2 || !bytes.Equal(got[1], raw) {
				t.Errorf("%d copies in %s, %v", len(got), folder, err)
			}
		}
	})
}

func flags(list []goimap.Flag) string {
	var all []string
	for _, f := range list {
		all = append(all, string(f))
	}
	return strings.Join(all, " ")
}

func TestSentFolderAsTheServerMarksIt(t *testing.T) {
	addr := startDovecot(t, "")
	s := sent(t, config(addr), "")
	if _, err := s.Find(t.Context()); err == nil || !strings.Contains(err.Error(), `sent_folder = "Sent"`) {
		t.Errorf("before there is one: %v", err)
	}
	c := client(t, addr)
	for _, name := range []string{"Sent", "Sent Items"} {
		if err := c.Create(name, nil).Wait(); err != nil {
			t.Fatal(err)
		}
	}
	if folder, err := s.Find(t.Context()); err != nil || folder != "Sent Items" {
		t.Errorf("found %q, %v", folder, err)
	}
	if err := s.Append(t.Context(), sample(1), "1@press.example", time.Now(), false); err != nil {
		t.Fatal(err)
	}
	if got, err := mailtest.Mails(addr, "drafts", password, "Sent Items"); err != nil || len(got) != 1 {
		t.Errorf("%d copies, %v", len(got), err)
	}
}

// A connection that ends in mid-copy leaves it open whether the copy is there: the next try looks.
func TestSentCopyOnce(t *testing.T) {
	onServers(t, func(t *testing.T, addr string) {
		f := faults(t, addr)
		cfg := config(f.Addr)
		cfg.Timeouts.Silence = time.Second
		s := sent(t, cfg, "Sent")
		for n := range int64(30) {
			if err := s.Append(t.Context(), sample(0), "0@press.example", time.Now(), n > 0); err != nil && n == 0 {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			f.CutAfter(100 + 40*n) // somewhere in the login, the search or the answer to APPEND
			first := s.Append(t.Context(), sample(int(n)+1), "x", time.Now(), false)
			if first == nil {
				continue
			}
			if err := s.Append(t.Context(), sample(int(n)+1), messageID(int(n)+1), time.Now(), true); err != nil {
				t.Fatal(err)
			}
		}
		got, err := mailtest.Mails(addr, "drafts", password, "Sent")
		if err != nil || len(got) != 31 {
			t.Fatalf("%d copies, %v", len(got), err)
		}
		seen := map[string]bool{}
		for _, raw := range got {
			seen[string(raw)] = true
		}
		if len(seen) != 31 {
			t.Errorf("%d different copies", len(seen))
		}
	})
}

func messageID(n int) string {
	_, id, _ := bytes.Cut(sample(n), []byte("Message-ID: <"))
	id, _, _ = bytes.Cut(id, []byte(">"))
	return string(id)
}

func TestSentEndsWithItsContext(t *testing.T) {
	addr := startOffice(t, mailtest.OfficeOptions{}).IMAPAddr
	f := faults(t, addr)
	s := sent(t, config(f.Addr), "Sent")
	if err := s.Append(t.Context(), sample(1), "1@press.example", time.Now(), false); err != nil {
		t.Fatal(err)
	}
	f.Silence(true)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := s.Append(ctx, sample(2), "2@press.example", time.Now(), false); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent server: %v", err)
	}
}

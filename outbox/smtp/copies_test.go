package smtp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/outbox/smtp"
)

// folder keeps copies in memory. fault tells what becomes of a try.
type folder struct {
	fault func(try int, messageID string) (kept bool, err error)

	mu     sync.Mutex
	tries  int
	copies []string
}

func (f *folder) Append(ctx context.Context, raw []byte, messageID string, _ time.Time, again bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	f.tries++
	if again {
		for _, have := range f.copies {
			if have == messageID+" "+string(raw) {
				return nil
			}
		}
	}
	kept, err := true, error(nil)
	if f.fault != nil {
		kept, err = f.fault(f.tries, messageID)
	}
	if kept {
		f.copies = append(f.copies, messageID+" "+string(raw))
	}
	return err
}

func (f *folder) Close() error { return nil }

func (f *folder) holds() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.copies, ", ")
}

func add(c *smtp.Copies, ids ...string) {
	for _, id := range ids {
		c.Add([]byte("raw"), outbox.Mail{MessageID: id})
	}
}

// copying runs f beside the loop of c, in a bubble where sleeping takes no time, and gives the log.
func copying(t *testing.T, where *folder, f func(c *smtp.Copies)) string {
	t.Helper()
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		c := &smtp.Copies{Folder: where, Clock: clock.System{}, Log: slog.New(slog.NewTextHandler(&log, nil))}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- c.Loop(ctx) }()
		f(c)
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		c.Flush(t.Context())
	})
	return log.String()
}

func TestCopies(t *testing.T) {
	where := &folder{}
	log := copying(t, where, func(c *smtp.Copies) {
		add(c, "a", "b")
		synctest.Wait()
		add(c, "c")
	})
	if got := where.holds(); got != "a raw, b raw, c raw" || log != "" {
		t.Errorf("copies %s, log %s", got, log)
	}
}

func TestCopiesAreTriedAgain(t *testing.T) {
	where := &folder{fault: func(try int, _ string) (bool, error) {
		switch try {
		case 1:
			return false, errors.New("refused")
		case 2:
			return true, errors.New("the connection was lost after it was kept")
		}
		return true, nil
	}}
	log := copying(t, where, func(c *smtp.Copies) {
		add(c, "a", "b")
		time.Sleep(time.Hour)
	})
	if got := where.holds(); got != "a raw, b raw" || strings.Count(log, "\n") != 2 || !strings.Contains(log, "after it was kept") || !strings.Contains(log, "kept again\" missing=0") {
		t.Errorf("copies %s, log %s", got, log)
	}
}

// That copies fail is told after seconds, once, not when the last try is over.
func TestCopiesTellOfFailure(t *testing.T) {
	down := true
	where := &folder{fault: func(int, string) (bool, error) {
		if down {
			return false, errors.New("no such folder")
		}
		return true, nil
	}}
	var changes []string
	log := copying(t, where, func(c *smtp.Copies) {
		c.Changed = func(fault string) { changes = append(changes, fault) }
		add(c, "a")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(changes) != 1 || changes[0] != "no such folder" {
			t.Errorf("after ten seconds: %q", changes)
		}
		where.mu.Lock()
		down = false
		where.mu.Unlock()
		time.Sleep(time.Hour)
		add(c, "b")
		synctest.Wait()
	})
	if got := strings.Join(changes, "|"); got != "no such folder|" || strings.Count(log, "\n") != 2 {
		t.Errorf("heard %q, log %s", changes, log)
	}
}

func TestCopiesAreGivenUp(t *testing.T) {
	down := true
	where := &folder{}
	where.fault = func(int, string) (bool, error) {
		if down {
			return false, errors.New("no such server")
		}
		return true, nil
	}
	log := copying(t, where, func(c *smtp.Copies) {
		add(c, "a", "b", "c")
		time.Sleep(time.Hour)
		where.mu.Lock()
		if where.tries != 12 {
			t.Errorf("%d tries of 3 copies", where.tries)
		}
		down = false
		where.mu.Unlock()
		add(c, "d")
		synctest.Wait()
	})
	if got := where.holds(); got != "d raw" {
		t.Errorf("copies %s", got)
	}
	if strings.Count(log, "no copies are kept") != 1 || !strings.Contains(log, "kept again\" missing=3") {
		t.Errorf("log %s", log)
	}
}

// A folder that never answers costs bounded memory, and nobody who sends waits for it.
func TestCopiesAreBounded(t *testing.T) {
	where := &folder{fault: func(int, string) (bool, error) { return false, errors.New("down") }}
	var held int
	log := copying(t, where, func(c *smtp.Copies) {
		for i := range 1000 {
			add(c, fmt.Sprint(i))
		}
		synctest.Wait()
		held = c.Waiting()
		c.Add(make([]byte, 1<<20), outbox.Mail{})
	})
	if held != 200 || strings.Count(log, "level=ERROR") != 1 {
		t.Errorf("%d copies wait, log %s", held, log)
	}
	where = &folder{fault: func(int, string) (bool, error) { return false, errors.New("down") }}
	copying(t, where, func(c *smtp.Copies) {
		for range 100 {
			c.Add(make([]byte, 1<<20), outbox.Mail{})
		}
		synctest.Wait()
		held = c.Waiting()
	})
	if held != 32 {
		t.Errorf("%d MB wait", held)
	}
}

func TestCopiesOfTheLastMoment(t *testing.T) {
	where := &folder{fault: func(try int, _ string) (bool, error) {
		if try == 1 {
			return true, errors.New("lost")
		}
		return true, nil
	}}
	log := copying(t, where, func(c *smtp.Copies) {
		add(c, "a", "b") // the end comes in the pause after the first try
		synctest.Wait()
	})
	if got := where.holds(); got != "a raw, b raw" || log != "" {
		t.Errorf("copies %s, log %s", got, log)
	}
}

func TestCopiesOfWhatWasAccepted(t *testing.T) {
	s := serve(t, &server{script: on("RCPT", "550 5.1.1 no such user")})
	var copies []string
	out := sender(t, s, func(c *smtp.Config) {
		c.Accepted = func(raw []byte, m outbox.Mail) { copies = append(copies, m.MessageID+string(raw)) }
	})
	if err := out.Send(t.Context(), notice()); err == nil {
		t.Fatal("the first one was taken")
	}
	if err := out.Send(t.Context(), notice()); err != nil {
		t.Fatal(err)
	}
	_, mails := s.heard()
	if len(copies) != 1 || copies[0] != "m.abc@agency.example"+mails[0] {
		t.Errorf("copies %q", copies)
	}
}

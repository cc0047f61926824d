package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestNoScanner: while the malware scanner is away nothing passes, and nothing is lost.
func TestNoScanner(t *testing.T) {
	b := newBench(t)
	b.connect(t)
	away := true
	b.read = Read
	b.Options.Scan = func(_ context.Context, raw io.Reader) (string, error) {
		text, err := io.ReadAll(raw)
		switch {
		case away:
			return "", fmt.Errorf("%w: connection refused", ErrNoScanner)
		case bytes.Contains(text, []byte("worm")):
			return "Test.Worm", err
		case bytes.Contains(text, []byte("huge")):
			return "", errors.New("too large")
		}
		return "", err
	}
	for _, body := range []string{"clean", "worm", "huge"} {
		b.box.add("From: a@b.example\n\n" + body + "\n")
	}
	if n, err := b.Poll(t.Context()); n != 0 || !errors.Is(err, ErrNoScanner) {
		t.Fatalf("%d mails, %v", n, err)
	}
	if got := b.rec.cursor["drafts"].UID; got != 0 {
		t.Errorf("cursor at %d", got)
	}
	away = false
	b.poll(t, 3)
	m := b.rec.mails
	if m[0].Message.Infected != "" || m[0].Message.Held != "" || m[1].Message.Infected != "Test.Worm" || !m[2].Message.Unscanned || m[2].Message.Held == "" || strings.Contains(m[2].Message.Held, "too large") {
		t.Errorf("%+v %+v %+v", m[0].Message, m[1].Message, m[2].Message)
	}
}

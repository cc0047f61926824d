package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"handoff/internal/clock"
	"handoff/internal/mailtest"
	"handoff/proxy"
)

// screen is what a command printed so far.
type screen struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newScreen() *screen { return &screen{changed: make(chan struct{}, 1)} }

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// waitFor blocks until the screen shows want.
func (s *screen) waitFor(t *testing.T, ctx context.Context, want string) {
	t.Helper()
	for !strings.Contains(s.String(), want) {
		select {
		case <-s.changed:
		case <-ctx.Done():
			t.Fatalf("%q never appeared in:\n%s", want, s)
		}
	}
}

func TestDemoOnce(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := newScreen()
	dir := filepath.Join(t.TempDir(), "kept")
	code := Run(ctx, []string{"--log-level", "error", "demo", "--once", "--dir", dir}, &Env{Stdin: strings.NewReader(""), Stdout: out, Stderr: out})
	if code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	text := out.String()
	if strings.Contains(text, "NOT AS EXPECTED") || strings.Contains(text, "\x1b") {
		t.Errorf("output:\n%s", text)
	}
	for _, s := range demoScenes() {
		if !strings.Contains(text, "  "+s.title) {
			t.Errorf("the story leaves out %q", s.title)
		}
	}
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > maxPageWidth {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
	t.Run("keeps the directory", func(t *testing.T) {
		for _, name := range []string{"handoff.toml", "handoff.db"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
		again := newScreen()
		if code := Run(ctx, []string{"demo", "--once", "--dir", dir}, &Env{Stdin: strings.NewReader(""), Stdout: again, Stderr: again}); code != exitUsage {
			t.Errorf("a second demo in the same directory: exit code %d, %s", code, again)
		}
	})
}

// TestDemoTellsWhatWentWrong expects what does not happen: the story goes on, says so, and ends as failed.
func TestDemoTellsWhatWentWrong(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir, out := t.TempDir(), newScreen()
	office, err := mailtest.StartOffice(mailtest.OfficeOptions{Accounts: demoAccounts(), AuthservID: demoHost})
	if err != nil {
		t.Fatal(err)
	}
	defer office.Close()
	env := &Env{Stdout: out, Stderr: out, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)}
	gateway, err := openDemoGateway(ctx, dir, office, env)
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- gateway.Run(running) }()
	defer func() {
		stop()
		if err := errors.Join(<-ended, gateway.Close()); err != nil {
			t.Error(err)
		}
	}()

	scenes := []scene{
		{"Expected otherwise", dana, stranger, outcome{action: proxy.File, piece: "BLOOM-7", reply: "receipt"}},
		{"Cannot be written", lena, replyWithPDF, outcome{action: proxy.File, piece: "BLOOM-7", reply: "receipt"}},
		{"As expected", listServer, listPost, outcome{action: proxy.Ignore}},
	}
	cmd := &DemoCmd{Once: true}
	if err := cmd.play(ctx, scenes, gateway, office, env, dir); !errors.Is(err, errReported) {
		t.Errorf("it ends with %v", err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"NOT AS EXPECTED: the disposition is redirect, expected file; the piece is none, expected BLOOM-7; the reply is redirect, expected receipt",
		"Lena Brandt got no receipt about BLOOM-7",
		"2 of 3 mails did not end as expected",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

// TestDemoWithMailClient does what the demo's last screen invites to: log in, send, see the answer.
func TestDemoWithMailClient(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out := newScreen()
	running, stop := context.WithCancel(ctx)
	code := make(chan int, 1)
	dir := t.TempDir()
	go func() {
		code <- Run(running, []string{"--log-level", "error", "demo", "--dir", dir}, &Env{Stdin: strings.NewReader(""), Stdout: out, Stderr: out})
	}()
	defer stop()
	out.waitFor(t, ctx, "Worth trying")
	addresses := regexp.MustCompile(`IMAP (127\.0\.0\.1:\d+), SMTP\s+(127\.0\.0\.1:\d+)`).FindStringSubmatch(strings.ReplaceAll(out.String(), "\n", " "))
	if addresses == nil {
		t.Fatalf("no addresses in:\n%s", out)
	}

	c, err := imapclient.DialInsecure(addresses[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("sofia", demoPassword).Wait(); err != nil {
		t.Fatal(err)
	}
	inbox, err := c.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}

	letter := letter{subject: "[GRID-9] a better headline", to: []string{demoMailbox}, date: time.Now(), messageID: "try@rossi.example",
		text: "What your meter tells on you.\n", files: []letterFile{{"headline.pdf", pdfType, pdfFile("What your meter tells on you")}}}
	letter.from.Address = sofia.address()
	raw, err := letter.bytes()
	if err != nil {
		t.Fatal(err)
	}
	if err := mailtest.Send(ctx, addresses[2], "sofia", demoPassword, sofia.address(), []string{demoMailbox}, raw); err != nil {
		t.Fatal(err)
	}
	out.waitFor(t, ctx, "a better headline")

	answer := fetchAfter(t, ctx, c, inbox.UIDNext)
	m, err := openMail(answer)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.header.Get("In-Reply-To"); got != "<try@rossi.example>" {
		t.Errorf("the answer is in reply to %s:\n%s", got, answer)
	}
	if !strings.Contains(m.text, "GRID-9") {
		t.Errorf("the answer does not name the piece:\n%s", m.text)
	}

	stop()
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d after Ctrl-C:\n%s", got, out)
	}
}

// fetchAfter waits for the mail with that UID or a later one.
func fetchAfter(t *testing.T, ctx context.Context, c *imapclient.Client, uid imap.UID) []byte {
	t.Helper()
	for {
		section := &imap.FetchItemBodySection{Peek: true}
		mails, err := c.Fetch(imap.UIDSet{{Start: uid, Stop: 0}}, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mails {
			if m.UID >= uid { // "n:*" always has the last mail (RFC 9051 section 6.4.8)
				return m.FindBodySection(section)
			}
		}
		if err := c.Noop().Wait(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("no answer arrived")
		}
	}
}

package clamav_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handoff/inbox"
	"handoff/inbox/clamav"
	"handoff/internal/mailtest"
)

// TestScan asks a real clamd.
func TestScan(t *testing.T) {
	mailtest.Need(t, "clamd")
	server, err := mailtest.StartClamd(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	c, err := clamav.New(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	version, err := c.Version(t.Context())
	if err != nil || !strings.HasPrefix(version, "ClamAV") {
		t.Errorf("version %q, %v", version, err)
	}
	for name, tc := range map[string]struct{ content, finding, refused string }{
		"clean":    {content: "From: a@b.example\n\nA draft.\n"},
		"empty":    {},
		"infected": {content: "From: a@b.example\n\n" + mailtest.Infected + "\n", finding: mailtest.InfectedFinding},
		"inside an attachment": {content: "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n" +
			"SEFORE9GRi1URVNULUNPTlRFTlQtVEhBVC1DT1VOVFMtQVMtSU5GRUNURUQ=\n--b--\n", finding: mailtest.InfectedFinding},
		"too large": {content: strings.Repeat("words ", 1<<20), refused: "larger than the malware scanner takes"},
	} {
		finding, err := c.Scan(t.Context(), strings.NewReader(tc.content))
		if finding != tc.finding || (err != nil) != (tc.refused != "") || err != nil && !strings.Contains(err.Error(), tc.refused) {
			t.Errorf("%s: found %q, %v", name, finding, err)
		}
		if errors.Is(err, inbox.ErrNoScanner) {
			t.Errorf("%s: says that nothing answers: %v", name, err)
		}
	}
}

const (
	content = 100 // bytes that the tests below send
	hangUp  = "\x00"
)

// answering is a clamd that takes whatever comes and says one thing.
func answering(t *testing.T, network, address, answer string) {
	t.Helper()
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			if answer == hangUp {
				conn.Close()
				continue
			}
			io.CopyN(io.Discard, conn, int64(len("zINSTREAM\x00")+4+content+4))
			io.WriteString(conn, answer)
			if answer != "" {
				conn.Close()
			}
		}
	}()
}

func TestAnswers(t *testing.T) {
	for _, tc := range []struct{ answer, finding, says string }{
		{"stream: OK\x00", "", ""},
		{"stream: Win.Test.A-1 FOUND\x00", "Win.Test.A-1", ""},
		{"INSTREAM size limit exceeded. ERROR\x00", "", "larger than"},
		{"stream: Can't allocate memory ERROR\x00", "", "Can't allocate memory"},
		{"garbage", "", "garbage"},
	} {
		socket := filepath.Join(t.TempDir(), "clamd.ctl")
		answering(t, "unix", socket, tc.answer)
		c, err := clamav.New("unix:" + socket)
		if err != nil {
			t.Fatal(err)
		}
		finding, err := c.Scan(t.Context(), bytes.NewReader(make([]byte, content)))
		if finding != tc.finding || (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%q: found %q, %v", tc.answer, finding, err)
		}
	}
}

// TestSilence: a clamd that takes connections and never answers is as good as none, and a scan that is stopped is stopped.
func TestSilence(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "clamd.ctl")
	answering(t, "unix", socket, "")
	c, err := clamav.New(socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := c.Scan(ctx, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestHangsUp: a clamd that closes the connection, as when it starts, is as good as none.
func TestHangsUp(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "clamd.ctl")
	answering(t, "unix", socket, hangUp)
	c, err := clamav.New(socket)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Scan(t.Context(), bytes.NewReader(make([]byte, content))); !errors.Is(err, inbox.ErrNoScanner) {
		t.Errorf("%v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("disk gone") }

// TestBrokenContent: content that cannot be read is told at once, as what it is.
func TestBrokenContent(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "clamd.ctl")
	answering(t, "unix", socket, "")
	c, err := clamav.New(socket)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Scan(t.Context(), broken{}); err == nil || !strings.Contains(err.Error(), "disk gone") || errors.Is(err, inbox.ErrNoScanner) {
		t.Errorf("%v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	c, err := clamav.New("unix:" + filepath.Join(t.TempDir(), "nothing"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Scan(t.Context(), strings.NewReader("x")); !errors.Is(err, inbox.ErrNoScanner) {
		t.Errorf("%v", err)
	}
}

func TestAddresses(t *testing.T) {
	for address, good := range map[string]bool{
		"127.0.0.1:3310": true, "tcp:clam.example:3310": true, "[::1]:3310": true, "unix:/run/clamav/clamd.ctl": true, "/run/clamav/clamd.ctl": true,
		"": false, "unix:": false, "clam.example": false, ":3310": false, "clam.example:": false,
	} {
		if _, err := clamav.New(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

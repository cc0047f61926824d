package inbox_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"handoff/inbox"
	"handoff/internal/mailtest"
)

// TestBombs: whatever the mail, a Message comes back, and limits that were broken are told.
func TestBombs(t *testing.T) {
	held := map[string]bool{"nested multiparts": true, "many parts": true, "nested messages": true, "long header": true, "folded header": true, "many fields": true}
	for name, raw := range mailtest.Bombs() {
		t.Run(name, func(t *testing.T) {
			m := read(t, raw, inbox.Options{})
			if held[name] && m.Held == "" {
				t.Error("not held")
			}
			if strings.Contains(string(raw), "mallory@") && m.From.Address != "mallory@elsewhere.example.com" {
				t.Errorf("the envelope is lost: from %v", m.From)
			}
			check(t, raw, m)
		})
	}
}

// check holds what must be true of every Message.
func check(t testing.TB, raw []byte, m *inbox.Message) {
	t.Helper()
	for _, s := range []string{m.Subject, m.From.Name, m.From.Address, m.Body, m.Text, m.Elided, m.Held} {
		if strings.ToValidUTF8(s, "") != s || strings.ContainsRune(s, 0) || strings.Contains(s, "\r\n") {
			t.Fatalf("not clean UTF-8 text: %.80q", s)
		}
	}
	for _, a := range m.Attachments {
		outer, length := a.Offset, a.Length
		for c := a.Within; c != nil; c = c.Within {
			outer, length = c.Offset, c.Length
		}
		if a.Offset < 0 || a.Length < 0 || outer < 0 || length < 0 || outer+length > int64(len(raw)) {
			t.Fatalf("attachment %q lies outside the mail: %d+%d of %d", a.Name, a.Offset, a.Length, len(raw))
		}
		if a.Name == "" || strings.ContainsAny(a.Name, "/\\\x00\n\r\u202e") || a.Name == ".." {
			t.Fatalf("unsafe name %q", a.Name)
		}
		if a.Size < 0 {
			t.Fatalf("negative size of %q", a.Name)
		}
	}
	if len(m.ContentHash) != 64 {
		t.Fatalf("content hash %q", m.ContentHash)
	}
	if m.Kind == "" || m.Auth.Result == "" {
		t.Fatal("no kind or no authentication result")
	}
}

// TestLongField: one endless field does not hide the envelope below it.
func TestLongField(t *testing.T) {
	raw := []byte("X-Long: " + strings.Repeat("a b ", 200<<10) + "\nFrom: Mira <mira@writers.example.net>\nSubject: Below\n\nText.\n")
	m := read(t, raw, inbox.Options{})
	if m.Held == "" || m.From.Address != "mira@writers.example.net" || m.Subject != "Below" {
		t.Errorf("held %q, from %v, subject %q", m.Held, m.From, m.Subject)
	}
}

// TestTruncated cuts the cases at every kind of place.
func TestTruncated(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.eml")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(raw); at += 1 + len(raw)/40 {
			check(t, raw[:at], read(t, raw[:at], inbox.Options{}))
		}
	}
}

// TestAttachmentBytes: what Open reads is what was encoded, and Size tells it beforehand.
func TestAttachmentBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 3000).Draw(t, "content")
		encoding := rapid.SampledFrom([]string{"base64", "quoted-printable", "binary", "8bit"}).Draw(t, "encoding")
		eol := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
		width := rapid.IntRange(4, 200).Draw(t, "width")
		last := rapid.Bool().Draw(t, "terminated")
		var body bytes.Buffer
		switch encoding {
		case "base64":
			text := base64.StdEncoding.EncodeToString(content)
			for len(text) > 0 {
				n := min(width, len(text))
				body.WriteString(text[:n] + eol)
				text = text[n:]
			}
		case "quoted-printable":
			w := quotedprintable.NewWriter(&body)
			w.Binary = true
			w.Write(content)
			w.Close()
			body = *bytes.NewBuffer(bytes.ReplaceAll(body.Bytes(), []byte("\r\n"), []byte(eol)))
			body.WriteString(eol)
		default:
			content = bytes.TrimRight(bytes.ReplaceAll(content, []byte("--"), []byte("++")), "\r") // or it would be of the line end
			body.Write(content)
			body.WriteString(eol)
		}
		raw := "From: a@b.example" + eol + "Content-Type: multipart/mixed; boundary=frontier" + eol + eol +
			"--frontier" + eol + eol + "text" + eol + "--frontier" + eol +
			"Content-Type: application/octet-stream" + eol + "Content-Disposition: attachment; filename=a.bin" + eol +
			"Content-Transfer-Encoding: " + encoding + eol + eol + body.String()
		if last || encoding != "base64" {
			raw += "--frontier--" + eol
		}
		m, err := inbox.Read(context.Background(), strings.NewReader(raw), int64(len(raw)), inbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(content) == 0 && len(m.Attachments) == 0 {
			return
		}
		if len(m.Attachments) != 1 {
			t.Fatalf("%d attachments", len(m.Attachments))
		}
		a := m.Attachments[0]
		got, err := io.ReadAll(a.Open(strings.NewReader(raw)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, content) {
			t.Fatalf("read %q, encoded %q", got, content)
		}
		if a.Size != int64(len(content)) {
			t.Fatalf("size %d of %d", a.Size, len(content))
		}
	})
}

// TestContentHash: copies of one mail in two mailboxes have one hash, another mail has another.
func TestContentHash(t *testing.T) {
	const mail = "From: a@b.example\nDate: Tue, 10 Mar 2026 09:15:00 +0100\nSubject: One\n\nThe body.\n"
	first := read(t, []byte(mail), inbox.Options{}).ContentHash
	copies := map[string]string{
		"trace headers": "Delivered-To: x@y.example\nReceived: from z\n" + mail,
		"folded":        strings.Replace(mail, "Subject: One", "Subject:\n One", 1),
		"no last line":  strings.TrimSuffix(mail, "\n"),
	}
	for name, raw := range copies {
		if got := read(t, []byte(raw), inbox.Options{}).ContentHash; got != first {
			t.Errorf("%s: another hash", name)
		}
	}
	if got := read(t, []byte(strings.Replace(mail, "body", "Body", 1)), inbox.Options{}).ContentHash; got == first {
		t.Error("another body, the same hash")
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestReadErrors(t *testing.T) {
	broken := errors.New("disk gone")
	if _, err := inbox.Read(context.Background(), failing{broken}, 100, inbox.Options{}); !errors.Is(err, broken) {
		t.Errorf("the reader's error is lost: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := inbox.Read(ctx, strings.NewReader("From: a@b.example\n\nx"), 20, inbox.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the context's error is lost: %v", err)
	}
	panicking := inbox.Options{OwnID: func(string) bool { panic("boom") }}
	raw := "Message-ID: <a@b.example>\n\nx"
	if _, err := inbox.Read(context.Background(), strings.NewReader(raw), int64(len(raw)), panicking); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("a panic is not told: %v", err)
	}
}

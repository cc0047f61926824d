package inbox

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func seed(f *testing.F) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(strings.Repeat("Content-Type: multipart/mixed; boundary=a\n\n--a\n", 100)))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\n\n--a")) // a message without a body
	f.Add([]byte("Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=koi8-r\n\n=F0=D2=C9=D7=C5=D4 =\n=20\n"))
	f.Add([]byte("From: a@b.example\nDate: Tue, 10 Mar 2026 09:15:00 +0100\nIn-Reply-To: <1@b.example>\n\nCan I have until the 35th? Leider kann ich das nicht.\nI need 3 more days, jusqu'au 20.\n"))
	f.Add([]byte("From: a@b.example\nSubject: STOP BREW-1 due_soon\n\nYes, thanks, Ed.\n"))
	f.Add([]byte("Content-Transfer-Encoding: base64\nContent-Type: text/html; charset=iso-2022-jp\n\nGyRCJCIbKEI=\n"))
}

// FuzzScan: the parts lie in the mail, inside their parents and in order, and stay below the limits.
func FuzzScan(f *testing.F) {
	seed(f)
	lim := Limits{Depth: 5, Parts: 50, HeaderBytes: 4 << 10}.withDefaults()
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, _, err := scan(context.Background(), bytes.NewReader(raw), int64(len(raw)), lim)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.parts) == 0 || len(s.parts) > lim.Parts {
			t.Fatalf("%d parts", len(s.parts))
		}
		for i, p := range s.parts {
			if p.start < 0 || p.end < p.start || p.end > int64(len(raw)) {
				t.Fatalf("part %d: [%d, %d) of %d", i, p.start, p.end, len(raw))
			}
			if p.depth > lim.Depth {
				t.Fatalf("part %d is %d deep", i, p.depth)
			}
			if p.parent >= i || i > 0 && p.parent < 0 {
				t.Fatalf("part %d has parent %d", i, p.parent)
			}
			if i > 0 {
				if parent := s.parts[p.parent]; p.start < parent.start || p.end > parent.end || p.depth != parent.depth+1 {
					t.Fatalf("part %d [%d, %d) is not inside its parent [%d, %d)", i, p.start, p.end, parent.start, parent.end)
				}
			}
		}
	})
}

// FuzzRead: every mail gives a Message whose attachments can be read.
func FuzzRead(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), Options{AuthservIDs: []string{"mx.agency.example"}, Limits: Limits{Depth: 6, Parts: 60}})
		if err != nil {
			t.Fatal(err)
		}
		if m.Kind == "" {
			t.Fatal("no kind")
		}
		for _, a := range m.Attachments {
			if _, err := io.Copy(io.Discard, a.Open(bytes.NewReader(raw))); err != nil {
				t.Fatal(err)
			}
		}
		if _, ok := m.OnlyLink(); ok && m.Text == "" && len(m.Links) == 0 {
			t.Fatal("a link out of nothing")
		}
		trimmedText := strings.Join(strings.Fields(m.Text), "")
		if !subsequence(trimmedText, strings.Join(strings.Fields(m.Body), "")) {
			t.Fatal("Text says what Body does not")
		}
	})
}

func subsequence(s, of string) bool {
	for i := 0; i < len(of) && s != ""; i++ {
		if s[0] == of[i] {
			s = s[1:]
		}
	}
	return s == ""
}

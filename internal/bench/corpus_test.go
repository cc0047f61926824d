package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"handoff/internal/mailtest"
	"handoff/outbox"
)

type plainSigner struct{}

func (plainSigner) ReplyAddress(r outbox.Ref) string {
	return fmt.Sprintf("drafts+%d.%d@agency.example", r.PieceID, r.PersonID)
}
func (plainSigner) ThreadID(r outbox.Ref) string {
	return fmt.Sprintf("thread.%d.%d@agency.example", r.PieceID, r.PersonID)
}
func (plainSigner) MessageID(r outbox.Ref, key string) string {
	return fmt.Sprintf("%s.%d.%d@agency.example", key, r.PieceID, r.PersonID)
}

func testCorpus(size int) *Corpus {
	team := newTeam(50, 0, 1000)
	team.Identity = plainSigner{}
	for i := range team.People {
		team.People[i].ID = int64(i + 1)
	}
	for i := range team.Pieces {
		team.Pieces[i].ID = int64(i + 1)
	}
	return &Corpus{Seed: 1, Team: team, Base: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Size: size}
}

// The figures: 70, 20 and 10 percent, 4.5 kB a reply, 1.67 GB for 5,000 mails.
func TestCorpusFigures(t *testing.T) {
	const sample = 200
	c := testCorpus(sample)
	count := map[Shape]int{}
	size := map[Shape]int{}
	var buf []byte
	for i := range sample {
		buf = c.Append(buf[:0], i)
		count[c.Shape(i)]++
		size[c.Shape(i)] += len(buf)
	}
	if count[PlainReply] != 140 || count[WithDocx] != 40 || count[WithLarge] != 20 {
		t.Fatalf("shapes of %d mails: %v", sample, count)
	}
	reply := size[PlainReply] / count[PlainReply]
	if reply < 4200 || reply > 4800 {
		t.Errorf("a reply has %d bytes, not about 4,500", reply)
	}
	total := float64(size[PlainReply]+size[WithDocx]+size[WithLarge]) * 5000 / sample
	if total < 1.65e9 || total > 1.69e9 {
		t.Errorf("5,000 mails have %.3g bytes, not 1.67e9", total)
	}
}

func TestCorpusIsTheSameAgain(t *testing.T) {
	a, b := testCorpus(30), testCorpus(30)
	for i := range 30 {
		if !bytes.Equal(a.Append(nil, i), b.Append(make([]byte, 0, 16), i)) {
			t.Fatalf("mail %d differs from itself", i)
		}
	}
	if bytes.Equal(a.Append(nil, 0), a.Append(nil, 1)) {
		t.Error("two mails are the same")
	}
}

func TestCorpusIsMail(t *testing.T) {
	c := testCorpus(20)
	for i := range 20 {
		raw := c.Append(nil, i)
		if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) {
			t.Errorf("mail %d has a bare LF", i)
		}
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("mail %d: %v", i, err)
		}
		for _, name := range []string{"From", "To"} {
			if _, err := m.Header.AddressList(name); err != nil {
				t.Errorf("mail %d: %s: %v", i, name, err)
			}
		}
		files := leaves(t, m.Header.Get("Content-Type"), m.Body)
		for name, content := range files {
			switch {
			case strings.HasSuffix(name, ".docx"):
				if len(content) != docxBytes {
					t.Errorf("mail %d: %s has %d bytes", i, name, len(content))
				}
				if _, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err != nil {
					t.Errorf("mail %d: %s: %v", i, name, err)
				}
			case len(content) != largeBytes:
				t.Errorf("mail %d: %s has %d bytes", i, name, len(content))
			}
		}
		if want := c.Shape(i) != PlainReply; want != (len(files) == 1) {
			t.Errorf("mail %d has %d files", i, len(files))
		}
	}
}

// leaves are the decoded attachments by name.
func leaves(t *testing.T, contentType string, body io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "multipart/") {
			leaves(t, p.Header.Get("Content-Type"), p)
			continue
		}
		if p.FileName() == "" {
			continue
		}
		if files[p.FileName()], err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, p)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLoadAndPull(t *testing.T) {
	account := mailtest.Account{User: "drafts", Password: "secret", Addresses: []string{teamAddress}}
	office, err := mailtest.StartOffice(mailtest.OfficeOptions{Accounts: []mailtest.Account{account}})
	if err != nil {
		t.Fatal(err)
	}
	defer office.Close()
	login := Login{Addr: office.IMAPAddr, User: account.User, Password: account.Password, Folder: "INBOX"}
	loaded, err := load(t.Context(), login, testCorpus(20))
	if err != nil {
		t.Fatal(err)
	}
	var pulled int64
	n, err := pull(login, func(size int64, body io.Reader) error {
		n, err := io.Copy(io.Discard, body)
		if n != size {
			t.Errorf("%d bytes of %d", n, size)
		}
		pulled += n
		return err
	})
	if err != nil || n != 20 || pulled != loaded {
		t.Errorf("pulled %d mails, %d bytes (%v); loaded 20, %d bytes", n, pulled, err, loaded)
	}
	dir := t.TempDir()
	if n, err := pullDurably(t.Context(), login, dir); err != nil || n != 20 {
		t.Errorf("stored %d mails: %v", n, err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 20 {
		t.Errorf("%d files: %v", len(files), err)
	}
}

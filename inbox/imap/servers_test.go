package imap_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"handoff/inbox"
	"handoff/inbox/imap"
	"handoff/internal/mailtest"
)

const password = "a pass\"word"

var accounts = []mailtest.Account{{User: "drafts", Password: password, Addresses: []string{"drafts@agency.example"}, Token: "tok-1"}}

// onServers runs a test against every server there is: the one in memory, and Dovecot.
func onServers(t *testing.T, test func(t *testing.T, addr string)) {
	t.Parallel()
	t.Run("office", func(t *testing.T) { test(t, startOffice(t, mailtest.OfficeOptions{}).IMAPAddr) })
	t.Run("dovecot", func(t *testing.T) {
		t.Parallel()
		test(t, startDovecot(t, ""))
	})
}

func startOffice(t *testing.T, opt mailtest.OfficeOptions) *mailtest.Office {
	t.Helper()
	opt.Accounts = accounts
	o, err := mailtest.StartOffice(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func startDovecot(t *testing.T, caps string) string {
	t.Helper()
	mailtest.Need(t, "dovecot")
	plain := accounts[0]
	d, err := mailtest.StartDovecot(t.Context(), mailtest.DovecotOptions{Accounts: []mailtest.Account{plain}, Caps: caps})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d.IMAPAddr
}

func faults(t *testing.T, addr string) *mailtest.Faults {
	t.Helper()
	f, err := mailtest.StartFaults(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func config(addr string) imap.Config {
	return imap.Config{
		Addr: addr, Security: imap.None, User: "drafts",
		Password: func(context.Context) (string, error) { return password, nil },
	}
}

func mailbox(t *testing.T, cfg imap.Config) *imap.Mailbox {
	t.Helper()
	m, err := imap.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return m
}

// client is another client of the same account, such as a person's mail program.
func client(t *testing.T, addr string) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(2*time.Minute, func() { c.Close() }) // the library waits for ever
	t.Cleanup(func() {
		watchdog.Stop()
		c.Close()
	})
	if err := c.Login("drafts", password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func put(t *testing.T, c *imapclient.Client, raw []byte, flags ...goimap.Flag) {
	t.Helper()
	cmd := c.Append("INBOX", int64(len(raw)), &goimap.AppendOptions{Flags: flags})
	if _, err := cmd.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

func sample(n int) []byte {
	return mailtest.Mail{
		From: "Ada Example <ada@press.example>", To: "drafts@agency.example", Subject: fmt.Sprint("Mail ", n),
		MessageID: fmt.Sprintf("%d@press.example", n), Date: time.Unix(1_700_000_000+int64(n), 0).UTC(),
		Text: string(bytes.Repeat([]byte("words and words\n"), 1+n%50)),
	}.Bytes()
}

type fetched struct {
	inbox.Item
	body string
}

func fetch(ctx context.Context, m *imap.Mailbox, from, to uint32, maxSize int64) (got []fetched, err error) {
	err = m.Fetch(ctx, from, to, maxSize, func(it inbox.Item, body io.Reader) error {
		b, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		got = append(got, fetched{it, string(b)})
		return nil
	})
	return got, err
}

package mailtest_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"handoff/internal/mailtest"
)

func TestPostgres(t *testing.T) {
	mailtest.Need(t, "postgresql")
	dsn, stop, err := mailtest.StartPostgres(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE t (id bigint PRIMARY KEY)`); err != nil {
		t.Error(err)
	}
}

func TestDovecot(t *testing.T) {
	mailtest.Need(t, "dovecot")
	d, err := mailtest.StartDovecot(t.Context(), mailtest.DovecotOptions{Accounts: accounts})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := mailtest.Deliver(t.Context(), d.LMTPAddr, "ada@press.example", []string{"Drafts+Tok@agency.example"}, sample.Bytes()); err != nil {
		t.Fatal(err)
	}
	mails, err := mailtest.Mails(d.IMAPAddr, "drafts", "pw1", "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	if len(mails) != 1 || !strings.Contains(string(mails[0]), "for <Drafts+Tok@agency.example>") {
		t.Errorf("%q", mails)
	}
}

func TestOfficeBeforeDovecot(t *testing.T) {
	mailtest.Need(t, "dovecot")
	d, err := mailtest.StartDovecot(t.Context(), mailtest.DovecotOptions{Accounts: accounts})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	o := office(t, mailtest.OfficeOptions{LMTPAddr: d.LMTPAddr, AuthservID: "mx.agency.example"})
	if err := mailtest.Send(t.Context(), o.SMTPAddr, "ada", "pw2", "ada@press.example", []string{"drafts+tok@agency.example"}, sample.Bytes()); err != nil {
		t.Fatal(err)
	}
	mails, err := mailtest.Mails(d.IMAPAddr, "drafts", "pw1", "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	if len(mails) != 1 || !strings.Contains(string(mails[0]), "Delivered-To: drafts+tok@agency.example\r\n") {
		t.Errorf("%q", mails)
	}
}

func TestPostfix(t *testing.T) {
	mailtest.Need(t, "dovecot")
	mailtest.Need(t, "postfix")
	d, err := mailtest.StartDovecot(t.Context(), mailtest.DovecotOptions{Accounts: accounts})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	outside := office(t, mailtest.OfficeOptions{})
	p, err := mailtest.StartPostfix(t.Context(), mailtest.PostfixOptions{
		Domains: []string{"agency.example", "press.example"}, LMTPAddr: d.LMTPAddr, AuthAddr: d.AuthAddr, RelayAddr: outside.SMTPAddr, MaxSize: 100_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := mailtest.Send(t.Context(), p.SMTPAddr, "ada", "pw2", "ada@press.example",
		[]string{"drafts+tok@agency.example", "someone@else.example"}, sample.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := mailtest.Send(t.Context(), p.SMTPAddr, "ada", "wrong", "ada@press.example", []string{"drafts@agency.example"}, sample.Bytes()); err == nil {
		t.Error("a wrong password was taken")
	}
	if err := mailtest.Send(t.Context(), p.SMTPAddr, "", "", "", []string{"drafts@agency.example"}, make([]byte, 200_000)); err == nil {
		t.Error("a mail over the limit was taken")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := outside.WaitDelivery(ctx, func(d mailtest.Delivery) bool { return d.To == "someone@else.example" }); err != nil {
		t.Error(err)
	}
	for {
		mails, err := mailtest.Mails(d.IMAPAddr, "drafts", "pw1", "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		if len(mails) == 1 {
			if !strings.Contains(string(mails[0]), "X-Original-To: drafts+tok@agency.example\r\n") {
				t.Errorf("%q", mails)
			}
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%d mails after all that time; want 1", len(mails))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

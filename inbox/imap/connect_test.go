package imap_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"

	goimap "github.com/emersion/go-imap/v2"

	"handoff/inbox"
	"handoff/inbox/imap"
	"handoff/internal/mailtest"
)

func secret(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}

func TestLogin(t *testing.T) {
	server, roots, err := mailtest.SelfSigned("127.0.0.1", "mail.agency.example")
	if err != nil {
		t.Fatal(err)
	}
	other, otherRoots, err := mailtest.SelfSigned("mail.elsewhere.example")
	if err != nil {
		t.Fatal(err)
	}
	o := startOffice(t, mailtest.OfficeOptions{TLSConfig: server})
	wrongName := startOffice(t, mailtest.OfficeOptions{TLSConfig: other})
	plain := startOffice(t, mailtest.OfficeOptions{})
	busy := startOffice(t, mailtest.OfficeOptions{})
	busy.FailLogin(func(string) error {
		return &goimap.Error{Type: goimap.StatusResponseTypeNo, Code: goimap.ResponseCodeUnavailable, Text: "come back later"}
	})
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	trust := &tls.Config{RootCAs: roots}

	for _, c := range []struct {
		name    string
		cfg     imap.Config
		want    string // in the error; "": it goes well
		refused bool
	}{
		{name: "plain text", cfg: imap.Config{Addr: o.IMAPAddr, Security: imap.None, Password: secret(password)}},
		{name: "tls", cfg: imap.Config{Addr: o.IMAPSAddr, TLSConfig: trust, Password: secret(password)}},
		{name: "starttls", cfg: imap.Config{Addr: o.IMAPAddr, Security: imap.StartTLS, TLSConfig: trust, Password: secret(password)}},
		{name: "xoauth2", cfg: imap.Config{Addr: o.IMAPSAddr, TLSConfig: trust, Token: secret("tok-1")}},
		{name: "oauthbearer", cfg: imap.Config{Addr: o.IMAPSAddr, TLSConfig: trust, Token: secret("tok-1"), Mechanism: imap.OAuthBearer}},

		{name: "wrong password", cfg: imap.Config{Addr: o.IMAPSAddr, TLSConfig: trust, Password: secret("wrong")}, want: "check user and password", refused: true},
		{name: "old xoauth2 token", cfg: imap.Config{Addr: o.IMAPSAddr, TLSConfig: trust, Token: secret("old")}, want: "renew the consent", refused: true},
		{name: "old bearer token", cfg: imap.Config{Addr: o.IMAPSAddr, TLSConfig: trust, Token: secret("old"), Mechanism: imap.OAuthBearer}, want: "renew the consent", refused: true},
		{name: "no folder", cfg: imap.Config{Addr: o.IMAPAddr, Security: imap.None, Password: secret(password), Folder: "Nowhere"}, want: `no folder "Nowhere"`, refused: true},
		{name: "unknown authority", cfg: imap.Config{Addr: o.IMAPSAddr, Password: secret(password)}, want: "install its authority", refused: true},
		{name: "another name", cfg: imap.Config{Addr: wrongName.IMAPSAddr, TLSConfig: &tls.Config{RootCAs: otherRoots}, Password: secret(password)}, want: "for mail.elsewhere.example", refused: true},
		{name: "another name by starttls", cfg: imap.Config{Addr: wrongName.IMAPAddr, Security: imap.StartTLS, TLSConfig: &tls.Config{RootCAs: otherRoots}, Password: secret(password)}, want: "for mail.elsewhere.example", refused: true},
		{name: "tls to a plain port", cfg: imap.Config{Addr: plain.IMAPAddr, Password: secret(password)}, want: "use starttls with port 143"},
		{name: "no starttls", cfg: imap.Config{Addr: plain.IMAPAddr, Security: imap.StartTLS, Password: secret(password)}, want: "does not offer STARTTLS", refused: true},
		{name: "nobody gets in", cfg: imap.Config{Addr: busy.IMAPAddr, Security: imap.None, Password: secret(password)}, want: "lets nobody in now"},
		{name: "nothing listens", cfg: imap.Config{Addr: gone.Addr().String(), Password: secret(password)}, want: "nothing listens at"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.cfg.User = "drafts"
			m := mailbox(t, c.cfg)
			_, err := m.Select(t.Context())
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if got := errors.Is(err, inbox.ErrRefused); got != c.refused {
				t.Errorf("refused: %v, want %v: %v", got, c.refused, err)
			}
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestDovecotRefusesPassword(t *testing.T) {
	cfg := config(startDovecot(t, ""))
	cfg.Password = secret("wrong")
	if _, err := mailbox(t, cfg).Select(t.Context()); !errors.Is(err, inbox.ErrRefused) {
		t.Errorf("wrong password: %v", err)
	}
}

func TestCheck(t *testing.T) {
	ok := config("mail.agency.example:993")
	for want, change := range map[string]func(*imap.Config){
		"":                 func(*imap.Config) {},
		"has no port":      func(c *imap.Config) { c.Addr = "mail.agency.example" },
		"address is":       func(c *imap.Config) { c.Addr = "" },
		"unknown security": func(c *imap.Config) { c.Security = "ssl" },
		"unknown mech":     func(c *imap.Config) { c.Mechanism = "NTLM" },
		"user is missing":  func(c *imap.Config) { c.User = "" },
		"needs either":     func(c *imap.Config) { c.Password = nil },
	} {
		cfg := ok
		change(&cfg)
		if _, err := imap.New(cfg); (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

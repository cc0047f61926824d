package imap_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
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

// The best mechanism that the server offers is chosen, or the one that is configured.
func TestDovecotMechanisms(t *testing.T) {
	t.Parallel()
	mailtest.Need(t, "dovecot")
	for offered, c := range map[string]struct {
		wish, want imap.Mechanism
		says       string
	}{
		"plain login cram-md5 scram-sha-1 scram-sha-256": {want: imap.ScramSHA256},
		"login scram-sha-1 plain":                        {want: imap.ScramSHA1},
		"plain cram-md5":                                 {want: imap.CramMD5},
		"login plain":                                    {want: imap.Plain},
		"login cram-md5 plain":                           {wish: imap.Login, want: imap.Login},
		"plain scram-sha-256":                            {wish: imap.Plain, want: imap.Plain},
		"plain login scram-sha-1":                        {wish: imap.ScramSHA256, says: "offers no SCRAM-SHA-256 login"},
	} {
		t.Run(offered, func(t *testing.T) {
			t.Parallel()
			d, err := mailtest.StartDovecot(t.Context(), mailtest.DovecotOptions{Accounts: accounts, Auth: offered})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			cfg := config(d.IMAPAddr)
			cfg.Mechanism = c.wish
			m := mailbox(t, cfg)
			_, err = m.Select(t.Context())
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) || !errors.Is(err, inbox.ErrRefused) {
					t.Errorf("error %v, want one with %q", err, c.says)
				}
				return
			}
			if err != nil || m.Mechanism() != c.want {
				t.Errorf("by %s (%v), want %s", m.Mechanism(), err, c.want)
			}
			cfg.Password = secret("wrong")
			if _, err := mailbox(t, cfg).Select(t.Context()); !errors.Is(err, inbox.ErrRefused) {
				t.Errorf("wrong password: %v", err)
			}
		})
	}
}

// A token that was good for a while is replaced when the server takes it no more; a new one that it does not take is not asked for
// again and again.
func TestTokenRunsOut(t *testing.T) {
	server, roots, err := mailtest.SelfSigned("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	o := startOffice(t, mailtest.OfficeOptions{TLSConfig: server})
	for name, c := range map[string]struct {
		next  string
		again bool
		wants int // tokens
	}{
		"another is good":      {"tok-1", true, 2},
		"another is no better": {"newer", true, 2},
		"no other":             {"tok-1", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			token, asked := "old", 0
			m := mailbox(t, imap.Config{Addr: o.IMAPSAddr, TLSConfig: &tls.Config{RootCAs: roots}, User: "drafts",
				Token: func(context.Context) (string, error) { asked++; return token, nil },
				Refused: func(refused string) bool {
					if refused != token {
						t.Errorf("refused: %q", refused)
					}
					token = c.next
					return c.again
				}})
			_, err := m.Select(t.Context())
			if good := c.again && c.next == "tok-1"; good != (err == nil) || !good && !errors.Is(err, inbox.ErrRefused) {
				t.Errorf("error %v", err)
			}
			if asked != c.wants {
				t.Errorf("%d tokens, want %d", asked, c.wants)
			}
		})
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
		"could take the":   func(c *imap.Config) { c.Password, c.Token = nil, secret("tok") },
		"one of [XOAUTH2": func(c *imap.Config) {
			c.Password, c.Token, c.Security, c.Mechanism = nil, secret("tok"), imap.TLS, imap.Plain
		},
	} {
		cfg := ok
		change(&cfg)
		if _, err := imap.New(cfg); (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// A server that repeats what it heard, as it is and in base64, finds nothing of it in our errors.
func TestLoginTellsNoSecret(t *testing.T) {
	server, roots, err := mailtest.SelfSigned("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	const token = "token-of-the-desk"
	o := startOffice(t, mailtest.OfficeOptions{TLSConfig: server})
	for name, c := range map[string]struct {
		cfg   imap.Config
		heard string // in the login
	}{
		"password":   {imap.Config{Password: secret(token)}, "\x00drafts\x00" + token},
		"xoauth2":    {imap.Config{Token: secret(token)}, "user=drafts\x01auth=Bearer " + token + "\x01\x01"},
		"second try": {imap.Config{Token: secret(token), Refused: func(string) bool { return true }}, "user=drafts\x01auth=Bearer " + token + "\x01\x01"},
	} {
		t.Run(name, func(t *testing.T) {
			encoded := base64.StdEncoding.EncodeToString([]byte(c.heard))
			o.FailLogin(func(string) error {
				return &goimap.Error{Type: goimap.StatusResponseTypeNo, Text: "not " + token + " in " + encoded}
			})
			c.cfg.Addr, c.cfg.User, c.cfg.TLSConfig = o.IMAPSAddr, "drafts", &tls.Config{RootCAs: roots}
			_, err := mailbox(t, c.cfg).Select(t.Context())
			if !errors.Is(err, inbox.ErrRefused) || !strings.Contains(err.Error(), "not … in …") {
				t.Fatalf("error %v", err)
			}
			for _, s := range []string{token, encoded} {
				if strings.Contains(err.Error(), s) {
					t.Errorf("it tells %s: %v", s, err)
				}
			}
		})
	}
}

package imap_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"handoff/inbox"
	"handoff/inbox/imap"
	"handoff/internal/mailtest"
)

// inTheClear serves one connection after another.
func inTheClear(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}

// SCRAM, which does not show the password to the server, works over STARTTLS as it does over TLS.
func TestDovecotScramOverStartTLS(t *testing.T) {
	t.Parallel()
	mailtest.Need(t, "dovecot")
	d, err := mailtest.StartDovecot(t.Context(), mailtest.DovecotOptions{Accounts: accounts, Auth: "plain scram-sha-256"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	server, roots, err := mailtest.SelfSigned("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	addr := inTheClear(t, func(c net.Conn) { // TLS in front of a Dovecot that has none
		behind, err := net.Dial("tcp", d.IMAPAddr)
		if err != nil {
			return
		}
		defer behind.Close()
		greeting, _ := bufio.NewReader(behind).ReadString('\n')
		io.WriteString(c, greeting)
		command, _ := bufio.NewReader(c).ReadString('\n')
		tag, _, _ := strings.Cut(command, " ")
		io.WriteString(c, "* CAPABILITY IMAP4rev1 AUTH=EVIL\r\n"+tag+" OK begin\r\n")
		secured := tls.Server(c, server)
		go io.Copy(behind, secured)
		io.Copy(secured, behind)
	})
	cfg := config(addr)
	cfg.Security, cfg.TLSConfig = imap.StartTLS, &tls.Config{RootCAs: roots}
	m := mailbox(t, cfg)
	if _, err := m.Select(t.Context()); err != nil || m.Mechanism() != imap.ScramSHA256 {
		t.Errorf("by %s, %v", m.Mechanism(), err)
	}
	cfg.Password = secret("wrong")
	if _, err := mailbox(t, cfg).Select(t.Context()); !errors.Is(err, inbox.ErrRefused) {
		t.Errorf("wrong password: %v", err)
	}
}

// What stands in the way of TLS ends the connection before anything of ours is told.
func TestNoStartTLS(t *testing.T) {
	for name, c := range map[string]struct {
		greeting, answer string
		says             string
		refused          bool
	}{
		"logged in already":  {"* PREAUTH welcome\r\n", "", "as logged in before TLS", true},
		"goodbye":            {"* BYE too many\r\n", "", "lets nobody in now: too many", false},
		"another protocol":   {"220 mail ESMTP\r\n", "", "does not speak IMAP", false},
		"no end":             {"* OK " + strings.Repeat("x", 1<<16), "", "have no end", false},
		"NO":                 {"* OK ready\r\n", "S1 NO not here\r\n", "does not offer STARTTLS", true},
		"goodbye afterwards": {"* OK ready\r\n", "* BYE closing\r\n", "lets nobody in now: closing", false},
		"put in on the way":  {"* OK ready\r\n", "S1 OK begin\r\nS2 OK [CAPABILITY IMAP4rev1] logged in\r\n", "more before TLS begins", false},
		"endless":            {"* OK ready\r\n", strings.Repeat("* OK still\r\n", 200), "does not answer STARTTLS", false},
		"hangs up":           {"* OK ready\r\n", "", "EOF", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := inTheClear(t, func(conn net.Conn) {
				io.WriteString(conn, c.greeting)
				said, _ := bufio.NewReader(conn).ReadString('\n')
				if said != "" && said != "S1 STARTTLS\r\n" {
					t.Errorf("in the clear: %q", said)
				}
				io.WriteString(conn, c.answer)
			})
			cfg := config(addr)
			cfg.Security = imap.StartTLS
			_, err := mailbox(t, cfg).Select(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.says) || errors.Is(err, inbox.ErrRefused) != c.refused {
				t.Errorf("error %v, want one with %q", err, c.says)
			}
		})
	}
}

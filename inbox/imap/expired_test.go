package imap_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"handoff/inbox"
)

// A server that answers NO when a login has run out gets another login, and the pass after goes well; nobody is told to mend anything.
func TestLoginExpires(t *testing.T) {
	for _, code := range []string{"EXPIRED", "AUTHENTICATIONFAILED"} {
		t.Run(code, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { ln.Close() })
			var logins atomic.Int32
			go func() {
				for {
					c, err := ln.Accept()
					if err != nil {
						return
					}
					go func() {
						defer c.Close()
						fmt.Fprint(c, "* OK [CAPABILITY IMAP4rev1] ready\r\n")
						selects := 0
						for lines := bufio.NewScanner(c); lines.Scan(); {
							tag, cmd, _ := strings.Cut(lines.Text(), " ")
							status := "OK"
							switch {
							case cmd == "CAPABILITY":
								fmt.Fprint(c, "* CAPABILITY IMAP4rev1\r\n")
							case strings.HasPrefix(cmd, "LOGIN"):
								logins.Add(1)
							case strings.HasPrefix(cmd, "SELECT"):
								if selects++; selects == 2 {
									status = "NO [" + code + "]"
									break
								}
								fmt.Fprint(c, "* 0 EXISTS\r\n* OK [UIDVALIDITY 9] ok\r\n* OK [UIDNEXT 1] ok\r\n")
							}
							fmt.Fprintf(c, "%s %s done\r\n", tag, status)
						}
					}()
				}
			}()
			m := mailbox(t, config(ln.Addr().String()))
			if _, err := m.Select(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := m.Select(t.Context()); err == nil || errors.Is(err, inbox.ErrRefused) {
				t.Errorf("error %v", err)
			}
			if _, err := m.Select(t.Context()); err != nil || logins.Load() != 2 {
				t.Errorf("%d logins, %v", logins.Load(), err)
			}
		})
	}
}

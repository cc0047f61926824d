package smtp_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"handoff/internal/mailtest"
)

// What a script may answer instead of a reply.
const (
	drop = "(drop)" // close the connection
	hang = "(hang)" // say nothing until the client leaves
	wait = ""       // the usual reply
)

// server speaks SMTP by a script and notes what it was told.
type server struct {
	listener net.Listener
	secure   *tls.Config // for STARTTLS, or for all with direct
	direct   bool
	// script gives the reply to a command, the usual one for "". The commands are those of SMTP, "connect" and, for the
	// end of the data, ".". n counts that command from 1, over all connections.
	script func(command string, n int) string
	auth   string // mechanisms offered

	mu          sync.Mutex
	counts      map[string]int
	commands    []string
	mails       []string
	connections []net.Conn
	wg          sync.WaitGroup
}

func serve(t *testing.T, s *server) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener, s.counts = l, map[string]int{}
	if s.script == nil {
		s.script = func(string, int) string { return wait }
	}
	s.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.connections = append(s.connections, c)
			s.mu.Unlock()
			s.wg.Go(func() { s.session(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		s.dropAll()
		s.wg.Wait()
	})
	return s
}

func (s *server) address() string { return s.listener.Addr().String() }

func (s *server) dropAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.connections {
		c.Close()
	}
}

func (s *server) heard() (commands, mails []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(commands, s.commands...), append(mails, s.mails...)
}

func (s *server) answer(command, line, usual string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[command]++
	s.commands = append(s.commands, line)
	if r := s.script(command, s.counts[command]); r != wait {
		return r
	}
	return usual
}

func (s *server) session(c net.Conn) {
	defer c.Close()
	if s.direct {
		c = tls.Server(c, s.secure)
	}
	r := bufio.NewReader(c)
	reply := func(command, line, usual string) (string, bool) {
		text := s.answer(command, line, usual)
		switch text {
		case drop:
			return text, false
		case hang:
			_, _ = r.ReadByte()
			return text, false
		}
		_, err := fmt.Fprintf(c, "%s\r\n", strings.ReplaceAll(text, "\n", "\r\n"))
		return text, err == nil
	}
	if _, ok := reply("connect", "connect", "220 mail.example ESMTP"); !ok {
		return
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		command, _, _ := strings.Cut(line, " ")
		command = strings.ToUpper(command)
		usual := "250 2.0.0 ok"
		switch command {
		case "EHLO":
			usual = "250-mail.example\n"
			if s.secure != nil && !s.direct {
				usual += "250-STARTTLS\n"
			}
			if s.auth != "" {
				usual += "250-AUTH " + s.auth + "\n"
			}
			usual += "250 8BITMIME"
		case "STARTTLS":
			usual = "220 go on"
		case "AUTH":
			usual = "235 2.7.0 welcome"
		case "DATA":
			usual = "354 go on"
		case "QUIT":
			usual = "221 bye"
		}
		text, ok := reply(command, line, usual)
		if !ok || command == "QUIT" {
			return
		}
		switch {
		case command == "STARTTLS" && strings.HasPrefix(text, "220"):
			c = tls.Server(c, s.secure)
			r = bufio.NewReader(c)
		case command == "DATA" && strings.HasPrefix(text, "354"):
			var mail strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				mail.WriteString(strings.TrimPrefix(line, "."))
			}
			s.mu.Lock()
			s.mails = append(s.mails, mail.String())
			s.mu.Unlock()
			if _, ok := reply(".", ".", "250 2.0.0 queued"); !ok {
				return
			}
		}
	}
}

// certificate is one for those names, with the authorities that trust it.
func certificate(t *testing.T, names ...string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	cfg, pool, err := mailtest.SelfSigned(names...)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, pool
}

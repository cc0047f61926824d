package mailtest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
)

// What a script may answer instead of a reply.
const (
	Usual = ""       // the usual reply
	Drop  = "(drop)" // close the connection
	Hang  = "(hang)" // say nothing until the client leaves
)

// SMTPLine is what a script answers.
type SMTPLine struct {
	Command string // of SMTP, or "connect", or "." for the end of the data; "" for a line of a login
	Text    string // the whole line
	N       int    // counts the Command from 1, over all connections
	From    string // MAIL's and RCPT's arguments so far, as they were written
	To      string
	Mail    string // at ".", with CRLF line ends
}

// ScriptedSMTP is an SMTP server that answers by a script and notes what it was told. Set the fields before Start.
type ScriptedSMTP struct {
	Secure     *tls.Config // for STARTTLS, or for all with Direct
	Direct     bool
	Auth       string // mechanisms offered
	Extensions []string
	// Script gives the reply to a line, \n between several lines, or one of Usual, Drop and Hang. It is asked by one
	// connection at a time; nil is Usual.
	Script func(SMTPLine) string
	// Forget keeps no commands and no mails, for loads of them.
	Forget bool

	listener    net.Listener
	mu          sync.Mutex
	counts      map[string]int
	commands    []string
	mails       []string
	connections map[net.Conn]struct{}
	wg          sync.WaitGroup
}

// Start listens on a free port of the loopback.
func (s *ScriptedSMTP) Start() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.listener, s.counts, s.connections = l, map[string]int{}, map[net.Conn]struct{}{}
	s.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.connections[c] = struct{}{}
			s.mu.Unlock()
			s.wg.Go(func() { s.session(c) })
		}
	})
	return nil
}

// Close ends every connection and the server.
func (s *ScriptedSMTP) Close() error {
	err := s.listener.Close()
	s.DropAll()
	s.wg.Wait()
	return err
}

// Addr is where it listens.
func (s *ScriptedSMTP) Addr() string { return s.listener.Addr().String() }

// Deaf makes it accept no further connection; those there are go on.
func (s *ScriptedSMTP) Deaf() { _ = s.listener.Close() }

// DropAll closes every connection.
func (s *ScriptedSMTP) DropAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.connections {
		_ = c.Close()
	}
}

// Heard is every line and every whole mail so far.
func (s *ScriptedSMTP) Heard() (commands, mails []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(commands, s.commands...), append(mails, s.mails...)
}

func (s *ScriptedSMTP) answer(line SMTPLine, usual string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[line.Command]++
	line.N = s.counts[line.Command]
	if !s.Forget {
		s.commands = append(s.commands, line.Text)
		if line.Command == "." {
			s.mails = append(s.mails, line.Mail)
		}
	}
	if s.Script == nil {
		return usual
	}
	if r := s.Script(line); r != Usual {
		return r
	}
	return usual
}

func (s *ScriptedSMTP) usual(command string) string {
	switch command {
	case "EHLO":
		lines := append([]string{"mail.example"}, s.Extensions...)
		if s.Secure != nil && !s.Direct {
			lines = append(lines, "STARTTLS")
		}
		if s.Auth != "" {
			lines = append(lines, "AUTH "+s.Auth)
		}
		return "250-" + strings.Join(lines, "\n250-") + "\n250 8BITMIME"
	case "STARTTLS":
		return "220 go on"
	case "AUTH":
		return "235 2.7.0 welcome"
	case "DATA":
		return "354 go on"
	case "QUIT":
		return "221 bye"
	}
	return "250 2.0.0 ok"
}

func (s *ScriptedSMTP) session(c net.Conn) {
	raw := c
	defer func() {
		s.mu.Lock()
		delete(s.connections, raw)
		s.mu.Unlock()
		_ = c.Close()
	}()
	if s.Direct {
		c = tls.Server(c, s.Secure)
	}
	r := bufio.NewReader(c)
	reply := func(line SMTPLine, usual string) (string, bool) {
		text := s.answer(line, usual)
		switch text {
		case Drop:
			return text, false
		case Hang:
			_, _ = io.Copy(io.Discard, r)
			return text, false
		}
		_, err := fmt.Fprintf(c, "%s\r\n", strings.ReplaceAll(text, "\n", "\r\n"))
		return text, err == nil
	}
	if _, ok := reply(SMTPLine{Command: "connect", Text: "connect"}, "220 mail.example ESMTP"); !ok {
		return
	}
	var from, to string
	begun, valid := false, false // MAIL and RCPT were taken
	for {
		text, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line := SMTPLine{Text: strings.TrimRight(text, "\r\n")}
		command, argument, _ := strings.Cut(line.Text, " ")
		line.Command = strings.ToUpper(command)
		switch line.Command {
		case "MAIL":
			from, to, begun, valid = argument, "", false, false
		case "RCPT":
			to = argument
		}
		line.From, line.To = from, to
		usual := s.usual(line.Command)
		if line.Command == "RCPT" && !begun || line.Command == "DATA" && !valid {
			usual = "503 5.5.1 not in this order"
		}
		said, ok := reply(line, usual)
		if !ok || line.Command == "QUIT" {
			return
		}
		switch {
		case line.Command == "MAIL":
			begun = strings.HasPrefix(said, "25")
		case line.Command == "RCPT":
			valid = strings.HasPrefix(said, "25")
		case line.Command == "STARTTLS" && strings.HasPrefix(said, "220"):
			c = tls.Server(c, s.Secure)
			r = bufio.NewReader(c)
		case line.Command == "DATA" && strings.HasPrefix(said, "354"):
			mail, err := readData(r)
			if err != nil {
				return
			}
			if _, ok := reply(SMTPLine{Command: ".", Text: ".", From: from, To: to, Mail: mail}, "250 2.0.0 queued"); !ok {
				return
			}
		}
	}
}

// readData is the mail after DATA (RFC 5321, section 4.5.2).
func readData(r *bufio.Reader) (string, error) {
	var mail strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		if line == ".\r\n" {
			return mail.String(), nil
		}
		mail.WriteString(strings.TrimPrefix(line, "."))
	}
}

package smtp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"handoff/outbox"
	"handoff/outbox/smtp"
)

// A server that waits for the whole of MAIL, RCPT and DATA before it answers gets it if it said that it may.
func TestCommandsTogether(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		until := func(end string) (all string) {
			for !strings.HasSuffix(all, end) {
				line, err := r.ReadString('\n')
				if err != nil {
					return all
				}
				all += line
			}
			return all
		}
		fmt.Fprint(c, "220 hello\r\n")
		until("\r\n")
		fmt.Fprint(c, "250-mail.example\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
		heard <- until("DATA\r\n")
		fmt.Fprint(c, "250 ok\r\n250 ok\r\n354 go on\r\n")
		until("\r\n.\r\n")
		fmt.Fprint(c, "250 taken\r\n")
		_, _ = io.Copy(io.Discard, r)
	}()
	t.Cleanup(func() { l.Close() })
	out, err := smtp.New(smtp.Config{Address: l.Addr().String(), TLS: smtp.None, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	if err := out.Send(t.Context(), notice()); err != nil {
		t.Fatal(err)
	}
	if got, want := <-heard, "MAIL FROM:<desk@agency.example> BODY=8BITMIME\r\nRCPT TO:<"+notice().ToAddress+">\r\nDATA\r\n"; got != want {
		t.Errorf("heard %q, not %q", got, want)
	}
}

// Where a server asks for the mail although it refused the recipient, none is sent, and the refusal stands.
func TestMailAskedForAfterRefusal(t *testing.T) {
	for _, last := range []string{"354 go on", drop} {
		s := serve(t, &server{extensions: []string{"PIPELINING"}, script: func(c string, n int) string {
			switch {
			case c == "RCPT" && n == 2:
				return "550 5.1.1 no such user"
			case c == "DATA" && n == 2:
				return last
			}
			return wait
		}})
		out := sender(t, s, impatient)
		var refused []int
		for i := range 3 {
			var fault *outbox.SendError
			switch err := out.Send(t.Context(), notice()); {
			case errors.As(err, &fault) && fault.Permanent && fault.Recipient && fault.Code == 550:
				refused = append(refused, i)
			case err != nil:
				t.Fatal(err)
			}
		}
		commands, mails := s.heard()
		if len(refused) != 1 || refused[0] != 1 || len(mails) != 2 || count(commands, "connect") != 2 {
			t.Errorf("%s: refused %v, %d mails, commands %q", last, refused, len(mails), commands)
		}
	}
}

package smtp_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/outbox"
	"handoff/outbox/smtp"
	"handoff/templates"
)

func notice() outbox.Mail {
	return outbox.Mail{
		From:       "Example Agency <desk@agency.example>",
		ToName:     "Anna \"Ännchen\" Berg",
		ToAddress:  "anna@berg.example",
		ReplyTo:    "drafts+abc@agency.example",
		MessageID:  "m.abc@agency.example",
		InReplyTo:  "1@berg.example",
		References: []string{"t.abc@agency.example", "0@berg.example", "1@berg.example"},
		Date:       time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC),
		Content: templates.Rendered{
			Subject: "ACME-12: your draft about Wärmepumpen is due",
			Text:    "Hello Anna,\n.\n..a line with dots, and ü\n" + strings.Repeat("long ", 300) + "\n",
			HTML:    "<p>Hello Anna, ü</p>\n",
		},
	}
}

func sender(t *testing.T, s *server, change func(*smtp.Config)) *smtp.Sender {
	t.Helper()
	cfg := smtp.Config{Address: s.address(), TLS: smtp.None, Timeout: 5 * time.Second, Hello: "client.example"}
	if change != nil {
		change(&cfg)
	}
	out, err := smtp.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

// impatient makes a silent server's fault come soon.
func impatient(cfg *smtp.Config) { cfg.Timeout = 300 * time.Millisecond }

// parts reads the alternatives of a mail.
func parts(t *testing.T, m *netmail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q: %v", kind, err)
	}
	found := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Errorf("encoding %q", p.Header.Get("Content-Transfer-Encoding"))
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		found[p.Header.Get("Content-Type")] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
}

func TestMailAsReceived(t *testing.T) {
	s := serve(t, &server{})
	m := notice()
	if err := sender(t, s, nil).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, mails := s.heard()
	for line := range strings.Lines(mails[0]) {
		if len(line) > 998+2 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
	got, err := netmail.ReadMessage(strings.NewReader(mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"From":                     `"Example Agency" <desk@agency.example>`,
		"Reply-To":                 `"Example Agency" <drafts+abc@agency.example>`,
		"Message-Id":               "<m.abc@agency.example>",
		"In-Reply-To":              "<1@berg.example>",
		"References":               "<t.abc@agency.example> <0@berg.example> <1@berg.example>",
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "",
		"Date":                     "Tue, 05 May 2026 09:00:00 +0000",
		"User-Agent":               "",
		"X-Mailer":                 "",
		"Precedence":               "",
	}
	for name, value := range want {
		if h := got.Header.Get(name); h != value {
			t.Errorf("%s: %q, want %q", name, h, value)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != m.Content.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := netmail.ParseAddress(got.Header.Get("To"))
	if err != nil || to.Name != m.ToName || to.Address != m.ToAddress {
		t.Errorf("to %v, %v", to, err)
	}
	if diff := cmp.Diff(map[string]string{"text/plain; charset=UTF-8": m.Content.Text, "text/html; charset=UTF-8": m.Content.HTML}, parts(t, got)); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

func TestEnvelope(t *testing.T) {
	s := serve(t, &server{})
	out := sender(t, s, nil)
	m := notice()
	m.AutoReply, m.ToAddress = true, "anna@bücher.example"
	if err := out.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m = notice()
	if err := out.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.Bounces = "desk+back@agency.example"
	if err := out.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.AutoReply = true
	if err := out.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	commands, mails := s.heard()
	want := []string{
		"connect", "EHLO client.example",
		"MAIL FROM:<> BODY=8BITMIME", "RCPT TO:<anna@xn--bcher-kva.example>", "DATA", ".",
		"MAIL FROM:<desk@agency.example> BODY=8BITMIME", "RCPT TO:<anna@berg.example>", "DATA", ".",
		"MAIL FROM:<desk+back@agency.example> BODY=8BITMIME", "RCPT TO:<anna@berg.example>", "DATA", ".",
		"MAIL FROM:<> BODY=8BITMIME", "RCPT TO:<anna@berg.example>", "DATA", ".",
	}
	if diff := cmp.Diff(want, commands); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	got, err := netmail.ReadMessage(strings.NewReader(mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	if h := got.Header; h.Get("Auto-Submitted") != "auto-replied" || h.Get("X-Auto-Response-Suppress") == "" {
		t.Errorf("header of an automatic reply: %v", h)
	}
}

func TestHeadersCannotBeBroken(t *testing.T) {
	s := serve(t, &server{})
	m := notice()
	m.ToName, m.Content.Subject = "Anna\r\nBcc: eve@evil.example", "Hello\r\nBcc: eve@evil.example\n\nbody"
	if err := sender(t, s, nil).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, mails := s.heard()
	got, err := netmail.ReadMessage(strings.NewReader(mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("Bcc") != "" || strings.Contains(mails[0], "\nBcc:") {
		t.Errorf("a value made a header:\n%s", mails[0])
	}
	for _, address := range []string{"anna@berg.example\r\nDATA", "a b@c.example", "anna", "", "a@b.example>, <c@d.example"} {
		m := notice()
		m.ToAddress = address
		var fault *outbox.SendError
		if err := sender(t, s, nil).Send(t.Context(), m); !errors.As(err, &fault) || !fault.Permanent {
			t.Errorf("recipient %q: %v", address, err)
		}
	}
}

// on is a script with one reply to the first of a command.
func on(command, reply string) func(string, int) string {
	return func(c string, n int) string {
		if c == command && n == 1 {
			return reply
		}
		return wait
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		script     func(string, int) string
		want       outbox.SendError
		says       string
		patient    bool
		then       bool // the next mail goes through on the same connection
		reconnects bool // or on a new one
	}{
		"recipient unknown":     {script: on("RCPT", "550 5.1.1 no such user"), want: outbox.SendError{Code: 550, Permanent: true, Recipient: true, Status: "5.1.1"}, says: "no such user", then: true},
		"greylisted":            {script: on("RCPT", "451 4.7.1 come back later"), want: outbox.SendError{Code: 451}, says: "come back", then: true},
		"content refused":       {script: on(".", "554 5.7.1 spam"), want: outbox.SendError{Code: 554, Permanent: true, Status: "5.7.1"}, says: "spam", then: true},
		"content deferred":      {script: on(".", "452 4.3.1 disk full"), want: outbox.SendError{Code: 452}, then: true},
		"DATA refused":          {script: on("DATA", "450 4.2.0 not now"), want: outbox.SendError{Code: 450}, then: true},
		"sender refused":        {script: on("MAIL", "550 5.7.60 not your address"), want: outbox.SendError{Code: 550, Connection: true}, says: "not your address", then: true},
		"sender not ours":       {script: on("RCPT", "553 5.7.1 <drafts@agency.example>: Sender address rejected: not owned by user desk"), want: outbox.SendError{Code: 553, Connection: true}, says: "not owned", then: true},
		"sender's domain":       {script: on("RCPT", "550 5.1.8 <drafts@agency.example>: Sender address rejected: Domain not found"), want: outbox.SendError{Code: 550, Connection: true}, then: true},
		"machine refused":       {script: on("RCPT", "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied"), want: outbox.SendError{Code: 554, Connection: true}, then: true},
		"may not send as it":    {script: on(".", "554 5.2.252 SendAsDenied; desk@agency.example not allowed to send as drafts@agency.example"), want: outbox.SendError{Code: 554, Connection: true}, then: true},
		"relay refused":         {script: on("RCPT", "554 5.7.1 <bo@x.example>: Relay access denied"), want: outbox.SendError{Code: 554, Permanent: true, Recipient: true}, then: true},
		"shutting down":         {script: on("RCPT", "421 4.3.0 bye"), want: outbox.SendError{Code: 421}, reconnects: true},
		"no greeting":           {script: on("connect", hang), want: outbox.SendError{Connection: true}, says: "no answer in time", reconnects: true},
		"busy":                  {script: on("connect", "421 4.3.2 too many connections"), want: outbox.SendError{Code: 421, Connection: true}, reconnects: true},
		"hangs up at once":      {script: on("connect", drop), want: outbox.SendError{Connection: true}, says: "hung up", reconnects: true},
		"silent at MAIL":        {script: on("MAIL", hang), want: outbox.SendError{}, says: "no answer in time", reconnects: true},
		"hang before data":      {script: on("DATA", hang), want: outbox.SendError{}, says: "no answer in time", reconnects: true},
		"drop before data":      {script: on("DATA", drop), want: outbox.SendError{}, says: "hung up", reconnects: true},
		"hang after data":       {script: on(".", hang), want: outbox.SendError{Unknown: true}, says: "no answer in time", reconnects: true},
		"drop after final dot":  {script: on(".", drop), want: outbox.SendError{Unknown: true}, says: "hung up", reconnects: true},
		"garbage after the dot": {script: on(".", "what?"), want: outbox.SendError{Unknown: true}, reconnects: true},
	} {
		either(t, name, func(t *testing.T, extensions []string) {
			t.Parallel()
			s := serve(t, &server{script: c.script, extensions: extensions})
			out := sender(t, s, impatient)
			err := out.Send(t.Context(), notice())
			var got *outbox.SendError
			if !errors.As(err, &got) {
				t.Fatalf("error %v", err)
			}
			if got.Code != c.want.Code || got.Permanent != c.want.Permanent || got.Unknown != c.want.Unknown || got.Connection != c.want.Connection ||
				got.Recipient != c.want.Recipient || c.want.Status != "" && got.Status != c.want.Status {
				t.Errorf("fault %+v, want %+v", got, c.want)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q does not say %q", err, c.says)
			}
			if err := out.Send(t.Context(), notice()); err != nil {
				t.Fatalf("the next mail: %v", err)
			}
			commands, _ := s.heard()
			connects, want := count(commands, "connect"), 1
			if c.reconnects {
				want = 2
			}
			if connects != want {
				t.Errorf("%d connections, want %d: %q", connects, want, commands)
			}
			if c.then && count(commands, "RSET") != 1 {
				t.Errorf("no RSET after a refusal: %q", commands)
			}
		})
	}
}

func count(commands []string, want string) int {
	n := 0
	for _, c := range commands {
		if c == want {
			n++
		}
	}
	return n
}

func TestStaleConnectionIsReopened(t *testing.T) {
	for name, c := range map[string]struct {
		script   func(string, int) string
		between  func(*server)
		connects int
	}{
		"server dropped it": {between: (*server).dropAll, connects: 3},
		"MAIL not answered": {script: func(c string, n int) string {
			if c == "MAIL" && n == 2 {
				return drop
			}
			return wait
		}, connects: 2},
		"421 at MAIL": {script: func(c string, n int) string {
			if c == "MAIL" && n == 2 {
				return "421 4.4.2 idle for too long"
			}
			return wait
		}, connects: 2},
		"RSET refused": {script: func(c string, n int) string {
			switch {
			case c == "RCPT" && n == 1:
				return "550 5.1.1 no such user"
			case c == "RSET":
				return "503 5.5.1 no"
			}
			return wait
		}, connects: 2},
	} {
		either(t, name, func(t *testing.T, extensions []string) {
			s := serve(t, &server{script: c.script, extensions: extensions})
			out := sender(t, s, nil)
			sent := 0
			for range 3 {
				var fault *outbox.SendError
				switch err := out.Send(t.Context(), notice()); {
				case err == nil:
					sent++
				case !errors.As(err, &fault) || fault.Code != 550:
					t.Fatal(err)
				}
				if c.between != nil {
					c.between(s)
				}
			}
			commands, mails := s.heard()
			if len(mails) != sent || count(commands, "connect") != c.connects {
				t.Errorf("%d mails of %d, commands %q", len(mails), sent, commands)
			}
		})
	}
}

// A server that wants a sender gets one, at whichever command it says so.
func TestNullSenderRefused(t *testing.T) {
	for command, reply := range map[string]string{
		"MAIL": "550 5.7.1 a sender is needed", "RCPT": "553 5.7.1 <>: Sender address rejected: not owned by user desk",
		".": "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
	} {
		either(t, command, func(t *testing.T, extensions []string) {
			s := serve(t, &server{script: on(command, reply), extensions: extensions})
			out := sender(t, s, nil)
			m := notice()
			m.AutoReply = true
			for range 2 {
				if err := out.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			commands, _ := s.heard()
			if n := count(commands, "MAIL FROM:<> BODY=8BITMIME"); n != 1 {
				t.Errorf("the null sender was tried %d times: %q", n, commands)
			}
		})
	}
}

// either runs a test with a server that takes commands one by one, and with one that takes them together.
func either(t *testing.T, name string, f func(t *testing.T, extensions []string)) {
	t.Helper()
	for how, extensions := range map[string][]string{"one by one": nil, "together": {"PIPELINING"}} {
		t.Run(strings.TrimPrefix(name+", "+how, ", "), func(t *testing.T) { f(t, extensions) })
	}
}

func TestNonASCIIAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		to, from, bounces, reply string
		offered                  bool
		mail, rcpt               string // what the server hears
		header                   string // the address in To
		refused                  string // or why it is not sent
		connection               bool
	}{
		"domain":                    {to: "anna@Bücher.example", mail: "<desk@agency.example> BODY=8BITMIME", rcpt: "<anna@xn--bcher-kva.example>", header: "<anna@xn--bcher-kva.example>"},
		"domain, offered":           {to: "anna@bücher.example", offered: true, mail: "<desk@agency.example> BODY=8BITMIME", rcpt: "<anna@xn--bcher-kva.example>", header: "<anna@xn--bcher-kva.example>"},
		"local part":                {to: "änna@berg.example", refused: "änna@berg.example has letters beyond ASCII, and the mail server"},
		"local part, offered":       {to: "änna@berg.example", offered: true, mail: "<desk@agency.example> BODY=8BITMIME SMTPUTF8", rcpt: "<änna@berg.example>", header: "<änna@berg.example>"},
		"both":                      {to: "安娜@例え.example", refused: "ask for another address"},
		"both, offered":             {to: "安娜@例え.example", offered: true, mail: "<desk@agency.example> BODY=8BITMIME SMTPUTF8", rcpt: "<安娜@xn--r8jz45g.example>", header: "<安娜@xn--r8jz45g.example>"},
		"ours":                      {to: "anna@berg.example", from: "Büro <büro@agency.example>", refused: "set smtp.from, and smtp.reply_address, to another one", connection: true},
		"ours, offered":             {to: "anna@berg.example", from: "Büro <büro@agency.example>", offered: true, mail: "<büro@agency.example> BODY=8BITMIME SMTPUTF8", rcpt: "<anna@berg.example>", header: "<anna@berg.example>"},
		"our domain":                {to: "anna@berg.example", bounces: "desk@bücher.example", mail: "<desk@xn--bcher-kva.example> BODY=8BITMIME", rcpt: "<anna@berg.example>", header: "<anna@berg.example>"},
		"our domain in the header":  {to: "anna@berg.example", from: "Desk <desk@bücher.example>", reply: "desk+x@bücher.example", mail: "<desk@xn--bcher-kva.example> BODY=8BITMIME", rcpt: "<anna@berg.example>", header: "<anna@berg.example>"},
		"answers to ours":           {to: "anna@berg.example", reply: "büro+x@agency.example", refused: "does not take our address büro+x@agency.example", connection: true},
		"answers to ours, offered":  {to: "anna@berg.example", reply: "büro+x@agency.example", offered: true, mail: "<desk@agency.example> BODY=8BITMIME SMTPUTF8", rcpt: "<anna@berg.example>", header: "<anna@berg.example>"},
		"ASCII where it is offered": {to: "anna@berg.example", offered: true, mail: "<desk@agency.example> BODY=8BITMIME", rcpt: "<anna@berg.example>", header: "<anna@berg.example>"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := &server{}
			if c.offered {
				srv.extensions = []string{"SMTPUTF8"}
			}
			s := serve(t, srv)
			m := notice()
			m.ToAddress, m.Bounces = c.to, c.bounces
			if c.from != "" {
				m.From = c.from
			}
			if c.reply != "" {
				m.ReplyTo = c.reply
			}
			err := sender(t, s, nil).Send(t.Context(), m)
			commands, mails := s.heard()
			if c.refused != "" {
				var fault *outbox.SendError
				if !errors.As(err, &fault) || fault.Permanent == c.connection || fault.Connection != c.connection || !strings.Contains(err.Error(), c.refused) || !strings.Contains(err.Error(), "SMTPUTF8") {
					t.Errorf("error %v", err)
				}
				if len(mails) > 0 || slices.ContainsFunc(commands, func(l string) bool { return strings.HasPrefix(l, "RCPT") }) {
					t.Errorf("it was tried: %q", commands)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(commands, "MAIL FROM:"+c.mail) || !slices.Contains(commands, "RCPT TO:"+c.rcpt) {
				t.Errorf("commands %q", commands)
			}
			if head, _, _ := strings.Cut(mails[0], "\r\n\r\n"); !strings.Contains(c.mail, "SMTPUTF8") && strings.ContainsFunc(head, func(r rune) bool { return r > 0x7e }) {
				t.Errorf("the header is not ASCII:\n%s", head)
			}
			to := mails[0][strings.Index(mails[0], "\r\nTo: "):]
			if to, _, _ = strings.Cut(to, "\r\nReply-To"); !strings.Contains(to, c.header) {
				t.Errorf("header %q", to)
			}
		})
	}
}

func TestSecurity(t *testing.T) {
	own, trusted := certificate(t, "127.0.0.1")
	other, otherTrusted := certificate(t, "mail.example")
	for name, c := range map[string]struct {
		server *server
		cfg    smtp.Config
		says   string // "": it works
	}{
		"starttls":            {server: &server{secure: own}, cfg: smtp.Config{TLSConfig: &tls.Config{RootCAs: trusted}}},
		"tls":                 {server: &server{secure: own, direct: true}, cfg: smtp.Config{TLS: smtp.TLS, TLSConfig: &tls.Config{RootCAs: trusted}}},
		"wrong name":          {server: &server{secure: other}, cfg: smtp.Config{TLSConfig: &tls.Config{RootCAs: otherTrusted}}, says: "another name"},
		"wrong name, tls":     {server: &server{secure: other, direct: true}, cfg: smtp.Config{TLS: smtp.TLS, TLSConfig: &tls.Config{RootCAs: otherTrusted}}, says: "another name"},
		"unknown authority":   {server: &server{secure: own}, says: "nobody this machine trusts"},
		"no STARTTLS":         {server: &server{}, says: "offers no STARTTLS"},
		"STARTTLS refused":    {server: &server{secure: own, script: on("STARTTLS", "454 4.7.0 not now")}, says: "454"},
		"plain server on tls": {server: &server{}, cfg: smtp.Config{TLS: smtp.TLS}, says: "does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.server)
			out := sender(t, s, func(cfg *smtp.Config) { cfg.TLS, cfg.TLSConfig = c.cfg.TLS, c.cfg.TLSConfig })
			check, send := out.Check(t.Context()), out.Send(t.Context(), notice())
			for what, err := range map[string]error{"Check": check, "Send": send} {
				if c.says == "" {
					if err != nil {
						t.Errorf("%s: %v", what, err)
					}
					continue
				}
				var fault *outbox.SendError
				if name == "STARTTLS refused" && what == "Send" {
					continue // the script refuses the first only
				}
				if !errors.As(err, &fault) || !fault.Connection || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, want a connection fault with %q", what, err, c.says)
				}
			}
		})
	}
}

func TestLogin(t *testing.T) {
	own, trusted := certificate(t, "127.0.0.1")
	plain := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00desk\x00secret"))
	for name, c := range map[string]struct {
		offered string
		script  func(string, int) string
		change  func(*smtp.Config)
		sends   string // prefix of the AUTH command
		says    string
	}{
		"plain":           {offered: "PLAIN LOGIN", sends: plain},
		"scram before":    {offered: "PLAIN SCRAM-SHA-256", sends: "AUTH SCRAM-SHA-256", script: on("AUTH", "535 5.7.8 bad"), says: "check user and password"},
		"forced":          {offered: "PLAIN SCRAM-SHA-256", change: func(c *smtp.Config) { c.Mechanism = "plain" }, sends: plain},
		"cram":            {offered: "CRAM-MD5", script: on("AUTH", "535 5.7.8 bad"), sends: "AUTH CRAM-MD5", says: "refused the login of desk"},
		"wrong password":  {offered: "PLAIN", script: on("AUTH", "535 5.7.8 bad credentials"), sends: plain, says: "refused the login of desk: check user and password"},
		"not now":         {offered: "PLAIN", script: on("AUTH", "454 4.7.0 later"), sends: plain, says: "454"},
		"no login":        {sends: "", says: "offers no login"},
		"nothing fitting": {offered: "GSSAPI", says: "only GSSAPI"},
		"token": {offered: "PLAIN XOAUTH2", sends: "AUTH XOAUTH2 ", change: func(c *smtp.Config) {
			c.Token = func(context.Context) (string, error) { return "ya29", nil }
		}},
		"bearer": {offered: "PLAIN OAUTHBEARER", sends: "AUTH OAUTHBEARER " + base64.StdEncoding.EncodeToString([]byte("n,a=desk,\x01auth=Bearer ya29\x01\x01")), change: func(c *smtp.Config) {
			c.Token = func(context.Context) (string, error) { return "ya29", nil }
		}},
		"bearer forced": {offered: "OAUTHBEARER XOAUTH2", sends: "AUTH OAUTHBEARER", change: func(c *smtp.Config) {
			c.Mechanism, c.Token = "oauthbearer", func(context.Context) (string, error) { return "ya29", nil }
		}},
		"token refused": {offered: "XOAUTH2", script: func(c string, _ int) string {
			return map[string]string{"AUTH": "334 eyJzdGF0dXMiOiI0MDAifQ==", "": "535 5.7.8 expired"}[c]
		}, sends: "AUTH XOAUTH2", says: "check user and token", change: func(c *smtp.Config) {
			c.Token = func(context.Context) (string, error) { return "ya29", nil }
		}},
		"no token": {offered: "XOAUTH2", says: "the refresh token has expired", change: func(c *smtp.Config) {
			c.Token = func(context.Context) (string, error) { return "", errors.New("the refresh token has expired") }
		}},
		"token not taken": {offered: "PLAIN", says: "takes no OAuth2 token", change: func(c *smtp.Config) {
			c.Token = func(context.Context) (string, error) { return "ya29", nil }
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, &server{secure: own, auth: c.offered, script: c.script})
			out := sender(t, s, func(cfg *smtp.Config) {
				cfg.TLS, cfg.TLSConfig = smtp.StartTLS, &tls.Config{RootCAs: trusted}
				cfg.Username, cfg.Password = "desk", "secret"
				if c.change != nil {
					c.change(cfg)
				}
			})
			err := out.Check(t.Context())
			var fault *outbox.SendError
			switch {
			case c.says == "" && err != nil:
				t.Error(err)
			case c.says != "" && (!errors.As(err, &fault) || !fault.Connection || !strings.Contains(err.Error(), c.says)):
				t.Errorf("error %v, want a connection fault with %q", err, c.says)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("the error shows the password: %v", err)
			}
			commands, _ := s.heard()
			if c.sends != "" && !slices.ContainsFunc(commands, func(line string) bool { return strings.HasPrefix(line, c.sends) }) {
				t.Errorf("commands %q, want %q", commands, c.sends)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	s := serve(t, &server{})
	s.Deaf()
	err := sender(t, s, nil).Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), "cannot reach the SMTP server") {
		t.Errorf("error %v", err)
	}
}

func TestContextEndsASilentServer(t *testing.T) {
	for _, command := range []string{"connect", "EHLO", "MAIL", "."} {
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, &server{script: func(c string, _ int) string {
			if c == command {
				cancel()
				return hang
			}
			return wait
		}})
		out := sender(t, s, func(cfg *smtp.Config) { cfg.Timeout = time.Hour })
		var fault *outbox.SendError
		if err := out.Send(ctx, notice()); !errors.As(err, &fault) || fault.Permanent || fault.Unknown != (command == ".") {
			t.Errorf("silent at %s: %+v, %v", command, fault, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	token := func(context.Context) (string, error) { return "", nil }
	for _, cfg := range []smtp.Config{
		{}, {Address: "mail.example"}, {Address: ":25"}, {Address: "mail.example:25", TLS: "ssl"},
		{Address: "mail.example:25", TLS: smtp.None, Token: token},
	} {
		if _, err := smtp.New(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}

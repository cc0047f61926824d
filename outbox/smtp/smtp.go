// Package smtp hands mails to the next server by SMTP (RFC 5321), one after another over one connection.
package smtp

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"handoff/internal/redact"
	"handoff/outbox"
	"handoff/outbox/dkim"
)

// How a connection is secured.
const (
	TLS      = "tls"      // from the first byte, port 465
	StartTLS = "starttls" // required, port 587
	None     = "none"     // not at all: loopback and networks you trust
)

// Config is where and how to send.
type Config struct {
	Address   string // host:port
	TLS       string // TLS, StartTLS or None; "" is StartTLS
	Username  string // "": no login
	Password  string
	Token     func(context.Context) (string, error) // an OAuth2 access token instead of a password
	Refused   func(token string) bool               // hears of a token that the server did not take, tells whether to try another; may be nil
	Mechanism string                                // "PLAIN", "SCRAM-SHA-256", "XOAUTH2"…; "": the best that is offered
	Hello     string                                // name for EHLO; "": this host's
	Timeout   time.Duration                         // for each answer of the server; the last of a mail gets five times that; 0: 1 minute
	TLSConfig *tls.Config                           // nil: the system's authorities
	Now       func() time.Time                      // nil: time.Now
	DKIM      []dkim.Key                            // each signs every mail
	Accepted  func(raw []byte, m outbox.Mail)       // if set, it hears of every mail that the server took, and must not wait
}

func (c *Config) now() time.Time { return c.Now() }

// Sender sends over one connection, which it keeps and reopens when it is lost. Safe for concurrent use.
type Sender struct {
	cfg  Config
	mu   sync.Mutex
	conn *connection  // nil: none
	how  atomic.Value // string: mechanism of the last login

	token string // the last access token, to be kept out of errors
}

var _ outbox.Sender = (*Sender)(nil)

// maxIdle is how long a connection may rest and still be trusted: many servers and firewalls drop it soon after.
const maxIdle = time.Minute

// New checks cfg; it connects only when the first mail is sent.
func New(cfg Config) (*Sender, error) {
	host, port, err := net.SplitHostPort(cfg.Address)
	if err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("SMTP address %q: write host:port, such as smtp.agency.example:587", cfg.Address)
	}
	switch cfg.TLS {
	case "":
		cfg.TLS = StartTLS
	case TLS, StartTLS, None:
	default:
		return nil, fmt.Errorf("SMTP tls = %q: it is one of tls, starttls, none", cfg.TLS)
	}
	if cfg.Token != nil && cfg.TLS == None {
		return nil, errors.New("SMTP with an OAuth2 token needs tls: anybody on the way could take the token")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.TLSConfig == nil {
		cfg.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Mechanism = strings.ToUpper(cfg.Mechanism)
	return &Sender{cfg: cfg}, nil
}

// Check connects, logs in and says goodbye.
func (s *Sender) Check(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clean(s.check(ctx))
}

func (s *Sender) check(ctx context.Context) error {
	conn, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer conn.client.Close()
	stop := context.AfterFunc(ctx, func() { conn.wire.Close() })
	defer stop()
	if err := conn.client.Quit(); err != nil {
		if _, ok := replyOf(err); ok {
			return fmt.Errorf("the SMTP server %s refused QUIT: %w", s.cfg.Address, err)
		}
	}
	return nil
}

// Mechanism is how the last login was done, "" if none was.
func (s *Sender) Mechanism() string {
	how, _ := s.how.Load().(string)
	return how
}

// Send hands m to the server. A nil error means it was accepted; any other is a *outbox.SendError, whose words hold no
// secret, whatever the server says.
func (s *Sender) Send(ctx context.Context, m outbox.Mail) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clean(s.send(ctx, m))
}

// clean takes what only we and the server know out of an error.
func (s *Sender) clean(err error) error {
	if err == nil {
		return nil
	}
	user, password, token := s.cfg.Username, s.cfg.Password, s.token
	secrets := []string{password, token}
	if password != "" {
		secrets = append(secrets, "\x00"+user+"\x00"+password) // as AUTH PLAIN has it
	}
	if token != "" {
		secrets = append(secrets, "user="+user+"\x01auth=Bearer "+token+"\x01\x01", "n,a="+user+",\x01auth=Bearer "+token+"\x01\x01")
	}
	var fault *outbox.SendError
	if !errors.As(err, &fault) {
		return redact.Error(err, secrets...)
	}
	clean := *fault
	clean.Err = redact.Error(fault.Err, secrets...)
	return &clean
}

func (s *Sender) send(ctx context.Context, m outbox.Mail) error {
	raw, err := build(m)
	if err == nil {
		raw, err = dkim.Sign(raw, s.cfg.DKIM)
	}
	if err != nil {
		return &outbox.SendError{Permanent: true, Err: fmt.Errorf("the mail cannot be made: %w", err)}
	}
	from, err := netmail.ParseAddress(cmp.Or(m.Bounces, m.From))
	if err != nil {
		return &outbox.SendError{Permanent: true, Err: fmt.Errorf("sender %q: %w", cmp.Or(m.Bounces, m.From), err)}
	}
	e := envelope{from: asciiDomain(from.Address), to: asciiDomain(m.ToAddress), null: m.AutoReply, raw: raw}
	for _, own := range []string{from.Address, bare(m.From), m.ReplyTo} {
		if own = asciiDomain(own); !isASCII(own) {
			e.odd = own
		}
	}
	for {
		conn, kept, err := s.connection(ctx)
		if err != nil {
			return err
		}
		fault := s.deliver(ctx, conn, e)
		conn.usedAt = s.cfg.now()
		if conn.broken || conn.spent {
			conn.client.Close()
			s.conn = nil
		}
		if fault == nil {
			if s.cfg.Accepted != nil {
				s.cfg.Accepted(raw, m)
			}
			return nil
		}
		// A kept connection may have gone stale meanwhile: that says nothing about this mail, a fresh one will tell.
		if stale := kept && conn.broken && !fault.Unknown; !stale || ctx.Err() != nil {
			return fault
		}
	}
}

// Close says goodbye to the server, if it is connected.
func (s *Sender) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return nil
	}
	s.conn.wire.timeout = min(s.cfg.Timeout, 2*time.Second)
	_ = s.conn.client.Quit() // out of courtesy: every mail is settled already
	_ = s.conn.client.Close()
	s.conn = nil
	return nil
}

// connection is the kept one if it still serves, else a new one.
func (s *Sender) connection(ctx context.Context) (c *connection, kept bool, err error) {
	if c := s.conn; c != nil {
		if s.cfg.now().Sub(c.usedAt) < maxIdle && s.reset(ctx, c) {
			return c, true, nil
		}
		_ = c.client.Close()
		s.conn = nil
	}
	c, err = s.open(ctx)
	if err != nil {
		return nil, false, err
	}
	s.conn = c
	return c, false, nil
}

// reset ends what a refused transaction left; an accepted one leaves nothing (RFC 5321, section 4.1.1.4).
func (s *Sender) reset(ctx context.Context, c *connection) bool {
	if !c.dirty {
		return true
	}
	stop := context.AfterFunc(ctx, func() { c.wire.Close() })
	defer stop()
	if err := c.client.Reset(); err != nil {
		return false
	}
	c.dirty = false
	return true
}

// envelope is one mail as SMTP sees it.
type envelope struct {
	from, to string
	odd      string // an address of ours with letters beyond ASCII before the @, in the header or here; "": none
	utf8     bool   // an address has letters beyond ASCII (RFC 6531)
	null     bool   // RFC 3834, section 3.3: the answer to an automatic reply goes nowhere
	raw      []byte
}

// deliver runs one transaction, and another one if the server wants a sender where there was none and says so only at its end.
func (s *Sender) deliver(ctx context.Context, c *connection, e envelope) *outbox.SendError {
	null := e.null && !c.noNull
	fault := s.transact(ctx, c, e)
	if null && !c.noNull && fault != nil && fault.Connection && fault.Code >= 500 && !c.broken {
		if c.noNull = true; s.reset(ctx, c) {
			return s.transact(ctx, c, e)
		}
		c.broken = true
	}
	return fault
}

func (s *Sender) transact(ctx context.Context, c *connection, e envelope) *outbox.SendError {
	stop := context.AfterFunc(ctx, func() { c.wire.Close() })
	defer stop()
	fail := func(command string, err error) *outbox.SendError {
		fault := refused(command, err)
		c.dirty = true
		c.broken = fault.Code == 0 || fault.Code == 421
		if fault.Code == 530 || fault.Code == 535 { // the login has run out: no verdict on the mail (RFC 4954, section 6)
			fault.Permanent, fault.Connection, c.broken = false, true, true
		}
		if aboutUs(fault) {
			fault.Permanent, fault.Connection = false, true
			fault.Err = fmt.Errorf("our sender or this machine is not welcome, which is no matter of this mail: check smtp.from, smtp.bounce_address and the login (%w)", fault.Err)
		}
		return fault
	}
	if strings.ContainsAny(e.to, "\r\n<> ") {
		return &outbox.SendError{Permanent: true, Err: fmt.Errorf("%q is no mail address", e.to)}
	}
	plain := e.odd == "" && isASCII(e.to)
	if ok, _ := c.client.Extension("SMTPUTF8"); !ok && !plain {
		if e.odd != "" { // the same for every mail
			return unreachable("the mail server %s does not take our address %s, which has letters beyond ASCII (it offers no SMTPUTF8): set smtp.from, and smtp.reply_address, to another one", s.cfg.Address, e.odd)
		}
		return &outbox.SendError{Permanent: true, Err: fmt.Errorf("%s has letters beyond ASCII, and the mail server %s does not send to such addresses (it offers no SMTPUTF8): ask for another address", e.to, s.cfg.Address)}
	}
	e.utf8 = !plain
	if at, err := c.begin(e); err != nil {
		fault := fail(at, err)
		switch {
		case at == "sender" && fault.Permanent: // ours and the same for every mail: this is no verdict on the recipient
			fault.Permanent, fault.Connection = false, true
		case at == "recipient":
			fault.Recipient = fault.Permanent
		}
		return fault
	}
	w := c.client.Text.DotWriter()
	if _, err := w.Write(e.raw); err != nil {
		return fail("mail", err)
	}
	// From here on the server may have the whole mail. It may take long to say so (RFC 5321, section 4.5.3.2.6).
	c.wire.timeout = 5 * s.cfg.Timeout
	_ = w.Close() // the answer tells, and may be one that was given before the end
	_, _, err := c.client.Text.ReadResponse(250)
	c.wire.timeout = s.cfg.Timeout
	if err != nil {
		fault := fail("mail", err)
		fault.Unknown = fault.Code == 0
		return fault
	}
	c.dirty = false
	return nil
}

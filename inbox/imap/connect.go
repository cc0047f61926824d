package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"handoff/inbox"
	"handoff/internal/redact"
)

// session is one connection that is logged in.
type session struct {
	conn   *watchedConn
	client *imapclient.Client
	caps   imap.CapSet
	how    Mechanism // of the login; "": none was needed
	// news holds a token when the server announced a change of the folder that was not looked at yet.
	news chan struct{}
	sasl *saslConn
}

// connect makes a connection and logs in: a second time when the server takes a token no more that was good for a while.
func (c Config) connect(ctx context.Context) (*session, error) {
	s, err := c.connectOnce(ctx)
	stale, ok := errors.AsType[*tokenRefused](err)
	if !ok {
		return s, err
	}
	if c.Refused != nil && c.Refused(stale.token) {
		s, err = c.connectOnce(ctx)
		if stale, ok = errors.AsType[*tokenRefused](err); ok {
			_ = c.Refused(stale.token) // it was tried with another one
		}
	}
	if ok {
		return nil, stale.err
	}
	return s, err
}

// tokenRefused is a login with an OAuth2 token that the server did not take.
type tokenRefused struct {
	token string
	err   error
}

func (t *tokenRefused) Error() string { return t.err.Error() }
func (t *tokenRefused) Unwrap() error { return t.err }

func (c Config) connectOnce(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeouts.Connect)
	defer cancel()
	raw, err := c.Dial(ctx, "tcp", c.Addr)
	if err != nil {
		return nil, c.explain(err)
	}
	s := &session{conn: watch(raw), news: make(chan struct{}, 1)}
	release := s.conn.guard(ctx, c.Timeouts.Connect)
	defer release()
	err = s.greet(ctx, c)
	if err == nil {
		err = s.login(ctx, c)
	}
	if err == nil {
		return s, nil
	}
	if why := s.conn.why(); why != nil && !errors.Is(err, inbox.ErrRefused) {
		err = c.explain(why)
	}
	s.abandon()
	return nil, redact.Error(err)
}

// greet brings the connection to where the login can start.
func (s *session) greet(ctx context.Context, c Config) error {
	tlsConfig := c.TLSConfig.Clone()
	if tlsConfig == nil {
		tlsConfig = &tls.Config{}
	}
	if tlsConfig.ServerName == "" {
		tlsConfig.ServerName = c.host()
	}
	var conn net.Conn = s.conn
	switch c.Security {
	case TLS:
		tlsConfig.NextProtos = []string{"imap"}
		secured := tls.Client(s.conn, tlsConfig)
		if err := secured.HandshakeContext(ctx); err != nil {
			return c.explain(err)
		}
		conn = secured
	case StartTLS:
		var err error
		if conn, err = c.startTLS(ctx, s.conn, tlsConfig); err != nil {
			return err
		}
	}
	options := &imapclient.Options{
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(d *imapclient.UnilateralDataMailbox) {
				if d.NumMessages == nil {
					return
				}
				select {
				case s.news <- struct{}{}:
				default:
				}
			},
		},
	}
	s.sasl = &saslConn{Conn: conn}
	s.client = imapclient.New(s.sasl, options)
	if err := s.client.WaitGreeting(); err != nil {
		return c.explain(err)
	}
	return nil
}

func (s *session) login(ctx context.Context, c Config) error {
	if s.client.State() == imap.ConnStateNotAuthenticated { // else PREAUTH
		if err := s.authenticate(ctx, c); err != nil {
			return err
		}
	}
	s.caps = s.client.Caps()
	if s.caps == nil {
		return c.explain(errors.New("the server does not tell what it can"))
	}
	return nil
}

// abandon closes the connection without a word and waits for the reader to end.
func (s *session) abandon() {
	_ = s.conn.Close()
	if s.client != nil {
		_ = s.client.Close()
	}
}

package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"handoff/inbox"
)

// session is one connection that is logged in.
type session struct {
	conn   *watchedConn
	client *imapclient.Client
	caps   imap.CapSet
	// news holds a token when the server announced a change of the folder that was not looked at yet.
	news chan struct{}
}

// connect makes a connection and logs in.
func (c Config) connect(ctx context.Context) (*session, error) {
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
	return nil, err
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
	if c.Security == TLS {
		tlsConfig.NextProtos = []string{"imap"}
		secured := tls.Client(s.conn, tlsConfig)
		if err := secured.HandshakeContext(ctx); err != nil {
			return c.explain(err)
		}
		conn = secured
	}
	options := &imapclient.Options{
		TLSConfig: tlsConfig,
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
	if c.Security == StartTLS {
		client, err := imapclient.NewStartTLS(conn, options)
		if err != nil {
			if answered(err) {
				return fmt.Errorf("%w: %s does not offer STARTTLS: use tls with port 993: %w", inbox.ErrRefused, c.Addr, err)
			}
			return c.explain(err)
		}
		s.client = client
		return nil
	}
	s.client = imapclient.New(conn, options)
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

func (s *session) authenticate(ctx context.Context, c Config) error {
	caps := s.client.Caps()
	if c.Token != nil {
		token, err := c.Token(ctx)
		if err != nil {
			return fmt.Errorf("OAuth2 token of %s: %w", c.User, err)
		}
		return c.loginError(s.client.Authenticate(c.bearer(token)))
	}
	password, err := c.Password(ctx)
	if err != nil {
		return fmt.Errorf("password of %s: %w", c.User, err)
	}
	switch {
	case caps.Has(imap.AuthCap(sasl.Plain)): // LOGIN takes ASCII passwords only
		return c.loginError(s.client.Authenticate(sasl.NewPlainClient("", c.User, password)))
	case caps.Has(imap.CapLoginDisabled):
		return fmt.Errorf("%w: %s takes no password on this connection: use tls or starttls", inbox.ErrRefused, c.Addr)
	}
	return c.loginError(s.client.Login(c.User, password).Wait())
}

func (c Config) loginError(err error) error {
	if err == nil {
		return nil
	}
	return c.explainLogin(err)
}

func (c Config) bearer(token string) sasl.Client {
	if c.Mechanism == OAuthBearer {
		return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: c.User, Token: token})
	}
	return xoauth2{user: c.User, token: token}
}

// xoauth2 is the mechanism of Google and Microsoft. A refusal comes as a challenge, to be answered with nothing.
type xoauth2 struct{ user, token string }

func (x xoauth2) Start() (mech string, ir []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

func (x xoauth2) Next([]byte) ([]byte, error) { return nil, nil }

// abandon closes the connection without a word and waits for the reader to end.
func (s *session) abandon() {
	_ = s.conn.Close()
	if s.client != nil {
		_ = s.client.Close()
	}
}

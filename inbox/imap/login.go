package imap

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"

	"handoff/inbox"
	"handoff/internal/redact"
)

// authenticate logs in with a token, or with a password by the best mechanism that the server offers.
func (s *session) authenticate(ctx context.Context, c Config) error {
	if c.Token != nil {
		return s.byToken(ctx, c)
	}
	mechanism, err := c.choose(s.client.Caps())
	if err != nil {
		return err
	}
	password, err := c.Password(ctx)
	if err != nil {
		return fmt.Errorf("password of %s: %w", c.User, err)
	}
	s.how = mechanism
	return redact.Error(s.byPassword(c, password), password, "\x00"+c.User+"\x00"+password)
}

func (s *session) byPassword(c Config, password string) error {
	switch s.how {
	case ScramSHA256, ScramSHA1:
		exchange := newScram(s.how, c.User, password)
		s.sasl.on.Store(true)
		defer s.sasl.on.Store(false)
		if err := c.loginError(s.client.Authenticate(exchange)); err != nil {
			return err
		}
		return exchange.verified()
	case CramMD5:
		return c.loginError(s.client.Authenticate(cramMD5{c.User, password}))
	case Plain:
		return c.loginError(s.client.Authenticate(sasl.NewPlainClient("", c.User, password)))
	}
	return c.loginError(s.client.Login(c.User, password).Wait())
}

// choose gives the mechanism for a password.
func (c Config) choose(caps imap.CapSet) (Mechanism, error) {
	for _, m := range passwordMechanisms() {
		offered := caps.Has(imap.AuthCap(string(m)))
		if m == Login {
			offered = !caps.Has(imap.CapLoginDisabled)
		}
		if offered && (c.Mechanism == "" || c.Mechanism == m) {
			return m, nil
		}
	}
	if c.Mechanism != "" {
		return "", fmt.Errorf("%w: %s offers no %s login on this connection: choose another auth", inbox.ErrRefused, c.Addr, c.Mechanism)
	}
	return "", fmt.Errorf("%w: %s takes no password on this connection: use tls or starttls", inbox.ErrRefused, c.Addr)
}

// saslConn sends an empty line where the library writes "=" for an answer without content: that stands for an empty initial answer
// only (RFC 4959), and servers refuse it later on.
type saslConn struct {
	net.Conn
	on atomic.Bool // during a login
}

func (c *saslConn) Write(p []byte) (int, error) {
	if !c.on.Load() || string(p) != "=\r\n" {
		return c.Conn.Write(p)
	}
	n, err := c.Conn.Write(p[1:])
	if err != nil {
		return n, err
	}
	return len(p), nil
}

func (s *session) byToken(ctx context.Context, c Config) error {
	token, err := c.Token(ctx)
	if err != nil {
		return fmt.Errorf("OAuth2 token of %s: %w", c.User, err)
	}
	s.how = c.Mechanism
	var client sasl.Client = xoauth2{user: c.User, token: token}
	if c.Mechanism == OAuthBearer {
		client = sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: c.User, Token: token})
	}
	_, response, _ := client.Start() // the server may repeat it
	err = redact.Error(c.loginError(s.client.Authenticate(client)), token, string(response))
	if errors.Is(err, inbox.ErrRefused) {
		return &tokenRefused{token, err}
	}
	return err
}

func (c Config) loginError(err error) error {
	if err == nil {
		return nil
	}
	return c.explainLogin(err)
}

// xoauth2 is the mechanism of Google and Microsoft. A refusal comes as a challenge, to be answered with nothing.
type xoauth2 struct{ user, token string }

func (x xoauth2) Start() (mech string, ir []byte, err error) {
	return string(XOAuth2), []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

func (x xoauth2) Next([]byte) ([]byte, error) { return nil, nil }

// cramMD5 answers the server's challenge with a digest of it.
type cramMD5 struct{ user, password string }

func (c cramMD5) Start() (mech string, ir []byte, err error) { return string(CramMD5), nil, nil }

func (c cramMD5) Next(challenge []byte) ([]byte, error) {
	digest := hmac.New(md5.New, []byte(c.password))
	digest.Write(challenge)
	return fmt.Appendf(nil, "%s %x", c.user, digest.Sum(nil)), nil
}

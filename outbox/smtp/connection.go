package smtp

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	gosmtp "github.com/wneessen/go-mail/smtp"
)

// connection is one session with the server, logged in.
type connection struct {
	client *gosmtp.Client
	wire   *timedConn
	usedAt time.Time
	dirty  bool // a transaction was begun and refused: RSET first
	broken bool // not to be used again: it failed
	spent  bool // not to be used again, though what was said on it stands
	noNull bool // refuses the null sender
}

// timedConn ends every read and write that makes no progress for its timeout: a silent server cannot hold us.
type timedConn struct {
	net.Conn
	timeout time.Duration
}

func (c *timedConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *timedConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// open connects, secures and logs in: a second time when the server takes a token no more that was good for a while. Every error is
// a *outbox.SendError with Connection.
func (s *Sender) open(ctx context.Context) (*connection, error) {
	c, token, err := s.openOnce(ctx)
	if err != nil && token != "" && s.cfg.Refused != nil && s.cfg.Refused(token) {
		if c, token, err = s.openOnce(ctx); err != nil && token != "" {
			_ = s.cfg.Refused(token) // it was tried with another one
		}
	}
	return c, err
}

// openOnce tells the token if that is what the server refused.
func (s *Sender) openOnce(ctx context.Context) (_ *connection, refused string, _ error) {
	host, _, _ := net.SplitHostPort(s.cfg.Address) // checked by New
	ctx, cancel := context.WithTimeout(ctx, 4*s.cfg.Timeout)
	defer cancel()
	raw, err := (&net.Dialer{Timeout: s.cfg.Timeout}).DialContext(ctx, "tcp", s.cfg.Address)
	if err != nil {
		return nil, "", unreachable("cannot reach the SMTP server %s: %w", s.cfg.Address, plainly(err))
	}
	wire := &timedConn{Conn: raw, timeout: s.cfg.Timeout}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()
	client, err := s.greet(ctx, wire, host)
	if err == nil {
		refused, err = s.login(ctx, client, host)
		if err != nil {
			client.Close()
		}
	}
	if err != nil {
		raw.Close()
		if ctx.Err() != nil { // the fault is that we closed the connection
			err = unreachable("SMTP server %s: %w", s.cfg.Address, plainly(ctx.Err()))
		}
		return nil, refused, err
	}
	return &connection{client: client, wire: wire, usedAt: s.cfg.now()}, "", nil
}

// greet reads the greeting, says EHLO and turns TLS on.
func (s *Sender) greet(ctx context.Context, wire *timedConn, host string) (*gosmtp.Client, error) {
	security := s.cfg.TLSConfig.Clone()
	if security.ServerName == "" {
		security.ServerName = host
	}
	var conn net.Conn = wire
	if s.cfg.TLS == TLS {
		secured := tls.Client(wire, security)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, unreachable("TLS with the SMTP server %s failed: %w", s.cfg.Address, plainly(err))
		}
		conn = secured
	}
	client, err := gosmtp.NewClient(conn, host)
	if err != nil {
		return nil, unreachable("the SMTP server %s did not greet us: %w", s.cfg.Address, plainly(err))
	}
	client.SkipSMTPUTF8(true)
	if err := client.Hello(s.helloName(wire)); err != nil {
		return nil, unreachable("the SMTP server %s refused EHLO: %w", s.cfg.Address, plainly(err))
	}
	if s.cfg.TLS != StartTLS {
		return client, nil
	}
	if ok, _ := client.Extension("STARTTLS"); !ok {
		return nil, unreachable("the SMTP server %s offers no STARTTLS: set tls = \"tls\" (port 465), or \"none\" on a network you trust", s.cfg.Address)
	}
	if err := client.StartTLS(security); err != nil {
		return nil, unreachable("STARTTLS with the SMTP server %s failed: %w", s.cfg.Address, plainly(err))
	}
	return client, nil
}

// helloName is the configured name, that of this host, or else its address as a literal (RFC 5321, section 4.1.4).
func (s *Sender) helloName(wire net.Conn) string {
	if s.cfg.Hello != "" {
		return s.cfg.Hello
	}
	if name, err := os.Hostname(); err == nil && strings.Contains(strings.Trim(name, "."), ".") && isASCII(name) && !strings.ContainsAny(name, " _") {
		return name
	}
	address, ok := wire.LocalAddr().(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost"
	case address.IP.To4() != nil:
		return "[" + address.IP.String() + "]"
	}
	return "[IPv6:" + address.IP.String() + "]"
}

// login authenticates with the best mechanism that both sides have. It tells the token if that is what the server refused.
func (s *Sender) login(ctx context.Context, client *gosmtp.Client, host string) (refused string, _ error) {
	if s.cfg.Username == "" {
		return "", nil
	}
	ok, offered := client.Extension("AUTH")
	if !ok {
		return "", unreachable("the SMTP server %s offers no login: leave out the user, or use a port that has it, such as 587 or 465", s.cfg.Address)
	}
	auth, err := s.mechanism(ctx, client, host, strings.Fields(strings.ToUpper(offered)))
	if err != nil {
		return "", err
	}
	if err := client.Auth(auth); err != nil {
		if code, ok := replyOf(err); ok && code >= 500 {
			what := "user and password"
			if s.cfg.Token != nil {
				what = "user and token"
			}
			return auth.token, unreachable("the SMTP server %s refused the login of %s: check %s (%w)", s.cfg.Address, s.cfg.Username, what, err)
		}
		return "", unreachable("login at the SMTP server %s failed: %w", s.cfg.Address, plainly(err))
	}
	s.how.Store(auth.name)
	return "", nil
}

// credentials are a way to log in.
type credentials struct {
	gosmtp.Auth
	name  string // of the mechanism
	token string // "" with a password
}

// mechanism chooses: a token if there is one, else what does not show the password to the server, else what does.
func (s *Sender) mechanism(ctx context.Context, client *gosmtp.Client, host string, offered []string) (credentials, error) {
	user, password := s.cfg.Username, s.cfg.Password
	if s.cfg.Token != nil {
		wanted := func(mechanism string) bool {
			return slices.Contains(offered, mechanism) && (s.cfg.Mechanism == "" || s.cfg.Mechanism == mechanism)
		}
		if !wanted("XOAUTH2") && !wanted("OAUTHBEARER") {
			return credentials{}, unreachable("the SMTP server %s takes no OAuth2 token, only %s", s.cfg.Address, strings.Join(offered, ", "))
		}
		token, err := s.cfg.Token(ctx)
		if err != nil {
			return credentials{}, unreachable("no OAuth2 token for the SMTP server: %w", err)
		}
		s.token = token
		if wanted("XOAUTH2") {
			return credentials{gosmtp.XOAuth2Auth(user, token), "XOAUTH2", token}, nil
		}
		return credentials{bearer{user, token}, "OAUTHBEARER", token}, nil
	}
	inClear := s.cfg.TLS == None // chosen by whoever wrote the config
	for _, m := range []struct {
		name string
		auth func() gosmtp.Auth
	}{
		{"SCRAM-SHA-256", func() gosmtp.Auth { return gosmtp.ScramSHA256Auth(user, password) }},
		{"SCRAM-SHA-1", func() gosmtp.Auth { return gosmtp.ScramSHA1Auth(user, password) }},
		{"CRAM-MD5", func() gosmtp.Auth { return gosmtp.CRAMMD5Auth(user, password) }},
		{"PLAIN", func() gosmtp.Auth { return gosmtp.PlainAuth("", user, password, host, inClear) }},
		{"LOGIN", func() gosmtp.Auth { return gosmtp.LoginAuth(user, password, host, inClear) }},
	} {
		wanted := s.cfg.Mechanism == "" || s.cfg.Mechanism == m.name
		if wanted && slices.Contains(offered, m.name) {
			return credentials{m.auth(), m.name, ""}, nil
		}
	}
	return credentials{}, unreachable("the SMTP server %s offers no login that fits, only %s", s.cfg.Address, strings.Join(offered, ", "))
}

// bearer is SASL OAUTHBEARER (RFC 7628).
type bearer struct{ user, token string }

func (b bearer) Start(*gosmtp.ServerInfo) (string, []byte, error) {
	return "OAUTHBEARER", []byte("n,a=" + b.user + ",\x01auth=Bearer " + b.token + "\x01\x01"), nil
}

// Next answers the server's error report, after which it refuses (section 3.2.3).
func (b bearer) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return []byte{1}, nil
	}
	return nil, nil
}

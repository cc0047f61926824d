// Package imap is the inbox.Mailbox on an IMAP server: it watches one folder by IDLE, fetches by UID and flags or moves what
// is recorded. It never marks a mail \Seen and never expunges a mail it did not move.
package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"
)

// Security is how the connection is protected.
type Security string

// The ways to connect.
const (
	TLS      Security = "tls"      // from the first byte, port 993 (RFC 8314)
	StartTLS Security = "starttls" // upgraded before the login, port 143
	None     Security = "none"     // plain text, for a server on the same machine
)

// Mechanism is how a login is done.
type Mechanism string

// The mechanisms for tokens.
const (
	XOAuth2     Mechanism = "XOAUTH2"     // Google, Microsoft
	OAuthBearer Mechanism = "OAUTHBEARER" // RFC 7628
)

// The mechanisms for passwords, in the order in which one is chosen: first those that do not show the password to the server.
const (
	ScramSHA256 Mechanism = "SCRAM-SHA-256" // RFC 7677
	ScramSHA1   Mechanism = "SCRAM-SHA-1"   // RFC 5802
	CramMD5     Mechanism = "CRAM-MD5"      // RFC 2195
	Plain       Mechanism = "PLAIN"         // RFC 4616
	Login       Mechanism = "LOGIN"         // the command of that name, which takes ASCII passwords only
)

func tokenMechanisms() []Mechanism { return []Mechanism{XOAuth2, OAuthBearer} }

func passwordMechanisms() []Mechanism {
	return []Mechanism{ScramSHA256, ScramSHA1, CramMD5, Plain, Login}
}

// Config is one folder of one account.
type Config struct {
	Addr      string   // host:port
	Security  Security // "": TLS
	TLSConfig *tls.Config
	User      string
	// Password or Token is asked at each login; exactly one of the two is set.
	Password func(ctx context.Context) (string, error)
	Token    func(ctx context.Context) (string, error)
	// Refused hears of a token that the server did not take, and tells whether to log in once more with another; may be nil.
	Refused   func(token string) bool
	Mechanism Mechanism // "": XOAuth2 for a token, the best that the server offers for a password
	Folder    string    // "": INBOX
	Timeouts  Timeouts
	// Dial replaces the ordinary connection, e.g. by one through a proxy.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Timeouts bound how long a server may keep us waiting; zero fields take the defaults.
type Timeouts struct {
	Connect time.Duration // TCP, TLS and greeting: 30 s
	Silence time.Duration // no byte while an answer is due: 60 s. A slow answer that keeps coming is not silence
	Idle    time.Duration // IDLE is renewed after that: 9 min
}

// Check tells what is wrong with the configuration, nil if nothing.
func (c Config) Check() error {
	if c.Addr == "" {
		return errors.New("the IMAP server's address is missing: give host:port, e.g. mail.agency.example:993")
	}
	if _, port, err := net.SplitHostPort(c.Addr); err != nil || port == "" {
		return errors.New("the IMAP server's address " + c.Addr + " has no port: give host:port, e.g. " + c.Addr + ":993")
	}
	switch c.Security {
	case "", TLS, StartTLS, None:
	default:
		return errors.New("unknown security " + string(c.Security) + ": use tls, starttls or none")
	}
	if c.User == "" {
		return errors.New("the IMAP user is missing")
	}
	if (c.Password == nil) == (c.Token == nil) {
		return errors.New("the IMAP login needs either a password or an OAuth2 token")
	}
	if c.Token != nil && c.Security == None {
		return errors.New("IMAP with an OAuth2 token needs tls or starttls: anybody on the way could take the token")
	}
	known := passwordMechanisms()
	if c.Token != nil {
		known = tokenMechanisms()
	}
	if c.Mechanism != "" && !slices.Contains(known, c.Mechanism) {
		return fmt.Errorf("unknown mechanism %s: use one of %v", c.Mechanism, known)
	}
	return nil
}

// withDefaults fills what is left empty.
func (c Config) withDefaults() Config {
	if c.Security == "" {
		c.Security = TLS
	}
	if c.Mechanism == "" && c.Token != nil {
		c.Mechanism = XOAuth2
	}
	if c.Folder == "" {
		c.Folder = "INBOX"
	}
	if c.Timeouts.Connect <= 0 {
		c.Timeouts.Connect = 30 * time.Second
	}
	if c.Timeouts.Silence <= 0 {
		c.Timeouts.Silence = 60 * time.Second
	}
	if c.Timeouts.Idle <= 0 {
		c.Timeouts.Idle = 9 * time.Minute
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	return c
}

// host is the name that the certificate has to bear.
func (c Config) host() string {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return c.Addr
	}
	return host
}

package imap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"

	"handoff/inbox"
)

// explain says what a person can do about an error of the connection or of the TLS handshake.
func (c Config) explain(err error) error {
	var (
		dns       *net.DNSError
		name      x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		refusal   *imap.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, errSilent), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s does not answer (timeout): check that the server is up, and that port and security (%s) belong together: %w", c.Addr, c.Security, err)
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("no host %q: check the IMAP server's name: %w", dns.Name, err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("nothing listens at %s: check the IMAP server's name and port: %w", c.Addr, err)
	case errors.As(err, &name):
		return fmt.Errorf("%w: the certificate of %s is not for that name but for %s: use a name that is on it: %w",
			inbox.ErrRefused, c.Addr, strings.Join(certificateNames(name.Certificate), ", "), err)
	case errors.As(err, &authority):
		return fmt.Errorf("%w: the certificate of %s is signed by nobody this machine knows: install its authority: %w", inbox.ErrRefused, c.Addr, err)
	case errors.As(err, &invalid):
		return fmt.Errorf("%w: the certificate of %s is not valid: %w", inbox.ErrRefused, c.Addr, err)
	case errors.As(err, &record):
		return fmt.Errorf("%s does not speak TLS from the first byte: use starttls with port 143, or tls with port 993: %w", c.Addr, err)
	case errors.As(err, &refusal):
		return fmt.Errorf("%s answers: %w", c.Addr, err)
	}
	return fmt.Errorf("connection to %s: %w", c.Addr, err)
}

func certificateNames(cert *x509.Certificate) []string {
	if cert == nil {
		return []string{"an unknown name"}
	}
	names := append([]string{}, cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return []string{"no name at all"}
	}
	return names
}

// explainLogin tells a login that will fail again from one that may go well later.
func (c Config) explainLogin(err error) error {
	if bearer, ok := errors.AsType[*sasl.OAuthBearerError](err); ok {
		return fmt.Errorf("%w: %s takes no OAuth2 token of %s (%s): renew the consent, and check that IMAP is allowed for it",
			inbox.ErrRefused, c.Addr, c.User, bearer.Status)
	}
	refusal, ok := errors.AsType[*imap.Error](err)
	if !ok {
		return c.explain(err)
	}
	switch refusal.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug, imap.ResponseCodeContactAdmin:
		return fmt.Errorf("%s lets nobody in now: %w", c.Addr, err)
	}
	if c.Token != nil {
		return fmt.Errorf("%w: %s takes no OAuth2 token of %s: renew the consent, and check that IMAP is allowed for it: %w", inbox.ErrRefused, c.Addr, c.User, err)
	}
	return fmt.Errorf("%w: %s takes no login of %s: check user and password (some providers want an app password): %w", inbox.ErrRefused, c.Addr, c.User, err)
}

// expired tells whether the server wants another login on a connection that was logged in: its token ran out, or the password was
// changed. Some hang up then, others answer NO to every command (RFC 5530).
func expired(refusal *imap.Error) bool {
	return refusal.Code == imap.ResponseCodeExpired || refusal.Code == imap.ResponseCodeAuthenticationFailed
}

// answered tells whether the server said NO or BAD, after which the connection goes on.
func answered(err error) bool {
	refusal, ok := errors.AsType[*imap.Error](err)
	return ok && (refusal.Type == imap.StatusResponseTypeNo || refusal.Type == imap.StatusResponseTypeBad) && !expired(refusal)
}

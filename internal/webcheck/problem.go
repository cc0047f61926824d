package webcheck

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode"
)

// Code tells machines what kind of Problem it is.
type Code string

// What may be wrong with a page.
const (
	BadURL      Code = "url"      // what is written is no address of a page, or of one that may not be asked for
	NotPublic   Code = "address"  // the site's name leads to an address inside a network
	NoName      Code = "dns"      // the site's name is not known, or could not be looked up
	NoAnswer    Code = "connect"  // no connection, or it broke off
	BadTLS      Code = "tls"      // the certificate or the handshake
	TooSlow     Code = "timeout"  // not done in the time that there was
	Redirects   Code = "redirect" // one too many, or to nowhere
	BadStatus   Code = "status"   // an answer, but not the page
	BadResponse Code = "response" // an answer that breaks HTTP
)

// Problem is why a page does not count as up.
type Problem struct {
	Code      Code
	Text      string // for people: a clause to set after the address, free of control characters
	Temporary bool   // it may well be up later, with nothing changed
	Err       error  // the cause, may be nil
}

// Error is the text.
func (p *Problem) Error() string { return p.Text }

// Unwrap is the cause.
func (p *Problem) Unwrap() error { return p.Err }

func problem(code Code, format string, args ...any) *Problem {
	return &Problem{Code: code, Text: clean(fmt.Sprintf(format, args...), 400)}
}

// explain is the Problem that err, of a request or of reading its answer, comes from.
func explain(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	p := problem(BadResponse, "its answer is not proper HTTP")
	if isTimeout(err) {
		p = problem(TooSlow, "it did not answer in time")
		p.Temporary = true
	} else if _, network := errors.AsType[*net.OpError](err); network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		p = problem(NoAnswer, "the connection broke off before its answer was complete")
		p.Temporary = true
	}
	p.Err = err
	return p
}

func explainLookup(host string, err error) error {
	if isTimeout(err) {
		return err
	}
	p := problem(NoName, "the name %s could not be looked up", host)
	p.Temporary = true
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		p = problem(NoName, "there is no site of the name %s", host)
	}
	p.Err = err
	return p
}

func explainDial(host string, err error) error {
	if isTimeout(err) {
		return err
	}
	p := problem(NoAnswer, "%s takes no connections", host)
	p.Temporary, p.Err = true, err
	return p
}

func explainTLS(err error) error {
	if isTimeout(err) {
		return err
	}
	var p *Problem
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		p = problem(BadTLS, "its certificate is not valid: it is for another name")
	} else if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		p = problem(BadTLS, "its certificate is not valid: nobody known here has signed it")
	} else if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		p = problem(BadTLS, "its certificate is not valid: it has expired or is not valid yet")
	} else if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		p = problem(BadTLS, "its certificate is not valid: %s", clean(err.Error(), 200))
	} else if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		p = problem(BadTLS, "it does not speak HTTPS: if it is reached by http:// only, write that")
	} else {
		p = problem(BadTLS, "no encrypted connection could be agreed with it: %s", clean(err.Error(), 200))
		p.Temporary = errors.Is(err, io.EOF)
		if network, ok := errors.AsType[*net.OpError](err); ok && network.Op == "read" {
			p.Temporary = true
		}
	}
	p.Err = err
	return p
}

func isTimeout(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || ok && n.Timeout()
}

// statusProblem is nil for the statuses that bring a page. The server's own reason phrase is not quoted.
func statusProblem(status int) *Problem {
	switch {
	case status == http.StatusNoContent || status == http.StatusResetContent:
		return problem(BadStatus, "the page answers %d %s: there is nothing on it", status, http.StatusText(status))
	case 200 <= status && status < 300:
		return nil
	}
	p := problem(BadStatus, "the page answers %s", strings.TrimSpace(fmt.Sprint(status, " ", http.StatusText(status))))
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		p.Temporary = true
	default:
		p.Temporary = status >= 500
	}
	return p
}

// clean is s on one line, without characters that cannot be seen, and at most limit runes long.
func clean(s string, limit int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > limit {
		s = strings.TrimSpace(string(runes[:limit-1])) + "…"
	}
	return s
}

// Package webcheck tells whether a published page really is up. The address comes from a mail and the page from whoever
// runs the site, so both are hostile: only public addresses are asked, and only so much is read, for so long.
package webcheck

import (
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	defaultTimeout   = 15 * time.Second
	defaultBytes     = 2 << 20
	defaultRedirects = 5
	defaultAgent     = "Handoff (checks that a published page is up)"
	maxHeader        = 64 << 10 // bytes
	maxAddresses     = 8        // of a name, that are tried
)

// Resolver looks names up; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Checker asks for pages. Its zero value is ready, and one may be used by many goroutines.
type Checker struct {
	Timeout      time.Duration // for all of a check; 0: 15 s
	MaxBytes     int64         // read of a page, as sent and as decompressed; 0: 2 MB
	MaxRedirects int           // 0: 5; less: none
	UserAgent    string
	AllowPrivate []netip.Prefix // addresses that may be asked although they are not public: of an intranet
	Roots        *x509.CertPool // nil: the system's
	Resolver     Resolver       // nil: the system's
	// Dial connects to an address that has been checked, always an IP and a port; nil: the system's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Result is what was found at an address.
type Result struct {
	Status      int    `json:"status"`               // of the last answer; 0: there was none
	FinalURL    string `json:"final_url"`            // after all redirects
	ContentType string `json:"content_type"`         // media type, as declared or else as it looks
	Title       string `json:"title"`                // <title>, else og:title; one line, at most 300 characters
	Found       string `json:"found"`                // the first of the phrases that is on the page; "": none
	Bytes       int64  `json:"bytes"`                // of the page that were read, decompressed
	Truncated   bool   `json:"truncated,omitempty"`  // there is more of the page than was read
	Downgraded  bool   `json:"downgraded,omitempty"` // a redirect led from https to http
}

// Check asks for the page at rawURL, as ParseURL reads it, and looks for phrases in its titles and text. Case, spaces and
// the forms of quotes and dashes do not count; word ends do not either, so a phrase of one short word is on many a page. A
// page without the phrases is no error. The error is a *Problem if it is the page's or the address's, beside a Result with
// what is known by then; if ctx is cancelled it is ctx's.
func (c *Checker) Check(ctx context.Context, rawURL string, phrases []string) (Result, error) {
	u, err := parseURL(rawURL, c.AllowPrivate)
	if err != nil {
		return Result{}, err
	}
	limited, cancel := context.WithTimeout(ctx, cmp.Or(c.Timeout, defaultTimeout))
	defer cancel()
	result, err := c.fetch(limited, u, phrases)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return result, fmt.Errorf("webcheck: %w", context.Cause(ctx))
	}
	return result, err
}

// fetch follows the redirects itself: each is a request of its own, checked like the first, that carries nothing over.
func (c *Checker) fetch(ctx context.Context, u *url.URL, phrases []string) (Result, error) {
	transport := c.transport()
	defer transport.CloseIdleConnections()
	var result Result
	for left := max(0, cmp.Or(c.MaxRedirects, defaultRedirects)); ; left-- {
		hop := result.FinalURL != ""
		result.FinalURL = u.String()
		response, err := transport.RoundTrip(c.request(ctx, u))
		if err != nil {
			return result, at(hop, u, explain(err))
		}
		result.Status = response.StatusCode
		next, err := target(response, c.AllowPrivate)
		if err == nil && next == nil {
			err = c.read(response, &result, phrases)
			if err != nil {
				err = at(hop, u, explain(err))
			}
		}
		_ = response.Body.Close()
		if err != nil || next == nil {
			return result, err
		}
		if left == 0 {
			return result, problem(Redirects, "it redirects too often, last to %s: give the address that it ends at", clip(next))
		}
		result.Downgraded = result.Downgraded || u.Scheme == "https" && next.Scheme == "http"
		u = next
	}
}

// at says of a problem behind a redirect where it was met.
func at(hop bool, u *url.URL, p *Problem) error {
	if hop {
		p.Text = clean(fmt.Sprintf("it redirects to %s: %s", clip(u), p.Text), 600)
	}
	return p
}

func clip(u *url.URL) string { return clean(u.String(), 150) }

func (c *Checker) request(ctx context.Context, u *url.URL) *http.Request {
	request := &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{
		"User-Agent":      {cmp.Or(c.UserAgent, defaultAgent)},
		"Accept":          {"text/html,application/xhtml+xml,*/*;q=0.8"},
		"Accept-Encoding": {"gzip"}, // by hand: the transport's own would decompress before the limits
	}}
	return request.WithContext(ctx)
}

// target is where an answer redirects to, nil if it does not.
func target(response *http.Response, allow []netip.Prefix) (*url.URL, error) {
	location := response.Header.Get("Location")
	switch response.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if location == "" {
			return nil, nil
		}
	default:
		return nil, nil
	}
	next, err := response.Request.URL.Parse(location)
	if err != nil {
		return nil, problem(Redirects, "it redirects to what is no address: %s", clean(location, 150))
	}
	checked, err := checkURL(next, allow)
	if err != nil {
		p := explain(err)
		p.Text = clean(fmt.Sprintf("it redirects to %s: %s", clean(next.Redacted(), 150), p.Text), 600)
		return nil, p
	}
	return checked, nil
}

// read fills result from an answer that does not redirect.
func (c *Checker) read(response *http.Response, result *Result, phrases []string) error {
	if p := statusProblem(response.StatusCode); p != nil {
		return p
	}
	body, truncated, err := readBody(response, cmp.Or(c.MaxBytes, defaultBytes))
	result.Bytes, result.Truncated = int64(len(body)), truncated
	if err != nil {
		return err
	}
	p := readPage(body, response.Header.Get("Content-Type"))
	result.ContentType = p.kind
	if len(p.titles) > 0 {
		result.Title = p.titles[0]
	}
	result.Found = p.find(phrases)
	return nil
}

// readBody reads at most limit bytes off the wire and returns at most limit of what they decompress to.
func readBody(response *http.Response, limit int64) (body []byte, truncated bool, err error) {
	sent := &io.LimitedReader{R: response.Body, N: limit + 1}
	var r io.Reader = sent
	switch encoding := strings.ToLower(strings.TrimSpace(response.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		if r, err = gzip.NewReader(sent); err == io.EOF {
			return nil, false, nil // nothing at all
		} else if err != nil {
			return nil, false, err
		}
	default:
		return nil, false, problem(BadResponse, "it sends the page in an encoding that was not asked for: %s", clean(encoding, 50))
	}
	body, err = io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(body)) > limit {
		return body[:limit], true, nil
	}
	if err != nil && sent.N <= 0 { // cut off here, not there
		return body, true, nil
	}
	return body, false, err
}

// transport speaks HTTP/1.1 over connections of its own. It knows no proxy: one would look names up out of sight.
func (c *Checker) transport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext:            c.dial,
		DialTLSContext:         c.dialTLS,
		Protocols:              protocols,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// dial looks the name up, checks every address it has, and connects to one of those it checked. A name that leads outside
// at one time and inside at another thus never gets a connection inside.
func (c *Checker) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("dialling: %w", err)
	}
	addresses, err := c.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	dial := c.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	for i, a := range addresses {
		// A dead address takes no more than its share of the time.
		share, cancel := ctx, context.CancelFunc(func() {})
		if deadline, ok := ctx.Deadline(); ok {
			share, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(len(addresses)-i))
		}
		var conn net.Conn
		conn, err = dial(share, network, net.JoinHostPort(a.String(), port))
		cancel()
		if err == nil {
			return conn, nil
		}
	}
	return nil, explainDial(host, err)
}

// lookup is the addresses of host that may be tried, at least one. A single one that is not public spoils them all.
func (c *Checker) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	var addresses []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		addresses = []netip.Addr{a}
	} else {
		var resolver Resolver = net.DefaultResolver
		if c.Resolver != nil {
			resolver = c.Resolver
		}
		if addresses, err = resolver.LookupNetIP(ctx, "ip", host); err != nil {
			return nil, explainLookup(host, err)
		}
	}
	var checked []netip.Addr
	for _, a := range addresses {
		a = a.Unmap()
		if !public(a) && !within(c.AllowPrivate, a) {
			return nil, notPublic(host)
		}
		checked = append(checked, a)
	}
	if len(checked) == 0 {
		return nil, problem(NoName, "there is no site of the name %s", host)
	}
	return checked[:min(len(checked), maxAddresses)], nil
}

func (c *Checker) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	plain, err := c.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(address)
	conn := tls.Client(plain, &tls.Config{ServerName: host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, explainTLS(err)
	}
	return conn, nil
}

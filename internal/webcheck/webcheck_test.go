package webcheck

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// web is the Internet as a checker sees it: names with addresses, and one server behind all public ones.
type web struct {
	names  map[string][][]string // the addresses that each lookup of a name finds; the last stays
	server *httptest.Server
	mu     sync.Mutex
	dialed []string
	asked  []string // request targets, with method and host
}

func newWeb(t *testing.T, handler http.HandlerFunc) (*web, *Checker) {
	w := &web{names: map[string][][]string{"example.org": {{"93.184.215.14"}}}}
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.asked = append(w.asked, fmt.Sprintf("%s %s%s", r.Method, r.Host, r.RequestURI))
		w.mu.Unlock()
		handler(rw, r)
	}))
	w.server.Start()
	t.Cleanup(w.server.Close)
	return w, &Checker{Resolver: w, Dial: w.dial}
}

func (w *web) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	answers, ok := w.names[host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		w.names[host] = answers[1:]
	}
	var addresses []netip.Addr
	for _, s := range answers[0] {
		addresses = append(addresses, netip.MustParseAddr(s))
	}
	return addresses, nil
}

func (w *web) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialed = append(w.dialed, address)
	w.mu.Unlock()
	if strings.HasPrefix(address, "8.8.4.4:") { // where nobody answers
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}
	return new(net.Dialer).DialContext(ctx, network, w.server.Listener.Addr().String())
}

func TestCheck(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // not asked
	w, c := newWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		for _, header := range []string{"Cookie", "Authorization", "Referer"} {
			if got := r.Header.Get(header); got != "" {
				t.Errorf("%s: %s", header, got)
			}
		}
		http.SetCookie(rw, &http.Cookie{Name: "a", Value: "b"})
		switch r.URL.Path {
		case "/":
			http.Redirect(rw, r, "http://user.example.org:8080/the-sea?a=%20", http.StatusMovedPermanently)
		case "/the-sea":
			http.Redirect(rw, r, "end#top", http.StatusSeeOther)
		default:
			rw.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(rw, "<title>The sea</title><p>By Ana")
		}
	})
	w.names["user.example.org"] = [][]string{{"8.8.4.4", "2606:4700::1111"}}
	got, err := c.Check(t.Context(), "<http://example.org/>", []string{"the land", "the SEA"})
	if err != nil {
		t.Fatal(err)
	}
	want := Result{
		Status: 200, FinalURL: "http://user.example.org:8080/end#top", ContentType: "text/html", Title: "The sea",
		Found: "the SEA", Bytes: 31,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	asked := []string{"GET example.org/", "GET user.example.org:8080/the-sea?a=%20", "GET user.example.org:8080/end"}
	if diff := cmp.Diff(asked, w.asked); diff != "" {
		t.Error(diff)
	}
	dialed := []string{"93.184.215.14:80", "8.8.4.4:8080", "[2606:4700::1111]:8080", "8.8.4.4:8080", "[2606:4700::1111]:8080"}
	if diff := cmp.Diff(dialed, w.dialed); diff != "" {
		t.Error(diff)
	}
}

func TestProblems(t *testing.T) {
	answers := map[string]func(http.ResponseWriter){
		"/gone":    func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusNotFound) },
		"/down":    func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusBadGateway) },
		"/busy":    func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusTooManyRequests) },
		"/odd":     func(rw http.ResponseWriter) { rw.WriteHeader(499) },
		"/empty":   func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusNoContent) },
		"/nowhere": func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusFound) },
		"/brotli":  func(rw http.ResponseWriter) { rw.Header().Set("Content-Encoding", "br") },
		"/no-gzip": func(rw http.ResponseWriter) {
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(rw, "<title>plain after all")
		},
		"/header": func(rw http.ResponseWriter) { rw.Header().Set("X-Long", strings.Repeat("a", 100<<10)) },
		"/cut": func(rw http.ResponseWriter) {
			rw.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(rw, "<title>A")
		},
		"/broken": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"/raw": func(rw http.ResponseWriter) {
			conn, _, err := http.NewResponseController(rw).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, "\x1b[31mNoWebServer\r\n\r\n")
			_ = conn.Close()
		},
	}
	w, c := newWeb(t, func(rw http.ResponseWriter, r *http.Request) {
		if to, ok := strings.CutPrefix(r.URL.Path, "/to/"); ok {
			rw.Header().Set("Location", to)
			rw.WriteHeader(http.StatusFound)
			return
		}
		answers[r.URL.Path](rw)
	})
	w.names["inside.example.org"] = [][]string{{"10.0.0.7"}}
	w.names["mixed.example.org"] = [][]string{{"93.184.215.14", "::1"}}
	w.names["mapped.example.org"] = [][]string{{"::ffff:192.168.1.1"}}
	w.names["refused.example.org"] = [][]string{{"8.8.4.4", "8.8.4.4"}}
	w.names["void.example.org"] = [][]string{{}}
	to := func(target string) string { return "http://example.org/to/" + url.PathEscape(target) }

	tests := []struct {
		in        string
		code      Code
		temporary bool
		status    int
		want      string
	}{
		{"http://example.org/gone", BadStatus, false, 404, "the page answers 404 Not Found"},
		{"http://example.org/down", BadStatus, true, 502, "the page answers 502 Bad Gateway"},
		{"http://example.org/busy", BadStatus, true, 429, "the page answers 429 Too Many Requests"},
		{"http://example.org/odd", BadStatus, false, 499, "the page answers 499"},
		{"http://example.org/empty", BadStatus, false, 204, "the page answers 204 No Content: there is nothing on it"},
		{"http://example.org/nowhere", BadStatus, false, 302, "the page answers 302 Found"},
		{"http://example.org/brotli", BadResponse, false, 200, "it sends the page in an encoding that was not asked for: br"},
		{"http://example.org/no-gzip", BadResponse, false, 200, "its answer is not proper HTTP"},
		{"http://example.org/header", BadResponse, false, 0, "its answer is not proper HTTP"},
		{"http://example.org/cut", NoAnswer, true, 200, "the connection broke off before its answer was complete"},
		{"http://example.org/broken", NoAnswer, true, 0, "the connection broke off before its answer was complete"},
		{"http://example.org/raw", BadResponse, false, 0, "its answer is not proper HTTP"},
		{"http://nobody.example.org/", NoName, false, 0, "there is no site of the name nobody.example.org"},
		{"http://void.example.org/", NoName, false, 0, "there is no site of the name void.example.org"},
		{"http://refused.example.org/", NoAnswer, true, 0, "refused.example.org takes no connections"},
		{"http://inside.example.org/", NotPublic, false, 0, "inside.example.org: the address is not a public one"},
		{"http://mixed.example.org/", NotPublic, false, 0, "mixed.example.org: the address is not a public one"},
		{"http://mapped.example.org/", NotPublic, false, 0, "mapped.example.org: the address is not a public one"},
		{"http://127.0.0.1:8080/", NotPublic, false, 0, "127.0.0.1: the address is not a public one"},
		{"http://example.org:22/", BadURL, false, 0, "the address names the port 22: only 80, 443, 8080 and 8443 are checked"},
		{"https://example.org/", BadTLS, false, 0, "it does not speak HTTPS: if it is reached by http:// only, write that"},

		{to("http://127.0.0.1/admin"), NotPublic, false, 302, "it redirects to http://127.0.0.1/admin: 127.0.0.1: the address is not a public one"},
		{to("//169.254.169.254/"), NotPublic, false, 302, "it redirects to http://169.254.169.254/: 169.254.169.254: the address is not a public one"},
		{to("http://inside.example.org/"), NotPublic, false, 302, "it redirects to http://inside.example.org/: inside.example.org: the address is not a public one"},
		{to("http://localhost/"), NotPublic, false, 302, "it redirects to http://localhost/: localhost is a name for the machine itself: give the address that readers use"},
		{to("http://ana:secret@example.org/"), BadURL, false, 302, "it redirects to http://ana:xxxxx@example.org/: the address has a user name before an @: only pages that everyone can see are checked"},
		{to("http://example.org:6379/"), BadURL, false, 302, "it redirects to http://example.org:6379/: the address names the port 6379: only 80, 443, 8080 and 8443 are checked"},
		{to("file:///etc/passwd"), BadURL, false, 302, "it redirects to file:///etc/passwd: the address begins with file: and not with http: or https:"},
		{to("http://[x"), Redirects, false, 302, "it redirects to what is no address: http://[x"},
		{to("/gone"), BadStatus, false, 404, "it redirects to http://example.org/gone: the page answers 404 Not Found"},
		{to("http://nobody.example.org/"), NoName, false, 302, "it redirects to http://nobody.example.org/: there is no site of the name nobody.example.org"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := c.Check(t.Context(), tt.in, []string{"A"})
			p, ok := errors.AsType[*Problem](err)
			if !ok {
				t.Fatalf("error %v, result %+v", err, got)
			}
			if p.Code != tt.code || p.Temporary != tt.temporary || got.Status != tt.status {
				t.Errorf("code %s, temporary %v, status %d; want %s, %v, %d", p.Code, p.Temporary, got.Status, tt.code, tt.temporary, tt.status)
			}
			if p.Text != tt.want {
				t.Errorf("got  %s\nwant %s", p.Text, tt.want)
			}
		})
	}
	for _, address := range w.dialed {
		if a := netip.MustParseAddrPort(address).Addr(); !public(a) {
			t.Errorf("dialled %s", address)
		}
	}
}

func TestRedirectLimit(t *testing.T) {
	w, c := newWeb(t, func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, r.URL.Path+"x", http.StatusFound) })
	for limit, requests := range map[int]int{0: 6, 2: 3, -1: 1} {
		w.asked, c.MaxRedirects = nil, limit
		_, err := c.Check(t.Context(), "http://example.org/", nil)
		if p, ok := errors.AsType[*Problem](err); !ok || p.Code != Redirects || p.Temporary {
			t.Errorf("limit %d: error %v", limit, err)
		}
		if len(w.asked) != requests {
			t.Errorf("limit %d: %d requests, want %d", limit, len(w.asked), requests)
		}
	}
}

// A name that is public when it is first looked up and private ever after, asked for twice by a redirect to itself.
func TestRebinding(t *testing.T) {
	w, c := newWeb(t, func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/again", http.StatusFound) })
	w.names["rebind.example.org"] = [][]string{{"93.184.215.14"}, {"127.0.0.1"}}
	got, err := c.Check(t.Context(), "http://rebind.example.org/", nil)
	if p, ok := errors.AsType[*Problem](err); !ok || p.Code != NotPublic {
		t.Errorf("error %v, result %+v", err, got)
	}
	if diff := cmp.Diff([]string{"93.184.215.14:80"}, w.dialed); diff != "" {
		t.Error(diff)
	}
}

func TestAllowPrivate(t *testing.T) {
	w, c := newWeb(t, func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "up") })
	w.names["intranet.example.org"] = [][]string{{"10.0.0.7"}}
	c.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for in, ok := range map[string]bool{
		"http://intranet.example.org/": true, "http://10.9.9.9/": true, "http://[::ffff:10.0.0.1]/": true,
		"http://192.168.1.1/": false, "http://127.0.0.1/": false,
	} {
		if got, err := c.Check(t.Context(), in, []string{"up"}); (err == nil) != ok || (got.Found == "up") != ok {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
}

// Nothing set but loopback allowed: the system's own dialling.
func TestZeroChecker(t *testing.T) {
	var listener net.Listener
	var err error
	for _, address := range []string{"127.0.0.1:8443", "127.0.0.1:8080", "127.0.0.2:8443"} { // ports that may be asked
		if listener, err = net.Listen("tcp", address); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String() + "/"
	server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "up") })}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	if _, err := new(Checker).Check(t.Context(), address, nil); err == nil {
		t.Error("loopback is asked")
	}
	c := &Checker{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	if got, err := c.Check(t.Context(), address, []string{"UP"}); err != nil || got.Found != "UP" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTLS(t *testing.T) {
	plain, c := newWeb(t, func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "plain") })
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(rw, r, "http://example.org/", http.StatusFound)
		}
		_, _ = io.WriteString(rw, "secure")
	}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of refused handshakes
	secure.StartTLS()                                   // its certificate is for example.com
	defer secure.Close()
	plain.names["example.com"] = [][]string{{"1.1.1.1"}}
	c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		server := plain.server
		if strings.HasSuffix(address, ":443") {
			server = secure
		}
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	problem := func(in, want string) {
		t.Helper()
		_, err := c.Check(t.Context(), in, nil)
		if p, ok := errors.AsType[*Problem](err); !ok || p.Code != BadTLS || p.Temporary || p.Text != want {
			t.Errorf("%s: %v", in, err)
		}
	}
	problem("https://example.com/", "its certificate is not valid: nobody known here has signed it")
	c.Roots = x509.NewCertPool()
	c.Roots.AddCert(secure.Certificate())
	problem("https://example.org/", "its certificate is not valid: it is for another name")

	if got, err := c.Check(t.Context(), "example.com", []string{"secure"}); err != nil || got.Found == "" || got.Downgraded {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := c.Check(t.Context(), "example.com/down", []string{"plain"}); err != nil || got.Found == "" || !got.Downgraded {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSizes(t *testing.T) {
	const limit = 100_000
	zipped := func(parts ...string) []byte {
		var b bytes.Buffer
		for _, s := range parts { // as members of their own, RFC 1952 section 2.2
			z := gzip.NewWriter(&b)
			_, _ = io.WriteString(z, s)
			_ = z.Close()
		}
		return b.Bytes()
	}
	page := "<title>Up</title>" + strings.Repeat("words ", 100)
	cutGzip := zipped(page)
	tests := []struct {
		name     string
		body     func(io.Writer) error
		encoding string
		want     Result
		broken   bool
	}{
		{"within", once([]byte(page)), "", Result{Title: "Up", Found: "up", Bytes: 617}, false},
		{"exactly", once([]byte(page + strings.Repeat("x", limit-617))), "", Result{Title: "Up", Found: "up", Bytes: limit}, false},
		{"one more", once([]byte(page + strings.Repeat("x", limit-616))), "", Result{Title: "Up", Found: "up", Bytes: limit, Truncated: true}, false},
		{"endless", endless([]byte("<title>Up</title>"), []byte("words ")), "", Result{Title: "Up", Found: "up", Bytes: limit, Truncated: true}, false},
		{"beyond the limit", endless([]byte(strings.Repeat("x", limit)), []byte("<title>Up</title>")), "", Result{Bytes: limit, Truncated: true}, false},
		{"gzip", once(zipped(page)), "gzip", Result{Title: "Up", Found: "up", Bytes: 617}, false},
		{"gzip by its old name", once(zipped(page)), "X-GZIP", Result{Title: "Up", Found: "up", Bytes: 617}, false},
		{"gzip in members", once(zipped("<title>Up", "</title>")), "gzip", Result{Title: "Up", Found: "up", Bytes: 17}, false},
		{"gzip of nothing", once(nil), "gzip", Result{}, false},
		{"gzip bomb", once(zipped("<title>Up</title>" + strings.Repeat("a", 20<<20))), "gzip", Result{Title: "Up", Found: "up", Bytes: limit, Truncated: true}, false},
		{"gzip that never yields", endless(zipped("<title>Up"), zipped("")), "gzip", Result{Title: "Up", Found: "up", Bytes: 9, Truncated: true}, false},
		{"gzip cut off there", once(cutGzip[:len(cutGzip)-9]), "gzip", Result{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, c := newWeb(t, func(rw http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Accept-Encoding") != "gzip" {
					t.Errorf("Accept-Encoding: %q", r.Header["Accept-Encoding"])
				}
				rw.Header().Set("Content-Type", "text/html")
				if tt.encoding != "" {
					rw.Header().Set("Content-Encoding", tt.encoding)
				}
				_ = tt.body(rw)
			})
			c.MaxBytes = limit
			got, err := c.Check(t.Context(), "http://example.org/", []string{"up"})
			if tt.broken {
				if p, ok := errors.AsType[*Problem](err); !ok || p.Code != NoAnswer {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Status, tt.want.FinalURL, tt.want.ContentType = 200, "http://example.org/", "text/html"
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func once(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}

// endless ends when the reader hangs up.
func endless(first, rest []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(first)
		for rest = bytes.Repeat(rest, 1000); err == nil; {
			_, err = w.Write(rest)
		}
		return err
	}
}

// Servers that never come to an end, on a clock of their own: a check is over when its time is.
func TestTooSlow(t *testing.T) {
	drip := func(conn net.Conn, text string, forever string) {
		for _, err := io.WriteString(conn, text); err == nil; _, err = io.WriteString(conn, forever) {
			time.Sleep(time.Second)
		}
	}
	tests := map[string]struct {
		url   string
		serve func(net.Conn)
	}{
		"says nothing":      {"http://example.org/", func(net.Conn) {}},
		"drips its header":  {"http://example.org/", func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\n", "A: b\r\n") }},
		"drips its page":    {"http://example.org/", func(c net.Conn) { drip(c, "HTTP/1.1 200 OK\r\n\r\n", "up ") }},
		"drips provisional": {"http://example.org/", func(c net.Conn) { drip(c, "", "HTTP/1.1 103 Early Hints\r\n\r\n") }},
		"no handshake":      {"https://example.org/", func(net.Conn) {}},
		"redirects ever again": {"http://example.org/", func(c net.Conn) {
			time.Sleep(4 * time.Second)
			_, _ = io.WriteString(c, "HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n")
		}},
		"hangs up never": {"http://example.org/", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var servers sync.WaitGroup
				defer servers.Wait()
				c := &Checker{
					Resolver: &web{names: map[string][][]string{"example.org": {{"1.1.1.1", "8.8.8.8"}}}},
					Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
						if tt.serve == nil {
							<-ctx.Done()
							return nil, ctx.Err()
						}
						client, server := net.Pipe()
						servers.Go(func() {
							_, _ = server.Read(make([]byte, 4096)) // the request, or the handshake's first message
							servers.Go(func() { _, _ = io.Copy(io.Discard, server) })
							tt.serve(server)
						})
						return client, nil
					},
				}
				begun := time.Now()
				_, err := c.Check(t.Context(), tt.url, nil)
				p, ok := errors.AsType[*Problem](err)
				if !ok || p.Code != TooSlow || !p.Temporary || !strings.HasSuffix(p.Text, "it did not answer in time") {
					t.Errorf("error %v", err)
				}
				if took := time.Since(begun); took != defaultTimeout {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestCallerGivesUp(t *testing.T) {
	stuck := &Checker{
		Resolver: &web{names: map[string][][]string{"example.org": {{"1.1.1.1"}}}},
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := stuck.Check(ctx, "http://example.org/", nil)
		if p, ok := errors.AsType[*Problem](err); !ok || p.Code != TooSlow || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("deadline: error %v", err)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := stuck.Check(ctx, "http://example.org/", nil)
	if _, ok := errors.AsType[*Problem](err); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}

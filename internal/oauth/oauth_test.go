package oauth_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"handoff/internal/clock"
	"handoff/internal/mailtest"
	"handoff/internal/oauth"
)

const (
	account      = "desk@agency.example"
	clientSecret = "client-secret-of-the-desk"
)

// direct hands requests to a handler without a network, so that a test's clock may run ahead.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

func client(s *mailtest.TokenServer, base string, secret bool) oauth.Client {
	c := oauth.Client{
		Provider: "Example Mail", ID: "desk", Scopes: []string{"mail", "offline_access"},
		Endpoint: oauth2.Endpoint{AuthURL: base + "/authorize", TokenURL: base + "/token", DeviceAuthURL: base + "/device", AuthStyle: oauth2.AuthStyleInParams},
	}
	if base == "http://provider.example" {
		c.HTTP = &http.Client{Transport: direct{s}}
	}
	if secret {
		c.Secret = func() (string, error) { return clientSecret, nil }
	}
	return c
}

// kept is a Keeper in memory.
type kept struct {
	mu      sync.Mutex
	token   string
	refused string
	full    bool // it cannot keep anything
}

func (k *kept) Load(context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refused != "" && k.refused == k.token {
		return "", &oauth.Refused{Provider: "Example Mail", Account: account, Reason: "known", Remedy: "ask again"}
	}
	return k.token, nil
}

func (k *kept) Replace(_ context.Context, old, token string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.full {
		return errors.New("disk is full")
	}
	if k.token == old {
		k.token = token
	}
	return nil
}

func (k *kept) Refuse(_ context.Context, token, _ string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.refused = token
	return nil
}

func (k *kept) set(token string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.token = token
}

func (k *kept) get() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.token
}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// desk is a source with a provider, on a clock that stands still, and what is logged.
type desk struct {
	t        *testing.T
	provider *mailtest.TokenServer
	source   *oauth.Source
	kept     *kept
	clock    *clock.Fake
	log      *bytes.Buffer
}

func newDesk(t *testing.T, opt mailtest.TokenOptions) *desk {
	t.Helper()
	d := &desk{t: t, clock: clock.NewFake(start), log: &bytes.Buffer{}}
	opt.Client, opt.Secret, opt.Account, opt.Now = "desk", clientSecret, account, d.clock.Now
	d.provider = mailtest.NewTokenServer(opt)
	d.kept = &kept{token: d.provider.Consent(account)}
	d.source = &oauth.Source{
		Client: client(d.provider, "http://provider.example", true), Account: account, Keeper: d.kept, Remedy: `run "handoff auth" again`,
		Clock: d.clock, Log: slog.New(slog.NewTextHandler(d.log, nil)),
	}
	return d
}

// token is one that opens the account now.
func (d *desk) token() string {
	d.t.Helper()
	token, err := d.source.Token(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	if !d.provider.Valid(account, token) {
		d.t.Errorf("the token is not valid at %s", d.clock.Now())
	}
	return token
}

// fails is the error of asking for a token, which tells no secret.
func (d *desk) fails(says string) error {
	d.t.Helper()
	_, err := d.source.Token(d.t.Context())
	if err == nil || !strings.Contains(err.Error(), says) {
		d.t.Fatalf("error %v, want one with %q", err, says)
	}
	for _, secret := range d.provider.Secrets() {
		if strings.Contains(err.Error(), secret) || strings.Contains(d.log.String(), secret) {
			d.t.Errorf("a secret is told: %v\n%s", err, d.log)
		}
	}
	return err
}

func (d *desk) asked(want int) {
	d.t.Helper()
	if got := len(d.provider.Asked()); got != want {
		d.t.Errorf("the provider was asked %d times, want %d", got, want)
	}
}

// A token is kept until shortly before it expires.
func TestTokenIsKept(t *testing.T) {
	d := newDesk(t, mailtest.TokenOptions{})
	first := d.token()
	d.clock.Advance(57 * time.Minute)
	if d.token() != first {
		t.Error("another token while the first was good")
	}
	d.asked(1)
	d.clock.Advance(2 * time.Minute)
	if d.token() == first {
		t.Error("the token would expire on the way")
	}
	d.asked(2)
}

// Many logins at once make one request.
func TestOneRequestAtATime(t *testing.T) {
	d := newDesk(t, mailtest.TokenOptions{Rotate: true})
	enter, leave := make(chan bool, 100), make(chan bool)
	inner := d.source.Client.HTTP.Transport
	d.source.Client.HTTP.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		enter <- true
		<-leave
		return inner.RoundTrip(r)
	})
	var wg sync.WaitGroup
	tokens := make(chan string, 20)
	for range 20 {
		wg.Go(func() {
			token, err := d.source.Token(t.Context())
			if err != nil {
				t.Error(err)
			}
			tokens <- token
		})
	}
	<-enter
	close(leave)
	wg.Wait()
	close(tokens)
	first := <-tokens
	for token := range tokens {
		if token != first {
			t.Error("two tokens")
		}
	}
	d.asked(1)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A new refresh token is kept before the access token is given, also when the login that asked has gone meanwhile.
func TestRotation(t *testing.T) {
	d := newDesk(t, mailtest.TokenOptions{Rotate: true})
	for range 3 {
		before := d.kept.get()
		d.token()
		if d.kept.get() == before {
			t.Error("the old refresh token is still kept")
		}
		d.clock.Advance(time.Hour)
	}
	before := d.kept.get()
	d.kept.full = true
	d.fails("cannot keep the new refresh token of " + account + ": disk is full")
	d.fails("disk is full")
	d.kept.full = false
	d.clock.Advance(time.Minute)
	d.asked(4)
	d.token()
	d.asked(4) // what the fourth brought was kept and used
	if d.kept.get() == before {
		t.Error("the new refresh token is lost")
	}
	d.clock.Advance(time.Hour)
	d.token()

	d.clock.Advance(time.Hour)
	d.kept.full = true
	d.fails("disk is full")
	d.kept.full = false
	d.clock.Advance(50 * time.Minute)
	d.token()
	d.clock.Advance(15 * time.Minute)
	d.token() // not the one that was kept so late, whose hour is over

	before = d.kept.get()
	d.clock.Advance(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	inner := d.source.Client.HTTP.Transport
	gone, done := make(chan bool), make(chan bool)
	d.source.Client.HTTP.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		cancel()
		<-gone
		defer close(done)
		return inner.RoundTrip(r)
	})
	if _, err := d.source.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	close(gone)
	<-done
	for d.kept.get() == before {
		time.Sleep(time.Millisecond)
	}
}

// A refused consent is told once, asked for never again, and a new one is found without a restart.
func TestRevoked(t *testing.T) {
	d := newDesk(t, mailtest.TokenOptions{})
	d.token()
	d.provider.Revoke()
	d.clock.Advance(time.Hour)
	var refused *oauth.Refused
	if err := d.fails("(invalid_grant: The token … has been expired or revoked.): run \"handoff auth\" again"); !errors.As(err, &refused) || refused.Account != account {
		t.Errorf("error %#v", err)
	}
	for range 5 {
		d.fails("takes the consent for " + account + " no more")
		d.clock.Advance(time.Hour)
	}
	d.asked(2)
	if n := strings.Count(d.log.String(), "\n"); n != 1 || !strings.Contains(d.log.String(), "handoff auth") {
		t.Errorf("%d lines are logged:\n%s", n, d.log)
	}
	d.kept.set(d.provider.Consent(account))
	d.token()
}

// Another process that renewed the refresh token a moment before is no reason to give up.
func TestRotatedElsewhere(t *testing.T) {
	d := newDesk(t, mailtest.TokenOptions{Rotate: true})
	other := &oauth.Source{Client: d.source.Client, Account: account, Keeper: d.kept, Clock: d.clock, Log: d.source.Log}
	first := true
	d.source.Client.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if first {
			first = false
			if _, err := other.Token(t.Context()); err != nil {
				t.Error(err)
			}
		}
		return direct{d.provider}.RoundTrip(r)
	})}
	d.token()
	d.asked(3) // the other one, ours with what it had used up, ours again
	if d.log.Len() > 0 {
		t.Errorf("logged:\n%s", d.log)
	}
}

// While the provider is away, requests are few, and a token that is still good is used.
func TestProviderIsAway(t *testing.T) {
	d := newDesk(t, mailtest.TokenOptions{})
	first := d.token()
	d.provider.Fail(func(url.Values) (int, string) { return 503, "<html>refresh-me</html>" })
	d.clock.Advance(58*time.Minute + 30*time.Second)
	if d.token() != first {
		t.Error("another token from nowhere")
	}
	d.asked(2)
	d.clock.Advance(2 * time.Minute)
	d.fails("Example Mail answers with HTTP status 503 and no token (http://provider.example/token)")
	d.asked(3)
	for range 50 {
		d.fails("503")
		d.clock.Advance(10 * time.Second)
	}
	if n := len(d.provider.Asked()); n > 12 {
		t.Errorf("asked %d times within %s", n, 50*10*time.Second)
	}
	d.provider.Fail(nil)
	d.clock.Advance(5 * time.Minute)
	d.token()
}

// What a person has to put right in the configuration is asked for every five minutes only.
func TestWrongClient(t *testing.T) {
	d := newDesk(t, mailtest.TokenOptions{})
	d.source.Client.Secret = func() (string, error) { return clientSecret + "-old", nil }
	for range 10 {
		d.fails("Example Mail gives no token: invalid_client (the client is unknown, or its secret … is wrong): check client_id and the client secret, which may have expired")
		d.clock.Advance(29 * time.Second)
	}
	d.asked(1)
	d.source.Client.Secret = func() (string, error) { return clientSecret, nil }
	d.clock.Advance(time.Minute)
	d.token()
}

// A server that takes a token no more gets another one; one that does not take a new one gets no third.
func TestReject(t *testing.T) {
	d := newDesk(t, mailtest.TokenOptions{})
	first := d.token()
	if d.source.Reject(first) {
		t.Error("a new token is no better than a new one")
	}
	if d.token() != first {
		t.Error("a new token is dropped")
	}
	d.provider.Expire()
	if !d.source.Reject(first) {
		t.Error("another token is worth a try")
	}
	second := d.token()
	if second == first {
		t.Error("the same token again")
	}
	if !d.source.Reject(first) || d.token() != second {
		t.Error("what another login had refused drops the new token")
	}
	d.asked(2)
}

func TestClientCredentials(t *testing.T) {
	d := newDesk(t, mailtest.TokenOptions{Lifetime: 10 * time.Minute})
	d.source.Keeper = nil
	d.source.Client.Scopes = oauth.MicrosoftAppScopes()
	first := d.token()
	d.clock.Advance(9 * time.Minute)
	if d.token() == first {
		t.Error("the token would expire on the way")
	}
	for _, q := range d.provider.Asked() {
		if q.Get("grant_type") != "client_credentials" || q.Get("scope") != "https://outlook.office365.com/.default" || q.Has("refresh_token") {
			t.Errorf("asked %v", q)
		}
	}
}

// A token endpoint that takes connections and says nothing holds up a login for no longer than the client waits, or the login.
func TestSilentProvider(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	silent := func(timeout time.Duration) *oauth.Source {
		c := client(nil, "http://"+l.Addr().String(), false)
		c.HTTP = &http.Client{Timeout: timeout}
		return &oauth.Source{Client: c, Account: account, Keeper: &kept{token: "old"}, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)}
	}
	_, err = silent(50 * time.Millisecond).Token(t.Context())
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() || !strings.HasPrefix(err.Error(), "no answer with a token from Example Mail: ") {
		t.Errorf("with a client that waits 50ms: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err = silent(2 * time.Second).Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a login that waits 50ms: %v", err)
	}
}

func TestSealer(t *testing.T) {
	secret := bytes.Repeat([]byte("k"), oauth.MinSecret)
	s, err := oauth.NewSealer(secret)
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.Seal("refresh-1", account)
	if text, err := s.Open(sealed, account); text != "refresh-1" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if bytes.Equal(sealed, s.Seal("refresh-1", account)) || bytes.Contains(sealed, []byte("refresh-1")) {
		t.Error("it can be told what is sealed")
	}
	if _, err := s.Open(sealed, "ana@agency.example"); err == nil || errors.Is(err, oauth.ErrOtherSecret) {
		t.Errorf("for another account: %v", err)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := s.Open(changed, account); err == nil {
			t.Errorf("byte %d changed: it opens", i)
		}
		if _, err := s.Open(sealed[:i], account); err == nil {
			t.Errorf("cut at %d: it opens", i)
		}
	}
	other, err := oauth.NewSealer(append(secret, 'k'))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(sealed, account); !errors.Is(err, oauth.ErrOtherSecret) {
		t.Errorf("with another secret: %v", err)
	}
	if _, err := oauth.NewSealer(secret[1:]); err == nil || strings.Contains(err.Error(), "kkk") {
		t.Errorf("a short secret: %v", err)
	}
}

// The browser gets to the loopback address and the code is traded; an answer with another state changes nothing.
func TestBrowser(t *testing.T) {
	for _, secret := range []bool{true, false} {
		opt := mailtest.TokenOptions{Client: "desk", Account: account}
		if secret {
			opt.Secret = clientSecret
		}
		s := mailtest.StartTokenServer(opt)
		t.Cleanup(s.Close)
		page := make(chan string, 1)
		got, err := client(s, s.URL, secret).Browser(t.Context(), account, func(address string) {
			go func() {
				u, _ := url.Parse(address)
				if q := u.Query(); q.Get("access_type") != "offline" || q.Get("login_hint") != account || q.Get("scope") != "mail offline_access" {
					t.Errorf("asks for %v", q)
				}
				back := u.Query().Get("redirect_uri")
				for path, want := range map[string]int{"/?code=c&state=wrong": 400, "/?error=access_denied&state=": 400, "/favicon.ico": 404} {
					if r, err := http.Get(back + path); err != nil || r.StatusCode != want {
						t.Errorf("%s: %v, %v", path, r, err)
					}
				}
				r, err := http.Get(address)
				if err != nil {
					t.Error(err)
					return
				}
				text, _ := io.ReadAll(r.Body)
				page <- string(text)
			}()
		})
		if err != nil || !strings.HasPrefix(got.RefreshToken, "refresh-") || len(got.Missing([]string{"mail", "offline_access"})) > 0 {
			t.Errorf("consent %v, %v", got.Scopes, err)
		}
		if text := <-page; !strings.Contains(text, "Thank you") {
			t.Errorf("the browser shows %q", text)
		}
	}
}

func TestBrowserWithoutConsent(t *testing.T) {
	s := mailtest.StartTokenServer(mailtest.TokenOptions{Client: "desk", Account: account})
	t.Cleanup(s.Close)
	s.Answer("access_denied")
	_, err := client(s, s.URL, false).Browser(t.Context(), account, func(address string) { go http.Get(address) })
	if err == nil || err.Error() != "consent was refused at Example Mail" {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := client(s, s.URL, false).Browser(ctx, account, func(string) {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody came: %v", err)
	}
}

func TestPaste(t *testing.T) {
	s := mailtest.StartTokenServer(mailtest.TokenOptions{Client: "desk", Account: account, Scopes: "openid"})
	t.Cleanup(s.Close)
	// browser is one on another machine: what stays in its address line.
	browser := func(_ context.Context, address string) (string, error) {
		noPage := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		r, err := noPage.Get(address)
		if err != nil {
			return "", err
		}
		return r.Header.Get("Location") + "\n", nil
	}
	got, err := client(s, s.URL, false).Paste(t.Context(), account, browser)
	if missing := got.Missing([]string{"mail", "offline_access"}); err != nil || got.RefreshToken == "" || len(missing) != 1 || missing[0] != "mail" {
		t.Errorf("consent without %v, %v", missing, err)
	}
	for text, says := range map[string]string{
		"":        "not the address that the browser ended at",
		"code-12": "not the address that the browser ended at",
		"http://127.0.0.1:49152/?code=code-1&state=other": "another request",
	} {
		_, err := client(s, s.URL, false).Paste(t.Context(), account, func(context.Context, string) (string, error) { return text, nil })
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "code-1") {
			t.Errorf("%q: %v", text, err)
		}
	}
	// A code without its verifier is worth nothing: somebody else's request was answered.
	var first string
	_, err = client(s, s.URL, false).Paste(t.Context(), account, func(ctx context.Context, address string) (string, error) {
		first, _ = browser(ctx, address)
		stolen, _ := url.Parse(strings.TrimSpace(first))
		own, _ := url.Parse(address)
		stolen.RawQuery = url.Values{"code": {stolen.Query().Get("code") + "x"}, "state": {own.Query().Get("state")}}.Encode()
		return stolen.String(), nil
	})
	if err == nil || !strings.Contains(err.Error(), "invalid_grant") {
		t.Errorf("a code that is not ours: %v", err)
	}
}

// The device flow waits for the person, more slowly when told so, on the clock of a bubble.
func TestDevice(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		says    string
		within  time.Duration
	}{
		"at once":       {[]string{""}, "", 2 * time.Second},
		"after a while": {[]string{"authorization_pending", "authorization_pending", "authorization_pending", ""}, "", 5 * time.Second},
		"slower":        {[]string{"slow_down", "authorization_pending", ""}, "", 14 * time.Second},
		"refused":       {[]string{"authorization_pending", "access_denied"}, "consent was refused at Example Mail", 3 * time.Second},
		"expired":       {[]string{"authorization_pending", "expired_token"}, "not entered in time", 3 * time.Second},
		"never":         {nil, "not entered in time", 16 * time.Minute},
		"other":         {[]string{"invalid_client"}, "check client_id", 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := mailtest.NewTokenServer(mailtest.TokenOptions{Client: "desk", Account: account})
				asked := 0
				s.Fail(func(q url.Values) (int, string) {
					asked++
					if asked > len(c.answers) || c.answers[asked-1] == "" {
						return 0, ""
					}
					return 400, `{"error":"` + c.answers[asked-1] + `"}`
				})
				if len(c.answers) > 0 && c.answers[len(c.answers)-1] == "" {
					s.Answer("")
				}
				begun := time.Now()
				shown := ""
				got, err := client(s, "http://provider.example", false).Device(t.Context(), func(address, code string, until time.Time) {
					shown = address + " " + code
				})
				if !strings.HasSuffix(shown, "/enter BREW-TEA") {
					t.Errorf("shown %q", shown)
				}
				if (c.says == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "device-")) {
					t.Errorf("error %v", err)
				}
				if (err == nil) != strings.HasPrefix(got.RefreshToken, "refresh-") {
					t.Errorf("consent %v", got)
				}
				if took := time.Since(begun); took > c.within || took < c.within/4 {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

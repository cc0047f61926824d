package mailtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"
)

// TokenServer is a provider of OAuth2: authorization codes with PKCE, device codes, refresh tokens and client credentials. A test is
// the person: consent is given at once to an authorization request, and to a device code by Answer.
type TokenServer struct {
	URL string // http://127.0.0.1:port; below it /authorize, /device and /token

	opt    TokenOptions
	server *httptest.Server

	mu      sync.Mutex
	codes   map[string]request // by code, for authorization and device codes
	refresh map[string]string  // refresh token to account
	access  map[string]grant   // access token to what it is for
	asked   []url.Values       // every request of /token
	answer  string             // to device codes, see Answer
	fault   func(url.Values) (status int, body string)
}

// TokenOptions tune a TokenServer.
type TokenOptions struct {
	Client, Secret string        // the only client; without a Secret it is a public one
	Account        string        // whose consent is given
	Lifetime       time.Duration // of access tokens, in whole seconds; 0: an hour
	Rotate         bool          // each use of a refresh token ends it and gives another
	Scopes         string        // granted instead of those asked for
	Now            func() time.Time
}

type request struct {
	challenge, redirect, scopes string
}

type grant struct {
	account string
	until   time.Time
}

// StartTokenServer serves until Close.
func StartTokenServer(opt TokenOptions) *TokenServer {
	s := NewTokenServer(opt)
	s.server = httptest.NewServer(s)
	s.URL = s.server.URL
	return s
}

// NewTokenServer is an http.Handler alone.
func NewTokenServer(opt TokenOptions) *TokenServer {
	if opt.Lifetime == 0 {
		opt.Lifetime = time.Hour
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &TokenServer{opt: opt, codes: map[string]request{}, refresh: map[string]string{}, access: map[string]grant{}, answer: "authorization_pending"}
}

// Close ends it.
func (s *TokenServer) Close() { s.server.Close() }

// ServeHTTP is the provider.
func (s *TokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.URL.Path {
	case "/authorize":
		s.authorize(w, r)
	case "/device":
		s.device(w, r)
	case "/token":
		s.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *TokenServer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != s.opt.Client || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("state") == "" {
		http.Error(w, "this request is not right", http.StatusBadRequest)
		return
	}
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Hostname() != "127.0.0.1" {
		http.Error(w, "a redirect to elsewhere", http.StatusBadRequest)
		return
	}
	code := "code-" + rand.Text()
	s.codes[code] = request{q.Get("code_challenge"), q.Get("redirect_uri"), q.Get("scope")}
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	if s.answer == "access_denied" {
		back.RawQuery = url.Values{"error": {"access_denied"}, "state": {q.Get("state")}}.Encode()
	}
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (s *TokenServer) device(w http.ResponseWriter, r *http.Request) {
	if r.PostForm.Get("client_id") != s.opt.Client {
		fail(w, http.StatusBadRequest, "invalid_client", "")
		return
	}
	code := "device-" + rand.Text()
	s.codes[code] = request{scopes: r.PostForm.Get("scope")}
	reply(w, http.StatusOK, map[string]any{"device_code": code, "user_code": "BREW-TEA", "verification_uri": s.URL + "/enter", "expires_in": 900, "interval": 1})
}

// Answer is what the person does about device codes: "" consents; "authorization_pending" waits, as at first; "access_denied" refuses,
// authorization requests too; "slow_down" and "expired_token" are the server's.
func (s *TokenServer) Answer(with string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = with
}

// Fail makes every request for a token fail as f says; a status of 0 goes on. nil ends it.
func (s *TokenServer) Fail(f func(url.Values) (status int, body string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Asked are the requests for tokens so far.
func (s *TokenServer) Asked() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]url.Values(nil), s.asked...)
}

// Consent is a refresh token that was given before the test.
func (s *TokenServer) Consent(account string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newRefresh(account)
}

func (s *TokenServer) newRefresh(account string) string {
	token := "refresh-" + rand.Text()
	s.refresh[token] = account
	return token
}

// Expire ends every access token.
func (s *TokenServer) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
}

// Revoke takes all consent back.
func (s *TokenServer) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.refresh)
}

// Valid tells whether token opens account now. It is what an Office asks.
func (s *TokenServer) Valid(account, token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.access[token]
	return ok && (g.account == account || g.account == "*") && s.opt.Now().Before(g.until)
}

// Secrets are all that no log may tell.
func (s *TokenServer) Secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []string{}
	if s.opt.Secret != "" {
		all = append(all, s.opt.Secret)
	}
	return append(all, "refresh-", "access-", "device-")
}

func (s *TokenServer) token(w http.ResponseWriter, r *http.Request) {
	q := r.PostForm
	s.asked = append(s.asked, q)
	if s.fault != nil {
		if status, body := s.fault(q); status != 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return
		}
	}
	if q.Get("client_id") != s.opt.Client || q.Get("client_secret") != s.opt.Secret {
		fail(w, http.StatusUnauthorized, "invalid_client", "the client is unknown, or its secret "+q.Get("client_secret")+" is wrong")
		return
	}
	account, scopes, refresh := s.opt.Account, q.Get("scope"), ""
	switch q.Get("grant_type") {
	case "authorization_code":
		asked, ok := s.codes[q.Get("code")]
		challenge := sha256.Sum256([]byte(q.Get("code_verifier")))
		if !ok || asked.redirect != q.Get("redirect_uri") || asked.challenge != base64.RawURLEncoding.EncodeToString(challenge[:]) {
			fail(w, http.StatusBadRequest, "invalid_grant", "the code or its verifier is wrong")
			return
		}
		delete(s.codes, q.Get("code"))
		scopes, refresh = asked.scopes, s.newRefresh(account)
	case "urn:ietf:params:oauth:grant-type:device_code":
		asked, ok := s.codes[q.Get("device_code")]
		switch {
		case !ok:
			fail(w, http.StatusBadRequest, "invalid_grant", "there is no such device code")
			return
		case s.answer != "":
			answer := s.answer
			if answer == "slow_down" { // said once
				s.answer = ""
			}
			fail(w, http.StatusBadRequest, answer, "")
			return
		}
		delete(s.codes, q.Get("device_code"))
		scopes, refresh = asked.scopes, s.newRefresh(account)
	case "refresh_token":
		var ok bool
		if account, ok = s.refresh[q.Get("refresh_token")]; !ok {
			fail(w, http.StatusBadRequest, "invalid_grant", "The token "+q.Get("refresh_token")+" has been expired or revoked.\r\nTrace ID: 1")
			return
		}
		if s.opt.Rotate {
			delete(s.refresh, q.Get("refresh_token"))
			refresh = s.newRefresh(account)
		}
	case "client_credentials":
		account = "*"
	default:
		fail(w, http.StatusBadRequest, "unsupported_grant_type", "")
		return
	}
	if s.opt.Scopes != "" {
		scopes = s.opt.Scopes
	}
	token := "access-" + rand.Text()
	s.access[token] = grant{account, s.opt.Now().Add(s.opt.Lifetime)}
	body := map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(s.opt.Lifetime / time.Second)}
	if refresh != "" {
		body["refresh_token"] = refresh
	}
	if scopes != "" {
		body["scope"] = strings.TrimSuffix(scopes, " offline_access")
	}
	reply(w, http.StatusOK, body)
}

func reply(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went needs no answer
}

func fail(w http.ResponseWriter, status int, code, description string) {
	body := map[string]any{"error": code}
	if description != "" {
		body["error_description"] = description
	}
	reply(w, status, body)
}

package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Consent is what a person allowed.
type Consent struct {
	RefreshToken string
	Scopes       []string // as the provider names them; those asked for if it does not
}

// Missing are the scopes of want that were not allowed. offline_access stands for the refresh token, and is never named.
func (c Consent) Missing(want []string) []string {
	var missing []string
	for _, w := range want {
		given := w == "offline_access"
		for _, s := range c.Scopes {
			given = given || strings.EqualFold(s, w)
		}
		if !given {
			missing = append(missing, w)
		}
	}
	return missing
}

func (c Client) consent(t *oauth2.Token) (Consent, error) {
	if t.RefreshToken == "" {
		return Consent{}, fmt.Errorf("%s gave no refresh token: take Handoff's access away in the account's settings at %s, and run this again", c.Provider, c.Provider)
	}
	consent := Consent{RefreshToken: t.RefreshToken, Scopes: c.Scopes}
	if s, ok := t.Extra("scope").(string); ok && s != "" {
		consent.Scopes = strings.Fields(s)
	}
	return consent, nil
}

// authorization is one request for a person's consent in a browser (RFC 6749, section 4.1) with PKCE (RFC 7636).
type authorization struct {
	client   Client
	conf     *oauth2.Config
	state    string
	verifier string
	URL      string // to be opened in a browser
}

func (c Client) authorization(redirect, account string) (*authorization, error) {
	conf, err := c.config()
	if err != nil {
		return nil, err
	}
	conf.RedirectURL = redirect
	a := &authorization{client: c, conf: conf, state: rand.Text(), verifier: oauth2.GenerateVerifier()}
	a.URL = conf.AuthCodeURL(a.state, oauth2.AccessTypeOffline, oauth2.ApprovalForce, oauth2.S256ChallengeOption(a.verifier),
		oauth2.SetAuthURLParam("login_hint", account))
	return a, nil
}

var errOtherState = errors.New("this is the answer to another request: open the address that was shown last")

// code is what the provider sends back; the request is over unless the error is errOtherState.
func (a *authorization) code(q url.Values) (string, error) {
	switch {
	case subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(a.state)) != 1:
		return "", errOtherState
	case q.Get("error") == "access_denied":
		return "", fmt.Errorf("consent was refused at %s", a.client.Provider)
	case q.Get("error") != "":
		return "", a.client.fault(q.Get("error"), q.Get("error_description"), a.client.Endpoint.AuthURL, a.state, a.verifier)
	case q.Get("code") == "":
		return "", fmt.Errorf("%s sent neither a code nor an error", a.client.Provider)
	}
	return q.Get("code"), nil
}

// exchange trades the code.
func (a *authorization) exchange(ctx context.Context, code string) (Consent, error) {
	t, err := a.conf.Exchange(a.client.with(ctx), code, oauth2.VerifierOption(a.verifier))
	if err != nil {
		return Consent{}, a.client.explain(err, code, a.verifier, a.conf.ClientSecret)
	}
	return a.client.consent(t)
}

// Browser asks a person for consent in a browser on this machine (RFC 8252): show tells them the address to open, and the answer
// comes to a port on loopback that is open until then.
func (c Client) Browser(ctx context.Context, account string, show func(address string)) (Consent, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return Consent{}, fmt.Errorf("cannot wait for the browser: %w", err)
	}
	a, err := c.authorization("http://"+l.Addr().String(), account)
	if err != nil {
		return Consent{}, errors.Join(err, l.Close())
	}
	type answer struct {
		code string
		err  error
	}
	answers := make(chan answer, 1)
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		code, err := a.code(r.URL.Query())
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Connection", "close")
		if errors.Is(err, errOtherState) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintln(w, "This is not the answer that Handoff waits for.")
			return
		}
		if err != nil {
			fmt.Fprintln(w, "No consent was given. You may close this page; the terminal says more.")
		} else {
			fmt.Fprintln(w, "Thank you. You may close this page and go back to the terminal.")
		}
		select {
		case answers <- answer{code, err}:
		default: // it came twice
		}
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	show(a.URL)
	var got answer
	select {
	case got = <-answers:
	case err := <-served:
		return Consent{}, fmt.Errorf("cannot wait for the browser: %w", err)
	case <-ctx.Done():
		got.err = ctx.Err()
	}
	// The page is on its way to the browser yet.
	leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if server.Shutdown(leave) != nil {
		_ = server.Close()
	}
	<-served
	if got.err != nil {
		return Consent{}, got.err
	}
	return a.exchange(ctx, got.code)
}

// elsewhere is where a browser on another machine is sent: nothing of ours listens there, its address line is what counts.
const elsewhere = "http://127.0.0.1:49152"

// Paste asks for consent in a browser on another machine: ask shows the address to open, and gives the address that the browser was
// sent to in the end, which shows no page.
func (c Client) Paste(ctx context.Context, account string, ask func(ctx context.Context, address string) (string, error)) (Consent, error) {
	a, err := c.authorization(elsewhere, account)
	if err != nil {
		return Consent{}, err
	}
	text, err := ask(ctx, a.URL)
	if err != nil {
		return Consent{}, err
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || !u.Query().Has("state") {
		return Consent{}, fmt.Errorf("this is not the address that the browser ended at: it begins with %s/ and has a code in it", elsewhere)
	}
	code, err := a.code(u.Query())
	if err != nil {
		return Consent{}, err
	}
	return a.exchange(ctx, code)
}

// Device asks for consent on any other device (RFC 8628): show tells the person where to go, which code to enter there, and until when.
func (c Client) Device(ctx context.Context, show func(address, code string, until time.Time)) (Consent, error) {
	conf, err := c.config()
	if err != nil {
		return Consent{}, err
	}
	ctx = c.with(ctx)
	d, err := conf.DeviceAuth(ctx)
	if err != nil {
		return Consent{}, c.explain(err, conf.ClientSecret)
	}
	show(d.VerificationURI, d.UserCode, d.Expiry)
	for {
		t, err := conf.DeviceAccessToken(ctx, d)
		var network *url.Error
		switch {
		case err == nil:
			return c.consent(t)
		case ctx.Err() != nil:
			return Consent{}, ctx.Err()
		case errors.Is(err, context.DeadlineExceeded) && !d.Expiry.IsZero() && !time.Now().Before(d.Expiry):
			return Consent{}, errCodeExpired
		case errors.As(err, &network): // the person is at work: the next request may get through
			continue
		}
		err = c.explain(err, conf.ClientSecret, d.DeviceCode)
		if f, ok := errors.AsType[*Fault](err); ok {
			switch f.Code {
			case "access_denied", "authorization_declined":
				return Consent{}, fmt.Errorf("consent was refused at %s", c.Provider)
			case "expired_token":
				return Consent{}, errCodeExpired
			}
		}
		return Consent{}, err
	}
}

var errCodeExpired = errors.New("the code was not entered in time: run this again")

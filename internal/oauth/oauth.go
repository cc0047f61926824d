// Package oauth gets access tokens for mail servers (OAuth 2.0, RFC 6749): a person's consent once, by browser or by device
// code, then refresh tokens; or client credentials without a person. No error of it tells a token or a secret.
package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"handoff/internal/redact"
)

// Client is an application that is registered with a provider.
type Client struct {
	Provider string // as people call it
	ID       string
	Secret   func() (string, error) // asked at each use, so that a new one needs no restart; nil: a public client
	Endpoint oauth2.Endpoint
	Scopes   []string
	HTTP     *http.Client // nil: one that waits half a minute for an answer
}

// GoogleScopes are what IMAP and SMTP of Google take.
func GoogleScopes() []string { return []string{"https://mail.google.com/"} }

// MicrosoftScopes are what IMAP and SMTP of Microsoft 365 take from a person.
func MicrosoftScopes() []string {
	return []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"}
}

// MicrosoftAppScopes are what they take from an application of its own right (client credentials).
func MicrosoftAppScopes() []string { return []string{"https://outlook.office365.com/.default"} }

// Google is where Google gives consent and tokens. Its device flow has no scope for mail, so it is left out.
func Google() oauth2.Endpoint {
	return oauth2.Endpoint{
		AuthURL: "https://accounts.google.com/o/oauth2/v2/auth", TokenURL: "https://oauth2.googleapis.com/token",
		AuthStyle: oauth2.AuthStyleInParams,
	}
}

// Microsoft is where Microsoft Entra ID does, for a tenant: a domain, an id, or "organizations" for whichever the person is of.
func Microsoft(tenant string) oauth2.Endpoint {
	base := "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/"
	return oauth2.Endpoint{
		AuthURL: base + "authorize", TokenURL: base + "token", DeviceAuthURL: base + "devicecode", AuthStyle: oauth2.AuthStyleInParams,
	}
}

// config is the client with its secret.
func (c Client) config() (*oauth2.Config, error) {
	conf := &oauth2.Config{ClientID: c.ID, Endpoint: c.Endpoint, Scopes: c.Scopes}
	if c.Secret == nil {
		conf.Endpoint.AuthStyle = oauth2.AuthStyleInParams // there is nothing to find out
		return conf, nil
	}
	var err error
	conf.ClientSecret, err = c.Secret()
	return conf, err
}

// with is the context that tells the library our HTTP client.
func (c Client) with(ctx context.Context) context.Context {
	client := c.HTTP
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	return context.WithValue(ctx, oauth2.HTTPClient, client)
}

// credentials are a token for the application itself (RFC 6749, section 4.4).
func (c Client) credentials(ctx context.Context) (*oauth2.Token, error) {
	conf, err := c.config()
	if err != nil {
		return nil, err
	}
	own := clientcredentials.Config{
		ClientID: conf.ClientID, ClientSecret: conf.ClientSecret, TokenURL: conf.Endpoint.TokenURL, Scopes: conf.Scopes,
		AuthStyle: conf.Endpoint.AuthStyle,
	}
	t, err := own.Token(c.with(ctx))
	return t, c.explain(err, conf.ClientSecret)
}

// refresh trades a refresh token (section 6).
func (c Client) refresh(ctx context.Context, token string) (*oauth2.Token, error) {
	conf, err := c.config()
	if err != nil {
		return nil, err
	}
	t, err := conf.TokenSource(c.with(ctx), &oauth2.Token{RefreshToken: token}).Token()
	return t, c.explain(err, conf.ClientSecret, token)
}

// Fault is an answer of the provider that is no token.
type Fault struct {
	Provider    string
	Code        string        // RFC 6749, section 5.2; "" if the answer is none of OAuth's
	Description string        // the provider's
	Status      int           // HTTP
	Wait        time.Duration // for so long it wants no other request; 0: it does not say
	URL         string        // that was asked
}

func (f *Fault) Error() string {
	if f.Code == "" {
		return fmt.Sprintf("%s answers with HTTP status %d and no token (%s)", f.Provider, f.Status, f.URL)
	}
	text := f.Provider + " gives no token: " + f.Code
	if f.Description != "" {
		text += " (" + f.Description + ")"
	}
	switch f.Code {
	case "invalid_client", "unauthorized_client":
		text += ": check client_id and the client secret, which may have expired"
	case "invalid_scope":
		text += ": check scopes and tenant"
	}
	return text
}

// final tells that a person has to give consent again: nothing else will help.
func (f *Fault) final() bool {
	switch f.Code {
	case "invalid_grant", "interaction_required", "consent_required", "login_required":
		return true
	}
	return false
}

// explain puts what the library says into words without secrets.
func (c Client) explain(err error, secrets ...string) error {
	refusal, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		if err == nil || errors.Is(err, context.Canceled) {
			return err
		}
		return redact.Error(fmt.Errorf("no answer with a token from %s: %w", c.Provider, err), secrets...)
	}
	f := c.fault(refusal.ErrorCode, refusal.ErrorDescription, c.Endpoint.TokenURL, secrets...)
	if r := refusal.Response; r != nil {
		f.Status = r.StatusCode
		if d, err := time.ParseDuration(r.Header.Get("Retry-After") + "s"); err == nil && d > 0 {
			f.Wait = d
		}
	}
	return f
}

// fault is the provider's own account of what is wrong, which may repeat what it was sent.
func (c Client) fault(code, description, address string, secrets ...string) *Fault {
	return &Fault{
		Provider: c.Provider, Code: redact.Values(firstLine(code), secrets...),
		Description: firstLine(redact.Values(description, secrets...)), URL: address,
	}
}

// firstLine keeps what Microsoft says, without the trace ids below it.
func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.ReplaceAll(s, "\r", "\n"), "\n")
	const most = 300
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strings.TrimSpace(s)
}

package main

import (
	"fmt"
	"net"
	"net/url"

	"golang.org/x/oauth2"

	"handoff/internal/oauth"
)

// OAuthConfig says where access tokens come from: a person's consent that "handoff auth" stored, a refresh token from elsewhere
// (RFC 6749, section 6), or the application's own right (section 4.4).
type OAuthConfig struct {
	Provider         string   `toml:"provider"`
	Tenant           string   `toml:"tenant"`
	Grant            string   `toml:"grant"`
	AuthURL          string   `toml:"auth_url"`
	DeviceURL        string   `toml:"device_url"`
	TokenURL         string   `toml:"token_url"`
	ClientID         string   `toml:"client_id"`
	ClientSecretEnv  string   `toml:"client_secret_env"`
	ClientSecretFile string   `toml:"client_secret_file"`
	RefreshTokenEnv  string   `toml:"refresh_token_env"`
	RefreshTokenFile string   `toml:"refresh_token_file"`
	Scopes           []string `toml:"scopes"`
}

// The providers that need no URLs, and the grants.
const (
	google    = "google"
	microsoft = "microsoft"

	byRefreshToken = "refresh_token"
	byCredentials  = "client_credentials"
)

// label is the provider as people call it.
func (o *OAuthConfig) label() string {
	switch o.Provider {
	case google:
		return "Google"
	case microsoft:
		return "Microsoft"
	}
	if u, err := url.Parse(o.TokenURL); err == nil {
		return u.Hostname()
	}
	return "the provider"
}

// stored tells whether the refresh token is one that "handoff auth" stores.
func (o *OAuthConfig) stored() bool {
	return o.Grant != byCredentials && o.RefreshTokenEnv == "" && o.RefreshTokenFile == ""
}

func (o *OAuthConfig) hasSecret() bool { return o.ClientSecretEnv != "" || o.ClientSecretFile != "" }

// endpoint is the provider's, with the URLs that the configuration has instead.
func (o *OAuthConfig) endpoint() oauth2.Endpoint {
	var e oauth2.Endpoint
	switch o.Provider {
	case google:
		e = oauth.Google()
	case microsoft:
		tenant := o.Tenant
		setDefault(&tenant, "organizations")
		e = oauth.Microsoft(url.PathEscape(tenant))
	}
	for to, from := range map[*string]string{&e.AuthURL: o.AuthURL, &e.DeviceAuthURL: o.DeviceURL, &e.TokenURL: o.TokenURL} {
		if from != "" {
			*to = from
		}
	}
	return e
}

func (o *OAuthConfig) scopes() []string {
	switch {
	case len(o.Scopes) > 0:
		return o.Scopes
	case o.Provider == google:
		return oauth.GoogleScopes()
	case o.Provider == microsoft && o.Grant == byCredentials:
		return oauth.MicrosoftAppScopes()
	case o.Provider == microsoft:
		return oauth.MicrosoftScopes()
	}
	return nil
}

// client is the application that is registered with the provider.
func (o *OAuthConfig) client() oauth.Client {
	c := oauth.Client{Provider: o.label(), ID: o.ClientID, Endpoint: o.endpoint(), Scopes: o.scopes()}
	if o.hasSecret() {
		c.Secret = func() (string, error) { return readSecret("client secret", o.ClientSecretEnv, o.ClientSecretFile) }
	}
	return c
}

// shareOAuth gives the [oauth] table to every login with tokens that says nothing else.
func (c *Config) shareOAuth() {
	share := func(l *LoginConfig) {
		if l.byToken() && l.OAuth == nil && l.TokenEnv == "" && l.TokenFile == "" {
			l.OAuth = c.OAuth
		}
	}
	for i := range c.Mailboxes {
		share(&c.Mailboxes[i].LoginConfig)
	}
	share(&c.SMTP.LoginConfig)
}

func (o *OAuthConfig) resolve(relative func(*string)) {
	if o != nil {
		relative(&o.ClientSecretFile)
		relative(&o.RefreshTokenFile)
	}
}

func (v *validation) oauth(key string, o *OAuthConfig) {
	v.oneOf(key+".provider", o.Provider, "", google, microsoft)
	v.oneOf(key+".grant", o.Grant, "", byRefreshToken, byCredentials)
	if o.ClientID == "" {
		v.add(key+".client_id", "is missing: the provider shows it where the application is registered, see docs/providers.md")
	}
	if o.ClientSecretEnv != "" && o.ClientSecretFile != "" {
		v.add(key, "give client_secret_env or client_secret_file, not both")
	}
	if o.RefreshTokenEnv != "" && o.RefreshTokenFile != "" {
		v.add(key, "give refresh_token_env or refresh_token_file, not both; or neither, and run \"handoff auth\"")
	}
	switch o.Provider {
	case "":
		if o.TokenURL == "" {
			v.add(key+".token_url", "is missing: write provider = \"google\" or \"microsoft\", or the token URL of another provider")
		}
		if o.stored() {
			v.add(key, "of another provider than Google and Microsoft, give refresh_token_env or refresh_token_file, or grant = \"client_credentials\"")
		}
	case google:
		if !o.hasSecret() {
			v.add(key, "Google gives every application a secret: name its place with client_secret_env or client_secret_file")
		}
		if o.Grant == byCredentials {
			v.add(key+".grant", "Google's mail servers take no client credentials: leave it out, and run \"handoff auth google\"")
		}
	}
	if o.Tenant != "" && o.Provider != microsoft {
		v.add(key+".tenant", "is for provider = \"microsoft\" alone")
	}
	if o.Grant == byCredentials {
		switch {
		case !o.hasSecret():
			v.add(key, "client credentials need a client secret: name its place with client_secret_env or client_secret_file")
		case o.RefreshTokenEnv != "" || o.RefreshTokenFile != "":
			v.add(key, "client credentials need no refresh token: leave out refresh_token_env and refresh_token_file")
		case o.Provider == microsoft && o.Tenant == "" && o.TokenURL == "":
			v.add(key+".tenant", "is missing: client credentials are for one tenant, its domain or id")
		}
	}
	for name, text := range map[string]string{"auth_url": o.AuthURL, "device_url": o.DeviceURL, "token_url": o.TokenURL} {
		if text != "" {
			v.secureURL(key+"."+name, text)
		}
	}
}

// secureURL is one that nobody can listen to: secrets go there.
func (v *validation) secureURL(key, text string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		v.add(key, "%q is not a URL, like \"https://login.example/token\"", text)
	case u.Scheme == "https":
	case u.Scheme == "http" && isLoopback(u.Hostname()):
	default:
		v.add(key, "%q has to begin with https://: secrets go there", fmt.Sprintf("%s://%s", u.Scheme, u.Host))
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

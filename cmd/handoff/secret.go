package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

// readSecret is the value of the environment variable env, or the content of the file. Errors never hold the value.
func readSecret(what, env, file string) (string, error) {
	if env != "" {
		v := os.Getenv(env)
		if v == "" {
			return "", fmt.Errorf("%s: the environment variable %s is not set", what, env)
		}
		return v, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: there is no file %s", what, file)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	v := string(bytes.TrimRight(text, "\r\n"))
	if v == "" {
		return "", fmt.Errorf("%s: %s is empty", what, file)
	}
	return v, nil
}

// password is the login's password; "" for a login without user.
func (l LoginConfig) password(what string) (string, error) {
	if l.User == "" || l.Auth != "password" {
		return "", nil
	}
	return readSecret(what+" password", l.PasswordEnv, l.PasswordFile)
}

// tokenSource gives a fresh access token for each login; nil for a login by password. A token file or variable is read
// anew each time, so another program may keep it fresh.
func (l LoginConfig) tokenSource(what string) (func(context.Context) (string, error), error) {
	if l.User == "" || l.Auth == "password" {
		return nil, nil
	}
	o := l.OAuth
	if o == nil {
		return func(context.Context) (string, error) {
			t, err := readSecret(what+" token", l.TokenEnv, l.TokenFile)
			return strings.TrimSpace(t), err
		}, nil
	}
	refresh, err := readSecret(what+" refresh token", o.RefreshTokenEnv, o.RefreshTokenFile)
	if err != nil {
		return nil, err
	}
	source := &accessTokens{
		what: what, token: &oauth2.Token{RefreshToken: refresh}, kept: refresh, file: o.RefreshTokenFile,
		client: &http.Client{Timeout: 30 * time.Second},
		conf: oauth2.Config{
			ClientID: o.ClientID,
			Endpoint: oauth2.Endpoint{TokenURL: o.TokenURL},
			Scopes:   o.Scopes,
		},
	}
	if o.ClientSecretEnv != "" || o.ClientSecretFile != "" {
		if source.conf.ClientSecret, err = readSecret(what+" client secret", o.ClientSecretEnv, o.ClientSecretFile); err != nil {
			return nil, err
		}
	}
	return source.access, nil
}

// accessTokens trades a refresh token for access tokens and keeps each until it expires.
type accessTokens struct {
	what   string
	conf   oauth2.Config
	client *http.Client // bounds how long the token endpoint may be silent
	file   string       // where a new refresh token is kept; "" if the first came from the environment

	mu    sync.Mutex
	token *oauth2.Token // the last one, at first the refresh token alone
	kept  string        // the refresh token in file
}

// access is a token that is good for a login now.
func (a *accessTokens) access(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t, err := a.conf.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, a.client), a.token).Token()
	if err != nil {
		return "", fmt.Errorf("%s: no access token from %s: %w", a.what, a.conf.Endpoint.TokenURL, err)
	}
	a.token = t
	if t.RefreshToken != "" && t.RefreshToken != a.kept && a.file != "" {
		// Providers that hand out a new refresh token let the old one expire: the next start needs the new one.
		if err := replaceFile(a.file, t.RefreshToken+"\n"); err != nil {
			return "", fmt.Errorf("%s: cannot keep the new refresh token: %w", a.what, err)
		}
		a.kept = t.RefreshToken
	}
	return t.AccessToken, nil
}

// replaceFile writes a file that its owner alone can read, whole or not at all.
func replaceFile(path, text string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".handoff-*")
	if err != nil {
		return err
	}
	_, err = io.WriteString(tmp, text)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

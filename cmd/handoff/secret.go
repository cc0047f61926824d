package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

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
func (l LoginConfig) tokenSource(ctx context.Context, what string) (func(context.Context) (string, error), error) {
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
	conf := oauth2.Config{
		ClientID: o.ClientID,
		Endpoint: oauth2.Endpoint{TokenURL: o.TokenURL},
		Scopes:   o.Scopes,
	}
	if o.ClientSecretEnv != "" || o.ClientSecretFile != "" {
		if conf.ClientSecret, err = readSecret(what+" client secret", o.ClientSecretEnv, o.ClientSecretFile); err != nil {
			return nil, err
		}
	}
	source := conf.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh})
	var mu sync.Mutex
	return func(context.Context) (string, error) {
		t, err := source.Token()
		if err != nil {
			return "", fmt.Errorf("%s: no access token from %s: %w", what, o.TokenURL, err)
		}
		mu.Lock()
		defer mu.Unlock()
		if t.RefreshToken != "" && t.RefreshToken != refresh && o.RefreshTokenFile != "" {
			// Providers that hand out a new refresh token let the old one expire: the next start needs the new one.
			if err := replaceFile(o.RefreshTokenFile, t.RefreshToken+"\n"); err != nil {
				return "", fmt.Errorf("%s: cannot keep the new refresh token: %w", what, err)
			}
			refresh = t.RefreshToken
		}
		return t.AccessToken, nil
	}, nil
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

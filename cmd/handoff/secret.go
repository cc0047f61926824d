package main

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"handoff/internal/oauth"
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
	if l.User == "" || l.byToken() {
		return "", nil
	}
	return readSecret(what+" password", l.PasswordEnv, l.PasswordFile)
}

// tlsConfig trusts the authorities in ca_file beside the system's.
func (l LoginConfig) tlsConfig(what string) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if l.CAFile == "" {
		return cfg, nil
	}
	text, err := os.ReadFile(l.CAFile)
	if err != nil {
		return nil, fmt.Errorf("%s: ca_file: %w", what, err)
	}
	if cfg.RootCAs, err = x509.SystemCertPool(); err != nil {
		cfg.RootCAs = x509.NewCertPool() // the system has none
	}
	if !cfg.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: ca_file: %s holds no certificate in PEM form", what, l.CAFile)
	}
	return cfg, nil
}

// secretPlace is where the secret is that refresh tokens are encrypted with, for people.
func (c *Config) secretPlace() string {
	if c.SecretEnv != "" {
		return "the environment variable " + c.SecretEnv
	}
	return c.SecretFile
}

// sealer encrypts refresh tokens.
func (c *Config) sealer() (*oauth.Sealer, error) {
	secret, err := readSecret("the secret that stored consent is encrypted with", c.SecretEnv, c.SecretFile)
	if err != nil {
		return nil, err
	}
	s, err := oauth.NewSealer([]byte(secret))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.secretPlace(), err)
	}
	return s, nil
}

// makeSecret writes the secret's file, unless there is one or the secret comes from the environment. It tells whether it did.
func (c *Config) makeSecret() (made bool, err error) {
	if c.SecretEnv != "" {
		return false, nil
	}
	secret := make([]byte, oauth.MinSecret)
	rand.Read(secret)
	err = writeNew(c.SecretFile, base64.StdEncoding.EncodeToString(secret)+"\n")
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
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

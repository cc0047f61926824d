package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"handoff/internal/clock"
	"handoff/internal/oauth"
	"handoff/store"
	"handoff/workflow"
)

// grants is where consent is stored; *store.Store does.
type grants interface {
	Grant(ctx context.Context, provider, account string) (store.Grant, error)
	RenewGrant(ctx context.Context, provider, account string, old, sealed []byte, now time.Time) error
	RefuseGrant(ctx context.Context, provider, account string, sealed []byte, reason string, now time.Time) error
}

// accounts gives logins their access tokens. Mailboxes and SMTP with one account share them.
type accounts struct {
	cfg     *Config
	grants  grants // nil: there is no database
	clock   clock.Clock
	log     *slog.Logger
	mu      sync.Mutex
	sources map[accountKey]*oauth.Source
}

type accountKey struct {
	provider, tokenURL, client, grant, file, env, account string
}

func (c *Config) accounts(g grants, clk clock.Clock, log *slog.Logger) *accounts {
	return &accounts{cfg: c, grants: g, clock: clk, log: log, sources: map[accountKey]*oauth.Source{}}
}

// tokens is how a login by token gets one, and what it does with one that the server refuses, nil if there is nothing to do. A token
// file or variable is read anew each time, so another program may keep it fresh.
func (a *accounts) tokens(what string, l LoginConfig) (token func(context.Context) (string, error), refused func(string) bool) {
	if l.OAuth == nil {
		return func(context.Context) (string, error) {
			t, err := readSecret(what+" token", l.TokenEnv, l.TokenFile)
			return strings.TrimSpace(t), err
		}, nil
	}
	s := a.source(what, l)
	return s.Token, s.Reject
}

func (a *accounts) source(what string, l LoginConfig) *oauth.Source {
	o := l.OAuth
	account := accountName(l.User)
	key := accountKey{o.Provider, o.endpoint().TokenURL, o.ClientID, o.Grant, o.RefreshTokenFile, o.RefreshTokenEnv, account}
	a.mu.Lock()
	defer a.mu.Unlock()
	if s, ok := a.sources[key]; ok {
		return s
	}
	s := &oauth.Source{Client: o.client(), Account: l.User, Clock: a.clock, Log: a.log}
	switch {
	case o.Grant == byCredentials:
	case o.stored():
		s.Remedy = fmt.Sprintf("run \"handoff auth %s %s\" again", o.Provider, account)
		s.Keeper = &grantKeeper{accounts: a, provider: o.Provider, label: o.label(), account: account, remedy: s.Remedy}
	default:
		s.Remedy = "put a new refresh token into " + o.RefreshTokenEnv + o.RefreshTokenFile
		s.Keeper = &secretKeeper{what: what + " refresh token", env: o.RefreshTokenEnv, file: o.RefreshTokenFile, label: o.label(), account: l.User, remedy: s.Remedy}
	}
	a.sources[key] = s
	return s
}

// accountName is how consent for a login's user is filed.
func accountName(user string) string { return strings.ToLower(strings.TrimSpace(user)) }

// consentError is a consent that is not there or cannot be read, and what to do.
type consentError struct{ text string }

func (e *consentError) Error() string { return e.text }

// forPeople tells whether a login without a token will fail again until a person does something.
func forPeople(err error) bool {
	if f, ok := errors.AsType[*oauth.Fault](err); ok {
		return f.Code != "" && f.Status < 500
	}
	var refused *oauth.Refused
	var consent *consentError
	return errors.As(err, &refused) || errors.As(err, &consent)
}

// grantKeeper keeps the refresh token of a stored consent, encrypted.
type grantKeeper struct {
	*accounts
	provider, label, account, remedy string
}

// purpose binds what is encrypted to its account.
func grantPurpose(provider, account string) string { return provider + "\x00" + account }

// open is the stored consent with its refresh token.
func (k *grantKeeper) open(ctx context.Context) (store.Grant, *oauth.Sealer, string, error) {
	if k.grants == nil {
		return store.Grant{}, nil, "", &consentError{fmt.Sprintf("consent for %s is stored in the database, which cannot be opened", k.account)}
	}
	g, err := k.grants.Grant(ctx, k.provider, k.account)
	if workflow.CodeOf(err) == workflow.NotFound {
		return g, nil, "", &consentError{fmt.Sprintf("nobody gave consent for %s yet: run \"handoff auth %s %s\"", k.account, k.provider, k.account)}
	}
	if err != nil {
		return g, nil, "", fmt.Errorf("read the stored consent for %s: %w", k.account, err)
	}
	sealer, err := k.cfg.sealer()
	if err != nil {
		return g, nil, "", &consentError{err.Error()}
	}
	token, err := sealer.Open(g.Sealed, grantPurpose(k.provider, k.account))
	if err != nil {
		return g, nil, "", &consentError{fmt.Sprintf("the stored consent for %s cannot be decrypted with %s (%v): put the right secret back, or %s",
			k.account, k.cfg.secretPlace(), err, k.remedy)}
	}
	return g, sealer, token, nil
}

func (k *grantKeeper) Load(ctx context.Context) (string, error) {
	g, _, token, err := k.open(ctx)
	if err == nil && g.Refused != "" {
		return "", &oauth.Refused{Provider: k.label, Account: k.account, Reason: g.Refused, Remedy: k.remedy}
	}
	return token, err
}

func (k *grantKeeper) Replace(ctx context.Context, old, token string) error {
	g, sealer, kept, err := k.open(ctx)
	if err != nil || kept != old {
		return err
	}
	return k.grants.RenewGrant(ctx, k.provider, k.account, g.Sealed, sealer.Seal(token, grantPurpose(k.provider, k.account)), k.clock.Now())
}

func (k *grantKeeper) Refuse(ctx context.Context, token, reason string) error {
	g, _, kept, err := k.open(ctx)
	if err != nil || kept != token {
		return err
	}
	return k.grants.RefuseGrant(ctx, k.provider, k.account, g.Sealed, reason, k.clock.Now())
}

// secretKeeper keeps a refresh token in a file; one from the environment is only read.
type secretKeeper struct {
	what, env, file                string
	label, account, remedy, reason string
	refused                        string // by the provider
	latest                         string // in place of the environment's, which stays as it was
}

func (k *secretKeeper) Load(context.Context) (string, error) {
	token, err := readSecret(k.what, k.env, k.file)
	if err != nil {
		return "", err
	}
	if k.env != "" && k.latest != "" {
		token = k.latest
	}
	if token == k.refused {
		return "", &oauth.Refused{Provider: k.label, Account: k.account, Reason: k.reason, Remedy: k.remedy}
	}
	return token, nil
}

func (k *secretKeeper) Replace(_ context.Context, _, token string) error {
	if k.env != "" {
		k.latest = token
		return nil
	}
	return replaceFile(k.file, token+"\n")
}

func (k *secretKeeper) Refuse(_ context.Context, token, reason string) error {
	k.refused, k.reason = token, reason
	return nil
}

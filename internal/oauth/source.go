package oauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"handoff/internal/clock"
)

// Keeper keeps one account's refresh token. Others may change it meanwhile: a new consent, another process.
type Keeper interface {
	// Load is the refresh token; the error is a *Refused if the provider is known to take it no more.
	Load(ctx context.Context) (string, error)
	// Replace puts token in place of old, durably. Where old is not the kept one any more, it changes nothing.
	Replace(ctx context.Context, old, token string) error
	// Refuse notes that the provider takes token no more, and why.
	Refuse(ctx context.Context, token, reason string) error
}

// Refused is a consent that the provider takes no more: only a person can give another.
type Refused struct {
	Provider, Account string
	Reason            string // the provider's
	Remedy            string // what to do
}

func (r *Refused) Error() string {
	return fmt.Sprintf("%s takes the consent for %s no more (%s): %s", r.Provider, r.Account, r.Reason, r.Remedy)
}

// Source gives access tokens of one account, one request at a time, each kept until shortly before it expires. Safe for
// concurrent use.
type Source struct {
	Client  Client
	Account string
	Keeper  Keeper // nil: client credentials
	Remedy  string // what a person does about a refused consent
	Clock   clock.Clock
	Log     *slog.Logger // hears once of each refused consent

	flights singleflight.Group
	mu      sync.Mutex
	current access
	failure error // of the last request; nil: it went well
	failed  int   // requests in a row
	retryAt time.Time
	unkept  *rotation // only the one request in flight touches it
}

// access is a token for logins.
type access struct {
	token   string // "": none
	renewAt time.Time
	expires time.Time // zero: the provider does not say
	uses    int       // how often it was given
}

// fresh tells whether the token needs no renewal yet.
func (a access) fresh(now time.Time) bool {
	return a.token != "" && (a.expires.IsZero() || now.Before(a.renewAt))
}

// rotation is a new refresh token that could not be kept yet, and what came with it.
type rotation struct {
	old   string
	token *oauth2.Token
	at    time.Time // when it came: its life runs
}

const (
	earliest   = 2 * time.Minute  // before its end a token is renewed, or in its last fifth if it lives shorter
	lastMoment = 10 * time.Second // a token is still given when no other is to be had
	firstPause = time.Second
	longPause  = 5 * time.Minute
	atMost     = time.Minute // for one request and for keeping what it brings
)

// Token is an access token that is good for a login now. A request that is under way goes on when ctx ends: it may bring a new
// refresh token that replaces the kept one.
func (s *Source) Token(ctx context.Context) (string, error) {
	if token := s.take(time.Time{}); token != "" {
		return token, nil
	}
	asked := s.Clock.Now()
	select {
	case r := <-s.flights.DoChan("", func() (any, error) { return nil, s.renew(context.WithoutCancel(ctx)) }):
		if token := s.take(asked); token != "" {
			return token, nil
		}
		return "", r.Err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// take gives the current token, "" if it has to be renewed. With the time of an attempt to renew it, it gives also an older one
// that has not expired.
func (s *Source) take(asked time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, a := s.Clock.Now(), &s.current
	switch {
	case a.token == "":
		return ""
	case a.fresh(now):
	case !asked.IsZero() && now.Before(a.expires.Add(-min(lastMoment, a.expires.Sub(a.renewAt)/2))):
	default:
		return ""
	}
	a.uses++
	return a.token
}

// Reject hears that a server took token no more. It tells whether another one is worth a try, which Token then gives: not after a
// token that was new.
func (s *Source) Reject(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if token != s.current.token {
		return true
	}
	if s.current.uses < 2 {
		return false
	}
	s.current = access{}
	return true
}

// renew asks the provider for a token, unless it failed a moment ago.
func (s *Source) renew(ctx context.Context) error {
	s.mu.Lock()
	wait, failure, fresh := s.retryAt.Sub(s.Clock.Now()), s.failure, s.current.fresh(s.Clock.Now())
	s.mu.Unlock()
	if fresh { // another request ended between look and start
		return nil
	}
	if failure != nil && wait > 0 {
		return failure
	}
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	t, err := s.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Clock.Now()
	if err != nil {
		s.failed++
		s.failure, s.retryAt = err, now.Add(pause(err, s.failed))
		var refused *Refused
		if errors.As(err, &refused) {
			s.current = access{}
		}
		return err
	}
	s.failure, s.failed = nil, 0
	s.current = access{token: t.AccessToken}
	if life := lifetime(t); life > 0 {
		s.current.expires = now.Add(life)
		s.current.renewAt = s.current.expires.Add(-min(earliest, life/5))
	}
	return nil
}

// lifetime is how long a token that just came is good, 0 if the provider does not say. The library leaves the number out of client
// credentials, and reckons by the machine's clock.
func lifetime(t *oauth2.Token) time.Duration {
	if t.ExpiresIn == 0 && !t.Expiry.IsZero() {
		return max(time.Second, time.Until(t.Expiry).Round(time.Second))
	}
	return time.Duration(t.ExpiresIn) * time.Second
}

// pause is how long not to ask after so many failures. Looking for a new consent costs nobody anything.
func pause(err error, failed int) time.Duration {
	var refused *Refused
	if errors.As(err, &refused) {
		return 0
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		switch {
		case f.Wait > 0:
			return min(f.Wait, time.Hour)
		case f.Code != "" && f.Status < 500 && f.Status != 429 && f.Code != "temporarily_unavailable" && f.Code != "server_error":
			return longPause // it is configured wrongly
		}
	}
	return min(longPause, firstPause<<min(failed-1, 16))
}

func (s *Source) fetch(ctx context.Context) (*oauth2.Token, error) {
	if s.Keeper == nil {
		return s.Client.credentials(ctx)
	}
	if r := s.unkept; r != nil {
		return s.keep(ctx, *r)
	}
	refresh, err := s.Keeper.Load(ctx)
	if err != nil {
		return nil, err
	}
	for {
		t, err := s.Client.refresh(ctx, refresh)
		fault, ok := errors.AsType[*Fault](err)
		if !ok || !fault.final() {
			if err != nil {
				return nil, err
			}
			return s.keep(ctx, rotation{refresh, t, s.Clock.Now()})
		}
		kept, err := s.Keeper.Load(ctx)
		if err == nil && kept != refresh { // another process has renewed it
			refresh = kept
			continue
		}
		if err != nil {
			return nil, err
		}
		return nil, s.refuse(ctx, refresh, fault)
	}
}

// refuse notes a consent's end, and tells it once.
func (s *Source) refuse(ctx context.Context, refresh string, f *Fault) error {
	reason := f.Code
	if f.Description != "" {
		reason += ": " + f.Description
	}
	refused := &Refused{Provider: s.Client.Provider, Account: s.Account, Reason: reason, Remedy: s.Remedy}
	s.Log.Error("no mail can be read or sent with this account until somebody gives consent again",
		"account", s.Account, "provider", s.Client.Provider, "reason", reason, "remedy", s.Remedy)
	if err := s.Keeper.Refuse(ctx, refresh, reason); err != nil {
		return errors.Join(refused, fmt.Errorf("note it: %w", err))
	}
	return refused
}

// keep stores a refresh token that came in place of the old one, before anything is done with what came beside it.
func (s *Source) keep(ctx context.Context, r rotation) (*oauth2.Token, error) {
	s.unkept = nil
	if r.token.RefreshToken == "" || r.token.RefreshToken == r.old {
		return r.token, nil
	}
	if err := s.Keeper.Replace(ctx, r.old, r.token.RefreshToken); err != nil {
		s.unkept = &r
		return nil, fmt.Errorf("cannot keep the new refresh token of %s: %w", s.Account, err)
	}
	t := *r.token
	if t.ExpiresIn > 0 {
		t.ExpiresIn = max(1, t.ExpiresIn-int64(s.Clock.Now().Sub(r.at)/time.Second))
	}
	return &t, nil
}

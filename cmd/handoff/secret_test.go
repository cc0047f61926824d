package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// A token endpoint that takes connections and says nothing holds up a login for no longer than the client waits, or the login.
func TestSilentTokenEndpoint(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	silent := func(timeout time.Duration) *accessTokens {
		return &accessTokens{
			what: "smtp", token: &oauth2.Token{RefreshToken: "old"}, client: &http.Client{Timeout: timeout},
			conf: oauth2.Config{ClientID: "desk", Endpoint: oauth2.Endpoint{TokenURL: "http://" + l.Addr().String()}},
		}
	}
	_, err = silent(50 * time.Millisecond).access(t.Context())
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() || !strings.HasPrefix(err.Error(), "smtp: no access token from http://") {
		t.Errorf("with a client that waits 50ms: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err = silent(time.Hour).access(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a login that waits 50ms: %v", err)
	}
}

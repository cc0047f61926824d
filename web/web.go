// Package web is Handoff over HTTP: the links in its mails, and the API for programs. One file an action.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"handoff/internal/clock"
	"handoff/workflow"
)

// UnsubscribePath is where a recurring notice is muted, with the token of outbox.Identity.MuteToken for {token}.
const UnsubscribePath = "/unsubscribe/{token}"

// Links opens the signed links of our mails; *outbox.Identity does.
type Links interface {
	FromMuteToken(token string) (personID int64, notice string, err error)
}

// Directory knows people and the tokens of their programs; what it does not know is workflow.NotFound.
type Directory interface {
	Person(ctx context.Context, id int64) (workflow.Person, error)
	// TokenBySum is the token whose secret has that SHA-256.
	TokenBySum(ctx context.Context, sum []byte) (workflow.Token, error)
}

// Desk does what is asked for, in one transaction with all that it causes. Its errors are of workflow's codes, with texts for
// who asked.
type Desk interface {
	// Mute has a person get no more mails of that kind, or get them again.
	Mute(ctx context.Context, personID int64, notice string, mute bool) error
	// Report covers the days from from to to, each given by its date alone; the zero time is left out.
	Report(ctx context.Context, from, to time.Time) (workflow.Report, error)
	// Publish notes for a person where a piece was published.
	Publish(ctx context.Context, personID int64, code, url string) (workflow.Piece, error)
}

// Config is what a site works with.
type Config struct {
	Team      string // its name
	Locale    string // its language, for who has none
	Links     Links
	Directory Directory
	Desk      Desk
	Clock     clock.Clock
	Log       *slog.Logger
}

// site is what the actions share.
type site struct {
	Config
	pages *pages
	limit *limiter
}

// New answers requests for a team.
func New(c Config) (http.Handler, error) {
	pages, err := newPages(c.Team)
	if err != nil {
		return nil, err
	}
	s := &site{Config: c, pages: pages, limit: &limiter{now: c.Clock.Now}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+UnsubscribePath, s.showUnsubscribe)
	mux.HandleFunc("POST "+UnsubscribePath, s.unsubscribe)
	mux.HandleFunc("/", s.noPage)
	s.api(mux, http.MethodGet, "/api/report", s.report)
	s.api(mux, http.MethodGet, "/api/report.svg", s.reportChart)
	s.api(mux, http.MethodPost, "/api/pieces/{code}/published", s.published)
	mux.HandleFunc("/api/", s.noAction)
	return s.logged(s.recovered(guarded(mux))), nil
}

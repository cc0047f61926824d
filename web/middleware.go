package web

import (
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
)

// maxBody is the most bytes of a request's body: there is no action that takes a file.
const maxBody = 64 << 10

// guarded bounds what is read, and tells browsers to keep to what a page brings.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", nothing)
		h.Set("Referrer-Policy", "no-referrer") // addresses have tokens in them
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// nothing is the Content-Security-Policy of what is no page.
const nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0: nothing yet
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write is a 200 where nothing else was said.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// logged tells each request. It names the action and never the path, which may have a token in it.
func (s *site) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := s.Clock.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			from, _, err := net.SplitHostPort(r.RemoteAddr)
			if err != nil {
				from = r.RemoteAddr
			}
			s.Log.LogAttrs(r.Context(), slog.LevelInfo, "a request is answered", slog.String("method", r.Method), slog.String("action", r.Pattern),
				slog.Int("status", rec.status), slog.Duration("took", s.Clock.Now().Sub(begun)), slog.String("from", from))
		}()
		next.ServeHTTP(rec, r)
	})
}

// recovered keeps a panic to its own request.
func (s *site) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { // how a handler ends the connection
				panic(p)
			}
			s.Log.Error("a request panicked", "action", r.Pattern, "panic", p, "stack", string(debug.Stack()))
			if rec, ok := w.(*recorder); ok && rec.status == 0 {
				http.Error(w, "Something went wrong here. Please try again in a minute.", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

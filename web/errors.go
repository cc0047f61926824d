package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"handoff/workflow"
)

// Codes of the API beside those of workflow.
const (
	unauthorized workflow.Code = "unauthorized"
	tooMany      workflow.Code = "too_many_requests"
	tooLarge     workflow.Code = "too_large"
	wrongMethod  workflow.Code = "method_not_allowed"
)

// codeOf is the code of an error, as a client sees it.
func codeOf(err error) workflow.Code {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return tooLarge
	}
	return workflow.CodeOf(err)
}

// statusOf is the HTTP status of an error.
func statusOf(err error) int {
	switch codeOf(err) {
	case workflow.Invalid:
		return http.StatusBadRequest
	case unauthorized:
		return http.StatusUnauthorized
	case workflow.Forbidden:
		return http.StatusForbidden
	case workflow.NotFound:
		return http.StatusNotFound
	case wrongMethod:
		return http.StatusMethodNotAllowed
	case workflow.Conflict:
		return http.StatusConflict
	case tooLarge:
		return http.StatusRequestEntityTooLarge
	case tooMany:
		return http.StatusTooManyRequests
	}
	return http.StatusInternalServerError
}

// refusal is how the API says no.
type refusal struct {
	Code    workflow.Code `json:"code"`    // for programs
	Message string        `json:"message"` // for people
}

// refuse answers with an error. What is our own fault goes to the log, and its words to nobody else.
func (s *site) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // who asked is gone
	}
	no := refusal{codeOf(err), err.Error()}
	status := statusOf(err)
	switch {
	case status == http.StatusInternalServerError:
		s.Log.Error("a request failed", "action", r.Pattern, "error", err)
		no = refusal{workflow.Failed, "something went wrong here, and nothing was changed: see the log of \"handoff serve\""}
	case no.Code == tooLarge:
		no.Message = "the request is too large"
	}
	writeJSON(w, status, no)
}

// noAction answers for addresses of the API that there are none of.
func (s *site) noAction(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, r, workflow.Errorf(workflow.NotFound, "the API has no such address: docs/api.md lists all"))
}

// writeJSON writes v, which can be written.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // who asked is gone: nobody is left to tell
}

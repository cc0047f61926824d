package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"handoff/workflow"
)

// publication is the body of POST /api/pieces/{code}/published.
type publication struct {
	URL string `json:"url"`
}

// publishedPiece is its answer.
type publishedPiece struct {
	Code  string         `json:"code"`
	Title string         `json:"title"`
	Stage workflow.Stage `json:"stage"`
	URL   string         `json:"url"`
}

// published is POST /api/pieces/{code}/published: what "handoff piece publish" does.
func (s *site) published(w http.ResponseWriter, r *http.Request, who workflow.Person) error {
	var p publication
	if err := readJSON(r.Body, &p); err != nil {
		return workflow.Errorf(workflow.Invalid, `the body is not like {"url": "https://agency.example/post"}: %w`, err)
	}
	piece, err := s.Desk.Publish(r.Context(), who.ID, r.PathValue("code"), p.URL)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, publishedPiece{piece.Code, piece.Title, piece.Stage, piece.URL})
	return nil
}

// readJSON reads one value and nothing else.
func readJSON(r io.Reader, v any) error {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows it")
	}
	return nil
}

package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"

	"handoff/workflow"
)

//go:embed pages/page.html
var pageSource string

//go:embed pages/style.css
var styleSource string

// page is what a page says, and the one button it may have.
type page struct {
	Title  string
	Text   []string // paragraphs
	Button button
	Note   string // small, below
}

// button sends one value to the page's own address.
type button struct {
	Label       string // "" none
	Name, Value string
	Quiet       bool // it takes back what was just done
}

// pages writes what people read.
type pages struct {
	team   string
	layout *template.Template
	policy string // Content-Security-Policy
}

func newPages(team string) (*pages, error) {
	layout, err := template.New("page").Parse(pageSource)
	if err != nil {
		return nil, fmt.Errorf("the layout of the pages: %w", err)
	}
	sum := sha256.Sum256([]byte(styleSource))
	style := base64.StdEncoding.EncodeToString(sum[:])
	return &pages{team: team, layout: layout,
		policy: "default-src 'none'; style-src 'sha256-" + style + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}, nil
}

// show writes the page with that status in the language of who reads it; nobody is known of a zero one.
func (s *site) show(w http.ResponseWriter, r *http.Request, who workflow.Person, status int, say func(text) page) {
	t := textIn(s.speaks(r, who)...)
	var b bytes.Buffer
	err := s.pages.layout.Execute(&b, struct {
		page
		Team, Language string
		Style          template.CSS
	}{say(t), s.pages.team, t.language.Tag(), template.CSS(styleSource)})
	if err != nil {
		s.Log.Error("a page cannot be written", "action", r.Pattern, "error", err)
		http.Error(w, "Something went wrong here. Please try again in a minute.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", s.pages.policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // who asked is gone: nobody is left to tell
}

// broken is the page for an error that is ours.
func (s *site) broken(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // who asked is gone
	}
	s.Log.Error("a request failed", "action", r.Pattern, "error", err)
	s.show(w, r, workflow.Person{}, http.StatusInternalServerError, func(t text) page {
		return page{Title: t.broken, Text: []string{t.brokenText}}
	})
}

// noPage answers for addresses that there are none of.
func (s *site) noPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, workflow.Person{}, http.StatusNotFound, func(t text) page {
		return page{Title: t.noPage, Text: []string{t.noPageTxt}}
	})
}

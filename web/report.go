package web

import (
	"bytes"
	"net/http"
	"net/url"
	"time"

	"handoff/internal/chart"
	"handoff/workflow"
)

// report is GET /api/report: what "handoff report --json" prints.
func (s *site) report(w http.ResponseWriter, r *http.Request, who workflow.Person) error {
	rep, err := s.reported(r, who)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := rep.WriteJSON(&b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // who asked is gone: nobody is left to tell
	return nil
}

// reportChart is GET /api/report.svg: what "handoff report --svg" draws.
func (s *site) reportChart(w http.ResponseWriter, r *http.Request, who workflow.Person) error {
	rep, err := s.reported(r, who)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := chart.Report(&b, rep); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", nothing+"; style-src 'unsafe-inline'") // the drawing's own
	_, _ = w.Write(b.Bytes())
	return nil
}

// reported is the report of the days that the query names. It tells of everybody, so it is for who looks after pieces.
func (s *site) reported(r *http.Request, who workflow.Person) (workflow.Report, error) {
	if !who.Edits() {
		return workflow.Report{}, workflow.Errorf(workflow.Forbidden, "the report is for editors and admins: %s is neither", who.Name)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return workflow.Report{}, workflow.Errorf(workflow.Invalid, "the query cannot be read: %w", err)
	}
	days := map[string]time.Time{"from": {}, "to": {}}
	for name, values := range query {
		if _, known := days[name]; !known {
			return workflow.Report{}, workflow.Errorf(workflow.Invalid, "there is no parameter %q: there are from and to", name)
		}
		if days[name], err = time.Parse(time.DateOnly, values[len(values)-1]); err != nil {
			return workflow.Report{}, workflow.Errorf(workflow.Invalid, "%s: %q is not a day, write year-month-day, like 2026-12-01", name, values[len(values)-1])
		}
	}
	return s.Desk.Report(r.Context(), days["from"], days["to"])
}

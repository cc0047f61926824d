package chart_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/internal/chart"
	"handoff/workflow"
)

var update = flag.Bool("update", false, "draw the expected charts anew")

// report is the one that package workflow expects of its small history.
func report(t *testing.T) workflow.Report {
	t.Helper()
	return read(t, filepath.Join("..", "..", "workflow", "testdata", "report.json"))
}

func read(t *testing.T, path string) (r workflow.Report) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestChart(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for name, r := range map[string]workflow.Report{
		"small.svg": report(t),
		"empty.svg": workflow.NewReport(workflow.ReportOptions{Now: now}).Report(),
		"year.svg":  read(t, filepath.Join("testdata", "year.json")),
	} {
		t.Run(name, func(t *testing.T) {
			got := draw(t, r)
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v (draw it with go test -update)", err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

type fatal interface {
	Helper()
	Fatal(args ...any)
}

// draw checks what holds for every chart: it is XML, it has a title and a description that name it, and it takes nothing from
// outside.
func draw(t fatal, r workflow.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := chart.Report(&b, r); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	ids := map[string]bool{}
	named := ""
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err, text)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "svg", "title", "desc", "style", "rect", "text", "path":
		default:
			t.Fatal("there is an element ", e.Name.Local)
		}
		for _, a := range e.Attr {
			switch name := a.Name.Local; {
			case name == "id":
				ids[a.Value] = true
			case name == "aria-labelledby":
				named = a.Value
			case strings.HasPrefix(name, "on") || name == "href":
				t.Fatal("there is an attribute ", name)
			case (name == "width" || name == "height") && strings.HasPrefix(a.Value, "-"):
				t.Fatal("a negative size: ", a.Value)
			}
		}
	}
	for id := range strings.FieldsSeq(named) {
		if !ids[id] {
			t.Fatal("nothing has the id ", id)
		}
	}
	if named == "" || strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || strings.Contains(text, "url(") || strings.Contains(text, "@import") {
		t.Fatal("not for a page: ", text)
	}
	return b.Bytes()
}

// Any numbers and any names make a whole drawing.
func TestChartProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := workflow.NewReport(workflow.ReportOptions{Now: time.Unix(rapid.Int64Range(0, 4e9).Draw(rt, "now"), 0)}).Report()
		r.Person = string(rapid.SliceOf(rapid.Byte()).Draw(rt, "person"))
		for i := range r.Interfaces {
			w := &r.Interfaces[i]
			w.Count = rapid.IntRange(0, 5).Draw(rt, "count")
			if w.Count > 0 {
				w.Median, w.P90, w.Longest = rapid.Int64Range(0, 1<<40).Draw(rt, "median"), 1<<41, 1<<42
				w.LongestPiece, w.Label = rapid.String().Draw(rt, "piece"), rapid.String().Draw(rt, "label")
			}
		}
		month := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
		for range rapid.IntRange(0, 6).Draw(rt, "months") {
			month = month.AddDate(0, rapid.IntRange(0, 9).Draw(rt, "gap"), 0)
			due := rapid.IntRange(1, 9).Draw(rt, "due")
			r.OnTime = append(r.OnTime, workflow.OnTime{Month: month.Format("2006-01"), Role: rapid.SampledFrom(workflow.Roles()).Draw(rt, "role"),
				Due: due, OnTime: rapid.IntRange(0, due).Draw(rt, "kept")})
		}
		draw(rt, r)
	})
}

func TestDuration(t *testing.T) {
	for seconds, want := range map[int64]string{
		0: "0 s", 59: "59 s", 60: "1 min", 89 * 60: "89 min", 90 * 60: "2 h", 47 * 3600: "47 h", 48*3600 - 1: "2 days", 60 * 3600: "2.5 days",
		9*86400 + 86399: "10 days", 864000: "10 days", 400 * 86400: "400 days",
	} {
		if got := chart.Duration(seconds); got != want {
			t.Errorf("%d: %q, want %q", seconds, got, want)
		}
	}
}

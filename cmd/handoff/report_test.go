package main

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

	"handoff/internal/clock"
	"handoff/store"
	"handoff/workflow"
)

var updateReport = flag.Bool("update-report", false, "write testdata/report.txt anew")

// The table of the report that package workflow expects of its small history.
func TestReportTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "workflow", "testdata", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r workflow.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	r.Mails.People[1].Name = "李小龍\x1b[31m" // wide letters, and none that a terminal obeys
	var b bytes.Buffer
	if err := printReport(&b, r); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "report.txt")
	if *updateReport {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(golden, b.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(readDoc(t, "cmd", "handoff", golden), b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// reportDesk is a directory with a configuration, an empty database and a clock that stands still.
func reportDesk(t *testing.T) (run func(args ...string) ran, dsn string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "handoff.toml")
	text := `[team]
name = "Agency"
timezone = "Europe/Berlin"
triage = "ed@agency.example"
domains = ["agency.example"]

[[mailbox]]
name = "drafts"
address = "imap.agency.example:993"
user = "drafts"
password_env = "HANDOFF_TEST_PASSWORD"

[smtp]
address = "smtp.agency.example:587"
from = "Content desk <desk@agency.example>"
`
	dsn = filepath.Join(dir, "handoff-data", "handoff.db")
	if err := errors.Join(os.WriteFile(config, []byte(text), 0o600), os.MkdirAll(filepath.Dir(dsn), 0o700), store.Migrate(t.Context(), dsn, nil)); err != nil {
		t.Fatal(err)
	}
	now := clock.NewFake(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	return func(args ...string) ran {
		var out, errs bytes.Buffer
		code := Run(t.Context(), append(args, "--config", config), &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Clock: now})
		return ran{code, out.String(), errs.String()}
	}, dsn
}

func TestReportCommandOnNothing(t *testing.T) {
	run, _ := reportDesk(t)
	run("report").want(t, exitOK, "1 December 2025 to 20 November 2026", "There is nothing to report yet", "handoff import")
	var r workflow.Report
	if err := json.Unmarshal([]byte(run("report", "--json").out), &r); err != nil || !r.Nothing() || r.TimeZone != "Europe/Berlin" {
		t.Errorf("%v: %+v", err, r)
	}
	svg := run("report", "--svg", "-")
	svg.want(t, exitOK, "none yet", "nothing was due yet")
	wantXML(t, svg.out)
}

func TestReportCommand(t *testing.T) {
	run, dsn := reportDesk(t)
	ctx := t.Context()
	s, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	ana := workflow.Person{Name: "Ana <&> Lima", Class: workflow.Outside, Addresses: []string{"ana@writers.example"}}
	ed := workflow.Person{Name: "Ed Moss", Class: workflow.Internal, Addresses: []string{"ed@agency.example"}}
	if err := errors.Join(s.SavePerson(ctx, &ana), s.SavePerson(ctx, &ed)); err != nil {
		t.Fatal(err)
	}
	begun := workflow.Cause{At: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)}
	p, events, err := workflow.NewPiece(workflow.PieceInput{Code: "BREW-1", Title: "Ten ways", AuthorID: ana.ID, EditorID: ed.ID, Stage: workflow.Draft,
		Steps: map[workflow.Stage]workflow.StepInput{workflow.Draft: {Deadline: time.Date(2026, 11, 5, 9, 0, 0, 0, time.UTC)}}}, begun)
	if err := errors.Join(err, s.AddPiece(ctx, &p, events), s.Close()); err != nil {
		t.Fatal(err)
	}
	run("report").want(t, exitOK, "1 piece\n", "draft      1    1     100 %", "1 nobody", "2026-11  author  1    0        0 %", "the draft is 15 days late", "No mail was filed")
	run("report", "--person", "ana@writers.example").want(t, exitOK, "only Ana <&> Lima", "15 days late")
	run("report", "--person", "nobody@writers.example").want(t, exitFailed, "nobody has the address")
	run("report", "--until", "2026-11-04").want(t, exitOK, "1 December 2025 to 4 November 2026", "No step was due in that time.")
	run("report", "--since", "2026-11-06").want(t, exitOK, "6 November 2026 to 20 November 2026", "No step was due in that time.")
	run("report", "--since", "2026-11-05", "--until", "2026-11-05").want(t, exitOK, "5 November 2026 to 5 November 2026", "1 nobody")
	run("report", "--until", "2020-06-15").want(t, exitOK, "1 July 2019 to 15 June 2020")

	path := filepath.Join(t.TempDir(), "report.svg")
	run("report", "--svg", path, "--person", "ana@writers.example").want(t, exitOK, "report.svg written")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantXML(t, string(text))
	if !strings.Contains(string(text), "Ana &lt;&amp;&gt; Lima") {
		t.Error("the chart does not name her")
	}
	run("report", "--svg", filepath.Join(path, "no", "such.svg")).want(t, exitFailed, "cannot write the chart")
}

func TestReportCommandWrongUse(t *testing.T) {
	run, _ := reportDesk(t)
	for want, args := range map[string][]string{
		`--since: "yesterday" is not a day`:  {"--since", "yesterday"},
		`--until: "2026-02-30" is not a day`: {"--until", "2026-02-30"},
		"ends before it begins":              {"--since", "2026-10-02", "--until", "2026-10-01"},
		"which is still to come":             {"--since", "2027-01-01"},
		"takes 0 to 1440 minutes":            {"--minutes-per-comment=-1"},
		"can't be used together":             {"--json", "--svg", "x.svg"},
	} {
		run(append([]string{"report"}, args...)...).want(t, exitUsage, want)
	}
}

func wantXML(t *testing.T, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in:\n%s", err, text)
		}
	}
}

package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"handoff/internal/clock"
	"handoff/store"
	"handoff/workflow"
)

// configure adds tables to the agency's handoff.toml.
func (a *agency) configure(more string) {
	a.t.Helper()
	text, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		a.t.Fatal(err)
	}
	a.write("handoff.toml", string(text)+"\n"+more)
}

// change does to a piece what no command does, such as what a contributor asks for by mail.
func (a *agency) change(code string, rule func(workflow.Piece, workflow.Cause) (workflow.Change, error)) {
	a.t.Helper()
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		a.t.Fatal(err)
	}
	d, err := cfg.open(a.t.Context(), clock.System{})
	if err != nil {
		a.t.Fatal(err)
	}
	defer d.Close()
	err = d.Admin(a.t.Context(), func(tx store.AdminTx) error {
		p, err := findPiece(a.t.Context(), tx, code)
		if err != nil {
			return err
		}
		ch, err := rule(p, workflow.Cause{At: d.clock.Now()})
		if err != nil {
			return err
		}
		return tx.SavePiece(a.t.Context(), ch)
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

// queued are the templates of the mails that wait for somebody, since the last call.
func (a *agency) queued(address string) []string {
	a.t.Helper()
	var names []string
	for _, n := range a.exported("notice") {
		if n["to_address"] == address && n["state"] == "queued" {
			names = append(names, n["template"].(string))
		}
	}
	return names
}

func (a *agency) wantQueued(address, template string) {
	a.t.Helper()
	if got := a.queued(address); !strings.Contains(" "+strings.Join(got, " ")+" ", " "+template+" ") {
		a.t.Errorf("no %s waits for %s, only %q", template, address, got)
	}
}

func TestTopicCommands(t *testing.T) {
	a := newAgency(t)
	a.open()
	pitch := a.write("pitch.md", "Green first.\nThen black.\n")
	a.try("piece", "propose", "--author", "ana@writers.example", "--title", "Teas").want(t, exitUsage, "nobody looks after Ana Lima", "--editor")
	a.try("piece", "propose", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--title", "Teas", "--text", "x", "--file", pitch).
		want(t, exitUsage, "not both")
	a.try("piece", "propose", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--title", "Ten teas", "--file", pitch).
		want(t, exitOK, "added PITCH-1, a proposal", "PITCH-1: Ana Lima: the topic is proposed", "1 mail queued")
	a.wantQueued("ed@agency.example", "pitch_new")
	a.try("piece", "propose", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--title", "Cups", "--text", "All of them.", "--as", "ed@agency.example").
		want(t, exitOK, "added PITCH-2")
	a.try("piece", "propose", "BREW-1", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--title", "Cups").
		want(t, exitFailed, "the code BREW-1 is in use")
	a.try("piece", "list").want(t, exitOK, "pitch, proposed")

	a.try("piece", "approve", "PITCH-1", "--as", "ana@writers.example").want(t, exitFailed, "not for Ana Lima to do", "looked after by Ed Moss")
	a.try("piece", "approve", "PITCH-1", "--deadline", "soon").want(t, exitUsage, "--deadline: ", "is not a date")
	a.try("piece", "changes", "PITCH-1").want(t, exitUsage, "what is the author to change", "--text")
	a.try("piece", "changes", "PITCH-1", "--text", "Five will do.").want(t, exitOK, "changes to the topic are asked for")
	a.wantQueued("ana@writers.example", "pitch_changes")
	a.try("piece", "list").want(t, exitOK, "pitch, changes asked for")
	a.try("piece", "brief", "PITCH-1").want(t, exitUsage, "what is the author to write")
	a.try("piece", "brief", "PITCH-1", "Five teas,", "one picture each.").want(t, exitOK, "the brief is changed")
	a.try("piece", "brief", "PITCH-1", "Five teas, one picture each.").want(t, exitOK, "nothing to change")
	a.try("piece", "approve", "PITCH-1", "--as", "ed@agency.example", "--note", "Lovely.").
		want(t, exitOK, "Ed Moss: the topic is approved", "deadlines planned", "not cleared to write yet: the onboarding of Ana Lima has not begun")
	a.wantQueued("ana@writers.example", "pitch_approved")
	a.try("piece", "approve", "PITCH-1").want(t, exitOK, "is approved already")
	a.try("piece", "clear", "PITCH-1").want(t, exitFailed, "PITCH-1 cannot be cleared to write", "onboarding of Ana Lima")
	a.try("piece", "show", "PITCH-1").want(t, exitOK, "topic approved since", "Brief:\n  Five teas, one picture each.")

	a.configure("[onboarding]\nrequired = false\n")
	a.try("piece", "clear", "PITCH-1").want(t, exitOK, "the author is cleared to write", "queued")
	a.wantQueued("ana@writers.example", "cleared")
	a.try("piece", "show", "PITCH-1").want(t, exitOK, "cleared to write on", "draft        open")
	a.try("piece", "clear", "PITCH-1").want(t, exitOK, "is cleared to write already")
	a.try("piece", "decline", "PITCH-2").want(t, exitUsage, "--reason")
	a.try("piece", "decline", "PITCH-2", "--reason", "We had that.").want(t, exitOK, "the topic is declined")
	a.wantQueued("ana@writers.example", "pitch_declined")
	a.try("piece", "list", "--all").want(t, exitOK, "cancelled")
	a.try("piece", "brief", "PITCH-2", "x").want(t, exitFailed, "PITCH-2 was cancelled")

	// With dates of its own nothing is planned, and what is approved and complete is cleared by the clock.
	a.run("piece", "propose", "TEA-4", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--title", "Oolong")
	a.run("piece", "deadline", "TEA-4", "2099-03-02", "--stage", "draft")
	r := a.try("piece", "approve", "TEA-4", "--deadline", "2099-04-01")
	r.want(t, exitOK, "overall deadline: none", "nothing else is missing")
	if strings.Contains(r.out, "planned") {
		t.Errorf("deadlines are planned over those that are there:\n%s", r.out)
	}
	a.run("poll", "--once")
	a.try("piece", "list").want(t, exitOK, "draft, offered")
}

// A plan keeps within the overall deadline, and off days without work.
func TestPlan(t *testing.T) {
	a := newAgency(t)
	a.run(a.initArgs()...)
	a.configure("[calendar]\nholidays = [\"DE-BE\"]\ndays_off = [\"2026-12-28\"]\n[pieces]\ncode_prefix = \"tea\"\n[pieces.plan]\ndraft = 5\nreview = 2\ncopy_edit = 0\n")
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	friday := time.Date(2026, 12, 18, 12, 0, 0, 0, time.UTC)
	d, err := cfg.open(t.Context(), clock.NewFake(friday))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	rules, err := cfg.reminderRules(friday, d.zone)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		overall time.Time
		want    string
	}{
		// 25, 26 and 28 December, 1 January and weekends are free.
		"none": {time.Time{}, "draft 2026-12-29, review 2026-12-31, design 2027-01-06, ready 2027-01-07, published 2027-01-08, distributed 2027-01-12, overall 2027-01-12"},
		"near": {time.Date(2026, 12, 30, 12, 0, 0, 0, time.UTC), "draft 2026-12-29, review 2026-12-30, design 2026-12-30, ready 2026-12-30, published 2026-12-30, distributed 2026-12-30, overall 2026-12-30"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var unknown error
			cause := workflow.Cause{At: friday, Schedule: schedule(t.Context(), cast{}, rules, &unknown)}
			p, _, err := workflow.NewPiece(workflow.PieceInput{Code: "TEA-1", Title: "Tea", AuthorID: 1, EditorID: 2, Topic: workflow.TopicProposed, Deadline: tt.overall}, cause)
			if err != nil {
				t.Fatal(err)
			}
			ch := planned(workflow.Change{Piece: p}, cause)
			if unknown != nil {
				t.Fatal(unknown)
			}
			var got []string
			for _, s := range ch.Piece.Steps {
				if !s.Deadline.IsZero() {
					got = append(got, string(s.Stage)+" "+s.Deadline.In(d.zone).Format(time.DateOnly))
				}
			}
			got = append(got, "overall "+ch.Piece.Deadline.In(d.zone).Format(time.DateOnly))
			if line := strings.Join(got, ", "); line != tt.want {
				t.Errorf("got  %s\nwant %s", line, tt.want)
			}
		})
	}
	if cfg.Pieces.CodePrefix != "TEA" {
		t.Errorf("prefix %q", cfg.Pieces.CodePrefix)
	}
}

// cast knows everybody.
type cast struct{ store.AdminTx }

func (cast) Person(_ context.Context, id int64) (workflow.Person, error) {
	return workflow.Person{ID: id, Name: "Somebody"}, nil
}

func TestHandoffCommands(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("person", "add", "kim@writers.example", "--name", "Kim Roe", "--class", "outside", "--role", "peer_reviewer")
	a.run("person", "add", "lou@writers.example", "--name", "Lou Bay", "--class", "outside", "--role", "peer_reviewer")
	a.try("piece", "review", "BREW-1", "--ask", "kim@writers.example").want(t, exitFailed, "is in draft")
	a.run("piece", "advance", "BREW-1", "--as", "ed@agency.example")
	a.try("piece", "advance", "BREW-1", "--as", "kim@writers.example").want(t, exitFailed, "not for Kim Roe to do")
	a.try("piece", "review", "BREW-1", "--ask", "ana@writers.example").want(t, exitFailed, "the author of BREW-1 cannot review it")
	a.try("piece", "review", "BREW-1", "--ask", "kim@writers.example", "--needed", "3").want(t, exitFailed, "3 answers are needed and 1 asked for")
	a.try("piece", "review", "BREW-1", "--ask", "kim@writers.example", "--ask", "lou@writers.example", "--needed", "1").want(t, exitOK, "a peer review is asked for", "2 mails queued")
	a.wantQueued("kim@writers.example", "review_asked")
	a.try("piece", "show", "BREW-1").want(t, exitOK, "1 of 2 reviewers have to answer", "reviewer Kim Roe, asked on", "reviewer Lou Bay, asked on")

	a.try("piece", "revise", "BREW-1").want(t, exitUsage, "what is the author to revise", "--text")
	a.try("piece", "revise", "BREW-1", "--text", "The third way lacks its picture.", "--until", "never").want(t, exitUsage, "--until: ")
	a.try("piece", "revise", "BREW-1", "--text", "The third way lacks its picture.", "--until", "2099-12-24").want(t, exitFailed, "past the overall deadline")
	a.try("piece", "revise", "BREW-1", "--text", "The third way lacks its picture.", "--until", "2099-12-03").want(t, exitOK, "a revision is asked for")
	a.wantQueued("ana@writers.example", "revision_asked")
	a.try("piece", "show", "BREW-1").want(t, exitOK, "draft: 1 revision asked for", "2099-12-03 23:59")

	ask := func(until time.Time) {
		a.change("BREW-1", func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			c.PersonID = p.AuthorID
			return p.AskExtension(c, until, "The printer is slow.")
		})
	}
	a.try("piece", "grant", "BREW-1").want(t, exitFailed, "nobody asks for more time on BREW-1")
	ask(time.Date(2099, 12, 4, 12, 0, 0, 0, time.UTC))
	a.try("piece", "list").want(t, exitOK, "draft, wants more time")
	a.try("piece", "show", "BREW-1").want(t, exitOK, "Ana Lima asks for more time, until 2099-12-04 13:00: The printer is slow.")
	a.try("piece", "refuse", "BREW-1", "--reason", "The fair is on the fifth.").want(t, exitOK, "more time is refused")
	a.wantQueued("ana@writers.example", "extension_refused")
	ask(time.Date(2099, 12, 4, 12, 0, 0, 0, time.UTC))
	a.try("piece", "grant", "BREW-1").want(t, exitOK, "more time is granted")
	a.wantQueued("ana@writers.example", "extension_granted")

	a.try("piece", "cancel", "BREW-1").want(t, exitUsage, "--reason")
	a.try("piece", "cancel", "BREW-1", "--reason", " ").want(t, exitFailed, "give a reason")
	a.try("piece", "cancel", "BREW-1", "--reason", "The café has closed.", "--no-notify").want(t, exitOK, "cancelled: The café has closed.")
	a.try("piece", "show", "BREW-1").want(t, exitOK, "cancelled on", "The café has closed.")
	a.try("piece", "cancel", "BREW-1", "--reason", "x").want(t, exitOK, "BREW-1 is cancelled already")
}

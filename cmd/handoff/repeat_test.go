package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"handoff/internal/clock"
	"handoff/workflow"
)

// The one rule of what is asked for twice: it is so already, the command says that, and nobody is mailed again.
func TestRepeatsAreNoFailures(t *testing.T) {
	a := withNewcomer(t)
	site, checker := openSite(t)
	site.put("/tea", "<h1>Tea</h1>")
	a.pages = checker
	a.run("person", "add", "kim@writers.example", "--name", "Kim Roe", "--role", "peer_reviewer")
	const tea, url = "TEA-1", "http://tea.example/tea"
	for _, step := range []struct {
		line   string // its words, with bars between
		before func()
	}{
		{line: "person|invite|" + newAddress + "|--editor|" + edAddress},
		{line: "person|briefed|" + newAddress + "|--as|" + edAddress},
		{line: "person|acknowledged|" + newAddress},
		{line: "person|pass|" + newAddress, before: func() {
			for range 4 {
				a.run("piece", "advance", "DEMO-1")
			}
		}},
		{line: "person|waive|ana@writers.example"},
		{line: "person|away|" + newAddress + "|--from|2098-07-01|--to|2098-07-14"},
		{line: "person|away|" + newAddress + "|--clear"},
		{line: "person|pause|" + newAddress},
		{line: "person|resume|" + newAddress},
		{line: "person|leave|" + newAddress},
		{line: "person|return|" + newAddress},
		{line: "person|mute|" + newAddress + "|due_soon"},
		{line: "person|unmute|" + newAddress + "|due_soon"},
		{line: "person|digest|" + newAddress + "|on"},
		{line: "person|digest|" + newAddress + "|off"},
		{line: "piece|propose|" + tea + "|--author|ana@writers.example|--editor|" + edAddress + "|--title|Tea"},
		{line: "piece|changes|" + tea + "|--text|Which are new? Say: three."},
		{line: "piece|brief|" + tea + "|Three teas."},
		{line: "piece|task|" + tea + "|add|Header image"},
		{line: "piece|task|" + tea + "|add|Share buttons"},
		{line: "piece|task|" + tea + "|remove|share buttons"},
		{line: "piece|approve|" + tea + "|--note|Lovely.|--deadline|2099-12-20"},
		{line: "piece|clear|" + tea},
		{line: "piece|deadline|" + tea + "|2099-12-21"},
		{line: "piece|assign|" + tea + "|copy_edit|kim@writers.example"},
		{line: "piece|assign|" + tea + "|lead|" + edAddress},
		{line: "piece|grant|" + tea, before: func() { a.wantMoreTime(tea, 4) }},
		{line: "piece|refuse|" + tea + "|--reason|It is late.", before: func() { a.wantMoreTime(tea, 5) }},
		{line: "piece|review|" + tea + "|--ask|kim@writers.example", before: func() { a.run("piece", "advance", tea) }},
		{line: "piece|revise|" + tea + "|--text|The third tea: is it one?"},
		{line: "piece|tick|" + tea + "|Header image", before: func() {
			for range 4 {
				a.run("piece", "advance", tea)
			}
		}},
		{line: "piece|publish|" + tea + "|" + url},
		{line: "piece|verify|" + tea},
		{line: "piece|verify|" + tea + "|--seen"},
		{line: "piece|distributed|" + tea},
		{line: "piece|cancel|BREW-1|--reason|The café has closed."},
		{line: "piece|decline|ALE-1|--reason|We had that.", before: func() {
			a.run("piece", "propose", "ALE-1", "--author", "ana@writers.example", "--editor", edAddress, "--title", "Ale")
		}},
	} {
		args := strings.Split(step.line, "|")
		if step.before != nil {
			step.before()
		}
		if r := a.try(args...); r.code != exitOK || strings.Contains(r.out, "already") && args[len(args)-1] != "--seen" {
			t.Fatalf("%s: exit code %d\n%s%s", step.line, r.code, r.out, r.err)
		}
		queued, events := len(a.exported("notice")), len(a.exported("event"))
		r := a.try(args...)
		if r.code != exitOK || !strings.Contains(r.out, "already") || r.err != "" {
			t.Errorf("%s, again: exit code %d\n%s%s", step.line, r.code, r.out, r.err)
		}
		if n := len(a.exported("notice")); n != queued {
			t.Errorf("%s, again: %d mails more", step.line, n-queued)
		}
		if n := len(a.exported("event")); n != events {
			t.Errorf("%s, again: %d events more", step.line, n-events)
		}
	}
}

// wantMoreTime has the author ask for a later date for the draft, the nth of December.
func (a *agency) wantMoreTime(code string, day int) {
	a.change(code, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
		c.PersonID = p.AuthorID
		return p.AskExtension(c, time.Date(2099, 12, day, 12, 0, 0, 0, time.UTC), "")
	})
}

// What would get lost as a repeat is refused instead.
func TestRepeatsWithOtherWords(t *testing.T) {
	a := withNewcomer(t)
	a.configure("[onboarding]\nrequired = false\n")
	a.run("piece", "propose", "TEA-1", "--author", newAddress, "--editor", edAddress, "--title", "Tea")
	a.run("piece", "changes", "TEA-1", "--text", "Three will do.")
	a.try("piece", "changes", "TEA-1", "--text", "Four will do.").want(t, exitFailed, "asked for already", "nobody was sent")
	a.run("piece", "approve", "TEA-1", "--deadline", "2099-12-20")
	a.try("piece", "approve", "TEA-1", "--note", "Mind the Chemex.").want(t, exitUsage, "would not reach the author")
	a.try("piece", "approve", "TEA-1", "--deadline", "2099-12-21").want(t, exitFailed, "approved already", `Try: handoff piece deadline TEA-1 "2099-12-21"`)
	a.try("piece", "decline", "TEA-1", "--reason", "No.").want(t, exitFailed, "Try: handoff piece cancel TEA-1")
	a.run("piece", "clear", "TEA-1")
	a.run("piece", "advance", "TEA-1")
	a.run("piece", "revise", "TEA-1", "--text", "Which is black?")
	a.try("piece", "revise", "TEA-1", "--text", "Which is green?").want(t, exitFailed, "asked for already", "nobody was sent")
	a.wantMoreTime("TEA-1", 4)
	a.run("piece", "grant", "TEA-1")
	a.try("piece", "refuse", "TEA-1").want(t, exitFailed, "is decided: more time is granted", "Try: handoff piece deadline TEA-1")
	a.run("person", "add", "bo@agency.example", "--name", "Bo", "--class", "internal", "--role", "editor")
	a.run("person", "invite", newAddress, "--editor", edAddress)
	a.try("person", "invite", newAddress, "--editor", "bo@agency.example").want(t, exitFailed, "Try: handoff person set "+newAddress+" --editor bo@agency.example")
}

// A refusal says what is wrong and what to run; so does what is missing or senseless.
func TestRefusalsSayWhatToRun(t *testing.T) {
	a := withNewcomer(t)
	a.run("person", "add", "kim@writers.example", "--name", "Kim Roe", "--role", "peer_reviewer")
	a.run("piece", "propose", "TEA-1", "--author", newAddress, "--editor", edAddress, "--title", "Tea")
	const add = "piece add TEA-2 --title Oolong --author " + newAddress + " --editor " + edAddress + " --stage review"
	for _, tt := range []struct {
		line string // words apart by blanks
		code int
		says []string
	}{
		{"person pass " + newAddress, exitFailed, []string{"“demo piece passed” is not next in the onboarding of Nia Novak", "Try: handoff person invite " + newAddress + " --editor ADDRESS"}},
		{"person invite " + newAddress, exitUsage, []string{"--editor ADDRESS"}},
		{"person invite " + newAddress + " --editor " + edAddress, exitOK, []string{"2 mails queued, sent once", "  welcome to Nia Novak <nia@writers.example>", "  briefing_due to Ed Moss"}},
		{"person acknowledged " + newAddress, exitFailed, []string{"“briefed personally” is", "Try: handoff person briefed " + newAddress + " --as " + edAddress}},
		{"person briefed " + newAddress + " --as kim@writers.example", exitUsage, []string{"Kim Roe is not an editor of the team but writes from outside: name somebody else"}},
		{"person briefed " + newAddress + " --as " + edAddress, exitOK, []string{"1 mail queued", "  guidelines to Nia Novak"}},
		{"person pass " + newAddress, exitFailed, []string{"Try: handoff person acknowledged " + newAddress}},
		{"person acknowledged " + newAddress, exitOK, []string{"  demo_invite to Nia Novak"}},
		{"person pass " + newAddress, exitFailed, []string{"“demo piece through every step” is", "Try: handoff piece list --person " + newAddress}},
		{"person briefed " + edAddress + " --as " + edAddress, exitFailed, []string{"only outside contributors are onboarded", "Try: handoff person show " + edAddress}},
		{"piece clear TEA-1", exitFailed, []string{"the topic is not approved", "Try: handoff piece approve TEA-1"}},
		{"piece advance TEA-1", exitFailed, []string{"is a proposal", "Try: handoff piece approve TEA-1"}},
		{"piece approve TEA-1 --as kim@writers.example", exitFailed, []string{"not for Kim Roe to do", "Try: --as " + edAddress}},
		{"piece approve TEA-1", exitOK, nil},
		{"piece clear TEA-1", exitFailed, []string{"the onboarding of Nia Novak", "Try: handoff piece list --person " + newAddress}},
		{"piece propose --author " + newAddress + " --title=", exitUsage, []string{"--title: a proposal needs"}},
		{"piece deadline TEA-1 2020-01-01", exitUsage, []string{"2020-01-01 is over already: name a day that is still to come"}},
		{"piece approve TEA-1 --deadline 2020-01-01", exitUsage, []string{"--deadline: 2020-01-01 is over already"}},
		{add + " --deadline 2020-01-01", exitUsage, []string{"--deadline: 2020-01-01 is over already"}},
		{add + " --step review=2020-01-01", exitUsage, []string{"--step review: 2020-01-01 is over already"}},
		{add + " --step draft=2020-01-01", exitOK, nil}, // that is done
		{"piece grant TEA-1", exitFailed, []string{"nobody asks for more time", "Try: handoff piece deadline TEA-1 DATE"}},
		{"piece verify TEA-1", exitFailed, []string{"not published yet", "Try: handoff piece clear TEA-1"}},
		{"piece distributed BREW-1", exitFailed, []string{"is in draft: first comes the address", "Try: handoff piece advance BREW-1"}},
		{"piece publish BREW-1 https://tea.example/x", exitFailed, []string{"is published after ready", "Try: handoff piece advance BREW-1"}},
		{"piece tick BREW-1 Header", exitFailed, []string{`no task "Header"`, `Try: handoff piece task BREW-1 add "Header"`}},
		{"piece revise BREW-1 --text x --until 2020-01-01", exitUsage, []string{"--until: 2020-01-01 is over already"}},
		{"piece revise BREW-1 --text x", exitFailed, []string{"is in draft", "Try: handoff piece advance BREW-1"}},
		{"piece advance BREW-1", exitOK, []string{"mails queued"}},
		{"piece review BREW-1 --ask kim@writers.example --needed 0", exitUsage, []string{"--needed: 0 answers are none"}},
		{"piece review BREW-1 --ask kim@writers.example --needed 2", exitFailed, []string{"2 answers are needed and 1 asked for"}},
		{"piece advance BREW-1", exitOK, nil},
		{"piece advance BREW-1", exitOK, nil},
		{"piece advance BREW-1", exitFailed, []string{"no distribution lead", "Try: handoff piece assign BREW-1 lead ADDRESS"}},
		{"piece diff BREW-1 --from 0", exitUsage, []string{"--from: there is no version 0"}},
		{"piece diff BREW-1 --to 0", exitUsage, []string{"--to: there is no version 0"}},
		{"report --svg=", exitUsage, []string{"--svg: the file has no name"}},
		{"piece cancel BREW-1 --reason closed", exitOK, nil},
		{"piece advance BREW-1", exitFailed, []string{"BREW-1 was cancelled: closed", "Try: handoff piece show BREW-1"}},
	} {
		r := a.try(strings.Fields(tt.line)...)
		r.want(t, tt.code, tt.says...)
		if r.code != tt.code {
			t.Errorf("that was handoff %s", tt.line)
		}
	}
}

// How many answers are needed may change alone; with it, the step may be done.
func TestFewerAnswersNeeded(t *testing.T) {
	a := newAgency(t)
	a.open()
	for _, name := range []string{"kim", "lou"} {
		a.run("person", "add", name+"@writers.example", "--name", name, "--role", "peer_reviewer")
	}
	a.run("piece", "advance", "BREW-1")
	review := []string{"piece", "review", "BREW-1", "--ask", "kim@writers.example", "--ask", "lou@writers.example"}
	a.run(review...)
	a.try(append(review, "--needed", "1")...).want(t, exitOK, "how many reviewers have to answer is changed")
	a.try("piece", "show", "BREW-1").want(t, exitOK, "1 of 2 reviewers have to answer")
	a.run(review...)
	a.change("BREW-1", func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
		s, _ := p.OpenStep()
		c.PersonID = s.Reviewers[0].PersonID
		return p.Reviewed(c)
	})
	a.try("piece", "list").want(t, exitOK, "review")
	a.try(append(review, "--needed", "1")...).want(t, exitOK, "review is done")
}

// Who runs a command hears whether somebody is there to send what it queued.
func TestQueuedMailsSayWhenTheyGoOut(t *testing.T) {
	a := newAgency(t)
	a.open()
	now := clock.NewFake(time.Now())
	deadline := func(date string) ran {
		return runIn(t.Context(), &Env{Stdin: strings.NewReader(""), Clock: now}, "piece", "deadline", "BREW-1", date, "--config", a.path("handoff.toml"))
	}
	deadline("2099-12-21").want(t, exitOK, `sent once "handoff serve" or "handoff poll" runs:`, "  deadline_changed to Ana Lima <ana@writers.example>")
	a.run("poll")
	now.Advance(30 * time.Second)
	deadline("2099-12-22").want(t, exitOK, "sent by the next pass (the last one was ", " ago):")
	now.Advance(time.Hour)
	deadline("2099-12-23").want(t, exitOK, `sent once "handoff serve" or "handoff poll" runs:`)

	config, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	quiet := strings.Replace(string(config), alwaysAwake, "[calendar]\nworking_days = \"all\"\n", 1)
	now = clock.NewFake(time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC)) // Ana is in São Paulo: 20:00
	a.write("handoff.toml", quiet)
	deadline("2099-12-24").want(t, exitOK, "  deadline_changed to Ana Lima <ana@writers.example>, not before 2026-11-25 11:00")
}

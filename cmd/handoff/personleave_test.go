package main

import (
	"os"
	"strings"
	"testing"
)

// withTeam is an agency with a second editor, a copy editor and a piece that they have a part in.
func withTeam(t *testing.T) *agency {
	t.Helper()
	a := withNewcomer(t)
	a.run("person", "add", "eve@agency.example", "--name", "Eve Hall", "--class", "internal", "--role", "editor")
	a.run("person", "add", "cora@agency.example", "--name", "Cora Lee", "--class", "internal", "--role", "copy_editor")
	a.run("piece", "assign", "BREW-1", "copy_edit", "cora@agency.example")
	return a
}

func TestLeave(t *testing.T) {
	a := withTeam(t)
	a.run("piece", "assign", "BREW-1", "lead", "cora@agency.example")
	a.run("person", "invite", newAddress, "--editor", edAddress, "--as", edAddress)

	a.try("person", "leave", edAddress).want(t, exitUsage, "Ed Moss looks after BREW-1, Nia Novak", "name the editor who takes over with --to")
	a.try("person", "leave", edAddress, "--to", "cora@agency.example").want(t, exitUsage, "Cora Lee is not an editor")
	a.try("person", "leave", edAddress, "--to", edAddress).want(t, exitUsage, "name somebody else")
	a.try("person", "show", edAddress).want(t, exitOK)

	a.try("person", "leave", "cora@agency.example", "--dry-run").want(t, exitOK, "dry run, nothing was changed", "copy edit has another owner, for Ed Moss")
	a.try("person", "leave", "cora@agency.example", "--as", edAddress).want(t, exitOK, "Cora Lee: left the team", "BREW-1: Ed Moss: copy edit has another owner, for Ed Moss", "the distribution lead declined")
	a.try("piece", "show", "BREW-1").want(t, exitOK, "copy edit    waiting  Ed Moss")
	for _, args := range [][]string{
		{"piece", "assign", "BREW-1", "design", "cora@agency.example"}, {"piece", "assign", "BREW-1", "lead", "cora@agency.example"},
		{"piece", "add", "TEA-1", "--title", "Tea", "--author", "cora@agency.example", "--editor", edAddress},
		{"piece", "add", "TEA-1", "--title", "Tea", "--author", newAddress, "--editor", edAddress, "--owner", "review=cora@agency.example"},
		{"piece", "propose", "--title", "Tea", "--author", "cora@agency.example", "--editor", edAddress},
		{"person", "leave", edAddress, "--to", "cora@agency.example"},
	} {
		a.try(args...).want(t, exitFailed, "Cora Lee has left the team and gets no work: name somebody else")
	}
	a.try("import", a.write("more.csv", strings.ReplaceAll(piecesCSV, "BREW-1,", "TEA-9,")+
		"TEA-10,Tea,cora@agency.example,ed@agency.example,,draft,,\n")).want(t, exitFailed, "more.csv:3: Cora Lee has left the team")

	// The open step of an author, and all of an editor.
	a.try("person", "leave", "ana@writers.example").want(t, exitOK, "BREW-1: Handoff: another author", "draft has another owner, for Ed Moss", "1 mail queued")
	a.wantQueued(edAddress, "step_opened")
	a.try("person", "leave", edAddress, "--to", "eve@agency.example").want(t, exitOK, "Nia Novak: looked after by Eve Hall now", "BREW-1: Handoff: another editor",
		"draft has another owner, for Eve Hall", "team.triage in ", "is still ed@agency.example")
	a.try("person", "show", newAddress).want(t, exitOK, "editor     Eve Hall")
	a.wantQueued("eve@agency.example", "step_opened")
	a.try("piece", "list", "--person", edAddress).want(t, exitOK)
	a.run("person", "return", "cora@agency.example")
	a.run("piece", "assign", "BREW-1", "design", "cora@agency.example")

	// The onboarding of a contributor rests while they are gone.
	a.run("person", "leave", newAddress)
	for _, args := range [][]string{{"briefed", newAddress, "--as", "eve@agency.example"}, {"waive", newAddress}} {
		a.try(append([]string{"person"}, args...)...).want(t, exitFailed, "Nia Novak has left the team: nothing of the onboarding goes on before they are back", "Try: handoff person return "+newAddress)
	}
	a.run("person", "return", newAddress)
	a.try("person", "briefed", newAddress, "--as", "eve@agency.example").want(t, exitOK, "guidelines to Nia Novak")
}

// A lead who is named with the piece is asked like one who is named later, and an editor has to be one.
func TestAddedLead(t *testing.T) {
	a := withTeam(t)
	a.try("piece", "add", "TEA-1", "--title", "Tea", "--author", "ana@writers.example", "--editor", "ana@writers.example").want(t, exitUsage, "Ana Lima is not an editor of the team but writes from outside: name somebody else")
	a.try("piece", "add", "TEA-1", "--title", "Tea", "--author", "ana@writers.example", "--editor", edAddress, "--lead", "cora@agency.example").
		want(t, exitOK, "the distribution lead is named", "queued")
	a.wantQueued("cora@agency.example", "lead_named")
	a.try("piece", "show", "TEA-1").want(t, exitOK, "the distribution lead has not confirmed")

	file := a.write("tea.csv", strings.Replace(piecesCSV, "BREW-1,Ten ways to brew,ana@writers.example,ed@agency.example", "TEA-2,Tea,ana@writers.example,cora@agency.example", 1))
	a.try("import", file).want(t, exitFailed, "tea.csv:2: Cora Lee is not an editor of the team: give them that role with \"handoff person set cora@agency.example --role copy_editor --role editor\"")

	// A change by import tells whom it concerns.
	changed := strings.Replace(strings.Replace(piecesCSV, "ed@agency.example,,", "ed@agency.example,eve@agency.example,", 1), "draft=2099-12-01", "draft=2099-11-30", 1)
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	a.try("import", "--notify", file).want(t, exitOK, "1 changed")
	a.wantQueued("eve@agency.example", "lead_named")
	a.wantQueued("ana@writers.example", "deadline_changed")
}

// A cancelled piece waits for nothing, and a revision's date moves what follows.
func TestDroppedSteps(t *testing.T) {
	a := withTeam(t)
	a.run("piece", "advance", "BREW-1")
	a.try("piece", "revise", "BREW-1", "--text", "Shorter.", "--until", "2100-01-05").want(t, exitFailed, "the draft deadline 2100-01-05 23:59 CET is past the overall deadline 2099-12-20 23:59 CET")
	a.try("piece", "revise", "BREW-1", "--text", "Shorter.", "--until", "2099-12-10").want(t, exitOK, "a revision is asked for", "review deadline: 2099-12-05 23:59 CET → 2099-12-14 23:59 CET")
	a.run("piece", "cancel", "BREW-1", "--reason", "No budget.")
	out := a.run("piece", "show", "BREW-1")
	if strings.Contains(out, "waiting") || !strings.Contains(out, "design       dropped") || !strings.Contains(out, "pitch        done") {
		t.Errorf("a cancelled piece shows\n%s", out)
	}
}

package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"handoff/workflow"
)

const (
	edAddress  = "ed@agency.example"
	newAddress = "nia@writers.example"
)

// withNewcomer is an agency with a contributor who is not onboarded.
func withNewcomer(t *testing.T) *agency {
	t.Helper()
	t.Setenv("HANDOFF_AS", "")
	a := newAgency(t)
	a.open()
	a.run("person", "add", newAddress, "--name", "Nia Novak", "--role", "author")
	return a
}

func TestOnboardingCommands(t *testing.T) {
	a := withNewcomer(t)
	a.try("person", "show", newAddress).want(t, exitOK, "onboarding not begun", "handoff person invite")
	a.try("person", "invite", newAddress).want(t, exitUsage, "name their editor with --editor")
	a.try("person", "invite", newAddress, "--editor", "ana@writers.example").want(t, exitUsage, "Ana Lima is not an editor of the team")
	a.try("person", "invite", newAddress, "--editor", "who@agency.example").want(t, exitFailed, "nobody has the address who@agency.example")
	a.try("person", "invite", edAddress, "--editor", edAddress).want(t, exitFailed, "only outside contributors are onboarded")
	a.try("person", "briefed", newAddress, "--as", edAddress).want(t, exitFailed, "“briefed personally” is not next")

	a.try("person", "invite", newAddress, "--editor", edAddress, "--as", edAddress).want(t, exitOK, "Nia Novak: invited")
	a.try("person", "invite", newAddress).want(t, exitOK, "“invited” is noted for Nia Novak already")
	a.try("person", "briefed", newAddress).want(t, exitUsage, "--as ADDRESS")
	a.try("person", "briefed", newAddress, "--as", "ana@writers.example").want(t, exitUsage, "Ana Lima is not an editor of the team")
	a.try("person", "pass", newAddress, "--as", edAddress).want(t, exitFailed, "“briefed personally” is")
	a.try("person", "briefed", newAddress, "--as", edAddress).want(t, exitOK, "Nia Novak: briefed personally")
	a.run("poll")
	a.try("export", "--json").want(t, exitOK, `:welcome:at`, `:guidelines:at`)
	a.try("person", "acknowledged", newAddress).want(t, exitOK, "Nia Novak: guidelines acknowledged")
	a.run("poll")
	a.try("piece", "show", "DEMO-1").want(t, exitOK, "author Nia Novak, editor Ed Moss")
	for range 4 {
		a.run("piece", "advance", "DEMO-1", "--as", edAddress)
	}
	a.run("poll")
	a.try("person", "pass", newAddress, "--as", edAddress).want(t, exitOK, "Nia Novak: demo piece passed")
	a.run("poll")
	a.try("person", "show", newAddress).want(t, exitOK, "editor     Ed Moss", "briefed personally, by Ed Moss", "guidelines sent, by Handoff", "billable, by Handoff")
	a.try("person", "waive", newAddress).want(t, exitOK, "the onboarding of Nia Novak is complete already")
	a.try("export", "--json").want(t, exitOK, `"milestone"`, "demo piece passed")
}

func TestOnboardingList(t *testing.T) {
	a := withNewcomer(t)
	a.run("person", "invite", newAddress, "--editor", edAddress, "--as", edAddress)
	a.run("person", "waive", "ana@writers.example")
	a.run("person", "add", "old@writers.example", "--name", "Old Hand")
	a.run("person", "leave", "old@writers.example")
	a.try("person", "onboarding", "--json", "--csv").want(t, exitUsage, "--json", "--csv")
	today := time.Now().UTC().Format("2006-")
	out := a.run("person", "onboarding")
	for _, want := range []string{"NEXT", "Nia Novak  Ed Moss  briefed personally  " + today, " invited\n", " known from before\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	a.try("person", "show", newAddress).want(t, exitOK, "invited, by Ed Moss")

	if strings.Contains(out, "Old Hand") {
		t.Errorf("who left is listed:\n%s", out)
	}

	var listed []struct {
		Name, Next, Editor string
		Milestones         []struct{ Item, By string }
		BillableSince      *time.Time `json:"billable_since"`
	}
	if err := json.Unmarshal([]byte(a.run("person", "onboarding", "--json")), &listed); err != nil {
		t.Fatal(err)
	}
	if len(listed) != 2 || listed[0].BillableSince == nil || listed[1].BillableSince != nil || listed[1].Next != "briefed personally" ||
		listed[1].Milestones[0].Item != "invited" || listed[1].Milestones[0].By != "Ed Moss" {
		t.Errorf("listed %+v", listed)
	}

	rows, err := csv.NewReader(strings.NewReader(a.run("person", "onboarding", "--csv"))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v, rows %v", err, rows)
	}
	cell := func(row int, column string) string { return rows[row][slices.Index(rows[0], column)] }
	if cell(2, "email") != newAddress || cell(2, "invited_by") != "Ed Moss" || !strings.HasPrefix(cell(2, "invited_at"), today) ||
		cell(2, "billable_at") != "" || !strings.HasPrefix(cell(1, "billable_since"), today) || cell(1, "waived_by") != "Handoff" {
		t.Errorf("rows %v", rows)
	}
	for _, step := range []string{"briefed", "acknowledged"} { // more points make no longer line
		a.run("person", step, newAddress, "--as", edAddress)
		for line := range strings.Lines(a.run("person", "onboarding")) {
			if len(line) > 80 {
				t.Errorf("%d columns: %s", len(line), line)
			}
		}
	}
}

func TestPersonStanding(t *testing.T) {
	a := withNewcomer(t)
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"away --from 2098-12-24", exitUsage, "give --from and --to, or --clear"},
		{"away --from tomorrow --to 2098-12-31", exitUsage, `"tomorrow" is not the first day of an absence`},
		{"away --from 2098-12-24 --to 2098-12-01", exitUsage, "before it begins"},
		{"away --clear --from 2098-12-24", exitUsage, "leave the dates out"},
		{"away --from 2020-12-24 --to 2021-01-06", exitUsage, "2021-01-06 is over already: name days that are still to come"},
		{"away --clear", exitOK, "all absences of Nia Novak are forgotten already"},
		{"away --from 2099-07-01 --to 2099-07-14 --note summer", exitOK, "away from 2099-07-01 to 2099-07-14"},
		{"away --from 2098-12-24 --to 2099-01-06", exitOK, "away from 2098-12-24"},
		{"away --from 2098-12-24 --to 2099-01-06", exitOK, "noted already"},
		{"show", exitOK, "away       2099-07-01 to 2099-07-14: summer"},
		{"away --clear", exitOK, "not away any more"},
		{"resume", exitOK, "is not paused"},
		{"pause", exitOK, "paused"},
		{"pause", exitOK, "paused already"},
		{"show", exitOK, "paused     since 20"},
		{"resume", exitOK, "not paused any more"},
		{"return", exitOK, "has not left"},
		{"leave", exitOK, "left the team"},
		{"leave", exitOK, "left already"},
		{"show", exitOK, "left       since 20"},
		{"return", exitOK, "back in the team"},
		{"mute due-sun", exitUsage, "did you mean due_soon?"},
		{"mute step_opened", exitUsage, "comes once and cannot be muted"},
		{"mute everything", exitUsage, "these can be muted: "},
		{"unmute due_soon", exitOK, "not muted already"},
		{"mute Due-Soon", exitOK, "due_soon muted"},
		{"mute due_soon", exitOK, "muted already"},
		{"show", exitOK, "muted      due_soon"},
		{"unmute due_soon", exitOK, "due_soon not muted"},
		{"digest maybe", exitUsage, "on"},
		{"digest off", exitOK, "off already"},
		{"digest on", exitOK, "daily digest on"},
		{"mute digest", exitOK, "digest muted"},
		{"digest on", exitOK, "daily digest on"},
		{"digest on", exitOK, "on already"},
		{"show", exitOK, "digest     daily"},
		{"set --work-days mon-thu --editor ed@agency.example", exitOK, "saved"},
		{"show", exitOK, "work days  mon-thu"},
		{"show", exitOK, "editor     Ed Moss"},
		{"set --work-days blueday", exitUsage, "is not a day of the week"},
		{"set --editor nia@writers.example", exitUsage, "is not an editor"},
	} {
		words := strings.Fields(c.args)
		args := append([]string{"person", words[0], newAddress}, words[1:]...)
		if words[0] != "set" && words[0] != "show" {
			args = append(args, "--as", edAddress)
		}
		a.try(args...).want(t, c.code, c.says)
	}
	a.try("person", "set", newAddress, "--work-days", "", "--editor", "").want(t, exitOK)
	if out := a.run("person", "show", newAddress); strings.Contains(out, "work days") || strings.Contains(out, "editor ") {
		t.Errorf("not taken back:\n%s", out)
	}
	a.try("export", "--json").want(t, exitOK, "away from 2098-12-24 to 2099-01-06", `"muted"`)
}

// A file says who is known from before; it takes nothing back of what was noted since.
func TestImportOnboarding(t *testing.T) {
	a := newAgency(t)
	a.run(a.initArgs()...)
	const file = "email,name,class,roles,onboarding\n" +
		"ed@agency.example,Ed Moss,internal,editor,\nana@writers.example,Ana Lima,outside,author,done\nnia@writers.example,Nia Novak,outside,author,\n"
	people := a.write("people.csv", file)
	a.try("import", people).want(t, exitOK, "people: 3 added")
	a.try("person", "show", "ana@writers.example").want(t, exitOK, workflow.Waived.Label()+", by Handoff")
	a.try("person", "show", newAddress).want(t, exitOK, "not begun")
	a.run("person", "invite", newAddress, "--editor", edAddress)
	a.run("person", "pause", newAddress)
	a.try("import", people).want(t, exitOK, "0 changed, 3 unchanged")
	if err := os.WriteFile(people, []byte(strings.Replace(file, "Nia Novak", "Nia Nowak", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	a.try("import", people).want(t, exitOK, "1 changed")
	a.try("person", "show", newAddress).want(t, exitOK, "Nia Nowak", "paused", "invited, by Handoff")
	a.write("people.csv", strings.Replace(file, "author,\n", "author,done\n", 1))
	a.try("import", people).want(t, exitOK, "1 changed")
	a.try("person", "show", newAddress).want(t, exitOK, workflow.Waived.Label())
	a.try("import", a.write("bad.csv", strings.Replace(file, "editor,", "editor,done", 1))).want(t, exitFailed, "bad.csv:2: Ed Moss is internal")
}

// Whoever left in the middle of their demo piece and is back gets another one, and goes on to the end.
func TestReturnToTheDemoPiece(t *testing.T) {
	a := withNewcomer(t)
	a.run("person", "invite", newAddress, "--editor", edAddress, "--as", edAddress)
	a.run("person", "briefed", newAddress, "--as", edAddress)
	a.run("person", "acknowledged", newAddress)
	a.try("piece", "show", "DEMO-1").want(t, exitOK, "author Nia Novak")
	a.try("person", "leave", newAddress).want(t, exitOK, "DEMO-1", "cancelled")
	a.try("person", "return", newAddress, "--as", edAddress).want(t, exitOK, "back in the team", "demo_invite")
	a.try("piece", "show", "DEMO-2").want(t, exitOK, "author Nia Novak, editor Ed Moss")
	a.try("person", "show", newAddress).want(t, exitOK, "guidelines acknowledged", "demo piece begun", "next: demo piece through every step")
	for range 4 {
		a.run("piece", "advance", "DEMO-2", "--as", edAddress)
	}
	a.run("poll")
	a.try("person", "pass", newAddress, "--as", edAddress).want(t, exitOK, "demo piece passed")

	// Who left before or after that goes on where they stood, with no other demo piece.
	a.run("person", "leave", newAddress)
	a.run("person", "return", newAddress)
	a.run("poll")
	a.try("person", "show", newAddress).want(t, exitOK, "billable, by Handoff")
	a.try("piece", "show", "DEMO-3").want(t, exitFailed, "DEMO-3")
}

package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"handoff/internal/mailtest"
	"handoff/outbox"
)

func TestOutboxCommands(t *testing.T) {
	a := newAwakeAgency(t)
	a.run("import", a.write("people.csv", peopleCSV), a.write("pieces.csv", piecesCSV), "--notify")
	list := a.run("outbox", "list")
	if !strings.Contains(list, "step_opened") {
		t.Fatal(list)
	}
	a.try("outbox", "show", "1").want(t, exitOK, "Notice 1: step_opened", "queued, next try", "Ana Lima <ana@writers.example>", "BREW-1", "key", "handoff:",
		"Message-ID <", "none yet", "Hello Ana Lima", "Ten ways to brew")
	a.try("outbox", "show", "99").want(t, exitFailed, "there is no notice 99")
	var shown struct {
		State  outbox.State
		Text   string
		Piece  string
		Tries  []outbox.Attempt
		ToName string `json:"to_name"`
	}
	if err := json.Unmarshal([]byte(a.run("outbox", "show", "1", "--json")), &shown); err != nil || shown.State != outbox.Queued || shown.Piece != "BREW-1" || shown.Text == "" || shown.Tries == nil {
		t.Errorf("%+v, %v", shown, err)
	}

	// Selections
	a.try("outbox", "retry").want(t, exitUsage, "which mails?")
	a.try("outbox", "retry", "1", "--state", "failed").want(t, exitUsage, "not both")
	a.try("outbox", "retry", "--state", "sent").want(t, exitUsage, "what is sent cannot be queued")
	a.try("outbox", "retry", "--state", "failed").want(t, exitOK, "no mail is like that")
	a.try("outbox", "cancel", "--kind", "step_opend").want(t, exitUsage, "did you mean \"step_opened\"?")
	a.try("outbox", "cancel", "--kind", "step_opened", "--piece", "BREW-1").want(t, exitUsage, "this would cancel 1 mail (queued or deferred, step_opened, about BREW-1): add --yes")
	a.try("outbox", "cancel", "--kind", "step_opened", "--yes").want(t, exitOK, "1 mail is cancelled")
	a.try("outbox", "list", "--state", "cancelled").want(t, exitOK, "step_opened", "cancelled by hand")
	a.try("outbox", "cancel", "1").want(t, exitOK, "notice 1 is cancelled already: cancelled by hand")
	a.try("outbox", "show", "1").want(t, exitOK, "Tries:\n  none\n")
	a.try("outbox", "cancel", "99").want(t, exitFailed, "there is no notice 99")
	a.try("outbox", "retry", "--state", "cancelled", "-y").want(t, exitOK, "1 mail is queued")

	// Pauses
	a.try("outbox", "resume").want(t, exitOK, "nothing is paused: everything is sent already")
	a.try("outbox", "pause", "--until", "yesterday").want(t, exitUsage, "is not a time")
	a.try("outbox", "pause", "--until", "2001-01-01").want(t, exitUsage, "is over already")
	a.try("outbox", "pause", "step_opened", "--until", "3d", "--note", "the rules change").want(t, exitOK, "Paused: step_opened", "(the rules change)")
	a.try("outbox", "pause", "step_opened").want(t, exitOK, "until 20", "(the rules change) is so already")
	a.try("outbox", "pause", "step_opened", "--note", "they changed").want(t, exitOK, "until 20", "(they changed)")
	a.try("poll").want(t, exitOK)
	a.try("outbox", "list").want(t, exitOK, "queued", "paused", "Paused: step_opened")
	a.try("status").want(t, exitOK, "Paused: step_opened", "1 mail waits for the end of a pause")
	a.try("check").want(t, exitOK, "outbox: Paused: step_opened")
	a.try("outbox", "resume", "digest").want(t, exitOK, "digest is not paused: it is sent already")
	a.try("outbox", "pause").want(t, exitOK, "Paused: everything", "until \"handoff outbox resume\"")
	a.try("outbox", "resume", "digest").want(t, exitFailed, "digest is not paused alone, everything is", "handoff outbox resume")
	a.try("outbox", "resume").want(t, exitOK, "everything is sent again", "step_opened is sent again")
	a.try("check").want(t, exitOK, "outbox: nothing is paused")

	// Suppression: the mail is cancelled when its turn comes.
	a.try("outbox", "suppress", "nonsense").want(t, exitUsage, "neither a mail address nor a domain")
	a.try("outbox", "suppress", "Writers.Example", "--reason", "they asked for it").want(t, exitOK, "nothing is sent to writers.example any more")
	a.try("outbox", "suppress", "*@writers.example").want(t, exitOK, "nothing is sent to writers.example already, since 20", ": they asked for it")
	for _, pattern := range []string{"*", "a*@writers.example", "*.writers.example", "*@*.example"} {
		a.try("outbox", "suppress", pattern).want(t, exitUsage, "is a pattern")
	}
	a.try("outbox", "suppress", "*@agency.example").want(t, exitUsage, "agency.example, which is the team's own domain, the address of Ed", "add --yes")
	a.try("outbox", "suppress", "ed@agency.example").want(t, exitUsage, "which is the address of Ed", "add --yes")
	a.try("outbox", "unsuppress", "ana@writers.example").want(t, exitFailed, "not suppressed, but all of writers.example is", "handoff outbox unsuppress writers.example")
	a.try("outbox", "retry", "1").want(t, exitOK, "notice 1 is queued, but will be cancelled: mail to writers.example is suppressed: they asked for it; first run")
	a.run("poll")
	a.try("outbox", "show", "1").want(t, exitOK, "cancelled", "mail to writers.example is suppressed: they asked for it", "  -  20")
	a.try("outbox", "suppressed").want(t, exitOK, "writers.example", "they asked for it")
	a.try("status").want(t, exitOK, "1 address or domain is suppressed")
	a.try("outbox", "unsuppress", "writers.example").want(t, exitOK, "mails to writers.example are sent again")
	a.try("outbox", "unsuppress", "writers.example").want(t, exitOK, "writers.example is not suppressed: mails to it are sent already")
	a.try("outbox", "suppress", "*@writers.example").want(t, exitOK, "nothing is sent to writers.example any more")
	a.try("outbox", "suppress", "writers.example", "--reason", "closed").want(t, exitOK, "sent to writers.example already; the reason is changed")
	a.try("outbox", "unsuppress", "*@writers.example").want(t, exitOK, "mails to writers.example are sent again")

	a.try("outbox", "bounces").want(t, exitOK, "ADDRESS")
	a.try("outbox", "clear", "ana@writers.example").want(t, exitOK, "does not come back: it is sent already")
}

// What waits says for what, and goes by new hours once they are in force.
func TestOutboxWaits(t *testing.T) {
	a := newAgency(t)
	a.run(a.initArgs()...)
	text, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().UTC().Weekday()
	other := strings.ToLower(((today + 3) % 7).String()[:3])
	settle := func(send string) {
		a.write("handoff.toml", string(text)+"\n"+alwaysAwake+"send_days = \""+send+"\"\n")
	}
	settle(other)
	a.run("import", a.write("people.csv", peopleCSV), a.write("pieces.csv", piecesCSV), "--notify")
	not := "send days: not before " + ((today + 3) % 7).String() + " 20"
	a.try("outbox", "list").want(t, exitOK, not)
	a.try("outbox", "list", "--json").want(t, exitOK, `"waits": "`+not)
	a.try("outbox", "show", "1").want(t, exitOK, "waits      "+not)
	a.try("outbox", "retry", "1").want(t, exitOK, "notice 1 is queued, and waits all the same: "+not)
	a.try("poll").want(t, exitOK, "0 sent")
	settle("all")
	a.try("poll").want(t, exitOK, "1 sent")
	a.try("outbox", "list").want(t, exitOK, "no mail waits or failed", "--state sent", "--all")
	a.try("outbox", "list", "--all").want(t, exitOK, "step_opened", "sent")
	a.try("outbox", "list", "--kind", "step_opened").want(t, exitOK, "add --all")
	a.try("outbox", "list", "--all", "--state", "sent").want(t, exitUsage, "leave it or --state out")
}

// What a piece that was taken in late is not reminded of says why: no mail opened its step.
func TestReminderBeforeTheImport(t *testing.T) {
	a := newAwakeAgency(t)
	a.run("import", a.write("people.csv", peopleCSV), a.write("pieces.csv", strings.Replace(piecesCSV, "draft=2099-12-01", "draft="+time.Now().AddDate(0, 0, 1).Format(time.DateOnly), 1)))
	a.run("poll")
	if out := a.run("outbox", "list", "--state", "cancelled"); !strings.Contains(out, "its moment was over before the step was opened") || strings.Contains(out, "step_opened") {
		t.Error(out)
	}
}

// One pass sends what a minute takes, and says what is left.
func TestPollPerMinute(t *testing.T) {
	a := newAwakeAgency(t)
	a.rewrite("[smtp]", "[outbox]\nper_minute = 2\n\n[smtp]")
	pieces := piecesCSV
	for _, code := range []string{"BREW-2", "BREW-3", "BREW-4", "BREW-5"} {
		pieces += strings.Replace(strings.Split(piecesCSV, "\n")[1], "BREW-1", code, 1) + "\n"
	}
	a.run("import", a.write("people.csv", peopleCSV), a.write("pieces.csv", pieces), "--notify")
	a.try("poll", "--once").want(t, exitOK, "2 sent, 3 wait for the next pass: outbox.per_minute is 2")
	a.try("poll", "--once").want(t, exitOK, "2 sent, 1 waits for the next pass")
	if out := a.run("poll", "--once"); !strings.Contains(out, "1 sent") || strings.Contains(out, "next pass") {
		t.Error(out)
	}
}

// An address that the mail server refuses in our own session counts as one that takes no mail, and the editor is told.
func TestRefusedAddress(t *testing.T) {
	a := newAwakeAgency(t)
	a.run("import", a.write("people.csv", strings.ReplaceAll(peopleCSV, "ana@writers.example;ana@home.example", "gone@writers.example")),
		a.write("pieces.csv", strings.ReplaceAll(piecesCSV, "ana@writers.example", "gone@writers.example")), "--notify")
	mails := 0
	a.office.FailSMTP(func(c mailtest.SMTPCommand) mailtest.SMTPFault {
		if c.Stage == mailtest.StageRcpt {
			if mails++; mails == 1 {
				return mailtest.SMTPFault{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "no such user"}
			}
		}
		return mailtest.SMTPFault{}
	})
	a.run("poll")
	a.try("outbox", "show", "1").want(t, exitOK, "failed", "code 550", "no such user")
	a.try("outbox", "bounces").want(t, exitOK, "gone@writers.example", "takes no mail", "there is no such mailbox")
	a.try("status", "--json").want(t, exitOK, `"dead_letters": 1`, `"bouncing": 1`, `"answers_stopped": false`)
	a.try("outbox", "list", "--kind", "bounced", "--state", "queued", "--state", "sent").want(t, exitOK, "bounced", "ed@agency.example")
	a.try("outbox", "clear", "gone@writers.example").want(t, exitOK, "are sent again")
}

// newAwakeAgency lets nothing wait for the morning.
func newAwakeAgency(t *testing.T) *agency {
	t.Helper()
	a := newAgency(t)
	a.run(a.initArgs()...)
	text, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("handoff.toml", string(text)+"\n"+alwaysAwake)
	return a
}

func TestMomentAhead(t *testing.T) {
	zone := time.FixedZone("there", 2*3600)
	now := time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC) // 11:00 there
	for s, want := range map[string]string{
		"2026-12-24 18:00": "2026-12-24T16:00:00Z", "2026-12-24T18:00": "2026-12-24T16:00:00Z", "2026-12-24": "2026-12-23T22:00:00Z",
		"18:00": "2026-05-05T16:00:00Z", "10:00": "2026-05-06T08:00:00Z", "2h": "2026-05-05T11:00:00Z", "3d": "2026-05-08T09:00:00Z",
	} {
		if got, err := momentAhead(s, now, zone); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v; want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"", "soon", "2026-05-05 10:59", "0s", "25:00"} {
		if got, err := momentAhead(s, now, zone); err == nil {
			t.Errorf("%q: %v", s, got)
		}
	}
}

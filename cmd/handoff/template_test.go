package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"handoff/internal/clock"
	"handoff/internal/mailtest"
	"handoff/templates"
)

// The team's own mail texts: begun from the built-in ones, told apart, each mistake with its line, every save kept.
func TestOwnTemplates(t *testing.T) {
	a := newAgency(t)
	a.open()
	source := a.run("template", "show", "redirect", "--source")
	if !strings.HasPrefix(source, "---\nsubject:") {
		t.Fatalf("no source to start from: %q", source)
	}
	a.run("template", "history", "redirect")
	a.try("template", "diff", "redirect").want(t, exitOK, "no difference")
	one := a.write("one.md", source+"\nRegards, the desk of {{.Team}}\n")
	a.try("template", "save", "redirect", one, "--by", "ED@agency.example", "-m", "a greeting").want(t, exitOK, "redirect.md is saved as version 1 and is used")
	a.try("template", "save", "redirect", one).want(t, exitOK, "as it was: nothing is saved")
	a.try("template", "show", "redirect").want(t, exitOK, "Regards, the desk of")
	a.try("template", "list", "--own").want(t, exitOK, "redirect", "own: en")
	a.try("template", "list").want(t, exitOK, "to the owner, some days before the deadline", "to the contributor, when they are invited",
		"to the owner who asked, and the owners whose dates moved with it, when") // nothing is cut
	a.try("template", "list", "--own", "--json").want(t, exitOK, `"name": "redirect"`, `"own": [`, `"sent": "to the sender, when `)
	a.try("template", "check").want(t, exitOK, "1 of your own: all are right", "de/redirect.md: readers get the built-in text; yours is there in en only")
	a.try("check").want(t, exitOK, "ok   templates: 1 of the team's own")

	wrong := a.write("wrong.md", source+"\nRegards, {{.Desk}}\n")
	line := strconv.Itoa(strings.Count(source, "\n") + 2)
	a.try("template", "save", "redirect", wrong).want(t, exitFailed, wrong+":"+line+":", "unknown variable .Desk")
	a.try("template", "save", "redirect", one, "--by", "nobody@agency.example").want(t, exitFailed, "nobody has the address")
	a.try("template", "save", "redirect", a.write("empty.md", " \n")).want(t, exitUsage, "template reset redirect")
	a.try("template", "save", "redirekt", one).want(t, exitUsage, "did you mean redirect?")
	a.try("template", "save", "redirect", one, "--locale", "nl").want(t, exitUsage, "the languages are en, de")

	a.run("template", "save", "redirect", a.write("two.md", source+"\nYours, {{.Team}}\n"))
	a.try("template", "diff", "redirect", "--from", "1").want(t, exitOK, "-Regards, the desk of {{.Team}}", "+Yours, {{.Team}}", "(version 2)")
	a.try("template", "diff", "redirect", "--from", "9").want(t, exitUsage, "no version 9")
	a.try("template", "restore", "redirect", "1").want(t, exitOK, "saved as version 3")
	a.try("template", "history", "redirect").want(t, exitOK, "ed@agency.example", "a greeting", "version 1 again")
	a.try("template", "reset", "redirect").want(t, exitOK, "built-in text again (version 4)")
	a.try("template", "reset", "redirect").want(t, exitOK, "nothing is saved")
	a.try("template", "history", "redirect").want(t, exitOK, "back to the built-in text")
	a.try("template", "check").want(t, exitOK, "0 of your own")
}

func TestTemplateFiles(t *testing.T) {
	a := newAgency(t)
	a.open()
	german := a.run("template", "show", "receipt", "--source", "--locale", "de")
	a.run("template", "save", "receipt", a.write("r.md", german+"\nViele Grüße\n"), "--locale", "de")
	a.run("template", "save", "layout", a.write("page.html", "<p>{{.Body}}</p><p>{{.Below}}</p>"))
	a.try("template", "save", "layout", a.path("page.html"), "--locale", "de").want(t, exitUsage, "the layout is one for all languages")
	dir := a.path("texts")
	a.try("template", "export", dir).want(t, exitOK, "2 texts are in")
	a.try("template", "import", dir).want(t, exitOK, "2 texts read, 0 saved")
	name := filepath.Join(dir, "de", "receipt.md")
	if err := os.WriteFile(name, []byte(german+"\nBeste Grüße\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.write("texts/held.short.md", "---\nsubject: x\n---\nIt waits. {{range .Candidates}}{{.Code}}{{end}}")
	a.try("template", "check", dir).want(t, exitOK, "3 texts in")
	a.try("template", "import", dir, "--by", "ed@agency.example").want(t, exitOK, "de/receipt.md is saved", "held.short.md is saved", "3 texts read, 2 saved")
	a.write("texts/note.md", "---\nsubject: x\n---\n{{.Nope}}")
	a.write("texts/reciept.md", "x")
	a.try("template", "import", dir).want(t, exitFailed, "nothing is saved", "note.md:4:3", "reciept.md: no mail uses this file", "did you mean receipt.md?")
	a.try("template", "check", dir).want(t, exitFailed, "note.md:4:3")

	a.try("template", "use", "held", "long").want(t, exitUsage, `no alternate "long", there are short`)
	a.try("template", "save", "held", a.write("s.md", "---\nsubject: y\n---\nIt waits. {{range .Candidates}}{{.Code}}{{end}}"), "--variant", "short").want(t, exitOK, `and is an alternate, not used until "handoff template use held short"`)
	a.try("template", "use", "held", "short").want(t, exitOK, "the alternate short is used (en)")
	a.try("template", "list", "--own").want(t, exitOK, "uses short")
	a.try("template", "show", "held", "--variant", "short").want(t, exitOK, "ACME-12ACME-15")
	a.try("template", "use", "held").want(t, exitOK, "the usual text is used")

	a.run("template", "save", "held", a.path("s.md"), "--variant", "short", "--locale", "de")
	a.run("template", "use", "held", "short")
	a.try("template", "check").want(t, exitOK, "fr/held.short.md: readers get the built-in text; yours is there in de, en only")
	a.try("template", "reset", "held", "--variant", "short").want(t, exitOK, `its readers in "en" get the usual text now; short is still used in de`)
	a.try("template", "reset", "held", "--variant", "short", "--locale", "de").want(t, exitOK, "held: the usual text is used")
	if got := a.run("template", "list", "--own"); strings.Contains(got, "held") {
		t.Errorf("held is still named in %s", got)
	}
	a.try("template", "export", a.path("texts")).want(t, exitOK, "2 texts are in", "held.short.md was there before and is no text of yours now")
	a.try("template", "reset", "held", "--variant", "zz").want(t, exitUsage, `no alternate "zz"`)
	a.try("template", "show", "held", "--variant", "zz").want(t, exitUsage, `no alternate "zz"`)
	all := a.path("all")
	a.run("template", "export", all, "--all")
	a.try("template", "check", all).want(t, exitOK, fmt.Sprintf("%d texts in", len(templates.Names())*len(templates.Locales())+1))

	cfg := a.path("handoff.toml")
	text, err := os.ReadFile(cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.configure("[templates]\ndir = \"texts\"\n")
	a.try("template", "list").want(t, exitFailed, "templates.dir: own texts are kept in the database now", "template import texts")
	a.write("handoff.toml", string(text))
	a.configure("[templates]\ncolour = \"red\"\n")
	a.try("template", "list").want(t, exitFailed, `"red" is no colour`)
}

func TestTemplateEdit(t *testing.T) {
	a := newAgency(t)
	a.open()
	t.Setenv("VISUAL", "")
	t.Setenv("EDITOR", "")
	a.try("template", "edit", "redirect").want(t, exitUsage, "no editor is set")
	t.Setenv("TMPDIR", t.TempDir())
	left := func() int {
		there, err := os.ReadDir(os.Getenv("TMPDIR"))
		if err != nil {
			t.Fatal(err)
		}
		return len(there)
	}
	editor := a.write("editor", "#!/bin/sh\necho 'Added.' >> \"$1\"\n")
	if err := os.Chmod(editor, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("EDITOR", editor)
	a.try("template", "edit", "redirect").want(t, exitOK, "redirect.md is saved as version 1")
	a.try("template", "show", "redirect").want(t, exitOK, "Added.")
	a.write("editor", "#!/bin/sh\necho '{{.Nope}}' >> \"$1\"\n")
	a.try("template", "edit", "redirect").want(t, exitFailed, "unknown variable .Nope", "nothing is saved; correct ", "handoff template save redirect ")
	a.write("editor", "#!/bin/sh\ntrue\n")
	a.try("template", "edit", "redirect").want(t, exitOK, "nothing was changed")
	a.write("editor", "#!/bin/sh\ncp \"$1\" \"$1~\"\necho more >> \"$1\"\n")
	before := left()
	a.run("template", "edit", "redirect")
	if after := left(); after != before {
		t.Errorf("left %d files, %d before", after, before)
	}
}

func TestTemplateVars(t *testing.T) {
	runLine(t.Context(), "", "template", "vars", "receipt").want(t, exitOK, "When: a mail is filed", "must keep: .Files, .Links, .Skipped",
		".Piece.Code", "like ACME-12", "ACME-12", ".Files[].Name", "heat pumps v2.docx", ".Next.Deadline", "12 May 2026", "hello PERSON")
	runLine(t.Context(), "", "template", "vars", "layout").want(t, exitOK, "{{.Below}}", "must be there")
	runLine(t.Context(), "", "template", "vars", "recept").want(t, exitUsage, "did you mean receipt?")
}

// What mails would get, on real ones, with nothing kept of it.
func TestTemplatePreview(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("poll", "--once") // starts at the newest mail
	a.send(draftMail)
	stranger := mailtest.Mail{From: "Zed <zed@elsewhere.example>", To: "drafts@agency.example", Subject: "Hello", MessageID: "two@elsewhere.example", Text: "What is this address for?\n", Date: time.Now()}
	if err := a.office.Append("drafts", "INBOX", stranger.Bytes(), time.Now()); err != nil {
		t.Fatal(err)
	}
	a.run("poll", "--once")
	before := a.run("export", "--json")
	a.try("template", "for", "1", "2").want(t, exitOK, "mail 1", "receipt", "to ana@writers.example", "mail 2", "redirect", "to zed@elsewhere.example")
	a.try("template", "reach", "redirect").want(t, exitOK, "zed@elsewhere.example", "1 of 2 mails of the last 30 days would get redirect", "then")
	a.try("template", "disable", "redirect").want(t, exitOK)
	a.try("template", "reach", "redirect").want(t, exitOK, "redirect is switched off")
	a.run("template", "enable", "redirect")
	a.try("template", "reach", "step_opened").want(t, exitOK, "1 of 2 mails of the last 30 days would get step_opened, or did", "then")
	a.try("template", "reach", "layout").want(t, exitUsage, "around every mail")
	a.try("template", "reach", "digest", "--days", "1").want(t, exitOK, "digest is brought by a date, not by a mail: it goes to who asked for it, once a day")
	a.try("template", "reach", "redirect", "--days", "0").want(t, exitUsage, "--days counts from 1")
	a.try("template", "preview", "receipt", "--mail", "1").want(t, exitOK, "Subject: Re: My draft [BREW-1]", "Hello Ana", "To: the sender, here ana@writers.example", "Text: receipt.md, built in")
	a.try("template", "preview", "redirect", "--mail", "1").want(t, exitUsage, "mail 1 would not get redirect, but receipt")
	a.try("template", "preview", "--notice", "1").want(t, exitOK, "Subject: ")
	a.try("template", "preview", "digest", "--notice", "1").want(t, exitUsage, "not digest")
	a.try("template", "preview", "--notice", "4711").want(t, exitFailed, "there is no notice 4711")
	a.try("template", "preview", "due_soon", "--piece", "BREW-1", "--locale", "de").want(t, exitOK, "BREW-1", "To: the owner")
	a.try("template", "preview", "overdue", "--piece", "BREW-1").want(t, exitOK, "From the sample, not real: .Days")
	trial := a.write("trial.md", "---\nsubject: Trial\n---\nTried on {{.Piece.Code}} {{range .Files}}{{.Name}}{{end}}{{range .Links}}{{.}}{{end}}{{range .Skipped}}{{.Name}}{{end}}")
	a.try("template", "preview", "receipt", "--mail", "1", "--file", trial).want(t, exitOK, "Subject: Trial", "Tried on BREW-1", "trial.md, in place of receipt.md")
	a.try("template", "preview", "receipt", "--mail", "1", "--file", trial, "--send-to", "me@agency.example").want(t, exitUsage, "save the text first")
	a.try("template", "preview", "receipt", "--mail", "1", "--variant", "zz").want(t, exitUsage, `no alternate "zz", there is none yet`)
	a.try("template", "preview", "receipt", "--mail", "1", "--file", a.write("bad.md", "---\nsubject: x\n---\n{{.Bad}}")).want(t, exitFailed, "bad.md:4:3: unknown variable .Bad")
	empty := a.write("none.md", "---\nsubject: {{if ne .Piece.Code \"BREW-1\"}}x{{end}}\n---\nFiled. {{list .Links}}{{range .Files}}{{.Name}}{{end}}{{range .Skipped}}{{.Name}}{{end}}")
	a.try("template", "preview", "receipt", "--mail", "1", "--file", empty).want(t, exitFailed, "none.md: the subject is empty for this mail")
	if after := a.run("export", "--json"); after != before {
		t.Error("looking changed something")
	}
	a.try("template", "preview", "due_soon", "--piece", "BREW-1", "--send-to", "me").want(t, exitUsage, "not a mail address")
	a.try("template", "preview", "due_soon", "--piece", "BREW-1", "--send-to", "me@agency.example").want(t, exitOK, "is queued to me@agency.example")
	a.wantQueued("me@agency.example", "due_soon")
}

// A file is previewed as its reader would get it: in the team's language where there are no texts in theirs, in the team's own page.
func TestTemplatePreviewOfAFile(t *testing.T) {
	a := newAgency(t)
	a.open()
	text, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("handoff.toml", strings.Replace(string(text), "[team]\n", "[team]\nlocale = \"de\"\n", 1))
	a.run("person", "set", "ana@writers.example", "--locale", "nl")
	a.run("template", "save", "layout", a.write("page.html", "<h1>ours</h1>{{.Body}}{{.Below}}"))
	preview := func(text string, args ...string) ran {
		args = append([]string{"template", "preview", "welcome", "--config", a.path("handoff.toml"), "--file", "-"}, args...)
		return runIn(t.Context(), &Env{Stdin: strings.NewReader(text), Pages: a.pages}, args...)
	}
	const trial = "---\nsubject: Trial\n---\nTried."
	preview(trial, "--person", "ana@writers.example").want(t, exitOK, "Subject: Trial", "Sie bekommen diese Mail")
	preview(trial, "--locale", "FR", "--html").want(t, exitOK, "<h1>ours</h1>", "Tried.", "Vous recevez")
	preview("x").want(t, exitFailed, "de/welcome.md:1: must begin with")
}

// A notice that is switched off ends as cancelled; one whose own text broke goes out with the text before, and the admin
// hears of it once.
func TestTemplatesWhileServing(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("template", "save", "receipt", a.write("good.md", "---\nsubject: Good\n---\nFiled. {{range .Files}}{{.Name}}{{end}}{{range .Links}}{{.}}{{end}}{{range .Skipped}}{{.Name}}{{end}}"))
	a.run("template", "disable", "note")
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := cfg.open(t.Context(), clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range []templates.Own{
		{Name: "receipt", Locale: "en", Text: "---\nsubject: Broken\n---\n{{.Lost}}"},
		{Name: "receipt", Locale: "en", Text: "---\nsubject: Broken\n---\n{{.Gone}}"},
	} {
		if _, err := d.AddTemplateVersion(t.Context(), templates.Version{Own: broken, Author: "admin@agency.example", At: d.clock.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	a.try("poll", "--once").want(t, exitOK, "a mail text of the team's own is not used") // starts at the newest mail
	a.send(draftMail)
	for range 2 {
		if r := a.try("poll", "--once"); r.code != exitOK || strings.Contains(r.err, "is not used") {
			t.Errorf("another pass: %+v", r)
		}
	}
	var told, sent int
	for _, n := range a.exported("notice") {
		switch n["template"] {
		case "text_broken":
			told++
			if n["to_address"] != "ed@agency.example" || n["state"] != "sent" {
				t.Errorf("told %v", n)
			}
		case "receipt":
			sent++
		}
	}
	if told != 1 || sent != 1 {
		t.Errorf("told %d times, %d receipts", told, sent)
	}
	if got := a.inboxOf("ana"); !slices.Contains(got, "Good") {
		t.Errorf("ana got %q", got)
	}
	a.try("template", "check").want(t, exitFailed, "the last version that was right", "receipt.md:4:3: unknown variable .Gone")
	a.try("template", "list").want(t, exitOK, "own: en (wrong and not used)")
	a.try("template", "history", "receipt").want(t, exitOK, "wrong, cannot be used: line 4, column 3: unknown variable .Gone")
	a.try("template", "show", "receipt").want(t, exitOK, "Version 3 is wrong and not used, this is the last version that was right", "Subject: Good")
}

// A text that is right and fails on one mail alone: the built-in one goes out, and the admins hear of it once.
func TestTextThatFailsOnOneMail(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("template", "save", "receipt", a.write("r.md", "---\nsubject: {{if ne .Piece.Code \"BREW-1\"}}x{{end}}\n---\nFiled. {{list .Links}}{{range .Files}}{{.Name}}{{end}}{{range .Skipped}}{{.Name}}{{end}}"))
	a.try("template", "check").want(t, exitOK, "all are right")
	a.run("poll", "--once") // starts at the newest mail
	a.send(draftMail)
	a.run("poll", "--once")
	a.run("poll", "--once")
	var told []map[string]any
	for _, n := range a.exported("notice") {
		if n["template"] == "text_broken" {
			told = append(told, n)
		}
	}
	if len(told) != 1 || told[0]["to_address"] != "ed@agency.example" {
		t.Errorf("told %v", told)
	}
	if got := a.inboxOf("ana"); !slices.Contains(got, "Re: My draft [BREW-1]") {
		t.Errorf("ana got %q", got)
	}
	const what = "receipt.md: version 1 could not be used for a mail to ana@writers.example: the subject is empty for this mail"
	a.try("template", "check").want(t, exitFailed, what)
	a.run("template", "reset", "receipt")
	a.try("template", "check").want(t, exitOK, "all are right")
}

// A text whose mail an update took away is told of until it is reset.
func TestTextOfAMailThatIsGone(t *testing.T) {
	a := newAgency(t)
	a.open()
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := cfg.open(t.Context(), clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	gone := templates.Own{Name: "farewell", Locale: "en", Text: "---\nsubject: x\n---\ny"}
	_, err = d.AddTemplateVersion(t.Context(), templates.Version{Own: gone, At: d.clock.Now()})
	if err == nil {
		dark := templates.Own{Name: "layout", Locale: "en", Variant: "dark", Text: "<h1>dark</h1>{{.Body}}{{.Below}}"}
		_, err = d.AddTemplateVersion(t.Context(), templates.Version{Own: dark, At: d.clock.Now()})
	}
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	a.try("template", "check").want(t, exitFailed, "farewell.md: no mail uses this file", `"handoff template reset farewell" sets it aside`)
	a.try("check").want(t, exitOK, "warn templates: 2 texts of the team's own are wrong and not used")
	a.try("template", "export", a.path("texts")).want(t, exitOK, "farewell.md is left out", "layout.dark.html is left out")
	a.try("template", "show", "receipt", "--html").want(t, exitOK, "class=\"mail\"") // the built-in layout
	if err := os.MkdirAll(a.path("texts"), 0o700); err != nil {
		t.Fatal(err)
	}
	a.write("texts/layout.dark.html", "{{.Body}}{{.Below}}")
	a.try("template", "import", a.path("texts")).want(t, exitFailed, "layout.dark.html: the layout is one for all languages and has no alternates: its file is layout.html")
	a.try("template", "save", "layout", a.path("texts/layout.dark.html"), "--variant", "dark").want(t, exitUsage, "leave --locale and --variant out")
	a.try("template", "reset", "layout", "--variant", "dark").want(t, exitOK, "the alternate layout.dark.html is gone")
	a.try("template", "reset", "goodbye").want(t, exitUsage, "there is no mail text")
	a.try("template", "reset", "farewell").want(t, exitOK, "the built-in text again")
	a.try("template", "check").want(t, exitOK, "0 of your own: all are right")
}

// A text whose built-in one has changed since is told of until somebody says that it was looked at.
func TestTemplateKeep(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.try("template", "keep", "redirect").want(t, exitUsage, "is the built-in text")
	source := a.run("template", "show", "redirect", "--source")
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := cfg.open(t.Context(), clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	old := templates.Version{Own: templates.Own{Name: "redirect", Locale: "en", Text: source + "\nOurs.\n"}, At: d.clock.Now(), Base: "0123456789abcdef", BaseText: source + "Goodbye.\n"}
	_, err = d.AddTemplateVersion(t.Context(), old)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	a.try("template", "check").want(t, exitOK, "the built-in text has changed since version 1", `"handoff template keep redirect" notes that you did`)
	a.try("template", "diff", "redirect", "--built-in").want(t, exitOK, "(built in, as of version 1)", "-Goodbye.")
	a.try("template", "keep", "redirect").want(t, exitOK, "stays as it was; version 2 notes")
	if got := a.run("template", "check"); strings.Contains(got, "has changed") {
		t.Errorf("still told: %s", got)
	}
	a.try("template", "diff", "redirect", "--built-in").want(t, exitOK, "no difference")
	a.try("template", "diff", "held", "--built-in").want(t, exitUsage, "is the built-in text")
	a.try("template", "keep", "redirect").want(t, exitOK, "as it was: nothing is saved")
	a.try("template", "history", "redirect", "--json").want(t, exitOK, `"name": "redirect"`, `"text": "---`)
}

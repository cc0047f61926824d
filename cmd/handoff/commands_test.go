package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"handoff/internal/clock"
)

func TestWrongUse(t *testing.T) {
	tests := map[string][]string{
		"unexpected argument bogus": {"bogus"},
		"unknown flag --bogus":      {"version", "--bogus"},
		"handoff piece add --help":  {"piece", "add"},
		"is not a mail address":     {"person", "add", "nobody", "--name", "N"},
		"is not a stage":            {"piece", "list", "--stage", "lunch"},
		"--limit counts from 1":     {"mail", "list", "--limit=-1"},
		"there is no mail text":     {"template", "show", "bogus"},
		"nothing to change":         {"person", "set", "ana@writers.example"},
		"init needs --address, --triage, --imap-password-env or --imap-password-file;": {"init", "--config", "x.toml"},
	}
	for want, args := range tests {
		t.Run(want, func(t *testing.T) {
			t.Chdir(t.TempDir())
			runLine(t.Context(), "", args...).want(t, exitUsage, "handoff: ", want)
		})
	}
}

func TestHelpOfEveryCommand(t *testing.T) {
	for line := range strings.Lines(runLine(t.Context(), "").out) {
		name, rest, _ := strings.Cut(strings.TrimPrefix(line, "  "), " ")
		if !strings.HasPrefix(line, "  ") || name == "" || strings.HasPrefix(name, "-") || strings.TrimSpace(rest) == "" {
			continue
		}
		runLine(t.Context(), "", name, "--help").want(t, exitOK, "Usage: handoff "+name)
	}
}

func TestWithoutConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"serve"}, {"check"}, {"status"}, {"person", "list"}, {"migrate"}} {
		runLine(t.Context(), "", args...).want(t, exitFailed, "there is no handoff.toml", "handoff init")
	}
	for _, args := range [][]string{{"version"}, {"policy"}, {"template", "list"}, {"template", "show", "receipt"}, {"template", "check"}} {
		runLine(t.Context(), "", args...).want(t, exitOK)
		if args[0] != "version" {
			runLine(t.Context(), "", append(args, "--config", "mistyped.toml")...).want(t, exitFailed, "there is no mistyped.toml")
		}
	}
}

func TestInit(t *testing.T) {
	a := newAgency(t)
	a.try(a.initArgs()...).want(t, exitOK, "logged in as drafts", "Next:", "handoff serve")
	info, err := os.Stat(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("handoff.toml has mode %o", perm)
	}
	text, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), testPassword) {
		t.Error("the password is in handoff.toml")
	}
	a.try(a.initArgs()...).want(t, exitFailed, "exists already", "--force")
	a.try(a.initArgs("--force")...).want(t, exitOK)
	a.try("check").want(t, exitFailed, "FAIL triage: nobody has the address of team.triage", "ok   database: 0 people")
	a.run("import", a.write("people.csv", peopleCSV))
	a.try("check").want(t, exitOK, "ok   configuration", "ok   database: 2 people", "ok   mailbox inbox", "ok   smtp", "ok   templates")
}

// The name to believe is read off the mails that are there.
func TestInitAdvises(t *testing.T) {
	a := newAgency(t)
	args := a.initArgs("--force")
	i := slices.Index(args, "--authserv-id")
	args = slices.Delete(args, i, i+2)
	a.try(args...).want(t, exitOK, "by their DKIM signatures")
	a.send(draftMail)
	a.try(args...).want(t, exitOK, `authserv_ids = ["mx.agency.example"]`)
}

// Typed passwords go to a file of their own, and away again when nothing comes of it.
func TestInitAsks(t *testing.T) {
	for name, tt := range map[string]struct {
		password string
		answers  string
		code     int
	}{
		"right password":                {testPassword, "\n", exitOK},
		"wrong password, given up":      {"wrong", "\nn\n", exitFailed},
		"wrong password, written still": {"wrong", "\ny\n", exitOK},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAgency(t)
			var out strings.Builder
			env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Config: a.path("handoff.toml"), Clock: clock.System{}}
			c := InitCmd{
				Triage: "ed@agency.example", IMAP: a.office.IMAPAddr, IMAPTLS: "none", SMTP: a.office.SMTPAddr, SMTPTLS: "none",
				TimeZone: "UTC", DataDir: "handoff-data", Try: true, Timeout: defaultConfig().Limits.ReadTimeout.Duration,
			}
			// Address, team (default), domains (default), IMAP user, SMTP user, from, reply address (defaults).
			in := "drafts@agency.example\nOur team\n\ndrafts\n\n\n\n" + tt.answers
			ask := &asker{in: bufio.NewReader(strings.NewReader(in)), out: &out, secret: func(context.Context) (string, error) { return tt.password, nil }}
			code := report(env, c.run(t.Context(), env, ask))
			ran{code, out.String(), ""}.want(t, tt.code)
			_, err := os.Stat(a.path("imap.password"))
			if written := err == nil; written != (tt.code == exitOK) {
				t.Errorf("the password's file: %v", err)
			}
			if strings.Contains(out.String(), tt.password) && tt.password != "wrong" {
				t.Errorf("the password is shown:\n%s", out.String())
			}
		})
	}
}

// An answer that cannot be right is asked for again, and encryption where the port does not tell.
func TestInitAsksAgain(t *testing.T) {
	a := newAgency(t)
	var out strings.Builder
	env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Config: a.path("handoff.toml"), Clock: clock.System{}}
	c := InitCmd{DataDir: "handoff-data", Try: true, Timeout: 10 * time.Second}
	in := strings.Join([]string{
		"drafts", "drafts@agency.example", "Desk", "", "Mars/Base", "UTC", "ed", "ed@agency.example",
		"127.0.0.1", a.office.IMAPAddr, "ssl", "none", "drafts", a.office.SMTPAddr, "none", "none",
		"Desk", "Desk <drafts@agency.example>", "drafts+{token}", "drafts+{token}@agency.example", "",
	}, "\n")
	ask := &asker{in: bufio.NewReader(strings.NewReader(in)), out: &out, secret: func(context.Context) (string, error) { return testPassword, nil }}
	ran{report(env, c.run(t.Context(), env, ask)), out.String(), ""}.want(t, exitOK,
		`"drafts" is not a mail address`, `"Mars/Base" is not a time zone`, `"ed" is not a mail address`, `"127.0.0.1" is not host:port`,
		`"ssl" is not tls, starttls or none`, `"Desk" is not a mail address`, `"drafts+{token}" is not a mail address`, "Wrote ")
	cfg, err := LoadConfig(env.Config)
	if err != nil {
		t.Fatal(err)
	}
	if m := cfg.Mailboxes[0]; m.TLS != "none" || cfg.SMTP.TLS != "none" || cfg.SMTP.User != "" || cfg.SMTP.ReplyAddress != "drafts+{token}@agency.example" {
		t.Errorf("got %+v, %+v", m, cfg.SMTP)
	}
}

func TestServersThatFail(t *testing.T) {
	a := newAgency(t)
	gone := closedPort(t)
	mute := silentServer(t)
	good := a.initArgs()
	replace := func(flag, value string) []string {
		args := append([]string{}, good...)
		for i := range args {
			if args[i] == flag {
				args[i+1] = value
			}
		}
		return append(args, "--timeout", "300ms")
	}
	t.Setenv("HANDOFF_TEST_WRONG", "not-the-password")
	tests := map[string]struct {
		args []string
		want []string
	}{
		"closed IMAP port": {replace("--imap", gone), []string{"Trying mailbox inbox", "nothing listens at " + gone}},
		"silent IMAP":      {replace("--imap", mute), []string{"does not answer"}},
		"closed SMTP port": {replace("--smtp", gone), []string{"cannot reach the SMTP server " + gone}},
		"silent SMTP":      {replace("--smtp", mute), []string{"Trying smtp", "failed"}},
		"wrong password":   {replace("--imap-password-env", "HANDOFF_TEST_WRONG"), []string{"Trying mailbox inbox", "failed"}},
		"unset password":   {replace("--imap-password-env", "HANDOFF_TEST_UNSET"), []string{"HANDOFF_TEST_UNSET is not set"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := a.try(tt.args...)
			r.want(t, exitFailed, append(tt.want, "nothing was written")...)
			if strings.Contains(r.err, "not-the-password") {
				t.Errorf("the password is shown: %s", r.err)
			}
			if _, err := os.Stat(a.path("handoff.toml")); err == nil {
				t.Error("the configuration was written")
			}
		})
	}
	t.Run("check goes on", func(t *testing.T) {
		a.run(append(replace("--imap", mute), "--no-try")...)
		a.try("check", "--timeout", "300ms").want(t, exitFailed, "ok   templates", "FAIL mailbox inbox", "ok   smtp")
	})
}

// closedPort is an address where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// silentServer takes connections and never says a word.
func silentServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func TestImport(t *testing.T) {
	a := newAgency(t)
	a.run(a.initArgs()...)
	people, pieces := a.write("people.csv", peopleCSV), a.write("pieces.csv", piecesCSV)

	a.try("import", "--dry-run", pieces, people).want(t, exitOK, "dry run", "people: 2 added", "pieces: 1 added")
	if out := a.run("person", "list"); strings.Contains(out, "Ana") {
		t.Errorf("a dry run imported:\n%s", out)
	}
	a.try("import", pieces, people).want(t, exitOK, "people: 2 added, 0 changed, 0 unchanged", "pieces: 1 added")
	a.try("import", people, pieces).want(t, exitOK, "people: 0 added, 0 changed, 2 unchanged", "pieces: 0 added, 0 changed, 1 unchanged")
	if out := a.run("outbox", "list"); strings.Contains(out, "step_opened") {
		t.Errorf("an import mailed people:\n%s", out)
	}

	t.Run("bad rows", func(t *testing.T) {
		bad := a.write("bad.csv", peopleCSV+"new@writers.example,New One,outside,author,en,\nold,Old,outside,author,en,\nx@y.example,X,alien,,,\n")
		a.try("import", bad).want(t, exitFailed, "bad.csv:5: ", "bad.csv:6: ", "nothing was imported")
		if out := a.run("person", "list"); strings.Contains(out, "New One") {
			t.Errorf("a file was half imported:\n%s", out)
		}
	})
	t.Run("changes", func(t *testing.T) {
		changed := a.write("pieces2.csv", strings.Replace(piecesCSV, "Ten ways", "Eleven ways", 1))
		a.try("import", changed).want(t, exitOK, "1 changed")
		a.try("import", changed).want(t, exitOK, "1 unchanged")
		a.try("piece", "show", "brew-1").want(t, exitOK, "Eleven ways to brew", "Ana Lima", "2099-12-01 23:59")
	})
	t.Run("what was handed on stays so", func(t *testing.T) {
		a.try("piece", "advance", "BREW-1", "--as", "ed@agency.example").want(t, exitOK, "review is open")
		a.run("import", pieces)
		a.try("piece", "list").want(t, exitOK, "review")
	})
	t.Run("neither", func(t *testing.T) {
		a.try("import", a.write("odd.csv", "colour\nred\n")).want(t, exitFailed, "odd.csv:1: ", "email")
	})
	t.Run("unknown author", func(t *testing.T) {
		a.try("import", a.write("who.csv", strings.Replace(strings.Replace(piecesCSV, "BREW-1", "BREW-2", 1), "ana@writers", "who@writers", 1))).
			want(t, exitFailed, "who.csv:2: ", "who@writers.example")
	})
}

func TestPeopleAndPieces(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.try("person", "add", "Cora@Agency.Example", "--name", "Cora Lee", "--class", "internal", "--role", "copy_editor").want(t, exitOK, "added Cora Lee <cora@agency.example>")
	a.try("person", "add", "des@Agency.example", "--name", "Des Ott", "--role", "designer").want(t, exitOK, "added Des Ott <des@agency.example>, internal")
	a.try("person", "add", "nia@writers.example", "--name", "Nia Novak").want(t, exitOK, "added Nia Novak <nia@writers.example>, outside")
	a.try("person", "add", "kai@agency.example", "--name", "Kai Ude", "--class", "outside").want(t, exitOK, "added Kai Ude <kai@agency.example>, outside")
	a.try("person", "add", "cora@agency.example", "--name", "Other").want(t, exitFailed, "handoff: ")
	a.try("person", "alias", "ana@writers.example", "a.lima@post.example").want(t, exitOK, "a.lima@post.example")
	a.try("person", "show", "a.lima@post.example").want(t, exitOK, "Ana Lima", "BREW-1")
	a.try("person", "alias", "--remove", "ana@writers.example", "a.lima@post.example").want(t, exitOK, "saved")
	a.try("person", "show", "a.lima@post.example").want(t, exitFailed, "nobody has the address")
	a.try("person", "set", "ana@writers.example", "--timezone", "Moon/Crater").want(t, exitFailed, "Moon/Crater")
	a.try("person", "list", "--class", "internal", "--json").want(t, exitOK, `"name": "Cora Lee"`)

	a.try("piece", "add", "tea-1", "--title", "Tea", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--stage", "draft",
		"--step", "draft=2099-01-02", "--owner", "copy_edit=cora@agency.example").want(t, exitOK, "added TEA-1 in draft", "queued")
	a.try("piece", "add", "TEA-1", "--title", "Tea", "--author", "ana@writers.example", "--editor", "ed@agency.example").want(t, exitFailed, "TEA-1")
	a.try("piece", "add", "TEA-2", "--title", "Tea", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--deadline", "2020-01-02").want(t, exitUsage, "--deadline: 2020-01-02 is over already: name a day that is still to come")
	a.try("piece", "add", "TEA-2", "--title", "Tea", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--step", "draft=2020-01-02").want(t, exitUsage, "--step draft: 2020-01-02 is over already")
	a.try("piece", "deadline", "TEA-1", "2099-01-09", "--stage", "draft").want(t, exitOK, "TEA-1: ", "draft deadline", "queued")
	a.try("piece", "deadline", "TEA-1", "2099-01-09", "--stage", "draft").want(t, exitOK, "nothing to change")
	a.try("piece", "deadline", "TEA-1", "soon").want(t, exitUsage, "is not a date")
	a.try("piece", "assign", "TEA-1", "review", "cora@agency.example").want(t, exitOK, "another owner")
	a.try("piece", "assign", "TEA-1", "lead", "cora@agency.example", "--no-notify").want(t, exitOK)
	a.try("piece", "advance", "TEA-9").want(t, exitFailed, "there is no piece TEA-9")
	a.try("piece", "list", "--person", "cora@agency.example").want(t, exitOK, "TEA-1")
	a.try("piece", "show", "TEA-1").want(t, exitOK, "Cora Lee", "History:")
	a.try("outbox", "list").want(t, exitOK, "step_opened", "deadline_changed", "ana@writers.example")
	if out := a.run("outbox", "list"); strings.Contains(out, "step_done") {
		t.Errorf("people are told that a step is done, and none is:\n%s", out)
	}

	a.try("outbox", "cancel", "1").want(t, exitOK, "notice 1 is cancelled")
	a.try("outbox", "retry", "1", "99").want(t, exitFailed, "notice 1 is queued", "there is no notice 99")
	a.try("key", "list").want(t, exitOK, "signs")
	a.try("key", "rotate").want(t, exitOK, "key 2 signs")
	a.try("key", "delete", "2").want(t, exitFailed, "this key signs")
	a.try("key", "delete", "1").want(t, exitOK, "key 1 is gone")
	a.try("policy").want(t, exitOK, "built in", "redirect")
	a.try("status").want(t, exitOK, "inbox", "not polled yet", "Outbox:", "queued")
	a.try("migrate").want(t, exitOK, "up to date")
	var status map[string]any
	if err := json.Unmarshal([]byte(a.run("status", "--json")), &status); err != nil {
		t.Error(err)
	}
}

func TestDatabases(t *testing.T) {
	a := newAgency(t)
	a.run(a.initArgs()...)
	remove := func() {
		if err := os.RemoveAll(a.path("handoff-data")); err != nil {
			t.Fatal(err)
		}
	}
	remove()
	a.try("person", "list").want(t, exitFailed, "handoff migrate")
	a.try("migrate").want(t, exitOK, "applied")
	a.try("person", "list").want(t, exitOK)

	remove()
	if err := os.MkdirAll(a.path("handoff-data"), 0o700); err != nil {
		t.Fatal(err)
	}
	a.write("handoff-data/handoff.db", "this is no database, however long it is, and SQLite says so when it is asked to read it")
	a.try("status").want(t, exitFailed, "this is not a database file")
}

// Every line of --json has this shape, whatever the file.
func TestExplain(t *testing.T) {
	dir := t.TempDir()
	a := &agency{t: t, dir: dir}
	mail := a.write("1.eml", "From: Ana Lima <ana@writers.example>\r\nTo: drafts@agency.example\r\nSubject: hello\r\nMessage-ID: <1@writers.example>\r\n\r\nHere it is.\r\n\r\n-- \r\nAna\r\n")
	r := runLine(t.Context(), "", "explain", "--json", dir, a.path("missing.eml"))
	r.want(t, exitFailed)
	var lines []map[string]json.RawMessage
	for line := range strings.Lines(r.out) {
		var m map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, m)
	}
	if len(lines) != 2 {
		t.Fatalf("%d lines:\n%s", len(lines), r.out)
	}
	for _, key := range []string{"file", "kind", "automatic", "suppress_reply", "from", "subject", "message_id", "body", "text", "elided",
		"attachments", "links", "bounce", "trace", "disposition", "error"} {
		for _, l := range lines {
			if _, ok := l[key]; !ok {
				t.Errorf("%s lacks %q", l["file"], key)
			}
		}
	}
	got := map[string]string{}
	for _, key := range []string{"kind", "from", "subject", "message_id", "text", "attachments", "error"} {
		got[key] = string(lines[0][key])
	}
	want := map[string]string{"kind": `"human"`, "from": `{"address":"ana@writers.example","name":"Ana Lima"}`, "subject": `"hello"`,
		"message_id": `"1@writers.example"`, "text": `"Here it is."`, "attachments": "[]", "error": `""`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if string(lines[1]["error"]) == `""` {
		t.Error("the missing file has no error")
	}
	runLine(t.Context(), "", "explain", mail).want(t, exitOK, "Ana Lima <ana@writers.example>", "trace", "decision")
	raw, err := os.ReadFile(mail)
	if err != nil {
		t.Fatal(err)
	}
	runLine(t.Context(), string(raw), "explain", "--json", "-").want(t, exitOK, `"file":"-"`, `"kind":"human"`)
	runLine(t.Context(), "", "explain", a.write("nothing", "")).want(t, exitFailed, "nothing is empty")
	runLine(t.Context(), "", "explain", t.TempDir()).want(t, exitFailed, "there is no .eml file in this directory")
}

func TestInterrupted(t *testing.T) {
	a := newAgency(t)
	a.open()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := runLine(ctx, "", "poll", "--once", "--config", a.path("handoff.toml"))
	r.want(t, exitFailed, "handoff: ")
}

// Every command that does something shows how it is called.
func TestEveryCommandHasAnExample(t *testing.T) {
	parser, err := kong.New(&CLI{}, kong.Vars{"locales": "en", "minutes_submission": "1", "minutes_comment": "1"})
	if err != nil {
		t.Fatal(err)
	}
	leaves := parser.Model.Leaves(true) // without the hidden ones
	for _, leaf := range leaves {
		path := strings.Fields(leaf.Path()) // "piece add", and the names of arguments that are commands
		r := runLine(t.Context(), "", append(path, "--help")...)
		r.want(t, exitOK, "Usage: handoff "+leaf.Path())
		_, examples, found := strings.Cut(r.out, "Example")
		if !found || !strings.Contains(examples, "  handoff "+leaf.Path()) && !strings.Contains(examples, "&& handoff "+leaf.Path()) {
			t.Errorf("no example of handoff %s", leaf.Path())
		}
	}
	if len(leaves) < 60 {
		t.Errorf("only %d commands", len(leaves))
	}
}

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handoff/internal/mailtest"
)

// agency is a small team with its mail system and its directory, worked on by command lines alone.
type agency struct {
	t      *testing.T
	dir    string
	office *mailtest.Office
	pages  pages // what the commands find at published addresses; nil: nothing is asked in these tests
}

const testPassword = "correct-horse"

func newAgency(t *testing.T) *agency {
	t.Helper()
	account := func(user string, addresses ...string) mailtest.Account {
		return mailtest.Account{User: user, Password: testPassword, Addresses: addresses}
	}
	office, err := mailtest.StartOffice(mailtest.OfficeOptions{
		AuthservID: "mx.agency.example",
		Accounts: []mailtest.Account{
			{User: "drafts", Password: testPassword, Token: "fresh-token", Addresses: []string{"drafts@agency.example"}}, account("ed", "ed@agency.example"), account("ana", "ana@writers.example"), account("rita", "rita@readers.example"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = office.Close() })
	t.Setenv("HANDOFF_TEST_PASSWORD", testPassword)
	return &agency{t: t, dir: t.TempDir(), office: office}
}

func (a *agency) path(name string) string { return filepath.Join(a.dir, name) }

func (a *agency) write(name, text string) string {
	a.t.Helper()
	if err := os.WriteFile(a.path(name), []byte(text), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return a.path(name)
}

// ran is what a command came to.
type ran struct {
	code     int
	out, err string
}

// try runs a command line on the agency's configuration.
func (a *agency) try(args ...string) ran {
	a.t.Helper()
	return runIn(a.t.Context(), &Env{Stdin: strings.NewReader(""), Pages: a.pages}, append(args, "--config", a.path("handoff.toml"))...)
}

func runLine(ctx context.Context, stdin string, args ...string) ran {
	return runIn(ctx, &Env{Stdin: strings.NewReader(stdin)}, args...)
}

func runIn(ctx context.Context, env *Env, args ...string) ran {
	var out, errs bytes.Buffer
	env.Stdout, env.Stderr = &out, &errs
	code := Run(ctx, args, env)
	return ran{code, out.String(), errs.String()}
}

// run is try that has to succeed; it gives stdout.
func (a *agency) run(args ...string) string {
	a.t.Helper()
	r := a.try(args...)
	if r.code != exitOK {
		a.t.Fatalf("handoff %s: exit code %d\n%s%s", strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r.out
}

// want fails unless the command ended with code and said every part.
func (r ran) want(t *testing.T, code int, parts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d\n%s%s", r.code, code, r.out, r.err)
	}
	for _, p := range parts {
		if !strings.Contains(r.out+r.err, p) {
			t.Errorf("it does not say %q:\n%s%s", p, r.out, r.err)
		}
	}
	if strings.Contains(r.out+r.err, testPassword) {
		t.Errorf("it tells the password:\n%s%s", r.out, r.err)
	}
}

// initArgs are init's flags for the agency's office.
func (a *agency) initArgs(more ...string) []string {
	return append([]string{"init", "--address", "drafts@agency.example", "--team", "Agency", "--triage", "ed@agency.example",
		"--imap", a.office.IMAPAddr, "--imap-tls", "none", "--imap-user", "drafts", "--imap-password-env", "HANDOFF_TEST_PASSWORD",
		"--smtp", a.office.SMTPAddr, "--smtp-tls", "none", "--timezone", "Europe/Berlin",
		"--reply-address", "drafts+{token}@agency.example", "--authserv-id", "mx.agency.example"}, more...)
}

const peopleCSV = `email,name,class,roles,locale,timezone
ed@agency.example,Ed Moss,internal,editor|admin,en,
ana@writers.example;ana@home.example,Ana Lima,outside,author,en,America/Sao_Paulo
`

const piecesCSV = `code,title,author,editor,distribution_lead,stage,step_deadlines,overall_deadline
BREW-1,Ten ways to brew,ana@writers.example,ed@agency.example,,draft,draft=2099-12-01;review=2099-12-05,2099-12-20
`

// alwaysAwake is a calendar by which mails go out at once, whenever a test is run.
const alwaysAwake = "[calendar]\nworking_days = \"all\"\nquiet_from = \"00:00\"\nquiet_to = \"00:00\"\n"

// open initialises the agency and imports its people and pieces.
func (a *agency) open() {
	a.t.Helper()
	a.run(a.initArgs()...)
	a.configure(alwaysAwake)
	a.run("import", a.write("people.csv", peopleCSV), a.write("pieces.csv", piecesCSV))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"handoff/internal/clock"
	"handoff/internal/redact"
	"handoff/store"
	"handoff/templates"
	"handoff/workflow"
)

// CheckCmd is `handoff check`.
type CheckCmd struct {
	Timeout time.Duration `default:"20s" help:"How long to wait for each server."`
}

// Help says what is tried.
func (CheckCmd) Help() string {
	return `Tries everything that "handoff serve" needs, one line each: configuration, data directory, database, language, triage, templates, the
address to listen at, the login and folder of every mailbox, the SMTP login, with the mechanism of each, the DKIM records in the DNS. It goes on after
a failure; the exit code is 1 if anything failed, warnings aside. Nothing is changed and no mail is sent.

Example:
  handoff check`
}

// Run checks.
func (c *CheckCmd) Run(ctx context.Context, env *Env) error {
	list := newChecklist(env)
	cfg, err := LoadConfig(env.Config)
	var mistakes *ConfigError
	if errors.As(err, &mistakes) {
		for _, m := range mistakes.Each() {
			list.tell("configuration", "", m)
		}
		return errReported
	}
	list.tell("configuration", env.Config, err)
	if err != nil {
		return errReported
	}
	logins, done := cfg.openAccounts(ctx, env)
	defer done()
	probes := append([]probe{
		{what: "data directory", try: cfg.probeDataDir},
		{what: "database", try: func(ctx context.Context) (string, error) { return cfg.probeDatabase(ctx, env) }},
		{what: "outbox", try: func(ctx context.Context) (string, error) { return cfg.probeOutbox(ctx, env) }},
		{what: "language", try: func(context.Context) (string, error) {
			return cfg.Team.Locale, untranslated(cfg.Team.Locale, "the mails")
		}},
		{what: "triage", try: func(ctx context.Context) (string, error) { return cfg.probeTriage(ctx, env) }},
		{what: "templates", try: cfg.probeTemplates},
		{what: "guidelines", try: cfg.probeGuidelines},
		{what: "web", try: cfg.probeWeb},
	}, cfg.serverProbes(c.Timeout, logins)...)
	probes = append(probes, cfg.dkimProbes(env, c.Timeout)...)
	for _, p := range probes {
		detail, err := p.try(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		list.tell(p.what, detail, err)
	}
	if list.failed {
		return errReported
	}
	return nil
}

// openAccounts is for logins while a command runs; without a database, those with a stored consent fail.
func (c *Config) openAccounts(ctx context.Context, env *Env) (_ *accounts, done func()) {
	d, err := c.open(ctx, env.Clock)
	if err != nil { // the database's own line says why
		return c.accounts(nil, env.Clock, env.Log), func() {}
	}
	return c.accounts(d.Store, env.Clock, env.Log), func() { _ = d.Close() }
}

// checklist prints a line for each thing tried.
type checklist struct {
	env              *Env
	good, bad, doubt string
	failed           bool
}

// warning is what does not keep serve from working, but should be looked at.
type warning struct{ error }

func (w warning) Unwrap() error { return w.error }

func newChecklist(env *Env) *checklist {
	if isTerminal(env.Stdout) {
		return &checklist{env: env, good: "✓", bad: "✗", doubt: "!"}
	}
	return &checklist{env: env, good: "ok  ", bad: "FAIL", doubt: "warn"}
}

func (l *checklist) tell(what, detail string, err error) {
	mark := l.good
	if err != nil {
		mark, detail = l.bad, strings.ReplaceAll(redact.Text(err.Error()), "\n", "; ")
		if _, ok := errors.AsType[warning](err); ok {
			mark = l.doubt
		} else {
			l.failed = true
		}
	}
	fmt.Fprintf(l.env.Stdout, "%s %s: %s\n", mark, what, oneLine(detail))
}

// probeDataDir writes a file and removes it.
func (c *Config) probeDataDir(context.Context) (string, error) {
	if _, err := os.Stat(c.DataDir); os.IsNotExist(err) {
		return c.DataDir + " will be made at the first start", nil
	}
	f, err := os.CreateTemp(c.DataDir, ".check-*")
	if err != nil {
		return "", fmt.Errorf("cannot write there: %w", err)
	}
	_ = f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return "", err
	}
	return c.DataDir, nil
}

// probeDatabase opens it.
func (c *Config) probeDatabase(ctx context.Context, env *Env) (string, error) {
	d, err := c.open(ctx, env.Clock)
	if err != nil {
		return "", err
	}
	defer d.Close()
	people, err := d.People(ctx)
	if err != nil {
		return "", err
	}
	pieces, err := d.Pieces(ctx, store.PieceFilter{Open: true})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d %s, %d open %s", len(people), plural(len(people), "person", "people"), len(pieces), plural(len(pieces), "piece", "pieces")), nil
}

// probeOutbox tells of what is paused.
func (c *Config) probeOutbox(ctx context.Context, env *Env) (string, error) {
	d, err := c.open(ctx, env.Clock)
	if err != nil {
		return "", errors.New("not known without the database")
	}
	defer d.Close()
	now := d.clock.Now()
	pauses, err := d.Pauses(ctx, now)
	if err != nil {
		return "", err
	}
	breaker, err := d.Breaker(ctx)
	if err != nil {
		return "", err
	}
	var held []string
	for _, p := range pauses {
		held = append(held, d.showPause(p))
	}
	if breaker.Open(now) {
		held = append(held, "automatic answers are stopped until "+showTime(breaker.Until, d.zone))
	}
	if len(held) == 0 {
		return "nothing is paused", nil
	}
	return strings.Join(held, "; "), nil
}

// untranslated warns where there are no texts in a language.
func untranslated(locale, what string) error {
	if locale == "" || templates.Written(locale) {
		return nil
	}
	return warning{fmt.Errorf("there are no texts in %q, but in %s: %s are in English", locale, strings.Join(templates.Locales(), ", "), what)}
}

// probeTriage looks whether the person for triage is in the database.
func (c *Config) probeTriage(ctx context.Context, env *Env) (string, error) {
	d, err := c.open(ctx, env.Clock)
	if err != nil {
		return "", errors.New("not known without the database")
	}
	defer d.Close()
	p, err := d.triagePerson(ctx)
	return showAddress(p.Name, bareAddress(c.Team.Triage)), err
}

// triagePerson is who hears of mails that wait for a decision.
func (d *desk) triagePerson(ctx context.Context) (workflow.Person, error) {
	address := workflow.NormalizeAddress(bareAddress(d.cfg.Team.Triage))
	p, err := d.PersonByAddress(ctx, address)
	if workflow.CodeOf(err) == workflow.NotFound {
		return p, fmt.Errorf("nobody has the address of team.triage, %s: add them with \"handoff import\" or \"handoff person add\"", address)
	}
	return p, err
}

func (c *Config) probeGuidelines(context.Context) (string, error) {
	if _, err := c.noticePolicy(); err != nil {
		return "", err
	}
	if c.Onboarding.GuidelinesFile == "" {
		return "none", nil
	}
	return c.Onboarding.GuidelinesFile, nil
}

// probeWeb takes the address and gives it back. That it is taken already, by serve most likely, is no failure.
func (c *Config) probeWeb(ctx context.Context) (string, error) {
	if c.Web.Listen == "" {
		return "off", nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Web.Listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return c.Web.Listen + " is in use, by \"handoff serve\" if that runs", nil
	case err != nil:
		return "", fmt.Errorf("cannot listen at %s: %w", c.Web.Listen, err)
	}
	return c.Web.Listen + " is free", l.Close()
}

// probeTemplates reads the mail texts as serve does. A text of the team's own that is wrong keeps no mail back.
func (c *Config) probeTemplates(ctx context.Context) (string, error) {
	d, err := c.open(ctx, clock.System{})
	if err != nil {
		return "", errors.New("not known without the database")
	}
	defer d.Close()
	broken, err := d.texts().Problems(ctx)
	if err != nil {
		return "", err
	}
	latest, err := d.TemplateVersions(ctx, templates.Own{})
	if err != nil {
		return "", err
	}
	own := 0
	for _, v := range latest {
		if !v.Reset() {
			own++
		}
	}
	switch {
	case len(broken) > 0:
		return "", warning{fmt.Errorf("%d %s wrong and not used: see \"handoff template check\"", len(broken), plural(len(broken), "text of the team's own is", "texts of the team's own are"))}
	case own == 0:
		return "built in", nil
	}
	return fmt.Sprintf("%d of the team's own", own), nil
}

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

	"handoff/store"
	"handoff/workflow"
)

// CheckCmd is `handoff check`.
type CheckCmd struct {
	Timeout time.Duration `default:"20s" help:"How long to wait for each server."`
}

// Help says what is tried.
func (CheckCmd) Help() string {
	return `Tries everything that "handoff serve" needs, one line each: configuration, data directory, database, triage, templates, the address
to listen at, the login and folder of every mailbox, the SMTP login. It goes on after a failure; the exit code is 1 if anything failed. Nothing is
changed and no mail is sent.

Example:
  handoff check`
}

// Run checks.
func (c *CheckCmd) Run(ctx context.Context, env *Env) error {
	list := &checklist{env: env, good: "ok  ", bad: "FAIL"}
	if isTerminal(env.Stdout) {
		list.good, list.bad = "✓", "✗"
	}
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
	probes := append([]probe{
		{"data directory", cfg.probeDataDir},
		{"database", func(ctx context.Context) (string, error) { return cfg.probeDatabase(ctx, env) }},
		{"triage", func(ctx context.Context) (string, error) { return cfg.probeTriage(ctx, env) }},
		{"templates", cfg.probeTemplates},
		{"guidelines", cfg.probeGuidelines},
		{"web", cfg.probeWeb},
	}, cfg.serverProbes(c.Timeout)...)
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

// checklist prints a line for each thing tried.
type checklist struct {
	env       *Env
	good, bad string
	failed    bool
}

func (l *checklist) tell(what, detail string, err error) {
	mark := l.good
	if err != nil {
		l.failed = true
		mark, detail = l.bad, strings.ReplaceAll(err.Error(), "\n", "; ")
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

func (c *Config) probeTemplates(context.Context) (string, error) {
	if _, err := loadTemplates(c.Templates.Dir); err != nil {
		return "", err
	}
	if c.Templates.Dir == "" {
		return "built in", nil
	}
	return c.Templates.Dir, nil
}

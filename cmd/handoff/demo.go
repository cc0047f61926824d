package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"handoff/internal/clock"
	"handoff/internal/mailtest"
	"handoff/proxy"
)

// DemoCmd is `handoff demo`.
type DemoCmd struct {
	Once     bool          `help:"End after the story, with a table; exit code 1 if any mail did not end as expected."`
	IMAPPort int           `name:"imap-port" placeholder:"PORT" help:"Port of the embedded IMAP server; a free one by default."`
	SMTPPort int           `name:"smtp-port" placeholder:"PORT" help:"Port of the embedded SMTP server; a free one by default."`
	Dir      string        `type:"path" placeholder:"DIR" help:"Keep database, mails and configuration in this directory."`
	Pace     time.Duration `default:"300ms" help:"Pause between the mails on a terminal, for reading; none with --once."`
	Plain    bool          `help:"No colour."`
	Verbose  bool          `short:"v" help:"Show every check of every decision."`
}

// Help is shown by --help.
func (DemoCmd) Help() string {
	return `Starts mail servers on this machine, a small team with pieces in hand and the gateway that serve runs, then sends it real
mails and tells what becomes of each. Needs nothing and touches nothing outside its directory. Without --once it stays
up afterwards, for you to log in with a mail client.

Examples:
  handoff demo
  handoff demo --once --plain`
}

// Run plays the story, and stays up after it unless told to end.
func (c *DemoCmd) Run(ctx context.Context, env *Env) (err error) {
	dir, temporary, err := c.directory()
	if err != nil {
		return err
	}
	begun := false // there is something to look at
	if temporary {
		defer func() {
			switch {
			case begun && !c.Once:
				return
			case begun && err != nil && ctx.Err() == nil:
				fmt.Fprintf(env.Stderr, "handoff: database, mails and log are kept in %s\n", dir)
				return
			}
			err = errors.Join(err, os.RemoveAll(dir))
		}()
	}
	office, err := mailtest.StartOffice(mailtest.OfficeOptions{
		Accounts: demoAccounts(), AuthservID: demoHost, IMAPPort: c.IMAPPort, SMTPPort: c.SMTPPort,
	})
	if err != nil {
		return fmt.Errorf("starting the embedded mail servers: %w", err)
	}
	defer office.Close()
	logFile, err := os.Create(filepath.Join(dir, "handoff.log"))
	if err != nil {
		return fmt.Errorf("making the demo's log: %w", err)
	}
	defer logFile.Close()
	begun = true
	quiet := *env // the gateway's log must not run into the story
	quiet.Log = newLogger(logFile, "info")
	quiet.Pages = demoPages{}

	gateway, err := openDemoGateway(ctx, dir, office, &quiet)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	defer func() {
		stop()
		<-ended
		err = errors.Join(err, gateway.Close())
	}()
	observed, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	go func() {
		err := gateway.Run(running)
		if err == nil {
			err = errors.New("the gateway stopped")
		}
		lost(err)
		ended <- err
	}()

	err = c.play(observed, demoScenes(), gateway, office, env, dir)
	if ctx.Err() == nil && observed.Err() != nil {
		return context.Cause(observed)
	}
	return err
}

// openDemoGateway is the gateway that serve runs, on a fresh database with the demo's team.
func openDemoGateway(ctx context.Context, dir string, office *mailtest.Office, env *Env) (*Gateway, error) {
	path, err := writeDemoConfig(dir, office)
	if err != nil {
		return nil, err
	}
	cfg, err := LoadConfig(path)
	if err != nil {
		return nil, err
	}
	if err := cfg.createIfMissing(ctx); err != nil {
		return nil, err
	}
	gateway, err := OpenGateway(ctx, cfg, env)
	if err != nil {
		return nil, err
	}
	if err := hireTeam(ctx, gateway.Store, env.Clock.Now()); err != nil {
		return nil, errors.Join(err, gateway.Close())
	}
	return gateway, nil
}

// play tells the story and, unless it is to end then, what comes in afterwards.
func (c *DemoCmd) play(ctx context.Context, scenes []scene, g *Gateway, office *mailtest.Office, env *Env, dir string) error {
	o, err := newObserver(ctx, g.Store, office, env.Clock)
	if err != nil {
		return err
	}
	t := &teller{page: newPage(env.Stdout, c.Plain), observer: o, verbose: c.Verbose}
	t.curtain(dir)
	reminders, err := o.ready(ctx)
	if err != nil {
		return err
	}
	t.reminders(reminders)

	p := &plot{last: map[string]posting{}, notice: o.notice, due: o.due, undeliverable: o.undeliverable, verify: func(ctx context.Context) error {
		_, err := g.verifier.Poll(ctx)
		return err
	}}
	chapters := demoChapters()
	var results []result
	for i, sc := range scenes {
		if t.live && !c.Once {
			if err := clock.Sleep(ctx, o.clock, c.Pace); err != nil {
				return err
			}
		}
		if chapter, ok := chapters[sc.title]; ok {
			t.chapter(chapter[0], chapter[1])
		}
		r, err := o.perform(ctx, sc, p, func(post posting) { t.announce(i+1, sc, post) })
		if err != nil {
			return err
		}
		t.decision(r.sight)
		t.verdict(r)
		results = append(results, r)
	}
	stray, err := o.stray(ctx)
	if err != nil {
		return err
	}
	t.closing(results, stray)
	failed := failures(results) > 0 || len(stray) > 0
	if !c.Once {
		if err := c.stay(ctx, t, dir, heldMail(results)); err != nil {
			return err
		}
	}
	if failed {
		return errReported
	}
	return t.err
}

// heldMail is the first mail for which a person has to choose a piece; 0 if there is none.
func heldMail(results []result) int64 {
	for _, r := range results {
		if r.got.action == proxy.Hold && len(r.sight.record.Candidates) > 1 {
			return r.sight.record.ID
		}
	}
	return 0
}

// stay tells of whatever comes in until ctx ends, which is how it is meant to end.
func (c *DemoCmd) stay(ctx context.Context, t *teller, dir string, held int64) error {
	letter, err := writeDemoLetter(dir, t.observer.clock.Now())
	if err != nil {
		return err
	}
	t.invitation(dir, letter, held, c.Dir == "")
	for {
		s, err := t.observer.visitor(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case s.record.ID == 0:
			return err
		}
		t.visitor(s)
		if err != nil {
			t.row("", inkRed, err.Error())
		}
	}
}

// directory makes the demo's directory, a temporary one if none is named.
func (c *DemoCmd) directory() (dir string, temporary bool, err error) {
	if c.Dir == "" {
		dir, err = os.MkdirTemp("", "handoff-demo-")
	} else {
		dir, err = c.Dir, os.MkdirAll(c.Dir, 0o700)
	}
	if err != nil {
		return "", false, fmt.Errorf("making the demo's directory: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "handoff.db")); err == nil {
		return "", false, usagef("%s holds an earlier demo: name an empty directory, or remove that one", dir)
	}
	return dir, c.Dir == "", nil
}

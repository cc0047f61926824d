package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// InitCmd is `handoff init`.
type InitCmd struct {
	Address  string   `placeholder:"ADDRESS" help:"The mail address that contributors write to; the other defaults follow from it."`
	Team     string   `placeholder:"NAME" help:"The team's name, as mails show it."`
	Domain   []string `placeholder:"DOMAIN" help:"A mail domain of the team: who writes from there is a colleague. May be repeated."`
	TimeZone string   `name:"timezone" placeholder:"ZONE" help:"The team's time zone, like Europe/Berlin."`
	Triage   string   `placeholder:"ADDRESS" help:"Who is told of mails that need a person's decision."`

	IMAP             string `name:"imap" placeholder:"HOST:PORT" help:"The IMAP server."`
	IMAPTLS          string `name:"imap-tls" placeholder:"MODE" enum:",tls,starttls,none" default:"" help:"tls, starttls or none; follows from the port."`
	IMAPUser         string `name:"imap-user" placeholder:"USER" help:"IMAP login."`
	IMAPPasswordEnv  string `name:"imap-password-env" placeholder:"NAME" xor:"imap-password" help:"Environment variable that holds the IMAP password."`
	IMAPPasswordFile string `name:"imap-password-file" placeholder:"FILE" xor:"imap-password" help:"File that holds the IMAP password."`

	SMTP             string `name:"smtp" placeholder:"HOST:PORT" help:"The SMTP server that takes our mail."`
	SMTPTLS          string `name:"smtp-tls" placeholder:"MODE" enum:",tls,starttls,none" default:"" help:"tls, starttls or none; follows from the port."`
	SMTPUser         string `name:"smtp-user" placeholder:"USER" help:"SMTP login; the IMAP one if left out, \"none\" for no login."`
	SMTPPasswordEnv  string `name:"smtp-password-env" placeholder:"NAME" xor:"smtp-password" help:"Environment variable that holds the SMTP password; the IMAP one if left out."`
	SMTPPasswordFile string `name:"smtp-password-file" placeholder:"FILE" xor:"smtp-password" help:"File that holds the SMTP password."`

	OAuth                 string `name:"oauth" placeholder:"PROVIDER" enum:",google,microsoft" default:"" help:"Log in by consent instead of passwords, at google or microsoft; then run \"handoff auth\"."`
	OAuthTenant           string `name:"oauth-tenant" placeholder:"TENANT" help:"The Microsoft 365 tenant: its domain or id."`
	OAuthClientID         string `name:"oauth-client-id" placeholder:"ID" help:"Id of the application that is registered with the provider."`
	OAuthClientSecretEnv  string `name:"oauth-client-secret-env" placeholder:"NAME" xor:"oauth-client-secret" help:"Environment variable that holds the application's secret."`
	OAuthClientSecretFile string `name:"oauth-client-secret-file" placeholder:"FILE" xor:"oauth-client-secret" help:"File that holds the application's secret."`

	From         string   `placeholder:"ADDRESS" help:"Who our mails are from: \"Name <address>\"."`
	ReplyAddress string   `placeholder:"ADDRESS" help:"Where answers go; with {token} where the mailbox takes plus addresses, like drafts+{token}@agency.example."`
	AuthservID   []string `name:"authserv-id" placeholder:"HOST" help:"Incoming mail server whose Authentication-Results headers are believed. May be repeated."`
	DataDir      string   `default:"handoff-data" placeholder:"DIR" help:"Where mails and database are kept."`
	Database     string   `xor:"database" placeholder:"DSN" help:"Another database: a file for SQLite, or a postgres:// URL without a password."`
	DatabaseEnv  string   `xor:"database" placeholder:"NAME" help:"Environment variable that holds the database's URL, password included."`

	Force   bool          `help:"Overwrite an existing configuration."`
	Try     bool          `negatable:"" default:"true" help:"Try both connections before writing."`
	Timeout time.Duration `default:"20s" help:"How long to wait for each server."`
}

// Help shows how.
func (InitCmd) Help() string {
	return `Asks for mailbox, SMTP server and team, tries both connections, and writes handoff.toml (or --config FILE). What is given as a
flag is not asked for; where stdin is no terminal, nothing is asked. Passwords that are typed in go to files of their own
beside it, readable by you alone; they are never printed.

Example, without questions:
  export HANDOFF_PASSWORD=…
  handoff init --address drafts@agency.example --imap imap.agency.example:993 --smtp smtp.agency.example:587 \
      --imap-password-env HANDOFF_PASSWORD --triage ed@agency.example --timezone Europe/Berlin

Example with consent instead of passwords, see docs/providers.md:
  handoff init --address drafts@agency.example --oauth google --oauth-client-id … --oauth-client-secret-file client.secret \
      --triage ed@agency.example --timezone Europe/Berlin
  handoff auth google`
}

// Run writes the configuration.
func (c *InitCmd) Run(ctx context.Context, env *Env) error {
	if _, err := os.Lstat(env.Config); err == nil && !c.Force {
		return fmt.Errorf("%s exists already: edit it, or overwrite it with --force", env.Config)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var ask *asker
	if f, ok := env.Stdin.(*os.File); ok && isTerminal(f) {
		ask = terminalAsker(env, f)
	}
	return c.run(ctx, env, ask)
}

// run is Run with a person to ask, or nil.
func (c *InitCmd) run(ctx context.Context, env *Env, ask *asker) (err error) {
	s := &setup{InitCmd: *c, dir: filepath.Dir(env.Config)}
	// Until the configuration is written, the passwords' files are nobody's.
	defer func() {
		if err != nil {
			err = errors.Join(err, s.removeSecrets())
		}
	}()
	if err := s.complete(ctx, ask); err != nil {
		return err
	}
	text, err := s.answers().toml()
	if err != nil {
		return err
	}
	cfg, err := parseConfig(env.Config, []byte(text))
	if err != nil {
		return &usageError{"these answers do not work: " + err.Error()}
	}
	if c.Try && c.OAuth == "" { // without consent there is nothing to try
		if err := c.try(ctx, env, cfg, ask); err != nil {
			return err
		}
	}
	if err := writeConfig(env.Config, text, c.Force); err != nil {
		return err
	}
	s.secrets = nil
	if _, err := cfg.makeSecret(); err != nil {
		return err
	}
	if err := cfg.createIfMissing(ctx); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "Wrote %s. Next:\n\n", env.Config)
	if dsn, err := cfg.DSN(); err != nil || isPostgres(dsn) {
		fmt.Fprintln(env.Stdout, "  handoff migrate                        # makes the tables in the database")
	}
	if c.OAuth != "" {
		fmt.Fprintf(env.Stdout, "  %-38s # consent for both logins\n", "handoff auth "+c.OAuth)
	}
	fmt.Fprint(env.Stdout, `  handoff import people.csv pieces.csv   # see handoff import --help for the columns
  handoff check                          # one line for everything that has to work
  handoff serve                          # watch the mailbox until stopped
`)
	if len(cfg.Auth.AuthservIDs) == 0 {
		c.advise(ctx, env, cfg)
	}
	return nil
}

// advise says how senders get verified, with the name that the mailbox's own mails tell.
func (c *InitCmd) advise(ctx context.Context, env *Env, cfg *Config) {
	id := ""
	if c.Try && c.OAuth == "" {
		m := cfg.Mailboxes[0]
		m.Timeout.Duration = min(m.Timeout.Duration, c.Timeout)
		id = m.authservID(ctx, cfg.accounts(nil, env.Clock, env.Log))
	}
	if id == "" {
		fmt.Fprintf(env.Stdout, `
Senders are verified here, by their DKIM signatures; mail without one is held for a person. If your own mail server writes
Authentication-Results headers, name it in %s: [auth] authserv_ids.
`, env.Config)
		return
	}
	fmt.Fprintf(env.Stdout, `
The newest mails here have their senders checked by %[1]q. If that is your own mail server, let Handoff believe it: set
authserv_ids = [%[1]q] below [auth] in %[2]s.
`, id, env.Config)
}

// try logs in to both servers and says how it went.
func (c *InitCmd) try(ctx context.Context, env *Env, cfg *Config, ask *asker) error {
	failed := false
	for _, p := range cfg.serverProbes(c.Timeout, cfg.accounts(nil, env.Clock, env.Log)) {
		fmt.Fprintf(env.Stderr, "Trying %s … ", p.what)
		detail, err := p.try(ctx)
		if err != nil {
			failed = true
			fmt.Fprintf(env.Stderr, "failed: %v\n", err)
			continue
		}
		fmt.Fprintf(env.Stderr, "%s\n", detail)
	}
	if !failed {
		return nil
	}
	if ask != nil {
		if yes, err := ask.yes(ctx, "Write the configuration anyway, to put it right by hand?", false); err != nil || yes {
			return err
		}
	}
	return errors.New("nothing was written: put the answers right, or give --no-try to write them as they are")
}

// writeConfig writes the file, readable by its owner alone, whole or not at all.
func writeConfig(path, text string, force bool) error {
	if !force {
		return writeNew(path, text)
	}
	if err := replaceFile(path, text); err != nil {
		return fmt.Errorf("cannot write the configuration: %w", err)
	}
	return nil
}

// writeNew makes a file that must not be there yet.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	_, err = io.WriteString(f, text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}

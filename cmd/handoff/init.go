package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
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
      --imap-password-env HANDOFF_PASSWORD --triage ed@agency.example --timezone Europe/Berlin`
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
	if c.Try {
		if err := c.try(ctx, env, cfg, ask); err != nil {
			return err
		}
	}
	if err := writeConfig(env.Config, text, c.Force); err != nil {
		return err
	}
	s.secrets = nil
	if err := cfg.createIfMissing(ctx); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "Wrote %s. Next:\n\n", env.Config)
	if dsn, err := cfg.DSN(); err != nil || isPostgres(dsn) {
		fmt.Fprintln(env.Stdout, "  handoff migrate                        # makes the tables in the database")
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
	if c.Try {
		m := cfg.Mailboxes[0]
		m.Timeout.Duration = min(m.Timeout.Duration, c.Timeout)
		id = m.authservID(ctx)
	}
	if id == "" {
		fmt.Fprintf(env.Stdout, `
Senders are verified here, by their DKIM signatures; mail without one is held for a person. If your own mail server writes
Authentication-Results headers, name it in %s: [auth] authserv_ids.
`, env.Config)
		return
	}
	fmt.Fprintf(env.Stdout, `
The newest mails here have their senders checked by %[1]q. If that is your own mail server, let Handoff believe it: put
authserv_ids = [%[1]q] below [auth] in %[2]s.
`, id, env.Config)
}

// try logs in to both servers and says how it went.
func (c *InitCmd) try(ctx context.Context, env *Env, cfg *Config, ask *asker) error {
	failed := false
	for _, p := range cfg.serverProbes(c.Timeout) {
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
		if yes, err := ask.yes(ctx, "Write the configuration anyway?", false); err != nil || yes {
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

// setup is an init on its way: what was given, then what was answered, then what follows.
type setup struct {
	InitCmd
	dir     string
	secrets []string // files made for typed passwords
}

func (s *setup) removeSecrets() error {
	var errs []error
	for _, f := range s.secrets {
		errs = append(errs, os.Remove(f))
	}
	return errors.Join(errs...)
}

// question is one thing that init needs to know.
type question struct {
	to        *string
	flag      string
	text      string
	otherwise func() string // the default; "" has to be answered
	asked     bool          // its default does not follow from the address
}

func fixed(v string) func() string { return func() string { return v } }

// complete fills every answer that is missing: by asking, or, without a person, by its default.
func (s *setup) complete(ctx context.Context, ask *asker) error {
	domain := ""
	if len(s.Domain) > 0 {
		domain = strings.Join(s.Domain, ",")
	}
	of := func(prefix string) func() string {
		return func() string { return prefix + s.addressDomain() }
	}
	questions := []question{
		{&s.Address, "--address", "Mail address that contributors write to", fixed(""), true},
		{&s.Team, "--team", "Name of the team", fixed("The editorial team"), true},
		{&domain, "--domain", "Mail domains of the team, separated by commas", func() string { return s.addressDomain() }, false},
		{&s.TimeZone, "--timezone", "Time zone of the team", fixed(localZone()), true},
		{&s.Triage, "--triage", "Who is told of mails that need a decision (address)", fixed(""), true},
		{&s.IMAP, "--imap", "IMAP server (host:port)", func() string { return of("imap.")() + ":993" }, false},
		{&s.IMAPUser, "--imap-user", "IMAP user", func() string { return s.Address }, false},
		{&s.SMTP, "--smtp", "SMTP server (host:port)", func() string { return of("smtp.")() + ":587" }, false},
		{&s.SMTPUser, "--smtp-user", "SMTP user (none for no login)", func() string { return s.IMAPUser }, false},
		{&s.From, "--from", "Our mails come from", func() string { return fmt.Sprintf("%s <%s>", s.displayName(), s.Address) }, false},
		{&s.ReplyAddress, "--reply-address", "Answers go to (with {token} if the mailbox takes plus addresses)", func() string { return s.Address }, false},
	}
	var missing []string
	for _, q := range questions {
		if *q.to != "" {
			continue
		}
		*q.to = q.otherwise()
		if ask != nil {
			var err error
			if *q.to, err = ask.text(ctx, q.text, *q.to); err != nil {
				return err
			}
		}
		if *q.to == "" && (q.asked || s.Address != "") {
			missing = append(missing, q.flag)
		}
	}
	s.Domain = strings.FieldsFunc(domain, func(r rune) bool { return r == ',' || r == ' ' })
	if ask == nil && s.IMAPPasswordEnv == "" && s.IMAPPasswordFile == "" {
		missing = append(missing, "--imap-password-env or --imap-password-file")
	}
	if len(missing) > 0 {
		return usagef("init needs %s; see \"handoff init --help\"", strings.Join(missing, ", "))
	}
	if s.IMAPTLS == "" {
		s.IMAPTLS = tlsOf(s.IMAP, "tls")
	}
	if s.SMTPTLS == "" {
		s.SMTPTLS = tlsOf(s.SMTP, "starttls")
	}
	if s.SMTPUser == "none" {
		s.SMTPUser = ""
	}
	for _, file := range []*string{&s.IMAPPasswordFile, &s.SMTPPasswordFile} {
		if err := s.besideConfig(file); err != nil {
			return err
		}
	}
	return s.passwords(ctx, ask)
}

// besideConfig makes a file that was named from here one that is named from the configuration's directory.
func (s *setup) besideConfig(file *string) error {
	if *file == "" || filepath.IsAbs(*file) || s.dir == "." {
		return nil
	}
	abs, err := filepath.Abs(*file)
	*file = abs
	return err
}

// passwords asks for those that no flag names, and keeps them in files.
func (s *setup) passwords(ctx context.Context, ask *asker) error {
	if s.IMAPPasswordEnv == "" && s.IMAPPasswordFile == "" {
		pw, err := ask.password(ctx, "IMAP password of "+s.IMAPUser)
		if err != nil {
			return err
		}
		if s.IMAPPasswordFile, err = s.keep("imap.password", pw); err != nil {
			return err
		}
	}
	if s.SMTPUser == "" || s.SMTPPasswordEnv != "" || s.SMTPPasswordFile != "" {
		return nil
	}
	same := true
	if ask != nil {
		var err error
		if same, err = ask.yes(ctx, "Is the SMTP password the same?", true); err != nil {
			return err
		}
	}
	if same {
		s.SMTPPasswordEnv, s.SMTPPasswordFile = s.IMAPPasswordEnv, s.IMAPPasswordFile
		return nil
	}
	pw, err := ask.password(ctx, "SMTP password of "+s.SMTPUser)
	if err != nil {
		return err
	}
	s.SMTPPasswordFile, err = s.keep("smtp.password", pw)
	return err
}

// keep writes a secret beside the configuration and gives the name to refer to it by.
func (s *setup) keep(name, secret string) (string, error) {
	path := filepath.Join(s.dir, name)
	if s.Force {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if err := writeNew(path, secret+"\n"); err != nil {
		return "", err
	}
	s.secrets = append(s.secrets, path)
	return name, nil
}

func (s *setup) answers() answers {
	secret := func(env, file string) string {
		if env != "" {
			return "password_env = " + tomlString(env)
		}
		return "password_file = " + tomlString(file)
	}
	return answers{
		TeamName: s.Team, Domains: s.Domain, TimeZone: s.TimeZone, Triage: s.Triage, DataDir: s.DataDir, Database: s.Database, DatabaseEnv: s.DatabaseEnv, AuthservIDs: s.AuthservID,
		IMAP: s.IMAP, IMAPTLS: s.IMAPTLS, IMAPUser: s.IMAPUser, IMAPSecret: secret(s.IMAPPasswordEnv, s.IMAPPasswordFile),
		SMTP: s.SMTP, SMTPTLS: s.SMTPTLS, SMTPUser: s.SMTPUser, SMTPSecret: secret(s.SMTPPasswordEnv, s.SMTPPasswordFile),
		From: s.From, ReplyAddress: s.ReplyAddress,
	}
}

func (s *setup) addressDomain() string { return s.Address[strings.LastIndexByte(s.Address, '@')+1:] }

// displayName is the team's name as a mail header takes it (RFC 5322, section 3.2.3).
func (s *setup) displayName() string {
	if !strings.ContainsFunc(s.Team, func(r rune) bool { return r < utf8.RuneSelf && r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return s.Team
	}
	return `"` + strings.NewReplacer(`\`, ` `, `"`, `'`).Replace(s.Team) + `"`
}

// tlsOf follows from a well-known port.
func tlsOf(address, otherwise string) string {
	switch _, port, _ := strings.Cut(address, ":"); port {
	case "993", "465":
		return "tls"
	case "143", "587":
		return "starttls"
	}
	return otherwise
}

// localZone is this machine's time zone by IANA name, UTC where it has none.
func localZone() string {
	name := time.Local.String()
	if name == "Local" || name == "" {
		if target, err := os.Readlink("/etc/localtime"); err == nil {
			if _, zone, ok := strings.Cut(filepath.ToSlash(target), "zoneinfo/"); ok {
				name = zone
			}
		}
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" || name == "" {
		return "UTC"
	}
	return name
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"handoff/outbox"
	"handoff/proxy"
	"handoff/workflow"
)

// Config is handoff.toml. Secrets are never in it: it names where they are.
type Config struct {
	DataDir      string             `toml:"data_dir"`
	Database     string             `toml:"database"`
	DatabaseEnv  string             `toml:"database_env"`
	SecretEnv    string             `toml:"secret_env"`
	SecretFile   string             `toml:"secret_file"`
	Team         TeamConfig         `toml:"team"`
	Mailboxes    []MailboxConfig    `toml:"mailbox"`
	SMTP         SMTPConfig         `toml:"smtp"`
	OAuth        *OAuthConfig       `toml:"oauth"`
	Auth         AuthConfig         `toml:"auth"`
	ClamAV       ClamAVConfig       `toml:"clamav"`
	Limits       LimitsConfig       `toml:"limits"`
	Caps         proxy.Caps         `toml:"caps"`
	Reminders    RemindersConfig    `toml:"reminders"`
	Calendar     CalendarConfig     `toml:"calendar"`
	Onboarding   OnboardingConfig   `toml:"onboarding"`
	Distribution DistributionConfig `toml:"distribution"`
	Pieces       PiecesConfig       `toml:"pieces"`
	Outbox       OutboxConfig       `toml:"outbox"`
	Web          WebConfig          `toml:"web"`
	Templates    TemplatesConfig    `toml:"templates"`
	Policy       proxy.Policy       `toml:"policy"`

	path  string
	lines lineIndex
}

// TeamConfig is who the team is.
type TeamConfig struct {
	Name     string   `toml:"name"`
	Domains  []string `toml:"domains"`
	Locale   string   `toml:"locale"`
	TimeZone string   `toml:"timezone"`
	Triage   string   `toml:"triage"`
}

// class is internal for an address of the team's domains, else outside.
func (t TeamConfig) class(address string) workflow.Class {
	domain := workflow.Domain(address)
	if slices.ContainsFunc(t.Domains, func(d string) bool { return strings.EqualFold(d, domain) }) {
		return workflow.Internal
	}
	return workflow.Outside
}

// MailboxConfig is one watched IMAP folder.
type MailboxConfig struct {
	Name    string `toml:"name"`
	Address string `toml:"address"`
	TLS     string `toml:"tls"`
	LoginConfig
	Folder     string   `toml:"folder"`
	DoneFolder string   `toml:"done_folder"`
	HeldFolder string   `toml:"held_folder"`
	SentFolder string   `toml:"sent_folder"`
	PollEvery  Duration `toml:"poll_every"`
	Timeout    Duration `toml:"timeout"`
	Backfill   bool     `toml:"backfill"`
	MaxSize    Size     `toml:"max_size"`
}

// LoginConfig is how to log in to a server.
type LoginConfig struct {
	User         string       `toml:"user"`
	Auth         string       `toml:"auth"`
	PasswordEnv  string       `toml:"password_env"`
	PasswordFile string       `toml:"password_file"`
	TokenEnv     string       `toml:"token_env"`
	TokenFile    string       `toml:"token_file"`
	OAuth        *OAuthConfig `toml:"oauth"`
	CAFile       string       `toml:"ca_file"`
}

// passwordAuths are the values of auth for a password: the best way that the server offers, or one by name.
func passwordAuths() []string {
	return []string{"password", "scram-sha-256", "scram-sha-1", "cram-md5", "plain", "login"}
}

// byToken tells whether the login is done with OAuth2 tokens.
func (l LoginConfig) byToken() bool { return l.Auth == "xoauth2" || l.Auth == "oauthbearer" }

// SMTPConfig is the server that takes our mail, and how our mail names itself.
type SMTPConfig struct {
	Address string `toml:"address"`
	TLS     string `toml:"tls"`
	LoginConfig
	Timeout         Duration `toml:"timeout"`
	From            string   `toml:"from"`
	ReplyAddress    string   `toml:"reply_address"`
	MessageIDDomain string   `toml:"message_id_domain"`
	BounceAddress   string   `toml:"bounce_address"`
	FeedbackID      string   `toml:"feedback_id"`

	DKIM []DKIMConfig `toml:"dkim"`
}

// AuthConfig is whose word on a sender's authenticity counts.
type AuthConfig struct {
	AuthservIDs []string `toml:"authserv_ids"`
	VerifyDKIM  bool     `toml:"verify_dkim"`
}

// ClamAVConfig is the malware scanner. Without an address nothing is scanned.
type ClamAVConfig struct {
	Address string `toml:"address"`
}

// LimitsConfig bounds what one mail may make Handoff do.
type LimitsConfig struct {
	AnswerWithin Duration `toml:"answer_within"`
	DraftWords   int      `toml:"draft_words"`
	ReadTimeout  Duration `toml:"read_timeout"`
	Depth        int      `toml:"depth"`
	Parts        int      `toml:"parts"`
	HeaderSize   Size     `toml:"header_size"`
	TextSize     Size     `toml:"text_size"`
}

// OutboxConfig says how sending is retried and bounded, and what becomes of addresses whose mail comes back.
type OutboxConfig struct {
	GiveUpAfter      Duration `toml:"give_up_after"`
	PerMinute        int      `toml:"per_minute"`
	PerDomain        int      `toml:"per_domain"`
	RemindersPerHour int      `toml:"reminders_per_hour"`
	RemindersPerDay  int      `toml:"reminders_per_day"`
	BounceHalfLife   Duration `toml:"bounce_half_life"`
	BounceScore      float64  `toml:"bounce_score"`
}

func (o OutboxConfig) limits() outbox.Limits {
	return outbox.Limits{PerDomain: o.PerDomain, RemindersPerHour: o.RemindersPerHour, RemindersPerDay: o.RemindersPerDay}
}

func (o OutboxConfig) bounces() outbox.BounceRules {
	return outbox.BounceRules{HalfLife: o.BounceHalfLife.Duration, Threshold: o.BounceScore}
}

// TemplatesConfig is how the mails look. Their own texts are in the database.
type TemplatesConfig struct {
	Colour    string `toml:"colour"`
	Signature string `toml:"signature"`
	Dir       string `toml:"dir"` // of a time when own texts were files: refused, with what to do instead
}

// defaultConfig is what keys that are left out mean.
func defaultConfig() Config {
	c := Config{
		DataDir: "handoff-data",
		Team:    TeamConfig{Name: "The editorial team", Locale: "en", TimeZone: "UTC"},
		SMTP:    SMTPConfig{TLS: "starttls", Timeout: Duration{time.Minute}},
		Auth:    AuthConfig{VerifyDKIM: true},
		Limits:  LimitsConfig{AnswerWithin: Duration{7 * day}, DraftWords: 120, ReadTimeout: Duration{10 * time.Second}},
		Caps:    proxy.Caps{Address: 10, Template: 300, Total: 500, Pitches: 5, Burst: 100, BurstMinutes: 10, CalmMinutes: 30},
		Outbox:  OutboxConfig{GiveUpAfter: Duration{5 * day}, BounceHalfLife: Duration{7 * day}, BounceScore: 3},
	}
	c.workflowDefaults()
	return c
}

// mailboxDefaults fills what a [[mailbox]] leaves out: an array's tables start from zero, not from defaultConfig.
func (m *MailboxConfig) mailboxDefaults(i int) {
	if m.Name == "" {
		m.Name = "inbox"
		if i > 0 {
			m.Name = fmt.Sprintf("inbox%d", i+1)
		}
	}
	setDefault(&m.TLS, "tls")
	setDefault(&m.Auth, "password")
	setDefault(&m.Folder, "INBOX")
	if m.PollEvery.Duration == 0 {
		m.PollEvery = Duration{2 * time.Minute}
	}
	if m.Timeout.Duration == 0 {
		m.Timeout = Duration{time.Minute}
	}
	if m.MaxSize == 0 {
		m.MaxSize = 35 << 20
	}
}

func setDefault(s *string, to string) {
	if *s == "" {
		*s = to
	}
}

// LoadConfig reads and checks the file. Its errors name file and line.
func LoadConfig(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: run \"handoff init\" to write one, or name another with --config", path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the configuration: %w", err)
	}
	return parseConfig(path, text)
}

// configIfThere reads the file; there is none to read where nobody named one and the default is missing.
func configIfThere(env *Env) (cfg *Config, there bool, err error) {
	if _, err := os.Stat(env.Config); !env.ConfigGiven && errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	cfg, err = LoadConfig(env.Config)
	return cfg, err == nil, err
}

func parseConfig(path string, text []byte) (*Config, error) {
	cfg := defaultConfig()
	cfg.path = path
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some editors on Windows begin every file with it
	dec := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := dec.Decode(&cfg); err != nil {
		return nil, decodeError(path, text, err)
	}
	cfg.lines = indexLines(text)
	for i := range cfg.Mailboxes {
		cfg.Mailboxes[i].mailboxDefaults(i)
	}
	setDefault(&cfg.SMTP.Auth, "password")
	cfg.shareOAuth()
	if problems := cfg.validate(); len(problems) > 0 {
		return nil, &ConfigError{Path: path, Problems: problems}
	}
	cfg.resolve()
	return &cfg, nil
}

// resolve makes paths relative to the file's directory and fills what follows from other keys.
func (c *Config) resolve() {
	dir := filepath.Dir(c.path)
	relative := func(p *string) {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
	relative(&c.DataDir)
	switch {
	case c.Database == "":
		c.Database = filepath.Join(c.DataDir, "handoff.db")
	case !strings.Contains(c.Database, ":"):
		relative(&c.Database)
	}
	c.Web.resolve()
	if c.SecretEnv == "" {
		setDefault(&c.SecretFile, "handoff.secret")
	}
	relative(&c.SecretFile)
	c.OAuth.resolve(relative)
	c.resolveWorkflow(relative)
	for i := range c.Mailboxes {
		c.Mailboxes[i].resolve(relative, c.OAuth)
	}
	c.SMTP.resolve(relative, c.OAuth)
	for i := range c.SMTP.DKIM {
		relative(&c.SMTP.DKIM[i].KeyFile)
	}
	from := bareAddress(c.SMTP.From)
	setDefault(&c.SMTP.ReplyAddress, from)
	setDefault(&c.SMTP.MessageIDDomain, from[strings.LastIndexByte(from, '@')+1:])
}

func (l *LoginConfig) resolve(relative func(*string), shared *OAuthConfig) {
	relative(&l.PasswordFile)
	relative(&l.TokenFile)
	relative(&l.CAFile)
	if l.OAuth != shared {
		l.OAuth.resolve(relative)
	}
}

// DSN is the database's address; with database_env it is a secret.
func (c *Config) DSN() (string, error) {
	if c.DatabaseEnv == "" {
		return c.Database, nil
	}
	dsn := os.Getenv(c.DatabaseEnv)
	if dsn == "" {
		return "", fmt.Errorf("%s: database_env names %s, which is not set", c.path, c.DatabaseEnv)
	}
	return dsn, nil
}

// policy is the team's rows before the built-in ones.
func (c *Config) policy() proxy.Policy {
	return append(slices.Clone(c.Policy), proxy.DefaultPolicy()...)
}

// BlobDir is where the raw mails lie.
func (c *Config) BlobDir() string { return filepath.Join(c.DataDir, "mails") }

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// goodConfig is the least that a configuration must say.
const goodConfig = `[team]
domains = ["agency.example"]
triage = "ed@agency.example"
[[mailbox]]
address = "imap.agency.example:993"
user = "desk"
password_env = "P"
[smtp]
address = "smtp.agency.example:587"
from = "Desk <desk@agency.example>"
`

func TestConfigMistakes(t *testing.T) {
	tests := map[string]struct {
		edit [2]string // replace
		want string    // "\n" separated parts that the error holds
	}{
		"unknown key": {[2]string{`user = "desk"`, `usr = "desk"`},
			`handoff.toml:6: unknown key "mailbox.usr"; did you mean "user"?`},
		"unknown table": {[2]string{"[smtp]\n", "[smpt]\n"},
			`handoff.toml:8: unknown key "smpt"; did you mean "smtp"?`},
		"password in the file": {[2]string{`password_env = "P"`, `password = "hunter2"`},
			"handoff.toml:7: mailbox.password must not be written into this file\npassword_env"},
		"bad syntax": {[2]string{`user = "desk"`, `user = "desk`}, "handoff.toml:6: "},
		"wrong type": {[2]string{`user = "desk"`, `user = 7`}, "handoff.toml:6: \ntext in quotes"},
		"bad duration": {[2]string{`user = "desk"`, "user = \"desk\"\npoll_every = \"often\""},
			"handoff.toml:7: \n\"often\" is not a duration"},
		"number for duration": {[2]string{`user = "desk"`, "user = \"desk\"\npoll_every = 5"}, "handoff.toml:7: \nis not a duration"},
		"bad size":            {[2]string{`user = "desk"`, "user = \"desk\"\nmax_size = \"big\""}, "handoff.toml:7: \nis not a size"},
		"bad port":            {[2]string{"agency.example:993", "agency.example"}, "handoff.toml:5: mailbox.address: \nis not host:port"},
		"bad zone":            {[2]string{"[team]", "[team]\ntimezone = \"Mars/Base\""}, "handoff.toml:2: team.timezone: "},
		"missing triage":      {[2]string{`triage = "ed@agency.example"`, ""}, "handoff.toml:1: team.triage: is missing"},
		"no mailbox user":     {[2]string{`user = "desk"`, ""}, "handoff.toml:4: mailbox.user: is missing"},
		"two passwords": {[2]string{`password_env = "P"`, "password_env = \"P\"\npassword_file = \"p\""},
			"handoff.toml:4: mailbox: give password_env"},
		"bad tls":        {[2]string{`[smtp]`, "[smtp]\ntls = \"ssl\""}, `handoff.toml:9: smtp.tls: "ssl" is not one of tls, starttls, none`},
		"bad from":       {[2]string{"Desk <desk@agency.example>", "Desk"}, "handoff.toml:10: smtp.from: "},
		"dsn password":   {[2]string{"[team]", "database = \"postgres://u:hunter2@h/d\"\n[team]"}, "handoff.toml:1: database: \ndatabase_env"},
		"same name":      {[2]string{"[smtp]", "[[mailbox]]\nname = \"inbox\"\naddress = \"a:1\"\nuser = \"x\"\npassword_env = \"P\"\n[smtp]"}, "handoff.toml:9: mailbox[1].name: "},
		"several":        {[2]string{`user = "desk"`, "usr = 1\nfoldr = 2"}, "has 2 mistakes\nhandoff.toml:6\nhandoff.toml:7"},
		"bad reminder":   {[2]string{"[team]", "[reminders]\nat = \"nine\"\n[team]"}, "handoff.toml:2: reminders.at"},
		"refresh secret": {[2]string{`password_env = "P"`, "auth = \"xoauth2\"\n[mailbox.oauth]\nrefresh_token = \"x\""}, "mailbox.oauth.refresh_token must not"},
		"oauth half":     {[2]string{`password_env = "P"`, "auth = \"xoauth2\"\n[mailbox.oauth]\nclient_id = \"x\""}, "handoff.toml:8: mailbox.oauth.token_url"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(goodConfig, tt.edit[0], tt.edit[1], 1)
			if text == goodConfig {
				t.Fatalf("%q is not in the good configuration", tt.edit[0])
			}
			_, err := parseConfig("handoff.toml", []byte(text))
			var ce *ConfigError
			if !errors.As(err, &ce) {
				t.Fatalf("got %v, want a ConfigError", err)
			}
			for part := range strings.SplitSeq(tt.want, "\n") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells a secret: %s", err)
			}
		})
	}
}

// As an editor on Windows leaves it.
func TestConfigOfWindows(t *testing.T) {
	if _, err := parseConfig("handoff.toml", []byte("\ufeff"+strings.ReplaceAll(goodConfig, "\n", "\r\n"))); err != nil {
		t.Error(err)
	}
}

func TestConfigDefaults(t *testing.T) {
	cfg, err := parseConfig(filepath.Join("etc", "handoff.toml"), []byte(goodConfig))
	if err != nil {
		t.Fatal(err)
	}
	m := cfg.Mailboxes[0]
	got := map[string]any{
		"db": cfg.Database, "name": m.Name, "tls": m.TLS, "folder": m.Folder, "poll": m.PollEvery.Duration,
		"reply": cfg.SMTP.ReplyAddress, "domain": cfg.SMTP.MessageIDDomain, "zone": cfg.Team.TimeZone,
	}
	want := map[string]any{
		"db": filepath.Join("etc", "handoff-data", "handoff.db"), "name": "inbox", "tls": "tls", "folder": "INBOX",
		"poll": 2 * time.Minute, "reply": "desk@agency.example", "domain": "agency.example", "zone": "UTC",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What init writes must be readable, and every commented key a known one.
func TestConfigTemplateIsValid(t *testing.T) {
	text, err := answers{
		TeamName: `The "A" team`, TimeZone: "Europe/Berlin", Triage: "ed@agency.example", Domains: []string{"agency.example"},
		DataDir: "handoff-data", IMAP: "i:993", IMAPTLS: "tls", IMAPUser: "desk", IMAPSecret: `password_env = "A"`,
		SMTP: "s:587", SMTPTLS: "starttls", SMTPUser: "desk", SMTPSecret: `password_file = "b"`,
		From: "Desk <desk@agency.example>", ReplyAddress: "desk+{token}@agency.example",
	}.toml()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := parseConfig("handoff.toml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if cfg.Team.Name != `The "A" team` {
		t.Errorf("team name %q", cfg.Team.Name)
	}
	// Uncommenting the defaults changes nothing but what stands for itself.
	var b strings.Builder
	for line := range strings.Lines(text) {
		rest, comment := strings.CutPrefix(line, "# ")
		key, _, isKey := strings.Cut(rest, "=")
		isKey = isKey && !strings.Contains(strings.TrimSpace(key), " ")
		switch {
		case comment && strings.HasPrefix(rest, "["), comment && isKey && !strings.HasPrefix(rest, "database"):
			b.WriteString(rest)
		case comment:
		default:
			b.WriteString(line)
		}
	}
	full, err := parseConfig("handoff.toml", []byte(b.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if diff := cmp.Diff(cfg.Reminders, full.Reminders); diff != "" {
		t.Errorf("reminders: %s", diff)
	}
	if diff := cmp.Diff(cfg.Limits, full.Limits); diff != "" {
		t.Errorf("limits: %s", diff)
	}
	if diff := cmp.Diff(cfg.Caps, full.Caps); diff != "" {
		t.Errorf("caps: %s", diff)
	}
	if cfg.Outbox != full.Outbox || cfg.Auth.VerifyDKIM != full.Auth.VerifyDKIM || cfg.Mailboxes[0].MaxSize != full.Mailboxes[0].MaxSize ||
		cfg.Mailboxes[0].PollEvery != full.Mailboxes[0].PollEvery || cfg.Mailboxes[0].Timeout != full.Mailboxes[0].Timeout {
		t.Error("a commented default differs from the real one")
	}
}

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pw")
	if err := os.WriteFile(file, []byte("hunter2\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := readSecret("imap password", "", file)
	if err != nil || got != "hunter2" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, tt := range []struct{ env, file, want string }{
		{"HANDOFF_TEST_UNSET", "", "HANDOFF_TEST_UNSET is not set"},
		{"", filepath.Join(dir, "none"), "there is no file"},
	} {
		if _, err := readSecret("imap password", tt.env, tt.file); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v lacks %q", err, tt.want)
		}
	}
}

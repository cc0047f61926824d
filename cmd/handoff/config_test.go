package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"handoff/internal/clock"
	"handoff/workflow"
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
		"bad tls":               {[2]string{`[smtp]`, "[smtp]\ntls = \"ssl\""}, `handoff.toml:9: smtp.tls: "ssl" is not one of tls, starttls, none`},
		"bad from":              {[2]string{"Desk <desk@agency.example>", "Desk"}, "handoff.toml:10: smtp.from: "},
		"dsn password":          {[2]string{"[team]", "database = \"postgres://u:hunter2@h/d\"\n[team]"}, "handoff.toml:1: database: \ndatabase_env"},
		"same name":             {[2]string{"[smtp]", "[[mailbox]]\nname = \"inbox\"\naddress = \"a:1\"\nuser = \"x\"\npassword_env = \"P\"\n[smtp]"}, "handoff.toml:9: mailbox[1].name: "},
		"several":               {[2]string{`user = "desk"`, "usr = 1\nfoldr = 2"}, "has 2 mistakes\nhandoff.toml:6\nhandoff.toml:7"},
		"bad reminder":          {[2]string{"[team]", "[reminders]\nat = \"nine\"\n[team]"}, "handoff.toml:2: reminders.at"},
		"soon in words":         {[2]string{"[team]", "[reminders]\nsoon_days = \"three\"\n[team]"}, "handoff.toml:2: reminders.soon_days: \na number of days, or a list"},
		"half a day":            {[2]string{"[team]", "[reminders]\nsoon_days = 2.5\n[team]"}, "handoff.toml:2: \na number of days, or a list"},
		"soon, negative":        {[2]string{"[team]", "[reminders]\nsoon_days = -3\n[team]"}, "handoff.toml:2: reminders.soon_days: -3: days before the deadline count from 1"},
		"soon, none of several": {[2]string{"[team]", "[reminders]\nsoon_days = [7, 0]\n[team]"}, "handoff.toml:2: reminders.soon_days: 0: days before"},
		"late":                  {[2]string{"[team]", "[reminders]\nhandoff_days = [1, 1000]\n[team]"}, "handoff.toml:2: reminders.handoff_days: 1000: "},
		"overdue, 0":            {[2]string{"[team]", "[reminders]\noverdue_days = [0]\n[team]"}, "handoff.toml:2: reminders.overdue_days: 0: days after the deadline count from 1 to 365; for none write []"},
		"lead days":             {[2]string{"[team]", "[reminders]\nlead_days = 31\n[team]"}, "handoff.toml:2: reminders.lead_days: 31 is not from 0 to 30"},
		"return days":           {[2]string{"[team]", "[reminders]\nreturn_days = -1\n[team]"}, "handoff.toml:2: reminders.return_days: -1 is not"},
		"whole share":           {[2]string{"[team]", "[reminders]\nstall_share = 1\n[team]"}, "handoff.toml:2: reminders.stall_share: 1 is not a share"},
		"no share":              {[2]string{"[team]", "[reminders]\nstall_share = nan\n[team]"}, "handoff.toml:2: reminders.stall_share: NaN is not a share"},
		"share in words":        {[2]string{"[team]", "[reminders]\nstall_share = \"half\"\n[team]"}, "handoff.toml:2: reminders.stall_share: this takes a number"},
		"weekday":               {[2]string{"[team]", "[calendar]\nworking_days = \"mon-fry\"\n[team]"}, "handoff.toml:2: calendar.working_days: \"mon-fry\" is not a day of the week"},
		"weekday in a list":     {[2]string{"[team]", "[calendar]\nworking_days = \"mon, tu\"\n[team]"}, "handoff.toml:2: calendar.working_days: \"tu\" in \"mon, tu\" is not a day of the week"},
		"language in words":     {[2]string{"[team]", "[team]\nlocale = \"german\""}, "team.locale: \"german\" is not a language\nthere are texts in en, de, fr, es, pt"},
		"language of C":         {[2]string{"[team]", "[team]\nlocale = \"de_AT\""}, "team.locale: \"de_AT\" is not a language, write one like"},
		"no language":           {[2]string{"[team]", "[team]\nlocale = \"\""}, "team.locale: \"\" is not a language"},
		"no patience":           {[2]string{"[team]", "[outbox]\ngive_up_after = \"0s\"\n[team]"}, "handoff.toml:2: outbox.give_up_after: is no time"},
		"long burst":            {[2]string{"[team]", "[caps]\nburst_minutes = 1000000\n[team]"}, "handoff.toml:2: caps.burst_minutes: 1000000 is not from 1 to 1440 minutes"},
		"no weekday":            {[2]string{"[team]", "[calendar]\nworking_days = \"\"\n[team]"}, "handoff.toml:2: calendar.working_days: is empty"},
		"country":               {[2]string{"[team]", "[calendar]\nholidays = [\"DE\", \"XX\"]\n[team]"}, "handoff.toml:2: calendar.holidays: \nXX"},
		"day off":               {[2]string{"[team]", "[calendar]\ndays_off = [\"2026-02-29\"]\n[team]"}, "handoff.toml:2: calendar.days_off: \"2026-02-29\" is not a day"},
		"bare day off":          {[2]string{"[team]", "[calendar]\ndays_off = [2026-12-24]\n[team]"}, "handoff.toml:2: \ntext in quotes"},
		"quiet":                 {[2]string{"[team]", "[calendar]\nquiet_to = \"24:00\"\n[team]"}, "handoff.toml:2: calendar.quiet_to: \"24:00\" is not a time of day"},
		"demo title":            {[2]string{"[team]", "[onboarding]\ndemo_title = \" \"\n[team]"}, "handoff.toml:2: onboarding.demo_title: is empty"},
		"task twice":            {[2]string{"[team]", "[distribution]\nchecklist = [\"Image\", \"image \"]\n[team]"}, "handoff.toml:2: distribution.checklist: \nis there twice"},
		"no task":               {[2]string{"[team]", "[distribution]\nchecklist = [\"\"]\n[team]"}, "handoff.toml:2: distribution.checklist: a task has no name"},
		"channel": {[2]string{"[team]", "[[distribution.channel]]\nname = \"A\"\ntext = \"{title}\"\ntracking = \"?utm=a\"\n[[distribution.channel]]\nname = \"a\"\n[[distribution.channel]]\n[team]"},
			"has 4 mistakes\nhandoff.toml:3: distribution.channel.text: has no {url}\nhandoff.toml:4: distribution.channel.tracking: \nhandoff.toml:6: distribution.channel[1].name: \"a\" is the name of another\nhandoff.toml:7: distribution.channel[2]: the channel needs a name"},
		"prefix":         {[2]string{"[team]", "[pieces]\ncode_prefix = \"12\"\n[team]"}, "handoff.toml:2: pieces.code_prefix: \"12\" cannot begin a code"},
		"plan":           {[2]string{"[team]", "[pieces.plan]\ndraft = -1\n[team]"}, "handoff.toml:2: pieces.plan.draft: -1 is not from 0 to 365"},
		"plan, stage":    {[2]string{"[team]", "[pieces.plan]\ndraf = 1\n[team]"}, "handoff.toml:2: unknown key \"pieces.plan.draf\"; did you mean \"draft\"?"},
		"refresh secret": {[2]string{`password_env = "P"`, "auth = \"xoauth2\"\n[mailbox.oauth]\nrefresh_token = \"x\""}, "mailbox.oauth.refresh_token must not"},
		"oauth provider": {[2]string{`password_env = "P"`, "auth = \"xoauth2\"\n[mailbox.oauth]\nprovider = \"yahoo\"\nclient_id = \"x\""}, "mailbox.oauth.provider: \"yahoo\" is not one of google, microsoft"},
		"oauth no id":    {[2]string{`password_env = "P"`, "auth = \"xoauth2\"\n[mailbox.oauth]\nprovider = \"microsoft\""}, "mailbox.oauth.client_id: is missing"},
		"google public":  {[2]string{`password_env = "P"`, "auth = \"xoauth2\"\n[mailbox.oauth]\nprovider = \"google\"\nclient_id = \"x\""}, "Google gives every application a secret"},
		"google app":     {[2]string{`password_env = "P"`, "auth = \"xoauth2\"\n[mailbox.oauth]\nprovider = \"google\"\nclient_id = \"x\"\nclient_secret_env = \"S\"\ngrant = \"client_credentials\""}, "Google's mail servers take no client credentials"},
		"no tenant":      {[2]string{`password_env = "P"`, "auth = \"xoauth2\"\n[mailbox.oauth]\nprovider = \"microsoft\"\nclient_id = \"x\"\nclient_secret_env = \"S\"\ngrant = \"client_credentials\""}, "mailbox.oauth.tenant: is missing"},
		"open token url": {[2]string{`password_env = "P"`, "auth = \"xoauth2\"\n[mailbox.oauth]\ntoken_url = \"http://login.example/t\"\nclient_id = \"x\"\nrefresh_token_env = \"R\""}, "has to begin with https://"},
		"two secrets":    {[2]string{`password_env = "P"`, "password_env = \"P\"\n[mailbox.oauth]\nprovider = \"microsoft\"\nclient_id = \"x\"\nclient_secret_env = \"S\"\nclient_secret_file = \"s\""}, "not both"},
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
	full.Onboarding.GuidelinesFile = "" // an example
	full.Distribution.Channels = cfg.Distribution.Channels
	for _, table := range [][2]any{
		{cfg.Calendar, full.Calendar}, {cfg.Onboarding, full.Onboarding}, {cfg.Distribution, full.Distribution}, {cfg.Pieces, full.Pieces},
	} {
		if diff := cmp.Diff(table[0], table[1], cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
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

func TestWorkflowConfig(t *testing.T) {
	parse := func(t *testing.T, more string) *Config {
		t.Helper()
		cfg, err := parseConfig(filepath.Join("etc", "handoff.toml"), []byte(goodConfig+more))
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	now := time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
	t.Run("defaults", func(t *testing.T) {
		rules, err := parse(t, "").reminderRules(now, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		want := workflow.DefaultReminderRules()
		want.Zone = time.UTC
		want.Plan = map[workflow.Stage]int{workflow.Draft: 10, workflow.Review: 3, workflow.CopyEdit: 2, workflow.Design: 3, workflow.Ready: 1, workflow.Published: 1, workflow.Distributed: 2}
		want.Calendar = workflow.Calendar{Days: 0b0111110, Holidays: map[string]string{}, QuietFrom: 20 * time.Hour, QuietTo: 7 * time.Hour}
		if diff := cmp.Diff(want, rules, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("days before", func(t *testing.T) {
		for text, want := range map[string][]int{"0": nil, "5": {5}, "[]": nil, "[7, 3]": {7, 3}} {
			if diff := cmp.Diff(want, []int(parse(t, "[reminders]\nsoon_days = "+text).Reminders.SoonDays), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: %s", text, diff)
			}
		}
	})
	t.Run("holidays", func(t *testing.T) {
		tokyo := time.FixedZone("", 9*60*60) // it is 2027 there
		rules, err := parse(t, "[calendar]\nholidays = [\"DE\"]\ndays_off = [\"2030-05-05\"]").reminderRules(now, tokyo)
		if err != nil {
			t.Fatal(err)
		}
		for date, want := range map[string]bool{
			"2025-12-25": false, "2026-12-25": true, "2027-12-25": true, "2028-12-25": true, "2029-12-25": true, "2030-12-25": false, "2030-05-05": true,
		} {
			if _, free := rules.Calendar.Holidays[date]; free != want {
				t.Errorf("%s is free: %v", date, free)
			}
		}
	})
	t.Run("channels", func(t *testing.T) {
		for text, want := range map[string]string{
			"":                             "LinkedIn Mastodon X Newsletter",
			"[distribution]\nchannel = []": "",
			"[[distribution.channel]]\nname = \"Radio\"\n[[distribution.channel]]\nname = \"Post\"": "Radio Post",
		} {
			policy, err := parse(t, text).noticePolicy()
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, ch := range policy.Channels {
				names = append(names, ch.Name)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
	})
}

func TestGuidelines(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.configure("[onboarding]\nguidelines_file = \"guidelines.md\"\n")
	if err := os.Mkdir(a.path("directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	a.try("status").want(t, exitOK) // what needs no guidelines goes on without
	for name, tt := range map[string]struct {
		text string
		want string
	}{
		"too large": {strings.Repeat("a", maxGuidelines+1), "guidelines.md is larger than 102.4 kB"},
		"empty":     {"\ufeff \r\n", "guidelines.md is empty"},
		"no text":   {"\xff\xfe\x00", "guidelines.md is no text in UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			a.write("guidelines.md", tt.text)
			for _, args := range [][]string{{"poll", "--once"}, {"check"}} {
				a.try(args...).want(t, exitFailed, "onboarding.guidelines_file: ", tt.want)
			}
		})
	}
	for name, want := range map[string]string{"none.md": "there is no file", "directory": "the guidelines cannot be read"} {
		if _, err := (OnboardingConfig{GuidelinesFile: a.path(name)}).guidelines(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v lacks %q", name, err, want)
		}
	}
	a.write("guidelines.md", "\ufeff# How we write\r\n\r\nShort.\r\n")
	a.try("check").want(t, exitOK, "ok   guidelines: ")
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := cfg.noticePolicy()
	if err != nil || policy.Guidelines != "# How we write\n\nShort." || !policy.Onboarding || policy.Unsubscribe != "" {
		t.Errorf("%+v, %v", policy, err)
	}
}

// Other rules have everything looked at anew, the same ones not.
func TestReckonAtTheStart(t *testing.T) {
	a := newAgency(t)
	a.open()
	wake := func() time.Time {
		t.Helper()
		cfg, err := LoadConfig(a.path("handoff.toml"))
		if err != nil {
			t.Fatal(err)
		}
		g, err := OpenGateway(t.Context(), cfg, &Env{Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		at, _, err := g.NextWake(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	a.run("poll", "--once")
	if wake().Year() < 2000 {
		t.Error("the same rules are reckoned with again")
	}
	a.configure("[reminders]\nsoon_days = [9]\n")
	if at := wake(); at.Year() > 2000 {
		t.Errorf("other rules count from %s only", at)
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

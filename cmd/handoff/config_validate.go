package main

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/inbox/clamav"
	"handoff/proxy"
	"handoff/templates"
	"handoff/workflow"
)

// validation collects what is wrong with a Config.
type validation struct {
	cfg      *Config
	problems []Problem
}

func (v *validation) add(key, format string, args ...any) {
	shown := key
	if i := strings.IndexByte(key, '['); i >= 0 && len(v.cfg.Mailboxes) < 2 {
		shown = strings.Replace(key, "[0]", "", 1)
	}
	v.problems = append(v.problems, Problem{v.cfg.lines.of(key), shown + ": " + fmt.Sprintf(format, args...)})
}

func (v *validation) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		allowed = slices.DeleteFunc(allowed, func(s string) bool { return s == "" }) // left out, that is
		v.add(key, "%q is not one of %s", value, strings.Join(allowed, ", "))
	}
}

func (v *validation) hostPort(key, value, example string) {
	if value == "" {
		v.add(key, "is missing: write host:port, like %q", example)
		return
	}
	host, port, err := net.SplitHostPort(value)
	if n, convErr := strconv.Atoi(port); err != nil || host == "" || convErr != nil || n < 1 || n > 65535 {
		v.add(key, "%q is not host:port, like %q", value, example)
	}
}

func (c *Config) validate() []Problem {
	v := &validation{cfg: c}
	v.team()
	if c.Templates.Dir != "" {
		v.add("templates.dir", "own texts are kept in the database now: remove this line, then: handoff template import %s", c.Templates.Dir)
	}
	if err := templates.CheckColour(c.Templates.Colour); err != nil {
		v.add("templates.colour", "%v", err)
	}
	if len(c.Mailboxes) == 0 {
		v.add("mailbox", "there is no [[mailbox]]: Handoff needs one to watch")
	}
	names := map[string]bool{}
	v.sentFolders()
	for i, m := range c.Mailboxes {
		key := fmt.Sprintf("mailbox[%d]", i)
		if names[m.Name] {
			v.add(key+".name", "%q is the name of another mailbox; every mailbox needs its own", m.Name)
		}
		names[m.Name] = true
		v.mailbox(key, m)
	}
	v.smtp()
	if c.OAuth != nil {
		v.oauth("oauth", c.OAuth)
	}
	if c.SecretEnv != "" && c.SecretFile != "" {
		v.add("secret_env", "give secret_env or secret_file, not both")
	}
	if c.ClamAV.Address != "" {
		if _, err := clamav.New(c.ClamAV.Address); err != nil {
			v.add("clamav.address", "%s, like \"127.0.0.1:3310\" or \"unix:/run/clamav/clamd.ctl\"", err)
		}
	}
	v.numbers()
	v.reminders()
	v.calendar()
	v.onboarding()
	v.distribution()
	v.pieces()
	v.web()
	v.policy()
	if c.Database != "" && c.DatabaseEnv != "" {
		v.add("database_env", "give database or database_env, not both")
	}
	if u, err := url.Parse(c.Database); err == nil && u.User != nil {
		if _, secret := u.User.Password(); secret {
			v.add("database", "a URL with a password must not be written into this file: put it into an environment variable and name that with database_env")
		}
	}
	slices.SortStableFunc(v.problems, func(a, b Problem) int { return a.Line - b.Line })
	return v.problems
}

func (v *validation) team() {
	t := v.cfg.Team
	if _, err := time.LoadLocation(t.TimeZone); err != nil || t.TimeZone == "" {
		v.add("team.timezone", "%q is not an IANA time zone, like \"Europe/Berlin\"", t.TimeZone)
	}
	if err := workflow.CheckLocale(t.Locale); err != nil || t.Locale == "" {
		v.add("team.locale", "%q is not a language, write one like \"en\" or \"de-AT\"; there are texts in %s", t.Locale, strings.Join(templates.Locales(), ", "))
	}
	if len(t.Domains) == 0 {
		v.add("team.domains", "is missing: list the team's mail domains, like [\"agency.example\"]")
	}
	for _, d := range t.Domains {
		if d == "" || strings.ContainsAny(d, "@ /") {
			v.add("team.domains", "%q is not a mail domain, like \"agency.example\"", d)
		}
	}
	if t.Triage == "" {
		v.add("team.triage", "is missing: the address of the person who is told of mails that need a decision")
	} else if bareAddress(t.Triage) == "" {
		v.add("team.triage", "%q is not a mail address", t.Triage)
	}
}

func (v *validation) mailbox(key string, m MailboxConfig) {
	v.hostPort(key+".address", m.Address, "imap.agency.example:993")
	v.oneOf(key+".tls", m.TLS, tlsModes()...)
	if m.User == "" {
		v.add(key+".user", "is missing: the name to log in with")
	}
	v.login(key, m.LoginConfig)
	v.tokenTLS(key, m.TLS, m.LoginConfig)
	if m.DoneFolder != "" && m.DoneFolder == m.Folder {
		v.add(key+".done_folder", "is the watched folder itself; leave it out to keep mails where they are")
	}
	if m.HeldFolder != "" && m.HeldFolder == m.Folder {
		v.add(key+".held_folder", "is the watched folder itself; leave it out to keep mails where they are")
	}
}

func tlsModes() []string { return []string{"tls", "starttls", "none"} }

func (v *validation) login(key string, l LoginConfig) {
	v.oneOf(key+".auth", l.Auth, append(passwordAuths(), "xoauth2", "oauthbearer")...)
	count := func(ss ...string) (n int) {
		for _, s := range ss {
			if s != "" {
				n++
			}
		}
		return n
	}
	passwords, tokens := count(l.PasswordEnv, l.PasswordFile), count(l.TokenEnv, l.TokenFile)
	switch {
	case l.User == "":
	case !l.byToken() && passwords != 1:
		v.add(key, "give password_env (an environment variable's name) or password_file (a file's), one of them")
	case l.byToken() && l.OAuth == nil && tokens != 1:
		v.add(key, "auth = %q needs an oauth table, token_env or token_file, one of them", l.Auth)
	case l.byToken() && l.OAuth != nil && tokens > 0:
		v.add(key, "give token_env, token_file or an oauth table, one of them")
	}
	if l.OAuth != nil && l.OAuth != v.cfg.OAuth {
		v.oauth(key+".oauth", l.OAuth)
	}
}

// tokenTLS: anybody on the way could take a token.
func (v *validation) tokenTLS(key, tls string, l LoginConfig) {
	if tls == "none" && l.byToken() {
		v.add(key+".tls", "%q and auth = %q do not go together: anybody on the way could take the token", tls, l.Auth)
	}
}

// mostMinutes is a day.
const mostMinutes = 24 * 60

func (v *validation) numbers() {
	c := v.cfg
	for key, n := range map[string]int{
		"limits.depth": c.Limits.Depth, "limits.parts": c.Limits.Parts,
		"limits.draft_words": c.Limits.DraftWords, "outbox.per_minute": c.Outbox.PerMinute, "outbox.per_domain": c.Outbox.PerDomain,
		"outbox.reminders_per_hour": c.Outbox.RemindersPerHour, "outbox.reminders_per_day": c.Outbox.RemindersPerDay,
	} {
		if n < 0 {
			v.add(key, "%d is below zero", n)
		}
	}
	for key, n := range map[string]int{"caps.burst_minutes": c.Caps.BurstMinutes, "caps.calm_minutes": c.Caps.CalmMinutes} {
		if n < 1 || n > mostMinutes {
			v.add(key, "%d is not from 1 to %d minutes, which is a day", n, mostMinutes)
		}
	}
	if c.Outbox.GiveUpAfter.Duration <= 0 {
		v.add("outbox.give_up_after", "is no time: write one like \"5d\"")
	}
	if c.Outbox.BounceHalfLife.Duration <= 0 {
		v.add("outbox.bounce_half_life", "is no time: write one like \"7d\"")
	}
	if !(c.Outbox.BounceScore >= 1) { // NaN is not either
		v.add("outbox.bounce_score", "%v is less than one bounce: write 1 or more", c.Outbox.BounceScore)
	}
}

func (v *validation) policy() {
	for i, rule := range v.cfg.Policy {
		key := fmt.Sprintf("policy[%d]", i)
		if rule.Name == "" {
			v.add(key, "a row needs a name: it is told with every mail that the row decides")
		}
		if err := (proxy.Policy{rule}).Validate(); err != nil {
			_, text, _ := strings.Cut(err.Error(), ": ")
			v.add(key, "%s", text)
		}
	}
}

// bareAddress is the address of "Name <address>", "" if there is none.
func bareAddress(s string) string {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return ""
	}
	return a.Address
}

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
	if len(c.Mailboxes) == 0 {
		v.add("mailbox", "there is no [[mailbox]]: Handoff needs one to watch")
	}
	names := map[string]bool{}
	for i, m := range c.Mailboxes {
		key := fmt.Sprintf("mailbox[%d]", i)
		if names[m.Name] {
			v.add(key+".name", "%q is the name of another mailbox; every mailbox needs its own", m.Name)
		}
		names[m.Name] = true
		v.mailbox(key, m)
	}
	v.smtp()
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
	if m.DoneFolder != "" && m.DoneFolder == m.Folder {
		v.add(key+".done_folder", "is the watched folder itself; leave it out to keep mails where they are")
	}
	if m.HeldFolder != "" && m.HeldFolder == m.Folder {
		v.add(key+".held_folder", "is the watched folder itself; leave it out to keep mails where they are")
	}
}

func tlsModes() []string { return []string{"tls", "starttls", "none"} }

func (v *validation) login(key string, l LoginConfig) {
	v.oneOf(key+".auth", l.Auth, "password", "xoauth2", "oauthbearer")
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
	case l.Auth == "password" && passwords != 1:
		v.add(key, "give password_env (an environment variable's name) or password_file (a file's), one of them")
	case l.Auth != "password" && l.OAuth == nil && tokens != 1:
		v.add(key, "auth = %q needs token_env, token_file or an oauth table, one of them", l.Auth)
	case l.Auth != "password" && l.OAuth != nil && tokens > 0:
		v.add(key, "give token_env, token_file or an oauth table, one of them")
	}
	if o := l.OAuth; o != nil {
		if u, err := url.Parse(o.TokenURL); err != nil || u.Host == "" {
			v.add(key+".oauth.token_url", "%q is not a URL", o.TokenURL)
		}
		if o.ClientID == "" {
			v.add(key+".oauth.client_id", "is missing")
		}
		if count(o.RefreshTokenEnv, o.RefreshTokenFile) != 1 {
			v.add(key+".oauth", "give refresh_token_env or refresh_token_file, one of them")
		}
	}
}

func (v *validation) smtp() {
	s := v.cfg.SMTP
	v.hostPort("smtp.address", s.Address, "smtp.agency.example:587")
	v.oneOf("smtp.tls", s.TLS, tlsModes()...)
	v.login("smtp", s.LoginConfig)
	switch {
	case s.From == "":
		v.add("smtp.from", "is missing: who our mails are from, like \"Content desk <desk@agency.example>\"")
	case bareAddress(s.From) == "":
		v.add("smtp.from", "%q is not a mail address, like \"Content desk <desk@agency.example>\"", s.From)
	}
	if s.ReplyAddress != "" && bareAddress(strings.Replace(s.ReplyAddress, "{token}", "token", 1)) == "" {
		v.add("smtp.reply_address", "%q is not a mail address, like \"drafts+{token}@agency.example\"", s.ReplyAddress)
	}
	if strings.ContainsAny(s.MessageIDDomain, "@<> ") {
		v.add("smtp.message_id_domain", "%q is not a domain, like \"agency.example\"", s.MessageIDDomain)
	}
}

func (v *validation) numbers() {
	c := v.cfg
	for key, n := range map[string]int{
		"limits.depth": c.Limits.Depth, "limits.parts": c.Limits.Parts,
		"limits.draft_words": c.Limits.DraftWords,
	} {
		if n < 0 {
			v.add(key, "%d is below zero", n)
		}
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

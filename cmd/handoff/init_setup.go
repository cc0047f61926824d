package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

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
	skip      func() bool   // its default is sure; nil: it never is
	wrong     func(answer string) error
}

func fixed(v string) func() string { return func() string { return v } }

// complete fills every answer that is missing: by asking, or, without a person, by its default.
func (s *setup) complete(ctx context.Context, ask *asker) error {
	domain := ""
	if len(s.Domain) > 0 {
		domain = strings.Join(s.Domain, ",")
	}
	questions := []question{
		{to: &s.Address, flag: "--address", text: "Mail address that contributors write to", otherwise: fixed(""), asked: true, wrong: noAddress},
		{to: &s.Team, flag: "--team", text: "Name of the team", otherwise: fixed("The editorial team"), asked: true},
		{to: &domain, flag: "--domain", text: "Mail domains of the team, separated by commas", otherwise: s.addressDomain},
		{to: &s.TimeZone, flag: "--timezone", text: "Time zone of the team", otherwise: fixed(localZone()), asked: true, wrong: noZone},
		{to: &s.Triage, flag: "--triage", text: "Who is told of mails that need a decision (address)", otherwise: fixed(""), asked: true, wrong: noAddress},
		{to: &s.IMAP, flag: "--imap", text: "IMAP server (host:port)", otherwise: func() string { return s.server("imap.", ":993") }, wrong: noHostPort},
		{to: &s.IMAPTLS, flag: "--imap-tls", text: "IMAP encryption (tls, starttls or none)", otherwise: func() string { return tlsOf(s.IMAP, "tls") },
			skip: func() bool { return tlsOf(s.IMAP, "") != "" }, wrong: noTLSMode},
		{to: &s.IMAPUser, flag: "--imap-user", text: "IMAP user", otherwise: func() string { return s.Address }},
		{to: &s.SMTP, flag: "--smtp", text: "SMTP server (host:port)", otherwise: func() string { return s.server("smtp.", ":587") }, wrong: noHostPort},
		{to: &s.SMTPTLS, flag: "--smtp-tls", text: "SMTP encryption (tls, starttls or none)", otherwise: func() string { return tlsOf(s.SMTP, "starttls") },
			skip: func() bool { return tlsOf(s.SMTP, "") != "" }, wrong: noTLSMode},
		{to: &s.SMTPUser, flag: "--smtp-user", text: "SMTP user (none for no login)", otherwise: func() string { return s.IMAPUser }},
		{to: &s.From, flag: "--from", text: "Our mails come from", otherwise: func() string { return fmt.Sprintf("%s <%s>", s.displayName(), s.Address) }, wrong: noAddress},
		{to: &s.ReplyAddress, flag: "--reply-address", text: "Answers go to (with {token} if the mailbox takes plus addresses)", otherwise: func() string { return s.Address }, wrong: noReplyAddress},
	}
	var missing []string
	for _, q := range questions {
		if *q.to != "" {
			continue
		}
		*q.to = q.otherwise()
		if ask != nil && (q.skip == nil || !q.skip()) {
			var err error
			if *q.to, err = ask.text(ctx, q.text, *q.to, q.wrong); err != nil {
				return err
			}
		}
		if *q.to == "" && (q.asked || s.Address != "") {
			missing = append(missing, q.flag)
		}
	}
	if s.OAuth != "" && s.OAuthClientID == "" {
		missing = append(missing, "--oauth-client-id")
	}
	s.Domain = strings.FieldsFunc(domain, func(r rune) bool { return r == ',' || r == ' ' })
	if ask == nil && s.OAuth == "" && s.IMAPPasswordEnv == "" && s.IMAPPasswordFile == "" {
		missing = append(missing, "--imap-password-env or --imap-password-file")
	}
	if len(missing) > 0 {
		return usagef("init needs %s; see \"handoff init --help\"", strings.Join(missing, ", "))
	}
	if s.SMTPUser == "none" {
		s.SMTPUser = ""
	}
	for _, file := range []*string{&s.IMAPPasswordFile, &s.SMTPPasswordFile, &s.OAuthClientSecretFile} {
		if err := s.besideConfig(file); err != nil {
			return err
		}
	}
	if s.OAuth != "" {
		return nil
	}
	return s.passwords(ctx, ask)
}

// server is the usual one of the address's domain, or the provider's.
func (s *setup) server(prefix, port string) string {
	switch s.OAuth {
	case google:
		return prefix + "gmail.com" + port
	case microsoft:
		return map[string]string{"imap.": "outlook.office365.com", "smtp.": "smtp.office365.com"}[prefix] + port
	}
	return prefix + s.addressDomain() + port
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
	err := writeNew(path, secret+"\n")
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s is there already: remove it, use it with --%s-file, or overwrite it with --force", path, strings.ReplaceAll(name, ".", "-"))
	}
	if err != nil {
		return "", err
	}
	s.secrets = append(s.secrets, path)
	return name, nil
}

func (s *setup) answers() answers {
	secret := func(env, file string) string {
		if s.OAuth != "" {
			return `auth    = "xoauth2"             # by [oauth] below`
		}
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
		OAuth: s.OAuth, OAuthTenant: s.OAuthTenant, OAuthClientID: s.OAuthClientID,
		OAuthSecretEnv: s.OAuthClientSecretEnv, OAuthSecretFile: s.OAuthClientSecretFile,
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

func noAddress(answer string) error {
	if bareAddress(answer) == "" {
		return fmt.Errorf("%q is not a mail address", answer)
	}
	return nil
}

func noReplyAddress(answer string) error {
	if noAddress(strings.Replace(answer, "{token}", "token", 1)) != nil {
		return fmt.Errorf("%q is not a mail address, like drafts+{token}@agency.example", answer)
	}
	return nil
}

func noZone(answer string) error {
	if _, err := time.LoadLocation(answer); err != nil {
		return fmt.Errorf("%q is not a time zone, like Europe/Berlin", answer)
	}
	return nil
}

func noHostPort(answer string) error {
	if host, port, err := net.SplitHostPort(answer); err != nil || host == "" || port == "" {
		return fmt.Errorf("%q is not host:port, like imap.agency.example:993", answer)
	}
	return nil
}

func noTLSMode(answer string) error {
	if !slices.Contains(tlsModes(), answer) {
		return fmt.Errorf("%q is not tls, starttls or none", answer)
	}
	return nil
}

// tlsOf follows from a well-known port.
func tlsOf(address, otherwise string) string {
	switch address[strings.LastIndexByte(address, ':')+1:] {
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

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/inbox/clamav"
	"handoff/inbox/imap"
	"handoff/outbox"
	"handoff/outbox/smtp"
)

// imapConfig is how to reach the mailbox. Secrets are read at each login, so a new password needs no restart.
func (m MailboxConfig) imapConfig(a *accounts) (imap.Config, error) {
	cfg := imap.Config{
		Addr: m.Address, Security: imap.Security(m.TLS), User: m.User, Folder: m.Folder,
		Timeouts: imap.Timeouts{Connect: min(m.Timeout.Duration, 30*time.Second), Silence: m.Timeout.Duration},
	}
	if m.Auth != "password" {
		cfg.Mechanism = imap.Mechanism(strings.ToUpper(m.Auth))
	}
	what := "mailbox " + m.Name
	var err error
	if cfg.TLSConfig, err = m.tlsConfig(what); err != nil {
		return cfg, err
	}
	if !m.byToken() {
		if _, err := m.password(what); err != nil {
			return cfg, err // said at the start, not at every login
		}
		cfg.Password = func(context.Context) (string, error) { return m.password(what) }
		return cfg, nil
	}
	var token func(context.Context) (string, error)
	token, cfg.Refused = a.tokens(what, m.LoginConfig)
	cfg.Token = func(ctx context.Context) (string, error) {
		t, err := token(ctx)
		if forPeople(err) {
			err = fmt.Errorf("%w: %w", inbox.ErrRefused, err)
		}
		return t, err
	}
	return cfg, nil
}

// sentFolder keeps copies of what is sent.
func (m MailboxConfig) sentFolder(a *accounts) (*imap.Sent, error) {
	cfg, err := m.imapConfig(a)
	if err != nil {
		return nil, err
	}
	folder := m.SentFolder
	if folder == autoFolder {
		folder = ""
	}
	return imap.NewSent(cfg, folder)
}

// smtpSender is how to reach the SMTP server. accepted, if not nil, hears of every mail that it took.
func (c *Config) smtpSender(a *accounts, accepted func(raw []byte, m outbox.Mail)) (*smtp.Sender, error) {
	s := c.SMTP
	password, err := s.password("smtp")
	if err != nil {
		return nil, err
	}
	cfg := smtp.Config{Address: s.Address, TLS: s.TLS, Username: s.User, Password: password, Timeout: s.Timeout.Duration}
	if s.Auth != "password" {
		cfg.Mechanism = s.Auth
	}
	if cfg.TLSConfig, err = s.tlsConfig("smtp"); err != nil {
		return nil, err
	}
	if cfg.DKIM, err = s.dkimKeys(); err != nil {
		return nil, err
	}
	cfg.Accepted = accepted
	if s.User != "" && s.byToken() {
		cfg.Token, cfg.Refused = a.tokens("smtp", s.LoginConfig)
	}
	return smtp.New(cfg)
}

// probe tries one thing that has to work.
type probe struct {
	what string
	user string // who logs in, "" for nobody
	try  func(ctx context.Context) (detail string, err error)
}

// serverProbes log in to every server, waiting for each answer no longer than timeout.
func (c *Config) serverProbes(timeout time.Duration, a *accounts) []probe {
	var probes []probe
	for _, m := range c.Mailboxes {
		m.Timeout.Duration = min(m.Timeout.Duration, timeout)
		probes = append(probes, probe{fmt.Sprintf("mailbox %s at %s", m.Name, m.Address), m.User,
			func(ctx context.Context) (string, error) { return m.probe(ctx, a) }})
	}
	if c.ClamAV.Address != "" {
		probes = append(probes, probe{"clamav at " + c.ClamAV.Address, "", func(ctx context.Context) (string, error) { return c.probeClamAV(ctx, timeout) }})
	}
	cfg := *c
	cfg.SMTP.Timeout.Duration = min(c.SMTP.Timeout.Duration, timeout)
	return append(probes, probe{"smtp at " + c.SMTP.Address, c.SMTP.User, func(ctx context.Context) (string, error) { return cfg.probeSMTP(ctx, a) }})
}

// probe logs in and opens the folder.
func (m MailboxConfig) probe(ctx context.Context, a *accounts) (detail string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*m.Timeout.Duration)
	defer cancel()
	cfg, err := m.imapConfig(a)
	if err != nil {
		return "", err
	}
	box, err := imap.New(cfg)
	if err != nil {
		return "", err
	}
	state, err := box.Select(ctx)
	if err != nil {
		_ = box.Close() // says nothing that err does not
		return "", err
	}
	detail = fmt.Sprintf("logged in as %s%s, %s holds %d %s", m.User, by(string(box.Mechanism())), m.Folder, state.Messages, plural(int(state.Messages), "mail", "mails"))
	if err := box.Close(); err != nil || m.SentFolder == "" {
		return detail, err
	}
	sent, err := m.sentFolder(a)
	if err != nil {
		return "", err
	}
	folder, err := sent.Find(ctx)
	if err != nil {
		return "", errors.Join(err, sent.Close())
	}
	there, err := sent.Exists(ctx, folder)
	if err != nil {
		return "", errors.Join(err, sent.Close())
	}
	detail += ", copies of what is sent go to " + folder
	if !there {
		detail += ", which is not there yet and will be made"
	}
	return detail, sent.Close()
}

// authservID is who signs the newest mails' first Authentication-Results header, "" if none says. The first is the one that
// was added last: by the server that took the mail in.
func (m MailboxConfig) authservID(ctx context.Context, a *accounts) string {
	ctx, cancel := context.WithTimeout(ctx, 3*m.Timeout.Duration)
	defer cancel()
	cfg, err := m.imapConfig(a)
	if err != nil {
		return ""
	}
	box, err := imap.New(cfg)
	if err != nil {
		return ""
	}
	defer box.Close()
	state, err := box.Select(ctx)
	if err != nil || state.UIDNext < 2 {
		return ""
	}
	const newest, headerAlone = 10, 1
	found := ""
	err = box.Fetch(ctx, max(state.UIDNext, newest+1)-newest, state.UIDNext-1, headerAlone, func(_ inbox.Item, body io.Reader) error {
		h, err := mail.ReadMessage(body)
		if err != nil {
			return nil // another one will tell
		}
		id, _, _ := strings.Cut(h.Header.Get("Authentication-Results"), ";")
		if id, _, _ = strings.Cut(strings.TrimSpace(id), " "); id != "" {
			found = id
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return found
}

// scanner is the configured malware scanner.
func (c *Config) scanner() (*clamav.Client, error) {
	s, err := clamav.New(c.ClamAV.Address)
	if err != nil {
		return nil, fmt.Errorf("clamav.address: %w", err)
	}
	return s, nil
}

// probeClamAV asks for the scanner's version.
func (c *Config) probeClamAV(ctx context.Context, timeout time.Duration) (string, error) {
	s, err := c.scanner()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return s.Version(ctx)
}

// probeSMTP logs in.
func (c *Config) probeSMTP(ctx context.Context, a *accounts) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*c.SMTP.Timeout.Duration)
	defer cancel()
	sender, err := c.smtpSender(a, nil)
	if err != nil {
		return "", err
	}
	if err := sender.Check(ctx); err != nil {
		return "", err
	}
	if c.SMTP.User == "" {
		return "connected, no login", nil
	}
	return "logged in as " + c.SMTP.User + by(sender.Mechanism()), nil
}

// by tells a login's mechanism.
func by(mechanism string) string {
	if mechanism == "" {
		return ""
	}
	return " by " + mechanism
}

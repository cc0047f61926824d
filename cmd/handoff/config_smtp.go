package main

import (
	"fmt"
	"regexp"
	"strings"

	"handoff/outbox"
	"handoff/outbox/dkim"
)

// DKIMConfig is a key that signs our mails.
type DKIMConfig struct {
	Domain   string `toml:"domain"`
	Selector string `toml:"selector"`
	KeyFile  string `toml:"key_file"`
}

// autoFolder lets the server say which folder holds what was sent (RFC 6154).
const autoFolder = "auto"

// feedbackID is Gmail's rule for who sends.
var feedbackID = regexp.MustCompile(`^[A-Za-z0-9]{5,15}$`)

func (v *validation) smtp() {
	s := v.cfg.SMTP
	v.hostPort("smtp.address", s.Address, "smtp.agency.example:587")
	v.oneOf("smtp.tls", s.TLS, tlsModes()...)
	v.login("smtp", s.LoginConfig)
	v.tokenTLS("smtp", s.TLS, s.LoginConfig)
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
	if s.BounceAddress != "" {
		if err := outbox.CheckBounceAddress(s.BounceAddress); err != nil {
			v.add("smtp.bounce_address", "%s", err)
		}
	}
	if s.FeedbackID != "" && !feedbackID.MatchString(s.FeedbackID) {
		v.add("smtp.feedback_id", "%q is not 5 to 15 letters and digits", s.FeedbackID)
	}
	seen := map[DKIMConfig]bool{}
	for i, d := range s.DKIM {
		key := fmt.Sprintf("smtp.dkim[%d]", i)
		for name, value := range map[string]string{"domain": d.Domain, "selector": d.Selector, "key_file": d.KeyFile} {
			if value == "" {
				v.add(key, "%s is missing: \"handoff key dkim\" makes a key and prints the table", name)
			}
		}
		name := DKIMConfig{Domain: strings.ToLower(d.Domain), Selector: strings.ToLower(d.Selector)}
		if seen[name] {
			v.add(key, "selector %q of %s is there twice: every key needs its own", d.Selector, d.Domain)
		}
		seen[name] = true
	}
}

// sentFolders checks where copies go: to one folder, and to none that is watched.
func (v *validation) sentFolders() {
	first := ""
	for i, m := range v.cfg.Mailboxes {
		key := fmt.Sprintf("mailbox[%d].sent_folder", i)
		switch {
		case m.SentFolder == "":
			continue
		case first != "":
			v.add(key, "mailbox %q has one already: a mail is kept once", first)
		}
		first = m.Name
		for _, other := range v.cfg.Mailboxes {
			if m.SentFolder == other.Folder && m.Address == other.Address && m.User == other.User {
				v.add(key, "%q is watched: what is sent must not come in again", m.SentFolder)
			}
		}
	}
}

// key reads the private key.
func (d DKIMConfig) key() (dkim.Key, error) {
	text, err := readSecret("smtp.dkim "+d.Selector, "", d.KeyFile)
	if err != nil {
		return dkim.Key{}, err
	}
	k, err := dkim.Parse(d.Domain, d.Selector, []byte(text))
	if err != nil {
		return dkim.Key{}, fmt.Errorf("smtp.dkim %s: %s: %w", d.Selector, d.KeyFile, err)
	}
	return k, nil
}

// dkimKeys reads every key that signs.
func (s SMTPConfig) dkimKeys() ([]dkim.Key, error) {
	var keys []dkim.Key
	for _, d := range s.DKIM {
		k, err := d.key()
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

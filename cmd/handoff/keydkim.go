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

	"handoff/outbox/dkim"
)

// KeyDKIMCmd is `handoff key dkim`.
type KeyDKIMCmd struct {
	Domain   string `arg:"" help:"The domain that signs, that of smtp.from."`
	Selector string `arg:"" help:"A name for the key, such as a year: 2026."`
	Type     string `enum:"rsa,ed25519" default:"rsa" help:"rsa, which every receiver verifies, or ed25519."`
	File     string `placeholder:"FILE" help:"Where the private key is written; dkim-SELECTOR.DOMAIN.pem beside handoff.toml if left out."`
}

// Help says what follows.
func (KeyDKIMCmd) Help() string {
	return `Writes the private key into a file of its own, which only its owner can read, and prints the TXT record to publish and the
table for handoff.toml. "handoff check" then tells whether the DNS has the record.

With an rsa and an ed25519 key, each under its selector, mails get both signatures. To change a key, make another one under a new
selector, publish it, and only then put it into handoff.toml; leave the old record in the DNS for a week.

Sign here only if the mail server at smtp.address does not do so already.

Examples:
  handoff key dkim agency.example 2026
  handoff key dkim agency.example 2026e --type ed25519`
}

// Run makes the key.
func (c *KeyDKIMCmd) Run(_ context.Context, env *Env) error {
	k, private, err := dkim.Generate(c.Domain, c.Selector, c.Type)
	if err != nil {
		return usagef("%s", err)
	}
	file := c.File
	dir := filepath.Dir(env.Config)
	if file == "" {
		file = filepath.Join(dir, fmt.Sprintf("dkim-%s.%s.pem", k.Selector, k.Domain))
	}
	if err := writeNew(file, string(private)); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("there is a file %s already, and mails may be signed with it: take another selector, or name another file with --file", file)
	} else if err != nil {
		return err
	}
	record, err := k.Record()
	if err != nil {
		return err
	}
	named, err := namedFrom(dir, file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, `The private key is in %s: keep it to yourselves.

Publish this TXT record in the DNS of %s:

  %s.  IN TXT  %s

(where a form asks for name and value, the value is in one piece and without quotes:)

  %s

Add this to handoff.toml, try it with "handoff check", then restart "handoff serve":

  [[smtp.dkim]]
  domain   = %s
  selector = %s
  key_file = %s
`, file, k.Domain, k.Name(), quoted(record), record, tomlString(k.Domain), tomlString(k.Selector), tomlString(named))
	return err
}

// namedFrom is a file as a configuration in dir names it.
func namedFrom(dir, file string) (string, error) {
	full, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	if name, err := filepath.Rel(dir, full); err == nil && filepath.IsLocal(name) {
		return name, nil
	}
	return full, nil
}

// quoted is a TXT record's text in a zone file: strings of 255 bytes at most (RFC 1035, section 3.3).
func quoted(record string) string {
	var parts []string
	for part := range slices.Chunk([]byte(record), 255) {
		parts = append(parts, `"`+string(part)+`"`)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "( " + strings.Join(parts, " ") + " )"
}

// dkimProbes compare each key with what the DNS says of it.
func (c *Config) dkimProbes(env *Env, timeout time.Duration) []probe {
	lookup := env.LookupTXT
	if lookup == nil {
		lookup = net.DefaultResolver.LookupTXT
	}
	var probes []probe
	for _, d := range c.SMTP.DKIM {
		probes = append(probes, probe{what: "dkim " + d.Selector + " of " + d.Domain, try: func(ctx context.Context) (string, error) {
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			return c.probeDKIM(ctx, d, lookup)
		}})
	}
	return probes
}

// probeDKIM warns of what keeps receivers from verifying; mails go out all the same.
func (c *Config) probeDKIM(ctx context.Context, d DKIMConfig, lookup func(context.Context, string) ([]string, error)) (string, error) {
	k, err := d.key()
	if err != nil {
		return "", err
	}
	record, err := k.Record()
	if err != nil {
		return "", err
	}
	// Each of these is as true whatever the others say.
	var doubts []error
	warn := func(format string, args ...any) { doubts = append(doubts, fmt.Errorf(format, args...)) }
	from := bareAddress(c.SMTP.From)
	if domain := from[strings.LastIndexByte(from, '@')+1:]; !k.Aligned(domain) {
		warn("the mails are from %s, which a signature of %s says nothing of: make a key for %s", from, k.Domain, domain)
	}
	if info, err := os.Stat(d.KeyFile); err == nil && info.Mode().Perm()&0o004 != 0 {
		warn("everybody on this machine can read %s, and sign mails: chmod 600", d.KeyFile)
	}
	publish := fmt.Sprintf("publish there the TXT record %s", record)
	records, err := lookup(ctx, k.Name())
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		records, err = nil, nil
	}
	if err != nil {
		warn("the DNS could not be asked for %s, try again later (%w); it should hold the TXT record %s", k.Name(), err, record)
	} else if err := k.Published(records); err != nil {
		warn("%w: %s", err, publish)
	}
	if len(doubts) > 0 {
		return "", warning{errors.Join(doubts...)}
	}
	return k.Algorithm() + ", the DNS has its record", nil
}

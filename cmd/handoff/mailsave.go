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

	"handoff/blob"
	"handoff/inbox"
	"handoff/proxy"
)

// MailSaveCmd is `handoff mail save`.
type MailSaveCmd struct {
	ID       int64  `arg:"" help:"The mail, as \"handoff mail list\" and \"handoff piece show\" show it."`
	To       string `type:"existingdir" default:"." placeholder:"DIR" help:"The directory to save to."`
	Infected bool   `help:"Save also from a mail in which the malware scanner found something, or that it did not scan."`
}

// Help says what becomes of files that are there already.
func (MailSaveCmd) Help() string {
	return `Writes each attachment under its own name; a file that is there already is never overwritten, the new one gets a number.

Example:
  handoff mail save 481`
}

// Run saves the attachments.
func (c *MailSaveCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	r, err := d.Record(ctx, c.ID)
	if err != nil {
		return err
	}
	if why := d.unsafe(r); why != "" && !c.Infected {
		return fmt.Errorf("nothing of mail %d is saved: %s (--infected does it nevertheless)", r.ID, why)
	}
	m, raw, err := d.storedMail(ctx, r)
	if err != nil {
		return err
	}
	defer raw.Close()
	if len(m.Attachments) == 0 {
		_, err := fmt.Fprintf(env.Stdout, "mail %d has no attachments\n", r.ID)
		return err
	}
	for _, a := range m.Attachments {
		path, err := saveAttachment(c.To, a, raw)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Stdout, "%s (%s)%s\n", oneLine(path), Size(a.Size), refusal(a))
	}
	return nil
}

// unsafe says why nothing of a mail is to be opened: what the malware scanner found when it was recorded, or that there is a
// scanner and it did not look; "" if nothing speaks against it.
func (d *desk) unsafe(r proxy.Record) string {
	for _, t := range r.Trace {
		switch {
		case t.Check != "malware":
		case t.Outcome == "found":
			return "the malware scanner found " + t.Reason + " in it"
		case t.Outcome == "none":
			return ""
		}
	}
	if d.cfg.ClamAV.Address != "" {
		return "it was not scanned for malware"
	}
	return ""
}

// saveAttachment writes the attachment to a file of a name that is free in dir.
func saveAttachment(dir string, a inbox.Attachment, raw *blob.File) (string, error) {
	ext := filepath.Ext(a.Name)
	stem := strings.TrimSuffix(a.Name, ext)
	for n := 1; ; n++ {
		name := a.Name
		if n > 1 {
			name = fmt.Sprintf("%s (%d)%s", stem, n, ext)
		}
		path := filepath.Join(dir, name)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("cannot save: %w", err)
		}
		_, err = io.Copy(f, a.Open(raw))
		if err = errors.Join(err, f.Close()); err != nil {
			return "", fmt.Errorf("cannot save %s: %w", path, err)
		}
		return path, nil
	}
}

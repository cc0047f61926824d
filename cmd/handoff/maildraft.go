package main

import (
	"context"
	"fmt"
	"strings"
)

// MailDraftCmd is `handoff mail draft`.
type MailDraftCmd struct {
	ID   int64  `arg:"" help:"The mail, as \"handoff mail list\" and \"handoff piece show\" show it."`
	Name string `arg:"" optional:"" help:"One of its documents; all of them if left out."`
	JSON bool   `help:"Print JSON, with the words, comments and changes counted."`
}

// Help says what is marked how.
func (MailDraftCmd) Help() string {
	return `Prints the documents that a mail brings (.docx, .odt, .rtf, .md, .html, .txt, .pdf) as Markdown. Comments are marked {>>Author: text<<},
tracked changes {++added++} and {--deleted--}; pictures are named, not shown. What cannot be read is told on stderr.

Examples:
  handoff mail draft 42 > draft.md
  handoff mail draft 42 chapter.docx --json | jq .[0].words`
}

// Run prints.
func (c *MailDraftCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	r, err := d.Record(ctx, c.ID)
	if err != nil {
		return err
	}
	if finding := infection(r); finding != "" {
		return fmt.Errorf("the malware scanner found %s in mail %d: nothing of it is opened", finding, r.ID)
	}
	m, raw, err := d.storedMail(ctx, r)
	if err != nil {
		return err
	}
	defer raw.Close()
	attachments := m.Attachments[:0:0]
	for _, a := range m.Attachments {
		if c.Name == "" || strings.EqualFold(a.Name, c.Name) {
			attachments = append(attachments, a)
		}
	}
	if c.Name != "" && len(attachments) == 0 {
		return fmt.Errorf("mail %d brings no file %q: \"handoff mail show %d\" lists them", r.ID, c.Name, r.ID)
	}
	drafts, err := readDrafts(ctx, attachments, raw)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, drafts)
	}
	failed := len(drafts) == 0
	if failed {
		fmt.Fprintf(env.Stderr, "mail %d brings no document that can be read as a draft\n", r.ID)
	}
	for i, doc := range drafts {
		if doc.Refused != "" {
			failed = true
			fmt.Fprintf(env.Stderr, "%s: not read: %s\n", oneLine(doc.File), oneLine(doc.Refused))
			continue
		}
		for _, n := range doc.Notes {
			fmt.Fprintf(env.Stderr, "%s: %s\n", oneLine(doc.File), oneLine(n))
		}
		if i > 0 {
			fmt.Fprintln(env.Stdout)
		}
		fmt.Fprintln(env.Stdout, safeText(strings.TrimRight(doc.Markdown, "\n")))
	}
	if failed {
		return errReported
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"io"
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
Of several documents each begins with a line that names its file: <!-- chapter.docx -->.

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
	if why := d.unsafe(r); why != "" {
		return fmt.Errorf("nothing of mail %d is opened: %s", r.ID, why)
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
	drafts, err := readDrafts(ctx, attachments, raw, c.Name != "")
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, drafts)
	}
	if len(drafts) == 0 {
		fmt.Fprintf(env.Stderr, "mail %d brings no document that can be read as a draft\n", r.ID)
		return errReported
	}
	if !printDrafts(env.Stdout, env.Stderr, drafts) {
		return errReported
	}
	return nil
}

// printDrafts writes the Markdown, each document under its file's name if there are several, and to errs what could not be
// read or kept. It tells whether all could be read.
func printDrafts(w, errs io.Writer, drafts []draftReport) bool {
	var read []draftReport
	for _, doc := range drafts {
		if doc.Refused != "" {
			fmt.Fprintf(errs, "%s: not read: %s\n", oneLine(doc.File), oneLine(doc.Refused))
			continue
		}
		for _, n := range doc.Notes {
			fmt.Fprintf(errs, "%s: %s\n", oneLine(doc.File), oneLine(n))
		}
		read = append(read, doc)
	}
	for i, doc := range read {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if len(read) > 1 {
			fmt.Fprintf(w, "<!-- %s -->\n\n", strings.ReplaceAll(oneLine(doc.File), ">", "&gt;")) // a name must not end the comment
		}
		fmt.Fprintln(w, safeText(strings.TrimRight(doc.Markdown, "\n")))
	}
	return len(read) == len(drafts)
}

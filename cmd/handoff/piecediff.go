package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"handoff/inbox"
	"handoff/internal/worddiff"
	"handoff/proxy"
)

// PieceDiffCmd is `handoff piece diff`.
type PieceDiffCmd struct {
	Code string `arg:"" help:"The piece's code."`
	From int    `placeholder:"N" help:"The older version; the one before --to if left out."`
	To   int    `placeholder:"N" help:"The newer version; the last one if left out."`
}

// Help says what is marked how.
func (PieceDiffCmd) Help() string {
	return `Removed words are marked [-so-], added ones {+so+}. The documents of a version are compared if it brings any, else the mail's text.
Line breaks, blanks and the kind of quotes and dashes are no change.

Examples:
  handoff piece diff ACME-12
  handoff piece diff ACME-12 --from 1 --to 3`
}

// Run prints the difference.
func (c *PieceDiffCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	p, err := findPiece(ctx, d, c.Code)
	if err != nil {
		return err
	}
	entries, err := d.Entries(ctx, p.ID)
	if err != nil {
		return err
	}
	from, to, err := twoVersions(p.Code, entries, c.From, c.To)
	if err != nil {
		return err
	}
	old, err := d.entryContent(ctx, from)
	if err != nil {
		return err
	}
	latest, err := d.entryContent(ctx, to)
	if err != nil {
		return err
	}
	diff := worddiff.Compare(old, latest, worddiff.Limits{})
	fmt.Fprintf(env.Stdout, "%s, version %d to %d: %s\n", p.Code, from.Version, to.Version, diff.Summary())
	color := isTerminal(env.Stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if shown := diff.Terminal(color); shown != "" {
		fmt.Fprintf(env.Stdout, "\n%s", shown)
	}
	return nil
}

// twoVersions finds the entries of two versions; from 0 is the one before to, to 0 the last.
func twoVersions(code string, entries []proxy.Entry, from, to int) (older, newer proxy.Entry, err error) {
	byVersion := map[int]proxy.Entry{}
	last := 0
	for _, e := range entries {
		if e.Version > 0 {
			byVersion[e.Version] = e
			last = max(last, e.Version)
		}
	}
	if len(byVersion) < 2 {
		return older, newer, fmt.Errorf("%s has %s: there is nothing to compare yet", code, count(len(byVersion), "version"))
	}
	if to == 0 {
		to = last
	}
	if from == 0 {
		if to == 1 {
			return older, newer, usagef("--to: version 1 is the first of %s: there is nothing before it", code)
		}
		from = to - 1
	}
	for _, v := range []struct {
		flag string
		n    int
	}{{"--to", to}, {"--from", from}} {
		if _, ok := byVersion[v.n]; !ok {
			return older, newer, usagef("%s: %s has no version %d; its last is %d", v.flag, code, v.n, last)
		}
	}
	if from == to {
		return older, newer, usagef("--from and --to are both version %d", to)
	}
	return byVersion[from], byVersion[to], nil
}

// entryContent is what an entry hands in, as Markdown: its documents if there are any, else its text.
func (d *desk) entryContent(ctx context.Context, e proxy.Entry) (string, error) {
	if len(e.Files) == 0 {
		return e.Text, nil
	}
	r, err := d.Record(ctx, e.MessageID)
	if err != nil {
		return "", err
	}
	if why := d.unsafe(r); why != "" {
		return "", fmt.Errorf("version %d cannot be compared: nothing of mail %d is opened: %s", e.Version, r.ID, why)
	}
	raw, err := d.rawMail(ctx, r)
	if err != nil {
		return "", fmt.Errorf("version %d cannot be compared: %w", e.Version, err)
	}
	defer raw.Close()
	attachments := make([]inbox.Attachment, len(e.Files))
	for i, f := range e.Files {
		attachments[i] = inbox.Attachment{
			Name: f.Name, Type: f.Type, Size: f.Size, Offset: f.Offset, Length: f.Length, Encoding: f.Encoding, Within: f.Within,
		}
	}
	drafts, err := readDrafts(ctx, attachments, raw, false)
	if err != nil {
		return "", err
	}
	if len(drafts) == 0 {
		return e.Text, nil
	}
	texts := make([]string, len(drafts))
	for i, doc := range drafts {
		if doc.Refused != "" {
			return "", fmt.Errorf("version %d cannot be compared: %s was not read: %s (\"handoff mail save %d\" saves it)", e.Version, oneLine(doc.File), oneLine(doc.Refused), r.ID)
		}
		texts[i] = doc.Markdown
	}
	return strings.Join(texts, "\n\n"), nil
}

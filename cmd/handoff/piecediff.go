package main

import (
	"context"
	"fmt"
	"os"

	"handoff/proxy"
	"handoff/workflow"
)

// PieceDiffCmd is `handoff piece diff`.
type PieceDiffCmd struct {
	Code string `arg:"" help:"The piece's code."`
	From *int   `placeholder:"N" help:"The older version; the one before --to if left out, reviews aside."`
	To   *int   `placeholder:"N" help:"The newer version; the last one if left out, reviews aside."`
}

// Help says what is marked how.
func (PieceDiffCmd) Help() string {
	return `Removed words are marked [-so-], added ones {+so+}. The documents of a version are compared if it brings any, else the mail's text.
Line breaks, blanks, bold and the like, and the kind of quotes and dashes are no change. The receipt of a version and the editor's
notice show the same, shortened.

Examples:
  handoff piece diff ACME-12
  handoff piece diff ACME-12 --from 1 --to 3`
}

// Run prints the difference.
func (c *PieceDiffCmd) Run(ctx context.Context, env *Env) error {
	var want [2]int // 0: left out
	for i, v := range []struct {
		flag string
		n    *int
	}{{"--from", c.From}, {"--to", c.To}} {
		if v.n == nil {
			continue
		}
		if want[i] = *v.n; want[i] < 1 {
			return usagef("%s: there is no version %d, they count from 1", v.flag, want[i])
		}
	}
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
	from, to, err := twoVersions(p, entries, want[0], want[1])
	if err != nil {
		return err
	}
	var compared [2]proxy.Version
	for i, e := range []proxy.Entry{from, to} {
		mail, err := d.Record(ctx, e.MessageID)
		if err != nil {
			return err
		}
		compared[i] = proxy.Version{Entry: e, Mail: mail}
	}
	diff, err := d.versions().Compare(ctx, compared[0], compared[1])
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%s, version %d to %d: %s\n", p.Code, from.Version, to.Version, diff.Summary())
	color := isTerminal(env.Stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if shown := diff.Terminal(color); shown != "" {
		fmt.Fprintf(env.Stdout, "\n%s", shown)
	}
	return nil
}

// twoVersions finds the entries of two versions; from 0 is the one before to, to 0 the last, each of somebody at work on the piece.
func twoVersions(p workflow.Piece, entries []proxy.Entry, from, to int) (older, newer proxy.Entry, err error) {
	byVersion, code := map[int]proxy.Entry{}, p.Code
	last, latest := 0, 0
	for _, e := range entries {
		if e.Version > 0 {
			byVersion[e.Version] = e
			if last = max(last, e.Version); e.OfWork(p) {
				latest = max(latest, e.Version)
			}
		}
	}
	if len(byVersion) < 2 {
		return older, newer, fmt.Errorf("%s has %s: there is nothing to compare yet", code, count(len(byVersion), "version"))
	}
	if to == 0 {
		to = latest
	}
	if from == 0 {
		if to == 1 {
			return older, newer, usagef("--to: version 1 is the first of %s: there is nothing before it", code)
		}
		for from = to - 1; from > 1 && !byVersion[from].OfWork(p); {
			from--
		}
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

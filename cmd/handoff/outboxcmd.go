package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"handoff/internal/spell"
	"handoff/outbox"
	"handoff/store"
	"handoff/templates"
)

// OutboxCmd is `handoff outbox`.
type OutboxCmd struct {
	List       OutboxListCmd       `cmd:"" help:"List mails that wait or failed; sent and cancelled ones as well, if asked for."`
	Show       OutboxShowCmd       `cmd:"" help:"Show one mail: to whom, why, every try, and its text."`
	Retry      OutboxRetryCmd      `cmd:"" help:"Send mails that failed, came back, were cancelled or wait, at the next occasion."`
	Cancel     OutboxCancelCmd     `cmd:"" help:"Take mails out of the queue."`
	Pause      OutboxPauseCmd      `cmd:"" help:"Send nothing, or nothing of one kind, for a while."`
	Resume     OutboxResumeCmd     `cmd:"" help:"End a pause, and send automatic answers again."`
	Suppress   OutboxSuppressCmd   `cmd:"" help:"Send nothing more to an address or a domain."`
	Unsuppress OutboxUnsuppressCmd `cmd:"" help:"Send to it again."`
	Suppressed OutboxSuppressedCmd `cmd:"" help:"List addresses and domains that nothing is sent to."`
	Bounces    OutboxBouncesCmd    `cmd:"" help:"List addresses whose mail comes back."`
	Clear      OutboxClearCmd      `cmd:"" help:"Send again to an address whose mail came back."`
}

// OutboxListCmd is `handoff outbox list`.
type OutboxListCmd struct {
	NoticeFlags
	All   bool `help:"Mails of every state."`
	Limit int  `default:"50" help:"The newest so many."`
	JSON  bool `help:"Print JSON."`
}

// Help shows how.
func (OutboxListCmd) Help() string {
	return `A mail is queued, deferred (a try failed, another one follows), sending, sent, bounced (sent, and came back), failed, or cancelled.
Without --state and --all, all but sent and cancelled ones are listed. NOTE says what holds a mail back, and its last error.

Examples:
  handoff outbox list
  handoff outbox list --all --limit 20
  handoff outbox list --state failed               # the dead letters
  handoff outbox list --state sent --piece BREW-1
  handoff outbox list --kind due_soon --json`
}

// NoticeFlags say which mails.
type NoticeFlags struct {
	State []string `enum:"queued,deferred,sending,sent,bounced,failed,cancelled" help:"Only these: ${enum}. May be repeated."`
	Kind  string   `placeholder:"NAME" help:"Only mails of this kind, as \"handoff template list\" names them."`
	Piece string   `placeholder:"CODE" help:"Only mails about this piece."`
}

func (f NoticeFlags) given() bool { return len(f.State) > 0 || f.Kind != "" || f.Piece != "" }

// filter is what they say, of the states otherwise if none is named.
func (f NoticeFlags) filter(ctx context.Context, d *desk, otherwise ...outbox.State) (store.NoticeFilter, error) {
	filter := store.NoticeFilter{States: otherwise, Kind: f.Kind}
	if err := knownKind(f.Kind); err != nil {
		return filter, err
	}
	if len(f.State) > 0 {
		filter.States = nil
	}
	for _, s := range f.State {
		filter.States = append(filter.States, outbox.State(s))
	}
	if f.Piece == "" {
		return filter, nil
	}
	p, err := findPiece(ctx, d, f.Piece)
	filter.PieceID = p.ID
	return filter, err
}

// knownKind refuses a name that is no template's; "" is any.
func knownKind(kind string) error {
	if kind == "" || slices.Contains(templates.Names(), kind) {
		return nil
	}
	if near := spell.Nearest(kind, templates.Names()); near != "" {
		return usagef("there is no kind of mail named %q: did you mean %q?", kind, near)
	}
	return usagef("there is no kind of mail named %q: see \"handoff template list\"", kind)
}

// Run prints the notices.
func (c *OutboxListCmd) Run(ctx context.Context, env *Env) error {
	if c.Limit < 1 {
		return usagef("--limit counts from 1")
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	if c.All && len(c.State) > 0 {
		return usagef("--all is every state: leave it or --state out")
	}
	f, err := c.filter(ctx, d, c.states()...)
	if err != nil {
		return err
	}
	found, err := d.NewestNotices(ctx, f, c.Limit)
	if err != nil {
		return err
	}
	w, err := d.waiting(ctx)
	if err != nil {
		return err
	}
	listed := make([]listedNotice, len(found))
	for i, n := range found {
		listed[i] = listedNotice{n, w.why(n)}
	}
	if c.JSON {
		return printJSON(env.Stdout, listed)
	}
	if len(listed) == 0 {
		fmt.Fprintln(env.Stdout, c.none())
	} else if err := d.printNotices(env, listed); err != nil {
		return err
	}
	for _, p := range w.pauses {
		fmt.Fprintf(env.Stdout, "\n%s\n", d.showPause(p))
	}
	return nil
}

// states are those that are meant if none is named.
func (c *OutboxListCmd) states() []outbox.State {
	if c.All {
		return outbox.States()
	}
	return []outbox.State{outbox.Queued, outbox.Deferred, outbox.Sending, outbox.Bounced, outbox.Failed}
}

// none says what there is none of.
func (c *OutboxListCmd) none() string {
	switch {
	case len(c.State) > 0 || c.All && (c.Kind != "" || c.Piece != ""):
		return "no mail is like that"
	case c.All:
		return "no mail was queued yet"
	case c.Kind != "" || c.Piece != "":
		return "no such mail waits or failed; sent and cancelled ones as well: add --all"
	}
	return `no mail waits or failed; what was sent: "handoff outbox list --state sent", every mail: --all`
}

// listedNotice is what --json prints of each.
type listedNotice struct {
	outbox.Notice
	Waits string `json:"waits,omitempty"` // what holds it back
}

func (d *desk) printNotices(env *Env, listed []listedNotice) error {
	onTerminal := terminalWidth(env.Stdout) > 0
	var rows [][]string
	for _, n := range listed {
		at, note := n.NextAt, n.Error
		switch n.State {
		case outbox.Sent:
			at, note = n.SentAt, ""
		case outbox.Bounced:
			at = n.SentAt
		}
		if onTerminal {
			note = shorten(note, 60)
		}
		if n.Waits != "" {
			note = strings.TrimSuffix(n.Waits+"; "+note, "; ")
		}
		rows = append(rows, []string{fmt.Sprint(n.ID), string(n.State), n.Template, n.ToAddress, showTime(at, d.zone), fmt.Sprint(n.Attempts), note})
	}
	return printTable(env.Stdout, []string{"ID", "STATE", "MAIL", "TO", "WHEN", "TRIES", "NOTE"}, rows)
}

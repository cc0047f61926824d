package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

// StatusCmd is `handoff status`.
type StatusCmd struct {
	JSON bool `help:"Print JSON."`
}

// Help says what is shown.
func (StatusCmd) Help() string {
	return `Shows how each mailbox does and how far behind it is, what became of the mails so far, what waits to be sent, whether
copies of it are kept, and the last sending errors. The exit code is 0 whatever the state: read --json to watch it.

Examples:
  handoff status
  handoff status --json`
}

// statusReport is what --json prints.
type statusReport struct {
	store.Status
	At         time.Time      `json:"at"`
	LastErrors []sendingError `json:"last_errors"`
	Lag        map[string]int `json:"lag"` // mails not recorded yet, by mailbox
	Never      []string       `json:"never_polled"`
	Consent    []store.Grant  `json:"consent"`
	Copies     *sentCopies    `json:"copies,omitempty"` // of sent mails, where sent_folder is set and one was tried

	AnswersStopped bool `json:"answers_stopped"` // the breaker is open
	DeadLetters    int  `json:"dead_letters"`    // mails that failed
}

type sentCopies struct {
	Mailbox string    `json:"mailbox"`
	Folder  string    `json:"folder"`
	Since   time.Time `json:"since"`
	Error   string    `json:"error"` // "": they are kept
}

type sendingError struct {
	Notice int64     `json:"notice"`
	To     string    `json:"to"`
	State  string    `json:"state"`
	Error  string    `json:"error"`
	NextAt time.Time `json:"next_at,omitzero"`
}

// Run prints the state.
func (c *StatusCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	st, err := d.Status(ctx)
	if err != nil {
		return err
	}
	now := d.clock.Now()
	st.Paused = slices.DeleteFunc(st.Paused, func(p outbox.Pause) bool { return !p.InForce(now) })
	r := statusReport{Status: st, At: now, AnswersStopped: st.Breaker.Open(now), DeadLetters: st.Queue[outbox.Failed], Lag: map[string]int{}, LastErrors: []sendingError{}, Never: []string{}}
	r.Copies, r.Mailboxes = d.takeCopies(r.Mailboxes)
	for _, m := range d.cfg.Mailboxes {
		i := slices.IndexFunc(st.Mailboxes, func(h inbox.Health) bool { return h.Mailbox == m.Name })
		if i < 0 {
			r.Never = append(r.Never, m.Name)
			continue
		}
		r.Lag[m.Name] = st.Mailboxes[i].Waiting
	}
	if r.LastErrors, err = d.lastErrors(ctx, 5); err != nil {
		return err
	}
	if r.Consent, err = d.Grants(ctx); err != nil {
		return err
	}
	r.Consent = notNil(r.Consent)
	if c.JSON {
		return printJSON(env.Stdout, r)
	}
	return d.printStatus(env, r)
}

// takeCopies takes those rows out that are about copies of sent mails, and gives the one that holds now.
func (d *desk) takeCopies(all []inbox.Health) (now *sentCopies, mailboxes []inbox.Health) {
	mailboxes = slices.DeleteFunc(all, func(h inbox.Health) bool {
		own, copies := strings.CutSuffix(h.Mailbox, copiesOf(MailboxConfig{}))
		for _, m := range d.cfg.Mailboxes {
			if copies && m.Name == own && m.SentFolder != "" {
				now = &sentCopies{Mailbox: m.Name, Folder: m.SentFolder, Since: h.At, Error: h.Error}
			}
		}
		return copies
	})
	return now, mailboxes
}

// lastErrors are the newest notices that could not be sent, yet or at all.
func (d *desk) lastErrors(ctx context.Context, limit int) ([]sendingError, error) {
	notices, err := d.TroubledNotices(ctx, limit)
	errs := []sendingError{}
	for _, n := range notices {
		errs = append(errs, sendingError{n.ID, n.ToAddress, string(n.State), n.Error, n.NextAt})
	}
	return errs, err
}

func (d *desk) printStatus(env *Env, r statusReport) error {
	w := env.Stdout
	var rows [][]string
	for _, h := range r.Mailboxes {
		state, okAt, waiting := "ok", "never", "?"
		if !h.OKAt.IsZero() {
			okAt, waiting = showAge(r.At.Sub(h.OKAt))+" ago", fmt.Sprint(h.Waiting)
		}
		switch {
		case h.Error != "":
			state = fmt.Sprintf("failed %d× in a row: %s", h.Failures, h.Error)
		case h.OKAt.IsZero():
			state = "no pass has ended yet"
		}
		rows = append(rows, []string{h.Mailbox, waiting, okAt, state})
	}
	for _, name := range r.Never {
		rows = append(rows, []string{name, "?", "never", "not polled yet"})
	}
	if err := printTable(w, []string{"MAILBOX", "WAITING", "LAST OK", "STATE"}, rows); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nMails:   %s\n", counts(r.Dispositions, proxy.Actions(), became))
	fmt.Fprintf(w, "Outbox:  %s", counts(r.Queue, outbox.States(), asIs))
	if !r.OldestQueued.IsZero() {
		fmt.Fprintf(w, "; oldest queued %s ago", showAge(r.At.Sub(r.OldestQueued)))
	}
	fmt.Fprintf(w, "\nPieces:  %s", counts(r.Pieces, workflow.Stages(), workflow.Stage.Label))
	if r.Closed > 0 {
		fmt.Fprintf(w, "; %d finished or cancelled", r.Closed)
	}
	fmt.Fprintln(w)
	if len(r.LastErrors) > 0 {
		fmt.Fprintln(w, "\nNot sent:")
	}
	for _, e := range r.LastErrors {
		when := "given up"
		if e.State != string(outbox.Failed) {
			when = "next try " + showTime(e.NextAt, d.zone)
		}
		fmt.Fprintf(w, "  notice %d to %s, %s: %s\n", e.Notice, e.To, when, oneLine(e.Error))
	}
	if n := r.Dispositions[proxy.Hold]; n > 0 {
		fmt.Fprintf(w, "\n%d %s for a decision: \"handoff mail list\"\n", n, plural(n, "mail waits", "mails wait"))
	}
	if n := r.Dispositions[proxy.Fail]; n > 0 {
		fmt.Fprintf(w, "\n%d %s could not be read: \"handoff mail list --failed\", and \"handoff replay --failed\" after a fix\n", n, plural(n, "mail", "mails"))
	}
	for _, g := range r.Consent {
		if g.Refused != "" {
			fmt.Fprintf(w, "\nConsent for %s %s\n", g.Account, oneLine(d.grantState(g)))
		}
	}
	d.printOutbox(env, r)
	return nil
}

// printOutbox says what keeps mails from going out.
func (d *desk) printOutbox(env *Env, r statusReport) {
	w := env.Stdout
	if c := r.Copies; c != nil && c.Error != "" {
		fmt.Fprintf(w, "\nSent mails are not copied to %s since %s: %s\n", c.Folder, showTime(c.Since, d.zone), oneLine(c.Error))
	}
	for _, p := range r.Paused {
		fmt.Fprintf(w, "\n%s\n", d.showPause(p))
	}
	if n := r.Parked; n > 0 {
		fmt.Fprintf(w, "\n%d %s for the end of a pause\n", n, plural(n, "mail waits", "mails wait"))
	}
	if r.AnswersStopped {
		fmt.Fprintf(w, "\nAutomatic answers are stopped since %s, %d left out so far; until %s, or \"handoff outbox resume\"\n",
			showTime(r.Breaker.Since, d.zone), r.Breaker.Lost, showTime(r.Breaker.Until, d.zone))
	}
	if n := r.DeadLetters; n > 0 {
		fmt.Fprintf(w, "\n%d %s not be sent: \"handoff outbox list --state failed\"\n", n, plural(n, "mail could", "mails could"))
	}
	if n := r.Suppressed; n > 0 {
		fmt.Fprintf(w, "\n%d %s suppressed: \"handoff outbox suppressed\"\n", n, plural(n, "address or domain is", "addresses or domains are"))
	}
	if n := r.Bouncing; n > 0 {
		fmt.Fprintf(w, "\n%d %s: \"handoff outbox bounces\"\n", n, plural(n, "address bounces", "addresses bounce"))
	}
}

// became says what an action made of a mail.
func became(a proxy.Action) string {
	switch a {
	case proxy.File:
		return "filed"
	case proxy.Act:
		return "done as asked"
	case proxy.Redirect:
		return "redirected"
	case proxy.Ignore:
		return "ignored"
	case proxy.Report:
		return "reported"
	case proxy.Duplicate:
		return "seen before"
	case proxy.Hold:
		return "held"
	case proxy.Fail:
		return "not readable"
	}
	return string(a)
}

func asIs[K ~string](k K) string { return string(k) }

// counts are the numbers above zero, in order, then whatever else there is.
func counts[K ~string](m map[K]int, order []K, label func(K) string) string {
	var parts []string
	add := func(k K) {
		if m[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", m[k], label(k)))
		}
	}
	for _, k := range order {
		add(k)
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(order, k) {
			add(k)
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

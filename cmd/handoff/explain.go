package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/workflow"
)

// ExplainCmd is `handoff explain`.
type ExplainCmd struct {
	JSON  bool     `help:"Print one JSON object a line."`
	Files []string `arg:"" name:"file" help:"Stored mails (.eml), directories of them, or - for stdin."`
}

// Help shows how.
func (ExplainCmd) Help() string {
	return `Reads stored mails and prints what would be decided on each, and why, without any effect. It needs neither configuration nor
database; with --config it also knows the team's people, pieces and policy.

The exit code is 1 if any file could not be read.

Examples:
  handoff explain mail.eml
  handoff explain --json --config handoff.toml mails/ | jq .disposition`
}

// explanation is one line of --json. Lists are never null.
type explanation struct {
	File          string             `json:"file"`
	Kind          inbox.Kind         `json:"kind"`
	Automatic     bool               `json:"automatic"`
	SuppressReply bool               `json:"suppress_reply"`
	From          inbox.Address      `json:"from"`
	Subject       string             `json:"subject"`
	MessageID     string             `json:"message_id"`
	Body          string             `json:"body"`
	Text          string             `json:"text"`
	Elided        string             `json:"elided"`
	Attachments   []inbox.Attachment `json:"attachments"`
	Links         []inbox.Link       `json:"links"`
	Bounce        *inbox.Bounce      `json:"bounce"`
	Forwarded     []forwardedMail    `json:"forwarded"`
	Calendar      *inbox.Calendar    `json:"calendar"`
	Intent        *inbox.Intent      `json:"intent"`
	Invoice       bool               `json:"invoice,omitempty"`
	Returns       string             `json:"returns"` // a day, or ""
	Held          string             `json:"held"`
	Infected      string             `json:"infected"`
	Drafts        []draftReport      `json:"drafts"`
	Trace         []inbox.Check      `json:"trace"`
	Disposition   proxy.Disposition  `json:"disposition"`
	Error         string             `json:"error"`
}

// forwardedMail is a mail inside the mail.
type forwardedMail struct {
	From     inbox.Address `json:"from"`
	Subject  string        `json:"subject"`
	Text     string        `json:"text"`
	Attached bool          `json:"attached"`
}

// Run explains.
func (c *ExplainCmd) Run(ctx context.Context, env *Env) error {
	ex := &explainer{
		look:    proxy.Nobody{},
		decider: &proxy.Decider{Clock: env.Clock},
		timeout: defaultConfig().Limits.ReadTimeout.Duration,
	}
	if env.ConfigGiven {
		d, err := openDesk(ctx, env)
		if err != nil {
			return err
		}
		defer d.Close()
		composer, err := d.composer(ctx)
		if err != nil {
			return err
		}
		ex.look, ex.decider, ex.timeout = unrecorded{d.Store}, d.decider(composer.Identity, composer.Rules), d.cfg.Limits.ReadTimeout.Duration
		if ex.options, err = d.readOptions(composer.Identity); err != nil {
			return err
		}
	}
	enc := json.NewEncoder(env.Stdout)
	enc.SetEscapeHTML(false)
	failed := false
	for _, arg := range c.Files {
		for _, name := range mailFiles(arg) {
			e := ex.explain(ctx, name, env.Stdin)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			failed = failed || e.Error != ""
			if c.JSON {
				if err := enc.Encode(e); err != nil {
					return err
				}
				continue
			}
			e.print(env.Stdout)
		}
	}
	if failed {
		return errReported
	}
	return nil
}

// mailFiles are the files that an argument names: itself, or the .eml files below it.
func mailFiles(arg string) []string {
	info, err := os.Stat(arg)
	if arg == "-" || err != nil || !info.IsDir() {
		return []string{arg}
	}
	var files []string
	// A directory that cannot be read is reported by reading it as a file.
	err = filepath.WalkDir(arg+string(filepath.Separator), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.EqualFold(filepath.Ext(path), ".eml") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		return append(files, arg)
	}
	return files
}

// unrecorded are the lookups without the mail that is asked about: stored mails are explained, not called duplicates.
type unrecorded struct{ proxy.Lookups }

// Recorded knows no mail.
func (unrecorded) Recorded(context.Context, string, string) (proxy.Record, error) {
	return proxy.Record{}, workflow.Errorf(workflow.NotFound, "what was recorded before is left out of account")
}

// explainer reads mails and decides on them without effects.
type explainer struct {
	look    proxy.Lookups
	decider *proxy.Decider
	options inbox.Options
	timeout time.Duration
}

func (x *explainer) explain(ctx context.Context, name string, stdin io.Reader) explanation {
	e := explanation{File: name}
	if err := x.read(ctx, name, stdin, &e); err != nil {
		e.Error = err.Error()
	}
	e.Attachments, e.Links, e.Trace = notNil(e.Attachments), notNil(e.Links), notNil(e.Trace)
	e.Forwarded, e.Drafts = notNil(e.Forwarded), notNil(e.Drafts)
	e.Disposition.Candidates = notNil(e.Disposition.Candidates)
	if e.Bounce != nil {
		b := *e.Bounce
		b.Recipients = notNil(b.Recipients)
		e.Bounce = &b
	}
	return e
}

func (x *explainer) read(ctx context.Context, name string, stdin io.Reader, e *explanation) error {
	raw, size, err := openStored(name, stdin)
	if err != nil {
		return err
	}
	defer raw.Close()
	ctx, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()
	m, err := inbox.Read(ctx, raw, size, x.options)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("reading took longer than %s", x.timeout)
		}
		return err
	}
	e.Kind, e.Automatic, e.SuppressReply = m.Kind, m.Automatic, m.SuppressReply
	e.From, e.Subject, e.MessageID = m.From, m.Subject, m.MessageID
	e.Body, e.Text, e.Elided = m.Body, m.Text, m.Elided
	e.Attachments, e.Links, e.Bounce, e.Trace = m.Attachments, m.Links, m.Bounce, m.Trace
	for _, f := range m.Forwarded {
		e.Forwarded = append(e.Forwarded, forwardedMail{f.From, f.Subject, f.Text, f.Attached})
	}
	e.Calendar, e.Intent, e.Held, e.Infected = m.Calendar, m.Intent, m.Held, m.Infected
	e.Invoice = m.Invoice
	if !m.Returns.IsZero() {
		e.Returns = m.Returns.Format(time.DateOnly)
	}
	if e.Infected == "" {
		if e.Drafts, err = readDrafts(ctx, m.Attachments, raw, false); err != nil {
			return fmt.Errorf("reading its documents: %w", err)
		}
	}
	d, err := x.decider.Decide(ctx, x.look, inbox.Received{Mailbox: "explain", Size: size, ReceivedAt: x.decider.Clock.Now(), Message: m})
	if err != nil {
		return fmt.Errorf("deciding failed: %w", err)
	}
	e.Disposition, e.Trace = d, d.Trace
	return nil
}

type mailFile interface {
	io.ReaderAt
	io.Closer
}

// openStored opens a file, or takes in stdin.
func openStored(name string, stdin io.Reader) (mailFile, int64, error) {
	if name == "-" {
		b, err := io.ReadAll(stdin)
		return struct {
			io.ReaderAt
			io.Closer
		}{bytes.NewReader(b), io.NopCloser(nil)}, int64(len(b)), err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s: there is no .eml file in this directory", name)
	} else if err == nil && info.Size() == 0 {
		err = fmt.Errorf("%s is empty", name)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// print writes the explanation for people. What a mail says is shown without control characters.
func (e explanation) print(w io.Writer) {
	fmt.Fprintf(w, "%s\n", oneLine(e.File))
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-9s %s\n", name, oneLine(fmt.Sprintf(format, args...)))
	}
	if e.Error != "" {
		line("error", "%s", e.Error)
	}
	if e.Kind == "" {
		fmt.Fprintln(w)
		return
	}
	line("from", "%s", showAddress(e.From.Name, e.From.Address))
	line("subject", "%s", e.Subject)
	var verdicts []string
	if e.Automatic {
		verdicts = append(verdicts, "automatic")
	}
	if e.SuppressReply {
		verdicts = append(verdicts, "no reply wanted")
	}
	line("kind", "%s", strings.Join(append([]string{string(e.Kind)}, verdicts...), ", "))
	for _, a := range e.Attachments {
		line("file", "%s (%s, %s)%s", a.Name, a.Type, Size(a.Size), refusal(a))
	}
	for _, d := range e.Drafts {
		if d.Refused != "" {
			line("draft", "%s: not read: %s", d.File, d.Refused)
			continue
		}
		line("draft", "%s: “%s”, %s%s", d.File, shorten(d.Title, 60), count(d.Words, "word"), d.remarks())
	}
	for _, f := range e.Forwarded {
		line("forwards", "“%s” by %s", shorten(f.Subject, 60), showAddress(f.From.Name, f.From.Address))
	}
	if e.Intent != nil {
		line("asks", "%s", asked(*e.Intent))
	}
	if e.Invoice {
		line("invoice", "yes")
	}
	if e.Returns != "" {
		line("returns", "%s", e.Returns)
	}
	for _, l := range e.Links {
		line("link", "%s (%s)", l.URL, l.Type)
	}
	if e.Bounce != nil {
		for _, r := range e.Bounce.Recipients {
			line("bounced", "%s %s", r.Address, r.Status)
		}
	}
	if text := strings.Join(strings.Fields(e.Text), " "); text != "" {
		line("text", "%s", shorten(text, 100))
	}
	printTrace(w, e.Trace)
	printDecision(w, e.Disposition)
	fmt.Fprintln(w)
}

// asked is an intent in a line: "extend BREW-1 STEP 2026-03-20".
func asked(in inbox.Intent) string {
	words := []string{string(in.Command)}
	for _, w := range []string{in.Code, in.Target, in.Date} {
		if w != "" {
			words = append(words, w)
		}
	}
	if in.Days > 0 {
		words = append(words, "by "+count(in.Days, "day"))
	}
	return strings.Join(words, " ")
}

// printTrace lists the checks in order.
func printTrace(w io.Writer, trace []inbox.Check) {
	if len(trace) == 0 {
		return
	}
	check, outcome := 0, 0
	for _, t := range trace {
		check, outcome = max(check, len([]rune(t.Check))), max(outcome, len([]rune(t.Outcome)))
	}
	fmt.Fprintln(w, "  trace")
	for _, t := range trace {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("    %-*s  %-*s  %s", check, oneLine(t.Check), min(outcome, 24), oneLine(t.Outcome), oneLine(t.Reason)), " "))
	}
}

func printDecision(w io.Writer, d proxy.Disposition) {
	on := ""
	if d.Piece != "" {
		on = " on " + d.Piece
	}
	fmt.Fprintf(w, "  decision  %s%s: %s\n", d.Action, on, oneLine(d.Reason))
	printCandidates(w, d.Candidates)
}

func printCandidates(w io.Writer, candidates []proxy.Candidate) {
	for i, c := range candidates {
		fmt.Fprintf(w, "    %d. %s %s (%.0f %%): %s\n", i+1, c.Piece, oneLine(c.Title), c.Score*100, oneLine(c.Reason))
	}
}

// decider decides by the configured policy.
func (d *desk) decider(id *outbox.Identity, rules workflow.ReminderRules) *proxy.Decider {
	return &proxy.Decider{
		Identity: id, Policy: d.cfg.policy(), Clock: d.clock, MaxReplyAge: d.cfg.Limits.AnswerWithin.Duration,
		DraftWords: d.cfg.Limits.DraftWords, Caps: d.cfg.Caps, Triage: bareAddress(d.cfg.Team.Triage), TeamDomains: d.cfg.Team.Domains,
		Onboarding: d.cfg.Onboarding.Required, Rules: rules,
	}
}

// readOptions are what reading a mail needs to know of us.
func (d *desk) readOptions(id *outbox.Identity) (inbox.Options, error) {
	l := d.cfg.Limits
	opt := inbox.Options{
		AuthservIDs:  slices.Clone(d.cfg.Auth.AuthservIDs),
		OwnID:        func(messageID string) bool { _, err := id.FromID(messageID); return err == nil },
		OwnAddresses: []string{bareAddress(d.cfg.SMTP.From)},
		Limits:       inbox.Limits{Depth: l.Depth, Parts: l.Parts, HeaderBytes: int64(l.HeaderSize), TextBytes: int64(l.TextSize)},
	}
	if d.cfg.Auth.VerifyDKIM {
		opt.LookupTXT = net.DefaultResolver.LookupTXT
	}
	if d.cfg.ClamAV.Address != "" {
		scanner, err := d.cfg.scanner()
		if err != nil {
			return opt, err
		}
		opt.Scan = scanner.Scan
	}
	return opt, nil
}

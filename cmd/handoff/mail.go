package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"handoff/blob"
	"handoff/inbox"
	"handoff/proxy"
)

// MailCmd is `handoff mail`.
type MailCmd struct {
	List   MailListCmd   `cmd:"" help:"List recorded mails; those that wait for a decision if nothing else is asked for."`
	Show   MailShowCmd   `cmd:"" help:"Show one mail: what was decided and why, and its text."`
	Draft  MailDraftCmd  `cmd:"" help:"Print the documents that a mail brings, as Markdown."`
	Save   MailSaveCmd   `cmd:"" help:"Save a mail's attachments."`
	File   MailFileCmd   `cmd:"" help:"File a held mail on a piece."`
	Ignore MailIgnoreCmd `cmd:"" help:"Set a held mail aside; it stays stored."`
}

// MailListCmd is `handoff mail list`.
type MailListCmd struct {
	Held   bool     `help:"Mails that wait for a decision."`
	Failed bool     `help:"Mails that could not be read."`
	All    bool     `help:"All mails."`
	Action []string `enum:"file,act,redirect,ignore,report,hold,duplicate,fail" help:"Mails with these dispositions: ${enum}. May be repeated."`
	Limit  int      `default:"50" help:"The newest so many."`
	JSON   bool     `help:"Print JSON."`
}

// Help shows how.
func (MailListCmd) Help() string {
	return `Without flags, those that wait for a decision or could not be read.

Examples:
  handoff mail list
  handoff mail list --all --limit 10          # who wrote last, whatever became of it
  handoff mail list --action redirect`
}

// Run prints the mails.
func (c *MailListCmd) Run(ctx context.Context, env *Env) error {
	var actions []proxy.Action
	for _, a := range c.Action {
		actions = append(actions, proxy.Action(a))
	}
	if c.Held {
		actions = append(actions, proxy.Hold)
	}
	if c.Failed {
		actions = append(actions, proxy.Fail)
	}
	if len(actions) == 0 {
		actions = []proxy.Action{proxy.Hold, proxy.Fail}
	}
	if c.All {
		actions = proxy.Actions()
	}
	if c.Limit < 1 {
		return usagef("--limit counts from 1")
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	var found []proxy.Record
	err = d.eachRecord(ctx, actions, func(r proxy.Record) {
		found = append(found, r)
		found = found[max(0, len(found)-c.Limit):]
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, notNil(found))
	}
	if len(found) == 0 {
		return c.none(env)
	}
	var rows [][]string
	for _, r := range found {
		rows = append(rows, []string{fmt.Sprint(r.ID), showTime(r.ReceivedAt, d.zone), r.FromAddress, string(r.Action), shorten(r.Subject, 40), shorten(r.Reason, 60)})
	}
	return printTable(env.Stdout, []string{"ID", "RECEIVED", "FROM", "ACTION", "SUBJECT", "REASON"}, rows)
}

// none says what there is none of.
func (c *MailListCmd) none(env *Env) error {
	text := "no mail is like that"
	switch {
	case c.All:
		text = "no mail was taken in yet"
	case len(c.Action) == 0 && !c.Held && !c.Failed:
		text = "no mail waits for a decision; every other: \"handoff mail list --all\""
	}
	_, err := fmt.Fprintln(env.Stdout, text)
	return err
}

// eachRecord visits the mails with these actions, oldest first.
func (d *desk) eachRecord(ctx context.Context, actions []proxy.Action, visit func(proxy.Record)) error {
	const page = 500
	for after := int64(0); ; {
		records, err := d.Records(ctx, actions, after, page)
		if err != nil {
			return err
		}
		for _, r := range records {
			after = r.ID
			visit(r)
		}
		if len(records) < page {
			return nil
		}
	}
}

// MailShowCmd is `handoff mail show`.
type MailShowCmd struct {
	ID   int64 `arg:"" help:"The mail, as \"handoff mail list\" and notices show it."`
	JSON bool  `xor:"form" help:"Print the stored decision as JSON."`
	Raw  bool  `xor:"form" help:"Print the raw mail."`
}

// Help shows how.
func (MailShowCmd) Help() string {
	return `Example:
  handoff mail show 481`
}

// Run prints the mail.
func (c *MailShowCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	r, err := d.Record(ctx, c.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, r)
	}
	m, raw, readErr := d.storedMail(ctx, r)
	if readErr == nil {
		defer raw.Close()
	}
	if c.Raw {
		if readErr != nil {
			return readErr
		}
		_, err := io.Copy(env.Stdout, io.NewSectionReader(raw, 0, raw.Size))
		return err
	}
	w := env.Stdout
	fmt.Fprintf(w, "Mail %d, %s in %s, %s\n", r.ID, showTime(r.ReceivedAt, d.zone), r.Mailbox, Size(r.Size))
	fmt.Fprintf(w, "  from      %s\n  subject   %s\n  kind      %s\n", oneLine(showAddress(r.FromName, r.FromAddress)), oneLine(r.Subject), r.Kind)
	for _, a := range m.Attachments {
		fmt.Fprintf(w, "  file      %s (%s, %s)%s\n", oneLine(a.Name), oneLine(a.Type), Size(a.Size), refusal(a))
	}
	printTrace(w, r.Trace)
	piece := ""
	if r.PieceID != 0 {
		p, err := d.Piece(ctx, r.PieceID)
		if err != nil {
			return err
		}
		piece = p.Code
	}
	printDecision(w, proxy.Disposition{Action: r.Action, Reason: r.Reason, Candidates: r.Candidates, Piece: piece})
	if r.Error != "" {
		fmt.Fprintf(w, "  error     %s\n", oneLine(r.Error))
	}
	if readErr != nil {
		fmt.Fprintf(w, "  error     %s\n", oneLine(readErr.Error()))
	}
	if m.Body != "" {
		fmt.Fprintf(w, "\n%s\n", safeText(m.Body))
	}
	if r.Action == proxy.Hold {
		fmt.Fprintf(w, "\nTo decide:  handoff mail file %d CODE --as YOU    or    handoff mail ignore %d --as YOU\n", r.ID, r.ID)
	}
	return nil
}

// refusal is why an attachment is not taken in, behind a colon.
func refusal(a inbox.Attachment) string {
	if a.Refused == "" {
		return ""
	}
	return ": not taken in: " + oneLine(a.Refused)
}

// storedMail reads a recorded mail anew; after an error the Message is empty and there is nothing to close.
func (d *desk) storedMail(ctx context.Context, r proxy.Record) (*inbox.Message, *blob.File, error) {
	none := &inbox.Message{}
	raw, err := d.rawMail(ctx, r)
	if err != nil {
		return none, nil, err
	}
	m, err := inbox.Read(ctx, raw, raw.Size, inbox.Options{})
	if err != nil {
		return none, nil, errors.Join(fmt.Errorf("the stored mail %d: %w", r.ID, err), raw.Close())
	}
	return m, raw, nil
}

// rawMail opens a recorded mail as it came.
func (d *desk) rawMail(ctx context.Context, r proxy.Record) (*blob.File, error) {
	if r.Blob == "" {
		return nil, fmt.Errorf("nothing of mail %d could be stored", r.ID)
	}
	blobs, err := d.blobs()
	if err != nil {
		return nil, err
	}
	raw, err := blobs.Get(ctx, r.Blob)
	if err != nil {
		return nil, fmt.Errorf("the stored mail %d: %w", r.ID, err)
	}
	return raw, nil
}

// MailFileCmd is `handoff mail file`.
type MailFileCmd struct {
	ID   int64  `arg:"" help:"The held mail."`
	Code string `arg:"" help:"The piece."`
	As   string `required:"" placeholder:"ADDRESS" env:"HANDOFF_AS" help:"Who decides this: the piece's editor or an admin."`
}

// Help shows how.
func (MailFileCmd) Help() string {
	return `Files the mail as if it had been recognised: for its author, with the step it hands in, and the mails that this causes.

Example:
  handoff mail file 481 ACME-12 --as ed@agency.example`
}

// Run files the mail.
func (c *MailFileCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	actor, err := findPerson(ctx, d, c.As)
	if err != nil {
		return err
	}
	piece, err := findPiece(ctx, d, c.Code)
	if err != nil {
		return err
	}
	decisions, err := d.decisions(ctx, env, nil)
	if err != nil {
		return err
	}
	r, err := decisions.Assign(ctx, c.ID, piece.ID, actor.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "mail %d is filed on %s: %s\n", r.ID, piece.Code, oneLine(r.Reason))
	return err
}

// MailIgnoreCmd is `handoff mail ignore`.
type MailIgnoreCmd struct {
	ID     []int64 `arg:"" help:"The held mails."`
	Reason string  `default:"nothing to do" help:"Why, for the record."`
	As     string  `required:"" placeholder:"ADDRESS" env:"HANDOFF_AS" help:"Who decides this."`
}

// Help shows how.
func (MailIgnoreCmd) Help() string {
	return `Example:
  handoff mail ignore 481 482 --as ed@agency.example --reason "thanks, nothing to do"`
}

// Run sets the mails aside, all or none.
func (c *MailIgnoreCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	actor, err := findPerson(ctx, d, c.As)
	if err != nil {
		return err
	}
	decisions, err := d.decisions(ctx, env, nil)
	if err != nil {
		return err
	}
	if err := decisions.SetAside(ctx, actor.ID, c.Reason, c.ID...); err != nil {
		return err
	}
	for _, id := range c.ID {
		fmt.Fprintf(env.Stdout, "mail %d is set aside\n", id)
	}
	return nil
}

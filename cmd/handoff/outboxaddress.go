package main

import (
	"context"
	"fmt"
	"strings"

	"handoff/outbox"
	"handoff/workflow"
)

// OutboxSuppressCmd is `handoff outbox suppress`.
type OutboxSuppressCmd struct {
	Name   string `arg:"" placeholder:"ADDRESS|DOMAIN" help:"An address, or a domain for all of its addresses."`
	Reason string `help:"Why, for your colleagues."`
}

// Help shows how.
func (OutboxSuppressCmd) Help() string {
	return `Mails to it are cancelled when their turn comes, answers to mails too. A domain does not stand for those below it.

Examples:
  handoff outbox suppress robot@shop.example --reason "answers every mail"
  handoff outbox suppress old-agency.example`
}

// Run suppresses.
func (c *OutboxSuppressCmd) Run(ctx context.Context, env *Env) error {
	name, err := addressOrDomain(c.Name)
	if err != nil {
		return err
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Suppress(ctx, outbox.Suppression{Name: name, Since: d.clock.Now(), Reason: strings.TrimSpace(c.Reason)}); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "nothing is sent to %s any more\n", name)
	return nil
}

// addressOrDomain is the name in the form in which addresses are compared.
func addressOrDomain(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "@") {
		if domain := workflow.Domain(workflow.NormalizeAddress("x@" + s)); domain != "" && strings.Contains(domain, ".") {
			return domain, nil
		}
	} else if address := workflow.NormalizeAddress(s); address != "" {
		return address, nil
	} else if domain, ok := strings.CutPrefix(s, "@"); ok {
		return addressOrDomain(domain)
	}
	return "", usagef("%q is neither a mail address nor a domain", s)
}

// OutboxUnsuppressCmd is `handoff outbox unsuppress`.
type OutboxUnsuppressCmd struct {
	Name string `arg:"" placeholder:"ADDRESS|DOMAIN" help:"As \"handoff outbox suppressed\" shows it."`
}

// Help shows how.
func (OutboxUnsuppressCmd) Help() string {
	return `What was cancelled meanwhile stays so: "handoff outbox retry" queues it again.

Example:
  handoff outbox unsuppress robot@shop.example`
}

// Run takes it back.
func (c *OutboxUnsuppressCmd) Run(ctx context.Context, env *Env) error {
	name, err := addressOrDomain(c.Name)
	if err != nil {
		return err
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Unsuppress(ctx, name); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "mails to %s are sent again\n", name)
	return nil
}

// OutboxSuppressedCmd is `handoff outbox suppressed`.
type OutboxSuppressedCmd struct {
	JSON bool `help:"Print JSON."`
}

// Help shows how.
func (OutboxSuppressedCmd) Help() string {
	return `Example:
  handoff outbox suppressed`
}

// Run lists them.
func (c *OutboxSuppressedCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	all, err := d.Suppressed(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, notNil(all))
	}
	var rows [][]string
	for _, x := range all {
		rows = append(rows, []string{x.Name, showTime(x.Since, d.zone), x.Reason})
	}
	return printTable(env.Stdout, []string{"NAME", "SINCE", "REASON"}, rows)
}

// OutboxBouncesCmd is `handoff outbox bounces`.
type OutboxBouncesCmd struct {
	JSON bool `help:"Print JSON."`
}

// Help says what is listed.
func (OutboxBouncesCmd) Help() string {
	return `First the addresses to which nothing is sent any more, since mail to them came back for good or too often; then those whose mail came
back for a reason that may pass, such as a full mailbox, with how much that counts still. Mail that comes from an address
makes it a good one again, and so does "handoff outbox clear".

Example:
  handoff outbox bounces`
}

// Run lists them.
func (c *OutboxBouncesCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	rules := d.cfg.Outbox.bounces()
	all, err := d.Bounces(ctx, d.clock.Now(), rules)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, notNil(all))
	}
	var rows [][]string
	for _, b := range all {
		state := "takes no mail"
		if b.Since.IsZero() {
			state = fmt.Sprintf("counts %.1f of %g", b.Score, rules.Threshold)
		}
		reason := outbox.Bounce{Status: b.Status, Permanent: true}.Reason()
		rows = append(rows, []string{b.Address, state, showTime(b.Since, d.zone), b.Status, reason})
	}
	return printTable(env.Stdout, []string{"ADDRESS", "STATE", "SINCE", "STATUS", "REASON"}, rows)
}

// OutboxClearCmd is `handoff outbox clear`.
type OutboxClearCmd struct {
	Address string `arg:"" help:"As \"handoff outbox bounces\" shows it."`
}

// Help shows how.
func (OutboxClearCmd) Help() string {
	return `What was cancelled or came back meanwhile stays so: "handoff outbox retry" queues it again.

Example:
  handoff outbox clear ana@writers.example`
}

// Run clears it.
func (c *OutboxClearCmd) Run(ctx context.Context, env *Env) error {
	address := workflow.NormalizeAddress(c.Address)
	if address == "" {
		return usagef("%q is not a mail address", c.Address)
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.ClearBounce(ctx, address); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "mails to %s are sent again\n", address)
	return nil
}

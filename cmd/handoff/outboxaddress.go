package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"handoff/outbox"
	"handoff/workflow"
)

// OutboxSuppressCmd is `handoff outbox suppress`.
type OutboxSuppressCmd struct {
	Name   string `arg:"" placeholder:"ADDRESS|DOMAIN" help:"An address, or a domain for all of its addresses."`
	Reason string `help:"Why, for your colleagues."`
	Yes    bool   `short:"y" help:"Do not ask, also where colleagues get no mails any more."`
}

// Help shows how.
func (OutboxSuppressCmd) Help() string {
	return `Mails to it are cancelled when their turn comes, answers to mails too. A domain, also written *@DOMAIN, does not stand for those
below it. Where it concerns a colleague, or the team's own domain, you are asked first.

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
	was, is, err := d.suppressed(ctx, name)
	if err != nil {
		return err
	}
	x := outbox.Suppression{Name: name, Since: d.clock.Now(), Reason: strings.TrimSpace(c.Reason)}
	if is {
		if x.Since = was.Since; x.Reason == "" || x.Reason == was.Reason {
			return already("nothing is sent to %s already, since %s%s", name, showTime(was.Since, d.zone), because(was.Reason))
		}
	} else if whom, err := d.colleagues(ctx, name); err != nil {
		return err
	} else if whom != "" {
		if yes, err := sure(ctx, env, c.Yes, fmt.Sprintf("send nothing more to %s, which is %s", name, whom)); err != nil || !yes {
			return err
		}
	}
	if err := d.Suppress(ctx, x); err != nil {
		return err
	}
	if is {
		fmt.Fprintf(env.Stdout, "nothing is sent to %s already; the reason is changed\n", name)
		return nil
	}
	fmt.Fprintf(env.Stdout, "nothing is sent to %s any more\n", name)
	return nil
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// suppressed is what is known of that very name.
func (d *desk) suppressed(ctx context.Context, name string) (x outbox.Suppression, is bool, err error) {
	all, err := d.Suppressed(ctx)
	for _, x := range all {
		if x.Name == name {
			return x, true, err
		}
	}
	return x, false, err
}

// colleagues says who of the team has an address of that name, or whose domain it is; "" is nobody's.
func (d *desk) colleagues(ctx context.Context, name string) (string, error) {
	people, err := d.People(ctx)
	if err != nil {
		return "", err
	}
	var whom []string
	if own := workflow.NormalizeAddress(bareAddress(d.cfg.SMTP.From)); name == workflow.Domain(own) {
		whom = append(whom, "the team's own domain")
	}
	for _, p := range people {
		if p.Class == workflow.Internal && p.LeftAt.IsZero() && slices.ContainsFunc(p.Addresses, func(a string) bool { return a == name || workflow.Domain(a) == name }) {
			whom = append(whom, "the address of "+p.Name)
		}
	}
	return strings.Join(whom, ", "), nil
}

// addressOrDomain is the name in the form in which addresses are compared. "*@domain" is that domain; no other pattern is one.
func addressOrDomain(s string) (string, error) {
	s = strings.TrimSpace(s)
	if domain, ok := strings.CutPrefix(s, "*@"); ok {
		s = "@" + domain
	}
	if strings.ContainsAny(s, "*?") {
		return "", usagef("%q is a pattern: name one address, or a domain for all of its addresses", s)
	}
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
	switch err := d.Unsuppress(ctx, name); {
	case workflow.CodeOf(err) == workflow.NotFound:
		return d.notSuppressed(ctx, name)
	case err != nil:
		return err
	}
	fmt.Fprintf(env.Stdout, "mails to %s are sent again\n", name)
	return nil
}

// notSuppressed says that mails to that name are sent already, or that its domain is what keeps them back.
func (d *desk) notSuppressed(ctx context.Context, name string) error {
	domain := workflow.Domain(name)
	if _, is, err := d.suppressed(ctx, domain); err != nil || !is || domain == name {
		return cmp.Or(err, already("%s is not suppressed: mails to it are sent already", name))
	}
	return advise(workflow.Errorf(workflow.Conflict, "%s is not suppressed, but all of %s is", name, domain), "handoff outbox unsuppress "+domain)
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
		state, since := "takes no mail", b.Since
		if b.Since.IsZero() {
			since = b.First
			state = fmt.Sprintf("counts %.1f of %g", b.Score, rules.Threshold)
		}
		reason := outbox.Bounce{Status: b.Status, Permanent: true}.Reason()
		rows = append(rows, []string{b.Address, state, showTime(since, d.zone), b.Status, reason})
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
	switch err := d.ClearBounce(ctx, address); {
	case workflow.CodeOf(err) == workflow.NotFound:
		return already("mail to %s does not come back: it is sent already", address)
	case err != nil:
		return err
	}
	fmt.Fprintf(env.Stdout, "mails to %s are sent again\n", address)
	return nil
}

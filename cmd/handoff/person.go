package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"handoff/outbox"
	"handoff/store"
	"handoff/templates"
	"handoff/workflow"
)

// PersonCmd is `handoff person`.
type PersonCmd struct {
	List  PersonListCmd  `cmd:"" help:"List everybody the team works with."`
	Show  PersonShowCmd  `cmd:"" help:"Show one person and their pieces."`
	Add   PersonAddCmd   `cmd:"" help:"Add a person."`
	Set   PersonSetCmd   `cmd:"" help:"Change a person's name, class, roles, language, time zone, working days or editor."`
	Alias PersonAliasCmd `cmd:"" help:"Add or remove addresses that a person also writes from."`

	Onboarding   PersonOnboardingCmd   `cmd:"" help:"List how far the onboarding of each contributor is."`
	Invite       PersonInviteCmd       `cmd:"" help:"Begin a contributor's onboarding: they are welcomed by mail."`
	Briefed      PersonBriefedCmd      `cmd:"" help:"Record that an editor briefed a contributor personally."`
	Acknowledged PersonAcknowledgedCmd `cmd:"" help:"Record that a contributor has read the guidelines, where no answer by mail says so."`
	Pass         PersonPassCmd         `cmd:"" help:"Record that a contributor's demo piece is good: invoices are welcome from then on."`
	Waive        PersonWaiveCmd        `cmd:"" help:"Record that a contributor is known from before: nothing of the onboarding is asked."`

	Away   PersonAwayCmd   `cmd:"" help:"Note when a person is away, or forget it."`
	Pause  PersonPauseCmd  `cmd:"" help:"Remind a person of nothing until they are resumed."`
	Resume PersonResumeCmd `cmd:"" help:"Remind a paused person again."`
	Leave  PersonLeaveCmd  `cmd:"" help:"Note that a person does not work with the team any more."`
	Return PersonReturnCmd `cmd:"" help:"Note that a person who left is back."`
	Mute   PersonMuteCmd   `cmd:"" help:"Send a person no more notices of a recurring kind."`
	Unmute PersonUnmuteCmd `cmd:"" help:"Send a person a muted kind of notice again."`
	Digest PersonDigestCmd `cmd:"" help:"Switch a person's daily list of what waits for them."`
}

// PersonListCmd is `handoff person list`.
type PersonListCmd struct {
	Class string `enum:",internal,outside" default:"" help:"Only this class: internal or outside."`
	Role  string `help:"Only people with this role."`
	JSON  bool   `help:"Print JSON."`
}

// Help shows how.
func (PersonListCmd) Help() string {
	return `Examples:
  handoff person list
  handoff person list --class internal --role editor`
}

// Run prints the people.
func (c *PersonListCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	people, err := d.People(ctx)
	if err != nil {
		return err
	}
	var role workflow.Role
	if c.Role != "" {
		if role, err = workflow.ParseRole(c.Role); err != nil {
			return usagef("--role: %v", err)
		}
	}
	people = slices.DeleteFunc(people, func(p workflow.Person) bool {
		return c.Class != "" && string(p.Class) != c.Class || role != "" && !p.Is(role)
	})
	if c.JSON {
		return printJSON(env.Stdout, notNil(people))
	}
	var rows [][]string
	for _, p := range people {
		rows = append(rows, []string{p.Name, string(p.Class), joinRoles(p.Roles), strings.Join(p.Addresses, ", ")})
	}
	return printTable(env.Stdout, []string{"NAME", "CLASS", "ROLES", "ADDRESSES"}, rows)
}

// PersonShowCmd is `handoff person show`.
type PersonShowCmd struct {
	Address string `arg:"" help:"One of their addresses."`
	JSON    bool   `help:"Print JSON."`
}

// Help shows how.
func (PersonShowCmd) Help() string {
	return `Example:
  handoff person show ana@writers.example`
}

// Run prints one person.
func (c *PersonShowCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	p, err := findPerson(ctx, d, c.Address)
	if err != nil {
		return err
	}
	pieces, err := d.Pieces(ctx, store.PieceFilter{PersonID: p.ID})
	if err != nil {
		return err
	}
	bouncing, err := d.Bouncing(ctx, p.Primary())
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, struct {
			workflow.Person
			Bouncing string           `json:"bouncing,omitempty"`
			Pieces   []workflow.Piece `json:"pieces"`
		}{p, bouncing, notNil(pieces)})
	}
	w := env.Stdout
	fmt.Fprintf(w, "%s\n", oneLine(p.Name))
	fmt.Fprintf(w, "  class      %s\n  roles      %s\n  addresses  %s\n", p.Class, joinRoles(p.Roles), strings.Join(p.Addresses, ", "))
	if p.Locale != "" {
		fmt.Fprintf(w, "  locale     %s\n", p.Locale)
	}
	if p.TimeZone != "" {
		fmt.Fprintf(w, "  time zone  %s\n", p.TimeZone)
	}
	names, err := d.names(ctx)
	if err != nil {
		return err
	}
	printStanding(w, p, names, d.zone)
	if bouncing != "" {
		fmt.Fprintf(w, "  bouncing   %s takes no mail: %s\n", p.Primary(), oneLine(bouncing))
	}
	if len(pieces) > 0 {
		fmt.Fprintln(w)
		return printPieces(ctx, w, d, pieces)
	}
	return nil
}

// PersonAddCmd is `handoff person add`.
type PersonAddCmd struct {
	Address  string   `arg:"" help:"Where mail to them goes, and what they write from."`
	Name     string   `required:"" help:"Their name."`
	Class    string   `default:"" enum:",internal,outside" help:"outside: only uses mail. internal: works in the tool. Left out, who has an address of the team's domains is internal."`
	Role     []string `help:"What they do: author, editor, peer_reviewer, copy_editor, designer, distribution_lead, admin. May be repeated."`
	Alias    []string `help:"Another address they write from. May be repeated."`
	Locale   string   `help:"Their language, like en or de-AT; the team's if left out."`
	TimeZone string   `name:"timezone" help:"Their time zone, like Europe/Berlin; the team's if left out."`
}

// Help shows how.
func (PersonAddCmd) Help() string {
	return `Examples:
  handoff person add ana@example.org --name "Ana Lima" --role author
  handoff person add ed@agency.example --name "Ed Moss" --role editor --timezone Europe/Berlin`
}

// Run adds the person.
func (c *PersonAddCmd) Run(ctx context.Context, env *Env) error {
	roles, err := parseRoles(c.Role)
	if err != nil {
		return err
	}
	p := workflow.Person{
		Name: c.Name, Class: workflow.Class(c.Class), Roles: roles,
		Addresses: append([]string{c.Address}, c.Alias...), Locale: c.Locale, TimeZone: c.TimeZone,
	}.Normalize()
	if c.Class == "" {
		p.Class = workflow.Outside // until the team's domains are known
	}
	if err := p.Validate(); err != nil {
		return usagef("%v", err)
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	if c.Class == "" {
		p.Class = d.cfg.Team.class(p.Primary())
	}
	if err := d.SavePerson(ctx, &p); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "added %s <%s>, %s\n", oneLine(p.Name), p.Primary(), p.Class)
	tellUntranslated(env, p.Locale)
	return nil
}

// tellUntranslated says where nobody can be written to in their language.
func tellUntranslated(env *Env, locale string) {
	if locale != "" && !templates.Written(locale) {
		fmt.Fprintf(env.Stdout, "there are no texts in %q, but in %s: mails to them are in the team's language\n", locale, strings.Join(templates.Locales(), ", "))
	}
}

// PersonSetCmd is `handoff person set`.
type PersonSetCmd struct {
	Address  string   `arg:"" help:"One of their addresses."`
	Name     *string  `help:"Their name."`
	Class    *string  `enum:"internal,outside" help:"internal or outside."`
	Role     []string `help:"All their roles from now on. May be repeated."`
	Locale   *string  `help:"Their language; \"\" for the team's."`
	TimeZone *string  `name:"timezone" help:"Their time zone; \"\" for the team's."`
	WorkDays *string  `placeholder:"DAYS" help:"The days on which they work, like mon-fri or mon,wed,thu; \"\" for the team's."`
	Editor   *string  `placeholder:"ADDRESS" help:"The editor who looks after an outside contributor; \"\" for nobody."`
	Primary  *string  `help:"Which of their addresses mail goes to."`
}

// Help shows how.
func (PersonSetCmd) Help() string {
	return `Examples:
  handoff person set ana@writers.example --name "Ana Lima" --work-days mon-thu
  handoff person set ana@writers.example --editor ed@agency.example
  handoff person set ed@agency.example --role editor --role admin`
}

// Run changes what was given.
func (c *PersonSetCmd) Run(ctx context.Context, env *Env) error {
	if c.Name == nil && c.Class == nil && c.Role == nil && c.Locale == nil && c.TimeZone == nil && c.Primary == nil && c.WorkDays == nil && c.Editor == nil {
		return usagef("nothing to change: give --name, --class, --role, --locale, --timezone, --work-days, --editor or --primary")
	}
	err := savePerson(ctx, env, c.Address, func(ctx context.Context, tx store.AdminTx, p *workflow.Person) error {
		set := func(to *string, v *string) {
			if v != nil {
				*to = *v
			}
		}
		set(&p.Name, c.Name)
		set((*string)(&p.Class), c.Class)
		set(&p.Locale, c.Locale)
		set(&p.TimeZone, c.TimeZone)
		if c.Role != nil {
			roles, err := parseRoles(c.Role)
			if err != nil {
				return err
			}
			p.Roles = roles
		}
		if c.WorkDays != nil {
			days, err := workflow.ParseWeekdays(*c.WorkDays)
			if err != nil {
				return usagef("--work-days: %v", err)
			}
			p.WorkDays = days
		}
		if c.Editor != nil {
			if err := setEditor(ctx, tx, p, *c.Editor); err != nil {
				return err
			}
		}
		if c.Primary != nil {
			first := workflow.NormalizeAddress(*c.Primary)
			if !p.HasAddress(first) {
				return usagef("%s is not an address of %s: add it with \"handoff person alias\"", *c.Primary, p.Name)
			}
			p.Addresses = append([]string{first}, slices.DeleteFunc(p.Addresses, func(a string) bool { return a == first })...)
		}
		return nil
	})
	if err == nil && c.Locale != nil {
		tellUntranslated(env, strings.TrimSpace(*c.Locale))
	}
	return err
}

// PersonAliasCmd is `handoff person alias`.
type PersonAliasCmd struct {
	Address string   `arg:"" help:"One of their addresses."`
	Alias   []string `arg:"" help:"Addresses they also write from."`
	Remove  bool     `help:"Remove these addresses instead."`
}

// Help shows how.
func (PersonAliasCmd) Help() string {
	return `Examples:
  handoff person alias ana@example.org ana.private@example.net
  handoff person alias --remove ana@example.org ana.private@example.net`
}

// Run changes the addresses.
func (c *PersonAliasCmd) Run(ctx context.Context, env *Env) error {
	return savePerson(ctx, env, c.Address, func(_ context.Context, _ store.AdminTx, p *workflow.Person) error {
		if !c.Remove {
			p.Addresses = append(p.Addresses, c.Alias...)
			return nil
		}
		for _, a := range c.Alias {
			normal := workflow.NormalizeAddress(a)
			if !p.HasAddress(normal) {
				return fmt.Errorf("%s is not an address of %s", a, p.Name)
			}
			p.Addresses = slices.DeleteFunc(p.Addresses, func(b string) bool { return b == normal })
		}
		return nil
	})
}

// savePerson is changePerson of what makes no history.
func savePerson(ctx context.Context, env *Env, address string, change func(context.Context, store.AdminTx, *workflow.Person) error) error {
	return changePerson(ctx, env, address, ActAs{}, func(ctx context.Context, tx store.AdminTx, p *workflow.Person, _ workflow.Cause) ([]workflow.Event, error) {
		return nil, change(ctx, tx, p)
	})
}

// changePerson saves what change makes of the person with that address, with its events, in one transaction, and prints it.
func changePerson(ctx context.Context, env *Env, address string, as ActAs,
	change func(context.Context, store.AdminTx, *workflow.Person, workflow.Cause) ([]workflow.Event, error)) error {
	return followPerson(ctx, env, address, as, false, change)
}

// followPerson is changePerson that, if follow, first does what is due on the person, and afterwards what the change makes due.
func followPerson(ctx context.Context, env *Env, address string, as ActAs, follow bool,
	change func(context.Context, store.AdminTx, *workflow.Person, workflow.Cause) ([]workflow.Event, error)) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	composer, err := d.composer(ctx)
	if err != nil {
		return err
	}
	clockwork := &outbox.Scheduler{Composer: composer, Clock: d.clock, Log: env.Log}
	var p workflow.Person
	var events []workflow.Event
	var queued []outbox.Notice
	due := func(tx store.AdminTx) error {
		if !follow {
			return nil
		}
		made, err := clockwork.Follow(ctx, tx, p.ID)
		queued = append(queued, made...)
		return err
	}
	err = d.Admin(ctx, func(tx store.AdminTx) (err error) {
		queued = nil
		cause := workflow.Cause{At: d.clock.Now().In(d.zone)}
		if as.As != "" {
			actor, err := findPerson(ctx, tx, as.As)
			if err != nil {
				return err
			}
			cause.ActorID = actor.ID
		}
		if p, err = findPerson(ctx, tx, address); err != nil {
			return err
		}
		if err := due(tx); err != nil {
			return err
		}
		if p, err = tx.Person(ctx, p.ID); err != nil {
			return err
		}
		p.Addresses = slices.Clone(p.Addresses)
		if events, err = change(ctx, tx, &p, cause); err != nil {
			return err
		}
		p = p.Normalize()
		if err := p.Validate(); err != nil {
			return err
		}
		if err := tx.SavePerson(ctx, &p); err != nil {
			return err
		}
		if err := tx.AddEvents(ctx, events); err != nil {
			return err
		}
		return due(tx)
	})
	if err != nil {
		return err
	}
	if len(events) == 0 {
		_, err = fmt.Fprintf(env.Stdout, "saved %s <%s>\n", oneLine(p.Name), strings.Join(p.Addresses, ", "))
		return err
	}
	for _, e := range events {
		fmt.Fprintf(env.Stdout, "%s: %s\n", oneLine(p.Name), oneLine(e.Detail))
	}
	return d.tellQueued(ctx, env, queued)
}

func parseRoles(names []string) ([]workflow.Role, error) {
	var roles []workflow.Role
	var errs []error
	for _, n := range names {
		r, err := workflow.ParseRole(n)
		roles, errs = append(roles, r), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, usagef("%v", err)
	}
	return roles, nil
}

func joinRoles(roles []workflow.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

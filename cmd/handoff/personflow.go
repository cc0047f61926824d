package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"handoff/store"
	"handoff/workflow"
)

// PersonInviteCmd is `handoff person invite`.
type PersonInviteCmd struct {
	Address string `arg:"" help:"One of the contributor's addresses."`
	Editor  string `placeholder:"ADDRESS" help:"Who looks after them, and briefs them; left out if they have an editor already."`
	ActAs
}

// Help shows how.
func (PersonInviteCmd) Help() string {
	return `Begins the onboarding of an outside contributor: they are welcomed by mail, and their editor is asked to brief them personally.
All that follows is announced and asked for by mail; see "handoff person onboarding".

Example:
  handoff person add ana@writers.example --name "Ana Lima" --role author
  handoff person invite ana@writers.example --editor ed@agency.example`
}

// Run invites.
func (c *PersonInviteCmd) Run(ctx context.Context, env *Env) error {
	return c.reach(ctx, env, c.Address, workflow.Invited, func(ctx context.Context, tx store.AdminTx, p *workflow.Person) error {
		if c.Editor == "" {
			if p.EditorID == 0 && p.Class == workflow.Outside && !p.Onboarded() {
				return usagef("nobody looks after %s yet: name their editor with --editor ADDRESS", p.Name)
			}
			return nil
		}
		was := p.EditorID
		if err := setEditor(ctx, tx, p, c.Editor); err != nil {
			return err
		}
		if _, invited := p.Reached(workflow.Invited); invited && p.EditorID != was {
			return advise(workflow.Errorf(workflow.Conflict, "%s is invited already, and another editor looks after them: that is changed apart from it", p.Name),
				fmt.Sprintf("handoff person set %s --editor %s", p.Primary(), c.Editor))
		}
		return nil
	})
}

// PersonBriefedCmd is `handoff person briefed`.
type PersonBriefedCmd struct {
	Address string `arg:"" help:"One of the contributor's addresses."`
	ActAs
}

// Help says what follows.
func (PersonBriefedCmd) Help() string {
	return `Records that the editor named by --as has briefed the contributor personally. The guidelines then go to the contributor.

Example:
  handoff person briefed ana@writers.example --as ed@agency.example`
}

// Run records the briefing.
func (c *PersonBriefedCmd) Run(ctx context.Context, env *Env) error {
	if c.As == "" {
		return usagef("who briefed them? Name the editor with --as ADDRESS")
	}
	return c.reach(ctx, env, c.Address, workflow.Briefed, func(ctx context.Context, tx store.AdminTx, _ *workflow.Person) error {
		_, err := findEditor(ctx, tx, c.As)
		return err
	})
}

// PersonAcknowledgedCmd is `handoff person acknowledged`.
type PersonAcknowledgedCmd struct {
	Address string `arg:"" help:"One of the contributor's addresses."`
	ActAs
}

// Help says what follows.
func (PersonAcknowledgedCmd) Help() string {
	return `Their answer to the guidelines is noted by itself; this is for one that came some other way. The demo piece then begins.

Example:
  handoff person acknowledged ana@writers.example --as ed@agency.example`
}

// Run records that the guidelines were read.
func (c *PersonAcknowledgedCmd) Run(ctx context.Context, env *Env) error {
	return c.reach(ctx, env, c.Address, workflow.Acknowledged, nil)
}

// PersonPassCmd is `handoff person pass`.
type PersonPassCmd struct {
	Address string `arg:"" help:"One of the contributor's addresses."`
	ActAs
}

// Help says when.
func (PersonPassCmd) Help() string {
	return `Comes when the demo piece went through every step. The contributor is told, and may send invoices.

Example:
  handoff person pass ana@writers.example --as ed@agency.example`
}

// Run passes the demo piece.
func (c *PersonPassCmd) Run(ctx context.Context, env *Env) error {
	return c.reach(ctx, env, c.Address, workflow.DemoPassed, nil)
}

// PersonWaiveCmd is `handoff person waive`.
type PersonWaiveCmd struct {
	Address string `arg:"" help:"One of the contributor's addresses."`
	ActAs
}

// Help says for whom.
func (PersonWaiveCmd) Help() string {
	return `For contributors who were known before Handoff came: they may write and send invoices at once, and get no mail about it.

Example:
  handoff person waive ana@writers.example --as ed@agency.example`
}

// Run waives the onboarding.
func (c *PersonWaiveCmd) Run(ctx context.Context, env *Env) error {
	return c.reach(ctx, env, c.Address, workflow.Waived, nil)
}

// reach records a point of the onboarding, after first, if not nil.
func (as ActAs) reach(ctx context.Context, env *Env, address string, item workflow.Item,
	first func(context.Context, store.AdminTx, *workflow.Person) error) error {
	return followPerson(ctx, env, address, as, true, func(ctx context.Context, tx store.AdminTx, p *workflow.Person, c workflow.Cause) ([]workflow.Event, error) {
		if first != nil {
			if err := first(ctx, tx, p); err != nil {
				return nil, err
			}
		}
		if _, reached := p.Reached(item); reached {
			return nil, already("“%s” is noted for %s already", item.Label(), p.Name)
		}
		if item == workflow.Waived && p.Class == workflow.Outside && p.Onboarded() {
			return nil, already("the onboarding of %s is complete already", p.Name)
		}
		var actor, editor workflow.Person
		for _, who := range []struct {
			id int64
			is *workflow.Person
		}{{c.ActorID, &actor}, {p.EditorID, &editor}} {
			if who.id == 0 {
				continue
			}
			var err error
			if *who.is, err = tx.Person(ctx, who.id); err != nil {
				return nil, err
			}
		}
		reached, e, err := p.Reach(item, actor, c)
		if err != nil {
			return nil, advise(err, nextOnPerson(*p, editor))
		}
		*p = reached
		return []workflow.Event{e}, nil
	})
}

// setEditor has an editor look after the person; "" nobody.
func setEditor(ctx context.Context, tx store.AdminTx, p *workflow.Person, address string) error {
	if address == "" {
		p.EditorID = 0
		return nil
	}
	editor, err := findEditor(ctx, tx, address)
	if err != nil {
		return err
	}
	p.EditorID = editor.ID
	return nil
}

// findEditor is the person with that address, who has to be of the team and decide on pieces.
func findEditor(ctx context.Context, tx personFinder, address string) (workflow.Person, error) {
	editor, err := findAtWork(ctx, tx, address)
	if err == nil {
		err = edits(editor)
	}
	return editor, err
}

// edits refuses who is not of the team, or does not decide on pieces.
func edits(p workflow.Person) error {
	if !p.Edits() {
		if p.Class != workflow.Internal {
			return usagef("%s is not an editor of the team but writes from outside: name somebody else", p.Name)
		}
		roles := ""
		for _, r := range p.Roles { // what is set replaces them
			roles += " --role " + string(r)
		}
		return usagef("%s is not an editor of the team: give them that role with \"handoff person set %s%s --role editor\", or name somebody else", p.Name, p.Primary(), roles)
	}
	return nil
}

// PersonOnboardingCmd is `handoff person onboarding`.
type PersonOnboardingCmd struct {
	JSON bool `xor:"format" help:"Print JSON."`
	CSV  bool `name:"csv" xor:"format" help:"Print CSV, a row for each contributor."`
}

// Help says what is listed.
func (PersonOnboardingCmd) Help() string {
	return `Lists every outside contributor who has not left: which point of the onboarding is next, and which was reached last, on which day. Who
is billable, or known from before, may send invoices since then. "handoff person show" has every point with its moment and who recorded it,
and so have --json and --csv of everybody.

Examples:
  handoff person onboarding
  handoff person onboarding --csv > onboarding.csv`
}

// onboarded is how far a contributor's onboarding is.
type onboarded struct {
	Name          string         `json:"name"`
	Address       string         `json:"address"`
	Editor        string         `json:"editor,omitempty"`
	Milestones    []milestone    `json:"milestones"`
	Next          string         `json:"next,omitempty"` // in words; "" nothing is missing
	BillableSince *time.Time     `json:"billable_since,omitempty"`
	reached       map[string]int // Milestones by item
}

type milestone struct {
	Item workflow.Item `json:"item"`
	At   time.Time     `json:"at"`
	By   string        `json:"by"`
}

// onboardingOf is a contributor's, names gives people's names by id.
func onboardingOf(p workflow.Person, names func(int64) string) onboarded {
	o := onboarded{Name: p.Name, Address: p.Primary(), Editor: names(p.EditorID), Milestones: []milestone{}, reached: map[string]int{}}
	for i, m := range p.Onboarding {
		by := names(m.ActorID)
		if by == "" {
			by = "Handoff"
		}
		o.Milestones = append(o.Milestones, milestone{m.Item, m.At, by})
		o.reached[string(m.Item)] = i
		if m.Item == workflow.Billable || m.Item == workflow.Waived {
			o.BillableSince = &m.At
		}
	}
	switch next := p.Next(); {
	case len(p.Onboarding) == 0:
		o.Next = workflow.Invited.Label()
	case next != "":
		o.Next = next.Label()
	}
	return o
}

// Run lists.
func (c *PersonOnboardingCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	people, err := d.People(ctx)
	if err != nil {
		return err
	}
	names := namesOf(people)
	all := []onboarded{}
	for _, p := range people {
		if p.Class == workflow.Outside && p.LeftAt.IsZero() {
			all = append(all, onboardingOf(p, names))
		}
	}
	switch {
	case c.JSON:
		return printJSON(env.Stdout, all)
	case c.CSV:
		return writeOnboarding(env.Stdout, all)
	}
	var rows [][]string
	for _, o := range all {
		reached := "-"
		if n := len(o.Milestones); n > 0 {
			last := o.Milestones[n-1]
			reached = last.At.In(d.zone).Format(time.DateOnly) + " " + last.Item.Label()
		}
		rows = append(rows, []string{o.Name, orDash(o.Editor), orDash(o.Next), reached})
	}
	return printTable(env.Stdout, []string{"NAME", "EDITOR", "NEXT", "REACHED"}, rows)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// writeOnboarding writes a row for each contributor, moments in UTC.
func writeOnboarding(w io.Writer, all []onboarded) error {
	out := csv.NewWriter(w)
	header := []string{"name", "email", "editor", "next", "billable_since"}
	items := append(workflow.Items(), workflow.Waived)
	for _, item := range items {
		header = append(header, string(item)+"_at", string(item)+"_by")
	}
	rows := [][]string{header}
	for _, o := range all {
		row := []string{o.Name, o.Address, o.Editor, o.Next, ""}
		if o.BillableSince != nil {
			row[4] = o.BillableSince.UTC().Format(time.RFC3339)
		}
		for _, item := range items {
			if i, ok := o.reached[string(item)]; ok {
				row = append(row, o.Milestones[i].At.UTC().Format(time.RFC3339), o.Milestones[i].By)
			} else {
				row = append(row, "", "")
			}
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}

// printStanding writes what person show tells beside who somebody is.
func printStanding(w io.Writer, p workflow.Person, names func(int64) string, zone *time.Location) {
	line := func(what, text string) {
		if text != "" {
			fmt.Fprintf(w, "  %-10s %s\n", what, oneLine(text))
		}
	}
	since := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return "since " + showTime(t, zone)
	}
	line("work days", p.WorkDays.String())
	line("editor", names(p.EditorID))
	for _, a := range p.Away {
		text := a.From + " to " + a.To
		if a.Note != "" {
			text += ": " + a.Note
		}
		line("away", text)
	}
	line("paused", since(p.PausedAt))
	line("left", since(p.LeftAt))
	line("muted", strings.Join(slices.Sorted(slices.Values(p.Muted)), ", "))
	if p.Digest {
		line("digest", "daily")
	}
	if p.Class != workflow.Outside {
		return
	}
	o := onboardingOf(p, names)
	if len(o.Milestones) == 0 {
		line("onboarding", "not begun: see \"handoff person invite\"")
		return
	}
	fmt.Fprintln(w, "  onboarding")
	for _, m := range o.Milestones {
		fmt.Fprintf(w, "    %s  %s, by %s\n", showTime(m.At, zone), m.Item.Label(), oneLine(m.By))
	}
	if o.Next != "" {
		fmt.Fprintf(w, "    next: %s\n", o.Next)
	}
}

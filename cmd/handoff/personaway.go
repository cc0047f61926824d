package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/internal/spell"
	"handoff/store"
	"handoff/templates"
	"handoff/workflow"
)

// PersonAwayCmd is `handoff person away`.
type PersonAwayCmd struct {
	Address string `arg:"" help:"One of their addresses."`
	From    string `placeholder:"DATE" help:"The first day on which they are away."`
	To      string `placeholder:"DATE" help:"The last day."`
	Note    string `help:"Why, for their colleagues."`
	Clear   bool   `help:"Forget all their absences instead."`
	ActAs
}

// Help shows how.
func (PersonAwayCmd) Help() string {
	return `Both days are included, in the person's own time zone. They are no working days of theirs: reminders wait until they are back, and
an editor hears of a step whose owner is away before it is due.

Examples:
  handoff person away ana@writers.example --from 2026-12-24 --to 2027-01-06 --note holidays
  handoff person away ana@writers.example --clear`
}

// Run notes the absence.
func (c *PersonAwayCmd) Run(ctx context.Context, env *Env) error {
	leave := workflow.Absence{From: c.From, To: c.To, Note: strings.TrimSpace(c.Note)}
	switch {
	case c.Clear && (c.From != "" || c.To != "" || c.Note != ""):
		return usagef("--clear forgets all absences: leave the dates out")
	case c.Clear:
	case c.From == "" || c.To == "":
		return usagef("from when to when? give --from and --to, or --clear")
	default:
		if err := leave.Validate(); err != nil {
			return usagef("%v", err)
		}
	}
	return c.change(ctx, env, c.Address, func(p *workflow.Person, cause workflow.Cause) (string, error) {
		switch {
		case !c.Clear && leave.Over(cause.At, p.Location(cause.At.Location())):
			return "", usagef("--to: %s is over already: name days that are still to come", leave.To)
		case c.Clear && len(p.Away) == 0:
			return "", already("all absences of %s are forgotten already", p.Name)
		case c.Clear:
			p.Away = nil
			return "not away any more", nil
		case slices.Contains(p.Away, leave):
			return "", already("it is noted already that %s is away from %s to %s", p.Name, leave.From, leave.To)
		}
		p.Away = append(slices.Clone(p.Away), leave)
		slices.SortFunc(p.Away, func(a, b workflow.Absence) int { return strings.Compare(a.From+a.To, b.From+b.To) })
		return fmt.Sprintf("away from %s to %s", leave.From, leave.To), nil
	})
}

// PersonPauseCmd is `handoff person pause`.
type PersonPauseCmd struct {
	Address string `arg:"" help:"One of their addresses."`
	ActAs
}

// Help shows how.
func (PersonPauseCmd) Help() string {
	return `They keep their pieces, and get what others write to them; only the reminders stop, and the editors of their pieces are told.

Example:
  handoff person pause ana@writers.example --as ed@agency.example`
}

// Run pauses.
func (c *PersonPauseCmd) Run(ctx context.Context, env *Env) error {
	return c.change(ctx, env, c.Address, func(p *workflow.Person, cause workflow.Cause) (string, error) {
		if !p.PausedAt.IsZero() {
			return "", already("%s is paused already", p.Name)
		}
		p.PausedAt = cause.At
		return "paused: nobody reminds them", nil
	})
}

// PersonResumeCmd is `handoff person resume`.
type PersonResumeCmd struct {
	Address string `arg:"" help:"One of their addresses."`
	ActAs
}

// Help shows how.
func (PersonResumeCmd) Help() string {
	return `What is due by then is asked for once.

Example:
  handoff person resume ana@writers.example --as ed@agency.example`
}

// Run resumes.
func (c *PersonResumeCmd) Run(ctx context.Context, env *Env) error {
	return c.change(ctx, env, c.Address, func(p *workflow.Person, _ workflow.Cause) (string, error) {
		if p.PausedAt.IsZero() {
			return "", already("%s is not paused: reminders go out already", p.Name)
		}
		p.PausedAt = time.Time{}
		return "not paused any more", nil
	})
}

// PersonReturnCmd is `handoff person return`.
type PersonReturnCmd struct {
	Address string `arg:"" help:"One of their addresses."`
	ActAs
}

// Help shows how.
func (PersonReturnCmd) Help() string {
	return `An onboarding goes on where it stood; whoever left in the middle of their demo piece, which was cancelled with it, gets another one.

Example:
  handoff person return ana@writers.example --as ed@agency.example`
}

// Run notes that they are back.
func (c *PersonReturnCmd) Run(ctx context.Context, env *Env) error {
	return followPerson(ctx, env, c.Address, c.ActAs, true, func(ctx context.Context, tx store.AdminTx, p *workflow.Person, cause workflow.Cause) ([]workflow.Event, error) {
		if p.LeftAt.IsZero() {
			return nil, already("%s has not left, and is in the team already", p.Name)
		}
		p.LeftAt = time.Time{}
		if p.Next() == workflow.DemoFinished {
			demo, err := tx.Piece(ctx, p.DemoPieceID)
			if err != nil {
				return nil, err
			}
			if demo.Cancelled() {
				*p = p.DemoAgain()
			}
		}
		return []workflow.Event{{At: cause.At, Kind: workflow.PersonChanged, PersonID: p.ID, ActorID: cause.ActorID, Detail: "back in the team"}}, nil
	})
}

// PersonMuteCmd is `handoff person mute`.
type PersonMuteCmd struct {
	Address string `arg:"" help:"One of their addresses."`
	Notice  string `arg:"" help:"The notice, like due_soon; only one that repeats."`
	ActAs
}

// Help shows how.
func (PersonMuteCmd) Help() string {
	return `Only what comes again and again can be muted, never what a handoff needs. A name that is none gets the list of those that can be muted.

Example:
  handoff person mute ana@writers.example due_soon`
}

// Run mutes.
func (c *PersonMuteCmd) Run(ctx context.Context, env *Env) error {
	return c.mute(ctx, env, c.Address, c.Notice, true)
}

// PersonUnmuteCmd is `handoff person unmute`.
type PersonUnmuteCmd struct {
	Address string `arg:"" help:"One of their addresses."`
	Notice  string `arg:"" help:"The notice, like due_soon."`
	ActAs
}

// Help shows how.
func (PersonUnmuteCmd) Help() string {
	return `Example:
  handoff person unmute ana@writers.example due_soon`
}

// Run unmutes.
func (c *PersonUnmuteCmd) Run(ctx context.Context, env *Env) error {
	return c.mute(ctx, env, c.Address, c.Notice, false)
}

func (as ActAs) mute(ctx context.Context, env *Env, address, notice string, mute bool) error {
	notice, err := recurringNotice(notice)
	if err != nil {
		return err
	}
	return changePerson(ctx, env, address, as, func(_ context.Context, _ store.AdminTx, p *workflow.Person, c workflow.Cause) ([]workflow.Event, error) {
		muting, e, err := p.Mute(notice, mute, c)
		if workflow.CodeOf(err) == workflow.Conflict {
			return nil, already("%v", err)
		}
		*p = muting
		return []workflow.Event{e}, err
	})
}

// recurringNotice is the name of a notice that may be muted, however it is written.
func recurringNotice(name string) (string, error) {
	normal := strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(name), "_")), "-", "_")
	var recurring []string
	for _, e := range templates.Catalogue() {
		if e.Recurring {
			recurring = append(recurring, e.Data.Template())
		}
	}
	if slices.Contains(recurring, normal) {
		return normal, nil
	}
	slices.Sort(recurring)
	if _, known := templates.EntryOf(normal); known {
		return "", usagef("%s comes once and cannot be muted; these can: %s", normal, strings.Join(recurring, ", "))
	}
	if near := spell.Nearest(normal, recurring); near != "" {
		return "", usagef("there is no notice %q (did you mean %s?)", name, near)
	}
	return "", usagef("there is no notice %q; these can be muted: %s", name, strings.Join(recurring, ", "))
}

// PersonDigestCmd is `handoff person digest`.
type PersonDigestCmd struct {
	Address string `arg:"" help:"One of their addresses."`
	Switch  string `arg:"" enum:"on,off" help:"on: one mail each of their working days with what waits for them, if anything does. off: none."`
	ActAs
}

// Help shows how.
func (PersonDigestCmd) Help() string {
	return `Example:
  handoff person digest ed@agency.example on`
}

// Run switches the digest.
func (c *PersonDigestCmd) Run(ctx context.Context, env *Env) error {
	return c.change(ctx, env, c.Address, func(p *workflow.Person, _ workflow.Cause) (string, error) {
		on := c.Switch == "on"
		if p.Digest == on && (!on || !p.Mutes(workflow.DigestList)) {
			return "", already("the daily digest of %s is %s already", p.Name, c.Switch)
		}
		p.Digest = on
		if on {
			p.Muted = slices.DeleteFunc(slices.Clone(p.Muted), func(m string) bool { return m == workflow.DigestList })
		}
		return "daily digest " + c.Switch, nil
	})
}

// change is changePerson of what can be said in one sentence, which change returns.
func (as ActAs) change(ctx context.Context, env *Env, address string, change func(*workflow.Person, workflow.Cause) (string, error)) error {
	return changePerson(ctx, env, address, as, func(_ context.Context, _ store.AdminTx, p *workflow.Person, c workflow.Cause) ([]workflow.Event, error) {
		detail, err := change(p, c)
		return []workflow.Event{{At: c.At, Kind: workflow.PersonChanged, PersonID: p.ID, ActorID: c.ActorID, Detail: detail}}, err
	})
}

package main

import (
	"context"
	"fmt"

	"handoff/store"
	"handoff/web"
	"handoff/workflow"
)

// TokenCmd is `handoff token`.
type TokenCmd struct {
	List   TokenListCmd   `cmd:"" help:"List the tokens of the HTTP API."`
	Add    TokenAddCmd    `cmd:"" help:"Make a token with which a program may act for a person."`
	Revoke TokenRevokeCmd `cmd:"" help:"Forget a token: it is refused from now on."`
}

// TokenListCmd is `handoff token list`.
type TokenListCmd struct {
	JSON bool `help:"Print JSON."`
}

// Help shows how.
func (TokenListCmd) Help() string {
	return `Example:
  handoff token list`
}

// Run prints the tokens, which nobody knows any more.
func (c TokenListCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	tokens, err := d.Tokens(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, tokens)
	}
	names, err := d.names(ctx)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, t := range tokens {
		rows = append(rows, []string{t.Name, names(t.PersonID), showTime(t.CreatedAt, d.zone)})
	}
	return printTable(env.Stdout, []string{"TOKEN", "ACTS FOR", "MADE"}, rows)
}

// TokenAddCmd is `handoff token add`.
type TokenAddCmd struct {
	Name   string `arg:"" help:"What it is for."`
	Person string `required:"" placeholder:"ADDRESS" help:"For whom the program acts: it may do what they may."`
	ActAs
}

// Help says what to do with it.
func (TokenAddCmd) Help() string {
	return `The token alone goes to stdout, and is never shown again: only its SHA-256 is kept. Give each program one of its own, and treat it like a
password. docs/api.md says what it is good for.

Examples:
  handoff token add cms --person lee@agency.example
  handoff token add reports --person ed@agency.example > reports.token`
}

// Run makes a token.
func (c *TokenAddCmd) Run(ctx context.Context, env *Env) error {
	t := workflow.Token{Name: c.Name}
	if err := t.Validate(); err != nil {
		return usagef("%v", err)
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	secret, sum := web.NewToken()
	var who workflow.Person
	err = d.Admin(ctx, func(tx store.AdminTx) error {
		cause, err := c.cause(ctx, tx, d.clock.Now())
		if err != nil {
			return err
		}
		if who, err = findPerson(ctx, tx, c.Person); err != nil {
			return err
		}
		if !who.LeftAt.IsZero() {
			return fmt.Errorf("%s has left the team, and no token counts for them: see \"handoff person return\"", who.Name)
		}
		t.PersonID, t.CreatedAt = who.ID, cause.At
		if err := tx.AddToken(ctx, &t, sum); err != nil {
			return err
		}
		return tx.AddEvents(ctx, []workflow.Event{tokenEvent(t, cause, "may be acted for by a program, with the token "+t.Name)})
	})
	if workflow.CodeOf(err) == workflow.Conflict {
		return fmt.Errorf("%w: take another name, or revoke that one with \"handoff token revoke\"", err)
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(env.Stdout, secret); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stderr, "This is the token %s, for %s. Keep it now: it is not shown again.\n", oneLine(t.Name), oneLine(who.Name))
	return err
}

// TokenRevokeCmd is `handoff token revoke`.
type TokenRevokeCmd struct {
	Name string `arg:"" help:"The token, as \"handoff token list\" shows it."`
	ActAs
}

// Help shows how.
func (TokenRevokeCmd) Help() string {
	return `A running serve refuses it at once.

Example:
  handoff token revoke cms`
}

// Run revokes.
func (c *TokenRevokeCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Admin(ctx, func(tx store.AdminTx) error {
		cause, err := c.cause(ctx, tx, d.clock.Now())
		if err != nil {
			return err
		}
		t, err := tx.RevokeToken(ctx, c.Name)
		if err != nil {
			return err
		}
		return tx.AddEvents(ctx, []workflow.Event{tokenEvent(t, cause, "the token "+t.Name+" does not count any more")})
	})
	if workflow.CodeOf(err) == workflow.NotFound {
		return fmt.Errorf("%w: see \"handoff token list\"", err)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "token %s is revoked\n", oneLine(c.Name))
	return err
}

// tokenEvent is what happened to a token of theirs.
func tokenEvent(t workflow.Token, c workflow.Cause, what string) workflow.Event {
	return workflow.Event{At: c.At, Kind: workflow.PersonChanged, PersonID: t.PersonID, ActorID: c.ActorID, Detail: what}
}

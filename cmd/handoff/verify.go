package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"handoff/internal/webcheck"
	"handoff/outbox"
	"handoff/store"
	"handoff/workflow"
)

// pages asks for published pages; *webcheck.Checker does.
type pages interface {
	Check(ctx context.Context, url string, phrases []string) (webcheck.Result, error)
}

// How the addresses of published pieces are looked at.
const (
	verifyEvery = time.Minute // between two looks for some
	verifyAgain = time.Hour   // after one that was not there
	mostChecks  = 10          // in one pass
)

// verifier fetches the addresses of published pieces until they are there.
type verifier struct {
	*desk
	pages    pages
	composer *outbox.Composer
	queued   func() // called after a commit that queued notices; may be nil
	wake     chan struct{}
}

// verifier is one that asks the web, or env's pages.
func (d *desk) verifier(env *Env, composer *outbox.Composer, queued func()) *verifier {
	v := &verifier{desk: d, pages: env.Pages, composer: composer, queued: queued, wake: make(chan struct{}, 1)}
	if v.pages == nil {
		v.pages = &webcheck.Checker{}
	}
	return v
}

// Poll looks at the addresses that are due, each once, and tells how many. One that fails does not stop the others.
func (v *verifier) Poll(ctx context.Context) (int, error) {
	now := v.clock.Now()
	pieces, err := v.ToVerify(ctx, now.Add(-verifyAgain), mostChecks)
	if err != nil {
		return 0, fmt.Errorf("find what is to be verified: %w", err)
	}
	var problems []error
	for _, p := range pieces {
		if _, err := v.verify(ctx, p, 0, true); err != nil {
			if ctx.Err() != nil {
				return 0, ctx.Err()
			}
			problems = append(problems, fmt.Errorf("verify %s: %w", p.Code, err))
		}
	}
	return len(pieces), errors.Join(problems...)
}

// Wake makes loop look at once at an address that was named. It never blocks.
func (v *verifier) Wake() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// loop polls until ctx ends and returns its error.
func (v *verifier) loop(ctx context.Context, failed func(error)) error {
	for {
		if _, err := v.Poll(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-v.wake:
		case <-v.clock.After(verifyEvery):
		}
	}
}

// verify fetches the piece's address and notes what that came to; nothing, if meanwhile it has another address, or needs none.
func (v *verifier) verify(ctx context.Context, p workflow.Piece, actorID int64, notify bool) (applied, error) {
	problem, err := v.problem(ctx, p)
	if err != nil {
		return applied{}, err
	}
	var made applied
	err = v.Admin(ctx, func(tx store.AdminTx) error {
		made = applied{}
		now, err := tx.Piece(ctx, p.ID)
		if err != nil {
			return err
		}
		if s, open := now.OpenStep(); !open || s.Stage != workflow.Distributed || now.URL != p.URL || !now.VerifiedAt.IsZero() {
			made.Piece = now
			return nil
		}
		ch, err := now.Checked(workflow.Cause{ActorID: actorID, At: v.clock.Now()}, problem)
		if err != nil {
			return err
		}
		made, err = apply(ctx, tx, v.composer, ch, actorID, notify)
		return err
	})
	if err == nil && len(made.queued) > 0 && v.queued != nil {
		v.queued()
	}
	return made, err
}

// problem fetches the piece's address and says what is wrong with it, "" nothing. The error is ctx's.
func (v *verifier) problem(ctx context.Context, p workflow.Piece) (string, error) {
	var phrases []string
	if v.cfg.Distribution.PhraseCheck {
		phrases = []string{p.Title}
	}
	result, err := v.pages.Check(ctx, p.URL, phrases)
	if problem, ok := errors.AsType[*webcheck.Problem](err); ok {
		return problem.Text, nil
	}
	if err != nil {
		return "", err
	}
	if len(phrases) > 0 && result.Found == "" {
		return fmt.Sprintf("the page does not show the title “%s”", p.Title), nil
	}
	return "", nil
}

package main

import (
	"errors"
	"fmt"
	"strings"

	"handoff/workflow"
)

// alreadySo ends a command that asks for what is so already: nothing is changed, nobody is mailed again, the exit code is 0.
type alreadySo struct{ text string }

func (e *alreadySo) Error() string { return e.text }

// already says what is so; the sentence has the word “already” in it.
func already(format string, args ...any) error {
	return &alreadySo{fmt.Sprintf(format, args...)}
}

// advised is a refusal with the command that helps.
type advised struct {
	error
	try string // the command line; "" if none helps
}

func (e *advised) Unwrap() error { return e.error }

// advise adds the command that helps to a rule's refusal. What has advice already, and what is no refusal, stays as it is.
func advise(err error, try string) error {
	var have *advised
	var usage *usageError
	var so *alreadySo
	if err == nil || try == "" || errors.As(err, &have) || errors.As(err, &usage) || errors.As(err, &so) || workflow.CodeOf(err) == workflow.Failed {
		return err
	}
	return &advised{err, try}
}

// nextOnPiece is the command that takes the piece on from where it stands.
func nextOnPiece(p workflow.Piece) string {
	s, open := p.OpenStep()
	command := func(verb string, more ...string) string {
		return strings.Join(append([]string{"handoff piece", verb, p.Code}, more...), " ")
	}
	switch {
	case !open:
		return command("show")
	case s.Extension != nil:
		return command("grant")
	case s.Stage == workflow.Pitch && (p.Topic == workflow.TopicProposed || p.Topic == workflow.TopicChanges):
		return command("approve")
	case s.Stage == workflow.Pitch && p.Topic == workflow.TopicApproved:
		return command("clear")
	case p.LeadID == 0 && (!s.HandedInAt.IsZero() || s.Stage.Index() >= workflow.Design.Index()) && !p.Demo:
		return command("assign", "lead", "ADDRESS")
	case s.Stage == workflow.Ready && len(p.Undone()) > 0:
		return command("tick", fmt.Sprintf("%q", p.Undone()[0].Name))
	case s.Stage == workflow.Published:
		return command("publish", "URL")
	case s.Stage == workflow.Distributed && p.VerifiedAt.IsZero():
		return command("verify")
	case s.Stage == workflow.Distributed:
		return command("distributed")
	}
	return command("advance")
}

// nextOnPerson is the command that takes a contributor's onboarding on; "" while it goes on by itself, or is complete. The
// editor is who looks after them.
func nextOnPerson(p, editor workflow.Person) string {
	command := func(verb string, more ...string) string {
		return strings.Join(append([]string{"handoff person", verb, p.Primary()}, more...), " ")
	}
	next := p.Next()
	if len(p.Onboarding) == 0 {
		next = workflow.Invited
	}
	who := editor.Primary()
	if who == "" {
		who = "ADDRESS"
	}
	switch {
	case !p.LeftAt.IsZero():
		return command("return")
	case p.Class != workflow.Outside || p.Onboarded():
		return command("show")
	case next == workflow.Invited && p.EditorID == 0:
		return command("invite", "--editor", who)
	case next == workflow.Invited:
		return command("invite")
	case next == workflow.Briefed:
		return command("briefed", "--as", who)
	case next == workflow.Acknowledged:
		return command("acknowledged")
	case next == workflow.DemoFinished:
		return "handoff piece list --person " + p.Primary()
	case next == workflow.DemoPassed:
		return command("pass", "--as", who)
	}
	return "handoff poll"
}

package proxy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/workflow"
)

func (d *Decider) accepts(ctx context.Context, look Lookups, r *ruling, target string) (*request, error) {
	manage := func(p workflow.Piece) error {
		if !workflow.Can(r.author, workflow.Manage, p) {
			return forEditors(p)
		}
		return nil
	}
	switch target {
	case anExtension:
		return &request{name: "extension granted", done: "The later date holds, and everybody concerned is told.",
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
				if err := manage(p); err != nil {
					return workflow.Change{}, err
				}
				return p.Grant(by(c, r.author))
			}}, nil
	case aPitch:
		words := ""
		if in := r.msg.Intent; in != nil && in.Via != "link" {
			words = in.Argument
		}
		return &request{name: "topic approved", done: "The topic is approved. The author begins as soon as nothing else is missing.",
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
				if err := manage(p); err != nil {
					return workflow.Change{}, err
				}
				return approve(p, by(c, r.author), words)
			}}, nil
	case aLead:
		return &request{name: "lead confirmed", done: "The distribution is yours.",
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.ConfirmLead(c) }}, nil
	case aPass:
		return &request{name: "demo piece passed", pass: true, done: "The demo piece has passed, and its author is told."}, nil
	}
	if r.Entry == Submission && workflow.Can(r.author, workflow.Submit, r.piece) {
		return nil, nil // it brings what it takes
	}
	return &request{name: "accepted", done: "It is yours.", relays: relayedWords,
		move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Accept(c) }}, nil
}

func forEditors(p workflow.Piece) error {
	return workflow.Errorf(workflow.Forbidden, "that is for the editor of %s to decide", p.Code)
}

// approve approves the topic and plans the dates that nobody set.
func approve(p workflow.Piece, c workflow.Cause, words string) (workflow.Change, error) {
	ch, err := p.Approve(c, words)
	if err != nil || len(c.Schedule.Days) == 0 {
		return ch, err
	}
	planned := ch.Piece.Plan(c)
	ch.Piece, ch.Events = planned.Piece, append(ch.Events, planned.Events...)
	return ch, nil
}

func declines(r *ruling, target, reason string) *request {
	ask := ""
	if reason == "" {
		ask = "Please answer with a line that says why: it helps your editor to find somebody else."
	}
	managed := func(p workflow.Piece, change func() (workflow.Change, error)) (workflow.Change, error) {
		if !workflow.Can(r.author, workflow.Manage, p) {
			return workflow.Change{}, forEditors(p)
		}
		return change()
	}
	switch target {
	case anExtension:
		return &request{name: "extension refused", done: "The date stays, and the one who asked is told.",
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
				return managed(p, func() (workflow.Change, error) { return p.Refuse(by(c, r.author), reason) })
			}}
	case aPitch:
		if reason == "" {
			ask = "Please answer with a line that says why: it is passed on to the author."
		}
		return &request{name: "topic declined", done: "The topic is declined, and its author is told.", ask: ask,
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
				return managed(p, func() (workflow.Change, error) { return p.DeclineTopic(by(c, r.author), reason) })
			}}
	case aPass:
		return &request{name: "demo piece not passed", done: "Your words are passed on to the author of the demo piece.", relays: 1,
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
				return managed(p, func() (workflow.Change, error) {
					switch {
					case !p.Demo:
						return workflow.Change{}, notDemo(p)
					case reason == "":
						return workflow.Change{}, workflow.Errorf(workflow.Invalid, "the author of %s has to be told what is missing: write it below", p.Code)
					}
					return workflow.Change{Piece: p}, nil
				})
			}}
	case aLead:
		return &request{name: "lead declined", done: "Somebody else is asked to lead the distribution.", ask: ask,
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.DeclineLead(c, reason) }}
	}
	return &request{name: "declined", done: "It is not yours any more, and your editor is told.", ask: ask,
		move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Decline(c, reason) }}
}

// finishes is a “done”. The words of one about a revision go to the editor with it.
func (d *Decider) finishes(ctx context.Context, look Lookups, r *ruling, step workflow.Step) (*request, error) {
	q := &request{name: "done", done: "It is done.", relays: relayedWords}
	var err error
	if q.version, err = look.Versions(ctx, r.piece.ID); err != nil {
		return nil, fmt.Errorf("counting the versions of %s: %w", r.piece.Code, err)
	}
	words := reasonOf(r, r.msg.Intent)
	if r.msg.Intent.Via == "phrase" {
		words = clip(strings.TrimSpace(r.text()), maxRelayed)
	}
	if step.Stage != workflow.Draft || step.Revision == 0 {
		q.words, words = words, ""
	} else {
		q.relays = 0
		if q.version > 0 {
			last, err := look.Submission(ctx, r.piece.ID, q.version)
			if err != nil {
				return nil, fmt.Errorf("looking up version %d of %s: %w", q.version, r.piece.Code, err)
			}
			if last.At.Before(step.OpenedAt) { // the one that is to be revised
				q.version = 0
			}
		}
	}
	q.move = func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
		return p.Complete(c, q.version > 0, words)
	}
	return q, nil
}

// calendar is what somebody pressed in their calendar (RFC 5546, section 3.2.3). An answer to an event that has changed
// since, or is over, changes nothing.
func (d *Decider) calendar(r *ruling, c *inbox.Calendar) *request {
	stepID, personID, ok := outbox.StepOf(c.UID)
	if !ok {
		return nil
	}
	step, _ := r.piece.OpenStep()
	stale := ""
	switch {
	case personID != r.author.ID:
		stale = "the event is not in your name"
	case stepID != step.ID:
		stale = "the step that the event stands for is not open any more"
	case step.OwnerID == r.author.ID && c.Sequence < outbox.EventSequence(step):
		stale = "the event has another date since: answer the newer one"
	}
	if stale != "" {
		return &request{name: "calendar", move: func(p workflow.Piece, _ workflow.Cause) (workflow.Change, error) {
			return workflow.Change{}, workflow.Errorf(workflow.Conflict, "%s", stale)
		}}
	}
	switch c.Status {
	case "accepted":
		return &request{name: "accepted in the calendar", done: "It is yours.",
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Accept(c) }}
	case "declined":
		q := declines(r, aStep, strings.TrimSpace(c.Comment))
		q.name = "declined in the calendar"
		return q
	}
	return nil // tentatively, or another time: words for the editor
}

// until is the moment that more time is asked for: the end of the day named, in the sender's zone; zero if none is understood.
func (d *Decider) until(r *ruling, in *inbox.Intent, s workflow.Step) time.Time {
	zone := r.author.Location(d.Rules.Zone)
	if end := endOf(in.Date, zone); !end.IsZero() || in.Days <= 0 {
		return end
	}
	from := d.now(r)
	if s.Deadline.After(from) {
		from = s.Deadline
	}
	day := from.In(zone).AddDate(0, 0, in.Days)
	return workflow.EndOfDay(day.Year(), day.Month(), day.Day(), zone)
}

// endOf is the end of a day like 2026-03-20 in that zone, zero for "".
func endOf(day string, zone *time.Location) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return workflow.EndOfDay(t.Year(), t.Month(), t.Day(), zone)
}

// revision asks the author for another version, until the day that the mail names.
func (d *Decider) revision(r *ruling, in *inbox.Intent) *request {
	words, until := reasonOf(r, in), endOf(in.Date, r.author.Location(d.Rules.Zone))
	done := "The author is asked for a revision."
	if !until.IsZero() {
		done = "The author is asked for a revision until " + until.Format("Monday, 2 January 2006") + "."
	}
	return &request{name: "revision", done: done,
		move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			if in.Dated && until.IsZero() {
				return workflow.Change{}, workflow.Errorf(workflow.Invalid,
					"no day that is still to come could be read: write the one until which you want the revision, like %s, or leave it out", c.At.AddDate(0, 0, 14).Format(time.DateOnly))
			}
			return p.AskRevision(by(c, r.author), words, until)
		}}
}

// reasonOf are the words that came with a command: what follows it on its line, or else below.
func reasonOf(r *ruling, in *inbox.Intent) string {
	var words string
	switch {
	case r.msg.Echo: // the words of another
	case in.Via == "link":
		words = r.msg.Text
	case in.Via == "phrase":
		words = orElse(in.Argument, "")
	default:
		_, below, _ := strings.Cut(r.msg.Text, "\n")
		words = strings.TrimSpace(in.Argument + "\n" + below)
	}
	return clip(strings.TrimSpace(words), maxRelayed)
}

func firstWords(text string, n int) string {
	words := strings.Fields(text)
	if len(words) > n {
		return strings.Join(words[:n], " ") + " …"
	}
	return strings.Join(words, " ")
}

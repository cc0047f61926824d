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

func (d *Decider) accepts(r *ruling, in *inbox.Intent, target string) (*request, error) {
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
		return d.approves(r, in), nil
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

// approves approves the topic, and sets until when the draft is due if the mail says so.
func (d *Decider) approves(r *ruling, in *inbox.Intent) *request {
	day, dated := in.Date, in.Dated
	words := reasonOf(r, in)
	if !dated {
		words, day, dated = inbox.CutUntil(words, r.msg.Date)
	}
	if !inbox.Remarks(words) {
		words = ""
	}
	until := endOf(day, r.author.Location(d.Rules.Zone))
	done := "The topic is approved. The author begins as soon as nothing else is missing."
	if !until.IsZero() {
		done = "The topic is approved, and the draft is due on " + until.Format("Monday, 2 January 2006") + ". The author begins as soon as nothing else is missing."
	}
	return &request{name: "topic approved", done: done,
		move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			if !workflow.Can(r.author, workflow.Manage, p) {
				return workflow.Change{}, forEditors(p)
			}
			if dated && !until.After(c.At) {
				return workflow.Change{}, workflow.Errorf(workflow.Invalid,
					"no day that is still to come could be read: write the one until which you want the draft, like %s, or leave it out", c.At.AddDate(0, 0, 14).Format(time.DateOnly))
			}
			return approve(p, by(c, r.author), words, until)
		}}
}

// unclear passes the words of who decides on a topic on to its author, whose answer comes back: what is in doubt decides nothing.
func unclear() *request {
	return &request{name: "undecided", relays: 1, toAuthor: true,
		done: "Your words are passed on to the author, and nothing is decided on the topic yet.",
		ask:  "To decide, answer with ACCEPT, DECLINE or REVISE as the first word, and below it what the author should know.",
		move: func(p workflow.Piece, _ workflow.Cause) (workflow.Change, error) {
			return workflow.Change{Piece: p}, nil
		}}
}

// decidesTopic is what the editor's plain words say to a proposal.
func (d *Decider) decidesTopic(r *ruling) *request {
	in := inbox.Verdict(r.msg)
	if in == nil {
		return unclear()
	}
	switch in.Command {
	case inbox.Accept:
		return d.approves(r, in)
	case inbox.Decline:
		return declines(r, aPitch, reasonOf(r, in))
	}
	return topicChanges(r, reasonOf(r, in))
}

func topicChanges(r *ruling, words string) *request {
	return &request{name: "changes to the topic", done: "The author is asked for these changes.",
		move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.AskChanges(by(c, r.author), words)
		}}
}

// approve approves the topic and plans the dates that nobody set; until is the draft's, zero to plan it as well.
func approve(p workflow.Piece, c workflow.Cause, words string, until time.Time) (workflow.Change, error) {
	ch, err := p.Approve(c, words)
	if err == nil && !until.IsZero() {
		var set workflow.Change
		if set, err = ch.Piece.SetStepDeadline(workflow.Draft, until, c); err == nil {
			ch = ch.Then(set)
		}
	}
	if err != nil {
		return workflow.Change{}, err
	}
	if len(c.Schedule.Days) == 0 {
		return ch, nil
	}
	planned := ch.Piece.Plan(c)
	ch.Piece, ch.Events = planned.Piece, append(ch.Events, planned.Events...)
	return ch, nil
}

func declines(r *ruling, target, reason string) *request {
	ask := ""
	in := r.msg.Intent
	if reason == "" || in != nil && in.Via == "phrase" && in.Command == inbox.Decline && in.Argument == "" {
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
		if ask != "" {
			ask = "Please answer with a line that says why: it is passed on to the author."
		}
		return &request{name: "topic declined", done: "The topic is declined, and its author is told.", ask: ask,
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
				return managed(p, func() (workflow.Change, error) { return p.DeclineTopic(by(c, r.author), reason) })
			}}
	case aPass:
		return &request{name: "demo piece not passed", done: "Your words are passed on to the author of the demo piece.", relays: 1, toAuthor: true,
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
	q := &request{name: "done", done: "It is done.", relays: relayedWords, final: step.Stage == workflow.Distributed}
	var err error
	if q.version, err = look.Versions(ctx, r.piece.ID); err != nil {
		return nil, fmt.Errorf("counting the versions of %s: %w", r.piece.Code, err)
	}
	if step.Stage == workflow.Distributed && r.piece.VerifiedAt.IsZero() && r.piece.URL != "" {
		q.done, q.ask = unverified(r.piece)
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

// unverified is said to who confirms the distribution of a piece whose page was not found yet: it is not closed before.
func unverified(p workflow.Piece) (done, ask string) {
	if p.CheckProblem == "" {
		return "The distribution is noted. The piece is closed as soon as its page is found.", ""
	}
	return fmt.Sprintf("The distribution is noted, but the piece is not closed before its page is verified, and that failed: %s.", strings.TrimRight(p.CheckProblem, ".")),
		fmt.Sprintf("Please look at the page %s. If the address is wrong, answer with the right one, as a link.", p.URL)
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
		q := declines(r, aStep, r.calendarReason(c))
		q.name = "declined in the calendar"
		return q
	}
	return nil // tentatively, or another time: words for the editor
}

// calendarReason is what somebody wrote beside a no in their calendar: its comment, or the mail's text unless the calendar wrote
// that, which names them or the piece.
func (r *ruling) calendarReason(c *inbox.Calendar) string {
	text := strings.TrimSpace(r.msg.Text)
	for _, name := range []string{r.from, r.author.Name, r.piece.Title} {
		if name != "" && strings.Contains(strings.ToLower(text), strings.ToLower(name)) {
			text = ""
		}
	}
	return clip(orElse(strings.TrimSpace(c.Comment), text), maxRelayed)
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

// reasonOf are the words that came with a command: what follows it on its line and below; of what is asked for in a sentence, all.
func reasonOf(r *ruling, in *inbox.Intent) string {
	var words string
	switch {
	case r.msg.Echo: // the words of another
	case in.Via == "link":
		words = r.msg.Text
	case in.Via == "phrase" && in.Dated: // all of it, but for the day
		words = in.Argument
	case in.Via == "phrase": // the sentence alone would be out of its context
		words = r.text()
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

package proxy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/internal/webcheck"
	"handoff/outbox"
	"handoff/workflow"
)

// request is what a mail asks the workflow to do, beside what it brings.
type request struct {
	name string // for the trace
	// move is the rule that does it; nil: it is about the sender, not about a piece.
	move func(workflow.Piece, workflow.Cause) (workflow.Change, error)
	done string // said to the sender, a sentence
	ask  string // what is still wanted of them
	// relays is how many words of the mail's, beside what it asks for, are passed on; 0: none, a notice carries them.
	relays   int
	toAuthor bool   // they go to the author of the piece
	pass     bool   // the author's demo piece is good
	version  int    // of the submissions, that the mail says is done
	apart    bool   // it names a piece in which the sender has no part, so it is refused
	final    bool   // nobody can take it back
	words    string // beside a DONE, for the editor and a colleague who goes on

	reply  string // the template that answers a request about the sender: status, help, muted
	notice string // of StopMail: which kind, "" all
	title  string // of a pitch
	waits  string // why a pitch is held, said to the sender; "" it is taken

	who  workflow.Person // whose onboarding comes to item
	item workflow.Item
}

// filed tells whether the mail is filed on the piece as well, whose history tells of it.
func (q *request) filed() bool { return q.move != nil || q.pass }

// The targets of one-tap links; see templates.Catalogue.
const (
	aStep       = "STEP"
	anExtension = "EXTENSION"
	aPitch      = "PITCH"
	aLead       = "LEAD"
	aPass       = "PASS"
	guidelines  = "GUIDELINES"
)

// targetOf is what an accept or decline is about that answers a notice with that template.
func targetOf(template string) string {
	switch template {
	case "pitch_new", "pitch_waiting":
		return aPitch
	case "extension_asked", "extension_waiting":
		return anExtension
	case "lead_named", "lead_unconfirmed":
		return aLead
	case "demo_finished":
		return aPass
	case "guidelines", "guidelines_unacknowledged":
		return guidelines
	case "step_opened", "step_unanswered", "cleared", "review_asked", "review_unanswered", "revision_asked", "ready_to_distribute":
		return aStep
	}
	return ""
}

// request recognises what a known, authenticated sender asks for. It only reads: what is asked is tried on the piece, and
// done when the decision is applied.
func (d *Decider) request(ctx context.Context, look Lookups, r *ruling) error {
	if !r.mayAsk() {
		return nil
	}
	if r.received.Backfill && (r.msg.Intent != nil || r.msg.Calendar != nil) {
		r.note("request", "none", "it was in the mailbox before Handoff: what it asks for is over")
	}
	if r.received.Backfill {
		return nil
	}
	var err error
	if r.answered, err = d.notice(ctx, look, r); err != nil {
		return err
	}
	if r.request, r.refused = d.personal(r, r.answered.Template); r.request == nil {
		if err := d.briefed(ctx, look, r); err != nil {
			return err
		}
		if err := d.ofHeld(r); err != nil {
			return err
		}
	}
	if r.request != nil {
		if err := d.takes(ctx, look, r); err != nil {
			return err
		}
		if r.request.item != "" && r.stray() {
			r.refused = r.notRegistered()
		}
		if r.refused != nil {
			r.note("request", "refused", "%s: %s", r.request.name, r.refused)
			return nil
		}
		r.note("request", r.request.name, "%s asks for it", r.author.Name)
		return nil
	}
	return d.asks(ctx, look, r)
}

// mayAsk tells whether it is sure who writes, that they are still with us, and that the mail is whole and passes on no other.
func (r *ruling) mayAsk() bool {
	sure := r.author.ID != 0 && r.author.LeftAt.IsZero() && r.auth == inbox.AuthPass && len(r.msg.Forwarded) == 0
	return sure && !r.received.Oversize && r.msg.Infected == "" && r.msg.Held == ""
}

// asks recognises what is asked for about the piece that was found.
func (d *Decider) asks(ctx context.Context, look Lookups, r *ruling) error {
	if r.match == MatchForeign && r.commands() {
		r.request = &request{name: r.wanted(), apart: true}
		r.refused = workflow.Errorf(workflow.Forbidden, "you have no part in %s, or not any more", r.piece.Code)
		r.note("request", "refused", "%s: %s", r.request.name, r.refused)
	}
	if !r.match.found() {
		return nil
	}
	answered := r.answered.Template
	if r.answered.PieceID != r.piece.ID {
		answered = "" // it is about another piece
	}
	q, err := d.onPiece(ctx, look, r, answered)
	if err != nil || q == nil {
		return err
	}
	r.request = q
	if r.refused, err = d.refusal(ctx, look, r); err != nil {
		return err
	}
	if r.refused != nil {
		r.note("request", "refused", "%s: %s", q.name, r.refused)
		return nil
	}
	r.note("request", q.name, "%s may, and %s allows it", r.author.Name, r.piece.Code)
	return nil
}

// refusal tries what is asked for on the piece: why it is not possible, nil if it is.
func (d *Decider) refusal(ctx context.Context, look Lookups, r *ruling) (refused, unknown error) {
	in, q := r.msg.Intent, r.request
	switch {
	case r.stray() && r.decides():
		return r.notRegistered(), nil
	case in != nil && in.Code != "" && workflow.NormalizeCode(in.Code) != r.piece.Code:
		return workflow.Errorf(workflow.Invalid, "the subject names %s, but the mail came to an address of %s", in.Code, r.piece.Code), nil
	case q.pass:
		author, err := look.Person(ctx, r.piece.AuthorID)
		if err != nil {
			return nil, fmt.Errorf("looking up the author of %s: %w", r.piece.Code, err)
		}
		_, _, refused = passed(r.piece, author, r.author, workflow.Cause{ActorID: r.author.ID, At: d.now(r)})
		return refused, nil
	}
	c := workflow.Cause{PersonID: r.author.ID, At: d.now(r), Schedule: d.Rules.Schedule(func(id int64) workflow.Person {
		who, err := look.Person(ctx, id)
		if err != nil && workflow.CodeOf(err) != workflow.NotFound {
			unknown = fmt.Errorf("looking up whose step of %s it is: %w", r.piece.Code, err)
		}
		return who
	})}
	_, refused = q.move(r.piece, c)
	return refused, unknown
}

// wanted names what the mail asks for in one word.
func (r *ruling) wanted() string {
	if c := r.msg.Calendar; c != nil {
		return c.Status + " in the calendar"
	}
	return string(r.msg.Intent.Command)
}

// commands tells a mail that can mean nothing else: a one-tap link, a calendar's answer, or a command in capitals.
func (r *ruling) commands() bool {
	in := r.msg.Intent
	if in == nil || r.msg.Calendar != nil {
		return r.msg.Calendar != nil
	}
	word, _, _ := strings.Cut(strings.TrimSpace(r.msg.Text), " ")
	word = strings.TrimRight(strings.TrimSpace(first(word, 40)), ".,:;!")
	return in.Via == "link" || in.Via == "word" && len(word) > 3 && word == strings.ToUpper(word)
}

// question tells a short text that asks something, which is a person's to answer.
func (r *ruling) question() bool {
	text := r.text()
	return len(text) < shortText && len(r.files) == 0 && strings.ContainsAny(text, "?？")
}

const shortText = 300 // bytes

// now is the moment of the decision: without a clock, that at which the mail was received.
func (d *Decider) now(r *ruling) time.Time {
	if d.Clock == nil {
		return r.received.ReceivedAt
	}
	return d.Clock.Now()
}

// notice is the one that the mail answers, a zero one if none went to its author.
func (d *Decider) notice(ctx context.Context, look Lookups, r *ruling) (outbox.Notice, error) {
	if d.Identity == nil {
		return outbox.Notice{}, nil
	}
	for _, id := range referred(r.msg) {
		if ref, err := d.Identity.FromID(id); err != nil || ref.PersonID != r.author.ID || !strings.HasPrefix(strings.Trim(id, "<> "), "m.") {
			continue
		}
		n, err := look.NoticeByMessageID(ctx, strings.Trim(id, "<> "))
		if workflow.CodeOf(err) == workflow.NotFound {
			continue
		}
		if err != nil {
			return outbox.Notice{}, fmt.Errorf("looking up the notice that is answered: %w", err)
		}
		return n, nil
	}
	return outbox.Notice{}, nil
}

// personal are the requests that are about the sender, whatever piece the mail would be for.
func (d *Decider) personal(r *ruling, answered string) (q *request, refused error) {
	in := r.msg.Intent
	outside := r.author.Class == workflow.Outside
	tapped := in != nil && in.Target == guidelines
	declined := in != nil && in.Command == inbox.Decline
	switch {
	case outside && r.msg.Invoice && !r.author.Onboarded():
		return &request{name: "invoice", reply: "billing_locked"}, nil
	case outside && r.msg.Invoice: // never a version of what they write
		return &request{name: "invoice", reply: "held"}, nil
	case tapped && !declined, outside && r.author.Next() == workflow.Acknowledged && targetOf(answered) == guidelines && !r.question() && !declined && r.Entry != Submission:
		q = &request{name: "guidelines acknowledged", done: "You have acknowledged the guidelines.", who: r.author, item: workflow.Acknowledged}
		if _, known := r.author.Reached(workflow.Acknowledged); !known && r.author.Next() != workflow.Acknowledged {
			refused = workflow.Errorf(workflow.Conflict, "no guidelines were sent to you that wait for an answer")
		}
		return q, refused
	case in == nil:
		return nil, nil
	case in.Command == inbox.Status:
		return &request{name: "status", reply: "status"}, nil
	case in.Command == inbox.AskHelp:
		return &request{name: "help", reply: "help"}, nil
	case in.Command == inbox.StopMail:
		q := &request{name: "stop", reply: "muted", notice: in.Target}
		if q.notice == "" {
			q.notice = answered
		}
		if q.notice = mutable(q.notice); q.notice != "" {
			q.name += " " + q.notice
		}
		return q, nil
	case in.Command == inbox.Pitch && outside && in.Via != "phrase":
		title := strings.TrimSpace(in.Argument)
		if title == "" {
			title = firstWords(r.proposal(), 12)
		}
		if title == "" {
			refused = workflow.Errorf(workflow.Invalid, "a proposal needs a title: write PITCH and the title, and below it what the piece is about")
		}
		return &request{name: "pitch", reply: "pitch_received", title: clip(title, maxSubject)}, refused
	}
	return nil, nil
}

// proposal is the text of a pitch, without a first line that is the command alone.
func (r *ruling) proposal() string {
	if in := r.msg.Intent; in != nil && strings.TrimSpace(in.Argument) == "" {
		_, below, _ := strings.Cut(strings.TrimSpace(r.text()), "\n")
		return strings.TrimSpace(below)
	}
	return strings.TrimSpace(r.text())
}

// onPiece are the requests about the piece that was found.
func (d *Decider) onPiece(ctx context.Context, look Lookups, r *ruling, answered string) (*request, error) {
	step, open := r.piece.OpenStep()
	manages := workflow.Can(r.author, workflow.Manage, r.piece)
	if c := r.msg.Calendar; c != nil {
		return d.calendar(r, c), nil
	}
	in := r.msg.Intent
	if in != nil && ofFirstSteps(r.answered.Template) && (r.match == MatchSingle || in.Target == guidelines) {
		r.note("request", "none", "“%s” answers a mail that is about no piece: it is a comment", in.Command)
		return nil, nil
	}
	if in != nil && !r.commands() && targetOf(answered) == "" && in.Command != inbox.Revise && !r.awaited(step, open, manages) {
		r.note("request", "none", "“%s”, but nothing waits for %s: it is a comment", in.Command, r.author.Name)
		return nil, nil
	}
	if open && step.Stage == workflow.Pitch && r.author.ID == r.piece.AuthorID && in == nil && r.proposes() {
		words := r.text()
		if decisionOnTopic(words) {
			return &request{name: "decision on the topic", move: func(p workflow.Piece, _ workflow.Cause) (workflow.Change, error) {
				return workflow.Change{}, forEditors(p)
			}}, nil
		}
		return &request{name: "proposal", done: "Your proposal is with the editor, who decides on it.",
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Propose(c, words) }}, nil
	}
	if link, ok := r.msg.OnlyLink(); ok && open && r.publishes(step) && (in == nil || in.Command == inbox.Done || in.Command == inbox.Accept) {
		return publication(link), nil
	}
	if in == nil {
		switch {
		case manages && targetOf(answered) == aPitch && r.piece.Topic == workflow.TopicProposed && strings.TrimSpace(r.text()) != "":
			return d.decidesTopic(r), nil
		case open && reviews(step, r.author.ID) && !r.question() && (r.Entry == Submission || strings.TrimSpace(r.text()) != "" || len(r.files) > 0):
			return review(r), nil
		}
		return nil, nil
	}
	if open && reviews(step, r.author.ID) && (in.Command == inbox.Revise || in.Command == inbox.Done) {
		return review(r), nil // its words are for the editor to weigh
	}
	target := d.target(r, in, answered, step, manages)
	switch in.Command {
	case inbox.Accept:
		return d.accepts(r, in, target)
	case inbox.Decline:
		return declines(r, target, reasonOf(r, in)), nil
	case inbox.Done:
		if r.Entry == Submission {
			return nil, nil // it brings what it says is done
		}
		return d.finishes(ctx, look, r, step)
	case inbox.Extend:
		until, reason := d.until(r, in, step), reasonOf(r, in)
		done := fmt.Sprintf("Your editor is asked whether it can be %s, and decides on it.", until.Format("Monday, 2 January 2006"))
		return &request{name: "more time", done: done,
			move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
				ch, err := p.AskExtension(c, until, reason)
				if until.IsZero() && workflow.CodeOf(err) == workflow.Invalid {
					return ch, workflow.Errorf(workflow.Invalid, "no day that is still to come could be read: write the one until which you need, like %s",
						slices.MaxFunc([]time.Time{c.At, step.Deadline}, time.Time.Compare).AddDate(0, 0, 14).Format(time.DateOnly))
				}
				if s, _ := p.OpenStep(); err == nil && s.Extension != nil && s.Extension.ByID == c.PersonID && s.Extension.Until.Equal(until) {
					return workflow.Change{Piece: p}, nil // asked for before
				}
				return ch, err
			}}, nil
	case inbox.Revise:
		words := reasonOf(r, in)
		if !manages && !r.commands() {
			return nil, nil
		}
		if !manages {
			return &request{name: "revision", move: func(p workflow.Piece, _ workflow.Cause) (workflow.Change, error) {
				return workflow.Change{}, forEditors(p)
			}}, nil
		}
		if target == aPitch || r.piece.Topic == workflow.TopicProposed {
			return topicChanges(r, words), nil
		}
		return d.revision(r, in), nil
	}
	return nil, nil
}

// by makes the sender the actor: of what they decide for somebody else they are not told.
func by(c workflow.Cause, who workflow.Person) workflow.Cause {
	c.ActorID = who.ID
	return c
}

// proposes tells whether the author's mail is the proposal itself: words, while nobody decided on the topic.
func (r *ruling) proposes() bool {
	undecided := r.piece.Topic == "" || r.piece.Topic == workflow.TopicChanges
	return undecided && !r.question() && len(r.files) == 0 && strings.TrimSpace(r.text()) != "" && !slices.ContainsFunc(r.msg.Links, func(l inbox.Link) bool { return l.Type != inbox.WebLink })
}

// decisionOnTopic tells words that decide on a proposal, as “ACCEPT PITCH”, from those that are one.
func decisionOnTopic(words string) bool {
	line, _, _ := strings.Cut(strings.TrimSpace(words), "\n")
	w := strings.Fields(line)
	if len(w) < 2 || len(w) > 3 || strings.Trim(w[len(w)-1], ".!") != aPitch {
		return false
	}
	return slices.Contains([]string{"ACCEPT", "DECLINE", "REVISE"}, w[0])
}

// publishes tells whether an address from this sender says where the piece was published.
func (r *ruling) publishes(s workflow.Step) bool {
	theirs := r.author.ID == s.OwnerID || r.author.ID == r.piece.LeadID || workflow.Can(r.author, workflow.Manage, r.piece)
	return theirs && (s.Stage == workflow.Published || s.Stage == workflow.Distributed && r.piece.VerifiedAt.IsZero())
}

func publication(link string) *request {
	return &request{name: "published", final: true, done: "We look whether the page is there; once it is, everybody gets the share kit.",
		ask: "Please answer with DONE once the piece is distributed.",
		move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			u, err := webcheck.ParseURL(link)
			if err != nil {
				return workflow.Change{}, workflow.Errorf(workflow.Invalid, "%s cannot be the address of a publication: %s", clip(link, maxSubject), err)
			}
			return p.Publish(c, u.String())
		}}
}

// review is the answer of a peer, whose words go to the editor.
func review(r *ruling) *request {
	words := clip(strings.TrimSpace(r.text()), maxRelayed)
	return &request{name: "review", done: "Your review is with the editor.",
		move: func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			ch, err := p.Reviewed(c)
			for i := range ch.Events {
				if ch.Events[i].Kind == workflow.ReviewerAnswered {
					ch.Events[i].Words = words
				}
			}
			return ch, err
		}}
}

// awaited tells whether anything waits for the sender's answer on the piece.
func (r *ruling) awaited(s workflow.Step, open, manages bool) bool {
	id := r.author.ID
	switch {
	case id == r.piece.LeadID && r.piece.LeadConfirmedAt.IsZero() && !r.piece.Closed():
		return true
	case !open:
		return false
	case manages && (s.Extension != nil || s.Stage == workflow.Pitch && r.piece.Topic == workflow.TopicProposed):
		return true
	case r.msg.Intent.Command == inbox.Accept && s.OwnerID == id:
		return s.AcceptedAt.IsZero() && id != r.piece.EditorID || r.publishes(s) // nobody asks the editor
	}
	return s.OwnerID == id || r.publishes(s) || reviews(s, id)
}

func reviews(s workflow.Step, id int64) bool {
	return slices.ContainsFunc(s.Reviewers, func(v workflow.Reviewer) bool {
		return v.PersonID == id && v.AnsweredAt.IsZero() && v.DeclinedAt.IsZero()
	})
}

// target is what an accept or decline is about: what the link says, else the notice that it answers, else what waits for
// the sender.
func (d *Decider) target(r *ruling, in *inbox.Intent, answered string, s workflow.Step, manages bool) string {
	switch {
	case in.Target != "":
		return in.Target
	case targetOf(answered) != "":
		return targetOf(answered)
	case manages && s.Extension != nil:
		return anExtension
	case manages && r.piece.Topic == workflow.TopicProposed && s.Stage == workflow.Pitch:
		return aPitch
	case r.author.ID == r.piece.LeadID && r.piece.LeadConfirmedAt.IsZero() && s.OwnerID != r.author.ID:
		return aLead
	}
	return aStep
}

package workflow

import (
	"slices"
	"strings"
)

// Approve, DeclineTopic and AskChanges decide on a proposal; words are what the editor wrote with it. A decision that was
// taken already gives Conflict, so that two editors who answer at once are told.

// Approve approves the topic. The author may write once the piece is cleared; see Missing.
func (p Piece) Approve(c Cause, words string) (Change, error) {
	return p.decideTopic(TopicApproved, c, words, "the topic is approved")
}

// DeclineTopic declines it, which cancels the piece.
func (p Piece) DeclineTopic(c Cause, words string) (Change, error) {
	ch, err := p.decideTopic(TopicDeclined, c, words, "the topic is declined")
	if err != nil {
		return ch, err
	}
	ch.Piece = ch.Piece.close(c, "the topic was declined")
	return ch, nil
}

// AskChanges asks the author for another proposal.
func (p Piece) AskChanges(c Cause, words string) (Change, error) {
	if strings.TrimSpace(words) == "" {
		return Change{}, Errorf(Invalid, "the author of %s has to be told what to change: write it", p.Code)
	}
	return p.decideTopic(TopicChanges, c, words, "changes to the topic are asked for")
}

func (p Piece) decideTopic(to Topic, c Cause, words, detail string) (Change, error) {
	s, err := p.openStep()
	switch {
	case err != nil:
		return Change{}, err
	case s.Stage != Pitch:
		return Change{}, Errorf(Conflict, "%s is in %s: its topic was decided on before", p.Code, s.Stage.Label())
	case p.Topic == to, p.Topic == TopicApproved:
		return Change{}, Errorf(Conflict, "the topic of %s is %s already", p.Code, topicLabel(p.Topic))
	}
	p.Topic, p.TopicAt, p.UpdatedAt = to, c.At, c.At
	if to == TopicApproved {
		p.Note = words
	}
	c.PersonID = p.AuthorID
	e := c.event(TopicDecided, p, s, detail+because(words))
	e.Words = words
	return Change{Piece: p, Events: []Event{e}}, nil
}

func topicLabel(t Topic) string {
	if t == TopicChanges {
		return "waiting for changes by the author"
	}
	return string(t)
}

// Propose is what the author writes while the topic is not decided on: the proposal itself, or what was changed in it on the
// editor's wish: that takes the place of the old one in the brief, which the history keeps.
func (p Piece) Propose(c Cause, words string) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	if s.Stage != Pitch || p.Topic == TopicApproved {
		return Change{}, Errorf(Conflict, "the topic of %s is approved: there is nothing to propose any more", p.Code)
	}
	if p.Brief == "" || p.Topic == TopicChanges {
		p.Brief = words
	}
	p.Topic, p.TopicAt, p.UpdatedAt = TopicProposed, c.At, c.At
	e := c.event(TopicPitched, p, s, "the topic is proposed")
	e.Words = words
	return Change{Piece: p, Events: []Event{e}}, nil
}

// Missing lists what a piece lacks before its author may begin: each a sentence for the editor. onboarding tells whether the
// author's has to be complete. None: Clear clears it.
func (p Piece) Missing(author Person, onboarding bool) []string {
	var missing []string
	if p.Topic != TopicApproved && p.Topic != "" {
		missing = append(missing, "the topic is not approved")
	}
	if !author.LeftAt.IsZero() {
		missing = append(missing, author.Name+" has left the team: the draft is for somebody else")
	}
	if onboarding && !author.Onboarded() {
		what := "has not begun: invite them, or record that they are known"
		if next := author.Next(); next != "" {
			what = "is not complete, next is “" + next.Label() + "”"
		}
		missing = append(missing, "the onboarding of "+author.Name+" "+what)
	}
	if s, ok := p.Step(Draft); p.Deadline.IsZero() && (!ok || s.Deadline.IsZero()) {
		missing = append(missing, "there is no deadline")
	}
	return missing
}

// Clear tells the author to go ahead: the pitch is done, the draft opens. What is missing is the reason of the refusal.
func (p Piece) Clear(c Cause, author Person, onboarding bool) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	if s.Stage != Pitch {
		return Change{}, Errorf(Conflict, "%s is in %s: its author was cleared to write before", p.Code, s.Stage.Label())
	}
	if p.Topic == "" {
		p.Topic, p.TopicAt = TopicApproved, c.At // an editor clears it who made the piece
	}
	if missing := p.Missing(author, onboarding); len(missing) > 0 {
		return Change{}, Errorf(Conflict, "%s cannot be cleared to write: %s", p.Code, strings.Join(missing, "; "))
	}
	p.ClearedAt = c.At
	ch := p.handOn(c)
	about := c
	about.PersonID = p.AuthorID
	opened, _ := ch.Piece.OpenStep()
	ch.Events = append(ch.Events, about.event(PieceCleared, ch.Piece, opened, "the author is cleared to write"))
	return ch, nil
}

// Cancel gives the piece up; whom it concerns is told why.
func (p Piece) Cancel(c Cause, reason string) (Change, error) {
	if p.Closed() {
		_, err := p.openStep()
		return Change{}, err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return Change{}, Errorf(Invalid, "everybody at work on %s is told why it is cancelled: give a reason", p.Code)
	}
	s, _ := p.OpenStep()
	p = p.close(c, reason)
	e := c.event(PieceCancelled, p, s, "cancelled"+because(reason))
	e.Words = reason
	return Change{Piece: p, Events: []Event{e}}, nil
}

// close cancels the piece: nothing of it is open any more.
func (p Piece) close(c Cause, reason string) Piece {
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		if s := &p.Steps[i]; s.State == Open {
			s.State, s.Extension = Waiting, nil
		}
	}
	p.CancelledAt, p.CancelReason, p.UpdatedAt = c.At, reason, c.At
	return p
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

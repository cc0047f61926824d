package workflow

import (
	"slices"
	"strings"
	"time"
)

// Accept says that c.PersonID takes what they were asked for: the open step, or their review. Doing so twice changes nothing.
// Somebody else gives Forbidden, with who has it.
func (p Piece) Accept(c Cause) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	p.Steps = slices.Clone(p.Steps)
	step := &p.Steps[p.index(s.Stage)]
	if i := s.reviewer(c.PersonID); i >= 0 {
		step.Reviewers = slices.Clone(step.Reviewers)
		r := &step.Reviewers[i]
		if !r.AcceptedAt.IsZero() || !r.AnsweredAt.IsZero() {
			return Change{Piece: p}, nil
		}
		r.AcceptedAt = c.At
	} else {
		if s.OwnerID != c.PersonID {
			return Change{}, Errorf(Forbidden, "the %s of %s is not yours to take", s.Stage.Label(), p.Code)
		}
		if !step.AcceptedAt.IsZero() {
			return Change{Piece: p}, nil
		}
		step.AcceptedAt = c.At
		if !step.heard() {
			step.HeardAt = c.At
		}
	}
	p.UpdatedAt = c.At
	return Change{Piece: p, Events: []Event{c.event(StepAccepted, p, s, s.Stage.Label()+" is accepted")}}, nil
}

// Hear notes that the owner of the open step wrote: nobody asks whether they take it any more, takes their silence for a no, or
// wonders whether they are at work. They have not said yes with that; see Accept.
func (p Piece) Hear(c Cause) Change {
	s, open := p.OpenStep()
	if !open || s.OwnerID != c.PersonID || s.OwnerID == 0 || s.heard() { // once is enough: every mail would be a write
		return Change{Piece: p}
	}
	p.Steps = slices.Clone(p.Steps)
	p.Steps[p.index(s.Stage)].HeardAt = c.At
	return Change{Piece: p}
}

// heard tells whether the step's owner wrote since it was offered to them.
func (s Step) heard() bool { return !s.HeardAt.IsZero() && !s.HeardAt.Before(s.OfferedAt) }

// answeredAt is when the step's owner accepted it or first wrote; zero if neither.
func (s Step) answeredAt() time.Time {
	if s.heard() && (s.AcceptedAt.IsZero() || s.HeardAt.Before(s.AcceptedAt)) {
		return s.HeardAt
	}
	return s.AcceptedAt
}

// Decline gives back what c.PersonID was asked for: the step is the editor's then, who gives it to somebody else.
func (p Piece) Decline(c Cause, reason string) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	i := s.reviewer(c.PersonID)
	switch {
	case i >= 0:
		return p.reviewed(c, s, i, StepDeclined, reason)
	case s.OwnerID != c.PersonID:
		return Change{}, Errorf(Forbidden, "the %s of %s is not yours to decline", s.Stage.Label(), p.Code)
	case s.OwnerID == p.EditorID:
		return Change{}, Errorf(Conflict, "you are the editor of %s: give the %s to somebody else instead", p.Code, s.Stage.Label())
	}
	p, s = p.giveBack(s, c)
	e := c.event(StepDeclined, p, s, s.Stage.Label()+" is declined"+because(reason))
	e.Words = reason
	return Change{Piece: p, Events: []Event{e}}, nil
}

// Return is Decline by silence: nobody answered, so the step is the editor's again. The author of a piece keeps the draft.
func (p Piece) Return(c Cause) Change {
	s, open := p.OpenStep()
	if !open || !s.answeredAt().IsZero() || s.OwnerID == p.EditorID {
		return Change{Piece: p}
	}
	about := c
	about.PersonID = s.OwnerID
	if s.OwnerID == p.AuthorID {
		p.Steps = slices.Clone(p.Steps)
		p.Steps[p.index(s.Stage)].AcceptedAt = c.At // the questions end; the deadline's reminders go on
		p.UpdatedAt = c.At
	} else {
		p, _ = p.giveBack(s, c)
	}
	return Change{Piece: p, Events: []Event{about.event(StepReturned, p, s, "nobody answered for the "+s.Stage.Label()+": the editor takes over")}}
}

func (p Piece) giveBack(s Step, c Cause) (Piece, Step) {
	p.Steps = slices.Clone(p.Steps)
	step := &p.Steps[p.index(s.Stage)]
	step.OwnerID, step.OfferedAt, step.AcceptedAt, step.Extension = p.EditorID, c.At, c.At, nil
	step.Sequence++
	p.UpdatedAt = c.At
	return p, *step
}

// Complete is a “done” that brings no content. A draft needs some, so one has to be there already, of a revision one that came
// since it was asked for; a revision may also be done with words that say why there is none.
func (p Piece) Complete(c Cause, content bool, words string) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	if i := s.reviewer(c.PersonID); i >= 0 {
		return p.reviewed(c, s, i, ReviewerAnswered, "")
	}
	switch {
	case s.OwnerID != c.PersonID:
		return Change{}, Errorf(Forbidden, "the %s of %s is not yours to finish", s.Stage.Label(), p.Code)
	case s.Stage == Draft && s.Revision > 0 && !content && strings.TrimSpace(words) == "":
		return Change{}, Errorf(Invalid, "no new version of %s came since the revision was asked for: send it with your answer, as a file or a link, or, if nothing is to change, answer DONE and why", p.Code)
	case s.Stage == Draft && s.Revision == 0 && !content && p.Demo:
		return Change{}, Errorf(Invalid, "there is no draft of %s yet: a few sentences in your answer will do", p.Code)
	case s.Stage == Draft && s.Revision == 0 && !content:
		return Change{}, Errorf(Invalid, "there is no draft of %s yet: send it with your answer, as a file or a link", p.Code)
	case s.Stage == Distributed:
		return p.ConfirmDistributed(c)
	case s.Stage == Ready && len(p.Undone()) > 0:
		return p.tickAll(c)
	case p.leadMissing(s):
		return p.handOn(c), nil // handed in: it is not theirs to name the lead
	}
	ch, err := p.HandOff(c)
	for i := range ch.Events {
		if e := &ch.Events[i]; e.Kind == RevisionReceived {
			if e.Words = words; !content {
				e.Detail = "the revision is done without a new version" + because(words)
			}
		}
	}
	return ch, err
}

// AskReviewers asks peers for their opinion on the open step; needed is how many have to answer, 0 all of them. Who was asked
// before is not asked again.
func (p Piece) AskReviewers(c Cause, needed int, ids ...int64) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	if s.Stage != Review {
		return Change{}, Errorf(Conflict, "%s is in %s: peers are asked while it is in %s", p.Code, s.Stage.Label(), Review.Label())
	}
	p.Steps = slices.Clone(p.Steps)
	step := &p.Steps[p.index(s.Stage)]
	step.Reviewers = slices.Clone(step.Reviewers)
	ch := Change{}
	for _, id := range ids {
		if id == p.AuthorID {
			return Change{}, Errorf(Invalid, "the author of %s cannot review it", p.Code)
		}
		if step.reviewer(id) >= 0 {
			continue
		}
		step.Reviewers = append(step.Reviewers, Reviewer{PersonID: id, AskedAt: c.At})
		about := c
		about.PersonID = id
		ch.Events = append(ch.Events, about.event(ReviewerAsked, p, s, "a peer review is asked for"))
	}
	if needed < 0 || needed > len(step.Reviewers) {
		return Change{}, Errorf(Invalid, "%d answers are needed and %d asked for: ask more people, or need fewer answers", needed, len(step.Reviewers))
	}
	if len(ch.Events) == 0 && needed == step.Needed {
		return Change{Piece: p}, nil
	}
	step.Needed, p.UpdatedAt = needed, c.At
	if len(ch.Events) == 0 {
		ch.Events = []Event{c.event(PieceRevised, p, s, "how many reviewers have to answer is changed")}
	}
	if ch.Piece = p; !step.answered() {
		return ch, nil
	}
	return ch.Then(p.handOn(c)), nil
}

// Reviewed notes the answer of a reviewer, words of theirs being filed already. With the last one that is needed, the step is done.
func (p Piece) Reviewed(c Cause) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	i := s.reviewer(c.PersonID)
	if i < 0 {
		return Change{}, Errorf(Forbidden, "nobody asked for your review of %s", p.Code)
	}
	return p.reviewed(c, s, i, ReviewerAnswered, "")
}

func (p Piece) reviewed(c Cause, s Step, i int, what EventKind, words string) (Change, error) {
	p.Steps = slices.Clone(p.Steps)
	step := &p.Steps[p.index(s.Stage)]
	step.Reviewers = slices.Clone(step.Reviewers)
	r := &step.Reviewers[i]
	if !r.AnsweredAt.IsZero() || !r.DeclinedAt.IsZero() {
		return Change{Piece: p}, nil
	}
	detail := "a reviewer answered"
	if what == StepDeclined {
		r.DeclinedAt, detail = c.At, "a reviewer declined"+because(words)
	} else {
		r.AnsweredAt = c.At
	}
	p.UpdatedAt = c.At
	e := c.event(what, p, s, detail)
	e.Words = words
	ch := Change{Piece: p, Events: []Event{e}}
	if !step.answered() {
		return ch, nil
	}
	return ch.Then(p.handOn(c)), nil
}

func (s Step) reviewer(personID int64) int {
	return slices.IndexFunc(s.Reviewers, func(r Reviewer) bool { return r.PersonID == personID })
}

// answered tells whether as many reviewers answered as have to. Those who declined are not waited for, but somebody has to answer.
func (s Step) answered() bool {
	answers, open := 0, 0
	for _, r := range s.Reviewers {
		switch {
		case !r.AnsweredAt.IsZero():
			answers++
		case r.DeclinedAt.IsZero():
			open++
		}
	}
	if s.Needed > 0 && answers >= s.Needed {
		return true
	}
	return answers > 0 && open == 0
}

// AskRevision sends the piece back to its author: the draft is open again, until deadline if one is given, else until its own
// date if that is still to come; the step that asks goes on after it. Dates after it move as Grant moves them. It is allowed
// from the steps between draft and ready.
func (p Piece) AskRevision(c Cause, words string, deadline time.Time) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	if s.Stage.Index() <= Draft.Index() || s.Stage.Index() >= Ready.Index() {
		return Change{}, Errorf(Conflict, "%s is in %s: a revision can be asked for from %s to %s", p.Code, s.Stage.Label(), Review.Label(), Design.Label())
	}
	if strings.TrimSpace(words) == "" {
		return Change{}, Errorf(Invalid, "the author of %s has to be told what to revise: write it", p.Code)
	}
	if !deadline.IsZero() && !deadline.After(c.At) {
		return Change{}, Errorf(Invalid, "%s is over already: give the author a day that is still to come", dateIn(deadline, nil))
	}
	p.Steps = slices.Clone(p.Steps)
	was := slices.Clone(p.Steps)
	asking := &p.Steps[p.index(s.Stage)]
	asking.State, asking.HandedInAt, asking.Extension, asking.Reviewers, asking.Needed = Waiting, time.Time{}, nil, nil, 0
	asking.Sequence++ // its event is taken back, and comes again when it opens
	draft := &p.Steps[p.index(Draft)]
	draft.Revision++
	if deadline.IsZero() && draft.Deadline.After(c.At) {
		deadline = draft.Deadline
	}
	if deadline.IsZero() || !draft.Deadline.Equal(deadline) {
		draft.DeadlineVersion++ // its reminders begin anew
	}
	draft.Deadline = deadline
	if draft.OwnerID != p.AuthorID {
		draft.OwnerID = p.AuthorID
	}
	p.UpdatedAt = c.At
	i := p.open(Draft, c)
	var moved []Event
	if !deadline.IsZero() {
		moved = p.postpone(i+1, deadline, was, c)
	}
	if err := p.checkDeadlines(deadline.Location()); err != nil {
		return Change{}, err
	}
	c.PersonID = p.AuthorID
	e := c.event(RevisionAsked, p, p.Steps[i], "a revision is asked for"+because(words))
	e.Words = words
	return Change{Piece: p, Events: append([]Event{e}, moved...)}, nil
}

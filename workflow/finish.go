package workflow

import (
	"slices"
	"strings"
	"time"
)

// ConfirmLead is the distribution lead's yes.
func (p Piece) ConfirmLead(c Cause) (Change, error) {
	switch {
	case p.Closed():
		_, err := p.openStep()
		return Change{}, err
	case p.LeadID == 0 || p.LeadID != c.PersonID:
		return Change{}, Errorf(Forbidden, "you are not the distribution lead of %s", p.Code)
	case !p.LeadConfirmedAt.IsZero():
		return Change{Piece: p}, nil
	}
	p.LeadConfirmedAt, p.UpdatedAt = c.At, c.At
	ch := Change{Piece: p, Events: []Event{c.event(LeadConfirmed, p, Step{}, "the distribution lead confirmed")}}
	if s, open := p.OpenStep(); open && s.OwnerID == c.PersonID && s.AcceptedAt.IsZero() {
		p.Steps = slices.Clone(p.Steps)
		p.Steps[p.index(s.Stage)].AcceptedAt = c.At
		ch.Piece = p
	}
	return ch, nil
}

// Undone are the tasks that are still open before publication.
func (p Piece) Undone() []Task {
	return slices.DeleteFunc(slices.Clone(p.Checklist), func(t Task) bool { return !t.DoneAt.IsZero() })
}

// Tick notes that a task of the checklist is done. With the last one, a piece that is in ready moves on.
func (p Piece) Tick(c Cause, name string) (Change, error) {
	if p.Closed() {
		_, err := p.openStep()
		return Change{}, err
	}
	i, err := p.findTask(name)
	if err != nil {
		return Change{}, err
	}
	if !p.Checklist[i].DoneAt.IsZero() {
		return Change{Piece: p}, nil
	}
	return p.tick(c, i)
}

func (p Piece) tickAll(c Cause) (Change, error) {
	var which []int
	for i, t := range p.Checklist {
		if t.DoneAt.IsZero() {
			which = append(which, i)
		}
	}
	return p.tick(c, which...)
}

func (p Piece) tick(c Cause, which ...int) (Change, error) {
	p.Checklist = slices.Clone(p.Checklist)
	ch := Change{}
	s, _ := p.OpenStep()
	for _, i := range which {
		p.Checklist[i].DoneAt, p.Checklist[i].By = c.At, c.ActorID
		if c.ActorID == 0 {
			p.Checklist[i].By = c.PersonID
		}
		ch.Events = append(ch.Events, c.event(TaskDone, p, s, "done: "+p.Checklist[i].Name))
	}
	p.UpdatedAt = c.At
	if s.Stage == Ready && len(p.Undone()) == 0 {
		return ch.Then(p.handOn(c)), nil
	}
	ch.Piece = p
	return ch, nil
}

func taskNames(tasks []Task) string {
	if len(tasks) == 0 {
		return "none"
	}
	names := make([]string, len(tasks))
	for i, t := range tasks {
		names[i] = t.Name
	}
	return strings.Join(names, ", ")
}

// Publish notes where the piece was published: the publication is done, its distribution begins. A better address replaces
// one that is not verified yet. The address was looked at before: it is one that can be fetched.
func (p Piece) Publish(c Cause, url string) (Change, error) {
	s, err := p.openStep()
	switch {
	case err != nil:
		return Change{}, err
	case s.Stage != Published && s.Stage != Distributed:
		return Change{}, Errorf(Conflict, "%s is in %s: it is published after %s", p.Code, s.Stage.Label(), Ready.Label())
	case p.Demo:
		return Change{}, Errorf(Conflict, "%s is a demo piece, which is never published", p.Code)
	case s.Stage == Distributed && p.URL == url:
		return Change{Piece: p}, nil
	case s.Stage == Distributed && !p.VerifiedAt.IsZero():
		return Change{}, Errorf(Conflict, "%s is verified at %s already", p.Code, p.URL)
	}
	p.URL, p.CheckedAt, p.CheckProblem, p.UpdatedAt = url, time.Time{}, "", c.At
	about := c
	about.PersonID = s.OwnerID
	published := about.event(PiecePublished, p, s, "published at "+url)
	if s.Stage == Distributed {
		return Change{Piece: p, Events: []Event{published}}, nil
	}
	return Change{Piece: p, Events: []Event{published}}.Then(p.handOn(c)), nil
}

// Checked notes what fetching the address came to; problem "" is that it is there. A person who looked counts as well.
func (p Piece) Checked(c Cause, problem string) (Change, error) {
	s, err := p.openStep()
	switch {
	case err != nil:
		return Change{}, err
	case s.Stage != Distributed || p.URL == "":
		return Change{}, Errorf(Conflict, "%s is not published yet: there is nothing to verify", p.Code)
	case !p.VerifiedAt.IsZero():
		return Change{Piece: p}, nil
	}
	first := p.CheckProblem != problem
	p.CheckedAt, p.CheckProblem, p.UpdatedAt = c.At, problem, c.At
	if problem != "" {
		ch := Change{Piece: p}
		if first {
			ch.Events = []Event{c.event(CheckFailed, p, s, "the address could not be verified: "+problem)}
		}
		return ch, nil
	}
	p.VerifiedAt = c.At
	return p.closing(c, Change{Piece: p, Events: []Event{c.event(PieceVerified, p, s, p.URL+" is verified")}}), nil
}

// ConfirmDistributed is the lead's word that the piece was distributed.
func (p Piece) ConfirmDistributed(c Cause) (Change, error) {
	s, err := p.openStep()
	switch {
	case err != nil:
		return Change{}, err
	case s.OwnerID != c.PersonID && p.LeadID != c.PersonID && c.ActorID == 0:
		return Change{}, Errorf(Forbidden, "the distribution of %s is not yours to confirm", p.Code)
	case s.Stage != Distributed:
		return Change{}, Errorf(Conflict, "%s is in %s: first comes the address where it is published, then the word that it is distributed", p.Code, s.Stage.Label())
	case !p.DistributedAt.IsZero():
		return Change{Piece: p}, nil
	}
	p.DistributedAt, p.UpdatedAt = c.At, c.At
	return p.closing(c, Change{Piece: p, Events: []Event{c.event(PieceDistributed, p, s, "the distribution is confirmed")}}), nil
}

// closing ends the last step once the piece is both verified and distributed.
func (p Piece) closing(c Cause, ch Change) Change {
	if p.VerifiedAt.IsZero() || p.DistributedAt.IsZero() {
		return ch
	}
	return ch.Then(ch.Piece.handOn(c))
}

// unclosed says what a piece in distribution lacks.
func (p Piece) unclosed() string {
	var missing []string
	if p.VerifiedAt.IsZero() {
		missing = append(missing, "the address is not verified"+because(p.CheckProblem))
	}
	if p.DistributedAt.IsZero() {
		missing = append(missing, "the distribution is not confirmed")
	}
	return strings.Join(missing, "; ")
}

// DeclineLead is the distribution lead's no: the piece has none then, and its steps from ready on are the editor's.
func (p Piece) DeclineLead(c Cause, reason string) (Change, error) {
	switch {
	case p.Closed():
		_, err := p.openStep()
		return Change{}, err
	case p.LeadID == 0 || p.LeadID != c.PersonID:
		return Change{}, Errorf(Forbidden, "you are not the distribution lead of %s", p.Code)
	}
	p.Steps = slices.Clone(p.Steps)
	lead := p.LeadID
	p.LeadID, p.LeadNamedAt, p.LeadConfirmedAt, p.UpdatedAt = 0, c.At, c.At, c.At
	for i := range p.Steps {
		if s := &p.Steps[i]; s.State != Done && s.Stage.Index() >= Ready.Index() && s.OwnerID == lead {
			s.OwnerID = p.EditorID
			s.Sequence++
			if s.State == Open {
				s.OfferedAt, s.AcceptedAt = c.At, c.At
			}
		}
	}
	e := c.event(LeadDeclined, p, Step{}, "the distribution lead declined"+because(reason))
	e.Words = reason
	return Change{Piece: p, Events: []Event{e}}, nil
}

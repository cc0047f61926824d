package workflow

import (
	"slices"
	"time"
)

// Cause is who does something, when, and because of which mail.
type Cause struct {
	ActorID   int64 // who did it; 0 is Handoff itself
	PersonID  int64 // on whose behalf or about whom; 0: nobody in particular
	MessageID int64 // the stored mail that caused it
	At        time.Time
}

func (c Cause) event(kind EventKind, p Piece, s Step, detail string) Event {
	person := c.PersonID
	if person == 0 {
		person = s.OwnerID
	}
	return Event{At: c.At, Kind: kind, PieceID: p.ID, StepID: s.ID, PersonID: person, ActorID: c.ActorID, MessageID: c.MessageID, Detail: detail}
}

// File logs an entry that moves nothing: a comment, a late version, what somebody sent who is not at work on the piece.
func (p Piece) File(c Cause, detail string) Change {
	s, _ := p.OpenStep()
	return Change{Piece: p, Events: []Event{c.event(EntryFiled, p, s, detail)}}
}

// Submit logs a submission by c.PersonID. On the open step, by its owner, it is the handoff: that step is done and the next
// one opens. Anybody else's, and one on a piece that is finished, is filed and moves nothing.
func (p Piece) Submit(c Cause, detail string) Change {
	ch := p.File(c, detail)
	s, open := p.OpenStep()
	if !open || s.OwnerID != c.PersonID {
		return ch
	}
	moved := ch.Piece.handOn(c)
	moved.Events = append(ch.Events, moved.Events...)
	return moved
}

// HandOff ends the open step by hand and opens the next; whether c.ActorID may, is Can's to say.
func (p Piece) HandOff(c Cause) (Change, error) {
	if p.Finished() {
		return Change{}, Errorf(Conflict, "every step of %s is done, there is nothing left to hand on", p.Code)
	}
	return p.handOn(c), nil
}

// handOn is the one transition there is: the open step is done, the one after it opens.
func (p Piece) handOn(c Cause) Change {
	p.Steps = slices.Clone(p.Steps)
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.State == Open })
	p.Steps[i].State, p.Steps[i].DoneAt = Done, c.At
	p.UpdatedAt = c.At
	h := Handoff{From: p.Steps[i]}
	about := c
	about.PersonID = h.From.OwnerID
	ch := Change{Events: []Event{about.event(StepDone, p, h.From, h.From.Stage.Label()+" is done")}}
	if i+1 < len(p.Steps) {
		p.Steps[i+1].State, p.Steps[i+1].OpenedAt = Open, c.At
		p.Stage = p.Steps[i+1].Stage
		h.To = p.Steps[i+1]
		about.PersonID = h.To.OwnerID
		ch.Events = append(ch.Events, about.event(StepOpened, p, h.To, h.To.Stage.Label()+" is open"))
	}
	ch.Piece, ch.Handoffs = p, []Handoff{h}
	return ch
}

// SetDeadline gives the piece another overall deadline; the zero time takes it away. The same one again changes nothing:
// the Change then has no events.
func (p Piece) SetDeadline(at time.Time, c Cause) (Change, error) {
	if p.Deadline.Equal(at) {
		return Change{Piece: p}, nil
	}
	old := p.Deadline
	p.Deadline, p.UpdatedAt = at, c.At
	p.DeadlineVersion++
	if err := p.checkDeadlines(at.Location()); err != nil {
		return Change{}, err
	}
	return Change{Piece: p, Events: []Event{c.event(DeadlineChanged, p, Step{},
		"overall deadline: "+dateIn(old, at.Location())+" → "+dateIn(at, at.Location()))}}, nil
}

// SetStepDeadline gives a step another deadline; the zero time takes it away. A step that is done keeps its own.
func (p Piece) SetStepDeadline(stage Stage, at time.Time, c Cause) (Change, error) {
	i, err := p.changeable(stage)
	if err != nil {
		return Change{}, err
	}
	if p.Steps[i].Deadline.Equal(at) {
		return Change{Piece: p}, nil
	}
	p.Steps = slices.Clone(p.Steps)
	s := &p.Steps[i]
	old := s.Deadline
	s.Deadline = at
	s.DeadlineVersion++
	p.UpdatedAt = c.At
	if err := p.checkDeadlines(at.Location()); err != nil {
		return Change{}, err
	}
	return Change{Piece: p, Events: []Event{c.event(DeadlineChanged, p, *s,
		stage.Label()+" deadline: "+dateIn(old, at.Location())+" → "+dateIn(at, at.Location()))}}, nil
}

// Assign gives a step another owner. When it is the open one, the new owner is to be told: the Change has a Handoff without From.
func (p Piece) Assign(stage Stage, ownerID int64, c Cause) (Change, error) {
	i, err := p.changeable(stage)
	if err != nil {
		return Change{}, err
	}
	if ownerID == 0 {
		return Change{}, Errorf(Invalid, "the %s of %s needs an owner", stage.Label(), p.Code)
	}
	return p.assign([]int{i}, ownerID, c), nil
}

// AssignLead names the distribution lead, who takes over the steps from ready on that are not done and had no owner of their own.
func (p Piece) AssignLead(leadID int64, c Cause) (Change, error) {
	if leadID == 0 {
		return Change{}, Errorf(Invalid, "%s needs a distribution lead, not nobody", p.Code)
	}
	var steps []int
	for i, s := range p.Steps {
		if s.State != Done && s.Stage.Index() >= Ready.Index() && s.OwnerID == p.defaultOwner(s.Stage) {
			steps = append(steps, i)
		}
	}
	if p.LeadID == leadID {
		return Change{Piece: p}, nil
	}
	p.LeadID, p.UpdatedAt = leadID, c.At
	ch := p.assign(steps, leadID, c)
	c.PersonID = leadID
	ch.Events = append(ch.Events, c.event(OwnerChanged, p, Step{}, "another distribution lead"))
	return ch, nil
}

func (p Piece) assign(steps []int, ownerID int64, c Cause) Change {
	p.Steps = slices.Clone(p.Steps)
	ch := Change{}
	c.PersonID = ownerID
	for _, i := range steps {
		s := &p.Steps[i]
		if s.OwnerID == ownerID {
			continue
		}
		s.OwnerID = ownerID
		p.UpdatedAt = c.At
		ch.Events = append(ch.Events, c.event(OwnerChanged, p, *s, s.Stage.Label()+" has another owner"))
		if s.State == Open {
			ch.Handoffs = append(ch.Handoffs, Handoff{To: *s})
		}
	}
	ch.Piece = p
	return ch
}

// changeable is the index of a step that is not done.
func (p Piece) changeable(stage Stage) (int, error) {
	i := p.index(stage)
	switch {
	case i < 0:
		return 0, Errorf(Invalid, "%q is not a stage of %s, the stages are %s", stage, p.Code, listOf(Stages()))
	case p.Steps[i].State == Done:
		return 0, Errorf(Conflict, "the %s of %s is done, it cannot be changed any more", stage.Label(), p.Code)
	}
	return i, nil
}

package workflow

import (
	"cmp"
	"slices"
	"time"
)

// Cause is who does something, when, and because of which mail.
type Cause struct {
	ActorID   int64 // who did it; 0 is Handoff itself
	PersonID  int64 // on whose behalf or about whom; 0: nobody in particular
	MessageID int64 // the stored mail that caused it
	At        time.Time
	Schedule  Schedule // by which the dates are planned that it moves
}

// zone is that of who acts, or on whose behalf it is done, in which dates are named to them; nil where the days of nobody are known.
func (c Cause) zone() *time.Location {
	if c.Schedule.Worker == nil {
		return nil
	}
	return c.Schedule.worker(cmp.Or(c.ActorID, c.PersonID)).zone()
}

func (c Cause) event(kind EventKind, p Piece, s Step, detail string) Event {
	person := c.PersonID
	if person == 0 {
		person = s.OwnerID
	}
	return Event{At: c.At, Kind: kind, PieceID: p.ID, StepID: s.ID, PersonID: person, ActorID: c.ActorID, MessageID: c.MessageID, Detail: detail}
}

// Then is this change and the one that was made of its piece after it; one without events was none.
func (ch Change) Then(next Change) Change {
	if len(next.Events) == 0 {
		return ch
	}
	next.Events = slices.Concat(ch.Events, next.Events)
	next.Handoffs = slices.Concat(ch.Handoffs, next.Handoffs)
	next.Unassigned = slices.Concat(ch.Unassigned, next.Unassigned)
	return next
}

// File logs an entry that moves nothing: a comment, a late version, what somebody sent who is not at work on the piece.
func (p Piece) File(c Cause, detail string) Change {
	s, _ := p.OpenStep()
	return Change{Piece: p, Events: []Event{c.event(EntryFiled, p, s, detail)}}
}

// Submit logs a submission by c.PersonID. On the open step, by its owner, it is the handoff: that step is done and the next
// one opens; where that cannot begin yet, the work counts as handed in. Anybody else's, one on a piece that is not open, and
// one that comes before the piece is cleared, is filed and moves nothing.
func (p Piece) Submit(c Cause, detail string) Change {
	ch := p.File(c, detail)
	s, open := p.OpenStep()
	switch {
	case !open:
		return ch
	case s.Stage == Pitch && p.AuthorID == c.PersonID:
		ch.Events = append(ch.Events, c.event(EarlyDraft, p, s, "a draft came before the piece was cleared to write"))
		return ch
	case s.Stage == Published || s.Stage == Distributed, s.OwnerID != c.PersonID:
		return ch
	}
	return ch.Then(ch.Piece.handOn(c))
}

// HandOff ends the open step by hand and opens the next; whether c.ActorID may, is Can's to say. What has a condition of its
// own is refused: writing begins when the piece is cleared, ready needs a distribution lead, and nothing is closed that is
// not published and verified.
func (p Piece) HandOff(c Cause) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	switch {
	case s.Stage == Pitch && p.Topic != "":
		return Change{}, Errorf(Conflict, "%s is a proposal: it moves on when its topic is approved and the author is cleared to write", p.Code)
	case s.Stage == Ready && len(p.Undone()) > 0:
		return Change{}, Errorf(Conflict, "%s cannot be published yet, these are open: %s", p.Code, taskNames(p.Undone()))
	case s.Stage == Published:
		return Change{}, Errorf(Conflict, "%s is published when its address is known: name the URL", p.Code)
	case s.Stage == Distributed:
		return Change{}, Errorf(Conflict, "%s is closed when its address is verified and its lead confirms the distribution: %s", p.Code, p.unclosed())
	case p.leadMissing(s):
		return Change{}, Errorf(Conflict, "%s has no distribution lead, and nothing is ready without one: name one first", p.Code)
	}
	return p.handOn(c), nil
}

// openStep is the open step, or an error that says why there is none.
func (p Piece) openStep() (Step, error) {
	s, open := p.OpenStep()
	switch {
	case open:
		return s, nil
	case p.Cancelled():
		return s, Errorf(Conflict, "%s was cancelled%s", p.Code, because(p.CancelReason))
	default:
		return s, Errorf(Conflict, "every step of %s is done: nothing of it is open any more", p.Code)
	}
}

// leadMissing tells whether the step after s is the distribution lead's, and there is none.
func (p Piece) leadMissing(s Step) bool {
	next, ok := p.after(s)
	return ok && next.Stage == Ready && p.LeadID == 0
}

// after is the step that opens when s is done: the first that waits.
func (p Piece) after(s Step) (Step, bool) {
	i := slices.IndexFunc(p.Steps, func(n Step) bool { return n.State == Waiting && n.Stage.Index() > s.Stage.Index() })
	if i < 0 {
		return Step{}, false
	}
	return p.Steps[i], true
}

// handOn is the one way forward: the open step is done, the first that waits behind it opens, with another date if it opens
// too late for its own. Without the distribution lead that it needs, the step stays open, handed in.
func (p Piece) handOn(c Cause) Change {
	p.Steps = slices.Clone(p.Steps)
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.State == Open })
	from := &p.Steps[i]
	about := c
	about.PersonID = from.OwnerID
	p.UpdatedAt = c.At
	from.Extension = nil
	if from.AcceptedAt.IsZero() {
		from.AcceptedAt = c.At
	}
	if p.leadMissing(*from) {
		from.HandedInAt = c.At
		return Change{Piece: p, Events: []Event{about.event(HandedIn, p, *from, from.Stage.Label()+" is handed in; "+Ready.Label()+" waits for a distribution lead")}}
	}
	from.State, from.DoneAt = Done, c.At
	h := Handoff{From: *from}
	ch := Change{Events: []Event{about.event(StepDone, p, h.From, h.From.Stage.Label()+" is done")}}
	if from.Stage == Draft && from.Revision > 0 {
		ch.Events = append(ch.Events, about.event(RevisionReceived, p, h.From, "the revision is here"))
	}
	if next, ok := p.after(*from); ok {
		was := slices.Clone(p.Steps)
		i := p.open(next.Stage, c)
		var moved []Event
		if !p.Steps[i].Deadline.IsZero() {
			moved = p.postpone(i, c.At, was, c)
		}
		h.To = p.Steps[i]
		about.PersonID = h.To.OwnerID
		ch.Events = append(ch.Events, about.event(StepOpened, p, h.To, h.To.Stage.Label()+" is open"))
		ch.Events = append(ch.Events, moved...)
	}
	ch.Piece, ch.Handoffs = p, []Handoff{h}
	return ch
}

// open makes the step of that stage, whose index it returns, the open one and offers it to its owner. The caller owns p.Steps.
func (p *Piece) open(stage Stage, c Cause) int {
	i := p.index(stage)
	s := &p.Steps[i]
	s.State, s.OpenedAt, s.DoneAt, s.HandedInAt = Open, c.At, time.Time{}, time.Time{}
	p.Stage = stage
	p.offer(s, c)
	return i
}

// offer asks the step's owner to take it. Who gives it to themselves has taken it, and so has a lead who said yes to the piece.
func (p *Piece) offer(s *Step, c Cause) {
	s.OfferedAt, s.AcceptedAt = c.At, time.Time{}
	if s.OwnerID == c.ActorID || s.OwnerID == p.LeadID && s.Stage.Index() >= Ready.Index() && !p.LeadConfirmedAt.IsZero() {
		s.AcceptedAt = c.At
	}
}

// SetDeadline gives the piece another overall deadline; the zero time takes it away. The same one again changes nothing:
// the Change then has no events.
func (p Piece) SetDeadline(at time.Time, c Cause) (Change, error) {
	if p.Deadline.Equal(at) {
		return Change{Piece: p}, nil
	}
	if p.Closed() {
		_, err := p.openStep()
		return Change{}, err
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

// AssignLead names the distribution lead, who takes over the steps from ready on that are not done and had no owner of their
// own. Work that was handed in and waited for a lead is handed on.
func (p Piece) AssignLead(leadID int64, c Cause) (Change, error) {
	if leadID == 0 {
		return Change{}, Errorf(Invalid, "%s needs a distribution lead, not nobody", p.Code)
	}
	if p.LeadID == leadID {
		return Change{Piece: p}, nil
	}
	if p.Closed() {
		_, err := p.openStep()
		return Change{}, err
	}
	var steps []int
	for i, s := range p.Steps {
		if s.State != Done && s.Stage.Index() >= Ready.Index() && s.OwnerID == p.defaultOwner(s.Stage) {
			steps = append(steps, i)
		}
	}
	p.LeadID, p.UpdatedAt = leadID, c.At
	p.nameLead(c)
	ch := p.assign(steps, leadID, c)
	about := c
	about.PersonID = leadID
	ch.Events = append(ch.Events, about.event(LeadNamed, ch.Piece, Step{}, "another distribution lead"))
	if s, open := ch.Piece.OpenStep(); open && !s.HandedInAt.IsZero() {
		ch = ch.Then(ch.Piece.handOn(c))
	}
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
		was := *s
		s.OwnerID, s.Extension = ownerID, nil
		s.Sequence++
		p.UpdatedAt = c.At
		if s.State == Open {
			p.offer(s, c)
			ch.Handoffs = append(ch.Handoffs, Handoff{To: *s})
			if was.OwnerID != 0 {
				ch.Unassigned = append(ch.Unassigned, was)
			}
		}
		ch.Events = append(ch.Events, c.event(OwnerChanged, p, *s, s.Stage.Label()+" has another owner"))
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
	case p.Cancelled():
		return 0, Errorf(Conflict, "%s was cancelled%s", p.Code, because(p.CancelReason))
	}
	return i, nil
}

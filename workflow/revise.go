package workflow

import "slices"

// PieceRevised says that a piece's title or people were changed.
const PieceRevised EventKind = "piece_revised"

// Revise brings a piece to what in says of it: title, people, deadlines and owners of the steps that are not done. What in
// leaves out stays, and so does the stage: work that was handed on is not taken back; what was handed in and waited for a
// lead moves on with one. A piece that is so already gives a Change without events.
func (p Piece) Revise(in PieceInput, c Cause) (Change, error) {
	was := p
	p.Steps = slices.Clone(p.Steps)
	ch := Change{}
	if n, _, err := NewPiece(in, c); err != nil {
		return Change{}, err
	} else if n.Title != p.Title {
		p.Title = n.Title
		ch.Events = append(ch.Events, c.event(PieceRevised, p, Step{}, "the title is “"+p.Title+"” now"))
	}
	p.AuthorID, p.EditorID = in.AuthorID, in.EditorID
	if in.LeadID != 0 && in.LeadID != p.LeadID {
		p.LeadID = in.LeadID
		p.nameLead(c)
	}
	for _, who := range []struct {
		what     string
		kind     EventKind
		from, to int64
	}{{"author", PieceRevised, was.AuthorID, p.AuthorID}, {"editor", PieceRevised, was.EditorID, p.EditorID}, {"distribution lead", LeadNamed, was.LeadID, p.LeadID}} {
		if who.from != who.to {
			about := c
			about.PersonID = who.to
			ch.Events = append(ch.Events, about.event(who.kind, p, Step{}, "another "+who.what))
		}
	}
	if !in.Deadline.IsZero() && !in.Deadline.Equal(p.Deadline) {
		ch.Events = append(ch.Events, c.event(DeadlineChanged, p, Step{},
			"overall deadline: "+dateIn(p.Deadline, in.Deadline.Location())+" → "+dateIn(in.Deadline, in.Deadline.Location())))
		p.Deadline = in.Deadline
		p.DeadlineVersion++
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.State == Done {
			continue
		}
		ch.Events = append(ch.Events, p.reviseStep(s, was, in.Steps[s.Stage], c)...)
		if s.State == Open && s.OwnerID != was.Steps[i].OwnerID {
			ch.Handoffs = append(ch.Handoffs, Handoff{To: *s})
			ch.Unassigned = append(ch.Unassigned, was.Steps[i])
		}
	}
	if len(ch.Events) == 0 {
		ch.Piece = was
		return ch, nil
	}
	p.UpdatedAt = c.At
	ch.Piece = p
	if err := p.checkDeadlines(nil); err != nil {
		return Change{}, err
	}
	if s, open := p.OpenStep(); open && !s.HandedInAt.IsZero() && !p.leadMissing(s) {
		moved := p.handOn(c)
		moved.Events, moved.Handoffs = append(ch.Events, moved.Events...), append(ch.Handoffs, moved.Handoffs...)
		moved.Unassigned = ch.Unassigned
		return moved, nil
	}
	return ch, nil
}

// reviseStep gives the step its owner and deadline. An owner by default follows the piece's people.
func (p Piece) reviseStep(s *Step, was Piece, in StepInput, c Cause) (events []Event) {
	owner := in.OwnerID
	if owner == 0 && s.OwnerID == was.defaultOwner(s.Stage) {
		owner = p.defaultOwner(s.Stage)
	}
	if owner != 0 && owner != s.OwnerID {
		s.OwnerID, s.Extension = owner, nil
		s.Sequence++
		if s.State == Open {
			p.offer(s, c)
		}
		about := c
		about.PersonID = owner
		events = append(events, about.event(OwnerChanged, p, *s, s.Stage.Label()+" has another owner"))
	}
	if !in.Deadline.IsZero() && !in.Deadline.Equal(s.Deadline) {
		events = append(events, c.event(DeadlineChanged, p, *s, s.Stage.Label()+" deadline: "+
			dateIn(s.Deadline, in.Deadline.Location())+" → "+dateIn(in.Deadline, in.Deadline.Location())))
		s.Deadline = in.Deadline
		s.DeadlineVersion++
	}
	return events
}

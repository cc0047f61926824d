package workflow

import "slices"

// PieceRevised says that a piece's title or people were changed.
const PieceRevised EventKind = "piece_revised"

// Revise brings a piece to what in says of it: title, people, deadlines and owners of the steps that are not done. What in
// leaves out stays, and so does the stage: work that was handed on is not taken back. A piece that is so already gives a
// Change without events.
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
	if in.LeadID != 0 {
		p.LeadID = in.LeadID
	}
	for _, who := range []struct {
		what     string
		from, to int64
	}{{"author", was.AuthorID, p.AuthorID}, {"editor", was.EditorID, p.EditorID}, {"distribution lead", was.LeadID, p.LeadID}} {
		if who.from != who.to {
			about := c
			about.PersonID = who.to
			ch.Events = append(ch.Events, about.event(PieceRevised, p, Step{}, "another "+who.what))
		}
	}
	if !in.Deadline.IsZero() && !in.Deadline.Equal(p.Deadline) {
		ch.Events = append(ch.Events, c.event(DeadlineChanged, p, Step{},
			"overall deadline: "+dateIn(p.Deadline, in.Deadline.Location())+" → "+dateIn(in.Deadline, in.Deadline.Location())))
		p.Deadline = in.Deadline
		p.DeadlineVersion++
	}
	for i := range p.Steps {
		if p.Steps[i].State != Done {
			ch.Events = append(ch.Events, p.reviseStep(&p.Steps[i], was, in.Steps[p.Steps[i].Stage], c)...)
		}
	}
	if len(ch.Events) == 0 {
		ch.Piece = was
		return ch, nil
	}
	p.UpdatedAt = c.At
	ch.Piece = p
	return ch, p.checkDeadlines(nil)
}

// reviseStep gives the step its owner and deadline. An owner by default follows the piece's people.
func (p Piece) reviseStep(s *Step, was Piece, in StepInput, c Cause) (events []Event) {
	owner := in.OwnerID
	if owner == 0 && s.OwnerID == was.defaultOwner(s.Stage) {
		owner = p.defaultOwner(s.Stage)
	}
	if owner != 0 && owner != s.OwnerID {
		s.OwnerID = owner
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

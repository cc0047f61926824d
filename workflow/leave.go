package workflow

// Gone says that the person does not work with the team any more, and so is given nothing to do; nil if they do.
func (p Person) Gone() error {
	if p.LeftAt.IsZero() {
		return nil
	}
	return Errorf(Conflict, "%s has left the team and gets no work: name somebody else", p.Name)
}

// Relieve takes from somebody who leaves all that they still have to do with the piece and gives it to another, 0 is the piece's
// editor: the steps that are not done, the edition, the distribution, and, while a revision can be asked for, the authorship. A
// review that they owe is not waited for, and their own demo piece is given up. Without another, a piece that they edit is refused.
func (p Piece) Relieve(personID, to int64, c Cause) (Change, error) {
	ch := Change{Piece: p}
	if p.Closed() || personID == 0 {
		return ch, nil
	}
	if to == 0 && p.EditorID == personID {
		return Change{}, Errorf(Conflict, "they are the editor of %s: name who takes over", p.Code)
	}
	c.PersonID = personID
	if p.Demo && p.AuthorID == personID {
		return p.Cancel(c, "its author has left the team")
	}
	heir := to
	if heir == 0 {
		heir = p.EditorID
	}
	if p.EditorID == personID {
		p.EditorID = heir
		ch = ch.Then(p.inherited(heir, "another editor", c))
	}
	s, _ := p.OpenStep()
	if p = ch.Piece; p.AuthorID == personID && s.Stage.Index() < Ready.Index() {
		p.AuthorID = heir
		ch = ch.Then(p.inherited(heir, "another author", c))
	}
	if p = ch.Piece; p.LeadID == personID {
		lead, err := p.DeclineLead(c, "they left the team")
		if to != 0 || s.Stage.Index() >= Ready.Index() { // what is ready has a lead
			lead, err = p.AssignLead(heir, c)
		}
		if err != nil {
			return Change{}, err
		}
		ch = ch.Then(unsaid(lead))
	}
	p = ch.Piece
	var steps []int
	for i, s := range p.Steps {
		if s.State != Done && s.OwnerID == personID {
			steps = append(steps, i)
		}
	}
	if len(steps) > 0 {
		ch = ch.Then(p.assign(steps, heir, c))
	}
	if s, open := ch.Piece.OpenStep(); open && s.Owes(personID) {
		review, err := ch.Piece.reviewed(c, s, s.reviewer(personID), StepDeclined, "they left the team")
		if err != nil {
			return Change{}, err
		}
		ch = ch.Then(unsaid(review))
	}
	return ch, nil
}

func (p Piece) inherited(heir int64, detail string, c Cause) Change {
	p.UpdatedAt = c.At
	c.PersonID = heir
	return Change{Piece: p, Events: []Event{c.event(PieceRevised, p, Step{}, detail)}}
}

// Owes tells whether somebody was asked for a review and did not answer.
func (s Step) Owes(personID int64) bool {
	i := s.reviewer(personID)
	return i >= 0 && s.Reviewers[i].AnsweredAt.IsZero() && s.Reviewers[i].DeclinedAt.IsZero()
}

// unsaid is ch without anybody's words: the reason in it is ours, and no mail quotes it as theirs.
func unsaid(ch Change) Change {
	for i := range ch.Events {
		ch.Events[i].Words = ""
	}
	return ch
}

package workflow

// Permission is something that somebody may do to a piece.
type Permission string

const (
	Contribute Permission = "contribute" // have mail filed on it
	Submit     Permission = "submit"     // hand in the open step
	Manage     Permission = "manage"     // hand on by hand, set deadlines and owners, file held mail
)

// Can tells whether the person may do that to the piece. Contribute is for its author, editor, lead and the owners of its
// steps; Submit for the owner of the open step; Manage for its editor and for admins.
func Can(who Person, what Permission, p Piece) bool {
	if who.ID == 0 {
		return false
	}
	switch what {
	case Contribute:
		if who.ID == p.AuthorID || who.ID == p.EditorID || who.ID == p.LeadID {
			return true
		}
		for _, s := range p.Steps {
			if s.OwnerID == who.ID || s.reviewer(who.ID) >= 0 {
				return true
			}
		}
		return false
	case Submit:
		s, open := p.OpenStep()
		return open && s.OwnerID == who.ID
	case Manage:
		return who.ID == p.EditorID || who.Is(Admin)
	default:
		return false
	}
}

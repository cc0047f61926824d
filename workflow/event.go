package workflow

// Text is the event as a sentence for people; name tells a person's name, "" for id 0.
func (e Event) Text(name func(id int64) string) string {
	who := name(e.ActorID)
	switch e.Kind { // done by whom it is about, if by nobody else
	case TopicPitched, StepAccepted, StepDeclined, ReviewerAnswered, ExtensionAsked, LeadConfirmed, LeadDeclined, PieceDistributed, RequestRefused:
		if e.ActorID == 0 {
			who = name(e.PersonID)
		}
	case TaskDone:
		if e.ActorID == 0 && e.MessageID != 0 {
			who = name(e.PersonID)
		}
	}
	if who == "" {
		who = "Handoff"
	}
	switch e.Kind {
	case EntryFiled:
		if e.PersonID != 0 && e.PersonID != e.ActorID {
			return who + " filed for " + name(e.PersonID) + ": " + e.Detail
		}
	case StepOpened, OwnerChanged:
		if owner := name(e.PersonID); owner != "" {
			return who + ": " + e.Detail + ", for " + owner
		}
	case ReviewerAsked:
		if reviewer := name(e.PersonID); reviewer != "" {
			return who + ": " + e.Detail + ", of " + reviewer
		}
	case LeadNamed:
		if lead := name(e.PersonID); lead != "" {
			return who + ": " + e.Detail + ": " + lead
		}
	case StepDone:
		if owner := name(e.PersonID); owner != "" && e.PersonID != e.ActorID {
			return who + ": " + e.Detail + ", by " + owner
		}
	case MilestoneReached, PersonMuted, PersonChanged:
		switch person := name(e.PersonID); {
		case person != "" && e.PersonID == e.ActorID:
			return person + ": " + e.Detail
		case person != "":
			return person + ": " + e.Detail + ", noted by " + who
		}
	case BypassRecorded:
		if person := name(e.PersonID); person != "" {
			return person + " mailed around the tool: " + e.Detail
		}
		return "A colleague mailed around the tool: " + e.Detail
	}
	return who + ": " + e.Detail
}

package workflow

import "time"

// addSlips judges the steps of a piece by their last deadline: their own, or else the whole piece's, as reminders do; a pitch
// only by its own. One that was opened again for a revision is judged once, by how it ended. What waits, or never was open
// here, is not judged.
func (t *Tally) addSlips(h history) {
	for _, s := range h.Steps {
		deadline := s.Deadline
		if deadline.IsZero() && s.Stage != Pitch {
			deadline = h.Deadline
		}
		if deadline.IsZero() || s.OpenedAt.IsZero() || s.State == Waiting {
			continue
		}
		end := s.DoneAt
		if !s.HandedInAt.IsZero() { // the owner's work was there then
			end = s.HandedInAt
		}
		late := end.After(deadline) || end.IsZero() && t.o.Now.After(deadline)
		verdict := deadline
		if !late {
			verdict = end
		}
		owner := h.ownerAt(s.Stage, latest(verdict, s.OpenedAt))
		if verdict.IsZero() || !t.within(verdict) || !t.about(owner) {
			continue
		}
		slip := t.slips[s.Stage]
		if slip == nil {
			slip = &Slip{Stage: s.Stage}
			t.slips[s.Stage] = slip
		}
		slip.Due++
		openedLate := late && s.OpenedAt.After(deadline)
		if late {
			slip.Late++
			if end.IsZero() {
				slip.Open++
			}
			h.actor(slip, owner, deadline, end)
		}
		if openedLate {
			slip.OpenedLate++
			continue
		}
		t.addOnTime(stepRole(s.Stage, owner == h.EditorID), verdict, !late)
	}
}

func (t *Tally) addOnTime(role Role, verdict time.Time, kept bool) {
	key := roleMonth{verdict.In(t.zone).Format("2006-01"), role}
	row := t.onTime[key]
	if row == nil {
		row = &OnTime{Month: key.month, Role: role}
		t.onTime[key] = row
	}
	row.Due++
	if kept {
		row.OnTime++
	}
}

// stepRole is the role in which a step is done; a review by the piece's editor is the editor's.
func stepRole(stage Stage, editor bool) Role {
	switch stage {
	case Pitch, Draft:
		return Author
	case Review:
		if editor {
			return Editor
		}
		return PeerReviewer
	case CopyEdit:
		return CopyEditor
	case Design:
		return Designer
	}
	return DistributionLead
}

// actor counts who did something first after the deadline, until end; a zero end is now.
func (h *history) actor(slip *Slip, owner int64, deadline, end time.Time) {
	for _, e := range h.events {
		if !e.At.After(deadline) {
			continue
		}
		if !end.IsZero() && e.At.After(end) {
			break
		}
		switch e.person() {
		case 0:
			continue
		case owner:
			slip.Acted.Owner++
		case h.EditorID:
			slip.Acted.Editor++
		case h.LeadID:
			slip.Acted.Lead++
		case h.AuthorID:
			slip.Acted.Author++
		default:
			slip.Acted.Other++
		}
		return
	}
	slip.Acted.Nobody++
}

// person is who did it: its actor, or who wrote the mail that Handoff acted on. 0 if no person, or none that is known.
func (e Event) person() int64 {
	if e.ActorID != 0 || e.MessageID == 0 {
		return e.ActorID
	}
	switch e.Kind {
	case EntryFiled, EarlyDraft, StepDone, HandedIn, StepAccepted, StepDeclined, ExtensionAsked, ReviewerAnswered, RevisionReceived,
		TopicPitched, LeadConfirmed, TaskDone, PiecePublished, PieceDistributed:
		return e.PersonID
	}
	return 0
}

package outbox

import (
	"slices"

	"handoff/templates"
	"handoff/workflow"
)

// Draft is what was filed on a piece, as it goes with mails.
type Draft struct {
	templates.Draft       // without Sender
	SenderID        int64 // who has it already
	Letter          bool  // the text went with a draft in files or links: it is for colleagues alone
}

// Carries tells whether somebody is told of the change who needs the newest version.
func Carries(ch workflow.Change) bool {
	for _, h := range ch.Handoffs {
		if h.To.Stage != "" || ch.Piece.Demo { // whose end asks whether it is good
			return true
		}
	}
	return slices.ContainsFunc(ch.Events, func(e workflow.Event) bool {
		switch e.Kind {
		case workflow.ReviewerAsked, workflow.RevisionAsked, workflow.StepDeclined, workflow.StepReturned:
			return true
		}
		return false
	})
}

// For is the draft as it goes to a reader: no letter to the team, and none at all where they sent it themselves.
func (d Draft) For(reader workflow.Person, sender templates.Person) []templates.Draft {
	if d.Letter && reader.Class == workflow.Outside {
		d = d.WithoutText()
	}
	if d.SenderID == reader.ID || len(d.Files)+len(d.Links) == 0 {
		return nil
	}
	d.Sender = sender
	return []templates.Draft{d.Draft}
}

// WithoutText is the draft without what was written in the mail.
func (d Draft) WithoutText() Draft {
	d.Files = slices.DeleteFunc(slices.Clone(d.Files), func(a templates.Attachment) bool { return a.Number == templates.MailText })
	return d
}

func (t *telling) drafts(reader int64, drafts ...Draft) []templates.Draft {
	var theirs []templates.Draft
	for _, d := range drafts {
		theirs = append(theirs, d.For(t.People[reader], t.person(d.SenderID))...)
	}
	return theirs
}

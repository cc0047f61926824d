package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/templates"
	"handoff/workflow"
)

// Outdated tells why a queued notice is not to be sent any more, "" if it is. While it waited, for the morning or for the mail
// server, the step may have been done, given to somebody else or got another deadline, a proposal been decided on, the next point
// of an onboarding been reached, and later reminders fallen due. What only tells what happened stays true and is sent.
func (s *Scheduler) Outdated(ctx context.Context, n Notice) (string, error) {
	if n.AutoReply {
		return "", nil
	}
	switch who, err := s.reader(ctx, n.PersonID); {
	case err != nil:
		return "", err
	case !who.LeftAt.IsZero():
		return "they left the team", nil
	case who.Mutes(n.Template) && comesAgain(n):
		return "its reader asked for no more of this kind", nil
	}
	switch {
	case strings.HasPrefix(n.Key, onboardKey):
		return s.outdatedPoint(ctx, n)
	case n.Template == workflow.WeeklyList, n.Template == workflow.DigestList, n.Template == workflow.HeldList:
		return s.outdatedList(n), nil
	}
	reminder, asks := strings.HasPrefix(n.Key, "reminder:"), standing(n.Template)
	if n.Template == (templates.Unassigned{}).Template() {
		asks = func(n Notice, p workflow.Piece) (string, error) { return s.outdatedUnassigned(ctx, n, p) }
	}
	if !reminder && asks == nil {
		return "", nil
	}
	p, err := s.Agenda.Piece(ctx, n.PieceID)
	if workflow.CodeOf(err) == workflow.NotFound {
		return "the piece is gone", nil
	}
	if err != nil {
		return "", fmt.Errorf("piece %d: %w", n.PieceID, err)
	}
	switch {
	case reminder:
		return s.outdatedReminder(ctx, n, p)
	case p.Cancelled():
		return "the piece was cancelled", nil
	}
	return asks(n, p)
}

// reader is whom a notice is for; a zero one is nobody in particular, or gone.
func (s *Scheduler) reader(ctx context.Context, personID int64) (workflow.Person, error) {
	if personID == 0 {
		return workflow.Person{}, nil
	}
	p, err := s.Agenda.Person(ctx, personID)
	if err != nil && workflow.CodeOf(err) != workflow.NotFound {
		return p, fmt.Errorf("person %d: %w", personID, err)
	}
	return p, nil
}

// comesAgain tells a reminder or a list from what tells of something that happened, which nobody mutes.
func comesAgain(n Notice) bool {
	return strings.HasPrefix(n.Key, "reminder:") || strings.HasPrefix(n.Key, onboardKey) ||
		n.Template == workflow.WeeklyList || n.Template == workflow.DigestList || n.Template == workflow.HeldList
}

func (s *Scheduler) outdatedReminder(ctx context.Context, n Notice, p workflow.Piece) (string, error) {
	people := &acquaintances{from: s.Agenda, known: map[int64]workflow.Person{}}
	due, _, err := s.reminders(ctx, p, latest(s.Clock.Now(), n.DueAt), people)
	if err != nil {
		return "", err
	}
	step, _ := p.OpenStep()
	for _, r := range due {
		switch {
		case r.Key != n.Key:
		case r.Superseded:
			return superseded(r, due, step), nil
		default:
			return "", nil
		}
	}
	return "it is not wanted any more: the step is done or another's, its date changed, or its reader asked for none", nil
}

// standing tells, by the template, why a notice that asks its reader for something has nothing to ask for any more; nil for one
// that only tells what happened.
func standing(template string) func(Notice, workflow.Piece) (string, error) {
	if offers(template) {
		return theirStep
	}
	switch template {
	case templates.PitchNew{}.Template():
		return topicIs(workflow.TopicProposed, "the proposal is decided on")
	case templates.PitchChanges{}.Template():
		return topicIs(workflow.TopicChanges, "the proposal was changed or decided on")
	case templates.PitchApproved{}.Template():
		return approved
	case templates.ReviewAsked{}.Template():
		return theirReview
	case templates.ExtensionAsked{}.Template():
		return extensionOpen
	case templates.LeadNamed{}.Template():
		return stillLead
	case templates.LeadMissing{}.Template():
		return stillNoLead
	case templates.AddressNoted{}.Template():
		return sameAddress
	}
	return nil
}

// offers tells the notices that give a step to their reader.
func offers(template string) bool {
	switch template {
	case templates.StepOpened{}.Template(), templates.ReadyToDistribute{}.Template(), templates.DemoInvite{}.Template(),
		templates.RevisionAsked{}.Template(), templates.Cleared{}.Template():
		return true
	}
	return false
}

// noticePage is how many notices of a piece are read at once.
const noticePage = 200

// outdatedUnassigned tells why somebody need not hear that a step is not theirs any more: it is again, or they never heard that
// it was, for the last notice that offered it to them was cancelled, or waits still and will be. One that is being sent under
// another lease may have gone out meanwhile.
func (s *Scheduler) outdatedUnassigned(ctx context.Context, n Notice, p workflow.Piece) (string, error) {
	if step, ok := stepOf(n, p); ok && step.OwnerID == n.PersonID && step.State != workflow.Done {
		return "the step is theirs again", nil
	}
	offered, unheard := false, false
	for after := int64(0); ; {
		page, err := s.Agenda.Notices(ctx, n.PieceID, after, noticePage)
		if err != nil {
			return "", fmt.Errorf("notices of piece %d: %w", n.PieceID, err)
		}
		for _, o := range page {
			if after = o.ID; o.ID < n.ID && o.StepID == n.StepID && o.PersonID == n.PersonID && offers(o.Template) {
				offered = true
				unheard = o.Attempts <= 1 && (o.State == Cancelled || o.State == Queued || o.State == Sending && o.LeaseUntil.Equal(n.LeaseUntil))
			}
		}
		if len(page) < noticePage || after >= n.ID {
			break
		}
	}
	if offered && unheard {
		return "they were never told that the step was theirs", nil
	}
	return "", nil
}

func topicIs(state workflow.Topic, otherwise string) func(Notice, workflow.Piece) (string, error) {
	return func(_ Notice, p workflow.Piece) (string, error) {
		if p.Topic != state {
			return otherwise, nil
		}
		return "", nil
	}
}

func approved(_ Notice, p workflow.Piece) (string, error) {
	if !p.ClearedAt.IsZero() {
		return "the author is cleared to write: the start kit says so", nil
	}
	return "", nil
}

// stepOf is the step that a notice is about; ok is false for none.
func stepOf(n Notice, p workflow.Piece) (workflow.Step, bool) {
	i := slices.IndexFunc(p.Steps, func(s workflow.Step) bool { return s.ID == n.StepID })
	if i < 0 {
		return workflow.Step{}, false
	}
	return p.Steps[i], true
}

// stored is how exactly the store keeps a notice's moments; a step may keep its own finer.
const stored = time.Millisecond

func theirStep(n Notice, p workflow.Piece) (string, error) {
	s, ok := stepOf(n, p)
	switch {
	case !ok || s.State != workflow.Open:
		return "the step is not open any more", nil
	case s.OwnerID != n.PersonID:
		return "the step is another's now", nil
	case latest(s.OpenedAt, s.OfferedAt).Truncate(stored).After(n.CreatedAt):
		return "the step was handed over once more since", nil
	}
	return "", nil
}

func theirReview(n Notice, p workflow.Piece) (string, error) {
	s, ok := stepOf(n, p)
	if !ok || s.State != workflow.Open {
		return "the review is closed", nil
	}
	for _, r := range s.Reviewers {
		if r.PersonID == n.PersonID && r.AnsweredAt.IsZero() && r.DeclinedAt.IsZero() {
			return "", nil
		}
	}
	return "no opinion of theirs is waited for any more", nil
}

func extensionOpen(n Notice, p workflow.Piece) (string, error) {
	s, ok := stepOf(n, p)
	switch {
	case !ok || s.State != workflow.Open || s.Extension == nil:
		return "more time is not asked for any more", nil
	case s.Extension.AskedAt.Truncate(stored).After(n.CreatedAt):
		return "another date is asked for since", nil
	}
	return "", nil
}

func stillLead(n Notice, p workflow.Piece) (string, error) {
	if p.LeadID != n.PersonID {
		return "somebody else is the distribution lead now", nil
	}
	return "", nil
}

func stillNoLead(_ Notice, p workflow.Piece) (string, error) {
	if p.LeadID != 0 {
		return "a distribution lead is named", nil
	}
	return "", nil
}

func sameAddress(n Notice, p workflow.Piece) (string, error) {
	var d struct{ URL string }
	if err := json.Unmarshal(n.Data, &d); err != nil {
		return "", fmt.Errorf("notice %d: %w", n.ID, err)
	}
	if d.URL != p.URL {
		return "another address was named since", nil
	}
	return "", nil
}

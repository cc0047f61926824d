package outbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/templates"
	"handoff/workflow"
)

// Happening is a change of a piece that people have to be told of.
type Happening struct {
	Before  workflow.Piece
	Change  workflow.Change
	People  map[int64]workflow.Person // those of Concerned, and with Public all colleagues
	ActorID int64                     // who did it knows already and is not told; 0 is nobody
	Invited bool                      // ActorID has the step that was open in their calendar: the mail that takes it out reaches them all the same
	CauseID int64                     // the stored mail behind it
	Stray   *Stray                    // that it came from; nil: from a registered address, or there is none
	Version int                       // of the submission that came with it, 0 none
	Changes *templates.Changes        // what differs in it from the version before; nil: not known
	Images  []templates.Attachment    // of a piece that is published
	Drafts  []Draft                   // the newest of the text and of the graphics, see Carries
	Filed   *Draft                    // what came with it by mail
	Words   string                    // that the actor wrote beside a DONE
}

// Concerned are the ids of everybody whom a change may have to be told to.
func Concerned(before workflow.Piece, ch workflow.Change) []int64 {
	ids := append(before.People(), ch.Piece.People()...)
	for _, e := range ch.Events {
		if e.PersonID != 0 {
			ids = append(ids, e.PersonID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Public tells whether all colleagues hear of the change.
func Public(ch workflow.Change) bool {
	return slices.ContainsFunc(ch.Events, func(e workflow.Event) bool { return e.Kind == workflow.PieceVerified })
}

// Tell makes every notice that a change causes, each person told once of each thing and nobody of what they did themselves
// (but see Invited), though of the step of theirs that opens with it:
// what its events say, its handoffs, its new dates, and, as cancelled ones, the reminders that these make needless. People
// without an address are left out; somebody who is not in People is an error.
func (c *Composer) Tell(h Happening) ([]Notice, error) {
	h = h.onClocks(c.clocks(h.People))
	t := &telling{Composer: c, Happening: h, piece: h.Change.Piece, told: map[int64]bool{0: true, h.ActorID: true},
		dated: map[int64][]int64{}}
	for _, e := range h.Change.Events {
		if err := t.event(e); err != nil {
			return nil, fmt.Errorf("notices of %s (%s): %w", t.piece.Code, e.Kind, err)
		}
	}
	for _, hand := range h.Change.Handoffs {
		if err := t.handoff(hand); err != nil {
			return nil, fmt.Errorf("notices of the handoff on %s: %w", t.piece.Code, err)
		}
	}
	for _, s := range h.Change.Unassigned {
		if err := t.unassigned(s); err != nil {
			return nil, fmt.Errorf("notices of %s: %w", t.piece.Code, err)
		}
	}
	if err := t.unled(); err != nil {
		return nil, fmt.Errorf("notices of %s: %w", t.piece.Code, err)
	}
	dates, err := c.dates(t)
	if err != nil {
		return nil, fmt.Errorf("notices of the new dates of %s: %w", t.piece.Code, err)
	}
	t.notices = append(t.notices, dates...)
	passed, err := c.passed(t.piece, h.People, t.notices)
	if err != nil {
		return nil, fmt.Errorf("reminders of %s: %w", t.piece.Code, err)
	}
	return append(t.notices, passed...), nil
}

// onClocks has all dates on the clocks of who has to keep them.
func (h Happening) onClocks(zone func(int64) *time.Location) Happening {
	h.Before, h.Change.Piece = h.Before.OnClocks(zone), h.Change.Piece.OnClocks(zone)
	h.Change.Handoffs, h.Change.Unassigned = slices.Clone(h.Change.Handoffs), slices.Clone(h.Change.Unassigned)
	for i, hand := range h.Change.Handoffs {
		h.Change.Handoffs[i] = workflow.Handoff{From: hand.From.OnClock(zone), To: hand.To.OnClock(zone)}
	}
	for i, s := range h.Change.Unassigned {
		h.Change.Unassigned[i] = s.OnClock(zone)
	}
	return h
}

// telling is one Tell.
type telling struct {
	*Composer
	Happening
	piece   workflow.Piece
	told    map[int64]bool
	dated   map[int64][]int64 // by step: who was told of its new date in other words
	notices []Notice
}

// add tells a person once. step is what makes the key; a nil invite is none.
func (t *telling) add(personID int64, d templates.Data, step workflow.Step, at time.Time, invite *Invite) error {
	uninvites := t.Invited && personID == t.ActorID && invite != nil && invite.Method == Cancel
	if t.told[personID] && !uninvites {
		return nil
	}
	if t.told[personID] = true; uninvites {
		t.Invited = false // with this one
	}
	person, ok := t.People[personID]
	if !ok {
		return workflow.Errorf(workflow.NotFound, "person %d is not known", personID)
	}
	if person.Primary() == "" || !person.LeftAt.IsZero() {
		return nil
	}
	n, err := t.Compose(d, person, About{
		Key:     handoffKey(t.piece.ID, step.ID, d.Template(), step.DeadlineVersion, at, personID),
		PieceID: t.piece.ID, StepID: step.ID, CauseID: t.CauseID, Invite: invite, Stray: t.Stray,
	})
	if err != nil {
		return err
	}
	t.notices = append(t.notices, n)
	return nil
}

// handoffKey makes a handoff's notice unique. The moment is part of it: a step that was opened again is handed on again.
func handoffKey(piece, step int64, what string, version int, at time.Time, recipient int64) string {
	return fmt.Sprintf("handoff:%d:%d:%s:v%d:%d:%d", piece, step, what, version, at.UnixMilli(), recipient)
}

func (t *telling) about(s workflow.Step, who int64, words string) templates.OnPiece {
	d := templates.OnPiece{Piece: PieceData(t.piece), Who: t.person(who), Words: words}
	if s.ID != 0 || s.Stage != "" {
		step := stepData(s, t.person(s.OwnerID))
		d.Step = &step
	}
	return d
}

// person names somebody; the team stands in for nobody.
func (t *telling) person(id int64) templates.Person { return t.named(t.People, id) }

func (c *Composer) named(people map[int64]workflow.Person, id int64) templates.Person {
	if p, ok := people[id]; ok {
		return PersonData(p)
	}
	return templates.Person{Name: c.Team}
}

// event tells whom one event concerns.
func (t *telling) event(e workflow.Event) error {
	p := t.piece
	step := t.stepOf(e.StepID)
	about := func(who int64) templates.OnPiece { return t.about(step, who, e.Words) }
	switch e.Kind {
	case workflow.TopicPitched:
		return t.add(p.EditorID, templates.PitchNew{OnPiece: about(p.AuthorID)}, step, e.At, nil)
	case workflow.TopicDecided:
		switch p.Topic {
		case workflow.TopicApproved:
			if missing := p.Missing(t.People[p.AuthorID], t.Policy.Onboarding); len(missing) > 0 {
				return t.add(p.AuthorID, templates.PitchApproved{OnPiece: about(e.ActorID), Missing: missing}, step, e.At, nil)
			}
		case workflow.TopicChanges:
			return t.add(p.AuthorID, templates.PitchChanges{OnPiece: about(p.EditorID)}, step, e.At, nil)
		case workflow.TopicDeclined:
			return t.add(p.AuthorID, templates.PitchDeclined{OnPiece: about(p.EditorID)}, step, e.At, nil)
		}
	case workflow.PieceCleared:
		if p.Demo {
			return nil
		}
		return t.add(p.AuthorID, t.startKit(step), step, e.At, t.request(step, p.AuthorID))
	case workflow.StepAccepted:
		ids := []int64{p.EditorID}
		if e.PersonID == step.OwnerID { // of a peer's review only the editor hears
			ids = append(ids, t.giver(step))
		}
		return t.tellAll(templates.StepAccepted{OnPiece: about(e.PersonID)}, step, e.At, ids...)
	case workflow.StepDeclined:
		reviewer := slices.ContainsFunc(step.Reviewers, func(r workflow.Reviewer) bool { return r.PersonID == e.PersonID })
		d := templates.StepDeclined{OnPiece: about(e.PersonID), Reviewer: reviewer}
		if reviewer {
			return t.add(p.EditorID, d, step, e.At, nil)
		}
		d.Drafts = t.drafts(p.EditorID, t.Drafts...)
		return t.add(p.EditorID, d, step, e.At, t.request(step, step.OwnerID))
	case workflow.StepReturned:
		d := templates.StepReturned{OnPiece: about(e.PersonID)}
		if step.OwnerID == e.PersonID { // an author keeps the draft
			return t.tellAll(d, step, e.At, p.EditorID, e.PersonID)
		}
		theirs := d
		theirs.Drafts = t.drafts(p.EditorID, t.Drafts...)
		if err := t.add(p.EditorID, theirs, step, e.At, t.request(step, p.EditorID)); err != nil {
			return err
		}
		return t.add(e.PersonID, d, step, e.At, t.cancel(step, e.PersonID))
	case workflow.HandedIn:
		return t.add(p.EditorID, templates.LeadMissing{OnPiece: about(e.PersonID)}, step, e.At, nil)
	case workflow.ReviewerAsked:
		return t.add(e.PersonID, templates.ReviewAsked{OnPiece: about(p.EditorID), Drafts: t.drafts(e.PersonID, t.Drafts...)}, step, e.At, nil)
	case workflow.ReviewerAnswered:
		d := templates.ReviewReceived{OnPiece: about(e.PersonID), Moved: step.State == workflow.Done}
		if next, open := p.OpenStep(); open {
			d.OnPiece = t.about(next, e.PersonID, e.Words) // the step that the piece has moved on to
		}
		if t.Filed != nil {
			d.Drafts = t.drafts(p.EditorID, *t.Filed)
		}
		err := t.add(p.EditorID, d, step, e.At, nil)
		t.told[p.EditorID] = p.EditorID == t.ActorID // that the piece moves on with it is told beside
		return err
	case workflow.RevisionAsked:
		t.dated[step.ID] = append(t.dated[step.ID], p.AuthorID)
		d := templates.RevisionAsked{OnPiece: about(p.EditorID), Drafts: t.drafts(p.AuthorID, t.Drafts...)}
		if i := slices.IndexFunc(p.Steps, func(s workflow.Step) bool { return s.State == workflow.Waiting && s.Stage.Index() > step.Stage.Index() }); i >= 0 {
			next := stepData(p.Steps[i], t.person(p.Steps[i].OwnerID))
			d.Next = &next
		}
		if err := t.add(p.AuthorID, d, step, e.At, t.request(step, p.AuthorID)); err != nil {
			return err
		}
		return t.sentBack(e)
	case workflow.RevisionReceived:
		next, _ := p.OpenStep() // it goes on there, and is the editor's to look at first
		d := templates.RevisionReceived{OnPiece: t.about(next, e.PersonID, e.Words), Version: t.Version, Changes: t.Changes, Drafts: t.drafts(p.EditorID, t.Drafts...)}
		var invite *Invite
		if next.OwnerID == p.EditorID {
			invite = t.request(next, p.EditorID) // what was taken out of their calendar comes back
		}
		return t.add(p.EditorID, d, next, e.At, invite)
	case workflow.ExtensionAsked:
		d := templates.ExtensionAsked{OnPiece: about(e.PersonID)}
		if step.Extension != nil {
			d.Until = step.Extension.Until
			if _, err := p.Grant(workflow.Cause{ActorID: p.EditorID, At: e.At, Schedule: t.Rules.Schedule(func(id int64) workflow.Person { return t.People[id] })}); err != nil {
				d.Refusal = err.Error()
			}
		}
		return t.add(p.EditorID, d, step, e.At, nil)
	case workflow.ExtensionGranted:
		t.dated[step.ID] = append(t.dated[step.ID], e.PersonID)
		return t.add(e.PersonID, templates.ExtensionGranted{OnPiece: about(e.PersonID), Was: t.was(step).Deadline}, step, e.At, t.request(step, e.PersonID))
	case workflow.ExtensionRefused:
		return t.add(e.PersonID, templates.ExtensionRefused{OnPiece: about(e.ActorID)}, step, e.At, nil)
	case workflow.LeadNamed:
		err := t.add(e.PersonID, templates.LeadNamed{OnPiece: about(p.LeadID)}, step, e.At, nil)
		t.told[e.PersonID] = e.PersonID == t.ActorID // a step that opens with it is told beside
		return err
	case workflow.LeadDeclined:
		return t.add(p.EditorID, templates.LeadMissing{OnPiece: about(e.PersonID), Declined: true}, step, e.At, nil)
	case workflow.PiecePublished:
		return t.addressNoted(e)
	case workflow.PieceVerified:
		return t.published(e, step)
	case workflow.PieceCancelled:
		return t.cancelled(e, step)
	}
	return nil
}

func (t *telling) stepOf(id int64) workflow.Step {
	for _, s := range t.piece.Steps {
		if s.ID == id && id != 0 {
			return s
		}
	}
	return workflow.Step{}
}

// was is the step before the change.
func (t *telling) was(s workflow.Step) workflow.Step {
	before, _ := t.Before.Step(s.Stage)
	return before
}

func (t *telling) tellAll(d templates.Data, step workflow.Step, at time.Time, ids ...int64) error {
	for _, id := range ids {
		if err := t.add(id, d, step, at, nil); err != nil {
			return err
		}
	}
	return nil
}

// giver is who had the piece before the step's owner; 0 for the first.
func (t *telling) giver(s workflow.Step) int64 {
	var giver int64
	for _, before := range t.piece.Steps {
		if before.Stage == s.Stage {
			break
		}
		if before.State == workflow.Done && before.Stage != workflow.Pitch {
			giver = before.OwnerID
		}
	}
	return giver
}

// sentBack tells who was at work on the step from which a revision is asked for, and the peers whose review it waited for.
func (t *telling) sentBack(e workflow.Event) error {
	was, _ := t.Before.OpenStep()
	now := t.stepOf(was.ID)
	asker := e.ActorID
	if asker == 0 {
		asker = t.piece.EditorID
	}
	about := t.about(now, asker, e.Words)
	t.dated[was.ID] = append(t.dated[was.ID], was.OwnerID)
	if err := t.add(was.OwnerID, templates.SentBack{OnPiece: about}, now, e.At, t.cancel(was, was.OwnerID)); err != nil {
		return err
	}
	for _, r := range was.Reviewers {
		if !r.AnsweredAt.IsZero() || !r.DeclinedAt.IsZero() {
			continue
		}
		if err := t.add(r.PersonID, templates.SentBack{OnPiece: about, Reviewer: true}, now, e.At, nil); err != nil {
			return err
		}
	}
	return nil
}

// startKit is what an author needs to begin.
func (t *telling) startKit(step workflow.Step) templates.Cleared {
	p := t.piece
	d := templates.Cleared{OnPiece: t.about(step, p.AuthorID, p.Note), Brief: p.Brief, Guidelines: t.Policy.Guidelines}
	for _, s := range p.Steps {
		if s.State != workflow.Done {
			d.Steps = append(d.Steps, stepData(s, t.person(s.OwnerID)))
		}
	}
	return d
}

// handoff tells the next owner, the giver and the editor.
func (t *telling) handoff(h workflow.Handoff) error {
	p := t.piece
	for _, id := range []int64{h.From.OwnerID, h.To.OwnerID} { // a handoff nobody can be told of is a fault to be seen
		if _, ok := t.People[id]; id != 0 && !ok {
			return workflow.Errorf(workflow.NotFound, "person %d is not known", id)
		}
	}
	if h.From.Stage == workflow.Pitch && !p.ClearedAt.IsZero() {
		return nil // the start kit said it
	}
	var next *templates.Step
	if h.To.Stage != "" {
		s := stepData(h.To, t.person(h.To.OwnerID))
		next = &s
		if err := t.opened(h, s); err != nil {
			return err
		}
	}
	if h.From.ID == 0 {
		return nil // the first step, or another owner: nothing was done
	}
	if next == nil && !p.VerifiedAt.IsZero() {
		return t.closed(h)
	}
	if next == nil && p.Demo {
		t.told[p.EditorID] = false // it asks for a decision, also of who did the last step
		return t.add(p.EditorID, templates.DemoFinished{OnPiece: t.about(h.From, p.AuthorID, ""), Drafts: t.drafts(p.EditorID, t.Drafts...)}, h.From, h.From.DoneAt, nil)
	}
	done := templates.StepDone{Piece: PieceData(p), Done: stepData(h.From, t.person(h.From.OwnerID)), Next: next}
	if err := t.add(h.From.OwnerID, done, h.From, h.From.DoneAt, t.cancel(h.From, h.From.OwnerID)); err != nil {
		return err
	}
	if t.ActorID == h.From.OwnerID {
		done.Words = t.Words
	}
	if t.Filed != nil && t.Filed.Version > 0 {
		done.Version, done.Changes = t.Filed.Version, t.Changes
		for _, d := range t.Drafts {
			if d.Version == done.Version {
				done.Drafts = t.drafts(p.EditorID, d)
			}
		}
	}
	return t.add(p.EditorID, done, h.From, h.From.DoneAt, nil)
}

func (t *telling) opened(h workflow.Handoff, step templates.Step) error {
	p := t.piece
	if h.To.Stage == workflow.Draft && p.Demo {
		return t.add(h.To.OwnerID, templates.DemoInvite{OnPiece: t.about(h.To, p.EditorID, p.Brief)}, h.To, h.To.OfferedAt, nil)
	}
	if h.To.Stage == workflow.Published && h.From.ID != 0 {
		d := templates.ReadyToDistribute{OnPiece: t.about(h.To, p.LeadID, ""), Brief: p.Brief, Drafts: t.drafts(h.To.OwnerID, t.Drafts...)}
		for _, task := range p.Checklist {
			d.Tasks = append(d.Tasks, task.Name)
		}
		t.told[h.To.OwnerID] = h.To.OwnerID == 0 // the lead who did the final check needs the brief as well
		return t.add(h.To.OwnerID, d, h.To, h.To.OfferedAt, t.request(h.To, h.To.OwnerID))
	}
	if h.To.Stage == workflow.Distributed && h.From.ID != 0 {
		return nil // the address's own notice said it
	}
	d := templates.StepOpened{Piece: PieceData(p), Step: step, Tasks: undone(p, h.To), Drafts: t.drafts(h.To.OwnerID, t.Drafts...)}
	d.Revises = h.To.OwnerID == p.EditorID && h.To.Stage.Index() > workflow.Draft.Index() && h.To.Stage.Index() < workflow.Ready.Index()
	if h.From.OwnerID != 0 && h.From.OwnerID != h.To.OwnerID {
		from := t.person(h.From.OwnerID)
		if d.From = &from; t.ActorID == h.From.OwnerID && t.People[h.To.OwnerID].Class == workflow.Internal {
			d.Words = t.Words
		}
	}
	if h.From.ID != 0 && h.To.OwnerID == t.ActorID {
		t.told[t.ActorID] = t.ActorID == 0 // who did the step before knows of that one alone
	}
	return t.add(h.To.OwnerID, d, h.To, latest(h.To.OpenedAt, h.To.OfferedAt), t.request(h.To, h.To.OwnerID))
}

// undone are the tasks that a “done” with that step confirms: all of the checklist that are open.
func undone(p workflow.Piece, s workflow.Step) (names []string) {
	if s.Stage != workflow.Ready {
		return nil
	}
	for _, t := range p.Undone() {
		names = append(names, t.Name)
	}
	return names
}

// closed tells the editor and the lead that all is verified, and thanks everybody who had a part.
func (t *telling) closed(h workflow.Handoff) error {
	p := t.piece
	thanked := map[int64]bool{0: true}
	verified := templates.Verified{OnPiece: t.about(h.From, p.LeadID, ""), URL: p.URL}
	if err := t.tellAll(verified, h.From, h.From.DoneAt, p.EditorID, p.LeadID); err != nil {
		return err
	}
	parts := map[int64][]string{}
	for _, s := range p.Steps {
		parts[s.OwnerID] = append(parts[s.OwnerID], s.Stage.Label())
		for _, r := range s.Reviewers {
			if !r.AnsweredAt.IsZero() {
				parts[r.PersonID] = append(parts[r.PersonID], "peer review")
			}
		}
	}
	for _, id := range p.People() {
		if thanked[id] || len(parts[id]) == 0 {
			continue
		}
		thanked[id] = true
		t.told[id] = false // a thank-you comes beside all else
		d := templates.ThankYou{OnPiece: t.about(workflow.Step{}, id, ""), URL: p.URL, Part: strings.Join(parts[id], ", ")}
		if err := t.add(id, d, h.From, h.From.DoneAt, nil); err != nil {
			return err
		}
	}
	return nil
}

// cancelled tells everybody who had, or was to have, a part.
func (t *telling) cancelled(e workflow.Event, step workflow.Step) error {
	d := templates.Cancelled{OnPiece: t.about(step, e.ActorID, e.Words)}
	for _, id := range t.piece.People() {
		var invite *Invite
		if id == step.OwnerID {
			invite = t.cancel(step, id)
		}
		if err := t.add(id, d, step, e.At, invite); err != nil {
			return err
		}
	}
	return nil
}

func (t *telling) unassigned(was workflow.Step) error {
	who := was.OwnerID
	if s := t.stepOf(was.ID); s.OwnerID == who {
		return nil
	}
	now := t.stepOf(was.ID)
	d := templates.Unassigned{OnPiece: t.about(now, now.OwnerID, ""), Lead: t.unleads(who)}
	return t.add(who, d, now, now.OfferedAt, t.cancel(was, who))
}

// unled tells who was to lead the distribution that somebody else does.
func (t *telling) unled() error {
	if was := t.Before.LeadID; t.unleads(was) && t.piece.LeadID != 0 {
		return t.add(was, templates.Unassigned{OnPiece: t.about(workflow.Step{}, t.piece.LeadID, ""), Lead: true}, workflow.Step{}, t.piece.UpdatedAt, nil)
	}
	return nil
}

func (t *telling) unleads(who int64) bool {
	return who != 0 && who == t.Before.LeadID && who != t.piece.LeadID
}

// request is the step as an event in its owner's calendar, nil without a deadline or without an address that tells answers
// apart (RFC 5546, section 3.2.2).
func (c *Composer) request(p workflow.Piece, s workflow.Step, who workflow.Person) *Invite {
	if s.Deadline.IsZero() || who.Primary() == "" || s.ID == 0 {
		return nil
	}
	return &Invite{
		Method: Request, UID: c.Identity.eventID(s.ID, who.ID), Sequence: EventSequence(s), Organizer: c.Identity.ReplyAddress(Ref{PieceID: p.ID, PersonID: who.ID}),
		OrganizerName: c.Team, Attendee: who.Primary(), AttendeeName: who.Name, Summary: c.wording(who).Due(PieceData(p), string(s.Stage)),
		End: s.Deadline, Stamp: c.Clock.Now(),
	}
}

func (t *telling) request(s workflow.Step, personID int64) *Invite {
	return t.Composer.request(t.piece, s, t.People[personID])
}

// cancel takes the event back: the step is done, or not theirs any more (RFC 5546, section 3.2.5).
func (t *telling) cancel(s workflow.Step, personID int64) *Invite {
	return t.Composer.Uninvite(t.piece, s, t.People[personID])
}

// Uninvite takes the event of a step back from somebody's calendar; nil if they had none.
func (c *Composer) Uninvite(p workflow.Piece, s workflow.Step, who workflow.Person) *Invite {
	i := c.request(p, s, who)
	if i != nil {
		i.Method = Cancel
		i.Sequence++
	}
	return i
}

// EventSequence is the SEQUENCE of a step's event (RFC 5545, section 3.8.7.4). It grows with every new date, owner and revision;
// the numbers between are for cancellations.
func EventSequence(s workflow.Step) int { return 2 * (s.DeadlineVersion + s.Revision + s.Sequence) }

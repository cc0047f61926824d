package outbox_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// What a queued notice asks for may be settled before it is sent. It is cancelled then, with the reason; what others were told
// stays.
func TestOutdatedNotices(t *testing.T) {
	type move = func(workflow.Piece) (workflow.Change, error)
	proposed := pieceIn(t, workflow.Pitch, proposal)
	inDraft, inReview, inDesign := pieceIn(t, workflow.Draft), pieceIn(t, workflow.Review), pieceIn(t, workflow.Design)
	publishing := pieceIn(t, workflow.Published)
	later := start.AddDate(0, 0, 3)
	cancel := func(p workflow.Piece) (workflow.Change, error) { return p.Cancel(by(erikID), "no time") }
	for name, c := range map[string]struct {
		piece workflow.Piece
		first move
		then  []move
		about string // the template
		to    int64
		why   string
	}{
		"a proposal": {proposed, func(p workflow.Piece) (workflow.Change, error) { return p.Propose(by(annaID), "About heat pumps.") }, nil,
			"pitch_new", erikID, ""},
		"a proposal that is decided on": {proposed, func(p workflow.Piece) (workflow.Change, error) { return p.Propose(by(annaID), "About heat pumps.") },
			[]move{func(p workflow.Piece) (workflow.Change, error) { return p.Approve(by(erikID), "good") }}, "pitch_new", erikID, "the proposal is decided on"},
		"changes to what was approved since": {proposed, func(p workflow.Piece) (workflow.Change, error) { return p.AskChanges(by(erikID), "more") },
			[]move{func(p workflow.Piece) (workflow.Change, error) { return p.Approve(by(erikID), "good") }}, "pitch_changes", annaID, "the proposal was changed or decided on"},
		"a handoff": {inReview, func(p workflow.Piece) (workflow.Change, error) { return p.HandOff(by(erikID)) }, nil, "step_opened", coraID, ""},
		"a step that somebody else has now": {inReview, func(p workflow.Piece) (workflow.Change, error) { return p.HandOff(by(erikID)) },
			[]move{func(p workflow.Piece) (workflow.Change, error) { return p.Assign(workflow.CopyEdit, danID, by(erikID)) }}, "step_opened", coraID, "the step is another's now"},
		"a step that is done": {inReview, func(p workflow.Piece) (workflow.Change, error) { return p.HandOff(by(erikID)) },
			[]move{func(p workflow.Piece) (workflow.Change, error) { return p.HandOff(by(erikID)) }}, "step_opened", coraID, "the step is not open any more"},
		"a step of a cancelled piece": {inReview, func(p workflow.Piece) (workflow.Change, error) { return p.HandOff(by(erikID)) },
			[]move{cancel}, "step_opened", coraID, "the piece was cancelled"},
		"who gave it, of a cancelled piece": {inReview, func(p workflow.Piece) (workflow.Change, error) { return p.HandOff(by(coraID)) },
			[]move{cancel}, "step_done", erikID, ""},
		"a review": {inReview, func(p workflow.Piece) (workflow.Change, error) { return p.AskReviewers(by(erikID), 0, ritaID) }, nil, "review_asked", ritaID, ""},
		"a review of what went on": {inReview, func(p workflow.Piece) (workflow.Change, error) { return p.AskReviewers(by(erikID), 0, ritaID) },
			[]move{func(p workflow.Piece) (workflow.Change, error) { return p.HandOff(by(erikID)) }}, "review_asked", ritaID, "the review is closed"},
		"a review of what went back": {inReview, func(p workflow.Piece) (workflow.Change, error) { return p.AskReviewers(by(erikID), 0, ritaID) },
			[]move{func(p workflow.Piece) (workflow.Change, error) { return p.AskRevision(by(erikID), "shorter", day(25)) }}, "review_asked", ritaID, "the review is closed"},
		"more time": {inDraft, func(p workflow.Piece) (workflow.Change, error) { return p.AskExtension(by(annaID), day(25), "ill") }, nil, "extension_asked", erikID, ""},
		"more time, granted": {inDraft, func(p workflow.Piece) (workflow.Change, error) { return p.AskExtension(by(annaID), day(25), "ill") },
			[]move{func(p workflow.Piece) (workflow.Change, error) { return p.Grant(by(erikID)) }}, "extension_asked", erikID, "more time is not asked for any more"},
		"more time, asked for twice": {inDraft, func(p workflow.Piece) (workflow.Change, error) { return p.AskExtension(by(annaID), day(25), "ill") },
			[]move{func(p workflow.Piece) (workflow.Change, error) {
				return p.AskExtension(workflow.Cause{PersonID: annaID, At: later}, day(27), "still ill")
			}}, "extension_asked", erikID, "another date is asked for since"},
		"a lead": {inDesign, func(p workflow.Piece) (workflow.Change, error) { return p.AssignLead(coraID, by(erikID)) }, nil, "lead_named", coraID, ""},
		"a lead who is none any more": {inDesign, func(p workflow.Piece) (workflow.Change, error) { return p.AssignLead(coraID, by(erikID)) },
			[]move{func(p workflow.Piece) (workflow.Change, error) { return p.AssignLead(leaID, by(erikID)) }}, "lead_named", coraID, "somebody else is the distribution lead now"},
		"an address": {publishing, func(p workflow.Piece) (workflow.Change, error) { return p.Publish(by(leaID), "https://a.example/1") }, nil, "address_noted", erikID, ""},
		"an address that another one replaced": {publishing, func(p workflow.Piece) (workflow.Change, error) { return p.Publish(by(leaID), "https://a.example/1") },
			[]move{func(p workflow.Piece) (workflow.Change, error) { return p.Publish(by(leaID), "https://a.example/2") }}, "address_noted", erikID, "another address was named since"},
	} {
		t.Run(name, func(t *testing.T) {
			composer := composer(t)
			ch, err := c.first(c.piece)
			if err != nil {
				t.Fatal(err)
			}
			notices, _ := tell(t, composer, c.piece, ch, 0)
			s := outbox.Scheduler{Agenda: &diary{pieces: []workflow.Piece{after(t, ch.Piece, c.then...)}, people: crew()}, Composer: composer, Clock: clock.NewFake(start)}
			found := false
			for _, n := range notices {
				if n.Template != c.about || n.PersonID != c.to {
					continue
				}
				found = true
				n.CreatedAt = later.Add(-time.Second)
				if why, err := s.Outdated(t.Context(), n); why != c.why || err != nil {
					t.Errorf("%q, %v, want %q", why, err, c.why)
				}
			}
			if !found {
				t.Errorf("no %s to %d", c.about, c.to)
			}
		})
	}
}

// A step that was taken away and given back is told of once: the older notice is superseded.
func TestOutdatedHandoff(t *testing.T) {
	p := pieceIn(t, workflow.Draft)
	s := outbox.Scheduler{Agenda: &diary{pieces: []workflow.Piece{p}, people: crew()}, Composer: composer(t), Clock: clock.NewFake(start)}
	step, _ := p.OpenStep()
	n := outbox.Notice{Key: "handoff:x", Template: templates.StepOpened{}.Template(), PieceID: p.ID, StepID: step.ID, PersonID: step.OwnerID, CreatedAt: step.OpenedAt}
	if why, err := s.Outdated(t.Context(), n); why != "" || err != nil {
		t.Errorf("%q, %v", why, err)
	}
	p.Steps[1].OfferedAt = n.CreatedAt.Add(time.Millisecond - 1) // in the same moment, kept finer
	if why, err := s.Outdated(t.Context(), n); why != "" || err != nil {
		t.Errorf("%q, %v", why, err)
	}
	n.CreatedAt = n.CreatedAt.Add(-time.Millisecond)
	if why, err := s.Outdated(t.Context(), n); why != "the step was handed over once more since" || err != nil {
		t.Errorf("%q, %v", why, err)
	}
}

// Who left is sent nothing that still waited, whatever it tells; only an answer to a mail of theirs goes out.
func TestOutdatedForWhoLeft(t *testing.T) {
	people := crew()
	p := people[danID]
	p.LeftAt = start
	people[danID] = p
	s := outbox.Scheduler{Agenda: &diary{people: people}, Composer: composer(t), Clock: clock.NewFake(start)}
	for _, c := range []struct {
		n   outbox.Notice
		why string
	}{
		{outbox.Notice{Template: templates.StepDone{}.Template(), PersonID: danID}, "they left the team"},
		{outbox.Notice{Template: templates.StepDone{}.Template(), PersonID: erikID}, ""},
		{outbox.Notice{Template: templates.Status{}.Template(), PersonID: danID, AutoReply: true}, ""},
		{outbox.Notice{Template: templates.StepDone{}.Template()}, ""}, // an address that is nobody's
	} {
		if why, err := s.Outdated(t.Context(), c.n); why != c.why || err != nil {
			t.Errorf("%s to %d: %q, %v, want %q", c.n.Template, c.n.PersonID, why, err, c.why)
		}
	}
}

// What waits of a kind that its reader muted since is not sent, reminder or list; what tells of a handoff is.
func TestOutdatedForWhoMuted(t *testing.T) {
	people := crew()
	p := people[erikID]
	p.Muted = []string{workflow.WeeklyList, workflow.DueSoon, workflow.LeadMissing}
	people[erikID] = p
	piece := pieceIn(t, workflow.Draft, func(in *workflow.PieceInput) { in.LeadID = 0 })
	s := outbox.Scheduler{Agenda: &diary{people: people, pieces: []workflow.Piece{piece}}, Composer: composer(t), Clock: clock.NewFake(start)}
	const muted = "its reader asked for no more of this kind"
	for _, c := range []struct {
		n   outbox.Notice
		why string
	}{
		{outbox.Notice{Key: "weekly:2", Template: workflow.WeeklyList, PersonID: erikID}, muted},
		{outbox.Notice{Key: "reminder:12", Template: workflow.DueSoon, PersonID: erikID}, muted},
		{outbox.Notice{Key: "weekly:7", Template: workflow.WeeklyList, PersonID: danID}, ""},
		{outbox.Notice{Key: "handoff:12", Template: workflow.LeadMissing, PersonID: erikID, PieceID: piece.ID}, ""},
	} {
		c.n.DueAt = start
		if why, err := s.Outdated(t.Context(), c.n); why != c.why || err != nil {
			t.Errorf("%s to %d: %q, %v, want %q", c.n.Template, c.n.PersonID, why, err, c.why)
		}
	}
}

// Who never heard that a step was theirs does not hear that it is not; who may have heard does.
func TestOutdatedUnassigned(t *testing.T) {
	p := pieceIn(t, workflow.CopyEdit)
	offered, err := p.Assign(workflow.CopyEdit, danID, by(erikID))
	if err != nil {
		t.Fatal(err)
	}
	away, err := offered.Piece.Assign(workflow.CopyEdit, ottoID, by(erikID))
	if err != nil {
		t.Fatal(err)
	}
	of := func(notices []outbox.Notice, template string, to int64) outbox.Notice {
		i := slices.IndexFunc(notices, func(n outbox.Notice) bool { return n.Template == template && n.PersonID == to })
		return notices[i]
	}
	first, _ := tell(t, composer(t), p, offered, erikID)
	second, _ := tell(t, composer(t), offered.Piece, away, erikID)
	lease := start.Add(time.Minute)
	const unheard, again = "they were never told that the step was theirs", "the step is theirs again"
	for name, c := range map[string]struct {
		offers []outbox.Notice // what became of them, the oldest first
		piece  workflow.Piece
		why    string
	}{
		"sent":                          {[]outbox.Notice{{State: outbox.Sent, Attempts: 1}}, away.Piece, ""},
		"cancelled":                     {[]outbox.Notice{{State: outbox.Cancelled, Attempts: 1}}, away.Piece, unheard},
		"cancelled by hand":             {[]outbox.Notice{{State: outbox.Cancelled}}, away.Piece, unheard},
		"waits":                         {[]outbox.Notice{{State: outbox.Queued}}, away.Piece, unheard},
		"is looked at beside":           {[]outbox.Notice{{State: outbox.Sending, Attempts: 1, LeaseUntil: lease}}, away.Piece, unheard},
		"is being sent":                 {[]outbox.Notice{{State: outbox.Sending, Attempts: 1, LeaseUntil: lease.Add(-time.Second)}}, away.Piece, ""},
		"may have arrived":              {[]outbox.Notice{{State: outbox.Deferred, Attempts: 1}}, away.Piece, ""},
		"may have arrived, cancelled":   {[]outbox.Notice{{State: outbox.Cancelled, Attempts: 2}}, away.Piece, ""},
		"none was made":                 {nil, away.Piece, ""},
		"sent, and once more, that not": {[]outbox.Notice{{State: outbox.Sent, Attempts: 1}, {State: outbox.Cancelled, Attempts: 1}}, away.Piece, unheard},
		"theirs again":                  {[]outbox.Notice{{State: outbox.Sent, Attempts: 1}}, offered.Piece, again},
	} {
		d := &diary{pieces: []workflow.Piece{c.piece}, people: crew()}
		for i := range 2 * len(c.offers) {
			o := of(first, "step_opened", danID)
			if i%2 == 1 { // another's is no matter
				o.PersonID, o.State = ottoID, outbox.Sent
			} else {
				o.State, o.Attempts, o.LeaseUntil = c.offers[i/2].State, c.offers[i/2].Attempts, c.offers[i/2].LeaseUntil
			}
			o.Key = fmt.Sprint("offer ", i)
			if _, err := d.Enqueue(t.Context(), []outbox.Notice{o}); err != nil {
				t.Fatal(err)
			}
		}
		n := of(second, "unassigned", danID)
		n.ID, n.LeaseUntil = 99, lease
		s := outbox.Scheduler{Agenda: d, Composer: composer(t), Clock: clock.NewFake(start)}
		if why, err := s.Outdated(t.Context(), n); why != c.why || err != nil {
			t.Errorf("the offer is %s: %q, %v, want %q", name, why, err, c.why)
		}
	}
}

package workflow

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	rita = 8 // reviewers
	rolf = 9
)

// move is one thing that is done to a piece.
type move func(Piece, Cause) (Change, error)

// do makes moves by the editor that have to succeed.
func do(t testing.TB, p Piece, moves ...move) Piece {
	t.Helper()
	for i, m := range moves {
		ch, err := m(p, Cause{ActorID: eve, PersonID: eve, At: start.Add(time.Duration(i) * time.Minute)})
		if err != nil {
			t.Fatal(err)
		}
		p = ch.Piece
	}
	return p
}

// as makes a move somebody else's.
func as(who int64, m move) move {
	return func(p Piece, c Cause) (Change, error) {
		c.ActorID, c.PersonID = who, who
		return m(p, c)
	}
}

// The moves that need no more than a piece and who makes them.
var (
	approve move = func(p Piece, c Cause) (Change, error) { return p.Approve(c, "good") }
	refuse  move = func(p Piece, c Cause) (Change, error) { return p.DeclineTopic(c, "no") }
	changes move = func(p Piece, c Cause) (Change, error) { return p.AskChanges(c, "shorter") }
	propose move = func(p Piece, c Cause) (Change, error) { return p.Propose(c, "bread") }
	clears  move = func(p Piece, c Cause) (Change, error) { return p.Clear(c, Person{ID: ann, Name: "Ann"}, false) }
	dated   move = func(p Piece, c Cause) (Change, error) { return p.SetDeadline(day(28), c) }
	cancel  move = func(p Piece, c Cause) (Change, error) { return p.Cancel(c, "no budget") }
	accept  move = func(p Piece, c Cause) (Change, error) { return p.Accept(c) }
	wrote   move = func(p Piece, c Cause) (Change, error) { return p.Hear(c), nil }
	decline move = func(p Piece, c Cause) (Change, error) { return p.Decline(c, "ill") }
	giveUp  move = func(p Piece, c Cause) (Change, error) { return p.Return(c), nil }
	done    move = func(p Piece, c Cause) (Change, error) { return p.Complete(c, true, "") }
	empty   move = func(p Piece, c Cause) (Change, error) { return p.Complete(c, false, "") }
	worded  move = func(p Piece, c Cause) (Change, error) { return p.Complete(c, false, "nothing is to change") }
	peers   move = func(p Piece, c Cause) (Change, error) { return p.AskReviewers(c, 0, rita, rolf) }
	oneOf   move = func(p Piece, c Cause) (Change, error) { return p.AskReviewers(c, 1, rita, rolf) }
	review  move = func(p Piece, c Cause) (Change, error) { return p.Reviewed(c) }
	revise  move = func(p Piece, c Cause) (Change, error) { return p.AskRevision(c, "shorter", day(10)) }
	longer  move = func(p Piece, c Cause) (Change, error) { return p.AskExtension(c, day(14), "ill") }
	grant   move = func(p Piece, c Cause) (Change, error) { return p.Grant(c) }
	deny    move = func(p Piece, c Cause) (Change, error) { return p.Refuse(c, "no") }
	lead    move = func(p Piece, c Cause) (Change, error) { return p.AssignLead(lee, c) }
	yes     move = func(p Piece, c Cause) (Change, error) { return p.ConfirmLead(c) }
	tick    move = func(p Piece, c Cause) (Change, error) { return p.Tick(c, " Image ") }
	publish move = func(p Piece, c Cause) (Change, error) { return p.Publish(c, "https://x.example/bread") }
	found   move = func(p Piece, c Cause) (Change, error) { return p.Checked(c, "") }
	lost    move = func(p Piece, c Cause) (Change, error) { return p.Checked(c, "the page says 404") }
	shared  move = func(p Piece, c Cause) (Change, error) { return p.ConfirmDistributed(c) }
	submit  move = func(p Piece, c Cause) (Change, error) { return p.Submit(c, "a draft"), nil }
	handOn  move = func(p Piece, c Cause) (Change, error) { return p.HandOff(c) }
	give    move = func(p Piece, c Cause) (Change, error) { return p.Assign(p.Stage, dan, c) }
)

// Every move: where it is allowed and what it is on record as, where it is refused and what its maker reads.
func TestMoves(t *testing.T) {
	in := func(stage Stage, moves ...move) Piece {
		input := PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, LeadID: lee, Stage: stage, Tasks: []string{"image"},
			Deadline: day(30), Steps: map[Stage]StepInput{Draft: {Deadline: day(9)}, CopyEdit: {OwnerID: cora}, Design: {OwnerID: dan}}}
		if stage == Pitch {
			input.Deadline, input.Steps, input.Topic = time.Time{}, nil, TopicProposed
		}
		return do(t, mustPiece(t, input), moves...)
	}
	demo := mustPiece(t, PieceInput{Code: "DEMO-1", Title: "Try", AuthorID: ann, EditorID: eve, Stage: Design, Demo: true})
	noLead := mustPiece(t, PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Stage: Design})
	known := mustPiece(t, PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve})
	online := in(Published, as(lee, publish))
	closed := do(t, online, as(lee, shared), found)
	for _, c := range []struct {
		name  string
		piece Piece
		move  move
		code  Code   // "": it is done
		want  string // kinds of events, or part of the refusal
	}{
		{"approve", in(Pitch), approve, "", "topic_decided"},
		{"approve twice, or two editors at once", in(Pitch, approve), approve, Conflict, "approved already"},
		{"approve after changes were asked for", in(Pitch, changes), approve, "", "topic_decided"},
		{"approve what was never proposed", known, approve, "", "topic_decided"},
		{"approve a draft", in(Draft), approve, Conflict, "its topic was decided on before"},
		{"approve what was declined", in(Pitch, refuse), approve, Conflict, "was cancelled: the topic was declined"},
		{"decline the topic", in(Pitch), refuse, "", "topic_decided"},
		{"decline it twice", in(Pitch, refuse), refuse, Conflict, "was cancelled: the topic was declined"},
		{"decline what is approved", in(Pitch, approve), refuse, Conflict, "approved already"},
		{"ask for changes", in(Pitch), changes, "", "topic_decided"},
		{"ask twice", in(Pitch, changes), changes, Conflict, "waiting for changes by the author already"},
		{"ask without words", in(Pitch), func(p Piece, c Cause) (Change, error) { return p.AskChanges(c, " \n") }, Invalid, "has to be told what to change: write it"},
		{"propose another version", in(Pitch, changes), as(ann, propose), "", "topic_proposed"},
		{"propose what is approved", in(Pitch, approve), as(ann, propose), Conflict, "nothing to propose any more"},
		{"propose a draft", in(Draft), as(ann, propose), Conflict, "nothing to propose any more"},
		{"clear", in(Pitch, approve, dated), clears, "", "step_done step_opened cleared_to_write"},
		{"clear what an editor made", do(t, known, dated), clears, "", "step_done step_opened cleared_to_write"},
		{"clear without approval and date", in(Pitch), clears, Conflict, "the topic is not approved; there is no deadline"},
		{"clear without the onboarding", in(Pitch, approve, dated), func(p Piece, c Cause) (Change, error) {
			return p.Clear(c, Person{Name: "Ann", Class: Outside, PersonDetails: PersonDetails{Onboarding: []Milestone{{Item: Invited}}}}, true)
		}, Conflict, "the onboarding of Ann is not complete, next is “briefed personally”"},
		{"clear without any onboarding", in(Pitch, approve, dated), func(p Piece, c Cause) (Change, error) {
			return p.Clear(c, Person{Name: "Ann", Class: Outside}, true)
		}, Conflict, "has not begun: invite them, or record that they are known"},
		{"clear twice", in(Pitch, approve, dated, clears), clears, Conflict, "was cleared to write before"},
		{"date what is open", in(Draft), dated, "", "deadline_changed"},
		{"date what is closed", closed, dated, Conflict, "every step of ACME-1 is done"},
		{"date what is cancelled", in(Draft, cancel), dated, Conflict, "was cancelled: no budget"},
		{"cancel", in(Draft), cancel, "", "cancelled"},
		{"cancel without a reason", in(Draft), func(p Piece, c Cause) (Change, error) { return p.Cancel(c, " ") }, Invalid, "give a reason"},
		{"cancel twice", in(Draft, cancel), cancel, Conflict, "was cancelled: no budget"},
		{"cancel what is closed", closed, cancel, Conflict, "every step of ACME-1 is done"},

		{"accept", in(CopyEdit), as(cora, accept), "", "step_accepted"},
		{"accept twice", in(CopyEdit, as(cora, accept)), as(cora, accept), "", ""},
		{"accept what is somebody else's", in(CopyEdit), as(dan, accept), Forbidden, "the copy edit of ACME-1 is not yours to take"},
		{"accept what was given to another meanwhile", in(CopyEdit, give), as(cora, accept), Forbidden, "not yours to take"},
		{"accept as nobody", in(CopyEdit), as(0, accept), Forbidden, "not yours to take"},
		{"accept what is cancelled", in(CopyEdit, cancel), as(cora, accept), Conflict, "was cancelled: no budget"},
		{"accept a review", in(Review, peers), as(rita, accept), "", "step_accepted"},
		{"accept it twice", in(Review, peers, as(rita, accept)), as(rita, accept), "", ""},
		{"write", in(CopyEdit), as(cora, wrote), "", ""},
		{"write twice", in(CopyEdit, as(cora, wrote)), as(cora, wrote), "", ""},
		{"write about what is somebody else's", in(CopyEdit), as(dan, wrote), "", ""},
		{"write about what is closed", closed, as(lee, wrote), "", ""},
		{"accept after writing", in(CopyEdit, as(cora, wrote)), as(cora, accept), "", "step_accepted"},
		{"accept twice after writing", in(CopyEdit, as(cora, wrote), as(cora, accept)), as(cora, accept), "", ""},
		{"decline", in(CopyEdit), as(cora, decline), "", "step_declined"},
		{"decline without a reason", in(CopyEdit), as(cora, func(p Piece, c Cause) (Change, error) { return p.Decline(c, "") }), "", "step_declined"},
		{"decline after accepting", in(CopyEdit, as(cora, accept)), as(cora, decline), "", "step_declined"},
		{"decline twice", in(CopyEdit, as(cora, decline)), as(cora, decline), Forbidden, "the copy edit of ACME-1 is not yours to decline"},
		{"decline as its editor", in(Review), decline, Conflict, "give the review to somebody else instead"},
		{"decline what is closed", closed, as(lee, decline), Conflict, "every step of ACME-1 is done"},
		{"decline a review", in(Review, peers), as(rita, decline), "", "step_declined"},
		{"decline the last review that is waited for", in(Review, peers, as(rolf, review)), as(rita, decline), "", "step_declined step_done step_opened"},
		{"both reviews are declined", in(Review, peers, as(rolf, decline)), as(rita, decline), "", "step_declined"},
		{"nobody answered", in(CopyEdit), as(0, giveUp), "", "step_returned"},
		{"nobody answered, twice", in(CopyEdit, as(0, giveUp)), as(0, giveUp), "", ""},
		{"nobody answered, but they wrote", in(CopyEdit, as(cora, wrote)), as(0, giveUp), "", ""},
		{"nobody answered for what another wrote about", in(CopyEdit, as(dan, wrote)), as(0, giveUp), "", "step_returned"},
		{"nobody answered for what is accepted", in(CopyEdit, as(cora, accept)), as(0, giveUp), "", ""},
		{"the author did not answer", in(Draft), as(0, giveUp), "", "step_returned"},
		{"complete", in(CopyEdit), as(cora, done), "", "step_done step_opened"},
		{"complete what is somebody else's", in(CopyEdit), as(dan, done), Forbidden, "the copy edit of ACME-1 is not yours to finish"},
		{"complete a revision without a version", in(Review, revise), as(ann, empty), Invalid, "no new version of ACME-1 came since the revision was asked for"},
		{"complete a revision with words", in(Review, revise), as(ann, worded), "", "step_done revision_received step_opened"},
		{"complete a revision whose version is there", in(Review, revise), as(ann, done), "", "step_done revision_received step_opened"},
		{"complete a draft with words alone", in(Draft), as(ann, worded), Invalid, "there is no draft of ACME-1 yet: send it with your answer"},
		{"complete a draft that is not there", in(Draft), as(ann, empty), Invalid, "there is no draft of ACME-1 yet: send it with your answer"},
		{"complete a draft", in(Draft), as(ann, done), "", "step_done step_opened"},
		{"complete ready with its tasks", in(Ready), as(lee, done), "", "task_done step_done step_opened"},
		{"complete publication without an address", in(Published), as(lee, done), Conflict, "name the URL"},
		{"complete the distribution", online, as(lee, done), "", "distributed"},
		{"ask peers", in(Review), peers, "", "reviewer_asked reviewer_asked"},
		{"ask them again", in(Review, peers), peers, "", ""},
		{"ask the author", in(Review), func(p Piece, c Cause) (Change, error) { return p.AskReviewers(c, 0, ann) }, Invalid, "the author of ACME-1 cannot review it"},
		{"ask for more answers than peers", in(Review), func(p Piece, c Cause) (Change, error) { return p.AskReviewers(c, 2, rita) }, Invalid, "2 answers are needed and 1 asked for"},
		{"ask peers in draft", in(Draft), peers, Conflict, "peers are asked while it is in review"},
		{"the first of two reviews", in(Review, peers), as(rita, review), "", "reviewer_answered"},
		{"the second", in(Review, peers, as(rita, review)), as(rolf, review), "", "reviewer_answered step_done step_opened"},
		{"one is enough", in(Review, oneOf), as(rolf, review), "", "reviewer_answered step_done step_opened"},
		{"a review twice", in(Review, peers, as(rita, review)), as(rita, review), "", ""},
		{"a review nobody asked for", in(Review, peers), as(dan, review), Forbidden, "nobody asked for your review of ACME-1"},
		{"a review after the step went on", in(Review, oneOf, as(rolf, review)), as(rita, review), Forbidden, "nobody asked for your review"},
		{"ask for a revision", in(Review), revise, "", "revision_asked"},
		{"ask for a revision in draft", in(Draft), revise, Conflict, "a revision can be asked for from review to design"},
		{"ask for a revision of what is ready", in(Ready), revise, Conflict, "a revision can be asked for from review to design"},
		{"ask for a revision without words", in(Review), func(p Piece, c Cause) (Change, error) { return p.AskRevision(c, "", day(10)) }, Invalid, "has to be told what to revise: write it"},
		{"ask for a revision past the whole", in(Review), func(p Piece, c Cause) (Change, error) { return p.AskRevision(c, "x", day(31)) }, Invalid, "past the overall deadline"},

		{"ask for more time", in(Draft), as(ann, longer), "", "extension_asked"},
		{"ask again, for another day", in(Draft, as(ann, longer)), as(ann, longer), "", "extension_asked"},
		{"ask for somebody else's", in(Draft), as(cora, longer), Forbidden, "the draft of ACME-1 is not yours: its owner can ask for more time"},
		{"ask for no day", in(Draft), as(ann, func(p Piece, c Cause) (Change, error) { return p.AskExtension(c, time.Time{}, "") }), Invalid, "no date could be read: write the day until which you need, like"},
		{"ask for a day that is over", in(Draft), as(ann, func(p Piece, c Cause) (Change, error) { return p.AskExtension(c, day(1), "") }), Invalid, "2026-11-01 23:59 UTC is over already"},
		{"ask for the day that it has", in(Draft), as(ann, func(p Piece, c Cause) (Change, error) { return p.AskExtension(c, day(9), "") }), Invalid, "due on 2026-11-09 23:59 UTC, which is no earlier"},
		{"grant", in(Draft, as(ann, longer)), grant, "", "extension_granted"},
		{"grant twice, or two editors at once", in(Draft, as(ann, longer), grant), grant, Conflict, "it was decided before, or the step moved on"},
		{"grant what nobody asked for", in(Draft), grant, Conflict, "nobody waits for more time on ACME-1"},
		{"grant past the whole", in(Draft, as(ann, func(p Piece, c Cause) (Change, error) { return p.AskExtension(c, day(31), "") })), grant, Invalid, "past the overall deadline 2026-11-30 23:59 UTC: move one of them"},
		{"grant what was handed on meanwhile", in(Draft, as(ann, longer), as(ann, submit)), grant, Conflict, "nobody waits for more time"},
		{"refuse", in(Draft, as(ann, longer)), deny, "", "extension_refused"},
		{"refuse after granting", in(Draft, as(ann, longer), grant), deny, Conflict, "it was decided before"},
		{"grant what is cancelled", in(Draft, as(ann, longer), cancel), grant, Conflict, "was cancelled: no budget"},

		{"the lead says yes", in(Draft), as(lee, yes), "", "lead_confirmed"},
		{"twice", in(Draft, as(lee, yes)), as(lee, yes), "", ""},
		{"somebody else says yes", in(Draft), as(cora, yes), Forbidden, "you are not the distribution lead of ACME-1"},
		{"a yes to what has no lead", noLead, as(0, yes), Forbidden, "you are not the distribution lead"},
		{"a yes to what is closed", closed, as(lee, yes), Conflict, "every step of ACME-1 is done"},
		{"tick a task", in(Draft), tick, "", "task_done"},
		{"tick the last in ready", in(Ready), tick, "", "task_done step_done step_opened"},
		{"tick it twice", in(Draft, tick), tick, "", ""},
		{"tick no task", in(Ready), func(p Piece, c Cause) (Change, error) { return p.Tick(c, "video") }, NotFound, `has no task "video", its tasks are: image`},
		{"publish", in(Published), as(lee, publish), "", "published step_done step_opened"},
		{"publish at another address", online, as(lee, func(p Piece, c Cause) (Change, error) { return p.Publish(c, "https://x.example/better") }), "", "published"},
		{"publish twice", online, as(lee, publish), "", ""},
		{"publish what is verified elsewhere", do(t, online, found), as(lee, func(p Piece, c Cause) (Change, error) { return p.Publish(c, "https://y.example") }), Conflict, "is verified at https://x.example/bread already"},
		{"publish a draft", in(Draft), publish, Conflict, "it is published after ready"},
		{"publish a demo piece", demo, publish, Conflict, "it is published after ready"},
		{"publish what is closed", closed, publish, Conflict, "every step of ACME-1 is done"},
		{"verify", online, found, "", "verified"},
		{"verify twice", do(t, online, found), found, "", ""},
		{"verify what is distributed", do(t, online, as(lee, shared)), found, "", "verified step_done"},
		{"cannot be verified", online, lost, "", "check_failed"},
		{"cannot be verified for the same reason", do(t, online, lost), lost, "", ""},
		{"verify what is not published", in(Published), found, Conflict, "not published yet: there is nothing to verify"},
		{"confirm the distribution", online, as(lee, shared), "", "distributed"},
		{"confirm it twice", do(t, online, as(lee, shared)), as(lee, shared), "", ""},
		{"confirm it last", do(t, online, found), as(lee, shared), "", "distributed step_done"},
		{"confirm what is somebody else's", online, func(p Piece, c Cause) (Change, error) {
			return p.ConfirmDistributed(Cause{PersonID: cora, At: c.At})
		}, Forbidden, "the distribution of ACME-1 is not yours to confirm"},
		{"confirm before publication", in(Ready), as(lee, shared), Conflict, "first comes the address where it is published"},

		{"submit", in(Draft), as(ann, submit), "", "entry_filed step_done step_opened"},
		{"submit too early", in(Pitch), as(ann, submit), "", "entry_filed early_draft"},
		{"submit without a lead", noLead, submit, "", "entry_filed handed_in"},
		{"submit what is somebody else's", in(CopyEdit), as(ann, submit), "", "entry_filed"},
		{"submit to what is closed", closed, as(ann, submit), "", "entry_filed"},
		{"submit to what is cancelled", in(Draft, cancel), as(ann, submit), "", "entry_filed"},
		{"submit the revision", in(Review, revise), as(ann, submit), "", "entry_filed step_done revision_received step_opened"},
		{"hand on", in(Draft), handOn, "", "step_done step_opened"},
		{"hand on a proposal", in(Pitch), handOn, Conflict, "it moves on when its topic is approved and the author is cleared"},
		{"hand on with open tasks", in(Ready), handOn, Conflict, "these are open: image"},
		{"hand on without a lead", noLead, handOn, Conflict, "nothing is ready without one: name one first"},
		{"hand on what is not published", in(Published), handOn, Conflict, "name the URL"},
		{"hand on what is not verified", do(t, online, lost), handOn, Conflict, "the address is not verified: the page says 404; the distribution is not confirmed"},
		{"hand on what is closed", closed, handOn, Conflict, "nothing of it is open any more"},
		{"hand on the last step of a demo piece", demo, handOn, "", "step_done"},
		{"name a lead for what waits", do(t, noLead, submit), lead, "", "owner_changed owner_changed owner_changed lead_named step_done step_opened"},
		{"name the same lead", in(Draft), lead, "", ""},
		{"name nobody", in(Draft), func(p Piece, c Cause) (Change, error) { return p.AssignLead(0, c) }, Invalid, "needs a distribution lead, not nobody"},
		{"name another lead for what is closed", closed, func(p Piece, c Cause) (Change, error) { return p.AssignLead(dan, c) }, Conflict, "every step of ACME-1 is done"},
		{"name a lead for what is cancelled", do(t, noLead, cancel), lead, Conflict, "was cancelled: no budget"},
		{"give the step to somebody", in(CopyEdit), give, "", "owner_changed"},
		{"give it to who has it", in(Design), give, "", ""},
		{"give a step that is cancelled", in(CopyEdit, cancel), give, Conflict, "was cancelled: no budget"},
		{"give a step to nobody", in(CopyEdit), func(p Piece, c Cause) (Change, error) { return p.Assign(CopyEdit, 0, c) }, Invalid, "needs an owner"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := deep(c.piece)
			ch, err := c.move(c.piece, Cause{ActorID: eve, PersonID: eve, At: start.Add(24 * time.Hour)})
			if d := cmp.Diff(before, c.piece); d != "" {
				t.Errorf("the piece it was given changed: %s", d)
			}
			if CodeOf(err) != c.code {
				t.Fatalf("code %q: %v", CodeOf(err), err)
			}
			if err != nil {
				if !strings.Contains(err.Error(), c.want) || ch.Piece.ID != 0 {
					t.Errorf("%q has no %q in it, or it was done: %d", err, c.want, ch.Piece.ID)
				}
				return
			}
			var kinds []string
			for _, e := range ch.Events {
				kinds = append(kinds, string(e.Kind))
			}
			if got := strings.Join(kinds, " "); got != c.want {
				t.Errorf("events %q, want %q", got, c.want)
			}
		})
	}
}

// A granted day moves the steps behind it by as many days, each at its own time of day, over a leap day and a change of clocks.
func TestGrantMovesWhatFollows(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	end := func(y int, m time.Month, d int) time.Time { return EndOfDay(y, m, d, berlin) }
	for _, c := range []struct {
		name                       string
		draft, review, until, want time.Time
	}{
		{"over a leap day", end(2028, 2, 27), end(2028, 2, 28), end(2028, 2, 29), end(2028, 3, 1)},
		{"over the gap", end(2026, 3, 27), end(2026, 3, 28), end(2026, 3, 29), end(2026, 3, 30)},
		{"over the repeated hour", end(2026, 10, 23), end(2026, 10, 24), end(2026, 10, 26), end(2026, 10, 27)},
		{"there is time enough", end(2026, 5, 1), end(2026, 5, 20), end(2026, 5, 3), end(2026, 5, 20)},
		{"a zone without name", time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), time.Date(2026, 5, 2, 12, 0, 0, 0, time.UTC), time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC), time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)},
	} {
		p, _, err := NewPiece(PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Stage: Draft,
			Steps: map[Stage]StepInput{Draft: {Deadline: c.draft}, Review: {Deadline: c.review}}}, Cause{At: c.draft.AddDate(0, 0, -9)})
		if err != nil {
			t.Fatal(err)
		}
		cause := Cause{PersonID: ann, At: c.draft.AddDate(0, 0, -1), Schedule: Schedule{Worker: func(int64) Worker { return Worker{Zone: berlin} }}}
		asked, err := p.AskExtension(cause, c.until, "")
		if err != nil {
			t.Fatal(err)
		}
		granted, err := asked.Piece.Grant(cause)
		if err != nil {
			t.Fatal(err)
		}
		draft, _ := granted.Piece.Step(Draft)
		review, _ := granted.Piece.Step(Review)
		if !draft.Deadline.Equal(c.until) || !review.Deadline.Equal(c.want) {
			t.Errorf("%s: draft %s, review %s; want %s, %s", c.name, draft.Deadline, review.Deadline, c.until, c.want)
		}
	}
}

// Reminders go out at nine where their reader lives; nobody's zone, or an unknown one, is the team's. A nine o'clock that a day
// lacks is the moment at which the clocks go forward.
func TestRemindersWhereClocksAreOdd(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	for _, c := range []struct {
		name, zone string
		at         time.Duration
		deadline   time.Time
		want       time.Time // of due_today
	}{
		{"no zone", "", 9 * time.Hour, EndOfDay(2026, 5, 5, berlin), time.Date(2026, 5, 5, 7, 0, 0, 0, time.UTC)},
		{"an unknown zone", "Mars/Base", 9 * time.Hour, EndOfDay(2026, 5, 5, berlin), time.Date(2026, 5, 5, 7, 0, 0, 0, time.UTC)},
		{"a leap day", "", 9 * time.Hour, EndOfDay(2028, 2, 29, berlin), time.Date(2028, 2, 29, 8, 0, 0, 0, time.UTC)},
		{"in the gap", "", 2*time.Hour + 30*time.Minute, EndOfDay(2026, 3, 29, berlin), time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)},
		{"twice", "", 2*time.Hour + 30*time.Minute, EndOfDay(2026, 10, 25, berlin), time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)},
		{"another zone", "America/New_York", 9 * time.Hour, EndOfDay(2026, 5, 5, berlin), time.Date(2026, 5, 5, 13, 0, 0, 0, time.UTC)},
	} {
		rules := deadlineRules()
		rules.Zone, rules.At = berlin, c.at
		p := mustPiece(t, PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: c.deadline}}})
		due, _ := Reminders(p, rules, c.deadline, func(id int64) Person { return Person{ID: id, TimeZone: c.zone} })
		if last := due[len(due)-1]; last.Rule != DueToday || !last.DueAt.Equal(c.want) {
			t.Errorf("%s: %s at %s, want %s", c.name, last.Rule, last.DueAt, c.want)
		}
	}
}

// A date that was stored has an offset alone; who decides on it reads it in their own time zone, by its name.
func TestRefusalNamesTheZone(t *testing.T) {
	p := mustPiece(t, PieceInput{Stage: Draft, Deadline: time.Date(2026, 12, 1, 22, 59, 0, 0, time.UTC)})
	asked, err := p.AskExtension(Cause{PersonID: ann, At: day(1)}, time.Date(2026, 12, 4, 23, 59, 0, 0, time.FixedZone("", 3600)), "ill")
	if err != nil {
		t.Fatal(err)
	}
	rules := ReminderRules{}
	schedule := rules.Schedule(func(int64) Person { return Person{TimeZone: "Europe/Berlin"} })
	for name, c := range map[string]struct {
		cause Cause
		want  string
	}{
		"in Berlin":          {Cause{ActorID: eve, At: day(2), Schedule: schedule}, "2026-12-04 23:59 CET is past the overall deadline 2026-12-01 23:59 CET"},
		"nobody's is known":  {Cause{ActorID: eve, At: day(2)}, "2026-12-04 22:59 UTC is past the overall deadline 2026-12-01 22:59 UTC"},
		"for nobody, at UTC": {Cause{At: day(2), Schedule: schedule}, "2026-12-04 22:59 UTC is past the overall deadline 2026-12-01 22:59 UTC"},
	} {
		if _, err := asked.Piece.Grant(c.cause); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

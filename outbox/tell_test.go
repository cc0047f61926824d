package outbox_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// The team of a piece: Anna writes, Erik edits, Cora copy-edits, Dan designs, Lea leads, Rita and Rolf review.
const (
	annaID, erikID, coraID, danID, leaID, ritaID, rolfID, ottoID = 1, 2, 3, 5, 6, 7, 8, 9
)

func crew() map[int64]workflow.Person {
	people := team()
	delete(people, mute.ID)
	for id, name := range map[int64]string{danID: "Dan", leaID: "Lea", ritaID: "Rita", rolfID: "Rolf", ottoID: "Otto"} {
		people[id] = workflow.Person{ID: id, Name: name, Class: workflow.Internal, Addresses: []string{strings.ToLower(name) + "@agency.example"}}
	}
	return people
}

func day(n int) time.Time { return start.AddDate(0, 0, n) }

func by(actor int64) workflow.Cause {
	return workflow.Cause{ActorID: actor, PersonID: actor, At: start}
}

// pieceIn is a piece that stands in a stage, its dates all to come.
func pieceIn(t testing.TB, stage workflow.Stage, change ...func(*workflow.PieceInput)) workflow.Piece {
	t.Helper()
	in := workflow.PieceInput{
		Code: "ACME-12", Title: "Heat pumps", AuthorID: annaID, EditorID: erikID, LeadID: leaID, Stage: stage, Deadline: day(90),
		Steps: map[workflow.Stage]workflow.StepInput{
			workflow.Draft: {Deadline: day(20)}, workflow.Review: {Deadline: day(30)}, workflow.CopyEdit: {OwnerID: coraID, Deadline: day(40)},
			workflow.Design: {OwnerID: danID, Deadline: day(50)}, workflow.Ready: {Deadline: day(60)}, workflow.Published: {Deadline: day(70)},
		},
		Brief: "About heat pumps.", Tasks: []string{"image"},
	}
	for _, c := range change {
		c(&in)
	}
	p, _, err := workflow.NewPiece(in, workflow.Cause{At: start.Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	p.ID = 12
	for i := range p.Steps {
		p.Steps[i].ID, p.Steps[i].PieceID = int64(50+i), 12
	}
	return p
}

func proposal(in *workflow.PieceInput) { in.Topic = workflow.TopicProposed }

// after makes moves that are not looked at.
func after(t testing.TB, p workflow.Piece, moves ...func(workflow.Piece) (workflow.Change, error)) workflow.Piece {
	t.Helper()
	for _, m := range moves {
		ch, err := m(p)
		if err != nil {
			t.Fatal(err)
		}
		p = ch.Piece
	}
	return p
}

// tell is what a change has people told, as "template to Name", with its calendar event if it carries one.
func tell(t testing.TB, c *outbox.Composer, before workflow.Piece, ch workflow.Change, actor int64) ([]outbox.Notice, []string) {
	t.Helper()
	notices, err := c.Tell(outbox.Happening{Before: before, Change: ch, People: crew(), ActorID: actor, CauseID: 77, Version: 2, Changes: &templates.Changes{Since: 1, Summary: "more words"}})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	keys := map[string]bool{}
	for _, n := range notices {
		line := n.Template + " to " + strings.Fields(n.ToName)[0]
		if n.Invite != nil {
			line += " " + n.Invite.Method
			if n.Invite.Attendee != n.ToAddress {
				t.Errorf("%s invites %s", line, n.Invite.Attendee)
			}
		}
		if n.State == outbox.Cancelled {
			line += " (" + n.Error + ")"
		}
		if keys[n.Key] {
			t.Errorf("%s: the key %s comes twice", line, n.Key)
		}
		keys[n.Key] = true
		d, err := templates.Decode(n.Template, n.Data)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, err := mails(t).Render(d, templates.Audience{}); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if n.PersonID == actor && !slices.Contains([]string{"published", "thank_you", "step_opened", "deadline_changed"}, n.Template) {
			t.Errorf("%s: they did it themselves", line)
		}
		if n.State != outbox.Cancelled { // what is told is not outdated at once
			s := outbox.Scheduler{Agenda: &diary{pieces: []workflow.Piece{ch.Piece}, people: crew()}, Composer: c, Clock: c.Clock}
			n.CreatedAt = start.AddDate(1, 0, 0) // moves of a test may be made after its clock's time
			if why, err := s.Outdated(t.Context(), n); why != "" || err != nil {
				t.Errorf("%s is outdated at once: %s, %v", line, why, err)
			}
		}
		said = append(said, line)
	}
	return notices, said
}

// Every event: who is told, once each, not who did it; what is in whose calendar.
func TestTell(t *testing.T) {
	onboarded := crew()[annaID]
	onboarded.Onboarding = []workflow.Milestone{{Item: workflow.Waived, At: start}}
	inDraft := pieceIn(t, workflow.Draft)
	inReview := pieceIn(t, workflow.Review)
	reviewed := after(t, inReview, func(p workflow.Piece) (workflow.Change, error) {
		return p.AskReviewers(by(erikID), 0, ritaID, rolfID)
	})
	extended := after(t, inDraft, func(p workflow.Piece) (workflow.Change, error) { return p.AskExtension(by(annaID), day(25), "ill") })
	late := after(t, inDraft, func(p workflow.Piece) (workflow.Change, error) { return p.AskExtension(by(annaID), day(29), "ill") })
	revised := after(t, inReview, func(p workflow.Piece) (workflow.Change, error) {
		return p.AskRevision(by(erikID), "shorter", day(22))
	})
	noLead := pieceIn(t, workflow.Design, func(in *workflow.PieceInput) { in.LeadID = 0 })
	handedIn := noLead.Submit(by(danID), "").Piece
	published := pieceIn(t, workflow.Published)
	online := after(t, published, func(p workflow.Piece) (workflow.Change, error) { return p.Publish(by(leaID), "https://x.example/a") })
	distributed := after(t, online, func(p workflow.Piece) (workflow.Change, error) { return p.ConfirmDistributed(by(leaID)) })
	verified := after(t, online, func(p workflow.Piece) (workflow.Change, error) { return p.Checked(workflow.Cause{At: start}, "") })
	approved := after(t, pieceIn(t, workflow.Pitch, proposal), func(p workflow.Piece) (workflow.Change, error) { return p.Approve(by(erikID), "") })
	demo := pieceIn(t, workflow.Design, func(in *workflow.PieceInput) {
		*in = workflow.PieceInput{Code: "DEMO-1", Title: "First try", AuthorID: annaID, EditorID: erikID, Stage: workflow.Design, Demo: true}
	})
	toAll := func(template string) (said []string) {
		for _, name := range []string{"Anna", "Erik", "Cora", "Dan", "Lea", "Rita", "Rolf", "Otto"} {
			said = append(said, template+" to "+name)
		}
		return said
	}
	for _, c := range []struct {
		name   string
		before workflow.Piece
		actor  int64
		move   func(workflow.Piece, workflow.Cause) (workflow.Change, error)
		want   []string
	}{
		{"a topic is proposed", pieceIn(t, workflow.Pitch, proposal), annaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Propose(c, "bread") },
			[]string{"pitch_new to Erik"}},
		{"approved, onboarding missing", pieceIn(t, workflow.Pitch, proposal), erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Approve(c, "good") },
			[]string{"pitch_approved to Anna"}},
		{"changes are asked for", pieceIn(t, workflow.Pitch, proposal), erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.AskChanges(c, "more") },
			[]string{"pitch_changes to Anna"}},
		{"declined", pieceIn(t, workflow.Pitch, proposal), erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.DeclineTopic(c, "no") },
			[]string{"pitch_declined to Anna"}},
		{"cleared", approved, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Clear(c, onboarded, true) },
			[]string{"cleared to Anna REQUEST"}},
		{"cleared by the clock", approved, 0, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Clear(c, onboarded, true) },
			[]string{"cleared to Anna REQUEST"}},
		{"accepted", pieceIn(t, workflow.CopyEdit), coraID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Accept(c) },
			[]string{"step_accepted to Erik"}},
		{"declined by the owner", pieceIn(t, workflow.CopyEdit), coraID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Decline(c, "ill") },
			[]string{"step_declined to Erik REQUEST"}},
		{"nobody answered", pieceIn(t, workflow.CopyEdit), 0, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Return(c), nil },
			[]string{"step_returned to Erik REQUEST", "step_returned to Cora CANCEL"}},
		{"nobody answered for the draft, which stays the author's", inDraft, 0, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Return(c), nil },
			[]string{"step_returned to Erik", "step_returned to Anna"}},
		{"a draft is handed in", inDraft, annaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Submit(c, ""), nil },
			[]string{"step_opened to Erik REQUEST"}},
		{"handed on by the editor", inDraft, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.HandOff(c) },
			[]string{"step_opened to Erik REQUEST", "step_done to Anna CANCEL"}},
		{"handed on to a third", pieceIn(t, workflow.CopyEdit), coraID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.HandOff(c) },
			[]string{"step_opened to Dan REQUEST", "step_done to Erik"}},
		{"handed on to themselves", pieceIn(t, workflow.Review, func(in *workflow.PieceInput) {
			in.Steps[workflow.CopyEdit] = workflow.StepInput{OwnerID: erikID, Deadline: day(40)}
		}), erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.HandOff(c) },
			[]string{"step_opened to Erik REQUEST"}},
		{"given to themselves", pieceIn(t, workflow.CopyEdit), erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.Assign(workflow.CopyEdit, erikID, c)
		},
			[]string{"unassigned to Cora CANCEL"}},
		{"handed in without a lead", noLead, danID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Submit(c, ""), nil },
			[]string{"lead_missing to Erik"}},
		{"the lead is named, what waited moves on", handedIn, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.AssignLead(leaID, c) },
			[]string{"lead_named to Lea", "step_opened to Lea REQUEST", "step_done to Dan CANCEL"}},
		{"the lead says yes", pieceIn(t, workflow.Draft), leaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.ConfirmLead(c) }, nil},
		{"the lead says no", pieceIn(t, workflow.Draft), leaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.DeclineLead(c, "on leave")
		},
			[]string{"lead_missing to Erik"}},
		{"reviewers are asked", inReview, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.AskReviewers(c, 1, ritaID, rolfID)
		},
			[]string{"review_asked to Rita", "review_asked to Rolf"}},
		{"the first reviewer answers", reviewed, ritaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Reviewed(c) },
			[]string{"review_received to Erik"}},
		{"a reviewer declines", reviewed, ritaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Decline(c, "ill") },
			[]string{"step_declined to Erik"}},
		{"a revision is asked for", inReview, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.AskRevision(c, "shorter", day(22))
		},
			[]string{"revision_asked to Anna REQUEST"}},
		{"a revision, with peers still asked", reviewed, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.AskRevision(c, "shorter", day(22))
		},
			[]string{"revision_asked to Anna REQUEST", "sent_back to Rita", "sent_back to Rolf"}},
		{"a revision, from another's step, which moves with all behind it", pieceIn(t, workflow.CopyEdit), erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.AskRevision(c, "shorter", day(39))
		},
			[]string{"revision_asked to Anna REQUEST", "sent_back to Cora CANCEL", "deadline_changed to Dan", "deadline_changed to Lea"}},
		{"it comes", revised, annaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Submit(c, ""), nil },
			[]string{"revision_received to Erik REQUEST"}},
		{"more time is asked for", inDraft, annaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.AskExtension(c, day(25), "ill")
		},
			[]string{"extension_asked to Erik"}},
		{"granted", extended, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Grant(c) },
			[]string{"extension_granted to Anna REQUEST"}},
		{"granted, which moves a date of who grants it", late, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Grant(c) },
			[]string{"extension_granted to Anna REQUEST", "deadline_changed to Erik", "deadline_changed to Cora", "deadline_changed to Dan", "deadline_changed to Lea"}},
		{"refused", extended, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Refuse(c, "no") },
			[]string{"extension_refused to Anna"}},
		{"another date", inDraft, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.SetStepDeadline(workflow.Draft, day(24), c)
		},
			[]string{"deadline_changed to Anna REQUEST"}},
		{"no date any more", inDraft, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.SetStepDeadline(workflow.Draft, time.Time{}, c)
		},
			[]string{"deadline_changed to Anna CANCEL"}},
		{"another date of a step that waits", inDraft, annaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.SetStepDeadline(workflow.Design, day(51), c)
		},
			[]string{"deadline_changed to Dan", "deadline_changed to Erik"}},
		{"another date of the whole", inDraft, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.SetDeadline(day(100), c) },
			[]string{"deadline_changed to Lea", "deadline_changed to Anna", "deadline_changed to Cora", "deadline_changed to Dan"}},
		{"somebody else gets it", pieceIn(t, workflow.CopyEdit), erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.Assign(workflow.CopyEdit, danID, c)
		},
			[]string{"step_opened to Dan REQUEST", "unassigned to Cora CANCEL"}},
		{"the checklist is done", pieceIn(t, workflow.Ready), erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Tick(c, "image") },
			[]string{"ready_to_distribute to Lea REQUEST"}},
		{"published", published, leaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.Publish(c, "https://x.example/a")
		},
			[]string{"address_noted to Erik"}},
		{"published, by the editor for the lead", published, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.Publish(c, "https://x.example/a")
		},
			[]string{"address_noted to Lea", "step_done to Lea CANCEL"}},
		{"published at another address", online, leaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.Publish(c, "https://x.example/b")
		},
			[]string{"address_noted to Erik"}},
		{"verified, not distributed yet", online, 0, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Checked(c, "") }, toAll("published")},
		{"verified by a person, who shares it too", online, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Checked(c, "") },
			toAll("published")},
		{"verified, distributed before", distributed, 0, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Checked(c, "") },
			append(toAll("published"), "verified to Erik", "verified to Lea", "thank_you to Anna", "thank_you to Erik", "thank_you to Lea", "thank_you to Cora", "thank_you to Dan")},
		{"not verified", online, 0, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Checked(c, "404") }, nil},
		{"closed", verified, leaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.ConfirmDistributed(c) },
			[]string{"verified to Erik", "thank_you to Anna", "thank_you to Erik", "thank_you to Lea", "thank_you to Cora", "thank_you to Dan"}},
		{"cancelled", inDraft, erikID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Cancel(c, "no budget") },
			[]string{"cancelled to Anna CANCEL", "cancelled to Lea", "cancelled to Cora", "cancelled to Dan"}},
		{"the demo piece is through", demo, annaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.HandOff(c) },
			[]string{"demo_finished to Erik"}},
		{"a comment", inDraft, annaID, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.File(c, "hm"), nil }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			words := composer(t)
			words.Policy.Onboarding = true
			cause := by(c.actor)
			ch, err := c.move(c.before, cause)
			if err != nil {
				t.Fatal(err)
			}
			_, said := tell(t, words, c.before, ch, c.actor)
			if diff := cmp.Diff(c.want, said); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What a step's owner has in their calendar follows the step: the same event, its sequence growing, taken back at the end.
func TestInvitesFollowTheStep(t *testing.T) {
	type move = func(workflow.Piece, workflow.Cause) (workflow.Change, error)
	date := func(n int) move {
		return func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.SetStepDeadline(workflow.CopyEdit, day(n), c)
		}
	}
	give := func(id int64) move {
		return func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
			return p.Assign(workflow.CopyEdit, id, c)
		}
	}
	for name, c := range map[string]struct {
		moves []move
		last  string // method of Cora's
	}{
		"done":            {[]move{date(41), date(42), func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.HandOff(c) }}, outbox.Cancel},
		"cancelled":       {[]move{date(41), func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Cancel(c, "no budget") }}, outbox.Cancel},
		"taken away":      {[]move{date(41), give(danID)}, outbox.Cancel},
		"back again":      {[]move{give(danID), date(43), give(coraID)}, outbox.Request},
		"given and taken": {[]move{give(danID), give(coraID), give(ottoID), give(coraID), give(danID)}, outbox.Cancel},
	} {
		t.Run(name, func(t *testing.T) {
			p, words := pieceIn(t, workflow.CopyEdit), composer(t)
			var coras []outbox.Invite
			note := func(notices []outbox.Notice) {
				for _, n := range notices {
					if n.PersonID == coraID && n.Invite != nil {
						coras = append(coras, *n.Invite)
					}
				}
			}
			started, _ := tell(t, words, workflow.Piece{}, workflow.Start(p, workflow.Cause{At: start}), 0)
			note(started)
			for i, m := range c.moves {
				cause := by(erikID)
				cause.At = start.Add(time.Duration(i+1) * time.Minute)
				ch, err := m(p, cause)
				if err != nil {
					t.Fatal(err)
				}
				told, _ := tell(t, words, p, ch, erikID)
				note(told)
				p = ch.Piece
			}
			if len(coras) < 2 || coras[len(coras)-1].Method != c.last {
				t.Fatalf("Cora's calendar gets %+v", coras)
			}
			for i, inv := range coras {
				if i > 0 && (inv.UID != coras[0].UID || inv.Sequence <= coras[i-1].Sequence) {
					t.Errorf("%s %s with sequence %d after %s with %d", inv.Method, inv.UID, inv.Sequence, coras[0].UID, coras[i-1].Sequence)
				}
				stream, err := inv.ICS()
				if err != nil {
					t.Fatal(err)
				}
				if method, _ := parsed(t, stream); method != inv.Method {
					t.Errorf("method %s", method)
				}
			}
		})
	}
}

// The calendar part of a handoff, as it goes out.
func TestRequestGolden(t *testing.T) {
	p := pieceIn(t, workflow.CopyEdit)
	ch, err := p.HandOff(by(coraID))
	if err != nil {
		t.Fatal(err)
	}
	notices, _ := tell(t, composer(t), p, ch, coraID)
	i := slices.IndexFunc(notices, func(n outbox.Notice) bool { return n.PersonID == danID })
	stream, err := notices[i].Invite.ICS()
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "request.ics")
	if os.Getenv("HANDOFF_UPDATE") != "" {
		if err := os.WriteFile(golden, stream, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(stream)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got := back(t, stream)
	if ref, err := composer(t).Identity.FromAddress(got.Organizer); err != nil || ref != (outbox.Ref{PieceID: 12, PersonID: danID}) {
		t.Errorf("its organizer %s stands for %+v, %v", got.Organizer, ref, err)
	}
	if !got.End.Equal(day(50)) || got.Attendee != "dan@agency.example" || got.Method != outbox.Request {
		t.Errorf("it says %+v", got)
	}
}

// Notices that nobody asked for wait for the morning where their reader lives; answers to a mail do not.
func TestQuietHours(t *testing.T) {
	words := composer(t)
	words.Rules.Calendar.QuietFrom, words.Rules.Calendar.QuietTo = 20*time.Hour, 7*time.Hour
	night := time.Date(2026, 3, 28, 22, 30, 0, 0, time.UTC) // 23:30 in Berlin, before the clocks go forward
	words.Clock = clock.NewFake(night)
	far := cora
	far.TimeZone = "Pacific/Auckland" // 11:30
	for name, c := range map[string]struct {
		data  templates.Data
		to    workflow.Person
		about outbox.About
		want  time.Time
	}{
		"a handoff at night":         {templates.StepOpened{}, anna, outbox.About{}, time.Date(2026, 3, 29, 5, 0, 0, 0, time.UTC)},
		"where it is day":            {templates.StepOpened{}, far, outbox.About{}, night},
		"an answer":                  {templates.Noted{}, anna, outbox.About{}, night},
		"a receipt":                  {templates.Receipt{}, anna, outbox.About{AutoReply: true}, night},
		"a reminder due by day":      {templates.DueSoon{}, anna, outbox.About{DueAt: night.Add(-12 * time.Hour)}, time.Date(2026, 3, 29, 5, 0, 0, 0, time.UTC)},
		"one that is due later":      {templates.DueSoon{}, anna, outbox.About{DueAt: night.Add(10 * time.Hour)}, night.Add(10 * time.Hour)},
		"one due in the next night":  {templates.DueSoon{}, anna, outbox.About{DueAt: night.Add(24 * time.Hour)}, time.Date(2026, 3, 30, 5, 0, 0, 0, time.UTC)},
		"a person without time zone": {templates.StepOpened{}, workflow.Person{ID: 99, Addresses: []string{"x@y.example"}, TimeZone: "Mars/Base"}, outbox.About{}, time.Date(2026, 3, 29, 5, 0, 0, 0, time.UTC)},
	} {
		c.about.Key = "k"
		n, err := words.Compose(c.data, c.to, c.about)
		if err != nil {
			t.Fatal(err)
		}
		if !n.NextAt.Equal(c.want) {
			t.Errorf("%s: goes out at %s, want %s", name, n.NextAt, c.want)
		}
	}
}

// The one-tap answers are mails to the reader's own signed address whose subject names the piece; recurring notices can be
// muted, a handoff cannot.
func TestAnswersAndUnsubscribe(t *testing.T) {
	words := composer(t)
	words.Policy.Unsubscribe = "https://agency.example/mute/{token}"
	p := pieceIn(t, workflow.CopyEdit)
	on := templates.OnPiece{Piece: outbox.PieceData(p)}
	for _, c := range []struct {
		data      templates.Data
		subjects  []string
		recurring bool
	}{
		{templates.StepOpened{Piece: on.Piece}, []string{"ACCEPT ACME-12 STEP", "DECLINE ACME-12 STEP"}, false},
		{templates.DueToday{Piece: on.Piece}, []string{"EXTEND ACME-12"}, true},
		{templates.PitchNew{OnPiece: on}, []string{"ACCEPT ACME-12 PITCH", "DECLINE ACME-12 PITCH", "REVISE ACME-12 PITCH"}, false},
		{templates.ExtensionWaiting{OnPiece: on}, []string{"ACCEPT ACME-12 EXTENSION", "DECLINE ACME-12 EXTENSION"}, true},
		{templates.LeadNamed{OnPiece: on}, []string{"ACCEPT ACME-12 LEAD"}, false},
		{templates.Guidelines{}, []string{"ACCEPT GUIDELINES"}, false},
		{templates.Weekly{}, nil, true},
	} {
		n, err := words.Compose(c.data, cora, outbox.About{Key: "k", PieceID: p.ID})
		if err != nil {
			t.Fatal(err)
		}
		var sent struct{ Answers []templates.Answer }
		if err := json.Unmarshal(n.Data, &sent); err != nil {
			t.Fatal(err)
		}
		var subjects []string
		for _, a := range sent.Answers {
			u, err := url.Parse(a.URL)
			if err != nil || u.Scheme != "mailto" || u.Opaque != n.ReplyTo || strings.Contains(a.URL, "+ACME") {
				t.Errorf("%s: answer %s, %v", n.Template, a.URL, err)
				continue
			}
			subjects = append(subjects, u.Query().Get("subject"))
		}
		if diff := cmp.Diff(c.subjects, subjects); diff != "" {
			t.Errorf("%s (-want +got):\n%s", n.Template, diff)
		}
		var want []string
		if c.recurring {
			want = []string{"https://agency.example/mute/" + url.PathEscape(words.Identity.MuteToken(cora.ID, n.Template)),
				"mailto:" + n.ReplyTo + "?subject=STOP%20" + n.Template}
		}
		if diff := cmp.Diff(want, n.Unsubscribe); diff != "" {
			t.Errorf("%s: unsubscribe (-want +got):\n%s", n.Template, diff)
		}
	}
	if n, err := words.Compose(templates.Weekly{}, workflow.Person{Addresses: []string{"x@y.example"}}, outbox.About{Key: "k"}); err != nil || n.Unsubscribe != nil {
		t.Errorf("a stranger can mute %q, %v", n.Unsubscribe, err)
	}
}

// A muted reminder is not queued; the handoff that is about the same step is.
func TestMuted(t *testing.T) {
	d, now := &diary{people: crew()}, clock.NewFake(start)
	d.add(1, annaID, start.AddDate(0, 0, 3))
	anna := d.people[annaID]
	anna.Muted = []string{workflow.DueSoon, "step_opened"}
	d.people[annaID] = anna
	if n, err := scheduler(t, d, now).Tick(t.Context()); err != nil || n != 0 {
		t.Errorf("%d notices, %v: %v", n, err, d.said())
	}
	_, said := tell(t, composer(t), workflow.Piece{}, workflow.Start(pieceIn(t, workflow.Draft), workflow.Cause{At: start}), 0)
	if fmt.Sprint(said) != "[lead_named to Lea step_opened to Anna REQUEST]" {
		t.Errorf("said %v", said)
	}
}

// The event of a step is named in the language of whose calendar it is in, also when it is taken back.
func TestInviteLanguage(t *testing.T) {
	c := composer(t)
	c.Locale = "es"
	before := pieceIn(t, workflow.CopyEdit)
	step, _ := before.OpenStep()
	ch, err := before.HandOff(by(coraID))
	if err != nil {
		t.Fatal(err)
	}
	for locale, want := range map[string][2]string{
		"":      {"ACME-12: vence la etapa «diseño» de «Heat pumps»", "ACME-12: vence la etapa «corrección» de «Heat pumps»"},
		"sv":    {"ACME-12: vence la etapa «diseño» de «Heat pumps»", "ACME-12: vence la etapa «corrección» de «Heat pumps»"},
		"de-AT": {"ACME-12: Schritt „Gestaltung“ von „Heat pumps“ fällig", "ACME-12: Schritt „Lektorat“ von „Heat pumps“ fällig"},
		"en":    {"ACME-12: design of “Heat pumps” due", "ACME-12: copy edit of “Heat pumps” due"},
	} {
		people := crew()
		dan, cora := people[danID], people[coraID]
		dan.Locale, cora.Locale = locale, locale
		people[danID] = dan
		notices, err := c.Tell(outbox.Happening{Before: before, Change: ch, People: people, ActorID: coraID})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(notices, func(n outbox.Notice) bool { return n.Invite != nil && n.PersonID == danID })
		if i < 0 {
			t.Fatalf("%q: the next owner is not invited: %v", locale, notices)
		}
		if got := notices[i].Invite.Summary; got != want[0] {
			t.Errorf("%q: the event is %q, want %q", locale, got, want[0])
		}
		if got := c.Uninvite(before, step, cora); got == nil || got.Summary != want[1] {
			t.Errorf("%q: what is taken back is %+v, want %q", locale, got, want[1])
		}
	}
}

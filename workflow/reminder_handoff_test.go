package workflow

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What is asked about a handoff, beside what its deadline says.
func TestHandoffReminders(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, berlin) }
	rules := DefaultReminderRules()
	rules.Calendar.QuietFrom, rules.Calendar.QuietTo = 20*time.Hour, 7*time.Hour
	rules.ReturnDays = 0
	piece := func(in PieceInput, stage Stage, change func(*Piece, *Step)) Piece {
		p := mustPiece(t, in)
		change(&p, &p.Steps[p.index(stage)])
		return p
	}
	dated := func(stage Stage, day int) PieceInput {
		return PieceInput{Stage: stage, Steps: map[Stage]StepInput{stage: {Deadline: EndOfDay(2026, 11, day, berlin)}}}
	}
	offered := func(when time.Time) func(*Piece, *Step) {
		return func(_ *Piece, s *Step) { s.OpenedAt, s.OfferedAt, s.AcceptedAt = when, when, time.Time{} }
	}
	for _, c := range []struct {
		name  string
		piece Piece
		now   time.Time
		want  []string
	}{
		{"days are counted by the calendar", piece(PieceInput{Stage: Draft}, Draft, offered(at(16, 15))), at(18, 9),
			[]string{"11-17 08:00 step_unanswered to 1 day 2 superseded", "11-18 08:00 step_unanswered to 1 day 2"}},
		{"offered at night, it is read in the morning", piece(PieceInput{Stage: Draft}, Draft, offered(at(16, 22))), at(18, 9),
			[]string{"11-18 08:00 step_unanswered to 1 day 1"}},
		{"who wrote is not asked again, though they did not accept", piece(dated(Draft, 20), Draft, func(p *Piece, s *Step) {
			offered(at(16, 10))(p, s)
			s.HeardAt = at(16, 12)
		}), at(18, 9), []string{"11-17 08:00 due_soon to 1"}},
		{"what they wrote before it was theirs is no answer", piece(PieceInput{Stage: Draft}, Draft, func(p *Piece, s *Step) {
			offered(at(16, 10))(p, s)
			s.HeardAt = at(13, 9)
		}), at(17, 9), []string{"11-17 08:00 step_unanswered to 1 day 1"}},
		{"one of two mails at one moment", piece(dated(Draft, 17), Draft, offered(at(16, 10))), at(17, 9),
			[]string{"11-14 08:00 due_soon to 1 superseded", "11-17 08:00 due_today to 1 superseded", "11-17 08:00 step_unanswered to 1 day 1"}},
		{"a peer who said yes is asked when it is due", piece(dated(Review, 20), Review, func(_ *Piece, s *Step) {
			s.OwnerID = 2
			s.Reviewers = []Reviewer{{PersonID: 7, AskedAt: at(16, 10), AcceptedAt: at(16, 11)}, {PersonID: 8, AskedAt: at(16, 10)}}
		}), at(20, 9), []string{
			"11-17 08:00 due_soon to 2 superseded", "11-17 08:00 review_unanswered to 8 day 4 superseded", "11-18 08:00 review_unanswered to 8 day 4",
			"11-20 08:00 due_today to 2", "11-20 08:00 review_unanswered to 7 day 4"}},
		{"who got a late step had no last notice", piece(dated(Draft, 10), Draft, func(p *Piece, s *Step) {
			s.OpenedAt, s.OfferedAt, s.AcceptedAt = at(2, 10), at(17, 15), at(17, 15)
		}), at(18, 9), []string{
			"11-07 08:00 due_soon to 1 superseded", "11-10 08:00 due_today to 1 superseded", "11-11 08:00 overdue to 1 day 8 superseded",
			"11-12 08:00 overdue_editor to 2 day 8 superseded", "11-13 08:00 overdue to 1 day 8 superseded", "11-17 08:00 last_notice to 1 day 8 superseded",
			"11-17 08:00 overdue_editor to 2 day 8 superseded"}},
		{"a lead is asked whether they lead", piece(dated(Ready, 30), Ready, func(p *Piece, s *Step) {
			p.LeadID, p.LeadNamedAt, p.LeadConfirmedAt = 7, at(16, 10), time.Time{}
			s.OwnerID, s.OfferedAt, s.AcceptedAt = 7, at(16, 10), time.Time{}
		}), at(17, 9), []string{"11-17 08:00 lead_unconfirmed to 7 day 1"}},
		{"a demo piece is no handoff", piece(PieceInput{Stage: Draft, Demo: true}, Draft, offered(at(16, 10))), at(17, 9), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			due := dueOf(c.piece, rules, c.now, func(int64) *time.Location { return berlin })
			var got []string
			for _, r := range due {
				got = append(got, line(r))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A date that is granted pushes what follows, up to the overall deadline and not past it.
func TestGrantStopsAtTheOverallDeadline(t *testing.T) {
	day := func(n int) time.Time { return EndOfDay(2026, 11, n, time.UTC) }
	p := mustPiece(t, PieceInput{Stage: Draft, Deadline: day(20), Steps: map[Stage]StepInput{Draft: {Deadline: day(10)}, Review: {Deadline: day(13)}, CopyEdit: {Deadline: day(20)}}})
	for until, want := range map[int]string{14: "2026-11-17 2026-11-20", 18: "2026-11-20 2026-11-20", 21: "refused"} {
		asked, err := p.AskExtension(Cause{PersonID: p.AuthorID, At: day(9)}, day(until), "")
		if err != nil {
			t.Fatal(err)
		}
		granted, err := asked.Piece.Grant(Cause{At: day(9)})
		got := "refused"
		if err == nil {
			review, _ := granted.Piece.Step(Review)
			edit, _ := granted.Piece.Step(CopyEdit)
			got = review.Deadline.Format(time.DateOnly) + " " + edit.Deadline.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("until the %dth: %s, want %s", until, got, want)
		}
	}
}

// Who was cleared to write and says nothing is asked once for each date of the draft: also where the question about the one
// before was made already, and perhaps never sent.
func TestStalled(t *testing.T) {
	p := mustPiece(t, PieceInput{Stage: Draft, Deadline: day(29)})
	p.ClearedAt = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	p.Steps[p.index(Draft)].AcceptedAt = p.ClearedAt
	keys := map[string]bool{}
	asked := func(until int) (asked []string) {
		for _, r := range dueOf(p, DefaultReminderRules(), day(until), func(int64) *time.Location { return time.UTC }) {
			if r.Rule == Stalled || r.Rule == StalledEditor {
				if !keys[r.Key] {
					asked = append(asked, line(r))
				}
				keys[r.Key] = true
			}
		}
		return asked
	}
	for _, c := range []struct {
		move  func(Piece) (Change, error)
		until int
		want  []string
	}{
		{nil, 14, nil},
		{nil, 15, []string{"11-15 09:00 stalled to 1"}},
		{func(p Piece) (Change, error) { return p.SetDeadline(day(30).AddDate(0, 0, 9), Cause{At: day(15)}) }, 19, nil},
		{nil, 20, []string{"11-20 09:00 stalled to 1"}},
		{func(p Piece) (Change, error) { return p.SetStepDeadline(Draft, day(28), Cause{At: day(22)}) }, 22, []string{"11-15 09:00 stalled to 1", "11-22 09:00 stalled_editor to 2"}},
		{func(p Piece) (Change, error) { return p.SetStepDeadline(Review, day(29), Cause{At: day(22)}) }, 25, nil},
	} {
		if c.move != nil {
			ch, err := c.move(p)
			if err != nil {
				t.Fatal(err)
			}
			p = ch.Piece
		}
		if diff := cmp.Diff(c.want, asked(c.until)); diff != "" {
			t.Errorf("until %d (-want +got):\n%s", c.until, diff)
		}
	}
}

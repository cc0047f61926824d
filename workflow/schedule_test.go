package workflow

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// workdays plans by a calendar of five days a week without Christmas and Epiphany, for people in Berlin of whom Cora works from
// Tuesday to Thursday.
func workdays(t *testing.T) Schedule {
	berlin := zoneOf(t, "Europe/Berlin")
	part := Weekdays(1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday)
	return Schedule{
		Calendar: Calendar{Days: workWeek(), Holidays: map[string]string{"2026-12-25": "Christmas", "2027-01-01": "New Year", "2027-01-06": "Epiphany"}},
		Days:     map[Stage]int{Draft: 10, Review: 3, CopyEdit: 2, Design: 3},
		Worker: func(id int64) Worker {
			if id == cora {
				return Worker{Zone: berlin, Days: part}
			}
			return Worker{Zone: berlin}
		},
	}
}

// A step that opens late keeps the working days it was planned with, and so do those behind it that would come too early; none
// goes past the overall deadline, and none moves that has half of its days left.
func TestLateSteps(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	at := func(date string) time.Time {
		moment, err := time.ParseInLocation("2006-01-02 15:04", date, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	end := func(date string) time.Time { return at(date + " 23:59") }
	dates := func(p Piece) string {
		var all []string
		for _, s := range p.Steps {
			if s.State != Done && !s.Deadline.IsZero() {
				all = append(all, string(s.Stage)+" "+s.Deadline.In(berlin).Format("01-02 15:04"))
			}
		}
		return strings.Join(all, ", ")
	}
	schedule := workdays(t)
	hand := func(p Piece, when string) (Change, error) {
		return p.HandOff(Cause{At: at(when), Schedule: schedule})
	}
	revise := func(p Piece, when, until string) Piece {
		var deadline time.Time
		if until != "" {
			deadline = end(until)
		}
		ch, err := p.AskRevision(Cause{At: at(when), Schedule: schedule}, "shorter", deadline)
		if err != nil {
			t.Fatal(err)
		}
		return ch.Piece
	}
	tests := map[string]struct {
		steps   map[Stage]StepInput
		overall string
		in      Stage
		move    func(Piece) (Change, error)
		want    string
		events  []string // of new dates
	}{
		"on time": {
			steps: map[Stage]StepInput{Draft: {Deadline: end("2026-12-08")}, Review: {Deadline: end("2026-12-11")}}, in: Draft,
			move: func(p Piece) (Change, error) { return hand(p, "2026-12-08 10:00") },
			want: "review 12-11 23:59",
		},
		"late, with half of the days left": {
			steps: map[Stage]StepInput{Draft: {Deadline: end("2026-12-08")}, Review: {Deadline: end("2026-12-11")}}, in: Draft,
			move: func(p Piece) (Change, error) { return hand(p, "2026-12-09 10:00") },
			want: "review 12-11 23:59",
		},
		"late, and what follows": {
			steps: map[Stage]StepInput{Draft: {Deadline: end("2026-12-08")}, Review: {Deadline: at("2026-12-11 17:00")}, CopyEdit: {OwnerID: cora, Deadline: end("2026-12-16")},
				Design: {Deadline: end("2027-01-20")}}, in: Draft,
			move: func(p Piece) (Change, error) { return hand(p, "2026-12-22 10:00") },
			// Christmas and the weekend are free; Cora works from Tuesday to Thursday.
			want:   "review 12-28 17:00, copy_edit 12-30 23:59, design 01-20 23:59",
			events: []string{"review deadline: 2026-12-11 17:00 CET → 2026-12-28 17:00 CET", "copy edit deadline: 2026-12-16 23:59 CET → 2026-12-30 23:59 CET"},
		},
		"no later than the whole": {
			steps: map[Stage]StepInput{Draft: {Deadline: end("2026-12-08")}, Review: {Deadline: end("2026-12-11")}, CopyEdit: {Deadline: end("2026-12-15")}}, in: Draft,
			overall: "2026-12-23", move: func(p Piece) (Change, error) { return hand(p, "2026-12-22 10:00") },
			want: "review 12-23 23:59, copy_edit 12-23 23:59",
			events: []string{"review deadline: 2026-12-11 23:59 CET → 2026-12-23 23:59 CET, as late as the overall deadline allows",
				"copy edit deadline: 2026-12-15 23:59 CET → 2026-12-23 23:59 CET, as late as the overall deadline allows"},
		},
		"the whole is over": {
			steps: map[Stage]StepInput{Draft: {Deadline: end("2026-12-08")}, Review: {Deadline: end("2026-12-11")}}, in: Draft,
			overall: "2026-12-11", move: func(p Piece) (Change, error) { return hand(p, "2026-12-22 10:00") },
			want: "review 12-11 23:59",
		},
		"cleared late": {
			steps: map[Stage]StepInput{Draft: {Deadline: end("2026-12-08")}, Review: {Deadline: end("2026-12-10")}}, in: Pitch,
			move: func(p Piece) (Change, error) {
				return p.Clear(Cause{At: at("2026-12-07 10:00"), Schedule: schedule}, Person{ID: ann}, false)
			},
			want:   "draft 12-14 23:59, review 12-16 23:59",
			events: []string{"draft deadline: 2026-12-08 23:59 CET → 2026-12-14 23:59 CET", "review deadline: 2026-12-10 23:59 CET → 2026-12-16 23:59 CET"},
		},
		"opened again after a revision without a date": {
			steps: map[Stage]StepInput{Review: {Deadline: end("2026-12-04")}}, in: Review,
			move: func(p Piece) (Change, error) { return hand(revise(p, "2026-12-03 10:00", ""), "2026-12-07 10:00") },
			want: "review 12-10 23:59", events: []string{"review deadline: 2026-12-04 23:59 CET → 2026-12-10 23:59 CET"},
		},
		"opened again, due before the date of what is done": {
			steps: map[Stage]StepInput{Review: {Deadline: end("2026-12-11")}, CopyEdit: {OwnerID: cora, Deadline: end("2026-12-15")}}, in: Review,
			move: func(p Piece) (Change, error) {
				ch, err := hand(p, "2026-12-01 10:00") // early: its date does not say when the copy edit begins
				if err != nil {
					return ch, err
				}
				p = revise(ch.Piece, "2026-12-02 10:00", "")
				if ch, err = p.SetStepDeadline(CopyEdit, end("2026-12-04"), Cause{At: at("2026-12-02 11:00")}); err != nil {
					return ch, err
				}
				return hand(ch.Piece, "2026-12-03 10:00") // a Thursday, and Cora's last day of the week
			},
			want: "copy_edit 12-09 23:59", events: []string{"copy edit deadline: 2026-12-04 23:59 CET → 2026-12-09 23:59 CET"},
		},
		"the date of a revision moves what follows": {
			steps: map[Stage]StepInput{Review: {Deadline: end("2026-12-04")}, CopyEdit: {Deadline: end("2026-12-08")}}, in: Review,
			move: func(p Piece) (Change, error) {
				return p.AskRevision(Cause{At: at("2026-12-03 10:00"), Schedule: schedule}, "shorter", end("2026-12-11"))
			},
			want:   "draft 12-11 23:59, review 12-16 23:59, copy_edit 12-18 23:59",
			events: []string{"review deadline: 2026-12-04 23:59 CET → 2026-12-16 23:59 CET", "copy edit deadline: 2026-12-08 23:59 CET → 2026-12-18 23:59 CET"},
		},
		"more time moves what follows by working days": {
			steps: map[Stage]StepInput{Draft: {Deadline: end("2026-12-22")}, Review: {Deadline: end("2026-12-24")}, CopyEdit: {OwnerID: cora, Deadline: end("2026-12-30")}}, in: Draft,
			move: func(p Piece) (Change, error) {
				c := Cause{PersonID: ann, At: at("2026-12-21 10:00"), Schedule: schedule}
				ch, err := p.AskExtension(c, end("2027-01-05"), "")
				if err != nil {
					return ch, err
				}
				return ch.Piece.Grant(c)
			},
			want:   "draft 01-05 23:59, review 01-08 23:59, copy_edit 01-13 23:59", // Epiphany and the weekend are free
			events: []string{"review deadline: 2026-12-24 23:59 CET → 2027-01-08 23:59 CET", "copy edit deadline: 2026-12-30 23:59 CET → 2027-01-13 23:59 CET"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Stage: tt.in, Steps: tt.steps}
			if tt.overall != "" {
				in.Deadline = end(tt.overall).UTC() // as it is stored
			}
			p, _, err := NewPiece(in, Cause{At: at("2026-12-01 09:00")})
			if err != nil {
				t.Fatal(err)
			}
			ch, err := tt.move(p)
			if err != nil {
				t.Fatal(err)
			}
			if got := dates(ch.Piece); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			var events []string
			for _, e := range ch.Events {
				if e.Kind == DeadlineChanged {
					events = append(events, e.Detail)
				}
			}
			if d := cmp.Diff(tt.events, events); d != "" {
				t.Errorf("events (-want +got):\n%s", d)
			}
			if s, _ := ch.Piece.OpenStep(); len(ch.Handoffs) > 0 && !ch.Handoffs[0].To.Deadline.Equal(s.Deadline) {
				t.Errorf("the new owner is told of %s, the date is %s", ch.Handoffs[0].To.Deadline, s.Deadline)
			}
		})
	}
}

// Past the overall deadline nothing is granted and no revision asked for: the reason names both dates,
// as they are for who decides.
func TestPastTheWhole(t *testing.T) {
	end := func(day int) time.Time { return EndOfDay(2026, time.December, day, time.UTC) }
	p, _, err := NewPiece(PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Stage: Review, Deadline: end(15),
		Steps: map[Stage]StepInput{Review: {Deadline: end(10)}}}, Cause{At: end(1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, refused := range map[string]func(Cause) (Change, error){
		"revision": func(c Cause) (Change, error) { return p.AskRevision(c, "shorter", end(16)) },
		"more time": func(c Cause) (Change, error) {
			ch, err := p.AskExtension(c, end(16), "")
			if err != nil {
				t.Fatal(err)
			}
			return ch.Piece.Grant(c)
		},
	} {
		_, err := refused(Cause{PersonID: eve, At: end(2), Schedule: workdays(t)})
		if CodeOf(err) != Invalid || !strings.Contains(err.Error(), "is past the overall deadline "+map[string]string{"revision": "2026-12-15 23:59 UTC", "more time": "2026-12-16 00:59 CET"}[name]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRevisionWithoutADay(t *testing.T) {
	tests := map[string]struct {
		asked int // the day on which it is asked for; the draft is due on the 8th
		want  time.Time
	}{
		"the draft's date is still to come": {4, time.Date(2026, 12, 8, 23, 59, 0, 0, time.UTC)},
		"the draft's date is over":          {10, time.Time{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			end := func(day int) time.Time { return time.Date(2026, 12, day, 23, 59, 0, 0, time.UTC) }
			p, _, err := NewPiece(PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Stage: Review, Deadline: end(30),
				Steps: map[Stage]StepInput{Draft: {Deadline: end(8)}, Review: {Deadline: end(15)}}}, Cause{At: end(1)})
			if err != nil {
				t.Fatal(err)
			}
			ch, err := p.AskRevision(Cause{ActorID: eve, At: end(tt.asked), Schedule: workdays(t)}, "shorter", time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if s, _ := ch.Piece.OpenStep(); s.Stage != Draft || !s.Deadline.Equal(tt.want) {
				t.Errorf("%s is open until %v, want the draft until %v", s.Stage, s.Deadline, tt.want)
			}
		})
	}
}

// A piece's dates on the clocks of their owners are the same moments, and the overall deadline goes with the step that is due then.
func TestOnClocks(t *testing.T) {
	paulo, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	zone := func(id int64) *time.Location { return map[int64]*time.Location{1: paulo, 2: time.UTC}[id] }
	end := EndOfDay(2026, 12, 11, paulo).UTC()
	p := Piece{Steps: []Step{{OwnerID: 2}, {OwnerID: 1, PieceID: 1}}}
	p.Steps[0].Deadline, p.Steps[1].Deadline, p.Deadline = end.AddDate(0, 0, -1), end, end
	p.Steps[1].Extension = &Extension{Until: end, ByID: 1}
	shown := p.OnClocks(zone)
	for what, at := range map[string]time.Time{"step": shown.Steps[1].Deadline, "extension": shown.Steps[1].Extension.Until, "overall": shown.Deadline} {
		if !at.Equal(end) || at.Format("2 15:04") != "11 23:59" {
			t.Errorf("%s: %s", what, at)
		}
	}
	if at := shown.Steps[0].Deadline; at.Format("2 15:04") != "11 02:59" {
		t.Errorf("another's step: %s", at)
	}
	if p.Steps[1].Deadline.Location() != time.UTC || p.Steps[1].Extension.Until.Location() != time.UTC {
		t.Error("the piece itself was changed")
	}
	if none := (Piece{}).OnClocks(zone); !none.Deadline.IsZero() {
		t.Errorf("no date became %s", none.Deadline)
	}
}

package workflow

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var updateReport = flag.Bool("update-report", false, "write the expected reports anew")

// ledger keeps pieces and their events as the store does.
type ledger struct {
	t      fatal
	pieces []Piece
	events map[int64][]Event
	mail   int64
}

type fatal interface{ Fatal(args ...any) }

func newLedger(t fatal) *ledger { return &ledger{t: t, events: map[int64][]Event{}} }

// add stores a new piece and gives its index.
func (l *ledger) add(in PieceInput, at time.Time) int {
	if in.EditorID == 0 {
		in.EditorID = eve
	}
	if in.AuthorID == 0 {
		in.AuthorID = ann
	}
	if in.Title == "" {
		in.Title = "On " + in.Code
	}
	p, events, err := NewPiece(in, Cause{At: at})
	if err != nil {
		l.t.Fatal(err)
	}
	p.ID = int64(len(l.pieces) + 1)
	for i := range p.Steps {
		p.Steps[i].ID, p.Steps[i].PieceID = p.ID*64+int64(i), p.ID
	}
	l.pieces = append(l.pieces, p)
	l.events[p.ID] = append(events, Start(p, Cause{At: at}).Events...)
	return len(l.pieces) - 1
}

// mailed is what a mail of theirs causes.
func (l *ledger) mailed(person int64, at time.Time) Cause {
	l.mail++
	return Cause{PersonID: person, MessageID: l.mail, At: at}
}

func by(person int64, at time.Time) Cause { return Cause{ActorID: person, At: at} }

// do changes a piece.
func (l *ledger) do(i int, ch Change, err error) {
	if err != nil {
		l.t.Fatal(err)
	}
	l.pieces[i] = ch.Piece
	l.events[ch.Piece.ID] = append(l.events[ch.Piece.ID], ch.Events...)
}

func (l *ledger) report(o ReportOptions) Report {
	tally := NewReport(o)
	for _, p := range team() {
		tally.AddPerson(p)
	}
	for _, p := range l.pieces {
		tally.AddPiece(p, l.events[p.ID])
	}
	return tally.Report()
}

func team() []Person {
	person := func(id int64, name string, class Class, roles ...Role) Person {
		p := Person{ID: id, Name: name, Class: class, Roles: roles}
		p.Onboarding = []Milestone{{Item: Waived}}
		return p
	}
	return []Person{
		person(ann, "Ana Lima", Outside, Author), person(eve, "Ed Moss", Internal, Editor), person(cora, "Cora Lee", Internal, CopyEditor),
		person(dan, "Dan <Ink> & Söhne", Outside, Designer), person(lee, "李小龍", Internal, DistributionLead),
	}
}

func ana() Person { return team()[0] }

func options(now time.Time) ReportOptions {
	berlin, _ := time.LoadLocation("Europe/Berlin")
	rules := DefaultReminderRules()
	return ReportOptions{Now: now, Zone: berlin, Rules: rules, MinutesPerSubmission: MinutesPerSubmission, MinutesPerComment: MinutesPerComment}
}

// nov is a moment of November 2026.
func nov(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }

// year is a small history: a piece from the pitch to the end, with a revision; one whose author was late; one cancelled, one
// imported as finished, a demo; and what is open on the last day.
func year(t fatal) (*ledger, time.Time) {
	l := newLedger(t)
	steps := func(last int) map[Stage]StepInput {
		return map[Stage]StepInput{Draft: {Deadline: day(last)}, Review: {Deadline: day(last + 2)}, CopyEdit: {OwnerID: cora, Deadline: day(last + 4)},
			Design: {OwnerID: dan, Deadline: day(last + 6)}}
	}
	a := l.add(PieceInput{Code: "BREW-1", LeadID: lee, Topic: TopicProposed, Steps: steps(10), Deadline: day(24)}, nov(1, 8))
	p := func(i int) Piece { return l.pieces[i] }
	step := func(i int) func(Change, error) { return func(ch Change, err error) { l.do(i, ch, err) } }
	step(a)(p(a).Propose(l.mailed(ann, nov(1, 9)), "ten ways"))
	step(a)(p(a).Approve(by(eve, nov(2, 9)), "yes"))
	step(a)(p(a).Clear(by(eve, nov(3, 9)), ana(), true))
	l.do(a, p(a).Hear(l.mailed(ann, nov(3, 13))), nil)
	l.do(a, p(a).Submit(l.mailed(ann, nov(8, 9)), "version 1"), nil)
	step(a)(p(a).AskRevision(by(eve, nov(9, 9)), "shorter", day(11)))
	l.do(a, p(a).Submit(l.mailed(ann, nov(12, 9)), "version 2"), nil) // a day late
	step(a)(p(a).HandOff(by(eve, nov(12, 15))))
	step(a)(p(a).Accept(l.mailed(cora, nov(12, 18))))
	step(a)(p(a).HandOff(by(cora, nov(13, 18))))
	step(a)(p(a).Decline(l.mailed(dan, nov(14, 9)), "ill"))
	step(a)(p(a).Assign(Design, cora, by(eve, nov(14, 10))))
	step(a)(p(a).Accept(l.mailed(cora, nov(14, 12))))
	step(a)(p(a).HandOff(by(cora, nov(15, 12))))
	step(a)(p(a).ConfirmLead(l.mailed(lee, nov(15, 20))))
	step(a)(p(a).HandOff(by(lee, nov(16, 12))))
	step(a)(p(a).Publish(l.mailed(lee, nov(16, 14)), "https://blog.example/brew"))
	step(a)(p(a).Checked(Cause{At: nov(16, 15)}, ""))
	step(a)(p(a).ConfirmDistributed(l.mailed(lee, nov(17, 8))))

	b := l.add(PieceInput{Code: "BREW-2", Stage: Draft, Steps: steps(5), Deadline: day(18)}, nov(2, 8)) // no lead
	step(b)(p(b).SetStepDeadline(Design, day(12), by(eve, nov(6, 1))))                                  // after the draft's deadline
	l.do(b, p(b).Submit(l.mailed(ann, nov(8, 9)), "version 1"), nil)                                    // the review opens after its own
	step(b)(p(b).SetStepDeadline(Review, day(7), by(eve, nov(8, 10))))                                  // which the editor insists on

	c := l.add(PieceInput{Code: "BREW-3", Stage: Draft, Steps: steps(5)}, nov(2, 8))
	step(c)(p(c).Cancel(by(eve, nov(9, 9)), "the client left"))
	l.add(PieceInput{Code: "OLD-1", Finished: true, LeadID: lee, Deadline: nov(1, 0).AddDate(-1, 0, 0)}, nov(2, 8))
	demo := l.add(PieceInput{Code: "DEMO-1", Demo: true, Stage: Draft}, nov(2, 8))
	l.do(demo, p(demo).Submit(l.mailed(ann, nov(3, 9)), "version 1"), nil)

	l.add(PieceInput{Code: "BREW-4", Topic: TopicProposed}, nov(10, 8))
	e := l.add(PieceInput{Code: "BREW-5", Stage: Design, LeadID: lee, Steps: map[Stage]StepInput{Design: {OwnerID: dan, Deadline: day(30)}}}, nov(19, 8))
	step(e)(p(e).AssignLead(cora, by(eve, nov(19, 9))))
	return l, nov(20, 12)
}

func TestReportGolden(t *testing.T) {
	l, now := year(t)
	tally := NewReport(options(now))
	for _, p := range team() {
		if p.ID == dan {
			p.Away = []Absence{{From: "2026-11-19", To: "2026-12-01"}}
		}
		tally.AddPerson(p)
	}
	for _, p := range l.pieces {
		tally.AddPiece(p, l.events[p.ID])
	}
	tally.AddMails(ann, FiledSubmission, 7)
	tally.AddMails(ann, FiledComment, 3)
	tally.AddMails(dan, Redirected, 2)
	tally.AddMails(eve, FiledComment, 4)
	tally.AddMails(0, Redirected, 5)
	tally.AddMails(0, Held, 1)
	tally.AddBouncing(dan, "dan@ink.example", nov(18, 8))
	r := tally.Report()
	var got bytes.Buffer
	if err := r.WriteJSON(&got); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", got.Bytes())
	var again bytes.Buffer
	if err := tally.Report().WriteJSON(&again); err != nil || !bytes.Equal(got.Bytes(), again.Bytes()) {
		t.Errorf("a second Report differs (%v): %s", err, cmp.Diff(got.String(), again.String()))
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateReport {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, got, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with go test -update-report)", err)
	}
	if diff := cmp.Diff(string(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestReportOfNothing(t *testing.T) {
	r := NewReport(ReportOptions{Now: start}).Report()
	if !r.Nothing() {
		t.Error("there is something to report")
	}
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"null", "NaN", "0001-"} {
		if bytes.Contains(b.Bytes(), []byte(bad)) {
			t.Errorf("it says %s: %s", bad, b.String())
		}
	}
}

func find(t *testing.T, r Report, name string) Interface {
	t.Helper()
	for _, i := range r.Interfaces {
		if i.Name == name {
			return i
		}
	}
	t.Fatalf("there is no interface %s", name)
	return Interface{}
}

// A wait is as long as the clock on the wall of UTC says, also over the night that has an hour more; its month is the team's.
func TestReportZones(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	auckland := zoneOf(t, "Pacific/Auckland")
	opened := time.Date(2026, 10, 25, 1, 30, 0, 0, berlin)
	deadline := time.Date(2026, 10, 31, 23, 30, 0, 0, berlin)
	l := newLedger(t)
	i := l.add(PieceInput{Code: "DST-1", Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: deadline}}}, opened)
	l.do(i, l.pieces[i].Submit(l.mailed(ann, time.Date(2026, 10, 25, 3, 30, 0, 0, berlin)), "version 1"), nil)
	j := l.add(PieceInput{Code: "DST-2", Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: deadline}}}, opened)
	for zone, want := range map[*time.Location]string{berlin: "2026-10", auckland: "2026-11", time.UTC: "2026-10"} {
		r := l.report(ReportOptions{Now: deadline.AddDate(0, 0, 1), Zone: zone})
		if got := find(t, r, "draft_done"); got.Count != 1 || got.Median != 3*3600 || got.Waiting != 1 {
			t.Errorf("%s: %+v", zone, got)
		}
		late := r.OnTime[len(r.OnTime)-1]
		if late.Month != want || late.Due-late.OnTime != 1 {
			t.Errorf("%s: late in %+v, want in %s", zone, late, want)
		}
	}
	// A day's period ends where the next begins: the one at 23:59:59.999 is of it, that at midnight is not.
	midnight := time.Date(2026, 10, 26, 0, 0, 0, 0, berlin)
	for at, want := range map[time.Time]int{midnight: 0, midnight.Add(-time.Millisecond): 1} {
		k := newLedger(t)
		i := k.add(PieceInput{Code: "DST-3", Stage: Draft}, opened)
		k.do(i, k.pieces[i].Submit(k.mailed(ann, at), "version 1"), nil)
		r := k.report(ReportOptions{Now: deadline, Zone: berlin, Since: midnight.AddDate(0, 0, -1), Until: midnight})
		if got := find(t, r, "draft_done").Count; got != want {
			t.Errorf("done at %s: counted %d times, want %d", at, got, want)
		}
	}
	_ = j
}

func TestReportLeavesOut(t *testing.T) {
	for name, make := range map[string]func(*ledger){
		"imported as finished, after its deadline": func(l *ledger) {
			l.add(PieceInput{Code: "OLD-1", Finished: true, Deadline: nov(1, 0).AddDate(-1, 0, 0)}, nov(2, 8))
		},
		"a demo piece": func(l *ledger) {
			i := l.add(PieceInput{Code: "DEMO-1", Demo: true, Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: day(3)}}}, nov(2, 8))
			l.do(i, l.pieces[i].Submit(l.mailed(ann, nov(5, 8)), "version 1"), nil)
		},
		"cancelled while it was late": func(l *ledger) {
			i := l.add(PieceInput{Code: "GONE-1", Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: day(3)}}}, nov(2, 8))
			ch, err := l.pieces[i].Cancel(by(eve, nov(9, 8)), "no")
			l.do(i, ch, err)
		},
		"a declined topic": func(l *ledger) {
			i := l.add(PieceInput{Code: "GONE-2", Topic: TopicProposed, Deadline: day(3)}, nov(2, 8))
			ch, err := l.pieces[i].DeclineTopic(by(eve, nov(9, 8)), "no")
			l.do(i, ch, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			make(l)
			r := l.report(options(nov(20, 8)))
			for _, i := range r.Interfaces {
				if i.Count+i.Waiting != 0 {
					t.Errorf("it waited: %+v", i)
				}
			}
			if len(r.Slips)+len(r.OnTime)+len(r.Risks) != 0 {
				t.Errorf("it is judged: %+v %+v %+v", r.Slips, r.OnTime, r.Risks)
			}
			if r.Pieces+r.Demo != 1 {
				t.Errorf("%d pieces and %d demo pieces", r.Pieces, r.Demo)
			}
		})
	}
}

func TestReportWhoActed(t *testing.T) {
	late := nov(4, 8)
	for name, tt := range map[string]struct {
		act  func(l *ledger, p Piece) (Change, error)
		want Acted
	}{
		"nobody":           {func(*ledger, Piece) (Change, error) { return Change{}, nil }, Acted{Nobody: 1}},
		"the author's own": {func(l *ledger, p Piece) (Change, error) { return p.Submit(l.mailed(ann, late), "v1"), nil }, Acted{Owner: 1}},
		"the editor moves the piece's": {func(_ *ledger, p Piece) (Change, error) { return p.SetDeadline(day(28), by(eve, late)) },
			Acted{Editor: 1}},
		"the lead writes":        {func(l *ledger, p Piece) (Change, error) { return p.File(l.mailed(lee, late), "words"), nil }, Acted{Lead: 1}},
		"somebody else":          {func(l *ledger, p Piece) (Change, error) { return p.File(l.mailed(dan, late), "words"), nil }, Acted{Other: 1}},
		"the editor takes it":    {func(_ *ledger, p Piece) (Change, error) { return p.Assign(Draft, eve, by(eve, late)) }, Acted{Editor: 1}},
		"the clock is no person": {func(_ *ledger, p Piece) (Change, error) { return p.Return(Cause{At: late}), nil }, Acted{Nobody: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			i := l.add(PieceInput{Code: "BREW-1", Stage: Draft, LeadID: lee, Steps: map[Stage]StepInput{Draft: {Deadline: day(3)}}}, nov(2, 8))
			ch, err := tt.act(l, l.pieces[i])
			if ch.Piece.ID != 0 || err != nil {
				l.do(i, ch, err)
			}
			r := l.report(options(nov(6, 8)))
			if len(r.Slips) != 1 || r.Slips[0].Late != 1 {
				t.Fatalf("slips: %+v", r.Slips)
			}
			if diff := cmp.Diff(tt.want, r.Slips[0].Acted); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Only one person's: their steps, and the starts and finishes of their pieces.
func TestReportOfOne(t *testing.T) {
	l, now := year(t)
	o := options(now)
	o.PersonID = cora
	r := l.report(o)
	if r.Person != "Cora Lee" {
		t.Errorf("it is about %q", r.Person)
	}
	for name, want := range map[string]int{"copy_edit_done": 1, "design_done": 1, "draft_done": 0, "start_cleared": 0} {
		if got := find(t, r, name).Count; got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	for _, row := range r.OnTime {
		if row.Role != CopyEditor && row.Role != Designer {
			t.Errorf("not hers: %+v", row)
		}
	}
}

func TestReportOptions(t *testing.T) {
	for name, o := range map[string]ReportOptions{
		"ends before it begins": {Now: nov(9, 0), Since: nov(5, 0), Until: nov(4, 0)},
		"still to come":         {Now: nov(1, 0), Since: nov(5, 0)},
		"takes 0 to 1440":       {Now: nov(1, 0), MinutesPerComment: -1},
	} {
		if err := o.Validate(); CodeOf(err) != Invalid || !bytes.Contains([]byte(err.Error()), []byte(name)) {
			t.Errorf("got %v, want it to say %q", err, name)
		}
	}
}

func TestWaitsAreBounded(t *testing.T) {
	var w wait
	for i := range 200_000 {
		w.add(time.Duration(i)*time.Second, fmt.Sprint(i))
	}
	got := w.sum()
	if len(w.seconds) > maxExact {
		t.Errorf("%d values are held", len(w.seconds))
	}
	near := func(name string, got, want int64) {
		if d := float64(got-want) / float64(want); d < -0.01 || d > 0.01 {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
	near("the median", got.Median, 100_000)
	near("the 90th percentile", got.P90, 180_000)
	if got.Longest != 199_999 || got.LongestPiece != "199999" || got.Count != 200_000 {
		t.Errorf("longest %d of %s, %d in all", got.Longest, got.LongestPiece, got.Count)
	}
}

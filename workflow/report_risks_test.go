package workflow

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRisksAreBounded(t *testing.T) {
	l := newLedger(t)
	for i := range 3 * MaxRisks {
		l.add(PieceInput{Code: fmt.Sprintf("BREW-%d", i), Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: day(1 + i%20)}}}, nov(1, 8))
	}
	r := l.report(options(day(21)))
	if len(r.Risks) != MaxRisks || r.RiskCounts[High]+r.RiskCounts[Medium] < 3*MaxRisks {
		t.Errorf("%d risks are named, %v counted", len(r.Risks), r.RiskCounts)
	}
	if r.Risks[0].Severity != High {
		t.Errorf("the first is %+v", r.Risks[0])
	}
}

func TestReportRisks(t *testing.T) {
	overdue := map[Stage]StepInput{Draft: {Deadline: day(3)}}
	cleared := func(l *ledger) int {
		i := l.add(PieceInput{Code: "BREW-1", Topic: TopicProposed, Steps: map[Stage]StepInput{Draft: {Deadline: day(12)}}}, nov(1, 8))
		ch, err := l.pieces[i].Approve(by(eve, nov(1, 9)), "")
		l.do(i, ch, err)
		ch, err = l.pieces[i].Clear(by(eve, nov(2, 9)), ana(), true)
		l.do(i, ch, err)
		l.do(i, l.pieces[i].Return(Cause{At: nov(5, 9)}), nil) // nobody is asked to accept any more
		return i
	}
	for name, tt := range map[string]struct {
		make func(l *ledger)
		day  int // of the report, at 12:00
		want []string
	}{
		"in time": {func(l *ledger) { l.add(PieceInput{Code: "BREW-1", Stage: Draft, Steps: overdue}, nov(2, 8)) }, 2, nil},
		"late a little": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Stage: Draft, Steps: overdue}, nov(2, 8))
			ch, err := l.pieces[i].Accept(l.mailed(ann, nov(2, 9)))
			l.do(i, ch, err)
		}, 5, []string{"medium late: the draft is 1 day late"}},
		"late as long as reminders go": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Stage: Draft, Steps: overdue}, nov(2, 8))
			ch, err := l.pieces[i].Accept(l.mailed(ann, nov(2, 9)))
			l.do(i, ch, err)
		}, 11, []string{"high late: the draft is 7 days late"}},
		"not accepted": {func(l *ledger) { l.add(PieceInput{Code: "BREW-1", Stage: Draft}, nov(2, 8)) }, 3,
			[]string{"medium not_accepted: the draft was offered 1 day ago and is not accepted"}},
		"not accepted, though heard of": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Stage: Draft}, nov(2, 8))
			l.do(i, l.pieces[i].Hear(l.mailed(ann, nov(2, 9))), nil)
		}, 3, []string{"low not_accepted: the draft was offered 1 day ago and is not accepted, though its owner wrote"}},
		"the editor's own is not asked for": {func(l *ledger) { l.add(PieceInput{Code: "BREW-1", Stage: Review}, nov(2, 8)) }, 9, nil},
		"a proposal waits":                  {func(l *ledger) { l.add(PieceInput{Code: "BREW-1", Topic: TopicProposed}, nov(2, 8)) }, 4, []string{"medium not_decided: the proposal waits for a decision for 2 days"}},
		"a proposal is new":                 {func(l *ledger) { l.add(PieceInput{Code: "BREW-1", Topic: TopicProposed}, nov(2, 8)) }, 3, nil},
		"changes wait": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Topic: TopicProposed}, nov(2, 8))
			ch, err := l.pieces[i].AskChanges(by(eve, nov(2, 9)), "shorter")
			l.do(i, ch, err)
		}, 4, []string{"low not_decided: the author was asked to change the proposal 2 days ago"}},
		"approved and not cleared": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Topic: TopicProposed}, nov(2, 8))
			ch, err := l.pieces[i].Approve(by(eve, nov(2, 9)), "")
			l.do(i, ch, err)
		}, 4, []string{"medium not_cleared: approved 2 days ago and not cleared to write"}},
		"nothing heard": {func(l *ledger) { cleared(l) }, 8, []string{"medium silent: cleared to write 6 days ago, and nothing was heard since"}},
		"something heard": {func(l *ledger) {
			i := cleared(l)
			l.do(i, l.pieces[i].Hear(l.mailed(ann, nov(6, 9))), nil)
		}, 8, nil},
		"no lead yet": {func(l *ledger) {
			l.add(PieceInput{Code: "BREW-1", Stage: CopyEdit}, nov(2, 8))
		}, 3, []string{"medium no_lead: there is no distribution lead yet"}},
		"handed in without a lead": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Stage: Design}, nov(2, 8))
			l.do(i, l.pieces[i].Submit(l.mailed(eve, nov(2, 9)), "version 1"), nil)
		}, 3, []string{"high no_lead: all is handed in and waits for a distribution lead"}},
		"opened on the last day": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Stage: Draft, Deadline: nov(5, 20), Steps: map[Stage]StepInput{Draft: {Deadline: day(3)}, Review: {Deadline: nov(4, 20)}}}, nov(2, 8))
			l.do(i, l.pieces[i].Submit(l.mailed(ann, nov(5, 9)), "version 1"), nil)
		}, 5, []string{"medium no_time: the review opened on its last day, and the overall deadline leaves it no more"}},
		"the lead does not answer": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Stage: Review}, nov(2, 8))
			ch, err := l.pieces[i].AssignLead(lee, by(eve, nov(2, 9)))
			l.do(i, ch, err)
		}, 5, []string{"medium lead_not_confirmed: the distribution lead was asked 3 days ago and did not confirm"}},
		"not verified": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Stage: Published, LeadID: eve}, nov(2, 8))
			ch, err := l.pieces[i].Publish(by(eve, nov(2, 9)), "https://blog.example/brew")
			l.do(i, ch, err)
		}, 3, []string{"medium not_verified: published 1 day ago and not verified"}},
		"the check failed": {func(l *ledger) {
			i := l.add(PieceInput{Code: "BREW-1", Stage: Published, LeadID: eve}, nov(2, 8))
			ch, err := l.pieces[i].Publish(by(eve, nov(2, 9)), "https://blog.example/brew")
			l.do(i, ch, err)
			ch, err = l.pieces[i].Checked(Cause{At: nov(2, 10)}, "status 404")
			l.do(i, ch, err)
		}, 2, []string{"high not_verified: https://blog.example/brew could not be verified: status 404"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			tt.make(l)
			var got []string
			for _, k := range l.report(options(nov(tt.day, 12))).Risks {
				got = append(got, fmt.Sprintf("%s %s: %s", k.Severity, k.Kind, k.Detail))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Who has the open step and is not there.
func TestReportAway(t *testing.T) {
	for want, change := range map[string]func(*Person){
		"":                       func(*Person) {},
		"high: Ana Lima left":    func(p *Person) { p.LeftAt = nov(1, 8) },
		"high: Ana Lima pauses":  func(p *Person) { p.PausedAt = nov(1, 8) },
		"low: Ana Lima is away":  func(p *Person) { p.Away = []Absence{{From: "2026-11-01", To: "2026-11-03"}} },
		"medium: Ana Lima is aw": func(p *Person) { p.Away = []Absence{{From: "2026-11-01", To: "2026-11-30"}} },
	} {
		l := newLedger(t)
		i := l.add(PieceInput{Code: "BREW-1", Stage: Draft, Steps: map[Stage]StepInput{Draft: {Deadline: day(20)}}}, nov(1, 8))
		ch, err := l.pieces[i].Accept(l.mailed(ann, nov(1, 9)))
		l.do(i, ch, err)
		tally := NewReport(options(nov(2, 12)))
		p := ana()
		change(&p)
		tally.AddPerson(p)
		tally.AddPiece(l.pieces[i], l.events[1])
		got := ""
		for _, k := range tally.Report().Risks {
			got += fmt.Sprintf("%s: %s", k.Severity, k.Detail)
		}
		if got == "" != (want == "") || !bytes.HasPrefix([]byte(got), []byte(want)) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

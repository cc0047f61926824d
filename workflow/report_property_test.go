package workflow

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever happens to pieces: numbers add up, waits are not negative, and two periods are as much as both in one.
func TestReportProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLedger(rt)
		now := start
		tick := func() time.Time {
			now = now.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(rt, "minutes")) * time.Minute)
			return now
		}
		deadlines := func() map[Stage]StepInput {
			steps := map[Stage]StepInput{CopyEdit: {OwnerID: cora}, Design: {OwnerID: dan}}
			for i, stage := range Stages()[1:6] {
				if rapid.Bool().Draw(rt, "dated") {
					steps[stage] = StepInput{OwnerID: steps[stage].OwnerID, Deadline: start.AddDate(0, 0, 3+4*i)}
				}
			}
			return steps
		}
		for i := range rapid.IntRange(1, 3).Draw(rt, "pieces") {
			in := PieceInput{Code: fmt.Sprintf("ACME-%d", i), Stage: rapid.SampledFrom([]Stage{Pitch, Draft, Review, Design}).Draw(rt, "stage"), Steps: deadlines(),
				LeadID: rapid.SampledFrom([]int64{0, lee}).Draw(rt, "lead"), Deadline: start.AddDate(0, 0, rapid.IntRange(20, 40).Draw(rt, "overall"))}
			switch rapid.IntRange(0, 5).Draw(rt, "sort") {
			case 0:
				in.Finished = true
			case 1:
				in.Stage, in.Demo, in.Steps = Draft, true, nil
			case 2:
				in.Stage, in.Topic = Pitch, TopicProposed
			}
			l.add(in, tick())
		}
		people := []int64{ann, eve, cora, dan, lee}
		for range rapid.IntRange(0, 40).Draw(rt, "happenings") {
			i := rapid.IntRange(0, len(l.pieces)-1).Draw(rt, "piece")
			p, who := l.pieces[i], rapid.SampledFrom(people).Draw(rt, "who")
			if s, ok := p.OpenStep(); ok && rapid.Bool().Draw(rt, "owner") {
				who = s.OwnerID
			}
			c := by(who, tick())
			if rapid.Bool().Draw(rt, "by mail") {
				c = l.mailed(who, now)
			}
			ch, err := happen(rt, p, c)
			if err == nil && ch.Piece.ID != 0 {
				l.do(i, ch, nil)
			}
		}
		tick()
		o := options(now)
		whole := l.report(o)
		checkReport(rt, whole)
		cut := start.Add(now.Sub(start) / 2)
		before, after := o, o
		before.Until, after.Since = cut, cut
		first, second := l.report(before), l.report(after)
		checkReport(rt, first)
		checkReport(rt, second)
		for i, all := range whole.Interfaces {
			if n := first.Interfaces[i].Count + second.Interfaces[i].Count; n != all.Count {
				rt.Fatalf("%s: %d in two periods, %d in one", all.Name, n, all.Count)
			}
		}
		if a, b, c := sums(first), sums(second), sums(whole); a.add(b) != c {
			rt.Fatalf("slips: %+v and %+v are not %+v", a, b, c)
		}
		owners := Slip{}
		for _, id := range people {
			o.PersonID = id
			owners = owners.add(sums(l.report(o)))
		}
		if owners != sums(whole) {
			rt.Fatalf("slips by person: %+v, all: %+v", owners, sums(whole))
		}
	})
}

// happen is one of the things that may happen to a piece.
func happen(rt *rapid.T, p Piece, c Cause) (Change, error) {
	switch rapid.IntRange(0, 16).Draw(rt, "what") {
	case 0:
		return p.Approve(c, "yes")
	case 1:
		return p.Clear(c, ana(), true)
	case 2, 3:
		return p.Submit(c, "version"), nil
	case 4:
		return p.Accept(c)
	case 5:
		return p.Decline(c, "ill")
	case 6:
		return p.Return(Cause{At: c.At}), nil
	case 7:
		return p.AskRevision(c, "shorter", time.Time{})
	case 8:
		return p.Assign(rapid.SampledFrom(Stages()).Draw(rt, "step"), rapid.SampledFrom([]int64{ann, cora, dan}).Draw(rt, "to"), c)
	case 9:
		return p.AssignLead(rapid.SampledFrom([]int64{lee, dan}).Draw(rt, "to"), c)
	case 10:
		return p.SetStepDeadline(rapid.SampledFrom(Stages()).Draw(rt, "step"), c.At.AddDate(0, 0, 2), c)
	case 11:
		return p.Publish(c, "https://blog.example/x")
	case 12:
		return p.Checked(c, "")
	case 13:
		return p.ConfirmDistributed(c)
	case 14:
		if rapid.IntRange(0, 5).Draw(rt, "really") > 0 {
			return p.File(c, "words"), nil
		}
		return p.Cancel(c, "no")
	}
	return p.HandOff(c)
}

func (s Slip) add(o Slip) Slip {
	return Slip{Due: s.Due + o.Due, Late: s.Late + o.Late, OpenedLate: s.OpenedLate + o.OpenedLate, Open: s.Open + o.Open, Acted: Acted{
		s.Acted.Owner + o.Acted.Owner, s.Acted.Editor + o.Acted.Editor, s.Acted.Lead + o.Acted.Lead, s.Acted.Author + o.Acted.Author, s.Acted.Other + o.Acted.Other, s.Acted.Nobody + o.Acted.Nobody}}
}

func sums(r Report) (all Slip) {
	for _, s := range r.Slips {
		all = all.add(s)
	}
	return all
}

func checkReport(t fatal, r Report) {
	for _, i := range r.Interfaces {
		if i.Median < 0 || i.P90 < i.Median || i.Longest < i.P90 || i.Count < 0 || i.Waiting < 0 || i.Count == 0 && i.Longest != 0 {
			t.Fatal(fmt.Sprintf("wrong: %+v", i))
		}
	}
	for _, s := range r.Slips {
		if a := s.Acted; a.Owner+a.Editor+a.Lead+a.Author+a.Other+a.Nobody != s.Late || s.Late > s.Due || s.OpenedLate > s.Late || s.Open > s.Late || s.Due == 0 {
			t.Fatal(fmt.Sprintf("wrong: %+v", s))
		}
	}
	due, kept := 0, 0
	for _, o := range r.OnTime {
		due, kept = due+o.Due, kept+o.OnTime
		if o.Rate < 0 || o.Rate > 1 || o.Due == 0 || o.OnTime > o.Due {
			t.Fatal(fmt.Sprintf("wrong: %+v", o))
		}
	}
	if all := sums(r); due != all.Due-all.OpenedLate || kept != all.Due-all.Late {
		t.Fatal(fmt.Sprintf("%d due and %d in time by role, by stage %+v", due, kept, all))
	}
	for _, k := range r.Risks {
		if k.Severity.rank() < 0 || k.Detail == "" || k.Since.After(r.At) {
			t.Fatal(fmt.Sprintf("wrong: %+v", k))
		}
	}
}

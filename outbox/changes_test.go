package outbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// Who is told of a new date, or of a step that is theirs now, is not reminded at once of what that mail said.
func TestChanges(t *testing.T) {
	cause := workflow.Cause{At: start, ActorID: 2}
	steps := map[workflow.Stage]workflow.StepInput{workflow.Draft: {OwnerID: 1, Deadline: start.Add(-49 * time.Hour)}}
	p, _, err := workflow.NewPiece(workflow.PieceInput{Code: "ACME-12", Title: "Heat pumps", AuthorID: 1, EditorID: 2, Stage: workflow.Draft, Steps: steps}, workflow.Cause{At: start.Add(-240 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	p.ID = 12
	for i := range p.Steps {
		p.Steps[i].ID, p.Steps[i].PieceID = int64(50+i), 12
	}
	p.Steps[1].AcceptedAt = p.CreatedAt // nobody asks for an answer
	undated := p                        // but for the whole
	undated.Steps = slices.Clone(p.Steps)
	undated.Steps[1].Deadline = time.Time{}
	for name, c := range map[string]struct {
		change func() (workflow.Change, error)
		want   []string
	}{
		"the whole is due the day after tomorrow, the step has no date": {
			func() (workflow.Change, error) { return undated.SetDeadline(start.Add(48*time.Hour), cause) },
			[]string{"deadline_changed to Anna Berg", "due_soon to Anna Berg: superseded by deadline_changed"},
		},
		"the date moves to the day after tomorrow": {
			func() (workflow.Change, error) {
				return p.SetStepDeadline(workflow.Draft, start.Add(48*time.Hour), cause)
			},
			[]string{"deadline_changed to Anna Berg", "due_soon to Anna Berg: superseded by deadline_changed"},
		},
		"somebody else gets the late step": {
			func() (workflow.Change, error) { return p.Assign(workflow.Draft, 3, cause) },
			[]string{
				"step_opened to Cora Lind", "unassigned to Anna Berg", "due_soon to Cora Lind: superseded by step_opened", "due_today to Cora Lind: superseded by step_opened",
				"overdue to Cora Lind: superseded by step_opened",
			},
		},
		"another step's owner": {
			func() (workflow.Change, error) { return p.Assign(workflow.CopyEdit, 3, cause) }, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			ch, err := c.change()
			if err != nil {
				t.Fatal(err)
			}
			notices, err := composer(t).Tell(outbox.Happening{Before: p, Change: ch, People: team(), ActorID: cause.ActorID})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range notices {
				s := n.Template + " to " + n.ToName
				if n.State == outbox.Cancelled {
					s += ": " + n.Error
				}
				got = append(got, s)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Who left is told of no date, though a step is theirs still.
func TestDatesForWhoLeft(t *testing.T) {
	p, people := pieceIn(t, workflow.Draft), crew()
	left := people[danID]
	left.LeftAt = start
	people[danID] = left
	for _, move := range []func() (workflow.Change, error){
		func() (workflow.Change, error) { return p.SetStepDeadline(workflow.Design, day(55), by(leaID)) },
		func() (workflow.Change, error) { return p.SetDeadline(day(95), by(leaID)) },
	} {
		ch, err := move()
		if err != nil {
			t.Fatal(err)
		}
		notices, err := composer(t).Tell(outbox.Happening{Before: p, Change: ch, People: people, ActorID: leaID})
		if err != nil || len(notices) == 0 {
			t.Fatal(len(notices), err)
		}
		for _, n := range notices {
			if n.PersonID == danID {
				t.Errorf("%s to %s", n.Template, n.ToName)
			}
		}
	}
}

// Every mail of a new date gives the other ones as well: the reader's own step, or the open one, and the whole piece.
func TestBothDates(t *testing.T) {
	set, problems, err := templates.Load(templates.Config{})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	p := pieceIn(t, workflow.Draft)
	for name, c := range map[string]struct {
		change func() (workflow.Change, error)
		who    int64
		want   string // the step whose date stays
		dates  int
	}{
		"the whole, to who is at work":   {func() (workflow.Change, error) { return p.SetDeadline(day(95), by(leaID)) }, annaID, "draft", 3},
		"the whole, to whose turn comes": {func() (workflow.Change, error) { return p.SetDeadline(day(95), by(leaID)) }, danID, "design", 3},
		"the whole, to the editor":       {func() (workflow.Change, error) { return p.SetDeadline(day(95), by(leaID)) }, erikID, "review", 3},
		"a step, to its owner":           {func() (workflow.Change, error) { return p.SetStepDeadline(workflow.Draft, day(24), by(erikID)) }, annaID, "", 3},
		"a step to come, to its owner":   {func() (workflow.Change, error) { return p.SetStepDeadline(workflow.Design, day(55), by(erikID)) }, danID, "", 3},
		"another's step, to the editor":  {func() (workflow.Change, error) { return p.SetStepDeadline(workflow.Draft, day(24), by(leaID)) }, erikID, "review", 4},
	} {
		ch, err := c.change()
		if err != nil {
			t.Fatal(name, err)
		}
		notices, _ := tell(t, composer(t), p, ch, ch.Events[0].ActorID)
		i := slices.IndexFunc(notices, func(n outbox.Notice) bool { return n.PersonID == c.who && n.Template == "deadline_changed" })
		if i < 0 {
			t.Errorf("%s: no mail", name)
			continue
		}
		d, err := templates.Decode(notices[i].Template, notices[i].Data)
		if err != nil {
			t.Fatal(err)
		}
		stays := ""
		if s := d.(templates.DeadlineChanged).Step; s != nil {
			stays = s.Stage
		}
		if stays != c.want {
			t.Errorf("%s: the date of %q stays, want %q", name, stays, c.want)
		}
		for _, locale := range templates.Locales() {
			to := templates.Audience{Locale: locale, Location: time.UTC}
			r, err := set.Render(d, to)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(r.Text), " ")
			if n := strings.Count(text, start.Format("2006")); n != c.dates {
				t.Errorf("%s: %s gives %d dates, not %d:\n%s", name, locale, n, c.dates, r.Text)
			}
		}
	}
}

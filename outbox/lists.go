package outbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/templates"
	"handoff/workflow"
)

const (
	// maxLooked is how many pieces of one person a list looks at, maxListed how many it names: the most urgent.
	maxLooked = 1000
	maxListed = 100
)

// lists are the person's lists due today, none where nothing waits, and when the next will be. One of today whose hour
// was missed is made up for until the day ends.
func (t *tick) lists(ctx context.Context, tx Clockwork, p workflow.Person, people *acquaintances) (notices []Notice, next time.Time, err error) {
	if p.Primary() == "" {
		return nil, time.Time{}, nil
	}
	rules := t.Composer.Rules
	if p.Class == workflow.Internal && p.Is(workflow.Editor) {
		at, due, again := workflow.ListWeek(p, workflow.WeeklyList, rules, t.now)
		next = sooner(next, again)
		if due {
			items, err := t.items(ctx, tx, p, people, edited)
			if err != nil {
				return nil, next, err
			}
			if notices, err = t.list(notices, items, templates.Weekly{Standing: templates.Standing{Items: items}}, p, at); err != nil {
				return nil, next, err
			}
		}
	}
	if p.Digest {
		at, due, again := workflow.ListDay(p, workflow.DigestList, rules, t.now)
		next = sooner(next, again)
		if due {
			items, err := t.items(ctx, tx, p, people, theirs)
			if err != nil {
				return nil, next, err
			}
			if notices, err = t.list(notices, items, templates.Digest{Standing: templates.Standing{Items: items}}, p, at); err != nil {
				return nil, next, err
			}
		}
	}
	return notices, next, nil
}

// list adds the notice of a list that names something.
func (t *tick) list(notices []Notice, items []templates.Item, d templates.Data, to workflow.Person, at time.Time) ([]Notice, error) {
	if len(items) == 0 {
		return notices, nil
	}
	date := at.In(to.Location(t.Composer.zone())).Format(time.DateOnly)
	n, err := t.Composer.Compose(d, to, About{Key: fmt.Sprintf("%s:%d:%s", d.Template(), to.ID, date), DueAt: at.UTC()})
	return append(notices, n), err
}

// edited is what a piece that the reader edits waits for: their own decision before all else.
func edited(p workflow.Piece, reader int64) []workflow.Waits {
	if p.EditorID != reader {
		return nil
	}
	all := p.Waiting()
	for _, w := range all {
		if w.For == reader && w.Note != "" {
			return []workflow.Waits{w}
		}
	}
	return all[:min(len(all), 1)]
}

// theirs are the things that wait for the reader.
func theirs(p workflow.Piece, reader int64) []workflow.Waits {
	return slices.DeleteFunc(p.Waiting(), func(w workflow.Waits) bool { return w.For != reader })
}

// items are what of each of the reader's pieces is chosen, the most urgent first.
func (t *tick) items(ctx context.Context, tx Clockwork, reader workflow.Person, people *acquaintances,
	choose func(workflow.Piece, int64) []workflow.Waits) ([]templates.Item, error) {
	pieces, err := tx.PiecesOf(ctx, reader.ID, maxLooked)
	if err != nil {
		return nil, storing(err, "pieces of person %d", reader.ID)
	}
	var items []templates.Item
	for _, p := range pieces {
		chosen := choose(p, reader.ID)
		s, open := p.OpenStep()
		if len(chosen) == 0 || !open {
			continue
		}
		known, err := people.all(ctx, p.People())
		if err != nil {
			return nil, err
		}
		p = p.OnClocks(t.Composer.clocks(known))
		step := stepData(s.OnClock(t.Composer.clocks(known)), t.Composer.named(known, s.OwnerID))
		late := p.DaysLate(t.Composer.Rules, t.now, reader)
		for _, w := range chosen {
			items = append(items, templates.Item{Piece: PieceData(p), Step: &step, Note: w.Note, Late: late})
		}
	}
	slices.SortStableFunc(items, func(a, b templates.Item) int {
		return cmp.Or(cmp.Compare(b.Late, a.Late), compareDates(dueDate(a), dueDate(b)), strings.Compare(a.Piece.Code, b.Piece.Code))
	})
	return items[:min(len(items), maxListed)], nil
}

func dueDate(i templates.Item) time.Time {
	if i.Step.Deadline.IsZero() {
		return i.Piece.Deadline
	}
	return i.Step.Deadline
}

// compareDates puts what has no date last.
func compareDates(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return a.Compare(b)
}

// HeldMail is a mail that waits for a decision.
type HeldMail struct {
	ID      int64
	From    string // an address, or a name where there is none
	Subject string
	Reason  string
	At      time.Time // when it came
}

// held makes the day's list of held mails for who does the triage, whoever that is.
func (t *tick) held(ctx context.Context, tx Clockwork) error {
	t.pageQueued, t.pageProblems = 0, nil
	address := workflow.NormalizeAddress(t.Triage)
	to, err := tx.PersonByAddress(ctx, address)
	if workflow.CodeOf(err) == workflow.NotFound {
		to, err = workflow.Person{Name: address, Addresses: []string{address}}, nil
	}
	if err != nil {
		return fmt.Errorf("who does the triage: %w", err)
	}
	at, due, next := workflow.ListDay(to, workflow.HeldList, t.Composer.Rules, t.now)
	t.nextHeld = sooner(next, t.now.Add(24*time.Hour)) // who has none today may want one tomorrow
	if !due || to.Primary() == "" {
		return nil
	}
	mails, err := tx.Held(ctx, maxListed)
	if err != nil || len(mails) == 0 {
		return err
	}
	d := templates.HeldDigest{}
	for _, m := range mails {
		if m.At.After(at) { // told of one by one, and in the next list
			continue
		}
		d.Mails = append(d.Mails, templates.HeldMail{ID: m.ID, From: clip(m.From), Subject: clip(m.Subject), Reason: withoutPolicy(m.Reason), At: m.At})
	}
	if len(d.Mails) == 0 {
		return nil
	}
	date := at.In(to.Location(t.Composer.zone())).Format(time.DateOnly)
	n, err := t.Composer.Compose(d, to, About{Key: "held_digest:" + date, DueAt: at.UTC()})
	if err != nil {
		return err
	}
	return t.enqueue(ctx, tx, []Notice{n})
}

// clip keeps a line of a list short.
func clip(s string) string {
	const most = 200
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// withoutPolicy is a reason without the name of the policy's row, which says nothing to people.
func withoutPolicy(reason string) string {
	if rest, ok := strings.CutPrefix(reason, "policy “"); ok {
		if _, text, ok := strings.Cut(rest, "”: "); ok {
			return text
		}
	}
	return reason
}

// outdatedList tells why a list is not to be sent any more: the next one says what is true by then.
func (s *Scheduler) outdatedList(n Notice) string {
	age := 24 * time.Hour
	if n.Template == workflow.WeeklyList {
		age *= 7
	}
	if s.Clock.Now().Before(n.DueAt.Add(age)) {
		return ""
	}
	return "superseded by the next " + n.Template
}

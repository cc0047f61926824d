package workflow

import (
	"maps"
	"math"
	"math/bits"
	"slices"
	"time"
)

// The interfaces that are no stage's. A handoff's are its stage, "_accepted" and "_done".
const (
	waitCleared    = "start_cleared"
	waitFirstEntry = "start_first_entry"
	waitPublished  = "finish_published"
	waitVerified   = "finish_verified"
)

// newWaits are all interfaces in the order of a piece's way.
func newWaits() []wait {
	all := []wait{
		{Interface: Interface{Name: waitCleared, Part: Starts, Label: "proposed to cleared"}},
		{Interface: Interface{Name: waitFirstEntry, Part: Starts, Label: "cleared to first entry"}},
	}
	for _, stage := range []Stage{Draft, Review, CopyEdit, Design, Ready} {
		all = append(all,
			wait{Interface: Interface{Name: string(stage) + "_accepted", Part: Handoffs, Stage: stage, Label: stage.Label() + " accepted"}},
			wait{Interface: Interface{Name: string(stage) + "_done", Part: Handoffs, Stage: stage, Label: stage.Label() + " done"}})
	}
	return append(all,
		wait{Interface: Interface{Name: waitPublished, Part: Finishes, Label: "ready to published"}},
		wait{Interface: Interface{Name: waitVerified, Part: Finishes, Label: "published to verified"}})
}

// maxExact is how many different waits of an interface are kept to the second; with more, each is off by less than 1 %.
const maxExact = 1 << 14

// wait collects the lengths of one interface's waits.
type wait struct {
	Interface
	seconds map[int64]int // to how many waited that long
	coarse  bool
}

func (w *wait) add(d time.Duration, piece string) {
	s := int64(max(d, 0) / time.Second)
	if w.seconds == nil {
		w.seconds = map[int64]int{}
	}
	if w.Count == 0 || s > w.Longest {
		w.Longest, w.LongestPiece = s, piece
	}
	w.Count++
	if w.coarse {
		s = coarse(s)
	}
	w.seconds[s]++
	if len(w.seconds) > maxExact && !w.coarse {
		w.coarse = true
		rounded := map[int64]int{}
		for s, n := range w.seconds {
			rounded[coarse(s)] += n
		}
		w.seconds = rounded
	}
}

// coarse is s without all but its first 8 bits.
func coarse(s int64) int64 {
	drop := max(bits.Len64(uint64(s))-8, 0)
	return s >> drop << drop
}

func (w *wait) sum() Interface {
	i := w.Interface
	if i.Count == 0 {
		return i
	}
	median, p90 := int(math.Ceil(0.5*float64(i.Count))), int(math.Ceil(0.9*float64(i.Count)))
	n, half := 0, false
	for _, s := range slices.Sorted(maps.Keys(w.seconds)) {
		n += w.seconds[s]
		if !half && n >= median {
			half, i.Median = true, s
		}
		if n >= p90 {
			i.P90 = s
			break
		}
	}
	return i
}

// history is a piece with what its events tell of it.
type history struct {
	Piece
	events []Event
	passes []pass
	owners []ownership
}

// pass is one time that a step was open.
type pass struct {
	stage    Stage
	owner    int64
	from     time.Time
	asked    bool      // somebody had to say that they take it; the piece's editor has not to
	accepted time.Time // zero: nobody did yet
	done     time.Time // zero: it is open, or the piece was cancelled
}

// ownership is when a step came to somebody.
type ownership struct {
	stage Stage
	owner int64
	at    time.Time
}

// historyOf reads the passes off the events. A step that was done when the piece was entered has none.
func historyOf(p Piece, events []Event) history {
	h := history{Piece: p, events: events}
	stages := map[int64]Stage{}
	for _, s := range p.Steps {
		if s.ID != 0 {
			stages[s.ID] = s.Stage
		}
	}
	open := false
	last := func() *pass { return &h.passes[len(h.passes)-1] }
	begin := func(stage Stage, owner int64, at time.Time, self bool) {
		h.passes = append(h.passes, pass{stage: stage, owner: owner, from: at, asked: !self && owner != p.EditorID})
		if open = true; self {
			last().accepted = at
		}
		h.owners = append(h.owners, ownership{stage, owner, at})
	}
	own := func(owner int64, at, accepted time.Time) {
		last().owner, last().accepted = owner, accepted
		last().asked = last().asked || accepted.IsZero() && owner != p.EditorID
		h.owners = append(h.owners, ownership{last().stage, owner, at})
	}
	end := func(at time.Time) {
		cur := last()
		cur.done = latest(at, cur.from)
		if cur.accepted.IsZero() {
			cur.accepted = cur.done
		}
		open = false
	}
	for _, e := range events {
		stage, ok := stages[e.StepID]
		if !ok {
			continue
		}
		here := open && last().stage == stage
		switch e.Kind {
		case StepOpened:
			if !here {
				begin(stage, e.PersonID, e.At, e.ActorID != 0 && e.ActorID == e.PersonID)
			}
		case RevisionAsked: // answers the step that asks, and opens the draft again
			if open {
				end(e.At)
			}
			begin(stage, p.AuthorID, e.At, false)
		case StepAccepted:
			if here && e.PersonID == last().owner && last().accepted.IsZero() {
				last().accepted = latest(e.At, last().from)
			}
		case OwnerChanged:
			if !here {
				h.owners = append(h.owners, ownership{stage, e.PersonID, e.At})
			} else if e.ActorID != 0 && e.ActorID == e.PersonID {
				own(e.PersonID, e.At, e.At)
			} else {
				own(e.PersonID, e.At, time.Time{})
			}
		case StepDeclined: // a reviewer's leaves the step where it is
			if here && e.PersonID == last().owner {
				own(p.EditorID, e.At, e.At)
			}
		case StepReturned:
			if here && last().owner != p.AuthorID {
				own(p.EditorID, e.At, e.At)
			} else if here && last().accepted.IsZero() {
				last().accepted = e.At
			}
		case StepDone:
			if s, _ := p.Step(stage); !here && !s.OpenedAt.IsZero() && !s.OpenedAt.After(e.At) {
				begin(stage, s.OwnerID, s.OpenedAt, false)
				here = true
			}
			if here {
				end(e.At)
			}
		}
	}
	if s, ok := p.OpenStep(); ok && !(open && last().stage == s.Stage) {
		begin(s.Stage, s.OwnerID, s.OpenedAt, false)
	}
	h.settle()
	return h
}

// settle takes from the steps what they know better: when the last pass of each was accepted, which has no event if nobody
// was asked.
func (h *history) settle() {
	seen := map[Stage]bool{}
	for i, p := range slices.Backward(h.passes) {
		s, ok := h.Step(p.stage)
		if seen[p.stage] || !ok {
			continue
		}
		seen[p.stage] = true
		cur := &h.passes[i]
		switch {
		case s.State == Open && s.AcceptedAt.IsZero():
			cur.accepted = time.Time{}
		case !s.AcceptedAt.IsZero() && !s.AcceptedAt.Before(p.from):
			cur.accepted = s.AcceptedAt
			cur.asked = cur.asked && !s.AcceptedAt.Equal(p.from)
		}
	}
}

// ownerAt is who had the step of a stage then.
func (h *history) ownerAt(stage Stage, at time.Time) int64 {
	owner := int64(0)
	for _, o := range h.owners {
		if o.stage == stage && (owner == 0 || !o.at.After(at)) {
			owner = o.owner
		}
	}
	if owner == 0 {
		s, _ := h.Step(stage)
		owner = s.OwnerID
	}
	return owner
}

// first is the moment of the first event that fits, zero if none does.
func (h *history) first(fits func(Event) bool) time.Time {
	if i := slices.IndexFunc(h.events, fits); i >= 0 {
		return h.events[i].At
	}
	return time.Time{}
}

// addWaits counts the waits of a piece: those that ended in the period, and those that go on.
func (t *Tally) addWaits(h history) {
	if t.about(h.AuthorID, h.EditorID) {
		t.addStart(h)
	}
	for _, p := range h.passes {
		if !t.about(p.owner) {
			continue
		}
		if p.asked {
			t.span(string(p.stage)+"_accepted", p.from, p.accepted, h)
		}
		t.span(string(p.stage)+"_done", p.from, p.done, h)
	}
	if t.about(h.LeadID, h.EditorID) {
		t.addFinish(h)
	}
}

func (t *Tally) addStart(h history) {
	begun := h.first(func(e Event) bool { return e.Kind == TopicPitched })
	if begun.IsZero() {
		begun = h.CreatedAt
	}
	if h.Topic != "" || !h.ClearedAt.IsZero() { // else it began beyond the pitch
		t.span(waitCleared, begun, h.ClearedAt, h)
	}
	if !h.ClearedAt.IsZero() {
		draft, _ := h.Step(Draft)
		t.span(waitFirstEntry, h.ClearedAt, h.first(func(e Event) bool {
			return !e.At.Before(h.ClearedAt) && (e.Kind == EntryFiled && (e.PersonID == h.AuthorID || e.ActorID == h.AuthorID) ||
				e.Kind == StepDone && e.StepID == draft.ID)
		}), h)
	}
}

func (t *Tally) addFinish(h history) {
	i := slices.IndexFunc(h.passes, func(p pass) bool { return p.stage == Ready })
	published := h.first(func(e Event) bool { return e.Kind == PiecePublished })
	if i >= 0 {
		t.span(waitPublished, h.passes[i].from, published, h)
	}
	if !published.IsZero() {
		t.span(waitVerified, published, h.VerifiedAt, h)
	}
}

// span counts a wait; a zero end is one that goes on, unless the piece is closed.
func (t *Tally) span(name string, from, to time.Time, h history) {
	i := slices.IndexFunc(t.waits, func(w wait) bool { return w.Name == name })
	switch {
	case i < 0 || from.IsZero():
	case to.IsZero():
		if !h.Closed() {
			t.waits[i].Waiting++
		}
	case t.within(to):
		t.waits[i].add(to.Sub(from), h.Code)
	}
}

package workflow

import (
	"slices"
	"time"
)

// Milestone is one point of a contributor's onboarding that was reached.
type Milestone struct {
	Item      Item      `json:"item"`
	At        time.Time `json:"at"`
	ActorID   int64     `json:"actor_id,omitempty"`   // who did it; 0 is Handoff itself
	MessageID int64     `json:"message_id,omitempty"` // the stored mail that showed it
}

// Item names a point of the onboarding checklist.
type Item string

const (
	Invited      Item = "invited"
	Briefed      Item = "briefed"      // personally, by voice or in person, by a named editor
	Guidelines   Item = "guidelines"   // sent, only after the briefing
	Acknowledged Item = "acknowledged" // the contributor answered the guidelines
	DemoBegun    Item = "demo"         // the demo piece is under way
	DemoFinished Item = "demo_done"    // it went through every step
	DemoPassed   Item = "demo_passed"  // the editor found it good
	Billable     Item = "billable"     // from then on the contributor may send invoices
	Waived       Item = "waived"       // known from before: nothing of the checklist is asked
)

// Items are the checklist in its order.
func Items() []Item {
	return []Item{Invited, Briefed, Guidelines, Acknowledged, DemoBegun, DemoFinished, DemoPassed, Billable}
}

// Label is the item as people read it.
func (i Item) Label() string {
	switch i {
	case Briefed:
		return "briefed personally"
	case Guidelines:
		return "guidelines sent"
	case Acknowledged:
		return "guidelines acknowledged"
	case DemoBegun:
		return "demo piece begun"
	case DemoFinished:
		return "demo piece through every step"
	case DemoPassed:
		return "demo piece passed"
	case Waived:
		return "known from before"
	}
	return string(i)
}

// Reached is when the person reached the item; false if not yet.
func (p Person) Reached(item Item) (Milestone, bool) {
	i := slices.IndexFunc(p.Onboarding, func(m Milestone) bool { return m.Item == item })
	if i < 0 {
		return Milestone{}, false
	}
	return p.Onboarding[i], true
}

// Onboarded tells whether nothing of the checklist is missing. Colleagues have none.
func (p Person) Onboarded() bool {
	_, billable := p.Reached(Billable)
	_, waived := p.Reached(Waived)
	return p.Class == Internal || billable || waived
}

// Next is the item that comes next, "" when the onboarding has not begun or nothing is missing.
func (p Person) Next() Item {
	if len(p.Onboarding) == 0 || p.Onboarded() {
		return ""
	}
	for _, item := range Items() {
		if _, ok := p.Reached(item); !ok {
			return item
		}
	}
	return ""
}

// Reach notes that the person reached the item; actor is who says so. Items come in their order: none is skipped but by
// Waived, and each is reached once. The briefing is an editor's to record.
func (p Person) Reach(item Item, actor Person, c Cause) (Person, Event, error) {
	if p.Class != Outside {
		return p, Event{}, Errorf(Invalid, "%s works in the team: only outside contributors are onboarded", p.Name)
	}
	if !p.LeftAt.IsZero() {
		return p, Event{}, Errorf(Conflict, "%s has left the team: nothing of the onboarding goes on before they are back", p.Name)
	}
	if m, ok := p.Reached(item); ok {
		return p, Event{}, Errorf(Conflict, "“%s” is noted for %s already, since %s", item.Label(), p.Name, m.At.UTC().Format(time.DateOnly))
	}
	if p.Onboarded() {
		return p, Event{}, Errorf(Conflict, "nothing is missing of the onboarding of %s", p.Name)
	}
	if item != Waived {
		next := Invited
		if len(p.Onboarding) > 0 {
			next = p.Next()
		}
		if !slices.Contains(Items(), item) {
			return p, Event{}, Errorf(Invalid, "%q is no item of the onboarding, the items are %s", item, listOf(Items()))
		}
		if item != next {
			return p, Event{}, Errorf(Conflict, "“%s” is not next in the onboarding of %s: “%s” is", item.Label(), p.Name, next.Label())
		}
	}
	if item == Briefed && !actor.Edits() {
		return p, Event{}, Errorf(Forbidden, "an editor has to brief %s personally and record it: name one", p.Name)
	}
	if item == Invited && p.EditorID == 0 {
		return p, Event{}, Errorf(Invalid, "%s has no editor who looks after them: name one", p.Name)
	}
	p.Onboarding = append(slices.Clone(p.Onboarding), Milestone{Item: item, At: c.At, ActorID: c.ActorID, MessageID: c.MessageID})
	return p, Event{At: c.At, Kind: MilestoneReached, PersonID: p.ID, ActorID: c.ActorID, MessageID: c.MessageID, Detail: item.Label()}, nil
}

// DemoAgain takes back that the demo piece was begun, for one that was cancelled on its way: another is begun next.
func (p Person) DemoAgain() Person {
	p.DemoPieceID = 0
	p.Onboarding = slices.DeleteFunc(slices.Clone(p.Onboarding), func(m Milestone) bool { return m.Item == DemoBegun })
	return p
}

// Silent tells whether nobody reminds the person: paused, or gone.
func (p Person) Silent() bool { return !p.PausedAt.IsZero() || !p.LeftAt.IsZero() }

// Mutes tells whether the person does not want that recurring notice.
func (p Person) Mutes(notice string) bool { return slices.Contains(p.Muted, notice) }

// Mute is the person without mails of that recurring kind, or with mute false, with them again. Where that is so already it is a
// Conflict.
func (p Person) Mute(notice string, mute bool, c Cause) (Person, Event, error) {
	state := "muted"
	if !mute {
		state = "not muted"
	}
	if p.Mutes(notice) == mute {
		return p, Event{}, Errorf(Conflict, "%s is %s already for %s", notice, state, p.Name)
	}
	p.Muted = slices.DeleteFunc(slices.Clone(p.Muted), func(m string) bool { return m == notice })
	if mute {
		p.Muted = append(p.Muted, notice)
	}
	return p, Event{At: c.At, Kind: PersonMuted, PersonID: p.ID, ActorID: c.ActorID, MessageID: c.MessageID, Detail: notice + " " + state}, nil
}

// Worker is the person as the calendar sees them.
func (p Person) Worker(team *time.Location) Worker {
	return Worker{Zone: p.Location(team), Days: p.WorkDays, Away: p.Away}
}

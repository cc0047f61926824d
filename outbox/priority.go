package outbox

import (
	"cmp"
	"time"

	"handoff/templates"
)

// Priority is which notices go first when several are due.
type Priority int

const (
	Prompt    Priority = iota // answers to mails, and what somebody has to know to go on working
	Reminders                 // of what they know already
	Lists                     // of what waits, for whenever there is time
)

// Priorities are all there are, the first to be sent first.
func Priorities() []Priority { return []Priority{Prompt, Reminders, Lists} }

// Patience is how much longer a notice waits than one of the priority before that is due at the same time. One that has waited
// for longer goes first: nothing starves.
const Patience = 30 * time.Minute

// Turn orders notices that are due. It is by the moment at which each would be sent if everything else were equal.
func Turn(a, b Notice) int { return cmp.Or(a.turn().Compare(b.turn()), cmp.Compare(a.ID, b.ID)) }

func (n Notice) turn() time.Time { return n.NextAt.Add(time.Duration(n.Priority) * Patience) }

// priorityOf is that of a catalogue's entry.
func priorityOf(e templates.Entry) Priority {
	switch {
	case e.List:
		return Lists
	case e.Recurring:
		return Reminders
	default:
		return Prompt
	}
}

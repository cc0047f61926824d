package outbox

import "time"

// Pause keeps notices queued: those of one kind, or all.
type Pause struct {
	Kind  string    `json:"kind"` // a template; "" is everything, answers to mails too
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"` // zero: until it is resumed
	Note  string    `json:"note,omitempty"`
}

// InForce tells whether the pause holds at now; the zero time is before its end.
func (p Pause) InForce(now time.Time) bool { return p.Until.IsZero() || now.Before(p.Until) }

// What names what is paused.
func (p Pause) What() string {
	if p.Kind == "" {
		return "everything"
	}
	return p.Kind
}

// Suppression is an address or a domain that nothing is sent to.
type Suppression struct {
	Name   string    `json:"name"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"`
}

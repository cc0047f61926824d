package workflow

import (
	"slices"
	"time"
)

// AskExtension proposes a later date for the open step; the editor decides. A date that is not later, or past the overall
// deadline, is refused with the reason.
func (p Piece) AskExtension(c Cause, until time.Time, reason string) (Change, error) {
	s, err := p.openStep()
	switch {
	case err != nil:
		return Change{}, err
	case s.OwnerID != c.PersonID:
		return Change{}, Errorf(Forbidden, "the %s of %s is not yours: its owner can ask for more time", s.Stage.Label(), p.Code)
	case until.IsZero():
		return Change{}, Errorf(Invalid, "no date could be read: write the day until which you need, like 2026-12-01")
	case !until.After(c.At):
		return Change{}, Errorf(Invalid, "%s is over already: write a day that is still to come", dateIn(until, nil))
	case !s.Deadline.IsZero() && !until.After(s.Deadline):
		return Change{}, Errorf(Invalid, "the %s is due on %s, which is no earlier than the day you ask for", s.Stage.Label(), dateIn(s.Deadline, until.Location()))
	}
	p.Steps = slices.Clone(p.Steps)
	step := &p.Steps[p.index(s.Stage)]
	step.Extension = &Extension{Until: until, AskedAt: c.At, ByID: c.PersonID, Reason: reason}
	p.UpdatedAt = c.At
	e := c.event(ExtensionAsked, p, *step, "more time is asked for, until "+dateIn(until, nil)+because(reason))
	e.Words = reason
	return Change{Piece: p, Events: []Event{e}}, nil
}

// Grant gives the open step the date that was asked for. The steps after it that would have too little time left get as many
// working days as they had, up to the overall deadline: a date past that is refused, it is to be moved first.
func (p Piece) Grant(c Cause) (Change, error) {
	s, x, err := p.extension()
	if err != nil {
		return Change{}, err
	}
	p.Steps = slices.Clone(p.Steps)
	was, i := slices.Clone(p.Steps), p.index(s.Stage)
	p.Steps[i].Extension = nil
	p.Steps[i].Deadline = x.Until
	p.Steps[i].DeadlineVersion++
	moved := p.postpone(i+1, x.Until, was, c)
	p.UpdatedAt = c.At
	if err := p.checkDeadlines(c.zone()); err != nil {
		return Change{}, err
	}
	c.PersonID = x.ByID
	granted := c.event(ExtensionGranted, p, p.Steps[i], "more time is granted, until "+dateIn(x.Until, c.zone()))
	return Change{Piece: p, Events: append([]Event{granted}, moved...)}, nil
}

// Refuse leaves the date as it is.
func (p Piece) Refuse(c Cause, reason string) (Change, error) {
	s, x, err := p.extension()
	if err != nil {
		return Change{}, err
	}
	p.Steps = slices.Clone(p.Steps)
	step := &p.Steps[p.index(s.Stage)]
	step.Extension = nil
	p.UpdatedAt = c.At
	c.PersonID = x.ByID
	e := c.event(ExtensionRefused, p, *step, "more time is refused"+because(reason))
	e.Words = reason
	return Change{Piece: p, Events: []Event{e}}, nil
}

func (p Piece) extension() (Step, Extension, error) {
	s, err := p.openStep()
	if err != nil {
		return s, Extension{}, err
	}
	if s.Extension == nil {
		return s, Extension{}, Errorf(Conflict, "nobody waits for more time on %s: it was decided before, or the step moved on", p.Code)
	}
	return s, *s.Extension, nil
}

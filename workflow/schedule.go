package workflow

import (
	"slices"
	"time"
)

// Schedule is by what dates are planned. In the zero one every day is a working day, and days are those of UTC.
type Schedule struct {
	Calendar Calendar
	Days     map[Stage]int               // the working days of each step; 0: not planned
	Worker   func(personID int64) Worker // nil: everybody works on the calendar's days
}

func (s Schedule) worker(personID int64) Worker {
	if s.Worker == nil {
		return Worker{}
	}
	return s.Worker(personID)
}

// endOfDay is the time of day of a date that is planned without one.
const endOfDay = 23*time.Hour + 59*time.Minute

// Plan gives the steps that wait or are open and have no deadline one, so many working days after the one before as c.Schedule
// says, each in the calendar of its owner, and the piece an overall one if it has none. Dates that are set stay, so that a
// planned one may have fewer days. Where there is nothing to plan, the Change has no events.
func (p Piece) Plan(c Cause) Change {
	if p.Closed() {
		return Change{Piece: p}
	}
	was := p
	p.Steps = slices.Clone(p.Steps)
	last, planned := c.At, false
	for i := range p.Steps {
		s := &p.Steps[i]
		switch n := c.Schedule.Days[s.Stage]; {
		case s.State == Done || s.Stage == Pitch:
			continue
		case !s.Deadline.IsZero():
			last = latest(last, s.Deadline)
			continue
		case n > 0:
			s.Deadline = c.Schedule.Calendar.AddDays(last, n, endOfDay, c.Schedule.worker(s.OwnerID))
			if limit := p.limit(i); !limit.IsZero() && s.Deadline.After(limit) {
				s.Deadline = limit
			}
			s.DeadlineVersion++
			last, planned = latest(last, s.Deadline), true
		}
	}
	if p.Deadline.IsZero() && last.After(c.At) {
		p.Deadline = last
		p.DeadlineVersion++
		planned = true
	}
	if !planned || p.checkDeadlines(nil) != nil { // it did not fit together before
		return Change{Piece: was}
	}
	p.UpdatedAt = c.At
	return Change{Piece: p, Events: []Event{c.event(DeadlineChanged, p, Step{}, "deadlines planned, the whole piece until "+dateIn(p.Deadline, nil))}}
}

// limit is the date that the step's cannot be past: of the next step that has one, or the overall deadline; zero for none.
func (p Piece) limit(step int) time.Time {
	for _, s := range p.Steps[step+1:] {
		if s.State != Done && !s.Deadline.IsZero() {
			return s.Deadline
		}
	}
	return p.Deadline
}

// postpone plans the dates anew from step i on, which cannot begin before from: of each step to which less than half of the
// working days remain that it had by was, the steps as they were planned. Such a step gets as many days as it had, counted in
// the calendar of its owner, but none past the overall deadline. Nothing moves where a step begins no later than planned. No
// date is moved forward. The caller owns p.Steps.
func (p *Piece) postpone(i int, from time.Time, was []Step, c Cause) (events []Event) {
	for ; i < len(p.Steps); i++ {
		s := &p.Steps[i]
		if s.State == Done || s.Deadline.IsZero() {
			continue
		}
		start, days := p.planned(i, from, was, c.Schedule)
		who := c.Schedule.worker(s.OwnerID)
		if !from.After(start) || c.Schedule.Calendar.Between(from, s.Deadline, who) >= (days+1)/2 {
			return events
		}
		date, why := c.Schedule.Calendar.AddDays(from, days, who.timeOfDay(s.Deadline), who), ""
		if !p.Deadline.IsZero() && date.After(p.Deadline) {
			date, why = p.Deadline, ", as late as the overall deadline allows"
		}
		if date.After(s.Deadline) {
			old, zone := s.Deadline, who.zone()
			s.Deadline = date
			s.DeadlineVersion++
			about := c
			about.PersonID = s.OwnerID
			events = append(events, about.event(DeadlineChanged, *p, *s,
				s.Stage.Label()+" deadline: "+dateIn(old, zone)+" → "+dateIn(date, zone)+why))
		}
		from = s.Deadline
	}
	return events
}

// planned is when a step was to begin, zero if that is not known, and how many working days it had from then on, at least one.
func (p Piece) planned(i int, from time.Time, was []Step, schedule Schedule) (start time.Time, days int) {
	s := was[i]
	switch {
	case i > 0 && !was[i-1].Deadline.IsZero() && !was[i-1].Deadline.After(s.Deadline):
		start = was[i-1].Deadline
	case !s.OpenedAt.IsZero(): // it is opened again
		start = s.OpenedAt
	case i == 0 || was[i-1].Stage == Pitch:
		if start = p.CreatedAt; p.TopicAt.After(start) && p.TopicAt.Before(from) {
			start = p.TopicAt
		}
	}
	if !start.IsZero() {
		days = schedule.Calendar.Between(start, s.Deadline, schedule.worker(s.OwnerID))
	}
	if days < 1 {
		days = schedule.Days[s.Stage]
	}
	return start, max(1, days)
}

// timeOfDay is what a clock in the worker's zone shows, since midnight.
func (w Worker) timeOfDay(t time.Time) time.Duration {
	shown := w.shown(t)
	return shown.Sub(civil(shown.Date()))
}

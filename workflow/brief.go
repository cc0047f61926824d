package workflow

import (
	"slices"
	"strings"
)

// SetBrief says anew what the author is to write; "" is nothing. The same again changes nothing.
func (p Piece) SetBrief(text string, c Cause) (Change, error) {
	if p.Closed() {
		_, err := p.openStep()
		return Change{}, err
	}
	text = strings.TrimSpace(text)
	if p.Brief == text {
		return Change{Piece: p}, nil
	}
	p.Brief, p.UpdatedAt = text, c.At
	detail := "the brief is changed"
	if text == "" {
		detail = "the brief is taken away"
	}
	return Change{Piece: p, Events: []Event{c.event(PieceRevised, p, Step{}, detail)}}, nil
}

// AddTask puts a task on the checklist; one that is there already changes nothing.
func (p Piece) AddTask(name string, c Cause) (Change, error) {
	name = strings.Join(strings.Fields(name), " ")
	s, err := p.openStep()
	switch {
	case err != nil:
		return Change{}, err
	case s.Stage.Index() > Ready.Index():
		return Change{}, Errorf(Conflict, "%s is in %s: its checklist was of what comes before publication", p.Code, s.Stage.Label())
	case name == "":
		return Change{}, Errorf(Invalid, "the task needs a name")
	case p.task(name) >= 0:
		return Change{Piece: p}, nil
	}
	p.Checklist = append(slices.Clone(p.Checklist), Task{Name: name})
	p.UpdatedAt = c.At
	return Change{Piece: p, Events: []Event{c.event(PieceRevised, p, s, "another task: "+name)}}, nil
}

// RemoveTask takes a task off the checklist. If it was the last of several that was open, a piece that is in ready moves on.
func (p Piece) RemoveTask(name string, c Cause) (Change, error) {
	s, err := p.openStep()
	if err != nil {
		return Change{}, err
	}
	i, err := p.findTask(name)
	if err != nil {
		return Change{}, err
	}
	was := p.Checklist[i]
	p.Checklist = slices.Delete(slices.Clone(p.Checklist), i, i+1)
	p.UpdatedAt = c.At
	ch := Change{Piece: p, Events: []Event{c.event(PieceRevised, p, s, "no task any more: "+was.Name)}}
	if s.Stage != Ready || !was.DoneAt.IsZero() || len(p.Checklist) == 0 || len(p.Undone()) > 0 {
		return ch, nil
	}
	moved := p.handOn(c)
	moved.Events = append(ch.Events, moved.Events...)
	return moved, nil
}

// task is the index of a task by its name, -1 for none.
func (p Piece) task(name string) int {
	name = strings.Join(strings.Fields(name), " ")
	return slices.IndexFunc(p.Checklist, func(t Task) bool { return strings.EqualFold(t.Name, name) })
}

func (p Piece) findTask(name string) (int, error) {
	i := p.task(name)
	if i < 0 {
		return i, Errorf(NotFound, "%s has no task %q, its tasks are: %s", p.Code, name, taskNames(p.Checklist))
	}
	return i, nil
}

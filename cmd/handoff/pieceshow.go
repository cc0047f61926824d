package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"handoff/workflow"
)

// whereStands is where the piece is, in two or three words.
func whereStands(p workflow.Piece) string {
	s, open := p.OpenStep()
	stage := p.Stage.Label()
	switch {
	case p.Cancelled():
		return "cancelled"
	case !open:
		return "finished"
	case s.Extension != nil:
		return stage + ", wants more time"
	case !s.HandedInAt.IsZero():
		return stage + ", needs a lead"
	case s.Stage == workflow.Pitch && p.Topic != "":
		return stage + ", " + topicText(p.Topic)
	case s.Stage == workflow.Published:
		return stage + ", no address yet"
	case s.Stage == workflow.Distributed && p.CheckProblem != "":
		return stage + ", check failed"
	case s.Stage == workflow.Distributed && p.VerifiedAt.IsZero():
		return stage + ", not verified"
	case s.Stage == workflow.Distributed:
		return stage + ", not confirmed"
	case !s.OfferedAt.IsZero() && s.AcceptedAt.IsZero():
		return stage + ", offered"
	case s.Revision > 0 && s.Stage == workflow.Draft:
		return stage + ", revision"
	}
	return stage
}

func topicText(t workflow.Topic) string {
	if t == workflow.TopicChanges {
		return "changes asked for"
	}
	return string(t)
}

// pieceView shows one piece.
type pieceView struct {
	workflow.Piece
	names func(int64) string
	zone  *time.Location
	width int // of the terminal; 0: none
}

func (v pieceView) time(t time.Time) string { return showTime(t, v.zone) }

func (v pieceView) print(w io.Writer) error {
	line := func(format string, args ...any) { hang(w, v.width, 2, fmt.Sprintf(format, args...)) }
	if v.Demo {
		line("a demo piece, never published")
	}
	if v.Topic != "" {
		line("topic %s since %s", topicText(v.Topic), v.time(v.TopicAt))
	}
	if !v.ClearedAt.IsZero() {
		line("cleared to write on %s", v.time(v.ClearedAt))
	}
	if v.LeadID != 0 && !v.LeadNamedAt.IsZero() {
		if v.LeadConfirmedAt.IsZero() {
			line("the distribution lead has not confirmed, named on %s", v.time(v.LeadNamedAt))
		} else {
			line("the distribution lead confirmed on %s", v.time(v.LeadConfirmedAt))
		}
	}
	if v.URL != "" {
		line("published at %s", v.URL)
		line("%s", v.verification())
	}
	if !v.DistributedAt.IsZero() {
		line("distribution confirmed on %s", v.time(v.DistributedAt))
	}
	if v.Cancelled() {
		line("cancelled on %s: %s", v.time(v.CancelledAt), v.CancelReason)
	}
	if v.Brief != "" {
		fmt.Fprintln(w, "\nBrief:")
		for _, l := range strings.Split(safeText(v.Brief), "\n") {
			v.paragraph(w, l)
		}
	}
	fmt.Fprintln(w)
	if err := v.steps(w); err != nil {
		return err
	}
	if len(v.Checklist) > 0 {
		fmt.Fprintln(w, "\nBefore publication:")
	}
	for _, t := range v.Checklist {
		if t.DoneAt.IsZero() {
			line("[ ] %s", t.Name)
		} else {
			line("[x] %s, %s on %s", t.Name, orTeam(v.names(t.By)), v.time(t.DoneAt))
		}
	}
	return nil
}

// paragraph writes one of the brief's.
func (v pieceView) paragraph(w io.Writer, text string) {
	lines := []string{text}
	if v.width > 2+leastColumn {
		lines = wrap(text, v.width-2)
	}
	for _, l := range lines {
		fmt.Fprintln(w, strings.TrimRight("  "+l, " "))
	}
}

func (v pieceView) verification() string {
	switch {
	case !v.VerifiedAt.IsZero():
		return "verified on " + v.time(v.VerifiedAt)
	case v.CheckedAt.IsZero():
		return "not verified, not looked at yet"
	default:
		return fmt.Sprintf("not verified, %s: %s", v.time(v.CheckedAt), v.CheckProblem)
	}
}

func (v pieceView) steps(w io.Writer) error {
	var rows [][]string
	for _, s := range v.Steps {
		state := string(s.State)
		if v.Cancelled() && s.State != workflow.Done {
			state = "dropped"
		}
		rows = append(rows, []string{s.Stage.Label(), state, v.names(s.OwnerID), v.time(s.Deadline), showDay(s.AcceptedAt, v.zone), showDay(s.DoneAt, v.zone)})
	}
	if err := printTableIn(w, v.width, []string{"STEP", "STATE", "OWNER", "DUE", "ACCEPTED", "DONE"}, rows); err != nil {
		return err
	}
	for _, s := range v.Steps {
		if !s.HandedInAt.IsZero() {
			fmt.Fprintf(w, "  %s: handed in on %s, waits for a distribution lead\n", s.Stage.Label(), v.time(s.HandedInAt))
		}
		if s.Revision > 0 {
			fmt.Fprintf(w, "  %s: %d %s asked for\n", s.Stage.Label(), s.Revision, plural(s.Revision, "revision", "revisions"))
		}
		if x := s.Extension; x != nil {
			text := fmt.Sprintf("%s: %s asks for more time, until %s", s.Stage.Label(), v.names(x.ByID), v.time(x.Until))
			if x.Reason != "" {
				text += ": " + x.Reason
			}
			hang(w, v.width, 2, text)
		}
		v.reviewers(w, s)
	}
	return nil
}

func (v pieceView) reviewers(w io.Writer, s workflow.Step) {
	if s.Needed > 0 {
		fmt.Fprintf(w, "  %s: %d of %d reviewers have to answer\n", s.Stage.Label(), s.Needed, len(s.Reviewers))
	}
	for _, r := range s.Reviewers {
		what, at := "asked", r.AskedAt
		switch {
		case !r.AnsweredAt.IsZero():
			what, at = "answered", r.AnsweredAt
		case !r.DeclinedAt.IsZero():
			what, at = "declined", r.DeclinedAt
		case !r.AcceptedAt.IsZero():
			what, at = "accepted", r.AcceptedAt
		}
		fmt.Fprintf(w, "  %s: reviewer %s, %s on %s\n", s.Stage.Label(), oneLine(v.names(r.PersonID)), what, v.time(at))
	}
}

// orTeam stands in for nobody in particular.
func orTeam(name string) string {
	if name == "" {
		return "Handoff"
	}
	return name
}

package outbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/internal/clock"
	"handoff/templates"
	"handoff/workflow"
)

// Composer turns template data into notices: ids, addresses and threads signed and stable.
type Composer struct {
	Team     string
	Identity *Identity
	Clock    clock.Clock
	Locale   string // the team's, for people who have none
	TimeZone string // the team's
}

// About is what a notice concerns, beside its words.
type About struct {
	Key        string // unique
	PieceID    int64
	StepID     int64
	CauseID    int64     // the stored mail behind it
	AutoReply  bool      // it answers a mail by itself (RFC 3834)
	InReplyTo  string    // the answered Message-ID
	References []string  // the answered mail's
	DueAt      time.Time // zero: now
}

// Compose makes the notice that tells d to a person. A person without ID (an unknown sender) needs Addresses and Name only.
// The Base of d is filled in here. A person without an address gives workflow.Invalid.
func (c *Composer) Compose(d templates.Data, to workflow.Person, about About) (Notice, error) {
	if to.Primary() == "" {
		return Notice{}, workflow.Errorf(workflow.Invalid, "%s has no mail address: a %s notice cannot reach them", to.Name, d.Template())
	}
	if about.Key == "" {
		return Notice{}, fmt.Errorf("a %s notice without a key", d.Template())
	}
	d = templates.WithBase(d, templates.Base{Team: c.Team, To: PersonData(to)})
	data, err := json.Marshal(d)
	if err != nil {
		return Notice{}, fmt.Errorf("data of a %s notice: %w", d.Template(), err)
	}
	ref := Ref{PieceID: about.PieceID, PersonID: to.ID}
	now := c.Clock.Now()
	due := about.DueAt
	if due.IsZero() {
		due = now
	}
	answered := trimID(about.InReplyTo)
	return Notice{
		Key:        about.Key,
		Template:   d.Template(),
		Data:       data,
		AutoReply:  about.AutoReply,
		ToName:     to.Name,
		ToAddress:  to.Primary(),
		Locale:     or(to.Locale, c.Locale),
		TimeZone:   or(to.TimeZone, c.TimeZone),
		PersonID:   to.ID,
		PieceID:    about.PieceID,
		StepID:     about.StepID,
		CauseID:    about.CauseID,
		MessageID:  c.Identity.MessageID(ref, about.Key),
		InReplyTo:  answered,
		References: references(c.Identity.ThreadID(ref), about.References, answered),
		ReplyTo:    c.Identity.ReplyAddress(ref),
		State:      Queued,
		DueAt:      due,
		NextAt:     due,
		CreatedAt:  now,
	}, nil
}

// maxReferences bounds the References of a notice: threads of a year's mails grow them without end.
const maxReferences = 10

// references puts our thread first, then what the answered mail had and its own id (RFC 5322, section 3.6.4). Where that
// is too much, the thread's first mail and the latest stay.
func references(thread string, before []string, answered string) []string {
	var ids []string
	for _, id := range append(slices.Clone(before), answered) {
		if id = trimID(id); id != "" && id != thread {
			ids = slices.DeleteFunc(ids, func(have string) bool { return have == id })
			ids = append(ids, id)
		}
	}
	if excess := len(ids) - (maxReferences - 1); excess > 0 {
		ids = slices.Delete(ids, 1, 1+excess)
	}
	return append([]string{thread}, ids...)
}

// maxID is the longest Message-ID that is repeated: it has to fit one header line (RFC 5322, section 2.1.1).
const maxID = 900

// trimID is a Message-ID without brackets, "" for what could break a header.
func trimID(id string) string {
	id = strings.Trim(id, "<> \t\r\n")
	broken := strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '>' })
	if broken || len(id) > maxID {
		return ""
	}
	return id
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// Handoffs makes what a change's handoffs cause: step_opened to the next owner, step_done to the giver and the editor, each
// person once, nobody told of what they did themselves (actorID). People without an address are left out; somebody who is
// not in people at all is an error.
func (c *Composer) Handoffs(ch workflow.Change, people map[int64]workflow.Person, actorID, causeID int64) ([]Notice, error) {
	var notices []Notice
	for _, h := range ch.Handoffs {
		made, err := c.handoff(ch.Piece, h, people, actorID, causeID)
		if err != nil {
			return nil, fmt.Errorf("notices of the handoff on %s: %w", ch.Piece.Code, err)
		}
		notices = append(notices, made...)
	}
	return notices, nil
}

func (c *Composer) handoff(p workflow.Piece, h workflow.Handoff, people map[int64]workflow.Person, actorID, causeID int64) ([]Notice, error) {
	giver, err := c.owner(people, h.From.OwnerID)
	if err != nil {
		return nil, err
	}
	next, err := c.owner(people, h.To.OwnerID)
	if err != nil {
		return nil, err
	}
	piece, done := PieceData(p), stepData(h.From, giver)
	var to *templates.Step
	if h.To.ID != 0 {
		s := stepData(h.To, next)
		to = &s
	}
	var from *templates.Person
	if h.From.OwnerID != 0 {
		from = &giver
	}
	var notices []Notice
	told := map[int64]bool{0: true, actorID: true}
	tell := func(personID int64, d templates.Data, step workflow.Step, at time.Time) error {
		if told[personID] {
			return nil
		}
		told[personID] = true
		person, ok := people[personID]
		if !ok {
			return workflow.Errorf(workflow.NotFound, "person %d is not known", personID)
		}
		if person.Primary() == "" {
			return nil
		}
		n, err := c.Compose(d, person, About{
			Key:     handoffKey(p.ID, step.ID, d.Template(), step.DeadlineVersion, at, personID),
			PieceID: p.ID, StepID: step.ID, CauseID: causeID,
		})
		if err != nil {
			return err
		}
		notices = append(notices, n)
		return nil
	}
	if to != nil {
		if err := tell(h.To.OwnerID, templates.StepOpened{Piece: piece, Step: *to, From: from}, h.To, h.To.OpenedAt); err != nil {
			return nil, err
		}
	}
	if h.From.ID == 0 {
		return notices, nil // the first step, or another owner: nothing was done
	}
	for _, id := range []int64{h.From.OwnerID, p.EditorID} {
		if err := tell(id, templates.StepDone{Piece: piece, Done: done, Next: to}, h.From, h.From.DoneAt); err != nil {
			return nil, err
		}
	}
	return notices, nil
}

// handoffKey makes a handoff's notice unique. The moment is part of it: a step that was opened again is handed on again.
func handoffKey(piece, step int64, what string, version int, at time.Time, recipient int64) string {
	return fmt.Sprintf("handoff:%d:%d:%s:v%d:%d:%d", piece, step, what, version, at.UnixMilli(), recipient)
}

// owner names who owns a step; the team stands in where nobody does yet.
func (c *Composer) owner(people map[int64]workflow.Person, id int64) (templates.Person, error) {
	if id == 0 {
		return templates.Person{Name: c.Team}, nil
	}
	p, ok := people[id]
	if !ok {
		return templates.Person{}, workflow.Errorf(workflow.NotFound, "person %d is not known", id)
	}
	return PersonData(p), nil
}

// PieceData and PersonData put domain values into template form.
func PieceData(p workflow.Piece) templates.Piece {
	return templates.Piece{Code: p.Code, Title: p.Title, Stage: string(p.Stage), Deadline: p.Deadline}
}

// PersonData names a person by name and first address; one who has neither is somebody.
func PersonData(p workflow.Person) templates.Person {
	return templates.Person{Name: or(p.Name, or(p.Primary(), "somebody")), Address: p.Primary(), Outside: p.Class == workflow.Outside}
}

func stepData(s workflow.Step, owner templates.Person) templates.Step {
	return templates.Step{Stage: string(s.Stage), Owner: owner, Deadline: s.Deadline}
}

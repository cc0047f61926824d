package workflow

import (
	"slices"
	"strings"
	"time"
)

// PieceInput is what a new piece is made from.
type PieceInput struct {
	Code     string
	Title    string
	AuthorID int64
	EditorID int64
	LeadID   int64 // 0: none yet
	Stage    Stage // where it stands; the steps before are done. "" is Pitch
	Finished bool  // all steps are done; Stage is Distributed
	Deadline time.Time
	Steps    map[Stage]StepInput // what is known of single steps
	Demo     bool                // begins in Draft and ends with Design
	Topic    Topic               // of a proposal
	Brief    string
	Tasks    []string // the checklist before publication
}

// StepInput is a step's owner and deadline; zero fields take the default owner and no deadline.
type StepInput struct {
	OwnerID  int64
	Deadline time.Time
}

// NewPiece makes a piece with a step for every stage. IDs are the store's to give; what its opening causes is Start's to say.
// Owners default to the author (pitch, draft), the editor (review, copy edit, design) and the distribution lead (ready,
// published, distributed; the editor while there is no lead).
func NewPiece(in PieceInput, c Cause) (Piece, []Event, error) {
	p := Piece{
		Code: NormalizeCode(in.Code), Title: strings.Join(strings.Fields(in.Title), " "),
		AuthorID: in.AuthorID, EditorID: in.EditorID, LeadID: in.LeadID,
		Stage: in.Stage, Deadline: in.Deadline, CreatedAt: c.At, UpdatedAt: c.At,
	}
	if p.Stage == "" {
		p.Stage = Pitch
	}
	if in.Finished {
		p.Stage = Distributed
	}
	stages := Stages()
	if in.Demo {
		stages = demoStages()
	}
	if !slices.Contains(stages, p.Stage) {
		return Piece{}, nil, Errorf(Invalid, "%q is not a stage, the stages are %s", in.Stage, listOf(stages))
	}
	p.Demo, p.Topic, p.Brief = in.Demo, in.Topic, strings.TrimSpace(in.Brief)
	if p.Topic != "" {
		p.TopicAt = c.At
	}
	if p.Topic != "" && p.Stage != Pitch {
		return Piece{}, nil, Errorf(Invalid, "%s is a proposal, so it begins with the pitch", p.Code)
	}
	for _, name := range in.Tasks {
		p.Checklist = append(p.Checklist, Task{Name: strings.Join(strings.Fields(name), " ")})
	}
	if !p.Deadline.IsZero() {
		p.DeadlineVersion = 1
	}
	for stage := range in.Steps {
		if stage.Index() < 0 {
			return Piece{}, nil, Errorf(Invalid, "%q is not a stage, the stages are %s", stage, listOf(Stages()))
		}
	}
	for _, stage := range stages {
		s := Step{Stage: stage, State: Waiting, OwnerID: in.Steps[stage].OwnerID, Deadline: in.Steps[stage].Deadline}
		if s.OwnerID == 0 {
			s.OwnerID = p.defaultOwner(stage)
		}
		if !s.Deadline.IsZero() {
			s.DeadlineVersion = 1
		}
		switch {
		case in.Finished || stage.Index() < p.Stage.Index():
			s.State, s.DoneAt = Done, c.At
		case stage == p.Stage:
			s.State, s.OpenedAt = Open, c.At
			p.offer(&s, c)
		}
		p.Steps = append(p.Steps, s)
	}
	if err := p.Validate(); err != nil {
		return Piece{}, nil, err
	}
	return p, []Event{{At: c.At, Kind: PieceCreated, PersonID: p.AuthorID, ActorID: c.ActorID, MessageID: c.MessageID,
		Detail: "“" + p.Title + "” starts in " + p.Stage.Label()}}, nil
}

// Start is what a stored new piece causes: its distribution lead is asked to confirm, and the owner of its open step is to be told.
func Start(p Piece, c Cause) Change {
	ch := Change{Piece: p}
	if p.LeadID != 0 && !p.Closed() && p.LeadNamedAt.IsZero() {
		p.nameLead(c)
		about := c
		about.PersonID = p.LeadID
		ch = Change{Piece: p, Events: []Event{about.event(LeadNamed, p, Step{}, "the distribution lead is named")}}
	}
	if s, ok := p.OpenStep(); ok {
		ch.Events = append(ch.Events, c.event(StepOpened, p, s, s.Stage.Label()+" is open"))
		ch.Handoffs = []Handoff{{To: s}}
	}
	return ch
}

// nameLead asks the distribution lead to confirm; who names themselves has done so.
func (p *Piece) nameLead(c Cause) {
	p.LeadNamedAt, p.LeadConfirmedAt = c.At, time.Time{}
	if p.LeadID == c.ActorID {
		p.LeadConfirmedAt = c.At
	}
}

func (p Piece) defaultOwner(s Stage) int64 {
	switch s {
	case Pitch, Draft:
		return p.AuthorID
	case Ready, Published, Distributed:
		if p.LeadID != 0 {
			return p.LeadID
		}
	}
	return p.EditorID
}

// OpenStep is the step that is open now; false when all are done.
func (p Piece) OpenStep() (Step, bool) {
	for _, s := range p.Steps {
		if s.State == Open {
			return s, true
		}
	}
	return Step{}, false
}

// Step is the step of a stage.
func (p Piece) Step(stage Stage) (Step, bool) {
	i := p.index(stage)
	if i < 0 {
		return Step{}, false
	}
	return p.Steps[i], true
}

// Finished tells whether every step is done.
func (p Piece) Finished() bool {
	_, open := p.OpenStep()
	return !open && !p.Cancelled()
}

// Cancelled tells whether the piece was given up.
func (p Piece) Cancelled() bool { return !p.CancelledAt.IsZero() }

// Closed tells whether nothing is open any more.
func (p Piece) Closed() bool { return p.Finished() || p.Cancelled() }

// demoStages are those of a contributor's first try.
func demoStages() []Stage { return []Stage{Draft, Review, CopyEdit, Design} }

// People are the ids of all whom the piece concerns, each once: author, editor, lead, owners.
func (p Piece) People() []int64 {
	var ids []int64
	add := func(id int64) {
		if id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	add(p.AuthorID)
	add(p.EditorID)
	add(p.LeadID)
	for _, s := range p.Steps {
		add(s.OwnerID)
		for _, r := range s.Reviewers {
			add(r.PersonID)
		}
	}
	return ids
}

func (p Piece) index(stage Stage) int {
	return slices.IndexFunc(p.Steps, func(s Step) bool { return s.Stage == stage })
}

// Validate says what is wrong with a piece, or nil.
func (p Piece) Validate() error {
	if err := CheckCode(p.Code); err != nil {
		return err
	}
	switch {
	case p.Title == "":
		return Errorf(Invalid, "%s has no title", p.Code)
	case p.AuthorID == 0:
		return Errorf(Invalid, "%s has no author", p.Code)
	case p.EditorID == 0:
		return Errorf(Invalid, "%s has no editor", p.Code)
	}
	return p.checkDeadlines(nil)
}

// checkDeadlines looks at the steps that are not done: none past the overall deadline, none before an earlier step's. Dates
// are named in zone, nil is each one's own.
func (p Piece) checkDeadlines(zone *time.Location) error {
	var before Step
	for _, s := range p.Steps {
		if s.State == Done || s.Deadline.IsZero() {
			continue
		}
		if !p.Deadline.IsZero() && s.Deadline.After(p.Deadline) {
			return Errorf(Invalid, "the %s deadline %s is past the overall deadline %s: move one of them",
				s.Stage.Label(), dateIn(s.Deadline, zone), dateIn(p.Deadline, zone))
		}
		if !before.Deadline.IsZero() && s.Deadline.Before(before.Deadline) {
			return Errorf(Invalid, "the %s deadline %s is before that of the %s, %s, which comes first: move one of them",
				s.Stage.Label(), dateIn(s.Deadline, zone), before.Stage.Label(), dateIn(before.Deadline, zone))
		}
		before = s
	}
	return nil
}

// dateIn names a date in zone, nil is its own; one that was stored has only an offset left of it, and is named in UTC.
func dateIn(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "none"
	}
	if zone != nil {
		t = t.In(zone)
	} else if t.Location().String() == "" {
		t = t.UTC()
	}
	return t.Format("2006-01-02 15:04 MST")
}

// EndOfDay is how a date without a time is read as a deadline: 23:59 in that zone.
func EndOfDay(year int, month time.Month, day int, zone *time.Location) time.Time {
	return time.Date(year, month, day, 23, 59, 0, 0, zone)
}

// OnClocks is the piece with its dates on the clocks of who has to keep them, so that who reads of one elsewhere can be told
// the end of that person's day from a time of day. The overall deadline is on that of a step that is due with it, else in UTC.
func (p Piece) OnClocks(zone func(personID int64) *time.Location) Piece {
	overall := time.UTC
	p.Steps = slices.Clone(p.Steps)
	for i, s := range p.Steps {
		if p.Steps[i] = s.OnClock(zone); s.Deadline.Equal(p.Deadline) {
			overall = zone(s.OwnerID)
		}
	}
	p.Deadline = clocked(p.Deadline, overall)
	return p
}

// OnClock is the step with its dates on its owner's clock, see OnClocks.
func (s Step) OnClock(zone func(personID int64) *time.Location) Step {
	s.Deadline = clocked(s.Deadline, zone(s.OwnerID))
	if s.Extension != nil {
		asked := *s.Extension
		asked.Until = clocked(asked.Until, zone(asked.ByID))
		s.Extension = &asked
	}
	return s
}

func clocked(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}

// NormalizeCode is the form in which codes are stored and compared.
func NormalizeCode(code string) string { return strings.ToUpper(strings.TrimSpace(code)) }

// CheckCode says what is wrong with a normalised code, or nil: 2 to 32 letters, digits and inner dashes, among them at least
// one letter and one digit, so that no word of a subject line is one.
func CheckCode(code string) error {
	var letter, digit bool
	ok := len(code) >= 2 && len(code) <= 32 && code[0] != '-' && code[len(code)-1] != '-'
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c >= 'A' && c <= 'Z':
			letter = true
		case c >= '0' && c <= '9':
			digit = true
		case c != '-':
			ok = false
		}
	}
	if !ok || !letter || !digit {
		return Errorf(Invalid, "%q is not a piece code, write letters, a dash and a number, like ACME-12", code)
	}
	return nil
}

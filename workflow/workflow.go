// Package workflow holds the rules of a content team: people, pieces, the stages and steps a piece goes through,
// deadlines, reminders, handoffs and the event log. It is pure: no I/O, no clock of its own, no other package of ours.
package workflow

import "time"

// Class tells who a person is to the team.
type Class string

const (
	Internal Class = "internal" // works in the tool; mailing around it is answered by policy, not served
	Outside  Class = "outside"  // only uses mail; Handoff enters on their behalf
)

// Role is what a person does on pieces; a person may have several.
type Role string

const (
	Author           Role = "author"
	Editor           Role = "editor"
	PeerReviewer     Role = "peer_reviewer"
	CopyEditor       Role = "copy_editor"
	Designer         Role = "designer"
	DistributionLead Role = "distribution_lead"
	Admin            Role = "admin"
)

// Person is somebody the team works with.
type Person struct {
	ID        int64    `json:"id"`
	Name      string   `json:"name"`
	Class     Class    `json:"class"`
	Roles     []Role   `json:"roles"`
	Addresses []string `json:"addresses"` // normalised (see NormalizeAddress), the first is where notices go
	Locale    string   `json:"locale"`    // BCP 47, "" is the team's
	TimeZone  string   `json:"time_zone"` // IANA, "" is the team's
}

// Stage is where a piece stands. Stages are ordered; see Stages.
type Stage string

const (
	Pitch       Stage = "pitch"
	Draft       Stage = "draft"
	Review      Stage = "review"
	CopyEdit    Stage = "copy_edit"
	Design      Stage = "design"
	Ready       Stage = "ready"
	Published   Stage = "published"
	Distributed Stage = "distributed"
)

// Stages lists all stages in the order a piece goes through them.
func Stages() []Stage {
	return []Stage{Pitch, Draft, Review, CopyEdit, Design, Ready, Published, Distributed}
}

// StepState is how far a step is.
type StepState string

const (
	Waiting StepState = "waiting" // an earlier step is still open
	Open    StepState = "open"    // its owner is at work; at most one step of a piece is open
	Done    StepState = "done"
)

// Piece is one article, video or post on its way through the stages.
type Piece struct {
	ID              int64     `json:"id"`
	Code            string    `json:"code"` // unique, upper case, e.g. "ACME-12"
	Title           string    `json:"title"`
	AuthorID        int64     `json:"author_id"`
	EditorID        int64     `json:"editor_id"`
	LeadID          int64     `json:"distribution_lead_id"` // 0: none yet
	Stage           Stage     `json:"stage"`                // the open step's stage, or Distributed when all are done
	Deadline        time.Time `json:"deadline,omitzero"`    // the overall one; zero: none
	DeadlineVersion int       `json:"deadline_version"`
	Steps           []Step    `json:"steps"` // in stage order
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
}

// Step is one stage of one piece, with its owner and deadline.
type Step struct {
	ID              int64     `json:"id"`
	PieceID         int64     `json:"piece_id"`
	Stage           Stage     `json:"stage"`
	OwnerID         int64     `json:"owner_id"`
	State           StepState `json:"state"`
	Deadline        time.Time `json:"deadline,omitzero"` // zero: none
	DeadlineVersion int       `json:"deadline_version"`
	OpenedAt        time.Time `json:"opened_at,omitzero"`
	DoneAt          time.Time `json:"done_at,omitzero"`
}

// Event is one line of a piece's history. Events are only ever added.
type Event struct {
	ID        int64     `json:"id"`
	At        time.Time `json:"at"`
	Kind      EventKind `json:"kind"`
	PieceID   int64     `json:"piece_id,omitempty"`
	StepID    int64     `json:"step_id,omitempty"`
	PersonID  int64     `json:"person_id,omitempty"`  // who it is about
	ActorID   int64     `json:"actor_id,omitempty"`   // who did it; 0 is Handoff itself
	MessageID int64     `json:"message_id,omitempty"` // the stored mail that caused it
	Detail    string    `json:"detail,omitempty"`     // a sentence for people
}

// EventKind names what happened.
type EventKind string

const (
	PieceCreated    EventKind = "piece_created"
	EntryFiled      EventKind = "entry_filed"
	StepDone        EventKind = "step_done"
	StepOpened      EventKind = "step_opened"
	DeadlineChanged EventKind = "deadline_changed"
	OwnerChanged    EventKind = "owner_changed"
	BypassRecorded  EventKind = "bypass_recorded" // an internal person mailed content around the tool
	AddressBounced  EventKind = "address_bounced"
)

// Handoff is a step that passed from one owner to the next.
type Handoff struct {
	From Step // the step just done
	To   Step // the step now open; zero when From was the last
}

// Change is what a rule did to a piece: the piece as it is now, what to log, and the handoffs that people must be told of.
type Change struct {
	Piece    Piece
	Events   []Event
	Handoffs []Handoff
}

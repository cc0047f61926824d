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
	PersonDetails
}

// PersonDetails is what is known of a person beside who they are.
type PersonDetails struct {
	WorkDays    Weekdays    `json:"work_days,omitzero"`      // 0: the team's
	Away        []Absence   `json:"away,omitempty"`          // in their own time zone
	PausedAt    time.Time   `json:"paused_at,omitzero"`      // nobody reminds them until that is taken back
	LeftAt      time.Time   `json:"left_at,omitzero"`        // they do not work with the team any more
	Muted       []string    `json:"muted,omitempty"`         // recurring notices that they do not want
	Digest      bool        `json:"digest,omitempty"`        // one mail a day with what waits for them
	EditorID    int64       `json:"editor_id,omitempty"`     // who looks after an outside contributor; 0: nobody yet
	Onboarding  []Milestone `json:"onboarding,omitempty"`    // in the order reached; none: nobody invited them yet
	DemoPieceID int64       `json:"demo_piece_id,omitempty"` // the demo piece; 0: not begun
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
	PieceDetails
}

// PieceDetails is what is known of a piece beside its place in the stages.
type PieceDetails struct {
	Demo            bool      `json:"demo,omitempty"`        // a contributor's first try: goes through the steps, is never published
	Topic           Topic     `json:"topic,omitempty"`       // "": the piece did not begin as a proposal
	TopicAt         time.Time `json:"topic_at,omitzero"`     // when that was decided
	Brief           string    `json:"brief,omitempty"`       // what the author is to write; of a proposal, what it says
	Note            string    `json:"note,omitempty"`        // what the editor wrote with the approval, for the start kit
	ClearedAt       time.Time `json:"cleared_at,omitzero"`   // when the author was told to go ahead
	CancelledAt     time.Time `json:"cancelled_at,omitzero"` // nothing is open then
	CancelReason    string    `json:"cancel_reason,omitempty"`
	LeadNamedAt     time.Time `json:"lead_named_at,omitzero"`
	LeadConfirmedAt time.Time `json:"lead_confirmed_at,omitzero"` // the distribution lead said yes
	Checklist       []Task    `json:"checklist,omitempty"`        // what has to be there before it is published
	URL             string    `json:"url,omitempty"`              // where it was published
	CheckedAt       time.Time `json:"checked_at,omitzero"`        // when that address was last fetched
	CheckProblem    string    `json:"check_problem,omitempty"`    // what was wrong then, for people
	VerifiedAt      time.Time `json:"verified_at,omitzero"`       // the address was fetched, or a person looked, and it is there
	DistributedAt   time.Time `json:"distributed_at,omitzero"`    // the lead confirmed that it was distributed
}

// Topic is what became of a proposal.
type Topic string

const (
	TopicProposed Topic = "proposed" // an editor has to decide
	TopicChanges  Topic = "changes"  // the author has to answer
	TopicApproved Topic = "approved"
	TopicDeclined Topic = "declined" // the piece is cancelled
)

// Task is one thing that has to be there, or set up, before a piece is published.
type Task struct {
	Name   string    `json:"name"`
	DoneAt time.Time `json:"done_at,omitzero"`
	By     int64     `json:"by,omitempty"`
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
	StepDetails
}

// StepDetails is how a handoff stands.
type StepDetails struct {
	OfferedAt  time.Time  `json:"offered_at,omitzero"`   // when its owner was asked to take it; zero: nobody is asked
	AcceptedAt time.Time  `json:"accepted_at,omitzero"`  // when they did: in words, or by handing the work in
	HeardAt    time.Time  `json:"heard_at,omitzero"`     // when its owner first wrote after it was offered
	HandedInAt time.Time  `json:"handed_in_at,omitzero"` // its work is there, but the next step cannot begin yet
	Revision   int        `json:"revision,omitempty"`    // how often a new version was asked for
	Reviewers  []Reviewer `json:"reviewers,omitempty"`   // peers asked for their opinion, beside the owner
	Needed     int        `json:"needed,omitempty"`      // how many of them have to answer; 0: all
	Extension  *Extension `json:"extension,omitempty"`   // a later date that was asked for and waits for the editor
	Sequence   int        `json:"sequence,omitempty"`    // of its event in calendars, counts owners and how often it was sent back
}

// Reviewer is somebody asked for their opinion.
type Reviewer struct {
	PersonID   int64     `json:"person_id"`
	AskedAt    time.Time `json:"asked_at"`
	AcceptedAt time.Time `json:"accepted_at,omitzero"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	DeclinedAt time.Time `json:"declined_at,omitzero"`
}

// Extension is a later date that somebody asked for.
type Extension struct {
	Until   time.Time `json:"until"` // proposed; the editor decides
	AskedAt time.Time `json:"asked_at"`
	ByID    int64     `json:"by_id"`
	Reason  string    `json:"reason,omitempty"`
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
	Words     string    `json:"-"`                    // what somebody wrote with it, for the notices it causes; the mail keeps it
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

	TopicPitched     EventKind = "topic_proposed"
	TopicDecided     EventKind = "topic_decided" // Piece.Topic tells how
	PieceCleared     EventKind = "cleared_to_write"
	EarlyDraft       EventKind = "early_draft" // a draft came before the piece was cleared
	StepAccepted     EventKind = "step_accepted"
	StepDeclined     EventKind = "step_declined"
	StepReturned     EventKind = "step_returned" // nobody answered: it is the editor's again
	HandedIn         EventKind = "handed_in"     // the work is there, the next step cannot begin yet
	ReviewerAsked    EventKind = "reviewer_asked"
	ReviewerAnswered EventKind = "reviewer_answered"
	RevisionAsked    EventKind = "revision_asked"
	RevisionReceived EventKind = "revision_received"
	ExtensionAsked   EventKind = "extension_asked"
	ExtensionGranted EventKind = "extension_granted"
	ExtensionRefused EventKind = "extension_refused"
	LeadNamed        EventKind = "lead_named"
	LeadConfirmed    EventKind = "lead_confirmed"
	LeadDeclined     EventKind = "lead_declined"
	TaskDone         EventKind = "task_done"
	PiecePublished   EventKind = "published"
	PieceDistributed EventKind = "distributed"
	PieceVerified    EventKind = "verified"
	CheckFailed      EventKind = "check_failed" // the published address could not be verified
	PieceCancelled   EventKind = "cancelled"
	RequestRefused   EventKind = "request_refused" // a mail asked for something that is not possible
	ReminderSent     EventKind = "reminded"        // a deadline passed and somebody was told
	MilestoneReached EventKind = "milestone"       // of a person's onboarding
	PersonMuted      EventKind = "muted"
	PersonChanged    EventKind = "person_changed" // away, paused, gone, back
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
	// Unassigned are open steps that were taken from their owners, as they were.
	Unassigned []Step
}

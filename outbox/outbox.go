// Package outbox is the durable queue of every mail that Handoff sends: what is queued, when it is due, what became of it.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"handoff/templates"
)

// State is where a notice stands.
type State string

const (
	Queued    State = "queued"    // due at NextAt
	Deferred  State = "deferred"  // tried, and due again at NextAt; Error says what was wrong
	Sending   State = "sending"   // leased until LeaseUntil; after that anybody may take it again
	Sent      State = "sent"      // accepted by the SMTP server
	Bounced   State = "bounced"   // accepted, and then a report said that it did not arrive; Error says why
	Failed    State = "failed"    // refused for good, or given up; Error says why
	Cancelled State = "cancelled" // not wanted any more; Error says why
)

// States are all there are, in the order of a notice's life.
func States() []State { return []State{Queued, Deferred, Sending, Sent, Bounced, Failed, Cancelled} }

// Waits tells whether a notice in that state is still to be sent.
func (s State) Waits() bool { return s == Queued || s == Deferred }

// WentOut tells whether the SMTP server accepted a notice in that state, whatever became of it later.
func (s State) WentOut() bool { return s == Sent || s == Bounced }

// Notice is one mail to one recipient.
type Notice struct {
	ID         int64           `json:"id"`
	Key        string          `json:"key"` // unique: what makes this notice this one and no other
	Template   string          `json:"template"`
	Data       json.RawMessage `json:"data"` // of templates.Data
	AutoReply  bool            `json:"auto_reply"`
	ToName     string          `json:"to_name"`
	ToAddress  string          `json:"to_address"`
	Locale     string          `json:"locale"`
	TimeZone   string          `json:"time_zone"`
	PersonID   int64           `json:"person_id,omitempty"`
	PieceID    int64           `json:"piece_id,omitempty"`
	StepID     int64           `json:"step_id,omitempty"`
	CauseID    int64           `json:"cause_id,omitempty"` // the stored mail it answers or was caused by
	MessageID  string          `json:"message_id"`         // stable over every attempt, without angle brackets
	InReplyTo  string          `json:"in_reply_to,omitempty"`
	References []string        `json:"references,omitempty"` // the thread id first
	ReplyTo    string          `json:"reply_to,omitempty"`
	Priority   Priority        `json:"priority"`
	State      State           `json:"state"`
	DueAt      time.Time       `json:"due_at"`
	NextAt     time.Time       `json:"next_at,omitzero"` // not tried before
	LeaseUntil time.Time       `json:"lease_until,omitzero"`
	Attempts   int             `json:"attempts"`
	Error      string          `json:"error,omitempty"` // of the last attempt
	CreatedAt  time.Time       `json:"created_at"`
	SentAt     time.Time       `json:"sent_at,omitzero"`

	Invite      *Invite  `json:"invite,omitempty"`      // the step as a calendar event
	Unsubscribe []string `json:"unsubscribe,omitempty"` // URIs of List-Unsubscribe; an https one takes the POST of RFC 8058
}

// StopPage is the https address on which its reader stops notices of that kind, "" none.
func (n Notice) StopPage() string {
	for _, address := range n.Unsubscribe {
		if strings.HasPrefix(address, "https://") {
			return address
		}
	}
	return ""
}

// Result is what became of one attempt at a leased notice.
type Result struct {
	ID       int64
	Attempt  int // which attempt this was; a stale lease's result is dropped
	State    State
	NextAt   time.Time // for Queued and Deferred
	Error    string
	Code     int // the SMTP reply code, 0 if none came
	At       time.Time
	Duration time.Duration
	Unknown  bool // it may have been accepted
	// Untried says that nothing was attempted after all: the lease is given back and the attempt it counted is taken off
	// again. State is Queued.
	Untried bool
}

// Attempt is one try at sending a notice.
type Attempt struct {
	Number   int           `json:"number"`
	At       time.Time     `json:"at"`
	Outcome  Outcome       `json:"outcome"`
	Code     int           `json:"code,omitempty"` // the SMTP reply code, 0 if none came
	Error    string        `json:"error,omitempty"`
	Duration time.Duration `json:"-"`
	Millis   int64         `json:"duration_ms"`
}

// Outcome is how an attempt ended: the State that the notice then had, or Unknown.
type Outcome string

// Unknown is the outcome of an attempt that lost its connection after the data were sent: the mail may have been accepted.
const Unknown Outcome = "unknown"

// Outcome is that of the attempt.
func (r Result) Outcome() Outcome {
	if r.Unknown {
		return Unknown
	}
	return Outcome(r.State)
}

// Queue is the durable side; package store has it.
type Queue interface {
	// Lease takes up to limit notices that are due at now (queued, or sending with a lease run out) and of no paused kind, by
	// Turn, marks them sending until until and counts the attempt.
	Lease(ctx context.Context, now, until time.Time, limit int) ([]Notice, error)
	// Settle records results, one transaction.
	Settle(ctx context.Context, results []Result) error
	// NextDue is when the next notice will be due; ok is false when none waits.
	NextDue(ctx context.Context) (at time.Time, ok bool, err error)
	// Enqueue adds the notices whose Key is new and tells how many that were.
	Enqueue(ctx context.Context, notices []Notice) (int, error)
	// Obstacle is what keeps a notice from being sent at now.
	Obstacle(ctx context.Context, n Notice, now time.Time) (Obstacle, error)
	// Reminded is when the person was last sent reminders, after since, the newest first, at most limit.
	Reminded(ctx context.Context, personID int64, since time.Time, limit int) ([]time.Time, error)
}

// Obstacle is what keeps a notice from being sent; the zero one is none.
type Obstacle struct {
	Never  string // why it is never to be sent
	Paused bool   // everything, or its kind: it stays queued
}

// Mail is a rendered notice, ready for SMTP.
type Mail struct {
	From       string // header From: "Name <address>"
	Bounces    string // the envelope sender, "": the address of From; AutoReply has none
	ToName     string
	ToAddress  string
	ReplyTo    string
	MessageID  string
	InReplyTo  string
	References []string
	AutoReply  bool // RFC 3834: null envelope sender, Auto-Submitted: auto-replied; else auto-generated
	Date       time.Time
	Content    templates.Rendered

	Files []File

	Calendar       []byte // an iCalendar stream that is sent with the words
	CalendarMethod string // its METHOD

	ListUnsubscribe []string // mailto: and https: URIs (RFC 2369)
	OneClick        bool     // an https one of them takes a POST (RFC 8058); without one it says nothing
	FeedbackID      string   // what Gmail counts complaints by; "" for none
}

// Sender hands one mail to the next server. A nil error means it was accepted. Any other is a *SendError.
type Sender interface {
	Send(ctx context.Context, m Mail) error
	Close() error
}

// SendError is why a mail was not accepted.
type SendError struct {
	Code       int    // SMTP reply, 0: network
	Permanent  bool   // trying again is useless
	Unknown    bool   // the connection was lost after the data were sent: it may have been accepted
	Connection bool   // no mail would get through now: unreachable, login refused, our sender address refused
	Recipient  bool   // it is the recipient's address that the server does not take
	Status     string // RFC 3463, "" if the answer has none
	Err        error
}

func (e *SendError) Error() string { return e.Err.Error() }
func (e *SendError) Unwrap() error { return e.Err }

// ErrBadToken says that a token, address or id was not signed here.
var ErrBadToken = errors.New("not signed by this Handoff")

// Ref is what a signed address or id is bound to. Zero fields: to no piece, to no person.
type Ref struct {
	PieceID  int64
	PersonID int64
}

// Key signs tokens. Every key that is not deleted verifies; the newest signs.
type Key struct {
	ID        int // 1 to 31, in every token
	Secret    []byte
	CreatedAt time.Time
}

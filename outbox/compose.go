package outbox

import (
	"context"
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
func (c *Composer) Compose(d templates.Data, to workflow.Person, about About) (Notice, error) {
	panic("written by outbox")
}

// Handoffs makes what a change's handoffs cause: step_opened to the next owner, step_done to the giver and the editor, each
// person once, nobody told of what they did themselves (actorID).
func (c *Composer) Handoffs(ch workflow.Change, people map[int64]workflow.Person, actorID, causeID int64) ([]Notice, error) {
	panic("written by outbox")
}

// PieceData and PersonData put domain values into template form.
func PieceData(p workflow.Piece) templates.Piece { panic("written by outbox") }

// PersonData names a person by name and first address.
func PersonData(p workflow.Person) templates.Person { panic("written by outbox") }

// Agenda is what the Scheduler asks of the store.
type Agenda interface {
	// DuePieces are the pieces whose open step has a deadline at or before before, with id > after, by id, at most limit.
	DuePieces(ctx context.Context, before time.Time, after int64, limit int) ([]workflow.Piece, error)
	// Person is one person; workflow.NotFound if there is none.
	Person(ctx context.Context, id int64) (workflow.Person, error)
	// Enqueue adds the notices whose Key is new and tells how many that were.
	Enqueue(ctx context.Context, notices []Notice) (int, error)
}

package inbox

import (
	"context"
	"errors"
	"io"
	"time"

	"handoff/blob"
)

// ErrRefused is wrapped by the errors of a Mailbox that a person has to mend: a wrong password, a certificate for another
// name, a missing folder. The Poller tries again seldom, so that no account is locked for hammering.
var ErrRefused = errors.New("refused by the mail server")

// Mailbox is one IMAP folder as the Poller needs it. Its methods are called by one goroutine at a time; each gives up when
// ctx ends or the server stays silent too long. After an error the next call connects anew where that is needed; UIDs
// always mean those of the UIDVALIDITY that Select told last.
type Mailbox interface {
	// Select opens the folder, connecting if needed, and tells its state now.
	Select(ctx context.Context) (State, error)
	// Fetch streams the mails with UID in [from, to] in UID order to each, size first, then the body. A mail expunged
	// meanwhile is left out. Over maxSize only the header is fetched (Item.Truncated). body is only valid inside each.
	Fetch(ctx context.Context, from, to uint32, maxSize int64, each func(it Item, body io.Reader) error) error
	// Wait returns when the server announces something new (IDLE), or after d. It fails when the connection is lost.
	Wait(ctx context.Context, d time.Duration) error
	// File flags mails that are recorded, and moves them to folder unless it is "".
	File(ctx context.Context, uids []uint32, folder string) error
	// Unfiled are the UIDs up to upTo that File has not flagged yet, ascending; with moved, all that are still there.
	Unfiled(ctx context.Context, upTo uint32, moved bool) ([]uint32, error)
	// Close logs out.
	Close() error
}

// State is the folder as the server tells it.
type State struct {
	UIDValidity uint32
	UIDNext     uint32 // 0: not known, there is news above what was fetched last
	Messages    uint32
}

// Item is one mail on the server.
type Item struct {
	UID          uint32
	Size         int64 // RFC822.SIZE, bytes
	InternalDate time.Time
	Seen         bool
	Truncated    bool  // body holds the header only
	Err          error // the server does not give this mail, asked again and again: body is empty
}

// Cursor is how far a mailbox has been recorded: every UID up to and including UID.
type Cursor struct {
	UIDValidity uint32
	UID         uint32
	BackfillUID uint32 // every UID up to this was there at the first connect and is filed only; 0 without a backfill
	// OKAt is the last Health's. Record does not set it.
	OKAt time.Time
}

// Received is one mail, stored raw and read, ready to be decided on.
type Received struct {
	Mailbox     string // the configured name
	UIDValidity uint32
	UID         uint32
	Size        int64
	ReceivedAt  time.Time // the server's INTERNALDATE
	Backfill    bool      // older than the first connect: filed, nothing is sent
	Oversize    bool      // only the header is stored
	Blob        blob.ID
	Message     *Message
	Err         error // reading failed: the mail is recorded as failed, and can be replayed
}

// Outcome tells the Poller what to do with a recorded mail on the server.
type Outcome struct {
	UID  uint32
	Held bool // goes to the held folder, not to the done folder
}

// Recorder takes what the Poller received. One Record is one transaction: the mails' dispositions, everything they
// cause, and the cursor. After an error nothing of it happened.
type Recorder interface {
	// Cursor is where the mailbox stands; ok is false when it was never polled.
	Cursor(ctx context.Context, mailbox string) (c Cursor, ok bool, err error)
	// Record decides and records the batch and moves the cursor. An empty batch only moves the cursor.
	Record(ctx context.Context, mailbox string, to Cursor, batch []Received) ([]Outcome, error)
	// Outcomes are those of the mails recorded before, with a UID in [from, to].
	Outcomes(ctx context.Context, mailbox string, uidValidity, from, to uint32) ([]Outcome, error)
	// Health notes how the mailbox does, for status.
	Health(ctx context.Context, h Health) error
}

// Health is how a mailbox does.
type Health struct {
	Mailbox   string    `json:"mailbox"`
	At        time.Time `json:"at"`             // of this report
	OKAt      time.Time `json:"ok_at,omitzero"` // of the last pass without error
	Error     string    `json:"error"`          // of the pass just ended, "" if it went well
	Failures  int       `json:"failures"`       // passes failed in a row
	UIDNext   uint32    `json:"uid_next"`       // the server's
	CursorUID uint32    `json:"cursor_uid"`     // ours; lag is what lies between
	Waiting   int       `json:"waiting"`        // mails on the server not recorded yet, at most
}

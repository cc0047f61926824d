// Package proxy decides what becomes of each mail: who wrote it, which piece it is for, what policy says; and applies it.
package proxy

import (
	"context"
	"io"
	"time"

	"handoff/blob"
	"handoff/inbox"
	"handoff/outbox"
	"handoff/workflow"
)

// Action is what became of a mail.
type Action string

const (
	File      Action = "file"      // attached to a piece as an entry
	Act       Action = "act"       // what it asks for was done; it is about its sender, not about a piece
	Redirect  Action = "redirect"  // answered with a redirect
	Ignore    Action = "ignore"    // a named policy says: do nothing
	Report    Action = "report"    // bounce, receipt, feedback: noted
	Hold      Action = "hold"      // a person has to decide
	Duplicate Action = "duplicate" // the same mail was recorded before
	Fail      Action = "fail"      // could not be read; replay tries again
)

// Actions are all there are, first those that ended well.
func Actions() []Action { return []Action{File, Act, Redirect, Ignore, Report, Duplicate, Hold, Fail} }

// Disposition is the decision on one mail.
type Disposition struct {
	Action     Action        `json:"action"`
	Piece      string        `json:"piece"` // its code, "" for none
	Reason     string        `json:"reason"`
	Candidates []Candidate   `json:"candidates"` // of a hold, ranked
	Trace      []inbox.Check `json:"-"`          // reading's and deciding's, in order

	PieceID   int64         `json:"-"`
	StepID    int64         `json:"-"` // the open step it hands in; 0: filed beside the steps
	PersonID  int64         `json:"-"` // the true author
	Forwarder int64         `json:"-"` // who forwarded it, 0 if nobody
	Entry     EntryKind     `json:"-"` // for File
	Replies   []string      `json:"-"` // templates to answer with
	Bounce    *inbox.Bounce `json:"-"`
}

// Candidate is a piece that a held mail may be for.
type Candidate struct {
	PieceID int64   `json:"-"`
	Piece   string  `json:"piece"` // code
	Title   string  `json:"title"`
	Score   float64 `json:"score"` // 0 to 1
	Reason  string  `json:"reason"`
}

// EntryKind tells a handed-in text from a remark.
type EntryKind string

const (
	Submission EntryKind = "submission" // content: numbered versions
	Comment    EntryKind = "comment"    // words about it
)

// Entry is what was filed on a piece on somebody's behalf.
type Entry struct {
	ID        int64        `json:"id"`
	PieceID   int64        `json:"piece_id"`
	StepID    int64        `json:"step_id,omitempty"`
	PersonID  int64        `json:"person_id"`          // the true author
	ActorID   int64        `json:"actor_id,omitempty"` // who brought it in; 0 is Handoff
	MessageID int64        `json:"message_id"`
	Kind      EntryKind    `json:"kind"`
	Version   int          `json:"version"` // of the piece's submissions, from 1; 0 for comments
	Text      string       `json:"text"`    // as a submission: the whole body; as a comment: without quotes
	Files     []EntryFile  `json:"files"`
	Links     []inbox.Link `json:"links"`
	At        time.Time    `json:"at"`
}

// EntryFile is a file of an entry: a byte range of the raw mail, or of a container in it, see inbox.Attachment.
type EntryFile struct {
	Name     string           `json:"name"`
	Type     string           `json:"type"`
	Size     int64            `json:"size"`
	Offset   int64            `json:"offset"`
	Length   int64            `json:"length"`
	Encoding string           `json:"encoding"`
	Within   *inbox.Container `json:"within,omitempty"`
}

// fileOf is the attachment as an entry keeps it.
func fileOf(a inbox.Attachment) EntryFile {
	return EntryFile{Name: a.Name, Type: a.Type, Size: a.Size, Offset: a.Offset, Length: a.Length, Encoding: a.Encoding, Within: a.Within}
}

// Open reads the file's bytes from the raw mail that the entry was filed from.
func (f EntryFile) Open(raw io.ReaderAt) io.Reader {
	return inbox.Attachment{Offset: f.Offset, Length: f.Length, Encoding: f.Encoding, Within: f.Within}.Open(raw)
}

// Record is one mail as it is stored.
type Record struct {
	ID          int64         `json:"id"`
	Mailbox     string        `json:"mailbox"`
	UIDValidity uint32        `json:"uid_validity"`
	UID         uint32        `json:"uid"`
	MessageID   string        `json:"message_id"`
	ContentHash string        `json:"content_hash"`
	Blob        blob.ID       `json:"blob"`
	Size        int64         `json:"size"`
	ReceivedAt  time.Time     `json:"received_at"`
	RecordedAt  time.Time     `json:"recorded_at"`
	Backfill    bool          `json:"backfill"`
	Oversize    bool          `json:"oversize"`
	FromAddress string        `json:"from_address"`
	FromName    string        `json:"from_name"`
	Subject     string        `json:"subject"`
	Kind        inbox.Kind    `json:"kind"`
	Automatic   bool          `json:"automatic"`
	Suppress    bool          `json:"suppress_reply"`
	Action      Action        `json:"action"`
	Reason      string        `json:"reason"`
	PieceID     int64         `json:"piece_id,omitempty"`
	PersonID    int64         `json:"person_id,omitempty"`
	DuplicateOf int64         `json:"duplicate_of,omitempty"` // set for Duplicate
	Candidates  []Candidate   `json:"candidates,omitempty"`
	Trace       []inbox.Check `json:"trace"`
	Error       string        `json:"error,omitempty"` // for Fail
}

// Directory is what deciding looks up. A missing one gives an error with workflow.NotFound.
type Directory interface {
	Person(ctx context.Context, id int64) (workflow.Person, error)
	PersonByAddress(ctx context.Context, address string) (workflow.Person, error)
	Piece(ctx context.Context, id int64) (workflow.Piece, error)
	PieceByCode(ctx context.Context, code string) (workflow.Piece, error)
	// OpenPieces are the pieces on which the person owns the open step or is the author of an unfinished one, at most limit.
	OpenPieces(ctx context.Context, personID int64, limit int) ([]workflow.Piece, error)
	// Colleagues are all internal people who have not left.
	Colleagues(ctx context.Context) ([]workflow.Person, error)
}

// Archive is what deciding asks of the mails recorded and sent before.
type Archive interface {
	// Recorded is the mail recorded with that Message-ID and content hash (Message-ID "" compares the hash alone), itself not a duplicate.
	Recorded(ctx context.Context, messageID, contentHash string) (Record, error)
	// RecordsByMessageID are the mails recorded with one of those ids, newest first.
	RecordsByMessageID(ctx context.Context, ids []string) ([]Record, error)
	Notice(ctx context.Context, id int64) (outbox.Notice, error)
	// NoticeByMessageID is the notice we sent under that id.
	NoticeByMessageID(ctx context.Context, id string) (outbox.Notice, error)
	// Replies counts the auto-replies queued since then: to that address, of that template, and in all.
	Replies(ctx context.Context, since time.Time, address, template string) (ReplyCounts, error)
	// RepliesTo counts the auto-replies queued to that address since then, by template.
	RepliesTo(ctx context.Context, since time.Time, address string) (map[string]int, error)
	// Relayed counts the newest mails passed on about a piece since then, up to limit.
	Relayed(ctx context.Context, since time.Time, pieceID int64, limit int) (int, error)
	Shelf
	// Record is the mail recorded with that number.
	Record(ctx context.Context, id int64) (Record, error)
	// Bypasses counts the mails around the tool of a colleague that came since then.
	Bypasses(ctx context.Context, personID int64, since time.Time) (int, error)
	// Pitches counts the proposals of an author since then that are not finished.
	Pitches(ctx context.Context, authorID int64, since time.Time) (int, error)
	// Breaker is how the breaker of automatic answers stands; zero: it never opened.
	Breaker(ctx context.Context) (Breaker, error)
	// Answered counts the auto-replies queued since then, up to limit.
	Answered(ctx context.Context, since time.Time, limit int) (int, error)
	// HeldFrom counts the mails of the sender with that SenderKey that were held since then, among the newest ones held.
	HeldFrom(ctx context.Context, since time.Time, key string) (int, error)
}

// ReplyCounts are what the caps are held against.
type ReplyCounts struct{ Address, Template, Total int }

// Journal is what applying a decision writes.
type Journal interface {
	// AddRecord stores the mail and sets its ID; a mailbox+UIDVALIDITY+UID, or a Message-ID+hash, recorded before gives workflow.Conflict.
	AddRecord(ctx context.Context, r *Record) error
	// UpdateRecord rewrites the decision on a stored mail (Action, Reason, PieceID, PersonID, Candidates, Trace, Error, what reading found).
	UpdateRecord(ctx context.Context, r Record) error
	// AddEntry stores the entry, numbers its version and sets ID and Version.
	AddEntry(ctx context.Context, e *Entry) error
	// SavePiece stores what a rule changed: the piece's and its steps' rows, and the events.
	SavePiece(ctx context.Context, c workflow.Change) error
	// AddPiece stores a new piece with its steps and the events; sets the IDs.
	AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error
	// SavePerson rewrites a person.
	SavePerson(ctx context.Context, p *workflow.Person) error
	// Count gives the next number of a counter, from 1.
	Count(ctx context.Context, name string) (int64, error)
	// AddEvents logs events that change no piece.
	AddEvents(ctx context.Context, events []workflow.Event) error
	// Enqueue adds the notices whose Key is new.
	Enqueue(ctx context.Context, notices []outbox.Notice) (int, error)
	// AddBounce writes the bounce ledger, and tells whether the address counts as one that takes no mail from now on.
	AddBounce(ctx context.Context, b outbox.Bounce, rules outbox.BounceRules) (marked bool, err error)
	// SaveBreaker keeps how the breaker of automatic answers stands.
	SaveBreaker(ctx context.Context, b Breaker) error
	// ClearBounce forgets that the address was bouncing: mail came from it.
	ClearBounce(ctx context.Context, address string) error
}

// Tx is one transaction's view of the store.
type Tx interface {
	Directory
	Archive
	Journal
	Notices
	// RecordAt is the mail recorded under that UID.
	RecordAt(ctx context.Context, mailbox string, uidValidity, uid uint32) (Record, error)
	// SetCursor moves a mailbox's cursor.
	SetCursor(ctx context.Context, mailbox string, c inbox.Cursor) error
	// Savepoint runs f; its writes are undone if f fails, the transaction goes on.
	Savepoint(ctx context.Context, f func(Tx) error) error
}

// Store is the durable side of the gateway; package store has it.
type Store interface {
	// Update runs f in one transaction, committed durably if f returns nil.
	Update(ctx context.Context, f func(Tx) error) error
	// Cursor is where a mailbox stands; ok is false when it was never polled.
	Cursor(ctx context.Context, mailbox string) (c inbox.Cursor, ok bool, err error)
	// Actions are those of the mails recorded of a mailbox with a UID in [from, to], by UID.
	Actions(ctx context.Context, mailbox string, uidValidity, from, to uint32) (map[uint32]Action, error)
	// SaveHealth notes how a mailbox does.
	SaveHealth(ctx context.Context, h inbox.Health) error
	// Records lists stored mails with one of those actions, oldest first, after id.
	Records(ctx context.Context, actions []Action, after int64, limit int) ([]Record, error)
}

// Package store keeps everything but the raw mails in a database: SQLite, or PostgreSQL behind the same methods. Nothing
// outside it knows SQL. It satisfies the interfaces that proxy, outbox and the commands declare.
package store

import (
	"context"
	"encoding/json"
	"time"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/workflow"
)

// Store is the database. Safe for concurrent use.
type Store struct{}

// Open connects to dsn: a file path ("handoff.db", "file:…") for SQLite, a "postgres://…" URL for PostgreSQL. It creates
// nothing in the schema: a missing or older schema gives ErrMigrate, one made by a newer Handoff ErrNewer, a locked one a
// workflow.Error that says so.
func Open(ctx context.Context, dsn string) (*Store, error) { panic("written by store") }

// Migrate brings the schema of dsn up to date; progress (may be nil) hears of each step.
func Migrate(ctx context.Context, dsn string, progress func(done, total int, name string)) error {
	panic("written by store")
}

// Close ends all connections.
func (s *Store) Close() error { panic("written by store") }

// Keys are the signing keys, oldest first; none at first.
func (s *Store) Keys(ctx context.Context) ([]outbox.Key, error) { panic("written by store") }

// AddKey makes a new random signing key, which signs from now on.
func (s *Store) AddKey(ctx context.Context, now time.Time) (outbox.Key, error) {
	panic("written by store")
}

// DeleteKey forgets a key; what it signed is not recognised any more.
func (s *Store) DeleteKey(ctx context.Context, id int) error { panic("written by store") }

// People lists all people by name.
func (s *Store) People(ctx context.Context) ([]workflow.Person, error) { panic("written by store") }

// SavePerson adds (ID 0, then set) or rewrites a person; an address of somebody else gives workflow.Conflict.
func (s *Store) SavePerson(ctx context.Context, p *workflow.Person) error { panic("written by store") }

// PieceFilter narrows Pieces; zero fields match all.
type PieceFilter struct {
	Stage    workflow.Stage
	PersonID int64 // author, editor, lead or a step's owner
	Open     bool  // not finished
	After    int64
	Limit    int // 0: all
}

// Pieces lists pieces by id, steps included.
func (s *Store) Pieces(ctx context.Context, f PieceFilter) ([]workflow.Piece, error) {
	panic("written by store")
}

// AddPiece stores a new piece with its steps and the events; sets the IDs. A code in use gives workflow.Conflict.
func (s *Store) AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error {
	panic("written by store")
}

// Admin is one transaction for what editors and imports change: all of it, or nothing.
func (s *Store) Admin(ctx context.Context, f func(AdminTx) error) error { panic("written by store") }

// AdminTx is the store inside Admin.
type AdminTx interface {
	proxy.Directory
	People(ctx context.Context) ([]workflow.Person, error)
	SavePerson(ctx context.Context, p *workflow.Person) error
	AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error
	SavePiece(ctx context.Context, c workflow.Change) error
	Enqueue(ctx context.Context, notices []outbox.Notice) (int, error)
}

// Record is one stored mail.
func (s *Store) Record(ctx context.Context, id int64) (proxy.Record, error) {
	panic("written by store")
}

// Entries are a piece's entries, oldest first.
func (s *Store) Entries(ctx context.Context, pieceID int64) ([]proxy.Entry, error) {
	panic("written by store")
}

// Events are a piece's events, oldest first; pieceID 0: those of no piece.
func (s *Store) Events(ctx context.Context, pieceID int64) ([]workflow.Event, error) {
	panic("written by store")
}

// Notices lists notices by id: of one piece, or all with pieceID 0.
func (s *Store) Notices(ctx context.Context, pieceID int64, after int64, limit int) ([]outbox.Notice, error) {
	panic("written by store")
}

// Status is how the gateway does.
type Status struct {
	Mailboxes    []inbox.Health         `json:"mailboxes"`
	Dispositions map[proxy.Action]int   `json:"dispositions"`
	Queue        map[outbox.State]int   `json:"queue"`
	OldestQueued time.Time              `json:"oldest_queued"` // zero: none
	Pieces       map[workflow.Stage]int `json:"pieces"`
}

// Status counts what there is now.
func (s *Store) Status(ctx context.Context) (Status, error) { panic("written by store") }

// Export hands every row to each, kind by kind: "person", "piece" (steps inside), "entry", "message", "notice", "event"; one
// consistent snapshot.
func (s *Store) Export(ctx context.Context, each func(kind string, row json.RawMessage) error) error {
	panic("written by store")
}

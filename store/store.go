// Package store keeps everything but the raw mails in a database: SQLite, or PostgreSQL behind the same methods. Nothing
// outside it knows SQL. It satisfies the interfaces that proxy, outbox and the commands declare.
package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"gorm.io/gorm"

	"handoff/outbox"
	"handoff/proxy"
	"handoff/workflow"
)

// Store is the database. Safe for concurrent use. What only looks is promoted from its view; what changes something runs
// in a transaction of its own.
type Store struct {
	view // committed state

	source source
	pool   *sql.DB // PostgreSQL: all connections; SQLite: the readers
	reads  *prepared
	writer *writer // SQLite only
	write  *gorm.DB

	closing  sync.Once
	closeErr error
}

var (
	_ proxy.Store     = (*Store)(nil)
	_ proxy.Directory = (*Store)(nil)
	_ proxy.Archive   = (*Store)(nil)
	_ outbox.Queue    = (*Store)(nil)
	_ outbox.Agenda   = (*Store)(nil)
	_ proxy.Tx        = (*tx)(nil)
	_ AdminTx         = (*tx)(nil)
)

// AdminTx is the store inside Admin.
type AdminTx interface {
	proxy.Directory
	outbox.Clockwork
	People(ctx context.Context) ([]workflow.Person, error)
	proxy.Shelf
	Notices(ctx context.Context, pieceID, after int64, limit int) ([]outbox.Notice, error)
	AddToken(ctx context.Context, token *workflow.Token, sum []byte) error
	RevokeToken(ctx context.Context, name string) (workflow.Token, error)
	// Events are a piece's events, oldest first.
	Events(ctx context.Context, pieceID int64) ([]workflow.Event, error)
}

// Open connects to dsn: a file path ("handoff.db", "file:…") for SQLite, a "postgres://…" URL for PostgreSQL. It creates
// nothing in the schema: a missing or older schema gives ErrMigrate, one made by a newer Handoff ErrNewer, a locked one a
// workflow.Error that says so.
func Open(ctx context.Context, dsn string) (*Store, error) {
	src, err := parseSource(dsn)
	if err != nil {
		return nil, err
	}
	return src.open(ctx)
}

func (src source) open(ctx context.Context) (*Store, error) {
	if err := src.check(ctx); err != nil {
		return nil, err
	}
	s := &Store{source: src}
	var err error
	if src.kind == postgres {
		err = s.openPostgres()
	} else {
		err = s.openSQLite(ctx)
	}
	if err != nil {
		return nil, errors.Join(about(explain(err), "open %s", src.name), s.Close())
	}
	return s, nil
}

func (s *Store) openPostgres() error {
	pool, err := s.source.pool(poolWrite)
	if err != nil {
		return err
	}
	s.pool = pool
	if s.write, err = builder(postgres, pool); err != nil {
		return err
	}
	s.view = view{&session{kind: postgres, db: pool, builder: s.write}}
	return nil
}

func (s *Store) openSQLite(ctx context.Context) error {
	pool, err := s.source.pool(poolRead)
	if err != nil {
		return err
	}
	s.pool, s.reads = pool, newPrepared(pool)
	reader, err := builder(sqlite, pool)
	if err != nil {
		return err
	}
	s.view = view{&session{kind: sqlite, db: s.reads, builder: reader}}
	if s.writer, err = openWriter(ctx, s.source); err != nil {
		return err
	}
	s.write, err = builder(sqlite, s.writer.conn)
	return err
}

// Close ends all connections, once what is being written is done.
func (s *Store) Close() error {
	s.closing.Do(func() { s.closeErr = s.close() })
	return s.closeErr
}

func (s *Store) close() error {
	var errs []error
	if s.reads != nil {
		errs = append(errs, s.reads.close())
	}
	if s.pool != nil {
		errs = append(errs, s.pool.Close())
	}
	if s.writer != nil { // last: closing the last connection folds the write-ahead log into the file
		errs = append(errs, s.writer.close())
	}
	return errors.Join(errs...)
}

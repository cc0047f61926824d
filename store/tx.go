package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"handoff/proxy"
)

// tx is one transaction.
type tx struct {
	view
	depth   int // of savepoints
	replies replyCounts
}

// Update runs f in one transaction, committed durably if f returns nil. f may run more than once, each time on a clean slate
// in the database: what it keeps outside of that is its own to reset.
func (s *Store) Update(ctx context.Context, f func(proxy.Tx) error) error {
	return s.transact(ctx, func(t *tx) error { return f(t) })
}

// Admin is one transaction for what editors and imports change: all of it, or nothing. As with Update, f may run again.
func (s *Store) Admin(ctx context.Context, f func(AdminTx) error) error {
	return s.transact(ctx, func(t *tx) error { return f(t) })
}

// tries bounds how often PostgreSQL may give up a transaction for the sake of another one.
const tries = 5

// transact runs f in one transaction: again, from the beginning, when PostgreSQL gave it up for the sake of another one.
func (s *Store) transact(ctx context.Context, f func(*tx) error) error {
	if s.writer != nil {
		return s.writer.transact(ctx, s.write, f)
	}
	for try := 1; ; try++ {
		err := s.transactOnce(ctx, f)
		if err == nil || try == tries || !givenUp(err) {
			return err
		}
	}
}

func (s *Store) transactOnce(ctx context.Context, f func(*tx) error) error {
	sqlTx, err := s.pool.BeginTx(ctx, nil)
	if err != nil {
		return explain(err)
	}
	defer sqlTx.Rollback() // does nothing after Commit
	builder := s.write.Session(&gorm.Session{NewDB: true, Context: ctx})
	builder.Statement.ConnPool = sqlTx
	broken := new(error)
	t := &tx{view: view{&session{kind: postgres, db: sqlTx, builder: builder, locks: true, broken: broken}}}
	err = f(t)
	if *broken != nil {
		return *broken // whatever f made of it
	}
	if err != nil {
		return err
	}
	err = sqlTx.Commit()
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil { // rolled back a moment before, because the caller gave up
		err = ctx.Err()
	}
	return about(explain(err), "commit")
}

// Savepoint runs f; its writes are undone if f fails, the transaction goes on.
func (t *tx) Savepoint(ctx context.Context, f func(proxy.Tx) error) error {
	return t.nested(ctx, func() error { return f(t) })
}

func (t *tx) nested(ctx context.Context, f func() error) (err error) {
	t.depth++
	defer func() { t.depth-- }()
	name := fmt.Sprintf("s%d", t.depth)
	if _, err := t.exec(ctx, "SAVEPOINT "+name); err != nil {
		return err
	}
	counted := t.replies.clone()
	done := false
	defer func() {
		if done {
			return
		}
		t.replies = counted
		if t.broken != nil && *t.broken != nil {
			return // undone already, with all else
		}
		// Even a caller that gave up, or f's panic, leaves the transaction as it was before.
		undo := context.WithoutCancel(ctx)
		_, undoErr := t.exec(undo, "ROLLBACK TO SAVEPOINT "+name)
		if undoErr == nil {
			_, undoErr = t.exec(undo, "RELEASE SAVEPOINT "+name)
		}
		err = errors.Join(err, undoErr)
	}()
	if err := f(); err != nil {
		return err
	}
	if _, err := t.exec(ctx, "RELEASE SAVEPOINT "+name); err != nil {
		return err
	}
	done = true
	return nil
}

// writer is SQLite's one connection that writes. Its statements are prepared on it, which the connection of a *sql.Tx
// would not allow while the transaction has it.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	stmts *prepared
	turn  chan struct{} // holds one token while nobody writes
}

func openWriter(ctx context.Context, src source) (*writer, error) {
	db, err := src.pool(poolWrite)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	w := &writer{db: db, conn: conn, stmts: newPrepared(conn), turn: make(chan struct{}, 1)}
	w.turn <- struct{}{}
	return w, nil
}

func (w *writer) close() error {
	<-w.turn
	return errors.Join(w.stmts.close(), w.conn.Close(), w.db.Close())
}

func (w *writer) transact(ctx context.Context, builder *gorm.DB, f func(*tx) error) (err error) {
	select {
	case <-w.turn:
		defer func() { w.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	broken := new(error)
	t := &tx{view: view{&session{kind: sqlite, db: w.stmts, builder: builder, locks: true, broken: broken}}}
	// IMMEDIATE takes the write lock now: a transaction that turns from reading to writing later cannot wait for it.
	if _, err := t.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	done := false
	defer func() {
		if done {
			return
		}
		if _, undoErr := w.stmts.ExecContext(ctx, "ROLLBACK"); undoErr != nil && *broken == nil {
			err = errors.Join(err, about(explain(undoErr), "roll back"))
		}
	}()
	if err := f(t); err != nil {
		return err
	}
	if _, err := t.exec(ctx, "COMMIT"); err != nil {
		return about(err, "commit")
	}
	done = true
	return nil
}

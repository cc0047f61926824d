package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"gorm.io/gorm"
)

// session runs statements: each on any connection of a pool, or all on the one connection of a transaction. Queries are
// written with ? for the arguments.
//
// What runs for every mail is written out here and prepared once: gorm's reflection costs more CPU than reading the mail.
// All else goes through gorm.
type session struct {
	kind    kind
	db      runner
	builder *gorm.DB
	locks   bool   // a piece read is locked until the transaction ends
	broken  *error // of a transaction that the database gave up by itself; nil outside of one
}

// view looks things up, in committed state or inside a transaction.
type view struct{ *session }

// runner is what *sql.DB, *sql.Tx and *prepared have in common.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// gorm starts a query that is built step by step.
func (s *session) gorm(ctx context.Context) *gorm.DB { return s.builder.WithContext(ctx) }

func (s *session) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	res, err := s.db.ExecContext(ctx, s.kind.rebind(query), clean(args)...)
	if err != nil {
		return 0, s.failed(err)
	}
	return res.RowsAffected()
}

// insert runs an INSERT of one row and returns its id; 0 if ON CONFLICT DO NOTHING did nothing.
func (s *session) insert(ctx context.Context, query string, args ...any) (int64, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	if s.kind == postgres {
		var id int64
		_, err := s.row(ctx, []any{&id}, query+" RETURNING id", args...)
		return id, err
	}
	res, err := s.db.ExecContext(ctx, query, clean(args)...)
	if err != nil {
		return 0, s.failed(err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return 0, err
	}
	return res.LastInsertId()
}

// row scans the first row into dest; found is false if there is none.
func (s *session) row(ctx context.Context, dest []any, query string, args ...any) (found bool, err error) {
	err = s.each(ctx, func(r *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(dest...)
	}, query, args...)
	return found && err == nil, err
}

// each calls f for each row; f scans.
func (s *session) each(ctx context.Context, f func(*sql.Rows) error, query string, args ...any) (err error) {
	if err := s.ready(ctx); err != nil {
		return err
	}
	rows, err := s.db.QueryContext(ctx, s.kind.rebind(query), clean(args)...)
	if err != nil {
		return s.failed(err)
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = s.failed(closeErr)
		}
	}()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return s.failed(rows.Err())
}

// ready refuses to go on after the caller gave up, or after the database did: SQLite ends a transaction by itself on a full
// disk, and what came after would be committed alone; PostgreSQL gives one up that stands in another's way, to be run again.
func (s *session) ready(ctx context.Context) error {
	if s.broken != nil && *s.broken != nil {
		return *s.broken
	}
	return ctx.Err()
}

func (s *session) failed(err error) error {
	if err == nil {
		return nil
	}
	explained := explain(err)
	if s.broken != nil && endsTransaction(err) {
		*s.broken = explained
	}
	return explained
}

// clean makes every text one that both databases can keep: valid UTF-8 without NUL.
func clean(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok && !cleanText(s) {
			args[i] = cleaned(s)
		}
	}
	return args
}

func cleanText(s string) bool { return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) }

func cleaned(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// kind is the sort of database.
type kind string

const (
	sqlite   kind = "sqlite"
	postgres kind = "postgres"
)

// rebind numbers the arguments where the database wants it. No query here has a ? in a literal.
func (k kind) rebind(query string) string {
	if k == sqlite {
		return query
	}
	var b strings.Builder
	b.Grow(len(query) + 32)
	n := 0
	for {
		i := strings.IndexByte(query, '?')
		if i < 0 {
			b.WriteString(query)
			return b.String()
		}
		n++
		b.WriteString(query[:i])
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		query = query[i+1:]
	}
}

// inBatch bounds what one IN list or one INSERT takes.
const inBatch = 64

// in is a list for IN (…), with its arguments. Its length is a power of two, the last value repeated, so that few different
// statements come up.
func in[T any](values []T) (string, []any) {
	n := 1
	for n < len(values) {
		n *= 2
	}
	args := make([]any, n)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	return "(?" + strings.Repeat(",?", n-1) + ")", args
}

// atMost is a LIMIT. It is written out: SQLite plans a statement anew for each run if an argument may change the plan.
func atMost(n int) string { return " LIMIT " + strconv.Itoa(max(n, 0)) }

// tuples is "(?,…),(?,…)": rows of that many columns, for VALUES.
func tuples(rows, columns int) string {
	row := "(?" + strings.Repeat(",?", columns-1) + ")"
	return row + strings.Repeat(","+row, rows-1)
}

// preparer is *sql.DB or *sql.Conn.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// prepared is a runner that prepares each query once. There are as many queries as the code has, and few lengths of lists.
type prepared struct {
	on    preparer
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

func newPrepared(on preparer) *prepared { return &prepared{on: on, stmts: map[string]*sql.Stmt{}} }

func (p *prepared) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if st, ok := p.stmts[query]; ok {
		return st, nil
	}
	st, err := p.on.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.stmts[query] = st
	return st, nil
}

// detach keeps a statement from being torn off half-way: one ends in well under a millisecond, and the driver would start a
// goroutine for each that can be cancelled. session.ready looks at the caller's context in between.
func detach(ctx context.Context) context.Context {
	if ctx.Done() == nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	ctx = detach(ctx)
	st, err := p.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx = detach(ctx)
	st, err := p.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

func (p *prepared) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for _, st := range p.stmts {
		err = errors.Join(err, st.Close())
	}
	clear(p.stmts)
	return err
}

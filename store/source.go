package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	postgresdialect "gorm.io/driver/postgres"
	sqlitedialect "gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	_ "modernc.org/sqlite" // the database/sql driver "sqlite", in pure Go

	"handoff/workflow"
)

// source is where the database is.
type source struct {
	kind kind
	name string        // for people: no password in it
	path string        // SQLite: the file
	dsn  string        // PostgreSQL
	busy time.Duration // SQLite: how long a statement waits for another program's transaction
}

func parseSource(dsn string) (source, error) {
	switch {
	case dsn == "":
		return source{}, workflow.Errorf(workflow.Invalid, "no database named: give a file name or a postgres:// URL")
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		u, err := url.Parse(dsn)
		if err != nil {
			return source{}, workflow.Errorf(workflow.Invalid, "the database URL cannot be read; it looks like postgres://user:password@host/name")
		}
		return source{kind: postgres, name: u.Redacted(), dsn: dsn}, nil
	}
	path := dsn
	if rest, ok := strings.CutPrefix(dsn, "file:"); ok {
		rest, query, _ := strings.Cut(rest, "?")
		if query != "" {
			return source{}, workflow.Errorf(workflow.Invalid, "%s: Handoff sets the database's options itself; name the file only", dsn)
		}
		var err error
		if path, err = url.PathUnescape(strings.TrimPrefix(rest, "//")); err != nil {
			return source{}, workflow.Errorf(workflow.Invalid, "%s: %w", dsn, err)
		}
		if len(path) > 2 && path[0] == '/' && path[2] == ':' {
			path = path[1:] // file:///C:/…
		}
	}
	if path == "" || path == ":memory:" {
		return source{}, workflow.Errorf(workflow.Invalid, "%s: the database must be a file, so that it survives the program", dsn)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return source{}, fmt.Errorf("database %s: %w", path, err)
	}
	return source{kind: sqlite, name: path, path: abs, busy: busyWait}, nil
}

// use is what connections are for.
type use int

const (
	poolWrite use = iota
	poolRead
)

const (
	readers         = 3
	postgresClients = 8
	busyWait        = 10 * time.Second
)

// pool opens no connection yet.
func (s source) pool(u use) (*sql.DB, error) {
	if s.kind == postgres {
		config, err := pgx.ParseConfig(s.dsn)
		if err != nil {
			return nil, workflow.Errorf(workflow.Invalid, "the database URL %s cannot be read; it looks like postgres://user:password@host/name", s.name)
		}
		db := stdlib.OpenDB(*config)
		db.SetMaxOpenConns(postgresClients)
		db.SetMaxIdleConns(postgresClients)
		db.SetConnMaxIdleTime(5 * time.Minute)
		return db, nil
	}
	db, err := sql.Open("sqlite", s.sqliteDSN(u))
	if err != nil {
		return nil, err
	}
	n := 1
	if u == poolRead {
		n = readers
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// sqliteDSN has what each connection needs. FULL flushes the write-ahead log with every commit. Caches are small, since the
// whole program stays small, and cost twice what they are given (the allocator rounds a page up): writing gains nothing
// from more, looking up among a million pieces needs the indexes' inner pages.
func (s source) sqliteDSN(u use) string {
	q := url.Values{"mode": {"rw"}}
	pragmas := []string{
		fmt.Sprintf("busy_timeout(%d)", s.busy.Milliseconds()),
		"foreign_keys(1)",
		"synchronous(full)",
		"temp_store(memory)",
	}
	if u == poolRead {
		pragmas = append(pragmas, "cache_size(-4000)", "query_only(1)") // kB
		q.Set("_txlock", "deferred")
	} else {
		pragmas = append(pragmas, "journal_mode(wal)", "cache_size(-2000)") // the mode stays with the file
		q.Set("_txlock", "immediate")
	}
	q["_pragma"] = pragmas
	path := filepath.ToSlash(s.path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// builder is gorm on connections of ours. It starts no transactions and logs nothing: errors go to the caller.
func builder(k kind, on gorm.ConnPool) (*gorm.DB, error) {
	var dialect gorm.Dialector
	if k == postgres {
		dialect = postgresdialect.New(postgresdialect.Config{Conn: on})
	} else {
		dialect = sqlitedialect.New(sqlitedialect.Config{DriverName: "sqlite", Conn: on})
	}
	return gorm.Open(dialect, &gorm.Config{
		Logger:                 logger.Discard,
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
	})
}

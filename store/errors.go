package store

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"handoff/workflow"
)

// Errors of Open and Migrate, for errors.Is; each says what to do.
var (
	ErrMigrate = errors.New("run `handoff migrate`")
	ErrNewer   = errors.New("update the program")
)

// explain gives a database's error its code, and says in words what a person can do. It goes by the database's own codes.
func explain(err error) error {
	var lite *sqlitedriver.Error
	var pg *pgconn.PgError
	var dial *pgconn.ConnectError
	var network net.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &lite):
		return explainSQLite(lite.Code(), err)
	case errors.As(err, &pg):
		return explainPostgres(pg.Code, err)
	case errors.As(err, &dial), errors.As(err, &network):
		return workflow.Errorf(workflow.Failed, "cannot reach the PostgreSQL server; check that it runs and the address is right: %w", err)
	}
	return err
}

func explainSQLite(code int, err error) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return workflow.Errorf(workflow.Conflict, "it is there already: %w", err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return workflow.Errorf(workflow.Conflict, "it refers to something that is not there: %w", err)
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return workflow.Errorf(workflow.Failed, "the database is locked by another program; close that program, or wait until it is done: %w", err)
	case sqlite3.SQLITE_FULL:
		return workflow.Errorf(workflow.Failed, "disk is full: free space where the database lies: %w", err)
	case sqlite3.SQLITE_NOTADB:
		return workflow.Errorf(workflow.Invalid, "this is not a database file; name another file, or move this one away: %w", err)
	case sqlite3.SQLITE_CORRUPT:
		return workflow.Errorf(workflow.Failed, "the database file is damaged; restore it from a backup: %w", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return workflow.Errorf(workflow.Failed, "cannot write to the database; make the file and its directory writable for the user that runs Handoff: %w", err)
	case sqlite3.SQLITE_CANTOPEN:
		return workflow.Errorf(workflow.Failed, "cannot open the database; check that its directory exists and that the user that runs Handoff may write there: %w", err)
	}
	return err
}

// locked tells whether SQLite did not get a lock that another connection holds.
func locked(err error) bool {
	var lite *sqlitedriver.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}

// givenUp tells whether PostgreSQL ended the transaction for the sake of another one: serialization_failure, deadlock_detected.
func givenUp(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// endsTransaction tells whether the database ended the transaction by itself, or SQLite may have.
func endsTransaction(err error) bool {
	if givenUp(err) {
		return true
	}
	var lite *sqlitedriver.Error
	if !errors.As(err, &lite) {
		return false
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return false
}

func explainPostgres(code string, err error) error {
	switch code {
	case "23505": // unique_violation
		return workflow.Errorf(workflow.Conflict, "it is there already: %w", err)
	case "23503": // foreign_key_violation
		return workflow.Errorf(workflow.Conflict, "it refers to something that is not there: %w", err)
	case "28P01", "28000": // invalid_password, invalid_authorization_specification
		return workflow.Errorf(workflow.Failed, "the PostgreSQL server refused the login; check the user and the password: %w", err)
	case "3D000": // invalid_catalog_name
		return workflow.Errorf(workflow.Failed, "the PostgreSQL server has no such database; make it with createdb: %w", err)
	case "42501": // insufficient_privilege
		return workflow.Errorf(workflow.Failed, "the PostgreSQL user may not do this; make it the owner of the database: %w", err)
	case "53100": // disk_full
		return workflow.Errorf(workflow.Failed, "disk is full: free space on the PostgreSQL server: %w", err)
	case "53300": // too_many_connections
		return workflow.Errorf(workflow.Failed, "the PostgreSQL server takes no more connections; raise its max_connections: %w", err)
	case "40001", "40P01": // see givenUp
		return workflow.Errorf(workflow.Failed, "the PostgreSQL server is busy with others that change the same: try again: %w", err)
	case "25006": // read_only_sql_transaction
		return workflow.Errorf(workflow.Failed, "the PostgreSQL server is read-only; name the primary: %w", err)
	}
	if strings.HasPrefix(code, "57P") { // admin_shutdown and its kin
		return workflow.Errorf(workflow.Failed, "the PostgreSQL server is going down or starting: %w", err)
	}
	return err
}

func notFound(format string, args ...any) error {
	return workflow.Errorf(workflow.NotFound, format, args...)
}

// about names what err is about and keeps its code.
func about(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

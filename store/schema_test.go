package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/outbox"
	"handoff/store"
	"handoff/store/migrations"
	"handoff/workflow"
)

// rawOpen is a connection that knows nothing of the store.
func rawOpen(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	driver := "sqlite"
	if postgresTest(dsn) {
		driver = "pgx"
	}
	db, err := sql.Open(driver, dsn)
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	return db
}

// schema lists tables, columns and indexes as the database itself tells them.
func schema(t testing.TB, dsn string) []string {
	t.Helper()
	query := "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master ORDER BY 1"
	if postgresTest(dsn) {
		query = `SELECT 'column ' || table_name || '.' || column_name || ': ' || data_type || ' ' || is_nullable || ' ' || is_identity
				FROM information_schema.columns WHERE table_schema = current_schema()
			UNION ALL SELECT 'index ' || indexname || ': ' || replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = current_schema()
			UNION ALL SELECT 'constraint ' || conname || ': ' || pg_get_constraintdef(c.oid) FROM pg_constraint c
				JOIN pg_namespace n ON n.oid = connamespace WHERE nspname = current_schema() ORDER BY 1`
	}
	rows, err := rawOpen(t, dsn).Query(query)
	ok(t, err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var line string
		ok(t, rows.Scan(&line))
		all = append(all, line)
	}
	ok(t, rows.Err())
	return all
}

// A database made by the first release, with a team in it, becomes the same as one made today, and keeps the team.
func TestUpgradeFromTheFirstSchema(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { upgrade(t, newSQLite(t), newSQLite(t), "testdata/first.sqlite.sql") })
	t.Run("postgres", func(t *testing.T) { upgrade(t, newPostgres(t), newPostgres(t), "testdata/first.postgres.sql") })
}

func upgrade(t *testing.T, old, fresh, frozen string) {
	text, err := os.ReadFile(frozen)
	ok(t, err)
	db := rawOpen(t, old)
	_, err = db.Exec(string(text))
	ok(t, err)
	_, err = db.Exec("INSERT INTO people (name, class, roles, locale, time_zone) VALUES ('Ed Editor', 'internal', '[\"editor\"]', '', '')")
	ok(t, err)
	migrate(t, old)
	migrate(t, fresh)
	if diff := cmp.Diff(schema(t, fresh), schema(t, old)); diff != "" {
		t.Errorf("upgraded differs from made today: %s", diff)
	}
	s := open(t, old)
	p, err := s.PersonByAddress(context.Background(), "ana@freelance.example")
	ok(t, err)
	pieces, err := s.OpenPieces(context.Background(), p.ID, 5)
	ok(t, err)
	if p.Name != "Ana Autor" || len(pieces) != 1 || pieces[0].Code != "ACME-1" || len(pieces[0].Steps) != 2 {
		t.Errorf("kept %+v with %+v", p, pieces)
	}
	people, err := s.People(context.Background())
	ok(t, err)
	for _, p := range people { // outside people worked with the team before there was a checklist, colleagues have none
		_, waived := p.Reached(workflow.Waived)
		if !p.Onboarded() || waived != (p.Class == workflow.Outside) || len(p.Onboarding) > 1 || waived && time.Since(p.Onboarding[0].At).Abs() > time.Hour {
			t.Errorf("the onboarding of %s (%s) is %+v", p.Name, p.Class, p.Onboarding)
		}
	}
	if diff := cmp.Diff(workflow.PieceDetails{}, pieces[0].PieceDetails); diff != "" {
		t.Errorf("the piece has details: %s", diff)
	}
	// The clock looks at everything that was there.
	n, err := s.AttendPieces(context.Background(), time.Now(), 10, func(_ context.Context, _ outbox.Clockwork, woken []workflow.Piece) error {
		if len(woken) != 1 || woken[0].Code != "ACME-1" {
			t.Errorf("the clock looks at %+v", woken)
		}
		return nil
	})
	if err != nil || n != 1 {
		t.Errorf("%d pieces, %v", n, err)
	}
}

// Both dialects take the same steps.
func TestMigrationsMatch(t *testing.T) {
	names := func(files fs.FS, dir string) []string {
		all, err := fs.Glob(files, dir+"/*.sql")
		ok(t, err)
		for i := range all {
			all[i] = filepath.Base(all[i])
		}
		return all
	}
	if diff := cmp.Diff(names(migrations.SQLite, "sqlite"), names(migrations.Postgres, "postgres")); diff != "" {
		t.Error(diff)
	}
}

func TestMigrate(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		ctx := context.Background()
		_, err := store.Open(ctx, dsn)
		if !errors.Is(err, store.ErrMigrate) || workflow.CodeOf(err) != workflow.Invalid {
			t.Errorf("before the first migrate: %v", err)
		}
		if !postgresTest(dsn) {
			if _, err := os.Stat(dsn); !errors.Is(err, fs.ErrNotExist) {
				t.Error("Open made a file")
			}
		}
		var told []string
		progress := func(done, total int, name string) { told = append(told, fmt.Sprintf("%d/%d %s", done, total, name)) }
		ok(t, store.Migrate(ctx, dsn, progress))
		if len(told) == 0 || told[0] != fmt.Sprintf("1/%d 00001_first.sql", len(told)) {
			t.Errorf("progress: %v", told)
		}
		before := schema(t, dsn)
		told = nil
		ok(t, store.Migrate(ctx, dsn, progress))
		if len(told) != 0 {
			t.Errorf("a second migrate did %v", told)
		}
		if diff := cmp.Diff(before, schema(t, dsn)); diff != "" {
			t.Error(diff)
		}
		open(t, dsn)
	})
}

func TestTwoMigrateAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := store.Migrate(context.Background(), dsn, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		addCast(t, open(t, dsn))
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		migrate(t, dsn)
		_, err := rawOpen(t, dsn).Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
		ok(t, err)
		_, err = store.Open(context.Background(), dsn)
		for _, err := range []error{err, store.Migrate(context.Background(), dsn, nil)} {
			if !errors.Is(err, store.ErrNewer) || workflow.CodeOf(err) != workflow.Invalid || !strings.Contains(err.Error(), "schema 9999") {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestOtherDatabasesAreRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		_, err := rawOpen(t, dsn).Exec("CREATE TABLE recipes (id INTEGER)")
		ok(t, err)
		_, err = store.Open(context.Background(), dsn)
		for _, err := range []error{err, store.Migrate(context.Background(), dsn, nil)} {
			if workflow.CodeOf(err) != workflow.Invalid || !strings.Contains(err.Error(), "another program's") {
				t.Errorf("got %v", err)
			}
		}
		if postgresTest(dsn) {
			return
		}
		var mode string
		ok(t, rawOpen(t, dsn).QueryRow("PRAGMA journal_mode").Scan(&mode))
		if mode != "delete" {
			t.Errorf("its journal mode became %s", mode)
		}
	})
}

// Each error says what is wrong and what to do.
func TestOpenErrors(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	ok(t, os.WriteFile(text, []byte(strings.Repeat("these are notes, no database\n", 100)), 0o600))
	for _, tt := range []struct{ name, dsn, want string }{
		{"no name", "", "no database named"},
		{"memory", ":memory:", "must be a file"},
		{"options", "file:handoff.db?mode=ro", "name the file only"},
		{"text file", text, "not a database file"},
		{"directory", dir, "cannot open"},
		{"no directory", filepath.Join(dir, "none", "handoff.db"), "its directory does not exist"},
		{"bad URL", "postgres://%zz", "postgres://user:password@host/name"},
		{"no server", "postgres://u:secret@127.0.0.1:1/handoff?connect_timeout=2", "cannot reach the PostgreSQL server"},
	} {
		err := store.Migrate(ctx, tt.dsn, nil)
		if tt.name == "directory" && err != nil && strings.Contains(err.Error(), "is a directory") {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q in it", tt.name, err, tt.want)
		}
		if _, err := store.Open(ctx, tt.dsn); err == nil {
			t.Errorf("%s: opened", tt.name)
		}
	}
}

func TestUnwritableDirectory(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		return // root may write everywhere; TestSQLiteErrorsByCode has the sentence
	}
	dir := t.TempDir()
	ok(t, os.Chmod(dir, 0o500))
	err := store.Migrate(context.Background(), filepath.Join(dir, "handoff.db"), nil)
	if err == nil || !strings.Contains(err.Error(), "make the file and its directory writable") {
		t.Errorf("got %v", err)
	}
}

func TestPathsWithOddCharacters(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "100% of Ana's drafts #1 ü")
	ok(t, os.Mkdir(dir, 0o700))
	dsn := filepath.Join(dir, "hand off.db")
	migrate(t, dsn)
	addCast(t, open(t, dsn))
	names, err := filepath.Glob(filepath.Join(dir, "hand off.db*"))
	ok(t, err)
	if !slices.Contains(names, dsn) {
		t.Errorf("files: %v", names)
	}
	if info, err := os.Stat(dsn); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; others must not read it", info.Mode(), err)
	}
}

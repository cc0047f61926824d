package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"handoff/store/migrations"
	"handoff/workflow"
)

// Migrate brings the schema of dsn up to date; progress (may be nil) hears of each step.
func Migrate(ctx context.Context, dsn string, progress func(done, total int, name string)) error {
	src, err := parseSource(dsn)
	if err != nil {
		return err
	}
	if err := src.create(); err != nil {
		return err
	}
	return about(explain(src.migrateInTurn(ctx, progress)), "migrate %s", src.name)
}

// migrateInTurn tries again while another instance migrates the same file: SQLite does not wait for its lock where a database is
// switched to the write-ahead log.
func (s source) migrateInTurn(ctx context.Context, progress func(done, total int, name string)) error {
	for begun := time.Now(); ; {
		err := s.migrate(ctx, progress)
		if !locked(err) || time.Since(begun) > s.busy {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// create makes an empty file that only its owner can read: the mails' texts and the signing keys will be in it.
func (s source) create() error {
	if s.kind != sqlite {
		return nil
	}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return workflow.Errorf(workflow.Invalid, "cannot make the database %s: its directory does not exist: %w", s.name, err)
	case errors.Is(err, fs.ErrPermission):
		return workflow.Errorf(workflow.Failed, "cannot write the database %s; make the file and its directory writable for the user that runs Handoff: %w", s.name, err)
	case err != nil:
		return fmt.Errorf("make the database %s: %w", s.name, err)
	}
	return f.Close()
}

func (s source) migrate(ctx context.Context, progress func(done, total int, name string)) (err error) {
	now, known, err := s.versions(ctx)
	if err != nil {
		return err
	}
	if now > known {
		return s.newer(now, known)
	}
	db, err := s.pool(poolWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := s.provider(db)
	if err != nil {
		return err
	}
	total := 0 // numbers may be left out between two
	for _, step := range provider.ListSources() {
		if step.Version > now {
			total++
		}
	}
	for done := 1; ; done++ {
		step, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err != nil {
			// Another instance may have taken the same step meanwhile.
			after, _, versionErr := s.versions(ctx)
			if versionErr != nil || after <= now {
				return err
			}
			now = after
			continue
		}
		now = step.Source.Version
		if progress != nil {
			progress(done, total, step.Source.Path)
		}
	}
}

// provider holds the migrations of the dialect. Another instance that migrates at the same time waits.
func (s source) provider(db *sql.DB) (*goose.Provider, error) {
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger())}
	dialect := goose.DialectSQLite3
	if s.kind == postgres {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
	}
	files, err := s.migrations()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db, files, options...)
}

func (s source) migrations() (fs.FS, error) {
	if s.kind == postgres {
		return fs.Sub(migrations.Postgres, "postgres")
	}
	return fs.Sub(migrations.SQLite, "sqlite")
}

// check tells whether the schema is the one that this program knows.
func (s source) check(ctx context.Context) error {
	if s.kind == sqlite {
		if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
			return workflow.Errorf(workflow.Invalid, "there is no database %s yet: %w", s.name, ErrMigrate)
		}
	}
	now, known, err := s.versions(ctx)
	if err != nil {
		return about(explain(err), "open %s", s.name)
	}
	switch {
	case now > known:
		return s.newer(now, known)
	case now == 0:
		return workflow.Errorf(workflow.Invalid, "the database %s has no tables yet: %w", s.name, ErrMigrate)
	case now < known:
		return workflow.Errorf(workflow.Invalid, "the database %s was made by an older Handoff (schema %d, this one needs %d): %w", s.name, now, known, ErrMigrate)
	}
	return nil
}

func (s source) newer(now, known int64) error {
	return workflow.Errorf(workflow.Invalid, "the database %s was made by a newer Handoff (schema %d, this one knows %d): %w", s.name, now, known, ErrNewer)
}

// versions are the schema's and the newest that this program knows. A database with other tables in it is refused, and
// left as it is.
func (s source) versions(ctx context.Context) (now, known int64, err error) {
	db, err := s.pool(poolRead)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files, err := s.migrations()
	if err != nil {
		return 0, 0, err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, 0, err
		}
		known = max(known, v)
	}
	tables, marked := "SELECT count(*), count(CASE WHEN name = 'goose_db_version' THEN 1 END) FROM sqlite_master", 0
	if s.kind == postgres {
		tables = "SELECT count(*), count(CASE WHEN table_name = 'goose_db_version' THEN 1 END) FROM information_schema.tables WHERE table_schema = current_schema()"
	}
	any := 0
	if err := db.QueryRowContext(ctx, tables).Scan(&any, &marked); err != nil {
		return 0, 0, err
	}
	switch {
	case any == 0:
		return 0, known, nil
	case marked == 0:
		return 0, 0, workflow.Errorf(workflow.Invalid, "it is another program's database; name an empty one")
	}
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&now)
	return now, known, err
}

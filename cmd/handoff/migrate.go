package main

import (
	"context"
	"fmt"
	"os"

	"handoff/store"
)

// MigrateCmd is `handoff migrate`.
type MigrateCmd struct{}

// Help says when.
func (MigrateCmd) Help() string {
	return `Makes the database, or brings one of an older Handoff up to date. Stop "handoff serve" and make a backup first; an older
Handoff does not open the database afterwards. It is safe to run when there is nothing to do.

Example:
  handoff migrate`
}

// Run migrates.
func (MigrateCmd) Run(ctx context.Context, env *Env) error {
	cfg, err := LoadConfig(env.Config)
	if err != nil {
		return err
	}
	dsn, err := cfg.DSN()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("cannot make data_dir: %w", err)
	}
	progress := NewProgress(env, "Migrating")
	applied := 0
	err = store.Migrate(ctx, dsn, func(done, total int, name string) {
		applied = done
		progress.At(done, total)
		env.Log.Debug("migrated", "step", name, "done", done, "total", total)
	})
	progress.Done()
	if err != nil {
		return err
	}
	if applied == 0 {
		_, err = fmt.Fprintln(env.Stdout, "the database is up to date")
	} else {
		_, err = fmt.Fprintf(env.Stdout, "the database is up to date: %d %s applied\n", applied, plural(applied, "step", "steps"))
	}
	return err
}

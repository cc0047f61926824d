package mailtest_test

import (
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"handoff/internal/mailtest"
)

func TestPostgres(t *testing.T) {
	mailtest.Need(t, "postgresql")
	dsn, stop, err := mailtest.StartPostgres(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE t (id bigint PRIMARY KEY)`); err != nil {
		t.Error(err)
	}
}

package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"handoff/internal/mailtest"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

func TestMain(m *testing.M) {
	if os.Getenv(crashEnv) != "" {
		writeUntilKilled(os.Getenv(crashEnv))
		return
	}
	code := m.Run()
	if err := stopPostgres(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var (
	stopPostgres  = func() error { return nil }
	postgresOnce  sync.Once
	postgresDSN   string
	errPostgres   error
	postgresCount int
	postgresMu    sync.Mutex
)

// startPostgres names a server: HANDOFF_POSTGRES, or one started for these tests.
func startPostgres(t testing.TB) string {
	t.Helper()
	postgresOnce.Do(func() {
		if postgresDSN = os.Getenv("HANDOFF_POSTGRES"); postgresDSN != "" {
			return
		}
		var stop func() error
		if postgresDSN, stop, errPostgres = mailtest.StartPostgres(context.Background()); errPostgres == nil {
			stopPostgres = stop
			errPostgres = awaitPostgres(postgresDSN)
		}
	})
	switch {
	case errors.Is(errPostgres, mailtest.ErrMissing):
		mailtest.SkipOrFail(t, errPostgres)
	case errPostgres != nil:
		t.Fatal(errPostgres)
	}
	return postgresDSN
}

// awaitPostgres waits until a server that listens already takes logins.
func awaitPostgres(dsn string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	for err = db.PingContext(ctx); err != nil && ctx.Err() == nil; err = db.PingContext(ctx) {
		time.Sleep(20 * time.Millisecond)
	}
	return errors.Join(err, db.Close())
}

// newPostgres is an empty schema of its own.
func newPostgres(t testing.TB) string {
	t.Helper()
	server := startPostgres(t)
	postgresMu.Lock()
	postgresCount++
	schema := fmt.Sprintf("handoff_test_%d_%d", os.Getpid(), postgresCount)
	postgresMu.Unlock()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := db.Exec("DROP SCHEMA " + schema + " CASCADE")
		if err := errors.Join(err, db.Close()); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func newSQLite(t testing.TB) string { return filepath.Join(t.TempDir(), "handoff.db") }

// eachDatabase runs f on an empty database of each kind; dsn has no schema yet.
func eachDatabase(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Helper()
	for name, make := range map[string]func(testing.TB) string{"sqlite": newSQLite, "postgres": newPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, make(t))
		})
	}
}

// eachStore runs f on an open, empty store of each kind.
func eachStore(t *testing.T, f func(t *testing.T, s *store.Store, dsn string)) {
	t.Helper()
	eachDatabase(t, func(t *testing.T, dsn string) {
		migrate(t, dsn)
		f(t, open(t, dsn), dsn)
	})
}

func migrate(t testing.TB, dsn string) {
	t.Helper()
	if err := store.Migrate(context.Background(), dsn, nil); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func postgresTest(dsn string) bool { return strings.HasPrefix(dsn, "postgres://") }

// noon is a moment with milliseconds: no finer than what is kept.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 123e6, time.UTC)

func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// ok stops the test on an error.
func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode checks an error's code.
func wantCode(t testing.TB, err error, code workflow.Code) {
	t.Helper()
	if got := workflow.CodeOf(err); err == nil || got != code {
		t.Errorf("got error %v (code %q), want code %q", err, got, code)
	}
}

func update(t testing.TB, s *store.Store, f func(proxy.Tx) error) {
	t.Helper()
	ok(t, s.Update(context.Background(), f))
}

// cast is a small team with one piece under way.
type cast struct {
	author, editor, copyEditor workflow.Person
	piece                      workflow.Piece
}

func addCast(t testing.TB, s *store.Store) cast {
	t.Helper()
	ctx := context.Background()
	c := cast{
		author: workflow.Person{Name: "Ana Autor", Class: workflow.Outside, Roles: []workflow.Role{workflow.Author},
			Addresses: []string{"ana@freelance.example", "ana@home.example"}, Locale: "pt", TimeZone: "America/Sao_Paulo"},
		editor: workflow.Person{Name: "Ed Editor", Class: workflow.Internal, Roles: []workflow.Role{workflow.Editor, workflow.Admin},
			Addresses: []string{"ed@agency.example"}},
		copyEditor: workflow.Person{Name: "Cora Copy", Class: workflow.Internal, Roles: []workflow.Role{workflow.CopyEditor},
			Addresses: []string{"cora@agency.example"}},
	}
	for _, p := range []*workflow.Person{&c.author, &c.editor, &c.copyEditor} {
		ok(t, s.SavePerson(ctx, p))
	}
	c.piece = newPiece("ACME-1", c.author.ID, c.editor.ID, c.copyEditor.ID)
	ok(t, s.AddPiece(ctx, &c.piece, []workflow.Event{{At: noon, Kind: workflow.PieceCreated, ActorID: c.editor.ID}}))
	return c
}

func newPiece(code string, author, editor, copyEditor int64) workflow.Piece {
	return workflow.Piece{
		Code: code, Title: "On " + code, AuthorID: author, EditorID: editor, Stage: workflow.Draft,
		Deadline: at(10_000), DeadlineVersion: 2, CreatedAt: noon, UpdatedAt: noon,
		Steps: []workflow.Step{
			{Stage: workflow.Pitch, OwnerID: author, State: workflow.Done, OpenedAt: noon, DoneAt: at(1)},
			{Stage: workflow.Draft, OwnerID: author, State: workflow.Open, Deadline: at(60), DeadlineVersion: 1, OpenedAt: at(1)},
			{Stage: workflow.Review, OwnerID: editor, State: workflow.Waiting, Deadline: at(120), DeadlineVersion: 1},
			{Stage: workflow.CopyEdit, OwnerID: copyEditor, State: workflow.Waiting},
		},
	}
}

// handOver closes the open step and opens the next.
func handOver(p workflow.Piece, t time.Time) workflow.Change {
	steps := append([]workflow.Step{}, p.Steps...)
	for i := range steps {
		if steps[i].State == workflow.Open {
			steps[i].State, steps[i].DoneAt = workflow.Done, t
			steps[i+1].State, steps[i+1].OpenedAt = workflow.Open, t
			p.Stage = steps[i+1].Stage
			break
		}
	}
	p.Steps, p.UpdatedAt = steps, t
	return workflow.Change{Piece: p, Events: []workflow.Event{{At: t, Kind: workflow.StepDone, PieceID: p.ID, StepID: steps[1].ID}}}
}

func newNotice(key string, due time.Time) outbox.Notice {
	return outbox.Notice{Key: key, Template: "due_soon", Data: []byte(`{"days":2}`), ToName: "Ana Autor", ToAddress: "ana@freelance.example",
		Locale: "pt", TimeZone: "America/Sao_Paulo", MessageID: key + "@agency.example", References: []string{"thread@agency.example"},
		ReplyTo: "drafts+x@agency.example", State: outbox.Queued, DueAt: due, CreatedAt: noon}
}

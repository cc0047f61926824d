package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"handoff/proxy"
	"handoff/workflow"
)

// patient is a SQLite source that waits no longer than a test does.
func patient(t *testing.T) source {
	t.Helper()
	src, err := parseSource(filepath.Join(t.TempDir(), "handoff.db"))
	if err != nil {
		t.Fatal(err)
	}
	src.busy = 10 * time.Millisecond
	if err := Migrate(context.Background(), src.path, nil); err != nil {
		t.Fatal(err)
	}
	return src
}

func openSource(t *testing.T, src source) *Store {
	t.Helper()
	s, err := src.open(context.Background())
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

func exec(t *testing.T, on runner, query string) {
	t.Helper()
	if _, err := on.ExecContext(context.Background(), query); err != nil {
		t.Fatal(query, err)
	}
}

func wantText(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
}

func addMail(uid uint32, text string) func(proxy.Tx) error {
	return func(tx proxy.Tx) error {
		rec := proxy.Record{Mailbox: "drafts", UIDValidity: 1, UID: uid, Action: proxy.File, Subject: text}
		return tx.AddRecord(context.Background(), &rec)
	}
}

func TestLockedByAnotherProgram(t *testing.T) {
	src := patient(t)
	s := openSource(t, src)
	db, err := sql.Open("sqlite", src.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	exec(t, db, "BEGIN IMMEDIATE")
	err = s.Update(context.Background(), addMail(1, ""))
	wantText(t, err, "locked by another program")
	var e *workflow.Error
	if !errors.As(err, &e) {
		t.Errorf("%v is no workflow.Error", err)
	}
	if _, err := s.Status(context.Background()); err != nil {
		t.Errorf("looking must go on meanwhile: %v", err)
	}
	exec(t, db, "ROLLBACK")
	if err := s.Update(context.Background(), addMail(1, "")); err != nil {
		t.Errorf("after the other program was done: %v", err)
	}
}

func TestOpenOfALockedDatabase(t *testing.T) {
	src := patient(t)
	db, err := sql.Open("sqlite", src.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	exec(t, db, "PRAGMA locking_mode = EXCLUSIVE")
	exec(t, db, "CREATE TABLE held (id INTEGER)")
	s, err := src.open(context.Background())
	if s != nil {
		s.Close()
	}
	wantText(t, err, "locked by another program")
	wantText(t, err, src.name)
	var e *workflow.Error
	if !errors.As(err, &e) {
		t.Errorf("%v is no workflow.Error", err)
	}
}

// SQLite may end a transaction by itself when the disk is full; nothing that comes after may be committed on its own.
func TestFullDisk(t *testing.T) {
	ctx := context.Background()
	s := openSource(t, patient(t))
	var pages int
	if err := s.writer.conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	exec(t, s.writer.conn, "PRAGMA max_page_count = 100")
	err := s.Update(ctx, func(tx proxy.Tx) error {
		if err := tx.Savepoint(ctx, addMail(1, "small")); err != nil {
			return err
		}
		err := tx.Savepoint(ctx, addMail(2, strings.Repeat("big", 1_000_000)))
		wantText(t, err, "disk is full")
		if err := addMail(3, "after")(tx); err == nil {
			t.Error("the transaction went on after the disk was full")
		}
		return nil // the caller overlooks it
	})
	wantText(t, err, "disk is full")
	exec(t, s.writer.conn, "PRAGMA max_page_count = 100000")
	if err := s.Update(ctx, addMail(4, "when there is space again")); err != nil {
		t.Error(err)
	}
	records, err := s.Records(ctx, []proxy.Action{proxy.File}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 1 || records[0].UID != 4 {
		t.Errorf("recorded %+v, want only mail 4", records)
	}
}

func TestSQLiteErrorsByCode(t *testing.T) {
	for _, tt := range []struct {
		code int
		want workflow.Code
		text string
	}{
		{1555, workflow.Conflict, "there already"},
		{2067, workflow.Conflict, "there already"},
		{787, workflow.Conflict, "not there"},
		{5, workflow.Failed, "locked by another program"},
		{5 | 1<<8, workflow.Failed, "locked by another program"},
		{13, workflow.Failed, "disk is full"},
		{26, workflow.Invalid, "not a database file"},
		{11, workflow.Failed, "restore it from a backup"},
		{8 | 4<<8, workflow.Failed, "make the file and its directory writable"},
		{14, workflow.Failed, "its directory exists"},
		{1, workflow.Failed, "the cause"},
	} {
		cause := errors.New("the cause")
		err := explainSQLite(tt.code, cause)
		if workflow.CodeOf(err) != tt.want || !errors.Is(err, cause) {
			t.Errorf("%d: code %s", tt.code, workflow.CodeOf(err))
		}
		wantText(t, err, tt.text)
	}
}

func TestPostgresErrorsByCode(t *testing.T) {
	for _, tt := range []struct {
		code string
		want workflow.Code
		text string
	}{
		{"23505", workflow.Conflict, "there already"},
		{"23503", workflow.Conflict, "not there"},
		{"28P01", workflow.Failed, "check the user and the password"},
		{"3D000", workflow.Failed, "createdb"},
		{"42501", workflow.Failed, "owner of the database"},
		{"53100", workflow.Failed, "disk is full"},
		{"53300", workflow.Failed, "max_connections"},
		{"25006", workflow.Failed, "read-only"},
		{"40P01", workflow.Failed, "try again"},
		{"57P03", workflow.Failed, "starting"},
		{"42601", workflow.Failed, "syntax"},
	} {
		cause := &pgconn.PgError{Code: tt.code, Message: "syntax or other text"}
		err := explain(cause)
		if workflow.CodeOf(err) != tt.want || !errors.Is(err, cause) {
			t.Errorf("%s: code %s", tt.code, workflow.CodeOf(err))
		}
		wantText(t, err, tt.text)
	}
}

// A person who is saved, or whose list is made, costs what they have a part in and not all that there is.
func TestPartsAreFoundByIndex(t *testing.T) {
	s := openSource(t, patient(t))
	for name, tt := range map[string]struct {
		before, steps, after, index string
		limit                       int
	}{
		"rouse":          {rousePieces + "(", atWork, ")", "steps_owner", 0},
		"PiecesOf":       {"SELECT id FROM pieces WHERE unfinished AND id IN (", ownedBy, ") ORDER BY id", "steps_part", 0},
		"PiecesOf, some": {"SELECT id FROM pieces WHERE unfinished AND id IN (", ownedBy, ") ORDER BY id LIMIT 20", "steps_part", 20},
	} {
		parts, args := partsOf(1, tt.steps, tt.limit)
		plan := s.plan(t, tt.before+parts+tt.after, args...)
		for _, index := range []string{"pieces_editor", "pieces_lead", "pieces_author", tt.index, "steps_reviewed"} {
			if !strings.Contains(plan, index) {
				t.Errorf("%s: the plan does without %s:\n%s", name, index, plan)
			}
		}
		if !strings.Contains(plan, "SEARCH pieces USING INTEGER PRIMARY KEY") {
			t.Errorf("%s: the pieces are not found by their ids:\n%s", name, plan)
		}
	}
}

func TestPartialIndexesServe(t *testing.T) {
	// An index that only holds some rows serves a query only if the query says so in the same words.
	s := openSource(t, patient(t))
	for name, tt := range map[string]struct{ query, index string }{
		"open steps of an owner": {"SELECT piece_id FROM steps WHERE owner_id = ? AND state = 'open' ORDER BY piece_id LIMIT 20", "steps_owner"},
		"open pieces of one":     {"SELECT id FROM pieces WHERE author_id = ? AND unfinished ORDER BY id LIMIT 20", "pieces_author"},
		"due":                    {inTurn + " LIMIT 9", "notices_turn (priority=? AND next_at>? AND next_at<?)"},
		"next due":               {nextTurn, "notices_turn (priority=?"},
		"reminded":               {reminded + " LIMIT 3", "notices_reminded"},
		"parked":                 {"SELECT id FROM notices WHERE parked AND template = ?", "notices_parked"},
		"same content":           {"SELECT id FROM messages WHERE content_hash = ? AND action <> 'duplicate' AND content_hash <> '' AND message_id = ?", "messages_content"},
		"by Message-ID":          {"SELECT id FROM messages WHERE message_id IN (?,?) AND message_id <> ''", "messages_message_id"},
		"a thread":               {"SELECT id FROM messages WHERE message_id IN (?,?) AND message_id <> '' ORDER BY id DESC LIMIT 100", "messages_message_id"},
		"passed on":              {"SELECT created_at FROM notices WHERE piece_id = ? AND template IN ('note', 'new_version') ORDER BY id DESC LIMIT 30", "notices_piece"},
		"held":                   {"SELECT from_address FROM messages WHERE action = 'hold' ORDER BY id DESC LIMIT 200", "messages_action"},
		"a day's replies to one": {"SELECT template, count(*) FROM notices WHERE auto_reply AND to_address = ? AND created_at >= ? GROUP BY template", "notices_replies_to"},
		"replies to one":         {"SELECT count(*) FROM notices WHERE auto_reply AND to_address = ? AND created_at >= ?", "notices_replies_to"},
		"replies":                {"SELECT template, count(*) FROM notices WHERE auto_reply AND created_at >= ? AND id <= ? GROUP BY template", "notices_replies"},
		"last version":           {"SELECT version FROM entries WHERE piece_id = ? AND version > 0 ORDER BY version DESC LIMIT 1", "entries_version"},
		"pieces to attend to":    {wokenPieces + " LIMIT 100", "pieces_wake"},
		"people to attend to":    {wokenPeople + " LIMIT 100", "people_wake"},
		"the next piece":         {nextPiece, "pieces_wake"},
		"the next person":        {nextPerson, "people_wake"},
		"what one edits":         {editedBy, "pieces_editor"},
		"what one leads":         {ledBy, "pieces_lead"},
		"what one writes":        {writtenBy, "pieces_author"},
		"what one is at work on": {atWork, "steps_owner"},
		"what one owns":          {ownedBy, "steps_part"},
		"what one reviews":       {reviewedBy, "steps_reviewed"},
		"published":              {"SELECT id FROM pieces " + published + " ORDER BY id", "pieces_published"},
	} {
		args := make([]any, strings.Count(tt.query, "?"))
		for i := range args {
			args[i] = 1
		}
		all := s.plan(t, tt.query, args...)
		if !strings.Contains(all, tt.index) {
			t.Errorf("%s: the plan is %q, without index %s", name, all, tt.index)
		}
		if strings.Contains(all, "SCAN pieces") && !strings.Contains(all, "SCAN pieces USING") || strings.Contains(all, "SCAN steps") && !strings.Contains(all, "SCAN steps USING") {
			t.Errorf("%s: the plan %q looks at the whole table", name, all)
		}
		if (strings.HasSuffix(tt.index, "_wake") || strings.Contains(tt.index, "_turn") || strings.HasSuffix(tt.index, "_reminded")) && strings.Contains(all, "TEMP B-TREE") {
			t.Errorf("%s: the plan %q sorts what may be the whole table", name, all)
		}
	}
}

// plan is how SQLite goes about a query.
func (s *Store) plan(t *testing.T, query string, args ...any) string {
	t.Helper()
	rows, err := s.pool.Query("EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var a, b, c int
		var line string
		if err := rows.Scan(&a, &b, &c, &line); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "\n")
}

package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"testing"

	_ "modernc.org/sqlite"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
)

// crashEnv names the database that this test binary, started anew, writes to until it is killed.
const crashEnv = "HANDOFF_STORE_CRASH"

// writeUntilKilled commits mail after mail, each with its notice and the cursor, and prints each UID once it is committed.
func writeUntilKilled(dsn string) {
	ctx := context.Background()
	s, err := store.Open(ctx, dsn)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	c, _, err := s.Cursor(ctx, "drafts")
	for err == nil {
		c = inbox.Cursor{UIDValidity: 1, UID: c.UID + 1}
		err = s.Update(ctx, func(tx proxy.Tx) error {
			rec := newRecord(c.UID)
			rec.Subject = fmt.Sprintf("%04000d", c.UID)
			if err := tx.AddRecord(ctx, &rec); err != nil {
				return err
			}
			n := newNotice(fmt.Sprint("reply/", c.UID), noon)
			n.CauseID = rec.ID
			if _, err := tx.Enqueue(ctx, []outbox.Notice{n}); err != nil {
				return err
			}
			return tx.SetCursor(ctx, "drafts", c)
		})
		fmt.Println(c.UID)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A killed process leaves a sound file, every commit it was told of, and no half of one.
func TestKilledWhileWriting(t *testing.T) {
	dsn := newSQLite(t)
	migrate(t, dsn)
	acknowledged := 0
	for _, kills := range []int{1, 7, 40, 3, 120} {
		last := killAfter(t, dsn, kills)
		if last <= acknowledged {
			t.Fatalf("started again at mail %d, after %d", last, acknowledged)
		}
		acknowledged = last
		if got := integrity(t, dsn); got != "ok" {
			t.Fatal(got)
		}
		s, err := store.Open(context.Background(), dsn)
		ok(t, err)
		c, _, err := s.Cursor(context.Background(), "drafts")
		ok(t, err)
		records, err := s.Records(context.Background(), []proxy.Action{proxy.File}, 0, 10_000)
		ok(t, err)
		notices, err := s.Notices(context.Background(), 0, 0, 10_000)
		ok(t, err)
		ok(t, s.Close())
		if int(c.UID) < acknowledged || len(records) != int(c.UID) || len(notices) != int(c.UID) {
			t.Fatalf("%d mails were committed; the cursor stands at %d with %d mails and %d notices", acknowledged, c.UID, len(records), len(notices))
		}
		acknowledged = int(c.UID)
	}
}

// killAfter runs the writer, kills it once it has told of that many commits, and returns the last one it told of.
func killAfter(t *testing.T, dsn string, commits int) (last int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+dsn)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	ok(t, err)
	ok(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if _, err := fmt.Sscan(lines.Text(), &last); err != nil {
			break // cut off by the kill
		}
		if n == commits {
			ok(t, cmd.Process.Kill())
		}
	}
	_ = cmd.Wait() // killed
	return last
}

func integrity(t *testing.T, path string) (result string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	ok(t, err)
	ok(t, db.QueryRow("PRAGMA integrity_check").Scan(&result))
	ok(t, db.Close())
	return result
}

package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

var errUndo = errors.New("undo")

func TestUpdateIsAllOrNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		write := func(tx proxy.Tx, uid uint32) {
			rec := newRecord(uid)
			ok(t, tx.AddRecord(ctx, &rec))
			_, err := tx.Enqueue(ctx, []outbox.Notice{newNotice(fmt.Sprint("n", uid), noon)})
			ok(t, errors.Join(err, tx.SetCursor(ctx, "drafts", inbox.Cursor{UIDValidity: 1, UID: uid})))
		}
		if err := s.Update(ctx, func(tx proxy.Tx) error { write(tx, 1); return errUndo }); !errors.Is(err, errUndo) {
			t.Error(err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			s.Update(ctx, func(tx proxy.Tx) error { write(tx, 2); panic("bug") })
		}()
		ended, cancel := context.WithCancel(ctx)
		err := s.Update(ended, func(tx proxy.Tx) error { write(tx, 3); cancel(); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after the caller gave up: %v", err)
		}
		if err := s.Update(ended, func(proxy.Tx) error { t.Error("begun for a caller that gave up"); return nil }); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		records, err := s.Records(ctx, []proxy.Action{proxy.File}, 0, 10)
		notices, nErr := s.Notices(ctx, 0, 0, 10)
		_, polled, cErr := s.Cursor(ctx, "drafts")
		ok(t, errors.Join(err, nErr, cErr))
		if len(records) != 0 || len(notices) != 0 || polled {
			t.Errorf("left behind: %d records, %d notices, cursor %v", len(records), len(notices), polled)
		}
	})
}

// A mail that fails in the middle of a batch takes nothing else with it.
func TestSavepointIsolatesFailure(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		orphan := proxy.Entry{PieceID: 4711, Kind: proxy.Comment}
		failures := map[uint32]func(tx proxy.Tx) error{
			2: func(tx proxy.Tx) error { return tx.AddEntry(ctx, &orphan) }, // refused by the database
			3: func(proxy.Tx) error { return errUndo },
			4: func(tx proxy.Tx) error { // undone inside, and as a whole
				err := tx.Savepoint(ctx, func(tx proxy.Tx) error {
					return errors.Join(tx.ClearBounce(ctx, "x"), tx.AddEntry(ctx, &orphan))
				})
				if err == nil {
					t.Error("the inner savepoint went through")
				}
				return err
			},
			6: func(tx proxy.Tx) error { // undone inside, and saved
				if err := tx.Savepoint(ctx, func(tx proxy.Tx) error { return tx.AddEntry(ctx, &orphan) }); err == nil {
					t.Error("the inner savepoint went through")
				}
				return nil
			},
		}
		update(t, s, func(tx proxy.Tx) error {
			for uid := uint32(1); uid <= 7; uid++ {
				err := tx.Savepoint(ctx, func(tx proxy.Tx) error {
					rec := newRecord(uid)
					if err := tx.AddRecord(ctx, &rec); err != nil {
						return err
					}
					ok(t, tx.AddEvents(ctx, []workflow.Event{{At: noon, Kind: workflow.EntryFiled, PieceID: c.piece.ID, MessageID: rec.ID}}))
					if fail := failures[uid]; fail != nil {
						return fail(tx)
					}
					return nil
				})
				if (err != nil) != (uid >= 2 && uid <= 4) {
					t.Errorf("mail %d: %v", uid, err)
				}
			}
			// A conflict alone, without a savepoint, does not spoil the transaction either.
			again := newRecord(1)
			wantCode(t, tx.AddRecord(ctx, &again), workflow.Conflict)
			return tx.SetCursor(ctx, "drafts", inbox.Cursor{UIDValidity: 1, UID: 7})
		})
		records, err := s.Records(ctx, []proxy.Action{proxy.File}, 0, 10)
		ok(t, err)
		var uids []uint32
		for _, r := range records {
			uids = append(uids, r.UID)
		}
		if !slices.Equal(uids, []uint32{1, 5, 6, 7}) {
			t.Errorf("recorded %v, want 1, 5, 6 and 7", uids)
		}
		events, err := s.Events(ctx, c.piece.ID)
		ok(t, err)
		if len(events) != 1+4 {
			t.Errorf("%d events, want 5", len(events))
		}
	})
}

func TestSavepointUndoesAfterPanicAndCancel(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		update(t, s, func(tx proxy.Tx) error {
			func() {
				defer func() { _ = recover() }()
				_ = tx.Savepoint(ctx, func(tx proxy.Tx) error {
					rec := newRecord(1)
					ok(t, tx.AddRecord(ctx, &rec))
					panic("hostile mail")
				})
			}()
			ended, cancel := context.WithCancel(ctx)
			err := tx.Savepoint(ended, func(tx proxy.Tx) error {
				rec := newRecord(2)
				ok(t, tx.AddRecord(ctx, &rec))
				cancel()
				return ended.Err()
			})
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			rec := newRecord(3)
			return tx.AddRecord(ctx, &rec)
		})
		records, err := s.Records(ctx, []proxy.Action{proxy.File}, 0, 10)
		ok(t, err)
		if len(records) != 1 || records[0].UID != 3 {
			t.Errorf("recorded %+v, want only mail 3", records)
		}
	})
}

// Many at once number the versions of one piece without gap or repeat, and record one mail once.
func TestConcurrentWriters(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, dsn string) {
		ctx := context.Background()
		c := addCast(t, s)
		instances := []*store.Store{s, open(t, dsn)}
		const writers, rounds = 6, 5
		var wg sync.WaitGroup
		var mu sync.Mutex
		recorded := 0
		for w := range writers {
			wg.Go(func() {
				for round := range rounds {
					err := instances[w%2].Update(ctx, func(tx proxy.Tx) error {
						if _, err := tx.Piece(ctx, c.piece.ID); err != nil {
							return err
						}
						e := proxy.Entry{PieceID: c.piece.ID, PersonID: c.author.ID, Kind: proxy.Submission, At: at(round)}
						return tx.AddEntry(ctx, &e)
					})
					if err != nil {
						t.Error(err)
					}
					same := newRecord(uint32(100 + round)) // every writer found the same mail, at a place of its own
					same.Mailbox = fmt.Sprint("mailbox-", w)
					err = instances[w%2].Update(ctx, func(tx proxy.Tx) error { return tx.AddRecord(ctx, &same) })
					switch workflow.CodeOf(err) {
					case "":
						mu.Lock()
						recorded++
						mu.Unlock()
					case workflow.Conflict:
					default:
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		entries, err := s.Entries(ctx, c.piece.ID)
		ok(t, err)
		var versions, want []int
		for i, e := range entries {
			versions, want = append(versions, e.Version), append(want, i+1)
		}
		slices.Sort(versions)
		if len(entries) != writers*rounds || !slices.Equal(versions, want) {
			t.Errorf("versions %v", versions)
		}
		if recorded != rounds {
			t.Errorf("%d mails recorded, want %d", recorded, rounds)
		}
	})
}

func TestAdminIsAllOrNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		err := s.Admin(ctx, func(tx store.AdminTx) error {
			p := workflow.Person{Name: "Bo", Class: workflow.Outside, Addresses: []string{"bo@x.example"}}
			ok(t, tx.SavePerson(ctx, &p))
			piece := newPiece("ACME-2", p.ID, c.editor.ID, c.copyEditor.ID)
			ok(t, tx.AddPiece(ctx, &piece, nil))
			if _, err := tx.PieceByCode(ctx, "ACME-2"); err != nil {
				t.Error("not seen inside:", err)
			}
			if people, err := tx.People(ctx); err != nil || len(people) != 4 {
				t.Errorf("%d people inside, %v", len(people), err)
			}
			again := newPiece("ACME-1", p.ID, c.editor.ID, c.copyEditor.ID)
			return tx.AddPiece(ctx, &again, nil)
		})
		wantCode(t, err, workflow.Conflict)
		_, err = s.PieceByCode(ctx, "ACME-2")
		wantCode(t, err, workflow.NotFound)
		if people, err := s.People(ctx); err != nil || len(people) != 3 {
			t.Errorf("%d people, %v", len(people), err)
		}
	})
}

func TestStatus(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, dsn string) {
		ctx := context.Background()
		empty, err := s.Status(ctx)
		ok(t, err)
		if empty.Dispositions == nil || empty.Queue == nil || !empty.OldestQueued.IsZero() || !empty.LastRecorded.IsZero() || !empty.LastSent.IsZero() {
			t.Errorf("empty: %+v", empty)
		}
		addCast(t, s)
		update(t, s, func(tx proxy.Tx) error {
			for uid := range uint32(5) {
				rec := newRecord(uid + 1)
				if uid == 0 {
					rec.Action = proxy.Hold
				}
				rec.RecordedAt = at(int(uid))
				ok(t, tx.AddRecord(ctx, &rec))
			}
			return nil
		})
		enqueue(t, s, 3, newNotice("a", at(1)), newNotice("b", at(2)), newNotice("c", at(3)))
		sent := lease(t, s, at(1), 1)
		ok(t, s.Settle(ctx, []outbox.Result{{ID: sent[0].ID, Attempt: 1, State: outbox.Sent, At: at(4)}}))
		got, err := s.Status(ctx)
		ok(t, err)
		want := store.Status{
			Database:     "sqlite",
			Dispositions: map[proxy.Action]int{proxy.Hold: 1, proxy.File: 4},
			LastRecorded: at(4),
			Queue:        map[outbox.State]int{outbox.Queued: 2, outbox.Sent: 1},
			OldestQueued: at(2),
			LastSent:     at(4),
			Pieces:       map[workflow.Stage]int{workflow.Draft: 1},
		}
		if postgresTest(dsn) {
			want.Database = "postgres"
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}

// What Export tells is what is stored, whole, in one snapshot.
func TestExport(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		rec := newRecord(1)
		rec.PieceID = c.piece.ID
		entry := proxy.Entry{PieceID: c.piece.ID, PersonID: c.author.ID, Kind: proxy.Submission, Text: "Once", At: noon, Files: []proxy.EntryFile{}, Links: []inbox.Link{}}
		update(t, s, func(tx proxy.Tx) error {
			ok(t, tx.AddRecord(ctx, &rec))
			entry.MessageID = rec.ID
			return tx.AddEntry(ctx, &entry)
		})
		enqueue(t, s, 1, newNotice("a", at(1)))
		for i := range 450 { // more than two pages
			p := workflow.Person{Name: fmt.Sprintf("P%03d", i), Class: workflow.Outside, Addresses: []string{fmt.Sprintf("p%d@x.example", i)}}
			ok(t, s.SavePerson(ctx, &p))
		}
		rows := map[string][]json.RawMessage{}
		var order []string
		ok(t, s.Export(ctx, func(kind string, row json.RawMessage) error {
			if len(order) == 0 { // written meanwhile: not in the snapshot
				late := workflow.Person{Name: "Late", Class: workflow.Outside, Addresses: []string{"late@x.example"}}
				ok(t, s.SavePerson(ctx, &late))
				enqueue(t, s, 1, newNotice("late", at(1)))
			}
			if len(order) == 0 || order[len(order)-1] != kind {
				order = append(order, kind)
			}
			rows[kind] = append(rows[kind], slices.Clone(row))
			return nil
		}))
		if got := strings.Join(order, " "); got != "person piece entry message notice event" {
			t.Errorf("kinds in order: %s", got)
		}
		if len(rows["person"]) != 453 || len(rows["notice"]) != 1 || len(rows["event"]) != 1 {
			t.Errorf("%d people, %d notices, %d events", len(rows["person"]), len(rows["notice"]), len(rows["event"]))
		}
		var person workflow.Person
		var piece workflow.Piece
		var gotEntry proxy.Entry
		var record proxy.Record
		ok(t, errors.Join(json.Unmarshal(rows["person"][0], &person), json.Unmarshal(rows["piece"][0], &piece),
			json.Unmarshal(rows["entry"][0], &gotEntry), json.Unmarshal(rows["message"][0], &record)))
		if diff := cmp.Diff(c.author, person); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(c.piece, piece); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(entry, gotEntry); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(rec, record, cmpopts.IgnoreFields(proxy.Candidate{}, "PieceID")); diff != "" {
			t.Error(diff)
		}
		if err := s.Export(ctx, func(string, json.RawMessage) error { return errUndo }); !errors.Is(err, errUndo) {
			t.Errorf("Export went on after %v", err)
		}
	})
}

package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

// The same behaviour is asked of every database.

func newRecord(uid uint32) proxy.Record {
	return proxy.Record{
		Mailbox: "drafts", UIDValidity: 4294967295, UID: uid, MessageID: fmt.Sprintf("m%d@freelance.example", uid),
		ContentHash: fmt.Sprintf("hash-%d", uid), Blob: "0a0b", Size: 4500, ReceivedAt: noon, RecordedAt: at(1),
		FromAddress: "ana@freelance.example", FromName: "Ana", Subject: "Draft — première version", Kind: inbox.Human,
		Action: proxy.File, Reason: "her open step",
		Candidates: []proxy.Candidate{{PieceID: 7, Piece: "ACME-1", Title: "On ACME-1", Score: 0.75, Reason: "title"}},
		Trace:      []inbox.Check{{Check: "duplicate", Outcome: "no", Reason: "not seen before"}, {Check: "kind", Outcome: "human"}},
	}
}

func TestPeople(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		got, err := s.Person(ctx, c.author.ID)
		ok(t, err)
		if diff := cmp.Diff(c.author, got); diff != "" {
			t.Error(diff)
		}
		for _, address := range c.author.Addresses {
			got, err := s.PersonByAddress(ctx, address)
			ok(t, err)
			if diff := cmp.Diff(c.author, got); diff != "" {
				t.Errorf("by %s: %s", address, diff)
			}
		}
		_, err = s.PersonByAddress(ctx, "nobody@elsewhere.example")
		wantCode(t, err, workflow.NotFound)
		_, err = s.Person(ctx, 4711)
		wantCode(t, err, workflow.NotFound)

		c.author.Addresses = []string{"ana@home.example", "ana@new.example"}
		c.author.Roles = nil
		ok(t, s.SavePerson(ctx, &c.author))
		people, err := s.People(ctx)
		ok(t, err)
		if diff := cmp.Diff([]workflow.Person{c.author, c.copyEditor, c.editor}, people, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		_, err = s.PersonByAddress(ctx, "ana@freelance.example")
		wantCode(t, err, workflow.NotFound)

		taken := workflow.Person{Name: "Thief", Class: workflow.Outside, Addresses: []string{"thief@x.example", "ed@agency.example"}}
		err = s.SavePerson(ctx, &taken)
		wantCode(t, err, workflow.Conflict)
		if err == nil || !strings.Contains(err.Error(), "belongs to Ed Editor") || taken.ID != 0 {
			t.Errorf("error %v, id %d", err, taken.ID)
		}
		wantCode(t, s.SavePerson(ctx, &workflow.Person{ID: 4711, Name: "Nobody"}), workflow.NotFound)
		if people, _ := s.People(ctx); len(people) != 3 {
			t.Errorf("%d people after refused ones, want 3", len(people))
		}
	})
}

func TestPieces(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		for name, get := range map[string]func() (workflow.Piece, error){
			"by id":   func() (workflow.Piece, error) { return s.Piece(ctx, c.piece.ID) },
			"by code": func() (workflow.Piece, error) { return s.PieceByCode(ctx, "ACME-1") },
		} {
			got, err := get()
			ok(t, err)
			if diff := cmp.Diff(c.piece, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		_, err := s.PieceByCode(ctx, "ACME-2")
		wantCode(t, err, workflow.NotFound)
		_, err = s.Piece(ctx, 4711)
		wantCode(t, err, workflow.NotFound)
		again := newPiece("ACME-1", c.author.ID, c.editor.ID, c.copyEditor.ID)
		wantCode(t, s.AddPiece(ctx, &again, nil), workflow.Conflict)

		ch := handOver(c.piece, at(5))
		ch.Piece.Title, ch.Piece.LeadID = "A better title", c.editor.ID
		update(t, s, func(tx proxy.Tx) error { return tx.SavePiece(ctx, ch) })
		got, err := s.Piece(ctx, c.piece.ID)
		ok(t, err)
		if diff := cmp.Diff(ch.Piece, got); diff != "" {
			t.Error(diff)
		}
		events, err := s.Events(ctx, c.piece.ID)
		ok(t, err)
		var kinds []workflow.EventKind
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		if diff := cmp.Diff([]workflow.EventKind{workflow.PieceCreated, workflow.StepDone}, kinds); diff != "" {
			t.Error(diff)
		}
		longer := handOver(ch.Piece, at(6))
		longer.Piece.Steps = append(longer.Piece.Steps[:3:3], workflow.Step{Stage: workflow.Design, State: workflow.Waiting}, longer.Piece.Steps[3])
		update(t, s, func(tx proxy.Tx) error { return tx.SavePiece(ctx, longer) })
		got, err = s.Piece(ctx, c.piece.ID)
		ok(t, err)
		if diff := cmp.Diff(longer.Piece.Steps, got.Steps, cmpopts.IgnoreFields(workflow.Step{}, "ID", "PieceID")); diff != "" {
			t.Errorf("with a step put in between: %s", diff)
		}
		tooMany := newPiece("ACME-9", c.author.ID, c.editor.ID, c.copyEditor.ID)
		for len(tooMany.Steps) <= 64 {
			tooMany.Steps = append(tooMany.Steps, workflow.Step{Stage: workflow.Design, State: workflow.Waiting})
		}
		wantCode(t, s.AddPiece(ctx, &tooMany, nil), workflow.Invalid)
		err = s.Update(ctx, func(tx proxy.Tx) error {
			return tx.SavePiece(ctx, workflow.Change{Piece: workflow.Piece{ID: 4711, Code: "NONE-1"}})
		})
		wantCode(t, err, workflow.NotFound)
	})
}

func TestOpenPieces(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		codes := func(pieces []workflow.Piece, err error) string {
			t.Helper()
			ok(t, err)
			names := []string{}
			for _, p := range pieces {
				names = append(names, p.Code)
				if len(p.Steps) == 0 {
					t.Errorf("%s came without its steps", p.Code)
				}
			}
			return strings.Join(names, " ")
		}
		add := func(p workflow.Piece) {
			t.Helper()
			ok(t, s.AddPiece(ctx, &p, nil))
		}
		add(handOver(newPiece("ACME-2", c.author.ID, c.editor.ID, c.copyEditor.ID), at(2)).Piece)
		finished := newPiece("ACME-3", c.author.ID, c.editor.ID, c.copyEditor.ID)
		for i := range finished.Steps {
			finished.Steps[i].State = workflow.Done
		}
		finished.Stage = workflow.Distributed
		add(finished)
		// The last step is open: the stage alone does not tell that it is not finished.
		last := newPiece("ACME-4", c.author.ID, c.editor.ID, c.copyEditor.ID)
		for i := range last.Steps {
			last.Steps[i].State = workflow.Done
		}
		last.Steps = append(last.Steps, workflow.Step{Stage: workflow.Distributed, OwnerID: c.editor.ID, State: workflow.Open})
		last.Stage = workflow.Distributed
		add(last)

		for _, tt := range []struct {
			name, want, got string
		}{
			{"the author's", "ACME-1 ACME-2 ACME-4", codes(s.OpenPieces(ctx, c.author.ID, 10))},
			{"the author's first two", "ACME-1 ACME-2", codes(s.OpenPieces(ctx, c.author.ID, 2))},
			{"those whose open step the editor owns", "ACME-2 ACME-4", codes(s.OpenPieces(ctx, c.editor.ID, 10))},
			{"none of the copy editor's is open", "", codes(s.OpenPieces(ctx, c.copyEditor.ID, 10))},
			{"all pieces", "ACME-1 ACME-2 ACME-3 ACME-4", codes(s.Pieces(ctx, store.PieceFilter{}))},
			{"open ones", "ACME-1 ACME-2 ACME-4", codes(s.Pieces(ctx, store.PieceFilter{Open: true}))},
			{"in review", "ACME-2", codes(s.Pieces(ctx, store.PieceFilter{Stage: workflow.Review}))},
			{"a step's owner's", "ACME-1 ACME-2 ACME-3 ACME-4", codes(s.Pieces(ctx, store.PieceFilter{PersonID: c.copyEditor.ID}))},
			{"after the first, two", "ACME-2 ACME-3", codes(s.Pieces(ctx, store.PieceFilter{After: c.piece.ID, Limit: 2}))},
			{"nobody's", "", codes(s.Pieces(ctx, store.PieceFilter{PersonID: 4711}))},
		} {
			if tt.got != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
			}
		}
	})
}

func TestRecords(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		rec := newRecord(1)
		rec.PieceID, rec.PersonID, rec.Automatic, rec.Suppress, rec.Backfill, rec.Oversize = c.piece.ID, c.author.ID, true, true, true, true
		update(t, s, func(tx proxy.Tx) error { return tx.AddRecord(ctx, &rec) })
		got, err := s.Record(ctx, rec.ID)
		ok(t, err)
		if diff := cmp.Diff(rec, got); diff != "" {
			t.Error(diff)
		}
		_, err = s.Record(ctx, 4711)
		wantCode(t, err, workflow.NotFound)

		add := func(change func(*proxy.Record)) (proxy.Record, error) {
			r := newRecord(2)
			change(&r)
			return r, s.Update(ctx, func(tx proxy.Tx) error { return tx.AddRecord(ctx, &r) })
		}
		_, err = add(func(r *proxy.Record) { r.UID = 1 })
		wantCode(t, err, workflow.Conflict)
		_, err = add(func(r *proxy.Record) { r.MessageID, r.ContentHash = rec.MessageID, rec.ContentHash })
		wantCode(t, err, workflow.Conflict)
		copied, err := add(func(r *proxy.Record) {
			r.MessageID, r.ContentHash, r.Action, r.DuplicateOf = rec.MessageID, rec.ContentHash, proxy.Duplicate, rec.ID
		})
		ok(t, err)
		// Two mails that could not be read have neither id nor hash, and are two mails.
		unread := func(uid uint32) func(*proxy.Record) {
			return func(r *proxy.Record) {
				r.UID, r.MessageID, r.ContentHash, r.Action, r.Error = uid, "", "", proxy.Fail, "unreadable"
			}
		}
		failed, err := add(unread(3))
		ok(t, err)
		actions, err := s.Actions(ctx, rec.Mailbox, rec.UIDValidity, 2, 3)
		ok(t, err)
		if diff := cmp.Diff(map[uint32]proxy.Action{2: proxy.Duplicate, 3: proxy.Fail}, actions); diff != "" {
			t.Error(diff)
		}
		_, err = add(unread(4))
		ok(t, err)
		// Without Message-ID the hash alone tells.
		noID, err := add(func(r *proxy.Record) { r.UID, r.MessageID = 5, "" })
		ok(t, err)
		_, err = add(func(r *proxy.Record) { r.UID, r.MessageID = 6, "" })
		wantCode(t, err, workflow.Conflict)

		for _, tt := range []struct {
			id, hash string
			want     int64
		}{
			{rec.MessageID, rec.ContentHash, rec.ID}, // not its duplicate
			{"", rec.ContentHash, rec.ID},
			{"", noID.ContentHash, noID.ID},
			{rec.MessageID, "other", 0},
			{"other", rec.ContentHash, 0},
			{"", "", 0},
		} {
			got, err := s.Recorded(ctx, tt.id, tt.hash)
			if tt.want == 0 {
				wantCode(t, err, workflow.NotFound)
			} else if err != nil || got.ID != tt.want {
				t.Errorf("Recorded(%q, %q) = %d, %v; want %d", tt.id, tt.hash, got.ID, err, tt.want)
			}
		}
		found, err := s.RecordsByMessageID(ctx, []string{"unknown", rec.MessageID, "", rec.MessageID})
		ok(t, err)
		if len(found) != 2 || found[0].ID != copied.ID || found[1].ID != rec.ID {
			t.Errorf("by Message-ID: %v", ids(found))
		}
		many := make([]string, 200)
		for i := range many {
			many[i] = fmt.Sprintf("other-%d", i)
		}
		many[150] = rec.MessageID
		if found, err := s.RecordsByMessageID(ctx, many); err != nil || len(found) != 2 {
			t.Errorf("among 200: %v, %v", ids(found), err)
		}
		if found, err := s.RecordsByMessageID(ctx, nil); err != nil || len(found) != 0 {
			t.Errorf("of no ids: %v, %v", ids(found), err)
		}

		// A replay finds out more.
		failed.MessageID, failed.ContentHash, failed.Subject, failed.Kind = "late@x.example", "late", "Now readable", inbox.AutoReply
		failed.Action, failed.Reason, failed.PersonID, failed.PieceID, failed.Error = proxy.Ignore, "out of office", c.author.ID, c.piece.ID, ""
		failed.Trace, failed.Candidates = []inbox.Check{{Check: "kind", Outcome: "auto_reply"}}, nil
		update(t, s, func(tx proxy.Tx) error { return tx.UpdateRecord(ctx, failed) })
		got, err = s.Record(ctx, failed.ID)
		ok(t, err)
		if diff := cmp.Diff(failed, got); diff != "" {
			t.Error(diff)
		}
		err = s.Update(ctx, func(tx proxy.Tx) error { return tx.UpdateRecord(ctx, proxy.Record{ID: 4711}) })
		wantCode(t, err, workflow.NotFound)

		listed, err := s.Records(ctx, []proxy.Action{proxy.Fail, proxy.Hold, proxy.Ignore}, 0, 10)
		ok(t, err)
		if len(listed) != 2 || listed[0].ID != failed.ID || listed[1].Action != proxy.Fail {
			t.Errorf("failed or ignored: %v", ids(listed))
		}
		if next, err := s.Records(ctx, []proxy.Action{proxy.Fail, proxy.Ignore}, failed.ID, 1); err != nil || len(next) != 1 || next[0].ID != listed[1].ID {
			t.Errorf("next page: %v, %v", ids(next), err)
		}
	})
}

func ids(records []proxy.Record) []int64 {
	var all []int64
	for _, r := range records {
		all = append(all, r.ID)
	}
	return all
}

func TestHostileTextIsKept(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		rec := newRecord(1)
		rec.Subject, rec.FromName = "nul \x00 and '; DROP TABLE messages; --", "bad \xff utf-8 ? $1"
		rec.Reason, rec.Trace[0].Reason = "?", "nul \x00 in JSON"
		update(t, s, func(tx proxy.Tx) error { return tx.AddRecord(ctx, &rec) })
		got, err := s.Record(ctx, rec.ID)
		ok(t, err)
		rec.Subject, rec.FromName = "nul \uFFFD and '; DROP TABLE messages; --", "bad \uFFFD utf-8 ? $1"
		if diff := cmp.Diff(rec, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEntries(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		rec := newRecord(1)
		entries := []proxy.Entry{
			{PieceID: c.piece.ID, StepID: c.piece.Steps[1].ID, PersonID: c.author.ID, Kind: proxy.Submission, Text: "Once\nupon", At: noon,
				Files: []proxy.EntryFile{{Name: "draft.docx", Type: "application/msword", Size: 3, Offset: 10, Length: 4, Encoding: "base64"},
					{Name: "notes.txt", Type: "text/plain", Size: 3, Offset: 2, Length: 3, Within: &inbox.Container{Format: "tnef", Offset: 40, Length: 80, Encoding: "base64"}}},
				Links: []inbox.Link{{URL: "https://docs.google.example/d/1", Type: inbox.GoogleDoc}}},
			{PieceID: c.piece.ID, PersonID: c.author.ID, ActorID: c.editor.ID, Kind: proxy.Comment, Text: "By the way", At: at(1)},
			{PieceID: c.piece.ID, PersonID: c.author.ID, Kind: proxy.Submission, Text: "Better", At: at(2)},
		}
		update(t, s, func(tx proxy.Tx) error {
			if err := tx.AddRecord(ctx, &rec); err != nil {
				return err
			}
			for i := range entries {
				entries[i].MessageID = rec.ID
				if err := tx.AddEntry(ctx, &entries[i]); err != nil {
					return err
				}
			}
			return nil
		})
		for i, want := range []int{1, 0, 2} {
			if entries[i].Version != want || entries[i].ID == 0 {
				t.Errorf("entry %d has version %d and id %d, want version %d", i, entries[i].Version, entries[i].ID, want)
			}
		}
		got, err := s.Entries(ctx, c.piece.ID)
		ok(t, err)
		if diff := cmp.Diff(entries, got, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		second, err := s.Submission(ctx, c.piece.ID, 2)
		ok(t, err)
		if diff := cmp.Diff(entries[2], second, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		for _, version := range []int{0, 3} {
			_, err := s.Submission(ctx, c.piece.ID, version)
			wantCode(t, err, workflow.NotFound)
		}
		orphan := proxy.Entry{PieceID: 4711, Kind: proxy.Submission}
		wantCode(t, s.Update(ctx, func(tx proxy.Tx) error { return tx.AddEntry(ctx, &orphan) }), workflow.Conflict)
	})
}

func TestEventsOfNoPiece(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		var events []workflow.Event
		for i := range 40 { // more than one statement takes
			events = append(events, workflow.Event{At: at(i), Kind: workflow.AddressBounced, Detail: fmt.Sprint("bounce ", i)})
		}
		update(t, s, func(tx proxy.Tx) error { return errors.Join(tx.AddEvents(ctx, events), tx.AddEvents(ctx, nil)) })
		got, err := s.Events(ctx, 0)
		ok(t, err)
		if diff := cmp.Diff(events, got, cmpopts.IgnoreFields(workflow.Event{}, "ID")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCursorAndHealth(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		if _, known, err := s.Cursor(ctx, "drafts"); known || err != nil {
			t.Errorf("a mailbox never polled: %v, %v", known, err)
		}
		for _, want := range []inbox.Cursor{{UIDValidity: 1, UID: 5}, {UIDValidity: 4294967295, UID: 4294967294}} {
			update(t, s, func(tx proxy.Tx) error { return tx.SetCursor(ctx, "drafts", want) })
			if got, known, err := s.Cursor(ctx, "drafts"); !known || err != nil || got != want {
				t.Errorf("cursor %v, %v, %v; want %v", got, known, err, want)
			}
		}
		for _, h := range []inbox.Health{
			{Mailbox: "drafts", At: noon, Error: "refused", Failures: 3},
			{Mailbox: "drafts", At: at(1), OKAt: at(1), UIDNext: 4294967295, CursorUID: 7, Waiting: 9},
			{Mailbox: "archive", At: at(2)},
		} {
			ok(t, s.SaveHealth(ctx, h))
		}
		if got, _, err := s.Cursor(ctx, "drafts"); err != nil || !got.OKAt.Equal(at(1)) {
			t.Errorf("cursor %v, %v; want what the health says", got, err)
		}
		st, err := s.Status(ctx)
		ok(t, err)
		want := []inbox.Health{
			{Mailbox: "archive", At: at(2)},
			{Mailbox: "drafts", At: at(1), OKAt: at(1), UIDNext: 4294967295, CursorUID: 7, Waiting: 9},
		}
		if diff := cmp.Diff(want, st.Mailboxes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestKeys(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		if keys, err := s.Keys(ctx); err != nil || len(keys) != 0 {
			t.Fatalf("keys at first: %v, %v", keys, err)
		}
		var made []outbox.Key
		for range 31 {
			k, err := s.AddKey(ctx, noon) // the clock stands still
			ok(t, err)
			made = append(made, k)
		}
		_, err := s.AddKey(ctx, noon)
		wantCode(t, err, workflow.Invalid)
		keys, err := s.Keys(ctx)
		ok(t, err)
		if diff := cmp.Diff(made, keys); diff != "" {
			t.Error(diff)
		}
		for i, k := range keys {
			if k.ID != i+1 || len(k.Secret) < 32 {
				t.Errorf("key %d: id %d, %d bytes", i, k.ID, len(k.Secret))
			}
		}
		ok(t, s.DeleteKey(ctx, 1))
		wantCode(t, s.DeleteKey(ctx, 1), workflow.NotFound)
		again, err := s.AddKey(ctx, at(-60)) // the clock went back
		ok(t, err)
		keys, err = s.Keys(ctx)
		ok(t, err)
		if newest := keys[len(keys)-1]; newest.ID != again.ID || again.ID != 1 {
			t.Errorf("newest key is %d, want the one just made, %d", newest.ID, again.ID)
		}
	})
}

package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

const batch = 64

// BenchmarkBatch records batches of 64 mails the way the gateway does, a savepoint each, and tells the time a mail.
func BenchmarkBatch(b *testing.B) {
	for name, newDatabase := range map[string]func(testing.TB) string{"sqlite": newSQLite, "postgres": newPostgres} {
		b.Run(name, func(b *testing.B) {
			dsn := newDatabase(b)
			migrate(b, dsn)
			s := open(b, dsn)
			c := addCast(b, s)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			n := 0
			for b.Loop() {
				update(b, s, func(tx proxy.Tx) error {
					for range batch {
						n++
						if err := tx.Savepoint(ctx, func(tx proxy.Tx) error { return recordOne(ctx, tx, c, n) }); err != nil {
							return err
						}
					}
					return tx.SetCursor(ctx, "drafts", inbox.Cursor{UIDValidity: 1, UID: uint32(n)})
				})
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/mail")
		})
	}
}

// recordOne does what one contributor's reply costs: lookups, record, entry, piece, event, and two notices.
func recordOne(ctx context.Context, tx proxy.Tx, c cast, n int) error {
	rec := newRecord(uint32(n))
	rec.FromAddress = fmt.Sprintf("ana%d@freelance.example", n%100)
	now := noon.Add(time.Duration(n) * time.Millisecond)
	if _, err := tx.Recorded(ctx, rec.MessageID, rec.ContentHash); workflow.CodeOf(err) != workflow.NotFound {
		return fmt.Errorf("recorded before: %w", err)
	}
	person, err := tx.PersonByAddress(ctx, "ana@home.example")
	if err != nil {
		return err
	}
	if _, err := tx.OpenPieces(ctx, person.ID, 20); err != nil {
		return err
	}
	piece, err := tx.PieceByCode(ctx, "ACME-1")
	if err != nil {
		return err
	}
	if _, err := tx.Replies(ctx, now.Add(-time.Hour), rec.FromAddress, "received"); err != nil {
		return err
	}
	for len(rec.Trace) < 14 {
		rec.Trace = append(rec.Trace, inbox.Check{Check: "authentication", Outcome: "pass", Reason: "dmarc=pass (mx.agency.example)"})
	}
	rec.PieceID, rec.PersonID = piece.ID, person.ID
	if err := tx.AddRecord(ctx, &rec); err != nil {
		return err
	}
	entry := proxy.Entry{PieceID: piece.ID, PersonID: person.ID, MessageID: rec.ID, Kind: proxy.Submission, Text: fmt.Sprintf("%01500d", n), At: now}
	if err := tx.AddEntry(ctx, &entry); err != nil {
		return err
	}
	piece.UpdatedAt = now
	piece.Steps[1].DeadlineVersion = n
	change := workflow.Change{Piece: piece, Events: []workflow.Event{{At: now, Kind: workflow.EntryFiled, PieceID: piece.ID, MessageID: rec.ID, PersonID: person.ID}}}
	if err := tx.SavePiece(ctx, change); err != nil {
		return err
	}
	if err := tx.ClearBounce(ctx, rec.FromAddress); err != nil {
		return err
	}
	reply, handoff := newNotice(fmt.Sprintf("received/%d", n), now), newNotice(fmt.Sprintf("handoff/%d", n), now)
	reply.AutoReply, reply.Template, reply.CauseID, reply.PieceID, reply.CreatedAt = true, "received", rec.ID, piece.ID, now
	reply.ToAddress = rec.FromAddress
	_, err = tx.Enqueue(ctx, []outbox.Notice{reply, handoff})
	return err
}

// BenchmarkLookup tells whether deciding slows down as the pieces become many.
func BenchmarkLookup(b *testing.B) {
	for _, pieces := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(pieces), func(b *testing.B) {
			dsn := newSQLite(b)
			migrate(b, dsn)
			s := open(b, dsn)
			ctx := context.Background()
			people := fill(b, s, pieces)
			i := 0
			for b.Loop() {
				i += 7919
				update(b, s, func(tx proxy.Tx) error {
					p, err := tx.PersonByAddress(ctx, fmt.Sprintf("author%d@x.example", i%people))
					if err != nil {
						return err
					}
					if _, err := tx.OpenPieces(ctx, p.ID, 20); err != nil {
						return err
					}
					_, err = tx.PieceByCode(ctx, fmt.Sprintf("P-%d", i%pieces))
					return err
				})
			}
		})
	}
}

// fill adds that many pieces, three for each author, and tells how many authors that made.
func fill(b *testing.B, s *store.Store, pieces int) int {
	ctx := context.Background()
	people := (pieces + 2) / 3
	for from := 0; from < pieces; from += 3000 {
		ok(b, s.Admin(ctx, func(tx store.AdminTx) error {
			for i := from; i < min(from+3000, pieces); i++ {
				if i%3 == 0 {
					p := workflow.Person{Name: fmt.Sprint("Author ", i/3), Class: workflow.Outside, Addresses: []string{fmt.Sprintf("author%d@x.example", i/3)}}
					if err := tx.SavePerson(ctx, &p); err != nil {
						return err
					}
				}
				author := int64(i/3 + 1)
				piece := newPiece(fmt.Sprintf("P-%d", i), author, author, author)
				if err := tx.AddPiece(ctx, &piece, nil); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return people
}

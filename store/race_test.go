package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

// Two instances hand in the same step at once, found by id, by code or among the open pieces: one hands it on, the other sees
// that it was.
func TestHandedInTwice(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, dsn string) {
		c := addCast(t, s)
		other := open(t, dsn)
		ctx := context.Background()
		author := c.piece.AuthorID
		for by, find := range map[string]func(proxy.Tx, workflow.Piece) (workflow.Piece, error){
			"id":   func(tx proxy.Tx, p workflow.Piece) (workflow.Piece, error) { return tx.Piece(ctx, p.ID) },
			"code": func(tx proxy.Tx, p workflow.Piece) (workflow.Piece, error) { return tx.PieceByCode(ctx, p.Code) },
			"open": func(tx proxy.Tx, p workflow.Piece) (workflow.Piece, error) {
				all, err := tx.OpenPieces(ctx, author, 9)
				i := slices.IndexFunc(all, func(q workflow.Piece) bool { return q.ID == p.ID })
				if err != nil || i < 0 {
					return workflow.Piece{}, err
				}
				return all[i], nil
			},
		} {
			piece := c.piece
			piece.ID, piece.Code = 0, "BY-"+by+"-1"
			ok(t, s.AddPiece(ctx, &piece, nil))
			step, _ := piece.OpenStep()
			handOn := func(s *store.Store, looked chan<- bool, wait <-chan bool) (bool, error) {
				moved := false
				err := s.Update(ctx, func(tx proxy.Tx) error {
					moved = false
					if looked == nil {
						<-wait
					}
					p, err := find(tx, piece)
					if err != nil {
						return err
					}
					if looked != nil {
						close(looked)
						looked = nil
						time.Sleep(50 * time.Millisecond) // the other one is waiting by now, or will see it done
					}
					if now, ok := p.OpenStep(); !ok || now.ID != step.ID {
						return nil
					}
					ch, err := p.HandOff(workflow.Cause{At: noon})
					if err != nil {
						return err
					}
					moved = true
					return tx.SavePiece(ctx, ch)
				})
				return moved, err
			}
			looked := make(chan bool)
			var first, second bool
			var errs [2]error
			var both sync.WaitGroup
			both.Go(func() { first, errs[0] = handOn(s, looked, nil) })
			both.Go(func() { <-looked; second, errs[1] = handOn(other, nil, looked) })
			both.Wait()
			ok(t, errors.Join(errs[:]...))
			if !first || second {
				t.Errorf("found by %s: handed on by the first %v, by the second %v", by, first, second)
			}
		}
	})
}

// Two instances decide on one held mail at once: one does.
func TestDecidedTwice(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, dsn string) {
		ctx := context.Background()
		held := newRecord(1)
		held.Action = proxy.Hold
		update(t, s, func(tx proxy.Tx) error { return tx.AddRecord(ctx, &held) })
		decided := make([]int, 2)
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i, s := range []*store.Store{s, open(t, dsn)} {
			both.Go(func() {
				errs[i] = s.Update(ctx, func(tx proxy.Tx) error {
					decided[i] = 0
					now, err := tx.Recorded(ctx, held.MessageID, held.ContentHash)
					if err != nil || now.Action != proxy.Hold {
						return err
					}
					time.Sleep(20 * time.Millisecond)
					decided[i]++
					now.Action = proxy.File
					return tx.UpdateRecord(ctx, now)
				})
			})
		}
		both.Wait()
		ok(t, errors.Join(errs...))
		if decided[0]+decided[1] != 1 {
			t.Errorf("decided %v", decided)
		}
	})
}

// Two instances that take the same two pieces in opposite orders are both done in the end.
func TestDeadlockIsRetried(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, dsn string) {
		ctx := context.Background()
		c := addCast(t, s)
		second := c.piece
		second.ID, second.Code = 0, "OTHER-2"
		ok(t, s.AddPiece(ctx, &second, nil))
		errs := make([]error, 2)
		var met sync.WaitGroup
		met.Add(2)
		var both sync.WaitGroup
		for i, s := range []*store.Store{s, open(t, dsn)} {
			both.Go(func() {
				tries := 0
				errs[i] = s.Update(ctx, func(tx proxy.Tx) error {
					tries++
					order := []int64{c.piece.ID, second.ID}
					if i == 1 {
						order[0], order[1] = order[1], order[0]
					}
					// As the gateway does: in a savepoint, whose failure is recorded outside of it.
					err := tx.Savepoint(ctx, func(tx proxy.Tx) error {
						for n, id := range order {
							if _, err := tx.Piece(ctx, id); err != nil {
								return err
							}
							if n == 0 && tries == 1 && dsn[:4] == "post" {
								met.Done()
								met.Wait()
							}
						}
						return nil
					})
					if err != nil {
						failed := newRecord(uint32(100 + i))
						return errors.Join(fmt.Errorf("recorded as failed: %w", err), tx.AddRecord(ctx, &failed))
					}
					rec := newRecord(uint32(i + 1))
					return tx.AddRecord(ctx, &rec)
				})
			})
		}
		both.Wait()
		ok(t, errors.Join(errs...))
		records, err := s.Records(ctx, []proxy.Action{proxy.File}, 0, 10)
		ok(t, err)
		if len(records) != 2 {
			t.Errorf("%d records", len(records))
		}
	})
}

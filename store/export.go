package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"gorm.io/gorm"

	"handoff/outbox"
	"handoff/proxy"
	"handoff/workflow"
)

// exportPage is how many people or pieces are held at once.
const exportPage = 200

// Export hands every row to each, kind by kind: "person", "piece" (steps inside), "entry", "message", "notice", "event"; one
// consistent snapshot.
func (s *Store) Export(ctx context.Context, each func(kind string, row json.RawMessage) error) error {
	return s.snapshot(ctx, func(v view) error {
		if err := v.exportPeople(ctx, each); err != nil {
			return err
		}
		if err := v.exportPieces(ctx, each); err != nil {
			return err
		}
		const all = "ORDER BY id"
		if err := v.eachEntry(ctx, func(e proxy.Entry) error { return emit(each, "entry", e) }, all); err != nil {
			return err
		}
		if err := v.eachRecord(ctx, func(r proxy.Record) error { return emit(each, "message", r) }, all); err != nil {
			return err
		}
		if err := v.eachNotice(ctx, func(n outbox.Notice) error { return emit(each, "notice", n) }, "SELECT "+noticeColumns+" FROM notices "+all); err != nil {
			return err
		}
		return v.eachEvent(ctx, func(e workflow.Event) error { return emit(each, "event", e) }, all)
	})
}

func emit[T any](each func(kind string, row json.RawMessage) error, kind string, row T) error {
	text, err := json.Marshal(row)
	if err != nil {
		return about(err, "export a %s", kind)
	}
	return each(kind, text)
}

func (v view) exportPeople(ctx context.Context, each func(kind string, row json.RawMessage) error) error {
	for after := int64(0); ; {
		people, err := v.people(ctx, v.gorm(ctx).Where("id > ?", after).Order("id").Limit(exportPage))
		if err != nil || len(people) == 0 {
			return err
		}
		for _, p := range people {
			if err := emit(each, "person", p); err != nil {
				return err
			}
			after = p.ID
		}
	}
}

func (v view) exportPieces(ctx context.Context, each func(kind string, row json.RawMessage) error) error {
	for after := int64(0); ; {
		pieces, err := v.Pieces(ctx, PieceFilter{After: after, Limit: exportPage})
		if err != nil || len(pieces) == 0 {
			return err
		}
		for _, p := range pieces {
			if err := emit(each, "piece", p); err != nil {
				return err
			}
			after = p.ID
		}
	}
}

// snapshot runs f on one state of the database, whatever is committed meanwhile.
func (s *Store) snapshot(ctx context.Context, f func(view) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if s.kind == postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	sqlTx, err := s.pool.BeginTx(ctx, options)
	if err != nil {
		return explain(err)
	}
	defer sqlTx.Rollback()
	builder := s.builder.Session(&gorm.Session{NewDB: true, Context: ctx})
	builder.Statement.ConnPool = sqlTx
	return f(view{&session{kind: s.kind, db: sqlTx, builder: builder}})
}

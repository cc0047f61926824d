package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"handoff/workflow"
)

// reportPage is how many pieces, with their events, are held at once.
const reportPage = inBatch

// Report makes the report of one state of the database. Pieces that were closed before the period, and cannot be of it, are not
// read: Report.Pieces does not count them.
func (s *Store) Report(ctx context.Context, o workflow.ReportOptions) (workflow.Report, error) {
	if err := o.Validate(); err != nil {
		return workflow.Report{}, err
	}
	tally := workflow.NewReport(o)
	err := s.snapshot(ctx, func(v view) error {
		people, err := v.People(ctx)
		if err != nil {
			return err
		}
		for _, p := range people {
			tally.AddPerson(p)
		}
		if err := v.reportPieces(ctx, tally, o); err != nil {
			return err
		}
		if err := v.reportMails(ctx, tally, o); err != nil {
			return err
		}
		return v.reportBouncing(ctx, tally)
	})
	return tally.Report(), about(err, "report")
}

// reportPieces reads pieces with their events, few at once. Of all it holds no more than the ids.
func (v view) reportPieces(ctx context.Context, tally *workflow.Tally, o workflow.ReportOptions) error {
	where, args := "WHERE (unfinished OR updated_at >= ?)", []any{millis(o.Since)}
	if o.PersonID != 0 {
		where += " AND (author_id = ? OR editor_id = ? OR lead_id = ? OR id IN (SELECT piece_id FROM steps WHERE owner_id = ?))"
		args = append(args, o.PersonID, o.PersonID, o.PersonID, o.PersonID)
	}
	var ids []int64
	err := v.each(ctx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, "SELECT id FROM pieces "+where+" ORDER BY id", args...)
	if err != nil {
		return err
	}
	for page := range slices.Chunk(ids, reportPage) {
		list, listed := in(page)
		events := map[int64][]workflow.Event{}
		err := v.eachEvent(ctx, func(e workflow.Event) error {
			e.Detail = "" // what people wrote is not counted, and may be long
			events[e.PieceID] = append(events[e.PieceID], e)
			return nil
		}, "WHERE piece_id IN "+list+" ORDER BY piece_id, id", listed...)
		if err != nil {
			return err
		}
		pieces, err := v.pieces(ctx, "WHERE id IN "+list+" ORDER BY id", listed...)
		if err != nil {
			return err
		}
		for _, p := range pieces {
			tally.AddPiece(p, events[p.ID])
		}
	}
	return nil
}

// What became of the mails of a period, by person. Entries tell what was filed, the few others are found by their action.
const (
	filedMails = "SELECT person_id, kind, count(*) FROM entries WHERE message_id IS NOT NULL AND kind IN ('submission', 'comment') AND {at} GROUP BY person_id, kind"
	otherMails = "SELECT person_id, action, count(*) FROM messages WHERE action IN ('redirect', 'hold') AND {at} GROUP BY person_id, action"
)

func (v view) reportMails(ctx context.Context, tally *workflow.Tally, o workflow.ReportOptions) error {
	for column, query := range map[string]string{"at": filedMails, "recorded_at": otherMails} {
		within, args := column+" >= ?", []any{millis(o.Since)}
		if !o.Until.IsZero() {
			within, args = within+" AND "+column+" < ?", append(args, millis(o.Until))
		}
		err := v.each(ctx, func(rows *sql.Rows) error {
			var person ref
			var fate workflow.Fate
			var n int
			err := rows.Scan(&person, &fate, &n)
			tally.AddMails(int64(person), fate, n)
			return err
		}, strings.Replace(query, "{at}", within, 1), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (v view) reportBouncing(ctx context.Context, tally *workflow.Tally) error {
	return v.each(ctx, func(rows *sql.Rows) error {
		var person, since int64
		var address string
		err := rows.Scan(&person, &address, &since)
		tally.AddBouncing(person, address, moment(since))
		return err
	}, "SELECT a.person_id, b.address, b.since FROM bouncing b JOIN addresses a ON a.address = b.address ORDER BY b.address")
}

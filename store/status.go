package store

import (
	"context"
	"database/sql"
	"time"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/workflow"
)

// Status is how the gateway does.
type Status struct {
	Database     string                 `json:"database"` // "sqlite" or "postgres"
	Mailboxes    []inbox.Health         `json:"mailboxes"`
	Dispositions map[proxy.Action]int   `json:"dispositions"`
	LastRecorded time.Time              `json:"last_recorded,omitzero"` // zero: no mail yet
	Queue        map[outbox.State]int   `json:"queue"`
	OldestQueued time.Time              `json:"oldest_queued,omitzero"` // since when the longest-waiting notice is due; zero: none waits
	LastSent     time.Time              `json:"last_sent,omitzero"`     // zero: none yet
	Bouncing     int                    `json:"bouncing"`               // addresses that take no mail
	Suppressed   int                    `json:"suppressed"`             // addresses and domains that nothing is sent to
	Paused       []outbox.Pause         `json:"paused"`                 // some may have ended
	Parked       int                    `json:"parked"`                 // notices that are due and wait for the end of a pause of their kind
	Breaker      proxy.Breaker          `json:"breaker"`                // of automatic answers
	Pieces       map[workflow.Stage]int `json:"pieces"`                 // unfinished ones
	Closed       int                    `json:"closed_pieces"`          // finished or cancelled
}

// Status counts what there is now.
func (s *Store) Status(ctx context.Context) (Status, error) {
	st := Status{Database: string(s.kind), Paused: []outbox.Pause{}}
	var recorded, oldest, sent int64
	err := s.snapshot(ctx, func(v view) error {
		var err error
		if st.Mailboxes, err = v.health(ctx); err != nil {
			return err
		}
		if st.Dispositions, err = counts[proxy.Action](ctx, v, "messages", "action"); err != nil {
			return err
		}
		if st.Queue, err = counts[outbox.State](ctx, v, "notices", "state"); err != nil {
			return err
		}
		if st.Pieces, err = counts[workflow.Stage](ctx, v, "pieces WHERE unfinished", "stage"); err != nil {
			return err
		}
		if _, err = v.row(ctx, []any{&st.Closed}, "SELECT count(*) FROM pieces WHERE NOT unfinished"); err != nil {
			return err
		}
		if _, err = v.row(ctx, []any{&recorded}, "SELECT recorded_at FROM messages ORDER BY id DESC LIMIT 1"); err != nil {
			return err
		}
		if _, err = v.row(ctx, []any{&oldest}, "SELECT coalesce(min(due_at), 0) FROM notices WHERE state = 'queued'"); err != nil {
			return err
		}
		if _, err = v.row(ctx, []any{&sent}, "SELECT coalesce(max(sent_at), 0) FROM notices WHERE state = 'sent'"); err != nil {
			return err
		}
		if _, err = v.row(ctx, []any{&st.Bouncing}, "SELECT count(*) FROM bouncing"); err != nil {
			return err
		}
		return v.outboxStatus(ctx, &st)
	})
	st.LastRecorded, st.OldestQueued, st.LastSent = moment(recorded), moment(oldest), moment(sent)
	return st, err
}

func (v view) outboxStatus(ctx context.Context, st *Status) error {
	deferred := 0
	if _, err := v.row(ctx, []any{&deferred}, "SELECT count(*) FROM notices WHERE "+standing(outbox.Deferred)); err != nil {
		return err
	}
	if st.Queue[outbox.Queued] -= deferred; deferred > 0 {
		st.Queue[outbox.Deferred] = deferred
	}
	if st.Queue[outbox.Queued] == 0 {
		delete(st.Queue, outbox.Queued)
	}
	if _, err := v.row(ctx, []any{&st.Suppressed}, "SELECT count(*) FROM suppressed"); err != nil {
		return err
	}
	if _, err := v.row(ctx, []any{&st.Parked}, "SELECT count(*) FROM notices WHERE parked"); err != nil {
		return err
	}
	pauses, err := v.Pauses(ctx, time.Time{})
	if err != nil {
		return err
	}
	st.Paused = append(st.Paused, pauses...)
	st.Breaker, err = v.Breaker(ctx)
	return err
}

func counts[K ~string](ctx context.Context, v view, table, column string) (map[K]int, error) {
	by := map[K]int{}
	err := v.each(ctx, func(rows *sql.Rows) error {
		var key K
		var n int
		err := rows.Scan(&key, &n)
		by[key] = n
		return err
	}, "SELECT "+column+", count(*) FROM "+table+" GROUP BY "+column)
	return by, err
}

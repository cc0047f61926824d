package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

const noticeColumns = "id, key, template, data, auto_reply, to_name, to_address, locale, time_zone, person_id, piece_id, step_id, cause_id," +
	" message_id, in_reply_to, refs, reply_to, state, due_at, next_at, lease_until, attempts, error, created_at, sent_at, invite, unsubscribe"

// waiting is the condition of the index of what is still to be sent.
const waiting = "next_at IS NOT NULL"

// noticesAtOnce is how many notices one INSERT takes.
const noticesAtOnce = 8

// Enqueue adds the notices whose Key is new and tells how many that were.
func (s *Store) Enqueue(ctx context.Context, notices []outbox.Notice) (n int, err error) {
	if len(notices) == 0 {
		return 0, nil
	}
	err = s.transact(ctx, func(t *tx) error {
		n, err = t.Enqueue(ctx, notices)
		return err
	})
	return n, err
}

// Enqueue is Store.Enqueue in this transaction.
func (t *tx) Enqueue(ctx context.Context, notices []outbox.Notice) (int, error) {
	added := 0
	for notices := range slices.Chunk(notices, noticesAtOnce) {
		args := make([]any, 0, 26*len(notices))
		for _, n := range notices {
			references, err := list(n.References)
			if err != nil {
				return 0, err
			}
			invite, err := detail(n.Invite)
			if err != nil {
				return 0, err
			}
			state := cmp.Or(n.State, outbox.Queued)
			due := millis(n.DueAt)
			next := sql.NullInt64{Int64: cmp.Or(millis(n.NextAt), due), Valid: state == outbox.Queued || state == outbox.Sending}
			args = append(args, n.Key, n.Template, string(n.Data), n.AutoReply, n.ToName, n.ToAddress, n.Locale, n.TimeZone,
				ref(n.PersonID), ref(n.PieceID), ref(n.StepID), ref(n.CauseID), n.MessageID, n.InReplyTo, references, n.ReplyTo,
				string(state), due, next, millis(n.LeaseUntil), n.Attempts, n.Error, millis(n.CreatedAt), millis(n.SentAt), invite, strings.Join(n.Unsubscribe, " "))
		}
		n, err := t.exec(ctx, "INSERT INTO notices (key, template, data, auto_reply, to_name, to_address, locale, time_zone, person_id, piece_id, step_id,"+
			" cause_id, message_id, in_reply_to, refs, reply_to, state, due_at, next_at, lease_until, attempts, error, created_at, sent_at, invite, unsubscribe) VALUES "+
			tuples(len(notices), 26)+" ON CONFLICT (key) DO NOTHING", args...)
		if err != nil {
			return 0, about(err, "queue a notice")
		}
		added += int(n)
	}
	return added, nil
}

type noticeRow struct {
	ID                                 int64
	Key, Template, Data                string
	AutoReply                          bool
	ToName, ToAddress                  string
	Locale, TimeZone                   string
	PersonID, PieceID, StepID, CauseID ref
	MessageID, InReplyTo, Refs         string
	ReplyTo, State                     string
	DueAt, LeaseUntil                  int64
	NextAt                             sql.NullInt64
	Attempts                           int
	Error                              string
	CreatedAt, SentAt                  int64
	Invite, Unsubscribe                string
}

func (r *noticeRow) fields() []any {
	return []any{&r.ID, &r.Key, &r.Template, &r.Data, &r.AutoReply, &r.ToName, &r.ToAddress, &r.Locale, &r.TimeZone, &r.PersonID, &r.PieceID,
		&r.StepID, &r.CauseID, &r.MessageID, &r.InReplyTo, &r.Refs, &r.ReplyTo, &r.State, &r.DueAt, &r.NextAt, &r.LeaseUntil, &r.Attempts,
		&r.Error, &r.CreatedAt, &r.SentAt, &r.Invite, &r.Unsubscribe}
}

func (r *noticeRow) notice() (outbox.Notice, error) {
	references, err := unlist[string](r.Refs)
	var data json.RawMessage
	if r.Data != "" {
		data = json.RawMessage(r.Data)
	}
	n := outbox.Notice{ID: r.ID, Key: r.Key, Template: r.Template, Data: data, AutoReply: r.AutoReply, ToName: r.ToName,
		ToAddress: r.ToAddress, Locale: r.Locale, TimeZone: r.TimeZone, PersonID: int64(r.PersonID), PieceID: int64(r.PieceID),
		StepID: int64(r.StepID), CauseID: int64(r.CauseID), MessageID: r.MessageID, InReplyTo: r.InReplyTo, References: references,
		ReplyTo: r.ReplyTo, State: outbox.State(r.State), DueAt: moment(r.DueAt), NextAt: moment(r.NextAt.Int64), LeaseUntil: moment(r.LeaseUntil),
		Attempts: r.Attempts, Error: r.Error, CreatedAt: moment(r.CreatedAt), SentAt: moment(r.SentAt), Unsubscribe: strings.Fields(r.Unsubscribe)}
	if len(n.Unsubscribe) == 0 {
		n.Unsubscribe = nil
	}
	if err == nil && r.Invite != "" {
		n.Invite = new(outbox.Invite)
		err = undetail(r.Invite, n.Invite)
	}
	return n, about(err, "notice %d", r.ID)
}

func (v view) eachNotice(ctx context.Context, f func(outbox.Notice) error, query string, args ...any) error {
	return v.each(ctx, func(rows *sql.Rows) error {
		var r noticeRow
		if err := rows.Scan(r.fields()...); err != nil {
			return err
		}
		n, err := r.notice()
		if err != nil {
			return err
		}
		return f(n)
	}, query, args...)
}

func (v view) notices(ctx context.Context, query string, args ...any) ([]outbox.Notice, error) {
	var notices []outbox.Notice
	err := v.eachNotice(ctx, func(n outbox.Notice) error {
		notices = append(notices, n)
		return nil
	}, query, args...)
	return notices, err
}

// Notices lists notices by id: of one piece, or all with pieceID 0.
func (v view) Notices(ctx context.Context, pieceID int64, after int64, limit int) ([]outbox.Notice, error) {
	if pieceID == 0 {
		return v.notices(ctx, "SELECT "+noticeColumns+" FROM notices WHERE id > ? ORDER BY id"+atMost(limit), after)
	}
	return v.notices(ctx, "SELECT "+noticeColumns+" FROM notices WHERE piece_id = ? AND id > ? ORDER BY id"+atMost(limit), pieceID, after)
}

// NoticeByMessageID is the notice we sent under that id.
func (v view) NoticeByMessageID(ctx context.Context, id string) (outbox.Notice, error) {
	notices, err := v.notices(ctx, "SELECT "+noticeColumns+" FROM notices WHERE message_id = ? ORDER BY id LIMIT 1", id)
	return only(notices, err, "no notice was sent as %s", id)
}

// Lease takes up to limit notices that are due at now (queued, or sending with a lease run out), oldest first, marks them
// sending until until and counts the attempt. Two instances never get the same one.
func (s *Store) Lease(ctx context.Context, now, until time.Time, limit int) ([]outbox.Notice, error) {
	next, ok, err := s.NextDue(ctx)
	if err != nil || !ok || next.After(now) {
		return nil, err
	}
	due := "SELECT id FROM notices WHERE " + waiting + " AND next_at <= ? ORDER BY next_at, id" + atMost(limit)
	these := "id IN (" + due + ")"
	if s.kind == postgres { // ARRAY: IN may run the query, and so lock, more than once
		these = "id = ANY (ARRAY (" + due + " FOR UPDATE SKIP LOCKED))"
	}
	// What was due first is told by due_at: next_at becomes the lease's end, when anybody may take it again.
	var leased []outbox.Notice
	err = s.transact(ctx, func(t *tx) error {
		leased, err = t.notices(ctx, "UPDATE notices SET state = 'sending', attempts = attempts + 1, lease_until = ?, next_at = ? WHERE "+these+
			" RETURNING "+noticeColumns, millis(until), millis(until), millis(now))
		return err
	})
	slices.SortFunc(leased, func(a, b outbox.Notice) int { return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID)) })
	return leased, err
}

// Settle records results, one transaction.
func (s *Store) Settle(ctx context.Context, results []outbox.Result) error {
	if len(results) == 0 {
		return nil
	}
	return s.transact(ctx, func(t *tx) error {
		for _, r := range results {
			if err := t.settle(ctx, r); err != nil {
				return about(err, "settle notice %d", r.ID)
			}
		}
		return nil
	})
}

func (t *tx) settle(ctx context.Context, r outbox.Result) error {
	at, next, sent := millis(r.At), sql.NullInt64{}, int64(0)
	switch r.State {
	case outbox.Queued:
		next = sql.NullInt64{Int64: millis(r.NextAt), Valid: true}
	case outbox.Sent:
		sent = at
	}
	// The attempt is logged even if its lease ran out meanwhile: the mail may have gone out.
	untried := 0
	if r.Untried {
		untried = 1
	} else if _, err := t.exec(ctx, "INSERT INTO attempts (notice_id, attempt, at, state, code, error, duration) VALUES "+tuples(1, 7)+" ON CONFLICT DO NOTHING",
		r.ID, r.Attempt, at, string(r.State), r.Code, r.Error, r.Duration.Milliseconds()); err != nil {
		return err
	}
	_, err := t.exec(ctx, "UPDATE notices SET state = ?, next_at = ?, lease_until = 0, error = ?, sent_at = ?, attempts = attempts - ? WHERE id = ? AND attempts = ? AND state = 'sending'",
		string(r.State), next, r.Error, sent, untried, r.ID, r.Attempt)
	return err
}

// Requeue makes a notice due at now that waits for another try, failed or was cancelled. One that was sent, or is being
// sent, gives workflow.Conflict: it would reach people twice.
func (s *Store) Requeue(ctx context.Context, id int64, now time.Time) error {
	return s.restate(ctx, id, "UPDATE notices SET state = 'queued', next_at = ?, error = '' WHERE id = ? AND state IN ('queued', 'failed', 'cancelled')", millis(now), id)
}

// Cancel takes a notice out of the queue for good, unless it is sent or being sent: that gives workflow.Conflict.
func (s *Store) Cancel(ctx context.Context, id int64, reason string) error {
	return s.restate(ctx, id, "UPDATE notices SET state = 'cancelled', next_at = NULL, error = ? WHERE id = ? AND state IN ('queued', 'failed')", reason, id)
}

func (s *Store) restate(ctx context.Context, id int64, update string, args ...any) error {
	return s.transact(ctx, func(t *tx) error {
		n, err := t.exec(ctx, update, args...)
		if err != nil || n > 0 {
			return about(err, "notice %d", id)
		}
		notices, err := t.notices(ctx, "SELECT "+noticeColumns+" FROM notices WHERE id = ?", id)
		notice, err := only(notices, err, "there is no notice %d", id)
		if err != nil {
			return err
		}
		if notice.State == outbox.Sending {
			return workflow.Errorf(workflow.Conflict, "notice %d is being sent right now", id)
		}
		return workflow.Errorf(workflow.Conflict, "notice %d is %s already", id, notice.State)
	})
}

// NextDue is when the next notice will be due, or when the next lease runs out; ok is false when none waits.
func (v view) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	var next int64
	ok, err = v.row(ctx, []any{&next}, "SELECT next_at FROM notices WHERE "+waiting+" ORDER BY next_at LIMIT 1")
	return moment(next), ok, err
}

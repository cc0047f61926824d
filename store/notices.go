package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"handoff/outbox"
)

const noticeColumns = "id, key, template, data, auto_reply, to_name, to_address, locale, time_zone, person_id, piece_id, step_id, cause_id," +
	" message_id, in_reply_to, refs, reply_to, state, due_at, next_at, lease_until, attempts, error, created_at, sent_at, invite, unsubscribe, priority"

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
		args := make([]any, 0, 27*len(notices))
		for _, n := range notices {
			references, err := list(n.References)
			if err != nil {
				return 0, err
			}
			invite, err := detail(n.Invite)
			if err != nil {
				return 0, err
			}
			state := stored(cmp.Or(n.State, outbox.Queued))
			due := millis(n.DueAt)
			next := sql.NullInt64{Int64: cmp.Or(millis(n.NextAt), due), Valid: state == outbox.Queued || state == outbox.Sending}
			args = append(args, n.Key, n.Template, string(n.Data), n.AutoReply, n.ToName, n.ToAddress, n.Locale, n.TimeZone,
				ref(n.PersonID), ref(n.PieceID), ref(n.StepID), ref(n.CauseID), n.MessageID, n.InReplyTo, references, n.ReplyTo,
				string(state), due, next, millis(n.LeaseUntil), n.Attempts, n.Error, millis(n.CreatedAt), millis(n.SentAt), invite, strings.Join(n.Unsubscribe, " "), int(n.Priority))
		}
		n, err := t.exec(ctx, "INSERT INTO notices (key, template, data, auto_reply, to_name, to_address, locale, time_zone, person_id, piece_id, step_id,"+
			" cause_id, message_id, in_reply_to, refs, reply_to, state, due_at, next_at, lease_until, attempts, error, created_at, sent_at, invite, unsubscribe, priority) VALUES "+
			tuples(len(notices), 27)+" ON CONFLICT (key) DO NOTHING", args...)
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
	Priority                           int
}

func (r *noticeRow) fields() []any {
	return []any{&r.ID, &r.Key, &r.Template, &r.Data, &r.AutoReply, &r.ToName, &r.ToAddress, &r.Locale, &r.TimeZone, &r.PersonID, &r.PieceID,
		&r.StepID, &r.CauseID, &r.MessageID, &r.InReplyTo, &r.Refs, &r.ReplyTo, &r.State, &r.DueAt, &r.NextAt, &r.LeaseUntil, &r.Attempts,
		&r.Error, &r.CreatedAt, &r.SentAt, &r.Invite, &r.Unsubscribe, &r.Priority}
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
		Attempts: r.Attempts, Error: r.Error, CreatedAt: moment(r.CreatedAt), SentAt: moment(r.SentAt), Unsubscribe: strings.Fields(r.Unsubscribe), Priority: outbox.Priority(r.Priority)}
	if n.State == outbox.Queued && n.Attempts > 0 && n.Error != "" {
		n.State = outbox.Deferred
	}
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

// Notice is the notice with that number.
func (v view) Notice(ctx context.Context, id int64) (outbox.Notice, error) {
	notices, err := v.notices(ctx, "SELECT "+noticeColumns+" FROM notices WHERE id = ?", id)
	return only(notices, err, "there is no notice %d", id)
}

// NoticeByMessageID is the notice we sent under that id.
func (v view) NoticeByMessageID(ctx context.Context, id string) (outbox.Notice, error) {
	notices, err := v.notices(ctx, "SELECT "+noticeColumns+" FROM notices WHERE message_id = ? ORDER BY id LIMIT 1", id)
	return only(notices, err, "no notice was sent as %s", id)
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
	case outbox.Queued, outbox.Deferred:
		next = sql.NullInt64{Int64: millis(r.NextAt), Valid: true}
	case outbox.Sent:
		sent = at
	}
	// The attempt is logged even if its lease ran out meanwhile: the mail may have gone out.
	untried := 0
	if r.Untried {
		untried = 1
	} else if _, err := t.exec(ctx, "INSERT INTO attempts (notice_id, attempt, at, state, code, error, duration) VALUES "+tuples(1, 7)+" ON CONFLICT DO NOTHING",
		r.ID, r.Attempt, at, string(r.Outcome()), r.Code, r.Error, r.Duration.Milliseconds()); err != nil {
		return err
	}
	_, err := t.exec(ctx, "UPDATE notices SET state = ?, next_at = ?, lease_until = 0, error = ?, sent_at = ?, attempts = attempts - ? WHERE id = ? AND attempts = ? AND state = 'sending'",
		string(stored(r.State)), next, r.Error, sent, untried, r.ID, r.Attempt)
	return err
}

package store

import (
	"context"
	"database/sql"
	"slices"

	"handoff/blob"
	"handoff/inbox"
	"handoff/proxy"
	"handoff/workflow"
)

const messageColumns = "id, mailbox, uid_validity, uid, message_id, content_hash, blob, size, received_at, recorded_at, backfill, oversize," +
	" from_address, from_name, subject, kind, automatic, suppress_reply, action, reason, piece_id, person_id, duplicate_of, candidates, trace, error"

type messageRow struct {
	ID, UIDValidity, UID           int64
	Mailbox, MessageID             string
	ContentHash, Blob              string
	Size, ReceivedAt, RecordedAt   int64
	Backfill, Oversize             bool
	FromAddress, FromName, Subject string
	Kind                           string
	Automatic, Suppress            bool
	Action, Reason                 string
	PieceID, PersonID, DuplicateOf ref
	Candidates, Trace, Error       string
}

func (r *messageRow) fields() []any {
	return []any{&r.ID, &r.Mailbox, &r.UIDValidity, &r.UID, &r.MessageID, &r.ContentHash, &r.Blob, &r.Size, &r.ReceivedAt, &r.RecordedAt,
		&r.Backfill, &r.Oversize, &r.FromAddress, &r.FromName, &r.Subject, &r.Kind, &r.Automatic, &r.Suppress, &r.Action, &r.Reason,
		&r.PieceID, &r.PersonID, &r.DuplicateOf, &r.Candidates, &r.Trace, &r.Error}
}

func (r *messageRow) record() (proxy.Record, error) {
	rec := proxy.Record{ID: r.ID, Mailbox: r.Mailbox, UIDValidity: uint32(r.UIDValidity), UID: uint32(r.UID), MessageID: r.MessageID,
		ContentHash: r.ContentHash, Blob: blob.ID(r.Blob), Size: r.Size, ReceivedAt: moment(r.ReceivedAt), RecordedAt: moment(r.RecordedAt),
		Backfill: r.Backfill, Oversize: r.Oversize, FromAddress: r.FromAddress, FromName: r.FromName, Subject: r.Subject,
		Kind: inbox.Kind(r.Kind), Automatic: r.Automatic, Suppress: r.Suppress, Action: proxy.Action(r.Action), Reason: r.Reason,
		PieceID: int64(r.PieceID), PersonID: int64(r.PersonID), DuplicateOf: int64(r.DuplicateOf), Error: r.Error}
	kept, err := unlist[candidate](r.Candidates)
	if err != nil {
		return rec, about(err, "candidates of mail %d", r.ID)
	}
	for _, c := range kept {
		rec.Candidates = append(rec.Candidates, proxy.Candidate(c))
	}
	rec.Trace, err = unlist[inbox.Check](r.Trace)
	return rec, about(err, "trace of mail %d", r.ID)
}

// candidate is a proxy.Candidate as it is kept: with the piece's id.
type candidate struct {
	PieceID int64   `json:"piece_id"`
	Piece   string  `json:"piece"`
	Title   string  `json:"title"`
	Score   float64 `json:"score"`
	Reason  string  `json:"reason"`
}

// decided is what UpdateRecord rewrites, in the order of messageColumns.
func decided(r *proxy.Record) ([]any, error) {
	kept := make([]candidate, len(r.Candidates))
	for i, c := range r.Candidates {
		kept[i] = candidate(c)
	}
	candidates, err := list(kept)
	if err != nil {
		return nil, err
	}
	trace, err := list(r.Trace)
	if err != nil {
		return nil, err
	}
	return []any{r.FromAddress, r.FromName, r.Subject, string(r.Kind), r.Automatic, r.Suppress, string(r.Action), r.Reason,
		ref(r.PieceID), ref(r.PersonID), ref(r.DuplicateOf), candidates, trace, r.Error}, nil
}

// AddRecord stores the mail and sets its ID; a mailbox+UIDVALIDITY+UID, or a Message-ID+hash, recorded before gives workflow.Conflict.
func (t *tx) AddRecord(ctx context.Context, r *proxy.Record) error {
	decision, err := decided(r)
	if err != nil {
		return err
	}
	args := append([]any{r.Mailbox, int64(r.UIDValidity), int64(r.UID), r.MessageID, r.ContentHash, string(r.Blob), r.Size,
		millis(r.ReceivedAt), millis(r.RecordedAt), r.Backfill, r.Oversize}, decision...)
	id, err := t.insert(ctx, "INSERT INTO messages (mailbox, uid_validity, uid, message_id, content_hash, blob, size, received_at, recorded_at,"+
		" backfill, oversize, from_address, from_name, subject, kind, automatic, suppress_reply, action, reason, piece_id, person_id,"+
		" duplicate_of, candidates, trace, error) VALUES "+tuples(1, 25)+" ON CONFLICT DO NOTHING", args...)
	if err != nil {
		return about(err, "record mail %s/%d/%d", r.Mailbox, r.UIDValidity, r.UID)
	}
	if id == 0 {
		return workflow.Errorf(workflow.Conflict, "mail %s/%d/%d was recorded before", r.Mailbox, r.UIDValidity, r.UID)
	}
	r.ID = id
	return nil
}

// UpdateRecord rewrites the decision on a stored mail and what reading found; where it came from stays.
func (t *tx) UpdateRecord(ctx context.Context, r proxy.Record) error {
	decision, err := decided(&r)
	if err != nil {
		return err
	}
	args := append([]any{r.MessageID, r.ContentHash}, decision...)
	n, err := t.exec(ctx, "UPDATE messages SET message_id = ?, content_hash = ?, from_address = ?, from_name = ?, subject = ?, kind = ?, automatic = ?,"+
		" suppress_reply = ?, action = ?, reason = ?, piece_id = ?, person_id = ?, duplicate_of = ?, candidates = ?, trace = ?, error = ? WHERE id = ?",
		append(args, r.ID)...)
	if err == nil && n == 0 {
		err = notFound("there is no mail %d", r.ID)
	}
	return about(err, "record mail %d", r.ID)
}

// Record is one stored mail.
func (v view) Record(ctx context.Context, id int64) (proxy.Record, error) {
	records, err := v.records(ctx, "WHERE id = ?", id)
	return only(records, err, "there is no mail %d", id)
}

// RecordAt is the mail recorded under that UID.
func (v view) RecordAt(ctx context.Context, mailbox string, uidValidity, uid uint32) (proxy.Record, error) {
	records, err := v.records(ctx, "WHERE mailbox = ? AND uid_validity = ? AND uid = ?", mailbox, int64(uidValidity), int64(uid))
	return only(records, err, "there is no mail %s/%d/%d", mailbox, uidValidity, uid)
}

// Recorded is the mail recorded with that Message-ID and content hash (Message-ID "" compares the hash alone), itself not a
// duplicate. In a transaction nobody else can decide on it until the end.
func (v view) Recorded(ctx context.Context, messageID, contentHash string) (proxy.Record, error) {
	where, args := "WHERE content_hash = ? AND action <> 'duplicate' AND content_hash <> ''", []any{contentHash}
	if messageID != "" {
		where, args = where+" AND message_id = ?", append(args, messageID)
	}
	where += " ORDER BY message_id LIMIT 1"
	if v.locks && v.kind == postgres {
		where += " FOR NO KEY UPDATE"
	}
	records, err := v.records(ctx, where, args...)
	return only(records, err, "this mail was not recorded before")
}

// maxOfThread is how many mails RecordsByMessageID looks at for up to inBatch ids: anybody can send many with one Message-ID.
const maxOfThread = 100

// RecordsByMessageID are the newest mails recorded with one of those ids, newest first.
func (v view) RecordsByMessageID(ctx context.Context, ids []string) ([]proxy.Record, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
	slices.Sort(ids)
	var all []proxy.Record
	for ids := range slices.Chunk(slices.Compact(ids), inBatch) {
		list, args := in(ids)
		records, err := v.records(ctx, "WHERE message_id IN "+list+" AND message_id <> '' ORDER BY id DESC"+atMost(maxOfThread), args...)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	slices.SortFunc(all, func(a, b proxy.Record) int { return int(b.ID - a.ID) })
	return all, nil
}

// Records lists stored mails with one of those actions, oldest first, after id.
func (v view) Records(ctx context.Context, actions []proxy.Action, after int64, limit int) ([]proxy.Record, error) {
	if len(actions) == 0 {
		return nil, nil
	}
	names := make([]string, len(actions))
	for i, a := range actions {
		names[i] = string(a)
	}
	list, args := in(names)
	return v.records(ctx, "WHERE action IN "+list+" AND id > ? ORDER BY id"+atMost(limit), append(args, after)...)
}

func (v view) records(ctx context.Context, where string, args ...any) ([]proxy.Record, error) {
	var records []proxy.Record
	err := v.eachRecord(ctx, func(r proxy.Record) error {
		records = append(records, r)
		return nil
	}, where, args...)
	return records, err
}

func (v view) eachRecord(ctx context.Context, f func(proxy.Record) error, where string, args ...any) error {
	return v.each(ctx, func(rows *sql.Rows) error {
		var r messageRow
		if err := rows.Scan(r.fields()...); err != nil {
			return err
		}
		record, err := r.record()
		if err != nil {
			return err
		}
		return f(record)
	}, "SELECT "+messageColumns+" FROM messages "+where, args...)
}

// only is the one element of a list that has at most one.
func only[T any](found []T, err error, missing string, args ...any) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(found) == 0 {
		return none, notFound(missing, args...)
	}
	return found[0], nil
}

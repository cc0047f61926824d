package store

import (
	"context"
	"database/sql"

	"gorm.io/gorm/clause"

	"handoff/inbox"
	"handoff/proxy"
)

// Cursor is where a mailbox stands; ok is false when it was never polled.
func (v view) Cursor(ctx context.Context, mailbox string) (c inbox.Cursor, ok bool, err error) {
	var validity, uid, backfill, okAt int64
	ok, err = v.row(ctx, []any{&validity, &uid, &backfill, &okAt}, "SELECT c.uid_validity, c.uid, c.backfill_uid, COALESCE(m.ok_at, 0)"+
		" FROM cursors c LEFT JOIN mailboxes m ON m.mailbox = c.mailbox WHERE c.mailbox = ?", mailbox)
	return inbox.Cursor{UIDValidity: uint32(validity), UID: uint32(uid), BackfillUID: uint32(backfill), OKAt: moment(okAt)}, ok, err
}

// Actions are those of the mails recorded of a mailbox with a UID in [from, to], by UID.
func (v view) Actions(ctx context.Context, mailbox string, uidValidity, from, to uint32) (map[uint32]proxy.Action, error) {
	actions := map[uint32]proxy.Action{}
	err := v.each(ctx, func(rows *sql.Rows) error {
		var uid int64
		var action string
		if err := rows.Scan(&uid, &action); err != nil {
			return err
		}
		actions[uint32(uid)] = proxy.Action(action)
		return nil
	}, "SELECT uid, action FROM messages WHERE mailbox = ? AND uid_validity = ? AND uid BETWEEN ? AND ?",
		mailbox, int64(uidValidity), int64(from), int64(to))
	return actions, about(err, "mails of %s", mailbox)
}

// SetCursor moves a mailbox's cursor.
func (t *tx) SetCursor(ctx context.Context, mailbox string, c inbox.Cursor) error {
	_, err := t.exec(ctx, "INSERT INTO cursors (mailbox, uid_validity, uid, backfill_uid) VALUES "+tuples(1, 4)+
		" ON CONFLICT (mailbox) DO UPDATE SET uid_validity = excluded.uid_validity, uid = excluded.uid, backfill_uid = excluded.backfill_uid",
		mailbox, int64(c.UIDValidity), int64(c.UID), int64(c.BackfillUID))
	return about(err, "cursor of %s", mailbox)
}

type mailboxRow struct {
	Mailbox   string `gorm:"primaryKey"`
	At        int64
	OKAt      int64 `gorm:"column:ok_at"`
	Error     string
	Failures  int
	UIDNext   int64 `gorm:"column:uid_next"`
	CursorUID int64 `gorm:"column:cursor_uid"`
	Waiting   int
}

func (mailboxRow) TableName() string { return "mailboxes" }

// SaveHealth notes how a mailbox does.
func (s *Store) SaveHealth(ctx context.Context, h inbox.Health) error {
	row := mailboxRow{Mailbox: h.Mailbox, At: millis(h.At), OKAt: millis(h.OKAt), Error: cleaned(h.Error), Failures: h.Failures,
		UIDNext: int64(h.UIDNext), CursorUID: int64(h.CursorUID), Waiting: h.Waiting}
	return s.transact(ctx, func(t *tx) error {
		err := t.gorm(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
		return about(t.failed(err), "health of %s", h.Mailbox)
	})
}

func (v view) health(ctx context.Context) ([]inbox.Health, error) {
	var rows []mailboxRow
	if err := v.gorm(ctx).Order("mailbox").Find(&rows).Error; err != nil {
		return nil, v.failed(err)
	}
	all := make([]inbox.Health, len(rows))
	for i, r := range rows {
		all[i] = inbox.Health{Mailbox: r.Mailbox, At: moment(r.At), OKAt: moment(r.OKAt), Error: r.Error, Failures: r.Failures,
			UIDNext: uint32(r.UIDNext), CursorUID: uint32(r.CursorUID), Waiting: r.Waiting}
	}
	return all, nil
}

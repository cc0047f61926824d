package store

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

const (
	maxKeyID  = 31 // a token has five bits for it
	keyLength = 32 // bytes
)

type keyRow struct {
	ID        int `gorm:"primaryKey;autoIncrement:false"`
	Secret    []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (keyRow) TableName() string { return "signing_keys" }

// Keys are the signing keys, oldest first; none at first.
func (v view) Keys(ctx context.Context) ([]outbox.Key, error) {
	var rows []keyRow
	if err := v.gorm(ctx).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, v.failed(err)
	}
	keys := make([]outbox.Key, len(rows))
	for i, r := range rows {
		keys[i] = outbox.Key{ID: r.ID, Secret: r.Secret, CreatedAt: moment(r.CreatedAt)}
	}
	return keys, nil
}

// AddKey makes a new random signing key, which signs from now on.
func (s *Store) AddKey(ctx context.Context, now time.Time) (outbox.Key, error) {
	var key outbox.Key
	err := s.transact(ctx, func(t *tx) error {
		keys, err := t.Keys(ctx)
		if err != nil {
			return err
		}
		id, err := nextKeyID(keys)
		if err != nil {
			return err
		}
		if len(keys) > 0 && !now.After(keys[len(keys)-1].CreatedAt) {
			now = keys[len(keys)-1].CreatedAt.Add(time.Millisecond) // the newest signs, whatever the clock says
		}
		row := keyRow{ID: id, Secret: make([]byte, keyLength), CreatedAt: millis(now)}
		rand.Read(row.Secret)
		if err := t.gorm(ctx).Create(&row).Error; err != nil {
			return about(t.failed(err), "add a signing key")
		}
		key = outbox.Key{ID: row.ID, Secret: row.Secret, CreatedAt: moment(row.CreatedAt)}
		return nil
	})
	return key, err
}

// nextKeyID goes round, so that the number of a key just deleted comes back last.
func nextKeyID(keys []outbox.Key) (int, error) {
	last := 0
	if len(keys) > 0 {
		last = keys[len(keys)-1].ID
	}
	for i := range maxKeyID {
		id := (last+i)%maxKeyID + 1
		if !slices.ContainsFunc(keys, func(k outbox.Key) bool { return k.ID == id }) {
			return id, nil
		}
	}
	return 0, workflow.Errorf(workflow.Invalid, "there are %d signing keys already; delete the oldest first", maxKeyID)
}

// DeleteKey forgets a key; what it signed is not recognised any more.
func (s *Store) DeleteKey(ctx context.Context, id int) error {
	return s.transact(ctx, func(t *tx) error {
		res := t.gorm(ctx).Delete(&keyRow{}, id)
		if res.Error == nil && res.RowsAffected == 0 {
			return notFound("there is no signing key %d", id)
		}
		return about(t.failed(res.Error), "delete signing key %d", id)
	})
}

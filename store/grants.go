package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm/clause"
)

// Grant is what a person allowed at a mail provider: to read and send as an account.
type Grant struct {
	Provider  string    `json:"provider"`
	Account   string    `json:"account"`
	Scopes    []string  `json:"scopes"`
	Sealed    []byte    `json:"-"` // the refresh token, encrypted
	GrantedAt time.Time `json:"granted_at"`
	RenewedAt time.Time `json:"renewed_at"`        // when the provider gave the present refresh token
	Refused   string    `json:"refused,omitempty"` // why the provider takes it no more
	RefusedAt time.Time `json:"refused_at,omitzero"`
}

type grantRow struct {
	Provider  string `gorm:"primaryKey"`
	Account   string `gorm:"primaryKey"`
	Scopes    string
	Sealed    []byte
	GrantedAt int64 `gorm:"autoCreateTime:false"`
	RenewedAt int64
	Refused   string
	RefusedAt int64
}

func (grantRow) TableName() string { return "oauth_grants" }

func (r grantRow) grant() Grant {
	return Grant{Provider: r.Provider, Account: r.Account, Scopes: strings.Fields(r.Scopes), Sealed: r.Sealed,
		GrantedAt: moment(r.GrantedAt), RenewedAt: moment(r.RenewedAt), Refused: r.Refused, RefusedAt: moment(r.RefusedAt)}
}

// Grants are all of them, by account.
func (v view) Grants(ctx context.Context) ([]Grant, error) {
	var rows []grantRow
	if err := v.gorm(ctx).Order("account, provider").Find(&rows).Error; err != nil {
		return nil, v.failed(err)
	}
	all := make([]Grant, len(rows))
	for i, r := range rows {
		all[i] = r.grant()
	}
	return all, nil
}

// Grant is the one of an account.
func (v view) Grant(ctx context.Context, provider, account string) (Grant, error) {
	var rows []grantRow
	if err := v.gorm(ctx).Where("provider = ? AND account = ?", provider, account).Find(&rows).Error; err != nil {
		return Grant{}, v.failed(err)
	}
	if len(rows) == 0 {
		return Grant{}, notFound("nobody gave consent for %s", account)
	}
	return rows[0].grant(), nil
}

// SaveGrant keeps a new grant, in place of an earlier one of the account.
func (s *Store) SaveGrant(ctx context.Context, g Grant) error {
	row := grantRow{Provider: g.Provider, Account: g.Account, Scopes: strings.Join(g.Scopes, " "), Sealed: g.Sealed,
		GrantedAt: millis(g.GrantedAt), RenewedAt: millis(g.RenewedAt), Refused: g.Refused, RefusedAt: millis(g.RefusedAt)}
	return s.transact(ctx, func(t *tx) error {
		err := t.gorm(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
		return about(t.failed(err), "consent for %s", g.Account)
	})
}

// RenewGrant puts a refresh token in place of the one that it was given for, which is refused no more: who tried the one before at
// the same moment may have been told so. A grant that is gone or has another one by now is left as it is.
func (s *Store) RenewGrant(ctx context.Context, provider, account string, old, sealed []byte, now time.Time) error {
	return s.transact(ctx, func(t *tx) error {
		_, err := t.exec(ctx, "UPDATE oauth_grants SET sealed = ?, renewed_at = ?, refused = '', refused_at = 0 WHERE provider = ? AND account = ? AND sealed = ?",
			sealed, millis(now), provider, account, old)
		return about(err, "consent for %s", account)
	})
}

// RefuseGrant notes that the provider takes that refresh token no more.
func (s *Store) RefuseGrant(ctx context.Context, provider, account string, sealed []byte, reason string, now time.Time) error {
	return s.transact(ctx, func(t *tx) error {
		_, err := t.exec(ctx, "UPDATE oauth_grants SET refused = ?, refused_at = ? WHERE provider = ? AND account = ? AND sealed = ?",
			cleaned(reason), millis(now), provider, account, sealed)
		return about(err, "consent for %s", account)
	})
}

// DeleteGrant forgets a grant.
func (s *Store) DeleteGrant(ctx context.Context, provider, account string) error {
	return s.transact(ctx, func(t *tx) error {
		res := t.gorm(ctx).Where("provider = ? AND account = ?", provider, account).Delete(&grantRow{})
		if res.Error == nil && res.RowsAffected == 0 {
			return notFound("nobody gave consent for %s", account)
		}
		return about(t.failed(res.Error), "consent for %s", account)
	})
}

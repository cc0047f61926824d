package store

import (
	"context"

	"handoff/workflow"
)

type tokenRow struct {
	ID        int64
	Name      string
	PersonID  int64
	Sum       []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (tokenRow) TableName() string { return "tokens" }

func (r tokenRow) token() workflow.Token {
	return workflow.Token{ID: r.ID, Name: r.Name, PersonID: r.PersonID, CreatedAt: moment(r.CreatedAt)}
}

// Tokens are the tokens of the HTTP API by name.
func (v view) Tokens(ctx context.Context) ([]workflow.Token, error) {
	var rows []tokenRow
	if err := v.gorm(ctx).Order("name").Find(&rows).Error; err != nil {
		return nil, v.failed(err)
	}
	tokens := make([]workflow.Token, len(rows))
	for i, r := range rows {
		tokens[i] = r.token()
	}
	return tokens, nil
}

// TokenBySum is the token whose secret has that SHA-256; workflow.NotFound if none has.
func (v view) TokenBySum(ctx context.Context, sum []byte) (workflow.Token, error) {
	var rows []tokenRow
	if err := v.gorm(ctx).Where("sum = ?", sum).Limit(1).Find(&rows).Error; err != nil {
		return workflow.Token{}, v.failed(err)
	}
	if len(rows) == 0 {
		return workflow.Token{}, notFound("there is no such token")
	}
	return rows[0].token(), nil
}

// AddToken keeps a token by the SHA-256 of its secret, and sets its ID. A name that another one has is a workflow.Conflict.
func (t *tx) AddToken(ctx context.Context, token *workflow.Token, sum []byte) error {
	var same int64
	if err := t.gorm(ctx).Model(&tokenRow{}).Where("name = ?", token.Name).Count(&same).Error; err != nil {
		return t.failed(err)
	}
	if same > 0 {
		return workflow.Errorf(workflow.Conflict, "there is a token %s already", token.Name)
	}
	row := tokenRow{Name: token.Name, PersonID: token.PersonID, Sum: sum, CreatedAt: millis(token.CreatedAt)}
	if err := t.gorm(ctx).Create(&row).Error; err != nil {
		return about(t.failed(err), "add token %s", token.Name)
	}
	token.ID = row.ID
	return nil
}

// RevokeToken forgets the token of that name and says which it was; workflow.NotFound if there is none.
func (t *tx) RevokeToken(ctx context.Context, name string) (workflow.Token, error) {
	var rows []tokenRow
	if err := t.gorm(ctx).Where("name = ?", name).Limit(1).Find(&rows).Error; err != nil {
		return workflow.Token{}, t.failed(err)
	}
	if len(rows) == 0 {
		return workflow.Token{}, notFound("there is no token %s", name)
	}
	err := t.gorm(ctx).Delete(&tokenRow{}, rows[0].ID).Error
	return rows[0].token(), about(t.failed(err), "revoke token %s", name)
}

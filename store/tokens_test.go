package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/store"
	"handoff/workflow"
)

func TestTokens(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		if tokens, err := s.Tokens(ctx); err != nil || len(tokens) != 0 {
			t.Fatalf("tokens at first: %v, %v", tokens, err)
		}
		who := workflow.Person{Name: "Lee Lead", Class: workflow.Internal, Addresses: []string{"lee@agency.example"}}
		ok(t, s.Admin(ctx, func(tx store.AdminTx) error { return tx.SavePerson(ctx, &who) }))
		site, sheet := workflow.Token{Name: "site", PersonID: who.ID, CreatedAt: noon}, workflow.Token{Name: "sheet", PersonID: who.ID, CreatedAt: at(1)}
		ok(t, s.Admin(ctx, func(tx store.AdminTx) error {
			if err := tx.AddToken(ctx, &site, []byte("sum of site")); err != nil {
				return err
			}
			return tx.AddToken(ctx, &sheet, []byte("sum of sheet"))
		}))
		add := func(token workflow.Token, sum string) error {
			return s.Admin(ctx, func(tx store.AdminTx) error { return tx.AddToken(ctx, &token, []byte(sum)) })
		}
		wantCode(t, add(site, "another sum"), workflow.Conflict)
		wantCode(t, add(workflow.Token{Name: "third", PersonID: who.ID}, "sum of site"), workflow.Conflict)
		wantCode(t, add(workflow.Token{Name: "nobody's", PersonID: who.ID + 1}, "sum of nobody's"), workflow.Conflict)

		tokens, err := s.Tokens(ctx)
		ok(t, err)
		if diff := cmp.Diff([]workflow.Token{sheet, site}, tokens); diff != "" {
			t.Error(diff)
		}
		got, err := s.TokenBySum(ctx, []byte("sum of site"))
		if err != nil || got != site {
			t.Errorf("by its sum: %+v, %v", got, err)
		}
		for _, sum := range []string{"", "sum of", "sum of site2"} {
			_, err = s.TokenBySum(ctx, []byte(sum))
			wantCode(t, err, workflow.NotFound)
		}

		revoke := func(name string) (gone workflow.Token, err error) {
			err = s.Admin(ctx, func(tx store.AdminTx) (err error) { gone, err = tx.RevokeToken(ctx, name); return err })
			return gone, err
		}
		if gone, err := revoke("site"); err != nil || gone != site {
			t.Errorf("revoked %+v, %v", gone, err)
		}
		_, err = revoke("site")
		wantCode(t, err, workflow.NotFound)
		_, err = s.TokenBySum(ctx, []byte("sum of site"))
		wantCode(t, err, workflow.NotFound)
		ok(t, add(workflow.Token{Name: "site", PersonID: who.ID, CreatedAt: noon}, "a new sum"))
		if again, err := s.TokenBySum(ctx, []byte("a new sum")); err != nil || again.ID == site.ID {
			t.Errorf("the new one: %+v, %v; an id is used once", again, err)
		}
	})
}

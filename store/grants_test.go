package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/store"
	"handoff/workflow"
)

// A refresh token is replaced by who holds the one before it, and by nobody else.
func TestGrants(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := t.Context()
		want := store.Grant{Provider: "microsoft", Account: "desk@agency.example", Scopes: []string{"imap", "smtp"}, Sealed: []byte{1, 0, 0xff},
			GrantedAt: noon, RenewedAt: noon}
		ok(t, s.SaveGrant(ctx, want))
		ok(t, s.SaveGrant(ctx, store.Grant{Provider: "google", Account: "ana@agency.example", Sealed: []byte("other"), GrantedAt: at(1), RenewedAt: at(1)}))
		check := func(what string) {
			t.Helper()
			got, err := s.Grant(ctx, want.Provider, want.Account)
			ok(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}
		check("saved")

		ok(t, s.RenewGrant(ctx, want.Provider, want.Account, want.Sealed, []byte("second"), at(2)))
		ok(t, s.RenewGrant(ctx, want.Provider, want.Account, want.Sealed, []byte("late"), at(3)))
		ok(t, s.RefuseGrant(ctx, want.Provider, want.Account, want.Sealed, "late", at(3)))
		want.Sealed, want.RenewedAt = []byte("second"), at(2)
		check("renewed")

		ok(t, s.RefuseGrant(ctx, want.Provider, want.Account, want.Sealed, "revoked", at(4)))
		want.Refused, want.RefusedAt = "revoked", at(4)
		check("refused")

		ok(t, s.RenewGrant(ctx, want.Provider, want.Account, want.Sealed, []byte("in time"), at(4))) // its provider answered another process
		want.Sealed, want.RenewedAt, want.Refused, want.RefusedAt = []byte("in time"), at(4), "", time.Time{}
		check("renewed while it was refused")

		want = store.Grant{Provider: want.Provider, Account: want.Account, Scopes: []string{"imap"}, Sealed: []byte("third"), GrantedAt: at(5), RenewedAt: at(5)}
		ok(t, s.SaveGrant(ctx, want))
		check("given again")

		all, err := s.Grants(ctx)
		ok(t, err)
		if len(all) != 2 || all[0].Provider != "google" || all[1].Account != want.Account {
			t.Errorf("all: %+v", all)
		}
		ok(t, s.DeleteGrant(ctx, want.Provider, want.Account))
		wantCode(t, s.DeleteGrant(ctx, want.Provider, want.Account), workflow.NotFound)
		_, err = s.Grant(ctx, want.Provider, want.Account)
		wantCode(t, err, workflow.NotFound)
		ok(t, s.RenewGrant(ctx, want.Provider, want.Account, want.Sealed, []byte("after"), at(6)))
		if all, err = s.Grants(ctx); err != nil || len(all) != 1 {
			t.Errorf("after its removal: %+v, %v", all, err)
		}
	})
}

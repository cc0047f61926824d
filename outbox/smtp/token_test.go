package smtp_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync/atomic"
	"testing"

	"handoff/internal/mailtest"
	"handoff/outbox/smtp"
)

// A token that runs out between two mails costs neither: the server asks for another login, or hangs up, and gets a new token.
func TestTokenRunsOut(t *testing.T) {
	server, roots := certificate(t, "127.0.0.1")
	var good atomic.Value // string, the token that opens the account; "shut": none does
	good.Store("token-0")
	office, err := mailtest.StartOffice(mailtest.OfficeOptions{
		TLSConfig: server, Tokens: func(_, token string) bool { return token == good.Load() && token != "shut" },
		Accounts: []mailtest.Account{{User: "desk", Addresses: []string{"desk@agency.example"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { office.Close() })
	held, refused := "token-0", []string{}
	out, err := smtp.New(smtp.Config{
		Address: office.SMTPAddr, TLS: smtp.StartTLS, TLSConfig: &tls.Config{RootCAs: roots}, Username: "desk",
		Token: func(context.Context) (string, error) { return held, nil },
		Refused: func(token string) bool {
			refused = append(refused, token)
			held = good.Load().(string)
			return true
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	const mails = 5
	for i := range mails {
		m := notice()
		m.MessageID = fmt.Sprintf("m%d@agency.example", i)
		if err := out.Send(t.Context(), m); err != nil {
			t.Fatalf("mail %d: %v", i, err)
		}
		good.Store(fmt.Sprint("token-", i+1))
	}
	if n := len(office.Deliveries()); n != mails {
		t.Errorf("%d mails arrived, want %d", n, mails)
	}
	if fmt.Sprint(refused) != "[token-0 token-1 token-2 token-3]" {
		t.Errorf("refused: %v", refused)
	}
	if out.Mechanism() != "XOAUTH2" {
		t.Errorf("logged in by %s", out.Mechanism())
	}
	// A second refusal is told.
	good.Store("shut")
	out.Close()
	refused = nil
	if err := out.Check(t.Context()); err == nil || len(refused) != 2 {
		t.Errorf("%v after %v", err, refused)
	}
}

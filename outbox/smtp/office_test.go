package smtp_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"handoff/internal/mailtest"
	"handoff/outbox"
	"handoff/outbox/smtp"
	"handoff/templates"
)

// rendered is the mail of every template, as it goes out.
func rendered(t *testing.T) []outbox.Mail {
	t.Helper()
	set, _, err := templates.Load(templates.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var all []outbox.Mail
	for i, name := range templates.Names() {
		content, err := set.Render(templates.Sample(name), templates.Audience{})
		if err != nil {
			t.Fatal(err)
		}
		m := notice()
		m.MessageID, m.AutoReply, m.Content = fmt.Sprintf("m.%s@agency.example", name), i%2 == 0, content
		all = append(all, m)
	}
	return all
}

// sendAll sends every template's mail and compares what arrived at the office, read by a second MIME parser.
func sendAll(t *testing.T, out *smtp.Sender, office *mailtest.Office) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, m := range rendered(t) {
		if err := out.Send(ctx, m); err != nil {
			t.Fatal(err)
		}
		d, err := office.WaitDelivery(ctx, func(d mailtest.Delivery) bool { return bytes.Contains(d.Data, []byte("<"+m.MessageID+">")) })
		if err != nil {
			t.Fatalf("%s did not arrive: %v", m.MessageID, err)
		}
		if want := map[bool]string{true: "", false: "desk@agency.example"}[m.AutoReply]; d.From != want || d.To != m.ToAddress {
			t.Errorf("%s: from <%s> to <%s>", m.MessageID, d.From, d.To)
		}
		e, err := enmime.ReadEnvelope(bytes.NewReader(d.Data))
		if err != nil {
			t.Fatal(err)
		}
		lines := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
		if e.GetHeader("Subject") != m.Content.Subject || lines(e.Text) != lines(m.Content.Text) || lines(e.HTML) != lines(m.Content.HTML) || len(e.Errors) > 0 {
			t.Errorf("%s arrived as %q\n%s\n%s\n%v", m.MessageID, e.GetHeader("Subject"), e.Text, e.HTML, e.Errors)
		}
	}
}

func TestOffice(t *testing.T) {
	security, trusted := certificate(t, "127.0.0.1")
	office, err := mailtest.StartOffice(mailtest.OfficeOptions{
		Accounts:  []mailtest.Account{{User: "desk", Password: "secret", Addresses: []string{"desk@agency.example"}}, {User: "anna", Password: "x", Addresses: []string{"anna@berg.example"}}},
		TLSConfig: security,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { office.Close() })
	cfg := smtp.Config{Address: office.SMTPAddr, Username: "desk", Password: "secret", TLSConfig: &tls.Config{RootCAs: trusted}}
	out, err := smtp.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	if err := out.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	sendAll(t, out, office)
	if d := office.Deliveries()[0]; d.User != "desk" {
		t.Errorf("sent as %q", d.User)
	}
	cfg.Password = "wrong"
	out, err = smtp.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "refused the login of desk: check user and password") {
		t.Errorf("with a wrong password: %v", err)
	}
}

// Postfix takes the mails and passes them on to the office.
func TestPostfix(t *testing.T) {
	office, err := mailtest.StartOffice(mailtest.OfficeOptions{
		Accounts: []mailtest.Account{{User: "anna", Password: "x", Addresses: []string{"anna@berg.example"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { office.Close() })
	postfix, err := mailtest.StartPostfix(t.Context(), mailtest.PostfixOptions{RelayAddr: office.SMTPAddr})
	if err != nil {
		mailtest.SkipOrFail(t, err)
	}
	t.Cleanup(func() { postfix.Close() })
	out, err := smtp.New(smtp.Config{Address: postfix.SMTPAddr, TLS: smtp.None})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	sendAll(t, out, office)
}

package inbox_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"handoff/inbox"
)

// TestDKIM: mail without trusted results is verified here, with relaxed alignment.
func TestDKIM(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	const mail = "From: Mira <mira@news.writers.example.net>\r\nTo: drafts@agency.example\r\nSubject: Draft\r\nDate: Tue, 10 Mar 2026 09:15:00 +0100\r\nMessage-ID: <d1@writers.example.net>\r\n\r\nText.\r\n"
	sign := func(domain string) string {
		var b bytes.Buffer
		if err := dkim.Sign(&b, strings.NewReader(mail), &dkim.SignOptions{Domain: domain, Selector: "k", Signer: private}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	lookup := func(_ context.Context, domain string) ([]string, error) {
		if strings.HasPrefix(domain, "k._domainkey.") {
			return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil
		}
		return nil, errors.New("no such record")
	}
	for name, c := range map[string]struct {
		raw  string
		want inbox.AuthResult
	}{
		"the author's domain":   {sign("writers.example.net"), inbox.AuthPass},
		"another domain":        {sign("elsewhere.example.com"), inbox.AuthUnknown},
		"changed body":          {strings.Replace(sign("writers.example.net"), "Text.", "Other.", 1), inbox.AuthUnknown},
		"no signature":          {mail, inbox.AuthUnknown},
		"a second, forged From": {"From: Mallory <m@elsewhere.example.com>\r\n" + sign("elsewhere.example.com"), inbox.AuthUnknown},
		"unparsable signature":  {"DKIM-Signature: v=1; nonsense\r\n" + mail, inbox.AuthUnknown},
		"an aligned subdomain":  {sign("mail.writers.example.net"), inbox.AuthPass},
	} {
		t.Run(name, func(t *testing.T) {
			m := read(t, []byte(c.raw), inbox.Options{LookupTXT: lookup})
			if m.Auth.Result != c.want || m.Auth.Reason == "" {
				t.Errorf("%s (%s), want %s", m.Auth.Result, m.Auth.Reason, c.want)
			}
		})
	}
	if m := read(t, []byte(sign("writers.example.net")), inbox.Options{}); m.Auth.Result != inbox.AuthUnknown {
		t.Error("verified without a resolver")
	}
}

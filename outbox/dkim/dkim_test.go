package dkim_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"handoff/outbox/dkim"
)

func TestParse(t *testing.T) {
	for _, algorithm := range []string{dkim.RSA, dkim.Ed25519} {
		made, text, err := dkim.Generate("Agency.example", "h1", algorithm)
		if err != nil {
			t.Fatal(err)
		}
		read, err := dkim.Parse("agency.example", "h1", text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := made.Record()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read.Record(); err != nil || got != want || !strings.HasPrefix(got, "v=DKIM1; k="+algorithm+"; p=") {
			t.Errorf("record %q, %v, want %q", got, err, want)
		}
		if read.Algorithm() != algorithm || read.Name() != "h1._domainkey.agency.example" {
			t.Errorf("%s at %s", read.Algorithm(), read.Name())
		}
	}
	old, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(old)})
	if k, err := dkim.Parse("agency.example", "h1", pkcs1); err != nil || k.Algorithm() != dkim.RSA {
		t.Errorf("PKCS #1: %v, %v", k, err)
	}
	for name, c := range map[string]struct{ domain, selector, text, says string }{
		"no key":     {"a.example", "h1", "hello", "no key in PEM form"},
		"locked":     {"a.example", "h1", string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY"})), "without a password"},
		"public":     {"a.example", "h1", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY"})), "holds a public key"},
		"broken":     {"a.example", "h1", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})), "cannot be read"},
		"domain":     {"bücher.example", "h1", string(pkcs1), `domain "bücher.example"`},
		"no domain":  {"", "h1", string(pkcs1), `domain ""`},
		"selector":   {"a.example", "h 1", string(pkcs1), `selector "h 1"`},
		"empty part": {"a..example", "h1", string(pkcs1), `domain "a..example"`},
	} {
		if _, err := dkim.Parse(c.domain, c.selector, []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := dkim.Generate("a.example", "h1", "dsa"); err == nil || !strings.Contains(err.Error(), "it is rsa or ed25519") {
		t.Errorf("another algorithm: %v", err)
	}
}

func TestPublished(t *testing.T) {
	k, _, err := dkim.Generate("agency.example", "h1", dkim.RSA)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := dkim.Generate("agency.example", "h1", dkim.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	record, err := k.Record()
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := other.Record()
	if err != nil {
		t.Fatal(err)
	}
	_, public, _ := strings.Cut(record, "p=")
	for name, c := range map[string]struct {
		records []string
		says    string // "": fine
	}{
		"as printed":         {records: []string{record}},
		"beside others":      {records: []string{"google-site-verification=x", record}},
		"split and spaced":   {records: []string{"v=DKIM1;p=" + public[:50] + " " + public[50:] + " ;"}},
		"for mail by sha256": {records: []string{record + "; h=sha1:sha256; s=email"}},
		"none":               {says: "no DKIM record at h1._domainkey.agency.example"},
		"two":                {records: []string{record, record}, says: "2 DKIM records"},
		"revoked":            {records: []string{"v=DKIM1; k=rsa; p="}, says: "revokes"},
		"another kind":       {records: []string{wrong}, says: "needs k=rsa"},
		"another key":        {records: []string{"v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString([]byte("x"))}, says: "of another key"},
		"sha1 alone":         {records: []string{record + "; h=sha1"}, says: "no SHA-256"},
		"not for mail":       {records: []string{record + "; s=tlsrpt"}, says: "not for mail"},
	} {
		err := k.Published(c.records)
		if (c.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := other.Published([]string{strings.Replace(wrong, "k=ed25519; ", "", 1)}); err == nil || !strings.Contains(err.Error(), "needs k=ed25519") {
		t.Errorf("no k= for Ed25519: %v", err)
	}
}

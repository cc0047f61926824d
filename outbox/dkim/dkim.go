// Package dkim signs our mails (RFC 6376, RFC 8463) and tells what to publish in the DNS, so that receivers can verify them.
package dkim

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/publicsuffix"
)

// The algorithms of keys. Every receiver verifies RSA, not all of them Ed25519: who has an Ed25519 key has an RSA one as well.
const (
	RSA     = "rsa"
	Ed25519 = "ed25519"
)

// Key signs mails in the name of a domain. Safe for concurrent use.
type Key struct {
	Domain   string
	Selector string
	signer   crypto.Signer
}

// rsaBits is what Generate makes, minBits the least that receivers take (RFC 8301, section 3.2).
const (
	rsaBits = 2048
	minBits = 1024
)

// Generate makes a key and gives its private half as PEM (PKCS #8).
func Generate(domain, selector, algorithm string) (Key, []byte, error) {
	var signer crypto.Signer
	var err error
	switch algorithm {
	case RSA:
		signer, err = rsa.GenerateKey(rand.Reader, rsaBits)
	case Ed25519:
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	default:
		err = fmt.Errorf("%q is no algorithm of DKIM keys: it is %s or %s", algorithm, RSA, Ed25519)
	}
	if err != nil {
		return Key{}, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return Key{}, nil, fmt.Errorf("write the key: %w", err)
	}
	k, err := newKey(domain, selector, signer)
	return k, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

// Parse reads a private key in PEM, PKCS #1 or PKCS #8.
func Parse(domain, selector string, text []byte) (Key, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return Key{}, errors.New("there is no key in PEM form, which begins with -----BEGIN PRIVATE KEY-----")
	}
	var parsed any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	default:
		return Key{}, fmt.Errorf("the file holds a %s: what is needed is a PRIVATE KEY, without a password", strings.ToLower(block.Type))
	}
	if err != nil {
		return Key{}, fmt.Errorf("the private key cannot be read: %w", err)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return Key{}, fmt.Errorf("a %T signs nothing: DKIM takes RSA and Ed25519", parsed)
	}
	return newKey(domain, selector, signer)
}

func newKey(domain, selector string, signer crypto.Signer) (Key, error) {
	k := Key{Domain: strings.ToLower(domain), Selector: strings.ToLower(selector), signer: signer}
	for what, name := range map[string]string{"domain": k.Domain, "selector": k.Selector} {
		if !isName(name) {
			return Key{}, fmt.Errorf("%s %q: write it in ASCII letters, digits, dots and hyphens", what, name)
		}
	}
	switch public := signer.Public().(type) {
	case *rsa.PublicKey:
		if public.N.BitLen() < minBits {
			return Key{}, fmt.Errorf("an RSA key of %d bits: receivers take %d at least, make one of %d", public.N.BitLen(), minBits, rsaBits)
		}
	case ed25519.PublicKey:
	default:
		return Key{}, fmt.Errorf("a key of type %T: DKIM takes RSA and Ed25519", public)
	}
	return k, nil
}

// isName tells a name of the DNS.
func isName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		odd := strings.ContainsFunc(label, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' })
		if label == "" || len(label) > 63 || odd {
			return false
		}
	}
	return true
}

// signed are the fields that a signature covers, once more than the mail has them: nobody can add another one (RFC 6376,
// section 8.15). RFC 8058 wants both List-Unsubscribe fields among them, and Gmail the Feedback-ID.
var signed = []string{
	"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "Auto-Submitted", "List-Unsubscribe",
	"List-Unsubscribe-Post", "Feedback-ID", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version",
}

// Sign puts a signature of every key before the mail.
func Sign(raw []byte, keys []Key) ([]byte, error) {
	if len(keys) == 0 {
		return raw, nil
	}
	fields := fieldsOf(raw)
	var out bytes.Buffer
	for _, k := range keys {
		s, err := dkim.NewSigner(&dkim.SignOptions{
			Domain: k.Domain, Selector: k.Selector, Signer: k.signer, Hash: crypto.SHA256, HeaderKeys: fields,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		})
		if err != nil {
			return nil, fmt.Errorf("sign for %s: %w", k.Domain, err)
		}
		_, err = s.Write(raw)
		if err = errors.Join(err, s.Close()); err != nil {
			return nil, fmt.Errorf("sign for %s: %w", k.Domain, err)
		}
		out.WriteString(s.Signature())
	}
	out.Write(raw)
	return out.Bytes(), nil
}

// fieldsOf names each field of signed as often as the mail has it, and once more.
func fieldsOf(raw []byte) []string {
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	have := map[string]int{}
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if name, _, ok := bytes.Cut(line, []byte(":")); ok {
			have[strings.ToLower(string(name))]++
		}
	}
	var fields []string
	for _, name := range signed {
		for range have[strings.ToLower(name)] + 1 {
			fields = append(fields, name)
		}
	}
	return fields
}

// Name is where the record has its place in the DNS.
func (k Key) Name() string { return k.Selector + "._domainkey." + k.Domain }

// Aligned tells whether a signature speaks for mails from that domain, by DMARC's relaxed rule (RFC 7489, section 3.1.1).
func (k Key) Aligned(from string) bool {
	return organisation(k.Domain) == organisation(strings.ToLower(from))
}

func organisation(domain string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return d
	}
	return domain
}

// Algorithm is RSA or Ed25519.
func (k Key) Algorithm() string {
	if _, ok := k.signer.Public().(ed25519.PublicKey); ok {
		return Ed25519
	}
	return RSA
}

// Record is the TXT record that lets receivers verify (RFC 6376, section 3.6.1; RFC 8463, section 4).
func (k Key) Record() (string, error) {
	public, err := k.public()
	if err != nil {
		return "", err
	}
	return "v=DKIM1; k=" + k.Algorithm() + "; p=" + public, nil
}

func (k Key) public() (string, error) {
	b, ok := k.signer.Public().(ed25519.PublicKey)
	if !ok {
		var err error
		if b, err = x509.MarshalPKIXPublicKey(k.signer.Public()); err != nil {
			return "", fmt.Errorf("write the public key: %w", err)
		}
	}
	return base64.StdEncoding.EncodeToString(b), nil
}

// Published compares what the DNS holds under Name with the key; an error says what to change there.
func (k Key) Published(records []string) error {
	var found []string
	for _, r := range records {
		if _, ok := tags(r)["p"]; ok {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 0:
		return fmt.Errorf("there is no DKIM record at %s", k.Name())
	case len(found) > 1:
		return fmt.Errorf("there are %d DKIM records at %s: receivers may take either, leave one", len(found), k.Name())
	}
	record := tags(found[0])
	public, err := k.public()
	if err != nil {
		return err
	}
	algorithm, known := record["k"]
	switch {
	case record["p"] == "":
		return fmt.Errorf("the record at %s revokes the key: its p= is empty", k.Name())
	case known && algorithm != k.Algorithm(), !known && k.Algorithm() != RSA:
		return fmt.Errorf("the record at %s is of another kind of key: it needs k=%s", k.Name(), k.Algorithm())
	case record["p"] != public:
		return fmt.Errorf("the record at %s is that of another key", k.Name())
	case record["h"] != "" && !strings.Contains(":"+record["h"]+":", ":sha256:"):
		return fmt.Errorf("the record at %s allows no SHA-256: take h= away", k.Name())
	case record["s"] != "" && record["s"] != "*" && !strings.Contains(":"+record["s"]+":", ":email:"):
		return fmt.Errorf("the record at %s is not for mail: take s= away", k.Name())
	}
	return nil
}

// tags reads a tag list (RFC 6376, section 3.2) without its blanks.
func tags(record string) map[string]string {
	found := map[string]string{}
	for tag := range strings.SplitSeq(record, ";") {
		name, value, ok := strings.Cut(tag, "=")
		if ok {
			found[strings.TrimSpace(name)] = strings.Join(strings.Fields(value), "")
		}
	}
	return found
}

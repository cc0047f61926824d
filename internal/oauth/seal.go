package oauth

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
)

// MinSecret is how many bytes a secret has at least: it is drawn by chance, not thought of.
const MinSecret = 32

// ErrOtherSecret is wrapped by the error of opening what was sealed with another secret.
var ErrOtherSecret = errors.New("it was encrypted with another secret")

// Sealer encrypts short texts with AES-256-GCM, under keys derived from a secret by HKDF (RFC 5869).
type Sealer struct {
	aead cipher.AEAD
	id   []byte // tells secrets apart without telling the secret
}

const (
	sealVersion = 1
	sealIDSize  = 8
	sealHeader  = 1 + sealIDSize
)

// NewSealer derives the keys.
func NewSealer(secret []byte) (*Sealer, error) {
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("the secret has %d characters, and needs at least %d drawn by chance: make one with \"openssl rand -base64 32\"", len(secret), MinSecret)
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "handoff refresh tokens: AES-256-GCM", 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	id, err := hkdf.Key(sha256.New, secret, nil, "handoff refresh tokens: name of the key", sealIDSize)
	if err != nil {
		return nil, fmt.Errorf("derive a key's name: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return &Sealer{aead, id}, nil
}

// Seal encrypts text; it opens only for the same purpose, such as the account it belongs to.
func (s *Sealer) Seal(text, purpose string) []byte {
	header := append([]byte{sealVersion}, s.id...)
	return append(header, s.aead.Seal(nil, nil, []byte(text), append(bytes.Clone(header), purpose...))...)
}

// Open decrypts what Seal made for the same purpose.
func (s *Sealer) Open(sealed []byte, purpose string) (string, error) {
	if len(sealed) < sealHeader || sealed[0] != sealVersion {
		return "", errors.New("it is not encrypted as this version of Handoff does it")
	}
	header := sealed[:sealHeader]
	if !bytes.Equal(header[1:], s.id) {
		return "", ErrOtherSecret
	}
	text, err := s.aead.Open(nil, nil, sealed[sealHeader:], append(bytes.Clone(header), purpose...))
	if err != nil {
		return "", errors.New("it was changed after it was encrypted")
	}
	return string(text), nil
}

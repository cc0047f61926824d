package imap

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/text/secure/precis"
)

// scram is a client of SCRAM without channel binding (RFC 5802, section 3; RFC 7677): the server sees a proof of the password, and
// gives one that it knows it, too.
type scram struct {
	mechanism      Mechanism
	hash           func() hash.Hash
	user, password string
	nonce          string
	step           int
	first          string // our first message, without the header of channel binding
	signature      []byte // what the server has to send in the end
	proven         bool   // it did
}

func newScram(m Mechanism, user, password string) *scram {
	s := &scram{mechanism: m, hash: sha256.New, user: user, password: password, nonce: rand.Text()}
	if m == ScramSHA1 {
		s.hash = sha1.New
	}
	return s
}

// noBinding is the header that says so: "n,,".
const noBinding = "n,,"

// mostIterations bounds the work that a server may ask for.
const mostIterations = 10_000_000

func (s *scram) Start() (mech string, ir []byte, err error) {
	s.first = "n=" + strings.NewReplacer("=", "=3D", ",", "=2C").Replace(s.user) + ",r=" + s.nonce
	return string(s.mechanism), []byte(noBinding + s.first), nil
}

func (s *scram) Next(challenge []byte) ([]byte, error) {
	s.step++
	switch s.step {
	case 1:
		return s.prove(string(challenge))
	case 2:
		return nil, s.verify(string(challenge))
	}
	return nil, errors.New("SCRAM: the server goes on after its last message")
}

// prove answers the salt and the iteration count with the proof (RFC 5802, section 3).
func (s *scram) prove(serverFirst string) ([]byte, error) {
	fields := attributes(serverFirst)
	nonce, salted, count := fields["r"], fields["s"], fields["i"]
	salt, err := base64.StdEncoding.DecodeString(salted)
	iterations, countErr := strconv.Atoi(count)
	switch {
	case !strings.HasPrefix(nonce, s.nonce) || nonce == s.nonce:
		return nil, errors.New("SCRAM: the server's nonce does not go on from ours")
	case err != nil || len(salt) == 0:
		return nil, errors.New("SCRAM: the server sent no salt")
	case countErr != nil || iterations < 1 || iterations > mostIterations:
		return nil, fmt.Errorf("SCRAM: the server wants %q iterations", count)
	}
	password, err := precis.OpaqueString.String(s.password) // RFC 8265, in place of SASLprep
	if err != nil {
		return nil, errors.New("SCRAM: the password has characters that are not allowed in it")
	}
	key, err := pbkdf2.Key(s.hash, password, salt, iterations, s.hash().Size())
	if err != nil {
		return nil, fmt.Errorf("SCRAM: %w", err)
	}
	final := "c=" + base64.StdEncoding.EncodeToString([]byte(noBinding)) + ",r=" + nonce
	message := s.first + "," + serverFirst + "," + final
	clientKey := s.mac(key, "Client Key")
	stored := s.hash()
	stored.Write(clientKey)
	proof := s.mac(stored.Sum(nil), message)
	for i := range proof {
		proof[i] ^= clientKey[i]
	}
	s.signature = s.mac(s.mac(key, "Server Key"), message)
	return []byte(final + ",p=" + base64.StdEncoding.EncodeToString(proof)), nil
}

// verify makes sure that the server knows the password. A server that reports an error instead refuses next.
func (s *scram) verify(serverFinal string) error {
	fields := attributes(serverFinal)
	if _, failed := fields["e"]; failed {
		return nil
	}
	signature, err := base64.StdEncoding.DecodeString(fields["v"])
	if err != nil || !hmac.Equal(signature, s.signature) {
		return errUnproven
	}
	s.proven = true
	return nil
}

var errUnproven = errors.New("SCRAM: the server does not prove that it knows the password")

// verified is for after the login: a server could leave its proof out.
func (s *scram) verified() error {
	if !s.proven {
		return errUnproven
	}
	return nil
}

func (s *scram) mac(key []byte, message string) []byte {
	m := hmac.New(s.hash, key)
	m.Write([]byte(message))
	return m.Sum(nil)
}

// attributes are the fields of a message by their letters.
func attributes(message string) map[string]string {
	fields := map[string]string{}
	for f := range strings.SplitSeq(message, ",") {
		if name, value, ok := strings.Cut(f, "="); ok {
			fields[name] = value
		}
	}
	return fields
}

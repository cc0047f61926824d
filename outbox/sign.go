package outbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
)

// Identity makes and recognises what marks a mail as ours: signed reply addresses, Message-IDs and thread ids.
// Tokens are lower-case base32, so they survive case folding; the local part stays within 64 bytes.
// Safe for concurrent use.
//
// A token is the key's id (one byte), the Ref as two varints, for a Message-ID a digest of the notice's key, and the
// first macSize bytes of an HMAC-SHA256 over what it is for and all that. A token for one use is none for another.
type Identity struct {
	keys     map[byte][]byte
	signer   byte   // the id of the key that signs
	plain    string // the reply address where the mailbox takes no plus addresses, else ""
	reply    tokenAddress
	private  *regexp.Regexp // finds reply addresses in a text
	bounce   tokenAddress   // zero: bounces go to the sender
	idDomain string
}

// use is what a token is for.
type use string

const (
	forAddress use = "handoff address v1"
	forMessage use = "handoff message v1"
	forThread  use = "handoff thread v1"
	forDigest  use = "handoff digest v1"
	forMuting  use = "handoff muting v1"
	forBounce  use = "handoff bounce v1"
)

const (
	macSize    = 10 // 80 bits: guessing one takes 2^79 mails
	digestSize = 8
	maxKeyID   = 31
	minSecret  = 16
	// maxLocal is the longest local part (RFC 5321, section 4.5.3.1.1), tokenSize the longest token for ids below 2^56.
	maxLocal  = 64
	tokenSize = 44
	// bounceTokenSize is the same of tokens with one id.
	bounceTokenSize = 31
)

var tokenEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewIdentity takes the signing keys, the reply address ("drafts+{token}@agency.example", or a plain one without {token}
// where the mailbox takes no plus addresses), and the domain of our Message-IDs.
func NewIdentity(keys []Key, replyAddress, domain string) (*Identity, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("there is no signing key")
	}
	i := &Identity{keys: map[byte][]byte{}, idDomain: strings.ToLower(domain)}
	for _, k := range keys {
		switch _, twice := i.keys[byte(k.ID)]; {
		case k.ID < 1 || k.ID > maxKeyID:
			return nil, fmt.Errorf("signing key %d: its id must be 1 to %d", k.ID, maxKeyID)
		case twice:
			return nil, fmt.Errorf("two signing keys have the id %d", k.ID)
		case len(k.Secret) < minSecret:
			return nil, fmt.Errorf("signing key %d: its secret has %d bytes, at least %d are needed", k.ID, len(k.Secret), minSecret)
		}
		i.keys[byte(k.ID)] = slices.Clone(k.Secret)
	}
	newest := slices.MaxFunc(keys, func(a, b Key) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return a.ID - b.ID
	})
	i.signer = byte(newest.ID)
	if _, err := mail.ParseAddress("id@" + domain); err != nil || domain == "" {
		return nil, fmt.Errorf("%q is no domain for Message-IDs", domain)
	}
	var signed bool
	var err error
	if i.reply, signed, err = parseAddress("reply", replyAddress, tokenSize); err != nil {
		return nil, err
	}
	if !signed {
		i.plain = replyAddress
	}
	i.private = i.reply.pattern()
	return i, nil
}

// BouncesTo makes bounces go to signed addresses of that form ("drafts+{token}@agency.example"). Call it before the first use.
func (i *Identity) BouncesTo(address string) (err error) {
	i.bounce, err = parseBounceAddress(address)
	return err
}

// CheckBounceAddress tells what keeps BouncesTo from taking the address.
func CheckBounceAddress(address string) error {
	_, err := parseBounceAddress(address)
	return err
}

func parseBounceAddress(address string) (tokenAddress, error) {
	a, signed, err := parseAddress("bounce", address, bounceTokenSize)
	if err == nil && !signed {
		err = fmt.Errorf("bounce address %q: it needs {token} before the @, in the plus part of a watched mailbox, like \"drafts+{token}@agency.example\"", address)
	}
	return a, err
}

// tokenAddress is a mail address with a token in its local part.
type tokenAddress struct{ prefix, suffix, domain string }

// parseAddress reads an address with {token} for a token of at most size bytes; signed is false for one without.
func parseAddress(what, address string, size int) (a tokenAddress, signed bool, err error) {
	if parsed, err := mail.ParseAddress(strings.ReplaceAll(address, "{token}", "a")); err != nil || parsed.Name != "" ||
		strings.ContainsAny(address, "<> ") {
		return a, false, fmt.Errorf("%s address %q is no mail address", what, address)
	}
	at := strings.LastIndexByte(address, '@')
	local, domain := address[:at], address[at+1:]
	prefix, suffix, signed := strings.Cut(local, "{token}")
	switch {
	case strings.Contains(suffix+domain, "{token}"):
		return a, false, fmt.Errorf("%s address %q: {token} has its place once, before the @", what, address)
	case signed && len(prefix)+len(suffix) > maxLocal-size:
		return a, false, fmt.Errorf("%s address %q: beside {token}, at most %d characters fit before the @", what, address, maxLocal-size)
	}
	return tokenAddress{strings.ToLower(prefix), strings.ToLower(suffix), domain}, signed, nil
}

func (a tokenAddress) with(token string) string { return a.prefix + token + a.suffix + "@" + a.domain }

// pattern finds such addresses in a text, in a link as well, where the plus sign may be written otherwise.
func (a tokenAddress) pattern() *regexp.Regexp {
	written := func(s string) string { return strings.ReplaceAll(regexp.QuoteMeta(s), `\+`, `(?:\+|%2b)`) }
	return regexp.MustCompile(`(?i)` + written(a.prefix) + `[a-z2-7]{16,}` + written(a.suffix) + `(?:@|%40)[a-z0-9.-]*[a-z0-9]`)
}

// token is what with put in. The domain does not matter: a mailbox may be reached by several.
func (a tokenAddress) token(address string) (string, bool) {
	local, _, _ := strings.Cut(strings.ToLower(strings.Trim(address, "<> \t")), "@")
	token, ok := strings.CutPrefix(local, a.prefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(token, a.suffix)
}

// ReplyAddress is where an answer about r should go.
func (i *Identity) ReplyAddress(r Ref) string {
	if i.plain != "" {
		return i.plain
	}
	return i.reply.with(i.token(forAddress, r, nil))
}

// concealed stands in a text for an address of ours that is for one reader alone.
const concealed = "[…]"

// Conceal takes our signed reply addresses out of a text that other people will read: who has one can answer as its reader.
func (i *Identity) Conceal(text string) string {
	name, _, _ := strings.Cut(i.reply.prefix, "+")
	if i.plain != "" || !strings.Contains(strings.ToLower(text), name) {
		return text
	}
	return i.private.ReplaceAllString(text, concealed)
}

// BounceAddress is the envelope sender of a notice: what comes back to it is about that notice, whatever it says itself (VERP).
// It is "" without BouncesTo. Only the mail systems on the notice's way learn it.
func (i *Identity) BounceAddress(noticeID int64) string {
	if i.bounce == (tokenAddress{}) {
		return ""
	}
	b := binary.AppendUvarint([]byte{i.signer}, uint64(noticeID))
	b = append(b, i.mac(i.signer, forBounce, b)[:macSize]...)
	return i.bounce.with(tokenEncoding.EncodeToString(b))
}

// FromBounceAddress is the notice of an address that BounceAddress made, else ErrBadToken.
func (i *Identity) FromBounceAddress(address string) (noticeID int64, err error) {
	token, ok := i.bounce.token(address)
	if !ok || i.bounce == (tokenAddress{}) {
		return 0, ErrBadToken
	}
	signed, err := i.verified(forBounce, token)
	if err != nil {
		return 0, err
	}
	id, n := binary.Uvarint(signed[1:])
	if n <= 0 || 1+n != len(signed) {
		return 0, ErrBadToken
	}
	return int64(id), nil
}

// verified is what a token signs: the key's id and the rest.
func (i *Identity) verified(u use, token string) ([]byte, error) {
	b, err := tokenEncoding.DecodeString(token)
	// The second condition refuses spellings of the same bytes that we do not make.
	if err != nil || tokenEncoding.EncodeToString(b) != token || len(b) < 2+macSize {
		return nil, ErrBadToken
	}
	signed, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	if i.keys[b[0]] == nil || !hmac.Equal(mac, i.mac(b[0], u, signed)[:macSize]) {
		return nil, ErrBadToken
	}
	return signed, nil
}

// ThreadID is the id that every notice to r carries first in References.
func (i *Identity) ThreadID(r Ref) string {
	return "t." + i.token(forThread, r, nil) + "@" + i.idDomain
}

// MessageID is the id of the notice with that key; always the same for the same input and signing key.
func (i *Identity) MessageID(r Ref, key string) string {
	return "m." + i.token(forMessage, r, i.mac(i.signer, forDigest, []byte(key))[:digestSize]) + "@" + i.idDomain
}

// eventID is the UID of a step in somebody's calendar (RFC 5545, section 3.8.4.7). It vouches for nothing: whoever gets the
// answer knows who sent it by other means.
func (i *Identity) eventID(stepID, personID int64) string {
	return fmt.Sprintf("step-%d-%d@%s", stepID, personID, i.idDomain)
}

// StepOf is the step and person that an event's UID names; ok is false for no UID of ours.
func StepOf(uid string) (stepID, personID int64, ok bool) {
	name, _, _ := strings.Cut(uid, "@")
	n, err := fmt.Sscanf(name, "step-%d-%d", &stepID, &personID)
	return stepID, personID, err == nil && n == 2 && name == fmt.Sprintf("step-%d-%d", stepID, personID)
}

// MuteToken names a person and a kind of notice that they may mute without logging in (RFC 8058).
func (i *Identity) MuteToken(personID int64, notice string) string {
	b := append([]byte{i.signer}, binary.AppendUvarint(nil, uint64(personID))...)
	b = append(b, notice...)
	b = append(b, i.mac(i.signer, forMuting, b)[:macSize]...)
	return tokenEncoding.EncodeToString(b)
}

// FromMuteToken is what MuteToken named, else ErrBadToken.
func (i *Identity) FromMuteToken(token string) (personID int64, notice string, err error) {
	signed, err := i.verified(forMuting, token)
	if err != nil {
		return 0, "", err
	}
	id, n := binary.Uvarint(signed[1:])
	if n <= 0 {
		return 0, "", ErrBadToken
	}
	return int64(id), string(signed[1+n:]), nil
}

// FromAddress is the Ref of an address that ReplyAddress made, else ErrBadToken. Its domain does not matter: a mailbox
// may be reached by several.
func (i *Identity) FromAddress(address string) (Ref, error) {
	token, ok := i.reply.token(address)
	if !ok || i.plain != "" {
		return Ref{}, ErrBadToken
	}
	return i.open(forAddress, token, 0)
}

// FromID is the Ref of an id that MessageID or ThreadID made, else ErrBadToken.
func (i *Identity) FromID(id string) (Ref, error) {
	local, _, _ := strings.Cut(strings.ToLower(strings.Trim(id, "<> \t")), "@")
	kind, token, _ := strings.Cut(local, ".")
	switch kind {
	case "m":
		return i.open(forMessage, token, digestSize)
	case "t":
		return i.open(forThread, token, 0)
	}
	return Ref{}, ErrBadToken
}

func (i *Identity) token(u use, r Ref, digest []byte) string {
	b := make([]byte, 0, 1+2*binary.MaxVarintLen64+digestSize+macSize)
	b = append(b, i.signer)
	b = binary.AppendUvarint(b, uint64(r.PieceID))
	b = binary.AppendUvarint(b, uint64(r.PersonID))
	b = append(b, digest...)
	b = append(b, i.mac(i.signer, u, b)[:macSize]...)
	return tokenEncoding.EncodeToString(b)
}

func (i *Identity) open(u use, token string, digest int) (Ref, error) {
	signed, err := i.verified(u, token)
	if err != nil || len(signed) < 1+2+digest {
		return Ref{}, ErrBadToken
	}
	piece, n := binary.Uvarint(signed[1:])
	if n <= 0 {
		return Ref{}, ErrBadToken
	}
	person, m := binary.Uvarint(signed[1+n:])
	if m <= 0 || 1+n+m+digest != len(signed) {
		return Ref{}, ErrBadToken
	}
	return Ref{PieceID: int64(piece), PersonID: int64(person)}, nil
}

// mac is keyed for one use; the zero byte ends the use's name.
func (i *Identity) mac(key byte, u use, b []byte) []byte {
	h := hmac.New(sha256.New, i.keys[key])
	h.Write([]byte(u))
	h.Write([]byte{0})
	h.Write(b)
	return h.Sum(nil)
}

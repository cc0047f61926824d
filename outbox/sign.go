package outbox

// Identity makes and recognises what marks a mail as ours: signed reply addresses, Message-IDs and thread ids.
// Tokens are lower-case base32, so they survive case folding; the local part stays within 64 bytes.
type Identity struct{}

// NewIdentity takes the signing keys, the reply address ("drafts+{token}@agency.example", or a plain one without {token}
// where the mailbox takes no plus addresses), and the domain of our Message-IDs.
func NewIdentity(keys []Key, replyAddress, domain string) (*Identity, error) {
	panic("written by outbox")
}

// ReplyAddress is where an answer about r should go.
func (i *Identity) ReplyAddress(r Ref) string { panic("written by outbox") }

// ThreadID is the id that every notice to r carries first in References.
func (i *Identity) ThreadID(r Ref) string { panic("written by outbox") }

// MessageID is the id of the notice with that key; always the same for the same input.
func (i *Identity) MessageID(r Ref, key string) string { panic("written by outbox") }

// FromAddress is the Ref of an address that ReplyAddress made, else ErrBadToken.
func (i *Identity) FromAddress(address string) (Ref, error) { panic("written by outbox") }

// FromID is the Ref of an id that MessageID or ThreadID made, else ErrBadToken.
func (i *Identity) FromID(id string) (Ref, error) { panic("written by outbox") }

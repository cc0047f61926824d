package inbox

import (
	"context"
	"io"
)

// Options is what Read needs to know of the world. The zero value reads any mail, trusting no header.
type Options struct {
	// AuthservIDs are the hosts whose Authentication-Results are believed (RFC 8601 section 5).
	AuthservIDs []string
	// LookupTXT, if set, lets mail without trusted results be DKIM-verified here.
	LookupTXT func(ctx context.Context, domain string) ([]string, error)
	// OwnID tells whether a Message-ID (without angle brackets) is one that Handoff signed.
	OwnID func(id string) bool
	// OwnAddresses are the addresses Handoff sends from.
	OwnAddresses []string
	// Limits on structure; zero fields take the defaults.
	Limits Limits
}

// Limits bound what one mail may make Read do. Beyond them a Message comes back with Held set.
type Limits struct {
	Depth       int   // nested multiparts and messages
	Parts       int   // leaves and multiparts in all
	HeaderBytes int64 // of one part's header
	TextBytes   int64 // of decoded text kept for Body
}

// Read reads one mail of size bytes. It reads raw in one linear pass plus the text parts, never the attachments' bytes twice.
// However hostile the mail, the answer is a Message (Held says what could not be read); an error is raw's own or ctx's.
func Read(ctx context.Context, raw io.ReaderAt, size int64, opt Options) (*Message, error) {
	panic("written by inbox")
}

// Open reads the attachment's decoded bytes from the raw mail it lies in.
func (a Attachment) Open(raw io.ReaderAt) io.Reader {
	panic("written by inbox")
}

package inbox

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"github.com/cespare/xxhash/v2"
)

// bodySum is the body's part of Message.ContentHash: SHA-256 of its first 64 kB and of its length and 64-bit XXH of what
// comes after. It tells copies of one mail from other mails; the stored bytes themselves are named by a SHA-256 of all of them, and
// taking a second one would cost as much as all the rest of reading.
type bodySum struct {
	head hash.Hash
	n    int64 // bytes in head
	tail xxhash.Digest
	more int64 // bytes in tail
}

const bodySumHead = 64 << 10

func newBodySum() *bodySum {
	s := &bodySum{head: sha256.New()}
	s.tail.Reset()
	return s
}

func (s *bodySum) Write(b []byte) {
	if n := min(bodySumHead-s.n, int64(len(b))); n > 0 {
		s.head.Write(b[:n]) // a hash does not fail
		s.n += n
		b = b[n:]
	}
	if len(b) > 0 {
		s.tail.Write(b)
		s.more += int64(len(b))
	}
}

func (s *bodySum) Sum() []byte {
	if s.more > 0 {
		var rest [16]byte
		binary.BigEndian.PutUint64(rest[:8], uint64(s.more))
		binary.BigEndian.PutUint64(rest[8:], s.tail.Sum64())
		s.head.Write(rest[:])
		s.more = 0
	}
	return s.head.Sum(nil)
}

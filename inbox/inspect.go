package inbox

import (
	"io"

	"handoff/inbox/draft"
)

// peekBytes is as much of an attachment as tells most files: the rest is decoded only for those that need it.
const peekBytes = 1024

// inspect tells why a file must not be taken in, "" if nothing speaks against it. raw is where the attachment's range lies.
func inspect(a Attachment, raw io.ReaderAt) string {
	if a.Size == 0 && a.Length == 0 {
		return draft.Inspect(a.Name, a.Type, raw, 0)
	}
	p := &peeked{a: a, raw: raw}
	p.head = make([]byte, min(a.Size, peekBytes))
	n, _ := io.ReadFull(decoder(a.Encoding, io.NewSectionReader(raw, a.Offset, a.Length)), p.head)
	p.head = p.head[:n]
	return draft.Inspect(a.Name, a.Type, p, a.Size)
}

// peeked gives random access to an attachment of which mostly the beginning is wanted.
type peeked struct {
	a    Attachment
	raw  io.ReaderAt
	head []byte

	whole io.ReaderAt
	err   error
}

func (p *peeked) ReadAt(b []byte, off int64) (int, error) {
	if off >= 0 && off+int64(len(b)) <= int64(len(p.head)) {
		return copy(b, p.head[off:]), nil
	}
	if p.whole == nil && p.err == nil {
		p.whole, _, p.err = rangeAt(p.raw, nil, p.a.Offset, p.a.Length, p.a.Encoding)
	}
	if p.err != nil {
		return 0, p.err
	}
	return p.whole.ReadAt(b, off)
}

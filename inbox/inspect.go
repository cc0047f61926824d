package inbox

import (
	"bytes"
	"io"

	"handoff/inbox/draft"
)

// peekBytes is as much of an attachment as tells most files: only of those that have a directory the rest is looked at.
const peekBytes = 1024

// inspect fills in why a file must not be taken in. raw is where the attachment's range lies. What has a directory is looked at
// under its true size, which the count of the scan is not when the encoding breaks its rules.
func (a *Attachment) inspect(raw io.ReaderAt) {
	head := make([]byte, min(max(a.Size, 0), peekBytes))
	n, _ := io.ReadFull(decoder(a.Encoding, io.NewSectionReader(raw, a.Offset, a.Length)), head)
	head = head[:n]
	if !draft.Structured(a.Name, head) {
		a.Refused = draft.Inspect(a.Name, a.Type, bytes.NewReader(head), int64(len(head)))
		return
	}
	r, size, err := rangeAt(raw, nil, a.Offset, a.Length, a.Encoding)
	if err != nil {
		a.Refused = "it is encoded in a way that cannot be checked; please send it again"
		return
	}
	a.Size = size
	a.Refused = draft.Inspect(a.Name, a.Type, r, size)
}

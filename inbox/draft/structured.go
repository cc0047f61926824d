package draft

import "bytes"

// Structured tells files of which Inspect looks at more than the first kilobyte, head: archives, old Office files and PDFs.
func Structured(name string, head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK")) || bytes.HasPrefix(head, []byte(oleMagic)) || bytes.Contains(head, []byte("%PDF-")) || zipName(extension(name))
}

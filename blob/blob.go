// Package blob keeps raw mails by content hash. What Commit returned and Sync confirmed survives a crash.
package blob

import (
	"context"
	"io"
)

// ID names a blob: the lower-case hex SHA-256 of its bytes.
type ID string

// Dir is a directory of blobs on the local disk, safe for concurrent use by many processes.
type Dir struct {
	root string
}

// Open makes root if needed and removes what a crash left half-written there.
func Open(root string) (*Dir, error) { panic("written by blob") }

// Create starts a blob. Write to it, then Commit or Discard.
func (d *Dir) Create(ctx context.Context) (*Writer, error) { panic("written by blob") }

// Get opens a blob for ranged reads. workflow-free: a missing one gives an error that wraps fs.ErrNotExist.
func (d *Dir) Get(ctx context.Context, id ID) (*File, error) { panic("written by blob") }

// Sync makes the names of committed blobs durable; call it once a batch, before the transaction that names them.
func (d *Dir) Sync(ctx context.Context, ids ...ID) error { panic("written by blob") }

// Writer is a blob being written: bytes are hashed as they come.
type Writer struct{}

func (w *Writer) Write(p []byte) (int, error) { panic("written by blob") }

// ReadAt reads what was written so far, so that a mail can be read before it is committed.
func (w *Writer) ReadAt(p []byte, off int64) (int, error) { panic("written by blob") }

// Size is how many bytes were written.
func (w *Writer) Size() int64 { panic("written by blob") }

// Commit fsyncs the bytes and gives them their name. Equal bytes are one blob. The Writer stays readable until Close.
func (w *Writer) Commit() (ID, error) { panic("written by blob") }

// Close frees the Writer; an uncommitted blob is removed.
func (w *Writer) Close() error { panic("written by blob") }

// File is a stored blob.
type File struct {
	io.ReaderAt
	io.Closer
	Size int64
}

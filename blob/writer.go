package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sync"
)

var (
	errCommitted = errors.New("write to a stored mail that is complete")
	errBroken    = errors.New("an earlier write failed: the mail is not whole")
)

// spillAt is the size up to which a mail stays in memory until Commit, so that most are written by who commits them and
// not by the one goroutine that talks to the server. Making a file is slow where many were deleted just before.
const spillAt = 64 << 10

var smallMails = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Writer is a blob being written: bytes are hashed as they come. One goroutine writes; any may ReadAt what is written.
type Writer struct {
	dir    *Dir
	small  *bytes.Buffer // the bytes, while they are few; kept for ReadAt until Close
	f      *os.File      // nil until there are many, or Commit
	temp   string        // the temporary file's path, "" if there is none
	sum    hash.Hash
	size   int64
	id     ID // set by Commit
	broken bool
	closed bool
}

// Create starts a blob. Write to it, then Commit or just Close.
func (d *Dir) Create(ctx context.Context) (*Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	small := smallMails.Get().(*bytes.Buffer)
	small.Reset()
	return &Writer{dir: d, small: small, sum: sha256.New()}, nil
}

// Write appends p. After an error the blob can only be closed.
func (w *Writer) Write(p []byte) (int, error) {
	switch {
	case w.closed:
		return 0, os.ErrClosed
	case w.id != "":
		return 0, errCommitted
	case w.broken:
		return 0, errBroken
	}
	n, err := w.put(p)
	w.sum.Write(p[:n])
	w.size += int64(n)
	if err != nil {
		w.broken = true
	}
	return n, w.dir.explain("write a stored mail", err)
}

func (w *Writer) put(p []byte) (int, error) {
	if w.f == nil {
		if w.small.Len()+len(p) <= spillAt {
			return w.small.Write(p)
		}
		if err := w.spill(); err != nil {
			return 0, err
		}
		w.release()
	}
	return w.f.Write(p)
}

// spill makes the temporary file and writes what was in memory.
func (w *Writer) spill() error {
	f, err := os.CreateTemp(filepath.Join(w.dir.root, tempDir), "mail-")
	if err != nil {
		return err
	}
	w.f, w.temp = f, f.Name()
	_, err = f.Write(w.small.Bytes())
	return err
}

func (w *Writer) release() {
	if w.small != nil {
		smallMails.Put(w.small)
		w.small = nil
	}
}

// ReadAt reads what was written so far, so that a mail can be read before it is committed.
func (w *Writer) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case w.closed:
		return 0, os.ErrClosed
	case w.small == nil:
		return w.f.ReadAt(p, off)
	case off < 0:
		return 0, os.ErrInvalid
	case off >= w.size:
		return 0, io.EOF
	}
	n := copy(p, w.small.Bytes()[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Size is how many bytes were written.
func (w *Writer) Size() int64 { return w.size }

// Commit fsyncs the bytes and gives them their name. Equal bytes are one blob. The Writer stays readable until Close.
func (w *Writer) Commit() (ID, error) {
	switch {
	case w.id != "":
		return w.id, nil
	case w.closed:
		return "", os.ErrClosed
	case w.broken:
		return "", errBroken
	}
	id := ID(hex.EncodeToString(w.sum.Sum(nil)))
	name := w.dir.path(id)
	if w.stored(name) {
		w.id = id // Close removes this copy
		return id, nil
	}
	if w.f == nil {
		if err := w.spill(); err != nil {
			w.broken = true
			return "", w.dir.explain("write a stored mail", err)
		}
	}
	if err := w.f.Sync(); err != nil {
		w.broken = true // what a failed fsync left on disk is unknown
		return "", w.dir.explain("flush a stored mail", err)
	}
	if err := w.rename(name); err != nil {
		return "", w.dir.explain("name a stored mail", err)
	}
	w.id = id
	return id, nil
}

// stored tells whether the same bytes have that name already: a name is only given to bytes that are on the disk.
func (w *Writer) stored(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Size() == w.size
}

// rename gives the file its name. Where an open file cannot be renamed (Windows), it is opened anew under it.
func (w *Writer) rename(name string) error {
	if !renamesOpen {
		if err := w.f.Close(); err != nil {
			return err
		}
	}
	err := os.Rename(w.temp, name)
	switch {
	case err == nil:
		w.temp = ""
	case w.stored(name): // somebody else was first, and has it open
	default:
		w.broken = true
		return err
	}
	if renamesOpen {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		w.broken = true
		return err
	}
	w.f = f
	return nil
}

// Close frees the Writer; an uncommitted blob is removed.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	w.release()
	if w.f == nil {
		return nil
	}
	err := w.f.Close()
	if errors.Is(err, os.ErrClosed) {
		err = nil
	}
	if w.temp != "" {
		if rmErr := os.Remove(w.temp); rmErr != nil && !errors.Is(rmErr, os.ErrNotExist) {
			err = errors.Join(err, rmErr)
		}
	}
	return err
}

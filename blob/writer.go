package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"os"
	"path/filepath"
)

var (
	errCommitted = errors.New("write to a stored mail that is complete")
	errBroken    = errors.New("an earlier write failed: the mail is not whole")
)

// Writer is a blob being written: bytes are hashed as they come. One goroutine writes; any may ReadAt what is written.
type Writer struct {
	dir    *Dir
	f      *os.File
	temp   string // the temporary file's path, "" once it is gone
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
	f, err := os.CreateTemp(filepath.Join(d.root, tempDir), "mail-")
	if err != nil {
		return nil, d.explain("start a stored mail", err)
	}
	return &Writer{dir: d, f: f, temp: f.Name(), sum: sha256.New()}, nil
}

// Write appends p. After an error the blob can only be closed.
func (w *Writer) Write(p []byte) (int, error) {
	switch {
	case w.id != "":
		return 0, errCommitted
	case w.broken:
		return 0, errBroken
	}
	n, err := w.f.Write(p)
	w.sum.Write(p[:n])
	w.size += int64(n)
	if err != nil {
		w.broken = true
	}
	return n, w.dir.explain("write a stored mail", err)
}

// ReadAt reads what was written so far, so that a mail can be read before it is committed.
func (w *Writer) ReadAt(p []byte, off int64) (int, error) { return w.f.ReadAt(p, off) }

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

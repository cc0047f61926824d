// Package blob keeps raw mails by content hash. What Commit returned and Sync confirmed survives a crash.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ID names a blob: the lower-case hex SHA-256 of its bytes.
type ID string

// Valid tells whether id has the form of a blob's name.
func (id ID) Valid() bool {
	if len(id) != 64 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Dir is a directory of blobs on the local disk, safe for concurrent use by many processes: ROOT/ab/cdef… holds the blob
// abcdef…, ROOT/tmp what is being written.
type Dir struct {
	root string
}

const (
	tempDir = "tmp"
	// staleAfter is how long nothing was written to a temporary file before it counts as left by a crash.
	staleAfter = 24 * time.Hour
	// syncers bounds the directories flushed at once: the disk merges flushes that come together.
	syncers = 8
)

// Open makes root if needed and removes what a crash left half-written there.
func Open(root string) (*Dir, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("blob directory %s: %w", root, err)
	}
	d := &Dir{root: abs}
	if err := d.layout(); err != nil {
		return nil, d.explain("make the blob directory", err)
	}
	if err := d.sweep(time.Now().Add(-staleAfter)); err != nil {
		return nil, d.explain("clear the blob directory", err)
	}
	return d, nil
}

// layout makes all directories at once, so that a batch has only the directories of its own blobs to flush.
func (d *Dir) layout() error {
	if err := os.MkdirAll(filepath.Join(d.root, tempDir), 0o700); err != nil {
		return err
	}
	made := false
	for i := range 256 {
		err := os.Mkdir(filepath.Join(d.root, fmt.Sprintf("%02x", i)), 0o700)
		if err == nil {
			made = true
		} else if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if !made {
		return d.probe()
	}
	if err := syncDir(d.root); err != nil {
		return err
	}
	return syncDir(filepath.Dir(d.root))
}

// probe finds out now, rather than with the first mail, that nothing can be written.
func (d *Dir) probe() error {
	f, err := os.CreateTemp(filepath.Join(d.root, tempDir), "probe-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func (d *Dir) sweep(before time.Time) error {
	dir := filepath.Join(d.root, tempDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process finished it
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || info.ModTime().After(before) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (d *Dir) path(id ID) string {
	return filepath.Join(d.root, string(id[:2]), string(id[2:]))
}

// Get opens a blob for ranged reads. A missing one gives an error that wraps fs.ErrNotExist.
func (d *Dir) Get(ctx context.Context, id ID) (*File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !id.Valid() {
		return nil, fmt.Errorf("%q is not the id of a stored mail: %w", string(id), fs.ErrInvalid)
	}
	f, err := os.Open(d.path(id))
	if err != nil {
		return nil, fmt.Errorf("stored mail %s: %w", id, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("stored mail %s: %w", id, err), f.Close())
	}
	return &File{ReaderAt: f, Closer: f, Size: info.Size()}, nil
}

// Sync makes the names of committed blobs durable; call it once a batch, before the transaction that names them.
func (d *Dir) Sync(ctx context.Context, ids ...ID) error {
	dirs := map[string]bool{}
	for _, id := range ids {
		if !id.Valid() {
			return fmt.Errorf("%q is not the id of a stored mail: %w", string(id), fs.ErrInvalid)
		}
		dirs[string(id[:2])] = true
	}
	var (
		wg    sync.WaitGroup
		slots = make(chan struct{}, syncers)
		mu    sync.Mutex
		first error
	)
	for dir := range dirs {
		if err := ctx.Err(); err != nil {
			wg.Wait()
			return err
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := syncDir(filepath.Join(d.root, dir)); err != nil {
				mu.Lock()
				defer mu.Unlock()
				first = errors.Join(first, err)
			}
		})
	}
	wg.Wait()
	return d.explain("flush the blob directory", first)
}

// explain says in words what a person can do about err, which stays in the chain.
func (d *Dir) explain(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case diskFull(err):
		return fmt.Errorf("disk is full: free space at %s: %w", d.root, err)
	case errors.Is(err, fs.ErrPermission) || readOnly(err):
		return fmt.Errorf("cannot write to %s: make it writable for the user that runs Handoff: %w", d.root, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// File is a stored blob.
type File struct {
	io.ReaderAt
	io.Closer
	Size int64
}

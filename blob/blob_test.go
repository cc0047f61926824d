package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func open(t testing.TB, root string) *Dir {
	t.Helper()
	d, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func put(t testing.TB, d *Dir, content []byte) ID {
	t.Helper()
	w, err := d.Create(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	id, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Sync(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	return id
}

func read(t testing.TB, d *Dir, id ID) []byte {
	t.Helper()
	f, err := d.Get(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// files lists every file below root, relative to it.
func files(t testing.TB, root string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(root, path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestStoredUnderItsHash(t *testing.T) {
	root := t.TempDir()
	d := open(t, root)
	id := put(t, d, []byte("Subject: hi\r\n\r\nhello\r\n"))
	sum := sha256.Sum256([]byte("Subject: hi\r\n\r\nhello\r\n"))
	if want := ID(hex.EncodeToString(sum[:])); id != want {
		t.Fatalf("id %s, want %s", id, want)
	}
	want := string(id[:2]) + "/" + string(id[2:])
	if got := files(t, root); len(got) != 1 || got[0] != want {
		t.Errorf("files %v, want only %s", got, want)
	}
	if got := read(t, open(t, root), id); string(got) != "Subject: hi\r\n\r\nhello\r\n" {
		t.Errorf("read %q after a restart", got)
	}
}

func TestWriterReadsBeforeAndAfterCommit(t *testing.T) {
	d := open(t, t.TempDir())
	for _, round := range []string{"first copy", "second copy"} {
		w, err := d.Create(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, "hello, ")
		io.WriteString(w, "world")
		check := func(when string) {
			t.Helper()
			got := make([]byte, 5)
			if _, err := w.ReadAt(got, 7); err != nil || string(got) != "world" {
				t.Errorf("%s, %s: read %q, %v", round, when, got, err)
			}
		}
		check("before Commit")
		id, err := w.Commit()
		if err != nil {
			t.Fatal(err)
		}
		check("after Commit")
		if again, err := w.Commit(); err != nil || again != id {
			t.Errorf("second Commit: %s, %v", again, err)
		}
		if _, err := w.Write([]byte("more")); err == nil {
			t.Error("Write after Commit went through")
		}
		if w.Size() != 12 {
			t.Errorf("size %d, want 12", w.Size())
		}
		if err := errors.Join(w.Close(), w.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestUncommittedLeavesNothing(t *testing.T) {
	root := t.TempDir()
	d := open(t, root)
	w, err := d.Create(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "half a ma")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := files(t, root); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
	if _, err := w.Commit(); err == nil {
		t.Error("Commit after Close went through")
	}
}

func TestOpenRemovesOnlyStaleTemporaryFiles(t *testing.T) {
	root := t.TempDir()
	d := open(t, root)
	id := put(t, d, []byte("kept"))
	stale, fresh := filepath.Join(root, tempDir, "mail-1"), filepath.Join(root, tempDir, "mail-2")
	for _, name := range []string{stale, fresh} {
		if err := os.WriteFile(name, []byte("half a ma"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-25 * time.Hour)
	for _, name := range []string{stale, d.path(id)} {
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	open(t, root)
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a temporary file of a crash is still there")
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Error("another process' temporary file is gone:", err)
	}
	if got := read(t, d, id); string(got) != "kept" {
		t.Errorf("an old blob reads %q", got)
	}
}

func TestTornBlobIsReplaced(t *testing.T) {
	d := open(t, t.TempDir())
	id := put(t, d, []byte("the whole mail"))
	if err := os.WriteFile(d.path(id), []byte("the wh"), 0o600); err != nil {
		t.Fatal(err)
	}
	put(t, d, []byte("the whole mail"))
	if got := read(t, d, id); string(got) != "the whole mail" {
		t.Errorf("read %q", got)
	}
}

func TestConcurrentEqualCommits(t *testing.T) {
	root := t.TempDir()
	dirs := []*Dir{open(t, root), open(t, root)}
	content := bytes.Repeat([]byte("equal "), 20_000)
	ids := make([]ID, 32)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() { ids[i] = put(t, dirs[i%2], content) })
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("ids differ: %s, %s", id, ids[0])
		}
	}
	if got := files(t, root); len(got) != 1 {
		t.Errorf("files: %v", got)
	}
	if !bytes.Equal(read(t, dirs[0], ids[0]), content) {
		t.Error("other bytes came back")
	}
}

func TestGetRefuses(t *testing.T) {
	root := t.TempDir()
	d := open(t, root)
	hash := strings.Repeat("0a", 32)
	for _, tt := range []struct {
		id   string
		want error
	}{
		{hash, fs.ErrNotExist},
		{"", fs.ErrInvalid},
		{"../../etc/passwd", fs.ErrInvalid},
		{"../" + hash[3:], fs.ErrInvalid},
		{strings.ToUpper(hash), fs.ErrInvalid},
		{hash + "00", fs.ErrInvalid},
	} {
		if _, err := d.Get(context.Background(), ID(tt.id)); !errors.Is(err, tt.want) {
			t.Errorf("Get(%q): %v, want %v", tt.id, err, tt.want)
		}
	}
	if err := d.Sync(context.Background(), "../x"); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("Sync of a bad id: %v", err)
	}
}

func TestEndedContext(t *testing.T) {
	d := open(t, t.TempDir())
	id := put(t, d, []byte("x"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, createErr := d.Create(ctx)
	_, getErr := d.Get(ctx, id)
	for _, err := range []error{createErr, getErr, d.Sync(ctx, id)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	d := open(t, t.TempDir())
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "disk is full: free space at " + d.root},
		{&fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}, "make it writable"},
		{&fs.PathError{Op: "open", Path: "x", Err: io.ErrUnexpectedEOF}, "store a mail: open x"},
	} {
		got := d.explain("store a mail", tt.err)
		if !strings.Contains(got.Error(), tt.want) || !errors.Is(got, tt.err) {
			t.Errorf("explain(%v) = %v, want %q in it", tt.err, got, tt.want)
		}
	}
	if file := filepath.Join(t.TempDir(), "file"); os.WriteFile(file, nil, 0o600) == nil {
		if _, err := Open(filepath.Join(file, "mail")); err == nil {
			t.Error("Open below a file went through")
		}
	}
}

// Whatever is written in whatever pieces comes back whole, and equal contents are one blob.
func TestContentSurvives(t *testing.T) {
	root := t.TempDir()
	d := open(t, root)
	stored := map[ID]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 300), 0, 5).Draw(rt, "parts")
		w, err := d.Create(context.Background())
		if err != nil {
			rt.Fatal(err)
		}
		defer w.Close()
		for _, p := range parts {
			if n, err := w.Write(p); err != nil || n != len(p) {
				rt.Fatal(n, err)
			}
		}
		id, err := w.Commit()
		if err != nil {
			rt.Fatal(err)
		}
		stored[id] = true
		content := bytes.Join(parts, nil)
		if got := read(t, d, id); !bytes.Equal(got, content) {
			rt.Fatalf("wrote %q, read %q", content, got)
		}
	})
	if got := files(t, root); len(got) != len(stored) {
		t.Errorf("%d files for %d contents", len(got), len(stored))
	}
}

// TestAroundTheSpill: a mail reads the same before and after Commit, whether it stayed in memory or not.
func TestAroundTheSpill(t *testing.T) {
	d := open(t, t.TempDir())
	for _, size := range []int{0, 1, spillAt - 1, spillAt, spillAt + 1, 3 * spillAt} {
		want := bytes.Repeat([]byte("0123456789abcde\n"), size/16+1)[:size]
		w, err := d.Create(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for part := range slices.Chunk(want, 5000) {
			if _, err := w.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		check := func(when string) {
			t.Helper()
			got, err := io.ReadAll(io.NewSectionReader(w, 0, w.Size()))
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes, %s: got %d bytes, %v", size, when, len(got), err)
			}
			if n, err := w.ReadAt(make([]byte, 10), w.Size()); n != 0 || err != io.EOF {
				t.Fatalf("%d bytes, %s: read %d bytes past the end, %v", size, when, n, err)
			}
		}
		check("before Commit")
		id, err := w.Commit()
		if err != nil {
			t.Fatal(err)
		}
		check("after Commit")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := read(t, d, id); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: stored %d", size, len(got))
		}
	}
	if left := files(t, filepath.Join(d.root, tempDir)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

package draft

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	maxEntries   = 20_000  // of an archive
	maxDirectory = 4 << 20 // bytes of its central directory
	maxEntryName = 4096
	endBytes     = 22 + 65535 // of the end record with its comment
	headerBytes  = 4 << 20    // that are read to find headers, where the directory cannot be
)

var (
	errNoZip   = errors.New("not a zip archive")
	errZipSize = errors.New("zip: directory beyond the limits")
	errBudget  = errors.New("unpacks to more than is allowed")
)

// entry is a file in an archive, as the central directory tells it. Its sizes are claims.
type entry struct {
	name             string
	method           uint16
	encrypted        bool
	packed, unpacked uint64
	offset           int64 // of its local header
	symlink          bool
}

// zipEnd looks for the record that ends an archive in its last n bytes, tail; end is where it begins in them, -1 if it does not.
func zipEnd(r io.ReaderAt, size, n int64) (tail []byte, end int, err error) {
	tail = make([]byte, min(size, n))
	if _, err := io.ReadFull(io.NewSectionReader(r, size-int64(len(tail)), int64(len(tail))), tail); err != nil {
		return nil, -1, fmt.Errorf("zip: %w", err)
	}
	for i := bytes.LastIndex(tail, []byte("PK\x05\x06")); i >= 0; i = bytes.LastIndex(tail[:i], []byte("PK\x05\x06")) {
		if i+22 <= len(tail) && i+22+int(binary.LittleEndian.Uint16(tail[i+20:])) <= len(tail) {
			return tail, i, nil
		}
	}
	return tail, -1, nil
}

// walkZip calls f with the entries of the central directory until it returns false. Nothing of them is kept here, so an
// archive of a million entries costs no memory; beyond the limits it ends with errZipSize.
func walkZip(r io.ReaderAt, size int64, f func(entry) bool) error {
	tail, end, err := zipEnd(r, size, 1<<10) // without a long comment, as nearly all are
	if err == nil && end < 0 {
		tail, end, err = zipEnd(r, size, endBytes)
	}
	switch {
	case err != nil:
		return err
	case end < 0:
		return errNoZip
	}
	record := tail[end:]
	at := size - int64(len(tail)) + int64(end)
	count := uint64(binary.LittleEndian.Uint16(record[10:]))
	length := uint64(binary.LittleEndian.Uint32(record[12:]))
	start := uint64(binary.LittleEndian.Uint32(record[16:]))
	if count == 0xffff || length == 0xffffffff || start == 0xffffffff {
		if c, l, s, where, ok := zip64End(r, at); ok {
			count, length, start, at = c, l, s, where
		}
	}
	if count > maxEntries || length > maxDirectory {
		return errZipSize
	}
	if length > uint64(at) || start > uint64(size) {
		return errNoZip
	}
	// What was put before the archive shifts its offsets.
	first := at - int64(length)
	base := first - int64(start)
	if base < 0 {
		return errNoZip
	}
	br := bufio.NewReaderSize(io.NewSectionReader(r, first, int64(length)), 32<<10)
	var head [46]byte
	for n := 0; ; n++ {
		if _, err := io.ReadFull(br, head[:]); err == io.EOF {
			return nil
		} else if err != nil || string(head[:4]) != "PK\x01\x02" {
			return fmt.Errorf("zip: bad directory: %w", errNoZip)
		}
		if n >= maxEntries {
			return errZipSize
		}
		le := binary.LittleEndian
		nameLen, extraLen, commentLen := int(le.Uint16(head[28:])), int(le.Uint16(head[30:])), int(le.Uint16(head[32:]))
		buf := make([]byte, nameLen+extraLen)
		if _, err := io.ReadFull(br, buf); err != nil {
			return fmt.Errorf("zip: %w", err)
		}
		if _, err := br.Discard(commentLen); err != nil {
			return fmt.Errorf("zip: %w", err)
		}
		e := entry{
			name:      string(buf[:nameLen]),
			method:    le.Uint16(head[10:]),
			encrypted: le.Uint16(head[8:])&(1|1<<6|1<<13) != 0,
			packed:    uint64(le.Uint32(head[20:])),
			unpacked:  uint64(le.Uint32(head[24:])),
			symlink:   head[5] == 3 && le.Uint32(head[38:])>>28 == 0xa,
		}
		offset := uint64(le.Uint32(head[42:]))
		zip64Extra(buf[nameLen:], &e.unpacked, &e.packed, &offset)
		if offset > uint64(size) {
			return fmt.Errorf("zip: entry outside the archive: %w", errNoZip)
		}
		if e.offset = base + int64(offset); !f(e) {
			return nil
		}
	}
}

// walkHeaders calls f with the files of an archive whose directory cannot be read, by the headers before each and by what
// can be found of the directory, until it returns false. What does not begin like an archive has none. It gives up after
// reading headerBytes, and with errZipSize at too many files.
func walkHeaders(r io.ReaderAt, size int64, f func(entry) bool) error {
	var head [46]byte
	if n, _ := r.ReadAt(head[:2], 0); n < 2 || string(head[:2]) != "PK" {
		return nil
	}
	le := binary.LittleEndian
	left := int64(headerBytes)
	at := int64(0)
	for range maxEntries {
		if at = findHeader(r, at, size, &left); at < 0 {
			return nil
		}
		n, _ := r.ReadAt(head[:min(int64(len(head)), size-at)], at)
		e, length, skip := entry{}, 0, int64(0)
		switch {
		case n >= 30 && head[2] == 3:
			e = entry{encrypted: le.Uint16(head[6:])&(1|1<<6|1<<13) != 0, packed: uint64(le.Uint32(head[18:])), unpacked: uint64(le.Uint32(head[22:]))}
			length, at = int(le.Uint16(head[26:])), at+30
			skip = int64(length) + int64(le.Uint16(head[28:])) + int64(e.packed)
		case n >= 46: // in the directory; the sizes were counted already
			e = entry{encrypted: le.Uint16(head[8:])&(1|1<<6|1<<13) != 0, symlink: head[5] == 3 && le.Uint32(head[38:])>>28 == 0xa}
			length, at = int(le.Uint16(head[28:])), at+46
			skip = int64(length) + int64(le.Uint16(head[30:])) + int64(le.Uint16(head[32:]))
		default:
			return nil
		}
		name := make([]byte, min(int64(length), size-at))
		n, _ = r.ReadAt(name, at)
		left -= int64(len(head) + len(name))
		if e.name = string(name[:n]); !f(e) {
			return nil
		}
		if skip <= size-at { // else the length is a lie, or was not known when the header was written
			at += skip
		}
	}
	return errZipSize
}

// findHeader is where the next header of a file begins, -1 if there is none before left is spent.
func findHeader(r io.ReaderAt, at, size int64, left *int64) int64 {
	var buf []byte
	for n := int64(4); at < size && *left > 0; n = min(4*n, 16<<10) { // most often it is right here
		if buf = slices.Grow(buf[:0], int(n))[:min(n, size-at)]; len(buf) < 4 {
			return -1
		}
		m, err := r.ReadAt(buf, at)
		*left -= int64(m)
		local, central := bytes.Index(buf[:m], []byte("PK\x03\x04")), bytes.Index(buf[:m], []byte("PK\x01\x02"))
		switch {
		case local >= 0 && (central < 0 || local < central):
			return at + int64(local)
		case central >= 0:
			return at + int64(central)
		case err != nil || m < 4:
			return -1
		}
		at += int64(m) - 3 // a mark may be torn
	}
	return -1
}

func zip64End(r io.ReaderAt, end int64) (count, length, start uint64, at int64, ok bool) {
	var loc [20]byte
	if end < 20 {
		return
	}
	if _, err := r.ReadAt(loc[:], end-20); err != nil || string(loc[:4]) != "PK\x06\x07" {
		return
	}
	at = int64(binary.LittleEndian.Uint64(loc[8:]))
	var rec [56]byte
	if at < 0 || at > end {
		return
	}
	if _, err := r.ReadAt(rec[:], at); err != nil || string(rec[:4]) != "PK\x06\x06" {
		return
	}
	le := binary.LittleEndian
	return le.Uint64(rec[32:]), le.Uint64(rec[40:]), le.Uint64(rec[48:]), at, true
}

// zip64Extra fills in the values that did not fit into 32 bits.
func zip64Extra(extra []byte, values ...*uint64) {
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return
		}
		if id == 1 {
			field := extra[:n]
			for _, v := range values {
				if *v == 0xffffffff && len(field) >= 8 {
					*v, field = binary.LittleEndian.Uint64(field), field[8:]
				}
			}
			return
		}
		extra = extra[n:]
	}
}

// archive opens entries by name. All that is unpacked counts against one budget, whatever sizes are declared.
type archive struct {
	r       io.ReaderAt
	size    int64
	entries map[string]entry
	budget  int64
}

// openArchive keeps the entries that want chooses.
func openArchive(r io.ReaderAt, size, budget int64, want func(name string) bool) (*archive, error) {
	a := &archive{r: r, size: size, entries: make(map[string]entry), budget: budget}
	var twice string
	err := walkZip(r, size, func(e entry) bool {
		if !want(e.name) {
			return true
		}
		if _, ok := a.entries[e.name]; ok {
			twice = e.name
			return false
		}
		a.entries[e.name] = e
		return len(a.entries) < 1000
	})
	if err == nil && twice != "" {
		err = fmt.Errorf("zip: %q is there twice", twice)
	}
	return a, err
}

// open returns nil if there is no such entry.
func (a *archive) open(name string) (io.Reader, error) {
	e, ok := a.entries[name]
	if !ok {
		return nil, nil
	}
	var head [30]byte
	if _, err := a.r.ReadAt(head[:], e.offset); err != nil || string(head[:4]) != "PK\x03\x04" {
		return nil, fmt.Errorf("zip: %q: bad header", name)
	}
	at := e.offset + 30 + int64(binary.LittleEndian.Uint16(head[26:])) + int64(binary.LittleEndian.Uint16(head[28:]))
	if at > a.size {
		return nil, fmt.Errorf("zip: %q: outside the archive", name)
	}
	var r io.Reader = io.NewSectionReader(a.r, at, int64(min(e.packed, uint64(a.size-at))))
	switch e.method {
	case 0:
	case 8:
		r = flate.NewReader(bufio.NewReaderSize(r, 16<<10))
	default:
		return nil, fmt.Errorf("zip: %q: method %d", name, e.method)
	}
	return &budgeted{r, &a.budget}, nil
}

// budgeted reads until the budget is spent, then fails with errBudget.
type budgeted struct {
	r    io.Reader
	left *int64
}

func (b *budgeted) Read(p []byte) (int, error) {
	if *b.left <= 0 {
		return 0, errBudget
	}
	if int64(len(p)) > *b.left {
		p = p[:*b.left]
	}
	n, err := b.r.Read(p)
	*b.left -= int64(n)
	return n, err
}

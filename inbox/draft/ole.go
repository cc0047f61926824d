package draft

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
)

const (
	oleMagic   = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	oleSectors = 256 // of the directory that are looked through
)

// inspectOLE looks through the directory of a compound file (MS-CFB): old Office documents, and new ones with a password.
func inspectOLE(r io.ReaderAt, size int64) string {
	var head [512]byte
	if _, err := r.ReadAt(head[:], 0); err != nil && err != io.EOF {
		return ""
	}
	le := binary.LittleEndian
	shift := le.Uint16(head[30:])
	if shift != 9 && shift != 12 {
		return ""
	}
	sector := int64(1) << shift
	at := func(n uint32) int64 { return (int64(n) + 1) * sector }
	// next follows the chain of sectors; the table's own first 109 sectors are listed in the header.
	next := func(n uint32) (uint32, bool) {
		per := uint32(sector / 4)
		if n/per >= 109 {
			return 0, false
		}
		var b [4]byte
		off := at(le.Uint32(head[76+4*(n/per):])) + 4*int64(n%per)
		if off < 0 || off+4 > size {
			return 0, false
		}
		if _, err := r.ReadAt(b[:], off); err != nil {
			return 0, false
		}
		return le.Uint32(b[:]), true
	}
	buf := make([]byte, sector)
	protected := false
	for n, k := le.Uint32(head[48:]), 0; k < oleSectors && at(n)+sector <= size; k++ {
		if _, err := r.ReadAt(buf, at(n)); err != nil {
			break
		}
		for e := buf; len(e) >= 128; e = e[128:] {
			length := int(le.Uint16(e[64:]))
			if length < 4 || length > 64 {
				continue
			}
			units := make([]uint16, length/2-1)
			for i := range units {
				units[i] = le.Uint16(e[2*i:])
			}
			switch string(utf16.Decode(units)) {
			case "EncryptedPackage", "EncryptionInfo":
				return locked
			case "Macros", "VBA", "_VBA_PROJECT", "_VBA_PROJECT_CUR", "_VBA_PROJECT_CUR_":
				return macros
			case "WordDocument":
				var fib [12]byte // of the stream's head: MS-DOC 2.5.2, fEncrypted
				if start := at(le.Uint32(e[116:])); start > 0 && start+12 <= size {
					if _, err := r.ReadAt(fib[:], start); err == nil && le.Uint16(fib[:]) == 0xa5ec && le.Uint16(fib[10:])&0x100 != 0 {
						protected = true
					}
				}
			}
		}
		m, ok := next(n)
		if !ok || m >= 0xfffffffa {
			break
		}
		n = m
	}
	if protected {
		return locked
	}
	return ""
}

package draft

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strconv"
)

const (
	pdfTail   = 64 << 10 // where the trailer is
	pdfSearch = 1 << 20  // from either end, where the encryption dictionary is
)

var (
	pdfEncrypt = lazily(`/Encrypt\s*(?:(\d{1,10})\s+(\d{1,5})\s+R|<<)`)
	pdfStart   = lazily(`startxref\s+(\d{1,12})`)
	pdfID      = lazily(`/ID\s*\[\s*`)
)

// inspectPDF tells a PDF that opens with a password only. One that is merely protected against changes is encrypted, too,
// but with the empty password (ISO 32000-1 7.6): it is let through.
func inspectPDF(r io.ReaderAt, size int64) string {
	read := func(off, n int64) []byte {
		off = max(off, 0)
		b := make([]byte, max(min(n, size-off), 0))
		m, _ := r.ReadAt(b, off)
		return b[:m]
	}
	tail := read(size-pdfTail, pdfTail)
	places := [][]byte{tail, read(0, 2048)}
	if all := pdfStart().FindAllSubmatch(tail, -1); len(all) > 0 {
		if off, err := strconv.ParseInt(string(all[len(all)-1][1]), 10, 64); err == nil && off < size {
			places = append(places, read(off, 4096))
		}
	}
	var trailer, dict []byte
	var m []int
	for _, p := range places {
		if m = pdfEncrypt().FindSubmatchIndex(p); m != nil {
			trailer = p
			break
		}
	}
	if trailer == nil {
		return ""
	}
	if m[2] < 0 {
		dict = trailer[m[1]:]
	} else {
		object := append([]byte{}, trailer[m[2]:m[3]]...)
		object = append(append(append(object, ' '), trailer[m[4]:m[5]]...), " obj"...)
		for _, p := range [][]byte{read(size-pdfSearch, pdfSearch), read(0, pdfSearch)} {
			for at := p; dict == nil; {
				i := bytes.Index(at, object)
				if i < 0 {
					break
				}
				if i == 0 || at[i-1] <= ' ' {
					dict = at[i+len(object):]
				}
				at = at[i+len(object):]
			}
		}
	}
	if dict == nil {
		return ""
	}
	dict = dict[:min(len(dict), 4096)]
	var id []byte
	if loc := pdfID().FindIndex(trailer); loc != nil {
		id = pdfString(trailer[loc[1]:])
	}
	if emptyPassword(dict, id) {
		return ""
	}
	return locked
}

// pdfKey is what follows a key of a dictionary.
func pdfKey(dict []byte, key string) []byte {
	for at := dict; ; {
		i := bytes.Index(at, []byte("/"+key))
		if i < 0 {
			return nil
		}
		at = at[i+1+len(key):]
		if len(at) > 0 && (at[0] <= ' ' || at[0] == '(' || at[0] == '<' || at[0] == '/' || at[0] == '[') {
			return bytes.TrimLeft(at, " \t\r\n")
		}
	}
}

func pdfInt(dict []byte, key string) int {
	b := pdfKey(dict, key)
	n := 0
	for n < len(b) && n < 12 && (b[n] >= '0' && b[n] <= '9' || b[n] == '-') {
		n++
	}
	v, _ := strconv.Atoi(string(b[:n]))
	return v
}

// pdfString reads a string, in brackets or in hexadecimal.
func pdfString(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	if b[0] == '<' {
		end := bytes.IndexByte(b, '>')
		if end < 0 {
			return nil
		}
		out, _ := hex.DecodeString(string(bytes.Join(bytes.Fields(b[1:end]), nil)))
		return out
	}
	if b[0] != '(' {
		return nil
	}
	var out []byte
	depth := 1
	for i := 1; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '\\' && i+1 < len(b):
			i++
			switch c = b[i]; c {
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 't':
				c = '\t'
			case 'b':
				c = '\b'
			case 'f':
				c = '\f'
			case '\r', '\n':
				if c == '\r' && i+1 < len(b) && b[i+1] == '\n' {
					i++
				}
				continue
			case '0', '1', '2', '3', '4', '5', '6', '7':
				v := 0
				for k := 0; k < 3 && i < len(b) && b[i] >= '0' && b[i] <= '7'; k++ {
					v = v*8 + int(b[i]-'0')
					i++
				}
				i--
				c = byte(v)
			}
			out = append(out, c)
			continue
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return out
			}
		}
		out = append(out, c)
	}
	return nil
}

var pdfPad = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

// emptyPassword tells whether the empty user password opens the file: ISO 32000-1 7.6.3.4, ISO 32000-2 7.6.4.4. What it
// does not understand it lets through.
func emptyPassword(dict, id []byte) bool {
	rev := pdfInt(dict, "R")
	o, u := pdfString(pdfKey(dict, "O")), pdfString(pdfKey(dict, "U"))
	if filter := pdfKey(dict, "Filter"); !bytes.HasPrefix(filter, []byte("/Standard")) && filter != nil {
		return false // a certificate or another program's own
	}
	switch {
	case rev >= 5 && len(u) >= 48:
		if rev == 5 {
			sum := sha256.Sum256(u[32:40])
			return bytes.Equal(sum[:], u[:32])
		}
		return bytes.Equal(hash2B(u[32:40]), u[:32])
	case rev >= 2 && rev <= 4 && len(o) >= 32 && len(u) >= 16:
		n := 5
		if rev >= 3 {
			if n = pdfInt(dict, "Length") / 8; n < 5 || n > 16 {
				n = 16
			}
			if rev == 4 {
				n = 16
			}
		}
		h := md5.New()
		h.Write(pdfPad)
		h.Write(o[:32])
		var p [4]byte
		binary.LittleEndian.PutUint32(p[:], uint32(pdfInt(dict, "P")))
		h.Write(p[:])
		h.Write(id)
		if meta := pdfKey(dict, "EncryptMetadata"); rev >= 4 && bytes.HasPrefix(meta, []byte("false")) {
			h.Write([]byte("\xff\xff\xff\xff"))
		}
		key := h.Sum(nil)
		if rev == 2 {
			return bytes.Equal(rc4Of(key[:5], pdfPad), u[:32:32])
		}
		for range 50 {
			sum := md5.Sum(key[:n])
			key = sum[:]
		}
		h = md5.New()
		h.Write(pdfPad)
		h.Write(id)
		x := rc4Of(key[:n], h.Sum(nil))
		for i := 1; i <= 19; i++ {
			k := make([]byte, n)
			for j := range k {
				k[j] = key[j] ^ byte(i)
			}
			x = rc4Of(k, x)
		}
		return bytes.Equal(x, u[:16])
	}
	return true
}

func rc4Of(key, b []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return nil
	}
	out := make([]byte, len(b))
	c.XORKeyStream(out, b)
	return out
}

// hash2B is algorithm 2.B of ISO 32000-2 for the empty password.
func hash2B(salt []byte) []byte {
	sum := sha256.Sum256(salt)
	k := sum[:]
	for i := 0; ; i++ {
		k1 := bytes.Repeat(k, 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(k1, k1)
		mod := 0
		for _, c := range k1[:16] {
			mod += int(c)
		}
		switch mod % 3 {
		case 0:
			s := sha256.Sum256(k1)
			k = s[:]
		case 1:
			s := sha512.Sum384(k1)
			k = s[:]
		default:
			s := sha512.Sum512(k1)
			k = s[:]
		}
		if i >= 63 && int(k1[len(k1)-1]) <= i-31 {
			return k[:32]
		}
	}
}

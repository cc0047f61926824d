package inbox

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// tlv is a BER element; indefinite ones have no length but an end.
func tlv(tag byte, indefinite bool, parts ...string) string {
	body := strings.Join(parts, "")
	switch n := len(body); {
	case indefinite:
		return string([]byte{tag, 0x80}) + body + "\x00\x00"
	case n < 0x80:
		return string([]byte{tag, byte(n)}) + body
	case n < 0x100:
		return string(append([]byte{tag, 0x81, byte(n)}, body...))
	case n < 0x10000:
		return string(append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...))
	default:
		return string(append([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, body...))
	}
}

const (
	oidSigned     = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
	oidData       = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
	oidCompressed = "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"
	oidZlib       = "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x08"
)

// signed is a CMS message whose content is that octet string.
func signed(indefinite bool, octets string) []byte {
	return cms(oidSigned, tlv(0x31, indefinite), indefinite, octets)
}

func cms(kind, algorithm string, indefinite bool, octets string) []byte {
	explicit := func(body string) string { return tlv(0xa0, indefinite, body) }
	return []byte(tlv(0x30, indefinite, kind, explicit(tlv(0x30, indefinite, "\x02\x01\x01", algorithm, tlv(0x30, indefinite, oidData, explicit(octets))))))
}

// deflate compresses, as compressed-data has it.
func deflate(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func compressedData(s string) []byte {
	return cms(oidCompressed, tlv(0x30, false, oidZlib), false, tlv(0x04, false, deflate(s)))
}

// TestOpenCMS: the content comes out whole, in whatever pieces it is.
func TestOpenCMS(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want strings.Builder
		var octets func(depth int) string
		octets = func(depth int) string {
			if depth == 0 || rapid.Bool().Draw(t, "whole") {
				s := rapid.StringN(0, 300, -1).Draw(t, "piece")
				want.WriteString(s)
				return tlv(0x04, false, s)
			}
			var pieces []string
			for range rapid.IntRange(0, 4).Draw(t, "pieces") {
				pieces = append(pieces, octets(depth-1))
			}
			return tlv(0x24, rapid.Bool().Draw(t, "indefinite"), pieces...)
		}
		in := octets(3)
		e, err := openCMS(signed(rapid.Bool().Draw(t, "stream"), in), 1<<20)
		if err != nil || string(e.content) != want.String() || e.kind != cmsSigned || e.cut {
			t.Fatalf("%q, %v, cut %t; want %q", e.content, err, e.cut, want.String())
		}
	})
	text := strings.Repeat("The same again. ", 1000)
	if e, err := openCMS(compressedData(text), 1<<20); err != nil || string(e.content) != text || e.kind != cmsCompressed {
		t.Errorf("compressed: %.50q, %v", e.content, err)
	}
	if _, err := openCMS(compressedData(text), 1000); !errors.Is(err, errContainer) {
		t.Errorf("compressed beyond the limit: %v", err)
	}
	for name, b := range map[string]string{
		"empty": "", "not BER": "hello, world", "no end": "\x30\x80\x30\x80\x30", "long length": "\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", "other tags": "\x31\x02\x06\x00",
		"primitive without length": "\x04\x80\x00\x00", "no content type": "\x30\x03\x02\x01\x01",
	} {
		if e, err := openCMS([]byte(b), 100); err == nil && e.kind != cmsUnknown {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// TestReaderAt: what is read at random is what Open reads, for bodies of one width and for all others.
func TestReaderAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "content")
		encoding := rapid.SampledFrom([]string{"base64", "base64", "base64", "quoted-printable", "", "x-uuencode"}).Draw(t, "encoding")
		eol := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
		body := string(content)
		if encoding == "base64" {
			width := rapid.SampledFrom([]int{4, 60, 72, 76, 77, 8000}).Draw(t, "width")
			body = ""
			for s := base64.StdEncoding.EncodeToString(content); s != ""; {
				n := min(width, len(s))
				body += s[:n] + eol
				s = s[n:]
			}
			switch rapid.SampledFrom([]string{"", "", "no end", "blank lines", "shorter line", "footer", "no padding"}).Draw(t, "form") {
			case "no end":
				body = strings.TrimSuffix(body, eol)
			case "no padding":
				body = strings.ReplaceAll(body, "=", "")
			case "blank lines":
				body += eol + eol
			case "shorter line":
				body = "QUJD" + eol + body
			case "footer":
				body += "-- " + eol + "list" + eol
			}
		}
		raw := "head" + body + "tail"
		a := Attachment{Offset: 4, Length: int64(len(body)), Encoding: encoding}
		if rapid.Bool().Draw(t, "within") {
			inner := base64.StdEncoding.EncodeToString([]byte(raw))
			a.Within = &Container{Format: formatTNEF, Offset: 1, Length: int64(len(inner)), Encoding: "base64"}
			raw = ":" + inner
		}
		want, err := io.ReadAll(a.Open(strings.NewReader(raw)))
		if err != nil {
			t.Fatal(err)
		}
		r, size, err := a.ReaderAt(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if size != int64(len(want)) {
			t.Fatalf("size %d of %d", size, len(want))
		}
		for range 5 {
			off := rapid.IntRange(0, len(want)).Draw(t, "offset")
			n := rapid.IntRange(0, len(want)-off+5).Draw(t, "bytes")
			b := make([]byte, n)
			got, err := r.ReadAt(b, int64(off))
			if left := len(want) - off; got != min(n, left) || string(b[:got]) != string(want[off:off+got]) || got < n && err != io.EOF {
				t.Fatalf("%d of %d bytes at %d: %q, %v", got, n, off, b[:got], err)
			}
		}
		if err := iotest.TestReader(io.NewSectionReader(r, 0, size), want); err != nil {
			t.Fatal(err)
		}
	})
}

// TestReaderAtIrregular: a line of another length is noticed when it is read.
func TestReaderAtIrregular(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789ab"), 400)
	lines := strings.SplitAfter(encode(content), "\n")
	lines[3] = lines[3][:40] + "\n" + lines[3][40:]
	body := strings.Join(lines, "")
	a := Attachment{Length: int64(len(body)), Encoding: "base64"}
	want, err := io.ReadAll(a.Open(strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := a.ReaderAt(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	if _, err := r.ReadAt(got, 0); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, equal %t", err, bytes.Equal(got, want))
	}
}

func encode(b []byte) string {
	var out strings.Builder
	for s := base64.StdEncoding.EncodeToString(b); s != ""; {
		n := min(76, len(s))
		out.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	return out.String()
}

// counting counts the bytes that are read.
type counting struct {
	io.ReaderAt
	n int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.n += n
	return n, err
}

// TestReaderAtReadsLittle: once its lines are checked, the end of a 25 MB attachment costs some kilobytes.
func TestReaderAtReadsLittle(t *testing.T) {
	body := encode(bytes.Repeat([]byte("0123456789"), 2_500_000))
	c := &counting{ReaderAt: strings.NewReader(body)}
	a := Attachment{Length: int64(len(body)), Encoding: "base64"}
	r, size, err := a.ReaderAt(c)
	if err != nil || size != 25_000_000 {
		t.Fatal(size, err)
	}
	c.n = 0
	b := make([]byte, 22)
	if _, err := r.ReadAt(b, size-22); err != nil || string(b) != "8901234567890123456789" {
		t.Fatalf("%q, %v", b, err)
	}
	if c.n > 16<<10 {
		t.Errorf("%d bytes were read", c.n)
	}
}

// TestIrregularBase64: whatever is odd in the middle, random access reads what Open reads, and macros are found.
func TestIrregularBase64(t *testing.T) {
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	for _, name := range []string{"word/document.xml", "word/vbaProject.bin"} {
		f, _ := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		f.Write(bytes.Repeat([]byte("abc"), 3000))
	}
	w.Close()
	good := strings.ReplaceAll(encode(z.Bytes()), "\n", "\r\n")
	lines := strings.SplitAfter(good, "\r\n")
	if len(lines) < 10 {
		t.Fatalf("%d lines", len(lines))
	}
	change := func(f func(l string) string) string {
		odd := slices.Clone(lines)
		odd[3] = f(odd[3])
		return strings.Join(odd, "")
	}
	for name, body := range map[string]string{
		"regular":             good,
		"blanks at the end":   strings.ReplaceAll(good, "\r\n", " \r\n"),
		"blanks in place":     change(func(l string) string { return l[:len(l)-6] + "    \r\n" + l[len(l)-6:] }),
		"a mark":              change(func(l string) string { return "!" + l }),
		"marks in front":      strings.Repeat("!", 500) + "\r\n" + good,
		"a short line":        change(func(l string) string { return l[:40] + "\r\n" + l[40:] }),
		"another line end":    change(func(l string) string { return strings.TrimSuffix(l, "\r\n") + "\n" }),
		"an alphabet of URLs": strings.NewReplacer("+", "-", "/", "_").Replace(good),
	} {
		raw := "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\n\r\ntext\r\n--f\r\nContent-Type: application/octet-stream; name=a.docx\r\n" +
			"Content-Transfer-Encoding: base64\r\n\r\n" + body + "--f--\r\n"
		m, err := Read(t.Context(), strings.NewReader(raw), int64(len(raw)), Options{})
		if err != nil || len(m.Attachments) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		a := m.Attachments[0]
		want, err := io.ReadAll(a.Open(strings.NewReader(raw)))
		if err != nil {
			t.Fatal(err)
		}
		r, size, err := a.ReaderAt(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(io.NewSectionReader(r, 0, size)); !bytes.Equal(got, want) {
			t.Errorf("%s: random access gives %d bytes that are others than the %d of Open", name, len(got), len(want))
		}
		if a.Size != int64(len(want)) || !strings.Contains(a.Refused, "macros") {
			t.Errorf("%s: size %d of %d, refused %q", name, a.Size, len(want), a.Refused)
		}
	}
}

// TestContainerErrors: what is wrong surfaces when it is read.
func TestContainerErrors(t *testing.T) {
	raw := encode([]byte("not CMS at all"))
	in := func(format string) *Container {
		return &Container{Format: format, Length: int64(len(raw)), Encoding: "base64"}
	}
	for name, a := range map[string]Attachment{
		"format":   {Length: 1, Within: in("zip")},
		"CMS":      {Length: 1, Within: in(formatSMIME)},
		"past end": {Offset: 10, Length: 100, Within: in(formatTNEF)},
		"negative": {Offset: -1, Length: 1, Within: in(formatTNEF)},
	} {
		if _, err := io.ReadAll(a.Open(strings.NewReader(raw))); err == nil {
			t.Errorf("%s: no error", name)
		}
		if r, n, err := a.ReaderAt(strings.NewReader(raw)); err == nil {
			if _, err := r.ReadAt(make([]byte, n), 0); err == nil {
				t.Errorf("%s: no error at random", name)
			}
		}
	}
	broken := errors.New("disk gone")
	a := Attachment{Length: 1, Within: in(formatSMIME)}
	if _, err := io.ReadAll(a.Open(brokenDisk{broken})); !errors.Is(err, broken) {
		t.Errorf("the reader's error is lost: %v", err)
	}
}

type brokenDisk struct{ err error }

func (b brokenDisk) ReadAt([]byte, int64) (int, error) { return 0, b.err }

// TestCasesAtRandom: every attachment of every case reads the same either way.
func TestCasesAtRandom(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.eml")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range readRaw(t, raw).Attachments {
			want := opened(t, a, raw)
			if a.Size != int64(len(want)) && a.Encoding != "quoted-printable" {
				t.Errorf("%s: size of %s is %d, not %d", file, a.Name, len(want), a.Size)
			}
			r, size, err := a.ReaderAt(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(file, err)
			}
			if got, err := io.ReadAll(io.NewSectionReader(r, 0, size)); err != nil || string(got) != want {
				t.Errorf("%s: %s: %q, %v; want %q", file, a.Name, got, err, want)
			}
		}
	}
}

// FuzzTNEF: files lie in the stream, whatever it says.
func FuzzTNEF(f *testing.F) {
	f.Add(newTNEF().file("a.txt", "content", str(propAttachLongName, "long.txt")).Bytes())
	f.Add(newTNEF().attribute(1, attMAPIProps|0x60000, props(str(propBody, "x"), prop{id: propRTFCompressed, kind: 0x102, value: compressRTF(`{\rtf1\fromhtml1 {\*\htmltag <p>}\'e4\u8364 ?}`)})).Bytes())
	f.Add(newTNEF().file("", "", prop{id: propAttachData, kind: 0x0d, value: append([]byte(iidMessage), newTNEF().file("b", "c").Bytes()...)}).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readTNEFStream(b, 0, 0)
		if err != nil {
			return
		}
		for _, file := range m.files {
			if file.offset < 0 || file.size < 0 || file.offset+file.size > int64(len(b)) {
				t.Fatalf("%d bytes at %d of %d", file.size, file.offset, len(b))
			}
		}
		raw := winmail("", b)
		for _, a := range readRaw(t, raw).Attachments {
			if _, err := io.Copy(io.Discard, a.Open(bytes.NewReader(raw))); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzRTF: decompressed RTF and the text of it stay below their limits.
func FuzzRTF(f *testing.F) {
	f.Add(compressRTF(`{\rtf1\ansi\ansicpg1251\fromhtml1{\fonttbl{\f1\fcharset128 x;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 \f1\'93\'fa\u-10179 ?\bin3 abc}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		rtf, err := decompressRTF(b, 100_000)
		if err != nil {
			rtf = b
		}
		if len(rtf) > 100_000+20 && err == nil {
			t.Fatalf("%d bytes", len(rtf))
		}
		text, _ := rtfText(rtf, 50_000)
		if strings.ToValidUTF8(text, "") != text || len(text) > 4*50_000+100 {
			t.Fatalf("%d bytes of text", len(text))
		}
	})
}

// FuzzCMS: content is no longer than what it lies in, and opens again.
func FuzzCMS(f *testing.F) {
	f.Add(signed(false, tlv(0x04, false, "content")))
	f.Add(signed(true, tlv(0x24, true, tlv(0x04, false, "one"), tlv(0x24, true, tlv(0x04, false, "two")))))
	f.Add(compressedData("content"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.Clone(b)
		e, err := openCMS(in, 10_000)
		if err == nil && e.kind == cmsSigned && len(e.content) > len(b) || len(e.content) > max(10_000, len(b)) {
			t.Fatalf("%d bytes in %d", len(e.content), len(b))
		}
		raw := []byte("Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n" + encode(b))
		for _, a := range readRaw(t, raw).Attachments {
			if _, err := io.Copy(io.Discard, a.Open(bytes.NewReader(raw))); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzCalendar: an answer names who answers what.
func FuzzCalendar(f *testing.F) {
	f.Add("BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:1\r\nATTENDEE;CN=\"a:b;c\";PARTSTAT=ACC\r\n EPTED:mailto:a@b.example\r\nCOMMENT:x\\ny\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "")
	f.Add("BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\nATTENDEE;EMAIL=a@b.example:/x\nEND:VTODO", "counter")
	f.Fuzz(func(t *testing.T, s, method string) {
		a := parseITIP(s, method)
		if a == nil {
			return
		}
		if who := a.answer("a@b.example"); a.uid == "" || who.address == "" || a.method != "reply" && a.method != counterStatus {
			t.Fatalf("%+v", a)
		}
	})
}

// TestDeepestContainers: three around a mail are opened, a fourth is not.
func TestDeepestContainers(t *testing.T) {
	body := "Content-Type: text/plain\n\nInnermost.\n"
	for depth := 1; depth <= 5; depth++ {
		body = "Content-Type: application/pkcs7-mime; smime-type=signed-data\nContent-Transfer-Encoding: base64\n\n" + encode(signed(depth%2 == 0, tlv(0x04, false, body)))
		m := readRaw(t, []byte("From: Mira <mira@writers.example.net>\n"+body))
		if depth <= maxContainers && (m.Text != "Innermost." || m.Held != "") {
			t.Errorf("%d: %q, held %q", depth, m.Text, m.Held)
		}
		if depth > maxContainers && m.Held == "" {
			t.Errorf("%d: not held", depth)
		}
	}
}

// The containers of the largest mails that mail servers take.
func BenchmarkReadTNEF25MB(b *testing.B) {
	w := newTNEF().file("big.pdf", "", prop{id: propAttachData, kind: 0x102, value: bytes.Repeat([]byte("0123456789"), 1_850_000)})
	benchmarkRead(b, winmail("Text.", w.Bytes()))
}

func BenchmarkReadSMIME25MB(b *testing.B) {
	inner := "Content-Type: multipart/mixed; boundary=in\n\n--in\n\nText.\n--in\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" +
		encode(bytes.Repeat([]byte("0123456789"), 1_380_000)) + "--in--\n"
	var pieces []string
	for len(inner) > 0 {
		n := min(4096, len(inner))
		pieces = append(pieces, tlv(0x04, false, inner[:n]))
		inner = inner[n:]
	}
	benchmarkRead(b, []byte("Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n"+encode(signed(true, tlv(0x24, true, pieces...)))))
}

func benchmarkRead(b *testing.B, raw []byte) {
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if m := readRaw(b, raw); m.Held != "" || len(m.Attachments) != 1 {
			b.Fatal(m.Held, len(m.Attachments))
		}
	}
}

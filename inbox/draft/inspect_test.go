package draft_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"handoff/inbox/draft"
)

func inspect(name, mediaType string, raw []byte) string {
	return draft.Inspect(name, mediaType, bytes.NewReader(raw), int64(len(raw)))
}

// TestNames: what a name and a type alone tell.
func TestNames(t *testing.T) {
	text := []byte("text")
	for _, c := range []struct{ name, mediaType, want string }{
		{"draft.v2.docx", "", ""}, {"notes.2026.03.pdf", "application/pdf", ""}, {"essay.com.pdf", "", ""}, {"Makefile", "text/plain", ""}, {"photo.jpg", "image/jpeg", ""},
		{"essay.pdf.exe", "", "its name ends in .exe"}, {"essay.docx.scr", "", "its name ends in .scr"}, {"essay.pdf .exe", "", "its name ends in .exe"}, {"essay.pdf.exe. ", "", "its name ends in .exe"},
		{"setup.exe", "", "programs"}, {"run.js", "", "programs"}, {"x.lnk", "", "programs"}, {"x", "application/x-msdownload; name=x", "programs"},
		{"essay.docm", "", "macros, which are not taken in; please send it as .docx"}, {"essay.dotm", "", "please send it as .docx"}, {"sheet.xlsm", "", "please send it without them"},
		{"essay.docx", "application/vnd.ms-word.document.macroEnabled.12", "macros"},
		{"essay\u202excod.exe", "", "hide"}, {"essay\n.docx", "", "hide"},
	} {
		got := inspect(c.name, c.mediaType, text)
		if c.name == "draft.v2.docx" || c.name == "essay.docx" && c.want == "" {
			got = inspect(c.name, c.mediaType, docx(t, "<w:p/>"))
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%q %q: %q", c.name, c.mediaType, got)
		}
		if got != "" {
			sayable(t, got)
		}
	}
}

// TestContents: what the content tells.
func TestContents(t *testing.T) {
	encrypted := docx(t, "<w:p/>")
	binary.LittleEndian.PutUint16(encrypted[bytes.LastIndex(encrypted, []byte("PK\x01\x02"))+8:], 1)
	ratio := docx(t, "<w:p/>")
	binary.LittleEndian.PutUint32(ratio[bytes.LastIndex(ratio, []byte("PK\x01\x02"))+24:], 3<<30)
	program := append([]byte("MZ\x90\x00\x03\x00\x00\x00"), make([]byte, 200)...)
	text := part{"a.txt", "x"}
	for _, c := range []struct {
		what, name string
		raw        []byte
		want       string
	}{
		{"docx", "a.docx", docx(t, "<w:p/>"), ""},
		{"zip", "a.zip", archive(t, text, part{"site/app.js", "x"}, part{"fonts..old/x.ttf", "x"}), ""},
		{"macros", "a.docx", archive(t, part{"word/document.xml", "<x/>"}, part{"word/vbaProject.bin", "x"}), "it contains macros, which are not taken in; please save it as .docx"},
		{"macros in a sheet", "a.xlsx", archive(t, part{"xl/vbaProject.bin", "x"}), "please send it without them"},
		{"macros of an odt", "a.odt", archive(t, part{"content.xml", "<x/>"}, part{"Basic/Standard/Module1.xml", "x"}), "it contains macros"},
		{"no macros of an odt", "a.odt", archive(t, part{"content.xml", "<x/>"}, part{"Basic/script-lc.xml", "x"}, part{"Basic/Standard/script-lb.xml", "x"}), ""},
		{"encrypted", "a.docx", encrypted, "password"},
		{"ratio", "a.docx", ratio, "unpacks to far more"},
		{"up", "a.zip", archive(t, text, part{"../../etc/passwd", "x"}), "out of its folder"},
		{"absolute", "a.zip", archive(t, part{"/etc/passwd", "x"}), "out of its folder"},
		{"backslash", "a.zip", archive(t, part{`..\x`, "x"}), "out of its folder"},
		{"drive", "a.zip", archive(t, part{"c:x", "x"}), "out of its folder"},
		{"control", "a.zip", archive(t, part{"x\x01y", "x"}), "out of its folder"},
		{"direction", "a.zip", archive(t, part{"x\u202ecod.exe", "x"}), "out of its folder"},
		{"program inside", "a.zip", archive(t, text, part{"dir/setup.exe", "x"}), "a program (setup.exe)"},
		{"shortcut inside", "a.zip", archive(t, text, part{"Read me.url", "x"}), "a program (Read me.url)"},
		{"program of DOS inside", "a.zip", archive(t, text, part{"essay.com", "x"}), "a program (essay.com)"},
		{"script named like a document", "a.zip", archive(t, text, part{"dir/invoice.pdf.js", "x"}), "a program (invoice.pdf.js)"},
		{"application named like a document", "a.zip", archive(t, text, part{"invoice.docx .app", "x"}), "a program (invoice.docx .app)"},
		{"script of a page", "a.zip", archive(t, text, part{"jquery.min.js", "x"}, part{"example.com/index.html", "x"}), ""},
		{"macros inside", "a.zip", archive(t, text, part{"Essay.DOCM", "x"}), "a document with macros (Essay.DOCM)"},
		{"archive inside", "a.zip", archive(t, text, part{"b.zip", string(archive(t, part{"setup.exe", "x"}))}), ""},
		{"docx without its end", "a.docx", trailed(docx(t, "<w:p/>")), ""},
		{"macros without an end", "a.docx", trailed(archive(t, part{"word/document.xml", "<x/>"}, part{"word/vbaProject.bin", "x"})), "it contains macros, which are not taken in; please save it as .docx"},
		{"program without an end", "a.zip", trailed(archive(t, part{"a.txt", strings.Repeat("word ", 10_000)}, part{"setup.exe", "x"})), "a program (setup.exe)"},
		{"stored program without an end", "a.zip", trailed(stored(t)), "a program (setup.exe)"},
		{"encrypted without an end", "a.docx", trailed(encrypted), "password"},
		{"program under a wrong size", "a.zip", wrongSize(archive(t, text, part{"setup.exe", "x"})), "a program (setup.exe)"},
		{"archive cut", "a.zip", archive(t, part{"setup.exe", "x"})[:50], "a program (setup.exe)"},
		{"a torrent of headers", "a.zip", []byte("PK" + strings.Repeat("PK\x03\x04"+strings.Repeat("\x00", 22)+"\x01\x00\x00\x00x", 30_000)), "too many files"},
		{"marks alone", "a.zip", []byte(strings.Repeat("PK\x03\x04", 1<<20)), "out of its folder"},
		{"no mark", "a.zip", append([]byte("PK\x03\x05"), make([]byte, 8<<20)...), ""},
		{"rar 5 with password", "a.rar", []byte("Rar!\x1a\x07\x01\x00\x01\x02\x03\x04\x21\x04\x00\x00"), "password"},
		{"rar 5", "a.rar", []byte("Rar!\x1a\x07\x01\x00\x01\x02\x03\x04\x0b\x01\x05\x07"), ""},
		{"rar 4 with password", "a.rar", []byte("Rar!\x1a\x07\x00\xce\x99\x73\x80\x00\x0d\x00"), "password"},
		{"rar 4", "a.rar", []byte("Rar!\x1a\x07\x00\xcf\x90\x73\x00\x00\x0d\x00"), ""},
		{"rar cut", "a.rar", []byte("Rar!\x1a\x07\x01\x00\x01\x02\x03\x04\xff"), ""},
		{"twice", "a.docx", archive(t, part{"word/document.xml", "<x/>"}, part{"word/Document.xml", "<x/>"}), "damaged"},
		{"symbolic link", "a.zip", symlink(t), "out of its folder"},
		{"odt with password", "a.odt", archive(t, part{"content.xml", "x"}, part{"META-INF/manifest.xml", strings.Repeat("<manifest:file-entry/>", 3000) + "<manifest:encryption-data/>"}), "password"},
		{"cut", "a.docx", docx(t, "<w:p/>")[:100], ""},
		{"program", "a.pdf", program, "a program and not what its name says"},
		{"program without a name", "a", program, "a program and not what its name says"},
		{"text that begins like one", "a.txt", []byte("MZ is how it begins, and more text after it, of some length, that has no zeros in it"), ""},
		{"script", "a.pdf", []byte("#!/bin/sh\nrm -rf ~\n"), "a program"},
		{"script in an article", "a.txt", []byte("#!/bin/sh\necho hello\n"), ""},
		{"elf", "a.docx", append([]byte("\x7fELF"), make([]byte, 100)...), "a program"},
		{"docx with password", "a.docx", compound("EncryptionInfo", "EncryptedPackage"), "password"},
		{"doc", "a.doc", compound("WordDocument", "1Table"), ""},
		{"doc with macros", "a.doc", compound("WordDocument", "Macros", "VBA"), "it contains macros"},
		{"doc as docx", "a.docx", compound("WordDocument"), ""},
		{"doc with password", "a.doc", lockedDoc(), "password"},
		{"rtf as docx", "a.docx", []byte(`{\rtf1 x}`), ""},
		{"pdf", "a.pdf", pdfOf("<</Type/Catalog>>"), ""},
		{"pdf of unknown encryption", "a.pdf", []byte("%PDF-1.4\n1 0 obj\n<</Filter/Other.Security/R 2>>\nendobj\ntrailer\n<</Encrypt 1 0 R>>\nstartxref\n0\n%%EOF"), "password"},
	} {
		got := inspect(c.name, "", c.raw)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.what, got)
		}
	}
}

// TestPDFPasswords: a PDF with a user password is refused, one with an owner password alone is not.
func TestPDFPasswords(t *testing.T) {
	for file, refused := range map[string]bool{"testdata/locked.pdf": true, "testdata/owner.pdf": false} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := inspect(file, "", raw); (got != "") != refused {
			t.Errorf("%s: %q", file, got)
		}
	}
}

// trailed hides an archive's end behind zeros.
func trailed(raw []byte) []byte { return append(raw[:len(raw):len(raw)], make([]byte, 70<<10)...) }

// wrongSize is an archive whose end tells of a directory that cannot be.
func wrongSize(raw []byte) []byte {
	binary.LittleEndian.PutUint32(raw[bytes.LastIndex(raw, []byte("PK\x05\x06"))+12:], 1<<20)
	return raw
}

// stored is an archive with a program behind a file whose size its header tells.
func stored(t testing.TB) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"a.txt", "setup.exe"} {
		w, err := z.CreateRaw(&zip.FileHeader{Name: name, CompressedSize64: 100_000, UncompressedSize64: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		w.Write(make([]byte, 100_000))
	}
	z.Close()
	return b.Bytes()
}

func symlink(t testing.TB) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "link"}
	h.SetMode(os.ModeSymlink | 0o777)
	w, err := z.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("/etc/passwd"))
	z.Close()
	return b.Bytes()
}

// compound is a compound file with these entries in its directory.
func compound(names ...string) []byte {
	b := make([]byte, 512*4)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le := binary.LittleEndian
	le.PutUint16(b[30:], 9)
	le.PutUint32(b[48:], 1) // the directory
	le.PutUint32(b[76:], 0) // the table
	le.PutUint32(b[512+4:], 0xfffffffe)
	for i, n := range append([]string{"Root Entry"}, names...) {
		e := b[1024+128*i:]
		units := utf16.Encode([]rune(n))
		for j, u := range units {
			le.PutUint16(e[2*j:], u)
		}
		le.PutUint16(e[64:], uint16(2*len(units)+2))
		le.PutUint32(e[116:], 2)
	}
	return b
}

func lockedDoc() []byte {
	b := compound("WordDocument")
	binary.LittleEndian.PutUint16(b[1536:], 0xa5ec)
	binary.LittleEndian.PutUint16(b[1536+10:], 0x100)
	return b
}

func unpack(raw []byte, name string) []byte {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil
	}
	f, err := z.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	var b bytes.Buffer
	b.ReadFrom(f)
	return b.Bytes()
}

package draft_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"handoff/inbox/draft"
)

// bomb is a file built to hurt a reader.
type bomb struct {
	name string
	make func(t testing.TB) []byte
}

const document = `<w:document xmlns:w="w"><w:body>`

// deflated is n bytes of unit after unit, compressed without being held in memory.
func deflated(t testing.TB, w io.Writer, head, unit, tail string, n int) {
	t.Helper()
	big := strings.Repeat(unit, max(1, (64<<10)/len(unit)))
	io.WriteString(w, head)
	for done := 0; done < n; done += len(big) {
		if _, err := io.WriteString(w, big); err != nil {
			t.Fatal(err)
		}
	}
	io.WriteString(w, tail)
}

// office is an archive whose main part is head, n bytes of unit, and tail.
func office(name, head, unit, tail string, n int) func(t testing.TB) []byte {
	return func(t testing.TB) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		deflated(t, w, head, unit, tail, n)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
}

func repeated(head, unit, tail string, n int) func(t testing.TB) []byte {
	return func(testing.TB) []byte {
		return []byte(head + strings.Repeat(unit, n/len(unit)) + tail)
	}
}

// understated says in its directory that its part is small.
func understated(t testing.TB) []byte {
	raw := office("word/document.xml", document, "<w:p><w:r><w:t>spam spam </w:t></w:r></w:p>", "", 200<<20)(t)
	i := bytes.LastIndex(raw, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(raw[i+24:], 1000)
	return raw
}

// overlapping has many entries in its directory for one body.
func overlapping(entries int) func(t testing.TB) []byte {
	return func(t testing.TB) []byte {
		raw := office("word/document.xml", document, "<w:p/>", "", 8<<20)(t)
		i := bytes.LastIndex(raw, []byte("PK\x01\x02"))
		end := bytes.LastIndex(raw, []byte("PK\x05\x06"))
		central := append([]byte{}, raw[i:end]...)
		var b bytes.Buffer
		b.Write(raw[:i])
		for n := range entries {
			copy(central[46:], fmt.Sprintf("%017d", n)[:min(17, len(central)-46)])
			b.Write(central)
		}
		tail := append([]byte{}, raw[end:]...)
		binary.LittleEndian.PutUint16(tail[8:], uint16(entries))
		binary.LittleEndian.PutUint16(tail[10:], uint16(entries))
		binary.LittleEndian.PutUint32(tail[12:], uint32(len(central)*entries))
		binary.LittleEndian.PutUint32(tail[16:], uint32(i))
		b.Write(tail)
		return b.Bytes()
	}
}

// pdfOf makes a PDF of objects; its last is the root of all.
func pdfOf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	x := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, x)
	return b.Bytes()
}

func pdfStream(t testing.TB, head, unit string, n int) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	deflated(t, z, head, unit, "", n)
	z.Close()
	return fmt.Sprintf("<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream", b.Len(), b.String())
}

func pdfPage(contents string, more ...string) []byte {
	return pdfOf(append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>", contents,
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}, more...)...)
}

func bombs() []bomb {
	return []bomb{
		{"zip.docx", office("word/document.xml", document, "<w:p><w:r><w:t>spam spam spam </w:t></w:r></w:p>", "", 10<<30/32)},
		{"blanks.docx", office("word/document.xml", document, "                ", "", 1<<30)},
		{"understated.docx", understated},
		{"overlapping.docx", overlapping(5000)},
		{"entries.docx", overlapping(60_000)},
		{"entries.zip", overlapping(60_000)},
		{"headers.zip", repeated("PK", "PK\x03\x04\x00\x00", "", 20<<20)},
		{"torn-headers.docx", repeated("PK", "PK\x03PK\x01", "", 20<<20)},
		{"laughs.docx", func(t testing.TB) []byte {
			var b strings.Builder
			b.WriteString(`<!DOCTYPE x [<!ENTITY l0 "lol">`)
			for i := 1; i < 30; i++ {
				fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
			}
			return docx(t, `<w:p><w:r><w:t>&l29; end</w:t></w:r></w:p>`+b.String()+"]>")
		}},
		{"deep.docx", office("word/document.xml", document, "<w:p>", "", 10<<20)},
		{"deep-tables.docx", office("word/document.xml", document, "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p>", "", 10<<20)},
		{"cells.docx", office("word/document.xml", document+"<w:tbl><w:tr>", "<w:tc/>", "", 30<<20)},
		{"rows.docx", office("word/document.xml", document+"<w:tbl>", "<w:tr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr>", "", 30<<20)},
		{"wide-cells.docx", office("word/document.xml", document+"<w:tbl><w:tr>", "<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>", "", 30<<20)},
		{"runs.docx", office("word/document.xml", document+"<w:p>", "<w:r><w:t>*</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>_</w:t></w:r>", "", 30<<20)},
		{"one-run.docx", office("word/document.xml", document+"<w:p><w:r><w:t>", "[a](b) *x* `y` &amp; http://x", "", 30<<20)},
		{"brackets.docx", office("word/document.xml", document+"<w:p><w:r><w:t>", "[](", "", 30<<20)},
		{"urls.docx", office("word/document.xml", document+"<w:p><w:r><w:t>", "http://", "", 30<<20)},
		{"empty-tags.docx", office("word/document.xml", document, "<a/>", "", 32<<20)},
		{"attributes.docx", office("word/document.xml", document, "<w:p "+strings.Repeat(`a="b" `, 8000)+"/>", "", 30<<20)},
		{"long-tag.docx", office("word/document.xml", document+"<w:p a=\"", ">>>>>>>>", "", 30<<20)},
		{"styled.docx", office("word/document.xml", document, `<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr></w:p>`, "", 30<<20)},
		{"items.docx", office("word/document.xml", document, `<w:p><w:pPr><w:numPr><w:ilvl w:val="8"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>`, "", 30<<20)},
		{"boxes.docx", office("word/document.xml", document, "<w:p><w:r><w:t>a</w:t><w:txbxContent>", "", 10<<20)},
		{"images.docx", office("word/document.xml", document+"<w:p><w:r>", `<w:drawing><a:blip r:embed="x"/></w:drawing>`, "", 30<<20)},
		{"cdata.docx", office("word/document.xml", document+"<w:p><w:r><w:t><![CDATA[", "]]]]", "", 30<<20)},
		{"links.docx", office("word/document.xml", document+"<w:p>", `<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>HYPERLINK "http://a.b/"</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>x!</w:t>`, "", 30<<20)},
		{"styles.docx", func(t testing.TB) []byte {
			var s strings.Builder
			for i := range 50_000 {
				fmt.Fprintf(&s, `<w:style w:styleId="s%d"><w:name w:val="n"/><w:basedOn w:val="s%d"/></w:style>`, i, (i+1)%50_000)
			}
			return archive(t, part{"word/document.xml", document + strings.Repeat(`<w:p><w:pPr><w:pStyle w:val="s1"/></w:pPr><w:r><w:rPr><w:rStyle w:val="s2"/></w:rPr><w:t>x</w:t></w:r></w:p>`, 100_000)}, part{"word/styles.xml", "<w:styles>" + s.String()})
		}},
		{"comments.docx", func(t testing.TB) []byte {
			return archive(t, part{"word/document.xml", document + "<w:p>" + strings.Repeat(`<w:r><w:commentReference w:id="1"/></w:r>`, 200_000)},
				part{"word/comments.xml", `<w:comments><w:comment w:id="1"><w:p><w:r><w:t>` + strings.Repeat("[*_", 3_000_000) + `</w:t></w:r></w:p></w:comment></w:comments>`})
		}},
		{"notes.docx", func(t testing.TB) []byte {
			var body, notes strings.Builder
			for i := range 100_000 {
				fmt.Fprintf(&body, `<w:r><w:footnoteReference w:id="%d"/></w:r>`, i)
				fmt.Fprintf(&notes, `<w:footnote w:id="%d"><w:p><w:r><w:t>note</w:t></w:r></w:p></w:footnote>`, i)
			}
			return archive(t, part{"word/document.xml", document + "<w:p>" + body.String() + "</w:p>"}, part{"word/footnotes.xml", "<w:footnotes>" + notes.String()})
		}},
		{"spans.odt", office("content.xml", "<o><body><text><p>", "<span>x", "", 10<<20)},
		{"blanks.odt", office("content.xml", "<o><body><text><p>", `<s c="100"/>`, "", 30<<20)},
		{"notes.odt", office("content.xml", "<o><body><text><p>", `<note><note-body><p>x</p></note-body></note>`, "", 30<<20)},
		{"lists.odt", office("content.xml", "<o><body><text>", `<list><list-item><p>x</p></list-item></list>`, "", 30<<20)},
		{"changes.odt", office("content.xml", "<o><body><text><tracked-changes>", `<changed-region id="a"><deletion><p>xxxxxxxxxx</p></deletion></changed-region>`, "", 30<<20)},
		{"flat.fodt", repeated("<?xml version='1.0'?><document><body><text>", "<p>x</p>", "", 10<<20)},
		{"binary.fodt", repeated("<?xml version='1.0'?><document><body><text><p>x<frame><image><binary-data>", "AAAA", "", 10<<20)},
		{"groups.rtf", repeated(`{\rtf1 text`, "{", "", 10<<20)},
		{"open-close.rtf", repeated(`{\rtf1 text`, "{}", "", 10<<20)},
		{"bin.rtf", repeated(`{\rtf1 text`, `\bin2147483647 `, "", 1<<20)},
		{"unicode.rtf", repeated(`{\rtf1 `, `\u8364?`, "", 10<<20)},
		{"bold.rtf", repeated(`{\rtf1 `, `\b x\b0 y`, "", 10<<20)},
		{"cells.rtf", repeated(`{\rtf1 \intbl `, `\cell `, "", 10<<20)},
		{"fonts.rtf", repeated(`{\rtf1 {\fonttbl`, `{\f9\fcharset128 x;}`, "} text", 10<<20)},
		{"styles.rtf", repeated(`{\rtf1 {\stylesheet`, `{\s9 heading 1;}`, "} text", 10<<20)},
		{"notes.rtf", repeated(`{\rtf1 `, `{\footnote x`, "", 10<<20)},
		{"picture.rtf", repeated(`{\rtf1 text{\pict `, "0123456789abcdef", "", 30<<20)},
		{"hex.rtf", repeated(`{\rtf1\ansicpg932 `, `\'93`, "", 10<<20)},
		{"divs.html", repeated("", "<div>", "x", 5<<20)},
		{"ends.html", repeated("<p>", "</b>", "x", 5<<20)},
		{"formats.html", repeated("", "<b><i><a href=http://x.example>x", "", 5<<20)},
		{"attributes.html", repeated("<p ", "a=b ", ">x", 5<<20)},
		{"one-attribute.html", repeated("<p a=\"", "xxxx ", "\">x", 5<<20)},
		{"unclosed.html", repeated("", "<a href=\"http://x.example/", "", 5<<20)},
		{"tables.html", repeated("", "<table><tr><td>x", "", 5<<20)},
		{"cells.html", repeated("<table><tr>", "<td>x", "", 5<<20)},
		{"lists.html", repeated("", "<ul><li>x", "", 5<<20)},
		{"quotes.html", repeated("", "<blockquote>x", "", 5<<20)},
		{"items.html", repeated(strings.Repeat("<ul><li>", 200), "<li>x", "", 5<<20)},
		{"pre.html", repeated("<pre>", "\n`", "", 5<<20)},
		{"comment.html", repeated("<!--", "--!", "", 5<<20)},
		{"data.html", repeated("<img src=\"data:image/png;base64,", "AAAA", "\">x", 20<<20)},
		{"headings.html", repeated("<h1>", "# ", "", 5<<20)},
		{"lines.txt", repeated("", "x\n", "", 20<<20)},
		{"bullets.txt", repeated("", "- x\n", "", 20<<20)},
		{"one-line.txt", repeated("", "*_[`", "", 20<<20)},
		{"short-line.txt", repeated("", "*_[`", "", 2<<20)},
		{"short-items.txt", repeated("", "- x\n", "", 2<<20)},
		{"short.md", repeated("", "![x](x)\n", "", 2<<20)},
		{"short.rtf", repeated(`{\rtf1 `, "*_[`", "", 2<<20)},
		{"stars.txt", repeated("", "* ", "", 20<<20)},
		{"cr.txt", repeated("", "\r", "", 20<<20)},
		{"bad-utf8.txt", repeated("", "\xff\xc3", "", 20<<20)},
		{"utf16.txt", repeated("\xff\xfe", "x\x00", "", 20<<20)},
		{"escape.txt", repeated("", "\x1b$B", "", 20<<20)},
		{"brackets.md", repeated("", "![](", "", 20<<20)},
		{"underscores.txt", repeated("", "_", "", 20<<20)},
		{"short-underscores.txt", repeated("a", "_", "", 1<<20)},
		{"short-runs.txt", repeated("", "____ ", "", 1<<20)},
		{"hashes.txt", repeated("", "#", "", 1<<20)},
		{"fences.txt", repeated("", "~", "", 1<<20)},
		{"ticks.txt", repeated("", "`", "", 1<<20)},
		{"rules.txt", repeated("x\n", "=", "", 1<<20)},
		{"images.md", repeated("", "![", "", 2<<20)},
		{"closed-images.md", repeated("", "![](", "](", 2<<20)},
		{"nested-images.md", repeated("", "!["+strings.Repeat("![", 1500)+"](", "", 2<<20)},
		{"references.docx", office("word/document.xml", document+"<w:p><w:r><w:t>", "&", "", 20<<20)},
		{"references.fodt", repeated("<?xml version='1.0'?><document><body><text><p>", "x&", "", 10<<20)},
		{"front.md", repeated("---\n", "title: x\n", "", 20<<20)},
		{"kids.pdf", func(testing.TB) []byte {
			return pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>")
		}},
		{"count.pdf", func(testing.TB) []byte {
			return pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids["+strings.Repeat("3 0 R ", 200_000)+"]/Count 2000000000>>", "<</Type/Page>>")
		}},
		{"content.pdf", func(t testing.TB) []byte {
			return pdfPage(pdfStream(t, "BT /F 12 Tf ", "1 0 0 1 9 9 Tm (spam)Tj ", 1<<30))
		}},
		{"nested.pdf", func(t testing.TB) []byte { return pdfPage(pdfStream(t, "", "[", 100<<20)) }},
		{"string.pdf", func(t testing.TB) []byte { return pdfPage(pdfStream(t, "BT /F 12 Tf (", "xxxxxxxx", 300<<20)) }},
		{"endless.pdf", func(testing.TB) []byte { return pdfPage("<</Length 9>>\nstream\nBT (a <41 \nendstream") }},
		{"forms.pdf", func(t testing.TB) []byte {
			return pdfPage(pdfStream(t, "", "/X Do ", 1<<20), "<</Subtype/Form/Length 12>>\nstream\n/X Do /X Do \nendstream")
		}},
		{"xref.pdf", func(testing.TB) []byte {
			return []byte("%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF\n")
		}},
		{"size.pdf", func(testing.TB) []byte {
			return []byte("%PDF-1.4\nxref\n0 2000000000\n0000000000 65535 f \ntrailer\n<</Size 2000000000/Root 1 0 R>>\nstartxref\n9\n%%EOF\n")
		}},
		{"lying.pdf", func(testing.TB) []byte { return append([]byte("%PDF-1.4\n"), make([]byte, 1<<20)...) }},
		{"program.pdf", func(testing.TB) []byte { return append([]byte("MZ\x90\x00\x03"), make([]byte, 1<<20)...) }},
	}
}

// held is the memory that the process holds.
func held() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

// peak runs f and tells how much memory it took beyond what was held before.
func peak(f func()) uint64 {
	runtime.GC()
	debug.FreeOSMemory()
	base, most := held(), uint64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(500 * time.Microsecond)
		defer t.Stop()
		for {
			select {
			case <-stop:
				return
			case <-t.C:
				most = max(most, held())
			}
		}
	}()
	f()
	close(stop)
	<-done
	most = max(most, held())
	return most - min(base, most)
}

// TestBombs: whatever the file, there is a draft or a refusal that can be told, and its memory stays below three times its
// size and 32 MB. PDFs are read by a process that bounds itself.
func TestBombs(t *testing.T) {
	for _, b := range bombs() {
		t.Run(b.name, func(t *testing.T) {
			raw := b.make(t)
			var d draft.Draft
			var err error
			took := peak(func() { d, err = read(t, b.name, raw) })
			t.Logf("%d kB took %d kB: %d words, %v, %v", len(raw)>>10, took>>10, d.Words, d.Notes, err)
			if limit := 3*uint64(len(raw)) + 32<<20; took > limit && !underRace {
				t.Errorf("took %d kB of %d kB", took>>10, limit>>10)
			}
			check(t, d, err)
		})
	}
}

// check holds what must be true of every answer.
func check(t testing.TB, d draft.Draft, err error) {
	t.Helper()
	if err != nil {
		var refusal *draft.Refusal
		if !errors.As(err, &refusal) || refusal.Reason == "" {
			t.Fatalf("no refusal: %v", err)
		}
		if strings.Contains(err.Error(), "panic") {
			t.Fatal(err)
		}
		sayable(t, refusal.Reason)
		return
	}
	if len(d.Markdown) > 16<<20 {
		t.Fatalf("%d bytes of Markdown", len(d.Markdown))
	}
	for _, s := range append([]string{d.Title, d.Markdown}, d.Notes...) {
		if strings.ToValidUTF8(s, "") != s || strings.ContainsAny(s, "\x00\r\x1b") {
			t.Fatalf("not clean text: %.80q", s)
		}
	}
	if strings.Contains(d.Title, "\n") {
		t.Fatalf("title %q", d.Title)
	}
}

// sayable: a reason completes a sentence in a reply.
func sayable(t testing.TB, reason string) {
	t.Helper()
	if strings.ContainsAny(reason, "\n\r\x00") || len(reason) > 300 || strings.HasSuffix(reason, ".") || strings.ToLower(reason[:1]) != reason[:1] && !strings.HasPrefix(reason, "PDF") {
		t.Fatalf("reason %q", reason)
	}
}

func BenchmarkBombs(b *testing.B) {
	for _, bomb := range bombs() {
		b.Run(bomb.name, func(b *testing.B) {
			raw := bomb.make(b)
			b.ResetTimer()
			for b.Loop() {
				read(b, bomb.name, raw)
			}
		})
	}
}

// TestEnds: a context that has ended, ends it.
func TestEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	raw := docx(t, "<w:p/>")
	if _, err := draft.Read(ctx, "x.docx", "", bytes.NewReader(raw), int64(len(raw)), draft.Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

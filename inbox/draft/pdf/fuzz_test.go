package pdf

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// FuzzPage: every content of a page gives Markdown or an error. The library under it can be brought to run for long: the
// process that it is meant for bounds that.
func FuzzPage(f *testing.F) {
	f.Add([]byte("BT /F 12 Tf 1 0 0 1 72 700 Tm (Hello) Tj T* [(a) -300 (b)] TJ ET /X Do"))
	f.Add([]byte("q 1 0 0 1 0 0 cm /Span <</ActualText (x)>> BDC BT /F 9 Tf (y) ' ET EMC Q"))
	f.Fuzz(func(t *testing.T, content []byte) {
		// The library reads on for ever in a string without an end.
		content = append(content, strings.Repeat(")", 1+bytes.Count(content, []byte("(")))+">>"...)
		raw := page1(content)
		res, err := read(bytes.NewReader(raw), int64(len(raw)), nil, timer())
		if err == nil && strings.ToValidUTF8(res.markdown, "") != res.markdown {
			t.Fatalf("not UTF-8: %q", res.markdown)
		}
	})
}

func timer() func() bool {
	end := time.Now().Add(time.Second)
	return func() bool { return time.Now().After(end) }
}

func FuzzCMap(f *testing.F) {
	f.Add([]byte("begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <00> <10> <0041> <11> <12> [<0042> <0043>] endbfrange beginbfchar <20> <00660069> endbfchar"))
	f.Fuzz(func(t *testing.T, table []byte) {
		fnt := &font{codes: make(map[int]string)}
		fnt.parseCMap(string(table))
		fnt.each("abc\x00\x01", func(_, _ int, _ string) {})
		if len(fnt.codes) > maxCodes {
			t.Fatal(len(fnt.codes))
		}
	})
}

func TestFile(t *testing.T) {
	raw, err := os.ReadFile("../testdata/06-pages.pdf")
	if err != nil {
		t.Fatal(err)
	}
	res, err := read(bytes.NewReader(raw), int64(len(raw)), nil, nil)
	if err != nil || !strings.HasPrefix(res.markdown, "# What shops pay at the till\n") {
		t.Fatalf("%v: %.200q", err, res.markdown)
	}
}

func page1(content []byte) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	var at []int
	for i, o := range []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>",
		"<</Length " + strconv.Itoa(len(content)) + ">>\nstream\n" + string(content) + "\nendstream",
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", "<</Subtype/Form/Length 6>>\nstream\n/X Do \nendstream"} {
		at = append(at, b.Len())
		b.WriteString(strconv.Itoa(i+1) + " 0 obj\n" + o + "\nendobj\n")
	}
	x := b.Len()
	b.WriteString("xref\n0 7\n0000000000 65535 f \n")
	for _, a := range at {
		s := "0000000000" + strconv.Itoa(a)
		b.WriteString(s[len(s)-10:] + " 00000 n \n")
	}
	b.WriteString("trailer\n<</Size 7/Root 1 0 R>>\nstartxref\n" + strconv.Itoa(x) + "\n%%EOF\n")
	return b.Bytes()
}

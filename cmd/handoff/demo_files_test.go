package main

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func TestDocxFileIsAWordDocument(t *testing.T) {
	content, err := docxFile("Title & <more>", "One.", "Two.")
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(z, "[Content_Types].xml", "_rels/.rels", "word/document.xml"); err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(r)
		var text strings.Builder
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if chars, ok := token.(xml.CharData); ok {
				text.Write(chars)
			}
		}
		if f.Name == "word/document.xml" && !strings.Contains(text.String(), "Title & <more>One.Two.") {
			t.Errorf("the document's text is %q", text.String())
		}
	}
}

func TestPDFFileIsWellFormed(t *testing.T) {
	pdf := pdfFile("A (title)", `with \ and )`)
	start := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(pdf)
	if start == nil {
		t.Fatal("no startxref at the end")
	}
	at, _ := strconv.Atoi(string(start[1]))
	table, ok := bytes.CutPrefix(pdf[at:], []byte("xref\n0 6\n0000000000 65535 f \n"))
	if !ok {
		t.Fatalf("startxref points at %q", pdf[at:at+20])
	}
	for object := 1; object <= 5; object++ {
		line := table[(object-1)*20 : object*20] // ISO 32000-1, 7.5.4: entries of 20 bytes
		offset, err := strconv.Atoi(string(line[:10]))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(pdf[offset:], fmt.Appendf(nil, "%d 0 obj\n", object)) {
			t.Errorf("entry %d points at %q", object, pdf[offset:offset+10])
		}
	}
	length := regexp.MustCompile(`/Length (\d+) >>\nstream\n`).FindSubmatchIndex(pdf)
	n, _ := strconv.Atoi(string(pdf[length[2]:length[3]]))
	if rest := pdf[length[1]+n:]; !bytes.HasPrefix(rest, []byte("\nendstream")) {
		t.Errorf("the stream's length is wrong: %q follows", rest[:12])
	}
	for _, want := range []string{`(A \(title\)) Tj`, `(with \\ and \)) Tj`} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

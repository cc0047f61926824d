package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// writeAttachment adds one part with a file that is, by its first bytes, what its name says.
func writeAttachment(b *bytes.Buffer, rng *rand.Rand, shape Shape, code string) {
	var name, mediaType string
	var content []byte
	large := largeBytes
	if shape == WithHuge {
		large = hugeBytes
	}
	switch {
	case shape == WithDocx:
		name, mediaType = "draft.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
		content = docx(rng, docxBytes)
	case rng.IntN(2) == 0:
		name, mediaType = "layout.pdf", "application/pdf"
		content = random(rng, large, "%PDF-1.7\n", "\n%%EOF\n")
	default:
		name, mediaType = "photo.jpg", "image/jpeg"
		content = random(rng, large, "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", "\xff\xd9")
	}
	name = strings.ToLower(code) + "-" + name
	fmt.Fprintf(b, "Content-Type: %s; name=%q\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		mediaType, name, name)
	writeBase64(b, content)
}

// docx is a Word file of exactly size bytes: a page of text and a picture that fills the rest.
func docx(rng *rand.Rand, size int) []byte {
	var page strings.Builder
	for range 20 {
		page.WriteString("<w:p><w:r><w:t>" + paragraph(rng, 4) + "</w:t></w:r></w:p>")
	}
	build := func(picture []byte) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		add := func(name string, method uint16, content []byte) {
			w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
			if err != nil {
				panic(err) // a bytes.Buffer takes everything
			}
			w.Write(content)
		}
		add("[Content_Types].xml", zip.Deflate, []byte(`<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="jpeg" ContentType="image/jpeg"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`))
		add("_rels/.rels", zip.Deflate, []byte(`<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`))
		add("word/document.xml", zip.Deflate, []byte(`<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`+page.String()+`</w:body></w:document>`))
		add("word/media/image1.jpeg", zip.Store, picture)
		z.Close()
		return b.Bytes()
	}
	frame := len(build(nil))
	return build(random(rng, size-frame, "\xff\xd8\xff\xe0", "\xff\xd9"))
}

// random is size bytes that no compressor shortens, between a head and a tail.
func random(rng *rand.Rand, size int, head, tail string) []byte {
	b := make([]byte, size)
	fill(rng, b[copy(b, head):])
	copy(b[size-len(tail):], tail)
	return b
}

func fill(rng *rand.Rand, b []byte) {
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, rng.Uint64())
		b = b[8:]
	}
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
}

// writeBase64 writes lines of 76 characters, each with its CRLF.
func writeBase64(b *bytes.Buffer, content []byte) {
	const perLine = 57
	b.Grow(len(content) / perLine * 78)
	var line [76]byte
	for len(content) > 0 {
		n := min(perLine, len(content))
		encoded := line[:base64.StdEncoding.EncodedLen(n)]
		base64.StdEncoding.Encode(encoded, content[:n])
		b.Write(encoded)
		io.WriteString(b, "\r\n")
		content = content[n:]
	}
}

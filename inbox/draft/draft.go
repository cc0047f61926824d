// Package draft reads the documents that contributors attach and turns them into Markdown. Whatever the file, it stays
// within limits of memory and time, and what must not be opened is refused with a sentence for its sender.
package draft

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"handoff/inbox/draft/internal/markdown"
)

// Draft is a document, read.
type Draft struct {
	Title    string   `json:"title"` // a guess; the file's name if the text suggests none
	Words    int      `json:"words"` // of the text without what was deleted in it
	Markdown string   `json:"markdown"`
	Images   []Image  `json:"images,omitempty"`
	Comments int      `json:"comments"`        // remarks, marked {>>Author: text<<} in the Markdown
	Changes  int      `json:"changes"`         // tracked changes, marked {++ ++} and {-- --}
	Notes    []string `json:"notes,omitempty"` // what could not be kept, for people
}

// Image is a picture in the document. The Markdown refers to it by Name.
type Image struct {
	Name string `json:"name"`
	Alt  string `json:"alt,omitempty"`
}

// Options say how to read. The zero value will do, but for PDFs.
type Options struct {
	// PDF is the command (argv) that reads a PDF on stdin and writes its Markdown to stdout, with lines "note: ..." on
	// stderr for what could not be kept, or "refused: ..." if it fails. Without one PDFs are not read.
	PDF    []string
	Limits Limits
}

// Limits bound what one document may cost. Zeros stand for the defaults in brackets.
type Limits struct {
	File     int64         // bytes of a file that is read at all [64 MiB]
	Text     int           // bytes of text that are kept [2 MiB]
	Inflated int64         // bytes that a compressed file may unpack to [24 MiB]; markup uncompressed is bounded by it, too
	Depth    int           // of markup [500]
	Images   int           // that are listed [500]
	PDFTime  time.Duration // until the command for PDFs is killed [10 s]
}

func (l Limits) withDefaults() Limits {
	if l.File <= 0 {
		l.File = 64 << 20
	}
	if l.Text <= 0 {
		l.Text = 2 << 20
	}
	if l.Inflated <= 0 {
		l.Inflated = 24 << 20
	}
	if l.Depth <= 0 {
		l.Depth = 500
	}
	if l.Images <= 0 {
		l.Images = 500
	}
	if l.PDFTime <= 0 {
		l.PDFTime = 10 * time.Second
	}
	return l
}

// Refusal is the error for a document that must not be opened or cannot be read. Reason completes the sentence
// "The file was not read: ..." for its sender.
type Refusal struct {
	Reason string
	Err    error // what went wrong, for the log; may be nil
}

func (r *Refusal) Error() string {
	if r.Err != nil {
		return fmt.Sprintf("%s (%v)", r.Reason, r.Err)
	}
	return r.Reason
}

func (r *Refusal) Unwrap() error { return r.Err }

const (
	damaged  = "it is damaged; please open it, save it again and send it once more"
	cut      = "the text is too long and was cut"
	embedded = "it holds an embedded object, which was left out"
	tooLarge = "it is too large to be read; please send the text alone"
)

// format is a kind of document that is read here.
type format string

const (
	formatNone format = ""
	docx       format = "docx"
	odt        format = "odt"
	fodt       format = "fodt"
	rtf        format = "rtf"
	mdText     format = "md"
	plainText  format = "txt"
	htmlText   format = "html"
	pdfFile    format = "pdf"
)

// formatOf goes by the name and, where that says nothing, by the media type.
func formatOf(name, mediaType string) format {
	switch extension(name) {
	case "docx":
		return docx
	case "odt", "ott":
		return odt
	case "fodt":
		return fodt
	case "rtf":
		return rtf
	case "md", "markdown", "mdown", "mkd":
		return mdText
	case "txt", "text":
		return plainText
	case "html", "htm", "xhtml":
		return htmlText
	case "pdf":
		return pdfFile
	case "":
	default:
		return formatNone
	}
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	switch strings.TrimSpace(mediaType) {
	case "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
		return docx
	case "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text-template":
		return odt
	case "application/vnd.oasis.opendocument.text-flat-xml":
		return fodt
	case "application/rtf", "text/rtf", "text/richtext":
		return rtf
	case "text/markdown", "text/x-markdown":
		return mdText
	case "text/plain":
		return plainText
	case "text/html", "application/xhtml+xml":
		return htmlText
	case "application/pdf", "application/x-pdf":
		return pdfFile
	}
	return formatNone
}

// Supported tells whether Read reads files of this name and type.
func Supported(name, mediaType string) bool { return formatOf(name, mediaType) != formatNone }

// Document tells whether people send texts in files of this name and type, read here or not: what is Supported, documents of
// other programs, and archives.
func Document(name, mediaType string) bool {
	return Supported(name, mediaType) || kindOf(name, mediaType) != otherFile
}

// kind is what may hold a text and is not read here.
type kind uint8

const (
	otherFile kind = iota
	oldDoc
	document
	packed
)

func kindOf(name, mediaType string) kind {
	switch extension(name) {
	case "doc", "dot":
		return oldDoc
	case "pages", "docm", "dotx", "dotm", "gdoc", "wpd", "wps", "wri", "sxw", "epub", "tex", "indd":
		return document
	case "zip", "rar", "7z", "tar", "tgz", "gz", "bz2", "xz":
		return packed
	case "":
	default:
		return otherFile
	}
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	switch strings.TrimSpace(mediaType) {
	case "application/msword":
		return oldDoc
	case "application/vnd.apple.pages", "application/epub+zip":
		return document
	case "application/zip", "application/x-zip-compressed", "application/vnd.rar", "application/x-rar-compressed", "application/x-7z-compressed":
		return packed
	}
	return otherFile
}

// unread tells why a file that is not Supported is not read.
func unread(name, mediaType string) string {
	switch kindOf(name, mediaType) {
	case oldDoc:
		return "it is in the old .doc format; please save it as .docx and send that"
	case packed:
		return "it is an archive, whose files are not read; please send the document itself"
	}
	return "files of this kind cannot be read; please send .docx, .odt, .rtf, .md, .html, .txt or .pdf"
}

// Read turns a document into Markdown. The error is a *Refusal if the file is at fault, the context's if that ended, and
// the reader's if r failed. A document too long is cut, and one of its Notes says so.
func Read(ctx context.Context, name, mediaType string, r io.ReaderAt, size int64, opt Options) (d Draft, err error) {
	defer func() {
		if p := recover(); p != nil {
			d, err = Draft{}, &Refusal{Reason: damaged, Err: fmt.Errorf("draft: panic: %v", p)}
		}
	}()
	if err := ctx.Err(); err != nil {
		return Draft{}, err
	}
	if reason := Inspect(name, mediaType, r, size); reason != "" {
		return Draft{}, &Refusal{Reason: reason}
	}
	opt.Limits = opt.Limits.withDefaults()
	f := formatOf(name, mediaType)
	switch {
	case size == 0:
		return Draft{}, &Refusal{Reason: "it is empty; please send it again"}
	case f == formatNone:
		return Draft{}, &Refusal{Reason: unread(name, mediaType)}
	case size > opt.Limits.File:
		return Draft{}, &Refusal{Reason: tooLarge}
	}
	src := &source{ctx: ctx, r: r}
	if f = sniff(f, src, size); f == formatNone {
		return Draft{}, &Refusal{Reason: "it is in the old .doc format under another name; please save it as .docx and send that"}
	}
	b := &builder{Writer: markdown.New(opt.Limits.Text, func(s string) int { return Words(s, 0) }), lim: opt.Limits}
	var read func(*builder, *source, int64) error
	switch f {
	case docx:
		read = readDocx
	case odt:
		read = readODT
	case fodt:
		read = readFlatODT
	case rtf:
		read = readRTF
	case htmlText:
		read = readHTML
	case mdText:
		read = readMarkdown
	case plainText:
		read = readPlain
	case pdfFile:
		read = func(b *builder, src *source, size int64) error { return readPDF(ctx, b, src, size, opt) }
	}
	if err := read(b, src, size); err != nil {
		switch refusal := (*Refusal)(nil); {
		case ctx.Err() != nil:
			return Draft{}, ctx.Err()
		case src.err != nil:
			return Draft{}, fmt.Errorf("draft: read %s: %w", f, src.err)
		case errors.As(err, &refusal):
			return Draft{}, err
		default:
			return Draft{}, &Refusal{Reason: damaged, Err: err}
		}
	}
	return b.draft(name), nil
}

// sniff corrects names, formatNone being the old .doc: RTF and HTML are often called .doc or .docx, and documents without their ending.
func sniff(f format, src *source, size int64) format {
	head := make([]byte, min(size, 512))
	n, _ := src.ReadAt(head, 0)
	s := strings.TrimLeft(strings.TrimPrefix(string(head[:n]), "\xef\xbb\xbf"), " \t\r\n")
	switch {
	case strings.HasPrefix(s, `{\rtf`):
		return rtf
	case strings.HasPrefix(s, oleMagic):
		return formatNone
	case f == mdText || f == plainText:
		return f
	case strings.HasPrefix(s, "%PDF-"):
		return pdfFile
	case f == odt && (strings.HasPrefix(s, "<?xml") || strings.HasPrefix(s, "<office:")):
		return fodt
	case f == docx || f == odt || f == rtf:
		if low := strings.ToLower(s); strings.HasPrefix(low, "<html") || strings.HasPrefix(low, "<!doctype html") {
			return htmlText
		}
		if strings.HasPrefix(s, "PK\x03\x04") && f == rtf {
			return docx
		}
	}
	return f
}

// source reads until its context ends, and remembers the reader's own error.
type source struct {
	ctx context.Context
	r   io.ReaderAt
	err error
}

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.ReadAt(p, off)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// builder collects a Draft.
type builder struct {
	*markdown.Writer
	lim      Limits
	images   []Image
	notes    []string
	title    string // of a paragraph in the style for titles
	property string // the title among the file's properties
	text     string // Markdown that is there already
	ready    bool   // text is the Markdown
	more     int    // images beyond the limit
}

// note records once what could not be kept.
func (b *builder) note(s string) {
	for _, n := range b.notes {
		if n == s {
			return
		}
	}
	b.notes = append(b.notes, s)
}

// image lists a picture and refers to it in the text.
func (b *builder) image(name, alt string, c markdown.Change) {
	name = path.Base(strings.ReplaceAll(cleanLine(name, 100), `\`, "/"))
	if name == "." || name == "/" || name == "" {
		name = fmt.Sprintf("image%d", len(b.images)+1)
	}
	if len(b.images) >= b.lim.Images || b.Full() {
		b.more++
		return
	}
	alt = cleanLine(alt, 500)
	b.images = append(b.images, Image{Name: name, Alt: alt})
	b.Image(alt, name, c)
}

func (b *builder) draft(name string) Draft {
	text := b.text
	if !b.ready {
		text = b.Finish()
	}
	if b.Nested {
		b.note("a table within a table is shown as its text")
	}
	if b.Full() {
		b.note(cut)
	}
	if b.more > 0 {
		b.note(fmt.Sprintf("%d more pictures are not listed", b.more))
	}
	d := Draft{Words: b.Words, Markdown: text, Images: b.images, Comments: b.Comments, Changes: b.Changes, Notes: b.notes}
	d.Title = guessTitle(b.title, b.Heading(), b.property, b.First(), name)
	return d
}

// cleanLine is s on one line, without control characters and of at most n bytes.
func cleanLine(s string, n int) string {
	s = strings.ToValidUTF8(s[:min(len(s), 4*n)], "")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\u00a0' || r >= 0x2028 && r <= 0x202e }), " ")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}

package draft

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	"handoff/inbox/draft/internal/markdown"
)

// sampleBytes is what the charset is told by.
const sampleBytes = 64 << 10

// textReader gives a text file as UTF-8.
func textReader(src *source, size int64) (io.Reader, error) {
	head := make([]byte, min(size, sampleBytes))
	n, err := src.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	r := io.NewSectionReader(src, 0, size)
	if e := encodingOf(head[:n]); e != nil {
		return transform.NewReader(r, e.NewDecoder()), nil
	}
	return r, nil
}

// encodingOf tells how text is encoded: by its mark, by its form as UTF-8, by what HTML declares, and else by statistics.
// It is nil for UTF-8.
func encodingOf(b []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")):
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return unicode.UTF8BOM
	}
	if nul := bytes.Count(b, []byte{0}); nul > len(b)/4 && nul <= len(b)/2+1 { // UTF-16 without its mark
		if len(b) > 1 && b[0] == 0 {
			return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
		}
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	}
	whole := b
	for i := 0; i < utf8.UTFMax && len(whole) > 0 && !utf8.FullRune(lastRune(whole)); i++ {
		whole = whole[:len(whole)-1]
	}
	if utf8.Valid(whole) {
		if bytes.Contains(b, []byte("\x1b$")) {
			e, _ := htmlindex.Get("iso-2022-jp")
			return e
		}
		return nil
	}
	if e, _, certain := charset.DetermineEncoding(b[:min(len(b), 1024)], ""); certain {
		return e
	}
	label := "windows-1252"
	if sample := b[:min(len(b), 8<<10)]; len(sample) > 20 { // less says nothing
		if r, err := chardet.NewTextDetector().DetectBest(sample); err == nil && r.Confidence >= 30 {
			label = r.Charset
		}
	}
	if label == "UTF-8" && bytes.Count(b, []byte("\xef\xbf\xbd")) == 0 { // mostly so
		return nil
	}
	e, err := htmlindex.Get(label)
	if err != nil {
		e, _ = htmlindex.Get("windows-1252")
	}
	return e
}

// readText is a text file, up to the limit, as UTF-8 with \n line ends and without control characters.
func readText(b *builder, src *source, size int64) (string, error) {
	r, err := textReader(src, size)
	if err != nil {
		return "", err
	}
	raw := make([]byte, min(2*size+4, int64(b.lim.Text)+1)) // a character may come to take more bytes
	n, err := io.ReadFull(r, raw)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", err
	}
	raw = raw[:n]
	if len(raw) > b.lim.Text {
		raw = raw[:b.lim.Text]
		if i := bytes.LastIndexByte(raw, '\n'); i > len(raw)/2 {
			raw = raw[:i+1]
		}
		defer func() { b.note(cut) }()
	}
	if n := bytes.Count(raw, []byte{0}); n > len(raw)/100+1 {
		return "", &Refusal{Reason: "it is no text; please send .docx, .odt, .rtf, .md, .html, .txt or .pdf"}
	}
	out := raw[:0]
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		switch {
		case r == '\r':
			if i+1 >= len(raw) || raw[i+1] != '\n' {
				out = append(out, '\n')
			}
		case r == '\f' || r == '\v':
			out = append(out, '\n')
		case r < ' ' && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0, r == '\ufeff':
		case r == utf8.RuneError && n == 1:
			// It would grow: a broken byte becomes a mark of one.
			out = append(out, '?')
		default:
			out = append(out, raw[i:i+n]...)
		}
		i += n
	}
	return string(out), nil
}

// readMarkdown takes Markdown as it is, less its front matter.
func readMarkdown(b *builder, src *source, size int64) error {
	s, err := readText(b, src, size)
	if err != nil {
		return err
	}
	asMarkdown(b, s)
	return nil
}

var (
	atx       = lazily(`^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$`)
	criticAny = lazily(`\{(\+\+|--|>>|~~)`)
)

func asMarkdown(b *builder, s string) {
	s, front := frontMatter(s)
	if front != "" {
		b.title = front
	}
	b.text, b.ready = strings.TrimRight(s, " \t\n")+"\n", true
	b.Writer.Words = Words(s, 0)
	for _, m := range criticAny().FindAllStringSubmatch(s, maxParts) {
		if m[1] == ">>" {
			b.Comments++
		} else {
			b.Changes++
		}
	}
	eachImage(s, func(alt, target string) bool {
		if len(b.images) >= b.lim.Images {
			return false
		}
		b.images = append(b.images, Image{Name: cleanLine(target, 200), Alt: cleanLine(alt, 500)})
		return true
	})
	if b.title != "" {
		return
	}
	prev, fence := "", ""
	for l := range strings.Lines(s) {
		l = strings.TrimRight(l, " \t\n")
		t := strings.TrimSpace(l)
		switch {
		case fence != "":
			if strings.HasPrefix(t, fence) {
				fence = ""
			}
		case strings.HasPrefix(t, "```"), strings.HasPrefix(t, "~~~"):
			fence = t[:3]
		case t != "" && (strings.Trim(t, "=") == "" || strings.Trim(t, "-") == "") && prev != "" && !strings.HasPrefix(prev, "|"):
			b.title = unmark(prev)
			return
		default:
			if m := atx().FindStringSubmatch(l[:min(len(l), 1000)]); m != nil && unmark(m[1]) != "" {
				b.title = unmark(m[1])
				return
			}
			if t != "" && b.property == "" {
				b.property = "-" // no heading: see below
				if u := unmark(t); len(u) <= 90 && !strings.HasSuffix(u, ".") && !strings.HasSuffix(u, ",") {
					b.property = u
				}
			}
		}
		prev = t
		if fence != "" {
			prev = ""
		}
	}
}

// imageBytes is how long an image's description may be, and how much of its target is kept.
const imageBytes = 2000

// eachImage calls f with the images of Markdown, ![alt](target), until it returns false. It goes over s once, whatever is
// left open in it.
func eachImage(s string, f func(alt, target string) bool) {
	for {
		i := strings.Index(s, "![")
		if i < 0 {
			return
		}
		s = s[i+2:]
		end := strings.IndexAny(s, "]\n")
		if end < 0 {
			return
		}
		alt := s[:end]
		rest, ok := strings.CutPrefix(s[end:], "](")
		if !ok { // what was opened before, ends here, too
			s = s[end+1:]
			continue
		}
		if far := len(alt) - imageBytes; far > 0 { // one that was opened later may be short enough
			near := alt[max(far-2, 0):]
			i := strings.Index(near, "![")
			if i < 0 {
				s = rest
				continue
			}
			alt = near[i+2:]
		}
		rest = strings.TrimPrefix(rest, "<")
		n := strings.IndexAny(rest[:min(len(rest), imageBytes)], ")> \t\n\r\f")
		if n < 0 {
			n = min(len(rest), imageBytes)
		}
		if n > 0 && !f(alt, rest[:n]) {
			return
		}
		s = rest[n:]
	}
}

// unmark takes the emphasis and the links out of a line.
func unmark(s string) string {
	s = mdLink().ReplaceAllString(s, "$1")
	s = strings.NewReplacer("**", "", "__", "", "`", "", `\`, "").Replace(s)
	return strings.Trim(s, " *_#")
}

var mdLink = lazily(`!?\[([^\]]*)\]\([^)]*\)`)

// frontMatter cuts off a block of YAML or TOML and returns its title.
func frontMatter(s string) (rest, title string) {
	mark := ""
	switch {
	case strings.HasPrefix(s, "---\n"):
		mark = "---"
	case strings.HasPrefix(s, "+++\n"):
		mark = "+++"
	default:
		return s, ""
	}
	end := strings.Index(s[4:min(len(s), 16<<10)], "\n"+mark+"\n")
	if end < 0 {
		return s, ""
	}
	keys := 0
	for l := range strings.SplitSeq(s[4:4+end], "\n") {
		k, v, ok := strings.Cut(l, ":")
		if mark == "+++" {
			k, v, ok = strings.Cut(l, "=")
		}
		if ok && strings.TrimSpace(k) != "" {
			keys++
		}
		if ok && strings.EqualFold(strings.TrimSpace(k), "title") {
			title = strings.Trim(strings.TrimSpace(v), `"'`)
		}
	}
	if keys == 0 {
		return s, ""
	}
	return strings.TrimLeft(s[4+end+5:], "\n"), title
}

var (
	bulletLine = lazily(`^([ \t]*)[-*•‣–·◦▪][ \t]+(\S.*)$`)
	numberLine = lazily(`^([ \t]*)(\d{1,3})[.)][ \t]+(\S.*)$`)
	heading    = lazily(`(?m)^#{1,6} \S`)
)

const (
	wrapColumns = 55   // of lines from which they were broken by a program, not by their author
	maxLines    = 1000 // of one paragraph
	longColumns = 120  // of lines which show that nothing was broken
)

// plainDoc makes paragraphs of plain text.
type plainDoc struct {
	b       *builder
	long    bool // a line is a paragraph
	indents []int
}

// readPlain joins lines that were wrapped and makes lists of lines that look like items. Text with Markdown headings is
// Markdown.
func readPlain(b *builder, src *source, size int64) error {
	s, err := readText(b, src, size)
	if err != nil {
		return err
	}
	if heading().MatchString(s) {
		asMarkdown(b, s)
		return nil
	}
	d := &plainDoc{b: b}
	for l := range strings.Lines(s) {
		d.long = d.long || len(l) > longColumns && utf8.RuneCountInString(l) > longColumns
	}
	var para []string
	end := func() {
		for len(para) > 0 {
			para = para[d.take(para):]
		}
		para = nil
	}
	for l := range strings.Lines(s) {
		if l = strings.TrimRight(l, " \t\n"); l == "" || d.long || len(para) >= maxLines {
			end()
		}
		if l != "" {
			para = append(para, l)
		}
		if b.Full() {
			return nil
		}
	}
	end()
	return nil
}

// take makes one paragraph or item of the first lines and tells how many they were.
func (d *plainDoc) take(lines []string) int {
	block := markdown.Block{}
	text := lines[0]
	if m := bulletLine().FindStringSubmatch(text); m != nil {
		block, text = markdown.Block{Kind: markdown.Item, Level: d.level(m[1])}, m[2]
	} else if m := numberLine().FindStringSubmatch(text); m != nil {
		block, text = markdown.Block{Kind: markdown.Item, Level: d.level(m[1]), Ordered: true, Number: number(m[2], 999)}, m[3]
	} else {
		d.indents = d.indents[:0]
	}
	d.b.Text(text, markdown.Format{})
	n := 1
	for ; n < len(lines) && !bulletLine().MatchString(lines[n]) && !numberLine().MatchString(lines[n]); n++ {
		switch wrapped := utf8.RuneCountInString(lines[n-1]) >= wrapColumns; {
		case wrapped || block.Kind == markdown.Item && lines[n][0] <= ' ':
			d.b.Text(" ", markdown.Format{})
		case block.Kind == markdown.Item:
			d.b.End(block)
			return n
		default:
			d.b.Break(markdown.Format{})
		}
		d.b.Text(lines[n], markdown.Format{})
	}
	d.b.End(block)
	return n
}

// level tells how deep an item lies, by its indent and those before.
func (d *plainDoc) level(blanks string) int {
	indent := len(strings.ReplaceAll(blanks, "\t", "    "))
	for n := len(d.indents); n > 0 && d.indents[n-1] > indent; n-- {
		d.indents = d.indents[:n-1]
	}
	if n := len(d.indents); n == 0 || d.indents[n-1] < indent {
		d.indents = append(d.indents[:min(n, 20)], indent)
	}
	return len(d.indents)
}

package draft

import (
	"bufio"
	"errors"
	"io"
	"path"
	"strings"

	"golang.org/x/net/html"

	"handoff/inbox/draft/internal/markdown"
)

const (
	htmlDepth  = 400      // open elements that are tracked; deeper ones count as text of the innermost
	htmlSearch = 64       // elements that an end tag may close at once
	htmlToken  = 1 << 20  // bytes of one tag
	longWord   = 16 << 10 // bytes without a blank after which ASCII is data
)

// htmlElement is an open element, as far as it bears on the text.
type htmlElement struct {
	name   string
	format markdown.Format // outside of it
	hidden bool
	pre    bool
	quote  bool
}

type htmlDoc struct {
	b      *builder
	stack  []htmlElement
	format markdown.Format
	hidden int
	pre    int
	quote  int
	lists  []htmlList
	tables []htmlTable
	head   int  // the heading level that is open
	title  bool // within <title>
}

type htmlList struct {
	ordered bool
	number  int
	fresh   bool
}

type htmlTable struct{ row, cell bool }

// readHTML goes over the tags and builds no tree: hostile nesting costs nothing, and memory does not grow with the file.
func readHTML(b *builder, src *source, size int64) error {
	r, err := textReader(src, size)
	if err != nil {
		return err
	}
	z := html.NewTokenizer(&wordCutter{r: bufio.NewReaderSize(r, 32<<10)})
	z.SetMaxBuf(htmlToken)
	d := &htmlDoc{b: b}
	for !b.Full() {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); errors.Is(err, html.ErrBufferExceeded) {
				b.note("the file is damaged: the text may not be whole")
			} else if err != io.EOF {
				return err
			}
			d.finish()
			return nil
		case html.TextToken:
			d.text(z)
		case html.StartTagToken:
			name, more := z.TagName()
			d.start(string(name), z, more, false)
		case html.SelfClosingTagToken:
			name, more := z.TagName()
			d.start(string(name), z, more, true)
		case html.EndTagToken:
			name, _ := z.TagName()
			d.end(string(name))
		}
	}
	d.finish()
	return nil
}

// wordCutter shortens endless words: pictures as data URLs.
type wordCutter struct {
	r   *bufio.Reader
	run int
}

func (w *wordCutter) Read(p []byte) (int, error) {
	for {
		n, err := w.r.Read(p)
		kept := 0
		for _, c := range p[:n] {
			if c <= ' ' || c == '<' || c == '>' || c == '"' || c == '\'' {
				w.run = 0
			} else if w.run++; w.run > longWord && c < 0x80 {
				continue
			}
			p[kept] = c
			kept++
		}
		if kept > 0 || err != nil || n == 0 {
			return kept, err
		}
	}
}

func (d *htmlDoc) finish() {
	d.endPara()
	for len(d.tables) > 0 {
		d.closeTable()
	}
}

func (d *htmlDoc) text(z *html.Tokenizer) {
	switch {
	case d.title:
		d.b.property += cleanLine(string(z.Text()), max(0, 300-len(d.b.property)))
	case d.hidden > 0:
	case d.pre > 0:
		s := strings.ReplaceAll(strings.ReplaceAll(string(z.Text()), "\r\n", "\n"), "\r", "\n")
		for i, l := range strings.Split(s, "\n") {
			if i > 0 {
				d.b.End(markdown.Block{Kind: markdown.CodeLine, Quote: d.quote})
			}
			d.b.Text(strings.ReplaceAll(l, "\t", "    "), markdown.Format{})
		}
	default:
		s := string(z.Text())
		if len(d.tables) > 0 && !d.tables[len(d.tables)-1].cell && strings.TrimSpace(s) == "" {
			return
		}
		d.b.Text(s, d.format)
	}
}

// endPara ends the paragraph as what it is.
func (d *htmlDoc) endPara() {
	b := markdown.Block{Quote: d.quote}
	switch n := len(d.lists); {
	case d.pre > 0:
		b.Kind = markdown.CodeLine
	case d.head > 0:
		b.Kind, b.Level = markdown.Heading, d.head
	case n > 0:
		l := &d.lists[n-1]
		b.Kind, b.Level = markdown.Continued, n
		if l.fresh && d.b.Pending() {
			b.Kind, b.Ordered, b.Number = markdown.Item, l.ordered, l.number
			l.fresh = false
		}
	}
	d.b.End(b)
}

type htmlAttrs struct{ href, src, alt, style, start, hidden string }

func readAttrs(z *html.Tokenizer, more bool) (a htmlAttrs) {
	for n := 0; more && n < 100; n++ {
		var k, v []byte
		k, v, more = z.TagAttr()
		switch string(k) {
		case "href":
			a.href = string(v)
		case "src":
			a.src = string(v[:min(len(v), 2000)])
		case "alt":
			a.alt = string(v)
		case "style":
			a.style = strings.ToLower(strings.ReplaceAll(string(v[:min(len(v), 2000)]), " ", ""))
		case "start":
			a.start = string(v)
		case "hidden":
			a.hidden = "hidden"
		}
	}
	return a
}

func (d *htmlDoc) start(name string, z *html.Tokenizer, more, selfClosing bool) {
	a := readAttrs(z, more)
	e := htmlElement{name: name, format: d.format}
	switch name {
	case "br":
		if d.hidden == 0 {
			if d.pre > 0 {
				d.b.End(markdown.Block{Kind: markdown.CodeLine, Quote: d.quote})
			} else {
				d.b.Break(d.format)
			}
		}
		return
	case "hr":
		if d.hidden == 0 {
			d.endPara()
			d.b.Rule()
		}
		return
	case "img":
		if d.hidden == 0 {
			d.image(a)
		}
		return
	case "meta", "link", "input", "col", "area", "base", "wbr", "source", "embed", "track", "param":
		return
	case "title":
		d.title = d.b.property == "" && len(d.stack) < htmlDepth
		e.hidden = true
	case "script", "style", "template", "noscript", "object", "svg", "math", "select", "iframe", "noembed", "noframes", "audio", "video", "canvas", "nav":
		e.hidden = true
	}
	if a.hidden != "" || strings.Contains(a.style, "display:none") || strings.Contains(a.style, "mso-hide:all") {
		e.hidden = true
	}
	d.imply(name)
	e.format = d.format
	if d.hidden > 0 || e.hidden {
		if !selfClosing && len(d.stack) < htmlDepth {
			d.push(e)
		}
		return
	}
	if htmlBlock(name) {
		d.endPara()
	}
	switch name {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		d.head = int(name[1] - '0')
	case "ul", "ol":
		if len(d.lists) < htmlDepth {
			d.lists = append(d.lists, htmlList{ordered: name == "ol", number: max(number(a.start, 1<<20), 1) - 1})
		}
	case "li":
		if len(d.lists) == 0 {
			d.lists = append(d.lists, htmlList{})
		}
		l := &d.lists[len(d.lists)-1]
		l.number++
		l.fresh = true
	case "table":
		if len(d.tables) < htmlDepth {
			d.tables = append(d.tables, htmlTable{})
			d.b.Table()
		}
	case "tr":
		d.closeRow()
		if n := len(d.tables); n > 0 {
			d.tables[n-1].row = true
		}
	case "td", "th":
		d.closeCell()
		if n := len(d.tables); n > 0 {
			d.tables[n-1].row, d.tables[n-1].cell = true, true
		}
	case "b", "strong":
		d.format.Style |= markdown.Bold
	case "i", "em", "cite", "dfn", "var":
		d.format.Style |= markdown.Italic
	case "s", "strike":
		d.format.Style |= markdown.Strike
	case "code", "kbd", "tt", "samp":
		d.format.Style |= markdown.Code
	case "ins":
		d.format.Change = markdown.Inserted
	case "del":
		d.format.Change = markdown.Deleted
	case "a":
		if a.href != "" {
			d.format.Link = a.href
		}
	case "blockquote":
		e.quote = true
	case "pre":
		e.pre = true
	}
	if name == "span" || name == "b" || name == "font" { // as word processors write
		switch {
		case strings.Contains(a.style, "font-weight:bold"), strings.Contains(a.style, "font-weight:700"):
			d.format.Style |= markdown.Bold
		case strings.Contains(a.style, "font-weight:normal"), strings.Contains(a.style, "font-weight:400"):
			d.format.Style &^= markdown.Bold
		}
		if strings.Contains(a.style, "font-style:italic") {
			d.format.Style |= markdown.Italic
		}
	}
	if selfClosing || len(d.stack) >= htmlDepth {
		d.format = e.format
		return
	}
	d.push(e)
}

// imply ends the elements whose end tags HTML lets writers leave out before this one.
func (d *htmlDoc) imply(name string) {
	ends := ""
	switch name {
	case "li", "tr", "dt", "dd":
		ends = name
	case "td", "th":
		ends = "td"
	default:
		if !htmlBlock(name) {
			return
		}
		ends = "p"
	}
	for i := len(d.stack) - 1; i >= 0 && i >= len(d.stack)-htmlSearch; i-- {
		switch open := d.stack[i].name; {
		case open == ends, ends == "td" && open == "th", ends == "dt" && open == "dd", ends == "dd" && open == "dt":
			d.end(open)
			return
		case open == "table", open == "ul", open == "ol", open == "td", open == "th", open == "dl", ends == "p" && htmlBlock(open):
			if open != "td" && open != "th" || ends != "tr" {
				return
			}
		}
	}
}

func (d *htmlDoc) push(e htmlElement) {
	d.stack = append(d.stack, e)
	d.count(e, 1)
}

func (d *htmlDoc) count(e htmlElement, by int) {
	if e.hidden {
		d.hidden += by
	}
	if e.pre {
		d.pre += by
	}
	if e.quote {
		d.quote += by
	}
}

func (d *htmlDoc) image(a htmlAttrs) {
	name := a.src
	if strings.HasPrefix(name, "data:") {
		kind, _, _ := strings.Cut(strings.TrimPrefix(name, "data:image/"), ";")
		name = ""
		switch kind {
		case "png", "jpeg", "gif", "webp", "svg+xml":
			name = "embedded." + strings.TrimSuffix(kind, "+xml")
		}
	}
	name, _, _ = strings.Cut(name, "?")
	if a.alt == "" && name == "" {
		return
	}
	d.b.image(path.Base(name), a.alt, d.format.Change)
}

// end closes the innermost element of that name and whatever was left open inside it.
func (d *htmlDoc) end(name string) {
	switch name {
	case "title":
		d.title = false
	case "p":
		if d.hidden == 0 {
			d.endPara()
		}
	}
	for i := len(d.stack) - 1; i >= 0 && i >= len(d.stack)-htmlSearch; i-- {
		if d.stack[i].name != name {
			continue
		}
		if d.hidden == 0 {
			if htmlBlock(name) {
				d.endPara()
			}
			switch name {
			case "h1", "h2", "h3", "h4", "h5", "h6":
				d.head = 0
			case "ul", "ol":
				if n := len(d.lists); n > 0 {
					d.lists = d.lists[:n-1]
				}
			case "td", "th":
				d.closeCell()
			case "tr":
				d.closeRow()
			case "table":
				d.closeTable()
			}
		}
		for j := len(d.stack) - 1; j >= i; j-- {
			d.count(d.stack[j], -1)
		}
		d.format = d.stack[i].format
		d.stack = d.stack[:i]
		return
	}
}

func (d *htmlDoc) closeCell() {
	if n := len(d.tables); n > 0 && d.tables[n-1].cell {
		d.endPara()
		d.tables[n-1].cell = false
		d.b.Cell()
	}
}

func (d *htmlDoc) closeRow() {
	d.closeCell()
	if n := len(d.tables); n > 0 && d.tables[n-1].row {
		d.tables[n-1].row = false
		d.b.Row()
	}
}

func (d *htmlDoc) closeTable() {
	d.closeRow()
	if n := len(d.tables); n > 0 {
		d.tables = d.tables[:n-1]
		d.b.EndTable()
	}
}

func htmlBlock(name string) bool {
	switch name {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "dl", "pre", "blockquote", "div", "tr", "li", "dt", "dd", "section", "article",
		"header", "footer", "address", "center", "body", "html", "form", "fieldset", "figure", "figcaption", "caption", "thead", "tbody", "tfoot", "main",
		"aside", "details", "summary", "td", "th":
		return true
	}
	return false
}

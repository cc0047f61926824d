package inbox

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	htmlDepth  = 400 // open elements that are tracked; deeper ones count as text of the innermost
	quoteDepth = 20  // quote marks before a line
)

// element is an open HTML element, as far as it bears on the text.
type element struct {
	name   string
	quote  bool
	hidden bool
	pre    bool
	marked bool // its mark ends with it
	before mark // the mark outside
	list   int  // next number of an ordered list, -1 for bullets
}

// htmlText turns HTML into lines, in one pass over its tokens and without building a tree: hostile nesting costs nothing.
type htmlText struct {
	stack  []element
	lines  []line
	cur    strings.Builder
	space  bool // a blank is due before the next word
	blanks int  // empty lines due before the next line
	quotes int
	before int // quotes of the last line
	hidden int
	pre    int
	mark   mark
	urls   []string
	limit  int
	size   int
}

// htmlLines converts an HTML body to lines; block quotes become "> " lines, and the marks that mail clients leave in the
// markup become marks. limit bounds the text in bytes; whole is false when it cut.
func htmlLines(doc string, limit int) (lines []line, whole bool) {
	h := &htmlText{limit: limit}
	z := html.NewTokenizer(strings.NewReader(doc))
	for h.size < h.limit && len(h.lines) <= maxLines {
		switch z.Next() {
		case html.ErrorToken:
			h.flush()
			return h.lines, true
		case html.TextToken:
			if h.hidden == 0 {
				h.text(string(z.Text()))
			}
		case html.StartTagToken:
			name, attrs := z.TagName()
			h.start(string(name), readAttrs(z, attrs), false)
			if atom.Lookup(name) == atom.Plaintext { // everything after it is text
				continue
			}
		case html.SelfClosingTagToken:
			name, attrs := z.TagName()
			h.start(string(name), readAttrs(z, attrs), true)
		case html.EndTagToken:
			name, _ := z.TagName()
			h.end(string(name))
		}
	}
	h.flush()
	return h.lines, false
}

type attributes struct{ id, class, style, href, kind, marker, name, tabindex, smartmail string }

func readAttrs(z *html.Tokenizer, more bool) (a attributes) {
	for n := 0; more && n < 100; n++ {
		var k, v []byte
		k, v, more = z.TagAttr()
		switch string(k) {
		case "id":
			a.id = string(v)
		case "class":
			a.class = string(v)
		case "style":
			a.style = string(v)
		case "href":
			a.href = string(v)
		case "type":
			a.kind = string(v)
		case "data-marker":
			a.marker = string(v)
		case "name":
			a.name = string(v)
		case "tabindex":
			a.tabindex = string(v)
		case "data-smartmail":
			a.smartmail = string(v)
		}
	}
	return a
}

func (h *htmlText) start(name string, a attributes, selfClosing bool) {
	switch name {
	case "br":
		h.newline()
		return
	case "hr":
		if m := markOf(name, a); m == historyLine && h.mark == plainLine {
			h.block(1)
			h.mark = historyLine
			return
		}
		h.block(1)
		return
	case "img", "meta", "link", "input", "col", "area", "base", "wbr", "source":
		return
	}
	e := element{name: name, before: h.mark, list: -1}
	switch name {
	case "script", "style", "head", "title", "template", "noscript", "object", "svg", "select":
		e.hidden = true
	case "blockquote":
		e.quote = !indents(a)
	case "pre", "textarea":
		e.pre = true
	case "ol":
		e.list = 1
	}
	if hiddenStyle(a.style) {
		e.hidden = true
	}
	if blockGap(name) >= 0 && h.hidden == 0 && !e.hidden {
		h.block(blockGap(name))
	}
	if m := markOf(name, a); m != plainLine && (h.mark == plainLine || h.mark == codeMark || h.mark == signatureLine && (m == historyLine || m == quotedBlock || m == borderMark)) {
		h.flush()
		h.mark, e.marked = m, true
	}
	if h.hidden == 0 && !e.hidden {
		switch name {
		case "li":
			h.item()
		case "td", "th":
			h.space = true
		case "a":
			if u := webURL(a.href); u != "" {
				h.urls = append(h.urls, u)
			}
		}
	}
	if selfClosing || len(h.stack) >= htmlDepth {
		return
	}
	h.stack = append(h.stack, e)
	h.apply(e, 1)
}

func (h *htmlText) apply(e element, by int) {
	if e.quote {
		h.quotes += by
	}
	if e.hidden {
		h.hidden += by
	}
	if e.pre {
		h.pre += by
	}
}

// end closes the innermost element of that name and whatever was left open inside it.
func (h *htmlText) end(name string) {
	if name == "br" || name == "p" && !h.isOpen(name) {
		h.newline()
		return
	}
	for i := len(h.stack) - 1; i >= 0 && i >= len(h.stack)-64; i-- {
		if h.stack[i].name != name {
			continue
		}
		if h.hidden == 0 && blockGap(name) >= 0 {
			h.block(blockGap(name))
		}
		for j := len(h.stack) - 1; j >= i; j-- {
			e := h.stack[j]
			if e.quote || e.marked {
				h.flush()
			}
			h.apply(e, -1)
			// History goes on to the end: clients close the marked element right after its first line.
			if e.marked && h.mark != historyLine {
				h.mark = e.before
			}
		}
		h.stack = h.stack[:i]
		return
	}
}

func (h *htmlText) isOpen(name string) bool {
	for i := len(h.stack) - 1; i >= 0 && i >= len(h.stack)-64; i-- {
		if h.stack[i].name == name {
			return true
		}
	}
	return false
}

// blockGap tells how many blank lines set an element off, -1 for inline elements.
func blockGap(name string) int {
	switch name {
	case "p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "dl", "pre", "blockquote":
		return 1
	case "div", "tr", "li", "dt", "dd", "section", "article", "header", "footer", "address", "center", "body", "html", "form",
		"fieldset", "figure", "figcaption", "caption", "thead", "tbody", "main", "aside", "nav", "details", "summary", "textarea":
		return 0
	}
	return -1
}

func (h *htmlText) item() {
	h.block(0)
	bullet := "- "
	for i := len(h.stack) - 1; i >= 0 && i >= len(h.stack)-8; i-- {
		if e := &h.stack[i]; e.name == "ol" {
			bullet = strconv.Itoa(e.list) + ". "
			e.list++
			break
		} else if e.name == "ul" {
			break
		}
	}
	h.cur.WriteString(bullet)
	h.space = false
}

func (h *htmlText) text(s string) {
	if h.pre > 0 {
		for i, l := range strings.Split(normalizeNewlines(s), "\n") {
			if i > 0 {
				h.newline()
			}
			h.cur.WriteString(l)
		}
		h.size += len(s)
		return
	}
	for len(s) > 0 {
		i := strings.IndexAny(s, " \t\r\n\f")
		if i != 0 {
			word := s
			if i > 0 {
				word = s[:i]
			}
			if h.space && h.cur.Len() > 0 {
				h.cur.WriteByte(' ')
			}
			h.space = false
			h.cur.WriteString(word)
			h.size += len(word) + 1
			s = s[len(word):]
			continue
		}
		h.space = true
		s = strings.TrimLeft(s, " \t\r\n\f")
	}
}

// newline ends the line, also an empty one.
func (h *htmlText) newline() {
	if h.hidden > 0 {
		return
	}
	if h.cur.Len() == 0 {
		h.blanks = min(h.blanks+1, 2)
		h.size++
		return
	}
	h.flush()
}

// block ends the line and asks for gap blank lines before the next.
func (h *htmlText) block(gap int) {
	h.flush()
	if h.blanks < gap {
		h.blanks = gap
	}
}

func (h *htmlText) flush() {
	text := strings.ReplaceAll(h.cur.String(), "\u00a0", " ")
	h.cur.Reset()
	h.space = false
	text = strings.TrimRight(text, " \t")
	if h.pre == 0 {
		text = strings.Trim(text, " \u200b\ufeff")
	}
	if text == "" {
		if len(h.urls) > 0 && len(h.lines) > 0 { // a picture with a link
			l := &h.lines[len(h.lines)-1]
			l.urls = append(l.urls, h.urls...)
			h.urls = nil
		}
		return
	}
	if h.mark == borderMark {
		h.mark = plainLine
		if w, _ := headerLine(text); w != noHeader || strings.Contains(text, "@") && colon(text) > 0 {
			h.mark = historyLine
		}
	}
	prefix := quotePrefix(min(h.quotes, quoteDepth))
	if len(h.lines) > 0 {
		blank := strings.TrimRight(quotePrefix(min(h.quotes, h.before, quoteDepth)), " ")
		for range h.blanks {
			h.lines = append(h.lines, line{text: blank, mark: h.mark})
		}
	}
	h.before = h.quotes
	h.blanks = 0
	if i := glued(text); i > 0 && h.quotes == 0 {
		h.lines = append(h.lines, line{text: strings.TrimRight(text[:i], " "), mark: h.mark})
		text = text[i:]
	}
	m := h.mark
	if m == codeMark && h.quotes > 0 {
		m = plainLine
	}
	h.lines = append(h.lines, line{text: prefix + text, mark: m, urls: h.urls})
	h.urls = nil
	h.size += len(prefix) + 1
}

package draft

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"handoff/inbox/draft/internal/markdown"
)

// readODT reads an OpenDocument text (ISO/IEC 26300).
func readODT(b *builder, src *source, size int64) error {
	a, err := openArchive(src, size, b.lim.Inflated, func(name string) bool {
		return name == "content.xml" || name == "styles.xml" || name == "meta.xml"
	})
	if err != nil {
		return err
	}
	d := newODT(b)
	for _, part := range []string{"meta.xml", "styles.xml", "content.xml"} {
		r, err := a.open(part)
		if err != nil {
			return err
		}
		if r == nil {
			if part == "content.xml" {
				return errNoZip
			}
			continue
		}
		if err := d.read(newXML(r, b.lim.Depth), part); err != nil && part == "content.xml" {
			return err
		}
	}
	return nil
}

// readFlatODT reads an OpenDocument text that is one XML file.
func readFlatODT(b *builder, src *source, size int64) error {
	budget := b.lim.Inflated
	return newODT(b).read(newXML(&budgeted{io.NewSectionReader(src, 0, size), &budget}, b.lim.Depth), "document")
}

type odtDoc struct {
	b       *builder
	styles  map[string]*odtStyle // by family and name
	lists   map[string]*[10]bool // by name: which levels are numbered
	removed map[string]string    // the text of deletions by id
	added   map[string]bool      // the ids of insertions
	inBody  bool

	style *odtStyle // that is being defined
	list  *[10]bool

	paras  []odtPara
	spans  []markdown.Format
	ins    int
	open   []odtList
	frames []odtFrame
	notes  int
	noteAt []int
	forget int // bytes of deleted text kept
}

type odtStyle struct {
	name, parent string
	automatic    bool
	bold, italic toggle
	strike       bool
	hidden       bool
	outline      int
}

type odtPara struct {
	heading int
	style   string
}

type odtList struct {
	style  string
	number int
	fresh  bool // the item's first paragraph is still to come
	header bool
}

type odtFrame struct {
	name, file, alt string
	found           bool
}

func newODT(b *builder) *odtDoc {
	return &odtDoc{b: b, styles: make(map[string]*odtStyle), lists: make(map[string]*[10]bool), removed: make(map[string]string), added: make(map[string]bool)}
}

func (d *odtDoc) read(x *xmlReader, part string) error {
	for !d.b.Full() {
		k, err := x.next()
		switch {
		case err == io.EOF:
			return nil
		case err == nil && k == startTag:
			err = d.start(x)
		case err == nil && k == endTag:
			d.end(x)
		case err == nil:
			d.chars(x)
		}
		switch {
		case err == nil:
		case errors.Is(err, errBudget):
			if !d.b.Any() {
				return tooMuch(err)
			}
			d.b.note(cut)
			return nil
		case !errors.Is(err, errMarkup) && !errors.Is(err, errDeep) && err != io.ErrUnexpectedEOF:
			return err
		case !d.b.Any():
			return fmt.Errorf("%s: %w", part, err)
		default:
			d.b.note("the file is damaged: the text may not be whole")
			return nil
		}
	}
	return nil
}

func (d *odtDoc) start(x *xmlReader) error {
	if !d.inBody {
		return d.startStyle(x)
	}
	switch x.name {
	case "table-of-content", "illustration-index", "table-index", "object-index", "user-index", "alphabetical-index":
		d.b.note("the table of contents is left out")
		return x.skip()
	case "sequence-decls", "variable-decls", "user-field-decls", "dde-connection-decls", "forms", "binary-data", "event-listeners", "script", "ruby-text",
		"date-string", "glue-point", "image-map", "bookmark-start", "note-citation":
		return x.skip()
	case "tracked-changes":
		return d.changes(x)
	case "hidden-text", "hidden-paragraph":
		if x.attr("is-hidden") != "false" {
			d.b.note("hidden text is left out")
			return x.skip()
		}
	case "section":
		if x.attr("display") == "none" {
			d.b.note("hidden text is left out")
			return x.skip()
		}
	case "p", "h":
		p := odtPara{style: x.attr("style-name")}
		if x.name == "h" {
			p.heading = max(number(x.attr("outline-level"), 10), 1)
		}
		d.paras = append(d.paras, p)
		d.spans = append(d.spans, d.paraFormat(p))
	case "span":
		f := d.format()
		d.apply("text", x.attr("style-name"), &f.Style)
		d.spans = append(d.spans, f)
	case "a":
		f := d.format()
		f.Link = x.attr("href")
		d.spans = append(d.spans, f)
	case "s":
		d.say(strings.Repeat(" ", min(max(number(x.attr("c"), 100), 1), 100)))
	case "tab":
		d.say(" ")
	case "line-break":
		if len(d.paras) > 0 {
			d.b.Break(d.format())
		}
	case "change":
		if s := d.removed[x.attr("change-id")]; s != "" {
			f := d.format()
			f.Change = markdown.Deleted
			d.b.Text(s, f)
		}
	case "change-start":
		if d.added[x.attr("change-id")] {
			d.ins++
		}
	case "change-end":
		if d.added[x.attr("change-id")] && d.ins > 0 {
			d.ins--
		}
	case "annotation":
		return d.annotation(x)
	case "note":
		d.notes++
		d.noteAt = append(d.noteAt, d.notes)
		d.b.Reference(d.notes, d.format().Change)
	case "note-body":
		d.b.Footnote()
	case "list":
		style := x.attr("style-name")
		if n := len(d.open); style == "" && n > 0 {
			style = d.open[n-1].style
		}
		d.open = append(d.open, odtList{style: style})
	case "list-item", "list-header":
		if n := len(d.open); n > 0 {
			l := &d.open[n-1]
			l.fresh, l.header = true, x.name == "list-header"
			if v := x.attr("start-value"); v != "" {
				l.number = number(v, 1<<20)
			} else if !l.header {
				l.number++
			}
		}
	case "table":
		d.b.Table()
	case "frame":
		d.frames = append(d.frames, odtFrame{name: x.attr("name")})
	case "image":
		if n := len(d.frames); n > 0 {
			d.frames[n-1].found = true
			d.frames[n-1].file = x.attr("href")
		}
	case "title", "desc":
		if n := len(d.frames); n > 0 {
			s, err := x.content(1000)
			if s = strings.TrimSpace(s); s != "" && (x.name == "desc" || d.frames[n-1].alt == "") {
				d.frames[n-1].alt = s
			}
			return err
		}
	case "object", "object-ole":
		d.b.note(embedded)
		if n := len(d.frames); n > 0 {
			d.frames[n-1].name = ""
		}
		return x.skip()
	case "text-box":
		d.b.Push()
	}
	return nil
}

func (d *odtDoc) end(x *xmlReader) {
	if !d.inBody {
		if x.name == "style" || x.name == "list-style" {
			d.style, d.list = nil, nil
		}
		return
	}
	switch x.name {
	case "text":
		if x.is(1, "body") {
			d.inBody = false
		}
	case "p", "h":
		if n := len(d.paras); n > 0 {
			d.b.End(d.block(d.paras[n-1]))
			d.paras = d.paras[:n-1]
			d.popSpan()
		}
	case "span", "a":
		d.popSpan()
	case "note-body":
		if n := len(d.noteAt); n > 0 {
			d.b.EndFootnote(d.noteAt[n-1])
			d.noteAt = d.noteAt[:n-1]
		}
	case "list":
		if n := len(d.open); n > 0 {
			d.open = d.open[:n-1]
		}
	case "table-cell", "covered-table-cell":
		d.b.Cell()
	case "table-row":
		d.b.Row()
	case "table":
		d.b.EndTable()
	case "text-box":
		d.b.Pop()
	case "frame":
		if n := len(d.frames); n > 0 {
			f := d.frames[n-1]
			d.frames = d.frames[:n-1]
			if f.found && f.name != "" {
				if f.file == "" {
					f.file = f.name
				}
				d.b.image(f.file, f.alt, d.format().Change)
				if len(d.paras) == 0 {
					d.b.End(markdown.Block{})
				}
			}
		}
	}
}

func (d *odtDoc) popSpan() {
	if n := len(d.spans); n > 0 {
		d.spans = d.spans[:n-1]
	}
}

func (d *odtDoc) format() markdown.Format {
	var f markdown.Format
	if n := len(d.spans); n > 0 {
		f = d.spans[n-1]
	}
	if d.ins > 0 {
		f.Change = markdown.Inserted
	}
	return f
}

func (d *odtDoc) chars(x *xmlReader) {
	if d.inBody && len(d.paras) > 0 {
		d.say(string(x.text))
	}
}

// hiddenText is the style bit of text that is not shown.
const hiddenText markdown.Style = 1 << 7

func (d *odtDoc) say(s string) {
	f := d.format()
	if f.Style&hiddenText != 0 {
		if strings.TrimSpace(s) != "" {
			d.b.note("hidden text is left out")
		}
		return
	}
	if len(d.paras) > 0 {
		d.b.Text(s, f)
	}
}

// apply puts on what a style and its parents say.
func (d *odtDoc) apply(family, name string, to *markdown.Style) {
	bold, italic := unset, unset
	for n := 0; n < 8 && name != ""; n++ {
		s := d.styles[family+name]
		if s == nil {
			break
		}
		if bold == unset {
			bold = s.bold
		}
		if italic == unset {
			italic = s.italic
		}
		if s.strike {
			*to |= markdown.Strike
		}
		if s.hidden {
			*to |= hiddenText
		}
		if s.name == "Source Text" || s.name == "Source_20_Text" {
			*to |= markdown.Code
		}
		if s.name == "Strong Emphasis" || s.name == "Strong_20_Emphasis" {
			*to |= markdown.Bold
		}
		if s.name == "Emphasis" {
			*to |= markdown.Italic
		}
		if family == "paragraph" { // of named paragraph styles the looks are layout
			break
		}
		name = s.parent
	}
	set := func(t toggle, bit markdown.Style) {
		switch t {
		case on:
			*to |= bit
		case off:
			*to &^= bit
		}
	}
	set(bold, markdown.Bold)
	set(italic, markdown.Italic)
}

func (d *odtDoc) paraFormat(p odtPara) markdown.Format {
	var f markdown.Format
	s := d.styles["paragraph"+p.style]
	if s == nil || !s.automatic {
		return f
	}
	d.apply("paragraph", p.style, &f.Style)
	if l := d.looks(p.style); p.heading > 0 || l.title {
		f.Style &= hiddenText
	}
	return f
}

type odtLooks struct {
	title, quote, code, rule bool
	outline                  int
}

func (d *odtDoc) looks(style string) (l odtLooks) {
	for n := 0; n < 8 && style != ""; n++ {
		name := strings.ReplaceAll(style, "_20_", " ")
		s := d.styles["paragraph"+style]
		style = ""
		if s != nil {
			if s.name != "" {
				name = s.name
			}
			style = s.parent
			if l.outline == 0 {
				l.outline = s.outline
			}
		}
		switch name {
		case "Title":
			l.title = true
		case "Quotations", "Quote", "Block Text":
			l.quote = true
		case "Preformatted Text", "Source Code", "Code":
			l.code = true
		case "Horizontal Line":
			l.rule = true
		}
	}
	return l
}

func (d *odtDoc) block(p odtPara) markdown.Block {
	l := d.looks(p.style)
	quote := 0
	if l.quote {
		quote = 1
	}
	switch {
	case l.title && d.b.Pending():
		if d.b.title == "" {
			d.b.title = d.b.PendingText(300)
		}
		return markdown.Block{Kind: markdown.Heading, Level: 1}
	case p.heading > 0:
		return markdown.Block{Kind: markdown.Heading, Level: p.heading}
	case l.outline > 0:
		return markdown.Block{Kind: markdown.Heading, Level: l.outline}
	case l.code:
		return markdown.Block{Kind: markdown.CodeLine}
	case l.rule && !d.b.Pending():
		d.b.Rule()
	case len(d.open) > 0 && d.b.Pending():
		n := len(d.open)
		at := &d.open[n-1]
		b := markdown.Block{Kind: markdown.Continued, Level: n}
		if at.fresh && !at.header {
			at.fresh = false
			b.Kind = markdown.Item
			if levels := d.lists[at.style]; levels != nil && levels[min(n, 10)-1] {
				b.Ordered, b.Number = true, at.number
			}
		}
		return b
	}
	return markdown.Block{Quote: quote}
}

// startStyle reads what stands before the body: properties and styles.
func (d *odtDoc) startStyle(x *xmlReader) (err error) {
	switch x.name {
	case "text":
		d.inBody = x.is(1, "body")
	case "title":
		if x.is(1, "meta") && d.b.property == "" {
			d.b.property, err = x.content(1000)
		}
	case "master-styles", "settings", "scripts", "font-face-decls", "binary-data":
		return x.skip()
	case "style":
		if len(d.styles) < maxParts {
			d.style = &odtStyle{name: x.attr("display-name"), parent: x.attr("parent-style-name"), automatic: x.is(1, "automatic-styles"), outline: number(x.attr("default-outline-level"), 10)}
			name := x.attr("name")
			if d.style.name == "" {
				d.style.name = name
			}
			d.styles[x.attr("family")+name] = d.style
		}
	case "text-properties":
		s := d.style
		if s == nil {
			return nil
		}
		if w := x.attr("font-weight"); w != "" {
			s.bold = off
			if w == "bold" || len(w) == 3 && w >= "600" && w <= "999" {
				s.bold = on
			}
		}
		if i := x.attr("font-style"); i != "" {
			s.italic = off
			if i == "italic" || i == "oblique" {
				s.italic = on
			}
		}
		if t := x.attr("text-line-through-style"); t != "" && t != "none" {
			s.strike = true
		}
		s.hidden = x.attr("display") == "none"
	case "list-style":
		if len(d.lists) < maxParts {
			d.list = new([10]bool)
			d.lists[x.attr("name")] = d.list
		}
	case "list-level-style-number":
		if d.list != nil && x.attr("num-format") != "" {
			d.list[min(max(number(x.attr("level"), 10), 1), 10)-1] = true
		}
	}
	return err
}

// changes reads the list of tracked changes.
func (d *odtDoc) changes(x *xmlReader) error {
	depth := len(x.stack)
	id, deleted := "", false
	var text strings.Builder
	for {
		k, err := x.next()
		switch {
		case err != nil:
			return err
		case k == startTag:
			switch x.name {
			case "changed-region":
				id, deleted = x.attr("id"), false
				text.Reset()
			case "insertion":
				if len(d.added) < maxParts {
					d.added[id] = true
				}
			case "deletion":
				deleted = true
			case "change-info", "annotation":
				if err := x.skip(); err != nil {
					return err
				}
			case "s", "tab", "line-break":
				text.WriteByte(' ')
			}
		case k == textToken:
			if deleted && !x.is(0, "deletion") && text.Len() < d.b.lim.Text/8 {
				text.Write(x.text)
			}
		case len(x.stack) == depth:
			return nil
		case x.name == "p" || x.name == "h":
			text.WriteByte(' ')
		case x.name == "deletion":
			// The mark of the paragraph's end is no blank of the text.
			s := strings.TrimSuffix(text.String(), " ")
			if d.forget += len(s); len(d.removed) < maxParts && d.forget < d.b.lim.Text/4 {
				d.removed[id] = s
			}
			deleted = false
		}
	}
}

func (d *odtDoc) annotation(x *xmlReader) error {
	depth := len(x.stack)
	author := ""
	var text strings.Builder
	for {
		k, err := x.next()
		switch {
		case err != nil:
			return err
		case k == startTag && x.name == "creator":
			if author, err = x.content(200); err != nil {
				return err
			}
		case k == startTag && (x.name == "date" || x.name == "date-string" || x.name == "creator-initials"):
			if err := x.skip(); err != nil {
				return err
			}
		case k == textToken && text.Len() < remarkBytes:
			text.Write(x.text)
		case k == endTag && len(x.stack) == depth:
			if s := cleanLine(text.String(), remarkBytes); s != "" && len(d.paras) > 0 {
				d.b.Comment(cleanLine(author, 100), s)
			}
			return nil
		case k == endTag && (x.name == "p" || x.name == "s" || x.name == "tab" || x.name == "line-break"):
			text.WriteByte(' ')
		}
	}
}

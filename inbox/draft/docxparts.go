package draft

import (
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

const (
	maxParts    = 5000 // styles, lists, relations, comments of a document
	chainLength = 20   // of styles that are based on each other
	remarkBytes = 4000 // of one comment
)

// paraStyle is what a paragraph or character style says, as far as it bears on the Markdown.
type paraStyle struct {
	name, base string
	outline    int // 1 to 9, 10 for body text; 0 if it says nothing
	list       string
	level      int
	bold       toggle
	italic     toggle
	hidden     bool
}

// toggle is a property that styles may leave open.
type toggle int8

const (
	unset toggle = iota
	on
	off
)

func toggleOf(x *xmlReader) toggle {
	switch x.attr("val") {
	case "0", "false", "off", "none":
		return off
	}
	return on
}

// headingName knows the styles for headings, by the names and ids that programs in many languages give.
var headingName = lazily(`(?i)^(?:heading|header|berschrift|überschrift|ueberschrift|titre|título|titulo|ttulo|titolo|kop|rubrik|overskrift|otsikko|nagłówek|nagwek|nadpis|címsor|cmsor|заголовок|başlık|balk|antraštė|virsraksts|επικεφαλίδα|titlu|encabezado|标题|見出し|제목|標題)[ _-]*([1-9])$`)

// titleName knows the style for the document's title.
var titleName = lazily(`(?i)^(title|titel|titre|titolo|título|titulo|ttulo|puesto|tittel|otsikko|tytuł|tytu|název|názov|cím|название|заголовок|konu başlığı|标题|表題|標題|제목)$`)

func outlineOf(names ...string) int {
	for _, n := range names {
		if n == "" || len(n) > 40 || n[len(n)-1] < '1' || n[len(n)-1] > '9' {
			continue
		}
		if m := headingName().FindStringSubmatch(n); m != nil {
			return int(m[1][0] - '0')
		}
	}
	return 0
}

// numbering is a list definition.
type numbering struct {
	abstract string
	levels   [9]listLevel
}

type listLevel struct {
	known   bool
	ordered bool
	none    bool
	start   int
}

// docxFile is a word-processing document: its parts but for the text.
type docxFile struct {
	*archive
	b        *builder
	main     string // name of the text's part
	styles   map[string]*paraStyle
	lists    map[string]*numbering
	remarks  map[string]remark
	resolved map[string]looks
}

type remark struct{ author, text string }

// relation is a target of a part.
type relation struct {
	target   string
	external bool
	kind     string
}

// each calls f with every start tag of a part; a part that is missing or broken ends early.
func (d *docxFile) each(name string, f func(x *xmlReader) error) error {
	r, err := d.open(name)
	if err != nil || r == nil {
		return err
	}
	x := newXML(r, d.b.lim.Depth)
	for {
		k, err := x.next()
		if k == startTag && err == nil {
			err = f(x)
		}
		if err != nil {
			if errors.Is(err, errBudget) || !errors.Is(err, io.EOF) && !errors.Is(err, errMarkup) && !errors.Is(err, errDeep) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return err
			}
			return nil
		}
	}
}

// relations reads what a part refers to.
func (d *docxFile) relations(part string) (map[string]relation, error) {
	dir, file := path.Split(part)
	rels := make(map[string]relation)
	err := d.each(dir+"_rels/"+file+".rels", func(x *xmlReader) error {
		if x.name == "Relationship" && len(rels) < maxParts {
			rels[x.attr("Id")] = relation{x.attr("Target"), x.attr("TargetMode") == "External", path.Base(x.attr("Type"))}
		}
		return nil
	})
	return rels, err
}

// mainPart is the part that holds the text.
func (d *docxFile) mainPart() (string, error) {
	rels, err := d.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range rels {
		if r.kind == "officeDocument" {
			if name := strings.TrimPrefix(path.Clean("/"+r.target), "/"); d.has(name) {
				return name, nil
			}
		}
	}
	if d.has("word/document.xml") {
		return "word/document.xml", nil
	}
	return "", errNoZip
}

func (d *docxFile) has(name string) bool {
	_, ok := d.entries[name]
	return ok
}

func (d *docxFile) readStyles(name string) error {
	var cur *paraStyle
	return d.each(name, func(x *xmlReader) error {
		switch {
		case x.name == "style" && len(d.styles) < maxParts:
			cur = &paraStyle{}
			d.styles[strings.Clone(x.attr("styleId"))] = cur
		case cur == nil:
		case x.name == "name" && x.is(1, "style"):
			cur.name = x.attr("val")
		case x.name == "basedOn":
			cur.base = x.attr("val")
		case x.name == "outlineLvl":
			cur.outline = number(x.attr("val"), 9) + 1
		case x.name == "numId":
			cur.list = x.attr("val")
		case x.name == "ilvl":
			cur.level = number(x.attr("val"), 8)
		case x.name == "b" && x.is(1, "rPr"):
			cur.bold = toggleOf(x)
		case x.name == "i" && x.is(1, "rPr"):
			cur.italic = toggleOf(x)
		case x.name == "vanish" && x.is(1, "rPr"):
			cur.hidden = toggleOf(x) == on
		case x.name == "pPrChange", x.name == "rPrChange", x.name == "tblStylePr":
			return x.skip()
		}
		return nil
	})
}

// looks is what a style and those it is based on come to.
type looks struct {
	outline      int
	list         string
	level        int
	bold, italic toggle
	hidden       bool
	title, quote bool
	contents     bool // of a line in a table of contents
	code         bool
	codeSpan     bool
}

var tocName = lazily(`(?i)^(toc|verzeichnis|inhaltsverzeichnis|tm|tdc)[ _-]?\d$`)

// looks resolves a style, once.
func (d *docxFile) looks(id string) looks {
	if l, ok := d.resolved[id]; ok {
		return l
	}
	if len(d.resolved) >= maxParts {
		return looks{}
	}
	var l looks
	for n, at := 0, id; n < chainLength && at != ""; n++ {
		s := d.styles[at]
		if s == nil {
			s = &paraStyle{}
		}
		name := strings.ToLower(s.name)
		if l.outline == 0 {
			if l.outline = s.outline; l.outline == 0 {
				l.outline = outlineOf(name, at)
			}
		}
		if l.list == "" && s.list != "" {
			l.list = s.list
		}
		l.level = max(l.level, s.level)
		if l.bold == unset {
			l.bold = s.bold
		}
		if l.italic == unset {
			l.italic = s.italic
		}
		l.hidden = l.hidden || s.hidden
		if name == "" {
			name = strings.ToLower(cleanLine(at, 40))
		}
		if len(name) <= 40 {
			l.title = l.title || titleName().MatchString(name)
			l.contents = l.contents || tocName().MatchString(name)
		}
		switch name {
		case "quote", "intense quote", "quotations", "block text", "zitat":
			l.quote = true
		case "html preformatted", "source code", "code", "preformatted text", "macro text", "code block":
			l.code = true
		}
		l.codeSpan = l.codeSpan || strings.HasSuffix(name, " code") || name == "code" || name == "source text" || name == "verbatim char"
		at = s.base
	}
	d.resolved[strings.Clone(id)] = l
	return l
}

func (d *docxFile) readNumbering(name string) error {
	abstract := make(map[string]*[9]listLevel)
	var levels *[9]listLevel
	var num *numbering
	level := 0
	return d.each(name, func(x *xmlReader) error {
		switch {
		case x.name == "abstractNum" && len(abstract) < maxParts:
			levels, num = new([9]listLevel), nil
			abstract[x.attr("abstractNumId")] = levels
		case x.name == "num" && len(d.lists) < maxParts:
			num, levels = &numbering{}, nil
			d.lists[x.attr("numId")] = num
		case x.name == "abstractNumId" && num != nil:
			num.abstract = x.attr("val")
			if l := abstract[num.abstract]; l != nil {
				num.levels = *l
			}
			levels = &num.levels
		case x.name == "lvl" || x.name == "lvlOverride":
			level = number(x.attr("ilvl"), 8)
		case levels == nil:
		case x.name == "numFmt":
			f := x.attr("val")
			levels[level].known = true
			levels[level].ordered = f != "bullet" && f != "none"
			levels[level].none = f == "none"
		case x.name == "start":
			levels[level].start = number(x.attr("val"), 1<<20)
		case x.name == "startOverride" && num != nil:
			levels[level].start = number(x.attr("val"), 1<<20)
			num.abstract = "override " + num.abstract + " " + strconv.Itoa(len(d.lists))
		}
		return nil
	})
}

func (d *docxFile) readComments(name string) error {
	total := 0
	return d.each(name, func(x *xmlReader) error {
		if x.name != "comment" || len(d.remarks) >= maxParts || total > d.b.lim.Text/4 {
			return nil
		}
		id, author := x.attr("id"), cleanLine(x.attr("author"), 100)
		var text strings.Builder
		depth := len(x.stack)
		for {
			k, err := x.next()
			if err != nil {
				return err
			}
			if k == textToken && (x.is(0, "t") || x.is(0, "delText")) && text.Len() < remarkBytes {
				text.Write(x.text)
			}
			if k == endTag && (x.name == "p" || x.name == "tab" || x.name == "br") {
				text.WriteByte(' ')
			}
			if k == endTag && len(x.stack) == depth {
				break
			}
		}
		total += text.Len()
		d.remarks[id] = remark{author, cleanLine(text.String(), remarkBytes)}
		return nil
	})
}

func (d *docxFile) readTitle(name string) error {
	return d.each(name, func(x *xmlReader) (err error) {
		if x.name == "title" && d.b.property == "" {
			d.b.property, err = x.content(1000)
		}
		return err
	})
}

// number reads a number from 0 to most.
func number(s string, most int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return min(max(n, 0), most)
}

package draft

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"handoff/inbox/draft/internal/markdown"
)

// readDocx reads Office Open XML (ECMA-376 part 1, transitional or strict).
func readDocx(b *builder, src *source, size int64) error {
	a, err := openArchive(src, size, b.lim.Inflated, func(name string) bool {
		if strings.Contains(strings.ToLower(name), "/embeddings/oleobject") { // of another program, whether the text shows it or not
			b.note(embedded)
		}
		return strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels")
	})
	if err != nil {
		return err
	}
	d := &docxFile{archive: a, b: b, styles: make(map[string]*paraStyle), lists: make(map[string]*numbering), remarks: make(map[string]remark), resolved: make(map[string]looks)}
	if d.main, err = d.mainPart(); err != nil {
		return err
	}
	dir := path.Dir(d.main) + "/"
	for _, part := range []struct {
		name string
		read func(string) error
	}{
		{dir + "styles.xml", d.readStyles},
		{dir + "numbering.xml", d.readNumbering},
		{dir + "comments.xml", d.readComments},
		{"docProps/core.xml", d.readTitle},
	} {
		if err := part.read(part.name); err != nil {
			return tooMuch(err)
		}
	}
	body := &docxBody{docxFile: d, notes: make(map[string]int), counters: make(map[string]*[9]int)}
	if err := body.read(d.main, ""); err != nil {
		return tooMuch(err)
	}
	for _, kind := range []string{"footnote", "endnote"} {
		if body.noteCount > 0 && !b.Full() {
			if err := body.read(dir+kind+"s.xml", kind); err != nil && !errors.Is(err, errNoZip) {
				return tooMuch(err)
			}
		}
	}
	return nil
}

// tooMuch makes a refusal of a spent budget.
func tooMuch(err error) error {
	if errors.Is(err, errBudget) {
		return &Refusal{Reason: tooLarge, Err: err}
	}
	return err
}

// docxBody reads a part with text.
type docxBody struct {
	*docxFile
	rels      map[string]relation
	notes     map[string]int // numbers of the footnotes referred to
	noteCount int
	counters  map[string]*[9]int

	p      docxPara
	outer  []docxPara
	run    docxRun
	fields []docxField
	links  []string
	ins    int // open elements of insertions
	del    int
	pic    docxPicture
	toc    bool // the next sdtContent is a table of contents or a prompt
}

type docxPara struct {
	style   string
	outline int
	list    string
	level   int
	listed  bool
}

type docxRun struct {
	bold, italic, strike, hidden toggle
	style                        string
}

type docxField struct {
	instr  []byte
	result bool
	link   string
	toc    bool
}

type docxPicture struct {
	depth     int
	alt, name string
	found     bool
}

// read reads a part; notes is "footnote" or "endnote" for the parts that hold those.
func (d *docxBody) read(part, notes string) error {
	r, err := d.open(part)
	if err != nil {
		return err
	}
	if r == nil {
		return errNoZip
	}
	if d.rels, err = d.relations(part); err != nil {
		return err
	}
	x := newXML(r, d.b.lim.Depth)
	open := ""
	for !d.b.Full() {
		k, err := x.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			if errors.Is(err, errBudget) {
				d.b.note(cut)
				return nil
			}
			if !d.b.Any() {
				return fmt.Errorf("%s: %w", part, err)
			}
			d.b.note("the file is damaged: the text may not be whole")
			return nil
		case k == startTag:
			if x.name == notes && notes != "" {
				if t := x.attr("type"); t != "" && t != "normal" {
					if err := x.skip(); err != nil {
						return nil
					}
					continue
				}
				open = notes + " " + x.attr("id")
				d.b.Footnote()
				continue
			}
			err = d.start(x)
		case k == endTag:
			if x.name == notes && notes != "" {
				d.b.EndFootnote(d.notes[open])
				continue
			}
			d.end(x)
		default:
			d.chars(x)
		}
		if err != nil && err != io.ErrUnexpectedEOF && !errors.Is(err, errMarkup) && !errors.Is(err, errDeep) && !errors.Is(err, errBudget) {
			return err
		}
	}
	return nil
}

func (d *docxBody) start(x *xmlReader) error {
	switch x.name {
	case "Fallback", "pPrChange", "rPrChange", "sectPr", "tblPrChange", "tcPrChange", "trPrChange", "sectPrChange", "numberingChange", "rt", "tblGrid", "cellIns", "cellDel":
		return x.skip()
	case "p":
		d.outer = append(d.outer, d.p)
		d.p = docxPara{}
	case "txbxContent":
		d.b.Push()
	case "pStyle":
		d.p.style = x.attr("val")
	case "outlineLvl":
		if x.is(1, "pPr") {
			d.p.outline = number(x.attr("val"), 9) + 1
		}
	case "numId":
		d.p.list, d.p.listed = x.attr("val"), true
	case "ilvl":
		d.p.level = number(x.attr("val"), 8)
	case "r":
		d.run = docxRun{}
	case "b":
		if d.runProperty(x) {
			d.run.bold = toggleOf(x)
		}
	case "i":
		if d.runProperty(x) {
			d.run.italic = toggleOf(x)
		}
	case "strike", "dstrike":
		if d.runProperty(x) {
			d.run.strike = toggleOf(x)
		}
	case "vanish":
		if d.runProperty(x) {
			d.run.hidden = toggleOf(x)
		}
	case "rStyle":
		if d.runProperty(x) {
			d.run.style = x.attr("val")
		}
	case "ins", "moveTo":
		if !x.is(1, "rPr") && !x.is(1, "trPr") {
			d.ins++
		}
	case "del", "moveFrom":
		if !x.is(1, "rPr") && !x.is(1, "trPr") {
			d.del++
		}
	case "hyperlink":
		link := ""
		if r, ok := d.rels[x.attr("id")]; ok && r.external {
			link = r.target
		}
		d.links = append(d.links, link)
	case "fldSimple":
		d.links = append(d.links, fieldLink(x.attr("instr")))
	case "fldChar":
		d.fieldChar(x.attr("fldCharType"))
	case "tab", "ptab":
		if x.is(1, "r") {
			d.say(" ")
		}
	case "br":
		if t := x.attr("type"); x.is(1, "r") && t != "page" && t != "column" {
			d.b.Break(d.format())
		}
	case "cr":
		d.b.Break(d.format())
	case "noBreakHyphen":
		d.say("\u2011")
	case "sym":
		d.say(symbol(x.attr("char"), x.attr("font")))
	case "footnoteReference", "endnoteReference":
		d.reference(strings.TrimSuffix(x.name, "Reference") + " " + x.attr("id"))
	case "commentReference":
		if c, ok := d.remarks[x.attr("id")]; ok && c.text != "" {
			d.b.Comment(c.author, c.text)
		}
	case "drawing", "pict", "object":
		if d.pic.depth == 0 {
			d.pic = docxPicture{depth: len(x.stack)}
		}
		if x.name == "object" {
			d.b.note(embedded)
		}
	case "docPr", "cNvPr":
		if alt := x.attr("descr"); alt != "" && d.pic.depth > 0 {
			d.pic.alt = alt
		} else if alt := x.attr("title"); alt != "" && d.pic.alt == "" {
			d.pic.alt = alt
		}
	case "shape":
		if alt := x.attr("alt"); alt != "" && d.pic.depth > 0 {
			d.pic.alt = alt
		}
	case "blip", "imagedata":
		id := x.attr("embed")
		if id == "" {
			id = x.attr("link")
		}
		if id == "" {
			id = x.attr("id")
		}
		d.pic.name, d.pic.found = path.Base(d.rels[id].target), true
	case "chart", "relIds":
		d.b.note("charts and diagrams are left out")
	case "oMath":
		d.b.note("formulas are shown as plain text")
	case "altChunk":
		d.b.note("a document inserted into this one is left out")
	case "docPartGallery":
		d.toc = x.attr("val") == "Table of Contents"
	case "showingPlcHdr":
		d.toc = toggleOf(x) == on
	case "sdtContent":
		if d.toc {
			d.toc = false
			return x.skip()
		}
	case "tbl":
		d.b.Table()
	}
	return nil
}

// runProperty tells whether the tag is a property of a run, and not of a paragraph's mark.
func (d *docxBody) runProperty(x *xmlReader) bool { return x.is(1, "rPr") && x.is(2, "r") }

func (d *docxBody) end(x *xmlReader) {
	switch x.name {
	case "p":
		d.b.End(d.block())
		if n := len(d.outer); n > 0 {
			d.p, d.outer = d.outer[n-1], d.outer[:n-1]
		}
	case "txbxContent":
		d.b.Pop()
	case "r":
		d.run = docxRun{}
	case "ins", "moveTo":
		if !x.is(1, "rPr") && !x.is(1, "trPr") && d.ins > 0 {
			d.ins--
		}
	case "del", "moveFrom":
		if !x.is(1, "rPr") && !x.is(1, "trPr") && d.del > 0 {
			d.del--
		}
	case "hyperlink", "fldSimple":
		if n := len(d.links); n > 0 {
			d.links = d.links[:n-1]
		}
	case "drawing", "pict", "object":
		if d.pic.depth == len(x.stack) {
			if d.pic.found && !d.skipped() {
				d.b.image(d.pic.name, d.pic.alt, d.format().Change)
			}
			d.pic = docxPicture{}
		}
	case "tc":
		d.b.Cell()
	case "tr":
		d.b.Row()
	case "tbl":
		d.b.EndTable()
	}
}

func (d *docxBody) chars(x *xmlReader) {
	switch {
	case x.is(0, "t"):
		d.say(string(x.text))
	case x.is(0, "delText"):
		d.del++
		d.say(string(x.text))
		d.del--
	case x.is(0, "instrText"):
		if n := len(d.fields); n > 0 && !d.fields[n-1].result && len(d.fields[n-1].instr) < 4096 {
			d.fields[n-1].instr = append(d.fields[n-1].instr, x.text...)
		}
	}
}

// say adds text as the run looks.
func (d *docxBody) say(s string) {
	switch {
	case s == "":
	case d.skipped():
	case d.isHidden():
		if strings.TrimSpace(s) != "" {
			d.b.note("hidden text is left out")
		}
	default:
		d.b.Text(s, d.format())
	}
}

func (d *docxBody) isHidden() bool {
	if d.run.hidden != unset {
		return d.run.hidden == on
	}
	return d.run.style != "" && d.looks(d.run.style).hidden
}

// skipped tells text that is no content: a field's code, a table of contents.
func (d *docxBody) skipped() bool {
	for i := range d.fields {
		if !d.fields[i].result || d.fields[i].toc {
			return true
		}
	}
	return d.p.style != "" && d.looks(d.p.style).contents
}

func (d *docxBody) format() markdown.Format {
	var f markdown.Format
	bold, italic, strike := d.run.bold, d.run.italic, d.run.strike
	if d.run.style != "" {
		l := d.looks(d.run.style)
		if bold == unset {
			bold = l.bold
		}
		if italic == unset {
			italic = l.italic
		}
		if l.codeSpan {
			f.Style |= markdown.Code
		}
	}
	if bold == on {
		f.Style |= markdown.Bold
	}
	if italic == on {
		f.Style |= markdown.Italic
	}
	if strike == on {
		f.Style |= markdown.Strike
	}
	switch {
	case d.del > 0:
		f.Change = markdown.Deleted
	case d.ins > 0:
		f.Change = markdown.Inserted
	}
	for i := len(d.fields) - 1; i >= 0 && f.Link == ""; i-- {
		f.Link = d.fields[i].link
	}
	if n := len(d.links); n > 0 && d.links[n-1] != "" {
		f.Link = d.links[n-1]
	}
	return f
}

const maxFields = 32 // within one another

func (d *docxBody) fieldChar(kind string) {
	n := len(d.fields)
	switch {
	case kind == "begin" && n < maxFields:
		d.fields = append(d.fields, docxField{})
	case kind == "separate" && n > 0:
		f := &d.fields[n-1]
		f.result = true
		f.link = fieldLink(string(f.instr))
		f.toc = strings.HasPrefix(strings.TrimSpace(strings.ToUpper(string(f.instr))), "TOC ")
		f.instr = nil
	case kind == "end" && n > 0:
		d.fields = d.fields[:n-1]
	}
}

// fieldLink is the target of a HYPERLINK field (ECMA-376 part 1, 17.16.5.25); "" for other fields and places in the text.
func fieldLink(instr string) string {
	rest, ok := strings.CutPrefix(strings.TrimSpace(instr), "HYPERLINK")
	if !ok {
		return ""
	}
	rest = strings.TrimSpace(rest)
	if quoted, ok := strings.CutPrefix(rest, `"`); ok {
		link, _, _ := strings.Cut(quoted, `"`)
		return link
	}
	link, _, _ := strings.Cut(rest, " ")
	if strings.HasPrefix(link, `\`) {
		return ""
	}
	return link
}

func (d *docxBody) reference(id string) {
	if d.skipped() {
		return
	}
	n := d.notes[id]
	if n == 0 {
		if d.noteCount >= maxParts {
			return
		}
		d.noteCount++
		n = d.noteCount
		d.notes[id] = n
	}
	d.b.Reference(n, d.format().Change)
}

// symbol is a character of a symbol font.
func symbol(code, font string) string {
	n, err := strconv.ParseUint(code, 16, 32)
	if err != nil {
		return ""
	}
	font = strings.ToLower(font)
	switch c := n & 0xff; {
	case strings.HasPrefix(font, "wingdings") && n >= 0xf000:
		switch c {
		case 0x4a:
			return "☺"
		case 0xfc, 0x50:
			return "✓"
		case 0xfb, 0x4f:
			return "✗"
		case 0xe0, 0xf0, 0xe8:
			return "→"
		case 0xdf, 0xef:
			return "←"
		case 0xa8, 0x6f, 0x71:
			return "☐"
		case 0xfe, 0x52:
			return "☑"
		}
		return "•"
	case font == "symbol":
		const greek = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
		switch {
		case c >= 'A' && c <= 'Z':
			return string([]rune(greek)[c-'A'])
		case c >= 'a' && c <= 'z':
			return strings.ToLower(string([]rune(greek)[c-'a']))
		case c == 0xae:
			return "→"
		case c == 0xa3:
			return "≤"
		case c == 0xb3:
			return "≥"
		case c == 0xb4:
			return "×"
		case c == 0xb9:
			return "≠"
		}
		return "•"
	case n >= 0xf000 && n <= 0xf0ff:
		return "•"
	}
	return string(rune(n))
}

// block tells what the paragraph is.
func (d *docxBody) block() markdown.Block {
	outline, list, level, listed := d.p.outline, d.p.list, d.p.level, d.p.listed
	var l looks
	if d.p.style != "" {
		l = d.looks(d.p.style)
	}
	if outline == 0 {
		outline = l.outline
	}
	if !listed {
		list, listed, level = l.list, l.list != "", max(level, l.level)
	}
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
	case outline >= 1 && outline <= 9:
		return markdown.Block{Kind: markdown.Heading, Level: outline}
	case l.code:
		return markdown.Block{Kind: markdown.CodeLine}
	case listed && list != "0" && d.b.Pending():
		if b, ok := d.item(list, level); ok {
			b.Quote = quote
			return b
		}
	}
	return markdown.Block{Quote: quote}
}

// item counts an item of a list.
func (d *docxBody) item(list string, level int) (markdown.Block, bool) {
	def := d.lists[list]
	if def == nil {
		return markdown.Block{Kind: markdown.Item, Level: level + 1}, true
	}
	l := def.levels[level]
	if l.none {
		return markdown.Block{}, false
	}
	if !l.ordered {
		return markdown.Block{Kind: markdown.Item, Level: level + 1}, true
	}
	c := d.counters[def.abstract]
	if c == nil {
		c = new([9]int)
		for i := range c {
			c[i] = -1
		}
		d.counters[def.abstract] = c
	}
	if c[level] < 0 {
		c[level] = l.start
		if !l.known {
			c[level] = 1
		}
	} else {
		c[level]++
	}
	for i := level + 1; i < len(c); i++ {
		c[i] = -1
	}
	return markdown.Block{Kind: markdown.Item, Level: level + 1, Ordered: true, Number: c[level]}, true
}

package draft

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"handoff/inbox/draft/internal/markdown"
)

// codePage is the encoding of a Windows or DOS code page, nil for UTF-8.
func codePage(n int) encoding.Encoding {
	switch n {
	case 932:
		return japanese.ShiftJIS
	case 936:
		return simplifiedchinese.GB18030
	case 949:
		return korean.EUCKR
	case 950:
		return traditionalchinese.Big5
	case 437:
		return charmap.CodePage437
	case 850:
		return charmap.CodePage850
	case 852:
		return charmap.CodePage852
	case 866:
		return charmap.CodePage866
	case 874:
		return charmap.Windows874
	case 1250:
		return charmap.Windows1250
	case 1251:
		return charmap.Windows1251
	case 1253:
		return charmap.Windows1253
	case 1254:
		return charmap.Windows1254
	case 1255:
		return charmap.Windows1255
	case 1256:
		return charmap.Windows1256
	case 1257:
		return charmap.Windows1257
	case 1258:
		return charmap.Windows1258
	case 10000:
		return charmap.Macintosh
	case 65001:
		return nil
	}
	return charmap.Windows1252
}

// FontPage is the code page of an RTF font's character set (fcharset); 0 for that of the document.
func FontPage(charset int) int {
	switch charset {
	case 77:
		return 10000
	case 128:
		return 932
	case 129, 130:
		return 949
	case 134:
		return 936
	case 136:
		return 950
	case 161:
		return 1253
	case 162:
		return 1254
	case 163:
		return 1258
	case 177:
		return 1255
	case 178:
		return 1256
	case 186:
		return 1257
	case 204:
		return 1251
	case 222:
		return 874
	case 238:
		return 1250
	case 255:
		return 850
	}
	return 0
}

// do carries out a control word.
func (d *rtfDoc) do(word string, n int, given bool) {
	isOn := !given || n != 0
	if d.ignore {
		d.ignore = false
		if !d.destination(word) {
			switch word {
			case "shppict", "shpinst", "picprop", "nesttableprops", "pnseclvl", "pn":
			default:
				d.to(toNothing)
			}
		}
		return
	}
	if d.g.dest == toNothing || d.destination(word) {
		return
	}
	switch d.g.dest {
	case toFonts:
		switch word {
		case "f":
			d.fontNo = n
		case "fcharset":
			if len(d.charsets) < maxParts && FontPage(n) != 0 {
				d.charsets[d.fontNo] = FontPage(n)
			}
		case "cpg":
			if len(d.charsets) < maxParts {
				d.charsets[d.fontNo] = n
			}
		}
		return
	case toStyles:
		switch word {
		case "s":
			d.styleNo = n
		case "cs", "ds", "ts":
			d.styleNo = -1 - n
		case "outlinelevel":
			d.defining.outline = min(max(n, 0), 9) + 1
		}
		return
	case toPicture:
		switch word {
		case "pngblip":
			d.kind = "png"
		case "jpegblip":
			d.kind = "jpg"
		case "emfblip":
			d.kind = "emf"
		case "wmetafile":
			d.kind = "wmf"
		}
		return
	}
	if d.g.dest != toText {
		switch word { // what another destination says of its paragraphs is not said of the text's
		case "par", "sect", "line":
			d.put(" ")
			return
		case "pard", "s", "outlinelevel", "intbl", "itap", "ilvl":
			return
		}
	}
	switch word {
	case "par", "sect":
		d.endPara()
	case "pard":
		d.p = rtfPara{}
	case "plain":
		d.g.bold, d.g.italic, d.g.strike, d.g.hidden, d.g.inserted, d.g.deleted = false, false, false, false, false, false
	case "s":
		d.p.style = n
	case "outlinelevel":
		d.p.outline = min(max(n, 0), 9) + 1
	case "intbl":
		d.p.inTable = true
	case "itap":
		d.p.inTable = n > 0
	case "ilvl":
		d.p.level = min(max(n, 0), 8)
	case "b":
		d.g.bold = isOn
	case "i":
		d.g.italic = isOn
	case "strike", "striked":
		d.g.strike = isOn
	case "v":
		d.g.hidden = isOn
	case "revised":
		d.g.inserted = isOn
	case "deleted":
		d.g.deleted = isOn
	case "uc":
		d.g.unicode = min(max(n, 0), 16)
	case "f":
		d.g.font = n
	case "ansicpg":
		d.page = n
	case "mac":
		d.page = 10000
	case "pc":
		d.page = 437
	case "pca":
		d.page = 850
	case "line", "lbr", "softline":
		d.place()
		d.b.Break(d.format())
	case "cell", "row", "nestcell", "nestrow":
		d.tableWord(word)
	default:
		d.put(rtfChar(word))
	}
}

// tableWord ends a cell or a row.
func (d *rtfDoc) tableWord(word string) {
	switch {
	case d.g.dest != toText:
		d.put(" ")
	case word == "cell":
		d.p.inTable = true
		d.place()
		d.endPara()
		d.b.Cell()
	case word == "row":
		if d.table {
			d.b.Row()
		}
	default:
		d.endPara()
	}
}

// rtfChar is the character that a control word stands for; "" if it is none.
func rtfChar(word string) string {
	switch word {
	case "tab", "emspace", "enspace", "qmspace":
		return " "
	case "emdash":
		return "—"
	case "endash":
		return "–"
	case "bullet":
		return "•"
	case "lquote":
		return "‘"
	case "rquote":
		return "’"
	case "ldblquote":
		return "“"
	case "rdblquote":
		return "”"
	case "zwj":
		return "\u200d"
	case "zwnj":
		return "\u200c"
	}
	return ""
}

func (d *rtfDoc) to(dest rtfDest) { d.g.dest = dest }

// collect sends the group's text to dest and hands it to then at the end of the group.
func (d *rtfDoc) collect(dest rtfDest, then func(string)) {
	d.g.dest = dest
	d.capture = d.capture[:0]
	d.g.ends = func() {
		s := string(d.capture)
		d.capture = d.capture[:0]
		then(s)
	}
}

// destination begins the destination of that name, false if the word is none. Within a destination that is skipped, and
// where the group has begun one, others wait.
func (d *rtfDoc) destination(word string) bool {
	if d.g.dest == toNothing {
		return true
	}
	switch word {
	case "fonttbl":
		d.to(toFonts)
	case "stylesheet":
		d.to(toStyles)
		d.capture = d.capture[:0]
	case "title":
		d.collect(toTitle, func(s string) {
			if d.b.property == "" {
				d.b.property = s
			}
		})
	case "info":
		// Only the title of it is wanted: what else is there are groups of their own.
	case "fldinst":
		d.collect(toInstr, func(s string) { d.instr = s })
	case "fldrslt":
		d.g.link = fieldLink(d.instr)
		if strings.HasPrefix(strings.TrimSpace(d.instr), "TOC") {
			d.to(toNothing)
		}
	case "listtext", "pntext":
		d.collect(toMarker, func(s string) { d.p.marker, d.p.item = s, true })
	case "atnauthor":
		d.collect(toAuthor, func(s string) { d.author = s })
	case "annotation":
		d.collect(toRemark, func(s string) {
			if s = cleanLine(s, remarkBytes); s != "" && d.g.dest == toText {
				d.place()
				d.b.Comment(cleanLine(d.author, 100), s)
			}
			d.author = ""
		})
	case "footnote":
		if d.g.dest != toText {
			d.to(toNothing)
			break
		}
		d.notes++
		n, p := d.notes, d.p
		d.place()
		d.b.Reference(n, d.format().Change)
		d.b.Footnote()
		d.p = rtfPara{inTable: p.inTable}
		d.g.ends = func() {
			d.b.EndFootnote(n)
			d.p = p
		}
	case "shptxt":
		p := d.p
		d.place()
		d.b.Push()
		d.p = rtfPara{inTable: p.inTable}
		d.g.ends = func() {
			d.b.Pop()
			d.p = p
		}
	case "pict":
		d.kind = ""
		in := d.g.dest
		d.to(toPicture)
		d.g.ends = func() {
			if in == toText || in == toPropValue {
				d.images++
				d.place()
				name := fmt.Sprintf("image%d", d.images)
				if d.kind != "" {
					name += "." + d.kind
				}
				d.b.image(name, d.alt, markdown.Kept)
			}
			d.alt = ""
		}
	case "sn":
		d.collect(toPropName, func(s string) { d.propName = strings.TrimSpace(s) })
	case "sv":
		d.collect(toPropValue, func(s string) {
			if d.propName == "wzDescription" {
				d.alt = cleanLine(s, 500)
			}
		})
	case "object":
		d.b.note(embedded)
		return true
	case "objdata":
		d.b.note(embedded)
		d.to(toNothing)
	case "colortbl", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "nonshppict", "objclass", "shprslt",
		"author", "operator", "subject", "keywords", "comment", "doccomm", "category", "company", "manager", "hlinkbase", "creatim", "revtim", "printim",
		"buptim", "filetbl", "listtable", "listoverridetable", "revtbl", "rsidtbl", "xe", "tc", "rxe", "txe", "bkmkstart", "bkmkend", "private", "atnid",
		"atnref", "atndate", "atntime", "atnicn", "atrfstart", "atrfend", "template", "ftnsep", "ftnsepc", "aftnsep", "pgptbl", "userprops", "generator":
		d.to(toNothing)
	default:
		return false
	}
	return true
}

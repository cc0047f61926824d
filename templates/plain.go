package templates

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// lineWidth is where text/plain is wrapped, in characters, as RFC 3676 section 4.2 suggests.
const lineWidth = 72

// plain writes parsed Markdown as a person would write a mail: no marks of Markdown, links with their address.
type plain struct {
	source []byte
	values *values
	words  *language
	out    strings.Builder
}

func (p *plain) document(doc ast.Node) string {
	p.blocks(doc, "", "", false)
	return p.out.String()
}

// blocks writes n's children; the very first line begins with first, the others with rest. Tight ones have no empty
// line between them.
func (p *plain) blocks(n ast.Node, first, rest string, tight bool) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c != n.FirstChild() {
			first = rest
			if !tight {
				p.out.WriteString(strings.TrimRight(rest, " ") + "\n")
			}
		}
		p.block(c, first, rest)
	}
}

func (p *plain) block(n ast.Node, first, rest string) {
	switch n := n.(type) {
	case *ast.Blockquote:
		p.blocks(n, first+"> ", rest+"> ", false)
	case *ast.List:
		p.list(n, first, rest)
	case *ast.ThematicBreak:
		p.out.WriteString(first + strings.Repeat("-", 24) + "\n")
	case *ast.FencedCodeBlock:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			text := p.values.replace(strings.TrimRight(string(line.Value(p.source)), "\n"), keep)
			p.out.WriteString(first + "  " + text + "\n")
			first = rest
		}
	default:
		var b strings.Builder
		p.inlines(&b, n)
		for line := range strings.Lines(b.String()) {
			first = p.wrap(strings.TrimSpace(line), first, rest)
		}
	}
}

func (p *plain) list(n *ast.List, first, rest string) {
	number := n.Start
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		mark := "- "
		if n.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		if c != n.FirstChild() {
			first = rest
			if !n.IsTight {
				p.out.WriteString(strings.TrimRight(rest, " ") + "\n")
			}
		}
		p.blocks(c, first+mark, rest+strings.Repeat(" ", len(mark)), n.IsTight)
	}
}

// inlines writes n's children on one line for each hard line break.
func (p *plain) inlines(b *strings.Builder, n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.WriteString(p.literal(c.Segment.Value(p.source)))
			switch {
			case c.HardLineBreak():
				b.WriteByte('\n')
			case c.SoftLineBreak():
				b.WriteByte(' ')
			}
		case *ast.CodeSpan:
			for t := c.FirstChild(); t != nil; t = t.NextSibling() {
				if t, ok := t.(*ast.Text); ok {
					code := strings.ReplaceAll(string(t.Segment.Value(p.source)), "\n", " ")
					b.WriteString(p.values.replace(code, keep))
				}
			}
		case *ast.String: // an address that was in angle brackets
			b.WriteString(p.values.replace(string(c.Value), keep))
		case *ast.Link:
			p.link(b, c)
		default:
			p.inlines(b, c)
		}
	}
}

func (p *plain) link(b *strings.Builder, n *ast.Link) {
	var label strings.Builder
	p.inlines(&label, n)
	target := unescape(n.Destination)
	b.WriteString(label.String())
	if word, ok := p.values.words[target]; ok {
		b.WriteString(p.words.labelled(word))
		return
	}
	address := target
	if mail, ok := strings.CutPrefix(target, "mailto:"); ok {
		address, _, _ = strings.Cut(mail, "?") // a person writes the subject
	}
	if l := label.String(); l != target && l != address {
		b.WriteString(" <" + address + ">")
	}
}

// literal is Markdown text with its escapes undone, then its values put in.
func (p *plain) literal(segment []byte) string {
	return p.values.replace(unescape(segment), keep)
}

func unescape(b []byte) string {
	if !bytes.ContainsAny(b, `\&`) {
		return string(b)
	}
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(b))))
}

func keep(s string) string { return s }

// wrap writes one line, broken at spaces to lineWidth, and gives what the next line begins with.
func (p *plain) wrap(line, first, rest string) string {
	width := 0
	for i, word := range strings.Split(line, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			p.out.WriteString(first)
			width = utf8.RuneCountInString(first)
		case width+1+n > lineWidth:
			p.out.WriteString("\n" + rest)
			width = utf8.RuneCountInString(rest)
		default:
			p.out.WriteByte(' ')
			width++
		}
		p.out.WriteString(word)
		width += n
	}
	p.out.WriteByte('\n')
	return rest
}

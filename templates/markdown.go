package templates

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// What a text makes of Markdown is bounded, as the time for it grows faster than the text; no mail of ours is near these.
const (
	maxDepth = 50   // quotations and lists inside each other
	maxMarks = 2000 // emphasis, links and code of one paragraph
)

// parseMarkdown parses what a text wrote. Its links in angle brackets become links like others.
func parseMarkdown(file string, markdown []byte) (ast.Node, error) {
	if err := bearable(file, markdown); err != nil {
		return nil, err
	}
	doc := markdownParser.Parse(text.NewReader(markdown))
	if bytes.IndexByte(markdown, '<') >= 0 {
		spellOut(doc, markdown)
	}
	return doc, nil
}

// bearable refuses Markdown that would take long to read.
func bearable(file string, markdown []byte) error {
	marks := 0
	for line := range bytes.Lines(markdown) {
		depth, rest, item := openings(line)
		switch {
		case depth > maxDepth:
			return &Problem{File: file, Text: fmt.Sprintf("more than %d quotations and lists inside each other", maxDepth)}
		case item || len(bytes.TrimSpace(rest)) == 0:
			marks = 0
		}
		for _, c := range rest {
			switch c {
			case '*', '_', '[', '`', '<':
				marks++
			}
		}
		if marks > maxMarks {
			return &Problem{File: file, Text: fmt.Sprintf("more than %d of * _ [ ` and < in one paragraph", maxMarks)}
		}
	}
	return nil
}

// openings counts the marks of quotations and lists that the line begins with; item: one of them is a list's.
func openings(line []byte) (depth int, rest []byte, item bool) {
	blank := func(i int) bool { return i >= len(line) || line[i] == ' ' || line[i] == '\t' || line[i] == '\n' }
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == ' ', c == '\t':
		case c == '>':
			depth++
		case (c == '-' || c == '+' || c == '*') && blank(i+1):
			depth, item = depth+1, true
		case c >= '0' && c <= '9':
			end := i + 1
			for end < len(line) && line[end] >= '0' && line[end] <= '9' {
				end++
			}
			if end >= len(line) || line[end] != '.' && line[end] != ')' || !blank(end+1) {
				return depth, line[i:], item
			}
			depth, item, i = depth+1, true, end
		default:
			return depth, line[i:], item
		}
	}
	return depth, nil, item
}

// spellOut makes a link like others of each address in angle brackets: what is done to links is done to these as well.
func spellOut(doc ast.Node, markdown []byte) {
	var found []*ast.AutoLink
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function never fails
		if n, ok := n.(*ast.AutoLink); ok && entering {
			found = append(found, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range found {
		label := ast.NewString(n.Label(markdown))
		label.SetRaw(true)
		link := ast.NewLink()
		link.Destination = n.URL(markdown)
		if n.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix(bytes.ToLower(link.Destination), []byte("mailto:")) {
			link.Destination = append([]byte("mailto:"), link.Destination...)
		}
		link.AppendChild(link, label)
		n.Parent().ReplaceChild(n.Parent(), n, link)
	}
}

// target puts the values into the target of a link. One at its beginning is an address, or begins one; any other is a part of
// an address and stays one part, whatever it holds: a title in a mailto: link adds no recipient.
func (v *values) target(s string) string {
	whole := strings.HasPrefix(s, markOpen)
	return v.replace(s, func(value string) string {
		if whole {
			whole = false
			return escapeTarget(value)
		}
		return escapePart(value)
	})
}

// escapePart is the value as a part of an address (RFC 3986 section 2.2): what divides one is escaped, but for what paths and
// mail addresses are made of.
func escapePart(value string) string {
	var b strings.Builder
	for _, r := range value {
		if r <= ' ' || strings.ContainsRune("%&?#=,;\"<>\\^`{|}[]", r) {
			fmt.Fprintf(&b, "%%%02X", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

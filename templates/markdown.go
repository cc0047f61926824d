package templates

import (
	"bytes"
	"fmt"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// What a text makes of Markdown is bounded, as the time for it grows faster than the text; no mail of ours is near these.
const (
	maxDepth = 50   // quotations and lists inside each other
	maxMarks = 2000 // emphasis, links and code of one paragraph
)

// parseMarkdown parses what a text wrote.
func parseMarkdown(file string, markdown []byte) (ast.Node, error) {
	if err := bearable(file, markdown); err != nil {
		return nil, err
	}
	return markdownParser.Parse(text.NewReader(markdown)), nil
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

package templates

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// source is one template, checked and ready to run.
type source struct {
	file    string
	subject *template.Template
	body    *template.Template
}

// compile checks one file against the Data of its template.
func compile(name string, content []byte) (*source, error) {
	file := name + ".md"
	text := strings.ReplaceAll(strings.TrimPrefix(string(content), "\ufeff"), "\r\n", "\n")
	text = strings.NewReplacer(markOpen, "", markClose, "").Replace(text)
	subject, line, body, err := split(file, text)
	if err != nil {
		return nil, err
	}
	// Both parts keep their place in the file by blank lines before them, so that every error has the file's own line.
	s := &source{file: file}
	pad := strings.Repeat("\n", line-1)
	if s.subject, err = parsePart(file, pad+strings.Repeat(" ", len("subject:"))+subject, name, "_line"); err != nil {
		return nil, err
	}
	pad = strings.Repeat("\n", strings.Count(text, "\n")-strings.Count(body, "\n"))
	if s.body, err = parsePart(file, pad+body, name, "_text"); err != nil {
		return nil, err
	}
	return s, nil
}

// split takes the front matter off and gives the subject, its line, and the body.
func split(file, text string) (subject string, line int, body string, err error) {
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return "", 0, "", &Problem{file, 1, 0, "must begin with a line ---, then subject: …, then a line ---"}
	}
	for n := 2; ; n++ {
		l, after, more := strings.Cut(rest, "\n")
		rest = after
		l = strings.TrimRight(l, " \t")
		key, value, isKey := strings.Cut(l, ":")
		switch {
		case l == "---":
			if line == 0 {
				return "", 0, "", &Problem{file, n, 0, "the subject is missing: write subject: … above this line"}
			}
			return subject, line, rest, nil
		case !more:
			return "", 0, "", &Problem{file, 1, 0, "the front matter has no end: a second line --- is missing"}
		case strings.TrimSpace(l) == "" || strings.HasPrefix(l, "#"):
		case !isKey || strings.TrimSpace(key) != "subject":
			return "", 0, "", &Problem{file, n, 0, fmt.Sprintf("unknown front matter %q: only subject: … goes here", strings.TrimSpace(key))}
		case line != 0:
			return "", 0, "", &Problem{file, n, 0, "a second subject"}
		case strings.TrimSpace(value) == "":
			return "", 0, "", &Problem{file, n, 0, "the subject is empty"}
		default:
			subject, line = value, n
		}
	}
}

// parsePart parses, checks and rewrites one part; printer is the function that every printing action ends in.
func parsePart(file, text, name, printer string) (*template.Template, error) {
	tree := parse.New(file)
	tree.Mode = parse.SkipFuncCheck // the checker knows the functions and can name the nearest
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "{{", "}}", trees); err != nil {
		return nil, syntaxProblem(file, err)
	}
	for defined, t := range trees {
		if defined != file {
			return nil, at(file, t, t.Root, "{{define}} and {{block}} are not available here")
		}
	}
	if err := check(file, tree, types[name], printer); err != nil {
		return nil, err
	}
	t, err := template.New(file).Option("missingkey=error").Funcs(functions(Audience{}, nil)).AddParseTree(file, tree)
	if err != nil {
		return nil, syntaxProblem(file, err)
	}
	return t, nil
}

var (
	parseError = regexp.MustCompile(`^template: [^:]*:(\d+)(?::(\d+))?: (?s:(.*))$`)
	execDetail = regexp.MustCompile(`^executing "[^"]*" at <(?s:(.*?))>: `)
)

// syntaxProblem puts an error of text/template into our form.
func syntaxProblem(file string, err error) error {
	m := parseError.FindStringSubmatch(err.Error())
	if m == nil {
		return &Problem{File: file, Text: err.Error()}
	}
	line, _ := strconv.Atoi(m[1])
	column := 0
	if m[2] != "" {
		column, _ = strconv.Atoi(m[2])
		column++
	}
	return &Problem{file, line, column, execDetail.ReplaceAllString(m[3], "$1: ")}
}

// at is a Problem at node n of t.
func at(file string, t *parse.Tree, n parse.Node, format string, args ...any) error {
	p := &Problem{File: file, Text: fmt.Sprintf(format, args...)}
	location, _ := t.ErrorContext(n)
	if parts := strings.Split(location, ":"); len(parts) >= 3 {
		p.Line, _ = strconv.Atoi(parts[len(parts)-2])
		p.Column, _ = strconv.Atoi(parts[len(parts)-1])
		p.Column++
	}
	return p
}

// maxOutput bounds what one template may write: no mail of ours is near it.
const maxOutput = 1 << 20

// bounded is a buffer that refuses to grow over maxOutput.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxOutput {
		return 0, fmt.Errorf("writes more than %d kB", maxOutput>>10)
	}
	return b.Buffer.Write(p)
}

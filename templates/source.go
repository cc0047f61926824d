package templates

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"
)

// source is one template, checked and ready to run.
type source struct {
	name    string // of the template
	file    string
	words   *language
	subject *parse.Tree
	why     *parse.Tree // a fragment of a sentence: why the reader gets the mail
	body    *parse.Tree

	mu   sync.Mutex
	idle []*runner
}

// maxIdle is how many runners of one source are kept for the next mails.
const maxIdle = 2

// runner runs the parts of one source for one mail at a time. Its functions look at to and values when they are called:
// binding them anew for each mail took a third of its time.
type runner struct {
	subject, why, body *template.Template
	to                 Audience
	values             *values
}

// runner is one that nobody uses; give it back by release.
func (s *source) runner(to Audience) (r *runner, err error) {
	s.mu.Lock()
	if last := len(s.idle) - 1; last >= 0 {
		r, s.idle = s.idle[last], s.idle[:last]
	}
	s.mu.Unlock()
	if r == nil {
		if r, err = s.bind(); err != nil {
			return nil, fmt.Errorf("%s: %w", s.file, err)
		}
	}
	r.to, r.values = to, &values{}
	return r, nil
}

// bind makes a runner, whose parts share one set of functions.
func (s *source) bind() (*runner, error) {
	r := new(runner)
	page := template.New(s.file).Option("missingkey=error").Funcs(functions(s.words, r))
	for _, part := range []struct {
		name string
		tree *parse.Tree
		to   **template.Template
	}{{"subject", s.subject, &r.subject}, {"why", s.why, &r.why}, {"body", s.body, &r.body}} {
		made, err := page.New(part.name).AddParseTree(part.name, part.tree)
		if err != nil {
			return nil, err
		}
		*part.to = made
	}
	return r, nil
}

func (s *source) release(r *runner) {
	r.values = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) < maxIdle {
		s.idle = append(s.idle, r)
	}
}

// compile checks one text against the Data of its template. Where it has no why, that of fallback stands; nil: it must.
func compile(o Own, fallback *source) (*source, error) {
	name, file := o.Name, o.File()
	text := strings.ReplaceAll(strings.TrimPrefix(o.Text, byteOrderMark), "\r\n", "\n")
	text = strings.NewReplacer(markOpen, "", markClose, "").Replace(text)
	front, body, err := split(file, text)
	if err != nil {
		return nil, err
	}
	s := &source{name: name, file: file, words: languageOf(o.Locale)}
	var wrong []*Problem
	note := func(err error) {
		if p := (*Problem)(nil); errors.As(err, &p) {
			wrong = append(append(wrong, p), p.More...)
		}
	}
	s.subject, err = front["subject"].parse(file, name)
	note(err)
	switch why, ok := front["why"]; {
	case ok:
		s.why, err = why.parse(file, name)
		note(err)
	case fallback != nil:
		s.why = fallback.why
	default:
		note(problemAt(file, 1, "why is missing: write why: and why its reader gets the mail, below the subject"))
	}
	// The body keeps its place in the file by blank lines before it, so that every error has the file's own line.
	above := strings.Count(text, "\n") - strings.Count(body, "\n")
	var shown map[string]bool
	s.body, shown, err = parsePart(file, strings.Repeat("\n", above)+body, name, "_text")
	note(err)
	for _, need := range entries[name].Keeps() {
		if err == nil && !shown[need] {
			note(problemAt(file, 1+above, needText(need)))
		}
	}
	if len(wrong) > 0 {
		wrong[0].More = wrong[1:]
		return nil, wrong[0]
	}
	return s, nil
}

// needText says what a text lacks.
func needText(variable string) string {
	if variable == "Answers" {
		return "the way to answer is missing: put {{answers .Answers}} on a line of its own"
	}
	return fmt.Sprintf("what .%s holds is missing: without it the mail does not say what it is sent for", variable)
}

// field is one line of the front matter.
type field struct {
	key, value string
	line       int
}

// parse is parsePart at the value's own place in the file.
func (f field) parse(file, name string) (*parse.Tree, error) {
	t, _, err := parsePart(file, strings.Repeat("\n", f.line-1)+strings.Repeat(" ", len(f.key+":"))+f.value, name, "_line")
	return t, err
}

// split takes the front matter off and gives its fields, subject always among them, and the body.
func split(file, text string) (front map[string]field, body string, err error) {
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return nil, "", problemAt(file, 1, "must begin with a line ---, then subject: …, why: …, then a line ---")
	}
	front = map[string]field{}
	for n := 2; ; n++ {
		l, after, more := strings.Cut(rest, "\n")
		rest = after
		l = strings.TrimRight(l, " \t")
		key, value, isKey := strings.Cut(l, ":")
		name := strings.TrimSpace(key)
		_, known := front[name]
		switch {
		case l == "---":
			if _, ok := front["subject"]; !ok {
				return nil, "", problemAt(file, n, "the subject is missing: write subject: … above this line")
			}
			return front, rest, nil
		case !more:
			return nil, "", problemAt(file, 1, "the front matter has no end: a second line --- is missing")
		case strings.TrimSpace(l) == "" || strings.HasPrefix(l, "#"):
		case !isKey && !strings.Contains("\n"+rest, "\n---\n"):
			return nil, "", problemAt(file, n, "the front matter has no end: put a line --- above this one")
		case !isKey || name != "subject" && name != "why":
			return nil, "", problemAt(file, n, fmt.Sprintf("unknown front matter %q: only subject: … and why: … go here", name))
		case known:
			return nil, "", problemAt(file, n, "a second "+name)
		case strings.TrimSpace(value) == "" && name == "subject":
			return nil, "", problemAt(file, n, "the subject is empty")
		case strings.TrimSpace(value) == "":
			return nil, "", problemAt(file, n, "why is empty: write why its reader gets the mail, or leave the line out")
		default:
			front[name] = field{key, value, n}
		}
	}
}

// parsePart parses, checks and rewrites one part; printer is the function that every printing action ends in. shown are the
// variables of the Data that it prints.
func parsePart(file, text, name, printer string) (tree *parse.Tree, shown map[string]bool, err error) {
	tree = parse.New(file)
	tree.Mode = parse.SkipFuncCheck // the checker knows the functions and can name the nearest
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "{{", "}}", trees); err != nil {
		return nil, nil, parseProblem(file, text, err)
	}
	for defined, t := range trees {
		if defined != file {
			return nil, nil, at(file, t, t.Root, "{{define}} and {{block}} are not available here")
		}
	}
	if shown, err = check(file, tree, types[name], printer); err != nil {
		return nil, nil, err
	}
	return tree, shown, nil
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
	text := execDetail.ReplaceAllString(m[3], "$1: ")
	if _, why, ok := strings.Cut(text, "error calling _step: "); ok { // an action that nobody wrote
		text = why
	}
	return &Problem{File: file, Line: line, Column: column, Text: text}
}

// blocks are what opens and closes a block.
var blocks = regexp.MustCompile(`\{\{-?\s*(if|with|range|end)\b`)

// parseProblem is an error of the parser, in the words of people who write mails and at the place that they look for.
func parseProblem(file, text string, err error) error {
	problem := syntaxProblem(file, err)
	p, ok := problem.(*Problem)
	if !ok {
		return problem
	}
	switch {
	case p.Text == "unexpected EOF":
		var open [][]int
		for _, m := range blocks.FindAllStringSubmatchIndex(text, -1) {
			if text[m[2]:m[3]] != "end" {
				open = append(open, m)
			} else if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
		if len(open) == 0 {
			return problem
		}
		m := open[len(open)-1]
		before := text[:m[0]]
		return &Problem{File: file, Line: 1 + strings.Count(before, "\n"), Column: len(before) - strings.LastIndex(before, "\n"), Text: fmt.Sprintf("{{%s}} has no {{end}}", text[m[2]:m[3]])}
	case strings.HasPrefix(p.Text, "unexpected {{end}}"):
		p.Text = "{{end}} without an {{if}}, {{with}} or {{range}} before it"
	}
	return problem
}

func problemAt(file string, line int, text string) *Problem {
	return &Problem{File: file, Line: line, Text: text}
}

// at is a Problem at node n of t.
func at(file string, t *parse.Tree, n parse.Node, format string, args ...any) *Problem {
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

// scratch is what one rendering writes to on its way. It is used again: mails are alike in size.
type scratch struct {
	line, markdown, page bounded
	html                 unbuffered
}

// scratch is one that nobody uses; give it back to the pool.
func (s *Set) scratch() *scratch {
	if w, ok := s.pool.Get().(*scratch); ok {
		w.line.Reset()
		w.markdown.Reset()
		w.page.Reset()
		w.html.Reset()
		return w
	}
	return new(scratch)
}

// unbuffered is a util.BufWriter, which goldmark would put before any other writer.
type unbuffered struct{ bytes.Buffer }

// Buffered is what Flush would pass on.
func (*unbuffered) Buffered() int { return 0 }

// Flush does nothing.
func (*unbuffered) Flush() error { return nil }

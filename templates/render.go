package templates

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"text/template"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// maxSubject is the longest subject, in bytes: longer ones are cut by every mail program.
const maxSubject = 160

// Render writes the mail for d. A value from a mail stays text: it cannot become Markdown, HTML or a header.
func (s *Set) Render(d Data, to Audience) (Rendered, error) {
	return s.RenderVariant(d, to, s.variants[d.Template()])
}

// RenderVariant is Render with one of the alternates, "" the usual text; in a language without it, the usual one.
func (s *Set) RenderVariant(d Data, to Audience, variant string) (Rendered, error) {
	src := s.find(d.Template(), to.Locale, variant)
	if src == nil {
		return Rendered{}, fmt.Errorf("there is no template %q", d.Template())
	}
	r, err := s.render(src, d, to, false)
	if stand := s.builtins[place{src.name, src.words.tag, ""}]; err != nil && stand != nil && stand != src {
		fault := err
		r, err = s.render(stand, d, to, false)
		r.Fault = fault
	}
	return r, err
}

// render is Render of one text; strict also fails on what a mail goes out without.
func (s *Set) render(src *source, d Data, to Audience, strict bool) (Rendered, error) {
	run, err := src.runner(to)
	if err != nil {
		return Rendered{}, err
	}
	defer src.release(run)
	v, w := run.values, s.scratch()
	defer s.pool.Put(w)
	subject, err := execute(src.file, &w.line, run.subject, d)
	if err != nil {
		return Rendered{}, err
	}
	r := Rendered{Subject: cut(clean(string(subject)), maxSubject)}
	if r.Subject == "" {
		return Rendered{}, &Problem{File: src.file, near: "subject:", Text: "the subject is empty for this mail"}
	}
	markdown, err := execute(src.file, &w.markdown, run.body, d)
	if err != nil {
		return Rendered{}, err
	}
	if stray := baseOf(d).Stray; stray != nil {
		markdown = append([]byte(src.words.stray.notice(v, *stray, baseOf(d).To)), markdown...)
	}
	doc, err := parseMarkdown(src.file, markdown)
	if err != nil {
		return Rendered{}, err
	}
	if err := settle(src.file, doc, v); err != nil && strict {
		return Rendered{}, err
	}
	why, err := execute(src.file, &w.line, run.why, d)
	if err != nil {
		return Rendered{}, err
	}
	if len(bytes.TrimSpace(why)) == 0 && strict {
		return Rendered{}, &Problem{File: src.file, near: "why:", Text: "why is empty for this mail"}
	}
	base := baseOf(d)
	team := clean(base.Team)
	below := strings.Join(src.words.below(entries[d.Template()], base, CodeOf(d) != "", clean(string(why))), " ")
	p := &plain{source: markdown, values: v, words: src.words}
	r.Text = p.document(doc) + "\n-- \n" + team + "\n" + s.look.text()
	if below != "" {
		p.out.Reset()
		p.wrap(below, "", "")
		r.Text += p.out.String()
	}
	foot := html.EscapeString(below)
	if page := stopPage(d, to); page != "" {
		name := src.words.foot.stopPage
		r.Text += name + src.words.colon + page + "\n"
		foot += `<br><a href="` + html.EscapeString(page) + `">` + html.EscapeString(name) + `</a>`
	}
	if err := htmlRenderer.Render(&w.html, markdown, doc); err != nil {
		return Rendered{}, fmt.Errorf("%s: %w", src.file, err)
	}
	light, dark := s.look.colours()
	r.HTML, err = s.layout.write(&w.page, layoutParts{
		Language: src.words.tag,
		Subject:  html.EscapeString(r.Subject),
		Team:     html.EscapeString(team),
		Below:    unbroken(foot, CodeOf(d)),
		Body:     unbroken(v.html(w.html.String()), CodeOf(d)),
		Colour:   light, ColourDark: dark,
		Signature: s.look.html(),
	})
	if err != nil {
		return Rendered{}, fmt.Errorf("layout of %s: %w", src.file, err)
	}
	return r, nil
}

// pieceCode is what the code of a piece looks like: browsers break it at its hyphen.
var pieceCode = regexp.MustCompile(`^[A-Z][A-Z0-9]*-[0-9]+$`)

// unbroken keeps a piece's code on one line wherever it stands among the words of page.
func unbroken(page, code string) string {
	if !pieceCode.MatchString(code) || !strings.Contains(page, code) {
		return page
	}
	var b strings.Builder
	whole := `<span style="white-space:nowrap">` + code + `</span>`
	for {
		words, tag, more := strings.Cut(page, "<")
		b.WriteString(strings.ReplaceAll(words, code, whole))
		if !more {
			return b.String()
		}
		end := strings.IndexByte(tag, '>') + 1
		b.WriteString("<" + tag[:end])
		page = tag[end:]
	}
}

// stopPage is where the reader stops mails like this, "" where they come once.
func stopPage(d Data, to Audience) string {
	if !entries[d.Template()].Recurring || !strings.HasPrefix(to.Stop, "https://") || !safeURL(to.Stop) {
		return ""
	}
	return to.Stop
}

// execute is what t makes of d, in out.
func execute(file string, out *bounded, t *template.Template, d Data) ([]byte, error) {
	out.Reset()
	if err := t.Execute(out, d); err != nil {
		return nil, syntaxProblem(file, err)
	}
	return out.Bytes(), nil
}

// markdownParser reads CommonMark without raw HTML, which is text here, and without indented code, which is always an
// accident in a template.
var markdownParser = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	),
	parser.WithInlineParsers(
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewEmphasisParser(), 500),
	),
	parser.WithParagraphTransformers(util.Prioritized(parser.LinkReferenceParagraphTransformer, 100)),
)

var htmlRenderer = renderer.NewRenderer(renderer.WithNodeRenderers(util.Prioritized(gmhtml.NewRenderer(), 1000)))

// settle puts values into link targets, and leaves only the words of what must not be in a mail: images, which call
// home, and links to anything but http, https and mailto. The first such thing is told.
func settle(file string, doc ast.Node, v *values) error {
	var unwanted []ast.Node
	var problem error
	refuse := func(n ast.Node, near, format string, args ...any) {
		unwanted = append(unwanted, n)
		if problem == nil {
			problem = &Problem{File: file, near: near, Text: fmt.Sprintf(format, args...)}
		}
	}
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function never fails
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Image:
			refuse(n, "![", "has an image: mails carry none, they would call home")
		case *ast.Link:
			n.Destination = []byte(v.target(string(n.Destination)))
			if _, ok := v.words[unescape(n.Destination)]; ok {
				n.SetAttributeString("class", []byte("answer"))
				if item := n.Parent().Parent(); item != nil && item.Kind() == ast.KindListItem {
					item.Parent().SetAttributeString("class", []byte("answers"))
				}
			}
			if !safeURL(string(n.Destination)) {
				refuse(n, string(n.Destination), "links to %q: only http, https and mailto are linked", n.Destination)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range unwanted {
		parent := n.Parent()
		for c := n.FirstChild(); c != nil; c = n.FirstChild() {
			parent.InsertBefore(parent, n, c)
		}
		parent.RemoveChild(parent, n)
	}
	return problem
}

// escapeTarget keeps a value whole through the unescaping that Markdown applies to link targets.
func escapeTarget(url string) string {
	return targetEscapes.Replace(url)
}

var targetEscapes = strings.NewReplacer("&", "&amp;", `\`, "%5C")

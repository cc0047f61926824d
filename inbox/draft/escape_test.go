package draft_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
)

func docx(t testing.TB, body string) []byte {
	t.Helper()
	return archive(t,
		part{"_rels/.rels", `<Relationships><Relationship Id="r" Type="x/officeDocument" Target="word/document.xml"/></Relationships>`},
		part{"word/document.xml", `<w:document xmlns:w="w"><w:body>` + body + `</w:body></w:document>`})
}

func escaped(s string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s))
	return b.String()
}

// shown renders Markdown and takes the text of its paragraphs.
func shown(md string) []string {
	var out []string
	src := []byte(md)
	root := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.Footnote)).Parser().Parse(text.NewReader(src))
	var cur *strings.Builder
	ast.Walk(root, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		switch v := n.(type) {
		case *ast.Document:
		case *ast.Text:
			if enter && cur != nil {
				cur.Write(unescaped(v.Segment.Value(src)))
				if v.SoftLineBreak() || v.HardLineBreak() {
					cur.WriteByte('\n')
				}
			}
		case *ast.String:
			if enter && cur != nil {
				cur.Write(v.Value)
			}
		case *ast.AutoLink:
			if enter && cur != nil {
				cur.Write(v.Label(src))
			}
		case *ast.Paragraph, *ast.TextBlock, *ast.Heading, *east.TableCell:
			if enter {
				cur = &strings.Builder{}
			} else {
				out = append(out, cur.String())
				cur = nil
			}
		case *ast.Emphasis, *east.Strikethrough, *ast.Link, *ast.CodeSpan, *ast.List, *ast.ListItem, *east.Table, *east.TableHeader, *east.TableRow:
		default:
			if enter {
				out = append(out, "<"+n.Kind().String()+">")
			}
		}
		return ast.WalkContinue, nil
	})
	return out
}

// unescaped undoes what a renderer undoes: backslashes before punctuation.
func unescaped(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("&#92;"), []byte(`\\`))
	out := b[:0:0]
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", b[i+1]) >= 0 {
			i++
		}
		out = append(out, b[i])
	}
	return out
}

// words is text made of what Markdown makes something of.
func words() *rapid.Generator[string] {
	token := rapid.SampledFrom([]string{"a", "B", "ß", "東", " ", " ", " ", "#", "##", "*", "**", "_", "__", "-", "--", "---", "+", "=", "===", "1.", "12)", "1", ".", ")", "(", "[", "]", "](", "]:", "[^1]",
		"<", ">", "<b>", "</", "<!--", "&", "&amp;", "&#35;", "`", "```", "~", "~~", "~~~", "|", "|-|", ":-", "\\", "\\*", "!", "![", "{++", "++}", "{--", "--}", "{>>", "<<}", "snake_case", "3 * 4", "http://a.example/_x_*y*", "e-mail - nice", ":", "\"", "[ ]", "[x]", "é", "\u00a0", "…", "„", "\t"})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(token, 1, 12).Draw(t, "tokens"), "")
	})
}

func normal(s string) string { return strings.Trim(collapse(s), " ") }

func collapse(s string) string {
	f := func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }
	return strings.Join(strings.FieldsFunc(s, f), " ")
}

// TestEscape: whatever the text, the Markdown shows it, and nothing becomes markup.
func TestEscape(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var body strings.Builder
		var want []string
		for range rapid.IntRange(1, 3).Draw(rt, "paragraphs") {
			s := words().Draw(rt, "text")
			if normal(s) == "" {
				continue
			}
			want = append(want, normal(s))
			body.WriteString(`<w:p><w:r><w:t>` + escaped(s) + `</w:t></w:r></w:p>`)
		}
		expect(t, rt, body.String(), want)
	})
}

// TestEscapeStyled: the same with runs that are bold, italic, struck out or linked, within lines, and in headings.
func TestEscapeStyled(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var body, all strings.Builder
		body.WriteString("<w:p>")
		if rapid.Bool().Draw(rt, "heading") {
			body.WriteString(`<w:pPr><w:outlineLvl w:val="1"/></w:pPr>`)
		}
		for range rapid.IntRange(1, 5).Draw(rt, "runs") {
			s := words().Draw(rt, "text")
			all.WriteString(s)
			style := rapid.SampledFrom([]string{"", "<w:b/>", "<w:i/>", "<w:b/><w:i/>", "<w:strike/>", "<w:strike/><w:b/>"}).Draw(rt, "style")
			r := `<w:r><w:rPr>` + style + `</w:rPr><w:t>` + escaped(s) + `</w:t></w:r>`
			if rapid.IntRange(0, 3).Draw(rt, "linked") == 0 {
				r = `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "https://l.example/(x)"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>` + r + `<w:r><w:fldChar w:fldCharType="end"/></w:r>`
			}
			if rapid.IntRange(0, 5).Draw(rt, "break") == 0 {
				r += `<w:r><w:br/></w:r>`
				all.WriteByte('\n')
			}
			body.WriteString(r)
		}
		body.WriteString("</w:p>")
		if normal(all.String()) != "" {
			expect(t, rt, body.String(), []string{normal(all.String())})
		}
	})
}

// TestEscapeCells: the same in tables.
func TestEscapeCells(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := words().Draw(rt, "a"), words().Draw(rt, "b")
		if normal(a) == "" || normal(b) == "" {
			return
		}
		expect(t, rt, `<w:tbl><w:tr><w:tc><w:p><w:r><w:t>`+escaped(a)+`</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>`+escaped(b)+`</w:t></w:r></w:p></w:tc></w:tr></w:tbl>`, []string{normal(a), normal(b)})
	})
}

func expect(t *testing.T, rt *rapid.T, body string, want []string) {
	d, err := read(t, "x.docx", docx(t, body))
	if err != nil {
		if len(want) > 0 {
			rt.Fatal(err)
		}
		return
	}
	var got []string
	for _, s := range shown(d.Markdown) {
		got = append(got, normal(s))
	}
	if strings.Join(got, "\x00") != strings.Join(want, "\x00") {
		rt.Fatalf("wrote %q\nMarkdown %q\nshows %q", want, d.Markdown, got)
	}
}

// TestPlainProse: what is no markup stays as it is.
func TestPlainProse(t *testing.T) {
	for _, s := range []string{"snake_case and a_b_c", "3 * 4 = 12", "e-mail - nice", "see [1] and [2]", "a < b > c", "5 > 4", "AT&T & Co.", "C:\\Users\\ines", "-5 degrees", "#hashtag", "1.5 times", "~5 km",
		"What? {curly} (round)", "https://example.org/a-b?c=d", "2026 was a year.", "x|y", "a+b=c", "… and so on!"} {
		d, err := read(t, "x.docx", docx(t, `<w:p><w:r><w:t>`+escaped(s)+`</w:t></w:r></w:p>`))
		if err != nil {
			t.Fatal(err)
		}
		if d.Markdown != s+"\n" {
			t.Errorf("%q became %q", s, d.Markdown)
		}
	}
}

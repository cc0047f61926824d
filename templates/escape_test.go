package templates_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"handoff/templates"
)

// hostile draws texts that try to be Markdown, HTML, a header or a template.
var hostile = rapid.Custom(func(t *rapid.T) string {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"[x](http://evil.example)", "![](http://evil.example/a.png)", "<img src=x onerror=alert(1)>", "<http://evil.example>", "</div></body>",
			"\n", "\r\n", "\n\n", "\u2028", "# ", "- ", "1. ", "> ", "    ", "\t", "```\n", "`", "**", "_", "*", "~~~", "---\n", "===\n", "\\", "&amp;", "&#60;",
			"{{.Team}}", "{{", "}}", "\r\nBcc: eve@evil.example", "\x00", "\u202e", "\ufdd0", "0", "\ufdd1", "\ufdd00\ufdd1", "\ufeff", "\xff", "javascript:", "[a]: http://evil.example",
			"<!--", "<![CDATA[", "\"", "'", "a", "word ", "ü", "日本", "😀",
		}),
		rapid.String(),
	)
	return strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "pieces"), "")
})

// fill puts s into every text of d but stages, links and addresses, which are checked elsewhere.
func fill(d templates.Data, s string) templates.Data {
	v := reflect.New(reflect.TypeOf(d)).Elem()
	v.Set(reflect.ValueOf(d))
	var walk func(v reflect.Value, name string)
	walk = func(v reflect.Value, name string) {
		switch v.Kind() {
		case reflect.String:
			if name != "Guidelines" && name != "Stage" && name != "Links" && name != "Address" && name != "URL" {
				v.SetString(s)
			}
		case reflect.Struct:
			if v.Type().PkgPath() == "time" {
				return
			}
			for i := range v.NumField() {
				walk(v.Field(i), v.Type().Field(i).Name)
			}
		case reflect.Pointer:
			if !v.IsNil() {
				p := reflect.New(v.Type().Elem())
				p.Elem().Set(v.Elem())
				v.Set(p)
				walk(p.Elem(), name)
			}
		case reflect.Slice:
			elements := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(elements, v)
			v.Set(elements)
			for i := range v.Len() {
				walk(v.Index(i), name)
			}
		}
	}
	walk(v, "")
	return v.Interface().(templates.Data)
}

// The team's guidelines are formatted as their Markdown says, inside of a quotation that nothing of them leaves; what must not be in
// a mail is not.
func TestGuidelinesAreFormatted(t *testing.T) {
	set := load(t)
	mail := templates.Sample("guidelines").(templates.Guidelines)
	render := func(guidelines string) templates.Rendered {
		mail.Guidelines = guidelines
		r, err := set.Render(mail, templates.Audience{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := render("# House rules\n\nBe **short**, see https://agency.example/style.\n\n1. [Sources](https://agency.example/s)\n2. <b>No</b> adjectives\n\n" +
		"![logo](https://agency.example/logo.png) [x](javascript:x)\n")
	for _, want := range []string{
		"<blockquote>\n<h1>House rules</h1>", "<strong>short</strong>", `<a href="https://agency.example/style">https://agency.example/style</a>.`,
		"<ol>\n<li><a href=\"https://agency.example/s\">Sources</a></li>", "&lt;b&gt;No&lt;/b&gt;", "<p>logo x</p>",
	} {
		if !strings.Contains(r.HTML, want) {
			t.Errorf("the HTML lacks %s:\n%s", want, r.HTML)
		}
	}
	for _, want := range []string{"> House rules\n>\n> Be short, see https://agency.example/style.\n", "> 1. Sources <https://agency.example/s>\n"} {
		if !strings.Contains(r.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, r.Text)
		}
	}
	after := func(r templates.Rendered) string {
		_, rest, _ := strings.Cut(r.HTML, "</blockquote>\n")
		return rest
	}
	usual := after(r)
	for _, g := range []string{"```\nnever closed", "1. a list\n\n   goes on", "[a]: https://x.example\n[a]", "a\n===", strings.Repeat("*_[", 3000), strings.Repeat(">", 90), "\ufdd00\ufdd1\u202e"} {
		if got := after(render(g)); got != usual {
			t.Errorf("%.20q changes what stands after it:\n%s", g, got)
		}
	}
}

// skeleton is the tags of a page, in order, without the addresses of links, and words its text.
func skeleton(t interface{ Fatal(...any) }, page string) (tags []string, words string) {
	var text strings.Builder
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		token := z.Token()
		switch kind {
		case html.ErrorToken:
			return tags, text.String()
		case html.TextToken:
			text.WriteString(token.Data)
		case html.CommentToken:
			tags = append(tags, "comment:"+token.Data)
		default:
			for i := range token.Attr {
				if token.Attr[i].Key == "href" {
					if u := token.Attr[i].Val; !strings.HasPrefix(u, "mailto:") && !strings.HasPrefix(u, "https://docs.example/") {
						t.Fatal("a link to " + u)
					}
					token.Attr[i].Val = ""
				}
			}
			tags = append(tags, token.String())
		}
	}
}

func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// A value is text wherever it stands: it changes no tag of the HTML, no line of a header, and can be read as it was.
func TestValuesStayText(t *testing.T) {
	set, to := load(t), reader(t)
	for _, name := range templates.Names() {
		t.Run(name, func(t *testing.T) {
			plain, err := set.Render(fill(templates.Sample(name), "x"), to)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := skeleton(t, plain.HTML)
			source, err := templates.Default(templates.Own{Name: name, Locale: "en"})
			if err != nil {
				t.Fatal(err)
			}
			quotes := strings.Contains(string(source), "{{quote ") || strings.Contains(string(source), "{{drafts ")
			rapid.Check(t, func(t *rapid.T) {
				value := hostile.Draw(t, "value")
				line := templates.Clean(value)
				if strings.TrimSpace(line) == "" || strings.Contains(value, "@") { // nothing to see, or taken for an address in place of a name
					t.Skip()
				}
				filled := value
				if quotes {
					filled = strings.NewReplacer("\n", " ", "\r", " ", "\u2028", " ", "\u2029", " ").Replace(value) // lines make paragraphs of the quotation
				}
				r, err := set.Render(fill(templates.Sample(name), filled), to)
				if err != nil {
					t.Fatal(err)
				}
				got, words := skeleton(t, r.HTML)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%q changed the page (-want +got):\n%s", value, diff)
				}
				if !strings.Contains(spaced(words), spaced(line)) {
					t.Fatalf("%q is not in the page:\n%s", line, words)
				}
				if !strings.Contains(spaced(r.Text), spaced(line)) {
					t.Fatalf("%q is not in the text:\n%s", line, r.Text)
				}
				if strings.ContainsFunc(r.Subject, unicode.IsControl) || r.Subject == "" {
					t.Fatalf("subject %q", r.Subject)
				}
			})
		})
	}
}

// A quotation holds whatever is put into it, line by line.
func TestQuotationHolds(t *testing.T) {
	set, to := load(t), reader(t)
	note := templates.Sample("note").(templates.Note)
	rapid.Check(t, func(t *rapid.T) {
		note.Text = "begin\n" + hostile.Draw(t, "text") + "\nend"
		r, err := set.Render(note, to)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(r.HTML, "<blockquote>\n")
		quotation, after, ok := strings.Cut(rest, "</blockquote>\n")
		if !ok || !strings.Contains(after, "To answer, just reply") {
			t.Fatalf("no quotation in\n%s", r.HTML)
		}
		for tag := range strings.SplitSeq(quotation, "<") {
			if tag, _, _ := strings.Cut(tag, ">"); tag != "p" && tag != "/p" && tag != "br" && strings.TrimSpace(tag) != "" {
				t.Fatalf("<%s> in the quotation of %q", tag, note.Text)
			}
		}
		_, rest, _ = strings.Cut(r.Text, "> begin")
		quoted, _, ok := strings.Cut(rest, "> end\n\n")
		for line := range strings.Lines(strings.TrimPrefix(quoted, "\n")) {
			if !ok || !strings.HasPrefix(line, ">") && strings.TrimSpace(quoted) != "" && !strings.HasPrefix(quoted, line) {
				t.Fatalf("%q breaks out of\n%s", line, r.Text)
			}
		}
	})
}

func TestLinks(t *testing.T) {
	set := load(t)
	for url, want := range map[string]string{
		"https://docs.example/a?b=1&copy=2&lt;": `<a href="https://docs.example/a?b=1&amp;copy=2&amp;lt;">https://docs.example/a?b=1&amp;copy=2&amp;lt;</a>`,
		`https://docs.example/a\b*c_d(e)[f]`:    `<a href="https://docs.example/a%5Cb*c_d(e)%5Bf%5D">https://docs.example/a\b*c_d(e)[f]</a>`,
		"javascript:alert(1)":                   `<li>javascript:alert(1)</li>`,
		"data:text/html,x":                      `<li>data:text/html,x</li>`,
		`https://docs.example/" onclick="x`:     `<li>https://docs.example/&#34; onclick=&#34;x</li>`,
		"HTTPS://docs.example/ä":                `<a href="HTTPS://docs.example/%C3%A4">HTTPS://docs.example/ä</a>`,
	} {
		r := templates.Sample("receipt").(templates.Receipt)
		r.Links = []string{url}
		got, err := set.Render(r, reader(t))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got.HTML, want) {
			t.Errorf("%s: no %s in\n%s", url, want, got.HTML)
		}
		if !strings.Contains(got.Text, "- "+url+"\n") {
			t.Errorf("%s is not in the text:\n%s", url, got.Text)
		}
	}
}

func TestLongValuesAreCut(t *testing.T) {
	r := templates.Sample("receipt").(templates.Receipt)
	r.Subject, r.Piece.Title = strings.Repeat("ü", 1<<20), strings.Repeat("word ", 1<<18)
	got, err := load(t).Render(r, reader(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Subject) > 170 || len(got.Text) > 10_000 || !strings.HasSuffix(got.Subject, " …") {
		t.Errorf("subject of %d, text of %d bytes", len(got.Subject), len(got.Text))
	}
	n := templates.Sample("note").(templates.Note)
	n.Text = strings.Repeat("> * # line\n", 1<<17)
	if got, err := load(t).Render(n, reader(t)); err != nil || len(got.HTML) > 100_000 {
		t.Errorf("a note of %d bytes, %v", len(got.HTML), err)
	}
}

// A value in an address stays one part of it, and an address in angle brackets is a link like any other.
func TestValuesInAddresses(t *testing.T) {
	d := templates.Sample("due_soon").(templates.DueSoon)
	d.Piece.Code = "a b&bcc=eve@evil.example,c\\\"<#ü"
	for body, want := range map[string]string{
		"[x](mailto:desk@agency.example?subject={{.Piece.Code}})":      `<a href="mailto:desk@agency.example?subject=a%20b%26bcc%3Deve@evil.example%2Cc%5C%22%3C%23%C3%BC">x</a>`,
		"[x](https://agency.example/{{.To.Address}}/?{{.Piece.Code}})": `<a href="https://agency.example/anna@berg.example/?a%20b%26bcc%3Deve@evil.example%2Cc%5C%22%3C%23%C3%BC">x</a>`,
		"<https://agency.example/{{.To.Name}}>":                        `<a href="https://agency.example/Anna%20Berg">https://agency.example/Anna Berg</a>`,
		"<https://agency.example/?a=1&b=*2*>":                          `<a href="https://agency.example/?a=1&amp;b=*2*">https://agency.example/?a=1&amp;b=*2*</a>`,
		"<desk@agency.example>":                                        `<a href="mailto:desk@agency.example">desk@agency.example</a>`,
		"<javascript:{{.Team}}>":                                       "",
		"{{if .To.Outside}}{{else}}<javascript:x>{{end}}y":             "<p>javascript:xy</p>",
	} {
		set, err := override("due_soon", body)
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), "only http, https and mailto are linked") {
				t.Errorf("%s: %v", body, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		d.To.Outside = !strings.Contains(body, "Outside")
		r, err := set.Render(d, reader(t))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(r.HTML, want) || strings.ContainsAny(r.Text, "\ufdd0\ufdd1") {
			t.Errorf("%s: no %s in\n%s\n%q", body, want, r.HTML, r.Text)
		}
	}
}

package webcheck

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

func TestFind(t *testing.T) {
	tests := []struct {
		name, page, phrase string
		want               bool
	}{
		{"plain", "<p>The sea is up</p>", "the sea is up", true},
		{"absent", "<p>The sea is up</p>", "the sea is down", false},
		{"case", "<h1>THE SEA</h1>", "the Sea", true},
		{"sharp s", "<p>STRASSE</p>", "Straße", true},
		{"line break", "<h1>The\n\t sea</h1>", "The sea", true},
		{"break element", "<h1>The<br>sea</h1>", "The sea", true},
		{"no-break space", "<p>The&nbsp;sea</p>", "The sea", true},
		{"elements inside a word", "<p><span class=cap>T</span>he <i>sea</i></p>", "The sea", true},
		{"entities", "<p>Fish &amp; chips &eacute;</p>", "fish & chips é", true},
		{"smart apostrophe", "<p>It’s</p>", "it's", true},
		{"smart quotes", "<p>&ldquo;Up&rdquo; he said</p>", `"up" he said`, true},
		{"other quotes", "<p>«Up» he said</p>", "„Up“ he said", true},
		{"accent for an apostrophe", "<p>It´s</p>", "it's", true},
		{"dashes", "<p>sea — up</p>", "sea -- up", true},
		{"ellipsis", "<p>And then…</p>", "and then...", true},
		{"soft hyphens", "<p>hand&shy;off</p>", "handoff", true},
		{"zero width", "<p>hand\u200boff</p>", "handoff", true},
		{"composed", "<p>cafe\u0301</p>", "café", true},
		{"ligature", "<p>ﬁsh</p>", "fish", true},
		{"wide", "<p>ＡＢＣ</p>", "abc", true},
		{"script", "<script>var t = 'The sea'</script>", "The sea", false},
		{"style", "<style>/* The sea */</style>", "The sea", false},
		{"comment", "<!-- The sea -->", "The sea", false},
		{"attribute", "<a title='The sea'>x</a>", "The sea", false},
		{"after a script", "<script>if (a<b) {}</script><p>The sea</p>", "The sea", true},
		{"title", "<title>The sea | The Paper</title>", "The sea", true},
		{"og:title", `<meta property="og:title" content="The &quot;sea&quot;">`, "the “sea”", true},
		{"title and text do not join", "<title>The</title>sea", "The sea", false},
		{"cut off", "<p>The sea</p><p class=", "The sea", true},
		{"empty phrase", "<p>The sea</p>", " \u200b", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := readPage([]byte(tt.page), "text/html; charset=utf-8")
			want := ""
			if tt.want {
				want = tt.phrase
			}
			if got := p.find([]string{"not on any page", tt.phrase}); got != want {
				t.Errorf("found %q, want %q", got, want)
			}
		})
	}
}

func TestTitles(t *testing.T) {
	tests := []struct {
		name, page string
		want       []string
	}{
		{"none", "<p>x</p>", nil},
		{"both", `<meta property=og:title content="B"><title>A</title>`, []string{"A", "B"}},
		{"og only", `<META NAME=" OG:Title " CONTENT=" B  b ">`, []string{"B b"}},
		{"empty title", `<title> </title><meta property=og:title content=B>`, []string{"B"}},
		{"the first counts", "<title>A</title><svg><title>icon</title></svg>", []string{"A"}},
		{"other meta", `<meta name=description content=A><meta property=og:title>`, nil},
		{"entities and line breaks", "<title>\n A &amp;\n <b>B </title>", []string{"A & <b>B"}},
		{"hidden characters", "<title>A\u202eB\x07C</title>", []string{"ABC"}},
		{"long", "<title>" + strings.Repeat("ab ", 1000) + "</title>", []string{strings.Repeat("ab ", 99) + "ab…"}},
		{"cut off", "<title>A and", []string{"A and"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, readPage([]byte(tt.page), "text/html").titles); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCharsets(t *testing.T) {
	encoded := func(s string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	long := strings.Repeat("<p>plain</p>", 200) // beyond where encodings are looked for
	tests := []struct{ name, body, contentType, phrase, kind string }{
		{"utf-8", "<p>Ærø</p>", "text/html; charset=UTF-8", "Ærø", "text/html"},
		{"utf-8 not declared", "<p>Ærø</p>", "text/html", "Ærø", "text/html"},
		{"utf-8 not declared and late", long + "<p>Ærø</p>", "text/html", "Ærø", "text/html"},
		{"utf-8 not declared, cut inside a rune", long + "<p>Ærø</p>\xc3", "text/html", "Ærø", "text/html"},
		{"byte order mark", "\uFEFFÆrø", "text/html; charset=iso-8859-1", "Ærø", "text/html"},
		{"header", encoded(charmap.ISO8859_2.NewEncoder().String("<p>Łódź</p>")), "text/html; charset=iso-8859-2", "łódź", "text/html"},
		{"meta", encoded(charmap.Windows1251.NewEncoder().String("<meta charset=windows-1251><p>Море</p>")), "text/html", "море", "text/html"},
		{"meta http-equiv", encoded(japanese.ShiftJIS.NewEncoder().String(`<meta http-equiv=Content-Type content="text/html; charset=Shift_JIS">海の記事`)), "text/html", "海の記事", "text/html"},
		{"utf-16", encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("<title>Море</title>")), "text/html", "Море", "text/html"},
		{"windows-1252 not declared", encoded(charmap.Windows1252.NewEncoder().String("<p>caf\u00e9 \u201cx\u201d</p>")), "text/html", "café 'x'", "text/html"},
		{"charset unknown", "<p>Ærø</p>", "text/html; charset=no-such", "Ærø", "text/html"},
		{"no type, HTML", "<!doctype html><p>Ærø</p>", "", "Ærø", "text/html"},
		{"no type, text", "Ærø", "", "Ærø", "text/plain"},
		{"bad type", "<html><p>Ærø", "///", "Ærø", "text/html"},
		{"bad parameter", "<p>Ærø", "Text/HTML; charset", "Ærø", "text/html"},
		{"xhtml", "<p>Ærø</p>", "application/xhtml+xml", "Ærø", "application/xhtml+xml"},
		{"plain text keeps its tags", "a <b>Ærø", "text/plain; charset=utf-8", "a <b>Ærø", "text/plain"},
		{"json", `{"title":"Ærø"}`, "application/json", "Ærø", "application/json"},
		{"picture", "Ærø", "image/png", "", "image/png"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := readPage([]byte(tt.body), tt.contentType)
			if p.kind != tt.kind {
				t.Errorf("kind %q, want %q", p.kind, tt.kind)
			}
			if got := p.find([]string{tt.phrase, "Ærø"}); got != tt.phrase {
				t.Errorf("found %q, want %q, in %q", got, tt.phrase, p.text)
			}
		})
	}
}

func FuzzReadPage(f *testing.F) {
	f.Add([]byte("<title>A</title><p>b"), "text/html; charset=utf-16")
	f.Add([]byte("<meta property=og:title content=x><script>"), "")
	f.Add([]byte("\xff\xfe<\x00"), "text/html")
	f.Add([]byte("\x1b$B"), "text/html; charset=iso-2022-jp")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		p := readPage(body, contentType)
		for _, title := range p.titles {
			if title == "" || clean(title, maxTitle) != title {
				t.Fatalf("title %q", title)
			}
		}
		if clean(p.kind, 100) != p.kind {
			t.Fatalf("kind %q", p.kind)
		}
		if fold(p.text) != "" && p.find([]string{"", p.text}) != p.text {
			t.Fatalf("%q is not in itself", p.text)
		}
	})
}

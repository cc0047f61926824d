package webcheck

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const maxTitle = 300 // runes

// page is what people see of an answer.
type page struct {
	kind   string   // the media type, lower case
	titles []string // <title> first, then og:title; none empty
	text   string
}

// readPage reads a body that may end anywhere. What is neither HTML nor text has no text.
func readPage(body []byte, contentType string) page {
	kind, _, err := mime.ParseMediaType(contentType)
	if kind == "" || err != nil && err != mime.ErrInvalidMediaParameter {
		contentType = http.DetectContentType(body)
		kind, _, _ = strings.Cut(contentType, ";")
	}
	p := page{kind: clean(kind, 100)}
	switch {
	case kind == "text/html", kind == "text/xml", kind == "application/xml", strings.HasSuffix(kind, "+xml"):
		p.readHTML(decode(body, contentType))
	case strings.HasPrefix(kind, "text/"), kind == "application/json", strings.HasSuffix(kind, "+json"):
		p.text = string(decode(body, contentType))
	}
	return p
}

// decode is body in UTF-8. The encoding is looked for as browsers do, but UTF-8 that nothing declares is recognised in
// all of the body, not in its beginning only.
func decode(body []byte, contentType string) []byte {
	encoding, name, certain := charset.DetermineEncoding(body, contentType)
	if name == "utf-8" || !certain && utf8.Valid(wholeRunes(body)) {
		return bytes.TrimPrefix(body, []byte("\uFEFF"))
	}
	text, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		return body
	}
	return text
}

// wholeRunes is b without the beginning of a rune at its end.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

func (p *page) readHTML(text []byte) {
	var all strings.Builder
	var title, ogTitle, within string // within is the element whose text comes next and is not of the page
	z := html.NewTokenizer(bytes.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			for _, t := range []string{title, ogTitle} {
				if t != "" {
					p.titles = append(p.titles, t)
				}
			}
			p.text = all.String()
			return
		case html.TextToken:
			switch {
			case within == "":
				all.Write(z.Text())
			case within == "title" && title == "":
				title = clean(string(z.Text()), maxTitle)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			switch within = ""; string(name) {
			case "title", "script", "style", "noscript", "iframe", "noembed", "noframes": // the tokenizer ends these alone
				within = string(name)
			case "meta":
				if t := metaTitle(z, more); t != "" && ogTitle == "" {
					ogTitle = t
				}
			}
		case html.EndTagToken:
			within = ""
		}
	}
}

// metaTitle is the content of <meta property="og:title">, "" of any other.
func metaTitle(z *html.Tokenizer, more bool) string {
	var key, content string
	for more {
		var name, value []byte
		name, value, more = z.TagAttr()
		switch string(name) {
		case "property", "name":
			key = string(value)
		case "content":
			content = string(value)
		}
	}
	if !strings.EqualFold(strings.TrimSpace(key), "og:title") {
		return ""
	}
	return clean(content, maxTitle)
}

// find is the first of phrases that is in a title or in the text, as fold reads them; "" if none is.
func (p *page) find(phrases []string) string {
	if len(phrases) == 0 {
		return ""
	}
	places := []string{fold(p.text)}
	for _, title := range p.titles {
		places = append(places, fold(title))
	}
	for _, phrase := range phrases {
		want := fold(phrase)
		if want == "" {
			continue
		}
		for _, place := range places {
			if strings.Contains(place, want) {
				return phrase
			}
		}
	}
	return ""
}

// fold takes from s what editors, templates and line breaks change: case, spaces, the forms of quotes and dashes, what
// cannot be seen, and the forms that Unicode calls compatible (NFKC).
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			return -1
		case quote(r) || strings.ContainsRune("\"'`´′″‵‶‚„〝〞「」『』＂＇", r): // ´ before NFKC, which makes a space and an accent of it
			return '\''
		case unicode.Is(unicode.Pd, r) || r == '−':
			return '-'
		}
		return r
	}, s)
	s = cases.Fold().String(norm.NFKC.String(s))
	var last rune
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '-' && last == '-' {
			return -1
		}
		last = r
		return r
	}, s)
}

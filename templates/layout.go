package templates

import (
	"fmt"
	"html"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	xhtml "golang.org/x/net/html"

	"handoff/internal/spell"
)

// Layout is the name of the page that the HTML part of every mail stands in; LayoutHelp says what it may have.
const Layout = "layout"

// LayoutHelp is for people who write one.
const LayoutHelp = `The layout is the HTML page around what each mail says. It has these, all of them HTML already:

  {{.Body}}        what the mail says; must be there
  {{.Below}}       why the reader got it and how to answer; must be there
  {{.Team}}        the team's name
  {{.Signature}}   the team's signature, its lines kept; may be empty: {{if .Signature}} … {{end}}
  {{.Subject}}     for <title>
  {{.Language}}    for <html lang>
  {{.Colour}}      of links and buttons on a white page, like #1a56c4
  {{.ColourDark}}  of the same on a dark page

Nothing that runs or fetches: no scripts, forms, images, or addresses in styles.
`

// Look is how the team's mails look.
type Look struct {
	Colour    string // of links and buttons, #RRGGBB; "" the built-in blue
	Signature string // below every mail, several lines; "" none
}

// layout is a checked layout.
type layout struct {
	file string
	page *template.Template
}

// layoutParts is what a layout has to show, all of it HTML already.
type layoutParts struct{ Language, Subject, Team, Signature, Below, Body, Colour, ColourDark string }

var layoutNames = []string{"Language", "Subject", "Team", "Signature", "Below", "Body", "Colour", "ColourDark"}

// parseLayout checks that a layout has all that a mail needs and nothing that runs or calls home.
func parseLayout(file, text string) (*layout, error) {
	tree := parse.New(file)
	if _, err := tree.Parse(text, "{{", "}}", map[string]*parse.Tree{}); err != nil {
		return nil, parseProblem(file, text, err)
	}
	if err := layoutActions(file, tree, tree.Root); err != nil {
		return nil, err
	}
	page, err := template.New(file).AddParseTree(file, tree)
	if err != nil {
		return nil, syntaxProblem(file, err)
	}
	l := &layout{file, page}
	// What a mail brings is tried as what would do harm outside of the page's words: as an attribute, in a style, in an address.
	full := layoutParts{Language: "en", Subject: hostile, Team: hostile, Signature: hostile, Below: shownBelow, Body: "<p>" + shownBody + "</p>", Colour: "#000000", ColourDark: "#ffffff"}
	bare := full
	bare.Team, bare.Signature = "", ""
	for _, parts := range []layoutParts{full, bare} {
		made, err := l.write(new(bounded), parts)
		if err != nil {
			return nil, err
		}
		words, err := harmless(file, made)
		if err != nil {
			return nil, err
		}
		for _, need := range []struct{ name, shown, what string }{
			{"Body", shownBody, "what the mail says"}, {"Below", shownBelow, "why they got it and how to answer"},
		} {
			if !strings.Contains(words, need.shown) {
				return nil, &Problem{File: file, Text: fmt.Sprintf("{{.%s}} is missing: without it readers do not get %s", need.name, need.what)}
			}
		}
	}
	return l, nil
}

// What a layout is tried on.
const (
	hostile    = "x onload=x url(x)"
	shownBody  = "body onload=x url(x)"
	shownBelow = "below onload=x url(x)"
)

// layoutActions allows printing and if on the parts there are, nothing else.
func layoutActions(file string, tree *parse.Tree, list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	part := func(n parse.Node, p *parse.PipeNode) error {
		if len(p.Cmds) == 1 && len(p.Cmds[0].Args) == 1 && len(p.Decl) == 0 {
			if f, ok := p.Cmds[0].Args[0].(*parse.FieldNode); ok && len(f.Ident) == 1 {
				for _, name := range layoutNames {
					if f.Ident[0] == name {
						return nil
					}
				}
				text := fmt.Sprintf("unknown variable .%s", f.Ident[0])
				if near := spell.Nearest(f.Ident[0], layoutNames); near != "" {
					text += fmt.Sprintf(" (did you mean .%s?)", near)
				}
				return at(file, tree, n, "%s", text)
			}
		}
		return at(file, tree, n, "a layout has only {{.Body}} and its like, and {{if .Signature}} … {{end}}")
	}
	for _, n := range list.Nodes {
		var err error
		switch n := n.(type) {
		case *parse.TextNode, *parse.CommentNode:
		case *parse.ActionNode:
			err = part(n, n.Pipe)
		case *parse.IfNode:
			if err = part(n, n.Pipe); err == nil {
				if err = layoutActions(file, tree, n.List); err == nil {
					err = layoutActions(file, tree, n.ElseList)
				}
			}
		default:
			err = at(file, tree, n, "a layout has only {{.Body}} and its like, and {{if .Signature}} … {{end}}")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// callsHome are the ways in which CSS fetches something.
var callsHome = regexp.MustCompile(`(?i)@import|url\s*\(|expression\s*\(|image-set\s*\(`)

// cssEscape is one character of a style written as its number, or with a backslash before it.
var cssEscape = regexp.MustCompile(`\\(?:([0-9a-fA-F]{1,6})\s?|(.))`)

// fetches reports that a style fetches something, however it is written.
func fetches(style string) bool {
	return callsHome.MatchString(cssEscape.ReplaceAllStringFunc(style, func(s string) string {
		m := cssEscape.FindStringSubmatch(s)
		if n, err := strconv.ParseUint(m[1], 16, 32); err == nil {
			return string(rune(n))
		}
		return m[2]
	}))
}

// fetched is where a style of page that fetches something does so, "" where that is disguised.
func fetched(page string) string { return callsHome.FindString(page) }

// harmless refuses a page that runs, fetches or sends anything when it is read, and gives the words that readers see of one
// that does not.
func harmless(file, page string) (words string, err error) {
	refuse := func(near, format string, args ...any) (string, error) {
		return "", &Problem{File: file, near: near, Text: fmt.Sprintf(format, args...)}
	}
	var seen strings.Builder
	classes := hiddenClasses(page)
	z := xhtml.NewTokenizer(strings.NewReader(page))
	inside, depth := "", 0 // whose text no reader sees, and how deep in elements of that name
	for {
		switch z.Next() {
		case xhtml.ErrorToken:
			return seen.String(), nil
		case xhtml.TextToken:
			switch {
			case inside == "style" && !closed.MatchString(page):
				return refuse("<style", "<style> has no end: </style> is missing")
			case inside == "style" && fetches(string(z.Raw())):
				return refuse(fetched(page), "its style fetches something: a mail must not call home")
			case inside == "":
				seen.Write(z.Raw())
			}
		case xhtml.CommentToken: // Outlook reads what stands in <!--[if mso]> … <![endif]-->
			if _, err := harmless(file, string(z.Text())); err != nil {
				return "", err
			}
		case xhtml.EndTagToken:
			if name, _ := z.TagName(); string(name) == inside {
				if depth--; depth == 0 {
					inside = ""
				}
			}
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			t := z.Token()
			switch {
			case inside == t.Data:
				depth++
			case inside == "" && unseen(t, classes):
				inside, depth = t.Data, 1
			}
			switch t.Data {
			case "script", "iframe", "object", "embed", "applet", "form", "input", "button", "link", "base", "frame", "frameset", "svg", "math",
				"video", "audio", "img", "image", "picture", "source", "track", "portal":
				return refuse("<"+t.Data, "<%s> has no place in a mail: it would run, fetch or send something", t.Data)
			case "meta":
				for _, a := range t.Attr {
					if strings.EqualFold(a.Key, "http-equiv") {
						return refuse("http-equiv", "<meta http-equiv> has no place in a mail")
					}
				}
			}
			for _, a := range t.Attr {
				switch value := strings.TrimSpace(a.Val); {
				case strings.HasPrefix(a.Key, "on"):
					return refuse(a.Key, "%s=… runs a script: mails have none", a.Key)
				case a.Key == "href" && !safeURL(value):
					return refuse(value, "links to %q: only http, https and mailto are linked", value)
				case a.Key == "src" || a.Key == "srcset" || a.Key == "background" || a.Key == "poster" || a.Key == "data" || a.Key == "action" || a.Key == "ping":
					return refuse(a.Key, "%s=… fetches something: a mail must not call home", a.Key)
				case a.Key == "style" && fetches(value):
					return refuse(fetched(page), "a style fetches something: a mail must not call home")
				}
			}
		}
	}
}

// closed is the end of a style.
var closed = regexp.MustCompile(`(?i)</style`)

// hides are the ways in which an element's own style keeps its text from readers.
var hides = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|(font-size|opacity|max-height)\s*:\s*0+(\.0*)?(px|em|rem|%|pt)?\s*(!|;|$)`)

// hiddenClasses are the classes whose rules, those for some screens aside, keep text from readers.
func hiddenClasses(page string) []string {
	var names []string
	for _, style := range styles.FindAllStringSubmatch(page, -1) {
		for _, rule := range cssRule.FindAllStringSubmatch(atRule.ReplaceAllString(style[1], ""), -1) {
			if hides.MatchString(rule[2]) {
				for _, selector := range strings.Split(rule[1], ",") {
					if m := ofClass.FindStringSubmatch(strings.TrimSpace(selector)); m != nil {
						names = append(names, m[1])
					}
				}
			}
		}
	}
	return names
}

var (
	styles  = regexp.MustCompile(`(?is)<style[^>]*>(.*?)</style`)
	atRule  = regexp.MustCompile(`@[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}`)
	cssRule = regexp.MustCompile(`([^{}]*)\{([^{}]*)\}`)
	ofClass = regexp.MustCompile(`^[a-zA-Z0-9]*\.([\w-]+)$`)
)

// unseen reports that readers do not see the text of an element.
func unseen(t xhtml.Token, classes []string) bool {
	switch t.Data {
	case "br", "hr", "wbr", "col", "meta", "area", "param":
		return false // have no text
	case "style", "title", "textarea", "template", "noscript", "select", "datalist", "dialog", "noembed", "noframes", "xmp", "plaintext":
		return true
	}
	return slices.ContainsFunc(t.Attr, func(a xhtml.Attribute) bool {
		return a.Key == "hidden" || a.Key == "class" && slices.ContainsFunc(strings.Fields(a.Val), func(c string) bool { return slices.Contains(classes, c) }) || a.Key == "style" && hides.MatchString(a.Val)
	})
}

// write makes the page in the given buffer.
func (l *layout) write(page *bounded, parts layoutParts) (string, error) {
	if err := l.page.Execute(page, parts); err != nil {
		return "", syntaxProblem(l.file, err)
	}
	return page.String(), nil
}

// html is the signature with its lines kept.
func (k Look) html() string {
	var lines []string
	for line := range strings.Lines(k.Signature) {
		lines = append(lines, linked(clean(line)))
	}
	return strings.Trim(strings.Join(lines, "<br>"), " ")
}

// webAddress is one in a line of text, without what ends a sentence.
var webAddress = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]]`)

// linked is a line with its web addresses as links.
func linked(line string) string {
	var b strings.Builder
	end := 0
	for _, at := range webAddress.FindAllStringIndex(line, -1) {
		b.WriteString(html.EscapeString(line[end:at[0]]))
		if u := line[at[0]:at[1]]; safeURL(u) {
			b.WriteString(`<a href="` + html.EscapeString(u) + `">` + html.EscapeString(u) + `</a>`)
		} else {
			b.WriteString(html.EscapeString(u))
		}
		end = at[1]
	}
	return b.String() + html.EscapeString(line[end:])
}

// text is the signature as it stands in text/plain.
func (k Look) text() string {
	var b strings.Builder
	for line := range strings.Lines(k.Signature) {
		b.WriteString(clean(line) + "\n")
	}
	if b.Len() > 0 {
		b.WriteString("\n") // apart from why the mail came
	}
	return b.String()
}

// The pages that colours have to stand out from, and what is used if the team has no colour of its own.
const (
	lightPage, lightBlue = "#ffffff", "#1a56c4"
	darkPage, darkBlue   = "#1d2027", "#8ab4ff"
)

// colours are the team's on a light and on a dark page, each moved to black or white until it is read well there: a
// contrast of 4.5 to 1 (WCAG 2.2, success criterion 1.4.3).
func (k Look) colours() (light, dark string) {
	c, ok := parseColour(k.Colour)
	if !ok {
		return lightBlue, darkBlue
	}
	return c.against(lightPage, 0), c.against(darkPage, 255)
}

// CheckColour tells what is wrong with a colour of Look, nil if nothing is.
func CheckColour(s string) error {
	if _, ok := parseColour(s); !ok && s != "" {
		return fmt.Errorf("%q is no colour: write it like %s", s, lightBlue)
	}
	return nil
}

type rgb [3]float64

func parseColour(s string) (c rgb, ok bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(s) != 7 || s[0] != '#' {
		return rgb{}, false
	}
	return rgb{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}, true
}

func (c rgb) against(page string, toward float64) string {
	p, _ := parseColour(page)
	for step := 0.0; step <= 1; step += 0.05 {
		var mixed rgb
		for i, v := range c {
			mixed[i] = math.Round(v + (toward-v)*step)
		}
		a, b := mixed.luminance(), p.luminance()
		if (math.Max(a, b)+0.05)/(math.Min(a, b)+0.05) >= 4.5 {
			return fmt.Sprintf("#%02x%02x%02x", int(mixed[0]), int(mixed[1]), int(mixed[2]))
		}
	}
	return fmt.Sprintf("#%02[1]x%02[1]x%02[1]x", int(toward))
}

// luminance is the relative luminance of WCAG 2.2.
func (c rgb) luminance() float64 {
	weigh := func(v float64) float64 {
		if v /= 255; v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*weigh(c[0]) + 0.7152*weigh(c[1]) + 0.0722*weigh(c[2])
}

package templates

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode"
	"unicode/utf8"
)

// Beside these, templates have text/template's own and, or, not, eq, ne, lt, le, gt, ge and len, and print and printf within limits.
//
//	date T          Tuesday, 5 May 2026, in the reader's time zone; with the time where that is not the day's last minute. The
//	                last minute of the day of who has to keep it is that day for everybody
//	datetime T      Tuesday, 5 May 2026 at 17:00 (CEST)
//	days N          1 day, 3 days
//	count N "a" "b" 1 a, 3 b
//	size BYTES      2.3 MB
//	stage S         "copy_edit" in words: copy edit
//	sentence TEXT   with a capital at its beginning
//	re SUBJECT      Re: and the subject, once
//	full TEXT       as a full sentence: with a capital, and a full stop unless it ends in a mark
//	list TEXTS      a, b and c
//	hello PERSON    Hello Anna Berg,
//	quote TEXT      the text as a quotation, its lines kept
//	markdown TEXT   the team's guidelines as they are formatted, in a quotation; for no other text
//	link URL        a link that can be clicked; text if it is not http, https or mailto
//	answers ANSWERS the one-tap answers as a list of links; in text/plain the word to answer with. A paragraph of its own
//	drafts DRAFTS   what goes with the mail: each version with its files, links and text. A paragraph of its own
//	say TEXT        one of our own phrases in the reader's language: a reason, what is missing, a stage, a date like 2026-05-05;
//	                other text stays as it is
//	marked TEXT     the text of changes, our own remarks in it in the reader's language
func functions(w *language, r *runner) template.FuncMap {
	in := func(t time.Time) time.Time {
		if r.to.Location == nil {
			return t.UTC()
		}
		return t.In(r.to.Location)
	}
	return template.FuncMap{
		"date": func(t time.Time) string {
			for _, at := range []time.Time{in(t), t} { // the latter as it was written: on the clock of who has to keep it
				if at.Hour() == 23 && at.Minute() == 59 {
					return w.when(at, w.date)
				}
			}
			return w.when(in(t), w.datetime)
		},
		"datetime": func(t time.Time) string { return w.when(in(t), w.datetime) },
		"days":     func(n int) string { return w.count(n, w.day, w.days) },
		"count":    func(n int, one, many string) string { return w.count(n, one, many) },
		"size":     w.size,
		"stage":    w.stage,
		"sentence": sentence,
		"full":     full,
		"re":       w.re,
		"say":      w.say,
		"marked":   func(s string) string { return r.values.marked(w.marked(s)) },
		"list":     w.list,
		"hello":    w.greet,
		"quote":    func(s string) markup { return r.values.quote(s) },
		"markdown": func(s string) markup { return r.values.markdown(s) },
		"link":     func(url string) markup { return r.values.link(url) },
		"answers":  func(list []Answer) markup { return r.values.answers(list, w) },
		"drafts":   func(list []Draft) markup { return r.values.drafts(list, w) },
		"print":    func(args ...any) string { return cut(fmt.Sprint(args...), maxQuote) },
		"printf":   func(format string, args ...any) string { return cut(fmt.Sprintf(format, args...), maxQuote) },
		"_step":    func(n int) (string, error) { return "", r.values.step(n) },
		"_text":    func(x any) string { return r.values.print(x) },
		"_line":    func(x any) string { return clean(fmt.Sprint(x)) },
		"_given":   func(t time.Time) bool { return !t.IsZero() },
	}
}

// markup is a piece of Markdown that a function made; it may only be printed.
type markup string

// values are what a run of a template prints. In the Markdown each stands as a marker that means nothing to Markdown,
// and takes its place only in the finished text and HTML: so it cannot become structure, whatever it holds.
type values struct {
	list  []string
	words map[string]string // what stands in text/plain in place of the address of a link, by that address
	// changes are the texts that mark what was removed and added, and below, by its number, each quoted line of them.
	changes map[string]bool
	changed map[int]bool
	steps   int // that loops have taken
}

// maxSteps bounds how much the loops of one part do, in actions: the longest list of ours takes a hundredth of it.
const maxSteps = 200_000

// step counts n more.
func (v *values) step(n int) error {
	if v.steps += n; v.steps > maxSteps {
		return fmt.Errorf("its loops take more than %d steps", maxSteps)
	}
	return nil
}

// Markers are made of noncharacters, which clean takes out of every value.
const (
	markOpen  = "\ufdd0"
	markClose = "\ufdd1"
)

func (v *values) mark(s string) string {
	v.list = append(v.list, s)
	return markOpen + strconv.Itoa(len(v.list)-1) + markClose
}

func (v *values) print(x any) string {
	switch x := x.(type) {
	case markup:
		return string(x)
	case string:
		return v.mark(clean(x))
	}
	return v.mark(clean(fmt.Sprint(x)))
}

// marked remembers that changes are marked in s.
func (v *values) marked(s string) string {
	if v.changes == nil {
		v.changes, v.changed = map[string]bool{}, map[int]bool{}
	}
	v.changes[s] = true
	return s
}

// replace puts each marked value, as put makes it, in its place.
func (v *values) replace(s string, put func(string) string) string {
	return v.replaceEach(s, func(n int) string { return put(v.list[n]) })
}

// html is replace for HTML, where what was removed and added is to be seen.
func (v *values) html(s string) string {
	return v.replaceEach(s, func(n int) string {
		if v.changed[n] {
			return htmlChanges(v.list[n])
		}
		return html.EscapeString(v.list[n])
	})
}

var changeMarks = regexp.MustCompile(`\[-.*?-\]|\{\+.*?\+\}`)

// htmlChanges are the changes in a line as HTML, whose signs stay for who sees no colours.
func htmlChanges(line string) string {
	var b strings.Builder
	at := 0
	for _, m := range changeMarks.FindAllStringIndex(line, -1) {
		tag := "ins"
		if line[m[0]] == '[' {
			tag = "del"
		}
		fmt.Fprintf(&b, "%s<%s>%s</%s>", html.EscapeString(line[at:m[0]]), tag, html.EscapeString(line[m[0]:m[1]]), tag)
		at = m[1]
	}
	return b.String() + html.EscapeString(line[at:])
}

func (v *values) replaceEach(s string, put func(int) string) string {
	if !strings.Contains(s, markOpen) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for {
		before, rest, found := strings.Cut(s, markOpen)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		var number string
		number, s, _ = strings.Cut(rest, markClose)
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < len(v.list) {
			b.WriteString(put(n))
		}
	}
}

// maxQuote is how much of a text a mail quotes, in bytes; the whole is in the piece.
const maxQuote = 16 << 10

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

func (v *values) quote(s string) markup {
	changes := v.changes[s]
	lines := strings.Split(strings.Trim(cut(lineEnds.Replace(s), maxQuote), "\n"), "\n")
	for i, line := range lines {
		lines[i] = clean(line)
	}
	var b strings.Builder
	b.WriteString("\n\n")
	for i, line := range lines {
		b.WriteByte('>')
		if line != "" {
			if changes {
				v.changed[len(v.list)] = true
			}
			b.WriteString(" " + v.mark(line))
			if i+1 < len(lines) && lines[i+1] != "" {
				b.WriteByte('\\') // a hard line break
			}
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return markup(b.String())
}

// bare is an address that stands in a text for itself.
var bare = regexp.MustCompile(`(^|\s)((?:https?://|mailto:)[^\s<>]*[^\s<>.,;:!?)\]*_"'])`)

// markdown is a text of the team's own, whose marks count: in a quotation, out of which none of them reaches, and with its
// addresses as links. What must not be in a mail is left out as from any template. One that would take long to read is quoted.
func (v *values) markdown(s string) markup {
	var b strings.Builder
	b.WriteString("\n\n")
	fenced := false
	for line := range strings.Lines(strings.Trim(cut(lineEnds.Replace(s), maxQuote), "\n")) {
		line = strings.TrimRightFunc(strings.Map(visible, line), unicode.IsSpace)
		fence := strings.HasPrefix(strings.TrimSpace(line), "```") || strings.HasPrefix(strings.TrimSpace(line), "~~~")
		if fenced = fenced != fence; !fenced && !fence {
			line = bare.ReplaceAllString(line, "$1<$2>")
		}
		b.WriteString(strings.TrimRight("> "+line, " ") + "\n")
	}
	b.WriteString("\n")
	if bearable("", []byte(b.String())) != nil {
		return v.quote(s)
	}
	return markup(b.String())
}

// visible drops what may stand in no line of a mail.
func visible(r rune) rune {
	if r != '\t' && unsafeRune(r) {
		return -1
	}
	return r
}

func (v *values) link(url string) markup {
	url = clean(url)
	if !safeURL(url) {
		return markup(v.mark(url))
	}
	m := v.mark(url)
	return markup("[" + m + "](" + m + ")")
}

// answers is a list with a link for each, or with the word to answer with where there is none. Its mark is one that
// templates do not use, so that a list before it stays apart.
func (v *values) answers(list []Answer, w *language) markup {
	var b strings.Builder
	b.WriteString("\n\n")
	for _, a := range list {
		label, url, word := clean(w.say(a.Label)), clean(a.URL), ""
		if words := strings.Fields(clean(a.Command)); len(words) > 0 {
			word = w.answerWith + words[0]
		}
		if safeURL(url) {
			if v.words == nil {
				v.words = map[string]string{}
			}
			v.words[url] = word
			b.WriteString("* [" + v.mark(label) + "](" + v.mark(url) + ")\n")
			continue
		}
		b.WriteString("* " + v.mark(label+w.labelled(word)) + "\n")
	}
	b.WriteString("\n")
	return markup(b.String())
}

// drafts are one after the other, each with who it is from, and then its files, its links and its text.
func (v *values) drafts(list []Draft, w *language) markup {
	var b strings.Builder
	for _, d := range list {
		from := "from " + d.Sender.Name
		if d.Version > 0 {
			from = fmt.Sprintf("version %d, %s", d.Version, from)
		}
		b.WriteString("\n\n**" + v.mark(sentence(clean(w.say(from)))) + "**\n\n")
		for _, f := range d.Files {
			state := "attached"
			if f.Note != "" {
				state = "not attached: " + f.Note
			}
			b.WriteString("* " + v.mark(clean(fmt.Sprintf("%s (%s), %s", f.Name, w.size(f.Size), w.say(state)))) + "\n")
		}
		for _, url := range d.Links {
			b.WriteString("* " + string(v.link(url)) + "\n")
		}
		if strings.TrimSpace(d.Text) != "" {
			b.WriteString(string(v.quote(d.Text)))
		}
	}
	b.WriteString("\n\n")
	return markup(b.String())
}

// labelled is text as it follows a label, "" if there is none.
func (l *language) labelled(text string) string {
	if text == "" {
		return ""
	}
	return l.colon + text
}

func safeURL(url string) bool {
	scheme, _, ok := strings.Cut(url, ":")
	if !ok || strings.ContainsAny(url, " <>\"") {
		return false
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "mailto":
		return true
	}
	return false
}

// maxValue bounds one value, in bytes: a subject of a megabyte is not repeated.
const maxValue = 2000

// clean makes one line of s: no control, direction-changing or marker characters, white space once and not at the ends.
func clean(s string) string {
	s = cut(s, maxValue)
	if tidy(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f':
			space = b.Len() > 0
			continue
		case unsafeRune(r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unsafeRune tells a control, direction-changing or marker character.
func unsafeRune(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe
}

// tidy tells of a text that has but single blanks, inside of it, and what is printed in ASCII, that clean leaves it as it is.
func tidy(s string) bool {
	blank := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || blank && s[i] == ' ' {
			return false
		}
		blank = s[i] == ' '
	}
	return !blank
}

// cut shortens s to at most limit bytes, at a rune.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + " …"
}

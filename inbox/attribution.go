package inbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxHeaderLine   = 400 // bytes of the longest line that can introduce a quote; longer ones are prose
	attributionSpan = 6   // lines over which an attribution may be broken
)

// attributionEnd looks for a line that tells who wrote what follows, beginning at lines[i] and maybe broken over several. It
// returns the index of its last line, -1 if there is none.
func attributionEnd(lines []line, i int) int {
	first := strings.TrimSpace(lines[i].text)
	if first == "" || len(first) > maxHeaderLine || markdown(first) {
		return -1
	}
	if strings.HasPrefix(first, ">>>") && strings.HasSuffix(first, ">>>") { // GroupWise
		if low := fold(first); hasDate(low) && strings.Contains(low, " ") {
			return i
		}
		return -1
	}
	first = strings.TrimPrefix(first, ">>> ")
	several := spreads(first)
	size, open := 0, 0
	for j := i; j < len(lines) && j < i+attributionSpan; j++ {
		l := strings.TrimSpace(lines[j].text)
		if l == "" {
			if j+1 >= len(lines) || !strings.HasPrefix(strings.TrimSpace(lines[j+1].text), "<") {
				return -1
			}
			continue
		}
		if size += len(l) + 1; size > maxHeaderLine || j > i && l[0] == '>' && open <= 0 {
			return -1
		}
		open += strings.Count(l, "<") - strings.Count(l, ">")
		quoted := (j == i || l[0] == '<' || endsAttribution(l)) && quoteFollows(lines, j+1)
		if mayEnd(lines, j, open <= 0) && isAttribution(joined(lines, i, j), quoted) {
			if startsLater(lines, i, j) {
				return -1
			}
			return j
		}
		if !several {
			return -1
		}
	}
	return -1
}

// markdown tells a heading or the item of a list.
func markdown(s string) bool {
	switch s[0] {
	case '#':
		return true
	case '*':
		if strings.HasSuffix(s, "]:") && strings.Contains(s, "@") && hasTime(s) {
			return false // "* Mira Osei <address> [2026-03-09 17:02]:"
		}
		fallthrough
	case '-', '+':
		return len(s) > 1 && s[1] == ' '
	}
	return false
}

// spreads tells a first line that others may complete: it has a part of a date or of an address, and is no sentence.
func spreads(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case digit(c), c == '<', c == '@', c == '(':
			return true
		}
	}
	low := fold(s[:min(len(s), 16)])
	for _, w := range []string{"on ", "le ", "am ", "el ", "il ", "op ", "em ", "den ", "dne ", "dnia ", "w dniu", "wiadomość ", "missatge ", "quoting ", "zitat ", "kontakt "} {
		if strings.HasPrefix(low, w) {
			return len(s) < 90 && !strings.ContainsAny(s[len(s)-1:], ".!?:;")
		}
	}
	return hasNumeral(s)
}

// hasNumeral tells digits of other scripts.
func hasNumeral(s string) bool {
	for _, r := range s {
		if r >= 0x80 && unicode.IsDigit(r) {
			return true
		}
	}
	return false
}

// mayEnd is a cheap sieve for the last line. closed tells that no address is left open on it.
func mayEnd(lines []line, j int, closed bool) bool {
	s := strings.TrimRight(lines[j].text, afterColon)
	if s == "" {
		return false
	}
	if endsAttribution(s) || len(s) < len(strings.TrimRight(lines[j].text, " \t")) {
		return true
	}
	if digit(s[len(s)-1]) && strings.HasPrefix(fold(s), "posted by ") {
		return true
	}
	if closed && quoteFollows(lines, j+1) || strings.Contains(s, " GMT") || strings.Contains(s, "@") && strings.Contains(s, ": ") && hasTime(s) {
		return true
	}
	for _, v := range []string{"wrote", "écrit", "escribió", "scritto", "escreveu", "geschreven", "schrieb", "napisał(a)"} {
		if strings.HasSuffix(s, v) {
			return true
		}
	}
	return false
}

// afterColon is what may stand behind the colon of an attribution, direction marks included.
const afterColon = "-–—*_ \t\u00a0\u200e\u200f\u202c\u2069"

func endsAttribution(s string) bool {
	s = strings.TrimRight(s, afterColon)
	return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：") || strings.HasSuffix(s, ":>")
}

// joined puts the lines of an attribution on one.
func joined(lines []line, i, j int) string {
	if i == j {
		return strings.TrimSpace(lines[i].text)
	}
	var b strings.Builder
	for k := i; k <= j; k++ {
		l := strings.TrimSpace(lines[k].text)
		if l == "" {
			continue
		}
		if b.Len() > 0 && !strings.HasSuffix(b.String(), "<") {
			b.WriteByte(' ')
		}
		b.WriteString(l)
	}
	return b.String()
}

// startsLater tells that the attribution which ends on line j is whole without line i.
func startsLater(lines []line, i, j int) bool {
	for k := i + 1; k <= j; k++ {
		s := joined(lines, k, j)
		if s != "" && hasDate(fold(s)) && isAttribution(s, quoteFollows(lines, j+1)) {
			first := strings.TrimSpace(lines[i].text)
			return !strings.Contains(first, "@") && !hasTime(first) && !(strings.HasSuffix(first, ",") && len(first) < 40)
		}
	}
	return false
}

func quoteFollows(lines []line, i int) bool {
	for ; i < len(lines); i++ {
		if l := strings.TrimSpace(lines[i].text); l != "" {
			return l[0] == '>' || pipeQuote(l)
		}
	}
	return false
}

// pipeQuote tells a line quoted with "|" from a row of a table.
func pipeQuote(s string) bool { return s[0] == '|' && strings.Count(s, "|") == 1 }

// isAttribution tells a whole attribution from prose such as "On Friday she wrote:". It names a person by a verb or an
// address, and has a date or an address. quoted says that a quote stands right below it, which makes up for what is missing.
func isAttribution(s string, quoted bool) bool {
	low := fold(s)
	if head, ok := beforeText(s); ok {
		return isAttribution(head, false)
	}
	dashed := strings.HasPrefix(s, "--") && strings.HasSuffix(s, "--")
	colon := endsAttribution(s)
	address := strings.Contains(low, "@") || strings.Contains(low, "&lt;")
	bracketed := address && (strings.ContainsAny(s, "<([") || strings.Contains(low, "&lt;"))
	date, time := hasDate(low), hasTime(low)
	if !address && !date && !quoted && !dashed && !strings.Contains(low, " via ") && !strings.HasPrefix(low, "posted by ") {
		return false
	}
	v := findVerb(low)
	switch {
	case dashed:
		return v.found && (address || date || strings.Count(low, " ") < 8)
	case v.found && address && (bracketed || date):
		return colon || quoted || v.last && date
	case v.found && date && !v.pronoun && v.opened(s, low):
		return (quoted || time || !v.weak && low[v.start] < 0xe3) && v.attributes(s) && (quoted || !v.weak && (colon || v.last && time && dateBegins(low)))
	case address && (time || startsWithDate(low)) && (bracketed || colon && len(s) < 120):
		return colon || quoted && bracketed
	case address && colon && quotingWord(low):
		return true
	case strings.Contains(low, " gmt") && isoStamp(low):
		return strings.Count(low, " ") < 12
	case strings.HasPrefix(low, "posted by ") && strings.Contains(low, " on "):
		return date || digit(s[len(s)-1]) && strings.Count(s, "/") == 2
	case !v.found || !v.last:
		return colon && quoted && date && time && strings.Count(s, " ") < 16 && dateBegins(low) && !pronoun(secondLast(low))
	case strings.Contains(low, " via "):
		return strings.Count(low, " ") < 10
	}
	return colon && quoted && nameOnly(s[:min(v.start, len(s))])
}

// beforeText cuts what was glued behind an attribution: "On … wrote: When is it due?".
func beforeText(s string) (string, bool) {
	at := strings.IndexByte(s, '@')
	if at < 0 {
		return "", false
	}
	i := strings.Index(s[at:], ": ")
	if i < 0 || at+i+2 >= len(s) {
		return "", false
	}
	head := s[:at+i+1]
	if v := findVerb(fold(head)); !v.last || !hasTime(head) {
		return "", false
	}
	return head, true
}

// glued returns where an attribution begins that lost the line end in front of it: "Thanks!On Mon, … wrote:"; 0 if nowhere.
func glued(s string) int {
	if len(s) < 40 || strings.IndexByte(s, '@') < 0 || strings.IndexByte(s, ':') < 0 {
		return 0
	}
	for _, w := range []string{"On ", "Le ", "Am ", "El ", "Il ", "Op ", "Em ", "Den ", "Dne ", "Dnia ", "W dniu "} {
		i := strings.LastIndex(s, w)
		if i <= 0 || len(s)-i > maxHeaderLine || !strings.ContainsAny(s[i:min(i+26, len(s))], "0123456789") {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s[:i], " "))
		if s[i-1] == ' ' && (unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune(",;-–—\"'>(", before)) {
			continue
		}
		if tail := s[i:]; isAttribution(tail, false) && hasDate(tail) && strings.Trim(s[:i], "->*_ \t\u00a0") != "" && s[0] != '>' {
			return i
		}
	}
	return 0
}

// verb is where an attribution says "wrote".
type verb struct {
	found   bool
	last    bool // nothing but the colon comes behind it
	pronoun bool // "she wrote": prose
	weak    bool // "sent", "said": prose has it more often than clients
	word    string
	start   int
	rest    string // what follows it
}

func findVerb(low string) verb {
	core := strings.TrimRight(low, ":： \u00a0-–—*_>")
	for _, w := range wroteVerbs {
		if !strings.Contains(core, w) { // much faster than the search from behind
			continue
		}
		i := strings.LastIndex(core, w)
		rest := core[i+len(w):]
		if c := w[0]; c < 0x80 || w[0] == 0xc3 || w[0] == 0xc5 { // Latin words need boundaries, or "overwrote" and "resent" would do
			before, _ := utf8.DecodeLastRuneInString(core[:i])
			behind, _ := utf8.DecodeRuneInString(rest)
			if i > 0 && unicode.IsLetter(before) && before < 0x250 || rest != "" && unicode.IsLetter(behind) && behind < 0x250 {
				continue
			}
		}
		v := verb{found: true, word: w, start: i, rest: strings.TrimSpace(rest)}
		v.last = v.rest == "" || len(v.rest) <= 6 && v.rest[0] == '(' || len(v.rest) <= 14 && v.rest[0] == '/' || v.rest == "je" || v.rest == "följande" || v.rest == "folgendes"
		v.weak = w == "sent" || w == "said" || w == "says" || w == "a dit"
		v.pronoun = strings.HasPrefix(core, "他") || strings.HasPrefix(core, "她") || strings.HasPrefix(core, "我") || pronoun(lastWord(core[:i])) || pronoun(firstWord(v.rest))
		return v
	}
	return verb{}
}

// attributes asks of a verb with a date that it stands as clients put it: right before the colon, or before a name or date.
func (v verb) attributes(s string) bool {
	if v.last {
		return true
	}
	if len(v.rest) == 0 || strings.Count(v.rest, " ") > 6 {
		return false
	}
	switch v.word {
	case "wrote", "writes", "sent", "said", "says":
		return hasDate(v.rest) && (strings.HasPrefix(v.rest, "on ") || strings.HasPrefix(v.rest, "at "))
	}
	if hasDate(v.rest) {
		return true
	}
	// "schrieb The Desk:", where prose goes on in lower case
	return strings.Count(v.rest, " ") <= 4 && !strings.Contains(s, " "+firstWord(v.rest))
}

// opened asks of verbs that prose uses as well that the line begins as clients begin it: with a date or a name.
func (v verb) opened(s, low string) bool {
	switch v.word {
	case "wrote", "writes", "said", "says", "sent", "écrit", "a écrit", "a dit", "schrieb", "geschrieben", "escribió", "ha escrito", "scritto", "ha scritto", "escreveu", "schreef":
	default:
		return true
	}
	if dateBegins(low) || v.weak {
		return dateBegins(low)
	}
	if i := strings.Index(s, " on "); i > 0 && v.last && nameOnly(s[:i]) {
		return true // "Mira Osei on 9 March at 17:02 wrote:"
	}
	return strings.Count(strings.TrimSpace(low[:min(v.start, len(low))]), " ") < 3
}

// dateBegins tells the first words of clients: a date, or what stands before one.
func dateBegins(low string) bool {
	low = strings.TrimLeft(low, "-*_ >\"'")
	if low == "" || digit(low[0]) {
		return true
	}
	for _, w := range onWords {
		if strings.HasPrefix(low, w) {
			return true
		}
	}
	return false
}

// secondLast is the word before the last.
func secondLast(s string) string {
	s = strings.TrimRight(s, " :")
	return lastWord(s[:max(strings.LastIndexByte(s, ' '), 0)])
}

func lastWord(s string) string {
	s = strings.TrimRight(s, " \u00a0")
	return s[strings.LastIndexAny(s, " \u00a0,")+1:]
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " \u00a0,:"); i >= 0 {
		return s[:i]
	}
	return s
}

func pronoun(w string) bool {
	switch w {
	case "i", "he", "she", "we", "they", "who", "it", "il", "elle", "ils", "elles", "j'ai", "nous", "er", "ich", "wir", "man", "él", "ella", "yo", "ellos",
		"lui", "lei", "io", "ele", "ela", "eu", "eles", "hij", "zij", "ik", "wij", "han", "hon", "jag", "hun", "jeg", "hän", "minä", "я", "он", "она", "мы", "они":
		return true
	}
	return false
}

// nameOnly tells what stands before the verb of "Mira Osei wrote:".
func nameOnly(s string) bool {
	words := strings.Fields(strings.Trim(s, "\"'*_,( "))
	if len(words) == 0 || len(words) > 4 {
		return false
	}
	for i, w := range words {
		r, _ := utf8.DecodeRuneInString(strings.Trim(w, "\"'(„“”«"))
		if unicode.IsLower(r) && len(w) > 3 {
			return false
		}
		if i == 0 {
			switch strings.ToLower(w) {
			case "as", "the", "what", "then", "here", "in", "so", "and", "but", "when", "he", "she", "they", "i", "we", "you", "once", "on", "wie", "comme", "como", "come":
				return false
			}
		}
	}
	return true
}

// quotingWord tells the clients that put the name behind: "Quoting Mira <address>:".
func quotingWord(low string) bool {
	low = strings.TrimLeft(low, "-*_ ")
	for _, w := range quotingWords {
		if strings.HasPrefix(low, w) {
			return true
		}
	}
	return false
}

// hasDate tells a line with a clock time, or with two numbers of which one looks like a year or is part of a date.
func hasDate(s string) bool {
	if hasTime(s) {
		return true
	}
	numbers, year := 0, false
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		j := i
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		numbers++
		if j-i == 4 && (strings.HasPrefix(s[i:], "19") || strings.HasPrefix(s[i:], "20") || strings.HasPrefix(s[i:], "25")) {
			year = true
		}
		i = j
	}
	return numbers >= 2 && year || numbers >= 3
}

// hasTime tells hh:mm, hh.mm or hhhmm.
func hasTime(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		if (s[i] == ':' || s[i] == 'h' || s[i] == '.') && digit(s[i-1]) && digit(s[i+1]) && digit(s[i+2]) &&
			(i+3 >= len(s) || !digit(s[i+3])) {
			return true
		}
	}
	return false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// startsWithDate tells 2013/7/20, 2016-10-24, 10.1.2020 and 2015年10月8日 at the start of a line.
func startsWithDate(s string) bool {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	if n == 0 || n > 4 || n == len(s) {
		return false
	}
	rest := s[n:]
	switch rest[0] {
	case '/', '-', '.':
		return len(rest) > 1 && digit(rest[1])
	}
	return strings.HasPrefix(rest, "年") || n <= 2 && len(rest) > 4 && rest[0] == ' ' && unicode.IsLetter(rune(rest[1]))
}

// isoStamp tells "2016-03-03 17:21" at the start of a line.
func isoStamp(s string) bool {
	return len(s) > 16 && startsWithDate(s) && s[4] == '-' && hasTime(s[:17])
}

// fold is s in lower case, its digits western, and without what clients hide in such lines: direction marks, hard blanks.
func fold(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < 0x80
	}
	if ascii {
		return strings.ToLower(s)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x80:
			if r >= 'A' && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		case r == 0x130:
			return 'i' // Turkish: its lower case is two runes
		case r == 0xa0, r == 0x202f, r == 0x2009:
			return ' '
		case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff, r == 0x307:
			return -1
		case r >= 0x660 && r <= 0x669:
			return '0' + r - 0x660
		case r >= 0x6f0 && r <= 0x6f9:
			return '0' + r - 0x6f0
		case r >= 0x966 && r <= 0x96f:
			return '0' + r - 0x966
		case r >= 0x9e6 && r <= 0x9ef:
			return '0' + r - 0x9e6
		case r >= 0xff10 && r <= 0xff19:
			return '0' + r - 0xff10
		}
		return unicode.ToLower(r)
	}, s)
}

package templates

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// language is how one locale puts dates, numbers and lists into words.
type language struct {
	tag        string // BCP 47, as in default/TAG and for HTML
	name       string // in English
	day, days  string
	one        func(n int) bool // whether n things take the singular
	and        string
	hello      string
	vocative   string // between it and a name; "" a blank
	greeting   string // what ends a greeting
	date       func(time.Time) string
	datetime   func(time.Time) string
	noDate     string
	noSubject  string
	answerWith string
	colon      string // between a label and what follows
	comma      string // in decimal fractions
	thousands  string // between groups of three digits
	bytes      [2]string
	units      []string // of 1000 bytes and its powers
	foot       foot
	stray      stray
	due        string // a step's deadline in a calendar, a format of code, stage and title
	demo       demo
	stageNames map[string]string
	phrases    *phrasebook // nil: English itself
}

// foot is what stands below every mail.
type foot struct {
	why      string // before the template's why
	outside  string // how those who have mail only answer
	inside   string // how colleagues do
	replies  string // how they do where the mail is about a piece, on which a reply of theirs is filed
	answered string // how they do where the mail says what to answer
	stop     string // how to mute a recurring notice
	stopPage string // leads to the page on which that is done as well
}

// stray are the sentences about an address that nobody registered; %[1]s is that, %[2]s whose it counts as.
type stray struct {
	check  string // label
	yours  string // to whose it counts as
	ask    string // what they do who have mail only
	theirs string // to the team
	add    string // what the team does, by the command %[1]s
}

// notice is the paragraph that a mail to that reader begins with.
func (s stray) notice(v *values, of Stray, to Person) string {
	address, who := v.mark(clean(of.Address)), v.mark(clean(of.Who.Name))
	command := "`handoff person alias " + v.mark(quoteWord(clean(of.Who.Address))) + " " + v.mark(quoteWord(clean(of.Address))) + "`"
	said, todo := fmt.Sprintf(s.theirs, address, who), fmt.Sprintf(s.add, command)
	if of.Yours {
		said = fmt.Sprintf(s.yours, address)
	}
	if of.Yours && to.Outside {
		todo = s.ask
	}
	return "**" + s.check + "** " + said + " " + todo + "\n\n"
}

// quoteWord is s as one word of a command, whatever it holds.
func quoteWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+@-]*$`)

// demo is a demo piece for which the team has no words of its own.
type demo struct{ title, brief string }

// languages are those that every built-in text is in; English is first and what all others fall back to.
var languages = []*language{english, german, french, spanish, portuguese}

// Locales lists the languages there are texts in, English first.
func Locales() []string {
	tags := make([]string, len(languages))
	for i, l := range languages {
		tags[i] = l.tag
	}
	return tags
}

// Written tells whether there are texts in the language of a BCP 47 tag, as there are German ones for de-AT.
func Written(tag string) bool { return languageOf(tag) != nil }

// languageOf is the language for a BCP 47 tag, by its first subtag: de-AT is German; nil if there is none.
func languageOf(tag string) *language {
	primary, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	for _, l := range languages {
		if strings.EqualFold(l.tag, primary) {
			return l
		}
	}
	return nil
}

// below are the sentences under a mail to that reader: why they got it, how to answer, how to stop that kind.
func (l *language) below(e Entry, b Base, onPiece bool, why string) []string {
	var sentences []string
	if why = strings.TrimRight(why, " ."); why != "" {
		sentences = append(sentences, l.foot.why+why+".")
	}
	switch {
	case b.To.Outside:
		sentences = append(sentences, l.foot.outside)
	case e.Asked: // their mail was answered above; strangers have no tool
	case e.InWords, len(b.Answers) > 0:
		sentences = append(sentences, l.foot.answered)
	case onPiece:
		sentences = append(sentences, l.foot.replies)
	default:
		sentences = append(sentences, l.foot.inside)
	}
	if e.Recurring {
		sentences = append(sentences, l.foot.stop)
	}
	return sentences
}

// when is t in words by form, or that there is no date.
func (l *language) when(t time.Time, form func(time.Time) string) string {
	if t.Unix() == (time.Time{}).Unix() { // IsZero, also in another zone
		return l.noDate
	}
	return form(t)
}

// say puts a phrase of our own into the language; one that it does not know stays.
func (l *language) say(s string) string {
	if l.phrases == nil {
		return l.stages(s)
	}
	if word, ok := l.word(s); ok {
		return word
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil { // within a phrase it is how to write one
		return l.date(t)
	}
	return l.phrases.find(s, l.word)
}

// stages are the names of several as texts have them, where s lists stages by their labels.
func (l *language) stages(s string) string {
	list := strings.Split(s, ", ")
	for i, label := range list {
		name, ok := l.stageNames[strings.ReplaceAll(label, " ", "_")]
		if !ok && label != "peer review" {
			return s
		}
		if ok {
			list[i] = name
		}
	}
	return strings.Join(list, ", ")
}

// grouped is a number of thousands as English phrases write it.
var grouped = regexp.MustCompile(`^\d{1,3}(,\d{3})+$`)

// word is a stage, a date or a number of thousands, as English phrases name them.
func (l *language) word(s string) (string, bool) {
	if name, ok := l.stageNames[strings.ReplaceAll(s, " ", "_")]; ok {
		return name, true
	}
	if t, err := time.Parse(englishDate, s); err == nil {
		return l.date(t), true
	}
	if grouped.MatchString(s) {
		return strings.ReplaceAll(s, ",", l.thousands), true
	}
	return "", false
}

// remarks are our own words in the text of Changes: what is left out of it, what was moved, why nothing is shown.
var remarks = regexp.MustCompile(`\(moved here\)|… \([\d,]+ more\)|\([\d,]+ more changes? in this paragraph\)|(?m:^… and [\d,]+ more changes?$)|^The two versions [^.\n]+\.$`)

// marked puts those into the language; the words of the text stay.
func (l *language) marked(changes string) string {
	return remarks.ReplaceAllStringFunc(changes, l.say)
}

func (l *language) count(n int, one, many string) string {
	if l.one(n) {
		return strconv.Itoa(n) + " " + one
	}
	return strconv.Itoa(n) + " " + many
}

// size rounds bytes to what people read in a file list, in powers of 1000.
func (l *language) size(n int64) string {
	if n < 1000 {
		return l.count(int(n), l.bytes[0], l.bytes[1])
	}
	f, units := float64(n)/1000, l.units
	for f >= 999.5 && len(units) > 1 {
		f, units = f/1000, units[1:]
	}
	if f < 9.95 && len(units) < len(l.units) {
		return strings.Replace(strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0"), ".", l.comma, 1) + " " + units[0]
	}
	return fmt.Sprintf("%.0f %s", f, units[0])
}

func (l *language) stage(s string) string {
	if name, ok := l.stageNames[s]; ok {
		return name
	}
	return strings.ReplaceAll(s, "_", " ")
}

func (l *language) list(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + l.and + items[last]
}

// re is the subject of an answer: one Re:, also where the mail had several, or Aw: or Sv:.
func (l *language) re(subject string) string {
	subject = clean(subject)
	for {
		prefix, rest, ok := strings.Cut(subject, ":")
		if !ok || !slices.Contains([]string{"re", "aw", "sv", "antw", "rif"}, strings.ToLower(prefix)) {
			break
		}
		subject = strings.TrimSpace(rest)
	}
	if subject == "" {
		subject = l.noSubject
	}
	return "Re: " + subject
}

// sentence makes the first letter a capital, but for an address, which stays as it is.
func sentence(s string) string {
	if first, _, _ := strings.Cut(s, " "); safeURL(first) {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// full is s as a sentence: a capital first, and a full stop unless it ends in a mark of its own.
func full(s string) string {
	s = sentence(clean(s))
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// greet leaves the name away when the address stands in for it.
func (l *language) greet(p Person) string {
	if p.Name == "" || strings.Contains(p.Name, "@") {
		return l.hello + l.greeting
	}
	return l.hello + cmp.Or(l.vocative, " ") + p.Name + l.greeting
}

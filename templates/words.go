package templates

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// language is how one locale puts dates, numbers and lists into words.
type language struct {
	tag        string // BCP 47, for HTML
	day, days  string
	and        string
	hello      string
	dateForm   string // for time.Format
	timeForm   string
	noDate     string
	noSubject  string
	answerWith string
	foot       foot
	stageNames map[string]string
}

// foot is what stands below every mail.
type foot struct {
	why      string // before the template's why
	outside  string // how those who have mail only answer
	inside   string // how colleagues do
	answered string // how they do where there are one-tap answers
	stop     string // how to mute a recurring notice
}

// below are the sentences under a mail to that reader: why they got it, how to answer, how to stop that kind.
func (l *language) below(e Entry, b Base, why string) []string {
	var sentences []string
	if why = strings.TrimRight(why, " ."); why != "" {
		sentences = append(sentences, l.foot.why+why+".")
	}
	switch {
	case b.To.Outside:
		sentences = append(sentences, l.foot.outside)
	case e.Asked: // their mail was answered above; strangers have no tool
	case len(b.Answers) > 0:
		sentences = append(sentences, l.foot.answered)
	default:
		sentences = append(sentences, l.foot.inside)
	}
	if e.Recurring {
		sentences = append(sentences, l.foot.stop)
	}
	return sentences
}

var english = &language{
	tag:        "en",
	day:        "day",
	days:       "days",
	and:        " and ",
	hello:      "Hello",
	dateForm:   "Monday, 2 January 2006",
	timeForm:   "Monday, 2 January 2006 at 15:04 (MST)",
	noDate:     "no date",
	noSubject:  "your mail",
	answerWith: "answer with ",
	foot: foot{
		why:      "You get this mail because ",
		outside:  "Just reply to answer.",
		inside:   "Answer in the tool.",
		answered: "Answer as above, or in the tool.",
		stop:     "To get no more reminders of this kind, reply with STOP.",
	},
	stageNames: map[string]string{
		"pitch": "pitch", "draft": "draft", "review": "review", "copy_edit": "copy edit", "design": "design",
		"ready": "final check", "published": "publication", "distributed": "distribution",
	},
}

// words is the language for a locale.
func words(string) *language { return english }

func (l *language) date(t time.Time) string     { return l.format(t, l.dateForm) }
func (l *language) datetime(t time.Time) string { return l.format(t, l.timeForm) }

func (l *language) format(t time.Time, form string) string {
	if t.Unix() == (time.Time{}).Unix() { // IsZero, also in another zone
		return l.noDate
	}
	return t.Format(form)
}

func (l *language) count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// size rounds bytes to what people read in a file list, in powers of 1000.
func (l *language) size(n int64) string {
	if n < 1000 {
		return l.count(int(n), "byte", "bytes")
	}
	f, units := float64(n)/1000, []string{"kB", "MB", "GB", "TB"}
	for f >= 999.5 && len(units) > 1 {
		f, units = f/1000, units[1:]
	}
	if f < 9.95 && units[0] != "kB" {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") + " " + units[0]
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

// sentence makes the first letter a capital.
func sentence(s string) string {
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
		return l.hello + ","
	}
	return l.hello + " " + p.Name + ","
}

package inbox

import (
	"strings"
	"time"
)

// moreTime recognises "Can I have until Friday?" and "I need three more days". Behind the words that ask, only words of a small
// vocabulary may stand, in any order, for there is much else that people ask for: pictures until Friday, a call on Monday.
func moreTime(m *Message) *Intent {
	if !short(m.Text, phraseWords) || handsIn(m) {
		return nil
	}
	cues := timeCues()
	for _, s := range sentences(m.Text, m.Date) {
		if in := s.moreTime(cues[:]); in != nil {
			if m.Date.IsZero() {
				in.Date = "" // days are counted from the mail's
			}
			return in
		}
	}
	return nil
}

// asker is who is asked for what.
type asker int

const (
	oneself    asker = iota // "can I": have, move or hand in
	otherMoves              // "could you": move the deadline
	otherGives              // "can you give me": time
	needs                   // "I need": time
	needsVerb               // "ik heb … nodig": time, and the word that makes it a need
)

// moreTime reads the sentence as a request.
func (s *saying) moreTime(cues []timeCue) *Intent {
	if len(s.tokens) > 60 {
		return nil
	}
	for i := range s.tokens {
		if reported(s.tokens[i].text) || s.is(i, ":") && s.tok(i-1).text != "question" && s.tok(i-1).text != "frage" {
			return nil
		}
		if s.tokens[i].kind != 'w' {
			continue
		}
		for _, cue := range cues {
			end, ok := s.anyOf(i, cue.patterns)
			if !ok || cue.question && !s.question {
				continue
			}
			r := request{saying: s, asker: cue.asker}
			if r.read(end) {
				return &Intent{Command: Extend, Via: viaPhrase, Argument: s.text, Date: r.day(), Days: r.span}
			}
		}
	}
	return nil
}

// request is what stands behind the words that ask.
type request struct {
	*saying
	asker asker

	until, more, time, extension, object, term, vague bool // what was named
	have, move, hand, nodig                           bool // verbs
	named                                             bool // a day, readable or not
	date                                              time.Time
	span                                              int // days
}

// read tells whether all from token i on is a request, up to its end or to where reasons begin.
func (r *request) read(i int) bool {
	for {
		if r.ends(i) && r.enough() && (r.named || !r.namesAhead(i)) {
			return true
		}
		n := r.step(i)
		if n == 0 {
			return false
		}
		i += n
	}
}

// enough tells whether this is a request for time.
func (r *request) enough() bool {
	given := r.until && r.named || r.more && (r.span > 0 || r.vague || r.time) || r.extension
	moved := r.move && (r.named || r.span > 0 || r.more && r.vague)
	handed := r.hand && r.named && (r.until || r.date.After(r.today))
	switch r.asker {
	case oneself:
		return r.have && !r.object && given || moved && (r.object || r.term || r.until || r.span > 0) || handed || r.move && r.term
	case otherMoves:
		return moved && (r.term || r.until)
	case needsVerb:
		return r.nodig && !r.object && !r.hand && given
	default:
		return !r.object && !r.hand && given
	}
}

// namesAhead tells that the word at i leads to a day: "the deadline to Friday".
func (r *request) namesAhead(i int) bool {
	if r.tok(i).kind != 'w' {
		return false
	}
	for j := i + 1; j < i+4 && r.tok(j).kind != 0; j++ {
		if _, n := r.dayAt(j); n > 0 {
			return true
		}
		if !dayArticle(r.tok(j).text) && !articleWord(r.tok(j).text) && !fillerWord(r.tok(j).text) {
			return false
		}
	}
	return false
}

// day is the day that was named, as Intent has it.
func (r *request) day() string {
	if r.date.IsZero() || r.date.Before(r.today) {
		return ""
	}
	return r.date.Format(time.DateOnly)
}

// step takes in what is at token i and tells how many tokens it takes; 0 for what has no place in a request.
func (r *request) step(i int) int {
	t := r.tok(i)
	if t.kind == 0 {
		return 0
	}
	if n := r.readSpan(i); n > 0 {
		return n
	}
	if n := untilWords(r.saying, i); n > 0 && !r.trailing(i+n) {
		r.until = true
		return n + r.afterUntil(i+n)
	}
	if n := r.readNamed(i); n > 0 {
		return n
	}
	w := unelided(t.text)
	switch {
	case t.kind == 'p':
		if strings.Contains(",-'.", t.text) {
			return 1
		}
		return 0
	case moreWord(w):
		r.more = true
	case timeWord(w):
		r.time = true
	case vagueWord(w):
		r.vague = true
	case extensionWord(w):
		r.extension = true
	case termWord(w):
		r.term = true
	case w == "nodig":
		r.nodig = true
	case haveVerb(w):
		r.have = true
	case moveVerb(w):
		r.move = true
	case handVerb(w):
		r.hand = true
	case personWord(w):
		r.object = r.object || r.asker != oneself || !r.hand && !r.move
	case articleWord(w) && r.object1(i), fillerWord(w), dayArticle(w), articleWord(w):
	case objectWord(w):
		r.object = true
	case clockWord(w) || dayPart(w):
		if !r.named {
			return 0
		}
	case t.kind == 'n' && r.named: // "Friday 5 pm"
	default:
		return 0
	}
	return 1
}

// object1 notes an article that is an object of its own: "Can I send this on Monday?"
func (r *request) object1(i int) bool {
	w := r.tok(i).text
	if w == "this" || w == "that" || w == "das" || w == "dit" || w == "det" || w == "het" || w == "questo" {
		if next := unelided(r.tok(i + 1).text); !termWord(next) && !timeWord(next) && weekdayless(r.tok(i+1)) {
			r.object = true
		}
	}
	return true
}

// weekdayless tells a token that is no weekday: "this Friday" is a day.
func weekdayless(t token) bool {
	_, ok := weekdayName(t.text)
	return !ok
}

// trailing tells that nothing follows: "tre dagar till".
func (r *request) trailing(i int) bool { return r.span > 0 && r.ends(i) }

// readNamed takes a day, or what looks like one.
func (r *request) readNamed(i int) int {
	day, n := r.dayAt(i)
	if n > 0 && !r.named {
		r.named, r.date = true, day
	}
	return n
}

// dayAt reads a day, or figures that look like one and give none: "the 35th", "31 February".
func (r *request) dayAt(i int) (day time.Time, n int) {
	if day, n := r.at(i); n > 0 {
		return day, n
	}
	if r.tok(i).kind != 'n' {
		return day, 0
	}
	j := r.skipOrdinal(i + 1)
	suffixed := j > i+1 && r.tok(j-1).kind == 'w'
	for filler(r.tok(j).text) {
		j++
	}
	switch {
	case monthName(r.tok(j).text) != 0:
		return day, j + 1 - i
	case suffixed:
		return day, j - i
	}
	j = i + 1
	for j < i+6 && (r.tok(j).kind == 'n' || r.tok(j).kind == 'p' && strings.Contains("-/.", r.tok(j).text)) && !r.tok(j).gap {
		j++
	}
	if j < i+3 {
		return day, 0
	}
	return day, j - i
}

// afterUntil takes what follows "until" if it is no day that can be read: up to four tokens, to be asked for.
func (r *request) afterUntil(i int) int {
	n := 0
	for n < 3 && (dayArticle(r.tok(i+n).text) || articleWord(r.tok(i+n).text) || fillerWord(r.tok(i+n).text)) && !r.ends(i+n) {
		n++
	}
	for k := 0; k <= n; k++ {
		if _, ahead := r.dayAt(i + k); ahead > 0 {
			return k
		}
	}
	from := n
	for n < from+3 && !r.ends(i+n) && !haveVerb(r.tok(i+n).text) && !moveVerb(r.tok(i+n).text) && !handVerb(r.tok(i+n).text) && r.tok(i+n).text != "nodig" && !moreWord(r.tok(i+n).text) {
		if objectWord(r.tok(i + n).text) {
			return 0
		}
		n++
	}
	if n > from {
		r.named = true
	}
	return n
}

// readSpan takes "three more days", "eine Woche", "another week", "a few days"; the count may also be missing behind "more".
func (r *request) readSpan(i int) int {
	count, vague, more := 0, false, false
	for j := i; j < i+6; j++ {
		t := r.tok(j)
		w := unelided(t.text)
		switch days, months := spanUnit(w); {
		case days+months > 0 && (count > 0 || vague || more) && !(foreignNumber(r.tok(j-1).text) && englishUnit(w)):
			if vague && count < 2 {
				count = 0
				r.vague = true
			} else {
				count = max(count, 1)
			}
			if count <= 400 && r.span == 0 {
				r.span = count * (days + 30*months)
			}
			r.more = r.more || more
			return j + 1 - i
		case t.kind == 'n' && t.digits <= 3 && count == 0:
			count = t.n
		case t.kind == 'w' && vagueWord(w):
			vague = true
		case t.kind == 'w' && moreWord(w):
			more = true
		case t.kind == 'w' && numberWord(w) > 0 && (count == 0 || count == 1):
			count = numberWord(w)
		case t.kind == 'w' && j > i && (w == "of" || w == "full" || w == "ganze" || w == "de"):
		default:
			return 0
		}
	}
	return 0
}

// foreignNumber is a number of another language that is an English word.
func foreignNumber(w string) bool { return w == "to" || w == "on" || w == "sex" || w == "due" }

func englishUnit(w string) bool {
	switch w {
	case "day", "days", "week", "weeks", "month", "months":
		return true
	}
	return false
}

func spanUnit(w string) (days, months int) {
	switch w {
	case "fortnight":
		return 14, 0
	case "dygn", "døgn", "etmaal":
		return 1, 0
	case "den", "mes": // an article, and a French pronoun
		return 0, 0
	}
	return unit(w)
}

// unelided drops what French and Italian join to a word.
func unelided(w string) string {
	for _, p := range []string{"d'", "l'", "qu'", "un'", "m'", "dell'", "all'"} {
		if rest, ok := strings.CutPrefix(w, p); ok && rest != "" {
			return rest
		}
	}
	return w
}

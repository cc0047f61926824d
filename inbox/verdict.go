package inbox

import (
	"strings"
	"time"
	"unicode"
)

// Verdict reads the answer to a proposal, which no command or word alone decides on: "Sounds great, please go ahead.", "Not for us,
// sorry.", "Please narrow it to one coast." An approval begins with one, behind nothing but greetings and praise, and the text
// asks nothing, waits for nothing and knows no if; what is in doubt gives nil, for a person to read. The Argument is all that
// was written, but for the day until which an approval wants the draft.
func Verdict(m *Message) *Intent {
	if m.Kind != Human || m.Echo || !isAnswer(m) || handsIn(m) || !short(m.Text, phraseWords) {
		return nil
	}
	phrases := verdicts()
	said := map[stance]int{}
	first, begun := idle, false
	for _, s := range sentences(m.Text, m.Date) {
		v := s.stance(phrases)
		said[v]++
		if !begun && v != idle {
			first, begun = v, true
		}
		if s.question && v != change {
			return nil
		}
	}
	in := &Intent{Via: viaPhrase, Argument: strings.TrimSpace(m.Text)}
	all := saying{text: m.Text, dayReader: *newDayReader(m.Text, m.Date)}
	doubt := all.doubts(phrases, m.Date) || strings.ContainsAny(m.Text, "\"“”„«»")
	switch {
	case first == goes && !doubt && said[refuses] == 0,
		first == yes && !doubt && said[refuses]+said[change]+said[other]+said[goes] == 0:
		in.Command = Accept
		in.Argument, in.Date, in.Dated = CutUntil(in.Argument, m.Date)
	case first == refuses && !doubt && said[goes]+said[yes]+said[change] == 0:
		in.Command = Decline
	case said[change] > 0 && said[goes]+said[yes]+said[refuses] == 0:
		in.Command = Revise
	default:
		return nil
	}
	return in
}

// stance is what a sentence says to a proposal.
type stance int

const (
	other   stance = iota
	idle           // greetings, thanks, praise, a name
	limits         // "keep it under 800 words"
	yes            // and no more than praise
	goes           // "go ahead"
	refuses        // "not for us"
	change         // "please narrow it"
)

func (s *saying) stance(phrases verdictPhrases) stance {
	said := idle
	words, names := 0, 0
	for i := 0; s.tok(i).kind != 0; {
		t := s.tok(i)
		if t.kind == 'w' {
			words++
		}
		switch end, ok := s.anyOf(i, phrases.goes); {
		case ok && said != refuses && s.calm(end):
			return goes
		case ok:
			return other
		}
		if end, ok := s.anyOf(i, phrases.refuses); ok && said != yes && s.calm(end) {
			return refuses
		}
		if _, ok := s.anyOf(i, phrases.had); ok && said == refuses {
			return refuses
		}
		if _, ok := s.anyOf(i, phrases.change); ok && said == idle && words <= 12 {
			return change
		}
		if _, ok := s.anyOf(i, phrases.limits); ok && said == idle {
			return limits
		}
		if end, ok := s.anyOf(i, phrases.praise); ok {
			i = end
			continue
		}
		switch c := everydayCommand(t.text); {
		case c == Accept && said == idle:
			said = yes
		case c == Decline && said == idle:
			said = refuses
		case c != "":
			return other
		}
		if !s.opens(i) {
			if t.kind != 'w' || !unicode.IsUpper(firstRune(s.text[t.start:])) || names > 1 {
				return other
			}
			if names++; words > names { // a name stands alone
				return other
			}
		}
		i++
	}
	if said == refuses { // a no alone is a command's to read
		return other
	}
	return said
}

// calm tells that nothing of weight follows at token i, up to the end of the clause or a day.
func (s *saying) calm(i int) bool {
	for k := range 8 {
		t := s.tok(i + k)
		switch {
		case t.kind == 0 || t.kind == 'p' && !strings.Contains("-/%&'+", t.text), s.dayAhead(i + k), reasonWord(t.text) && !additive(t.text):
			return true
		case !courtesy(t.text) && !takingFiller(t.text):
			return false
		}
	}
	return false
}

// additive goes on with something more to do: "go ahead and send me an outline".
func additive(w string) bool {
	switch w {
	case "and", "so", "as", "for", "und", "et", "y", "e", "en":
		return true
	}
	return false
}

// doubts tells a text with an if, a not or a wait. A "but" that only limits is none: "but keep it short".
func (s *saying) doubts(phrases verdictPhrases, now time.Time) bool {
	for i := 0; i < len(s.tokens); i++ {
		t := s.tokens[i]
		if end, ok := s.anyOf(i+1, phrases.limits); ok && conditionWord(t.text) {
			i = end - 1
			continue
		}
		end, said := s.anyOf(i, phrases.refuses)
		if !said {
			end, said = s.anyOf(i, phrases.limits)
		}
		switch {
		case said:
			i = end - 1
		case untilNamed(s.text[t.start:], now):
		case t.kind == 'w' && (conditionWord(t.text) || waitWord(t.text) || denies(t.text)):
			return true
		}
	}
	return false
}

// waitWord puts off what is said, or names something that is to come before.
func waitWord(w string) bool {
	switch w {
	case "yet", "wait", "first", "before", "hold", "later", "once", "instead", "until", "when", "after", "still", "another", "other", "different", "don't", "didn't", "doesn't", "isn't",
		"noch", "warten", "warte", "zuerst", "erst", "bevor", "vorher", "sobald", "stattdessen", "später", "kein", "keine", "anderes", "andere",
		"encore", "attendre", "attendez", "attends", "d'abord", "avant", "dès", "quand", "plutôt", "autre",
		"espere", "espera", "esperar", "primero", "antes", "cuando", "otro", "otra", "todavía", "aún",
		"aguarde", "primeiro", "quando", "outro", "outra", "ainda",
		"aspetta", "aspetti", "prima", "ancora", "altro", "non", "wacht", "eerst", "voordat", "nog", "geen":
		return true
	}
	return false
}

// Remarks tells whether words say more than thanks, greetings and a name.
func Remarks(words string) bool { return reasonBehind("", words) != "" }

// CutUntil takes out of words until when something is to be there: what they begin with, or a clause that ends a sentence. day
// is "2026-03-20", "" for one that is over or that cannot be read.
func CutUntil(words string, now time.Time) (rest, day string, named bool) {
	if now.IsZero() {
		return words, "", false
	}
	if day, rest, ok := untilDay(words, now); ok {
		return argumentOf(rest), day, true
	}
	for _, s := range sentences(words, now) {
		for _, t := range s.tokens {
			day, behind, ok := untilDay(s.text[t.start:], now)
			if t.kind != 'w' || !ok || !onlyThanks(behind) {
				continue
			}
			before := strings.TrimRight(s.text[:t.start], " ,;:–—(")
			if before != "" {
				before += strings.TrimLeft(behind, " ,;:–—)")
			}
			return strings.TrimSpace(strings.Replace(words, s.text, before, 1)), day, true
		}
	}
	return words, "", false
}

func untilNamed(words string, now time.Time) bool {
	_, _, ok := untilDay(words, now)
	return ok
}

package inbox

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// returnDay is the day that an automatic reply names as the last of an absence, or as the first after it, whichever it names
// first; zero if it names none. Days are seen from when the reply was sent.
func returnDay(subject, text string, sent time.Time) time.Time {
	text = subject + "\n\n" + text
	low := strings.ToLower(text[:min(len(text), maxDayWords)])
	now := sent
	if now.IsZero() {
		now = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // only whole dates will do
	}
	plausible := func(day time.Time) bool {
		if sent.IsZero() {
			return day.Year() > 2001
		}
		y, m, d := sent.Date()
		return !day.Before(date(y, m, d)) && day.Before(date(y+2, m, d))
	}
	r := newDayReader(low, now)
	r.nearest = true
	spans := slices.DeleteFunc(r.days(), func(s daySpan) bool { return ofHours(low, s) })
	for _, c := range cueEnds(low) {
		at, reach := c.end, 40
		if c.close {
			reach = 6
		}
		for i, s := range spans {
			if s.start < at || s.start > at+reach {
				continue
			}
			if strings.Contains(low[at:s.start], "\n\n") {
				break
			}
			if i+1 < len(spans) && isRange(low[s.end:spans[i+1].start]) {
				s = spans[i+1]
			}
			if plausible(s.day) && r.near(s) {
				return s.day
			}
			break
		}
	}
	for i, s := range spans {
		if endsCue(low[s.end:min(len(low), s.end+40)]) && plausible(s.day) && r.near(s) {
			return s.day
		}
		if i > 0 && isRange(low[spans[i-1].end:s.start]) && plausible(s.day) && r.near(s) {
			return s.day
		}
	}
	return time.Time{}
}

// daySpan is a day and where the text names it.
type daySpan struct {
	day        time.Time
	start, end int
	year       bool // the text names its year, or it is relative to the day of the mail
}

// maxDays bounds the days taken from one text.
const maxDays = 60

// days finds all days that the text names.
func (d *dayReader) days() []daySpan {
	var out []daySpan
	for i := 0; i < len(d.tokens) && len(out) < maxDays; {
		day, n := d.at(i)
		if n == 0 {
			i++
			continue
		}
		s := daySpan{day: day, start: d.tokens[i].start, end: d.tokens[i+n-1].end}
		for _, t := range d.tokens[i : i+n] {
			s.year = s.year || t.digits == 4 || t.digits == 2 && t.n == day.Year()%100 && n >= 5
		}
		out = append(out, s)
		i += n
	}
	return out
}

// near tells that a day is not one that has just gone by and was moved to the next year for want of one.
func (d *dayReader) near(s daySpan) bool { return s.year || s.day.Before(d.today.AddDate(0, 0, 300)) }

// isRange tells what stands between the first and the last day of a time.
func isRange(between string) bool {
	between = strings.Trim(between, " ,.\n\u00a0")
	switch between {
	case "-", "–", "—", "~", "〜", "～", "to", "till", "until", "through", "thru", "bis", "bis zum", "bis einschließlich", "au", "al", "a", "à", "ao", "até", "tot", "tot en met", "t/m", "til", "til og med", "till och med", "do", "до", "по", "και", "から", "부터", "至", "到":
		return true
	}
	return false
}

// returnCues stand before the day of a return, lower case.
var returnCues = []string{
	"until", "till", "through", "thru", "back", "back on", "back in the office", "back in office", "be back", "am back", "i'm back", "return on", "returning", "return to the office", "i return", "will return", "return date", "available again", "reachable again", "resume",
	"bis", "zurück", "rückkehr am", "wieder am", "wieder ab", "wieder da", "wieder im büro", "wieder erreichbar", "wieder persönlich", "ab dem", "ab",
	"jusqu'au", "jusqu’au", "jusqu'à", "jusqu’à", "de retour", "retour le", "mon retour", "reviendrai", "reviens", "à partir du", "hasta", "regreso", "regresaré", "vuelvo", "volveré", "vuelta", "a partir del", "reincorporo", "reincorporaré",
	"fino al", "fino a", "sino al", "di nuovo in ufficio", "nuovamente in ufficio", "di nuovo in sede", "di nuovo disponibile", "rientro", "rientrerò", "torno", "tornerò", "ritorno", "a partire dal", "até", "volto", "regresso", "retorno", "retornarei", "regressarei", "voltarei", "volta", "a partir de",
	"tot", "t/m", "terug", "weer aanwezig", "weer bereikbaar", "vanaf", "till och med", "t.o.m.", "t o m", "tillbaka", "åter", "til og med", "t.o.m", "indtil", "frem til", "til", "tilbage", "tilbake",
	"takaisin", "palaan", "do", "wracam", "wrócę", "powrót", "powrotu", "zpět", "vrátím", "vracím", "vracím se", "vraciam", "vrátim", "späť", "od", "vissza", "visszatérek", "до", "по", "вернусь", "выйду", "буду", "с", "повернусь", "повернуся", "μέχρι", "έως", "ως", "επιστρέφω", "επιστρέψω", "până la", "pana la", "până", "revin", "întorc", "връщам", "vraćam", "nazaj", "iki", "līdz", "kuni", "tagasi", "fins al", "fins el", "حتى", "עד", "تا", "จนถึง", "ถึง", "đến", "trở lại", "hingga", "sampai", "kembali",
	"至", "到", "直到", "复工", "返回",
}

// closeCue tells a cue that leads on to other things, too ("get back to you"): only a day right behind it is one of return.
func closeCue(cue string) bool { return cue == "back" }

// cueEnd is where a cue ends, and whether the day must stand close to it.
type cueEnd struct {
	end   int
	close bool
}

// cueEnds lists, in order, where the cues in a text end. A cue is a word of its own, but in scripts that part no words.
func cueEnds(low string) []cueEnd {
	var out []cueEnd
	for _, cue := range returnCues {
		for at, n := 0, 0; n < 20; n++ {
			i := strings.Index(low[at:], cue)
			if i < 0 {
				break
			}
			start := at + i
			at = start + len(cue)
			before, _ := utf8.DecodeLastRuneInString(low[:start])
			after, _ := utf8.DecodeRuneInString(low[at:])
			if first, _ := utf8.DecodeRuneInString(cue); ideograph(first) || unicode.Is(unicode.Thai, first) || !unicode.IsLetter(before) && !unicode.IsLetter(after) {
				out = append(out, cueEnd{at, closeCue(cue)})
			}
		}
	}
	slices.SortFunc(out, func(a, b cueEnd) int { return cmp.Compare(a.end, b.end) })
	return out
}

// ofHours tells a day that stands in a sentence about when somebody is there every week, or about a deadline.
func ofHours(low string, s daySpan) bool {
	sentence := low[sentenceStart(low, s.start):sentenceEnd(low, s.end)]
	return containsAny(sentence, hoursWords) && !containsAny(sentence, absencePhrases)
}

var hoursWords = []string{"hours:", "hours are", "office hours", "opening hours", "business hours", "staffed", "deadline", "is open from", "is open on", "are open", "submissions", "öffnungszeiten", "bürozeiten", "sprechzeiten", "geschäftszeiten", "servicezeiten", "geöffnet", "besetzt", "einsendeschluss", "abgabefrist", "abgabetermin", "horaires", "ouvert du", "ouverts du", "date limite", "horario", "plazo", "orario", "orari", "aperto dal", "aperti dal", "scadenza", "prazo", "openingstijden", "geopend", "öppettider", "åbningstider", "åpningstider", "aukiolo", "godziny otwarcia", "úřední hodiny", "часы работы", "営業時間", "締切"}

// sentenceStart is where the sentence that a place lies in begins, no more than 300 bytes before it.
func sentenceStart(low string, at int) int {
	start := max(0, at-300)
	if i := strings.LastIndex(low[start:at], "\n\n"); i >= 0 {
		start += i + 2
	}
	for end := sentenceEnd(low, start); end <= at; end = sentenceEnd(low, end) {
		if start = end; end >= len(low) {
			break
		}
	}
	return start
}

// endsCue tells what stands behind the day of a return where languages put it there.
func endsCue(rest string) bool {
	if suffix, verb, _ := strings.Cut(strings.TrimPrefix(rest, "-"), " "); strings.HasPrefix(rest, "-") && len(suffix) < 8 { // "30-án jövök vissza"
		for _, w := range []string{"jövök", "térek", "visszatér", "vissza"} {
			if strings.HasPrefix(verb, w) {
				return true
			}
		}
	}
	rest = strings.TrimLeft(rest, " ()（）.。'’日月火水木金土월화수목금토曜요일")
	for _, cue := range []string{"まで", "に戻", "から出社", "より出社", "に復帰", "까지", "에 복귀", "부터 출근", "回来", "回來", "返回", "返回公司", "恢复", "恢復", "上班", "之前", "asti", "saakka", "-ig", "ig ", "án visszatér", "kadar", "e kadar", "a kadar", "ye kadar", "ya kadar", "tarihine kadar", "itibaren", "tarihinde dön", "de dön", "da dön", "dönece", "dönüyor", "işe dön", "ofise dön", "ofiste ol", "wieder im büro", "wieder da", "wieder im haus", "wieder erreichbar", "wieder zurück", "wieder für sie", "zurück", "weer aanwezig", "weer bereikbaar", "weer op kantoor", "weer terug", "weer beschikbaar", "terug", "tillbaka", "tilbage", "tilbake", "åter på", "de retour", "di nuovo in ufficio", "zpět"} {
		if strings.HasPrefix(rest, cue) {
			return true
		}
	}
	return false
}

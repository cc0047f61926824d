package inbox

import (
	"strings"
	"time"
	"unicode"
)

// takingIntent recognises "I'll take it" and "leider kann ich das nicht übernehmen" in an answer. An acceptance with an if, a but
// or a question is left to a person, and so is a text that says both.
func takingIntent(m *Message) *Intent {
	if !isAnswer(m) || handsIn(m) || !short(m.Text, phraseWords) {
		return nil
	}
	phrases := takings()
	var found *Intent
	for _, s := range sentences(m.Text, m.Date) {
		if len(s.tokens) > 60 {
			continue
		}
		c, end := s.taking(phrases[:])
		switch {
		case c == "":
			continue
		case found != nil && found.Command != c, c == Accept && (asks(m.Text) || conditional(m.Text) || denies(m.Text)):
			return nil
		case found != nil:
			continue
		}
		found = &Intent{Command: c, Via: viaPhrase}
		if c == Decline {
			found.Argument = reasonBehind(s.text[end:], m.Text[s.end:])
		}
	}
	return found
}

// denies tells a text that takes back what it says.
func denies(text string) bool {
	for w := range lowerWords(text) {
		switch w {
		case "not", "can't", "cannot", "won't", "nicht", "pas", "niet", "inte", "ikke", "não", "unfortunately", "leider", "malheureusement", "lamentablemente", "infelizmente":
			return true
		}
	}
	return false
}

// taking reads the sentence; end is where the phrase does in its text.
func (s *saying) taking(phrases []takingPhrases) (c Command, end int) {
	if s.question {
		return "", 0
	}
	for i := range s.tokens {
		for _, said := range phrases {
			j, ok := s.anyOf(i, said.patterns)
			if !ok {
				continue
			}
			if j, ok = s.settled(j, said.command); ok {
				return said.command, s.tokens[j-1].end
			}
		}
		if !s.opens(i) {
			break
		}
	}
	return "", 0
}

// opens tells that token i may stand before the phrase: a greeting, thanks, yes, alas, or a name next to a comma.
func (s *saying) opens(i int) bool {
	t := s.tok(i)
	switch {
	case t.kind == 'p':
		return strings.Contains(",-–—.!:", t.text)
	case t.kind != 'w':
		return false
	}
	name := unicode.IsUpper(firstRune(s.text[t.start:])) && (s.is(i+1, ",") || i > 0 && greeting(s.tok(i-1).text)) && conditionless(t.text)
	return courtesy(t.text) || everydayCommand(t.text) != "" || openingWord(t.text) || greeting(t.text) || name
}

func conditionless(w string) bool { return !conditionWord(w) && !denialWord(w) }

// settled tells that what follows the phrase, from token i on, leaves it as it is, and where that ends.
func (s *saying) settled(i int, c Command) (end int, ok bool) {
	for k := range 8 {
		t := s.tok(i + k)
		switch {
		case t.kind == 0 || t.kind == 'p' && !strings.Contains("-/%&'+", t.text):
			return i + k, true
		case c == Decline && reasonWord(t.text):
			return i + k, true
		case c == Accept && (joinWord(t.text) && !conditionWord(t.text) && !purpose(t.text) || s.dayAhead(i+k)):
			return i + k, true
		case courtesy(t.text), takingFiller(t.text):
		default:
			return i, false
		}
	}
	return i, false
}

// purpose goes on to what is taken, and so to something else: "I'll take it to the printer".
func purpose(w string) bool {
	return w == "to" || w == "for" || w == "as" || w == "para" || w == "pour" || w == "um"
}

// dayAhead tells that a day is named at i, perhaps behind a "by" or "until".
func (s *saying) dayAhead(i int) bool {
	for j := i; j < i+4 && s.tok(j).kind != 0; j++ {
		if _, n := s.at(j); n > 0 {
			return s.ends(j + n)
		}
		if w := s.tok(j).text; !fillerWord(w) && !dayArticle(w) && untilWords(s, j) == 0 && !articleWord(w) {
			return false
		}
	}
	return false
}

// reasonBehind is what is said behind a phrase, in its sentence and in the rest of the text, "" if that is only courtesy.
func reasonBehind(sentence, text string) string {
	var kept []string
	for _, part := range append([]string{sentence}, strings.Split(text, "\n")...) {
		part = strings.Trim(part, " \t\n,;:–—-!")
		words, said := 0, false
		d := newDayReader(part, time.Unix(0, 0))
		for _, t := range d.tokens {
			if t.kind == 'p' {
				continue
			}
			words++
			said = said || !courtesy(t.text)
		}
		if strings.Trim(part, ".… ") == "" || !said || words <= 2 && unicode.IsUpper(firstRune(part)) && !strings.HasSuffix(part, ".") {
			continue // a name, below
		}
		kept = append(kept, strings.TrimLeft(part, ". "))
	}
	return strings.Join(kept, " ")
}

// takingPhrases are the ways to say a command, in the form of saying.match.
type takingPhrases struct {
	command  Command
	patterns []string
}

func takings() [2]takingPhrases {
	return [...]takingPhrases{
		{Accept, []string{
			"i'll|we'll gladly|happily? take|do|write|cover @", "i|we will gladly|happily? take|do|write|cover @", "i'd|we'd be? happy|glad|delighted|love to? take|do|write|cover|accept @", "i|we would be? happy|glad|delighted|love to? take|do|write|cover|accept @",
			"i'm|we're? happy|glad|delighted to take|do|write|cover|accept @ on?", "i|we am|are happy|glad|delighted to take|do|write|cover|accept @ on?", "happy|glad|delighted to take|do|write|cover|accept @ on?", "i'll|we'll take @ on", "i will take @ on", "i|we can do|take|write|cover @",
			"i|we gladly|happily? accept @?", "i'm happy|glad to accept", "count me in", "i'm in", "i am in", "i'm on board", "will do it|this", "with pleasure",
			"ich|wir übernehme|übernehmen|mache|machen|schreibe|schreiben gern|gerne? @ gern|gerne?", "ich nehme @? gern|gerne? an", "@ übernehme|mache|schreibe ich gern|gerne?", "gern|gerne übernehme|mache|schreibe ich @", "ich bin dabei", "bin dabei", "ich kann @ gern|gerne? übernehmen|machen|schreiben", "ich sage gern|gerne? zu", "mache|übernehme ich gern|gerne", "ich werde @ gern|gerne? übernehmen|schreiben",
			"je|j'accepte accepte? volontiers|avec? plaisir? @?", "j'accepte volontiers? @", "je prends @", "je le|la prends|ferai|fais volontiers?", "je m'en charge|occupe volontiers?", "je veux bien le|la|m'en|@? prendre|faire|écrire|charger|occuper @?", "avec plaisir", "je suis partant|partante", "je peux le|la|m'en prendre|faire|charger|occuper", "comptez|compte sur moi",
			"lo acepto|hago|escribo|tomo", "acepto el|la encargo|tarea|artículo|trabajo", "yo lo|la hago|escribo", "me encargo yo?", "yo me encargo", "cuenta|contad|cuenten conmigo", "con mucho? gusto lo|la? hago|acepto|escribo", "con mucho? gusto", "puedo hacerlo|escribirlo|encargarme", "encantado|encantada de hacerlo|escribirlo|aceptarlo", "me apunto",
			"eu? aceito o|a? encargo|tarefa|artigo|trabalho?", "eu? faço|escrevo @? com? prazer?", "eu assumo", "fico com @|ele|ela", "pode|podem contar comigo", "conte|contem comigo", "com muito? prazer", "posso fazer|escrever|assumir @", "terei prazer|gosto em fazer|escrever|aceitar @?", "eu trato disso",
		}},
		{Decline, []string{
			"i|we can't|cannot take|do|write|cover|accept|lead @ on?", "i|we can't|cannot take care of @", "i|we can not take|do|write|cover|accept @ on?", "i'm|we're afraid i|we can't|cannot take|do|write|cover|accept @ on?", "i|we won't be able to take|do|write|cover|accept @ on?", "i'm|we're not able to take|do|write|cover|accept @ on?", "i'm|we're unable to take|do|write|cover|accept @ on?", "i am not? able|unable to take|do|write|cover|accept @ on?", "i|we will not be able to take|do|write|cover|accept @ on?",
			"i|we have to decline", "i|we must decline", "i'll|we'll have to decline|pass", "i will have to decline|pass", "i'd have to decline|pass", "i'm going to have? to? decline|pass", "i need to decline", "i have to say no", "i have to pass on @", "i'll pass on @", "i'd rather not take|do|write|cover @ on?", "i|we don't have the? time for @", "i have no time for @", "i have to turn @ down", "can't|cannot do|take @ on?", "count me out",
			"leider? kann|können ich|wir leider? @? leider? nicht übernehmen|machen|schreiben|annehmen|zusagen|schaffen", "ich|wir kann|können leider? @ leider? nicht übernehmen|machen|schreiben|annehmen|schaffen", "@ kann ich leider? nicht übernehmen|machen|schreiben|annehmen|schaffen", "ich kann leider? nicht zusagen|übernehmen", "ich muss leider? absagen|ablehnen", "muss ich leider? @? absagen|ablehnen", "@ schaffe ich leider? nicht", "ich schaffe @ leider? nicht", "ich habe leider? keine zeit dafür", "dafür habe ich leider? keine zeit", "ich lehne leider? ab", "ich sage leider? ab",
			"je ne peux|pourrai malheureusement? pas malheureusement? le|la|l'accepter|m'en? accepter|prendre|faire|écrire|charger|occuper? @?", "je ne peux|pourrai malheureusement? pas m'occuper de|du @", "je ne peux|pourrai malheureusement? pas me charger de|du @", "je ne vais malheureusement? pas pouvoir le|la|l'accepter|m'en? accepter|prendre|faire|écrire|charger|occuper? @?", "je dois malheureusement? refuser|décliner @?", "je suis obligé|obligée de refuser|décliner", "je préfère refuser|décliner", "je suis contraint|contrainte de refuser|décliner", "je n'ai pas le temps pour @", "je passe mon tour",
			"no puedo hacerlo|aceptarlo|escribirlo|asumirlo|encargarme", "no puedo|podré encargarme|ocuparme de|del @", "no voy a poder encargarme|ocuparme de|del @", "no me puedo encargar|ocupar de|del @", "no puedo aceptar|hacer|escribir|asumir @", "no voy a poder hacerlo|aceptarlo|escribirlo|encargarme", "no podré hacerlo|aceptarlo|escribirlo|encargarme", "tengo que rechazar|declinar|rechazarlo|declinarlo @?", "debo rechazar|declinar|rechazarlo|declinarlo @?", "no tengo tiempo para @", "prefiero rechazarlo|declinar|no hacerlo?",
			"não posso aceitar|fazer|assumir|escrever @?", "não posso|poderei|consigo encarregar|ocupar me de|do|da @", "não me posso encarregar|ocupar de|do|da @", "não posso|poderei|consigo tratar de|do|da @", "não vou poder|conseguir aceitar|fazer|assumir|escrever @?", "não vou conseguir", "não poderei|consigo aceitar|fazer|assumir|escrever @?", "tenho de|que recusar|declinar @?", "vou ter de|que recusar|declinar @?", "preciso recusar|declinar @?", "não tenho tempo para @", "prefiro recusar|declinar",
		}},
	}
}

// greeting stands before a name.
func greeting(w string) bool {
	switch w {
	case "hi", "hello", "hey", "dear", "hallo", "liebe", "lieber", "hej", "bonjour", "salut", "cher", "chère", "hola", "querido", "querida", "olá", "oi", "ciao", "caro", "cara", "thanks", "danke", "merci", "gracias", "obrigado", "obrigada", "sorry":
		return true
	}
	return false
}

// openingWord may stand before the phrase.
func openingWord(w string) bool {
	switch w {
	case "great", "good", "perfect", "wonderful", "lovely", "absolutely", "of", "course", "definitely", "well", "oh", "unfortunately", "sadly", "regretfully", "i'm", "afraid", "am", "but", "and", "asking", "for", "the", "offer", "that", "this", "time",
		"klar", "super", "prima", "toll", "natürlich", "na", "leider", "tut", "mir", "leid", "für", "die", "das", "anfrage", "angebot", "aber",
		"bien", "sûr", "volontiers", "malheureusement", "hélas", "parfait", "pour", "la", "proposition", "mais",
		"claro", "perfecto", "perfeito", "estupendo", "lamentablemente", "desgraciadamente", "infelizmente", "mucho", "pero", "mas", "eu", "yo", "con", "com", "gosto":
		return true
	}
	return false
}

// takingFiller may stand behind the phrase.
func takingFiller(w string) bool {
	switch w {
	case "gladly", "happily", "with", "pleasure", "too", "then", "now", "right", "away", "myself", "on", "one", "at", "the", "moment", "this", "time", "all", "course", "i'm", "afraid", "unfortunately", "month", "week", "currently", "just",
		"sofort", "mit", "freude", "dann", "leider", "zurzeit", "derzeit", "momentan", "diesmal", "im", "ich", "avec", "plaisir", "volontiers", "malheureusement", "cette", "fois", "ci", "en", "ce",
		"con", "gusto", "mucho", "encantado", "encantada", "esta", "vez", "este", "mes", "ahora", "com", "prazer", "gosto", "desta", "agora", "neste", "momento", "yo", "eu":
		return true
	}
	return false
}

// reasonWord begins a reason.
func reasonWord(w string) bool {
	switch w {
	case "because", "since", "as", "due", "for", "so", "weil", "da", "denn", "wegen", "parce", "car", "puisque", "porque", "pues", "ya", "pois", "já", "and", "und", "et", "y", "e":
		return true
	}
	return false
}

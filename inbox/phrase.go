package inbox

import (
	"strings"
	"time"
	"unicode"
)

// saying is a sentence of a text, with its words.
type saying struct {
	text     string
	end      int // in the text it was cut from
	question bool
	dayReader
}

// sentences cuts a text; a short line ends one, too. Those with quotation marks are left out: they may say what somebody else said.
func sentences(text string, now time.Time) []saying {
	var out []saying
	start := 0
	cut := func(end int) {
		s := text[start:end]
		start = end
		if trimmed := strings.TrimSpace(s); trimmed != "" && trimmed[0] != '>' && !strings.ContainsAny(s, "\"“”„«»") {
			d := newDayReader(trimmed, now)
			d.nearest = true
			out = append(out, saying{text: trimmed, end: end, question: strings.ContainsAny(s, "?？"), dayReader: *d})
		}
	}
	line := 0
	for i, c := range text {
		switch {
		case c == '\n':
			if i-line < 45 || strings.HasPrefix(text[i+1:], "\n") {
				cut(i + 1)
			}
			line = i + 1
		case c == '?' || c == '!' || c == '…':
			cut(i + len(string(c)))
		case c == '.':
			before, after := lastRune(text[start:i]), firstRune(text[i+1:])
			if unicode.IsSpace(after) && !unicode.IsDigit(before) {
				cut(i + 1)
			}
		}
	}
	cut(len(text))
	return out
}

func lastRune(s string) (last rune) {
	for _, c := range s[max(0, len(s)-4):] {
		last = c
	}
	return last
}

// match reads a pattern at token i and tells where it ends. A pattern is words; "a|b" is either, "a?" may be missing, "@" is the
// piece or the task that is spoken of. Hyphens between words are passed over.
func (s *saying) match(i int, pattern string) (end int, ok bool) {
	if pattern == "" {
		return i, true
	}
	part, rest, _ := strings.Cut(pattern, " ")
	if part, optional := strings.CutSuffix(part, "?"); optional {
		if end, ok := s.match(i, strings.TrimSpace(part+" "+rest)); ok {
			return end, true
		}
		return s.match(i, rest)
	}
	if s.is(i, "-") {
		i++
	}
	if part == "@" {
		for n := s.object(i); n > 0; n-- {
			if end, ok := s.match(i+n, rest); ok {
				return end, true
			}
		}
		return i, false
	}
	t := s.tok(i)
	if t.kind != 'w' && t.kind != 'c' {
		return i, false
	}
	for word := range strings.SplitSeq(part, "|") {
		if word == t.text {
			return s.match(i+1, rest)
		}
	}
	return i, false
}

// anyOf reads the longest of the patterns at token i.
func (s *saying) anyOf(i int, patterns []string) (end int, ok bool) {
	for _, p := range patterns {
		if e, matches := s.match(i, p); matches && (!ok || e > end) {
			end, ok = e, true
		}
	}
	return end, ok
}

// object counts the tokens at i that name the piece or the task: "it", "this one", "the article".
func (s *saying) object(i int) int {
	n := 0
	for n < 4 && (objectWord(s.tok(i+n).text) || n < 3 && articleWord(s.tok(i+n).text)) {
		n++
	}
	for n > 0 && !objectWord(s.tok(i+n-1).text) {
		n--
	}
	return n
}

// ends tells that nothing of weight is at token i: the end, punctuation, or a word that goes on to reasons.
func (s *saying) ends(i int) bool {
	t := s.tok(i)
	return t.kind == 0 || t.kind == 'p' && !strings.Contains("-/%&'+", t.text) || joinWord(t.text)
}

// handsIn tells a mail with a draft attached: what it says is said about that.
func handsIn(m *Message) bool {
	for _, a := range m.Attachments {
		if !a.Inline && (documentType(a) || typeByName(a) == "application/zip") {
			return true
		}
	}
	return false
}

// documentType tells what can be a text: word processors' files, PDFs, plain text.
func documentType(a Attachment) bool {
	t := typeByName(a)
	switch t {
	case "application/pdf", "application/msword", "application/rtf", "text/rtf", "text/plain", "text/markdown", "text/x-markdown", "text/html", "application/vnd.apple.pages", "application/x-iwork-pages-sffpages", "application/vnd.google-apps.document":
		return true
	}
	return strings.HasPrefix(t, "application/vnd.openxmlformats-officedocument.wordprocessingml") || strings.HasPrefix(t, "application/vnd.oasis.opendocument.text") || strings.HasPrefix(t, "application/vnd.ms-word")
}

// short tells a text of at most n words of usual length.
func short(text string, n int) bool {
	if len(text) > n*40 {
		return false
	}
	for range strings.FieldsSeq(text) {
		if n--; n < 0 {
			return false
		}
	}
	return true
}

// articleWord stands before the name of the piece.
func articleWord(w string) bool {
	switch w {
	case "the", "this", "that", "my", "our", "der", "die", "das", "den", "dem", "diesen", "diese", "dieses", "meinen", "meine", "mein", "unseren", "le", "la", "les", "l'", "ce", "cet", "cette", "mon", "ma", "el", "los", "este", "esta", "mi", "o", "a", "os", "as", "meu", "minha", "il", "lo", "gli", "questo", "questa", "mio", "mia",
		"de", "het", "dit", "deze", "mijn", "det", "denna", "detta", "min", "mitt", "denne", "dette", "mit":
		return true
	}
	return false
}

// objectWord is the piece, the task, or a word for it.
func objectWord(w string) bool {
	switch strings.TrimPrefix(w, "l'") {
	case "it", "this", "that", "one", "draft", "piece", "article", "text", "story", "copy", "manuscript", "chapter", "essay", "review", "version", "revision", "translation", "column", "submission", "assignment", "task", "job", "lead", "distribution", "promotion",
		"verteilung", "verbreitung", "veröffentlichung", "distribuzione", "diffusione", "verspreiding", "distributie",
		"diffusion", "difusión", "distribución", "promoción", "publicación", "difusão", "distribuição", "divulgação", "publicação",
		"es", "das", "dies", "diesen", "diese", "ihn", "sie", "artikel", "entwurf", "beitrag", "manuskript", "kapitel", "stück", "fassung", "übersetzung", "aufgabe", "auftrag", "überarbeitung", "rezension", "kolumne",
		"ça", "cela", "le", "la", "ceci", "texte", "brouillon", "papier", "traduction", "chronique", "mission", "tâche", "travail", "commande",
		"esto", "eso", "lo", "artículo", "texto", "borrador", "pieza", "reseña", "traducción", "encargo", "tarea", "trabajo", "artigo", "rascunho", "peça", "isto", "isso", "tradução", "tarefa", "trabalho",
		"articolo", "testo", "bozza", "pezzo", "lavoro", "questo", "traduzione", "incarico", "het", "dit", "stuk", "opdracht", "tekst", "verhaal", "vertaling",
		"det", "den", "artikeln", "texten", "utkastet", "uppdraget", "uppgiften", "översättningen", "artiklen", "teksten", "udkastet", "opgaven", "oversættelsen", "artikkelen", "oppgaven", "oppdraget", "oversettelsen", "saken":
		return true
	}
	return false
}

// joinWord goes on with a reason, a purpose or a second clause.
func joinWord(w string) bool {
	switch w {
	case "because", "since", "as", "for", "to", "so", "please", "and", "or", "but", "if", "thanks", "when", "due", "weil", "da", "denn", "für", "damit", "um", "bitte", "und", "oder", "aber", "wenn", "wegen", "danke",
		"pour", "car", "parce", "s'il", "et", "ou", "mais", "si", "merci", "afin", "puisque", "para", "porque", "pues", "por", "y", "o", "pero", "gracias", "ya", "e", "mas", "pois", "obrigado", "obrigada", "se",
		"per", "perché", "perche", "poiché", "ma", "grazie", "voor", "omdat", "want", "en", "maar", "als", "graag", "alsjeblieft", "alstublieft", "för", "eftersom", "och", "eller", "men", "tack", "fordi", "og", "tak", "takk", "siden", "då", "hvis":
		return true
	}
	return false
}

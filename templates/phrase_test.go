package templates

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"handoff/internal/worddiff"
)

// englishPhrases are those of testdata/phrases.txt: all that the program puts into the data of mails.
func englishPhrases(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/phrases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var phrases []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			phrases = append(phrases, line)
		}
	}
	if len(phrases) < 300 {
		t.Fatalf("testdata/phrases.txt has %d phrases, want some hundreds", len(phrases))
	}
	return phrases
}

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return found
}

// Every phrasebook has exactly the phrases that there are, each with all that varies in it, once.
func TestPhrasebooks(t *testing.T) {
	phrases := englishPhrases(t)
	for _, l := range languages[1:] {
		t.Run(l.tag, func(t *testing.T) {
			for _, p := range phrases {
				other, ok := l.phrases.fixed[p]
				switch {
				case !ok:
					t.Errorf("it lacks %q", p)
				case !slices.Equal(placeholders(p), placeholders(other)):
					t.Errorf("%q is %q: not with the same placeholders", p, other)
				case other != strings.TrimSpace(other) || other == "":
					t.Errorf("%q is %q", p, other)
				}
			}
			for p := range l.phrases.fixed {
				if !slices.Contains(phrases, p) {
					t.Errorf("%q is no phrase of testdata/phrases.txt", p)
				}
			}
		})
	}
}

// Each phrase is found with values in it, whichever of the others would fit as well.
func TestPhrasesAreFound(t *testing.T) {
	value := regexp.MustCompile(`«(\d)»`)
	fill := func(s string) string {
		return placeholder.ReplaceAllStringFunc(s, func(p string) string { return "«" + p[1:] + "»" })
	}
	for _, l := range languages[1:] {
		t.Run(l.tag, func(t *testing.T) {
			for _, p := range englishPhrases(t) {
				got, want := l.say(fill(p)), fill(l.phrases.fixed[p])
				if got != want {
					t.Errorf("%q is %q, want %q", fill(p), got, want)
				}
				if n := len(placeholders(p)); len(value.FindAllString(got, -1)) != n {
					t.Errorf("%q is %q, want its %d values in it", fill(p), got, n)
				}
			}
		})
	}
}

func TestSay(t *testing.T) {
	book := phrasesOf(map[string]string{
		"somebody":                      "jemand",
		"peer review":                   "Fachprüfung",
		"%1, %2":                        "%1, %2",
		"%1 is %2":                      "%2 ist %1",
		"%1 is nobody we know":          "%1 kennen wir nicht",
		"it can be %1":                  "es kann %1 sein",
		"It is done.":                   "Das ist erledigt.",
		"%1 Filed with it: %2.":         "%1 Mit abgelegt: %2.",
		"%1 “%2” was not taken in: %3.": "%1 „%2“ wurde nicht angenommen: %3.",
		"it is damaged":                 "sie ist beschädigt",
		"write it as %20":               "als %20",
		"the %1 of %2 is not yours":     "Schritt „%1“ von %2 ist nicht Ihrer",
	})
	l := &language{stageNames: map[string]string{"copy_edit": "Lektorat"}, date: germanDate, phrases: book}
	for english, want := range map[string]string{
		"somebody":                              "jemand",
		"somebody else":                         "somebody else",
		"A is B":                                "B ist A",
		"somebody is nobody we know":            "jemand kennen wir nicht",
		"Anna Berg is nobody we know":           "Anna Berg kennen wir nicht",
		"Anna\nBerg is nobody we know":          "Anna\nBerg kennen wir nicht",
		"copy edit, peer review, somebody":      "Lektorat, Fachprüfung, jemand",
		"it can be Tuesday, 5 May 2026":         "es kann Dienstag, 5. Mai 2026 sein",
		"the copy edit of ACME-1 is not yours":  "Schritt „Lektorat“ von ACME-1 ist nicht Ihrer",
		"copy edit":                             "Lektorat",
		"2026-05-05":                            "Dienstag, 5. Mai 2026",
		"it can be 2026-05-05":                  "es kann 2026-05-05 sein",
		"write it as %20":                       "als %20",
		"It is done. Filed with it: version 1.": "Das ist erledigt. Mit abgelegt: version 1.",
		"of %1":                                 "of %1",
		"":                                      "",
		"It is done. Filed with it: a.md, b.md. “c.exe” was not taken in: it is damaged. “d (x)” was not taken in: it is damaged.": "Das ist erledigt. Mit abgelegt: a.md, b.md. „c.exe“ wurde nicht angenommen: sie ist beschädigt. „d (x)“ wurde nicht angenommen: sie ist beschädigt.",
	} {
		if got := l.say(english); got != want {
			t.Errorf("say(%q) = %q, want %q", english, got, want)
		}
	}
	if got := english.say("somebody"); got != "somebody" {
		t.Errorf("in English somebody is %q", got)
	}
	endless := strings.Repeat("a, ", 1000)
	if got := l.say(endless); got != endless {
		t.Errorf("a list without end is %.40q", got)
	}
}

// What changed in a version is said in the reader's language, thousands as they are written there.
func TestSayChanges(t *testing.T) {
	for _, c := range []struct {
		say     *language
		english string
		want    string
	}{
		{german, "1,234 words added, 12 removed, in 2 places", "1.234 Wörter ergänzt, 12 gestrichen, an 2 Stellen"},
		{german, "1 word added, 12,345 removed", "1 Wort ergänzt, 12.345 gestrichen"},
		{german, "1,234,567 words removed, 2 paragraphs moved, in 3 places", "1.234.567 Wörter gestrichen, 2 Absätze verschoben, an 3 Stellen"},
		{french, "1,234 words added", "1\u202f234 mots ajoutés"},
		{spanish, "42 words added, 1 removed, in 15 places", "42 palabras añadidas, 1 eliminada, en 15 lugares"},
		{portuguese, "42 words added, 1,700 removed", "42 palavras acrescentadas, 1\u00a0700 retiradas"},
		{spanish, "12,345 words removed", "12\u00a0345 palabras eliminadas"},
		{portuguese, "12,345 words removed", "12\u00a0345 palavras retiradas"},
		{german, "1,2 words added", "1,2 Wörter ergänzt"},
		{english, "1,234 words added", "1,234 words added"},
	} {
		if got := c.say.say(c.english); got != c.want {
			t.Errorf("%s: %q is %q, want %q", c.say.tag, c.english, got, c.want)
		}
	}
}

// All that worddiff itself writes into an excerpt is found in it and said in the reader's language.
func TestMarked(t *testing.T) {
	words := func(n int, word string) string { return strings.Repeat(word+" ", n) }
	var old, changed strings.Builder
	for range 200 { // one paragraph of more changes than are shown
		old.WriteString("here are some words that stay as they are, then alpha. ")
		changed.WriteString("here are some words that stay as they are, then omega. ")
	}
	moved := "This paragraph moves behind all the others, and so it is long enough to be known again."
	kept := "This one stays where it is, and has enough words of its own as well."
	for name, c := range map[string]struct{ old, changed, want string }{
		"moved":    {moved + "\n\n" + kept + "\n\nThe end, say both.", kept + "\n\nThe end, say both.\n\n" + moved, "(hierher verschoben)"},
		"cut":      {"Before.", "Before.\n\n" + words(1300, "added"), "… (1.240 weitere)"},
		"many":     {old.String(), changed.String(), " weitere Änderungen in diesem Absatz)"},
		"rest":     {"one\n\ntwo is here\n\nthree is there", "uno\n\ndos is here\n\ntres is there", "… und 3 weitere Änderungen"},
		"rewrite":  {words(500, "old"), words(500, "new"), "Die beiden Versionen haben zu wenig gemeinsam, um sie Wort für Wort zu vergleichen."},
		"too long": {words(500, "old"), strings.Repeat("x", 9<<20), "Die beiden Versionen sind zu lang für einen Vergleich."},
	} {
		text, _ := worddiff.Compare(c.old, c.changed, worddiff.Limits{}).Excerpt(1, 0)
		got := german.marked(text)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %.300q, want %q in it; in English it is %.300q", name, got, c.want, text)
		}
		if same := english.marked(text); same != text {
			t.Errorf("%s: in English %.100q becomes %.100q", name, text, same)
		}
	}
	if text := "he said, draft, somebody: the two of them (12 more)"; german.marked(text) != text {
		t.Errorf("words of the text became %q", german.marked(text))
	}
}

func TestWording(t *testing.T) {
	for _, c := range []struct {
		locales []string
		due     string
		demo    string
	}{
		{nil, "ACME-12: copy edit of “Heat pumps, 100%” due", "A first try"},
		{[]string{"de-AT", "fr"}, "ACME-12: Schritt „Lektorat“ von „Heat pumps, 100%“ fällig", "Ein erster Versuch"},
		{[]string{"", "fr"}, "ACME-12\u00a0: échéance de l’étape «\u00a0correction\u00a0» de l’article «\u00a0Heat pumps, 100%\u00a0»", "Un premier essai"},
		{[]string{"ja", "es"}, "ACME-12: vence la etapa «corrección» de «Heat pumps, 100%»", "Una primera prueba"},
		{[]string{"pt-BR"}, "ACME-12: prazo da etapa “preparação de texto” de “Heat pumps, 100%”", "Uma primeira tentativa"},
		{[]string{"ja"}, "ACME-12: copy edit of “Heat pumps, 100%” due", "A first try"},
	} {
		w := WordingIn(c.locales...)
		if got := w.Due(Piece{Code: "ACME-12", Title: "Heat pumps, 100%"}, "copy_edit"); got != c.due {
			t.Errorf("%q: the event is %q, want %q", c.locales, got, c.due)
		}
		if title, brief := w.Demo(); title != c.demo || len(brief) < 50 {
			t.Errorf("%q: the demo piece is %q: %q", c.locales, title, brief)
		}
	}
}

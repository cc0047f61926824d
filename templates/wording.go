package templates

import "fmt"

// Wording is what is said in one language beside the texts of mails.
type Wording struct{ language *language }

// WordingIn is that of the first of the locales that there are texts in, English if there is none.
func WordingIn(locales ...string) Wording {
	for _, tag := range locales {
		if l := languageOf(tag); l != nil {
			return Wording{l}
		}
	}
	return Wording{english}
}

// Tag is the language's, like "de".
func (w Wording) Tag() string { return w.language.tag }

// Say is one of our own phrases in the language; other text stays as it is.
func (w Wording) Say(phrase string) string { return w.language.say(phrase) }

// Due names the deadline of the piece's step in a calendar.
func (w Wording) Due(p Piece, stage string) string {
	return fmt.Sprintf(w.language.due, p.Code, w.language.stage(stage), p.Title)
}

// Demo is the title and the brief of the piece on which a contributor tries the steps.
func (w Wording) Demo() (title, brief string) { return w.language.demo.title, w.language.demo.brief }

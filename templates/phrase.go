package templates

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// phrasebook translates what the program itself says in a mail's data: reasons, labels of answers, points of a checklist.
// By the English phrase it has the other language's, both with %1 to %9 for what varies, which may be any text. It is put
// into the language in its turn: phrases can hold others.
//
//	"one mail can bring %1": "eine Mail kann %1 davon mitbringen"
type phrasebook struct {
	fixed map[string]string // all pairs; those without placeholders are found here
	forms func() []phraseForm
}

type phraseForm struct {
	english *regexp.Regexp
	prefix  string // that english begins with
	suffix  string // that it ends with
	exact   int    // bytes of english that do not vary
	numbers []int  // of its groups
	other   string
}

var placeholder = regexp.MustCompile(`%[1-9]\b`)

// maxNested bounds how deep phrases are looked for in phrases, for texts that are none.
const maxNested = 20

// phrasesOf makes a phrasebook of English phrases and the other language's.
func phrasesOf(pairs map[string]string) *phrasebook {
	return &phrasebook{fixed: pairs, forms: sync.OnceValue(func() []phraseForm { return formsOf(pairs) })}
}

// formsOf are those of pairs that have placeholders; those with the most words of their own come first, so that the
// most exact one is found.
func formsOf(pairs map[string]string) []phraseForm {
	var forms []phraseForm
	for english, other := range pairs {
		found := placeholder.FindAllStringIndex(english, -1)
		if found == nil {
			continue
		}
		f := phraseForm{prefix: english[:found[0][0]], exact: len(placeholder.ReplaceAllString(english, "")), other: other}
		pattern, at := "^", 0
		for _, m := range found {
			pattern += regexp.QuoteMeta(english[at:m[0]])
			if m[0] == 0 { // a sentence that others came before, or a list
				pattern += "(.+)"
			} else {
				pattern += "(.+?)"
			}
			f.numbers = append(f.numbers, int(english[m[0]+1]-'0'))
			at = m[1]
		}
		f.suffix = english[at:]
		f.english = regexp.MustCompile("(?s)" + pattern + regexp.QuoteMeta(f.suffix) + "$")
		forms = append(forms, f)
	}
	slices.SortFunc(forms, func(a, b phraseForm) int {
		return cmp.Or(cmp.Compare(b.exact, a.exact), cmp.Compare(a.english.String(), b.english.String()))
	})
	return forms
}

// find is the other language's phrase for an English one, or the English one. word knows what else may vary in it.
func (b *phrasebook) find(english string, word func(string) (string, bool)) string {
	return b.nested(english, word, maxNested)
}

func (b *phrasebook) nested(english string, word func(string) (string, bool), depth int) string {
	if other, ok := b.fixed[english]; ok {
		return other
	}
	if depth == 0 {
		return english
	}
	for _, f := range b.forms() {
		if !strings.HasPrefix(english, f.prefix) || !strings.HasSuffix(english, f.suffix) { // much cheaper than the pattern
			continue
		}
		m := f.english.FindStringSubmatch(english)
		if m == nil {
			continue
		}
		return placeholder.ReplaceAllStringFunc(f.other, func(p string) string {
			n := int(p[1] - '0')
			value := m[1+slices.Index(f.numbers, n)]
			if other, ok := word(value); ok {
				return other
			}
			return b.nested(value, word, depth-1)
		})
	}
	return english
}

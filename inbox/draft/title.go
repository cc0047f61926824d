package draft

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// lazily compiles a pattern when it is first needed: most runs of the program read no document.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// junkTitle knows the titles that programs give.
var junkTitle = lazily(`(?i)^(microsoft word - .*|untitled.*|document ?\d*|dokument ?\d*|documento ?\d*|unbenannt.*|sans titre.*|sin título.*|new document|title|titel|titre|normal|word document|powerpoint presentation|.*\.(docx?|odt|rtf|pdf|dotx?|txt|html?|indd|pages)|https?://.*|about:.*|-|\d+)$`)

// guessTitle chooses: the paragraph styled as title, the first heading, the property, a short first line, the file's name.
func guessTitle(styled, heading, property, first, name string) string {
	for _, s := range []string{styled, heading} {
		if s = cleanLine(s, 300); s != "" {
			return s
		}
	}
	if s := cleanLine(property, 300); s != "" && !junkTitle().MatchString(s) {
		return s
	}
	if s := cleanLine(first, 300); s != "" && utf8.RuneCountInString(s) <= 90 && !strings.HasSuffix(s, ",") && !strings.HasSuffix(s, ".") {
		return s
	}
	return nameTitle(name)
}

var version = lazily(`(?i)[ ._-]*(\(\d+\)|copy|kopie|final|draft|entwurf|v ?\d+(\.\d+)*|\d{4}-\d\d-\d\d)$`)

// nameTitle makes a title of a file's name.
func nameTitle(name string) string {
	s := cleanLine(name, 300)
	if ext := extension(s); ext != "" && len(ext) < len(s)-1 {
		s = s[:strings.LastIndexByte(s, '.')]
	}
	for range 3 {
		if t := version().ReplaceAllString(s, ""); strings.Trim(t, " ._-") != "" {
			s = t
		}
	}
	s = strings.NewReplacer("_", " ", "%20", " ").Replace(s)
	if !strings.Contains(s, " ") {
		s = strings.ReplaceAll(s, "-", " ")
	}
	return strings.Trim(strings.Join(strings.Fields(s), " "), " ._-")
}

package inbox

import (
	"strings"
	"time"
)

// reviseUntil reads until when a Revise wants the new version: "until Friday" behind the command, in a clause of its own at the
// end of its line, or in a sentence of its own below. The words around a day are remarks about the piece, so that no other counts.
func reviseUntil(in *Intent, m *Message, words string) {
	if m.Date.IsZero() {
		return
	}
	if day, rest, ok := untilDay(words, m.Date); ok {
		in.Dated, in.Date = true, day
		if in.Via == viaWord {
			in.Argument = argumentOf(rest)
		}
		return
	}
	if i := strings.LastIndexAny(words, ",;–—("); i >= 0 && in.Via == viaWord {
		if day, rest, ok := untilDay(words[i:], m.Date); ok && onlyThanks(rest) {
			in.Dated, in.Date, in.Argument = true, day, strings.TrimSpace(words[:i])
			return
		}
	}
	if !short(m.Text, commandWords) {
		return
	}
	for _, s := range sentences(m.Text, m.Date) {
		if day, rest, ok := untilDay(s.text, m.Date); ok && onlyThanks(rest) {
			in.Dated, in.Date = true, day
			return
		}
	}
}

// untilDay reads "until Friday" at the beginning of words. day is "" for one that is over, or that cannot be read, as 31 February.
func untilDay(words string, now time.Time) (day, rest string, ok bool) {
	words = words[:min(len(words), commandLine)]
	r := request{saying: &saying{text: words, dayReader: *newDayReader(words, now)}}
	i := 0
	for r.tok(i).kind == 'p' {
		i++
	}
	n := untilWords(r.saying, i)
	if n == 0 && (r.tok(i).text == "by" || r.tok(i).text == "due") {
		n = 1
	}
	if n == 0 {
		return "", words, false
	}
	for i += n; ; i++ {
		found, n := r.dayAt(i)
		if n > 0 {
			if !found.IsZero() && !found.Before(r.today) {
				day = found.Format(time.DateOnly)
			}
			return day, words[r.tokens[i+n-1].end:], true
		}
		if w := r.tok(i).text; !dayArticle(w) && !articleWord(w) {
			return "", words, false
		}
	}
}

// untilAlone tells that words are "until Friday" and perhaps a colon with more behind it.
func untilAlone(words string, now time.Time) bool {
	_, rest, ok := untilDay(words, now)
	return ok && (strings.HasPrefix(strings.TrimSpace(rest), ":") || onlyThanks(rest))
}

package proxy

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"handoff/inbox/draft"
	"handoff/workflow"
)

// What makes a score a clear one, see score.
const (
	clearTitle  = 0.5
	clearMargin = 0.25
	scoredText  = 20_000 // bytes of the text that are looked at
)

type scored struct {
	piece  workflow.Piece
	title  float64 // the part of the title's words that the mail has, 0 to 1
	total  float64
	reason string
}

// score ranks pieces by how well a mail fits, the best first: the words of the title in subject and file names (75 %; in the
// text they count for 60 % of that), a step that waits for the author (15 %), and a deadline near the day the mail came (10 %).
func score(r *ruling, pieces []workflow.Piece) []scored {
	head := r.subject()
	for _, a := range r.msg.Attachments {
		head += " " + a.Name
	}
	headWords, textWords := wordsOf(head), wordsOf(first(r.text(), scoredText))
	var all []scored
	for _, p := range pieces {
		s := scored{piece: p}
		title := titleWords(p.Title)
		var hits []string
		for _, w := range title {
			switch {
			case headWords.has(w):
				s.title += 1 / float64(len(title))
				hits = append(hits, w)
			case textWords.has(w):
				s.title += 0.6 / float64(len(title))
				hits = append(hits, w)
			}
		}
		s.total = 0.75 * s.title
		var why []string
		if len(hits) > 0 {
			why = append(why, "words of the title: "+strings.Join(hits, ", "))
		}
		if step, open := p.OpenStep(); open && step.OwnerID == r.author.ID {
			s.total += 0.15
			why = append(why, "its "+step.Stage.Label()+" waits for them")
			if !step.Deadline.IsZero() && !r.received.ReceivedAt.IsZero() {
				days := math.Abs(step.Deadline.Sub(r.received.ReceivedAt).Hours()) / 24
				if days < 7 {
					s.total += 0.10 * (1 - days/7)
					why = append(why, fmt.Sprintf("due within %d days", int(math.Ceil(days))))
				}
			}
		}
		s.reason = orElse(strings.Join(why, "; "), "theirs and unfinished")
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b scored) int {
		switch {
		case a.total > b.total:
			return -1
		case a.total < b.total:
			return 1
		default:
			return strings.Compare(a.piece.Code, b.piece.Code)
		}
	})
	return all
}

// outdone tells whether another piece's title is in the mail and that piece's is not to the same degree.
func outdone(scores []scored, id int64) bool {
	var mine float64
	for _, s := range scores {
		if s.piece.ID == id {
			mine = s.title
		}
	}
	return slices.ContainsFunc(scores, func(s scored) bool {
		return s.piece.ID != id && s.title >= clearTitle && s.title > mine
	})
}

// bag is a text's words; script without spaces between words is looked up in the text itself.
type bag struct {
	words map[string]bool
	text  string
}

func wordsOf(s string) bag {
	s = strings.ToLower(s)
	b := bag{words: map[string]bool{}, text: s}
	for w := range strings.FieldsFuncSeq(s, notWord) {
		b.words[w] = true
	}
	return b
}

func (b bag) has(word string) bool {
	return b.words[word] || strings.ContainsFunc(word, draft.Unspaced) && strings.Contains(b.text, word)
}

// titleWords are the words of a title that tell it from others: of three letters or more, and no number alone.
func titleWords(title string) []string {
	var all []string
	for w := range strings.FieldsFuncSeq(strings.ToLower(title), notWord) {
		long := len([]rune(w)) >= 3 || strings.ContainsFunc(w, draft.Unspaced)
		if long && strings.ContainsFunc(w, unicode.IsLetter) && !common(w) && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all
}

func notWord(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) && !unicode.IsMark(c) }

// common words say nothing about a title.
func common(w string) bool {
	switch w {
	case "the", "and", "for", "with", "from", "your", "you", "our", "are", "how", "why", "what", "when", "who", "this", "that", "not", "into", "can", "will",
		"draft", "version", "article", "piece", "final", "text", "post", "blog",
		"der", "die", "das", "und", "für", "mit", "von", "ein", "eine", "wie", "les", "des", "une", "pour", "avec", "dans", "los", "las", "del", "una", "por", "con", "para":
		return true
	}
	return false
}

func round(f float64) float64 { return math.Round(f*100) / 100 }

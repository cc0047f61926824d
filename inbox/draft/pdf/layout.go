package pdf

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"handoff/inbox/draft/internal/markdown"
)

const (
	headingRatio = 1.15 // of a heading's letters to the text's
	maxHeading   = 200  // bytes
	maxVocab     = 50_000
)

var (
	bullet     = lazily(`^\s*([•◦▪‣·●○■–])\s+`)
	numbered   = lazily(`^\s*(\d{1,3})[.)]\s+`)
	pageNumber = lazily(`^\W*(?i:page|seite|p\.)?\W*\d{1,4}(\W+(?i:of|von|/)?\W*\d{1,4})?\W*$`)
	footnote   = lazily(`^\s*(\[?\d{1,3}\b|[*†‡])`)
	digits     = lazily(`\d+`)
)

// lazily compiles a pattern when it is first needed.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// layout makes paragraphs of the pages' lines.
func layout(w *markdown.Writer, pages [][]line) {
	pages = withoutMargins(pages)
	body, pitch, right := measure(pages)
	pages = footnotesLast(pages, body)
	levels := headingLevels(pages, body)
	words := vocabulary(pages)
	var para []line
	var indents []float64
	kind := markdown.Block{}
	end := func() {
		if len(para) > 0 {
			write(w, para, kind, words)
		}
		para, kind = nil, markdown.Block{}
	}
	for _, lines := range pages {
		for i, l := range lines {
			text := l.text()
			level := 0
			if l.size > headingRatio*body && len(text) <= maxHeading && letters(text) {
				level = levels[rounded(l.size)]
			}
			var b markdown.Block
			switch {
			case level > 0:
				b = markdown.Block{Kind: markdown.Heading, Level: level}
			case bullet().MatchString(text):
				b = markdown.Block{Kind: markdown.Item, Level: 1}
			case numbered().MatchString(text):
				b = markdown.Block{Kind: markdown.Item, Level: 1, Ordered: true}
				for _, c := range numbered().FindStringSubmatch(text)[1] {
					b.Number = b.Number*10 + int(c-'0')
				}
			}
			if n := len(para); n > 0 && continues(para[n-1], l, b, kind, i == 0, pitch, right) {
				para = append(para, l)
				continue
			}
			end()
			if b.Kind == markdown.Item {
				for n := len(indents); n > 0 && indents[n-1] > l.x+2; n-- {
					indents = indents[:n-1]
				}
				if n := len(indents); n == 0 || indents[n-1] < l.x-2 {
					indents = append(indents, l.x)
				}
				b.Level = min(len(indents), 6)
				l = unmarked(l)
			} else {
				indents = indents[:0]
			}
			para, kind = append(para, l), b
		}
	}
	end()
}

// footnotesLast moves the notes at the feet of pages to the end, so that paragraphs go on from page to page.
func footnotesLast(pages [][]line, body float64) [][]line {
	var notes []line
	for i, lines := range pages {
		n := len(lines)
		for n > 0 && lines[n-1].size < 0.93*body {
			n--
		}
		if foot := lines[n:]; n > 0 && len(foot) > 0 && footnote().MatchString(foot[0].text()) {
			notes = append(notes, foot...)
			pages[i] = lines[:n]
		}
	}
	if notes != nil {
		pages = append(pages, notes)
	}
	return pages
}

// continues tells whether a line goes on with the paragraph that prev is the last of.
func continues(prev, l line, b, kind markdown.Block, newPage bool, pitch, right float64) bool {
	text := l.text()
	before := strings.TrimSpace(prev.text())
	if b.Kind == markdown.Item || b.Kind != kind.Kind && (b.Kind == markdown.Heading || kind.Kind == markdown.Heading) {
		return false
	}
	if kind.Kind == markdown.Heading {
		return b.Level == kind.Level && !newPage && math.Abs(prev.y-l.y) < 1.6*l.size
	}
	lastRune, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(text))
	open := lastRune != 0 && !strings.ContainsRune(".!?:;”“\"’)…。！？", lastRune)
	if newPage || l.y > prev.y+l.size { // the next page or column
		return open && unicode.IsLower(first)
	}
	gap := (prev.y - l.y) / max(prev.size, l.size)
	if gap > pitch*1.35 || math.Abs(prev.size-l.size) > 0.2*prev.size {
		return false
	}
	// An indented first line, unless the one before was cut off by nothing but the margin.
	if kind.Kind != markdown.Item && l.x > prev.x+0.8*l.size && !open {
		return false
	}
	if prev.end < right-0.15*(right-prev.x) && (!open || unicode.IsUpper(first)) {
		return false
	}
	return true
}

// unmarked is an item's line without its bullet or number.
func unmarked(l line) line {
	runs := slices.Clone(l.runs)
	text := l.text()
	cut := len(bullet().FindString(text))
	if cut == 0 {
		cut = len(numbered().FindString(text))
	}
	for i := range runs {
		n := min(cut, len(runs[i].text))
		runs[i].text = runs[i].text[n:]
		cut -= n
	}
	l.runs = runs
	return l
}

// write ends lines' hyphens and hands the paragraph over.
func write(w *markdown.Writer, para []line, b markdown.Block, words map[string]bool) {
	for i, l := range para {
		last := i == len(para)-1
		for j, r := range l.runs {
			if b.Kind == markdown.Heading {
				r.Style = 0
			}
			text := r.text
			if j == len(l.runs)-1 && !last {
				text = strings.TrimRight(text, " ")
				text = join(text, para[i+1].text(), words)
			}
			w.Text(text, r.Format)
		}
	}
	w.End(b)
}

// join ends a line before the next: with a blank, or without its hyphen if that divides a word.
func join(s, next string, words map[string]bool) string {
	next = strings.TrimSpace(next)
	first, _ := utf8.DecodeRuneInString(next)
	if t, ok := strings.CutSuffix(s, "\u00ad"); ok {
		return t
	}
	if t, ok := strings.CutSuffix(s, "-"); ok && unicode.IsLetter(first) {
		before := t[strings.LastIndexFunc(t, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
		after := next
		if i := strings.IndexFunc(next, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
			after = next[:i]
		}
		before, after = strings.ToLower(before), strings.ToLower(after)
		switch {
		case before == "" || !unicode.IsLower(first):
			return s // a dash, or a name with a hyphen
		case words[before+after]:
			return t
		case words[before] && words[after]:
			return s
		}
		return t
	}
	if last, _ := utf8.DecodeLastRuneInString(s); unspaced(last) && unspaced(first) {
		return s
	}
	return s + " "
}

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef
}

// vocabulary are the words within lines, which no line end has divided.
func vocabulary(pages [][]line) map[string]bool {
	words := make(map[string]bool)
	for _, lines := range pages {
		for _, l := range lines {
			text := l.text()
			fields := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
			for i, f := range fields {
				// The parts of a divided word are none.
				if i == 0 || i == len(fields)-1 && strings.HasSuffix(strings.TrimSpace(text), "-") || len(f) > 40 || len(words) >= maxVocab {
					continue
				}
				words[strings.ToLower(f)] = true
			}
		}
	}
	return words
}

func rounded(size float64) int { return int(size*2 + 0.5) }

// measure tells the size of the text's letters, its line pitch in letters, and where its lines end.
func measure(pages [][]line) (body, pitch, right float64) {
	sizes, pitches, ends := make(map[int]int), make(map[int]int), make(map[int]int)
	for _, lines := range pages {
		for i, l := range lines {
			sizes[rounded(l.size)] += l.chars
			ends[int(l.end/10)] += l.chars
			if i > 0 && l.size > 0 {
				if p := (lines[i-1].y - l.y) / l.size; p > 0.8 && p < 3 {
					pitches[int(p*20+0.5)]++
				}
			}
		}
	}
	most := func(m map[int]int) (at int) {
		for k, v := range m {
			if n := m[at]; v > n || v == n && k < at {
				at = k
			}
		}
		return at
	}
	body, pitch = float64(most(sizes))/2, float64(most(pitches))/20
	if pitch == 0 {
		pitch = 1.25
	}
	return body, pitch, float64(most(ends))*10 + 5
}

// headingLevels ranks the sizes that are larger than the text's.
func headingLevels(pages [][]line, body float64) map[int]int {
	var sizes []int
	for _, lines := range pages {
		for _, l := range lines {
			if s := rounded(l.size); l.size > headingRatio*body && !slices.Contains(sizes, s) && len(sizes) < 20 {
				sizes = append(sizes, s)
			}
		}
	}
	slices.Sort(sizes)
	slices.Reverse(sizes)
	levels := make(map[int]int)
	for i, s := range sizes {
		levels[s] = min(i+1, 6)
	}
	return levels
}

// withoutMargins drops page numbers, and heads and feet that most pages share.
func withoutMargins(pages [][]line) [][]line {
	shared := make(map[string]int)
	mark := func(l line) string { return digits().ReplaceAllString(strings.TrimSpace(l.text()), "#") }
	for _, lines := range pages {
		if n := len(lines); n > 0 {
			shared[mark(lines[0])]++
			if n > 1 {
				shared[mark(lines[n-1])]++
			}
		}
	}
	drop := func(l line) bool {
		if n := shared[mark(l)]; n >= 3 && n > len(pages)/3 {
			return true
		}
		return len(pages) > 1 && pageNumber().MatchString(strings.TrimSpace(l.text()))
	}
	out := make([][]line, len(pages))
	for i, lines := range pages {
		for len(lines) > 0 && drop(lines[0]) {
			lines = lines[1:]
		}
		for len(lines) > 0 && drop(lines[len(lines)-1]) {
			lines = lines[:len(lines)-1]
		}
		out[i] = lines
	}
	return out
}

package worddiff

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is a word, a sign of a script without blanks, or a run of one punctuation mark.
type token struct {
	start, end int32 // bytes of the source
	id         int32 // equal for what counts as the same
	word       bool
}

// paragraph is a range of tokens: a block of Markdown, an item of a list or a row of a table.
type paragraph struct {
	from, to int
	heading  bool
	under    int // the nearest heading at or above it, -1 if there is none
}

// text is a bare source cut into tokens, none of them outside a paragraph.
type text struct {
	src        string
	tokens     []token
	paragraphs []paragraph
}

// read cuts src. ids numbers what it finds and is shared by the texts that are compared.
func read(src string, ids map[string]int32) text {
	t := text{src: src, tokens: make([]token, 0, len(src)/5)}
	open, under := -1, -1 // the first token of the paragraph being read, and its heading
	end := func(heading bool) {
		if open >= 0 && open < len(t.tokens) {
			if heading {
				under = len(t.paragraphs)
			}
			t.paragraphs = append(t.paragraphs, paragraph{open, len(t.tokens), heading, under})
		}
		open = -1
	}
	for at := 0; at < len(src); {
		next := len(src)
		if i := strings.IndexByte(src[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		line := strings.TrimSpace(src[at:next])
		heading := strings.HasPrefix(line, headingMark)
		if line == "" || heading || startsBlock(line) {
			end(false)
		}
		if line != "" && open < 0 {
			open = len(t.tokens)
		}
		underlined := isUnderline(line) && open >= 0 && open < len(t.tokens)
		t.cut(at, next, ids)
		if heading || underlined {
			end(true)
		}
		at = next
	}
	end(false)
	return t
}

// cut appends the tokens of src[at:end].
func (t *text) cut(at, end int, ids map[string]int32) {
	for at < end {
		c, size := utf8.DecodeRuneInString(t.src[at:end])
		start := at
		at += size
		word := true
		switch {
		case space(c) || unicode.Is(unicode.Cf, c):
			continue
		case unspaced(c):
			for at < end { // its vowel and tone signs
				c, size := utf8.DecodeRuneInString(t.src[at:end])
				if !unicode.IsMark(c) {
					break
				}
				at += size
			}
		case inWord(c):
			at = wordEnd(t.src[:end], at)
		default:
			word = false
			for strings.HasPrefix(t.src[at:end], t.src[start:start+size]) {
				at += size
			}
		}
		k := key(t.src[start:at])
		id, known := ids[k]
		if !known {
			id = int32(len(ids))
			ids[k] = id
		}
		t.tokens = append(t.tokens, token{int32(start), int32(at), id, word})
	}
}

// wordEnd is where the word ends that is read up to at. An apostrophe, a hyphen or an invisible sign between letters, and a
// point or comma between digits, are within it.
func wordEnd(s string, at int) int {
	for at < len(s) {
		c, size := utf8.DecodeRuneInString(s[at:])
		if inWord(c) && !unspaced(c) {
			at += size
			continue
		}
		after, afterSize := utf8.DecodeRuneInString(s[at+size:])
		if unspaced(after) || !inWord(after) {
			return at
		}
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		switch {
		case c == '\'' || c == '’' || c == '-' || c == '‐' || c == '‑' || unicode.Is(unicode.Cf, c):
		case (c == '.' || c == ',') && unicode.IsDigit(before) && unicode.IsDigit(after):
		default:
			return at
		}
		at += size + afterSize
	}
	return at
}

// space tells blanks, and the sign that stands for the mark of a heading.
func space(c rune) bool { return unicode.IsSpace(c) || c == '\ufdd0' }

func inWord(c rune) bool {
	if c < utf8.RuneSelf {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
	}
	return unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.IsMark(c)
}

// unspaced tells the letters of scripts that put no blanks between words.
func unspaced(c rune) bool {
	return c > 0x0e00 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// key is what tokens are compared by: the signs that word processors put in while one types are those that were typed.
func key(s string) string {
	switch s {
	case "...":
		return "…"
	case "--":
		return "–"
	case "---":
		return "—"
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.Map(plain, norm.NFC.String(s))
		}
	}
	return s
}

func plain(c rune) rune {
	switch c {
	case '‘', '’', '‚', '‛', '′', '‹', '›':
		return '\''
	case '“', '”', '„', '‟', '″', '«', '»':
		return '"'
	case '‐', '‑':
		return '-'
	}
	if unicode.Is(unicode.Cf, c) {
		return -1
	}
	return c
}

func isHeading(line string) bool {
	rest := strings.TrimLeft(line, "#")
	level := len(line) - len(rest)
	return level >= 1 && level <= 6 && strings.HasPrefix(rest, " ")
}

// isUnderline tells the second line of a heading: === or ---.
func isUnderline(line string) bool {
	return len(line) >= 3 && (strings.Trim(line, "=") == "" || strings.Trim(line, "-") == "")
}

// startsBlock tells the lines that begin an item of a list or a row of a table.
func startsBlock(line string) bool {
	switch line[0] {
	case '|':
		return true
	case '-', '*', '+':
		return strings.HasPrefix(line[1:], " ")
	}
	rest := strings.TrimLeft(line[:min(len(line), 4)], "0123456789")
	return len(rest) < len(line[:min(len(line), 4)]) && (strings.HasPrefix(rest, ". ") || strings.HasPrefix(rest, ") "))
}

// endsSentence tells whether a sentence may end with token i.
func (t *text) endsSentence(i int) bool {
	if t.tokens[i].word {
		return false
	}
	c, _ := utf8.DecodeRuneInString(t.src[t.tokens[i].start:])
	return strings.ContainsRune(".!?…。！？", c)
}

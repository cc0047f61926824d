package inbox

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding/charmap"
)

// detectBytes is how much of a text the charset detector looks at.
const detectBytes = 8 << 10

// detect guesses the charset of text that is not UTF-8.
func detect(b []byte) string {
	sample := b[:min(len(b), detectBytes)]
	if bytes.Contains(sample, []byte("\x1b$")) {
		return "iso-2022"
	}
	if len(sample) <= 20 { // less says nothing
		return "windows-1252"
	}
	if !likelyLatin(sample) {
		if thai(sample) {
			return "windows-874"
		}
		if label := cyrillic(sample); label != "" {
			return label
		}
	}
	if r, err := chardet.NewTextDetector().DetectBest(sample); err == nil && r.Confidence >= 30 {
		return charsetLabel(r.Charset)
	}
	return "windows-1252"
}

// likelyLatin tells text in a Western alphabet: its letters outside ASCII stand alone among the others, and no sign stands inside
// a word. Where they stand in rows, it is another alphabet, or one of two bytes a character; where signs do, one of another Latin.
func likelyLatin(b []byte) bool {
	b = b[:min(len(b), detectBytes)]
	high, rows, run, signs := 0, 0, 0, 0
	for i, c := range b {
		if c < 0x80 {
			run = 0
			continue
		}
		high++
		if run++; run == 3 {
			rows += 3
		} else if run > 3 {
			rows++
		}
		if c > 0xa0 && c < 0xc0 && c != 0xb7 && i > 0 && i+1 < len(b) && (letter(b[i-1]) || b[i-1] >= 0xc0) && (letter(b[i+1]) || b[i+1] >= 0xc0) {
			signs++
		}
	}
	return (rows < 4 || rows*2 < high) && (signs < 3 || signs*10 < high)
}

// thai tells TIS-620 by its marks, which follow consonants, at either of two places: in the Korean encoding, which has the same
// bytes, only the second of a pair can be one.
func thai(b []byte) bool {
	high, stray, run := 0, 0, 0
	var marks [2]int
	for i, c := range b {
		if c < 0x80 {
			run = 0
			continue
		}
		high++
		switch {
		case c < 0xa1 || c > 0xfb || c > 0xda && c < 0xdf:
			stray++
		case thaiMark(c):
			marks[run%2]++
			if i == 0 || !thaiMark(b[i-1]) && (b[i-1] < 0xa1 || b[i-1] > 0xce) {
				stray++
			}
		}
		run++
	}
	return high >= 20 && (marks[0]+marks[1])*10 > high && min(marks[0], marks[1])*8 > marks[0]+marks[1] && stray*50 < high
}

func thaiMark(c byte) bool { return c == 0xd1 || c >= 0xd4 && c <= 0xda || c >= 0xe7 && c <= 0xee }

// cyrillic tells the charset of text in the Cyrillic alphabet, "" if it is none: the one in which its letters are the frequent ones,
// and capitals begin words. The detector's statistics know neither Ukrainian nor the code pages of DOS and the Macintosh.
func cyrillic(b []byte) string {
	best, label, high := 0, "", 0
	for _, c := range b {
		if c >= 0x80 {
			high++
		}
	}
	for _, c := range []struct {
		label string
		page  *charmap.Charmap
	}{
		{"windows-1251", charmap.Windows1251}, {"koi8-r", charmap.KOI8R}, {"koi8-u", charmap.KOI8U},
		{"ibm866", charmap.CodePage866}, {"iso-8859-5", charmap.ISO8859_5}, {"x-mac-cyrillic", charmap.MacintoshCyrillic},
	} {
		if n := cyrillicScore(b, c.page); n > best {
			best, label = n, c.label
		}
	}
	if best*100 < high*150 {
		return ""
	}
	return label
}

func cyrillicScore(b []byte, page *charmap.Charmap) int {
	score, before := 0, rune(' ')
	for _, c := range b {
		r := page.DecodeByte(c)
		if c >= 0x80 {
			switch {
			case strings.ContainsRune("оеаинтсрвлі", r):
				score += 2
			case r >= 'а' && r <= 'я' || strings.ContainsRune("ёїєґ", r):
				score++
			case r >= 'А' && r <= 'Я' || strings.ContainsRune("ЁЇЄҐІ", r):
				if unicode.IsLower(before) {
					score -= 2
				} else {
					score++
				}
			case r > 0x2000 && r < 0x2040 || r == '«' || r == '»' || r == '№' || r == 0xa0:
			default:
				score -= 3
			}
		}
		before = r
	}
	return score
}

package draft

import "unicode"

// Words counts the words of s, up to limit if that is positive. A sign of a script without spaces is half a word, about
// what it is in translation.
func Words(s string, limit int) int {
	halves, in := 0, false
	for _, c := range s {
		switch {
		case c < 0x80 && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'),
			c >= 0x80 && !Unspaced(c) && (unicode.IsLetter(c) || unicode.IsNumber(c)),
			in && !Unspaced(c) && (unicode.IsMark(c) || c == '\'' || c == '’' || c == '-'):
			if !in {
				halves += 2
			}
			in = true
		case Unspaced(c):
			halves++
			in = false
		default:
			in = false
		}
		if halves >= 2*limit && limit > 0 {
			break
		}
	}
	return halves / 2
}

// Unspaced tells the signs of scripts that put no spaces between words.
func Unspaced(c rune) bool {
	return unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

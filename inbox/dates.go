package inbox

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxDayWords bounds how much of a text is searched for a day, in bytes.
const maxDayWords = 4 << 10

// readDay finds the first day that words name, as seen from now: a date in figures or with its month's name, a weekday,
// "tomorrow", "next week", "in three days", "end of March", in the languages of datewords.go. The day is midnight UTC in
// the calendar of now's zone; a date without a year is the next such day, today included. rest is what stands behind it.
func readDay(words string, now time.Time) (day time.Time, rest string, ok bool) {
	d := newDayReader(words, now)
	for i := range d.tokens {
		if day, n := d.at(i); n > 0 {
			return day, words[d.tokens[i+n-1].end:], true
		}
	}
	return time.Time{}, words, false
}

// dayReader looks for days in a text.
type dayReader struct {
	tokens     []token
	today      time.Time // midnight UTC
	monthFirst bool      // 3/20/2026, as in the United States
	nearest    bool      // 12/7 is a day: of the two that it can be, the next to come
}

// token is a number, a word, one ideograph, or one mark of punctuation.
type token struct {
	kind       byte // 'n', 'w', 'c' or 'p'
	text       string
	n          int // of a number
	digits     int
	start, end int
	gap        bool // white space before it
}

func newDayReader(words string, now time.Time) *dayReader {
	y, m, day := now.Date()
	d := &dayReader{today: date(y, m, day), tokens: tokenize(words[:min(len(words), maxDayWords)])}
	if _, offset := now.Zone(); offset <= -4*3600 && offset >= -10*3600 {
		d.monthFirst = true
		for _, t := range d.tokens {
			if t.kind == 'w' && dayFirstWord(t.text) {
				d.monthFirst = false
			}
		}
	}
	return d
}

func date(y int, m time.Month, day int) time.Time { return time.Date(y, m, day, 0, 0, 0, 0, time.UTC) }

// tokenize splits a text; words are lower case and keep their apostrophes.
func tokenize(s string) []token {
	var out []token
	gap := true
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		start := at
		at += size
		t := token{start: start, gap: gap}
		gap = false
		switch {
		case unicode.IsSpace(r):
			gap = true
			continue
		case figure(r) >= 0:
			t.kind, t.n, t.digits = 'n', figure(r), 1
			for at < len(s) {
				r, size := utf8.DecodeRuneInString(s[at:])
				f := figure(r)
				if f < 0 {
					break
				}
				if t.digits++; t.digits < 9 {
					t.n = t.n*10 + f
				}
				at += size
			}
		case ideograph(r):
			t.kind = 'c'
		case unicode.IsLetter(r):
			t.kind = 'w'
			for at < len(s) {
				r, size := utf8.DecodeRuneInString(s[at:])
				if !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’' || ideograph(r) {
					break
				}
				at += size
			}
		default:
			t.kind = 'p'
		}
		t.end = at
		t.text = s[start:at]
		if t.kind == 'w' {
			t.text = strings.ReplaceAll(strings.ToLower(t.text), "’", "'")
		}
		out = append(out, t)
	}
	return out
}

// figure is the value of a digit, also a full-width one; -1 if r is none.
func figure(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r >= '０' && r <= '９':
		return int(r - '０')
	}
	return -1
}

func ideograph(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// tok is token i, or an empty one beyond the ends.
func (d *dayReader) tok(i int) token {
	if i < 0 || i >= len(d.tokens) {
		return token{}
	}
	return d.tokens[i]
}

func (d *dayReader) is(i int, mark string) bool {
	t := d.tok(i)
	return t.kind == 'p' && t.text == mark
}

// at reads the day that begins with token i and takes n tokens; n is 0 if none does.
func (d *dayReader) at(i int) (day time.Time, n int) {
	switch d.tokens[i].kind {
	case 'n':
		return d.numbered(i)
	case 'w':
		if m := monthName(d.tokens[i].text); m != 0 {
			if day, n = d.monthDay(i, m); n > 0 {
				return day, n
			}
		}
		return d.worded(i)
	case 'c':
		return d.ideographs(i)
	}
	return time.Time{}, 0
}

// numbered reads dates that begin with a figure.
func (d *dayReader) numbered(i int) (time.Time, int) {
	if p := d.tok(i - 1); p.kind == 'p' && strings.Contains("./:-", p.text) && d.tok(i-2).kind == 'n' && !d.tok(i).gap {
		return time.Time{}, 0 // the middle of something else
	}
	for _, read := range []func(int) (time.Time, int){d.ideographDate, d.figures, d.dayMonth, d.yearMonthDay, d.amount, d.dayOfMonth} {
		if day, n := read(i); n > 0 {
			return day, n
		}
	}
	return time.Time{}, 0
}

// figures reads 2026-03-20, 20.03.2026, 20/3/26, 20.3. and the like.
func (d *dayReader) figures(i int) (time.Time, int) {
	a, b := d.tok(i), d.tok(i+2)
	sep := d.tok(i + 1)
	if sep.kind != 'p' || !strings.Contains("./-", sep.text) || sep.gap || b.kind != 'n' || b.gap && sep.text != "." || b.digits > 2 {
		return time.Time{}, 0
	}
	c := d.tok(i + 4)
	if d.is(i+3, sep.text) && !d.tok(i+3).gap && c.kind == 'n' && (!c.gap || sep.text == "." && c.digits == 4) && !d.more(i+5) {
		n := 5
		if d.is(i+5, ".") && sep.text == "." && a.digits == 4 {
			n = 6
		}
		switch {
		case a.digits == 4 && c.digits <= 2:
			return d.full(a.n, b.n, c.n, n)
		case a.digits <= 2 && (c.digits == 4 || c.digits == 2 && sep.text != "-"):
			y := c.n
			if c.digits == 2 {
				y += d.today.Year() / 100 * 100
				if y > d.today.Year()+20 {
					y -= 100
				}
			}
			if sep.text == "/" && (d.monthFirst && a.n <= 12 || b.n > 12) {
				return d.full(y, a.n, b.n, n)
			}
			return d.full(y, b.n, a.n, n)
		}
		return time.Time{}, 0
	}
	if a.digits > 2 || sep.text == "-" || d.more(i+3) {
		return time.Time{}, 0
	}
	if sep.text == "/" {
		if a.n == 24 && b.n == 7 {
			return time.Time{}, 0 // all day
		}
		if b.digits < 2 && a.n < 13 && b.n < 13 {
			return d.ambiguous(a.n, b.n)
		}
		if d.monthFirst && a.n <= 12 || b.n > 12 {
			return d.yearless(time.Month(a.n), b.n, 3)
		}
		return d.yearless(time.Month(b.n), a.n, 3)
	}
	if d.is(i+3, ".") && !d.tok(i+3).gap {
		return d.yearless(time.Month(b.n), a.n, 4)
	}
	if b.digits == 2 && !b.gap && !clockWord(d.tok(i+3).text) {
		return d.yearless(time.Month(b.n), a.n, 3)
	}
	return time.Time{}, 0
}

// ambiguous reads 12/7, which may be of either order, or a fraction.
func (d *dayReader) ambiguous(a, b int) (time.Time, int) {
	if !d.nearest {
		return time.Time{}, 0
	}
	day, n := d.yearless(time.Month(a), b, 3)
	other, m := d.yearless(time.Month(b), a, 3)
	if n == 0 || m > 0 && !d.monthFirst && other.Before(day) {
		return other, m
	}
	return day, n
}

// more tells that a figure goes on at i: a time, a version, an address.
func (d *dayReader) more(i int) bool {
	t := d.tok(i)
	return t.kind == 'p' && strings.Contains("./:-", t.text) && !t.gap && d.tok(i+1).kind == 'n' && !d.tok(i+1).gap
}

// dayMonth reads "20 March", "20th of March, 2026", "20. März", "20 de marzo de 2026", "20 tháng 3".
func (d *dayReader) dayMonth(i int) (time.Time, int) {
	a := d.tok(i)
	if a.digits > 2 || a.n < 1 || a.n > 31 {
		return time.Time{}, 0
	}
	j := d.skipOrdinal(i + 1)
	for k := 0; k < 2 && d.tok(j).kind == 'w' && filler(d.tok(j).text); k++ {
		j++
	}
	m := monthName(d.tok(j).text)
	if m == 0 {
		if t := d.tok(j + 1); d.tok(j).text == "tháng" && t.kind == 'n' && t.n >= 1 && t.n <= 12 {
			m = time.Month(t.n)
			j++
		}
	}
	if m == 0 {
		return time.Time{}, 0
	}
	return d.withYear(m, a.n, i, j+1)
}

// monthDay reads "March 20th, 2026" and "március 20.".
func (d *dayReader) monthDay(i int, m time.Month) (time.Time, int) {
	j := i + 1
	if d.is(j, ".") {
		j++
	}
	for k := 0; k < 2 && d.tok(j).kind == 'w' && filler(d.tok(j).text); k++ {
		j++
	}
	b := d.tok(j)
	if b.kind != 'n' || b.digits > 2 || b.n < 1 || b.n > 31 || d.is(j+1, ":") {
		if sonu := d.tok(i + 1).text; endWord(sonu) {
			return d.monthEnd(m, 2)
		}
		return time.Time{}, 0
	}
	return d.withYear(m, b.n, i, d.skipOrdinal(j+1))
}

// yearMonthDay reads "2026. március 20.".
func (d *dayReader) yearMonthDay(i int) (time.Time, int) {
	a := d.tok(i)
	if a.digits != 4 {
		return time.Time{}, 0
	}
	j := i + 1
	for k := 0; k < 2 && (d.is(j, ".") || filler(d.tok(j).text)); k++ {
		j++
	}
	m, b := monthName(d.tok(j).text), d.tok(j+1)
	if m == 0 || b.kind != 'n' || b.digits > 2 {
		return time.Time{}, 0
	}
	return d.full(a.n, int(m), b.n, d.skipOrdinal(j+2)-i)
}

// skipOrdinal passes what makes a number an ordinal: "th", ".", "º", "-го".
func (d *dayReader) skipOrdinal(j int) int {
	if d.is(j, "-") && ordinal(d.tok(j+1).text) {
		return j + 2
	}
	if d.is(j, ":") && ordinal(d.tok(j+1).text) {
		return j + 2
	}
	if t := d.tok(j); !t.gap && (t.kind == 'p' && (t.text == "." || t.text == "º" || t.text == "°") || ordinal(t.text)) {
		return j + 1
	}
	return j
}

// withYear reads the year behind a day and month that end before token j, if there is one.
func (d *dayReader) withYear(m time.Month, day, i, j int) (time.Time, int) {
	k := j
	for n := 0; n < 2 && (d.is(k, ",") || d.is(k, ".") || d.tok(k).kind == 'w' && filler(d.tok(k).text)); n++ {
		k++
	}
	if y := d.tok(k); y.kind == 'n' && y.digits == 4 && y.n >= 1990 && y.n < 2200 {
		return d.full(y.n, int(m), day, k+1-i)
	}
	return d.yearless(m, day, j-i)
}

// full checks a whole date.
func (d *dayReader) full(y, m, day, n int) (time.Time, int) {
	t := date(y, time.Month(m), day)
	if m < 1 || m > 12 || t.Day() != day || y < 1990 || y > 2200 {
		return time.Time{}, 0
	}
	return t, n
}

// yearless is the next such day.
func (d *dayReader) yearless(m time.Month, day, n int) (time.Time, int) {
	if m < 1 || m > 12 || day < 1 || day > 31 {
		return time.Time{}, 0
	}
	for y := d.today.Year(); y < d.today.Year()+8; y++ { // 29 February
		if t := date(y, m, day); t.Day() == day && !t.Before(d.today) {
			return t, n
		}
	}
	return time.Time{}, 0
}

// dayOfMonth reads "the 20th", "zum 20.", "hasta el 20": the next such day.
func (d *dayReader) dayOfMonth(i int) (time.Time, int) {
	a := d.tok(i)
	j := d.skipOrdinal(i + 1)
	english := j > i+1 && d.tok(j-1).kind == 'w'
	if a.digits > 2 || a.n < 1 || a.n > 31 || !english && !dayArticle(d.tok(i-1).text) || clockWord(d.tok(j).text) || d.is(j, ":") || d.is(j, "%") || d.is(j, "/") {
		return time.Time{}, 0
	}
	if t := d.tok(j); !english && (t.kind == 'w' || t.kind == 'n') && !sentenceWord(t.text) {
		return time.Time{}, 0 // twenty of something
	}
	for k := 0; k < 3; k++ {
		if t := date(d.today.Year(), d.today.Month()+time.Month(k), a.n); t.Day() == a.n && !t.Before(d.today) {
			return t, j - i
		}
	}
	return time.Time{}, 0
}

// amount reads "3 days" at the start of the words, and "3 gün sonra", "3 päivän päästä" anywhere.
func (d *dayReader) amount(i int) (time.Time, int) {
	a := d.tok(i)
	days, months := unit(d.tok(i + 1).text)
	if days+months == 0 || a.digits > 3 {
		return time.Time{}, 0
	}
	if later := d.tok(i + 2).text; laterWord(later) {
		return d.after(a.n, days, months, 3)
	}
	if i > 1 {
		return time.Time{}, 0
	}
	return d.after(a.n, days, months, 2)
}

func (d *dayReader) after(n, days, months, tokens int) (time.Time, int) {
	if n > 400 {
		return time.Time{}, 0
	}
	if months == 0 {
		return d.today.AddDate(0, 0, n*days), tokens
	}
	return d.addMonths(n * months), tokens
}

// addMonths does not spill over: a month after 31 January is the end of February.
func (d *dayReader) addMonths(n int) time.Time {
	y, m, day := d.today.Date()
	return date(y, m+time.Month(n), min(day, date(y, m+time.Month(n)+1, 0).Day()))
}

func (d *dayReader) monthEnd(m time.Month, n int) (time.Time, int) {
	y := d.today.Year()
	if m < d.today.Month() {
		y++
	}
	return date(y, m+1, 0), n
}

// phrase joins the words from token i on.
func (d *dayReader) phrase(i, n int) string {
	if n == 1 {
		return d.tok(i).text
	}
	var b strings.Builder
	for k := range n {
		t := d.tok(i + k)
		if k > 0 && k < n-1 && t.text == "-" && !t.gap {
			continue // après-demain
		}
		if t.kind != 'w' {
			return ""
		}
		if k > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// worded reads what begins with a word: weekdays and relative days.
func (d *dayReader) worded(i int) (time.Time, int) {
	for n := 5; n > 0; n-- {
		if k := relative(d.phrase(i, n)); k != noDay {
			return d.relative(k, i, n)
		}
	}
	next, j := false, i
	for nextWord(d.tok(j).text) && j < i+2 {
		next = true
		j++
	}
	if day, ok := d.weekday(j); ok {
		return d.onWeekday(day, next, i, j)
	}
	if inWord(d.tok(i).text) { // "in 3 days", "en dos semanas"
		j := i + 1
		if t := d.tok(j).text; t == "de" || t == "a" {
			j++
		}
		count := d.tok(j).n
		if d.tok(j).kind == 'w' {
			count = numberWord(d.tok(j).text)
		}
		if days, months := unit(d.tok(j + 1).text); count > 0 && days+months > 0 {
			return d.after(count, days, months, j+2-i)
		}
		if days, months := unit(d.tok(j).text); days+months > 0 { // "через неделю"
			return d.after(1, days, months, j+1-i)
		}
	}
	if count := numberWord(d.tok(i).text); count > 0 && i == 0 { // "two weeks"
		if days, months := unit(d.tok(1).text); days+months > 0 {
			return d.after(count, days, months, 2)
		}
	}
	return d.partOfMonth(i)
}

// partOfMonth reads "end of March", "Mitte April".
func (d *dayReader) partOfMonth(i int) (time.Time, int) {
	j := i + 1
	for k := 0; k < 3 && (filler(d.tok(j).text) || d.is(j, "-")); k++ {
		j++
	}
	m := monthName(d.tok(j).text)
	if m == 0 || d.tok(j+1).kind == 'n' && d.tok(j+1).digits <= 2 {
		return time.Time{}, 0
	}
	switch w := d.tok(i).text; {
	case endWord(w):
		return d.monthEnd(m, j+1-i)
	case middleWord(w):
		return d.yearless(m, 15, j+1-i)
	case beginningWord(w):
		return d.yearless(m, 1, j+1-i)
	}
	return time.Time{}, 0
}

// weekday reads the weekday at token i. Short names count only where nothing follows them: they are words of other
// languages, too.
func (d *dayReader) weekday(i int) (time.Weekday, bool) {
	t := d.tok(i)
	if t.kind != 'w' {
		return 0, false
	}
	if day, ok := weekdayName(t.text); ok {
		return day, true
	}
	next := d.tok(i + 1)
	if day, ok := shortWeekday(t.text); ok && (next.kind == 0 || next.kind == 'p' || next.kind == 'n' || next.text == "feira") {
		return day, true
	}
	return 0, false
}

// onWeekday is the next such day, or the one of next week; a date that follows the weekday's name is meant instead.
func (d *dayReader) onWeekday(day time.Weekday, next bool, i, j int) (time.Time, int) {
	end := j + 1
	if d.is(end, "-") && d.tok(end+1).text == "feira" {
		end += 2
	}
	for k := end; k < end+4 && d.tok(k).kind != 0; k++ {
		t := d.tok(k)
		if t.kind == 'n' || monthName(t.text) != 0 {
			if date, n := d.at(k); n > 0 {
				return date, k + n - i
			}
			break
		}
		if !(t.kind == 'p' && strings.Contains(",.(", t.text)) && !filler(t.text) && !dayArticle(t.text) {
			break
		}
	}
	for n := 3; n > 0; n-- {
		if p := d.phrase(end, n); nextAfter(p) || relative(p) == nextWeek {
			next = true
			end += n
			break
		}
	}
	if next {
		return d.nextMonday().AddDate(0, 0, (int(day)+6)%7), end - i
	}
	return d.coming(day), end - i
}

func (d *dayReader) nextMonday() time.Time {
	return d.today.AddDate(0, 0, 7-(int(d.today.Weekday())+6)%7)
}

// coming is the first such weekday after today.
func (d *dayReader) coming(day time.Weekday) time.Time {
	return d.today.AddDate(0, 0, (int(day)-int(d.today.Weekday())+6)%7+1)
}

// relative is the day that a phrase of n tokens names.
func (d *dayReader) relative(k relativeDay, i, n int) (time.Time, int) {
	y, m, _ := d.today.Date()
	switch k {
	case today:
		return d.today, n
	case tomorrow:
		return d.today.AddDate(0, 0, 1), n
	case overmorrow:
		return d.today.AddDate(0, 0, 2), n
	case nextWeek:
		for j := i + n; j < i+n+3; j++ { // "next week Monday"
			if day, ok := d.weekday(j); ok {
				return d.nextMonday().AddDate(0, 0, (int(day)+6)%7), j + 1 - i
			}
			if !filler(d.tok(j).text) && !dayArticle(d.tok(j).text) {
				break
			}
		}
		return d.nextMonday(), n
	case nextMonth:
		return date(y, m+1, 1), n
	case endOfMonth:
		return date(y, m+1, 0), n
	case endOfWeek:
		if d.today.Weekday() == time.Friday {
			return d.today, n
		}
		return d.coming(time.Friday), n
	}
	return time.Time{}, 0
}

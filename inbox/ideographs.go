package inbox

import (
	"strings"
	"time"
)

// ideographDate reads 2026年3月20日, 3月20日, 3월 20일 and 3月末.
func (d *dayReader) ideographDate(i int) (time.Time, int) {
	j, year := i, 0
	if t := d.tok(j + 1).text; (t == "年" || t == "년") && d.tok(j).digits == 4 && d.tok(j+2).kind == 'n' {
		year = d.tok(j).n
		j += 2
	}
	if t := d.tok(j + 1).text; t != "月" && t != "월" || d.tok(j).digits > 2 {
		return time.Time{}, 0
	}
	month, day := d.tok(j).n, d.tok(j+2)
	if e := day.text; month >= 1 && month <= 12 && (e == "末" || e == "底" || e == "말") {
		return d.monthEnd(time.Month(month), j+3-i)
	}
	if t := d.tok(j + 3).text; day.kind != 'n' || day.digits > 2 || t != "日" && t != "号" && t != "號" && t != "일" {
		return time.Time{}, 0
	}
	if year > 0 {
		return d.full(year, month, day.n, j+4-i)
	}
	return d.yearless(time.Month(month), day.n, j+4-i)
}

// ideographs reads weekdays and relative days in Chinese, Japanese and Korean.
func (d *dayReader) ideographs(i int) (time.Time, int) {
	var b strings.Builder
	for j := i; j < i+8 && d.tok(j).kind == 'c'; j++ {
		b.WriteString(d.tok(j).text)
	}
	s := b.String()
	for _, p := range []struct {
		word string
		day  relativeDay
	}{
		{"明後日", overmorrow}, {"あさって", overmorrow}, {"后天", overmorrow}, {"後天", overmorrow}, {"모레", overmorrow},
		{"明日", tomorrow}, {"明天", tomorrow}, {"내일", tomorrow},
		{"今日", today}, {"本日", today}, {"今天", today}, {"오늘", today},
		{"来月", nextMonth}, {"來月", nextMonth}, {"下个月", nextMonth}, {"下個月", nextMonth}, {"다음달", nextMonth},
		{"今月末", endOfMonth}, {"本月底", endOfMonth}, {"这个月底", endOfMonth}, {"이달말", endOfMonth}, {"월말", endOfMonth}, {"月末", endOfMonth}, {"月底", endOfMonth},
	} {
		if strings.HasPrefix(s, p.word) {
			return d.relative(p.day, i, len([]rune(p.word)))
		}
	}
	next := 0
	for _, w := range []string{"来週", "來週", "下周", "下週", "下星期", "下个星期", "다음주"} {
		if rest, ok := strings.CutPrefix(s, w); ok {
			next, s = len([]rune(w)), rest
			if rest, ok := strings.CutPrefix(s, "の"); ok {
				next, s = next+1, rest
			}
			break
		}
	}
	day, n, ok := ideographWeekday(s, next > 0)
	switch {
	case ok && next > 0:
		return d.nextMonday().AddDate(0, 0, (int(day)+6)%7), next + n
	case ok:
		return d.coming(day), n
	case next > 0:
		return d.nextMonday(), next
	}
	return time.Time{}, 0
}

// ideographWeekday reads the weekday that s begins with; bare is set where the day's sign alone is enough, as in 下周一.
func ideographWeekday(s string, bare bool) (day time.Weekday, n int, ok bool) {
	for _, w := range []string{"星期", "礼拜", "禮拜", "周", "週"} {
		if rest, cut := strings.CutPrefix(s, w); cut {
			if day, ok = chineseDay(rest); ok {
				return day, len([]rune(w)) + 1, true
			}
		}
	}
	if bare {
		if day, ok = chineseDay(s); ok {
			return day, 1, true
		}
	}
	signs := []rune(s)
	if len(signs) < 2 {
		return 0, 0, false
	}
	if signs[1] == '曜' {
		for i, sign := range "日月火水木金土" {
			if signs[0] == sign {
				n = 2
				if len(signs) > 2 && signs[2] == '日' {
					n = 3
				}
				return time.Weekday(i / 3), n, true
			}
		}
	}
	if len(signs) > 2 && signs[1] == '요' && signs[2] == '일' {
		for i, sign := range "일월화수목금토" {
			if signs[0] == sign {
				return time.Weekday(i / 3), 3, true
			}
		}
	}
	return 0, 0, false
}

func chineseDay(s string) (time.Weekday, bool) {
	for i, sign := range "日一二三四五六" {
		if strings.HasPrefix(s, string(sign)) {
			return time.Weekday(i / 3), true
		}
	}
	return time.Sunday, strings.HasPrefix(s, "天")
}

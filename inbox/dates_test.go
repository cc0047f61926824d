package inbox

import (
	"strings"
	"testing"
	"time"
)

// now is a Tuesday.
var testNow = time.Date(2026, 3, 10, 9, 15, 0, 0, time.FixedZone("", 3600))

func TestReadDay(t *testing.T) {
	for _, c := range []struct{ words, want, rest string }{
		// figures
		{"2026-03-20", "2026-03-20", ""},
		{"to 2026/3/20 please", "2026-03-20", " please"},
		{"20.03.2026", "2026-03-20", ""},
		{"20. 3. 2026", "2026-03-20", ""},
		{"20.3.", "2026-03-20", ""},
		{"20.03", "2026-03-20", ""},
		{"20/03/2026", "2026-03-20", ""},
		{"3/20/2026", "2026-03-20", ""},
		{"4/5/26", "2026-05-04", ""},
		{"20-03-2026", "2026-03-20", ""},
		{"09.03.", "2027-03-09", ""},
		{"10.03.", "2026-03-10", ""},
		{"31.12.99", "1999-12-31", ""},
		{"29.02.", "2028-02-29", ""},
		{"30/02/2026", "", ""},
		{"24/7", "", ""},
		{"1/2 page", "", ""},
		{"192.168.10.12", "", ""},
		{"version 3.10.2", "", ""},
		{"at 10.15 Uhr", "", ""},
		{"12:30", "", ""},
		{"+49 30 12.03.44.55", "", ""},
		// months by name
		{"20 March", "2026-03-20", ""},
		{"March 20th, 2026 at noon", "2026-03-20", " at noon"},
		{"the 20th of March", "2026-03-20", ""},
		{"Mar 20", "2026-03-20", ""},
		{"May 5", "2026-05-05", ""},
		{"I may 20:00", "", ""},
		{"1 February", "2027-02-01", ""},
		{"20. März 2026", "2026-03-20", ""},
		{"den 20. Maerz", "2026-03-20", ""},
		{"le 1er avril", "2026-04-01", ""},
		{"20 de marzo de 2026", "2026-03-20", ""},
		{"20 de março", "2026-03-20", ""},
		{"l'8 aprile", "2026-04-08", ""},
		{"20 maart", "2026-03-20", ""},
		{"den 20 mars", "2026-03-20", ""},
		{"20. marts", "2026-03-20", ""},
		{"20. maaliskuuta", "2026-03-20", ""},
		{"20 marca 2026 r.", "2026-03-20", " r."},
		{"20. března", "2026-03-20", ""},
		{"20 марта 2026 г.", "2026-03-20", " г."},
		{"20-го марта", "2026-03-20", ""},
		{"20 березня", "2026-03-20", ""},
		{"20 Mart 2026", "2026-03-20", ""},
		{"2026. március 20.", "2026-03-20", ""},
		{"március 20", "2026-03-20", ""},
		{"20 Μαρτίου", "2026-03-20", ""},
		{"20 martie", "2026-03-20", ""},
		{"20 tháng 3 năm 2026", "2026-03-20", ""},
		{"20 במרץ", "2026-03-20", ""},
		{"20 مارس 2026", "2026-03-20", ""},
		{"2026年3月20日", "2026-03-20", ""},
		{"３月２０日まで", "2026-03-20", "まで"},
		{"3월 20일까지", "2026-03-20", "까지"},
		// weekdays
		{"Friday", "2026-03-13", ""},
		{"by friday, please", "2026-03-13", ", please"},
		{"Tuesday", "2026-03-17", ""},
		{"next Friday", "2026-03-20", ""},
		{"next Monday", "2026-03-16", ""},
		{"Mon", "2026-03-16", ""},
		{"Monday, 23 March", "2026-03-23", ""},
		{"Montag, den 23.03.2026", "2026-03-23", ""},
		{"am Freitag", "2026-03-13", ""},
		{"nächsten Freitag", "2026-03-20", ""},
		{"lundi prochain", "2026-03-16", ""},
		{"vendredi", "2026-03-13", ""},
		{"el viernes", "2026-03-13", ""},
		{"venerdì", "2026-03-13", ""},
		{"sexta-feira", "2026-03-13", ""},
		{"segunda-feira, 16 de março", "2026-03-16", ""},
		{"vrijdag", "2026-03-13", ""},
		{"på fredag", "2026-03-13", ""},
		{"perjantaina", "2026-03-13", ""},
		{"w piątek", "2026-03-13", ""},
		{"v pátek", "2026-03-13", ""},
		{"в пятницу", "2026-03-13", ""},
		{"у п’ятницю", "2026-03-13", ""},
		{"cuma", "2026-03-13", ""},
		{"金曜日", "2026-03-13", ""},
		{"来週の月曜日に", "2026-03-16", "に"},
		{"下周五", "2026-03-20", ""},
		{"星期五", "2026-03-13", ""},
		{"금요일", "2026-03-13", ""},
		{"다음 주 월요일", "2026-03-16", ""},
		{"mon bureau", "", ""},
		{"la segunda parte", "", ""},
		// relative
		{"today", "2026-03-10", ""},
		{"tomorrow!", "2026-03-11", "!"},
		{"übermorgen", "2026-03-12", ""},
		{"après-demain", "2026-03-12", ""},
		{"pasado mañana", "2026-03-12", ""},
		{"in 3 days", "2026-03-13", ""},
		{"in three days", "2026-03-13", ""},
		{"in a week", "2026-03-17", ""},
		{"3 more days", "", ""},
		{"3 days", "2026-03-13", ""},
		{"two weeks", "2026-03-24", ""},
		{"in zwei Wochen", "2026-03-24", ""},
		{"dans 3 jours", "2026-03-13", ""},
		{"dentro de 3 días", "2026-03-13", ""},
		{"tra una settimana", "2026-03-17", ""},
		{"daqui a 3 dias", "2026-03-13", ""},
		{"over 3 dagen", "2026-03-13", ""},
		{"om 3 dagar", "2026-03-13", ""},
		{"3 päivän päästä", "2026-03-13", ""},
		{"za 3 dni", "2026-03-13", ""},
		{"через неделю", "2026-03-17", ""},
		{"3 gün sonra", "2026-03-13", ""},
		{"in a month", "2026-04-10", ""},
		{"next week", "2026-03-16", ""},
		{"nächste Woche Mittwoch", "2026-03-18", ""},
		{"Wednesday next week", "2026-03-18", ""},
		{"la semaine prochaine", "2026-03-16", ""},
		{"next month", "2026-04-01", ""},
		{"end of the month", "2026-03-31", ""},
		{"Ende des Monats", "2026-03-31", ""},
		{"fin de mes", "2026-03-31", ""},
		{"до конца месяца", "2026-03-31", ""},
		{"月末", "2026-03-31", ""},
		{"end of the week", "2026-03-13", ""},
		{"end of April", "2026-04-30", ""},
		{"Ende April", "2026-04-30", ""},
		{"fin avril", "2026-04-30", ""},
		{"mid-April", "2026-04-15", ""},
		{"Anfang April", "2026-04-01", ""},
		{"4月末", "2026-04-30", ""},
		{"the 25th", "2026-03-25", ""},
		{"the 5th", "2026-04-05", ""},
		{"zum 25.", "2026-03-25", ""},
		{"hasta el 25", "2026-03-25", ""},
		{"the 20 pages", "", ""},
		// nothing
		{"", "", ""},
		{"as soon as possible", "", ""},
		{"20 pages of 300 words", "", ""},
		{"\xff\xfe 20\xff March", "", ""},
	} {
		day, rest, ok := readDay(c.words, testNow)
		got := ""
		if ok {
			got = day.Format(time.DateOnly)
		} else {
			rest = c.rest
		}
		if got != c.want || rest != c.rest {
			t.Errorf("%q: %q, then %q; want %q, then %q", c.words, got, rest, c.want, c.rest)
		}
	}
	american := time.Date(2026, 3, 10, 9, 15, 0, 0, time.FixedZone("", -5*3600))
	for words, want := range map[string]string{"until 4/5/2026": "2026-04-05", "hasta el 4/5/2026": "2026-05-04", "4/5/26": "2026-04-05", "20/4/2026": "2026-04-20", "04/05": "2026-04-05"} {
		if day, _, ok := readDay(words, american); !ok || day.Format(time.DateOnly) != want {
			t.Errorf("%q in the United States: %v, want %s", words, day, want)
		}
	}
}

// TestReadDayAtTheEdges: ends of months and years, and the mail's own calendar.
func TestReadDayAtTheEdges(t *testing.T) {
	for _, c := range []struct{ now, words, want string }{
		{"2026-12-30T10:00:00Z", "2 January", "2027-01-02"},
		{"2026-12-30T10:00:00Z", "next week", "2027-01-04"},
		{"2026-01-31T10:00:00Z", "in a month", "2026-02-28"},
		{"2028-01-31T10:00:00Z", "end of February", "2028-02-29"},
		{"2026-03-31T10:00:00Z", "the 31st", "2026-03-31"},
		{"2026-04-30T10:00:00Z", "the 31st", "2026-05-31"},
		{"2026-03-15T10:00:00Z", "next Monday", "2026-03-16"}, // a Sunday
		{"2026-03-13T10:00:00Z", "end of the week", "2026-03-13"},
		{"2026-03-10T23:30:00-08:00", "tomorrow", "2026-03-11"},
		{"2026-03-10T00:30:00+13:00", "tomorrow", "2026-03-11"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if day, _, ok := readDay(c.words, now); !ok || day.Format(time.DateOnly) != c.want {
			t.Errorf("%s, %q: %v, want %s", c.now, c.words, day, c.want)
		}
	}
}

func TestReturnDay(t *testing.T) {
	for _, c := range []struct{ subject, text, want string }{
		{"Out of office", "I am away until 20 March.", "2026-03-20"},
		{"Out of office until March 20", "", "2026-03-20"},
		{"Auto", "I'm on leave from 9 March to 20 March with no access to mail.", "2026-03-20"},
		{"Auto", "Away 14-28 March. Back on Monday 30 March.", "2026-03-30"},
		{"Auto", "I will be back on Monday.", "2026-03-16"},
		{"Auto", "I will be out of the office starting 03/09/2026 and will not return until 03/23/2026.", "2026-03-23"},
		{"Auto", "Back in the office next week. For urgent matters write to bo@poets.example.org by 12 March.", "2026-03-16"},
		{"Auto", "Ich bin bis einschließlich Freitag, 20.03.2026, nicht im Büro.", "2026-03-20"},
		{"Auto", "Ich bin ab dem 23. März wieder erreichbar.", "2026-03-23"},
		{"Auto", "Vom 9. bis 20. März bin ich im Urlaub.", "2026-03-20"},
		{"Auto", "Je suis absente jusqu’au 20 mars inclus.", "2026-03-20"},
		{"Auto", "De retour le lundi 23 mars.", "2026-03-23"},
		{"Auto", "Estaré fuera de la oficina hasta el 20 de marzo.", "2026-03-20"},
		{"Auto", "Sono in ferie fino al 20 marzo.", "2026-03-20"},
		{"Auto", "Estou de férias até 20 de março.", "2026-03-20"},
		{"Auto", "Ik ben afwezig tot en met 20 maart.", "2026-03-20"},
		{"Auto", "Jag är på semester t.o.m. 20 mars.", "2026-03-20"},
		{"Auto", "Jeg er på ferie til og med 20. marts.", "2026-03-20"},
		{"Auto", "Olen lomalla 20.3. asti.", "2026-03-20"},
		{"Auto", "Jestem na urlopie do 20 marca.", "2026-03-20"},
		{"Auto", "Do 20. března mám dovolenou.", "2026-03-20"},
		{"Auto", "Я в отпуске до 20 марта.", "2026-03-20"},
		{"Auto", "Я у відпустці до 20 березня включно.", "2026-03-20"},
		{"Auto", "20 Mart 2026 tarihine kadar izindeyim.", "2026-03-20"},
		{"Auto", "3月20日(金)まで不在にしております。", "2026-03-20"},
		{"Auto", "3월 20일까지 휴가입니다.", "2026-03-20"},
		{"Auto", "我休假至3月20日。", "2026-03-20"},
		{"Auto", "我将于3月23日回来。", "2026-03-23"},
		{"Auto", "Λείπω μέχρι 20 Μαρτίου.", "2026-03-20"},
		{"Auto", "2026. március 20-ig szabadságon vagyok.", "2026-03-20"},
		{"Auto", "Sunt în concediu până la 20 martie.", "2026-03-20"},
		{"Auto", "Tôi vắng mặt đến 20/03/2026.", "2026-03-20"},
		{"Auto", "We answer within two working days. Our office is open until 5 pm.", ""},
		{"Auto", "Thank you for your mail of 9 March.", ""},
		{"Auto", "I was away until 1 March.", ""}, // forgotten to switch off
		{"Auto", "On parental leave until 1 March 2027.", "2027-03-01"},
		{"Auto", "I am OOO through 3/20 and back on 4/7.", "2026-03-20"},
		{"Auto", "I'll be back on 4/7.", "2026-04-07"},
		{"Auto", "Back Apr 4.", "2026-04-04"},
		{"Auto", "I will get back to you. The fair is on 20 March.", ""},
		{"Auto", "Ich bin erst am Montag, den 30. März wieder im Büro.", "2026-03-30"},
		{"Auto", "Sarò di nuovo in ufficio lunedì 30 marzo.", "2026-03-30"},
		{"Auto", "Ik ben op maandag 30 maart weer aanwezig.", "2026-03-30"},
		{"Auto", "Vracím se 30. března.", "2026-03-30"},
		{"Auto", "30 Mart'ta döneceğim.", "2026-03-30"},
		{"Auto", "Március 30-án jövök vissza.", "2026-03-30"},
		{"Auto", "Szabadságon vagyok, április 1-jén jövök vissza.", "2026-04-01"},
		{"Auto", "Office hours: Monday to Friday until 5 pm. I will answer soon.", ""},
		{"Auto", "Our office is staffed Monday to Friday from 9 am.", ""},
		{"Auto", "Deadline for the fair is until 30 March.", ""},
		{"Auto", "I am away until 20 March. Our office hours are Monday to Friday.", "2026-03-20"},
	} {
		got := ""
		if day := returnDay(c.subject, c.text, testNow); !day.IsZero() {
			got = day.Format(time.DateOnly)
		}
		if got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.subject, c.text, got, c.want)
		}
	}
	if day := returnDay("Away until 20 March 2026", "", time.Time{}); day.Format(time.DateOnly) != "2026-03-20" {
		t.Errorf("of a mail without a date: %v", day)
	}
	if day := returnDay("Away until Friday", "", time.Time{}); !day.IsZero() {
		t.Errorf("a weekday of no week: %v", day)
	}
}

// TestDayBombs: every text gets an answer. (BenchmarkDayBombs tells how soon.)
func TestDayBombs(t *testing.T) {
	for _, s := range dayBombs {
		readBomb(t, s)
	}
}

var dayBombs = []string{"until ", "1.", "20 ", "3月", "next ", "monday ", "end of ", "20 de ", "in 3 ", "-", "\xff", "bis 20. März ", "来週"}

func BenchmarkDayBombs(b *testing.B) {
	for b.Loop() {
		for _, s := range dayBombs {
			readBomb(b, s)
		}
	}
}

func readBomb(t testing.TB, word string) {
	text := strings.Repeat(word, 5<<20/len(word))
	if day, rest, ok := readDay(text, testNow); !ok && (rest != text || !day.IsZero()) {
		t.Errorf("%q: %v, but no day", word, day)
	}
	if day := returnDay(text, text, testNow); !day.IsZero() && day.Before(date(2026, 3, 10)) {
		t.Errorf("%q: back on %v", word, day)
	}
}

// FuzzDays: whatever the words, the day is a midnight in some year to come or told, and the rest is their end.
func FuzzDays(f *testing.F) {
	for _, s := range []string{"until Monday, 23 March 2026", "bis 20.3.", "3月20日まで", "in 3 days", "20 de março", "end of April", "2026. március 20.", "l'8 aprile", "\xff20 March"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, words string) {
		day, rest, ok := readDay(words, testNow)
		if !strings.HasSuffix(words, rest) || !ok && rest != words {
			t.Fatalf("rest %q of %q", rest, words)
		}
		if ok && (day.Year() < 1990 || day.Year() > 2200 || day != date(day.Year(), day.Month(), day.Day())) {
			t.Fatalf("%q: %v", words, day)
		}
		if back := returnDay("", words, testNow); !back.IsZero() && back.Before(date(2026, 3, 10)) {
			t.Fatalf("%q: back on %v", words, back)
		}
	})
}

// FuzzReports: no report leads to an address, a code or a number of them that the bounce ledger could not hold.
func FuzzReports(f *testing.F) {
	for _, s := range []string{"<ana@poets.example.org>: 550 5.1.1 unknown", "Final-Recipient: rfc822; ana@poets.example.org\nAction: failed\nStatus: 5.1.1\n", "RCPT TO:<a@b.example>\n5.1.", "a@b.example (expanded from <c@d.example>)", "收件人：a@b.exampleは"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := &Message{}
		found := textBounce(m, nil, text, nil)
		d := readDSN(text)
		for _, r := range append(append(found, d.recipients...), d.delivered...) {
			if !strings.Contains(r.Address, "@") || r.Status != "" && enhancedStatus(r.Status) != r.Status {
				t.Fatalf("%+v of %q", r, text)
			}
		}
		if len(found) > maxRecipients || len(d.recipients) > maxRecipients {
			t.Fatal("too many")
		}
	})
}

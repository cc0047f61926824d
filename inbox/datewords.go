package inbox

import (
	"strings"
	"time"
)

// The words of dates in the languages that mail to the desk is written in. They are switches, not tables: nothing is built
// when the program starts.

type relativeDay int

const (
	noDay relativeDay = iota
	today
	tomorrow
	overmorrow
	nextWeek
	nextMonth
	endOfWeek
	endOfMonth
)

// relative tells what a lower-case phrase means.
func relative(phrase string) relativeDay {
	switch phrase {
	case "today", "tonight", "heute", "aujourd'hui", "hoy", "oggi", "hoje", "vandaag", "idag", "i dag", "tänään", "dziś", "dzisiaj", "dnes", "сегодня", "сьогодні", "bugün":
		return today
	case "tomorrow", "morgen", "demain", "mañana", "domani", "amanhã", "amanha", "imorgon", "i morgon", "i morgen", "huomenna", "huomiseen", "jutro", "jutra", "zítra", "zítřka", "завтра", "yarın", "yarına":
		return tomorrow
	case "day after tomorrow", "the day after tomorrow", "übermorgen", "uebermorgen", "après demain", "pasado mañana", "dopodomani", "depois de amanhã", "overmorgen", "i övermorgon", "i overmorgen", "ylihuomenna", "pojutrze", "pozítří", "послезавтра", "післязавтра":
		return overmorrow
	case "next week", "nächste woche", "nächster woche", "naechste woche", "kommende woche", "kommender woche", "semaine prochaine", "la semaine prochaine", "próxima semana", "la próxima semana", "proxima semana", "semana que viene", "la semana que viene", "semana que vem", "settimana prossima", "prossima settimana", "la prossima settimana", "la settimana prossima", "volgende week", "nästa vecka", "næste uge", "neste uke", "ensi viikolla", "ensi viikko", "ensi viikkoon", "przyszłym tygodniu", "przyszły tydzień", "przyszłego tygodnia", "příští týden", "příštího týdne", "следующей неделе", "следующую неделю", "следующей недели", "наступного тижня", "наступному тижні", "gelecek hafta", "önümüzdeki hafta", "haftaya":
		return nextWeek
	case "next month", "nächsten monat", "nächster monat", "mois prochain", "le mois prochain", "próximo mes", "el próximo mes", "mes que viene", "prossimo mese", "mese prossimo", "próximo mês", "mês que vem", "volgende maand", "nästa månad", "næste måned", "neste måned", "ensi kuussa", "przyszłym miesiącu", "przyszły miesiąc", "příští měsíc", "следующем месяце", "следующий месяц", "наступного місяця", "gelecek ay", "önümüzdeki ay":
		return nextMonth
	case "end of the week", "end of week", "end of this week", "ende der woche", "ende dieser woche", "fin de la semaine", "final de la semana", "finales de semana", "fine della settimana", "fim da semana", "final da semana", "eind van de week", "einde van de week", "slutet av veckan", "slutningen af ugen", "slutten av uken", "viikon loppuun", "viikon lopussa", "koniec tygodnia", "końca tygodnia", "końcem tygodnia", "konec týdne", "konce týdne", "конец недели", "конца недели", "конце недели", "кінця тижня", "кінець тижня":
		return endOfWeek
	case "end of the month", "end of month", "end of this month", "month end", "month's end", "monatsende", "ende des monats", "ende dieses monats", "fin du mois", "fin de mes", "final de mes", "finales de mes", "fin del mes", "fine mese", "fine del mese", "fim do mês", "final do mês", "eind van de maand", "einde van de maand", "slutet av månaden", "månadsskiftet", "slutningen af måneden", "slutten av måneden", "kuun loppuun", "kuun lopussa", "koniec miesiąca", "końca miesiąca", "końcem miesiąca", "konec měsíce", "konce měsíce", "конец месяца", "конца месяца", "конце месяца", "кінця місяця", "кінець місяця", "ay sonu", "ay sonuna", "ayın sonu", "ayın sonuna":
		return endOfMonth
	}
	return noDay
}

// monthName is the month of a lower-case name or short name in any form that dates take; 0 if it is none.
func monthName(w string) time.Month {
	if i := strings.IndexByte(w, '\''); i > 2 { // "Kasım'da"
		w = w[:i]
	}
	switch w {
	case "january", "jan", "januar", "jänner", "janvier", "janv", "enero", "ene", "gennaio", "gen", "janeiro", "januari", "tammikuu", "tammikuuta", "tammikuun", "stycznia", "styczeń", "ledna", "leden", "január", "januára", "января", "январь", "янв", "січня", "січень", "ocak", "ianuarie", "ιανουαρίου", "януари", "siječnja", "januarja", "jaanuar", "sausio", "janvāris", "janvārī", "gener", "janúar", "ינואר", "בינואר", "يناير", "มกราคม":
		return time.January
	case "february", "feb", "febr", "februar", "feber", "februari", "février", "fevrier", "févr", "febrero", "febbraio", "fevereiro", "fev", "helmikuu", "helmikuuta", "helmikuun", "lutego", "luty", "února", "únor", "február", "februára", "февраля", "февраль", "фев", "лютого", "лютий", "şubat", "februarie", "φεβρουαρίου", "февруари", "veljače", "februarja", "veebruar", "vasario", "februāris", "febrer", "febrúar", "פברואר", "בפברואר", "فبراير", "กุมภาพันธ์":
		return time.February
	case "march", "mar", "märz", "maerz", "mrz", "mars", "marzo", "março", "marco", "maart", "mrt", "marts", "maaliskuu", "maaliskuuta", "maaliskuun", "marca", "marzec", "března", "březen", "március", "марта", "март", "мар", "березня", "березень", "mart", "martie", "μαρτίου", "ožujka", "märts", "kovo", "martā", "març", "מרץ", "במרץ", "مارس", "มีนาคม":
		return time.March
	case "april", "apr", "avril", "avr", "abril", "abr", "aprile", "huhtikuu", "huhtikuuta", "huhtikuun", "kwietnia", "kwiecień", "dubna", "duben", "apríl", "apríla", "április", "апреля", "апрель", "апр", "квітня", "квітень", "nisan", "aprilie", "απριλίου", "април", "travnja", "aprila", "aprill", "balandžio", "aprīlis", "aprīlī", "אפריל", "באפריל", "أبريل", "ابريل", "เมษายน":
		return time.April
	case "may", "mai", "mayo", "maggio", "mag", "maio", "mei", "maj", "toukokuu", "toukokuuta", "toukokuun", "maja", "května", "květen", "máj", "mája", "május", "мая", "май", "травня", "травень", "mayıs", "μαΐου", "svibnja", "gegužės", "maijs", "maijā", "maig", "maí", "מאי", "במאי", "مايو", "พฤษภาคม":
		return time.May
	case "june", "jun", "juni", "juin", "junio", "giugno", "giu", "junho", "kesäkuu", "kesäkuuta", "kesäkuun", "czerwca", "czerwiec", "června", "červen", "jún", "júna", "június", "июня", "июнь", "июн", "червня", "червень", "haziran", "iunie", "ιουνίου", "юни", "lipnja", "junija", "juuni", "birželio", "jūnijs", "jūnijā", "juny", "júní", "יוני", "ביוני", "يونيو", "มิถุนายน":
		return time.June
	case "july", "jul", "juli", "juillet", "juil", "julio", "luglio", "lug", "julho", "heinäkuu", "heinäkuuta", "heinäkuun", "lipca", "lipiec", "července", "červenec", "júl", "júla", "július", "июля", "июль", "июл", "липня", "липень", "temmuz", "iulie", "ιουλίου", "юли", "srpnja", "julija", "juuli", "liepos", "jūlijs", "jūlijā", "juliol", "júlí", "יולי", "ביולי", "يوليو", "กรกฎาคม":
		return time.July
	case "august", "aug", "août", "aout", "agosto", "ago", "augustus", "augusti", "elokuu", "elokuuta", "elokuun", "sierpnia", "sierpień", "srpna", "srpen", "augusta", "augusztus", "августа", "август", "авг", "серпня", "серпень", "ağustos", "αυγούστου", "kolovoza", "avgusta", "rugpjūčio", "augusts", "augustā", "agost", "ágúst", "אוגוסט", "באוגוסט", "أغسطس", "สิงหาคม":
		return time.August
	case "september", "sep", "sept", "septembre", "septiembre", "setiembre", "settembre", "set", "setembro", "syyskuu", "syyskuuta", "syyskuun", "września", "wrzesień", "září", "septembra", "szeptember", "сентября", "сентябрь", "сен", "вересня", "вересень", "eylül", "septembrie", "σεπτεμβρίου", "септември", "rujna", "rugsėjo", "septembris", "septembrī", "setembre", "ספטמבר", "בספטמבר", "سبتمبر", "กันยายน":
		return time.September
	case "october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre", "ott", "outubro", "out", "lokakuu", "lokakuuta", "lokakuun", "października", "październik", "října", "říjen", "október", "októbra", "октября", "октябрь", "окт", "жовтня", "жовтень", "ekim", "octombrie", "οκτωβρίου", "октомври", "oktobra", "oktoober", "spalio", "oktobris", "oktobrī", "אוקטובר", "באוקטובר", "أكتوبر", "ตุลาคม":
		return time.October
	case "november", "nov", "novembre", "noviembre", "novembro", "marraskuu", "marraskuuta", "marraskuun", "listopada", "listopad", "listopadu", "novembra", "ноября", "ноябрь", "ноя", "листопада", "листопад", "kasım", "noiembrie", "νοεμβρίου", "ноември", "studenoga", "studenog", "lapkričio", "novembris", "novembrī", "nóvember", "נובמבר", "בנובמבר", "نوفمبر", "พฤศจิกายน":
		return time.November
	case "december", "dec", "dezember", "dez", "décembre", "decembre", "déc", "diciembre", "dic", "dicembre", "dezembro", "desember", "des", "joulukuu", "joulukuuta", "joulukuun", "grudnia", "grudzień", "prosince", "prosinec", "decembra", "декабря", "декабрь", "дек", "грудня", "грудень", "aralık", "decembrie", "δεκεμβρίου", "декември", "prosinca", "detsember", "gruodžio", "decembris", "decembrī", "desembre", "דצמבר", "בדצמבר", "ديسمبر", "ธันวาคม":
		return time.December
	}
	return 0
}

func weekdayName(w string) (time.Weekday, bool) {
	switch w {
	case "monday", "montag", "lundi", "lunes", "lunedì", "lunedi", "maandag", "måndag", "mandag", "maanantai", "maanantaina", "maanantaihin", "poniedziałek", "poniedziałku", "pondělí", "pondelok", "pondelka", "понедельник", "понедельника", "понеділок", "понеділка", "pazartesi", "pazartesiye", "hétfő", "hétfőn", "hétfőig", "δευτέρα", "luni", "понеделник", "ponedjeljak", "ponedeljek":
		return time.Monday, true
	case "tuesday", "dienstag", "mardi", "martes", "martedì", "martedi", "dinsdag", "tisdag", "tirsdag", "tiistai", "tiistaina", "tiistaihin", "wtorek", "wtorku", "úterý", "utorok", "utorka", "вторник", "вторника", "вівторок", "вівторка", "salı", "salıya", "kedd", "kedden", "keddig", "τρίτη", "marți", "utorak", "torek":
		return time.Tuesday, true
	case "wednesday", "mittwoch", "mercredi", "miércoles", "miercoles", "mercoledì", "mercoledi", "woensdag", "onsdag", "keskiviikko", "keskiviikkona", "keskiviikkoon", "środa", "środę", "środy", "středa", "středu", "středy", "streda", "stredu", "среда", "среду", "среды", "середа", "середу", "середи", "çarşamba", "çarşambaya", "szerda", "szerdán", "szerdáig", "τετάρτη", "miercuri", "сряда", "srijeda", "sreda":
		return time.Wednesday, true
	case "thursday", "donnerstag", "jeudi", "jueves", "giovedì", "giovedi", "donderdag", "torsdag", "torstai", "torstaina", "torstaihin", "czwartek", "czwartku", "czwartkiem", "čtvrtek", "čtvrtka", "štvrtok", "štvrtka", "четверг", "четверга", "четвер", "perşembe", "perşembeye", "csütörtök", "csütörtökön", "csütörtökig", "πέμπτη", "joi", "четвъртък", "četvrtak", "četrtek":
		return time.Thursday, true
	case "friday", "freitag", "vendredi", "viernes", "venerdì", "venerdi", "vrijdag", "fredag", "perjantai", "perjantaina", "perjantaihin", "piątek", "piątku", "piątkiem", "pátek", "pátku", "piatok", "piatka", "пятница", "пятницу", "пятницы", "п'ятниця", "п'ятницю", "п'ятниці", "cuma", "cumaya", "péntek", "pénteken", "péntekig", "παρασκευή", "vineri", "петък", "petak", "petek":
		return time.Friday, true
	case "saturday", "samstag", "sonnabend", "samedi", "sábado", "sabado", "sabato", "zaterdag", "lördag", "lørdag", "lauantai", "lauantaina", "lauantaihin", "sobota", "sobotę", "soboty", "sobotu", "суббота", "субботу", "субботы", "субота", "суботу", "суботи", "cumartesi", "szombat", "σάββατο", "sâmbătă", "събота", "subota":
		return time.Saturday, true
	case "sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag", "söndag", "søndag", "sunnuntai", "sunnuntaina", "sunnuntaihin", "niedziela", "niedzielę", "niedzieli", "neděle", "neděli", "nedeľa", "воскресенье", "воскресенья", "неділя", "неділю", "неділі", "pazar", "vasárnap", "κυριακή", "duminică", "неделя", "nedjelja", "nedelja":
		return time.Sunday, true
	}
	return 0, false
}

// shortWeekday knows names that mean something else before another word.
func shortWeekday(w string) (time.Weekday, bool) {
	switch w {
	case "mon", "segunda":
		return time.Monday, true
	case "tue", "tues", "terça", "terca":
		return time.Tuesday, true
	case "wed", "quarta":
		return time.Wednesday, true
	case "thu", "thur", "thurs", "quinta":
		return time.Thursday, true
	case "fri", "sexta":
		return time.Friday, true
	case "sat":
		return time.Saturday, true
	case "sun":
		return time.Sunday, true
	}
	return 0, false
}

// nextWord stands before a weekday of the week to come.
func nextWord(w string) bool {
	switch w {
	case "next", "nächsten", "nächster", "nächste", "nächstem", "próximo", "próxima", "proximo", "proxima", "prossimo", "prossima", "volgende", "nästa", "næste", "neste", "ensi", "przyszły", "przyszłą", "przyszłego", "następny", "příští", "příštího", "následující", "следующий", "следующего", "следующую", "следующей", "наступний", "наступного", "наступну", "gelecek", "önümüzdeki":
		return true
	}
	return false
}

// nextAfter stands behind it.
func nextAfter(phrase string) bool {
	switch phrase {
	case "prochain", "prochaine", "prossimo", "prossima", "que viene", "que vem", "próximo", "próxima":
		return true
	}
	return false
}

// inWord begins "in three days".
func inWord(w string) bool {
	switch w {
	case "in", "within", "dans", "en", "dentro", "tra", "fra", "em", "daqui", "over", "om", "za", "через":
		return true
	}
	return false
}

// laterWord ends it, where languages put it last.
func laterWord(w string) bool {
	switch w {
	case "later", "sonra", "içinde", "päästä", "kuluttua", "múlva", "후", "뒤":
		return true
	}
	return false
}

// unit is the length of a day, week or month.
func unit(w string) (days, months int) {
	switch w {
	case "day", "days", "tag", "tage", "tagen", "jour", "jours", "día", "días", "dia", "dias", "giorno", "giorni", "dag", "dagen", "dagar", "dage", "dager", "päivä", "päivää", "päivän", "dzień", "dni", "den", "dny", "dnů", "день", "дня", "дней", "дні", "днів", "gün":
		return 1, 0
	case "week", "weeks", "woche", "wochen", "semaine", "semaines", "semana", "semanas", "settimana", "settimane", "weken", "vecka", "veckor", "uge", "uger", "uke", "uker", "viikko", "viikkoa", "viikon", "tydzień", "tygodnie", "tygodni", "týden", "týdny", "týdnů", "неделя", "неделю", "недели", "недель", "тиждень", "тижні", "тижнів", "hafta":
		return 7, 0
	case "month", "months", "monat", "monate", "monaten", "mois", "mes", "meses", "mês", "mese", "mesi", "maand", "maanden", "månad", "månader", "måned", "måneder", "kuukausi", "kuukautta", "kuukauden", "miesiąc", "miesiące", "miesięcy", "měsíc", "měsíce", "měsíců", "месяц", "месяца", "месяцев", "місяць", "місяці", "місяців", "ay":
		return 0, 1
	}
	return 0, 0
}

// numberWord is a small number written out; 0 if w is none.
func numberWord(w string) int {
	switch w {
	case "a", "an", "one", "ein", "eine", "einem", "einer", "un", "une", "uno", "una", "um", "uma", "een", "en", "ett", "et", "yksi", "jeden", "один", "одну", "bir":
		return 1
	case "two", "zwei", "deux", "dos", "due", "dois", "duas", "twee", "två", "to", "kaksi", "kahden", "dwa", "dva", "два", "две", "дві", "iki", "couple":
		return 2
	case "three", "drei", "trois", "tres", "tre", "três", "drie", "kolme", "kolmen", "trzy", "tři", "три", "üç":
		return 3
	case "four", "vier", "quatre", "cuatro", "quattro", "quatro", "fyra", "fire", "neljä", "neljän", "cztery", "čtyři", "четыре", "чотири", "dört":
		return 4
	case "five", "fünf", "cinq", "cinco", "cinque", "vijf", "fem", "viisi", "viiden", "pięć", "pět", "пять", "п'ять", "beş":
		return 5
	case "six", "sechs", "seis", "sei", "zes", "sex", "seks", "kuusi", "sześć", "šest", "шесть", "шість", "altı":
		return 6
	case "seven", "sieben", "sept", "siete", "sette", "sete", "zeven", "sju", "syv", "siedem", "sedm", "семь", "сім", "yedi":
		return 7
	case "ten", "zehn", "dix", "diez", "dieci", "dez", "tien", "tio", "ti", "kymmenen", "dziesięć", "deset", "десять", "on":
		return 10
	}
	return 0
}

// filler may stand between the parts of a date.
func filler(w string) bool {
	switch w {
	case "of", "de", "del", "di", "do", "d'", "da", "des", "der", "den", "dem", "the", "el", "le", "la", "il", "o", "year", "año", "roku", "r", "г", "года", "року", "năm", "m", "d", "van", "fino":
		return true
	}
	return false
}

// dayArticle stands before a day of the month, or before a date.
func dayArticle(w string) bool {
	switch w {
	case "the", "zum", "dem", "den", "am", "el", "le", "au", "il", "al", "dia", "día", "dne", "du", "på", "op", "de":
		return true
	}
	return false
}

// sentenceWord goes on with a sentence behind a day of the month.
func sentenceWord(w string) bool {
	switch w {
	case "and", "und", "et", "y", "e", "en", "och", "og", "please", "bitte", "if", "because", "weil", "instead", "abwesend", "verreist", "nicht", "not", "im", "in", "with", "mit":
		return true
	}
	return false
}

// clockWord stands behind a time of the day.
func clockWord(w string) bool {
	switch w {
	case "uhr", "h", "am", "pm", "kl", "klo", "hours", "heures", "o'clock", "%", "eur", "usd", "kb", "mb":
		return true
	}
	return false
}

func ordinal(w string) bool {
	switch w {
	case "st", "nd", "rd", "th", "er", "ère", "e", "a", "го", "е", "te", "ten", "nde", "de", "ste", "º":
		return true
	}
	return false
}

func endWord(w string) bool {
	switch w {
	case "end", "ende", "fin", "finales", "final", "fine", "fim", "eind", "einde", "slutet", "slutningen", "slutten", "konec", "konce", "koniec", "końca", "końcem", "конец", "конца", "конце", "кінця", "кінець", "sonu", "sonuna", "loppuun", "lopussa":
		return true
	}
	return false
}

func middleWord(w string) bool {
	switch w {
	case "mid", "middle", "mitte", "mi", "mediados", "metà", "meados", "medio", "mitten", "midten", "połowie", "połowy", "polovině", "середине", "середины", "середині":
		return true
	}
	return false
}

func beginningWord(w string) bool {
	switch w {
	case "beginning", "start", "early", "anfang", "début", "principios", "inizio", "início", "begin", "början", "begyndelsen", "starten", "początku", "začátku", "начале", "начала", "початку":
		return true
	}
	return false
}

// dayFirstWord is a word of the languages of the Americas that put the day first.
func dayFirstWord(w string) bool {
	switch w {
	case "hasta", "el", "los", "del", "de", "estoy", "para", "até", "ate", "do", "dia", "não", "estou", "estarei", "le", "au", "jusqu'au", "jusqu'à", "du", "je", "suis":
		return true
	}
	return false
}

package inbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxHeaderLine is the longest line that can introduce a quote; longer ones are prose.
const maxHeaderLine = 400

// wroteVerbs are the words that mail clients use for "wrote", in lower case.
var wroteVerbs = []string{
	"wrote", "writes", "sent",
	"a écrit", "écrit", "a ecrit",
	"schrieb", "hat geschrieben", "geschrieben",
	"escribió", "escribio", "ha escrito", "va escriure", "escreveu", "escribiu",
	"ha scritto", "scritto", "scrive",
	"schreef", "geschreven", "skrev", "skreiv", "skrifaði",
	"napisał", "napisal", "pisze", "napísal", "napsal", "je napisao", "je pisal", "написа", "напис", "пише", "пишет", "писал",
	"kirjoitti", "kirjutas", "rašė", "rakstīja", "írta", "a scris", "scris",
	"έγραψε", "yazdı", "şunu yazdı", "tarihinde", "כתב", "כתבה", "كتب", "نوشت",
	"đã viết", "viết", "menulis", "เขียน", "ने लिखा",
	"写道", "寫道", "写到", "のメール", "さんは書きました", "は書きました", "書きました", "wrote", "님이 작성", "작성", "さんが書きました",
	"nagsulat", "idatzi du", "shkroi", "напісаў", "scríobh",
}

// onWords begin an attribution line: prepositions, and the weekdays that stand there without one.
var onWords = []string{
	"on ", "le ", "am ", "el ", "il ", "op ", "den ", "em ", "dnia ", "w dniu ", "em ", "a ", "at ", "in ", "no dia ", "el dia ",
	"på ", "kl. ", "dne ", "dňa ", "on. ", "pe ", "la ", "în ", "в ", "у ", "на ", "ngày ", "vào ", "pada ", "tarihinde ", "στις ",
	"ב-", "בתאריך", "في ", "در ", "u ", "dana ", "il giorno ", "em ", "os ", "o ", "d. ", "lør", "søn", "man", "tir", "ons", "tor", "fre",
	"mån", "tis", "lör", "sön", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "lun", "mar", "mer", "jeu", "ven", "sam", "dim",
	"lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "mo", "di", "mi", "do", "fr", "so", "dom", "gio", "sab",
	"seg", "ter", "qua", "qui", "sex", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "ma ", "ti ", "ke ", "to ", "pe ", "su ",
	"sent from ", "---", "quoting ", "jan", "feb", "apr", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "from ", "вск", "понедельник",
	"вторник", "среда", "четверг", "пятница", "суббота", "воскресенье", "2 ", "zo", "za", "wo", "vr",
}

// attributionEnd looks for a line that tells who wrote what follows, beginning at lines[i] and maybe broken over several. It
// returns the index of its last line, -1 if there is none.
func attributionEnd(lines []line, i int) int {
	const span = 6
	first := strings.TrimSpace(lines[i].text)
	if first == "" || len(first) > maxHeaderLine {
		return -1
	}
	var joined strings.Builder
	for j := i; j < len(lines) && j < i+span; j++ {
		l := strings.TrimSpace(lines[j].text)
		if l == "" {
			if j == i || j+1 >= len(lines) || !strings.HasPrefix(strings.TrimSpace(lines[j+1].text), "<") {
				return -1
			}
			continue
		}
		if j > i && strings.HasPrefix(l, ">") && !strings.HasPrefix(l, "> wrote") && !strings.HasPrefix(l, ">:") {
			return -1
		}
		if joined.Len()+len(l) > maxHeaderLine {
			return -1
		}
		if joined.Len() > 0 {
			joined.WriteByte(' ')
		}
		joined.WriteString(l)
		text := joined.String()
		if j == i && !beginsAttribution(text) {
			return -1
		}
		if isAttribution(text) {
			return j
		}
		if endsAttribution(text) { // it ends like one, but says too little
			return -1
		}
		// "2013/7/20 Name <address>" has no verb and no colon; the quote that follows gives it away.
		if startsWithDate(text) && strings.HasSuffix(text, ">") && strings.Contains(text, "@") && quoteFollows(lines, j+1) {
			return j
		}
	}
	return -1
}

func quoteFollows(lines []line, i int) bool {
	for ; i < len(lines); i++ {
		if l := strings.TrimSpace(lines[i].text); l != "" {
			return l[0] == '>' || l[0] == '|'
		}
	}
	return false
}

// beginsAttribution is a cheap sieve for the first line.
func beginsAttribution(s string) bool {
	low := strings.ToLower(strings.TrimLeft(s, "-*_ \t>\u00a0«\"“'"))
	if low == "" {
		return false
	}
	if low[0] >= '0' && low[0] <= '9' || strings.Contains(low, "@") || strings.HasPrefix(s, "--") {
		return true
	}
	for _, w := range onWords {
		if strings.HasPrefix(low, w) {
			return true
		}
	}
	return endsAttribution(s)
}

func endsAttribution(s string) bool {
	s = strings.TrimRight(s, "-–—*_ \t\u00a0")
	return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：") || strings.HasSuffix(s, ":>")
}

// isAttribution tells a whole attribution: it ends with a colon (or is set in dashes), names a person by a verb or an
// address, and has a date or an address, so that prose such as "she wrote:" is none.
func isAttribution(s string) bool {
	dashed := strings.HasPrefix(s, "--") && strings.HasSuffix(s, "--")
	if !dashed && !endsAttribution(s) {
		return false
	}
	low := strings.ToLower(s)
	verb := hasWroteVerb(low)
	address := strings.Contains(low, "@") || strings.Contains(low, "&lt;")
	switch {
	case dashed:
		return verb && (address || hasDate(low) || strings.Count(low, " ") < 8)
	case verb && address:
		return true
	case verb:
		return hasDate(low) && verbNearEnd(low)
	}
	return address && (startsWithDate(s) || hasTime(low)) && strings.ContainsAny(s, "<(")
}

func hasWroteVerb(low string) bool {
	for _, v := range wroteVerbs {
		i := strings.Index(low, v)
		if i < 0 {
			continue
		}
		// Latin words need a boundary in front, or "overwrote" and "resent" would do.
		if r, _ := utf8.DecodeRuneInString(v); r < 0x250 && i > 0 {
			if p, _ := utf8.DecodeLastRuneInString(low[:i]); unicode.IsLetter(p) {
				continue
			}
		}
		return true
	}
	return false
}

// verbNearEnd asks of English, where prose uses the same verbs, that the verb comes right before the colon.
func verbNearEnd(low string) bool {
	core := strings.TrimRight(low, ":： \u00a0-*_")
	for _, v := range []string{"wrote", "writes", "sent"} {
		if strings.HasSuffix(core, v) {
			return true
		}
	}
	for _, v := range wroteVerbs[3:] {
		if strings.Contains(low, v) {
			return true
		}
	}
	return false
}

// hasDate tells a line with a clock time, or with two numbers of which one looks like a year or is part of a date.
func hasDate(s string) bool {
	if hasTime(s) {
		return true
	}
	numbers, year := 0, false
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		j := i
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		numbers++
		if j-i == 4 && (strings.HasPrefix(s[i:], "19") || strings.HasPrefix(s[i:], "20")) {
			year = true
		}
		i = j
	}
	return numbers >= 2 && year || numbers >= 3
}

// hasTime tells hh:mm, hh.mm or hhhmm.
func hasTime(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		if (s[i] == ':' || s[i] == 'h' || s[i] == '.') && digit(s[i-1]) && digit(s[i+1]) && digit(s[i+2]) &&
			(i+3 >= len(s) || !digit(s[i+3])) {
			return true
		}
	}
	return false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// startsWithDate tells 2013/7/20, 2016-10-24, 10.1.2020 and 2015年10月8日 at the start of a line.
func startsWithDate(s string) bool {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	if n == 0 || n > 4 || n == len(s) {
		return false
	}
	rest := s[n:]
	switch rest[0] {
	case '/', '-', '.':
		return len(rest) > 1 && digit(rest[1])
	}
	return strings.HasPrefix(rest, "年") || n <= 2 && len(rest) > 4 && rest[0] == ' ' && unicode.IsLetter(rune(rest[1]))
}

// headerWord is what a line of a quoted header block names.
type headerWord byte

const (
	noHeader headerWord = iota
	fromHeader
	dateHeader
	toHeader
	ccHeader
	subjectHeader
	otherHeader
)

// headerWordOf knows the header names that mail clients write above a quoted mail, in their languages.
func headerWordOf(name string) headerWord {
	switch name {
	case "from", "de", "von", "da", "van", "od", "från", "fra", "frá", "lähettäjä", "от", "від", "από", "kimden", "gönderen", "feladó",
		"发件人", "寄件者", "寄件人", "差出人", "送信者", "보낸 사람", "보낸사람", "מאת", "من", "de la", "expéditeur", "remitente", "mittente", "nadawca", "afzender",
		"absender", "odesílatel", "dari", "từ", "จาก", "nuo", "no", "saatja", "pošiljatelj", "avsender", "avsändare", "feladva", "desde", "発信者", "expeditor", "od koho", "отправитель", "kuka":
		return fromHeader
	case "sent", "date", "envoyé", "envoye", "gesendet", "datum", "enviado", "enviada", "data", "fecha", "inviato", "verzonden", "wysłano", "data wysłania",
		"skickat", "dato", "sendt", "lähetetty", "päivämäärä", "päiväys", "отправлено", "дата", "надіслано", "ημερομηνία", "στάλθηκε", "tarih", "gönderme tarihi", "gönderildi",
		"elküldve", "dátum", "发送时间", "日期", "傳送日期", "寄件日期", "送信日時", "日付", "보낸 날짜", "날짜", "נשלח", "תאריך", "تاريخ الإرسال", "التاريخ", "odesláno",
		"odoslané", "trimis", "dată", "enviado el", "enviado em", "data d'enviament", "tanggal", "dikirim", "ngày", "đã gửi", "วันที่", "sendt den", "skickat den", "posted", "sent at",
		"sända", "poslano", "saadetud", "išsiųsta", "nosūtīts", "date d'envoi", "sent on", "date sent", "送信日", "时间":
		return dateHeader
	case "to", "à", "a", "an", "aan", "para", "till", "til", "do", "komu", "vastaanottaja", "кому", "до", "προς", "kime", "alıcı", "címzett", "收件人", "收件者", "宛先",
		"받는 사람", "받는사람", "אל", "إلى", "către", "kepada", "đến", "tới", "ถึง", "pre", "destinataire", "destinatario", "empfänger", "adresat", "за", "kam", "kellele", "za", "mottaker", "per", "catre", "vastaanottajat":
		return toHeader
	case "cc", "kopie", "kopia", "kopi", "copie", "kópia", "копия", "копія", "cópia", "κοιν.", "κοινοποίηση", "bilgi", "másolatot kap", "抄送", "副本", "참조", "עותק", "نسخة",
		"másolat", "dw", "kopio", "cc:", "c.c.", "bcc", "cci", "kopija", "tembusan", "másolatot", "usporedno", "сс", "ccn", "cco":
		return ccHeader
	case "subject", "objet", "betreff", "asunto", "assunto", "oggetto", "onderwerp", "temat", "ämne", "emne", "aihe", "тема", "θέμα", "konu", "tárgy",
		"主题", "主旨", "主題", "件名", "제목", "נושא", "الموضوع", "předmět", "predmet", "subiect", "subjek", "perihal", "chủ đề", "tiêu đề", "เรื่อง", "assumpte", "objet ", "относно", "zadeva",
		"tema", "teema", "re", "efni", "naslov", "หัวเรื่อง", "başlık":
		return subjectHeader
	case "reply-to", "répondre à", "antwort an", "antwoord aan", "importance", "wichtigkeit", "priority", "attachments", "pièces jointes", "anlagen", "rispondi a", "responder a",
		"organization", "newsgroups", "message-id", "sender", "resent-from", "in-reply-to", "cc/cci", "mailing-list", "list", "risposta", "svar til", "antwort", "on behalf of", "prioritet", "bijlage", "sensitivity", "x-mailer", "return-path", "delivered-to", "received", "mime-version", "content-type", "categories":
		return otherHeader
	}
	return noHeader
}

// headerLine splits "From: value" as clients write it in quoted headers, bold marks and blanks included.
func headerLine(s string) (word headerWord, value string) {
	s = strings.Trim(s, " \t\u00a0*_|")
	if len(s) > 2000 {
		return noHeader, ""
	}
	i := strings.IndexAny(s, ":：")
	if i <= 0 || i > 60 {
		return noHeader, ""
	}
	name := strings.ToLower(strings.Trim(s[:i], " \t\u00a0*_"))
	_, width := utf8.DecodeRuneInString(s[i:])
	return headerWordOf(name), strings.Trim(s[i+width:], " \t\u00a0*_")
}

// headerBlock is a quoted header.
type headerBlock struct {
	end                 int // index of the line after it
	from, date, subject string
	to                  bool
}

// headerBlockAt reads the header block that begins at lines[i]; ok is false if it is none. Values may go on over the next
// line, and one blank line may separate fields as some clients' plain text has it.
func headerBlockAt(lines []line, i int) (b headerBlock, ok bool) {
	seen := make(map[headerWord]bool, 5)
	strong, folded := 0, 0
	last := noHeader
	addressed := false
	j := i
	for ; j < len(lines) && j < i+40; j++ {
		text := strings.TrimLeft(lines[j].text, "> ")
		if strings.TrimSpace(text) == "" {
			if j == i {
				return b, false
			}
			if w := nextHeader(lines, j+1); w == noHeader || seen[w] || w == otherHeader {
				break
			}
			continue
		}
		w, value := headerLine(text)
		if w == noHeader {
			if j == i || folded >= 2 || last == subjectHeader && folded >= 1 || nextHeader(lines, j+1) == noHeader {
				break
			}
			folded++
			if last == fromHeader {
				b.from += " " + strings.TrimSpace(text)
			}
			continue
		}
		if seen[w] && w != otherHeader && w != ccHeader && w != toHeader {
			break
		}
		folded = 0
		addressed = addressed || strings.Contains(value, "@") || hasDate(strings.ToLower(value))
		switch w {
		case fromHeader:
			b.from = value
		case dateHeader:
			b.date = value
		case subjectHeader:
			b.subject = value
		case toHeader:
			b.to = true
		}
		if w != otherHeader && !seen[w] {
			strong++
		}
		seen[w] = true
		last = w
	}
	b.end = j
	switch {
	case strong >= 3 && (seen[fromHeader] || seen[dateHeader]):
		return b, true
	case strong == 2 && (seen[fromHeader] || seen[dateHeader]) && addressed && (seen[toHeader] || seen[dateHeader] || seen[subjectHeader]):
		return b, true
	}
	return b, false
}

func nextHeader(lines []line, i int) headerWord {
	if i >= len(lines) {
		return noHeader
	}
	w, _ := headerLine(strings.TrimLeft(lines[i].text, "> "))
	return w
}

// splitterKind tells what a line between two mails introduces.
type splitterKind byte

const (
	noSplitter splitterKind = iota
	originalSplitter
	forwardSplitter
)

// splitter knows the lines that clients put above an answered or forwarded mail.
func splitter(s string) splitterKind {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 160 {
		return noSplitter
	}
	core := strings.ToLower(strings.Trim(s, "-_=*#>| \t\u00a0–—:：/\\"))
	decorated := strings.HasPrefix(strings.TrimLeft(s, "*_> "), "--") || strings.HasPrefix(s, "==") || strings.HasPrefix(s, "——") || strings.HasPrefix(strings.TrimLeft(s, "*_ "), "-") && strings.HasSuffix(strings.TrimRight(s, "*_ "), "-")
	ended := strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")
	if !decorated && !ended && s[0] != '_' && s[0] != '*' {
		return noSplitter
	}
	switch core {
	case "original message", "original-nachricht", "ursprüngliche nachricht", "ursprungliche nachricht", "urspr. nachricht", "originalnachricht", "original nachricht", "message d'origine",
		"message original", "message d’origine", "mensaje original", "mensagem original", "messaggio originale", "messaggio in origine", "oorspronkelijk bericht", "oorspronkelijk bericht-----", "originele bericht",
		"wiadomość oryginalna", "oryginalna wiadomość", "treść oryginalnej wiadomości", "ursprungligt meddelande", "originalmeddelande", "oprindelig meddelelse", "original meddelelse",
		"opprinnelig melding", "original melding", "alkuperäinen viesti", "исходное сообщение", "оригинальное сообщение", "пересылаемое сообщение ", "вихідне повідомлення", "původní zpráva", "pôvodná správa",
		"eredeti üzenet", "mesaj original", "orijinal ileti", "orijinal mesaj", "özgün ileti", "αρχικό μήνυμα", "原始邮件", "原始郵件", "原邮件", "邮件原件", "元のメッセージ", "元のメール", "オリジナルメッセージ", "원본 메일", "원본 메시지", "הודעה מקורית",
		"الرسالة الأصلية", "pesan asli", "tin nhắn gốc", "missatge original", "izvorna poruka", "izvirno sporočilo", "reply message", "antwort nachricht", "original email", "originální zpráva", "original appointment", "original e-mail", "reply", "algkiri", "pirminis laiškas", "original message follows":
		return originalSplitter
	case "forwarded message", "begin forwarded message", "forwarded mail", "forwarded email", "weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "weitergeleitete e-mail",
		"message transféré", "message transmis", "début du message réexpédié", "début du message transféré", "mensaje reenviado", "inicio del mensaje reenviado", "mensagem encaminhada", "mensagem reencaminhada",
		"início da mensagem encaminhada", "início da mensagem reencaminhada", "messaggio inoltrato", "inizio messaggio inoltrato", "messaggio inoltrato da", "doorgestuurd bericht", "begin doorgestuurd bericht",
		"przekazana wiadomość", "wiadomość przekazana", "początek przekazywanej wiadomości", "vidarebefordrat meddelande", "vidarebefordrat brev", "vidaresänt meddelande", "videresendt meddelelse",
		"start på videresendt besked", "videresendt melding", "videresendt e-post", "videresendt besked", "välitetty viesti", "edelleenlähetetty viesti", "пересланное сообщение", "пересылаемое сообщение", "начало переадресованного сообщения", "переслане повідомлення", "přeposlaná zpráva", "začátek přeposlané zprávy",
		"preposlaná správa", "továbbított üzenet", "továbbított levél", "mesaj redirecționat", "mesaj forwardat", "iletilen mesaj", "yönlendirilen ileti", "iletilmiş mesaj", "προωθημένο μήνυμα", "转发的邮件", "轉寄郵件", "轉寄的郵件", "转发邮件信息", "转发邮件", "転送されたメッセージ", "転送メッセージ", "전달된 메시지", "전달된 메일", "הודעה שהועברה",
		"الرسالة المعاد توجيهها", "pesan terusan", "pesan yang diteruskan", "missatge reenviat", "thư được chuyển tiếp", "proslijeđena poruka", "posredovano sporočilo", "forwarded by":
		return forwardSplitter
	}
	if strings.HasPrefix(core, "forwarded by ") && decorated || strings.HasPrefix(core, "forwarded message from ") {
		return forwardSplitter
	}
	return noSplitter
}

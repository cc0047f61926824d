package inbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// subjectSign is what a subject says of who wrote the mail.
type subjectSign int

const (
	noSign      subjectSign = iota
	absenceSign             // it mentions an absence
	machineSign             // it mentions an automatic reply
	absenceHead             // an absence is the whole of it, or set off before the answered subject
	machineHead             // so is an automatic reply: nobody writes that themselves
)

// vacationSubject tells the subjects that automatic replies carry when no header says so. The phrase found is returned.
func vacationSubject(subject string) (phrase string, sign subjectSign) {
	s := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(subject)), "’", "'")
	if isReplySubject(s) { // people answer out-of-office mails too
		return "", noSign
	}
	for _, p := range vacationPhrases {
		i := strings.Index(s, p)
		if i < 0 {
			continue
		}
		machine := unmistakable(p)
		switch head := setOff(s, i, i+len(p)); {
		case head && machine:
			return p, machineHead
		case head && sign < absenceHead:
			phrase, sign = p, absenceHead
		case machine && sign < machineSign:
			phrase, sign = p, machineSign
		case sign < absenceSign:
			phrase, sign = p, absenceSign
		}
	}
	if sign != noSign && strings.HasPrefix(s, "auto:") { // Lotus Notes, before who is away
		sign = machineHead
	}
	return phrase, sign
}

// setOff tells whether s[from:to] is the whole of a subject, or its beginning or end with a mark between it and the rest.
func setOff(s string, from, to int) bool {
	before := strings.TrimRight(s[:from], " \t\u00a0")
	after := strings.TrimLeft(s[to:], " \t\u00a0")
	starts := strings.Trim(before, "[(*!<=-_:|【「『《") == ""
	ends := strings.Trim(after, "])*!>=-_.|】」』》") == ""
	marked := func(r rune) bool { return strings.ContainsRune(":-–—|]）)】」』》：[(（【/,.!>", r) }
	if starts {
		first, _ := utf8.DecodeRuneInString(after)
		if ends || marked(first) || s[to-1] == ':' {
			return true
		}
		for _, w := range []string{"re:", "aw:", "to ", "from ", "auf ", "von ", "for ", "für ", "à ", "de ", "zu ", "на ", "från ", "fra ", "van ", "until ", "till ", "bis ", "jusqu", "hasta ", "fino ", "até ", "tot ", "do ", "до ", "t.o.m", "til "} {
			if strings.HasPrefix(after, w) {
				return true
			}
		}
		return ideograph(first)
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return ends && marked(last)
}

// unmistakable tells the phrases that name the machine; the others name an absence, of which people write too.
func unmistakable(phrase string) bool {
	for _, w := range []string{"auto", "авто", "otomatik", "otomatis", "αυτόματη", "自動", "自动", "자동", "אוטומטי", "تلقائي", "خودکار", "อัตโนมัติ", "tự động", "sjálfvirkt", "samodejni", "automātiskā", "स्वचालित", "abwesenheitsnotiz", "abwesenheitsassistent", "vacation re", "不在通知", "fraværsmelding", "poissaoloviesti", "afwezigheidsbericht", "message d'absence"} {
		if strings.Contains(phrase, w) {
			return true
		}
	}
	return false
}

func isReplySubject(s string) bool {
	for _, p := range []string{"re:", "re :", "re[", "re(", "fwd:", "fw:", "aw:", "wg:", "sv:", "vs:", "vb:", "vl:", "antw:", "doorst:", "odp:", "pd:", "tr:", "tr :", "rv:", "res:", "enc:", "rif:", "ynt:", "ilt:", "vá:", "továbbítás:", "отв:", "απ:", "πρθ:", "回复", "答复", "回覆", "转发", "轉寄", "転送"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// vacationPhrases stand in the subjects of automatic replies. What mail systems put before the answered subject comes first.
var vacationPhrases = []string{
	"out of office autoreply", "autore:", "auto re:", "out of office auto-reply", "out of office auto reply", "out of office automatic reply", "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "autoresponder", "automated reply", "automated response", "automatic response", "automatic message", "vacation reply", "vacation response", "auto-generated", "automatic acknowledgement",
	"i am out of office", "i'm out of office", "i am out of the office", "i'm out of the office", "i am currently out of", "i'm currently out of", "i am away", "i'm away", "not in office", "not in the office",
	"out of office", "out-of-office", "out of the office", "ooo", "vacation:", "away from my mail", "away from the office", "on vacation until", "i am on vacation", "i'm on vacation", "vacation notice", "vacation message", "on annual leave", "on leave until", "on holiday until", "on parental leave", "on maternity leave", "away notice", "away message", "absence notice",
	"automatische antwort", "automatische rückantwort", "automatische abwesenheitsnotiz", "automatische eingangsbestätigung", "automatische nachricht", "automatische empfangsbestätigung", "abwesenheitsnotiz", "abwesenheitsmeldung", "abwesenheitsassistent", "abwesenheitsbenachrichtigung", "abwesenheit:", "abwesend:", "bin nicht im büro", "nicht im büro", "im urlaub bis", "außer haus", "ausser haus", "urlaubsbenachrichtigung",
	"réponse automatique", "reponse automatique", "message automatique", "absence :", "absence du bureau", "absent du bureau", "absente du bureau", "en congé jusqu", "en vacances jusqu", "message d'absence", "notification d'absence", "avis d'absence",
	"respuesta automática", "respuesta automatica", "contestación automática", "mensaje automático", "fuera de la oficina", "fuera de oficina", "estoy de vacaciones", "ausencia:", "resposta automática", "resposta automatica", "resposta automàtica", "respon automàtic", "mensagem automática", "fora do escritório", "fora do escritorio", "ausência temporária", "ausência do escritório", "estou de férias", "erantzun automatikoa",
	"risposta automatica", "messaggio automatico", "fuori ufficio", "fuori sede", "sono in ferie", "assenza dall'ufficio", "automatisch antwoord", "automatische antwoord", "automatisch bericht", "automatische beantwoording", "afwezigheidsbericht", "afwezigheidsmelding", "afwezigheidsassistent", "afwezig:", "niet op kantoor", "afwezigheid",
	"autosvar", "auto-svar", "automatiskt svar", "automatisk svar", "automatiskt meddelande", "svar automatisk", "frånvaromeddelande", "frånvaro", "inte på kontoret", "på semester", "fravær:", "fraværsmelding", "fraværsbesked", "ikke på kontoret", "ikke til stede", "på ferie til", "sjálfvirkt svar", "automaattinen vastaus", "automaattivastaus", "poissaoloviesti", "poissaoloilmoitus", "poissa:", "poissa toimistolta", "lomalla",
	"automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź", "poza biurem", "jestem na urlopie", "nieobecność w biurze", "nieobecność", "automatická odpověď", "automatická odpoveď", "automatická odpov", "mimo kancelář", "nepřítomnost v kanceláři", "nepřítomnost", "neprítomnosť", "automatikus válasz", "automatikus valasz", "házon kívül", "szabadságon",
	"автоответ", "автоматический ответ", "автоматическое уведомление", "автоматична відповідь", "автовідповідь", "автоматичен отговор", "автоматски одговор", "отсутствие на рабочем месте", "в отпуске до", "нет в офисе", "вне офиса", "у відпустці до", "поза офісом", "răspuns automat", "raspuns automat", "în afara biroului", "otomatik yanıt", "otomatik cevap", "ofis dışında", "ofis dışı", "izindeyim",
	"αυτόματη απάντηση", "εκτός γραφείου", "automatski odgovor", "automatický", "samodejni odgovor", "avtomatski odgovor", "automaatvastus", "automatinis atsakymas", "automātiskā atbilde", "automātiska atbilde",
	"hors du bureau:", "hors du bureau :", "нет на месте:", "外出:", "外出：", "外出中", "irodán kívül", "fraværende:", "frånvarande:", "ausente:", "automatický odpoveď", "jawapan automatik", "respuesta de ausencia", "uit kantoor:", "absence:", "absent:", "absent :",
	"自動返信", "自動応答", "不在通知", "不在のお知らせ", "不在のため", "自动回复", "自动答复", "自動回覆", "自動回复", "外出通知", "休假", "자동 회신", "자동회신", "자동 응답", "자동응답", "자동 답장", "부재중", "부재 중", "תשובה אוטומטית", "מענה אוטומטי", "رد تلقائي", "الرد التلقائي", "پاسخ خودکار", "การตอบกลับอัตโนมัติ", "ตอบกลับอัตโนมัติ", "trả lời tự động", "phản hồi tự động", "balasan otomatis", "jawaban otomatis", "balasan automatik", "स्वचालित उत्तर",
}

// plainQuotes is a text as its words are looked for.
func plainQuotes(text string) string { return strings.ReplaceAll(strings.ToLower(text), "’", "'") }

// automaticText tells texts that say of themselves that a machine sent them, or that are nothing but a notice of absence.
// An absence needs a second sign, for people mention theirs too. Where a text opens otherwise, a person brings the notice.
func automaticText(text string) string {
	low := plainQuotes(text)
	if reason := machineText(low, true); reason != "" {
		return reason
	}
	if reason := absenceText(low); reason != "" {
		return reason
	}
	return receiptText(low)
}

// machineText finds the sentence that says so; it may stand in the last paragraph, too, where a person's mail has a footer.
func machineText(low string, footer bool) string {
	first := noticeOpening(low)
	last := low[strings.LastIndex(low, "\n\n")+1:]
	if !mentionsMachine(first) && !mentionsMachine(last) {
		return ""
	}
	footer = footer || absence(low) != ""
	for _, p := range machinePhrases {
		if begins(first, p) || footer && begins(last[:min(len(last), 600)], p) {
			return "its text says so: " + p
		}
	}
	return ""
}

func absenceText(low string) string {
	if p := absence(low); p != "" && containsAny(strings.ReplaceAll(low, "please contact me", ""), absenceSigns) {
		return "its text is a notice of absence: " + p
	}
	return ""
}

func receiptText(low string) string {
	first := opening(low)
	for _, p := range receiptPhrases {
		if strings.Contains(first, p) && containsAny(low, receiptSigns) {
			return "its text acknowledges a mail as desks do: " + p
		}
	}
	return ""
}

// presents tells a lower-case text that brings what it is written for, or is about it: no notice does.
func presents(low string) bool {
	for l := range strings.SplitSeq(low, "\n") {
		if strings.HasPrefix(l, "# ") || strings.HasPrefix(l, "## ") {
			return true
		}
	}
	for _, w := range presentWords {
		i := strings.Index(low, w)
		if i < 0 {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(low[:i])
		after, _ := utf8.DecodeRuneInString(low[i+len(w):])
		if !unicode.IsLetter(before) && !unicode.IsLetter(after) {
			return true
		}
	}
	return false
}

// presentWords are what people say of what they hand in.
var presentWords = []string{
	"here is the", "here is my", "here is a", "here is an", "here is part", "here is what", "here it is", "here's the", "here's my", "here's a", "here are the", "here are my", "is attached", "are attached", "i attach", "i have attached", "i've attached", "find attached", "attached is", "attached you", "enclosed", "is below", "are below", "draft below", "text below", "follows below", "i agree", "i approve",
	"my piece", "my essay", "my article", "my story", "my stories", "my poem", "my poems", "my novel", "my manuscript", "my text", "my draft", "my chapter", "my title", "my edits", "this piece", "this essay", "this story", "this poem", "this draft", "this chapter", "chapter one", "chapter two", "its title", "title for", "the draft is", "the piece is", "the essay is", "the story is", "the chapter is", "the essay you", "the text you", "the piece you",
	"hier ist mein", "hier ist der", "hier ist die", "hier ist das", "hier sind", "im anhang", "anbei", "mein text", "mein essay", "mein entwurf", "mein artikel", "voici", "ci-joint", "ci-jointe", "mon texte", "mon essai", "mon article", "adjunto", "mi ensayo", "mi texto", "mi artículo", "em anexo", "meu texto", "in allegato", "ecco il", "ecco la", "il mio testo", "bijgevoegd", "hierbij", "mijn tekst", "bifogar", "bifogat", "vedlagt", "vedhæftet", "w załączniku", "v příloze", "во вложении",
}

// firstPerson tells a text in which one person speaks.
func firstPerson(low string) bool {
	for w := range strings.FieldsFuncSeq(low[:min(len(low), 2000)], func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		switch w {
		case "i", "i'm", "i'll", "i've", "i'd", "me", "my", "ich", "mir", "mich", "mein", "je", "j'ai", "mon", "yo", "mi", "io", "ik", "mijn", "jag", "jeg", "я", "мне":
			return true
		}
	}
	return false
}

// greetsByName tells a text that greets somebody by name; a notice does not know whom it answers.
func greetsByName(low string) bool {
	line, _, _ := strings.Cut(strings.TrimSpace(low), "\n")
	greeting, _, ok := strings.Cut(line, ",")
	words := strings.Fields(strings.TrimRight(greeting, "!:."))
	if !ok && len(line) > 30 || len(words) < 2 || len(words) > 5 {
		return false
	}
	switch words[0] {
	case "hi", "hello", "dear", "hey", "hallo", "liebe", "lieber", "sehr", "moin", "bonjour", "cher", "chère", "hola", "querido", "querida", "estimado", "estimada", "ciao", "caro", "cara", "gentile", "olá", "beste", "geachte", "hej", "hei", "kjære", "kära", "kære":
	default:
		return false
	}
	for _, w := range words[1:] {
		switch w {
		case "all", "sender", "colleague", "colleagues", "sir", "madam", "sirs", "customer", "client", "everyone", "everybody", "friend", "friends", "team", "there", "reader", "author", "partner", "partners",
			"damen", "herren", "kollegen", "kolleginnen", "kunde", "kundin", "zusammen", "alle", "absender", "tous", "toutes", "tout", "madame", "monsieur", "expéditeur", "client(e)", "todos", "señor", "señores", "remitente", "colega", "tutti", "cliente", "mittente", "allemaal", "afzender", "heer", "mevrouw", "heer/mevrouw", "alla", "avsändare", "afsender", "avsender", "wszyscy":
			return false
		}
	}
	return true
}

// verse tells a text that opens with three short lines or more, and one that opens with a word of consent.
func verse(low string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(low), "\n\n")
	n := 0
	for l := range strings.SplitSeq(first, "\n") {
		if len(l) > 45 || strings.ContainsAny(l, "@:0123456789") {
			return false
		}
		n++
	}
	switch w, _, _ := strings.Cut(strings.TrimSpace(low), " "); strings.TrimRight(w, ",.!") {
	case "yes", "no", "ok", "okay", "agreed", "sure", "ja", "nein", "oui", "non", "sí", "sim", "si", "nee", "nej", "nei", "да", "нет":
		return true
	}
	return n > 2
}

// onlyAbsence tells a text that is a notice of absence in all its sentences.
func onlyAbsence(low string) bool {
	if len(strings.Fields(low)) > 150 || strings.ContainsAny(low, "?？") {
		return false
	}
	rest := 0
	for paragraph := range strings.SplitSeq(low, "\n\n") {
		for at := 0; at < len(paragraph); {
			end := sentenceEnd(paragraph, at)
			s := paragraph[at:end]
			signature := end == len(paragraph) && at == 0 && strings.Count(s, "\n") > 0
			at = end
			if ownWords(s) {
				return false
			}
			if words := strings.Fields(s); len(words) < 4 || signature || containsAny(s, absencePhrases) || containsAny(s, absenceSigns) || containsAny(s, noticeWords) || greets(s) {
				continue
			}
			if rest++; rest > 1 {
				return false
			}
		}
	}
	return true
}

// ownWords tells a sentence in which a person decides or does something.
func ownWords(s string) bool {
	s = " " + strings.TrimSpace(s)
	return containsAny(s, []string{" i agree", " i like", " i love", " i think", " i approve", " i accept", " i read", " i have read", " i wrote", " i sent", " i send", " agree", " fine", " edits", " draft", " chapter", " the text", " looks good", " questions", " send me", " sorry", " go ahead", " corrections", " changes", " below", " änderungen", " fragen ", " entwurf", " in ordnung", " valide ", " apruebo", " cambios", " approvo", " modifiche", " aprovo", " akkoord", " stimme", " einverstanden", " d'accord", " de acuerdo"})
}

// noticeWords are what the other sentences of a notice are about.
var noticeWords = []string{
	"mail", "message", "office", "return", "back", "reply", "respond", "response", "contact", "urgent", "emergency", "assistance", "available", "access", "away", "regards", "confidential", "intended", "disclaimer", "until", "phone", "colleague",
	"nachricht", "büro", "zurück", "erreichbar", "kontakt", "antwort", "grüße", "dringend", "vertretung", "kolleg", "réponse", "bureau", "retour", "cordialement", "urgence", "contacter", "mensaje", "correo", "oficina", "regreso", "saludos", "urgente", "messaggio", "ufficio", "rientro", "saluti", "contattare", "mensagem", "escritório", "bericht", "kantoor", "terug", "meddelande", "kontor", "tillbaka", "tilbage", "tilbake", "besked", "melding", "viesti", "takaisin", "wiadomo", "biur", "kontaktovat", "zpět", "сообщен", "письм", "отпуск", "ответ", "mesaj", "e-posta", "levél", "üzenet",
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// opening is the first paragraph that says something, after a salutation or a word of thanks; no more than 600 bytes.
func opening(text string) string {
	for text = strings.TrimLeft(text, " \t\n"); ; {
		first, rest, more := strings.Cut(text, "\n\n")
		if !more || len(first) > 60 || strings.ContainsAny(first, "?？") {
			return first[:min(len(first), 600)]
		}
		text = strings.TrimLeft(rest, " \t\n")
	}
}

// noticeOpening is the first paragraph behind a salutation or a word of thanks. A notice has no other words before it.
func noticeOpening(low string) string {
	for low = strings.TrimLeft(low, " \t\n"); ; {
		first, rest, more := strings.Cut(low, "\n\n")
		if end := strings.TrimRight(first, " \t\n"); !more || len(first) > 60 || strings.ContainsAny(first, "?？") ||
			(strings.HasSuffix(end, ".") || strings.HasSuffix(end, "。")) && !greets(end) {
			return first[:min(len(first), 600)]
		}
		low = strings.TrimLeft(rest, " \t\n")
	}
}

// absence is the phrase with which a lower-case text begins to tell of an absence, "" if it does not: in its first sentence, or
// in the next after a greeting or thanks. People say first what they write for.
func absence(low string) string {
	first := noticeOpening(low)
	end := sentenceEnd(first, 0)
	for n := 0; n < 2 && end < len(first) && greets(first[:end]); n++ {
		end = sentenceEnd(first, end)
	}
	first = first[:end]
	for _, p := range absencePhrases {
		if strings.Contains(first, p) {
			return p
		}
	}
	return ""
}

// sentenceEnd is where the sentence that goes on at from ends.
func sentenceEnd(s string, from int) int {
	for i := from; i < len(s); i++ {
		switch {
		case s[i] == '!' || s[i] == '?', s[i] == '.' && i > 2 && letter(s[i-1]) && letter(s[i-2]) && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\n'):
			return i + 1
		case strings.HasPrefix(s[i:], "。"):
			return i + len("。")
		case strings.HasPrefix(s[i:], "\n\n"):
			return i + 2
		case s[i] == ',' && i+1 < len(s) && s[i+1] == '\n': // "Dear Mira,"
			return i + 1
		}
	}
	return len(s)
}

// greets tells a lower-case sentence of greeting, thanks or acknowledgement.
func greets(s string) bool {
	s = strings.TrimSpace(s)
	if _, rest, ok := strings.Cut(s, ","); ok && len(rest) > 12 && firstPerson(rest) && !strings.Contains(rest, "received") { // "Thanks, I agree with all of it."
		return false
	}
	for _, w := range []string{"thank", "received", "dank", "merci", "gracias", "grazie", "obrigad", "tack", "takk", "tak for", "kiitos", "dziękuj", "děkuj", "ďakuj", "köszön", "спасибо", "благодар", "дякую", "mulțumesc", "teşekkür", "ευχαριστ", "hvala", "ありがとう", "御礼", "お世話", "您好", "你好", "안녕", "здравствуйте", "добрый день", "доброго дня", "dobrý den", "dzień dobry", "merhaba", "感谢", "感謝", "谢谢", "謝謝", "감사", "automati", "автоматич", "自動", "自动", "자동"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return len(s) < 40 && (strings.HasSuffix(s, "!") || strings.HasSuffix(s, ",")) // "Hello!"
}

// begins tells whether a sentence of the text begins with phrase; inside one, it is a person who quotes it.
func begins(text, phrase string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], phrase)
		if i < 0 {
			return false
		}
		i += at
		at = i + len(phrase)
		if made := text[at:min(len(text), at+40)]; strings.Contains(made, "transcri") || strings.Contains(made, "transkri") || strings.Contains(made, "transla") || strings.Contains(made, "tradu") || strings.Contains(made, "übersetz") || strings.Contains(made, "vertaling") || strings.Contains(made, "summary") || strings.Contains(made, "caption") {
			continue // a text that a machine made, handed in by a person
		}
		lead := strings.TrimRight(text[:i], " \t*_#[(>|=~\u00a0")
		if lead == "" || strings.HasSuffix(lead, "\n\n") || phrase[0] >= 0x80 {
			return true
		}
		if line := lead[strings.LastIndexByte(strings.TrimRight(lead, "\n"), '\n')+1:]; strings.HasSuffix(line, ":") && len(line) <= 20 {
			return true // "Please note:"
		}
		lead = strings.TrimRight(lead, "\n")
		for _, end := range []string{".", "!", "?", "-", "–", "—", "…", ";"} {
			if strings.HasSuffix(lead, end) {
				return true
			}
		}
	}
}

// mentionsMachine is a quick sieve for machinePhrases: each has one of these.
func mentionsMachine(low string) bool {
	for _, w := range []string{"auto", "avtom", "автомат", "otomatik", "自动", "自動", "자동", "monitored", "unattended", "no longer", "nicht mehr", "postfach wird", "n'est plus"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

var machinePhrases = []string{
	"this is an automated reply", "this is an automated response", "this is an automated message", "this is an automated email", "this is an automated e-mail", "this is an automated notification", "this is an automated mail", "this is an automated confirmation", "this is an automatic reply", "this is an automatic response", "this is an automatic message", "this is an automatic email", "this is an automatic e-mail", "this is an automatic notification", "this is an automatically generated", "this is an auto-generated", "this is an autogenerated", "this is an auto generated",
	"auto-generated message", "auto generated message", "autogenerated message", "automatically generated message", "automatically generated reply", "automatically generated response", "this is an auto reply", "this is an auto-reply", "this is an autoreply", "this is an autoresponse", "this is an auto-response", "this is an automatically created", "this message was automatically generated", "this message is automatically generated", "this email was automatically generated", "this email is automatically generated", "this e-mail was automatically generated", "this message was generated automatically", "this email was generated automatically", "this mail was sent automatically", "this message was created automatically", "this reply was generated automatically", "this email has been automatically generated", "this message has been automatically generated", "in response to your message, an automatic", "this mailbox is not monitored", "this mailbox is unattended", "this mailbox is no longer", "this email address is not monitored", "this e-mail address is not monitored", "this email address is no longer", "this e-mail address is no longer", "this address is no longer", "this inbox is not monitored",
	"dies ist eine automatisch generierte", "dies ist eine automatisch erstellte", "dies ist eine automatisch erzeugte", "dies ist eine automatische antwort", "dies ist eine automatische nachricht", "dies ist eine automatische benachrichtigung", "dies ist eine automatische e-mail", "diese e-mail wurde automatisch", "diese nachricht wurde automatisch", "diese mail wurde automatisch", "diese e-mail-adresse ist nicht mehr", "diese e-mail-adresse wird nicht mehr", "dieses postfach wird nicht",
	"i apologize for this automatic reply", "i apologise for this automatic reply", "ce message est une réponse automatique", "ceci est un message automatique", "ceci est une réponse automatique", "ce message est automatique", "ce message a été généré automatiquement", "ce message est généré automatiquement", "cet e-mail est automatique", "cet email a été envoyé automatiquement", "ceci est un e-mail automatique", "cette adresse n'est plus", "este es un mensaje automático", "este es un correo automático", "esta es una respuesta automática", "este mensaje ha sido generado automáticamente", "este correo ha sido generado automáticamente",
	"esta é uma mensagem automática", "esta é uma resposta automática", "esta mensagem foi gerada automaticamente", "questo è un messaggio automatico", "questa è una risposta automatica", "messaggio generato automaticamente", "dit is een automatisch bericht", "dit is een automatisch gegenereerd", "dit is een automatisch antwoord", "dit is een automatische", "detta är ett automatiskt svar", "detta är ett automatiskt meddelande", "dette er en automatisk besked", "dette er en automatisk melding", "dette er et automatisk svar", "dette er en automatisk generert",
	"tämä on automaattinen vastaus", "tämä on automaattinen viesti", "to jest automatyczna odpowiedź", "to jest automatyczna wiadomość", "wiadomość wygenerowana automatycznie", "wiadomość została wygenerowana automatycznie", "toto je automatická odpověď", "toto je automatická zpráva", "toto je automaticky", "ez egy automatikus válasz", "ez egy automatikus üzenet", "это автоматическое сообщение", "это автоматический ответ", "данное сообщение сформировано автоматически", "это письмо отправлено автоматически", "це автоматичне повідомлення", "це автоматична відповідь", "bu otomatik bir mesaj", "bu otomatik bir yanıt", "bu otomatik olarak",
	"このメールは自動", "本メールは自動", "自動的に送信", "自動送信され", "自動返信メール", "此邮件为自动", "此为系统自动", "这是一封自动", "系统自动发送", "此為系統自動", "자동으로 발송", "자동 응답 메시지",
}

var absencePhrases = []string{
	"out of the office", "out of office", "i am ooo", "i'm ooo", "will be ooo", "away from the office", "away from my desk", "on vacation", "on holiday", "on annual leave", "on parental leave", "on maternity leave", "on sick leave", "currently away", "on leave",
	"nicht im büro", "nicht im hause", "im urlaub", "außer haus", "ausser haus", "nicht erreichbar", "abwesend", "en congé", "en vacances", "absent du bureau", "absente du bureau", "je suis absent", "de vacaciones", "fuera de la oficina", "ausente de la oficina", "in ferie", "fuori ufficio", "fuori sede", "de férias", "fora do escritório", "afwezig", "op vakantie", "niet op kantoor", "på semester", "på ferie", "inte på kontoret", "ikke på kontoret", "lomalla", "poissa toimistolta", "na urlopie", "poza biurem", "в отпуске", "нет в офисе", "отсутствую", "na dovolené", "mám dovolenou", "na dovolenke", "у відпустці", "у відпустку", "în concediu", "λείπω", "εκτός γραφείου", "nicht am platz", "in urlaub", "i am away", "i'm away", "i will be away", "am traveling", "am travelling", "sairauslomalla", "szabadságon", "tatildeyim", "izindeyim", "休暇", "不在に", "不在と", "休假", "外出", "부재중", "휴가",
}

var absenceSigns = []string{
	"limited access", "no access to", "will respond", "will reply", "will answer", "get back to you", "upon my return", "on my return", "when i return", "as soon as i", "for urgent", "urgent matter", "in urgent", "if urgent", "if your message is urgent", "if your matter is urgent", "in my absence", "during my absence", "please contact", "not be forwarded", "will be forwarded", "intermittent access", "respond to your",
	"in dringenden", "dringende", "nach meiner rückkehr", "wird nicht weitergeleitet", "werden nicht weitergeleitet", "wenden sie sich", "meine vertretung", "en cas d'urgence", "pour toute urgence", "à mon retour", "durant mon absence", "pendant mon absence", "en caso de urgencia", "a mi regreso", "para asuntos urgentes", "in caso di urgenza", "per urgenze", "al mio rientro", "em caso de urgência", "no meu retorno", "voor dringende", "bij mijn terugkomst", "brådskande", "vid brådskande", "hastesaker", "i hastetilfælde", "kiireellisissä", "w pilnych", "w sprawach pilnych", "v naléhavých", "sürgős", "по срочным", "в срочных", "з термінових", "у термінових", "после возвращения", "acil", "お急ぎ", "緊急", "紧急", "緊急", "급한",
}

// receiptPhrases open the acknowledgements of desks; that a desk sends them is told by what it promises.
var receiptPhrases = []string{
	"we have received your", "we've received your", "we received your", "request has been received", "email has been received", "e-mail has been received", "message has been received", "enquiry has been received", "thank you for contacting", "thanks for contacting", "thank you for reaching out", "ticket has been created", "ticket has been opened", "a ticket was opened",
	"wir haben ihre", "ist bei uns eingegangen", "nous avons bien reçu votre", "hemos recibido su", "abbiamo ricevuto la", "recebemos a sua", "recebemos sua", "recebemos o seu", "hebben uw bericht ontvangen", "hebben uw e-mail ontvangen", "vi har mottagit", "vi har modtaget", "vi har mottatt", "olemme vastaanottaneet", "otrzymaliśmy", "obdrželi jsme", "мы получили ваш", "ми отримали ваш", "お問い合わせありがとう", "お問い合わせを受け付け", "我们已收到您的", "我們已收到您的",
}

var receiptSigns = []string{
	"ticket has been", "do not reply to this", "business day", "working day", "business hours", "within 24", "within 48", "within one working", "within two working", "support staff", "support team", "ticket number", "ticket id", "case number", "reference number", "your ticket", "not monitored", "unattended",
	"werktag", "arbeitstag", "ticketnummer", "vorgangsnummer", "bearbeitungsnummer", "jours ouvr", "numéro de dossier", "días hábiles", "horas hábiles", "giorni lavorativi", "dias úteis", "werkdagen", "arbetsdagar", "hverdage", "virkedager", "arkipäiv", "dni robocz", "pracovních dn", "рабочих дн", "робочих дн", "営業日", "工作日", "受付番号",
}

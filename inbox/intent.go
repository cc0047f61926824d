package inbox

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	viaWord = "word"
	viaLink = "link"

	commandWords = 200 // a longer text is an article, whatever word it begins with
	commandLine  = 120 // bytes; a longer line is prose
)

// intent recognises what the sender asks for: by one of our one-tap links, whose subject is a command and a piece's code, or
// by the word that the mail begins with. A date in it is proposed, never applied.
func (r *reading) intent() {
	m := r.m
	if m.Kind != Human || m.Intent != nil {
		return
	}
	in, where := subjectIntent(m.Subject), "the subject"
	if in == nil {
		in, where = textIntent(m), "the text"
	}
	if in == nil {
		return
	}
	m.Intent = in
	if in.Command == Extend && !m.Date.IsZero() {
		if in.Via != viaLink {
			in.Date = proposedDay(in.Argument, m.Date)
		} else if _, words, _ := strings.Cut(in.Argument, " "); !strings.HasSuffix(strings.TrimSuffix(in.Argument, " "+words), ":") {
			in.Date = proposedDay(words, m.Date) // behind "CODE:" stands a title, which may name days of its own
		}
		if in.Date == "" {
			in.Date = proposedDay(m.Text, m.Date)
		}
	}
	reason := where + " begins with it"
	if in.Date != "" {
		reason += "; until " + in.Date + ", to be confirmed"
	}
	r.note("intent", string(in.Command), reason)
}

// proposedDay is the day that words name, "" if they name none.
func proposedDay(words string, now time.Time) string {
	words = words[:min(len(words), commandLine)]
	day, _, ok := readDay(words, now)
	if !ok || day.Before(now.Truncate(24*time.Hour)) { // nobody asks for a day that is over
		return ""
	}
	return day.Format(time.DateOnly)
}

// subjectIntent reads "ACCEPT BREW-1" and "ACCEPT BREW-1: Ten ways to brew", as our links write it, and the commands that need no piece.
func subjectIntent(subject string) *Intent {
	s := strings.TrimSpace(subject)
	if isReplySubject(strings.ToLower(s)) || len(s) > 3*commandLine {
		return nil
	}
	word, rest := commandWord(s)
	c := commandOf(strings.ToLower(word))
	if c == "" {
		return nil
	}
	argument := argumentOf(rest)
	code, _, _ := strings.Cut(argument, " ")
	switch {
	case c != Pitch && isUpper(word) && code == strings.ToUpper(code) && pieceCode(strings.TrimRight(code, ":")):
		return &Intent{Command: c, Via: viaLink, Argument: argument}
	case argument == "" && (c == AskHelp || c == StopMail || c == Status),
		c == Pitch && argument != "" && (isUpper(word) || strings.HasPrefix(rest, ":")):
		return &Intent{Command: c, Via: viaWord, Argument: argument}
	}
	return nil
}

// textIntent reads the first line of the text, below a salutation. In capitals a command may be followed by anything; else by
// the end of the line, punctuation, a date or a piece's code: "Done is better than perfect" is no command.
func textIntent(m *Message) *Intent {
	line := commandLineOf(m.Text)
	word, rest := commandWord(line)
	c := commandOf(strings.ToLower(word))
	if c == "" || len(line) > commandLine {
		return nil
	}
	long := len(m.Text) > 5*commandWords && len(strings.Fields(m.Text)) > commandWords
	argument := argumentOf(rest)
	answer := len(m.InReplyTo)+len(m.References) > 0 || isReplySubject(strings.ToLower(m.Subject))
	alone := argument == ""
	marked := strings.TrimLeft(rest, "*_\"'”“»")
	clear := isUpper(word) || alone || strings.IndexByte(":;,.!", marked[0]) >= 0 && !(c == StopMail && marked[0] == ',') || strings.HasPrefix(strings.TrimSpace(marked), "–") || strings.HasPrefix(strings.TrimSpace(marked), "(") ||
		namesCode(argument) || c == Extend && !m.Date.IsZero() && proposedDay(argument, m.Date) != ""
	next, _ := commandWord(argument)
	switch {
	case !clear, c != AskHelp && c != Status && c != Pitch && hedged(argument), commandOf(strings.ToLower(next)) != "",
		isUpper(word) && isUpper(next) && !namesCode(argument) && c != Pitch && c != Extend && c != Decline, // a headline
		long && !(c == Pitch && isUpper(word)),
		!answer && !isUpper(word) && !(alone && strings.TrimSpace(m.Text) == line):
		return nil
	}
	return &Intent{Command: c, Via: viaWord, Argument: argument}
}

// hedged tells an answer with an if or but, which takes a person to read.
func hedged(argument string) bool {
	for w := range strings.FieldsFuncSeq(strings.ToLower(argument), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' }) {
		switch w {
		case "not", "no", "yet", "except", "but", "or", "unless", "if", "don't", "don’t", "isn't", "isn’t", "nicht", "kein", "aber", "außer", "oder", "wenn", "noch",
			"pas", "mais", "sauf", "ou", "si", "pero", "salvo", "ma", "però", "se", "mas", "maar", "niet", "men", "inte", "ikke", "ale", "nie", "но", "не":
			return true
		}
	}
	return false
}

// commandLineOf is the first line that is no salutation.
func commandLineOf(text string) string {
	line, rest, _ := strings.Cut(text, "\n")
	if trimmed := strings.TrimSpace(line); strings.HasSuffix(trimmed, ",") && len(trimmed) < 40 {
		if w, _ := commandWord(trimmed); commandOf(strings.ToLower(w)) == "" {
			line, _, _ = strings.Cut(strings.TrimLeft(rest, " \t\n"), "\n")
		}
	}
	return strings.TrimSpace(line)
}

// commandWord cuts s behind its first word, marks before it left out. Words of scripts without blanks end where their last
// sign does that a command has.
func commandWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " \t*_\"'“”„«»[]()✅👍")
	end := 0
	for end < len(s) {
		c, n := utf8.DecodeRuneInString(s[end:])
		if !unicode.IsLetter(c) && !unicode.IsMark(c) {
			break
		}
		end += n
	}
	word, rest = s[:end], s[end:]
	for _, w := range []string{"承諾", "承認", "辞退", "却下", "完了", "延長", "状況", "提案", "停止", "中止", "接受", "拒绝", "拒絕", "完成", "延期", "延长", "状态", "狀態", "提议", "帮助", "수락", "거절", "완료", "연장", "상태", "제안", "도움말", "중지"} {
		if tail, ok := strings.CutPrefix(word, w); ok && utf8.RuneCountInString(tail) <= 5 {
			return w, rest
		}
	}
	return word, rest
}

// argumentOf is what follows a command on its line.
func argumentOf(rest string) string {
	return strings.TrimSpace(strings.Trim(strings.TrimLeft(rest, "*_\"'”“»:;,.!?–—- \t"), "*_"))
}

func isUpper(s string) bool {
	return s == strings.ToUpper(s) && s != strings.ToLower(s) && utf8.RuneCountInString(s) > 1
}

// pieceCode tells what can be a piece's code: letters, digits and inner dashes, with at least one letter and one digit. Without a
// dash it has to be in capitals, or "2nd" were one.
func pieceCode(s string) bool {
	if len(s) < 2 || len(s) > 32 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	letters, digits, dash := false, false, false
	for i := range len(s) {
		switch c := s[i]; {
		case letter(c):
			letters = true
		case digit(c):
			digits = true
		case c == '-':
			dash = true
		default:
			return false
		}
	}
	return letters && digits && (dash || s == strings.ToUpper(s))
}

// namesCode tells a few words among which there is a piece's code.
func namesCode(s string) bool {
	words := strings.Fields(s)
	if len(words) > 4 {
		return false
	}
	for _, w := range words {
		if pieceCode(strings.Trim(w, ".,:;!?()[]")) {
			return true
		}
	}
	return false
}

// commandOf knows the words for each command in the languages that teams and contributors write, lower case.
func commandOf(word string) Command {
	switch word {
	case "accept", "accepted", "annehmen", "angenommen", "zusage", "accepter", "accepté", "acceptée", "j'accepte", "acepto", "aceptar", "aceptado", "accetto", "accettare", "accettato",
		"aceito", "aceitar", "aceite", "accepteren", "aanvaard", "geaccepteerd", "accepterar", "acceptera", "accepterer", "godta", "godtar", "aksepterer", "hyväksy", "hyväksyn",
		"akceptuję", "akceptuj", "przyjmuję", "přijímám", "přijmout", "prijímam", "elfogadom", "принять", "принимаю", "прийняти", "приймаю", "приемам", "kabul", "αποδέχομαι", "accepta", "accepto",
		"prihvaćam", "sprejmem", "אישור", "قبول", "承諾", "承認", "接受", "수락":
		return Accept
	case "decline", "declined", "ablehnen", "abgelehnt", "absage", "refuser", "refusé", "décliner", "rechazo", "rechazar", "rechazado", "rifiuto", "rifiutare", "rifiutato", "recuso", "recusar", "recusado",
		"weigeren", "afwijzen", "afgewezen", "avböj", "avböjer", "avslå", "avslår", "afslå", "afslår", "afvis", "hylkää", "hylkään", "kieltäydyn", "odrzucam", "odmawiam", "odmítám", "odmítnout", "odmietam",
		"elutasítom", "refuz", "отклонить", "отклоняю", "отказываюсь", "відхилити", "відмовляюсь", "отказвам", "ret", "reddediyorum", "απορρίπτω", "rebutjo", "odbijam", "zavrnem", "סירוב", "رفض", "辞退", "却下", "拒绝", "拒絕", "거절":
		return Decline
	case "done", "finished", "fertig", "erledigt", "terminé", "terminée", "fini", "hecho", "terminado", "fatto", "finito", "feito", "concluído", "klaar", "gedaan", "färdig", "klart", "færdig", "ferdig", "valmis",
		"gotowe", "zrobione", "hotovo", "kész", "gata", "terminat", "готово", "сделано", "зроблено", "tamam", "bitti", "έτοιμο", "fet", "gotovo", "končano", "סיימתי", "انتهيت", "完了", "完成", "완료":
		return Done
	case "extend", "extension", "verlängern", "verlängerung", "fristverlängerung", "aufschub", "prolonger", "prolongation", "délai", "prórroga", "ampliar", "ampliación", "proroga", "prorogare", "prorrogar", "prorrogação", "adiar",
		"verlengen", "verlenging", "uitstel", "förläng", "förlängning", "uppskov", "forlæng", "forlængelse", "forleng", "forlengelse", "utsettelse", "lisäaika", "lisäaikaa", "pidennys", "przedłuż", "przedłużenie", "prodloužit", "prodloužení", "predĺžiť",
		"hosszabbítás", "prelungire", "продлить", "продление", "отсрочка", "продовжити", "продовження", "удължаване", "uzat", "uzatma", "παράταση", "pròrroga", "produljenje", "podaljšanje", "הארכה", "تمديد", "延長", "延期", "延长", "연장":
		return Extend
	case "status", "état", "statut", "estado", "stato", "situação", "tila", "tilanne", "stav", "állapot", "stare", "статус", "състояние", "durum", "κατάσταση", "estat", "stanje", "סטטוס", "الحالة", "状況", "ステータス", "状态", "狀態", "상태":
		return Status
	case "pitch", "vorschlag", "themenvorschlag", "proposition", "propuesta", "proposta", "voorstel", "förslag", "forslag", "ehdotus", "propozycja", "návrh", "javaslat", "propunere", "предложение", "пропозиція", "öneri", "πρόταση", "prijedlog", "predlog", "הצעה", "اقتراح", "提案", "提议", "제안":
		return Pitch
	case "help", "hilfe", "aide", "ayuda", "aiuto", "ajuda", "hulp", "hjälp", "hjælp", "hjelp", "apua", "pomoc", "segítség", "ajutor", "помощь", "допомога", "помощ", "yardım", "βοήθεια", "עזרה", "مساعدة", "ヘルプ", "帮助", "幫助", "도움말":
		return AskHelp
	case "stop", "stopp", "unsubscribe", "abmelden", "abbestellen", "désabonner", "parar", "baja", "ferma", "afmelden", "avsluta", "avmeld", "lopeta", "zakończ", "leállítás", "стоп", "durdur", "διακοπή", "הפסק", "توقف", "停止", "中止", "退订", "중지":
		return StopMail
	}
	return ""
}

package inbox

import "strings"

// vacationSubject tells the subjects that automatic replies carry when no header says so. The phrase found is returned.
func vacationSubject(subject string) string {
	s := strings.ToLower(strings.TrimSpace(subject))
	for _, p := range vacationPrefixes {
		if strings.HasPrefix(s, p) {
			return p
		}
	}
	if isReplySubject(s) { // people answer out-of-office mails too
		return ""
	}
	for _, p := range vacationPhrases {
		if strings.Contains(s, p) {
			return p
		}
	}
	return ""
}

func isReplySubject(s string) bool {
	for _, p := range []string{"re:", "fwd:", "fw:", "aw:", "wg:", "sv:", "vs:", "antw:", "odp:", "tr:", "rif:", "回复", "答复"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// vacationPrefixes are what mail systems put before the answered subject.
var vacationPrefixes = []string{
	"automatic reply:", "auto reply:", "auto-reply:", "autoreply:", "auto:", "auto response:", "auto-response:", "autoresponse:", "automated reply:", "automated response:", "out of office:", "out of office autoreply", "ooo:", "vacation:", "away:", "[auto-reply]", "[autoreply]", "[auto reply]", "automatic response:",
	"automatische antwort:", "automatische antwort", "abwesenheitsnotiz:", "abwesenheitsnotiz", "automatische rückantwort", "automatische abwesenheitsnotiz",
	"réponse automatique", "réponse automatique:", "reponse automatique", "absence :", "absence:", "absence du bureau",
	"respuesta automática", "respuesta automatica", "fuera de la oficina", "fuera de oficina", "resposta automática", "resposta automatica", "fora do escritório", "ausência temporária", "resposta automàtica",
	"risposta automatica", "fuori ufficio", "automatisch antwoord", "automatisch bericht", "afwezigheidsbericht", "automatische beantwoording", "afwezig:",
	"autosvar", "automatiskt svar", "automatisk svar", "frånvaro", "fravær:", "fraværsmelding", "automaattinen vastaus", "poissaoloviesti", "poissa:", "automatische antwoord",
	"automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź", "poza biurem", "nieobecność", "automatická odpověď", "automatická odpoveď", "mimo kancelář", "nepřítomnost", "automatikus válasz", "automatikus valasz", "házon kívül",
	"автоответ", "автоматический ответ", "автоматична відповідь", "автовідповідь", "отсутствие на рабочем месте", "автоматичен отговор", "răspuns automat", "raspuns automat", "otomatik yanıt", "otomatik cevap", "ofis dışında",
	"αυτόματη απάντηση", "automatski odgovor", "samodejni odgovor", "avtomatski odgovor", "automaatvastus", "automatinis atsakymas", "automātiska atbilde", "svar automatisk", "sjálfvirkt svar",
	"自動返信", "自動応答", "不在通知", "不在のお知らせ", "自动回复", "自动答复", "自動回覆", "外出通知", "자동 회신", "자동 응답", "부재중", "부재 중", "תשובה אוטומטית", "מענה אוטומטי", "رد تلقائي", "الرد التلقائي", "پاسخ خودکار", "ตอบกลับอัตโนมัติ", "trả lời tự động", "thư trả lời tự động", "balasan otomatis", "jawaban otomatis", "auto-svar", "respon automàtic",
}

// vacationPhrases stand anywhere in the subject of an automatic reply, unless it is an answer.
var vacationPhrases = []string{
	"out of office", "out-of-office", "out of the office", "away from my mail", "away from the office", "on vacation until", "i am on vacation", "i'm on vacation", "on annual leave", "on leave until", "autoreply", "auto-reply", "auto reply", "automatic reply", "automated reply", "auto-response", "auto response", "autoresponder", "automatic response", "automated response", "vacation reply", "vacation response",
	"abwesenheitsnotiz", "abwesenheitsmeldung", "abwesenheitsassistent", "bin nicht im büro", "nicht im büro", "im urlaub bis", "automatische antwort", "automatische eingangsbestätigung", "réponse automatique", "absent du bureau", "en congé jusqu", "message d'absence", "notification d'absence",
	"respuesta automática", "fuera de la oficina", "estoy de vacaciones", "resposta automática", "fora do escritório", "mensagem automática", "risposta automatica", "fuori sede", "fuori ufficio", "sono in ferie", "automatisch antwoord", "niet op kantoor", "afwezigheid",
	"autosvar", "automatiskt svar", "automatisk svar", "ikke på kontoret", "ikke til stede", "inte på kontoret", "på semester", "automaattinen vastaus", "poissa toimistolta", "lomalla", "automatyczna odpowiedź", "jestem na urlopie", "automatická odpov", "automatikus válasz", "szabadságon",
	"автоответ", "автоматический ответ", "в отпуске до", "нет в офисе", "вне офиса", "автоматична відповідь", "otomatik yanıt", "ofis dışı", "izindeyim", "αυτόματη απάντηση", "εκτός γραφείου", "răspuns automat", "自動返信", "自動応答", "不在通知", "自动回复", "自動回覆", "休假", "자동 회신", "자동응답", "부재중", "תשובה אוטומטית", "لا رد تلقائي", "رد تلقائي",
}

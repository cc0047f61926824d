package inbox

import (
	"strings"
	"unicode"
)

// maxRecipients bounds the recipients kept of one report.
const maxRecipients = 500

// isDaemon tells the senders that bounce: MAILER-DAEMON, postmaster and the names mail systems give themselves.
func isDaemon(from Address, h header) bool {
	local, _, _ := lastCut(strings.ToLower(from.Address), "@")
	switch folded := foldLocal(local); folded {
	case "mailerdaemon", "postmaster", "mdaemon", "maildelivery", "maildeliverysystem", "maildeliverysubsystem", "mailsystem", "mailerd", "smtpdaemon", "daemon", "bounce", "bounces", "microsoftexchange", "mailadmin", "mailmaster", "delivery", "deliverystatus", "mmdf", "uucp", "mailrouter", "mailgateway", "mailservice", "smtpgateway", "mailscanner", "antivirus":
		return true
	default:
		if strings.Contains(folded, "mailerdaemon") || strings.HasPrefix(folded, "microsoftexchange") || strings.HasPrefix(folded, "postmaster") || strings.Contains(folded, "smtpgateway") || strings.Contains(folded, "smtpmailservice") {
			return true
		}
	}
	name := strings.ToLower(from.Name)
	for _, n := range []string{"mail delivery s", "mail delivery", "mailer-daemon", "mailer daemon", "mail system", "delivery subsystem", "postmaster@", "postmaster (", "system administrator", "internet mail delivery", "message router", "mail router", "microsoft outlook", "mail administrator", "mailserver", "mail daemon", "mail gateway", "interscan", "smtp server"} {
		if strings.HasPrefix(name, n) {
			return true
		}
	}
	return name == "postmaster" || from.Address == "" && strings.Contains(strings.ToLower(h.first("From")), "mailer-daemon")
}

// certainDaemon tells the senders that are nothing but mail systems; the other names are those of firms and people, too.
func certainDaemon(from Address) bool {
	local, _, ok := lastCut(strings.ToLower(from.Address), "@")
	switch folded := foldLocal(local); {
	case !ok, folded == "postmaster", folded == "mdaemon", folded == "mailsystem", folded == "mailmaster",
		strings.Contains(folded, "mailerdaemon"), strings.HasPrefix(folded, "microsoftexchange"), strings.HasPrefix(folded, "maildelivery"), strings.Contains(folded, "smtp"):
		return true
	}
	return false
}

// evidence tells what reports have and tales do not: whom the mail was for, the code of an answer, or their set phrases.
func evidence(m *Message, text string) bool {
	low := strings.ToLower(text)
	return failureStatus(text) != "" || failedAddresses(text, m, nil) != nil || containsAny(low, []string{
		"following recipient", "following address", "delivery to the following", "the message you sent", "message that you sent", "your message to", "your message could not", "your message was", "your mail to", "your email to", "intended recipient", "mail system", "mail server", "automatically", "returned message", "original message", "message headers",
	})
}

// personAt tells a person who writes from a mail system's own address: they have a name, and answer, greet, sign or hand
// something in as systems do not.
func personAt(m *Message) bool {
	local, _, _ := lastCut(strings.ToLower(m.From.Address), "@")
	switch foldLocal(local) {
	case "postmaster", "mailadmin", "mailmaster", "delivery", "root":
	default:
		return false
	}
	var name []string
	for _, w := range strings.FieldsFunc(strings.ToLower(m.From.Name), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if containsAny(w, []string{"mail", "system", "deliver", "daemon", "server", "service", "admin", "gateway", "support", "robot", "exchange", "outlook", "smtp", "symantec", "network", "internet", "security", "router", "virus", "scan"}) {
			return false
		}
		if w != "postmaster" && len(w) > 2 {
			name = append(name, w)
		}
	}
	low := plainQuotes(m.Text)
	if len(name) == 0 || m.NullSender || automaticText(low) != "" || strings.Contains(low, "automatic") || strings.Contains(low, "this is the ") {
		return false
	}
	if _, original := splitReport(m.Body); original != "" {
		return false
	}
	last := low[strings.LastIndexByte(strings.TrimRight(low, " \n"), '\n')+1:]
	signs := len(last) < 40 && containsAny(last, name)
	switch {
	case presents(low), signs && (firstPerson(low) || len(m.InReplyTo) > 0):
		return true
	}
	return firstPerson(low) && (greetsByName(low) || isReplySubject(strings.ToLower(m.Subject)) && len(m.InReplyTo) > 0)
}

// bounceSubjects are the subjects of reports, lower case, most of them the beginning.
var bounceSubjects = []string{
	"undeliver", "delivery status notification", "delivery failure", "delivery failed", "delivery report", "delivery notification", "delivery error", "delivery problem", "delivery delayed", "delivery has failed", "delivery has been delayed", "delivery temporarily",
	"failure notice", "failed mail", "failed delivery", "failed:", "mail failure", "mail failed", "mail delivery", "mail system error", "mail could not be", "mail not delivered", "mail undeliverable", "message not delivered", "message delivery", "message could not be delivered", "message undeliverable", "message status", "email delivery failure", "e-mail delivery failure",
	"non delivery", "non-delivery", "nondeliverable", "nondelivery", "not delivered", "notification d'", "ndn:", "ndr:", "returned mail", "returned to sender", "returned message", "return receipt", "returned email", "rejected:", "permanent delivery failure", "permanent fail",
	"warning: could not send", "warning: message", "warning - delayed", "warning: mail", "could not send message", "could not be delivered", "cannot be delivered", "unable to deliver", "user unknown", "unknown user", "unknown address", "mailbox full", "mailbox unavailable", "address not found", "bounce", "dsn:", "error in mail", "error sending", "problem delivering", "problems with", "smtp error", "status of your", "transmission failure", "your message to", "your mail to", "your message could not", "your email could not", "delayed mail", "delayed:", "message delayed", "mail delayed", "message blocked", "blocked by", "message rejected", "recipient", "mail rejected", "attenzione: posta", "considered unsolicited", "invalid recipient", "quota exceeded", "over quota",
	"unzustellbar", "nicht zustellbar", "unzustellbarkeit", "zustellung fehlgeschlagen", "nachricht konnte nicht", "übermittlungsstatus", "zustellungsbenachrichtigung", "fehlgeschlagen", "message non remis", "non remis", "non distribu", "échec de la remise", "echec de", "avis de non", "non recapitato", "mancato recapito", "impossibile recapitare", "notifica sullo stato", "no se puede entregar", "no entregado", "correo no entregado", "error de entrega", "devuelto", "não entregue", "não foi possível entregar", "falha na entrega", "falha", "niet bezorgd", "onbestelbaar", "kan inte levereras", "kunne ikke leveres", "olevererbart", "ikke leveres", "toimittaminen epäonnistui", "nie można dostarczyć", "niedostarczona", "nedoručiteln", "kézbesíthetetlen", "не доставлено", "недоставлен", "не удалось доставить", "невозможно доставить", "teslim edilemedi", "系统退信", "退信", "退回", "無法傳遞", "无法送达", "未送达", "投递失败", "寄件失敗", "配信不能", "配信エラー", "送信エラー", "不達", "未達", "メール配信", "エラー", "배달되지", "전송 실패", "반송",
}

func bounceSubject(subject string) bool {
	low := strings.ToLower(subject)
	for _, s := range bounceSubjects {
		if strings.Contains(low, s) {
			return true
		}
	}
	return false
}

// bouncePhrases are what reports say in their text.
var bouncePhrases = []string{
	"could not be delivered", "couldn't be delivered", "cannot be delivered", "can't be delivered", "not be delivered", "unable to deliver", "wasn't able to deliver", "was not able to deliver", "not able to deliver", "undeliverable", "undelivered", "was not delivered", "not been delivered", "wasn't delivered", "has not been delivered", "delivery failed", "delivery to the following", "delevery to the following", "delivery has failed", "delivery of your message", "did not reach", "not reach the following", "could not be reached", "failed addresses", "failed permanently", "permanent error", "permanent fatal errors", "fatal errors", "transient non-fatal", "returned to sender", "returned mail", "failed to deliver", "failed delivery", "error delivering", "delivering your mail", "delivering your message", "deliver your mail", "deliver your message", "unknown user", "user unknown", "no such user", "unknown recipient", "no valid recipients", "recipient unknown", "does not exist", "unknown address", "address rejected", "rejected by", "was rejected", "mailbox is full", "mailbox full", "quota exceeded", "over quota", "exceeded storage", "smtp error", "remote host said", "error message below", "following addresses", "following address", "not delivered to the following", "still undelivered", "delivery attempts will", "delivery status", "no mailbox here", "mailbox unavailable", "account has been disabled", "not listed in", "not found", "message bounced", "bounced", "transcript of session", "unrouteable", "host unknown", "undeliver",
	"nicht zugestellt", "nicht zustellbar", "konnte nicht", "kann nicht zugestellt", "fehlgeschlagen", "n'a pas pu être", "n'a pas été remis", "impossible de remettre", "non remis", "non distribu", "adresse inconnue", "no pudo ser entregado", "no se ha podido", "no se pudo entregar", "não pôde ser", "não foi possível", "não foi entregue", "nao pode ser", "non è stato possibile", "impossibile consegnare", "recapitat", "kon niet worden", "kan niet worden", "kunde inte", "kunne ikke", "nie został", "nie można", "nie mogła", "nebylo možné", "не может быть доставлено", "не удалось доставить", "не доставлен", "не было доставлено", "не найден", "kézbesít", "teslim edile", "投递", "退信", "无法", "無法", "退回", "届けることができません", "配信できません", "送信できません", "送れません", "存在しません", "エラー", "宛先不明", "見つかりません", "배달", "전송하지",
}

func bouncePhrase(text string) bool {
	low := strings.ToLower(text)
	for _, p := range bouncePhrases {
		if strings.Contains(low, p) {
			return true
		}
	}
	return false
}

// looksBounced tells a report that follows no RFC. One sign is never enough: people write about undelivered mail too.
func looksBounced(m *Message, h header, text string, original bool) string {
	if h.has("X-Failed-Recipients") {
		return "X-Failed-Recipients is set"
	}
	low := strings.ToLower(m.Subject)
	if isReplySubject(low) && !m.NullSender && !isDaemon(m.From, h) {
		return ""
	}
	if personAt(m) && !original && !hasDSN(text) {
		return ""
	}
	text = text[:min(len(text), 16<<10)]
	daemon, null := isDaemon(m.From, h), m.NullSender || daemonReturnPath(h)
	if reason := listRefusal(m, h, text); reason != "" {
		return reason
	}
	if !daemon && !null && !strictSubject(low) {
		return ""
	}
	if isVacation(m.Subject) || answersItself(h) {
		return ""
	}
	subject, phrase := bounceSubject(m.Subject), bouncePhrase(text)
	switch {
	case daemon && !null && !certainDaemon(m.From) && !original && !evidence(m, text):
		return "" // a name says little
	case daemon && (subject || phrase):
		return "it comes from a mail system and tells of a failed delivery"
	case daemon && original:
		return "it comes from a mail system and returns a mail"
	case null && absence(strings.ToLower(m.Text)) != "":
		return ""
	case null && subject && !isReplySubject(low) && (phrase || original), null && phrase && original:
		return "its return path is null and it tells of a failed delivery"
	case null && bouncePhrase(opening(text)) && failureStatus(text) != "":
		return "its return path is null, and it tells why a delivery failed"
	case strictSubject(low) && !h.has("In-Reply-To") && len(m.Forwarded) == 0 && machineMade(m, text, original):
		return "subject and text tell of a failed delivery"
	}
	return ""
}

// answersItself tells the headers of programs that answer for a person, whatever their answer says. (RFC 3834 asks mail
// systems' reports to be marked as automatic, too; the comment tells them apart.)
func answersItself(h header) bool {
	return h.has("X-Autoreply") || h.has("X-Autorespond") || h.has("X-Vacation") || strings.HasPrefix(keyword(h.first("Precedence")), "auto") ||
		strings.Contains(strings.ToLower(h.first("Auto-Submitted")), "vacation")
}

// daemonReturnPath: some relays put their daemon's name where the null path belongs.
func daemonReturnPath(h header) bool {
	rp := strings.ToLower(h.first("Return-Path"))
	return strings.Contains(rp, "mailer-daemon") || strings.Contains(rp, "<>")
}

func strictSubject(low string) bool {
	for _, s := range []string{"delivery failure", "delivery status notification", "undelivered mail returned", "undeliverable", "failure notice", "returned mail:", "mail delivery failed", "delivery failed", "could not be delivered"} {
		if strings.HasPrefix(low, s) || strings.HasSuffix(low, s) {
			return true
		}
	}
	return false
}

// machineMade tells the report of a system that signs with a person's or its own odd name: it opens with the failure, and
// returns the mail or heads its reasons with addresses. People open with words of their own, or ask.
func machineMade(m *Message, text string, original bool) bool {
	opening, _, _ := strings.Cut(strings.TrimLeft(text, " \t\n"), "\n\n")
	if opening = opening[:min(len(opening), 600)]; !bouncePhrase(opening) || strings.Contains(opening, "?") {
		return false
	}
	_, returned := splitReport(text)
	return original || returned != "" || len(headedAddresses(text, m)) > 0
}

// listRefusal tells what managers of mailing lists answer to mail that they do not pass on.
func listRefusal(m *Message, h header, text string) string {
	local, _, _ := lastCut(strings.ToLower(m.From.Address), "@")
	if !h.has("X-MLServer") && !h.has("X-Mailman-Version") && !h.has("X-BeenThere") && !strings.Contains(local, "majordomo") && !strings.Contains(local, "listserv") {
		return ""
	}
	low := strings.ToLower(text[:min(len(text), 2000)])
	for _, p := range []string{"you are not a member of this mailing list", "not member article", "you are not allowed to post to this mailing list", "header may cause mail loop", "reject mail from", "reject spammers", "has detected a loop condition", "duplicated message-id", "loop back warning", "rejected by the list moderator", "not authorized to send mail to", "posting to this list is restricted", "message was rejected by the list", "has been automatically rejected"} {
		if strings.Contains(low, p) {
			return "a mailing list refuses the mail"
		}
	}
	return ""
}

func isVacation(subject string) bool {
	_, sign := vacationSubject(subject)
	return sign >= absenceHead
}

// arrived tells the words of a report that a mail was delivered or passed on.
func arrived(subject, report string) bool {
	low := strings.ToLower(report)
	if failureStatus(report) != "" {
		return false
	}
	for _, p := range []string{"successfully delivered", "was delivered to", "has been delivered to", "been successfully relayed", "was relayed to", "successfully relayed", "delivery to the following recipients was successful", "wurde erfolgreich zugestellt", "a été remis", "ha sido entregado", "è stato recapitato"} {
		if i := strings.Index(low, p); i >= 0 && !strings.HasSuffix(strings.TrimRight(low[:i], " "), "not") && !strings.HasSuffix(strings.TrimRight(low[:i], " "), "n't") && !strings.Contains(low, "could not") && !strings.Contains(low, "failed") {
			return true
		}
	}
	low = strings.ToLower(subject)
	return strings.HasPrefix(low, "delivered:") || strings.HasPrefix(low, "relayed:") || strings.HasSuffix(low, "(relay)") || strings.HasSuffix(low, "(success)")
}

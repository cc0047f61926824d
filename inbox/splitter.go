package inbox

import "strings"

// splitterKind tells what a line between two mails introduces.
type splitterKind byte

const (
	noSplitter splitterKind = iota
	originalSplitter
	forwardSplitter
)

// splitter knows the lines that clients put above an answered or forwarded mail: "----- Original Message -----" and
// "Begin forwarded message:", whatever the rule is drawn with.
func splitter(s string) splitterKind {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 200 {
		return noSplitter
	}
	if len(s) == 32 && strings.Trim(s, "_") == "" {
		return originalSplitter // Outlook's, also over a mail without a header
	}
	bare := strings.Trim(s, "*_>| \t\u00a0")
	decorated := strings.HasPrefix(bare, "--") || strings.HasPrefix(bare, "==") || strings.HasPrefix(bare, "——") || strings.HasPrefix(bare, "##") ||
		strings.HasPrefix(bare, "-") && strings.HasSuffix(bare, "-") || strings.HasPrefix(bare, "[") && strings.HasSuffix(bare, "]")
	ended := strings.HasSuffix(bare, ":") || strings.HasSuffix(bare, "：")
	if !decorated && !ended && s[0] != '_' && s[0] != '*' {
		return noSplitter
	}
	core := fold(strings.Trim(bare, "-_=*#>| \t\u00a0–—:：/\\[]"))
	if k := splitterWords(core); k != noSplitter {
		return k
	}
	if !decorated {
		return noSplitter
	}
	// "---- Original message ---- From: …", or the same in two languages
	if i := strings.Index(core, "--"); i > 0 {
		if k := splitterWords(strings.TrimSpace(core[:i])); k != noSplitter {
			return k
		}
		if j := strings.LastIndex(core, "-"); j+1 < len(core) {
			return splitterWords(strings.TrimSpace(core[j+1:]))
		}
	}
	if strings.HasPrefix(core, "original message from ") || strings.HasPrefix(core, "original message processed by") {
		return originalSplitter
	}
	for _, w := range []string{"forwarded by ", "forwarded message from ", "forwarded message / ", "välitetty viesti / ", "weitergeleitet von ", "forwarded from ", "transféré par ", "reenviado por ", "inoltrato da "} {
		if strings.HasPrefix(core, w) {
			return forwardSplitter
		}
	}
	return noSplitter
}

func splitterWords(core string) splitterKind {
	switch core {
	case "original message", "original-nachricht", "ursprüngliche nachricht", "ursprungliche nachricht", "ursprüngliche mail", "ursprüngliche e-mail", "urspr. nachricht", "originalnachricht", "original nachricht", "original", "original mail", "original email", "original e-mail", "original appointment", "original message follows", "ursprünglicher termin",
		"message d'origine", "message original", "message d’origine", "message initial", "message reçu", "courriel original", "mensaje original", "correo original", "mensagem original", "messaggio originale", "messaggio originario", "messaggio in origine", "oorspronkelijk bericht", "originele bericht", "origineel bericht", "oorspronklike boodskap",
		"wiadomość oryginalna", "oryginalna wiadomość", "treść oryginalnej wiadomości", "ursprungligt meddelande", "originalmeddelande", "ursprungligt mejl", "oprindelig meddelelse", "oprindelig besked", "original meddelelse", "oprindelig mail",
		"opprinnelig melding", "original melding", "opprinnelig e-post", "alkuperäinen viesti", "alkuperäinen sanoma", "исходное сообщение", "оригинальное сообщение", "оригинальное письмо", "исходное письмо", "вихідне повідомлення", "оригінальне повідомлення", "початкове повідомлення", "původní zpráva", "původní e-mail", "originální zpráva", "pôvodná správa", "pôvodný e-mail",
		"eredeti üzenet", "mesaj original", "mesajul original", "mesaj iniţial", "mesaj inițial", "orijinal ileti", "orijinal mesaj", "özgün ileti", "asıl ileti", "asıl mesaj", "αρχικό μήνυμα", "αυθεντικό μήνυμα", "оригинално съобщение", "изходно съобщение", "原始邮件", "原始郵件", "原始信件", "原邮件", "邮件原件", "原始訊息", "原始消息", "元のメッセージ", "元のメール", "オリジナルメッセージ", "원본 메일", "원본 메시지", "원본 이메일", "원본메일", "원래 메시지", "הודעה מקורית", "ההודעה המקורית",
		"الرسالة الأصلية", "رسالة أصلية", "پیام اصلی", "pesan asli", "mesej asal", "tin nhắn gốc", "thư gốc", "ข้อความเดิม", "ข้อความต้นฉบับ", "मूल संदेश", "মূল বার্তা", "missatge original", "jatorrizko mezua", "mensaxe orixinal", "izvorna poruka", "originalna poruka", "оригинална порука", "izvirno sporočilo", "prvotno sporočilo", "reply message", "antwort nachricht", "reply", "algkiri", "algne sõnum", "algne kiri", "pirminis laiškas", "pradinis pranešimas", "originalus laiškas", "sākotnējais ziņojums", "oriģinālais ziņojums", "upprunaleg skilaboð", "ujumbe asili", "orihinal na mensahe", "original reply":
		return originalSplitter
	case "forwarded message", "begin forwarded message", "forwarded mail", "forwarded email", "forwarded e-mail", "fwd message", "start of forwarded message", "weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "beginn der weitergeleiteten nachricht", "weitergeleitete e-mail", "weitergeleitete mail",
		"message transféré", "message transmis", "message réexpédié", "début du message réexpédié", "début du message transféré", "mensaje reenviado", "inicio del mensaje reenviado", "mensagem encaminhada", "mensagem reencaminhada",
		"início da mensagem encaminhada", "início da mensagem reencaminhada", "messaggio inoltrato", "inizio messaggio inoltrato", "messaggio inoltrato da", "doorgestuurd bericht", "begin doorgestuurd bericht",
		"przekazana wiadomość", "wiadomość przekazana", "początek przekazywanej wiadomości", "treść przekazanej wiadomości", "vidarebefordrat meddelande", "vidarebefordrat brev", "vidarebefordrat mejl", "vidaresänt meddelande", "videresendt meddelelse",
		"start på videresendt besked", "videresendt melding", "videresendt e-post", "videresendt besked", "start på videresendt melding", "välitetty viesti", "välitetty viesti alkaa", "edelleenlähetetty viesti", "пересланное сообщение", "пересылаемое сообщение", "перенаправленное сообщение", "начало переадресованного сообщения", "начало пересылаемого сообщения", "конец пересылаемого сообщения", "переслане повідомлення", "перенаправлене повідомлення", "початок листа, що пересилається", "přeposlaná zpráva", "začátek přeposlané zprávy", "začátek přeposílané zprávy",
		"preposlaná správa", "začiatok preposlanej správy", "továbbított üzenet", "továbbított levél", "továbbított levél kezdete", "mesaj redirecționat", "mesaj redirecţionat", "începe mesajul redirecționat", "mesaj forwardat", "iletilen mesaj", "iletilen ileti", "yönlendirilen ileti", "yönlendirilmiş ileti", "iletilmiş mesaj", "iletilmiş ileti", "ileti başlangıcı", "προωθημένο μήνυμα", "έναρξη προωθημένου μηνύματος", "препратено съобщение", "начало на препратеното съобщение", "转发的邮件", "轉寄郵件", "轉寄的郵件", "轉寄的訊息", "以下是轉寄的郵件", "已轉寄的郵件", "已转发的邮件", "下面是被转发的邮件", "开始转发的邮件", "转发邮件信息", "转发邮件", "転送されたメッセージ", "転送メッセージ", "転送されたメール", "전달된 메시지", "전달된 메일", "전달된 메시지의 시작", "הודעה שהועברה", "תחילת ההודעה שהועברה",
		"الرسالة المعاد توجيهها", "رسالة معاد توجيهها", "رسالة مُعاد توجيهها", "بدء الرسالة المعاد توجيهها", "پیام بازارسال شده", "پیام هدایت شده", "pesan terusan", "pesan yang diteruskan", "awal pesan yang diteruskan", "mesej yang dimajukan", "mesej dimajukan", "missatge reenviat", "inici del missatge reenviat", "birbidalitako mezua", "mensaxe reenviada", "thư được chuyển tiếp", "tin nhắn đã chuyển tiếp", "bắt đầu thư được chuyển tiếp", "ข้อความที่ส่งต่อ", "ข้อความส่งต่อ", "अग्रेषित संदेश", "ফরোয়ার্ড করা বার্তা", "proslijeđena poruka", "započni proslijeđenu poruku", "prosleđena poruka", "прослеђена порука", "posredovano sporočilo", "edastatud kiri", "edastatud sõnum", "persiųstas laiškas", "peradresuotas laiškas", "pārsūtīts ziņojums", "pārsūtītā vēstule", "áframsend skilaboð", "ujumbe uliosambazwa", "ipinasang mensahe", "forwarded by":
		return forwardSplitter
	}
	return noSplitter
}

// replyMarker tells the line that ticket systems draw for people to write above.
func replyMarker(s string) bool {
	if len(s) > 200 || len(s) < 12 {
		return false
	}
	decorated := strings.IndexByte("#-=_*>~[", s[0]) >= 0 || strings.HasPrefix(s, "—")
	if !decorated && !strings.Contains(s, "bove th") {
		return false
	}
	low := fold(s)
	if strings.Contains(low, "above this line") || strings.Contains(low, "above the line") || strings.Contains(low, "above this text") {
		for _, w := range []string{"reply", "respond", "type", "write", "writing", "answer", "add", "comment"} {
			if strings.Contains(low, w) {
				return true
			}
		}
	}
	if !decorated {
		return false
	}
	for _, m := range replyMarkers {
		if strings.Contains(low, m) {
			return true
		}
	}
	return false
}

var replyMarkers = []string{
	"oberhalb dieser linie", "über dieser linie", "oberhalb dieser zeile", "über dieser zeile", "au-dessus de cette ligne", "ci-dessus de cette ligne", "encima de esta línea", "sopra questa riga", "sopra questa linea", "acima desta linha", "boven deze regel", "boven deze lijn",
	"ovanför denna rad", "ovanför den här raden", "over denne linje", "tämän rivin yläpuolelle", "powyżej tej linii", "nad tímto řádkem", "nad tento řádek", "nad týmto riadkom", "выше этой линии", "выше этой строки", "над цим рядком", "bu satırın üstüne", "この行より上", "この線より上", "请在此行上方", "在此線上方", "이 줄 위에",
}

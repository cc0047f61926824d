package inbox

import "strings"

// footerKind tells how sure it is that a client, not the sender, wrote a line.
type footerKind byte

const (
	noFooter    footerKind = iota
	lastFooter             // a footer if it stands last
	plainFooter            // a footer wherever it stands
)

const (
	maxFooter      = 220 // bytes of a footer with its link
	maxFooterWords = 14
)

// footer knows the lines that clients append by themselves: "Sent from my …", "Get Outlook for …". What says "sent" and
// names a device or a mail program is one in every language; bare "Sent from …" is one only at the end.
func footer(s string) footerKind {
	if len(s) > maxFooter {
		return noFooter
	}
	low := strings.Trim(fold(s), " \t<>()[]{}*_-–—|.!。")
	if len(low) < 8 {
		return noFooter
	}
	if installs(low) {
		return plainFooter
	}
	for _, p := range ownDevice {
		if rest, ok := strings.CutPrefix(low, p); ok {
			return ifNot(sentence(rest) || len(rest) > 140, plainFooter)
		}
	}
	words := strings.Count(low, " ")
	for _, p := range sentBefore {
		if rest, ok := strings.CutPrefix(low, p); ok && words < maxFooterWords && productWord(rest) {
			return ifNot(sentence(rest), plainFooter)
		}
	}
	name := low
	if i := strings.IndexAny(name, "<(["); i > 8 {
		name = strings.TrimRight(name[:i], " ")
	}
	for _, p := range sentAround {
		if strings.HasSuffix(name, p[1]) && strings.HasPrefix(name, p[0]) && words < maxFooterWords/2 && productWord(name) {
			return ifNot(sentence(name), plainFooter)
		}
	}
	for _, p := range weakFooters {
		if rest, ok := strings.CutPrefix(low, p); ok && strings.Count(rest, " ") < 6 && !sentence(rest) && !strings.ContainsAny(rest, ",;?") {
			return lastFooter
		}
	}
	if strings.HasPrefix(s, "[image:") || strings.HasPrefix(s, "[cid:") { // a logo
		return lastFooter
	}
	if strings.HasSuffix(low, " from mobile") && strings.Count(low, " ") <= 3 || scanned(low) {
		return lastFooter
	}
	return noFooter
}

func ifNot(no bool, k footerKind) footerKind {
	if no {
		return noFooter
	}
	return k
}

// installs tells an invitation to get the mail program.
func installs(low string) bool {
	if !strings.Contains(low, "outlook") && !strings.Contains(low, "bluemail") || strings.Count(low, " ") > 8 ||
		!strings.Contains(low, "ios") && !strings.Contains(low, "android") && !strings.Contains(low, "bluemail") && !strings.Contains(low, "//") {
		return false
	}
	for _, w := range getWords {
		if strings.HasPrefix(low, w) || strings.HasSuffix(low, w) || strings.Contains(low, w+" <") || strings.Contains(low, w+"<") {
			return true
		}
	}
	return false
}

// scanned tells what virus scanners append.
func scanned(low string) bool {
	for _, w := range []string{"virus-free", "virenfrei", "libre de virus", "garanti sans virus", "sans virus", "livre de vírus", "privo di virus", "virusvrij", "без вирусов", "bez wirusów", "virusfri", "this email has been checked for viruses", "diese e-mail wurde von avast", "l'absence de virus dans ce courrier", "este correo electrónico ha sido comprobado en busca de virus"} {
		if strings.HasPrefix(low, w) {
			return true
		}
	}
	return false
}

// productWord tells a line that names a device or a mail program.
func productWord(low string) bool {
	for _, w := range products {
		i := strings.Index(low, w)
		if i < 0 {
			continue
		}
		if i > 0 && letter(low[i-1]) {
			continue
		}
		return true
	}
	return false
}

// sentence tells the rest of a line that goes on as people write: "Sent from my desk, which is easier". Device names and
// apologies for typing on them are none.
func sentence(rest string) bool {
	if i := strings.IndexAny(rest, "<([{|"); i >= 0 {
		rest = rest[:i]
	}
	for _, w := range []string{"excuse", "typo", "brevi", "brief", "sorry", "apolog", "forgive", "spell", "short", "pardon", "network", "http", "errors", "mistake", "thumb"} {
		if strings.Contains(rest, w) {
			return false
		}
	}
	words := strings.Fields(rest)
	if len(words) > 9 {
		return true
	}
	for _, w := range words {
		switch strings.Trim(w, ",.;:") {
		case "is", "are", "was", "were", "has", "have", "will", "which", "because", "so", "but", "then", "where", "when", "i", "we", "you", "he", "she", "they", "ist", "war", "weil", "und", "aber", "est", "était", "mais", "es", "era", "pero", "è", "ma", "och", "og", "и", "но":
			return true
		}
	}
	return false
}

// products are devices and mail programs, as footers name them.
var products = []string{
	"iphon", "ipad", "ipod", "apple watch", "macbook", "imac", "آیفون", "айфон", "android", "galaxy", "samsung", "삼성", "갤럭시", "huawei", "华为", "honor ", "xiaomi", "小米", "redmi", "oppo", "oneplus", "pixel", "nokia", "motorola", "xperia", "htc", "blackberry", "windows", "surface",
	"smartphone", "phone", "mobile", "mobil", "handy", "móvil", "telemóvel", "celular", "telefon", "telefoon", "téléphone", "teléfono", "puhelim", "телефон", "смартфон", "手机", "手機", "携帯", "스마트폰", "휴대", "tablet", "terminal",
	"outlook", "gmail", "yahoo", "aol", "proton", "tuta", "fastmail", "spark", "superhuman", "airmail", "bluemail", "edison", "canary", "mailspring", "mailtrack", "mailbutler", "mailbox", "mailbird", "k-9", "fairemail", "aqua mail", "typeapp", "mymail", "yandex", "яндекс", "mail.ru", "почт", "zoho", "missive", "boxer", "workspace one", "hey", "shift", "nine", "em client", "thunderbird",
	"ziggo", "libero", "orange", "gmx", "web.de", "telekom", "wp poczta", "poczt", "seznam", "mail app", "mail for", "mail für", "mail pour", "mail til", "mail voor", "courrier", "correo", "posta ", "e-post", "メール", "邮件", "郵件",
}

// ownDevice begin a footer whatever follows: people name their devices as they like.
var ownDevice = []string{
	"sent from my ", "sent wirelessly", "sent via my ", "sent using my ", "sent from a phone", "sent from a mobile", "sent from mobile", "sent via mobile", "sent from mailbox", "sent from [mail]", "sent from mail<", "sent by galaxy", "from my iphone", "from my ipad", "from my android", "from my blackberry", "from my galaxy", "typed on my ", "typed with thumbs", "please excuse my brevity", "please excuse brevity", "please excuse the brevity", "excuse my brevity", "secured with tuta", "secured with proton",
	"von meinem iphone", "von meinem handy", "von meinem mobil", "gesendet von meinem ", "gesendet von meiner ", "diese nachricht wurde von meinem ", "von unterwegs gesendet", "envoyé de mon ", "envoyé de ma ", "envoyé depuis mon ", "envoyé depuis ma ", "envoyé à partir de mon ", "envoyé sans fil", "enviado desde mi ", "enviado do meu ", "enviado da minha ", "enviado a partir do meu ", "enviat des del meu ", "inviato dal mio ", "inviato dalla mia ", "verzonden vanaf mijn ", "verstuurd vanaf mijn ",
	"skickat från min ", "från min iphone", "sendt fra min ", "wysłane z mojego ", "wysłano z mojego ", "odesláno z mého ", "odoslané z môjho ", "отправлено с моего ", "надіслано з мого ", "iphone'umdan gönderildi", "発信元：", "发自我的", "發自我的", "從我的 iphone", "从我的 iphone", "나의 iphone에서 보냄", "내 iphone에서 보냄", "provenance : courrier", "provenance: courrier",
}

// sentBefore say "sent" at the begin of a footer, sentAround at its end.
var sentBefore = []string{
	"sent from ", "sent via ", "sent with ", "sent using ", "sent by ", "sent through ", "sent on ", "gesendet ", "envoyé ", "enviado ", "enviada ", "inviato ", "inviata ", "verzonden ", "verstuurd ", "skickat ", "sendt ", "lähetetty ", "wysłane ", "wysłano ", "odesláno ", "odoslané ", "elküldve ", "trimis ", "изпратено ", "отправлено ", "надіслано ", "відправлено ", "στάλθηκε ", "נשלח ", "أرسلت ", "أُرسلت ", "تم الإرسال ", "ارسال شده ",
	"发自", "發自", "发送自", "发送於", "來自", "来自", "由我的", "从我的", "從我的", "đã gửi ", "được gửi ", "gửi từ ", "dikirim ", "dihantar ", "ส่งจาก", "enviat ", "poslano ", "poslato ", "послато ", "послано ", "išsiųsta ", "nosūtīts ", "saadetud ", "sent úr ", "dërguar ", "bidalia ",
}

var sentAround = [][2]string{
	{"von ", " gesendet"}, {"diese ", " gesendet"}, {"", "an gönderildi"}, {"", "en gönderildi"}, {"az ", " küldve"}, {"a ", " küldve"}, {"", "tik bidalia"}, {"", "から送信"}, {"從", "傳送"}, {"由", "傳送"}, {"从", "发送"}, {"來自", "傳送"}, {"", "에서 보냄"}, {"", "에서 보냈습니다"}, {"", "에서 전송"}, {"मेरे ", "भेजा गया"}, {"", "ارسال شد"},
}

// getWords invite to get a program.
var getWords = []string{
	"get", "holen sie sich", "hol dir", "télécharger", "téléchargez", "obtenez", "obtenir", "obtener", "obtenga", "descargar", "ottieni", "scarica", "obter", "obtenha", "baixe", "download", "downloaden", "skaffa", "hämta", "hent", "få", "skaff", "hanki", "lataa", "pobierz", "získejte", "získat", "získajte", "szerezd be", "letölt", "obțineți", "descarcă", "вземете", "скачать", "получить", "отримати", "завантаж", "αποκτήστε", "λήψη",
	"edinin", "indirin", "קבל", "הורד", "الحصول", "دانلود", "を入手する", "を入手", "を取得", "取得", "获取", "下载", "下載", "다운로드", "받기", "tải", "nhận", "dapatkan", "unduh", "ดาวน์โหลด", "obteniu", "preuzmite", "outlook voor", "outlook für",
}

// weakFooters begin a footer that names nothing known.
var weakFooters = []string{
	"sent from ", "sent via ", "sent with ", "sent using ", "sent by ", "sent on the ", "gesendet von ", "gesendet mit ", "gesendet über ", "gesendet aus ", "envoyé depuis ", "envoyé à partir de ", "envoyé avec ", "envoyé de ", "enviado desde ", "enviado con ", "enviado do ", "enviado via ", "enviado por ", "inviato da ", "inviato con ", "inviato dal ", "verzonden vanaf ", "verzonden met ", "verzonden vanuit ", "verstuurd met ", "verstuurd vanaf ",
	"skickat från ", "skickat med ", "sendt fra ", "sendt med ", "lähetetty ", "wysłane z ", "wysłano z ", "odesláno z ", "odoslané z ", "elküldve ", "trimis de pe ", "trimis din ", "отправлено с ", "отправлено из ", "надіслано з ", "from my ",
}

// disclaims tells the legal notice that a company's server appends: it begins as these do and speaks of what they speak of.
func disclaims(paragraph string) bool {
	if len(paragraph) < 80 || len(paragraph) > 4000 {
		return false
	}
	low := fold(strings.TrimLeft(paragraph, " *_-=#<>[]"))
	begins := false
	for _, w := range disclaimerBegins {
		if strings.HasPrefix(low, w) {
			begins = true
			break
		}
	}
	if !begins {
		return false
	}
	n := 0
	for _, w := range disclaimerWords {
		if strings.Contains(low, w) {
			n++
		}
	}
	return n >= 2
}

var disclaimerBegins = []string{
	"this e-mail", "this email", "this message", "this communication", "this transmission", "the information contained in", "the information in this", "the content of this", "the contents of this", "confidentiality notice", "confidentiality note", "confidential:", "disclaimer", "legal notice", "legal disclaimer", "important notice", "privileged", "notice:", "caution:", "if you are not the intended", "if you have received this", "any views or opinions", "please consider the environment",
	"diese e-mail", "diese email", "diese nachricht", "der inhalt dieser", "die information in dieser", "die in dieser", "wichtiger hinweis", "hinweis:", "vertraulichkeitshinweis", "ce message", "ce courriel", "cet e-mail", "cet email", "ce mail", "avis de confidentialité", "les informations contenues", "l'information contenue", "este mensaje", "este correo", "este e-mail", "aviso legal", "aviso de confidencialidad", "la información contenida",
	"questo messaggio", "questa e-mail", "questa email", "le informazioni contenute", "avviso di riservatezza", "esta mensagem", "este email", "aviso de confidencialidade", "aviso legal", "dit bericht", "deze e-mail", "de informatie in", "detta meddelande", "detta e-post", "denne e-mail", "denne e-post", "denne mail", "tämä viesti", "tämä sähköposti", "niniejsza wiadomość", "ta wiadomość", "tato zpráva", "tento e-mail", "настоящее сообщение", "это сообщение", "данное сообщение", "bu e-posta", "bu ileti", "bu mesaj",
}

var disclaimerWords = []string{
	"confidential", "intended recipient", "intended solely", "intended only", "addressee", "privileged", "unauthorized", "unauthorised", "disclos", "delete", "notify the sender", "in error", "liab", "virus", "strictly prohibited", "attachments",
	"vertraulich", "adressat", "empfänger", "irrtümlich", "vernichten", "löschen", "unbefugt", "haftung", "confidentiel", "destinataire", "par erreur", "détrui", "interdit", "supprim", "confidencial", "destinatari", "por error", "por erro", "elimin", "prohib", "apag", "riservat", "per errore", "distrugg", "vietat", "cancell", "vertrouwelijk", "geadresseerde", "abusievelijk", "verwijder", "konfidentiel", "fortrolig", "modtager", "mottaker", "mottagare", "konfidentiell", "slet", "radera", "luottamuksel", "vastaanottaja", "poufn", "adresat", "důvěrn", "příjemc", "конфиденциальн", "адресат", "gizli", "alıcı",
}

// banner tells a server's warning of mail from outside.
func banner(paragraph string) bool {
	if len(paragraph) > 800 || len(paragraph) < 20 {
		return false
	}
	low := fold(strings.TrimLeft(paragraph, " *_-=#<>[]!⚠️"))
	for _, w := range bannerBegins {
		if !strings.HasPrefix(low, w) {
			continue
		}
		for _, w := range []string{"outside", "external", "originated", "often get email", "außerhalb", "extern", "extérieur", "fuera de", "esterno", "esterna", "fora da", "fora de", "buiten", "utanför", "utenfor", "ulkopuol", "z zewnątrz", "внешн"} {
			if strings.Contains(low, w) && (strings.Contains(low, "mail") || strings.Contains(low, "message") || strings.Contains(low, "sender") || strings.Contains(low, "mensaje") || strings.Contains(low, "courriel") || strings.Contains(low, "письм")) {
				return true
			}
		}
	}
	return false
}

var bannerBegins = []string{
	"caution:", "caution ", "warning:", "attention:", "attention :", "external email", "external sender", "external:", "external]", "this email originated", "this message originated", "this email was sent from outside", "this message was sent from outside", "this is an external", "you don't often get email from", "you don’t often get email from", "some people who received this message don't often", "some people who received this message don’t often",
	"achtung:", "warnung:", "vorsicht:", "externe e-mail", "externe mail", "ce message provient", "ce courriel provient", "courriel externe", "message externe", "precaución:", "atención:", "correo externo", "attenzione:", "e-mail esterna", "atenção:", "e-mail externo", "let op:", "externe afzender", "varning:", "advarsel:", "huomio:", "uwaga:", "внимание:",
}

package inbox

import (
	"strings"
	"unicode/utf8"
)

// cutSignature marks the signature that ends the sender's words: what stands below a delimiter, what a mobile client
// appended, and the card below a sign-off. A bare sign-off with a name is part of the letter and stays.
func cutSignature(lines []line, kinds []byte, end int) {
	end = lastText(kinds, end)
	for i := range end {
		if lines[i].mark == signatureLine && kinds[i] == textLine && onlySignatureBelow(lines, kinds, i, end) {
			kinds[i] = dropLine
		}
	}
	wrote := false
	for i := 0; i < end; i++ {
		if kinds[i] == codeLine {
			wrote = true
		}
		if kinds[i] != textLine {
			continue
		}
		text := strings.TrimSpace(lines[i].text)
		if mobileFooter(text) {
			if wrote { // below it mobile clients put the answered mail, some without marking it
				dropText(kinds, i, end)
				return
			}
			kinds[i] = dropLine
			continue
		}
		if delimiter(lines[i].text) && wrote && signatureBelow(lines, kinds, i, end) {
			dropText(kinds, i, end)
			return
		}
		if wrote && signOff(text) != "" && cardBelow(lines, kinds, i, end) {
			dropText(kinds, i, end)
			return
		}
		wrote = true
	}
	cutContactTail(lines, kinds, end)
}

func dropText(kinds []byte, from, end int) {
	for i := from; i < end; i++ {
		if kinds[i] == textLine {
			kinds[i] = dropLine
		}
	}
}

func lastText(kinds []byte, end int) int {
	for end > 0 && kinds[end-1] != textLine && kinds[end-1] != codeLine {
		end--
	}
	return end
}

func onlySignatureBelow(lines []line, kinds []byte, from, end int) bool {
	for i := from; i < end; i++ {
		if kinds[i] == textLine && lines[i].mark != signatureLine && isText(lines[i].text) {
			return false
		}
	}
	return true
}

// delimiter tells "-- " and the rules that stand in for it.
func delimiter(s string) bool {
	s = strings.TrimSpace(s)
	switch s {
	case "--", "- --", "—", "––", "-- --":
		return true
	}
	n := utf8.RuneCountInString(s)
	return n >= 2 && n <= 100 && strings.Trim(s, "-_=*~–—―• ") == "" && strings.ContainsAny(s, "-_=–—")
}

// signatureBelow tells whether what stands below a delimiter can be a signature. "-- " says so by itself; a rule could
// also part a text, so what is below must be short lines.
func signatureBelow(lines []line, kinds []byte, at, end int) bool {
	mark := strings.TrimSpace(lines[at].text)
	count, long := 0, 0
	for i := at + 1; i < end; i++ {
		text := strings.TrimSpace(lines[i].text)
		if kinds[i] == codeLine {
			return false
		}
		if kinds[i] != textLine || !isText(text) {
			continue
		}
		count++
		if utf8.RuneCountInString(text) > 90 {
			long++
		}
	}
	switch {
	case count == 0:
		return true
	case mark == "--" || mark == "-- --":
		return count <= 40
	}
	return count <= 14 && long == 0
}

// signOff returns the complimentary close that the line is, "" if it is none: "Best regards," and its kin, alone or with a
// name behind.
func signOff(s string) string {
	low := strings.ToLower(strings.Trim(s, " \t*_-–—/"))
	if len(low) > 60 {
		return ""
	}
	for _, w := range closings {
		rest, ok := strings.CutPrefix(low, w)
		if !ok {
			continue
		}
		rest = strings.Trim(rest, " ")
		if rest == "" || strings.ContainsAny(rest[:1], ",.!;") && strings.Count(rest, " ") <= 4 {
			return w
		}
	}
	return ""
}

var closings = []string{
	"thanks", "thank you", "many thanks", "thanks again", "thanks in advance", "with thanks", "danke", "vielen dank", "merci", "gracias", "grazie", "obrigado", "obrigada", "bedankt", "tack", "takk", "tak",
	"best regards", "kind regards", "warm regards", "warmest regards", "with kind regards", "with best regards", "many regards", "regards", "best wishes", "all the best", "best",
	"sincerely yours", "sincerely", "yours sincerely", "yours truly", "yours faithfully", "respectfully", "cordially", "cheers",
	"mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße", "viele grüße", "liebe grüße", "beste grüße", "herzliche grüße", "schöne grüße", "mfg", "gruß", "grüße", "lg", "vg",
	"cordialement", "bien cordialement", "bien à vous", "salutations", "sincères salutations", "amicalement", "bonne journée",
	"saludos cordiales", "saludos", "un saludo", "atentamente", "un cordial saludo", "abrazos", "cordiali saluti", "distinti saluti", "saluti", "un saluto",
	"atenciosamente", "cumprimentos", "com os melhores cumprimentos", "abraços", "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "groeten", "groetjes",
	"med vänlig hälsning", "vänliga hälsningar", "hälsningar", "mvh", "med venlig hilsen", "venlig hilsen", "med vennlig hilsen", "vennlig hilsen", "hilsen", "ystävällisin terveisin", "terveisin",
	"pozdrawiam", "z poważaniem", "s pozdravem", "s pozdravom", "üdvözlettel", "с уважением", "с наилучшими пожеланиями", "з повагою", "saygılarımla", "cu stimă", "με εκτίμηση", "trân trọng", "hormat saya", "salam",
	"よろしくお願いします", "よろしくお願いいたします", "敬具", "此致", "祝好", "감사합니다",
}

// cardBelow tells whether a sign-off heads a signature card: a name and then something that people do not type each time
// (a title, an organisation, a number, an address), in few short lines.
func cardBelow(lines []line, kinds []byte, at, end int) bool {
	var below []string
	for i := at + 1; i < end; i++ {
		text := strings.TrimSpace(lines[i].text)
		if kinds[i] != textLine || text == "" {
			continue
		}
		if utf8.RuneCountInString(text) > 80 || len(below) >= 14 {
			return false
		}
		below = append(below, text)
	}
	if len(below) < 2 {
		return false
	}
	for _, text := range below[1:] {
		if contact(text) || !endsSentence(text) {
			return true
		}
	}
	return false
}

func endsSentence(s string) bool {
	return strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?")
}

// contact tells a line of contact details.
func contact(s string) bool {
	low := strings.ToLower(s)
	if strings.Contains(low, "@") && !strings.Contains(low, " @ ") || strings.Contains(low, "www.") || strings.Contains(low, "http") {
		return true
	}
	digits := 0
	for i := 0; i < len(s); i++ {
		if digit(s[i]) {
			digits++
		}
	}
	return digits >= 7 && len(s) < 60
}

// cutContactTail drops a last paragraph that is a name over a client's tag, as "via mobile".
func cutContactTail(lines []line, kinds []byte, end int) {
	last := end - 1
	if last < 2 || kinds[last] != textLine || !viaMobile(strings.TrimSpace(lines[last].text)) {
		return
	}
	kinds[last] = dropLine
	if name := strings.TrimSpace(lines[last-1].text); kinds[last-1] == textLine && kinds[last-2] == emptyLine && len(name) < 40 && !endsSentence(name) {
		kinds[last-1] = dropLine
	}
}

func viaMobile(s string) bool {
	switch strings.ToLower(strings.Trim(s, " .()<>[]-*")) {
	case "via mobile", "sent via mobile", "from mobile", "mobile", "sent from mobile", "from my phone", "from my mobile", "via phone", "by mobile":
		return true
	}
	return false
}

// mobileFooter knows the lines that clients append by themselves.
func mobileFooter(s string) bool {
	if len(s) > 220 {
		return false
	}
	low := strings.ToLower(strings.Trim(s, " \t<>()[]*_-–—\u00a0"))
	for _, p := range footerPrefixes {
		if rest, ok := strings.CutPrefix(low, p); ok {
			return len(rest) < 140 && !sentence(rest) && (rest == "" || !endsLetter(p) || rest[0] == ' ' || rest[0] == '.' || rest[0] == ',' || rest[0] == '\'' || rest[0] == ':')
		}
	}
	if strings.HasPrefix(low, "get ") && strings.Contains(low, "outlook for ") || strings.HasPrefix(low, "download ") && strings.Contains(low, "outlook") {
		return true
	}
	for _, f := range footerForms {
		if strings.HasPrefix(low, f[0]) && strings.HasSuffix(strings.TrimRight(low, ".!。 "), f[1]) && len(low) < 110 {
			return true
		}
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
		switch w {
		case "is", "are", "was", "were", "has", "have", "will", "which", "because", "so", "but", "then", "where", "when", "i", "we", "you", "ist", "est", "es", "war", "weil":
			return true
		}
	}
	return false
}

func endsLetter(s string) bool {
	c := s[len(s)-1]
	return c >= 'a' && c <= 'z'
}

var footerPrefixes = []string{
	"sent from my ", "sent from mobile", "sent from a phone", "sent from a mobile", "sent from mailbox", "sent from yahoo mail", "sent from windows mail", "sent from mail for windows", "sent from [mail]", "sent from mail<", "sent from outlook",
	"sent from proton", "sent from tutanota", "sent from samsung", "sent from airmail", "sent from gmail", "sent from the all new aol", "sent from aol", "sent from iphone", "sent from ipad", "sent from android", "sent from blue", "sent from surface", "sent from spark", "sent from nine", "sent from workspace",
	"sent via mobile", "sent via the samsung", "sent via blackberry", "sent with airmail", "sent with proton", "sent with spark", "sent with shift", "sent with superhuman", "sent with mailbutler", "sent by galaxy", "sent wirelessly from my", "sent wirelessly from", "sent using ", "sent on the go", "sent from hey", "sent with tuta", "sent from fastmail",
	"secured with proton mail", "secured with tuta", "from my iphone", "from my ipad", "from my android", "from my blackberry", "typed on my", "please excuse my brevity", "please excuse brevity", "get outlook for", "get bluemail", "sent from myphone",
	"envoyé de mon ", "envoyé depuis mon ", "envoyé depuis ma ", "envoyé à partir de ", "envoyé de ma ", "envoyé sans fil", "envoyé avec ", "envoyé depuis l'application", "envoyé depuis yahoo", "envoyé depuis outlook", "télécharger outlook", "obtenez outlook", "obtenir outlook", "provenance : courrier", "provenance: courrier",
	"von meinem ", "gesendet von meinem ", "gesendet von mail für", "gesendet von outlook", "gesendet mit ", "diese nachricht wurde von meinem ", "holen sie sich outlook", "outlook für ", "gesendet von yahoo", "gesendet über ", "von unterwegs gesendet", "gesendet aus ", "gesendet vom ",
	"enviado desde mi ", "enviado desde yahoo", "enviado desde outlook", "enviado desde correo", "enviado con ", "obtener outlook", "enviado desde el ", "enviado desde un ", "enviado do meu ", "enviado a partir do", "enviado do yahoo", "enviado via ", "obter o outlook", "enviado por samsung", "enviado do email", "enviado do outlook", "enviado do correio", "enviado de meu", "enviado des d",
	"inviato da ", "inviato dal ", "inviato con ", "ottieni outlook", "scarica outlook", "verzonden vanaf mijn ", "verzonden vanaf ", "verstuurd vanaf mijn ", "verzonden met ", "verstuurd met ", "outlook voor ", "download outlook",
	"skickat från min ", "skickat från ", "sendt fra min ", "sendt fra ", "sendt med ", "hanki outlook", "hent outlook", "skaffa outlook", "lähetetty ", "wysłane z ", "wysłano z ", "odesláno z ", "odoslané z ", "poslano z ", "pobierz aplikację outlook", "pobierz outlook", "elküldve az ", "küldve ", "trimis de pe ", "trimis din ",
	"отправлено с ", "отправлено из ", "надіслано з ", "скачать outlook", "отримати outlook", "iphone'umdan gönderildi", "ipad'imden gönderildi", "στάλθηκε από το ", "iphone から送信", "iphoneから送信", "iphoneから送信", "ipadから送信", "androidから送信", "outlook for ios を入手", "dikirim dari ", "được gửi từ ", "đã gửi từ ", "发自我的", "发自我的iphone", "從我的", "发送自", "取得 outlook", "获取 outlook", "获取outlook",
	"나의 iphone에서 보냄", "내 iphone에서 보냄", "נשלח מה", "أرسلت من", "تم الإرسال من", "ارسال شده از", "ส่งจาก", "enviat des del meu", "poslano sa mog",
	"someone from mobile",
}

// footerForms are footers that wrap a device name.
var footerForms = [][2]string{
	{"從我的", "傳送"}, {"从我的", "发送"}, {"来自", "发送"}, {"", "から送信"}, {"", "에서 보냄"}, {"", "에서 전송"}, {"", "umdan gönderildi"}, {"", "imden gönderildi"}, {"", "cihazımdan gönderildi"},
}

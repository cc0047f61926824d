package inbox_test

import (
	"fmt"
	"mime"
	"strings"
	"testing"
	"time"

	"handoff/inbox"
)

// mail builds a mail from header lines and a text.
func mail(from, subject, text string, headers ...string) []byte {
	return []byte("From: " + from + "\nTo: Drafts <drafts@agency.example>\nSubject: " + mime.BEncoding.Encode("utf-8", subject) +
		"\nDate: Tue, 10 Mar 2026 09:15:00 +0100\nMessage-ID: <k1@writers.example.net>\n" + strings.Join(append(headers, ""), "\n") +
		"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n" + text + "\n")
}

const person = "Mira Osei <mira@writers.example.net>"

// TestAutomaticBySubject: mail systems in many languages put words of theirs before the subject that they answer.
func TestAutomaticBySubject(t *testing.T) {
	for _, c := range []struct{ subject, text, returns string }{
		{"Automatic reply: Chapter two", "I am out of the office until 20 March.", "2026-03-20"},
		{"Out of Office AutoReply: Chapter two", "Back on Monday.\n\n-- \nMira Osei\nEditor", "2026-03-16"},
		{"Out of Office: Chapter two", "I am away until 20 March.\n\n-- \nMira Osei", "2026-03-20"},
		{"AUTO: Mira Osei is out of the office (returning 23.03.2026)", "I am out of the office until 23.03.2026.\n\nNote: This is an automated response to your message \"Chapter two\". This is the only notification you will receive while this person is away.", "2026-03-23"},
		{"AUTO: Mira Osei ist außer Haus (Rückkehr am 23.03.2026)", "Ich bin wieder am Montag da.", "2026-03-23"},
		{"[Auto-Reply] Chapter two", "Thank you, your message has arrived.", ""},
		{"Auto Response: Re: Chapter two", "We received your mail.", ""},
		{"Re: Chapter two - Automatic reply", "x", "human"}, // an answer says who answers
		{"Chapter two (automated response)", "Thank you for your mail.", ""},
		{"I am on vacation", "I will be back on Monday, 23 March.", "2026-03-23"},
		{"OOO Re: Chapter two", "Back on Monday.", "2026-03-16"},
		{"Not in office: Re: Chapter two", "I am not in today.", ""},
		{"I am out of office until 23rd March Re: Chapter two", "Thanks.", "2026-03-23"},
		{"Thank you for contacting us", "Thank you for contacting Poets Inc. We have received your message and will get back to you within 2 business days.", ""},
		{"Chapter two", "This mailbox is not monitored. Please write to ana@poets.example.org.", ""},
		{"Abwesend: Kapitel zwei", "Ich bin bis 20.3. abwesend.", "2026-03-20"},
		{"Automatische Antwort: Kapitel zwei", "Ich bin bis zum 20. März nicht im Büro.", "2026-03-20"},
		{"Abwesenheitsnotiz: Kapitel zwei", "Ich bin ab dem 23.3. wieder da.", "2026-03-23"},
		{"Abwesenheitsnotiz", "Mit freundlichen Grüßen", ""},
		{"Réponse automatique : Chapitre deux", "Je suis absente jusqu’au 20 mars.", "2026-03-20"},
		{"Respuesta automática: Capítulo dos", "Estaré de vacaciones hasta el 20 de marzo.", "2026-03-20"},
		{"Risposta automatica: Capitolo due", "Sono in ferie fino al 20 marzo.", "2026-03-20"},
		{"Resposta automática: Capítulo dois", "Estou de férias até 20 de março.", "2026-03-20"},
		{"Automatisch antwoord: Hoofdstuk twee", "Ik ben afwezig tot en met 20 maart.", "2026-03-20"},
		{"Autosvar: Kapitel två", "Jag är på semester till och med 20 mars.", "2026-03-20"},
		{"Automatisk svar: Kapittel to", "Jeg er på ferie til 20. mars.", "2026-03-20"},
		{"Automatisk svar: Kapitel to", "Jeg er tilbage den 23. marts.", "2026-03-23"},
		{"Automaattinen vastaus: Luku kaksi", "Olen lomalla 20.3. asti.", "2026-03-20"},
		{"Automatyczna odpowiedź: Rozdział drugi", "Jestem na urlopie do 20 marca.", "2026-03-20"},
		{"Automatická odpověď: Kapitola dvě", "Vrátím se 23. března.", "2026-03-23"},
		{"Automatická odpoveď: Kapitola dva", "Som na dovolenke do 20. marca.", "2026-03-20"},
		{"Automatikus válasz: Második fejezet", "Március 20-ig szabadságon vagyok.", "2026-03-20"},
		{"Автоматический ответ: Глава вторая", "Я в отпуске до 20 марта.", "2026-03-20"},
		{"Автоматична відповідь: Розділ другий", "Я у відпустці до 20 березня.", "2026-03-20"},
		{"Автоматичен отговор: Глава втора", "В отпуск съм до 20 март.", "2026-03-20"},
		{"Răspuns automat: Capitolul doi", "Sunt în concediu până la 20 martie.", "2026-03-20"},
		{"Otomatik yanıt: İkinci bölüm", "20 Mart 2026 tarihine kadar izindeyim.", "2026-03-20"},
		{"Αυτόματη απάντηση: Κεφάλαιο δύο", "Λείπω μέχρι 20 Μαρτίου.", "2026-03-20"},
		{"Automatski odgovor: Drugo poglavlje", "Na godišnjem odmoru sam do 20. ožujka.", "2026-03-20"},
		{"Samodejni odgovor: Drugo poglavje", "Odsoten sem do 20. marca.", "2026-03-20"},
		{"Automaatvastus: Teine peatükk", "Olen puhkusel kuni 20. märts.", "2026-03-20"},
		{"Automatinis atsakymas: Antras skyrius", "Atostogauju iki kovo 20 d.", "2026-03-20"},
		{"Automātiskā atbilde: Otrā nodaļa", "Būšu prom līdz 20. martā.", "2026-03-20"},
		{"Sjálfvirkt svar: Annar kafli", "Ég er í fríi til 20. mars.", "2026-03-20"},
		{"Resposta automàtica: Capítol dos", "Sóc fora fins al 20 de març.", "2026-03-20"},
		{"Erantzun automatikoa: Bigarren kapitulua", "Oporretan nago.", ""},
		{"自動応答: 第二章", "3月20日まで不在にしております。", "2026-03-20"},
		{"【自動返信】第二章", "お問い合わせありがとうございます。", ""},
		{"自动答复: 第二章", "我休假至3月20日。", "2026-03-20"},
		{"自動回覆: 第二章", "我將於3月23日回來。", "2026-03-23"},
		{"자동 회신: 제2장", "3월 20일까지 휴가입니다.", "2026-03-20"},
		{"תשובה אוטומטית: פרק שני", "אני בחופשה עד 20 במרץ.", "2026-03-20"},
		{"رد تلقائي: الفصل الثاني", "أنا في إجازة حتى 20 مارس.", "2026-03-20"},
		{"پاسخ خودکار: فصل دوم", "در مرخصی هستم.", ""},
		{"การตอบกลับอัตโนมัติ: บทที่สอง", "ลาพักร้อนจนถึง 20 มีนาคม", "2026-03-20"},
		{"Trả lời tự động: Chương hai", "Tôi vắng mặt đến 20 tháng 3.", "2026-03-20"},
		{"Balasan otomatis: Bab dua", "Saya cuti hingga 20 Mac 2026.", ""},
	} {
		m := read(t, mail(person, c.subject, c.text), inbox.Options{})
		if c.returns == "human" {
			if m.Kind != inbox.Human || m.SuppressReply {
				t.Errorf("%q: %s", c.subject, m.Kind)
			}
			continue
		}
		returns := ""
		if !m.Returns.IsZero() {
			returns = m.Returns.Format(time.DateOnly)
		}
		if m.Kind != inbox.AutoReply || !m.Automatic || !m.SuppressReply {
			t.Errorf("%q: %s, automatic %v, suppress %v", c.subject, m.Kind, m.Automatic, m.SuppressReply)
		}
		if returns != c.returns {
			t.Errorf("%q: returns %q, want %q", c.subject, returns, c.returns)
		}
	}
}

// TestAutomaticByHeader: each of these alone says that no person wrote the mail.
func TestAutomaticByHeader(t *testing.T) {
	for _, h := range []string{
		"Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (vacation)", "Auto-Submitted: auto-notified; owner-email=\"mira@writers.example.net\"", "Auto-Submitted: auto-replied (zimbra; vacation)",
		"X-Autoreply: yes", "X-Autorespond: Re: Chapter two", "X-Auto-Reply: 1", "X-Autoresponse: on", "X-AutoReply-From: mira@writers.example.net", "X-Autogenerated: Reply", "X-Mail-Autoreply: x", "X-Auto_Respond: Re: Chapter two", "X-Kopano-Vacation: 1", "X-Autoresponder-Revision: 2",
		"Precedence: auto_reply", "Precedence: auto-reply", "X-Precedence: auto_reply", "X-FC-MachineGenerated: true", "X-POST-MessageClass: 9; Autoresponder", "Delivered-To: Autoresponder", "X-Apple-Action: VACATION/1",
		"X-MS-Exchange-Inbox-Rules-Loop: mira@writers.example.net", "Return-Path: <>",
	} {
		m := read(t, mail(person, "Re: Chapter two", "Thank you for your mail.", h), inbox.Options{})
		if m.Kind != inbox.AutoReply || !m.Automatic || !m.SuppressReply {
			t.Errorf("%s: %s, automatic %v, suppress %v", h, m.Kind, m.Automatic, m.SuppressReply)
		}
	}
}

// TestOnlySuppressed: some ask for no answer, and are still what a person wrote.
func TestOnlySuppressed(t *testing.T) {
	for _, h := range []string{"X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress: OOF", "X-Auto-Response-Suppress: DR, AutoReply", "Precedence: junk"} {
		m := read(t, mail(person, "Chapter two", "Here it is.", h), inbox.Options{})
		if m.Kind != inbox.Human || m.Automatic || !m.SuppressReply {
			t.Errorf("%s: %s, automatic %v, suppress %v", h, m.Kind, m.Automatic, m.SuppressReply)
		}
	}
}

// TestNotAnswered: lists, campaigns, services and robots.
func TestNotAnswered(t *testing.T) {
	for _, h := range []string{
		"List-Id: <translators.lists.example.org>", "List-Unsubscribe: <mailto:u@lists.example.org>", "List-Post: <mailto:l@lists.example.org>", "Mailing-List: list l@lists.example.org", "X-Mailing-List: <l@lists.example.org>", "X-Google-Group-Id: 77",
		"Precedence: list", "Precedence: bulk", "Precedence: Bulk (newsletter)", "X-Campaign: c1", "X-CampaignId: c2", "X-CSA-Complaints: csa@example.org", "X-GitHub-Reason: mention", "X-JIRA-FingerPrint: 9", "X-Facebook-Notify: page",
	} {
		m := read(t, mail(person, "Chapter two", "Here it is.", h), inbox.Options{})
		if m.Kind != inbox.List || !m.Automatic || !m.SuppressReply {
			t.Errorf("%s: %s, automatic %v, suppress %v", h, m.Kind, m.Automatic, m.SuppressReply)
		}
	}
	for _, local := range []string{"noreply", "no-reply", "no_reply+77", "comments-noreply", "donotreply", "MAILER-DAEMON", "postmaster", "notifications", "bounces+1-x", "bounce-7", "l-bounces", "keine-antwort", "ne-pas-repondre", "nao-responda", "nie-odpowiadaj", "autoresponder", "newsletter"} {
		m := read(t, mail("Someone <"+local+"@service.example.com>", "Your account", "Something happened.", "X-Priority: 3"), inbox.Options{})
		if !m.Automatic || !m.SuppressReply {
			t.Errorf("%s: %s, automatic %v, suppress %v", local, m.Kind, m.Automatic, m.SuppressReply)
		}
	}
}

// TestOwnList: what comes through a group that is the desk's own address is what people wrote.
func TestOwnList(t *testing.T) {
	raw := mail(person, "Chapter two", "Here it is.", "List-Id: <drafts.agency.example>", "List-Post: <https://groups.example.com/g/drafts>, <mailto:drafts@agency.example>", "X-Google-Group-Id: 77", "Precedence: list")
	if m := read(t, raw, inbox.Options{OwnAddresses: []string{"drafts@agency.example"}}); m.Kind != inbox.Human || m.Automatic || m.SuppressReply {
		t.Errorf("%s, automatic %v, suppress %v", m.Kind, m.Automatic, m.SuppressReply)
	}
	if m := read(t, raw, inbox.Options{}); m.Kind != inbox.List {
		t.Errorf("of strangers: %s", m.Kind)
	}
}

// humanMails are what people write about machines, absences and failures, and with odd headers.
func humanMails() [][]byte {
	var out [][]byte
	for _, c := range [][]string{
		{"Out of office next week", "Just so you know: I am out of the office next week, so the chapter comes today."},
		{"Vacation: new dates", "Could the deadline move? I am on vacation until 28 March."},
		{"Your automatic reply", "It says that you are back on Monday, so I will wait."},
		{"Automatic replies in publishing: a pitch", "I would like to write about how out-of-office notes became a genre."},
		{"Automatische Antworten", "Darüber würde ich gern schreiben. Passt das in die Reihe?"},
		{"Abwesenheit im April", "Ich bin im April nicht im Büro, kann aber vorher liefern. Reicht das?"},
		{"Frånvaro på mötet", "Hej! Jag kan tyvärr inte komma på torsdag. Kan vi ta det via telefon?"},
		{"Absence", "Je serai absente jeudi ; le texte arrive mercredi."},
		{"Auto: der neue Motor", "Hier ist mein Vorschlag für das Heft über Autos."},
		{"Delivery problems with the print edition", "The copies could not be delivered to the shop in Bergen. Who can help?"},
		{"Undeliverable", "My last mail to you came back as undeliverable. Is drafts@agency.example right?"},
		{"Mail delivery failed", "Hi, I tried twice and got \"mailbox full\" from bo@agency.example. What now?"},
		{"Failure notice", "The failure notice of the poets is a lovely text: \"returned to sender\". May I quote it?"},
		{"Re: Undeliverable: Chapter two", "I fixed my address, sorry. It should work now."},
		{"Fwd: Delivery Status Notification (Failure)", "Do you know why this happens?"},
		{"Bounced", "The ball bounced, and so did my mail. See attached: user unknown."},
		{"Please confirm your message", "You asked whether I got it. I did. Click the link below was not needed."},
		{"Challenge", "A challenge for the next issue: write a sonnet on spam."},
		{"Confirmation", "Please confirm that you received the draft. I am a real person and not a spammer, as you know."},
		{"Read: the new novel", "I read it. It is good."},
		{"Unsubscribe", "Please take me off the newsletter, but keep me as an author."},
		{"Abuse report for the archive", "The abuse report of 1950 is in box 7."},
		{"Re: Automatic reply: Chapter two", "Enjoy your holidays!"},
		{"RV: Respuesta automática: Capítulo dos", "¿Qué hacemos?"},
		{"Ynt: Otomatik yanıt: İkinci bölüm", "Ne yapalım?"},
		{"转发: 自动答复: 第二章", "请看。"},
		{"Re[2]: Automatic reply: Chapter two", "Shall we wait?"},
		{"Newsletter text", "Here is the text for the newsletter. The list of winners follows."},
		{"不在の件", "来週は不在ですが、原稿は今日お送りします。"},
		{"休假安排", "我下周休假，稿子今天交。可以吗？"},
		{"Отпуск", "Я уйду в отпуск в июле. Можно сдать текст раньше?"},
		{"Sooooo good", "We have received your letters and they made our day. Thank you for contacting the poets!"},
		{"Galleys", "We have received your galleys; the corrections follow on Monday."},
		{"The old address", "Please note that bo@poets.example.org is no longer mine. Write to this one."},
		{"The interview", "This is an automatically generated transcript of the interview. I will tidy it up."},
		{"De vertaling", "Dit is een automatische vertaling van hoofdstuk twee; ik kijk haar nog na."},
		{"Deadline", "Yes, the deadline is fine. I am on vacation next week and will reply when I return; please contact Bo if it is urgent."},
		{"Kapitel zwei", "Das Kapitel ist fertig. Nächste Woche bin ich im Urlaub, in dringenden Fällen bitte anrufen."},
		{"Complaint about message from Bo", "He never answered. The mail is below."},
		{"Link", "Follow the link for the one-time challenge; the prizes will be delivered in May. Reply soon."},
		{"5.1.1", "Section 5.1.1 of the manuscript has failed the review of the recipient."},
	} {
		out = append(out, mail(person, c[0], c[1]), mail(person, c[0], c[1], "In-Reply-To: <n1@agency.example>", "References: <n1@agency.example>"))
	}
	for _, h := range []string{
		"X-Priority: 1", "Precedence: normal", "Precedence: first-class", "Importance: high", "X-Auto-Response-Suppress: None", "Auto-Submitted: no", "Feedback-ID: 1:a:provider", "X-Mailer: iPhone Mail (21E236)", "Sender: assistant@writers.example.net",
		"X-MS-Exchange-Inbox-Rules-Loop: former@agency.example", "X-Autoreply: no", "Reply-To: mira.osei@poets.example.org", "Return-Path: <mira@writers.example.net>", "X-SG-EID: abc", "X-Mailgun-Sid: abc", "X-Loop: mira@writers.example.net",
		"X-Failed-Login: 0", "X-Auto-Response-Suppress:", "X-Autoreply-Suppress: all", "X-Automation: none", "Autocrypt: addr=mira@writers.example.net", "X-Originating-Autonomous-System: 3320", "Disposition-Notification-To: mira@writers.example.net", "Return-Receipt-To: mira@writers.example.net", "X-MS-Has-Attach:", "X-Original-To: drafts@agency.example", "Errors-To: mira@writers.example.net", "Organization: Delivery Ltd", "X-Forwarded-For: a@x.example b@y.example",
	} {
		out = append(out, mail(person, "Chapter two", "Here is the chapter, at last.", h))
	}
	for _, from := range []string{"Bo Postma <bo.postma@writers.example.net>", "Dora Daemon <dora.daemon@writers.example.net>", "Ana <info@poets.example.org>", "The Desk <editors@poets.example.org>", "Bounce Records <hello@bounce.example.com>", "Mailer, Norman <norman@writers.example.net>", "<mira@noreply.example.com>", "Mike Root <mroot@writers.example.net>"} {
		out = append(out, mail(from, "Chapter two", "Here is the chapter, at last."))
	}
	return out
}

// TestHumanMail: none of it is taken for anything else, and all of it may be answered.
func TestHumanMail(t *testing.T) {
	for _, raw := range humanMails() {
		m := read(t, raw, inbox.Options{})
		if m.Kind != inbox.Human || m.Automatic || m.SuppressReply {
			t.Errorf("%s, automatic %v, suppress %v: %s\n%s", m.Kind, m.Automatic, m.SuppressReply, fmt.Sprint(m.Trace), raw)
		}
	}
}

// TestReturnsWithoutDate: a mail that does not say when it was written says at least when it came.
func TestReturnsWithoutDate(t *testing.T) {
	raw := "Received: from mx.example.net by mx.agency.example; Tue, 10 Mar 2026 09:15:02 +0100\nFrom: " + person + "\nSubject: Automatic reply: Chapter two\n\nI am away until Friday.\n"
	if m := read(t, []byte(raw), inbox.Options{}); m.Returns.Format(time.DateOnly) != "2026-03-13" {
		t.Errorf("returns %v", m.Returns)
	}
}

// TestAbsenceNotices: neither a header nor the subject says so, but the text is nothing else.
func TestAbsenceNotices(t *testing.T) {
	for _, c := range []struct{ text, returns string }{
		{"Hello,\n\nI am out of the office until 20 March with limited access to email. For urgent matters please contact Bo Berg (bo@poets.example.org).\n\nAna Lima", "2026-03-20"},
		{"Thank you for your email. I am currently away and will respond when I return on Monday, 23 March.", "2026-03-23"},
		{"Vielen Dank für Ihre Nachricht.\n\nIch bin bis zum 20. März nicht im Büro. In dringenden Fällen wenden Sie sich bitte an Bo Berg.", "2026-03-20"},
		{"Bonjour,\n\nJe suis en congé jusqu’au 20 mars. En cas d’urgence, merci de contacter Bo Berg.", "2026-03-20"},
		{"Hola:\n\nEstoy de vacaciones hasta el 20 de marzo. Para asuntos urgentes, escriba a Bo Berg.", "2026-03-20"},
		{"Buongiorno,\n\nsono in ferie fino al 20 marzo. Per urgenze rivolgersi a Bo Berg.", "2026-03-20"},
		{"Olá,\n\nestou de férias até 20 de março. Em caso de urgência, contacte Bo Berg.", "2026-03-20"},
		{"Beste,\n\nIk ben tot en met 20 maart afwezig. Voor dringende zaken kunt u terecht bij Bo Berg.", "2026-03-20"},
		{"Hej!\n\nJag är på semester till och med 20 mars. Vid brådskande ärenden kontakta Bo Berg.", "2026-03-20"},
		{"Hej\n\nJeg er på ferie til og med 20. marts. I hastetilfælde kontakt Bo Berg.", "2026-03-20"},
		{"Hei!\n\nJeg er ikke på kontoret før 23. mars. Ved hastesaker kontakt Bo Berg.", ""},
		{"Hei,\n\nolen lomalla 20.3. asti. Kiireellisissä asioissa ota yhteyttä Bo Bergiin.", "2026-03-20"},
		{"Dzień dobry,\n\njestem na urlopie do 20 marca. W pilnych sprawach proszę o kontakt z Bo Bergiem.", "2026-03-20"},
		{"Dobrý den,\n\ndo 20. března mám dovolenou. V naléhavých případech kontaktujte Bo Berga.", "2026-03-20"},
		{"Здравствуйте!\n\nЯ в отпуске до 20 марта. По срочным вопросам обращайтесь к Бо Бергу.", "2026-03-20"},
		{"Доброго дня!\n\nЯ у відпустці до 20 березня. З термінових питань звертайтеся до Бо Берга.", "2026-03-20"},
		{"Merhaba,\n\n20 Mart 2026 tarihine kadar izindeyim. Acil durumlarda Bo Berg ile görüşebilirsiniz.", "2026-03-20"},
		{"Üdvözlöm!\n\nMárcius 20-ig szabadságon vagyok. Sürgős esetben keresse Bo Berget.", "2026-03-20"},
		{"お世話になっております。\n3月20日まで休暇をいただいております。お急ぎの場合はベルグまでご連絡ください。", "2026-03-20"},
		{"您好，我在休假，3月23日回来。紧急事宜请联系 Bo Berg。", "2026-03-23"},
		{"안녕하세요. 3월 20일까지 휴가입니다. 급한 용무는 Bo Berg에게 연락 주십시오.", "2026-03-20"},
	} {
		m := read(t, mail(person, "Re: Chapter two", c.text, "In-Reply-To: <n1@agency.example>"), inbox.Options{})
		returns := ""
		if !m.Returns.IsZero() {
			returns = m.Returns.Format(time.DateOnly)
		}
		if m.Kind != inbox.AutoReply || !m.SuppressReply || returns != c.returns {
			t.Errorf("%s, returns %q, want %q: %s", m.Kind, returns, c.returns, c.text)
		}
	}
}

package inbox_test

import (
	"strings"
	"testing"

	"handoff/inbox"
)

// TestPeopleMentionAbsence: who writes something of their own beside an absence, a receipt or a machine is a person.
func TestPeopleMentionAbsence(t *testing.T) {
	const answer = "In-Reply-To: <n1@agency.example>"
	for _, c := range []struct{ from, subject, text, header string }{
		{person, "Re: Your draft", "I agree with all edits.\n\nPlease note: I will be out of the office until Monday, 30 November and will have no access to email.\n\nAna", answer},
		{person, "Re: Your draft", "Thanks, I agree with all the edits. I am out of the office until Monday and will reply when I return.", answer},
		{person, "Re: Your draft", "I am out of the office until Friday. I agree with all edits. For urgent matters write to Bo.", answer},
		{person, "Re: Your draft", "Dear all,\n\nI'm currently out of the office, travelling through Peru, and will return on 5 December with three stories. I will have limited access to email, but the draft is below.\n\nThe Andes are high. The air is thin. Here is a long text that continues for several sentences and that no automatic system would ever write.\n\nAna", answer},
		{person, "Re: Your draft", "Hi Mira, I am out of the office this week, please contact me on my mobile if the draft below needs changes.\n\nChapter one\n\nIt was night.", answer},
		{person, "Chapter", "Hi Mira, I am out of the office this week, please contact me on my mobile.", "X-Priority: 3"},
		{person, "Re: Your draft", "Mira, we have received your edits and will answer within two working days. Tom", answer},
		{person, "Ihre Anfrage", "Sehr geehrte Frau Mira, wir haben ihre Anfrage besprochen und liefern in drei Werktagen den Text.", answer},
		{person, "A question", "Thank you for contacting me about the reference number. The ticket number in the story is made up.", answer},
		{person, "Article: Out of office", "Hi Ed,\n\nhere is the piece.\n\n# How to leave the office on time\n\n\"I am out of the office until I die,\" my boss used to say. I will be back on 3 May. Please contact Bob in my absence.\n", "X-Priority: 3"},
		{person, "Automatic reply: an essay", "Hello,\n\nthis is an automated world. Do not reply to robots, says my piece. \"This is an automated message, please do not reply\" is its title.\n\nAna", "X-Priority: 3"},
		{person, "Autoreply", "Hi Ed,\n\nhow do you like this? I would love to hear what you think before I go on.\n\nAna", "X-Priority: 3"},
		{person, "Respuesta automática: un ensayo", "Hi Ed,\n\nhow do you like this? I would love to hear what you think before I go on.\n\nAna", answer},
		{person, "Automatische Antwort auf alles: Essay", "Hi Ed,\n\nhow do you like this? I would love to hear what you think before I go on.\n\nAna", "X-Priority: 3"},
		{person, "Out of office: my essay on auto-replies", "Here is the essay you asked for.", "X-Priority: 3"},
		{person, "Out of office: my essay on auto-replies", "I hope you like what became of it. Ana", "X-Priority: 3"},
		{person, "Automatic reply - title for part 2", "What about this title?", "X-Priority: 3"},
		{person, "Automatic reply", strings.Repeat("The phone rang and nobody was there to take it. ", 20), "X-Priority: 3"},
		{person, "Absence: a story", "Hi Ed, I hope you like it as much as the first one.", "X-Priority: 3"},
		{"Postmaster Pete <postmaster@smalltown.example>", "Interview", "Please find attached the interview with the postmaster.", "X-Priority: 3"},
		{"Pete Post <postmaster@print.example>", "Re: Undeliverable: Your step", "Hi Ed,\n\nI am the postmaster of print.example. Your message to bob@print.example was rejected because his mailbox is full. I raised his quota, please send it again.\n\nPete", answer},
		{"Pete <mail-admin@print.example>", "Undeliverable", "Hello, your step mail never reached Bob. 550 5.1.1 user unknown is what I see in the log. Ask him.\n\nPete", "X-Priority: 3"},
		{"Delivery <delivery@writers.example>", "Delivery failed", "My package could not be delivered, so here is the essay.", "X-Priority: 3"},
		{person, "Re: Your draft", "Thanks!", "X-Auto-Response-Suppress: DR, RN, NRN"},
		{person, "What is this", "{\"notificationType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":\"ana@poets.example.org\"}]}}\n\nThis is what I got. Do you know why?", "X-Priority: 3"},
		{person, "Re: Your draft", "I am out of the office until Friday, so I have not seen the edits yet. Send me the PDF and I will reply tonight.", answer},
		{person, "Re: Your draft", "Ich bin bis Freitag im Urlaub. Die Änderungen sind in Ordnung, in dringenden Fällen bitte anrufen.", answer},
		{person, "Re: Your draft", "Je suis en congé jusqu’à vendredi, mais je valide toutes les corrections. En cas d’urgence, appelez-moi.", answer},
		{person, "Re: Your draft", "Estoy de vacaciones hasta el viernes. Apruebo los cambios. Para asuntos urgentes, mi móvil.", answer},
		{person, "Out of office", "The desk is bare,\nthe chair is free,\nthe phone rings there\nbut not for me.", answer},
		{person, "Automatic reply: a story", "Dear Ed, I hope you like it. It is shorter than the last one.", "X-Priority: 3"},
		{person, "Out of Office: scene 3", "Yes, cut it. Ana", answer},
		{person, "Re: Your draft", "I agree.\n\nThis mailbox is not monitored at weekends, so write to my phone.", answer},
		{person, "Out of office", "Hi Ed, a poem called Out of office.\n\nThe desk is bare.", "X-Priority: 3"},
		{person, "Read: Chapter", "Your message made me happy. I read it: twice. It was read on Monday: by all.", answer},
		{person, "Read: the new novel", "Your message made me read it. It was read on the train.", answer},
	} {
		m := read(t, mail(c.from, c.subject, c.text, c.header), inbox.Options{})
		if m.Kind != inbox.Human || m.Automatic || m.SuppressReply {
			t.Errorf("%s: %q: %s, automatic %v, suppress %v, %v", c.subject, c.text, m.Kind, m.Automatic, m.SuppressReply, m.Trace)
		}
	}
}

// TestPeopleNeverAnswered: a person wrote it, but an answer to where it came from would go nowhere, or to somebody else.
func TestPeopleNeverAnswered(t *testing.T) {
	for name, raw := range map[string][]byte{
		"null path":    mail(person, "Hello", "Is this OK?", "Return-Path: <>"),
		"contact form": mail("WordPress <noreply@site.example>", "Contact form", "I filled your form, can I write for you?", "Reply-To: Zoe <zoe@fox.example>"),
	} {
		m := read(t, raw, inbox.Options{})
		if m.Kind != inbox.Human || m.Automatic || !m.SuppressReply {
			t.Errorf("%s: %s, automatic %v, suppress %v, %v", name, m.Kind, m.Automatic, m.SuppressReply, m.Trace)
		}
	}
	for name, raw := range map[string][]byte{
		"answered by the desk of the service": mail("Shop <noreply@shop.example>", "Your order", "It is on its way.", "Reply-To: support@care.example"),
		"of the service itself":               mail("Shop <noreply@mail.shop.example>", "Your order", "It is on its way.", "Reply-To: zoe@shop.example"),
		"notifications":                       mail("Tracker <notifications@shop.example>", "Comment", "Zoe wrote.", "Reply-To: reply+77@fox.example"),
	} {
		if m := read(t, raw, inbox.Options{}); m.Kind != inbox.AutoReply || !m.Automatic || !m.SuppressReply {
			t.Errorf("%s: %s, %v", name, m.Kind, m.Trace)
		}
	}
}

// TestNoticesOfDesks: a receipt is told by who sends it, too.
func TestNoticesOfDesks(t *testing.T) {
	for _, c := range []struct {
		from, subject, text string
		kind                inbox.Kind
	}{
		{"Poets Inc. <info@poets.example.org>", "Ihre Anfrage", "Vielen Dank! Ihre Anfrage ist bei uns eingegangen. Wir antworten innerhalb von drei Werktagen.", inbox.AutoReply},
		{"Helpdesk <helpdesk@poets.example.org>", "Re: Chapter two", "We have received your request. We will answer within two working days.", inbox.AutoReply},
		{"Poets Inc. <hello@poets.example.org>", "[#4711] Chapter two", "We have received your request. The ticket number is 4711.", inbox.AutoReply},
		{person, "Re: Votre article", "Je suis actuellement en congés. Je reviendrai le lundi 30 novembre 2026. Ce message est une réponse automatique.", inbox.AutoReply},
		{person, "Re: Your draft", "I apologize for this automatic reply to your email. To control spam, I now allow incoming messages only from senders I have approved beforehand. If you would like to be added to my list of approved senders, please fill out the short request form (see link below).", inbox.AutoReply},
		{person, "Read: Chapter two", "Your message\n\n   To: Bob\n   Subject: Chapter two\n   Sent: Monday, November 22, 2026 9:00 AM\n\nwas read on Monday, November 22, 2026 10:00 AM.", inbox.ReadReceipt},
		{person, "Gelesen: Kapitel zwei", "Ihre Nachricht\n\n   An: Bob\n   Betreff: Kapitel zwei\n   Gesendet: Montag, 22. November 2026 09:00\n\nwurde am Montag, 22. November 2026 10:00 gelesen.", inbox.ReadReceipt},
		{"AWS <no-reply@sns.amazonaws.com>", "AWS Notification Message", "{\"notificationType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":\"ana@poets.example.org\"}]}}\n\nIf you wish to stop receiving notifications, visit the link.", inbox.BounceReport},
		{"Events <events@agency.example>", "bounce", "{\"notificationType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":\"ana@poets.example.org\"}]}}", inbox.BounceReport},
		{"Delivery <delivery@mx.example>", "Delivery failed", "Your message could not be delivered to the following recipients:\n\nana@poets.example.org\n", inbox.BounceReport},
		{"Pete <postmaster@print.example>", "Undeliverable mail", "Hi. This is the mail program at print.example. I'm afraid I wasn't able to deliver your message.\n\n<ana@print.example>: unknown\n", inbox.BounceReport},
	} {
		m := read(t, mail(c.from, c.subject, c.text, "In-Reply-To: <n1@agency.example>"), inbox.Options{})
		if m.Kind != c.kind || !m.Automatic || !m.SuppressReply {
			t.Errorf("%s: %s, automatic %v, suppress %v, %v", c.subject, m.Kind, m.Automatic, m.SuppressReply, m.Trace)
		}
	}
	for _, head := range []string{"Hors du bureau : Chapter two", "Нет на месте: Chapter two", "外出: Chapter two", "Irodán kívül: Chapter two", "Fraværende: Chapter two", "Frånvarande: Chapter two", "Ausente: Chapter two", "Automatický odpoveď: Chapter two", "Jawapan automatik: Chapter two", "Respuesta de ausencia: Chapter two", "Uit kantoor: Chapter two", "Absence: Chapter two"} {
		m := read(t, mail(person, head, "x", "In-Reply-To: <n1@agency.example>"), inbox.Options{})
		if m.Kind != inbox.AutoReply || !m.SuppressReply {
			t.Errorf("%s: %s, %v", head, m.Kind, m.Trace)
		}
	}
}

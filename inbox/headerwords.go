package inbox

// headerWordOf knows the header names that mail clients write above a quoted mail, in their languages.
func headerWordOf(name string) headerWord {
	switch name {
	case "from", "de", "von", "da", "van", "od", "från", "fra", "frá", "lähettäjä", "от", "від", "від кого", "from name", "από", "kimden", "gönderen", "feladó", "küldő",
		"发件人", "寄件者", "寄件人", "差出人", "送信者", "送信元", "보낸 사람", "보낸사람", "발신", "מאת", "من", "از", "فرستنده", "de la", "expéditeur", "expediteur", "remitente", "mittente", "nadawca", "afzender",
		"absender", "odesílatel", "odosielateľ", "dari", "daripada", "từ", "จาก", "nuo", "no", "saatja", "kellelt", "pošiljatelj", "šalje", "šalje:", "avsender", "avsändare", "feladva", "desde", "発信者", "expeditor", "expeditorul", "od koho", "отправитель", "kuka",
		"од", "пошиљалац", "прати", "подател", "प्रेषक", "द्वारा", "প্রেরক", "mula kay", "mula sa", "nork", "igorlea", "dërguesi", "nga", "oddawca", "ad", "sendandi", "siuntėjas", "sūtītājs", "kutoka":
		return fromHeader
	case "sent", "date", "envoyé", "envoye", "gesendet", "datum", "enviado", "enviada", "enviat", "enviados", "data", "fecha", "inviato", "inviata", "verzonden", "wysłano", "wysłane", "data wysłania",
		"skickat", "dato", "sendt", "lähetetty", "päivämäärä", "päiväys", "отправлено", "дата", "надіслано", "відправлено", "изпратено", "ημερομηνία", "στάλθηκε", "απεσταλμένα", "tarih", "gönderme tarihi", "gönderildi", "gönderilen", "gönderim tarihi", "tarihi",
		"elküldve", "küldve", "dátum", "küldés dátuma", "发送时间", "发件日期", "日期", "傳送日期", "寄件日期", "送信日時", "日付", "日時", "보낸 날짜", "날짜", "보낸날짜", "받은 날짜", "נשלח", "נשלח בתאריך", "תאריך", "تاريخ الإرسال", "تم الإرسال", "أُرسلت", "التاريخ", "تاریخ", "ارسال", "تاریخ ارسال", "odesláno",
		"odoslané", "odoslaný", "trimis", "dată", "data trimiterii", "enviado el", "enviado em", "enviada em", "enviada a", "enviat el", "data d'enviament", "tanggal", "dikirim", "terkirim", "tarikh", "dihantar", "ngày", "đã gửi", "gửi lúc", "วันที่", "ส่งเมื่อ", "ส่ง", "sendt den", "skickat den", "posted", "sent at",
		"sända", "poslano", "poslato", "послато", "датум", "saadetud", "kuupäev", "išsiųsta", "nosūtīts", "datums", "date d'envoi", "sent on", "date sent", "送信日", "时间", "दिनांक", "भेजा गया", "भेजा", "তারিখ", "petsa", "bidalia", "dërguar", "dagsetning", "sent:", "le", "tarehe", "verstuur":
		return dateHeader
	case "to", "à", "a", "an", "aan", "para", "pour", "till", "til", "do", "komu", "vastaanottaja", "кому", "до", "προς", "kime", "alıcı", "címzett", "收件人", "收件者", "宛先", "送信先",
		"받는 사람", "받는사람", "수신", "אל", "إلى", "الى", "به", "گیرنده", "către", "kepada", "đến", "tới", "ถึง", "pre", "destinataire", "destinatario", "destinatarul", "empfänger", "adresat", "за", "kam", "kellele", "za", "prima", "primalac", "прима", "примател", "mottaker", "per", "catre", "vastaanottajat",
		"प्रति", "प्राप्तकर्ता", "প্রাপক", "nori", "hartzailea", "nuo kam", "gavėjas", "saņēmējs", "marrësi", "për", "viðtakandi", "kwa", "aan:", "saaja", "prejemnik":
		return toHeader
	case "cc", "kopie", "kopia", "kopi", "copie", "copie à", "copie a", "copia", "cópia", "còpia", "kópia", "kopie (cc)", "копия", "копія", "копија", "копие", "як.", "κοιν.", "κοινοποίηση", "bilgi", "másolatot kap", "抄送", "副本", "참조", "עותק", "نسخة", "رونوشت",
		"másolat", "dw", "kopio", "kopio (cc)", "cc:", "c.c.", "bcc", "cci", "kopija", "tembusan", "másolatot", "usporedno", "сс", "ccn", "cco", "salinan", "สำเนา", "สำเนาถึง", "đồng kính gửi", "প্রতিলিপি", "प्रतिलिपि", "koopia", "afrit", "kopja", "kopiuj do":
		return ccHeader
	case "subject", "objet", "sujet", "betreff", "betrifft", "asunto", "assunto", "oggetto", "ogg", "onderwerp", "temat", "ämne", "emne", "aihe", "тема", "относно", "θέμα", "konu", "tárgy",
		"主题", "主旨", "主題", "件名", "제목", "נושא", "الموضوع", "موضوع", "předmět", "predmet", "предмет", "subiect", "subiectul", "subjek", "perihal", "subyek", "perkara", "chủ đề", "tiêu đề", "เรื่อง", "assumpte", "asumpte", "objet ", "zadeva", "thema",
		"tema", "teema", "re", "efni", "naslov", "наслов", "หัวเรื่อง", "başlık", "विषय", "বিষয়", "paksa", "gaia", "subjekti", "somhairle", "tēma", "mada", "betref":
		return subjectHeader
	case "reply-to", "répondre à", "antwort an", "antwoord aan", "beantwoorden - aan", "importance", "wichtigkeit", "priority", "priorität", "attachments", "attachment", "pièces jointes", "anlagen", "anhänge", "rispondi a", "responder a", "odgovori na", "odpověď na", "svara till", "vastaus", "válaszcím", "odpowiedź-do", "răspuns către", "ответ-кому", "odpovedať-pre", "yanıt adresi", "кому відповісти",
		"organization", "organisation", "organizzazione", "newsgroups", "message-id", "sender", "resent-from", "in-reply-to", "cc/cci", "mailing-list", "list", "risposta", "svar til", "antwort", "on behalf of", "prioritet", "bijlage", "bijlagen", "sensitivity", "x-mailer", "return-path", "delivered-to", "received", "mime-version", "content-type", "content-transfer-encoding", "categories", "allegati", "anexos", "adjuntos", "datos adjuntos", "załączniki", "bilagor", "vedhæftet", "vedlegg", "liitteet", "přílohy", "вложения", "附件", "첨부", "references", "user-agent", "rif":
		return otherHeader
	}
	return noHeader
}

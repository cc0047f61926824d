package inbox

// commandOf knows the words for each command in the languages that teams and contributors write, lower case.
func commandOf(word string) Command {
	switch word {
	case "accept", "accepted", "annehmen", "angenommen", "zusage", "accepter", "accepté", "acceptée", "j'accepte", "acepto", "aceptar", "aceptado", "accetto", "accettare", "accettato",
		"aceito", "aceitar", "aceite", "accepteren", "aanvaard", "geaccepteerd", "accepterar", "acceptera", "accepterer", "godta", "godtar", "aksepterer", "hyväksy", "hyväksyn",
		"akceptuję", "akceptuj", "przyjmuję", "přijímám", "přijmout", "prijímam", "elfogadom", "принять", "принимаю", "прийняти", "приймаю", "приемам", "kabul", "αποδέχομαι", "accepta", "accepto",
		"prihvaćam", "sprejmem", "אישור", "قبول", "承諾", "承認", "接受", "수락",
		"approve", "approved", "approves", "confirm", "confirmed", "granted", "genehmigt", "genehmigen", "genehmige", "freigeben", "freigegeben", "freigabe", "bestätigt", "bestätige", "bestätigen",
		"approuver", "approuvé", "approuvée", "approuve", "confirmer", "confirmé", "confirmée", "confirme", "aprobar", "aprobado", "aprobada", "apruebo", "confirmo", "confirmar", "confirmado", "aprovar", "aprovado", "aprovada", "aprovo",
		"approvo", "approvato", "approvata", "approvare", "confermo", "confermato", "confermata", "confermare", "goedgekeurd", "goedkeuren", "bevestigd", "bevestigen", "toegestaan", "godkänn", "godkänner", "godkänd", "godkänt", "bekräftar", "bekräftat", "beviljat",
		"godkend", "godkender", "godkendt", "bekræftet", "bekræfter", "bevilget", "godkjenn", "godkjenner", "godkjent", "bekrefter", "bekreftet", "innvilget", "hyväksytty", "vahvistan", "zatwierdzam", "zatwierdzone", "potwierdzam", "schvaluji", "schváleno", "potvrzuji",
		"утверждаю", "одобрено", "подтверждаю", "затверджую", "підтверджую":
		return Accept
	case "decline", "declined", "ablehnen", "abgelehnt", "absage", "refuser", "refusé", "décliner", "rechazo", "rechazar", "rechazado", "rifiuto", "rifiutare", "rifiutato", "recuso", "recusar", "recusado",
		"weigeren", "afwijzen", "afgewezen", "avböj", "avböjer", "avslå", "avslår", "afslå", "afslår", "afvis", "hylkää", "hylkään", "kieltäydyn", "odrzucam", "odmawiam", "odmítám", "odmítnout", "odmietam",
		"elutasítom", "refuz", "отклонить", "отклоняю", "отказываюсь", "відхилити", "відмовляюсь", "отказвам", "ret", "reddediyorum", "απορρίπτω", "rebutjo", "odbijam", "zavrnem", "סירוב", "رفض", "辞退", "却下", "拒绝", "拒絕", "거절",
		"refuse", "refused", "reject", "rejected", "denied", "zurückgewiesen", "verweigert", "rejeté", "rejetée", "rejeter", "refusée", "denegado", "denegada", "rechazada", "rejeitado", "rejeitada", "rejeitar", "rejeito", "recusada", "respinto", "respinta", "respingo", "rifiutata",
		"geweigerd", "avvisas", "avslaget", "avslås", "afvist", "afviser", "avvist", "avvise", "avviser", "hylätty", "odrzucone", "zamítnuto", "отклонено", "відхилено":
		return Decline
	case "done", "finished", "fertig", "erledigt", "terminé", "terminée", "fini", "hecho", "terminado", "fatto", "finito", "feito", "concluído", "klaar", "gedaan", "färdig", "klart", "færdig", "ferdig", "valmis",
		"gotowe", "zrobione", "hotovo", "kész", "gata", "terminat", "готово", "сделано", "зроблено", "tamam", "bitti", "έτοιμο", "fet", "gotovo", "končano", "סיימתי", "انتهيت", "完了", "完成", "완료":
		return Done
	case "extend", "extension", "verlängern", "verlängerung", "fristverlängerung", "aufschub", "prolonger", "prolongation", "délai", "prórroga", "ampliar", "ampliación", "proroga", "prorogare", "prorrogar", "prorrogação", "adiar",
		"verlengen", "verlenging", "uitstel", "förläng", "förlängning", "uppskov", "forlæng", "forlængelse", "forleng", "forlengelse", "utsettelse", "lisäaika", "lisäaikaa", "pidennys", "przedłuż", "przedłużenie", "prodloužit", "prodloužení", "predĺžiť",
		"hosszabbítás", "prelungire", "продлить", "продление", "отсрочка", "продовжити", "продовження", "удължаване", "uzat", "uzatma", "παράταση", "pròrroga", "produljenje", "podaljšanje", "הארכה", "تمديد", "延長", "延期", "延长", "연장":
		return Extend
	case "revise", "revision", "rework", "changes", "überarbeiten", "überarbeitung", "änderungen", "nachbessern", "nachbesserung", "réviser", "révision", "retravailler", "modifications", "revisar", "revisión", "rehacer", "cambios",
		"rivedere", "revisione", "rielaborare", "modifiche", "rever", "revisão", "reformular", "alterações", "herzien", "herziening", "herwerken", "bewerken", "wijzigingen", "omarbeta", "omarbetning", "revidera", "ändringar", "omarbejd", "omarbejde", "omarbejdning", "revider", "revidere", "ændringer",
		"omarbeid", "omarbeide", "omarbeiding", "endringer", "muokkaa", "korjattava", "muutokset", "poprawki", "popraw", "přepracovat", "úpravy", "prepracovať", "átdolgozás", "módosítások", "revizuire", "modificări", "доработать", "правки", "доопрацювати", "преработка",
		"düzelt", "düzeltme", "revizyon", "αναθεώρηση", "revisa", "revisió", "canvis", "izmjene", "popravki", "תיקונים", "تعديلات", "修正", "修改", "수정":
		return Revise
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

// everydayCommand knows the short words that answer a question of ours only where nothing else is said.
func everydayCommand(word string) Command {
	switch word {
	case "yes", "yep", "yeah", "yup", "ok", "okay", "agreed", "grant", "sure", "ja", "jawohl", "jep", "einverstanden", "oui", "ouais", "d'accord", "sí", "si", "vale", "sim", "certo", "akkoord", "oké", "okej",
		"javisst", "jo", "kyllä", "joo", "ano", "да", "так", "evet", "ναι", "igen", "はい", "好的", "네", "כן", "نعم":
		return Accept
	case "no", "nope", "nein", "nö", "non", "não", "nao", "nee", "nej", "nei", "нет", "ні", "hayır", "όχι", "nem", "いいえ", "아니요", "לא", "لا":
		return Decline
	}
	return ""
}

// denialWord is a no or not, or a word that limits what is said.
func denialWord(w string) bool {
	switch w {
	case "not", "no", "yet", "don't", "isn't", "nicht", "kein", "noch", "pas", "niet", "inte", "ikke", "nie", "не":
		return true
	}
	return false
}

// conditionWord is an if or but.
func conditionWord(w string) bool {
	switch w {
	case "except", "but", "or", "unless", "if", "only", "provided", "depends", "depending", "however", "though", "although", "maybe", "perhaps", "aber", "außer", "oder", "wenn", "falls", "sofern", "allerdings", "jedoch", "vielleicht",
		"mais", "sauf", "ou", "si", "cependant", "peut-être", "pero", "salvo", "quizás", "quizá", "ma", "però", "forse", "se", "mas", "porém", "talvez", "maar", "als", "misschien", "men", "om", "hvis", "kanske", "måske", "kanskje", "ale", "но":
		return true
	}
	return false
}

// courtesy is a word that says nothing of the matter: thanks, greetings, regrets.
func courtesy(w string) bool {
	switch w {
	case "thanks", "thank", "you", "thx", "ty", "please", "many", "very", "much", "sir", "madam", "sorry", "best", "kind", "warm", "regards", "wishes", "cheers", "so",
		"danke", "dank", "vielen", "herzlichen", "schön", "sehr", "bitte", "gerne", "gern", "viele", "liebe", "beste", "grüße", "gruß", "entschuldigung", "lg", "mfg", "vg", "herzlich",
		"merci", "beaucoup", "bien", "s'il", "te", "vous", "plaît", "plait", "désolé", "désolée", "cordialement", "bises",
		"gracias", "muchas", "mil", "por", "favor", "perdón", "siento", "saludos", "abrazo", "abraço", "un", "lo",
		"obrigado", "obrigada", "muito", "desculpe", "desculpa", "abraços", "um", "grazie", "mille", "molte", "saluti", "scusa",
		"bedankt", "dankjewel", "dankuwel", "je", "wel", "u", "hartelijk", "groet", "groeten", "graag", "tack", "så", "mycket", "gärna", "hälsningar", "tak", "mange", "takk", "gjerne", "hilsen", "gerna", "kiitos", "dzięki", "dziękuję", "děkuji", "díky", "спасибо", "дякую":
		return true
	}
	return false
}

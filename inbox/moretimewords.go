package inbox

// timeCue is a way to begin a request for more time.
type timeCue struct {
	asker    asker
	question bool // only with a question mark: else it tells, or may
	patterns []string
}

// timeCues are the beginnings, in the form of saying.match.
func timeCues() [11]timeCue {
	return [...]timeCue{
		{oneself, false, []string{
			"can|could|may|might i|we please? possibly? perhaps?", "would|is it be? possible for? me? us? to", "any chance i|we can|could", "is there any|a chance i|we can|could", "any chance of", "is there any chance of|to",
			"would|is it be? ok|okay|fine|alright|possible if|for i|we|me to?", "would|is it be? all right if i|we", "would|is it be? ok|okay|fine|alright to", "do|would you mind if i|we", "i wonder|wondered if|whether i|we could|can|might", "wondering if|whether i|we could|can|might",
		}},
		{otherGives, false, []string{"can|could|would|will you please? possibly? give|grant|allow me|us", "please give|grant|allow me|us", "would you be able to give me|us", "i'd|i would? like to? ask|request|have for?", "i'd|i would? appreciate", "i'm|i am? asking for", "i have to ask for", "i must ask for", "i want to ask for", "give me"}},
		{otherMoves, false, []string{"can|could|would|will you please? possibly?", "can|could the", "may|might the"}},
		{needs, false, []string{
			"i'd|i'll|we'd|we'll need", "i|we would|will|still|just|really|do? need", "i'm|i am? going to need", "i|we could use|do with?", "i'm|i am? afraid i need",
			"ich|wir brauche|brauchen|bräuchte|bräuchten|benötige|benötigen|brauch", "brauche|bräuchte|benötige|brauch ich", "ich hätte gern|gerne", "hätte ich gern|gerne", "ich bitte um", "ich möchte|würde um", "ich möchte|würde gern|gerne um",
			"j'ai|j'aurais|j'aurai encore? besoin", "il me faut|faudrait|faudra", "nous avons|aurions encore? besoin", "j'aimerais|je voudrais|souhaiterais avoir|demander|obtenir|disposer",
			"necesito|necesitaría|necesitaré|necesitamos|necesitaríamos", "me harían|haría|hace|hacen falta", "quisiera|quería pedir|tener",
			"preciso|precisava|precisaria|precisarei|precisamos|necessito", "vou precisar", "gostaria de ter|pedir",
			"ho|avrei|avrò|abbiamo|avremmo ancora? bisogno", "mi|ci servono|serve|servirebbe|servirebbero|occorrono|occorrerebbero|serviranno", "vorrei avere|chiedere",
			"jag|vi behöver|behövde", "jag|vi skulle vilja|behöva ha?", "jeg|vi trenger|behøver", "jeg|vi ville|skulle|vil|kommer trenge|behøve", "jeg|vi har|får brug|behov for", "jeg|vi skal bruge",
		}},
		{needsVerb, false, []string{"ik|we|wij heb|hebben|zou|zouden|zal", "heb ik"}},
		{oneself, true, []string{
			"kann|könnte|darf|dürfte ich|man bitte? vielleicht?", "können|könnten|dürfen|dürften wir bitte? vielleicht?", "wäre|ist es möglich|okay|ok|machbar", "wäre|ist es in ordnung", "geht|ginge es", "hätte ich", "wäre|ist es okay|ok wenn ich|wir",
			"kan|mag|zou|kun ik", "kunnen|mogen|zouden we|wij", "is het mogelijk om?", "zou het mogelijk zijn om?",
		}},
		{oneself, false, []string{"est ce que je|nous peux|pourrais|pouvons|pourrions", "est ce qu'on peut|pourrait", "puis|pourrais je", "pouvons|pourrions nous", "peut|pourrait on", "serait|est il possible", "serait|est ce possible"}},
		{oneself, true, []string{
			"je peux|pourrais", "on peut|pourrait", "c'est|ce serait? possible",
			"puedo|podría|podríamos|podemos|pudiera", "es|sería|será posible", "sería|es posible que me",
			"posso|poderia|podia|podemos|poderíamos|podíamos", "é|seria|será possível", "dá|dava|daria para|pra", "tem como", "tinha como",
			"potrei|possiamo|potremmo", "è|sarebbe possibile", "si può|potrebbe",
			"kan|kunde|får|kunne|må|skulle jag|jeg|vi kunna|kunne?", "är|vore|er|var|ville det være? möjligt|muligt|mulig|okej|ok|okay|greit att|at|å? om|hvis? jag|jeg?", "hadde det vært mulig å", "går det bra? an? att|å jag?",
		}},
		{otherGives, true, []string{
			"können|könnten sie mir|uns bitte?", "kannst|könntest du mir|uns bitte?", "könnt|könntet ihr mir|uns bitte?", "gibst du mir", "geben sie mir",
			"pouvez|pourriez vous me|m'accorder|nous", "peux|pourrais tu me|m'accorder", "vous pouvez|pourriez me|m'accorder", "tu peux|pourrais me|m'accorder",
			"puedes|podrías|puede|podría|podéis|podríais darme|dejarme|concederme", "me puedes|podrías|puede|podría|podéis|podríais dar|dejar|conceder", "me das|dais|da|dan|dejas|dejáis",
			"pode|podes|poderia|podia me dar", "pode|podes|poderia|podia dar me", "pode|poderia conceder me", "me dá",
			"puoi|può|potresti|potrebbe|potete darmi|concedermi|lasciarmi", "mi puoi|può|potresti|potrebbe|potete dare|concedere|lasciare", "mi dai|dà|date|lasci|lasciate",
			"kun|kan|zou je|jij|u me|mij|ons", "kunt u me|mij|ons", "kan|kunne|skulle du|ni|i|dere kunna|kunne? ge|give|gi mig|meg|oss|os",
		}},
		{otherMoves, true, []string{
			"können|könnten sie", "kannst|könntest du", "könnt|könntet ihr", "kann|könnte die|der|man", "pouvez|pourriez vous", "peux|pourrais tu", "puedes|podrías|puede|podría|podéis|se", "pode|podes|poderia|podia",
			"puoi|può|potresti|potrebbe|potete", "kun|kan|zou|kunt je|jij|u", "kan|kunne|skulle du|ni|dere", "kan|kunne",
		}},
		{otherGives, true, []string{"tem|tens? como me dar"}},
	}
}

// reported is a word that makes a sentence tell of a question, or ask another one.
func reported(w string) bool {
	switch w {
	case "said", "says", "asked", "asks", "wrote", "writes", "told", "title", "headline", "called", "character", "when", "why", "how", "what", "who", "which", "where", "never", "don't", "didn't", "not", "nobody",
		"sagte", "sagt", "fragte", "fragt", "schrieb", "titel", "wann", "warum", "wie", "wer", "welche", "nie", "nicht", "kein", "keine", "weshalb",
		"dit", "demandé", "écrit", "titre", "quand", "pourquoi", "comment", "qui", "pas", "jamais", "dijo", "preguntó", "escribió", "título", "cuándo", "cómo", "quién", "qué", "nunca",
		"disse", "perguntou", "escreveu", "quando", "como", "quem", "não", "chiesto", "scritto", "titolo", "perché", "chi", "mai", "non", "zei", "vroeg", "schreef", "wanneer", "waarom", "hoe", "wie's", "niet", "geen",
		"sade", "frågade", "skrev", "rubrik", "när", "varför", "hur", "inte", "sagde", "spurgte", "overskrift", "hvornår", "hvorfor", "hvordan", "ikke", "sa", "spurte", "når", "falls", "unless":
		return true
	}
	return false
}

// untilWords counts the tokens at i that mean until.
func untilWords(s *saying, i int) int {
	switch w := s.tok(i).text; w {
	case "until", "till", "til", "bis", "jusqu'à", "jusqu'au", "jusqu'en", "jusque", "jusqu'a", "jusqu'aux", "hasta", "até", "ate", "fino", "sino", "tot", "tills", "indtil", "inntil":
		n := 1
		for n < 4 {
			switch s.tok(i + n).text {
			case "zum", "zur", "à", "a", "al", "ao", "en", "met", "el", "la", "le", "o", "und", "mit", "about", "at", "least", "på", "the":
				n++
				continue
			}
			break
		}
		if n > 1 && dayArticle(s.tok(i+n-1).text) {
			n-- // "bis zum 20." is read with its article
		}
		return n
	case "frem", "fram":
		if next := s.tok(i + 1).text; next == "til" || next == "till" {
			return 2
		}
	}
	return 0
}

func moreWord(w string) bool {
	switch w {
	case "more", "another", "extra", "additional", "further", "longer", "mehr", "weitere", "weiteren", "weiterer", "noch", "zusätzliche", "zusätzlichen", "länger", "plus", "supplémentaire", "supplémentaires", "encore", "davantage", "autre", "autres",
		"más", "otra", "otro", "otros", "otras", "adicional", "adicionales", "mais", "outra", "outro", "outros", "outras", "adicionais", "più", "altri", "altre", "altro", "altra", "ancora", "ulteriori", "ulteriore",
		"meer", "langer", "nog", "till", "til", "ytterligare", "mer", "fler", "längre", "mere", "flere", "længere", "yderligere", "ekstra", "lengre", "ytterligere", "enda", "endnu":
		return true
	}
	return false
}

func vagueWord(w string) bool {
	switch w {
	case "few", "some", "bit", "little", "couple", "several", "paar", "einige", "etwas", "bisschen", "quelques", "peu", "unos", "unas", "algunos", "algunas", "poco", "alguns", "algumas", "uns", "umas", "pouco", "qualche", "alcuni", "po'", "po", "paio", "enkele", "wat", "beetje", "några", "lite", "par", "nogle", "noen", "lidt", "litt":
		return true
	}
	return false
}

func timeWord(w string) bool {
	switch w {
	case "time", "days", "weeks", "zeit", "tage", "wochen", "temps", "jours", "tiempo", "días", "tempo", "dias", "giorni", "tijd", "dagen", "tid", "dagar", "dage", "dager":
		return true
	}
	return false
}

func extensionWord(w string) bool {
	switch w {
	case "extension", "fristverlängerung", "verlängerung", "aufschub", "prolongation", "prórroga", "prorrogação", "proroga", "uitstel", "verlenging", "uppskov", "förlängning", "anstånd", "udsættelse", "forlængelse", "utsettelse", "forlengelse":
		return true
	}
	return false
}

// termWord is the day by which something is due.
func termWord(w string) bool {
	switch w {
	case "deadline", "date", "abgabe", "abgabetermin", "abgabefrist", "frist", "termin", "termine", "échéance", "délai", "plazo", "fecha", "entrega", "prazo", "data", "scadenza", "consegna", "inleverdatum", "tidsfrist", "tidsfristen", "deadlinen", "fristen":
		return true
	}
	return false
}

func haveVerb(w string) bool {
	switch w {
	case "have", "get", "take", "had", "got", "took", "haben", "bekommen", "kriegen", "geben", "einräumen", "gewähren", "nehmen", "bitten", "avoir", "obtenir", "prendre", "bénéficier", "disposer", "accorder", "donner", "laisser",
		"tener", "disponer", "contar", "tomarme", "ter", "ficar", "avere", "prendere", "prendermi", "hebben", "krijgen", "geven", "få", "ha", "have's", "gi", "give", "ge", "tage", "ta":
		return true
	}
	return false
}

func moveVerb(w string) bool {
	switch w {
	case "push", "move", "shift", "delay", "postpone", "extend", "put", "pushed", "moved", "shifted", "delayed", "postponed", "extended", "verschieben", "verlängern", "schieben", "verlegen", "hinausschieben", "verschoben", "verlängert", "prolonger", "repousser", "décaler", "reporter", "étendre", "reculer",
		"aplazar", "aplazarlo", "aplazarla", "posponer", "posponerlo", "retrasar", "retrasarlo", "mover", "moverlo", "moverla", "prorrogar", "ampliar", "ampliarlo", "extender", "atrasar", "atrasarlo", "adiar", "adiá", "estender", "empurrar", "prolongar", "alargar",
		"spostare", "spostarlo", "spostarla", "rimandare", "rimandarlo", "posticipare", "posticiparlo", "prorogare", "prolungare", "rinviare", "rinviarlo", "verschuiven", "uitstellen", "verlengen", "verzetten", "opschuiven",
		"skjuta", "flytta", "förlänga", "senarelägga", "udskyde", "rykke", "flytte", "forlænge", "skubbe", "udsætte", "utsette", "forlenge", "skyve":
		return true
	}
	return false
}

func handVerb(w string) bool {
	switch w {
	case "send", "submit", "deliver", "file", "hand", "turn", "sent", "submitted", "delivered", "handed", "turned", "abgeben", "schicken", "senden", "liefern", "einreichen", "abliefern", "nachliefern", "nachreichen", "rendre", "remettre", "envoyer", "livrer", "soumettre", "déposer",
		"entregar", "entregarlo", "entregarla", "entregarte", "entregártelo", "entregárselo", "entregarlos", "enviar", "enviarlo", "enviarla", "enviártelo", "enviárselo", "mandar", "mandarlo", "mandarla", "mandártelo", "presentar", "presentarlo", "entregá", "enviá", "mandá", "apresentar", "submeter",
		"consegnare", "consegnarlo", "consegnarla", "mandare", "mandarti", "mandartelo", "mandarvi", "mandarvelo", "inviare", "inviarlo", "inviarla", "inviartelo", "spedire", "spedirlo", "inleveren", "sturen", "leveren", "opsturen", "aanleveren",
		"lämna", "skicka", "leverera", "aflevere", "sende", "levere", "innlevere":
		return true
	}
	return false
}

// dayPart says when on a day.
func dayPart(w string) bool {
	switch w {
	case "morning", "noon", "midday", "afternoon", "evening", "night", "midnight", "früh", "mittag", "nachmittag", "abend", "abends", "mittags", "matin", "midi", "soir", "mañana", "tarde", "noche", "manhã", "noite", "mattina", "mattino", "sera", "pomeriggio", "ochtend", "middag", "avond", "avonden", "kväll", "aften", "kveld":
		return true
	}
	return false
}

// fillerWord changes nothing in a request.
func fillerWord(w string) bool {
	switch w {
	case "please", "just", "te", "unfortunately", "actually", "maybe", "perhaps", "possibly", "still", "in", "on", "by", "back", "out", "over", "up", "to", "of", "a", "an", "end", "next", "this", "coming", "instead", "even", "only", "be", "sometime", "around", "about", "for", "at", "latest", "until", "due", "late", "later", "then", "with", "i", "me",
		"bitte", "vielleicht", "leider", "ehrlich", "noch", "erst", "auch", "zu", "um", "auf", "am", "im", "ein", "eine", "einen", "einer", "wenn", "ich", "wir", "dass", "nächste", "nächsten", "kommenden", "kommende", "statt", "stattdessen", "spätestens", "lieber", "doch", "dafür", "gern", "gerne", "ende", "hin", "nach", "mir", "von",
		"de", "d'", "à", "au", "aux", "un", "une", "en", "du", "des", "que", "prochain", "prochaine", "plutôt", "malheureusement", "peut", "être", "nous", "pour",
		"el", "los", "las", "una", "por", "favor", "para", "tal", "vez", "lamentablemente", "infelizmente", "purtroppo", "helaas", "tyvärr", "desværre", "dessverre", "próximo", "próxima", "si", "del", "al", "lo", "poco",
		"uma", "no", "na", "ao", "do", "da", "em", "pra", "talvez", "o", "os", "as", "feira", "la",
		"di", "uno", "il", "per", "favore", "magari", "entro", "prossimo", "prossima", "con", "su", "alla",
		"een", "het", "op", "naar", "om", "aan", "tot", "volgende", "misschien", "alsjeblieft", "alstublieft", "pas", "dan", "worden", "werden",
		"på", "att", "å", "ett", "et", "fram", "frem", "upp", "ud", "ut", "inn", "ind", "nästa", "næste", "neste", "kanske", "måske", "kanskje", "först", "først", "jag", "jeg", "er", "det", "den", "med", "snälla", "venligst":
		return true
	}
	return false
}

// personWord is somebody to whom a draft is sent.
func personWord(w string) bool {
	switch w {
	case "you", "ihnen", "dir", "euch", "vous", "ti", "vos", "lhe", "u", "jou", "dig", "deg":
		return true
	}
	return false
}

package inbox

// verdictPhrases are the ways to answer a proposal, in the form of saying.match.
type verdictPhrases struct {
	goes, praise, limits, refuses, had, change []string
}

func verdicts() verdictPhrases {
	return verdictPhrases{
		goes: []string{
			"please? go ahead", "please? go ahead with @", "please? go for it", "please? do go ahead", "please do", "you can|may start|begin", "please start|begin", "please write @", "you have my|our blessing", "you're good to go", "i|we approve @?", "it's|that's a go", "consider it approved", "let's do @",
			"bitte? legen sie gern|gerne|bitte|ruhig? los", "bitte? leg gern|gerne|bitte|ruhig? los", "bitte? fangen sie gern|gerne|bitte|ruhig? an", "sie können gern|gerne? loslegen|anfangen|beginnen", "du kannst gern|gerne? loslegen|anfangen|beginnen", "bitte schreiben sie @", "machen sie das gern|gerne|bitte?", "mach das gern|gerne|bitte?", "nur zu", "ich genehmige @", "grünes licht", "das machen wir", "machen wir",
			"allez y", "allez-y", "vas y", "vas-y", "vous pouvez y aller", "vous pouvez commencer", "tu peux commencer|y", "c'est d'accord", "c'est validé", "feu vert", "je valide @?", "j'approuve @?", "lancez vous", "lance toi",
			"adelante", "adelante con @", "puede|puedes empezar|comenzar", "hágalo", "hazlo", "tiene|tienes mi|nuestra luz verde", "luz verde", "lo apruebo", "aprobado",
			"avance", "avança", "pode|podes avançar|começar", "siga em frente", "vá em frente", "força nisso", "luz verde", "está aprovado|aprovada", "tem luz verde",
			"procedi", "proceda", "procedete", "vai pure", "può|puoi iniziare|procedere", "ga uw|je? gang", "ga ervoor", "je|u kunt|mag beginnen",
		},
		praise: []string{
			"i|we really? like|love @", "i|we really? like|love the|this|that|your idea|topic|proposal|pitch", "that|this|it? sounds|looks really|very? good|great|lovely|fine|perfect|interesting", "what a great|good|nice|lovely idea", "a? really|very? great|good|nice|lovely|fine idea|topic|proposal|pitch|story", "that|this|it? works for? me|us?", "fine with|by me|us", "thank you for the|your|this idea|proposal|pitch|mail", "thanks for the|your|this idea|proposal|pitch|mail", "that would be great|lovely", "love it", "nice one",
			"das? klingt|hört sehr? gut|toll|prima|super|interessant", "das|die gefällt mir|uns sehr? gut?", "gefällt mir|uns sehr? gut?", "eine? sehr? gute|schöne|tolle idee", "sehr? gutes|schönes thema", "sehr gut|gerne|gern", "passt", "das passt gut?", "danke für den|die vorschlag|idee",
			"très? bonne|excellente|belle idée|proposition", "très? bon|beau sujet", "ça me|nous plaît|convient|va", "cela me|nous plaît|convient|va", "très bien", "merci pour la|cette|votre proposition|idée|mail",
			"muy? buena|excelente idea|propuesta", "muy? buen tema", "me|nos gusta mucho?", "muy bien", "suena muy? bien", "me|nos parece muy? bien", "gracias por la|su|tu propuesta|idea",
			"muito? boa|excelente ideia|proposta", "muito? bom tema", "gosto muito? da|desta? ideia", "gosto muito?", "muito bem", "parece muito? bem", "parece-me bem", "obrigado|obrigada pela proposta|ideia",
			"ottima|bella|buona idea|proposta", "mi|ci piace molto?", "goed|leuk|mooi idee|voorstel", "klinkt goed|prima|leuk",
		},
		limits: []string{
			"please? keep|mind|watch|stay", "please? make it short|brief", "please? not more than", "at most", "no more than", "max", "please? no longer than",
			"bitte? höchstens|maximal", "bitte? halten|achten sie", "bitte? halte|achte", "bitte kurz|knapp", "bitte? nicht mehr|länger als",
			"merci de rester|garder", "restez|gardez|reste|garde", "au maximum|plus", "pas plus de", "maximum",
			"manténgalo|mantenlo", "como|cómo máximo", "por favor? no más de", "máximo", "no más|mas de", "sin pasar de",
			"mantenha|mantém", "no máximo", "máximo", "não mais de|do", "sem passar de", "al massimo", "niet meer|langer dan", "hooguit|maximaal",
		},
		refuses: []string{
			"this|that|it is|isn't not? really? for|right for? us|me", "it's|that's not really? for|right for? us|me", "not really? for us|me", "not this time", "this|that|it doesn't fit|suit|work us?|here?", "this|that|it does not fit|suit us?|here?", "we'll|i'll|we|i pass on? @?", "we'd|i'd rather not", "we|i won't take|run|do @", "we|i will not take|run|do @", "no interest",
			"das|dies ist leider? nichts für uns|mich", "leider? nichts für uns|mich", "das? passt leider? nicht zu uns", "das? passt leider? nicht", "leider nein", "nein danke", "wir|ich möchten|möchte das leider? nicht", "das nehmen wir leider? nicht", "wir nehmen @ leider? nicht",
			"ce n'est pas pour nous|moi", "pas pour nous|moi", "cela|ça ne nous? convient pas", "ça ne va pas", "non merci", "nous ne le|la|l'? prenons|prendrons pas", "malheureusement non", "cela ne correspond pas",
			"no es para nosotros", "no nos|me encaja|interesa", "no encaja", "esta vez no", "lamentablemente no", "no gracias",
			"não é para nós", "não nos|me interessa|serve", "não se enquadra", "desta vez não", "infelizmente não", "não obrigado|obrigada",
			"non fa per noi", "non ci|mi interessa", "niets voor ons", "past niet bij ons", "helaas niet|nee",
		},
		had: []string{ // behind a no
			"we|i already? have|had|ran|did|covered|published", "we've|i've already? got|had|run|done|covered|published", "that|this is not for", "we|i don't want",
			"das|dies hatten|haben|machen|nehmen", "wir hatten|haben|machen|nehmen", "nous l'avons|avons", "on a|l'a", "ya lo|la? tenemos|hemos|tuvimos|publicamos", "lo|la tenemos|hemos|tuvimos", "já temos|tivemos|fizemos|publicámos|publicamos", "l'abbiamo", "abbiamo già", "dat hebben|hadden we",
		},
		change: []string{
			"please change|rework|revise|rewrite|shorten|narrow|broaden|limit|rephrase|reframe|restructure|sharpen|focus|cut|drop|add|expand|make|say|explain|leave|take|concentrate|specify", "make|narrow|limit|shorten|broaden|rework|revise|rewrite|rephrase|reframe|sharpen @", "narrow|cut @ down", "change|drop|add the|a|an|some", "could|can|would you please? change|rework|revise|rewrite|shorten|narrow|broaden|limit|rephrase|reframe|restructure|sharpen|focus|cut|drop|add|expand|make", "i|we would like|want you to change|rework|revise|rewrite|shorten|narrow|limit|focus|cut", "i'd|we'd like|want you to change|rework|revise|rewrite|shorten|narrow|limit|focus|cut", "it|this|that needs changes|work|rework", "i|we need|want changes",
			"bitte ändern|überarbeiten|kürzen|streichen|ergänzen|beschränken|grenzen|schränken|konkretisieren|umschreiben|schärfen|fassen|erweitern", "bitte ändere|überarbeite|kürze|streiche|ergänze|beschränke|grenze|konkretisiere|schärfe", "bitte @ ändern|überarbeiten|kürzen|eingrenzen|einschränken|umschreiben|ergänzen", "könnten|können sie @ bitte? ändern|überarbeiten|kürzen|eingrenzen|einschränken|umschreiben|ergänzen", "könntest|kannst du @ bitte? ändern|überarbeiten|kürzen|eingrenzen|einschränken|umschreiben|ergänzen", "ändern|überarbeiten|kürzen|beschränken sie",
			"merci de changer|modifier|revoir|réécrire|raccourcir|limiter|resserrer|préciser|ajouter|supprimer", "veuillez changer|modifier|revoir|réécrire|raccourcir|limiter|resserrer|préciser|ajouter|supprimer", "pourriez|pouvez vous changer|modifier|revoir|réécrire|raccourcir|limiter|resserrer|préciser|ajouter|supprimer", "pourriez-vous|pouvez-vous changer|modifier|revoir|réécrire|raccourcir|limiter|resserrer|préciser|ajouter|supprimer", "limitez|modifiez|changez|raccourcissez|précisez|ajoutez",
			"por favor? cambie|cambia|modifique|modifica|revise|revisa|acorte|acorta|limite|limita|limítelo|limítalo|precise|añada|añade|reescriba|reescribe|cámbielo|acórtelo", "podría|podrías|puede|puedes cambiar|modificar|revisar|acortar|limitar|limitarlo|precisar|añadir|reescribir|cambiarlo|acortarlo",
			"por favor? mude|altere|altera|reveja|encurte|limite|limita|precise|acrescente|reescreva", "poderia|pode|podes|podia mudar|alterar|rever|encurtar|limitar|precisar|acrescentar|reescrever",
			"per favore? cambi|modifichi|riveda|accorci|limiti|precisi|aggiunga", "potrebbe|puoi|può cambiare|modificare|rivedere|accorciare|limitare|aggiungere", "graag aanpassen|inkorten|beperken|herschrijven", "kunt|kun u|je @ aanpassen|inkorten|beperken|herschrijven",
		},
	}
}

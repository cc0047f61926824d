package inbox

// wroteVerbs are the words that mail clients use for "wrote", in lower case; a word stands before those that begin it.
var wroteVerbs = []string{
	"wrote", "writes",
	"a écrit", "avez écrit", "écrit", "a ecrit", "nous a dit", "a dit",
	"schrieben sie", "schrieb", "hat geschrieben", "geschrieben",
	"escribió", "escribio", "ha escrito", "va escriure", "ha escrit", "escreveu", "escribiu",
	"ha scritto", "scritto", "scrive",
	"schreef", "geschreven", "verzond", "geskryf", "skryf", "skrev", "skreiv", "skrifaði", "skriver",
	"napisała", "napisał", "napisal", "pisze", "napísala", "napísal", "napsala", "napsal", "napisao", "napisala", "pisal", "написа", "напис", "пише", "пишет", "писал",
	"kirjoitti", "kirjutas", "rašė", "parašė", "rakstīja", "írta", "a scris", "scris",
	"έγραψε", "yazdı", "şunu yazdı", "tarihinde", "כתב", "כתבה", "كتب", "نوشت", "كتابة ما يلي",
	"đã viết", "viết", "menulis", "เขียน", "ने लिखा", "লিখেছেন", "எழுதியது", "రాశారు", "aliandika", "sinulat ni", "nagsulat", "ysgrifennodd",
	"写道", "寫道", "写到", "のメール", "のメッセージ", "さんは書きました", "は書きました", "書きました", "님이 작성", "작성", "쓴 글", "さんが書きました", "さんが書いた",
	"idatzi du", "idatzi zuen", "shkroi", "напісаў", "scríobh", "bidali du",
	"said", "says", "sent",
}

// quotingWords begin an attribution that puts the name behind them.
var quotingWords = []string{
	"quoting ", "zitat von ", "zitiere ", "citando ", "citation de ", "selon ", "citerar ", "citat från ", "citat fra ", "citeren ", "citaat van ", "cytowanie ", "citace ", "missatge de ", "message du ", "wiadomość napisana przez ",
}

// onWords begin an attribution in the languages whose verbs prose uses as well, weekdays where no preposition stands first.
var onWords = []string{
	"on ", "at ", "in message ", "in article ", "le ", "en date du ", "el ", "en ", "il ", "in data ", "am ", "em ", "no dia ", "a ", "às ", "op ", "den ", "o ",
	"mon", "tue", "wed", "thu", "fri", "sat", "sun", "lun", "mar", "mer", "jeu", "ven", "sam", "dim", "mié", "jue", "vie", "sáb", "dom", "gio", "sab", "seg", "ter", "qua", "qui", "sex",
	"mo.", "di.", "mi.", "do.", "fr.", "sa.", "so.", "mo,", "di,", "mi,", "do,", "fr,", "sa,", "so,", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
	"jan", "feb", "apr", "may ", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
}

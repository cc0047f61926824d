package inbox

import (
	"slices"
	"time"
)

// onlyWords is how long a “done, only commas” may be; in more words an “only” limits what is done.
const onlyWords = 6

// undone tells what follows a “done” and takes some of it back: an if or but, a not, something that is missing, a day. That there
// are no changes, or only small ones, does not.
func undone(argument string, now time.Time) bool {
	words := slices.Collect(lowerWords(argument))
	for i, w := range words {
		switch {
		case w == "only":
			if len(words) > onlyWords {
				return true
			}
		case conditionWord(w), lackWord(w):
			return true
		case denialWord(w), noneWord(w):
			if !slices.ContainsFunc(words[i+1:min(i+3, len(words))], remarkWord) {
				return true
			}
		}
	}
	return !now.IsZero() && proposedDay(argument, now) != ""
}

// noneWord is a without.
func noneWord(w string) bool {
	switch w {
	case "without", "ohne", "keine", "keinen", "sans", "aucun", "aucune", "sin", "ningún", "ninguna", "sem", "nenhum", "nenhuma", "senza", "nessun", "nessuna", "zonder", "geen", "utan", "inga", "uden", "uten", "ingen":
		return true
	}
	return false
}

// remarkWord is what a reviewer may have none of.
func remarkWord(w string) bool {
	switch w {
	case "change", "changes", "comment", "comments", "remark", "remarks", "correction", "corrections", "objection", "issue", "issues", "problem", "problems", "mistakes", "errors", "edits", "further",
		"änderungen", "anmerkungen", "kommentare", "korrekturen", "einwände", "fehler", "changement", "changements", "remarque", "remarques", "commentaire", "commentaires", "modifications", "modification",
		"cambios", "cambio", "comentarios", "comentario", "correcciones", "objeciones", "errores", "alterações", "alteração", "comentários", "comentário", "correções", "mudanças", "objeções", "erros",
		"modifiche", "commenti", "correzioni", "opmerkingen", "wijzigingen", "ändringar", "kommentarer", "ændringer", "endringer":
		return true
	}
	return false
}

// lackWord says that something is still to come.
func lackWord(w string) bool {
	switch w {
	case "missing", "lacks", "lacking", "left", "remain", "remains", "remaining", "need", "needs", "still", "pending", "almost", "nearly", "half", "partly", "soon", "later", "tomorrow", "waiting", "todo", "better", "will",
		"fehlt", "fehlen", "fehlte", "offen", "brauche", "brauchen", "braucht", "fast", "beinahe", "halb", "teilweise", "bald", "später", "morgen", "steht", "stehen", "muss", "müssen",
		"manque", "manquent", "reste", "restent", "encore", "besoin", "presque", "bientôt", "demain", "faut",
		"falta", "faltan", "faltam", "pendiente", "pendientes", "pendente", "pendentes", "queda", "quedan", "necesito", "preciso", "precisa", "casi", "quase", "todavía", "aún", "ainda", "pronto", "mañana", "amanhã", "depois", "luego",
		"manca", "mancano", "ancora", "quasi", "domani", "ontbreekt", "bijna", "saknas", "mangler", "nästan", "næsten", "nesten":
		return true
	}
	return false
}

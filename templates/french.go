package templates

import (
	"fmt"
	"time"
)

var (
	frenchMonths = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	frenchDays   = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
)

func frenchDate(t time.Time) string {
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %s %d", frenchDays[t.Weekday()], day, frenchMonths[t.Month()-1], t.Year())
}

var french = &language{
	tag:        "fr",
	name:       "French",
	day:        "jour",
	days:       "jours",
	one:        func(n int) bool { return n < 2 },
	and:        " et ",
	hello:      "Bonjour",
	greeting:   ",",
	date:       frenchDate,
	datetime:   func(t time.Time) string { return frenchDate(t) + t.Format(" à 15:04 (MST)") },
	noDate:     "aucune date",
	noSubject:  "votre message",
	answerWith: "répondez par ",
	colon:      "\u00a0: ",
	comma:      ",",
	thousands:  "\u202f",
	bytes:      [2]string{"octet", "octets"},
	units:      []string{"ko", "Mo", "Go", "To"},
	foot: foot{
		why:      "Vous recevez ce message parce que ",
		outside:  "Vous pouvez répondre directement à ce message.",
		inside:   "Répondez dans l’outil.",
		replies:  "Répondez par une ligne ou une commande (HELP les indique) ; les fichiers vont dans l’outil.",
		answered: "Répondez comme indiqué ci-dessus, ou dans l’outil.",
		stop:     "Pour ne plus recevoir ce type de rappel, répondez STOP.",
		stopPage: "Ou arrêtez-les ici",
	},
	stray: stray{
		check:  "À vérifier\u00a0:",
		yours:  "le message auquel celui-ci répond est venu de %[1]s, qui n’est pas enregistrée comme votre adresse. Il compte comme le vôtre, car il est arrivé à une adresse de réponse que personne d’autre n’a reçue\u00a0; mais toute personne à qui un de nos messages est transféré peut s’en servir. C’est donc vous qui recevez la réponse, et non cette adresse.",
		ask:    "Si c’était vous, répondez à ce message pour nous le dire\u00a0: la rédaction peut ajouter l’adresse. Sinon, dites-le-nous tout de suite.",
		theirs: "ceci est venu de %[1]s, adresse qui n’est pas enregistrée pour %[2]s. Le message compte pourtant comme le sien, car il est arrivé à une adresse de réponse que personne d’autre n’a reçue\u00a0; mais toute personne à qui un de nos messages est transféré peut s’en servir.",
		add:    "Si l’adresse est la bonne, %[1]s l’ajoute. Sinon, veuillez défaire ce que le message a fait.",
	},
	due: "%s\u00a0: échéance de l’étape «\u00a0%s\u00a0» de l’article «\u00a0%s\u00a0»",
	demo: demo{
		title: "Un premier essai",
		brief: "Écrivez quelques phrases sur le sujet de votre choix et envoyez-les en réponse, dans un fichier ou dans le message. Ce texte ne sera jamais publié\u00a0: il vous montre comment un article passe ici de main en main.",
	},
	stageNames: map[string]string{
		"pitch": "proposition", "draft": "rédaction", "review": "relecture", "copy_edit": "correction", "design": "mise en forme",
		"ready": "contrôle final", "published": "publication", "distributed": "diffusion",
	},
	phrases: frenchPhrases,
}

package templates

import (
	"fmt"
	"time"
)

var (
	spanishMonths = [...]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	spanishDays   = [...]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}
)

func spanishDate(t time.Time) string {
	return fmt.Sprintf("%s %d de %s de %d", spanishDays[t.Weekday()], t.Day(), spanishMonths[t.Month()-1], t.Year())
}

func spanishDatetime(t time.Time) string {
	at := ", a las "
	if t.Hour() == 1 {
		at = ", a la "
	}
	return spanishDate(t) + at + t.Format("15:04 (MST)")
}

var spanish = &language{
	tag:        "es",
	name:       "Spanish",
	day:        "día",
	days:       "días",
	one:        func(n int) bool { return n == 1 },
	and:        " y ",
	hello:      "Hola",
	vocative:   ", ",
	greeting:   ":",
	date:       spanishDate,
	datetime:   spanishDatetime,
	noDate:     "sin fecha",
	noSubject:  "su mensaje",
	answerWith: "responda con ",
	colon:      ": ",
	comma:      ",",
	thousands:  "\u00a0",
	bytes:      [2]string{"byte", "bytes"},
	units:      []string{"kB", "MB", "GB", "TB"},
	foot: foot{
		why:      "Recibe este mensaje porque ",
		outside:  "Para contestar, basta con responder a este mensaje.",
		inside:   "Conteste en la herramienta.",
		replies:  "Responda con una línea o un comando (HELP los enumera); los archivos van en la herramienta.",
		answered: "Conteste como se indica arriba o en la herramienta.",
		stop:     "Para no recibir más recordatorios de este tipo, responda con STOP.",
		stopPage: "O cancélelos aquí",
	},
	due: "%s: vence la etapa «%s» de «%s»",
	demo: demo{
		title: "Una primera prueba",
		brief: "Escriba unas frases sobre el tema que prefiera y envíelas como respuesta, en un archivo o en el propio mensaje. No se publicarán nunca: le muestran cómo pasa aquí un texto de mano en mano.",
	},
	stageNames: map[string]string{
		"pitch": "propuesta", "draft": "redacción", "review": "revisión", "copy_edit": "corrección", "design": "diseño",
		"ready": "control final", "published": "publicación", "distributed": "difusión",
	},
	phrases: spanishPhrases,
}

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
	stray: stray{
		check:  "Compruébelo:",
		yours:  "el mensaje al que este responde llegó desde %[1]s, que no figura entre sus direcciones. Cuenta como suyo porque llegó a una dirección de respuesta que solo recibió usted; pero también puede usarla quien reciba reenviado un mensaje nuestro. Por eso la respuesta le llega a usted, y no a esa dirección.",
		ask:    "Si fue usted, responda a este mensaje y díganoslo: su responsable editorial puede añadir la dirección. Si no, díganoslo enseguida.",
		theirs: "esto llegó desde %[1]s, que no figura entre las direcciones de %[2]s. Cuenta como suyo porque llegó a una dirección de respuesta que no recibió nadie más; pero también puede usarla quien reciba reenviado un mensaje nuestro.",
		add:    "Si la dirección es correcta, %[1]s la añade. Si no, deshaga lo que hizo el mensaje.",
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

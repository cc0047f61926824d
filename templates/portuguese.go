package templates

import (
	"fmt"
	"time"
)

var (
	portugueseMonths = [...]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"}
	portugueseDays   = [...]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"}
)

// portugueseDate has the weekday last: before it, "em" would have to agree with its gender.
func portugueseDate(t time.Time) string {
	return fmt.Sprintf("%d de %s de %d (%s)", t.Day(), portugueseMonths[t.Month()-1], t.Year(), portugueseDays[t.Weekday()])
}

func portugueseDatetime(t time.Time) string {
	at := ", às "
	if t.Hour() == 1 {
		at = ", à "
	}
	return portugueseDate(t) + at + t.Format("15:04 (MST)")
}

var portuguese = &language{
	tag:        "pt",
	name:       "Portuguese",
	day:        "dia",
	days:       "dias",
	one:        func(n int) bool { return n == 1 },
	and:        " e ",
	hello:      "Olá",
	vocative:   ", ",
	greeting:   ",",
	date:       portugueseDate,
	datetime:   portugueseDatetime,
	noDate:     "sem data",
	noSubject:  "a sua mensagem",
	answerWith: "responda com ",
	colon:      ": ",
	comma:      ",",
	thousands:  "\u00a0",
	bytes:      [2]string{"byte", "bytes"},
	units:      []string{"kB", "MB", "GB", "TB"},
	foot: foot{
		why:      "Recebe esta mensagem porque ",
		outside:  "Pode responder diretamente a esta mensagem.",
		inside:   "Responda na ferramenta.",
		replies:  "Responda com uma linha ou um comando (HELP indica quais); os ficheiros vão para a ferramenta.",
		answered: "Responda como indicado acima ou na ferramenta.",
		stop:     "Para não receber mais lembretes deste tipo, responda com STOP.",
		stopPage: "Ou cancele-os aqui",
	},
	due: "%s: prazo da etapa “%s” de “%s”",
	demo: demo{
		title: "Uma primeira tentativa",
		brief: "Escreva algumas frases sobre o tema que preferir e envie-as em resposta, em anexo ou na própria mensagem. Nunca serão publicadas: mostram como um texto passa aqui de mão em mão.",
	},
	stageNames: map[string]string{
		"pitch": "proposta", "draft": "redação", "review": "revisão", "copy_edit": "preparação de texto", "design": "design",
		"ready": "verificação final", "published": "publicação", "distributed": "divulgação",
	},
	phrases: portuguesePhrases,
}

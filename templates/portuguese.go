package templates

import (
	"fmt"
	"time"
)

var (
	portugueseMonths = [...]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"}
	portugueseDays   = [...]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"}
)

// portugueseDate begins with the weekday. No text has "em" before it, which would have to agree with its gender.
func portugueseDate(t time.Time) string {
	return fmt.Sprintf("%s, %d de %s de %d", portugueseDays[t.Weekday()], t.Day(), portugueseMonths[t.Month()-1], t.Year())
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
	stray: stray{
		check:  "Verifique, por favor:",
		yours:  "a mensagem a que esta responde veio de %[1]s, que não está entre os seus endereços. Conta como sua porque chegou a um endereço de resposta que só o destinatário recebeu; mas quem receber reencaminhada uma mensagem nossa também o pode usar. Por isso a resposta vem para aqui, e não para esse endereço.",
		ask:    "Se a enviou, responda a esta mensagem a dizê-lo: a pessoa responsável pela edição pode acrescentar o endereço. Se não, responda a dizê-lo de imediato.",
		theirs: "isto veio de %[1]s, que não está entre os endereços de %[2]s. Conta como enviado por essa pessoa porque chegou a um endereço de resposta que mais ninguém recebeu; mas quem receber reencaminhada uma mensagem nossa também o pode usar.",
		add:    "Se o endereço estiver certo, %[1]s acrescenta-o. Se não, desfaça o que a mensagem fez.",
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

package web

import (
	"fmt"
	"net/http"
	"strings"

	"handoff/templates"
	"handoff/workflow"
)

// words are what the pages say in one language; %s is a kind of mails.
type words struct {
	ask, askText      string // before a kind is stopped
	stop              string // the button that does it
	unread            string // what was sent could not be read
	stopped, noMore   string
	again, undo       string // the buttons that take it back: later, and at once
	back, backText    string
	others            string // what stays
	badLink           string
	badLinkText       [2]string
	broken            string
	brokenText        string
	noPage, noPageTxt string
}

// text is words with their language.
type text struct {
	words
	language templates.Wording
}

// textIn is that of the first of the locales that there are texts in, English if there is none.
func textIn(locales ...string) text {
	language := templates.WordingIn(locales...)
	return text{pageWords[language.Tag()], language}
}

// of puts the name of a kind of mails into a sentence.
func (t text) of(sentence string, kind *templates.Entry) string {
	return fmt.Sprintf(sentence, t.language.Say(strings.ReplaceAll(kind.Data.Template(), "_", " ")))
}

// speaks are the languages of who reads the page: their own, else what the browser asks for, else the team's.
func (s *site) speaks(r *http.Request, who workflow.Person) []string {
	locales := []string{who.Locale}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(part, ";")
		locales = append(locales, strings.TrimSpace(tag))
	}
	return append(locales, s.Locale)
}

// pageWords are by the language's tag, one for each of templates.Locales.
var pageWords = map[string]words{
	"en": {
		ask: "Stop these mails?", askText: "You get mails of the kind “%s”.", stop: "Stop these mails",
		unread:  "We could not read what your mail program sent. Press the button to get no more mails of the kind “%s”.",
		stopped: "These mails are stopped", noMore: "You get no more mails of the kind “%s”.", again: "Send them again", undo: "Undo",
		back: "You get these mails again", backText: "Mails of the kind “%s” reach you as before.",
		others:  "Only this kind stops. Work that is handed to you, and answers to your mails, still reach you.",
		badLink: "This link does not work",
		badLinkText: [2]string{"It may be cut short, or older than we can recognise. Nothing was changed.",
			"Open the link from the newest mail that you want to stop, or answer that mail with the one word STOP: that works, too."},
		broken: "That did not work", brokenText: "Something went wrong on our side, and nothing was changed. Please try again in a minute.",
		noPage:    "There is no page here",
		noPageTxt: "If a link in one of our mails led you here, it may be cut short: open it from the mail again, or answer the mail.",
	},
	"de": {
		ask: "Diese Mails abbestellen?", askText: "Sie bekommen Mails der Art „%s“.", stop: "Diese Mails abbestellen",
		unread:  "Was Ihr Mailprogramm geschickt hat, ließ sich nicht lesen. Mit dem Knopf bestellen Sie Mails der Art „%s“ ab.",
		stopped: "Diese Mails sind abbestellt", noMore: "Sie bekommen keine Mails der Art „%s“ mehr.", again: "Wieder schicken", undo: "Rückgängig machen",
		back: "Sie bekommen diese Mails wieder", backText: "Mails der Art „%s“ erreichen Sie wie zuvor.",
		others:  "Nur diese Art entfällt. Was Ihnen übergeben wird und Antworten auf Ihre Mails bekommen Sie weiterhin.",
		badLink: "Dieser Link funktioniert nicht",
		badLinkText: [2]string{"Vielleicht ist er abgeschnitten oder so alt, dass wir ihn nicht mehr erkennen. Geändert wurde nichts.",
			"Öffnen Sie den Link aus der neuesten Mail, die Sie abbestellen möchten, oder antworten Sie darauf mit dem einen Wort STOP: Auch das wirkt."},
		broken: "Das hat nicht geklappt", brokenText: "Bei uns ist etwas schiefgegangen, geändert wurde nichts. Bitte versuchen Sie es in einer Minute noch einmal.",
		noPage:    "Hier ist keine Seite",
		noPageTxt: "Wenn ein Link aus einer unserer Mails hierher führt, ist er vielleicht abgeschnitten: Öffnen Sie ihn noch einmal aus der Mail, oder antworten Sie darauf.",
	},
	"fr": {
		ask: "Ne plus recevoir ces messages ?", askText: "Vous recevez des messages du type « %s ».", stop: "Ne plus les recevoir",
		unread:  "Nous n’avons pas pu lire ce que votre messagerie a envoyé. Appuyez sur le bouton pour ne plus recevoir de messages du type « %s ».",
		stopped: "Vous ne recevez plus ces messages", noMore: "Vous ne recevez plus de messages du type « %s ».", again: "Les recevoir à nouveau", undo: "Annuler",
		back: "Vous recevez à nouveau ces messages", backText: "Les messages du type « %s » vous parviennent comme avant.",
		others:  "Seul ce type de message s’arrête. Le travail qui vous est confié et les réponses à vos messages vous parviennent toujours.",
		badLink: "Ce lien ne fonctionne pas",
		badLinkText: [2]string{"Il est peut-être coupé, ou trop ancien pour être reconnu. Rien n’a été changé.",
			"Ouvrez le lien du dernier message que vous ne voulez plus recevoir, ou répondez-y par le seul mot STOP : cela marche aussi."},
		broken: "Cela n’a pas marché", brokenText: "Un problème est survenu chez nous, et rien n’a été changé. Merci de réessayer dans une minute.",
		noPage:    "Il n’y a pas de page ici",
		noPageTxt: "Si un lien d’un de nos messages vous a mené ici, il est peut-être coupé : ouvrez-le à nouveau depuis le message, ou répondez à celui-ci.",
	},
	"es": {
		ask: "¿Dejar de recibir estos mensajes?", askText: "Recibe mensajes del tipo «%s».", stop: "Dejar de recibirlos",
		unread:  "No hemos podido leer lo que ha enviado su programa de correo. Pulse el botón para no recibir más mensajes del tipo «%s».",
		stopped: "Ya no recibe estos mensajes", noMore: "No recibirá más mensajes del tipo «%s».", again: "Volver a recibirlos", undo: "Deshacer",
		back: "Vuelve a recibir estos mensajes", backText: "Los mensajes del tipo «%s» le llegarán como antes.",
		others:  "Solo deja de llegar este tipo de mensajes. El trabajo que se le confía y las respuestas a sus mensajes le seguirán llegando.",
		badLink: "Este enlace no funciona",
		badLinkText: [2]string{"Quizá esté cortado, o sea demasiado antiguo para reconocerlo. No se ha cambiado nada.",
			"Abra el enlace del mensaje más reciente que no quiera recibir más, o respóndalo con la sola palabra STOP: también funciona."},
		broken: "No ha funcionado", brokenText: "Algo ha fallado por nuestra parte y no se ha cambiado nada. Inténtelo de nuevo dentro de un minuto, por favor.",
		noPage:    "Aquí no hay ninguna página",
		noPageTxt: "Si le ha traído un enlace de uno de nuestros mensajes, quizá esté cortado: ábralo de nuevo desde el mensaje, o respóndalo.",
	},
	"pt": {
		ask: "Deixar de receber estas mensagens?", askText: "Recebe mensagens do tipo “%s”.", stop: "Deixar de as receber",
		unread:  "Não conseguimos ler o que o seu programa de correio enviou. Prima o botão para não receber mais mensagens do tipo “%s”.",
		stopped: "Já não recebe estas mensagens", noMore: "Não receberá mais mensagens do tipo “%s”.", again: "Voltar a recebê-las", undo: "Anular",
		back: "Volta a receber estas mensagens", backText: "As mensagens do tipo “%s” chegam-lhe como antes.",
		others:  "Só este tipo de mensagens termina. O trabalho que lhe é entregue e as respostas às suas mensagens continuam a chegar-lhe.",
		badLink: "Este link não funciona",
		badLinkText: [2]string{"Talvez esteja cortado, ou seja demasiado antigo para o reconhecermos. Nada foi alterado.",
			"Abra o link da mensagem mais recente que não quer receber, ou responda-lhe com a única palavra STOP: também funciona."},
		broken: "Não funcionou", brokenText: "Algo correu mal do nosso lado e nada foi alterado. Por favor, tente de novo dentro de um minuto.",
		noPage:    "Aqui não há nenhuma página",
		noPageTxt: "Se chegou aqui por um link de uma das nossas mensagens, talvez esteja cortado: abra-o de novo a partir da mensagem, ou responda-lhe.",
	},
}

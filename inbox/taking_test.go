package inbox_test

import (
	"testing"

	"handoff/inbox"
)

// TestTaking: sentences that take a task, or turn it down with a reason or without.
func TestTaking(t *testing.T) {
	for _, text := range []string{
		"I'll take it.",
		"I’ll take it!",
		"Hi Ed,\n\nhappy to do this one.\n\nBest,\nMira",
		"Happy to do this!",
		"I'd be happy to write the piece.",
		"Thanks for asking. I'll do it by Friday.",
		"Yes, I'll take this one.",
		"I can do this.",
		"Count me in!",
		"I accept.",
		"I'd love to write this, thank you.",
		"Das übernehme ich gern.",
		"Ich übernehme das.",
		"Hallo Ed, ich mache das gerne.",
		"Gerne übernehme ich den Auftrag.",
		"Ich bin dabei!",
		"Ich nehme gerne an.",
		"Je m'en charge.",
		"Bonjour,\n\nj'accepte avec plaisir !",
		"Je le prends, merci.",
		"Avec plaisir !",
		"Je suis partante.",
		"Lo hago con mucho gusto.",
		"Me encargo yo.",
		"Cuenta conmigo.",
		"Acepto el encargo.",
		"Encantada de hacerlo.",
		"Eu faço isso.",
		"Aceito o trabalho.",
		"Podem contar comigo.",
		"Com muito prazer!",
		"Posso fazer isso.",
	} {
		m := read(t, answered(text), inbox.Options{})
		if m.Intent == nil || *m.Intent != (inbox.Intent{Command: inbox.Accept, Via: "phrase"}) {
			t.Errorf("%q: %+v", text, m.Intent)
		}
	}
	for text, why := range map[string]string{
		"I can't do this one.":                                                 "",
		"Sorry, I can't take this on at the moment.":                           "",
		"I can't do this one, I am abroad until May.":                          "I am abroad until May.",
		"I won't be able to write this because I am ill.":                      "because I am ill.",
		"Unfortunately I have to decline.\n\nBest,\nMira":                      "",
		"I'll pass on this one. Too much work already.":                        "Too much work already.",
		"Thanks, but I have to decline.":                                       "",
		"I'm afraid I can't take it.":                                          "",
		"I don't have time for this.":                                          "",
		"I am not able to take it on.":                                         "",
		"I'm sorry, I cannot lead the distribution.":                           "",
		"Ich kann die Verbreitung leider nicht übernehmen.":                    "",
		"Désolée, je ne peux pas m'occuper de la diffusion.":                   "",
		"Lo siento, no puedo encargarme de la difusión.":                       "",
		"Lo siento, no puedo encargarme de la difusión porque estoy de viaje.": "porque estoy de viaje.",
		"Lamentablemente no voy a poder ocuparme del texto.":                   "",
		"Desculpe, não posso encarregar-me da distribuição.":                   "",
		"Leider kann ich nicht übernehmen.":                                    "",
		"Leider kann ich das nicht übernehmen, ich bin verreist":               "ich bin verreist",
		"Das schaffe ich leider nicht.":                                        "",
		"Ich muss leider absagen.":                                             "",
		"Ich kann den Text nicht schreiben, weil ich krank bin.":               "weil ich krank bin.",
		"Leider muss ich ablehnen.\n\nViele Grüße\nMira":                       "",
		"Je ne peux pas l'accepter.":                                           "",
		"Je ne peux malheureusement pas m'en charger.":                         "",
		"Je dois refuser, car je pars en voyage.":                              "car je pars en voyage.",
		"Malheureusement, je ne pourrai pas le faire.":                         "",
		"Je suis obligée de décliner.":                                         "",
		"No puedo hacerlo.":                                                    "",
		"Lamentablemente no puedo aceptarlo, estoy de viaje.":                  "estoy de viaje.",
		"Tengo que rechazarlo.":                                                "",
		"No voy a poder escribirlo.":                                           "",
		"No tengo tiempo para esto.":                                           "",
		"Não posso aceitar.":                                                   "",
		"Infelizmente não vou conseguir.":                                      "",
		"Tenho de recusar, estou doente.":                                      "estou doente.",
		"Não vou poder fazer isto.":                                            "",
		"Não tenho tempo para isso.":                                           "",
	} {
		m := read(t, answered(text), inbox.Options{})
		if m.Intent == nil || *m.Intent != (inbox.Intent{Command: inbox.Decline, Via: "phrase", Argument: why}) {
			t.Errorf("%q: %+v", text, m.Intent)
		}
	}
}

// TestNotTaking: near misses.
func TestNotTaking(t *testing.T) {
	for _, text := range []string{
		"I'll take a look.",
		"I'll take it to the printer.",
		"I'll take it if you pay for the trip.",
		"I'll take it, but not this month.",
		"I'll take it. What is the fee?",
		"Will I take it?",
		"Should I do this?",
		"She says I'll take it.",
		"If you like, I'll do it.",
		"I can do this or the other one.",
		"I can do it again.",
		"I'll do my best.",
		"I'll write to you on Monday.",
		"I'll write it up with Ada.",
		"Happy to help.",
		"Happy to hear that!",
		"Happy Easter!",
		"I can't do this without the pictures.",
		"I can't do this today.",
		"I can't do this by Friday.",
		"I can't do it on my own.",
		"I can't open the file.",
		"I can't take more than two.",
		"Can't you do this?",
		"I can't do this if nobody answers.",
		"\"I'll take it\", she said.",
		"He said \"I can't do this\".",
		"I have to decline the word.",
		"I accept that the ending is weak.",
		"I accept most of your changes.",
		"Ich übernehme keine Haftung.",
		"Ich mache das morgen früh fertig.",
		"Ich mache das, wenn ich Zeit habe.",
		"Kann ich das übernehmen?",
		"Leider kann ich die Datei nicht öffnen.",
		"Das kann ich nicht ohne Bilder machen.",
		"Ich kann das nicht bis Freitag schreiben und schicken.",
		"Ich muss absagen, oder?",
		"Je prends note.",
		"Je prends le train.",
		"Je ne peux pas ouvrir le fichier.",
		"Je dois refuser ces changements.",
		"Avec plaisir, mais plus tard.",
		"Je le fais si vous voulez.",
		"Lo hago si hay tiempo.",
		"No puedo abrir el archivo.",
		"No puedo hacerlo sin las fotos.",
		"Acepto los cambios.",
		"Me encargo de las fotos.",
		"Con gusto te cuento más.",
		"Não posso abrir o arquivo.",
		"Não posso fazer isto sem as fotos.",
		"Aceito as mudanças.",
		"Eu faço uma pergunta.",
		"Faço isso se houver tempo.",
		"Posso fazer uma pergunta?",
		"I'll take it.\n\nNo, I can't do this one after all.",
	} {
		if m := read(t, answered(text), inbox.Options{}); m.Intent != nil {
			t.Errorf("%q: %+v", text, *m.Intent)
		}
	}
	m := read(t, []byte("From: mira@writers.example.net\nSubject: x\nDate: Tue, 10 Mar 2026 09:15:00 +0100\n\nI'll take it.\n"), inbox.Options{})
	if m.Intent != nil {
		t.Errorf("no answer: %+v", *m.Intent)
	}
}

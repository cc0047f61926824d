package inbox_test

import (
	"fmt"
	"strings"
	"testing"

	"handoff/inbox"
)

// answered is a mail of Tuesday, 10 March 2026 that answers one.
func answered(text string) []byte {
	return fmt.Appendf(nil, "From: Mira Osei <mira@writers.example.net>\nTo: drafts@agency.example\nSubject: Re: Ten ways to brew\nDate: Tue, 10 Mar 2026 09:15:00 +0100\nIn-Reply-To: <1@agency.example>\nContent-Type: text/plain; charset=utf-8\n\n%s\n", text)
}

// TestMoreTime: sentences that ask for more time, and the day or the number of days understood.
func TestMoreTime(t *testing.T) {
	for _, tc := range []struct {
		text, date string
		days       int
	}{
		{"Can I have until Friday?", "2026-03-13", 0},
		{"can i have until friday", "2026-03-13", 0},
		{"Could we push this to 12 December?", "2026-12-12", 0},
		{"I need three more days.", "", 3},
		{"I need until Monday, sorry.", "2026-03-16", 0},
		{"Could I please have another week?", "", 7},
		{"Hi Ed, could I have until 20 March to finish the interviews?", "2026-03-20", 0},
		{"Would it be possible to move the deadline to next Friday?", "2026-03-20", 0},
		{"Is there any chance I could get a few more days?", "", 0},
		{"I'd need 5 more days because the archive is closed.", "", 5},
		{"Could you give me until Thursday?", "2026-03-12", 0},
		{"Could you extend the deadline by a week?", "", 7},
		{"Can I send it on Monday?", "2026-03-16", 0},
		{"Would it be OK if I submitted the draft on Monday instead?", "2026-03-16", 0},
		{"Can I have until the 35th?", "", 0},
		{"Can I have until Blursday?", "", 0},
		{"Could I have until 31 February?", "", 0},
		{"Could I get an extension until Friday?", "2026-03-13", 0},
		{"I would like to ask for an extension of two weeks.", "", 14},
		{"I was wondering if I could have a bit more time?", "", 0},
		{"Unfortunately I'll need a week longer.", "", 7},
		{"Thanks for the reminder. Can we extend the deadline to the 20th?", "2026-03-20", 0},
		{"Do you mind if I send it on Thursday?", "2026-03-12", 0},
		{"Sorry for the delay!\n\nMay I have until tomorrow evening?\n\nMira", "2026-03-11", 0},
		{"Could we push it back a week?", "", 7},
		{"Ich brauche noch bis Montag.", "2026-03-16", 0},
		{"Könnte ich eine Woche mehr haben?", "", 7},
		{"Kann ich bis Freitag abgeben?", "2026-03-13", 0},
		{"Ich bräuchte leider noch drei Tage.", "", 3},
		{"Könnten wir das auf den 12. Dezember verschieben?", "2026-12-12", 0},
		{"Wäre es möglich, die Frist bis 20. März zu verlängern?", "2026-03-20", 0},
		{"Leider brauche ich noch eine Woche.", "", 7},
		{"Darf ich den Text am Montag schicken?", "2026-03-16", 0},
		{"Können Sie mir bis Donnerstag Zeit geben?", "2026-03-12", 0},
		{"Ich benötige zwei weitere Tage, weil das Archiv zu ist.", "", 2},
		{"Kann ich bis zum 35. haben?", "", 0},
		{"Est-ce que je peux avoir jusqu'à vendredi ?", "2026-03-13", 0},
		{"Est-ce que je peux avoir jusqu’au 20 mars ?", "2026-03-20", 0},
		{"Pourrais-je avoir une semaine de plus ?", "", 7},
		{"J'ai besoin de trois jours supplémentaires.", "", 3},
		{"Serait-il possible de repousser la date à lundi ?", "2026-03-16", 0},
		{"Puis-je rendre le texte lundi ?", "2026-03-16", 0},
		{"Il me faudrait encore deux jours.", "", 2},
		{"¿Puedo entregarlo el lunes?", "2026-03-16", 0},
		{"¿Podría tener hasta el viernes?", "2026-03-13", 0},
		{"Necesito tres días más.", "", 3},
		{"¿Sería posible ampliar el plazo hasta el 20 de marzo?", "2026-03-20", 0},
		{"¿Me das una semana más?", "", 7},
		{"Necesito otra semana, por favor.", "", 7},
		{"Posso entregar na segunda-feira?", "2026-03-16", 0},
		{"Preciso de mais três dias.", "", 3},
		{"Posso ter até sexta-feira?", "2026-03-13", 0},
		{"Seria possível adiar o prazo para 20 de março?", "2026-03-20", 0},
		{"Posso avere tempo fino a venerdì?", "2026-03-13", 0},
		{"Ho bisogno di altri tre giorni.", "", 3},
		{"Potrei consegnarlo lunedì?", "2026-03-16", 0},
		{"Mi serve ancora una settimana.", "", 7},
		{"Mag ik het maandag inleveren?", "2026-03-16", 0},
		{"Ik heb nog drie dagen nodig.", "", 3},
		{"Kan ik tot vrijdag krijgen?", "2026-03-13", 0},
		{"Ik heb nog tot maandag nodig.", "2026-03-16", 0},
		{"Kan jag få till fredag?", "2026-03-13", 0},
		{"Jag behöver tre dagar till.", "", 3},
		{"Skulle jag kunna lämna in på måndag?", "2026-03-16", 0},
		{"Kan jeg få til fredag?", "2026-03-13", 0},
		{"Jeg har brug for tre dage mere.", "", 3},
		{"Må jeg aflevere på mandag?", "2026-03-16", 0},
		{"Jeg trenger tre dager til.", "", 3},
		{"Kan vi utsette fristen til mandag?", "2026-03-16", 0},
		{"Kan jeg levere på fredag?", "2026-03-13", 0},
	} {
		m := read(t, answered(tc.text), inbox.Options{})
		switch in := m.Intent; {
		case in == nil:
			t.Errorf("%s: nothing", tc.text)
		case in.Command != inbox.Extend || in.Via != "phrase" || in.Date != tc.date || in.Days != tc.days:
			t.Errorf("%s: %+v", tc.text, *in)
		case !strings.Contains(strings.ReplaceAll(tc.text, "\n", " "), in.Argument) || in.Argument == "":
			t.Errorf("%s: argument %q", tc.text, in.Argument)
		}
	}
}

// TestNoMoreTime: sentences with the same words that ask for something else, or for nothing.
func TestNoMoreTime(t *testing.T) {
	for _, text := range []string{
		"You have until Friday.",
		"You can have until Friday.",
		"Can you have it ready by Friday?",
		"Can you send it by Friday?",
		"Could you send me the draft by Friday?",
		"Can I have the draft by Friday?",
		"Can I have the pictures until Friday?",
		"Can I have the draft until Friday?",
		"Can I have Friday off?",
		"Can I have until Friday off?",
		"Can we move the call to Friday?",
		"Could we move the meeting to 12 December?",
		"Could we move this to page 3?",
		"Could we push this to Friday's newsletter?",
		"Can I call you on Monday?",
		"Can I send you the invoice on Monday?",
		"Can I send it to Ada on Monday?",
		"Can I send it by mail?",
		"When can I send it on Monday?",
		"How can I have more time for my garden?",
		"Why can I have until Friday?",
		"She asked: can I have until Friday?",
		"You wrote \"can I have until Friday?\"",
		"> Can I have until Friday?\n\nNo.",
		"I need the pictures until Friday.",
		"I need three more examples.",
		"I need two days for each interview.",
		"I need more than three days.",
		"I don't need until Friday.",
		"I no longer need three more days.",
		"I need another week off.",
		"I need it until Friday.",
		"I need more coffee.",
		"I needed three more days last time.",
		"I will be away until Friday.",
		"I am in Berlin for three more days.",
		"We have three more days.",
		"The deadline is Friday.",
		"Is the deadline Friday?",
		"Until Friday!",
		"See you on Friday?",
		"It takes a week more than the others.",
		"I will send it on Monday.",
		"Sie haben bis Freitag Zeit.",
		"Du hast noch drei Tage.",
		"Können Sie mir den Text bis Freitag schicken?",
		"Könnten Sie mir bis Montag Bescheid geben?",
		"Ich brauche bis Montag die Bilder.",
		"Ich brauche noch die Bilder.",
		"Ich brauche das bis Montag.",
		"Ich brauche bis Montag eine Antwort.",
		"Ich bin noch bis Montag in Berlin.",
		"Kann ich Sie am Montag anrufen?",
		"Wann kann ich am Montag abgeben?",
		"Ich brauche drei Tage Urlaub.",
		"Vous avez jusqu'à vendredi.",
		"Pouvez-vous m'envoyer le texte vendredi ?",
		"J'ai besoin de vous jusqu'à vendredi.",
		"J'ai besoin des photos avant lundi.",
		"Je peux avoir une photo de plus ?",
		"Tienes hasta el viernes.",
		"¿Puedes entregarlo el lunes?",
		"Puedo entregarlo el lunes.",
		"Necesito las fotos para el lunes.",
		"Necesito tres fotos más.",
		"Tem até sexta-feira.",
		"Pode entregar na segunda-feira?",
		"Preciso das fotos até sexta-feira.",
		"Hai tempo fino a venerdì.",
		"Puoi consegnarlo lunedì?",
		"Ho bisogno delle foto entro lunedì.",
		"Je hebt tot vrijdag.",
		"Ik heb nog tot maandag.",
		"Kun je het maandag inleveren?",
		"Du har till fredag.",
		"Kan du skicka den på fredag?",
		"Jag behöver bilderna till fredag.",
		"Kan du levere på fredag?",
		"Jeg trenger bildene til mandag.",
		"Can I have until Friday? " + strings.Repeat("And then the story went on for a good while. ", 15),
	} {
		if m := read(t, answered(text), inbox.Options{}); m.Intent != nil && m.Intent.Command == inbox.Extend {
			t.Errorf("%s: %+v", text, *m.Intent)
		}
	}
}

// TestMoreTimeWithDraft: what comes with a draft speaks of the draft.
func TestMoreTimeWithDraft(t *testing.T) {
	for name, want := range map[string]bool{"draft.docx": false, "ten-ways.pdf": false, "photo.jpg": true} {
		raw := "From: mira@writers.example.net\nSubject: Re: x\nDate: Tue, 10 Mar 2026 09:15:00 +0100\nIn-Reply-To: <1@agency.example>\nContent-Type: multipart/mixed; boundary=b\n\n" +
			"--b\nContent-Type: text/plain\n\nCan I have until Friday?\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=" + name + "\n\nx\n--b--\n"
		if m := read(t, []byte(raw), inbox.Options{}); (m.Intent != nil) != want {
			t.Errorf("%s: %+v", name, m.Intent)
		}
	}
}

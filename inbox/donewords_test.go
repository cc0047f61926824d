package inbox_test

import (
	"testing"

	"handoff/inbox"
)

// TestDone: a “done” with a short clause behind it is one, unless that takes some of it back.
func TestDone(t *testing.T) {
	for text, want := range map[string]bool{
		"Done, only commas.": true, "Done. Only commas.": true, "Done – only a few typos": true, "Done - just commas": true, "Done (only commas)": true, "Hi Ed,\n\nDone, only small things this time.\n\nMira": true,
		"Done, no changes.": true, "Done, no further comments": true, "Done, no changes needed.": true, "Finished: I moved the second paragraph up.": true, "DONE only commas": true,
		"Fertig, nur Kommas.": true, "Erledigt, keine Änderungen": true, "Fertig, ohne Anmerkungen.": true, "Erledigt. Nur Kleinigkeiten.": true,
		"Terminé, seulement des virgules.": true, "Terminé, pas de remarques": true, "Fini, juste quelques virgules.": true, "Terminé, sans changement.": true,
		"Hecho, solo comas.": true, "Hecho, sin cambios.": true, "Terminado: unas comas.": true,
		"Feito, só vírgulas.": true, "Feito, sem alterações.": true, "Concluído, apenas vírgulas.": true,

		"Done is better than perfect, so I still need a week.": false, "not done yet": false, "Not done, only commas": false, "Done? Only the first half.": false, "Done, except for the pictures.": false,
		"Done, but the pictures are missing": false, "Done, only the pictures are missing.": false, "Done. I still need the chart.": false, "Done, almost.": false, "Done, by Friday.": false, "Done, no pictures": false,
		"Done, only I could not check the numbers on page two": false, "Done with part one": false, "Done deal, they say.": false, "Done. Not.": false, "Done, pictures follow tomorrow": false, "Done half of it": false,
		"Fertig, nur die Bilder fehlen.": false, "Fertig, aber ohne Bilder": false, "Noch nicht fertig.": false, "Fertig ist anders, ich brauche noch eine Woche.": false, "Fertig, bis auf die Bilder, die kommen morgen": false, "Fast fertig.": false,
		"Terminé, il manque une image.": false, "Pas terminé.": false, "Terminé, sauf les images.": false, "Fini, presque.": false, "Terminé demain, promis": false,
		"Hecho, faltan las fotos.": false, "Aún no hecho.": false, "Hecho, casi.": false, "Hecho, salvo las fotos": false,
		"Feito, falta a foto.": false, "Ainda não feito.": false, "Feito, quase.": false, "Feito, mas sem a foto.": false,
	} {
		m := read(t, answered(text), inbox.Options{})
		if got := m.Intent != nil && m.Intent.Command == inbox.Done; got != want {
			t.Errorf("%q: done %v, want %v (%+v)", text, got, want, m.Intent)
		}
	}
}

package templates

import (
	"fmt"
	"time"
)

var (
	germanMonths = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
	germanDays   = [...]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}
)

func germanDate(t time.Time) string {
	return fmt.Sprintf("%s, %d. %s %d", germanDays[t.Weekday()], t.Day(), germanMonths[t.Month()-1], t.Year())
}

var german = &language{
	tag:        "de",
	name:       "German",
	day:        "Tag",
	days:       "Tage",
	one:        func(n int) bool { return n == 1 },
	and:        " und ",
	hello:      "Guten Tag",
	greeting:   ",",
	date:       germanDate,
	datetime:   func(t time.Time) string { return germanDate(t) + t.Format(", 15:04 Uhr (MST)") },
	noDate:     "kein Termin",
	noSubject:  "Ihre Mail",
	answerWith: "antworten Sie mit ",
	colon:      ": ",
	comma:      ",",
	thousands:  ".",
	bytes:      [2]string{"Byte", "Byte"},
	units:      []string{"kB", "MB", "GB", "TB"},
	foot: foot{
		why:      "Sie bekommen diese Mail, weil ",
		outside:  "Sie können direkt auf diese Mail antworten.",
		inside:   "Antworten Sie im System.",
		replies:  "Antworten Sie mit einer Zeile oder einem Befehl (HELP nennt sie); Dateien gehören ins System.",
		answered: "Antworten Sie wie oben angegeben oder im System.",
		stop:     "Wenn Sie solche Erinnerungen nicht mehr wünschen, antworten Sie mit STOP.",
		stopPage: "Oder bestellen Sie sie hier ab",
	},
	stray: stray{
		check:  "Bitte prüfen Sie:",
		yours:  "Die Mail, die hier beantwortet wird, kam von %[1]s. Diese Adresse ist nicht als Ihre eingetragen. Die Mail gilt als Ihre, weil sie an eine Antwortadresse ging, die nur Sie bekommen haben; aber auch wer eine unserer Mails weitergeleitet bekommt, kann diese benutzen. Deshalb geht die Antwort an Sie und nicht dorthin.",
		ask:    "Wenn Sie das waren, antworten Sie auf diese Mail und schreiben Sie es uns: Ihre Redaktion kann die Adresse eintragen. Wenn nicht, schreiben Sie uns das bitte sofort.",
		theirs: "Das kam von %[1]s. Diese Adresse ist nicht für %[2]s eingetragen. Die Mail zählt trotzdem als Mail dieser Person, weil sie an eine Antwortadresse ging, die sonst niemand bekommen hat; aber auch wer eine unserer Mails weitergeleitet bekommt, kann diese benutzen.",
		add:    "Wenn die Adresse stimmt, trägt %[1]s sie ein. Wenn nicht, machen Sie bitte rückgängig, was die Mail bewirkt hat.",
	},
	due: "%s: Schritt „%s“ von „%s“ fällig",
	demo: demo{
		title: "Ein erster Versuch",
		brief: "Schreiben Sie ein paar Sätze über ein beliebiges Thema und senden Sie sie als Antwort, als Datei oder in der Mail. Der Text wird nie veröffentlicht: Er zeigt Ihnen, wie ein Beitrag hier von Hand zu Hand geht.",
	},
	stageNames: map[string]string{
		"pitch": "Themenvorschlag", "draft": "Entwurf", "review": "Prüfung", "copy_edit": "Lektorat", "design": "Gestaltung",
		"ready": "Schlusskontrolle", "published": "Veröffentlichung", "distributed": "Verbreitung",
	},
	phrases: germanPhrases,
}

package main

import (
	"fmt"
	"testing"

	"handoff/internal/mailtest"
)

// Versions are compared by their documents, or by their text where they bring none.
func TestPieceDiff(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("poll", "--once")
	sent := 0
	send := func(text string, files ...mailtest.File) {
		sent++
		a.send(mailtest.Mail{Subject: "My draft [BREW-1]", MessageID: fmt.Sprintf("draft-%d@writers.example", sent), Text: text, Attachments: files})
		a.run("poll", "--once")
	}
	markdown := func(text string) mailtest.File {
		return mailtest.File{Name: "brew.md", Type: "text/markdown", Data: []byte(text)}
	}
	a.try("piece", "diff", "BREW-1").want(t, exitFailed, "BREW-1 has 0 versions: there is nothing to compare yet")
	a.try("piece", "diff", "NONE-1").want(t, exitFailed, "there is no piece NONE-1")
	send("Hello Ed, here it is.", markdown("# Kettles\n\nPour the big kettle at 90 degrees.\n"))
	a.try("piece", "diff", "BREW-1").want(t, exitFailed, "BREW-1 has 1 version:")
	send("Hello Ed, better now.", markdown("# Kettles\n\nPour the big kettle\nat 93 degrees.\n"))
	a.try("piece", "diff", "brew-1").want(t, exitOK, "BREW-1, version 1 to 2: 1 word added, 1 removed\n", "Kettles: Pour the big kettle at [-90-] {+93+} degrees.\n")
	a.try("piece", "diff", "BREW-1", "--from", "2", "--to", "2").want(t, exitUsage, "both version 2")
	a.try("piece", "diff", "BREW-1", "--to", "1").want(t, exitUsage, "version 1 is the first of BREW-1")
	a.try("piece", "diff", "BREW-1", "--from", "7").want(t, exitUsage, "--from: BREW-1 has no version 7")
	send("Hello Ed, finally.", draftMail.Attachments...)
	a.try("piece", "diff", "BREW-1").want(t, exitFailed, "version 3 cannot be compared: brew.docx was not read: it is damaged", "handoff mail save 3")
	a.try("piece", "diff", "BREW-1", "--from", "1", "--to", "2").want(t, exitOK, "{+93+}")
}

package main

import (
	"fmt"
	"strings"
	"testing"

	"handoff/internal/mailtest"
	"handoff/proxy"
	"handoff/workflow"
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
	send("Hello Ed, now with a picture.", mailtest.File{Name: "kettle.png", Type: "image/png", Data: []byte("\x89PNG\r\n\x1a\n")}, markdown("## Kettles\n\nPour the **big** kettle at [94](https://kettles.example) degrees.\n"))
	a.try("piece", "diff", "BREW-1").want(t, exitOK, "Kettles: Pour the big kettle at [-93-] {+94 (https://kettles.example)+} degrees.\n")
	if _, receipt, _ := strings.Cut(a.sentTo("ana"), "version 3"); !strings.Contains(receipt, "What has changed since version 2:") || !strings.Contains(receipt, "> Kettles: Pour the big kettle at [-93-]") {
		t.Errorf("the receipt of version 3 does not say what changed:\n%s", receipt)
	}
	send("Hello Ed, finally.", draftMail.Attachments...)
	a.try("piece", "diff", "BREW-1").want(t, exitFailed, "version 4 cannot be compared: brew.docx was not read: it is damaged", "handoff mail save 4")
	a.try("piece", "diff", "BREW-1", "--from", "1", "--to", "2").want(t, exitOK, "{+93+}")
	if _, receipt, _ := strings.Cut(a.sentTo("ana"), "version 4"); receipt == "" || strings.Contains(receipt, "What has changed") {
		t.Errorf("the receipt of version 4, which cannot be read:\n%s", receipt)
	}
}

// A short mail that only brings pictures or links is no version of the text, and of an answer only its author's words are one.
func TestVersionsInTheMail(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("poll", "--once")
	sent := 0
	send := func(m mailtest.Mail) {
		sent++
		m.Subject, m.MessageID = "My draft [BREW-1]", fmt.Sprintf("draft-%d@writers.example", sent)
		a.send(m)
		a.run("poll", "--once")
	}
	long := strings.Repeat("Pour the water slowly. ", 40)
	send(mailtest.Mail{Text: long + "It takes five minutes."})
	send(mailtest.Mail{Text: "Here it is: https://docs.google.com/document/d/1abc/edit"})
	a.try("piece", "diff", "BREW-1").want(t, exitFailed, "version 2 cannot be compared: it brings no text that could be read here, but other files or links")
	send(mailtest.Mail{Text: long + "It takes six minutes: https://docs.google.com/document/d/1abc/edit"})
	a.try("piece", "diff", "BREW-1", "--from", "1").want(t, exitOK, "BREW-1, version 1 to 3: ", "{+six+}")
	send(mailtest.Mail{
		Text:      long + "It takes seven minutes: https://docs.google.com/document/d/1abc/edit\n\nOn 20 Nov 2026, Agency wrote:\n> " + strings.Repeat("Please look at it. ", 60) + "\n",
		InReplyTo: "draft-1@writers.example",
	})
	a.try("piece", "diff", "BREW-1").want(t, exitOK, "BREW-1, version 3 to 4: 1 word added, 1 removed", "[-six-] {+seven+}")
	if _, receipt, _ := strings.Cut(a.sentTo("ana"), "version 4"); !strings.Contains(receipt, "1 word added, 1 removed") {
		t.Errorf("the receipt of version 4 compares what it answers:\n%s", receipt)
	}
}

// A review that was numbered among the versions is compared with nothing unless that is asked for.
func TestTwoVersionsWithoutReviews(t *testing.T) {
	p := workflow.Piece{Code: "BREW-1", AuthorID: 1, EditorID: 2}
	entries := []proxy.Entry{{Version: 1, PersonID: 1}, {Version: 2, PersonID: 9}, {Version: 3, PersonID: 1}, {Version: 4, PersonID: 9}}
	for want, asked := range map[[2]int][2]int{{1, 3}: {0, 0}, {2, 4}: {2, 4}, {3, 4}: {0, 4}} {
		from, to, err := twoVersions(p, entries, asked[0], asked[1])
		if err != nil || from.Version != want[0] || to.Version != want[1] {
			t.Errorf("%v: %d to %d, %v", asked, from.Version, to.Version, err)
		}
	}
}

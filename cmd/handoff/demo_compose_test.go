package main

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/workflow"
)

var demoNow = time.Date(2026, 3, 31, 23, 30, 0, 0, time.UTC)

func TestLetterRoundTrip(t *testing.T) {
	l := letter{
		from: mail.Address{Name: tomas.name, Address: tomas.address()}, to: []string{demoMailbox}, subject: "Grüße: ein Entwurf", date: demoNow,
		messageID: "1@agency.example", inReplyTo: "0@agency.example", references: []string{"t@agency.example", "0@agency.example"},
		text: "Hallo,\nänderte alles = neu.\n", html: "<p>Hallo</p>",
		files: []letterFile{{"zwei wörter.pdf", pdfType, bytes.Repeat([]byte{0, 1, 2, 255}, 100)}},
	}
	raw, err := l.bytes()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) {
		t.Error("a line does not end in CRLF")
	}
	got, err := openMail(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got.text != l.text || got.subject() != l.subject || got.messageID != l.messageID {
		t.Errorf("got %q, %q, %q", got.text, got.subject(), got.messageID)
	}
	if diff := cmp.Diff(l.references, got.references); diff != "" {
		t.Error(diff)
	}

	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	if _, err := parts.NextPart(); err != nil {
		t.Fatal(err)
	}
	file, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if file.FileName() != "zwei wörter.pdf" {
		t.Errorf("the file's name is %q", file.FileName())
	}
	content, err := io.ReadAll(file)
	if err != nil || len(content) == 0 {
		t.Errorf("the file reads as %d bytes, %v", len(content), err)
	}
	for line := range strings.Lines(string(content)) {
		if len(strings.TrimRight(line, "\r\n")) > 76 {
			t.Errorf("a base64 line has %d characters", len(line))
		}
	}
}

func TestAnswerQuotesAndThreads(t *testing.T) {
	notice := received{header: mail.Header{
		"Reply-To": {"<drafts+abc@agency.example>"}, "Subject": {"Due soon"}, "Date": {demoNow.Add(-time.Hour).Format(time.RFC1123Z)},
	}, text: "Line one\n\nLine two\n", messageID: "n@agency.example", references: []string{"thread@agency.example"}}
	l, err := notice.answer(lena, "Here.", demoNow, "x@brandt.example")
	if err != nil {
		t.Fatal(err)
	}
	if l.to[0] != "drafts+abc@agency.example" || l.subject != "Re: Due soon" || l.inReplyTo != "n@agency.example" {
		t.Errorf("to %s, subject %q, in reply to %s", l.to[0], l.subject, l.inReplyTo)
	}
	if diff := cmp.Diff([]string{"thread@agency.example", "n@agency.example"}, l.references); diff != "" {
		t.Error(diff)
	}
	want := "Here.\n\nOn Tue, 31 Mar 2026 at 22:30, Agency Example <drafts@agency.example> wrote:\n> Line one\n>\n> Line two\n"
	if diff := cmp.Diff(want, l.text); diff != "" {
		t.Error(diff)
	}
}

func TestDemoCastHoldsTogether(t *testing.T) {
	ids := map[string]int64{}
	for i, p := range demoTeamPlayers() {
		ids[p.address()] = int64(i + 1)
	}
	if ids[""] != 0 || len(ids) != len(demoTeamPlayers()) {
		t.Fatal("two people share an address")
	}
	rules := workflow.ReminderRules{SoonDays: []int{3}, OverdueDays: []int{1, 3, 7}, EscalateDays: []int{3}}
	// At every hour the same reminders are due, and none comes due within the run.
	for hour := range 24 {
		now := time.Date(2026, 10, 25, hour, 59, 59, 0, time.UTC)
		due := map[string]int{}
		for i, d := range demoPieces() {
			p, _, err := d.piece(ids, now)
			if err != nil {
				t.Fatalf("%s: %v", d.code, err)
			}
			p.ID = int64(i + 1)
			reminders, _ := workflow.Reminders(p, rules, now.Add(time.Hour), func(id int64) workflow.Person { return workflow.Person{ID: id} })
			for _, r := range reminders {
				if !r.Superseded {
					due[d.code+" "+r.Rule]++
				}
			}
		}
		want := map[string]int{
			"BLOOM-7 due_soon": 1, "SOLAR-12 due_soon": 1, "TIDE-3 due_soon": 1, "GRID-9 due_soon": 1, "HEAT-4 due_soon": 1,
			"WIND-2 overdue": 1, "WIND-2 overdue_editor": 1,
		}
		if diff := cmp.Diff(want, due); diff != "" {
			t.Errorf("at %d h: %s", hour, diff)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"a longerthanthat b", 6, []string{"a", "longer", "thanth", "at b"}},
		{"日本語 の", 4, []string{"日本", "語", "の"}},
		{"no\x1b[31m red\nline", 40, []string{"no [31m red line"}},
	} {
		if diff := cmp.Diff(c.want, wrap(c.text, c.width)); diff != "" {
			t.Errorf("%q at %d: %s", c.text, c.width, diff)
		}
	}
}

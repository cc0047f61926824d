package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/mail"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"handoff/inbox"
	"handoff/internal/mailtest"
)

// send hands a mail of ana's to the agency's mailbox by SMTP.
func (a *agency) send(m mailtest.Mail) {
	a.t.Helper()
	if m.From == "" {
		m.From = "Ana Lima <ana@writers.example>"
	}
	m.To = "drafts@agency.example"
	m.Date = time.Now()
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		a.t.Fatal(err)
	}
	user, _, _ := strings.Cut(from.Address, "@")
	if err := mailtest.Send(a.t.Context(), a.office.SMTPAddr, user, testPassword, from.Address, []string{m.To}, m.Bytes()); err != nil {
		a.t.Fatal(err)
	}
}

var draftMail = mailtest.Mail{
	Subject: "My draft [BREW-1]", MessageID: "draft-1@writers.example", Text: "Hello Ed,\n\nhere is the draft.\n\nAna\n",
	Attachments: []mailtest.File{{Name: "brew.docx", Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Data: []byte("PK\x03\x04 a draft")}},
}

// exported are the rows of one kind.
func (a *agency) exported(kind string) []map[string]any {
	a.t.Helper()
	var rows []map[string]any
	for line := range strings.Lines(a.run("export", "--json", "--kind", kind)) {
		var l struct {
			Kind string
			Row  map[string]any
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Kind != kind {
			a.t.Fatalf("%v in %s", err, line)
		}
		rows = append(rows, l.Row)
	}
	return rows
}

// sentTo is the text of all mails in somebody's mailbox.
func (a *agency) sentTo(user string) string {
	a.t.Helper()
	raws, err := a.office.Mails(user, "INBOX")
	if err != nil {
		a.t.Fatal(err)
	}
	var b strings.Builder
	for _, raw := range raws {
		m, err := inbox.Read(a.t.Context(), bytes.NewReader(raw), int64(len(raw)), inbox.Options{})
		if err != nil {
			a.t.Fatal(err)
		}
		b.WriteString(m.Body + "\n")
	}
	return b.String()
}

// inboxOf are the subjects in somebody's mailbox.
func (a *agency) inboxOf(user string) []string {
	a.t.Helper()
	raws, err := a.office.Mails(user, "INBOX")
	if err != nil {
		a.t.Fatal(err)
	}
	var subjects []string
	for _, raw := range raws {
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			a.t.Fatal(err)
		}
		subjects = append(subjects, m.Header.Get("Subject"))
	}
	return subjects
}

// The main job by cron: a mail becomes an entry, its author hears of it, and the next owner too.
func TestPollJourney(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.try("poll", "--once").want(t, exitOK, "0 mails taken in") // starts at the newest mail
	a.send(draftMail)
	a.try("poll", "--once").want(t, exitOK, "1 mail taken in")

	entries := a.exported("entry")
	if len(entries) != 1 || entries[0]["version"] != 1.0 {
		t.Fatalf("entries: %v", entries)
	}
	if got := a.inboxOf("ana"); len(got) != 1 || !strings.Contains(got[0], "My draft [BREW-1]") {
		t.Errorf("ana's mailbox: %q", got)
	}
	if got := a.inboxOf("ed"); len(got) == 0 {
		t.Error("the next owner heard of nothing")
	}
	a.try("piece", "show", "BREW-1").want(t, exitOK, "brew.docx", "version 1 by Ana Lima")
	a.try("mail", "list").want(t, exitOK, "no mail waits for a decision", "handoff mail list --all")
	a.try("mail", "show", "1").want(t, exitOK, "here is the draft", "trace", "file on BREW-1")
	a.try("mail", "save", "1", "--to", a.dir).want(t, exitOK, "brew.docx")
	a.try("mail", "save", "1", "--to", a.dir).want(t, exitOK, "brew (2).docx")
	a.try("status").want(t, exitOK, "1 filed", "ok")
	a.try("poll", "--once").want(t, exitOK, "0 mails taken in, 0 sent")

	m := draftMail // what it asks for is refused, and the list says so
	m.MessageID, m.Text, m.Attachments = "done@writers.example", "DONE", nil
	a.send(m)
	a.try("poll", "--once").want(t, exitOK, "1 mail taken in")
	a.try("mail", "list", "--action", "file", "--limit", "1").want(t, exitOK, "refused to Ana Lima: “done”")
	a.try("mail", "list", "--action", "act").want(t, exitOK)
}

// What Handoff cannot decide waits for a person, who decides by command.
func TestTriageJourney(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("piece", "add", "TEA-1", "--title", "Oolong", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--stage", "draft", "--no-notify")
	a.run("poll")
	m := draftMail
	m.Subject = "here you are"
	a.send(m)
	m.Subject, m.MessageID = "something else", "else@writers.example"
	a.send(m)
	a.run("poll")
	a.try("mail", "list").want(t, exitOK, "here you are", "hold", "something else")
	a.try("status").want(t, exitOK, "2 mails wait for a decision")
	a.try("replay").want(t, exitOK, "2 replayed: 0 decided otherwise")
	a.try("mail", "file", "1", "TEA-1", "--as", "ana@writers.example").want(t, exitFailed, "cannot file mail on TEA-1")
	a.try("mail", "file", "1", "TEA-1", "--as", "ed@agency.example").want(t, exitOK, "mail 1 is filed on TEA-1")
	a.try("mail", "file", "1", "TEA-1", "--as", "ed@agency.example").want(t, exitFailed, "handoff: ")
	a.try("mail", "ignore", "2", "--as", "ed@agency.example", "--reason", "sent twice").want(t, exitOK, "mail 2 is set aside")
	a.try("mail", "ignore", "2", "--as", "ed@agency.example").want(t, exitFailed, "does not wait for a decision")
	a.try("mail", "list").want(t, exitOK)
	a.try("replay").want(t, exitOK, "no mail is waiting")
	a.try("piece", "show", "TEA-1").want(t, exitOK, "version 1 by Ana Lima")
	if n := len(a.exported("entry")); n != 1 {
		t.Errorf("%d entries", n)
	}
}

// With a configuration, explain knows the team and leaves no trace.
func TestExplainKnowsTheTeam(t *testing.T) {
	a := newAgency(t)
	a.open()
	m := draftMail
	m.From, m.To = "Ana Lima <ana@writers.example>", "drafts@agency.example"
	m.Header = []string{"Authentication-Results: mx.agency.example; dmarc=pass header.from=writers.example"}
	a.write("draft.eml", string(m.Bytes()))
	a.try("explain", a.path("draft.eml")).want(t, exitOK, "file on BREW-1")
	if n := len(a.exported("message")); n != 0 {
		t.Errorf("explain recorded %d mails", n)
	}
	a.run("poll")
	a.send(draftMail)
	a.run("poll")
	a.write("recorded.eml", a.run("mail", "show", "1", "--raw"))
	a.try("explain", a.path("recorded.eml")).want(t, exitOK, "file on BREW-1")
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve picks mail up as the server announces it, and stops when told to.
func TestServeJourney(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("poll") // the mailbox's start is set, so that no mail of this test comes before it
	ctx, stop := context.WithCancel(t.Context())
	var logs lockedBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"serve", "--log-level", "debug", "--config", a.path("handoff.toml")}, &Env{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &logs})
	}()
	a.send(draftMail)
	wait, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := a.office.WaitDelivery(wait, func(d mailtest.Delivery) bool {
		return d.To == "ana@writers.example" && bytes.Contains(d.Data, []byte("draft-1@writers.example"))
	}); err != nil {
		t.Errorf("no answer reached ana: %v\n%s", err, &logs)
	}
	stop()
	select {
	case code := <-ended:
		if code != exitOK {
			t.Errorf("serve ended with %d:\n%s", code, &logs)
		}
	case <-wait.Done():
		t.Fatalf("serve did not stop:\n%s", &logs)
	}
	if !strings.Contains(logs.String(), "a mail is decided on") {
		t.Errorf("the log does not tell the decision:\n%s", &logs)
	}
	if strings.Contains(logs.String(), testPassword) {
		t.Errorf("the log tells the password:\n%s", &logs)
	}
}

// A mailbox that cannot be reached is told by poll and shown by status; the service stays up.
func TestPollWithoutServer(t *testing.T) {
	a := newAgency(t)
	a.open()
	if err := a.office.Close(); err != nil {
		t.Fatal(err)
	}
	a.try("poll").want(t, exitFailed, "handoff: mailbox inbox: ", "nothing listens at")
	a.try("status").want(t, exitOK, "failed 1× in a row")
}

// The same journey with the database on a server.
func TestPostgresJourney(t *testing.T) {
	dsn, stop, err := mailtest.StartPostgres(t.Context())
	if err != nil {
		mailtest.SkipOrFail(t, err)
	}
	t.Cleanup(func() { _ = stop() })
	t.Setenv("HANDOFF_TEST_DATABASE", dsn)
	a := newAgency(t)
	a.try(a.initArgs("--database-env", "HANDOFF_TEST_DATABASE")...).want(t, exitOK, "handoff migrate")
	a.try("poll").want(t, exitFailed, "handoff migrate")
	a.run("migrate")
	a.run("import", a.write("people.csv", peopleCSV), a.write("pieces.csv", piecesCSV))
	a.run("poll")
	a.send(draftMail)
	a.try("poll").want(t, exitOK, "1 mail taken in")
	if n := len(a.exported("entry")); n != 1 {
		t.Errorf("%d entries", n)
	}
}

// While the SMTP server is away notices wait, and status says why.
func TestOutboxWithoutServer(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.run("poll")
	text, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("handoff.toml", strings.Replace(string(text), a.office.SMTPAddr, closedPort(t), 1))
	a.send(draftMail)
	a.try("poll").want(t, exitFailed, "1 mail taken in", "handoff: sending: ", "cannot reach the SMTP server")
	a.try("status").want(t, exitOK, "2 queued", "oldest queued", "cannot reach the SMTP server")
	a.write("handoff.toml", string(text))
	a.run("outbox", "retry", "1", "2")
	a.try("poll").want(t, exitOK, "2 sent")
}

package smtp_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/internal/mailtest"
	"handoff/outbox"
	"handoff/outbox/dkim"
	"handoff/outbox/smtp"
	"handoff/templates"
	"handoff/workflow"
)

// varies is what differs in every signature.
var varies = regexp.MustCompile(`\b(t|bh|b)=[^;]*`)

// fieldEnd is where a field ends and the next one begins.
var fieldEnd = regexp.MustCompile(`\r\n[A-Z]`)

// The header of each class of mail, from the queue to the server. Golden: testdata/headers.txt.
func TestHeadersOfEveryClass(t *testing.T) {
	var raw []string
	p := startPost(t, &mailtest.ScriptedSMTP{}, func(l mailtest.SMTPLine) (string, bool) {
		if l.Command == "." {
			raw = append(raw, "MAIL "+l.From+"\r\nRCPT "+l.To+"\r\n\r\n"+l.Mail)
		}
		return "", false
	})
	key, _, err := dkim.Generate("agency.example", "2026", dkim.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	h := openHouse(t, p, func(cfg *smtp.Config) { cfg.Timeout, cfg.DKIM = 30*time.Second, []dkim.Key{key} })
	author := workflow.Person{Name: "Anna Berg", Class: workflow.Outside, Addresses: []string{"anna@berg.example"}}
	editor := workflow.Person{Name: "Erik Holm", Class: workflow.Internal, Roles: []workflow.Role{workflow.Editor}, Addresses: []string{"erik@agency.example"}}
	for _, p := range []*workflow.Person{&author, &editor} {
		if err := h.store.SavePerson(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	piece, events, err := workflow.NewPiece(workflow.PieceInput{Code: "ACME-12", Title: "Heat pumps", AuthorID: author.ID, EditorID: editor.ID, Stage: workflow.Draft}, workflow.Cause{At: h.clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.AddPiece(t.Context(), &piece, events); err != nil {
		t.Fatal(err)
	}
	event := invite()
	long := []string{"0@berg.example"}
	for i := range 30 {
		long = append(long, strings.Repeat("x", i+1)+"@berg.example")
	}
	classes := []struct {
		class    string
		template string
		to       workflow.Person
		about    outbox.About
	}{
		{"automatic reply to a mail", "receipt", author, outbox.About{PieceID: piece.ID, AutoReply: true, InReplyTo: "<1@berg.example>", References: []string{"0@berg.example"}}},
		{"automatic reply in a long thread", "redirect", author, outbox.About{AutoReply: true, InReplyTo: "last@berg.example", References: long}},
		{"automatic reply to a stranger", "redirect", workflow.Person{Name: "stranger@else.example", Addresses: []string{"stranger@else.example"}}, outbox.About{AutoReply: true, InReplyTo: "2@else.example"}},
		{"notice", "step_opened", author, outbox.About{PieceID: piece.ID}},
		{"notice with an invitation", "step_opened", author, outbox.About{PieceID: piece.ID, Invite: &event}},
		{"recurring notice about a piece", "overdue", author, outbox.About{PieceID: piece.ID}},
		{"recurring list", "weekly", editor, outbox.About{}},
		{"notice to the team", "bounced", editor, outbox.About{PieceID: piece.ID}},
	}
	var got strings.Builder
	for _, c := range classes {
		if !slices.Contains(templates.Names(), c.template) {
			t.Fatalf("there is no template %s", c.template)
		}
		c.about.Key = "headers:" + c.class
		n, err := h.composer.Compose(templates.Sample(c.template), c.to, c.about)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.store.Enqueue(t.Context(), []outbox.Notice{n}); err != nil {
			t.Fatal(err)
		}
		raw = nil
		if broken := h.work(); broken != nil || len(raw) != 1 {
			t.Fatalf("%s: %d mails, %v", c.class, len(raw), broken)
		}
		envelope, mail, _ := strings.Cut(raw[0], "\r\n\r\n")
		head, _, _ := strings.Cut(mail, "\r\n\r\n")
		for _, field := range []string{"Precedence", "Bcc", "X-Mailer", "User-Agent", "Return-Path", "Sender"} {
			if strings.Contains("\r\n"+head, "\r\n"+field+":") {
				t.Errorf("%s: it has %s", c.class, field)
			}
		}
		end := fieldEnd.FindStringIndex(head)
		if end == nil {
			t.Fatalf("%s: no signature in\n%s", c.class, head)
		}
		signature := varies.ReplaceAllString(strings.ReplaceAll(head[:end[0]], "\r\n ", " "), "$1=…")
		got.WriteString("# " + c.class + ": " + c.template + "\n" + envelope + "\n\n" + signature + head[end[0]:] + "\n\n")
	}
	text := steady(strings.ReplaceAll(got.String(), "\r\n", "\n"))
	file := filepath.Join("testdata", "headers.txt")
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

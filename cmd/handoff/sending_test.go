package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"handoff/internal/mailtest"
)

// rewrite replaces a text of the configuration, which has to be there.
func (a *agency) rewrite(old, with string) {
	a.t.Helper()
	text, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		a.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		a.t.Fatalf("%q is not in\n%s", old, text)
	}
	a.write("handoff.toml", strings.Replace(string(text), old, with, 1))
}

// asking is try with a DNS.
func (a *agency) asking(lookup func(context.Context, string) ([]string, error), args ...string) ran {
	a.t.Helper()
	return runIn(a.t.Context(), &Env{Stdin: strings.NewReader(""), Pages: a.pages, LookupTXT: lookup}, append(args, "--config", a.path("handoff.toml"))...)
}

var printedRecord = regexp.MustCompile(`(?m)^  (v=DKIM1; .*)$`)

// Keys made by command sign every mail; check tells what the DNS lacks.
func TestDKIM(t *testing.T) {
	a := newAgency(t)
	a.open()
	records, table := map[string]string{}, ""
	for selector, kind := range map[string]string{"h1": "rsa", "h2": "ed25519"} {
		file := a.path(selector + ".pem")
		out := a.run("key", "dkim", "agency.example", selector, "--type", kind, "--file", file)
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", info.Mode(), err)
		}
		found := printedRecord.FindStringSubmatch(out)
		if found == nil || !strings.Contains(out, selector+"._domainkey.agency.example.  IN TXT  ") {
			t.Fatalf("it prints\n%s", out)
		}
		private, err := os.ReadFile(file)
		if err != nil || strings.Contains(out, strings.Split(string(private), "\n")[1]) {
			t.Errorf("it prints the private key: %v", err)
		}
		records[selector+"._domainkey.agency.example"] = found[1]
		_, printed, _ := strings.Cut(out, "  [[smtp.dkim]]")
		table += "[[smtp.dkim]]" + printed
		a.try("key", "dkim", "agency.example", selector, "--file", file).want(t, exitFailed, "already", "take another selector")
	}
	a.try("key", "dkim", "bücher.example", "h1").want(t, exitUsage, "ASCII letters")
	a.configure(table)
	a.rewrite("[smtp]", "[smtp]\nfeedback_id = \"agency\"")

	dns := func(_ context.Context, name string) ([]string, error) {
		if r, ok := records[name]; ok {
			return []string{r}, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	a.asking(dns, "check").want(t, exitOK, "ok   dkim h1 of agency.example: rsa, the DNS has its record", "ok   dkim h2 of agency.example: ed25519, the DNS has its record")
	silent := func(context.Context, string) ([]string, error) { return nil, errors.New("timeout") }
	a.asking(silent, "check").want(t, exitOK, "warn dkim h1 of agency.example: the DNS could not be asked for h1._domainkey.agency.example, try again later (timeout)")
	right := records["h1._domainkey.agency.example"]
	records["h1._domainkey.agency.example"] = records["h2._domainkey.agency.example"]
	delete(records, "h2._domainkey.agency.example")
	a.asking(dns, "check").want(t, exitOK, "is of another kind of key: it needs k=rsa: publish there the TXT record "+right, "there is no DKIM record at h2._domainkey.agency.example: publish there")

	a.try("poll").want(t, exitOK)
	a.send(draftMail)
	a.try("poll").want(t, exitOK, "1 mail taken in")
	records["h2._domainkey.agency.example"] = records["h1._domainkey.agency.example"]
	records["h1._domainkey.agency.example"] = right
	raws, err := a.office.Mails("ana", "INBOX")
	if err != nil || len(raws) != 1 {
		t.Fatalf("%d mails, %v", len(raws), err)
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raws[0]), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) { return dns(t.Context(), name) }})
	if err != nil || len(found) != 2 {
		t.Fatalf("%d signatures, %v", len(found), err)
	}
	for _, v := range found {
		if v.Err != nil {
			t.Errorf("the signature of %s: %v", v.Domain, v.Err)
		}
	}
	if !strings.Contains(string(raws[0]), "\r\nFeedback-ID: ::receipt:agency\r\n") {
		t.Error("no Feedback-ID")
	}

	if err := os.Remove(a.path("h1.pem")); err != nil {
		t.Fatal(err)
	}
	a.asking(dns, "check").want(t, exitFailed, "FAIL dkim h1 of agency.example: smtp.dkim h1: there is no file")
	a.try("poll").want(t, exitFailed, "there is no file")
}

// Wherever the command is run, the key is where the configuration looks for it.
func TestDKIMBesideConfiguration(t *testing.T) {
	a := newAgency(t)
	a.open()
	here := t.TempDir()
	t.Chdir(here)
	for args, want := range map[string]string{
		"h1":                            `key_file = "dkim-h1.agency.example.pem"`,
		"h2 --file key.pem":             `key_file = "` + filepath.Join(here, "key.pem") + `"`,
		"h3 --file " + a.path("k3.pem"): `key_file = "k3.pem"`,
	} {
		a.try(append([]string{"key", "dkim", "agency.example"}, strings.Fields(args)...)...).want(t, exitOK, want)
	}
	if _, err := os.Stat(a.path("dkim-h1.agency.example.pem")); err != nil {
		t.Error(err)
	}
}

func TestDKIMOfAnotherDomain(t *testing.T) {
	a := newAgency(t)
	a.open()
	out := a.run("key", "dkim", "other.example", "h1", "--file", a.path("h1.pem"))
	a.configure("[[smtp.dkim]]\ndomain = \"other.example\"\nselector = \"h1\"\nkey_file = \"h1.pem\"\n")
	dns := func(context.Context, string) ([]string, error) {
		return []string{printedRecord.FindStringSubmatch(out)[1]}, nil
	}
	const doubt = "warn dkim h1 of other.example: the mails are from drafts@agency.example, which a signature of other.example says nothing of: make a key for agency.example"
	a.asking(dns, "check").want(t, exitOK, doubt)
	// It is told beside what else is doubtful.
	if err := os.Chmod(a.path("h1.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	a.asking(func(context.Context, string) ([]string, error) { return nil, nil }, "check").want(t, exitOK, doubt, "everybody on this machine can read", "chmod 600", "publish there the TXT record")
}

// A language without texts is told of where it is set.
func TestLanguageWithoutTexts(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.try("check").want(t, exitOK, "ok   language: en")
	a.try("person", "set", "ana@writers.example", "--locale", "de-AT").want(t, exitOK)
	a.try("person", "set", "ana@writers.example", "--locale", "it").want(t, exitOK, `there are no texts in "it", but in en, de, fr, es, pt`)
	a.try("person", "add", "bo@writers.example", "--name", "Bo", "--locale", "xx").want(t, exitOK, `there are no texts in "xx"`)
	a.try("person", "add", "ed2@writers.example", "--name", "Ed", "--locale", "german").want(t, exitUsage, "is not a locale")
	a.rewrite("[team]", "[team]\nlocale = \"it\"")
	a.try("check").want(t, exitOK, `warn language: there are no texts in "it", but in en, de, fr, es, pt: the mails are in English`)
}

// What is sent is kept in the mailbox, not taken in again, and what comes back of it finds its notice by the address alone.
func TestCopiesAndBounces(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.rewrite("[smtp]", "sent_folder = \"Sent\"\n\n[smtp]\nbounce_address = \"drafts+{token}@agency.example\"")
	a.try("check").want(t, exitOK, "copies of what is sent go to Sent")
	a.try("poll").want(t, exitOK)
	a.send(draftMail)
	a.try("poll").want(t, exitOK, "1 mail taken in")
	deliveries := a.office.Deliveries()
	var back string
	byID := map[string]mailtest.Delivery{}
	for _, d := range deliveries {
		if d.To == "drafts@agency.example" {
			continue
		}
		byID[messageIDOf(d.Data)] = d
		switch {
		case bytes.Contains(d.Data, []byte("Auto-Submitted: auto-replied")):
			if d.From != "" {
				t.Errorf("an automatic reply is from <%s>", d.From)
			}
		case !strings.HasPrefix(d.From, "drafts+") || strings.Contains(string(d.Data), d.From):
			t.Errorf("a notice is from <%s>, or tells so", d.From)
		default:
			back = d.From
		}
	}
	copies, err := a.office.Mails("drafts", "Sent")
	if err != nil || len(copies) != len(byID) || back == "" {
		t.Fatalf("%d copies of %d mails, %v", len(copies), len(byID), err)
	}
	for _, c := range copies {
		if !bytes.Equal(c, byID[messageIDOf(c)].Data) {
			t.Errorf("the copy is not what was sent:\n%s", c)
		}
	}
	report := mailtest.Mail{From: "MAILER-DAEMON@mx.example", To: back, Subject: "Undelivered Mail Returned to Sender", MessageID: "r1@mx.example",
		Text: "I'm sorry to have to inform you that your message could not be delivered to one or more recipients.\n"}
	if err := mailtest.Send(t.Context(), a.office.SMTPAddr, "", "", "", []string{back}, report.Bytes()); err != nil {
		t.Fatal(err)
	}
	a.try("poll").want(t, exitOK, "1 mail taken in")
	a.try("mail", "show", "2").want(t, exitOK, "it came to the return address of our notice")
	// Somebody moves a copy into the watched folder: it is ours, and comes to nothing.
	if err := a.office.Append("drafts", "INBOX", copies[0], report.Date); err != nil {
		t.Fatal(err)
	}
	a.try("poll").want(t, exitOK, "1 mail taken in, 0 sent")
	a.try("mail", "show", "3").want(t, exitOK, "Handoff sent it itself")
}

func messageIDOf(raw []byte) string {
	_, id, _ := bytes.Cut(raw, []byte("Message-ID: <"))
	id, _, _ = bytes.Cut(id, []byte(">"))
	return string(id)
}

func TestSendingConfigMistakes(t *testing.T) {
	for name, c := range map[string]struct{ edit, with, want string }{
		"watched":         {"[smtp]", "sent_folder = \"INBOX\"\n[smtp]", "handoff.toml:8: mailbox.sent_folder: \"INBOX\" is watched"},
		"two of them":     {"[smtp]", "sent_folder = \"Sent\"\n[[mailbox]]\nname = \"b\"\nsent_folder = \"Sent\"\naddress = \"a:1\"\nuser = \"x\"\npassword_env = \"P\"\n[smtp]", "handoff.toml:11: mailbox[1].sent_folder: mailbox \"inbox\" has one already"},
		"plain bounces":   {"[smtp]", "[smtp]\nbounce_address = \"back@agency.example\"", "handoff.toml:9: smtp.bounce_address: bounce address \"back@agency.example\": it needs {token}"},
		"feedback id":     {"[smtp]", "[smtp]\nfeedback_id = \"a:b\"", "handoff.toml:9: smtp.feedback_id: \"a:b\" is not 5 to 15 letters"},
		"half a key":      {"[smtp]", "[[smtp.dkim]]\ndomain = \"a.example\"\nselector = \"x\"\n[smtp]", "smtp.dkim: key_file is missing: \"handoff key dkim\""},
		"a key twice":     {"[smtp]", "[[smtp.dkim]]\ndomain = \"a.example\"\nselector = \"x\"\nkey_file = \"x\"\n[[smtp.dkim]]\ndomain = \"A.example\"\nselector = \"x\"\nkey_file = \"y\"\n[smtp]", "selector \"x\" of A.example is there twice"},
		"key in the file": {"[smtp]", "[[smtp.dkim]]\nkey = \"hunter2\"\n[smtp]", "unknown key \"smtp.dkim.key\""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseConfig("handoff.toml", []byte(strings.Replace(goodConfig, c.edit, c.with, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v lacks %q", err, c.want)
			}
		})
	}
}

// That no copies are kept is told by status, until they are.
func TestStatusTellsOfCopies(t *testing.T) {
	a := newAwakeAgency(t)
	a.rewrite("[smtp]", "sent_folder = \"auto\"\n\n[smtp]") // the server marks none
	a.run("import", a.write("people.csv", peopleCSV), a.write("pieces.csv", piecesCSV), "--notify")
	a.run("poll")
	a.try("status").want(t, exitOK, "Sent mails are not copied to auto since", "marks no folder as the one of sent mails")
	a.try("status", "--json").want(t, exitOK, `"copies": {`, `"folder": "auto"`)
	a.rewrite("sent_folder = \"auto\"", "sent_folder = \"Sent\"")
	a.try("check").want(t, exitOK, "copies of what is sent go to Sent, which is not there yet and will be made")
	a.send(draftMail)
	a.run("poll")
	if out := a.run("status"); strings.Contains(out, "not copied") || strings.Contains(out, "(copies") {
		t.Error(out)
	}
	if out := a.run("check"); strings.Contains(out, "not there yet") {
		t.Error(out)
	}
}

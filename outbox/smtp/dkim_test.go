package smtp_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	msgauth "github.com/emersion/go-msgauth/dkim"
	"github.com/jhillyerd/enmime/v2"

	"handoff/outbox"
	"handoff/outbox/dkim"
	"handoff/outbox/smtp"
)

// zone is the DNS of the keys.
type zone map[string]string

func (z zone) lookup(name string) ([]string, error) {
	if r, ok := z[name]; ok {
		return []string{r}, nil
	}
	return nil, fmt.Errorf("no TXT record at %s", name)
}

// keys makes one key of each algorithm and publishes it.
func keys(t *testing.T) ([]dkim.Key, zone) {
	t.Helper()
	var made []dkim.Key
	z := zone{}
	for _, algorithm := range []string{dkim.RSA, dkim.Ed25519} {
		k, _, err := dkim.Generate("agency.example", "h-"+algorithm, algorithm)
		if err != nil {
			t.Fatal(err)
		}
		if z[k.Name()], err = k.Record(); err != nil {
			t.Fatal(err)
		}
		made = append(made, k)
	}
	return made, z
}

// valid counts the signatures that verify, of all.
func valid(t *testing.T, z zone, raw string) (good, all int) {
	t.Helper()
	found, err := msgauth.VerifyWithOptions(strings.NewReader(raw), &msgauth.VerifyOptions{LookupTXT: z.lookup})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		if v.Err == nil {
			good++
		}
	}
	return good, len(found)
}

// forms are all forms of mails that we build.
func forms(t *testing.T) map[string]outbox.Mail {
	t.Helper()
	all := map[string]outbox.Mail{}
	add := func(name string, change func(*outbox.Mail)) {
		m := notice()
		change(&m)
		all[name] = m
	}
	add("plain", func(*outbox.Mail) {})
	add("auto-reply", func(m *outbox.Mail) { m.AutoReply = true })
	add("text only", func(m *outbox.Mail) { m.Content.HTML = "" })
	add("invitation", func(m *outbox.Mail) { invited(t, m, invite()) })
	add("attachments", func(m *outbox.Mail) { m.Files = pictures() })
	add("attachments, text only", func(m *outbox.Mail) { m.Files, m.Content.HTML = pictures(), "" })
	add("attachments and invitation", func(m *outbox.Mail) {
		m.Files = pictures()
		invited(t, m, invite())
	})
	add("recurring", func(m *outbox.Mail) { m.ListUnsubscribe, m.OneClick = ways(), true })
	add("no thread", func(m *outbox.Mail) { m.InReplyTo, m.References, m.ReplyTo = "", nil, "" })
	add("not ASCII", func(m *outbox.Mail) {
		m.From = "Übersee-Büro 漢字 <desk@agency.example>"
		m.ToName = strings.Repeat("Żółć 漢字 ", 12)
		m.Content.Subject = strings.Repeat("Größe, длина, 長さ ", 15)
	})
	add("long lines", func(m *outbox.Mail) {
		m.Content.Text = strings.Repeat("x", 5000) + "  \n \n\n" + strings.Repeat("Wörter ", 900) + "\t\n\n\n"
		m.Content.HTML = "<p>" + strings.Repeat("y", 5000) + "</p>"
	})
	add("many references", func(m *outbox.Mail) {
		for i := range 9 {
			m.References = append(m.References, fmt.Sprintf("%d.%s@mail.example", i, strings.Repeat("r", 200)))
		}
	})
	return all
}

// pictures have bytes that no line may have, and the longest name that package inbox lets through.
func pictures() []outbox.File {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	return []outbox.File{
		{Name: "hero.png", Type: "image/png", Content: bytes.Repeat(every, 300)},
		{Name: strings.Repeat("Wärme 漢字 ", 13) + "1.jpg", Type: "image/jpeg", Content: []byte("\r\n.\r\n\n--\r")},
		{Name: "empty.gif", Type: "image/gif"},
	}
}

func TestSigned(t *testing.T) {
	keys, z := keys(t)
	for name, m := range forms(t) {
		t.Run(name, func(t *testing.T) {
			s := serve(t, &server{})
			if err := sender(t, s, func(c *smtp.Config) { c.DKIM = keys }).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			_, mails := s.heard()
			raw := mails[0]
			if good, all := valid(t, z, raw); good != 2 || all != 2 {
				t.Fatalf("%d of %d signatures are valid:\n%s", good, all, raw)
			}
			readTwice(t, m, raw)
			for line := range strings.Lines(raw) {
				if len(line) > 998+2 {
					t.Errorf("a line of %d bytes", len(line))
				}
			}
			tampered := map[string]string{
				"body":         strings.Replace(raw, "\r\n\r\n", "\r\n\r\nmore\r\n", 1),
				"appended":     raw + "more\r\n",
				"subject":      strings.Replace(raw, "\r\nSubject:", "\r\nSubject: Re:", 1),
				"from":         strings.Replace(raw, "<desk@agency.example>", "<eve@agency.example>", 1),
				"date":         strings.Replace(raw, "09:00:00", "10:00:00", 1),
				"content type": strings.Replace(raw, "\r\nContent-Type: ", "\r\nContent-Type: text/x; ", 1),
			}
			for _, added := range []string{"From: Eve <eve@evil.example>", "Subject: x", "To: eve@evil.example", "Date: x", "Reply-To: eve@evil.example", "Message-ID: <x@evil.example>",
				"In-Reply-To: <x@evil.example>", "References: <x@evil.example>", "Auto-Submitted: no", "List-Unsubscribe: <mailto:eve@evil.example>", "List-Unsubscribe-Post: x", "Content-Type: text/html", "MIME-Version: 1.0", "Cc: eve@evil.example", "Content-Transfer-Encoding: base64", "Content-Disposition: attachment"} {
				tampered["added "+added] = strings.Replace(raw, "\r\nMIME-Version:", "\r\n"+added+"\r\nMIME-Version:", 1)
			}
			for what, text := range tampered {
				if text == raw {
					t.Fatalf("%s: nothing was changed", what)
				}
				if good, all := valid(t, z, text); good != 0 || all != 2 {
					t.Errorf("%s: %d of %d signatures are valid", what, good, all)
				}
			}
			// What relays do: another header on top, trailing blanks lost, a field folded anew.
			relayed := "Received: from a by b\r\nX-Spam: no\r\n" + strings.Replace(raw, "\r\nDate: ", "\r\nDate:  ", 1) + "\r\n\r\n"
			if good, _ := valid(t, z, relayed); good != 2 {
				t.Errorf("%d signatures survive a relay", good)
			}
		})
	}
}

// readTwice reads a built mail with two parsers that are not the writer's.
func readTwice(t *testing.T, m outbox.Mail, raw string) {
	t.Helper()
	lines := func(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }
	e, err := enmime.ReadEnvelope(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Errors) > 0 || lines(e.Text) != lines(m.Content.Text) || lines(e.HTML) != lines(m.Content.HTML) {
		t.Errorf("enmime reads text %q, HTML %q, errors %v", e.Text, e.HTML, e.Errors)
	}
	if got := e.GetHeader("Subject"); got != strings.TrimSpace(m.Content.Subject) {
		t.Errorf("enmime reads the subject %q", got)
	}
	for _, f := range m.Files {
		at := slices.IndexFunc(e.Attachments, func(p *enmime.Part) bool { return p.FileName == f.Name })
		if at < 0 {
			t.Errorf("enmime finds no file %q", f.Name)
		} else if a := e.Attachments[at]; a.ContentType != f.Type || !bytes.Equal(a.Content, f.Content) {
			t.Errorf("enmime reads %s: %s, %d bytes", f.Name, a.ContentType, len(a.Content))
		}
	}
	got, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != strings.TrimSpace(m.Content.Subject) {
		t.Errorf("subject %q, %v", subject, err)
	}
	to, err := netmail.ParseAddress(got.Header.Get("To"))
	if err != nil || to.Address != m.ToAddress || to.Name != strings.TrimSpace(m.ToName) {
		t.Errorf("to %v, %v", to, err)
	}
	if err := readParts(got.Header.Get("Content-Type"), got.Body); err != nil {
		t.Errorf("mime/multipart: %v", err)
	}
}

// readParts reads every part to its end.
func readParts(contentType string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("%q: %w", contentType, err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		_, err := io.Copy(io.Discard, body)
		return err
	}
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(p); err != nil {
			return err
		}
		if err := readParts(p.Header.Get("Content-Type"), &b); err != nil {
			return err
		}
	}
}

package smtp_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jhillyerd/enmime/v2"

	"handoff/outbox"
	"handoff/outbox/smtp"
)

// outline is a mail's structure, one line for a part, indented by depth, read with the standard library; calendars are the
// contents of those parts.
func outline(t *testing.T, contentType string, body io.Reader, indent string) (lines []string, calendars [][]byte) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("%q: %v", contentType, err)
	}
	line := indent + kind
	for _, name := range []string{"charset", "method", "name"} {
		if v := params[name]; v != "" {
			line += " " + name + "=" + v
		}
	}
	lines = []string{line}
	if kind == "text/calendar" || kind == "application/ics" {
		b, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, body))
		if err != nil {
			t.Fatal(err)
		}
		return lines, [][]byte{b}
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return lines, nil
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return lines, calendars
		}
		if err != nil {
			t.Fatal(err)
		}
		more, found := outline(t, p.Header.Get("Content-Type"), p, indent+"  ")
		if d := p.Header.Get("Content-Disposition"); d != "" {
			more[0] += " (" + d + ")"
		}
		lines, calendars = append(lines, more...), append(calendars, found...)
	}
}

func TestInvitationAsReceived(t *testing.T) {
	for _, method := range []string{outbox.Request, outbox.Cancel} {
		i, m := invite(), notice()
		i.Method = method
		i.Description = strings.Repeat("Wärmepumpen und 漢字 ", 40)
		invited(t, &m, i)
		raw := sent(t, m)
		got, err := netmail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		lines, calendars := outline(t, got.Header.Get("Content-Type"), got.Body, "")
		want := []string{
			"multipart/mixed",
			"  multipart/alternative",
			"    text/plain charset=UTF-8",
			"    text/html charset=UTF-8",
			"    text/calendar charset=UTF-8 method=" + method,
			`  application/ics name=invite.ics (attachment; filename="invite.ics")`,
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("structure (-want +got):\n%s", diff)
		}
		for _, c := range calendars {
			if !bytes.Equal(c, m.Calendar) {
				t.Errorf("the calendar arrived as\n%s", c)
			}
		}
		e, err := enmime.ReadEnvelope(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Errors) > 0 || len(e.Attachments) != 1 || e.Attachments[0].FileName != "invite.ics" || !bytes.Equal(e.Attachments[0].Content, m.Calendar) {
			t.Errorf("attachments %v, errors %v", e.Attachments, e.Errors)
		}
		part := e.Root.BreadthMatchFirst(func(p *enmime.Part) bool { return p.ContentType == "text/calendar" })
		if part == nil || !bytes.Equal(part.Content, m.Calendar) || !strings.Contains(part.Header.Get("Content-Type"), "; method="+method) {
			t.Error("no such calendar part")
		}
		if strings.TrimSpace(strings.ReplaceAll(e.HTML, "\r\n", "\n")) != strings.TrimSpace(m.Content.HTML) {
			t.Errorf("HTML %q", e.HTML)
		}
	}
}

func TestUnusableCalendarMethod(t *testing.T) {
	for _, method := range []string{"", "request", "REQUEST; x=y", "A\r\nBcc: eve@evil.example"} {
		m := notice()
		invited(t, &m, invite())
		m.CalendarMethod = method
		refusedToBuild(t, m, "calendar method")
	}
}

func refusedToBuild(t *testing.T, m outbox.Mail, says string) {
	t.Helper()
	var fault *outbox.SendError
	out, err := smtp.New(smtp.Config{Address: "127.0.0.1:1"}) // never reached
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Send(t.Context(), m); !errors.As(err, &fault) || !fault.Permanent || !strings.Contains(err.Error(), says) {
		t.Errorf("%+v: %v", m, err)
	}
}

func TestListUnsubscribe(t *testing.T) {
	post := "List-Unsubscribe=One-Click"
	for name, c := range map[string]struct {
		uris     []string
		oneClick bool
		header   string
		post     string
	}{
		"none":            {oneClick: true},
		"mail only":       {uris: ways()[:1], oneClick: true, header: "<" + ways()[0] + ">"},
		"both":            {uris: ways(), oneClick: true, header: "<" + ways()[0] + ">, <" + ways()[1] + ">", post: post},
		"not by one POST": {uris: ways()[1:], header: "<" + ways()[1] + ">"},
	} {
		t.Run(name, func(t *testing.T) {
			m := notice()
			m.ListUnsubscribe, m.OneClick = c.uris, c.oneClick
			got, err := netmail.ReadMessage(strings.NewReader(sent(t, m)))
			if err != nil {
				t.Fatal(err)
			}
			if h := got.Header; h.Get("List-Unsubscribe") != c.header || h.Get("List-Unsubscribe-Post") != c.post {
				t.Errorf("%q, %q", h.Get("List-Unsubscribe"), h.Get("List-Unsubscribe-Post"))
			}
		})
	}
	for _, uri := range []string{"", "https:", "http://agency.example/u", "javascript:alert(1)", "https://a.example/ x", "https://a.example/>, <https://evil.example",
		"mailto:", "mailto:a@b.example\r\nBcc: eve@evil.example", "https://a.example/ü", "https://a.example/%zz", "https://a.example/" + strings.Repeat("x", 900)} {
		m := notice()
		m.ListUnsubscribe = []string{ways()[0], uri}
		refusedToBuild(t, m, "unsubscribe address")
	}
}

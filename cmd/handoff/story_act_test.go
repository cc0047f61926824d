package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"handoff/internal/mailtest"
	"handoff/internal/webcheck"
	"handoff/proxy"
)

// find is the newest notice of that kind about that piece in somebody's mailbox.
func (s *story) find(who member, template, piece string) got {
	s.Helper()
	mails := s.got[who.user]
	for i := len(mails) - 1; i >= 0; i-- {
		if g := mails[i]; g.notice.Template == template && g.piece == piece {
			return g
		}
	}
	s.Fatalf("%s has no %s about %q:\n%s", who.name, template, piece, s.tail())
	return got{}
}

// post hands a mail to SMTP as its sender's mail program does, and lets Handoff deal with it.
func (s *story) post(who member, l letter) {
	s.Helper()
	raw, err := l.bytes()
	if err != nil {
		s.Fatal(err)
	}
	s.hand(who, l.to[0], l.messageID, raw)
	s.poll()
}

// hand only hands it over.
func (s *story) hand(who member, to, id string, raw []byte) {
	s.Helper()
	s.sent = append(s.sent, id)
	if err := mailtest.Send(s.Context(), s.office.SMTPAddr, who.user, demoPassword, who.address(), []string{to}, raw); err != nil {
		s.Fatal(err)
	}
}

func (s *story) messageID(who member) string {
	_, domain, _ := strings.Cut(who.address(), "@")
	return fmt.Sprintf("%d.%d@%s", s.clock.Now().Unix(), len(s.sent)+1, domain)
}

// mails sends a new mail to the team's mailbox.
func (s *story) mails(who member, subject, text string, files ...letterFile) {
	s.Helper()
	s.line(who.firstName(), fmt.Sprintf("-> mails %s “%s”%s", demoMailbox, subject, enclosed(files)))
	s.more(opening(text))
	s.post(who, letter{
		from: mail.Address{Name: who.name, Address: who.address()}, to: []string{demoMailbox}, subject: subject, date: s.clock.Now(),
		messageID: s.messageID(who), text: text, files: files,
	})
}

// answers replies to the newest notice of that kind, quoting it whole.
func (s *story) answers(who member, template, piece, text string, files ...letterFile) {
	s.Helper()
	s.line(who.firstName(), fmt.Sprintf("-> answers %s%s", named(template, piece), enclosed(files)))
	s.more(opening(text))
	s.post(who, s.reply(who, template, piece, text, files...))
}

func (s *story) reply(who member, template, piece, text string, files ...letterFile) letter {
	s.Helper()
	l, err := s.find(who, template, piece).answer(who.player, text, s.clock.Now(), s.messageID(who))
	if err != nil {
		s.Fatal(err)
	}
	l.files = files
	return l
}

// taps presses a one-tap answer of the newest notice of that kind: the mail program opens a mail, in which words may be written.
func (s *story) taps(who member, template, piece, command, words string) {
	s.Helper()
	s.line(who.firstName(), fmt.Sprintf("-> taps %s in %s", command, named(template, piece)))
	s.more(opening(words))
	s.post(who, s.tap(who, template, piece, command, words))
}

var tapLink = regexp.MustCompile(`mailto:[^\s<>()"]+`)

func (s *story) tap(who member, template, piece, command, words string) letter {
	s.Helper()
	g := s.find(who, template, piece)
	for _, link := range tapLink.FindAllString(html.UnescapeString(g.html), -1) {
		u, err := url.Parse(link)
		if err != nil {
			s.Fatal(err)
		}
		subject := u.Query().Get("subject")
		word, rest, _ := strings.Cut(subject, " ")
		if _, target, _ := strings.Cut(rest, " "); strings.TrimSpace(word+" "+target) != command && strings.TrimSpace(word+" "+rest) != command {
			continue
		}
		return letter{
			from: mail.Address{Name: who.name, Address: who.address()}, to: []string{u.Opaque}, subject: subject, date: s.clock.Now(),
			messageID: s.messageID(who), text: words,
		}
	}
	s.Fatalf("no %s in the %s to %s:\n%s", command, template, who.name, g.text)
	return letter{}
}

// calendar answers the invite of the newest notice of that kind, as a calendar does (RFC 6047).
func (s *story) calendar(who member, template, piece, status, comment string) {
	s.Helper()
	g := s.find(who, template, piece)
	event := g.calendar
	if event == "" {
		s.Fatalf("no event in the %s to %s:\n%s", template, who.name, g.raw)
	}
	property := func(name string) string {
		for line := range strings.SplitSeq(strings.ReplaceAll(event, "\r\n ", ""), "\r\n") {
			if key, value, ok := strings.Cut(line, ":"); ok && (key == name || strings.HasPrefix(key, name+";")) {
				return value
			}
		}
		s.Fatalf("the event has no %s:\n%s", name, event)
		return ""
	}
	lines := []string{
		"BEGIN:VCALENDAR", "PRODID:-//Story//EN", "VERSION:2.0", "METHOD:REPLY", "BEGIN:VEVENT", "UID:" + property("UID"),
		"SEQUENCE:" + property("SEQUENCE"), "DTSTAMP:" + s.clock.Now().UTC().Format("20060102T150405Z"), "DTSTART:" + property("DTSTART"),
		"ORGANIZER:" + property("ORGANIZER"), "ATTENDEE;PARTSTAT=" + status + ":mailto:" + who.address(), "SUMMARY:" + property("SUMMARY"),
	}
	if comment != "" {
		lines = append(lines, "COMMENT:"+comment)
	}
	lines = append(lines, "END:VEVENT", "END:VCALENDAR", "")
	to := strings.TrimPrefix(property("ORGANIZER"), "mailto:")
	if to, err := url.PathUnescape(to); err == nil {
		s.line(who.firstName(), fmt.Sprintf("-> presses %s in the calendar, of %s", strings.ToLower(status), named(template, piece)))
		s.more(comment)
		id := s.messageID(who)
		var raw bytes.Buffer
		fmt.Fprintf(&raw, "Date: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s: %s\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; charset=utf-8; method=REPLY\r\nContent-Transfer-Encoding: base64\r\n\r\n",
			s.clock.Now().Format("Mon, 2 Jan 2006 15:04:05 -0700"), who.address(), to, status[:1]+strings.ToLower(status[1:]), who.name, id)
		raw.Write(base64Lines([]byte(strings.Join(lines, "\r\n"))))
		s.hand(who, to, id, raw.Bytes())
		s.poll()
	}
}

// theWeb is where published pages are looked for: all are there but those that are missing.
type theWeb struct{ missing map[string]string } // address to what is wrong

// Check says what is wrong.
func (w *theWeb) Check(_ context.Context, address string, _ []string) (webcheck.Result, error) {
	if problem := w.missing[address]; problem != "" {
		return webcheck.Result{}, &webcheck.Problem{Text: problem}
	}
	return webcheck.Result{Status: 200, FinalURL: address}, nil
}

// closed fails unless the piece is finished and verified.
func (s *story) closed(code string) {
	s.Helper()
	if p := s.piece(code); !p.Finished() || p.VerifiedAt.IsZero() {
		s.Fatalf("%s is not closed: it is in %s, verified %v\n%s", code, p.Stage, p.VerifiedAt, s.tail())
	}
}

// runs is a command that somebody types.
func (s *story) runs(who member, args ...string) {
	s.Helper()
	s.line(who.firstName(), "$$ handoff "+shellWords(args))
	var out, errs bytes.Buffer
	env := &Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Clock: s.clock, Pages: s.web}
	if code := Run(s.Context(), append(args, "--config", s.env.Config), env); code != exitOK {
		s.Fatalf("handoff %s: exit code %d\n%s%s\n%s", shellWords(args), code, &out, &errs, s.tail())
	}
	s.poll()
}

func shellWords(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		if quoted[i] = a; strings.ContainsAny(a, " ;|") {
			quoted[i] = `"` + a + `"`
		}
	}
	return strings.Join(quoted, " ")
}

func named(template, piece string) string { return strings.TrimSpace(template + " " + piece) }

func enclosed(files []letterFile) string {
	var names strings.Builder
	for _, f := range files {
		names.WriteString(" +" + f.name)
	}
	return names.String()
}

// docx and odt are drafts, the first paragraph the title.
func (s *story) docx(name string, paragraphs ...string) letterFile {
	s.Helper()
	content, err := docxFile(paragraphs...)
	if err != nil {
		s.Fatal(err)
	}
	return letterFile{name, docxType, content}
}

func (s *story) odt(name string, paragraphs ...string) letterFile {
	s.Helper()
	const mediaType = "application/vnd.oasis.opendocument.text"
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	body := ""
	for _, p := range paragraphs {
		body += "<text:p>" + p + "</text:p>"
	}
	for _, part := range [][2]string{
		{"mimetype", mediaType},
		{"content.xml", `<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:text>` + body + `</office:text></office:body></office:document-content>`},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: part[0], Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(w, part[1])
		}
		if err != nil {
			s.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		s.Fatal(err)
	}
	return letterFile{name, mediaType, out.Bytes()}
}

// gist is the first line of a mail's text that says something.
func (r received) gist() string {
	for paragraph := range strings.SplitSeq(r.text, "\n\n") {
		line := strings.Join(strings.Fields(paragraph), " ")
		if line == "" || len(line) < 60 && (strings.HasSuffix(line, ",") || strings.HasPrefix(line, "Hola, ")) {
			continue
		}
		return shortened(line)
	}
	return ""
}

func opening(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !(len(line) < 30 && strings.HasSuffix(line, ",")) {
			return shortened(line)
		}
	}
	return ""
}

func shortened(line string) string {
	const most = 160
	if r := []rune(line); len(r) > most {
		return string(r[:most]) + "…"
	}
	return line
}

var signed = regexp.MustCompile(`drafts\+[^@\s]+@`)

// masked is text without what a signing key makes.
func masked(text string) string { return signed.ReplaceAllString(text, "drafts+…@") }

// record is the number of the newest mail with that subject.
func (s *story) record(subject string) string {
	s.Helper()
	all, err := s.gw.Records(s.Context(), proxy.Actions(), 0, 10_000)
	if err != nil {
		s.Fatal(err)
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Subject == subject {
			return strconv.FormatInt(all[i].ID, 10)
		}
	}
	s.Fatalf("no mail “%s” is recorded", subject)
	return ""
}

package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// letter is a mail as somebody's mail client would write it.
type letter struct {
	from       mail.Address
	to         []string
	subject    string
	date       time.Time
	messageID  string // without angle brackets; "" leaves the header out
	inReplyTo  string
	references []string
	headers    [][2]string // beyond the usual ones, in order
	text, html string
	calendar   string // an answer to an invitation
	files      []letterFile
}

// letterFile is an attachment.
type letterFile struct {
	name, mediaType string
	content         []byte
}

const (
	docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	pdfType  = "application/pdf"
)

// bytes is the mail in RFC 5322 form, lines ending in CRLF.
func (l letter) bytes() ([]byte, error) {
	var out bytes.Buffer
	header := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&out, "%s: %s\r\n", name, value)
		}
	}
	header("Date", l.date.Format(time.RFC1123Z))
	header("From", l.from.String())
	header("To", strings.Join(l.to, ", "))
	header("Subject", mime.QEncoding.Encode("utf-8", l.subject))
	header("Message-ID", angled(l.messageID))
	header("In-Reply-To", angled(l.inReplyTo))
	header("References", angled(l.references...))
	for _, h := range l.headers {
		header(h[0], h[1])
	}
	header("MIME-Version", "1.0")

	contentType, body, err := l.body()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"Content-Type", "Content-Transfer-Encoding"} {
		header(name, contentType.Get(name))
	}
	out.WriteString("\r\n")
	out.Write(body)
	return out.Bytes(), nil
}

// body is the text, with its HTML twin and the files where there are any.
func (l letter) body() (textproto.MIMEHeader, []byte, error) {
	header, body, err := textPart("plain", l.text)
	if err != nil {
		return nil, nil, err
	}
	if l.html != "" {
		htmlHeader, htmlBody, err := textPart("html", l.html)
		if err != nil {
			return nil, nil, err
		}
		header, body, err = multipartBody("alternative", "=_alternative_1", []part{{header, body}, {htmlHeader, htmlBody}})
		if err != nil {
			return nil, nil, err
		}
	}
	if l.calendar != "" {
		event := textproto.MIMEHeader{"Content-Type": {"text/calendar; charset=utf-8; method=REPLY"}, "Content-Transfer-Encoding": {"base64"}}
		header, body, err = multipartBody("alternative", "=_alternative_2", []part{{header, body}, {event, base64Lines([]byte(l.calendar))}})
		if err != nil {
			return nil, nil, err
		}
	}
	if len(l.files) == 0 {
		return header, body, nil
	}
	parts := []part{{header, body}}
	for _, f := range l.files {
		parts = append(parts, f.part())
	}
	return multipartBody("mixed", "=_mixed_1", parts)
}

type part struct {
	header textproto.MIMEHeader
	body   []byte
}

func (f letterFile) part() part {
	name := map[string]string{"name": f.name}
	return part{textproto.MIMEHeader{
		"Content-Type":              {mime.FormatMediaType(f.mediaType, name)},
		"Content-Disposition":       {mime.FormatMediaType("attachment", map[string]string{"filename": f.name})},
		"Content-Transfer-Encoding": {"base64"},
	}, base64Lines(f.content)}
}

func textPart(subtype, text string) (textproto.MIMEHeader, []byte, error) {
	var body bytes.Buffer
	w := quotedprintable.NewWriter(&body)
	if _, err := io.WriteString(w, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		return nil, nil, err
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	return textproto.MIMEHeader{
		"Content-Type":              {"text/" + subtype + "; charset=utf-8"},
		"Content-Transfer-Encoding": {"quoted-printable"},
	}, body.Bytes(), nil
}

func multipartBody(subtype, boundary string, parts []part) (textproto.MIMEHeader, []byte, error) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.SetBoundary(boundary); err != nil {
		return nil, nil, err
	}
	for _, p := range parts {
		pw, err := w.CreatePart(p.header)
		if err != nil {
			return nil, nil, err
		}
		if _, err := pw.Write(p.body); err != nil {
			return nil, nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	return textproto.MIMEHeader{"Content-Type": {fmt.Sprintf("multipart/%s; boundary=%q", subtype, boundary)}}, body.Bytes(), nil
}

// base64Lines is content in base64, 76 characters a line (RFC 2045 section 6.8).
func base64Lines(content []byte) []byte {
	const perLine = 57 // bytes that make 76 characters
	var out bytes.Buffer
	for len(content) > 0 {
		n := min(perLine, len(content))
		out.WriteString(base64.StdEncoding.EncodeToString(content[:n]))
		out.WriteString("\r\n")
		content = content[n:]
	}
	return out.Bytes()
}

// angled writes ids as header fields hold them, folded one a line.
func angled(ids ...string) string {
	var out []string
	for _, id := range ids {
		if id != "" {
			out = append(out, "<"+id+">")
		}
	}
	return strings.Join(out, "\r\n ")
}

// received is a mail of ours as its recipient's mail client sees it.
type received struct {
	raw        []byte
	header     mail.Header
	text       string
	html       string   // "" if it has none
	calendar   string   // its event, "" if it has none
	files      []string // attached, beside invitations, by name
	messageID  string
	references []string
}

// openMail reads a mail from an embedded mailbox.
func openMail(raw []byte) (received, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return received{}, fmt.Errorf("reading a notice: %w", err)
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return received{}, fmt.Errorf("reading a notice: %w", err)
	}
	part := func(mediaType string) (string, error) {
		return textOf(textproto.MIMEHeader(m.Header), bytes.NewReader(body), mediaType)
	}
	text, err := part("text/plain")
	if err != nil {
		return received{}, fmt.Errorf("reading a notice: %w", err)
	}
	html, _ := part("text/html")
	calendar, _ := part("text/calendar")
	return received{
		raw: raw, header: m.Header, text: text, html: html, calendar: strings.ReplaceAll(calendar, "\n", "\r\n"),
		files:      filesOf(textproto.MIMEHeader(m.Header), bytes.NewReader(body)),
		messageID:  strings.Trim(m.Header.Get("Message-Id"), "<> "),
		references: strings.Fields(strings.NewReplacer("<", " ", ">", " ").Replace(m.Header.Get("References"))),
	}, nil
}

// filesOf are the names of the attached files, but for invitations.
func filesOf(header textproto.MIMEHeader, body io.Reader) []string {
	mediaType, params, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if strings.HasPrefix(mediaType, "multipart/") {
		var names []string
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if err != nil {
				return names
			}
			names = append(names, filesOf(p.Header, p)...)
		}
	}
	disposition, params, _ := mime.ParseMediaType(header.Get("Content-Disposition"))
	name, err := new(mime.WordDecoder).DecodeHeader(params["filename"])
	if err != nil || disposition != "attachment" || strings.HasSuffix(name, ".ics") {
		return nil
	}
	return []string{name}
}

// textOf is the first part of that type, decoded, its lines ending in \n.
func textOf(header textproto.MIMEHeader, body io.Reader, wanted string) (string, error) {
	mediaType, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return "", fmt.Errorf("no %s part: %w", wanted, err)
			}
			if text, err := textOf(p.Header, p, wanted); err == nil {
				return text, nil
			}
		}
	}
	if mediaType != wanted {
		return "", fmt.Errorf("a part of type %s", mediaType)
	}
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	return strings.ReplaceAll(string(text), "\r\n", "\n"), err
}

// replyTo is where a mail client sends an answer.
func (r received) replyTo() (string, error) {
	for _, name := range []string{"Reply-To", "From"} {
		if value := r.header.Get(name); value != "" {
			a, err := mail.ParseAddress(value)
			if err != nil {
				return "", fmt.Errorf("%s of a notice: %w", name, err)
			}
			return a.Address, nil
		}
	}
	return "", fmt.Errorf("a notice has neither Reply-To nor From")
}

// subject is the decoded subject.
func (r received) subject() string {
	s, err := new(mime.WordDecoder).DecodeHeader(r.header.Get("Subject"))
	if err != nil {
		return r.header.Get("Subject")
	}
	return s
}

// answer is the reply that a mail client starts from: threaded (RFC 5322 section 3.6.4), addressed, the whole notice quoted
// below words.
func (r received) answer(from player, words string, now time.Time, messageID string) (letter, error) {
	to, err := r.replyTo()
	if err != nil {
		return letter{}, err
	}
	subject := r.subject()
	if !strings.HasPrefix(strings.ToLower(subject), "re:") {
		subject = "Re: " + subject
	}
	date := now
	if sent, err := r.header.Date(); err == nil {
		date = sent
	}
	var quoted strings.Builder
	for line := range strings.Lines(strings.TrimRight(r.text, "\n") + "\n") {
		quoted.WriteString(strings.TrimRight("> "+line, " \n") + "\n")
	}
	return letter{
		from: mail.Address{Name: from.name, Address: from.address()}, to: []string{to}, subject: subject, date: now,
		messageID: messageID, inReplyTo: r.messageID, references: append(r.references[:len(r.references):len(r.references)], r.messageID),
		text: fmt.Sprintf("%s\n\nOn %s, %s <%s> wrote:\n%s", words, date.Format("Mon, 2 Jan 2006 at 15:04"), demoTeam, demoMailbox,
			quoted.String()),
	}, nil
}

// bounceReport is the delivery status notification (RFC 3464) for a notice that a server could not deliver to address.
func bounceReport(host player, to string, notice received, address string, now time.Time, messageID string) ([]byte, error) {
	header, body, err := textPart("plain", fmt.Sprintf("This is the mail system at host %s.\n\n"+
		"I'm sorry to have to inform you that your message could not be delivered to one recipient.\n\n"+
		"<%s>: host %[1]s said: 550 5.1.1 User unknown\n", "mx.mensah.example", address))
	if err != nil {
		return nil, err
	}
	status := fmt.Sprintf("Reporting-MTA: dns; mx.mensah.example\r\nArrival-Date: %s\r\n\r\n"+
		"Final-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n",
		now.Format(time.RFC1123Z), address)
	report, reportBody, err := multipartBody("report", "=_report_1", []part{
		{header, body},
		{textproto.MIMEHeader{"Content-Type": {"message/delivery-status"}}, []byte(status)},
		{textproto.MIMEHeader{"Content-Type": {"message/rfc822"}}, notice.raw},
	})
	if err != nil {
		return nil, err
	}
	from := mail.Address{Name: host.name, Address: host.address()}
	return fmt.Appendf(nil, "Date: %s\r\nFrom: %s\r\nTo: <%s>\r\nSubject: Undelivered Mail Returned to Sender\r\n"+
		"Message-ID: <%s>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: %s; report-type=delivery-status\r\n\r\n%s",
		now.Format(time.RFC1123Z), from.String(), to, messageID, report.Get("Content-Type"), reportBody), nil
}

// multipartBomb is a short mail of nested multiparts that never end, which takes some MIME parsers exponential time.
func multipartBomb(l letter, depth int) ([]byte, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "Date: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: %s\r\nMIME-Version: 1.0\r\n",
		l.date.Format(time.RFC1123Z), l.from.String(), strings.Join(l.to, ", "), l.subject, angled(l.messageID))
	for i := range depth {
		fmt.Fprintf(&out, "Content-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n--b%d\r\n", i, i)
	}
	_, err := fmt.Fprintf(&out, "Content-Type: text/plain\r\n\r\n%s\r\n", l.text)
	return out.Bytes(), err
}

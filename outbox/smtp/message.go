package smtp

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"unicode"

	mail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"handoff/outbox"
)

// build makes the MIME form of m: text, HTML and calendar as alternatives, files beside them, threaded by In-Reply-To and References (RFC 5322,
// section 3.6.4), marked as automatic (RFC 3834, section 5).
func build(m outbox.Mail) ([]byte, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	from, err := netmail.ParseAddress(m.From)
	if err != nil {
		return nil, fmt.Errorf("sender %q: %w", m.From, err)
	}
	from.Address = asciiDomain(from.Address)
	if err := msg.SetAddrHeader(mail.HeaderFrom, from.String()); err != nil {
		return nil, fmt.Errorf("sender %q: %w", m.From, err)
	}
	to := netmail.Address{Name: printable(m.ToName), Address: asciiDomain(m.ToAddress)}
	if to.Name == m.ToAddress {
		to.Name = ""
	}
	if err := msg.SetAddrHeader(mail.HeaderTo, to.String()); err != nil {
		return nil, fmt.Errorf("recipient %q: %w", m.ToAddress, err)
	}
	if m.ReplyTo != "" {
		if err := msg.SetAddrHeader(mail.HeaderReplyTo, (&netmail.Address{Name: from.Name, Address: asciiDomain(m.ReplyTo)}).String()); err != nil {
			return nil, fmt.Errorf("reply address %q: %w", m.ReplyTo, err)
		}
	}
	msg.Subject(printable(m.Content.Subject))
	msg.SetDateWithValue(m.Date)
	msg.SetMessageIDWithValue(m.MessageID)
	if m.InReplyTo != "" {
		msg.SetGenHeader(mail.HeaderInReplyTo, "<"+m.InReplyTo+">")
	}
	if len(m.References) > 0 {
		msg.SetGenHeader(mail.HeaderReferences, "<"+strings.Join(m.References, "> <")+">")
	}
	if m.AutoReply {
		msg.SetGenHeader("Auto-Submitted", "auto-replied")
		// What Exchange should not answer with; failure reports are wanted.
		msg.SetGenHeader("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")
	} else {
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	if m.FeedbackID != "" {
		msg.SetGenHeader("Feedback-ID", m.FeedbackID)
	}
	if err := unsubscribe(msg, m); err != nil {
		return nil, err
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Content.Text)
	if m.Content.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.Content.HTML)
	}
	if len(m.Calendar) > 0 {
		if err := invite(msg, m); err != nil {
			return nil, err
		}
	}
	for _, f := range m.Files {
		msg.AttachReadSeeker(printable(f.Name), bytes.NewReader(f.Content), mail.WithFileContentType(mail.ContentType(f.Type)))
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	return raw.Bytes(), nil
}

// invite adds the calendar twice, as Google Calendar does. As the last alternative, with the method in its type and without
// a disposition, it makes Exchange, Outlook and Gmail take the mail for an invitation with buttons (RFC 6047, section 4.2;
// MS-OXCMAIL, sections 2.1.3.3.8.2 and 2.2.3.3.2: what is an attachment is never the meeting). Apple Mail and clients that
// look for calendars among the files only take the attachment; it is application/ics, as a second text/calendar would be
// shown as a second invitation. Base64 keeps the lines as they were folded.
func invite(msg *mail.Msg, m outbox.Mail) error {
	if m.CalendarMethod == "" || strings.ContainsFunc(m.CalendarMethod, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return fmt.Errorf("calendar method %q: it is one such as %s, as in the calendar", m.CalendarMethod, outbox.Request)
	}
	msg.AddAlternativeString(mail.ContentType("text/calendar; method="+m.CalendarMethod), string(m.Calendar), mail.WithPartEncoding(mail.EncodingB64))
	msg.AttachReadSeeker("invite.ics", bytes.NewReader(m.Calendar), mail.WithFileContentType("application/ics"))
	return nil
}

// maxURI leaves room on a header line (RFC 5322, section 2.1.1).
const maxURI = 900

// unsubscribe writes List-Unsubscribe (RFC 2369) and, with OneClick, List-Unsubscribe-Post (RFC 8058, section 3.1).
func unsubscribe(msg *mail.Msg, m outbox.Mail) error {
	if len(m.ListUnsubscribe) == 0 {
		return nil
	}
	var values []string
	var https bool
	for _, uri := range m.ListUnsubscribe {
		u, err := url.Parse(uri)
		broken := strings.ContainsFunc(uri, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>"\`, r) })
		web := err == nil && u.Scheme == "https" && u.Host != ""
		if err != nil || broken || len(uri) > maxURI || !web && (u.Scheme != "mailto" || u.Opaque == "") {
			return fmt.Errorf("unsubscribe address %.100q: write a mailto: or https: URI of at most %d bytes, percent-encoded", uri, maxURI)
		}
		https = https || web
		values = append(values, "<"+uri+">")
	}
	msg.SetGenHeader(mail.HeaderListUnsubscribe, values...)
	if m.OneClick && https {
		msg.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	return nil
}

// printable takes out what has no place in a header.
func printable(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)), " ")
}

// asciiDomain writes an internationalised domain so that every server takes it (RFC 5891).
func asciiDomain(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + domain
}

// bare is an address without its name.
func bare(address string) string {
	if a, err := netmail.ParseAddress(address); err == nil {
		return a.Address
	}
	return address
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

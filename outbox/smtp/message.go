package smtp

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	mail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"handoff/outbox"
)

// build makes the MIME form of m: text and HTML as alternatives, threaded by In-Reply-To and References (RFC 5322,
// section 3.6.4), marked as automatic (RFC 3834, section 5).
func build(m outbox.Mail) ([]byte, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	from, err := netmail.ParseAddress(m.From)
	if err != nil {
		return nil, fmt.Errorf("sender %q: %w", m.From, err)
	}
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
		if err := msg.SetAddrHeader(mail.HeaderReplyTo, (&netmail.Address{Name: from.Name, Address: m.ReplyTo}).String()); err != nil {
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
	msg.SetBodyString(mail.TypeTextPlain, m.Content.Text)
	if m.Content.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.Content.HTML)
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	return raw.Bytes(), nil
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

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

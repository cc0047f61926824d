package mailtest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"
)

// Mail builds a sample mail as an ordinary mail program writes it: equal Mails give equal bytes.
type Mail struct {
	From, To, Cc string // as in the header, e.g. `Ada Example <ada@press.example>`
	ReplyTo      string
	Subject      string
	Date         time.Time // zero: left out
	MessageID    string    // without angle brackets; "": left out
	InReplyTo    string
	References   []string
	Header       []string // more fields, e.g. "Auto-Submitted: auto-replied"
	Text         string   // with \n line ends
	HTML         string   // "": text alone
	Attachments  []File
}

// File is an attachment.
type File struct {
	Name   string
	Type   string
	Inline bool
	Data   []byte
}

// Bytes is the raw mail with \r\n line ends.
func (m Mail) Bytes() []byte {
	var b bytes.Buffer
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	ids := func(l ...string) string {
		var s []string
		for _, id := range l {
			if id != "" {
				s = append(s, "<"+id+">")
			}
		}
		return strings.Join(s, "\r\n ")
	}
	field("From", m.From)
	field("To", m.To)
	field("Cc", m.Cc)
	field("Reply-To", m.ReplyTo)
	field("Subject", mime.QEncoding.Encode("utf-8", m.Subject))
	if !m.Date.IsZero() {
		field("Date", m.Date.Format(time.RFC1123Z))
	}
	field("Message-ID", ids(m.MessageID))
	field("In-Reply-To", ids(m.InReplyTo))
	field("References", ids(m.References...))
	for _, h := range m.Header {
		b.WriteString(h + "\r\n")
	}
	b.WriteString("MIME-Version: 1.0\r\n")
	m.body(&b)
	return b.Bytes()
}

func (m Mail) body(b *bytes.Buffer) {
	if len(m.Attachments) == 0 {
		m.text(b)
		return
	}
	mixed := m.boundary("mixed")
	fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", mixed, mixed)
	m.text(b)
	for _, f := range m.Attachments {
		disposition := "attachment"
		if f.Inline {
			disposition = "inline"
		}
		fmt.Fprintf(b, "--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: %s\r\n\r\n", mixed,
			mime.FormatMediaType(f.Type, map[string]string{"name": f.Name}),
			mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
		writeBase64(b, f.Data)
	}
	fmt.Fprintf(b, "--%s--\r\n", mixed)
}

func (m Mail) text(b *bytes.Buffer) {
	if m.HTML == "" {
		writeText(b, "text/plain", m.Text)
		return
	}
	alt := m.boundary("alt")
	fmt.Fprintf(b, "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n--%s\r\n", alt, alt)
	writeText(b, "text/plain", m.Text)
	fmt.Fprintf(b, "--%s\r\n", alt)
	writeText(b, "text/html", m.HTML)
	fmt.Fprintf(b, "--%s--\r\n", alt)
}

// boundary is one that quoted-printable and base64 lines cannot hold, the same at each call.
func (m Mail) boundary(kind string) string {
	h := fnv.New64a()
	_, _ = io.WriteString(h, m.MessageID+m.Subject+m.Text)
	return fmt.Sprintf("=_%s_%016x", kind, h.Sum64())
}

func writeText(b *bytes.Buffer, mediaType, s string) {
	fmt.Fprintf(b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", mediaType)
	w := quotedprintable.NewWriter(b)
	_, _ = io.WriteString(w, strings.ReplaceAll(s, "\n", "\r\n"))
	_ = w.Close()
	b.WriteString("\r\n")
}

func writeBase64(b *bytes.Buffer, data []byte) {
	const line = 57 // bytes that make 76 characters
	var enc [76]byte
	b.Grow(len(data)*4/3 + len(data)/line*2 + 80)
	for len(data) > 0 {
		n := min(line, len(data))
		base64.StdEncoding.Encode(enc[:], data[:n])
		b.Write(enc[:base64.StdEncoding.EncodedLen(n)])
		b.WriteString("\r\n")
		data = data[n:]
	}
}

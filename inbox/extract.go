package inbox

import (
	"bytes"
	"fmt"
	"strings"
)

// content is what a mail, or a mail inside it, says and carries.
type content struct {
	lines       []line // the readable text
	attachments []Attachment
	messages    []int // indexes of attached messages
	html        bool  // the text was made from HTML
	htmlLinks   []string
	held        string
}

// extractor reads the bodies of a scanned mail.
type extractor struct {
	s      *structure
	scan   *scanner
	budget int64 // bytes of text that may still be read
	err    error
	held   string
}

// children lists the parts directly below i.
func (x *extractor) children(i int) []int {
	var out []int
	for j := i + 1; j < len(x.s.parts); j++ {
		if x.s.parts[j].parent == i {
			out = append(out, j)
		}
		if x.s.parts[j].depth <= x.s.parts[i].depth {
			break
		}
	}
	return out
}

// body returns the decoded bytes of leaf i, as far as the budget goes.
func (x *extractor) body(i int) []byte {
	p := &x.s.parts[i]
	end := min(p.end, p.start+encodedBudget(p.encoding, x.budget))
	if end < p.end {
		x.hold(fmt.Sprintf("its text is longer than what is read of a mail; %d bytes were left out", p.end-end))
	}
	raw, err := x.scan.section(p.start, end)
	if err != nil {
		x.err = err
		return nil
	}
	out := undoTransfer(p.encoding, raw)
	if int64(len(out)) > x.budget {
		out = out[:x.budget]
	}
	x.budget -= int64(len(out))
	return out
}

func encodedBudget(encoding string, decoded int64) int64 {
	switch encoding {
	case "base64":
		return decoded/3*4 + decoded/50 + 1024
	case "quoted-printable":
		return decoded * 3
	}
	return decoded
}

func (x *extractor) hold(reason string) {
	if x.held == "" {
		x.held = reason
	}
}

// text returns leaf i as UTF-8.
func (x *extractor) text(i int) string {
	p := &x.s.parts[i]
	b := x.body(i)
	charset := p.params["charset"]
	if p.mediaType == "text/html" && charset == "" {
		charset = metaCharset(b)
	}
	return decodeCharset(b, charset)
}

// metaCharset reads the charset that an HTML document declares of itself.
func metaCharset(b []byte) string {
	head := bytes.ToLower(b[:min(len(b), 2048)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return ""
	}
	rest := bytes.TrimLeft(head[i+8:], `"' `)
	end := bytes.IndexAny(rest, `"' />;`)
	if end < 0 {
		return ""
	}
	return string(rest[:end])
}

// read collects the content below part i, which is the root of a message.
func (x *extractor) read(i int) content {
	var c content
	x.walk(i, &c)
	c.held = x.held
	return c
}

// walk visits a part and what it holds. Depth is bounded by the scan.
func (x *extractor) walk(i int, c *content) {
	p := &x.s.parts[i]
	switch {
	case p.message:
		c.messages = append(c.messages, i)
		x.attach(i, c)
	case p.multipart && p.mediaType == "multipart/alternative":
		x.alternative(i, c)
	case p.multipart && p.mediaType == "multipart/encrypted":
		x.hold("it is encrypted (" + encryption(p) + "): nothing of it can be read here")
		for _, j := range x.children(i) {
			x.attach(j, c)
		}
	case p.multipart:
		for _, j := range x.children(i) {
			x.walk(j, c)
		}
	case isSignature(p), isEvidence(p):
	case p.mediaType == "application/pkcs7-mime" || p.mediaType == "application/x-pkcs7-mime":
		if p.params["smime-type"] != "signed-data" {
			x.hold("it is encrypted (S/MIME): nothing of it can be read here")
		}
		x.attach(i, c)
	case x.isBody(p, c):
		x.appendText(i, c)
	default:
		x.attach(i, c)
	}
}

func encryption(p *part) string {
	if strings.Contains(p.params["protocol"], "pgp") {
		return "PGP"
	}
	return "unknown method"
}

func isSignature(p *part) bool {
	switch p.mediaType {
	case "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature":
		return true
	}
	return false
}

// isEvidence tells the parts of a report that are for machines.
func isEvidence(p *part) bool {
	switch p.mediaType {
	case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "message/feedback-report", "text/rfc822-headers":
		return true
	}
	return false
}

// isBody tells a leaf that is read as text from one that is filed as it is.
func (x *extractor) isBody(p *part, c *content) bool {
	if p.disposition == "attachment" {
		return false
	}
	switch p.mediaType {
	case "text/plain", "text/html":
	case "text/enriched", "text/richtext", "text/x-amp-html", "text/watch-html":
		return len(c.lines) == 0
	default:
		return false
	}
	return p.fileName() == "" || p.parent < 0 || len(c.lines) == 0 && p.parent >= 0 && len(c.attachments) == 0 && p.end-p.start < 64<<10 && strings.HasPrefix(p.disposition, "inline") && p.mediaType == "text/html"
}

// alternative picks the form that keeps the sender's text best: plain text, unless it only says that there is HTML.
func (x *extractor) alternative(i int, c *content) {
	var plain, rich content
	for _, j := range x.children(i) {
		p := &x.s.parts[j]
		switch {
		case p.mediaType == "text/plain" && !p.multipart && p.disposition != "attachment":
			if len(plain.lines) == 0 {
				x.walk(j, &plain)
			}
		case p.mediaType == "text/html" && p.disposition != "attachment", p.multipart:
			if len(plain.lines) > 0 && !stub(plain.lines) {
				x.skipText(j, &rich)
			} else {
				x.walk(j, &rich)
			}
		default: // calendar, AMP, voice: filed beside the text
			if p.mediaType != "text/x-amp-html" && p.mediaType != "text/watch-html" {
				x.walk(j, &rich)
			}
		}
	}
	if len(rich.lines) > 0 && (len(plain.lines) == 0 || stub(plain.lines)) {
		c.lines = appendBlock(c.lines, rich.lines)
		c.html = true
	} else {
		c.lines = appendBlock(c.lines, plain.lines)
	}
	c.htmlLinks = append(c.htmlLinks, rich.htmlLinks...)
	c.attachments = append(append(c.attachments, plain.attachments...), rich.attachments...)
	c.messages = append(append(c.messages, plain.messages...), rich.messages...)
}

// skipText visits the richer form only for what it carries: pictures, documents, and links the plain form may lack.
func (x *extractor) skipText(i int, c *content) {
	p := &x.s.parts[i]
	switch {
	case p.message:
		x.walk(i, c)
	case p.multipart:
		for _, j := range x.children(i) {
			x.skipText(j, c)
		}
	case p.mediaType == "text/html" && p.disposition != "attachment":
		x.documentLinks(i, c)
	case x.isBody(p, c) || isSignature(p):
	default:
		x.walk(i, c)
	}
}

// documentHosts are looked for in HTML whose text is not read otherwise.
var documentHosts = []string{"google.com/", "dropbox.com/", "1drv.ms/", "onedrive.", "sharepoint.com/", "notion.", "icloud.com/", "cid:"}

// documentLinks reads an unread HTML alternative only if it names a document service.
func (x *extractor) documentLinks(i int, c *content) {
	p := &x.s.parts[i]
	if p.end-p.start > 256<<10 {
		return
	}
	raw, err := x.scan.section(p.start, p.end)
	if err != nil {
		x.err = err
		return
	}
	encoded := p.encoding == "quoted-printable"
	if p.encoding == "base64" || encoded && (bytes.Contains(raw, []byte("=\r\n")) || bytes.Contains(raw, []byte("=\n"))) {
		raw, encoded = undoTransfer(p.encoding, raw), false
	}
	for _, host := range documentHosts[:len(documentHosts)-1] {
		if bytes.Contains(raw, []byte(host)) {
			if encoded {
				raw = undoTransfer(p.encoding, raw)
			}
			lines, _ := htmlLines(decodeCharset(raw, p.params["charset"]), 256<<10)
			t := trim(lines)
			for n, l := range lines {
				if t.keep[n] {
					c.htmlLinks = append(c.htmlLinks, l.urls...)
				}
			}
			return
		}
	}
}

// stub tells a plain alternative that says nothing.
func stub(lines []line) bool {
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(strings.TrimSpace(l.text))
		if text.Len() > 300 {
			return false
		}
	}
	s := strings.ToLower(text.String())
	if s == "" {
		return true
	}
	return strings.Contains(s, "html") && (strings.Contains(s, "view this") || strings.Contains(s, "does not support") || strings.Contains(s, "this is an html") || strings.Contains(s, "html version") || strings.Contains(s, "html-") || strings.Contains(s, "html email") || strings.Contains(s, "html e-mail"))
}

func appendBlock(lines, more []line) []line {
	if len(lines) > 0 && len(more) > 0 {
		lines = append(lines, line{})
	}
	return append(lines, more...)
}

func (x *extractor) appendText(i int, c *content) {
	p := &x.s.parts[i]
	s := x.text(i)
	switch {
	case p.mediaType == "text/html":
		lines, whole := htmlLines(s, int(max(x.budget, 64<<10)))
		if !whole {
			x.hold("its text is longer than what is read of a mail")
		}
		c.lines, c.html = appendBlock(c.lines, lines), true
	case p.mediaType != "text/plain":
		lines, _ := htmlLines(s, 64<<10)
		c.lines = appendBlock(c.lines, lines)
	case strings.EqualFold(p.params["format"], "flowed"):
		c.lines = appendBlock(c.lines, unflow(s, strings.EqualFold(p.params["delsp"], "yes")))
	default:
		c.lines = appendBlock(c.lines, splitLines(x.openArmor(s)))
	}
	if len(c.lines) > maxLines {
		c.lines = c.lines[:maxLines]
		x.hold(fmt.Sprintf("its text has more than %d lines", maxLines))
	}
}

// openArmor takes the text out of a PGP signed message, and holds an encrypted one.
func (x *extractor) openArmor(s string) string {
	if !strings.Contains(s, "-----BEGIN PGP ") {
		return s
	}
	trimmed := strings.TrimSpace(s)
	if strings.HasPrefix(trimmed, "-----BEGIN PGP MESSAGE-----") {
		x.hold("it is encrypted (PGP): nothing of it can be read here")
		return s
	}
	_, rest, ok := strings.Cut(normalizeNewlines(s), "-----BEGIN PGP SIGNED MESSAGE-----\n")
	if !ok {
		return s
	}
	_, text, ok := strings.Cut(rest, "\n\n") // armor headers
	if !ok {
		return s
	}
	text, _, ok = strings.Cut(text, "\n-----BEGIN PGP SIGNATURE-----")
	if !ok {
		return s
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines { // RFC 9580 section 7.2: dash escaping
		lines[i] = strings.TrimPrefix(l, "- ")
	}
	return strings.Join(lines, "\n")
}

// attach files part i as an attachment.
func (x *extractor) attach(i int, c *content) {
	p := &x.s.parts[i]
	if p.end <= p.start && p.fileName() == "" {
		return
	}
	a := attachmentOf(p, len(c.attachments)+1)
	a.Type = typeByName(a)
	if p.message && p.fileName() == "" {
		if s := x.s.parts[i+1].header.text("Subject"); s != "" && i+1 < len(x.s.parts) {
			a.Name = safeName(s + ".eml")
		}
	}
	a.Inline = strings.HasPrefix(a.Type, "image/") && p.disposition != "attachment" && (a.ContentID != "" || p.disposition == "inline")
	c.attachments = append(c.attachments, a)
}

package inbox

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// content is what a mail, or a mail inside it, says and carries.
type content struct {
	own         bool   // of the mail itself, not of one inside it
	lines       []line // the readable text
	attachments []Attachment
	messages    []embedded // attached messages
	html        bool       // the text was made from HTML
	htmlLinks   []string
	tnef        *tnefMessage // whose text stands in if there is no other
	itip        *itip        // an answer to an invitation
	held        string
}

// embedded is an attached message: its root part in the structure that it lies in, or, of TNEF, what was read of it.
type embedded struct {
	x    *extractor
	root int
	tnef *tnefMessage
}

// extractor reads the bodies of a scanned mail, or of a mail that one of its parts holds in another format.
type extractor struct {
	*allowance
	s       *structure
	scan    *scanner
	within  *Container // what attachments lie in, nil for the raw mail
	shift   int64      // of offsets in the scanned mail, to be added
	content []byte     // the scanned mail, if it is in memory
	nested  int        // containers around it
	cids    map[string]bool
}

// allowance is what one mail may still cost, however it is made, and what was found out about it.
type allowance struct {
	budget  int64 // bytes of text that may still be read
	decoded int64 // bytes of containers that may still be decoded
	parts   int   // parts that containers may still have
	shown   int64 // bytes of HTML that may still be searched for what it shows
	linked  int64 // bytes of HTML whose text is not read that may still be searched for links
	err     error
	held    string
	notes   []Check
	senders []string // of the mail: From and Sender

	examine func(content io.Reader) // looks for malware in what a container holds; nil: nobody does
}

// maxLinkedBytes is for all alternatives of a mail together: most mails have one.
const maxLinkedBytes = 512 << 10

func newExtractor(s *structure, sc *scanner) *extractor {
	return &extractor{s: s, scan: sc, allowance: &allowance{
		budget:  sc.lim.TextBytes,
		decoded: 2*sc.size + 16<<20,
		parts:   sc.lim.Parts - len(s.parts),
		shown:   maxHTMLBytes,
		linked:  maxLinkedBytes,
	}}
}

func (a *allowance) note(check, outcome, reason string) {
	if len(a.notes) < 100 {
		a.notes = append(a.notes, Check{Check: check, Outcome: outcome, Reason: reason})
	}
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
	if p.mediaType == "text/html" {
		return decodeCharset(b, p.params["charset"], metaCharset(b))
	}
	return decodeCharset(b, p.params["charset"])
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
	c := content{own: i == 0 && x.nested == 0}
	x.walk(i, &c)
	if c.tnef != nil && !written(c.lines) {
		c.lines, c.html = c.tnef.lines(x), c.tnef.rich()
	}
	c.held = x.held
	return c
}

// written tells whether the lines say anything.
func written(lines []line) bool {
	return slices.ContainsFunc(lines, func(l line) bool { return strings.TrimSpace(l.text) != "" })
}

// walk visits a part and what it holds. Depth is bounded by the scan.
func (x *extractor) walk(i int, c *content) {
	p := &x.s.parts[i]
	switch {
	case p.message:
		c.messages = append(c.messages, embedded{x: x, root: i + 1})
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
	case isSignature(p):
		method := "S/MIME"
		if p.mediaType == "application/pgp-signature" {
			method = "PGP"
		}
		x.noteSigned(method)
	case isEvidence(p):
	case p.mediaType == "application/pgp-encrypted": // of PGP/MIME, or of what a gateway made of it
		x.hold("it is encrypted (PGP): nothing of it can be read here")
		x.attach(i, c)
	case isSMIME(p):
		x.smime(i, c)
	case isTNEF(p):
		x.readTNEF(i, c)
	case isCalendar(p) && x.readCalendar(i, c):
	case x.isBody(p, c):
		x.appendText(i, c)
	case x.fileMessage(i, c):
	default:
		x.attach(i, c)
	}
}

func (x *extractor) noteSigned(method string) {
	x.note("signature", "not checked", "signed ("+method+"), signature not checked")
}

func isSMIME(p *part) bool {
	switch p.mediaType {
	case "application/pkcs7-mime", "application/x-pkcs7-mime", "application/cms":
		return true
	case "application/octet-stream":
		return strings.HasSuffix(strings.ToLower(p.fileName()), ".p7m")
	}
	return false
}

// smime reads an S/MIME part (RFC 8551): signed and compressed content as if it stood in the part's place, while what is
// encrypted is held. The part stays an attachment if nothing can be taken out of it.
func (x *extractor) smime(i int, c *content) {
	p := &x.s.parts[i]
	declared := cmsKind(strings.ToLower(p.params["smime-type"]))
	if head := x.head(p, 80); identity(p.encoding) && bytes.HasPrefix(head, []byte("MI")) {
		p.encoding = "base64" // which somebody forgot to say
	}
	kind, _, err := cmsContent(x.head(p, 80))
	if err != nil || kind == cmsUnknown {
		kind = declared
	}
	if declared == "certs-only" {
		x.attach(i, c)
		return
	}
	if kind != cmsSigned && kind != cmsCompressed {
		x.hold("it is encrypted (S/MIME): nothing of it can be read here")
		x.attach(i, c)
		return
	}
	var e entity
	box, b := x.container(i, formatSMIME)
	if box == nil {
		err = fmt.Errorf("nested too deep, or too large: %w", errContainer)
	} else {
		e, err = openCMS(b, min(maxInflated(box.Length), x.decoded))
	}
	var in *extractor
	if err != nil && kind == cmsCompressed { // it may have been inflated a long way
		x.decoded = 0
	}
	if err == nil && len(e.content) > 0 {
		if kind == cmsCompressed {
			x.decoded -= int64(len(e.content))
		}
		in = x.inside(i, box, e.content)
	}
	if in == nil {
		x.attach(i, c)
		if err != nil {
			x.hold("its S/MIME content cannot be read")
			x.note("signature", "unreadable", "S/MIME: "+err.Error())
		}
		return
	}
	if e.cut {
		x.hold("its S/MIME content ends early")
	}
	if kind == cmsSigned {
		x.noteSigned("S/MIME")
	}
	root := 0
	if in.s.parts[0].message && len(in.s.parts) > 1 && strings.EqualFold(firstAddress(in.s.parts[1].header, "From").Address, firstAddress(x.s.parts[0].header, "From").Address) {
		root = 1 // the mail itself, wrapped so that its header is signed, too (RFC 8551 section 3.1)
	}
	in.walk(root, c)
}

// head returns up to n decoded bytes of a leaf.
func (x *extractor) head(p *part, n int64) []byte {
	b, err := readSized(io.LimitReader(decoder(p.encoding, io.NewSectionReader(x.scan.raw, p.start, min(p.end-p.start, 8*n))), n), n)
	if err != nil {
		return nil
	}
	return b
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
	plain, rich := content{own: c.own}, content{own: c.own}
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
	if rich.itip != nil {
		c.itip = rich.itip
	}
	if rich.tnef != nil {
		c.tnef = rich.tnef
	}
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
var documentHosts = []string{"google.com/", "dropbox.com/", "1drv.ms/", "onedrive.", "sharepoint.com/", "notion.", "icloud.com/"}

// documentLinks reads an unread HTML alternative only if it names a document service.
func (x *extractor) documentLinks(i int, c *content) {
	p := &x.s.parts[i]
	if p.end-p.start > min(256<<10, x.linked) {
		return
	}
	x.linked -= p.end - p.start
	raw, err := x.scan.section(p.start, p.end)
	if err != nil {
		x.err = err
		return
	}
	encoded := p.encoding == "quoted-printable"
	if p.encoding == "base64" || encoded && (bytes.Contains(raw, []byte("=\r\n")) || bytes.Contains(raw, []byte("=\n"))) {
		raw, encoded = undoTransfer(p.encoding, raw), false
	}
	for _, host := range documentHosts {
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
	var lines []line
	switch {
	case p.mediaType == "text/html":
		var whole bool
		lines, whole = htmlLines(s, int(max(x.budget, 64<<10)))
		if !whole {
			x.hold("its text is longer than what is read of a mail")
		}
		c.html = true
	case p.mediaType != "text/plain":
		lines, _ = htmlLines(s, 64<<10)
	case strings.EqualFold(p.params["format"], "flowed"):
		lines = unflow(s, strings.EqualFold(p.params["delsp"], "yes"))
	default:
		lines = splitLines(s)
	}
	if strings.Contains(s, "-----BEGIN PGP ") {
		lines = x.openArmor(lines)
	}
	c.lines = appendBlock(c.lines, lines)
	if len(c.lines) > maxLines {
		c.lines = c.lines[:maxLines]
		x.hold(fmt.Sprintf("its text has more than %d lines", maxLines))
	}
}

// attach files part i as an attachment.
func (x *extractor) attach(i int, c *content) {
	p := &x.s.parts[i]
	if p.end <= p.start && p.fileName() == "" {
		return
	}
	a := attachmentOf(p, len(c.attachments)+1)
	a.Type = typeByName(a)
	if p.message && p.fileName() == "" && i+1 < len(x.s.parts) {
		if s := x.s.parts[i+1].header.text("Subject"); s != "" {
			a.Name = safeName(s + ".eml")
		}
	}
	if !p.message {
		a.inspect(x.scan.raw)
	}
	a.Offset += x.shift
	a.Within = x.within
	a.Inline = x.inline(p, a)
	c.attachments = append(c.attachments, a)
}

package inbox

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// isTNEF tells a part that Outlook or Exchange wrote in its own format.
func isTNEF(p *part) bool {
	switch p.mediaType {
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	case "application/octet-stream":
		return strings.EqualFold(p.fileName(), "winmail.dat")
	}
	return false
}

// readTNEF takes the files, the text, or the answer to a meeting out of a TNEF part. What cannot be read stays the attachment
// that it is.
func (x *extractor) readTNEF(i int, c *content) {
	box, b := x.container(i, formatTNEF)
	if box == nil {
		x.attach(i, c)
		return
	}
	m, err := readTNEFStream(b, 0, 0)
	if err != nil {
		x.note("tnef", "unreadable", err.Error())
		x.attach(i, c)
		return
	}
	m.box, m.stream = box, b
	files := len(c.attachments)
	m.attach(x, c)
	files = len(c.attachments) - files
	if c.tnef == nil {
		c.tnef = m
	}
	if status := m.response(); status != "" && c.own && m.uid != "" && c.itip == nil {
		c.itip = &itip{method: "reply", uid: m.uid, attendees: []attendee{{m.from.Address, status}}}
	}
	class := m.class
	if class == "" {
		class = "no class"
	}
	x.note("tnef", "read", fmt.Sprintf("winmail.dat holds %s (%.60s)", plural(files, "file"), class))
}

// attach lists the files of m, and the messages attached to it with theirs.
func (m *tnefMessage) attach(x *extractor, c *content) {
	var refs map[string]bool
	for _, f := range m.files {
		if f.offset == 0 || f.size == 0 && f.name == "" && f.title == "" {
			continue
		}
		if x.parts--; x.parts < 0 {
			x.hold(fmt.Sprintf("it is beyond the limits for reading: it has more than %d parts", x.scan.lim.Parts))
			return
		}
		a := Attachment{Type: f.mimeType, Size: f.size, Offset: f.offset, Length: f.size, Within: m.box, ContentID: f.contentID}
		for _, name := range []string{f.name, f.title, f.display} {
			if a.Name = safeName(name); a.Name != "" {
				break
			}
		}
		if f.message != nil {
			a.Type = "application/ms-tnef"
			if a.Name == "" {
				a.Name = safeName(f.message.subject)
			}
			if !strings.Contains(a.Name, ".") || a.Name == safeName(f.message.subject) {
				a.Name = safeName(a.Name + ".dat")
			}
		}
		if strings.IndexByte(a.Type, '/') <= 0 {
			a.Type = "application/octet-stream"
		}
		if a.Name == "" {
			a.Name = defaultName(a.Type, len(c.attachments)+1)
		}
		a.Type = typeByName(a)
		if strings.HasPrefix(a.Type, "image/") {
			if refs == nil {
				refs = make(map[string]bool)
				addReferences(refs, m.html)
			}
			a.Inline = a.ContentID != "" && (refs[strings.ToLower(a.ContentID)] || f.inHTML || f.hidden)
		}
		a.inspect(bytes.NewReader(m.stream))
		if x.examine != nil {
			x.examine(io.NewSectionReader(bytes.NewReader(m.stream), a.Offset, a.Length))
		}
		c.attachments = append(c.attachments, a)
		if in := f.message; in != nil {
			in.box, in.stream = m.box, m.stream
			c.messages = append(c.messages, embedded{x: x, tnef: in})
		}
	}
}

// rich tells whether the text is made from HTML or RTF.
func (m *tnefMessage) rich() bool { return strings.TrimSpace(m.text) == "" }

// lines is the text: the plain one, else what the HTML says, else the RTF.
func (m *tnefMessage) lines(x *extractor) []line {
	limit := int(max(x.budget, 64<<10))
	var out []line
	whole := true
	switch {
	case !m.rich():
		out = splitLines(m.text)
	case len(m.html) > 0:
		label := codepageLabel(m.codepage)
		if label == "" {
			label = metaCharset(m.html)
		}
		out, whole = htmlLines(decodeCharset(m.html, label), limit)
	case len(m.rtf) > 0:
		rtf, err := decompressRTF(m.rtf, int(min(maxRTF, x.decoded)))
		x.decoded -= int64(len(rtf))
		if err != nil {
			x.note("tnef", "unreadable", "its RTF text: "+err.Error())
			return nil
		}
		text, isHTML := rtfText(rtf, limit)
		if isHTML {
			out, whole = htmlLines(text, limit)
		} else {
			out = splitLines(text)
		}
	}
	if !whole {
		x.hold("its text is longer than what is read of a mail")
	}
	x.budget = max(0, x.budget-int64(len(m.text)+len(m.html)+len(m.rtf)))
	return out
}

// forward is a message attached to a TNEF message.
func (m *tnefMessage) forward(x *extractor, comment string) (Forwarded, content) {
	var c content
	m.attach(x, &c)
	c.lines, c.html = m.lines(x), m.rich()
	t := trim(c.lines)
	return Forwarded{
		From:      Address{Address: m.from.Address, Name: cleanLine(m.from.Name)},
		Subject:   cleanLine(m.subject),
		MessageID: cleanLine(m.id),
		Date:      m.sent,
		Text:      joinLines(c.lines, func(i int) bool { return t.keep[i] }),
		Comment:   comment,
		Attached:  true,
	}, c
}

package inbox

import (
	"bytes"
	"html"
	"io"
	"net/url"
	"strings"
)

const (
	smallPicture  = 20_000  // bytes; a smaller one that is said to be inline is a logo
	maxReferences = 1000    // of the pictures that HTML shows
	maxHTMLBytes  = 2 << 20 // of HTML that is searched for them
)

// inline tells a picture that belongs to the text from one that is handed in. What the HTML shows is inline, whatever the part's
// disposition: Apple Mail and Outlook call such pictures attachments. What it does not show is inline only if its sender says so
// and it is small, for Apple Mail puts photos inline that are a mail's whole content.
func (x *extractor) inline(p *part, a Attachment) bool {
	if !strings.HasPrefix(a.Type, "image/") {
		return false
	}
	location := p.header.first("Content-Location")
	if a.ContentID != "" || location != "" {
		refs := x.references()
		if refs[strings.ToLower(a.ContentID)] || location != "" && refs[strings.ToLower(location)] {
			return true
		}
	}
	return p.disposition != "attachment" && (a.ContentID != "" || p.disposition == "inline") && a.Size < smallPicture
}

// references are what the HTML of the scanned mail shows: Content-IDs and locations, lower case.
func (x *extractor) references() map[string]bool {
	if x.cids != nil {
		return x.cids
	}
	x.cids = make(map[string]bool)
	for i := range x.s.parts {
		p := &x.s.parts[i]
		if p.mediaType != "text/html" || p.multipart || x.shown <= 0 {
			continue
		}
		raw, err := readSized(io.NewSectionReader(x.scan.raw, p.start, min(p.end-p.start, x.shown)), min(p.end-p.start, x.shown))
		if err != nil {
			x.err = err
			return x.cids
		}
		x.shown -= int64(len(raw))
		addReferences(x.cids, undoTransfer(p.encoding, raw))
	}
	return x.cids
}

// addReferences finds what HTML, or the style sheets in it, shows.
func addReferences(refs map[string]bool, text []byte) {
	text = bytes.ToLower(text)
	for _, before := range []string{"cid:", "src=", "background="} {
		rest := text
		for hits := 0; hits < maxReferences; hits++ {
			i := bytes.Index(rest, []byte(before))
			if i < 0 {
				break
			}
			rest = rest[i+len(before):]
			value := rest[:min(len(rest), 500)]
			if before != "cid:" {
				value = bytes.TrimLeft(value, `"' `)
			}
			if end := bytes.IndexAny(value, "\"'<>) \t\r\n"); end >= 0 {
				value = value[:end]
			}
			rest = rest[len(value):] // what was read is not looked through again
			ref := string(value)
			if strings.ContainsAny(ref, "&%") {
				ref = html.UnescapeString(ref)
				if u, err := url.PathUnescape(ref); err == nil {
					ref = u
				}
			}
			if ref != "" {
				refs[ref] = true
			}
		}
	}
}

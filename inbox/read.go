package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"handoff/internal/redact"
)

// Options is what Read needs to know of the world. The zero value reads any mail, trusting no header.
type Options struct {
	// AuthservIDs are the hosts whose Authentication-Results are believed (RFC 8601 section 5).
	AuthservIDs []string
	// LookupTXT, if set, lets mail without trusted results be DKIM-verified here.
	LookupTXT func(ctx context.Context, domain string) ([]string, error)
	// OwnID tells whether a Message-ID (without angle brackets) is one that Handoff signed.
	OwnID func(id string) bool
	// OwnAddresses are the addresses Handoff sends from.
	OwnAddresses []string
	// Scan, if set, looks for malware in the whole raw mail and names what it found, "" for nothing. An error that wraps ErrNoScanner
	// stops Read: nothing passes unscanned. With any other the mail is held.
	Scan func(ctx context.Context, raw io.Reader) (finding string, err error)
	// Limits on structure; zero fields take the defaults.
	Limits Limits
}

// ErrNoScanner is what Options.Scan wraps when no malware scanner answers: it says nothing about the mail, which can be read later.
var ErrNoScanner = errors.New("the malware scanner cannot be reached")

// Limits bound what one mail may make Read do. Beyond them a Message comes back with Held set.
type Limits struct {
	Depth       int   // nested multiparts and messages; 16
	Parts       int   // leaves and multiparts in all; 1,000
	HeaderBytes int64 // of one part's header; 256 kB
	TextBytes   int64 // of decoded text kept for Body; 2 MB
}

// Read reads one mail of size bytes. It reads raw in one linear pass plus the text parts, never the attachments' bytes twice.
// The structure is the scan's, under Limits; text parts are decoded one at a time, base64 of the regular kind by enmime.
// However hostile the mail, the answer is a Message (Held says what could not be read); an error is raw's own or ctx's, or
// names a panic that the mail caused.
func Read(ctx context.Context, raw io.ReaderAt, size int64, opt Options) (m *Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("read mail: panic: %v\n%s", p, debug.Stack())
		}
	}()
	s, sc, err := scan(ctx, raw, size, opt.Limits.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("scan mail: %w", err)
	}
	r := &reading{ctx: ctx, raw: raw, size: size, opt: opt, s: s, m: &Message{}}
	r.x = newExtractor(s, sc)
	r.h = withoutOwn(s.parts[0].header)
	r.envelope()
	r.identity()
	r.x.senders = []string{r.m.From.Address, r.m.Sender.Address}
	if opt.Scan != nil {
		r.x.examine = r.examine
	}
	r.content()
	if r.x.err != nil {
		return nil, fmt.Errorf("read mail: %w", r.x.err)
	}
	r.kind()
	r.intent()
	r.invoice()
	r.authenticate()
	if err := r.scanForMalware(); err != nil {
		return nil, fmt.Errorf("scan mail for malware: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read mail: %w", err)
	}
	for i, c := range r.m.Trace {
		r.m.Trace[i].Reason = redact.Text(c.Reason)
	}
	return r.m, nil
}

// reading is one Read under way.
type reading struct {
	ctx  context.Context
	raw  io.ReaderAt
	size int64
	opt  Options
	s    *structure
	x    *extractor
	h    header
	m    *Message
	c    content

	scanned struct { // by the malware scanner, of the raw mail and of what containers hold
		finding string
		err     error // the first
		gone    error // that no scanner answers
	}
	quotes bool // the text quotes or passes on another mail
}

func (r *reading) note(check, outcome, reason string) {
	r.m.Trace = append(r.m.Trace, Check{Check: check, Outcome: outcome, Reason: reason})
}

// withoutOwn drops the X-Handoff- fields: only mail that has not left this house may carry them.
func withoutOwn(h header) header {
	out := make(header, 0, len(h))
	for _, f := range h {
		if len(f.name) < 10 || !strings.EqualFold(f.name[:10], "X-Handoff-") {
			out = append(out, f)
		}
	}
	return out
}

// envelope fills in what the header says, whatever the structure is like.
func (r *reading) envelope() {
	m, h := r.m, r.h
	if n := len(r.s.parts[0].header) - len(h); n > 0 {
		r.note("own headers", "dropped", fmt.Sprintf("%d X-Handoff- fields came from outside", n))
	}
	if ids := messageIDs(h.first("Message-ID")); len(ids) > 0 {
		m.MessageID = ids[0]
	}
	for _, v := range h.all("In-Reply-To") {
		m.InReplyTo = append(m.InReplyTo, messageIDs(v)...)
	}
	for _, v := range h.all("References") {
		m.References = append(m.References, messageIDs(v)...)
	}
	m.From = firstAddress(h, "From")
	m.Sender = firstAddress(h, "Sender")
	m.ReplyTo = addressed(h, "Reply-To")
	m.To = addressed(h, "To")
	m.Cc = addressed(h, "Cc")
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"} {
		for _, a := range addressed(h, name) {
			if !contains(m.DeliveredTo, a.Address) {
				m.DeliveredTo = append(m.DeliveredTo, a.Address)
			}
		}
	}
	if rp := h.all("Return-Path"); len(rp) > 0 {
		m.NullSender = strings.TrimSpace(stripComments(rp[0])) == "<>"
	} else {
		m.NullSender = strings.TrimSpace(h.first("X-Envelope-From")) == "<>"
	}
	m.Subject = h.text("Subject")
	m.Date = parseDate(h.first("Date"))
	m.ContentHash = contentHash(h, r.s.hash)
	if r.s.exceeded != "" {
		m.Held = "it is beyond the limits for reading: " + r.s.exceeded
		r.note("structure", "held", m.Held)
		return
	}
	r.note("structure", "ok", fmt.Sprintf("%s, %s", plural(len(r.s.parts), "part"), plural(int(r.size), "byte")))
}

func addressed(h header, name string) []Address {
	var out []Address
	for _, v := range h.all(name) {
		for _, a := range parseAddresses(v) {
			if strings.Contains(a.Address, "@") {
				out = append(out, a)
			}
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if strings.EqualFold(have, s) {
			return true
		}
	}
	return false
}

// contentHash covers what is the same in every copy of a mail: relays add headers above, folding and blanks may change.
func contentHash(h header, body []byte) string {
	sum := sha256.New()
	for _, name := range []string{"From", "Date", "Subject"} {
		io.WriteString(sum, strings.Join(strings.Fields(h.first(name)), " ")) // a hash does not fail
		sum.Write([]byte{'\n'})
	}
	sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}

// identity undoes what lists and groups do to From, and recognises our own mail.
func (r *reading) identity() {
	m := r.m
	if a, reason := trueAuthor(r.h, m); reason != "" {
		r.note("from", "undone", reason)
		m.From = a
	} else if m.From.Address == "" {
		r.note("from", "missing", "the mail names no author")
	} else {
		r.note("from", "ok", m.From.Address)
	}
}

// content reads text, attachments and the mails inside.
func (r *reading) content() {
	r.readContent()
	if m := r.m; r.x.held != "" && m.Held == "" {
		m.Held = r.x.held
		r.note("content", "held", m.Held)
	}
}

func (r *reading) readContent() {
	m := r.m
	r.c = r.x.read(0)
	m.Trace = append(m.Trace, r.x.notes...)
	m.Body = joinLines(r.c.lines, func(int) bool { return true })
	t := trimMail(r.c.lines, r.fresh())
	m.Text = joinLines(r.c.lines, func(i int) bool { return t.keep[i] })
	m.Elided = joinLines(r.c.lines, func(i int) bool { return !t.keep[i] })
	r.noteContent(t)
	r.quotes = quotes(r.c.lines, t)
	m.Links = findLinks(r.c.lines, func(i int) bool { return t.keep[i] })
	for _, u := range r.c.htmlLinks {
		u = unwrap(u)
		if lt := linkType(u); lt != WebLink && len(m.Links) < maxLinks && !hasLink(m.Links, u) {
			m.Links = append(m.Links, Link{URL: u, Type: lt, ID: documentID(u, lt)})
		}
	}
	m.Attachments = r.c.attachments
	r.calendar()
	m.Forwarded = inlineForward(r.c.lines, m.Subject, t)
	m.Echo = t.echo && !t.fresh && len(m.Forwarded) == 0 && !forwardSubject(m.Subject)
	if len(m.Forwarded) > 0 {
		start := t.forward
		if start < 0 {
			start = t.history
		}
		r.addLinks(r.c.lines[start:min(len(r.c.lines), start+maxInlineLines)])
	}
	if strings.HasPrefix(r.s.parts[0].mediaType, "multipart/report") {
		return // the mail it carries is evidence, not content
	}
	// Attached mails may carry mails in turn; the scan bounds them.
	pending := r.c.messages
	comment := m.Text
	for len(pending) > 0 && len(m.Forwarded) < maxForwarded {
		e := pending[0]
		pending = pending[1:]
		told := len(r.x.notes)
		f, inner := e.forward(comment)
		m.Trace = append(m.Trace, r.x.notes[told:]...)
		m.Forwarded = append(m.Forwarded, f)
		r.addLinks(inner.lines)
		m.Attachments = append(m.Attachments, inner.attachments...)
		pending = append(pending, inner.messages...)
		comment = ""
	}
	if n := len(m.Forwarded); n > 0 {
		r.note("forwarded", "yes", "it forwards a mail of "+m.Forwarded[n-1].From.Address)
	}
}

// quotes tells whether a text carries another mail: what it leaves out is more than a signature.
func quotes(lines []line, t trimmed) bool {
	if t.history < len(lines) || t.forward >= 0 {
		return true
	}
	for i := range lines {
		if !t.keep[i] && strings.HasPrefix(strings.TrimSpace(lines[i].text), ">") {
			return true
		}
	}
	return false
}

// addLinks takes over the links of a mail that is forwarded: it is handed in, and they with it.
func (r *reading) addLinks(lines []line) {
	t := trim(lines)
	for _, l := range findLinks(lines, func(i int) bool { return t.keep[i] }) {
		if len(r.m.Links) < maxLinks && !hasLink(r.m.Links, l.URL) {
			r.m.Links = append(r.m.Links, l)
		}
	}
}

// noteContent tells what the text was made from and how much of it is the sender's.
func (r *reading) noteContent(t trimmed) {
	form, own, words := "plain", 0, 0
	if r.c.html {
		form = "html"
	}
	for i, l := range r.c.lines {
		if strings.TrimSpace(l.text) == "" {
			continue
		}
		words++
		if t.keep[i] {
			own++
		}
	}
	if words == 0 {
		form = "none"
	}
	r.note("text", form, fmt.Sprintf("%d of %d lines are the sender's own, the rest is quote or signature; %s", own, words, plural(len(r.c.attachments), "attachment")))
}

func hasLink(list []Link, u string) bool {
	for _, l := range list {
		if l.URL == u {
			return true
		}
	}
	return false
}

// kind decides what sort of mail this is.
func (r *reading) kind() {
	m := r.m
	c := &classifier{m: m, h: r.h, quotes: r.quotes, own: r.opt.OwnAddresses}
	if r.own() {
		m.Kind, m.Automatic, m.SuppressReply = Own, true, true
		return
	}
	if kind, reason := r.report(); reason != "" {
		m.Kind, m.Automatic, m.SuppressReply = kind, true, true
		r.note("report", string(kind), reason)
		return
	}
	r.note("report", "no", "neither its structure nor its words make it a delivery report")
	v := c.automatic()
	m.Kind, m.Automatic, m.SuppressReply = v.kind, v.automatic, v.suppressReply
	r.answeredByCalendar()
	if m.Kind == AutoReply {
		r.returns()
	}
}

// returns reads when the sender of an automatic reply is back.
func (r *reading) returns() {
	m := r.m
	text := m.Text
	if text == "" {
		text = m.Body
	}
	sent := m.Date
	if _, received, ok := lastCut(r.h.first("Received"), ";"); sent.IsZero() && ok {
		sent = parseDate(received)
	}
	if m.Returns = returnDay(m.Subject, text, sent); !m.Returns.IsZero() {
		r.note("returns", m.Returns.Format(time.DateOnly), "the automatic reply names this day as the end of an absence")
	}
}

// own tells a mail that Handoff sent: its own id and its own sender, so that nobody hides behind a copied id.
func (r *reading) own() bool {
	m := r.m
	ours := false
	for _, a := range r.opt.OwnAddresses {
		ours = ours || strings.EqualFold(a, m.From.Address)
	}
	signed := r.opt.OwnID != nil && m.MessageID != "" && r.opt.OwnID(m.MessageID)
	switch {
	case ours && signed:
		r.note("own mail", "yes", "Handoff signed its Message-ID, and it comes from "+m.From.Address)
		return true
	case signed:
		r.note("own mail", "no", "its Message-ID is one of ours, but "+m.From.Address+" is not")
	default:
		r.note("own mail", "no", "its Message-ID is not one that Handoff signed")
	}
	return false
}

// examine has the malware scanner look at content. Once something was found or nobody answers, it does not ask again.
func (r *reading) examine(content io.Reader) {
	if r.scanned.finding != "" || r.scanned.gone != nil || r.ctx.Err() != nil {
		return
	}
	finding, err := r.opt.Scan(r.ctx, content)
	switch {
	case errors.Is(err, ErrNoScanner):
		r.scanned.gone = err
	case err != nil && r.scanned.err == nil:
		r.scanned.err = err
	}
	r.scanned.finding = cleanLine(finding)
}

// scanForMalware fills in Infected and Unscanned. What containers hold was examined when they were opened.
func (r *reading) scanForMalware() error {
	if r.opt.Scan == nil {
		return nil
	}
	r.examine(io.NewSectionReader(r.raw, 0, r.size))
	switch {
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case r.scanned.finding != "":
		r.m.Infected = r.scanned.finding
		r.note("malware", "found", r.m.Infected)
	case r.scanned.gone != nil:
		return r.scanned.gone
	case r.scanned.err != nil:
		r.note("malware", "unknown", r.scanned.err.Error())
		r.m.Unscanned = true
		if r.m.Held == "" {
			r.m.Held = "it could not be scanned for malware"
		}
	default:
		r.note("malware", "none", "the scanner found nothing")
	}
	return nil
}

// plural is "1 part" and "2 parts".
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

package inbox

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	maxCalendarBytes = 256 << 10 // of an answer to an invitation; real ones have 2 kB
	maxAttendees     = 500
)

// counterStatus is the Status of an answer that proposes another time (RFC 5546 section 3.2.7).
const counterStatus = "counter"

// itip is an answer to an invitation (RFC 5546) as it was sent.
type itip struct {
	method    string // reply or counter
	uid       string
	sequence  int
	comment   string
	attendees []attendee
}

type attendee struct {
	address string
	status  string // PARTSTAT, lower case, "" if none
}

func isCalendar(p *part) bool {
	switch p.mediaType {
	case "text/calendar", "application/ics", "text/x-vcalendar":
		return true
	case "application/octet-stream", "text/plain":
		return strings.HasSuffix(strings.ToLower(p.fileName()), ".ics")
	}
	return false
}

// readCalendar reads leaf i if it answers an invitation and is the mail's own. What it says is then in the Message, and the part
// is no attachment. Everything else that is a calendar is a file: false.
func (x *extractor) readCalendar(i int, c *content) bool {
	p := &x.s.parts[i]
	method := strings.ToLower(p.params["method"])
	if !c.own || p.multipart || p.end-p.start > 3*maxCalendarBytes || method != "" && method != "reply" && method != counterStatus {
		return false
	}
	b := x.head(p, maxCalendarBytes)
	answer := parseITIP(decodeCharset(b, calendarCharset(p)), method)
	if answer == nil || !slices.ContainsFunc(x.senders, func(a string) bool { return strings.EqualFold(a, answer.answer(x.senders...).address) }) {
		return false // somebody else's answer is a file that is passed on
	}
	if c.itip == nil {
		c.itip = answer
	}
	x.note("calendar", "read", "an answer to an invitation ("+strings.ToUpper(answer.method)+"); its calendar file is not listed as an attachment")
	return true
}

// calendarCharset is UTF-8 unless the part says otherwise (RFC 5545 section 3.1.4).
func calendarCharset(p *part) string {
	if c := p.params["charset"]; c != "" && !strings.EqualFold(c, "us-ascii") {
		return c
	}
	return "utf-8"
}

// parseITIP reads the REPLY or COUNTER that an iCalendar stream (RFC 5545) holds, nil if it holds none that names who answers
// what. method is the part's parameter; the stream's own property wins. One pass over the lines: only the properties of the
// first event or to-do are looked at. (golang-ical takes 10 s and allocates 25 GB for 256 kB of parameters.)
func parseITIP(s, method string) *itip {
	a := itip{method: strings.ToLower(method)}
	var inside []string // the components around a line
	begun, done := false, false
	for rest := strings.TrimPrefix(s, "\ufeff"); rest != "" && !done; {
		var l string
		l, rest = cutContentLine(rest)
		name, params, value := contentLine(l)
		if !begun && name != "" {
			if name != "BEGIN" || !strings.EqualFold(value, "VCALENDAR") {
				return nil
			}
			begun = true
		}
		switch name {
		case "BEGIN":
			if len(inside) >= 8 {
				return nil
			}
			inside = append(inside, strings.ToUpper(value))
		case "END":
			if len(inside) > 0 {
				inside = inside[:len(inside)-1]
			}
			done = len(inside) == 1 && len(a.attendees) > 0 // the first event
		case "METHOD":
			if len(inside) == 1 {
				a.method = strings.ToLower(value)
			}
		}
		if len(inside) != 2 || inside[1] != "VEVENT" && inside[1] != "VTODO" {
			continue
		}
		switch name {
		case "UID":
			a.uid = value
		case "SEQUENCE":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 {
				a.sequence = n
			}
		case "COMMENT":
			if a.comment == "" {
				a.comment = strings.TrimSpace(normalizeNewlines(unescapeText(value)))
			}
		case "ATTENDEE":
			if at := calendarAddress(value, params); at != "" && len(a.attendees) < maxAttendees {
				if note := strings.TrimSpace(params["X-RESPONSE-COMMENT"]); note != "" && a.comment == "" { // Google's
					a.comment = note
				}
				a.attendees = append(a.attendees, attendee{at, strings.ToLower(params["PARTSTAT"])})
			}
		}
	}
	answered := false
	for _, at := range a.attendees {
		answered = answered || at.status != ""
	}
	if a.method == counterStatus && len(a.attendees) > 0 {
		answered = true
	}
	if a.method != "reply" && a.method != counterStatus || a.uid == "" || !answered {
		return nil
	}
	a.uid = cleanLine(a.uid)
	return &a
}

// cutContentLine takes the next content line off s, unfolded: lines that begin with a blank go on.
func cutContentLine(s string) (l, rest string) {
	l, rest, _ = strings.Cut(s, "\n")
	l = strings.TrimSuffix(l, "\r")
	if rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return l, rest
	}
	var b strings.Builder
	b.WriteString(l)
	for rest != "" && (rest[0] == ' ' || rest[0] == '\t') {
		l, rest, _ = strings.Cut(rest[1:], "\n")
		b.WriteString(strings.TrimSuffix(l, "\r"))
	}
	return b.String(), rest
}

// contentLine splits NAME;PARAM=value;PARAM="value":value. Names are upper case; name is "" for what is not such a line.
func contentLine(l string) (name string, params map[string]string, value string) {
	i := strings.IndexAny(l, ";:")
	if i <= 0 {
		return "", nil, ""
	}
	name = strings.ToUpper(strings.TrimSpace(l[:i]))
	if _, after, ok := strings.Cut(name, "."); ok { // a group
		name = after
	}
	for n := 0; i < len(l) && l[i] == ';' && n < 50; n++ {
		l = l[i+1:]
		eq := strings.IndexAny(l, "=:")
		if eq < 0 {
			return name, params, ""
		}
		if l[eq] == ':' {
			i = eq
			break
		}
		param := strings.ToUpper(l[:eq])
		l = l[eq+1:]
		quoted := false
		for i = 0; i < len(l) && (quoted || l[i] != ';' && l[i] != ':'); i++ {
			quoted = quoted != (l[i] == '"')
		}
		v := strings.Trim(l[:i], `"`)
		if params == nil {
			params = make(map[string]string, 8)
		}
		params[param] = v
	}
	if i >= len(l) || l[i] != ':' {
		return name, params, ""
	}
	return name, params, strings.TrimSpace(l[i+1:])
}

// calendarAddress is the mail address of an ATTENDEE: its mailto: URI (RFC 6068), or the EMAIL parameter of RFC 7986.
func calendarAddress(value string, params map[string]string) string {
	s := value
	if len(s) >= 7 && strings.EqualFold(s[:7], "mailto:") {
		s, _, _ = strings.Cut(s[7:], "?")
		if decoded, err := url.PathUnescape(s); err == nil {
			s = decoded
		}
	}
	if !strings.Contains(s, "@") || strings.Contains(s, ":") {
		s = params["EMAIL"]
	}
	return cleanAddress(cleanLine(s))
}

// unescapeText undoes RFC 5545 section 3.3.11.
func unescapeText(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";").Replace(s)
}

// answer is the one among the attendees of an answer who gives it: the sender, else the first with a status.
func (a *itip) answer(senders ...string) attendee {
	var first attendee
	for _, at := range a.attendees {
		if contains(senders, at.address) {
			return at
		}
		if first.address == "" || first.status == "" && at.status != "" {
			first = at
		}
	}
	return first
}

// calendar takes over the answer that a calendar sent for the mail's author.
func (r *reading) calendar() {
	a := r.c.itip
	if a == nil {
		return
	}
	who := a.answer(r.m.From.Address, r.m.Sender.Address)
	cal := &Calendar{UID: a.uid, Sequence: a.sequence, Attendee: who.address, Status: who.status, Comment: a.comment}
	if cal.Attendee == "" { // TNEF need not say
		cal.Attendee = r.m.From.Address
	}
	if cal.Status == "" {
		cal.Status = "needs-action" // what the parameter is if it is not there
	}
	if a.method == counterStatus {
		cal.Status = counterStatus
	}
	r.m.Calendar = cal
	r.note("calendar", cal.Status, fmt.Sprintf("%s answers the invitation %.80q", cal.Attendee, cal.UID))
}

// answeredByCalendar corrects the kind of an answer to an invitation. "Auto-Submitted: auto-generated" says of it only that the
// calendar program made the mail: a person gave the answer, unless anything else tells of a machine. Nobody waits for an
// answer to it.
func (r *reading) answeredByCalendar() {
	m := r.m
	if m.Calendar == nil {
		return
	}
	if m.Kind == AutoReply && !m.NullSender && keyword(r.h.first("Auto-Submitted")) == "auto-generated" {
		rest := slices.DeleteFunc(slices.Clone(r.h), func(f field) bool { return strings.EqualFold(f.name, "Auto-Submitted") })
		copied := *m
		copied.Trace = nil
		if v := (&classifier{m: &copied, h: rest, quotes: r.quotes, own: r.opt.OwnAddresses}).automatic(); v.kind == Human {
			m.Kind, m.Automatic = Human, false
			r.note("automatic", "no", "a person answered an invitation; only the mail was made by their calendar")
		}
	}
	m.SuppressReply = true
	switch {
	case m.Kind != Human:
	case m.Calendar.Status == "accepted":
		m.Intent = &Intent{Command: Accept, Via: "calendar"}
	case m.Calendar.Status == "declined":
		m.Intent = &Intent{Command: Decline, Via: "calendar"}
	}
}

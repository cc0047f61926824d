package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"handoff/workflow"
)

// Methods of an Invite (RFC 5546, section 3.2).
const (
	Request = "REQUEST" // asks, and asks again after a change
	Cancel  = "CANCEL"  // takes back what was asked
)

// inviteLength is how long before its deadline a step's event begins. An event without length is not shown everywhere.
const inviteLength = 30 * time.Minute

// Invite is a step of a piece as a calendar event, which its owner can accept or decline where they read their mail
// (RFC 5546). It is stored with its notice and rendered when that is sent.
type Invite struct {
	Method        string    `json:"method"`         // Request or Cancel
	UID           string    `json:"uid"`            // the same for all about one step and owner; printable ASCII without spaces and \ , ;
	Sequence      int       `json:"sequence"`       // raised by every changed deadline and by Cancel (RFC 5546, section 2.1.4)
	Organizer     string    `json:"organizer"`      // the signed address of the piece: answers go there
	OrganizerName string    `json:"organizer_name"` // may be ""
	Attendee      string    `json:"attendee"`
	AttendeeName  string    `json:"attendee_name"` // may be ""
	Summary       string    `json:"summary"`
	Description   string    `json:"description,omitempty"`
	End           time.Time `json:"end"`   // the deadline; the event is the 30 minutes before it
	Stamp         time.Time `json:"stamp"` // when this revision was made
}

const utcForm = "20060102T150405Z" // RFC 5545, section 3.3.5, form 2

// ICS is the invite as an iCalendar stream (RFC 5545): the same bytes for the same Invite.
func (i Invite) ICS() ([]byte, error) {
	if err := i.check(); err != nil {
		return nil, fmt.Errorf("calendar event %q: %w", i.UID, err)
	}
	organizer, err := mailto(i.Organizer)
	if err != nil {
		return nil, fmt.Errorf("organizer of calendar event %q: %w", i.UID, err)
	}
	attendee, err := mailto(i.Attendee)
	if err != nil {
		return nil, fmt.Errorf("attendee of calendar event %q: %w", i.UID, err)
	}
	status, asks := "CONFIRMED", ";PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
	if i.Method == Cancel {
		status, asks = "CANCELLED", ""
	}
	lines := []string{
		"BEGIN:VCALENDAR",
		"PRODID:-//Handoff//Handoff//EN",
		"VERSION:2.0",
		"CALSCALE:GREGORIAN",
		"METHOD:" + i.Method,
		"BEGIN:VEVENT",
		"UID:" + i.UID,
		"DTSTAMP:" + i.Stamp.UTC().Format(utcForm),
		"DTSTART:" + i.End.Add(-inviteLength).UTC().Format(utcForm),
		"DTEND:" + i.End.UTC().Format(utcForm),
		"SEQUENCE:" + strconv.Itoa(i.Sequence),
		"ORGANIZER" + commonName(i.OrganizerName) + ":" + organizer,
		"ATTENDEE" + commonName(i.AttendeeName) + ";ROLE=REQ-PARTICIPANT" + asks + ":" + attendee,
		"SUMMARY:" + escapeText(oneLine(i.Summary)),
	}
	if i.Description != "" {
		lines = append(lines, "DESCRIPTION:"+escapeText(i.Description))
	}
	lines = append(lines,
		"STATUS:"+status,
		"TRANSP:TRANSPARENT", // a deadline leaves the time free for other things
		"END:VEVENT",
		"END:VCALENDAR",
	)
	var b bytes.Buffer
	for _, l := range lines {
		fold(&b, l)
	}
	return b.Bytes(), nil
}

func (i Invite) check() error {
	broken := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`\,;`, r) }
	switch {
	case i.Method != Request && i.Method != Cancel:
		return fmt.Errorf("method %q: it is %s or %s", i.Method, Request, Cancel)
	case i.UID == "" || strings.ContainsFunc(i.UID, broken): // clients differ in whether they escape it in their answers
		return errors.New(`its UID is to be of letters, digits and signs without spaces and \ , ;`)
	case i.Sequence < 0:
		return fmt.Errorf("sequence %d: it counts up from 0", i.Sequence)
	case oneLine(i.Summary) == "":
		return errors.New("it has no summary: say what is due")
	case i.End.IsZero():
		return errors.New("it has no end: a step without a deadline is no event")
	case i.Stamp.IsZero():
		return errors.New("it has no stamp: say when this revision was made")
	}
	return nil
}

// fold writes a content line: at most 75 octets in one piece, characters kept whole (RFC 5545, section 3.1).
func fold(b *bytes.Buffer, line string) {
	for room := 75; len(line) > room; room = 74 { // the blank that marks a continuation counts
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		b.WriteString(line[:cut] + "\r\n ")
		line = line[cut:]
	}
	b.WriteString(line + "\r\n")
}

// escapeText writes a TEXT value (RFC 5545, section 3.3.11). The control characters it cannot hold are left out.
func escapeText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	return strings.NewReplacer(`\`, `\\`, `;`, `\;`, `,`, `\,`, "\n", `\n`).Replace(s)
}

// commonName is the CN parameter, quoted (RFC 6868), "" for no name. A backslash is plain there, but many readers take
// it for an escape, even of the closing quote.
func commonName(name string) string {
	name = oneLine(name)
	if name == "" {
		return ""
	}
	return `;CN="` + strings.NewReplacer(`^`, `^^`, `"`, `^'`, `\`, `/`).Replace(name) + `"`
}

// oneLine is s with every run of blanks and control characters as one space.
func oneLine(s string) string {
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\ufffd"), blank), " ")
}

// mailto is an address as a URI (RFC 6068, section 2): its domain as ASCII, percent-encoded where it has to be.
func mailto(address string) (string, error) {
	normal := workflow.NormalizeAddress(address)
	if normal == "" {
		return "", fmt.Errorf("%q is no mail address", address)
	}
	address = strings.TrimSpace(address)
	local := address[:strings.LastIndexByte(address, '@')]
	return "mailto:" + percentEncode(local) + "@" + percentEncode(workflow.Domain(normal)), nil
}

func percentEncode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~!$'*+", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

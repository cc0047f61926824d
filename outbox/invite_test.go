package outbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/internal/clock"
	"handoff/outbox"
)

func invite() outbox.Invite {
	return outbox.Invite{
		Method: outbox.Request, UID: "step-12-3-45@agency.example", Sequence: 2,
		Organizer: "drafts+abc.def@agency.example", OrganizerName: "Example Agency",
		Attendee: "anna@berg.example", AttendeeName: "Anna Berg",
		Summary: "ACME-12: draft about Wärmepumpen", Description: "Please accept or decline.\nDue on Friday; at noon, sharp.",
		End: time.Date(2026, 5, 8, 12, 0, 0, 0, time.FixedZone("CEST", 2*3600)), Stamp: start,
	}
}

// required are the properties of an event by method, each once (RFC 5546, sections 3.2.2 and 3.2.5).
var required = map[string][]ics.ComponentProperty{
	outbox.Request: {"UID", "DTSTAMP", "SEQUENCE", "ORGANIZER", "ATTENDEE", "DTSTART", "SUMMARY"},
	outbox.Cancel:  {"UID", "DTSTAMP", "SEQUENCE", "ORGANIZER", "ATTENDEE", "STATUS"},
}

// parsed reads a stream with a parser that is not ours and checks the form of its lines and what RFC 5546 requires.
func parsed(t interface {
	Helper()
	Fatalf(string, ...any)
}, stream []byte) (method string, event *ics.VEvent) {
	t.Helper()
	if !utf8.Valid(stream) || !bytes.HasSuffix(stream, []byte("\r\n")) {
		t.Fatalf("not UTF-8, or the last line is open:\n%s", stream)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(stream), "\r\n"), "\r\n") {
		if len(line) == 0 || len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("line %q of %d octets", line, len(line))
		}
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(stream))
	if err != nil {
		t.Fatalf("%v in\n%s", err, stream)
	}
	calendar := map[string]string{}
	for _, p := range cal.CalendarProperties {
		calendar[p.IANAToken] = p.Value
	}
	method = calendar["METHOD"]
	want := map[string]string{"PRODID": "-//Handoff//Handoff//EN", "VERSION": "2.0", "CALSCALE": "GREGORIAN", "METHOD": method}
	if diff := cmp.Diff(want, calendar); diff != "" || len(cal.CalendarProperties) != len(want) || len(cal.Components) != 1 || len(cal.Events()) != 1 {
		t.Fatalf("not one event, or other properties (-want +got):\n%s\n%s", diff, stream)
	}
	event = cal.Events()[0]
	count := map[ics.ComponentProperty]int{}
	for _, p := range event.Properties {
		count[ics.ComponentProperty(p.IANAToken)]++
	}
	for name, n := range count {
		if n != 1 {
			t.Fatalf("%d %s in\n%s", n, name, stream)
		}
	}
	for _, name := range required[method] {
		if count[name] != 1 {
			t.Fatalf("%s without %s:\n%s", method, name, stream)
		}
	}
	if len(event.Components) != 0 || len(required[method]) == 0 {
		t.Fatalf("method %q, %d parts of the event:\n%s", method, len(event.Components), stream)
	}
	return method, event
}

// back is the Invite that a stream tells of.
func back(t interface {
	Helper()
	Fatalf(string, ...any)
}, stream []byte) outbox.Invite {
	t.Helper()
	method, event := parsed(t, stream)
	value := func(name ics.ComponentProperty) string {
		if p := event.GetProperty(name); p != nil {
			return p.Value
		}
		return ""
	}
	at := func(name ics.ComponentProperty) time.Time {
		moment, err := time.Parse("20060102T150405Z", value(name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return moment
	}
	person := func(name ics.ComponentProperty) (address, cn string) {
		p := event.GetProperty(name)
		address, err := url.PathUnescape(strings.TrimPrefix(p.Value, "mailto:"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return address, strings.NewReplacer("^^", "^", "^'", `"`, "^n", "\n").Replace(strings.Join(p.ICalParameters["CN"], "|")) // RFC 6868
	}
	i := outbox.Invite{Method: method, UID: value("UID"), Summary: value("SUMMARY"), Description: value("DESCRIPTION"), End: at("DTEND"), Stamp: at("DTSTAMP")}
	if _, err := fmt.Sscan(value("SEQUENCE"), &i.Sequence); err != nil {
		t.Fatalf("sequence: %v", err)
	}
	i.Organizer, i.OrganizerName = person("ORGANIZER")
	i.Attendee, i.AttendeeName = person("ATTENDEE")
	if d := i.End.Sub(at("DTSTART")); d != 30*time.Minute {
		t.Fatalf("it lasts %s", d)
	}
	return i
}

func TestICS(t *testing.T) {
	cancelled := invite()
	cancelled.Method, cancelled.Sequence = outbox.Cancel, 3
	for _, c := range []struct {
		invite outbox.Invite
		want   string
	}{
		{invite(), `BEGIN:VCALENDAR
PRODID:-//Handoff//Handoff//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REQUEST
BEGIN:VEVENT
UID:step-12-3-45@agency.example
DTSTAMP:20260505T090000Z
DTSTART:20260508T093000Z
DTEND:20260508T100000Z
SEQUENCE:2
ORGANIZER;CN="Example Agency":mailto:drafts+abc.def@agency.example
ATTENDEE;CN="Anna Berg";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRU
 E:mailto:anna@berg.example
SUMMARY:ACME-12: draft about Wärmepumpen
DESCRIPTION:Please accept or decline.\nDue on Friday\; at noon\, sharp.
STATUS:CONFIRMED
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
`},
		{cancelled, `BEGIN:VCALENDAR
PRODID:-//Handoff//Handoff//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:CANCEL
BEGIN:VEVENT
UID:step-12-3-45@agency.example
DTSTAMP:20260505T090000Z
DTSTART:20260508T093000Z
DTEND:20260508T100000Z
SEQUENCE:3
ORGANIZER;CN="Example Agency":mailto:drafts+abc.def@agency.example
ATTENDEE;CN="Anna Berg";ROLE=REQ-PARTICIPANT:mailto:anna@berg.example
SUMMARY:ACME-12: draft about Wärmepumpen
DESCRIPTION:Please accept or decline.\nDue on Friday\; at noon\, sharp.
STATUS:CANCELLED
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
`},
	} {
		got, err := c.invite.ICS()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, strings.ReplaceAll(string(got), "\r\n", "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.invite.Method, diff)
		}
		c.invite.End = c.invite.End.UTC()
		if diff := cmp.Diff(c.invite, back(t, got)); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
	}
}

func TestHostileInvite(t *testing.T) {
	for _, c := range []struct {
		change  func(*outbox.Invite)
		summary string
		name    string
		address string
		says    string // of the URI
	}{
		{change: func(i *outbox.Invite) {
			i.AttendeeName = "Eve\":mailto:eve@evil.example\r\nATTENDEE:mailto:x@evil.example"
		},
			name: `Eve":mailto:eve@evil.example ATTENDEE:mailto:x@evil.example`},
		{change: func(i *outbox.Invite) { i.AttendeeName = "Anna; X=1, \"Ännchen\" ^n Berg" }, name: `Anna; X=1, "Ännchen" ^n Berg`},
		{change: func(i *outbox.Invite) { i.AttendeeName = "Anna\\" }, name: "Anna/"},
		{change: func(i *outbox.Invite) { i.AttendeeName = "\x00\u2028\t" }},
		{change: func(i *outbox.Invite) { i.Summary = "Due\r\nEND:VEVENT\nBEGIN:VALARM\u2028X:1\\n" }, name: "Anna Berg", summary: `Due END:VEVENT BEGIN:VALARM X:1\n`},
		{change: func(i *outbox.Invite) { i.Summary = "bad \xff\xfe bytes\x1b[0m" }, name: "Anna Berg", summary: "bad \ufffd bytes [0m"},
		{change: func(i *outbox.Invite) { i.Attendee = "a/b?cc=d%25&e#f@Berg.example" }, name: "Anna Berg", address: "a/b?cc=d%25&e#f@berg.example", says: "mailto:a%2Fb%3Fcc%3Dd%2525%26e%23f@berg.example"},
		{change: func(i *outbox.Invite) { i.Attendee = "änna@bücher.example" }, name: "Anna Berg", address: "änna@xn--bcher-kva.example", says: "mailto:%C3%A4nna@xn--bcher-kva.example"},
		{change: func(i *outbox.Invite) { i.Attendee = `"a:b"@berg.example` }, name: "Anna Berg", address: `"a:b"@berg.example`, says: "mailto:%22a%3Ab%22@berg.example"},
	} {
		i := invite()
		c.change(&i)
		stream, err := i.ICS()
		if err != nil {
			t.Errorf("%+v: %v", i, err)
			continue
		}
		want := invite()
		want.End, want.AttendeeName = want.End.UTC(), c.name
		if c.summary != "" {
			want.Summary = c.summary
		}
		if c.address != "" {
			want.Attendee = c.address
		}
		if diff := cmp.Diff(want, back(t, stream)); diff != "" {
			t.Errorf("read back (-want +got):\n%s\n%s", diff, stream)
		}
		if unfolded := strings.ReplaceAll(string(stream), "\r\n ", ""); !strings.Contains(unfolded, c.says+"\r\n") {
			t.Errorf("no %q in\n%s", c.says, stream)
		}
	}
}

func TestUnusableInvite(t *testing.T) {
	for says, change := range map[string]func(*outbox.Invite){
		`method "request"`:                     func(i *outbox.Invite) { i.Method = "request" },
		`method "REPLY"`:                       func(i *outbox.Invite) { i.Method = "REPLY" },
		"its UID":                              func(i *outbox.Invite) { i.UID = "" },
		`"a\nb"`:                               func(i *outbox.Invite) { i.UID = "a\nb" },
		`"a;b"`:                                func(i *outbox.Invite) { i.UID = "a;b" },
		"sequence -1":                          func(i *outbox.Invite) { i.Sequence = -1 },
		"no summary":                           func(i *outbox.Invite) { i.Summary = " \n" },
		"no end":                               func(i *outbox.Invite) { i.End = time.Time{} },
		"no stamp":                             func(i *outbox.Invite) { i.Stamp = time.Time{} },
		`organizer of calendar event "step-12`: func(i *outbox.Invite) { i.Organizer = "desk" },
		`"anna@berg.example\r\nX:1" is no`:     func(i *outbox.Invite) { i.Attendee = "anna@berg.example\r\nX:1" },
		`attendee of calendar event "step-12`:  func(i *outbox.Invite) { i.Attendee = "" },
	} {
		i := invite()
		change(&i)
		if b, err := i.ICS(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v\n%s", says, err, b)
		}
	}
}

// words is text of the awkward kind: signs that mean something to iCalendar, and characters of one to four octets.
func words(t *rapid.T, label string, line bool) string {
	signs := []rune(`\\,;:"^'n N=%<>äß漢字🙂e` + "\u0301")
	if !line {
		signs = append(signs, '\n', '\t')
	}
	return strings.TrimSpace(rapid.StringOfN(rapid.OneOf(rapid.SampledFrom(signs), rapid.RuneFrom(signs)), 1, 200, -1).Draw(t, label))
}

// Whatever is written is read back as it was by another parser.
func TestICSComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		oneLine := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		local := rapid.StringMatching("[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,40}")
		moment := func(label string) time.Time {
			return time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, label), 0).UTC()
		}
		name := func(label string) string {
			return oneLine(strings.ReplaceAll(words(t, label, true), `\`, "/"))
		}
		want := outbox.Invite{
			Method: rapid.SampledFrom([]string{outbox.Request, outbox.Cancel}).Draw(t, "method"), UID: rapid.StringMatching(`[!-+\--:<-\[\]-~]{1,100}`).Draw(t, "uid"),
			Sequence: rapid.IntRange(0, 1<<30).Draw(t, "sequence"), Organizer: local.Draw(t, "organizer") + "@agency.example", OrganizerName: name("organizer name"),
			Attendee: local.Draw(t, "attendee") + "@berg.example", AttendeeName: name("attendee name"),
			Summary: "S" + oneLine(words(t, "summary", true)), Description: words(t, "description", false), End: moment("end"), Stamp: moment("stamp"),
		}
		stream, err := want.ICS()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, back(t, stream)); diff != "" {
			t.Fatalf("read back (-want +got):\n%s\n%s", diff, stream)
		}
		stored, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var again outbox.Invite
		if err := json.Unmarshal(stored, &again); err != nil {
			t.Fatal(err)
		}
		if second, err := again.ICS(); err != nil || !bytes.Equal(stream, second) {
			t.Fatalf("stored and rendered again: %v\n%s", err, second)
		}
	})
}

// No input makes a stream that is malformed, or that has a line more than it should.
func FuzzICS(f *testing.F) {
	f.Add("Anna\r\nATTENDEE:mailto:x@evil.example", "Due\nEND:VEVENT", "text\r\n\x00\u2028;,\\", "anna@berg.example", "uid@agency.example", 1, true)
	f.Add(`"; X="\`, "ä", strings.Repeat("漢", 100), "a?b=c@berg.example", "u;id", -1, false)
	f.Fuzz(func(t *testing.T, name, summary, description, address, uid string, sequence int, request bool) {
		i := invite()
		i.AttendeeName, i.OrganizerName, i.Summary, i.Description, i.Attendee, i.UID, i.Sequence = name, name, summary, description, address, uid, sequence
		if !request {
			i.Method = outbox.Cancel
		}
		stream, err := i.ICS()
		if err != nil {
			return
		}
		read := back(t, stream)
		if read.UID != uid || read.Sequence != sequence || read.Method != i.Method || !read.End.Equal(i.End) {
			t.Errorf("read back %+v of\n%s", read, stream)
		}
		lines := 18
		if description != "" {
			lines++
		}
		if n := strings.Count(strings.ReplaceAll(string(stream), "\r\n ", ""), "\r\n"); n != lines {
			t.Errorf("%d lines, not %d:\n%s", n, lines, stream)
		}
	})
}

func TestNoticeWithInvite(t *testing.T) {
	q, out := &shelf{}, &postman{}
	q.put(t, 3)
	good, bad := invite(), invite()
	bad.UID = ""
	q.notices[0].Invite, q.notices[0].Unsubscribe = &good, []string{"mailto:drafts@agency.example", "https://agency.example/u/abc"}
	q.notices[1].Invite = &bad
	if sent, err := dispatcher(t, q, out, clock.NewFake(start)).Poll(t.Context()); err != nil || sent != 2 {
		t.Fatalf("%d sent, %v", sent, err)
	}
	want, err := good.ICS()
	if err != nil {
		t.Fatal(err)
	}
	mails := out.tried()
	if m := mails[0]; !bytes.Equal(m.Calendar, want) || m.CalendarMethod != outbox.Request || !m.OneClick || !cmp.Equal(m.ListUnsubscribe, q.notices[0].Unsubscribe) {
		t.Errorf("mail %+v", m)
	}
	if !strings.Contains(mails[0].Content.Text, ": https://agency.example/u/abc\n") || strings.Contains(mails[1].Content.Text, "https://agency.example/u/") {
		t.Errorf("the page that stops them is in\n%s\nand\n%s", mails[0].Content.Text, mails[1].Content.Text)
	}
	if m := mails[1]; m.Calendar != nil || m.CalendarMethod != "" || m.OneClick || m.ListUnsubscribe != nil {
		t.Errorf("mail without %+v", m)
	}
	if n := q.all()[1]; n.State != outbox.Failed || !strings.Contains(n.Error, "its UID") {
		t.Errorf("notice is %s: %s", n.State, n.Error)
	}
}

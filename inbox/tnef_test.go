package inbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// tnefWriter writes TNEF streams (MS-OXTNEF), well-formed ones unless told otherwise.
type tnefWriter struct{ bytes.Buffer }

func newTNEF() *tnefWriter {
	w := &tnefWriter{}
	w.u32(0x223e9f78)
	w.u16(1)
	return w
}

func (w *tnefWriter) u16(n int) { binary.Write(w, binary.LittleEndian, uint16(n)) }
func (w *tnefWriter) u32(n int) { binary.Write(w, binary.LittleEndian, uint32(n)) }

func (w *tnefWriter) attribute(level byte, id int, value []byte) *tnefWriter {
	w.WriteByte(level)
	w.u32(id)
	w.u32(len(value))
	w.Write(value)
	sum := 0
	for _, c := range value {
		sum += int(c)
	}
	w.u16(sum)
	return w
}

// prop is one property; name is that of a named one.
type prop struct {
	id, kind int
	value    []byte
	set      string
	named    int
	text     string
}

func props(list ...prop) []byte {
	var w tnefWriter
	w.u32(len(list))
	for _, p := range list {
		w.u16(p.kind)
		w.u16(p.id)
		if p.id >= 0x8000 {
			w.WriteString(p.set)
			if p.text != "" {
				name := wide(p.text)
				w.u32(1)
				w.u32(len(name))
				w.Write(name)
				w.Write(make([]byte, -len(name)&3))
			} else {
				w.u32(0)
				w.u32(p.named)
			}
		}
		switch p.kind {
		case 0x1e, 0x1f, 0x102, 0x0d:
			w.u32(1)
			w.u32(len(p.value))
		}
		w.Write(p.value)
		w.Write(make([]byte, -len(p.value)&3))
	}
	return w.Bytes()
}

func wide(s string) []byte {
	var b []byte
	for _, c := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return b
}

func number(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

func str(id int, s string) prop { return prop{id: id, kind: 0x1f, value: wide(s)} }

// file writes an attachment: its rendering data, its title, and its properties.
func (w *tnefWriter) file(title, data string, list ...prop) *tnefWriter {
	w.attribute(2, attAttachRendData|0x60000, make([]byte, 14))
	if title != "" {
		w.attribute(2, attAttachTitle|0x10000, []byte(title+"\x00"))
	}
	if data != "" {
		w.attribute(2, attAttachData|0x60000, []byte(data))
	}
	if len(list) > 0 {
		w.attribute(2, attAttachment|0x60000, props(list...))
	}
	return w
}

// winmail is a mail that carries a TNEF stream beside its text.
func winmail(text string, tnef []byte) []byte {
	var b strings.Builder
	b.WriteString("From: Mira Osei <mira@writers.example.net>\nTo: Drafts <drafts@agency.example>\nSubject: Files\nMessage-ID: <t@writers.example.net>\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/mixed; boundary=mix\n\n--mix\nContent-Type: text/plain; charset=utf-8\n\n" + text +
		"\n--mix\nContent-Type: application/ms-tnef; name=\"winmail.dat\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"winmail.dat\"\n\n")
	for s := base64.StdEncoding.EncodeToString(tnef); s != ""; {
		n := min(76, len(s))
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	b.WriteString("--mix--\n")
	return []byte(b.String())
}

func readRaw(t testing.TB, raw []byte) *Message {
	t.Helper()
	m, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func opened(t testing.TB, a Attachment, raw []byte) string {
	t.Helper()
	b, err := io.ReadAll(a.Open(bytes.NewReader(raw)))
	if err != nil {
		t.Errorf("%s: %v", a.Name, err)
	}
	return string(b)
}

func names(list []Attachment) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Name)
	}
	return strings.Join(out, "|")
}

const iidMessage = "\x07\x03\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"

func TestTNEFFiles(t *testing.T) {
	inner := newTNEF().
		attribute(1, attMessageClass|0x70000, []byte("IPM.Microsoft Mail.Note\x00")).
		attribute(1, attMAPIProps|0x60000, props(
			str(propSubject, "Mein Gedicht"), str(propSentByName, "Ana Lima"), str(propSentByAddress, "/O=AGENCY/CN=ANA"), str(propSentBySMTP, "ana@poets.example.org"),
			str(propInternetMessageID, "<poem@poets.example.org>"), str(propBody, "Rosen sind rot.\r\n"),
			prop{id: propClientSubmitTime, kind: 0x40, value: binary.LittleEndian.AppendUint64(nil, (1_773_000_000+11_644_473_600)*10_000_000)})).
		file("poem.txt", "Rosen")
	w := newTNEF().
		attribute(1, attOemCodepage|0x60000, append(number(1252), number(0)...)).
		attribute(1, attMessageClass|0x70000, []byte("IPM.Microsoft Mail.Note\x00")).
		file("CHAPTE~1.DOC", "", str(propAttachLongName, "Chapter ü.docx"), prop{id: propAttachData, kind: 0x102, value: []byte("the chapter")}).
		file("r\xe9sum\xe9.pdf", "the résumé", prop{id: propAttachMIMETag, kind: 0x1e, value: []byte("application/pdf\x00")}).
		file("logo.png", "PNG", str(propAttachContentID, "logo@x"), prop{id: propAttachFlags, kind: 3, value: number(4)}).
		file("", "", str(propDisplayName, "Mein Gedicht"), prop{id: propAttachMethod, kind: 3, value: number(5)},
			prop{id: 0x8001, kind: 0x1e, set: strings.Repeat("\x01", 16), text: "odd", value: []byte("abc\x00")},
			prop{id: propAttachData, kind: 0x0d, value: append([]byte(iidMessage), inner.Bytes()...)})
	raw := winmail("See the files.", w.Bytes())
	m := readRaw(t, raw)
	if got := names(m.Attachments); got != "Chapter ü.docx|résumé.pdf|logo.png|Mein Gedicht.dat|poem.txt" {
		t.Fatalf("%s", got)
	}
	for i, want := range []string{"the chapter", "the résumé", "PNG", inner.String(), "Rosen"} {
		a := m.Attachments[i]
		if got := opened(t, a, raw); got != want || a.Size != int64(len(want)) {
			t.Errorf("%s: %q, size %d", a.Name, got, a.Size)
		}
		if a.Within == nil || a.Within.Format != formatTNEF || a.Encoding != "" {
			t.Errorf("%s lies in %+v", a.Name, a.Within)
		}
		r, size, err := a.ReaderAt(bytes.NewReader(raw))
		if err != nil || size != a.Size {
			t.Fatal(size, err)
		}
		if b, err := io.ReadAll(io.NewSectionReader(r, 0, size)); string(b) != want || err != nil {
			t.Errorf("%s at random: %q, %v", a.Name, b, err)
		}
	}
	if m.Attachments[0].Type != "application/vnd.openxmlformats-officedocument.wordprocessingml.document" || m.Attachments[1].Type != "application/pdf" || !m.Attachments[2].Inline || m.Attachments[1].Inline {
		t.Errorf("%+v", m.Attachments)
	}
	if m.Text != "See the files." || m.Held != "" {
		t.Errorf("text %q, held %q", m.Text, m.Held)
	}
	if len(m.Forwarded) != 1 {
		t.Fatalf("%d forwarded", len(m.Forwarded))
	}
	f := m.Forwarded[0]
	if f.From != (Address{"ana@poets.example.org", "Ana Lima"}) || f.Subject != "Mein Gedicht" || f.Text != "Rosen sind rot." || f.MessageID != "poem@poets.example.org" || !f.Attached || f.Date.Unix() != 1_773_000_000 || f.Comment != "See the files." {
		t.Errorf("%+v", f)
	}
}

// compressRTF is MS-OXRTFCP without looking for repetitions, but for the runs of one character.
func compressRTF(s string) []byte {
	var body []byte
	at := len(rtfDictionary)
	for i, ended := 0, false; !ended; {
		control := len(body)
		body = append(body, 0)
		for bit := 0; bit < 8 && !ended; bit++ {
			n := 0
			for i > 0 && i+n < len(s) && n < 17 && s[i+n] == s[i-1] {
				n++
			}
			switch from := (at + 4095) % 4096; {
			case i == len(s):
				body[control] |= 1 << bit
				body = append(body, byte(at>>4), byte(at<<4))
				ended = true
			case n >= 2:
				body[control] |= 1 << bit
				body = append(body, byte(from>>4), byte(from<<4)|byte(n-2))
				at, i = (at+n)%4096, i+n
			default:
				body = append(body, s[i])
				at, i = (at+1)%4096, i+1
			}
		}
	}
	out := append(number(len(body)+12), number(len(s))...)
	return append(append(append(out, "LZFu"...), 0, 0, 0, 0), body...)
}

func TestDecompressRTF(t *testing.T) {
	// The examples of MS-OXRTFCP section 3.
	examples := []struct{ in, want string }{
		{"\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0",
			"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"},
		{"\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\x00\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\x01\x0e\xb0", "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"},
	}
	for _, e := range examples {
		if got, err := decompressRTF([]byte(e.in), 1000); string(got) != e.want || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	for _, s := range []string{"", "{\\rtf1 a}", strings.Repeat("{\\rtf1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabc}", 500)} {
		if got, err := decompressRTF(compressRTF(s), 1<<20); string(got) != s || err != nil {
			t.Errorf("%.50q, %v; want %.50q", got, err, s)
		}
	}
	if _, err := decompressRTF(compressRTF(strings.Repeat("a", 10_000)), 5000); err == nil {
		t.Error("the limit does not hold")
	}
}

func TestRTFText(t *testing.T) {
	tests := []struct {
		name, rtf, want string
		html            bool
	}{
		{"plain", `{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator x;}\f0\fs20 Sch\'f6n\par Zwei\tab x\~y \{z\}}`, "Schön\nZwei\tx\u00a0y {z}", false},
		{"another code page by its font", `{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial;}}\f1 \'cf\'f0\'e8\'e2\'e5\'f2\f0  \'e9}`, "Привет é", false},
		{"two bytes a sign", `{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b}`, "日本", false},
		{"Unicode", `{\rtf1\ansi\uc1\u8364 ?5 \u26085\'93\u26412 ? {\uc0\u-10179\u-8704}}`, "€5 日本 😀", false},
		{"to-end", `{\rtf1\ansi open`, "open", false},
		{"HTML", `{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fswiss;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 One {\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 two \'cf{\*\mhtmltag x}{\*\htmltag84 <a href="http://x.example/\'7b1\'7d">}link{\*\htmltag92 </a>}\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}}`,
			`<p>One &nbsp;two П<a href="http://x.example/{1}">link</a></p>`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, isHTML := rtfText([]byte(tt.rtf), 10_000); strings.TrimSpace(got) != tt.want || isHTML != tt.html {
				t.Errorf("%q, %t", got, isHTML)
			}
		})
	}
}

func TestTNEFText(t *testing.T) {
	rtf := compressRTF(`{\rtf1\ansi\ansicpg1252\fromhtml1{\*\htmltag64 <p>}The {\*\htmltag84 <b>}RTF{\*\htmltag92 </b>} text.{\*\htmltag72 </p>}}`)
	tests := []struct {
		name string
		w    *tnefWriter
		want string
	}{
		{"attBody", newTNEF().attribute(1, attOemCodepage|0x60000, append(number(1251), number(0)...)).attribute(1, attBody|0x20000, []byte("\xcf\xf0\xe8\xe2\xe5\xf2\r\nzwei\x00")), "Привет\nzwei"},
		{"PR_BODY", newTNEF().attribute(1, attMAPIProps|0x60000, props(str(propBody, "Naïve\r\n"))), "Naïve"},
		{"HTML", newTNEF().attribute(1, attMAPIProps|0x60000, props(prop{id: propHTML, kind: 0x102, value: []byte("<p>Gr\xfc\xdfe</p>")}, prop{id: propInternetCPID, kind: 3, value: number(1252)})), "Grüße"},
		{"RTF", newTNEF().attribute(1, attMAPIProps|0x60000, props(prop{id: propRTFCompressed, kind: 0x102, value: rtf})), "The RTF text."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := winmail("", tt.w.Bytes())
			if m := readRaw(t, raw); m.Text != tt.want || len(m.Attachments) != 0 {
				t.Errorf("%q, attached %s", m.Text, names(m.Attachments))
			}
			raw = winmail("The mail's own text.", tt.w.Bytes())
			if m := readRaw(t, raw); m.Text != "The mail's own text." {
				t.Errorf("%q", m.Text)
			}
		})
	}
}

func TestTNEFMeeting(t *testing.T) {
	uid := "\x04\x00\x00\x00\x82\x00\xe0\x00\x74\xc5\xb7\x10\x1a\x82\xe0\x08" + "\x07\xea\x03\x0a" + strings.Repeat("\x00", 16) + "\x1a\x00\x00\x00" + "vCal-Uid\x01\x00\x00\x00kickoff-7@agency.example\x00"
	tests := []struct {
		class, status string
		intent        *Intent
	}{
		{"IPM.Schedule.Meeting.Resp.Pos", "accepted", &Intent{Command: Accept, Via: "calendar"}},
		{"IPM.Microsoft Schedule.MtgRespN", "declined", &Intent{Command: Decline, Via: "calendar"}},
		{"IPM.Schedule.Meeting.Resp.Tent", "tentative", nil},
		{"IPM.Schedule.Meeting.Request", "", nil},
	}
	for _, tt := range tests {
		w := newTNEF().attribute(1, attMessageClass|0x70000, []byte(tt.class+"\x00")).
			attribute(1, attMAPIProps|0x60000, props(prop{id: 0x8000, kind: 0x102, set: psetMeeting, named: namedCleanObjectID, value: []byte(uid)}))
		m := readRaw(t, winmail("Gern.", w.Bytes()))
		if tt.status == "" {
			if m.Calendar != nil {
				t.Errorf("%s: %+v", tt.class, m.Calendar)
			}
			continue
		}
		if m.Calendar == nil || m.Calendar.Status != tt.status || m.Calendar.UID != "kickoff-7@agency.example" || m.Calendar.Attendee != "mira@writers.example.net" || m.Kind != Human || !m.SuppressReply {
			t.Errorf("%s: %+v, %s", tt.class, m.Calendar, m.Kind)
		}
		if (m.Intent == nil) != (tt.intent == nil) || m.Intent != nil && *m.Intent != *tt.intent {
			t.Errorf("%s: intent %+v", tt.class, m.Intent)
		}
	}
	series := []byte(uid[:40] + strings.Repeat("\xab", 16))
	if got := globalObjectUID(series); got != "040000008200E00074C5B7101A82E00800000000"+strings.Repeat("00", 16)+"1A000000"+strings.Repeat("AB", 16) {
		t.Errorf("%s", got)
	}
}

// TestTNEFBroken: a stream whose lengths lie stays the attachment that it is.
func TestTNEFBroken(t *testing.T) {
	whole := newTNEF().file("a.txt", "content", str(propAttachLongName, "a long name.txt")).Bytes()
	tests := map[string][]byte{
		"no signature":     []byte("not TNEF at all"),
		"short":            whole[:5],
		"cut":              whole[:len(whole)-40],
		"length":           bytes.Replace(whole, []byte("\x07\x00\x00\x00content"), []byte("\xff\xff\xff\x7fcontent"), 1),
		"property count":   newTNEF().file("a.txt", "x").attribute(2, attAttachment|0x60000, number(-1)).Bytes(),
		"property length":  newTNEF().file("a.txt", "x").attribute(2, attAttachment|0x60000, slices.Concat(number(1), number(propAttachLongName<<16|0x1f), number(1), number(1<<30))).Bytes(),
		"value count":      newTNEF().file("a.txt", "x").attribute(2, attAttachment|0x60000, slices.Concat(number(1), number(propAttachLongName<<16|0x101f), number(1<<30))).Bytes(),
		"name of property": newTNEF().file("a.txt", "x").attribute(2, attAttachment|0x60000, slices.Concat(number(1), number(0x8001<<16|0x1f), make([]byte, 16), number(1), number(-1))).Bytes(),
	}
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			raw := winmail("Text.", b)
			m := readRaw(t, raw)
			if len(m.Attachments) != 1 || m.Attachments[0].Name != "winmail.dat" || m.Attachments[0].Within != nil || m.Text != "Text." {
				t.Errorf("%+v", m.Attachments)
			}
			if got := opened(t, m.Attachments[0], raw); got != string(b) {
				t.Errorf("%q", got)
			}
		})
	}
	padded := append(slices.Clone(whole), make([]byte, 64)...)
	if m := readRaw(t, winmail("", padded)); names(m.Attachments) != "a long name.txt" {
		t.Errorf("padding: %s", names(m.Attachments))
	}
}

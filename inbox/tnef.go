package inbox

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Limits of what is read of TNEF; real mail has a few dozen attributes.
const (
	maxTNEFAttributes  = 20_000
	maxTNEFAttachments = 1000
	maxTNEFText        = 2 << 20 // bytes of one body, as it is stored
	maxTNEFNames       = 4000    // named properties of one list
	maxTNEFDepth       = 3       // messages attached to messages
)

// The attributes of MS-OXTNEF section 2.1.3.3 that are read.
const (
	attMessageClass   = 0x8008
	attSubject        = 0x8004
	attBody           = 0x800c
	attMessageID      = 0x8009
	attDateSent       = 0x8005
	attOemCodepage    = 0x9007
	attMAPIProps      = 0x9003
	attAttachRendData = 0x9002
	attAttachTitle    = 0x8010
	attAttachData     = 0x800f
	attAttachment     = 0x9005
)

// The property tags of MS-OXPROPS that are read, without their types.
const (
	propMessageClass      = 0x001a
	propSubject           = 0x0037
	propSentByName        = 0x0042 // PidTagSentRepresentingName
	propSentByAddress     = 0x0065
	propSentBySMTP        = 0x5d02
	propSenderName        = 0x0c1a
	propSenderAddress     = 0x0c1f
	propSenderSMTP        = 0x5d01
	propClientSubmitTime  = 0x0039
	propInternetMessageID = 0x1035
	propBody              = 0x1000
	propRTFCompressed     = 0x1009
	propHTML              = 0x1013
	propInternetCPID      = 0x3fde
	propAttachData        = 0x3701
	propAttachFilename    = 0x3704
	propAttachMethod      = 0x3705
	propAttachLongName    = 0x3707
	propAttachMIMETag     = 0x370e
	propAttachContentID   = 0x3712
	propAttachFlags       = 0x3714
	propAttachHidden      = 0x7ffe
	propDisplayName       = 0x3001

	namedGlobalObjectID = 0x0003 // of the set PSETID_Meeting
	namedCleanObjectID  = 0x0023
)

var errTNEF = errors.New("not well-formed TNEF")

// tnefMessage is what a TNEF stream (MS-OXTNEF) holds. Byte slices are parts of the stream.
type tnefMessage struct {
	class    string
	subject  string
	from     Address
	sent     time.Time
	id       string
	text     string // plain, "" if none
	html     []byte // in codepage
	rtf      []byte // compressed
	codepage int    // of html; 0 if the stream does not say
	uid      string // of the event that a meeting response is about
	files    []tnefFile
	oem      int // code page of strings that are not Unicode
	box      *Container
	stream   []byte // what box holds
}

// tnefFile is an attachment.
type tnefFile struct {
	name, title  string
	mimeType     string
	contentID    string
	offset, size int64 // in the stream
	hidden       bool
	inHTML       bool         // the HTML shows it (ATT_MHTML_REF)
	message      *tnefMessage // an embedded mail
	display      string       // PidTagDisplayName
}

// readTNEFStream reads a stream that lies at base of the outermost one; depth is that of messages in messages. Linear: attributes
// and properties are walked by their lengths, and only those above are looked at. Where a length lies, it is an error, not a guess.
func readTNEFStream(b []byte, base int64, depth int) (*tnefMessage, error) {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != 0x223e9f78 {
		return nil, fmt.Errorf("no signature: %w", errTNEF)
	}
	m := &tnefMessage{oem: 1252}
	t := &tnefReader{b: b, base: base, depth: depth, m: m}
	for at, n := 6, 0; len(b)-at >= 9; n++ {
		if n >= maxTNEFAttributes {
			return nil, fmt.Errorf("more than %d attributes: %w", maxTNEFAttributes, errTNEF)
		}
		level, id := b[at], binary.LittleEndian.Uint16(b[at+1:])
		length := int64(binary.LittleEndian.Uint32(b[at+5:]))
		if level != 1 && level != 2 {
			if at == 6 {
				return nil, fmt.Errorf("level %d: %w", level, errTNEF)
			}
			break // padding
		}
		at += 9
		if length > int64(len(b)-at) {
			return nil, fmt.Errorf("an attribute of %d bytes in %d: %w", length, len(b)-at, errTNEF)
		}
		if err := t.attribute(id, at, at+int(length)); err != nil {
			return nil, err
		}
		at += int(length) + 2 // checksum
	}
	return m, nil
}

type tnefReader struct {
	b     []byte
	base  int64 // of b in the outermost stream
	depth int
	m     *tnefMessage
}

func (t *tnefReader) attribute(id uint16, from, to int) error {
	m, v := t.m, t.b[from:to]
	switch id {
	case attOemCodepage:
		if len(v) >= 4 {
			m.oem = int(binary.LittleEndian.Uint32(v))
		}
	case attMessageClass:
		m.class = tnefClass(t.ansi(v))
	case attSubject:
		m.subject = t.ansi(v)
	case attMessageID:
		m.id = strings.Trim(t.ansi(v), "<>")
	case attBody:
		if m.text == "" {
			m.text = t.ansi(v)
		}
	case attDateSent:
		if len(v) >= 12 {
			n := func(i int) int { return int(binary.LittleEndian.Uint16(v[2*i:])) }
			if n(0) > 1900 && n(0) < 3000 {
				m.sent = time.Date(n(0), time.Month(n(1)), n(2), n(3), n(4), n(5), 0, time.UTC)
			}
		}
	case attMAPIProps:
		return t.properties(from, to, t.messageProperty)
	case attAttachRendData:
		if len(m.files) >= maxTNEFAttachments {
			return fmt.Errorf("more than %d attachments: %w", maxTNEFAttachments, errTNEF)
		}
		m.files = append(m.files, tnefFile{})
	}
	if len(m.files) == 0 {
		return nil
	}
	switch f := &m.files[len(m.files)-1]; id {
	case attAttachTitle:
		f.title = t.ansi(v)
	case attAttachData:
		f.offset, f.size = t.base+int64(from), int64(len(v))
	case attAttachment:
		return t.properties(from, to, t.fileProperty)
	}
	return nil
}

// property is one value of a property list; of a list of values the first.
type property struct {
	id, kind uint16
	from, to int
	named    uint32 // of a property with a numeric name
	set      string // the GUID of its set
}

const psetMeeting = "\x90\xda\xd8\x6e\x0b\x45\x1b\x10\x98\xda\x00\xaa\x00\x3f\x13\x05"

// properties walks a property list (MS-OXTNEF section 2.1.3.4).
func (t *tnefReader) properties(from, to int, each func(property) error) error {
	at := from
	need := func(n int64) bool { return n >= 0 && n <= int64(to-at) }
	u32 := func() uint32 { return binary.LittleEndian.Uint32(t.b[at:]) }
	padded := func(n int64) int64 { return (n + 3) &^ 3 }
	short := fmt.Errorf("a property list ends early: %w", errTNEF)
	if !need(4) {
		return short
	}
	count := u32()
	at += 4
	for names := 0; count > 0; count-- {
		if !need(4) {
			return short
		}
		p := property{kind: binary.LittleEndian.Uint16(t.b[at:]), id: binary.LittleEndian.Uint16(t.b[at+2:])}
		at += 4
		if p.id >= 0x8000 {
			if names++; names > maxTNEFNames || !need(24) {
				return short
			}
			p.set = string(t.b[at : at+16])
			at += 16
			byName := u32() != 0
			at += 4
			if p.named = u32(); byName {
				n := padded(int64(p.named))
				at += 4
				if !need(n) {
					return short
				}
				at += int(n)
				p.set, p.named = "", 0
			} else {
				at += 4
			}
		}
		values, sized := int64(1), false
		size := int64(4)
		switch p.kind &^ 0x1000 {
		case 0x0000, 0x0001, 0x0002, 0x0003, 0x0004, 0x000a, 0x000b:
		case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040:
			size = 8
		case 0x0048:
			size = 16
		case 0x000d, 0x001e, 0x001f, 0x0102:
			sized = true
		default:
			return fmt.Errorf("a property of type %#x: %w", p.kind, errTNEF)
		}
		if sized || p.kind&0x1000 != 0 {
			if !need(4) {
				return short
			}
			values = int64(u32())
			at += 4
			if values > int64(to-at)/4 {
				return short
			}
		}
		for n := int64(0); n < values; n++ {
			if sized {
				if !need(4) {
					return short
				}
				size = int64(u32())
				at += 4
			}
			if !need(size) {
				return short
			}
			if n == 0 {
				p.from, p.to = at, at+int(size)
				if err := each(p); err != nil {
					return err
				}
			}
			at += int(min(padded(size), int64(to-at)))
		}
	}
	return nil
}

func (t *tnefReader) messageProperty(p property) error {
	m := t.m
	set := func(to *string) {
		if s := t.text(p); s != "" {
			*to = s
		}
	}
	switch p.id {
	case propMessageClass:
		if s := tnefClass(t.text(p)); s != "" {
			m.class = s
		}
	case propSubject:
		set(&m.subject)
	case propInternetMessageID:
		set(&m.id)
		m.id = strings.Trim(m.id, "<> ")
	case propSentByName, propSenderName:
		if p.id == propSentByName || m.from.Name == "" {
			set(&m.from.Name)
		}
	case propSentByAddress, propSentBySMTP, propSenderAddress, propSenderSMTP:
		// An address of Exchange's own ("/O=…/CN=…") is none that can be written to.
		if s := t.text(p); strings.Contains(s, "@") && (m.from.Address == "" || p.id == propSentBySMTP || p.id == propSentByAddress) {
			m.from.Address = cleanAddress(s)
		}
	case propClientSubmitTime:
		if p.to-p.from == 8 {
			if d := int64(binary.LittleEndian.Uint64(t.b[p.from:])/10_000_000) - 11_644_473_600; d > 0 && d < 1<<36 {
				m.sent = time.Unix(d, 0).UTC()
			}
		}
	case propBody:
		set(&m.text)
	case propHTML:
		m.html = t.b[p.from:min(p.to, p.from+maxTNEFText)]
		if p.kind == 0x001f {
			m.html = []byte(t.text(p))
			m.codepage = 65001
		}
	case propRTFCompressed:
		m.rtf = t.b[p.from:p.to]
	case propInternetCPID:
		if p.to-p.from == 4 && m.codepage == 0 {
			m.codepage = int(binary.LittleEndian.Uint32(t.b[p.from:]))
		}
	}
	if p.set == psetMeeting && (p.named == namedCleanObjectID || p.named == namedGlobalObjectID && m.uid == "") {
		m.uid = globalObjectUID(t.b[p.from:p.to])
	}
	return nil
}

func (t *tnefReader) fileProperty(p property) error {
	f := &t.m.files[len(t.m.files)-1]
	switch p.id {
	case propAttachLongName:
		f.name = t.text(p)
	case propAttachFilename:
		if f.title == "" {
			f.title = t.text(p)
		}
	case propDisplayName:
		f.display = t.text(p)
	case propAttachMIMETag:
		f.mimeType, _ = mediaType(t.text(p))
	case propAttachContentID:
		f.contentID = strings.Trim(t.text(p), "<> ")
	case propAttachHidden:
		f.hidden = p.to > p.from && t.b[p.from] != 0
	case propAttachFlags:
		f.inHTML = p.to > p.from && t.b[p.from]&4 != 0
	case propAttachData:
		v := t.b[p.from:p.to]
		if p.kind == 0x000d && len(v) >= 16 { // an object: the interface's GUID comes first
			p.from += 16
			if bytes.HasPrefix(v, []byte("\x07\x03\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46")) && t.depth < maxTNEFDepth { // IID_IMessage
				in, err := readTNEFStream(t.b[p.from:p.to], t.base+int64(p.from), t.depth+1)
				if err != nil {
					return err
				}
				f.message = in
			}
		}
		f.offset, f.size = t.base+int64(p.from), int64(p.to-p.from)
	}
	return nil
}

// text is a string property as UTF-8; other types have none.
func (t *tnefReader) text(p property) string {
	v := t.b[p.from:min(p.to, p.from+maxTNEFText)]
	switch p.kind &^ 0x1000 {
	case 0x001e:
		return t.ansi(v)
	case 0x001f:
		return cutNUL(convert(v, "utf-16le"))
	case 0x0102:
		if p.id == propHTML {
			return ""
		}
		return t.ansi(v)
	}
	return ""
}

func (t *tnefReader) ansi(v []byte) string {
	v = v[:min(len(v), maxTNEFText)]
	if i := bytes.IndexByte(v, 0); i >= 0 {
		v = v[:i]
	}
	return decodeCharset(v, codepageLabel(t.m.oem))
}

func cutNUL(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return s
}

// tnefClass is a message class as MAPI has it; the attribute's own names are those of Microsoft Mail.
func tnefClass(s string) string {
	switch strings.ToUpper(s) {
	case "IPM.MICROSOFT SCHEDULE.MTGRESPP":
		return "IPM.Schedule.Meeting.Resp.Pos"
	case "IPM.MICROSOFT SCHEDULE.MTGRESPN":
		return "IPM.Schedule.Meeting.Resp.Neg"
	case "IPM.MICROSOFT SCHEDULE.MTGRESPA":
		return "IPM.Schedule.Meeting.Resp.Tent"
	}
	return s
}

// response is the PARTSTAT that a message class stands for, "" if it is no answer to a meeting.
func (m *tnefMessage) response() string {
	switch strings.ToUpper(m.class) {
	case "IPM.SCHEDULE.MEETING.RESP.POS":
		return "accepted"
	case "IPM.SCHEDULE.MEETING.RESP.NEG":
		return "declined"
	case "IPM.SCHEDULE.MEETING.RESP.TENT":
		return "tentative"
	}
	return ""
}

// globalObjectUID is the iCalendar UID of a Global Object ID (MS-OXOCAL section 2.2.1.27 and MS-OXCICAL section 2.1.3.1.1.20.26).
func globalObjectUID(v []byte) string {
	if len(v) > 1000 {
		return ""
	}
	if i := bytes.Index(v, []byte("vCal-Uid\x01\x00\x00\x00")); i == 40 {
		return cleanLine(cutNUL(decodeRaw(string(v[i+12:]))))
	}
	v = bytes.Clone(v)
	if len(v) >= 20 {
		copy(v[16:20], "\x00\x00\x00\x00") // the day of one of a series
	}
	return strings.ToUpper(hex.EncodeToString(v))
}

// codepageLabel names a Windows code page as decodeCharset takes it.
func codepageLabel(cp int) string {
	switch cp {
	case 0:
		return ""
	case 65001:
		return "utf-8"
	case 65000:
		return "utf-7"
	case 20127:
		return "us-ascii"
	case 1200:
		return "utf-16le"
	case 1201:
		return "utf-16be"
	case 932, 50220, 50221, 50222:
		if cp == 932 {
			return "shift_jis"
		}
		return "iso-2022-jp"
	case 51932, 20932:
		return "euc-jp"
	case 936, 54936, 20936:
		return "gb18030"
	case 52936:
		return "hz-gb-2312"
	case 949, 51949, 1361:
		return "euc-kr"
	case 950:
		return "big5"
	case 874:
		return "windows-874"
	case 20866:
		return "koi8-r"
	case 21866:
		return "koi8-u"
	case 10000:
		return "macintosh"
	case 10007:
		return "x-mac-cyrillic"
	}
	switch {
	case cp >= 28591 && cp <= 28606:
		return fmt.Sprintf("iso-8859-%d", cp-28590)
	case cp >= 1250 && cp <= 1258:
		return fmt.Sprintf("windows-%d", cp)
	}
	return fmt.Sprintf("cp%d", cp)
}

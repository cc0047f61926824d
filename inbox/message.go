// Package inbox turns a mailbox into Messages: it polls (Poller, Mailbox), stores each mail raw, and reads it (Read).
// It knows nothing of people, pieces or policy.
package inbox

import "time"

// Kind is what sort of mail a message is.
type Kind string

const (
	Human          Kind = "human"
	AutoReply      Kind = "auto_reply"      // RFC 3834: out of office, ticket receipts, challenges
	BounceReport   Kind = "bounce"          // RFC 3464 failed or delayed, and the many that follow no RFC
	DeliveryReport Kind = "delivery_report" // RFC 3464 delivered, relayed, expanded
	FeedbackReport Kind = "feedback_report" // RFC 5965
	ReadReceipt    Kind = "read_receipt"    // RFC 8098
	List           Kind = "list"            // mailing-list or bulk mail
	Own            Kind = "own"             // a mail that Handoff itself sent
)

// Address is one mailbox of a header, decoded. Address is as written but for the domain, which is lower case.
type Address struct {
	Address string `json:"address"`
	Name    string `json:"name"`
}

// Message is one mail, read. Strings are valid UTF-8 with \n line ends. IDs are without angle brackets.
type Message struct {
	MessageID   string    // "" if the mail has none
	InReplyTo   []string  // in order
	References  []string  // in order, the newest last
	From        Address   // who wrote: group and list rewriting undone
	Sender      Address   // the Sender header, zero if absent
	ReplyTo     []Address // where to answer, if not From
	To, Cc      []Address
	DeliveredTo []string // envelope recipients as the trace headers tell them: Delivered-To, X-Original-To, Envelope-To
	NullSender  bool     // Return-Path: <>
	Subject     string
	Date        time.Time // zero if absent or unreadable
	ContentHash string    // hex digest of From, Date, Subject and the body's bytes; the same in every copy of one mail

	Kind          Kind
	Automatic     bool // does not change a piece
	SuppressReply bool // must not be answered

	Auth Auth

	Body        string // the whole readable text
	Text        string // the reply: Body without quotes and signature
	Elided      string // what Text leaves out of Body
	Echo        bool   // an answer without a word of the sender's own: Text is what it quotes
	Attachments []Attachment
	Links       []Link
	Bounce      *Bounce     // for BounceReport and DeliveryReport
	Forwarded   []Forwarded // mails that this one forwards, inline or attached, outermost first
	Calendar    *Calendar   // the answer to an invitation that a calendar sent; nil for other mail
	Intent      *Intent     // what the sender asks for in so many words; nil if nothing
	Invoice     bool        // it hands in an invoice
	Returns     time.Time   // of an AutoReply: the day until which its sender is away, or is back; midnight UTC, zero if it names none

	Unscanned bool    // there is a malware scanner, and it could not look at this mail
	Infected  string  // what the malware scanner found in it, "" for nothing
	Held      string  // why this mail could not be read whole (limits, encryption); "" if it was
	Trace     []Check // what was checked, in order, and what came out
}

// Check is one line of the trace that explains a decision.
type Check struct {
	Check   string `json:"check"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

// Attachment is a byte range of the stored raw mail; nothing of it is held in memory. See Open.
type Attachment struct {
	Name      string     `json:"name"`              // a bare file name, safe to show and to store: no path, no control characters
	Type      string     `json:"type"`              // media type, lower case
	Size      int64      `json:"size"`              // decoded bytes
	Refused   string     `json:"refused,omitempty"` // why it must not be taken in, as its sender is told; "" if nothing speaks against it
	Inline    bool       `json:"-"`                 // shown inside the text (Content-ID of the HTML part, or Content-Disposition inline image)
	Offset    int64      `json:"-"`                 // of the encoded body in the raw mail, or in the content of Within
	Length    int64      `json:"-"`                 // of the encoded body
	Encoding  string     `json:"-"`                 // Content-Transfer-Encoding, lower case
	Within    *Container `json:"-"`                 // the part it lies in, if that has a format of its own
	ContentID string     `json:"-"`
}

// Container is a part of the raw mail that holds a mail or files in a format of its own.
type Container struct {
	Format   string     `json:"format"` // "tnef" (MS-OXTNEF), "smime" (RFC 8551 signed-data, compressed-data) or "message" (an encoded message/rfc822)
	Offset   int64      `json:"offset"` // of the encoded body in the raw mail, or in the content of Within
	Length   int64      `json:"length"`
	Encoding string     `json:"encoding"`
	Within   *Container `json:"within,omitempty"` // the container that this one lies in
}

// LinkType tells what a document link points to.
type LinkType string

const (
	GoogleDoc LinkType = "google_doc"
	Dropbox   LinkType = "dropbox"
	OneDrive  LinkType = "onedrive"
	Notion    LinkType = "notion"
	ICloud    LinkType = "icloud"
	WebLink   LinkType = "web" // any other http(s) link
)

// Link is an http(s) link in the text that the sender wrote (quotes and signatures excluded) or in a mail that they forward.
type Link struct {
	URL  string   `json:"url"`
	Type LinkType `json:"type"`
	ID   string   `json:"id,omitempty"` // the document's, as its service names it; "" if the link does not say
}

// Bounce is what a delivery report says.
type Bounce struct {
	Recipients        []BouncedRecipient `json:"recipients"`
	OriginalMessageID string             `json:"original_message_id"`
}

// BouncedRecipient is one address of a delivery report.
type BouncedRecipient struct {
	Address   string `json:"address"`
	Status    string `json:"status"` // RFC 3463, e.g. "5.1.1"; "" if the report names none
	Permanent bool   `json:"permanent"`
	Delayed   bool   `json:"delayed,omitempty"` // the mail is still being tried
	Policy    bool   `json:"policy,omitempty"`  // the server's words refuse the mail, whatever the Status: its recipient is all right
}

// Forwarded is a mail inside a mail.
type Forwarded struct {
	From      Address
	Subject   string
	MessageID string // "" when forwarded inline
	Date      time.Time
	Text      string // what the true author wrote
	Comment   string // what the forwarder wrote above it
	Attached  bool   // message/rfc822, not inline
}

// Calendar is an iTIP REPLY (RFC 5546 section 3.2.3): what somebody pressed in their calendar.
type Calendar struct {
	UID      string `json:"uid"`      // of the event that was proposed
	Sequence int    `json:"sequence"` // of its revision that is answered
	Attendee string `json:"attendee"` // who answers: an address
	Status   string `json:"status"`   // PARTSTAT, lower case: accepted, declined, tentative, delegated, needs-action; "counter" if they propose another time
	Comment  string `json:"comment"`  // what they wrote with it
}

// Command is what a contributor can ask for by beginning a mail with a word.
type Command string

const (
	Accept   Command = "accept"
	Decline  Command = "decline"
	Done     Command = "done"
	Extend   Command = "extend"
	Revise   Command = "revise" // an editor asks for a new version
	Status   Command = "status"
	Pitch    Command = "pitch"
	AskHelp  Command = "help"
	StopMail Command = "stop"
)

// Intent is a Command with what came along. It is a proposal: who may ask for what is not decided here.
type Intent struct {
	Command  Command `json:"command"`
	Via      string  `json:"via"`              // "word": the text begins with it; "link": a one-tap link of ours; "phrase": said in a sentence; "calendar": see Calendar
	Argument string  `json:"argument"`         // what follows the command on its line; of a phrase the sentence (Extend), the reason (Decline) or all (see Verdict)
	Code     string  `json:"code,omitempty"`   // of a link: the piece's
	Target   string  `json:"target,omitempty"` // of a link: what is answered: STEP, EXTENSION, PITCH, LEAD, PASS, GUIDELINES; for StopMail a notice's name
	Date     string  `json:"date"`             // for Extend: the day meant, "2026-03-20", to be confirmed; "" if none was understood. For Revise: see Dated
	Dated    bool    `json:"dated,omitempty"`  // for Revise: it is to be there by a day, which is Date, or "" for one that is over or cannot be read
	Days     int     `json:"days,omitempty"`   // for Extend: how many more calendar days, where no day is named; to be confirmed
}

// AuthResult is pass, fail or unknown.
type AuthResult string

const (
	AuthPass    AuthResult = "pass"
	AuthFail    AuthResult = "fail"
	AuthUnknown AuthResult = "unknown"
)

// Auth is what is known of the From domain's authenticity: RFC 8601 results of the trusted host, else DKIM verified here.
type Auth struct {
	Result AuthResult
	Reason string // e.g. "dmarc=fail (mx.agency.example)"
}

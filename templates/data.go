package templates

import "time"

// Data is what one template may use; each template has one Data type, and Name tells which template that is.
// Values that come from mails are plain text here; rendering escapes them.
type Data interface{ Template() string }

// Asking is Data that wants an answer of some of its readers only.
type Asking interface{ Asks() bool }

// Person is somebody named in a mail.
type Person struct {
	Name    string // as the team knows them; never empty (the address stands in)
	Address string // where mail reaches them
	Outside bool   // reaches the team by mail only
}

// Piece is the piece a mail is about.
type Piece struct {
	Code     string    // like ACME-12
	Title    string    // as the team knows it
	Stage    string    // "draft", "copy_edit"; the stage function puts it into words
	Deadline time.Time // the overall one; may be missing
}

// Step is the step a mail is about.
type Step struct {
	Stage    string    // "draft", "copy_edit"; the stage function puts it into words
	Owner    Person    // who does it; the team where nobody is named yet
	Deadline time.Time // may be missing
}

// File is one file that was filed or skipped.
type File struct {
	Name string // as it came
	Size int64  // bytes
	Note string // why it was skipped; "" if it was filed
}

// Draft is what was filed on a piece, and goes with the mail for its reader to work with.
type Draft struct {
	Version int          // of the piece's submissions; 0: what came with a remark
	Sender  Person       // who sent it
	Text    string       // what stood in their mail, read as this one is sent; "" that is not for the reader, or too long and attached
	Files   []Attachment // that came with it
	Links   []string     // to documents
}

// Attachment is a file that goes with the mail.
type Attachment struct {
	Name   string // of its file
	Size   int64  // bytes
	Note   string // why it is not attached and where it is, "" it is
	Entry  int64  // that it was filed with
	Number int    // among the files of that, from 0; -1 is the text of the mail itself
}

// MailText is the Number of the text of a mail.
const MailText = -1

// Changes are what differs in a version from the one before.
type Changes struct {
	Since   int    // that version
	Summary string // "42 words added, 17 removed, in 5 places"
	Text    string // the changes, with a few words around each: [-removed-] {+added+}; "" where no words changed
	More    int    // changes that Text leaves out
	Marks   bool   // words are marked in Text; else it says why none are shown
}

// Base is in every template's data.
type Base struct {
	Team    string   // the team's name
	To      Person   // who gets this mail
	Answers []Answer // what one tap answers it with; see the answers function
	Stray   *Stray   `json:",omitempty"` // where the mail behind this one came from; the text is put below a sentence about it. nil: from a registered address
}

// Stray is an address that nobody registered, from which a mail came that counts as somebody's.
type Stray struct {
	Address string // as it came
	Who     Person // whose mail it counts as
	Yours   bool   // Who is the reader
}

// Receipt tells a contributor what was filed on their behalf.
type Receipt struct {
	Base
	Piece    Piece
	Subject  string   // of their mail
	Version  int      // of the submission, from 1
	Files    []File   // that were filed
	Links    []string // to documents, that were filed
	Skipped  []File   // files that were not taken in
	Changes  *Changes // since the version before; missing where that is not known
	Next     *Step    // who has the piece now; missing when nothing moved
	Yours    bool     // Next is theirs as well
	Finished bool     // the piece has been all the way
}

// Note relays to the editor what a contributor wrote on a piece without handing anything in.
type Note struct {
	Base
	Piece  Piece
	Author Person  // who wrote it
	Text   string  // what they wrote
	Drafts []Draft // the files that came with it
	Closed bool    // the piece is finished, or was given up
}

// NewVersion tells the editor and who has the piece now of a version that moved nothing: the step it is for was handed in.
type NewVersion struct {
	Base
	Piece   Piece
	Author  Person   // who sent it
	Version int      // of the submission, from 1
	Drafts  []Draft  // the version
	Text    string   // what came with it, "" if nothing did
	Changes *Changes // since the version before; missing where that is not known

	Cancelled bool // the piece was given up
	Finished  bool // it has been all the way
}

// Redirect tells an unknown sender how to reach the team.
type Redirect struct {
	Base
	Subject string // of their mail, "" none
}

// RedirectInternal tells a colleague to use the tool.
type RedirectInternal struct {
	Base
	Subject string // of their mail, "" none
	Piece   *Piece // missing when none was recognised
}

// Held tells a known contributor that a person will look at their mail, and how to say which piece it is for.
type Held struct {
	Base
	Subject    string  // of their mail, "" none
	Reason     string  // why it waits, in words that go on a sentence
	Candidates []Piece // ranked, the likeliest first
}

// Oversize tells a sender that their mail was too large to take in.
type Oversize struct {
	Base
	Subject string // of their mail, "" none
	Size    int64  // bytes
	Limit   int64  // bytes
}

// Infected tells a sender that the malware scanner found something in their mail.
type Infected struct {
	Base
	Subject string // of their mail, "" none
	Finding string // as the scanner names it
}

// HeldEditor tells an editor that a mail waits for a decision.
type HeldEditor struct {
	Base
	Sender     Person  // who wrote it
	Subject    string  // of the mail
	Reason     string  // why it waits
	MailID     int64   // for `handoff mail show`
	Candidates []Piece // ranked, the likeliest first
	Words      string  // what they wrote; "" if nobody vouches for it
}

// StepOpened tells the next owner that the piece is theirs now.
type StepOpened struct {
	Base
	Piece   Piece
	Step    Step
	From    *Person  // who had it before; missing for the first step
	Tasks   []string // what of the checklist is open, on the final check; DONE confirms all of it
	Drafts  []Draft  // the newest of the text and of the graphics, but for what the reader sent
	Revises bool     // the reader is the editor, who may ask the author for another version from this step
	Words   string   // what From wrote with the handoff, to a colleague; "" nothing
}

// StepDone tells the giver and the editor that a step was handed on.
type StepDone struct {
	Base
	Piece Piece
	Done  Step  // the step that is done
	Next  *Step // missing: it was the last

	// For the editor alone: what came with it.
	Words   string   // beside a DONE
	Version int      // that was handed in, 0 none
	Drafts  []Draft  // that version
	Changes *Changes // since the version before; missing when that is not known
}

// DueSoon, DueToday and Overdue remind a step's owner.
type DueSoon struct {
	Base
	Piece Piece
	Step  Step
	Tasks []string // what of the checklist is open, on the final check; DONE confirms all of it
}

// DueToday is the reminder on the day itself.
type DueToday struct {
	Base
	Piece Piece
	Step  Step
	Tasks []string // what of the checklist is open, on the final check; DONE confirms all of it
}

// Overdue is the reminder after it.
type Overdue struct {
	Base
	Piece Piece
	Step  Step
	Days  int      // past the deadline
	Tasks []string // what of the checklist is open, on the final check; DONE confirms all of it
}

// OverdueEditor tells the editor that a step is late.
type OverdueEditor struct {
	Base
	Piece Piece
	Step  Step
	Days  int // past the deadline
}

// DeadlineChanged tells whom new dates concern of all that changed at once.
type DeadlineChanged struct {
	Base
	Piece Piece
	Dates []NewDate // the steps' in their order, then the overall deadline
	Whole bool      // the overall deadline is among them
	Step  *Step     // the reader's own, else the open one, where its date stays; missing: it changed, or there is none
}

// NewDate is a date that changed.
type NewDate struct {
	Step *Step     // missing: the overall deadline
	Old  time.Time // missing: there was none
	New  time.Time // missing: there is none any more
	Last bool      // no later day fits: the whole piece is due then
}

// Bounced tells the editor that a contributor's address does not take mail, or did not take this one.
type Bounced struct {
	Base
	Piece   *Piece // missing when it was about none
	Address string // that takes no mail
	Status  string // RFC 3463
	Subject string // what came back was about, in a few words: "due soon"
	Reason  string // what Status means, in words that go on a sentence; "" nothing that helps
	Lost    int64  // the number in the outbox of a mail that was not delivered to an address that is all right; 0: the address takes none
}

func (Receipt) Template() string          { return "receipt" }
func (Note) Template() string             { return "note" }
func (NewVersion) Template() string       { return "new_version" }
func (Redirect) Template() string         { return "redirect" }
func (RedirectInternal) Template() string { return "redirect_internal" }
func (Held) Template() string             { return "held" }
func (Oversize) Template() string         { return "oversize" }
func (Infected) Template() string         { return "infected" }
func (HeldEditor) Template() string       { return "held_editor" }
func (StepOpened) Template() string       { return "step_opened" }
func (StepDone) Template() string         { return "step_done" }
func (DueSoon) Template() string          { return "due_soon" }
func (DueToday) Template() string         { return "due_today" }
func (Overdue) Template() string          { return "overdue" }
func (OverdueEditor) Template() string    { return "overdue_editor" }
func (DeadlineChanged) Template() string  { return "deadline_changed" }
func (Bounced) Template() string          { return "bounced" }

// TextBroken tells an admin that a text of the team's own is not used.
type TextBroken struct {
	Base
	File    string    // the text, as an export calls it: de/receipt.md
	Problem string    // what is wrong, with line and column
	Version int64     // which of its versions it is
	Author  string    // who saved it, "" not known
	At      time.Time // when it was saved
	Reader  string    // whose mail alone it could not be used for, "" it is not used at all
}

func (TextBroken) Template() string { return "text_broken" }

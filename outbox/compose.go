package outbox

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"handoff/internal/clock"
	"handoff/templates"
	"handoff/workflow"
)

// Composer turns template data into notices: ids, addresses and threads signed and stable.
type Composer struct {
	Team     string
	Identity *Identity
	Clock    clock.Clock
	Locale   string                 // the team's, for people who have none
	Rules    workflow.ReminderRules // its Zone is the team's
	Policy   Policy
}

// Policy is what notices say and the rules ask of a team.
type Policy struct {
	Onboarding  bool   // an author's has to be complete before they are cleared to write
	Guidelines  string // for contributors, Markdown; "" none
	DemoTitle   string // of every contributor's demo piece; "" is ours, in their language
	DemoBrief   string // what it is about, plain text; "" is ours, in their language
	Channels    []Channel
	Unsubscribe string // https address that mutes a kind of notice for its reader (RFC 8058), {token} for who and what; "" none
}

// Channel is where a published piece is shared.
type Channel struct {
	Name     string // "LinkedIn"
	Text     string // with {title} and {url}; "" is "{title} {url}"
	Tracking string // appended to the address's query: "utm_source=linkedin&utm_medium=social"
}

// About is what a notice concerns, beside its words.
type About struct {
	Key        string // unique
	PieceID    int64
	StepID     int64
	CauseID    int64     // the stored mail behind it
	AutoReply  bool      // it answers a mail by itself (RFC 3834)
	InReplyTo  string    // the answered Message-ID
	References []string  // the answered mail's
	DueAt      time.Time // zero: now
	Invite     *Invite
	Stray      *Stray // the mail behind it came from one; nil: from a registered address, or there is none
}

// Stray is an address that nobody registered, from which a mail came that counts as somebody's.
type Stray struct {
	Address string
	Who     workflow.Person // whose it counts as
}

// told is the address for a reader who is to know of it: whose it counts as, and the team.
func (s *Stray) told(to workflow.Person) *templates.Stray {
	if s == nil || to.ID != s.Who.ID && to.Class != workflow.Internal {
		return nil
	}
	return &templates.Stray{Address: s.Address, Who: PersonData(s.Who), Yours: to.ID == s.Who.ID}
}

// Compose makes the notice that tells d to a person. A person without ID (an unknown sender) needs Addresses and Name only.
// The Base of d is filled in here. A person without an address gives workflow.Invalid.
func (c *Composer) Compose(d templates.Data, to workflow.Person, about About) (Notice, error) {
	if to.Primary() == "" {
		return Notice{}, workflow.Errorf(workflow.Invalid, "%s has no mail address: a %s notice cannot reach them", to.Name, d.Template())
	}
	if about.Key == "" {
		return Notice{}, fmt.Errorf("a %s notice without a key", d.Template())
	}
	ref := Ref{PieceID: about.PieceID, PersonID: to.ID}
	entry, _ := templates.EntryOf(d.Template())
	reply := c.Identity.ReplyAddress(ref)
	if a, ok := d.(templates.Asking); ok && !a.Asks() {
		entry.Answers = nil
	}
	data, err := c.encode(d, templates.Base{Team: c.Team, To: PersonData(to), Answers: answers(entry, reply, templates.CodeOf(d)), Stray: about.Stray.told(to)})
	if err != nil {
		return Notice{}, fmt.Errorf("data of a %s notice: %w", d.Template(), err)
	}
	now := c.Clock.Now()
	due := about.DueAt
	if due.IsZero() {
		due = now
	}
	answered := trimID(about.InReplyTo)
	n := Notice{
		Key:         about.Key,
		Template:    d.Template(),
		Data:        data,
		AutoReply:   about.AutoReply,
		ToName:      to.Name,
		ToAddress:   to.Primary(),
		Locale:      or(to.Locale, c.Locale),
		TimeZone:    or(to.TimeZone, c.zone().String()),
		PersonID:    to.ID,
		PieceID:     about.PieceID,
		StepID:      about.StepID,
		CauseID:     about.CauseID,
		MessageID:   c.Identity.MessageID(ref, about.Key),
		InReplyTo:   answered,
		References:  references(c.Identity.ThreadID(ref), about.References, answered),
		ReplyTo:     reply,
		Priority:    priorityOf(entry),
		State:       Queued,
		DueAt:       due,
		NextAt:      due,
		CreatedAt:   now,
		Invite:      about.Invite,
		Unsubscribe: c.unsubscribe(entry, reply, ref),
	}
	if n.AutoReply {
		n.Priority = Prompt
	}
	if open := c.Window(n, latest(now, due)); open.After(now) {
		n.NextAt = latest(due, open)
	}
	return n, nil
}

// encode is the data as it is stored. What people wrote may quote a notice of theirs: nobody else gets its address.
func (c *Composer) encode(d templates.Data, base templates.Base) ([]byte, error) {
	written, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	if public := c.Identity.Conceal(string(written)); public != string(written) {
		if d, err = templates.Decode(d.Template(), []byte(public)); err != nil {
			return nil, err
		}
	}
	return json.Marshal(templates.WithBase(d, base))
}

// Window is t, or the first moment after it at which a notice may go out: what answers a mail at any, all else on the days and
// outside of the quiet hours of the calendar, in its reader's time zone.
func (c *Composer) Window(n Notice, t time.Time) time.Time {
	entry, _ := templates.EntryOf(n.Template)
	if entry.Asked || n.AutoReply {
		return t
	}
	return c.Rules.Calendar.Awake(t, workflow.Worker{Zone: location(n.TimeZone, c.zone())})
}

// Shut says what Window holds a notice back for at t: "send days", "quiet hours", or "" for nothing.
func (c *Composer) Shut(n Notice, t time.Time) string {
	open := c.Window(n, t)
	if !open.After(t) {
		return ""
	}
	everyDay := *c
	everyDay.Rules.Calendar.SendDays = 0
	if everyDay.Window(n, t).Equal(open) {
		return "quiet hours"
	}
	return "send days"
}

// wording is that of somebody's language.
func (c *Composer) wording(who workflow.Person) templates.Wording {
	return templates.WordingIn(who.Locale, c.Locale)
}

func (c *Composer) zone() *time.Location {
	if c.Rules.Zone != nil {
		return c.Rules.Zone
	}
	return time.UTC
}

// answers are the one-tap answers of a notice: mails to its reply address whose subject says all.
func answers(e templates.Entry, reply, code string) []templates.Answer {
	var made []templates.Answer
	for _, a := range e.Answers {
		command, target, _ := strings.Cut(a.Command, " ")
		subject := command
		for _, word := range []string{code, target} {
			if word != "" {
				subject += " " + word
			}
		}
		a.URL = "mailto:" + reply + "?subject=" + url.PathEscape(subject)
		made = append(made, a)
	}
	return made
}

// unsubscribe are the addresses that mute a recurring notice (RFC 2369, RFC 8058).
func (c *Composer) unsubscribe(e templates.Entry, reply string, ref Ref) []string {
	if !e.Recurring || ref.PersonID == 0 {
		return nil
	}
	name := e.Data.Template()
	var all []string
	if c.Policy.Unsubscribe != "" { // the first is preferred
		all = append(all, strings.ReplaceAll(c.Policy.Unsubscribe, "{token}", url.PathEscape(c.Identity.MuteToken(ref.PersonID, name))))
	}
	return append(all, "mailto:"+reply+"?subject="+url.PathEscape("STOP "+name))
}

// maxReferences bounds the References of a notice: threads of a year's mails grow them without end.
const maxReferences = 10

// references puts our thread first, then what the answered mail had and its own id (RFC 5322, section 3.6.4). Where that
// is too much, the thread's first mail and the latest stay.
func references(thread string, before []string, answered string) []string {
	var ids []string
	for _, id := range append(slices.Clone(before), answered) {
		if id = trimID(id); id != "" && id != thread {
			ids = slices.DeleteFunc(ids, func(have string) bool { return have == id })
			ids = append(ids, id)
		}
	}
	if excess := len(ids) - (maxReferences - 1); excess > 0 {
		ids = slices.Delete(ids, 1, 1+excess)
	}
	return append([]string{thread}, ids...)
}

// maxID is the longest Message-ID that is repeated: it has to fit one header line (RFC 5322, section 2.1.1).
const maxID = 900

// trimID is a Message-ID without brackets, "" for what could break a header.
func trimID(id string) string {
	id = strings.Trim(id, "<> \t\r\n")
	broken := strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '>' })
	if broken || len(id) > maxID {
		return ""
	}
	return id
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// clocks are the time zones of people, the team's for who is not among them.
func (c *Composer) clocks(people map[int64]workflow.Person) func(personID int64) *time.Location {
	return func(id int64) *time.Location { return people[id].Location(c.zone()) }
}

// PieceData and PersonData put domain values into template form.
func PieceData(p workflow.Piece) templates.Piece {
	return templates.Piece{Code: p.Code, Title: p.Title, Stage: string(p.Stage), Deadline: p.Deadline}
}

// PersonData names a person by name and first address; one who has neither is somebody.
func PersonData(p workflow.Person) templates.Person {
	return templates.Person{Name: or(p.Name, or(p.Primary(), "somebody")), Address: p.Primary(), Outside: p.Class == workflow.Outside}
}

func stepData(s workflow.Step, owner templates.Person) templates.Step {
	return templates.Step{Stage: string(s.Stage), Owner: owner, Deadline: s.Deadline}
}

package proxy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/internal/redact"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// Signatures recognises what Handoff signed; *outbox.Identity does.
type Signatures interface {
	FromAddress(address string) (outbox.Ref, error)
	FromID(id string) (outbox.Ref, error)
	FromBounceAddress(address string) (noticeID int64, err error)
	BounceAddress(noticeID int64) string // "": notices have no return address of their own
}

// Decider decides what becomes of a mail. It changes nothing; the same mail and the same lookups give the same answer. Zero
// fields take the defaults.
type Decider struct {
	Identity    Signatures // nil: nothing is recognised as signed here
	Policy      Policy     // nil: DefaultPolicy
	TeamDomains []string   // who writes from one of them is a colleague, registered or not
	Clock       clock.Clock
	MaxReplyAge time.Duration          // mail received longer ago is filed but never answered; 0: 7 days
	DraftWords  int                    // a text of that many words on one's own open step is a submission; 0: 120
	Caps        Caps                   // of replies and proposals
	Triage      string                 // the address of who hears of held mail that belongs to no editor; "" is nobody
	FirmAfter   int                    // mails around the tool within bypassWindow after which a colleague gets the firmer text; 0: 3
	Onboarding  bool                   // an author's has to be complete before they are cleared to write
	Rules       workflow.ReminderRules // for the calendar, the plan and the team's zone
}

// Caps bound the replies sent in an hour and the proposals taken in a day. 0 takes the default, a negative one is no bound.
type Caps struct {
	Address  int `toml:"address" json:"address"`   // to one address; 10, and three times as many a day
	Template int `toml:"template" json:"template"` // of one template; 300
	Total    int `toml:"total" json:"total"`       // 500
	Pitches  int `toml:"pitches" json:"pitches"`   // of one person in a day; 5

	// More than Burst answers within BurstMinutes open the breaker, until CalmMinutes after they were last half as many.
	Burst        int `toml:"burst" json:"burst"`                 // 100, and no bound by itself where Total has none
	BurstMinutes int `toml:"burst_minutes" json:"burst_minutes"` // 10
	CalmMinutes  int `toml:"calm_minutes" json:"calm_minutes"`   // 30
}

// Decide walks the order of docs/flow.md from the duplicate check on. An error is the lookups' or ctx's; whatever the mail
// holds, the answer is a Disposition.
func (d *Decider) Decide(ctx context.Context, look Lookups, received inbox.Received) (Disposition, error) {
	r, err := d.decide(ctx, look, received, 0)
	if err != nil {
		return Disposition{}, err
	}
	return r.Disposition, nil
}

// ruling is a Disposition in the making, with what applying it needs.
type ruling struct {
	Disposition
	received    inbox.Received
	msg         *inbox.Message
	self        int64  // the record decided on again, 0 for a new mail
	earlier     Record // for Duplicate, and for a mail recorded before under the same UID
	recorded    bool   // earlier is this very mail: nothing is left to do
	refs        []signedRef
	from        string           // normalised
	sender      workflow.Person  // who sent it; zero ID: a stranger
	author      workflow.Person  // who wrote it: the sender, or whose mail they forward
	colleague   bool             // nobody registered the sender, but the domain is the team's
	forwarded   *inbox.Forwarded // the mail of the author's, when the sender forwards it
	lostForward string           // why it is open whose mail a colleague forwards
	auth        inbox.AuthResult // what the mail's own result and the signed references say together
	match       Match
	matchReason string
	piece       workflow.Piece // zero ID: none
	notice      outbox.Notice  // the one that a bounce is about, zero ID: none of ours
	returned    bool           // the bounce came to the envelope sender of that notice, which nobody but the mail systems on its way knows
	files       []EntryFile
	skipped     []templates.File
	tellEditor  bool            // a person has to look at it
	quiet       bool            // but the team heard of enough like it
	request     *request        // what it asks for, nil for nothing
	refused     error           // why that is not possible
	former      bool            // the piece is found by what was written to them, but they have no part in it any more
	answered    outbox.Notice   // to them, zero ID: none
	absent      workflow.Person // whose automatic reply says until when they are away, with that; zero ID: nobody's
	breaker     *Breaker        // of automatic answers, as it stands now; nil: as before
	tripped     bool            // this mail opened it
	bypasses    int             // of a colleague's mails around the tool, this one included
}

// signedRef is one of our addresses or ids in a mail.
type signedRef struct {
	outbox.Ref
	address bool // the mail was sent to it; else it is an id that the mail refers to
}

// note adds a line to the trace.
func (r *ruling) note(check, outcome, format string, args ...any) {
	r.Trace = append(r.Trace, inbox.Check{Check: check, Outcome: outcome, Reason: redact.Text(fmt.Sprintf(format, args...))})
}

// end settles the action.
func (r *ruling) end(a Action, format string, args ...any) {
	r.Action, r.Reason = a, redact.Text(fmt.Sprintf(format, args...))
}

// class is the author's.
func (r *ruling) class() workflow.Class {
	switch {
	case r.author.ID != 0:
		return r.author.Class
	case r.colleague:
		return workflow.Internal
	default:
		return Stranger
	}
}

// subject is that of the author's mail.
func (r *ruling) subject() string {
	if r.forwarded != nil && r.forwarded.Subject != "" {
		return r.forwarded.Subject
	}
	return r.msg.Subject
}

func (d *Decider) decide(ctx context.Context, look Lookups, received inbox.Received, self int64) (*ruling, error) {
	r := &ruling{received: received, msg: received.Message, self: self}
	if received.Err != nil || received.Message == nil {
		return r, d.unread(ctx, look, r)
	}
	r.Trace = slices.Clone(r.msg.Trace)
	for _, step := range []func(context.Context, Lookups, *ruling) error{
		d.duplicate, d.report, d.automatic, d.identify, d.find, d.content, d.request, d.rule,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := step(ctx, look, r); err != nil {
			return nil, err
		}
		if r.Action != "" {
			break
		}
	}
	r.weigh()
	if err := d.reply(ctx, look, r); err != nil {
		return nil, err
	}
	if err := d.quieten(ctx, look, r); err != nil {
		return nil, err
	}
	r.note("disposition", string(r.Action), "%s", r.Reason)
	return r, nil
}

// unread is for a mail that reading gave up on: it is kept, and can be replayed.
func (d *Decider) unread(ctx context.Context, look Lookups, r *ruling) error {
	reason := "there is no readable mail"
	if r.received.Err != nil {
		reason = r.received.Err.Error()
	}
	r.msg = &inbox.Message{ContentHash: string(r.received.Blob)}
	if r.msg.ContentHash != "" {
		if err := d.duplicate(ctx, look, r); err != nil {
			return err
		}
	}
	if r.Action == "" {
		r.end(Fail, "the mail could not be read: %s", reason)
		r.note("read", "failed", "%s", reason)
		r.weigh()
	}
	r.note("disposition", string(r.Action), "%s", r.Reason)
	return nil
}

// duplicate looks whether this mail, or another copy of it, was recorded before.
func (d *Decider) duplicate(ctx context.Context, look Lookups, r *ruling) error {
	if r.self < 0 {
		r.note("duplicate", "skipped", "the question is what would be decided now")
		return nil
	}
	earlier, err := look.Recorded(ctx, r.msg.MessageID, r.msg.ContentHash)
	switch {
	case workflow.CodeOf(err) == workflow.NotFound:
		r.note("duplicate", "no", "seen for the first time")
		return nil
	case err != nil:
		return fmt.Errorf("looking for an earlier copy: %w", err)
	case earlier.ID == r.self:
		r.note("duplicate", "no", "this is mail %d itself, decided again", r.self)
		return nil
	}
	r.earlier = earlier
	r.recorded = earlier.Mailbox == r.received.Mailbox && earlier.UIDValidity == r.received.UIDValidity && earlier.UID == r.received.UID &&
		earlier.Blob == r.received.Blob
	if !r.recorded && weight(earlier) < weighsFiled {
		r.note("duplicate", "unfiled", "the same Message-ID and content as mail %d, which came to nothing: %s", earlier.ID, earlier.Action)
		return nil
	}
	r.duplicate()
	return nil
}

func (r *ruling) duplicate() {
	r.note("duplicate", "yes", "the same Message-ID and content as mail %d", r.earlier.ID)
	r.end(Duplicate, "the same mail as number %d, which was decided before: %s", r.earlier.ID, r.earlier.Action)
}

// report takes what mail systems say about our own mails. None of it is ever answered.
func (d *Decider) report(ctx context.Context, look Lookups, r *ruling) error {
	switch r.msg.Kind {
	case inbox.Own:
		r.note("own", "yes", "it is a mail that Handoff sent itself")
		r.end(Ignore, "policy “own mail”: Handoff sent it itself")
		return nil
	case inbox.BounceReport, inbox.DeliveryReport:
		r.Bounce = r.msg.Bounce
		what := "a mail could not be delivered"
		if r.msg.Kind == inbox.DeliveryReport {
			what = "a report of a delivery"
		}
		if r.Bounce != nil {
			for _, b := range r.Bounce.Recipients[:min(len(r.Bounce.Recipients), maxNamed)] {
				what += fmt.Sprintf("; %s %s", b.Address, b.Status)
			}
		}
		r.note("report", string(r.msg.Kind), "%s", what)
		r.end(Report, "%s", what)
		return d.reported(ctx, look, r)
	case inbox.FeedbackReport:
		r.end(Report, "a recipient's mail system complains about a mail")
	case inbox.ReadReceipt:
		r.end(Report, "somebody's mail program says that a mail was read")
	default:
		if r.msg.NullSender && r.msg.Kind != inbox.AutoReply {
			if _, ok := d.returnedNotice(r.msg); ok {
				r.note("report", "bounce", "a mail system sent it to the return address of a notice, and it says nothing that is understood")
				r.end(Report, "a mail system returned one of our mails without a reason that is understood")
				return d.reported(ctx, look, r)
			}
		}
		return nil
	}
	r.note("report", string(r.msg.Kind), "%s", r.Reason)
	return nil
}

// reported finds which notice of ours a report is about: by the address that it came to, which only that notice's envelope
// named, or by the id that it repeats; anybody can send a report about any address.
func (d *Decider) reported(ctx context.Context, look Lookups, r *ruling) error {
	var n outbox.Notice
	var err error
	id, returned := d.returnedNotice(r.msg)
	what := fmt.Sprintf("the return address is that of notice %d, which", id)
	switch {
	case returned:
		n, err = look.Notice(ctx, id)
	case r.Bounce == nil || r.Bounce.OriginalMessageID == "":
		r.note("report", "unrelated", "it does not say which mail it is about")
		return nil
	default:
		what = r.Bounce.OriginalMessageID
		n, err = look.NoticeByMessageID(ctx, what)
	}
	if workflow.CodeOf(err) == workflow.NotFound {
		r.note("report", "unrelated", "%s is no mail of ours", what)
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking up the notice that is reported on: %w", err)
	}
	r.returned = returned
	r.notice = n
	how := "it is about"
	if returned {
		how = "it came to the return address of"
	}
	r.note("report", "ours", "%s our notice %d, %s to %s", how, n.ID, n.Template, n.ToAddress)
	if n.PieceID == 0 {
		return nil
	}
	p, ok, err := pieceOf(ctx, look, n.PieceID)
	if ok {
		r.piece, r.PieceID, r.Piece = p, p.ID, p.Code
	}
	return err
}

// returnedNotice is the notice to whose envelope sender a mail was sent.
func (d *Decider) returnedNotice(m *inbox.Message) (id int64, ok bool) {
	if d.Identity == nil {
		return 0, false
	}
	for _, a := range recipients(m) {
		if id, err := d.Identity.FromBounceAddress(a); err == nil {
			return id, true
		}
	}
	return 0, false
}

// proven tells whether a report is one that only a mail system on the notice's way can have sent, as far as that can be told.
func (d *Decider) proven(r *ruling) bool {
	return r.returned || d.Identity == nil || d.Identity.BounceAddress(r.notice.ID) == ""
}

// maxNamed is how many recipients of a report are named in its reason.
const maxNamed = 5

// automatic stops what no person wrote.
func (d *Decider) automatic(ctx context.Context, look Lookups, r *ruling) error {
	switch {
	case r.msg.Kind == inbox.List:
		r.end(Ignore, "policy “mailing list”: list and bulk mail changes nothing and is not answered")
	case r.msg.Kind == inbox.AutoReply:
		r.end(Ignore, "policy “auto-reply”: an automatic answer changes nothing and is not answered")
	case r.msg.Automatic:
		r.end(Ignore, "policy “automatic”: no person wrote it, so it changes nothing and is not answered")
	default:
		r.note("automatic", "no", "a person wrote it")
		return nil
	}
	r.note("automatic", "yes", "%s", r.Reason)
	return d.away(ctx, look, r)
}

// rule asks the policy, under the two rules that it cannot change.
func (d *Decider) rule(ctx context.Context, look Lookups, r *ruling) error {
	policy := d.Policy
	if policy == nil {
		policy = DefaultPolicy()
	}
	f := r.facts()
	if r.request != nil && !r.request.filed() {
		f.match, f.stage = "", "" // it needs no piece
	}
	row := policy.rule(f)
	why := fmt.Sprintf("class %s, match %s, authentication %s, %s", r.class(), r.match, r.auth, r.Entry)
	if r.request != nil && row.Action != Hold {
		r.requested()
	} else {
		r.note("policy", string(row.Action), "row “%s”: %s", row.Name, why)
		r.end(row.Action, "policy “%s”: %s", row.Name, r.explanation(row))
		if row.Reply != "" {
			r.Replies = []string{row.Reply}
		}
		r.request, r.refused = nil, nil
		if err := d.bypass(ctx, look, r); err != nil {
			return err
		}
	}
	switch {
	case r.auth == inbox.AuthFail && r.Action == File:
		r.hold("%s failed authentication (%s): such a mail is never filed", r.from, r.msg.Auth.Reason)
	case r.auth == inbox.AuthFail:
		r.Replies = nil
	case r.received.Oversize:
		r.hold("the mail is too large to take in")
		r.Replies = []string{"oversize"}
	case r.msg.Infected != "":
		r.hold("the malware scanner found %s in it", r.msg.Infected)
		if r.auth == inbox.AuthPass { // malware forges its sender
			r.Replies = []string{"infected"}
		}
	case r.msg.Held != "":
		r.hold("it could not be read whole: %s", r.msg.Held)
		if r.author.Class == workflow.Outside && r.auth == inbox.AuthPass {
			r.Replies = []string{"held"}
		}
	case r.lostForward != "":
		r.hold("%s", r.lostForward)
	case r.Action == File && r.author.ID == 0:
		r.hold("%s is nobody we know", orElse(r.from, "the sender"))
	case r.Action == File && r.request == nil && !r.match.found():
		r.hold("%s", r.matchReason)
		r.Replies = []string{"held"}
	case r.Action == File && r.request == nil && r.empty():
		r.hold("there is nothing in it: no text, no file, no link")
		r.Replies = []string{"held"}
	case r.Action == File && r.request == nil && r.echo():
		r.hold("there is nothing in it but the mail that it answers")
		r.Replies = []string{"held"}
	}
	r.settle()
	return nil
}

// requested decides on a mail that asks for something: what is about a piece is filed on it as well.
func (r *ruling) requested() {
	q := r.request
	switch {
	case q.name == "invoice" && r.author.Onboarded():
		r.end(Hold, "%s sends an invoice, which is no piece's", r.author.Name)
	case q.name == "invoice":
		r.end(Hold, "%s sends an invoice, and the onboarding is not complete", r.author.Name)
	case q.waits != "":
		r.end(Hold, "%s proposes a topic, but %s", r.author.Name, q.waits)
	case !q.filed() && r.refused != nil:
		r.end(Act, "%s", r.refusal())
	case !q.filed():
		r.end(Act, "%s asks for it: %s", r.author.Name, q.name)
	case r.refused != nil:
		r.end(File, "%s", r.refusal())
	default:
		r.end(File, "%s writes about %s: %s", r.author.Name, r.piece.Code, q.name)
	}
	r.Replies = []string{r.requestReply(r.refused)}
}

// refusal is the reason on record of a mail whose request was refused.
func (r *ruling) refusal() string {
	return fmt.Sprintf("refused to %s: “%s”: %s", r.author.Name, r.request.name, r.refused)
}

// requestReply is the template that answers what is asked for, done or refused.
func (r *ruling) requestReply(refused error) string {
	switch {
	case refused != nil && r.request.filed() && r.piece.Closed() && workflow.CodeOf(refused) == workflow.Conflict && !r.request.pass:
		return "closed"
	case refused != nil:
		return "not_done"
	}
	return orElse(r.request.reply, "noted")
}

// handsIn tells whether the mail is the work that the open step waits for, rather than words about it with a file.
func (r *ruling) handsIn() bool {
	return r.Entry == Submission && (r.request == nil || !r.request.filed())
}

// hold is Hold without a reply, whatever the policy said.
func (r *ruling) hold(format string, args ...any) {
	r.end(Hold, format, args...)
	r.Replies = nil
	r.note("policy", string(Hold), "%s", r.Reason)
}

// settle makes the disposition agree with its action.
func (r *ruling) settle() {
	r.PersonID = r.author.ID
	if r.forwarded != nil {
		r.Forwarder = r.sender.ID
	}
	if r.auth == inbox.AuthFail {
		r.PersonID, r.Forwarder = 0, 0 // it only claims to be theirs
	}
	if r.match.found() {
		r.PieceID, r.Piece = r.piece.ID, r.piece.Code
	}
	switch r.Action {
	case Act:
		r.Candidates = nil
		r.PieceID, r.Piece = 0, ""
	case File:
		r.Candidates = nil
		if r.Replies = r.earlyOrLate(r.Replies); r.handsIn() && workflow.Can(r.author, workflow.Submit, r.piece) {
			step, _ := r.piece.OpenStep()
			r.StepID = step.ID
		}
		return
	case Hold:
		r.tellEditor = r.author.ID != 0 || len(r.Candidates) > 0 || r.piece.ID != 0
		if len(r.Candidates) == 0 && r.piece.ID != 0 {
			r.Candidates = []Candidate{{PieceID: r.piece.ID, Piece: r.piece.Code, Title: r.piece.Title, Score: 1, Reason: r.matchReason}}
		}
		r.PieceID, r.Piece = 0, ""
	}
	r.Entry = ""
}

// earlyOrLate replaces the receipt where something else is to be said: a draft came before its author was cleared to write, or
// the piece was given up.
func (r *ruling) earlyOrLate(replies []string) []string {
	if len(replies) == 0 || replies[0] != "receipt" {
		return replies
	}
	s, open := r.piece.OpenStep()
	switch {
	case r.Entry == Comment && workflow.Can(r.author, workflow.Manage, r.piece): // who knows that it is closed
	case r.piece.Cancelled(), r.Entry == Comment && r.piece.Closed():
		return []string{"closed"}
	case open && s.Stage == workflow.Pitch && r.Entry == Submission && r.author.ID == r.piece.AuthorID:
		return []string{"early"}
	}
	return replies
}

// explanation is the part of the reason that follows from the row and the match.
func (r *ruling) explanation(row Rule) string {
	name := r.author.Name
	if name == "" {
		name = r.from
	}
	if name == "" {
		name = "somebody without an address"
	}
	switch {
	case r.auth == inbox.AuthFail:
		return fmt.Sprintf("the mail says it is from %s, but the checks of that domain failed (%s)", name, r.msg.Auth.Reason)
	case r.class() == Stranger && r.match == MatchSigned:
		return fmt.Sprintf("%s is nobody we know, but answers a mail about %s", name, r.piece.Code)
	case r.class() == Stranger:
		return fmt.Sprintf("%s is nobody we know", name)
	case row.Action == Ignore && r.class() == workflow.Internal:
		return fmt.Sprintf("%s works in the team and is expected in the tool", name)
	case row.Action == Hold && r.auth == inbox.AuthUnknown && r.forwarded != nil:
		return fmt.Sprintf("nothing proves that %s sent it, who forwards a mail of %s", r.sender.Name, name)
	case row.Action == Hold && r.match.found() && r.auth == inbox.AuthUnknown:
		return fmt.Sprintf("nothing proves that %s sent it, and it answers none of our mails", name)
	default:
		return r.matchReason
	}
}

// first is at most n bytes of s, whole characters.
func first(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// apply writes what a decision causes, for a record that has its ID, and tells how many notices that queued.
func (g *Gateway) apply(ctx context.Context, s *session, r *ruling, rec Record) (int, error) {
	p := &post{gateway: g, session: s, ruling: r, record: rec}
	p.schedule = g.Decider.Rules.Schedule(func(id int64) workflow.Person {
		who, _, err := p.person(ctx, id)
		if err != nil {
			p.unknown = err
		}
		return who
	})
	var err error
	switch r.Action {
	case File:
		err = p.file(ctx)
	case Act:
		err = p.act(ctx)
	case Hold:
		err = p.hold(ctx)
	case Redirect:
		err = p.redirect(ctx)
	case Ignore:
		if err = p.bypass(ctx); err == nil && r.absent.ID != 0 {
			err = p.absent(ctx, r.absent, "away, as their automatic reply says")
		}
	case Report:
		err = p.report(ctx)
	}
	if err != nil {
		return 0, err
	}
	if err := p.brake(ctx); err != nil {
		return 0, err
	}
	if r.self == 0 && r.author.ID != 0 && r.forwarded == nil && r.auth != inbox.AuthFail {
		if err := s.ClearBounce(ctx, r.from); err != nil {
			return 0, fmt.Errorf("forgetting that %s bounced: %w", r.from, err)
		}
		if err := p.back(ctx); err != nil {
			return 0, err
		}
	}
	if len(p.notices) == 0 {
		return 0, nil
	}
	n, err := s.Enqueue(ctx, p.notices)
	if err != nil {
		return 0, fmt.Errorf("queueing the notices: %w", err)
	}
	return n, nil
}

// Bounds on what of a mail is repeated in notices and entries; the mail itself is kept whole.
const (
	maxSubject = 200 // bytes
	maxName    = 100
	maxRelayed = 20_000
	maxLinks   = 200

	maxNamedLinks = 20 // in a receipt
)

// clip is s, shortened to about n bytes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return first(s, n) + "…"
}

// post is one mail's effects in the making.
type post struct {
	gateway *Gateway
	session *session
	ruling  *ruling
	record  Record
	notices []outbox.Notice
	invite  *outbox.Invite     // that the answer takes back
	changed *templates.Changes // what differs in the version filed; nil: not known

	schedule workflow.Schedule
	unknown  error // why somebody could not be looked up whose days it goes by
}

func (p *post) cause() workflow.Cause {
	return workflow.Cause{ActorID: p.ruling.Forwarder, PersonID: p.ruling.author.ID, MessageID: p.record.ID, At: p.gateway.Clock.Now(),
		Schedule: p.schedule}
}

// file stores the entry, moves the step if it hands one in, and tells whom it concerns.
func (p *post) file(ctx context.Context) error {
	r, s := p.ruling, p.session
	entry := Entry{
		PieceID: r.piece.ID, StepID: r.StepID, PersonID: r.author.ID, ActorID: r.Forwarder, MessageID: p.record.ID, Kind: r.Entry,
		Text: r.entryText(), Files: r.files, Links: r.msg.Links[:min(len(r.msg.Links), maxLinks)], At: p.gateway.Clock.Now(),
	}
	if err := s.AddEntry(ctx, &entry); err != nil {
		return fmt.Errorf("filing the entry: %w", err)
	}
	var err error
	if p.changed, err = p.changes(ctx, entry); err != nil {
		return err
	}
	ch, refused, err := p.moves(ctx, entry)
	if err != nil {
		return err
	}
	if err := p.save(ctx, ch); err != nil {
		return err
	}
	if r.received.Backfill {
		return nil
	}
	if err := p.answerFiled(ctx, entry, ch, refused); err != nil {
		return err
	}
	if moved(ch) {
		if err := p.tell(ctx, r.piece, ch, entry); err != nil {
			return err
		}
	}
	if r.quiet || !p.relays(ch, refused) {
		return nil
	}
	return p.relay(ctx, entry)
}

// moves is what the mail does to the piece: the entry is logged, what it asks for done. refused is why the latter is not possible.
func (p *post) moves(ctx context.Context, e Entry) (ch workflow.Change, refused, err error) {
	r, c := p.ruling, p.cause()
	if r.handsIn() {
		return r.piece.Submit(c, e.title()), nil, p.unknown
	}
	ch = r.piece.File(c, e.title())
	if r.received.Backfill {
		return ch, nil, nil
	}
	done := workflow.Change{Piece: r.piece}
	switch refused = r.refused; {
	case r.request == nil, refused != nil:
	case r.request.pass:
		refused, err = p.passDemo(ctx)
	default:
		done, refused = r.request.move(r.piece, c)
		err = p.unknown
	}
	switch {
	case err != nil:
		return ch, nil, err
	case refused != nil && workflow.CodeOf(refused) == workflow.Failed:
		return ch, nil, refused
	case refused != nil:
		step, _ := r.piece.OpenStep()
		done = workflow.Change{Piece: r.piece, Events: []workflow.Event{{At: c.At, Kind: workflow.RequestRefused, PieceID: r.piece.ID, StepID: step.ID,
			PersonID: c.PersonID, MessageID: c.MessageID, Detail: r.refusedDetail(refused)}}}
	}
	done.Events = append(ch.Events, done.Events...)
	if len(done.Handoffs) == 0 {
		done.Piece = done.Piece.Hear(c).Piece
	}
	return done, refused, nil
}

// moved tells whether a change is more than a log entry.
func moved(ch workflow.Change) bool { return len(ch.Handoffs) > 0 || len(ch.Events) > 1 }

// relays tells whether the mail's words are passed on: not where a notice tells of what it did, unless there is more in it.
func (p *post) relays(ch workflow.Change, refused error) bool {
	r := p.ruling
	switch {
	case r.request == nil || !r.request.filed():
		return len(ch.Handoffs) == 0
	case r.Entry == Submission:
		return true
	case refused != nil || r.request.relays == 0:
		return false
	}
	return len(strings.Fields(r.text())) >= r.request.relays
}

// relayedWords is how much a mail says beside a word like “done” that is worth passing on.
const relayedWords = 16

// save stores a change; one that leaves the piece as it is is only its events.
func (p *post) save(ctx context.Context, ch workflow.Change) error {
	var err error
	if step, _ := p.ruling.piece.OpenStep(); moved(ch) || !heard(ch.Piece).Equal(step.HeardAt) {
		err = p.session.SavePiece(ctx, ch)
	} else {
		err = p.session.AddEvents(ctx, ch.Events)
	}
	if err != nil {
		return fmt.Errorf("saving %s: %w", ch.Piece.Code, err)
	}
	return nil
}

func heard(p workflow.Piece) time.Time {
	s, _ := p.OpenStep()
	return s.HeardAt
}

// title is an entry in a few words, for the history.
func (e Entry) title() string {
	what := "a comment"
	if e.Kind == Submission {
		what = fmt.Sprintf("version %d", e.Version)
	}
	var names []string
	for _, f := range e.Files {
		names = append(names, f.Name)
	}
	for _, l := range e.Links {
		if l.Type != inbox.WebLink {
			names = append(names, l.URL)
		}
	}
	if len(names) > 5 {
		names = append(names[:5], "…")
	}
	if len(names) > 0 {
		what += ": " + strings.Join(names, ", ")
	}
	return what
}

// filed lists the entry's files and document links as the mails show them.
func (e Entry) filed() (files []templates.File, links []string) {
	for _, f := range e.Files {
		files = append(files, templates.File{Name: f.Name, Size: f.Size})
	}
	for _, l := range e.Links {
		if l.Type != inbox.WebLink && len(links) < maxNamedLinks {
			links = append(links, l.URL)
		}
	}
	return files, links
}

// person is somebody of the piece; ok is false for nobody and for who is gone.
func (p *post) person(ctx context.Context, id int64) (who workflow.Person, ok bool, err error) {
	if id == 0 {
		return workflow.Person{}, false, nil
	}
	who, err = p.session.Person(ctx, id)
	if workflow.CodeOf(err) == workflow.NotFound {
		return workflow.Person{}, false, nil
	}
	if err != nil {
		return workflow.Person{}, false, fmt.Errorf("looking up person %d: %w", id, err)
	}
	return who, who.Primary() != "", nil
}

// add composes one notice.
func (p *post) add(d templates.Data, to workflow.Person, about outbox.About) error {
	about.CauseID = p.record.ID
	n, err := p.gateway.Composer.Compose(d, to, about)
	if err != nil {
		return fmt.Errorf("writing the notice %s: %w", d.Template(), err)
	}
	p.notices = append(p.notices, n)
	return nil
}

// answer composes a reply to the sender, or to the author whose mail was forwarded (RFC 3834 section 3).
func (p *post) answer(d templates.Data, pieceID, stepID int64) error {
	return p.answerAs(fmt.Sprintf("reply:%d:%s", p.record.ID, d.Template()), d, pieceID, stepID)
}

// answerAs composes it under a key, which is sent once.
func (p *post) answerAs(key string, d templates.Data, pieceID, stepID int64) error {
	r := p.ruling
	to := r.author
	if to.ID == 0 && r.auth == inbox.AuthPass {
		to.Name = clip(r.msg.From.Name, maxName)
	}
	to.Addresses = []string{r.answerAddress()}
	about := outbox.About{
		Key: key, PieceID: pieceID, StepID: stepID, AutoReply: true,
		InReplyTo: r.msg.MessageID, References: r.msg.References, Invite: p.invite,
	}
	if r.forwarded != nil {
		about.InReplyTo, about.References = r.forwarded.MessageID, nil
	}
	return p.add(d, to, about)
}

func (p *post) receipt(ctx context.Context, e Entry, ch workflow.Change) error {
	r := p.ruling
	d := templates.Receipt{
		Piece: outbox.PieceData(ch.Piece), Subject: clip(r.subject(), maxSubject), Version: e.Version, Skipped: r.skipped, Changes: p.changed,
		Finished: ch.Piece.Finished(),
	}
	d.Files, d.Links = e.filed()
	if len(ch.Handoffs) > 0 && ch.Handoffs[0].To.Stage != "" {
		step, err := p.step(ctx, ch.Handoffs[0].To)
		if err != nil {
			return err
		}
		d.Next, d.Yours = &step, ch.Handoffs[0].To.OwnerID == r.author.ID
	}
	if len(ch.Handoffs) > 0 {
		if err := p.uninvite(ctx, ch.Handoffs[0].From); err != nil {
			return err
		}
	}
	return p.answer(d, ch.Piece.ID, r.StepID)
}

func (p *post) step(ctx context.Context, s workflow.Step) (templates.Step, error) {
	owner, _, err := p.person(ctx, s.OwnerID)
	if err != nil {
		return templates.Step{}, err
	}
	return templates.Step{Stage: string(s.Stage), Owner: outbox.PersonData(owner), Deadline: s.Deadline}, nil
}

// tell tells whom a change concerns; its author has the answer to their mail.
func (p *post) tell(ctx context.Context, before workflow.Piece, ch workflow.Change, e Entry) error {
	people := map[int64]workflow.Person{}
	h := outbox.Happening{Before: before, Change: ch, People: people, ActorID: p.ruling.author.ID, CauseID: p.record.ID, Version: e.Version, Changes: p.changed}
	for _, id := range outbox.Concerned(before, ch) {
		who, _, err := p.person(ctx, id)
		if err != nil {
			return err
		}
		people[id] = who // one who is gone has no address and is left out
	}
	if outbox.Public(ch) {
		staff, err := p.session.Colleagues(ctx)
		if err != nil {
			return fmt.Errorf("listing the colleagues: %w", err)
		}
		for _, who := range staff {
			people[who.ID] = who
		}
	}
	if q := p.ruling.request; q != nil && h.Version == 0 {
		h.Version = q.version
	}
	if err := Enclose(ctx, p.session, &h); err != nil {
		return err
	}
	if e.ID != 0 {
		filed := e.draft(ch.Piece).WithoutText() // the notice has its words
		h.Filed = &filed
	}
	notices, err := p.gateway.Composer.Tell(h)
	if err != nil {
		return fmt.Errorf("writing the notices of %s: %w", ch.Piece.Code, err)
	}
	p.notices = append(p.notices, notices...)
	return nil
}

// relay passes on what moved nothing: to the editor, and a late version also to who is at work on the piece. What the
// editor writes goes to whom they answer, or else to the author and who is at work.
func (p *post) relay(ctx context.Context, e Entry) error {
	r := p.ruling
	step, _ := r.piece.OpenStep()
	to := []int64{r.piece.EditorID}
	addressee, err := p.addressee(ctx)
	switch {
	case err != nil:
		return err
	case r.request != nil && r.request.toAuthor:
		to = []int64{r.piece.AuthorID}
	case r.author.ID == r.piece.EditorID && addressee != 0:
		to = []int64{addressee}
	case r.author.ID == r.piece.EditorID:
		to = []int64{r.piece.AuthorID}
		if step.OwnerID != r.piece.AuthorID {
			to = append(to, step.OwnerID)
		}
	case e.Kind == Submission && step.OwnerID != r.piece.EditorID:
		to = append(to, step.OwnerID)
	}
	text := clip(strings.TrimSpace(r.text()), maxRelayed)
	if c := r.msg.Calendar; c != nil {
		text = strings.TrimSpace("Answered in the calendar: " + c.Status + "\n\n" + orElse(clip(strings.TrimSpace(c.Comment), maxRelayed), text))
	}
	piece, author := outbox.PieceData(r.piece), outbox.PersonData(r.author)
	var d templates.Data
	if r.piece.Closed() {
		piece.Deadline = time.Time{} // nobody has to keep it any more
	}
	filed := e.draft(r.piece)
	for _, id := range to {
		who, ok, err := p.person(ctx, id)
		if err != nil {
			return err
		}
		if !ok || id == r.author.ID || id == r.Forwarder {
			continue
		}
		if e.Kind == Submission {
			v := templates.NewVersion{Piece: piece, Author: author, Version: e.Version, Text: text, Changes: p.changed,
				Cancelled: r.piece.Cancelled(), Finished: r.piece.Finished()}
			if filed.Letter {
				v.Drafts = filed.WithoutText().For(who, author)
			} else {
				v.Text, v.Drafts = "", filed.For(who, author)
			}
			d = v
		} else {
			d = templates.Note{Piece: piece, Author: author, Text: orElse(text, e.title()), Drafts: filed.For(who, author), Closed: r.piece.Closed()}
		}
		if err := p.add(d, who, outbox.About{Key: fmt.Sprintf("note:%d:%d", p.record.ID, id), PieceID: r.piece.ID}); err != nil {
			return err
		}
	}
	return nil
}

// addressee is who did what a notice told that this mail answers, 0 if it answers none of those.
func (p *post) addressee(ctx context.Context) (int64, error) {
	n := p.ruling.answered
	if n.PieceID != p.ruling.piece.ID || len(n.Data) == 0 {
		return 0, nil
	}
	var said struct{ Author, Who templates.Person }
	if err := json.Unmarshal(n.Data, &said); err != nil {
		return 0, fmt.Errorf("reading the notice %d, which is answered: %w", n.ID, err)
	}
	address := workflow.NormalizeAddress(orElse(said.Author.Address, said.Who.Address))
	if address == "" {
		return 0, nil
	}
	who, err := personByAddress(ctx, p.session, address)
	if who.ID == p.ruling.author.ID {
		return 0, err
	}
	return who.ID, err
}

// redirect answers who should not write here.
func (p *post) redirect(ctx context.Context) error {
	if err := p.bypass(ctx); err != nil {
		return err
	}
	return p.replies(ctx, 0)
}

// bypass notes that a colleague mailed around the tool, on the piece if that was recognised.
func (p *post) bypass(ctx context.Context) error {
	r := p.ruling
	if r.class() != workflow.Internal || r.auth == inbox.AuthFail || r.received.Backfill {
		return nil
	}
	detail := "“" + orElse(clip(r.msg.Subject, maxSubject), "(no subject)") + "”"
	if r.author.ID == 0 {
		detail += ", from " + r.from
	}
	if r.auth != inbox.AuthPass {
		detail += ", sender not verified"
	}
	c := p.cause()
	e := workflow.Event{At: c.At, Kind: workflow.BypassRecorded, PieceID: r.piece.ID, PersonID: r.author.ID, MessageID: p.record.ID, Detail: detail}
	if err := p.session.AddEvents(ctx, []workflow.Event{e}); err != nil {
		return fmt.Errorf("noting the bypass: %w", err)
	}
	return p.bypassed(ctx)
}

// replies composes the answers of a mail that is not filed.
func (p *post) replies(ctx context.Context, pieceID int64) error {
	r := p.ruling
	subject := clip(r.subject(), maxSubject)
	if r.author.ID == 0 && r.auth != inbox.AuthPass {
		subject = "" // the address may be anybody's: no words of a stranger's reach them through us
	}
	for _, name := range r.Replies {
		var d templates.Data
		switch name {
		case "redirect":
			d = templates.Redirect{Subject: subject}
		case "redirect_outside":
			d = templates.RedirectOutside{Bypass: p.bypassData(subject)}
		case "redirect_firm":
			d = templates.RedirectFirm{Bypass: p.bypassData(subject)}
		case "billing_locked":
			editor, err := p.editorOf(ctx, r.author)
			if err != nil {
				return err
			}
			d = templates.BillingLocked{Onboarding: templates.Onboarding{Contributor: outbox.PersonData(r.author), Editor: editor, Next: r.author.Next().Label()}, Subject: subject}
		case "redirect_internal":
			in := templates.RedirectInternal{Subject: subject}
			if r.PieceID != 0 {
				piece := outbox.PieceData(r.piece)
				in.Piece = &piece
			}
			d = in
		case "oversize":
			d = templates.Oversize{Subject: subject, Size: r.received.Size, Limit: p.gateway.MaxSize}
		case "infected":
			d = templates.Infected{Subject: subject, Finding: clip(r.msg.Infected, maxName)}
		case "held":
			d = templates.Held{Subject: subject, Reason: p.heldReason(), Candidates: p.ownCandidates()}
		default:
			return fmt.Errorf("no reply is written with the template %q", name)
		}
		if err := p.answer(d, pieceID, 0); err != nil {
			return err
		}
	}
	return nil
}

// heldReason is why the mail waits, said to its sender.
func (p *post) heldReason() string {
	r := p.ruling
	switch {
	case r.msg.Held != "":
		return r.msg.Held
	case r.empty() && r.match.found():
		return "there was no text, no file and no link in it"
	case r.echo() && r.match.found():
		return "there was nothing in it but the mail that it answers: please write your words above that"
	case r.request != nil && r.request.waits != "":
		return r.request.waits
	case r.request != nil && r.request.name == "invoice":
		return "it is an invoice, which a person takes from here"
	case r.match == MatchNone:
		return "no piece of yours is open"
	case r.match == MatchForeign:
		return "it names a piece that you have no part in"
	case r.match == MatchAmbiguous:
		return "you have more than one open piece, and nothing in it tells which one it is for"
	case r.auth != inbox.AuthPass:
		return "nothing proves that it is from you; an answer to one of our mails does"
	default:
		return "somebody has to look at it first"
	}
}

// ownCandidates are those that the sender may hear of: a piece of others is none of their business.
func (p *post) ownCandidates() []templates.Piece {
	if p.ruling.match == MatchForeign {
		return nil
	}
	return p.candidates()
}

func (p *post) candidates() []templates.Piece {
	var all []templates.Piece
	for _, c := range p.ruling.Candidates {
		all = append(all, templates.Piece{Code: c.Piece, Title: c.Title})
	}
	return all
}

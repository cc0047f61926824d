package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/internal/mailtest"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

const (
	// demoPatience is how long one mail may take from SMTP to the last of its notices; what is slower has failed.
	demoPatience = 10 * time.Second
	// demoGlance is how often the store is looked at meanwhile, demoIdleGlance while nobody waits.
	demoGlance     = 5 * time.Millisecond
	demoIdleGlance = 100 * time.Millisecond
)

// ledger is what the demo reads of the store.
type ledger interface {
	Cursor(ctx context.Context, mailbox string) (c inbox.Cursor, ok bool, err error)
	People(ctx context.Context) ([]workflow.Person, error)
	Pieces(ctx context.Context, f store.PieceFilter) ([]workflow.Piece, error)
	Records(ctx context.Context, actions []proxy.Action, after int64, limit int) ([]proxy.Record, error)
	Entries(ctx context.Context, pieceID int64) ([]proxy.Entry, error)
	Notices(ctx context.Context, pieceID, after int64, limit int) ([]outbox.Notice, error)
}

// observer sees what the gateway does to the store and in the embedded mailboxes. It is not safe for concurrent use.
type observer struct {
	store   ledger
	office  *mailtest.Office
	clock   clock.Clock
	people  map[int64]workflow.Person
	pieces  map[int64]workflow.Piece // as last seen
	record  int64                    // id of the last record seen
	notices []outbox.Notice          // all, by id, as last seen
}

func newObserver(ctx context.Context, st ledger, office *mailtest.Office, clk clock.Clock) (*observer, error) {
	o := &observer{store: st, office: office, clock: clk, people: map[int64]workflow.Person{}, pieces: map[int64]workflow.Piece{}}
	people, err := st.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		o.people[p.ID] = p
	}
	return o, o.lookAtPieces(ctx)
}

func (o *observer) lookAtPieces(ctx context.Context) error {
	pieces, err := o.store.Pieces(ctx, store.PieceFilter{})
	if err != nil {
		return err
	}
	for _, p := range pieces {
		o.pieces[p.ID] = p
	}
	return nil
}

// ready waits until the mailbox is watched, so that what comes from now on is answered, and until all reminders are sent,
// and gives those.
func (o *observer) ready(ctx context.Context) ([]outbox.Notice, error) {
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	var reminders []outbox.Notice
	for {
		_, watched, err := o.store.Cursor(ctx, demoWatched)
		if err == nil {
			reminders, err = o.settled(ctx, func(n outbox.Notice) bool { return n.CauseID == 0 && n.State != outbox.Cancelled })
		}
		if err == nil && watched && len(reminders) >= demoReminders {
			return reminders, nil
		}
		if err == nil {
			err = clock.Sleep(ctx, o.clock, demoGlance)
		}
		if err != nil {
			return nil, fmt.Errorf("the gateway does not get to work (watching the mailbox: %v, reminders sent: %d of %d): %w",
				watched, len(reminders), demoReminders, err)
		}
	}
}

// code is the code of a piece, "" for none.
func (o *observer) code(pieceID int64) string { return o.pieces[pieceID].Code }

// sight is one mail with all that it caused.
type sight struct {
	record  proxy.Record
	entry   *proxy.Entry    // what was filed, nil for nothing
	notices []outbox.Notice // it caused, by id
	later   []outbox.Notice // what the clock then did
	before  workflow.Piece  // the piece before and after; zero without one
	after   workflow.Piece
}

// next waits for the next mail that the gateway decides on, looking every so often; it ends with ctx only.
func (o *observer) next(ctx context.Context, every time.Duration) (proxy.Record, error) {
	for {
		records, err := o.store.Records(ctx, proxy.Actions(), o.record, 1)
		if err != nil {
			return proxy.Record{}, err
		}
		if len(records) > 0 {
			o.record = records[0].ID
			return records[0], nil
		}
		if err := clock.Sleep(ctx, o.clock, every); err != nil {
			return proxy.Record{}, fmt.Errorf("the mail was not recorded: %w", err)
		}
	}
}

// consequences waits until all notices that the mail caused are sent.
func (o *observer) consequences(ctx context.Context, r proxy.Record) (sight, error) {
	s := sight{record: r, before: o.pieces[r.PieceID]}
	if err := o.lookAtPieces(ctx); err != nil {
		return s, err
	}
	s.after = o.pieces[r.PieceID]
	if r.PieceID != 0 {
		entries, err := o.store.Entries(ctx, r.PieceID)
		if err != nil {
			return s, err
		}
		if i := slices.IndexFunc(entries, func(e proxy.Entry) bool { return e.MessageID == r.ID }); i >= 0 {
			s.entry = &entries[i]
		}
	}
	var err error
	s.notices, err = o.settled(ctx, func(n outbox.Notice) bool { return n.CauseID == r.ID })
	return s, err
}

// settled waits until the outbox is done with all notices that match, and gives them. A sent one has arrived.
func (o *observer) settled(ctx context.Context, match func(outbox.Notice) bool) ([]outbox.Notice, error) {
	for {
		notices, err := o.store.Notices(ctx, 0, 0, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		o.notices = notices
		var matching []outbox.Notice
		waiting := false
		for _, n := range notices {
			if match(n) {
				matching = append(matching, n)
				waiting = waiting || n.State == outbox.Queued || n.State == outbox.Sending
			}
		}
		if !waiting {
			return matching, o.arrived(matching)
		}
		if err := clock.Sleep(ctx, o.clock, demoGlance); err != nil {
			return matching, fmt.Errorf("a notice is still waiting to be sent: %w", err)
		}
	}
}

// arrived checks that SMTP accepted each sent notice once, under its own Message-ID.
func (o *observer) arrived(notices []outbox.Notice) error {
	deliveries := o.office.Deliveries()
	for _, n := range notices {
		if !n.State.WentOut() {
			continue
		}
		times := 0
		for _, d := range deliveries {
			if d.To == n.ToAddress && sentByID(d, n.MessageID) {
				times++
			}
		}
		if times != 1 {
			return fmt.Errorf("the %s to %s was delivered %d times", n.Template, n.ToAddress, times)
		}
	}
	return nil
}

func sentByID(d mailtest.Delivery, messageID string) bool {
	m, err := openMail(d.Data)
	return err == nil && m.messageID == messageID
}

// notice finds the newest notice of that template about a piece in its recipient's own mailbox, and waits for it if need be.
func (o *observer) notice(ctx context.Context, to player, template, piece string) (received, error) {
	for until := o.clock.Now().Add(demoPatience); ; {
		m, ok, err := o.arrivedAt(to, template, piece)
		if err != nil || ok {
			return m, err
		}
		if o.clock.Now().After(until) {
			return received{}, fmt.Errorf("%s got no %s about %s", to.name, template, piece)
		}
		if err := clock.Sleep(ctx, o.clock, demoGlance); err != nil {
			return received{}, err
		}
		if err := o.lookAtPieces(ctx); err != nil {
			return received{}, err
		}
		if _, err := o.settled(ctx, func(n outbox.Notice) bool {
			return n.Template == template && slices.Contains(to.mailbox(), n.ToAddress)
		}); err != nil {
			return received{}, err
		}
	}
}

func (o *observer) arrivedAt(to player, template, piece string) (m received, ok bool, err error) {
	for _, n := range slices.Backward(o.notices) {
		if n.Template != template || o.code(n.PieceID) != piece || !slices.Contains(to.mailbox(), n.ToAddress) {
			continue
		}
		mails, err := o.office.Mails(to.user, "INBOX")
		if err != nil {
			return received{}, false, err
		}
		for _, raw := range mails {
			if m, err := openMail(raw); err == nil && m.messageID == n.MessageID {
				return m, true, nil
			}
		}
	}
	return received{}, false, nil
}

// due is when a piece's open step is due.
func (o *observer) due(code string) (time.Time, error) {
	for _, p := range o.pieces {
		if step, open := p.OpenStep(); open && p.Code == code {
			return step.Deadline, nil
		}
	}
	return time.Time{}, fmt.Errorf("no step of %s is open", code)
}

// undeliverable finds what we sent to an address, and the envelope sender that a report about it goes to.
func (o *observer) undeliverable(_ context.Context, address string) (received, string, error) {
	for _, d := range o.office.Deliveries() {
		if d.User == demoUser && d.To == address && d.From != "" {
			m, err := openMail(d.Data)
			return m, d.From, err
		}
	}
	return received{}, "", fmt.Errorf("nothing was sent to %s", address)
}

// stray are what the watched mailbox's account sent by SMTP beyond the notices that the store knows as sent.
func (o *observer) stray(ctx context.Context) ([]string, error) {
	if _, err := o.settled(ctx, func(outbox.Notice) bool { return true }); err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, n := range o.notices {
		known[n.MessageID+" "+n.ToAddress] = n.State.WentOut()
	}
	var stray []string
	for _, d := range o.office.Deliveries() {
		if d.User != demoUser {
			continue
		}
		m, err := openMail(d.Data)
		if err != nil || !known[m.messageID+" "+d.To] {
			stray = append(stray, fmt.Sprintf("“%s” to %s", m.subject(), d.To))
		}
	}
	return stray, nil
}

// afterwards waits for so many notices that the clock sends about the piece because of the mail.
func (o *observer) afterwards(ctx context.Context, s *sight, many int) error {
	for {
		later, err := o.settled(ctx, func(n outbox.Notice) bool {
			return n.CauseID == 0 && n.PieceID == s.record.PieceID && n.State != outbox.Cancelled && !n.CreatedAt.Before(s.record.RecordedAt)
		})
		if err != nil {
			return err
		}
		if s.later = later; len(later) < many {
			if err := clock.Sleep(ctx, o.clock, demoGlance); err != nil {
				return fmt.Errorf("the clock did not do what follows from the mail: %w", err)
			}
			continue
		}
		err = o.lookAtPieces(ctx)
		s.after = o.pieces[s.record.PieceID]
		return err
	}
}

// visitor waits for a mail that is not part of the story.
func (o *observer) visitor(ctx context.Context) (sight, error) {
	r, err := o.next(ctx, demoIdleGlance)
	if err != nil {
		return sight{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	return o.consequences(ctx, r)
}

// result is what became of a scene.
type result struct {
	scene   scene
	posting posting
	sight   sight
	took    time.Duration
	got     outcome
	problem string // how that differs from what was wanted, "" if it does not
}

// perform sends one scene's mail, waits until all that it causes is done, and compares. It fails only with ctx;
// everything else is a problem of the result. tell hears of the mail before it is sent.
func (o *observer) perform(ctx context.Context, sc scene, p *plot, tell func(posting)) (result, error) {
	p.now = o.clock.Now()
	p.scenes++
	r := result{scene: sc}
	post, err := sc.write(ctx, p)
	r.posting = post
	tell(post)
	if err != nil {
		r.problem = err.Error()
		return r, ctx.Err()
	}
	p.last[sc.title] = post

	within, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	begun := o.clock.Now()
	err = mailtest.Send(within, o.office.SMTPAddr, post.user, demoPassword, post.from, []string{post.to}, post.raw)
	var record proxy.Record
	if err == nil {
		record, err = o.next(within, demoGlance)
	}
	if err == nil {
		r.sight, err = o.consequences(within, record)
	}
	r.took = o.clock.Now().Sub(begun)
	if err == nil && len(sc.want.later) > 0 {
		err = o.afterwards(within, &r.sight, len(sc.want.later))
	}
	r.got = o.outcome(r.sight)
	switch {
	case ctx.Err() != nil:
		return r, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		r.problem = fmt.Sprintf("%s took longer than %s", err, demoPatience)
	case err != nil:
		r.problem = err.Error()
	default:
		r.problem = r.got.differs(sc.want)
	}
	return r, nil
}

// outcome puts a sight in the terms of what was wanted.
func (o *observer) outcome(s sight) outcome {
	got := outcome{action: s.record.Action, piece: o.code(s.record.PieceID)}
	var replies []string
	for _, n := range s.notices {
		if n.AutoReply {
			replies = append(replies, n.Template)
		} else {
			got.told = append(got.told, n.Template+" to "+o.firstName(n))
		}
	}
	slices.Sort(got.told)
	for _, n := range s.later {
		got.later = append(got.later, n.Template+" to "+o.firstName(n))
	}
	slices.Sort(got.later)
	got.reply = strings.Join(replies, ", ")
	return got
}

func (o *observer) firstName(n outbox.Notice) string {
	if name, _, _ := strings.Cut(n.ToName, " "); name != "" {
		return name
	}
	return n.ToAddress
}

// differs says in which way got is not what was wanted, "" if it is.
func (got outcome) differs(want outcome) string {
	var out []string
	differ := func(what, got, want string) {
		if got != want {
			out = append(out, fmt.Sprintf("%s is %s, expected %s", what, orNone(got), orNone(want)))
		}
	}
	differ("the disposition", string(got.action), string(want.action))
	differ("the piece", got.piece, want.piece)
	differ("the reply", got.reply, want.reply)
	differ("who was told", strings.Join(got.told, " and "), strings.Join(want.told, " and "))
	differ("what follows by the clock", strings.Join(got.later, " and "), strings.Join(want.later, " and "))
	return strings.Join(out, "; ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

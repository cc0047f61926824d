package proxy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"

	"handoff/blob"
	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/internal/redact"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// Composer makes notices of template data; *outbox.Composer does.
type Composer interface {
	Compose(d templates.Data, to workflow.Person, about outbox.About) (outbox.Notice, error)
	Tell(h outbox.Happening) ([]outbox.Notice, error)
	Uninvite(p workflow.Piece, s workflow.Step, who workflow.Person) *outbox.Invite
}

// Blobs gives the raw mails back for replay; *blob.Dir does.
type Blobs interface {
	Get(ctx context.Context, id blob.ID) (*blob.File, error)
}

// Gateway decides on mails and records them with everything they cause. It is the inbox.Recorder.
type Gateway struct {
	Store      Store
	Decider    *Decider
	Composer   Composer
	Versions   Versions      // for what an author changed; nil: nobody is told
	Blobs      Blobs         // for Replay and Assign
	Reading    inbox.Options // for Replay and Assign, as the Poller reads
	Clock      clock.Clock
	Bounces    outbox.BounceRules
	CodePrefix string       // of the codes of proposals; "" is PITCH
	Checklist  []string     // of the pieces that begin as proposals
	MaxSize    int64        // bytes of the largest mail taken in, named in the answer to a larger one
	Wake       func()       // called after a commit that queued notices; may be nil
	Log        *slog.Logger // nil: slog.Default
}

var _ inbox.Recorder = (*Gateway)(nil)

// Cursor is where the mailbox stands.
func (g *Gateway) Cursor(ctx context.Context, mailbox string) (inbox.Cursor, bool, error) {
	return g.Store.Cursor(ctx, mailbox)
}

// Outcomes are those of the mails recorded before, with a UID in [from, to].
func (g *Gateway) Outcomes(ctx context.Context, mailbox string, uidValidity, from, to uint32) ([]inbox.Outcome, error) {
	actions, err := g.Store.Actions(ctx, mailbox, uidValidity, from, to)
	if err != nil {
		return nil, fmt.Errorf("what became of the mails of mailbox %s: %w", mailbox, err)
	}
	outcomes := make([]inbox.Outcome, 0, len(actions))
	for uid, action := range actions {
		outcomes = append(outcomes, onServer(uid, action))
	}
	return outcomes, nil
}

// onServer is what the Poller does with a mail whose decision is action.
func onServer(uid uint32, action Action) inbox.Outcome {
	return inbox.Outcome{UID: uid, Held: action == Hold || action == Fail}
}

// Health notes how the mailbox does.
func (g *Gateway) Health(ctx context.Context, h inbox.Health) error {
	return g.Store.SaveHealth(ctx, h)
}

// Record decides on the batch and records it, what it causes and the cursor in one transaction. A mail whose decision or
// effects fail is recorded as failed instead; only the store itself or ctx can fail the batch.
func (g *Gateway) Record(ctx context.Context, mailbox string, to inbox.Cursor, batch []inbox.Received) ([]inbox.Outcome, error) {
	var outcomes []inbox.Outcome
	var effects []effect
	queued := 0
	err := g.update(ctx, func(tx Tx, s *session) error {
		outcomes, effects, queued = make([]inbox.Outcome, 0, len(batch)), nil, 0 // it may run again
		for _, received := range batch {
			e, err := g.recordOne(ctx, s, received)
			if err != nil {
				return err
			}
			queued += e.queued
			effects = append(effects, e)
			outcomes = append(outcomes, onServer(received.UID, e.action))
		}
		return tx.SetCursor(ctx, mailbox, to)
	})
	if err != nil {
		return nil, fmt.Errorf("recording %d mails of mailbox %s: %w", len(batch), mailbox, err)
	}
	g.wake(queued)
	for _, e := range effects {
		g.log().LogAttrs(ctx, slog.LevelDebug, "a mail is decided on", slog.String("mailbox", mailbox), slog.Int64("mail", e.mail),
			slog.String("action", string(e.action)), slog.String("reason", e.reason), slog.Int("notices", e.queued))
	}
	return outcomes, nil
}

func (g *Gateway) wake(queued int) {
	if queued > 0 && g.Wake != nil {
		g.Wake()
	}
}

func (g *Gateway) log() *slog.Logger {
	if g.Log != nil {
		return g.Log
	}
	return slog.Default()
}

// effect is what became of one mail.
type effect struct {
	mail   int64 // its record
	action Action
	reason string
	queued int
}

// recordOne decides and applies in a savepoint. When that fails, the mail is recorded as failed in a fresh one. When its UID
// is taken, by another mail, it is decided on again under a name of its own; when another instance recorded a copy meanwhile,
// in the knowledge of that one.
func (g *Gateway) recordOne(ctx context.Context, s *session, received inbox.Received) (effect, error) {
	e, err := g.tryOne(ctx, s, received)
	if errors.Is(err, errRecorded) {
		same, rerr := g.makeRoom(ctx, s, &received)
		if rerr != nil || same.mail != 0 {
			return same, rerr
		}
		e, err = g.tryOne(ctx, s, received)
	}
	switch {
	case err == nil:
		return e, nil
	case ctx.Err() != nil:
		return effect{}, ctx.Err()
	}
	return g.recordFailure(ctx, s, received, err)
}

// shortID is how many digits of a blob's ID tell a mail apart from others that had its UID.
const shortID = 12

// makeRoom sets the mailbox's name under which the mail can be recorded, or tells what became of this very mail. A mailbox
// restored from a backup, or another one of the same name, may use a UID again, under the same UIDVALIDITY, for another mail:
// that one is recorded in “name#blob”, with the first digits of its blob's ID.
func (g *Gateway) makeRoom(ctx context.Context, s *session, received *inbox.Received) (same effect, err error) {
	name, id := received.Mailbox, string(received.Blob)
	for _, room := range []string{name, name + "#" + id[:min(shortID, len(id))], name + "#" + id} {
		have, err := s.RecordAt(ctx, room, received.UIDValidity, received.UID)
		switch {
		case workflow.CodeOf(err) == workflow.NotFound:
			received.Mailbox = room
			if room != name {
				g.log().LogAttrs(ctx, slog.LevelWarn, "the UID of a mail was another mail's before", slog.String("mailbox", name),
					slog.Any("uid", received.UID), slog.String("recorded in", room))
			}
			return effect{}, nil
		case err != nil:
			return effect{}, fmt.Errorf("looking for what has UID %d: %w", received.UID, err)
		case have.Blob == received.Blob:
			return effect{mail: have.ID, action: have.Action, reason: have.Reason}, nil
		}
	}
	return effect{}, fmt.Errorf("other mails are recorded under every name that the mail with UID %d could have", received.UID)
}

func (g *Gateway) tryOne(ctx context.Context, s *session, received inbox.Received) (effect, error) {
	var e effect
	err := g.guarded(ctx, s, func(s *session) error {
		r, err := g.Decider.decide(ctx, s, received, 0)
		if err != nil {
			return err
		}
		if r.recorded {
			e = effect{mail: r.earlier.ID, action: r.earlier.Action, reason: r.earlier.Reason}
			return nil
		}
		rec := g.record(r)
		if err := g.add(ctx, s, r, &rec); err != nil {
			return err
		}
		e.mail, e.action, e.reason = rec.ID, rec.Action, rec.Reason
		e.queued, err = g.apply(ctx, s, r, rec)
		return err
	})
	return e, err
}

// errRecorded marks the conflict that AddRecord reports apart from any other.
var errRecorded = errors.New("recorded before")

// AddRecord passes the record on and marks a conflict as errRecorded.
func (s *session) AddRecord(ctx context.Context, r *Record) error {
	err := s.Tx.AddRecord(ctx, r)
	if workflow.CodeOf(err) == workflow.Conflict {
		return fmt.Errorf("%w: %w", errRecorded, err)
	}
	return err
}

func (g *Gateway) recordFailure(ctx context.Context, s *session, received inbox.Received, cause error) (effect, error) {
	if same, err := g.makeRoom(ctx, s, &received); err != nil || same.mail != 0 {
		return same, err
	}
	r := &ruling{received: received, msg: received.Message}
	if r.msg == nil {
		r.msg = &inbox.Message{ContentHash: string(received.Blob)}
	}
	r.Trace = append(r.Trace, r.msg.Trace...)
	r.end(Fail, "deciding or filing failed: %s", firstLine(cause))
	r.note("disposition", string(Fail), "%s", r.Reason)
	rec := g.record(r)
	rec.Error = redact.Text(cause.Error())
	err := g.guarded(ctx, s, func(s *session) error { return s.AddRecord(ctx, &rec) })
	if errors.Is(err, errRecorded) {
		return g.recordCopy(ctx, s, rec)
	}
	if err != nil {
		// It may be what the mail says that cannot be stored. Where it lies is enough to replay it.
		bare := Record{
			Mailbox: rec.Mailbox, UIDValidity: rec.UIDValidity, UID: rec.UID, Blob: rec.Blob, Size: rec.Size, ReceivedAt: rec.ReceivedAt,
			RecordedAt: rec.RecordedAt, Backfill: rec.Backfill, Oversize: rec.Oversize, ContentHash: string(rec.Blob),
			Action: Fail, Reason: "what the mail says could not be stored", Trace: []inbox.Check{{Check: "disposition", Outcome: string(Fail), Reason: "what the mail says could not be stored"}},
			Error: strconv.QuoteToASCII(firstLine(err)),
		}
		err = g.guarded(ctx, s, func(s *session) error { return s.AddRecord(ctx, &bare) })
		if errors.Is(err, errRecorded) {
			return g.recordCopy(ctx, s, bare)
		}
	}
	if err != nil {
		return effect{}, errors.Join(err, cause)
	}
	g.log().LogAttrs(ctx, slog.LevelError, "a mail could not be decided on; it is kept and can be replayed",
		slog.String("mailbox", received.Mailbox), slog.Any("uid", received.UID), slog.Any("error", cause))
	return effect{action: Fail}, nil
}

// recordCopy records a mail that could not be decided on as the duplicate of its earlier copy, which waits for a decision.
func (g *Gateway) recordCopy(ctx context.Context, s *session, rec Record) (effect, error) {
	earlier, err := s.Recorded(ctx, rec.MessageID, rec.ContentHash)
	if err != nil && workflow.CodeOf(err) != workflow.NotFound {
		return effect{}, fmt.Errorf("looking for an earlier copy: %w", err)
	}
	rec.Action, rec.DuplicateOf = Duplicate, earlier.ID
	rec.Reason = fmt.Sprintf("the same mail as number %d, which was decided before: %s", earlier.ID, earlier.Action)
	rec.Trace = append(rec.Trace, inbox.Check{Check: "disposition", Outcome: string(Duplicate), Reason: rec.Reason})
	err = g.guarded(ctx, s, func(s *session) error { return s.AddRecord(ctx, &rec) })
	if err != nil {
		return effect{}, err
	}
	return effect{mail: rec.ID, action: Duplicate, reason: rec.Reason}, nil
}

// guarded runs f in a savepoint. A panic in f is an error; what f changed and remembered is then undone.
func (g *Gateway) guarded(ctx context.Context, s *session, f func(*session) error) error {
	err := s.Tx.Savepoint(ctx, func(tx Tx) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return f(s.on(tx))
	})
	if err != nil {
		s.forget()
	}
	return err
}

// record is how the decided mail is stored.
func (g *Gateway) record(r *ruling) Record {
	in, m := r.received, r.msg
	rec := Record{
		Mailbox: in.Mailbox, UIDValidity: in.UIDValidity, UID: in.UID, Blob: in.Blob, Size: in.Size,
		ReceivedAt: in.ReceivedAt, RecordedAt: g.Clock.Now(), Backfill: in.Backfill, Oversize: in.Oversize,
	}
	if r.Action == Fail && in.Err != nil {
		rec.Error = redact.Text(in.Err.Error())
	}
	describe(&rec, r)
	rec.MessageID, rec.ContentHash = m.MessageID, m.ContentHash
	return rec
}

// describe writes into a record what reading found and deciding said.
func describe(rec *Record, r *ruling) {
	m := r.msg
	rec.FromAddress, rec.FromName, rec.Subject = m.From.Address, m.From.Name, m.Subject
	rec.Kind, rec.Automatic, rec.Suppress = m.Kind, m.Automatic, m.SuppressReply
	rec.Action, rec.Reason = r.Action, r.Reason
	rec.PieceID, rec.PersonID = r.PieceID, r.PersonID
	rec.Candidates, rec.Trace = r.Candidates, r.Trace
	if r.Action == Duplicate {
		rec.DuplicateOf = r.earlier.ID
	}
}

func firstLine(err error) string {
	s := err.Error()
	for i, c := range s {
		if c == '\n' {
			return s[:i]
		}
	}
	return s
}

package proxy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// act does what a mail asks for that is about its sender.
func (p *post) act(ctx context.Context) error {
	q, refused := p.ruling.request, p.ruling.refused
	switch {
	case refused != nil:
		return p.refuse(ctx, refused)
	case q.reply == "pitch_received":
		return p.pitch(ctx)
	case q.reply == "muted":
		return p.mute(ctx)
	case q.reply != "":
		return p.standing(ctx)
	default:
		if err := p.reach(ctx, q.who, q.item); err != nil || len(p.ruling.Replies) == 0 {
			return err
		}
		return p.answer(templates.Noted{OnPiece: templates.OnPiece{Who: outbox.PersonData(p.ruling.author)}, What: q.done}, 0, 0)
	}
}

// refuse says why what the mail asks for was not done. Of a piece that is not theirs, the sender learns nothing but its code.
func (p *post) refuse(ctx context.Context, refused error) error {
	r, c := p.ruling, p.cause()
	event := workflow.Event{At: c.At, Kind: workflow.RequestRefused, PersonID: c.PersonID, MessageID: c.MessageID, Detail: r.refusedDetail(refused)}
	d := templates.NotDone{Subject: clip(r.subject(), maxSubject), Reason: refused.Error()}
	if r.request.apart {
		event.PieceID, d.Piece.Code = r.piece.ID, r.piece.Code
	}
	if err := p.session.AddEvents(ctx, []workflow.Event{event}); err != nil {
		return fmt.Errorf("noting what was refused: %w", err)
	}
	if len(r.Replies) == 0 {
		return nil
	}
	return p.answer(d, 0, 0)
}

func (r *ruling) refusedDetail(refused error) string {
	return "“" + r.request.name + "” was refused: " + refused.Error()
}

// reach notes a point of somebody's onboarding; what follows from it is the clock's to do.
func (p *post) reach(ctx context.Context, who workflow.Person, item workflow.Item) error {
	c := p.cause()
	c.ActorID = p.ruling.author.ID
	now, event, err := who.Reach(item, p.ruling.author, c)
	if workflow.CodeOf(err) == workflow.Conflict {
		return nil // reached meanwhile
	}
	if err != nil {
		return err
	}
	if err := p.session.SavePerson(ctx, &now); err != nil {
		return fmt.Errorf("saving %s: %w", who.Name, err)
	}
	return p.session.AddEvents(ctx, []workflow.Event{event})
}

// passDemo notes that the piece's author has passed.
func (p *post) passDemo(ctx context.Context) (refused, err error) {
	author, err := p.session.Person(ctx, p.ruling.piece.AuthorID)
	if err != nil {
		return nil, fmt.Errorf("looking up the author of %s: %w", p.ruling.piece.Code, err)
	}
	c := p.cause()
	c.ActorID = p.ruling.author.ID
	now, events, refused := passed(p.ruling.piece, author, p.ruling.author, c)
	if refused != nil {
		return refused, nil
	}
	if err := p.session.SavePerson(ctx, &now); err != nil {
		return nil, fmt.Errorf("saving %s: %w", author.Name, err)
	}
	if err := p.session.AddEvents(ctx, events); err != nil {
		return nil, fmt.Errorf("noting that %s passed: %w", author.Name, err)
	}
	return nil, nil
}

// passed is the author of a demo piece, found good by an editor. That it went through every step may not be noted yet.
func passed(p workflow.Piece, author, editor workflow.Person, c workflow.Cause) (workflow.Person, []workflow.Event, error) {
	switch {
	case !workflow.Can(editor, workflow.Manage, p):
		return author, nil, forEditors(p)
	case !p.Demo:
		return author, nil, notDemo(p)
	case !p.Finished():
		return author, nil, workflow.Errorf(workflow.Conflict, "the demo piece %s is in %s: it passes once it went through every step", p.Code, p.Stage.Label())
	}
	if _, already := author.Reached(workflow.DemoPassed); already {
		return author, nil, workflow.Errorf(workflow.Conflict, "%s has passed already", author.Name)
	}
	if next := author.Next(); next != workflow.DemoFinished && next != workflow.DemoPassed {
		return author, nil, workflow.Errorf(workflow.Conflict, "the first steps of %s are not that far: next is “%s”", author.Name, orElse(next.Label(), "the invitation"))
	}
	var events []workflow.Event
	for _, item := range []workflow.Item{workflow.DemoFinished, workflow.DemoPassed} {
		if item == workflow.DemoFinished && author.Next() != item {
			continue
		}
		reached, event, err := author.Reach(item, editor, c)
		if err != nil {
			return author, nil, err
		}
		author, events = reached, append(events, event)
	}
	return author, events, nil
}

func notDemo(p workflow.Piece) error {
	return workflow.Errorf(workflow.Conflict, "%s is no demo piece: only one of those passes or not", p.Code)
}

// mute stops a kind of recurring notice for the sender, or all; never what a handoff needs.
func (p *post) mute(ctx context.Context) error {
	r := p.ruling
	who, c := r.author, p.cause()
	who.Muted = slices.Clone(who.Muted)
	what := "all reminders"
	if r.request.notice != "" {
		what = strings.ReplaceAll(r.request.notice, "_", " ")
	}
	for _, e := range templates.Catalogue() {
		name := e.Data.Template()
		if e.Recurring && (r.request.notice == "" || r.request.notice == name) && !who.Mutes(name) {
			who.Muted = append(who.Muted, name)
		}
	}
	if err := p.session.SavePerson(ctx, &who); err != nil {
		return fmt.Errorf("saving %s: %w", who.Name, err)
	}
	event := workflow.Event{At: c.At, Kind: workflow.PersonMuted, PersonID: who.ID, ActorID: who.ID, MessageID: c.MessageID, Detail: "wants no more mails of the kind: " + what}
	if err := p.session.AddEvents(ctx, []workflow.Event{event}); err != nil {
		return fmt.Errorf("noting what %s mutes: %w", who.Name, err)
	}
	items, err := p.items(ctx)
	if err != nil || len(r.Replies) == 0 {
		return err
	}
	return p.answer(templates.Muted{Standing: templates.Standing{Items: items}, Notice: what}, 0, 0)
}

// mutable is the name of a recurring notice, "" for any other.
func mutable(name string) string {
	if e, ok := templates.EntryOf(name); ok && e.Recurring {
		return name
	}
	return ""
}

// standing answers with where the sender's pieces stand.
func (p *post) standing(ctx context.Context) error {
	if len(p.ruling.Replies) == 0 {
		return nil
	}
	items, err := p.items(ctx)
	if err != nil {
		return err
	}
	var d templates.Data = templates.Status{Standing: templates.Standing{Items: items}}
	if p.ruling.request.reply == "help" {
		d = templates.Help{Standing: templates.Standing{Items: items}}
	}
	return p.answer(d, 0, 0)
}

// items are the sender's unfinished pieces.
func (p *post) items(ctx context.Context) ([]templates.Item, error) {
	pieces, err := p.session.OpenPieces(ctx, p.ruling.author.ID, maxOpen+1)
	if err != nil {
		return nil, fmt.Errorf("looking up the pieces of %s: %w", p.ruling.author.Name, err)
	}
	now := p.gateway.Clock.Now()
	var items []templates.Item
	for _, piece := range pieces[:min(len(pieces), maxOpen)] {
		shown, err := p.onClocks(ctx, piece)
		if err != nil {
			return nil, err
		}
		it := templates.Item{Piece: outbox.PieceData(shown)}
		if s, open := piece.OpenStep(); open {
			step, err := p.step(ctx, s)
			if err != nil {
				return nil, err
			}
			it.Step = &step
			if !s.Deadline.IsZero() && now.After(s.Deadline) {
				it.Late = int(now.Sub(s.Deadline)/(24*time.Hour)) + 1
			}
		}
		items = append(items, it)
	}
	return items, nil
}

// maxCodeTries bounds the search for a code that no piece has.
const maxCodeTries = 50

// pitch makes a proposal of the mail: a piece whose topic an editor decides on.
func (p *post) pitch(ctx context.Context) error {
	r, s := p.ruling, p.session
	editor, err := p.gateway.Decider.pitchEditor(ctx, s, r.author)
	if err != nil {
		return err
	}
	code, err := p.nextCode(ctx)
	if err != nil {
		return err
	}
	c := p.cause()
	piece, events, err := workflow.NewPiece(workflow.PieceInput{
		Code: code, Title: r.request.title, AuthorID: r.author.ID, EditorID: editor.ID, Stage: workflow.Pitch, Topic: workflow.TopicProposed,
		Brief: clip(r.proposal(), maxRelayed), Tasks: p.gateway.Checklist,
	}, c)
	if err != nil {
		return err
	}
	if err := s.AddPiece(ctx, &piece, events); err != nil {
		return fmt.Errorf("adding the proposal: %w", err)
	}
	r.piece = piece
	entry := Entry{PieceID: piece.ID, PersonID: r.author.ID, MessageID: p.record.ID, Kind: Comment, Text: r.text(), Files: r.files,
		Links: r.msg.Links[:min(len(r.msg.Links), maxLinks)], At: c.At}
	if err := s.AddEntry(ctx, &entry); err != nil {
		return fmt.Errorf("filing the proposal: %w", err)
	}
	ch, err := piece.Propose(c, clip(r.proposal(), maxRelayed))
	if err != nil {
		return err
	}
	if err := s.SavePiece(ctx, ch); err != nil {
		return fmt.Errorf("saving %s: %w", code, err)
	}
	p.record.PieceID = piece.ID
	if err := s.UpdateRecord(ctx, p.record); err != nil {
		return fmt.Errorf("noting the piece of mail %d: %w", p.record.ID, err)
	}
	if len(r.Replies) > 0 {
		about, err := p.about(ctx, ch.Piece)
		if err != nil {
			return err
		}
		about.Who = outbox.PersonData(editor)
		d := templates.PitchReceived{OnPiece: about, Subject: clip(r.subject(), maxSubject)}
		if err := p.answer(d, piece.ID, 0); err != nil {
			return err
		}
	}
	return p.tell(ctx, piece, ch, entry)
}

func (p *post) nextCode(ctx context.Context) (string, error) {
	prefix := orElse(p.gateway.CodePrefix, "PITCH")
	for range maxCodeTries {
		n, err := p.session.Count(ctx, "code "+prefix)
		if err != nil {
			return "", err
		}
		code := fmt.Sprintf("%s-%d", prefix, n)
		_, err = p.session.Tx.PieceByCode(ctx, code)
		if workflow.CodeOf(err) == workflow.NotFound {
			return code, nil
		}
		if err != nil {
			return "", fmt.Errorf("looking for a free code: %w", err)
		}
	}
	return "", fmt.Errorf("the next %d codes with %s are all taken", maxCodeTries, prefix)
}

// editorOf names who looks after a contributor.
func (p *post) editorOf(ctx context.Context, who workflow.Person) (templates.Person, error) {
	editor, ok, err := p.person(ctx, who.EditorID)
	if err != nil || !ok {
		return templates.Person{Name: "your editor"}, err
	}
	return outbox.PersonData(editor), nil
}

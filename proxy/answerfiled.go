package proxy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// answerFiled answers the sender of what was filed.
func (p *post) answerFiled(ctx context.Context, e Entry, ch workflow.Change, refused error) error {
	r := p.ruling
	if len(r.Replies) == 0 {
		return nil
	}
	name := r.Replies[0]
	if r.request != nil && r.request.filed() {
		name = r.requestReply(refused)
	}
	about, err := p.about(ctx, ch.Piece)
	if err != nil {
		return err
	}
	switch name {
	case "receipt":
		return p.receipt(ctx, e, ch)
	case "early":
		author, _, err := p.person(ctx, r.piece.AuthorID)
		if err != nil {
			return err
		}
		return p.answer(templates.Early{OnPiece: about, Subject: clip(r.subject(), maxSubject),
			Missing: r.piece.Missing(author, p.gateway.Decider.Onboarding)}, r.piece.ID, 0)
	case "closed":
		why := "it has been all the way, and nothing is open any more"
		if r.piece.Cancelled() {
			why = orElse(r.piece.CancelReason, "it was given up")
		}
		return p.answer(templates.Closed{OnPiece: about, Subject: clip(r.subject(), maxSubject), Why: why, Cancelled: r.piece.Cancelled()}, r.piece.ID, 0)
	case "not_done":
		return p.answer(templates.NotDone{OnPiece: about, Subject: clip(r.subject(), maxSubject), Reason: refused.Error()}, r.piece.ID, 0)
	case "noted":
		if r.request == nil || !r.request.filed() {
			return p.passedOn(ctx, about)
		}
		if step, open := r.piece.OpenStep(); open && step.OwnerID == r.author.ID {
			if now, _ := ch.Piece.Step(step.Stage); now.State != workflow.Open || now.OwnerID != r.author.ID {
				if err := p.uninvite(ctx, step); err != nil {
					return err
				}
			}
		}
		return p.answer(templates.Noted{OnPiece: ownDates(about, ch.Piece, r.author.ID), What: r.request.done + p.ticked(ch.Piece) + p.brought(e), Ask: r.request.ask}, r.piece.ID, 0)
	}
	return fmt.Errorf("no reply to what is filed is written with the template %q", name)
}

// passedOn tells a contributor that their words reached the editor, whose answer may take its time: once a day and piece, by
// the notice's key, so that a talk, or a machine that answers, gets no more.
func (p *post) passedOn(ctx context.Context, about templates.OnPiece) error {
	r := p.ruling
	editor, ok, err := p.person(ctx, r.piece.EditorID)
	if err != nil || !ok || r.quiet || editor.ID == r.author.ID {
		return err
	}
	day := p.gateway.Clock.Now().Format(time.DateOnly)
	key := fmt.Sprintf("passed_on:%d:%d:%s", r.piece.ID, r.author.ID, day)
	d := templates.Noted{OnPiece: ownDates(about, r.piece, r.author.ID), What: fmt.Sprintf("Your words are with %s.", editor.Name)}
	return p.answerAs(key, d, r.piece.ID, 0)
}

// ownDates leaves the dates out that are no concern of that person: of a step that somebody else has, and of a piece in which
// they review alone.
func ownDates(d templates.OnPiece, p workflow.Piece, personID int64) templates.OnPiece {
	step, open := p.OpenStep()
	works := open && (step.OwnerID == personID || step.Owes(personID))
	if p.EditorID == personID {
		return d
	}
	if !works {
		d.Step = nil
	}
	if !works && p.AuthorID != personID && p.LeadID != personID {
		d.Piece.Deadline = time.Time{}
	}
	return d
}

// ticked names the tasks of the checklist that the mail confirmed.
func (p *post) ticked(now workflow.Piece) string {
	var names []string
	for i, t := range p.ruling.piece.Checklist {
		if t.DoneAt.IsZero() && !now.Checklist[i].DoneAt.IsZero() {
			names = append(names, clip(t.Name, maxName))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " Ticked: " + strings.Join(names, ", ") + "."
}

// brought says what became of the files that came with a request.
func (p *post) brought(e Entry) string {
	var b strings.Builder
	if e.Kind == Submission || len(e.Files) > 0 {
		fmt.Fprintf(&b, " Filed with it: %s.", e.title())
	}
	for i, s := range p.ruling.skipped {
		if i == maxNamed {
			b.WriteString(" Others were not taken in either.")
			break
		}
		fmt.Fprintf(&b, " “%s” was not taken in: %s.", clip(s.Name, maxName), s.Note)
	}
	return b.String()
}

// about is the piece as a mail to the sender shows it.
func (p *post) about(ctx context.Context, piece workflow.Piece) (templates.OnPiece, error) {
	d := templates.OnPiece{Piece: outbox.PieceData(piece), Who: outbox.PersonData(p.ruling.author)}
	if s, open := piece.OpenStep(); open {
		step, err := p.step(ctx, s)
		if err != nil {
			return d, err
		}
		d.Step = &step
	}
	return d, nil
}

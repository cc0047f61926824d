package proxy

import (
	"context"
	"fmt"
	"slices"

	"handoff/inbox"
	"handoff/inbox/draft"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// Shelf is what was filed on pieces.
type Shelf interface {
	// Versions is the number of the piece's last submission, 0 without any.
	Versions(ctx context.Context, pieceID int64) (int, error)
	// Submission is the submission of the piece with that number.
	Submission(ctx context.Context, pieceID int64, version int) (Entry, error)
	// Entries are a piece's entries, oldest first.
	Entries(ctx context.Context, pieceID int64) ([]Entry, error)
}

// Enclose puts into h what was filed on its piece, as far as the mails need it that tell of the change.
func Enclose(ctx context.Context, shelf Shelf, h *outbox.Happening) error {
	p := h.Change.Piece
	if outbox.Public(h.Change) {
		entries, err := shelf.Entries(ctx, p.ID)
		if err != nil {
			return fmt.Errorf("looking up the images of %s: %w", p.Code, err)
		}
		h.Images = Images(p, h.People[p.EditorID], entries)
	}
	if outbox.Carries(h.Change) {
		var err error
		if h.Drafts, err = drafts(ctx, shelf, p); err != nil {
			return fmt.Errorf("looking up the newest version of %s: %w", p.Code, err)
		}
	}
	return nil
}

// maxSought is how many versions are looked through for the newest text.
const maxSought = 30

// drafts are what somebody needs who goes on with a piece: the newest version of the text, the newest that was filed for the
// graphics, and where neither brings pictures, those of the last version that did. What a peer sent with a review is theirs, and no
// version to go on with.
func drafts(ctx context.Context, shelf Shelf, p workflow.Piece) ([]outbox.Draft, error) {
	last, err := shelf.Versions(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	design, _ := p.Step(workflow.Design)
	var text, graphics, pictures []Entry
	for version := last; version > max(0, last-maxSought); version-- {
		if len(text) > 0 && len(pictures) > 0 && (len(graphics) > 0 || design.OpenedAt.IsZero()) {
			break
		}
		e, err := shelf.Submission(ctx, p.ID, version)
		switch {
		case err != nil:
			return nil, err
		case !e.OfWork(p):
			continue
		case e.forDesign(p) && len(graphics) == 0:
			graphics = append(graphics, e)
		case !e.forDesign(p) && len(text) == 0:
			text = append(text, e)
		}
		if len(pictures) == 0 && e.hasPictures() {
			pictures = append(pictures, e)
		}
	}
	found := make([]outbox.Draft, 0, 3)
	for _, e := range append(text, graphics...) {
		if found = append(found, e.draft(p)); e.hasPictures() {
			pictures = nil
		}
	}
	for _, e := range pictures {
		d := e.draft(p).WithoutText()
		d.Files = slices.DeleteFunc(d.Files, func(a templates.Attachment) bool { return imageType(e.Files[a.Number]) == "" })
		d.Links, d.Letter = nil, false
		found = append(found, d)
	}
	return found, nil
}

// forDesign tells whether a submission was filed for the graphics, or is of pictures alone that the designer sent after that.
func (e Entry) forDesign(p workflow.Piece) bool {
	s, ok := p.Step(workflow.Design)
	if !ok || s.ID == 0 {
		return false
	}
	return e.StepID == s.ID || designed(p, e.PersonID) && e.hasPictures() && e.letter() &&
		!slices.ContainsFunc(e.Files, func(f EntryFile) bool { return draft.Document(f.Name, f.Type) })
}

// designed tells whether somebody did the graphics, and has no open step now.
func designed(p workflow.Piece, personID int64) bool {
	s, _ := p.Step(workflow.Design)
	open, _ := p.OpenStep()
	return s.State == workflow.Done && s.OwnerID == personID && open.OwnerID != personID
}

func (e Entry) hasPictures() bool {
	return slices.ContainsFunc(e.Files, func(f EntryFile) bool { return imageType(f) != "" })
}

// OfWork tells whether a submission is by somebody at work on the piece. Reviews were numbered among them once.
func (e Entry) OfWork(p workflow.Piece) bool { return e.StepID != 0 || works(p, e.PersonID) }

// before is the last version ahead of that one to compare it with, of somebody at work on the piece; ok is false if there is none.
func before(ctx context.Context, shelf Shelf, p workflow.Piece, version int) (e Entry, ok bool, err error) {
	for n := version - 1; n > max(0, version-maxSought); n-- {
		if e, err = shelf.Submission(ctx, p.ID, n); err != nil {
			return e, false, fmt.Errorf("looking up version %d: %w", n, err)
		}
		if e.OfWork(p) {
			return e, true, nil
		}
	}
	return Entry{}, false, nil
}

// works tells whether somebody is at work on the piece, and not only reviews it.
func works(p workflow.Piece, id int64) bool {
	return id == p.AuthorID || id == p.EditorID || id == p.LeadID || slices.ContainsFunc(p.Steps, func(s workflow.Step) bool { return s.OwnerID == id })
}

// draft is the entry as it goes with a mail.
func (e Entry) draft(p workflow.Piece) outbox.Draft {
	d := outbox.Draft{Draft: templates.Draft{Version: e.Version}, SenderID: e.PersonID}
	for i, f := range e.Files {
		d.Files = append(d.Files, templates.Attachment{Name: f.Name, Size: f.Size, Entry: e.ID, Number: i})
	}
	_, d.Links = e.filed()
	if e.Kind == Submission && e.Text != "" {
		d.Files = append(d.Files, templates.Attachment{
			Name: fmt.Sprintf("%s version %d.txt", p.Code, e.Version), Size: int64(len(e.Text)), Entry: e.ID, Number: templates.MailText,
		})
		d.Letter = e.letter()
	}
	return d
}

// letter tells whether the text of a submission only goes with what was handed in: with a document, or with files and links if it
// is short.
func (e Entry) letter() bool {
	if slices.ContainsFunc(e.Files, func(f EntryFile) bool { return draft.Document(f.Name, f.Type) }) {
		return true
	}
	linked := slices.ContainsFunc(e.Links, func(l inbox.Link) bool { return l.Type != inbox.WebLink })
	return (linked || len(e.Files) > 0) && draft.Words(e.Text, defaultDraftWords) < defaultDraftWords
}

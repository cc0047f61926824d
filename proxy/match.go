package proxy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"handoff/inbox"
	"handoff/workflow"
)

// find walks the ladder from the surest hint to the vaguest and authorises the author on the piece it finds.
// The first rung that names a piece decides, be it a piece of theirs or not.
func (d *Decider) find(ctx context.Context, look Lookups, r *ruling) error {
	for _, rung := range []func(context.Context, Lookups, *ruling) error{d.signed, d.code, d.thread, d.open} {
		if err := rung(ctx, look, r); err != nil {
			return err
		}
		if r.match != "" {
			break
		}
	}
	switch {
	case r.match != "":
	case r.author.ID == 0:
		r.found(MatchNone, workflow.Piece{}, "nobody registered wrote it, so no piece is looked for")
	case r.author.Class == workflow.Internal:
		r.found(MatchNone, workflow.Piece{}, "it names no piece, and a colleague's mail is not guessed at")
	default:
		r.found(MatchNone, workflow.Piece{}, "%s has no unfinished piece", r.author.Name)
	}
	if r.author.ID == 0 {
		return nil
	}
	switch {
	case r.former:
		r.note("authorise", "comment", "%s has no part in %s, and may only answer", r.author.Name, r.piece.Code)
	case r.match.found():
		r.note("authorise", "yes", "%s is at work on %s", r.author.Name, r.piece.Code)
	case r.match == MatchForeign:
		r.note("authorise", "no", "%s has no part in %s", r.author.Name, r.piece.Code)
	}
	return nil
}

// takesPart tells who may write about a piece: who is at work on it, and admins.
func takesPart(who workflow.Person, p workflow.Piece) bool {
	return workflow.Can(who, workflow.Contribute, p) || workflow.Can(who, workflow.Manage, p)
}

// found settles the match.
func (r *ruling) found(m Match, p workflow.Piece, format string, args ...any) {
	r.match, r.piece, r.matchReason = m, p, fmt.Sprintf(format, args...)
	if m == MatchAmbiguous || m == MatchNone {
		r.piece = workflow.Piece{}
	}
	r.note("match", string(m), "%s", r.matchReason)
}

// signed takes the piece that a signed reply address names, or else a signed id (RFC 5233, RFC 5322 3.6.4). What is bound to
// somebody else counts only where the author is at work as well. Who answers what was written to them, but has no part in the
// piece, may say something about it; that is never a submission.
func (d *Decider) signed(ctx context.Context, look Lookups, r *ruling) error {
	var theirs, former, others []workflow.Piece
	viaAddress := false
	for _, ref := range r.refs {
		if ref.PieceID == 0 || viaAddress && !ref.address {
			continue
		}
		p, ok, err := pieceOf(ctx, look, ref.PieceID)
		if err != nil {
			return err
		}
		switch {
		case !ok:
			continue
		case takesPart(r.author, p):
			theirs = appendPiece(theirs, p)
		case ref.PersonID == r.author.ID && r.author.ID != 0 && r.forwarded == nil:
			former = appendPiece(former, p)
		case r.forwarded == nil: // a forwarded mail's thread is the forwarder's
			others = appendPiece(others, p)
		}
		if !ref.address {
			break // the newest id decides
		}
		viaAddress = true
	}
	how := "it answers a mail about"
	if viaAddress {
		how = "it came to the signed reply address of"
	}
	switch {
	case len(theirs) == 1:
		r.found(MatchSigned, theirs[0], "%s %s", how, theirs[0].Code)
	case len(theirs) > 1:
		r.rank(theirs, "named by a signed reply address")
		r.found(MatchAmbiguous, workflow.Piece{}, "it came to the signed reply addresses of several pieces")
	case len(former) > 0:
		r.former = true
		r.found(MatchSigned, former[0], "%s %s, which was written to %s", how, former[0].Code, r.author.Name)
	case len(others) > 0 && r.author.ID == 0:
		r.found(MatchSigned, others[0], "%s %s", how, others[0].Code)
	case len(others) > 0:
		r.found(MatchForeign, others[0], "%s %s, in which %s has no part", how, others[0].Code, r.author.Name)
	}
	return nil
}

// code takes the piece whose code is in the subject; a code is what the database knows as one.
func (d *Decider) code(ctx context.Context, look Lookups, r *ruling) error {
	if r.author.ID == 0 {
		return nil
	}
	subjects := r.subject()
	if r.forwarded != nil {
		subjects += " " + r.msg.Subject + " " + first(r.forwarded.Comment, 500)
	}
	var theirs, others []workflow.Piece
	for _, code := range codes(subjects) {
		p, err := look.PieceByCode(ctx, code)
		switch {
		case workflow.CodeOf(err) == workflow.NotFound:
		case err != nil:
			return fmt.Errorf("looking up piece %s: %w", code, err)
		case takesPart(r.author, p):
			theirs = appendPiece(theirs, p)
		default:
			others = appendPiece(others, p)
		}
	}
	switch {
	case len(theirs) == 1:
		r.found(MatchCode, theirs[0], "the subject names %s", theirs[0].Code)
	case len(theirs) > 1:
		r.rank(theirs, "its code is in the subject")
		r.found(MatchAmbiguous, workflow.Piece{}, "the subject names several pieces")
	case len(others) > 0:
		r.found(MatchForeign, others[0], "the subject names %s, in which %s has no part", others[0].Code, r.author.Name)
	}
	return nil
}

// codes are the words of a subject that look like a piece code: "ACME-12" anywhere, "[A12]" and "A12:" as well.
func codes(subject string) []string {
	var found []string
	for rest := subject; len(found) < maxCodes; {
		start := strings.IndexFunc(rest, inWord)
		if start < 0 {
			break
		}
		end := start + indexOr(rest[start:], len(rest)-start, func(c rune) bool { return !inWord(c) })
		marked := strings.HasSuffix(rest[:start], "[") || strings.HasPrefix(rest[end:], ":") || strings.HasPrefix(rest[end:], "]")
		word := strings.Trim(rest[start:end], "-")
		rest = rest[end:]
		code := workflow.NormalizeCode(word)
		if (marked || strings.Contains(word, "-")) && workflow.CheckCode(code) == nil && !slices.Contains(found, code) {
			found = append(found, code)
		}
	}
	return found
}

func inWord(c rune) bool { return c == '-' || unicode.IsLetter(c) || unicode.IsDigit(c) }

func indexOr(s string, otherwise int, f func(rune) bool) int {
	if i := strings.IndexFunc(s, f); i >= 0 {
		return i
	}
	return otherwise
}

// thread takes the piece on which a mail was filed that this one answers.
func (d *Decider) thread(ctx context.Context, look Lookups, r *ruling) error {
	ids := referred(r.msg)
	if r.author.ID == 0 || len(ids) == 0 {
		return nil
	}
	records, err := look.RecordsByMessageID(ctx, ids)
	if err != nil {
		return fmt.Errorf("looking up the mails it answers: %w", err)
	}
	for _, rec := range records {
		if rec.Action != File || rec.PieceID == 0 {
			continue
		}
		p, ok, err := pieceOf(ctx, look, rec.PieceID)
		if err != nil {
			return err
		}
		if ok && takesPart(r.author, p) {
			r.found(MatchThread, p, "it answers mail %d, which was filed on %s", rec.ID, p.Code)
			return nil
		}
	}
	return nil
}

// open looks at the author's unfinished pieces: the only one, the only one with a step of theirs open, or the one whose
// title stands clearly out. Colleagues have much else to write about, so nothing is concluded from what waits for them.
func (d *Decider) open(ctx context.Context, look Lookups, r *ruling) error {
	if r.author.ID == 0 || r.author.Class == workflow.Internal {
		return nil
	}
	pieces, err := look.OpenPieces(ctx, r.author.ID, maxOpen+1)
	if err != nil {
		return fmt.Errorf("looking up the pieces of %s: %w", r.author.Name, err)
	}
	many := len(pieces) > maxOpen
	pieces = pieces[:min(len(pieces), maxOpen)]
	var theirs []workflow.Piece // with a step of theirs open
	for _, p := range pieces {
		if workflow.Can(r.author, workflow.Submit, p) {
			theirs = append(theirs, p)
		}
	}
	switch len(pieces) {
	case 0:
		return nil
	case 1:
		r.found(MatchSingle, pieces[0], "%s is the only unfinished piece of %s", pieces[0].Code, r.author.Name)
		return nil
	}
	scores := score(r, pieces)
	switch {
	case many:
	case len(theirs) == 1 && !outdone(scores, theirs[0].ID):
		r.found(MatchSingle, theirs[0], "%s is the only piece that waits for %s", theirs[0].Code, r.author.Name)
		return nil
	}
	best, margin := scores[0], scores[0].total-scores[1].total
	if best.title >= clearTitle && margin >= clearMargin && !many {
		r.found(MatchScored, best.piece, "the words of the title of %s stand out: %.2f, the next piece has %.2f", best.piece.Code, best.total, scores[1].total)
		return nil
	}
	for _, s := range scores[:min(len(scores), 5)] {
		r.Candidates = append(r.Candidates, Candidate{PieceID: s.piece.ID, Piece: s.piece.Code, Title: s.piece.Title, Score: round(s.total), Reason: s.reason})
	}
	r.found(MatchAmbiguous, workflow.Piece{}, "%s has %s unfinished pieces and nothing in the mail tells which one it is for", r.author.Name, count(len(pieces), many))
	return nil
}

func count(n int, more bool) string {
	if more {
		return fmt.Sprintf("more than %d", n)
	}
	return fmt.Sprint(n)
}

// rank makes candidates of pieces that are equally likely.
func (r *ruling) rank(pieces []workflow.Piece, reason string) {
	for _, p := range pieces {
		r.Candidates = append(r.Candidates, Candidate{PieceID: p.ID, Piece: p.Code, Title: p.Title, Score: round(1 / float64(len(pieces))), Reason: reason})
	}
}

// pieceOf is a piece by id; ok is false when there is none any more.
func pieceOf(ctx context.Context, look Lookups, id int64) (p workflow.Piece, ok bool, err error) {
	p, err = look.Piece(ctx, id)
	if workflow.CodeOf(err) == workflow.NotFound {
		return workflow.Piece{}, false, nil
	}
	if err != nil {
		return workflow.Piece{}, false, fmt.Errorf("looking up piece %d: %w", id, err)
	}
	return p, true, nil
}

func appendPiece(list []workflow.Piece, p workflow.Piece) []workflow.Piece {
	for _, q := range list {
		if q.ID == p.ID {
			return list
		}
	}
	return append(list, p)
}

// text is what the author wrote, for scoring and counting.
func (r *ruling) text() string {
	switch {
	case r.forwarded != nil:
		return r.forwarded.Text
	case strings.TrimSpace(r.msg.Text) != "" && !r.msg.Echo:
		return r.msg.Text
	case r.msg.Calendar != nil:
		return calendarAnswer(r.msg.Calendar)
	case r.msg.Intent != nil: // a one-tap link: its subject says all
		return r.msg.Subject
	}
	return ""
}

// calendarAnswer puts what somebody pressed in their calendar into words.
func calendarAnswer(c *inbox.Calendar) string {
	said := "Answered the invitation: " + c.Status + "."
	switch c.Status {
	case "accepted":
		said = "Accepted the invitation."
	case "declined":
		said = "Declined the invitation."
	case "tentative":
		said = "Accepted the invitation tentatively."
	case "counter":
		said = "Proposed another time."
	}
	return strings.TrimSpace(said + "\n\n" + c.Comment)
}

// isReply tells whether the author's mail answers another one.
func isReply(m *inbox.Message) bool { return len(m.InReplyTo) > 0 || len(m.References) > 0 }

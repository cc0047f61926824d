package proxy

import (
	"context"
	"fmt"
	"slices"

	"handoff/inbox"
)

// What became of a mail, from the least to the most. Copies have From, Date, Subject, body and Message-ID in common, but not
// the way they came: one may be forged, come through a list or carry the header of an automatic mail. What came of such a
// copy must not swallow the one that its author sent.
const (
	weighsNothing = iota // not answered for, or not by what counts
	weighsForged         // held, but not as its sender's
	weighsHeld
	weighsFiled // or reported, or decided by a person
)

func weight(r Record) int {
	forged := authenticationOf(r) == inbox.AuthFail
	switch {
	case r.Action == File || r.Action == Act || r.Action == Report || r.Action == Duplicate:
		return weighsFiled
	case r.Action == Ignore && setAside(r) && !forged:
		return weighsFiled
	case r.Action == Hold && forged:
		return weighsForged
	case r.Action == Hold:
		return weighsHeld
	default:
		return weighsNothing
	}
}

// authenticationOf is what the decision took the mail's authentication for, "" if it came not that far.
func authenticationOf(r Record) inbox.AuthResult {
	for _, c := range slices.Backward(r.Trace) {
		if c.Check == "authentication" {
			return inbox.AuthResult(c.Outcome)
		}
	}
	return ""
}

// weigh makes a copy of an earlier mail its duplicate, unless more becomes of the copy. It then takes the earlier one's place.
func (r *ruling) weigh() {
	if r.earlier.ID == 0 || r.Action == Duplicate {
		return
	}
	if weight(Record{Action: r.Action, Trace: r.Trace}) > weight(r.earlier) {
		r.note("duplicate", "takes over", "more becomes of it than of mail %d, whose place it takes", r.earlier.ID)
		return
	}
	r.Disposition = Disposition{Trace: r.Trace}
	r.tellEditor = false
	r.duplicate()
}

// takesOver tells whether the mail takes the place of an earlier copy.
func (r *ruling) takesOver() bool { return r.earlier.ID != 0 && r.Action != Duplicate }

// add stores the record of a decided mail. A copy whose place it takes is the duplicate from then on: it does not wait for
// anybody any more.
func (g *Gateway) add(ctx context.Context, s *session, r *ruling, rec *Record) error {
	if !r.takesOver() {
		return s.AddRecord(ctx, rec)
	}
	earlier := r.earlier
	earlier.Action, earlier.Candidates, earlier.Error = Duplicate, nil, ""
	earlier.Reason = fmt.Sprintf("another copy of it was decided later: %s", r.Action)
	earlier.Trace = append(slices.Clone(earlier.Trace), inbox.Check{Check: "disposition", Outcome: string(Duplicate), Reason: earlier.Reason})
	if err := s.UpdateRecord(ctx, earlier); err != nil { // first: only one copy can be none's duplicate
		return fmt.Errorf("rewriting mail %d: %w", earlier.ID, err)
	}
	if err := s.AddRecord(ctx, rec); err != nil {
		return err
	}
	earlier.DuplicateOf = rec.ID
	if err := s.UpdateRecord(ctx, earlier); err != nil {
		return fmt.Errorf("rewriting mail %d: %w", earlier.ID, err)
	}
	return nil
}

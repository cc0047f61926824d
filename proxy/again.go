package proxy

import (
	"context"
	"fmt"
	"strings"

	"handoff/workflow"
)

const (
	againSought = 5 // versions that are looked through
	againRun    = 4 // words in a row
)

// textAgain tells whether the author of a piece who is not at work on it sends its text once more, and not remarks on it: half of the
// runs of words are in a version that they wrote in a mail before.
func textAgain(ctx context.Context, look Shelf, r *ruling) (bool, error) {
	if s, open := r.piece.OpenStep(); !open || s.Stage.Index() <= workflow.Draft.Index() || r.author.ID != r.piece.AuthorID || r.author.ID == 0 {
		return false, nil
	}
	last, err := look.Versions(ctx, r.piece.ID)
	if err != nil {
		return false, fmt.Errorf("counting the versions of %s: %w", r.piece.Code, err)
	}
	now := runs(r.written())
	for version := last; version > max(0, last-againSought); version-- {
		e, err := look.Submission(ctx, r.piece.ID, version)
		if err != nil {
			return false, fmt.Errorf("looking up version %d of %s: %w", version, r.piece.Code, err)
		}
		if e.PersonID != r.author.ID || e.Text == "" {
			continue
		}
		before, same := runs(e.Text), 0
		for run := range now {
			if before[run] {
				same++
			}
		}
		if 2*same >= len(now) && same > 0 {
			return true, nil
		}
	}
	return false, nil
}

// runs are the words of a text in the order they come, againRun at a time.
func runs(text string) map[string]bool {
	words := strings.Fields(strings.ToLower(text))
	all := map[string]bool{}
	for i := 0; i+againRun <= len(words); i++ {
		all[strings.Join(words[i:i+againRun], " ")] = true
	}
	return all
}

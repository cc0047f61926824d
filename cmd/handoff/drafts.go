package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"handoff/inbox"
	"handoff/inbox/draft"
)

// draftReport is what reading one attached document gave.
type draftReport struct {
	File string `json:"file"`
	draft.Draft
	Refused string `json:"refused,omitempty"` // why there is nothing
}

// readDrafts reads those attachments that are documents, in order; every attachment, if all is set. One that cannot be read
// is reported with the reason. The error is the context's.
func readDrafts(ctx context.Context, attachments []inbox.Attachment, raw io.ReaderAt, all bool) ([]draftReport, error) {
	reports := []draftReport{}
	for _, a := range attachments {
		if !all && (a.Inline || !draft.Document(a.Name, a.Type)) {
			continue
		}
		r := draftReport{File: a.Name, Refused: a.Refused}
		if a.Refused == "" {
			d, err := readDraft(ctx, a, raw)
			var refusal *draft.Refusal
			switch {
			case ctx.Err() != nil:
				return reports, ctx.Err()
			case errors.As(err, &refusal):
				r.Refused = refusal.Reason
			case err != nil:
				r.Refused = "it could not be opened: " + err.Error()
			}
			r.Draft = d
		}
		reports = append(reports, r)
	}
	return reports, nil
}

func readDraft(ctx context.Context, a inbox.Attachment, raw io.ReaderAt) (draft.Draft, error) {
	content, size, err := a.ReaderAt(raw)
	if err != nil {
		return draft.Draft{}, err
	}
	opt := draft.Options{}
	if self, err := os.Executable(); err == nil { // without it PDFs are not read
		opt.PDF = []string{self, "read-pdf"}
	}
	return draft.Read(ctx, a.Name, a.Type, content, size, opt)
}

// remarks are what an editor wants to know of a document before opening it, each behind a comma.
func (r draftReport) remarks() string {
	var b strings.Builder
	for _, n := range []struct {
		n    int
		noun string
	}{{len(r.Images), "picture"}, {r.Comments, "comment"}, {r.Changes, "tracked change"}} {
		if n.n > 0 {
			b.WriteString(", " + count(n.n, n.noun))
		}
	}
	return b.String()
}

func count(n int, noun string) string { return fmt.Sprintf("%d %s", n, plural(n, noun, noun+"s")) }

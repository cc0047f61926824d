package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"handoff/blob"
	"handoff/inbox"
	"handoff/internal/worddiff"
	"handoff/templates"
	"handoff/workflow"
)

// comparer is Versions that counts, and fails as it is told.
type comparer struct {
	calls int
	do    func(context.Context) error
}

func (c *comparer) Compare(ctx context.Context, older, newer Version) (worddiff.Diff, error) {
	c.calls++
	if c.do != nil {
		if err := c.do(ctx); err != nil {
			return worddiff.Diff{}, err
		}
	}
	return texts{}.Compare(ctx, older, newer)
}

func versionMails(t *testing.T, m *memory) (first, second inbox.Received) {
	version := func(uid uint32, text string) inbox.Received {
		in := sample{From: "ann@example.org", Subject: "ACME-1", Text: "Coffee is best when it is fresh. " + text, Files: []string{"coffee.docx"}}.received(t, m, uid)
		in.Blob = blob.ID(text)
		return in
	}
	return version(1, "It costs 5 euros."), version(2, "It costs 6 euros.")
}

func receipts(t *testing.T, m *memory) (all []templates.Receipt) {
	for _, n := range m.state.notices {
		if n.Template == "receipt" {
			var r templates.Receipt
			if err := json.Unmarshal(n.Data, &r); err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
	}
	return all
}

// A first version is compared with nothing, costs no look-up, and is recorded in one go; the second is compared once, also where
// both are in one batch.
func TestChangesAreTold(t *testing.T) {
	for _, together := range []bool{false, true} {
		g, m := gateway(t)
		c := &comparer{}
		g.Versions = c
		one, two := versionMails(t, m)
		batches := [][]inbox.Received{{one}, {two}}
		if together {
			batches = [][]inbox.Received{{one, two}}
		}
		for i, batch := range batches {
			if _, err := g.Record(t.Context(), mailbox, inbox.Cursor{UIDValidity: 1, UID: 2}, batch); err != nil {
				t.Fatal(err)
			}
			if !together && i == 0 && (c.calls > 0 || m.reads["Submission"] > 1) { // its own, for the next owner
				t.Errorf("a first version is compared %d times, with %d look-ups", c.calls, m.reads["Submission"])
			}
		}
		got := receipts(t, m)
		if len(got) != 2 || len(m.state.entries) != 2 || c.calls != 1 {
			t.Fatalf("together %v: %d receipts, %d entries, %d comparisons", together, len(got), len(m.state.entries), c.calls)
		}
		if got[0].Changes != nil || got[1].Changes == nil || !got[1].Changes.Marks || got[1].Changes.Since != 1 ||
			got[1].Changes.Summary != "1 word added, 1 removed" || !strings.Contains(got[1].Changes.Text, "[-5-] {+6+}") {
			t.Errorf("together %v: %+v, %+v", together, got[0].Changes, got[1].Changes)
		}
	}
}

// Whatever goes wrong with the comparison, the mail is filed and answered.
func TestChangesFail(t *testing.T) {
	for name, do := range map[string]func(context.Context) error{
		"a damaged document": func(context.Context) error { return workflow.Errorf(workflow.Invalid, "it is damaged") },
		"a panic":            func(context.Context) error { panic("out of range") },
		"no end": func(ctx context.Context) error {
			if at, ok := ctx.Deadline(); !ok || time.Until(at) > compareWithin {
				t.Error("a comparison without a bound")
			}
			return context.DeadlineExceeded
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, m := gateway(t)
			var log bytes.Buffer
			g.Log = slog.New(slog.NewTextHandler(&log, nil))
			g.Versions = &comparer{do: do}
			one, two := versionMails(t, m)
			for _, in := range []inbox.Received{one, two} {
				if _, err := g.Record(t.Context(), mailbox, inbox.Cursor{UIDValidity: 1, UID: in.UID}, []inbox.Received{in}); err != nil {
					t.Fatal(err)
				}
			}
			got := receipts(t, m)
			if len(got) != 2 || got[1].Version != 2 || got[1].Changes != nil || len(m.state.records) != 2 {
				t.Errorf("%d records, receipts %+v", len(m.state.records), got)
			}
			if !strings.Contains(log.String(), "a version is filed without what changed in it") {
				t.Errorf("nobody hears of it: %s", log.String())
			}
		})
	}
}

package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"handoff/store"
	"handoff/workflow"
)

func TestToVerify(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		published := func(code, url string, checked, verified time.Time) {
			t.Helper()
			p := newPiece(code, c.author.ID, c.editor.ID, c.copyEditor.ID)
			for i := range p.Steps {
				p.Steps[i].State = workflow.Done
			}
			p.Steps = append(p.Steps, workflow.Step{Stage: workflow.Distributed, OwnerID: c.editor.ID, State: workflow.Open})
			p.Stage, p.URL, p.CheckedAt, p.VerifiedAt = workflow.Distributed, url, checked, verified
			ok(t, s.AddPiece(ctx, &p, nil))
		}
		const url = "https://agency.example/post"
		published("LATE-1", url, at(50), time.Time{})
		published("SOON-1", url, at(60), time.Time{})
		published("EARLY-1", url, at(20), time.Time{})
		published("NEVER-1", url, time.Time{}, time.Time{})
		published("GOOD-1", url, at(20), at(20))
		published("NONE-1", "", time.Time{}, time.Time{})
		for _, tt := range []struct {
			before time.Time
			limit  int
			want   string
		}{
			{at(60), 10, "NEVER-1 EARLY-1 LATE-1"},
			{at(61), 10, "NEVER-1 EARLY-1 LATE-1 SOON-1"},
			{at(60), 2, "NEVER-1 EARLY-1"},
			{at(0), 10, "NEVER-1"},
		} {
			pieces, err := s.ToVerify(ctx, tt.before, tt.limit)
			ok(t, err)
			var codes []string
			for _, p := range pieces {
				codes = append(codes, p.Code)
			}
			if got := strings.Join(codes, " "); got != tt.want {
				t.Errorf("before %s, at most %d: %q, want %q", tt.before, tt.limit, got, tt.want)
			}
		}
	})
}

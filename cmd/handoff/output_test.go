package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"handoff/internal/clock"
	"handoff/workflow"
)

// What is shown fits a terminal, and loses no word by that.
func TestShownFitsTheTerminal(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	cause := workflow.Cause{At: now, ActorID: 2}
	names := func(id int64) string { return []string{"", "Bartholomew Tanqueray", "Nora Lindqvist"}[id] }
	brief := strings.Repeat("one picture for each way to brew ", 5)
	p, _, err := workflow.NewPiece(workflow.PieceInput{Code: "BREW-12", Title: "A title of so many words that it goes on and on", AuthorID: 1, EditorID: 2,
		Stage: workflow.Draft, Deadline: now.AddDate(0, 1, 0), Brief: brief + "\n\nNora"}, cause)
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{0, 80, 120} {
		var out bytes.Buffer
		d := &desk{clock: clock.NewFake(now), zone: time.UTC}
		if err := printPiecesIn(&out, width, d, []workflow.Piece{p}, names); err != nil {
			t.Fatal(err)
		}
		if err := (pieceView{p, names, time.UTC, width}).print(&out); err != nil {
			t.Fatal(err)
		}
		hang(&out, width, 2, "2026-11-24 12:00  "+strings.Repeat("what happened ", 12))
		for line := range strings.Lines(out.String()) {
			if n := runewidth.StringWidth(strings.TrimRight(line, "\n")); width > 0 && n > width {
				t.Errorf("%d columns at %d: %s", n, width, line)
			}
		}
		text := strings.Join(strings.Fields(out.String()), " ")
		if !strings.Contains(text, strings.TrimSpace(brief)+" Nora") || strings.Count(text, "what happened") != 12 {
			t.Errorf("words are lost at %d columns:\n%s", width, out.String())
		}
		if overall := strings.Contains(out.String(), "OVERALL"); overall != (width != 80) {
			t.Errorf("at %d columns the overall deadline is listed: %v", width, overall)
		}
	}
}

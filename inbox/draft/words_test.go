package draft_test

import (
	"strings"
	"testing"

	"handoff/inbox/draft"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "one": 1, "it's a well-known 2nd  word\n\nnaïve": 6, "—, …!": 0, "今日は良い天気": 3, strings.Repeat("w ", 500): 120, "e\u0301te\u0301": 1,
	} {
		if got := draft.Words(text, 120); got != want {
			t.Errorf("%.20q has %d words, want %d", text, got, want)
		}
	}
}

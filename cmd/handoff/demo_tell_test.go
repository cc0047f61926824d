package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"handoff/outbox"
	"handoff/proxy"
)

func TestOutcomeDiffers(t *testing.T) {
	want := outcome{action: proxy.File, piece: "A-1", reply: "receipt", told: []string{"step_opened to Nora"}}
	for _, c := range []struct {
		name string
		got  outcome
		says string // "" for as expected
	}{
		{"the same", want, ""},
		{"another action", outcome{proxy.Hold, "A-1", "receipt", want.told, nil}, "the disposition is hold, expected file"},
		{"no piece", outcome{proxy.File, "", "receipt", want.told, nil}, "the piece is none, expected A-1"},
		{"two replies", outcome{proxy.File, "A-1", "receipt, held", want.told, nil}, "the reply is receipt, held, expected receipt"},
		{"nobody told", outcome{proxy.File, "A-1", "receipt", nil, nil}, "who was told is none, expected step_opened to Nora"},
		{"nothing at all", outcome{}, "the disposition is none, expected file; the piece is none, expected A-1; " +
			"the reply is none, expected receipt; who was told is none, expected step_opened to Nora"},
	} {
		if says := c.got.differs(want); says != c.says {
			t.Errorf("%s: %q, want %q", c.name, says, c.says)
		}
	}
}

// TestClosingFitsTheTerminal renders the last table at several widths, with a mail that went wrong.
func TestClosingFitsTheTerminal(t *testing.T) {
	var results []result
	for _, sc := range demoScenes() {
		r := result{scene: sc, got: sc.want}
		r.sight.record.Reason = "policy “proxy”: BLOOM-7 is the only unfinished piece of Lena Brandt"
		results = append(results, r)
	}
	results[0].took = time.Hour
	results[3].problem = "the mail was not recorded: context deadline exceeded"
	for _, width := range []int{minPageWidth, 80, maxPageWidth} {
		var out strings.Builder
		tell := &teller{page: &page{w: &out, width: width}, observer: &observer{notices: []outbox.Notice{{State: outbox.Sent}}}}
		tell.closing(results[:3], nil)
		tell.closing(results, []string{"“Hello” to dana@freelance.example"})
		for line := range strings.Lines(out.String()) {
			if n := runewidth.StringWidth(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns at %d: %s", n, width, line)
			}
		}
		text := strings.Join(strings.Fields(out.String()), " ")
		for _, want := range []string{"NOT AS EXPECTED", "1 of 26 mails did not end as expected", "no decision caused: “Hello”"} {
			if !strings.Contains(text, want) {
				t.Errorf("at %d columns it does not say %q:\n%s", width, want, out.String())
			}
		}
	}
}

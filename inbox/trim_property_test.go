package inbox

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// words are what people write their lines from; none of them is a client's.
var words = strings.Fields("the bridge was closed on Friday and nobody knew why it took so long to open again der Regen fällt le pont est fermé мост закрыт 橋 ponte 2026 10:15 (twice) \"quoted\" one, two; three: four mira@writers.example.net https://agency.example/a page 12 said wrote from to date")

func drawSentence(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 3, 14).Draw(t, "words"), " ") + rapid.SampledFrom([]string{".", "?", "!", "…"}).Draw(t, "stop")
}

// drawParagraph is a paragraph of prose, a list, a table, code, a heading or a poem.
func drawParagraph(t *rapid.T) string {
	switch rapid.IntRange(0, 7).Draw(t, "sort") {
	case 0:
		return "# " + strings.TrimRight(drawSentence(t), ".?!…")
	case 1:
		return "- " + drawSentence(t) + "\n- " + drawSentence(t) + "\n- " + drawSentence(t)
	case 2:
		return "1. " + drawSentence(t) + "\n2. " + drawSentence(t)
	case 3:
		return "```\n> prompt\n--\nFrom: a\n" + drawSentence(t) + "\n```"
	case 4:
		return "| a | b |\n|---|---|\n| 1 | 2 |"
	case 5:
		return "    x := 1\n    if x > 0 {\n    }"
	}
	return drawSentence(t) + " " + drawSentence(t) + "\n" + drawSentence(t)
}

func drawText(t *rapid.T) string {
	n := rapid.IntRange(1, 6).Draw(t, "paragraphs")
	var b strings.Builder
	for range n {
		b.WriteString(drawParagraph(t) + "\n\n")
	}
	return b.String() + "That is all."
}

// TestProseIsKept: prose, lists and code are never cut.
func TestProseIsKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t)
		if got := trimText(text); got != text {
			t.Fatalf("kept\n%s\n--- of\n%s", got, text)
		}
	})
}

// TestHistoryBelowProse: a history that clients write goes from below any text, and nothing else goes.
func TestHistoryBelowProse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t)
		mail := text + "\n\n"
		if rapid.Bool().Draw(t, "footer") {
			mail += rapid.SampledFrom(footerLines).Draw(t, "footer line") + "\n\n"
		}
		marked := rapid.Bool().Draw(t, "marked")
		switch rapid.IntRange(0, 2).Draw(t, "history") {
		case 0:
			f := rapid.SampledFrom(attributionForms).Draw(t, "attribution")
			mail += f[1] + "\n"
			marked = marked || f[0] == "slashed date" || f[0] == "inbox lists" || f[1][0] == '>'
		case 1:
			names := rapid.SampledFrom(headerNames).Draw(t, "names")
			form := rapid.SampledFrom(blockForms).Draw(t, "form")
			mail += strings.NewReplacer("%1", names[1], "%2", names[2], "%3", names[3], "%4", names[4], "%5", names[5]).Replace(form[1]) + "\n\n"
			marked = marked || form[0] == "quoted"
		default:
			mail += "-----" + rapid.SampledFrom(originalLines).Draw(t, "splitter") + "-----\n\n"
		}
		below := drawText(t)
		if marked {
			below = "> " + strings.ReplaceAll(below, "\n", "\n> ")
		}
		if got := trimText(mail + below); got != text {
			t.Fatalf("kept\n%s\n--- of\n%s", got, text)
		}
	})
}

// TestTrimTwice: what trimming kept is kept when it is trimmed again.
func TestTrimTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t)
		mail := text + "\n\n" + rapid.SampledFrom(attributionForms).Draw(t, "attribution")[1] + "\n> " + drawSentence(t) + "\n"
		if rapid.Bool().Draw(t, "bottom") {
			mail = rapid.SampledFrom(attributionForms).Draw(t, "attribution")[1] + "\n> " + drawSentence(t) + "\n> " + drawSentence(t) + "\n\n" + text
		}
		once := trimText(mail)
		if twice := trimText(once); twice != once {
			t.Fatalf("kept\n%s\n--- then\n%s", once, twice)
		}
	})
}

package inbox

import (
	"os"
	"strings"
	"testing"
)

// TestAttributionForms crosses every attribution with how the answered mail and the answer stand around it.
func TestAttributionForms(t *testing.T) {
	const answer = "It is due on Friday, I think.\nAnd the pictures follow."
	plain, marked := "When is it due?\nAnd the pictures?", "> When is it due?\n> And the pictures?"
	cases, bad := 0, 0
	check := func(kind, name, mail, want string) {
		cases++
		if got := trimText(mail); got != want {
			bad++
			if os.Getenv("MATRIX") != "" || bad < 40 {
				t.Errorf("%s, %s: %q", name, kind, got)
			}
		}
	}
	for _, f := range attributionForms {
		name, intro := f[0], f[1]
		lastQuoted := strings.HasPrefix(intro[strings.LastIndexByte(intro, '\n')+1:], "> ") && !strings.HasPrefix(intro, "On")
		check("marked below", name, answer+"\n\n"+intro+"\n"+marked, answer)
		check("marked below, blank", name, answer+"\n\n"+intro+"\n\n"+marked+"\n", answer)
		check("tight", name, answer+"\n"+intro+"\n"+marked, answer)
		if block := strings.Contains(intro, "\n") && !strings.Contains(intro, "rote:") && !strings.HasPrefix(name, "wrapped"); !block && !lastQuoted {
			check("sign-off after", name, answer+"\n\n"+intro+"\n\n"+marked+"\n\nRegards, Mira", answer+"\n\nRegards, Mira")
			check("bottom", name, intro+"\n"+marked+"\n\n"+answer, answer)
			check("interleaved", name, intro+"\n> When is it due?\n\nOn Friday.\n\n> And the pictures?\n\nThey follow.", "> When is it due?\n\nOn Friday.\n\n> And the pictures?\n\nThey follow.")
		}
		if !lastQuoted && name != "inbox lists" && name != "slashed date" { // two that need the quote marks
			check("unmarked below", name, answer+"\n\n"+intro+"\n\n"+plain, answer)
			check("unmarked, tight", name, answer+"\n\n"+intro+"\n"+plain, answer)
		}
		check("CRLF", name, strings.ReplaceAll(answer+"\n\n"+intro+"\n"+marked, "\n", "\r\n"), answer)
		check("nested", name, answer+"\n\n"+intro+"\n> "+strings.ReplaceAll(intro, "\n", "\n> ")+"\n>> older\n> newer", answer)
		if name != "slashed date" {
			check("nothing below", name, answer+"\n\n"+intro+"\n", answer)
		}
	}
	t.Logf("%d attributions, %d mails, %d not as wanted", len(attributionForms), cases, bad)
}

func TestHeaderBlocks(t *testing.T) {
	const answer = "It is due on Friday, I think.\nAnd the pictures follow."
	cases, bad := 0, 0
	for _, names := range headerNames {
		lay := strings.NewReplacer("%1", names[1], "%2", names[2], "%3", names[3], "%4", names[4], "%5", names[5])
		for _, form := range blockForms {
			block := lay.Replace(form[1])
			for how, mail := range map[string]string{
				"below":  answer + "\n\n" + block + "\n\nWhen is it due?\nAnd the pictures?",
				"tight":  answer + "\n" + block + "\nWhen is it due?",
				"marked": answer + "\n\n" + block + "\n\n> When is it due?",
				"bare":   answer + "\n\n" + block + "\n",
			} {
				if form[0] == "quoted" && (how == "below" || how == "tight") {
					continue
				}
				cases++
				if got := trimText(mail); got != answer {
					bad++
					t.Errorf("%s, %s, %s: %q", names[0], form[0], how, got)
				}
			}
		}
	}
	t.Logf("%d languages and clients, %d mails, %d not as wanted", len(headerNames), cases, bad)
}

func TestSplitters(t *testing.T) {
	const answer = "It is due on Friday, I think."
	const block = "From: Desk <desk@agency.example>\nDate: 09/03/2026 17:02\nTo: Mira\nSubject: Due"
	for _, words := range originalLines {
		for _, form := range []string{"-----%s-----", "----- %s -----", "-------- %s --------", "------------------ %s ------------------", "*-------- %s --------*", "  -----%s-----", "---- %s ---", "-----%s----- From: Desk"} {
			split := strings.Replace(form, "%s", words, 1)
			for _, below := range []string{"\n" + block + "\n\nWhen is it due?", "\n\nWhen is it due?", "\n> When is it due?", ""} {
				if got := trimText(answer + "\n\n" + split + below); got != answer {
					t.Errorf("%s: %q", split, got)
				}
			}
		}
	}
	for _, split := range forwardLines {
		if got := trimText(answer + "\n\n" + split + "\n\n" + block + "\n\nWhen is it due?"); got != answer {
			t.Errorf("%s: %q", split, got)
		}
		lines := splitLines(split + "\n" + block + "\n\nWhen is it due?")
		if tr := trim(lines); tr.forward < 0 {
			t.Errorf("%s: no forward", split)
		} else if f := inlineForward(lines, "Fwd: Due", tr); len(f) != 1 || f[0].From.Address != "desk@agency.example" || f[0].Text != "When is it due?" {
			t.Errorf("%s: %+v", split, f)
		}
	}
}

func TestFooters(t *testing.T) {
	const answer = "It is due on Friday, I think.\n\nAnd the pictures follow."
	for _, footer := range footerLines {
		for how, mail := range map[string]string{
			"last":             answer + "\n\n" + footer,
			"tight":            answer + "\n" + footer,
			"before the quote": answer + "\n\n" + footer + "\n\nOn 9 Mar 2026, at 17:02, Desk <desk@agency.example> wrote:\n\n> When is it due?",
			"below the quote":  answer + "\n\nOn 9 Mar 2026, at 17:02, Desk <desk@agency.example> wrote:\n> When is it due?\n\n" + footer,
			"delimited":        answer + "\n\n--\n" + footer,
			"bracketed":        answer + "\n\n(" + footer + ")",
			"under a block":    answer + "\n\n" + footer + "\n________________________________\nFrom: Desk <desk@agency.example>\nSent: Monday, 9 March 2026 17:02\nTo: Mira\nSubject: Due\n\nWhen?",
		} {
			if how == "tight" && footer == "Sent on the move" {
				continue // names nothing: it could end the paragraph
			}
			if got := trimText(mail); got != answer {
				t.Errorf("%s, %s: %q", footer, how, got)
			}
		}
	}
}

// TestDelimiters: whatever a signature is set off with, it goes; a rule with nothing below goes as well.
func TestDelimiters(t *testing.T) {
	for _, d := range []string{"-- ", "--", "---", "____", "________________", "====", "++", "~~~~", "***", "- - -", "—", "———", "– – –", "\u1427", "#####", "*****************"} {
		if got := trimText("It is due on Friday.\n\n" + d + "\n"); got != "It is due on Friday." {
			t.Errorf("%s alone: %q", d, got)
		}
		if d == "\u1427" {
			continue
		}
		for _, card := range []string{"Mira Osei", "Mira Osei\nWriter", "Mira Osei\n+44 20 7946 0000\nhttps://writers.example.net", "\nMira Osei\n\nWriters Ltd\n\nmira@writers.example.net"} {
			if got := trimText("It is due on Friday.\n\n" + d + "\n" + card); got != "It is due on Friday." {
				t.Errorf("%s over a card: %q", d, got)
			}
			if got := trimText("It is due on Friday.\n\nBest,\nMira\n\n" + d + "\n" + card + "\n\nOn 9 Mar 2026, at 17:02, Desk <desk@agency.example> wrote:\n> When?"); got != "It is due on Friday.\n\nBest,\nMira" {
				t.Errorf("%s over a card, with a sign-off: %q", d, got)
			}
		}
	}
}

// TestAnswerToForward: whoever answers a forward forwards nothing.
func TestAnswerToForward(t *testing.T) {
	lines := splitLines("Thank you.\n\nOn 9 Mar 2026, at 17:02, Desk <desk@agency.example> wrote:\n\nSee below.\n")
	tr := trim(lines)
	if f := inlineForward(lines, "Re: Fwd: Poem", tr); f != nil {
		t.Errorf("%+v", f)
	}
	if f := inlineForward(lines, "Fwd: Poem", tr); len(f) != 1 || f[0].From.Name != "Desk" || f[0].Text != "See below." {
		t.Errorf("%+v", f)
	}
}

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
		if !lastQuoted && name != "inbox lists" {
			check("unmarked below", name, answer+"\n\n"+intro+"\n\n"+plain, answer)
			check("unmarked, tight", name, answer+"\n\n"+intro+"\n"+plain, answer)
		}
		check("CRLF", name, strings.ReplaceAll(answer+"\n\n"+intro+"\n"+marked, "\n", "\r\n"), answer)
		check("nested", name, answer+"\n\n"+intro+"\n> "+strings.ReplaceAll(intro, "\n", "\n> ")+"\n>> older\n> newer", answer)
		check("nothing below", name, answer+"\n\n"+intro+"\n", answer)
	}
	t.Logf("%d attributions, %d mails, %d not as wanted", len(attributionForms), cases, bad)
}

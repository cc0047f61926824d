package inbox_test

import (
	"fmt"
	"testing"

	"handoff/inbox"
)

// TestVerdict: an answer to a proposal decides where it can mean nothing else. The mails are of Tuesday, 10 March 2026.
func TestVerdict(t *testing.T) {
	for _, tc := range []struct {
		text    string
		command inbox.Command
		words   string // "" the whole text
		date    string // "-": a day that is over or that cannot be read
	}{
		{text: "Yes, go ahead!", command: inbox.Accept},
		{text: "Hi Ana,\n\nSounds great, please go ahead.\n\nEd", command: inbox.Accept},
		{text: "I like it! Go for it, but keep it under 800 words.", command: inbox.Accept},
		{text: "Great idea, go ahead. I would begin with the farm in Peru.", command: inbox.Accept},
		{text: "Yes, great idea!", command: inbox.Accept},
		{text: "Ja, sehr gern, legen Sie los!", command: inbox.Accept},
		{text: "Das klingt gut, Sie können gern anfangen.", command: inbox.Accept},
		{text: "Très bonne idée, allez-y.", command: inbox.Accept},
		{text: "Me gusta mucho, adelante.", command: inbox.Accept},
		{text: "Muito boa ideia, pode avançar.", command: inbox.Accept},
		{text: "Ottima idea, proceda.", command: inbox.Accept},
		{text: "Yes, go ahead until 20 March.", command: inbox.Accept, words: "Yes, go ahead.", date: "2026-03-20"},
		{text: "Please go ahead. Mind the length.\n\nUntil 20 March, please.", command: inbox.Accept, words: "Please go ahead. Mind the length.", date: "2026-03-20"},
		{text: "Go ahead, until 31 June.", command: inbox.Accept, words: "Go ahead.", date: "-"},

		{text: "Not for us, sorry.", command: inbox.Decline},
		{text: "Thank you for the idea. That is not for us.", command: inbox.Decline},
		{text: "No, we had that last month.", command: inbox.Decline},
		{text: "Das passt leider nicht zu uns.", command: inbox.Decline},
		{text: "Ce n'est pas pour nous.", command: inbox.Decline},
		{text: "No es para nosotros.", command: inbox.Decline},
		{text: "Infelizmente não.", command: inbox.Decline},

		{text: "Please limit it to one coast, and say who would read it.", command: inbox.Revise},
		{text: "Make it seven cups, and say where the numbers come from.", command: inbox.Revise},
		{text: "Could you narrow it to three farms?", command: inbox.Revise},
		{text: "Nice. Please change the title.", command: inbox.Revise},
		{text: "Bitte kürzen Sie den Teil über Peru.", command: inbox.Revise},
		{text: "Merci de préciser les fermes.", command: inbox.Revise},

		{text: "Nice idea, but we have that already."},
		{text: "Which farms would you cover?"},
		{text: "Yes, go ahead? I am not sure."},
		{text: "Go ahead if you have the time."},
		{text: "Go ahead and send me an outline first."},
		{text: "Go ahead, but send me an outline before you begin."},
		{text: "Yes, go ahead. Which farms would you cover?"},
		{text: "Go ahead, but not with this title."},
		{text: "Yes, we have that already."},
		{text: "Yes, I got it, and read it tomorrow."},
		{text: "Yes! I got it. I read it tomorrow."},
		{text: "Yes, great idea. Please narrow it to three farms."},
		{text: "Please talk to Cora. Go ahead then."},
		{text: "Cora said “go ahead”. Go ahead with what?"},
		{text: "No, not yet."},
		{text: "No worries, I read it on Monday."},
		{text: "No, go ahead."},
		{text: "Sounds good."},
		{text: "Ja, aber erst nach Ostern."},
		{text: "Go ahead with the other one."},
		{text: "Please wait. Go ahead on Monday."},
		{text: "I think we should talk about it."},
	} {
		raw := fmt.Sprintf("From: Ed <ed@agency.example>\nTo: drafts@agency.example\nSubject: Re: Ten ways to brew\nIn-Reply-To: <a@b.example>\nDate: Tue, 10 Mar 2026 09:15:00 +0100\nContent-Type: text/plain; charset=utf-8\n\n%s\n", tc.text)
		m := read(t, []byte(raw), inbox.Options{})
		in := m.Intent
		if in == nil {
			in = inbox.Verdict(m)
		}
		if tc.command == "" {
			if in != nil {
				t.Errorf("%q: %+v, it decides nothing", tc.text, *in)
			}
			continue
		}
		if in == nil {
			t.Errorf("%q: nothing, want %s", tc.text, tc.command)
			continue
		}
		words, date := tc.words, in.Date
		if words == "" {
			words = tc.text
		}
		if in.Dated && date == "" {
			date = "-"
		}
		if in.Command != tc.command || in.Argument != words || date != tc.date {
			t.Errorf("%q: %+v, want %s, %q, %q", tc.text, *in, tc.command, words, tc.date)
		}
	}
}

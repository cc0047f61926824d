package inbox_test

import (
	"fmt"
	"strings"
	"testing"

	"handoff/inbox"
)

// TestIntent: a command is recognised where people mean one, and nowhere else. The mails are of Tuesday, 10 March 2026.
func TestIntent(t *testing.T) {
	type want struct {
		command        inbox.Command
		argument, date string
	}
	const answer, fresh = "Re: Ten ways to brew", "Ten ways to brew"
	for _, tc := range []struct {
		subject, text string
		want
	}{
		{answer, "ACCEPT", want{command: inbox.Accept}},
		{answer, "accept", want{command: inbox.Accept}},
		{answer, "Accept!", want{command: inbox.Accept}},
		{answer, "*Accepted*, with pleasure.", want{inbox.Accept, "with pleasure.", ""}},
		{answer, "Hi Ed,\n\nDone.\n\nMira", want{command: inbox.Done}},
		{answer, "Done, the file is attached.", want{inbox.Done, "the file is attached.", ""}},
		{answer, "DECLINE I am abroad until May", want{inbox.Decline, "I am abroad until May", ""}},
		{answer, "Extend Friday", want{inbox.Extend, "Friday", "2026-03-13"}},
		{answer, "extend to 20 March please", want{inbox.Extend, "to 20 March please", "2026-03-20"}},
		{answer, "EXTEND: 2026-04-01", want{inbox.Extend, "2026-04-01", "2026-04-01"}},
		{answer, "EXTEND\n\nUntil 20 March would do.", want{inbox.Extend, "", "2026-03-20"}}, // the day may stand below
		{answer, "EXTEND as long as you can", want{inbox.Extend, "as long as you can", ""}},
		{answer, "Verlängerung bis 20. März", want{inbox.Extend, "bis 20. März", "2026-03-20"}},
		{answer, "Prolonger jusqu'au 20 mars", want{inbox.Extend, "jusqu'au 20 mars", "2026-03-20"}},
		{answer, "Status.", want{command: inbox.Status}},
		{answer, "Done (finally!)", want{inbox.Done, "(finally!)", ""}},
		{answer, "EXTEND 2020-01-01", want{inbox.Extend, "2020-01-01", ""}}, // a day that is over
		{answer, "Status of BREW-1", want{inbox.Status, "of BREW-1", ""}},
		{answer, "Help! My file does not open.", want{inbox.AskHelp, "My file does not open.", ""}},
		{answer, "STOP", want{command: inbox.StopMail}},
		{answer, "angenommen", want{command: inbox.Accept}},
		{answer, "Hecho", want{command: inbox.Done}},
		{answer, "承諾します", want{command: inbox.Accept}},
		{answer, "完成", want{command: inbox.Done}},
		{answer, "ГОТОВО", want{command: inbox.Done}},
		{fresh, "PITCH Five cups a day\n\nWhy we drink more coffee than ever, and where it comes from.", want{inbox.Pitch, "Five cups a day", ""}},
		{"PITCH: Five cups a day", "Why we drink more coffee than ever.", want{inbox.Pitch, "Five cups a day", ""}},
		{"PITCH", "", want{command: inbox.Pitch}},
		{"PITCH", "Hello Eve,\n\nfive cups a day\n\nWhy we drink more coffee than ever.", want{inbox.Pitch, "five cups a day", ""}},
		{"PITCH", "PITCH Five cups a day\n\nWhy we drink more coffee than ever.", want{inbox.Pitch, "Five cups a day", ""}},
		{"PITCH:", strings.Repeat("coffee ", 40), want{inbox.Pitch, strings.TrimSpace(strings.Repeat("coffee ", 12)) + " …", ""}},
		{"STATUS", "", want{command: inbox.Status}},
		{"help", "How does this work?", want{command: inbox.AskHelp}},
		{fresh, "Stop", want{command: inbox.StopMail}},

		{answer, "REVISE", want{command: inbox.Revise}},
		{answer, "Revise: the ending is not there yet, and no sources.", want{inbox.Revise, "the ending is not there yet, and no sources.", ""}},
		{answer, "Changes: shorten part two", want{inbox.Revise, "shorten part two", ""}},
		{answer, "Überarbeiten.", want{command: inbox.Revise}},
		{answer, "révision", want{command: inbox.Revise}},
		{answer, "Approved!", want{command: inbox.Accept}},
		{answer, "confirmed, thanks", want{inbox.Accept, "thanks", ""}},
		{answer, "Genehmigt", want{command: inbox.Accept}},
		{answer, "Granted.", want{command: inbox.Accept}},
		{answer, "rejected", want{command: inbox.Decline}},
		{answer, "DECLINE we write no lists, but a text on laptops would be welcome", want{inbox.Decline, "we write no lists, but a text on laptops would be welcome", ""}},
		{answer, "DECLINE: no time", want{inbox.Decline, "no time", ""}},

		{answer, "Changes attached as you wished.", want{}},
		{answer, "Revision two is what I work on", want{}},
		{answer, "Refuse to pay, they said", want{}},
		{answer, "Grant,\n\nhere is my draft.", want{}},
		{answer, "yes", want{}}, // answers nothing by its header
		{fresh, "no", want{}},
		{"OK", "", want{}},
		{answer, "Done? Not yet.", want{}},
		{answer, "PITCH-7 is fine with me", want{}}, // a code
		{"PITCH-7: when", "Do you know already?", want{}},
		{answer, "Done? I thought you wanted another round.", want{}},
		{answer, "Done, except for the pictures.", want{}},
		{answer, "Accept, decline, whatever you decide.", want{}},
		{answer, "Stop, please, and read this first.", want{}},
		{answer, "DONE is not the word I would use", want{}},
		{answer, "HELP WANTED is the title of my piece.", want{}},
		{answer, "STOP. PRESS. That is the headline.", want{}},
		{answer, "Done is better than perfect, they say.", want{}},
		{answer, "Accept my apologies, it is late.", want{}},
		{answer, "Help yourself to the pictures.", want{}},
		{answer, "Status quo is fine with me", want{}},
		{answer, "Extend the second chapter, I think.", want{}},
		{answer, "I accept", want{}}, // said in a sentence: a person reads it
		{answer, "Acceptable.", want{}},
		{answer, "Stopping by on Friday", want{}},
		{fresh, "Done\n\nAnother line of a letter.", want{}},
		{fresh, "Status report\n\nAll is well.", want{}},
		{"Status of my article", "How is it?", want{}},
		{"Help wanted", "A story about work.", want{}},
		{"Accepted: lunch", "See you there.", want{}},
		{"Pitch perfect", "A review of the film.", want{}},
		{"Pitch", "Which one do you mean?", want{}},
		{answer, "On Mon, 9 Mar 2026 at 10:00, Drafts <drafts@agency.example> wrote:\n> DONE", want{}},
		{answer, "Done\n\nOn Mon, 9 Mar 2026 at 10:00, Drafts <drafts@agency.example> wrote:\n> Please answer.", want{command: inbox.Done}},
		{answer, "> ACCEPT\n\nIs that the word to use?", want{}},
	} {
		raw := fmt.Sprintf("From: Mira <mira@writers.example.net>\nTo: drafts@agency.example\nSubject: %s\nDate: Tue, 10 Mar 2026 09:15:00 +0100\nContent-Type: text/plain; charset=utf-8\n\n%s\n", tc.subject, tc.text)
		m := read(t, []byte(raw), inbox.Options{})
		var got want
		if m.Intent != nil {
			got = want{m.Intent.Command, m.Intent.Argument, m.Intent.Date}
			if m.Intent.Via != "word" {
				t.Errorf("%q: via %s", tc.text, m.Intent.Via)
			}
		}
		if got != tc.want {
			t.Errorf("%q, %q: %+v, want %+v", tc.subject, tc.text, got, tc.want)
		}
	}
}

// TestLinks: what our one-tap links make is recognised by its subject, whatever the mail program adds below.
func TestOneTapLinks(t *testing.T) {
	for subject, want := range map[string]inbox.Intent{
		"ACCEPT BREW-1":                   {Command: inbox.Accept, Via: "link", Argument: "BREW-1", Code: "BREW-1"},
		"DECLINE BREW-12: Ten ways":       {Command: inbox.Decline, Via: "link", Argument: "BREW-12: Ten ways", Code: "BREW-12"},
		"Accept brew-1":                   {},
		"Extend COVID-19 coverage":        {},
		"EXTEND BREW-1: Ten ways to brew": {Command: inbox.Extend, Via: "link", Argument: "BREW-1: Ten ways to brew", Code: "BREW-1"},
		"EXTEND BREW-9: Friday night":     {Command: inbox.Extend, Via: "link", Argument: "BREW-9: Friday night", Code: "BREW-9"},
		"EXTEND BREW-1 until 20 March":    {Command: inbox.Extend, Via: "link", Argument: "BREW-1 until 20 March", Code: "BREW-1", Date: "2026-03-20"},
		"ANNEHMEN BREW-1: Zehn Methoden":  {Command: inbox.Accept, Via: "link", Argument: "BREW-1: Zehn Methoden", Code: "BREW-1"},
		"DONE [BREW-1] is what they said": {},
		"DONE BREW1":                      {Command: inbox.Done, Via: "link", Argument: "BREW1", Code: "BREW1"},
		"Re: ACCEPT BREW-1":               {},
		"ACCEPT BREW-1 STEP":              {Command: inbox.Accept, Via: "link", Argument: "BREW-1 STEP", Code: "BREW-1", Target: "STEP"},
		"DECLINE BREW-1 EXTENSION: Ten":   {Command: inbox.Decline, Via: "link", Argument: "BREW-1 EXTENSION: Ten", Code: "BREW-1", Target: "EXTENSION"},
		"ACCEPT P-3 PITCH: Five: cups":    {Command: inbox.Accept, Via: "link", Argument: "P-3 PITCH: Five: cups", Code: "P-3", Target: "PITCH"},
		"ACCEPT BREW-1 LEAD":              {Command: inbox.Accept, Via: "link", Argument: "BREW-1 LEAD", Code: "BREW-1", Target: "LEAD"},
		"DONE BREW-1 PASS":                {Command: inbox.Done, Via: "link", Argument: "BREW-1 PASS", Code: "BREW-1", Target: "PASS"},
		"REVISE BREW-1: Ten ways":         {Command: inbox.Revise, Via: "link", Argument: "BREW-1: Ten ways", Code: "BREW-1"},
		"ACCEPT BREW-1: STEP":             {Command: inbox.Accept, Via: "link", Argument: "BREW-1: STEP", Code: "BREW-1"},
		"ACCEPT BREW-1 STEP by STEP":      {Command: inbox.Accept, Via: "link", Argument: "BREW-1 STEP by STEP", Code: "BREW-1"},
		"ACCEPT BREW-1 Step":              {Command: inbox.Accept, Via: "link", Argument: "BREW-1 Step", Code: "BREW-1"},
		"EXTEND BREW-1 STEP: by 20 March": {Command: inbox.Extend, Via: "link", Argument: "BREW-1 STEP: by 20 March", Code: "BREW-1", Target: "STEP"},
		"STOP BREW-1":                     {Command: inbox.StopMail, Via: "link", Argument: "BREW-1", Code: "BREW-1"},
		"STOP BREW-1 due_soon":            {Command: inbox.StopMail, Via: "link", Argument: "BREW-1 due_soon", Code: "BREW-1", Target: "due_soon"},
		"STOP due_soon":                   {Command: inbox.StopMail, Via: "link", Argument: "due_soon", Target: "due_soon"},
		"Stop due_soon":                   {},
		"STOP the presses":                {},
		"ACCEPT GUIDELINES":               {Command: inbox.Accept, Via: "link", Argument: "GUIDELINES", Target: "GUIDELINES"},
		"Accept Guidelines":               {},
		"ACCEPT LEAD":                     {},
		"DECLINE GUIDELINES":              {},
		"YES BREW-1":                      {},
		"Re: ACCEPT GUIDELINES":           {},
		"Accept 3-1":                      {},
		"Done 2nd chapter":                {},
	} {
		raw := "From: Mira <mira@writers.example.net>\nTo: drafts@agency.example\nSubject: " + subject + "\nDate: Tue, 10 Mar 2026 09:15:00 +0100\n\nJust send this mail.\n-- \nMira\n"
		m := read(t, []byte(raw), inbox.Options{})
		got := inbox.Intent{}
		if m.Intent != nil {
			got = *m.Intent
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", subject, got, want)
		}
	}
}

// TestNoIntent: what no person wrote asks for nothing.
func TestNoIntent(t *testing.T) {
	for _, header := range []string{"Auto-Submitted: auto-replied", "List-Id: <talk.poets.example.org>", "Return-Path: <>"} {
		m := read(t, []byte(header+"\nFrom: a@b.example\nSubject: Re: x\n\nACCEPT\n"), inbox.Options{})
		if m.Intent != nil {
			t.Errorf("%s: %+v", header, m.Intent)
		}
	}
}

// TestEverydayWords: a yes or no is the answer only where it is all of it.
func TestEverydayWords(t *testing.T) {
	for text, want := range map[string]inbox.Command{
		"yes": inbox.Accept, "Yes!": inbox.Accept, "Yes, thanks": inbox.Accept, "Yes, Ed.": inbox.Accept, "OK": inbox.Accept, "Okay 👍": inbox.Accept, "ok, thank you very much Ed!": inbox.Accept,
		"Agreed.\n\nMira": inbox.Accept, "Hi Ed,\n\nyes, please.\n\nBest wishes\nMira": inbox.Accept, "Ja, danke.": inbox.Accept, "Einverstanden!": inbox.Accept, "Oui merci": inbox.Accept, "D’accord.": inbox.Accept,
		"Sí, gracias": inbox.Accept, "si": inbox.Accept, "Vale": inbox.Accept, "Sim!": inbox.Accept, "Yes.\n\nThe text comes on Monday as we said.": inbox.Accept, "Grant": inbox.Accept,
		"no": inbox.Decline, "No, sorry": inbox.Decline, "No.\n\nI am abroad until May.": inbox.Decline, "Nein, danke": inbox.Decline, "Não, obrigada": inbox.Decline, "Non merci": inbox.Decline, "Nej tack": inbox.Decline,

		"No problem, I'll see to it.": "", "No, I will be late.": "", "Ok, but the ending is weak": "", "Yes?": "", "Yes.\n\nWhen is it due?": "", "Yes, Friday": "", "No, Monday": "", "Yes and no": "", "OK so here is the thing": "",
		"Yes, no": "", "Ja, aber": "", "Sure thing, later maybe": "", "Yes,\n\nthat was the plan": "", "Vale,\n\nte mando el texto": "", "No.\n\nBut next month I could.": "", "Grant\n\nthanks for the edits": "",
		"Yes.\n\nThis is a long story, and it goes on and on, far beyond what anybody would write below a plain yes, so that a person had better read what it is that is said in so very many words here.": "",
		"Noted.": "", "Okra": "", "Sim city": "", "> yes": "",
	} {
		m := read(t, answered(text), inbox.Options{})
		got := inbox.Command("")
		if m.Intent != nil {
			if got = m.Intent.Command; m.Intent.Via != "word" {
				t.Errorf("%q: via %s", text, m.Intent.Via)
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

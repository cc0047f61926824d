package templates

import "time"

const englishDate = "Monday, 2 January 2006"

var english = &language{
	tag:        "en",
	name:       "English",
	day:        "day",
	days:       "days",
	one:        func(n int) bool { return n == 1 },
	and:        " and ",
	hello:      "Hello",
	greeting:   ",",
	date:       func(t time.Time) string { return t.Format(englishDate) },
	datetime:   func(t time.Time) string { return t.Format(englishDate + " at 15:04 (MST)") },
	noDate:     "no date",
	noSubject:  "your mail",
	answerWith: "answer with ",
	colon:      ": ",
	comma:      ".",
	thousands:  ",",
	bytes:      [2]string{"byte", "bytes"},
	units:      []string{"kB", "MB", "GB", "TB"},
	foot: foot{
		why:      "You get this mail because ",
		outside:  "Just reply to answer.",
		inside:   "Answer in the tool.",
		replies:  "Reply with a line or a command (HELP lists them); files go into the tool.",
		answered: "Answer as above, or in the tool.",
		stop:     "To get no more reminders of this kind, reply with STOP.",
		stopPage: "Or stop them here",
	},
	due: "%s: %s of “%s” due",
	demo: demo{
		title: "A first try",
		brief: "Write a few sentences about anything you like and send them as an answer, as a file or in the mail. It is never published: it shows you how a piece goes from one to the next here.",
	},
	stageNames: map[string]string{
		"pitch": "pitch", "draft": "draft", "review": "review", "copy_edit": "copy edit", "design": "design",
		"ready": "final check", "published": "publication", "distributed": "distribution",
	},
}

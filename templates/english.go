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
	stray: stray{
		check:  "Please check:",
		yours:  "the mail that this answers came from %[1]s, which is not registered as an address of yours. It counted as yours because it came to a reply address that only you got; anybody to whom a mail of ours is forwarded can use that too. So you get the answer here, and they get none.",
		ask:    "If it was you, reply to this mail and say so: your editor can add the address. If it was not, reply and say so at once.",
		theirs: "this came from %[1]s, which is not registered as an address of %[2]s. It counts as theirs because it came to a reply address that only they got; anybody to whom a mail of ours is forwarded can use that too.",
		add:    "If the address is right, %[1]s adds it. If it is not, please put right what the mail did.",
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

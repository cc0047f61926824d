package inbox

import (
	"os"
	"strings"
	"testing"
)

// keptTexts are whole texts of people: nothing of them is a quote, a history or a signature.
var keptTexts = map[string]string{
	"article":              "# The bridge\n\nOn 9 March 2026 the bridge was closed at 10:15.\n\n## What they said\n\nThe mayor wrote:\n\n> We did not expect this.\n> Nobody did.\n\nand left it at that.\n\n## What came of it\n\n- a ferry, twice a day\n- a petition with 3,000 names\n\n---\n\nThe second part will follow.",
	"epigraph":             "> All happy families are alike.\n\nSo it begins, and so do most essays about it. This one does not.",
	"literature":           "Orwell put it in 1946:\n\n> Never use a long word where a short one will do.\n\nThe rest of the essay is about when it will not.\n\n> Break any of these rules sooner than say anything outright barbarous.\n\nThat, too.",
	"letters":              "The two men wrote to each other for years. On 12 May 1911, at 10:30, Mahler wrote:\n\nI am tired.\n\nThat was all.",
	"french letters":       "Le 12 mai 1911, à 10h30, il a écrit :\n\nJe suis fatigué.\n\nC'était tout.",
	"german letters":       "Am 12. Mai 1911 um 10:30 Uhr schrieb er an seine Frau:\n\nIch bin müde.\n\nDas war alles.",
	"spanish letters":      "El 12 de mayo de 1911, a las 10:30, ella escribió:\n\nEstoy cansada.\n\nFue todo.",
	"italian letters":      "Il 12 maggio 1911, alle 10:30, lui ha scritto:\n\nSono stanco.\n\nEra tutto.",
	"starts with on":       "On Friday we go to Paris:\n\nfirst the train, then the bus.\n\nOn Monday, March 9, 2026 at 5:02 PM the train leaves:\n\nbe there.",
	"ends with colon":      "Here is the list of 3 things due on 9.3.2026 at 17:02:\n\none\ntwo\nthree",
	"dialogue":             "— Who is there? — he asked.\n— Nobody.\n— Then come in, Nobody.\n\n- Sit down.\n- I would rather stand.\n\n– As you like.",
	"interview":            "Q: When did you begin?\nA: In 2011, on 4 May.\nQ: And before?\nA: Before, I sent letters.\n\nQ: To whom?\nA: To everyone.",
	"interview names":      "Desk: When is it due?\nMira: On Friday, at 10:00.\nDesk: And the pictures?\nMira: They follow.",
	"recipe":               "Pancakes\n========\n\nFor 4: 200 g of flour, 2 eggs, 400 ml of milk.\n\n1. Mix.\n2. Wait 20 min.\n3. Fry.\n\nTo serve: sugar\nTo store: 2 days\n\n--\n\nA variant: take buckwheat, and leave out the sugar, as they do in Brittany, where it is a whole meal with ham and an egg on top of it.",
	"code":                 "Try this:\n\n    $ cat file > other\n    >>> print(1)\n    1\n\nor\n\n```\n> select *\n> from t;\n-- a comment\nFrom: nobody\nTo: nobody\nSubject: none\n```\n\nboth work.",
	"tilde code":           "~~~\n--\nSent from my iPhone\n~~~\n\nwas what it printed.",
	"sql":                  "-- counts them\nSELECT count(*) FROM pieces;\n-- 42\n\nThat is all there is to it.",
	"csv":                  "date,from,to\n2026-03-09,Paris,Rome\n2026-03-10,Rome,Oslo",
	"front matter":         "---\ntitle: The bridge\nauthor: Mira Osei\ndate: 2026-03-09\n---\n\nOn the ninth of March the bridge was closed, and with it went the only way of getting to the market without a boat, which few had.",
	"poem":                 "The rain\nthe rain\nand the door\n--\nopen\n\nThe rain\nhas come in,\nhas come\nto stay with us for the winter, it says, and for the spring as well, if we have it, and for good if we do not.",
	"address in prose":     "Write to the town hall:\n\n12 Harbour Street\nPort Ellen\nPA42 7AA\n\nor call 01496 555 0199. They answer within a week, and if they do not, write to me.",
	"salutation":           "Dear desk,\n\nhere is the chapter. I have cut what you asked me to cut.\n\nBest wishes,\nMira",
	"thanks":               "Could you move it to Friday?\n\nThanks,",
	"thanks name":          "Could you move it to Friday?\n\nThanks\nMira Osei",
	"regards one line":     "Could you move it to Friday? Best regards, Mira",
	"front matter short":   "---\ntitle: The bridge\ndate: 2026-03-09\n---\n\nThe bridge\nis closed",
	"readme":               "The bridge\n==========\n\nA text about it\n\nAuthor\n------\nMira Osei\n\nLicense\n-------\nnone",
	"readme long rules":    "Author\n----------------\nMira Osei\n\nLicense\n----------------\nnone",
	"doctest":              "It works:\n\n>>> 1 + 1\n2\n>>> print(\"x\")\nx",
	"rst":                  "*******\nLocks\n*******\n\nSingle\n++++++\n\n* one\n* two\n\nShared\n++++++\n\n* three",
	"list of addresses":    "Look at these:\n\nthe first\n- https://agency.example/a\n- https://agency.example/b",
	"ascii table":          "The plan:\n\n+-----+-----+\n| Mon | one |\n+-----+-----+",
	"thanks first":         "Hi desk,\n\nThanks!\n\nI will send it on Friday\nThe pictures follow on Monday",
	"merci first":          "Bonjour,\n\nMerci,\n\nje l'envoie vendredi\nles images suivent",
	"cheers in the middle": "So much for that.\n\nCheers,\n\nand do not forget the pictures\nthey are on the way",
	"german sign-off":      "Das geht am Freitag.\n\nMit freundlichen Grüßen\nMira Osei",
	"japanese sign-off":    "金曜日です。\n\nよろしくお願いします。\n大瀬",
	"ps no stop":           "On Friday.\n\nBest,\nMira\n\nPS: the pictures follow",
	"ps":                   "On Friday.\n\nBest,\nMira\n\nPS: the pictures follow on Monday.",
	"dash name":            "Could you move it to Friday?\n\n-Mira Osei",
	"em dash name":         "Could you move it to Friday?\n\n—Mira",
	"slash name":           "Could you move it to Friday?\n\nBest regards,\n\n//Mira",
	"initials":             "Could you move it to Friday?\n\nM.",
	"event":                "Reading\n\nDate: Friday, 13 March 2026, 19:00\nPlace: Harbour Street 12\nTo book: call the desk\n\nCome early.",
	"from in prose":        "From: the beginning of the war.\nTo: its end.\nThat is the span of the book.",
	"header in prose":      "The mail began like this:\n\nFrom: a man nobody knew\n\nand ended nowhere.",
	"subject line":         "Subject: what I want to write about\n\nThe bridges of our town, and who crosses them.",
	"email example":        "A header looks like this: \"From: mira@writers.example.net\". A client shows it above the text.",
	"greater than":         "The value must be\n> 5 and < 10\nfor it to work, as the manual says.",
	"table":                "| Day | Piece |\n|-----|-------|\n| Mon | One   |\n| Tue | Two   |\n\nThat is the plan for the week, and I would like to keep to it if nobody falls ill or goes away before the end of it.",
	"sections":             "First part\n\n***\n\nSecond part, which is longer than the first one and goes on for quite a while, until everything that had to be said has been said.\n\n* * *\n\nThird part, which is longer than the first one and goes on for quite a while, until everything that had to be said has been said.",
	"underscores":          "Fill in:\n\nName: ____________\nDate: ____________\n\nand send it back to us before the end of the month, please, or we cannot pay you for the piece that you have written.",
	"times":                "9:00 coffee\n10:15 first talk\n11:30 questions:\n12:00 lunch",
	"links":                "See https://blog.example.com/2026/03/09/mira-wrote: it is all there.\n\nAnd <https://agency.example/a>.",
	"sent in prose":        "Sent by ship in 1911, the piano arrived in 1912.\n\nThe rest of the story is about the two years in which it was out of tune.",
	"sent to paris":        "Sent to Paris as a boy, he stayed.\n\nThat is where the story ends.",
	"von":                  "Von den neuen Android-Telefonen hört man wenig.\n\nDarum geht es in diesem Text, und um die alten.",
	"get outlook":          "Get the Outlook report to me by Friday.\n\nThen we can talk about the rest.",
	"from my":              "From my window I see the harbour.\n\nIt is empty.",
	"reply above":          "The number above this line is wrong.\n\nThe one below is right.",
	"original message":     "Original message: the one that came first.\n\nIt was short.",
	"forwarded in prose":   "The forwarded message was gone:\n\nnobody had kept it.",
	"emoji":                "👍",
	"one line":             "Yes.",
	"question":             "When?",
	"chinese":              "第二章写完了。\n\n他在2026年3月9日写道：\n\n我很累。\n\n仅此而已。",
	"russian":              "Глава готова.\n\nОн писал об этом так:\n\nЯ устал.\n\nВот и всё.",
	"japanese":             "第二章ができました。\n\nよろしくお願いします。",
	"hebrew":               "הפרק השני מוכן.\n\nתודה,\nמירה",
	"arabic":               "الفصل الثاني جاهز.\n\nشكرا",
	"numbers":              "Changes:\n\n1. p. 12: \"wrote\" -> \"writes\"\n2. p. 14, 10:15 -> 10:30\n3. see mira@writers.example.net for the rest",
	"diff":                 "--- a/chapter.md\n+++ b/chapter.md\n@@ -1,2 +1,2 @@\n-old\n+new\n\nThat is the only change that I have made since the last version, which you have.",
	"double dash list":     "Points:\n-- the first\n-- the second\n\nThanks!",
	"letters of a novel":   "Dear Ada,\n\nI have sent the trunk. It was heavy.\n\nYours,\nKen\n\n\nDear Ken,\n\nIt came on Monday, and half of what was in it was broken, as you will have guessed from the sound it makes.\n\nYours,\nAda",
	"log":                  "2026-03-09 17:02:11 sent\n2026-03-09 17:02:12 received: yes\n2026-03-09 17:02:13 answered:\nok",
	"key value":            "Name: Mira Osei\nPhone: +44 20 7946 0000\nAddress: 12 Harbour Street\n\nThat is for the invoice.",
	"setext":               "Title\n-----\n\nText that goes on for more than a line, as texts do, and that nobody would take for the card of a person with a name and a phone.\n\nNext\n----\n\nMore of it, which goes on for more than a line, as texts do, and that nobody would take for a card.",
	"quote of a mail":      "He wrote me on 9 March 2026:\n\"It is due on Friday.\"\nI did not believe it.",
	"said":                 "On Monday at 10:15, the mayor said:\n\nthere is no money.\n\nOn Tuesday there was.",
	"bullet star":          "* one\n* two\n\n* * *\n\nand the rest of it, which is longer than what came before it, and which goes on until the end of the line and then some more.",
	"confidential":         "This message is for you.\n\nThe word confidential is used in it once.",
	"press embargo":        "EMBARGO until 9 March 2026, 17:00\n\nFor: all desks\nContact: press@agency.example\n\nThe agency opens a second house.",
	"screenplay":           "INT. KITCHEN - DAY\n\nMIRA\nWho sent it?\n\nKEN\n(shrugs)\nFrom the desk.\n\nEXT. HARBOUR - NIGHT",
	"footnotes":            "The bridge[1] was closed[2].\n\n[1] built in 1911\n[2] on 9 March 2026, at 10:15",
	"mailing addresses":    "Ask one of them:\n\nMira Osei <mira@writers.example.net>\nKen Okafor <ken@writers.example.net>",
	"hello wrote you":      "Yesterday I wrote:\n\nIt is late.\n\nIt still is.",
	"math":                 "a < b\nb > c\n=> a ? c",
	"arrow quotes":         ">> Attention <<\n\nThe office moves.",
	"chat":                 "[10:15] Mira: is it due?\n[10:16] Desk: on Friday\n[10:17] Mira: ok",
	"schedule from to":     "From: 10:00\nTo: 12:00\n\nRoom 4.",
	"invoice":              "Invoice 2026-03\n\nDate: 9 March 2026\nTo: Agency Ltd\n2 articles: 400.00\n\nPlease pay within 30 days.",
}

// TestKeptWhole: what people write must not be taken for a quote or a signature.
func TestKeptWhole(t *testing.T) {
	for name, text := range keptTexts {
		if got := trimText(text); got != text {
			t.Errorf("%s: kept\n%s\n--- of\n%s", name, got, text)
		}
	}
}

// TestHistoryBelowAnyText: whatever stands above it, a history goes and nothing else.
func TestHistoryBelowAnyText(t *testing.T) {
	bad := 0
	for name, text := range keptTexts {
		if name == "confidential" || strings.HasPrefix(text, ">") {
			continue
		}
		for _, f := range attributionForms {
			if got := trimText(text + "\n\n" + f[1] + "\n> When is it due?\n> And the pictures?\n"); got != text {
				if bad++; bad < 15 || os.Getenv("MATRIX") != "" {
					t.Errorf("%s under %s:\n%s", f[0], name, got)
				}
			}
		}
		for _, names := range headerNames[:20] {
			lay := strings.NewReplacer("%1", names[1], "%2", names[2], "%3", names[3], "%4", names[4], "%5", names[5])
			for _, form := range blockForms {
				if form[0] == "quoted" {
					continue
				}
				if got := trimText(text + "\n\n" + lay.Replace(form[1]) + "\n\nWhen is it due?\nAnd the pictures?\n"); got != text {
					if bad++; bad < 15 || os.Getenv("MATRIX") != "" {
						t.Errorf("%s, %s under %s:\n%s", names[0], form[0], name, got)
					}
				}
			}
		}
	}
	t.Logf("%d bad", bad)
}

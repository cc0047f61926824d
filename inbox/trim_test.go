package inbox

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func trimText(s string) string {
	lines := splitLines(s)
	t := trim(lines)
	return joinLines(lines, func(i int) bool { return t.keep[i] })
}

// TestAttributions: whatever a client writes above the mail it answers, the answer is what stands above it.
func TestAttributions(t *testing.T) {
	const person = "Desk <desk@agency.example>"
	for name, intro := range map[string]string{
		"gmail":           "On Mon, Mar 9, 2026 at 5:02 PM " + person + " wrote:",
		"broken line":     "On Mon, Mar 9, 2026 at 5:02 PM, The Desk of the Agency\n<a-very-long-address-of-the-desk@agency.example>\nwrote:",
		"apple":           "On 9 Mar 2026, at 17:02, " + person + " wrote:",
		"polymail":        "On Mon, Mar 9, 2026 at 5:02 PM The Desk\n\n<\nmailto:The Desk <desk@agency.example>\n> wrote:",
		"thunderbird":     "On 3/9/26 17:02, The Desk wrote:",
		"k9":              "On March 9, 2026 5:02:00 PM GMT+01:00, " + person + " wrote:",
		"zoho":            "---- On Mon, 09 Mar 2026 17:02:11 +0100 " + person + " wrote ----",
		"android":         "---- The Desk wrote ----",
		"yahoo":           "--- On Mon, 3/9/26, " + person + " wrote:",
		"bare address":    "2026/3/9 " + person + ":",
		"german date":     "Am 09.03.2026 um 17:02 schrieb The Desk:",
		"german address":  person + " schrieb am Mo., 9. März 2026, 17:02:",
		"danish":          "Den man. 9. mar. 2026 kl. 17.02 skrev " + person + ":",
		"norwegian":       "På 9. mars 2026 på 17:02:18, The Desk (desk@agency.example) skrev:",
		"finnish":         "ma 9. maalisk. 2026 klo 17.02 The Desk (desk@agency.example) kirjoitti:",
		"czech":           "Dne 9.3.2026 v 17:02 The Desk napsal(a):",
		"hungarian":       person + " ezt írta (időpont: 2026. márc. 9., H, 17:02):",
		"romanian":        "În lun., 9 mar. 2026 la 17:02, " + person + " a scris:",
		"indonesian":      "Pada tanggal 9 Mar 2026 17.02, " + person + " menulis:",
		"vietnamese":      "Vào 17:02 9 tháng 3, 2026, " + person + " đã viết:",
		"greek":           "Στις Δευ, 9 Μαρ 2026 στις 5:02 μ.μ., ο χρήστης " + person + " έγραψε:",
		"bulgarian":       "На 9 март 2026 г., 17:02, " + person + " написа:",
		"ukrainian":       "пн, 9 бер. 2026 р. о 17:02 " + person + " пише:",
		"hebrew":          "ב-9 במרץ 2026 בשעה 17:02, The Desk כתב:",
		"chinese":         "在 2026年3月9日，下午5:02，Desk <desk@agency.example> 写道：",
		"korean":          "2026년 3월 9일 (월) 오후 5:02, Desk <desk@agency.example>님이 작성:",
		"polish thunder":  "W dniu 2026-03-09 17:02, The Desk pisze:",
		"catalan":         "El 9/3/26 a les 17:02, The Desk va escriure:",
		"samsung":         "Sent from Samsung Galaxy <desk@agency.example> wrote:",
		"reply marker":    "##- Please type your reply above this line -##",
		"original":        "-----Original Message-----",
		"original german": "-----Ursprüngliche Nachricht-----\nVon: " + person,
		"bold block":      "*From:* " + person + "\n*Sent:* Monday, March 9, 2026 5:02 PM\n*To:* Mira\n*Subject:* Due",
		"french block":    "De : Desk [mailto:desk@agency.example]\nEnvoyé : lundi 9 mars 2026 17:02\nÀ : Mira\nObjet : Due",
		"notes block":     "From:\tDesk/Agency\nTo:\tMira\nDate:\t09.03.2026 17:02\nSubject:\tDue",
		"qq":              "------------------ 原始邮件 ------------------\n发件人: \"Desk\"<desk@agency.example>;\n发送时间: 2026年3月9日 下午5:02\n收件人: \"Mira\";\n主题: Due",
		"spaced block":    "From: " + person + "\n\nSent: Monday, March 9, 2026\n\nTo: Mira\n\nSubject: Due",
		"rule and block":  "________________________________\nDa: " + person + "\nInviato: lunedì 9 marzo 2026 17:02\nA: Mira\nOggetto: Due",
	} {
		for _, history := range []string{"\n\n> When is it due?\n> Soon?\n", "\n\nWhen is it due?\nSoon?\n"} {
			if name == "android" && !strings.Contains(history, ">") {
				continue
			}
			if got := trimText("It is due on Friday.\n\n" + intro + history); got != "It is due on Friday." {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

// TestKept: what people write must not be taken for a quote or a signature.
func TestKept(t *testing.T) {
	for _, text := range []string{
		"We met at 10:15.\nOn Friday, at 10:00, we go to:\n\nParis",
		"Three dates:\n\n2026-03-09 14:30\n09.03.2026 14:30\nMarch 9, 2026 at 2:30 PM\n\nPick one.",
		"Points:\n-- the first\n-- the second\n\nThanks!",
		"Date: Friday\nPlace: the usual one",
		"To: everyone who reads this,\nwelcome.",
		"Read https://blog.example.com/on-monday-she-wrote: it is good.",
		"A | B\n--|--\n1 | 2\n\nand more text of the article that goes on for a while, long enough to be a paragraph of its own in the end.",
		"Heading\n=======\n\nA paragraph that goes on for a while, long enough to be a paragraph of its own and no signature at all, really.",
		"```\n> not a quote\n--\nOn Mon, 9 Mar 2026 at 10:00, A <a@b.example> wrote:\n```\n\nThat was code.",
		"Buy now >>>\n>>> >>> http://shop.example <<<\nor never",
		"Thanks,\nMira",
		"> quoted by hand\n\nand answered.",
		"Here it is.\n\nSent from my desk, which is far better than the train.",
		"Sent from above, the light fell on the page.",
	} {
		if got := trimText(text); got != text {
			t.Errorf("kept\n%q\nof\n%q", got, text)
		}
	}
}

// TestTrimNeverInvents: Text and Elided together are Body, line for line, in order.
func TestTrimNeverInvents(t *testing.T) {
	var known []string
	for _, f := range attributionForms {
		known = append(known, strings.Split(f[1], "\n")...)
	}
	line := rapid.OneOf(
		rapid.SampledFrom(known), rapid.SampledFrom(footerLines), rapid.SampledFrom(forwardLines),
		rapid.SampledFrom([]string{">", " >", "\t> x", ">>>", ">>> a", ">>> On 9.3.2026 10:00 >>>", "|", "| q", "To", "Subject", "9.3.2026 10:00", "<", "> wrote:", "wrote:", "<http://a.example", "https://a.example>", ":", "@:", "A: b", "From:", "\u202b", "~~~", "PS", "________________________________", "This e-mail is confidential"}),
		rapid.SampledFrom([]string{"", "> quoted", ">> twice", "--", "-- ", "___", "On Mon, 9 Mar 2026 at 10:00, A <a@b.example> wrote:", "From: a@b.example", "Sent: Monday 10:00", "To: c", "Subject: d",
			"-----Original Message-----", "---------- Forwarded message ---------", "Sent from my iPhone", "Best regards,", "Mira Osei", "```", "| a | b |", "+44 20 7946 0000", "- item", "##- reply above this line -##"}),
		rapid.StringN(0, 40, 80),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(line, 0, 30).Draw(t, "lines"), "\n")
		lines := splitLines(text)
		for i := range lines {
			lines[i].mark = rapid.SampledFrom([]mark{plainLine, plainLine, plainLine, plainLine, historyLine, quotedBlock, attribution, signatureLine, codeMark}).Draw(t, "mark")
		}
		tr := trimMail(lines, rapid.Bool().Draw(t, "fresh"))
		inlineForward(lines, "Fwd: x", tr)
		if len(tr.keep) != len(lines) {
			t.Fatal("a verdict is missing")
		}
		kept := joinLines(lines, func(i int) bool { return tr.keep[i] })
		all := joinLines(lines, func(int) bool { return true })
		if all != "" && kept == "" {
			t.Fatal("nothing was kept")
		}
		if got := trimText(kept); len(got) > len(kept) {
			t.Fatal("trimming added text")
		}
	})
}

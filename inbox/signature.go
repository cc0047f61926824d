package inbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxDisclaimer = 30  // lines of a legal notice
	maxDelimiters = 100 // places that are looked at
)

// ruleMarks draw the lines over signatures; the last is what a tracker of opened mails leaves.
const ruleMarks = "-_,=+~#*—–― \u1427"

// cutSignature marks the signature that ends the sender's words: what stands below a delimiter, what a mobile client
// appended, and the card below a sign-off. A bare sign-off with a name is part of the letter and stays.
func cutSignature(lines []line, kinds []byte, end int, fresh bool) {
	end = lastText(kinds, end)
	end = cutTail(lines, kinds, end)
	for i := range end {
		if lines[i].mark == signatureLine && kinds[i] == textLine && onlySignatureBelow(lines, kinds, i, end) {
			kinds[i] = dropLine
		}
	}
	matter := frontMatter(lines)
	wrote := false
	tries := maxDelimiters // or a mail of delimiters would take its square
	for i := 0; i < end; i++ {
		if kinds[i] == codeLine {
			wrote = true
		}
		if kinds[i] != textLine {
			continue
		}
		text := strings.TrimSpace(lines[i].text)
		if footer(text) == plainFooter {
			if wrote && inParagraph(lines, kinds, i, end) {
				continue
			}
			if wrote && !fresh { // below it mobile clients put the answered mail, some without marking it
				dropText(kinds, i, end)
				return
			}
			kinds[i] = dropLine
			for wrote && i+1 < end && kinds[i+1] == textLine {
				i++
				kinds[i] = dropLine
			}
			continue
		}
		if wrote && tries > 0 && i != matter && delimiter(text) && !underline(lines, i, end) {
			tries--
			if below := postscript(lines, kinds, i+1, end); signatureBelow(lines, kinds, i, below) {
				dropText(kinds, i, below)
				return
			}
		}
		if wrote && tries > 0 && signOff(text) != "" {
			if tries--; cardBelow(lines, kinds, i, end) {
				dropText(kinds, i, end)
				return
			}
		}
		wrote = true
	}
	cutContactTail(lines, kinds, end)
}

// inParagraph tells a line amid a paragraph: it goes on below, in the middle of a sentence.
func inParagraph(lines []line, kinds []byte, i, end int) bool {
	if i == 0 || i+1 >= end || kinds[i-1] != textLine || kinds[i+1] != textLine {
		return false
	}
	below := strings.TrimSpace(lines[i+1].text)
	r, _ := utf8.DecodeRuneInString(below)
	return unicode.IsLower(r) && !contact(below) && footer(below) == noFooter && strings.Contains(below, " ")
}

// postscript returns the line with which a postscript begins, end if there is none.
func postscript(lines []line, kinds []byte, i, end int) int {
	for ; i < end; i++ {
		if kinds[i] == textLine && isPostscript(strings.TrimSpace(lines[i].text)) {
			return i
		}
	}
	return end
}

func isPostscript(s string) bool {
	low := fold(s[:min(len(s), 24)])
	for _, w := range []string{"p.s.", "p.s:", "p. s.", "p.-s.", "ps:", "ps :", "ps.", "ps,", "ps -", "ps –", "ps：", "pps:", "p.p.s.", "pd:", "p.d.", "pd.", "nb:", "n.b.", "u.i.", "ui.:", "з.ы.", "зы:", "постскриптум", "p.s ", "追伸", "追记", "又及", "附言", "추신", "נ.ב", "ملاحظة:", "υ.γ.", "υγ:"} {
		if strings.HasPrefix(low, w) {
			return true
		}
	}
	return strings.HasPrefix(low, "ps ") && strings.Count(s, " ") >= 3
}

// cutTail drops what stands last and is no word of the sender: footers and legal notices, as many as there are. What is left
// ends before the line it returns.
func cutTail(lines []line, kinds []byte, end int) int {
	for end > 0 && kinds[end-1] == textLine {
		start := end - 1
		text := strings.TrimSpace(lines[start].text)
		if start > 0 && kinds[start-1] == textLine && strings.HasPrefix(text, "<http") { // the link of a footer, on its own line
			start--
			text = joined(lines, start, end-1)
		}
		k := footer(text)
		if strings.Trim(text, ruleMarks) == "" && (start == 0 || kinds[start-1] != textLine || strings.Trim(lines[start-1].text, ruleMarks) == "") {
			k = plainFooter // a rule over nothing
		}
		if k == noFooter {
			start = end - 1
		}
		if k == lastFooter && start > 0 && kinds[start-1] == textLine && footer(strings.TrimSpace(lines[start-1].text)) == noFooter {
			break // the end of a paragraph
		}
		if k == noFooter {
			for start > 0 && kinds[start-1] == textLine && end-start < maxDisclaimer {
				start--
			}
			if start > 0 && kinds[start-1] != emptyLine || !disclaims(joined(lines, start, end-1)) {
				break
			}
		}
		if lastText(kinds, start) == 0 {
			break // it is all there is
		}
		dropText(kinds, start, end)
		end = lastText(kinds, start)
	}
	return end
}

func dropText(kinds []byte, from, end int) {
	for i := from; i < end; i++ {
		if kinds[i] == textLine {
			kinds[i] = dropLine
		}
	}
}

func lastText(kinds []byte, end int) int {
	for end > 0 && kinds[end-1] != textLine && kinds[end-1] != codeLine {
		end--
	}
	return end
}

func onlySignatureBelow(lines []line, kinds []byte, from, end int) bool {
	for i := from; i < end; i++ {
		if kinds[i] == textLine && lines[i].mark != signatureLine && isText(lines[i].text) {
			return false
		}
	}
	return true
}

// delimiter tells "-- " and the rules that stand in for it.
func delimiter(s string) bool {
	s = strings.TrimSpace(s)
	switch s {
	case "":
		return false
	case "--", "- --", "—", "––", "-- --":
		return true
	}
	n := utf8.RuneCountInString(s)
	if s[len(s)-1] == '+' && strings.Contains(s, "-") {
		return false // of a table
	}
	return n >= 2 && n <= 100 && strings.Trim(s, "-_=*~+#–—―• ") == "" && (strings.ContainsAny(s, "-_=–—") || s[0] == s[1])
}

// frontMatter returns the line that closes the properties a text begins with, -1 if it begins otherwise.
func frontMatter(lines []line) int {
	i := nextText(lines, 0)
	if i >= len(lines) || strings.TrimSpace(lines[i].text) != "---" {
		return -1
	}
	for j := i + 1; j < len(lines) && j < i+60; j++ {
		if strings.TrimSpace(lines[j].text) == "---" {
			return j
		}
	}
	return -1
}

// underline tells a rule that makes the line above it a heading: it is as long, drawn with "=", or not the only one; or one
// that has the heading between itself and another.
func underline(lines []line, i, end int) bool {
	rule := strings.TrimSpace(lines[i].text)
	if len(rule) < 3 || strings.IndexByte(headingMarks, rule[0]) < 0 {
		return false
	}
	if i+2 < end && len(rule) > 3 && strings.TrimSpace(lines[i+2].text) == rule && isText(lines[i+1].text) {
		return true
	}
	if !setApart(lines, i) {
		return false
	}
	if rule[0] == '=' || len(rule) > 4 && utf8.RuneCountInString(strings.TrimSpace(lines[i-1].text)) == len(rule) {
		return true
	}
	for j := max(i-200, 0); j < min(i+200, end); j++ {
		if text := lines[j].text; j != i && len(text) >= 3 && strings.IndexByte(headingMarks, text[0]) >= 0 && strings.Trim(text, headingMarks+" ") == "" && setApart(lines, j) {
			return true
		}
	}
	return false
}

const headingMarks = "=-+*#~" // of Markdown and reStructuredText

// setApart tells that one line that is no sentence stands between a blank one or a rule and lines[i].
func setApart(lines []line, i int) bool {
	if i == 0 || i > 1 && isText(lines[i-2].text) {
		return false
	}
	above := strings.TrimSpace(lines[i-1].text)
	return above != "" && len(above) < 100 && !strings.ContainsAny(above[len(above)-1:], ".?!,;:") && isText(above)
}

// signatureBelow tells whether what stands below a delimiter can be a signature. "-- " says so by itself, unless prose
// follows; a longer rule could also part a text, so that what is below must be short lines and no sentences.
func signatureBelow(lines []line, kinds []byte, at, end int) bool {
	mark := strings.TrimSpace(lines[at].text)
	count, long, contacts, sentences, stops, gaps := 0, 0, 0, 0, 0, 0
	first, last := "", at
	for i := at + 1; i < end; i++ {
		text := strings.TrimSpace(lines[i].text)
		if kinds[i] == codeLine {
			return false
		}
		if kinds[i] != textLine || !isText(text) {
			continue
		}
		if count++; count > 40 {
			return false
		}
		if count == 1 {
			first = text
		}
		if i > last+1 {
			gaps++
		}
		last = i
		if contact(text) {
			contacts++
		} else if spaces := strings.Count(text, " "); spaces >= 2 && closed(text) || spaces >= 1 && strings.ContainsAny(text[len(text)-1:], "?!:") {
			stops++
		}
		if utf8.RuneCountInString(text) > 90 {
			long++
		}
		if endsSentence(text) && strings.Count(text, " ") >= 3 {
			sentences++
		}
	}
	switch {
	case count == 0:
		return true
	case contacts == 0 && seen(lines, kinds, 0, at, at):
		return false // it parts the text
	case isDash(mark) && mark != "—":
		if contacts == 0 && (sentences > 1 || closed(first) && strings.Count(first, " ") >= 3 || goesOn(lines, at, first) || gaps > 1) {
			return false
		}
		return long == 0 || contacts > 0 || sentences == 0
	}
	if long > 0 || sentences > contacts || stops > contacts {
		return false
	}
	if contacts == 0 && (gaps > 0 || closed(first) || signOff(first) != "" || !nameOnly(first) || seen(lines, kinds, at+1, end, at)) {
		return false
	}
	return count <= 3 || count <= 14 && (contacts > 0 || strings.ContainsAny(mark, "-_=–—"))
}

// closed tells a line that ends as a sentence does.
func closed(s string) bool {
	return strings.ContainsAny(s[len(s)-1:], ".?!:;,") || strings.HasSuffix(s, "…") || strings.HasSuffix(s, "。") || strings.HasSuffix(s, "？") || strings.HasSuffix(s, "！")
}

// goesOn tells a text that goes on below a dash, after a blank line, in the middle of a sentence.
func goesOn(lines []line, at int, first string) bool {
	r, _ := utf8.DecodeRuneInString(first)
	return unicode.IsLower(r) && at+1 < len(lines) && strings.TrimSpace(lines[at+1].text) == ""
}

// seen tells that a text line from there to end is the same delimiter as lines[at].
func seen(lines []line, kinds []byte, from, end, at int) bool {
	mark := strings.TrimSpace(lines[at].text)
	for i := from; i < end; i++ {
		if kinds[i] == textLine && strings.TrimSpace(lines[i].text) == mark {
			return true
		}
	}
	return false
}

// signOff returns the complimentary close that the line is, "" if it is none: "Best regards," and its kin, alone or with a
// name behind.
func signOff(s string) string {
	low := strings.ToLower(strings.Trim(s, " \t*_-–—/"))
	if len(low) > 60 {
		return ""
	}
	for _, w := range closings {
		rest, ok := strings.CutPrefix(low, w)
		if !ok {
			continue
		}
		rest = strings.Trim(rest, " ")
		if rest == "" || strings.ContainsAny(rest[:1], ",.!;") && strings.Count(rest, " ") <= 4 {
			return w
		}
	}
	return ""
}

var closings = []string{
	"thanks", "thank you", "many thanks", "thanks again", "thanks in advance", "with thanks", "danke", "vielen dank", "merci", "gracias", "grazie", "obrigado", "obrigada", "bedankt", "tack", "takk", "tak",
	"best regards", "kind regards", "warm regards", "warmest regards", "with kind regards", "with best regards", "many regards", "regards", "best wishes", "all the best", "best",
	"sincerely yours", "sincerely", "yours sincerely", "yours truly", "yours faithfully", "respectfully", "cordially", "cheers",
	"mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße", "viele grüße", "liebe grüße", "beste grüße", "herzliche grüße", "schöne grüße", "mfg", "gruß", "grüße", "lg", "vg",
	"cordialement", "bien cordialement", "bien à vous", "salutations", "sincères salutations", "amicalement", "bonne journée",
	"saludos cordiales", "saludos", "un saludo", "atentamente", "un cordial saludo", "abrazos", "cordiali saluti", "distinti saluti", "saluti", "un saluto",
	"atenciosamente", "cumprimentos", "com os melhores cumprimentos", "abraços", "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "groeten", "groetjes",
	"med vänlig hälsning", "vänliga hälsningar", "hälsningar", "mvh", "med venlig hilsen", "venlig hilsen", "med vennlig hilsen", "vennlig hilsen", "hilsen", "ystävällisin terveisin", "terveisin",
	"pozdrawiam", "z poważaniem", "s pozdravem", "s pozdravom", "üdvözlettel", "с уважением", "с наилучшими пожеланиями", "з повагою", "saygılarımla", "cu stimă", "με εκτίμηση", "trân trọng", "hormat saya", "salam",
	"よろしくお願いします", "よろしくお願いいたします", "敬具", "此致", "祝好", "감사합니다",
}

// cardBelow tells whether a sign-off heads a signature card: a name and then something that people do not type each time
// (a title, an organisation, a number, an address), in few short lines.
func cardBelow(lines []line, kinds []byte, at, end int) bool {
	var below []string
	contacts, sentences := 0, 0
	gap, apart := false, false // a blank line below the name; text below that
	for i := at + 1; i < end; i++ {
		text := strings.TrimSpace(lines[i].text)
		if kinds[i] != textLine || text == "" {
			gap = gap || len(below) > 0
			continue
		}
		if delimiter(text) {
			break // the signature begins here
		}
		if isPostscript(text) {
			return false
		}
		if utf8.RuneCountInString(text) > 80 || len(below) >= 14 {
			return false
		}
		below = append(below, text)
		apart = apart || gap
		if contact(text) {
			contacts++
		} else if endsSentence(text) && strings.Count(text, " ") >= 3 {
			sentences++
		}
	}
	if sentences > contacts || contacts == 0 && apart {
		return false // a letter in a text, or one above it
	}
	if len(below) < 2 || !nameOnly(below[0]) || endsSentence(below[0]) {
		return false
	}
	for _, text := range below[1:] {
		if contact(text) || !endsSentence(text) {
			return true
		}
	}
	return false
}

func isDash(s string) bool { return s == "--" || s == "-- --" || s == "—" }

func endsSentence(s string) bool {
	return strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?")
}

// contact tells a line of contact details.
func contact(s string) bool {
	low := strings.ToLower(s)
	if strings.Contains(low, "@") && !strings.Contains(low, " @ ") || strings.Contains(low, "www.") || strings.Contains(low, "http:") || strings.Contains(low, "https:") {
		return true
	}
	digits := 0
	for i := 0; i < len(s); i++ {
		if digit(s[i]) {
			digits++
		}
	}
	return digits >= 7 && len(s) < 60
}

// cutContactTail drops a last paragraph that is a name over a client's tag, as "via mobile".
func cutContactTail(lines []line, kinds []byte, end int) {
	cutCard(lines, kinds, end)
	last := end - 1
	if last < 2 || kinds[last] != textLine || !viaMobile(strings.TrimSpace(lines[last].text)) {
		return
	}
	kinds[last] = dropLine
	if name := strings.TrimSpace(lines[last-1].text); kinds[last-1] == textLine && kinds[last-2] == emptyLine && len(name) < 40 && !endsSentence(name) {
		kinds[last-1] = dropLine
	}
}

// cutCard drops a last paragraph that is a card without a sign-off: a name, and below it at least two lines of contacts. What
// a colon announces is no signature.
func cutCard(lines []line, kinds []byte, end int) {
	start, contacts := end, 0
	for start > 0 && kinds[start-1] == textLine {
		text := lines[start-1].text
		if start--; end-start > 10 || len(text) > 80 || endsSentence(text) || strings.HasSuffix(text, ":") || markdown(strings.TrimSpace(text)) {
			return
		}
		if contact(lines[start].text) {
			contacts++
		}
	}
	if contacts < 2 || end-start < 3 || contact(lines[start].text) || !nameOnly(lines[start].text) {
		return
	}
	above := lastText(kinds, start)
	if above == 0 || kinds[above-1] != textLine || strings.HasSuffix(strings.TrimSpace(lines[above-1].text), ":") {
		return
	}
	dropText(kinds, start, end)
}

func viaMobile(s string) bool {
	switch strings.ToLower(strings.Trim(s, " .()<>[]-*")) {
	case "via mobile", "sent via mobile", "from mobile", "mobile", "sent from mobile", "from my phone", "from my mobile", "via phone", "by mobile":
		return true
	}
	return false
}

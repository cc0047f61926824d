package inbox

import (
	"iter"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	viaWord   = "word"
	viaLink   = "link"
	viaPhrase = "phrase"

	commandWords = 200 // a longer text is an article, whatever word it begins with
	commandLine  = 120 // bytes; a longer line is prose
	phraseWords  = 120 // in a longer text no sentence is taken for the answer
	titleWords   = 12
	aloneWords   = 30 // at most so many follow a "yes" that stands alone
)

// intent recognises what the sender asks for: by one of our one-tap links, whose subject is a command and a piece's code; by
// the word that the mail begins with; or, in short texts, by a sentence that can mean nothing else. A date in it is proposed,
// never applied.
func (r *reading) intent() {
	m := r.m
	if m.Kind != Human || m.Intent != nil {
		return
	}
	for i, source := range []struct {
		find   func(*Message) *Intent
		reason string
	}{
		{subjectIntent, "the subject begins with it"},
		{textIntent, "the text begins with it"},
		{moreTime, "a sentence asks for it"},
		{everydayIntent, "the text is this word"},
		{takingIntent, "a sentence says it"},
	} {
		if i > 0 && m.Echo { // the words of another
			break
		}
		in := source.find(m)
		if in == nil {
			continue
		}
		m.Intent = in
		reason := source.reason
		switch {
		case in.Dated && in.Date == "":
			reason += "; until a day that is over or cannot be read"
		case in.Dated:
			reason += "; until " + in.Date
		case in.Date != "":
			reason += "; until " + in.Date + ", to be confirmed"
		case in.Days > 0:
			reason += "; " + plural(in.Days, "day") + " more, to be confirmed"
		}
		r.note("intent", string(in.Command), reason)
		return
	}
}

// dated reads the day that an Extend proposes, in words or else in the text, and that of a Revise.
func dated(in *Intent, m *Message, words string) *Intent {
	if in.Command == Revise {
		reviseUntil(in, m, words)
	}
	if in.Command == Extend && !m.Date.IsZero() {
		if in.Date = proposedDay(words, m.Date); in.Date == "" {
			in.Date = proposedDay(m.Text, m.Date)
		}
	}
	return in
}

// proposedDay is the day that words name, "" if they name none.
func proposedDay(words string, now time.Time) string {
	words = words[:min(len(words), commandLine)]
	day, _, ok := readDay(words, now)
	if !ok || day.Before(now.Truncate(24*time.Hour)) { // nobody asks for a day that is over
		return ""
	}
	return day.Format(time.DateOnly)
}

// subjectIntent reads "ACCEPT BREW-1", "ACCEPT BREW-1 STEP" and either with ": Ten ways to brew" behind it, as our links write
// it, and the commands that need no piece.
func subjectIntent(m *Message) *Intent {
	s := strings.TrimSpace(m.Subject)
	if isReplySubject(strings.ToLower(s)) || len(s) > 3*commandLine {
		return nil
	}
	word, rest := commandWord(s)
	c := commandOf(strings.ToLower(word))
	if c == "" {
		return nil
	}
	argument := argumentOf(rest)
	if isUpper(word) {
		if in, words := linkIntent(c, argument); in != nil {
			return dated(in, m, words)
		}
		if (argument == "GUIDELINES" && c == Accept || c == StopMail && noticeName(argument)) && short(m.Text, aloneWords) {
			return &Intent{Command: c, Via: viaLink, Argument: argument, Target: argument}
		}
	}
	switch {
	case argument == "" && (c == AskHelp || c == StopMail || c == Status),
		c == Pitch && argument != "" && (isUpper(word) || strings.HasPrefix(rest, ":")):
		return &Intent{Command: c, Via: viaWord, Argument: argument}
	case c == Pitch && isUpper(word) && argument == "" && textIntent(m) == nil:
		return &Intent{Command: c, Via: viaWord, Argument: titleOf(m)}
	}
	return nil
}

// titleOf is the text's first line, or of a long one the beginning; "" where there are no words of the sender's.
func titleOf(m *Message) string {
	if m.Echo {
		return ""
	}
	line := commandLineOf(m.Text)
	if words := strings.Fields(line); len(line) > commandLine && len(words) > titleWords {
		line = strings.Join(words[:titleWords], " ") + " …"
	}
	return line
}

// linkIntent reads "CODE", "CODE TARGET", "CODE: title" and "CODE TARGET: title"; words are what else the sender put behind the
// code, "" where a title stands, for it may name days of its own.
func linkIntent(c Command, argument string) (in *Intent, words string) {
	code, words, _ := strings.Cut(argument, " ")
	code, titled := strings.CutSuffix(code, ":")
	if c == Pitch || code != strings.ToUpper(code) || !pieceCode(code) {
		return nil, ""
	}
	in = &Intent{Command: c, Via: viaLink, Argument: argument, Code: code}
	if titled {
		return in, ""
	}
	target, title, titled := strings.Cut(words, ":")
	if c == StopMail && noticeName(target) || c != StopMail && targetName(target) && (!titled || title == "" || title[0] == ' ') {
		in.Target, words = target, ""
	}
	return in, words
}

// targetName knows what a link can be about, other than the piece itself.
func targetName(s string) bool {
	switch s {
	case "STEP", "EXTENSION", "PITCH", "LEAD", "PASS":
		return true
	}
	return false
}

// noticeName tells what can be the name of a notice, as "due_soon".
func noticeName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 40
}

// textIntent reads the first line of the text, below a salutation. In capitals a command may be followed by anything; else by
// the end of the line, punctuation, a date or a piece's code: "Done is better than perfect" is no command.
func textIntent(m *Message) *Intent {
	line := commandLineOf(m.Text)
	word, rest := commandWord(line)
	c := commandOf(strings.ToLower(word))
	if c == "" || len(line) > commandLine {
		return nil
	}
	long := len(m.Text) > 5*commandWords && len(strings.Fields(m.Text)) > commandWords
	argument := argumentOf(rest)
	answer := len(m.InReplyTo)+len(m.References) > 0 || isReplySubject(strings.ToLower(m.Subject))
	alone := argument == ""
	marked := strings.TrimLeft(rest, "*_\"'”“»")
	clear := isUpper(word) || alone || strings.IndexByte(":;,.!", marked[0]) >= 0 && !(c == StopMail && marked[0] == ',') || strings.HasPrefix(strings.TrimSpace(marked), "–") || c == Done && strings.HasPrefix(rest, " - ") || strings.HasPrefix(strings.TrimSpace(marked), "(") ||
		namesCode(argument) || c == Extend && !m.Date.IsZero() && proposedDay(argument, m.Date) != "" || (c == Revise || c == Accept) && !m.Date.IsZero() && untilAlone(argument, m.Date)
	next, _ := commandWord(argument)
	switch {
	case !clear, c == Done && undone(argument, m.Date), c != Done && c != AskHelp && c != Status && c != Pitch && c != Revise && !(c == Decline && isUpper(word)) && hedged(argument, c == Decline), commandOf(strings.ToLower(next)) != "",
		isUpper(word) && isUpper(next) && !namesCode(argument) && c != Pitch && c != Extend && c != Decline && c != Revise, // a headline
		long && !(c == Pitch && isUpper(word)),
		!answer && !isUpper(word) && !(alone && strings.TrimSpace(m.Text) == line):
		return nil
	}
	return dated(&Intent{Command: c, Via: viaWord, Argument: argument}, m, argument)
}

// everydayIntent reads "Yes!", "OK, thank you" and "No, Mira" where an answer says little else: the words mean too much to be
// taken from any other place.
func everydayIntent(m *Message) *Intent {
	if !isAnswer(m) || handsIn(m) {
		return nil
	}
	line := commandLineOf(m.Text)
	_, rest, _ := strings.Cut(m.Text, line)
	if len(line) > commandLine || strings.HasSuffix(line, ",") || !short(rest, aloneWords) || asks(rest) || conditional(rest) {
		return nil
	}
	word, more := commandWord(line)
	if word == "Grant" && strings.TrimSpace(rest) != "" { // a name
		return nil
	}
	c := everydayCommand(strings.ToLower(strings.ReplaceAll(word, "’", "'")))
	if c == "" || strings.ContainsAny(more, "?？¿;") || !onlyThanks(more) {
		return nil
	}
	return &Intent{Command: c, Via: viaWord}
}

// onlyThanks tells that s is punctuation, thanks and perhaps a comma with a name.
func onlyThanks(s string) bool {
	d := newDayReader(s, time.Unix(0, 0))
	names := 0
	for i, t := range d.tokens {
		if t.kind == 'p' {
			continue
		}
		name := t.kind == 'w' && names < 2 && (names > 0 || d.is(i-1, ",") || courtesy(d.tok(i-1).text)) && unicode.IsUpper(firstRune(s[t.start:]))
		if _, n := d.at(i); n > 0 || t.kind != 'w' || commandOf(t.text)+everydayCommand(t.text) != "" || !name && !courtesy(t.text) {
			return false
		}
		if name && !courtesy(t.text) {
			names++
		}
	}
	return true
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// isAnswer tells a mail whose header names the one that it answers.
func isAnswer(m *Message) bool { return len(m.InReplyTo)+len(m.References) > 0 }

// asks tells a text with a question in it.
func asks(s string) bool { return strings.ContainsAny(s, "?？¿؟") }

// hedged tells an answer with an if or but, which takes a person to read; unless denying is what it does, also one with a no.
func hedged(argument string, denying bool) bool {
	for w := range lowerWords(argument) {
		if conditionWord(w) || !denying && denialWord(w) {
			return true
		}
	}
	return false
}

// conditional tells a text with an if or but.
func conditional(s string) bool { return hedged(s, true) }

func lowerWords(s string) iter.Seq[string] {
	return strings.FieldsFuncSeq(plainQuotes(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' })
}

// commandLineOf is the first line that is no salutation.
func commandLineOf(text string) string {
	line, rest, _ := strings.Cut(text, "\n")
	if trimmed := strings.TrimSpace(line); strings.HasSuffix(trimmed, ",") && len(trimmed) < 40 {
		if w, _ := commandWord(trimmed); commandOf(strings.ToLower(w)) == "" {
			line, _, _ = strings.Cut(strings.TrimLeft(rest, " \t\n"), "\n")
		}
	}
	return strings.TrimSpace(line)
}

// commandWord cuts s behind its first word, marks before it left out. Words of scripts without blanks end where their last
// sign does that a command has.
func commandWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " \t*_\"'“”„«»[]()✅👍")
	end := 0
	for end < len(s) {
		c, n := utf8.DecodeRuneInString(s[end:])
		if !unicode.IsLetter(c) && !unicode.IsMark(c) && !((c == '\'' || c == '’') && end > 0 && unicode.IsLetter(firstRune(s[end+n:]))) {
			break
		}
		end += n
	}
	word, rest = s[:end], s[end:]
	if len(rest) > 1 && rest[0] == '-' && (letter(rest[1]) || digit(rest[1])) { // “PITCH-7” is a piece's code
		return "", s
	}
	for _, w := range []string{"承諾", "承認", "辞退", "却下", "完了", "延長", "状況", "提案", "停止", "中止", "接受", "拒绝", "拒絕", "完成", "延期", "延长", "状态", "狀態", "提议", "帮助", "수락", "거절", "완료", "연장", "상태", "제안", "도움말", "중지"} {
		if tail, ok := strings.CutPrefix(word, w); ok && utf8.RuneCountInString(tail) <= 5 {
			return w, rest
		}
	}
	return word, rest
}

// argumentOf is what follows a command on its line.
func argumentOf(rest string) string {
	return strings.TrimSpace(strings.Trim(strings.TrimLeft(rest, "*_\"'”“»:;,.!?–—- \t"), "*_"))
}

func isUpper(s string) bool {
	return s == strings.ToUpper(s) && s != strings.ToLower(s) && utf8.RuneCountInString(s) > 1
}

// pieceCode tells what can be a piece's code: letters, digits and inner dashes, with at least one letter and one digit. Without a
// dash it has to be in capitals, or "2nd" were one.
func pieceCode(s string) bool {
	if len(s) < 2 || len(s) > 32 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	letters, digits, dash := false, false, false
	for i := range len(s) {
		switch c := s[i]; {
		case letter(c):
			letters = true
		case digit(c):
			digits = true
		case c == '-':
			dash = true
		default:
			return false
		}
	}
	return letters && digits && (dash || s == strings.ToUpper(s))
}

// namesCode tells a few words among which there is a piece's code.
func namesCode(s string) bool {
	words := strings.Fields(s)
	if len(words) > 4 {
		return false
	}
	for _, w := range words {
		if pieceCode(strings.Trim(w, ".,:;!?()[]")) {
			return true
		}
	}
	return false
}

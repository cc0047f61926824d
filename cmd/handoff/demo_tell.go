package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/mattn/go-runewidth"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/workflow"
)

// teller puts what an observer saw into words.
type teller struct {
	*page
	observer *observer
	verbose  bool // the whole trace, not only what decided
}

// curtain says who is who and what is in hand.
func (t *teller) curtain(dir string) {
	o := t.observer
	t.line(t.in(inkBold, "Handoff demo"))
	t.paragraph(0, fmt.Sprintf("A small content team with mail servers of its own: IMAP %s, SMTP %s, SQLite in %s. "+
		"The gateway watches %s. Every mail below is a real one.", o.office.IMAPAddr, o.office.SMTPAddr, dir, demoMailbox))
	t.title("The cast")
	var team, outside []string
	for _, p := range demoTeamPlayers() {
		if p.class == workflow.Internal {
			team = append(team, p.name+" ("+p.about+")")
		} else {
			outside = append(outside, p.name)
		}
	}
	t.row("team", inkNone, strings.Join(team, ", "))
	t.row("outside", inkNone, strings.Join(outside, ", ")+". They only ever use mail.")

	t.title("The pieces")
	var rows [][]string
	for _, p := range o.piecesInOrder() {
		row := []string{p.Code, whereStands(p), "", "", p.Title}
		if step, ok := p.OpenStep(); ok {
			row[1] = step.Stage.Label()
			row[2], row[3] = o.people[step.OwnerID].Name, weekday(step.Deadline)
		}
		rows = append(rows, row)
	}
	t.table(4, []column{{"code", 8}, {"stage", 11}, {"with", 15}, {"due", 10}, {"title", 0}}, rows, func(row, column int) ink {
		if column == 3 && isPast(o, row) {
			return inkRed
		}
		return inkNone
	})
}

func isPast(o *observer, row int) bool {
	step, ok := o.piecesInOrder()[row].OpenStep()
	return ok && step.Deadline.Before(o.clock.Now())
}

func (o *observer) piecesInOrder() []workflow.Piece {
	var pieces []workflow.Piece
	for _, p := range o.pieces {
		pieces = append(pieces, p)
	}
	slices.SortFunc(pieces, func(a, b workflow.Piece) int { return int(a.ID - b.ID) })
	return pieces
}

// reminders tells of the notices that the clock made due.
func (t *teller) reminders(notices []outbox.Notice) {
	t.title("The clock speaks first")
	t.paragraph(4, "The gateway starts, looks at the deadlines, and reminds whom they concern.")
	t.notices("told", notices)
}

// chapter begins a part of the story.
func (t *teller) chapter(name, about string) {
	t.title(name)
	t.paragraph(4, about)
}

// announce names a scene's mail before it is sent.
func (t *teller) announce(number int, sc scene, post posting) {
	t.title(fmt.Sprintf("%2d  %s", number, sc.title))
	if post.raw == nil {
		return
	}
	who := sc.from.name + ", " + sc.from.about
	if post.from != "" {
		who = fmt.Sprintf("%s <%s>", sc.from.name, post.from)
	}
	if post.claims != "" {
		who = fmt.Sprintf("%s, but really %s", post.claims, who)
	}
	t.row("from", inkNone, who)
	if post.to != demoMailbox {
		t.row("to", inkNone, post.to)
	}
	t.row("subject", inkNone, post.subject)
	if post.enclosed != "" {
		t.row("with", inkNone, fmt.Sprintf("%s (%s in all)", post.enclosed, size(int64(len(post.raw)))))
	}
}

// decision tells what became of a mail.
func (t *teller) decision(s sight) {
	if s.record.ID == 0 {
		return
	}
	t.trace(s.record)
	o := t.observer
	mark, i := actionInk(s.record.Action)
	reason, policy := splitReason(s.record.Reason)
	if policy != "" {
		policy = " (policy: " + policy + ")"
	}
	t.row("decided", i, mark+" "+actionWords(s.record.Action, o.code(s.record.PieceID))+": "+reason+policy)
	for n, c := range s.record.Candidates {
		label := ""
		if n == 0 {
			label = "perhaps"
		}
		t.row(label, inkNone, fmt.Sprintf("%s %s (%.0f %%: %s)", c.Piece, c.Title, 100*c.Score, c.Reason))
	}
	if s.entry != nil {
		t.row("filed", inkNone, t.entry(*s.entry))
	}
	if from, ok := s.before.OpenStep(); ok {
		switch to, open := s.after.OpenStep(); {
		case open && to.ID != from.ID:
			t.row("moved", inkNone, fmt.Sprintf("%s goes on from %s to %s, with %s, due %s", s.after.Code, from.Stage.Label(), to.Stage.Label(),
				o.people[to.OwnerID].Name, weekday(to.Deadline)))
		case s.after.Finished():
			t.row("moved", inkNone, s.after.Code+" is finished: "+from.Stage.Label()+" was its last step")
		}
	}
	if len(s.notices) == 0 {
		t.row("told", inkDim, "nobody")
	}
	t.notices("told", s.notices)
	t.notices("then", s.later)
}

// splitReason takes the policy's name out of a record's reason.
func splitReason(reason string) (text, policy string) {
	rest, ok := strings.CutPrefix(reason, "policy “")
	if !ok {
		return reason, ""
	}
	policy, text, ok = strings.Cut(rest, "”: ")
	if !ok {
		return reason, ""
	}
	return text, policy
}

// trace gives the checks that led to the decision, or with verbose all of them.
func (t *teller) trace(r proxy.Record) {
	label, last := "why", inbox.Check{}
	for _, c := range r.Trace {
		if !t.verbose && (!telling(c, r.Action) || strings.Contains(r.Reason, c.Reason) || c == last) {
			continue
		}
		last = c
		head, i := pad(c.Check, 16), inkDim
		if t.verbose {
			head += pad(c.Outcome, 12)
		}
		if c.Outcome == string(inbox.AuthFail) {
			i = inkRed
		}
		width := runewidth.StringWidth(head)
		for _, l := range wrap(c.Reason, t.width-rowStart-width) {
			t.row(label, i, head+l)
			label, head = "", strings.Repeat(" ", width)
		}
	}
}

// telling tells whether a check says more about that action than that nothing unusual was found.
func telling(c inbox.Check, action proxy.Action) bool {
	switch c.Check {
	case "identity":
		return true
	case "authentication":
		return action == proxy.File || c.Outcome != string(inbox.AuthPass)
	case "match":
		return c.Outcome != string(proxy.MatchNone)
	case "content":
		return action == proxy.File && c.Outcome != string(proxy.Comment)
	case "report", "automatic", "list", "own mail":
		return c.Outcome != "no"
	case "authorise":
		return c.Outcome == "no"
	case "reply":
		return c.Outcome == "none" || c.Outcome == "capped"
	}
	return false
}

func (t *teller) entry(e proxy.Entry) string {
	what := "a comment"
	if e.Kind == proxy.Submission {
		what = fmt.Sprintf("version %d", e.Version)
	}
	parts := []string{what + " by " + t.observer.people[e.PersonID].Name}
	if p, ok := t.observer.people[e.ActorID]; ok && e.ActorID != e.PersonID {
		parts[0] += ", brought in by " + p.Name
	}
	for _, f := range e.Files {
		parts = append(parts, fmt.Sprintf("%s (%s)", f.Name, size(f.Size)))
	}
	for _, l := range e.Links {
		parts = append(parts, l.URL)
	}
	if len(e.Files)+len(e.Links) == 0 {
		n := len(strings.Fields(e.Text))
		word := "words"
		if n == 1 {
			word = "word"
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, word))
	}
	return strings.Join(parts, ", ")
}

// notices tells who was told, by their subjects as they arrived.
func (t *teller) notices(label string, notices []outbox.Notice) {
	for _, n := range notices {
		if !n.State.WentOut() {
			t.row(label, inkYellow, fmt.Sprintf("%s: the %s is %s: %s", n.ToName, n.Template, n.State, n.Error))
		} else {
			m := t.observer.mailOf(n)
			text := pad(t.observer.firstName(n), 8) + pad(n.Template, 18) + "“" + m.subject() + "”"
			t.row(label, inkBlue, clip(text, t.width-rowStart))
			if len(m.files) > 0 {
				t.row("", inkBlue, clip(pad("", 26)+"with "+strings.Join(m.files, ", "), t.width-rowStart))
			}
		}
		label = ""
	}
}

// mailOf is a notice as it arrived, a zero one if it did not.
func (o *observer) mailOf(n outbox.Notice) received {
	for _, d := range slices.Backward(o.office.Deliveries()) {
		if d.To != n.ToAddress {
			continue
		}
		if m, err := openMail(d.Data); err == nil && m.messageID == n.MessageID {
			return m
		}
	}
	return received{}
}

// verdict tells how a scene went.
func (t *teller) verdict(r result) {
	if r.problem != "" {
		t.row("", inkRed, "✗ NOT AS EXPECTED: "+r.problem)
	}
}

// closing is the table of the whole story, and the count.
func (t *teller) closing(results []result, stray []string) {
	t.title("What became of each mail")
	columns := []column{{"#", 2}, {"mail", 22}, {"sender", 7}, {"disposition", 11}, {"reason", 0}, {"piece", 8}, {"reply", 14}}
	below := t.width < maxPageWidth // then the reason has a line of its own
	if below {
		columns = []column{{"#", 2}, {"mail", 0}, {"sender", 7}, {"disposition", 11}, {"piece", 8}, {"reply", 14}}
	}
	var rows [][]string
	var owner []int // which result a row belongs to
	var took time.Duration
	for i, r := range results {
		took += r.took
		mark, _ := actionInk(r.got.action)
		reason, _ := splitReason(r.sight.record.Reason)
		if r.problem != "" {
			reason = "NOT AS EXPECTED: " + r.problem
		}
		head := []string{fmt.Sprint(i + 1), r.scene.title, r.scene.from.firstName(), mark + " " + string(r.got.action)}
		tail := []string{r.got.piece, r.got.reply}
		if below {
			rows, owner = append(rows, slices.Concat(head, tail), []string{"", "  " + reason}), append(owner, i, i)
			continue
		}
		rows, owner = append(rows, slices.Concat(head, []string{reason}, tail)), append(owner, i)
	}
	t.table(0, columns, rows, func(row, column int) ink {
		r := results[owner[row]]
		switch {
		case r.problem != "":
			return inkRed
		case column == 3:
			_, i := actionInk(r.got.action)
			return i
		case below && len(rows[row]) == 2:
			return inkDim
		}
		return inkNone
	})
	t.line("")
	for _, mail := range stray {
		for _, l := range wrap("✗ a mail went out that no decision caused: "+mail, t.width) {
			t.line(t.in(inkRed, l))
		}
	}
	sent := 0
	for _, n := range t.observer.notices {
		if n.State.WentOut() {
			sent++
		}
	}
	failed := failures(results)
	text, i := fmt.Sprintf("✓ %d mails in, each with the expected outcome; %d notices out; %d ms from mail to last notice.", len(results), sent,
		took.Milliseconds()/int64(max(len(results), 1))), inkGreen
	if failed > 0 {
		text, i = fmt.Sprintf("✗ %d of %d mails did not end as expected.", failed, len(results)), inkRed
	}
	for _, l := range wrap(text, t.width) {
		t.line(t.in(i, l))
	}
}

func failures(results []result) int {
	n := 0
	for _, r := range results {
		if r.problem != "" {
			n++
		}
	}
	return n
}

func actionInk(a proxy.Action) (mark string, i ink) {
	switch a {
	case proxy.File, proxy.Act:
		return "✓", inkGreen
	case proxy.Redirect:
		return "↩", inkBlue
	case proxy.Hold:
		return "?", inkYellow
	case proxy.Fail, "":
		return "✗", inkRed
	}
	return "·", inkNone
}

func actionWords(a proxy.Action, piece string) string {
	switch a {
	case proxy.File:
		return "filed on " + piece
	case proxy.Act:
		return "done"
	case proxy.Redirect:
		return "redirected"
	case proxy.Ignore:
		return "recorded, nothing to do"
	case proxy.Report:
		return "noted as a report"
	case proxy.Hold:
		return "held for a person"
	case proxy.Duplicate:
		return "seen before"
	}
	return string(a)
}

// invitation says how to go on by hand: with a letter to send and, unless it is 0, a held mail to decide on.
func (t *teller) invitation(dir, letter string, held int64, temporary bool) {
	o := t.observer
	t.title("Your turn")
	t.paragraph(4, "The gateway keeps running until Ctrl-C, and whatever you send shows up here. Set up any mail client without TLS "+
		"(connection security: none, normal password), with one of these accounts; the password of each is “"+demoPassword+"”.")
	t.line("")
	host, imapPort := hostPort(o.office.IMAPAddr)
	_, smtpPort := hostPort(o.office.SMTPAddr)
	t.row("IMAP", inkBold, host+" port "+imapPort)
	t.row("SMTP", inkBold, host+" port "+smtpPort)
	t.line("")
	var rows [][]string
	for _, p := range append(demoTeamPlayers(), dana) {
		rows = append(rows, []string{p.user, strings.Join(p.mailbox(), ", "), p.name + ", " + p.about})
	}
	rows = append(rows, []string{demoUser, demoMailbox, "the mailbox that Handoff watches"})
	addresses := 45 // two of them
	if t.width < maxPageWidth {
		addresses = 28
	}
	t.table(4, []column{{"user", 7}, {"addresses", addresses}, {"who", 0}}, rows, func(int, int) ink { return inkNone })

	t.title("Or from a shell")
	t.shell("as Lena, to the watched mailbox; the mail is in a file",
		fmt.Sprintf("curl smtp://%s --user %s:%s \\", o.office.SMTPAddr, lena.user, demoPassword),
		fmt.Sprintf("  --mail-from %s --mail-rcpt %s \\", lena.address(), demoMailbox),
		"  --upload-file "+letter)
	t.shell("the newest mail in her mailbox: the answer",
		fmt.Sprintf("curl 'imap://%s/INBOX;MAILINDEX=*' --user %s:%s", o.office.IMAPAddr, lena.user, demoPassword))
	commands := []string{"status", "piece show BLOOM-7", "mail list"}
	if held != 0 {
		commands = append(commands, fmt.Sprintf("mail file %d TIDE-3 --as %s", held, nora.address()))
	}
	for i, c := range commands {
		commands[i] = ownName() + " " + c
	}
	t.shell("how the team sees it", append([]string{"export HANDOFF_CONFIG=" + filepath.Join(dir, "handoff.toml")}, commands...)...)
	if temporary {
		t.shell("afterwards, as nobody else removes it", "rm -r "+dir)
	}

	t.title("Worth trying")
	for _, try := range []string{
		"Answer any notice as the person who got it, with and without a file attached.",
		"Send, as Sofia, the mail that was held once more with the code of its piece at the start of the subject.",
		"Write as Dana, whom nobody knows, to " + demoMailbox + ".",
		"As Nora, answer the notice that a piece is hers now: the author is told.",
		"Forward a contributor's mail as Tomás, or let a mail client send an out-of-office answer.",
	} {
		for n, l := range wrap(try, t.width-6) {
			t.line("    " + [2]string{"- ", "  "}[min(n, 1)] + l)
		}
	}
	t.line("")
}

// ownName is how this program was called; "go run" leaves no name behind.
func ownName() string {
	if path, err := os.Executable(); err == nil && strings.Contains(path, "go-build") {
		return "go run ./cmd/handoff"
	}
	return os.Args[0]
}

// shell shows commands to paste.
func (t *teller) shell(what string, commands ...string) {
	t.line("    " + t.in(inkDim, "# "+what))
	for _, c := range commands {
		t.line("    " + c)
	}
}

// visitor tells of a mail that was not part of the story.
func (t *teller) visitor(s sight) {
	t.title("A mail came in")
	from := s.record.FromAddress
	if s.record.FromName != "" {
		from = s.record.FromName + " <" + from + ">"
	}
	t.row("from", inkNone, from)
	t.row("subject", inkNone, clip(oneLine(s.record.Subject), t.width-rowStart))
	t.decision(s)
}

func hostPort(address string) (host, port string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address, ""
	}
	return host, port
}

func size(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

func weekday(t time.Time) string {
	if t.IsZero() {
		return "no date"
	}
	return t.Format("Mon 2 Jan")
}

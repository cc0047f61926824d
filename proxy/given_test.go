package proxy

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

type fataler interface{ Fatal(...any) }

// given does what happened otherwise before a mail came: each line is a verb, and what it is about.
func given(t fataler, g *Gateway, m *memory, lines ...string) {
	for _, line := range lines {
		words := strings.Fields(line)
		rest := func(n int) string { return strings.Join(words[n:], " ") }
		c := workflow.Cause{ActorID: eve, At: g.Clock.Now()}
		date := func(s string) time.Time {
			day, err := time.Parse(time.DateOnly, s)
			if err != nil {
				t.Fatal(err)
			}
			return workflow.EndOfDay(day.Year(), day.Month(), day.Day(), time.UTC)
		}
		piece := func() workflow.Piece { return m.pieceNamed(t, words[1]) }
		save := func(ch workflow.Change, err error) {
			if err != nil {
				t.Fatal(line, ": ", err)
			}
			m.state.pieces[ch.Piece.ID] = ch.Piece
		}
		edit := func(f func(*workflow.Person)) {
			for i := range m.state.people {
				if strings.EqualFold(m.state.people[i].Name, words[1]) {
					f(&m.state.people[i])
				}
			}
		}
		switch words[0] {
		case "now": // it is that day, at ten
			g.Clock.(*clock.Fake).Advance(date(words[1]).Truncate(24 * time.Hour).Add(10 * time.Hour).Sub(g.Clock.Now()))
		case "new": // CODE STAGE AUTHOR: a piece
			m.add(t, workflow.PieceInput{Code: words[1], Title: "Five cups a day", AuthorID: m.personNamed(words[3]), EditorID: eve, Stage: workflow.Stage(words[2])}, c)
		case "demo": // CODE STAGE AUTHOR; the stage “finished” is past all
			in := workflow.PieceInput{Code: words[1], Title: "A first piece", AuthorID: m.personNamed(words[3]), EditorID: eve, Demo: true}
			if in.Stage = workflow.Stage(words[2]); words[2] == "finished" {
				in.Stage = workflow.Design
			}
			p := m.add(t, in, c)
			if words[2] == "finished" {
				save(p.HandOff(c))
			}
		case "cancel": // CODE REASON
			save(piece().Cancel(c, rest(2)))
		case "hand": // CODE: its open step is done
			save(piece().HandOff(c))
		case "published": // CODE URL
			save(piece().Publish(c, words[2]))
		case "verified": // CODE
			save(piece().Checked(c, ""))
		case "unverified": // CODE PROBLEM
			save(piece().Checked(c, rest(2)))
		case "reviewers": // CODE WHO…
			var ids []int64
			for _, name := range words[2:] {
				ids = append(ids, m.personNamed(name))
			}
			save(piece().AskReviewers(c, 0, ids...))
		case "due": // CODE DAY: its open step
			p := piece()
			save(p.SetStepDeadline(p.Stage, date(words[2]), c))
		case "overall": // CODE DAY
			save(piece().SetDeadline(date(words[2]), c))
		case "cleared": // CODE
			p := piece()
			author, _ := memoryTx{m}.Person(context.Background(), p.AuthorID)
			save(p.Clear(c, author, false))
		case "owner": // CODE STAGE WHO
			save(piece().Assign(workflow.Stage(words[2]), m.personNamed(words[3]), c))
		case "lead": // CODE WHO
			save(piece().AssignLead(m.personNamed(words[2]), c))
		case "tasks": // CODE TASK…
			p := piece()
			for _, name := range words[2:] {
				p.Checklist = append(p.Checklist, workflow.Task{Name: name})
			}
			m.state.pieces[p.ID] = p
		case "zone": // WHO ZONE
			edit(func(p *workflow.Person) { p.TimeZone = words[2] })
		case "editor": // WHO EDITOR: who looks after them
			edit(func(p *workflow.Person) { p.EditorID = m.personNamed(words[2]) })
		case "role": // WHO ROLE
			edit(func(p *workflow.Person) { p.Roles = append(p.Roles, workflow.Role(words[2])) })
		case "left": // WHO
			edit(func(p *workflow.Person) { p.LeftAt = c.At })
		case "onboarded": // WHO ITEM: so far
			edit(func(p *workflow.Person) {
				p.Onboarding = nil
				for _, item := range workflow.Items() {
					p.Onboarding = append(p.Onboarding, workflow.Milestone{Item: item, At: c.At, ActorID: eve})
					if string(item) == words[2] {
						break
					}
				}
			})
		case "told": // WHO TEMPLATE ABOUT: a notice on the first steps of the last
			who := func(name string) workflow.Person {
				p, _ := memoryTx{m}.Person(context.Background(), m.personNamed(name))
				return p
			}
			about := templates.Onboarding{Contributor: outbox.PersonData(who(words[3]))}
			var d templates.Data = templates.Guidelines{Onboarding: about}
			if words[2] == "briefing_due" {
				d = templates.BriefingDue{Onboarding: about}
			}
			n, err := g.Composer.Compose(d, who(words[1]), outbox.About{Key: line})
			if err != nil {
				t.Fatal(line, ": ", err)
			}
			m.state.notices = append(m.state.notices, n)
		case "policy": // KEY=VALUE…: a row before all others
			row := Rule{Name: "own"}
			for _, w := range words[1:] {
				key, value, _ := strings.Cut(w, "=")
				switch key {
				case "person":
					row.Person = value
				case "stage":
					row.Stage = value
				case "class":
					row.Class = value
				case "action":
					row.Action = Action(value)
				case "reply":
					row.Reply = value
				}
			}
			g.Decider.Policy = append(Policy{row}, DefaultPolicy()...)
			if err := g.Decider.Policy.Validate(); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatal("nobody knows how to do: ", line)
		}
	}
}

func (m *memory) pieceNamed(t fataler, code string) workflow.Piece {
	p, err := memoryTx{m}.PieceByCode(context.Background(), code)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (m *memory) personNamed(name string) int64 {
	i := slices.IndexFunc(m.state.people, func(p workflow.Person) bool { return strings.EqualFold(p.Name, name) })
	if i < 0 {
		return 0
	}
	return m.state.people[i].ID
}

func (m *memory) add(t fataler, in workflow.PieceInput, c workflow.Cause) workflow.Piece {
	if in.LeadID == 0 && !in.Demo {
		in.LeadID = lee
	}
	p, events, err := workflow.NewPiece(in, c)
	if err == nil {
		err = memoryTx{m}.AddPiece(context.Background(), &p, events)
	}
	if err != nil {
		t.Fatal(err)
	}
	m.state.events = m.state.events[:len(m.state.events)-len(events)] // nothing that a mail did
	return p
}

// filled is a raw mail of lines, its {placeholders} filled and the header fields added that each mail has:
// {to CODE WHO} a signed reply address, {mail TEMPLATE} the Message-ID of the newest such notice and {reply TEMPLATE} its
// Reply-To, {event CODE WHO} the UID of the open step in their calendar.
func filled(t fataler, m *memory, lines []string, uid uint32, at time.Time) string {
	id := identity(t)
	newest := func(template string) outbox.Notice {
		for _, n := range slices.Backward(m.state.notices) {
			if n.Template == template {
				return n
			}
		}
		t.Fatal("no notice was sent with the template ", template)
		return outbox.Notice{}
	}
	raw := placeholder.ReplaceAllStringFunc(strings.Join(lines, "\r\n"), func(s string) string {
		w := strings.Fields(strings.Trim(s, "{}"))
		switch w[0] {
		case "to":
			return id.ReplyAddress(outbox.Ref{PieceID: m.pieceNamed(t, w[1]).ID, PersonID: m.personNamed(w[2])})
		case "mail":
			return "<" + newest(w[1]).MessageID + ">"
		case "reply":
			return newest(w[1]).ReplyTo
		case "event":
			step, _ := m.pieceNamed(t, w[1]).OpenStep()
			return fmt.Sprintf("step-%d-%d@agency.example", step.ID, m.personNamed(w[2]))
		}
		t.Fatal("an unknown placeholder: ", s)
		return ""
	})
	head, body, _ := strings.Cut(raw, "\r\n\r\n")
	has := func(field string) bool { return strings.Contains("\r\n"+strings.ToLower(head), "\r\n"+field+":") }
	add := func(field, value string) {
		if !has(strings.ToLower(field)) {
			head += "\r\n" + field + ": " + value
		}
	}
	from := regexp.MustCompile(`(?mi)^From:.*@([^>\s]+)`).FindStringSubmatch(head)
	add("To", "drafts@agency.example")
	add("Date", at.Format(time.RFC1123Z))
	add("Message-ID", "<"+strconv.Itoa(int(uid))+"@mail.example>")
	add("Authentication-Results", "mx.agency.example; dmarc=pass header.from="+from[1])
	if !strings.Contains(strings.ToLower(head), "content-type") {
		head += "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8"
	}
	return head + "\r\n\r\n" + body + "\r\n"
}

var placeholder = regexp.MustCompile(`\{[a-z]+( [\w-]+)+\}`)

// rawReceived reads a raw mail as the Poller does.
func rawReceived(t fataler, g *Gateway, m *memory, lines []string, uid uint32) inbox.Received {
	id := identity(t)
	raw := filled(t, m, lines, uid, g.Clock.Now())
	msg, err := inbox.Read(context.Background(), strings.NewReader(raw), int64(len(raw)), inbox.Options{
		AuthservIDs: []string{"mx.agency.example"}, OwnID: func(s string) bool { _, err := id.FromID(s); return err == nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	msg.Trace = nil // what reading found has tests of its own
	return inbox.Received{Mailbox: mailbox, UIDValidity: 1, UID: uid, Size: int64(len(raw)), ReceivedAt: g.Clock.Now(), Blob: "blob", Message: msg}
}

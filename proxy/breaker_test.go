package proxy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/internal/clock"
	"handoff/outbox"
)

// TestBreaker: a storm of answers is stopped, told of once, and over by itself or by hand.
func TestBreaker(t *testing.T) {
	g, m := gateway(t)
	g.Decider.Caps = Caps{Burst: 5}
	c := g.Clock.(*clock.Fake)
	uid := uint32(0)
	strangers := func(n int) (answers, told int) {
		t.Helper()
		for range n {
			uid++
			before := len(m.state.notices)
			recordAll(t, g, sample{From: fmt.Sprintf("s%d@x.example", uid), Text: "hi"}.received(t, m, uid))
			for _, n := range m.state.notices[before:] {
				switch {
				case n.AutoReply:
					answers++
				case n.Template == "answers_stopped":
					told++
				}
			}
		}
		return answers, told
	}
	want := func(sent, answers, told int) {
		t.Helper()
		if a, b := strangers(sent); a != answers || b != told {
			t.Errorf("%d mails: %d answers, %d told; want %d, %d", sent, a, b, answers, told)
		}
	}
	admins := 1 // tom does the triage; nobody is an admin
	want(20, 5, admins)
	if r := m.state.records[len(m.state.records)-1]; r.Action != Redirect || !strings.Contains(fmt.Sprint(r.Trace), "automatic answers are stopped") {
		t.Errorf("%s: %v", r.Action, r.Trace)
	}
	if b := m.state.breaker; b.Lost != 15 || !b.Open(c.Now()) {
		t.Errorf("%+v", b)
	}
	// What concerns people's work is told all the same.
	uid++
	before := len(m.state.notices)
	recordAll(t, g, sample{From: "ann@example.org", Files: []string{"a.docx"}}.received(t, m, uid))
	if got := m.state.notices[before:]; len(got) == 0 || got[0].AutoReply {
		t.Errorf("a draft is told to %v", got)
	}
	c.Advance(25 * time.Minute)
	want(3, 0, 0) // the storm goes on
	c.Advance(29 * time.Minute)
	want(1, 0, 0) // and does not any more: one mail in ten minutes is none
	c.Advance(time.Minute + time.Second)
	want(7, 5, admins) // the next one
	c.Advance(time.Second)
	m.state.breaker.Until = c.Now() // by hand
	want(3, 3, 0)
	want(3, 2, admins)

	g.Decider.Caps = Caps{Total: -1}
	c.Advance(time.Second)
	m.state.breaker.Until = c.Now()
	want(150, 150, 0) // who wants no bound has none
}

// TestBreakerTellsAdmins: they are told, each once, instead of who does the triage.
func TestBreakerTellsAdmins(t *testing.T) {
	g, m := gateway(t)
	g.Decider.Caps = Caps{Burst: 1}
	for i := range m.state.people {
		if m.state.people[i].Class == "internal" {
			m.state.people[i].Roles = append(m.state.people[i].Roles, "admin")
		}
	}
	for uid := range uint32(4) {
		recordAll(t, g, sample{From: fmt.Sprintf("s%d@x.example", uid), Text: "hi"}.received(t, m, uid+1))
	}
	told := map[string]int{}
	for _, n := range m.state.notices {
		if n.Template == "answers_stopped" {
			told[n.ToAddress]++
		}
	}
	if len(told) < 2 {
		t.Errorf("told %v", told)
	}
	for address, n := range told {
		if n != 1 {
			t.Errorf("%s is told %d times", address, n)
		}
	}
}

// TestMailLoop: a bot that answers every mail of ours at once, looks at no header and says in none that it is one. However many
// addresses it has, and if it takes a new one for every answer, it soon gets no more of them.
func TestMailLoop(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		g, m := gateway(r)
		c := g.Clock.(*clock.Fake)
		addresses := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"ann@example.org", "bob@example.com", "robot@shop.example", "robot@list.example", "x+1@shop.example", "x+2@shop.example"}),
			1, 6, rapid.ID).Draw(r, "addresses")
		fresh := rapid.Bool().Draw(r, "fresh addresses")
		pace := time.Duration(rapid.IntRange(0, 5).Draw(r, "pace")) * time.Second
		text := rapid.SampledFrom([]string{"Thank you for your mail", "STATUS", "HELP", "Your ticket was opened"}).Draw(r, "text")
		var mails []string // their senders
		mails = append(mails, addresses...)
		answers, uid := 0, uint32(0)
		for ; len(mails) > 0; mails = mails[1:] {
			if uid++; uid > 1500 {
				r.Fatalf("the loop does not end: %d answers to %d mails", answers, uid)
			}
			c.Advance(pace)
			before := len(m.state.notices)
			recordAll(t, g, sample{From: mails[0], Subject: fmt.Sprint(text, " ", uid), Text: text}.received(t, m, uid))
			for _, n := range m.state.notices[before:] {
				if !n.AutoReply {
					continue
				}
				answers++
				from := n.ToAddress
				if fresh {
					from = fmt.Sprintf("robot%d@shop%d.example", uid, uid)
				}
				mails = append(mails, from)
			}
		}
		if most := defaultBurst + len(addresses)*perDay*defaultPerAddress; answers > most {
			r.Fatalf("%d answers, at most %d", answers, most)
		}
	})
}

// TestRefusedInOurSession: the editor hears of it as of a report, once an address.
func TestRefusedInOurSession(t *testing.T) {
	g, m := gateway(t)
	recordAll(t, g, sample{From: "ann@example.org", Files: []string{"a.docx"}}.received(t, m, 1))
	n := m.state.notices[0]
	before := len(m.state.notices)
	for i, status := range []string{"5.7.1", "5.1.1", "5.1.1"} {
		b := outbox.Bounce{At: g.Clock.Now(), Address: n.ToAddress, Status: status, Permanent: true, NoticeID: n.ID}
		if err := g.Refused(t.Context(), n, b); err != nil {
			t.Fatal(err)
		}
		if got, want := len(m.state.notices)-before, min(i, 1); got != want {
			t.Errorf("after refusal %d, by %s, %d notices; want %d", i+1, status, got, want)
		}
	}
	if told := m.state.notices[len(m.state.notices)-1]; told.Template != "bounced" || told.PieceID != n.PieceID || !strings.Contains(string(told.Data), "there is no such mailbox") {
		t.Errorf("told %s: %s", told.Template, told.Data)
	}
	if len(m.state.bounces) != 3 {
		t.Errorf("the ledger has %d lines", len(m.state.bounces))
	}
}

// A mail that is lost to an address that is all right is told of, with the command that sends it again: once a day, not of answers,
// not of what may still arrive, and not of the word of a loss.
func TestLostMail(t *testing.T) {
	g, m := gateway(t)
	recordAll(t, g, sample{From: "ann@example.org", Files: []string{"a.docx"}}.received(t, m, 1))
	receipt := m.state.notices[0]
	reminder := outbox.Notice{ID: 99, Template: "due_soon", PersonID: receipt.PersonID, PieceID: receipt.PieceID, ToAddress: receipt.ToAddress}
	word := reminder
	word.Template = "bounced"
	day := 0
	for _, c := range []struct {
		name   string
		n      outbox.Notice
		status string
		final  bool
		told   int
	}{
		{"an answer", receipt, "5.7.1", true, 0},
		{"the word of a loss", word, "5.7.1", true, 0},
		{"a full mailbox that is tried again", reminder, "4.2.2", false, 0},
		{"refused by a rule", reminder, "5.7.1", true, 1},
		{"refused on the same day", reminder, "5.7.1", true, 0},
		{"a full mailbox, a day later", reminder, "5.2.2", true, 1},
	} {
		before := len(m.state.notices)
		if c.name == "a full mailbox, a day later" {
			day++
		}
		b := outbox.Bounce{At: g.Clock.Now().AddDate(0, 0, day), Address: c.n.ToAddress, Status: c.status, Permanent: c.final, NoticeID: c.n.ID}
		if err := g.Refused(t.Context(), c.n, b); err != nil {
			t.Fatal(err)
		}
		if got := len(m.state.notices) - before; got != c.told {
			t.Errorf("%s: %d notices", c.name, got)
		}
		if last := m.state.notices[len(m.state.notices)-1]; c.told > 0 && (last.Template != "bounced" || !strings.Contains(string(last.Data), `"Lost":99`)) {
			t.Errorf("%s: %s %s", c.name, last.Template, last.Data)
		}
	}
}

// TestRefusedStranger: that an answer to somebody unknown cannot be delivered is no news.
func TestRefusedStranger(t *testing.T) {
	g, m := gateway(t)
	recordAll(t, g, sample{From: "offers@spam.example", Text: "Buy!"}.received(t, m, 1))
	at := slices.IndexFunc(m.state.notices, func(n outbox.Notice) bool { return n.AutoReply && n.ToAddress == "offers@spam.example" })
	if at < 0 {
		t.Fatalf("no answer: %+v", m.state.notices)
	}
	n, before := m.state.notices[at], len(m.state.notices)
	b := outbox.Bounce{At: g.Clock.Now(), Address: n.ToAddress, Status: "5.1.1", Permanent: true, NoticeID: n.ID}
	if err := g.Refused(t.Context(), n, b); err != nil || len(m.state.notices) != before || len(m.state.bounces) != 1 {
		t.Errorf("%v, %d notices, ledger %v", err, len(m.state.notices)-before, m.state.bounces)
	}
}

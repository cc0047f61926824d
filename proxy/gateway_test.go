package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/blob"
	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

func quiet(g *Gateway) { g.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) }

func recordAll(t testing.TB, g *Gateway, batch ...inbox.Received) []inbox.Outcome {
	t.Helper()
	outcomes, err := g.Record(context.Background(), mailbox, inbox.Cursor{UIDValidity: 1, UID: 99}, batch)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

func firstDraft(t testing.TB, m *memory, uid uint32) inbox.Received {
	return sample{From: "ann@example.org", Subject: "draft", Text: "hi", Files: []string{"bread.docx"}}.received(t, m, uid)
}

func TestOneBadMailStopsNoOther(t *testing.T) {
	for name, broken := range map[string]func(string) error{
		"an error": func(string) error { return errors.New("disk is full") },
		"a panic":  func(string) error { panic("index out of range") },
	} {
		t.Run(name, func(t *testing.T) {
			g, m := gateway(t)
			quiet(g)
			woken := 0
			g.Wake = func() { woken++ }
			writes := 0
			m.fail = func(method string) error {
				if method == "AddEntry" {
					if writes++; writes == 1 {
						return broken(method)
					}
				}
				return nil
			}
			outcomes := recordAll(t, g, firstDraft(t, m, 1), firstDraft(t, m, 2))
			if d := cmp.Diff([]inbox.Outcome{{UID: 1, Held: true}, {UID: 2}}, outcomes); d != "" {
				t.Error(d)
			}
			first, second := m.state.records[0], m.state.records[1]
			if first.Action != Fail || first.Error == "" || second.Action != File {
				t.Errorf("first %s %q, second %s", first.Action, first.Error, second.Action)
			}
			if len(m.state.entries) != 1 || m.state.entries[0].MessageID != second.ID {
				t.Errorf("entries %+v", m.state.entries)
			}
			if woken != 1 {
				t.Errorf("woken %d times", woken)
			}
			if m.state.cursors[mailbox].UID != 99 {
				t.Error("the cursor did not move")
			}
		})
	}
}

// TestEveryWriteFailing breaks one write after the other: a mail is filed whole or failed whole.
func TestEveryWriteFailing(t *testing.T) {
	for n := 1; ; n++ {
		g, m := gateway(t)
		quiet(g)
		before, writes := m.state.clone(), 0
		m.fail = func(string) error {
			if writes++; writes == n {
				return errors.New("broken")
			}
			return nil
		}
		_, err := g.Record(context.Background(), mailbox, inbox.Cursor{UIDValidity: 1, UID: 1}, []inbox.Received{firstDraft(t, m, 1)})
		if writes < n {
			if n < 6 {
				t.Fatalf("only %d writes were tried", writes)
			}
			return
		}
		if err != nil { // the cursor's own write
			if d := cmp.Diff(before.records, m.state.records); d != "" {
				t.Errorf("write %d: %s", n, d)
			}
			continue
		}
		if r := m.state.records[0]; r.Action != Fail || len(m.state.entries)+len(m.state.events)+len(m.state.notices) != 0 {
			t.Errorf("write %d: %s, entries %d, events %d, notices %d", n, r.Action, len(m.state.entries), len(m.state.events), len(m.state.notices))
		}
		if d := cmp.Diff(before.pieces, m.state.pieces); d != "" {
			t.Errorf("write %d: %s", n, d)
		}
	}
}

// TestUnstorableMail is for a mail whose own words the store refuses: it is kept all the same.
func TestUnstorableMail(t *testing.T) {
	g, m := gateway(t)
	quiet(g)
	refuse := func(m *memory) func(string) error {
		return func(method string) error {
			if method == "AddRecord" && m.state.records[len(m.state.records)-1].Subject == "draft" {
				return errors.New("invalid byte sequence")
			}
			return nil
		}
	}
	m.fail = refuse(m)
	outcomes := recordAll(t, g, firstDraft(t, m, 1), sample{From: "bob@example.com", Subject: "ACME-2: x", Files: []string{"a.docx"}}.received(t, m, 2))
	if d := cmp.Diff([]inbox.Outcome{{UID: 1, Held: true}, {UID: 2}}, outcomes); d != "" {
		t.Error(d)
	}
	if r := m.state.records[0]; r.Action != Fail || r.Blob == "" || r.Error != `"invalid byte sequence"` {
		t.Errorf("%+v", r)
	}
}

// TestHugeWords is for a mail that tries to make notices of any length.
func TestHugeWords(t *testing.T) {
	g, m := gateway(t)
	in := sample{From: "Ann <ann@example.org>", Subject: strings.Repeat("é", 50_000), Words: 200_000}.received(t, m, 1)
	for i := range 20_000 {
		in.Message.Attachments = append(in.Message.Attachments, inbox.Attachment{Name: fmt.Sprint(i, ".exe")})
		in.Message.Links = append(in.Message.Links, inbox.Link{URL: fmt.Sprint("https://docs.example/", i), Type: inbox.GoogleDoc})
		in.Message.References = append(in.Message.References, fmt.Sprint(i, "@x"))
		in.Message.To = append(in.Message.To, inbox.Address{Address: fmt.Sprint(i, "@x.example")})
	}
	if got := record(t, g, m, in); got.Action != File {
		t.Fatalf("%+v", got)
	}
	for _, n := range m.state.notices {
		if len(n.Data) > 60_000 {
			t.Errorf("the %s has %d bytes", n.Template, len(n.Data))
		}
	}
	if r := m.state.records[0]; len(r.Trace) > maxFiles+20 {
		t.Errorf("the trace has %d lines", len(r.Trace))
	}
}

func TestNoAnswerToOurselves(t *testing.T) {
	g, m := gateway(t)
	own := g.Decider.Identity.(*outbox.Identity).ReplyAddress(outbox.Ref{PieceID: 1, PersonID: ann})
	if got := record(t, g, m, sample{From: own, Subject: "loop", Text: "hi"}.received(t, m, 1)); len(got.Notices) != 0 {
		t.Errorf("we wrote to ourselves: %+v", got)
	}
}

func TestCommitFailing(t *testing.T) {
	g, m := gateway(t)
	before := m.state.clone()
	m.commit = errors.New("killed")
	g.Wake = func() { t.Error("woken for nothing") }
	if _, err := g.Record(context.Background(), mailbox, inbox.Cursor{UID: 1}, []inbox.Received{firstDraft(t, m, 1)}); !errors.Is(err, m.commit) {
		t.Errorf("got %v", err)
	}
	if d := cmp.Diff(before, m.state, cmp.AllowUnexported(tables{})); d != "" {
		t.Error(d)
	}
	m.commit, g.Wake = nil, nil
	recordAll(t, g, firstDraft(t, m, 1))
	if len(m.state.entries) != 1 {
		t.Errorf("%d entries after the second try", len(m.state.entries))
	}
}

func TestSameUIDAgain(t *testing.T) {
	g, m := gateway(t)
	mails := []inbox.Received{
		firstDraft(t, m, 1),
		sample{From: "ann@example.org", Subject: "forged", Text: "x", Auth: "fail"}.received(t, m, 2),
		sample{From: "ann@example.org", Unreadable: "broken"}.received(t, m, 3),
		firstDraft(t, m, 4),
	}
	mails[3].Message = mails[0].Message
	first := recordAll(t, g, mails...)
	if d := cmp.Diff([]inbox.Outcome{{UID: 1}, {UID: 2, Held: true}, {UID: 3, Held: true}, {UID: 4}}, first); d != "" {
		t.Error(d)
	}
	state := m.state.clone()
	if d := cmp.Diff(first, recordAll(t, g, mails...)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(state, m.state, cmp.AllowUnexported(tables{})); d != "" {
		t.Errorf("the same UIDs again changed something: %s", d)
	}
	for i := range mails {
		mails[i].UIDValidity = 2
	}
	recordAll(t, g, mails...)
	if len(m.state.records) != 8 || len(m.state.entries) != 1 || len(m.state.notices) != len(state.notices) {
		t.Errorf("a new UIDVALIDITY: %d records, %d entries, %d notices", len(m.state.records), len(m.state.entries), len(m.state.notices))
	}
}

// TestUIDOfAnotherMail: a restored mailbox gives recorded UIDs to other mails, of which none may be lost.
func TestUIDOfAnotherMail(t *testing.T) {
	g, m := gateway(t)
	quiet(g)
	recordAll(t, g, firstDraft(t, m, 1), firstDraft(t, m, 2))
	other := sample{From: "bob@example.com", Subject: "ACME-2: x", MessageID: "other@x", Files: []string{"a.docx"}}.received(t, m, 1)
	other.Blob = "0123456789abcdef"
	broken := sample{From: "ann@example.org", Unreadable: "broken"}.received(t, m, 2)
	broken.Blob = "0123456789ab another"
	for range 2 { // the second time changes nothing
		if d := cmp.Diff([]inbox.Outcome{{UID: 1}, {UID: 2, Held: true}}, recordAll(t, g, other, broken)); d != "" {
			t.Error(d)
		}
		var got []string
		for _, r := range m.state.records[2:] {
			got = append(got, fmt.Sprint(r.Mailbox, " ", r.UID, " ", r.Action))
		}
		if d := cmp.Diff([]string{mailbox + "#0123456789ab 1 file", mailbox + "#0123456789ab 2 fail"}, got); d != "" {
			t.Error(d)
		}
	}
	if n := len(m.state.entries); n != 3 {
		t.Errorf("%d entries", n)
	}
	third := sample{From: "ann@example.org", Subject: "third", Files: []string{"b.docx"}}.received(t, m, 1)
	third.Blob = "0123456789ab third"
	m.fail = func(method string) error {
		if method == "AddEntry" {
			return errors.New("broken")
		}
		return nil
	}
	recordAll(t, g, third)
	if r := m.state.records[len(m.state.records)-1]; r.Mailbox != mailbox+"#0123456789ab third" || r.Action != Fail {
		t.Errorf("one that could not be filed: %+v", r)
	}
}

func TestCaps(t *testing.T) {
	g, m := gateway(t)
	g.Decider.Triage = ""
	g.Decider.Caps = Caps{Address: 2, Template: 3, Total: -1}
	uid := uint32(0)
	send := func(from ...string) (got []string) {
		for _, from := range from {
			uid++
			told := len(m.state.notices)
			recordAll(t, g, sample{From: from, Subject: fmt.Sprint(uid), Text: "hi"}.received(t, m, uid))
			for _, n := range m.state.notices[told:] {
				if n.AutoReply {
					got = append(got, n.Template+" to "+n.ToAddress)
				}
			}
			for _, c := range m.state.records[len(m.state.records)-1].Trace {
				if c.Outcome == "capped" && c.Check == "reply" {
					got = append(got, c.Reason)
				}
			}
		}
		return got
	}
	const b = "bob@example.com" // has two open pieces
	for _, step := range []struct{ send, want []string }{
		{[]string{b, b, b}, []string{"held to " + b, "held to " + b, "held: " + b + " got 2 replies within the hour"}},
		{[]string{"a@x.example", "a@x.example"}, []string{"redirect to a@x.example", "redirect: a@x.example was told so within the day"}},
		{[]string{"b@x.example", "c@x.example", "d@x.example"}, []string{"redirect to b@x.example", "redirect to c@x.example", "redirect: it went out 3 times within the hour"}},
	} {
		if d := cmp.Diff(step.want, send(step.send...)); d != "" {
			t.Error(d)
		}
	}
	for range 2 {
		g.Clock.(*clock.Fake).Advance(time.Hour + time.Second)
		if d := cmp.Diff([]string{"held to " + b, "held to " + b}, send(b, b)); d != "" {
			t.Errorf("an hour later: %s", d)
		}
	}
	g.Clock.(*clock.Fake).Advance(time.Hour + time.Second)
	if d := cmp.Diff([]string{"redirect to d@x.example", "held: " + b + " got 6 replies within the day"}, send("d@x.example", b)); d != "" {
		t.Error(d)
	}
	g.Clock.(*clock.Fake).Advance(24 * time.Hour)
	if d := cmp.Diff([]string{"redirect to a@x.example"}, send("a@x.example")); d != "" {
		t.Errorf("a day later: %s", d)
	}
}

// TestStorms: the team is not flooded either, by somebody who writes without end or by two machines that answer each other.
func TestStorms(t *testing.T) {
	g, m := gateway(t)
	g.Decider.Caps = Caps{Address: 3}
	uid := uint32(0)
	count := func(n int, template string, mail sample) (told int) {
		for range n {
			uid++
			in := mail
			in.Text += fmt.Sprint(uid)
			before := len(m.state.notices)
			recordAll(t, g, in.received(t, m, uid))
			for _, n := range m.state.notices[before:] {
				if n.Template == template {
					told++
				}
			}
		}
		return told
	}
	held := sample{From: "bob@example.com", Text: "which one? ", Suppress: true}
	if got := count(6, "held_editor", held); got != 3 {
		t.Errorf("of 6 held mails %d were told of", got)
	}
	comment := sample{From: "ann@example.org", Text: "I am out of the office "}
	if got := count(relays+5, "note", comment); got != relays {
		t.Errorf("of %d remarks %d were passed on", relays+5, got)
	}
	if got := count(1, "step_opened", sample{From: "ann@example.org", Files: []string{"a.docx"}}); got != 1 {
		t.Errorf("the handoff was told of %d times", got)
	}
	g.Clock.(*clock.Fake).Advance(time.Hour + time.Second)
	if got := count(1, "held_editor", held) + count(1, "note", comment); got != 2 {
		t.Errorf("an hour later %d of 2 were told of", got)
	}
}

// TestNoWordsOfStrangers: an answer to an address that nobody vouches for carries nothing that its sender wrote.
func TestNoWordsOfStrangers(t *testing.T) {
	for auth, echoed := range map[string]bool{"": true, "unknown": false} {
		for _, oversize := range []bool{false, true} {
			g, m := gateway(t)
			recordAll(t, g, sample{From: "Buy pills <v@victim.example>", Subject: "Buy pills", Text: "Buy pills", Auth: auth, Oversize: oversize}.received(t, m, 1))
			for _, n := range m.state.notices {
				if n.AutoReply && (strings.Contains(string(n.Data), "pills") || n.ToName != "") != echoed {
					t.Errorf("%s with auth %q: to %q, %s", n.Template, auth, n.ToName, n.Data)
				}
			}
			if len(m.state.notices) == 0 {
				t.Error("no answer")
			}
		}
	}
}

// TestLookups counts: nothing is asked twice in a batch, and never for all pieces.
func TestLookups(t *testing.T) {
	g, m := gateway(t)
	g.Decider.Caps = Caps{Address: -1, Template: -1, Total: -1}
	g.Versions = nil // a further version is looked up, and its batch recorded twice
	var batch []inbox.Received
	for uid := range uint32(50) {
		batch = append(batch, sample{From: "ann@example.org", Subject: fmt.Sprint("draft ", uid), Text: "hi", Files: []string{"a.docx"}}.received(t, m, uid+1))
	}
	recordAll(t, g, batch...)
	want := map[string]int{"Recorded": 50, "PersonByAddress": 1, "OpenPieces": 2, "Person": 2, "Versions": 1, "Submission": 1}
	if d := cmp.Diff(want, m.reads); d != "" {
		t.Error(d)
	}
}

func TestPolicyRows(t *testing.T) {
	g, m := gateway(t)
	g.Decider.Policy = append(Policy{
		{Name: "welcome", Class: "internal", Entry: "submission", Match: "signed | code", Action: File, Reply: "receipt"},
		{Name: "firm", Class: "internal", Action: Redirect, Reply: "redirect_internal"},
		{Name: "trusting", Class: "outside", Match: "code", Auth: "unknown", Action: File, Reply: "receipt"},
		{Name: "reckless", Class: "*", Action: File},
	}, DefaultPolicy()...)
	if err := g.Decider.Policy.Validate(); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		mail sample
		want string
	}{
		{sample{From: "eve@agency.example", Subject: "ACME-1: mine", Files: []string{"a.docx"}}, "file ACME-1 [receipt to eve@agency.example]"},
		{sample{From: "eve@agency.example", Subject: "Lunch", Text: "?"}, "redirect  [redirect_internal to eve@agency.example]"},
		{sample{From: "bob@example.com", Subject: "ACME-2: x", Files: []string{"a.docx"}, Auth: "unknown"}, "file ACME-2 [receipt to bob@example.com step_opened to eve@agency.example]"},
		{sample{From: "bob@example.com", Subject: "ACME-3: x", Files: []string{"a.docx"}, Auth: "fail"}, "hold  [held_editor to eve@agency.example]"},
		{sample{From: "sam@elsewhere.example", To: []string{"drafts+{ACME-1:nobody}@agency.example"}, Text: "x"}, "hold  [held_editor to eve@agency.example]"},
		{sample{From: "zoe@example.com", Subject: "x", Text: "x"}, "hold  [held to zoe@example.com held_editor to tom@agency.example]"},
	} {
		got := record(t, g, m, c.mail.received(t, m, uint32(i+1)))
		if s := fmt.Sprintf("%s %s %v", got.Action, got.Piece, got.Notices); !strings.HasPrefix(s, strings.TrimSuffix(c.want, "]")) {
			t.Errorf("%+v\ngot  %s\nwant %s", c.mail, s, c.want)
		}
	}
}

func TestForgedNameVouchesForNothing(t *testing.T) {
	g, m := gateway(t)
	record(t, g, m, sample{From: "bob@example.com", Subject: "ACME-3: x", Files: []string{"a.docx"}, Auth: "fail"}.received(t, m, 1))
	if len(m.state.notices) != 1 {
		t.Fatalf("told: %v", m.state.told())
	}
	var d templates.HeldEditor
	if err := json.Unmarshal(m.state.notices[0].Data, &d); err != nil {
		t.Fatal(err)
	}
	if d.Sender.Name != "an unverified sender" || d.Sender.Address != "bob@example.com" || strings.HasPrefix(d.Reason, "policy") {
		t.Errorf("the editor hears of %+v: %s", d.Sender, d.Reason)
	}
}

func TestPolicyValidate(t *testing.T) {
	for want, r := range map[string]Rule{
		`policy row 1 (x): class is "guest", it can be outside, internal, unknown or *`:                                  {Name: "x", Class: "guest", Action: Hold},
		`policy row 1: match is "guess", it can be signed, code, thread, single, scored, ambiguous, foreign, none or *`:  {Match: "code|guess", Action: Hold},
		`policy row 1: auth is "maybe", it can be pass, unknown, fail or *`:                                              {Auth: "maybe", Action: Hold},
		`policy row 1: entry is "poem", it can be submission, comment or *`:                                              {Entry: "poem", Action: Hold},
		`policy row 1: action is "", it can be file, redirect, ignore, hold`:                                             {},
		`policy row 1: reply is "hi", it can be receipt, redirect, redirect_internal, redirect_outside, held or nothing`: {Action: Hold, Reply: "hi"},
		`policy row 1: a receipt can only answer what is filed`:                                                          {Action: Hold, Reply: "receipt"},
		`policy row 1: what is ignored is not answered; a redirect or a hold can be`:                                     {Action: Ignore, Reply: "held"},
		`policy row 1: what is filed can only be answered with a receipt`:                                                {Action: File, Reply: "held"},
		`policy row 1: a redirect needs the reply redirect, redirect_internal or redirect_outside`:                       {Action: Redirect},
	} {
		if err := (Policy{r}).Validate(); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if r := (Policy{}).rule(facts{class: workflow.Outside, match: MatchSingle, auth: inbox.AuthPass, entry: Comment}); r.Action != Hold {
		t.Errorf("no row at all gives %s", r.Action)
	}
}

// shelf keeps raw mails for replay.
type shelf map[blob.ID]string

func (s shelf) Get(_ context.Context, id blob.ID) (*blob.File, error) {
	raw, ok := s[id]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return &blob.File{ReaderAt: bytes.NewReader([]byte(raw)), Closer: io.NopCloser(nil), Size: int64(len(raw))}, nil
}

// shelved records a raw mail under its blob.
func shelved(t testing.TB, g *Gateway, uid uint32, id blob.ID, broken error) {
	t.Helper()
	f, err := g.Blobs.Get(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	in := inbox.Received{Mailbox: mailbox, UIDValidity: 1, UID: uid, Size: f.Size, ReceivedAt: today, Blob: id, Err: broken}
	if broken == nil {
		if in.Message, err = inbox.Read(context.Background(), f, f.Size, g.Reading); err != nil {
			t.Fatal(err)
		}
	}
	recordAll(t, g, in)
}

const rawMail = "From: %s\r\nTo: drafts@agency.example\r\nSubject: %s\r\nMessage-ID: <%s@mail.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0000\r\n" +
	"Authentication-Results: mx.agency.example; dmarc=pass header.from=%s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n--b\r\nContent-Type: application/pdf; name=draft.pdf\r\nContent-Disposition: attachment; filename=draft.pdf\r\n\r\n%%PDF\r\n--b--\r\n"

func withShelf(g *Gateway) shelf {
	s := shelf{}
	for id, from := range map[string]string{"bob": "bob@example.com", "new": "new@start.example", "ann": "ann@example.org", "forged": "bob@example.com"} {
		domain := workflow.Domain(from)
		mail := fmt.Sprintf(rawMail, from, "my draft", id, domain)
		if id == "forged" {
			mail = strings.ReplaceAll(mail, "dmarc=pass", "dmarc=fail")
		}
		s[blob.ID(id)] = mail
	}
	g.Blobs, g.Reading = s, inbox.Options{AuthservIDs: []string{"mx.agency.example"}}
	return s
}

func replayAll(t testing.TB, g *Gateway, ids ...int64) []string {
	t.Helper()
	var got []string
	err := g.Replay(context.Background(), func(r Replayed) error {
		s := fmt.Sprintf("%d %s to %s", r.Before.ID, r.Before.Action, r.After.Action)
		if r.Err != nil {
			s = fmt.Sprintf("%d %s", r.Before.ID, workflow.CodeOf(r.Err))
		}
		got = append(got, s)
		return nil
	}, ids...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestReceiptOfTheirOwnNextStep(t *testing.T) {
	g, m := gateway(t)
	p, _, err := workflow.NewPiece(workflow.PieceInput{Code: "NEW-1", Title: "Mushrooms", AuthorID: zoe, EditorID: eve, Stage: workflow.Draft,
		Steps: map[workflow.Stage]workflow.StepInput{workflow.Review: {OwnerID: zoe}}}, workflow.Cause{At: today})
	if err != nil {
		t.Fatal(err)
	}
	p.ID = 9
	for i := range p.Steps {
		p.Steps[i].ID, p.Steps[i].PieceID = int64(90+i), 9
	}
	m.state.pieces[9] = p
	recordAll(t, g, sample{From: "zoe@example.com", Text: "the idea", Files: []string{"draft.docx"}}.received(t, m, 1))
	set, _, err := templates.Load(templates.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range m.state.notices {
		if n.Template != "receipt" {
			continue
		}
		d, err := templates.Decode(n.Template, n.Data)
		if err != nil {
			t.Fatal(err)
		}
		mail, err := set.Render(d, templates.Audience{})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(mail.Text, "the review is yours as well") || strings.Contains(mail.Text, "nothing for you to do") {
			t.Error(mail.Text)
		}
		return
	}
	t.Error("no receipt")
}

func TestExplainChangesNothing(t *testing.T) {
	g, m := gateway(t)
	recordAll(t, g, firstDraft(t, m, 1))
	before := m.state.clone()
	d, err := g.Explain(context.Background(), firstDraft(t, m, 1))
	if err != nil || d.Action != File || d.Piece != "ACME-1" {
		t.Errorf("%+v %v", d, err)
	}
	if d := cmp.Diff(before, m.state, cmp.AllowUnexported(tables{})); d != "" {
		t.Error(d)
	}
}

func TestNobody(t *testing.T) {
	_, m := gateway(t)
	for want, mail := range map[Action]sample{
		Redirect: {From: "ann@example.org", Subject: "ACME-1: draft", Text: "hi", Files: []string{"a.docx"}},
		Hold:     {From: "ann@example.org", Subject: "bomb", Held: "too deep"},
		Ignore:   {From: "ann@example.org", Kind: "list"},
		Report:   {From: "mailer-daemon@example.org", Kind: "bounce", Bounced: "x@y.example", BouncedID: "1@x"},
		Fail:     {From: "x", Unreadable: "broken"},
	} {
		d, err := (&Decider{}).Decide(context.Background(), Nobody{}, mail.received(t, m, 1))
		if err != nil || d.Action != want || d.Reason == "" {
			t.Errorf("want %s, got %+v %v", want, d, err)
		}
	}
}

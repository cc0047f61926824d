package proxy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/workflow"
)

// TestOutOfOffice: an automatic reply to a mail of ours moves what reminds its sender past the day of their return, until they write
// themselves. It is never answered, and what nobody vouches for changes nothing.
func TestOutOfOffice(t *testing.T) {
	o := open(t, 2)
	ctx := context.Background()
	ana, err := o.store.PersonByAddress(ctx, "author0@example.org")
	if err != nil {
		t.Fatal(err)
	}
	id := o.Decider.Identity.(*outbox.Identity).MessageID(outbox.Ref{PieceID: 1, PersonID: ana.ID}, "a notice")
	mail := func(from, auth, text string, automatic bool, answers string) proxy.Record {
		t.Helper()
		head := []string{"From: " + from, "To: drafts@agency.example", "Subject: Re: Bread", fmt.Sprintf("Message-ID: <%d@mail.example>", o.uid+1), "Date: Fri, 20 Nov 2026 09:00:00 +0000",
			"Authentication-Results: mx.agency.example; dmarc=" + auth + " header.from=" + workflow.Domain(from)}
		if automatic {
			head = append(head, "Auto-Submitted: auto-replied")
		}
		if answers != "" {
			head = append(head, "In-Reply-To: <"+answers+">")
		}
		before := len(o.told(t))
		in := o.receive(t, strings.Join(head, "\r\n")+"\r\n\r\n"+text+"\r\n")
		if _, err := o.Record(ctx, "drafts", inbox.Cursor{UIDValidity: 1, UID: in.UID}, []inbox.Received{in}); err != nil {
			t.Fatal(err)
		}
		if told := o.told(t)[before:]; automatic && len(told) > 0 {
			t.Errorf("an automatic reply caused %v", told)
		}
		all, err := o.store.Records(ctx, proxy.Actions(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return all[len(all)-1]
	}
	away := func(want ...workflow.Absence) {
		t.Helper()
		p, err := o.store.Person(ctx, ana.ID)
		if d := cmp.Diff(want, p.Away); err != nil || d != "" {
			t.Error(err, d)
		}
	}
	const out = "I am out of the office until 4 December 2026."
	for _, forged := range []proxy.Record{
		mail("author0@example.org", "pass", out, true, ""),                    // answers nothing of ours
		mail("author0@example.org", "fail", out, true, id),                    // is not from them
		mail("author1@example.org", "pass", out, true, id),                    // answers what somebody else got
		mail("stranger@else.example", "pass", out, true, id),                  // is from nobody
		mail("author0@example.org", "pass", "I am away.", true, id),           // does not say until when
		mail("author0@example.org", "pass", "Away until 1.12.2029", true, id), // for years
		mail("author0@example.org", "none", "Away until 1.3.2027", true, id),  // for months, and nothing vouches for it
	} {
		if forged.Action != proxy.Ignore || !forged.Automatic {
			t.Errorf("%s: %s", forged.Action, forged.Reason)
		}
	}
	away()
	if r := mail("author0@example.org", "pass", out, true, id); r.Action != proxy.Ignore || !strings.Contains(fmt.Sprint(r.Trace), "is away until 2026-12-04") {
		t.Errorf("%s: %v", r.Action, r.Trace)
	}
	leave := workflow.Absence{From: "2026-11-20", To: "2026-12-04", Note: "out-of-office reply", Auto: true}
	away(leave)
	mail("author0@example.org", "pass", out, true, id)
	away(leave) // told again
	mail("author0@example.org", "pass", "I am out of the office until 7 December 2026.", true, id)
	leave.To = "2026-12-07"
	away(leave)
	mail("author0@example.org", "fail", "It is me.", false, "")
	away(leave) // is not from them
	mail("author0@example.org", "pass", "I am back, the text comes tomorrow.", false, "")
	away()

	mail("author0@example.org", "pass", "Away until 1.3.2027", true, id)
	away(workflow.Absence{From: "2026-11-20", To: "2027-03-01", Note: "out-of-office reply", Auto: true})
	mail("author0@example.org", "pass", "I am back again.", false, "")
	away()

	// What somebody noted by hand stays.
	ana.Away = []workflow.Absence{{From: "2026-11-01", To: "2026-12-31"}}
	if err := o.store.SavePerson(ctx, &ana); err != nil {
		t.Fatal(err)
	}
	mail("author0@example.org", "pass", out, true, id)
	mail("author0@example.org", "pass", "Just a word.", false, "")
	away(ana.Away...)
}

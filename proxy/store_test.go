package proxy_test

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/blob"
	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

var now = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// office is a Gateway on the real store, the real reader and real blobs.
type office struct {
	proxy.Gateway
	store *store.Store
	blobs *blob.Dir
	uid   uint32
}

func open(t testing.TB, authors int) *office {
	t.Helper()
	ctx := context.Background()
	dsn := filepath.Join(t.TempDir(), "handoff.db")
	if err := store.Migrate(ctx, dsn, nil); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	blobs, err := blob.Open(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.AddKey(ctx, now)
	if err != nil {
		t.Fatal(err)
	}
	id, err := outbox.NewIdentity([]outbox.Key{key}, "drafts+{token}@agency.example", "agency.example")
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewFake(now)
	o := &office{store: s, blobs: blobs}
	o.Gateway = proxy.Gateway{
		Store: s, Decider: &proxy.Decider{Identity: id, Clock: c, Caps: proxy.Caps{Address: -1, Template: -1, Total: -1}},
		Composer: &outbox.Composer{Team: "Agency", Identity: id, Clock: c}, Blobs: blobs, Clock: c,
		Reading: inbox.Options{AuthservIDs: []string{"mx.agency.example"}, OwnID: func(m string) bool { _, err := id.FromID(m); return err == nil }},
	}
	editor := workflow.Person{Name: "Eve", Class: workflow.Internal, Roles: []workflow.Role{workflow.Editor}, Addresses: []string{"eve@agency.example"}}
	if err := s.SavePerson(ctx, &editor); err != nil {
		t.Fatal(err)
	}
	for i := range authors {
		author := workflow.Person{Name: fmt.Sprintf("Author %d", i), Class: workflow.Outside, Addresses: []string{fmt.Sprintf("author%d@example.org", i)}}
		if err := s.SavePerson(ctx, &author); err != nil {
			t.Fatal(err)
		}
		p, events, err := workflow.NewPiece(workflow.PieceInput{Code: fmt.Sprintf("ACME-%d", i), Title: "Bread", AuthorID: author.ID, EditorID: editor.ID, Stage: workflow.Draft}, workflow.Cause{At: now})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.AddPiece(ctx, &p, events); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// receive stores and reads a raw mail as the Poller does.
func (o *office) receive(t testing.TB, raw string) inbox.Received {
	t.Helper()
	ctx := context.Background()
	w, err := o.blobs.Create(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := io.WriteString(w, raw); err != nil {
		t.Fatal(err)
	}
	id, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	o.uid++
	in := inbox.Received{Mailbox: "drafts", UIDValidity: 1, UID: o.uid, Size: w.Size(), ReceivedAt: now, Blob: id}
	if in.Message, err = inbox.Read(ctx, w, w.Size(), o.Reading); err != nil {
		t.Fatal(err)
	}
	return in
}

func raw(from, subject, id string, more ...string) string {
	domain := workflow.Domain(from)
	return strings.Join(append([]string{
		"From: " + from, "To: drafts@agency.example", "Subject: " + subject, "Message-ID: <" + id + ">", "Date: Fri, 20 Nov 2026 09:00:00 +0000",
		"Authentication-Results: mx.agency.example; dmarc=pass header.from=" + domain,
	}, more...), "\r\n") + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n--b\r\nContent-Type: application/pdf; name=draft.pdf\r\n" +
		"Content-Disposition: attachment; filename=draft.pdf\r\n\r\n%PDF\r\n--b--\r\n"
}

// TestOnTheStore takes mails through reading, deciding and the database.
func TestOnTheStore(t *testing.T) {
	o := open(t, 2)
	ctx := context.Background()
	batch := []inbox.Received{
		o.receive(t, raw("author0@example.org", "my draft", "1@mail.example")),
		o.receive(t, raw("author0@example.org", "my draft", "1@mail.example")),
		o.receive(t, raw("stranger@elsewhere.example", "ACME-1: mine", "2@mail.example")),
		o.receive(t, strings.ReplaceAll(raw("author1@example.org", "forged", "3@mail.example"), "dmarc=pass", "dmarc=fail")),
		o.receive(t, raw("author1@example.org", "ACME-0 and not mine", "4@mail.example")),
	}
	outcomes, err := o.Record(ctx, "drafts", inbox.Cursor{UIDValidity: 1, UID: 5}, batch)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]inbox.Outcome{{UID: 1}, {UID: 2}, {UID: 3}, {UID: 4, Held: true}, {UID: 5, Held: true}}, outcomes); d != "" {
		t.Error(d)
	}
	var got []string
	for id := range int64(5) {
		r, err := o.store.Record(ctx, id+1)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %d", r.Action, r.PieceID))
	}
	if d := cmp.Diff([]string{"file 1", "duplicate 0", "redirect 0", "hold 0", "hold 0"}, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"receipt to author0@example.org", "step_opened to eve@agency.example", "redirect to stranger@elsewhere.example",
		"held_editor to eve@agency.example", "held to author1@example.org", "held_editor to eve@agency.example"}, o.told(t)); d != "" {
		t.Error(d)
	}
	again, err := o.Record(ctx, "drafts", inbox.Cursor{UIDValidity: 1, UID: 5}, batch)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(outcomes, again); d != "" {
		t.Errorf("the same batch again: %s", d)
	}
	o.uid = 0
	other := o.receive(t, raw("author1@example.org", "ACME-1: of a restored mailbox", "5@mail.example"))
	for range 2 {
		if _, err := o.Record(ctx, "drafts", inbox.Cursor{UIDValidity: 1, UID: 1}, []inbox.Received{other}); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := o.store.RecordAt(ctx, "drafts#"+string(other.Blob[:12]), 1, 1); err != nil || r.Action != proxy.File || r.Blob != other.Blob {
		t.Errorf("another mail under a recorded UID: %+v %v", r, err)
	}
	if _, err := o.Assign(ctx, 5, 2, 1); err != nil {
		t.Fatal(err)
	}
	entries, err := o.store.Entries(ctx, 2)
	if err != nil || len(entries) != 2 || entries[1].Version != 2 || len(entries[1].Files) != 1 || entries[1].ActorID != 1 {
		t.Errorf("entries %+v %v", entries, err)
	}
}

func (o *office) told(t testing.TB) []string {
	t.Helper()
	notices, err := o.store.Notices(context.Background(), 0, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, n := range notices {
		all = append(all, n.Template+" to "+n.ToAddress)
	}
	return all
}

// BenchmarkRecord decides on and records batches of 100 first drafts; reading is not counted.
func BenchmarkRecord(b *testing.B) {
	o := open(b, 500)
	const size = 100
	n := 0
	for b.Loop() {
		b.StopTimer()
		batch := make([]inbox.Received, size)
		for i := range batch {
			batch[i] = o.receive(b, raw(fmt.Sprintf("author%d@example.org", n%500), "draft", fmt.Sprintf("%d@mail.example", n)))
			n++
		}
		b.StartTimer()
		if _, err := o.Record(context.Background(), "drafts", inbox.Cursor{UIDValidity: 1, UID: o.uid}, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size), "µs/mail")
}

package proxy

import (
	"context"
	"errors"
	"testing"

	"handoff/workflow"
)

// TestTakenOver: of a mail and its forged copy one is filed, and the other waits for nobody any more.
func TestTakenOver(t *testing.T) {
	g, m := gateway(t)
	mail := sample{From: "Ann <ann@example.org>", MessageID: "m@x", Text: "hi", Files: []string{"bread.docx"}}
	forged := mail
	forged.Auth = "fail"
	recordAll(t, g, forged.received(t, m, 1), mail.received(t, m, 2))
	first, second := m.state.records[0], m.state.records[1]
	if first.Action != Duplicate || first.DuplicateOf != second.ID || second.Action != File || len(m.state.entries) != 1 {
		t.Errorf("first %s of %d, second %s, %d entries", first.Action, first.DuplicateOf, second.Action, len(m.state.entries))
	}
	recordAll(t, g, forged.received(t, m, 3), mail.received(t, m, 4))
	if len(m.state.entries) != 1 {
		t.Errorf("filed again: %d entries", len(m.state.entries))
	}
	if err := g.SetAside(context.Background(), tom, "", first.ID); workflow.CodeOf(err) != workflow.NotFound {
		t.Errorf("it still waits: %v", err)
	}
}

// TestSetAside: what a person decided stays decided, but about a forged mail they did not decide on the true one.
func TestSetAside(t *testing.T) {
	for auth, want := range map[string]Action{"fail": File, "unknown": Duplicate} {
		g, m := gateway(t)
		mail := sample{From: "Ann <ann@example.org>", MessageID: "m@x", Text: "hi", Files: []string{"bread.docx"}}
		doubtful := mail
		doubtful.Auth = auth
		recordAll(t, g, doubtful.received(t, m, 1))
		ctx := context.Background()
		if err := g.SetAside(ctx, ann, "x", 1); workflow.CodeOf(err) != workflow.Forbidden {
			t.Errorf("by somebody outside: %v", err)
		}
		if err := g.SetAside(ctx, tom, "spam", 1, 2); err == nil || m.state.records[0].Action != Hold {
			t.Errorf("one that is not there: %v, the other %s", err, m.state.records[0].Action)
		}
		if err := g.SetAside(ctx, tom, "spam", 1); err != nil {
			t.Fatal(err)
		}
		if r := m.state.records[0]; r.Action != Ignore || r.Reason != "Tom set it aside by hand: spam" || r.Candidates != nil {
			t.Errorf("%+v", r)
		}
		if err := g.SetAside(ctx, tom, "spam", 1); workflow.CodeOf(err) != workflow.NotFound {
			t.Errorf("twice: %v", err)
		}
		recordAll(t, g, mail.received(t, m, 2))
		if got := m.state.records[1].Action; got != want {
			t.Errorf("the true mail after an authentication %s: %s, want %s", auth, got, want)
		}
	}
}

// TestFailingCopy: a copy of a held mail that cannot be decided on is recorded all the same, and the held one goes on waiting.
func TestFailingCopy(t *testing.T) {
	g, m := gateway(t)
	quiet(g)
	mail := sample{From: "Ann <ann@example.org>", MessageID: "m@x", Text: "hi", Files: []string{"bread.docx"}}
	forged := mail
	forged.Auth = "fail"
	recordAll(t, g, forged.received(t, m, 1))
	m.fail = func(method string) error {
		if method == "AddEntry" {
			return errors.New("broken")
		}
		return nil
	}
	recordAll(t, g, mail.received(t, m, 2))
	if first, second := m.state.records[0], m.state.records[1]; first.Action != Hold || second.Action != Duplicate || second.DuplicateOf != 1 {
		t.Errorf("first %s, second %s of %d", first.Action, second.Action, second.DuplicateOf)
	}
}

// TestRecordedMeanwhile: another instance records a copy between the look and the write.
func TestRecordedMeanwhile(t *testing.T) {
	g, m := gateway(t)
	mail := sample{From: "Ann <ann@example.org>", MessageID: "m@x", Text: "hi", Files: []string{"bread.docx"}}
	other := mail.received(t, m, 7)
	theirs := Record{ID: 1, Mailbox: "other", UIDValidity: 1, UID: 7, MessageID: other.Message.MessageID, ContentHash: other.Message.ContentHash, Action: File}
	raced := false
	g.Store = racing{m, func() {
		if !raced {
			raced = true
			m.state.records = append(m.state.records, theirs)
		}
	}}
	recordAll(t, g, mail.received(t, m, 1))
	if len(m.state.records) != 2 || m.state.records[1].Action != Duplicate || m.state.records[1].DuplicateOf != 1 || len(m.state.entries) != 0 {
		t.Errorf("records %+v, entries %d", m.state.records, len(m.state.entries))
	}
}

// racing lets somebody commit after the first look for a copy.
type racing struct {
	*memory
	commit func()
}

func (r racing) Update(ctx context.Context, f func(Tx) error) error {
	return r.memory.Update(ctx, func(tx Tx) error { return f(racingTx{tx, r.commit}) })
}

type racingTx struct {
	Tx
	commit func()
}

func (r racingTx) Savepoint(ctx context.Context, f func(Tx) error) error {
	var outside []Record
	err := r.Tx.Savepoint(ctx, func(tx Tx) error {
		err := f(racingTx{tx, r.commit})
		if m, ok := tx.(memoryTx); ok && err != nil {
			outside = m.state.records
		}
		return err
	})
	if m, ok := r.Tx.(memoryTx); ok && err != nil && len(outside) > 0 {
		m.state.records = outside[:1:1] // what others commit is not undone
	}
	return err
}

func (r racingTx) Recorded(ctx context.Context, messageID, hash string) (Record, error) {
	rec, err := r.Tx.Recorded(ctx, messageID, hash)
	r.commit()
	return rec, err
}

package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

func reportOptions(now time.Time) workflow.ReportOptions {
	return workflow.ReportOptions{Now: now, Rules: workflow.DefaultReminderRules(), MinutesPerSubmission: 12, MinutesPerComment: 3}
}

// The report of a database is the one of what it holds.
func TestReport(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		move := func(p workflow.Piece, act func(workflow.Piece) (workflow.Change, error)) {
			t.Helper()
			update(t, s, func(tx proxy.Tx) error {
				now, err := tx.Piece(ctx, p.ID)
				if err != nil {
					return err
				}
				ch, err := act(now)
				return errors.Join(err, tx.SavePiece(ctx, ch))
			})
		}
		for i := range 150 { // more than a page
			p, events, err := workflow.NewPiece(workflow.PieceInput{Code: fmt.Sprintf("WIT-%d", i), Title: "W", AuthorID: c.author.ID, EditorID: c.editor.ID,
				Stage: workflow.Draft, Demo: i%50 == 7, Finished: i%50 == 8}, workflow.Cause{At: at(0)})
			ok(t, err)
			ok(t, s.AddPiece(ctx, &p, append(events, workflow.Start(p, workflow.Cause{At: at(0)}).Events...)))
			if i%3 == 0 {
				move(p, func(p workflow.Piece) (workflow.Change, error) {
					return p.Submit(workflow.Cause{PersonID: c.author.ID, At: at(10 + i)}, "version 1"), nil
				})
			}
		}
		update(t, s, func(tx proxy.Tx) error {
			return errors.Join(
				reportedMail(ctx, tx, c, 1, proxy.File, proxy.Submission, c.author.ID, at(5)), reportedMail(ctx, tx, c, 2, proxy.File, proxy.Comment, c.author.ID, at(6)),
				reportedMail(ctx, tx, c, 3, proxy.File, proxy.Comment, c.author.ID, at(50)), reportedMail(ctx, tx, c, 4, proxy.Redirect, "", 0, at(7)),
				reportedMail(ctx, tx, c, 5, proxy.Redirect, "", c.author.ID, at(8)), reportedMail(ctx, tx, c, 6, proxy.Hold, "", c.author.ID, at(9)),
				reportedMail(ctx, tx, c, 7, proxy.Ignore, "", c.editor.ID, at(9)),
				addBounce(ctx, tx, outbox.Bounce{At: at(3), Address: "ana@home.example", Status: "5.1.1", Permanent: true}))
		})

		o := reportOptions(at(300))
		got, err := s.Report(ctx, o)
		ok(t, err)
		want := workflow.NewReport(o)
		people, err := s.People(ctx)
		ok(t, err)
		for _, p := range people {
			want.AddPerson(p)
		}
		pieces, err := s.Pieces(ctx, store.PieceFilter{})
		ok(t, err)
		for _, p := range pieces {
			events, err := s.Events(ctx, p.ID)
			ok(t, err)
			want.AddPiece(p, events)
		}
		want.AddMails(c.author.ID, workflow.FiledSubmission, 1)
		want.AddMails(c.author.ID, workflow.FiledComment, 2)
		want.AddMails(c.author.ID, workflow.Redirected, 1)
		want.AddMails(c.author.ID, workflow.Held, 1)
		want.AddMails(0, workflow.Redirected, 1)
		want.AddBouncing(c.author.ID, "ana@home.example", at(3))
		if diff := cmp.Diff(jsonOf(t, want.Report()), jsonOf(t, got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got.Pieces != 148 || got.Demo != 3 || got.Mails.MinutesSaved != 18 {
			t.Errorf("%d pieces, %d demo pieces, %d minutes", got.Pieces, got.Demo, got.Mails.MinutesSaved)
		}

		o.Since, o.Until = at(6), at(50) // half open
		got, err = s.Report(ctx, o)
		ok(t, err)
		if m := got.Mails.People; len(m) != 2 || m[0].Submissions != 0 || m[0].Comments != 1 || m[0].Redirected != 1 {
			t.Errorf("mails of the period: %+v", m)
		}
		if got.Pieces != 145 { // those imported as finished are left where they are
			t.Errorf("%d pieces of the period", got.Pieces)
		}
		o.PersonID = c.copyEditor.ID
		got, err = s.Report(ctx, o)
		ok(t, err)
		if got.Pieces != 1 || got.Person != "Cora Copy" || len(got.Mails.People) != 0 {
			t.Errorf("of one: %+v", got)
		}
		o.Until = o.Since
		_, err = s.Report(ctx, o)
		wantCode(t, err, workflow.Invalid)
	})
}

func TestReportOfEmptyDatabase(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		r, err := s.Report(context.Background(), reportOptions(noon))
		ok(t, err)
		if !r.Nothing() || len(r.Interfaces) == 0 {
			t.Errorf("got %+v", r)
		}
	})
}

func jsonOf(t *testing.T, r workflow.Report) string {
	t.Helper()
	var b bytes.Buffer
	ok(t, r.WriteJSON(&b))
	return b.String()
}

// reportedMail records a mail and, if it is filed, its entry.
func reportedMail(ctx context.Context, tx proxy.Tx, c cast, uid uint32, action proxy.Action, kind proxy.EntryKind, person int64, when time.Time) error {
	r := proxy.Record{Mailbox: "drafts", UIDValidity: 1, UID: uid, MessageID: fmt.Sprintf("%d@x.example", uid), ContentHash: fmt.Sprint("hash", uid),
		ReceivedAt: when, RecordedAt: when, Action: action, PersonID: person}
	if err := tx.AddRecord(ctx, &r); err != nil || action != proxy.File {
		return err
	}
	return tx.AddEntry(ctx, &proxy.Entry{PieceID: c.piece.ID, PersonID: person, MessageID: r.ID, Kind: kind, At: when})
}

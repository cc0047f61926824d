package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

// What is kept as JSON comes back as it was, whatever people wrote into it.
func TestDetails(t *testing.T) {
	hostile := "nul \x00, unit \x1f, record \x1e, \"quotes\", 'DROP TABLE', ünï, </script>"
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		c.author.PersonDetails = workflow.PersonDetails{
			WorkDays: 0b0011110, Away: []workflow.Absence{{From: "2026-12-24", To: "2026-12-31", Note: hostile}}, PausedAt: at(1), LeftAt: at(2),
			Muted: []string{"due_soon", "weekly"}, Digest: true, EditorID: c.editor.ID,
			Onboarding: []workflow.Milestone{{Item: workflow.Invited, At: at(3), ActorID: c.editor.ID, MessageID: 4}, {Item: workflow.Briefed, At: at(4)}},
		}
		ok(t, s.SavePerson(ctx, &c.author))
		person, err := s.Person(ctx, c.author.ID)
		ok(t, err)
		if diff := cmp.Diff(c.author, person); diff != "" {
			t.Errorf("person: %s", diff)
		}

		p := c.piece
		p.PieceDetails = workflow.PieceDetails{
			Demo: true, Topic: workflow.TopicApproved, TopicAt: at(5), Brief: hostile, ClearedAt: at(6), CancelledAt: at(7), CancelReason: hostile,
			LeadNamedAt: at(8), LeadConfirmedAt: at(9), Checklist: []workflow.Task{{Name: hostile}, {Name: "image", DoneAt: at(10), By: 3}},
			URL: "https://example.org/?a=b&c=d", CheckedAt: at(11), CheckProblem: hostile, VerifiedAt: at(12), DistributedAt: at(13),
		}
		p.Steps[1].StepDetails = workflow.StepDetails{
			OfferedAt: at(14), AcceptedAt: at(15), HeardAt: at(16), HandedInAt: at(17), Revision: 2, Needed: 1, Sequence: 3,
			Reviewers: []workflow.Reviewer{{PersonID: 2, AskedAt: at(18), AcceptedAt: at(19), AnsweredAt: at(20)}, {PersonID: 3, AskedAt: at(21), DeclinedAt: at(22)}},
			Extension: &workflow.Extension{Until: at(23), AskedAt: at(24), ByID: 1, Reason: hostile},
		}
		update(t, s, func(tx proxy.Tx) error { return tx.SavePiece(ctx, workflow.Change{Piece: p}) })
		added := newPiece("ACME-2", c.author.ID, c.editor.ID, c.copyEditor.ID)
		added.PieceDetails, added.Steps[1].StepDetails = p.PieceDetails, p.Steps[1].StepDetails
		ok(t, s.AddPiece(ctx, &added, nil))
		for _, want := range []workflow.Piece{p, added} {
			got, err := s.Piece(ctx, want.ID)
			ok(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("piece %s: %s", want.Code, diff)
			}
		}

		n := newNotice("k", at(25))
		n.Invite = &outbox.Invite{Method: outbox.Request, UID: "u@x", Sequence: 4, Organizer: "o@x.example", OrganizerName: "O", Attendee: "a@x.example",
			AttendeeName: "A", Summary: hostile, Description: hostile, End: at(26), Stamp: at(27)}
		n.Unsubscribe = []string{"mailto:drafts+x@agency.example?subject=STOP%20due_soon", "https://agency.example/mute/abc"}
		plain := newNotice("plain", at(25))
		_, err = s.Enqueue(ctx, []outbox.Notice{n, plain})
		ok(t, err)
		notices, err := s.Notices(ctx, 0, 0, 10)
		ok(t, err)
		if len(notices) != 2 {
			t.Fatalf("%d notices", len(notices))
		}
		if diff := cmp.Diff(n.Invite, notices[0].Invite); diff != "" {
			t.Errorf("invite: %s", diff)
		}
		if diff := cmp.Diff(n.Unsubscribe, notices[0].Unsubscribe); diff != "" {
			t.Errorf("unsubscribe: %s", diff)
		}
		if notices[1].Invite != nil || notices[1].Unsubscribe != nil {
			t.Errorf("the plain notice has %+v and %q", notices[1].Invite, notices[1].Unsubscribe)
		}
	})
}

// attended are the codes of the pieces whose moment has come; f is what is done with them, nil nothing.
func attended(t testing.TB, s *store.Store, now time.Time, limit int, f func(context.Context, outbox.Clockwork, []workflow.Piece) error) string {
	t.Helper()
	var codes []string
	n, err := s.AttendPieces(context.Background(), now, limit, func(ctx context.Context, tx outbox.Clockwork, pieces []workflow.Piece) error {
		codes = nil
		for _, p := range pieces {
			codes = append(codes, p.Code)
			if len(p.Steps) != 4 {
				t.Errorf("%s came with %d steps", p.Code, len(p.Steps))
			}
		}
		if f == nil {
			return nil
		}
		return f(ctx, tx, pieces)
	})
	ok(t, err)
	if n != len(codes) {
		t.Errorf("%d pieces, but told %d", len(codes), n)
	}
	return strings.Join(codes, " ")
}

func TestAttendPieces(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		ids := []int64{c.piece.ID}
		for i := 2; i <= 5; i++ {
			p := newPiece(fmt.Sprint("ACME-", i), c.author.ID, c.editor.ID, c.copyEditor.ID)
			ok(t, s.AddPiece(ctx, &p, nil))
			ids = append(ids, p.ID)
		}
		want := func(what, want, got string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		next := func() string {
			t.Helper()
			at, known, err := s.NextWake(ctx)
			ok(t, err)
			if !known {
				return "never"
			}
			return at.Format(time.RFC3339Nano)
		}
		calm(t, s) // the people
		want("new ones at once", "ACME-1 ACME-2 ACME-3 ACME-4 ACME-5", attended(t, s, noon, 10, nil))
		want("looking at them changes nothing", "ACME-1 ACME-2", attended(t, s, noon, 2, nil))
		want("next", "1970-01-01T00:00:00Z", next())

		wake := func(times ...time.Time) {
			attended(t, s, noon, 10, func(ctx context.Context, tx outbox.Clockwork, _ []workflow.Piece) error {
				for i, at := range times {
					if err := tx.WakePiece(ctx, ids[i], at); err != nil {
						return err
					}
				}
				return nil
			})
		}
		wake(at(30), at(10), time.Time{}, at(20), at(30))
		want("before the first", "", attended(t, s, at(10).Add(-time.Millisecond), 10, nil))
		want("at the first", "ACME-2", attended(t, s, at(10), 10, nil))
		want("the longest waiting first", "ACME-2 ACME-4 ACME-1 ACME-5", attended(t, s, at(30), 10, nil))
		want("of them two", "ACME-2 ACME-4", attended(t, s, at(30), 2, nil))
		want("one that waits for nothing", "ACME-2 ACME-4 ACME-1 ACME-5", attended(t, s, at(1e9), 10, nil))
		want("next", at(10).Format(time.RFC3339Nano), next())

		// What changes a piece, or somebody who has a part in it, has the clock look anew.
		calmAll(t, s, ids)
		want("all calm", "", attended(t, s, at(1e9), 10, nil))
		want("next", "never", next())
		p, err := s.Piece(ctx, ids[2])
		ok(t, err)
		update(t, s, func(tx proxy.Tx) error { return tx.SavePiece(ctx, workflow.Change{Piece: p}) })
		want("a saved piece", "ACME-3", attended(t, s, noon, 10, nil))
		calmAll(t, s, ids)
		p.Steps[2].HeardAt = at(1)
		update(t, s, func(tx proxy.Tx) error { return tx.SavePiece(ctx, workflow.Change{Piece: p}) })
		want("a piece with another step", "ACME-3", attended(t, s, noon, 10, nil))
		done := newPiece("ACME-6", c.author.ID, c.editor.ID, c.copyEditor.ID)
		for i := range done.Steps {
			done.Steps[i].State = workflow.Done
		}
		ok(t, s.AddPiece(ctx, &done, nil))
		dead := newPiece("ACME-7", c.author.ID, c.editor.ID, c.copyEditor.ID)
		dead.CancelledAt, dead.Steps[1].State = noon, workflow.Waiting
		ok(t, s.AddPiece(ctx, &dead, nil))
		want("not one that is done, or cancelled", "ACME-3", attended(t, s, noon, 10, nil))

		for name, person := range map[string]workflow.Person{"the author": c.author, "the editor": c.editor} {
			calmAll(t, s, ids)
			ok(t, s.SavePerson(ctx, &person))
			want(name+" is saved", "ACME-1 ACME-2 ACME-3 ACME-4 ACME-5", attended(t, s, noon, 10, nil))
		}
		calmAll(t, s, ids)
		ok(t, s.SavePerson(ctx, &c.copyEditor))
		want("whose step only waits", "", attended(t, s, noon, 10, nil))
		p.Steps[1].State, p.Steps[2].State, p.Stage = workflow.Done, workflow.Open, workflow.Review
		p.Steps[2].Reviewers = []workflow.Reviewer{{PersonID: c.copyEditor.ID, AskedAt: noon}}
		update(t, s, func(tx proxy.Tx) error { return tx.SavePiece(ctx, workflow.Change{Piece: p}) })
		calmAll(t, s, ids)
		ok(t, s.SavePerson(ctx, &c.copyEditor))
		want("who is asked for a review", "ACME-3", attended(t, s, noon, 10, nil))

		// A failure leaves all as it was.
		broken := errors.New("broken")
		_, err = s.AttendPieces(ctx, noon, 10, func(ctx context.Context, tx outbox.Clockwork, _ []workflow.Piece) error {
			return errors.Join(tx.WakePiece(ctx, ids[2], at(99)), broken)
		})
		if !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
		want("after a failure", "ACME-3", attended(t, s, noon, 10, nil))
	})
}

// calm has the clock look at nobody, calmAll at no piece of those either.
func calm(t testing.TB, s *store.Store) {
	t.Helper()
	_, err := s.AttendPeople(context.Background(), at(1e9), 100, func(ctx context.Context, tx outbox.Clockwork, people []workflow.Person) error {
		for _, p := range people {
			if err := tx.WakePerson(ctx, p.ID, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
	ok(t, err)
}

func calmAll(t testing.TB, s *store.Store, pieces []int64) {
	t.Helper()
	calm(t, s)
	attended(t, s, at(1e9), 100, func(ctx context.Context, tx outbox.Clockwork, _ []workflow.Piece) error {
		for _, id := range pieces {
			if err := tx.WakePiece(ctx, id, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestAttendPeople(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		attend := func(now time.Time, limit int, wake func(id int64) (time.Time, bool)) string {
			t.Helper()
			var names []string
			n, err := s.AttendPeople(ctx, now, limit, func(ctx context.Context, tx outbox.Clockwork, people []workflow.Person) error {
				names = nil
				for _, p := range people {
					names = append(names, p.Name)
					if at, ok := wake(p.ID); ok {
						if err := tx.WakePerson(ctx, p.ID, at); err != nil {
							return err
						}
					}
				}
				return nil
			})
			ok(t, err)
			if n != len(names) {
				t.Errorf("%d people, but told %d", len(names), n)
			}
			return strings.Join(names, ", ")
		}
		leave := func(int64) (time.Time, bool) { return time.Time{}, false }
		for _, tt := range []struct {
			name, want string
			now        time.Time
			limit      int
			wake       func(int64) (time.Time, bool)
		}{
			{"new ones at once", "Ana Autor, Ed Editor", noon, 2, leave},
			{"all, who are given another moment", "Ana Autor, Ed Editor, Cora Copy", noon, 10, func(id int64) (time.Time, bool) {
				return map[int64]time.Time{c.author.ID: at(20), c.editor.ID: at(10)}[id], true
			}},
			{"before", "", at(10).Add(-time.Millisecond), 10, leave},
			{"in order, without who waits for nothing", "Ed Editor, Ana Autor", at(1e9), 10, leave},
		} {
			if got := attend(tt.now, tt.limit, tt.wake); got != tt.want {
				t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
			}
		}
		ok(t, s.SavePerson(ctx, &c.copyEditor))
		if got := attend(noon, 10, leave); got != "Cora Copy" {
			t.Errorf("after a change: %q", got)
		}
	})
}

func TestReckon(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		c := addCast(t, s)
		for _, tt := range []struct{ rules, want string }{{"one", "ACME-1"}, {"one", ""}, {"two", "ACME-1"}, {"one", "ACME-1"}, {"one", ""}} {
			calmAll(t, s, []int64{c.piece.ID})
			ok(t, s.Reckon(context.Background(), tt.rules))
			if got := attended(t, s, noon, 10, nil); got != tt.want {
				t.Errorf("rules %q: the clock looks at %q, want %q", tt.rules, got, tt.want)
			}
		}
	})
}

// What waits for the end of quiet hours goes by the new ones; what waits for another try goes on waiting.
func TestReckonNotices(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		ok(t, s.Reckon(ctx, "one"))
		tried := newNotice("tried", at(1))
		tried.NextAt, tried.Attempts, tried.Error = at(50), 1, "try again later"
		night := newNotice("night", at(2))
		night.NextAt = at(40)
		enqueue(t, s, 2, tried, night)
		ok(t, s.Reckon(ctx, "one"))
		if got := lease(t, s, at(3), 10); len(got) > 0 {
			t.Errorf("under the same rules %v are due", keys(got))
		}
		ok(t, s.Reckon(ctx, "two"))
		if got := lease(t, s, at(3), 10); len(got) != 1 || got[0].Key != "night" {
			t.Errorf("under other rules %v are due", keys(got))
		}
	})
}

func TestClockwork(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		c := addCast(t, s)
		left := workflow.Person{Name: "Lena Left", Class: workflow.Internal, Addresses: []string{"lena@agency.example"}, PersonDetails: workflow.PersonDetails{LeftAt: noon}}
		ok(t, s.SavePerson(ctx, &left))
		done := newPiece("ACME-2", c.author.ID, c.editor.ID, c.copyEditor.ID)
		for i := range done.Steps {
			done.Steps[i].State = workflow.Done
		}
		ok(t, s.AddPiece(ctx, &done, nil))
		third := newPiece("ACME-3", c.author.ID, c.editor.ID, c.author.ID)
		ok(t, s.AddPiece(ctx, &third, nil))

		peer := workflow.Person{Name: "Pia Peer", Class: workflow.Outside, Addresses: []string{"pia@writers.example"}}
		ok(t, s.SavePerson(ctx, &peer))
		for code, end := range map[string]func(workflow.Piece) (workflow.Change, error){
			"ACME-4": func(p workflow.Piece) (workflow.Change, error) { return workflow.Change{Piece: p}, nil },
			"ACME-5": func(p workflow.Piece) (workflow.Change, error) {
				return p.Cancel(workflow.Cause{At: noon}, "no budget")
			},
		} {
			p, _, err := workflow.NewPiece(workflow.PieceInput{Code: code, Title: "Reviewed", AuthorID: c.editor.ID, EditorID: c.editor.ID, Stage: workflow.Review}, workflow.Cause{At: noon})
			ok(t, err)
			asked, err := p.AskReviewers(workflow.Cause{At: noon}, 0, peer.ID, c.copyEditor.ID)
			ok(t, err)
			ended, err := end(asked.Piece)
			ok(t, err)
			ok(t, s.AddPiece(ctx, &ended.Piece, nil))
		}

		colleagues, err := s.Colleagues(ctx)
		ok(t, err)
		if diff := cmp.Diff([]workflow.Person{c.copyEditor, c.editor}, colleagues); diff != "" {
			t.Errorf("colleagues: %s", diff)
		}
		attended(t, s, noon, 1, func(ctx context.Context, tx outbox.Clockwork, _ []workflow.Piece) error {
			for _, tt := range []struct {
				person int64
				limit  int
				want   string
			}{{c.author.ID, 10, "ACME-1 ACME-3"}, {c.author.ID, 1, "ACME-1"}, {c.copyEditor.ID, 10, "ACME-1 ACME-4"}, {left.ID, 10, ""}, {peer.ID, 10, "ACME-4"},
				{c.author.ID, 0, "ACME-1 ACME-3"}} {
				pieces, err := tx.PiecesOf(ctx, tt.person, tt.limit)
				if err != nil {
					return err
				}
				var codes []string
				for _, p := range pieces {
					codes = append(codes, p.Code)
				}
				if got := strings.Join(codes, " "); got != tt.want {
					t.Errorf("pieces of %d: %q, want %q", tt.person, got, tt.want)
				}
			}
			for i, name := range []string{"demo", "demo", "pitch", "demo"} {
				n, err := tx.Count(ctx, name)
				if err != nil {
					return err
				}
				if want := []int64{1, 2, 1, 3}[i]; n != want {
					t.Errorf("count %d of %s is %d, want %d", i, name, n, want)
				}
			}
			return nil
		})
		attended(t, s, noon, 1, func(ctx context.Context, tx outbox.Clockwork, _ []workflow.Piece) error {
			n, err := tx.Count(ctx, "demo")
			if n != 4 {
				t.Errorf("the count goes on with %d", n)
			}
			return err
		})
	})
}

// Two instances at once do not attend to the same piece.
func TestAttendedByOne(t *testing.T) {
	dsn := newPostgres(t) // SQLite has one writer
	migrate(t, dsn)
	s, other := open(t, dsn), open(t, dsn)
	c := addCast(t, s)
	second := newPiece("ACME-2", c.author.ID, c.editor.ID, c.copyEditor.ID)
	ok(t, s.AddPiece(context.Background(), &second, nil))
	got := attended(t, s, noon, 1, func(context.Context, outbox.Clockwork, []workflow.Piece) error {
		if got := attended(t, other, noon, 10, nil); got != "ACME-2" {
			t.Errorf("the other attends to %q", got)
		}
		return nil
	})
	if got != "ACME-1" {
		t.Errorf("the first attends to %q", got)
	}
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/store"
	"handoff/workflow"
)

type dueOptions struct {
	sizes []int
	due   int
	dir   string
	keep  bool
}

// due measures whether finding and queueing what is due depends on how many steps are open: the same number of pieces has a
// reminder due at each size, spread over all. Each database is opened anew before it is measured.
func due(ctx context.Context, args []string) (err error) {
	o := dueOptions{sizes: []int{1000, 100_000, 1_000_000}}
	err = flags("due", args, func(f *flag.FlagSet) {
		f.Func("pieces", "numbers of open steps, comma-separated (default 1000,100000,1000000)", func(s string) (err error) {
			o.sizes, err = numbers(s)
			return err
		})
		f.IntVar(&o.due, "due", 1000, "pieces with a reminder due")
		f.StringVar(&o.dir, "dir", "", "directory on the disk to measure (default: a temporary one beside the module)")
		f.BoolVar(&o.keep, "keep", false, "leave all files behind")
	})
	if err != nil {
		return err
	}
	if o.due < 1 || o.due > slices.Min(o.sizes) {
		return fmt.Errorf("%d pieces cannot be due: write 1 to %d, the smallest of -pieces", o.due, slices.Min(o.sizes))
	}
	dir, err := workDir(ctx, o.dir)
	if err != nil {
		return err
	}
	defer func() { err = leave(dir, o.keep, err) }()
	if _, err := dueAt(ctx, filepath.Join(dir, "warm-up"), o.due, o.due); err != nil {
		return err
	}
	var results []dueResult
	for _, pieces := range o.sizes {
		r, err := dueAt(ctx, filepath.Join(dir, strconv.Itoa(pieces)), pieces, o.due)
		if err != nil {
			return fmt.Errorf("%d pieces: %w", pieces, err)
		}
		results = append(results, r)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "open steps\tdue\tsoon ms\ttoday ms\tlate ms\tin all ms\tbare queueing ms\tnothing due ms\tdatabase MB\t")
	for _, r := range results {
		fmt.Fprintf(w, "%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%.0f\t\n", r.pieces, o.due, ms(r.rounds[0]), ms(r.rounds[1]), ms(r.rounds[2]), ms(r.total()),
			ms(r.bare), ms(r.idle), float64(r.database)/1e6)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Println()
	first, last := results[0], results[len(results)-1]
	fmt.Printf("ratio due/bare_%s %.2f\n", count(first.pieces), float64(first.total())/float64(first.bare))
	for _, r := range results[1 : len(results)-1] {
		fmt.Printf("ratio due_%s_over_%s %.2f\n", count(r.pieces), count(first.pieces), float64(r.total())/float64(first.total()))
	}
	fmt.Printf("ratio due_%s_over_%s %.2f\n", count(last.pieces), count(first.pieces), float64(last.total())/float64(first.total()))
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()*1e3) }

// count is a number as people say it: 1k, 1M.
func count(n int) string {
	if n >= 1_000_000 && n%1_000_000 == 0 {
		return strconv.Itoa(n/1_000_000) + "M"
	}
	return short(n)
}

// dueResult is one size's figures.
type dueResult struct {
	pieces   int
	rounds   [3]time.Duration // a tick each on which every due piece has one reminder more
	bare     time.Duration    // to queue as many notices as the rounds, from memory
	idle     time.Duration    // a tick with nothing due
	database int64
}

func (r dueResult) total() time.Duration { return r.rounds[0] + r.rounds[1] + r.rounds[2] }

// The deadline of what is due is four days after the first: soon, today and overdue by one day, all at nine.
var (
	dueBegin  = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	dueRounds = [3]time.Time{dueBegin.AddDate(0, 0, 1), dueBegin.AddDate(0, 0, 4), dueBegin.AddDate(0, 0, 5)}
)

func dueAt(ctx context.Context, dir string, pieces, due int) (r dueResult, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return r, err
	}
	dsn := filepath.Join(dir, "handoff.db")
	if err := store.Migrate(ctx, dsn, nil); err != nil {
		return r, err
	}
	if err := fillDue(ctx, dsn, pieces, due); err != nil {
		return r, err
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	key, err := s.AddKey(ctx, dueBegin)
	if err != nil {
		return r, err
	}
	identity, err := outbox.NewIdentity([]outbox.Key{key}, replyAddress, teamDomain)
	if err != nil {
		return r, err
	}
	now := clock.NewFake(dueBegin)
	scheduler := &outbox.Scheduler{Agenda: s, Clock: now, Log: slog.New(slog.DiscardHandler), Composer: &outbox.Composer{
		Team: "Example Agency", Identity: identity, Clock: now, Locale: "en", Rules: workflow.DefaultReminderRules()}}
	tick := func(want int) (time.Duration, error) {
		runtime.GC()
		begun := time.Now()
		n, err := scheduler.Tick(ctx)
		took := time.Since(begun)
		if err == nil && n != want {
			err = fmt.Errorf("at %s %d notices were queued, not %d", now.Now(), n, want)
		}
		return took, err
	}
	r.pieces = pieces
	if r.idle, err = tick(0); err != nil {
		return r, err
	}
	for i, at := range dueRounds {
		now.Advance(at.Sub(now.Now()))
		if r.rounds[i], err = tick(due); err != nil {
			return r, err
		}
	}
	notices, err := s.Notices(ctx, 0, 0, len(dueRounds)*due)
	if err != nil {
		return r, err
	}
	for i := range notices {
		notices[i].Key = "bare:" + notices[i].Key
	}
	runtime.GC()
	begun := time.Now()
	for page := range slices.Chunk(notices, 100) {
		if _, err := s.Enqueue(ctx, page); err != nil {
			return r, err
		}
	}
	r.bare = time.Since(begun)
	info, err := os.Stat(dsn)
	if err != nil {
		return r, err
	}
	r.database = info.Size()
	return r, nil
}

// fillDue enters pieces whose drafts are open, ten thousand to a transaction, as the clock would have left them: each waits
// for its first reminder. The due ones lie among the others in equal distances, and have an author each.
func fillDue(ctx context.Context, dsn string, pieces, due int) (err error) {
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	team := newTeam(max(due, pieces/25), 0, pieces)
	f := &dueFill{team: team, every: pieces / due, due: due}
	if err := s.Admin(ctx, func(tx store.AdminTx) error { return f.people(ctx, tx) }); err != nil {
		return err
	}
	bar := newProgress("pieces entered", pieces)
	for done := 1; done < pieces; {
		// The piece entered with the people keeps the clock busy, so that it lets us write.
		until := min(done+10_000, pieces)
		_, err := s.AttendPieces(ctx, dueBegin, 1, func(ctx context.Context, tx outbox.Clockwork, _ []workflow.Piece) error {
			for i := done; i < until; i++ {
				id, wake, err := f.piece(i, func(p *workflow.Piece, events []workflow.Event) error { return tx.AddPiece(ctx, p, events) })
				if err == nil {
					err = tx.WakePiece(ctx, id, wake)
				}
				if err != nil {
					return err
				}
				bar.set(i)
			}
			return nil
		})
		if err != nil {
			return err
		}
		done = until
	}
	bar.end()
	_, err = s.AttendPieces(ctx, dueBegin, 1, func(ctx context.Context, tx outbox.Clockwork, _ []workflow.Piece) error {
		return tx.WakePiece(ctx, f.firstID, f.firstWake)
	})
	for n := 1; n > 0 && err == nil; {
		n, err = s.AttendPeople(ctx, dueBegin, 10_000, func(ctx context.Context, tx outbox.Clockwork, people []workflow.Person) error {
			for _, p := range people {
				if err := tx.WakePerson(ctx, p.ID, time.Time{}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return err
}

// dueFill enters a team.
type dueFill struct {
	team       *Team
	every, due int
	editor     int64
	authors    []int64
	firstID    int64
	firstWake  time.Time
}

// people enters everybody, and the first piece.
func (f *dueFill) people(ctx context.Context, tx store.AdminTx) error {
	editor := workflow.Person{Name: staff[0].name, Class: workflow.Internal, Roles: []workflow.Role{workflow.Editor}, Addresses: []string{staff[0].address}}
	if err := tx.SavePerson(ctx, &editor); err != nil {
		return err
	}
	f.editor, f.authors = editor.ID, nil
	for _, one := range f.team.People {
		p := workflow.Person{Name: one.Name, Class: workflow.Outside, Roles: []workflow.Role{workflow.Author}, Addresses: []string{one.Address}}
		if err := tx.SavePerson(ctx, &p); err != nil {
			return err
		}
		f.authors = append(f.authors, p.ID)
	}
	var err error
	f.firstID, f.firstWake, err = f.piece(0, func(p *workflow.Piece, events []workflow.Event) error { return tx.AddPiece(ctx, p, events) })
	return err
}

// piece enters one and tells when its first reminder is.
func (f *dueFill) piece(i int, add func(*workflow.Piece, []workflow.Event) error) (int64, time.Time, error) {
	author, days := f.authors[i%len(f.authors)], 200
	if i%f.every == 0 && i/f.every < f.due {
		author, days = f.authors[i/f.every], 4
	}
	year, month, day := dueBegin.AddDate(0, 0, days).Date()
	cause := workflow.Cause{At: dueBegin, PersonID: author}
	p, events, err := workflow.NewPiece(workflow.PieceInput{
		Code: f.team.Pieces[i].Code, Title: f.team.Pieces[i].Title, Stage: workflow.Draft, AuthorID: author, EditorID: f.editor,
		Deadline: workflow.EndOfDay(year, month, day+30, time.UTC),
		Steps:    map[workflow.Stage]workflow.StepInput{workflow.Draft: {Deadline: workflow.EndOfDay(year, month, day, time.UTC)}},
	}, cause)
	if err != nil {
		return 0, time.Time{}, err
	}
	accepted, err := p.Accept(cause) // nobody is asked whether they take it
	if err != nil {
		return 0, time.Time{}, err
	}
	p = accepted.Piece
	if err := add(&p, events); err != nil {
		return 0, time.Time{}, err
	}
	_, next := workflow.Reminders(p, workflow.DefaultReminderRules(), dueBegin, func(id int64) workflow.Person { return workflow.Person{ID: id} })
	return p.ID, next, nil
}

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/proxy"
	"handoff/store"
	"handoff/workflow"
)

type matchOptions struct {
	sizes []int
	mails int
	dir   string
	keep  bool
}

// match measures how deciding slows down as the team's pieces grow in number: the same mix of mails, with the store's real
// lookups, no mail decided twice.
func match(ctx context.Context, args []string) (err error) {
	o := matchOptions{sizes: []int{100, 10_000, 1_000_000}}
	err = flags("match", args, func(f *flag.FlagSet) {
		f.Func("pieces", "numbers of pieces, comma-separated (default 100,10000,1000000)", func(s string) (err error) {
			o.sizes, err = numbers(s)
			return err
		})
		f.IntVar(&o.mails, "mails", 20_000, "mails to decide at each size")
		f.StringVar(&o.dir, "dir", "", "directory on the disk to measure (default: a temporary one beside the module)")
		f.BoolVar(&o.keep, "keep", false, "leave all files behind")
	})
	if err != nil {
		return err
	}
	dir, err := workDir(ctx, o.dir)
	if err != nil {
		return err
	}
	defer func() { err = leave(dir, o.keep, err) }()
	var results []matchResult
	for _, pieces := range o.sizes {
		r, err := matchAt(ctx, filepath.Join(dir, strconv.Itoa(pieces)), pieces, o.mails)
		if err != nil {
			return fmt.Errorf("%d pieces: %w", pieces, err)
		}
		results = append(results, r)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "pieces\tdecisions/s\tmicroseconds each\tp99\tdatabase MB\t")
	for _, r := range results {
		fmt.Fprintf(w, "%d\t%.0f\t%.0f\t%.0f\t%.0f\t\n", r.pieces, 1e6/r.mean, r.mean, r.p99, float64(r.database)/1e6)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Println("\nwhat was decided, of", o.mails)
	for _, r := range results {
		fmt.Printf("%9d pieces: %s\n", r.pieces, r.decided)
	}
	fmt.Println()
	for _, r := range results[1:] {
		fmt.Printf("ratio match_%s/%s %.2f\n", short(r.pieces), short(results[0].pieces), r.mean/results[0].mean)
	}
	return nil
}

func numbers(s string) ([]int, error) {
	var all []int
	for field := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a number of pieces", field)
		}
		all = append(all, n)
	}
	return all, nil
}

func short(n int) string {
	if n >= 1000 && n%1000 == 0 {
		return strconv.Itoa(n/1000) + "k"
	}
	return strconv.Itoa(n)
}

// matchResult is one size's figures; times are in microseconds.
type matchResult struct {
	pieces    int
	mean, p99 float64
	database  int64
	decided   string
}

func matchAt(ctx context.Context, dir string, pieces, mails int) (r matchResult, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return r, err
	}
	dsn := filepath.Join(dir, "handoff.db")
	if err := store.Migrate(ctx, dsn, nil); err != nil {
		return r, err
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	now := time.Now().UTC()
	team := newTeam(max(pieces/25, 4), pieces/10, pieces)
	if err := fillStore(ctx, s, team, now); err != nil {
		return r, err
	}
	if err := team.resolve(ctx, s, now); err != nil {
		return r, err
	}
	const warmUp = 500
	received, err := readAll(ctx, &Corpus{Seed: 1, Team: team, Base: now, Size: mails + warmUp, Every: PlainReply})
	if err != nil {
		return r, err
	}
	decider := &proxy.Decider{Identity: team.identity, Clock: clock.System{}, Caps: proxy.Caps{Address: -1, Template: -1, Total: -1}}
	for _, m := range received[:warmUp] {
		if _, err := decider.Decide(ctx, s, m); err != nil {
			return r, err
		}
	}
	runtime.GC()
	times := make([]float64, 0, mails)
	actions := map[string]int{}
	var total time.Duration
	for _, m := range received[warmUp:] {
		begun := time.Now()
		d, err := decider.Decide(ctx, s, m)
		took := time.Since(begun)
		if err != nil {
			return r, err
		}
		total += took
		times = append(times, float64(took.Nanoseconds())/1e3)
		actions[string(d.Action)]++
	}
	slices.Sort(times)
	r = matchResult{pieces: pieces, mean: float64(total.Nanoseconds()) / 1e3 / float64(mails), p99: percentile(times, 99), decided: counts(actions)}
	info, err := os.Stat(dsn)
	if err != nil {
		return r, err
	}
	r.database = info.Size()
	return r, nil
}

// fillStore enters the team, ten thousand pieces to a transaction.
func fillStore(ctx context.Context, s *store.Store, team *Team, now time.Time) error {
	staffID := make([]int64, len(staff))
	authorID := make([]int64, len(team.People))
	err := s.Admin(ctx, func(tx store.AdminTx) error {
		for i, one := range staff {
			p := workflow.Person{Name: one.name, Class: workflow.Internal, Roles: []workflow.Role{workflow.Role(one.roles)}, Addresses: []string{one.address}}
			if err := tx.SavePerson(ctx, &p); err != nil {
				return err
			}
			staffID[i] = p.ID
		}
		for i, one := range team.People {
			p := workflow.Person{Name: one.Name, Class: workflow.Outside, Roles: []workflow.Role{workflow.Author}, Addresses: []string{one.Address}}
			if err := tx.SavePerson(ctx, &p); err != nil {
				return err
			}
			authorID[i] = p.ID
		}
		return nil
	})
	if err != nil {
		return err
	}
	bar := newProgress("pieces entered", len(team.Pieces))
	done := 0
	for chunk := range slices.Chunk(team.Pieces, 10_000) {
		err := s.Admin(ctx, func(tx store.AdminTx) error {
			for _, one := range chunk {
				p, events, err := workflow.NewPiece(workflow.PieceInput{
					Code: one.Code, Title: one.Title, Stage: workflow.Draft, Deadline: draftDeadline(now),
					AuthorID: authorID[one.Author], EditorID: staffID[0], LeadID: staffID[len(staffID)-1],
				}, workflow.Cause{At: now})
				if err != nil {
					return err
				}
				if err := tx.AddPiece(ctx, &p, events); err != nil {
					return err
				}
				done++
				bar.set(done)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	bar.end()
	return nil
}

// readAll reads the whole corpus, as the Poller would have handed it on.
func readAll(ctx context.Context, corpus *Corpus) ([]inbox.Received, error) {
	options := inbox.Options{AuthservIDs: []string{authservID}, OwnAddresses: []string{teamAddress}}
	received := make([]inbox.Received, corpus.Size)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range received {
		group.Go(func() error {
			raw := corpus.Append(nil, i)
			m, err := inbox.Read(ctx, bytes.NewReader(raw), int64(len(raw)), options)
			if err != nil {
				return err
			}
			received[i] = inbox.Received{Mailbox: "inbox", UIDValidity: 1, UID: uint32(i + 1), Size: int64(len(raw)), ReceivedAt: corpus.Base, Message: m}
			return nil
		})
	}
	return received, group.Wait()
}

func counts(of map[string]int) string {
	var parts []string
	for name, n := range of {
		parts = append(parts, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// percentile of sorted values.
func percentile(sorted []float64, p int) float64 {
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"handoff/internal/clock"
	"handoff/internal/mailtest"
	"handoff/outbox"
	"handoff/outbox/dkim"
	"handoff/outbox/smtp"
	"handoff/store"
	"handoff/templates"
	"handoff/workflow"
)

type sendOptions struct {
	mails, rounds int
	sizes         []int
	sign          bool
	server        string
	dir           string
	keep          bool
}

// send measures how fast queued notices are accepted by a server, durably, beside the same bytes sent bare over one connection
// in the same run; and whether a long queue costs memory or time.
func send(ctx context.Context, args []string) (err error) {
	o := sendOptions{mails: 3000, rounds: 5, server: "auto", sizes: []int{1000, 100_000}}
	err = flags("send", args, func(f *flag.FlagSet) {
		f.IntVar(&o.mails, "mails", o.mails, "notices to send in each round")
		f.IntVar(&o.rounds, "n", o.rounds, "rounds, of which the median counts; in each, the queue and the bare loop take turns")
		f.Func("queued", "lengths of the queue to compare memory and picking at, comma-separated (default 1000,100000)", func(s string) (err error) {
			o.sizes, err = numbers(s)
			return err
		})
		f.BoolVar(&o.sign, "dkim", false, "sign the mails with an RSA key")
		f.StringVar(&o.server, "server", o.server, "mail server: postfix, sink (in this process), or auto for Postfix where it is installed")
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
	queued := filepath.Join(dir, "queued.db")
	if err := fillSend(ctx, queued, o.mails); err != nil {
		return err
	}
	if err := sendToServer(ctx, o, dir, queued); err != nil {
		return err
	}
	to, err := startSink("")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	fmt.Println("To a server that forgets each mail at once:")
	if err := sendRounds(ctx, o, dir, queued, "send_over_bare_forgotten", to.addr); err != nil {
		return err
	}
	return sendQueues(ctx, o, dir, to)
}

// sendToServer sends to a server that keeps what it takes.
func sendToServer(ctx context.Context, o sendOptions, dir, queued string) error {
	if o.server != "sink" {
		p, err := mailtest.StartPostfix(ctx, mailtest.PostfixOptions{Discard: true})
		switch {
		case err == nil:
			fmt.Println("To Postfix, which flushes each mail to its queue before it answers:")
			return errors.Join(sendRounds(ctx, o, dir, queued, "send_over_bare", p.SMTPAddr), p.Close())
		case o.server != "auto" || !errors.Is(err, mailtest.ErrMissing):
			return err
		}
	}
	to, err := startSink(dir)
	if err != nil {
		return err
	}
	fmt.Println("To a server that flushes each mail to a file before it answers:")
	return errors.Join(sendRounds(ctx, o, dir, queued, "send_over_bare", to.addr), to.close())
}

// sendRounds prints how fast o.mails notices go out, and the same bytes bare.
func sendRounds(ctx context.Context, o sendOptions, dir, queued, name, addr string) error {
	var key []dkim.Key
	if o.sign {
		k, _, err := dkim.Generate(teamDomain, "bench", dkim.RSA)
		if err != nil {
			return err
		}
		key = append(key, k)
	}
	var letters []letter
	collect := func(raw []byte, m outbox.Mail) {
		from := m.Bounces
		if m.AutoReply {
			from = ""
		}
		letters = append(letters, letter{from, m.ToAddress, raw})
	}
	var ours, bare, ratios []float64
	for round := range o.rounds + 1 {
		took, err := sendQueued(ctx, queued, filepath.Join(dir, "round.db"), addr, smtp.Config{DKIM: key, Accepted: collect}, o.mails)
		if err != nil {
			return err
		}
		collect = func([]byte, outbox.Mail) {}
		runtime.GC()
		begun := time.Now()
		if err := sendBare(addr, letters); err != nil {
			return err
		}
		alone := time.Since(begun)
		if round == 0 { // a warm-up, which told the bytes
			continue
		}
		ours, bare = append(ours, float64(o.mails)/took.Seconds()), append(bare, float64(o.mails)/alone.Seconds())
		ratios = append(ratios, alone.Seconds()/took.Seconds())
	}
	bytes := 0
	for _, l := range letters {
		bytes += len(l.raw)
	}
	fmt.Printf("%d notices of %.1f kB in each round\n", o.mails, float64(bytes)/1e3/float64(len(letters)))
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tmails/s, median\teach round\t")
	fmt.Fprintf(w, "queued to accepted, durable\t%.0f\t%s\t\n", medianOf(ours), figures(ours, "%.0f"))
	fmt.Fprintf(w, "bare, one connection\t%.0f\t%s\t\n", medianOf(bare), figures(bare, "%.0f"))
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Printf("each ratio: %s\n\nratio %s %.2f\n\n", figures(ratios, "%.2f"), name, medianOf(ratios))
	return nil
}

func figures(all []float64, format string) string {
	var texts []string
	for _, f := range all {
		texts = append(texts, fmt.Sprintf(format, f))
	}
	return strings.Join(texts, " ")
}

// sendQueued sends what is queued in a copy of the database and tells how long that took.
func sendQueued(ctx context.Context, queued, dsn, addr string, cfg smtp.Config, mails int) (took time.Duration, err error) {
	if err := copyDatabase(queued, dsn); err != nil {
		return 0, err
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d, err := sendDispatcher(ctx, s, addr, cfg)
	if err != nil {
		return 0, err
	}
	defer d.Sender.Close()
	runtime.GC()
	begun := time.Now()
	sent, err := d.Poll(ctx)
	took = time.Since(begun)
	if err == nil && sent != mails {
		err = fmt.Errorf("%d mails were sent, not %d", sent, mails)
	}
	if _, waits, nextErr := s.NextDue(ctx); err == nil && (waits || nextErr != nil) {
		err = errors.Join(nextErr, errors.New("not every notice was settled"))
	}
	return took, err
}

// sendDispatcher is that of serve.
func sendDispatcher(ctx context.Context, s *store.Store, addr string, cfg smtp.Config) (*outbox.Dispatcher, error) {
	composer, err := sendComposer(ctx, s)
	if err != nil {
		return nil, err
	}
	cfg.Address, cfg.TLS = addr, smtp.None
	sender, err := smtp.New(cfg)
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	scheduler := &outbox.Scheduler{Agenda: s, Clock: composer.Clock, Log: quiet, Composer: composer}
	return &outbox.Dispatcher{Queue: s, Sender: sender, Templates: &templates.Library{Kept: s}, From: "Example Agency <" + teamAddress + ">", Clock: composer.Clock, Log: quiet,
		Outdated: scheduler.Outdated, Bounces: composer.Identity.BounceAddress}, nil
}

func sendComposer(ctx context.Context, s *store.Store) (*outbox.Composer, error) {
	keys, err := s.Keys(ctx)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		key, err := s.AddKey(ctx, dueBegin)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	identity, err := outbox.NewIdentity(keys, replyAddress, teamDomain)
	if err != nil {
		return nil, err
	}
	if err := identity.BouncesTo(replyAddress); err != nil {
		return nil, err
	}
	return &outbox.Composer{Team: "Example Agency", Identity: identity, Clock: clock.NewFake(dueRounds[0]), Locale: "en", Rules: workflow.DefaultReminderRules()}, nil
}

// fillSend makes a database with so many notices due: half are reminders of open pieces, half automatic receipts.
func fillSend(ctx context.Context, dsn string, notices int) (err error) {
	if err := store.Migrate(ctx, dsn, nil); err != nil {
		return err
	}
	reminders := max(notices/2, 1)
	if err := fillDue(ctx, dsn, reminders, reminders); err != nil {
		return err
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	composer, err := sendComposer(ctx, s)
	if err != nil {
		return err
	}
	scheduler := &outbox.Scheduler{Agenda: s, Clock: composer.Clock, Log: slog.New(slog.DiscardHandler), Composer: composer}
	n, err := scheduler.Tick(ctx)
	if err != nil {
		return err
	}
	return queueReceipts(ctx, s, composer, 0, notices-n, outbox.Prompt)
}

// queueReceipts adds n automatic replies, counted from first, which take turns in having each of the priorities.
func queueReceipts(ctx context.Context, s *store.Store, composer *outbox.Composer, first, n int, priorities ...outbox.Priority) error {
	const page = 500
	var notices []outbox.Notice
	for i := first; i < first+n; i++ {
		to := workflow.Person{Name: fmt.Sprint("Reader ", i), Addresses: []string{fmt.Sprintf("reader%d@press.example", i)}}
		one, err := composer.Compose(templates.Sample("receipt"), to, outbox.About{Key: fmt.Sprint("bench:", i), AutoReply: true, InReplyTo: fmt.Sprintf("%d@press.example", i)})
		if err != nil {
			return err
		}
		one.Priority = priorities[i%len(priorities)]
		if notices = append(notices, one); len(notices) < page && i+1 < first+n {
			continue
		}
		if _, err := s.Enqueue(ctx, notices); err != nil {
			return err
		}
		notices = notices[:0]
	}
	return nil
}

// copyDatabase copies a closed SQLite database.
func copyDatabase(from, to string) error {
	for _, beside := range []string{"-wal", "-shm"} {
		if err := os.Remove(to + beside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// sendQueues prints what queues of several lengths cost: the memory of a process that sends as many mails from each, and the
// time to pick a batch.
func sendQueues(ctx context.Context, o sendOptions, dir string, to *sink) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	type result struct {
		queued int
		peak   float64
		pick   time.Duration
	}
	sent := slices.Min(o.sizes)
	lengths := append(slices.Clone(o.sizes), 100)
	slices.Sort(lengths)
	lengths = slices.Compact(lengths)
	var paths []string
	for _, queued := range lengths {
		paths = append(paths, filepath.Join(dir, "queue-"+strconv.Itoa(queued)+".db"))
		if err := fillQueue(ctx, paths[len(paths)-1], queued); err != nil {
			return err
		}
	}
	picks, err := pickTimes(ctx, paths)
	if err != nil {
		return err
	}
	var results []result
	for i, queued := range lengths {
		r := result{queued: queued, pick: picks[i]}
		if queued >= sent {
			cost, err := measured(ctx, filepath.Join(dir, "send-"+strconv.Itoa(queued)+".log"), nil, self, childSend, "-database", paths[i], "-address", to.addr, "-mails", strconv.Itoa(sent))
			if err != nil {
				return err
			}
			r.peak = peakMB(cost)
		}
		results = append(results, r)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "queued\tpicking 20, ms\tpeak MB, %d sent\t\n", sent)
	for _, r := range results {
		peak := ""
		if r.peak > 0 {
			peak = fmt.Sprintf("%.1f", r.peak)
		}
		fmt.Fprintf(w, "%d\t%.3f\t%s\t\n", r.queued, millis(r.pick), peak)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	least, most := results[0], results[len(results)-1]
	fmt.Printf("\nratio pick_%s_over_%s %.2f\n", count(most.queued), count(least.queued), float64(most.pick)/float64(least.pick))
	first := results[slices.IndexFunc(results, func(r result) bool { return r.queued == sent })]
	fmt.Printf("ratio memory_%s_over_%s %.2f\n", count(most.queued), count(first.queued), most.peak/first.peak)
	return nil
}

func fillQueue(ctx context.Context, dsn string, queued int) (err error) {
	if err := store.Migrate(ctx, dsn, nil); err != nil {
		return err
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	composer, err := sendComposer(ctx, s)
	if err != nil {
		return err
	}
	bar := newProgress("notices queued", queued)
	const page = 5000
	for done := 0; done < queued; done += page {
		if err := queueReceipts(ctx, s, composer, done, min(page, queued-done), outbox.Priorities()...); err != nil {
			return err
		}
		bar.set(min(done+page, queued))
	}
	bar.end()
	return nil
}

// pickTimes are, for each database, the median time to look for what is due and to take a batch of it; the databases take turns.
// Each batch is given back.
func pickTimes(ctx context.Context, paths []string) (took []time.Duration, err error) {
	var stores []*store.Store
	defer func() {
		for _, s := range stores {
			err = errors.Join(err, s.Close())
		}
	}()
	for _, dsn := range paths {
		s, err := store.Open(ctx, dsn)
		if err != nil {
			return nil, err
		}
		stores = append(stores, s)
	}
	now := dueRounds[0].Add(time.Hour)
	all := make([][]float64, len(stores))
	for range 101 {
		for i, s := range stores {
			begun := time.Now()
			leased, err := s.Lease(ctx, now, now.Add(15*time.Minute), 20)
			all[i] = append(all[i], float64(time.Since(begun)))
			if err != nil || len(leased) != 20 {
				return nil, errors.Join(err, fmt.Errorf("%d notices were picked", len(leased)))
			}
			var back []outbox.Result
			for _, n := range leased {
				back = append(back, outbox.Result{ID: n.ID, Attempt: n.Attempts, State: outbox.Queued, NextAt: n.DueAt, At: now, Untried: true})
			}
			if err := s.Settle(ctx, back); err != nil {
				return nil, err
			}
		}
	}
	for _, times := range all {
		took = append(took, time.Duration(medianOf(times)))
	}
	return took, nil
}

const childSend = "send-some"

// sendChild sends so many mails of a queue and ends.
func sendChild(ctx context.Context, args []string) (err error) {
	set := flag.NewFlagSet(childSend, flag.ContinueOnError)
	dsn, addr, mails := set.String("database", "", "file"), set.String("address", "", "host:port"), set.Int("mails", 0, "how many")
	if err := set.Parse(args); err != nil {
		return err
	}
	s, err := store.Open(ctx, *dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	accepted := 0
	d, err := sendDispatcher(ctx, s, *addr, smtp.Config{Accepted: func([]byte, outbox.Mail) {
		if accepted++; accepted == *mails {
			stop()
		}
	}})
	if err != nil {
		return err
	}
	defer d.Sender.Close()
	sent, err := d.Poll(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if sent != *mails {
		return fmt.Errorf("%d mails were sent, not %d", sent, *mails)
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"handoff/proxy"
	"handoff/store"
)

// phase is one of the three measured ways to take the mailbox in.
type phase struct {
	letter, what string
	run          func(ctx context.Context, log string) (Cost, error)
	costs        []Cost
}

type ingestOptions struct {
	mails, repeats int
	dir, server    string
	binary         string
	seed           uint64
	keep           bool
}

// ingest compares the whole gateway with a bare pull and with the durable floor, over the same mailbox.
func ingest(ctx context.Context, args []string) (err error) {
	var o ingestOptions
	err = flags("ingest", args, func(f *flag.FlagSet) {
		f.IntVar(&o.mails, "mails", 5000, "mails in the mailbox")
		f.IntVar(&o.repeats, "n", 1, "how often to run the three phases, in turn; the medians are printed")
		f.StringVar(&o.dir, "dir", "", "directory on the disk to measure (default: a temporary one beside the module)")
		f.StringVar(&o.server, "server", "auto", serverHelp)
		f.StringVar(&o.binary, "binary", "", "absolute path of the handoff to measure (default: built from this module)")
		f.Uint64Var(&o.seed, "seed", 1, "seed of the generated mails")
		f.BoolVar(&o.keep, "keep", false, "leave all files behind")
	})
	if err != nil {
		return err
	}
	if o.mails < 1 || o.repeats < 1 {
		return fmt.Errorf("-mails and -n are at least 1")
	}
	dir, err := workDir(ctx, o.dir)
	if err != nil {
		return err
	}
	defer func() { err = leave(dir, o.keep, err) }()
	server, err := startServer(ctx, o.server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()

	gateway, bytes, err := prepareIngest(ctx, o, dir, server)
	if err != nil {
		return err
	}
	phases, err := ingestPhases(server, gateway, dir)
	if err != nil {
		return err
	}
	for repeat := range o.repeats {
		for i := range phases {
			p := &phases[i]
			fmt.Fprintf(os.Stderr, "(%s) %s, run %d of %d\n", p.letter, p.what, repeat+1, o.repeats)
			c, err := p.run(ctx, filepath.Join(dir, fmt.Sprintf("%s%d.log", p.letter, repeat)))
			if err != nil {
				return fmt.Errorf("(%s) %s: %w", p.letter, p.what, err)
			}
			p.costs = append(p.costs, c)
		}
		if err := checkIngest(ctx, gateway, o.mails); err != nil {
			return err
		}
	}
	return printIngest(ctx, o, server, gateway, bytes, phases)
}

// workDir is a new directory below dir, or beside the module where dir is not given: /tmp is often memory.
func workDir(ctx context.Context, dir string) (string, error) {
	if dir == "" {
		root, err := moduleRoot(ctx)
		if err != nil {
			return "", err
		}
		dir = filepath.Dir(root)
	}
	return os.MkdirTemp(dir, "handoff-bench-")
}

// empty frees the space of a phase's files and leaves the files: ext4 passes over the inodes of files just deleted, one by one,
// whenever it makes a file, and memory that the system never used before is slow to come by. Either would fall on the next phase.
func empty(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Truncate(path, 0)
	})
}

// leave removes dir, unless it is to be kept or tells why err came about.
func leave(dir string, keep bool, err error) error {
	if keep || err != nil {
		fmt.Fprintln(os.Stderr, "files stay in", dir)
		return err
	}
	return os.RemoveAll(dir)
}

// prepareIngest lets the gateway see the empty mailbox, so that all that comes is new mail, and then fills it.
func prepareIngest(ctx context.Context, o ingestOptions, dir string, server *Server) (*Gateway, int64, error) {
	now := time.Now()
	gateway, err := newGateway(ctx, filepath.Join(dir, "gateway"), o.binary, server.Login, unreachable)
	if err != nil {
		return nil, 0, err
	}
	team := newTeam(50, 0, 200)
	if err := gateway.enter(ctx, team, now); err != nil {
		return nil, 0, err
	}
	if err := gateway.do(ctx, "poll", "--once"); err != nil {
		return nil, 0, err
	}
	if err := gateway.keep(); err != nil {
		return nil, 0, err
	}
	bytes, err := load(ctx, server.Login, &Corpus{Seed: o.seed, Team: team, Base: now, Size: o.mails})
	return gateway, bytes, err
}

// unreachable is an SMTP server that refuses connections: port 1 is nobody's. Replies are queued, sending them is not measured.
const unreachable = "127.0.0.1:1"

func ingestPhases(server *Server, gateway *Gateway, dir string) ([]phase, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.Setenv(passwordEnv, server.Login.Password); err != nil {
		return nil, err
	}
	puller := append([]string{self, childPull}, server.Login.flags()...)
	floors := 0
	return []phase{
		{letter: "a", what: "bare pull, bodies discarded", run: func(ctx context.Context, log string) (Cost, error) {
			return measured(ctx, log, nil, puller...)
		}},
		{letter: "b", what: "durable floor", run: func(ctx context.Context, log string) (Cost, error) {
			floors++
			floor := filepath.Join(dir, fmt.Sprintf("floor-%d", floors))
			settle()
			c, err := measured(ctx, log, nil, append(slices.Clone(puller), "-store", floor)...)
			return c, errors.Join(err, empty(floor))
		}},
		{letter: "c", what: "whole gateway", run: func(ctx context.Context, log string) (Cost, error) {
			if err := gateway.restore(); err != nil {
				return Cost{}, err
			}
			settle()
			c, err := measured(ctx, log, gateway.env, gateway.binary, "poll", "--once")
			if errors.Is(err, errExit) {
				err = nil // it says that no SMTP server answered; checkIngest looks at what it recorded
			}
			return c, err
		}},
	}, nil
}

// checkIngest refuses figures of a run that did not record every mail.
func checkIngest(ctx context.Context, g *Gateway, mails int) error {
	status, err := g.status(ctx)
	if err != nil {
		return err
	}
	recorded := 0
	for _, n := range status.Dispositions {
		recorded += n
	}
	if recorded != mails {
		return fmt.Errorf("the gateway recorded %d of %d mails", recorded, mails)
	}
	if failed := status.Dispositions[proxy.Fail]; failed > 0 {
		return fmt.Errorf("the gateway failed to read %d mails", failed)
	}
	if filed := status.Dispositions[proxy.File]; filed < mails*8/10 {
		return fmt.Errorf("the gateway filed only %d of %d mails: %v", filed, mails, status.Dispositions)
	}
	return nil
}

func (g *Gateway) status(ctx context.Context) (store.Status, error) {
	s, err := store.Open(ctx, g.dsn())
	if err != nil {
		return store.Status{}, err
	}
	defer s.Close()
	return s.Status(ctx)
}

func printIngest(ctx context.Context, o ingestOptions, server *Server, g *Gateway, bytes int64, phases []phase) error {
	status, err := g.status(ctx)
	if err != nil {
		return err
	}
	stored, err := g.stored()
	if err != nil {
		return err
	}
	fmt.Printf("%d mails, %.2f GB, on %s; %d runs, medians\n\n", o.mails, float64(bytes)/1e9, server.Name, o.repeats)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "phase\tseconds\tmails/s\tMB/s\tCPU ms a mail\tpeak MB\t")
	for _, p := range phases {
		wall := median(p.costs, func(c Cost) float64 { return c.Wall.Seconds() })
		fmt.Fprintf(w, "(%s) %s\t%.2f\t%.0f\t%.0f\t%.2f\t%.0f\t\n", p.letter, p.what, wall, float64(o.mails)/wall, float64(bytes)/1e6/wall,
			median(p.costs, cpuMillis)/float64(o.mails), median(p.costs, peakMB))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if o.repeats > 1 {
		for _, p := range phases {
			fmt.Printf("(%s) mails/s in each run: %s\n", p.letter, each(p.costs, func(c Cost) float64 { return float64(o.mails) / c.Wall.Seconds() }))
		}
	}
	fmt.Printf("\nstored: %.2f GB; %s; notices queued: %d\n\n", float64(stored)/1e9, dispositions(status), status.Queue["queued"])
	b, c := phases[1].costs, phases[2].costs
	pairs := make([]float64, len(b))
	for i := range pairs {
		pairs[i] = b[i].Wall.Seconds() / c[i].Wall.Seconds()
	}
	fmt.Printf("ratio ingest_c/b %.2f\n", medianOf(pairs))
	fmt.Printf("ratio ingest_cpu_c/b %.2f\n", median(c, cpuMillis)/median(b, cpuMillis))
	fmt.Printf("ratio ingest_peak_MB/60 %.2f\n", median(c, peakMB)/60)
	return nil
}

func cpuMillis(c Cost) float64 { return c.CPU.Seconds() * 1e3 }
func peakMB(c Cost) float64    { return float64(c.PeakRSS) / 1e6 }

func median(costs []Cost, figure func(Cost) float64) float64 {
	var all []float64
	for _, c := range costs {
		all = append(all, figure(c))
	}
	return medianOf(all)
}

func medianOf(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

func each(costs []Cost, figure func(Cost) float64) string {
	var b strings.Builder
	for _, c := range costs {
		b.WriteString(" " + strconv.Itoa(int(figure(c))))
	}
	return b.String()[1:]
}

func dispositions(s store.Status) string {
	var parts []string
	for action, n := range s.Dispositions {
		parts = append(parts, fmt.Sprintf("%s %d", action, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

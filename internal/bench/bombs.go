package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"handoff/internal/mailtest"
)

// What one mail may cost, however it is made.
const (
	bombCPU    = time.Second
	bombFactor = 3
	bombMemory = 32_000_000

	bombPatience = 30 * time.Second // after which one is given up
)

// bombs reads each hostile mail in a process of its own, and tells what it cost beyond a process that reads nothing.
func bombs(ctx context.Context, args []string) (err error) {
	worst := 15
	err = flags("bombs", args, func(f *flag.FlagSet) {
		f.IntVar(&worst, "worst", worst, "how many to list, by CPU and by memory")
	})
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "handoff-bench-")
	if err != nil {
		return err
	}
	defer func() { err = leave(dir, false, err) }()
	mail, log := filepath.Join(dir, "mail.eml"), filepath.Join(dir, "log")
	cost := func(by string, raw []byte) (Cost, error) {
		ctx, cancel := context.WithTimeout(ctx, bombPatience)
		defer cancel()
		if err := os.WriteFile(mail, raw, 0o600); err != nil {
			return Cost{}, err
		}
		return measured(ctx, log, nil, self, childRead, "-by", by, "-mail", mail)
	}
	idle, err := cost("nothing", nil)
	if err != nil {
		return err
	}
	type bomb struct {
		name   string
		size   int64
		cpu    time.Duration
		memory int64
	}
	var all []bomb
	mails := mailtest.Bombs()
	bar := newProgress("bombs read", len(mails))
	for name, raw := range mails {
		c, err := cost("ours", raw)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		default: // stopped, or it broke
			fmt.Printf("%s: %v\n", name, err)
			c = Cost{CPU: bombPatience}
		}
		all = append(all, bomb{name, int64(len(raw)), c.CPU - idle.CPU, c.PeakRSS - idle.PeakRSS})
		bar.set(len(all))
	}
	bar.end()
	share := func(b bomb) float64 { return float64(b.memory) / float64(bombFactor*b.size+bombMemory) }
	list := func(title string, better func(a, b bomb) int) bomb {
		slices.SortFunc(all, func(a, b bomb) int { return cmp.Or(better(a, b), strings.Compare(a.name, b.name)) })
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(w, "%s\tkB\tCPU ms\tMB\tof the memory allowed\t\n", title)
		for _, b := range all[:min(worst, len(all))] {
			fmt.Fprintf(w, "%s\t%.0f\t%d\t%.1f\t%.0f %%\t\n", b.name, float64(b.size)/1e3, b.cpu.Milliseconds(), float64(b.memory)/1e6, 100*share(b))
		}
		w.Flush()
		fmt.Println()
		return all[0]
	}
	fmt.Printf("%d hostile mails; a process that reads nothing takes %d ms and %.1f MB, which is taken off below\n\n", len(all), idle.CPU.Milliseconds(), float64(idle.PeakRSS)/1e6)
	slowest := list("most CPU", func(a, b bomb) int { return cmp.Compare(b.cpu, a.cpu) })
	largest := list("most memory", func(a, b bomb) int { return cmp.Compare(share(b), share(a)) })
	fmt.Printf("ratio bombs_cpu %.2f\nratio bombs_memory %.2f\n", slowest.cpu.Seconds()/bombCPU.Seconds(), share(largest))
	if share(largest) > 1 || slowest.cpu >= bombPatience { // CPU alone is the machine's, too
		return fmt.Errorf("%s or %s takes more than one mail may", largest.name, slowest.name)
	}
	return nil
}

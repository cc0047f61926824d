package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"handoff/inbox"
)

type readOptions struct {
	corpus string
	rounds int
	least  time.Duration
}

// read measures how fast mails are read from memory, beside the MIME library alone on the same bytes, and what memory the largest takes.
func read(ctx context.Context, args []string) (err error) {
	o := readOptions{rounds: 5, least: 400 * time.Millisecond}
	err = flags("read", args, func(f *flag.FlagSet) {
		f.StringVar(&o.corpus, "corpus", "", "directory of collections with .eml files (default: shared/corpus beside the project, if it is there)")
		f.IntVar(&o.rounds, "n", o.rounds, "rounds, of which the median counts; in each the two readers take turns")
		f.DurationVar(&o.least, "least", o.least, "what each reader is given of each round at least")
	})
	if err != nil {
		return err
	}
	sets, err := readSets(o.corpus)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "mails\tmean kB\tours mails/s\tours MB/s\tlibrary mails/s\tlibrary MB/s\tours/library\t")
	var ratios []string
	for _, s := range sets {
		ours, library, err := s.pair(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		mails, kB := float64(len(s.mails)), float64(s.bytes)/1e3/float64(len(s.mails))
		fmt.Fprintf(w, "%s\t%.1f\t%.0f\t%.0f\t%.0f\t%.0f\t%.2f\t\n", s.name, kB, mails/ours.Seconds(), mbps(s.bytes, ours),
			mails/library.Seconds(), mbps(s.bytes, library), library.Seconds()/ours.Seconds())
		ratios = append(ratios, fmt.Sprintf("ratio read_%s %.2f", s.key, library.Seconds()/ours.Seconds()))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	memory, err := readMemory(ctx, sets[len(sets)-1])
	if err != nil {
		return err
	}
	fmt.Println(strings.Join(append(ratios, memory), "\n"))
	return nil
}

func mbps(n int64, d time.Duration) float64 { return float64(n) / 1e6 / d.Seconds() }

// readSet is a set of mails that are read one after the other.
type readSet struct {
	name, key string
	mails     [][]byte
	bytes     int64
}

// readSets are the collections, if they are at hand, and the generated mails, the largest last.
func readSets(corpus string) ([]readSet, error) {
	var sets []readSet
	dir := corpus
	if dir == "" {
		dir = filepath.Join("..", "shared", "corpus")
	}
	collected := readSet{name: "collections", key: "collections"}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".eml" {
			return err
		}
		raw, err := os.ReadFile(path)
		collected.mails = append(collected.mails, raw)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist) && corpus == "":
		fmt.Println("no collections of real mails here: generated ones alone (-corpus DIR takes some)")
	case err != nil:
		return nil, err
	case len(collected.mails) == 0:
		return nil, fmt.Errorf("%s holds no .eml file", dir)
	default:
		sets = append(sets, collected)
	}
	for _, g := range []struct {
		name, key string
		shape     Shape
		count     int
	}{
		{"5 kB, text", "5k_text", TextReply, 50},
		{"5 kB, text and HTML", "5k", PlainReply, 50},
		{"200 kB, .docx", "200k", WithDocx, 20},
		{"2 MB", "2M", WithLarge, 4},
		{"25 MB", "25M", WithHuge, 1},
	} {
		c := &Corpus{Seed: 1, Team: newTeam(10, 0, 30), Base: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC), Size: g.count, Every: g.shape, Route: byCode}
		s := readSet{name: g.name, key: g.key}
		for i := range g.count {
			s.mails = append(s.mails, c.Append(nil, i))
		}
		sets = append(sets, s)
	}
	for i := range sets {
		for _, raw := range sets[i].mails {
			sets[i].bytes += int64(len(raw))
		}
	}
	return sets, nil
}

// reader reads one mail.
type reader func(ctx context.Context, raw io.ReaderAt, size int64) error

func readOurs(ctx context.Context, raw io.ReaderAt, size int64) error {
	_, err := inbox.Read(ctx, raw, size, inbox.Options{AuthservIDs: []string{authservID}})
	return err
}

func readLibrary(_ context.Context, raw io.ReaderAt, size int64) error {
	_, err := enmime.ReadEnvelope(io.NewSectionReader(raw, 0, size))
	return err
}

// pair gives the median time that each reader takes for the whole set.
func (s readSet) pair(ctx context.Context, o readOptions) (ours, library time.Duration, err error) {
	var a, b []time.Duration
	for range o.rounds {
		one, err := s.pass(ctx, readOurs, o.least, false)
		if err != nil {
			return 0, 0, err
		}
		// The library refuses some real mails; what it does until then is its time.
		other, err := s.pass(ctx, readLibrary, o.least, true)
		if err != nil {
			return 0, 0, err
		}
		a, b = append(a, one), append(b, other)
	}
	slices.Sort(a)
	slices.Sort(b)
	return a[len(a)/2], b[len(b)/2], nil
}

// pass reads the set over and over, for at least that long, and gives the mean time of one turn.
func (s readSet) pass(ctx context.Context, read reader, least time.Duration, refuses bool) (time.Duration, error) {
	begun := time.Now()
	for turns := 1; ; turns++ {
		for _, raw := range s.mails {
			if err := read(ctx, bytes.NewReader(raw), int64(len(raw))); err != nil && !refuses {
				return 0, err
			}
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		if spent := time.Since(begun); spent >= least {
			return spent / time.Duration(turns), nil
		}
	}
}

const childRead = "read-one"

// readMemory reads the first mail of the set from a file, each reader in a process of its own, and prints the memory that they took at most.
func readMemory(ctx context.Context, s readSet) (ratio string, err error) {
	dir, err := os.MkdirTemp("", "handoff-bench-")
	if err != nil {
		return "", err
	}
	defer func() { err = leave(dir, false, err) }()
	mail := filepath.Join(dir, "mail.eml")
	if err := os.WriteFile(mail, s.mails[0], 0o600); err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	peak := make(map[string]float64)
	for _, by := range []string{"nothing", "ours", "library"} {
		c, err := measured(ctx, filepath.Join(dir, by+".log"), nil, self, childRead, "-by", by, "-mail", mail)
		if err != nil {
			return "", err
		}
		peak[by] = float64(c.PeakRSS) / 1e6
	}
	fmt.Printf("\nmemory for one mail of %.0f MB, whole process: ours %.1f MB, library %.1f MB, a process that reads nothing %.1f MB\n\n",
		float64(len(s.mails[0]))/1e6, peak["ours"], peak["library"], peak["nothing"])
	return fmt.Sprintf("ratio read_%s_memory %.2f", s.key, peak["library"]/max(peak["ours"], 1)), nil
}

// readChild is that process.
func readChild(ctx context.Context, args []string) error {
	var by, mail string
	err := flags(childRead, args, func(f *flag.FlagSet) {
		f.StringVar(&by, "by", "", "ours, library or nothing")
		f.StringVar(&mail, "mail", "", "file")
	})
	if err != nil {
		return err
	}
	f, err := os.Open(mail)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	switch by {
	case "ours":
		return readOurs(ctx, f, info.Size())
	case "library":
		return readLibrary(ctx, f, info.Size())
	}
	return nil
}

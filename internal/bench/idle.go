package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"handoff/internal/mailtest"
)

type idleOptions struct {
	mails       int
	dir, server string
	binary      string
	keep        bool
}

// idle sends contributors' mails one at a time and takes two times of each: until a bare IDLE client on the same mailbox
// hears of it, and until our reply is accepted by the SMTP server we send by.
func idle(ctx context.Context, args []string) (err error) {
	var o idleOptions
	err = flags("idle", args, func(f *flag.FlagSet) {
		f.IntVar(&o.mails, "mails", 200, "mails to send")
		f.StringVar(&o.dir, "dir", "", "directory for the gateway's files (default: a temporary one beside the module)")
		f.StringVar(&o.server, "server", "auto", serverHelp)
		f.StringVar(&o.binary, "binary", "", "absolute path of the handoff to measure (default: built from this module)")
		f.BoolVar(&o.keep, "keep", false, "leave all files behind")
	})
	if err != nil {
		return err
	}
	if o.mails < 1 {
		return fmt.Errorf("-mails is at least 1")
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
	sink, err := mailtest.StartOffice(mailtest.OfficeOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	gateway, err := newGateway(ctx, filepath.Join(dir, "gateway"), o.binary, server.Login, sink.SMTPAddr)
	if err != nil {
		return err
	}
	now := time.Now()
	team := newTeam(20, 0, 100)
	if err := gateway.enter(ctx, team, now); err != nil {
		return err
	}
	if err := gateway.do(ctx, "poll", "--once"); err != nil {
		return err
	}
	stop, err := gateway.serve(ctx, filepath.Join(dir, "serve.log"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	bare, err := watch(server.Login)
	if err != nil {
		return err
	}
	defer bare.close()

	const warmUp = 3 // the first mails find connections to be made
	corpus := &Corpus{Seed: 1, Team: team, Base: now, Size: o.mails + warmUp, Every: WithDocx, Route: byReference}
	var seen, replied, above []float64
	bar := newProgress("mails answered", corpus.Size)
	for i := range corpus.Size {
		one, err := roundTrip(ctx, server, sink, bare, corpus, i)
		if err != nil {
			return fmt.Errorf("mail %d: %w; the gateway's log is in %s", i, err, filepath.Join(dir, "serve.log"))
		}
		bar.set(i + 1)
		if i >= warmUp {
			seen = append(seen, millis(one.seen))
			replied = append(replied, millis(one.replied))
			above = append(above, millis(one.replied-one.seen))
		}
	}
	bar.end()
	return printIdle(o, server, seen, replied, above)
}

func millis(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// times are counted from the moment at which the server accepted the contributor's mail.
type times struct{ seen, replied time.Duration }

func roundTrip(ctx context.Context, server *Server, sink *mailtest.Office, bare *watcher, corpus *Corpus, i int) (times, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	raw := corpus.Append(nil, i)
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return times{}, err
	}
	from, err := mail.ParseAddress(m.Header.Get("From"))
	if err != nil {
		return times{}, err
	}
	id := m.Header.Get("Message-ID")
	bare.drain()
	if err := server.Deliver(ctx, from.Address, teamAddress, raw); err != nil {
		return times{}, err
	}
	accepted := time.Now()
	var seen time.Time
	select {
	case seen = <-bare.heard:
	case <-ctx.Done():
		return times{}, fmt.Errorf("the bare client did not hear of it: %w", ctx.Err())
	}
	reply, err := sink.WaitDelivery(ctx, func(d mailtest.Delivery) bool {
		return strings.EqualFold(d.To, from.Address) && answers(d.Data, id)
	})
	if err != nil {
		return times{}, fmt.Errorf("no reply: %w", err)
	}
	return times{seen: seen.Sub(accepted), replied: reply.At.Sub(accepted)}, nil
}

func answers(raw []byte, id string) bool {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	return err == nil && strings.Contains(m.Header.Get("In-Reply-To"), id)
}

// watcher is a client that does nothing but IDLE.
type watcher struct {
	client *imapclient.Client
	heard  chan time.Time
}

func watch(l Login) (*watcher, error) {
	w := &watcher{heard: make(chan time.Time, 1)}
	client, err := l.dial(&imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(m *imapclient.UnilateralDataMailbox) {
			if m.NumMessages == nil {
				return
			}
			select {
			case w.heard <- time.Now():
			default:
			}
		},
	}})
	if err != nil {
		return nil, err
	}
	w.client = client
	if _, err := client.Select(l.Folder, nil).Wait(); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	if _, err := client.Idle(); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return w, nil
}

// drain forgets what was heard before.
func (w *watcher) drain() {
	select {
	case <-w.heard:
	default:
	}
}

func (w *watcher) close() { _ = w.client.Close() }

// serve runs `handoff serve` until stop is called.
func (g *Gateway) serve(ctx context.Context, log string) (stop func() error, err error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	cmd := g.command(ctx, "serve")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, out.Close())
	}
	return func() error {
		defer out.Close()
		if cmd.Process.Signal(os.Interrupt) != nil { // Windows has no such signal
			_ = cmd.Process.Kill()
		}
		err := cmd.Wait()
		if _, ended := errors.AsType[*exec.ExitError](err); ended && cmd.ProcessState.ExitCode() < 0 {
			return nil // killed: no signal could be sent
		}
		if err != nil {
			return fmt.Errorf("handoff serve: %w; its log is in %s", err, log)
		}
		return nil
	}, nil
}

func printIdle(o idleOptions, server *Server, seen, replied, above []float64) error {
	fmt.Printf("%d mails, one at a time, on %s; milliseconds from its acceptance of the mail\n\n", o.mails, server.Name)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tp50\tp90\tp99\tmax\t")
	for _, row := range []struct {
		what   string
		figure []float64
	}{{"a bare IDLE client hears of it", seen}, {"our reply is accepted", replied}, {"the reply after the bare client", above}} {
		slices.Sort(row.figure)
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t\n", row.what, percentile(row.figure, 50), percentile(row.figure, 90),
			percentile(row.figure, 99), row.figure[len(row.figure)-1])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	bare, ours := percentile(seen, 99), percentile(replied, 99)
	fmt.Printf("\nratio idle_p99_reply/bare %.2f\n", ours/bare)
	fmt.Printf("ratio idle_p99_ms_above_bare/50 %.2f\n", (ours-bare)/50)
	return nil
}

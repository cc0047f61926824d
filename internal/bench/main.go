// Command bench measures the gateway against yardsticks taken in the same run on the same machine.
//
//	go run ./internal/bench ingest   # a large mailbox: pull, durable floor, whole gateway
//	go run ./internal/bench idle     # from a contributor's mail to our reply
//	go run ./internal/bench match    # decisions among 100, 10,000 and 1,000,000 pieces
//	go run ./internal/bench due      # what is due among 1,000, 100,000 and 1,000,000 open steps
//	go run ./internal/bench read     # reading mails of all sizes, beside the MIME library
//	go run ./internal/bench render   # notices a second and core, text and HTML
//	go run ./internal/bench send     # from the queue to the SMTP server, beside a bare SMTP loop
//	go run ./internal/bench bombs    # what hostile mails cost at most
//
// Each prints its figures and, last, one line "ratio NAME VALUE" for each yardstick.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = `Usage: go run ./internal/bench COMMAND [FLAGS]

  ingest   load a mailbox, then pull it bare, pull it to disk, and take it in with the whole gateway
  idle     time from a contributor's mail to our reply, beside a bare IDLE client
  match    decisions a second among 100, 10,000 and 1,000,000 pieces
  due      time to find and queue the same 1,000 reminders among 1,000, 100,000 and 1,000,000 open steps
  send     notices a second from the queue to the SMTP server's acceptance, beside a bare SMTP loop, and what a long queue costs
  bombs    CPU and memory that hostile mails take, beside what one may
  render   notices a second and core in every language, text and HTML, beside the Markdown library alone
  read     mails and megabytes a second that are read, beside the MIME library alone, and the memory of a large one

COMMAND -h lists its flags.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp), errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("wrong use")

func run(ctx context.Context, args []string) error {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch command {
	case "ingest":
		return ingest(ctx, args)
	case "idle":
		return idle(ctx, args)
	case "match":
		return match(ctx, args)
	case "due":
		return due(ctx, args)
	case "send":
		return send(ctx, args)
	case "bombs":
		return bombs(ctx, args)
	case "render":
		return render(ctx, args)
	case "read":
		return read(ctx, args)
	case childRead: // what the commands run as processes of their own
		return readChild(ctx, args)
	case childPull:
		return pullChild(ctx, args)
	case childSend:
		return sendChild(ctx, args)
	case childMeasure:
		return measureChild(ctx, args)
	}
	fmt.Fprint(os.Stderr, usage)
	return errUsage
}

// flags parses a command's flags, refusing anything left over.
func flags(name string, args []string, define func(*flag.FlagSet)) error {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	define(set)
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "bench %s: unexpected %q\n", name, set.Args())
		return errUsage
	}
	return nil
}

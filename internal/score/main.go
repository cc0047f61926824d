// Command score reads collections of mails with expected results and tells how many Handoff reads as expected.
//
//	go run ./internal/score --corpus DIR [-v]
//
// DIR holds a directory a collection, each with its mails and an expected.jsonl: one JSON object a mail.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

const usage = `Usage: go run ./internal/score --corpus DIR [-v]

DIR holds a directory a collection, each with its mails (.eml) and an expected.jsonl with an object a line. Its keys, all but
"file" optional: file, kind ("reply" for a person's mail, bounce, auto_reply, feedback_loop, …), recipients (addresses that
bounced) or n_recipients, status (RFC 3463), temporary, text and elided (white space aside), must_contain, must_not_contain.

"muted" counts people's mails that would not be answered, "answerable" others that might be.

`

func main() {
	dir := flag.String("corpus", "", "directory of collections")
	verbose := flag.Bool("v", false, "print every miss")
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	if *dir == "" {
		fmt.Fprintln(os.Stderr, "score: --corpus DIR is missing")
		os.Exit(2)
	}
	rows, err := Corpus(context.Background(), *dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	}
	print(os.Stdout, rows, *verbose)
}

func print(w io.Writer, rows []Row, verbose bool) {
	if verbose {
		for _, r := range rows {
			for _, m := range r.Misses {
				fmt.Fprintf(w, "%s/%s: %s\n", r.Collection, m.File, m.What)
			}
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "collection\tread\tkinds\trecipients\tstatus\texact texts\telided\thuman misjudged\tmuted\tanswerable\tslowest\t")
	var total Row
	total.Collection = "all"
	for _, r := range rows {
		line(t, r)
		total.add(r)
	}
	line(t, total)
	t.Flush()
}

func line(w io.Writer, r Row) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%v\t\n", r.Collection, r.Read, r.Kinds, r.Recipients, r.Status, r.Texts, r.Elided, r.Misjudged, r.Muted, r.Answerable, r.Slowest.Round(10_000))
}

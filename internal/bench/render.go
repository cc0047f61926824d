package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"html/template"
	"os"
	"text/tabwriter"
	"time"

	"github.com/yuin/goldmark"

	"handoff/templates"
)

// render measures how many notices one core renders: every notice in every language, with everything in it, text and HTML.
// Beside it, the library alone makes HTML of the same words in the same page.
func render(ctx context.Context, args []string) error {
	rounds := 40
	err := flags("render", args, func(f *flag.FlagSet) {
		f.IntVar(&rounds, "n", rounds, "times that every notice is rendered in every language")
	})
	if err != nil {
		return err
	}
	set, problems, err := templates.Load(templates.Config{})
	if err != nil || len(problems) > 0 {
		return fmt.Errorf("load the texts: %w %v", err, problems)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return err
	}
	var samples []templates.Data
	for _, name := range templates.Names() {
		samples = append(samples, templates.Sample(name))
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "language\tnotices\tCPU µs each\tnotices/s/core\t")
	var ours, library time.Duration
	total := 0
	var words []string // the text of each mail, for the library
	for _, locale := range templates.Locales() {
		to := templates.Audience{Locale: locale, Location: berlin}
		begun := cpu()
		for range rounds {
			for _, d := range samples {
				r, err := set.Render(d, to)
				if err != nil {
					return err
				}
				if len(words) < len(samples)*len(templates.Locales()) {
					words = append(words, r.Text)
				}
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		took, n := cpu()-begun, rounds*len(samples)
		ours += took
		total += n
		fmt.Fprintf(table, "%s\t%d\t%.1f\t%.0f\t\n", locale, n, float64(took.Microseconds())/float64(n), float64(n)/took.Seconds())
	}
	page := template.Must(template.New("page").Parse("<!DOCTYPE html><html><body><div>{{.}}</div></body></html>"))
	begun := cpu()
	for range rounds {
		for _, text := range words {
			var body, out bytes.Buffer
			if err := goldmark.Convert([]byte(text), &body); err != nil {
				return err
			}
			if err := page.Execute(&out, template.HTML(body.String())); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	library = cpu() - begun
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Printf("%d notices, text and HTML: %.1f s of CPU, %.0f a second and core; the library alone, HTML of the same words: %.0f\n",
		total, ours.Seconds(), float64(total)/ours.Seconds(), float64(total)/library.Seconds())
	fmt.Printf("ratio render_per_core_over_5000 %.2f\n", float64(total)/ours.Seconds()/5000)
	fmt.Printf("ratio render_over_library %.2f\n", library.Seconds()/ours.Seconds())
	return nil
}
